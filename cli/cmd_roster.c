/*
 * roster: the Council's representatives, from whom notes are taken by mail.
 */
#include "cli.h"

#include <err.h>
#include <stdlib.h>
#include <string.h>

#include <soundings/roster.h>

static const char HELP[] =
    "Examples:\n"
    "  soundings roster add jane@school.example --name 'Jane Doe' \\\n"
    "      --constituency Norfolk --from 2014-09-01 --to 2017-08-31\n"
    "  soundings roster add jane@school.example --key jane.doe\n"
    "  soundings roster list\n"
    "  soundings roster remove jane@school.example\n"
    "\n"
    "Usage: soundings roster add ADDRESS [options]\n"
    "       soundings roster list [--format F] [--output FILE]\n"
    "       soundings roster remove ADDRESS\n"
    "  --name NAME           who passes notes on\n"
    "  --constituency PLACE  where they represent members\n"
    "  --region R            its region, where the name does not tell\n"
    "  --key NAME            the name of their key ('soundings keys new')\n"
    "  --from DATE --to DATE the term, both days included (default: open)\n"
    "\n"
    "A mail to the address for notes is taken only from an address on the\n"
    "roster, within its term, and only when the mail server vouches for it;\n"
    "see 'soundings quarantine approve' for the others. 'add' with an\n"
    "address that is there changes what is given and keeps the rest. A note\n"
    "that comes with a key of the roster is by that person, for that place,\n"
    "whatever it says. When somebody leaves: 'soundings offboard'.\n";

/* What was given; the rest stays as it is. */
struct given {
	const char *name, *constituency, *key;
	int region;
	int32_t from, to;
};

static int take_line(const char **out, const char *option, const char *value)
{
	if (strlen(value) >= sizeof(((struct sdg_representative *)0)->name) ||
	    !sdg_text_is_safe(value, strlen(value)) || strchr(value, '\n')) {
		warnx("--%s is one line of at most 199 bytes", option);
		return -1;
	}
	*out = value;
	return 0;
}

static int take_name(void *arg, const char *value)
{
	return take_line(&((struct given *)arg)->name, "name", value);
}

static int take_constituency(void *arg, const char *value)
{
	return take_line(&((struct given *)arg)->constituency, "constituency",
			 value);
}

static int take_key(void *arg, const char *value)
{
	struct given *g = arg;

	if (strlen(value) >= SDG_CLIENT_NAME_SIZE) {
		warnx("--key wants the name of a key");
		return -1;
	}
	g->key = value;
	return 0;
}

static int put(struct sdg_roster *roster, const char *address,
	       const struct given *g, struct sdg_error *err)
{
	const struct sdg_representative *there =
	    sdg_roster_find(roster, sdg_str(address), 0);
	const struct sdg_representative *other;
	struct sdg_representative one = { 0 };

	if (there)
		one = *there;
	snprintf(one.address, sizeof(one.address), "%s", address);
	if (g->name)
		snprintf(one.name, sizeof(one.name), "%s", g->name);
	if (g->constituency)
		snprintf(one.constituency, sizeof(one.constituency), "%s",
			 g->constituency);
	if (g->key)
		snprintf(one.key, sizeof(one.key), "%s", g->key);
	if (g->region)
		one.region = g->region;
	if (g->from)
		one.from = g->from;
	if (g->to)
		one.to = g->to;
	if (!*one.name || !*one.constituency)
		return sdg_fail(err, SDG_EINVAL,
				"a representative has a --name and a "
				"--constituency");
	other = *one.key ? sdg_roster_by_key(roster, one.key) : NULL;
	if (other && strcmp(other->address, one.address) != 0)
		return sdg_fail(err, SDG_EINVAL, "key \"%s\" is %s's", one.key,
				other->address);
	if (one.from && one.to && one.to < one.from)
		return sdg_fail(err, SDG_EINVAL,
				"the term ends before it begins");
	return sdg_roster_put(roster, &one, err);
}

/* @given: what to put on it; NULL: take it off. */
static int change(struct cli *cli, const struct given *given)
{
	struct sdg_roster roster = { 0 };
	char address[321];
	int rc;

	if (sdg_address_normalise(sdg_str(cli->args.rest[1]), address,
				  sizeof(address)) == 0)
		return cli_usage("'%s' is no address such as "
				 "jane@school.example",
				 cli->args.rest[1]);
	rc = sdg_home_prepare(&cli->home, &cli->err);
	if (rc == 0)
		rc = sdg_roster_load(&cli->home, &roster, &cli->err);
	if (rc == 0)
		rc = given ? put(&roster, address, given, &cli->err)
			   : sdg_roster_remove(&roster, address, &cli->err);
	if (rc == 0)
		rc = sdg_roster_save(&cli->home, &roster, &cli->err);
	sdg_roster_fini(&roster);
	if (rc == 0)
		fprintf(stderr, "%s is %s the roster\n", address,
			given ? "on" : "off");
	return rc;
}

static int add(struct cli *cli, void *arg)
{
	return change(cli, arg);
}

static int take_off(struct cli *cli, void *arg)
{
	(void)arg;
	return change(cli, NULL);
}

static void date_cell(struct cell *cell, int32_t day)
{
	char date[DATE_SIZE];

	if (day)
		cell_text(cell, date_format(day, date), NULL);
}

static int list(struct cli *cli, void *arg)
{
	const struct cli_args *args = &cli->args;
	struct sdg_roster roster = { 0 };
	struct grid *grid;
	int status = sdg_roster_load(&cli->home, &roster, &cli->err);

	(void)arg;
	if (status < 0)
		return status;
	grid = grid_new("representatives");
	grid_column(grid, "address", "address", false);
	grid_column(grid, "name", "name", false);
	grid_column(grid, "constituency", "constituency", false);
	grid_column(grid, "region", "region", false);
	grid_column(grid, "from", "from", false);
	grid_column(grid, "to", "to", false);
	grid_column(grid, "key", "key", false);
	for (size_t i = 0; i < roster.count; i++) {
		const struct sdg_representative *one = &roster.people[i];
		struct cell *row = grid_row(grid);

		cell_str(&row[0], sdg_str(one->address));
		cell_str(&row[1], sdg_str(one->name));
		cell_str(&row[2], sdg_str(one->constituency));
		if (one->region)
			cell_text(&row[3], sdg_region_id(one->region), NULL);
		date_cell(&row[4], one->from);
		date_cell(&row[5], one->to);
		if (*one->key)
			cell_text(&row[6], one->key, NULL);
	}
	if (roster.count == 0 && args->format != CLI_JSON)
		grid_note(grid, false, "Nobody is on the roster.");
	status = cli_emit(
	    args, args->format == CLI_JSON ? cli_envelope("roster") : NULL,
	    grid, NULL);
	grid_free(grid);
	sdg_roster_fini(&roster);
	return status;
}

static const struct cli_option OPTIONS[] = {
	CLI_TAKEN("name", take_name),
	CLI_TAKEN("constituency", take_constituency),
	CLI_LABEL("region", struct given, region, sdg_region_id, 1,
		  SDG_REGION_COUNT),
	CLI_FIRST_DAY("from", struct given, from),
	CLI_LAST_DAY("to", struct given, to),
	CLI_TAKEN("key", take_key),
	{ 0 },
};

static const struct cli_verb VERBS[] = {
	{ "add", "ADDRESS", 1, 1, add, "name constituency region key from to" },
	{ "list", NULL, 0, 0, list, CLI_TAKES_LIST },
	{ "remove", "ADDRESS", 1, 1, take_off, "" },
	{ 0 },
};

int cmd_roster(int argc, char *argv[])
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
