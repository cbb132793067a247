/*
 * soundings-mail: what a mail system runs for each message.
 *
 * Small, static, and on its guard: to a mail system every end but 0 and 75
 * means "return the mail to the member who wrote it", its time limit too,
 * and what we print goes into that letter. So this program links nothing
 * but the C library, reads its input to the end, runs soundings-mail-read,
 * which does the work, and turns everything that can become of it (crash,
 * missing library, hang, full disk, unknown option) into 75: try again.
 *
 * It refuses to know what a message is, and to retry by itself: the mail
 * system's queue does that better.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <sysexits.h>
#include <syslog.h>
#include <time.h>
#include <unistd.h>

/* From exec to exit. Sieve kills at 10 s; all others later. */
#define CLOCK_MS 8000
/* What the reader must be done in, so that it can say so itself. */
#define READER_MS 7600
#define MESSAGE_MAX (30u << 20)
#define PATH_SIZE 4096
#define ARGS_MAX 60

static int64_t now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

/* The reader is started beside us, or in libexec when installed. */
static bool find_reader(const char *name, char path[PATH_SIZE])
{
	static const char *const places[] = {
		"/",
		"/../libexec/soundings/",
		"/../lib/soundings/",
	};
	char self[PATH_SIZE - 128], *slash;
	ssize_t n = readlink("/proc/self/exe", self, sizeof(self) - 1);

	if (n <= 0)
		return false;
	self[n] = '\0';
	slash = strrchr(self, '/');
	if (!slash)
		return false;
	*slash = '\0';
	for (size_t i = 0; i < sizeof(places) / sizeof(*places); i++) {
		snprintf(path, PATH_SIZE, "%s%s%s", self, places[i], name);
		if (access(path, X_OK) == 0)
			return true;
	}
	return false;
}

static bool has_option(char *argv[], const char *name)
{
	size_t n = strlen(name);

	for (size_t i = 1; argv[i]; i++)
		if (strncmp(argv[i], name, n) == 0 &&
		    (argv[i][n] == '\0' || argv[i][n] == '='))
			return true;
	return false;
}

/* A person's uses: their words go to the terminal, their exit codes stay. */
static bool is_for_people(char *argv[])
{
	return has_option(argv, "--maildir") || has_option(argv, "--mbox") ||
	       has_option(argv, "--help") || has_option(argv, "-h") ||
	       has_option(argv, "--version");
}

static bool is_dry_run(char *argv[])
{
	return has_option(argv, "--dry-run") || has_option(argv, "-n") ||
	       has_option(argv, "--explain");
}

/* ------------------------------------------------------- a known beginning */

static void leave(int sig)
{
	(void)sig;
	_exit(EX_TEMPFAIL);
}

/* Signals that would end us end us with 75: to Exim a signal is a bounce. */
static void catch_signals(void)
{
	static const int fatal[] = { SIGTERM, SIGHUP,  SIGINT,    SIGQUIT,
				     SIGALRM, SIGXCPU, SIGXFSZ,   SIGABRT,
				     SIGSEGV, SIGBUS,  SIGFPE,    SIGILL,
				     SIGUSR1, SIGUSR2, SIGVTALRM, SIGPROF };
	struct sigaction action = { .sa_handler = leave };

	for (size_t i = 0; i < sizeof(fatal) / sizeof(*fatal); i++)
		sigaction(fatal[i], &action, NULL);
	signal(SIGPIPE, SIG_IGN);
	signal(SIGCHLD, SIG_DFL); /* inherited SIG_IGN would hide the end */
}

/* Descriptors as we need them, whatever we were given: Exim leaves some
 * open, others may leave 0 to 2 closed. */
static bool set_descriptors(void)
{
	int fd;

	/* Without a message there is none that was taken. */
	if (fcntl(STDIN_FILENO, F_GETFD) < 0)
		return false;
	do {
		fd = open("/dev/null", O_RDWR);
		if (fd < 0)
			return false;
	} while (fd <= STDERR_FILENO);
	close(fd);
#ifdef SYS_close_range
	syscall(SYS_close_range, 3u, ~0u, 0u);
#endif
	return true;
}

/* ------------------------------------------------------------ the message */

/* Reads standard input into memory, to its end. Past the limit the rest is
 * read and dropped: *cut. -1 when it cannot be had in time. */
static int read_message(int64_t until, bool *cut)
{
	int fd = (int)syscall(SYS_memfd_create, "message", 1u /* CLOEXEC */);
	static char buf[256 * 1024];
	size_t total = 0;

	if (fd < 0)
		return -1;
	for (;;) {
		struct pollfd pfd = { .fd = STDIN_FILENO, .events = POLLIN };
		int64_t left = until - now_ms();
		ssize_t n, done = 0;

		if (left <= 0)
			return -1;
		if (poll(&pfd, 1, (int)left) < 0 && errno != EINTR)
			return -1;
		if (!(pfd.revents & (POLLIN | POLLHUP | POLLERR)))
			continue;
		n = read(STDIN_FILENO, buf, sizeof(buf));
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -1;
		if (n == 0)
			return fd;
		if ((size_t)n > MESSAGE_MAX - total) {
			n = (ssize_t)(MESSAGE_MAX - total);
			*cut = true;
		}
		while (done < n) {
			ssize_t w = write(fd, buf + done, (size_t)(n - done));

			if (w <= 0)
				return -1;
			done += w;
		}
		total += (size_t)n;
	}
}

/* -------------------------------------------------------------- the reader */

static void run_reader(const char *path, char *argv[], int argc, int message,
		       bool show, bool cut, int64_t until)
{
	char clock[48], *args[ARGS_MAX + 4];
	sigset_t none;
	int n = 0, null;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	if (dup2(message, STDIN_FILENO) < 0 ||
	    lseek(STDIN_FILENO, 0, SEEK_SET) != 0)
		_exit(EX_TEMPFAIL);
	if (!show) {
		null = open("/dev/null", O_RDWR | O_CLOEXEC);
		if (null < 0 || dup2(null, STDOUT_FILENO) < 0 ||
		    dup2(null, STDERR_FILENO) < 0)
			_exit(EX_TEMPFAIL);
	}
	snprintf(clock, sizeof(clock), "--until=%lld", (long long)until);
	args[n++] = (char *)(uintptr_t)path;
	args[n++] = clock;
	if (cut)
		args[n++] = (char *)(uintptr_t) "--cut";
	for (int i = 1; i < argc && n < ARGS_MAX + 3; i++)
		args[n++] = argv[i];
	args[n] = NULL;
	execv(path, args);
	_exit(127);
}

/* Its exit status as wait() gives it; -1 when time is up. SIGCHLD is
 * blocked, so that its end cannot slip between the question and the sleep. */
static int await(pid_t pid, const sigset_t *chld, int64_t until)
{
	for (;;) {
		int64_t left = until - now_ms();
		struct timespec ts = { .tv_sec = left / 1000,
				       .tv_nsec = left % 1000 * 1000000 };
		int status;
		pid_t got = waitpid(pid, &status, WNOHANG);

		if (got == pid)
			return status;
		if (got < 0 && errno != EINTR)
			return -1;
		if (left <= 0)
			return -1;
		sigtimedwait(chld, NULL, &ts);
	}
}

static void complain(bool show, const char *what, int number)
{
	syslog(LOG_WARNING, "not taken, to be tried again: %s %d", what,
	       number);
	if (show)
		fprintf(stderr, "soundings-mail: %s %d\n", what, number);
}

static int supervise(const char *path, int argc, char *argv[], int64_t begun,
		     bool show)
{
	bool cut = false;
	int message = read_message(begun + READER_MS, &cut), status;
	sigset_t chld;
	pid_t pid;

	if (message < 0) {
		complain(show, "the message could not be read, error", errno);
		return EX_TEMPFAIL;
	}
	sigemptyset(&chld);
	sigaddset(&chld, SIGCHLD);
	sigprocmask(SIG_BLOCK, &chld, NULL);
	pid = fork();
	if (pid == 0)
		run_reader(path, argv, argc, message, show, cut,
			   begun + READER_MS);
	if (pid < 0) {
		complain(show, "no process for the reader, error", errno);
		return EX_TEMPFAIL;
	}
	status = await(pid, &chld, begun + CLOCK_MS);
	if (status == -1) {
		kill(pid, SIGKILL);
		complain(show, "the reader took too long, seconds",
			 CLOCK_MS / 1000);
		return EX_TEMPFAIL;
	}
	if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
		return EX_OK;
	if (WIFSIGNALED(status))
		complain(show, "the reader died of signal", WTERMSIG(status));
	else if (WEXITSTATUS(status) != EX_TEMPFAIL)
		complain(show, "the reader ended with status",
			 WEXITSTATUS(status));
	return EX_TEMPFAIL;
}

int main(int argc, char *argv[])
{
	int64_t begun = now_ms();
	char reader[PATH_SIZE];
	bool show;

	umask(077);
	if (!set_descriptors())
		return EX_TEMPFAIL;
	/* Words are for a dry run, and for a person at a terminal. */
	show = is_dry_run(argv) || isatty(STDERR_FILENO);
	openlog("soundings-mail", LOG_PID, LOG_MAIL);
	if (!find_reader(is_for_people(argv) || is_dry_run(argv)
			     ? "soundings-mail-show"
			     : "soundings-mail-read",
			 reader)) {
		complain(show, "its reader is not installed, error", errno);
		return EX_TEMPFAIL;
	}
	if (is_for_people(argv)) {
		argv[0] = reader;
		execv(reader, argv);
		return EX_TEMPFAIL;
	}
	catch_signals();
	setrlimit(RLIMIT_CORE, &(struct rlimit){ 0, 0 });
	return supervise(reader, argc, argv, begun, show);
}
