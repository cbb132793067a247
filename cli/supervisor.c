/*
 * supervisor: starting it, finding it, ending it. What it does while it
 * runs is in supervisor_run.c.
 *
 * Whoever holds the lock on run/supervisor.pid is the supervisor; the file
 * stays when it has gone, the lock does not.
 */
#include "supervisor.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define READY_MS 10000
#define STOP_MS 20000

static int64_t now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static int run_path(const struct sdg_home *home, const char *name,
		    char out[SDG_PATH_MAX], struct sdg_error *err)
{
	int len = snprintf(out, SDG_PATH_MAX, "%s/%s", home->run, name);

	if (len < 0 || len >= SDG_PATH_MAX)
		return sdg_fail(err, SDG_EINVAL, "path \"%s\" is too long",
				home->run);
	return 0;
}

/* The pid file, open and locked by us, or SDG_EAGAIN. Who only asks shares
 * the lock with others who ask. */
static int lock_pid_file(const struct sdg_home *home, int flags, int how,
			 int *fd, struct sdg_error *err)
{
	char path[SDG_PATH_MAX];
	int rc = run_path(home, "supervisor.pid", path, err);

	if (rc < 0)
		return rc;
	*fd = open(path, O_RDWR | O_CLOEXEC | flags, 0640);
	if (*fd < 0)
		return sdg_fail_errno(err, "open \"%s\"", path);
	if (flock(*fd, how | LOCK_NB) == 0)
		return 0;
	rc = errno == EWOULDBLOCK
		 ? sdg_fail(err, SDG_EAGAIN, "a supervisor runs already")
		 : sdg_fail_errno(err, "lock \"%s\"", path);
	close(*fd);
	return rc;
}

int supervisor_find(const struct sdg_home *home, pid_t *pid, int *count,
		    struct sdg_error *err)
{
	char path[SDG_PATH_MAX], *text = NULL, *end;
	long number = 0;
	size_t len;
	int fd, rc;

	rc = lock_pid_file(home, 0, LOCK_SH, &fd, err);
	if (rc == 0) {
		close(fd);
		rc = SDG_ENOTFOUND;
	}
	if (rc == SDG_ENOTFOUND)
		return sdg_fail(err, rc, "no supervisor runs");
	if (rc != SDG_EAGAIN)
		return rc;
	rc = run_path(home, "supervisor.pid", path, err);
	if (rc == 0)
		rc = sdg_read_file(path, 64, &text, &len, err);
	if (rc != 0)
		return rc;
	number = strtol(text, &end, 10);
	*count = (int)strtol(end, &end, 10);
	if (number < 2 || *count < 1)
		rc = sdg_fail(err, SDG_EAGAIN,
			      "a supervisor is just starting or ending");
	*pid = (pid_t)number;
	free(text);
	return rc;
}

/* ------------------------------------------------------------------ start */

static int write_pid(int fd, int count)
{
	char text[64];
	int len =
	    snprintf(text, sizeof(text), "%ld %d\n", (long)getpid(), count);

	return ftruncate(fd, 0) == 0 && pwrite(fd, text, (size_t)len, 0) == len
		   ? 0
		   : -1;
}

/* Nothing of the caller's may stay open, or `… start | cat` never ends. */
static void leave_the_terminal(const struct sdg_home *home)
{
	char path[SDG_PATH_MAX];
	int null = open("/dev/null", O_RDWR | O_CLOEXEC), log = -1;

	if (run_path(home, "supervisor.log", path, NULL) == 0)
		log =
		    open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0640);
	dup2(null, STDIN_FILENO);
	dup2(null, STDOUT_FILENO);
	dup2(log >= 0 ? log : null, STDERR_FILENO);
	if (chdir("/") < 0)
		_exit(75);
}

/* In the caller's child: become a process of our own and look after them. */
static void become_supervisor(const struct sdg_home *home,
			      const struct supervisor_plan *plan, int lock,
			      int report)
{
	pid_t pid;

	setsid();
	pid = fork();
	if (pid != 0)
		_exit(pid > 0 ? 0 : 75);
	leave_the_terminal(home);
	if (write_pid(lock, plan->count) < 0)
		_exit(75);
	_exit(supervisor_run(home, plan, report));
}

/* One line from the supervisor: "ready", or why not; "" after the deadline
 * or when it died. */
static void read_report(int fd, char *line, size_t size)
{
	int64_t deadline = now_ms() + READY_MS;
	struct pollfd item = { .fd = fd, .events = POLLIN };
	size_t used = 0;
	ssize_t got;

	while (used + 1 < size) {
		int64_t left = deadline - now_ms();

		if (left <= 0)
			break;
		if (poll(&item, 1, (int)left) <= 0)
			continue;
		got = read(fd, line + used, size - 1 - used);
		if (got <= 0)
			break;
		used += (size_t)got;
		if (line[used - 1] == '\n') {
			used--;
			break;
		}
	}
	line[used] = '\0';
}

static int judge(const char *line, const struct sdg_home *home,
		 struct sdg_error *err)
{
	char *words;
	long code;

	if (strcmp(line, "ready") == 0)
		return 0;
	if (strncmp(line, "failed ", 7) == 0) {
		code = strtol(line + 7, &words, 10);
		return sdg_fail(err, code < 0 ? (enum sdg_code)code : SDG_EIO,
				"%s", words + (*words == ' '));
	}
	return sdg_fail(err, SDG_EAGAIN,
			"the workers were not ready within %d s: see the logs "
			"in \"%s\"",
			READY_MS / 1000, home->run);
}

/* Somebody who asks holds the lock for a moment: that is no supervisor. */
static int take_lock(const struct sdg_home *home, int *lock, int *running,
		     struct sdg_error *err)
{
	struct timespec moment = { .tv_nsec = 20000000 };
	pid_t pid;
	int rc;

	for (int tries = 0; tries < 50; tries++) {
		rc = lock_pid_file(home, O_CREAT, LOCK_EX, lock, err);
		if (rc != SDG_EAGAIN ||
		    supervisor_find(home, &pid, running, NULL) == 0)
			return rc;
		nanosleep(&moment, NULL);
	}
	return rc;
}

int supervisor_start(const struct sdg_home *home,
		     const struct supervisor_plan *plan, int *running,
		     struct sdg_error *err)
{
	int lock = -1, report[2], rc;
	char line[1024];
	pid_t pid;

	*running = 0;
	/* Its workers find the home by themselves, from another folder. */
	rc = sdg_home_pin(err);
	if (rc == 0)
		rc = take_lock(home, &lock, running, err);
	if (rc < 0)
		return rc;
	if (pipe2(report, O_CLOEXEC) < 0) {
		close(lock);
		return sdg_fail_errno(err, "start the supervisor");
	}
	fflush(NULL);
	pid = fork();
	if (pid == 0) {
		close(report[0]);
		become_supervisor(home, plan, lock, report[1]);
	}
	/* The lock is the supervisor's from now on: it holds it as long as
	 * any of its processes has this file open. */
	close(lock);
	close(report[1]);
	if (pid < 0) {
		close(report[0]);
		return sdg_fail_errno(err, "start the supervisor");
	}
	waitpid(pid, NULL, 0);
	read_report(report[0], line, sizeof(line));
	close(report[0]);
	rc = judge(line, home, err);
	if (rc < 0)
		supervisor_stop(home, NULL);
	return rc;
}

/* ------------------------------------------------------------------- stop */

int supervisor_stop(const struct sdg_home *home, struct sdg_error *err)
{
	int64_t deadline = now_ms() + STOP_MS;
	struct timespec moment = { .tv_nsec = 20000000 };
	bool told = false;
	int count, rc;
	pid_t pid = 0;

	while (now_ms() < deadline) {
		rc = supervisor_find(home, &pid, &count, err);
		if (rc == SDG_ENOTFOUND)
			return told ? 0 : rc;
		if (rc < 0 && rc != SDG_EAGAIN)
			return rc;
		if (rc == 0 && kill(pid, SIGTERM) < 0 && errno == EPERM)
			return sdg_fail_errno(err, "end supervisor %ld",
					      (long)pid);
		told = told || rc == 0;
		nanosleep(&moment, NULL);
	}
	return sdg_fail(err, SDG_EAGAIN,
			"the supervisor is still there after %d s",
			STOP_MS / 1000);
}

/* ----------------------------------------------------------------- status */

void supervisor_read(const struct sdg_home *home,
		     struct supervisor_worker workers[SDG_SLOT_MAX])
{
	char path[SDG_PATH_MAX], *text = NULL, *line, *rest, *end;
	unsigned long restarts;
	int count;
	long slot;
	size_t len;
	pid_t pid;

	memset(workers, 0, sizeof(*workers) * SDG_SLOT_MAX);
	if (supervisor_find(home, &pid, &count, NULL) < 0 ||
	    run_path(home, "supervisor.state", path, NULL) < 0 ||
	    sdg_read_file(path, 16384, &text, &len, NULL) < 0)
		return;
	for (line = strtok_r(text, "\n", &rest); line;
	     line = strtok_r(NULL, "\n", &rest)) {
		slot = strtol(line, &end, 10);
		restarts = strtoul(end, NULL, 10);
		if (end == line || slot < 0 || slot >= SDG_SLOT_MAX)
			continue;
		workers[slot].mine = true;
		workers[slot].restarts = (unsigned)restarts;
	}
	free(text);
}

/* Its lock file names it; asking the lock itself would take it, for a
 * moment, from a worker that is just starting. */
pid_t worker_in_slot(const char *run_dir, int slot)
{
	char path[SDG_PATH_MAX], *text = NULL;
	bool is_worker = false;
	long pid = 0;
	size_t len;

	if (snprintf(path, sizeof(path), "%s/worker-%d.lock", run_dir, slot) >=
		(int)sizeof(path) ||
	    sdg_read_file(path, 64, &text, &len, NULL) < 0)
		return 0;
	pid = strtol(text, NULL, 10);
	free(text);
	text = NULL;
	if (pid < 2)
		return 0;
	snprintf(path, sizeof(path), "/proc/%ld/comm", pid);
	if (sdg_read_file(path, 64, &text, &len, NULL) == 0)
		is_worker = strncmp(text, "soundings-worke", 15) == 0;
	free(text);
	return is_worker ? (pid_t)pid : 0;
}
