/*
 * doctor_queue: mail that the mail server keeps back because of the hook.
 * It gives up after some days, so whoever runs it has to hear of it before.
 */
#include "doctor.h"

#include <ctype.h>
#include <errno.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define OUTPUT_MAX (8u << 20)
#define HOUR 3600
#define DAY 86400
/* Of Exim's queue each message's log is looked at, oldest first; of
 * OpenSMTPD's each envelope. */
#define LOOKED_AT 500

struct waiting {
	size_t n;
	int64_t oldest;
};

static void waits(struct waiting *w, int64_t since)
{
	if (w->n++ == 0 || since < w->oldest)
		w->oldest = since;
}

/* @again: what has it tried at once. */
static void say(struct findings *f, const struct waiting *w, const char *again)
{
	int64_t age = time(NULL) - w->oldest;
	char when[DATE_SIZE];

	if (w->n == 0)
		found(f, "deferred mail", FINE,
		      xstrdup("none waits for the hook"));
	else
		found(
		    f, "deferred mail",
		    age > DAY    ? WRONG
		    : age > HOUR ? WARNING
				 : FINE,
		    xformat("%zu wait%s for the hook, the oldest since %s UTC: "
			    "see that workers run, then '%s'",
			    w->n, w->n == 1 ? "s" : "",
			    date_format_time(w->oldest, when), again));
}

/* All that a program prints; NULL when it is not there or fails. */
static char *output_of(const char *const argv[])
{
	extern char **environ;
	posix_spawn_file_actions_t actions;
	char *text = NULL;
	size_t len = 0;
	int fds[2], status = -1, rc;
	FILE *from, *to;
	pid_t pid;

	if (pipe(fds) != 0)
		return NULL;
	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_addclose(&actions, fds[0]);
	posix_spawn_file_actions_adddup2(&actions, fds[1], 1);
	posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", 1, 0);
	rc =
	    posix_spawnp(&pid, argv[0], &actions, NULL, (char **)argv, environ);
	posix_spawn_file_actions_destroy(&actions);
	close(fds[1]);
	from = rc == 0 ? fdopen(fds[0], "r") : NULL;
	to = from ? open_memstream(&text, &len) : NULL;
	if (to) {
		for (int c; len < OUTPUT_MAX && (c = getc(from)) != EOF;)
			putc(c, to);
		fclose(to);
	}
	if (from)
		fclose(from);
	else
		close(fds[0]);
	if (rc == 0)
		while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
			;
	if (status != 0) {
		free(text);
		return NULL;
	}
	return text;
}

/* What a line of a queue's listing says: since when that message waits for
 * us; 0: it does not; NO_MESSAGE: the line is none. */
typedef int64_t look_fn(const void *arg, const char *line);
#define NO_MESSAGE (-1)

/* Of the first @most messages of the listing @text, and what to do. */
static void look_at_each(struct findings *f, char *text, size_t most,
			 look_fn *look, const void *arg, const char *flush)
{
	struct waiting w = { 0 };
	char *save = NULL;
	size_t n = 0;

	for (char *line = strtok_r(text, "\n", &save); line && n < most;
	     line = strtok_r(NULL, "\n", &save)) {
		int64_t since = look(arg, line);

		n += since != NO_MESSAGE;
		if (since > 0)
			waits(&w, since);
	}
	say(f, &w, flush);
	free(text);
}

static bool is_ours(const json_t *message)
{
	const json_t *all = json_object_get(message, "recipients");

	for (size_t i = 0; i < json_array_size(all); i++) {
		const char *why = json_string_value(
		    json_object_get(json_array_get(all, i), "delay_reason"));

		if (why && strstr(why, "soundings"))
			return true;
	}
	return false;
}

static int64_t look_at_postfix(const void *arg, const char *line)
{
	json_t *message = json_loads(line, 0, NULL);
	int64_t since = 0;

	(void)arg;
	if (is_ours(message))
		since = json_integer_value(
		    json_object_get(message, "arrival_time"));
	json_decref(message);
	return since;
}

void doctor_postfix_queue(struct findings *f)
{
	const char *const argv[] = { "postqueue", "-j", NULL };
	char *text = output_of(argv);

	if (text)
		look_at_each(f, text, SIZE_MAX, look_at_postfix, NULL,
			     "postqueue -f");
}

/* "25m  2.9K 1abcDE-000123-AB <jane@school.example>", the addresses that
 * wait below it; the age in minutes, hours or days. False: another line. */
static bool read_exim_message(const char *line, int64_t *age, char id[40])
{
	long n;
	char unit, size[16];

	if (sscanf(line, " %ld%c %15s %39s", &n, &unit, size, id) != 4 ||
	    !strchr(id, '-') ||
	    id[strspn(id, "-0123456789"
			  "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
			  "abcdefghijklmnopqrstuvwxyz")])
		return false;
	*age = n * (unit == 'd' ? DAY : unit == 'h' ? HOUR : 60);
	return true;
}

/* Why a message waits is in its own log, a line a try; ours are those of a
 * transport that bears our name: "… T=soundings_pipe defer (0): …". Where the
 * last of them is a delivery it waits for another. */
static bool exim_defers_for_us(const char *program, const char *id)
{
	const char *const argv[] = { program, "-Mvl", id, NULL };
	char *log = output_of(argv), *save = NULL;
	bool ours = false;

	for (char *line = log ? strtok_r(log, "\n", &save) : NULL; line;
	     line = strtok_r(NULL, "\n", &save)) {
		const char *transport = strstr(line, " T=");

		if (transport && strstr(transport, "soundings"))
			ours = !strstr(line, " => ") && !strstr(line, " -> ");
	}
	free(log);
	return ours;
}

static int64_t look_at_exim(const void *program, const char *line)
{
	int64_t age;
	char id[40];

	if (!read_exim_message(line, &age, id))
		return NO_MESSAGE;
	return exim_defers_for_us(program, id) ? time(NULL) - age : 0;
}

void doctor_exim_queue(struct findings *f)
{
	static const char *const PROGRAMS[] = { "exim4", "exim",
						"/usr/sbin/exim4" };
	const char *program = NULL;
	char *text = NULL;

	for (size_t i = 0; !text && i < 3; i++) {
		program = PROGRAMS[i];
		text = output_of((const char *[]){ program, "-bp", NULL });
	}
	if (!text) {
		found(f, "deferred mail", WARNING,
		      xstrdup("Exim does not show its queue to this user: "
			      "'adduser soundings Debian-exim', or its group "
			      "into admin_groups"));
		return;
	}
	look_at_each(f, text, LOOKED_AT, look_at_exim, program, "exim4 -qff");
}

/* smtpctl is root's alone: a timer asks by way of sudo (packaging/opensmtpd).
 */
static const char *const SMTPCTL[][3] = {
	{ "smtpctl", NULL },
	{ "/usr/sbin/smtpctl", NULL },
	{ "sudo", "-n", "/usr/sbin/smtpctl" },
};

static char *smtpctl(size_t way, const char *show, const char *id)
{
	const char *argv[7] = { NULL };
	size_t n = 0;

	while (n < 3 && SMTPCTL[way][n]) {
		argv[n] = SMTPCTL[way][n];
		n++;
	}
	argv[n++] = "show";
	argv[n++] = show;
	argv[n] = id;
	return output_of(argv);
}

/* One line an envelope, "id|inet4|mda|…|error". What follows the type is not
 * taken from here: a sender's address may hold a bar. */
static bool read_smtpd_line(const char *line, char id[17])
{
	const char *type = strchr(line, '|');

	type = type ? strchr(type + 1, '|') : NULL;
	if (!type || strncmp(type, "|mda|", 5) != 0 ||
	    strspn(line, "0123456789abcdef") != 16 || line[16] != '|')
		return false;
	snprintf(id, 17, "%.16s", line);
	return true;
}

/* "dispatcher: soundings", "mda-user: soundings-mail", and an error since it
 * came: it was tried, and waits. */
static bool read_envelope(char *text, int64_t *since)
{
	bool ours = false, failed = false;
	char *save = NULL;

	*since = 0;
	for (char *line = strtok_r(text, "\n", &save); line;
	     line = strtok_r(NULL, "\n", &save)) {
		const char *value = strstr(line, ": ");
		size_t len = value ? (size_t)(value - line) : 0;

		if (len == 9 && memcmp(line, "errorline", len) == 0)
			failed = true;
		else if (len == 5 && memcmp(line, "ctime", len) == 0)
			*since = strtoll(value + 2, NULL, 10);
		else if ((len == 10 && memcmp(line, "dispatcher", len) == 0) ||
			 (len == 8 && memcmp(line, "mda-user", len) == 0))
			ours |= strstr(value, "soundings") != NULL;
	}
	return ours && failed && *since > 0;
}

static int64_t look_at_opensmtpd(const void *way, const char *line)
{
	char *envelope, id[17];
	int64_t since = 0;

	if (!read_smtpd_line(line, id))
		return NO_MESSAGE;
	envelope = smtpctl(*(const size_t *)way, "envelope", id);
	if (envelope && !read_envelope(envelope, &since))
		since = 0;
	free(envelope);
	return since;
}

void doctor_opensmtpd_queue(struct findings *f)
{
	char *text = NULL;
	size_t way = 0;

	while (way < sizeof(SMTPCTL) / sizeof(*SMTPCTL) &&
	       !(text = smtpctl(way, "queue", NULL)))
		way++;
	if (!text) {
		found(f, "deferred mail", WARNING,
		      xstrdup("OpenSMTPD shows its queue to root alone: two "
			      "lines for sudo let this user ask "
			      "(packaging/opensmtpd)"));
		return;
	}
	look_at_each(f, text, LOOKED_AT, look_at_opensmtpd, &way,
		     "smtpctl schedule all");
}
