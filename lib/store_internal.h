/*
 * What the parts of the store share; nobody else includes it.
 *
 * Layers, each using those above it only:
 *
 *	store_env.c	 LMDB's settings and answers
 *	store_txn.c, store_make.c, store.c, store_themes.c
 *			 transactions; making, opening, themes
 *	store_hold.c	 writers held while the store is swapped
 *	store_record.c	 checked records
 *	store_set.c	 sets of member ordinals, in memory and stored
 *	store_event.c	 an event's record, its sealed text, its contribution
 *	store_tally.c	 sums in memory
 *	store_cells.c	 cells and months on disk
 *	store_ledger.c, store_members.c, store_consultation.c, …
 *	store_apply.c, store_change.c, store_forget.c, store_report.c,
 *	store_verify.c, store_backup.c, …
 *
 * Keys are big-endian, so that they sort; values little-endian. Internal
 * functions return as public ones do, but st_get() and st_del() leave @err
 * alone when they return SDG_ENOTFOUND: not to be there is often no error.
 */
#ifndef SOUNDINGS_STORE_INTERNAL_H
#define SOUNDINGS_STORE_INTERNAL_H

#include <string.h>

#include <soundings/keys.h>
#include <soundings/store.h>

struct MDB_env;
struct MDB_txn;
struct MDB_cursor;

#define LAYOUT_VERSION 1

enum db {
	DB_EVENTS,
	DB_CHUNKS,
	DB_CELLS,
	DB_MONTHS,
	DB_MEMBERS,
	DB_MEMBER_EVENTS,
	DB_LABELS,
	DB_STRAYS,
	DB_DIRECTORY,
	DB_CONSULTATIONS,
	DB_QUARANTINE,
	DB_LEDGER,
	DB_RELEASES,
	DB_META,
	DB_COUNT
};

/* Past this LMDB gives each record pages of its own. */
#define RECORD_MAX 2000
#define KEY_MAX 400
#define CHECK_SIZE 8
#define VALUE_MAX (RECORD_MAX - CHECK_SIZE)

#define ID_SIZE SDG_EVENT_ID_SIZE
#define DAY_SECONDS 86400
#define DAY_MIN 10957 /* 2000-01-01: an earlier date is no date */
#define DAY_MAX 65534 /* days are two bytes on disk: to the year 2149 */
#define THEME_MAX 255
#define CONSULTATION_FUTURE 1

/* ------------------------------------------------------------------ bytes */

struct bytes {
	const uint8_t *p;
	size_t n;
};

static inline void put_be16(uint8_t *p, uint32_t v)
{
	p[0] = (uint8_t)(v >> 8);
	p[1] = (uint8_t)v;
}
static inline void put_be32(uint8_t *p, uint32_t v)
{
	put_be16(p, v >> 16);
	put_be16(p + 2, v & 0xffff);
}
static inline uint32_t get_be16(const uint8_t *p)
{
	return (uint32_t)p[0] << 8 | p[1];
}
static inline uint32_t get_be32(const uint8_t *p)
{
	return get_be16(p) << 16 | get_be16(p + 2);
}
static inline void put_le(uint8_t *p, uint64_t v, int n)
{
	for (int i = 0; i < n; i++)
		p[i] = (uint8_t)(v >> (8 * i));
}
static inline uint64_t get_le(const uint8_t *p, int n)
{
	uint64_t v = 0;

	for (int i = 0; i < n; i++)
		v |= (uint64_t)p[i] << (8 * i);
	return v;
}

/* ----------------------------------------------------------- transactions */

/* What a database holds: that many records, with checks of that sum. */
struct book {
	uint64_t count, sum;
};

/* The store's counters; one record of meta. */
struct state {
	uint32_t next_member;
	uint16_t next_consultation;
	uint16_t theme_count;
	int64_t last_received;
	uint32_t matched; /* how many members the set of those matched holds */
};

struct txn {
	struct sdg_store *store;
	struct MDB_txn *mdb;
	bool write;
	bool caches; /* members are remembered between transactions */
	bool shared; /* holds the store's lock with other writers */
	struct book books[DB_COUNT];
	struct state state;
	/* The greatest key of events and of labels, once asked for. */
	struct {
		bool known;
		uint8_t key[SDG_EVENT_ID_SIZE];
	} last[2];
};

struct tally;
struct prepared;
struct member_cache;

struct sdg_store {
	char path[SDG_PATH_MAX];
	enum sdg_store_mode mode;
	int pid;
	struct MDB_env *env;
	unsigned int dbi[DB_COUNT];
	struct sdg_keys *keys;
	bool broken;     /* a commit failed: nothing more is tried */
	unsigned active; /* transactions under way */
	uint64_t inode;  /* of the data file that is open */
	uint64_t device;
	int gate_fd, lock_fd; /* -1: none (store_hold.c) */
	bool holding;         /* alone: the others' writers wait */
	int64_t readers_checked;

	char *themes[THEME_MAX + 1]; /* by the store's number; [0] unused */
	uint16_t theme_count;
	uint8_t frame[SDG_FRAME_MAX]; /* position to number */
	size_t frame_count;
	uint32_t frame_version;

	struct sdg_consultation *consultations;
	size_t consultation_count;
	struct book consultation_book; /* of which they were read */

	struct member_cache *cache; /* of members, likewise */
	struct tally *tally;        /* apply's, kept between batches */
	struct prepared *prepared;  /* likewise */
};

/** st_begin - start a transaction; st_abort() or st_commit() end it */
int st_begin(struct sdg_store *store, bool write, struct txn *t,
	     struct sdg_error *err);
/** st_commit - all of it, durably, or nothing; ends @t either way */
int st_commit(struct txn *t, struct sdg_error *err);
void st_abort(struct txn *t);
/** st_usable - may @store be used here (process, mode, no failed commit) */
int st_usable(struct sdg_store *store, bool write, struct sdg_error *err);
/** st_from_mdb - LMDB's answer as ours; the only translation there is */
int st_from_mdb(int rc, const char *what, struct sdg_error *err);
const char *st_db_name(enum db db);

/** st_open_copy - a copy of @store in @dir, under the same keys, to read;
 *  st_close_copy() also after failure */
int st_open_copy(struct sdg_store *store, const char *dir,
		 struct sdg_store *copy, struct sdg_error *err);
void st_close_copy(struct sdg_store *copy);

/* ------------------------------------------------------------ environment */

#define META_VERSION "version"
#define META_KEYS "keys"

int env_refuse_network(const char *path, struct sdg_error *err);
/** env_open - LMDB at @path; env_refuse_short() before anything is read */
int env_open(struct sdg_store *store, const char *path, struct sdg_error *err);
int env_refuse_short(struct sdg_store *store, struct sdg_error *err);
/** env_cover_file - after a commit: the file as long as it says */
void env_cover_file(const struct sdg_store *store);
int env_open_databases(struct sdg_store *store, bool create,
		       struct sdg_error *err);
/** env_begin - a bare transaction; st_begin() is what others want */
/* Under an open transaction: pages of the map that were read may leave this
 * process; pointers into it stay good. */
void env_release_pages(const struct sdg_store *store);
int env_begin(struct sdg_store *store, bool write, struct MDB_txn **out,
	      struct sdg_error *err);
/** store_make - a store, and its keys, where there is none */
int store_make(struct sdg_store *store, const char *keys_dir,
	       struct sdg_error *err);
/** store_open_files - the environment at the store's path, whatever stands
 *  there now */
int store_open_files(struct sdg_store *store, const char *keys_dir,
		     struct sdg_error *err);
/** themes_load - those the store knows by now; only ever more */
int themes_load(struct txn *t, struct sdg_error *err);
/** txn_check_readers - now and then: free what killed readers hold */
void txn_check_readers(struct sdg_store *store);

/* ------------------------------------------------------------------- hold */

int hold_init(struct sdg_store *store, struct sdg_error *err);
void hold_fini(struct sdg_store *store);
/** hold_share - no swap from here to hold_unshare(); SDG_EAGAIN: one is
 *  under way and takes long */
int hold_share(struct sdg_store *store, struct sdg_error *err);
void hold_unshare(struct sdg_store *store);
/** hold_take - no writer but this handle from here to hold_release() */
int hold_take(struct sdg_store *store, struct sdg_error *err);
void hold_release(struct sdg_store *store);
/** hold_swapped - is another file in the place of the one that is open? */
bool hold_swapped(const struct sdg_store *store);

/* ---------------------------------------------------------------- records */

/* Values are borrowed until the next write or the end of the transaction. */
int st_get(struct txn *t, enum db db, const void *key, size_t key_len,
	   struct bytes *value, struct sdg_error *err);
/** st_put - add or change */
int st_put(struct txn *t, enum db db, const void *key, size_t key_len,
	   const void *value, size_t len, struct sdg_error *err);
/** st_add - a record that is not there; SDG_EDAMAGED when it is */
int st_add(struct txn *t, enum db db, const void *key, size_t key_len,
	   const void *value, size_t len, struct sdg_error *err);
/** st_change - a record just read as @old */
int st_change(struct txn *t, enum db db, const void *key, size_t key_len,
	      struct bytes old, const void *value, size_t len,
	      struct sdg_error *err);
int st_del(struct txn *t, enum db db, const void *key, size_t key_len,
	   struct sdg_error *err);
/** st_beyond - is @id greater than every key of events, or of labels? */
int st_beyond(struct txn *t, enum db db, const uint8_t id[SDG_EVENT_ID_SIZE],
	      bool *beyond, struct sdg_error *err);

struct scan {
	struct txn *t;
	enum db db;
	struct MDB_cursor *cursor;
	bool at_record;
	bool lost;      /* LMDB itself could not go on */
	bool unchecked; /* its user calls st_scan_check() where it matters */
	struct bytes key, value; /* borrowed until the next step or write */
	uint64_t check;          /* as the record has it */
	struct book walked;      /* the records that next showed */
	uint32_t steps;
};
/* Pages are given back every so many records of a walk. */
#define SCAN_RELEASE 8192
int st_scan_open(struct txn *t, enum db db, struct scan *s,
		 struct sdg_error *err);
void st_scan_close(struct scan *s);
/* Each returns 1 (key and value are set), 0 (no such record), or an error. */
int st_scan_seek(struct scan *s, const void *key, size_t key_len,
		 struct sdg_error *err); /* the first at or after it */
int st_scan_next(struct scan *s, struct sdg_error *err); /* from the start */
int st_scan_prev(struct scan *s, struct sdg_error *err); /* from the end */

/** st_scan_check - is the record what was written? For unchecked scans */
int st_scan_check(struct scan *s, struct sdg_error *err);
/** st_scan_complete - did a walk by next alone show all that is kept? */
int st_scan_complete(const struct scan *s, struct sdg_error *err);

static inline bool st_prefixed(struct bytes key, const void *prefix, size_t n)
{
	return key.n >= n && memcmp(key.p, prefix, n) == 0;
}

/* Fill @err for a record that is there but says something impossible. */
int st_damaged(enum db db, struct bytes key, const char *what,
	       struct sdg_error *err);

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
/** set_read - a stored chunk; NULL when it is not one */
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
};

struct event {
	uint8_t id[ID_SIZE];
	struct piece piece;
	uint8_t outcome, kind, evidence, note_kind;
	uint16_t state;                              /* enum event_state */
	uint16_t scores[SDG_THEMES_MAX], kind_score; /* of 65,535 */
	int64_t said, received, revision;
	uint32_t voices, attendance, flags, label_flags, frame_version;
	uint16_t seal_month;
	uint32_t sealed_len; /* all of it */
	struct bytes sealed; /* as much of it as is at hand */
};
#define EVENT_HEADER 89
/** event_counts - does it stand in the tallies? */
static inline bool event_counts(const struct event *event)
{
	return event->outcome == SDG_OUTCOME_COUNTED &&
	       !(event->state & EVENT_ERASED);
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
/** consultation_of - to which @fb belongs; NULL: unknown or closed, and
 *  @reason says so */
const struct sdg_consultation *consultation_of(const struct sdg_store *store,
					       const struct sdg_feedback *fb,
					       const char **reason);
int consultation_write(struct txn *t, const struct sdg_consultation *c,
		       struct sdg_error *err);

/* ------------------------------------------------------------- quarantine */

struct held {
	uint8_t digest[16];
	bool dropped;
	uint16_t consultation, day; /* its row in the ledger */
	int64_t received;
	uint16_t seal_month;
	uint32_t sealed_len;
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
void prepared_free(struct prepared *prepared);
/** event_give - @event, just read, becomes @member's; written, too */
int event_give(struct txn *t, struct tally *tally, const struct event *event,
	       uint32_t member, struct sdg_error *err);
int outcome_of_kind(int kind);
int64_t store_now(void);
/** labels_take - the labels of a classifier into @event */
int labels_take(const struct sdg_labels *labels, const uint8_t *numbers,
		size_t number_count, struct event *event,
		struct sdg_error *err);

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
