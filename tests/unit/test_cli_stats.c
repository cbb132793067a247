#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "stats.h"

#define NEAR(a, b, eps) assert_true(fabs((a) - (b)) < (eps))

/* Newcombe, Statistics in Medicine 17 (1998), table I, method 3. */
static void test_stats_wilson_as_newcombe(void **state)
{
	static const struct {
		uint64_t hits, n;
		double low, high;
	} KNOWN[] = {
		{ 81, 263, 0.2553, 0.3662 },
		{ 15, 148, 0.0624, 0.1605 },
		{ 0, 20, 0.0000, 0.1611 },
		{ 1, 29, 0.0061, 0.1718 },
	};
	double low, high;

	(void)state;
	for (size_t i = 0; i < 4; i++) {
		stats_wilson(KNOWN[i].hits, KNOWN[i].n, &low, &high);
		NEAR(low, KNOWN[i].low, 0.00006);
		NEAR(high, KNOWN[i].high, 0.00006);
	}
	stats_wilson(0, 0, &low, &high);
	assert_true(low == 0 && high == 1);
	stats_wilson(7, 7, &low, &high);
	assert_true(high == 1 && low > 0.6);
}

static void test_stats_trend_sees_a_rise_not_noise(void **state)
{
	const uint64_t rise[] = { 10, 15, 22, 30, 41, 55 };
	const uint64_t fall[] = { 55, 41, 30, 22, 15, 10 };
	const uint64_t flat[] = { 30, 27, 33, 29, 31, 30 };
	const uint64_t spike[] = { 20, 22, 19, 21, 90, 20 };
	const uint64_t few[] = { 0, 2, 5 };
	const double days[] = { 30, 30, 30, 30, 30, 30 };

	(void)state;
	assert_true(stats_trend(rise, days, 6) > 4);
	NEAR(stats_trend(rise, days, 6), -stats_trend(fall, days, 6), 1e-9);
	assert_true(fabs(stats_trend(flat, days, 6)) < 1);
	/* One wild month is no trend. */
	assert_true(fabs(stats_trend(spike, days, 6)) < 1.96);
	assert_true(stats_trend(few, days, 3) == 0);
}

static void test_stats_trend_allows_for_short_periods(void **state)
{
	const uint64_t counts[] = { 30, 30, 30, 10 };
	const double whole[] = { 30, 30, 30, 30 };
	const double partial[] = { 30, 30, 30, 10 };

	(void)state;
	assert_true(stats_trend(counts, whole, 4) < -1);
	NEAR(stats_trend(counts, partial, 4), 0, 1e-9);
}

static void test_stats_change(void **state)
{
	(void)state;
	/* (60 - 50) / sqrt(100 / 4) */
	NEAR(stats_change(40, 1, 60, 1), 2.0, 1e-9);
	assert_true(stats_change(40, 2, 20, 1) == 0);
	assert_true(stats_change(2, 1, 5, 1) == 0);
}

static void test_stats_g2_by_hand(void **state)
{
	(void)state;
	/* 2 (20 ln(20/15) + 10 ln(10/15)) */
	NEAR(stats_g2(20, 100, 10, 100), 3.398, 0.001);
	NEAR(stats_g2(10, 100, 20, 100), -3.398, 0.001);
	NEAR(stats_g2(5, 0, 1, 10), 0, 1e-9);
	/* Chi-square tables: 3.84 is 5 %, 6.63 is 1 %. */
	NEAR(stats_p_of_g2(3.841), 0.05, 0.0001);
	NEAR(stats_p_of_g2(6.635), 0.01, 0.0001);
	NEAR(stats_p_of_z(1.96), 0.05, 0.0001);
}

/* The fifteen p-values of Benjamini and Hochberg (1995), section 4: at
 * 0.05 the first four stand. */
static void test_stats_fdr_as_published(void **state)
{
	const double p[] = { 0.0001, 0.0004, 0.0019, 0.0095, 0.0201,
			     0.0278, 0.0298, 0.0344, 0.0459, 0.3240,
			     0.4262, 0.5719, 0.6528, 0.7590, 1.0000 };

	(void)state;
	NEAR(stats_fdr(p, 15, 0.05), 0.0095, 1e-12);
	assert_true(stats_fdr(p + 9, 6, 0.05) < 0);
	assert_true(stats_fdr(p, 0, 0.05) < 0);
}

static void test_stats_sparkline(void **state)
{
	const uint64_t values[] = { 0, 1, 4, 8 };
	char out[13];

	(void)state;
	stats_sparkline(values, 4, out);
	assert_string_equal(out, "\xe2\x80\xa4\xe2\x96\x82\xe2\x96\x85"
				 "\xe2\x96\x88");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_stats_wilson_as_newcombe),
		cmocka_unit_test(test_stats_trend_sees_a_rise_not_noise),
		cmocka_unit_test(test_stats_trend_allows_for_short_periods),
		cmocka_unit_test(test_stats_change),
		cmocka_unit_test(test_stats_g2_by_hand),
		cmocka_unit_test(test_stats_fdr_as_published),
		cmocka_unit_test(test_stats_sparkline),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
