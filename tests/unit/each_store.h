/*
 * each_store: each call of LMDB, each allocation and each call about files
 * that an operation of the store makes fails once, one after the other. The
 * operation says so, changes nothing, and succeeds when it is asked again.
 * For the linker: EACH_STORE_CALLS in CMakeLists.txt.
 */
#ifndef EACH_STORE_H
#define EACH_STORE_H

#include <lmdb.h>
#include <roaring/roaring.h>

#include "each_file.h"
#include "store_help.h"

#define EACH_LMDB(name, parameters, arguments)                                 \
	EACH_WRAP(CALL, int, EIO, name, parameters, arguments)
/* Asked after a commit, too, where nothing depends on the answer. */
#define EACH_SIZE(name, parameters, arguments)                                 \
	EACH_WRAP(FILES, int, EIO, name, parameters, arguments)
EACH_LMDB(mdb_env_create, (MDB_env * *e), (e))
EACH_LMDB(mdb_env_set_mapsize, (MDB_env * e, size_t n), (e, n))
EACH_LMDB(mdb_env_set_maxdbs, (MDB_env * e, MDB_dbi n), (e, n))
EACH_LMDB(mdb_env_set_maxreaders, (MDB_env * e, unsigned n), (e, n))
EACH_LMDB(mdb_env_open, (MDB_env * e, const char *p, unsigned f, mode_t m),
	  (e, p, f, m))
EACH_SIZE(mdb_env_info, (MDB_env * e, MDB_envinfo *i), (e, i))
EACH_SIZE(mdb_env_stat, (MDB_env * e, MDB_stat *s), (e, s))
EACH_SIZE(mdb_env_get_fd, (MDB_env * e, mdb_filehandle_t *f), (e, f))
EACH_LMDB(mdb_env_copy2, (MDB_env * e, const char *p, unsigned f), (e, p, f))
EACH_LMDB(mdb_txn_begin, (MDB_env * e, MDB_txn *p, unsigned f, MDB_txn **t),
	  (e, p, f, t))
EACH_LMDB(mdb_dbi_open, (MDB_txn * t, const char *n, unsigned f, MDB_dbi *d),
	  (t, n, f, d))
EACH_LMDB(mdb_get, (MDB_txn * t, MDB_dbi d, MDB_val *k, MDB_val *v),
	  (t, d, k, v))
EACH_LMDB(mdb_put, (MDB_txn * t, MDB_dbi d, MDB_val *k, MDB_val *v, unsigned f),
	  (t, d, k, v, f))
EACH_LMDB(mdb_del, (MDB_txn * t, MDB_dbi d, MDB_val *k, MDB_val *v),
	  (t, d, k, v))
EACH_LMDB(mdb_cursor_open, (MDB_txn * t, MDB_dbi d, MDB_cursor **c), (t, d, c))
EACH_LMDB(mdb_cursor_get,
	  (MDB_cursor * c, MDB_val *k, MDB_val *v, MDB_cursor_op op),
	  (c, k, v, op))

/* A commit that fails has freed its transaction all the same. */
int __real_mdb_txn_commit(MDB_txn *txn);
int __wrap_mdb_txn_commit(MDB_txn *txn);
int __wrap_mdb_txn_commit(MDB_txn *txn)
{
	if (!fails(CALL))
		return __real_mdb_txn_commit(txn);
	mdb_txn_abort(txn);
	return EIO;
}

#define EACH_SET(type, name, parameters, arguments)                            \
	EACH_WRAP(MEMORY, type, NULL, name, parameters, arguments)
EACH_SET(roaring_bitmap_t *, roaring_bitmap_create, (void), ())
EACH_SET(roaring_bitmap_t *, roaring_bitmap_portable_deserialize_safe,
	 (const char *b, size_t n), (b, n))
EACH_SET(roaring_bitmap_t *, roaring_bitmap_from_range,
	 (uint64_t a, uint64_t b, uint32_t s), (a, b, s))
EACH_SET(roaring_bitmap_t *, roaring_bitmap_and,
	 (const roaring_bitmap_t *a, const roaring_bitmap_t *b), (a, b))
EACH_SET(roaring_bitmap_t *, roaring_bitmap_andnot,
	 (const roaring_bitmap_t *a, const roaring_bitmap_t *b), (a, b))

struct each_op {
	const char *name;
	int (*run)(struct help *h);
};

struct each_seen {
	struct sdg_ledger ledger;
	struct sdg_measures totals;
};

static struct each_seen each_look(struct help *h)
{
	struct each_seen seen;

	memset(&seen, 0, sizeof(seen));
	seen.ledger = help_ledger(h);
	seen.totals = help_totals(h);
	return seen;
}

/* After a commit that failed the handle is done for, as a worker would be. */
static void each_mend(struct help *h)
{
	struct sdg_ledger out;

	if (sdg_store_ledger(h->store, &out, &h->err) < 0)
		help_reopen(h);
}

static inline unsigned long each_run(struct help *h, const struct each_op *op,
				     int what)
{
	struct each_seen before = each_look(h), after;
	unsigned long n;
	int rc;

	for (n = 1;; n++) {
		each_begin(what, n);
		rc = op->run(h);
		if (!each_end())
			break;
		/* What is merely tidied up afterwards may fail unsaid. */
		if (rc == 0 && what == CALL)
			fail_msg("%s: call %lu of LMDB failed and nobody said",
				 op->name, n);
		if (rc == 0) {
			before = each_look(h);
			continue;
		}
		if (!h->err.message[0])
			fail_msg("%s: call %lu: no words", op->name, n);
		each_mend(h);
		after = each_look(h);
		if (memcmp(&before, &after, sizeof(before)) != 0)
			fail_msg("%s: call %lu changed something", op->name, n);
	}
	if (rc < 0)
		fail_msg("%s: %s", op->name, h->err.message);
	return n - 1;
}

#endif
