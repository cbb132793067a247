/*
 * Every call of libzmq and every allocation that an exchange makes fails
 * once, one after the other: opening says so, or the event gets its one
 * receipt all the same; nobody waits for ever, and nothing leaks.
 */
#include "test.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include <zmq.h>

#include <soundings/bus.h>
#include <soundings/clients.h>

#include "bus_internal.h"

/* ------------------------------------------------------- what is made fail */

enum { NOTHING, ZMQ, MEMORY };
/* Of this thread alone: libzmq's and the one that judges keys go on. */
static _Thread_local int failing;
static _Thread_local unsigned long fail_at, calls;
static _Thread_local bool failed;

static bool fails(int what)
{
	if (failing != what || ++calls != fail_at)
		return false;
	failed = true;
	errno = ENOMEM;
	return true;
}

#define WRAPPED(type, bad, name, parameters, arguments)                        \
	type __real_##name parameters;                                         \
	type __wrap_##name parameters;                                         \
	type __wrap_##name parameters                                          \
	{                                                                      \
		return fails(ZMQ) ? (bad) : __real_##name arguments;           \
	}
WRAPPED(void *, NULL, zmq_socket, (void *c, int t), (c, t))
WRAPPED(int, -1, zmq_getsockopt, (void *s, int o, void *v, size_t *n),
	(s, o, v, n))
WRAPPED(int, -1, zmq_bind, (void *s, const char *e), (s, e))
WRAPPED(int, -1, zmq_connect, (void *s, const char *e), (s, e))
WRAPPED(int, -1, zmq_socket_monitor, (void *s, const char *e, int m), (s, e, m))
WRAPPED(int, -1, zmq_poll, (zmq_pollitem_t * i, int n, long t), (i, n, t))
WRAPPED(int, -1, zmq_msg_init_size, (zmq_msg_t * m, size_t n), (m, n))
WRAPPED(int, -1, zmq_msg_send, (zmq_msg_t * m, void *s, int f), (m, s, f))
WRAPPED(int, -1, zmq_msg_recv, (zmq_msg_t * m, void *s, int f), (m, s, f))

void *__real_malloc(size_t size);
void *__wrap_malloc(size_t size);
void *__wrap_malloc(size_t size)
{
	return fails(MEMORY) ? NULL : __real_malloc(size);
}

void *__real_calloc(size_t n, size_t size);
void *__wrap_calloc(size_t n, size_t size);
void *__wrap_calloc(size_t n, size_t size)
{
	return fails(MEMORY) ? NULL : __real_calloc(n, size);
}

/* ---------------------------------------------------------------- exchange */

#define PATIENCE_MS 2000

static char dir[64];
static struct sdg_curve_key key;
static int receipts;

static void take_receipt(void *arg, void *cookie, enum sdg_outcome outcome,
			 struct sdg_str reason)
{
	(void)arg;
	(void)cookie;
	(void)reason;
	receipts += outcome == SDG_OUTCOME_COUNTED;
}

static int answer(struct sdg_receiver *receiver, struct sdg_error *err)
{
	struct sdg_frame *frames;
	size_t n;
	int rc;

	rc = sdg_receiver_collect(receiver, 5, &frames, &n, err);
	for (size_t i = 0; rc == 0 && i < n; i++)
		frames[i].outcome = SDG_OUTCOME_COUNTED;
	return rc < 0 ? rc : sdg_receiver_acknowledge(receiver, err);
}

static int exchange(bool keys, struct sdg_error *err)
{
	struct sdg_receiver_options worker = { .run_dir = dir };
	struct sdg_sender_options options = {
		.run_dir = dir,
		.window = 4,
		.receipt = take_receipt,
		.resend_ms = 50,
	};
	struct sdg_receiver *receiver = NULL;
	struct sdg_sender *sender = NULL;
	int64_t deadline = bus_now_ms() + PATIENCE_MS;
	int rc;

	receipts = 0;
	if (keys) {
		worker.keys_dir = dir;
		worker.curve_ipc = true;
		options.key = &key;
	}
	rc = sdg_receiver_open(&worker, &receiver, err);
	if (rc == 0)
		rc = sdg_sender_open(&options, &sender, err);
	if (rc == 0)
		rc = sdg_sender_push(sender, (const uint8_t *)"piece", 5, NULL,
				     PATIENCE_MS, err);
	while (rc == 0 && receipts == 0 && bus_now_ms() < deadline) {
		rc = answer(receiver, err);
		if (rc == 0)
			rc = sdg_sender_wait(sender, 5, err);
	}
	sdg_sender_close(sender);
	sdg_receiver_close(receiver);
	return rc;
}

static unsigned long each_call(int what, bool keys)
{
	struct sdg_error err;
	unsigned long n;
	int rc;

	for (n = 1;; n++) {
		memset(&err, 0, sizeof(err));
		fail_at = n;
		calls = 0;
		failed = false;
		failing = what;
		rc = exchange(keys, &err);
		failing = NOTHING;
		if (!failed)
			break;
		if (rc < 0 ? !err.message[0] : receipts != 1)
			fail_msg("call %lu: %d, %d receipts, \"%s\"", n, rc,
				 receipts, err.message);
		/* It has left nothing that is in the way. */
		failing = NOTHING;
		assert_ok(exchange(keys, &err), err);
		assert_int_equal(receipts, 1);
	}
	assert_ok(rc, err);
	assert_int_equal(receipts, 1);
	print_message("%lu calls failed, one after the other\n", n - 1);
	return n - 1;
}

static int set_up(void **state)
{
	struct sdg_curve_key server;
	struct sdg_error err;

	(void)state;
	unsetenv("SOUNDINGS_KEY");
	snprintf(dir, sizeof(dir), "/tmp/soundings-each-XXXXXX");
	assert_non_null(mkdtemp(dir));
	setenv("SOUNDINGS_HOME", dir, 1);
	assert_ok(sdg_curve_key_server(dir, &server, &err), err);
	assert_ok(sdg_curve_key_make(&key, &err), err);
	snprintf(key.name, sizeof(key.name), "good");
	memcpy(key.server, server.public_key, sizeof(key.server));
	assert_ok(sdg_clients_authorize(dir, key.name, SDG_CLIENT_REP,
					key.public_key, 1, &err),
		  err);
	return 0;
}

static int tear_down(void **state)
{
	char command[96];

	(void)state;
	snprintf(command, sizeof(command), "rm -rf %s", dir);
	return system(command);
}

static void test_bus_each_call_that_fails_is_said_or_mended(void **state)
{
	(void)state;
	assert_true(each_call(ZMQ, false) > 20);
}

static void test_bus_each_call_with_keys(void **state)
{
	(void)state;
	assert_true(each_call(ZMQ, true) > 30);
}

static void test_bus_each_allocation(void **state)
{
	(void)state;
	assert_true(each_call(MEMORY, false) > 5);
	assert_true(each_call(MEMORY, true) > 5);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
		    test_bus_each_call_that_fails_is_said_or_mended, set_up,
		    tear_down),
		cmocka_unit_test_setup_teardown(test_bus_each_call_with_keys,
						set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_bus_each_allocation,
						set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
