/*
 * store: pieces of feedback, their tallies and who said them, in LMDB.
 *
 * Any number of processes share a store: writers take turns, readers never
 * wait. A handle belongs to the process that opened it, and to one thread at a
 * time but for sdg_store_look_beside(): never use one across fork().
 * Everything a batch changes is committed together, with fsync, or not at all.
 *
 * Days are whole days since 1970-01-01 UTC; months are year * 12 + month
 * (0 to 11). An event's id is 16 bytes: when it was said (4 bytes,
 * big-endian seconds; 0 where it does not say) and 12 bytes of a keyed hash
 * of its identity. docs/STORE.md describes every key and value.
 *
 * store_copies.h: backups, swaps, export and import; store_directory.h: who
 * the members are; store_rights.h: the second age, and what is held about a
 * person.
 */
#ifndef SOUNDINGS_STORE_H
#define SOUNDINGS_STORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <soundings/classify.h>
#include <soundings/error.h>
#include <soundings/feedback.h>
#include <soundings/home.h>
#include <soundings/keys.h>
#include <soundings/labels.h>

#define SDG_EVENT_ID_SIZE 16
#define SDG_THEME_ANY 0

struct sdg_store;

enum sdg_store_mode {
	SDG_STORE_READ,
	SDG_STORE_WRITE,  /* creates store and keys where there are none */
	SDG_STORE_CHANGE, /* writes what there is, creates nothing */
};

/**
 * sdg_store_open - open the store of @home
 *
 * Return 0, or SDG_ENOTFOUND (no store, but for write mode), SDG_EVERSION (made
 * by another version of the layout), SDG_EDAMAGED (shorter than it says),
 * SDG_EAGAIN (too many readers), SDG_EIO.
 */
int sdg_store_open(const struct sdg_home *home, enum sdg_store_mode mode,
		   struct sdg_store **out, struct sdg_error *err);
void sdg_store_close(struct sdg_store *store);

/**
 * sdg_store_upgrade - bring the store of @home to the layout of this build
 * @kept: where the store as it was is kept; "" when there was nothing to do
 *
 * Proved record by record, recounted, and put in the old one's place with
 * the writers held. Return 0 also where there is no store, or SDG_EVERSION
 * (a newer layout, or one too old), SDG_EDAMAGED, SDG_EAGAIN (no room, or a
 * writer does not end), SDG_ENOTFOUND (no keys): it is then as it was.
 */
int sdg_store_upgrade(const struct sdg_home *home, char kept[SDG_PATH_MAX],
		      struct sdg_error *err);

/**
 * sdg_store_drop_kept - remove stores that upgrades kept, from before @limit
 * (seconds; INT64_MAX: all); *n counts them, removed or (@dry_run) not
 */
int sdg_store_drop_kept(const struct sdg_home *home, int64_t limit,
			bool dry_run, size_t *n, struct sdg_error *err);

/** sdg_store_follow_keys - a month's key that was dropped leaves this
 *  process's memory; for who holds a store open and may do nothing for long */
void sdg_store_follow_keys(struct sdg_store *store);

/**
 * sdg_store_use_frame - the themes that labels given to this handle mean
 *
 * Position i in @ids is theme i of later labels. The store keeps its own
 * number for every theme it has ever seen, so that a frame may be reordered
 * or extended. Write mode only. On failure the frame in use stays.
 */
int sdg_store_use_frame(struct sdg_store *store, const char *const *ids,
			size_t n, uint32_t version, struct sdg_error *err);

/* ---------------------------------------------------------- taking it in */

/* One event of a batch, from decode to outcome. */
struct sdg_item {
	const struct sdg_feedback *fb; /* NULL: quarantine the raw bytes */
	const uint8_t *raw;            /* the event as it came */
	size_t raw_len;
	const uint8_t *digest; /* 16 bytes, of the frame */
	const char *client;    /* public key it came with (Z85), or NULL */
	struct sdg_str reason; /* why it is quarantined; set by apply, too */
	struct sdg_known known;
	bool looked; /* set by look: id below is of this fb */
	bool seen;   /* set by look: surely a duplicate */
	struct sdg_labels labels;
	enum sdg_outcome outcome;      /* set by apply */
	uint8_t id[SDG_EVENT_ID_SIZE]; /* set by look and apply */
};

/**
 * sdg_store_look - what the store knows before classification
 *
 * In one read transaction, for each item with fb: its id, whether it was
 * seen (so that it need not be classified), and what the directory knows.
 */
int sdg_store_look(struct sdg_store *store, struct sdg_item *items, size_t n,
		   struct sdg_error *err);

/**
 * sdg_store_look_beside - the same while another thread uses @store
 *
 * Sees the store as it last was: what is being applied is not in it yet.
 * SDG_EAGAIN: not just now; look when the other is done.
 */
int sdg_store_look_beside(struct sdg_store *store, struct sdg_item *items,
			  size_t n, struct sdg_error *err);

/**
 * sdg_store_apply - count a batch, durably, in one transaction
 *
 * Sets each item's outcome: what the piece stands under in the ledger, or
 * REPLACED when it counts in the place of an earlier revision (which then
 * stands under replaced). A frame already in quarantine is DUPLICATE.
 * Nothing is written on failure, and no outcome
 * may be acknowledged then. SDG_EIO after a failed commit: end the process
 * (what reached the disk is unknown; retry and the dedup key decide).
 * SDG_EAGAIN: map or disk is full; nothing was written.
 *
 * An item whose frame lies in quarantine and can now be taken moves out of
 * it: received stays as it was.
 */
int sdg_store_apply(struct sdg_store *store, struct sdg_item *items, size_t n,
		    struct sdg_error *err);

/**
 * sdg_store_ask - ask @may of each piece that comes with a key, within the
 * transaction that would count it
 * @may: NULL: ask nobody; else returns NULL, or why the key may not send just
 *       now (static): the piece is REFUSED and nothing is stored of it
 *
 * A writer's turn may come long after its batch was admitted. Whoever cuts a
 * key off and then holds what came with it holds all of it: what is counted
 * before that is there, and after it the key is asked for in vain.
 */
typedef const char *sdg_may_fn(void *arg, const char *client);
void sdg_store_ask(struct sdg_store *store, sdg_may_fn *may, void *arg);

/* What of taking a batch in needs no store: ids, pseudonyms, sealing. It has
 * keys of its own, so that another thread may prepare a batch while one is
 * applied. */
struct sdg_prepared;
int sdg_prepared_new(const char *keys_dir, struct sdg_prepared **out,
		     struct sdg_error *err);
void sdg_prepared_free(struct sdg_prepared *prepared);
/** sdg_prepared_clear - for another batch */
void sdg_prepared_clear(struct sdg_prepared *prepared);
/** sdg_prepared_follow_keys - forget text keys whose files changed or went */
void sdg_prepared_follow_keys(struct sdg_prepared *prepared);
/** sdg_prepare - those of the first @n that are not prepared yet */
int sdg_prepare(struct sdg_prepared *prepared, struct sdg_item *items, size_t n,
		struct sdg_error *err);
/** sdg_store_apply_prepared - as sdg_store_apply(), when all are */
int sdg_store_apply_prepared(struct sdg_store *store,
			     struct sdg_prepared *prepared,
			     struct sdg_item *items, size_t n,
			     struct sdg_error *err);

/* -------------------------------------------------------------- changing */

/**
 * sdg_store_correct - a person's word on the piece @id
 * @labels: all of its labels from now on; themes are the store's numbers,
 *          as a struct sdg_stored carries them
 *
 * Takes what the piece counted out of every tally and puts the corrected in,
 * in one transaction; a change of kind moves it in the ledger. No later
 * reclassification touches it; an edit by the respondent does, since the
 * words are then others. Return 0, or SDG_ENOTFOUND, SDG_EINVAL
 * (erased, emptied, or labels out of range), or as sdg_store_apply().
 */
int sdg_store_correct(struct sdg_store *store,
		      const uint8_t id[SDG_EVENT_ID_SIZE],
		      const struct sdg_labels *labels, struct sdg_error *err);

struct sdg_relabel {
	uint8_t id[SDG_EVENT_ID_SIZE];
	struct sdg_labels labels; /* themes: positions in the frame in use */
	int64_t revision;         /* of the words that were labelled */
	bool changed;             /* set: it was ours to change, and differed */
};

/**
 * sdg_store_reclassify - a step of a reclassification: new labels for @n
 * pieces, in one transaction
 *
 * Pieces that a person labelled, that were edited or erased since they were
 * read, or that are gone are left alone. Return as sdg_store_apply().
 */
int sdg_store_reclassify(struct sdg_store *store, struct sdg_relabel *list,
			 size_t n, struct sdg_error *err);

/* ------------------------------------------------------ what came with a key
 */

struct sdg_came {
	uint8_t id[SDG_EVENT_ID_SIZE]; /* unread: its digest in quarantine */
	int64_t received;
	enum sdg_source source;
	enum sdg_outcome outcome; /* QUARANTINED: it is held */
	bool unread;              /* never taken: it lies in quarantine */
};
/** Non-zero stops the walk and is returned by it. */
typedef int sdg_came_fn(void *arg, const struct sdg_came *came);

/**
 * sdg_store_came_with - pieces that came with the key @public_key (Z85)
 * @since: received then or later, seconds
 */
int sdg_store_came_with(struct sdg_store *store, const char *public_key,
			int64_t since, sdg_came_fn *fn, void *arg,
			struct sdg_error *err);

/**
 * sdg_store_hold - take what came with a key out of every tally, in one
 * transaction, or (@hold false) put it back
 * @n: how many pieces that was; what does not count is left alone
 *
 * What is held stands under quarantined in the ledger, keeps its words and
 * its id, and a resend of it is a duplicate. Return as sdg_store_apply().
 */
int sdg_store_hold(struct sdg_store *store, const char *public_key,
		   int64_t since, bool hold, size_t *n, struct sdg_error *err);

/* ---------------------------------------------------------------- asking */

enum sdg_dim {
	SDG_DIM_REGION,
	SDG_DIM_THEME,
	SDG_DIM_SOURCE,
	SDG_DIM_STANCE,
	SDG_DIM_ROLE,
	SDG_DIM_PHASE,
	SDG_DIM_MONTH,
	SDG_DIM_WEEK, /* its Monday, as a day */
	SDG_DIM_DAY,
	SDG_DIM_CONSULTATION,
	SDG_DIM_AUTHORITY,
	SDG_DIM_COUNT
};

#define SDG_DIMS_MAX 3

/* All filters together; a zero set means "all". */
struct sdg_filter {
	int32_t since_day, until_day; /* half-open; both 0: all time */
	uint32_t regions;             /* bit per enum sdg_region */
	uint64_t themes[4];       /* bit per theme number (sdg_store_theme) */
	uint8_t sources, stances; /* bit per enum sdg_source, sdg_stance */
	uint16_t roles;           /* bit per enum sdg_role */
	uint8_t phases; /* set of enum sdg_phase: pieces with any of them */
	const char *consultation; /* id; NULL: all */
};

struct sdg_query {
	enum sdg_dim dims[SDG_DIMS_MAX];
	size_t dim_count;
	struct sdg_filter filter;
	uint32_t as_of; /* at the end of this edition; 0: now */
};

/*
 * The measures of a cell. members: distinct, matched to the directory.
 * respondents: distinct senders, matched or not. messages: pieces counted.
 * mentions: messages that name the theme (for theme "any": all theme
 * mentions together). main: those whose main theme it is. reported: voices
 * that representatives report, never added to the others.
 */
struct sdg_measures {
	uint64_t members, respondents, messages, mentions, main, reported;
	uint64_t stances[SDG_STANCE_COUNT];
	/* members and respondents: no fewer, since who was in two frozen
	 * months nobody knows any more */
	bool at_least;
};

/* A key is what the dimension's enum says, the store's number of a theme or
 * consultation, an authority's code, a month, or a day. Phases: one enum
 * sdg_phase, 0 unknown; a message of several themes or phases is in several
 * rows, and once in the totals. */
struct sdg_row {
	uint32_t key[SDG_DIMS_MAX]; /* by dimension asked */
	struct sdg_measures measures;
};

struct sdg_result {
	size_t row_count;
	struct sdg_row *rows; /* ascending by key */
	struct sdg_measures totals;
	uint64_t checked; /* of totals.messages: labelled by a person */
	bool directory; /* a directory is loaded, so members means something */
	int32_t first_day, last_day; /* of what was counted; 0, 0: nothing */
	/* Months asked for that are frozen: they answer by region, theme,
	 * source, month and consultation alone. */
	uint32_t frozen_months;
	bool left_out; /* the question was another: they are not in it */
};

/**
 * sdg_store_report - a cross-table, exact for any range of days
 *
 * From months and cells where they answer, else from labels. The caller
 * frees @out with sdg_result_fini(). Rows without any message or reported
 * voice are left out. Themes filtered for: messages that name any of them,
 * once each, and only their rows and mentions. SDG_ENOTFOUND: no such
 * consultation; SDG_EDAMAGED: the store does not show all that it keeps.
 */
int sdg_store_report(struct sdg_store *store, const struct sdg_query *query,
		     struct sdg_result *out, struct sdg_error *err);
void sdg_result_fini(struct sdg_result *result);

/*
 * An edition: a stretch of time under one version of frame and model, a day
 * at most. Figures can be asked for as they stood at its end.
 */
struct sdg_edition {
	uint32_t number;  /* from 1, in the order of time */
	int64_t began;    /* seconds */
	uint32_t version; /* sdg_classifier_version(); 0: not known */
};
/** Non-zero ends the walk and is returned by it. */
typedef int sdg_edition_fn(void *arg, const struct sdg_edition *edition);
/** sdg_store_editions - all, first to last */
int sdg_store_editions(struct sdg_store *store, sdg_edition_fn *fn, void *arg,
		       struct sdg_error *err);
/** sdg_store_begin_edition - what is changed from now on stands apart from
 *  what was; under the version of sdg_store_use_frame() */
int sdg_store_begin_edition(struct sdg_store *store, struct sdg_error *err);

/* A theme's number in this store by its id, or SDG_ENOTFOUND; and back. */
int sdg_store_theme(struct sdg_store *store, struct sdg_str id);
const char *sdg_store_theme_id(struct sdg_store *store, uint32_t theme);
size_t sdg_store_theme_count(struct sdg_store *store);

/* The days on which pieces were looked at for a theme: from since on, before
 * until (0: no limit), and not from gap on before back, while another frame
 * was in force. On other days "none" would not be true. One whose until is set
 * is no theme of the frame in force. */
struct sdg_span {
	int32_t since, until, gap, back;
};
/** sdg_span_days - of the days from @first on before @past, how many */
int32_t sdg_span_days(struct sdg_span span, int32_t first, int32_t past);
/** sdg_span_is_empty - is there no such day at all (any more)? */
bool sdg_span_is_empty(struct sdg_span span);
#define SDG_STORE_THEMES 256
/** sdg_store_theme_spans - of all themes, by the store's number */
int sdg_store_theme_spans(struct sdg_store *store,
			  struct sdg_span spans[SDG_STORE_THEMES],
			  struct sdg_error *err);
/**
 * sdg_store_adopt - the frame of sdg_store_use_frame() is in force from today
 *
 * An edition begins; themes that are not in it are no longer measured. A
 * theme is measured from the day its frame is first used, unless the store
 * was empty then.
 */
int sdg_store_adopt(struct sdg_store *store, struct sdg_error *err);
/** sdg_store_measured - all that was said from @since_day on has been looked
 *  at under the frame in use; 0: all there is */
int sdg_store_measured(struct sdg_store *store, int32_t since_day,
		       struct sdg_error *err);

/* One stored piece, opened. Strings are borrowed until the callback that
 * was given it returns. */
struct sdg_stored {
	uint8_t id[SDG_EVENT_ID_SIZE];
	enum sdg_outcome outcome; /* counted, automatic, not-feedback, test */
	struct sdg_feedback fb;   /* respondent's address is not kept */
	struct sdg_labels labels; /* themes: the store's numbers */
	uint16_t consultation;
	int32_t day;     /* it counts on */
	uint32_t member; /* ordinal; 0: nobody's */
	bool matched;
	bool by_person; /* labelled by a person */
	bool erased;    /* its text has gone */
	uint32_t frame_version;
};

/** Non-zero stops the walk and is returned by it. */
typedef int sdg_stored_fn(void *arg, const struct sdg_stored *stored);

/**
 * sdg_store_each - visit stored pieces, oldest day first, that @filter takes
 * @kinds: bit per enum sdg_kind, tests included; 0: what counts only
 * @grep:  only those whose subject or text holds this, whatever its case
 *         (ASCII); NULL: all
 */
int sdg_store_each(struct sdg_store *store, const struct sdg_filter *filter,
		   unsigned kinds, const char *grep, sdg_stored_fn *fn,
		   void *arg, struct sdg_error *err);

/*
 * Many hands: opening pieces, and what is made of each alone, is most of a
 * long walk. look() is called by as many threads as there are processors;
 * then() sees the pieces one by one, in order, in the caller's.
 */
#define SDG_HANDS_MAX 8
struct sdg_hand;
/** sdg_hand_number - from 0 on, under SDG_HANDS_MAX */
unsigned sdg_hand_number(const struct sdg_hand *hand);
/** sdg_hand_room - memory until then() has returned; NULL: there is none */
void *sdg_hand_room(struct sdg_hand *hand, size_t bytes);

struct sdg_visit {
	/* May be NULL. Writes to nothing but what is this hand's own; @out is
	 * handed on to then(). 0, or a negative code with @err filled. */
	int (*look)(void *arg, struct sdg_hand *hand,
		    const struct sdg_stored *stored, void **out,
		    struct sdg_error *err);
	/* Non-zero stops the walk and is returned by it. */
	int (*then)(void *arg, const struct sdg_stored *stored, size_t which,
		    void *out);
	void *arg;
	/* Without words: numbers, labels and times alone, for a fraction of
	 * the work. */
	bool unopened;
};

/** sdg_store_visit - as sdg_store_each(); @which counts from 0 on */
int sdg_store_visit(struct sdg_store *store, const struct sdg_filter *filter,
		    unsigned kinds, const char *grep,
		    const struct sdg_visit *visit, struct sdg_error *err);

/* How far a walk has come. Zeroed: it has not begun. */
struct sdg_place {
	bool begun;
	uint8_t id[SDG_EVENT_ID_SIZE], stray[2 + SDG_EVENT_ID_SIZE];
};

/**
 * sdg_store_visit_from - go on with a walk from where it was stopped
 *
 * As sdg_store_visit(); @place is always behind the piece that then() was
 * given last, and once it has stopped the walk the store may be written to
 * before the next call.
 */
int sdg_store_visit_from(struct sdg_store *store,
			 const struct sdg_filter *filter, unsigned kinds,
			 struct sdg_place *place, const struct sdg_visit *visit,
			 struct sdg_error *err);

/** The id of the piece wanted next, borrowed until the next call; NULL: that
 *  was all. */
typedef const uint8_t *sdg_next_id_fn(void *arg);

/**
 * sdg_store_visit_named - visit the pieces that @next names, in its order
 *
 * For a second look at what sdg_store_each() showed, in another order. @which
 * is how many @next had named before; it may be far ahead of then(). What
 * has gone since is passed over.
 */
int sdg_store_visit_named(struct sdg_store *store, sdg_next_id_fn *following,
			  const struct sdg_visit *visit, struct sdg_error *err);

/**
 * sdg_store_find - the piece whose id in hexadecimal begins with @prefix
 *
 * Calls @fn once. SDG_ENOTFOUND: none; SDG_EINVAL: several, or not
 * hexadecimal of at least 4 digits.
 */
int sdg_store_find(struct sdg_store *store, const char *prefix,
		   sdg_stored_fn *fn, void *arg, struct sdg_error *err);

struct sdg_ledger {
	uint64_t received;
	uint64_t outcomes[SDG_OUTCOME_COUNT];
	uint64_t held, erased; /* counted = held + erased */
	uint64_t frozen;       /* of those held: by their month's sums alone */
	bool balanced;
};
int sdg_store_ledger(struct sdg_store *store, struct sdg_ledger *out,
		     struct sdg_error *err);

struct sdg_store_stats {
	uint64_t events, members, matched_members, directory, quarantine;
	uint64_t map_bytes, used_bytes, free_disk_bytes;
	uint32_t readers, readers_max;
	int64_t last_received; /* seconds; 0: nothing yet */
};
int sdg_store_stats(struct sdg_store *store, struct sdg_store_stats *out,
		    struct sdg_error *err);

/** Called with each fault found: what and where, one line. */
typedef void sdg_fault_fn(void *arg, const char *what);

struct sdg_verify {
	uint64_t records, events, cells, months, faults;
};

/**
 * sdg_store_verify - recount everything from the events
 *
 * Every record's check, each database's count and sum, every cell, month,
 * set of members, and the ledger. Return 0 with out->faults 0 or not, or
 * an error when it could not be carried out.
 */
int sdg_store_verify(struct sdg_store *store, sdg_fault_fn *fn, void *arg,
		     struct sdg_verify *out, struct sdg_error *err);

/* --------------------------------------------------------- consultations */

struct sdg_consultation {
	uint16_t number; /* the store's own; set by add */
	char id[64];     /* "future": a-z 0-9 - */
	char name[200];
	char addresses[512];   /* recipients, space-separated */
	int32_t opens, closes; /* days; 0: not said */
	uint32_t regions;      /* asked; 0: all */
	bool closed;           /* by a person */
};
typedef int sdg_consultation_fn(void *arg, const struct sdg_consultation *c);

/**
 * sdg_consultation_put - add, or change by id; "future" is always there
 *
 * Two that are open may share an address where their dates do not overlap:
 * mail belongs to the one whose time it fell in. Return 0, or SDG_EINVAL
 * (they overlap, or it is none).
 */
int sdg_consultation_put(struct sdg_store *store,
			 const struct sdg_consultation *consultation,
			 struct sdg_error *err);
int sdg_consultation_get(struct sdg_store *store, const char *id,
			 struct sdg_consultation *out, struct sdg_error *err);
int sdg_consultation_each(struct sdg_store *store, sdg_consultation_fn *fn,
			  void *arg, struct sdg_error *err);

/** sdg_consultation_has - is @address, as it stands, one of @c's? */
bool sdg_consultation_has(const struct sdg_consultation *c,
			  struct sdg_str address);

/* ------------------------------------------------------------ quarantine */

struct sdg_quarantined {
	uint8_t digest[16];
	int64_t received;
	struct sdg_str reason; /* borrowed for the call */
	const uint8_t *raw;
	size_t raw_len;
};
typedef int sdg_quarantine_fn(void *arg, const struct sdg_quarantined *q);
int sdg_quarantine_each(struct sdg_store *store, sdg_quarantine_fn *fn,
			void *arg, struct sdg_error *err);
/** sdg_quarantine_known - is @digest in quarantine, or was it dropped?
 *
 * A piece whose original could not be read (fb->unreadable) stands there
 * under the first 16 bytes of its identity, others under their frame's
 * digest: the same mail offered again is then the same, whenever it came. */
int sdg_quarantine_known(struct sdg_store *store, const uint8_t digest[16],
			 bool *known, struct sdg_error *err);
/**
 * sdg_quarantine_retried - these will be offered again (or have been)
 *
 * What is still refused then is what lies there, not a duplicate of it, and
 * stands in the ledger as it did. Unknown digests are passed over.
 */
int sdg_quarantine_retried(struct sdg_store *store,
			   const uint8_t (*digests)[16], size_t n, bool retried,
			   struct sdg_error *err);
/** sdg_quarantine_drop - by digest prefix in hexadecimal; moves it from
 *  quarantined to dropped */
int sdg_quarantine_drop(struct sdg_store *store, const char *prefix,
			struct sdg_error *err);

#endif
