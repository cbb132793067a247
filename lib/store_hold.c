/*
 * Holding the writers while the store is swapped for another: after an
 * erasure for a compacted copy, by a restore for a backup.
 *
 * A file swapped under a writer would lose what it acknowledges. So each
 * write transaction holds a shared lock beside the store, and whoever swaps
 * holds it alone. A gate in front of it lets the swap wait for those inside
 * without new ones slipping past. Readers hold nothing: one with the old
 * file open sees the old figures, whole, until its next transaction.
 *
 * Which file a handle has open is known by its inode: while it is open the
 * number cannot be given to another.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "store_internal.h"

#define TRY_MS 2
/* A worker must answer its producers, and its watchdog, meanwhile. */
#define WRITER_WAIT_MS 3000
/* One batch is far quicker; a stopped writer is killed after ten seconds. */
#define SWAP_WAIT_MS 30000

static int open_lock(const struct sdg_store *store, const char *name, int *fd,
		     struct sdg_error *err)
{
	char path[SDG_PATH_MAX + 16];

	snprintf(path, sizeof(path), "%s.%s", store->path, name);
	*fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (*fd >= 0 || store->mode == SDG_STORE_READ)
		return 0; /* whoever may not write here swaps nothing, too */
	return sdg_fail_errno(err, "open \"%s\"", path);
}

int hold_init(struct sdg_store *store, struct sdg_error *err)
{
	int rc = 0;

	if (store->gate_fd < 0)
		rc = open_lock(store, "gate", &store->gate_fd, err);
	if (rc == 0 && store->lock_fd < 0)
		rc = open_lock(store, "lock", &store->lock_fd, err);
	return rc;
}

void hold_fini(struct sdg_store *store)
{
	if (store->gate_fd >= 0)
		close(store->gate_fd);
	if (store->lock_fd >= 0)
		close(store->lock_fd);
	store->gate_fd = store->lock_fd = -1;
}

static int lock_within(int fd, int how, int wait_ms, struct sdg_error *err)
{
	const struct timespec pause = { 0, TRY_MS * 1000000L };

	for (int waited = 0; flock(fd, how | LOCK_NB) != 0; waited += TRY_MS) {
		if (errno != EWOULDBLOCK && errno != EINTR)
			return sdg_fail_errno(err, "lock the store");
		if (waited >= wait_ms)
			return sdg_fail(err, SDG_EAGAIN,
					how == LOCK_SH
					    ? "the store is being swapped for "
					      "a compacted one"
					    : "somebody writes to the store "
					      "and does not end");
		nanosleep(&pause, NULL);
	}
	return 0;
}

static void unlock(int fd)
{
	if (fd >= 0)
		flock(fd, LOCK_UN);
}

int hold_share(struct sdg_store *store, struct sdg_error *err)
{
	int rc;

	if (store->holding || store->lock_fd < 0 || store->gate_fd < 0)
		return 0;
	rc = lock_within(store->gate_fd, LOCK_SH, WRITER_WAIT_MS, err);
	if (rc < 0)
		return rc;
	rc = lock_within(store->lock_fd, LOCK_SH, WRITER_WAIT_MS, err);
	unlock(store->gate_fd);
	return rc;
}

void hold_unshare(struct sdg_store *store)
{
	if (!store->holding)
		unlock(store->lock_fd);
}

int hold_take(struct sdg_store *store, struct sdg_error *err)
{
	int rc;

	if (store->lock_fd < 0 || store->gate_fd < 0)
		return sdg_fail(err, SDG_EINVAL,
				"swap the store: it was opened to read");
	rc = lock_within(store->gate_fd, LOCK_EX, SWAP_WAIT_MS, err);
	if (rc < 0)
		return rc;
	rc = lock_within(store->lock_fd, LOCK_EX, SWAP_WAIT_MS, err);
	if (rc < 0)
		unlock(store->gate_fd);
	else
		store->holding = true;
	return rc;
}

void hold_release(struct sdg_store *store)
{
	if (!store->holding)
		return;
	store->holding = false;
	unlock(store->lock_fd);
	unlock(store->gate_fd);
}

bool hold_swapped(const struct sdg_store *store)
{
	char path[SDG_PATH_MAX + 16];
	struct stat st;

	snprintf(path, sizeof(path), "%s/data.mdb", store->path);
	/* Gone for a moment, or for ever: what is open still answers. */
	if (stat(path, &st) != 0)
		return false;
	return st.st_ino != store->inode || st.st_dev != store->device;
}
