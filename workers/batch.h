/*
 * batch: from what a worker has collected to what it acknowledges.
 */
#ifndef BATCH_H
#define BATCH_H

#include <stddef.h>

#include <soundings/bus.h>
#include <soundings/classify.h>
#include <soundings/clients.h>
#include <soundings/roster.h>
#include <soundings/sealed.h>
#include <soundings/store.h>

#include "crew.h"

struct batch;

/* Who may send what: the list of keys, and whose they are. */
struct batch_who {
	struct sdg_clients *clients; /* NULL: no keys are asked for */
	struct sdg_roster roster;
	struct sdg_opener *opener; /* of what waited, sealed */
	int64_t now;               /* seconds */
};

int batch_new(const char *keys_dir, struct batch **out, struct sdg_error *err);
void batch_free(struct batch *batch);

/** batch_collect - add what is there, as sdg_receiver_collect() */
int batch_collect(struct batch *batch, struct sdg_receiver *receiver, int fd,
		  int timeout_ms, struct sdg_error *err);

/** batch_prepare - what was added as items, with ids, pseudonyms and sealed
 *  words; what does not decode is to be quarantined, what has no room to be
 *  decoded now is busy, and what came with a key that may not send it is
 *  refused */
int batch_prepare(struct batch *batch, const struct batch_who *who,
		  struct sdg_error *err);

/** batch_follow_keys - forget text keys that changed or went, also while
 *  nothing comes that would be sealed */
void batch_follow_keys(struct batch *batch);

/** batch_size - frames so far */
size_t batch_size(const struct batch *batch);

/**
 * batch_label - what the store knows of them, and labels for what is new
 * @crew: NULL: every piece is feedback under the frame's first theme
 *
 * Those that have none yet. batch_label_beside() does it while another thread
 * applies another batch, or leaves it to be done later.
 */
int batch_label(struct batch *batch, struct sdg_store *store, struct crew *crew,
		struct sdg_error *err);
void batch_label_beside(struct batch *batch, struct sdg_store *store,
			struct crew *crew);
/** batch_forget_labels - they were another frame's */
void batch_forget_labels(struct batch *batch);

/** batch_apply - all of it, durably; outcomes go to the frames */
int batch_apply(struct batch *batch, struct sdg_store *store,
		struct sdg_error *err);

/** batch_refuse - nothing was taken: every frame is busy */
void batch_refuse(struct batch *batch);

/** batch_acknowledge - receipts to all, and room for the next batch */
int batch_acknowledge(struct batch *batch, struct sdg_receiver *receiver,
		      struct sdg_error *err);

/** batch_quarantined - how many of the applied batch were */
size_t batch_quarantined(const struct batch *batch);

#endif
