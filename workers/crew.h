/*
 * crew: the hands that label a batch: the calling thread and, where the
 * machine has more processors, helpers with a classifier each. Labels do
 * not depend on who gave them.
 */
#ifndef CREW_H
#define CREW_H

#include <stddef.h>

#include <soundings/classify.h>
#include <soundings/store.h>

struct crew;

/**
 * crew_open - @helpers threads beside the caller's
 *
 * Every hand loads its own classifier: a classifier has a workplace of its
 * own, and the large tables are mapped, and so shared. Errors as
 * sdg_classifier_open().
 */
int crew_open(unsigned helpers, struct crew **out, struct sdg_error *err);
void crew_close(struct crew *crew);

/** crew_classifier - the caller's own, for the frame's themes */
const struct sdg_classifier *crew_classifier(const struct crew *crew);

/** crew_label - labels for all of @items that have feedback and are new;
 *  returns when the last is labelled */
void crew_label(struct crew *crew, struct sdg_item *items, size_t n);

#endif
