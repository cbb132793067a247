/*
 * soundings-worker: takes events, labels them, counts them, and says so.
 *
 * It acknowledges nothing that is not on disk, and everything that is, also
 * what it could not read: that goes into quarantine, or it would come for
 * ever. It never drops an event on purpose; when disk or map is full it
 * answers "busy" and goes on listening. After a commit of unknown end it
 * leaves at once, un-acked, and lets the next one find out.
 */
#include <err.h>
#include <getopt.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/statvfs.h>
#include <time.h>
#include <unistd.h>

#include <soundings/beat.h>
#include <soundings/bus.h>
#include <soundings/classify.h>
#include <soundings/clients.h>
#include <soundings/config.h>
#include <soundings/home.h>
#include <soundings/store.h>

#include "adopt.h"
#include "aside.h"
#include "batch.h"
#include "follow.h"
#include "log.h"
#include "process.h"
#include "service.h"

#define EX_USAGE 64
/* An idle loop turns so often: the sign of life, and a late SIGTERM. */
#define IDLE_MS 500
/* Threads that help to label, at most. */
#define HELPERS 3
/* Between two lines about what was set aside or refused. */
#define REPORT_SECONDS 60
/* Fewer, twice in a row, are counted here: waking the counter costs more. */
#define FEW 32
/* What must be free on the disk for a batch, and more for each event. */
#define ROOM_BYTES (1024 * 1024)
#define ROOM_BYTES_EVENT 8192
/* So long without being busy is no longer busy. */
#define QUIET_SECONDS 3

struct options {
	bool check_only;
	bool classify;
	int tcp_port;
	int first_slot, slot_count;
};

struct worker {
	struct options options;
	struct sdg_config config;
	struct sdg_home home;
	struct batch_who who;
	struct crew *crew; /* NULL: label nothing */
	struct sdg_store *store;
	struct sdg_receiver *receiver;
	struct sdg_beat_file *beat_file;
	struct sdg_beat beat;
	/* The list of keys once more, for whatever thread counts. */
	struct sdg_clients *asked;
	bool asked_now; /* it was read anew in this batch's transaction */
	/* One is filled while the other is counted. */
	struct batch *filling, *counting;
	struct aside *counter;
	bool under_way; /* there, and not here */
	size_t last;    /* events of the batch before */
	char name[32];
	struct follow follow; /* of the frame that gives the labels */
	time_t reported, busy_at;
	bool told_busy;
	uint64_t told_quarantined, told_refused;
};

/* --------------------------------------------------------------- the loop */

/* Full, or too many readers: nothing was written, and a retry can help. A
 * small batch may still find room where a large one does not: that is no
 * news each time. */
static void be_busy(struct worker *w, struct batch *batch,
		    const struct sdg_error *err)
{
	if (!w->told_busy)
		log_line("busy: %s", err->message);
	w->told_busy = true;
	w->busy_at = time(NULL);
	w->beat.busy = 1;
	batch_refuse(batch);
}

/* Into the batch that is being filled, decoded and sealed. While another is
 * counted, its end is waited for as well, and what waits for labels gets
 * them. */
static int gather(struct worker *w, struct sdg_error *err)
{
	int rc;

	if (w->under_way && w->crew)
		batch_label_beside(w->filling, w->store, w->crew);
	rc = batch_collect(w->filling, w->receiver,
			   w->under_way ? aside_fd(w->counter) : -1, IDLE_MS,
			   err);
	if (rc < 0)
		return rc;
	/* Before each is decoded, so that a revoked key is cut off at once,
	 * and its open connections with it. A list that cannot be read is
	 * empty: nobody may send, and the next batch looks again. */
	if (w->who.clients) {
		sdg_clients_refresh(w->who.clients, NULL);
		sdg_roster_refresh(&w->home, &w->who.roster, NULL);
	}
	w->who.now = time(NULL);
	rc = batch_prepare(w->filling, &w->who, err);
	if (rc != SDG_EAGAIN)
		return rc;
	/* No room for a month's first key. */
	be_busy(w, w->filling, err);
	return batch_acknowledge(w->filling, w->receiver, err);
}

static void note_done(struct worker *w)
{
	w->beat.busy = 0;
	w->beat.batches++;
	w->beat.events += batch_size(w->counting);
	w->beat.quarantined += batch_quarantined(w->counting);
}

/*
 * LMDB meets a disk that fills up within one of its writes as a short write,
 * which it reports as an I/O error, after which this process would have to
 * leave. So room is looked for first: what a batch may make the store grow
 * by, amply. The commit still has the last word.
 */
static int look_for_room(const struct worker *w, size_t n,
			 struct sdg_error *err)
{
	struct statvfs disk;
	uint64_t left, needed = ROOM_BYTES + n * ROOM_BYTES_EVENT;

	if (statvfs(w->home.store, &disk) < 0)
		return sdg_fail_errno(err, "look for room in \"%s\"",
				      w->home.store);
	left = (uint64_t)disk.f_bavail * disk.f_frsize;
	if (left >= needed)
		return 0;
	return sdg_fail(err, SDG_EAGAIN,
			"the disk is full: %llu kB left, a batch of %zu wants "
			"%llu; free some space, nothing is lost",
			(unsigned long long)left / 1024, n,
			(unsigned long long)needed / 1024);
}

/* Within the transaction, which may have waited long for its turn. */
static const char *may_send(void *arg, const char *key)
{
	struct worker *w = arg;
	const struct sdg_client *client;

	if (!w->asked_now)
		sdg_clients_refresh(w->asked, NULL);
	w->asked_now = true;
	client = sdg_clients_find(w->asked, key);
	return client && sdg_client_is_good(client, time(NULL))
		   ? NULL
		   : "the key was revoked";
}

/* What the counter does. */
static int count(void *arg, struct sdg_error *err)
{
	struct worker *w = arg;
	int rc;

	w->asked_now = false;
	rc = look_for_room(w, batch_size(w->counting), err);
	return rc < 0 ? rc : batch_apply(w->counting, w->store, err);
}

/* @rc: how the count ended. Receipts leave after the commit, not before. */
static int acknowledge(struct worker *w, int rc, struct sdg_error *err)
{
	if (rc == SDG_EAGAIN)
		be_busy(w, w->counting, err);
	else if (rc < 0)
		return rc;
	else
		note_done(w);
	return batch_acknowledge(w->counting, w->receiver, err);
}

static int conclude(struct worker *w, struct sdg_error *err)
{
	if (!w->under_way)
		return 0;
	w->under_way = false;
	return acknowledge(w, aside_end(w->counter, err), err);
}

/* Let what was gathered be counted, and begin another batch. Labels are given
 * before, outside the transaction, which other workers wait for. */
static int hand_over(struct worker *w, struct sdg_error *err)
{
	struct batch *next = w->counting;
	size_t n = batch_size(w->filling), last = w->last;
	int rc;

	w->last = n;
	if (n == 0)
		return 0;
	w->counting = w->filling;
	w->filling = next;
	rc = batch_label(w->counting, w->store, w->crew, err);
	if (rc < 0)
		return acknowledge(w, rc, err);
	if (n < FEW && last < FEW)
		return acknowledge(w, count(w, err), err);
	w->under_way = true;
	aside_begin(w->counter);
	return 0;
}

/* Nothing is logged an event: what a flood of bad ones would fill the disk
 * with is one line a minute. */
static void report(struct worker *w)
{
	time_t now = time(NULL);

	w->beat.refused = sdg_receiver_counts(w->receiver)->refused;
	if (w->told_busy && !w->beat.busy &&
	    now - w->busy_at >= QUIET_SECONDS) {
		log_line("no longer busy");
		w->told_busy = false;
	}
	if (now - w->reported < REPORT_SECONDS && !process_stopping)
		return;
	w->reported = now;
	if (w->beat.quarantined > w->told_quarantined)
		log_line("%llu events went into quarantine",
			 (unsigned long long)(w->beat.quarantined -
					      w->told_quarantined));
	if (w->beat.refused > w->told_refused)
		log_line(
		    "%llu messages that are no events were refused",
		    (unsigned long long)(w->beat.refused - w->told_refused));
	w->told_quarantined = w->beat.quarantined;
	w->told_refused = w->beat.refused;
}

/* One less than there are processors: the loop labels, too. With -n none. */
static unsigned helpers(const struct options *options)
{
	long processors = sysconf(_SC_NPROCESSORS_ONLN);

	if (options->check_only || processors < 2)
		return 0;
	return processors > HELPERS ? HELPERS : (unsigned)processors - 1;
}

/* Whenever nothing is being counted, and so never while a commit hangs: then
 * the beat must stop, too. */
static int between(struct worker *w, struct sdg_error *err)
{
	if (follow_look(&w->follow, &w->home, w->store, helpers(&w->options),
			&w->crew))
		batch_forget_labels(w->filling);
	w->beat.turns++;
	sdg_store_follow_keys(w->store);
	batch_follow_keys(w->counting); /* the other one is gathered into */
	service_alive();
	report(w);
	return sdg_beat_write(w->beat_file, &w->beat, false, err);
}

/*~
 * One turn: drain, decode, seal and label; apply; acknowledge. While one
 * batch is being applied by another thread, and its pages go to disk, what
 * comes meanwhile is gathered and makes the next: so the load itself sizes
 * the batches, and nobody waits for a timer. No third one is begun: what is
 * not yet counted stays with its producers, but for two batches.
 */
static int turn(struct worker *w, struct sdg_error *err)
{
	int rc = gather(w, err);

	if (rc < 0 || (w->under_way && !aside_done(w->counter)))
		return rc;
	rc = conclude(w, err);
	if (rc == 0)
		rc = between(w, err);
	return rc < 0 ? rc : hand_over(w, err);
}

static int serve(struct worker *w, struct sdg_error *err)
{
	int rc = 0;

	while (rc == 0 && !process_stopping)
		rc = turn(w, err);
	/* What was gathered is counted, too, and by itself. */
	if (rc == 0)
		rc = conclude(w, err);
	if (rc == 0)
		rc = hand_over(w, err);
	return rc < 0 ? rc : conclude(w, err);
}

/* ------------------------------------------------------------- start, end */

static int read_configuration(struct worker *w, struct sdg_error *err)
{
	int rc;

	rc = sdg_home_find(&w->home, err);
	if (rc == 0)
		rc = sdg_config_load(&w->home, &w->config, err);
	if (rc == 0)
		follow_begin(&w->follow, &w->home);
	if (rc == 0 && w->options.classify)
		rc = crew_open(helpers(&w->options), &w->crew, err);
	return rc;
}

/* -n: all that can be known without changing anything. A store that is not
 * there yet is no fault. */
static int check(struct worker *w, struct sdg_error *err)
{
	int rc = sdg_store_open(&w->home, SDG_STORE_READ, &w->store, err);

	return rc == SDG_ENOTFOUND ? 0 : rc;
}

/*~
 * The order matters: the store first, so that a worker which cannot count
 * never listens; the socket last, since from then on producers send.
 */
/* What could not be adopted now will be at the next start: no reason not
 * to serve. */
static void adopt(struct worker *w)
{
	struct sdg_error err = { 0 };
	size_t count;

	if (adopt_raw_mail(&w->home, w->store, &count, &err) < 0)
		log_line("raw mail was not adopted: %s", err.message);
	else if (count)
		log_line("%zu raw mails without an event are in quarantine",
			 count);
}

static int start(struct worker *w, struct sdg_error *err)
{
	struct sdg_receiver_options options = {
		.run_dir = w->home.run,
		.tcp_port = w->options.tcp_port,
		.first_slot = w->options.first_slot,
		.slot_count = w->options.slot_count,
		.keys_dir = w->home.keys,
		.listen = w->config.network.listen[0] ? w->config.network.listen
						      : NULL,
		.curve_ipc = w->config.network.keys_on_ipc,
	};
	char kept[SDG_PATH_MAX];
	int slot, rc;

	rc = sdg_home_prepare(&w->home, err);
	/* A newer build brings an older store over; the first to start does
	 * it, the others wait for it. */
	if (rc == 0)
		rc = sdg_store_upgrade(&w->home, kept, err);
	if (rc == 0 && *kept)
		log_line("the store was brought to this layout; as it was it "
			 "is kept in %s",
			 kept);
	if (rc == 0)
		rc = sdg_store_open(&w->home, SDG_STORE_WRITE, &w->store, err);
	if (rc == 0)
		rc = follow_use(w->store, w->crew, err);
	w->who.opener = sdg_opener_new(w->home.keys);
	if (rc == 0)
		rc = batch_new(w->home.keys, &w->filling, err);
	if (rc == 0)
		rc = batch_new(w->home.keys, &w->counting, err);
	if (rc == 0)
		rc = aside_open(count, w, &w->counter, err);
	if (rc == 0 && (options.listen || options.curve_ipc))
		rc = sdg_clients_open(w->home.keys, &w->who.clients, err);
	if (rc == 0 && w->who.clients)
		rc = sdg_clients_open(w->home.keys, &w->asked, err);
	if (rc == 0 && w->asked)
		sdg_store_ask(w->store, may_send, w);
	if (rc == 0)
		rc = sdg_receiver_open(&options, &w->receiver, err);
	if (rc < 0)
		return rc;
	slot = sdg_receiver_slot(w->receiver);
	snprintf(w->name, sizeof(w->name), "worker %d", slot);
	log_start(w->name);
	adopt(w);
	w->reported = time(NULL);
	w->beat.pid = getpid();
	w->beat.started = w->reported;
	rc = sdg_beat_open(w->home.run, slot, &w->beat_file, err);
	return rc < 0 ? rc : sdg_beat_write(w->beat_file, &w->beat, true, err);
}

/* For whoever waits for it: from now on events are taken. */
static void say_ready(const struct worker *w)
{
	log_line("ready, process %ld", (long)getpid());
	printf("ready %d\n", sdg_receiver_slot(w->receiver));
	fflush(stdout);
	service_ready();
}

static void finish(struct worker *w)
{
	/* After a failure it may still be counting: its batch gets no
	 * receipts, and will come again. */
	if (w->under_way)
		aside_end(w->counter, NULL);
	aside_close(w->counter);
	if (w->beat_file) {
		report(w);
		sdg_beat_write(w->beat_file, &w->beat, true, NULL);
		log_line("ends after %llu batches, %llu events",
			 (unsigned long long)w->beat.batches,
			 (unsigned long long)w->beat.events);
	}
	sdg_receiver_close(w->receiver);
	sdg_beat_close(w->beat_file);
	sdg_clients_close(w->who.clients);
	sdg_clients_close(w->asked);
	sdg_roster_fini(&w->who.roster);
	sdg_opener_free(w->who.opener);
	sdg_store_close(w->store);
	crew_close(w->crew);
	batch_free(w->filling);
	batch_free(w->counting);
}

/* ---------------------------------------------------------------- options */

static const char HELP[] =
    "  soundings-worker             serve until SIGTERM, in the foreground\n"
    "  soundings-worker -n          is the configuration sound? then leave\n"
    "  soundings-worker --tcp 5500  also on 127.0.0.1, port 5500 + its slot\n"
    "\n"
    "Usage: soundings-worker [-n] [--slot N] [--tcp PORT] [--no-classify]\n"
    "\n"
    "  -n, --check     check the configuration and leave\n"
    "  --slot N        take this slot (0 to 63), not the first free one\n"
    "  --tcp PORT      base port on the loopback address\n"
    "  --no-classify   label nothing: for measurements\n"
    "  -h, --help      this\n"
    "\n"
    "It prints \"ready SLOT\" once it takes events. 'soundings workers start'\n"
    "runs several in the background. soundings-worker(1) tells more.\n";

static int number(const char *text, int min, int max, const char *what)
{
	char *end;
	long value = strtol(text, &end, 10);

	if (*text == '\0' || *end != '\0' || value < min || value > max)
		errx(EX_USAGE, "%s is %d to %d, not '%s'", what, min, max,
		     text);
	return (int)value;
}

static void parse_options(int argc, char *argv[], struct options *options)
{
	static const struct option known[] = {
		{ "check", no_argument, NULL, 'n' },
		{ "help", no_argument, NULL, 'h' },
		{ "no-classify", no_argument, NULL, 'c' },
		{ "slot", required_argument, NULL, 's' },
		{ "tcp", required_argument, NULL, 't' },
		{ "version", no_argument, NULL, 'v' },
		{ NULL, 0, NULL, 0 },
	};
	int c;

	*options = (struct options){ .classify = true };
	while ((c = getopt_long(argc, argv, "nh", known, NULL)) != -1) {
		switch (c) {
		case 'n':
			options->check_only = true;
			break;
		case 'c':
			options->classify = false;
			break;
		case 's':
			options->first_slot =
			    number(optarg, 0, SDG_SLOT_MAX - 1, "a slot");
			options->slot_count = 1;
			break;
		case 't':
			options->tcp_port = number(optarg, 1, 65535, "a port");
			break;
		case 'h':
			fputs(HELP, stdout);
			exit(fflush(stdout) == 0 ? 0 : 75);
		case 'v':
			puts("soundings-worker " SOUNDINGS_VERSION);
			exit(0);
		default:
			fputs("try 'soundings-worker --help'\n", stderr);
			exit(EX_USAGE);
		}
	}
	if (optind < argc)
		errx(EX_USAGE, "'%s' is not expected", argv[optind]);
}

int main(int argc, char *argv[])
{
	static struct worker w;
	struct sdg_error err = { 0 };
	int rc;

	parse_options(argc, argv, &w.options);
	process_prepare();
	rc = read_configuration(&w, &err);
	if (rc < 0)
		goto out;
	if (w.options.check_only) {
		rc = check(&w, &err);
		goto out;
	}
	rc = start(&w, &err);
	if (rc < 0)
		goto out;
	say_ready(&w);
	rc = serve(&w, &err);
	service_stopping();
out:
	/* Before anything is closed: this line is the one that counts. */
	if (rc < 0)
		log_line("%s", err.message);
	finish(&w);
	return sdg_exit_code(rc);
}
