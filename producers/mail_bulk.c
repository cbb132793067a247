/*
 * mail_bulk: a Maildir, a folder of messages or an mbox, taken in whole.
 *
 * Files are only ever read. Messages go through the parsing child in
 * batches, one being parsed while the one before is sent; what the child
 * dies of is set aside and the next child goes on behind it. A second run
 * over the same mail changes nothing (identity); after an interrupted one it
 * goes on where that one came to (mail_resume).
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sysexits.h>
#include <syslog.h>
#include <unistd.h>

#include <soundings/bus.h>
#include <soundings/outbox.h>

#include "mail.h"
#include "mail_bulk.h"

#define BATCH_JOBS 256
#define BATCH_BYTES (8u << 20)
#define PARSE_MS 20000
#define SEND_MS 30000
#define SAVE_MS 300

struct batch {
	struct mail_job jobs[BATCH_JOBS];
	void *owned[BATCH_JOBS]; /* freed after it; NULL: borrowed */
	struct mail_mark marks[BATCH_JOBS];
	size_t n;
	size_t next; /* the job whose reply comes next */
	size_t bytes;
	struct mail_child *child;
};

struct bulk {
	struct mail_options *opt;
	struct sdg_sender *sender;
	size_t outcomes[SDG_OUTCOME_COUNT];
	size_t read;
	size_t set_aside;
	size_t kept;    /* in the outbox */
	size_t unread;  /* files that could not be read, and were named */
	int unread_rc;  /* whether a retry can help any of them */
	size_t taken;   /* by the run before, messages */
	size_t skipped; /* or, of an mbox, bytes */
	struct mail_resume *resume;
	int64_t saved_ms;
	bool terminal;
	int64_t shown_ms;
	struct batch batches[2];
	int current; /* the batch being filled */
};

static volatile sig_atomic_t stopped;

static void on_stop(int sig)
{
	(void)sig;
	stopped = 1;
}

/* An mbox is mapped: a mail reader that takes messages out of it meanwhile
 * takes the ground from under us. */
static void on_shrunk(int sig)
{
	static const char said[] = "soundings-mail: the mbox became shorter "
				   "while it was read; run it again to go on\n";

	(void)sig;
	if (write(STDERR_FILENO, said, sizeof(said) - 1) < 0)
		_exit(EX_TEMPFAIL);
	_exit(EX_TEMPFAIL);
}

static void show_progress(struct bulk *b, bool last)
{
	int64_t now = mail_now_ms();

	if (!b->terminal || (!last && now - b->shown_ms < 200))
		return;
	b->shown_ms = now;
	fprintf(stderr, "\r%zu read, %zu counted, %zu duplicate%s", b->read,
		b->outcomes[SDG_OUTCOME_COUNTED],
		b->outcomes[SDG_OUTCOME_DUPLICATE], last ? "\n" : "");
}

static void on_receipt(void *arg, void *cookie, enum sdg_outcome outcome,
		       struct sdg_str reason)
{
	struct bulk *b = arg;

	(void)cookie;
	(void)reason;
	b->outcomes[outcome]++;
}

/* ---------------------------------------------------------------- sending */

static int send_event(struct bulk *b, const uint8_t *event, size_t len,
		      struct sdg_error *err)
{
	int rc = sdg_sender_push(b->sender, event, len, NULL, SEND_MS, err);

	if (rc == 0 || !b->opt->outbox)
		return rc;
	rc = sdg_outbox_keep(b->opt->home.outbox, event, len, err);
	b->kept += rc == 0;
	return rc;
}

static int set_aside(struct bulk *b, const struct mail_job *job,
		     const char *why, struct sdg_error *err)
{
	static uint8_t event[SDG_EVENT_MAX];
	size_t len;
	int rc = mail_unreadable_event(b->opt, job, why, event, &len, err);

	syslog(LOG_WARNING, "a message is set aside: %s", why);
	b->set_aside++;
	if (rc == 0)
		rc = mail_keep_raw(b->opt, job, event, len, err);
	return rc == 0 ? send_event(b, event, len, err) : rc;
}

static int send_note(struct bulk *b, const struct mail_reply *reply,
		     struct sdg_error *err)
{
	const uint8_t *event;
	size_t at = 0, len;
	int rc = 0;

	while (rc == 0 && mail_note_next(reply, &at, &event, &len))
		rc = send_event(b, event, len, err);
	return rc;
}

/* What the parser died of is an answer, too. */
static int print_json(const struct mail_reply *reply, struct sdg_error *err)
{
	const char *answer = (const char *)reply->data;
	char *json = NULL;
	int rc = 0;

	if (reply->kind == MAIL_REPLY_UNREADABLE)
		json = mail_unreadable_json(answer);
	if (reply->kind == MAIL_REPLY_UNREADABLE && !json)
		return sdg_fail(err, SDG_ENOMEM, "no memory");
	if (puts(json ? json : answer) == EOF)
		rc = sdg_fail_errno(err, "write the answer");
	free(json);
	return rc;
}

static int start(struct bulk *b, struct batch *batch, struct sdg_error *err)
{
	if (batch->next == batch->n)
		return 0;
	return mail_child_start(batch->jobs + batch->next,
				batch->n - batch->next, &b->opt->settings,
				&batch->child, err);
}

/* A parser that was given no time, or was forked while a thread of ours held
 * a lock that it waits for, is replaced once before the run is given up. */
static int next_reply(struct bulk *b, struct batch *batch,
		      struct mail_reply *reply, bool *died,
		      struct sdg_error *err)
{
	int rc = mail_child_next(batch->child, PARSE_MS, reply, died, err);

	if (rc != SDG_EAGAIN)
		return rc;
	mail_child_stop(batch->child);
	batch->child = NULL;
	rc = start(b, batch, err);
	return rc < 0
		   ? rc
		   : mail_child_next(batch->child, PARSE_MS, reply, died, err);
}

/* All replies of a batch, and what each means. */
static int finish(struct bulk *b, struct batch *batch, struct sdg_error *err)
{
	int rc = 0;

	while (rc == 0 && batch->next < batch->n) {
		const struct mail_job *job = &batch->jobs[batch->next];
		struct mail_reply reply;
		bool died;

		rc = next_reply(b, batch, &reply, &died, err);
		if (rc < 0)
			break;
		batch->next++;
		if (b->opt->dry_run)
			rc = print_json(&reply, err);
		else if (reply.kind == MAIL_REPLY_EVENT)
			rc = send_event(b, reply.data, reply.len, err);
		else if (reply.kind == MAIL_REPLY_NOTE)
			rc = send_note(b, &reply, err);
		else
			rc = set_aside(b, job, (const char *)reply.data, err);
		if (died) {
			mail_child_stop(batch->child);
			batch->child = NULL;
			if (rc == 0)
				rc = start(b, batch, err);
		}
		show_progress(b, false);
	}
	mail_child_stop(batch->child);
	for (size_t i = 0; rc == 0 && i < batch->n; i++)
		mail_resume_set(b->resume, &batch->marks[i]);
	for (size_t i = 0; i < batch->n; i++)
		free(batch->owned[i]);
	batch->child = NULL;
	batch->n = batch->next = batch->bytes = 0;
	return rc;
}

/* What was sent so far is acknowledged: the next run need not read it. */
static int save(struct bulk *b, struct sdg_error *err)
{
	int rc;

	if (!b->resume || (!stopped && mail_now_ms() - b->saved_ms < SAVE_MS))
		return 0;
	rc = sdg_sender_flush(b->sender, SEND_MS, err);
	if (rc == 0 && !b->outcomes[SDG_OUTCOME_NONE])
		mail_resume_save(b->resume);
	b->saved_ms = mail_now_ms();
	return rc;
}

/* The batch being filled goes to its child; the other one is finished. */
static int turn(struct bulk *b, struct sdg_error *err)
{
	int rc = start(b, &b->batches[b->current], err);

	if (rc == 0) {
		b->current = !b->current;
		rc = finish(b, &b->batches[b->current], err);
	}
	if (rc == 0)
		rc = save(b, err);
	if (rc == 0 && stopped)
		rc =
		    sdg_fail(err, SDG_EAGAIN, "stopped; run it again to go on");
	return rc;
}

struct mail_resume *mail_bulk_resume(struct bulk *b)
{
	return b->resume;
}

void mail_bulk_skip(struct bulk *b, size_t bytes)
{
	b->skipped = bytes;
}

int mail_bulk_add(struct bulk *b, const void *raw, size_t len, void *owned,
		  const struct mail_mark *mark, struct sdg_error *err)
{
	struct batch *batch = &b->batches[b->current];
	struct mail_job *job = &batch->jobs[batch->n];

	*job = (struct mail_job){ .raw = raw, .len = len };
	if (len > MAIL_RAW_MAX) {
		job->len = MAIL_RAW_MAX;
		job->cut = true;
	}
	mail_identify(job);
	batch->marks[batch->n] = *mark;
	batch->owned[batch->n++] = owned;
	batch->bytes += len;
	b->read++;
	if (batch->n == BATCH_JOBS || batch->bytes > BATCH_BYTES)
		return turn(b, err);
	return 0;
}

/* ------------------------------------------------------------- from files */

static int by_name(const struct dirent **a, const struct dirent **c)
{
	return strcmp((*a)->d_name, (*c)->d_name);
}

static int is_visible(const struct dirent *entry)
{
	return entry->d_name[0] != '.';
}

/* A Maildir's names end in flags (":2,S") that change with reading, and never
 * come again for another message; "Re: pay.eml" in another folder is whole. */
static struct mail_mark mark_of(const char *path, const struct stat *st)
{
	const char *slash = strrchr(path, '/');
	const char *name = slash ? slash + 1 : path,
		   *flags = strstr(name, ":2,");
	const int64_t what[] = { st->st_size, st->st_mtime };

	return (struct mail_mark){
		mail_resume_digest(name, flags ? (size_t)(flags - name)
					       : strlen(name)),
		mail_resume_digest(what, sizeof(what)),
	};
}

/* The beginning of a file that had @bytes: of more than a message may have
 * the hook, too, reads no more. */
static int read_start(const char *path, off_t bytes, char **out, size_t *len,
		      struct sdg_error *err)
{
	size_t size =
	    bytes < (off_t)MAIL_RAW_MAX ? (size_t)bytes + 1 : MAIL_RAW_MAX + 1;
	char *raw = NULL;
	int fd = open(path, O_RDONLY | O_CLOEXEC), rc = 0;
	ssize_t n = 1;

	if (fd < 0)
		return sdg_fail_errno(err, "open \"%s\"", path);
	*len = 0;
	while (rc == 0 && n > 0 && *len <= MAIL_RAW_MAX) {
		char *more = raw;

		if (!raw || *len == size) {
			size *= raw ? 2 : 1;
			more = realloc(raw, size);
		}
		if (!more) {
			rc = sdg_fail(err, SDG_ENOMEM, "no memory for a mail");
			break;
		}
		raw = more;
		do
			n = read(fd, raw + *len, size - *len);
		while (n < 0 && errno == EINTR);
		if (n < 0)
			rc = sdg_fail_errno(err, "read \"%s\"", path);
		else
			*len += (size_t)n;
	}
	close(fd);
	if (rc < 0)
		free(raw);
	else
		*out = raw;
	return rc;
}

/* One file holds up no other: it is named, and the run says in the end that
 * it was not whole. */
static int pass_over(struct bulk *b, int rc, struct sdg_error *err)
{
	char *why;

	if (rc == 0 || rc == SDG_ENOMEM)
		return rc;
	why = sdg_text_visible(sdg_str(err->message), false);
	fprintf(stderr, "%ssoundings-mail: %s\n", b->terminal ? "\r\033[K" : "",
		why ? why : "a file could not be read");
	free(why);
	b->unread++;
	if (b->unread_rc != SDG_EIO)
		b->unread_rc = rc;
	return 0;
}

static int add_file(struct bulk *b, const char *path, struct sdg_error *err)
{
	struct mail_mark mark;
	struct stat st;
	char *raw = NULL;
	size_t len = 0;
	int rc;

	/* Mail readers move what they have read while we look. */
	if (stat(path, &st) < 0)
		return errno == ENOENT
			   ? 0
			   : pass_over(b,
				       sdg_fail_errno(err, "stat \"%s\"", path),
				       err);
	if (!S_ISREG(st.st_mode))
		return 0;
	mark = mark_of(path, &st);
	if (mail_resume_has(b->resume, &mark)) {
		b->taken++;
		return 0;
	}
	rc = read_start(path, st.st_size, &raw, &len, err);
	if (rc == SDG_ENOTFOUND)
		return 0;
	if (rc < 0)
		return pass_over(b, rc, err);
	return mail_bulk_add(b, raw, len, raw, &mark, err);
}

static int add_folder(struct bulk *b, const char *dir, bool *found,
		      struct sdg_error *err)
{
	struct dirent **names = NULL;
	int n = scandir(dir, &names, is_visible, by_name), rc = 0;

	if (n < 0)
		return errno == ENOENT
			   ? 0
			   : sdg_fail_errno(err, "read the folder \"%s\"", dir);
	*found = true;
	for (int i = 0; i < n; i++) {
		char path[SDG_PATH_MAX];
		int len = snprintf(path, sizeof(path), "%s/%s", dir,
				   names[i]->d_name);

		if (rc == 0 && len > 0 && (size_t)len < sizeof(path))
			rc = add_file(b, path, err);
		else if (rc == 0)
			rc = pass_over(b,
				       sdg_fail(err, SDG_EINVAL,
						"\"%.255s\": its path is too "
						"long",
						names[i]->d_name),
				       err);
		free(names[i]);
	}
	free(names);
	return rc;
}

static int add_maildir(struct bulk *b, const char *dir, struct sdg_error *err)
{
	static const char *const parts[] = { "cur", "new" };
	bool found = false;
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < 2; i++) {
		char path[SDG_PATH_MAX];
		int len = snprintf(path, sizeof(path), "%s/%s", dir, parts[i]);

		if (len < 0 || (size_t)len >= sizeof(path))
			return sdg_fail(err, SDG_EINVAL, "path too long");
		rc = add_folder(b, path, &found, err);
	}
	/* Not a Maildir: a folder with a message in each file. */
	if (rc == 0 && !found)
		rc = add_folder(b, dir, &found, err);
	if (rc == 0 && !found)
		rc = sdg_fail(err, SDG_ENOTFOUND, "no folder \"%s\"", dir);
	return rc;
}

/* -------------------------------------------------------------- the whole */

static void report(const struct bulk *b)
{
	if (b->opt->dry_run || b->opt->quiet)
		return;
	fprintf(stderr, "%zu messages:", b->read);
	for (int o = SDG_OUTCOME_COUNTED; o < SDG_OUTCOME_COUNT; o++)
		if (b->outcomes[o])
			fprintf(stderr, " %zu %s", b->outcomes[o],
				sdg_outcome_id(o));
	if (b->set_aside)
		fprintf(stderr, "; %zu could not be read and are kept",
			b->set_aside);
	if (b->kept)
		fprintf(stderr, "; %zu wait in the outbox", b->kept);
	if (b->unread)
		fprintf(stderr, "; %zu could not be read and are not taken in",
			b->unread);
	if (b->taken)
		fprintf(stderr, "; the run before had taken in %zu", b->taken);
	if (b->skipped)
		fprintf(stderr, "; the run before had taken in %zu bytes",
			b->skipped);
	fputc('\n', stderr);
}

static int take_in(struct bulk *b, struct sdg_error *err)
{
	int rc = b->opt->maildir ? add_maildir(b, b->opt->maildir, err)
				 : mail_mbox_each(b, b->opt->mbox, err);

	/* Two turns: one for what is left, one for what it pushed out. */
	for (int i = 0; i < 2 && rc == 0; i++)
		rc = turn(b, err);
	if (rc == 0 && b->sender)
		rc = sdg_sender_flush(b->sender, SEND_MS, err);
	if (rc == 0 && b->outcomes[SDG_OUTCOME_NONE])
		rc = sdg_fail(err, SDG_EAGAIN,
			      "%zu messages were not acknowledged; run it "
			      "again to go on",
			      b->outcomes[SDG_OUTCOME_NONE]);
	if (rc == 0 && b->unread) {
		mail_resume_save(b->resume);
		rc = sdg_fail(err, b->unread_rc,
			      "%zu file%s could not be read, all else was: "
			      "mend that and run it again",
			      b->unread, b->unread == 1 ? "" : "s");
	}
	if (rc == 0)
		mail_resume_end(b->resume);
	return rc;
}

int mail_bulk(struct mail_options *opt)
{
	struct sdg_error err = { 0 };
	struct bulk *b = calloc(1, sizeof(*b));
	struct sdg_sender_options to = {
		.run_dir = opt->home.run,
		.window = 1024,
		.receipt = on_receipt,
		.arg = b,
	};
	int rc = 0;

	if (!b)
		return EX_TEMPFAIL;
	b->opt = opt;
	b->terminal = !opt->quiet && isatty(STDERR_FILENO);
	signal(SIGINT, on_stop);
	signal(SIGTERM, on_stop);
	signal(SIGBUS, on_shrunk);
	mail_init(NULL, 0);
	if (!opt->dry_run) {
		rc = sdg_sender_open(&to, &b->sender, &err);
		b->resume = mail_resume_open(opt);
		b->saved_ms = mail_now_ms();
	}
	if (rc == 0)
		rc = take_in(b, &err);
	for (int i = 0; i < 2; i++) {
		mail_child_stop(b->batches[i].child);
		for (size_t k = 0; k < b->batches[i].n; k++)
			free(b->batches[i].owned[k]);
	}
	sdg_sender_close(b->sender);
	mail_resume_close(b->resume);
	show_progress(b, true);
	/* "0 messages" of what could not be opened would only confuse. */
	if (rc == 0 || b->read)
		report(b);
	if (rc < 0)
		fprintf(stderr, "soundings-mail: %s\n", err.message);
	free(b);
	return sdg_exit_code(rc);
}
