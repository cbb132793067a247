/*
 * RabbitMQ with publisher confirms: a durable classic queue with persistent
 * messages, and a quorum queue of one node.
 */
#include "peers.h"

#include <amqp.h>
#include <amqp_tcp_socket.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#define CHANNEL 1
#define QUEUE "events"
#define SERVER "/usr/lib/rabbitmq/bin/rabbitmq-server"

struct link {
	amqp_connection_state_t amqp;
	/* Numbers by delivery tag, which count from 1; a ring. */
	uint64_t *sent;
	size_t cap;
	uint64_t last, acked;
};

static void set(const char *name, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
static void set(const char *name, const char *fmt, ...)
{
	char value[256];
	va_list args;

	va_start(args, fmt);
	vsnprintf(value, sizeof(value), fmt, args);
	va_end(args);
	setenv(name, value, 1);
}

/* All its state in the place's folder, all its ports there alone. */
static void serve(const struct place *place)
{
	set("HOME", "%s", place->folder);
	set("RABBITMQ_MNESIA_BASE", "%s", place->folder);
	set("RABBITMQ_LOG_BASE", "%s", place->folder);
	set("RABBITMQ_CONFIG_FILE", "%s/none", place->folder);
	set("RABBITMQ_ENABLED_PLUGINS_FILE", "%s/plugins", place->folder);
	set("RABBITMQ_PID_FILE", "%s/pid", place->folder);
	set("RABBITMQ_NODENAME", "peer%d@localhost", place->port);
	set("RABBITMQ_NODE_IP_ADDRESS", "127.0.0.1");
	set("RABBITMQ_NODE_PORT", "%d", place->port);
	set("RABBITMQ_DIST_PORT", "%d", place->port + 1);
	/* Its name service comes up with it and stays: see clean(). */
	set("ERL_EPMD_PORT", "%d", place->port + 2);
	set("ERL_EPMD_ADDRESS", "127.0.0.1");
	set("ERL_EPMD_RELAXED_COMMAND_CHECK", "1");
	peer_exec(place, (const char *const[]){ SERVER, NULL });
}

static void clean(const struct place *place)
{
	pid_t pid = fault_fork();
	char port[16];

	snprintf(port, sizeof(port), "%d", place->port + 2);
	if (pid == 0) {
		freopen("/dev/null", "w", stdout);
		execlp("epmd", "epmd", "-port", port, "-kill", (char *)NULL);
		_exit(1);
	}
	waitpid(pid, NULL, 0);
}

static bool fine(amqp_rpc_reply_t reply)
{
	return reply.reply_type == AMQP_RESPONSE_NORMAL;
}

static void amqp_close(amqp_connection_state_t amqp)
{
	amqp_destroy_connection(amqp);
}

static amqp_connection_state_t amqp_open(const struct place *place, bool quorum)
{
	amqp_connection_state_t amqp = amqp_new_connection();
	amqp_socket_t *socket = amqp_tcp_socket_new(amqp);
	amqp_table_entry_t entry = {
		.key = amqp_cstring_bytes("x-queue-type"),
		.value = { .kind = AMQP_FIELD_KIND_UTF8,
			   .value.bytes = amqp_cstring_bytes("quorum") },
	};
	amqp_table_t arguments = { quorum ? 1 : 0, &entry };

	if (amqp_socket_open(socket, "127.0.0.1", place->port) !=
		AMQP_STATUS_OK ||
	    !fine(amqp_login(amqp, "/", 0, 131072, 0, AMQP_SASL_METHOD_PLAIN,
			     "guest", "guest")))
		goto fail;
	amqp_channel_open(amqp, CHANNEL);
	if (!fine(amqp_get_rpc_reply(amqp)))
		goto fail;
	amqp_queue_declare(amqp, CHANNEL, amqp_cstring_bytes(QUEUE), 0, 1, 0, 0,
			   arguments);
	if (fine(amqp_get_rpc_reply(amqp)))
		return amqp;
fail:
	amqp_close(amqp);
	return NULL;
}

static void *open_link(const struct place *place, bool quorum)
{
	amqp_connection_state_t amqp = amqp_open(place, quorum);
	struct link *link;

	if (!amqp)
		return NULL;
	amqp_confirm_select(amqp, CHANNEL);
	link = calloc(1, sizeof(*link));
	if (!link || !fine(amqp_get_rpc_reply(amqp)))
		peer_die("rabbitmq does not confirm");
	link->amqp = amqp;
	link->cap = 65536;
	link->sent = calloc(link->cap, sizeof(*link->sent));
	return link;
}

static void *open_durable(const struct place *place)
{
	return open_link(place, false);
}

static void *open_quorum(const struct place *place)
{
	return open_link(place, true);
}

static bool push(void *arg, uint64_t number)
{
	struct link *link = arg;
	amqp_basic_properties_t properties = {
		._flags = AMQP_BASIC_DELIVERY_MODE_FLAG,
		.delivery_mode = 2,
	};
	amqp_bytes_t body = { PEER_EVENT_BYTES,
			      (void *)(uintptr_t)peer_event(number) };

	link->sent[++link->last % link->cap] = number;
	return amqp_basic_publish(link->amqp, CHANNEL, amqp_empty_bytes,
				  amqp_cstring_bytes(QUEUE), 0, 0, &properties,
				  body) == AMQP_STATUS_OK;
}

/* One tag of those un-acked, or all up to it. Alone, tags may come in any
 * order: a number is taken when its tag is named. */
static void take_ack(struct link *link, const amqp_basic_ack_t *ack,
		     peer_found_fn *acked, void *arg)
{
	uint64_t from = ack->multiple ? link->acked + 1 : ack->delivery_tag;

	for (uint64_t tag = from; tag <= ack->delivery_tag; tag++) {
		uint64_t *number = &link->sent[tag % link->cap];

		if (*number != UINT64_MAX)
			acked(arg, *number);
		*number = UINT64_MAX;
	}
	while (link->acked < link->last &&
	       link->sent[(link->acked + 1) % link->cap] == UINT64_MAX)
		link->acked++;
}

static bool acks(void *arg, peer_found_fn *acked, void *cookie)
{
	struct timeval patience = { .tv_sec = PEER_PATIENCE_MS / 1000 };
	struct link *link = arg;
	amqp_frame_t frame;

	amqp_maybe_release_buffers(link->amqp);
	if (amqp_simple_wait_frame_noblock(link->amqp, &frame, &patience) !=
	    AMQP_STATUS_OK)
		return false;
	if (frame.frame_type != AMQP_FRAME_METHOD)
		return true;
	if (frame.payload.method.id == AMQP_BASIC_ACK_METHOD)
		take_ack(link, frame.payload.method.decoded, acked, cookie);
	else if (frame.payload.method.id == AMQP_CONNECTION_CLOSE_METHOD ||
		 frame.payload.method.id == AMQP_CHANNEL_CLOSE_METHOD)
		return false;
	return true;
}

static void close_link(void *arg)
{
	struct link *link = arg;

	amqp_close(link->amqp);
	free(link->sent);
	free(link);
}

/* ---------------------------------------------------------------- reading */

static void begin_consuming(amqp_connection_state_t amqp, bool no_ack)
{
	amqp_basic_qos(amqp, CHANNEL, 0, no_ack ? 0 : 4 * PEER_BATCH, 0);
	amqp_basic_consume(amqp, CHANNEL, amqp_cstring_bytes(QUEUE),
			   amqp_empty_bytes, 0, no_ack, 0, amqp_empty_table);
	if (!fine(amqp_get_rpc_reply(amqp)))
		peer_die("rabbitmq lets nobody consume");
}

/* The next message, in @envelope; false: none within @wait_ms. */
static bool next(amqp_connection_state_t amqp, amqp_envelope_t *envelope,
		 int wait_ms)
{
	struct timeval wait = { .tv_sec = wait_ms / 1000,
				.tv_usec = wait_ms % 1000 * 1000 };

	amqp_maybe_release_buffers(amqp);
	return fine(amqp_consume_message(amqp, envelope, &wait, 0));
}

static bool read_from(amqp_connection_state_t amqp, peer_found_fn *found,
		      void *arg)
{
	amqp_envelope_t envelope;

	if (!amqp)
		return false;
	begin_consuming(amqp, false);
	while (next(amqp, &envelope, 3000)) {
		found(arg, peer_number(envelope.message.body.bytes,
				       envelope.message.body.len));
		amqp_basic_ack(amqp, CHANNEL, envelope.delivery_tag, 0);
		amqp_destroy_envelope(&envelope);
	}
	amqp_close(amqp);
	return true;
}

static bool read_durable(const struct place *place, peer_found_fn *found,
			 void *arg)
{
	return read_from(amqp_open(place, false), found, arg);
}

static bool read_quorum(const struct place *place, peer_found_fn *found,
			void *arg)
{
	return read_from(amqp_open(place, true), found, arg);
}

static uint64_t count_batch(amqp_connection_state_t amqp, struct sink *sink)
{
	amqp_envelope_t envelope;
	uint64_t last = 0, counted;
	int n = 0;

	while (n < PEER_BATCH && next(amqp, &envelope, n ? 0 : 1000)) {
		sink_add(sink, envelope.message.body.bytes,
			 envelope.message.body.len);
		last = envelope.delivery_tag;
		amqp_destroy_envelope(&envelope);
		n++;
	}
	counted = sink_commit(sink);
	if (n > 0)
		amqp_basic_ack(amqp, CHANNEL, last, 1);
	return counted;
}

static void consume_from(amqp_connection_state_t amqp,
			 const struct place *place, uint64_t total,
			 atomic_ullong *counted)
{
	struct sink *sink = sink_open(place->folder);

	if (!amqp)
		peer_die("no way to rabbitmq");
	begin_consuming(amqp, false);
	while (*counted < total)
		*counted = count_batch(amqp, sink);
	amqp_close(amqp);
	sink_close(sink);
}

static void consume_durable(const struct place *place, uint64_t total,
			    atomic_ullong *counted)
{
	consume_from(amqp_open(place, false), place, total, counted);
}

static void consume_quorum(const struct place *place, uint64_t total,
			   atomic_ullong *counted)
{
	consume_from(amqp_open(place, true), place, total, counted);
}

#define RABBIT                                                                 \
	.serve = serve, .clean = clean, .push = push, .acks = acks,            \
	.close = close_link

const struct peer peer_rabbit_durable = {
	.id = "rabbitmq-durable",
	.promise = "persistent in a durable queue, confirmed",
	RABBIT,
	.open = open_durable,
	.read = read_durable,
	.consume = consume_durable,
};
const struct peer peer_rabbit_quorum = {
	.id = "rabbitmq-quorum",
	.promise = "in the log of a quorum queue of one node, confirmed",
	RABBIT,
	.open = open_quorum,
	.read = read_quorum,
	.consume = consume_quorum,
};
