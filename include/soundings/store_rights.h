/*
 * store_rights: what is held about people, and its end: the second age, at
 * which the link to a person goes, and what a person may ask for.
 *
 * Deleted bytes stay in free pages until sdg_store_compact().
 */
#ifndef SOUNDINGS_STORE_RIGHTS_H
#define SOUNDINGS_STORE_RIGHTS_H

#include <soundings/store.h>

/* ------------------------------------------------------- the second age */

/* What was, or would be, frozen. */
struct sdg_frozen {
	size_t months;
	uint32_t first, last; /* year * 12 + month; 0: none */
	size_t pieces;        /* now tombstones */
	size_t members;       /* pseudonyms of whom nothing else is held */
};

/**
 * sdg_store_freeze - months that ended, and were received, before @before_day
 *
 * Of their pieces a tombstone stays; of the month its sums and how many
 * members and respondents were behind them. Labels, links, history, days and
 * sets go, and members of whom nothing is left. One transaction a month. The
 * bytes stay in free pages until sdg_store_compact().
 */
int sdg_store_freeze(struct sdg_store *store, int32_t before_day, bool dry_run,
		     struct sdg_frozen *out, struct sdg_error *err);

/* --------------------------------------------------- the person's rights */

/* Whose pieces: an address, or pieces by id. */
struct sdg_whose {
	struct sdg_str address; /* of a member: all of the member's */
	const uint8_t (*ids)[SDG_EVENT_ID_SIZE];
	size_t id_count;
	bool respondents; /* with ids: all else of those who sent them */
	/* Pseudonyms, as an erasure's record has them. */
	const uint8_t (*pseudonyms)[SDG_PSEUDONYM_SIZE];
	size_t pseudonym_count;
};

/* What is held about a person: found, not yet changed. */
struct sdg_person {
	uint8_t (*ids)[SDG_EVENT_ID_SIZE]; /* pieces, erased ones left out */
	size_t id_count;
	uint8_t (*pseudonyms)[SDG_PSEUDONYM_SIZE]; /* under which kept */
	size_t pseudonym_count;
	bool in_directory;
};
void sdg_person_fini(struct sdg_person *person);

/** sdg_store_person - SDG_ENOTFOUND: nothing is held of them */
int sdg_store_person(struct sdg_store *store, const struct sdg_whose *whose,
		     struct sdg_person *out, struct sdg_error *err);

/* What an erasure took out. */
struct sdg_erased {
	size_t pieces;    /* their words, labels and link */
	size_t counted;   /* of them, those that stood in the tallies */
	size_t members;   /* pseudonyms */
	size_t directory; /* entries */
};

/** Called inside the transaction, before anything is changed: what will be
 *  erased. Non-zero ends it and is returned. */
typedef int sdg_erasing_fn(void *arg, const struct sdg_person *person);

/**
 * sdg_store_forget - erase pieces, in one transaction
 *
 * Words, labels, link and pseudonym go and the tallies are corrected; of
 * each piece its id stays, so that a late retry does not count again. The
 * bytes stay in free pages until sdg_store_compact(). Asking again changes
 * nothing and is success.
 */
int sdg_store_forget(struct sdg_store *store, const struct sdg_whose *whose,
		     sdg_erasing_fn *before, void *arg, struct sdg_erased *out,
		     struct sdg_error *err);

#endif
