/*
 * mail_send: one message from standard input to a worker's receipt.
 *
 * The order: the parser is forked first, from a process that has opened
 * nothing; while it reads, the way to the workers is opened. Success is a
 * receipt (or, with --outbox, a file on disk), and nothing else is.
 */
#include <string.h>
#include <sysexits.h>
#include <syslog.h>
#include <unistd.h>

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

/* The answer for @job: the parser's, or, once the original is kept, the
 * event that says it has none, in @event. */
static int answer_for(struct mail_options *opt, struct mail_child *child,
		      const struct mail_job *job, uint8_t *event,
		      struct mail_reply *reply, struct sdg_error *err)
{
	bool died;
	int rc = mail_child_next(child, mail_parse_ms(opt), reply, &died, err);

	if (rc < 0 || reply->kind == MAIL_REPLY_NOTE ||
	    (reply->kind == MAIL_REPLY_EVENT && reply->len <= SDG_EVENT_MAX))
		return rc;
	if (opt->approved) /* it is kept already; whoever asked hears why */
		return sdg_fail(err, SDG_EINVAL, "%s",
				(const char *)reply->data);
	syslog(LOG_WARNING, "a message is set aside: %s",
	       (const char *)reply->data);
	rc = mail_unreadable_event(opt, job, (const char *)reply->data, event,
				   &reply->len, err);
	if (rc == 0)
		rc = mail_keep_raw(opt, job, event, reply->len, err);
	reply->kind = MAIL_REPLY_EVENT;
	reply->data = event;
	return rc;
}

static int deliver(struct mail_options *opt, struct sdg_sender *sender,
		   enum sdg_outcome *outcome, const uint8_t *event, size_t len,
		   struct sdg_error *err)
{
	struct sdg_error kept = { 0 };
	int rc;

	*outcome = SDG_OUTCOME_NONE;

	/* "Busy" is a worker's way to say: ask again. */
	do {
		if (!sender) { /* the way to them is closed; err says why */
			rc = SDG_EAGAIN;
			break;
		}
		rc = sdg_sender_push(sender, event, len, NULL,
				     mail_time_left(opt), err);
		if (rc == 0)
			rc = sdg_sender_flush(sender, mail_time_left(opt), err);
	} while (rc == 0 && *outcome == SDG_OUTCOME_BUSY &&
		 mail_time_left(opt));
	if (rc == 0 &&
	    (*outcome == SDG_OUTCOME_NONE || *outcome == SDG_OUTCOME_BUSY))
		rc = sdg_fail(err, SDG_EAGAIN, "no worker answered in time");
	if (rc < 0 && opt->outbox &&
	    sdg_outbox_keep(opt->home.outbox, event, len, &kept) == 0)
		rc = 0;
	return rc;
}

/* A note's points go one after the other: what was acknowledged when another
 * was not is a duplicate when the note comes again. */
static int deliver_all(struct mail_options *opt, struct sdg_sender *sender,
		       enum sdg_outcome *outcome,
		       const struct mail_reply *reply, struct sdg_error *err)
{
	const uint8_t *event;
	size_t at = 0, len;
	int rc = 0;

	if (reply->kind != MAIL_REPLY_NOTE)
		return deliver(opt, sender, outcome, reply->data, reply->len,
			       err);
	while (rc == 0 && mail_note_next(reply, &at, &event, &len))
		rc = deliver(opt, sender, outcome, event, len, err);
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
	struct mail_reply reply;
	int rc;

	rc = mail_child_start(job, 1, &opt->settings, &child, err);
	if (rc < 0)
		goto out;
	rc = sdg_sender_open(&to, &sender, err);
	if (rc < 0 && !opt->outbox)
		goto out;
	rc = answer_for(opt, child, job, event, &reply, err);
	if (rc < 0)
		goto out;
	rc = deliver_all(opt, sender, &outcome, &reply, err);
	if (rc == 0 && sender && opt->outbox && outcome != SDG_OUTCOME_NONE)
		send_waiting(opt);
out:
	/* What is left to take down, the kernel takes down faster. */
	if (rc == 0 && opt->last)
		_exit(EX_OK);
	sdg_sender_close(sender);
	mail_child_stop(child);
	return rc;
}
