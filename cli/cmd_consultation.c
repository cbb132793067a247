/*
 * consultation: what members were asked, when, where, at which address.
 */
#include "cli.h"

#include <err.h>
#include <stdlib.h>
#include <string.h>

static const char HELP[] =
    "Examples:\n"
    "  soundings consultation add pilots --name \"The regional pilots\" \\\n"
    "      --address pilots@association.example --opens 2015-02-01 \\\n"
    "      --closes 2015-03-31 --region north-east,south-west\n"
    "  soundings consultation list\n"
    "  soundings consultation close pilots\n"
    "  soundings consultation reopen pilots --closes 2015-04-30\n"
    "\n"
    "Usage: soundings consultation add ID [options]\n"
    "       soundings consultation list [--format F] [--output FILE]\n"
    "       soundings consultation close ID\n"
    "       soundings consultation reopen ID [--closes DATE]\n"
    "  --name NAME       for people\n"
    "  --address A       mail to A belongs to it; may be repeated\n"
    "  --opens DATE --closes DATE    2015-03-31, 2015-03 or 2015; included\n"
    "  --region R        asked there only; may be repeated (default: all)\n"
    "\n"
    "ID is small letters, digits and hyphens. 'add' with an ID that is there\n"
    "changes what is given and keeps the rest. Two that are open may share an\n"
    "address only where their dates do not overlap: mail then belongs to the\n"
    "one whose time it fell in. Every message belongs to one consultation;\n"
    "what names none belongs to 'future'. What comes to one that is closed\n"
    "waits in quarantine; after 'reopen' the timer takes it within\n"
    "the hour, 'soundings quarantine retry' at once.\n";

/* A terminal on which a line has room for the name as well. */
#define WIDE 140

/* What was given; the rest stays as it is. */
struct given {
	const char *name;
	char addresses[512];
	int32_t opens, closes;
	uint32_t regions;
};

static int take_address(void *arg, const char *value)
{
	struct given *g = arg;
	char address[320];
	size_t used = strlen(g->addresses);

	if (sdg_address_normalise(sdg_str(value), address, sizeof(address)) ==
	    0) {
		warnx("--address wants an address such as "
		      "future@association.example");
		return -1;
	}
	if (used + strlen(address) + 2 > sizeof(g->addresses)) {
		warnx("too many addresses");
		return -1;
	}
	snprintf(g->addresses + used, sizeof(g->addresses) - used, "%s%s",
		 used ? " " : "", address);
	return 0;
}

static int take_region(void *arg, const char *value)
{
	struct given *g = arg;
	char list[512], *save = NULL;

	snprintf(list, sizeof(list), "%s", value);
	for (char *id = strtok_r(list, ",", &save); id;
	     id = strtok_r(NULL, ",", &save)) {
		int region = sdg_region_from_id(sdg_str(id));

		if (region <= 0)
			return cli_no_such_label("region", id, sdg_region_id, 1,
						 SDG_REGION_COUNT);
		g->regions |= UINT32_C(1) << region;
	}
	return 0;
}

static bool good_id(const char *id)
{
	return strlen(id) < sizeof(((struct sdg_consultation *)0)->id) &&
	       sdg_is_id(id) && *id != '-';
}

/* What is there already, or an empty one of that id. */
static int get(struct sdg_store *store, const char *id,
	       struct sdg_consultation *c, struct sdg_error *err)
{
	int rc;

	*c = (struct sdg_consultation){ 0 };
	rc = sdg_consultation_get(store, id, c, err);
	if (rc == SDG_ENOTFOUND) {
		*c = (struct sdg_consultation){ 0 };
		snprintf(c->id, sizeof(c->id), "%s", id);
	}
	return rc;
}

static int add(struct sdg_store *store, const char *id, const struct given *g,
	       struct sdg_error *err)
{
	struct sdg_consultation c;
	int rc;

	if (!good_id(id))
		return sdg_fail(err, SDG_EINVAL,
				"a consultation's id is small letters, digits "
				"and hyphens, at most 63");
	rc = get(store, id, &c, err);
	if (rc < 0 && rc != SDG_ENOTFOUND)
		return rc;
	if (g->name && (strlen(g->name) >= sizeof(c.name) ||
			!sdg_text_is_safe(g->name, strlen(g->name)) ||
			strchr(g->name, '\n')))
		return sdg_fail(err, SDG_EINVAL,
				"a consultation's name is one line of at most "
				"%zu bytes",
				sizeof(c.name) - 1);
	if (g->name)
		snprintf(c.name, sizeof(c.name), "%s", g->name);
	if (*g->addresses)
		memcpy(c.addresses, g->addresses, sizeof(c.addresses));
	if (g->opens)
		c.opens = g->opens;
	if (g->closes)
		c.closes = g->closes;
	if (g->regions)
		c.regions = g->regions;
	if (c.opens && c.closes && c.closes < c.opens)
		return sdg_fail(err, SDG_EINVAL, "it closes before it opens");
	return sdg_consultation_put(store, &c, err);
}

static int close_one(struct sdg_store *store, const char *id,
		     const struct given *g, struct sdg_error *err)
{
	struct sdg_consultation c;
	int rc;

	(void)g;
	rc = get(store, id, &c, err);
	if (rc == SDG_ENOTFOUND)
		return cli_no_such_consultation(store, id, err);
	if (rc < 0)
		return rc;
	c.closed = true;
	return sdg_consultation_put(store, &c, err);
}

static int reopen(struct sdg_store *store, const char *id,
		  const struct given *g, struct sdg_error *err)
{
	struct sdg_consultation c;
	int rc = get(store, id, &c, err);

	if (rc == SDG_ENOTFOUND)
		return cli_no_such_consultation(store, id, err);
	if (rc < 0)
		return rc;
	if (!c.closed)
		return sdg_fail(err, SDG_EINVAL,
				"consultation '%s' is open: there is nothing "
				"to reopen",
				id);
	c.closed = false;
	if (g->closes)
		c.closes = g->closes;
	if (c.opens && c.closes && c.closes < c.opens)
		return sdg_fail(err, SDG_EINVAL, "it closes before it opens");
	return sdg_consultation_put(store, &c, err);
}

static void date_cell(struct cell *cell, int32_t day)
{
	char date[DATE_SIZE];

	if (day)
		cell_text(cell, date_format(day, date), NULL);
}

static int put_row(void *arg, const struct sdg_consultation *c)
{
	struct grid *grid = arg;
	struct cell *row = grid_row(grid);
	char *regions = xstrdup("");

	for (int i = 1; i < SDG_REGION_COUNT; i++)
		if (c->regions & UINT32_C(1) << i) {
			char *next =
			    xformat("%s%s%s", regions, *regions ? " " : "",
				    sdg_region_id(i));

			free(regions);
			regions = next;
		}
	cell_text(&row[0], c->id, NULL);
	cell_text(&row[1], c->closed ? "closed" : "open", NULL);
	date_cell(&row[2], c->opens);
	date_cell(&row[3], c->closes);
	cell_text(&row[4], *regions ? regions : "all", NULL);
	cell_str(&row[5], sdg_str(c->addresses));
	cell_str(&row[6], sdg_str(c->name));
	free(regions);
	return 0;
}

/* "a b" as ["a", "b"] in place of the text at @key of @row. */
static void split(json_t *row, const char *key, const char *none)
{
	const char *text = json_string_value(json_object_get(row, key));
	char *words = xstrdup(text && strcmp(text, none) != 0 ? text : "");
	json_t *list = json_array();
	char *save = NULL;

	for (char *w = strtok_r(words, " ", &save); w;
	     w = strtok_r(NULL, " ", &save))
		json_array_append_new(list, cli_json_str(sdg_str(w)));
	json_object_set_new(row, key, list);
	free(words);
}

/* Version 2: regions and addresses are lists, and regions empty means all. */
static int emit_json(const struct cli_args *args, const struct grid *grid)
{
	json_t *json = cli_envelope("consultation"), *row;
	json_t *rows = grid_json_rows(grid);
	size_t i;

	json_object_set_new(json, "schema",
			    json_string("soundings/consultation/2"));
	json_array_foreach(rows, i, row)
	{
		split(row, "regions", "all");
		split(row, "addresses", "");
	}
	json_object_set_new(json, "rows", rows);
	return cli_emit_json(args, json);
}

static int list(struct cli *cli, void *arg)
{
	struct grid *grid = grid_new("consultations");
	int rc = cli_open(SDG_STORE_READ, &cli->home, &cli->store, &cli->err);

	(void)arg;
	grid_column(grid, "id", "id", false);
	grid_column(grid, "state", "state", false);
	grid_column(grid, "opens", "opens", false);
	grid_column(grid, "closes", "closes", false);
	grid_column(grid, "regions", "asked in", false);
	grid_column(grid, "addresses", "addresses", false);
	grid_truncate(grid, grid_column(grid, "name", "name", false));
	if (cli_width() < WIDE)
		grid->layout = GRID_CARDS;
	if (rc == 0)
		rc =
		    sdg_consultation_each(cli->store, put_row, grid, &cli->err);
	if (rc == 0)
		rc = cli->args.format == CLI_JSON
			 ? emit_json(&cli->args, grid)
			 : cli_emit(&cli->args, NULL, grid, NULL);
	grid_free(grid);
	return rc;
}

typedef int change_fn(struct sdg_store *store, const char *id,
		      const struct given *g, struct sdg_error *err);

static int change(struct cli *cli, const struct given *given,
		  enum sdg_store_mode mode, change_fn *fn, const char *done)
{
	const char *id = cli->args.rest[1];
	int rc = cli_open(mode, &cli->home, &cli->store, &cli->err);

	if (rc == 0)
		rc = fn(cli->store, id, given, &cli->err);
	if (rc == 0)
		fprintf(stderr, "consultation '%s' is %s\n", id, done);
	return rc;
}

static int do_add(struct cli *cli, void *arg)
{
	/* The first command of an installation may well be this one. */
	int rc = sdg_home_prepare(&cli->home, &cli->err);

	return rc < 0 ? rc : change(cli, arg, SDG_STORE_WRITE, add, "set up");
}

static int do_close(struct cli *cli, void *arg)
{
	return change(cli, arg, SDG_STORE_CHANGE, close_one, "closed");
}

static int do_reopen(struct cli *cli, void *arg)
{
	int rc = change(cli, arg, SDG_STORE_CHANGE, reopen, "open again");

	if (rc == 0)
		fputs("What came while it was closed is in quarantine: the "
		      "timer takes it within the hour, 'soundings "
		      "quarantine retry' at once.\n",
		      stderr);
	return rc;
}

static const struct cli_option OPTIONS[] = {
	CLI_TEXT("name", struct given, name),
	CLI_TAKEN("address", take_address),
	CLI_FIRST_DAY("opens", struct given, opens),
	CLI_LAST_DAY("closes", struct given, closes),
	CLI_TAKEN("region", take_region),
	{ 0 },
};

static const struct cli_verb VERBS[] = {
	{ "add", "ID", 1, 1, do_add, "name address opens closes region" },
	{ "list", NULL, 0, 0, list, CLI_TAKES_LIST },
	{ "close", "ID", 1, 1, do_close, "" },
	{ "reopen", "ID", 1, 1, do_reopen, "closes" },
	{ 0 },
};

int cmd_consultation(int argc, char *argv[])
{
	struct given given = { 0 };
	const struct cli_spec spec = {
		.help = HELP,
		.formats = CLI_FORMATS_LIST,
		.own = OPTIONS,
		.arg = &given,
		.rest_min = 1,
		.rest_max = 2,
		.needs = CLI_NEEDS_HOME,
	};

	return cli_verbs(argc, argv, &spec, VERBS, NULL);
}
