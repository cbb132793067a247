/*
 * test_releases: what was published, and what is to be, held against one
 * another.
 */
#include "publish_help.h"
#include "test.h"

#include <dirent.h>

static void release(struct help *h, struct publication_question *q, char id[32])
{
	struct publication *p = ask(h, q);
	json_t *scope;

	assert_int_equal(publication_hide(p, &h->err), 0);
	scope = release_scope(p, q, "public");
	publication_round(p);
	if (releases_keep(&h->home, p, scope, id, &h->err) < 0)
		fail_msg("keep: %s", h->err.message);
	json_decref(scope);
	publication_free(p);
}

static void test_a_few_more_people_are_not_given_away(void **state)
{
	struct publication_question q = question(sdg_policy_find("ons-10-5"));
	struct help *h = *state;
	struct publication *p;
	struct release_conflict with;
	char id[32];
	json_t *scope;
	size_t conflicts;
	uint64_t before, after;

	seed = 6;
	fill(h, 0, 1200);
	release(h, &q, id);
	p = ask(h, &q);
	scope = release_scope(p, &q, "public");
	assert_int_equal(
	    releases_conflicts(&h->home, p, scope, false, &with, &h->err), 0);
	before = p->people;
	json_decref(scope);
	publication_free(p);
	fill(h, 5000, 9);
	p = ask(h, &q);
	scope = release_scope(p, &q, "public");
	after = p->people;
	assert_true(after > before && after < before + 10);
	conflicts =
	    releases_conflicts(&h->home, p, scope, false, &with, &h->err);
	assert_true(conflicts > 0);
	assert_string_equal(with.id, id);
	/* Carried forward, there is no difference left to look at. */
	assert_int_equal(
	    releases_conflicts(&h->home, p, scope, true, &with, &h->err),
	    conflicts);
	assert_int_equal(
	    releases_conflicts(&h->home, p, scope, false, &with, &h->err), 0);
	/* Nor at the head of the page. */
	assert_int_equal(publication_hide(p, &h->err), 0);
	assert_int_equal(p->people, before);
	json_decref(scope);
	/* Another audience is another series. */
	scope = release_scope(p, &q, "council");
	assert_int_equal(
	    releases_conflicts(&h->home, p, scope, false, &with, &h->err), 0);
	json_decref(scope);
	publication_free(p);
}

static void test_a_release_is_kept_and_withdrawn(void **state)
{
	struct publication_question q = question(sdg_policy_find("ons-10-5"));
	struct help *h = *state;
	struct release found;
	char first[32], second[32];

	fill(h, 0, 300);
	release(h, &q, first);
	release(h, &q, second);
	assert_string_not_equal(first, second);
	assert_int_equal(releases_withdraw(&h->home, first, "wrong", &h->err),
			 0);
	assert_int_equal(releases_find(&h->home, first, &found, &h->err), 0);
	assert_string_equal(
	    json_string_value(json_object_get(found.json, "withdrawn")),
	    "wrong");
	json_decref(found.json);
	assert_int_equal(
	    releases_find(&h->home, "2015-01-01-1", &found, &h->err),
	    SDG_ENOTFOUND);
	assert_int_equal(releases_find(&h->home, "../../etc", &found, &h->err),
			 SDG_EINVAL);
}

/* A part of what was asked before is held against it, too: the rest would be
 * what is left. */
static void test_what_a_filter_leaves_out_is_not_given_away(void **state)
{
	struct publication_question q = question(sdg_policy_find("ons-10-5"));
	struct help *h = *state;
	struct piece_of *few = calloc(4, sizeof(*few));
	struct publication *p;
	struct release_conflict with;
	char id[32];
	json_t *scope;

	seed = 11;
	fill(h, 0, 1200);
	for (unsigned n = 0; n < 4; n++) {
		help_mail(&few[n], 9000 + n, 9000 + n, 16460);
		few[n].fb.source = SDG_SOURCE_SURVEY;
		few[n].item.labels.region = SDG_REGION_LONDON;
		help_themes(&few[n], 1, 3, 0, 0);
	}
	help_apply(h, few, 4);
	release(h, &q, id);
	q.filter.sources = UINT32_C(1) << SDG_SOURCE_MAIL;
	p = ask(h, &q);
	scope = release_scope(p, &q, "public");
	assert_true(
	    releases_conflicts(&h->home, p, scope, false, &with, &h->err) > 0);
	assert_string_equal(with.id, id);
	json_decref(scope);
	publication_free(p);
	/* Of two that only overlap neither can be taken from the other. */
	q.filter.until_day = 16470;
	q.filter.sources = UINT32_C(1) << SDG_SOURCE_SURVEY;
	release(h, &q, id);
	q.filter.until_day = 0;
	q.filter.since_day = 16455;
	p = ask(h, &q);
	scope = release_scope(p, &q, "public");
	releases_conflicts(&h->home, p, scope, false, &with, &h->err);
	assert_string_not_equal(with.id, id);
	json_decref(scope);
	publication_free(p);
	free(few);
}

static size_t groups_of(struct help *h, const struct publication_question *q,
			struct release_conflict *with)
{
	struct publication *p = ask(h, q);
	json_t *scope;
	size_t n;

	assert_int_equal(publication_hide(p, &h->err), 0);
	scope = release_scope(p, q, "public");
	n = releases_groups(&h->home, p, scope, with, &h->err);
	json_decref(scope);
	publication_free(p);
	return n;
}

/* What a group of regions says of the one of them that is hidden. */
static void test_groups_do_not_give_their_regions_away(void **state)
{
	const struct sdg_policy exact = { "custom", "", 10, 1, 25 };
	struct publication_question q = question(&exact);
	struct help *h = *state;
	struct release_conflict with;
	char id[32];

	seed = 12;
	fill(h, 0, 1500);
	release(h, &q, id);
	q.coarse_regions = true;
	assert_true(groups_of(h, &q, &with) > 0);
	assert_string_equal(with.id, id);
	/* The same regions again are no other table; nor is one that was
	 * withdrawn held against anything. */
	q.coarse_regions = false;
	assert_int_equal(groups_of(h, &q, &with), 0);
	q.coarse_regions = true;
	assert_int_equal(releases_withdraw(&h->home, id, "why", &h->err), 0);
	assert_int_equal(groups_of(h, &q, &with), 0);
}

/* --------------------------------------------- one a part of the other */

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

/* With real people: a page of groups for a quarter, then one of regions. */
static void test_a_year_follows_groups_of_its_quarter(void **state)
{
	const struct sdg_policy exact = { "custom", "", 10, 1, 25 };
	struct publication_question q = question(&exact);
	struct help *h = *state;
	struct release_conflict with;
	char id[32];

	seed = 22;
	fill(h, 0, 1500);
	q.coarse_regions = true;
	q.filter.until_day = FIRST_DAY + 90;
	release(h, &q, id);
	q.coarse_regions = false;
	/* Of the quarter itself, and of all that came to the same. */
	assert_true(groups_of(h, &q, &with) > 0);
	assert_false(with.nested);
	q.filter.until_day = 0;
	assert_true(groups_of(h, &q, &with) > 0);
	/* A few came since, then many. */
	fill_from(h, 20000, 500, FIRST_DAY + 90);
	assert_true(groups_of(h, &q, &with) > 0);
	assert_true(with.nested);
	fill_from(h, 20500, 500, FIRST_DAY + 90);
	fill_from(h, 21000, 500, FIRST_DAY + 90);
	assert_int_equal(groups_of(h, &q, &with), 0);
}

/* The same name, other themes: neither can be taken from the other. */
static void test_other_folded_themes_are_not_compared(void **state)
{
	struct publication_question q = question(sdg_policy_find("ons-10-5"));
	struct help *h = *state;
	struct release_conflict with;
	struct publication *p;
	json_t *scope, *cells, *folded, *other;
	char id[32];

	seed = 23;
	fill(h, 0, 1200);
	q.themes_top = 4;
	release(h, &q, id);
	p = ask(h, &q);
	for (size_t r = 0; r <= p->themes.rows.n; r++)
		p->themes.counts[pub_at(&p->themes, r, 4)] += 3;
	scope = release_scope(p, &q, "public");
	assert_true(
	    releases_conflicts(&h->home, p, scope, false, &with, &h->err) > 0);
	/* Then its fourth column was another theme. */
	cells =
	    json_object_get(json_object_get(scope, "tables"), "region-theme");
	folded = json_deep_copy(cells);
	assert_true(releases_same_fold(cells, folded));
	other = json_object_get(folded, "all/other-themes");
	json_object_set(folded, "all/elsewhere", other);
	assert_false(releases_same_fold(cells, folded));
	json_object_set(cells, "all/elsewhere", other);
	assert_true(releases_same_fold(cells, folded));
	assert_int_equal(
	    releases_conflicts(&h->home, p, scope, false, &with, &h->err), 0);
	json_decref(folded);
	json_decref(scope);
	publication_free(p);
}

/* A record and a page with two quotes, by hand. */
static void quote_on_page(struct help *h, const char *id, const char *page)
{
	char path[SDG_PATH_MAX + 64];
	const char *record =
	    "{\"quotes\": [\"0123-1\", \"4567-2\"], \"files\": {}}";

	snprintf(path, sizeof(path), "%s/releases/%s", h->home.root, id);
	assert_int_equal(sdg_make_dirs(path, 0700, &h->err), 0);
	snprintf(path, sizeof(path), "%s/releases/%s/release.json",
		 h->home.root, id);
	assert_int_equal(
	    sdg_write_file(path, record, strlen(record), 0600, &h->err), 0);
	snprintf(path, sizeof(path), "%s/releases/%s/page.html", h->home.root,
		 id);
	assert_int_equal(
	    sdg_write_file(path, page, strlen(page), 0600, &h->err), 0);
}

static void page_is(struct help *h, const char *id, const char *page,
		    size_t quotes)
{
	char path[SDG_PATH_MAX + 64], *text;
	struct release release;
	size_t len;

	snprintf(path, sizeof(path), "%s/releases/%s/page.html", h->home.root,
		 id);
	assert_int_equal(sdg_read_file(path, 4096, &text, &len, &h->err), 0);
	assert_string_equal(text, page);
	free(text);
	assert_int_equal(releases_find(&h->home, id, &release, &h->err), 0);
	assert_int_equal(
	    json_array_size(json_object_get(release.json, "quotes")), quotes);
	json_decref(release.json);
}

#define FIRST "<blockquote id=\"q-0123-1\"><p>a</p></blockquote>\n"
#define SECOND "<blockquote id=\"q-4567-2\"><p>b</p></blockquote>\n"

/* Broken off behind the page, the record still names the quote. */
static void test_a_quote_is_withdrawn_again(void **state)
{
	struct help *h = *state;
	size_t count;

	quote_on_page(h, "2015-01-01-1", "x" SECOND "y");
	quote_on_page(h, "2015-01-02-1", "x" FIRST SECOND "y");
	assert_int_equal(
	    releases_drop_quote(&h->home, "0123-1", &count, &h->err), 0);
	assert_int_equal(count, 2);
	page_is(h, "2015-01-01-1", "x" SECOND "y", 1);
	page_is(h, "2015-01-02-1", "x" SECOND "y", 1);
	assert_int_equal(
	    releases_drop_quote(&h->home, "0123-1", &count, &h->err), 0);
	assert_int_equal(count, 0);
}

/* Where it cannot be put nothing of it is left. */
static void test_what_cannot_be_kept_leaves_nothing(void **state)
{
	struct publication_question q = question(sdg_policy_find("ons-10-5"));
	struct help *h = *state;
	struct publication *p;
	char path[SDG_PATH_MAX + 64], id[32];
	struct dirent *entry;
	size_t files = 0;
	json_t *scope;
	DIR *dir;

	fill(h, 0, 300);
	p = ask(h, &q);
	assert_int_equal(publication_hide(p, &h->err), 0);
	scope = release_scope(p, &q, "public");
	snprintf(path, sizeof(path), "%s/releases", h->home.root);
	assert_int_equal(sdg_make_dirs(path, 0700, &h->err), 0);
	snprintf(path, sizeof(path), "%s/releases/%s-1", h->home.root, p->made);
	assert_int_equal(sdg_write_file(path, "", 0, 0600, &h->err), 0);
	assert_true(releases_keep(&h->home, p, scope, id, &h->err) < 0);
	snprintf(path, sizeof(path), "%s/releases", h->home.root);
	dir = opendir(path);
	assert_non_null(dir);
	while ((entry = readdir(dir)))
		files++;
	closedir(dir);
	assert_int_equal(files, 3); /* . and .. and the file */
	json_decref(scope);
	publication_free(p);
}

int main(void)
{
#define TEST(name)                                                             \
	cmocka_unit_test_setup_teardown(name, help_setup, help_teardown)
	const struct CMUnitTest tests[] = {
		TEST(test_a_few_more_people_are_not_given_away),
		TEST(test_a_release_is_kept_and_withdrawn),
		TEST(test_what_a_filter_leaves_out_is_not_given_away),
		TEST(test_groups_do_not_give_their_regions_away),
		TEST(test_a_year_follows_groups_of_its_quarter),
		TEST(test_groups_beside_regions_of_more_or_less),
		TEST(test_bounds_are_those_of_all_tables_there_could_be),
		TEST(test_other_folded_themes_are_not_compared),
		TEST(test_a_quote_is_withdrawn_again),
		TEST(test_what_cannot_be_kept_leaves_nothing),
	};

	return cmocka_run_group_tests_name("releases", tests, NULL, NULL);
}
