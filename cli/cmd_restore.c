/*
 * soundings restore: a backup in the store's place, proved before it is put
 * there. Whoever was erased since stays erased.
 */
#include "backup.h"

#include <err.h>
#include <libgen.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <soundings/store_copies.h>

#include "erasures.h"
#include "releases.h"
#include "targets.h"

static const char HELP[] =
    "  soundings restore /var/backups/soundings\n"
    "                           the newest backup there\n"
    "  soundings restore /var/backups/soundings/soundings-20260211T020000Z\n"
    "\n"
    "Usage: soundings restore DIRECTORY [--force] [--without-erasures]\n"
    "\n"
    "The backup is checked against its manifest, opened with the keys that\n"
    "are here, recounted, and only then put in place; running workers go on\n"
    "with it. What was erased since it was made is erased again. Journals,\n"
    "releases and settings come back where there are none.\n"
    "\n"
    "  --force             also over a store that holds something\n"
    "  --without-erasures  also when there is no register of erasures\n";

struct restore {
	bool force, without_erasures;
	struct sdg_home home;  /* this installation */
	struct sdg_home there; /* its keys and register, the copy's store */
	size_t erased;
};

/* Nothing that anybody would miss may be replaced unasked. */
static int refuse_over(const struct restore *r, struct sdg_error *err)
{
	struct sdg_store *store = NULL;
	struct sdg_ledger ledger = { 0 };
	struct sdg_error why;
	int rc = sdg_store_open(&r->home, SDG_STORE_READ, &store, &why);

	if (rc == SDG_ENOTFOUND || r->force) {
		sdg_store_close(store);
		return 0;
	}
	if (rc == 0)
		rc = sdg_store_ledger(store, &ledger, &why);
	sdg_store_close(store);
	if (rc == 0 && ledger.received == 0)
		return 0;
	if (rc < 0)
		return sdg_fail(err, SDG_EINVAL,
				"there is a store here, though it cannot be "
				"read (%s): --force replaces it",
				why.message);
	return sdg_fail(err, SDG_EINVAL,
			"there is a store here that has received %llu pieces: "
			"--force replaces it",
			(unsigned long long)ledger.received);
}

/* The register beside the backup, and this installation's, become one. */
static int gather_erasures(struct restore *r, const char *backup,
			   struct sdg_error *err)
{
	char *copy = xstrdup(backup), *target = xstrdup(dirname(copy));
	char *theirs = xformat("%s/" ERASURES, target);
	char *ours = xformat("%s/" ERASURES, r->home.root);
	int rc;

	if (!r->without_erasures && access(theirs, F_OK) != 0 &&
	    access(ours, F_OK) != 0)
		rc = sdg_fail(err, SDG_EINVAL,
			      "there is no register of erasures in \"%s\": who "
			      "was erased would come back; fetch it, or give "
			      "--without-erasures",
			      target);
	else
		rc = sdg_home_prepare(&r->home, err);
	if (rc == 0)
		rc = erasures_merge(target, r->home.root, err);
	free(copy);
	free(target);
	free(theirs);
	free(ours);
	return rc;
}

static void show_fault(void *arg, const char *what)
{
	(void)arg;
	warnx("%s", what);
}

static int prove(struct restore *r, struct sdg_error *err)
{
	struct sdg_store *store = NULL;
	struct sdg_verify verify;
	int rc = sdg_store_open(&r->there, SDG_STORE_WRITE, &store, err);

	if (rc == 0)
		rc = sdg_store_verify(store, show_fault, NULL, &verify, err);
	if (rc == 0 && verify.faults)
		rc = sdg_fail(err, SDG_EDAMAGED,
			      "the backup does not agree with itself (%llu "
			      "faults): try an older one",
			      (unsigned long long)verify.faults);
	if (rc == 0)
		rc = erasures_replay(&r->home, store, &r->erased, err);
	if (rc == 0 && r->erased)
		rc = sdg_store_compact(store, err);
	sdg_store_close(store);
	return rc;
}

static void remove_copy(const struct restore *r)
{
	static const char *const tails[] = { "/data.mdb", "/lock.mdb", "",
					     ".lock", ".gate" };

	for (size_t i = 0; i < sizeof(tails) / sizeof(tails[0]); i++) {
		char *path = xformat("%s%s", r->there.store, tails[i]);

		if (unlink(path) != 0)
			rmdir(path);
		free(path);
	}
}

static int restore(struct restore *r, const char *backup, struct sdg_error *err)
{
	char *from = xformat("%s/data.mdb", backup), *to;
	int rc;

	r->there = r->home;
	snprintf(r->there.store, sizeof(r->there.store), "%.*s.restore",
		 SDG_PATH_MAX - 16, r->home.store);
	to = xformat("%s/data.mdb", r->there.store);
	remove_copy(r);
	rc = sdg_make_dirs(r->there.store, 0700, err);
	if (rc == 0)
		rc = backup_copy_file(from, to, 0600, err);
	if (rc == 0)
		rc = prove(r, err);
	if (rc == 0)
		rc = sdg_store_replace(&r->home, r->there.store, err);
	remove_copy(r);
	free(from);
	free(to);
	return rc;
}

/* Journals, releases and settings, where there are none here. */
static int bring_files(const struct restore *r, const char *backup,
		       struct sdg_error *err)
{
	char *files = xformat("%s/files", backup);
	size_t pages;
	int rc = backup_files(files, r->home.root, err);

	/* Pages quote who has been erased since. */
	if (rc == 0)
		rc = releases_drop_erased(&r->home, &pages, err);
	free(files);
	return rc;
}

/* From now on who is erased here is to be known there. */
static int note_target(const struct restore *r, const char *backup,
		       struct sdg_error *err)
{
	char *copy = xstrdup(backup), *target = dirname(copy);
	struct sdg_error why = { 0 };
	int rc = 0;

	/* A place that cannot be written to is restored from all the same. */
	if (erasures_merge(r->home.root, target, &why) < 0)
		warnx("%s: who was erased is not known beside this backup",
		      why.message);
	else
		rc = targets_note(&r->home, target, false, err);
	free(copy);
	return rc;
}

/* "." has no name that says what it lies in. */
static int whole_path(char **path, struct sdg_error *err)
{
	char *whole = realpath(*path, NULL);

	if (!whole)
		return sdg_fail_errno(err, "open \"%s\"", *path);
	free(*path);
	*path = whole;
	return 0;
}

static const struct cli_option OPTIONS[] = {
	CLI_FLAG("force", struct restore, force),
	CLI_FLAG("without-erasures", struct restore, without_erasures),
	{ 0 },
};

int cmd_restore(int argc, char *argv[])
{
	struct restore r = { 0 };
	const struct cli_spec spec = { .help = HELP,
				       .formats = CLI_FORMAT_BIT(CLI_TABLE),
				       .own = OPTIONS,
				       .arg = &r,
				       .rest_min = 1,
				       .rest_max = 1 };
	struct manifest manifest = { 0 };
	struct sdg_error err = { 0 };
	struct cli_args args;
	char *backup = NULL;
	int rc, status = cli_parse(argc, argv, &spec, &args);

	if (status >= 0)
		return status;
	rc = sdg_home_find(&r.home, &err);
	if (rc == 0)
		rc = backup_newest(args.rest[0], &backup, &err);
	if (rc == 0)
		rc = whole_path(&backup, &err);
	if (rc == 0)
		rc = backup_check(backup, &manifest, &err);
	if (rc == 0)
		rc = refuse_over(&r, &err);
	if (rc == 0)
		rc = gather_erasures(&r, backup, &err);
	if (rc == 0)
		rc = restore(&r, backup, &err);
	if (rc == 0)
		rc = bring_files(&r, backup, &err);
	if (rc == 0)
		rc = note_target(&r, backup, &err);
	if (rc == 0) {
		fprintf(stderr, "restored %s, made %s, %llu events\n", backup,
			manifest.made, (unsigned long long)manifest.events);
		if (r.erased)
			fprintf(stderr, "erased again: %zu pieces and links\n",
				r.erased);
	}
	free(backup);
	return rc < 0 ? cli_fail(&err) : 0;
}
