/*
 * bus_curve: who may connect. CURVE on sockets, and the ZAP handler that
 * libzmq asks about each new connection.
 *
 * libzmq 4.3.4 fails open in three ways: with no handler bound, with an
 * empty ZAP domain, and with a domain but without option 93 when no handler
 * answers. So the handler is bound before anything else, both are set and
 * read back, and every endpoint is tried with a random key before it is
 * used. ZAP speaks only at the handshake: whether a key is still good is
 * asked again for each event, by the worker.
 */
#include "bus_internal.h"

#include <assert.h>
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>
#include <zmq.h>

#include <soundings/clients.h>

#define ZAP_ENDPOINT "inproc://zeromq.zap.01"
#define ZAP_FRAMES 8
#define ZAP_FRAME_MAX 256
#define LOCAL_DOMAIN "local"
#define REMOTE_DOMAIN "remote"
/* zmq.h hides it behind its draft guard; Debian's library has it. */
#define ENFORCE_DOMAIN 93
#define TRIAL_MS 5000
#define KEY_BYTES 32

struct bus_zap {
	void *socket;
	int stop; /* eventfd */
	bool running;
	pthread_t thread;
	struct sdg_clients *clients;
	struct sdg_curve_key server;
};

/* ------------------------------------------------------- the ZAP handler */

/* One request, as RFC 27 numbers its frames. */
struct request {
	char frames[ZAP_FRAMES][ZAP_FRAME_MAX];
	int lengths[ZAP_FRAMES];
	int count;
	bool sound; /* nothing too long, not too many */
};

enum { VERSION, REQUEST_ID, DOMAIN, ADDRESS, IDENTITY, MECHANISM, CREDENTIALS };

static int receive_request(void *socket, struct request *request)
{
	int more = 1;
	size_t size = sizeof(more);

	*request = (struct request){ .sound = true };
	while (more) {
		char bytes[ZAP_FRAME_MAX];
		int n = zmq_recv(socket, bytes, sizeof(bytes), 0);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -1;
		if (n > ZAP_FRAME_MAX - 1 || request->count == ZAP_FRAMES) {
			request->sound = false;
		} else {
			memcpy(request->frames[request->count], bytes,
			       (size_t)n);
			request->lengths[request->count++] = n;
		}
		if (zmq_getsockopt(socket, ZMQ_RCVMORE, &more, &size) < 0)
			return -1;
	}
	return 0;
}

static bool is(const struct request *request, int frame, const char *word)
{
	return request->lengths[frame] == (int)strlen(word) &&
	       memcmp(request->frames[frame], word, strlen(word)) == 0;
}

/* The User-Id that the connection gets, or NULL: refused. */
static const char *admit(struct bus_zap *zap, const struct request *request,
			 char key[SDG_CURVE_SIZE])
{
	const struct sdg_client *client;

	if (!request->sound || request->count < CREDENTIALS ||
	    !is(request, VERSION, "1.0"))
		return NULL;
	if (is(request, DOMAIN, LOCAL_DOMAIN) && is(request, MECHANISM, "NULL"))
		return BUS_LOCAL;
	if (!is(request, DOMAIN, REMOTE_DOMAIN) ||
	    !is(request, MECHANISM, "CURVE") ||
	    request->count != CREDENTIALS + 1 ||
	    request->lengths[CREDENTIALS] != KEY_BYTES)
		return NULL;
	if (!zmq_z85_encode(key, (const uint8_t *)request->frames[CREDENTIALS],
			    KEY_BYTES))
		return NULL;
	/* A list that cannot be read is empty. */
	sdg_clients_refresh(zap->clients, NULL);
	client = sdg_clients_find(zap->clients, key);
	return client && sdg_client_is_good(client, time(NULL)) ? key : NULL;
}

static int send_text(void *socket, const char *text, int flags)
{
	return bus_send(socket, text, strlen(text), flags);
}

static int reply(void *socket, const struct request *request, const char *user)
{
	if (send_text(socket, "1.0", ZMQ_SNDMORE) < 0 ||
	    bus_send(socket, request->frames[REQUEST_ID],
		     (size_t)request->lengths[REQUEST_ID], ZMQ_SNDMORE) < 0 ||
	    send_text(socket, user ? "200" : "400", ZMQ_SNDMORE) < 0 ||
	    send_text(socket, user ? "OK" : "unknown key", ZMQ_SNDMORE) < 0 ||
	    send_text(socket, user ? user : "", ZMQ_SNDMORE) < 0)
		return -1;
	return send_text(socket, "", 0);
}

static void *answer_requests(void *arg)
{
	struct bus_zap *zap = arg;
	zmq_pollitem_t items[] = {
		{ .socket = zap->socket, .events = ZMQ_POLLIN },
		{ .fd = zap->stop, .events = ZMQ_POLLIN },
	};

	for (;;) {
		char key[SDG_CURVE_SIZE];
		struct request request;

		if (zmq_poll(items, 2, -1) < 0) {
			if (errno == EINTR)
				continue;
			break;
		}
		if (items[1].revents)
			return NULL;
		if (!items[0].revents)
			continue;
		if (receive_request(zap->socket, &request) < 0 ||
		    reply(zap->socket, &request, admit(zap, &request, key)) < 0)
			break;
	}
	/* Without a handler later connections might be let in unasked. */
	abort();
}

static int start_thread(struct bus_zap *zap, struct sdg_error *err)
{
	sigset_t all, before;
	int rc;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	rc = pthread_create(&zap->thread, NULL, answer_requests, zap);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	if (rc != 0)
		return sdg_fail(err, SDG_EIO, "start the keeper of keys: %s",
				strerror(rc));
	zap->running = true;
	return 0;
}

int bus_zap_open(const char *keys_dir, struct bus_zap **out,
		 struct sdg_error *err)
{
	struct bus_zap *zap = calloc(1, sizeof(*zap));
	int rc;

	if (!zap)
		return sdg_fail(err, SDG_ENOMEM, "no memory for keys");
	zap->stop = eventfd(0, EFD_CLOEXEC);
	if (zap->stop < 0) {
		rc = sdg_fail_errno(err, "start the keeper of keys");
		goto out;
	}
	rc = sdg_curve_key_server(keys_dir, &zap->server, err);
	if (rc == 0)
		rc = sdg_clients_open(keys_dir, &zap->clients, err);
	if (rc < 0)
		goto out;
	rc = SDG_EIO;
	zap->socket = bus_socket(ZMQ_REP, ZAP_FRAME_MAX, 1000, err);
	if (!zap->socket)
		goto out;
	if (zmq_bind(zap->socket, ZAP_ENDPOINT) < 0) {
		sdg_fail(err, SDG_EIO, "keep the keys: %s",
			 zmq_strerror(errno));
		goto out;
	}
	rc = start_thread(zap, err);
	if (rc < 0)
		goto out;
	*out = zap;
	zap = NULL;
out:
	bus_zap_close(zap);
	return rc;
}

void bus_zap_close(struct bus_zap *zap)
{
	const uint64_t one = 1;

	if (!zap)
		return;
	if (zap->running) {
		while (write(zap->stop, &one, sizeof(one)) < 0)
			assert(errno == EINTR); /* it has room for more */
		pthread_join(zap->thread, NULL);
	}
	bus_socket_close(zap->socket, 0);
	sdg_clients_close(zap->clients);
	if (zap->stop >= 0)
		close(zap->stop);
	sdg_curve_key_forget(&zap->server);
	free(zap);
}

/* ----------------------------------------------------------- on a socket */

static int set_domain(void *socket, const char *domain, struct sdg_error *err)
{
	char back[16] = "";
	size_t size = sizeof(back);
	int enforce = 0;
	size_t enforce_size = sizeof(enforce);

	if (zmq_setsockopt(socket, ZMQ_ZAP_DOMAIN, domain, strlen(domain)) <
		0 ||
	    zmq_setsockopt(socket, ENFORCE_DOMAIN, &(int){ 1 }, sizeof(int)) <
		0 ||
	    zmq_getsockopt(socket, ZMQ_ZAP_DOMAIN, back, &size) < 0 ||
	    zmq_getsockopt(socket, ENFORCE_DOMAIN, &enforce, &enforce_size) <
		0 ||
	    strcmp(back, domain) != 0 || enforce != 1)
		return sdg_fail(err, SDG_EIO,
				"this libzmq cannot be made to ask for keys");
	return 0;
}

/*~
 * A domain that nobody is asked about lets every present-day peer in, and
 * turns away what speaks ZMTP 1 or 2, as noise seems to: libzmq 4.3.4 ends
 * the process (zmtp_engine.cpp, process_routing_id_msg) when such a one
 * names itself while the socket is being closed.
 */
int bus_refuse_old_peers(void *socket, struct sdg_error *err)
{
	if (zmq_setsockopt(socket, ZMQ_ZAP_DOMAIN, LOCAL_DOMAIN,
			   strlen(LOCAL_DOMAIN)) < 0)
		return sdg_fail(err, SDG_EIO, "name a socket's domain: %s",
				zmq_strerror(errno));
	return 0;
}

int bus_curve_local(void *socket, struct sdg_error *err)
{
	return set_domain(socket, LOCAL_DOMAIN, err);
}

int bus_curve_serve(void *socket, const struct bus_zap *zap,
		    struct sdg_error *err)
{
	int server = 0;
	size_t size = sizeof(server);

	if (zmq_setsockopt(socket, ZMQ_CURVE_SERVER, &(int){ 1 }, sizeof(int)) <
		0 ||
	    zmq_setsockopt(socket, ZMQ_CURVE_SECRETKEY, zap->server.secret_key,
			   SDG_CURVE_SIZE) < 0 ||
	    zmq_getsockopt(socket, ZMQ_CURVE_SERVER, &server, &size) < 0 ||
	    server != 1)
		return sdg_fail(err, SDG_EIO, "this libzmq has no CURVE");
	return set_domain(socket, REMOTE_DOMAIN, err);
}

int bus_curve_connect(void *socket, const struct sdg_curve_key *key,
		      struct sdg_error *err)
{
	if (!key->server[0])
		return sdg_fail(err, SDG_EINVAL,
				"the key of \"%s\" does not say which workers "
				"to trust",
				key->name);
	if (zmq_setsockopt(socket, ZMQ_CURVE_SERVERKEY, key->server,
			   SDG_CURVE_SIZE) < 0 ||
	    zmq_setsockopt(socket, ZMQ_CURVE_PUBLICKEY, key->public_key,
			   SDG_CURVE_SIZE) < 0 ||
	    zmq_setsockopt(socket, ZMQ_CURVE_SECRETKEY, key->secret_key,
			   SDG_CURVE_SIZE) < 0)
		return sdg_fail(err, SDG_EINVAL, "the key of \"%s\" is none",
				key->name);
	return 0;
}

int sdg_curve_key_make(struct sdg_curve_key *out, struct sdg_error *err)
{
	*out = (struct sdg_curve_key){ 0 };
	if (zmq_curve_keypair(out->public_key, out->secret_key) < 0)
		return sdg_fail(err, SDG_EIO, "this libzmq has no CURVE");
	return 0;
}

int sdg_curve_key_bytes(const char *z85, uint8_t out[KEY_BYTES])
{
	return strlen(z85) == SDG_CURVE_SIZE - 1 && zmq_z85_decode(out, z85)
		   ? 0
		   : -1;
}

/* ------------------------------------------------------------- monitoring */

void *bus_monitor(void *socket, int events, struct sdg_error *err)
{
	/* A name is free again only some time after its socket has gone. */
	static atomic_uint number;
	char name[64];
	void *monitor;

	snprintf(name, sizeof(name), "inproc://soundings.monitor-%u",
		 atomic_fetch_add(&number, 1));
	if (zmq_socket_monitor(socket, name, events) < 0) {
		sdg_fail(err, SDG_EIO, "watch a connection: %s",
			 zmq_strerror(errno));
		return NULL;
	}
	monitor = bus_socket(ZMQ_PAIR, -1, 1000, err);
	if (monitor && zmq_connect(monitor, name) < 0) {
		sdg_fail(err, SDG_EIO, "watch a connection: %s",
			 zmq_strerror(errno));
		bus_socket_close(monitor, 0);
		monitor = NULL;
	}
	return monitor;
}

int bus_monitor_next(void *monitor)
{
	uint8_t event[8];
	uint16_t number;

	if (zmq_recv(monitor, event, sizeof(event), ZMQ_DONTWAIT) < 2)
		return 0;
	bus_drain(monitor); /* the address */
	memcpy(&number, event, sizeof(number));
	return number;
}

/* What a wildcard listens on, as one connects to it. (IPv6 is never asked
 * of a socket, so that its wildcard cannot be bound.) */
static void reachable(char *endpoint)
{
	static const char all[] = "tcp://0.0.0.0:", here[] = "tcp://127.0.0.1:";
	char port[8];

	if (strncmp(endpoint, all, strlen(all)) != 0)
		return;
	snprintf(port, sizeof(port), "%.*s", (int)sizeof(port) - 1,
		 endpoint + strlen(all));
	sprintf(endpoint, "%s%s", here, port);
}

static int outcome_of_trial(void *monitor)
{
	int64_t deadline = bus_now_ms() + TRIAL_MS;
	zmq_pollitem_t item = { .socket = monitor, .events = ZMQ_POLLIN };
	int event;

	do {
		int rc = zmq_poll(&item, 1, 100);

		if (rc < 0 && errno != EINTR)
			return 0;
		event = rc > 0 ? bus_monitor_next(monitor) : 0;
	} while (event == 0 && bus_now_ms() < deadline);
	return event;
}

int bus_curve_try(void *server, const struct bus_zap *zap,
		  struct sdg_error *err)
{
	char endpoint[SDG_PATH_MAX];
	size_t size = sizeof(endpoint);
	struct sdg_curve_key nobody;
	void *socket = NULL, *monitor = NULL;
	int rc = SDG_EIO, event;

	if (zmq_getsockopt(server, ZMQ_LAST_ENDPOINT, endpoint, &size) < 0)
		return sdg_fail(err, SDG_EIO, "try a key: %s",
				zmq_strerror(errno));
	reachable(endpoint);
	rc = sdg_curve_key_make(&nobody, err);
	if (rc < 0)
		return rc;
	memcpy(nobody.server, zap->server.public_key, SDG_CURVE_SIZE);
	socket = bus_socket(ZMQ_DEALER, ZAP_FRAME_MAX, 10, err);
	rc = socket ? bus_curve_connect(socket, &nobody, err) : SDG_EIO;
	if (rc < 0)
		goto out;
	rc = SDG_EIO;
	monitor = bus_monitor(socket,
			      ZMQ_EVENT_HANDSHAKE_SUCCEEDED |
				  ZMQ_EVENT_HANDSHAKE_FAILED_AUTH |
				  ZMQ_EVENT_HANDSHAKE_FAILED_PROTOCOL,
			      err);
	if (!monitor)
		goto out;
	if (zmq_connect(socket, endpoint) < 0) {
		sdg_fail(err, SDG_EIO, "try a key on \"%s\": %s", endpoint,
			 zmq_strerror(errno));
		goto out;
	}
	event = outcome_of_trial(monitor);
	if (event == ZMQ_EVENT_HANDSHAKE_FAILED_AUTH)
		rc = 0;
	else
		sdg_fail(err, SDG_EIO,
			 event == ZMQ_EVENT_HANDSHAKE_SUCCEEDED
			     ? "\"%s\" lets in a key that nobody was given"
			     : "\"%s\" does not answer a trial with a key",
			 endpoint);
out:
	if (socket)
		zmq_socket_monitor(socket, NULL, 0);
	bus_socket_close(monitor, 0);
	bus_socket_close(socket, 0);
	sdg_curve_key_forget(&nobody);
	return rc;
}
