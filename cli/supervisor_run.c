/*
 * supervisor_run: the background process. It starts workers, starts them
 * again when they end, and kills one whose loop stands still: stopped inside
 * a write transaction it would hold up all others. It never opens the store.
 */
#include "supervisor.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <soundings/beat.h>

#define BACKOFF_MS 100
#define BACKOFF_MAX_MS 10000
#define STEADY_MS 60000 /* after so long a life the backoff begins anew */
#define STUCK_MS 10000
#define STARTING_MS 30000
#define LOOK_MS 1000
#define GRACE_MS 10000 /* for workers to finish a batch */
#define LOG_BYTES (10 * 1024 * 1024)

struct child {
	int slot;
	pid_t pid;  /* 0: not running */
	int output; /* its stdout, until it is ready; -1 */
	bool ready;
	unsigned restarts;
	int64_t started_ms, progress_ms, next_ms;
	int backoff_ms;
	uint64_t turns;
};

struct supervisor {
	const struct sdg_home *home;
	const struct supervisor_plan *plan;
	struct child children[SDG_SLOT_MAX];
	int count;
	int report; /* -1 once told */
	char program[SDG_PATH_MAX];
	int64_t next_look_ms;
	struct supervisor_chores chores;
};

static volatile sig_atomic_t ending;

static void end(int signo)
{
	(void)signo;
	ending = 1;
}

static void wake(int signo)
{
	(void)signo; /* SIGCHLD: only to end the wait */
}

static int64_t now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

__attribute__((format(printf, 1, 2))) static void say(const char *fmt, ...)
{
	char stamp[32];
	time_t now = time(NULL);
	struct tm tm;
	va_list args;

	gmtime_r(&now, &tm);
	strftime(stamp, sizeof(stamp), "%Y-%m-%dT%H:%M:%SZ", &tm);
	fprintf(stderr, "%s supervisor: ", stamp);
	va_start(args, fmt);
	vfprintf(stderr, fmt, args);
	va_end(args);
	fputc('\n', stderr);
}

static bool child_path(const struct supervisor *s, const struct child *child,
		       const char *suffix, char out[SDG_PATH_MAX])
{
	int len = snprintf(out, SDG_PATH_MAX, "%s/worker-%d%s", s->home->run,
			   child->slot, suffix);

	return len > 0 && len < SDG_PATH_MAX;
}

/* For status. What cannot be written is only not shown. */
static void write_state(const struct supervisor *s)
{
	char path[SDG_PATH_MAX], text[SDG_SLOT_MAX * 24];
	size_t used = 0;

	for (int i = 0; i < s->count; i++)
		used += (size_t)snprintf(text + used, sizeof(text) - used,
					 "%d %u\n", s->children[i].slot,
					 s->children[i].restarts);
	if (snprintf(path, sizeof(path), "%s/supervisor.state", s->home->run) <
	    (int)sizeof(path))
		sdg_write_file(path, text, used, 0640, NULL);
}

/* -------------------------------------------------------------- one worker */

static void exec_worker(const struct supervisor *s, const struct child *child,
			int output, pid_t parent)
{
	char log[SDG_PATH_MAX], slot[16], port[16];
	char *argv[8] = { (char *)(uintptr_t)s->program, (char *)"--slot",
			  slot };
	int argc = 3, fd;
	sigset_t none;

	/* Without its supervisor nobody would start it again or end it. */
	prctl(PR_SET_PDEATHSIG, SIGTERM);
	if (getppid() != parent)
		_exit(75);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	snprintf(slot, sizeof(slot), "%d", child->slot);
	if (s->plan->tcp_port != 0) {
		snprintf(port, sizeof(port), "%d", s->plan->tcp_port);
		argv[argc++] = (char *)"--tcp";
		argv[argc++] = port;
	}
	if (!s->plan->classify)
		argv[argc++] = (char *)"--no-classify";
	fd = child_path(s, child, ".log", log)
		 ? open(log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0640)
		 : -1;
	if (fd >= 0)
		dup2(fd, STDERR_FILENO);
	dup2(output, STDOUT_FILENO);
	execv(s->program, argv);
	_exit(75);
}

static void start_child(struct supervisor *s, struct child *child)
{
	pid_t parent = getpid(), pid;
	int output[2];

	child->started_ms = child->progress_ms = now_ms();
	child->ready = false;
	child->turns = 0;
	if (pipe2(output, O_CLOEXEC) < 0) {
		child->next_ms = child->started_ms + BACKOFF_MAX_MS;
		return;
	}
	pid = fork();
	if (pid == 0)
		exec_worker(s, child, output[1], parent);
	close(output[1]);
	if (pid < 0) {
		close(output[0]);
		child->next_ms = child->started_ms + BACKOFF_MAX_MS;
		say("cannot start worker %d: %s", child->slot, strerror(errno));
		return;
	}
	child->pid = pid;
	child->output = output[0];
}

static void forget_output(struct child *child)
{
	if (child->output >= 0)
		close(child->output);
	child->output = -1;
}

/* It says "ready" and nothing else, ever. */
static void read_output(struct child *child)
{
	char line[64];
	ssize_t got = read(child->output, line, sizeof(line));

	if (got < 0 && errno == EINTR)
		return;
	if (got >= 5 && memcmp(line, "ready", 5) == 0) {
		child->ready = true;
		child->progress_ms = now_ms();
		say("worker %d is ready, process %ld", child->slot,
		    (long)child->pid);
	}
	forget_output(child);
}

/* Copied and cut rather than renamed: the worker has it open for appending.
 * A line written in between may be lost. */
static void rotate_log(const struct supervisor *s, const struct child *child)
{
	char path[SDG_PATH_MAX], old[SDG_PATH_MAX], *data = NULL;
	struct stat st;
	size_t len;

	if (!child_path(s, child, ".log", path) ||
	    !child_path(s, child, ".log.1", old) || stat(path, &st) < 0 ||
	    st.st_size < LOG_BYTES)
		return;
	if (sdg_read_file(path, 4 * LOG_BYTES, &data, &len, NULL) == 0)
		sdg_write_file(old, data, len, 0640, NULL);
	free(data);
	if (truncate(path, 0) < 0)
		say("cannot cut \"%s\": %s", path, strerror(errno));
}

/* The last line of its log, without what stands before the message. */
static void last_words(const struct supervisor *s, const struct child *child,
		       char *out, size_t size)
{
	char path[SDG_PATH_MAX], tail[1024];
	off_t from = 0;
	char *line, *colon;
	ssize_t got;
	int fd;

	snprintf(out, size, "nothing in its log");
	if (!child_path(s, child, ".log", path))
		return;
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return;
	from = lseek(fd, 0, SEEK_END);
	from =
	    from > (off_t)sizeof(tail) - 1 ? from - (off_t)sizeof(tail) + 1 : 0;
	got = pread(fd, tail, sizeof(tail) - 1, from);
	close(fd);
	while (got > 0 && tail[got - 1] == '\n')
		got--;
	if (got <= 0)
		return;
	tail[got] = '\0';
	line = strrchr(tail, '\n');
	line = line ? line + 1 : tail;
	colon = strstr(line, ": ");
	snprintf(out, size, "%.400s", colon ? colon + 2 : line);
}

/* --------------------------------------------------------- how it started */

static void tell(struct supervisor *s, const char *line)
{
	if (s->report < 0)
		return;
	/* Its reader may have given up; SIGPIPE is ignored. */
	if (write(s->report, line, strlen(line)) < 0)
		say("nobody waits for the start");
	close(s->report);
	s->report = -1;
}

static void tell_when_ready(struct supervisor *s)
{
	if (s->report < 0)
		return;
	for (int i = 0; i < s->count; i++)
		if (!s->children[i].ready)
			return;
	tell(s, "ready\n");
}

/* A worker that ends before all were ready: the start has failed. */
static void tell_failure(struct supervisor *s, const struct child *child,
			 int status)
{
	char line[768], words[512];
	int code = SDG_EAGAIN;

	if (WIFEXITED(status) && WEXITSTATUS(status) == 65)
		code = SDG_EINVAL;
	last_words(s, child, words, sizeof(words));
	snprintf(line, sizeof(line), "failed %d worker %d: %s\n", code,
		 child->slot, words);
	tell(s, line);
	ending = 1;
}

/* ------------------------------------------------------------ looking after */

static struct child *child_of(struct supervisor *s, pid_t pid)
{
	for (int i = 0; i < s->count; i++)
		if (s->children[i].pid == pid)
			return &s->children[i];
	return NULL;
}

static void plan_restart(struct supervisor *s, struct child *child)
{
	int64_t now = now_ms();

	if (now - child->started_ms >= STEADY_MS)
		child->backoff_ms = 0;
	child->backoff_ms =
	    child->backoff_ms == 0 ? BACKOFF_MS : child->backoff_ms * 2;
	if (child->backoff_ms > BACKOFF_MAX_MS)
		child->backoff_ms = BACKOFF_MAX_MS;
	child->next_ms = now + child->backoff_ms;
	child->restarts++;
	write_state(s);
}

static void bury(struct supervisor *s, struct child *child, int status)
{
	/* What it had said may still lie in the pipe. */
	forget_output(child);
	child->pid = 0;
	child->ready = false;
	if (ending)
		return;
	if (WIFSIGNALED(status))
		say("worker %d was ended by signal %d", child->slot,
		    WTERMSIG(status));
	else
		say("worker %d left with %d", child->slot, WEXITSTATUS(status));
	if (s->report >= 0)
		tell_failure(s, child, status);
	else
		plan_restart(s, child);
}

static void reap(struct supervisor *s)
{
	struct child *child;
	int status;
	pid_t pid;

	while ((pid = waitpid(-1, &status, WNOHANG)) > 0) {
		child = child_of(s, pid);
		if (child)
			bury(s, child, status);
		else if (pid == s->chores.pid)
			s->chores.pid = 0;
	}
}

static bool is_stopped(pid_t pid)
{
	char path[64], *text = NULL, *end_of_name;
	bool stopped = false;
	size_t len;

	snprintf(path, sizeof(path), "/proc/%ld/stat", (long)pid);
	if (sdg_read_file(path, 4096, &text, &len, NULL) < 0)
		return false;
	end_of_name = strrchr(text, ')');
	if (end_of_name && end_of_name[1] == ' ')
		stopped = end_of_name[2] == 'T' || end_of_name[2] == 't';
	free(text);
	return stopped;
}

static void look_for_progress(struct supervisor *s, struct child *child)
{
	struct sdg_beat beat;

	if (sdg_beat_read(s->home->run, child->slot, &beat, NULL) < 0 ||
	    beat.pid != child->pid || beat.turns == child->turns)
		return;
	child->turns = beat.turns;
	child->progress_ms = now_ms();
}

/*
 * Of several that stand still all but one probably wait for that one's
 * transaction to end: so one at a time, first one that is stopped, and the
 * others get their time again.
 */
static void kill_stuck(struct supervisor *s)
{
	int64_t now = now_ms();
	struct child *worst = NULL;
	int i;

	for (i = 0; i < s->count; i++) {
		struct child *child = &s->children[i];

		if (child->pid == 0 ||
		    now - child->progress_ms <
			(child->ready ? STUCK_MS : STARTING_MS))
			continue;
		if (!worst ||
		    (is_stopped(child->pid) && !is_stopped(worst->pid)))
			worst = child;
	}
	if (!worst)
		return;
	say("worker %d made no progress for %lld s: killed", worst->slot,
	    (long long)(now - worst->progress_ms) / 1000);
	kill(worst->pid, SIGKILL);
	for (i = 0; i < s->count; i++)
		s->children[i].progress_ms = now;
}

static void look(struct supervisor *s)
{
	s->next_look_ms = now_ms() + LOOK_MS;
	for (int i = 0; i < s->count; i++) {
		if (s->children[i].pid != 0 && s->children[i].ready)
			look_for_progress(s, &s->children[i]);
		rotate_log(s, &s->children[i]);
	}
	kill_stuck(s);
	if (s->report < 0)
		supervisor_send_waiting(&s->chores, s->home, now_ms());
}

static void start_due(struct supervisor *s)
{
	int64_t now = now_ms();

	for (int i = 0; i < s->count; i++)
		if (s->children[i].pid == 0 && now >= s->children[i].next_ms)
			start_child(s, &s->children[i]);
}

static void wait_for_something(struct supervisor *s, const sigset_t *mask)
{
	struct pollfd items[SDG_SLOT_MAX];
	struct child *owners[SDG_SLOT_MAX];
	int64_t until = s->next_look_ms, left;
	struct timespec wait;
	nfds_t n = 0;

	for (int i = 0; i < s->count; i++) {
		struct child *child = &s->children[i];

		if (child->pid == 0 && child->next_ms < until)
			until = child->next_ms;
		if (child->output < 0)
			continue;
		owners[n] = child;
		items[n++] =
		    (struct pollfd){ .fd = child->output, .events = POLLIN };
	}
	left = until - now_ms();
	left = left < 0 ? 0 : left;
	wait = (struct timespec){ .tv_sec = left / 1000,
				  .tv_nsec = left % 1000 * 1000000 };
	if (ppoll(items, n, &wait, mask) <= 0)
		return;
	for (nfds_t i = 0; i < n; i++)
		if (items[i].revents)
			read_output(owners[i]);
}

/* ------------------------------------------------------------------ the end */

static bool all_gone(const struct supervisor *s)
{
	for (int i = 0; i < s->count; i++)
		if (s->children[i].pid != 0)
			return false;
	return s->chores.pid == 0;
}

static void signal_all(const struct supervisor *s, int signo)
{
	for (int i = 0; i < s->count; i++)
		if (s->children[i].pid != 0)
			kill(s->children[i].pid, signo);
	if (s->chores.pid != 0)
		kill(s->chores.pid, signo);
}

static void end_workers(struct supervisor *s, const sigset_t *mask)
{
	int64_t deadline = now_ms() + GRACE_MS;

	ending = 1;
	signal_all(s, SIGTERM);
	signal_all(s, SIGCONT); /* one that is stopped cannot end */
	while (!all_gone(s) && now_ms() < deadline) {
		struct timespec moment = { .tv_nsec = 200000000 };

		ppoll(NULL, 0, &moment, mask);
		reap(s);
	}
	signal_all(s, SIGKILL);
	while (!all_gone(s) && waitpid(-1, NULL, 0) > 0)
		;
}

static void prepare_signals(sigset_t *outside)
{
	struct sigaction on_end = { .sa_handler = end };
	struct sigaction on_child = { .sa_handler = wake };
	sigset_t ours;

	sigaction(SIGTERM, &on_end, NULL);
	sigaction(SIGINT, &on_end, NULL);
	sigaction(SIGCHLD, &on_child, NULL);
	signal(SIGHUP, SIG_IGN);
	signal(SIGPIPE, SIG_IGN);
	/* Let in only while waiting, so that none falls between a look at
	 * the flag and the wait. */
	sigemptyset(&ours);
	sigaddset(&ours, SIGTERM);
	sigaddset(&ours, SIGINT);
	sigaddset(&ours, SIGCHLD);
	sigprocmask(SIG_BLOCK, &ours, outside);
	sigdelset(outside, SIGTERM);
	sigdelset(outside, SIGINT);
	sigdelset(outside, SIGCHLD);
}

/* The first slots that no worker holds: one may run by hand beside. */
static void choose_slots(struct supervisor *s)
{
	int slot;

	for (slot = 0; slot < SDG_SLOT_MAX && s->count < s->plan->count;
	     slot++) {
		if (worker_in_slot(s->home->run, slot) != 0)
			continue;
		s->children[s->count++] =
		    (struct child){ .slot = slot, .output = -1 };
	}
}

int supervisor_run(const struct sdg_home *home,
		   const struct supervisor_plan *plan, int report)
{
	static struct supervisor s;
	struct sdg_error err;
	sigset_t outside;

	s = (struct supervisor){ .home = home, .plan = plan, .report = report };
	prepare_signals(&outside);
	if (sdg_program_path("soundings-worker", s.program, &err) < 0) {
		char line[SDG_ERROR_SIZE + 32];

		snprintf(line, sizeof(line), "failed %d %s\n", err.code,
			 err.message);
		tell(&s, line);
		return 75;
	}
	choose_slots(&s);
	write_state(&s);
	say("looks after %d workers", s.count);
	while (!ending) {
		start_due(&s);
		wait_for_something(&s, &outside);
		reap(&s);
		tell_when_ready(&s);
		if (now_ms() >= s.next_look_ms)
			look(&s);
	}
	end_workers(&s, &outside);
	say("ends");
	return 0;
}
