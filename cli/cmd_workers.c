/*
 * soundings workers: run workers in the background, end them, see how they
 * do.
 */
#include "cli.h"

#include <err.h>
#include <string.h>
#include <time.h>

#include <soundings/beat.h>

#include "supervisor.h"

static const char HELP[] =
    "  soundings workers start            two workers, in the background\n"
    "  soundings workers start --count 4\n"
    "  soundings workers status           who runs, since when, what they did\n"
    "  soundings workers stop             finish their batches and end them\n"
    "\n"
    "Usage: soundings workers start [--count N] [--tcp PORT]\n"
    "       soundings workers stop\n"
    "       soundings workers status [--format table|json]\n"
    "\n"
    "  --count N    how many, 1 to 64; a second one takes over when the first\n"
    "               fails, more of them are hardly faster\n"
    "  --tcp PORT   also listen on 127.0.0.1, at PORT + slot\n"
    "\n"
    "A supervisor starts them again when they end, and kills one that makes\n"
    "no progress for ten seconds. Logs: $SOUNDINGS_HOME/run/worker-N.log.\n";

struct options {
	/* All of start. */
	size_t count, tcp; /* 0: not given */
	bool no_classify;
};

/* ------------------------------------------------------------ start, stop */

/* Asked for once more: fine when they are as many, else only said. */
static int already(int running, int wanted)
{
	if (running == 0) {
		warnx("the workers are just starting or ending: try again");
		return EXIT_RETRY;
	}
	if (running == wanted) {
		printf("%d worker%s already running\n", running,
		       running == 1 ? " is" : "s are");
		return 0;
	}
	warnx("%d worker%s already running: 'soundings workers stop' first, "
	      "to have %d",
	      running, running == 1 ? " is" : "s are", wanted);
	return EXIT_DATA;
}

static int start(struct cli *cli, void *arg)
{
	const struct options *o = arg;
	const struct supervisor_plan plan = { .count =
						  o->count ? (int)o->count : 2,
					      .tcp_port = (int)o->tcp,
					      .classify = !o->no_classify };
	int running, rc = sdg_home_prepare(&cli->home, &cli->err);

	if (rc < 0)
		return rc;
	rc = supervisor_start(&cli->home, &plan, &running, &cli->err);
	if (rc == SDG_EAGAIN &&
	    strcmp(cli->err.message, "a supervisor runs already") == 0)
		return already(running, plan.count);
	if (rc == 0)
		printf("%d worker%s ready; logs in %s\n", plan.count,
		       plan.count == 1 ? " is" : "s are", cli->home.run);
	return rc;
}

static int stop(struct cli *cli, void *arg)
{
	int rc = supervisor_stop(&cli->home, &cli->err);

	(void)arg;
	if (rc == SDG_ENOTFOUND) {
		puts("no workers are running in the background");
		return 0;
	}
	if (rc == 0)
		puts("the workers have ended");
	return rc;
}

/* ----------------------------------------------------------------- status */

static const char *duration(int64_t seconds, char out[32])
{
	if (seconds < 0)
		seconds = 0;
	if (seconds >= 86400)
		snprintf(out, 32, "%lld d %02lld h", (long long)seconds / 86400,
			 (long long)seconds / 3600 % 24);
	else if (seconds >= 3600)
		snprintf(out, 32, "%lld h %02lld min",
			 (long long)seconds / 3600,
			 (long long)seconds / 60 % 60);
	else if (seconds >= 60)
		snprintf(out, 32, "%lld min %02lld s", (long long)seconds / 60,
			 (long long)seconds % 60);
	else
		snprintf(out, 32, "%lld s", (long long)seconds);
	return out;
}

enum { SLOT, PID, STATE, UPTIME, BATCHES, EVENTS, QUARANTINED, RESTARTS };

static const char *state_of(pid_t pid, const struct sdg_beat *beat)
{
	if (!pid)
		return "down";
	if (!beat)
		return "starting";
	return beat->busy ? "busy" : "ready";
}

/* @people: in words, where a machine wants numbers. */
static void add_row(struct grid *grid, int slot, pid_t pid,
		    const struct sdg_beat *beat,
		    const struct supervisor_worker *supervised, bool people)
{
	struct cell *row = grid_row(grid);
	int64_t uptime = beat ? (int64_t)time(NULL) - beat->started : 0;
	char words[32];

	cell_count(&row[SLOT], (uint64_t)slot);
	if (pid && people) {
		snprintf(words, sizeof(words), "%ld", (long)pid);
		cell_text(&row[PID], words, NULL);
	} else if (pid)
		cell_count(&row[PID], (uint64_t)pid);
	cell_text(&row[STATE], state_of(pid, beat), NULL);
	if (beat && people)
		cell_text(&row[UPTIME], duration(uptime, words), NULL);
	else if (beat)
		cell_count(&row[UPTIME], (uint64_t)(uptime < 0 ? 0 : uptime));
	if (beat) {
		cell_count(&row[BATCHES], beat->batches);
		cell_count(&row[EVENTS], beat->events);
		cell_count(&row[QUARANTINED], beat->quarantined);
	}
	if (supervised->mine)
		cell_count(&row[RESTARTS], supervised->restarts);
}

static struct grid *status_grid(void)
{
	struct grid *grid = grid_new("Workers");

	grid_column(grid, "slot", "Slot", true);
	grid_column(grid, "pid", "Process", true);
	grid_column(grid, "state", "State", false);
	grid_column(grid, "uptime_seconds", "Up", true);
	grid_column(grid, "batches", "Batches", true);
	grid_column(grid, "events", "Events", true);
	grid_column(grid, "quarantined", "Quarantined", true);
	grid_column(grid, "restarts", "Restarts", true);
	return grid;
}

/* Every slot that a worker holds or that the supervisor looks after. */
static struct grid *list_workers(const struct sdg_home *home, bool people,
				 int *running)
{
	struct supervisor_worker supervised[SDG_SLOT_MAX];
	struct grid *grid = status_grid();
	struct sdg_beat beat;
	bool current;
	pid_t pid;

	*running = 0;
	supervisor_read(home, supervised);
	for (int slot = 0; slot < SDG_SLOT_MAX; slot++) {
		pid = worker_in_slot(home->run, slot);
		if (!pid && !supervised[slot].mine)
			continue;
		*running += pid != 0;
		current = sdg_beat_read(home->run, slot, &beat, NULL) == 0 &&
			  beat.pid == pid;
		add_row(grid, slot, pid, current ? &beat : NULL,
			&supervised[slot], people);
	}
	return grid;
}

static int status(struct cli *cli, void *arg)
{
	const struct sdg_home *home = &cli->home;
	const struct cli_args *args = &cli->args;
	int running, count, rc;
	json_t *envelope;
	struct grid *grid;
	pid_t pid;

	(void)arg;
	envelope = cli_envelope("workers");
	grid = list_workers(home, args->format == CLI_TABLE, &running);
	json_object_set_new(
	    envelope, "supervised",
	    json_boolean(supervisor_find(home, &pid, &count, NULL) == 0));
	json_object_set_new(envelope, "running", json_integer(running));
	if (grid->row_count == 0 && args->format == CLI_TABLE) {
		puts("no workers are running: 'soundings workers start' starts "
		     "two");
		json_decref(envelope);
		rc = 0;
	} else {
		rc = cli_emit(args, envelope, grid, NULL);
	}
	grid_free(grid);
	return rc;
}

static const struct cli_option OPTIONS[] = {
	CLI_COUNT("count", struct options, count, 1, SDG_SLOT_MAX),
	CLI_COUNT("tcp", struct options, tcp, 1, 65535),
	CLI_FLAG("no-classify", struct options, no_classify),
	{ 0 },
};

static const struct cli_verb VERBS[] = {
	{ "start", NULL, 0, 0, start, "count tcp no-classify" },
	{ "stop", NULL, 0, 0, stop, "" },
	{ "status", NULL, 0, 0, status, CLI_TAKES_LIST },
	{ 0 },
};

int cmd_workers(int argc, char *argv[])
{
	struct options o = { 0 };
	const struct cli_spec spec = { .help = HELP,
				       .formats = CLI_FORMATS_TEXT,
				       .own = OPTIONS,
				       .arg = &o,
				       .rest_min = 1,
				       .rest_max = 1,
				       .needs = CLI_NEEDS_HOME };

	return cli_verbs(argc, argv, &spec, VERBS, NULL);
}
