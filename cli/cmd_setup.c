/*
 * setup: takes a first-timer through. Asks before it does anything that
 * goes on when it has ended; doing it again changes nothing.
 */
#include "setup.h"

#include <err.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static const char HELP[] =
    "Examples:\n"
    "  soundings setup\n"
    "  soundings setup --yes           answer yes to every question\n"
    "  soundings setup --no-input      ask nothing, do only what ends with it\n"
    "\n"
    "Usage: soundings setup [--yes | --no-input] [--count N]\n"
    "\n"
    "Makes the folders, starts workers, sends a message marked as a test\n"
    "through the whole way and finds it in the ledger; says where the keys\n"
    "are and the exact lines for the mail server of this machine, and goes on\n"
    "to the directory and the backlog. Leaves with 75 when the trial\n"
    "message was not counted.\n";

struct setup {
	bool yes, no_input;
	size_t count;
	struct health health;
};

static bool agreed(const struct setup *s, const char *question)
{
	char line[32];

	if (s->yes)
		return true;
	if (s->no_input || !isatty(STDIN_FILENO))
		return false;
	printf("   %s [Y/n] ", question);
	fflush(stdout);
	if (!fgets(line, sizeof(line), stdin))
		return false;
	return *line == '\n' || *line == 'y' || *line == 'Y';
}

/* Run one of our programs with @input on its stdin; its exit status. */
static int run(const char *name, char *const argv[], const char *input)
{
	char path[SDG_PATH_MAX];
	struct sdg_error error = { 0 };
	int ends[2], status;
	pid_t pid;

	if (sdg_program_path(name, path, &error) < 0)
		return cli_fail(&error);
	if (pipe(ends) < 0)
		err(EXIT_RETRY, "cannot make a pipe");
	fflush(NULL);
	pid = fork();
	if (pid < 0)
		err(EXIT_RETRY, "cannot start '%s'", name);
	if (pid == 0) {
		dup2(ends[0], STDIN_FILENO);
		close(ends[0]);
		close(ends[1]);
		execv(path, argv);
		err(EXIT_RETRY, "cannot run '%s'", path);
	}
	close(ends[0]);
	/* Less than a pipe holds: no program can make this wait. */
	if (write(ends[1], input, strlen(input)) < 0)
		warn("cannot write to '%s'", name);
	close(ends[1]);
	while (waitpid(pid, &status, 0) < 0)
		;
	return WIFEXITED(status) ? WEXITSTATUS(status) : EXIT_RETRY;
}

static int make_folders(struct setup *s)
{
	struct sdg_error error = { 0 };

	if (sdg_home_prepare(&s->health.home, &error) < 0)
		return cli_fail(&error);
	printf("1. Everything is kept in %s, which only this user can read.\n"
	       "   (SOUNDINGS_HOME moves it.)\n",
	       s->health.home.root);
	return 0;
}

static int start_workers(struct setup *s)
{
	char program[] = "soundings", command[] = "workers", verb[] = "start";
	char option[] = "--count";
	char *count = xformat("%lld", (long long)s->count);
	char *argv[] = { program, command, verb, option, count, NULL };
	int status = 0;

	if (s->health.workers_answering) {
		printf("2. %zu workers answer.\n", s->health.workers_answering);
	} else if (printf("2. No worker runs yet.\n"),
		   agreed(s, "Start them in the background now?")) {
		status = run("soundings", argv, "");
	} else {
		puts(
		    access("/run/systemd/system", F_OK) == 0
			? "   Start them, and the timers, as root: 'systemctl "
			  "enable --now soundings.target'."
			: "   Start them with 'soundings workers start'; where "
			  "systemd runs with\n   'systemctl enable --now "
			  "soundings.target', which starts timers as well.");
	}
	free(count);
	return status;
}

static uint64_t tests_counted(struct setup *s)
{
	struct sdg_error error = { 0 };

	if (health_check(&s->health, &error) < 0 || s->health.store < 0)
		return 0;
	return s->health.ledger.outcomes[SDG_OUTCOME_TEST];
}

/* Through the hook, a worker and the store, marked so that it counts in no
 * figure; a Message-ID of its own, or the second would be a duplicate. */
static int try_message(struct setup *s)
{
	char program[] = "soundings-mail", option[] = "--test";
	char *argv[] = { program, option, NULL };
	uint64_t before = tests_counted(s);
	char *message;
	int status;

	if (s->health.workers_answering == 0) {
		puts("3. A trial message needs a worker: run this again once "
		     "one runs.");
		return 0;
	}
	message = xformat("Message-ID: <trial-%lld-%d@soundings.invalid>\n"
			  "From: Trial <trial@soundings.invalid>\n"
			  "To: future@soundings.invalid\n"
			  "Subject: Trial\n\n"
			  "This is a trial message, to see that the way from "
			  "the mail system to the ledger is open.\n",
			  (long long)time(NULL), (int)getpid());
	status = run("soundings-mail", argv, message);
	free(message);
	if (status == 0 && tests_counted(s) > before) {
		puts("3. A trial message went through the hook and a worker "
		     "into the ledger\n   (as a test: it counts in no "
		     "figure).");
		return 0;
	}
	printf("3. A trial message was NOT counted (the hook left with %d): "
	       "see 'soundings doctor'.\n",
	       status);
	return EXIT_RETRY;
}

static void show_keys(struct setup *s)
{
	printf("4. Keys are in %s: without them no backup can be read.\n"
	       "   Copy them to a place apart now, and monthly:\n"
	       "     soundings backup --keys /media/stick/soundings-keys\n"
	       "   Who sends or asks from elsewhere gets a key of their own "
	       "(soundings keys --help).\n",
	       s->health.home.keys);
}

/* A list of members makes respondents into members. */
static void show_directory(const struct setup *s)
{
	if (s->health.store == 0 && s->health.directory)
		puts("6. A directory is loaded: reports count members.");
	else
		puts("6. No directory is loaded: reports count senders, not "
		     "members, until\n"
		     "     soundings directory import members.csv\n"
		     "   (columns are found by their headings; --help tells "
		     "which).");
}

static void show_backlog(void)
{
	puts("7. The backlog, each piece counted once, however often this is "
	     "done:\n"
	     "     soundings-mail --maildir ~future/Maildir   or --mbox "
	     "archive.mbox\n"
	     "     soundings-survey export.csv\n"
	     "     soundings-rep notes.txt");
}

static void show_next(const struct setup *s)
{
	puts("8. Then:\n"
	     "     soundings consultation add ID --name …   what is asked\n"
	     "     soundings config form                    all there is to "
	     "set: who is warned, backups\n"
	     "     soundings report                         who said what, "
	     "where");
	puts(s->health.workers_answering
		 ? "   'soundings' alone says at any time how things stand."
		 : "   No worker runs: nothing is counted until 'soundings "
		   "workers start'.");
}

static const struct cli_option OPTIONS[] = {
	CLI_FLAG("yes", struct setup, yes),
	CLI_FLAG("no-input", struct setup, no_input),
	CLI_COUNT("count", struct setup, count, 1, 64),
	{ 0 },
};

int cmd_setup(int argc, char *argv[])
{
	struct setup s = { .count = 2 };
	const struct cli_spec spec = {
		.help = HELP,
		.formats = CLI_FORMAT_BIT(CLI_TABLE),
		.own = OPTIONS,
		.arg = &s,
	};
	struct sdg_error error = { 0 };
	struct cli_args args;
	int status, tried;

	status = cli_parse(argc, argv, &spec, &args);
	if (status >= 0)
		return status;
	if (health_check(&s.health, &error) < 0)
		return cli_fail(&error);
	status = make_folders(&s);
	if (status == 0)
		status = start_workers(&s);
	if (status)
		return status;
	tried = try_message(&s);
	show_keys(&s);
	setup_show_mail_system(&s.health.home);
	show_directory(&s);
	show_backlog();
	show_next(&s);
	return tried;
}
