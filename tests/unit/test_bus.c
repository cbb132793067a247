#include "bus_fake.h"

#include <signal.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "bus_internal.h"

static struct tally tally;

static void test_bus_event_gets_its_receipt(void **state)
{
	struct fake fake = { .reason = "not an event" };
	struct sdg_sender *sender;

	(void)state;
	fake_start(&fake, SDG_OUTCOME_QUARANTINED);
	sender = tally_open(&tally, 1, 0);
	tally_push(sender, 7);
	assert_int_equal(sdg_sender_workers(sender), 1);
	tally_flush(sender);
	assert_int_equal(tally.outcomes[SDG_OUTCOME_QUARANTINED], 1);
	assert_int_equal(tally.seen[7], 1);
	assert_string_equal(tally.reason, "not an event");
	sdg_sender_close(sender);
	fake_stop(&fake);
}

static void test_bus_long_reason_is_cut_not_lost(void **state)
{
	struct fake fake = { 0 };
	struct sdg_sender *sender;
	char reason[400];

	(void)state;
	memset(reason, 'r', sizeof(reason) - 1);
	reason[sizeof(reason) - 1] = '\0';
	fake.reason = reason;
	fake_start(&fake, SDG_OUTCOME_QUARANTINED);
	sender = tally_open(&tally, 1024, 0);
	for (size_t i = 0; i < 3000; i++)
		tally_push(sender, i);
	tally_flush(sender);
	assert_int_equal(tally.outcomes[SDG_OUTCOME_QUARANTINED], 3000);
	assert_int_equal(strlen(tally.reason), BUS_REASON_MAX);
	sdg_sender_close(sender);
	fake_stop(&fake);
}

static void test_bus_window_delivers_every_event_once(void **state)
{
	struct fake fake = { 0 };
	struct sdg_sender *sender;
	size_t i;

	(void)state;
	fake_start(&fake, SDG_OUTCOME_COUNTED);
	sender = tally_open(&tally, 1024, 60000);
	for (i = 0; i < 20000; i++) {
		tally_push(sender, i);
		assert_true(sdg_sender_pending(sender) <= 1024);
	}
	tally_flush(sender);
	for (i = 0; i < 20000; i++)
		assert_int_equal(tally.seen[i], 1);
	assert_int_equal(sdg_sender_resent(sender), 0);
	assert_int_equal(fake.received, 20000);
	assert_true(fake.batches < 20000 / 4);
	sdg_sender_close(sender);
	fake_stop(&fake);
}

static void test_bus_equal_events_get_a_receipt_each(void **state)
{
	struct fake fake = { 0 };
	struct sdg_sender *sender;
	struct sdg_error err;
	size_t i;

	(void)state;
	fake_start(&fake, SDG_OUTCOME_COUNTED);
	sender = tally_open(&tally, 16, 0);
	for (i = 0; i < 16; i++)
		assert_ok(sdg_sender_push(sender, (const uint8_t *)"same", 4,
					  (void *)(uintptr_t)i, 10000, &err),
			  err);
	tally_flush(sender);
	for (i = 0; i < 16; i++)
		assert_int_equal(tally.seen[i], 1);
	sdg_sender_close(sender);
	fake_stop(&fake);
}

static void test_bus_each_producer_gets_its_own_receipts(void **state)
{
	enum { PRODUCERS = 12 };
	static struct tally tallies[PRODUCERS];
	struct sdg_sender *senders[PRODUCERS];
	struct fake fake = { 0 };
	size_t i, k;

	(void)state;
	fake_start(&fake, SDG_OUTCOME_COUNTED);
	for (i = 0; i < PRODUCERS; i++)
		senders[i] = tally_open(&tallies[i], 64, 0);
	for (k = 0; k < 50; k++)
		for (i = 0; i < PRODUCERS; i++)
			tally_push(senders[i], i * 100 + k);
	for (i = 0; i < PRODUCERS; i++) {
		tally_flush(senders[i]);
		assert_int_equal(tallies[i].receipts, 50);
		for (k = 0; k < 50; k++)
			assert_int_equal(tallies[i].seen[i * 100 + k], 1);
		sdg_sender_close(senders[i]);
	}
	fake_stop(&fake);
}

/* ------------------------------------------------------------------- slots */

static void test_bus_workers_take_the_first_free_slot(void **state)
{
	struct sdg_receiver_options options = { .run_dir = fake_folder };
	struct sdg_receiver *first, *second, *third;
	char path[BUS_PATH_MAX];
	struct sdg_error err;
	struct stat st;

	(void)state;
	assert_ok(sdg_receiver_open(&options, &first, &err), err);
	assert_ok(sdg_receiver_open(&options, &second, &err), err);
	assert_int_equal(sdg_receiver_slot(first), 0);
	assert_int_equal(sdg_receiver_slot(second), 1);
	assert_ok(bus_slot_path(fake_folder, 0, path, &err), err);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0660);
	options.slot_count = 1;
	assert_fails(sdg_receiver_open(&options, &third, &err), SDG_EAGAIN,
		     err);
	assert_non_null(strstr(err.message, "worker slot 0 in"));
	sdg_receiver_close(first);
	assert_int_equal(stat(path, &st), -1);
	assert_ok(sdg_receiver_open(&options, &third, &err), err);
	assert_int_equal(sdg_receiver_slot(third), 0);
	options.first_slot = SDG_SLOT_MAX;
	assert_fails(sdg_receiver_open(&options, &first, &err), SDG_EINVAL,
		     err);
	sdg_receiver_close(second);
	sdg_receiver_close(third);
}

static void test_bus_worker_takes_over_a_dead_ones_socket(void **state)
{
	pid_t dead = fake_fork();
	struct fake fake = { 0 };
	struct sdg_sender *sender;

	(void)state;
	fake_kill(dead);
	fake_start(&fake, SDG_OUTCOME_COUNTED);
	sender = tally_open(&tally, 1, 0);
	tally_push(sender, 1);
	tally_flush(sender);
	assert_int_equal(sdg_receiver_slot(fake.receiver), 0);
	sdg_sender_close(sender);
	fake_stop(&fake);
}

/* ------------------------------------------------------ workers come and go */

static void test_bus_without_worker_nothing_is_taken(void **state)
{
	struct sdg_sender *sender = tally_open(&tally, 1, 0);
	struct sdg_error err;

	(void)state;
	assert_fails(
	    sdg_sender_push(sender, (const uint8_t *)"e", 1, NULL, 100, &err),
	    SDG_EAGAIN, err);
	assert_non_null(strstr(err.message, "no worker answers in"));
	assert_int_equal(sdg_sender_pending(sender), 0);
	assert_int_equal(tally.receipts, 0);
	sdg_sender_close(sender);
}

static void test_bus_worker_that_comes_later_is_found(void **state)
{
	struct sdg_sender *sender = tally_open(&tally, 1, 0);
	struct fake fake = { 0 };

	(void)state;
	fake_start(&fake, SDG_OUTCOME_COUNTED);
	tally_push(sender, 3); /* waits; nothing was there at open */
	tally_flush(sender);
	assert_int_equal(tally.seen[3], 1);
	sdg_sender_close(sender);
	fake_stop(&fake);
}

static void test_bus_silent_workers_events_go_to_another(void **state)
{
	struct fake silent = { 0 }, honest = { 0 };
	struct sdg_sender *sender;
	size_t i;

	(void)state;
	fake_start(&silent, SDG_OUTCOME_NONE);
	sender = tally_open(&tally, 64, 150);
	for (i = 0; i < 64; i++)
		tally_push(sender, i);
	fake_start(&honest, SDG_OUTCOME_COUNTED);
	tally_flush(sender);
	assert_int_equal(tally.outcomes[SDG_OUTCOME_COUNTED], 64);
	assert_true(sdg_sender_resent(sender) >= 64);
	assert_true(silent.received >= 64);
	sdg_sender_close(sender);
	fake_stop(&silent);
	fake_stop(&honest);
}

static void test_bus_busy_is_asked_again(void **state)
{
	struct fake fake = { 0 };
	struct sdg_sender *sender;
	struct sdg_error err;

	(void)state;
	fake_start(&fake, SDG_OUTCOME_BUSY);
	sender = tally_open(&tally, 4, 0);
	tally_push(sender, 5);
	while (fake.received < 2)
		sdg_sender_push(sender, (const uint8_t *)"other", 5,
				(void *)(uintptr_t)6, 50, &err);
	assert_int_equal(tally.receipts, 0);
	fake.outcome = (int)SDG_OUTCOME_COUNTED;
	tally_flush(sender);
	assert_int_equal(tally.seen[5], 1);
	assert_int_equal(tally.outcomes[SDG_OUTCOME_BUSY], 0);
	sdg_sender_close(sender);
	fake_stop(&fake);
}

static void test_bus_gives_up_by_saying_so(void **state)
{
	struct fake fake = { 0 };
	struct sdg_sender *sender;
	struct sdg_error err;

	(void)state;
	fake_start(&fake, SDG_OUTCOME_NONE);
	sender = tally_open(&tally, 8, 0);
	tally_push(sender, 1);
	tally_push(sender, 2);
	assert_fails(sdg_sender_flush(sender, 200, &err), SDG_EAGAIN, err);
	assert_string_equal(err.message,
			    "2 events were not acknowledged within 200 ms");
	assert_int_equal(tally.outcomes[SDG_OUTCOME_NONE], 2);
	assert_int_equal(tally.seen[1] + tally.seen[2], 2);
	assert_int_equal(sdg_sender_pending(sender), 0);
	sdg_sender_close(sender);
	fake_stop(&fake);
}

static void test_bus_full_window_takes_no_more(void **state)
{
	struct fake fake = { 0 };
	struct sdg_sender *sender;
	struct sdg_error err;

	(void)state;
	fake_start(&fake, SDG_OUTCOME_NONE);
	sender = tally_open(&tally, 1, 0);
	tally_push(sender, 1);
	assert_fails(
	    sdg_sender_push(sender, (const uint8_t *)"e", 1, NULL, 100, &err),
	    SDG_EAGAIN, err);
	assert_string_equal(err.message,
			    "no worker acknowledged anything in 100 ms");
	assert_int_equal(sdg_sender_pending(sender), 1);
	sdg_sender_close(sender);
	fake_stop(&fake);
}

/* Push 200 events from @from on: the first receipt must come within 3 s. */
static void push_in_time(struct sdg_sender *sender, size_t from)
{
	int64_t start = bus_now_ms(), first = 0;
	size_t had = tally.receipts, i;

	for (i = from; i < from + 200; i++) {
		tally_push(sender, i);
		if (first == 0 && tally.receipts > had)
			first = bus_now_ms();
	}
	tally_flush(sender);
	if (first == 0)
		first = bus_now_ms();
	assert_true(first - start < 3000);
	assert_int_equal(tally.receipts, had + 200);
}

/* @signal takes first one worker away, whichever the sender prefers; then
 * the one it must prefer by now, with a newcomer to turn to. */
static void lose_workers(int signal)
{
	pid_t first = fake_fork(), second = fake_fork();
	struct fake newcomer = { 0 };
	struct sdg_sender *sender = tally_open(&tally, 64, 0);

	push_in_time(sender, 0);
	kill(first, signal);
	push_in_time(sender, 1000);
	fake_start(&newcomer, SDG_OUTCOME_COUNTED);
	kill(second, signal);
	push_in_time(sender, 2000);
	assert_int_equal(tally.outcomes[SDG_OUTCOME_COUNTED], 600);
	assert_true(newcomer.received >= 200);
	sdg_sender_close(sender);
	fake_stop(&newcomer);
	fake_kill(first);
	fake_kill(second);
}

static void test_bus_killed_worker_is_replaced_in_time(void **state)
{
	(void)state;
	lose_workers(SIGKILL);
}

static void test_bus_stopped_worker_is_replaced_in_time(void **state)
{
	(void)state;
	lose_workers(SIGSTOP);
}

/* A stopped worker's kernel still takes connections: only the handshake
 * shows that nobody is at home. */
static void test_bus_stopped_worker_is_not_there(void **state)
{
	pid_t worker = fake_fork();
	struct sdg_sender *sender;
	struct sdg_error err;

	(void)state;
	kill(worker, SIGSTOP);
	sender = tally_open(&tally, 1, 0);
	assert_fails(
	    sdg_sender_push(sender, (const uint8_t *)"e", 1, NULL, 300, &err),
	    SDG_EAGAIN, err);
	assert_int_equal(sdg_sender_workers(sender), 0);
	kill(worker, SIGCONT);
	tally_push(sender, 1);
	tally_flush(sender);
	assert_int_equal(tally.seen[1], 1);
	sdg_sender_close(sender);
	fake_kill(worker);
}

#define BUS_TEST(name)                                                         \
	cmocka_unit_test_setup_teardown(name, fake_setup, fake_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		BUS_TEST(test_bus_event_gets_its_receipt),
		BUS_TEST(test_bus_long_reason_is_cut_not_lost),
		BUS_TEST(test_bus_window_delivers_every_event_once),
		BUS_TEST(test_bus_equal_events_get_a_receipt_each),
		BUS_TEST(test_bus_each_producer_gets_its_own_receipts),
		BUS_TEST(test_bus_workers_take_the_first_free_slot),
		BUS_TEST(test_bus_worker_takes_over_a_dead_ones_socket),
		BUS_TEST(test_bus_without_worker_nothing_is_taken),
		BUS_TEST(test_bus_worker_that_comes_later_is_found),
		BUS_TEST(test_bus_silent_workers_events_go_to_another),
		BUS_TEST(test_bus_busy_is_asked_again),
		BUS_TEST(test_bus_gives_up_by_saying_so),
		BUS_TEST(test_bus_full_window_takes_no_more),
		BUS_TEST(test_bus_killed_worker_is_replaced_in_time),
		BUS_TEST(test_bus_stopped_worker_is_replaced_in_time),
		BUS_TEST(test_bus_stopped_worker_is_not_there),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
