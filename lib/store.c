/*
 * The environment: how a store is made, opened and closed, and its
 * transactions.
 *
 * LMDB runs on its default durability alone: a commit writes and syncs the
 * pages, then the meta page. NOSYNC, NOMETASYNC and WRITEMAP are never set,
 * and no database has duplicate keys. This file, store_record.c and
 * store_backup.c are the only ones that know LMDB.
 */
#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <limits.h>
#include <linux/magic.h>
#include <lmdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/vfs.h>
#include <time.h>
#include <unistd.h>

#include "store_internal.h"

/* Address space alone: large enough never to grow while serving. */
#define MAP_MB_DEFAULT (64 * 1024)
#define READERS_MAX 512
#define READER_CHECK_SECONDS 60

static const char *const db_names[DB_COUNT] = {
	[DB_EVENTS] = "events",         [DB_CHUNKS] = "chunks",
	[DB_CELLS] = "cells",           [DB_MONTHS] = "months",
	[DB_MEMBERS] = "members",       [DB_MEMBER_EVENTS] = "member_events",
	[DB_LABELS] = "labels",         [DB_STRAYS] = "strays",
	[DB_DIRECTORY] = "directory",   [DB_CONSULTATIONS] = "consultations",
	[DB_QUARANTINE] = "quarantine", [DB_LEDGER] = "ledger",
	[DB_RELEASES] = "releases",     [DB_META] = "meta",
};

#define META_VERSION "version"
#define META_KEYS "keys"
#define META_BOOKS "books"
#define META_STATE "state"
#define META_THEME "theme" /* + number */
#define STATE_SIZE 20
#define BOOKS_SIZE (16 * DB_COUNT)

const char *st_db_name(enum db db)
{
	return db_names[db];
}

int64_t store_now(void)
{
	return (int64_t)time(NULL);
}

int st_from_mdb(int rc, const char *what, struct sdg_error *err)
{
	switch (rc) {
	case 0:
		return 0;
	case MDB_NOTFOUND:
		return sdg_fail(err, SDG_ENOTFOUND, "%s: not there", what);
	case MDB_MAP_FULL:
		return sdg_fail(err, SDG_EAGAIN,
				"%s: the store's map is full; raise "
				"SOUNDINGS_MAP_MB and start again",
				what);
	case ENOSPC:
	case EDQUOT:
		return sdg_fail(err, SDG_EAGAIN,
				"%s: the disk is full; free some space, "
				"nothing is lost",
				what);
	case MDB_READERS_FULL:
		return sdg_fail(err, SDG_EAGAIN, "%s: too many readers", what);
	case ENOMEM:
		return sdg_fail(err, SDG_ENOMEM, "%s: no memory", what);
	case MDB_VERSION_MISMATCH:
		return sdg_fail(err, SDG_EVERSION,
				"%s: written by another version of LMDB", what);
	case MDB_CORRUPTED:
	case MDB_PAGE_NOTFOUND:
	case MDB_INVALID:
	case MDB_BAD_DBI:
	case MDB_INCOMPATIBLE:
	case MDB_CURSOR_FULL:
		return sdg_fail(err, SDG_EDAMAGED, "%s: the store is damaged",
				what);
	default:
		return sdg_fail(err, SDG_EIO, "%s: %s", what, mdb_strerror(rc));
	}
}

/* LMDB's locks and map are not safe over a network. */
static int refuse_network(const char *path, struct sdg_error *err)
{
	struct statfs fs;

	if (statfs(path, &fs) < 0)
		return sdg_fail_errno(err, "look at \"%s\"", path);
	switch ((unsigned long)fs.f_type & 0xffffffffUL) {
	case NFS_SUPER_MAGIC:
	case SMB_SUPER_MAGIC:
	case 0xff534d42: /* CIFS */
	case 0xfe534d42: /* SMB2 */
	case AFS_SUPER_MAGIC:
	case CODA_SUPER_MAGIC:
	case NCP_SUPER_MAGIC:
	case V9FS_MAGIC:
	case 0x00c36400: /* Ceph */
	case 0x0bd00bd0: /* Lustre */
		return sdg_fail(err, SDG_EINVAL,
				"open store \"%s\": it lies on a network file "
				"system; it must be on a local disk",
				path);
	}
	return 0;
}

static size_t map_bytes(void)
{
	const char *text = getenv("SOUNDINGS_MAP_MB");
	unsigned long mb = text ? strtoul(text, NULL, 10) : 0;

	if (mb == 0 || mb > SIZE_MAX >> 21)
		mb = MAP_MB_DEFAULT;
	return (size_t)mb << 20;
}

static int open_env(struct sdg_store *store, const char *path,
		    struct sdg_error *err)
{
	unsigned flags = MDB_NOTLS;
	int rc;

	if (store->mode == SDG_STORE_READ)
		flags |= MDB_RDONLY;
	rc = mdb_env_create(&store->env);
	if (rc == 0)
		rc = mdb_env_set_mapsize(store->env, map_bytes());
	if (rc == 0)
		rc = mdb_env_set_maxdbs(store->env, DB_COUNT + 4);
	if (rc == 0)
		rc = mdb_env_set_maxreaders(store->env, READERS_MAX);
	if (rc == 0)
		rc = mdb_env_open(store->env, path, flags, 0600);
	return st_from_mdb(rc, "open store", err);
}

/* A map over a file that is too short kills whoever touches its end. */
static int refuse_short(struct sdg_store *store, struct sdg_error *err)
{
	MDB_envinfo info;
	MDB_stat stat;
	struct stat st;
	mdb_filehandle_t fd;
	int rc;

	rc = mdb_env_info(store->env, &info);
	if (rc == 0)
		rc = mdb_env_stat(store->env, &stat);
	if (rc == 0)
		rc = mdb_env_get_fd(store->env, &fd);
	if (rc)
		return st_from_mdb(rc, "open store", err);
	if (fstat(fd, &st) < 0)
		return sdg_fail_errno(err, "look at store \"%s\"", store->path);
	store->inode = st.st_ino;
	store->device = st.st_dev;
	if ((uint64_t)st.st_size / stat.ms_psize <= info.me_last_pgno)
		return sdg_fail(err, SDG_EDAMAGED,
				"open store \"%s\": its file is shorter than "
				"it says; restore a backup",
				store->path);
	return 0;
}

/* LMDB may leave the last pages of a transaction unwritten when they are
 * free again at its end; refuse_short() must not take that for damage. */
static void cover_file(const struct sdg_store *store)
{
	MDB_envinfo info;
	MDB_stat stat;
	struct stat st;
	mdb_filehandle_t fd;
	off_t want;

	if (mdb_env_info(store->env, &info) ||
	    mdb_env_stat(store->env, &stat) || mdb_env_get_fd(store->env, &fd))
		return;
	want = (off_t)(info.me_last_pgno + 1) * stat.ms_psize;
	if (fstat(fd, &st) == 0 && st.st_size < want && ftruncate(fd, want) < 0)
		return; /* a full disk: the next commit will say so */
}

static int begin_mdb(struct sdg_store *store, bool write, MDB_txn **out,
		     struct sdg_error *err)
{
	unsigned flags = write ? 0 : MDB_RDONLY;
	int rc;

	rc = mdb_txn_begin(store->env, NULL, flags, out);
	if (rc == MDB_MAP_RESIZED) {
		/* Another process has a larger map, and has used it. */
		rc = mdb_env_set_mapsize(store->env, 0);
		if (rc == 0)
			rc = mdb_txn_begin(store->env, NULL, flags, out);
	}
	return st_from_mdb(rc, write ? "write to the store" : "read the store",
			   err);
}

static int open_databases(struct sdg_store *store, bool create,
			  struct sdg_error *err)
{
	MDB_txn *mdb;
	int rc;

	rc = begin_mdb(store, create, &mdb, err);
	if (rc < 0)
		return rc;
	for (int db = 0; db < DB_COUNT; db++) {
		rc = mdb_dbi_open(mdb, db_names[db], create ? MDB_CREATE : 0,
				  &store->dbi[db]);
		if (rc == MDB_NOTFOUND)
			rc = MDB_INVALID;
		if (rc) {
			mdb_txn_abort(mdb);
			return st_from_mdb(rc, "open store", err);
		}
	}
	/* Handles opened in a transaction live on only if it commits. */
	return st_from_mdb(mdb_txn_commit(mdb), "open store", err);
}

static int write_books(struct txn *t, struct sdg_error *err)
{
	uint8_t state[STATE_SIZE], books[BOOKS_SIZE];
	int rc;

	put_le(state, t->state.next_member, 4);
	put_le(state + 4, t->state.next_consultation, 2);
	put_le(state + 6, t->state.theme_count, 2);
	put_le(state + 8, (uint64_t)t->state.last_received, 8);
	put_le(state + 16, t->state.matched, 4);
	rc = st_put(t, DB_META, META_STATE, strlen(META_STATE), state,
		    sizeof(state), err);
	if (rc < 0)
		return rc;
	for (int db = 0; db < DB_COUNT; db++) {
		put_le(books + 16 * db, t->books[db].count, 8);
		put_le(books + 16 * db + 8, t->books[db].sum, 8);
	}
	/* The record of the books is not in the books. */
	return st_put(t, DB_META, META_BOOKS, strlen(META_BOOKS), books,
		      sizeof(books), err);
}

static int read_books(struct txn *t, struct sdg_error *err)
{
	struct bytes v;
	int rc;

	rc = st_get(t, DB_META, META_BOOKS, strlen(META_BOOKS), &v, err);
	if (rc == 0 && v.n != BOOKS_SIZE)
		rc = SDG_ENOTFOUND;
	if (rc == SDG_ENOTFOUND)
		return sdg_fail(err, SDG_EDAMAGED,
				"read the store: its books are gone");
	if (rc < 0)
		return rc;
	for (int db = 0; db < DB_COUNT; db++) {
		t->books[db].count = get_le(v.p + 16 * db, 8);
		t->books[db].sum = get_le(v.p + 16 * db + 8, 8);
	}
	rc = st_get(t, DB_META, META_STATE, strlen(META_STATE), &v, err);
	if (rc == 0 && v.n != STATE_SIZE)
		rc = SDG_ENOTFOUND;
	if (rc == SDG_ENOTFOUND)
		return sdg_fail(err, SDG_EDAMAGED,
				"read the store: its state is gone");
	if (rc < 0)
		return rc;
	t->state.next_member = (uint32_t)get_le(v.p, 4);
	t->state.next_consultation = (uint16_t)get_le(v.p + 4, 2);
	t->state.theme_count = (uint16_t)get_le(v.p + 6, 2);
	t->state.last_received = (int64_t)get_le(v.p + 8, 8);
	t->state.matched = (uint32_t)get_le(v.p + 16, 4);
	return 0;
}

static size_t theme_key(uint32_t number, uint8_t key[8])
{
	memcpy(key, META_THEME, 5);
	put_be16(key + 5, number);
	return 7;
}

/* Themes are only ever added, so what a handle knows stays true. */
static int load_themes(struct txn *t, struct sdg_error *err)
{
	struct sdg_store *store = t->store;
	uint8_t key[8];
	struct bytes v;
	int rc;

	while (store->theme_count < t->state.theme_count) {
		uint16_t number = (uint16_t)(store->theme_count + 1);
		size_t n = theme_key(number, key);

		rc = number > THEME_MAX ? SDG_ENOTFOUND
					: st_get(t, DB_META, key, n, &v, err);
		if (rc == SDG_ENOTFOUND)
			return sdg_fail(err, SDG_EDAMAGED,
					"read the store: theme %u is gone",
					number);
		if (rc < 0)
			return rc;
		store->themes[number] = strndup((const char *)v.p, v.n);
		if (!store->themes[number])
			return sdg_fail(err, SDG_ENOMEM,
					"read the store: no memory");
		store->theme_count = number;
	}
	return 0;
}

int st_usable(struct sdg_store *store, bool write, struct sdg_error *err)
{
	if (store->pid != (int)getpid())
		return sdg_fail(err, SDG_EINVAL,
				"use the store: its handle is another "
				"process's; open it after fork");
	if (write && store->mode != SDG_STORE_WRITE)
		return sdg_fail(err, SDG_EINVAL,
				"write to the store: it was opened to read");
	if (store->broken)
		return sdg_fail(err, SDG_EIO,
				"use the store: a commit has failed; end the "
				"process and run \"soundings verify\"");
	return 0;
}

static void check_readers(struct sdg_store *store)
{
	int64_t now = store_now();
	int dead;

	if (now - store->readers_checked < READER_CHECK_SECONDS &&
	    now >= store->readers_checked)
		return;
	store->readers_checked = now;
	/* A reader that was killed would keep old pages for ever. */
	mdb_reader_check(store->env, &dead);
}

static int open_files(struct sdg_store *store, const char *keys_dir,
		      struct sdg_error *err);

/* Another store may stand where the open one stood. Its themes must be
 * those known here, for labels carry their numbers. */
static int reopen(struct sdg_store *store, struct sdg_error *err)
{
	struct sdg_error e = { 0 };
	char *themes[THEME_MAX + 1];
	uint16_t count = store->theme_count;
	struct txn t = { .store = store };
	int rc;

	memcpy(themes, store->themes, sizeof(themes));
	memset(store->themes, 0, sizeof(store->themes));
	store->theme_count = 0;
	store->consultation_book = (struct book){ 0 };
	mdb_env_close(store->env);
	store->env = NULL;
	rc = open_files(store, NULL, &e);
	if (rc == 0)
		rc = begin_mdb(store, false, &t.mdb, &e);
	if (rc == 0)
		rc = read_books(&t, &e);
	if (rc == 0)
		rc = load_themes(&t, &e);
	st_abort(&t);
	for (uint16_t i = 1; rc == 0 && i <= count; i++)
		if (i > store->theme_count ||
		    strcmp(themes[i], store->themes[i]) != 0)
			rc = sdg_fail(&e, SDG_EIO,
				      "the store was replaced by another: "
				      "start again");
	/* Callers may have borrowed the old ones. */
	for (uint16_t i = 1; i <= count; i++) {
		free(store->themes[i]);
		store->themes[i] = themes[i];
	}
	if (rc < 0) {
		store->broken = true;
		return sdg_fail(err, (enum sdg_code)rc, "%s", e.message);
	}
	return 0;
}

/* To the store that is there now; not under an open transaction. */
static int follow(struct sdg_store *store, bool write, struct sdg_error *err)
{
	int rc;

	if (!hold_swapped(store))
		return 0;
	if (store->active > 0)
		return write ? sdg_fail(err, SDG_EAGAIN,
					"write to the store: it was swapped "
					"while it is being read")
			     : 0;
	if (write)
		return reopen(store, err); /* its lock is held already */
	rc = hold_share(store, err);
	if (rc < 0)
		return 0; /* the next swap is under way: the old one does */
	rc = reopen(store, err);
	hold_unshare(store);
	return rc;
}

static int begin(struct sdg_store *store, bool write, struct txn *t,
		 struct sdg_error *err)
{
	int rc = follow(store, write, err);

	if (rc == 0)
		rc = begin_mdb(store, write, &t->mdb, err);
	if (rc < 0)
		return rc;
	store->active++;
	rc = read_books(t, err);
	if (rc == 0 && store->theme_count < t->state.theme_count)
		rc = load_themes(t, err);
	return rc;
}

int st_begin(struct sdg_store *store, bool write, struct txn *t,
	     struct sdg_error *err)
{
	int rc;

	*t = (struct txn){ .store = store, .write = write };
	rc = st_usable(store, write, err);
	if (rc < 0)
		return rc;
	if (write) {
		rc = hold_share(store, err);
		if (rc < 0)
			return rc;
		t->shared = true;
		check_readers(store);
	}
	rc = begin(store, write, t, err);
	if (rc < 0)
		st_abort(t);
	return rc;
}

/* Its end, whichever way: others may swap and write again. */
static void leave(struct txn *t)
{
	if (t->mdb) {
		t->mdb = NULL;
		if (t->store->active > 0)
			t->store->active--;
	}
	if (t->shared)
		hold_unshare(t->store);
	t->shared = false;
}

int st_commit(struct txn *t, struct sdg_error *err)
{
	int rc;

	rc = write_books(t, err);
	if (rc < 0) {
		st_abort(t);
		return rc;
	}
	rc = mdb_txn_commit(t->mdb); /* it is gone even when it failed */
	if (rc == 0)
		cover_file(t->store);
	leave(t);
	if (rc == 0)
		return 0;
	rc = st_from_mdb(rc, "commit to the store", err);
	if (rc != SDG_EAGAIN && rc != SDG_ENOMEM) {
		/* What reached the disk is unknown, and the kernel may by now
		 * call pages clean that never did. */
		t->store->broken = true;
		if (err)
			err->code = SDG_EIO;
		rc = SDG_EIO;
	}
	return rc;
}

void st_abort(struct txn *t)
{
	if (t->mdb)
		mdb_txn_abort(t->mdb);
	leave(t);
}

/* ----------------------------------------------------------------- making */

static int write_version(struct txn *t, struct sdg_error *err)
{
	uint8_t value[4];

	/* Every later layout must keep this: key "version" of database
	 * "meta", its first four bytes the number of the layout. */
	put_le(value, LAYOUT_VERSION, 4);
	return st_add(t, DB_META, META_VERSION, strlen(META_VERSION), value,
		      sizeof(value), err);
}

static int write_first(struct sdg_store *store, struct sdg_error *err)
{
	struct sdg_consultation future = {
		.number = CONSULTATION_FUTURE,
		.id = "future",
		.name = "Your association, your future",
	};
	struct txn t = { .store = store, .write = true };
	uint8_t print[SDG_FINGERPRINT_SIZE];
	int rc;

	rc = begin_mdb(store, true, &t.mdb, err);
	if (rc < 0)
		return rc;
	t.state.next_member = 1;
	t.state.next_consultation = CONSULTATION_FUTURE + 1;
	sdg_keys_fingerprint(store->keys, print);
	rc = write_version(&t, err);
	if (rc == 0)
		rc = st_add(&t, DB_META, META_KEYS, strlen(META_KEYS), print,
			    sizeof(print), err);
	if (rc == 0)
		rc = consultation_write(&t, &future, err);
	if (rc < 0) {
		st_abort(&t);
		return rc;
	}
	return st_commit(&t, err);
}

static int sync_path(const char *path, int flags, struct sdg_error *err)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | flags);
	int rc = 0;

	if (fd < 0)
		return sdg_fail_errno(err, "open \"%s\"", path);
	if (fsync(fd) < 0)
		rc = sdg_fail_errno(err, "sync \"%s\"", path);
	close(fd);
	return rc;
}

static void remove_env(const char *dir)
{
	char path[SDG_PATH_MAX + 32];

	snprintf(path, sizeof(path), "%s/data.mdb", dir);
	unlink(path);
	snprintf(path, sizeof(path), "%s/lock.mdb", dir);
	unlink(path);
	rmdir(dir);
}

/* Into its place, if no other process was faster: a folder can be renamed
 * onto an empty one only. */
static int move_in(const char *from, const char *to, struct sdg_error *err)
{
	char file[SDG_PATH_MAX + 32], parent[SDG_PATH_MAX];
	int rc;

	snprintf(file, sizeof(file), "%s/data.mdb", from);
	rc = sync_path(file, 0, err);
	if (rc == 0)
		rc = sync_path(from, O_DIRECTORY, err);
	if (rc < 0)
		return rc;
	if (rename(from, to) < 0) {
		if (errno != ENOTEMPTY && errno != EEXIST)
			return sdg_fail_errno(err, "make store \"%s\"", to);
		remove_env(from);
	}
	snprintf(parent, sizeof(parent), "%s", to);
	return sync_path(dirname(parent), O_DIRECTORY, err);
}

static int make_store(struct sdg_store *store, const char *keys_dir,
		      struct sdg_error *err)
{
	char dir[SDG_PATH_MAX + 16];
	int rc;

	rc = sdg_keys_open(keys_dir, true, &store->keys, err);
	if (rc < 0)
		return rc;
	snprintf(dir, sizeof(dir), "%s.new-XXXXXX", store->path);
	if (!mkdtemp(dir))
		return sdg_fail_errno(err, "make store \"%s\"", store->path);
	rc = open_env(store, dir, err);
	if (rc == 0)
		rc = open_databases(store, true, err);
	if (rc == 0)
		rc = write_first(store, err);
	mdb_env_close(store->env);
	store->env = NULL;
	if (rc == 0)
		rc = move_in(dir, store->path, err);
	if (rc < 0)
		remove_env(dir);
	return rc;
}

/* ---------------------------------------------------------------- opening */

static int check_version(struct sdg_store *store, struct sdg_error *err)
{
	MDB_val k = { strlen(META_VERSION), (void *)META_VERSION }, v;
	MDB_txn *mdb;
	uint32_t version = 0;
	MDB_dbi meta;
	int rc;

	rc = begin_mdb(store, false, &mdb, err);
	if (rc < 0)
		return rc;
	/* Before any check: another version may make its checks otherwise. */
	rc = mdb_dbi_open(mdb, db_names[DB_META], 0, &meta);
	if (rc == 0)
		rc = mdb_get(mdb, meta, &k, &v);
	if (rc == 0 && v.mv_size >= 4)
		version = (uint32_t)get_le(v.mv_data, 4);
	mdb_txn_abort(mdb);
	if (rc && rc != MDB_NOTFOUND)
		return st_from_mdb(rc, "open store", err);
	if (version == 0)
		return sdg_fail(err, SDG_EDAMAGED,
				"open store \"%s\": it does not say its "
				"version",
				store->path);
	if (version != LAYOUT_VERSION)
		return sdg_fail(err, SDG_EVERSION,
				"open store \"%s\": it is of layout %u, this "
				"program reads layout %u",
				store->path, version, LAYOUT_VERSION);
	return 0;
}

static int check_keys(struct sdg_store *store, struct sdg_error *err)
{
	MDB_val k = { strlen(META_KEYS), (void *)META_KEYS }, v;
	uint8_t print[SDG_FINGERPRINT_SIZE];
	MDB_txn *mdb;
	bool same;
	int rc;

	rc = begin_mdb(store, false, &mdb, err);
	if (rc < 0)
		return rc;
	sdg_keys_fingerprint(store->keys, print);
	rc = mdb_get(mdb, store->dbi[DB_META], &k, &v);
	same = rc == 0 && v.mv_size >= sizeof(print) &&
	       memcmp(v.mv_data, print, sizeof(print)) == 0;
	mdb_txn_abort(mdb);
	if (!same)
		return sdg_fail(err, SDG_EINVAL,
				"open store \"%s\": the keys are not this "
				"store's; restore those it was made with",
				store->path);
	return 0;
}

/* The environment at the store's path, whatever stands there now. */
static int open_files(struct sdg_store *store, const char *keys_dir,
		      struct sdg_error *err)
{
	int rc = open_env(store, store->path, err);

	if (rc == 0)
		rc = refuse_short(store, err);
	if (rc == 0)
		rc = check_version(store, err);
	if (rc == 0 && !store->keys)
		rc = sdg_keys_open(keys_dir, false, &store->keys, err);
	if (rc == 0)
		rc = open_databases(store, false, err);
	if (rc == 0)
		rc = check_keys(store, err);
	return rc;
}

/* 1: there is one; 0: there is none. */
static int exists(const struct sdg_store *store, struct sdg_error *err)
{
	char path[SDG_PATH_MAX + 32];
	struct stat st;

	snprintf(path, sizeof(path), "%s/data.mdb", store->path);
	if (stat(path, &st) < 0) {
		if (errno == ENOENT || errno == ENOTDIR)
			return 0;
		return sdg_fail_errno(err, "look at store \"%s\"", store->path);
	}
	/* LMDB would take an empty file for one to be made. */
	if (st.st_size == 0)
		return sdg_fail(err, SDG_EDAMAGED,
				"open store \"%s\": its file is empty; restore "
				"a backup",
				store->path);
	return 1;
}

static int open_existing(struct sdg_store *store, const char *keys_dir,
			 struct sdg_error *err)
{
	struct txn t;
	int rc;

	rc = refuse_network(store->path, err);
	if (rc == 0)
		rc = hold_init(store, err);
	/* Never half of one store and half of the next. */
	if (rc == 0)
		rc = hold_share(store, err);
	if (rc < 0)
		return rc;
	rc = open_files(store, keys_dir, err);
	hold_unshare(store);
	if (rc == 0)
		rc = st_begin(store, false, &t, err); /* reads the themes */
	if (rc < 0)
		return rc;
	st_abort(&t);
	if (store->mode == SDG_STORE_WRITE)
		check_readers(store);
	return 0;
}

static int prepare_parent(const struct sdg_store *store, struct sdg_error *err)
{
	char parent[SDG_PATH_MAX];
	const char *dir;
	int rc;

	snprintf(parent, sizeof(parent), "%s", store->path);
	dir = dirname(parent);
	rc = sdg_make_dirs(dir, 0700, err);
	return rc < 0 ? rc : refuse_network(dir, err);
}

int sdg_store_open(const struct sdg_home *home, enum sdg_store_mode mode,
		   struct sdg_store **out, struct sdg_error *err)
{
	struct sdg_store *store;
	int rc;

	store = calloc(1, sizeof(*store));
	if (!store)
		return sdg_fail(err, SDG_ENOMEM, "open store: no memory");
	memcpy(store->path, home->store, sizeof(store->path));
	store->mode = mode;
	store->pid = (int)getpid();
	store->gate_fd = store->lock_fd = -1;
	rc = exists(store, err);
	if (rc == 0 && mode == SDG_STORE_READ)
		rc = sdg_fail(err, SDG_ENOTFOUND,
			      "open store \"%s\": there is none yet",
			      store->path);
	if (rc == 0) {
		rc = prepare_parent(store, err);
		if (rc == 0)
			rc = make_store(store, home->keys, err);
	}
	if (rc >= 0)
		rc = open_existing(store, home->keys, err);
	if (rc < 0) {
		sdg_store_close(store);
		return rc;
	}
	*out = store;
	return 0;
}

void sdg_store_close(struct sdg_store *store)
{
	if (!store)
		return;
	/* After fork the locks are the parent's; leave them alone. */
	if (store->env && store->pid == (int)getpid())
		mdb_env_close(store->env);
	hold_fini(store);
	sdg_keys_close(store->keys);
	for (int i = 0; i <= THEME_MAX; i++)
		free(store->themes[i]);
	free(store->consultations);
	tally_free(store->tally);
	prepared_free(store->prepared);
	free(store);
}

int st_open_copy(struct sdg_store *store, const char *dir,
		 struct sdg_store *copy, struct sdg_error *err)
{
	*copy = (struct sdg_store){ .mode = SDG_STORE_READ,
				    .pid = store->pid,
				    .keys = store->keys,
				    .gate_fd = -1,
				    .lock_fd = -1 };
	snprintf(copy->path, sizeof(copy->path), "%s", dir);
	return open_files(copy, NULL, err);
}

void st_close_copy(struct sdg_store *copy)
{
	mdb_env_close(copy->env);
	for (int i = 0; i <= THEME_MAX; i++)
		free(copy->themes[i]);
	free(copy->consultations);
}

/* ----------------------------------------------------------------- themes */

static int theme_number(struct sdg_store *store, struct sdg_str id)
{
	for (int i = 1; i <= store->theme_count; i++)
		if (sdg_str_eq(id, store->themes[i]))
			return i;
	return SDG_ENOTFOUND;
}

static int add_theme(struct txn *t, const char *id, struct sdg_error *err)
{
	struct sdg_store *store = t->store;
	uint16_t number = (uint16_t)(t->state.theme_count + 1);
	uint8_t key[8];
	int rc;

	if (number > THEME_MAX)
		return sdg_fail(err, SDG_EINVAL,
				"add theme \"%s\": a store knows at most %d",
				id, THEME_MAX);
	if (*id == '\0' || strlen(id) > 100)
		return sdg_fail(err, SDG_EINVAL,
				"add a theme: its id is empty or too long");
	rc = st_add(t, DB_META, key, theme_key(number, key), id, strlen(id),
		    err);
	if (rc < 0)
		return rc;
	t->state.theme_count = number;
	free(store->themes[number]);
	store->themes[number] = strdup(id);
	if (!store->themes[number])
		return sdg_fail(err, SDG_ENOMEM, "add a theme: no memory");
	store->theme_count = number;
	return 0;
}

int sdg_store_use_frame(struct sdg_store *store, const char *const *ids,
			size_t n, uint32_t version, struct sdg_error *err)
{
	struct txn t;
	uint16_t known;
	int rc;

	if (n > SDG_FRAME_MAX)
		return sdg_fail(err, SDG_EINVAL,
				"use a frame: more than %d themes",
				SDG_FRAME_MAX);
	rc = st_begin(store, true, &t, err);
	if (rc < 0)
		return rc;
	known = t.state.theme_count;
	for (size_t i = 0; i < n; i++) {
		int number = theme_number(store, sdg_str(ids[i]));

		if (number < 0) {
			rc = add_theme(&t, ids[i], err);
			if (rc < 0)
				goto out;
			number = t.state.theme_count;
		}
		store->frame[i] = (uint8_t)number;
	}
	store->frame_count = n;
	store->frame_version = version;
	if (t.state.theme_count > known)
		rc = st_commit(&t, err);
out:
	st_abort(&t);
	if (rc < 0) /* what was added was not */
		store->theme_count = known;
	return rc;
}

int sdg_store_theme(struct sdg_store *store, struct sdg_str id)
{
	return theme_number(store, id);
}

const char *sdg_store_theme_id(struct sdg_store *store, uint32_t theme)
{
	if (theme == 0 || theme > store->theme_count)
		return "?";
	return store->themes[theme];
}

size_t sdg_store_theme_count(struct sdg_store *store)
{
	return store->theme_count;
}

/* ------------------------------------------------------------- statistics */

int sdg_store_stats(struct sdg_store *store, struct sdg_store_stats *out,
		    struct sdg_error *err)
{
	MDB_envinfo info;
	MDB_stat stat;
	struct statvfs fs;
	struct set *matched;
	struct txn t;
	int rc;

	rc = st_begin(store, false, &t, err);
	if (rc < 0)
		return rc;
	matched = set_new();
	rc = matched_load(&t, matched, err);
	if (rc < 0)
		goto out;
	if (mdb_env_info(store->env, &info) ||
	    mdb_env_stat(store->env, &stat)) {
		rc = sdg_fail(err, SDG_EIO, "ask the store for its size");
		goto out;
	}
	*out = (struct sdg_store_stats){
		.events = t.books[DB_EVENTS].count,
		.members = t.books[DB_MEMBERS].count,
		.matched_members = set_count(matched),
		.directory = t.books[DB_DIRECTORY].count,
		.quarantine = 0,
		.map_bytes = info.me_mapsize,
		.used_bytes = (uint64_t)(info.me_last_pgno + 1) * stat.ms_psize,
		.readers = info.me_numreaders,
		.readers_max = info.me_maxreaders,
		.last_received = t.state.last_received,
	};
	if (statvfs(store->path, &fs) == 0)
		out->free_disk_bytes = (uint64_t)fs.f_bavail * fs.f_frsize;
	rc = held_count(&t, &out->quarantine, err);
out:
	set_free(matched);
	st_abort(&t);
	return rc;
}
