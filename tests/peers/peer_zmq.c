/*
 * ZeroMQ into SQLite by hand, in Python: what a capable colleague writes in
 * an afternoon (zmq_sqlite.py). Committed an event, or a drained batch. An
 * ack means counted.
 */
#include "peers.h"

#include <inttypes.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <zmq.h>

struct link {
	void *context, *socket;
};

static void serve(const struct place *place, const char *batch)
{
	peer_exec(place, (const char *const[]){ "/usr/bin/python3",
						PEERS_SOURCE "/zmq_sqlite.py",
						place->folder, batch, NULL });
}

static void serve_each(const struct place *place)
{
	serve(place, "1");
}

static void serve_batch(const struct place *place)
{
	serve(place, "1024");
}

static void close_link(void *arg)
{
	struct link *link = arg;

	zmq_close(link->socket);
	zmq_ctx_term(link->context);
	free(link);
}

static void *open_link(const struct place *place)
{
	int mark = 100000, linger = 0;
	struct link *link;
	char path[160];
	struct stat st;

	snprintf(path, sizeof(path), "ipc://%s/zmq.sock", place->folder);
	if (stat(path + 6, &st) < 0)
		return NULL;
	link = calloc(1, sizeof(*link));
	if (!link)
		peer_die("no memory");
	link->context = zmq_ctx_new();
	link->socket = zmq_socket(link->context, ZMQ_DEALER);
	zmq_setsockopt(link->socket, ZMQ_LINGER, &linger, sizeof(linger));
	zmq_setsockopt(link->socket, ZMQ_SNDHWM, &mark, sizeof(mark));
	zmq_setsockopt(link->socket, ZMQ_RCVHWM, &mark, sizeof(mark));
	if (zmq_connect(link->socket, path) == 0)
		return link;
	close_link(link);
	return NULL;
}

static bool push(void *arg, uint64_t number)
{
	struct link *link = arg;

	return zmq_send(link->socket, peer_event(number), PEER_EVENT_BYTES,
			0) >= 0;
}

/* An answer holds the numbers of a batch, 8 bytes each. */
static bool acks(void *arg, peer_found_fn *acked, void *cookie)
{
	struct link *link = arg;
	uint64_t numbers[1024];
	int patience = PEER_PATIENCE_MS, got;

	zmq_setsockopt(link->socket, ZMQ_RCVTIMEO, &patience, sizeof(patience));
	got = zmq_recv(link->socket, numbers, sizeof(numbers), 0);
	for (int i = 0; i < got / 8; i++)
		acked(cookie, numbers[i]);
	return got > 0;
}

static bool read_all(const struct place *place, peer_found_fn *found, void *arg)
{
	sqlite3_stmt *rows = NULL;
	char path[128];
	sqlite3 *db;

	snprintf(path, sizeof(path), "%s/sink.db", place->folder);
	if (sqlite3_open(path, &db) != SQLITE_OK ||
	    sqlite3_prepare_v2(db, "SELECT body FROM event", -1, &rows, NULL) !=
		SQLITE_OK)
		return false;
	while (sqlite3_step(rows) == SQLITE_ROW)
		found(arg, peer_number(sqlite3_column_blob(rows, 0),
				       (size_t)sqlite3_column_bytes(rows, 0)));
	sqlite3_finalize(rows);
	sqlite3_close(db);
	return true;
}

#define ZMQ                                                                    \
	.counts = true, .open = open_link, .push = push, .acks = acks,         \
	.close = close_link, .read = read_all

const struct peer peer_zmq_each = {
	.id = "pyzmq-sqlite-each",
	.promise = "counted once, synced; a commit an event",
	.serve = serve_each,
	ZMQ,
};
const struct peer peer_zmq_batch = {
	.id = "pyzmq-sqlite-batch",
	.promise = "counted once, synced; a commit a drained batch",
	.serve = serve_batch,
	ZMQ,
};
