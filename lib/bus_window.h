/*
 * bus_window: a sender's events without receipt.
 *
 * Each is in one of two lists: sent (to one worker, by when it was sent) or
 * waiting (for a worker, or for a busy one to have time); and in an index by
 * its frame's digest, which is how a receipt names it.
 */
#ifndef BUS_WINDOW_H
#define BUS_WINDOW_H

#include <stddef.h>
#include <stdint.h>
#include <zmq.h>

#include <soundings/error.h>

struct bus_entry {
	zmq_msg_t frame;
	uint8_t digest[16];
	void *cookie;
	int peer; /* BUS_NO_PEER: it waits */
	unsigned sends;
	int64_t when;                  /* sent at; or, waiting, not before */
	struct bus_entry *prev, *next; /* in sent or waiting, or free (next) */
	struct bus_entry *bucket_next;
};

struct bus_list {
	struct bus_entry *first, *last;
};

struct bus_window {
	struct bus_entry *entries;
	struct bus_entry *spare; /* NULL: no room */
	struct bus_list sent, waiting;
	struct bus_entry **buckets;
	size_t bucket_mask;
	size_t pending; /* how many are in it */
};

/** bus_window_init - room for @n; bus_window_fini() after failure, too */
int bus_window_init(struct bus_window *w, size_t n, struct sdg_error *err);
void bus_window_fini(struct bus_window *w);
/** bus_window_add - @event as a frame, waiting; there must be room */
int bus_window_add(struct bus_window *w, const uint8_t *event, size_t len,
		   void *cookie, struct bus_entry **out, struct sdg_error *err);
/** bus_window_find - the one of @digest that was added first, or NULL */
struct bus_entry *bus_window_find(struct bus_window *w, const uint8_t *digest);
/** bus_window_sent, bus_window_wait - into the other list, at its end */
void bus_window_sent(struct bus_window *w, struct bus_entry *entry, int peer,
		     int64_t now);
void bus_window_wait(struct bus_window *w, struct bus_entry *entry,
		     int64_t not_before);
/** bus_window_drop - out of the window; @entry is free for another */
void bus_window_drop(struct bus_window *w, struct bus_entry *entry);

#endif
