/*
 * doctor: looks at everything that goes wrong in practice, and says what to
 * do about it. Changes nothing.
 */
#include "doctor.h"

#include <err.h>

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <soundings/config.h>

#include "targets.h"

static const char HELP[] =
    "Examples:\n"
    "  soundings doctor\n"
    "  soundings doctor --format json\n"
    "  soundings doctor --test      and send a test message from end to end\n"
    "  soundings doctor --reconcile /var/log/mail.log\n"
    "                               is each mail of the log here, and the "
    "reverse?\n"
    "  soundings doctor --warn      by timer: warn.command hears what is "
    "wrong\n"
    "\n"
    "Usage: soundings doctor [--test] [--warn] [--reconcile LOG]\n"
    "                        [--format table|json|csv|md|xlsx]\n"
    "                        [--output FILE]\n"
    "\n"
    "LOG is Postfix's or Exim's (or - for standard input, as from zcat or\n"
    "journalctl -o short-iso -t postfix/pipe -t postfix/cleanup): what it "
    "says\n"
    "was given to the hook is looked for by the hash of its Message-ID.\n"
    "A test message is counted apart. The same warning is given once a day.\n"
    "Leaves with 0 when nothing is wrong (there may be warnings), with 65\n"
    "when something is.\n";

struct wishes {
	bool test, warn;
	const char *log;
};

static void remember(struct findings *f, const char *what, const char *state,
		     const char *words)
{
	char *more = xformat("%s%s: %s: %s\n", f->warnings, what, state, words);

	free(f->warnings);
	f->warnings = more;
}

void found(struct findings *f, const char *what, enum state state, char *words)
{
	static const char *const STATES[] = { "fine", "warning", "WRONG" };
	struct cell *row = grid_row(f->grid);

	cell_text(&row[0], what, NULL);
	cell_text(&row[1], STATES[state], NULL);
	cell_str(&row[2], sdg_str(words));
	if (state > f->worst)
		f->worst = state;
	if (state != FINE)
		remember(f, what, STATES[state], words);
	free(words);
}

/* A folder that holds members' words or keys is its owner's alone. */
static void look_at_folder(struct findings *f, const char *what,
			   const char *path, bool needed)
{
	struct stat st;

	if (stat(path, &st) < 0)
		found(f, what, needed ? WARNING : FINE,
		      xformat("%s is not there yet", path));
	else if (!S_ISDIR(st.st_mode))
		found(f, what, WRONG, xformat("%s is no folder", path));
	else if (st.st_mode & 07)
		found(
		    f, what, WRONG,
		    xformat("%s can be read by anybody: chmod o-rwx it", path));
	else if (access(path, R_OK | W_OK | X_OK) < 0)
		found(f, what, WRONG,
		      xformat("%s cannot be used by this user: run this as "
			      "the one who owns it",
			      path));
	else
		found(f, what, FINE, xstrdup(path));
}

static void look_at_space(struct findings *f, const struct sdg_store_stats *s,
			  int limit)
{
	double used = s->map_bytes
			  ? 100.0 * (double)s->used_bytes / (double)s->map_bytes
			  : 0;

	found(f, "map", used >= limit ? WRONG : FINE,
	      xformat("%.1f %% of the store's map is used", used));
	found(f, "disk",
	      s->free_disk_bytes < UINT64_C(256) << 20 ? WRONG
	      : s->free_disk_bytes < UINT64_C(2) << 30 ? WARNING
						       : FINE,
	      xformat("%.0f MiB are free",
		      (double)s->free_disk_bytes / 1048576.0));
	found(f, "readers", s->readers + 8 >= s->readers_max ? WARNING : FINE,
	      xformat("%u of %u places are taken", s->readers, s->readers_max));
}

static void look_at_store(struct findings *f, const struct health *h,
			  const struct sdg_config *config)
{
	time_t now = time(NULL);
	char when[DATE_SIZE];

	if (h->store == SDG_ENOTFOUND) {
		found(f, "store", WARNING,
		      xstrdup("there is none yet: 'soundings workers start'"));
		return;
	}
	if (h->store < 0) {
		found(f, "store", WRONG, xstrdup(h->store_error.message));
		return;
	}
	found(f, "store", FINE,
	      xformat("%llu piece%s", (unsigned long long)h->stats.events,
		      h->stats.events == 1 ? "" : "s"));
	found(f, "ledger", h->ledger.balanced ? FINE : WRONG,
	      xstrdup(h->ledger.balanced ? "the books balance"
					 : "the books do not balance: "
					   "'soundings verify'"));
	look_at_space(f, &h->stats, config->warn.disk_percent);
	found(f, "quarantine", h->stats.quarantine ? WARNING : FINE,
	      h->stats.quarantine
		  ? xformat("%llu piece%s: 'soundings quarantine list'",
			    (unsigned long long)h->stats.quarantine,
			    h->stats.quarantine == 1 ? " waits" : "s wait")
		  : xstrdup("nothing waits"));
	if (h->stats.last_received > now + 300)
		found(f, "clock", WRONG,
		      xformat("the last piece came at %s UTC, which is still "
			      "to come: set the clock",
			      date_format_time(h->stats.last_received, when)));
	else if (h->stats.last_received && config->warn.silence_days &&
		 now - h->stats.last_received >
		     (time_t)config->warn.silence_days * 86400)
		found(f, "silence", WARNING,
		      xformat("nothing has come since %s UTC: is the hook "
			      "still in place?",
			      date_format_time(h->stats.last_received, when)));
	if (!h->directory)
		found(f, "directory", WARNING,
		      xstrdup("none is loaded: reports count respondents, not "
			      "members ('soundings directory import')"));
}

static void look_at_workers(struct findings *f, const struct health *h)
{
	char when[DATE_SIZE];

	found(f, "workers",
	      h->workers_answering == 0                 ? WRONG
	      : h->workers_answering < h->workers_found ? WARNING
							: FINE,
	      h->workers_answering == 0
		  ? xstrdup("none answers: 'soundings workers start'")
		  : xformat("%zu of %zu answer", h->workers_answering,
			    h->workers_found));
	if (h->outbox == 0)
		found(f, "outbox", FINE, xstrdup("empty"));
	else
		found(f, "outbox",
		      time(NULL) - h->outbox_oldest > 3600 ? WRONG : WARNING,
		      xformat("%zu event%s, the oldest since %s UTC: see that "
			      "workers run",
			      h->outbox, h->outbox == 1 ? " waits" : "s wait",
			      date_format_time(h->outbox_oldest, when)));
}

static void look_at_programs(struct findings *f)
{
	static const char *const NAMES[] = { "soundings-worker",
					     "soundings-mail", "soundings-rep",
					     "soundings-survey" };
	char path[SDG_PATH_MAX];

	for (size_t i = 0; i < sizeof(NAMES) / sizeof(*NAMES); i++) {
		struct sdg_error err = { 0 };

		if (sdg_program_path(NAMES[i], path, &err) < 0 ||
		    access(path, X_OK) < 0)
			found(f, NAMES[i], WRONG,
			      xstrdup("is not where this installation keeps "
				      "its programs"));
		else
			found(f, NAMES[i], FINE, xstrdup(path));
	}
}

static void look_at_frame(struct findings *f)
{
	struct sdg_classifier_options options = { 0 };
	struct sdg_classifier *classifier = NULL;
	struct sdg_error err = { 0 };

	if (sdg_classifier_open(&options, &classifier, &err) < 0)
		found(f, "frame", WRONG, xstrdup(err.message));
	else
		found(f, "frame", FINE,
		      xformat("%zu themes, version %08x",
			      sdg_classifier_theme_count(classifier),
			      sdg_classifier_version(classifier)));
	sdg_classifier_close(classifier);
}

/* Where backups lie of which nobody has told who was erased. */
static void look_at_targets(struct findings *f, const struct sdg_home *home,
			    const struct sdg_config *config)
{
	struct sdg_error err = { 0 };
	struct targets targets;
	size_t current = 0;

	if (targets_look(home, config->backup.directory,
			 config->retention.text_months, false, &targets,
			 &err) < 0)
		found(f, "backups", WRONG, xstrdup(err.message));
	for (size_t i = 0; i < targets.count; i++) {
		const struct target *t = &targets.list[i];

		if (t->state == TARGET_CURRENT)
			current++;
		else
			found(f, t->keys ? "keys' copies" : "backups", WARNING,
			      xformat("%s: 'soundings backup --targets' when "
				      "it is back, --gone when it is no more",
				      t->why));
	}
	if (current || !targets.count)
		found(f, "backups", targets.count ? FINE : WARNING,
		      targets.count
			  ? xformat("%zu place%s all that was erased", current,
				    current == 1 ? " knows" : "s know")
			  : xstrdup("none was made yet: 'soundings backup "
				    "DIRECTORY', and 'soundings backup --keys "
				    "PLACE'"));
	targets_fini(&targets);
}

static void look_at_all(struct findings *f, const struct health *h,
			struct sdg_config *config)
{
	struct sdg_error err = { 0 };

	look_at_folder(f, "home", h->home.root, true);
	look_at_folder(f, "store folder", h->home.store, true);
	look_at_folder(f, "keys", h->home.keys, true);
	look_at_folder(f, "outbox folder", h->home.outbox, false);
	/* sockaddr_un holds 107 bytes of path. */
	if (strlen(h->home.run) + strlen("/worker-63.sock") > 107)
		found(f, "run folder", WRONG,
		      xformat("%s is too long for a socket's name: set "
			      "SOUNDINGS_RUN_DIR",
			      h->home.run));
	if (sdg_config_load(&h->home, config, &err) < 0) {
		found(f, "configuration", WRONG, xstrdup(err.message));
		*config = (struct sdg_config){ .warn.disk_percent = 90 };
	} else {
		found(f, "configuration", FINE,
		      xstrdup(*config->path ? config->path : "all defaults"));
	}
	look_at_store(f, h, config);
	look_at_workers(f, h);
	look_at_programs(f);
	look_at_frame(f);
	doctor_keys(f, &h->home);
	look_at_targets(f, &h->home, config);
	doctor_mail(f);
}

static int warn_whom(const struct findings *f, const struct sdg_home *home,
		     const char *command)
{
	struct sdg_error err = { 0 };

	if (!*command) {
		warnx("nobody to warn: set warn.command");
		return EXIT_USAGE;
	}
	return doctor_warn(f, home, command, &err) < 0 ? cli_fail(&err) : 0;
}

static const struct cli_option OPTIONS[] = {
	CLI_FLAG("test", struct wishes, test),
	CLI_FLAG("warn", struct wishes, warn),
	CLI_TEXT("reconcile", struct wishes, log),
	{ 0 },
};

int cmd_doctor(int argc, char *argv[])
{
	struct wishes wishes = { 0 };
	const struct cli_spec spec = {
		.help = HELP,
		.formats = CLI_FORMATS_LIST,
		.own = OPTIONS,
		.arg = &wishes,
	};
	struct findings f = { .worst = FINE };
	struct sdg_config config;
	struct sdg_error err = { 0 };
	struct health health;
	struct cli_args args;
	int status;

	status = cli_parse(argc, argv, &spec, &args);
	if (status >= 0)
		return status;
	if (health_check(&health, &err) < 0)
		return cli_fail(&err);
	f.grid = grid_new("doctor");
	grid_column(f.grid, "what", "what", false);
	grid_column(f.grid, "state", "state", false);
	grid_wrap(f.grid, grid_column(f.grid, "words", "", false));
	f.warnings = xstrdup("");
	look_at_all(&f, &health, &config);
	if (wishes.test)
		doctor_test(&f, &health);
	if (wishes.log)
		doctor_reconcile(&f, &health.home, wishes.log);
	grid_note(f.grid, true, "%s",
		  f.worst == FINE      ? "Nothing is wrong."
		  : f.worst == WARNING ? "Nothing is wrong; see the warnings."
				       : "Something is wrong: see above.");
	if (wishes.warn) /* by timer: the words go to whom they concern */
		status = warn_whom(&f, &health.home, config.warn.command);
	else
		status = cli_emit(&args, cli_envelope("doctor"), f.grid, NULL);
	grid_free(f.grid);
	free(f.warnings);
	if (status || wishes.warn)
		return status;
	return f.worst == WRONG ? EXIT_DATA : 0;
}
