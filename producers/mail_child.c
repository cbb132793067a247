/*
 * mail_child: fork, parse, answer; and from the other side, wait, and make
 * of every death a reply.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <soundings/identity.h>

#include "mail.h"
#include "mail_child.h"

/* A dry run of the longest text with every byte escaped stays below this. */
#define REPLY_MAX (32u << 20)

struct mail_child {
	pid_t pid;
	int fd;
	uint8_t *data; /* of the last reply */
	size_t size;
	char reason[128];
};

struct reply_head {
	uint32_t kind;
	uint32_t len;
};

/* ------------------------------------------------------------ in the child */

static bool write_all(int fd, const void *data, size_t len)
{
	const char *p = data;

	while (len) {
		ssize_t n = write(fd, p, len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return false;
		p += n;
		len -= (size_t)n;
	}
	return true;
}

static bool answer(int fd, enum mail_reply_kind kind, const void *data,
		   size_t len)
{
	const struct reply_head head = { (uint32_t)kind, (uint32_t)len };

	return write_all(fd, &head, sizeof(head)) && write_all(fd, data, len);
}

static bool answer_text(int fd, enum mail_reply_kind kind, const char *text)
{
	return answer(fd, kind, text, strlen(text));
}

static bool answer_json(int fd, struct mail *mail,
			const struct mail_settings *settings)
{
	char *json = settings->show(settings->show_arg, mail);
	bool ok;

	if (!json)
		return answer_text(fd, MAIL_REPLY_UNREADABLE, "no memory");
	ok = answer_text(fd, MAIL_REPLY_JSON, json);
	free(json);
	return ok;
}

static bool answer_event(int fd, struct mail *mail, const struct mail_job *job,
			 const struct mail_settings *settings)
{
	static uint8_t event[SDG_EVENT_MAX];
	struct sdg_error err = { 0 };
	struct sdg_feedback fb;
	size_t len;

	if (mail->unreadable)
		return answer_text(fd, MAIL_REPLY_UNREADABLE, mail->unreadable);
	mail_to_feedback(mail, &fb);
	fb.received = settings->received;
	fb.consultation = sdg_str(settings->consultation);
	fb.test = settings->test;
	memcpy(fb.identity, job->identity, sizeof(fb.identity));
	sdg_identity_content(fb.subject, fb.text, fb.content);
	if (sdg_feedback_encode(&fb, event, &len, &err) < 0)
		return answer_text(fd, MAIL_REPLY_UNREADABLE, err.message);
	return answer(fd, MAIL_REPLY_EVENT, event, len);
}

/* A note, or what came to the address for notes and is none. */
static bool answer_note(int fd, struct mail *mail, const struct mail_job *job,
			const struct mail_settings *settings)
{
	const char *why = mail->unreadable;
	uint8_t *points = NULL;
	size_t len = 0;
	bool ok;
	int rc = why ? -1 : settings->note(settings, mail, &points, &len, &why);

	if (rc > 0)
		return answer_event(fd, mail, job, settings);
	ok = rc == 0 ? answer(fd, MAIL_REPLY_NOTE, points, len)
		     : answer_text(fd, MAIL_REPLY_UNREADABLE, why);
	free(points);
	return ok;
}

static void parse_all(int fd, const struct mail_job *jobs, size_t n,
		      const struct mail_settings *settings)
{
	struct mail *mail = mail_new();

	for (size_t i = 0; mail && i < n; i++) {
		struct sdg_error err = { 0 };
		bool ok;
		int rc;

		mail_child_watch();
		mail_reset(mail);
		mail->recipient = sdg_str(settings->recipient);
		mail->sender = sdg_str(settings->sender);
		mail->null_sender =
		    settings->sender && settings->sender[0] == '\0';
		rc = mail_read(mail, jobs[i].raw, jobs[i].len, &err);
		if (jobs[i].cut) {
			mail->flags |= SDG_FLAG_LIMIT;
			mail->truncated = true;
		}
		if (rc < 0)
			ok =
			    answer_text(fd, MAIL_REPLY_UNREADABLE, err.message);
		else if (settings->show)
			ok = answer_json(fd, mail, settings);
		else if (settings->note)
			ok = answer_note(fd, mail, &jobs[i], settings);
		else
			ok = answer_event(fd, mail, &jobs[i], settings);
		if (!ok)
			break;
	}
	/* No exit handlers: they are the parent's. The memory goes with us,
	 * but what checks for leaks wants to see it freed. */
	mail_free(mail);
	_exit(0);
}

/* Its libraries may print; a mail system would bounce that to a member. */
static void silence(void)
{
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);

	if (null < 0)
		return;
	dup2(null, STDIN_FILENO);
	dup2(null, STDOUT_FILENO);
#if !defined(__SANITIZE_ADDRESS__)
	dup2(null, STDERR_FILENO);
#endif
	close(null);
}

/* ----------------------------------------------------------- in the parent */

int mail_child_start(const struct mail_job *jobs, size_t n,
		     const struct mail_settings *settings,
		     struct mail_child **out, struct sdg_error *err)
{
	struct mail_child *child = calloc(1, sizeof(*child));
	pid_t parent = getpid();
	int fds[2];

	if (!child)
		return sdg_fail(err, SDG_ENOMEM, "no memory for a parser");
	if (pipe2(fds, O_CLOEXEC) < 0) {
		free(child);
		return sdg_fail_errno(err, "pipe to a parser");
	}
	child->pid = fork();
	if (child->pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		if (getppid() != parent)
			_exit(1);
		signal(SIGPROF, SIG_DFL);
		signal(SIGBUS, SIG_DFL);
		silence();
		mail_child_confine();
		parse_all(fds[1], jobs, n, settings);
	}
	close(fds[1]);
	child->fd = fds[0];
	if (child->pid < 0) {
		sdg_fail_errno(err, "fork a parser");
		close(fds[0]);
		free(child);
		return SDG_EAGAIN;
	}
	*out = child;
	return 0;
}

static int64_t now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

/* 1 when all was read, 0 at its end, -1 when time is up. */
static int read_all(int fd, void *data, size_t len, int64_t until)
{
	char *p = data;

	while (len) {
		int64_t left = until - now_ms();
		struct pollfd pfd = { .fd = fd, .events = POLLIN };
		ssize_t n;

		if (left <= 0)
			return -1;
		if (poll(&pfd, 1, (int)left) <= 0)
			continue;
		n = read(fd, p, len);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return 0;
		p += n;
		len -= (size_t)n;
	}
	return 1;
}

/*
 * What it died of, in words. Returns false when it was merely given no time:
 * a busy machine is our trouble, and no reason to set a message aside.
 */
static bool obituary(struct mail_child *child, bool late)
{
	struct rusage used = { 0 };
	int status = 0;

	if (late)
		kill(child->pid, SIGKILL);
	while (wait4(child->pid, &status, 0, &used) < 0 && errno == EINTR)
		;
	child->pid = -1;
	if (late && used.ru_utime.tv_sec + used.ru_stime.tv_sec < 1)
		return false;
	if (late || (WIFSIGNALED(status) && WTERMSIG(status) == SIGPROF))
		snprintf(child->reason, sizeof(child->reason),
			 "the parser took too long");
	else if (WIFSIGNALED(status))
		snprintf(child->reason, sizeof(child->reason),
			 "the parser died of signal %d", WTERMSIG(status));
	else
		snprintf(child->reason, sizeof(child->reason),
			 "the parser ended with status %d",
			 WEXITSTATUS(status));
	return true;
}

static bool make_room(struct mail_child *child, size_t len)
{
	uint8_t *data;

	if (len < child->size)
		return true;
	data = realloc(child->data, len + 1);
	if (!data)
		return false;
	child->data = data;
	child->size = len + 1;
	return true;
}

bool mail_note_next(const struct mail_reply *reply, size_t *at,
		    const uint8_t **event, size_t *len)
{
	uint32_t n;

	if (reply->len - *at < sizeof(n))
		return false;
	memcpy(&n, reply->data + *at, sizeof(n));
	if (n > SDG_EVENT_MAX || n > reply->len - *at - sizeof(n))
		return false;
	*event = reply->data + *at + sizeof(n);
	*len = n;
	*at += sizeof(n) + n;
	return true;
}

int mail_child_next(struct mail_child *child, int timeout_ms,
		    struct mail_reply *reply, bool *died, struct sdg_error *err)
{
	int64_t until = now_ms() + timeout_ms;
	struct reply_head head;
	int got = child->pid > 0
		      ? read_all(child->fd, &head, sizeof(head), until)
		      : 0;

	*died = false;
	if (got > 0 && head.len <= REPLY_MAX) {
		if (!make_room(child, head.len))
			return sdg_fail(err, SDG_ENOMEM,
					"no memory for a parser's answer");
		got = read_all(child->fd, child->data, head.len, until);
	}
	if (got > 0 && head.len <= REPLY_MAX && head.kind >= MAIL_REPLY_EVENT &&
	    head.kind <= MAIL_REPLY_UNREADABLE) {
		child->data[head.len] = '\0';
		*reply = (struct mail_reply){ (enum mail_reply_kind)head.kind,
					      child->data, head.len };
		return 0;
	}
	*died = true;
	if (child->pid > 0 && !obituary(child, got != 0))
		return sdg_fail(err, SDG_EAGAIN,
				"the parser was not done in time");
	*reply = (struct mail_reply){ MAIL_REPLY_UNREADABLE,
				      (uint8_t *)child->reason,
				      strlen(child->reason) };
	return 0;
}

void mail_child_stop(struct mail_child *child)
{
	if (!child)
		return;
	close(child->fd);
	if (child->pid > 0) {
		kill(child->pid, SIGKILL);
		while (waitpid(child->pid, NULL, 0) < 0 && errno == EINTR)
			;
	}
	free(child->data);
	free(child);
}
