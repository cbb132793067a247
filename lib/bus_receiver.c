/*
 * bus_receiver: a worker's end. It binds, takes what is there, and answers
 * each producer of a batch with one message; meanwhile another batch may be
 * filled. It never decodes an event and
 * never waits for a producer: one that has gone, or does not read, loses its
 * receipts and asks again.
 */
#include "bus_internal.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zmq.h>

#include <soundings/sealed.h>

#define FRAME_MAX (SDG_SEALED_MAX + 1)
/* Above any window: a router drops silently what is beyond its mark. */
#define HIGH_WATER 8192
#define BUCKETS 2048
#define LIMIT_MIN 128
/* Full batches in a row before a larger limit is tried again. */
#define LIMIT_RETRY 8
/* What a clean end may take to hand the last receipts to the kernel. */
#define LAST_RECEIPTS_MS 300
#define NOBODY UINT16_MAX

/* One producer of a batch: its routing id and its frames. */
struct origin {
	zmq_msg_t id;
	uint16_t first, last; /* its frames, chained by next[] */
	uint16_t bucket_next;
};

/* A batch: its frames, and who sent them. */
struct sdg_intake {
	size_t frame_count, origin_count;
	size_t bytes;
	struct sdg_frame frames[SDG_BATCH_MAX];
	zmq_msg_t payloads[SDG_BATCH_MAX];
	uint16_t next[SDG_BATCH_MAX];
	struct origin origins[SDG_BATCH_MAX];
	uint16_t buckets[BUCKETS];
};

struct sdg_receiver {
	void *socket;
	struct bus_zap *zap; /* NULL: no CURVE, and nobody has a name */
	int lock_fd;
	int slot;
	char path[BUS_PATH_MAX];
	/* Frames a batch, at most; how many in a row had so many; frames
	 * without receipts, in all intakes: see set_limit(). */
	size_t limit, full_run, pending;
	struct sdg_receipt receipts[SDG_BATCH_MAX];
	struct sdg_bus_counts counts;
};

/* ------------------------------------------------------ slot and endpoint */

/*
 * Whoever holds the lock owns the slot's socket path, stale file and all.
 * The lock file itself stays for ever: removing it would let two processes
 * each lock their own.
 */
static int try_slot(struct sdg_receiver *r, const char *run_dir, int slot,
		    struct sdg_error *err)
{
	char path[BUS_PATH_MAX + 8], pid[16];
	int fd, len, rc;

	rc = bus_slot_path(run_dir, slot, r->path, err);
	if (rc < 0)
		return rc;
	snprintf(path, sizeof(path), "%s/worker-%d.lock", run_dir, slot);
	fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd < 0)
		return sdg_fail_errno(err, "open lock \"%s\"", path);
	if (flock(fd, LOCK_EX | LOCK_NB) < 0) {
		close(fd);
		return SDG_EAGAIN;
	}
	len = snprintf(pid, sizeof(pid), "%ld\n", (long)getpid());
	if (ftruncate(fd, 0) < 0 || pwrite(fd, pid, (size_t)len, 0) != len) {
		sdg_fail_errno(err, "write lock \"%s\"", path);
		close(fd);
		return SDG_EIO;
	}
	r->lock_fd = fd;
	r->slot = slot;
	return 0;
}

static int take_slot(struct sdg_receiver *r,
		     const struct sdg_receiver_options *options,
		     struct sdg_error *err)
{
	int count = options->slot_count;
	int slot, rc;

	if (count == 0)
		count = SDG_SLOT_MAX - options->first_slot;
	if (options->first_slot < 0 || count < 1 ||
	    options->first_slot + count > SDG_SLOT_MAX)
		return sdg_fail(err, SDG_EINVAL, "slots are 0 to %d",
				SDG_SLOT_MAX - 1);
	for (slot = options->first_slot; count > 0; slot++, count--) {
		rc = try_slot(r, options->run_dir, slot, err);
		if (rc != SDG_EAGAIN)
			return rc;
	}
	if (options->slot_count == 1)
		return sdg_fail(err, SDG_EAGAIN,
				"worker slot %d in \"%s\" is held by another",
				options->first_slot, options->run_dir);
	return sdg_fail(err, SDG_EAGAIN, "all worker slots in \"%s\" are held",
			options->run_dir);
}

static int bind_ipc(struct sdg_receiver *r, struct sdg_error *err)
{
	char endpoint[BUS_PATH_MAX + 8];
	mode_t mask;
	int rc;

	snprintf(endpoint, sizeof(endpoint), "ipc://%s", r->path);
	/* Owner and group, from the first moment: a chmod() after the bind
	 * would leave a gap. */
	mask = umask(0117);
	rc = zmq_bind(r->socket, endpoint);
	umask(mask);
	if (rc < 0)
		return sdg_fail(err, SDG_EIO, "listen on \"%s\": %s", r->path,
				zmq_strerror(errno));
	return 0;
}

static int bind_tcp(struct sdg_receiver *r, int base_port,
		    struct sdg_error *err)
{
	char endpoint[64];
	int port = base_port + r->slot;

	if (port < 1 || port > 65535)
		return sdg_fail(err, SDG_EINVAL, "port %d is not one", port);
	/* Loopback alone until there are keys: anybody could count votes. */
	snprintf(endpoint, sizeof(endpoint), "tcp://127.0.0.1:%d", port);
	if (zmq_bind(r->socket, endpoint) < 0)
		return sdg_fail(err, SDG_EIO, "listen on \"%s\": %s", endpoint,
				zmq_strerror(errno));
	return 0;
}

/* "tcp://0.0.0.0:5600": this slot's port is that much higher. */
static int bind_curve(struct sdg_receiver *r, const char *listen,
		      struct sdg_error *err)
{
	bool tcp = strncmp(listen, "tcp://", 6) == 0;
	const char *colon = strrchr(listen, ':');
	char endpoint[256], *end = NULL;
	long port = tcp ? strtol(colon + 1, &end, 10) : 0;
	int n;

	if (port < 1 || *end != '\0' || port > 65535 - r->slot)
		return sdg_fail(err, SDG_EINVAL,
				"\"%s\" is not \"tcp://address:port\"", listen);
	n = snprintf(endpoint, sizeof(endpoint), "%.*s:%ld",
		     (int)(colon - listen), listen, port + r->slot);
	if ((size_t)n >= sizeof(endpoint))
		return sdg_fail(err, SDG_EINVAL, "\"%.40s…\" is too long",
				listen);
	if (zmq_bind(r->socket, endpoint) < 0)
		return sdg_fail(err, SDG_EIO, "listen on \"%s\": %s", endpoint,
				zmq_strerror(errno));
	return bus_curve_try(r->socket, r->zap, err);
}

/* Options count for what is bound after them: so the guarded socket first,
 * then those that want keys. */
static int bind_all(struct sdg_receiver *r,
		    const struct sdg_receiver_options *options,
		    struct sdg_error *err)
{
	int rc;

	if (r->zap == NULL)
		rc = bus_refuse_old_peers(r->socket, err);
	else
		rc = options->curve_ipc
			 ? bus_curve_serve(r->socket, r->zap, err)
			 : bus_curve_local(r->socket, err);
	if (rc == 0)
		rc = bind_ipc(r, err);
	if (rc == 0 && options->curve_ipc)
		rc = bus_curve_try(r->socket, r->zap, err);
	if (rc == 0 && options->tcp_port != 0)
		rc = bind_tcp(r, options->tcp_port, err);
	if (rc < 0 || options->listen == NULL)
		return rc;
	rc = bus_curve_serve(r->socket, r->zap, err);
	return rc < 0 ? rc : bind_curve(r, options->listen, err);
}

int sdg_receiver_open(const struct sdg_receiver_options *options,
		      struct sdg_receiver **out, struct sdg_error *err)
{
	struct sdg_receiver *r;
	int rc;

	r = calloc(1, sizeof(*r));
	if (r == NULL)
		return sdg_fail(err, SDG_ENOMEM, "open the worker's socket");
	r->lock_fd = -1;
	r->limit = SDG_BATCH_MAX;
	rc = take_slot(r, options, err);
	if (rc < 0)
		goto out;
	if (options->listen != NULL || options->curve_ipc) {
		rc = bus_zap_open(options->keys_dir, &r->zap, err);
		if (rc < 0)
			goto out;
	}
	r->socket = bus_socket(ZMQ_ROUTER, FRAME_MAX, HIGH_WATER, err);
	if (r->socket == NULL) {
		rc = SDG_EIO;
		goto out;
	}
	/* Else receipts for a producer that has gone, or is full, would count
	 * as sent. HANDOVER stays off: it would let a producer take another's
	 * routing id and with it the other's receipts. */
	bus_set_int(r->socket, ZMQ_ROUTER_MANDATORY, 1);
	rc = bind_all(r, options, err);
	if (rc < 0)
		goto out;
	*out = r;
	r = NULL;
out:
	sdg_receiver_close(r);
	return rc;
}

int sdg_receiver_slot(const struct sdg_receiver *r)
{
	return r->slot;
}

const struct sdg_bus_counts *sdg_receiver_counts(const struct sdg_receiver *r)
{
	return &r->counts;
}

/* ---------------------------------------------------------------- a batch */

static uint32_t id_bucket(zmq_msg_t *id)
{
	const uint8_t *bytes = zmq_msg_data(id);
	size_t len = zmq_msg_size(id), i;
	uint32_t hash = 2166136261U;

	for (i = 0; i < len; i++)
		hash = (hash ^ bytes[i]) * 16777619U;
	return (hash ^ hash >> 16) % BUCKETS;
}

static bool same_id(zmq_msg_t *a, zmq_msg_t *b)
{
	return zmq_msg_size(a) == zmq_msg_size(b) &&
	       memcmp(zmq_msg_data(a), zmq_msg_data(b), zmq_msg_size(a)) == 0;
}

/* Chain frame @index to its producer, so that all of a producer's receipts
 * go into one message. @id is taken over or closed. */
static void chain_frame(struct sdg_intake *in, zmq_msg_t *id, uint16_t index)
{
	uint16_t *bucket = &in->buckets[id_bucket(id)];
	struct origin *origin;
	uint16_t at;

	in->next[index] = NOBODY;
	for (at = *bucket; at != NOBODY; at = in->origins[at].bucket_next) {
		origin = &in->origins[at];
		if (!same_id(&origin->id, id))
			continue;
		in->next[origin->last] = index;
		origin->last = index;
		zmq_msg_close(id);
		return;
	}
	at = (uint16_t)in->origin_count++;
	origin = &in->origins[at];
	zmq_msg_init(&origin->id);
	zmq_msg_move(&origin->id, id);
	zmq_msg_close(id);
	origin->first = origin->last = index;
	origin->bucket_next = *bucket;
	*bucket = at;
}

/* With keys everybody has a User-Id. It stands with the payload: libzmq
 * 4.3.4 loses it on the first frame of a message. */
static const char *name_of(const struct sdg_receiver *r, zmq_msg_t *payload)
{
	return r->zap == NULL ? BUS_LOCAL : zmq_msg_gets(payload, "User-Id");
}

/* @name lives as long as the payload, wherever that is moved. */
static void take_frame(struct sdg_intake *in, zmq_msg_t *id, zmq_msg_t *payload,
		       const char *name)
{
	uint16_t index = (uint16_t)in->frame_count++;
	struct sdg_frame *frame = &in->frames[index];
	const uint8_t *bytes;

	zmq_msg_init(&in->payloads[index]);
	zmq_msg_move(&in->payloads[index], payload);
	bytes = zmq_msg_data(&in->payloads[index]);
	*frame = (struct sdg_frame){
		.data = bytes + 1,
		.len = zmq_msg_size(&in->payloads[index]) - 1,
		.outcome = SDG_OUTCOME_NONE,
		.client = strcmp(name, BUS_LOCAL) == 0 ? NULL : name,
	};
	sdg_frame_digest(bytes, frame->len + 1, frame->digest);
	in->bytes += frame->len;
	chain_frame(in, id, index);
}

static bool is_event(zmq_msg_t *payload)
{
	return zmq_msg_size(payload) > 0 && !zmq_msg_more(payload) &&
	       *(const uint8_t *)zmq_msg_data(payload) == BUS_EVENT;
}

/* One message: 1 taken or dropped, 0 none there, or a negative code. */
static int receive_one(struct sdg_receiver *r, struct sdg_intake *in,
		       struct sdg_error *err)
{
	zmq_msg_t id, payload;
	const char *name;
	int rc = 1;

	zmq_msg_init(&id);
	zmq_msg_init(&payload);
	if (zmq_msg_recv(&id, r->socket, ZMQ_DONTWAIT) < 0) {
		rc = errno == EAGAIN || errno == EINTR
			 ? 0
			 : sdg_fail(err, SDG_EIO, "receive: %s",
				    zmq_strerror(errno));
		goto out;
	}
	while (zmq_msg_recv(&payload, r->socket, 0) < 0) {
		if (errno == EINTR)
			continue;
		rc = sdg_fail(err, SDG_EIO, "receive: %s", zmq_strerror(errno));
		goto out;
	}
	name = name_of(r, &payload);
	if (name != NULL && is_event(&payload)) {
		take_frame(in, &id, &payload, name);
		goto out;
	}
	r->counts.refused++;
	if (zmq_msg_more(&payload))
		bus_drain(r->socket);
out:
	zmq_msg_close(&id);
	zmq_msg_close(&payload);
	return rc;
}

static void empty(struct sdg_intake *in)
{
	size_t i;

	for (i = 0; i < in->origin_count; i++) {
		in->buckets[id_bucket(&in->origins[i].id)] = NOBODY;
		zmq_msg_close(&in->origins[i].id);
	}
	for (i = 0; i < in->frame_count; i++)
		zmq_msg_close(&in->payloads[i]);
	in->origin_count = in->frame_count = 0;
	in->bytes = 0;
}

struct sdg_intake *sdg_intake_new(void)
{
	struct sdg_intake *in = calloc(1, sizeof(*in));

	if (in != NULL)
		memset(in->buckets, 0xff, sizeof(in->buckets));
	return in;
}

void sdg_intake_free(struct sdg_intake *in)
{
	if (in != NULL)
		empty(in);
	free(in);
}

struct sdg_frame *sdg_intake_frames(struct sdg_intake *in, size_t *n)
{
	*n = in->frame_count;
	return in->frames;
}

static bool has_room(const struct sdg_receiver *r, const struct sdg_intake *in)
{
	return in->frame_count < r->limit && in->bytes < SDG_BATCH_BYTES;
}

/* For a message, if one can be taken, or for @fd. */
static int wait_for_either(struct sdg_receiver *r, bool messages, int fd,
			   int timeout_ms, struct sdg_error *err)
{
	zmq_pollitem_t items[2] = {
		{ .fd = fd, .events = ZMQ_POLLIN },
		{ .socket = r->socket, .events = ZMQ_POLLIN },
	};
	int first = fd < 0, last = messages ? 2 : 1;
	int rc = zmq_poll(items + first, last - first, timeout_ms);

	if (rc < 0 && errno != EINTR)
		return sdg_fail(err, SDG_EIO, "wait for events: %s",
				zmq_strerror(errno));
	if (rc <= 0 && r->pending == 0) { /* silence */
		r->limit = SDG_BATCH_MAX;
		r->full_run = 0;
	}
	return 0;
}

int sdg_receiver_collect(struct sdg_receiver *r, struct sdg_intake *in, int fd,
			 int timeout_ms, struct sdg_error *err)
{
	/* Refused messages must not hold a batch up for ever. */
	size_t tries = 2 * (size_t)SDG_BATCH_MAX, before = in->frame_count;
	int rc;

	rc = wait_for_either(r, has_room(r, in), fd, timeout_ms, err);
	if (rc < 0)
		return rc;
	rc = 1;
	while (rc == 1 && has_room(r, in) && tries-- > 0)
		rc = receive_one(r, in, err);
	r->pending += in->frame_count - before;
	return rc < 0 ? rc : 0;
}

/* -------------------------------------------------------------- the answer */

static size_t gather_receipts(struct sdg_receiver *r,
			      const struct sdg_intake *in,
			      const struct origin *origin)
{
	const struct sdg_frame *frame;
	struct sdg_receipt *receipt;
	uint16_t at;
	size_t n = 0;

	for (at = origin->first; at != NOBODY; at = in->next[at]) {
		frame = &in->frames[at];
		if (frame->outcome == SDG_OUTCOME_NONE)
			continue;
		receipt = &r->receipts[n++];
		receipt->outcome = frame->outcome;
		receipt->reason = frame->reason;
		receipt->reason.len = sdg_text_cut(
		    frame->reason.s, frame->reason.len, BUS_REASON_MAX);
		memcpy(receipt->digest, frame->digest, sizeof(frame->digest));
	}
	return n;
}

static int answer(struct sdg_receiver *r, const struct sdg_intake *in,
		  struct origin *origin, struct sdg_error *err)
{
	size_t n = gather_receipts(r, in, origin), len;
	zmq_msg_t id, body;
	uint8_t *bytes;
	int rc;

	if (n == 0)
		return 0;
	rc = sdg_receipts_encode(r->receipts, n, &bytes, &len, err);
	if (rc < 0)
		return rc;
	if (zmq_msg_init_size(&body, len + 1) < 0) {
		free(bytes);
		return sdg_fail(err, SDG_ENOMEM, "answer a producer");
	}
	*(uint8_t *)zmq_msg_data(&body) = BUS_RECEIPTS;
	memcpy((uint8_t *)zmq_msg_data(&body) + 1, bytes, len);
	free(bytes);
	zmq_msg_init(&id);
	zmq_msg_copy(&id, &origin->id);
	/* Gone, or not reading: it will ask again, and be told "duplicate". */
	if (bus_msg_send(&id, r->socket, ZMQ_SNDMORE) < 0 ||
	    bus_msg_send(&body, r->socket, 0) < 0)
		r->counts.unanswered += n;
	zmq_msg_close(&id);
	zmq_msg_close(&body);
	return 0;
}

/*
 * A batch that takes most of a producer's window leaves it little to send
 * until the receipts, and us little to do until it has sent: the two wait in
 * turns. So when a batch is through and what came meanwhile is less, batches
 * become half of both, until one part of the window is stored, one waits, and
 * what is left is under way. Where there is more they soon grow again: a disk
 * that is slow wants large ones.
 */
static void set_limit(struct sdg_receiver *r, size_t n)
{
	size_t meanwhile = r->pending - n;

	if (n >= LIMIT_MIN && meanwhile < n - n / 4) {
		size_t half = (n + meanwhile + 1) / 2;

		r->limit = half > LIMIT_MIN ? half : LIMIT_MIN;
		r->full_run = 0;
		return;
	}
	r->full_run = meanwhile >= r->limit ? r->full_run + 1 : 0;
	if (r->full_run < LIMIT_RETRY)
		return;
	r->full_run = 0;
	r->limit += r->limit / 3;
	if (r->limit > SDG_BATCH_MAX)
		r->limit = SDG_BATCH_MAX;
}

int sdg_receiver_acknowledge(struct sdg_receiver *r, struct sdg_intake *in,
			     struct sdg_error *err)
{
	size_t i;
	int rc = 0;

	for (i = 0; rc == 0 && i < in->origin_count; i++)
		rc = answer(r, in, &in->origins[i], err);
	set_limit(r, in->frame_count);
	r->pending -= in->frame_count;
	empty(in);
	return rc;
}

void sdg_receiver_close(struct sdg_receiver *r)
{
	if (r == NULL)
		return;
	/* Still under the lock, so that it is ours to remove. */
	if (r->socket != NULL)
		unlink(r->path);
	bus_socket_close(r->socket, LAST_RECEIPTS_MS);
	bus_zap_close(r->zap);
	if (r->lock_fd >= 0)
		close(r->lock_fd);
	free(r);
}
