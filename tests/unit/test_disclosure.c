#include "test.h"

#include <soundings/disclosure.h>
#include <stdlib.h>

enum { ROWS = 2, COLS = 3, FIGURES = (ROWS + 1) * (COLS + 1), BOUND = 9 };

static unsigned seed;

static unsigned roll(unsigned sides)
{
	seed = seed * 1664525u + 1013904223u;
	return (seed >> 16) % sides;
}

static void add_up(uint64_t *counts)
{
	for (int row = 0; row < ROWS; row++) {
		counts[row * (COLS + 1) + COLS] = 0;
		for (int col = 0; col < COLS; col++)
			counts[row * (COLS + 1) + COLS] +=
			    counts[row * (COLS + 1) + col];
	}
	for (int col = 0; col <= COLS; col++) {
		counts[ROWS * (COLS + 1) + col] = 0;
		for (int row = 0; row < ROWS; row++)
			counts[ROWS * (COLS + 1) + col] +=
			    counts[row * (COLS + 1) + col];
	}
}

static void random_table(uint64_t *counts)
{
	for (int row = 0; row < ROWS; row++)
		for (int col = 0; col < COLS; col++)
			counts[row * (COLS + 1) + col] = roll(7);
	add_up(counts);
}

struct attack {
	const uint64_t *counts;
	const enum sdg_cell *cells;
	uint64_t guess[FIGURES], least[FIGURES], most[FIGURES];
	bool bounded[FIGURES]; /* no solution reached BOUND */
};

static void take(struct attack *attack)
{
	add_up(attack->guess);
	for (int i = 0; i < FIGURES; i++) {
		bool shown = attack->cells[i] == SDG_CELL_SHOWN;

		if (shown ? attack->guess[i] != attack->counts[i]
			  : attack->guess[i] == 0)
			return;
	}
	for (int i = 0; i < FIGURES; i++) {
		if (attack->guess[i] < attack->least[i])
			attack->least[i] = attack->guess[i];
		if (attack->guess[i] > attack->most[i])
			attack->most[i] = attack->guess[i];
	}
	for (int i = 0; i < ROWS * (COLS + 1); i++)
		if (i % (COLS + 1) != COLS && attack->guess[i] == BOUND &&
		    attack->cells[i] != SDG_CELL_SHOWN)
			memset(attack->bounded, 0, sizeof(attack->bounded));
}

/* Every table an attacker could fill in: hidden cells from 1 to BOUND. */
static void try_all(struct attack *attack, int at)
{
	if (at == ROWS * (COLS + 1)) {
		take(attack);
	} else if (at % (COLS + 1) == COLS) {
		try_all(attack, at + 1);
	} else if (attack->cells[at] == SDG_CELL_SHOWN) {
		attack->guess[at] = attack->counts[at];
		try_all(attack, at + 1);
	} else {
		for (uint64_t v = 1; v <= BOUND; v++) {
			attack->guess[at] = v;
			try_all(attack, at + 1);
		}
	}
}

static void start_attack(struct attack *attack, const uint64_t *counts,
			 const enum sdg_cell *cells)
{
	memset(attack, 0, sizeof(*attack));
	attack->counts = counts;
	attack->cells = cells;
	memset(attack->least, 0xff, sizeof(attack->least));
	memset(attack->bounded, 1, sizeof(attack->bounded));
	try_all(attack, 0);
}

static const struct sdg_policy strict = { "test", "", 4, 1, 0 };

/* No hidden figure can be had back to within the threshold by anyone who
 * tries every table that fits what is shown. */
static void test_no_hidden_figure_comes_back_by_subtraction(void **state)
{
	size_t hidden = 0, shown = 0, bounded = 0;
	struct sdg_error err;

	(void)state;
	seed = 20150327;
	for (int round = 0; round < 150; round++) {
		uint64_t counts[FIGURES];
		enum sdg_cell cells[FIGURES] = { 0 };
		struct sdg_table table = { .rows = ROWS,
					   .cols = COLS,
					   .counts = counts,
					   .rows_add = true,
					   .cols_add = true };
		struct attack attack;

		random_table(counts);
		assert_ok(sdg_disclose(&strict, &table, cells, &err), err);
		start_attack(&attack, counts, cells);
		for (int i = 0; i < FIGURES; i++) {
			if (cells[i] == SDG_CELL_SHOWN) {
				shown += counts[i] > 0;
				assert_true(counts[i] == 0 ||
					    counts[i] >= strict.threshold);
				continue;
			}
			hidden++;
			bounded += attack.bounded[i];
			/* Beyond BOUND nobody tried; the flow knows. */
			if (!attack.bounded[i])
				assert_ok(sdg_disclosure_interval(
					      &table, cells, (size_t)i,
					      &attack.least[i], &attack.most[i],
					      &err),
					  err);
			assert_true(attack.most[i] - attack.least[i] >=
				    strict.threshold);
		}
	}
	/* The test has looked at something of every sort. */
	assert_true(hidden > 100);
	assert_true(shown > 100);
	assert_true(bounded > 20);
}

/* The interval by flow is the interval by trying everything. */
static void test_interval_is_what_trying_everything_finds(void **state)
{
	size_t compared = 0;
	struct sdg_error err;

	(void)state;
	seed = 7;
	for (int round = 0; round < 200; round++) {
		uint64_t counts[FIGURES], least, most;
		enum sdg_cell cells[FIGURES] = { 0 };
		struct sdg_table table = { .rows = ROWS,
					   .cols = COLS,
					   .counts = counts,
					   .rows_add = true,
					   .cols_add = true };
		struct attack attack;

		random_table(counts);
		for (int i = 0; i < FIGURES; i++)
			if (counts[i] && roll(3) == 0)
				cells[i] = SDG_CELL_SMALL;
		start_attack(&attack, counts, cells);
		for (int i = 0; i < FIGURES; i++) {
			if (cells[i] == SDG_CELL_SHOWN || !attack.bounded[i])
				continue;
			assert_ok(sdg_disclosure_interval(&table, cells,
							  (size_t)i, &least,
							  &most, &err),
				  err);
			assert_int_equal(least, attack.least[i]);
			assert_int_equal(most, attack.most[i]);
			compared++;
		}
	}
	assert_true(compared > 200);
}

/* Members by theme do not add up, members by region do: one small cell in
 * a column asks for another in that column and for nothing else. */
static void test_one_way_hides_within_its_line(void **state)
{
	uint64_t counts[] = {
		20, 12, 30, /* north-east: two themes, all */
		3,  40, 41, /* north-west */
		11, 10, 15, /* london */
		34, 62, 86,
	};
	enum sdg_cell cells[12] = { 0 };
	struct sdg_table table = { .rows = 3,
				   .cols = 2,
				   .counts = counts,
				   .rows_add = true,
				   .cols_add = false };
	const struct sdg_policy *policy = sdg_policy_find("ons-10-5");
	struct sdg_error err;
	uint64_t least, most;

	(void)state;
	assert_ok(sdg_disclose(policy, &table, cells, &err), err);
	assert_int_equal(cells[3], SDG_CELL_SMALL);
	assert_int_equal(cells[6], SDG_CELL_OTHER); /* 11: the cheapest */
	for (int i = 0; i < 12; i++)
		if (i != 3 && i != 6)
			assert_int_equal(cells[i], SDG_CELL_SHOWN);
	assert_ok(
	    sdg_disclosure_interval(&table, cells, 3, &least, &most, &err),
	    err);
	assert_int_equal(least, 1);
	assert_int_equal(most, 13);
}

/* What an earlier release makes dangerous comes in hidden and stays so. */
static void test_what_comes_in_hidden_stays_hidden(void **state)
{
	uint64_t counts[] = { 50, 60, 70, 180, 50, 60, 70, 180 };
	enum sdg_cell cells[8] = { SDG_CELL_OTHER };
	struct sdg_table table = { .rows = 1,
				   .cols = 3,
				   .counts = counts,
				   .rows_add = true,
				   .cols_add = true };
	struct sdg_error err;

	(void)state;
	assert_ok(sdg_disclose(&strict, &table, cells, &err), err);
	assert_int_equal(cells[0], SDG_CELL_OTHER);
}

static void test_a_table_that_does_not_add_up_is_refused(void **state)
{
	uint64_t counts[] = { 50, 60, 111, 50, 60, 111 };
	enum sdg_cell cells[6] = { 0 };
	struct sdg_table table = { .rows = 1,
				   .cols = 2,
				   .counts = counts,
				   .rows_add = true,
				   .cols_add = true };
	struct sdg_error err;

	(void)state;
	assert_fails(sdg_disclose(&strict, &table, cells, &err), SDG_EINVAL,
		     err);
	assert_string_equal(err.message, "row 0 does not add up");
	table.rows = 0;
	assert_fails(sdg_disclose(&strict, &table, cells, &err), SDG_EINVAL,
		     err);
}

static void test_policies_round_as_they_say(void **state)
{
	const struct sdg_policy *ons = sdg_policy_find("ons-10-5");

	(void)state;
	assert_non_null(ons);
	assert_null(sdg_policy_find("none"));
	assert_int_equal(sdg_policy_round(ons, 0), 0);
	assert_int_equal(sdg_policy_round(ons, 12), 10);
	assert_int_equal(sdg_policy_round(ons, 13), 15);
	assert_int_equal(sdg_policy_round(&strict, 13), 13);
	for (size_t i = 0; sdg_policy_at(i); i++)
		assert_ptr_equal(sdg_policy_find(sdg_policy_at(i)->id),
				 sdg_policy_at(i));
}

/* ------------------------------------------------------------- levels */

/* Four rows in two groups, and one by itself; one column twice. */
enum { PARTS = 5, LEVELS = 7, HIGH = 14 };

static const size_t within[LEVELS] = { 5, 5, 6, 6, LEVELS, LEVELS, LEVELS };
static const struct sdg_policy few = { "test", "", 5, 1, 0 };

struct levels {
	uint64_t counts[2 * (LEVELS + 1)];
	enum sdg_cell cells[2 * (LEVELS + 1)];
	bool blanks[2 * (LEVELS + 1)];
	struct sdg_table table;
};

static void sum_levels(const uint64_t part[PARTS], uint64_t all[LEVELS + 1])
{
	memcpy(all, part, PARTS * sizeof(*part));
	all[5] = part[0] + part[1];
	all[6] = part[2] + part[3];
	all[LEVELS] = all[4] + all[5] + all[6];
}

static void draw_levels(struct levels *l, bool blanks)
{
	uint64_t part[PARTS], all[LEVELS + 1];

	memset(l, 0, sizeof(*l));
	for (int i = 0; i < PARTS; i++)
		part[i] = roll(3) ? roll(10) : 0;
	sum_levels(part, all);
	for (int i = 0; i <= LEVELS; i++)
		l->counts[2 * i] = l->counts[2 * i + 1] = all[i];
	for (int i = 0; i < 2 * LEVELS; i++)
		l->blanks[i] = blanks;
	l->table = (struct sdg_table){ .rows = LEVELS,
				       .cols = 1,
				       .counts = l->counts,
				       .rows_add = true,
				       .within = within,
				       .blanks = blanks ? l->blanks : NULL };
}

/* Hidden beside a hidden nought, it may be one. */
static uint64_t least_alone(const struct levels *l, int row)
{
	for (int i = 0; row < LEVELS && i < LEVELS; i++)
		if (within[i] == within[row] && l->counts[2 * i] == 0 &&
		    l->cells[2 * i] != SDG_CELL_SHOWN)
			return 0;
	return 1;
}

static bool fits(const struct levels *l, const uint64_t all[LEVELS + 1])
{
	for (int i = 0; i <= LEVELS; i++)
		if (l->cells[2 * i] == SDG_CELL_SHOWN
			? all[i] != l->counts[2 * i]
			: all[i] < least_alone(l, i))
			return false;
	return true;
}

static void try_levels(const struct levels *l, int at, uint64_t part[PARTS],
		       uint64_t least[], uint64_t most[])
{
	uint64_t all[LEVELS + 1];

	if (at < PARTS) {
		bool shown = l->cells[2 * at] == SDG_CELL_SHOWN;
		uint64_t last = shown ? l->counts[2 * at] : HIGH;

		for (part[at] = shown ? last : 0; part[at] <= last; part[at]++)
			try_levels(l, at + 1, part, least, most);
		return;
	}
	sum_levels(part, all);
	for (int i = 0; fits(l, all) && i <= LEVELS; i++) {
		least[i] = all[i] < least[i] ? all[i] : least[i];
		most[i] = all[i] > most[i] ? all[i] : most[i];
	}
}

/* Whoever has the rows, the groups of them and all knows of none that is
 * hidden more than the threshold lets; the flow knows what he knows. */
static void test_levels_do_not_give_one_another_away(void **state)
{
	size_t hidden = 0, groups = 0, totals = 0, noughts = 0, compared = 0;
	struct sdg_error err;

	(void)state;
	seed = 31;
	for (int round = 0; round < 200; round++) {
		uint64_t part[PARTS], least[LEVELS + 1],
		    most[LEVELS + 1] = { 0 };
		struct levels l;

		draw_levels(&l, round % 2);
		assert_ok(sdg_disclose(&few, &l.table, l.cells, &err), err);
		memset(least, 0xff, sizeof(least));
		try_levels(&l, 0, part, least, most);
		for (int i = 0; i <= LEVELS; i++) {
			uint64_t low, high;

			if (l.cells[2 * i] == SDG_CELL_SHOWN)
				continue;
			hidden++;
			groups += i >= PARTS && i < LEVELS;
			totals += i == LEVELS;
			noughts += l.counts[2 * i] == 0;
			assert_true(most[i] - least[i] >= few.threshold);
			assert_ok(sdg_disclosure_interval(&l.table, l.cells,
							  (size_t)i * 2, &low,
							  &high, &err),
				  err);
			assert_int_equal(low, least[i]);
			if (most[i] < HIGH && high < HIGH)
				assert_int_equal(high, most[i]);
			compared += most[i] < HIGH;
		}
	}
	assert_true(hidden > 300);
	assert_true(groups > 50);
	assert_true(totals > 5);
	assert_true(noughts > 10);
	assert_true(compared > 50);
}

/* 4 and 7 of a group of 11, a third region without anybody: with blanks the
 * group is shown and nobody knows which of its three are not there. */
static void
test_noughts_are_hidden_rather_than_what_they_add_up_to(void **state)
{
	static const size_t in[] = { 4, 4, 4, 5, 5 };
	uint64_t counts[] = { 4, 4, 7, 7, 0, 0, 40, 40, 11, 11, 51, 51 };
	bool blanks[12] = { [4] = true, [5] = true };
	enum sdg_cell cells[12] = { 0 };
	struct sdg_table table = { .rows = 5,
				   .cols = 1,
				   .counts = counts,
				   .rows_add = true,
				   .within = in,
				   .blanks = blanks };
	const struct sdg_policy *policy = sdg_policy_find("ons-10-5");
	struct sdg_error err;
	uint64_t least, most;

	(void)state;
	assert_ok(sdg_disclose(policy, &table, cells, &err), err);
	for (int i = 0; i < 6; i++)
		assert_int_not_equal(cells[i], SDG_CELL_SHOWN);
	for (int i = 6; i < 12; i++)
		assert_int_equal(cells[i], SDG_CELL_SHOWN);
	assert_ok(
	    sdg_disclosure_interval(&table, cells, 0, &least, &most, &err),
	    err);
	assert_int_equal(least, 0);
	assert_int_equal(most, 11);
	/* Where noughts are known the group goes, and another with it. */
	memset(cells, 0, sizeof(cells));
	table.blanks = NULL;
	assert_ok(sdg_disclose(policy, &table, cells, &err), err);
	assert_int_equal(cells[4], SDG_CELL_SHOWN);
	assert_int_not_equal(cells[8], SDG_CELL_SHOWN);
	assert_int_not_equal(cells[6], SDG_CELL_SHOWN);
	/* Unless others show all of them: then nothing can be done. */
	memset(cells, 0, sizeof(cells));
	table.totals_stand = true;
	assert_ok(sdg_disclose(policy, &table, cells, &err), err);
	assert_int_equal(cells[10], SDG_CELL_SHOWN);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    test_no_hidden_figure_comes_back_by_subtraction),
		cmocka_unit_test(test_interval_is_what_trying_everything_finds),
		cmocka_unit_test(test_one_way_hides_within_its_line),
		cmocka_unit_test(test_what_comes_in_hidden_stays_hidden),
		cmocka_unit_test(test_a_table_that_does_not_add_up_is_refused),
		cmocka_unit_test(test_policies_round_as_they_say),
		cmocka_unit_test(test_levels_do_not_give_one_another_away),
		cmocka_unit_test(
		    test_noughts_are_hidden_rather_than_what_they_add_up_to),
	};

	return cmocka_run_group_tests_name("disclosure", tests, NULL, NULL);
}
