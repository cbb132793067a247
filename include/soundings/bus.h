/*
 * bus: events from producers to workers, receipts back. ZeroMQ behind it.
 *
 * Every worker binds one endpoint, ipc://RUN/worker-N.sock, N being the
 * first slot whose lock file RUN/worker-N.lock it can hold: a second bind
 * to the same ipc path would silently steal it. Producers connect to all
 * they find and look again every second. With tcp (loopback, until keys
 * are given) slot N listens on the base port + N.
 *
 * A send that succeeded is only queued: what counts is the receipt. A
 * sender gives up an event by reporting SDG_OUTCOME_NONE for it; it is then
 * the caller's again.
 *
 * Handles belong to the process and thread that opened them.
 */
#ifndef SOUNDINGS_BUS_H
#define SOUNDINGS_BUS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <soundings/error.h>
#include <soundings/feedback.h>

struct sdg_curve_key;

/* Most events a worker takes in one batch, and so in one transaction. */
#define SDG_BATCH_MAX 1024
/* It takes no further one once they are together so long. */
#define SDG_BATCH_BYTES (4 * 1024 * 1024)
#define SDG_SLOT_MAX 64

/* ------------------------------------------------------------- producers */

struct sdg_sender;

/**
 * A receipt, or the end of waiting, for one event. @outcome is
 * SDG_OUTCOME_NONE when no worker acknowledged in time. @reason is borrowed
 * for the call. @cookie is what sdg_sender_push() was given.
 */
typedef void sdg_receipt_fn(void *arg, void *cookie, enum sdg_outcome outcome,
			    struct sdg_str reason);

/*
 * With run_dir every "worker-N.sock" in it is a worker, looked for again
 * each second. endpoints are taken as given, and only on this machine
 * ("tcp://127.0.0.1:5500", "ipc:///path"): past it wants keys.
 */
struct sdg_sender_options {
	const char *run_dir;   /* or NULL */
	const char *endpoints; /* space-separated, or NULL */
	size_t window; /* un-acked at most; 1 for a hook, 1,024 for an import */
	int resend_ms; /* to another worker after this; 0: 2,000 */
	sdg_receipt_fn *receipt; /* must not use the sender */
	void *arg;
	/* CURVE: who is sending. NULL: $SOUNDINGS_KEY or client.key in the
	 * keys directory, where there is one (clients.h). A key that names
	 * workers leads there, whatever run_dir says. */
	const struct sdg_curve_key *key;
};

/**
 * sdg_sender_open - look for workers; none being there is no error yet
 *
 * Return 0, or SDG_EINVAL (an endpoint or folder that cannot be one),
 * SDG_ENOMEM, SDG_EIO.
 */
int sdg_sender_open(const struct sdg_sender_options *options,
		    struct sdg_sender **out, struct sdg_error *err);
/** sdg_sender_close - NULL allowed; what is un-acked is given up, silently */
void sdg_sender_close(struct sdg_sender *sender);

/**
 * sdg_sender_push - send one encoded event (copied)
 *
 * Waits for room in the window, and for a worker, at most @timeout_ms,
 * delivering receipts meanwhile. Return 0, or SDG_EAGAIN (no room in time;
 * the event was not taken), SDG_EINVAL (too long), SDG_ENOMEM, SDG_EIO. A
 * signal ends no waiting.
 */
int sdg_sender_push(struct sdg_sender *sender, const uint8_t *event, size_t len,
		    void *cookie, int timeout_ms, struct sdg_error *err);

/**
 * sdg_sender_wait - for one receipt more at least, at most @timeout_ms
 *
 * For who has other things to do between pushes; nothing is given up.
 */
int sdg_sender_wait(struct sdg_sender *sender, int timeout_ms,
		    struct sdg_error *err);

/**
 * sdg_sender_flush - wait until nothing is un-acked, at most @timeout_ms
 * without any progress; the rest is then reported as SDG_OUTCOME_NONE, as
 * is what a worker refused on account of the key
 *
 * Return 0 when all was acknowledged, SDG_EAGAIN when not.
 */
int sdg_sender_flush(struct sdg_sender *sender, int timeout_ms,
		     struct sdg_error *err);

/** sdg_sender_pending - how many events have no receipt yet */
size_t sdg_sender_pending(const struct sdg_sender *sender);
/** sdg_sender_workers - how many workers answer heartbeats just now */
size_t sdg_sender_workers(const struct sdg_sender *sender);
/** sdg_sender_resent - how many events were sent more than once so far */
size_t sdg_sender_resent(const struct sdg_sender *sender);

/* --------------------------------------------------------------- workers */

struct sdg_receiver;

/* One received event frame. data is the event without its 'E', borrowed
 * until it is acknowledged; the worker fills outcome and reason. */
struct sdg_frame {
	const uint8_t *data;
	size_t len;
	uint8_t digest[16]; /* of the whole frame */
	enum sdg_outcome outcome;
	struct sdg_str reason; /* borrowed until acknowledged */
	/* Whose CURVE key it came with (Z85), borrowed likewise; NULL: it
	 * came by the socket that the file system guards. */
	const char *client;
};

struct sdg_receiver_options {
	const char *run_dir;
	int tcp_port;   /* base port on 127.0.0.1; 0: ipc only */
	int first_slot; /* the slots it may take: from this one, */
	int slot_count; /* so many; 0: to the last */

	/* CURVE, for clients listed in keys_dir (clients.h); NULL: none. */
	const char *keys_dir;
	const char *listen; /* "tcp://0.0.0.0:5600", slot N at port + N */
	bool curve_ipc;     /* the ipc socket, too, takes none without key */
};

/* What went past: messages refused (too many frames, another kind), and
 * receipts for producers that had gone. */
struct sdg_bus_counts {
	size_t refused, unanswered;
};

/**
 * sdg_receiver_open - take the first free slot and listen
 *
 * With keys_dir every CURVE endpoint is tried before it is used: it must
 * refuse a key that nobody has given it.
 *
 * Return 0, or SDG_EAGAIN (all slots are held), SDG_EINVAL, SDG_EIO.
 */
int sdg_receiver_open(const struct sdg_receiver_options *options,
		      struct sdg_receiver **out, struct sdg_error *err);
void sdg_receiver_close(struct sdg_receiver *receiver);
/** sdg_receiver_slot - which slot it holds, 0 to SDG_SLOT_MAX - 1 */
int sdg_receiver_slot(const struct sdg_receiver *receiver);
/** sdg_receiver_counts - borrowed until close */
const struct sdg_bus_counts *
sdg_receiver_counts(const struct sdg_receiver *receiver);

/* The frames of a batch, from when they come to their receipts. */
struct sdg_intake;
struct sdg_intake *sdg_intake_new(void);
/** sdg_intake_free - NULL allowed; what was not acknowledged gets nothing */
void sdg_intake_free(struct sdg_intake *intake);
/** sdg_intake_frames - its array, which stays where it is */
struct sdg_frame *sdg_intake_frames(struct sdg_intake *intake, size_t *n);

/**
 * sdg_receiver_collect - add what is there to @intake
 * @fd: -1, or what else to wait for: that it can be read ends the wait
 *
 * Waits at most @timeout_ms for the first frame and for none after it; for
 * none at all when @intake has its fill: SDG_BATCH_MAX frames, fewer where
 * that would leave producers without anything to send, or SDG_BATCH_BYTES.
 * Several intakes may be waiting for their receipts.
 * Messages of more frames than expected, too long or of another kind are
 * drained and dropped. Return 0, also after a time out or a signal, or
 * SDG_EIO.
 */
int sdg_receiver_collect(struct sdg_receiver *receiver,
			 struct sdg_intake *intake, int fd, int timeout_ms,
			 struct sdg_error *err);

/**
 * sdg_receiver_acknowledge - one receipts message to each producer of
 * @intake, which is empty then; frames whose outcome is NONE get none
 *
 * A producer that has gone is no error: it will ask again.
 */
int sdg_receiver_acknowledge(struct sdg_receiver *receiver,
			     struct sdg_intake *intake, struct sdg_error *err);

#endif
