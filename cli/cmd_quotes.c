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

enum { OPT_LIMIT = 256, OPT_EXACT, OPT_CONSENT };

static const struct option OPTIONS[] = {
	{ "limit", required_argument, NULL, OPT_LIMIT },
	{ "exact", no_argument, NULL, OPT_EXACT },
	{ "consent-obtained", no_argument, NULL, OPT_CONSENT },
	{ 0 },
};

struct options {
	size_t limit;
	bool exact, consent;
};

static int take(void *arg, int id, const char *value)
{
	struct options *o = arg;
	int64_t n;

	switch (id) {
	case OPT_EXACT:
		o->exact = true;
		return 0;
	case OPT_CONSENT:
		o->consent = true;
		return 0;
	case OPT_LIMIT:
		n = cli_number(value, 1, 1000);
		if (n < 0) {
			warnx("--limit wants a number from 1 to 1000");
			return -1;
		}
		o->limit = (size_t)n;
		return 0;
	}
	return -1;
}

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

static int note_exact(const struct sdg_home *home, const struct cli_args *args,
		      size_t n, struct sdg_error *err)
{
	return journal_append(home, "access.jsonl",
			      json_pack("{s:s, s:s, s:i}", "what",
					"quotes --exact", "theme",
					args->themes[0], "passages", (int)n),
			      err);
}

static int find(struct sdg_store *store, const struct sdg_home *home,
		struct cli_args *args, const struct options *o)
{
	struct sdg_error err = { 0 };
	struct quote_list list;
	json_t *approved = NULL;
	struct grid *grid;

	if (args->theme_count != 1)
		return cli_usage("quotes wants one --theme (see --help)");
	if (cli_use_themes(store, args, &err) < 0 ||
	    quotes_approved(home, &approved, &err) < 0)
		return cli_fail(&err);
	if (quotes_find(store, &args->filter, args->themes[0], o->limit, &list,
			&err) < 0) {
		json_decref(approved);
		return cli_fail(&err);
	}
	/* Noted before it is shown. */
	if (o->exact && note_exact(home, args, list.count, &err) < 0) {
		quotes_fini(&list);
		json_decref(approved);
		return cli_fail(&err);
	}
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
	quotes_fini(&list);
	json_decref(approved);
	return emit(args, grid);
}

static int list(struct sdg_store *store, const struct sdg_home *home,
		const struct cli_args *args)
{
	struct sdg_error err = { 0 };
	struct grid *grid = quote_grid();
	json_t *approved, *theme;
	const char *id;

	if (quotes_approved(home, &approved, &err) < 0) {
		grid_free(grid);
		return cli_fail(&err);
	}
	json_object_foreach(approved, id, theme)
	{
		struct quote q;

		if (quotes_get(store, id, &q, NULL) < 0)
			continue; /* erased since */
		put_quote(grid, &q, false, true);
		quote_fini(&q);
	}
	if (grid->row_count == 0)
		grid_note(grid, false, "No quote is approved.");
	json_decref(approved);
	return emit(args, grid);
}

static int approve(struct sdg_store *store, const struct sdg_home *home,
		   const struct cli_args *args, const char *id, bool consent)
{
	struct sdg_error err = { 0 };
	struct quote q;
	int status = 0;

	if (args->theme_count != 1)
		return cli_usage("approve ID --theme T: which theme it is for");
	if (quotes_get(store, id, &q, &err) < 0)
		return cli_fail(&err);
	if (q.paraphrase) {
		warnx("those are a representative's words, not a member's: "
		      "they cannot be quoted");
		status = EXIT_DATA;
	} else if (!q.consent && !consent) {
		warnx("the respondent has not agreed to be quoted: ask, then "
		      "add --consent-obtained");
		status = EXIT_DATA;
	} else if (journal_append(home, QUOTES_JOURNAL,
				  json_pack("{s:s, s:s, s:s, s:b}", "quote",
					    q.id, "state", "approved", "theme",
					    args->themes[0], "consent_obtained",
					    consent),
				  &err) < 0) {
		status = cli_fail(&err);
	} else {
		char *words = sdg_text_visible(sdg_str(q.redacted), false);

		fprintf(stderr, "approved, and would read: %s\n",
			words ? words : "");
		free(words);
	}
	quote_fini(&q);
	return status;
}

static int withdraw(struct sdg_store *store, const struct sdg_home *home,
		    const char *id)
{
	struct sdg_error err = { 0 };
	json_t *approved = NULL, *theme;
	const char *full = NULL, *key;
	struct quote q = { 0 };
	size_t pages = 0;
	int status = 0;

	if (quotes_approved(home, &approved, &err) < 0)
		return cli_fail(&err);
	/* By its short form too; also when the message is erased. */
	if (quotes_get(store, id, &q, NULL) == 0)
		id = q.id;
	json_object_foreach(approved, key, theme) if (strcmp(key, id) == 0)
	    full = key;
	if (!full) {
		warnx("no such quote is approved: '%s'", id);
		status = EXIT_DATA;
	} else if (journal_append(home, QUOTES_JOURNAL,
				  json_pack("{s:s, s:s}", "quote", full,
					    "state", "withdrawn"),
				  &err) < 0) {
		status = cli_fail(&err);
	} else if (releases_drop_quote(home, full, &pages, &err) < 0) {
		status = cli_fail(&err);
	} else {
		fprintf(stderr,
			"withdrawn; %zu pages made again without it: what was "
			"copied elsewhere is not reached\n",
			pages);
	}
	quote_fini(&q);
	json_decref(approved);
	return status;
}

int cmd_quotes(int argc, char *argv[])
{
	struct options o = { .limit = 10 };
	const struct cli_spec spec = {
		.help = HELP,
		.formats = CLI_FORMATS_LIST,
		.filters = true,
		.options = OPTIONS,
		.option = take,
		.arg = &o,
		.rest_max = 2,
	};
	struct sdg_store *store = NULL;
	struct sdg_error err = { 0 };
	struct sdg_home home;
	struct cli_args args;
	const char *verb, *id;
	int status;

	status = cli_parse(argc, argv, &spec, &args);
	if (status >= 0)
		return status;
	verb = args.rest_count > 0 ? args.rest[0] : "find";
	id = args.rest_count > 1 ? args.rest[1] : NULL;
	if (cli_open(SDG_STORE_READ, &home, &store, &err) < 0)
		return cli_fail(&err);
	if (args.rest_count == 0)
		status = find(store, &home, &args, &o);
	else if (strcmp(verb, "list") == 0 && !id)
		status = list(store, &home, &args);
	else if (strcmp(verb, "approve") == 0 && id)
		status = approve(store, &home, &args, id, o.consent);
	else if (strcmp(verb, "withdraw") == 0 && id)
		status = withdraw(store, &home, id);
	else
		status = cli_usage("quotes --theme T, approve ID, list or "
				   "withdraw ID (see --help)");
	sdg_store_close(store);
	return status;
}
