/*
 * Copies of the store: for a backup, for compaction after an erasure, and
 * putting one in the store's place.
 *
 * The place of a store is swapped by one rename, which either happened or
 * did not: whoever dies here leaves the old store or the new one. What is
 * left over beside it is removed by the next who comes this way.
 */
#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <lmdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <soundings/store_copies.h>

#include "store_internal.h"

static int sync_path(const char *path, int flags, struct sdg_error *err)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | flags);
	int rc = 0;

	if (fd < 0 || fsync(fd) != 0)
		rc = sdg_fail_errno(err, "sync \"%s\"", path);
	if (fd >= 0)
		close(fd);
	return rc;
}

int store_sync_copy(const char *dir, struct sdg_error *err)
{
	char file[SDG_PATH_MAX + 32];
	int rc;

	snprintf(file, sizeof(file), "%s/data.mdb", dir);
	rc = sync_path(file, 0, err);
	return rc < 0 ? rc : sync_path(dir, O_DIRECTORY, err);
}

/* The folder that @path stands in: its name must last. */
int store_sync_parent(const char *path, struct sdg_error *err)
{
	char parent[SDG_PATH_MAX];

	snprintf(parent, sizeof(parent), "%s", path);
	return sync_path(dirname(parent), O_DIRECTORY, err);
}

static int copy_env(struct sdg_store *store, const char *dir,
		    struct sdg_error *err)
{
	struct txn t;
	int rc = st_begin(store, false, &t, err); /* follows a swap */

	if (rc < 0)
		return rc;
	st_abort(&t);
	rc = mdb_env_copy2(store->env, dir, MDB_CP_COMPACT);
	if (rc != 0)
		return st_from_mdb(rc, "copy the store", err);
	return store_sync_copy(dir, err);
}

int sdg_store_backup(struct sdg_store *store, const char *dir,
		     struct sdg_error *err)
{
	return copy_env(store, dir, err);
}

int store_remove_dir(const char *dir, struct sdg_error *err)
{
	static const char *const names[] = { "data.mdb", "lock.mdb" };
	char path[SDG_PATH_MAX + 64];

	for (size_t i = 0; i < 2; i++) {
		snprintf(path, sizeof(path), "%s/%s", dir, names[i]);
		if (unlink(path) != 0 && errno != ENOENT && errno != ENOTDIR)
			return sdg_fail_errno(err, "remove \"%s\"", path);
	}
	if (rmdir(dir) != 0 && errno != ENOENT)
		return sdg_fail_errno(err, "remove \"%s\"", dir);
	return 0;
}

int store_exchange(const char *fresh, const char *place, struct sdg_error *err)
{
	int rc;

	if (renameat2(AT_FDCWD, fresh, AT_FDCWD, place, RENAME_EXCHANGE) != 0)
		return sdg_fail_errno(err, "put \"%s\" in place", fresh);
	rc = store_sync_parent(place, err);
	/* What was there is now where the fresh one was. */
	if (rc == 0)
		rc = store_remove_dir(fresh, err);
	return rc < 0 ? rc : store_sync_parent(place, err);
}

/* The copy must open, with these keys, and have the same books. */
static int check_copy(struct sdg_store *store, const char *dir,
		      struct sdg_error *err)
{
	struct sdg_store copy = { .mode = SDG_STORE_READ };
	struct txn a = { 0 }, b = { 0 };
	int rc;

	rc = st_open_copy(store, dir, &copy, err);
	if (rc == 0)
		rc = st_begin(&copy, false, &a, err);
	if (rc == 0)
		rc = st_begin(store, false, &b, err);
	if (rc == 0 && memcmp(a.books, b.books, sizeof(a.books)) != 0)
		rc = sdg_fail(err, SDG_EDAMAGED,
			      "copy the store: the copy is not the store");
	if (a.store)
		st_abort(&a);
	if (b.store)
		st_abort(&b);
	st_close_copy(&copy);
	return rc;
}

static int compact(struct sdg_store *store, struct sdg_error *err)
{
	char dir[SDG_PATH_MAX + 16];
	int rc;

	owed_copy_path(store, dir);
	/* What one who died here left. */
	rc = store_remove_dir(dir, err);
	if (rc == 0 && mkdir(dir, 0700) != 0)
		rc = sdg_fail_errno(err, "make folder \"%s\"", dir);
	if (rc == 0)
		rc = copy_env(store, dir, err);
	if (rc == 0)
		rc = check_copy(store, dir, err);
	if (rc == 0)
		return store_exchange(dir, store->path, err);
	store_remove_dir(dir, NULL);
	return rc;
}

int sdg_store_compact(struct sdg_store *store, struct sdg_error *err)
{
	bool owed;
	int rc = st_usable(store, true, err);

	if (rc == 0)
		rc = sdg_store_owe_compaction(store, &owed, err);
	if (rc == 0)
		rc = hold_take(store, err);
	if (rc < 0)
		return rc;
	rc = compact(store, err);
	/* Nobody has erased since the copy was made, nor does now. */
	if (rc == 0)
		owed_done(store);
	hold_release(store);
	return rc;
}

int sdg_store_replace(const struct sdg_home *home, const char *dir,
		      struct sdg_error *err)
{
	/* Locks alone: what is there may not even open. */
	struct sdg_store place = { .mode = SDG_STORE_WRITE,
				   .gate_fd = -1,
				   .lock_fd = -1 };
	int rc;

	memcpy(place.path, home->store, sizeof(place.path));
	rc = hold_init(&place, err);
	if (rc == 0)
		rc = hold_take(&place, err);
	if (rc < 0)
		goto out;
	rc = store_sync_copy(dir, err);
	if (rc == 0 && mkdir(home->store, 0700) != 0 && errno != EEXIST)
		rc = sdg_fail_errno(err, "make folder \"%s\"", home->store);
	if (rc == 0)
		rc = store_exchange(dir, home->store, err);
	hold_release(&place);
out:
	hold_fini(&place);
	return rc;
}
