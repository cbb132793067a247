/*
 * decision: what was done with it, so that members hear what came of it.
 */
#include "decisions.h"

#include <err.h>
#include <stdlib.h>
#include <string.h>

#include "journal.h"

static const char HELP[] =
    "Examples:\n"
    "  soundings decision add --theme funding \"We gave the minister your\n"
    "      figures on high needs on 12 March.\"\n"
    "  soundings decision add --region north-east --consultation pilots \"…\"\n"
    "  soundings decision list\n"
    "  soundings decision text                for the newsletter\n"
    "  soundings decision withdraw 3\n"
    "\n"
    "Usage: soundings decision add [--theme T] [--region R]\n"
    "                              [--consultation C] TEXT\n"
    "       soundings decision list [--format F] [--output FILE]\n"
    "       soundings decision text | withdraw NUMBER\n"
    "\n"
    "Decisions stand on published pages under their theme and region.\n";

#define TEXT_MAX_BYTES 1000

static json_t *text_or_null(const char *s)
{
	return s ? cli_json_str(sdg_str(s)) : json_null();
}

static int add(const struct sdg_home *home, const struct cli_args *args,
	       const char *text)
{
	struct sdg_error err = { 0 };
	const char *region = NULL;
	json_t *line;

	if (*text == '\0' || strlen(text) > TEXT_MAX_BYTES ||
	    !sdg_text_is_safe(text, strlen(text)))
		return cli_usage("a decision is a text of at most %d bytes",
				 TEXT_MAX_BYTES);
	if (args->theme_count > 1)
		return cli_usage("a decision has one theme");
	for (int i = 1; i < SDG_REGION_COUNT; i++)
		if (args->filter.regions & UINT32_C(1) << i) {
			if (region)
				return cli_usage("a decision has one region");
			region = sdg_region_id(i);
		}
	line = json_object();
	json_object_set_new(
	    line, "theme",
	    text_or_null(args->theme_count ? args->themes[0] : NULL));
	json_object_set_new(line, "region", text_or_null(region));
	json_object_set_new(line, "consultation",
			    text_or_null(args->filter.consultation));
	json_object_set_new(line, "text", cli_json_str(sdg_str(text)));
	if (journal_append(home, "decisions.jsonl", line, &err) < 0)
		return cli_fail(&err);
	fputs("noted\n", stderr);
	return 0;
}

static void put(struct cell *cell, const json_t *line, const char *key)
{
	const char *text = json_string_value(json_object_get(line, key));

	if (text)
		cell_str(cell, sdg_str(text));
}

static int list(const struct cli_args *args, const json_t *decisions)
{
	struct grid *grid = grid_new("decisions");
	json_t *line;
	size_t i;
	int status;

	grid_column(grid, "number", "no", true);
	grid_column(grid, "at", "noted", false);
	grid_column(grid, "theme", "theme", false);
	grid_column(grid, "region", "region", false);
	grid_column(grid, "consultation", "consultation", false);
	grid_column(grid, "text", "what was done", false);
	grid->layout = GRID_CARDS_WHOLE;
	json_array_foreach(decisions, i, line)
	{
		struct cell *row = grid_row(grid);
		const char *at = json_string_value(json_object_get(line, "at"));
		char day[11];

		snprintf(day, sizeof(day), "%.10s", at ? at : "");
		cell_count(&row[0], (uint64_t)json_integer_value(
					json_object_get(line, "number")));
		cell_text(&row[1], at ? at : "", day);
		put(&row[2], line, "theme");
		put(&row[3], line, "region");
		put(&row[4], line, "consultation");
		put(&row[5], line, "text");
	}
	if (grid->row_count == 0)
		grid_note(grid, false, "No decision is noted.");
	status = cli_emit(args, cli_envelope("decision"), grid, NULL);
	grid_free(grid);
	return status;
}

/* A line each, by theme: what a newsletter can take over. */
static int text(const struct cli_args *args, const json_t *decisions)
{
	char *out = xstrdup("You told us, and we did:\n\n"), *next;
	json_t *line;
	size_t i;
	int status;

	json_array_foreach(decisions, i, line)
	{
		const char *theme =
		    json_string_value(json_object_get(line, "theme"));
		const char *region =
		    json_string_value(json_object_get(line, "region"));
		const char *words =
		    json_string_value(json_object_get(line, "text"));
		int n = region ? sdg_region_from_id(sdg_str(region)) : -1;

		next = xformat("%s- %s%s%s%s%s\n", out, theme ? theme : "",
			       theme && n > 0 ? ", " : "",
			       n > 0 ? sdg_region_name(n) : "",
			       theme || n > 0 ? ": " : "", words);
		free(out);
		out = next;
	}
	status = cli_emit_bytes(args, out, strlen(out));
	free(out);
	return status;
}

static int withdraw(const struct sdg_home *home, const json_t *decisions,
		    const char *number)
{
	struct sdg_error err = { 0 };
	int64_t n = cli_number(number, 1, 1000000);
	json_t *line;
	size_t i;

	json_array_foreach(decisions, i, line)
	{
		if (json_integer_value(json_object_get(line, "number")) != n)
			continue;
		if (journal_append(
			home, "decisions.jsonl",
			json_pack("{s:I}", "withdraws", (json_int_t)n),
			&err) < 0)
			return cli_fail(&err);
		fputs("withdrawn\n", stderr);
		return 0;
	}
	warnx("no such decision '%s'", number);
	return EXIT_DATA;
}

int cmd_decision(int argc, char *argv[])
{
	const struct cli_spec spec = {
		.help = HELP,
		.formats = CLI_FORMATS_LIST,
		.filters = true,
		.rest_min = 1,
		.rest_max = 2,
	};
	struct sdg_error err = { 0 };
	json_t *decisions = NULL;
	struct sdg_home home;
	struct cli_args args;
	const char *verb, *rest;
	int status;

	status = cli_parse(argc, argv, &spec, &args);
	if (status >= 0)
		return status;
	verb = args.rest[0];
	rest = args.rest_count > 1 ? args.rest[1] : NULL;
	if (sdg_home_find(&home, &err) < 0)
		return cli_fail(&err);
	if (strcmp(verb, "add") == 0 && rest) {
		if (sdg_home_prepare(&home, &err) < 0)
			return cli_fail(&err);
		return add(&home, &args, rest);
	}
	if (decisions_read(&home, &decisions, &err) < 0)
		return cli_fail(&err);
	if (strcmp(verb, "list") == 0 && !rest)
		status = list(&args, decisions);
	else if (strcmp(verb, "text") == 0 && !rest)
		status = text(&args, decisions);
	else if (strcmp(verb, "withdraw") == 0 && rest)
		status = withdraw(&home, decisions, rest);
	else
		status = cli_usage("decision add TEXT, list, text or withdraw "
				   "NUMBER (see --help)");
	json_decref(decisions);
	return status;
}
