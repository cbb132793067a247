/*
 * A store of an older layout brought to this one.
 *
 * Each record of the old store proves itself by the check it was given then
 * and is written into a new one as it is kept today; the new store is
 * recounted from its events before it takes the old one's place, by the one
 * rename that a compacted copy takes it by, with the writers held. The old
 * file stays beside it under the name of its layout.
 *
 * Whoever changes the layout says here what becomes of each record, and
 * saves a store of the last one by tests/data/stores/make.
 */
#include <errno.h>
#include <glob.h>
#include <lmdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "store_internal.h"

#define OLDEST_LAYOUT 1
#define OLD_DB_COUNT DB_FROZEN /* layout 1 had those before it */
#define STEP_RECORDS 50000     /* between two commits */

struct upgrade {
	struct sdg_store *place; /* of the old store: its locks, its keys */
	struct sdg_store old, fresh;
	char dir[SDG_PATH_MAX + 16];
	MDB_txn *from;
	struct txn to;
	struct book books[OLD_DB_COUNT]; /* as the records were found */
	uint32_t pending;
};

/* SipHash-2-4 over database, length of the key, key and value: layout 1. */
static bool proves_itself(const struct upgrade *u, enum db db, MDB_val key,
			  MDB_val value)
{
	uint8_t frame[3 + KEY_MAX + RECORD_MAX];
	size_t n = value.mv_size - CHECK_SIZE;

	frame[0] = (uint8_t)db;
	put_be16(frame + 1, (uint32_t)key.mv_size);
	memcpy(frame + 3, key.mv_data, key.mv_size);
	memcpy(frame + 3 + key.mv_size, value.mv_data, n);
	return sdg_keys_check(u->place->keys, frame, 3 + key.mv_size + n) ==
	       get_le((uint8_t *)value.mv_data + n, CHECK_SIZE);
}

static bool is_named(MDB_val key, const char *name)
{
	return key.mv_size == strlen(name) &&
	       memcmp(key.mv_data, name, key.mv_size) == 0;
}

static int next_step(struct upgrade *u, bool last, struct sdg_error *err)
{
	int rc = st_commit(&u->to, err);

	u->pending = 0;
	if (rc < 0 || last)
		return rc;
	rc = env_begin(&u->fresh, true, &u->to.mdb, err);
	return rc < 0 ? rc : txn_read_books(&u->to, err);
}

/* What becomes of one record, proved and without its check. */
static int bring(struct upgrade *u, enum db db, MDB_val key, MDB_val value,
		 struct sdg_error *err)
{
	if (db == DB_META &&
	    (is_named(key, META_VERSION) || is_named(key, META_BOOKS) ||
	     is_named(key, META_STATE)))
		return 0; /* this layout writes its own */
	return st_add(&u->to, db, key.mv_data, key.mv_size, value.mv_data,
		      value.mv_size, err);
}

static int bring_record(struct upgrade *u, enum db db, MDB_val key,
			MDB_val value, struct sdg_error *err)
{
	const struct bytes k = { key.mv_data, key.mv_size };
	int rc;

	if (key.mv_size > KEY_MAX || value.mv_size < CHECK_SIZE ||
	    value.mv_size > RECORD_MAX || !proves_itself(u, db, key, value))
		return st_damaged(db, k, "not what was written", err);
	value.mv_size -= CHECK_SIZE;
	if (db != DB_META || !is_named(key, META_BOOKS)) {
		u->books[db].count++;
		u->books[db].sum += get_le(
		    (uint8_t *)value.mv_data + value.mv_size, CHECK_SIZE);
	}
	rc = bring(u, db, key, value, err);
	if (rc == 0 && ++u->pending >= STEP_RECORDS)
		rc = next_step(u, false, err);
	return rc;
}

static int bring_database(struct upgrade *u, enum db db, struct sdg_error *err)
{
	MDB_cursor *cursor;
	MDB_val key, value;
	int rc, got = mdb_cursor_open(u->from, u->old.dbi[db], &cursor);

	if (got)
		return st_from_mdb(got, "read the older store", err);
	rc = 0;
	while (rc == 0 &&
	       (got = mdb_cursor_get(cursor, &key, &value, MDB_NEXT)) == 0)
		rc = bring_record(u, db, key, value, err);
	mdb_cursor_close(cursor);
	if (rc == 0 && got != MDB_NOTFOUND)
		rc = st_from_mdb(got, "read the older store", err);
	return rc;
}

static int old_record(struct upgrade *u, const char *name, MDB_val *value,
		      struct sdg_error *err)
{
	MDB_val key = { strlen(name), (void *)(uintptr_t)name };
	int rc = mdb_get(u->from, u->old.dbi[DB_META], &key, value);

	if (rc)
		return st_from_mdb(rc, "read the older store", err);
	if (value->mv_size < CHECK_SIZE ||
	    !proves_itself(u, DB_META, key, *value))
		return st_damaged(DB_META,
				  (struct bytes){ key.mv_data, key.mv_size },
				  "not what was written", err);
	value->mv_size -= CHECK_SIZE;
	return 0;
}

/* Records that the old store no longer showed must not be passed over. */
static int compare_books(struct upgrade *u, struct sdg_error *err)
{
	MDB_val books;
	int rc = old_record(u, META_BOOKS, &books, err);

	if (rc == 0 && books.mv_size != sizeof(uint64_t) * 2 * OLD_DB_COUNT)
		rc = sdg_fail(err, SDG_EDAMAGED,
			      "upgrade the store: its books are not books");
	for (int db = 0; rc == 0 && db < OLD_DB_COUNT; db++) {
		const uint8_t *p = (uint8_t *)books.mv_data + 16 * (size_t)db;

		if (get_le(p, 8) != u->books[db].count ||
		    get_le(p + 8, 8) != u->books[db].sum)
			rc = sdg_fail(err, SDG_EDAMAGED,
				      "upgrade the store: not all of its %s is "
				      "shown; restore a backup",
				      st_db_name((enum db)db));
	}
	return rc;
}

static int open_old_database(struct upgrade *u, enum db db,
			     struct sdg_error *err)
{
	int rc = mdb_dbi_open(u->from, st_db_name(db), 0, &u->old.dbi[db]);

	/* Before there was a history its place was this one's, empty. */
	if (rc == MDB_NOTFOUND && db == DB_HISTORY)
		rc = mdb_dbi_open(u->from, "releases", 0, &u->old.dbi[db]);
	return st_from_mdb(rc, "read the older store", err);
}

static int open_old(struct upgrade *u, struct sdg_error *err)
{
	MDB_val keys;
	uint8_t print[SDG_FINGERPRINT_SIZE];
	int rc;

	u->old.mode = SDG_STORE_READ;
	memcpy(u->old.path, u->place->path, sizeof(u->old.path));
	rc = env_open(&u->old, u->old.path, err);
	if (rc == 0)
		rc = env_refuse_short(&u->old, err);
	if (rc == 0)
		rc = env_begin(&u->old, false, &u->from, err);
	for (int db = 0; rc == 0 && db < OLD_DB_COUNT; db++)
		rc = open_old_database(u, (enum db)db, err);
	if (rc == 0)
		rc = old_record(u, META_KEYS, &keys, err);
	sdg_keys_fingerprint(u->place->keys, print);
	if (rc == 0 && (keys.mv_size != sizeof(print) ||
			memcmp(keys.mv_data, print, sizeof(print)) != 0))
		rc = sdg_fail(err, SDG_EINVAL,
			      "upgrade the store: the keys are not its own");
	return rc;
}

static int make_fresh(struct upgrade *u, struct sdg_error *err)
{
	MDB_val state;
	int rc = store_remove_dir(u->dir, err);

	if (rc == 0 && mkdir(u->dir, 0700) != 0)
		rc = sdg_fail_errno(err, "make folder \"%s\"", u->dir);
	snprintf(u->fresh.path, sizeof(u->fresh.path), "%.*s", SDG_PATH_MAX - 1,
		 u->dir);
	u->fresh.mode = SDG_STORE_WRITE;
	u->fresh.pid = (int)getpid();
	u->fresh.keys = u->place->keys;
	u->fresh.gate_fd = u->fresh.lock_fd = -1;
	if (rc == 0)
		rc = env_open(&u->fresh, u->dir, err);
	if (rc == 0)
		rc = env_open_databases(&u->fresh, true, err);
	if (rc == 0)
		rc = old_record(u, META_STATE, &state, err);
	u->to = (struct txn){ .store = &u->fresh, .write = true };
	if (rc == 0)
		rc =
		    state_decode((struct bytes){ state.mv_data, state.mv_size },
				 &u->to.state, err);
	if (rc == 0)
		rc = env_begin(&u->fresh, true, &u->to.mdb, err);
	if (rc == 0)
		rc = store_write_version(&u->to, err);
	return rc;
}

static int bring_all(struct upgrade *u, struct sdg_error *err)
{
	int rc = open_old(u, err);

	if (rc == 0)
		rc = make_fresh(u, err);
	for (int db = 0; rc == 0 && db < OLD_DB_COUNT; db++)
		rc = bring_database(u, (enum db)db, err);
	if (rc == 0)
		rc = compare_books(u, err);
	if (rc == 0)
		rc = next_step(u, true, err);
	return rc;
}

static void first_fault(void *arg, const char *what)
{
	char **first = arg;

	if (!*first)
		*first = strdup(what);
}

static int recount(struct upgrade *u, struct sdg_error *err)
{
	struct sdg_verify verify;
	char *first = NULL;
	int rc = env_refuse_short(&u->fresh, err);

	if (rc == 0)
		rc = sdg_store_verify(&u->fresh, first_fault, &first, &verify,
				      err);
	if (rc == 0 && verify.faults)
		rc = sdg_fail(err, SDG_EDAMAGED,
			      "upgrade the store: it does not agree with "
			      "itself: %s",
			      first ? first : "?");
	free(first);
	return rc;
}

/* A second name for the old file, so that it stays when the swap removes
 * what was in the way; whoever dies here leaves one name too many at worst. */
static int keep_old(struct upgrade *u, uint32_t version,
		    char kept[SDG_PATH_MAX], struct sdg_error *err)
{
	char from[SDG_PATH_MAX + 32], to[SDG_PATH_MAX + 32];
	int n = snprintf(kept, SDG_PATH_MAX, "%s.layout-%u", u->place->path,
			 version);
	int rc;

	if (n < 0 || n >= SDG_PATH_MAX)
		return sdg_fail(err, SDG_EINVAL,
				"upgrade the store: its path is too long");
	rc = store_remove_dir(kept, err);
	if (rc < 0)
		return rc;
	snprintf(from, sizeof(from), "%s/data.mdb", u->place->path);
	snprintf(to, sizeof(to), "%s/data.mdb", kept);
	if (mkdir(kept, 0700) != 0 || link(from, to) != 0)
		return sdg_fail_errno(err, "keep the older store as \"%s\"",
				      kept);
	return 0;
}

static void upgrade_fini(struct upgrade *u)
{
	st_abort(&u->to);
	if (u->from)
		mdb_txn_abort(u->from);
	mdb_env_close(u->old.env);
	st_close_copy(&u->fresh);
}

static int upgrade(struct sdg_store *place, uint32_t version,
		   char kept[SDG_PATH_MAX], struct sdg_error *err)
{
	struct upgrade u = { .place = place };
	int rc;

	snprintf(u.dir, sizeof(u.dir), "%s.upgrade", place->path);
	rc = bring_all(&u, err);
	if (rc == 0)
		rc = recount(&u, err);
	upgrade_fini(&u);
	if (rc == 0)
		rc = store_sync_copy(u.dir, err);
	if (rc == 0)
		rc = keep_old(&u, version, kept, err);
	if (rc == 0)
		rc = store_exchange(u.dir, place->path, err);
	else
		store_remove_dir(u.dir, NULL);
	return rc;
}

/* The layout of what stands there. */
static int layout_of(struct sdg_store *place, uint32_t *version,
		     struct sdg_error *err)
{
	/* To write: what a killed writer left undone is made up for here. */
	struct sdg_store look = { .mode = SDG_STORE_WRITE };
	int rc;

	memcpy(look.path, place->path, sizeof(look.path));
	rc = env_open(&look, look.path, err);
	if (rc == 0)
		rc = env_refuse_short(&look, err);
	if (rc == 0)
		rc = store_read_version(&look, version, err);
	mdb_env_close(look.env);
	return rc;
}

int sdg_store_upgrade(const struct sdg_home *home, char kept[SDG_PATH_MAX],
		      struct sdg_error *err)
{
	struct sdg_store place = { .mode = SDG_STORE_WRITE,
				   .gate_fd = -1,
				   .lock_fd = -1 };
	char file[SDG_PATH_MAX + 32];
	uint32_t version = 0;
	int rc;

	*kept = '\0';
	memcpy(place.path, home->store, sizeof(place.path));
	snprintf(file, sizeof(file), "%s/data.mdb", home->store);
	if (access(file, F_OK) != 0)
		return errno == ENOENT || errno == ENOTDIR
			   ? 0
			   : sdg_fail_errno(err, "look at store \"%s\"",
					    home->store);
	rc = layout_of(&place, &version, err);
	if (rc < 0 || version == LAYOUT_VERSION)
		return rc;
	rc = hold_init(&place, err);
	if (rc == 0)
		rc = hold_take(&place, err);
	if (rc < 0)
		goto out;
	rc =
	    layout_of(&place, &version, err); /* another may have been faster */
	if (rc == 0 && (version < OLDEST_LAYOUT || version > LAYOUT_VERSION))
		rc = store_refuse_version(&place, version, err);
	if (rc == 0 && version != LAYOUT_VERSION) {
		rc = sdg_keys_open(home->keys, false, &place.keys, err);
		if (rc == 0)
			rc = upgrade(&place, version, kept, err);
	}
	hold_release(&place);
out:
	hold_fini(&place);
	sdg_keys_close(place.keys);
	return rc;
}

static int drop_one(const char *dir, int64_t limit, bool dry_run, size_t *n,
		    struct sdg_error *err)
{
	struct stat st;

	/* The folder is as old as the upgrade; the file is older. */
	if (stat(dir, &st) != 0 || !S_ISDIR(st.st_mode) || st.st_mtime > limit)
		return 0;
	(*n)++;
	return dry_run ? 0 : store_remove_dir(dir, err);
}

int sdg_store_drop_kept(const struct sdg_home *home, int64_t limit,
			bool dry_run, size_t *n, struct sdg_error *err)
{
	char pattern[SDG_PATH_MAX + 16];
	glob_t found;
	int rc = 0, got;

	*n = 0;
	snprintf(pattern, sizeof(pattern), "%s.layout-*", home->store);
	got = glob(pattern, GLOB_NOSORT, NULL, &found);
	if (got == GLOB_NOMATCH)
		return 0;
	if (got)
		return sdg_fail(err, SDG_EIO, "look for older stores");
	for (size_t i = 0; rc == 0 && i < found.gl_pathc; i++)
		rc = drop_one(found.gl_pathv[i], limit, dry_run, n, err);
	globfree(&found);
	return rc;
}
