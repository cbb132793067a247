/* Tables under the disclosure policy, as soundings-reportd answers a desk. */
#include "test.h"

#include "report.h"

#include <stdlib.h>

#define H MEASURE_HIDDEN

struct piece {
	uint32_t row, col;
	uint64_t members, people, messages, reported;
};

static struct sdg_measures measures(const struct piece *p)
{
	return (struct sdg_measures){ .members = p->members,
				      .respondents = p->people,
				      .messages = p->messages,
				      .mentions = p->messages,
				      .main = p->messages,
				      .reported = p->reported };
}

/* Rows of @pieces, the last of them the totals. */
static struct sdg_result result(const struct piece *pieces, size_t n)
{
	struct sdg_result r = { .row_count = n - 1,
				.rows = calloc(n, sizeof(*r.rows)),
				.directory = true };

	assert_non_null(r.rows);
	for (size_t i = 0; i < n - 1; i++) {
		r.rows[i].key[0] = pieces[i].row;
		r.rows[i].key[1] = pieces[i].col;
		r.rows[i].measures = measures(&pieces[i]);
	}
	r.totals = measures(&pieces[n - 1]);
	return r;
}

#define RESULT(pieces) result(pieces, sizeof(pieces) / sizeof(*(pieces)))

/* Lists as report_policy_lists() has them: the first by region, then by theme
 * and by source. */
static void beside(struct report *report, struct sdg_result lists[REPORT_LISTS])
{
	struct sdg_error err;

	setenv("SOUNDINGS_POLICY", "ons-10-5", 1);
	assert_ok(report_under_policy(report, lists, &err), err);
	unsetenv("SOUNDINGS_POLICY");
	for (size_t i = 0; i < REPORT_LISTS; i++)
		free(lists[i].rows);
}

static void under_policy(struct report *report)
{
	struct sdg_result none[REPORT_LISTS] = { 0 };

	beside(report, none);
}

static void done(struct report *report)
{
	free(report->result.rows);
	free(report->firsts.rows);
	free(report->seconds.rows);
}

static struct report list(enum sdg_dim dim, struct sdg_result r)
{
	return (struct report){ .query = { .dims = { dim }, .dim_count = 1 },
				.result = r };
}

static bool hidden(const struct sdg_measures *m)
{
	bool all = m->members == H && m->respondents == H && m->messages == H &&
		   m->mentions == H && m->reported == H;
	bool none = m->members != H && m->respondents != H &&
		    m->messages != H && m->mentions != H && m->reported != H;

	assert_true(all || none);
	return all;
}

static size_t hidden_rows(const struct sdg_result *r)
{
	size_t n = 0;

	for (size_t i = 0; i < r->row_count; i++)
		n += hidden(&r->rows[i].measures);
	return n;
}

/* 12 respondents of whom 4 are members: the row is hidden whole, and another
 * with it, else the total less the others gives the 4. */
static void test_few_members_hide_the_row_and_another(void **state)
{
	static const struct piece PIECES[] = { { 1, 0, 4, 12, 14, 0 },
					       { 2, 0, 21, 30, 33, 0 },
					       { 3, 0, 50, 60, 66, 0 },
					       { 4, 0, 70, 80, 81, 0 },
					       { 0, 0, 145, 182, 194, 0 } };
	struct report report = list(SDG_DIM_REGION, RESULT(PIECES));

	(void)state;
	under_policy(&report);
	assert_true(hidden(&report.result.rows[0].measures));
	assert_int_equal(hidden_rows(&report.result), 2);
	assert_int_equal(report.result.totals.members, 145);
	done(&report);
}

/* The row that goes with it has to have members itself. */
static void test_a_row_without_members_hides_no_members(void **state)
{
	static const struct piece PIECES[] = { { 1, 0, 4, 12, 14, 0 },
					       { 2, 0, 0, 13, 13, 0 },
					       { 3, 0, 50, 60, 66, 0 },
					       { 4, 0, 70, 80, 81, 0 },
					       { 0, 0, 124, 165, 174, 0 } };
	struct report report = list(SDG_DIM_REGION, RESULT(PIECES));

	(void)state;
	under_policy(&report);
	assert_true(hidden(&report.result.rows[0].measures));
	assert_true(hidden(&report.result.rows[2].measures));
	assert_false(hidden(&report.result.rows[3].measures));
	done(&report);
}

static void test_few_reported_hide_the_row_and_another(void **state)
{
	static const struct piece PIECES[] = { { 1, 0, 30, 40, 44, 4 },
					       { 2, 0, 20, 30, 33, 20 },
					       { 3, 0, 50, 60, 66, 30 },
					       { 0, 0, 100, 130, 143, 54 } };
	struct report report = list(SDG_DIM_REGION, RESULT(PIECES));

	(void)state;
	under_policy(&report);
	assert_true(hidden(&report.result.rows[0].measures));
	assert_int_equal(hidden_rows(&report.result), 2);
	done(&report);
}

/* Nothing of it is shown, so nothing can be taken from it. */
static void test_a_measure_that_is_small_in_all_goes_alone(void **state)
{
	static const struct piece PIECES[] = { { 1, 0, 30, 40, 44, 3 },
					       { 2, 0, 20, 30, 33, 0 },
					       { 0, 0, 50, 70, 77, 3 } };
	struct report report = list(SDG_DIM_REGION, RESULT(PIECES));

	(void)state;
	under_policy(&report);
	assert_true(report.result.rows[0].measures.reported == H);
	assert_true(report.result.totals.reported == H);
	assert_int_equal(report.result.rows[0].measures.respondents, 40);
	assert_int_equal(report.result.rows[1].measures.reported, 0);
	assert_int_equal(report.result.totals.respondents, 70);
	done(&report);
}

/* 7 and 4: their total would bound both to within the threshold. */
static void test_the_total_goes_when_all_rows_do(void **state)
{
	static const struct piece PIECES[] = { { 1, 0, 0, 7, 7, 0 },
					       { 2, 0, 0, 4, 4, 0 },
					       { 0, 0, 0, 11, 11, 0 } };
	struct report report = list(SDG_DIM_REGION, RESULT(PIECES));

	(void)state;
	report.result.checked = 11;
	under_policy(&report);
	assert_int_equal(hidden_rows(&report.result), 2);
	assert_true(hidden(&report.result.totals));
	assert_true(report.result.checked == H);
	done(&report);
}

/* By region 7 and 4, which hides their total; by source it is one row of 11,
 * and would show it. Of other days it is no matter. */
static void test_a_total_that_one_list_hides_none_shows(void **state)
{
	static const struct piece REGIONS[] = { { 1, 0, 0, 7, 7, 0 },
						{ 2, 0, 0, 4, 4, 0 },
						{ 0, 0, 0, 11, 11, 0 } };
	static const struct piece SOURCES[] = { { 1, 0, 0, 11, 11, 0 },
						{ 0, 0, 0, 11, 11, 0 } };
	static const struct piece OTHERS[] = { { 1, 0, 0, 12, 12, 0 },
					       { 0, 0, 0, 12, 12, 0 } };
	struct report report = list(SDG_DIM_SOURCE, RESULT(SOURCES));
	struct report other = list(SDG_DIM_SOURCE, RESULT(OTHERS));
	struct sdg_result lists[REPORT_LISTS] = { RESULT(REGIONS),
						  { 0 },
						  RESULT(SOURCES) };
	struct sdg_result beside_other[REPORT_LISTS] = { RESULT(REGIONS) };

	(void)state;
	beside(&report, lists);
	assert_true(hidden(&report.result.totals));
	assert_int_equal(hidden_rows(&report.result), 1);
	done(&report);
	beside(&other, beside_other);
	assert_false(hidden(&other.result.totals));
	done(&other);
}

/* What the list by region hides no table shows as its margin, whichever row
 * its own cells would rather have hidden. */
static void test_a_row_that_its_list_hides_no_table_shows(void **state)
{
	static const struct piece REGIONS[] = { { 1, 0, 4, 12, 12, 0 },
						{ 2, 0, 30, 30, 30, 0 },
						{ 3, 0, 40, 40, 40, 0 },
						{ 0, 0, 74, 82, 82, 0 } };
	static const struct piece CELLS[] = { { 1, 1, 4, 12, 12, 0 },
					      { 2, 1, 30, 30, 30, 0 },
					      { 3, 1, 32, 32, 32, 0 },
					      { 3, 2, 8, 8, 8, 0 },
					      { 0, 0, 74, 82, 82, 0 } };
	static const struct piece ACROSS[] = { { 1, 0, 66, 74, 74, 0 },
					       { 2, 0, 8, 8, 8, 0 },
					       { 0, 0, 74, 82, 82, 0 } };
	struct report alone = list(SDG_DIM_REGION, RESULT(REGIONS));
	struct report report = {
		.query = { .dims = { SDG_DIM_REGION, SDG_DIM_SOURCE },
			   .dim_count = 2 },
		.crossed = true,
		.result = RESULT(CELLS),
		.firsts = RESULT(REGIONS),
		.seconds = RESULT(ACROSS),
	};

	(void)state;
	under_policy(&alone);
	under_policy(&report);
	assert_int_equal(hidden_rows(&alone.result), 2);
	for (size_t i = 0; i < 3; i++)
		if (hidden(&alone.result.rows[i].measures))
			assert_true(hidden(&report.firsts.rows[i].measures));
	assert_false(hidden(&report.result.totals));
	done(&alone);
	done(&report);
}

/* A page of groups of regions (publish --coarse regions) has the north's 74:
 * what is hidden with the 4 of the North East has to be of the north. */
static void test_a_group_of_regions_does_not_tell_one(void **state)
{
	static const struct piece REGIONS[] = {
		{ SDG_REGION_NORTH_EAST, 0, 0, 4, 4, 0 },
		{ SDG_REGION_NORTH_WEST, 0, 0, 30, 30, 0 },
		{ SDG_REGION_YORKSHIRE_HUMBER, 0, 0, 40, 40, 0 },
		{ SDG_REGION_LONDON, 0, 0, 60, 60, 0 },
		{ SDG_REGION_WALES, 0, 0, 12, 12, 0 },
		{ 0, 0, 0, 146, 146, 0 }
	};
	static const struct piece CELLS[] = {
		{ SDG_REGION_NORTH_EAST, 1, 0, 4, 4, 0 },
		{ SDG_REGION_NORTH_WEST, 1, 0, 30, 30, 0 },
		{ SDG_REGION_YORKSHIRE_HUMBER, 1, 0, 40, 40, 0 },
		{ SDG_REGION_LONDON, 1, 0, 60, 60, 0 },
		{ SDG_REGION_WALES, 1, 0, 12, 12, 0 },
		{ 0, 0, 0, 146, 146, 0 }
	};
	static const struct piece THEMES[] = { { 1, 0, 0, 146, 146, 0 },
					       { 0, 0, 0, 146, 146, 0 } };
	struct report report = list(SDG_DIM_REGION, RESULT(REGIONS));
	struct report crossed = {
		.query = { .dims = { SDG_DIM_THEME, SDG_DIM_REGION },
			   .dim_count = 2 },
		.crossed = true,
		.result = RESULT(CELLS),
		.firsts = RESULT(THEMES),
		.seconds = RESULT(REGIONS),
	};

	(void)state;
	report.result.directory = false;
	under_policy(&report);
	assert_true(hidden(&report.result.rows[0].measures));
	assert_true(hidden(&report.result.rows[1].measures));
	assert_false(hidden(&report.result.rows[2].measures));
	done(&report);
	for (size_t i = 0; i < crossed.result.row_count; i++) {
		crossed.result.rows[i].key[1] = crossed.result.rows[i].key[0];
		crossed.result.rows[i].key[0] = 1;
	}
	crossed.result.directory = false;
	under_policy(&crossed);
	assert_true(hidden(&crossed.result.rows[0].measures));
	assert_true(hidden(&crossed.result.rows[1].measures));
	assert_true(hidden(&crossed.seconds.rows[1].measures));
	done(&crossed);
}

/* Mail 4, survey 7 of a region of 11, which its list shows: so does the table.
 */
static void test_a_table_shows_the_margins_of_its_lists(void **state)
{
	static const struct piece REGIONS[] = { { 1, 0, 0, 11, 11, 0 },
						{ 2, 0, 0, 90, 90, 0 },
						{ 0, 0, 0, 101, 101, 0 } };
	static const struct piece SOURCES[] = { { 1, 0, 0, 34, 34, 0 },
						{ 2, 0, 0, 30, 30, 0 },
						{ 3, 0, 0, 37, 37, 0 },
						{ 0, 0, 0, 101, 101, 0 } };
	static const struct piece CELLS[] = {
		{ 1, 1, 0, 4, 4, 0 },   { 1, 3, 0, 7, 7, 0 },
		{ 2, 1, 0, 30, 30, 0 }, { 2, 2, 0, 30, 30, 0 },
		{ 2, 3, 0, 30, 30, 0 }, { 0, 0, 0, 101, 101, 0 }
	};
	struct report report = {
		.query = { .dims = { SDG_DIM_REGION, SDG_DIM_SOURCE },
			   .dim_count = 2 },
		.crossed = true,
		.result = RESULT(CELLS),
		.firsts = RESULT(REGIONS),
		.seconds = RESULT(SOURCES),
	};

	(void)state;
	report.result.directory = false;
	under_policy(&report);
	assert_int_equal(report.firsts.rows[0].measures.respondents, 10);
	assert_int_equal(hidden_rows(&report.seconds), 0);
	for (size_t i = 0; i < report.result.row_count; i++)
		if (report.result.rows[i].key[1] != 2)
			assert_true(hidden(&report.result.rows[i].measures));
	done(&report);
}

/* Notes hide the mails beside them: all respondents there are, and no secret.
 * The total is shown here as everywhere. */
static void test_the_total_is_one_of_all_tables(void **state)
{
	static const struct piece SOURCES[] = { { 1, 0, 0, 45, 45, 0 },
						{ 2, 0, 0, 0, 3, 3 },
						{ 0, 0, 0, 45, 48, 3 } };
	struct report report = list(SDG_DIM_SOURCE, RESULT(SOURCES));

	(void)state;
	under_policy(&report);
	assert_int_equal(hidden_rows(&report.result), 2);
	assert_int_equal(report.result.totals.respondents, 45);
	assert_int_equal(report.result.totals.messages, 50);
	done(&report);
}

/* Themes do not add up in people, but in mentions they do. */
static void test_mentions_add_up_by_theme(void **state)
{
	static const struct piece PIECES[] = { { 1, 0, 0, 4, 4, 0 },
					       { 2, 0, 0, 30, 33, 0 },
					       { 3, 0, 0, 60, 66, 0 },
					       { 0, 0, 0, 90, 103, 0 } };
	struct report report = list(SDG_DIM_THEME, RESULT(PIECES));

	(void)state;
	under_policy(&report);
	assert_true(hidden(&report.result.rows[0].measures));
	assert_int_equal(hidden_rows(&report.result), 2);
	assert_int_equal(report.result.totals.respondents, 90);
	done(&report);
}

/* 8 people of region 1 wrote in both months: 16 by its cells. Its margin is
 * small all the same, and one more goes with it. */
static void test_a_small_margin_is_hidden_with_another(void **state)
{
	static const struct piece CELLS[] = {
		{ 1, 1, 0, 8, 8, 0 },    { 1, 2, 0, 8, 8, 0 },
		{ 2, 1, 0, 9, 9, 0 },    { 2, 2, 0, 9, 9, 0 },
		{ 3, 1, 0, 40, 40, 0 },  { 3, 2, 0, 40, 40, 0 },
		{ 4, 1, 0, 60, 60, 0 },  { 4, 2, 0, 60, 60, 0 },
		{ 0, 0, 0, 200, 234, 0 }
	};
	static const struct piece DOWN[] = { { 1, 0, 0, 8, 16, 0 },
					     { 2, 0, 0, 17, 18, 0 },
					     { 3, 0, 0, 70, 80, 0 },
					     { 4, 0, 0, 105, 120, 0 },
					     { 0, 0, 0, 200, 234, 0 } };
	static const struct piece ACROSS[] = { { 1, 0, 0, 117, 117, 0 },
					       { 2, 0, 0, 117, 117, 0 },
					       { 0, 0, 0, 200, 234, 0 } };
	struct report report = {
		.query = { .dims = { SDG_DIM_REGION, SDG_DIM_MONTH },
			   .dim_count = 2 },
		.crossed = true,
		.result = RESULT(CELLS),
		.firsts = RESULT(DOWN),
		.seconds = RESULT(ACROSS),
	};

	(void)state;
	under_policy(&report);
	assert_true(hidden(&report.firsts.rows[0].measures));
	assert_in_range(hidden_rows(&report.firsts), 2, 3);
	for (size_t i = 0; i < 4; i++)
		assert_true(hidden(&report.result.rows[i].measures));
	assert_false(hidden(&report.result.totals));
	done(&report);
}

static void test_the_crossed_total_goes_when_all_rows_do(void **state)
{
	static const struct piece CELLS[] = { { 1, 1, 0, 7, 7, 0 },
					      { 2, 1, 0, 4, 4, 0 },
					      { 0, 0, 0, 11, 11, 0 } };
	static const struct piece ACROSS[] = { { 1, 0, 0, 11, 11, 0 },
					       { 0, 0, 0, 11, 11, 0 } };
	struct report report = {
		.query = { .dims = { SDG_DIM_REGION, SDG_DIM_MONTH },
			   .dim_count = 2 },
		.crossed = true,
		.result = RESULT(CELLS),
		.firsts = RESULT(CELLS),
		.seconds = RESULT(ACROSS),
	};

	(void)state;
	under_policy(&report);
	assert_int_equal(hidden_rows(&report.result), 2);
	assert_int_equal(hidden_rows(&report.firsts), 2);
	assert_int_equal(hidden_rows(&report.seconds), 1);
	assert_true(hidden(&report.result.totals));
	done(&report);
}

/* What was not measured has no figure to hide, and stays so. */
static void test_nothing_is_not_hidden(void **state)
{
	static const struct piece PIECES[] = { { 1, 0, 0, 0, 0, 0 },
					       { 2, 0, 0, 30, 33, 0 },
					       { 0, 0, 0, 30, 33, 0 } };
	struct report report = list(SDG_DIM_REGION, RESULT(PIECES));

	(void)state;
	under_policy(&report);
	assert_false(row_is_measured(&report.result.rows[0]));
	assert_int_equal(report.result.rows[1].measures.messages, 35);
	done(&report);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_few_members_hide_the_row_and_another),
		cmocka_unit_test(test_a_row_without_members_hides_no_members),
		cmocka_unit_test(test_few_reported_hide_the_row_and_another),
		cmocka_unit_test(
		    test_a_measure_that_is_small_in_all_goes_alone),
		cmocka_unit_test(test_the_total_goes_when_all_rows_do),
		cmocka_unit_test(test_a_total_that_one_list_hides_none_shows),
		cmocka_unit_test(test_a_row_that_its_list_hides_no_table_shows),
		cmocka_unit_test(test_a_group_of_regions_does_not_tell_one),
		cmocka_unit_test(test_a_table_shows_the_margins_of_its_lists),
		cmocka_unit_test(test_the_total_is_one_of_all_tables),
		cmocka_unit_test(test_mentions_add_up_by_theme),
		cmocka_unit_test(test_a_small_margin_is_hidden_with_another),
		cmocka_unit_test(test_the_crossed_total_goes_when_all_rows_do),
		cmocka_unit_test(test_nothing_is_not_hidden),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
