/*
 * What the parts of the store share; nobody else includes it.
 *
 * Layers, each using those above it only:
 *
 *	store_records.h	 the environment, transactions, checked records
 *	store_pieces.h	 sets of ordinals, events' records, cells and months
 *	store_history.c	 editions, and what pieces counted as before
 *	store_ledger.c, store_members.c, store_consultation.c, …
 *	store_prepare.c, store_apply.c, store_change.c, store_clients.c,
 *	store_forget.c, store_report.c, store_verify.c, store_backup.c, …
 */
#ifndef SOUNDINGS_STORE_INTERNAL_H
#define SOUNDINGS_STORE_INTERNAL_H

#include "store_pieces.h"
#include "store_records.h"

/* ---------------------------------------------------------------- members */

struct entry;

enum pseudonym_kind {
	PSEUDONYM_ADDRESS = 'a',
	PSEUDONYM_MEMBERSHIP = 'm',
	PSEUDONYM_KEY = 'k',
	PSEUDONYM_REPRESENTATIVE = 'r',
};

/* Whom a piece is from: as it claims itself, then as the directory says. */
struct who {
	char kind; /* enum pseudonym_kind; 0: nobody */
	uint8_t pseudonym[SDG_PSEUDONYM_SIZE];
	bool matched;
};

/** who_claims - what @fb itself says, before the directory is asked */
void who_claims(const struct sdg_keys *keys, const struct sdg_feedback *fb,
		struct who *who);
/** who_resolve - ask the directory, if the claim is an address */
int who_resolve(struct txn *t, struct who *who, struct sdg_error *err);

struct member {
	uint32_t ordinal;
	bool matched;
};
#define MEMBER_SIZE 5
bool member_decode(struct bytes in, struct member *member);
/** member_take - the member @who is, made when new */
int member_take(struct txn *t, const struct who *who, uint32_t *ordinal,
		struct sdg_error *err);
/* Between the two member_take() remembers whom it found. What it remembers
 * is believed in the next transaction only when members are as this one left
 * them. */
void member_cache_begin(struct txn *t);
void member_cache_committed(struct sdg_store *store, const struct txn *t);
void member_cache_free(struct member_cache *cache);
/** matched_load - the set of those matched to the directory */
int matched_load(struct txn *t, struct set *into, struct sdg_error *err);

#define MEMBER_EVENT_KEY (2 + 4 + ID_SIZE)
/* Day first: ordinals would undo the order of time, and with it spread
 * every batch over as many pages as there are members. */
void member_event_key(uint32_t day, uint32_t ordinal, const uint8_t id[ID_SIZE],
		      uint8_t out[MEMBER_EVENT_KEY]);
/** member_recognise - what an import says of an address that may have
 *  written before: its member record follows, and two become one */
int member_recognise(struct txn *t, const uint8_t address[SDG_PSEUDONYM_SIZE],
		     const struct entry *entry, struct sdg_error *err);
/** members_sweep - remove members of whom no piece is left; how many */
int members_sweep(struct txn *t, size_t *removed, struct sdg_error *err);
/** member_forget - the record of @pseudonym, whose pieces have all gone */
int member_forget(struct txn *t, const uint8_t pseudonym[SDG_PSEUDONYM_SIZE],
		  const struct member *member, struct sdg_error *err);
/** Non-zero ends the walk and is returned by it. */
typedef int member_event_fn(void *arg, const uint8_t id[ID_SIZE],
			    struct sdg_error *err);
/** member_each_event - every stored piece of @ordinal, counted or not; @fn
 *  may take it away */
int member_each_event(struct txn *t, uint32_t ordinal, member_event_fn *fn,
		      void *arg, struct sdg_error *err);
/** member_still_in - has @ordinal a piece in the month cell @key? */
int member_still_in(struct txn *t, cell_key key, uint32_t ordinal, bool *in,
		    struct sdg_error *err);

/* -------------------------------------------------------------- directory */

struct entry {
	struct sdg_known known;
	bool by_hand;
	uint8_t lent; /* of one by hand: enum sdg_lent */
	bool has_membership;
	uint8_t membership[SDG_PSEUDONYM_SIZE];
	char origin[16];
	struct sdg_str school;
};
/** directory_find - by the pseudonym of an address; SDG_ENOTFOUND */
int directory_find(struct txn *t, const uint8_t address[SDG_PSEUDONYM_SIZE],
		   struct entry *out, struct sdg_error *err);
/** directory_forget - the entries of the address, or of the membership
 *  number, that @pseudonym stands for; *n counts them */
int directory_forget(struct txn *t, const uint8_t pseudonym[SDG_PSEUDONYM_SIZE],
		     size_t *n, struct sdg_error *err);
/** directory_known - what is known of an address, and of its domain */
int directory_known(struct txn *t, struct sdg_str address,
		    struct sdg_known *known, struct sdg_error *err);

/* ---------------------------------------------------------- consultations */

/** consultations_load - into the handle, if they changed */
int consultations_load(struct txn *t, struct sdg_error *err);
const struct sdg_consultation *
consultation_by_number(const struct sdg_store *store, uint32_t number);
const struct sdg_consultation *consultation_by_id(const struct sdg_store *store,
						  struct sdg_str id);
/** consultation_of - to which @fb, said on @day, belongs; NULL: unknown or
 *  closed, and @reason says so */
const struct sdg_consultation *consultation_of(const struct sdg_store *store,
					       const struct sdg_feedback *fb,
					       uint16_t day,
					       const char **reason);
int consultation_write(struct txn *t, const struct sdg_consultation *c,
		       struct sdg_error *err);

/* ---------------------------------------------------------------- clients */

/** client_number - of a public key; given where it has none */
int client_number(struct txn *t, const char *public_key, uint16_t *number,
		  struct sdg_error *err);
/** client_note - that the new piece @id came with it */
int client_note(struct txn *t, const uint8_t id[ID_SIZE],
		const char *public_key, struct sdg_error *err);
/** client_forget - with what @id came, if anything */
int client_forget(struct txn *t, const uint8_t id[ID_SIZE],
		  struct sdg_error *err);

/* --------------------------------------------------------------- preparing */

struct prepared_item {
	struct event event;
	struct who who;
	size_t sealed_at;
};

struct sdg_prepared {
	struct sdg_keys *keys; /* its own, or the store's */
	bool own;
	struct prepared_item *items;
	size_t count;
	uint32_t *order; /* by id, then as they came */
	size_t cap;
	uint8_t *sealed;
	size_t sealed_len, sealed_cap;
	uint8_t words[WORDS_MAX];
};

/** prepared_open - under @keys, which stay the caller's */
int prepared_open(struct sdg_keys *keys, struct sdg_prepared **out,
		  struct sdg_error *err);
/** words_seal - under *@month, or the month it names then */
int words_seal(struct sdg_keys *keys, uint16_t *month, const uint8_t about[16],
	       const uint8_t *words, size_t len, uint8_t *out,
	       struct sdg_error *err);
/** item_is_unreadable - is it for quarantine, whatever else it says? */
bool item_is_unreadable(const struct sdg_item *item);
/** prepared_settle - what the labels say, which come last, and the order in
 *  which they are applied */
int prepared_settle(struct sdg_prepared *p, const struct sdg_store *store,
		    const struct sdg_item *items, struct sdg_error *err);

/* ------------------------------------------------------------- quarantine */

struct held {
	uint8_t digest[16];
	bool dropped;
	bool retried; /* offered again by a person: not received again */
	uint16_t consultation, day; /* its row in the ledger */
	int64_t received;
	uint16_t seal_month;
	uint32_t sealed_len;
	uint16_t client; /* as a piece's */
	struct sdg_str reason;
};
int held_decode(struct bytes key, struct bytes value, struct held *held,
		struct sdg_error *err);
int held_get(struct txn *t, const uint8_t digest[16], struct held *held,
	     struct sdg_error *err); /* SDG_ENOTFOUND without a message */
int held_add(struct txn *t, const struct sdg_item *item, int64_t received,
	     struct sdg_str reason, struct sdg_error *err);
/** held_count - those not dropped */
int held_count(struct txn *t, uint64_t *n, struct sdg_error *err);
/** held_retried - mark it, or take the mark away; SDG_ENOTFOUND */
int held_retried(struct txn *t, const uint8_t digest[16], bool retried,
		 struct sdg_error *err);
int held_remove(struct txn *t, const uint8_t digest[16], struct sdg_error *err);

/** hex_prefix - @hex, 4 to 2 * @max digits, as bytes of @out, zero behind;
 *  returns the number of digits, or 0 */
size_t hex_prefix(const char *hex, uint8_t *out, size_t max);
bool hex_prefixed(const uint8_t *bytes, const uint8_t *prefix, size_t digits);

/* ----------------------------------------------------------------- events */

/* The one mechanism for every change: an event's contribution leaves the
 * tallies, another takes its place. Both keep labels, strays, member_events
 * and the tally together; neither writes the event itself. */
int contribution_in(struct txn *t, struct tally *tally,
		    const struct event *event, struct sdg_error *err);
int contribution_out(struct txn *t, struct tally *tally,
		     const struct event *event, struct sdg_error *err);
/** event_exchange - @event, just read, becomes @changed, with the same
 *  sealed words; written, too */
int event_exchange(struct txn *t, struct tally *tally,
		   const struct event *event, struct event *changed,
		   struct sdg_error *err);
/** event_give - @event, just read, becomes @member's; written, too */
int event_give(struct txn *t, struct tally *tally, const struct event *event,
	       uint32_t member, struct sdg_error *err);
/** event_bury - of @event, just read, only @tombstone stays, whose state the
 *  caller has set: what it counted leaves @sums, an outcome that changes is
 *  put right in @ledger */
int event_bury(struct txn *t, const struct event *event,
	       struct event *tombstone, struct tally *sums,
	       struct tally *ledger, struct sdg_error *err);
int outcome_of_kind(int kind);
int64_t store_now(void);
/** labels_take - the labels of a classifier into @event */
int labels_take(const struct sdg_labels *labels, const uint8_t *numbers,
		size_t number_count, struct event *event,
		struct sdg_error *err);

/* ---------------------------------------------------------------- history */

/** edition_now - before labels are changed: the edition they belong to is
 *  under way, a new one begun where a day or a version is new */
int edition_now(struct txn *t, struct sdg_error *err);
/** edition_fresh - one that begins with this transaction, so that the figures
 *  up to it can be had again */
int edition_fresh(struct txn *t, struct sdg_error *err);
/** history_keep - what @event counts as, before that is taken out */
int history_keep(struct txn *t, const struct event *event,
		 struct sdg_error *err);
/** history_forget - all that is kept of the piece @id */
int history_forget(struct txn *t, const uint8_t id[ID_SIZE],
		   struct sdg_error *err);
#define CHECKED_KEY (1 + 2 + ID_SIZE)
/** checked_key - of the record that says a person labelled @event */
void checked_key(const struct event *event, uint8_t out[CHECKED_KEY]);
#define HISTORY_CHECKED 'p'
#define HISTORY_EARLIER 'h'
#define HISTORY_CAME 'k'
#define CAME_KEY (1 + ID_SIZE)
#define EARLIER_KEY (1 + ID_SIZE + 2)

/* ----------------------------------------------------------------- frozen */

/* Keys of DB_FROZEN: a month alone has its seal; with consultation, region,
 * theme and source, or "all" of each, how many were behind the sums. */
#define FROZEN_KEY 7
#define FROZEN_SIZE 8
#define FROZEN_ALL 0xff
#define FROZEN_ALL_CONSULTATIONS 0

struct seal {
	struct book months;        /* the month's records in months */
	struct book counts;        /* and those here */
	uint64_t pieces, messages; /* tombstones; those of them that count */
	int64_t frozen;
};
#define SEAL_SIZE 48
bool seal_decode(struct bytes value, struct seal *seal);
/** frozen_cell - a key of FROZEN_KEY bytes, as that of a month's cell */
cell_key frozen_cell(const uint8_t *key);
/** frozen_load - which months are frozen, into the handle */
int frozen_load(struct txn *t, struct sdg_error *err);
bool frozen_is(const struct sdg_store *store, uint32_t month);
/** frozen_pieces - how many stand in the tallies by their month alone */
int frozen_pieces(struct txn *t, uint64_t *pieces, struct sdg_error *err);
/** frozen_day - a piece that comes late for a frozen month counts on the day
 *  it was received */
int frozen_day(struct txn *t, struct event *event, struct sdg_error *err);

/* ---------------------------------------------------------------- walking */

/* A piece opened, in memory that is used again for the next. */
struct opened {
	struct sdg_stored stored;
	uint8_t *sealed, *words;
	size_t cap;
};
void opened_fini(struct opened *o);
int open_piece(struct txn *t, const struct event *event, struct opened *o,
	       struct sdg_error *err);
/** copy_header - all of a piece but its words */
void copy_header(const struct sdg_store *store, const struct event *event,
		 struct sdg_stored *out);

/* Pieces gathered by the walking thread, opened and looked at by several
 * (store_hands.c), then shown in order. */
struct hands;
struct hands *hands_new(struct sdg_store *store, const struct sdg_visit *visit,
			const char *grep,
			bool ahead); /* gathers while others look */
void hands_free(struct hands *hands);
/** hands_gather - take @event in; its transaction stays until it is shown */
int hands_gather(struct hands *hands, struct txn *t, const struct event *event,
		 size_t which, struct sdg_error *err);
/** hands_full - is it time to show them? */
bool hands_full(const struct hands *hands);
/** hands_turn - let what is gathered be opened and looked at, and show it, or
 *  what was gathered before; the next is gathered meanwhile */
int hands_turn(struct hands *hands, struct sdg_error *err);
/** hands_show - open, look at and show what is gathered; then there is none */
int hands_show(struct hands *hands, struct sdg_error *err);
/** hands_wait - until nobody looks at anything: before the snapshot ends */
void hands_wait(struct hands *hands);

/** filter_takes - does @piece pass? Days, sets and consultation */
struct plan_filter {
	int32_t since, until;
	uint32_t regions;
	uint64_t themes[4];
	bool any_theme;
	uint32_t sources, stances, roles, phases;
	uint32_t consultation; /* 0: all */
};
int filter_prepare(struct txn *t, const struct sdg_filter *filter,
		   struct plan_filter *out, struct sdg_error *err);
bool filter_takes(const struct plan_filter *filter, const struct piece *piece);
/** filter_theme - does it ask for @theme, or for none in particular? */
bool filter_theme(const struct plan_filter *filter, unsigned theme);

#endif
