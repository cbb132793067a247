/*
 * mail_options: the command line and the environment of both readers.
 */
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sysexits.h>
#include <syslog.h>
#include <time.h>
#include <unistd.h>

#include "mail.h"
#include "mail_read.h"

#define HOOK_MS 7500

enum {
	OPT_HOME = 256,
	OPT_RECIPIENT,
	OPT_SENDER,
	OPT_IGNORED,
	OPT_CONSULTATION,
	OPT_UNTIL,
	OPT_CUT,
	OPT_TEST,
	OPT_OUTBOX,
	OPT_EXPLAIN,
	OPT_MAILDIR,
	OPT_MBOX,
	OPT_QUIET,
	OPT_VERSION,
	OPT_APPROVED,
};

static const struct option options[] = {
	{ "dry-run", no_argument, NULL, 'n' },
	{ "help", no_argument, NULL, 'h' },
	{ "home", required_argument, NULL, OPT_HOME },
	{ "recipient", required_argument, NULL, OPT_RECIPIENT },
	{ "sender", required_argument, NULL, OPT_SENDER },
	{ "consultation", required_argument, NULL, OPT_CONSULTATION },
	{ "outbox", no_argument, NULL, OPT_OUTBOX },
	{ "test", no_argument, NULL, OPT_TEST },
	{ "explain", no_argument, NULL, OPT_EXPLAIN },
	{ "maildir", required_argument, NULL, OPT_MAILDIR },
	{ "mbox", required_argument, NULL, OPT_MBOX },
	{ "quiet", no_argument, NULL, OPT_QUIET },
	{ "version", no_argument, NULL, OPT_VERSION },
	/* What mail systems' examples pass, and our own supervisor. */
	{ "hook", no_argument, NULL, OPT_IGNORED },
	{ "queue-id", required_argument, NULL, OPT_IGNORED },
	{ "approved", no_argument, NULL, OPT_APPROVED },
	{ "until", required_argument, NULL, OPT_UNTIL },
	{ "cut", no_argument, NULL, OPT_CUT },
	{ NULL, 0, NULL, 0 },
};

static void help(void)
{
	fputs(
	    "soundings-mail < message            take in one message\n"
	    "soundings-mail --dry-run < message  show what it is made of\n"
	    "soundings-mail --maildir Maildir    take in a backlog\n"
	    "soundings-mail --mbox archive.mbox\n"
	    "\n"
	    "As a mail system's hook it prints nothing and answers 0 or 75.\n"
	    "  --recipient=ADDRESS --sender=ADDRESS   the envelope, where the\n"
	    "        environment (RECIPIENT, SENDER) does not have it\n"
	    "  --consultation=ID   which consultation it answers\n"
	    "  --outbox            keep what no worker takes, and answer 0:\n"
	    "        where no mail queue would try again\n"
	    "  --explain           with --dry-run: every line, and why it was "
	    "cut\n"
	    "  --test              count it as a test message\n"
	    "  --home=DIR          instead of $SOUNDINGS_HOME\n"
	    "  --quiet             no progress\n",
	    stdout);
}

/* What is said of each piece, whatever it is read from; false: no such. */
static bool take_setting(int c, struct mail_settings *settings)
{
	switch (c) {
	case OPT_RECIPIENT:
		settings->recipient = optarg;
		return true;
	case OPT_SENDER:
		settings->sender = optarg;
		return true;
	case OPT_CONSULTATION:
		settings->consultation = optarg;
		return true;
	case OPT_TEST:
		settings->test = true;
		return true;
	}
	return false;
}

/* Set by --help and --version: what is left to do is nothing. */
static bool parse_options(int argc, char *argv[], struct mail_options *opt,
			  bool *done)
{
	int c;

	while ((c = getopt_long(argc, argv, "nh", options, NULL)) != -1) {
		switch (c) {
		case 'n':
			opt->dry_run = true;
			break;
		case OPT_EXPLAIN:
			opt->dry_run = opt->pieces = true;
			break;
		case OPT_HOME:
			setenv("SOUNDINGS_HOME", optarg, 1);
			break;
		case OPT_UNTIL:
			opt->until_ms = strtoll(optarg, NULL, 10);
			break;
		case OPT_CUT:
			opt->cut = true;
			break;
		case OPT_OUTBOX:
			opt->outbox = true;
			break;
		case OPT_MAILDIR:
			opt->maildir = optarg;
			break;
		case OPT_MBOX:
			opt->mbox = optarg;
			break;
		case OPT_QUIET:
			opt->quiet = true;
			break;
		case OPT_APPROVED:
			opt->approved = true;
			break;
		case OPT_IGNORED:
			break;
		case OPT_VERSION:
			puts("soundings-mail " SOUNDINGS_VERSION);
			*done = true;
			return true;
		case 'h':
			help();
			*done = true;
			return true;
		default:
			if (!take_setting(c, &opt->settings))
				return false;
		}
	}
	if (optind < argc)
		fprintf(stderr,
			"soundings-mail: a message is read from standard "
			"input: '%s' is not looked at\n",
			argv[optind]);
	else if (opt->maildir && opt->mbox)
		fputs("soundings-mail: --maildir or --mbox, one of them\n",
		      stderr);
	return optind == argc && !(opt->maildir && opt->mbox);
}

/* An envelope address fits a field and is text, or it is none. */
static const char *address(const char *given, const char *const *names)
{
	size_t len;

	for (; !given && *names; names++)
		given = getenv(*names);
	len = given ? strlen(given) : 0;
	return given && len <= SDG_FIELD_MAX && sdg_text_is_safe(given, len)
		   ? given
		   : NULL;
}

static void read_environment(struct mail_options *opt)
{
	opt->settings.recipient = address(
	    opt->settings.recipient,
	    (const char *const[]){ "ORIGINAL_RECIPIENT", "RECIPIENT", NULL });
	opt->settings.sender = address(opt->settings.sender,
				       (const char *const[]){ "SENDER", NULL });
}

int mail_options_read(int argc, char *argv[], struct mail_options *opt)
{
	struct sdg_error err = { 0 };
	bool done = false;

	*opt = (struct mail_options){
		.argv = argv,
		.until_ms = mail_now_ms() + HOOK_MS,
	};
	umask(077);
	signal(SIGPIPE, SIG_IGN);
	openlog("soundings-mail", LOG_PID, LOG_MAIL);
	if (!parse_options(argc, argv, opt, &done))
		return opt->maildir || opt->mbox ? EX_USAGE : EX_TEMPFAIL;
	if (done)
		return EX_OK;
	read_environment(opt);
	opt->settings.received = (int64_t)time(NULL);
	if (sdg_home_find(&opt->home, &err) < 0 && !opt->dry_run) {
		syslog(LOG_WARNING, "%s", err.message);
		fprintf(stderr, "soundings-mail: %s\n", err.message);
		return EX_TEMPFAIL;
	}
	return -1;
}
