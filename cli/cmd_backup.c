/*
 * soundings backup: a consistent copy while everything runs. Keys go apart,
 * or not at all: a backup with its keys is members' words in the open.
 */
#include "backup.h"

#include <dirent.h>
#include <err.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <soundings/config.h>

static const char HELP[] =
    "  soundings backup /var/backups/soundings\n"
    "                           a new backup; old ones go (backup.keep)\n"
    "  soundings backup         into the configured backup.directory\n"
    "  soundings backup --keys /media/safe\n"
    "                           the keys instead, to a place apart\n"
    "\n"
    "Usage: soundings backup [DIRECTORY] [--keys DIRECTORY]\n"
    "                        [--format table|json]\n"
    "\n"
    "Workers go on meanwhile. Keys are not in a backup: without them it is\n"
    "worth nothing, so keep a copy of them elsewhere, and renew it monthly.\n"
    "The copy forgets the months that were dropped here.\n";

static bool is_key(const char *name)
{
	size_t len = strlen(name);

	return strcmp(name, "clients") == 0 ||
	       (len > 4 && strcmp(name + len - 4, ".key") == 0);
}

static bool is_text_key(const char *name)
{
	return strncmp(name, "text-", 5) == 0 && is_key(name);
}

/* A month that was dropped here must not live on there. */
static int drop_months(const char *here, const char *there,
		       struct sdg_error *err)
{
	DIR *dir = opendir(there);
	struct dirent *entry;
	int rc = 0;

	while (dir && rc == 0 && (entry = readdir(dir))) {
		char *source, *copy;

		if (!is_text_key(entry->d_name))
			continue;
		source = xformat("%s/%s", here, entry->d_name);
		copy = xformat("%s/%s", there, entry->d_name);
		if (access(source, F_OK) != 0 && unlink(copy) != 0)
			rc = sdg_fail_errno(err, "remove \"%s\"", copy);
		free(source);
		free(copy);
	}
	if (dir)
		closedir(dir);
	return rc;
}

static int copy_keys(const char *here, const char *there, size_t *n,
		     struct sdg_error *err)
{
	DIR *dir = opendir(here);
	struct dirent *entry;
	int rc = 0;

	if (!dir)
		return sdg_fail_errno(err, "read folder \"%s\"", here);
	while (rc == 0 && (entry = readdir(dir))) {
		char *source, *copy, *text = NULL;
		size_t len;

		if (!is_key(entry->d_name))
			continue;
		source = xformat("%s/%s", here, entry->d_name);
		copy = xformat("%s/%s", there, entry->d_name);
		rc = sdg_read_file(source, 1 << 20, &text, &len, err);
		if (rc == 0)
			rc = sdg_write_file(copy, text, len, 0400, err);
		if (text)
			explicit_bzero(text, len);
		*n += rc == 0;
		free(text);
		free(source);
		free(copy);
	}
	closedir(dir);
	return rc;
}

static int back_up_keys(const struct sdg_home *home, const char *to)
{
	struct sdg_error err = { 0 };
	size_t n = 0;
	int rc = sdg_make_dirs(to, 0700, &err);

	if (rc == 0)
		rc = copy_keys(home->keys, to, &n, &err);
	if (rc == 0)
		rc = drop_months(home->keys, to, &err);
	if (rc < 0)
		return cli_fail(&err);
	fprintf(stderr,
		"%zu keys copied to %s: keep it apart from every backup\n", n,
		to);
	return 0;
}

static int emit(const struct cli_args *args, const struct manifest *m,
		const char *path)
{
	json_t *json;
	char *text;
	int status;

	if (args->format == CLI_JSON) {
		json = cli_envelope("backup");
		json_object_set_new(json, "path", cli_json_str(sdg_str(path)));
		json_object_set_new(json, "bytes",
				    json_integer((json_int_t)m->bytes));
		json_object_set_new(json, "events",
				    json_integer((json_int_t)m->events));
		json_object_set_new(json, "blake2b-256",
				    json_string(m->blake2b));
		return cli_emit_json(args, json);
	}
	text = xformat("%s: %llu events, %llu bytes\n", path,
		       (unsigned long long)m->events,
		       (unsigned long long)m->bytes);
	status = cli_emit_bytes(args, text, strlen(text));
	free(text);
	return status;
}

struct wishes {
	const char *keys_to;
};

static const struct cli_option OPTIONS[] = {
	CLI_TEXT("keys", struct wishes, keys_to),
	{ 0 },
};

int cmd_backup(int argc, char *argv[])
{
	struct wishes wishes = { NULL };
	const struct cli_spec spec = { .help = HELP,
				       .formats = CLI_FORMATS_TEXT,
				       .own = OPTIONS,
				       .arg = &wishes,
				       .rest_max = 1 };
	struct sdg_error err = { 0 };
	struct sdg_config config;
	struct manifest manifest;
	struct cli_args args;
	struct sdg_home home;
	const char *target;
	char *path = NULL;
	int status = cli_parse(argc, argv, &spec, &args);

	if (status >= 0)
		return status;
	if (sdg_home_find(&home, &err) < 0 ||
	    sdg_config_load(&home, &config, &err) < 0)
		return cli_fail(&err);
	if (wishes.keys_to)
		return back_up_keys(&home, wishes.keys_to);
	target = args.rest_count ? args.rest[0] : config.backup.directory;
	if (!*target)
		return cli_usage("where to? name a directory, or set "
				 "backup.directory");
	if (backup_make(&home, target, &manifest, &path, &err) < 0 ||
	    backup_prune(target, config.backup.keep, &err) < 0)
		return cli_fail(&err);
	status = emit(&args, &manifest, path);
	free(path);
	return status;
}
