#include "store_help.h"

#include "../../cli/releases.h"
#include "../tools/default_frame.h"

enum { THEMES = DEFAULT_FRAME_COUNT, BATCH = 256 };

static unsigned seed;

static unsigned roll(unsigned sides)
{
	seed = seed * 1664525u + 1013904223u;
	return (seed >> 16) % sides;
}

/* The sum of two dice favours the middle: some figures large, some small. */
static unsigned lean(unsigned sides)
{
	return (roll(sides) + roll(sides)) / 2;
}

static void fill(struct help *h, unsigned first, unsigned count)
{
	struct piece_of *pieces = calloc(BATCH, sizeof(*pieces));

	/* so that the page shows the names of themes */
	assert_int_equal(
	    sdg_store_use_frame(h->store, DEFAULT_FRAME, THEMES, 1, &h->err),
	    0);
	for (unsigned n = 0; n < count;) {
		size_t m = 0;

		for (; m < BATCH && n < count; m++, n++) {
			struct piece_of *p = &pieces[m];
			unsigned member = 1 + roll(count);
			int main_theme;

			help_mail(p, first + n, member, 16450 + (int)lean(90));
			p->item.labels.region = (enum sdg_region)(
			    1 + (member % 11 < 9 ? member % 11 : 9 + roll(5)));
			p->item.labels.stance = (enum sdg_stance)roll(4);
			main_theme = (int)lean(THEMES);
			help_themes(p, 1 + (int)roll(3), main_theme,
				    (main_theme + 3) % THEMES,
				    (main_theme + 1 + (int)roll(2)) % THEMES);
		}
		help_apply(h, pieces, m);
	}
	free(pieces);
}

static struct publication_question question(const struct sdg_policy *policy)
{
	return (struct publication_question){
		.policy = policy,
		.title = "What members told us",
		.period = "January to March 2015",
	};
}

static struct publication *ask(struct help *h,
			       const struct publication_question *q)
{
	struct publication *p = NULL;

	if (publication_ask(h->store, &h->home, q, &p, &h->err) < 0)
		fail_msg("ask: %s", h->err.message);
	return p;
}

static char *page_of(struct help *h, const struct publication *p)
{
	char *page;
	size_t len;

	if (publish_html(p, &page, &len, &h->err) < 0)
		fail_msg("page: %s", h->err.message);
	assert_int_equal(len, strlen(page));
	return page;
}

/* Every figure of the table is what a report says of it. */
static void test_publication_is_asked_of_the_store_exactly(void **state)
{
	struct sdg_query query = { .dims = { SDG_DIM_REGION, SDG_DIM_THEME },
				   .dim_count = 2 };
	struct publication_question q = question(sdg_policy_find("ons-10-5"));
	struct help *h = *state;
	struct sdg_result result;
	struct publication *p;
	size_t seen = 0;

	seed = 3;
	fill(h, 0, 3000);
	p = ask(h, &q);
	assert_int_equal(sdg_store_report(h->store, &query, &result, &h->err),
			 0);
	for (size_t i = 0; i < result.row_count; i++) {
		size_t row = result.rows[i].key[0] - 1;

		for (size_t col = 0; col < p->themes.cols.n; col++) {
			if (strcmp(p->themes.cols.ids[col],
				   sdg_store_theme_id(h->store,
						      result.rows[i].key[1])))
				continue;
			assert_int_equal(
			    p->themes.counts[pub_at(&p->themes, row, col)],
			    result.rows[i].measures.respondents);
			seen++;
		}
	}
	assert_int_equal(seen, result.row_count);
	assert_int_equal(p->people, result.totals.respondents);
	sdg_result_fini(&result);
	publication_free(p);
}

static void test_what_is_published_is_hidden_or_rounded(void **state)
{
	struct publication_question q = question(sdg_policy_find("ons-10-5"));
	struct help *h = *state;
	struct publication *p;
	size_t hidden = 0, figures;

	seed = 4;
	fill(h, 0, 1500);
	p = ask(h, &q);
	assert_int_equal(publication_hide(p, &h->err), 0);
	publication_round(p);
	figures = (p->themes.rows.n + 1) * (p->themes.cols.n + 1);
	for (size_t i = 0; i < figures; i++) {
		if (p->themes.cells[i] != SDG_CELL_SHOWN) {
			assert_int_equal(p->themes.counts[i], 0);
			hidden++;
		}
		assert_int_equal(p->themes.counts[i] % 5, 0);
	}
	assert_in_range(hidden, 1, figures - 1);
	assert_int_equal(p->people % 5, 0);
	publication_free(p);
}

/* CSV, page and table carry the same figures. */
static void test_every_format_says_the_same(void **state)
{
	struct publication_question q = question(sdg_policy_find("ons-10-5"));
	struct help *h = *state;
	struct publication *p;
	struct grid *grid;
	char *page, figure[32], wanted[64];
	size_t i = 0;

	seed = 5;
	fill(h, 0, 2000);
	p = ask(h, &q);
	assert_int_equal(publication_hide(p, &h->err), 0);
	publication_round(p);
	page = page_of(h, p);
	grid = pub_grid(p, &p->themes);
	for (size_t r = 0; r <= p->themes.rows.n; r++) {
		for (size_t c = 0; c <= p->themes.cols.n; c++, i++) {
			const struct cell *row =
			    &grid->cells[i * grid->column_count];

			if (p->themes.cells[i] == SDG_CELL_SHOWN)
				assert_int_equal(row[2].count,
						 p->themes.counts[i]);
			else
				assert_string_equal(row[3].text, "c");
			snprintf(wanted, sizeof(wanted), ">%s</td>",
				 pub_figure(&p->themes, i, figure));
			assert_non_null(strstr(page, wanted));
		}
	}
	assert_int_equal(grid->row_count, i);
	grid_free(grid);
	free(page);
	publication_free(p);
}

static void test_text_on_the_page_is_text(void **state)
{
	struct publication_question q = question(sdg_policy_find("ons-10-5"));
	struct help *h = *state;
	struct publication *p;
	char *page;

	fill(h, 0, 50);
	q.title = "<script>alert(1)</script> & \"more\"";
	p = ask(h, &q);
	assert_int_equal(publication_hide(p, &h->err), 0);
	publication_round(p);
	p->quote_count = 1;
	p->quotes[0] =
	    (struct pub_quote){ .text = strdup("<img src=x onerror='x'>"),
				.theme = strdup("Funding"),
				.region = strdup("London") };
	page = page_of(h, p);
	assert_null(strstr(page, "<script"));
	assert_null(strstr(page, "<img"));
	assert_non_null(strstr(page, "&lt;script&gt;alert(1)&lt;/script&gt; "
				     "&amp; &quot;more&quot;"));
	assert_non_null(strstr(page, "default-src 'none'"));
	free(page);
	publication_free(p);
}

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
	char id[32], with[32];
	json_t *scope;
	size_t conflicts;
	uint64_t before, after;

	seed = 6;
	fill(h, 0, 1200);
	release(h, &q, id);
	p = ask(h, &q);
	scope = release_scope(p, &q, "public");
	assert_int_equal(
	    releases_conflicts(&h->home, p, scope, false, with, &h->err), 0);
	before = p->people;
	json_decref(scope);
	publication_free(p);
	fill(h, 5000, 9);
	p = ask(h, &q);
	scope = release_scope(p, &q, "public");
	after = p->people;
	assert_true(after > before && after < before + 10);
	conflicts =
	    releases_conflicts(&h->home, p, scope, false, with, &h->err);
	assert_true(conflicts > 0);
	assert_string_equal(with, id);
	/* Carried forward, there is no difference left to look at. */
	assert_int_equal(
	    releases_conflicts(&h->home, p, scope, true, with, &h->err),
	    conflicts);
	assert_int_equal(
	    releases_conflicts(&h->home, p, scope, false, with, &h->err), 0);
	json_decref(scope);
	/* Another audience is another series. */
	scope = release_scope(p, &q, "council");
	assert_int_equal(
	    releases_conflicts(&h->home, p, scope, false, with, &h->err), 0);
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
	char id[32], with[32];
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
	    releases_conflicts(&h->home, p, scope, false, with, &h->err) > 0);
	assert_string_equal(with, id);
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
	releases_conflicts(&h->home, p, scope, false, with, &h->err);
	assert_string_not_equal(with, id);
	json_decref(scope);
	publication_free(p);
	free(few);
}

static size_t groups_of(struct help *h, const struct publication_question *q,
			char with[32])
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
	char id[32], with[32];

	seed = 12;
	fill(h, 0, 1500);
	release(h, &q, id);
	q.coarse_regions = true;
	assert_true(groups_of(h, &q, with) > 0);
	assert_string_equal(with, id);
	/* The same regions again are no other table; nor is one that was
	 * withdrawn held against anything. */
	q.coarse_regions = false;
	assert_int_equal(groups_of(h, &q, with), 0);
	q.coarse_regions = true;
	assert_int_equal(releases_withdraw(&h->home, id, "why", &h->err), 0);
	assert_int_equal(groups_of(h, &q, with), 0);
}

/* Few answers: coarser tables hide less. */
static void test_coarser_tables_show_more(void **state)
{
	struct publication_question q = question(sdg_policy_find("ons-10-5"));
	struct help *h = *state;
	struct publication *fine, *coarse;

	seed = 8;
	fill(h, 0, 300);
	fine = ask(h, &q);
	q.coarse_regions = true;
	q.themes_top = 6;
	coarse = ask(h, &q);
	assert_int_equal(publication_hide(fine, &h->err), 0);
	assert_int_equal(publication_hide(coarse, &h->err), 0);
	assert_true(coarse->hidden_share < fine->hidden_share);
	/* Worth printing: every theme and every group has its total. */
	for (size_t c = 0; c <= coarse->themes.cols.n; c++)
		assert_int_equal(
		    coarse->themes.cells[pub_at(&coarse->themes,
						coarse->themes.rows.n, c)],
		    SDG_CELL_SHOWN);
	assert_int_equal(fine->people, coarse->people);
	publication_free(fine);
	publication_free(coarse);
}

/* PAGE=file test_publish: leave a page to look at. */
static void write_page(const char *path, unsigned count)
{
	struct publication_question q = question(sdg_policy_find("ons-10-5"));
	struct help *h;
	struct publication *p;
	char *page;
	void *state;

	help_setup(&state);
	h = state;
	seed = 9;
	fill(h, 0, count);
	p = ask(h, &q);
	publication_hide(p, &h->err);
	publication_round(p);
	page = page_of(h, p);
	assert_int_equal(
	    sdg_write_file(path, page, strlen(page), 0644, &h->err), 0);
	free(page);
	publication_free(p);
	help_teardown(&state);
}

int main(void)
{
#define TEST(name)                                                             \
	cmocka_unit_test_setup_teardown(name, help_setup, help_teardown)
	const struct CMUnitTest tests[] = {
		TEST(test_publication_is_asked_of_the_store_exactly),
		TEST(test_what_is_published_is_hidden_or_rounded),
		TEST(test_every_format_says_the_same),
		TEST(test_text_on_the_page_is_text),
		TEST(test_a_few_more_people_are_not_given_away),
		TEST(test_a_release_is_kept_and_withdrawn),
		TEST(test_what_a_filter_leaves_out_is_not_given_away),
		TEST(test_groups_do_not_give_their_regions_away),
		TEST(test_coarser_tables_show_more),
	};

	if (getenv("PAGE"))
		write_page(getenv("PAGE"), 4000);
	return cmocka_run_group_tests_name("publish", tests, NULL, NULL);
}
