/*
 * bus_ask: questions and answers over ZeroMQ. It moves bytes and says whose
 * key they came with; what may be asked is for soundings-reportd to say.
 */
#include "bus_internal.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <zmq.h>

#include <soundings/ask.h>

#define QUESTION 'Q'
#define ANSWER 'R'
#define ANSWER_HEAD 6
#define SLICE_MS 100
#define GREETING_MS 10000 /* an answer takes what it takes; a greeting not */

void sdg_answer_fini(struct sdg_answer *answer)
{
	free(answer->out);
	free(answer->talk);
	*answer = (struct sdg_answer){ 0 };
}

/* ----------------------------------------------------------------- asking */

static int send_question(void *socket, const char *const words[],
			 struct sdg_error *err)
{
	char frame[SDG_ASK_MAX];
	size_t n = 1;

	frame[0] = QUESTION;
	for (size_t i = 0; words[i]; i++) {
		size_t len = strlen(words[i]) + 1;

		if (i == SDG_ASK_WORDS || len > sizeof(frame) - n)
			return sdg_fail(err, SDG_EINVAL,
					"the question is too long");
		memcpy(frame + n, words[i], len);
		n += len;
	}
	if (bus_send(socket, frame, n, ZMQ_DONTWAIT) < 0)
		return sdg_fail(err, SDG_EIO, "ask: %s", zmq_strerror(errno));
	return 0;
}

static char *copy(const uint8_t *bytes, size_t len)
{
	char *text = malloc(len + 1);

	if (text) {
		memcpy(text, bytes, len);
		text[len] = '\0';
	}
	return text;
}

static int take_answer(zmq_msg_t *frame, struct sdg_answer *out,
		       struct sdg_error *err)
{
	const uint8_t *bytes = zmq_msg_data(frame);
	size_t len = zmq_msg_size(frame), n;

	if (len < ANSWER_HEAD || bytes[0] != ANSWER)
		return sdg_fail(err, SDG_EINVAL, "this is no answer");
	n = (size_t)bytes[2] << 24 | (size_t)bytes[3] << 16 |
	    (size_t)bytes[4] << 8 | bytes[5];
	if (n > len - ANSWER_HEAD)
		return sdg_fail(err, SDG_EINVAL, "this is no answer");
	*out = (struct sdg_answer){
		.status = bytes[1],
		.out = copy(bytes + ANSWER_HEAD, n),
		.out_len = n,
		.talk = copy(bytes + ANSWER_HEAD + n, len - ANSWER_HEAD - n),
		.talk_len = len - ANSWER_HEAD - n,
	};
	if (out->out && out->talk)
		return 0;
	sdg_answer_fini(out);
	return sdg_fail(err, SDG_ENOMEM, "no memory for an answer");
}

/* 1 once @item can be read; refusal ends the waiting early, and so does
 * nobody's being there. */
static int wait_answer(zmq_pollitem_t *item, void *monitor, int timeout_ms,
		       const char *endpoint, const struct sdg_curve_key *key,
		       struct sdg_error *err)
{
	int64_t begun = bus_now_ms(), deadline = begun + timeout_ms;
	bool met = false;

	do {
		int rc = zmq_poll(item, 1, SLICE_MS), event;

		if (rc < 0 && errno != EINTR)
			return sdg_fail(err, SDG_EIO, "ask: %s",
					zmq_strerror(errno));
		if (rc > 0)
			return 1;
		event = bus_monitor_next(monitor);
		met |= event == ZMQ_EVENT_HANDSHAKE_SUCCEEDED;
		if (!met && bus_now_ms() - begun > GREETING_MS)
			break;
		if (event == ZMQ_EVENT_HANDSHAKE_FAILED_AUTH)
			return sdg_fail(err, SDG_EAGAIN,
					"\"%s\" refuses the key of \"%s\": it "
					"is not authorized, or was revoked",
					endpoint, key->name);
	} while (bus_now_ms() < deadline);
	return sdg_fail(err, SDG_EAGAIN, "nobody answers at \"%s\"", endpoint);
}

int sdg_ask(const char *endpoint, const struct sdg_curve_key *key,
	    const char *const words[], int timeout_ms, struct sdg_answer *out,
	    struct sdg_error *err)
{
	void *socket = bus_socket(ZMQ_REQ, SDG_ANSWER_MAX, 10, err);
	void *monitor = NULL;
	zmq_pollitem_t item = { .socket = socket, .events = ZMQ_POLLIN };
	zmq_msg_t frame;
	int rc = SDG_EIO;

	if (!socket)
		return SDG_EIO;
	zmq_msg_init(&frame);
	rc = bus_curve_connect(socket, key, err);
	if (rc < 0)
		goto out;
	rc = SDG_EIO;
	monitor = bus_monitor(socket,
			      ZMQ_EVENT_HANDSHAKE_FAILED_AUTH |
				  ZMQ_EVENT_HANDSHAKE_SUCCEEDED,
			      err);
	if (!monitor)
		goto out;
	if (zmq_connect(socket, endpoint) < 0) {
		rc = sdg_fail(err, SDG_EINVAL, "connect to \"%s\": %s",
			      endpoint, zmq_strerror(errno));
		goto out;
	}
	rc = send_question(socket, words, err);
	if (rc == 0)
		rc =
		    wait_answer(&item, monitor, timeout_ms, endpoint, key, err);
	if (rc < 0)
		goto out;
	rc = zmq_msg_recv(&frame, socket, ZMQ_DONTWAIT) < 0
		 ? sdg_fail(err, SDG_EIO, "ask: %s", zmq_strerror(errno))
		 : take_answer(&frame, out, err);
out:
	zmq_msg_close(&frame);
	zmq_socket_monitor(socket, NULL, 0);
	bus_socket_close(monitor, 0);
	bus_socket_close(socket, 0);
	return rc;
}

/* -------------------------------------------------------------- answering */

struct sdg_answerer {
	struct bus_zap *zap;
	void *socket;
	zmq_msg_t frame; /* the question */
	char text[SDG_ASK_MAX];
};

int sdg_answerer_open(const char *keys_dir, const char *endpoint,
		      struct sdg_answerer **out, struct sdg_error *err)
{
	struct sdg_answerer *a = calloc(1, sizeof(*a));
	int rc;

	if (!a)
		return sdg_fail(err, SDG_ENOMEM, "no memory to answer");
	zmq_msg_init(&a->frame);
	rc = bus_zap_open(keys_dir, &a->zap, err);
	if (rc < 0)
		goto out;
	rc = SDG_EIO;
	a->socket = bus_socket(ZMQ_REP, SDG_ASK_MAX, 100, err);
	if (!a->socket)
		goto out;
	rc = bus_curve_serve(a->socket, a->zap, err);
	if (rc < 0)
		goto out;
	if (zmq_bind(a->socket, endpoint) < 0) {
		rc = sdg_fail(err, SDG_EIO, "listen on \"%s\": %s", endpoint,
			      zmq_strerror(errno));
		goto out;
	}
	rc = bus_curve_try(a->socket, a->zap, err);
	if (rc < 0)
		goto out;
	*out = a;
	a = NULL;
out:
	sdg_answerer_close(a);
	return rc;
}

void sdg_answerer_close(struct sdg_answerer *a)
{
	if (!a)
		return;
	zmq_msg_close(&a->frame);
	bus_socket_close(a->socket, SLICE_MS);
	bus_zap_close(a->zap);
	free(a);
}

/* Words into @out; false when it is no question. */
static bool take_question(struct sdg_answerer *a, struct sdg_question *out)
{
	const char *bytes = zmq_msg_data(&a->frame);
	size_t len = zmq_msg_size(&a->frame);

	*out = (struct sdg_question){
		.client = zmq_msg_gets(&a->frame, "User-Id"),
	};
	assert(len <= sizeof(a->text)); /* the socket takes no longer one */
	if (!out->client || len < 2 || bytes[0] != QUESTION ||
	    bytes[len - 1] != '\0')
		return false;
	memcpy(a->text, bytes + 1, len - 1);
	for (size_t at = 0; at < len - 1; at += strlen(a->text + at) + 1) {
		if (out->word_count == SDG_ASK_WORDS)
			return false;
		out->words[out->word_count++] = a->text + at;
	}
	return true;
}

int sdg_answerer_next(struct sdg_answerer *a, int timeout_ms,
		      struct sdg_question *out, struct sdg_error *err)
{
	zmq_pollitem_t item = { .socket = a->socket, .events = ZMQ_POLLIN };
	const struct sdg_answer none = { .status = 64,
					 .out = (char *)"",
					 .talk = (char *)"not a question\n",
					 .talk_len = 15 };
	int rc = zmq_poll(&item, 1, timeout_ms);

	if (rc < 0 && errno != EINTR)
		return sdg_fail(err, SDG_EIO, "wait for questions: %s",
				zmq_strerror(errno));
	if (rc <= 0)
		return 0;
	zmq_msg_close(&a->frame);
	zmq_msg_init(&a->frame);
	if (zmq_msg_recv(&a->frame, a->socket, ZMQ_DONTWAIT) < 0)
		return errno == EAGAIN || errno == EINTR
			   ? 0
			   : sdg_fail(err, SDG_EIO, "receive a question: %s",
				      zmq_strerror(errno));
	if (zmq_msg_more(&a->frame)) {
		bus_drain(a->socket);
	} else if (take_question(a, out)) {
		return 1;
	}
	rc = sdg_answerer_reply(a, &none, err);
	return rc < 0 ? rc : 0;
}

int sdg_answerer_reply(struct sdg_answerer *a, const struct sdg_answer *answer,
		       struct sdg_error *err)
{
	size_t n = answer->out_len;
	zmq_msg_t frame;
	uint8_t *bytes;
	int rc;

	if (zmq_msg_init_size(&frame, ANSWER_HEAD + n + answer->talk_len) < 0)
		return sdg_fail(err, SDG_ENOMEM, "no memory to answer");
	bytes = zmq_msg_data(&frame);
	bytes[0] = ANSWER;
	bytes[1] = (uint8_t)answer->status;
	for (int i = 0; i < 4; i++)
		bytes[2 + i] = (uint8_t)(n >> (24 - 8 * i));
	memcpy(bytes + ANSWER_HEAD, answer->out, n);
	memcpy(bytes + ANSWER_HEAD + n, answer->talk, answer->talk_len);
	rc = bus_msg_send(&frame, a->socket, 0);
	zmq_msg_close(&frame);
	/* Whoever has gone is passed over by the socket itself. */
	if (rc < 0)
		return sdg_fail(err, SDG_EIO, "answer: %s",
				zmq_strerror(errno));
	return 0;
}
