/*
 * bench_raw: what the machine can do at all: the ceilings.
 */
#include "bench.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zmq.h>

#include <soundings/classify.h>

struct answer {
	uint32_t count;
};

/* A router that answers every drained batch with how many it was. */
static void answer_all(const char *endpoint)
{
	void *context = zmq_ctx_new(),
	     *socket = zmq_socket(context, ZMQ_ROUTER);
	zmq_pollitem_t item = { .socket = socket, .events = ZMQ_POLLIN };
	int mark = 100000;

	zmq_setsockopt(socket, ZMQ_RCVHWM, &mark, sizeof(mark));
	zmq_setsockopt(socket, ZMQ_SNDHWM, &mark, sizeof(mark));
	if (zmq_bind(socket, endpoint) < 0)
		_exit(1);
	for (;;) {
		struct answer answer = { 0 };
		char id[256];
		int id_len = 0, got;
		zmq_msg_t part;

		if (zmq_poll(&item, 1, -1) < 0)
			continue;
		while (answer.count < 1024) {
			got = zmq_recv(socket, id, sizeof(id), ZMQ_DONTWAIT);
			if (got < 0)
				break;
			id_len = got;
			zmq_msg_init(&part);
			zmq_msg_recv(&part, socket, 0);
			zmq_msg_close(&part);
			answer.count++;
		}
		if (id_len == 0)
			continue;
		zmq_send(socket, id, (size_t)id_len, ZMQ_SNDMORE);
		zmq_send(socket, &answer, sizeof(answer), 0);
	}
}

static void exchange(void *socket, size_t window, size_t bytes, uint64_t events)
{
	uint64_t sent = 0, acked = 0;
	struct answer answer;
	char *event = calloc(1, bytes);

	while (acked < events) {
		while (sent < events && sent - acked < window) {
			if (zmq_send(socket, event, bytes, 0) < 0)
				bench_die("send: %s",
					  zmq_strerror(zmq_errno()));
			sent++;
		}
		if (zmq_recv(socket, &answer, sizeof(answer), 0) !=
		    sizeof(answer))
			bench_die("receive: %s", zmq_strerror(zmq_errno()));
		acked += answer.count;
	}
	free(event);
}

struct measure raw_zeromq(size_t window, size_t bytes, uint64_t events,
			  bool tcp)
{
	struct measure measure = { 0 };
	char folder[64], endpoint[128];
	int mark = 100000;
	void *context, *socket;
	double start, cpu;
	int status;
	pid_t pid;

	bench_folder(folder);
	snprintf(endpoint, sizeof(endpoint), "ipc://%s/raw", folder);
	if (tcp)
		snprintf(endpoint, sizeof(endpoint), "tcp://127.0.0.1:%d",
			 10000 + getpid() * 16 % 20000);
	pid = fork();
	if (pid == 0)
		answer_all(endpoint);
	context = zmq_ctx_new();
	socket = zmq_socket(context, ZMQ_DEALER);
	zmq_setsockopt(socket, ZMQ_RCVHWM, &mark, sizeof(mark));
	zmq_setsockopt(socket, ZMQ_SNDHWM, &mark, sizeof(mark));
	zmq_connect(socket, endpoint);
	exchange(socket, 1, bytes, 10); /* until connected */
	start = bench_now();
	cpu = bench_cpu();
	exchange(socket, window, bytes, events);
	measure.sender = bench_cpu() - cpu;
	measure.rate = (double)events / (bench_now() - start);
	measure.p50 = window == 1 ? 1e6 / measure.rate : 0;
	kill(pid, SIGKILL);
	measure.cpu = bench_wait(pid, &status);
	zmq_close(socket);
	zmq_ctx_term(context);
	bench_remove(folder);
	return measure;
}

struct measure raw_fdatasync(unsigned calls)
{
	struct measure measure = { 0 };
	static char page[4096];
	char folder[64], path[96];
	double *took = calloc(calls, sizeof(*took)), start;
	int fd;

	bench_folder(folder);
	snprintf(path, sizeof(path), "%s/file", folder);
	fd = open(path, O_RDWR | O_CREAT, 0600);
	if (fd < 0 || posix_fallocate(fd, 0, 1 << 20) != 0)
		bench_die("cannot write \"%s\"", path);
	fsync(fd);
	for (unsigned i = 0; i < calls; i++) {
		memset(page, (int)i, sizeof(page));
		start = bench_now();
		if (pwrite(fd, page, sizeof(page), (off_t)(i % 256) * 4096) <
			0 ||
		    fdatasync(fd) < 0)
			bench_die("cannot sync \"%s\"", path);
		took[i] = (bench_now() - start) * 1e6;
	}
	close(fd);
	measure.p50 = bench_quantile(took, calls, 0.5);
	measure.p99 = bench_quantile(took, calls, 0.99);
	measure.rate = 1e6 / measure.p50;
	free(took);
	bench_remove(folder);
	return measure;
}

/* What strace shows of a commit of one event in a store of 100,000: sixteen
 * pages in about eleven places. */
#define COMMIT_PAGES 16
#define FILE_PAGES 8192

struct measure raw_commit(unsigned commits)
{
	struct measure measure = { 0 };
	static char page[4096];
	char folder[64], path[96];
	double *took = calloc(commits, sizeof(*took)), start;
	unsigned at = 1;
	int fd, meta;

	bench_folder(folder);
	snprintf(path, sizeof(path), "%s/file", folder);
	fd = open(path, O_RDWR | O_CREAT, 0600);
	meta = open(path, O_WRONLY | O_DSYNC);
	for (unsigned i = 0; i < FILE_PAGES; i++)
		if (pwrite(fd, page, sizeof(page), (off_t)i * 4096) < 0)
			bench_die("cannot write \"%s\"", path);
	fsync(fd);
	for (unsigned i = 0; i < commits; i++) {
		start = bench_now();
		for (int n = 0; n < COMMIT_PAGES; n++) {
			at = at * 1103515245 + 12345;
			/* Every third stands beside the one before. */
			if (pwrite(fd, page, sizeof(page),
				   (off_t)(n % 3 ? at / 65536 % FILE_PAGES
						 : at / 65536 % 64) *
				       4096) < 0)
				bench_die("cannot write \"%s\"", path);
		}
		if (fdatasync(fd) < 0 || pwrite(meta, page, 120, 32) < 0)
			bench_die("cannot sync \"%s\"", path);
		took[i] = (bench_now() - start) * 1e6;
	}
	close(meta);
	close(fd);
	measure.p50 = bench_quantile(took, commits, 0.5);
	measure.p99 = bench_quantile(took, commits, 0.99);
	measure.rate = 1e6 / measure.p50;
	free(took);
	bench_remove(folder);
	return measure;
}

struct measure raw_disk(double bytes, size_t batch, uint64_t events)
{
	size_t chunk = (size_t)(bytes * (double)batch);
	struct measure measure = { 0 };
	char folder[64], path[96], *block = malloc(chunk);
	double start;
	int fd;

	bench_folder(folder);
	snprintf(path, sizeof(path), "%s/file", folder);
	fd = open(path, O_WRONLY | O_CREAT, 0600);
	if (fd < 0 || !block)
		bench_die("cannot write \"%s\"", path);
	memset(block, 'a', chunk);
	start = bench_now();
	for (uint64_t done = 0; done < events; done += batch)
		if (write(fd, block, chunk) != (ssize_t)chunk ||
		    fdatasync(fd) < 0)
			bench_die("cannot sync \"%s\"", path);
	measure.rate = (double)events / (bench_now() - start);
	close(fd);
	free(block);
	bench_remove(folder);
	return measure;
}

#define LABELLED 1024 /* different ones */

struct measure raw_labels(struct event_pool *pool, uint64_t events)
{
	struct sdg_feedback *pieces = calloc(LABELLED, sizeof(*pieces));
	struct sdg_classifier *classifier;
	struct measure measure = { 0 };
	struct sdg_arena *arena =
	    sdg_arena_new(LABELLED * 4096 + SDG_ARENA_EVENT);
	struct sdg_labels labels;
	struct sdg_error err;
	double start;

	if (!pieces || !arena)
		bench_die("no memory");
	if (sdg_classifier_open(&(struct sdg_classifier_options){ 0 },
				&classifier, &err) < 0)
		bench_die("%s", err.message);
	for (uint64_t i = 0; i < LABELLED; i++) {
		size_t len;
		const uint8_t *event = event_pool_take(pool, i, &len);
		uint8_t *own = sdg_arena_alloc(arena, len);

		memcpy(own, event, len);
		if (sdg_feedback_decode(own, len, arena, &pieces[i], &err) < 0)
			bench_die("%s", err.message);
	}
	start = bench_now();
	for (uint64_t i = 0; i < events; i++)
		sdg_classify(classifier, &pieces[i % LABELLED], NULL, &labels,
			     NULL);
	measure.rate = (double)events / (bench_now() - start);
	sdg_classifier_close(classifier);
	sdg_arena_free(arena);
	free(pieces);
	return measure;
}
