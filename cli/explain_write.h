/*
 * explain_write: what 'soundings explain' says of a message.
 */
#ifndef EXPLAIN_WRITE_H
#define EXPLAIN_WRITE_H

#include <stdio.h>

#include <soundings/classify.h>
#include <soundings/store.h>

struct explained {
	struct sdg_classifier *classifier;
	const struct sdg_feedback *fb;
	struct sdg_labels labels;
	struct sdg_explanation why;      /* the weightiest first */
	const struct sdg_stored *stored; /* NULL: not from the store */
	struct sdg_store *store;         /* that it is from */
	char id[2 * SDG_EVENT_ID_SIZE + 1];
	bool color;
};

void explain_write_text(FILE *to, const struct explained *explained);

/* One object and a line end. */
void explain_write_json(FILE *to, const struct explained *explained);

#endif
