/*
 * Soundings as one of its own peers: a worker process, the sender as every
 * producer has it. An ack means counted, so nothing has to consume.
 */
#include "peers.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <soundings/bus.h>
#include <soundings/feedback.h>
#include <soundings/home.h>
#include <soundings/identity.h>
#include <soundings/store.h>

struct link {
	struct sdg_sender *sender;
	struct sdg_home home;
	peer_found_fn *acked;
	void *arg;
	uint64_t waiting[65536]; /* acked before acks() was called */
	size_t n;
};

static void find_home(const struct place *place, struct sdg_home *home)
{
	struct sdg_error err;

	setenv("SOUNDINGS_HOME", place->folder, 1);
	if (sdg_home_find(home, &err) < 0)
		peer_die("%s", err.message);
}

static void serve(const struct place *place)
{
	setenv("SOUNDINGS_HOME", place->folder, 1);
	peer_exec(place, (const char *const[]){ place->worker, "--slot", "0",
						"--no-classify", NULL });
}

static void serve_labels(const struct place *place)
{
	setenv("SOUNDINGS_HOME", place->folder, 1);
	peer_exec(place,
		  (const char *const[]){ place->worker, "--slot", "0", NULL });
}

static void take_receipt(void *arg, void *cookie, enum sdg_outcome outcome,
			 struct sdg_str reason)
{
	struct link *link = arg;

	(void)reason;
	if (outcome != SDG_OUTCOME_NONE)
		link->waiting[link->n++] = (uintptr_t)cookie;
}

static void *open_link(const struct place *place)
{
	struct link *link = calloc(1, sizeof(*link));
	struct sdg_sender_options options = {
		.window = 4096,
		.receipt = take_receipt,
		.arg = link,
	};
	struct sdg_error err;

	if (!link)
		peer_die("no memory");
	find_home(place, &link->home);
	options.run_dir = link->home.run;
	if (access(link->home.run, F_OK) == 0 &&
	    sdg_sender_open(&options, &link->sender, &err) == 0)
		return link;
	free(link);
	return NULL;
}

static size_t encode(uint64_t number, uint8_t out[SDG_EVENT_MAX])
{
	char address[64], response[32];
	struct sdg_feedback fb = {
		.source = SDG_SOURCE_MAIL,
		.said = 1420070400 + (int64_t)number * 6,
		.received = 1456790400,
		.text = { peer_event(number), PEER_EVENT_BYTES },
	};
	struct sdg_error err;
	size_t len;

	snprintf(address, sizeof(address), "r%" PRIu64 "@school.example",
		 number * 7919 % 20000);
	fb.respondent.address = sdg_str(address);
	snprintf(response, sizeof(response), "%" PRIu64, number);
	sdg_identity_survey(sdg_str("peer"), sdg_str(response), sdg_str("q"),
			    fb.identity);
	sdg_identity_content(fb.subject, fb.text, fb.content);
	if (sdg_feedback_encode(&fb, out, &len, &err) < 0)
		peer_die("%s", err.message);
	return len;
}

static bool push(void *arg, uint64_t number)
{
	static uint8_t event[SDG_EVENT_MAX];
	struct link *link = arg;
	struct sdg_error err;

	return sdg_sender_push(link->sender, event, encode(number, event),
			       (void *)(uintptr_t)number, 10000, &err) == 0;
}

/* The sender looks at its sockets when it is waited for. */
static bool acks(void *arg, peer_found_fn *acked, void *cookie)
{
	struct link *link = arg;
	struct sdg_error err;

	if (link->n == 0)
		sdg_sender_wait(link->sender, PEER_PATIENCE_MS, &err);
	if (link->n == 0)
		return false;
	for (size_t i = 0; i < link->n; i++)
		acked(cookie, link->waiting[i]);
	link->n = 0;
	return true;
}

static void close_link(void *arg)
{
	struct link *link = arg;

	sdg_sender_close(link->sender);
	free(link);
}

struct finding {
	peer_found_fn *found;
	void *arg;
};

static int found_piece(void *arg, const struct sdg_stored *stored)
{
	struct finding *finding = arg;

	finding->found(finding->arg,
		       peer_number(stored->fb.text.s, stored->fb.text.len));
	return 0;
}

static bool read_all(const struct place *place, peer_found_fn *found, void *arg)
{
	struct finding finding = { found, arg };
	static const struct sdg_filter all;
	struct sdg_store *store;
	struct sdg_home home;
	struct sdg_error err;
	int rc;

	find_home(place, &home);
	if (sdg_store_open(&home, SDG_STORE_READ, &store, &err) < 0)
		return false;
	rc = sdg_store_each(store, &all, 1U << SDG_KIND_FEEDBACK, NULL,
			    found_piece, &finding, &err);
	sdg_store_close(store);
	return rc >= 0;
}

#define SOUNDINGS                                                              \
	.counts = true, .open = open_link, .push = push, .acks = acks,         \
	.close = close_link, .read = read_all

const struct peer peer_soundings = {
	.id = "soundings",
	.promise = "stored and counted once, in one synced transaction",
	.serve = serve,
	SOUNDINGS,
};
const struct peer peer_soundings_labels = {
	.id = "soundings-labels",
	.promise = "the same, labelled by region, theme and stance",
	.serve = serve_labels,
	SOUNDINGS,
};
