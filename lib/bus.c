/*
 * bus: what both ends share. This file and its siblings bus_sender.c and
 * bus_receiver.c are the only ones that know ZeroMQ.
 *
 * Traps of libzmq 4.3.4 that this code steps around: a send that succeeded
 * is only queued; the default linger blocks for ever; without IMMEDIATE half
 * the events wait for a worker that is not there; a second bind to an ipc
 * path steals it; MAXMSGSIZE is per frame, so the number of frames is
 * limited by hand; only zmq_poll() is safe to wait with.
 */
#include "bus_internal.h"

#include <assert.h>
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <zmq.h>

/* One context a process: several of them share libzmq's random source
 * unsafely, and each costs two threads. */
static pthread_mutex_t context_lock = PTHREAD_MUTEX_INITIALIZER;
static void *context;
static size_t context_users;

/* libzmq starts its threads with the first socket; signals are for ours. */
static void *first_socket(int type)
{
	sigset_t all, before;
	void *socket;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	socket = zmq_socket(context, type);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	return socket;
}

static void context_release(void)
{
	if (--context_users > 0)
		return;
	while (zmq_ctx_term(context) < 0)
		assert(errno == EINTR); /* it is a context, and ours */
	context = NULL;
}

static void *context_socket(int type, struct sdg_error *err)
{
	void *socket;

	if (context == NULL) {
		context = zmq_ctx_new();
		if (context == NULL) {
			sdg_fail_errno(err, "start messaging");
			return NULL;
		}
		zmq_ctx_set(context, ZMQ_IO_THREADS, 1);
		zmq_ctx_set(context, ZMQ_BLOCKY, 0);
	}
	context_users++;
	socket = first_socket(type);
	if (socket == NULL) {
		sdg_fail_errno(err, "open a message socket");
		context_release();
	}
	return socket;
}

void bus_set_int(void *socket, int option, int value)
{
	int rc = zmq_setsockopt(socket, option, &value, sizeof(value));

	assert(rc == 0);
	(void)rc;
}

void *bus_socket(int type, int64_t max_frame, int high_water,
		 struct sdg_error *err)
{
	void *socket;

	pthread_mutex_lock(&context_lock);
	socket = context_socket(type, err);
	pthread_mutex_unlock(&context_lock);
	if (socket == NULL)
		return NULL;
	zmq_setsockopt(socket, ZMQ_MAXMSGSIZE, &max_frame, sizeof(max_frame));
	bus_set_int(socket, ZMQ_LINGER, 0);
	bus_set_int(socket, ZMQ_SNDHWM, high_water);
	bus_set_int(socket, ZMQ_RCVHWM, high_water);
	bus_set_int(socket, ZMQ_HEARTBEAT_IVL, BUS_HEARTBEAT_MS);
	bus_set_int(socket, ZMQ_HEARTBEAT_TIMEOUT, BUS_SILENCE_MS);
	bus_set_int(socket, ZMQ_HEARTBEAT_TTL, BUS_SILENCE_MS);
	bus_set_int(socket, ZMQ_HANDSHAKE_IVL, 5000);
	return socket;
}

void bus_socket_close(void *socket, int linger_ms)
{
	if (socket == NULL)
		return;
	bus_set_int(socket, ZMQ_LINGER, linger_ms);
	zmq_close(socket);
	pthread_mutex_lock(&context_lock);
	context_release();
	pthread_mutex_unlock(&context_lock);
}

int bus_slot_path(const char *run_dir, int slot, char out[BUS_PATH_MAX],
		  struct sdg_error *err)
{
	int len =
	    snprintf(out, BUS_PATH_MAX, "%s/worker-%d.sock", run_dir, slot);

	/* A leading @ would be an abstract name, which has no permissions. */
	if (run_dir[0] == '@' || run_dir[0] == '\0')
		return sdg_fail(err, SDG_EINVAL,
				"\"%s\" cannot be a folder of worker sockets",
				run_dir);
	if ((size_t)len >= BUS_PATH_MAX)
		return sdg_fail(err, SDG_EINVAL,
				"folder \"%s\" has too long a name for a socket"
				" in it (%d bytes at most)",
				run_dir, BUS_PATH_MAX - 1 - 15);
	return 0;
}

int64_t bus_now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

int bus_msg_send(zmq_msg_t *part, void *socket, int flags)
{
	int rc;

	do
		rc = zmq_msg_send(part, socket, flags | ZMQ_DONTWAIT);
	while (rc < 0 && errno == EINTR);
	return rc;
}

int bus_send(void *socket, const void *bytes, size_t len, int flags)
{
	int rc;

	do
		rc = zmq_send(socket, bytes, len, flags);
	while (rc < 0 && errno == EINTR);
	return rc;
}

size_t bus_drain(void *socket)
{
	size_t dropped = 0;
	zmq_msg_t part;
	int more = 1;

	/* The message is here whole, so that its parts never block. */
	while (more) {
		zmq_msg_init(&part);
		if (zmq_msg_recv(&part, socket, ZMQ_DONTWAIT) < 0) {
			if (errno != EINTR)
				more = 0;
		} else {
			dropped++;
			more = zmq_msg_more(&part);
		}
		zmq_msg_close(&part);
	}
	return dropped;
}
