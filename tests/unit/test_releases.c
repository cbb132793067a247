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

	seed = 7;
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

static void people_of(struct help *h, unsigned first, unsigned count,
		      enum sdg_region region, int theme)
{
	struct piece_of *pieces = calloc(count, sizeof(*pieces));

	for (unsigned n = 0; n < count; n++) {
		help_mail(&pieces[n], first + n, first + n, FIRST_DAY);
		pieces[n].item.labels.region = region;
		help_themes(&pieces[n], 1, theme, 0, 0);
	}
	help_apply(h, pieces, count);
	free(pieces);
}

/* What a group of regions says of the one of them that is hidden. */
static void test_groups_do_not_give_their_regions_away(void **state)
{
	const struct sdg_policy exact = { "custom", "", 10, 1, 25 };
	const struct sdg_policy loose = { "custom", "", 3, 1, 25 };
	struct publication_question q = question(&exact);
	struct help *h = *state;
	struct release_conflict with;
	char id[32];

	seed = 12;
	crowd(h, 0, 200);
	people_of(h, 1000, 40, SDG_REGION_LONDON, 15);
	people_of(h, 2000, 5, SDG_REGION_WALES, 15);
	release(h, &q, id);
	q.coarse_regions = true;
	/* Of the same people both were judged. */
	assert_int_equal(groups_of(h, &q, &with), 0);
	/* Under another policy others would be hidden. */
	q.policy = &loose;
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

/* What the pages of one scope, of regions and of groups of them, say of a
 * column: of what a shown figure adds up from, none is hidden, or so many that
 * each of them may be any small figure. */
static void adds_up_apart(const struct levels *l, size_t col, size_t whole,
			  uint32_t parts, uint64_t threshold)
{
	uint64_t room = l->counts[levels_at(l, whole, col)];
	size_t hidden = 0, noughts = 0;

	if (l->cells[levels_at(l, whole, col)] != SDG_CELL_SHOWN)
		return;
	for (size_t row = 0; row < LEVELS_ROWS; row++) {
		size_t at = levels_at(l, row, col);

		if (!(parts >> row & 1))
			continue;
		if (l->cells[at] == SDG_CELL_SHOWN) {
			room -= l->counts[at];
			continue;
		}
		hidden++;
		noughts += l->counts[at] == 0;
	}
	assert_int_not_equal(hidden, 1);
	/* Any of them may be small, whatever it is. */
	assert_true(hidden == 0 ||
		    room - (noughts ? 0 : hidden - 1) >= threshold - 1);
}

static void test_regions_and_groups_of_them_hide_the_same(void **state)
{
	const struct sdg_policy exact = { "custom", "", 10, 1, 25 };
	struct publication_question q = question(&exact);
	struct help *h = *state;
	uint32_t top = UINT32_C(1) << (LEVELS_REGIONS - 1) |
		       UINT32_C(15) << LEVELS_REGIONS;

	seed = 25;
	for (unsigned n = 0; n < 6; n++) {
		struct publication *fine, *coarse;
		struct levels *l;
		size_t figures;

		crowd(h, 1000 * n, 20 + 40 * n);
		q.coarse_regions = false;
		fine = ask(h, &q);
		q.coarse_regions = true;
		coarse = ask(h, &q);
		assert_ok(publication_hide(fine, &h->err), h->err);
		assert_ok(publication_hide(coarse, &h->err), h->err);
		l = &fine->levels;
		figures = (LEVELS_ROWS + 1) * (l->cols + 1);
		for (size_t i = 0; i < figures; i++)
			assert_int_equal(l->cells[i] == SDG_CELL_SHOWN,
					 coarse->levels.cells[i] ==
					     SDG_CELL_SHOWN);
		for (size_t c = 0; c <= l->cols; c++) {
			adds_up_apart(l, c, LEVELS_ROWS, top, 10);
			for (size_t g = 0; g < LEVELS_GROUPS; g++)
				adds_up_apart(l, c, LEVELS_REGIONS + g,
					      levels_group(g) >> 1, 10);
		}
		publication_free(fine);
		publication_free(coarse);
	}
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
	/* Of the quarter itself, and of all that came to the same, both were
	 * judged. */
	assert_int_equal(groups_of(h, &q, &with), 0);
	q.filter.until_day = 0;
	assert_int_equal(groups_of(h, &q, &with), 0);
	/* A few came since, then many. */
	fill_from(h, 20000, 500, FIRST_DAY + 90);
	assert_true(groups_of(h, &q, &with) > 0);
	assert_true(with.nested);
	fill_from(h, 20500, 6000, FIRST_DAY + 90);
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

	seed = 24;
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
		TEST(test_regions_and_groups_of_them_hide_the_same),
		TEST(test_a_year_follows_groups_of_its_quarter),
		TEST(test_other_folded_themes_are_not_compared),
		TEST(test_a_quote_is_withdrawn_again),
		TEST(test_what_cannot_be_kept_leaves_nothing),
	};

	return cmocka_run_group_tests_name("releases", tests, NULL, NULL);
}
