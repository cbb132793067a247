/*
 * targets: a journal of the places of backups, and what was erased brought to
 * each of them.
 *
 * A folder without the register, or without keys, is taken for the empty
 * place of a stick that is not mounted: nothing is written there.
 */
#include "targets.h"

#include <dirent.h>
#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <soundings/keys.h>

#include "erasures.h"
#include "journal.h"

#define JOURNAL "backup-targets.jsonl"

static const char *path_of(const json_t *line)
{
	const char *path = json_string_value(json_object_get(line, "path"));

	return path ? path : "";
}

static bool is_for_keys(const json_t *line)
{
	return json_is_true(json_object_get(line, "keys"));
}

/* Is it one, by the last that was noted of it? */
static bool is_noted(const json_t *lines, const char *path, bool keys)
{
	bool noted = false;

	for (size_t i = 0; i < json_array_size(lines); i++) {
		const json_t *line = json_array_get(lines, i);

		if (strcmp(path_of(line), path) == 0 &&
		    is_for_keys(line) == keys)
			noted = !json_is_true(json_object_get(line, "gone"));
	}
	return noted;
}

/* As the file system calls it, as far as it is there. */
static char *real_path(const char *path)
{
	char *real = realpath(path, NULL), *copy, *slash, *parent;

	if (real)
		return real;
	copy = xstrdup(path);
	while ((slash = strrchr(copy, '/')) && slash > copy && !slash[1])
		*slash = '\0';
	if (slash == copy) /* "/x" */
		return copy;
	if (slash)
		*slash = '\0';
	parent = real_path(slash ? copy : ".");
	real = xformat("%s/%s", strcmp(parent, "/") == 0 ? "" : parent,
		       slash ? slash + 1 : copy);
	free(parent);
	free(copy);
	return real;
}

static int note(const struct sdg_home *home, const char *path, bool keys,
		bool gone, struct sdg_error *err)
{
	json_t *line = json_object();

	json_object_set_new(line, "path", cli_json_str(sdg_str(path)));
	if (keys)
		json_object_set_new(line, "keys", json_true());
	if (gone)
		json_object_set_new(line, "gone", json_true());
	return journal_append(home, JOURNAL, line, err);
}

int targets_note(const struct sdg_home *home, const char *path, bool keys,
		 struct sdg_error *err)
{
	char *real = real_path(path);
	json_t *lines = NULL;
	int rc = journal_read(home, JOURNAL, &lines, err);

	if (rc == 0 && !is_noted(lines, real, keys))
		rc = note(home, real, keys, false, err);
	json_decref(lines);
	free(real);
	return rc;
}

int targets_gone(const struct sdg_home *home, const char *path,
		 struct sdg_error *err)
{
	char *real = real_path(path);
	json_t *lines = NULL;
	bool found = false;
	int rc = journal_read(home, JOURNAL, &lines, err);

	for (int keys = 0; rc == 0 && keys < 2; keys++)
		if (is_noted(lines, real, keys)) {
			found = true;
			rc = note(home, real, keys, true, err);
		}
	if (rc == 0 && !found)
		rc = sdg_fail(err, SDG_ENOTFOUND,
			      "no backup was made in \"%s\": 'soundings backup "
			      "--targets' lists where",
			      real);
	json_decref(lines);
	free(real);
	return rc;
}

static bool has(const struct targets *targets, const char *path, bool keys)
{
	for (size_t i = 0; i < targets->count; i++)
		if (strcmp(targets->list[i].path, path) == 0 &&
		    targets->list[i].keys == keys)
			return true;
	return false;
}

static void add(struct targets *targets, const char *path, bool keys)
{
	struct target *more;

	if (has(targets, path, keys))
		return;
	more = reallocarray(targets->list, targets->count + 1, sizeof(*more));
	if (!more)
		exit(EXIT_RETRY);
	targets->list = more;
	more[targets->count++] =
	    (struct target){ .path = xstrdup(path), .keys = keys };
}

__attribute__((format(printf, 3, 4))) static void
stands(struct target *target, enum target_state state, const char *fmt, ...)
{
	va_list ap;

	target->state = state;
	va_start(ap, fmt);
	/* Cut where it is too long: words for a person. */
	if (vsnprintf(target->why, sizeof(target->why), fmt, ap) < 0)
		*target->why = '\0';
	va_end(ap);
}

/* Has it what every target of its kind has? */
static bool is_there(struct target *target, const char *mark)
{
	char *path = xformat("%s/%s", target->path, mark);
	bool there = access(path, F_OK) == 0;

	if (!there)
		stands(target, TARGET_AWAY, "\"%.120s\" cannot be reached (%s)",
		       target->path,
		       errno == ENOENT ? "not there, or not what it was"
				       : strerror(errno));
	free(path);
	return there;
}

static void look_at_backups(const struct sdg_home *home, struct target *target,
			    bool spread)
{
	struct sdg_error err = { 0 };
	bool all = false;
	int rc;

	if (!is_there(target, ERASURES))
		return;
	rc = erasures_within(home->root, target->path, &all, &err);
	/* What has them all already may well be read-only. */
	if (rc == 0 && !all && spread) {
		rc = erasures_merge(home->root, target->path, &err);
		all = rc == 0;
	}
	if (rc < 0)
		stands(target, TARGET_BEHIND, "%.190s", err.message);
	else if (!all)
		stands(target, TARGET_BEHIND,
		       "the register in \"%.100s\" does not name all who were "
		       "erased",
		       target->path);
}

/* The oldest month that has a key in @dir, or 0 without any: then nothing is
 * older. */
static int oldest_month(const char *dir)
{
	DIR *keys = opendir(dir);
	struct dirent *entry;
	int oldest = 0;

	while (keys && (entry = readdir(keys))) {
		int month = sdg_keys_month_of(entry->d_name);

		if (month >= 0 && (!oldest || month < oldest))
			oldest = month;
	}
	if (keys)
		closedir(keys);
	return oldest;
}

int targets_month_limit(int64_t now, int text_months)
{
	int year, month, day;

	date_to_civil(date_day_of(now), &year, &month, &day);
	return year * 12 + month - 1 - text_months;
}

/* Keys of months that one folder holds and another does not. */
struct more {
	int dropped; /* of months that retention dropped from the other */
	int lost;    /* of others, or nobody can tell */
};

/* What @one holds and @other does not. A month is taken for dropped where it
 * is before @before and its key is certainly not there; with @drop it goes
 * from @one. Return -1 where @one cannot be read. */
static int months_more(const char *one, const char *other, int before,
		       bool drop, struct more *out)
{
	DIR *dir = opendir(one);
	struct dirent *entry;

	*out = (struct more){ 0 };
	if (!dir)
		return -1;
	while ((entry = readdir(dir))) {
		int month = sdg_keys_month_of(entry->d_name);
		char *there, *here;

		if (month < 0)
			continue;
		there = xformat("%s/%s", one, entry->d_name);
		here = xformat("%s/%s", other, entry->d_name);
		if (access(here, F_OK) == 0)
			;
		else if (errno != ENOENT || month >= before)
			out->lost++;
		else if (!drop || unlink(there) != 0)
			out->dropped++;
		free(there);
		free(here);
	}
	closedir(dir);
	return 0;
}

/* The oldest go first, and by their age: a key that is missing here and is
 * neither was lost, and then the copy may be all that is left of it. */
static void look_at_keys(const struct sdg_home *home, struct target *target,
			 int limit, bool spread)
{
	int oldest = oldest_month(home->keys);
	struct more there, here;

	if (!is_there(target, "pseudonym.key"))
		return;
	if (months_more(target->path, home->keys,
			oldest < limit ? oldest : limit, spread, &there) < 0)
		stands(target, TARGET_AWAY, "\"%.120s\" cannot be read (%s)",
		       target->path, strerror(errno));
	else if (there.lost)
		stands(target, TARGET_BEHIND,
		       "the keys here are not whole: \"%.100s\" has %d more, "
		       "and keeps them",
		       target->path, there.lost);
	else if (there.dropped)
		stands(target, TARGET_BEHIND,
		       "\"%.100s\" still has keys of months that were dropped "
		       "here",
		       target->path);
	else if (months_more(home->keys, target->path, 0, false, &here) < 0)
		stands(target, TARGET_BEHIND,
		       "the keys here cannot be read (%s)", strerror(errno));
	else if (here.lost)
		stands(target, TARGET_BEHIND,
		       "\"%.100s\" lacks the newest keys: 'soundings backup "
		       "--keys' there",
		       target->path);
}

int targets_drop(const struct sdg_home *home, int before, struct sdg_error *err)
{
	json_t *lines = NULL;
	int rc = journal_read(home, JOURNAL, &lines, err);

	for (size_t i = 0; i < json_array_size(lines); i++) {
		const char *path = path_of(json_array_get(lines, i));
		struct more more;

		/* One out of reach is looked at when it is back. */
		if (is_noted(lines, path, true))
			(void)months_more(path, home->keys, before, true,
					  &more);
	}
	json_decref(lines);
	return rc;
}

/* The one of the settings has the register before its first backup; without
 * either it is none yet. */
static void add_configured(const struct sdg_home *home, const char *path,
			   bool spread, struct targets *out)
{
	char *mark = xformat("%s/" ERASURES, path), *real;

	/* Where that fails, looking at it will say so. */
	if (spread && access(mark, F_OK) != 0 &&
	    sdg_make_dirs(path, 0700, NULL) == 0)
		erasures_merge(home->root, path, NULL);
	if (spread || access(mark, F_OK) == 0) {
		real = real_path(path);
		add(out, real, false);
		free(real);
	}
	free(mark);
}

int targets_look(const struct sdg_home *home, const char *configured,
		 int text_months, bool spread, struct targets *out,
		 struct sdg_error *err)
{
	int limit = targets_month_limit(time(NULL), text_months);
	json_t *lines = NULL;
	int rc;

	*out = (struct targets){ 0 };
	rc = journal_read(home, JOURNAL, &lines, err);
	for (size_t i = 0; i < json_array_size(lines); i++) {
		const json_t *line = json_array_get(lines, i);

		if (is_noted(lines, path_of(line), is_for_keys(line)))
			add(out, path_of(line), is_for_keys(line));
	}
	if (*configured)
		add_configured(home, configured, spread, out);
	for (size_t i = 0; i < out->count; i++)
		if (out->list[i].keys)
			look_at_keys(home, &out->list[i], limit, spread);
		else
			look_at_backups(home, &out->list[i], spread);
	json_decref(lines);
	return rc;
}

static bool is_in(const char *path, const char *folder)
{
	char *real = real_path(folder);
	size_t n = strlen(real);
	bool in = strncmp(path, real, n) == 0 &&
		  (!path[n] || path[n] == '/' || strcmp(real, "/") == 0);

	free(real);
	return in;
}

/* One of them in the other, or both the same? */
static bool meets(const char *real, const char *other)
{
	char *there = real_path(other);
	bool met = is_in(real, there) || is_in(there, real);

	free(there);
	return met;
}

static bool holds(const char *folder, const char *name)
{
	char *path = xformat("%s/%s", folder, name);
	bool there = access(path, F_OK) == 0;

	free(path);
	return there;
}

static int not_apart(const char *other, bool keys, struct sdg_error *err)
{
	return sdg_fail(err, SDG_EINVAL,
			"\"%s\" is where %s go: together they are members' "
			"words in the open; name a place apart",
			other, keys ? "backups" : "the keys");
}

int targets_apart(const struct sdg_home *home, const char *configured,
		  const char *path, bool keys, struct sdg_error *err)
{
	char *real = real_path(path);
	json_t *lines = NULL;
	int rc = journal_read(home, JOURNAL, &lines, err);

	if (rc == 0 && keys &&
	    (is_in(real, home->root) || meets(real, home->keys)))
		rc = sdg_fail(err, SDG_EINVAL,
			      "\"%s\" is in the installation itself: name a "
			      "place apart, best one that is taken away",
			      real);
	else if (rc == 0 && !keys && meets(real, home->keys))
		rc = not_apart(home->keys, keys, err);
	/* Also of another installation, or from before there was a journal. */
	else if (rc == 0 && holds(real, keys ? ERASURES : "pseudonym.key"))
		rc = not_apart(real, keys, err);
	else if (rc == 0 && keys && *configured && meets(real, configured))
		rc = not_apart(configured, keys, err);
	for (size_t i = 0; rc == 0 && i < json_array_size(lines); i++) {
		const json_t *line = json_array_get(lines, i);
		const char *other = path_of(line);

		if (is_for_keys(line) != keys &&
		    is_noted(lines, other, !keys) && meets(real, other))
			rc = not_apart(other, keys, err);
	}
	json_decref(lines);
	free(real);
	return rc;
}

void targets_fini(struct targets *targets)
{
	for (size_t i = 0; i < targets->count; i++)
		free(targets->list[i].path);
	free(targets->list);
	*targets = (struct targets){ 0 };
}
