/*
 * Making a store: in a temporary directory, renamed into place when it is
 * whole, since LMDB's own making of a file does not survive a power cut.
 */
#include <errno.h>
#include <lmdb.h>
#include <stdio.h>
#include <stdlib.h>

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

/* Into its place, if no other process was faster: a folder can be renamed
 * onto an empty one only. */
static int move_in(const char *from, const char *to, struct sdg_error *err)
{
	int rc = store_sync_copy(from, err);

	if (rc < 0)
		return rc;
	if (rename(from, to) < 0) {
		if (errno != ENOTEMPTY && errno != EEXIST)
			return sdg_fail_errno(err, "make store \"%s\"", to);
		store_remove_dir(from, NULL);
	}
	return store_sync_parent(to, err);
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
		store_remove_dir(dir, NULL);
	return rc;
}
