/*
 * rep_send: points to a worker while there is one, else into the outbox,
 * which keeps them private, synced and whole until there is.
 */
#include <dirent.h>
#include <err.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <soundings/bus.h>
#include <soundings/clients.h>
#include <soundings/outbox.h>

#include "note_event.h"
#include "rep.h"

/* One point, encoded; until it has a receipt it is ours. */
struct parcel {
	uint8_t *event;
	size_t len;
	enum sdg_outcome outcome;
};

struct sending {
	struct parcel *parcels;
	size_t count;
	size_t outcomes[SDG_OUTCOME_COUNT];
	char quarantined[120]; /* why the first was; the worker's words */
};

static int make_parcel(struct parcel *parcel, const struct note *note,
		       const struct note_point *point,
		       const struct rep_options *options, struct sdg_error *err)
{
	struct note_scratch scratch;
	struct sdg_feedback fb;
	int rc;

	parcel->event = malloc(SDG_EVENT_MAX);
	if (!parcel->event)
		return sdg_fail(err, SDG_ENOMEM, "send note: no memory");
	rc = note_to_feedback(note, point, NULL, &scratch, &fb, err);
	if (rc < 0)
		return rc;
	fb.consultation = sdg_str(options->consultation);
	fb.received = time(NULL);
	fb.test = options->test;
	return sdg_feedback_encode(&fb, parcel->event, &parcel->len, err);
}

static void on_receipt(void *arg, void *cookie, enum sdg_outcome outcome,
		       struct sdg_str reason)
{
	struct sending *sending = arg;
	struct parcel *parcel = cookie;

	if (outcome == SDG_OUTCOME_QUARANTINED && !sending->quarantined[0])
		snprintf(sending->quarantined, sizeof(sending->quarantined),
			 "%.*s", SDG_STR_ARG(reason));
	if (outcome == SDG_OUTCOME_BUSY)
		outcome = SDG_OUTCOME_NONE;
	parcel->outcome = outcome;
	sending->outcomes[outcome]++;
}

/* Whether any worker has ever listened here: without a connection a note
 * should not wait for one. */
static bool has_workers(const struct rep_options *options)
{
	struct dirent *entry;
	struct sdg_curve_key key;
	bool found = options->endpoints != NULL;
	DIR *dir = found ? NULL : opendir(options->home.run);

	while (dir && !found && (entry = readdir(dir))) {
		size_t len = strlen(entry->d_name);

		found = strncmp(entry->d_name, "worker-", 7) == 0 && len > 5 &&
			strcmp(entry->d_name + len - 5, ".sock") == 0;
	}
	if (dir)
		closedir(dir);
	/* A laptop's key says where the workers are. */
	if (!found && sdg_curve_key_own(&key, NULL) == 0) {
		found = key.workers[0] != '\0';
		sdg_curve_key_forget(&key);
	}
	return found;
}

/* What has no receipt in the end is left with outcome NONE. An error here
 * only says why: the points are kept all the same. */
static void offer(struct sending *sending, const struct rep_options *options,
		  struct sdg_error *err)
{
	struct sdg_sender_options sender_options = {
		.run_dir = options->endpoints ? NULL : options->home.run,
		.endpoints = options->endpoints,
		.window = NOTE_POINTS_MAX,
		.receipt = on_receipt,
		.arg = sending,
	};
	struct sdg_sender *sender = NULL;
	int rc;

	if (!has_workers(options))
		return;
	rc = sdg_sender_open(&sender_options, &sender, err);
	for (size_t i = 0; rc == 0 && i < sending->count; i++) {
		struct parcel *parcel = &sending->parcels[i];

		rc = sdg_sender_push(sender, parcel->event, parcel->len, parcel,
				     options->wait_ms, err);
	}
	if (sender)
		sdg_sender_flush(sender, options->wait_ms, err);
	sdg_sender_close(sender);
}

static int keep_rest(struct sending *sending, const struct rep_options *options,
		     size_t *kept, struct sdg_error *err)
{
	int rc = 0;

	*kept = 0;
	for (size_t i = 0; rc == 0 && i < sending->count; i++) {
		struct parcel *parcel = &sending->parcels[i];

		if (parcel->outcome != SDG_OUTCOME_NONE)
			continue;
		rc = sdg_make_dirs(options->home.outbox, 0700, err);
		if (rc == 0)
			rc = sdg_outbox_keep(options->home.outbox,
					     parcel->event, parcel->len, err);
		*kept += rc == 0;
	}
	return rc;
}

/* @to: where a program reads the points it is talk. */
static void report(const struct sending *sending, size_t kept, FILE *to)
{
	const char *comma = "";

	for (int outcome = SDG_OUTCOME_COUNTED; outcome < SDG_OUTCOME_BUSY;
	     outcome++) {
		if (sending->outcomes[outcome] == 0)
			continue;
		fprintf(to, "%s%zu %s", comma, sending->outcomes[outcome],
			sdg_outcome_id(outcome));
		comma = ", ";
	}
	if (kept > 0)
		fprintf(to, "%s%zu kept until a worker answers", comma, kept);
	fprintf(to, "\n");
	fflush(to);
	if (sending->outcomes[SDG_OUTCOME_QUARANTINED])
		warnx("set aside: %s (on the host: soundings quarantine list)",
		      sending->quarantined[0] ? sending->quarantined
					      : "no reason was given");
}

int rep_send(const struct note *note, const struct rep_options *options,
	     size_t *kept, struct sdg_error *err)
{
	struct sending sending = { .count = note->point_count };
	struct sdg_error why = { 0 };
	int rc = 0;

	sending.parcels = calloc(note->point_count, sizeof(*sending.parcels));
	if (!sending.parcels)
		return sdg_fail(err, SDG_ENOMEM, "send note: no memory");
	for (size_t i = 0; rc == 0 && i < sending.count; i++)
		rc = make_parcel(&sending.parcels[i], note, &note->points[i],
				 options, err);
	if (rc == 0)
		offer(&sending, options, &why);
	if (rc == 0)
		rc = keep_rest(&sending, options, kept, err);
	if (rc == 0 && !options->quiet) {
		report(&sending, *kept, options->json ? stderr : stdout);
		if (*kept > 0 && why.message[0])
			warnx("%s", why.message);
	}
	for (size_t i = 0; i < sending.count; i++)
		free(sending.parcels[i].event);
	free(sending.parcels);
	return rc;
}

int rep_send_waiting(const struct rep_options *options, struct sdg_error *err)
{
	struct sdg_outbox_tally tally = { 0 };
	int rc = sdg_outbox_send(options->home.outbox, options->home.run,
				 options->wait_ms, &tally, err);

	if (!options->quiet && tally.waiting > 0)
		fprintf(options->json ? stderr : stdout,
			"%zu that waited sent, %zu still waiting\n", tally.sent,
			tally.kept);
	return rc;
}
