/* Answers are put in the order of their times, in bounded memory. */
#include "test.h"

#include "survey_order.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define EVENTS 20000
#define EVENT_SIZE 100
/* With what malloc and the heap take, a few hundred at a time. */
#define HELD 65536

struct came {
	int64_t said[EVENTS];
	uintptr_t cookie[EVENTS];
	size_t count, stop_at;
};

static int take(void *arg, const uint8_t *event, size_t len, void *cookie)
{
	struct came *came = arg;

	if (came->count == came->stop_at)
		return 7;
	assert_int_equal(len, EVENT_SIZE);
	memcpy(&came->said[came->count], event, sizeof(int64_t));
	came->cookie[came->count++] = (uintptr_t)cookie;
	return 0;
}

static struct order *begin(size_t bytes, struct came *came)
{
	struct order *order = NULL;

	memset(came, 0, sizeof(*came));
	came->stop_at = SIZE_MAX;
	assert_int_equal(order_open(bytes, take, came, &order, NULL), 0);
	return order;
}

static int add(struct order *order, int64_t said, uintptr_t cookie)
{
	uint8_t event[EVENT_SIZE] = { 0 };

	memcpy(event, &said, sizeof(said));
	return order_add(order, said, event, sizeof(event), (void *)cookie,
			 NULL);
}

static size_t count_runs(const struct came *came)
{
	size_t runs = 1;

	for (size_t i = 1; i < came->count; i++)
		runs += came->said[i] < came->said[i - 1];
	return runs;
}

static struct came came; /* large for a stack */

static void test_random_times_come_in_long_runs(void **state)
{
	struct order *order = begin(HELD, &came);
	static bool seen[EVENTS + 1];
	uint32_t x = 1;

	(void)state;
	for (uintptr_t i = 1; i <= EVENTS; i++) {
		x = x * 1664525 + 1013904223;
		assert_int_equal(add(order, x >> 8, i), 0);
	}
	assert_in_range(came.count, EVENTS / 2, EVENTS - 200);
	assert_int_equal(order_drain(order), 0);
	assert_int_equal(came.count, EVENTS);
	for (size_t i = 0; i < EVENTS; i++) {
		assert_false(seen[came.cookie[i]]);
		seen[came.cookie[i]] = true;
	}
	/* About 400 are held, so that runs are about 800 long. */
	assert_in_range(count_runs(&came), 10, 40);
	order_close(order);
}

static void test_what_fits_comes_sorted(void **state)
{
	struct order *order = begin(EVENTS * 1000, &came);

	(void)state;
	for (uintptr_t i = 1; i <= EVENTS; i++)
		assert_int_equal(add(order, EVENTS - (int64_t)i / 2, i), 0);
	assert_int_equal(came.count, 0);
	assert_int_equal(order_drain(order), 0);
	assert_int_equal(count_runs(&came), 1);
	/* Of one time, what came first goes first. */
	for (size_t i = 1; i < EVENTS; i++)
		assert_true(came.said[i] > came.said[i - 1] ||
			    came.cookie[i] > came.cookie[i - 1]);
	order_close(order);
}

static void test_order_is_kept_where_there_is_one(void **state)
{
	struct order *order = begin(HELD, &came);

	(void)state;
	for (uintptr_t i = 1; i <= EVENTS; i++)
		assert_int_equal(add(order, (int64_t)i, i), 0);
	assert_int_equal(order_drain(order), 0);
	for (size_t i = 0; i < EVENTS; i++)
		assert_int_equal(came.cookie[i], i + 1);
	order_close(order);
}

static void test_none_held_passes_on_at_once(void **state)
{
	struct order *order = begin(0, &came);

	(void)state;
	assert_int_equal(add(order, 9, 1), 0);
	assert_int_equal(add(order, 3, 2), 0);
	assert_int_equal(came.count, 2);
	assert_int_equal(came.cookie[1], 2);
	order_close(order);
}

static void test_a_refusal_stops_it(void **state)
{
	struct order *order = begin(HELD, &came);
	int rc = 0;

	(void)state;
	came.stop_at = 3;
	for (uintptr_t i = 1; rc == 0 && i <= EVENTS; i++)
		rc = add(order, (int64_t)i, i);
	assert_int_equal(rc, 7);
	assert_int_equal(came.count, 3);
	order_close(order); /* with the rest in it */
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_random_times_come_in_long_runs),
		cmocka_unit_test(test_what_fits_comes_sorted),
		cmocka_unit_test(test_order_is_kept_where_there_is_one),
		cmocka_unit_test(test_none_held_passes_on_at_once),
		cmocka_unit_test(test_a_refusal_stops_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
