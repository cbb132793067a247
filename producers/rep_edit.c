/*
 * rep_edit: a note from $EDITOR, or from questions on a terminal.
 */
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "rep.h"

static const char instructions[] =
    "\n"
    "- \n"
    "\n"
    "# Above: a point a member made, each with a dash before it; say\n"
    "# \"about 14 members said\" where it was more than one. Lines that\n"
    "# begin with # are not sent. Leave it empty to send nothing.\n";

static void today(char out[16])
{
	time_t now = time(NULL);
	struct tm tm;

	localtime_r(&now, &tm);
	strftime(out, 16, "%Y-%m-%d", &tm);
}

static int write_template(int fd, const struct rep_options *options)
{
	const char *rep = options->representative,
		   *where = options->constituency;
	char date[16];

	today(date);
	return dprintf(fd,
		       "Representative: %s\nConstituency: %s\nDate: %s\n"
		       "Attendance: \n%s",
		       rep ? rep : "", where ? where : "", date,
		       instructions) < 0
		   ? -1
		   : 0;
}

/* The editor is a command line, as everybody takes $EDITOR to be. */
static int run_editor(const char *path, struct sdg_error *err)
{
	const char *editor = getenv("VISUAL");
	char command[512];
	int status;
	pid_t pid;

	if (!editor || !*editor)
		editor = getenv("EDITOR");
	if (!editor || !*editor)
		editor = "vi";
	if (snprintf(command, sizeof(command), "%s \"$1\"", editor) >=
	    (int)sizeof(command))
		return sdg_fail(err, SDG_EINVAL, "$EDITOR is too long");
	pid = fork();
	if (pid < 0)
		return sdg_fail_errno(err, "start the editor");
	if (pid == 0) {
		execl("/bin/sh", "sh", "-c", command, "sh", path, (char *)NULL);
		_exit(127);
	}
	while (waitpid(pid, &status, 0) < 0) {
		if (errno != EINTR)
			return sdg_fail_errno(err, "wait for the editor");
	}
	if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
		return sdg_fail(err, SDG_EINVAL,
				"the editor failed: nothing "
				"is sent");
	return 0;
}

/* Drop the "#" lines; what is left without a word of its own, beside the
 * template's "Date: …", is nothing. */
static size_t drop_comments(char *text, size_t len)
{
	char *from = text, *to = text, *past = text + len;
	struct note head = { 0 };
	bool words = false;

	while (from < past) {
		char *end = memchr(from, '\n', (size_t)(past - from));
		size_t n = (size_t)(end ? end + 1 - from : past - from);

		if (*from != '#') {
			bool template = note_template_line(
					    &head, (struct sdg_str){ from, n },
					    time(NULL)) == TEMPLATE_TAKEN;

			for (size_t i = 0; i < n && !template; i++)
				words |= isalnum((unsigned char)from[i]) != 0;
			memmove(to, from, n);
			to += n;
		}
		from += n;
	}
	return words ? (size_t)(to - text) : 0;
}

static int begin_note(const struct rep_options *options,
		      char path[SDG_PATH_MAX], struct sdg_error *err)
{
	const char *tmp = getenv("TMPDIR");
	int fd, rc = 0;

	snprintf(path, SDG_PATH_MAX, "%s/soundings-note-XXXXXX.txt",
		 tmp ? tmp : "/tmp");
	fd = mkostemps(path, 4, O_CLOEXEC); /* 0600 */
	if (fd < 0 || write_template(fd, options) < 0)
		rc = sdg_fail_errno(err, "write \"%s\"", path);
	if (fd < 0)
		path[0] = '\0';
	else
		close(fd);
	return rc;
}

int rep_edit(const struct rep_options *options, char path[SDG_PATH_MAX],
	     struct sdg_error *err)
{
	struct sdg_error editor = { 0 };
	int rc, edited = 0;
	char *text = NULL;
	size_t len = 0;

	rc = begin_note(options, path, err);
	if (rc == 0)
		edited = run_editor(path, &editor);
	if (rc == 0)
		rc = sdg_read_file(path, NOTE_MAX, &text, &len, err);
	if (rc == 0)
		len = drop_comments(text, len);
	if (rc == 0 && len == 0) {
		unlink(path);
		path[0] = '\0';
	} else if (rc == 0) {
		rc = sdg_write_file(path, text, len, 0600, err);
	}
	free(text);
	if (edited < 0 && rc == 0)
		rc = sdg_fail(err, editor.code, "%s", editor.message);
	return rc;
}

/* --------------------------------------------------------------- questions */

static bool ask(const char *question, const char *otherwise, char *answer,
		size_t cap)
{
	char *line = NULL, *clean;
	size_t room = 0, n;
	ssize_t len;

	fprintf(stderr, "%s", question);
	if (otherwise && *otherwise)
		fprintf(stderr, " [%s]", otherwise);
	fprintf(stderr, ": ");
	len = getline(&line, &room, stdin);
	if (len < 0) {
		free(line);
		return false;
	}
	while (len > 0 && isspace((unsigned char)line[len - 1]))
		len--;
	clean = malloc(3 * (size_t)len + 1);
	n = clean ? sdg_text_clean(line, (size_t)len, clean, 3 * (size_t)len)
		  : 0;
	free(line);
	if (n == 0 && otherwise) {
		snprintf(answer, cap, "%s", otherwise);
	} else {
		n = sdg_text_cut(clean, n, cap - 1);
		memcpy(answer, clean ? clean : "", n);
		answer[n] = '\0';
	}
	free(clean);
	return true;
}

/* Until it is one, or nothing. */
static bool ask_number(const char *question, uint32_t *number)
{
	char answer[32], *end;
	unsigned long n;

	for (;;) {
		if (!ask(question, NULL, answer, sizeof(answer)))
			return false;
		n = strtoul(answer, &end, 10);
		if (*end == '\0' && answer[0] != '-' && n <= NOTE_VOICES_MAX)
			break;
		fprintf(stderr, "that is no number: 14, or nothing\n");
	}
	*number = (uint32_t)n;
	return true;
}

static bool ask_date(struct note *note)
{
	char date[32], answer[32];

	today(date);
	for (;;) {
		if (!ask("Date of the meeting or talk", date, answer,
			 sizeof(answer)))
			return false;
		note->has_date = note_date(answer, time(NULL), &note->date);
		if (note->has_date)
			return true;
		fprintf(stderr, "that is no date: 2015-01-28, or 28 January\n");
	}
}

/* An end of input (Ctrl-D) after a point is no more than "no more". */
static bool ends_here(const struct note *note)
{
	if (note->point_count == 0 || ferror(stdin))
		return false;
	clearerr(stdin);
	fputc('\n', stderr);
	return true;
}

static bool ask_points(struct note *note)
{
	char text[3 * 4096], question[32]; /* of a terminal's longest line */

	note->points = calloc(NOTE_POINTS_MAX, sizeof(*note->points));
	while (note->points && note->point_count < NOTE_POINTS_MAX) {
		struct note_point *point = &note->points[note->point_count];

		snprintf(question, sizeof(question), "Point %zu (or nothing)",
			 note->point_count + 1);
		if (!ask(question, NULL, text, sizeof(text)))
			return ends_here(note);
		if (!*text)
			break;
		point->text = strdup(text);
		if (!point->text)
			return false;
		note->point_count++;
		if (!ask_number("How many members said so", &point->voices) &&
		    !ends_here(note))
			return false;
		if (point->voices == 0)
			point->voices = note_voices(text);
	}
	return note->points != NULL;
}

struct note *rep_ask(const struct rep_options *options)
{
	struct note *note = calloc(1, sizeof(*note));

	if (note &&
	    ask("Who are you", options->representative, note->representative,
		sizeof(note->representative)) &&
	    ask("Constituency", options->constituency, note->constituency,
		sizeof(note->constituency)) &&
	    ask_date(note) &&
	    ask_number("How many came (if a meeting)", &note->attendance) &&
	    ask_points(note))
		return note;
	note_free(note);
	return NULL;
}

bool rep_confirm(size_t points)
{
	char answer[16];

	fprintf(stderr, "Send %s? [Y/n] ",
		points == 1 ? "this point" : "these points");
	if (!fgets(answer, sizeof(answer), stdin))
		return false;
	return answer[0] == '\n' || answer[0] == 'y' || answer[0] == 'Y';
}
