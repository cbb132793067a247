/*
 * relabel: stored pieces under another frame or model: what would move.
 *
 * What a person labelled is left alone. Addresses are not kept, so a region
 * that an address decided stays, unless the words say more or the directory
 * of today is asked.
 */
#ifndef CLI_RELABEL_H
#define CLI_RELABEL_H

#include "cli.h"

#include <soundings/classify.h>

#define RELABEL_EXAMPLES 3

struct relabel_move {
	uint32_t count;
	uint8_t examples[RELABEL_EXAMPLES][SDG_EVENT_ID_SIZE];
	char words[64]; /* how the first of them begins, when asked for */
};

struct relabel {
	struct sdg_store *store;
	struct sdg_classifier *classifier;
	const struct sdg_classifier_options *options;
	struct sdg_classifier *hands[SDG_HANDS_MAX]; /* opened when needed */
	uint32_t done; /* pieces of this version are passed over; 0: none */
	/* What the directory knows today, by member; NULL: not asked. */
	struct sdg_known *known;
	size_t known_count;
	/* The store's numbers by position; 0: it does not know the theme. */
	uint32_t numbers[SDG_FRAME_MAX];
	bool words; /* keep how examples begin */

	size_t seen, by_person, erased;    /* of them, those that must stay */
	size_t moved;                      /* another main theme */
	size_t also, kind, stance, region; /* another of these */
	/* [store's number][position + 1]; 0: none, as of no feedback. */
	struct relabel_move moves[SDG_STORE_THEMES][SDG_FRAME_MAX + 1];
};

/** relabel_new - @classifier, the one of @options, and @store stay the
 *  caller's; free with relabel_free() */
struct relabel *relabel_new(struct sdg_store *store,
			    struct sdg_classifier *classifier,
			    const struct sdg_classifier_options *options);
/** relabel_ask_directory - from now on by what the directory says today */
int relabel_ask_directory(struct relabel *r, struct sdg_error *err);
void relabel_free(struct relabel *r);

/**
 * relabel_look - for struct sdg_visit, of any hand: the labels that @stored
 * would have
 *
 * *out becomes a struct sdg_labels, or NULL: it stays as it is.
 */
int relabel_look(struct relabel *r, struct sdg_hand *hand,
		 const struct sdg_stored *stored, void **out,
		 struct sdg_error *err);
/** relabel_count - what relabel_look() made of @stored, and its move */
void relabel_count(struct relabel *r, const struct sdg_stored *stored,
		   const struct sdg_labels *now);

/** relabel_known - what the directory says of who sent @stored, or NULL */
const struct sdg_known *relabel_known(const struct relabel *r,
				      const struct sdg_stored *stored);

/** relabel_differs - would @now count as something else than @stored does? */
bool relabel_differs(const struct relabel *r, const struct sdg_stored *stored,
		     const struct sdg_labels *now);

/** relabel_grid - from, to, messages, examples, words: most frequent first */
struct grid *relabel_grid(const struct relabel *r);
/** relabel_json - the counts and, by row, ids of examples, into @envelope */
void relabel_json(const struct relabel *r, json_t *envelope);

#endif
