/*
 * soundings import: what export wrote, made into an installation again:
 * beside the store's place first, recounted, and only then put there.
 */
#include "transfer.h"

#include <err.h>
#include <errno.h>
#include <libgen.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <soundings/store_copies.h>

#include "erasures.h"
#include "releases.h"

static const char HELP[] =
    "  soundings import everything.jsonl     on a machine that has no store "
    "yet\n"
    "\n"
    "Usage: soundings import FILE\n"
    "\n"
    "Takes what 'soundings export' wrote: every figure comes out as it was, "
    "and\n"
    "what came before is known. It needs the keys it was exported under: in\n"
    "the file (--with-keys), or brought here beforehand. Files that are here\n"
    "already stay; who was erased since stays erased. All of it is recounted\n"
    "before it is put in place, and nothing is replaced.\n";

bool transfer_any(const char *name)
{
	(void)name;
	return true;
}

bool transfer_is_key(const char *name)
{
	size_t len = strlen(name);

	return strcmp(name, "clients") == 0 ||
	       (len > 4 && strcmp(name + len - 4, ".key") == 0);
}

bool transfer_is_file(const char *name)
{
	size_t len = strlen(name);

	return (len > 6 && strcmp(name + len - 6, ".jsonl") == 0) ||
	       strcmp(name, "frame") == 0 || strcmp(name, "releases") == 0 ||
	       strcmp(name, "roster.json") == 0 ||
	       strcmp(name, "soundings.yaml") == 0 ||
	       strcmp(name, "membership.csv") == 0;
}

struct import {
	struct sdg_home home, there; /* there: its store, beside the place */
	struct sdg_import *store;
	struct sdg_error *err;
	size_t erased;
};

static bool from_hex(const char *hex, uint8_t *out)
{
	static const char digits[] = "0123456789abcdef";

	for (size_t i = 0; hex[i]; i++) {
		const char *at = strchr(digits, hex[i]);

		if (!at)
			return false;
		out[i / 2] =
		    (uint8_t)(out[i / 2] | (at - digits) << (i % 2 ? 0 : 4));
	}
	return strlen(hex) % 2 == 0;
}

/* A name that stays below the folder it is for. */
static bool is_below(const char *name, bool (*takes)(const char *))
{
	char first[NAME_MAX + 1];
	size_t n = strcspn(name, "/");

	if (n == 0 || n >= sizeof(first) || strstr(name, ".."))
		return false;
	memcpy(first, name, n);
	first[n] = '\0';
	return takes(first);
}

static int take_file(struct import *im, const json_t *line, const char *kind)
{
	bool key = strcmp(kind, "key") == 0;
	const char *name = json_string_value(json_object_get(line, kind));
	const char *hex = json_string_value(json_object_get(line, "content"));
	char *path, *folder, *copy;
	uint8_t *bytes;
	int rc = 0;

	if (!name || !hex ||
	    !is_below(name, key ? transfer_is_key : transfer_is_file))
		return sdg_fail(im->err, SDG_EINVAL,
				"import: a file that does not belong here");
	path = xformat("%s/%s", key ? im->home.keys : im->home.root, name);
	copy = xstrdup(path);
	folder = dirname(copy);
	bytes = xcalloc(strlen(hex) / 2 + 1, 1);
	if (!from_hex(hex, bytes))
		rc = sdg_fail(im->err, SDG_EINVAL,
			      "import: a file that is "
			      "not whole");
	/* What is here stays; other keys are found out by the store. */
	if (rc == 0 && access(path, F_OK) != 0) {
		rc = sdg_make_dirs(folder, 0700, im->err);
		if (rc == 0)
			rc = sdg_write_file(path, bytes, strlen(hex) / 2,
					    key ? 0400 : 0600, im->err);
	}
	explicit_bzero(bytes, strlen(hex) / 2);
	free(bytes);
	free(copy);
	free(path);
	return rc;
}

static void remove_beside(const struct import *im)
{
	static const char *const tails[] = { "/data.mdb", "/lock.mdb", "",
					     ".lock", ".gate" };

	for (size_t i = 0; i < sizeof(tails) / sizeof(tails[0]); i++) {
		char *path = xformat("%s%s", im->there.store, tails[i]);

		if (unlink(path) != 0)
			rmdir(path);
		free(path);
	}
}

static int take_line(struct import *im, const char *text, size_t len)
{
	const char *kinds[] = { "file", "key" };
	int rc = 0;

	/* Most lines are the store's, and read there. */
	for (int i = 0; i < 2; i++) {
		json_t *line;

		if (strncmp(text + 2, kinds[i], strlen(kinds[i])) != 0)
			continue;
		line = json_loadb(text, len, 0, NULL);
		rc = take_file(im, line, kinds[i]);
		json_decref(line);
		return rc;
	}
	if (!im->store)
		rc = sdg_import_open(&im->there, &im->store, im->err);
	return rc < 0 ? rc : sdg_import_line(im->store, text, len, im->err);
}

static void show_fault(void *arg, const char *what)
{
	(void)arg;
	warnx("%s", what);
}

static int erase_again(struct import *im)
{
	struct sdg_store *store = NULL;
	int rc = sdg_store_open(&im->there, SDG_STORE_WRITE, &store, im->err);

	if (rc == 0)
		rc = erasures_replay(&im->home, store, &im->erased, im->err);
	if (rc == 0 && im->erased)
		rc = sdg_store_compact(store, im->err);
	sdg_store_close(store);
	return rc;
}

static int import_all(struct import *im, FILE *from)
{
	char *text = NULL;
	size_t cap = 0, pages;
	ssize_t len;
	int rc = 0;

	while (rc == 0 && (len = getline(&text, &cap, from)) > 0) {
		if (len < 4 || text[len - 1] != '\n')
			rc = sdg_fail(im->err, SDG_EINVAL,
				      "import: its last line is cut");
		else
			rc = take_line(im, text, (size_t)len - 1);
	}
	/* A folder will be one tomorrow, too. */
	if (rc == 0 && ferror(from))
		rc = errno == EISDIR
			 ? sdg_fail(im->err, SDG_EINVAL,
				    "read the export: Is a directory")
			 : sdg_fail_errno(im->err, "read the export");
	free(text);
	if (rc == 0 && !im->store)
		rc = sdg_fail(im->err, SDG_EINVAL,
			      "import: this is no export of Soundings");
	if (rc == 0)
		rc = sdg_import_finish(im->store, show_fault, NULL, im->err);
	sdg_import_close(im->store);
	im->store = NULL;
	if (rc == 0)
		rc = erase_again(im);
	if (rc == 0)
		rc = releases_drop_erased(&im->home, &pages, im->err);
	return rc < 0 ? rc
		      : sdg_store_replace(&im->home, im->there.store, im->err);
}

static int refuse_over(const struct import *im)
{
	struct sdg_store *store = NULL;
	struct sdg_ledger ledger = { 0 };
	int rc = sdg_store_open(&im->home, SDG_STORE_READ, &store, NULL);

	if (rc == 0)
		rc = sdg_store_ledger(store, &ledger, NULL);
	sdg_store_close(store);
	if (rc == SDG_ENOTFOUND || (rc == 0 && ledger.received == 0))
		return 0;
	return sdg_fail(im->err, SDG_EINVAL,
			"there is a store here that holds something: import "
			"is for a machine that has none");
}

int cmd_import(int argc, char *argv[])
{
	const struct cli_spec spec = { .help = HELP,
				       .formats = CLI_FORMAT_BIT(CLI_TABLE),
				       .rest_min = 1,
				       .rest_max = 1 };
	struct sdg_error err = { 0 };
	struct import im = { .err = &err };
	struct cli_args args;
	FILE *from = NULL;
	int rc, status = cli_parse(argc, argv, &spec, &args);

	if (status >= 0)
		return status;
	rc = sdg_home_find(&im.home, &err);
	if (rc == 0)
		rc = sdg_home_prepare(&im.home, &err);
	if (rc == 0)
		rc = refuse_over(&im);
	if (rc < 0)
		return cli_fail(&err);
	im.there = im.home;
	snprintf(im.there.store, sizeof(im.there.store), "%.*s.import",
		 SDG_PATH_MAX - 16, im.home.store);
	remove_beside(&im);
	from = fopen(args.rest[0], "re");
	rc = from ? import_all(&im, from)
		  : sdg_fail_errno(&err, "open \"%s\"", args.rest[0]);
	if (from)
		fclose(from);
	remove_beside(&im);
	if (rc < 0)
		return cli_fail(&err);
	fprintf(stderr, "imported; recounted, and everything agrees\n");
	if (im.erased)
		fprintf(stderr, "erased again: %zu pieces and links\n",
			im.erased);
	return 0;
}
