/*
 * doctor_mail: how the mail server calls the hook, read from its
 * configuration. It changes nothing and takes nothing from a mail server that
 * is not there. doctor_queue: what it has been keeping back.
 */
#include "doctor.h"

#include <dirent.h>
#include <stdlib.h>
#include <string.h>

#define HOOK "soundings-mail"
#define CONFIG_MAX (4u << 20)

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

/* "name = 1" */
static bool is_one(const char *setting)
{
	const char *value = setting ? strchr(setting, '=') : NULL;

	value = value ? value + 1 + strspn(value + 1, " \t") : "";
	return *value == '1' && strspn(value + 1, " \t") == strlen(value + 1);
}

/* Postfix: the transport's name is its first word; its limits are in
 * main.cf under that name. */
static void look_at_postfix(struct findings *f)
{
	char *master = config_file("postfix/master.cf");
	char *main_cf = config_file("postfix/main.cf");
	char *aliases = config_file("aliases");
	char *line = line_with(master, HOOK), *alias, *limit;
	bool one;

	alias = line ? NULL : line_with(aliases, HOOK);
	if (!master) {
		free(main_cf);
		free(aliases);
		free(alias);
		return;
	}
	if (!line && !alias) {
		found(f, "Postfix", WARNING,
		      xstrdup("does not call soundings-mail: 'soundings setup' "
			      "prints the lines"));
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
		one = is_one(limit);
		found(f, "Postfix", one ? FINE : WARNING,
		      one ? xformat("transport %s calls the hook", name)
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

/* Debian's Exim is configured by one file or by many small ones: where there
 * is no file of the administrator's own, all of them together. */
static char *exim_transports(void)
{
	char *path = xformat("%s/exim4/conf.d/transport", root());
	char *all = xstrdup(""), *one, *more, *name;
	DIR *dir = opendir(path);
	struct dirent *entry;

	while (dir && (entry = readdir(dir))) {
		name = xformat("exim4/conf.d/transport/%s", entry->d_name);
		one = *entry->d_name == '.' ? NULL : config_file(name);
		if (one) {
			more = xformat("%s%s\n", all, one);
			free(all);
			all = more;
		}
		free(one);
		free(name);
	}
	if (dir)
		closedir(dir);
	free(path);
	return all;
}

static char *exim_configuration(void)
{
	char *text = config_file("exim4/exim4.conf"), *many, *both;

	if (!text)
		text = config_file("exim/exim.conf");
	if (text)
		return text;
	text = config_file("exim4/exim4.conf.template");
	if (!text)
		return NULL;
	many = exim_transports();
	both = xformat("%s\n%s", text, many);
	free(many);
	free(text);
	return both;
}

/* Does @name, of the configuration @text, call the hook, and as it should?
 * @safe: what stands there where a failure is none for good, or @wrong. */
static bool calls_hook(struct findings *f, const char *name, char *text,
		       const char *lines, const char *const safe[2],
		       const char *wrong)
{
	char *line = text ? line_with(text, HOOK) : NULL;
	bool calls = line != NULL;

	if (!text)
		return false;
	if (!line)
		found(f, name, WARNING,
		      xformat("does not call soundings-mail: %s", lines));
	else if (!strstr(text, safe[0]) || !strstr(text, safe[1]))
		found(f, name, WRONG,
		      xformat("calls the hook without %s: a member's mail may "
			      "bounce",
			      wrong));
	else
		found(f, name, FINE, xstrdup("calls the hook"));
	free(line);
	free(text);
	return calls;
}

/* Without the shell behind it a signal, or a hook that is not there, is a
 * failure for good to OpenSMTPD. */
void doctor_mail(struct findings *f)
{
	look_at_postfix(f);
	doctor_postfix_queue(f);
	if (calls_hook(f, "Exim", exim_configuration(),
		       "'soundings setup' prints the lines",
		       (const char *const[]){ "timeout_defer", "temp_errors" },
		       "temp_errors and timeout_defer"))
		doctor_exim_queue(f);
	if (calls_hook(f, "OpenSMTPD", config_file("smtpd.conf"),
		       "packaging/opensmtpd has the lines",
		       (const char *const[]){ "|| exit 75", HOOK },
		       "'|| exit 75'"))
		doctor_opensmtpd_queue(f);
}
