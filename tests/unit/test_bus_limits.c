/*
 * test_bus_limits: the ends of what sender and receiver take: numbers out of
 * range, folders full of other things, and two workers that are busy, silent
 * and lost by turns. The workers here are bare sockets,
 * so that each answer comes when the test says.
 */
#include "bus_fake.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include <zmq.h>

#include <soundings/home.h>
#include <soundings/sealed.h>

#include "bus_internal.h"

static struct tally tally;

/* ----------------------------------------------------------- out of range */

static void no_sender(const struct sdg_sender_options *options)
{
	struct sdg_sender *sender;
	struct sdg_error err;

	assert_fails(sdg_sender_open(options, &sender, &err), SDG_EINVAL, err);
}

static void test_bus_sender_refuses_what_cannot_be(void **state)
{
	struct sdg_sender_options options = { .window = 65537,
					      .run_dir = fake_folder,
					      .receipt = tally_receipt };
	char many[65 * 24 + 1] = "", *at = many, deep[SDG_PATH_MAX + 8];

	(void)state;
	no_sender(&options);
	options.window = 1;
	options.receipt = NULL;
	no_sender(&options);
	options.receipt = tally_receipt;
	memset(deep, 'd', sizeof(deep) - 1);
	deep[sizeof(deep) - 1] = '\0';
	options.run_dir = deep;
	no_sender(&options);
	options.run_dir = "";
	no_sender(&options);
	options.run_dir = NULL;
	memcpy(deep, "tcp://127.0.0.1:", 16);
	options.endpoints = deep;
	no_sender(&options);
	for (int i = 0; i < 65; i++)
		at += sprintf(at, "tcp://127.0.0.1:%d ", 20000 + i);
	options.endpoints = many;
	no_sender(&options);
	sdg_sender_close(NULL);
}

static void no_receiver(struct sdg_receiver_options options, int code)
{
	struct sdg_receiver *receiver;
	struct sdg_error err;

	options.run_dir = fake_folder;
	assert_fails(sdg_receiver_open(&options, &receiver, &err), code, err);
}

static void test_bus_receiver_refuses_what_cannot_be(void **state)
{
	struct sdg_receiver_options options = { .run_dir = fake_folder };
	struct sdg_receiver *first, *second;
	struct sdg_error err;

	(void)state;
	no_receiver((struct sdg_receiver_options){ .first_slot = -1 },
		    SDG_EINVAL);
	no_receiver((struct sdg_receiver_options){ .slot_count = -1 },
		    SDG_EINVAL);
	no_receiver(
	    (struct sdg_receiver_options){ .first_slot = 60, .slot_count = 5 },
	    SDG_EINVAL);
	no_receiver((struct sdg_receiver_options){ .tcp_port = -1 },
		    SDG_EINVAL);
	no_receiver((struct sdg_receiver_options){ .tcp_port = 65536 },
		    SDG_EINVAL);
	assert_ok(sdg_receiver_open(&options, &first, &err), err);
	assert_ok(sdg_receiver_open(&options, &second, &err), err);
	no_receiver((struct sdg_receiver_options){ .slot_count = 2 },
		    SDG_EAGAIN);
	sdg_receiver_close(first);
	sdg_receiver_close(second);
	sdg_receiver_close(NULL);
}

/* --------------------------------------------------------------- the folder */

static void touch(const char *name)
{
	char path[80];
	int fd;

	snprintf(path, sizeof(path), "%s/%s", fake_folder, name);
	fd = open(path, O_CREAT | O_WRONLY, 0600);
	assert_true(fd >= 0);
	close(fd);
}

static void test_bus_only_workers_sockets_are_workers(void **state)
{
	struct fake fake = { 0 };
	struct sdg_sender *sender;

	(void)state;
	touch("worker-x.sock");
	touch("worker--1.sock");
	touch("worker-64.sock");
	touch("worker-7.sock.old");
	touch("other");
	fake_start(&fake, SDG_OUTCOME_COUNTED);
	sender = tally_open(&tally, 1, 0);
	tally_push(sender, 1);
	tally_flush(sender);
	assert_int_equal(sdg_sender_workers(sender), 1);
	sdg_sender_close(sender);
	fake_stop(&fake);
}

/* Turns until @n workers are there. */
static void wait_workers(struct sdg_sender *sender, size_t n)
{
	int64_t deadline = bus_now_ms() + 10000;
	struct sdg_error err;

	while (sdg_sender_workers(sender) != n && bus_now_ms() < deadline) {
		tally_push(sender, 2);
		assert_int_equal(sdg_sender_wait(sender, 50, &err), 0);
	}
	assert_int_equal(sdg_sender_workers(sender), n);
}

static void test_bus_forgets_who_has_gone(void **state)
{
	struct fake lasting = { .tcp_port = 10000 + getpid() * 16 % 20000 };
	struct sdg_sender_options options = { .window = 8,
					      .run_dir = fake_folder,
					      .receipt = tally_receipt,
					      .arg = &tally };
	pid_t going = fake_fork();
	struct sdg_sender *sender;
	struct sdg_error err;
	char named[32], path[80];
	int64_t until;

	(void)state;
	memset(&tally, 0, sizeof(tally));
	fake_start(&lasting, SDG_OUTCOME_COUNTED);
	/* By name, too: it is not in the folder, and stays. */
	snprintf(named, sizeof(named), "tcp://127.0.0.1:%d",
		 lasting.tcp_port + 1);
	options.endpoints = named;
	assert_ok(sdg_sender_open(&options, &sender, &err), err);
	wait_workers(sender, 3);
	/* Its name has gone, it has not. */
	snprintf(path, sizeof(path), "%s/worker-0.sock", fake_folder);
	unlink(path);
	until = bus_now_ms() + 1500;
	while (bus_now_ms() < until) {
		tally_push(sender, 3);
		sdg_sender_wait(sender, 50, &err);
	}
	assert_int_equal(sdg_sender_workers(sender), 3);
	fake_kill(going);
	until = bus_now_ms() + 2500;
	while (bus_now_ms() < until) {
		tally_push(sender, 4);
		sdg_sender_wait(sender, 50, &err);
	}
	assert_int_equal(sdg_sender_workers(sender), 2);
	tally_flush(sender);
	sdg_sender_close(sender);
	fake_stop(&lasting);
}

/* -------------------------------------------------------------- two workers */

struct bare {
	void *router;
	char id[256];
	size_t id_len;
	size_t taken;
	uint8_t digests[16][16];
};

static void bare_open(struct bare *bare, int slot)
{
	char endpoint[BUS_PATH_MAX + 8];

	memset(bare, 0, sizeof(*bare));
	snprintf(endpoint, sizeof(endpoint), "ipc://%s/worker-%d.sock",
		 fake_folder, slot);
	bare->router = bus_socket(ZMQ_ROUTER, -1, 1000, NULL);
	assert_int_equal(zmq_bind(bare->router, endpoint), 0);
}

/* What lies there by now; how many in all. */
static size_t bare_take(struct bare *bare)
{
	uint8_t frame[1024];
	int n;

	while ((n = zmq_recv(bare->router, bare->id, sizeof(bare->id),
			     ZMQ_DONTWAIT)) > 0) {
		bare->id_len = (size_t)n;
		n = zmq_recv(bare->router, frame, sizeof(frame), 0);
		assert_int_equal(n, 601);
		assert_true(bare->taken < 16);
		sdg_frame_digest(frame, (size_t)n,
				 bare->digests[bare->taken++]);
	}
	return bare->taken;
}

static void bare_say(struct bare *bare, size_t which, enum sdg_outcome outcome,
		     const char *reason)
{
	struct sdg_receipt receipt = { .outcome = outcome,
				       .reason = sdg_str(reason) };
	uint8_t *bytes, frame[512] = { BUS_RECEIPTS };
	struct sdg_error err;
	size_t len;

	memcpy(receipt.digest, bare->digests[which], 16);
	assert_ok(sdg_receipts_encode(&receipt, 1, &bytes, &len, &err), err);
	memcpy(frame + 1, bytes, len);
	free(bytes);
	assert_true(
	    zmq_send(bare->router, bare->id, bare->id_len, ZMQ_SNDMORE) >= 0);
	assert_true(zmq_send(bare->router, frame, len + 1, 0) >= 0);
}

/* The sender's turns, until @bare has @n. */
static void until_taken(struct sdg_sender *sender, struct bare *bare, size_t n)
{
	int64_t deadline = bus_now_ms() + 10000;
	struct sdg_error err;

	while (bare_take(bare) < n && bus_now_ms() < deadline)
		assert_int_equal(sdg_sender_wait(sender, 10, &err), 0);
	assert_true(bare->taken >= n);
}

static void turns(struct sdg_sender *sender, int ms)
{
	int64_t until = bus_now_ms() + ms;
	struct sdg_error err;

	while (bus_now_ms() < until)
		assert_int_equal(sdg_sender_wait(sender, 10, &err), 0);
}

/* Two workers, both connected; event 1 lies with *a, which is preferred. */
static struct sdg_sender *two(struct bare workers[2], int resend_ms,
			      struct bare **a, struct bare **b)
{
	struct sdg_sender *sender;
	int64_t deadline = bus_now_ms() + 10000;

	bare_open(&workers[0], 0);
	bare_open(&workers[1], 1);
	sender = tally_open(&tally, 8, resend_ms);
	tally_push(sender, 1);
	while (sdg_sender_workers(sender) < 2 && bus_now_ms() < deadline)
		turns(sender, 20);
	while (bare_take(&workers[0]) + bare_take(&workers[1]) < 1 &&
	       bus_now_ms() < deadline)
		turns(sender, 20);
	*a = &workers[workers[0].taken == 0];
	*b = &workers[workers[0].taken != 0];
	assert_int_equal((*a)->taken, 1);
	return sender;
}

static void test_bus_busy_worker_is_left_for_another(void **state)
{
	struct bare workers[2], *a, *b;
	struct sdg_sender *sender = two(workers, 60000, &a, &b);

	(void)state;
	tally_push(sender, 2);
	until_taken(sender, a, 2);
	bare_say(a, 0, SDG_OUTCOME_BUSY, NULL);
	bare_say(a, 0, SDG_OUTCOME_BUSY, NULL); /* said twice is said once */
	turns(sender, 100);
	tally_push(sender, 3);
	until_taken(sender, b, 1);
	/* Busy, too, and not the one that is preferred by now. */
	bare_say(a, 1, SDG_OUTCOME_BUSY, NULL);
	until_taken(sender, b, 3);
	tally_push(sender, 4);
	until_taken(sender, b, 4);
	assert_int_equal(tally.receipts, 0);
	/* Lost, with what it had: that goes to the first. */
	bus_socket_close(b->router, 0);
	until_taken(sender, a, 6);
	for (size_t i = 2; i < 6; i++)
		bare_say(a, i, SDG_OUTCOME_COUNTED, NULL);
	tally_flush(sender);
	for (size_t i = 1; i <= 4; i++)
		assert_int_equal(tally.seen[i], 1);
	sdg_sender_close(sender);
	bus_socket_close(a->router, 0);
}

/* One of two is lost: only what it had is taken back. */
static void test_bus_lost_worker_loses_its_own_alone(void **state)
{
	struct bare workers[2], *a, *b;
	struct sdg_sender *sender = two(workers, 60000, &a, &b);
	struct sdg_error err;

	(void)state;
	tally_push(sender, 2);
	until_taken(sender, a, 2);
	bare_say(a, 0, SDG_OUTCOME_BUSY, NULL);
	until_taken(sender, b, 1);
	bus_socket_close(b->router, 0);
	until_taken(sender, a, 3); /* the first again; the second is there */
	turns(sender, 200);
	assert_int_equal(bare_take(a), 3);
	assert_memory_equal(a->digests[2], a->digests[0], 16);
	/* Given up with one busy: both are the caller's. */
	bare_say(a, 2, SDG_OUTCOME_BUSY, NULL);
	assert_fails(sdg_sender_flush(sender, 100, &err), SDG_EAGAIN, err);
	assert_int_equal(tally.outcomes[SDG_OUTCOME_NONE], 2);
	sdg_sender_close(sender);
	bus_socket_close(a->router, 0);
}

/* Overdue at one that is not preferred any more; then two at once. */
static void test_bus_overdue_goes_to_another(void **state)
{
	struct bare workers[2], *a, *b;
	struct sdg_sender *sender = two(workers, 400, &a, &b);

	(void)state;
	tally_push(sender, 2);
	until_taken(sender, a, 2);
	bare_say(a, 0, SDG_OUTCOME_BUSY, NULL); /* now b is preferred */
	until_taken(sender, b, 2);              /* and has both, in the end */
	until_taken(sender, a, 4);              /* which it does not answer */
	bare_say(a, 2, SDG_OUTCOME_COUNTED, NULL);
	bare_say(a, 3, SDG_OUTCOME_COUNTED, NULL);
	tally_flush(sender);
	assert_int_equal(tally.seen[1] + tally.seen[2], 2);
	sdg_sender_close(sender);
	bus_socket_close(a->router, 0);
	bus_socket_close(b->router, 0);
}

static void test_bus_refused_is_given_back_with_its_reason(void **state)
{
	struct bare workers[2], *a, *b;
	struct sdg_sender *sender = two(workers, 60000, &a, &b);
	struct sdg_error err;

	(void)state;
	bare_say(a, 0, SDG_OUTCOME_REFUSED, "this key may not send mail");
	turns(sender, 100);
	assert_int_equal(tally.outcomes[SDG_OUTCOME_NONE], 1);
	assert_fails(sdg_sender_flush(sender, 1000, &err), SDG_EAGAIN, err);
	assert_string_equal(err.message, "refused: this key may not send mail");
	assert_int_equal(sdg_sender_flush(sender, 1000, &err), 0);
	tally_push(sender, 2);
	until_taken(sender, a, 2);
	bare_say(a, 1, SDG_OUTCOME_NONE, NULL); /* says nothing */
	bare_say(a, 1, SDG_OUTCOME_REFUSED, NULL);
	turns(sender, 100);
	assert_int_equal(tally.outcomes[SDG_OUTCOME_NONE], 2);
	/* Nothing waits: nothing is waited for. A time that has passed. */
	assert_int_equal(sdg_sender_wait(sender, 60000, &err), 0);
	tally_push(sender, 3);
	assert_int_equal(sdg_sender_wait(sender, -5, &err), 0);
	until_taken(sender, a, 3);
	bare_say(a, 2, SDG_OUTCOME_BUSY, NULL);
	turns(sender, 50);
	sdg_sender_close(sender); /* with one that waits */
	bus_socket_close(a->router, 0);
	bus_socket_close(b->router, 0);
}

/* The only one is lost: what it had waits, and is given up in the end. */
static void test_bus_nobody_left_is_said(void **state)
{
	struct bare worker;
	struct sdg_sender *sender;
	struct sdg_error err;
	char path[80];

	(void)state;
	bare_open(&worker, 0);
	sender = tally_open(&tally, 4, 60000);
	tally_push(sender, 1);
	until_taken(sender, &worker, 1);
	bus_socket_close(worker.router, 0);
	snprintf(path, sizeof(path), "%s/worker-0.sock", fake_folder);
	unlink(path);
	turns(sender, 200);
	assert_int_equal(sdg_sender_pending(sender), 1);
	assert_fails(sdg_sender_flush(sender, 50, &err), SDG_EAGAIN, err);
	assert_int_equal(tally.outcomes[SDG_OUTCOME_NONE], 1);
	sdg_sender_close(sender);
}

/* Sealed, an event may be longer. */
static void test_bus_sealed_event_may_be_longer(void **state)
{
	static uint8_t event[SDG_SEALED_MAX + 1] = "SDGSEAL1";
	struct fake fake = { 0 };
	struct sdg_sender *sender;
	struct sdg_error err;

	(void)state;
	fake_start(&fake, SDG_OUTCOME_COUNTED);
	sender = tally_open(&tally, 1, 0);
	assert_ok(
	    sdg_sender_push(sender, event, SDG_SEALED_MAX, NULL, 10000, &err),
	    err);
	tally_flush(sender);
	assert_fails(sdg_sender_push(sender, event, SDG_SEALED_MAX + 1, NULL,
				     10000, &err),
		     SDG_EINVAL, err);
	assert_int_equal(tally.outcomes[SDG_OUTCOME_COUNTED], 1);
	sdg_sender_close(sender);
	fake_stop(&fake);
}

/* A window that is full and a time that has passed already. */
static void test_bus_no_time_is_no_waiting(void **state)
{
	struct bare worker;
	struct sdg_sender *sender;
	struct sdg_error err;

	(void)state;
	bare_open(&worker, 0);
	sender = tally_open(&tally, 1, 60000);
	tally_push(sender, 1);
	assert_fails(
	    sdg_sender_push(sender, (const uint8_t *)"e", 1, NULL, -5, &err),
	    SDG_EAGAIN, err);
	assert_fails(sdg_sender_flush(sender, -5, &err), SDG_EAGAIN, err);
	sdg_sender_close(sender);
	bus_socket_close(worker.router, 0);
}

#define BUS_TEST(name)                                                         \
	cmocka_unit_test_setup_teardown(name, fake_setup, fake_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		BUS_TEST(test_bus_sender_refuses_what_cannot_be),
		BUS_TEST(test_bus_receiver_refuses_what_cannot_be),
		BUS_TEST(test_bus_only_workers_sockets_are_workers),
		BUS_TEST(test_bus_forgets_who_has_gone),
		BUS_TEST(test_bus_busy_worker_is_left_for_another),
		BUS_TEST(test_bus_lost_worker_loses_its_own_alone),
		BUS_TEST(test_bus_overdue_goes_to_another),
		BUS_TEST(test_bus_refused_is_given_back_with_its_reason),
		BUS_TEST(test_bus_nobody_left_is_said),
		BUS_TEST(test_bus_sealed_event_may_be_longer),
		BUS_TEST(test_bus_no_time_is_no_waiting),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
