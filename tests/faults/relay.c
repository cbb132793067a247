/*
 * faults_relay: a bad network on the loopback, between a producer and a
 * worker's tcp port, where the kernel has no netem.
 *
 *	faults_relay [--seed N] [--delay MS] [--cut BYTES] FROM-PORT TO-PORT
 *
 * Every chunk is held up by up to --delay; a connection is reset after about
 * --cut bytes, in the middle of whatever it carries. Prints "ready" when it
 * listens; serves until it is ended.
 */
#include <arpa/inet.h>
#include <getopt.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "faults.h"

#define CHUNK 16384

static struct {
	uint64_t seed, delay_ms, cut;
	int from, to;
} opt = { .seed = 1 };

static int loopback(int port, bool listening)
{
	struct sockaddr_in address = {
		.sin_family = AF_INET,
		.sin_port = htons((uint16_t)port),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK),
	};
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), on = 1;

	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	if (listening) {
		if (bind(fd, (struct sockaddr *)&address, sizeof(address)) <
			0 ||
		    listen(fd, 64) < 0)
			die("cannot listen on port %d", port);
		return fd;
	}
	if (connect(fd, (struct sockaddr *)&address, sizeof(address)) == 0)
		return fd;
	close(fd);
	return -1;
}

/* A reset, not a polite end: what was under way is lost. */
static void reset(int fd)
{
	struct linger now = { .l_onoff = 1 };

	setsockopt(fd, SOL_SOCKET, SO_LINGER, &now, sizeof(now));
	close(fd);
}

static bool send_all(int fd, const char *bytes, ssize_t n)
{
	ssize_t sent;

	for (; n > 0; bytes += sent, n -= sent) {
		sent = send(fd, bytes, (size_t)n, MSG_NOSIGNAL);
		if (sent <= 0)
			return false;
	}
	return true;
}

static void carry(int client, int server, uint64_t state)
{
	struct pollfd ends[2] = { { .fd = client, .events = POLLIN },
				  { .fd = server, .events = POLLIN } };
	uint64_t left =
	    opt.cut ? 1 + fault_random(&state) % (2 * opt.cut) : UINT64_MAX;
	char bytes[CHUNK];

	while (poll(ends, 2, -1) > 0) {
		int from = ends[0].revents ? 0 : 1;
		ssize_t n = recv(ends[from].fd, bytes, sizeof(bytes), 0);

		if (n <= 0)
			break;
		if (opt.delay_ms)
			usleep((useconds_t)(fault_random(&state) %
					    (opt.delay_ms * 1000)));
		if ((uint64_t)n >= left) {
			send_all(ends[!from].fd, bytes, (ssize_t)left);
			break;
		}
		left -= (uint64_t)n;
		if (!send_all(ends[!from].fd, bytes, n))
			break;
	}
	reset(client);
	reset(server);
}

static void serve(int listening)
{
	for (uint64_t n = 1;; n++) {
		int client = accept(listening, NULL, NULL), server;

		if (client < 0)
			continue;
		if (fault_fork() > 0) {
			close(client);
			continue;
		}
		server = loopback(opt.to, false);
		if (server >= 0)
			carry(client, server, opt.seed * 1000 + n);
		_exit(0);
	}
}

int main(int argc, char *argv[])
{
	static const struct option known[] = {
		{ "cut", required_argument, NULL, 'c' },
		{ "delay", required_argument, NULL, 'd' },
		{ "seed", required_argument, NULL, 's' },
		{ NULL, 0, NULL, 0 },
	};
	int c, listening;

	while ((c = getopt_long(argc, argv, "", known, NULL)) != -1) {
		if (c == 'c')
			opt.cut = fault_number(optarg);
		else if (c == 'd')
			opt.delay_ms = fault_number(optarg);
		else if (c == 's')
			opt.seed = fault_number(optarg);
		else
			die("see the head of relay.c");
	}
	if (optind + 2 != argc)
		die("faults_relay wants two ports");
	opt.from = (int)fault_number(argv[optind]);
	opt.to = (int)fault_number(argv[optind + 1]);
	signal(SIGCHLD, SIG_IGN);
	listening = loopback(opt.from, true);
	puts("ready");
	fflush(stdout);
	serve(listening);
	return 0;
}
