/*
 * That a compaction is owed: a file beside the store, from before something is
 * erased until a compacted copy is in its place, whoever dies in between.
 *
 * Several may be at it at once. Each who says that one is owed shares a lock on
 * the file while it lives, and leaves a byte in it: so the file goes only when
 * nobody else is at it (after a copy), or when nobody else ever was (where
 * nothing was erased). Whoever finds it locks it, and then looks whether it is
 * still there.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <soundings/store_copies.h>

#include "store_internal.h"

static void owed_path(const struct sdg_store *store,
		      char out[SDG_PATH_MAX + 16])
{
	snprintf(out, SDG_PATH_MAX + 16, "%s.owed", store->path);
}

void owed_copy_path(const struct sdg_store *store, char out[SDG_PATH_MAX + 16])
{
	snprintf(out, SDG_PATH_MAX + 16, "%s.compact", store->path);
}

/* Made, or found; -1 with errno. One that root left and we may not open (root
 * ran 'purge' and was killed) is taken for ours: what it says is said by what
 * we make in its place. */
static int open_mark(const char *path, bool *found)
{
	const int flags = O_RDWR | O_APPEND | O_CLOEXEC | O_NOFOLLOW;
	bool was = false;
	int fd;

	do {
		fd = open(path, flags | O_CREAT | O_EXCL, 0600);
		*found = was;
		if (fd >= 0 || errno != EEXIST)
			return fd;
		*found = true;
		fd = open(path, flags);
		if (fd < 0 && errno == EACCES && unlink(path) == 0) {
			was = true;
			errno = ENOENT;
		}
	} while (fd < 0 && errno == ENOENT);
	return fd;
}

static bool lies_there(int fd, const char *path)
{
	struct stat ours, there;

	return fstat(fd, &ours) == 0 && stat(path, &there) == 0 &&
	       ours.st_ino == there.st_ino && ours.st_dev == there.st_dev;
}

/* Shared, and with our byte in it. */
static int join(struct sdg_store *store, const char *path, bool *found,
		struct sdg_error *err)
{
	int fd;

	for (;;) {
		fd = open_mark(path, found);
		if (fd < 0 || flock(fd, LOCK_SH) != 0)
			break;
		if (lies_there(fd, path)) {
			if (write(fd, "!", 1) != 1)
				break;
			store->owes = true;
			store->owed_fd = fd;
			return 0;
		}
		close(fd);
	}
	sdg_fail_errno(err, "note in \"%s\" that a compaction is owed", path);
	if (fd >= 0)
		close(fd);
	return SDG_EIO;
}

int sdg_store_owe_compaction(struct sdg_store *store, bool *owed,
			     struct sdg_error *err)
{
	char path[SDG_PATH_MAX + 16], copy[SDG_PATH_MAX + 16];
	int rc;

	*owed = true;
	if (store->owes)
		return 0;
	owed_path(store, path);
	owed_copy_path(store, copy);
	rc = join(store, path, owed, err);
	if (rc < 0)
		return rc;
	/* A copy that was not finished is one that was owed. */
	*owed |= access(copy, F_OK) == 0;
	return store_sync_parent(store->path, err);
}

/* Under the lock alone, or not at all: others are at it. */
static void leave(struct sdg_store *store, bool alone_only)
{
	char path[SDG_PATH_MAX + 16];
	struct stat st;

	if (!store->owes)
		return;
	owed_path(store, path);
	if (flock(store->owed_fd, LOCK_EX | LOCK_NB) == 0 &&
	    fstat(store->owed_fd, &st) == 0 && (!alone_only || st.st_size == 1))
		unlink(path);
	owed_fini(store);
}

void owed_done(struct sdg_store *store)
{
	leave(store, false);
}

void owed_fini(struct sdg_store *store)
{
	if (store->owes)
		close(store->owed_fd);
	store->owes = false;
}

int sdg_store_owe_nothing(struct sdg_store *store, struct sdg_error *err)
{
	leave(store, true);
	return store_sync_parent(store->path, err);
}
