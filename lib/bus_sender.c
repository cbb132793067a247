/*
 * bus_sender: a producer's end. It keeps a window of events without receipt,
 * gives them to one worker while that one answers, and to another when not.
 *
 * An event leaves the window (bus_window.h) only by a receipt, or when the
 * caller's patience ends in sdg_sender_flush(). One worker is preferred rather
 * than all served in turn: two writers of one store only take turns, and half
 * the batch costs the same commit.
 */
#include "bus_internal.h"
#include "bus_window.h"

#include <errno.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zmq.h>

#include <soundings/clients.h>
#include <soundings/sealed.h>

#define RESEND_MS 2000
/* A connection that broke is seen by looking, not by an event. */
#define LOOK_MS 50
#define BUSY_MS 250
/* Receipts are looked for at every so many pushes while there is room. */
#define PUSHES_A_LOOK 32
#define WINDOW_MAX 65536
#define RECEIPT_ARENA (1024 * 1024)

struct sdg_sender {
	struct sdg_sender_options options;
	struct sdg_curve_key key; /* its own copy, when there is one */
	struct bus_peers peers;
	struct bus_window window;
	size_t resent;
	size_t pushes;
	uint64_t progress;                /* receipts so far */
	char refusal[BUS_REASON_MAX + 1]; /* the last one's reason */
	int64_t next_look;
	struct sdg_arena *arena;
	struct sdg_receipt receipts[SDG_BATCH_MAX];
};

/* ---------------------------------------------------------------- workers */

static void drop_entry(struct sdg_sender *s, struct bus_entry *entry)
{
	if (entry->peer != BUS_NO_PEER)
		s->peers.at[entry->peer].unanswered--;
	bus_window_drop(&s->window, entry);
}

static void make_wait(struct sdg_sender *s, struct bus_entry *entry,
		      int64_t not_before)
{
	s->peers.at[entry->peer].unanswered--;
	bus_window_wait(&s->window, entry, not_before);
}

/* What lay in the pipe of a lost connection has gone with it. */
static void take_back(struct sdg_sender *s, int peer)
{
	struct bus_entry *entry, *next;

	for (entry = s->window.sent.first; entry != NULL; entry = next) {
		next = entry->next;
		if (entry->peer == peer)
			make_wait(s, entry, 0);
	}
}

static void look_at_workers(struct sdg_sender *s)
{
	struct bus_peer *peer;
	int i;

	s->next_look = bus_now_ms() + LOOK_MS;
	bus_peers_listen(&s->peers);
	for (i = 0; i < SDG_SLOT_MAX; i++) {
		peer = &s->peers.at[i];
		if (peer->socket == NULL)
			continue;
		peer->connected = bus_peer_is_there(peer);
		if ((peer->lost || !peer->connected) && peer->unanswered > 0)
			take_back(s, i);
		peer->lost = false;
	}
}

/* --------------------------------------------------------------- delivery */

/* Give a waiting entry to a worker; false when none takes it now. */
static bool dispatch(struct sdg_sender *s, struct bus_entry *entry, int64_t now)
{
	zmq_msg_t copy;
	int at;

	while ((at = bus_peers_choose(&s->peers, false)) != BUS_NO_PEER) {
		zmq_msg_init(&copy);
		zmq_msg_copy(&copy, &entry->frame); /* shares the bytes */
		if (bus_msg_send(&copy, s->peers.at[at].socket, 0) >= 0)
			break;
		zmq_msg_close(&copy);
		s->peers.at[at].connected = false;
		take_back(s, at);
	}
	if (at == BUS_NO_PEER)
		return false;
	bus_window_sent(&s->window, entry, at, now);
	s->peers.at[at].unanswered++;
	if (entry->sends++ > 0)
		s->resent++;
	return true;
}

static void dispatch_waiting(struct sdg_sender *s, int64_t now)
{
	struct bus_entry *entry, *next;

	for (entry = s->window.waiting.first; entry != NULL; entry = next) {
		next = entry->next;
		if (entry->when <= now && !dispatch(s, entry, now))
			return;
	}
}

/* No receipt in time: the worker may be stopped, or the receipt lost. */
static void retry_overdue(struct sdg_sender *s, int64_t now)
{
	bool turned = false;
	struct bus_entry *entry;

	while ((entry = s->window.sent.first) != NULL &&
	       now - entry->when >= s->options.resend_ms) {
		if (!turned && entry->peer == s->peers.preferred)
			bus_peers_choose(&s->peers, true);
		turned = true;
		make_wait(s, entry, 0);
	}
}

static void give_back_refused(struct sdg_sender *s, void *cookie,
			      struct sdg_str reason)
{
	snprintf(s->refusal, sizeof(s->refusal), "%.*s", SDG_STR_ARG(reason));
	s->options.receipt(s->options.arg, cookie, SDG_OUTCOME_NONE, reason);
}

static void take_receipt(struct sdg_sender *s,
			 const struct sdg_receipt *receipt, int64_t now)
{
	struct bus_entry *entry = bus_window_find(&s->window, receipt->digest);
	void *cookie;

	/* Not ours any more: it was sent twice and answered already. */
	if (entry == NULL)
		return;
	if (receipt->outcome == SDG_OUTCOME_BUSY) {
		if (entry->peer != BUS_NO_PEER) {
			if (entry->peer == s->peers.preferred)
				bus_peers_choose(&s->peers, true);
			make_wait(s, entry, now + BUSY_MS);
		}
		return;
	}
	cookie = entry->cookie;
	drop_entry(s, entry);
	s->progress++;
	/* To the caller it is as good as never sent: still theirs to keep. */
	if (receipt->outcome == SDG_OUTCOME_REFUSED) {
		give_back_refused(s, cookie, receipt->reason);
		return;
	}
	s->options.receipt(s->options.arg, cookie, receipt->outcome,
			   receipt->reason);
}

static void take_answer(struct sdg_sender *s, zmq_msg_t *answer)
{
	const uint8_t *bytes = zmq_msg_data(answer);
	size_t len = zmq_msg_size(answer), n = 0, i;
	int64_t now = bus_now_ms();

	if (len == 0 || bytes[0] != BUS_RECEIPTS)
		return;
	sdg_arena_reset(s->arena);
	/* What cannot be read is as good as lost: the events go again. */
	if (sdg_receipts_decode(bytes + 1, len - 1, s->arena, s->receipts,
				SDG_BATCH_MAX, &n, NULL) < 0)
		return;
	for (i = 0; i < n; i++)
		take_receipt(s, &s->receipts[i], now);
}

static void receive_answers(struct sdg_sender *s, struct bus_peer *peer)
{
	zmq_msg_t answer;

	for (;;) {
		zmq_msg_init(&answer);
		if (zmq_msg_recv(&answer, peer->socket, ZMQ_DONTWAIT) < 0)
			return;
		if (zmq_msg_more(&answer))
			bus_drain(peer->socket);
		else
			take_answer(s, &answer);
		zmq_msg_close(&answer);
	}
}

/* What can be waited for: receipts, and, when events wait, a worker. */
static int poll_workers(struct sdg_sender *s, int wait_ms,
			struct sdg_error *err)
{
	zmq_pollitem_t items[SDG_SLOT_MAX];
	int owner[SDG_SLOT_MAX], n = 0, i, rc;

	for (i = 0; i < SDG_SLOT_MAX; i++) {
		if (s->peers.at[i].socket == NULL)
			continue;
		items[n] = (zmq_pollitem_t){ .socket = s->peers.at[i].socket,
					     .events = ZMQ_POLLIN };
		/* Not of one that is there: it would wake us at once. */
		if (!s->peers.at[i].connected)
			items[n].events |= ZMQ_POLLOUT;
		owner[n++] = i;
	}
	rc = zmq_poll(items, n, wait_ms);
	if (rc < 0 && errno != EINTR)
		return sdg_fail(err, SDG_EIO, "wait for receipts: %s",
				zmq_strerror(errno));
	for (i = 0; rc > 0 && i < n; i++) {
		if (items[i].revents & ZMQ_POLLOUT)
			s->peers.at[owner[i]].connected = true;
		if (items[i].revents & ZMQ_POLLIN)
			receive_answers(s, &s->peers.at[owner[i]]);
	}
	return 0;
}

/* One turn: receipts in, lost workers noticed, what is due sent again. */
static int serve(struct sdg_sender *s, int64_t wait_ms, struct sdg_error *err)
{
	int64_t now = bus_now_ms();
	int rc;

	rc = bus_peers_scan(&s->peers, now, err);
	if (rc < 0)
		return rc;
	if (wait_ms > LOOK_MS)
		wait_ms = LOOK_MS;
	rc = poll_workers(s, wait_ms < 0 ? 0 : (int)wait_ms, err);
	if (rc < 0)
		return rc;
	now = bus_now_ms();
	if (now >= s->next_look)
		look_at_workers(s);
	retry_overdue(s, now);
	dispatch_waiting(s, now);
	return 0;
}

/* ------------------------------------------------------------- the caller */

static int check_options(const struct sdg_sender_options *options,
			 struct sdg_error *err)
{
	if (options->window < 1 || options->window > WINDOW_MAX)
		return sdg_fail(err, SDG_EINVAL, "window is 1 to %d events",
				WINDOW_MAX);
	if (options->receipt == NULL)
		return sdg_fail(err, SDG_EINVAL, "nobody to tell of receipts");
	if (options->run_dir == NULL && options->endpoints == NULL)
		return sdg_fail(err, SDG_EINVAL, "no worker named");
	if (options->run_dir != NULL &&
	    strlen(options->run_dir) >= SDG_PATH_MAX)
		return sdg_fail(err, SDG_EINVAL, "path \"%.40s…\" is too long",
				options->run_dir);
	return 0;
}

/* The key given, or this person's own; it may lead to other workers. */
static int take_key(struct sdg_sender *s, struct sdg_error *err)
{
	struct sdg_error none;
	int rc;

	if (s->options.key != NULL) {
		s->key = *s->options.key;
	} else {
		rc = sdg_curve_key_own(&s->key, &none);
		if (rc == SDG_ENOTFOUND)
			return 0;
		if (rc < 0)
			return sdg_fail(err, (enum sdg_code)rc, "%s",
					none.message);
	}
	s->options.key = &s->key;
	if (s->key.workers[0] != '\0' && s->options.endpoints == NULL) {
		s->options.endpoints = s->key.workers;
		s->options.run_dir = NULL;
	}
	return 0;
}

int sdg_sender_open(const struct sdg_sender_options *options,
		    struct sdg_sender **out, struct sdg_error *err)
{
	struct sdg_sender *s;
	int rc;

	rc = check_options(options, err);
	if (rc < 0)
		return rc;
	/* Without it every frame's digest is made by the slow, plain code. */
	if (sodium_init() < 0)
		return sdg_fail(err, SDG_EIO, "start libsodium");
	s = calloc(1, sizeof(*s));
	if (s == NULL)
		return sdg_fail(err, SDG_ENOMEM, "open a way to the workers");
	s->options = *options;
	if (options->resend_ms == 0)
		s->options.resend_ms = RESEND_MS;
	s->arena = sdg_arena_new(RECEIPT_ARENA);
	rc = s->arena ? bus_window_init(&s->window, options->window, err)
		      : sdg_fail(err, SDG_ENOMEM, "make room for %zu events",
				 options->window);
	if (rc == 0)
		rc = take_key(s, err);
	if (rc == 0)
		rc = bus_peers_init(&s->peers, &s->options, err);
	if (rc < 0)
		goto out;
	*out = s;
	s = NULL;
out:
	sdg_sender_close(s);
	return rc;
}

void sdg_sender_close(struct sdg_sender *s)
{
	if (s == NULL)
		return;
	bus_window_fini(&s->window);
	bus_peers_fini(&s->peers);
	sdg_arena_free(s->arena);
	sdg_curve_key_forget(&s->key);
	free(s);
}

static int wait_for_room(struct sdg_sender *s, int timeout_ms,
			 struct sdg_error *err)
{
	int64_t deadline = bus_now_ms() + timeout_ms;
	bool room, worker;
	int rc;

	for (;;) {
		room = s->window.spare != NULL;
		worker = bus_peers_choose(&s->peers, false) != BUS_NO_PEER;
		if (room && worker)
			return 0;
		rc = serve(s, deadline - bus_now_ms(), err);
		if (rc < 0)
			return rc;
		if (s->window.spare != NULL &&
		    bus_peers_choose(&s->peers, false) != BUS_NO_PEER)
			return 0;
		if (bus_now_ms() >= deadline)
			break;
	}
	bus_peers_listen(&s->peers);
	if (!worker && s->peers.refused)
		return sdg_fail(err, SDG_EAGAIN,
				"the workers refuse the key of \"%s\": it is "
				"not authorized, or was revoked",
				s->key.name);
	if (!worker)
		return sdg_fail(err, SDG_EAGAIN, "no worker answers in \"%s\"",
				s->peers.where);
	return sdg_fail(err, SDG_EAGAIN,
			"no worker acknowledged anything in %d ms", timeout_ms);
}

int sdg_sender_push(struct sdg_sender *s, const uint8_t *event, size_t len,
		    void *cookie, int timeout_ms, struct sdg_error *err)
{
	struct bus_entry *entry = NULL;
	int rc;

	if (len > (sdg_is_sealed(event, len) ? SDG_SEALED_MAX : SDG_EVENT_MAX))
		return sdg_fail(err, SDG_EINVAL,
				"event of %zu bytes is too long (%d at most)",
				len, SDG_EVENT_MAX);
	rc = wait_for_room(s, timeout_ms, err);
	if (rc < 0)
		return rc;
	rc = bus_window_add(&s->window, event, len, cookie, &entry, err);
	if (rc < 0)
		return rc;
	dispatch(s, entry, bus_now_ms());
	if (++s->pushes % PUSHES_A_LOOK == 0)
		return serve(s, 0, err);
	return 0;
}

static void give_up(struct sdg_sender *s)
{
	struct bus_entry *entry;
	void *cookie;

	while (s->window.pending > 0) {
		entry = s->window.sent.first != NULL ? s->window.sent.first
						     : s->window.waiting.first;
		cookie = entry->cookie;
		drop_entry(s, entry);
		s->options.receipt(s->options.arg, cookie, SDG_OUTCOME_NONE,
				   (struct sdg_str){ 0 });
	}
}

int sdg_sender_wait(struct sdg_sender *s, int timeout_ms, struct sdg_error *err)
{
	int64_t deadline = bus_now_ms() + timeout_ms;
	uint64_t before = s->progress;
	int rc = 0;

	while (rc == 0 && s->window.pending > 0 && s->progress == before &&
	       bus_now_ms() < deadline)
		rc = serve(s, deadline - bus_now_ms(), err);
	return rc;
}

int sdg_sender_flush(struct sdg_sender *s, int timeout_ms,
		     struct sdg_error *err)
{
	int64_t deadline = bus_now_ms() + timeout_ms;
	uint64_t before = s->progress;
	size_t left;
	int rc;

	while (s->window.pending > 0) {
		rc = serve(s, deadline - bus_now_ms(), err);
		if (rc < 0) {
			give_up(s);
			return rc;
		}
		if (s->progress != before) {
			before = s->progress;
			deadline = bus_now_ms() + timeout_ms;
		} else if (bus_now_ms() >= deadline) {
			break;
		}
	}
	left = s->window.pending;
	if (s->refusal[0] != '\0') {
		give_up(s);
		sdg_fail(err, SDG_EAGAIN, "refused: %s", s->refusal);
		s->refusal[0] = '\0';
		return SDG_EAGAIN;
	}
	if (left == 0)
		return 0;
	give_up(s);
	return sdg_fail(err, SDG_EAGAIN,
			"%zu events were not acknowledged within %d ms", left,
			timeout_ms);
}

size_t sdg_sender_pending(const struct sdg_sender *s)
{
	return s->window.pending;
}

size_t sdg_sender_workers(const struct sdg_sender *s)
{
	return bus_peers_there(&s->peers);
}

size_t sdg_sender_resent(const struct sdg_sender *s)
{
	return s->resent;
}
