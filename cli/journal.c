/*
 * journal: lines of JSON in the home that only ever grow.
 */
#include "journal.h"

#include <fcntl.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
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

int journal_append(const struct sdg_home *home, const char *name, json_t *line,
		   struct sdg_error *err)
{
	char *path = xformat("%s/%s", home->root, name), *text, *whole;
	size_t len;
	int fd, rc = 0;

	put_who_and_when(line);
	text = json_dumps(line, JSON_COMPACT);
	json_decref(line);
	whole = xformat("%s\n", text ? text : "{}");
	len = strlen(whole);
	fd = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
	if (fd < 0 || flock(fd, LOCK_EX) < 0 ||
	    write(fd, whole, len) != (ssize_t)len || fsync(fd) < 0)
		rc = sdg_fail_errno(err, "note it in '%s'", path);
	if (fd >= 0)
		close(fd);
	free(whole);
	free(text);
	free(path);
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
