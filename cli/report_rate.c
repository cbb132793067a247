/*
 * report_rate: figures held against the membership.
 *
 * By region, or by phase where the table has it: members heard per 1,000, with
 * 95 % Wilson intervals. By theme:
 * each theme's share of those heard, raw, and weighted so that every region
 * counts by its membership. Where fewer than WEIGHT_LEAST were heard in a
 * region a weight would turn one voice into many: that is refused.
 */
#include "report.h"

#include <err.h>
#include <stdlib.h>
#include <string.h>

#include "stats.h"

#define WEIGHT_LEAST 10
#define TABLE_MAX (1u << 20)

struct membership {
	const struct sdg_filter *filter; /* who is asked about */
	uint64_t regions[SDG_REGION_COUNT];
	uint64_t phases[SDG_PHASE_COUNT]; /* by bit */
	uint64_t all;
	size_t unphased; /* a line without a phase; 0: every one has it */
};

/* The bit of the phase between the commas, or -1. */
static int phase_bit(const char *field, size_t len)
{
	int phase = sdg_phase_from_id((struct sdg_str){ field, len });

	for (int bit = 0; phase > 0 && bit < SDG_PHASE_COUNT; bit++)
		if (phase == 1 << bit)
			return bit;
	return -1;
}

/* "north-east,1834" or "north-east,primary,700": the region is the first
 * field, the number the last; several lines of a region add up. Regions and
 * phases that the question leaves out are left out here too. */
static int parse_line(char *line, size_t number, struct membership *m,
		      struct sdg_error *err)
{
	char *comma = strchr(line, ','), *last = strrchr(line, ',');
	uint8_t asked = m->filter->phases;
	int region, bit = -1;
	int64_t n;

	line[strcspn(line, "\r")] = '\0';
	if (*line == '\0' || *line == '#')
		return 0;
	if (!comma)
		return sdg_fail(err, SDG_EINVAL,
				"read the membership table: line %zu has no "
				"comma",
				number);
	n = cli_number(last + 1, 0, 100000000);
	*comma = '\0';
	region = sdg_region_from_id(sdg_str(line));
	if (number == 1 && n < 0 && region <= 0)
		return 0; /* a heading */
	if (region <= 0)
		return sdg_fail(err, SDG_EINVAL,
				"read the membership table: line %zu begins "
				"with no region",
				number);
	if (n < 0)
		return sdg_fail(err, SDG_EINVAL,
				"read the membership table: line %zu ends "
				"with no number",
				number);
	if (comma != last)
		bit = phase_bit(comma + 1, (size_t)(last - comma - 1));
	if (asked && bit < 0)
		return sdg_fail(err, SDG_EINVAL,
				"read the membership table: --phase wants a "
				"phase between region and number, line %zu has "
				"none",
				number);
	if ((asked && !(asked >> bit & 1)) ||
	    (m->filter->regions &&
	     !(m->filter->regions & UINT32_C(1) << region)))
		return 0;
	m->regions[region] += (uint64_t)n;
	if (bit >= 0)
		m->phases[bit] += (uint64_t)n;
	else
		m->unphased = number;
	m->all += (uint64_t)n;
	return 0;
}

static int load(const struct sdg_home *home, const char *table,
		const struct sdg_filter *filter, struct membership *m,
		struct sdg_error *err)
{
	char *path =
	    table ? xstrdup(table) : xformat("%s/membership.csv", home->root);
	char *text = NULL, *line, *end;
	size_t len, number = 0;
	int rc;

	*m = (struct membership){ .filter = filter };
	rc = sdg_read_file(path, TABLE_MAX, &text, &len, err);
	if (rc == SDG_ENOTFOUND)
		rc =
		    sdg_fail(err, SDG_ENOTFOUND,
			     "no membership table '%s': give --membership FILE "
			     "with lines such as 'north-east,1834'",
			     path);
	line = text;
	/* A byte order mark, as spreadsheets write it. */
	if (line && strncmp(line, "\xef\xbb\xbf", 3) == 0)
		line += 3;
	for (; rc == 0 && line; line = end) {
		end = strchr(line, '\n');
		if (end)
			*end++ = '\0';
		rc = parse_line(line, ++number, m, err);
	}
	if (rc == 0 && m->all == 0)
		rc = sdg_fail(err, SDG_EINVAL,
			      "the membership table '%s' holds nobody", path);
	free(text);
	free(path);
	return rc;
}

static void put_rate(struct cell *cells, uint64_t heard, uint64_t members)
{
	double low, high;

	cell_count(&cells[0], heard);
	if (members == 0)
		return;
	cell_count(&cells[1], members);
	cell_number(&cells[2], 1000.0 * (double)heard / (double)members);
	/* More respondents than members are no proportion of them. */
	if (heard > members)
		return;
	stats_wilson(heard, members, &low, &high);
	cell_number(&cells[3], 1000 * low);
	cell_number(&cells[4], 1000 * high);
}

static struct grid *rate_grid(const char *of, enum measure measure)
{
	struct grid *grid = grid_new("rate");

	grid_column(grid, of, of, false);
	grid_column(grid, measure_id(measure), measure_id(measure), true);
	grid_column(grid, "membership", "membership", true);
	grid_column(grid, "per_1000", "per 1,000", true);
	grid_column(grid, "low", "from", true);
	grid_column(grid, "high", "to", true);
	return grid;
}

static uint64_t heard_of(const struct report *report, enum measure measure,
			 uint32_t key)
{
	for (size_t r = 0; r < report->result.row_count; r++)
		if (report->result.rows[r].key[0] == key)
			return measure_of(&report->result.rows[r].measures,
					  measure);
	return 0;
}

static void put_row(struct grid *grid, const struct report *report,
		    enum sdg_dim dim, uint32_t key, uint64_t heard,
		    uint64_t members)
{
	struct cell *cells;

	if (heard == 0 && members == 0)
		return;
	cells = grid_row(grid);
	dim_cell(&report->names, dim, key, &cells[0]);
	put_rate(cells + 1, heard, members);
}

static struct grid *by_region(const struct report *report,
			      const struct membership *m, enum measure measure)
{
	struct grid *grid = rate_grid("region", measure);
	bool covered = true;

	for (uint32_t k = 1; k < SDG_REGION_COUNT; k++) {
		uint64_t heard = heard_of(report, measure, k);

		put_row(grid, report, SDG_DIM_REGION, k, heard, m->regions[k]);
		/* Members of unknown region are members; those of a region
		 * that the table leaves out would be held against too few. */
		covered &=
		    heard == 0 || m->regions[k] || k >= SDG_REGION_UNKNOWN;
	}
	cell_text(&grid_total(grid)[0], "total", NULL);
	put_rate(grid_total(grid) + 1,
		 measure_of(&report->result.totals, measure),
		 covered ? m->all : 0);
	return grid;
}

/* Phases as at the event; a piece may be of several, or of none known. */
static struct grid *by_phase(const struct report *report,
			     const struct membership *m, enum measure measure)
{
	struct grid *grid = rate_grid("phase", measure);
	bool covered = true;

	for (unsigned bit = 0; bit < SDG_PHASE_COUNT; bit++) {
		uint64_t heard = heard_of(report, measure, 1u << bit);

		put_row(grid, report, SDG_DIM_PHASE, 1u << bit, heard,
			m->phases[bit]);
		covered &= heard == 0 || m->phases[bit];
	}
	put_row(grid, report, SDG_DIM_PHASE, 0, heard_of(report, measure, 0),
		0);
	cell_text(&grid_total(grid)[0], "total", NULL);
	put_rate(grid_total(grid) + 1,
		 measure_of(&report->result.totals, measure),
		 covered ? m->all : 0);
	return grid;
}

/* Regions too thin to weight, in words, or NULL. */
static char *too_thin(const uint64_t heard[SDG_REGION_COUNT],
		      const struct membership *m)
{
	char *list = NULL;

	for (int k = 1; k < SDG_REGION_COUNT; k++) {
		char *next;

		if (m->regions[k] == 0 || heard[k] >= WEIGHT_LEAST)
			continue;
		next =
		    xformat("%s%s%s (%llu)", list ? list : "", list ? ", " : "",
			    sdg_region_id(k), (unsigned long long)heard[k]);
		free(list);
		list = next;
	}
	return list;
}

/* Regions in which some were heard and of which the table says nothing: a
 * "weighted" figure without them would pass for one of all. NULL: none. */
static char *not_covered(const uint64_t heard[SDG_REGION_COUNT],
			 const struct membership *m)
{
	char *list = NULL;

	for (int k = 1; k < SDG_REGION_UNKNOWN; k++) {
		char *next;

		if (heard[k] == 0 || m->regions[k])
			continue;
		next = xformat("%s%s%s", list ? list : "", list ? ", " : "",
			       sdg_region_id(k));
		free(list);
		list = next;
	}
	return list;
}

/* @crossed is region by theme; its first margin is who was heard where. */
static struct grid *by_theme(const struct report *crossed,
			     const struct membership *m, enum measure measure,
			     const uint64_t heard[SDG_REGION_COUNT])
{
	struct grid *grid = grid_new("weighted");
	uint64_t all = measure_of(&crossed->result.totals, measure);

	grid_column(grid, "theme", "theme", false);
	grid_column(grid, measure_id(measure), measure_id(measure), true);
	grid_column(grid, "raw_percent", "raw %", true);
	grid_column(grid, "weighted_percent", "weighted %", true);
	for (size_t t = 0; t < crossed->seconds.row_count; t++) {
		const struct sdg_row *theme = &crossed->seconds.rows[t];
		uint64_t n = measure_of(&theme->measures, measure);
		struct cell *cells = grid_row(grid);
		double weighted = 0;

		for (size_t r = 0; r < crossed->result.row_count; r++) {
			const struct sdg_row *row = &crossed->result.rows[r];
			uint32_t k = row->key[0];

			if (row->key[1] == theme->key[0] &&
			    k < SDG_REGION_COUNT && heard[k])
				weighted += (double)m->regions[k] /
					    (double)m->all *
					    (double)measure_of(&row->measures,
							       measure) /
					    (double)heard[k];
		}
		dim_cell(&crossed->names, SDG_DIM_THEME, theme->key[0],
			 &cells[0]);
		cell_count(&cells[1], n);
		if (all)
			cell_number(&cells[2], 100.0 * (double)n / (double)all);
		cell_number(&cells[3], 100 * weighted);
	}
	cell_text(&grid_total(grid)[0], "total", NULL);
	cell_count(&grid_total(grid)[1], all);
	return grid;
}

static int emit(const struct report *report, const struct cli_args *args,
		struct grid *grid, enum measure measure)
{
	json_t *json = report_envelope(report, args);
	char *of = xformat("%s against the membership", measure_id(measure));
	int status;

	json_object_set_new(json, "measure", json_string(measure_id(measure)));
	report_notes(report, args, grid, of);
	status = cli_emit(args, json, grid, NULL);
	free(of);
	grid_free(grid);
	return status;
}

static int answer_rates(const struct report *report,
			const struct cli_args *args, const struct membership *m,
			enum sdg_dim dim)
{
	enum measure measure = report_default_measure(report);
	struct grid *grid = dim == SDG_DIM_PHASE
				? by_phase(report, m, measure)
				: by_region(report, m, measure);

	grid_note(grid, true,
		  "From and to: the 95 %% interval (Wilson) of the rate, were "
		  "those heard a chance sample, which a consultation is not.");
	return emit(report, args, grid, measure);
}

static int answer_themes(const struct report *crossed,
			 const struct cli_args *args,
			 const struct membership *m)
{
	enum measure measure = report_default_measure(crossed);
	uint64_t heard[SDG_REGION_COUNT] = { 0 };
	struct grid *grid;
	char *thin, *missing;

	for (size_t r = 0; r < crossed->firsts.row_count; r++) {
		const struct sdg_row *row = &crossed->firsts.rows[r];

		if (row->key[0] < SDG_REGION_COUNT)
			heard[row->key[0]] =
			    measure_of(&row->measures, measure);
	}
	missing = not_covered(heard, m);
	if (missing) {
		warnx("the membership table has no line for regions that were "
		      "heard: %s; add them, or say which regions to weight "
		      "with --region",
		      missing);
		free(missing);
		return EXIT_DATA;
	}
	thin = too_thin(heard, m);
	if (thin) {
		warnx("too few were heard to weight by region (under %d): %s; "
		      "take a longer period, or report without --rate",
		      WEIGHT_LEAST, thin);
		free(thin);
		return EXIT_DATA;
	}
	grid = by_theme(crossed, m, measure, heard);
	grid_note(grid, true,
		  "Raw: of all heard. Weighted: each region counts by its "
		  "membership; those heard from an unknown region are left "
		  "out.");
	return emit(crossed, args, grid, measure);
}

int report_rate(struct sdg_store *store, const struct sdg_home *home,
		const struct sdg_query *query, const struct cli_args *args,
		const char *table)
{
	struct sdg_query ask = *query;
	struct report report = { 0 };
	struct sdg_error err = { 0 };
	struct membership m;
	int status;

	if (query->dims[0] != SDG_DIM_REGION &&
	    query->dims[0] != SDG_DIM_PHASE && query->dims[0] != SDG_DIM_THEME)
		return cli_usage("--rate goes with --by region, --by phase or "
				 "--by theme");
	if (load(home, table, &query->filter, &m, &err) < 0)
		return cli_fail(&err);
	if (query->dims[0] == SDG_DIM_PHASE && m.unphased) {
		warnx("--rate --by phase wants a phase between region and "
		      "number in the membership table: line %zu has none",
		      m.unphased);
		return EXIT_DATA;
	}
	if (query->dims[0] == SDG_DIM_THEME) {
		ask.dims[0] = SDG_DIM_REGION;
		ask.dims[1] = SDG_DIM_THEME;
		ask.dim_count = 2;
	}
	if (report_ask(store, &ask, &report, &err) < 0)
		status = cli_fail(&err);
	else if (query->dims[0] == SDG_DIM_THEME)
		status = answer_themes(&report, args, &m);
	else
		status = answer_rates(&report, args, &m, query->dims[0]);
	report_fini(&report);
	return status;
}
