/*
 * The environment: LMDB's own settings and answers.
 *
 * LMDB runs on its default durability alone: a commit writes and syncs the
 * pages, then the meta page. NOSYNC, NOMETASYNC and WRITEMAP are never set,
 * and no database has duplicate keys.
 */
#include <errno.h>
#include <limits.h>
#include <linux/magic.h>
#include <lmdb.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <time.h>
#include <unistd.h>

#include "store_internal.h"

/* Address space alone: large enough never to grow while serving. */
#define MAP_MB_DEFAULT (64 * 1024)
#define READERS_MAX 512

static const char *const db_names[DB_COUNT] = {
	[DB_EVENTS] = "events",         [DB_CHUNKS] = "chunks",
	[DB_CELLS] = "cells",           [DB_MONTHS] = "months",
	[DB_MEMBERS] = "members",       [DB_MEMBER_EVENTS] = "member_events",
	[DB_LABELS] = "labels",         [DB_STRAYS] = "strays",
	[DB_DIRECTORY] = "directory",   [DB_CONSULTATIONS] = "consultations",
	[DB_QUARANTINE] = "quarantine", [DB_LEDGER] = "ledger",
	[DB_HISTORY] = "history",       [DB_META] = "meta",
	[DB_FROZEN] = "frozen",
};

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
	case MDB_BAD_TXN: /* what was read before it was damaged */
		return sdg_fail(err, SDG_EDAMAGED, "%s: the store is damaged",
				what);
	default:
		return sdg_fail(err, SDG_EIO, "%s: %s", what, mdb_strerror(rc));
	}
}

/* LMDB's locks and map are not safe over a network. */
int env_refuse_network(const char *path, struct sdg_error *err)
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

int env_open(struct sdg_store *store, const char *path, struct sdg_error *err)
{
	unsigned flags = MDB_NOTLS;
	char what[330];
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
	snprintf(what, sizeof(what), "open store \"%.300s\"", path);
	return st_from_mdb(rc, what, err);
}

/* How long the file is, and how long it says it is. */
struct extent {
	mdb_filehandle_t fd;
	struct stat st;
	off_t want;
	size_t page;
};

static int measure(const struct sdg_store *store, struct extent *e,
		   struct sdg_error *err)
{
	MDB_envinfo info;
	MDB_stat stat;
	int rc;

	rc = mdb_env_info(store->env, &info);
	if (rc == 0)
		rc = mdb_env_stat(store->env, &stat);
	if (rc == 0)
		rc = mdb_env_get_fd(store->env, &e->fd);
	if (rc)
		return st_from_mdb(rc, "open store", err);
	if (fstat(e->fd, &e->st) < 0)
		return sdg_fail_errno(err, "look at store \"%s\"", store->path);
	e->page = stat.ms_psize;
	e->want = (off_t)((info.me_last_pgno + 1) * e->page);
	return 0;
}

/* Are the pages from @first to before @past free, all of them? */
static bool are_free(const struct sdg_store *store, size_t first, size_t past)
{
	MDB_txn *mdb;
	MDB_cursor *cursor;
	MDB_val k, v;
	size_t found = 0;

	if (mdb_txn_begin(store->env, NULL, MDB_RDONLY, &mdb))
		return false;
	/* Database 0 is LMDB's own: how many are free, then which. */
	if (mdb_cursor_open(mdb, 0, &cursor) == 0) {
		while (mdb_cursor_get(cursor, &k, &v, MDB_NEXT) == 0) {
			const size_t *pages = v.mv_data;
			size_t n = v.mv_size / sizeof(*pages);

			for (size_t i = 1; i < n && i <= pages[0]; i++)
				found += pages[i] >= first && pages[i] < past;
		}
		mdb_cursor_close(cursor);
	}
	mdb_txn_abort(mdb);
	return found == past - first;
}

static bool extend(const struct sdg_store *store, const struct extent *e,
		   bool unknown)
{
	bool sound;

	if (ftruncate(e->fd, e->want) < 0)
		return false;
	sound = !unknown || are_free(store, (size_t)e->st.st_size / e->page,
				     (size_t)e->want / e->page);
	/* Else back again: damage is to be told as such, each time. */
	if (!sound && ftruncate(e->fd, e->st.st_size) < 0)
		return false;
	return sound && fsync(e->fd) == 0;
}

/*
 * LMDB may leave the last pages of a transaction unwritten when they are free
 * again at its end: the file is made as long as it says. Under LMDB's lock on
 * writers alone: what another has laid behind that end since we looked would
 * be cut off. @unknown: it was another's transaction, and the pages may be
 * missing for a worse reason.
 */
static bool cover(struct sdg_store *store, bool unknown)
{
	struct extent e = { 0 };
	MDB_txn *mdb;
	bool covered = false;

	if (env_begin(store, true, &mdb, NULL) < 0)
		return false;
	if (measure(store, &e, NULL) == 0)
		covered = e.st.st_size >= e.want || extend(store, &e, unknown);
	mdb_txn_abort(mdb);
	return covered;
}

/* Not to be helped if it fails; whoever writes next may cover it. */
void env_cover_file(struct sdg_store *store)
{
	struct extent e = { 0 };

	if (measure(store, &e, NULL) == 0 && e.st.st_size < e.want)
		cover(store, false);
}

/* A map over a file that is too short kills whoever touches its end. */
int env_refuse_short(struct sdg_store *store, struct sdg_error *err)
{
	const struct timespec pause = { 0, 20000000 };
	struct extent e = { 0 };
	int rc;

	/* More than once: a writer may be about to cover its file. */
	for (int i = 0; i < 5; i++) {
		rc = measure(store, &e, err);
		if (rc < 0)
			return rc;
		store->inode = e.st.st_ino;
		store->device = e.st.st_dev;
		if (e.st.st_size >= e.want)
			return 0;
		nanosleep(&pause, NULL);
	}
	/* Or it was killed before it could. */
	if (store->mode == SDG_STORE_WRITE && cover(store, true))
		return 0;
	return sdg_fail(err, SDG_EDAMAGED,
			"open store \"%s\": its file is shorter than it "
			"says; %s",
			store->path,
			store->mode == SDG_STORE_WRITE
			    ? "restore a backup"
			    : "start a worker, and if that refuses it restore "
			      "a backup");
}

/* Held while an environment is closed or its map moves, and by whoever reads
 * beside a transaction of another thread. One for all handles of the process:
 * it is hardly ever waited for. Recursive, since whoever opens another store
 * in the place of one may find that its map has to move. */
static pthread_mutex_t still = PTHREAD_RECURSIVE_MUTEX_INITIALIZER_NP;

void env_hold_still(void)
{
	pthread_mutex_lock(&still);
}

void env_let_move(void)
{
	pthread_mutex_unlock(&still);
}

int env_begin_beside(struct sdg_store *store, MDB_txn **out,
		     struct sdg_error *err)
{
	int rc = EAGAIN;

	env_hold_still();
	if (store->env)
		rc = mdb_txn_begin(store->env, NULL, MDB_RDONLY, out);
	if (rc == 0)
		return 0;
	env_let_move();
	return sdg_fail(err, SDG_EAGAIN, "read the store: not just now");
}

void env_end_beside(MDB_txn *mdb)
{
	mdb_txn_abort(mdb);
	env_let_move();
}

int env_begin(struct sdg_store *store, bool write, MDB_txn **out,
	      struct sdg_error *err)
{
	unsigned flags = write ? 0 : MDB_RDONLY;
	int rc;

	rc = mdb_txn_begin(store->env, NULL, flags, out);
	if (rc == MDB_MAP_RESIZED && store->active > 0)
		return sdg_fail(err, SDG_EAGAIN,
				"read the store: it has outgrown this "
				"process's map while it is being read");
	if (rc == MDB_MAP_RESIZED) {
		/* Another process has a larger map, and has used it. */
		env_hold_still();
		rc = mdb_env_set_mapsize(store->env, 0);
		env_let_move();
		if (rc == 0)
			rc = mdb_txn_begin(store->env, NULL, flags, out);
	}
	return st_from_mdb(rc, write ? "write to the store" : "read the store",
			   err);
}

/*
 * The kernel counts every page of the file that a long walk has touched as
 * this process's memory, and those around it: the whole store, in the end.
 * They stay in the page cache, and come back when they are touched again.
 * Where the map lies is asked anew each time: under an open transaction it
 * does not move, between two it may.
 */
void env_release_pages(const struct sdg_store *store)
{
	unsigned long begin, end, inode;
	char line[4600], kind[8];
	FILE *maps;

	if (store->active == 0)
		return;
	maps = fopen("/proc/self/maps", "re");
	while (maps && fgets(line, sizeof(line), maps)) {
		if (sscanf(line, "%lx-%lx %7s %*x %*x:%*x %lu", &begin, &end,
			   kind, &inode) == 4 &&
		    inode == store->inode && strcmp(kind, "r--s") == 0)
			madvise((void *)(uintptr_t)begin, end - begin,
				MADV_DONTNEED);
	}
	if (maps)
		fclose(maps);
}

int env_open_databases(struct sdg_store *store, bool create,
		       struct sdg_error *err)
{
	MDB_txn *mdb;
	int rc;

	rc = env_begin(store, create, &mdb, err);
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
