#include "publish_help.h"

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
		TEST(test_coarser_tables_show_more),
	};

	if (getenv("PAGE"))
		write_page(getenv("PAGE"), 4000);
	return cmocka_run_group_tests_name("publish", tests, NULL, NULL);
}
