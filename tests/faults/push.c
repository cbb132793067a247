/*
 * faults_push: a producer of known events, for stories. Logs what it
 * attempts and what it is told; prints the outcomes.
 *
 *	faults_push [--seed N] [--from N] [--count N] [--window N]
 *		    [--step N] [--timeout MS] [--endpoint E] [--garbage]
 *		    [--at FILE] [--rest-at FILE] LOG
 *
 * Leaves with 0 when every event was acknowledged, else 75. --garbage sends
 * frames that do not decode. --at waits until FILE exists, so that several
 * begin at the same instant; --rest-at sends half of them, and the other
 * half over the same connection once FILE exists. --step 3 with --from 1
 * sends mail alone.
 */
#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <soundings/bus.h>

#include "faults.h"

static struct {
	uint64_t seed, from, count, step;
	size_t window;
	int timeout_ms;
	bool garbage;
	const char *endpoint, *at, *rest_at, *log;
} opt = { .count = 1, .step = 1, .window = 64, .timeout_ms = 5000 };

struct tally {
	struct log_file *log;
	uint64_t outcomes[SDG_OUTCOME_COUNT];
	char reason[256];
};

static void take_receipt(void *arg, void *cookie, enum sdg_outcome outcome,
			 struct sdg_str reason)
{
	struct tally *tally = arg;

	tally->outcomes[outcome]++;
	if (reason.len > 0)
		snprintf(tally->reason, sizeof(tally->reason), "%.*s",
			 SDG_STR_ARG(reason));
	log_file_add(tally->log,
		     outcome == SDG_OUTCOME_NONE ? LOG_GAVE_UP : LOG_ACK,
		     (uint64_t)(uintptr_t)cookie, (uint32_t)outcome);
}

/* Never an event, and never the same: proto3 takes almost anything, but no
 * field number 0. */
static size_t garbage(uint64_t number, uint8_t *out)
{
	return (size_t)sprintf((char *)out, "%c garbage %" PRIu64, 0x07,
			       opt.seed + number);
}

static int wait_between(struct sdg_sender *sender, struct sdg_error *error)
{
	int rc = sdg_sender_flush(sender, opt.timeout_ms, error);

	while (rc == 0 && access(opt.rest_at, F_OK) != 0)
		usleep(1000);
	return rc;
}

static int push_all(struct sdg_sender *sender, struct tally *tally,
		    struct sdg_error *error)
{
	static uint8_t event[SDG_EVENT_MAX];
	size_t len;
	int rc = 0;

	for (uint64_t n = 0, i = opt.from; rc == 0 && n < opt.count;
	     n++, i += opt.step) {
		if (opt.rest_at && n == opt.count / 2)
			rc = wait_between(sender, error);
		if (rc < 0)
			break;
		len = opt.garbage ? garbage(i, event)
				  : event_encode(opt.seed, i, event);
		log_file_add(tally->log, LOG_ATTEMPT, i, 0);
		rc = sdg_sender_push(sender, event, len, (void *)(uintptr_t)i,
				     opt.timeout_ms, error);
		if (rc < 0)
			log_file_add(tally->log, LOG_GAVE_UP, i, 0);
	}
	if (rc < 0) {
		sdg_sender_flush(sender, opt.timeout_ms, NULL);
		return rc;
	}
	return sdg_sender_flush(sender, opt.timeout_ms, error);
}

static void print(const struct tally *tally)
{
	bool first = true;

	for (int i = 0; i < SDG_OUTCOME_COUNT; i++) {
		if (tally->outcomes[i] == 0)
			continue;
		printf("%s%s %" PRIu64, first ? "" : ", ",
		       i == SDG_OUTCOME_NONE ? "given-up" : sdg_outcome_id(i),
		       tally->outcomes[i]);
		first = false;
	}
	puts(first ? "nothing" : "");
	if (tally->reason[0])
		printf("reason: %s\n", tally->reason);
}

static void set(int option)
{
	switch (option) {
	case 's':
		opt.seed = fault_number(optarg);
		break;
	case 'f':
		opt.from = fault_number(optarg);
		break;
	case 'c':
		opt.count = fault_number(optarg);
		break;
	case 'w':
		opt.window = (size_t)fault_number(optarg);
		break;
	case 't':
		opt.timeout_ms = (int)fault_number(optarg);
		break;
	case 'e':
		opt.endpoint = optarg;
		break;
	case 'a':
		opt.at = optarg;
		break;
	case 'p':
		opt.step = fault_number(optarg);
		break;
	case 'r':
		opt.rest_at = optarg;
		break;
	case 'g':
		opt.garbage = true;
		break;
	default:
		die("see the head of push.c");
	}
}

static void parse(int argc, char *argv[])
{
	static const struct option known[] = {
		{ "at", required_argument, NULL, 'a' },
		{ "count", required_argument, NULL, 'c' },
		{ "endpoint", required_argument, NULL, 'e' },
		{ "from", required_argument, NULL, 'f' },
		{ "garbage", no_argument, NULL, 'g' },
		{ "rest-at", required_argument, NULL, 'r' },
		{ "step", required_argument, NULL, 'p' },
		{ "seed", required_argument, NULL, 's' },
		{ "timeout", required_argument, NULL, 't' },
		{ "window", required_argument, NULL, 'w' },
		{ NULL, 0, NULL, 0 },
	};
	int c;

	while ((c = getopt_long(argc, argv, "", known, NULL)) != -1)
		set(c);
	if (optind + 1 != argc)
		die("faults_push wants a log");
	opt.log = argv[optind];
}

int main(int argc, char *argv[])
{
	struct sdg_sender_options options = { .receipt = take_receipt };
	struct sdg_sender *sender;
	struct sdg_error error;
	struct sdg_home home;
	struct tally tally = { 0 };
	int rc;

	parse(argc, argv);
	if (sdg_home_find(&home, &error) < 0)
		die("%s", error.message);
	tally.log = log_file_open(opt.log);
	options.arg = &tally;
	options.window = opt.window;
	options.endpoints = opt.endpoint;
	options.run_dir = opt.endpoint ? NULL : home.run;
	if (sdg_sender_open(&options, &sender, &error) < 0)
		die("%s", error.message);
	while (opt.at && access(opt.at, F_OK) != 0)
		usleep(100);
	rc = push_all(sender, &tally, &error);
	sdg_sender_close(sender);
	log_file_close(tally.log);
	print(&tally);
	if (rc < 0)
		fprintf(stderr, "faults_push: %s\n", error.message);
	return sdg_exit_code(rc);
}
