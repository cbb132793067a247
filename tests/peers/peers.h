/*
 * peers: what people would otherwise trust with this, behind one seam, so
 * that the same driver asks the same of each: Redis Streams, RabbitMQ, NATS
 * JetStream, and Soundings itself.
 *
 * An event is 600 bytes and known by its number. A producer keeps a window
 * of them un-acked and sends again what has no ack; whatever the server
 * says it has taken must be readable after a crash.
 */
#ifndef PEERS_H
#define PEERS_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "fault_fork.h"

#define PEER_EVENT_BYTES 600
/* What a consumer counts in one transaction, at most. */
#define PEER_BATCH 512
/* Without any ack: a busy disk stands still for seconds. */
#define PEER_PATIENCE_MS 20000

/* Where a server lives: its own folder, a port on the loopback address. */
struct place {
	char folder[96];
	int port;
	const char *worker; /* soundings-worker, for ourselves */
	const char *trace;  /* calls that strace notes in "trace", or NULL */
};

typedef void peer_found_fn(void *arg, uint64_t number);

struct peer {
	const char *id;
	const char *promise; /* what its ack stands for, as set up here */
	bool counts;         /* an ack means counted: it needs no consumer */
	/** serve - become the server by peer_exec(); in a child */
	void (*serve)(const struct place *place);
	/** clean - what it leaves running, or NULL */
	void (*clean)(const struct place *place);
	/** open - a producer's way in, or NULL: not there (yet) */
	void *(*open)(const struct place *place);
	/** push - event @number on its way; false: the way is broken */
	bool (*push)(void *link, uint64_t number);
	/** acks - wait for at least one; false: the way is broken */
	bool (*acks)(void *link, peer_found_fn *acked, void *arg);
	void (*close)(void *link);
	/** read - every event that is there; false: it cannot be read */
	bool (*read)(const struct place *place, peer_found_fn *found,
		     void *arg);
	/** consume - count until @total are counted; in a child */
	void (*consume)(const struct place *place, uint64_t total,
			atomic_ullong *counted);
};

extern const struct peer peer_redis_always, peer_redis_everysec;
extern const struct peer peer_rabbit_durable, peer_rabbit_quorum;
extern const struct peer peer_nats, peer_zmq_each, peer_zmq_batch;
extern const struct peer peer_soundings, peer_soundings_labels;

/** peer_all - the peers there are, ended by NULL */
extern const struct peer *const peer_all[];
const struct peer *peer_find(const char *id);

/** peer_event - event @number, in a buffer that the next call reuses */
const char *peer_event(uint64_t number);
/** peer_number - of an event's bytes, or UINT64_MAX: not as it was sent */
uint64_t peer_number(const void *bytes, size_t len);

/* ------------------------------------------------------------- processes */

double peer_now(void); /* seconds */
void peer_die(const char *fmt, ...)
    __attribute__((format(printf, 1, 2), noreturn));
/** peer_place - a fresh folder under TMPDIR, a port that is free */
void peer_place(struct place *place, const char *worker);
void peer_place_remove(const struct peer *peer, const struct place *place);
/** peer_start - the server, in a session of its own, until open() works;
 *  NULL in @link: it does not come up within a minute */
pid_t peer_start(const struct peer *peer, const struct place *place,
		 void **link);
/** peer_kill - SIGKILL to the server and all it has started */
void peer_kill(pid_t pid);
/** peer_exec - @argv, under strace where the place wants a trace */
void peer_exec(const struct place *place, const char *const argv[]);

/* ---------------------------------------------- where consumers count into */

/* SQLite, WAL, synchronous=FULL: an event's id once, and five tallies. */
struct sink;
struct sink *sink_open(const char *folder);
/** sink_add - within a batch; what was there already changes nothing */
void sink_add(struct sink *sink, const void *event, size_t len);
/** sink_commit - durable; how many events are counted in all */
uint64_t sink_commit(struct sink *sink);
void sink_close(struct sink *sink);

#endif
