/*
 * quotes: in their own words; what may be published is approved by a person.
 */
#include "quotes.h"
#include "releases.h"

#include <err.h>
#include <stdlib.h>
#include <string.h>

#include "journal.h"

static const char HELP[] =
    "Examples:\n"
    "  soundings quotes --theme funding --region north-east\n"
    "  soundings quotes approve 54e3a1b2c0-3 --theme funding\n"
    "  soundings quotes list\n"
    "  soundings quotes withdraw 54e3a1b2c0-3\n"
    "\n"
    "Usage: soundings quotes --theme T [filters] [options]\n"
    "       soundings quotes approve ID --theme T [--consent-obtained]\n"
    "       soundings quotes list | withdraw ID\n"
    "  --limit N     at most N passages, one a person (default 10)\n"
    "  --exact       unredacted, for checking; that it was asked is noted in\n"
    "                access.jsonl\n"
    "  --consent-obtained  the respondent was asked and agreed\n"
    "  --format F    table json csv md xlsx      --output FILE\n"
    "  filters       as for 'soundings report'\n"
    "\n"
    "Names, schools, addresses and numbers that identify are marked. Only an\n"
    "approved quote is ever published, redacted; one without consent, or in a\n"
    "representative's words, is not approved. The pages that used a withdrawn\n"
    "one are made again without it.\n";

struct options {
	size_t limit;
	bool exact, consent;
};

static void put_quote(struct grid *grid, const struct quote *q, bool exact,
		      bool approved)
{
	struct cell *row = grid_row(grid);
	char day[DATE_SIZE], brief[ID_BRIEF_SIZE];
	const char *dash = strchr(q->id, '-');
	char *id = xformat("%s%s", id_brief(q->id, brief), dash ? dash : "");

	cell_text(&row[0], q->id, id);
	free(id);
	cell_text(&row[1], date_format(q->day, day), NULL);
	cell_text(&row[2], sdg_region_id((int)q->region), NULL);
	cell_text(&row[3], sdg_source_id((int)q->source), NULL);
	cell_text(&row[4],
		  approved        ? "approved"
		  : q->paraphrase ? "paraphrase"
		  : q->consent    ? "may be approved"
				  : "no consent",
		  NULL);
	cell_str(&row[5], sdg_str(exact ? q->exact : q->redacted));
}

static struct grid *quote_grid(void)
{
	struct grid *grid = grid_new("quotes");

	grid_column(grid, "id", "id", false);
	grid_column(grid, "day", "day", false);
	grid_column(grid, "region", "region", false);
	grid_column(grid, "source", "source", false);
	grid_column(grid, "state", "state", false);
	grid_column(grid, "text", "words", false);
	return grid;
}

static int emit(const struct cli_args *args, struct grid *grid)
{
	int status;

	/* A passage is read whole. */
	grid->layout = GRID_CARDS_WHOLE;
	status = cli_emit(args, cli_envelope("quotes"), grid, NULL);
	grid_free(grid);
	return status;
}

static int note_exact(struct cli *cli, size_t n)
{
	return journal_append(
	    &cli->home, "access.jsonl",
	    json_pack("{s:s, s:s, s:i}", "what", "quotes --exact", "theme",
		      cli->args.themes[0], "passages", (int)n),
	    &cli->err);
}

static int find(struct cli *cli, void *arg)
{
	const struct options *o = arg;
	const char *theme = cli->args.themes[0];
	struct quote_list list = { 0 };
	json_t *approved = NULL;
	struct grid *grid = NULL;
	int rc;

	if (cli->args.theme_count != 1)
		return cli_usage("quotes wants one --theme (see --help)");
	rc = quotes_approved(&cli->home, &approved, &cli->err);
	if (rc == 0)
		rc = quotes_find(cli->store, &cli->args.filter, theme, o->limit,
				 &list, &cli->err);
	/* Noted before it is shown. */
	if (rc == 0 && o->exact)
		rc = note_exact(cli, list.count);
	if (rc < 0)
		goto out;
	grid = quote_grid();
	for (size_t i = 0; i < list.count; i++)
		put_quote(grid, &list.quotes[i], o->exact,
			  json_object_get(approved, list.quotes[i].id) != NULL);
	if (list.count == 0)
		grid_note(grid, false, "No passage bears that theme out.");
	else
		grid_note(grid, true, "%s. Quotes do not speak for all.",
			  o->exact ? "EXACT words: not for publication"
				   : "Redacted; read before you rely on that");
	if (list.read < list.seen)
		grid_note(grid, true,
			  "Out of the %zu messages whose label is surest, of "
			  "%zu.",
			  list.read, list.seen);
	rc = emit(&cli->args, grid);
out:
	quotes_fini(&list);
	json_decref(approved);
	return rc;
}

static int list(struct cli *cli, void *arg)
{
	struct grid *grid;
	json_t *approved, *theme;
	const char *id;
	int rc = quotes_approved(&cli->home, &approved, &cli->err);

	(void)arg;
	if (rc < 0)
		return rc;
	grid = quote_grid();
	json_object_foreach(approved, id, theme)
	{
		struct quote q;

		if (quotes_get(cli->store, id, &q, NULL) < 0)
			continue; /* erased since */
		put_quote(grid, &q, false, true);
		quote_fini(&q);
	}
	if (grid->row_count == 0)
		grid_note(grid, false, "No quote is approved.");
	json_decref(approved);
	return emit(&cli->args, grid);
}

static int note_approved(struct cli *cli, const struct quote *q, bool consent)
{
	char *words;
	int rc = journal_append(&cli->home, QUOTES_JOURNAL,
				json_pack("{s:s, s:s, s:s, s:b}", "quote",
					  q->id, "state", "approved", "theme",
					  cli->args.themes[0],
					  "consent_obtained", consent),
				&cli->err);

	if (rc < 0)
		return rc;
	words = sdg_text_visible(sdg_str(q->redacted), false);
	fprintf(stderr, "approved, and would read: %s\n", words ? words : "");
	free(words);
	return 0;
}

static int approve(struct cli *cli, void *arg)
{
	const struct options *o = arg;
	struct quote q;
	int rc;

	if (cli->args.theme_count != 1)
		return cli_usage("approve ID --theme T: which theme it is for");
	rc = quotes_get(cli->store, cli->args.rest[1], &q, &cli->err);
	if (rc < 0)
		return rc;
	if (q.paraphrase) {
		warnx("those are a representative's words, not a member's: "
		      "they cannot be quoted");
		rc = EXIT_DATA;
	} else if (!q.consent && !o->consent) {
		warnx("the respondent has not agreed to be quoted: ask, then "
		      "add --consent-obtained");
		rc = EXIT_DATA;
	} else {
		rc = note_approved(cli, &q, o->consent);
	}
	quote_fini(&q);
	return rc;
}

static int withdraw(struct cli *cli, void *arg)
{
	const char *id = cli->args.rest[1];
	json_t *approved = NULL;
	struct quote q = { 0 };
	size_t pages = 0;
	int rc = quotes_approved(&cli->home, &approved, &cli->err);

	(void)arg;
	if (rc < 0)
		return rc;
	/* By its short form too; also when the message is erased. */
	if (quotes_get(cli->store, id, &q, NULL) == 0)
		id = q.id;
	if (!json_object_get(approved, id)) {
		warnx("no such quote is approved: '%s'", id);
		rc = EXIT_DATA;
		goto out;
	}
	rc = journal_append(
	    &cli->home, QUOTES_JOURNAL,
	    json_pack("{s:s, s:s}", "quote", id, "state", "withdrawn"),
	    &cli->err);
	if (rc == 0)
		rc = releases_drop_quote(&cli->home, id, &pages, &cli->err);
	if (rc == 0)
		fprintf(stderr,
			"withdrawn; %zu pages made again without it: what was "
			"copied elsewhere is not reached\n",
			pages);
out:
	quote_fini(&q);
	json_decref(approved);
	return rc;
}

static const struct cli_option OPTIONS[] = {
	CLI_COUNT("limit", struct options, limit, 1, 1000),
	CLI_FLAG("exact", struct options, exact),
	CLI_FLAG("consent-obtained", struct options, consent),
	{ 0 },
};

static const struct cli_verb FIND = { .run = find,
				      .takes = "limit exact " CLI_TAKES_FILTERS
					       " " CLI_TAKES_LIST };

static const struct cli_verb VERBS[] = {
	{ "approve", "ID --theme T", 1, 1, approve, "theme consent-obtained" },
	{ "list", NULL, 0, 0, list, CLI_TAKES_LIST },
	{ "withdraw", "ID", 1, 1, withdraw, "" },
	{ 0 },
};

int cmd_quotes(int argc, char *argv[])
{
	struct options o = { .limit = 10 };
	const struct cli_spec spec = {
		.help = HELP,
		.formats = CLI_FORMATS_LIST,
		.filters = true,
		.own = OPTIONS,
		.arg = &o,
		.rest_max = 2,
		.needs = CLI_NEEDS_STORE,
	};

	return cli_verbs(argc, argv, &spec, VERBS, &FIND);
}
