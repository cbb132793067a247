/*
 * Making a store: in a temporary directory, renamed into place when it is
 * whole, since LMDB's own making of a file does not survive a power cut.
 */
#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <lmdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "store_internal.h"

int store_write_version(struct txn *t, struct sdg_error *err)
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

	rc = env_begin(store, true, &t.mdb, err);
	if (rc < 0)
		return rc;
	t.state.next_member = 1;
	t.state.next_consultation = CONSULTATION_FUTURE + 1;
	sdg_keys_fingerprint(store->keys, print);
	rc = store_write_version(&t, err);
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

int store_make(struct sdg_store *store, const char *keys_dir,
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
	rc = env_open(store, dir, err);
	if (rc == 0)
		rc = env_open_databases(store, true, err);
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
