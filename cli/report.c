/*
 * report: cross-tables of the store as grids.
 */
#include "report.h"

#include <stdlib.h>
#include <string.h>

static const char *const MEASURES[] = {
	"members", "respondents", "messages", "mentions", "reported",
};

const char *measure_id(enum measure measure)
{
	return MEASURES[measure];
}

const char *const *measure_ids(void)
{
	return MEASURES;
}

int measure_from_id(const char *id)
{
	for (int i = 0; i < MEASURE_COUNT; i++)
		if (strcmp(id, MEASURES[i]) == 0)
			return i;
	return -1;
}

uint64_t measure_of(const struct sdg_measures *m, enum measure measure)
{
	switch (measure) {
	case MEASURE_MEMBERS:
		return m->members;
	case MEASURE_RESPONDENTS:
		return m->respondents;
	case MEASURE_MESSAGES:
		return m->messages;
	case MEASURE_MENTIONS:
		return m->mentions;
	case MEASURE_REPORTED:
		return m->reported;
	case MEASURE_COUNT:
		break;
	}
	return 0;
}

enum measure report_default_measure(const struct report *report)
{
	return report->result.directory ? MEASURE_MEMBERS : MEASURE_RESPONDENTS;
}

/* Outside the regions a consultation asked, nothing said says nothing. */
static int find_not_asked(struct sdg_store *store, struct report *report,
			  struct sdg_error *err)
{
	const char *id = report->query.filter.consultation;
	struct sdg_consultation c = { 0 };
	int rc;

	if (!id)
		return 0;
	rc = sdg_consultation_get(store, id, &c, err);
	if (rc < 0 || c.regions == 0)
		return rc;
	for (int i = 1; i < SDG_REGION_UNKNOWN; i++)
		if (!(c.regions & UINT32_C(1) << i))
			report->not_asked |= UINT32_C(1) << i;
	return 0;
}

static int ask(struct sdg_store *store, const struct sdg_query *query,
	       struct report *report, struct sdg_error *err)
{
	struct sdg_query one = *query;
	int rc;

	*report = (struct report){ .query = *query,
				   .crossed = query->dim_count == 2 };
	rc = dim_names_load(store, &report->names, err);
	if (rc == 0)
		rc = find_not_asked(store, report, err);
	if (rc < 0)
		return rc;
	rc = sdg_store_report(store, query, &report->result, err);
	if (rc < 0)
		return rc;
	if (!report->crossed)
		return report_measured(store, report, err);

	one.dim_count = 1;
	rc = sdg_store_report(store, &one, &report->firsts, err);
	if (rc < 0)
		return rc;
	one.dims[0] = query->dims[1];
	rc = sdg_store_report(store, &one, &report->seconds, err);
	return rc < 0 ? rc : report_measured(store, report, err);
}

int report_ask(struct sdg_store *store, const struct sdg_query *query,
	       struct report *report, struct sdg_error *err)
{
	struct sdg_result lists[REPORT_LISTS];
	int rc = ask(store, query, report, err);

	if (rc < 0 || !report_policy())
		return rc;
	rc = report_policy_lists(store, query, lists, err);
	if (rc == 0)
		rc = report_under_policy(report, lists, err);
	for (size_t i = 0; i < REPORT_LISTS; i++)
		sdg_result_fini(&lists[i]);
	return rc;
}

void report_fini(struct report *report)
{
	sdg_result_fini(&report->result);
	sdg_result_fini(&report->firsts);
	sdg_result_fini(&report->seconds);
	dim_names_free(&report->names);
	free(report->spans);
}

static void put_measures(struct cell *cells, const struct sdg_measures *m,
			 bool members, bool measured)
{
	for (int i = 0; i < MEASURE_COUNT; i++) {
		if (i == MEASURE_MEMBERS && !members)
			continue;
		if (measured)
			cell_measure(cells, measure_of(m, (enum measure)i));
		else
			cell_not_measured(cells);
		cells++;
	}
}

struct grid *report_long(const struct report *report, bool people, bool share)
{
	const struct sdg_query *query = &report->query;
	bool members = !people || report->result.directory;
	struct grid *grid = grid_new("report");

	for (size_t d = 0; d < query->dim_count; d++)
		grid_truncate(grid,
			      grid_column(grid, dim_id(query->dims[d]),
					  dim_title(query->dims[d]), false));
	for (int i = 0; i < MEASURE_COUNT; i++)
		if (i != MEASURE_MEMBERS || members)
			grid_column(grid, MEASURES[i], MEASURES[i], true);
	if (share)
		grid_column(grid, "share", "share %", true);

	for (size_t r = 0; r < report->result.row_count; r++) {
		const struct sdg_row *row = &report->result.rows[r];
		struct cell *cells = grid_row(grid);

		for (size_t d = 0; d < query->dim_count; d++)
			dim_cell(&report->names, query->dims[d], row->key[d],
				 &cells[d]);
		put_measures(cells + query->dim_count, &row->measures, members,
			     row_is_measured(row));
	}
	for (size_t d = 0; d < query->dim_count; d++)
		cell_text(&grid_total(grid)[d], "total", NULL);
	put_measures(grid_total(grid) + query->dim_count,
		     &report->result.totals, members, true);
	return grid;
}

static const struct sdg_measures *margin_of(const struct sdg_result *margin,
					    uint32_t key);

/* What @row's share is of; NULL when that margin is not there. */
static const struct sdg_measures *base_of(const struct report *report,
					  const struct sdg_row *row,
					  enum share share)
{
	switch (share) {
	case SHARE_ROW:
		return report->crossed ? margin_of(&report->firsts, row->key[0])
				       : &report->result.totals;
	case SHARE_COLUMN:
		return report->crossed
			   ? margin_of(&report->seconds, row->key[1])
			   : &report->result.totals;
	case SHARE_ALL:
		return &report->result.totals;
	case SHARE_NONE:
		break;
	}
	return NULL;
}

static void share_cell(struct cell *cell, const struct sdg_measures *part,
		       const struct sdg_measures *whole, enum measure measure)
{
	uint64_t base = whole ? measure_of(whole, measure) : 0;

	if (base)
		cell_number(cell, 100.0 * (double)measure_of(part, measure) /
				      (double)base);
}

void report_add_share(const struct report *report, struct grid *grid,
		      enum measure measure, enum share share)
{
	size_t last = grid->column_count - 1;

	for (size_t r = 0; r < report->result.row_count; r++) {
		const struct sdg_row *row = &report->result.rows[r];

		if (share != SHARE_NONE && !row_is_measured(row))
			cell_not_measured(
			    &grid->cells[r * grid->column_count + last]);
		else
			share_cell(&grid->cells[r * grid->column_count + last],
				   &row->measures, base_of(report, row, share),
				   measure);
	}
}

/* The place of @key among one dimension's rows; every key of a cross-table
 * stands in its margin. */
static size_t place_of(const struct sdg_result *margin, uint32_t key)
{
	size_t low = 0, high = margin->row_count;

	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (margin->rows[mid].key[0] < key)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

static const struct sdg_measures *margin_of(const struct sdg_result *margin,
					    uint32_t key)
{
	size_t at = place_of(margin, key);

	return at < margin->row_count ? &margin->rows[at].measures : NULL;
}

static int heat_of(uint64_t value, uint64_t most)
{
	if (value == 0 || most == 0)
		return 0;
	return 1 + (int)(value * 4 / most);
}

/* The heading of a column: a short form where there is one. */
static void cross_column(struct grid *grid, const struct dim_names *names,
			 enum sdg_dim dim, uint32_t key)
{
	struct cell words = { 0 };
	const char *brief = dim_short(dim, key);

	dim_cell(names, dim, key, &words);
	grid_column(grid, words.text, brief ? brief : words.text, true);
	free(words.text);
	free(words.label);
}

static void cross_rows(const struct report *report, struct grid *grid,
		       enum measure measure, bool turned)
{
	const struct sdg_result *down =
	    turned ? &report->seconds : &report->firsts;
	const struct sdg_result *across =
	    turned ? &report->firsts : &report->seconds;
	size_t down_dim = turned ? 1 : 0, across_dim = turned ? 0 : 1;
	uint64_t most = 0;

	for (size_t r = 0; r < down->row_count; r++) {
		struct cell *cells = grid_row(grid);

		dim_cell(&report->names, report->query.dims[down_dim],
			 down->rows[r].key[0], &cells[0]);
		for (size_t c = 0; c < across->row_count; c++)
			cell_count(&cells[1 + c], 0);
		cell_measure(&cells[1 + across->row_count],
			     measure_of(&down->rows[r].measures, measure));
	}
	for (size_t i = 0; i < report->result.row_count; i++) {
		const struct sdg_row *row = &report->result.rows[i];
		size_t r = place_of(down, row->key[down_dim]);
		size_t c = place_of(across, row->key[across_dim]);
		uint64_t value = measure_of(&row->measures, measure);

		if (r >= down->row_count || c >= across->row_count)
			continue;
		cell_measure(&grid->cells[r * grid->column_count + 1 + c],
			     value);
		if (value != MEASURE_HIDDEN)
			most = value > most ? value : most;
	}
	for (size_t r = 0; r < down->row_count; r++)
		for (size_t c = 0; c < across->row_count; c++) {
			struct cell *cell =
			    &grid->cells[r * grid->column_count + 1 + c];

			if (cell->type == CELL_COUNT)
				cell->heat = heat_of(cell->count, most);
		}
}

/* A count of @grid as per cent of @base. */
static void to_percent(struct cell *cell, uint64_t base)
{
	uint64_t count = cell->count;

	cell->type = CELL_EMPTY;
	if (base)
		cell_number(cell, 100.0 * (double)count / (double)base);
}

/* All counts of a crossed table as shares; what the margins are shares of
 * follows: a margin that is the base is 100, the other is of the total. */
static void cross_shares(const struct report *report, struct grid *grid,
			 enum measure measure, enum share share, bool turned)
{
	const struct sdg_result *down =
	    turned ? &report->seconds : &report->firsts;
	const struct sdg_result *across =
	    turned ? &report->firsts : &report->seconds;
	bool of_down = share == (turned ? SHARE_COLUMN : SHARE_ROW);
	bool of_across = share == (turned ? SHARE_ROW : SHARE_COLUMN);
	uint64_t all = measure_of(&report->result.totals, measure);
	size_t width = grid->column_count, last = width - 1;

	for (size_t r = 0; r < down->row_count; r++) {
		struct cell *row = grid->cells + r * width;
		uint64_t of_row = row[last].count;

		for (size_t c = 0; c < across->row_count; c++)
			to_percent(&row[1 + c], of_down ? of_row
						: of_across
						    ? grid->total[1 + c].count
						    : all);
		to_percent(&row[last], of_down ? of_row : all);
	}
	for (size_t c = 0; c < across->row_count; c++)
		to_percent(&grid->total[1 + c],
			   of_across ? grid->total[1 + c].count : all);
	to_percent(&grid->total[last], all);
}

/* What was not measured: single cells, and the margins of themes that were
 * not measured at all. */
static void cross_unmeasured(const struct report *report, struct grid *grid,
			     bool turned)
{
	const struct sdg_result *down =
	    turned ? &report->seconds : &report->firsts;
	const struct sdg_result *across =
	    turned ? &report->firsts : &report->seconds;
	size_t width = grid->column_count;

	for (size_t i = 0; i < report->result.row_count; i++) {
		const struct sdg_row *row = &report->result.rows[i];
		size_t r = place_of(down, row->key[turned ? 1 : 0]);
		size_t c = place_of(across, row->key[turned ? 0 : 1]);

		if (!row_is_measured(row) && r < down->row_count &&
		    c < across->row_count)
			cell_not_measured(&grid->cells[r * width + 1 + c]);
	}
	for (size_t r = 0; r < down->row_count; r++)
		if (!row_is_measured(&down->rows[r]))
			cell_not_measured(&grid->cells[(r + 1) * width - 1]);
	for (size_t c = 0; c < across->row_count; c++)
		if (!row_is_measured(&across->rows[c]))
			cell_not_measured(&grid->total[1 + c]);
}

struct grid *report_cross(const struct report *report, enum measure measure,
			  enum share share, bool turned)
{
	const struct sdg_result *across =
	    turned ? &report->firsts : &report->seconds;
	enum sdg_dim down_dim = report->query.dims[turned ? 1 : 0];
	enum sdg_dim across_dim = report->query.dims[turned ? 0 : 1];
	struct grid *grid = grid_new(MEASURES[measure]);
	struct cell *total;

	grid_truncate(grid, grid_column(grid, dim_id(down_dim),
					dim_title(down_dim), false));
	for (size_t c = 0; c < across->row_count; c++)
		cross_column(grid, &report->names, across_dim,
			     across->rows[c].key[0]);
	grid_column(grid, "all", "all", true);
	for (size_t c = 1; c < grid->column_count; c++)
		grid->columns[c].decimals = share == SHARE_NONE ? 1 : 0;

	cross_rows(report, grid, measure, turned);
	total = grid_total(grid);
	cell_text(&total[0], "total", "all");
	for (size_t c = 0; c < across->row_count; c++)
		cell_measure(&total[1 + c],
			     measure_of(&across->rows[c].measures, measure));
	cell_measure(&total[1 + across->row_count],
		     measure_of(&report->result.totals, measure));
	if (share != SHARE_NONE)
		cross_shares(report, grid, measure, share, turned);
	cross_unmeasured(report, grid, turned);
	return grid;
}

char *report_period(const struct cli_args *args)
{
	char since[DATE_SIZE], until[DATE_SIZE];

	date_format(args->filter.since_day, since);
	date_format(args->filter.until_day - 1, until);
	if (args->has_since && args->has_until)
		return xformat("from %s to %s, both days included", since,
			       until);
	if (args->has_since)
		return xformat("from %s on, that day included", since);
	if (args->has_until)
		return xformat("until %s, that day included", until);
	return xstrdup("all time");
}
