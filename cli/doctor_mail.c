/*
 * doctor_mail: how the mail server calls the hook, read from its
 * configuration, and what it has been keeping back. It changes nothing and
 * takes nothing from a mail server that is not there.
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

#define HOOK "soundings-mail"
#define CONFIG_MAX (4u << 20)
#define OUTPUT_MAX (8u << 20)
#define HOUR 3600
#define DAY 86400

static const char *root(void)
{
	/* For tests: a mail server's files elsewhere. */
	const char *dir = getenv("SOUNDINGS_ETC");

	return dir && *dir ? dir : "/etc";
}

static char *config_file(const char *name)
{
	char *path = xformat("%s/%s", root(), name), *text = NULL;
	size_t len;

	if (sdg_read_file(path, CONFIG_MAX, &text, &len, NULL) < 0)
		text = NULL;
	free(path);
	return text;
}

/* The first line, comments aside, that holds @word; with the lines that
 * continue it. The caller frees it. */
static char *line_with(const char *text, const char *word)
{
	const char *line = text;

	while (line && *line) {
		const char *end = line + strcspn(line, "\n");

		while (end[0] && (end[1] == ' ' || end[1] == '\t'))
			end += 1 + strcspn(end + 1, "\n");
		if (*line != '#' &&
		    memmem(line, (size_t)(end - line), word, strlen(word)))
			return strndup(line, (size_t)(end - line));
		line = *end ? end + 1 : end;
	}
	return NULL;
}

/* Postfix: the transport's name is its first word; its limits are in
 * main.cf under that name. */
static void look_at_postfix(struct findings *f)
{
	char *master = config_file("postfix/master.cf");
	char *main_cf = config_file("postfix/main.cf");
	char *aliases = config_file("aliases");
	char *line = line_with(master, HOOK), *alias, *limit;

	alias = line ? NULL : line_with(aliases, HOOK);
	if (!master) {
		free(main_cf);
		free(aliases);
		free(alias);
		return;
	}
	if (!line && !alias) {
		found(f, "Postfix", WARNING,
		      xstrdup("does not call soundings-mail: see "
			      "packaging/postfix, or README.mail.md"));
	} else if (alias) {
		found(
		    f, "Postfix", WARNING,
		    xstrdup("calls soundings-mail from an alias, as user "
			    "nobody: a transport of its own (pipe) runs it as "
			    "soundings-mail"));
	} else {
		char *name = strndup(line, strcspn(line, " \t"));
		char *key = xformat("%s_destination_recipient_limit", name);

		if (!strstr(line, "user=soundings-mail"))
			found(f, "Postfix", WARNING,
			      xformat("transport %s does not run as user "
				      "soundings-mail",
				      name));
		limit = line_with(main_cf, key);
		found(f, "Postfix", limit ? FINE : WARNING,
		      limit ? xformat("transport %s calls the hook", name)
			    : xformat("transport %s calls the hook; set %s = 1 "
				      "in main.cf",
				      name, key));
		free(limit);
		free(key);
		free(name);
	}
	free(line);
	free(alias);
	free(master);
	free(main_cf);
	free(aliases);
}

static void look_at_exim(struct findings *f)
{
	static const char *const FILES[] = { "exim4/exim4.conf",
					     "exim4/exim4.conf.template",
					     "exim/exim.conf" };
	char *text = NULL, *line;

	for (size_t i = 0; !text && i < 3; i++)
		text = config_file(FILES[i]);
	if (!text)
		return;
	line = line_with(text, HOOK);
	if (!line)
		found(f, "Exim", WARNING,
		      xstrdup("does not call soundings-mail: see "
			      "packaging/exim"));
	else if (!strstr(text, "timeout_defer") || !strstr(text, "temp_errors"))
		found(f, "Exim", WRONG,
		      xstrdup("calls the hook without temp_errors and "
			      "timeout_defer: a member's mail may bounce"));
	else
		found(f, "Exim", FINE, xstrdup("calls the hook"));
	free(line);
	free(text);
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

/* Mail that Postfix keeps because of us. It gives up after five days. */
static void look_at_deferred(struct findings *f)
{
	const char *const argv[] = { "postqueue", "-j", NULL };
	char *text = output_of(argv), *save = NULL, when[DATE_SIZE];
	int64_t oldest = 0, age;
	size_t n = 0;

	for (char *line = text ? strtok_r(text, "\n", &save) : NULL; line;
	     line = strtok_r(NULL, "\n", &save)) {
		json_t *message = json_loads(line, 0, NULL);
		int64_t at = json_integer_value(
		    json_object_get(message, "arrival_time"));

		if (is_ours(message)) {
			n++;
			if (oldest == 0 || at < oldest)
				oldest = at;
		}
		json_decref(message);
	}
	age = time(NULL) - oldest;
	if (text)
		found(f, "deferred mail",
		      n == 0       ? FINE
		      : age > DAY  ? WRONG
		      : age > HOUR ? WARNING
				   : FINE,
		      n == 0
			  ? xstrdup("none waits for the hook")
			  : xformat("%zu wait for the hook, the oldest since "
				    "%s UTC: see that workers run, then "
				    "'postqueue -f'",
				    n, date_format_time(oldest, when)));
	free(text);
}

void doctor_mail(struct findings *f)
{
	look_at_postfix(f);
	look_at_exim(f);
	look_at_deferred(f);
}
