/*
 * soundings export: everything as lines of JSON, for moving to another
 * version or another machine: the store, journals, releases, settings, the
 * register of erasures, and, when asked for, words and keys.
 */
#include "transfer.h"

#include <dirent.h>
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <soundings/store_copies.h>

static const char HELP[] =
    "  soundings export everything.jsonl\n"
    "  soundings export --text --with-keys everything.jsonl\n"
    "\n"
    "Usage: soundings export [--text] [--with-keys] FILE\n"
    "\n"
    "One line of JSON for each piece, member, entry of the directory, row of\n"
    "the ledger and file. 'soundings import' makes the same of it, whose\n"
    "figures are the same and which knows what came before.\n"
    "\n"
    "  --text       members' words in the open; else they are in it sealed,\n"
    "               and readable only with the keys\n"
    "  --with-keys  the keys as well: whoever has the file can then read all\n"
    "\n"
    "FILE is made for its owner alone (0600) and must not be there yet.\n";

struct export
{
	bool text, with_keys;
	FILE *to;
	size_t lines;
	struct sdg_error *err;
};

static const struct cli_option OPTIONS[] = {
	CLI_FLAG("text", struct export, text),
	CLI_FLAG("with-keys", struct export, with_keys),
	{ 0 },
};

static int put_line(void *arg, const char *line)
{
	struct export *e = arg;

	e->lines++;
	if (fputs(line, e->to) < 0 || putc('\n', e->to) == EOF)
		return sdg_fail_errno(e->err, "write the export");
	return 0;
}

/* One file, as a line of @kind: {"file": name} or {"key": name}. */
static int put_file(struct export *e, const char *kind, const char *path,
		    const char *name)
{
	json_t *line = NULL;
	char *bytes = NULL, *hex, *text;
	size_t len;
	int rc = sdg_read_file(path, TRANSFER_FILE_MAX, &bytes, &len, e->err);

	if (rc < 0)
		return rc;
	hex = xcalloc(2 * len + 1, 1);
	id_hex((const uint8_t *)bytes, len, hex);
	line = json_pack("{s:s, s:s}", kind, name, "content", hex);
	text = line ? json_dumps(line, JSON_COMPACT) : NULL;
	rc = text ? put_line(e, text)
		  : sdg_fail(e->err, SDG_EINVAL,
			     "\"%s\" has a name that is "
			     "no text",
			     path);
	explicit_bzero(hex, 2 * len);
	explicit_bzero(bytes, len);
	json_decref(line);
	free(text);
	free(hex);
	free(bytes);
	return rc;
}

static int put_folder(struct export *e, const char *kind, const char *folder,
		      const char *below, bool (*takes)(const char *name))
{
	DIR *dir = opendir(folder);
	struct dirent *entry;
	int rc = 0;

	while (dir && rc == 0 && (entry = readdir(dir))) {
		char *path, *name;
		struct stat st = { 0 };

		if (entry->d_name[0] == '.' || !takes(entry->d_name))
			continue;
		path = xformat("%s/%s", folder, entry->d_name);
		name = *below ? xformat("%s/%s", below, entry->d_name)
			      : xstrdup(entry->d_name);
		if (lstat(path, &st) == 0 && S_ISREG(st.st_mode))
			rc = put_file(e, kind, path, name);
		else if (S_ISDIR(st.st_mode))
			rc = put_folder(e, kind, path, name, transfer_any);
		free(path);
		free(name);
	}
	if (dir)
		closedir(dir);
	return rc;
}

static int export_all(struct export *e, const struct sdg_home *home,
		      struct sdg_store *store)
{
	int rc = 0;

	/* Keys come first: without them the rest cannot be taken in. */
	if (e->with_keys)
		rc = put_folder(e, "key", home->keys, "", transfer_is_key);
	if (rc == 0)
		rc = sdg_store_export(store, e->text, put_line, e, e->err);
	if (rc == 0)
		rc = put_folder(e, "file", home->root, "", transfer_is_file);
	if (rc == 0 && (fflush(e->to) != 0 || fsync(fileno(e->to)) != 0))
		rc = sdg_fail_errno(e->err, "write the export");
	return rc;
}

int cmd_export(int argc, char *argv[])
{
	struct sdg_error err = { 0 };
	struct export e = { .err = &err };
	const struct cli_spec spec = { .help = HELP,
				       .formats = CLI_FORMAT_BIT(CLI_TABLE),
				       .own = OPTIONS,
				       .arg = &e,
				       .rest_min = 1,
				       .rest_max = 1 };
	struct sdg_store *store = NULL;
	struct cli_args args;
	struct sdg_home home;
	int fd, rc, status = cli_parse(argc, argv, &spec, &args);

	if (status >= 0)
		return status;
	rc = cli_open(SDG_STORE_READ, &home, &store, &err);
	if (rc < 0)
		return cli_fail(&err);
	fd = open(args.rest[0], O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	e.to = fd >= 0 ? fdopen(fd, "w") : NULL;
	rc = e.to ? export_all(&e, &home, store)
		  : sdg_fail_errno(&err, "make \"%s\"", args.rest[0]);
	if (e.to)
		fclose(e.to);
	sdg_store_close(store);
	if (rc < 0) {
		if (e.to)
			unlink(args.rest[0]);
		return cli_fail(&err);
	}
	fprintf(stderr, "%zu lines%s%s\n", e.lines,
		e.text ? ", words in the open" : ", words sealed",
		e.with_keys ? ", with the keys: whoever has this file can "
			      "read all of it"
			    : "");
	return 0;
}
