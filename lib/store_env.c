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

/* A map over a file that is too short kills whoever touches its end. */
static int sizes(const struct sdg_store *store, struct stat *st, off_t *want,
		 struct sdg_error *err)
{
	MDB_envinfo info;
	MDB_stat stat;
	mdb_filehandle_t fd;
	int rc;

	rc = mdb_env_info(store->env, &info);
	if (rc == 0)
		rc = mdb_env_stat(store->env, &stat);
	if (rc == 0)
		rc = mdb_env_get_fd(store->env, &fd);
	if (rc)
		return st_from_mdb(rc, "open store", err);
	if (fstat(fd, st) < 0)
		return sdg_fail_errno(err, "look at store \"%s\"", store->path);
	*want = (off_t)(info.me_last_pgno + 1) * stat.ms_psize;
	return 0;
}

int env_refuse_short(struct sdg_store *store, struct sdg_error *err)
{
	const struct timespec pause = { 0, 20000000 };
	struct stat st;
	off_t want;
	int rc;

	/* More than once: a writer may be about to cover its file. */
	for (int i = 0; i < 5; i++) {
		rc = sizes(store, &st, &want, err);
		if (rc < 0)
			return rc;
		store->inode = st.st_ino;
		store->device = st.st_dev;
		if (st.st_size >= want)
			return 0;
		nanosleep(&pause, NULL);
	}
	return sdg_fail(err, SDG_EDAMAGED,
			"open store \"%s\": its file is shorter than it "
			"says; restore a backup",
			store->path);
}

/* LMDB may leave the last pages of a transaction unwritten when they are
 * free again at its end; env_refuse_short() must not take that for damage. */
void env_cover_file(const struct sdg_store *store)
{
	mdb_filehandle_t fd;
	struct stat st;
	off_t want;

	if (sizes(store, &st, &want, NULL) < 0 || st.st_size >= want ||
	    mdb_env_get_fd(store->env, &fd))
		return;
	/* Not to be helped if it fails; a later commit may cover it. */
	if (ftruncate(fd, want) == 0)
		fsync(fd);
}

int env_begin(struct sdg_store *store, bool write, MDB_txn **out,
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
