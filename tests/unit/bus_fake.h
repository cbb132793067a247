/*
 * bus_fake: a worker that only answers, and a producer that counts what it
 * is answered, in one folder that lives as long as a test.
 */
#ifndef BUS_FAKE_H
#define BUS_FAKE_H

#include "test.h"

#include <pthread.h>
#include <stdatomic.h>
#include <sys/types.h>

#include <soundings/bus.h>

extern char fake_folder[32];
int fake_setup(void **state);
int fake_teardown(void **state);

struct fake {
	pthread_t thread;
	struct sdg_receiver *receiver;
	struct sdg_intake *intake;
	atomic_bool stop, listening;
	atomic_int outcome; /* enum sdg_outcome; NONE: takes, says nothing */
	const char *reason;
	atomic_size_t received, batches, refused;
	int tcp_port;
};

/* In a thread; returns once it listens. */
void fake_start(struct fake *fake, enum sdg_outcome outcome);
void fake_stop(struct fake *fake);

/* In a process of its own, to be killed: only before this process has a
 * sender or a receiver. Returns once it listens. */
pid_t fake_fork(void);
void fake_kill(pid_t pid);

struct tally {
	size_t outcomes[SDG_OUTCOME_COUNT];
	size_t receipts;
	uint8_t seen[20000]; /* by cookie */
	char reason[512];
};

struct sdg_sender *tally_open(struct tally *tally, size_t window,
			      int resend_ms);
void tally_receipt(void *arg, void *cookie, enum sdg_outcome outcome,
		   struct sdg_str reason);
/* Event number @number, 600 bytes; the number is its cookie. */
void tally_push(struct sdg_sender *sender, size_t number);
void tally_flush(struct sdg_sender *sender);

#endif
