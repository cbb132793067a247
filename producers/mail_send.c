/*
 * mail_send: one message from standard input to a worker's receipt.
 *
 * The order: the parser is forked first, from a process that has opened
 * nothing; while it reads, the way to the workers is opened. Success is a
 * receipt (or, with --outbox, a file on disk), and nothing else is.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sysexits.h>
#include <syslog.h>
#include <time.h>
#include <unistd.h>

#include <soundings/bus.h>
#include <soundings/outbox.h>

#include "mail.h"
#include "mail_read.h"

#define PARSE_MS 6500
#define OUTBOX_MS 2000
#define AFTER_MS 400 /* left for the outbox and for leaving */

int64_t mail_now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

struct message {
	void *data;
	size_t len;
	bool mapped;
};

/* The supervisor hands over a file in memory; a person, a pipe. */
static int read_message(int fd, struct message *m, bool *cut,
			struct sdg_error *err)
{
	struct stat st;
	size_t size = 0;

	if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && st.st_size > 0 &&
	    st.st_size <= (off_t)MAIL_RAW_MAX && lseek(fd, 0, SEEK_CUR) == 0) {
		m->data = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE,
			       fd, 0);
		m->mapped = m->data != MAP_FAILED;
		m->len = (size_t)st.st_size;
		if (m->mapped)
			return 0;
		m->data = NULL;
		m->len = 0;
	}
	for (;;) {
		ssize_t n;

		if (m->len == size) {
			size_t more = size ? 2 * size : 65536;
			void *p = realloc(m->data, more);

			if (!p)
				return sdg_fail(err, SDG_ENOMEM,
						"no memory for the message");
			m->data = p;
			size = more;
		}
		n = read(fd, (char *)m->data + m->len, size - m->len);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return sdg_fail_errno(err, "read the message");
		if (n == 0)
			return 0;
		m->len += (size_t)n;
		/* The rest is read, so that the sender sees no broken pipe,
		 * and dropped. */
		if (m->len > MAIL_RAW_MAX) {
			m->len = MAIL_RAW_MAX;
			*cut = true;
		}
	}
}

static void drop_message(struct message *m)
{
	if (m->mapped)
		munmap(m->data, m->len);
	else
		free(m->data);
}

static void on_receipt(void *arg, void *cookie, enum sdg_outcome outcome,
		       struct sdg_str reason)
{
	(void)cookie;
	(void)reason;
	*(enum sdg_outcome *)arg = outcome;
}

static int time_left(const struct mail_options *opt)
{
	int64_t left = opt->until_ms - mail_now_ms() - AFTER_MS;

	return left < 0 ? 0 : (int)left;
}

static int parse_ms(const struct mail_options *opt)
{
	int left = time_left(opt);

	return left < PARSE_MS ? left : PARSE_MS;
}

/* The event of @job into @event: the parser's, or the one that says that
 * it has none, once the original is kept. */
static int event_of(struct mail_options *opt, struct mail_child *child,
		    const struct mail_job *job, uint8_t *event, size_t *len,
		    struct sdg_error *err)
{
	struct mail_reply reply;
	bool died;
	int rc = mail_child_next(child, parse_ms(opt), &reply, &died, err);

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
		rc = sdg_sender_push(sender, event, len, NULL, time_left(opt),
				     err);
		if (rc == 0)
			rc = sdg_sender_flush(sender, time_left(opt), err);
	} while (rc == 0 && *outcome == SDG_OUTCOME_BUSY && time_left(opt));
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
	int left = time_left(opt);

	if (left > OUTBOX_MS)
		left = OUTBOX_MS;
	if (sdg_outbox_send(opt->home.outbox, opt->home.run, left, &tally,
			    &err) < 0 &&
	    err.code != SDG_EAGAIN)
		syslog(LOG_WARNING, "the outbox could not be sent: %s",
		       err.message);
}

static int send_one(struct mail_options *opt, const struct mail_job *job,
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

static int show_one(struct mail_options *opt, const struct mail_job *job,
		    struct sdg_error *err)
{
	struct mail_child *child = NULL;
	struct mail_reply reply;
	bool died;
	int rc;

	rc = mail_child_start(job, 1, &opt->settings, &child, err);
	if (rc < 0)
		return rc;
	rc = mail_child_next(child, parse_ms(opt), &reply, &died, err);
	if (rc == 0 && reply.kind == MAIL_REPLY_JSON) {
		puts((const char *)reply.data);
	} else if (rc == 0) {
		/* Still an answer: what would become of it. */
		struct mail *mail = mail_new();
		char *json = NULL;

		if (mail) {
			mail->unreadable = (const char *)reply.data;
			json = mail_to_json(mail, false);
		}
		if (json)
			puts(json);
		else
			rc = sdg_fail(err, SDG_ENOMEM, "no memory");
		free(json);
		mail_free(mail);
	}
	if (rc == 0 && fflush(stdout) != 0)
		rc = sdg_fail_errno(err, "write the answer");
	mail_child_stop(child);
	return rc;
}

int mail_hook(struct mail_options *opt, int fd)
{
	struct message message = { 0 };
	struct sdg_error err = { 0 };
	struct mail_job job = { .cut = opt->cut };
	int rc;

	rc = read_message(fd, &message, &job.cut, &err);
	if (rc < 0)
		goto out;
	job.raw = message.data ? message.data : "";
	job.len = message.len;
	mail_identify(&job);
	mail_init(job.raw, job.len);
	rc = opt->dry_run ? show_one(opt, &job, &err)
			  : send_one(opt, &job, &err);
out:
	if (rc < 0) {
		syslog(LOG_WARNING, "not taken, to be tried again: %s",
		       err.message);
		if (!opt->quiet)
			fprintf(stderr, "soundings-mail: %s\n", err.message);
	}
	drop_message(&message);
	return rc == 0 ? EX_OK : EX_TEMPFAIL;
}
