/*
 * trend: is it growing? A sparkline, and a mark where it is more than noise.
 */
#include "report.h"

#include <err.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "stats.h"

static const char HELP[] =
    "Examples:\n"
    "  soundings trend                          themes by month\n"
    "  soundings trend --of region --by week --theme funding\n"
    "  soundings trend --since 2015-02 --until 2015-03 --by day\n"
    "  soundings trend --format json\n"
    "\n"
    "Usage: soundings trend [--of DIM] [--by month|week|day] [filters]\n"
    "  --of DIM      theme (default) region source stance role phase\n"
    "  --by P        month (default), week or day\n"
    "  --measure M   messages (default) members respondents mentions reported\n"
    "  --format F    table json csv md xlsx      --output FILE\n"
    "  filters       as for 'soundings report'\n"
    "\n"
    "The mark stands where a steady rise or fall explains the counts better\n"
    "than chance does, allowing for scatter, for periods cut short, and for\n"
    "the number of rows looked at (false discovery rate of 5 %).\n";

/* Ten years of days; more would be no picture. */
#define PERIODS_MAX 4000
/* Of the latest, in the picture. */
#define SPARK_MAX 36
#define FALSE_DISCOVERIES 0.05

struct options {
	enum sdg_dim of, by;
	enum measure measure;
};

struct series {
	uint32_t key;
	uint64_t *values;
	uint64_t total;
	double z, p;
	bool stands;
};

struct trend {
	struct options o;
	struct report report;
	uint32_t first; /* the first period's key */
	size_t periods;
	double *days; /* how much of each period was looked at */
	struct series *series;
	size_t count;
};

/* A period's place in the calendar: consecutive ones differ by one. */
static int64_t ordinal(enum sdg_dim by, uint32_t key)
{
	return by == SDG_DIM_WEEK ? (int64_t)(int32_t)key / 7 : (int64_t)key;
}

static uint32_t key_at(const struct trend *t, size_t i)
{
	return t->o.by == SDG_DIM_WEEK ? t->first + 7 * (uint32_t)i
				       : t->first + (uint32_t)i;
}

static void bounds(const struct trend *t, uint32_t key, int32_t *first,
		   int32_t *past)
{
	if (t->o.by == SDG_DIM_MONTH) {
		*first =
		    date_from_civil((int)(key / 12), (int)(key % 12) + 1, 1);
		key++;
		*past =
		    date_from_civil((int)(key / 12), (int)(key % 12) + 1, 1);
	} else {
		*first = (int32_t)key;
		*past = *first + (t->o.by == SDG_DIM_WEEK ? 7 : 1);
	}
}

/* Days of each period between the ends of what was asked, or of what there
 * is where nothing was: a month that has only begun is no fall. */
static void measure_periods(struct trend *t, const struct cli_args *args)
{
	int32_t from = args->has_since ? args->filter.since_day
				       : t->report.result.first_day;
	int32_t to = args->has_until ? args->filter.until_day
				     : t->report.result.last_day + 1;

	int32_t reached = t->report.result.last_day + 1,
		today = date_day_of(time(NULL)) + 1;

	/* An --until in the future brings no exposure. */
	if (to > reached && !args->has_since)
		to = reached;
	if (to > today && to > reached)
		to = reached > today ? reached : today;
	t->days = xcalloc(t->periods, sizeof(*t->days));
	for (size_t i = 0; i < t->periods; i++) {
		int32_t first, past;

		bounds(t, key_at(t, i), &first, &past);
		if (first < from)
			first = from;
		if (past > to)
			past = to;
		t->days[i] = past > first ? past - first : 0;
	}
}

static int find_periods(struct trend *t)
{
	const struct sdg_result *r = &t->report.seconds;
	int64_t span;

	if (r->row_count == 0)
		return 0;
	t->first = r->rows[0].key[0];
	span = ordinal(t->o.by, r->rows[r->row_count - 1].key[0]) -
	       ordinal(t->o.by, t->first) + 1;
	if (span < 1 || span > PERIODS_MAX)
		return -1;
	t->periods = (size_t)span;
	return 0;
}

static void fill_series(struct trend *t)
{
	const struct sdg_result *r = &t->report.result;

	t->series = xcalloc(t->report.firsts.row_count, sizeof(*t->series));
	t->count = t->report.firsts.row_count;
	for (size_t i = 0; i < t->count; i++) {
		t->series[i].key = t->report.firsts.rows[i].key[0];
		t->series[i].values = xcalloc(t->periods, sizeof(uint64_t));
		t->series[i].total = measure_of(
		    &t->report.firsts.rows[i].measures, t->o.measure);
	}
	for (size_t i = 0, s = 0; i < r->row_count; i++) {
		int64_t at = ordinal(t->o.by, r->rows[i].key[1]) -
			     ordinal(t->o.by, t->first);

		while (s < t->count && t->series[s].key < r->rows[i].key[0])
			s++;
		if (s < t->count && at >= 0 && (size_t)at < t->periods)
			t->series[s].values[at] =
			    measure_of(&r->rows[i].measures, t->o.measure);
	}
}

/* How much of a period was looked at for one series: a theme is measured
 * from its first day on. */
static double days_for(const struct trend *t, const struct series *s, size_t i)
{
	int32_t first, past;

	if (t->o.of != SDG_DIM_THEME || !t->report.spans)
		return t->days[i];
	bounds(t, key_at(t, i), &first, &past);
	return fmin(t->days[i],
		    sdg_span_days(t->report.spans[s->key], first, past));
}

static bool is_measured(const struct trend *t, const struct series *s, size_t i)
{
	return s->values[i] || t->days[i] <= 0 || days_for(t, s, i) > 0;
}

/* Values are what was counted, but where nobody looked. */
static void value_cell(const struct trend *t, const struct series *s, size_t i,
		       struct cell *cell)
{
	if (is_measured(t, s, i))
		cell_measure(cell, s->values[i]);
	else
		cell_not_measured(cell);
}

/* What is hidden is nothing, and nobody looked. */
static uint64_t open_value(const struct series *s, size_t i)
{
	return s->values[i] == MEASURE_HIDDEN ? 0 : s->values[i];
}

static void judge(struct trend *t)
{
	uint64_t *values = xcalloc(t->periods + 1, sizeof(*values));
	double *p = xcalloc(t->count, sizeof(*p)), bar;
	double *days = xcalloc(t->periods + 1, sizeof(*days));

	for (size_t i = 0; i < t->count; i++) {
		struct series *s = &t->series[i];

		for (size_t k = 0; k < t->periods; k++) {
			values[k] = open_value(s, k);
			days[k] = s->values[k] == MEASURE_HIDDEN
				      ? 0
				      : days_for(t, s, k);
		}
		s->z = stats_trend(values, days, t->periods);
		s->p = p[i] = stats_p_of_z(s->z);
	}
	bar = stats_fdr(p, t->count, FALSE_DISCOVERIES);
	for (size_t i = 0; i < t->count; i++)
		t->series[i].stands = t->series[i].p <= bar;
	free(values);
	free(days);
	free(p);
}

static const char *word_of(const struct series *s)
{
	return !s->stands ? "steady" : s->z > 0 ? "rising" : "falling";
}

/* What machines get: a row a series and period. */
static struct grid *long_grid(const struct trend *t)
{
	struct grid *grid = grid_new("trend");

	grid_column(grid, dim_id(t->o.of), dim_title(t->o.of), false);
	grid_column(grid, dim_id(t->o.by), dim_title(t->o.by), false);
	grid_column(grid, measure_id(t->o.measure), measure_id(t->o.measure),
		    true);
	grid_decimals(grid, grid_column(grid, "days", "days", true), 0);
	grid_column(grid, "trend", "trend", false);
	for (size_t s = 0; s < t->count; s++)
		for (size_t i = 0; i < t->periods; i++) {
			struct cell *row = grid_row(grid);

			dim_cell(&t->report.names, t->o.of, t->series[s].key,
				 &row[0]);
			dim_cell(&t->report.names, t->o.by, key_at(t, i),
				 &row[1]);
			value_cell(t, &t->series[s], i, &row[2]);
			cell_number(&row[3], days_for(t, &t->series[s], i));
			cell_text(&row[4], word_of(&t->series[s]), NULL);
		}
	return grid;
}

static void spark(const struct trend *t, const struct series *s,
		  struct cell *cell)
{
	size_t n = t->periods < SPARK_MAX ? t->periods : SPARK_MAX;
	char line[3 * SPARK_MAX + 1];
	uint64_t values[SPARK_MAX];

	for (size_t i = 0; i < n; i++)
		values[i] = open_value(s, t->periods - n + i);
	stats_sparkline(values, n, line);
	cell_text(cell, line, NULL);
}

static struct grid *people_grid(const struct trend *t)
{
	struct grid *grid = grid_new("trend");
	char title[2 * DATE_SIZE];
	struct cell first = { 0 }, last = { 0 };

	if (t->periods) {
		dim_cell(&t->report.names, t->o.by, t->first, &first);
		dim_cell(&t->report.names, t->o.by, key_at(t, t->periods - 1),
			 &last);
	}
	snprintf(title, sizeof(title), "%.20s..%.20s",
		 first.text ? first.text : "", last.text ? last.text : "");
	grid_column(grid, dim_id(t->o.of), dim_title(t->o.of), false);
	grid_column(grid, "picture", title, false);
	grid_column(grid, "all", "all", true);
	grid_column(grid, "first", "first", true);
	grid_column(grid, "last", "last", true);
	grid_column(grid, "trend", "", false);
	for (size_t i = 0; i < t->count && t->periods; i++) {
		const struct series *s = &t->series[i];
		struct cell *row = grid_row(grid);

		dim_cell(&t->report.names, t->o.of, s->key, &row[0]);
		spark(t, s, &row[1]);
		cell_measure(&row[2], s->total);
		value_cell(t, s, 0, &row[3]);
		value_cell(t, s, t->periods - 1, &row[4]);
		cell_text(&row[5], word_of(s),
			  !s->stands ? ""
			  : s->z > 0 ? "\xe2\x96\xb2 rising"
				     : "\xe2\x96\xbc falling");
	}
	free(first.text);
	free(last.text);
	return grid;
}

static json_t *envelope(const struct trend *t, const struct cli_args *args)
{
	json_t *json = cli_envelope("trend"), *list = json_array();
	char *period = report_period(args);

	json_object_set_new(json, "period", json_string(period));
	json_object_set_new(json, "measure",
			    json_string(measure_id(t->o.measure)));
	if (t->report.policy)
		json_object_set_new(json, "policy",
				    json_string(t->report.policy->id));
	for (size_t i = 0; i < t->count; i++) {
		const struct series *s = &t->series[i];
		struct cell key = { 0 };

		dim_cell(&t->report.names, t->o.of, s->key, &key);
		json_array_append_new(
		    list, json_pack("{s:s, s:o, s:f, s:f, s:s}",
				    dim_id(t->o.of), key.text, "total",
				    s->total == MEASURE_HIDDEN
					? json_null()
					: json_integer((json_int_t)s->total),
				    "z", s->z, "p", s->p, "trend", word_of(s)));
		free(key.text);
		free(key.label);
	}
	report_frozen_json(&t->report, json);
	json_object_set_new(json, "series", list);
	free(period);
	return json;
}

static void notes(const struct trend *t, const struct cli_args *args,
		  struct grid *grid)
{
	char *period = report_period(args);
	bool cut = false;

	grid_note(grid, false, "%s of each %s by %s: %s",
		  measure_id(t->o.measure), dim_title(t->o.of), dim_id(t->o.by),
		  period);
	if (t->report.policy)
		grid_note(grid, true,
			  "Under policy %s: figures of fewer than %u people "
			  "are hidden [c], with as many others as it takes, "
			  "and left out of the picture and the marks; the rest "
			  "is rounded to %u.",
			  t->report.policy->id, t->report.policy->threshold,
			  t->report.policy->round_to);
	report_measured_notes(&t->report, grid);
	report_frozen_notes(&t->report, grid);
	if (t->count == 0)
		grid_note(grid, false, "Nothing was counted there.");
	if (t->periods > SPARK_MAX)
		grid_note(grid, true, "The picture shows the latest %d.",
			  SPARK_MAX);
	for (size_t i = 0; i < t->periods; i++) {
		int32_t first, past;

		bounds(t, key_at(t, i), &first, &past);
		cut |= t->days[i] < past - first;
	}
	if (cut)
		grid_note(grid, true,
			  "The first or last %s is not whole; the marks allow "
			  "for that, the picture does not.",
			  dim_id(t->o.by));
	grid_note(grid, true,
		  "Marked where a steady rise or fall is more than noise at a "
		  "false discovery rate of 5 %% over these rows.%s",
		  t->report.policy ? "" : " Exact internal figures.");
	free(period);
}

static int answer(struct trend *t, struct cli *cli)
{
	struct cli_args *args = &cli->args;
	struct sdg_query query = {
		.dims = { t->o.of, t->o.by },
		.dim_count = 2,
	};
	struct grid *all, *shown;
	int status;

	status = report_policy_period(args, &cli->err);
	if (status == 0)
		status = report_policy_dims(&query, &cli->err);
	if (status < 0)
		return status;
	query.filter = args->filter;
	status = report_ask(cli->store, &query, &t->report, &cli->err);
	if (status < 0)
		return status;
	if (find_periods(t) < 0)
		return cli_usage("that is more than %d periods: take a longer "
				 "one, or --since",
				 PERIODS_MAX);
	measure_periods(t, args);
	fill_series(t);
	judge(t);
	all = long_grid(t);
	shown = people_grid(t);
	notes(t, args, shown);
	status = cli_emit(args, envelope(t, args), all, shown);
	grid_free(all);
	grid_free(shown);
	return status;
}

static int take_of(void *arg, const char *value)
{
	int n = dim_from_id(value);

	if (n < 0 || n == SDG_DIM_MONTH || n == SDG_DIM_WEEK ||
	    n == SDG_DIM_DAY) {
		warnx("--of wants theme, region, source, stance, role or "
		      "phase");
		return -1;
	}
	((struct options *)arg)->of = (enum sdg_dim)n;
	return 0;
}

static int take_by(void *arg, const char *value)
{
	int n = dim_from_id(value);

	if (n != SDG_DIM_MONTH && n != SDG_DIM_WEEK && n != SDG_DIM_DAY) {
		warnx("--by wants month, week or day");
		return -1;
	}
	((struct options *)arg)->by = (enum sdg_dim)n;
	return 0;
}

static int take_measure(void *arg, const char *value)
{
	int n = measure_from_id(value);

	if (n < 0)
		return cli_no_such("measure", value, measure_ids(),
				   MEASURE_COUNT);
	((struct options *)arg)->measure = (enum measure)n;
	return 0;
}

static const struct cli_option OPTIONS[] = {
	CLI_TAKEN("of", take_of),
	CLI_TAKEN("by", take_by),
	CLI_TAKEN("measure", take_measure),
	{ 0 },
};

int cmd_trend(int argc, char *argv[])
{
	struct trend t = { .o = { .of = SDG_DIM_THEME,
				  .by = SDG_DIM_MONTH,
				  .measure = MEASURE_MESSAGES } };
	const struct cli_spec spec = {
		.help = HELP,
		.formats = CLI_FORMATS_LIST,
		.filters = true,
		.own = OPTIONS,
		.arg = &t.o,
		.needs = CLI_NEEDS_STORE,
	};
	struct cli cli;
	int status = cli_begin(argc, argv, &spec, &cli);

	if (status >= 0)
		return status;
	status = answer(&t, &cli);
	for (size_t i = 0; i < t.count; i++)
		free(t.series[i].values);
	free(t.series);
	free(t.days);
	report_fini(&t.report);
	return cli_end(&cli, status);
}
