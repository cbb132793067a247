/*
 * soundings: the command line. This file is the table of commands and the
 * child they run in; each command is its own file.
 *
 * A damaged store can end whoever maps it with SIGBUS or SIGSEGV. So the
 * command runs in a child, forked before anything is opened, and its death
 * becomes an error with words and a status.
 */
#include "cli.h"
#include "remote.h"

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <locale.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#ifndef SOUNDINGS_VERSION
#define SOUNDINGS_VERSION "0"
#endif

struct command {
	const char *name;
	int (*run)(int argc, char *argv[]);
	const char *about;
};

/* By what one wants; a name of "" begins a group. */
static const struct command COMMANDS[] = {
	{ "", NULL, "How things stand" },
	{ "setup", cmd_setup, "the first steps, one by one" },
	{ "status", cmd_status,
	  "how things stand: workers, store, what waits" },
	{ "doctor", cmd_doctor, "what is wrong here, and what to do" },
	{ "ledger", cmd_ledger, "what became of everything received" },
	{ "verify", cmd_verify, "recount everything from the events" },
	{ "", NULL, "Read" },
	{ "messages", cmd_messages, "list what was said" },
	{ "show", cmd_show, "open one message: its words and its labels" },
	{ "explain", cmd_explain, "why a message got its labels" },
	{ "", NULL, "Ask" },
	{ "report", cmd_report, "members by region, theme, source, month …" },
	{ "trend", cmd_trend, "what rises and falls, beyond noise" },
	{ "digest", cmd_digest, "a week in figures, to be mailed" },
	{ "choices", cmd_choices, "the closed questions of surveys" },
	{ "quotes", cmd_quotes, "in their own words; approve, withdraw" },
	{ "emerging", cmd_emerging, "words that rise, theme by theme" },
	{ "campaigns", cmd_campaigns, "template mails, counted once" },
	{ "", NULL, "Publish" },
	{ "publish", cmd_publish,
	  "a page, CSV and Excel that may leave the house" },
	{ "releases", cmd_releases,
	  "what was published: list, show, diff, withdraw" },
	{ "decision", cmd_decision, "note what was done with it" },
	{ "", NULL, "Frame and labels" },
	{ "classify", cmd_classify,
	  "label JSON lines: region, themes, stance" },
	{ "evaluate", cmd_evaluate, "how often are the labels right?" },
	{ "train", cmd_train, "learn from labelled texts" },
	{ "correct", cmd_correct, "a person's word on one message" },
	{ "review", cmd_review, "read what was least sure, one by one" },
	{ "reclassify", cmd_reclassify, "label what is stored as of today" },
	{ "frame", cmd_frame,
	  "the code frame: check, diff, try, adopt, versions" },
	{ "theme", cmd_theme, "add, split, merge or retire themes of a draft" },
	{ "", NULL, "People" },
	{ "directory", cmd_directory,
	  "members and schools: import, lookup, set, link" },
	{ "access", cmd_access, "all that is held about a person" },
	{ "forget", cmd_forget, "erase a person, or one piece" },
	{ "requests", cmd_requests, "what persons asked for, due when" },
	{ "purge", cmd_purge, "what is older than its age goes" },
	{ "compliance", cmd_compliance, "documents for data protection" },
	{ "", NULL, "Run" },
	{ "workers", cmd_workers, "run workers in the background" },
	{ "consultation", cmd_consultation, "add, list, close consultations" },
	{ "roster", cmd_roster, "representatives: address, key, region, term" },
	{ "offboard", cmd_offboard,
	  "somebody leaves: key, term, what they sent" },
	{ "quarantine", cmd_quarantine, "what could not be taken, and why" },
	{ "config", cmd_config, "what is set; is the file right?" },
	{ "keys", cmd_keys, "whose keys may connect, and as what" },
	{ "backup", cmd_backup, "a copy of the store, while it runs" },
	{ "restore", cmd_restore, "a backup in the store's place" },
	{ "export", cmd_export, "everything as lines of JSON" },
	{ "import", cmd_import, "what export wrote, taken in again" },
	{ "upgrade", cmd_upgrade, "an older store, after a new version" },
	{ NULL, NULL, NULL },
};

static void usage(FILE *to)
{
	fputs(
	    "Usage: soundings COMMAND [options]\n"
	    "       soundings             one sentence: how things stand\n"
	    "       soundings help COMMAND, or COMMAND -h      how it is used\n"
	    "       soundings --from tcp://HOST:PORT COMMAND   asked there\n\n",
	    to);
	for (const struct command *c = COMMANDS; c->name; c++)
		if (c->run)
			fprintf(to, "  %-14s %s\n", c->name, c->about);
		else
			fprintf(to, "%s\n", c->about);
	fputs("\n'soundings help COMMAND' begins with examples. Figures are "
	      "exact and internal, but for those of 'publish'.\n",
	      to);
}

static const struct command *find(const char *name)
{
	for (const struct command *c = COMMANDS; c->name; c++)
		if (c->run && strcmp(name, c->name) == 0)
			return c;
	return NULL;
}

static int unknown(const char *name)
{
	const char *names[sizeof(COMMANDS) / sizeof(*COMMANDS)];
	const char *nearest;
	size_t n = 0;

	if (strcmp(name, "--from") == 0)
		return cli_usage("--from wants tcp://HOST:PORT and a command");
	if (name[0] == '-')
		return cli_usage("no such option '%s': see 'soundings --help'",
				 name);
	for (const struct command *c = COMMANDS; c->name; c++)
		if (c->run)
			names[n++] = c->name;
	nearest = cli_nearest(name, names, n);
	if (nearest)
		return cli_usage("no command '%s': did you mean 'soundings "
				 "%s'?",
				 name, nearest);
	return cli_usage("no command '%s': see 'soundings --help'", name);
}

static volatile sig_atomic_t running; /* the child's pid */

static void pass_on(int signo)
{
	if (running > 0)
		kill((pid_t)running, signo);
}

static int ended_by(const char *name, int signo)
{
	switch (signo) {
	case SIGPIPE: /* the reader had enough: nobody to tell */
		return 128 + SIGPIPE;
	case SIGABRT: /* LMDB's own assertions */
	case SIGBUS:
	case SIGSEGV:
		warnx("'%s' died reading the store: it is damaged (try "
		      "'soundings verify', then 'soundings restore')",
		      name);
		return EXIT_DATA;
	case SIGINT:
	case SIGTERM:
	case SIGHUP:
		return 128 + signo;
	}
	warnx("'%s' was ended by signal %d", name, signo);
	return EXIT_RETRY;
}

static int watch(const char *name, pid_t pid)
{
	struct sigaction action = { .sa_handler = pass_on };
	int status;

	running = pid;
	sigaction(SIGTERM, &action, NULL);
	sigaction(SIGHUP, &action, NULL);
	/* A terminal sends these to both; the child decides. */
	signal(SIGINT, SIG_IGN);
	signal(SIGQUIT, SIG_IGN);
	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return EXIT_RETRY;
	if (WIFSIGNALED(status))
		return ended_by(name, WTERMSIG(status));
	return WEXITSTATUS(status);
}

/* stdout is checked to the end: a full disk may show only now. */
static int finish(int status)
{
	if (fflush(stdout) != 0 || ferror(stdout)) {
		if (status == 0)
			warn("cannot write the answer");
		return status ? status : EXIT_RETRY;
	}
	return status;
}

static int run(const struct command *command, int argc, char *argv[])
{
	pid_t parent = getpid(), pid;

	fflush(NULL);
	pid = fork();
	if (pid < 0)
		err(EXIT_RETRY, "cannot start '%s'", command->name);
	if (pid > 0)
		return watch(command->name, pid);
	/* Without its parent nobody would say what became of it. */
	prctl(PR_SET_PDEATHSIG, SIGTERM);
	if (getppid() != parent)
		_exit(EXIT_RETRY);
	/* A core would hold members' words. */
	setrlimit(RLIMIT_CORE, &(struct rlimit){ 0, 0 });
	exit(finish(command->run(argc, argv)));
}

int main(int argc, char *argv[])
{
	static char status[] = "status", sentence[] = "--sentence";
	static char *alone[] = { status, sentence, NULL };
	static char help[] = "--help";
	const struct command *command;
	const char *endpoint;

	sdg_fill_standard_files();
	/* Output is UTF-8 whatever the locale says; libsmartcols counts
	 * columns by it. Numbers and dates stay the C locale's. */
	setlocale(LC_CTYPE, "C.UTF-8");
	if (argc < 2)
		return run(find("status"), 2, alone);
	/* "help report" is "report --help". */
	if (strcmp(argv[1], "help") == 0 && argc > 2) {
		argv[1] = argv[2];
		argv[2] = help;
	}
	if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0 ||
	    strcmp(argv[1], "help") == 0) {
		usage(stdout);
		return finish(0);
	}
	if (strcmp(argv[1], "--version") == 0) {
		puts("soundings " SOUNDINGS_VERSION);
		return finish(0);
	}
	endpoint = remote_endpoint(&argc, argv);
	if (endpoint)
		return finish(remote_run(endpoint, argc, argv));
	command = find(argv[1]);
	if (!command)
		return unknown(argv[1]);
	return run(command, argc - 1, argv + 1);
}
