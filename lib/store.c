/*
 * Opening and closing a store, and what it says of itself.
 */
#include <errno.h>
#include <libgen.h>
#include <lmdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "store_internal.h"

int store_read_version(struct sdg_store *store, uint32_t *version,
		       struct sdg_error *err)
{
	MDB_val k = { strlen(META_VERSION), (void *)META_VERSION }, v;
	MDB_txn *mdb;
	MDB_dbi meta;
	int rc;

	*version = 0;
	rc = env_begin(store, false, &mdb, err);
	if (rc < 0)
		return rc;
	/* Before any check: another version may make its checks otherwise. */
	rc = mdb_dbi_open(mdb, st_db_name(DB_META), 0, &meta);
	if (rc == 0)
		rc = mdb_get(mdb, meta, &k, &v);
	if (rc == 0 && v.mv_size >= 4)
		*version = (uint32_t)get_le(v.mv_data, 4);
	mdb_txn_abort(mdb);
	if (rc && rc != MDB_NOTFOUND)
		return st_from_mdb(rc, "open store", err);
	if (*version == 0)
		return sdg_fail(err, SDG_EDAMAGED,
				"open store \"%s\": it does not say its "
				"version",
				store->path);
	return 0;
}

int store_refuse_version(const struct sdg_store *store, uint32_t version,
			 struct sdg_error *err)
{
	return sdg_fail(err, SDG_EVERSION,
			version < LAYOUT_VERSION
			    ? "open store \"%s\": it is of layout %u, this "
			      "program reads layout %u; \"soundings upgrade\" "
			      "brings it over"
			    : "open store \"%s\": it is of layout %u, this "
			      "program reads layout %u; install the newer one",
			store->path, version, LAYOUT_VERSION);
}

static int check_version(struct sdg_store *store, struct sdg_error *err)
{
	uint32_t version;
	int rc = store_read_version(store, &version, err);

	if (rc == 0 && version != LAYOUT_VERSION)
		rc = store_refuse_version(store, version, err);
	return rc;
}

static int check_keys(struct sdg_store *store, struct sdg_error *err)
{
	MDB_val k = { strlen(META_KEYS), (void *)META_KEYS }, v;
	uint8_t print[SDG_FINGERPRINT_SIZE];
	MDB_txn *mdb;
	bool same;
	int rc;

	rc = env_begin(store, false, &mdb, err);
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

/* A store whose keys are gone is not a store that is not there. */
static int open_keys(struct sdg_store *store, const char *dir,
		     struct sdg_error *err)
{
	struct sdg_error why = { 0 };
	int rc = sdg_keys_open(dir, false, &store->keys, &why);

	if (rc == SDG_ENOTFOUND)
		return sdg_fail(err, SDG_EINVAL,
				"%s; there is a store, so bring back the keys "
				"it was made with ('soundings backup --keys' "
				"made copies)",
				why.message);
	return rc < 0 ? sdg_fail(err, rc, "%s", why.message) : 0;
}

/* The environment at the store's path, whatever stands there now. */
int store_open_files(struct sdg_store *store, const char *keys_dir,
		     struct sdg_error *err)
{
	int rc = env_open(store, store->path, err);

	if (rc == 0)
		rc = env_refuse_short(store, err);
	if (rc == 0)
		rc = check_version(store, err);
	if (rc == 0 && !store->keys)
		rc = open_keys(store, keys_dir, err);
	if (rc == 0)
		rc = env_open_databases(store, false, err);
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

	rc = env_refuse_network(store->path, err);
	if (rc == 0)
		rc = hold_init(store, err);
	/* Never half of one store and half of the next. */
	if (rc == 0)
		rc = hold_share(store, err);
	if (rc < 0)
		return rc;
	rc = store_open_files(store, keys_dir, err);
	hold_unshare(store);
	if (rc == 0)
		rc = st_begin(store, false, &t, err); /* reads the themes */
	if (rc < 0)
		return rc;
	st_abort(&t);
	if (store->mode == SDG_STORE_WRITE)
		txn_check_readers(store);
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
	return rc < 0 ? rc : env_refuse_network(dir, err);
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
	store->mode = mode == SDG_STORE_READ ? SDG_STORE_READ : SDG_STORE_WRITE;
	store->pid = (int)getpid();
	store->gate_fd = store->lock_fd = -1;
	rc = exists(store, err);
	if (rc == 0 && mode != SDG_STORE_WRITE)
		rc = sdg_fail(err, SDG_ENOTFOUND,
			      "open store \"%s\": there is none yet",
			      store->path);
	if (rc == 0) {
		rc = prepare_parent(store, err);
		if (rc == 0)
			rc = store_make(store, home->keys, err);
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
	owed_fini(store);
	sdg_keys_close(store->keys);
	for (int i = 0; i <= THEME_MAX; i++)
		free(store->themes[i]);
	free(store->consultations);
	free(store->frozen);
	member_cache_free(store->cache);
	tally_free(store->tally);
	sdg_prepared_free(store->prepared);
	free(store);
}

void sdg_store_follow_keys(struct sdg_store *store)
{
	sdg_keys_refresh(store->keys);
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
	return store_open_files(copy, NULL, err);
}

void st_close_copy(struct sdg_store *copy)
{
	mdb_env_close(copy->env);
	for (int i = 0; i <= THEME_MAX; i++)
		free(copy->themes[i]);
	free(copy->consultations);
	free(copy->frozen);
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
