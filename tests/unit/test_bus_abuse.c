#include "bus_fake.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>
#include <zmq.h>

#include <soundings/sealed.h>

#include "bus_internal.h"

static struct tally tally;

/* ------------------------------------------------------------------- abuse */

static void send_parts(void *socket, const char *const *parts, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		assert_true(zmq_send(socket, parts[i], strlen(parts[i]),
				     i + 1 < n ? ZMQ_SNDMORE : 0) >= 0);
}

static void test_bus_refuses_what_is_no_event(void **state)
{
	static const char *const two[] = { "Eevent", "more" };
	static const char *const other[] = { "Xevent" };
	static const char *const empty[] = { "" };
	struct fake fake = { 0 };
	struct sdg_sender *sender;
	char endpoint[BUS_PATH_MAX + 8];
	void *socket;
	int i;

	(void)state;
	fake_start(&fake, SDG_OUTCOME_COUNTED);
	sender = tally_open(&tally, 1, 0);
	tally_push(sender, 1);
	tally_flush(sender);
	snprintf(endpoint, sizeof(endpoint), "ipc://%s/worker-0.sock",
		 fake_folder);
	socket = bus_socket(ZMQ_DEALER, -1, 100000, NULL);
	assert_int_equal(zmq_connect(socket, endpoint), 0);
	send_parts(socket, two, 2);
	send_parts(socket, other, 1);
	send_parts(socket, empty, 1);
	for (i = 0; i < 20000; i++)
		assert_true(zmq_send(socket, "E", 1, ZMQ_SNDMORE) >= 0);
	assert_true(zmq_send(socket, "E", 1, 0) >= 0);
	for (i = 2; i < 200; i++)
		tally_push(sender, (size_t)i);
	tally_flush(sender);
	while (fake.refused < 4)
		usleep(1000);
	assert_int_equal(fake.refused, 4);
	assert_int_equal(fake.received, 199);
	bus_socket_close(socket, 0);
	sdg_sender_close(sender);
	fake_stop(&fake);
}

static void test_bus_too_long_a_frame_ends_its_sender_alone(void **state)
{
	static uint8_t event[SDG_SEALED_MAX + 2] = "E";
	char endpoint[BUS_PATH_MAX + 8];
	struct fake fake = { 0 };
	struct sdg_sender *sender;
	struct sdg_error err;
	void *socket;

	(void)state;
	fake_start(&fake, SDG_OUTCOME_COUNTED);
	sender = tally_open(&tally, 1, 0);
	assert_ok(
	    sdg_sender_push(sender, event, SDG_EVENT_MAX, NULL, 10000, &err),
	    err);
	tally_flush(sender);
	assert_fails(sdg_sender_push(sender, event, SDG_EVENT_MAX + 1, NULL,
				     10000, &err),
		     SDG_EINVAL, err);
	snprintf(endpoint, sizeof(endpoint), "ipc://%s/worker-0.sock",
		 fake_folder);
	socket = bus_socket(ZMQ_DEALER, -1, 1000, NULL);
	assert_int_equal(zmq_connect(socket, endpoint), 0);
	assert_true(zmq_send(socket, event, sizeof(event), 0) >= 0);
	tally_push(sender, 2);
	tally_flush(sender);
	assert_int_equal(fake.received, 2);
	bus_socket_close(socket, 0);
	sdg_sender_close(sender);
	fake_stop(&fake);
}

/* The length that begins an old peer's greeting, which has no signature. */
static void greet_as_of_old(void)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	/* Less than libzmq waits for any greeting's end. */
	struct timeval patience = { .tv_sec = 4 };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	char answered[64];
	ssize_t n;

	assert_true(fd >= 0);
	snprintf(address.sun_path, sizeof(address.sun_path), "%s/worker-0.sock",
		 fake_folder);
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
	assert_int_equal(
	    connect(fd, (struct sockaddr *)&address, sizeof(address)), 0);
	assert_int_equal(send(fd, "\x05", 1, MSG_NOSIGNAL), 1);
	do
		n = recv(fd, answered, sizeof(answered), 0);
	while (n > 0);
	assert_true(n == 0 || errno == ECONNRESET);
	close(fd);
}

/* libzmq would let it name itself, and end the process when the socket is
 * closed before it has. */
static void test_bus_turns_old_peers_away(void **state)
{
	struct fake fake = { 0 };
	struct sdg_sender *sender;

	(void)state;
	fake_start(&fake, SDG_OUTCOME_COUNTED);
	greet_as_of_old();
	sender = tally_open(&tally, 1, 0);
	tally_push(sender, 1);
	tally_flush(sender);
	assert_int_equal(fake.received, 1);
	sdg_sender_close(sender);
	fake_stop(&fake);
}

/* --------------------------------------------------------------- endpoints */

static void test_bus_tcp_on_loopback(void **state)
{
	struct fake fake = { .tcp_port = 10000 + getpid() * 16 % 20000 };
	struct sdg_sender_options options = { .window = 8,
					      .receipt = tally_receipt,
					      .arg = &tally };
	struct sdg_sender *sender;
	struct sdg_error err;
	char endpoints[64];

	(void)state;
	memset(&tally, 0, sizeof(tally));
	fake_start(&fake, SDG_OUTCOME_COUNTED);
	snprintf(endpoints, sizeof(endpoints), " tcp://127.0.0.1:%d ",
		 fake.tcp_port);
	options.endpoints = endpoints;
	assert_ok(sdg_sender_open(&options, &sender, &err), err);
	tally_push(sender, 9);
	tally_flush(sender);
	assert_int_equal(tally.seen[9], 1);
	sdg_sender_close(sender);
	fake_stop(&fake);
}

static void test_bus_refuses_endpoints_it_cannot_trust(void **state)
{
	struct sdg_sender_options options = { .window = 1,
					      .receipt = tally_receipt,
					      .endpoints =
						  "tcp://192.0.2.1:5500" };
	struct sdg_receiver_options worker = { .run_dir = "@abstract" };
	struct sdg_receiver *receiver;
	struct sdg_sender *sender;
	struct sdg_error err;
	char deep[200];

	(void)state;
	assert_fails(sdg_sender_open(&options, &sender, &err), SDG_EINVAL, err);
	assert_string_equal(err.message,
			    "endpoint \"tcp://192.0.2.1:5500\" is not on this "
			    "machine: that wants keys");
	options.endpoints = "ipc://@abstract";
	assert_fails(sdg_sender_open(&options, &sender, &err), SDG_EINVAL, err);
	options.endpoints = "tcp://127.0.0.1:0;192.0.2.1:5500";
	assert_fails(sdg_sender_open(&options, &sender, &err), SDG_EINVAL, err);
	options.endpoints = NULL;
	assert_fails(sdg_sender_open(&options, &sender, &err), SDG_EINVAL, err);
	memset(deep, 'd', sizeof(deep) - 1);
	deep[0] = '/';
	deep[sizeof(deep) - 1] = '\0';
	options.run_dir = deep;
	assert_fails(sdg_sender_open(&options, &sender, &err), SDG_EINVAL, err);
	options.run_dir = fake_folder;
	options.window = 0;
	assert_fails(sdg_sender_open(&options, &sender, &err), SDG_EINVAL, err);
	assert_int_not_equal(sdg_receiver_open(&worker, &receiver, &err), 0);
	worker.run_dir = deep;
	assert_int_not_equal(sdg_receiver_open(&worker, &receiver, &err), 0);
}

/* ----------------------------------------------------------- false workers */

static void answer(void *router, const char *id, size_t id_len,
		   const void *bytes, size_t len, int more)
{
	assert_true(zmq_send(router, id, id_len, ZMQ_SNDMORE) >= 0);
	assert_true(zmq_send(router, bytes, len, more) >= 0);
	if (more)
		assert_true(zmq_send(router, "more", 4, 0) >= 0);
}

static void answer_receipt(void *router, const char *id, size_t id_len,
			   const uint8_t digest[16], enum sdg_outcome outcome)
{
	struct sdg_receipt receipt = { .outcome = outcome };
	uint8_t *bytes, frame[512] = { BUS_RECEIPTS };
	struct sdg_error err;
	size_t len;

	memcpy(receipt.digest, digest, 16);
	assert_ok(sdg_receipts_encode(&receipt, 1, &bytes, &len, &err), err);
	memcpy(frame + 1, bytes, len);
	free(bytes);
	answer(router, id, id_len, frame, len + 1, 0);
}

static void test_bus_believes_no_receipt_but_its_own(void **state)
{
	char endpoint[BUS_PATH_MAX + 8], id[256];
	uint8_t frame[1024], digest[16], other[16] = { 1, 2, 3 };
	struct sdg_sender *sender;
	struct sdg_error err;
	int id_len, len, wait = 10000;
	void *router;

	(void)state;
	snprintf(endpoint, sizeof(endpoint), "ipc://%s/worker-0.sock",
		 fake_folder);
	router = bus_socket(ZMQ_ROUTER, -1, 1000, NULL);
	bus_set_int(router, ZMQ_RCVTIMEO, wait);
	assert_int_equal(zmq_bind(router, endpoint), 0);
	sender = tally_open(&tally, 4, 60000);
	tally_push(sender, 1);
	id_len = zmq_recv(router, id, sizeof(id), 0);
	assert_true(id_len > 0);
	len = zmq_recv(router, frame, sizeof(frame), 0);
	assert_int_equal(len, 601);
	sdg_frame_digest(frame, (size_t)len, digest);

	/* Of another event, of no event, cut, split, of another kind. */
	answer_receipt(router, id, (size_t)id_len, other, SDG_OUTCOME_COUNTED);
	answer(router, id, (size_t)id_len, "A\xff\xff\xff", 4, 0);
	answer(router, id, (size_t)id_len, "A", 1, 0);
	answer(router, id, (size_t)id_len, "", 0, 0);
	answer(router, id, (size_t)id_len, "Xyz", 3, 0);
	answer(router, id, (size_t)id_len, "A", 1, ZMQ_SNDMORE);
	assert_int_equal(sdg_sender_push(sender, frame, 0, NULL, 200, &err), 0);
	assert_int_equal(tally.receipts, 0);
	assert_int_equal(sdg_sender_pending(sender), 2);

	/* Its own, and the same once more. */
	answer_receipt(router, id, (size_t)id_len, digest,
		       SDG_OUTCOME_DUPLICATE);
	answer_receipt(router, id, (size_t)id_len, digest, SDG_OUTCOME_COUNTED);
	assert_int_equal(sdg_sender_flush(sender, 500, &err), SDG_EAGAIN);
	assert_int_equal(tally.outcomes[SDG_OUTCOME_DUPLICATE], 1);
	assert_int_equal(tally.outcomes[SDG_OUTCOME_COUNTED], 0);
	assert_int_equal(tally.outcomes[SDG_OUTCOME_NONE], 1);
	assert_int_equal(tally.seen[1], 1);
	sdg_sender_close(sender);
	bus_socket_close(router, 0);
}

#define BUS_TEST(name)                                                         \
	cmocka_unit_test_setup_teardown(name, fake_setup, fake_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		BUS_TEST(test_bus_refuses_what_is_no_event),
		BUS_TEST(test_bus_too_long_a_frame_ends_its_sender_alone),
		BUS_TEST(test_bus_turns_old_peers_away),
		BUS_TEST(test_bus_believes_no_receipt_but_its_own),
		BUS_TEST(test_bus_tcp_on_loopback),
		BUS_TEST(test_bus_refuses_endpoints_it_cannot_trust),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
