/*
 * decision: what was done with it, so that members hear what came of it.
 */
#include "decisions.h"

#include <err.h>
#include <stdlib.h>
#include <string.h>

#include <soundings/classify.h>

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

/* A theme is one of the frame's, or of those that stand in the store. */
static int check_theme(struct cli *cli, const char *theme)
{
	struct sdg_classifier *classifier = NULL;
	struct sdg_error err;
	bool known = false;

	if (sdg_classifier_open(&(struct sdg_classifier_options){ 0 },
				&classifier, &err) == 0)
		for (size_t i = 0; i < sdg_classifier_theme_count(classifier);
		     i++)
			known |= strcmp(sdg_classifier_theme_id(classifier, i),
					theme) == 0;
	sdg_classifier_close(classifier);
	if (known ||
	    cli_open(SDG_STORE_READ, &cli->home, &cli->store, &err) < 0)
		return 0;
	if (sdg_store_theme(cli->store, sdg_str(theme)) > 0)
		return 0;
	return cli_no_such_theme(cli->store, theme, &cli->err);
}

static int add(struct cli *cli, void *arg)
{
	const struct cli_args *args = &cli->args;
	const char *region = NULL, *text = args->rest[1];
	json_t *line;
	int rc;

	(void)arg;
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
	rc = args->theme_count ? check_theme(cli, args->themes[0]) : 0;
	if (rc == 0)
		rc = sdg_home_prepare(&cli->home, &cli->err);
	if (rc == 0)
		rc = journal_append(&cli->home, "decisions.jsonl", line,
				    &cli->err);
	else
		json_decref(line);
	if (rc == 0)
		fputs("noted\n", stderr);
	return rc;
}

static void put(struct cell *cell, const json_t *line, const char *key)
{
	const char *text = json_string_value(json_object_get(line, key));

	if (text)
		cell_str(cell, sdg_str(text));
}

static int list(struct cli *cli, void *arg)
{
	struct grid *grid;
	json_t *decisions, *line;
	size_t i;
	int status = decisions_read(&cli->home, &decisions, &cli->err);

	(void)arg;
	if (status < 0)
		return status;
	grid = grid_new("decisions");
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
	status = cli_emit(&cli->args, cli_envelope("decision"), grid, NULL);
	grid_free(grid);
	json_decref(decisions);
	return status;
}

/* A line each, by theme: what a newsletter can take over. */
static int text(struct cli *cli, void *arg)
{
	struct cli_text text;
	json_t *decisions, *line;
	size_t i;
	FILE *to;
	int rc = decisions_read(&cli->home, &decisions, &cli->err);

	(void)arg;
	if (rc < 0)
		return rc;
	to = cli_text_open(&text);
	fputs("You told us, and we did:\n\n", to);
	json_array_foreach(decisions, i, line)
	{
		const char *theme =
		    json_string_value(json_object_get(line, "theme"));
		const char *region =
		    json_string_value(json_object_get(line, "region"));
		int n = region ? sdg_region_from_id(sdg_str(region)) : -1;

		fprintf(to, "- %s%s%s%s%s\n", theme ? theme : "",
			theme && n > 0 ? ", " : "",
			n > 0 ? sdg_region_name(n) : "",
			theme || n > 0 ? ": " : "",
			json_string_value(json_object_get(line, "text")));
	}
	json_decref(decisions);
	return cli_text_emit(&text, &cli->args);
}

/* Whether number @n stands. */
static bool stands(const json_t *decisions, int64_t n)
{
	json_t *line;
	size_t i;

	json_array_foreach(
	    decisions, i,
	    line) if (json_integer_value(json_object_get(line, "number")) ==
		      n) return true;
	return false;
}

static int withdraw(struct cli *cli, void *arg)
{
	int64_t n = cli_number(cli->args.rest[1], 1, 1000000);
	json_t *decisions;
	int rc = decisions_read(&cli->home, &decisions, &cli->err);

	(void)arg;
	if (rc < 0)
		return rc;
	if (!stands(decisions, n))
		rc = sdg_fail(&cli->err, SDG_EINVAL, "no such decision '%s'",
			      cli->args.rest[1]);
	json_decref(decisions);
	if (rc == 0)
		rc = journal_append(
		    &cli->home, "decisions.jsonl",
		    json_pack("{s:I}", "withdraws", (json_int_t)n), &cli->err);
	if (rc == 0)
		fputs("withdrawn\n", stderr);
	return rc;
}

static const struct cli_verb VERBS[] = {
	{ "add", "TEXT", 1, 1, add, "theme region consultation" },
	{ "list", NULL, 0, 0, list, CLI_TAKES_LIST },
	{ "text", NULL, 0, 0, text, "output" },
	{ "withdraw", "NUMBER", 1, 1, withdraw, "" },
	{ 0 },
};

int cmd_decision(int argc, char *argv[])
{
	const struct cli_spec spec = {
		.help = HELP,
		.formats = CLI_FORMATS_LIST,
		.filters = true,
		.rest_min = 1,
		.rest_max = 2,
		.needs = CLI_NEEDS_HOME,
	};

	return cli_verbs(argc, argv, &spec, VERBS, NULL);
}
