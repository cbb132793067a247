/*
 * test_releases_attack: somebody who keeps every page there ever was, and
 * takes one from another.
 */
#include "publish_help.h"
#include "test.h"

#include "../../cli/report.h"

static const struct sdg_policy exact = { "custom", "", 10, 1, 25 };

/* As `soundings publish` does; false: it is refused. @told: by what only all
 * pages together tell. */
static bool publish(struct help *h, const struct publication_question *q,
		    bool carry, bool *told)
{
	struct publication *p = ask(h, q);
	json_t *scope = release_scope(p, q, "public");
	struct release_conflict with;
	char id[32];
	bool kept;

	*told = false;
	kept = !releases_conflicts(&h->home, p, scope, carry, &with, &h->err) ||
	       carry;
	assert_int_equal(h->err.code, 0);
	if (kept) {
		assert_ok(publication_hide(p, &h->err), h->err);
		json_decref(scope);
		scope = release_scope(p, q, "public");
		kept = !releases_groups(&h->home, p, scope, &with, &h->err);
	}
	if (kept) {
		*told =
		    releases_derived(&h->home, p, scope, &with, &h->err) > 0;
		assert_int_equal(h->err.code, 0);
		kept = !*told;
	}
	if (kept) {
		publication_round(p);
		assert_ok(releases_keep(&h->home, p, scope, id, &h->err),
			  h->err);
	}
	json_decref(scope);
	publication_free(p);
	return kept;
}

static void people_of(struct help *h, unsigned first, unsigned count, int day,
		      enum sdg_region region, enum sdg_source source)
{
	struct piece_of *pieces = calloc(count, sizeof(*pieces));

	assert_int_equal(
	    sdg_store_use_frame(h->store, DEFAULT_FRAME, THEMES, 1, &h->err),
	    0);
	for (unsigned n = 0; n < count; n++) {
		help_mail(&pieces[n], first + n, first + n, day);
		pieces[n].fb.source = source;
		pieces[n].item.labels.region = region;
		help_themes(&pieces[n], 1, 1, 0, 0);
	}
	help_apply(h, pieces, count);
	free(pieces);
}

/* 4 of Wales are hidden with the 12 of Scotland: a page of Scotland and London
 * alone has nothing to hide. */
static void test_a_page_of_some_regions_does_not_tell_the_rest(void **state)
{
	struct publication_question q = question(&exact);
	struct help *h = *state;
	bool told;

	people_of(h, 1000, 4, FIRST_DAY, SDG_REGION_WALES, SDG_SOURCE_MAIL);
	people_of(h, 2000, 12, FIRST_DAY, SDG_REGION_SCOTLAND, SDG_SOURCE_MAIL);
	people_of(h, 3000, 60, FIRST_DAY, SDG_REGION_LONDON, SDG_SOURCE_MAIL);
	people_of(h, 4000, 30, FIRST_DAY, SDG_REGION_NORTH_EAST,
		  SDG_SOURCE_MAIL);
	assert_true(publish(h, &q, false, &told));
	q.filter.regions = UINT32_C(1) << SDG_REGION_SCOTLAND |
			   UINT32_C(1) << SDG_REGION_LONDON;
	assert_false(publish(h, &q, false, &told));
	assert_true(told);
	/* London by itself is on the first page. */
	q.filter.regions = UINT32_C(1) << SDG_REGION_LONDON;
	assert_true(publish(h, &q, false, &told));
}

/* Small ones all: with two of them on a page the third is what their sum
 * leaves, though neither is known. */
static void test_a_sum_of_hidden_regions_does_not_tell_another(void **state)
{
	struct publication_question q = question(&exact);
	struct help *h = *state;
	bool told;

	people_of(h, 1000, 6, FIRST_DAY, SDG_REGION_WALES, SDG_SOURCE_MAIL);
	people_of(h, 2000, 7, FIRST_DAY, SDG_REGION_SCOTLAND, SDG_SOURCE_MAIL);
	people_of(h, 3000, 5, FIRST_DAY, SDG_REGION_NORTHERN_IRELAND,
		  SDG_SOURCE_MAIL);
	people_of(h, 4000, 60, FIRST_DAY, SDG_REGION_LONDON, SDG_SOURCE_MAIL);
	people_of(h, 5000, 30, FIRST_DAY, SDG_REGION_NORTH_EAST,
		  SDG_SOURCE_MAIL);
	assert_true(publish(h, &q, false, &told));
	q.filter.regions = UINT32_C(1) << SDG_REGION_SCOTLAND |
			   UINT32_C(1) << SDG_REGION_WALES |
			   UINT32_C(1) << SDG_REGION_LONDON;
	assert_false(publish(h, &q, false, &told));
	assert_true(told);
}

/* March has 4, and is hidden with February's 20: a page of February has these,
 * and one of January and February all but March's. */
static void test_a_page_of_a_month_does_not_tell_the_next(void **state)
{
	struct publication_question q = question(&exact);
	struct help *h = *state;
	bool told;

	people_of(h, 1000, 30, 16436, SDG_REGION_LONDON, SDG_SOURCE_MAIL);
	people_of(h, 2000, 20, 16436 + 40, SDG_REGION_LONDON, SDG_SOURCE_MAIL);
	people_of(h, 3000, 4, 16436 + 70, SDG_REGION_LONDON, SDG_SOURCE_MAIL);
	assert_true(publish(h, &q, false, &told));
	q.filter.since_day = 16436 + 31;
	q.filter.until_day = 16436 + 59;
	assert_false(publish(h, &q, false, &told));
	assert_true(told);
	q.filter.since_day = 16436;
	assert_false(publish(h, &q, false, &told));
}

/* The same of channels: three pages, each of which could stand alone. */
static void test_a_page_of_a_channel_does_not_tell_the_others(void **state)
{
	struct publication_question q = question(&exact);
	struct help *h = *state;
	bool told;

	people_of(h, 1000, 30, FIRST_DAY, SDG_REGION_LONDON, SDG_SOURCE_MAIL);
	people_of(h, 2000, 20, FIRST_DAY, SDG_REGION_LONDON, SDG_SOURCE_SURVEY);
	people_of(h, 3000, 5, FIRST_DAY, SDG_REGION_LONDON, SDG_SOURCE_REP);
	q.filter.sources = 1 << SDG_SOURCE_MAIL;
	assert_true(publish(h, &q, false, &told));
	q.filter.sources = 1 << SDG_SOURCE_SURVEY;
	assert_true(publish(h, &q, false, &told));
	q.filter.sources = 0;
	assert_false(publish(h, &q, false, &told));
	assert_true(told);
}

/* --------------------------------------------------- a desk with a page */

static const struct sdg_measures *row_of(const struct report *report,
					 uint32_t region, const char *theme)
{
	for (size_t i = 0; i < report->result.row_count; i++) {
		const struct sdg_row *row = &report->result.rows[i];

		if (row->key[0] == region &&
		    (!theme ||
		     strcmp(theme, sdg_store_theme_id(report->names.store,
						      row->key[1])) == 0))
			return &row->measures;
	}
	return NULL;
}

/* What is hidden for the sake of both levels, the report hides: a row that is
 * not there is a nought that is shown. */
static void hides(const struct levels *l, const struct report *report,
		  const struct pub_axis *themes)
{
	for (size_t r = 0; r < LEVELS_REGIONS; r++)
		for (size_t c = 0; c <= themes->n; c++) {
			bool any = c == themes->n;
			const struct sdg_measures *m;

			if (any != (report->query.dim_count == 1) ||
			    l->cells[levels_at(l, r, c)] == SDG_CELL_SHOWN)
				continue;
			m = row_of(report, (uint32_t)r + 1,
				   any ? NULL : themes->ids[c]);
			assert_non_null(m);
			assert_true(m->respondents == MEASURE_HIDDEN);
		}
}

static void test_what_a_page_may_not_tell_a_report_does_not(void **state)
{
	struct publication_question q = question(sdg_policy_find("ons-10-5"));
	struct help *h = *state;

	seed = 42;
	for (unsigned n = 0; n < 5; n++) {
		struct sdg_query query = { .dims = { SDG_DIM_REGION,
						     SDG_DIM_THEME } };
		struct publication *p;

		crowd(h, 1000 * n, 25 + 30 * n);
		q.coarse_regions = n % 2;
		p = ask(h, &q);
		assert_ok(publication_hide(p, &h->err), h->err);
		setenv("SOUNDINGS_POLICY", "ons-10-5", 1);
		for (query.dim_count = 1; query.dim_count <= 2;
		     query.dim_count++) {
			struct report report = { 0 };

			assert_ok(
			    report_ask(h->store, &query, &report, &h->err),
			    h->err);
			hides(&p->levels, &report, &p->themes.cols);
			report_fini(&report);
		}
		unsetenv("SOUNDINGS_POLICY");
		publication_free(p);
	}
}

/* ----------------------------------------------------- whoever subtracts */

enum { PAGES_MAX = 64 };

struct pages {
	json_t *scopes[PAGES_MAX];
	size_t count;
};

static int collect(void *arg, const struct release *release)
{
	struct pages *pages = arg;

	assert_true(pages->count < PAGES_MAX);
	pages->scopes[pages->count++] = json_incref(release->json);
	return 0;
}

static bool same_question(const json_t *a, const json_t *b)
{
	static const char *const keys[] = { "since_day", "until_day",
					    "filter" };

	for (size_t i = 0; i < 3; i++)
		if (!json_equal(json_object_get(a, keys[i]),
				json_object_get(b, keys[i])))
			return false;
	return true;
}

static json_t *cell_of(const json_t *scope, const char *row, const char *column)
{
	char key[128];

	snprintf(key, sizeof(key), "%s/%s", row, column);
	return json_object_get(
	    json_object_get(json_object_get(scope, "tables"), "region-theme"),
	    key);
}

static json_int_t count_of(const json_t *cell)
{
	return json_integer_value(json_object_get(cell, "count"));
}

/* Has a page of this question shown this figure, as it is? */
static bool is_shown(const struct pages *pages, const json_t *scope,
		     const char *row, const char *column, json_int_t count)
{
	for (size_t i = 0; i < pages->count; i++) {
		const json_t *cell =
		    same_question(pages->scopes[i], scope)
			? cell_of(pages->scopes[i], row, column)
			: NULL;

		if (cell && count_of(cell) == count &&
		    !json_is_true(json_object_get(cell, "hidden")))
			return true;
	}
	return false;
}

/* Takes from what @whole has all regions but @target that it is made of. */
static bool subtracts(const struct pages *pages, const json_t *scope,
		      const char *whole, uint32_t regions, int target,
		      const char *column)
{
	json_int_t sum = 0;

	for (int r = 1; r < SDG_REGION_COUNT; r++) {
		json_int_t n =
		    count_of(cell_of(scope, sdg_region_id(r), column));

		if (!(regions >> r & 1))
			continue;
		sum += n;
		if (r != target &&
		    !is_shown(pages, scope, sdg_region_id(r), column, n))
			return false;
	}
	return is_shown(pages, scope, whole, column, sum);
}

/* Every small region of every page, by its groups and by all. */
static size_t attack(const struct pages *pages, const json_t *scope,
		     size_t *targets)
{
	size_t found = 0;
	const char *key;
	json_t *cell;

	json_object_foreach(
	    json_object_get(json_object_get(scope, "tables"), "region-theme"),
	    key, cell)
	{
		const char *column = strchr(key, '/') + 1, *id;
		int target = 1;
		uint32_t regions;

		while (target < SDG_REGION_COUNT &&
		       strncmp(key, sdg_region_id(target),
			       (size_t)(column - key - 1)) != 0)
			target++;
		if (target == SDG_REGION_COUNT || count_of(cell) == 0 ||
		    count_of(cell) >= 10 || !cell_of(scope, "london", "any") ||
		    strcmp(column, PUB_FOLDED) == 0)
			continue;
		++*targets;
		found +=
		    subtracts(pages, scope, "all", UINT32_MAX, target, column);
		for (size_t g = 0; (id = publication_group(g, &regions)); g++)
			found += regions >> target & 1 &&
				 regions & (regions - 1) &&
				 subtracts(pages, scope, id, regions, target,
					   column);
	}
	return found;
}

static struct publication_question drawn_question(unsigned month)
{
	struct publication_question q = question(&exact);

	q.coarse_regions = roll(2);
	q.themes_top = roll(3) ? 0 : 3;
	if (roll(3) == 0)
		q.filter.sources =
		    roll(2) ? 1 << SDG_SOURCE_MAIL : 1 << SDG_SOURCE_SURVEY;
	if (roll(3) == 0)
		q.filter.until_day = FIRST_DAY + 30 * (int)(1 + roll(month));
	if (roll(4) == 0)
		q.filter.regions = 1 + (roll(1 << 14) << 1);
	if (roll(5) == 0)
		q.filter.stances = UINT32_C(1) << roll(4);
	return q;
}

static void test_no_pages_of_a_year_tell_a_small_figure(void **state)
{
	struct help *h = *state;
	size_t kept = 0, refused = 0, targets = 0;
	struct pages pages = { .count = 0 };
	bool told;

	seed = 41;
	for (unsigned month = 1; month <= 6; month++) {
		crowd(h, 1000 * month, 15 + roll(120));
		for (int n = 0; n < 6; n++) {
			struct publication_question q = drawn_question(month);

			if (publish(h, &q, roll(3) == 0, &told))
				kept++;
			else
				refused++;
		}
	}
	assert_int_equal(releases_each(&h->home, collect, &pages, &h->err), 0);
	assert_int_equal(pages.count, kept);
	for (size_t i = 0; i < pages.count; i++)
		assert_int_equal(attack(&pages, pages.scopes[i], &targets), 0);
	for (size_t i = 0; i < pages.count; i++)
		json_decref(pages.scopes[i]);
	assert_true(kept > 6);
	assert_true(refused > 3);
	assert_true(targets > 100);
}

int main(void)
{
#define TEST(name)                                                             \
	cmocka_unit_test_setup_teardown(name, help_setup, help_teardown)
	const struct CMUnitTest tests[] = {
		TEST(test_a_page_of_some_regions_does_not_tell_the_rest),
		TEST(test_a_sum_of_hidden_regions_does_not_tell_another),
		TEST(test_a_page_of_a_month_does_not_tell_the_next),
		TEST(test_a_page_of_a_channel_does_not_tell_the_others),
		TEST(test_what_a_page_may_not_tell_a_report_does_not),
		TEST(test_no_pages_of_a_year_tell_a_small_figure),
	};

	return cmocka_run_group_tests_name("releases_attack", tests, NULL,
					   NULL);
}
