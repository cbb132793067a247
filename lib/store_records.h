/*
 * Records and transactions: the lower half of the store, on which
 * store_pieces.h and store_internal.h build. LMDB's settings and answers
 * are in store_env.c, transactions in store_txn.c, making and opening in
 * store_make.c and store.c, holding writers in store_hold.c, checked records
 * in store_record.c.
 *
 * Keys are big-endian, so that they sort; values little-endian. Internal
 * functions return as public ones do, but st_get() and st_del() leave @err
 * alone when they return SDG_ENOTFOUND: not to be there is often no error.
 */
#ifndef SOUNDINGS_STORE_RECORDS_H
#define SOUNDINGS_STORE_RECORDS_H

#include <string.h>

#include <soundings/keys.h>
#include <soundings/store.h>

struct MDB_env;
struct MDB_txn;
struct MDB_cursor;

#define LAYOUT_VERSION 2

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
	DB_HISTORY,
	DB_META,
	DB_FROZEN, /* since layout 2; a database's number is in its checks */
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
#define ORDINAL_MAX (UINT32_MAX - 2) /* of a member: there is one behind it */

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
	/* The edition under way (store_history.c); 0: none yet. */
	uint16_t edition;
	int64_t edition_began;
	uint32_t edition_version;
};

struct txn {
	struct sdg_store *store;
	struct MDB_txn *mdb;
	bool write;
	bool caches; /* members are remembered between transactions */
	bool shared; /* holds the store's lock with other writers */
	bool fresh;  /* has begun an edition of its own */
	struct book books[DB_COUNT];
	struct state state;
	/* The greatest key of events and of labels, once asked for. */
	struct {
		bool known;
		uint8_t key[SDG_EVENT_ID_SIZE];
	} last[2];
};

struct tally;
struct sdg_prepared;
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
	bool owes;            /* a compaction (store_owed.c) … */
	int owed_fd;          /* … as this says, then */
	int64_t readers_checked;

	char *themes[THEME_MAX + 1]; /* by the store's number; [0] unused */
	uint16_t theme_count;
	uint8_t frame[SDG_FRAME_MAX]; /* position to number */
	size_t frame_count;
	uint32_t frame_version;
	uint32_t known_version; /* one that editions had before the last */

	struct sdg_consultation *consultations;
	size_t consultation_count;
	struct book consultation_book; /* of which they were read */

	uint16_t *frozen; /* months, ascending */
	size_t frozen_count;
	struct book frozen_book; /* of which they were read */

	struct member_cache *cache;    /* of members, likewise */
	struct tally *tally;           /* apply's, kept between batches */
	struct sdg_prepared *prepared; /* likewise */
	sdg_may_fn *may;               /* asked of keys; or NULL */
	void *may_arg;
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

/** txn_read_books - books and state, as they stand where @t begins */
int txn_read_books(struct txn *t, struct sdg_error *err);
/** state_decode - the record of the state; write_books() is the reverse */
int state_decode(struct bytes in, struct state *state, struct sdg_error *err);

/** st_open_copy - a copy of @store in @dir, under the same keys, to read;
 *  st_close_copy() also after failure */
int st_open_copy(struct sdg_store *store, const char *dir,
		 struct sdg_store *copy, struct sdg_error *err);
void st_close_copy(struct sdg_store *copy);

/* ------------------------------------------------------------ environment */

#define META_VERSION "version"
#define META_KEYS "keys"
#define META_BOOKS "books"
#define META_STATE "state"

int env_refuse_network(const char *path, struct sdg_error *err);
/** env_open - LMDB at @path; env_refuse_short() before anything is read. To
 *  write it makes up for a writer who was killed before env_cover_file() */
int env_open(struct sdg_store *store, const char *path, struct sdg_error *err);
int env_refuse_short(struct sdg_store *store, struct sdg_error *err);
/** env_cover_file - after a commit: the file as long as it says */
void env_cover_file(struct sdg_store *store);
int env_open_databases(struct sdg_store *store, bool create,
		       struct sdg_error *err);
/** env_begin - a bare transaction; st_begin() is what others want */
/* Under an open transaction: pages of the map that were read may leave this
 * process; pointers into it stay good. */
void env_release_pages(const struct sdg_store *store);
int env_begin(struct sdg_store *store, bool write, struct MDB_txn **out,
	      struct sdg_error *err);
/** env_begin_beside - to read while another thread uses @store, which must not
 *  move meanwhile: for a moment only. SDG_EAGAIN: not just now */
int env_begin_beside(struct sdg_store *store, struct MDB_txn **out,
		     struct sdg_error *err);
void env_end_beside(struct MDB_txn *mdb);
/** env_hold_still - nobody may read beside until env_let_move() */
void env_hold_still(void);
void env_let_move(void);
/** store_make - a store, and its keys, where there is none */
int store_make(struct sdg_store *store, const char *keys_dir,
	       struct sdg_error *err);
/** store_open_files - the environment at the store's path, whatever stands
 *  there now */
int store_open_files(struct sdg_store *store, const char *keys_dir,
		     struct sdg_error *err);
int store_write_version(struct txn *t, struct sdg_error *err);
/** store_read_version - of an environment just opened, before any check */
int store_read_version(struct sdg_store *store, uint32_t *version,
		       struct sdg_error *err);
int store_refuse_version(const struct sdg_store *store, uint32_t version,
			 struct sdg_error *err); /* SDG_EVERSION, in words */
/** owed_done - a compacted copy is in the store's place, and its writers are
 *  still held; owed_fini - on closing, what is owed stays so */
void owed_done(struct sdg_store *store);
void owed_fini(struct sdg_store *store);
/** owed_copy_path - the folder in which a compacted copy is made */
void owed_copy_path(const struct sdg_store *store, char out[SDG_PATH_MAX + 16]);

/** store_remove_dir, … - the steps of making and swapping (store_backup.c) */
int store_remove_dir(const char *dir, struct sdg_error *err);
int store_sync_copy(const char *dir, struct sdg_error *err);
int store_sync_parent(const char *path, struct sdg_error *err);
/** store_exchange - @fresh in the place of @place, which is removed */
int store_exchange(const char *fresh, const char *place, struct sdg_error *err);
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
	bool lost;               /* LMDB itself could not go on */
	struct bytes key, value; /* borrowed until the next step or write */
	uint8_t
	    before[KEY_MAX]; /* the key of the last step: they are in order */
	size_t before_len;
	uint64_t check;     /* as the record has it */
	struct book walked; /* the records that next showed */
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

/** st_scan_complete - did a walk by next alone show all that is kept? */
int st_scan_complete(const struct scan *s, struct sdg_error *err);

/* 0: go on; any other value ends the walk and is its result. */
typedef int st_record_fn(void *arg, const struct scan *s,
			 struct sdg_error *err);
/** st_each - @fn for every record of @db; damage when there should be more */
int st_each(struct txn *t, enum db db, st_record_fn *fn, void *arg,
	    struct sdg_error *err);

static inline bool st_prefixed(struct bytes key, const void *prefix, size_t n)
{
	return key.n >= n && memcmp(key.p, prefix, n) == 0;
}

/* Fill @err for a record that is there but says something impossible. */
int st_damaged(enum db db, struct bytes key, const char *what,
	       struct sdg_error *err);

#endif
