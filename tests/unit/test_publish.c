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

	seed = 7;
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

/* @count people who have nothing else to do with the rest: a message each on
 * @day, of @region, about @theme. */
static void add_people(struct help *h, unsigned first, size_t count, int day,
		       enum sdg_region region, int theme)
{
	struct piece_of *pieces = calloc(count, sizeof(*pieces));

	for (size_t n = 0; n < count; n++) {
		unsigned number = first + (unsigned)n;

		help_mail(&pieces[n], number, number, day);
		pieces[n].item.labels.region = region;
		pieces[n].item.labels.stance = SDG_STANCE_POSITIVE;
		help_themes(&pieces[n], 1, theme, 0, 0);
	}
	help_apply(h, pieces, count);
	free(pieces);
}

static void use_frame(struct help *h)
{
	assert_int_equal(
	    sdg_store_use_frame(h->store, DEFAULT_FRAME, THEMES, 1, &h->err),
	    0);
}

static size_t column_of(const struct pub_table *t, const char *id)
{
	size_t c = 0;

	while (c < t->cols.n && strcmp(t->cols.ids[c], id) != 0)
		c++;
	assert_true(c < t->cols.n);
	return c;
}

/* Eleven in two regions: the table of regions hides their total, which the
 * table of stances has as well. */
static void test_a_figure_is_hidden_in_every_table_that_has_it(void **state)
{
	struct publication_question q = question(sdg_policy_find("ons-10-5"));
	struct help *h = *state;
	struct publication *p;
	size_t c;

	use_frame(h);
	add_people(h, 0, 60, FIRST_DAY, SDG_REGION_SOUTH_EAST, 1);
	add_people(h, 100, 5, FIRST_DAY, SDG_REGION_LONDON, 2);
	add_people(h, 200, 6, FIRST_DAY, SDG_REGION_NORTH_EAST, 2);
	p = ask(h, &q);
	assert_int_equal(publication_hide(p, &h->err), 0);
	c = column_of(&p->themes, DEFAULT_FRAME[2]);
	assert_int_equal(
	    p->themes.counts[pub_at(&p->themes, p->themes.rows.n, c)], 11);
	assert_int_not_equal(
	    p->themes.cells[pub_at(&p->themes, p->themes.rows.n, c)],
	    SDG_CELL_SHOWN);
	assert_int_not_equal(
	    p->stances.cells[pub_at(&p->stances, p->stances.rows.n, c)],
	    SDG_CELL_SHOWN);
	publication_free(p);
}

/* Of two months one of which is hidden, the other and all would tell it. */
static void test_a_hidden_month_is_not_what_the_others_leave(void **state)
{
	struct publication_question q = question(sdg_policy_find("ons-10-5"));
	struct help *h = *state;
	struct publication *p;
	size_t shown = 0;

	use_frame(h);
	add_people(h, 0, 40, FIRST_DAY, SDG_REGION_LONDON, 1);
	add_people(h, 100, 7, FIRST_DAY + 60, SDG_REGION_LONDON, 1);
	p = ask(h, &q);
	assert_int_equal(publication_hide(p, &h->err), 0);
	assert_int_equal(p->months.rows.n, 2);
	for (size_t r = 0; r <= p->months.rows.n; r++)
		shown += p->months.cells[r] == SDG_CELL_SHOWN;
	assert_int_equal(shown, 1);
	publication_free(p);
}

/* What moves is told of themes whose figures are shown. */
static void test_no_hidden_theme_is_said_to_rise(void **state)
{
	struct publication_question q = question(sdg_policy_find("ofqual-5"));
	struct help *h = *state;
	struct sdg_policy strict;
	struct publication *p;

	use_frame(h);
	for (unsigned month = 0; month < 4; month++) {
		int day = FIRST_DAY + 31 * (int)month;

		add_people(h, 1000 * month, 60, day, SDG_REGION_LONDON, 1);
		add_people(h, 1000 * month + 100, 1 + 2 * month * month, day,
			   SDG_REGION_LONDON, 2);
	}
	p = ask(h, &q);
	assert_int_equal(publication_hide(p, &h->err), 0);
	assert_int_equal(p->move_count, 1);
	assert_true(p->moves[0].rising);
	publication_free(p);
	strict = *q.policy;
	strict.threshold = 40;
	q.policy = &strict;
	p = ask(h, &q);
	assert_int_equal(publication_hide(p, &h->err), 0);
	assert_int_equal(p->move_count, 0);
	publication_free(p);
}

/* More of them a day each month, of the last of which four days are over. */
static void test_a_month_that_has_begun_is_no_fall(void **state)
{
	static const unsigned A_DAY[] = { 1, 3, 6, 9 };
	struct publication_question q = question(sdg_policy_find("ofqual-5"));
	struct help *h = *state;
	struct publication *p;

	use_frame(h);
	for (unsigned day = 0; day < 31 + 28 + 31 + 4; day++)
		add_people(h, 100 * day,
			   A_DAY[(day >= 31) + (day >= 59) + (day >= 90)],
			   16436 + (int)day, SDG_REGION_LONDON, 1);
	p = ask(h, &q);
	assert_int_equal(p->months.rows.n, 4);
	assert_int_equal(p->move_count, 1);
	assert_true(p->moves[0].rising);
	publication_free(p);
}

static double bar_at(const char *page, int bar)
{
	const char *at = strstr(page, "<svg class=\"months\"");

	for (; bar >= 0; bar--) {
		at = strstr(at + 1, "<rect class=\"bar\" x=\"");
		assert_non_null(at);
	}
	return strtod(at + strlen("<rect class=\"bar\" x=\""), NULL);
}

/* Between January and April there are two months. */
static void test_a_month_without_feedback_has_its_place(void **state)
{
	struct publication_question q = question(sdg_policy_find("ofqual-5"));
	struct help *h = *state;
	struct publication *p;
	char *page;

	use_frame(h);
	add_people(h, 0, 20, 16436, SDG_REGION_LONDON, 1);
	add_people(h, 100, 20, 16436 + 95, SDG_REGION_LONDON, 1);
	add_people(h, 200, 20, 16436 + 125, SDG_REGION_LONDON, 1);
	p = ask(h, &q);
	assert_int_equal(publication_hide(p, &h->err), 0);
	publication_round(p);
	page = page_of(h, p);
	assert_true(bar_at(page, 1) - bar_at(page, 0) >
		    2.5 * (bar_at(page, 2) - bar_at(page, 1)));
	free(page);
	publication_free(p);
}

/* The figures at the head of the page are under the policy, too. */
static void test_the_headline_hides_small_figures(void **state)
{
	struct publication_question q = question(sdg_policy_find("ons-10-5"));
	struct help *h = *state;
	struct publication *p;
	char *page, *head, *end;
	size_t marks = 0;

	use_frame(h);
	add_people(h, 0, 6, FIRST_DAY, SDG_REGION_LONDON, 1);
	p = ask(h, &q);
	p->reported = 3;
	assert_int_equal(publication_hide(p, &h->err), 0);
	publication_round(p);
	page = page_of(h, p);
	head = strstr(page, "<dl class=\"heads\"");
	end = strstr(head, "</dl>");
	for (char *at = head; (at = strstr(at, PUB_MARK)) && at < end; at++)
		marks++;
	assert_int_equal(marks, 3); /* people, pieces, voices */
	free(page);
	publication_free(p);
}

static void test_large_figures_and_long_notes_are_whole(void **state)
{
	struct publication_question q = question(sdg_policy_find("ons-10-5"));
	struct help *h = *state;
	struct publication *p;
	char *page, *notes = calloc(1, 4096);

	seed = 10;
	fill(h, 0, 50);
	p = ask(h, &q);
	assert_int_equal(publication_hide(p, &h->err), 0);
	publication_round(p);
	p->messages = 1234565;
	for (int i = 0; i < 30; i++)
		strcat(notes, "Workload is measured from 2015-03-01. ");
	free(p->unmeasured);
	p->unmeasured = notes;
	page = page_of(h, p);
	assert_non_null(strstr(page, "<dd>1,234,565</dd>"));
	assert_non_null(strstr(page, "no figure there is not nought.</dd>"));
	free(page);
	publication_free(p);
}

/* Approves the only sentence of @piece. */
static void approve(struct help *h, const struct piece_of *piece)
{
	char id[2 * SDG_EVENT_ID_SIZE + 1], path[SDG_PATH_MAX + 16];
	FILE *out;

	snprintf(path, sizeof(path), "%s/quotes.jsonl", h->home.root);
	id_hex(piece->item.id, SDG_EVENT_ID_SIZE, id);
	out = fopen(path, "a");
	assert_non_null(out);
	fprintf(out,
		"{\"quote\":\"%s-1\",\"state\":\"approved\","
		"\"theme\":\"%s\"}\n",
		id, DEFAULT_FRAME[1]);
	assert_int_equal(fclose(out), 0);
}

static void has_quotes(struct help *h, const struct publication_question *q,
		       size_t count)
{
	struct publication *p = ask(h, q);

	assert_int_equal(p->quote_count, count);
	publication_free(p);
}

/* What a page asks for, its quotes are of. */
static void test_quotes_are_of_what_is_asked_for(void **state)
{
	const struct sdg_consultation other = { .id = "pilots" };
	struct publication_question q = question(sdg_policy_find("ons-10-5"));
	struct help *h = *state;
	struct piece_of piece;

	use_frame(h);
	help_mail(&piece, 1, 1, FIRST_DAY);
	piece.item.labels.stance = SDG_STANCE_MIXED;
	piece.item.labels.role = SDG_ROLE_HEAD;
	piece.item.labels.phases = SDG_PHASE_PRIMARY;
	help_themes(&piece, 1, 1, 0, 0);
	assert_int_equal(help_take(h, &piece), SDG_OUTCOME_COUNTED);
	assert_int_equal(sdg_consultation_put(h->store, &other, &h->err), 0);
	approve(h, &piece);
	has_quotes(h, &q, 1);
	q.filter.sources = 1 << SDG_SOURCE_SURVEY;
	has_quotes(h, &q, 0);
	q.filter.sources = 1 << SDG_SOURCE_MAIL;
	q.filter.stances = 1 << SDG_STANCE_POSITIVE;
	has_quotes(h, &q, 0);
	q.filter.stances = 1 << SDG_STANCE_MIXED;
	q.filter.roles = 1 << SDG_ROLE_DEPUTY;
	has_quotes(h, &q, 0);
	q.filter.roles = 1 << SDG_ROLE_HEAD;
	q.filter.phases = SDG_PHASE_SECONDARY;
	has_quotes(h, &q, 0);
	q.filter.phases = SDG_PHASE_PRIMARY;
	q.filter.consultation = "pilots";
	has_quotes(h, &q, 0);
	q.filter.consultation = "future";
	has_quotes(h, &q, 1);
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
		TEST(test_a_figure_is_hidden_in_every_table_that_has_it),
		TEST(test_a_hidden_month_is_not_what_the_others_leave),
		TEST(test_no_hidden_theme_is_said_to_rise),
		TEST(test_a_month_that_has_begun_is_no_fall),
		TEST(test_a_month_without_feedback_has_its_place),
		TEST(test_the_headline_hides_small_figures),
		TEST(test_large_figures_and_long_notes_are_whole),
		TEST(test_quotes_are_of_what_is_asked_for),
	};

	if (getenv("PAGE"))
		write_page(getenv("PAGE"), 4000);
	return cmocka_run_group_tests_name("publish", tests, NULL, NULL);
}
