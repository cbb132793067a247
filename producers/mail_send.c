/*
 * mail_send: one message from standard input to a worker's receipt.
 *
 * The order: the parser is forked first, from a process that has opened
 * nothing; while it reads, the way to the workers is opened. Success is a
 * receipt (or, with --outbox, a file on disk), and nothing else is.
 */
#include <string.h>
#include <syslog.h>

#include <soundings/bus.h>
#include <soundings/outbox.h>

#include "mail.h"
#include "mail_read.h"

#define OUTBOX_MS 2000

static void on_receipt(void *arg, void *cookie, enum sdg_outcome outcome,
		       struct sdg_str reason)
{
	(void)cookie;
	(void)reason;
	*(enum sdg_outcome *)arg = outcome;
}

/* The event of @job into @event: the parser's, or the one that says that
 * it has none, once the original is kept. */
static int event_of(struct mail_options *opt, struct mail_child *child,
		    const struct mail_job *job, uint8_t *event, size_t *len,
		    struct sdg_error *err)
{
	struct mail_reply reply;
	bool died;
	int rc = mail_child_next(child, mail_parse_ms(opt), &reply, &died, err);

	if (rc < 0)
		return rc;
	if (reply.kind == MAIL_REPLY_EVENT && reply.len <= SDG_EVENT_MAX) {
		memcpy(event, reply.data, reply.len);
		*len = reply.len;
		return 0;
	}
	syslog(LOG_WARNING, "a message is set aside: %s",
	       (const char *)reply.data);
	rc = mail_keep_raw(opt, job, err);
	if (rc < 0)
		return rc;
	return mail_unreadable_event(opt, job, (const char *)reply.data, event,
				     len, err);
}

static int deliver(struct mail_options *opt, struct sdg_sender *sender,
		   const enum sdg_outcome *outcome, const uint8_t *event,
		   size_t len, struct sdg_error *err)
{
	int rc;

	/* "Busy" is a worker's way to say: ask again. */
	do {
		rc = sdg_sender_push(sender, event, len, NULL,
				     mail_time_left(opt), err);
		if (rc == 0)
			rc = sdg_sender_flush(sender, mail_time_left(opt), err);
	} while (rc == 0 && *outcome == SDG_OUTCOME_BUSY &&
		 mail_time_left(opt));
	if (rc == 0 &&
	    (*outcome == SDG_OUTCOME_NONE || *outcome == SDG_OUTCOME_BUSY))
		rc = sdg_fail(err, SDG_EAGAIN, "no worker answered in time");
	return rc;
}

/* A worker has just answered: what waited for one may go along. */
static void send_waiting(const struct mail_options *opt)
{
	struct sdg_outbox_tally tally;
	struct sdg_error err = { 0 };
	int left = mail_time_left(opt);

	if (left > OUTBOX_MS)
		left = OUTBOX_MS;
	if (sdg_outbox_send(opt->home.outbox, opt->home.run, left, &tally,
			    &err) < 0 &&
	    err.code != SDG_EAGAIN)
		syslog(LOG_WARNING, "the outbox could not be sent: %s",
		       err.message);
}

int mail_send_one(struct mail_options *opt, const struct mail_job *job,
		  struct sdg_error *err)
{
	static uint8_t event[SDG_EVENT_MAX];
	enum sdg_outcome outcome = SDG_OUTCOME_NONE;
	struct sdg_sender_options to = {
		.run_dir = opt->home.run,
		.window = 1,
		.receipt = on_receipt,
		.arg = &outcome,
	};
	struct sdg_sender *sender = NULL;
	struct mail_child *child = NULL;
	struct sdg_error kept = { 0 };
	size_t len = 0;
	int rc;

	rc = mail_child_start(job, 1, &opt->settings, &child, err);
	if (rc < 0)
		goto out;
	rc = sdg_sender_open(&to, &sender, err);
	if (rc < 0 && !opt->outbox)
		goto out;
	rc = event_of(opt, child, job, event, &len, err);
	if (rc < 0)
		goto out;
	rc = sender ? deliver(opt, sender, &outcome, event, len, err)
		    : SDG_EAGAIN;
	if (rc == 0 && opt->outbox)
		send_waiting(opt);
	if (rc < 0 && opt->outbox &&
	    sdg_outbox_keep(opt->home.outbox, event, len, &kept) == 0)
		rc = 0;
out:
	sdg_sender_close(sender);
	mail_child_stop(child);
	return rc;
}
