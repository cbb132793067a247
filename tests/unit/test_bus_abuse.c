#include "bus_fake.h"

#include <stdio.h>
#include <unistd.h>
#include <zmq.h>

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
	static uint8_t event[SDG_EVENT_MAX + 2] = "E";
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

/* --------------------------------------------------------------- endpoints */

static void test_bus_tcp_on_loopback(void **state)
{
	struct fake fake = { .tcp_port = 20000 + getpid() % 20000 };
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

#define BUS_TEST(name)                                                         \
	cmocka_unit_test_setup_teardown(name, fake_setup, fake_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		BUS_TEST(test_bus_refuses_what_is_no_event),
		BUS_TEST(test_bus_too_long_a_frame_ends_its_sender_alone),
		BUS_TEST(test_bus_tcp_on_loopback),
		BUS_TEST(test_bus_refuses_endpoints_it_cannot_trust),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
