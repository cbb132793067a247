/*
 * peers: what all of them share: events, folders, servers that are started
 * and killed.
 */
#include "peers.h"

#include <arpa/inet.h>
#include <err.h>
#include <fcntl.h>
#include <ftw.h>
#include <inttypes.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define START_SECONDS 60

/* The one that runs now. */
static volatile pid_t server;

const struct peer *const peer_all[] = {
	&peer_soundings,      &peer_soundings_labels,
	&peer_redis_always,   &peer_redis_everysec,
	&peer_rabbit_durable, &peer_rabbit_quorum,
	&peer_nats,           &peer_zmq_batch,
	&peer_zmq_each,       NULL,
};

const struct peer *peer_find(const char *id)
{
	for (const struct peer *const *peer = peer_all; *peer; peer++)
		if (strcmp((*peer)->id, id) == 0)
			return *peer;
	peer_die("no peer \"%s\"", id);
}

void peer_die(const char *fmt, ...)
{
	va_list args;

	if (server > 0)
		kill(-server, SIGKILL);

	va_start(args, fmt);
	vwarnx(fmt, args);
	va_end(args);
	exit(1);
}

double peer_now(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

/* ----------------------------------------------------------------- events */

static char filler(uint64_t number, size_t at)
{
	return (char)('a' + (number * 31 + at * 7) % 26);
}

const char *peer_event(uint64_t number)
{
	static char event[PEER_EVENT_BYTES + 32];
	int head = snprintf(event, sizeof(event), "%" PRIu64 " ", number);

	for (size_t i = (size_t)head; i < PEER_EVENT_BYTES; i++)
		event[i] = filler(number, i);
	return event;
}

uint64_t peer_number(const void *bytes, size_t len)
{
	char head[24] = { 0 };
	uint64_t number;

	if (len != PEER_EVENT_BYTES)
		return UINT64_MAX;
	memcpy(head, bytes, sizeof(head) - 1);
	if (sscanf(head, "%" SCNu64 " ", &number) != 1 ||
	    memcmp(peer_event(number), bytes, len) != 0)
		return UINT64_MAX;
	return number;
}

/* ----------------------------------------------------------------- places */

static int free_port(void)
{
	struct sockaddr_in address = {
		.sin_family = AF_INET,
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK),
	};
	socklen_t len = sizeof(address);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (fd < 0 ||
	    bind(fd, (struct sockaddr *)&address, sizeof(address)) < 0 ||
	    getsockname(fd, (struct sockaddr *)&address, &len) < 0)
		peer_die("no port is free");
	close(fd);
	return ntohs(address.sin_port);
}

void peer_place(struct place *place, const char *worker)
{
	const char *parent = getenv("TMPDIR");

	*place = (struct place){ .port = free_port(), .worker = worker };
	snprintf(place->folder, sizeof(place->folder), "%.60s/peer-XXXXXX",
		 parent ? parent : "/tmp");
	if (!mkdtemp(place->folder))
		peer_die("cannot make \"%s\"", place->folder);
}

static int remove_one(const char *path, const struct stat *st, int flag,
		      struct FTW *ftw)
{
	(void)st;
	(void)flag;
	(void)ftw;
	return remove(path);
}

void peer_place_remove(const struct peer *peer, const struct place *place)
{
	if (peer->clean)
		peer->clean(place);
	nftw(place->folder, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

/* ---------------------------------------------------------------- servers */

/* What it has started outlives it, else. */
static void take_server_along(int signo)
{
	if (server > 0)
		kill(-server, SIGKILL);
	_exit(128 + signo);
}

#define ARGV_MAX 24

/* -D: the server stays our own child, and dies by our hand. */
void peer_exec(const struct place *place, const char *const argv[])
{
	const char *all[ARGV_MAX + 1] = {
		"strace", "-D",     "-f", "-qq",   "-y", "-xx",
		"-s",     "200000", "-o", "trace", "-e", place->trace
	};
	size_t n = place->trace ? 12 : 0;

	for (size_t i = 0; argv[i] && n < ARGV_MAX; i++)
		all[n++] = argv[i];
	all[n] = NULL;
	execvp(all[0], (char *const *)(uintptr_t)all);
}

static void become_server(const struct peer *peer, const struct place *place)
{
	char log[128];
	int fd;

	setpgid(0, 0);
	snprintf(log, sizeof(log), "%s/server.log", place->folder);
	fd = open(log, O_WRONLY | O_CREAT | O_APPEND, 0600);
	dup2(fd, STDOUT_FILENO);
	dup2(fd, STDERR_FILENO);
	if (chdir(place->folder) < 0)
		_exit(1);
	peer->serve(place);
	_exit(127);
}

pid_t peer_start(const struct peer *peer, const struct place *place,
		 void **link)
{
	double deadline = peer_now() + START_SECONDS;
	pid_t pid = fault_fork();

	if (pid == 0)
		become_server(peer, place);
	setpgid(pid, pid);
	server = pid;
	signal(SIGTERM, take_server_along);
	signal(SIGINT, take_server_along);
	*link = NULL;
	while (peer_now() < deadline) {
		*link = peer->open(place);
		if (*link || waitpid(pid, NULL, WNOHANG) == pid)
			break;
		usleep(5000);
	}
	return pid;
}

void peer_kill(pid_t pid)
{
	kill(-pid, SIGKILL);
	server = 0;
	while (waitpid(-pid, NULL, 0) > 0)
		;
}
