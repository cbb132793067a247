/*
 * journal: lines of JSON in the home that only ever grow.
 */
#include "journal.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define JOURNAL_MAX (64u << 20)

static void put_who_and_when(json_t *line)
{
	struct passwd *pw = getpwuid(getuid());
	char now[DATE_SIZE];

	json_object_set_new(line, "at",
			    json_string(date_format_iso(time(NULL), now)));
	json_object_set_new(line, "by",
			    cli_json_str(sdg_str(pw ? pw->pw_name : "?")));
}

size_t journal_whole(const char *text, size_t len)
{
	size_t whole = len;
	json_t *json;

	while (whole && text[whole - 1] != '\n')
		whole--;
	if (whole == len)
		return len;
	json = json_loadb(text + whole, len - whole, 0, NULL);
	if (json_is_object(json)) /* but for its end: somebody's editor */
		whole = len;
	json_decref(json);
	return whole;
}

/* Where the next line begins, and with what before it: a line that was broken
 * off goes, since it would make the next one no line either. */
static int find_end(int fd, const char *path, off_t *end, const char **before,
		    struct sdg_error *err)
{
	char *text = NULL, last = '\n';
	size_t len;
	int rc;

	*before = "";
	*end = lseek(fd, 0, SEEK_END);
	if (*end < 0 || (*end > 0 && pread(fd, &last, 1, *end - 1) != 1))
		return sdg_fail_errno(err, "read '%s'", path);
	if (last == '\n')
		return 0;
	rc = sdg_read_file(path, JOURNAL_MAX, &text, &len, err);
	if (rc < 0)
		return rc;
	*end = (off_t)journal_whole(text, len);
	if ((size_t)*end == len)
		*before = "\n";
	free(text);
	return 0;
}

/* All of @line, or nothing. */
static int add_line(int fd, const char *path, const char *line,
		    struct sdg_error *err)
{
	const char *before;
	char *whole;
	size_t len;
	off_t end;
	int rc = find_end(fd, path, &end, &before, err);

	if (rc < 0)
		return rc;
	whole = xformat("%s%s\n", before, line);
	len = strlen(whole);
	if (ftruncate(fd, end) < 0 || write(fd, whole, len) != (ssize_t)len ||
	    fsync(fd) < 0) {
		rc = sdg_fail_errno(err, "note it in '%s'", path);
		/* What cannot be cut off now is by the next one. */
		(void)!ftruncate(fd, end);
	}
	free(whole);
	return rc;
}

/* The name of what was just made must last. */
static int sync_folder(const char *path, struct sdg_error *err)
{
	char *copy = xstrdup(path);
	int fd = open(dirname(copy), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int rc = fd < 0 || fsync(fd) < 0
		     ? sdg_fail_errno(err, "sync the folder of '%s'", path)
		     : 0;

	if (fd >= 0)
		close(fd);
	free(copy);
	return rc;
}

/* To be added to by nobody else until it is closed. A place for backups may
 * know no locks. */
static int open_alone(const char *path, int *out, struct sdg_error *err)
{
	int fd = open(path, O_RDWR | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
	struct stat st = { 0 };
	int rc = 0;

	if (fd < 0 ||
	    (flock(fd, LOCK_EX) < 0 && errno != EOPNOTSUPP &&
	     errno != ENOLCK) ||
	    fstat(fd, &st) < 0)
		rc = sdg_fail_errno(err, "note it in '%s'", path);
	if (rc == 0 && st.st_size == 0)
		rc = sync_folder(path, err);
	if (rc == 0)
		*out = fd;
	else if (fd >= 0)
		close(fd);
	return rc;
}

int journal_append(const struct sdg_home *home, const char *name, json_t *line,
		   struct sdg_error *err)
{
	char *path = xformat("%s/%s", home->root, name), *text;
	int fd, rc;

	put_who_and_when(line);
	text = json_dumps(line, JSON_COMPACT);
	json_decref(line);
	rc = open_alone(path, &fd, err);
	if (rc == 0) {
		rc = add_line(fd, path, text ? text : "{}", err);
		close(fd);
	}
	free(text);
	free(path);
	return rc;
}

/* ------------------------------------------------------- one with another */

/* Its lines: keys of an object. */
static int read_lines(const char *path, json_t **out, struct sdg_error *err)
{
	char *text = NULL, *save = NULL;
	size_t len;
	int rc = sdg_read_file(path, JOURNAL_MAX, &text, &len, err);

	if (rc < 0 && rc != SDG_ENOTFOUND)
		return rc;
	*out = json_object();
	if (rc == 0)
		text[journal_whole(text, len)] = '\0';
	for (char *line = text ? strtok_r(text, "\n", &save) : NULL; line;
	     line = strtok_r(NULL, "\n", &save))
		json_object_set_new_nocheck(*out, line, json_true());
	free(text);
	return 0;
}

/* What @to lacks, as the lines to add; empty: nothing. */
static int lines_lacking(const json_t *from, const char *to, char **out,
			 struct sdg_error *err)
{
	struct cli_text text;
	const char *line, *end = "";
	json_t *ours, *is;
	FILE *file;
	int rc = read_lines(to, &ours, err);

	if (rc < 0)
		return rc;
	file = cli_text_open(&text);
	json_object_foreach((json_t *)(uintptr_t)from, line, is)
	{
		if (json_object_get(ours, line))
			continue;
		fprintf(file, "%s%s", end, line);
		end = "\n";
	}
	json_decref(ours);
	if (fclose(file) != 0)
		return sdg_fail(err, SDG_ENOMEM, "merge journals: no memory");
	*out = text.data;
	return 0;
}

int journal_merge(const char *from, const char *to, struct sdg_error *err)
{
	char *lacking = NULL;
	json_t *theirs;
	int fd, rc = read_lines(from, &theirs, err);

	if (rc < 0)
		return rc;
	rc = open_alone(to, &fd, err);
	if (rc == 0) {
		rc = lines_lacking(theirs, to, &lacking, err);
		if (rc == 0 && *lacking)
			rc = add_line(fd, to, lacking, err);
		close(fd);
	}
	free(lacking);
	json_decref(theirs);
	return rc;
}

int journal_within(const char *from, const char *to, bool *all,
		   struct sdg_error *err)
{
	char *lacking = NULL;
	json_t *theirs;
	int rc = read_lines(from, &theirs, err);

	*all = false;
	if (rc < 0)
		return rc;
	rc = lines_lacking(theirs, to, &lacking, err);
	*all = rc == 0 && !*lacking;
	free(lacking);
	json_decref(theirs);
	return rc;
}

int journal_read(const struct sdg_home *home, const char *name, json_t **out,
		 struct sdg_error *err)
{
	char *path = xformat("%s/%s", home->root, name), *text = NULL;
	json_t *lines = json_array();
	char *save = NULL;
	size_t len, n = 0;
	int rc;

	rc = sdg_read_file(path, JOURNAL_MAX, &text, &len, err);
	if (rc == SDG_ENOTFOUND)
		rc = 0;
	else if (rc == 0)
		text[journal_whole(text, len)] = '\0';
	for (char *line = text ? strtok_r(text, "\n", &save) : NULL;
	     rc == 0 && line; line = strtok_r(NULL, "\n", &save)) {
		json_t *json = json_loads(line, 0, NULL);

		n++;
		if (!json_is_object(json))
			rc = sdg_fail(err, SDG_EINVAL,
				      "read '%s': line %zu is no JSON object",
				      path, n);
		else
			json_array_append(lines, json);
		json_decref(json);
	}
	if (rc < 0)
		json_decref(lines);
	else
		*out = lines;
	free(text);
	free(path);
	return rc;
}
