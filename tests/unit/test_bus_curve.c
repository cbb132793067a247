/*
 * test_bus_curve: who gets in, over ipc and tcp, with keys asked of all.
 * Everything here runs against the real libzmq: an update of it that fails
 * open in a new way must fail these.
 */
#include "test.h"

#include <soundings/bus.h>
#include <soundings/clients.h>

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include <zmq.h>

#include "bus_internal.h"

static char dir[64];
static char listen[64];
static struct sdg_receiver *receiver;
static struct sdg_intake *intake;
static struct sdg_curve_key good;
static int base_port;

static void client_key(const char *name, struct sdg_curve_key *key)
{
	struct sdg_curve_key server;
	struct sdg_error err = { 0 };

	assert_ok(sdg_curve_key_server(dir, &server, &err), err);
	assert_ok(sdg_curve_key_make(key, &err), err);
	snprintf(key->name, sizeof(key->name), "%s", name);
	memcpy(key->server, server.public_key, sizeof(key->server));
}

static void authorize(const struct sdg_curve_key *key)
{
	struct sdg_error err = { 0 };

	assert_ok(sdg_clients_authorize(dir, key->name, SDG_CLIENT_REP,
					key->public_key, 1, &err),
		  err);
}

static int start(void **state)
{
	struct sdg_receiver_options options = { .curve_ipc = true };
	struct sdg_error err = { 0 };

	(void)state;
	unsetenv("SOUNDINGS_KEY");
	snprintf(dir, sizeof(dir), "/tmp/soundings-test-curve-XXXXXX");
	assert_non_null(mkdtemp(dir));
	setenv("SOUNDINGS_HOME", dir, 1);
	/* Ports of this process's own, while others test, too. */
	base_port = 10000 + (int)(getpid() * 16 % 20000);
	snprintf(listen, sizeof(listen), "tcp://127.0.0.1:%d", base_port);
	client_key("good", &good);
	authorize(&good);
	options.run_dir = options.keys_dir = dir;
	options.listen = listen;
	assert_ok(sdg_receiver_open(&options, &receiver, &err), err);
	intake = sdg_intake_new();
	assert_non_null(intake);
	return 0;
}

static int stop(void **state)
{
	struct dirent *item;
	char path[400];
	DIR *d;

	(void)state;
	sdg_intake_free(intake);
	intake = NULL;
	sdg_receiver_close(receiver);
	receiver = NULL;
	d = opendir(dir);
	while ((item = readdir(d)) != NULL) {
		snprintf(path, sizeof(path), "%s/%s", dir, item->d_name);
		unlink(path);
	}
	closedir(d);
	return rmdir(dir);
}

struct seen {
	enum sdg_outcome outcome;
	int receipts;
};

static void on_receipt(void *arg, void *cookie, enum sdg_outcome outcome,
		       struct sdg_str reason)
{
	struct seen *seen = arg;

	(void)cookie;
	(void)reason;
	seen->outcome = outcome;
	seen->receipts++;
}

static struct sdg_sender *sender_of(const struct sdg_curve_key *key, bool tcp,
				    struct seen *seen)
{
	static char endpoint[128];
	struct sdg_sender_options options = {
		.window = 4, .receipt = on_receipt, .arg = seen, .key = key
	};
	struct sdg_sender *sender = NULL;
	struct sdg_error err = { 0 };

	if (tcp)
		snprintf(endpoint, sizeof(endpoint), "%s", listen);
	else
		snprintf(endpoint, sizeof(endpoint), "ipc://%s/worker-0.sock",
			 dir);
	options.endpoints = endpoint;
	assert_ok(sdg_sender_open(&options, &sender, &err), err);
	return sender;
}

/* What reaches the worker from one push of "x". */
static size_t received(struct sdg_frame **frames)
{
	struct sdg_error err = { 0 };
	size_t n = 0;

	assert_ok(sdg_receiver_collect(receiver, intake, -1, 300, &err), err);
	*frames = sdg_intake_frames(intake, &n);
	return n;
}

static void gets_in(bool tcp)
{
	struct sdg_error err = { 0 };
	struct sdg_frame *frames;
	struct seen seen = { 0 };
	struct sdg_sender *sender = sender_of(&good, tcp, &seen);

	assert_ok(
	    sdg_sender_push(sender, (const uint8_t *)"x", 1, NULL, 5000, &err),
	    err);
	assert_int_equal(received(&frames), 1);
	assert_non_null(frames[0].client);
	assert_string_equal(frames[0].client, good.public_key);
	frames[0].outcome = SDG_OUTCOME_COUNTED;
	assert_ok(sdg_receiver_acknowledge(receiver, intake, &err), err);
	assert_ok(sdg_sender_flush(sender, 5000, &err), err);
	assert_int_equal(seen.outcome, SDG_OUTCOME_COUNTED);
	sdg_sender_close(sender);
}

static void stays_out(const struct sdg_curve_key *key, bool tcp,
		      const char *words)
{
	struct sdg_error err = { 0 };
	struct sdg_frame *frames;
	struct seen seen = { 0 };
	struct sdg_sender *sender = sender_of(key, tcp, &seen);

	assert_fails(
	    sdg_sender_push(sender, (const uint8_t *)"x", 1, NULL, 700, &err),
	    SDG_EAGAIN, err);
	if (!strstr(err.message, words))
		fail_msg("%s", err.message);
	assert_int_equal(received(&frames), 0);
	assert_int_equal(seen.receipts, 0);
	sdg_sender_close(sender);
}

static void test_bus_curve_authorized_key_gets_in_under_its_name(void **state)
{
	(void)state;
	gets_in(false);
	gets_in(true);
}

static void test_bus_curve_unknown_key_stays_out(void **state)
{
	struct sdg_curve_key key;

	(void)state;
	client_key("stranger", &key);
	stays_out(&key, false, "refuse the key of \"stranger\"");
	stays_out(&key, true, "refuse the key of \"stranger\"");
}

static void test_bus_curve_revoked_key_stays_out(void **state)
{
	struct sdg_error err = { 0 };

	(void)state;
	assert_ok(sdg_clients_revoke(dir, "good", 2, &err), err);
	stays_out(&good, false, "revoked");
	stays_out(&good, true, "revoked");
}

static void test_bus_curve_wrong_server_key_goes_nowhere(void **state)
{
	struct sdg_curve_key key = good, other;
	struct sdg_error err = { 0 };

	(void)state;
	assert_ok(sdg_curve_key_make(&other, &err), err);
	memcpy(key.server, other.public_key, sizeof(key.server));
	stays_out(&key, false, "no worker answers");
	stays_out(&key, true, "no worker answers");
}

static void test_bus_curve_plain_client_stays_out(void **state)
{
	(void)state;
	stays_out(NULL, false, "no worker answers");
	stays_out(NULL, true, "no worker answers");
	gets_in(true); /* and does not disturb the others */
}

static void test_bus_curve_second_keeper_is_refused(void **state)
{
	struct sdg_error err = { 0 };
	struct bus_zap *zap;

	(void)state;
	assert_fails(bus_zap_open(dir, &zap, &err), SDG_EIO, err);
}

/* With keys wanted by tcp alone, the guarded socket stays as it was. */
static void test_bus_curve_ipc_without_key_has_no_name(void **state)
{
	struct sdg_receiver_options options = { .run_dir = dir,
						.keys_dir = dir,
						.listen = listen };
	struct sdg_error err = { 0 };
	struct sdg_frame *frames;
	struct seen seen = { 0 };
	struct sdg_sender *sender;

	(void)state;
	sdg_receiver_close(receiver);
	assert_ok(sdg_receiver_open(&options, &receiver, &err), err);
	sender = sender_of(NULL, false, &seen);
	assert_ok(
	    sdg_sender_push(sender, (const uint8_t *)"x", 1, NULL, 5000, &err),
	    err);
	assert_int_equal(received(&frames), 1);
	assert_null(frames[0].client);
	assert_ok(sdg_receiver_acknowledge(receiver, intake, &err), err);
	sdg_sender_close(sender);
	gets_in(true);
	stays_out(NULL, true, "no worker answers");
}

/* --------------------------------------------------- the keeper of keys */

/* What it answers to a request in these frames. */
static void judged(const char *const *frames, size_t n, const char *code)
{
	void *socket = bus_socket(ZMQ_REQ, -1, 10, NULL);
	char reply[8][64] = { "" };
	size_t i;

	bus_set_int(socket, ZMQ_RCVTIMEO, 10000);
	assert_int_equal(zmq_connect(socket, "inproc://zeromq.zap.01"), 0);
	for (i = 0; i < n; i++)
		assert_true(zmq_send(socket, frames[i], strlen(frames[i]),
				     i + 1 < n ? ZMQ_SNDMORE : 0) >= 0);
	for (i = 0; i < 6; i++)
		assert_true(zmq_recv(socket, reply[i], 63, 0) >= 0);
	assert_string_equal(reply[0], "1.0");
	assert_string_equal(reply[2], code);
	if (strcmp(code, "200") != 0)
		assert_string_equal(reply[4], "");
	bus_socket_close(socket, 0);
}

#define JUDGED(code, ...)                                                      \
	judged((const char *const[]){ __VA_ARGS__ },                           \
	       sizeof((const char *const[]){ __VA_ARGS__ }) / sizeof(char *),  \
	       code)

static void test_bus_curve_keeper_refuses_what_it_does_not_know(void **state)
{
	static const char key[] = "12345678901234567890123456789012";
	static char longest[300];

	(void)state;
	memset(longest, 'l', sizeof(longest) - 1);
	JUDGED("200", "1.0", "1", "local", "", "", "NULL");
	JUDGED("400", "1.1", "1", "local", "", "", "NULL");
	JUDGED("400", "1.0", "1", "local", "", "", "PLAIN");
	JUDGED("400", "1.0", "1", "lokal", "", "", "NULL");
	JUDGED("400", "1.0", "1", "", "", "", "NULL");
	JUDGED("400", "1.0", "1", "local");
	JUDGED("400", "1.0", "1", "remote", "", "", "NULL");
	JUDGED("400", "1.0", "1", "remote", "", "", "CURVE");
	JUDGED("400", "1.0", "1", "remote", "", "", "CURVE", "short");
	JUDGED("400", "1.0", "1", "remote", "", "", "CURVE", key);
	JUDGED("400", "1.0", "1", "local", "", longest, "NULL");
	JUDGED("400", "1.0", "1", "local", "", "", "NULL", "", "", "");
	gets_in(true); /* and goes on */
}

/* An endpoint that lets in who has no key is found before it is used: here
 * one that was told to ask nobody, and one that is not there. */
static void test_bus_curve_trial_finds_an_open_door(void **state)
{
	struct sdg_curve_key server;
	struct sdg_error err = { 0 };
	struct bus_zap *zap = NULL;
	char endpoint[64];
	void *door;

	(void)state;
	sdg_receiver_close(receiver);
	receiver = NULL;
	assert_ok(bus_zap_open(dir, &zap, &err), err);
	assert_ok(sdg_curve_key_server(dir, &server, &err), err);
	door = bus_socket(ZMQ_ROUTER, -1, 10, &err);
	bus_set_int(door, ZMQ_CURVE_SERVER, 1);
	bus_set_int(door, 93, 1); /* asks for whole domains alone: of none */
	assert_int_equal(zmq_setsockopt(door, ZMQ_CURVE_SECRETKEY,
					server.secret_key, SDG_CURVE_SIZE),
			 0);
	/* On all addresses, as a service listens. */
	snprintf(endpoint, sizeof(endpoint), "tcp://0.0.0.0:%d", base_port + 3);
	assert_int_equal(zmq_bind(door, endpoint), 0);
	assert_fails(bus_curve_try(door, zap, &err), SDG_EIO, err);
	assert_non_null(strstr(err.message, "lets in a key"));
	assert_int_equal(zmq_unbind(door, endpoint), 0);
	assert_fails(bus_curve_try(door, zap, &err), SDG_EIO, err);
	assert_non_null(strstr(err.message, "does not answer a trial"));
	bus_socket_close(door, 0);
	bus_zap_close(zap);
	bus_zap_close(NULL);
}

static void cannot_listen(const char *where, const char *words)
{
	struct sdg_receiver_options options = { .run_dir = dir,
						.keys_dir = dir,
						.listen = where };
	struct sdg_error err = { 0 };
	struct sdg_receiver *none;

	assert_fails(sdg_receiver_open(&options, &none, &err), SDG_EINVAL, err);
	if (!strstr(err.message, words))
		fail_msg("%s", err.message);
}

static void test_bus_curve_listens_on_addresses_alone(void **state)
{
	char many[400];

	(void)state;
	sdg_receiver_close(receiver);
	receiver = NULL;
	cannot_listen("ipc:///tmp/x:5600", "is not \"tcp://address:port\"");
	cannot_listen("tcp://127.0.0.1", "is not \"tcp://address:port\"");
	cannot_listen("tcp://127.0.0.1:0", "is not \"tcp://address:port\"");
	cannot_listen("tcp://127.0.0.1:56x", "is not \"tcp://address:port\"");
	cannot_listen("tcp://127.0.0.1:65536", "is not \"tcp://");
	cannot_listen("tcp://127.0.0.1:9223372036854775807", "is not \"tcp://");
	snprintf(many, sizeof(many), "tcp://%0300d:5600", 0);
	cannot_listen(many, "is too long");
}

static void test_bus_curve_key_that_names_its_workers(void **state)
{
	struct sdg_sender_options options = { .window = 4,
					      .receipt = on_receipt,
					      .run_dir = "/nowhere" };
	struct seen seen = { 0 };
	struct sdg_curve_key key = good;
	struct sdg_error err = { 0 };
	struct sdg_frame *frames;
	struct sdg_sender *sender;

	(void)state;
	options.arg = &seen;
	options.key = &key;
	snprintf(key.workers, sizeof(key.workers), "%s", listen);
	assert_ok(sdg_sender_open(&options, &sender, &err), err);
	assert_ok(
	    sdg_sender_push(sender, (const uint8_t *)"x", 1, NULL, 5000, &err),
	    err);
	assert_int_equal(received(&frames), 1);
	sdg_sender_close(sender);
	/* Endpoints that were asked for come first. */
	options.endpoints = "tcp://127.0.0.1:1";
	assert_ok(sdg_sender_open(&options, &sender, &err), err);
	assert_fails(
	    sdg_sender_push(sender, (const uint8_t *)"x", 1, NULL, 100, &err),
	    SDG_EAGAIN, err);
	sdg_sender_close(sender);
	/* One that trusts nobody goes nowhere. */
	key.server[0] = '\0';
	assert_fails(sdg_sender_open(&options, &sender, &err), SDG_EINVAL, err);
	assert_int_equal(sdg_curve_key_bytes("short", (uint8_t[32]){ 0 }), -1);
	assert_int_equal(sdg_curve_key_bytes("\"234567890123456789012345678901"
					     "234567890",
					     (uint8_t[32]){ 0 }),
			 -1);
	/* Named and not to be read is no "none". */
	options.key = NULL;
	setenv("SOUNDINGS_KEY", "/nowhere/good.key", 1);
	assert_fails(sdg_sender_open(&options, &sender, &err), SDG_EINVAL, err);
	unsetenv("SOUNDINGS_KEY");
}

#define ONE(test) cmocka_unit_test_setup_teardown(test, start, stop)

int main(void)
{
	const struct CMUnitTest tests[] = {
		ONE(test_bus_curve_authorized_key_gets_in_under_its_name),
		ONE(test_bus_curve_unknown_key_stays_out),
		ONE(test_bus_curve_revoked_key_stays_out),
		ONE(test_bus_curve_wrong_server_key_goes_nowhere),
		ONE(test_bus_curve_plain_client_stays_out),
		ONE(test_bus_curve_second_keeper_is_refused),
		ONE(test_bus_curve_ipc_without_key_has_no_name),
		ONE(test_bus_curve_keeper_refuses_what_it_does_not_know),
		ONE(test_bus_curve_trial_finds_an_open_door),
		ONE(test_bus_curve_listens_on_addresses_alone),
		ONE(test_bus_curve_key_that_names_its_workers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
