/*
 * report_compare: two periods or two sources side by side.
 *
 * Periods are compared by their rates a day, since months differ in
 * length; sources by what share each cell is of its own source, since a
 * survey and a mailbox differ in size for reasons of their own. A mark
 * says that the difference is more than noise, corrected for the many
 * cells that are looked at.
 */
#include "report.h"

#include <err.h>
#include <stdlib.h>
#include <string.h>

#include "stats.h"

#define FALSE_DISCOVERIES 0.05

struct side {
	char *title;
	struct sdg_query query;
	struct sdg_result result;
	double named;    /* days of the period as it was named */
	double exposure; /* of them, those the data reach */
};

struct comparison {
	struct side sides[2];
	bool periods;
	enum measure measure;
	struct dim_names names;
	struct sdg_span spans[SDG_STORE_THEMES];
};

/* One combination of keys, with what each side has of it. */
struct pair {
	uint32_t key[SDG_DIMS_MAX];
	uint64_t value[2];
	bool unmeasured[2]; /* a theme that nobody looked for then */
	double z, p;
};

/* "2015-01" or "2015-01..2015-03" */
static int parse_period(const char *text, struct side *side)
{
	const char *dots = strstr(text, "..");
	int32_t first, past, unused;
	char *from;

	if (!dots) {
		if (date_parse(text, &first, &past) < 0)
			return -1;
	} else {
		from = strndup(text, (size_t)(dots - text));
		if (!from || date_parse(from, &first, &unused) < 0 ||
		    date_parse(dots + 2, &unused, &past) < 0 || past <= first) {
			free(from);
			return -1;
		}
		free(from);
	}
	side->query.filter.since_day = first;
	side->query.filter.until_day = past;
	side->named = side->exposure = past - first;
	return 0;
}

static int parse_sides(struct comparison *c, const char *what)
{
	const char *comma = strchr(what, ',');
	int source[2];

	if (!comma || strchr(comma + 1, ','))
		return -1;
	c->sides[0].title = strndup(what, (size_t)(comma - what));
	c->sides[1].title = xstrdup(comma + 1);
	if (!c->sides[0].title)
		return -1;
	c->periods = true;
	if (parse_period(c->sides[0].title, &c->sides[0]) == 0 &&
	    parse_period(c->sides[1].title, &c->sides[1]) == 0)
		return 0;
	c->periods = false;
	for (int i = 0; i < 2; i++) {
		source[i] = sdg_source_from_id(sdg_str(c->sides[i].title));
		if (source[i] <= 0)
			return -1;
		c->sides[i].query.filter.sources = (uint8_t)(1u << source[i]);
	}
	return source[0] == source[1] ? -1 : 0;
}

/* Both results are ascending by key: walk them together. */
static struct pair *merge(const struct comparison *c, size_t *n)
{
	const struct sdg_result *a = &c->sides[0].result;
	const struct sdg_result *b = &c->sides[1].result;
	struct pair *pairs =
	    xcalloc(a->row_count + b->row_count, sizeof(*pairs));
	size_t i = 0, j = 0;

	*n = 0;
	while (i < a->row_count || j < b->row_count) {
		struct pair *pair = &pairs[(*n)++];
		int order = 0;

		for (size_t d = 0; d < SDG_DIMS_MAX && order == 0 &&
				   i < a->row_count && j < b->row_count;
		     d++)
			order = (a->rows[i].key[d] > b->rows[j].key[d]) -
				(a->rows[i].key[d] < b->rows[j].key[d]);
		if (i == a->row_count)
			order = 1;
		else if (j == b->row_count)
			order = -1;
		memcpy(pair->key, order <= 0 ? a->rows[i].key : b->rows[j].key,
		       sizeof(pair->key));
		if (order <= 0)
			pair->value[0] =
			    measure_of(&a->rows[i++].measures, c->measure);
		if (order >= 0)
			pair->value[1] =
			    measure_of(&b->rows[j++].measures, c->measure);
	}
	return pairs;
}

/* Where one period is wholly before a theme's first day, or behind its last,
 * there is nothing to compare. */
static void find_unmeasured(const struct comparison *c, struct pair *pair)
{
	const struct sdg_query *query = &c->sides[0].query;

	for (size_t d = 0; c->periods && d < query->dim_count; d++) {
		struct sdg_span span;

		if (query->dims[d] != SDG_DIM_THEME)
			continue;
		span = c->spans[pair->key[d]];
		for (int i = 0; i < 2; i++) {
			const struct sdg_filter *f = &c->sides[i].query.filter;

			pair->unmeasured[i] = pair->value[i] == 0 &&
					      sdg_span_days(span, f->since_day,
							    f->until_day) == 0;
		}
	}
}

static void judge(const struct comparison *c, struct pair *pairs, size_t n)
{
	double totals[2], exposures[2];

	for (int i = 0; i < 2; i++) {
		totals[i] =
		    (double)measure_of(&c->sides[i].result.totals, c->measure);
		exposures[i] = c->periods ? c->sides[i].exposure : totals[i];
	}
	for (size_t i = 0; i < n; i++) {
		find_unmeasured(c, &pairs[i]);
		if (!pairs[i].unmeasured[0] && !pairs[i].unmeasured[1])
			pairs[i].z =
			    stats_change(pairs[i].value[0], exposures[0],
					 pairs[i].value[1], exposures[1]);
		pairs[i].p = stats_p_of_z(pairs[i].z);
	}
}

/* A month of which the store has the last days only is no fall, nor the
 * next one a rise: days before the first piece and behind the last one, of
 * whatever region or theme, are no exposure. */
static int cut_exposures(struct sdg_store *store, struct comparison *c,
			 struct sdg_error *err)
{
	struct sdg_query whole = { 0 };
	struct sdg_result result = { 0 };
	int rc;

	/* The store's own ends, but for where the answers come from. */
	whole.filter.consultation = c->sides[0].query.filter.consultation;
	whole.filter.sources = c->sides[0].query.filter.sources;
	rc = sdg_store_report(store, &whole, &result, err);
	for (int i = 0; i < 2 && rc == 0 && result.totals.messages; i++) {
		struct side *side = &c->sides[i];
		int32_t first = side->query.filter.since_day;
		int32_t past = side->query.filter.until_day;

		if (first < result.first_day)
			first = result.first_day;
		if (past > result.last_day + 1)
			past = result.last_day + 1;
		side->exposure = past > first ? past - first : 0;
	}
	sdg_result_fini(&result);
	return rc;
}

static double bar_of(const struct pair *pairs, size_t n)
{
	double *p = xcalloc(n, sizeof(*p)), bar;

	for (size_t i = 0; i < n; i++)
		p[i] = pairs[i].p;
	bar = stats_fdr(p, n, FALSE_DISCOVERIES);
	free(p);
	return bar;
}

/* Dimensions, then: before, after, change, change %, mark. */
static void put_pair(struct cell *cells, const uint64_t value[2],
		     const char *mark, const char *words)
{
	double change = (double)value[1] - (double)value[0];

	cell_count(&cells[0], value[0]);
	cell_count(&cells[1], value[1]);
	cell_number(&cells[2], change);
	if (value[0])
		cell_number(&cells[3], 100 * change / (double)value[0]);
	if (mark)
		cell_text(&cells[4], words, mark);
}

/* In the place of what put_pair() wrote, where there is no such figure. */
static void put_unmeasured(struct cell *cells, const struct pair *pair)
{
	for (int i = 0; i < 2; i++)
		if (pair->unmeasured[i])
			cell_not_measured(&cells[i]);
	for (int i = 2; i < 4; i++)
		if (pair->unmeasured[0] || pair->unmeasured[1])
			cell_not_measured(&cells[i]);
}

static struct grid *to_grid(const struct comparison *c)
{
	const struct sdg_query *query = &c->sides[0].query;
	struct grid *grid = grid_new("comparison");
	uint64_t totals[2];
	size_t n, dims = query->dim_count;
	struct pair *pairs;
	double bar;

	for (size_t d = 0; d < dims; d++)
		grid_column(grid, dim_id(query->dims[d]),
			    dim_title(query->dims[d]), false);
	grid_column(grid, "before", c->sides[0].title, true);
	grid_column(grid, "after", c->sides[1].title, true);
	grid_decimals(grid, grid_column(grid, "change", "change", true), 0);
	grid_column(grid, "change_percent", "%", true);
	grid_column(grid, "notable", "", false);

	pairs = merge(c, &n);
	judge(c, pairs, n);
	bar = bar_of(pairs, n);
	for (size_t i = 0; i < n; i++) {
		struct cell *cells = grid_row(grid);
		bool stands = pairs[i].p <= bar;

		for (size_t d = 0; d < dims; d++)
			dim_cell(&c->names, query->dims[d], pairs[i].key[d],
				 &cells[d]);
		put_pair(cells + dims, pairs[i].value,
			 !stands          ? ""
			 : pairs[i].z > 0 ? "\xe2\x96\xb2"  /* ▲ */
					  : "\xe2\x96\xbc", /* ▼ */
			 !stands          ? "no"
			 : pairs[i].z > 0 ? "more"
					  : "fewer");
	}
	for (size_t i = 0; i < n; i++)
		put_unmeasured(&grid->cells[i * grid->column_count + dims],
			       &pairs[i]);
	for (int i = 0; i < 2; i++)
		totals[i] = measure_of(&c->sides[i].result.totals, c->measure);
	for (size_t d = 0; d < dims; d++)
		cell_text(&grid_total(grid)[d], "total", NULL);
	put_pair(grid_total(grid) + dims, totals, NULL, NULL);
	free(pairs);
	return grid;
}

static bool is_cut(const struct comparison *c)
{
	return c->sides[0].exposure < c->sides[0].named ||
	       c->sides[1].exposure < c->sides[1].named;
}

static void notes(const struct comparison *c, struct grid *grid)
{
	grid_note(grid, false, "%s: %s beside %s%s", measure_id(c->measure),
		  c->sides[0].title, c->sides[1].title,
		  c->periods ? " (all days named are included)" : "");
	if (c->periods && is_cut(c))
		grid_note(grid, true,
			  "There are data for %.0f of the %.0f days of %s and "
			  "%.0f of the %.0f of %s: the marks compare rates a "
			  "day of these, the figures do not%s.",
			  c->sides[0].exposure, c->sides[0].named,
			  c->sides[0].title, c->sides[1].exposure,
			  c->sides[1].named, c->sides[1].title,
			  c->sides[0].exposure > 0 && c->sides[1].exposure > 0
			      ? ""
			      : "; without a day there is nothing to mark");
	else if (c->periods && c->sides[0].exposure != c->sides[1].exposure)
		grid_note(grid, true,
			  "The periods have %.0f and %.0f days: the marks "
			  "compare rates a day, the figures do not.",
			  c->sides[0].exposure, c->sides[1].exposure);
	if (!c->periods)
		grid_note(grid, true,
			  "The marks compare what share a row is of its own "
			  "source, not the figures.");
	grid_note(grid, true,
		  "\xe2\x96\xb2 more, \xe2\x96\xbc fewer: more than noise at a "
		  "false discovery rate of 5 %% over these rows; rows of fewer "
		  "than 10 are not judged.");
	grid_note(grid, true,
		  "Exact internal figures. A consultation is not a vote, nor a "
		  "survey of the population.");
}

static json_t *envelope(const struct comparison *c)
{
	json_t *json = cli_envelope("report-compare");

	json_object_set_new(json, "measure",
			    json_string(measure_id(c->measure)));
	json_object_set_new(json, "before",
			    cli_json_str(sdg_str(c->sides[0].title)));
	json_object_set_new(json, "after",
			    cli_json_str(sdg_str(c->sides[1].title)));
	for (int i = 0; i < 2 && c->periods; i++)
		json_object_set_new(
		    json, i ? "days_after" : "days_before",
		    json_integer((json_int_t)c->sides[i].exposure));
	for (int i = 0; i < 2; i++)
		json_object_set_new(
		    json, i ? "totals_after" : "totals_before",
		    report_totals_json(&c->sides[i].result.totals));
	return json;
}

int report_compare(struct sdg_store *store, const struct sdg_query *query,
		   const struct cli_args *args, const char *what, int measure)
{
	struct comparison c = { .sides = { { .query = *query },
					   { .query = *query } } };
	struct sdg_error err = { 0 };
	struct grid *grid = NULL;
	int status;

	if (parse_sides(&c, what) < 0) {
		status = cli_usage("--compare wants two periods (2015-01,"
				   "2015-02) or two sources (mail,survey)");
		goto out;
	}
	if (c.periods ? args->has_since || args->has_until
		      : query->filter.sources != 0) {
		status = cli_usage("--compare says itself which %s to look at",
				   c.periods ? "days" : "sources");
		goto out;
	}
	if (dim_names_load(store, &c.names, &err) < 0 ||
	    sdg_store_theme_spans(store, c.spans, &err) < 0 ||
	    sdg_store_report(store, &c.sides[0].query, &c.sides[0].result,
			     &err) < 0 ||
	    sdg_store_report(store, &c.sides[1].query, &c.sides[1].result,
			     &err) < 0 ||
	    (c.periods && cut_exposures(store, &c, &err) < 0)) {
		status = cli_fail(&err);
		goto out;
	}
	c.measure = measure >= 0                  ? (enum measure)measure
		    : c.sides[0].result.directory ? MEASURE_MEMBERS
						  : MEASURE_RESPONDENTS;
	grid = to_grid(&c);
	notes(&c, grid);
	status = cli_emit(args, envelope(&c), grid, NULL);
out:
	grid_free(grid);
	for (int i = 0; i < 2; i++) {
		sdg_result_fini(&c.sides[i].result);
		free(c.sides[i].title);
	}
	dim_names_free(&c.names);
	return status;
}
