/*
 * faults_abuse: what no honest producer sends, to a worker's socket.
 *
 *	faults_abuse SOCKET SECONDS
 *	faults_abuse SOCKET giant
 *
 * Messages of thousands of parts, parts of another kind, frames longer than
 * any event, raw bytes instead of a handshake, a claim of one GiB, 2,000
 * connections that say nothing; all of it again and again until the time
 * is over. Prints how much of each was sent. "giant" is one message alone,
 * of 40,000 parts of 64 KiB each.
 */
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>
#include <zmq.h>

#include "faults.h"

#define IDLE 2000

static struct sockaddr_un address = { .sun_family = AF_UNIX };

static int raw_connection(void)
{
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	struct timeval patience = { .tv_usec = 200000 };

	if (fd < 0)
		die("cannot make a socket: %s", strerror(errno));
	setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof(patience));
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
	if (connect(fd, (struct sockaddr *)&address, sizeof(address)) < 0) {
		close(fd);
		return -1;
	}
	return fd;
}

/* What is written to may have been closed at once: that is the point. */
static void write_raw(int fd, const void *bytes, size_t len)
{
	if (send(fd, bytes, len, MSG_NOSIGNAL) < 0)
		return;
}

static void babble(uint64_t *state)
{
	uint64_t noise[64];
	int fd = raw_connection();

	if (fd < 0)
		return;
	for (size_t i = 0; i < 64; i++)
		noise[i] = fault_random(state);
	write_raw(fd, noise, sizeof(noise));
	close(fd);
}

/* A proper ZMTP 3.0 greeting and READY, then a frame said to be 1 GiB. */
static void claim(void)
{
	static const uint8_t greeting[64] = { 0xff, 0,   0,   0,    0, 0,
					      0,    0,   1,   0x7f, 3, 0,
					      'N',  'U', 'L', 'L' };
	static const uint8_t ready[] = "\x04\x26\x05READY\x0bSocket-Type"
				       "\x00\x00\x00\x06"
				       "DEALER\x08Identity\x00\x00\x00";
	static const uint8_t giant[] = { 0x02, 0, 0, 0, 0, 0x40, 0, 0, 0, 'E' };
	uint8_t answer[256];
	int fd = raw_connection();

	if (fd < 0)
		return;
	write_raw(fd, greeting, sizeof(greeting));
	if (recv(fd, answer, 64, MSG_WAITALL) == 64) {
		write_raw(fd, ready, sizeof(ready));
		write_raw(fd, giant, sizeof(giant));
		if (recv(fd, answer, sizeof(answer), 0) < 0)
			write_raw(fd, giant, sizeof(giant));
	}
	close(fd);
}

static void *dealer(void *context, const char *endpoint)
{
	void *socket = zmq_socket(context, ZMQ_DEALER);
	int none = 0, soon = 500;

	zmq_setsockopt(socket, ZMQ_LINGER, &none, sizeof(none));
	zmq_setsockopt(socket, ZMQ_SNDTIMEO, &soon, sizeof(soon));
	zmq_connect(socket, endpoint);
	return socket;
}

static bool send_parts(void *socket, unsigned parts, const char *bytes,
		       size_t len)
{
	for (unsigned i = 0; i < parts; i++)
		if (zmq_send(socket, bytes, len,
			     i + 1 < parts ? ZMQ_SNDMORE : 0) < 0)
			return false;
	return true;
}

static void flood(const char *endpoint, int64_t until)
{
	static char big[200000] = "E";
	void *context = zmq_ctx_new();
	unsigned long multipart = 0, others = 0, giants = 0, noises = 0;
	uint64_t state = 1;

	while (fault_now_ms() < until) {
		void *socket = dealer(context, endpoint);

		multipart += send_parts(socket, 2000, "Epart", 5);
		multipart += send_parts(socket, 2, "Epart", 5);
		others += send_parts(socket, 1, "Aanswer", 7);
		others += send_parts(socket, 1, "", 0);
		giants += send_parts(socket, 1, big, sizeof(big));
		zmq_close(socket);
		babble(&state);
		claim();
		noises++;
	}
	zmq_ctx_term(context);
	printf("multipart %lu, of another kind %lu, too long %lu, noise and "
	       "claims %lu\n",
	       multipart, others, giants, noises);
}

static void send_giant(const char *endpoint)
{
	static char part[65536] = "E";
	void *context = zmq_ctx_new(), *socket = dealer(context, endpoint);
	int mark = 0;

	zmq_setsockopt(socket, ZMQ_SNDHWM, &mark, sizeof(mark));
	send_parts(socket, 40000, part, sizeof(part));
	/* As long as it takes, or until nobody is there to take it. */
	mark = 15000;
	zmq_setsockopt(socket, ZMQ_LINGER, &mark, sizeof(mark));
	zmq_close(socket);
	zmq_ctx_term(context);
}

int main(int argc, char *argv[])
{
	struct rlimit files = { 2 * IDLE, 2 * IDLE };
	static int idle[IDLE];
	char endpoint[160];

	if (argc != 3 || strlen(argv[1]) >= sizeof(address.sun_path))
		die("usage: faults_abuse SOCKET SECONDS");
	strcpy(address.sun_path, argv[1]);
	snprintf(endpoint, sizeof(endpoint), "ipc://%s", argv[1]);
	if (strcmp(argv[2], "giant") == 0) {
		send_giant(endpoint);
		return 0;
	}
	setrlimit(RLIMIT_NOFILE, &files);
	for (int i = 0; i < IDLE; i++)
		idle[i] = raw_connection();
	flood(endpoint, fault_now_ms() + atoi(argv[2]) * 1000);
	for (int i = 0; i < IDLE; i++)
		if (idle[i] >= 0)
			close(idle[i]);
	return 0;
}
