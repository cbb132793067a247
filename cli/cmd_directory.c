/*
 * directory: who the members are, and where schools lie.
 *
 * import reads a list and replaces what was imported before; set and link
 * are a person's word and outlive imports. Nothing here changes a figure of
 * the past: region, role and phase are stamped on a piece when it comes in.
 */
#include "cli.h"

#include <err.h>
#include <stdlib.h>
#include <string.h>

#include "directory.h"

static const char HELP[] =
    "Examples:\n"
    "  soundings directory import members.csv --postcode work\n"
    "  soundings directory import edubasealldata20150301.csv\n"
    "  soundings directory lookup j.smith@x.lancs.sch.uk\n"
    "  soundings directory lookup \"Hexham\"\n"
    "  soundings directory set j.smith@gmail.com --region north-east\n"
    "  soundings directory link j.smith@gmail.com 004217\n"
    "\n"
    "Usage: soundings directory import FILE [--kind members|schools]\n"
    "           [--map COLUMN=FIELD] [--postcode work|home] [--yes]\n"
    "       soundings directory lookup ADDRESS|DOMAIN|SCHOOL\n"
    "       soundings directory set ADDRESS|DOMAIN [options]\n"
    "       soundings directory link ADDRESS MEMBERSHIP [--force] [options]\n"
    "  --map COLUMN=FIELD   what a column holds: membership, address,\n"
    "                       region, authority, postcode, school, role,\n"
    "                       phase or ignore; may be repeated\n"
    "  --postcode work|home whose postcodes they are; a region is never\n"
    "                       taken from a home\n"
    "  --yes                do not ask: the columns are right, and most of\n"
    "                       what was imported before may go; without a\n"
    "                       terminal a members' list wants it\n"
    "  --region R --authority NAME --role R --phase P --school NAME\n"
    "                       what 'set' says, and 'link' may; --phase may be\n"
    "                       repeated\n"
    "  --force              link: to a number that no address has yet, before\n"
    "                       the list that brings it is imported\n"
    "  --dry-run            set, link: show what would be known, change "
    "nothing\n"
    "  --format F           table json csv md xlsx     --output FILE\n"
    "\n"
    "'link' says whose an address is: from then on what came from it and from\n"
    "the member's others is one member's. Where they work it does not say.\n"
    "'import' takes a members' list (any CSV with a heading) or the\n"
    "government's list of schools, shows which column it takes for what,\n"
    "and replaces what the last import of that kind brought. What was set\n"
    "by hand stays. Faults of rows are shown with their line. FILE may be\n"
    "'-'.\n"
    "\n"
    "An import changes no label of what came before. It does say who those\n"
    "members are: who wrote from two addresses counts once from then on. "
    "Their\n"
    "regions, roles and phases stay as they were found until 'soundings\n"
    "reclassify --directory' is asked to apply the list; 'review --conflicts'\n"
    "shows where it and their words disagree, and 'report --as-of' gives the\n"
    "figures from before.\n";

struct given {
	struct directory_options import;
	struct sdg_known known; /* of set */
	const char *school;
	bool dry_run, force;
};

static int take_kind(void *arg, const char *value)
{
	struct given *g = arg;

	g->import.kind = value;
	if (strcmp(value, "members") == 0 || strcmp(value, "schools") == 0)
		return 0;
	warnx("--kind is members or schools");
	return -1;
}

static int take_map(void *arg, const char *value)
{
	struct given *g = arg;

	if (g->import.map_count == DIRECTORY_MAPS_MAX || !strchr(value, '=')) {
		warnx("--map wants COLUMN=FIELD, at most %d of them",
		      DIRECTORY_MAPS_MAX);
		return -1;
	}
	g->import.maps[g->import.map_count++] = value;
	return 0;
}

static int take_phase(void *arg, const char *value)
{
	struct given *g = arg;
	int n = sdg_phase_from_id(sdg_str(value));

	if (n <= 0)
		return cli_no_such_label("phase", value, sdg_phase_id, 0,
					 SDG_PHASE_COUNT);
	g->known.phases |= (uint8_t)n;
	return 0;
}

static int take_postcode(void *arg, const char *value)
{
	struct given *g = arg;

	if (strcmp(value, "work") == 0)
		g->import.postcode = DIRECTORY_POSTCODE_WORK;
	else if (strcmp(value, "home") == 0)
		g->import.postcode = DIRECTORY_POSTCODE_HOME;
	else {
		warnx("--postcode is work or home");
		return -1;
	}
	return 0;
}

static int take_authority(void *arg, const char *value)
{
	struct given *g = arg;

	g->known.authority = sdg_authority_from_name(sdg_str(value));
	if (g->known.authority == 0) {
		warnx("no authority is called '%s'", value);
		return -1;
	}
	if (g->known.region == SDG_REGION_ANY)
		g->known.region = sdg_authority_region(g->known.authority);
	return 0;
}

/* ---------------------------------------------------------------- lookup */

static char *phase_list(uint8_t phases)
{
	char *list = xstrdup("");

	for (int bit = 0; bit < SDG_PHASE_COUNT; bit++)
		if (phases & 1u << bit) {
			char *more = xformat("%s%s%s", list, *list ? " " : "",
					     sdg_phase_id(bit));

			free(list);
			list = more;
		}
	return list;
}

static void add_row(struct grid *grid, const char *asked,
		    const struct sdg_entry *entry)
{
	struct cell *row = grid_row(grid);
	char *phases = phase_list(entry->known.phases);

	cell_str(&row[0], sdg_str(entry->key[0] ? entry->key : asked));
	if (entry->known.region != SDG_REGION_ANY)
		cell_text(&row[1], sdg_region_id((int)entry->known.region),
			  sdg_region_name((int)entry->known.region));
	if (entry->known.authority)
		cell_text(&row[2], sdg_authority_name(entry->known.authority),
			  NULL);
	if (entry->known.role != SDG_ROLE_UNKNOWN)
		cell_text(&row[3], sdg_role_id((int)entry->known.role), NULL);
	if (*phases)
		cell_text(&row[4], phases, NULL);
	cell_str(&row[5], sdg_str(entry->school));
	cell_bool(&row[6], entry->known.matched);
	cell_bool(&row[7], entry->by_hand);
	free(phases);
}

static struct grid *new_grid(void)
{
	struct grid *grid = grid_new("directory");

	grid_column(grid, "key", "address or domain", false);
	grid_column(grid, "region", "region", false);
	grid_column(grid, "authority", "authority", false);
	grid_column(grid, "role", "role", false);
	grid_column(grid, "phases", "phases", false);
	grid_column(grid, "school", "school", false);
	grid_column(grid, "member", "member", false);
	grid_column(grid, "by_hand", "by hand", false);
	grid->columns[5].truncate = true;
	return grid;
}

struct search {
	const char *school;
	struct grid *grid;
};

static int match_school(void *arg, const struct sdg_entry *entry)
{
	struct search *search = arg;

	/* A member's school would say who wrote from it. */
	if (entry->key[0] && strcasestr(entry->school, search->school))
		add_row(search->grid, "", entry);
	return 0;
}

static int knows_nothing(const char *what, struct sdg_error *err)
{
	return sdg_fail(err, SDG_ENOTFOUND,
			"the directory knows nothing of \"%.200s\"", what);
}

static int look(struct sdg_store *store, const char *what, struct grid *grid,
		struct sdg_error *err)
{
	struct search search = { what, grid };
	struct sdg_entry entry;
	char *domain;
	int rc;

	if (strchr(what, '@')) {
		rc = sdg_directory_lookup(store, sdg_str(what), &entry, err);
		if (rc == 0)
			add_row(grid, what, &entry);
		return rc == SDG_ENOTFOUND ? knows_nothing(what, err) : rc;
	}
	if (strchr(what, '.') && !strchr(what, ' ')) {
		domain = xformat("@%s", what);
		rc = sdg_directory_lookup(store, sdg_str(domain), &entry, err);
		free(domain);
		if (rc == 0)
			add_row(grid, what, &entry);
		if (rc != SDG_ENOTFOUND)
			return rc;
	}
	rc = sdg_directory_each(store, match_school, &search, err);
	return rc == 0 && grid->row_count == 0 ? knows_nothing(what, err) : rc;
}

static int lookup(struct cli *cli, void *arg)
{
	struct grid *grid = new_grid();
	int rc = cli_open(SDG_STORE_READ, &cli->home, &cli->store, &cli->err);

	(void)arg;
	if (!*cli->args.rest[1]) {
		grid_free(grid);
		return cli_usage("lookup wants an address, a domain or a "
				 "school");
	}
	if (rc == 0)
		rc = look(cli->store, cli->args.rest[1], grid, &cli->err);
	if (rc == 0)
		rc = cli_emit(&cli->args,
			      cli->args.format == CLI_JSON
				  ? cli_envelope("directory")
				  : NULL,
			      grid, NULL);
	grid_free(grid);
	return rc;
}

/* --------------------------------------------------------- a person's word */

/* What is there of exactly this key, or an empty entry of it. */
static int current(struct sdg_store *store, const char *what,
		   struct sdg_entry *entry, struct sdg_error *err)
{
	char key[sizeof(entry->key)];
	int rc;

	if (what[0] == '@' || !strchr(what, '@'))
		snprintf(key, sizeof(key), "%s%s", what[0] == '@' ? "" : "@",
			 what);
	else if (sdg_address_normalise(sdg_str(what), key, sizeof(key)) == 0)
		return sdg_fail(err, SDG_EINVAL,
				"'%.200s' is neither an address nor a domain",
				what);
	if (key[0] == '@' && !strchr(key, '.'))
		return sdg_fail(err, SDG_EINVAL,
				"'%.200s' is neither an address nor a domain",
				what);
	rc = sdg_directory_lookup(store, sdg_str(key), entry, err);
	if (rc < 0 && rc != SDG_ENOTFOUND)
		return rc;
	if (rc == SDG_ENOTFOUND || (entry->key[0] == '@' && key[0] != '@'))
		*entry = (struct sdg_entry){ .known.matched = key[0] != '@' };
	memcpy(entry->key, key, sizeof(key));
	return 0;
}

static void merge(struct sdg_entry *entry, const struct given *g)
{
	if (g->known.region != SDG_REGION_ANY) {
		entry->known.region = g->known.region;
		entry->known.authority = g->known.authority;
		entry->lent &= ~SDG_LENT_REGION;
	}
	if (g->known.role != SDG_ROLE_UNKNOWN) {
		entry->known.role = g->known.role;
		entry->lent &= ~SDG_LENT_ROLE;
	}
	if (g->known.phases) {
		entry->known.phases = g->known.phases;
		entry->lent &= ~SDG_LENT_PHASES;
	}
	if (g->school) {
		snprintf(entry->school, sizeof(entry->school), "%s", g->school);
		entry->lent &= ~SDG_LENT_SCHOOL;
	}
}

static int check_given(const struct given *g, struct sdg_error *err)
{
	if (g->school && (strlen(g->school) >= 200 ||
			  !sdg_text_is_safe(g->school, strlen(g->school))))
		return sdg_fail(err, SDG_EINVAL,
				"a school's name is text of at most 199 bytes");
	if (g->known.authority &&
	    sdg_authority_region(g->known.authority) != g->known.region)
		return sdg_fail(err, SDG_EINVAL,
				"%s does not lie in that region",
				sdg_authority_name(g->known.authority));
	return 0;
}

/* What was said, and what comes of it. */
struct word {
	struct sdg_entry entry;
	const char *member; /* the number it is linked to; NULL: 'set' */
	size_t addresses;   /* of the directory that bore it before */
};

/* A number of which nobody has said whose it is may be a slip, and makes two
 * members of one. */
static int join(struct sdg_store *store, struct word *word, bool force,
		struct sdg_error *err)
{
	struct sdg_entry *entry = &word->entry;
	const size_t most = sizeof(entry->membership) - 1;
	int rc;

	if (entry->key[0] == '@' || strlen(word->member) > most)
		return sdg_fail(err, SDG_EINVAL,
				"link an address to a membership number of at "
				"most %zu bytes",
				most);
	rc = sdg_directory_of_member(store, sdg_str(word->member),
				     &word->addresses, err);
	if (rc == 0 && word->addresses == 0 && !force)
		return sdg_fail(err, SDG_ENOTFOUND,
				"no address of the directory has membership "
				"number '%s': look whether it is right, import "
				"the members' list that has it, or say --force "
				"to link it before that",
				word->member);
	if (rc < 0)
		return rc;
	snprintf(entry->membership, most + 1, "%s", word->member);
	entry->keyed = false;
	entry->lent &= ~SDG_LENT_MEMBERSHIP;
	entry->known.matched = true;
	return 0;
}

static int emit_word(const struct cli_args *args, const struct word *word,
		     bool dry_run)
{
	struct grid *grid = new_grid();
	json_t *envelope = cli_envelope("directory");
	int status;

	add_row(grid, "", &word->entry);
	cell_bool(&grid->cells[7], true);
	if (dry_run)
		grid_note(grid, true, "Nothing is changed.");
	json_object_set_new(envelope, "dry_run", json_boolean(dry_run));
	if (word->member)
		json_object_set_new(envelope, "addresses",
				    json_integer((json_int_t)word->addresses));
	status = cli_emit(args, envelope, grid, NULL);
	grid_free(grid);
	return status;
}

static void say_word(const struct word *word, bool dry_run)
{
	const char *would = dry_run ? "would have" : "has";

	if (!word->member)
		fprintf(stderr, "the directory %s your word for it\n", would);
	else if (word->addresses)
		fprintf(stderr,
			"the directory %s your word for it; %zu address%s had "
			"that number before\n",
			would, word->addresses,
			word->addresses == 1 ? "" : "es");
	else
		fprintf(stderr,
			"the directory %s your word for it; nobody else has "
			"that number yet\n",
			would);
	if (word->member && word->entry.known.region == SDG_REGION_ANY)
		fputs("that says whose the address is, not where they work: "
		      "--region says it\n",
		      stderr);
}

/* Only a word that needs no other before it may be an installation's first. */
static int open_for(struct cli *cli, const struct given *g, bool first)
{
	int rc = 0;

	if (first && !g->dry_run)
		rc = sdg_home_prepare(&cli->home, &cli->err);
	return rc < 0 ? rc
		      : cli_open(g->dry_run ? SDG_STORE_READ
				 : first    ? SDG_STORE_WRITE
					    : SDG_STORE_CHANGE,
				 &cli->home, &cli->store, &cli->err);
}

/* @member: NULL: none is said. */
static int change(struct cli *cli, const struct given *g, const char *member)
{
	struct word word = { .member = member };
	int rc = check_given(g, &cli->err);

	if (rc == 0)
		rc = open_for(cli, g, !member || g->force);
	if (rc == 0)
		rc = current(cli->store, cli->args.rest[1], &word.entry,
			     &cli->err);
	if (rc == 0 && member)
		rc = join(cli->store, &word, g->force, &cli->err);
	if (rc < 0)
		return rc;
	merge(&word.entry, g);
	if (!g->dry_run)
		rc = sdg_directory_set(cli->store, &word.entry, &cli->err);
	if (rc < 0)
		return rc;
	say_word(&word, g->dry_run);
	return g->dry_run || cli->args.format != CLI_TABLE
		   ? emit_word(&cli->args, &word, g->dry_run)
		   : 0;
}

static int set(struct cli *cli, void *arg)
{
	const struct given *g = arg;
	const char *what = cli->args.rest[1];

	if (g->known.region == SDG_REGION_ANY &&
	    g->known.role == SDG_ROLE_UNKNOWN && !g->known.phases && !g->school)
		return cli_usage("set wants to be told what: --region, "
				 "--authority, --role, --phase or --school");
	what += *what == '@';
	if (!strchr(what, '@') && sdg_domain_is_shared(sdg_str(what)))
		return sdg_fail(&cli->err, SDG_EINVAL,
				"anybody has an address at '%.200s': set one "
				"address, not the domain",
				what);
	return change(cli, arg, NULL);
}

static int link_member(struct cli *cli, void *arg)
{
	if (!*cli->args.rest[2])
		return cli_usage("link wants a membership number");
	return change(cli, arg, cli->args.rest[2]);
}

static int import(struct cli *cli, void *arg)
{
	const struct given *given = arg;

	return directory_import(cli, &given->import);
}

static const struct cli_option OPTIONS[] = {
	CLI_TAKEN("kind", take_kind),
	CLI_TAKEN("map", take_map),
	CLI_TAKEN("postcode", take_postcode),
	CLI_FLAG("yes", struct given, import.yes),
	CLI_LABEL("region", struct given, known.region, sdg_region_id, 1,
		  SDG_REGION_COUNT),
	CLI_TAKEN("authority", take_authority),
	CLI_LABEL("role", struct given, known.role, sdg_role_id, 1,
		  SDG_ROLE_COUNT),
	CLI_TAKEN("phase", take_phase),
	CLI_TEXT("school", struct given, school),
	CLI_FLAG("dry-run", struct given, dry_run),
	CLI_FLAG("force", struct given, force),
	{ 0 },
};

#define WORD "region authority role phase school dry-run " CLI_TAKES_LIST

static const struct cli_verb VERBS[] = {
	{ "import", "FILE", 1, 1, import,
	  "kind map postcode yes " CLI_TAKES_LIST },
	{ "lookup", "WHAT", 1, 1, lookup, CLI_TAKES_LIST },
	{ "set", "WHAT", 1, 1, set, WORD },
	{ "link", "ADDRESS MEMBERSHIP", 2, 2, link_member, "force " WORD },
	{ 0 },
};

int cmd_directory(int argc, char *argv[])
{
	struct given given = { 0 };
	const struct cli_spec spec = {
		.help = HELP,
		.formats = CLI_FORMATS_LIST,
		.own = OPTIONS,
		.arg = &given,
		.rest_min = 1,
		.rest_max = 3,
		.needs = CLI_NEEDS_HOME,
	};

	return cli_verbs(argc, argv, &spec, VERBS, NULL);
}
