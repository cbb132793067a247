/*
 * emerging: words and pairs that rise, in each theme and in 'other'. What
 * rises beyond chance is found in emerging.c; here it is asked and shown.
 */
#include "emerging.h"
#include "report.h"

#include <stdlib.h>
#include <string.h>

static const char HELP[] =
    "Examples:\n"
    "  soundings emerging                       the last 30 days with "
    "feedback\n"
    "  soundings emerging --since 2015-03 --until 2015-03\n"
    "  soundings emerging --theme other,funding --top 10\n"
    "  soundings emerging --format json\n"
    "\n"
    "Usage: soundings emerging [--since DATE --until DATE] [filters] "
    "[options]\n"
    "  --since --until   the period looked at; it is held against one as long\n"
    "                    directly before it\n"
    "  --top N           at most N terms (default 30)\n"
    "  --least N         used by at least N people (default 5)\n"
    "  --as-sent         the letters of a campaign count as sent, and not "
    "once\n"
    "  --format F        table json csv md xlsx      --output FILE\n"
    "  filters           as for 'soundings report'\n"
    "\n"
    "A term is listed where more people used it than chance explains, at a\n"
    "false discovery rate of 5 % over all terms looked at. Near-identical\n"
    "letters are one voice, or a campaign's words would be all one sees.\n";

#define DEFAULT_DAYS 30

static struct grid *to_grid(const struct emerging *e)
{
	struct grid *grid = grid_new("emerging");
	char brief[ID_BRIEF_SIZE];

	grid_column(grid, "theme", "theme", false);
	grid_column(grid, "term", "words", false);
	grid_column(grid, "now", "now", true);
	grid_column(grid, "of_now", "of", true);
	grid_column(grid, "before", "before", true);
	grid_column(grid, "of_before", "of", true);
	grid_column(grid, "g2", "strength", true);
	grid_column(grid, "example", "example", false);
	for (size_t i = 0; i < e->shown_count && i < e->top; i++) {
		const struct shown *s = &e->shown[i];
		const struct term *t = s->term;
		const char *theme = sdg_store_theme_id(e->store, t->theme);
		struct cell *row;

		if (s->dropped)
			break;
		row = grid_row(grid);
		cell_text(&row[0], theme ? theme : "?", NULL);
		cell_str(&row[1], sdg_str(s->text));
		cell_count(&row[2], t->now);
		cell_count(&row[3], e->heard[t->theme][0]);
		cell_count(&row[4], t->before);
		cell_count(&row[5], e->heard[t->theme][1]);
		cell_number(&row[6], s->g2);
		cell_text(&row[7], s->id, id_brief(s->id, brief));
	}
	return grid;
}

/* Themes that were looked for in part of the time only. */
static void say_measured(struct emerging *e, const struct cli_args *args,
			 struct grid *grid, json_t *json)
{
	const struct report both = {
		.query = { .dims = { SDG_DIM_THEME },
			   .dim_count = 1,
			   .filter = args->filter },
		.names = { .store = e->store },
		.spans = e->spans,
		.first = e->first,
		.past = e->past,
	};
	const uint64_t *asked = args->filter.themes;
	bool all = !(asked[0] | asked[1] | asked[2] | asked[3]);

	report_measured_notes(&both, grid);
	json_object_set_new(json, "not_measured", report_measured_json(&both));
	for (uint32_t t = 1; t <= sdg_store_theme_count(e->store); t++)
		if ((all || asked[t / 64] >> (t % 64) & 1) && e->heard[t][0] &&
		    !emerging_has_before(e, t))
			grid_note(grid, true,
				  "%s was not looked for in the period before: "
				  "none of its words is listed.",
				  sdg_store_theme_id(e->store, t));
}

/* Where nothing was ever said there are no periods, either. */
static void say_periods(const struct emerging *e, struct grid *grid,
			json_t *json)
{
	static const char *const keys[] = { "since", "until", "before_since",
					    "before_until" };
	const int32_t days[] = { e->middle, e->past - 1, e->first,
				 e->middle - 1 };
	char dates[4][DATE_SIZE];
	bool any = e->past > 1;

	for (size_t i = 0; i < 4; i++) {
		date_format(days[i], dates[i]);
		json_object_set_new(json, keys[i],
				    any ? json_string(dates[i]) : json_null());
	}
	if (any)
		grid_note(grid, false,
			  "Rising from %s to %s, against %s to %s.", dates[0],
			  dates[1], dates[2], dates[3]);
}

static int emit(struct emerging *e, const struct cli_args *args)
{
	struct grid *grid = to_grid(e);
	json_t *json = cli_envelope("emerging");
	int status;

	say_periods(e, grid, json);
	json_object_set_new(json, "tested",
			    json_integer((json_int_t)e->tested));
	if (grid->row_count == 0)
		grid_note(grid, false, "Nothing rises beyond chance.");
	json_object_set_new(json, "campaigns",
			    json_integer((json_int_t)e->campaigns));
	json_object_set_new(json, "campaign_messages",
			    json_integer((json_int_t)e->in_campaigns));
	if (e->campaigns)
		grid_note(grid, false,
			  "%zu messages of %zu campaign%s are left out but for "
			  "one voice each: see 'soundings campaigns', or "
			  "--as-sent.",
			  e->in_campaigns, e->campaigns,
			  e->campaigns == 1 ? "" : "s");
	grid_note(grid, true,
		  "People who used the words, of the people heard in that "
		  "theme; %zu terms were looked at, false discovery rate 5 %%. "
		  "Exact internal figures.",
		  e->tested);
	say_measured(e, args, grid, json);
	status = cli_emit(args, json, grid, NULL);
	grid_free(grid);
	return status;
}

/* The period asked for, or the last days with feedback; and as long a one
 * before it. */
static int set_periods(struct emerging *e, struct cli_args *args,
		       struct sdg_error *err)
{
	struct sdg_query query = { .dims = { SDG_DIM_REGION }, .dim_count = 1 };
	struct sdg_result result = { 0 };
	int rc;

	query.filter = args->filter;
	rc = sdg_store_report(e->store, &query, &result, err);
	if (rc < 0)
		return rc;
	e->past =
	    args->has_until ? args->filter.until_day : result.last_day + 1;
	e->middle =
	    args->has_since ? args->filter.since_day : e->past - DEFAULT_DAYS;
	sdg_result_fini(&result);
	if (e->middle >= e->past)
		return sdg_fail(err, SDG_EINVAL, "nothing was said since then");
	e->first = e->middle - (e->past - e->middle);
	args->filter.since_day = e->first > 1 ? e->first : 1;
	args->filter.until_day = e->past;
	return 0;
}

static int answer(struct emerging *e, struct cli *cli)
{
	int rc = set_periods(e, &cli->args, &cli->err);

	if (rc == 0)
		rc = emerging_find(e, &cli->args.filter, &cli->err);
	return rc < 0 ? rc : emit(e, &cli->args);
}

static const struct cli_option OPTIONS[] = {
	CLI_COUNT("top", struct emerging, top, 1, 100000),
	CLI_COUNT("least", struct emerging, least, 1, 100000),
	CLI_FLAG("as-sent", struct emerging, as_sent),
	{ 0 },
};

int cmd_emerging(int argc, char *argv[])
{
	struct emerging *e = xcalloc(1, sizeof(*e));
	const struct cli_spec spec = {
		.help = HELP,
		.formats = CLI_FORMATS_LIST,
		.filters = true,
		.own = OPTIONS,
		.arg = e,
		.needs = CLI_NEEDS_STORE,
	};
	struct cli cli;
	int status;

	e->top = 30;
	e->least = 5;
	status = cli_begin(argc, argv, &spec, &cli);
	if (status < 0) {
		e->store = cli.store;
		status = answer(e, &cli);
		emerging_fini(e);
		status = cli_end(&cli, status);
	}
	free(e);
	return status;
}
