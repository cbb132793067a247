#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "cli.h"

static void test_dates_known_days(void **state)
{
	char out[DATE_SIZE];

	(void)state;
	assert_int_equal(date_from_civil(1970, 1, 1), 0);
	assert_int_equal(date_from_civil(2000, 2, 29), 11016);
	assert_int_equal(date_from_civil(2015, 3, 31), 16525);
	assert_string_equal(date_format(16525, out), "2015-03-31");
	assert_string_equal(date_format(-1, out), "1969-12-31");
	assert_string_equal(date_format(INT32_MAX, out), "?");
	assert_string_equal(date_format_month(2015 * 12 + 2, out), "2015-03");
}

static void test_dates_every_day_comes_back(void **state)
{
	(void)state;
	for (int32_t day = -1000; day < 60000; day++) {
		int y, m, d;

		date_to_civil(day, &y, &m, &d);
		assert_int_equal(date_from_civil(y, m, d), day);
	}
}

static void test_dates_times_before_1970_floor(void **state)
{
	char out[DATE_SIZE];

	(void)state;
	assert_int_equal(date_day_of(-1), -1);
	assert_int_equal(date_day_of(86399), 0);
	assert_string_equal(date_format_time(1427789700, out),
			    "2015-03-31 08:15");
	assert_string_equal(date_format_time(0, out), "-");
	assert_string_equal(date_format_iso(1427789701, out),
			    "2015-03-31T08:15:01Z");
}

static void test_dates_parse_covers_day_month_year(void **state)
{
	int32_t first, past;

	(void)state;
	assert_int_equal(date_parse("2015-03-31", &first, &past), 0);
	assert_int_equal(first, 16525);
	assert_int_equal(past, 16526);
	assert_int_equal(date_parse("2016-02", &first, &past), 0);
	assert_int_equal(past - first, 29);
	assert_int_equal(date_parse("2015", &first, &past), 0);
	assert_int_equal(past - first, 365);
	assert_int_equal(date_parse("2015-12", &first, &past), 0);
	assert_int_equal(past, date_from_civil(2016, 1, 1));
}

static void test_dates_parse_refuses_others(void **state)
{
	static const char *const BAD[] = {
		"",           "15-03-31",   "2015-13",    "2015-00",
		"2015-02-29", "2015-3-1",   "2015/03/31", "2015-03-31x",
		"march",      "2015-03-00", "201503",     "1969",
	};
	int32_t first, past;

	(void)state;
	for (size_t i = 0; i < sizeof(BAD) / sizeof(*BAD); i++)
		assert_int_equal(date_parse(BAD[i], &first, &past), -1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_dates_known_days),
		cmocka_unit_test(test_dates_every_day_comes_back),
		cmocka_unit_test(test_dates_times_before_1970_floor),
		cmocka_unit_test(test_dates_parse_covers_day_month_year),
		cmocka_unit_test(test_dates_parse_refuses_others),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
