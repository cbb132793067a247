/*
 * faults_crash: workers are killed at random under load from several
 * producers, and nothing may be lost, counted twice or half applied.
 *
 * Producers push known events and log every attempt and every receipt. The
 * nemesis, seeded, kills one worker at a time with SIGKILL, or stops one for
 * a while, and starts it again. A reader recounts snapshots meanwhile. In
 * the end the set checker compares the logs with a full read of the store.
 */
#include <getopt.h>
#include <inttypes.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <soundings/bus.h>

#include "faults.h"

#define PRODUCERS_MAX 16
#define WORKERS_MAX 8
/* The promise is 3 s; a machine that does ten other things may need more
 * for a process to start. */
#define RECOVERY_MS 15000
/* Numbers of one producer's events: p * SPAN + k. */
#define SPAN 4000000ULL

struct options {
	const char *program;
	uint64_t seed;
	int kills, producers, workers, delay_ms;
	size_t window;
	bool classify, resend_all;
};

/* Seen by all processes of the driver. */
struct shared {
	atomic_bool stop; /* producers */
	atomic_bool stop_reader;
	atomic_ulong snapshots, faults, resent, duplicates, receipts;
	atomic_ulong reached[PRODUCERS_MAX];
};

static struct options opt = {
	.kills = 200,
	.producers = 4,
	.workers = 2,
	.delay_ms = 50,
	.window = 256,
	.classify = true,
};
static struct shared *shared;
static struct sdg_home home;
static char logs[PRODUCERS_MAX][32];

/* ---------------------------------------------------------------- producer */

static void take_receipt(void *arg, void *cookie, enum sdg_outcome outcome,
			 struct sdg_str reason)
{
	struct log_file *log = arg;

	(void)reason;
	log_file_add(log, outcome == SDG_OUTCOME_NONE ? LOG_GAVE_UP : LOG_ACK,
		     (uint64_t)(uintptr_t)cookie, (uint32_t)outcome);
	shared->receipts++;
	if (outcome == SDG_OUTCOME_DUPLICATE)
		shared->duplicates++;
}

static void push_one(struct sdg_sender *sender, struct log_file *log,
		     uint64_t number)
{
	static uint8_t event[SDG_EVENT_MAX];
	size_t len = event_encode(opt.seed, number, event);
	struct sdg_error error;

	/* Logged first: what may have been sent was attempted. */
	log_file_add(log, LOG_ATTEMPT, number, 0);
	if (sdg_sender_push(sender, event, len, (void *)(uintptr_t)number,
			    20000, &error) < 0)
		die("producer: %s", error.message);
}

static void produce(int p)
{
	struct log_file *log = log_file_open(logs[p]);
	struct sdg_sender_options options = {
		.run_dir = home.run,
		.window = opt.window,
		.receipt = take_receipt,
		.arg = log,
	};
	struct sdg_sender *sender;
	struct sdg_error error;
	uint64_t k;

	if (sdg_sender_open(&options, &sender, &error) < 0)
		die("producer: %s", error.message);
	for (k = 0; k < SPAN && !shared->stop; k++)
		push_one(sender, log, (uint64_t)p * SPAN + k);
	if (sdg_sender_flush(sender, 20000, &error) < 0)
		die("producer: %s", error.message);
	shared->reached[p] = k;
	shared->resent += sdg_sender_resent(sender);
	sdg_sender_close(sender);
	log_file_close(log);
}

/* ------------------------------------------------------------------ reader */

static void read_snapshots(void)
{
	while (!shared->stop_reader) {
		shared->faults += check_snapshot(&home);
		shared->snapshots++;
		usleep(20000);
	}
}

static pid_t fork_part(void (*part)(int), int number)
{
	pid_t pid = fault_fork();

	if (pid > 0)
		return pid;
	part(number);
	exit(0);
}

static void reader_part(int number)
{
	(void)number;
	read_snapshots();
}

/* ----------------------------------------------------------------- nemesis */

static void kill_one(pid_t workers[], uint64_t *state)
{
	uint64_t chance = fault_random(state);
	int victim = (int)(chance % (uint64_t)opt.workers);
	int status;

	kill(workers[victim], SIGKILL);
	waitpid(workers[victim], &status, 0);
	if (!WIFSIGNALED(status) || WTERMSIG(status) != SIGKILL)
		die("worker %d had ended by itself (status %x)", victim,
		    (unsigned)status);
	workers[victim] = worker_launch(opt.program, victim, opt.classify);
}

/* A worker that never becomes ready before it is killed again proves
 * nothing: between two kills somebody must have been acknowledged. */
static void wait_for_receipts(void)
{
	unsigned long before = shared->receipts;
	int64_t deadline = fault_now_ms() + RECOVERY_MS;

	while (shared->receipts == before)
		if (fault_now_ms() > deadline)
			die("no acknowledgement within %d ms after a kill",
			    RECOVERY_MS);
		else
			usleep(500);
}

static void torment(pid_t workers[])
{
	uint64_t state = opt.seed;

	for (int i = 0; i < opt.kills; i++) {
		wait_for_receipts();
		usleep((useconds_t)(fault_random(&state) %
				    ((uint64_t)opt.delay_ms * 1000)) +
		       1);
		kill_one(workers, &state);
	}
}

static void expect_end(pid_t pid, const char *who)
{
	int status;

	if (waitpid(pid, &status, 0) < 0 || status != 0)
		die("the %s ended with status %x", who, (unsigned)status);
}

/* --------------------------------------------------------------------- main */

static void parse(int argc, char *argv[])
{
	static const struct option known[] = {
		{ "seed", required_argument, NULL, 's' },
		{ "kills", required_argument, NULL, 'k' },
		{ "producers", required_argument, NULL, 'p' },
		{ "workers", required_argument, NULL, 'w' },
		{ "window", required_argument, NULL, 'W' },
		{ "delay", required_argument, NULL, 'd' },
		{ "no-classify", no_argument, NULL, 'c' },
		{ NULL, 0, NULL, 0 },
	};
	int c;

	opt.seed = (uint64_t)time(NULL);
	while ((c = getopt_long(argc, argv, "", known, NULL)) != -1) {
		switch (c) {
		case 's':
			opt.seed = fault_number(optarg);
			break;
		case 'k':
			opt.kills = (int)fault_number(optarg);
			break;
		case 'p':
			opt.producers = (int)fault_number(optarg);
			break;
		case 'w':
			opt.workers = (int)fault_number(optarg);
			break;
		case 'W':
			opt.window = (size_t)fault_number(optarg);
			break;
		case 'd':
			opt.delay_ms = (int)fault_number(optarg);
			break;
		case 'c':
			opt.classify = false;
			break;
		default:
			die("usage: faults_crash [--seed N] [--kills N] "
			    "[--producers N] [--workers N] [--window N] "
			    "[--delay MS] [--no-classify] WORKER-PROGRAM");
		}
	}
	if (optind + 1 != argc || opt.producers < 1 ||
	    opt.producers > PRODUCERS_MAX || opt.workers < 1 ||
	    opt.workers > WORKERS_MAX || opt.delay_ms < 1)
		die("faults_crash wants the worker's program, 1 to %d "
		    "producers, 1 to %d workers",
		    PRODUCERS_MAX, WORKERS_MAX);
	opt.program = argv[optind];
}

static void judge_and_print(int64_t started)
{
	const char *paths[PRODUCERS_MAX];
	struct verdict verdict;

	for (int i = 0; i < opt.producers; i++)
		paths[i] = logs[i];
	check_all(&home, opt.seed, (uint64_t)opt.producers * SPAN, paths,
		  (size_t)opt.producers, &verdict);
	verdict.half_applied += shared->faults;
	printf("seed %" PRIu64 ": %d kills in %" PRId64
	       " ms, %d workers, %d producers\n",
	       opt.seed, opt.kills, fault_now_ms() - started, opt.workers,
	       opt.producers);
	verdict_print(&verdict);
	printf("resent %lu, answered as duplicates %lu, snapshots recounted "
	       "%lu\n",
	       (unsigned long)shared->resent, (unsigned long)shared->duplicates,
	       (unsigned long)shared->snapshots);
	if (!verdict_holds(&verdict) || verdict.acked == 0)
		die("a promise is broken; replay with --seed %" PRIu64,
		    opt.seed);
}

int main(int argc, char *argv[])
{
	pid_t workers[WORKERS_MAX], producers[PRODUCERS_MAX], reader;
	struct sdg_error error;
	int64_t started = fault_now_ms();
	int i;

	parse(argc, argv);
	if (sdg_home_find(&home, &error) < 0)
		die("%s", error.message);
	shared = mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE,
		      MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (shared == MAP_FAILED)
		die("no memory");
	for (i = 0; i < opt.workers; i++)
		workers[i] = worker_start(opt.program, i, opt.classify);
	for (i = 0; i < opt.producers; i++) {
		snprintf(logs[i], sizeof(logs[i]), "producer-%d.log", i);
		producers[i] = fork_part(produce, i);
	}
	reader = fork_part(reader_part, 0);
	torment(workers);
	shared->stop = true;
	for (i = 0; i < opt.producers; i++)
		expect_end(producers[i], "producer");
	shared->stop_reader = true;
	expect_end(reader, "reader");
	for (i = 0; i < opt.workers; i++) {
		kill(workers[i], SIGTERM);
		expect_end(workers[i], "worker");
	}
	judge_and_print(started);
	return 0;
}
