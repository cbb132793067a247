/*
 * soundings setup: from nothing to the first counted message, step by step.
 * Each step looks whether it is done; what it can do itself it does with
 * --yes; for the rest it prints the exact lines. It may be run again and
 * again.
 */
#include "doctor.h"

#include <err.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <soundings/config.h>

static const char HELP[] =
    "  soundings setup          what is done, and what to do next\n"
    "  soundings setup --yes    and do what can be done from here\n"
    "\n"
    "Usage: soundings setup [--yes]\n"
    "\n"
    "Leaves with 0 when every step is done, else with 75: run it again.\n";

enum { OPT_YES = 300 };

static const struct option OPTIONS[] = {
	{ "yes", no_argument, NULL, OPT_YES },
	{ NULL, 0, NULL, 0 },
};

struct setup {
	bool yes;
	bool service; /* run by systemd */
	unsigned undone;
	struct health health;
	struct sdg_config config;
	struct sdg_error err;
};

static int take_option(void *arg, int id, const char *value)
{
	(void)id;
	(void)value;
	((struct setup *)arg)->yes = true;
	return 0;
}

static void step(struct setup *s, bool done, const char *what)
{
	printf("[%c] %s\n", done ? 'x' : ' ', what);
	s->undone += !done;
}

__attribute__((format(printf, 1, 2))) static void line(const char *fmt, ...)
{
	va_list args;

	printf("      ");
	va_start(args, fmt);
	vprintf(fmt, args);
	va_end(args);
	putchar('\n');
}

static bool there(const char *path)
{
	return access(path, F_OK) == 0;
}

/* All settings at their defaults, commented out: a form to fill in. */
static char *form(void)
{
	const char *section = "";
	char *text = NULL;
	size_t len = 0;
	FILE *to = open_memstream(&text, &len);

	if (!to)
		errx(EXIT_RETRY, "no memory");
	fputs("# Soundings. soundings.yaml(5); 'soundings config check'.\n",
	      to);
	for (const struct sdg_setting *x = sdg_config_settings(); x->section;
	     x++) {
		if (strcmp(section, x->section) != 0)
			fprintf(to, "\n#%s:\n", x->section);
		section = x->section;
		switch (x->kind) {
		case SDG_SETTING_NUMBER:
			fprintf(to, "#  %s: %d", x->key, x->def);
			break;
		case SDG_SETTING_TEXT:
			fprintf(to, "#  %s: \"%s\"", x->key, x->def_text);
			break;
		case SDG_SETTING_SWITCH:
			fprintf(to, "#  %s: %s", x->key,
				x->def_switch ? "yes" : "no");
			break;
		}
		fprintf(to, "  # %s\n", x->about);
	}
	if (fclose(to) != 0)
		errx(EXIT_RETRY, "no memory");
	return text;
}

static void set_configuration(struct setup *s)
{
	char *path = xformat("%s/soundings.yaml", s->health.home.root), *text;

	if (!s->config.path[0] && s->yes) {
		text = form();
		if (sdg_home_prepare(&s->health.home, &s->err) < 0 ||
		    sdg_write_file(path, text, strlen(text), 0600, &s->err) < 0)
			warnx("%s", s->err.message);
		else
			snprintf(s->config.path, sizeof(s->config.path), "%s",
				 path);
		free(text);
	}
	step(s, s->config.path[0], "a configuration to fill in");
	line("%s", s->config.path[0]
		       ? s->config.path
		       : "all is default; --yes writes a form into the home");
	free(path);
}

static int start_workers(void)
{
	char path[SDG_PATH_MAX];
	int status;
	pid_t pid;

	if (sdg_program_path("soundings", path, NULL) < 0)
		return -1;
	fflush(stdout);
	pid = fork();
	if (pid == 0) {
		execl(path, "soundings", "workers", "start", "--count", "2",
		      (char *)NULL);
		_exit(127);
	}
	return pid > 0 && waitpid(pid, &status, 0) == pid ? status : -1;
}

static void set_workers(struct setup *s)
{
	if (s->health.workers_answering == 0 && s->yes && !s->service &&
	    start_workers() == 0)
		health_check(&s->health, &s->err);
	step(s, s->health.workers_answering > 0, "workers that answer");
	if (s->health.workers_answering)
		line("%zu of them", s->health.workers_answering);
	else
		line("%s", s->service
			       ? "systemctl enable --now soundings.target"
			       : "soundings workers start --count 2");
}

/* Which mail system is here, and the lines it wants. */
static void set_mail(struct setup *s)
{
	static const char *const NAMES[][2] = {
		{ "/etc/postfix/master.cf", "postfix" },
		{ "/etc/exim4", "exim" },
		{ "/etc/smtpd.conf", "opensmtpd" },
		{ "/etc/dovecot", "sieve" },
	};
	struct findings f = { .grid = grid_new(""), .warnings = xstrdup("") };
	char hook[SDG_PATH_MAX] = "soundings-mail";
	bool wired;

	grid_column(f.grid, "what", "", false);
	grid_column(f.grid, "state", "", false);
	grid_column(f.grid, "words", "", false);
	doctor_mail(&f);
	wired = f.grid->row_count > 0 && f.worst == FINE;
	step(s, wired, "mail that reaches the hook");
	sdg_program_path("soundings-mail", hook, NULL);
	if (!wired) {
		bool any = false;

		for (size_t i = 0; i < 4; i++) {
			if (!there(NAMES[i][0]))
				continue;
			any = true;
			line("%s is here: follow "
			     "/usr/share/doc/soundings/mail/%s/README.md",
			     NAMES[i][0], NAMES[i][1]);
		}
		line("%s", any ? "the hook is:"
			       : "no mail server here that is known: give "
				 "each message to");
		line("  %s --home=%s", hook, s->health.home.root);
		line("or now and then: soundings-mail --maildir MAILDIR");
	}
	grid_free(f.grid);
	free(f.warnings);
}

static void set_test(struct setup *s)
{
	struct findings f = { .grid = grid_new(""), .warnings = xstrdup("") };
	bool tested = s->health.store == 0 &&
		      s->health.ledger.outcomes[SDG_OUTCOME_TEST] > 0;

	grid_column(f.grid, "what", "", false);
	grid_column(f.grid, "state", "", false);
	grid_column(f.grid, "words", "", false);
	if (!tested && s->yes && s->health.workers_answering) {
		doctor_test(&f, &s->health);
		tested = f.worst == FINE;
		if (!tested)
			line("%s", f.warnings);
		health_check(&s->health, &s->err);
	}
	step(s, tested, "a test message from end to end");
	if (!tested)
		line("soundings doctor --test");
	grid_free(f.grid);
	free(f.warnings);
}

static void set_rest(struct setup *s)
{
	const struct sdg_ledger *l = &s->health.ledger;
	bool store = s->health.store == 0;
	char *backups = xstrdup(s->config.backup.directory);

	step(s, store && s->health.stats.directory > 0, "a members' directory");
	if (!store || s->health.stats.directory == 0)
		line("soundings directory import members.csv");
	step(s, store && l->received > l->outcomes[SDG_OUTCOME_TEST],
	     "the backlog");
	if (!store || l->received == l->outcomes[SDG_OUTCOME_TEST]) {
		line("soundings-mail --maildir MAILDIR, or --mbox FILE");
		line("soundings-survey EXPORT.csv; soundings-rep NOTES.txt");
	}
	step(s, *backups || (s->service && there("/var/backups/soundings")),
	     "backups, and the keys apart from them");
	if (!*backups)
		line("set backup.directory, or soundings backup DIRECTORY");
	line("soundings backup --keys A-PLACE-APART, now and each month");
	free(backups);
}

int cmd_setup(int argc, char *argv[])
{
	struct setup s = { 0 };
	const struct cli_spec spec = { .help = HELP,
				       .formats = CLI_FORMAT_BIT(CLI_TABLE),
				       .options = OPTIONS,
				       .option = take_option,
				       .arg = &s };
	struct cli_args args;
	int status = cli_parse(argc, argv, &spec, &args);

	if (status >= 0)
		return status;
	if (health_check(&s.health, &s.err) < 0 ||
	    sdg_config_load(&s.health.home, &s.config, &s.err) < 0)
		return cli_fail(&s.err);
	s.service = there("/run/systemd/system") &&
		    strcmp(s.health.home.root, "/var/lib/soundings") == 0;
	printf("Soundings in %s\n\n", s.health.home.root);
	set_configuration(&s);
	set_workers(&s);
	set_mail(&s);
	set_test(&s);
	set_rest(&s);
	if (s.undone == 0)
		printf("\nAll done: ask with 'soundings report'.\n");
	else
		printf("\n%u to go; run this again to see.\n", s.undone);
	return s.undone ? EXIT_RETRY : 0;
}
