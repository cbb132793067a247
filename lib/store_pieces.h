/*
 * Pieces and what they sum up to: sets of ordinals, an event's record and
 * its contribution, cells and months, in memory and on disk. store_set.c,
 * store_event.c, store_tally.c, store_cells.c.
 */
#ifndef SOUNDINGS_STORE_PIECES_H
#define SOUNDINGS_STORE_PIECES_H

#include "store_records.h"

/* ------------------------------------------------------- sets of ordinals */

struct set;
struct set *set_new(void);
void set_free(struct set *set);
void set_add(struct set *set, uint32_t ordinal); /* never 0 */
bool set_has(const struct set *set, uint32_t ordinal);
uint64_t set_count(const struct set *set);
uint64_t set_count_both(const struct set *a, const struct set *b);
bool set_equal(const struct set *a, const struct set *b);
void set_or(struct set *set, const struct set *other);
/** set_decode - a stored chunk; NULL when it is not one */
struct set *set_decode(struct bytes stored);
/** set_or_lazily - as set_or(), but set_settle() before anything is asked */
void set_or_lazily(struct set *set, const struct set *other);
void set_settle(struct set *set);

struct set_change {
	uint32_t ordinal;
	bool present;
};
/* A stored set is a run of records, prefix + first ordinal a record may
 * hold (4 bytes), the first with 0, each small enough. */
int set_store(struct txn *t, enum db db, const void *prefix, size_t len,
	      const struct set_change *changes, size_t n, int *grown,
	      struct sdg_error *err); /* ascending by ordinal */
int set_load(struct txn *t, enum db db, const void *prefix, size_t len,
	     struct set *into, struct sdg_error *err);

/* ----------------------------------------------------------------- pieces */

/* What one event contributes to the tallies: the record in labels. */
struct piece {
	uint16_t day, consultation, authority;
	uint32_t member; /* 0: nobody's */
	uint32_t reported;
	uint8_t region, source, stance, role, phases;
	uint8_t themes[SDG_THEMES_MAX]; /* the store's numbers; 0: none */
	uint16_t edition;               /* it has counted as this since then */
	bool by_person;                 /* a person gave or confirmed this */
};
#define PIECE_SIZE 24
void piece_encode(const struct piece *piece, uint8_t out[PIECE_SIZE]);
bool piece_decode(struct bytes in, struct piece *piece);
static inline unsigned piece_themes(const struct piece *piece)
{
	unsigned n = 0;

	while (n < SDG_THEMES_MAX && piece->themes[n])
		n++;
	return n;
}

enum event_state {
	EVENT_BY_PERSON = 1 << 0,
	EVENT_MATCHED = 1 << 1, /* to the directory, when it came */
	EVENT_TRUNCATED = 1 << 2,
	EVENT_MAY_QUOTE = 1 << 3,
	EVENT_NOTE_OWN = 1 << 4,
	EVENT_NOTE_SECOND_HAND = 1 << 5,
	EVENT_ERASED = 1 << 6, /* its text and link have gone; a tombstone */
	EVENT_FROZEN = 1 << 7, /* likewise, and its month still counts it */
	EVENT_GONE = EVENT_ERASED | EVENT_FROZEN,
};

struct event {
	uint8_t id[ID_SIZE];
	struct piece piece;
	uint8_t outcome, kind, evidence, note_kind;
	uint16_t state;                              /* enum event_state */
	uint16_t scores[SDG_THEMES_MAX], kind_score; /* of 65,535 */
	int64_t said, received, revision;
	uint32_t voices, attendance, flags, label_flags, frame_version;
	uint16_t seal_month; /* of a frozen piece: the month it counts in */
	uint32_t sealed_len; /* all of it */
	struct bytes sealed; /* as much of it as is at hand */
};
#define EVENT_HEADER 89
#define SEAL_TAG 16 /* what sealed words end with */
/** event_counts - does it stand in the tallies? */
static inline bool event_counts(const struct event *event)
{
	return event->outcome == SDG_OUTCOME_COUNTED &&
	       !(event->state & EVENT_GONE);
}
bool event_stray_key(const struct event *event, uint8_t out[2 + ID_SIZE]);

void event_id(const struct sdg_keys *keys, const struct sdg_feedback *fb,
	      uint8_t id[ID_SIZE]);
int event_get(struct txn *t, const uint8_t id[ID_SIZE], struct event *event,
	      struct sdg_error *err); /* SDG_ENOTFOUND without a message */
int event_decode(struct bytes key, struct bytes value, struct event *event,
		 struct sdg_error *err);
/** event_add - a new event; sealed must be whole */
int event_add(struct txn *t, const struct event *event, struct sdg_error *err);
/** event_change - its header; sealed as it was read, at hand still */
int event_change(struct txn *t, const struct event *event,
		 struct sdg_error *err);
/** event_del - and its chunks */
int event_del(struct txn *t, const uint8_t id[ID_SIZE], struct sdg_error *err);
/** event_sealed - all of its sealed bytes into @out of sealed_len bytes */
int event_sealed(struct txn *t, const struct event *event, uint8_t *out,
		 struct sdg_error *err);
#define CHUNK_DATA 1900
int chunks_put(struct txn *t, enum db owner, const uint8_t id[16],
	       const uint8_t *data, size_t len, struct sdg_error *err);
int chunks_get(struct txn *t, enum db owner, const uint8_t id[16],
	       uint8_t *data, size_t len, struct sdg_error *err);
int chunks_del(struct txn *t, enum db owner, const uint8_t id[16],
	       struct sdg_error *err);

/** words_pack - what is sealed of @fb, at most WORDS_MAX bytes; returns the
 *  length */
#define WORDS_MAX (SDG_EVENT_MAX + 1024)
size_t words_pack(const struct sdg_feedback *fb, uint8_t *out);
/** words_unpack - the reverse; strings borrow from @in */
bool words_unpack(const uint8_t *in, size_t len, struct sdg_feedback *fb);

static inline uint32_t month_of_day(int32_t day)
{
	/* Howard Hinnant's days-to-civil, for days since 1970. */
	uint32_t z = (uint32_t)day + 719468;
	uint32_t era = z / 146097, doe = z % 146097;
	uint32_t yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
	uint32_t doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
	uint32_t mp = (5 * doy + 2) / 153;
	uint32_t m = mp < 10 ? mp + 2 : mp - 10; /* 0 to 11 */
	uint32_t y = yoe + era * 400 + (m <= 1);

	return y * 12 + m;
}
int32_t month_first_day(uint32_t month);

/* ---------------------------------------------------------------- tallies */

enum sum {
	SUM_MESSAGES,
	SUM_MENTIONS,
	SUM_MAIN,
	SUM_STANCE, /* four of them */
	SUM_REPORTED = SUM_STANCE + SDG_STANCE_COUNT,
	SUM_COUNT
};
#define SUMS_SIZE (SUM_REPORTED * 4 + 8)

/* A cell's or month's key, packed so that it sorts as its record does. */
typedef uint64_t cell_key;
#define CELL_KEY_SIZE 7
#define CELL_IS_MONTH ((cell_key)1 << 56)
static inline cell_key cell_pack(bool month, uint32_t consultation,
				 uint32_t when, uint32_t region, uint32_t theme,
				 uint32_t source)
{
	return (month ? CELL_IS_MONTH : 0) | (cell_key)consultation << 40 |
	       (cell_key)when << 24 | (cell_key)region << 16 |
	       (cell_key)theme << 8 | source;
}
#define CELL_CONSULTATION(key) ((uint32_t)((key) >> 40) & 0xffff)
#define CELL_WHEN(key) ((uint32_t)((key) >> 24) & 0xffff)
#define CELL_REGION(key) ((uint32_t)((key) >> 16) & 0xff)
#define CELL_THEME(key) ((uint32_t)((key) >> 8) & 0xff)
#define CELL_SOURCE(key) ((uint32_t)(key)&0xff)
static inline void cell_encode(cell_key key, uint8_t out[CELL_KEY_SIZE])
{
	for (int i = 0; i < CELL_KEY_SIZE; i++)
		out[i] = (uint8_t)(key >> (48 - 8 * i));
}
static inline cell_key cell_decode(const uint8_t *p)
{
	cell_key key = 0;

	for (int i = 0; i < CELL_KEY_SIZE; i++)
		key = key << 8 | p[i];
	return key;
}
void sums_encode(const int64_t sums[SUM_COUNT], uint8_t out[SUMS_SIZE]);
bool sums_decode(struct bytes in, int64_t sums[SUM_COUNT]);

struct tally_cell {
	cell_key key;
	int64_t sums[SUM_COUNT];
};
struct tally_member {
	cell_key key; /* of a month */
	uint32_t ordinal;
	bool left;
};
struct tally_ledger {
	uint32_t row; /* consultation << 16 | day */
	uint8_t outcome;
	int64_t n;
};
/* Changes not yet written. Cells are found by hash, in no order. */
struct tally {
	struct tally_cell *cells;
	size_t cell_count, cell_cap;
	uint32_t *slots; /* cell index + 1, by hash */
	size_t slot_count;
	struct tally_member *members;
	size_t member_count, member_cap;
	struct tally_ledger *ledger;
	size_t ledger_count, ledger_cap;
};
struct tally *tally_new(void);
void tally_free(struct tally *tally);
void tally_clear(struct tally *tally);
/** tally_piece - put @piece in (@sign 1) or take it out (-1) */
int tally_piece(struct tally *tally, const struct piece *piece, int sign,
		struct sdg_error *err);
int tally_cell_add(struct tally *tally, cell_key key,
		   const int64_t sums[SUM_COUNT], struct sdg_error *err);
int tally_ledger(struct tally *tally, uint32_t consultation, int32_t day,
		 int outcome, int64_t n, struct sdg_error *err);
const struct tally_cell *tally_find(const struct tally *tally, cell_key key);
/** tally_write - all of it into cells, months and ledger; every event it
 *  stems from must already be written */
int tally_write(struct txn *t, struct tally *tally, struct sdg_error *err);

/* Ledger rows beside the outcomes. */
#define LEDGER_RECEIVED SDG_OUTCOME_NONE
#define LEDGER_ERASED 32 /* of those counted */
#define LEDGER_KEY_SIZE 5
void ledger_key(uint32_t consultation, int32_t day, int outcome,
		uint8_t out[LEDGER_KEY_SIZE]);

#endif
