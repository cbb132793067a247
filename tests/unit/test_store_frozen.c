/* store: the second age, when a month keeps its figures and loses whose they
 * were. */
#include "store_help.h"

#include <soundings/store_copies.h>
#include <soundings/store_rights.h>

/* July and August 2025, before TODAY; and one month that is younger. */
#define JULY 20270
#define AUGUST 20301
#define BEFORE 20362 /* 2025-10-01 */

/* Some of everything: members of several months, nobody's, a second theme,
 * another source and region, no feedback at all, a piece that counts on
 * another day than its own. */
static void fill(struct help *h)
{
	struct piece_of p[12];

	for (unsigned i = 0; i < 12; i++) {
		static const int days[] = { JULY, AUGUST, TODAY };

		help_mail(&p[i], 100 + i, i % 4, days[i % 3] + (int)i / 4);
		help_themes(&p[i], 1 + (int)i % 2, (int)i % 3, 3, 0);
		p[i].item.labels.region =
		    i % 5 ? SDG_REGION_SOUTH_WEST : SDG_REGION_LONDON;
		if (i % 6 == 5)
			p[i].item.labels.kind = SDG_KIND_NOT_FEEDBACK;
		if (i == 3)
			p[i].fb.said = 0; /* counts when it was received */
	}
	help_apply(h, p, 12);
}

static struct sdg_result ask(struct help *h, int dims, enum sdg_dim a,
			     enum sdg_dim b, int32_t since, int32_t until)
{
	struct sdg_query query = { .dims = { a, b },
				   .dim_count = (size_t)dims };
	struct sdg_result result;

	query.filter.since_day = since;
	query.filter.until_day = until;
	if (sdg_store_report(h->store, &query, &result, &h->err) < 0)
		fail_msg("report: %s", h->err.message);
	return result;
}

static struct sdg_frozen freeze(struct help *h, int before, bool dry_run)
{
	struct sdg_frozen frozen;

	if (sdg_store_freeze(h->store, before, dry_run, &frozen, &h->err) < 0)
		fail_msg("freeze: %s", h->err.message);
	return frozen;
}

static void assert_same(const struct sdg_result *a, const struct sdg_result *b)
{
	assert_int_equal(a->row_count, b->row_count);
	for (size_t i = 0; i < a->row_count; i++)
		assert_memory_equal(&a->rows[i], &b->rows[i],
				    sizeof(a->rows[i]));
}

static void test_store_frozen_months_answer_as_before(void **state)
{
	static const enum sdg_dim pairs[][2] = {
		{ SDG_DIM_MONTH, SDG_DIM_REGION },
		{ SDG_DIM_MONTH, SDG_DIM_THEME },
		{ SDG_DIM_MONTH, SDG_DIM_SOURCE },
		{ SDG_DIM_MONTH, SDG_DIM_CONSULTATION },
	};
	struct help *h = *state;
	struct sdg_result was[4], july, is;
	struct sdg_frozen frozen;
	struct sdg_ledger before, after;

	fill(h);
	before = help_ledger(h);
	for (int i = 0; i < 4; i++)
		was[i] = ask(h, 2, pairs[i][0], pairs[i][1], 0, 0);
	july = ask(h, 0, 0, 0, JULY, JULY + 31);
	frozen = freeze(h, BEFORE, true);
	assert_int_equal(frozen.months, 2);
	assert_int_equal(help_ledger(h).frozen, 0);
	frozen = freeze(h, BEFORE, false);
	assert_int_equal(frozen.months, 2);
	assert_int_equal(frozen.pieces, 8);
	help_verify(h);
	after = help_ledger(h);
	assert_int_equal(after.held, before.held);
	assert_true(after.frozen > 0);
	for (int i = 0; i < 4; i++) {
		is = ask(h, 2, pairs[i][0], pairs[i][1], 0, 0);
		assert_same(&was[i], &is);
		assert_int_equal(is.frozen_months, 2);
		assert_false(is.left_out);
		sdg_result_fini(&is);
		sdg_result_fini(&was[i]);
	}
	/* One month: exactly. */
	is = ask(h, 0, 0, 0, JULY, JULY + 31);
	assert_memory_equal(&july.totals, &is.totals, sizeof(is.totals));
	assert_int_equal(is.first_day, JULY);
	sdg_result_fini(&is);
	sdg_result_fini(&july);
	/* Again, there is nothing left to do. */
	assert_int_equal(freeze(h, BEFORE, false).months, 0);
}

static void test_store_frozen_over_months_is_at_least(void **state)
{
	struct help *h = *state;
	struct sdg_measures was, is;

	fill(h);
	was = help_totals(h);
	assert_false(was.at_least);
	freeze(h, BEFORE, false);
	is = help_totals(h);
	assert_true(is.at_least);
	assert_int_equal(is.messages, was.messages);
	assert_true(is.respondents <= was.respondents);
	assert_true(is.respondents > 0);
}

static void test_store_frozen_days_and_roles_are_said_to_be_gone(void **state)
{
	struct sdg_query query = { .dim_count = 0 };
	struct help *h = *state;
	struct sdg_result result;

	fill(h);
	freeze(h, BEFORE, false);
	query.filter.since_day = JULY + 3;
	assert_int_equal(sdg_store_report(h->store, &query, &result, &h->err),
			 SDG_EINVAL);
	assert_non_null(strstr(h->err.message, "2025-07"));
	result = ask(h, 1, SDG_DIM_ROLE, 0, 0, 0);
	assert_true(result.left_out);
	assert_int_equal(result.totals.messages, 2);
	sdg_result_fini(&result);
}

static void test_store_frozen_pieces_do_not_come_again(void **state)
{
	struct sdg_store_stats stats;
	struct help *h = *state;
	struct sdg_measures was;
	struct piece_of p;

	fill(h);
	freeze(h, BEFORE, false);
	was = help_totals(h);
	help_mail(&p, 100, 0, JULY);
	assert_int_equal(help_take(h, &p), SDG_OUTCOME_DUPLICATE);
	/* Edited since, it is known, and no more. */
	p.fb.revision = 5;
	assert_int_equal(help_take(h, &p), SDG_OUTCOME_DUPLICATE);
	assert_int_equal(help_totals(h).messages, was.messages);
	/* One that comes late counts when it is received, today if that is
	 * frozen, too. */
	help_mail(&p, 300, 1, JULY);
	p.fb.received = NOON(TODAY);
	assert_int_equal(help_take(h, &p), SDG_OUTCOME_COUNTED);
	help_mail(&p, 301, 1, JULY);
	assert_int_equal(help_take(h, &p), SDG_OUTCOME_COUNTED);
	assert_int_equal(help_totals(h).messages, was.messages + 2);
	help_verify(h);
	assert_int_equal(freeze(h, BEFORE, false).months, 0);
	/* Whoever wrote in those months alone is nobody here any more. */
	assert_int_equal(sdg_store_stats(h->store, &stats, &h->err), 0);
	assert_true(stats.members <= 3);
}

static void test_store_month_waits_for_its_youngest_piece(void **state)
{
	struct help *h = *state;
	struct piece_of p;

	fill(h);
	help_mail(&p, 400, 2, JULY);
	p.fb.received = NOON(TODAY);
	assert_int_equal(help_take(h, &p), SDG_OUTCOME_COUNTED);
	assert_int_equal(freeze(h, BEFORE, false).months, 1);
	help_verify(h);
	assert_int_equal(freeze(h, TODAY + 1, false).months, 1);
	help_verify(h);
}

static void test_store_forget_after_freezing_finds_what_is_left(void **state)
{
	struct help *h = *state;
	struct sdg_whose whose = { .address = sdg_str("m1@school.example") };
	struct sdg_erased erased;

	fill(h);
	freeze(h, BEFORE, false);
	assert_int_equal(
	    sdg_store_forget(h->store, &whose, NULL, NULL, &erased, &h->err),
	    0);
	assert_int_equal(erased.pieces, 1);
	help_verify(h);
	help_ledger(h);
	assert_int_equal(sdg_store_compact(h->store, &h->err), 0);
	help_verify(h);
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, help_setup, help_teardown)
	const struct CMUnitTest tests[] = {
		T(test_store_frozen_months_answer_as_before),
		T(test_store_frozen_over_months_is_at_least),
		T(test_store_frozen_days_and_roles_are_said_to_be_gone),
		T(test_store_frozen_pieces_do_not_come_again),
		T(test_store_month_waits_for_its_youngest_piece),
		T(test_store_forget_after_freezing_finds_what_is_left),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
