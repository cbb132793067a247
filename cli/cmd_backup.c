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

#include "targets.h"

static const char HELP[] =
    "  soundings backup /var/backups/soundings\n"
    "                           a new backup; old ones go (backup.keep)\n"
    "  soundings backup         into the configured backup.directory\n"
    "  soundings backup --keys /media/safe\n"
    "                           the keys instead, to a place apart\n"
    "  soundings backup --targets\n"
    "                           every place used so far: is what was erased\n"
    "                           known there?\n"
    "  soundings backup --gone /media/old\n"
    "                           that place is no more\n"
    "\n"
    "Usage: soundings backup [DIRECTORY] [--keys DIRECTORY] [--targets]\n"
    "                        [--gone DIRECTORY] [--format table|json]\n"
    "\n"
    "Workers go on meanwhile. Keys are not in a backup: without them it is\n"
    "worth nothing, so keep a copy of them elsewhere, and renew it monthly.\n"
    "The copy forgets the months that were dropped here.\n"
    "The register of erasures goes beside every backup ever made, wherever\n"
    "that is within reach: with each backup, each 'forget' and --targets.\n"
    "'soundings doctor' names the places that have not been reached. Places\n"
    "used before this version are known from the next backup made there, or\n"
    "restored from there.\n";

static bool is_key(const char *name)
{
	size_t len = strlen(name);

	return strcmp(name, "clients") == 0 ||
	       strncmp(name, "dropped-", 8) == 0 ||
	       (len > 4 && strcmp(name + len - 4, ".key") == 0);
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

/*
 * Another pseudonym key is another store's: written over a copy it would
 * take the only way back to what was kept under it. Where there is none here
 * (from credentials) there is nothing that could be.
 */
static int same_store(const char *here, const char *there,
		      struct sdg_error *err)
{
	char *ours = xformat("%s/pseudonym.key", here), *mine = NULL;
	char *theirs = xformat("%s/pseudonym.key", there), *old = NULL;
	size_t mine_len, old_len;
	int rc = 0;

	if (sdg_read_file(ours, 1 << 20, &mine, &mine_len, NULL) == 0 &&
	    sdg_read_file(theirs, 1 << 20, &old, &old_len, NULL) == 0 &&
	    (mine_len != old_len || memcmp(mine, old, mine_len) != 0))
		rc = sdg_fail(
		    err, SDG_EINVAL,
		    "\"%s\" holds the keys of another store: nothing "
		    "was copied. If they are of no use any more, move "
		    "them away; if the keys here are the new ones, the "
		    "old ones' folder may not be mounted",
		    there);
	if (mine)
		explicit_bzero(mine, mine_len);
	if (old)
		explicit_bzero(old, old_len);
	free(mine);
	free(old);
	free(ours);
	free(theirs);
	return rc;
}

static int back_up_keys(const struct sdg_home *home,
			const struct sdg_config *config, const char *to)
{
	struct targets targets = { 0 };
	struct sdg_error err = { 0 };
	size_t n = 0;
	int rc = targets_apart(home, config->backup.directory, to, true, &err);

	if (rc == 0)
		rc = sdg_make_dirs(to, 0700, &err);
	if (rc == 0)
		rc = same_store(home->keys, to, &err);
	if (rc == 0)
		rc = copy_keys(home->keys, to, &n, &err);
	if (rc == 0)
		rc = targets_note(home, to, true, &err);
	if (rc == 0)
		rc = targets_look(home, "", config->retention.text_months, true,
				  &targets, &err);
	targets_fini(&targets);
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
	const char *keys_to, *gone;
	bool targets;
};

static const struct cli_option OPTIONS[] = {
	CLI_TEXT("gone", struct wishes, gone),
	CLI_TEXT("keys", struct wishes, keys_to),
	CLI_FLAG("targets", struct wishes, targets),
	{ 0 },
};

/* What has been erased goes beside the other backups, too. */
static int spread(const struct sdg_home *home, const struct sdg_config *config)
{
	struct targets targets;
	struct sdg_error err = { 0 };
	int rc =
	    targets_look(home, config->backup.directory,
			 config->retention.text_months, true, &targets, &err);

	for (size_t i = 0; rc == 0 && i < targets.count; i++)
		if (targets.list[i].state != TARGET_CURRENT)
			warnx("%s", targets.list[i].why);
	targets_fini(&targets);
	return rc < 0 ? cli_fail(&err) : 0;
}

static int list_targets(const struct cli_args *args,
			const struct sdg_home *home,
			const struct sdg_config *config)
{
	static const char *const STATES[] = { "current", "behind", "away" };
	struct grid *grid = grid_new("backup-targets");
	struct targets targets;
	struct sdg_error err = { 0 };
	size_t current = 0;
	int status, rc = targets_look(home, config->backup.directory,
				      config->retention.text_months, true,
				      &targets, &err);

	grid_column(grid, "path", "path", false);
	grid_column(grid, "holds", "holds", false);
	grid_column(grid, "state", "state", false);
	grid_wrap(grid, grid_column(grid, "words", "", false));
	for (size_t i = 0; i < targets.count; i++) {
		const struct target *t = &targets.list[i];
		struct cell *row = grid_row(grid);

		cell_str(&row[0], sdg_str(t->path));
		cell_text(&row[1], t->keys ? "keys" : "backups", NULL);
		cell_text(&row[2], STATES[t->state], NULL);
		cell_str(&row[3], sdg_str(t->why));
		current += t->state == TARGET_CURRENT;
	}
	grid_note(grid, true, "%zu of %zu know all that was erased.%s", current,
		  targets.count,
		  current == targets.count
		      ? ""
		      : " When a place is back, ask again; when it is no "
			"more: soundings backup --gone DIRECTORY");
	status =
	    rc < 0 ? cli_fail(&err)
		   : cli_emit(args, cli_envelope("backup-targets"), grid, NULL);
	if (status == 0 && current < targets.count)
		status = EXIT_DATA;
	targets_fini(&targets);
	grid_free(grid);
	return status;
}

static int remember_gone(const struct sdg_home *home, const char *path)
{
	struct sdg_error err = { 0 };

	if (targets_gone(home, path, &err) < 0)
		return cli_fail(&err);
	fprintf(stderr,
		"%s is no longer asked for; what is in it, if anything, is "
		"yours to destroy\n",
		path);
	return 0;
}

static int back_up(const struct cli_args *args, const struct sdg_home *home,
		   const struct sdg_config *config)
{
	struct sdg_error err = { 0 };
	struct manifest manifest;
	const char *target;
	char *path = NULL;
	int status;

	target = args->rest_count ? args->rest[0] : config->backup.directory;
	if (!*target)
		return cli_usage("where to? name a directory, or set "
				 "backup.directory");
	if (targets_apart(home, config->backup.directory, target, false, &err) <
		0 ||
	    backup_make(home, target, &manifest, &path, &err) < 0 ||
	    backup_prune(target, config->backup.keep, &err) < 0)
		return cli_fail(&err);
	status = spread(home, config);
	if (status == 0)
		status = emit(args, &manifest, path);
	free(path);
	return status;
}

int cmd_backup(int argc, char *argv[])
{
	struct wishes wishes = { 0 };
	const struct cli_spec spec = { .help = HELP,
				       .formats = CLI_FORMATS_TEXT,
				       .own = OPTIONS,
				       .arg = &wishes,
				       .rest_max = 1 };
	struct sdg_error err = { 0 };
	struct sdg_config config;
	struct cli_args args;
	struct sdg_home home;
	int status = cli_parse(argc, argv, &spec, &args);

	if (status >= 0)
		return status;
	if ((args.rest_count > 0) + (wishes.keys_to != NULL) +
		(wishes.gone != NULL) + wishes.targets >
	    1)
		return cli_usage("a directory for a backup, --keys, --gone and "
				 "--targets exclude one another");
	if (sdg_home_find(&home, &err) < 0 ||
	    sdg_config_load(&home, &config, &err) < 0)
		return cli_fail(&err);
	if (wishes.keys_to)
		return back_up_keys(&home, &config, wishes.keys_to);
	if (wishes.gone)
		return remember_gone(&home, wishes.gone);
	if (wishes.targets)
		return list_targets(&args, &home, &config);
	return back_up(&args, &home, &config);
}
