/*
 * test_releases_nested: tables of regions and of groups of them, made by hand,
 * one of which counts a part of what the other does.
 */
#include "publish_help.h"
#include "test.h"

/* Tables made by hand: one column, the regions of two groups. */
enum { SIX = 6, SMALL = 3 };

static const char *const six[SIX] = {
	"north-east",    "north-west",    "yorkshire-humber",
	"east-midlands", "west-midlands", "east-of-england",
};
static const char *const two[2] = { "north", "midlands-east" };

static const struct sdg_policy by_hand = { "custom", "", SMALL, 1, 25 };

/* The regions as they are, hidden or not, and groups of more or of less. */
struct tables {
	int regions[SIX];
	bool hidden[SIX];
	int groups[2];
	bool groups_hidden[2];
	bool whole; /* the regions are of all, the groups of a part */
};

static void put(json_t *cells, const char *row, const char *column, int count,
		bool hidden)
{
	char key[64];

	snprintf(key, sizeof(key), "%s/%s", row, column);
	json_object_set_new(
	    cells, key,
	    json_pack("{s:i, s:b}", "count", count, "hidden", hidden));
}

static json_t *scope_of(json_t *cells, bool part)
{
	return json_pack(
	    "{s:s, s:b, s:i, s:i, s:{s:i, s:i, s:i, s:i, s:i, s:[i,i,i,i], "
	    "s:s}, s:{s:o}}",
	    "audience", "public", "members", 1, "since_day",
	    part ? 16436 : 16436 - 90, "until_day", part ? 16526 : 16800,
	    "filter", "sources", 0, "stances", 0, "roles", 0, "phases", 0,
	    "regions", 0, "themes", 0, 0, 0, 0, "consultation", "", "tables",
	    "region-theme", cells);
}

static void keep_by_hand(struct help *h, json_t *scope)
{
	char path[SDG_PATH_MAX];
	char *text = json_dumps(scope, 0);

	assert_ok(releases_path(&h->home, "2015-04-01-1", "", path, &h->err),
		  h->err);
	assert_ok(sdg_make_dirs(path, 0700, &h->err), h->err);
	assert_ok(releases_path(&h->home, "2015-04-01-1", "release.json", path,
				&h->err),
		  h->err);
	assert_ok(sdg_write_file(path, text, strlen(text), 0600, &h->err),
		  h->err);
	free(text);
	json_decref(scope);
}

/* The one published, the other asked whether it may be; @first: the groups
 * were there first. Returns what speaks against it. */
static size_t hold(struct help *h, const struct tables *t, bool first,
		   struct release_conflict *with)
{
	struct publication p = { .policy = &by_hand,
				 .grouped = !first,
				 .themes.id = "region-theme" };
	json_t *coarse = json_object(), *fine = json_object(), *scope;
	int groups = 0, regions = 0;
	size_t n;

	for (int i = 0; i < SIX; i++) {
		put(fine, six[i], "pay", t->regions[i], t->hidden[i]);
		regions += t->regions[i];
	}
	for (int g = 0; g < 2; g++) {
		put(coarse, two[g], "pay", t->groups[g], t->groups_hidden[g]);
		groups += t->groups[g];
	}
	put(coarse, "all", "pay", groups, false);
	put(fine, "all", "pay", regions, false);
	put(coarse, "north", "any", 0, false);
	keep_by_hand(h, first ? scope_of(coarse, t->whole)
			      : scope_of(fine, !t->whole));
	scope = first ? scope_of(fine, !t->whole) : scope_of(coarse, t->whole);
	n = releases_groups(&h->home, &p, scope, with, &h->err);
	assert_int_equal(0, h->err.code);
	json_decref(scope);
	return n;
}

static const struct {
	const char *what;
	struct tables t;
	size_t conflicts, few;
} nested_cases[] = {
	/* A year in which the one that is hidden grew as little as
	 * any, the others much: of one scope this would tell it. */
	{ "a year in which much came",
	  { { 30, 20, 2, 9, 9, 2 },
	    { [2] = true, [5] = true },
	    { 12, 8 },
	    { false },
	    true },
	  0,
	  0 },
	{ "a year in which nothing came elsewhere in the group",
	  { { 6, 4, 2, 9, 9, 2 },
	    { [2] = true, [5] = true },
	    { 12, 8 },
	    { false },
	    true },
	  2,
	  0 },
	{ "a group that is hidden bounds nothing",
	  { { 6, 4, 2, 9, 9, 2 },
	    { [2] = true, [5] = true },
	    { 12, 8 },
	    { true, false },
	    true },
	  0,
	  0 },
	{ "two of a group hide one another",
	  { { 6, 2, 2, 9, 9, 4 },
	    { [1] = true, [2] = true, [5] = true },
	    { 9, 8 },
	    { false },
	    true },
	  0,
	  0 },
	{ "a quarter far below its year",
	  { { 6, 4, 2, 3, 3, 2 },
	    { [2] = true, [5] = true },
	    { 40, 50 },
	    { false },
	    false },
	  0,
	  0 },
	{ "a quarter that is nearly all of its year",
	  { { 6, 4, 2, 3, 3, 2 },
	    { [2] = true, [5] = true },
	    { 12, 50 },
	    { false },
	    false },
	  2,
	  0 },
	{ "a few more in a group of which all is shown",
	  { { 6, 4, 3, 9, 9, 9 }, { false }, { 11, 8 }, { false }, true },
	  1,
	  1 },
	{ "a few less",
	  { { 6, 4, 3, 9, 9, 9 }, { false }, { 15, 80 }, { false }, false },
	  1,
	  1 },
	{ "nobody else in one group, many in the other",
	  { { 6, 4, 3, 9, 9, 9 }, { false }, { 13, 8 }, { false }, true },
	  0,
	  0 },
};

static void test_groups_beside_regions_of_more_or_less(void **state)
{
	struct help *h = *state;

	for (size_t i = 0; i < sizeof(nested_cases) / sizeof(*nested_cases);
	     i++) {
		for (int first = 0; first < 2; first++) {
			struct release_conflict with;
			size_t n = hold(h, &nested_cases[i].t, first, &with);

			if (n != nested_cases[i].conflicts ||
			    with.few != nested_cases[i].few)
				fail_msg("%s: %zu (%zu)", nested_cases[i].what,
					 n, with.few);
			assert_string_equal(with.id, n ? "2015-04-01-1" : "");
			assert_true(!n || with.nested);
			if (n && first)
				assert_string_equal(
				    with.period,
				    nested_cases[i].t.whole
					? "2015-01-01 to 2015-03-31"
					: "2014-10-03 to 2015-12-30");
		}
	}
}

/* What somebody may know: the least and the most of each, over all tables
 * there could be. */
struct reach {
	int least[SIX], most[SIX];
};

static bool is_possible(const struct tables *t, const int v[SIX])
{
	for (int g = 0; g < 2; g++) {
		int sum = v[3 * g] + v[3 * g + 1] + v[3 * g + 2];

		if (t->groups_hidden[g])
			continue;
		if (t->whole ? t->groups[g] > sum : t->groups[g] < sum)
			return false;
	}
	return true;
}

static void walk(const struct tables *t, bool groups, int at, int left,
		 int v[SIX], struct reach *reach)
{
	if (at == SIX) {
		for (int i = 0; i < SIX && left == 0; i++) {
			if (groups && !is_possible(t, v))
				return;
			if (!reach->most[i] || v[i] < reach->least[i])
				reach->least[i] = v[i];
			if (v[i] > reach->most[i])
				reach->most[i] = v[i];
		}
		return;
	}
	v[at] = t->regions[at];
	if (!t->hidden[at]) {
		walk(t, groups, at + 1, left, v, reach);
		return;
	}
	for (v[at] = 1; v[at] <= left; v[at]++)
		walk(t, groups, at + 1, left - v[at], v, reach);
}

static size_t wanted(const struct tables *t)
{
	struct reach alone = { 0 }, both = { 0 };
	int v[SIX], left = 0;
	size_t n = 0;

	for (int i = 0; i < SIX; i++)
		left += t->hidden[i] ? t->regions[i] : 0;
	walk(t, false, 0, left, v, &alone);
	walk(t, true, 0, left, v, &both);
	for (int g = 0; g < 2; g++) {
		bool told = false, any = false;
		int sum = 0, apart;

		for (int i = 3 * g; i < 3 * g + 3; i++) {
			bool up = both.least[i] > alone.least[i];

			sum += t->regions[i];
			any |= t->hidden[i];
			if (t->hidden[i] &&
			    (up || both.most[i] < alone.most[i]))
				told |= both.most[i] - both.least[i] < SMALL ||
					(up && t->regions[i] < SMALL);
		}
		apart = abs(sum - t->groups[g]);
		if (!any && !t->groups_hidden[g])
			told = apart && apart < SMALL;
		n += told;
	}
	return n;
}

static struct tables drawn(void)
{
	struct tables t = { .whole = roll(2) };
	int sum = 0, all = 0;

	for (int i = 0; i < SIX; i++) {
		int other;

		t.regions[i] = (int)roll(7);
		other = t.regions[i] - (int)roll(3);
		other = other < 0 ? 0 : other;
		if (!t.whole)
			other = 2 * t.regions[i] - other;
		t.hidden[i] =
		    t.regions[i] && (t.regions[i] < SMALL || roll(5) == 0);
		t.groups[i / 3] += other;
		sum += t.regions[i];
		all += other;
	}
	for (int g = 0; g < 2; g++)
		t.groups_hidden[g] =
		    t.groups[g] && (t.groups[g] < SMALL || roll(6) == 0);
	return sum == all ? drawn() : t; /* equal: there is no rest */
}

static void test_bounds_are_those_of_all_tables_there_could_be(void **state)
{
	struct help *h = *state;
	size_t refused = 0;

	seed = 21;
	for (int i = 0; i < 600; i++) {
		struct tables t = drawn();
		struct release_conflict with;
		size_t n = hold(h, &t, i % 2, &with);

		if (n != wanted(&t))
			fail_msg("draw %d: %zu, not %zu", i, n, wanted(&t));
		refused += n > 0;
	}
	assert_in_range(refused, 50, 550);
}

int main(void)
{
#define TEST(name)                                                             \
	cmocka_unit_test_setup_teardown(name, help_setup, help_teardown)
	const struct CMUnitTest tests[] = {
		TEST(test_groups_beside_regions_of_more_or_less),
		TEST(test_bounds_are_those_of_all_tables_there_could_be),
	};

	return cmocka_run_group_tests_name("releases_nested", tests, NULL,
					   NULL);
}
