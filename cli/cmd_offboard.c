/*
 * soundings offboard: a representative, or whoever had a key, leaves. Their
 * key is revoked, their term on the roster ends, and what came with the key
 * is listed, held where a day is given since which it is not to be trusted.
 */
#include "keys.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <soundings/roster.h>

static const char HELP[] =
    "Examples:\n"
    "  soundings offboard 'Jane Doe'\n"
    "  soundings offboard jane@school.example --since 2026-03-02\n"
    "  soundings offboard jane.doe --dry-run\n"
    "\n"
    "Usage: soundings offboard WHO [--since DATE] [--dry-run]\n"
    "                          [--format table|json|csv|md|xlsx]\n"
    "\n"
    "WHO is the name, the address or the key's name of somebody on the\n"
    "roster, or the name of a key. Their key is cut off at once, their term\n"
    "ends yesterday (so no note by mail is taken any more), and what came "
    "with\n"
    "the key is listed. --since holds what came then and later: it is in no\n"
    "figure until 'soundings keys release'. What the person said before stays\n"
    "counted: to erase it is 'soundings forget'.\n";

struct leaving {
	bool dry_run;
	int32_t since; /* day; 0: hold nothing */
	struct sdg_home home;
	struct sdg_roster roster;
	struct sdg_representative *one; /* of the roster, or NULL */
	char key[SDG_CLIENT_NAME_SIZE]; /* or "" */
	struct keys_of of;
};

/* By what the roster ties together, else by a key's name alone. */
static int find(struct leaving *l, const char *who, struct sdg_error *err)
{
	const struct sdg_representative *one;
	struct sdg_error none = { 0 };
	int rc = sdg_roster_load(&l->home, &l->roster, err);

	if (rc < 0)
		return rc;
	one = sdg_roster_by_any(&l->roster, sdg_str(who));
	if (one)
		l->one = &l->roster.people[one - l->roster.people];
	snprintf(l->key, sizeof(l->key), "%s",
		 one && *one->key ? one->key : who);
	if (keys_of_name(&l->home, l->key, &l->of, &none) < 0)
		l->key[0] = '\0';
	if (!l->one && !l->key[0])
		return sdg_fail(err, SDG_ENOTFOUND,
				"nobody on the roster and no key is called "
				"\"%.100s\" (or several are: give the address)",
				who);
	return 0;
}

static int end_term(struct leaving *l, int32_t today, struct sdg_error *err)
{
	if (!l->one || (l->one->to && l->one->to < today))
		return 0;
	l->one->to = today - 1;
	return l->dry_run ? 0 : sdg_roster_save(&l->home, &l->roster, err);
}

static int take_key(struct leaving *l, size_t *held, struct sdg_error *err)
{
	int64_t since = (int64_t)l->since * 86400;
	int rc = 0;

	*held = 0;
	if (l->dry_run || !l->key[0])
		return 0;
	if (l->of.good)
		rc = sdg_clients_revoke(l->home.keys, l->key, time(NULL), err);
	if (rc == 0 && l->since)
		rc = keys_hold(&l->home, &l->of, since, true, held, err);
	return rc;
}

static void say(const struct leaving *l, size_t held)
{
	const char *would = l->dry_run ? "would be " : "";
	char date[DATE_SIZE];

	if (l->one)
		fprintf(stderr, "%s (%s): the term %s%s %s\n", l->one->name,
			l->one->address, would,
			l->dry_run ? "over by" : "ended",
			date_format(l->one->to, date));
	else
		fprintf(stderr, "%s is not on the roster\n", l->key);
	if (!l->key[0])
		fprintf(stderr, "there is no key of theirs\n");
	else if (l->of.good)
		fprintf(stderr, "key %s %s%s\n", l->key, would,
			l->dry_run ? "revoked" : "is revoked");
	else
		fprintf(stderr, "key %s was revoked before\n", l->key);
	if (l->key[0] && l->since && !l->dry_run)
		fprintf(stderr,
			"%zu held: 'soundings keys release %s' counts "
			"them again\n",
			held, l->key);
}

static int emit(const struct leaving *l, const struct cli_args *args,
		size_t held)
{
	int64_t since = (int64_t)l->since * 86400;
	json_t *envelope = cli_envelope("offboard");
	struct sdg_error err = { 0 };
	struct grid *grid = NULL;
	char date[DATE_SIZE];
	int status;

	if (keys_sent(&l->home, &l->of, since, &grid, &err) < 0)
		return cli_fail(&err);
	json_object_set_new(envelope, "dry_run", json_boolean(l->dry_run));
	json_object_set_new(envelope, "name",
			    l->one ? json_string(l->one->name) : json_null());
	json_object_set_new(envelope, "term_ended",
			    l->one ? json_string(date_format(l->one->to, date))
				   : json_null());
	json_object_set_new(envelope, "key",
			    l->key[0] ? json_string(l->key) : json_null());
	json_object_set_new(envelope, "held", json_integer((json_int_t)held));
	if (grid->row_count == 0)
		grid_note(grid, false, "Nothing.");
	status = cli_emit(args, envelope, grid, NULL);
	grid_free(grid);
	return status;
}

static const struct cli_option OPTIONS[] = {
	CLI_FLAG("dry-run", struct leaving, dry_run),
	CLI_FIRST_DAY("since", struct leaving, since),
	{ 0 },
};

int cmd_offboard(int argc, char *argv[])
{
	struct leaving l = { 0 };
	const struct cli_spec spec = {
		.help = HELP,
		.formats = CLI_FORMATS_LIST,
		.own = OPTIONS,
		.arg = &l,
		.rest_min = 1,
		.rest_max = 1,
	};
	struct sdg_error err = { 0 };
	struct cli_args args;
	size_t held = 0;
	int rc, status = cli_parse(argc, argv, &spec, &args);

	if (status >= 0)
		return status;
	rc = sdg_home_find(&l.home, &err);
	if (rc == 0)
		rc = find(&l, args.rest[0], &err);
	if (rc == 0)
		rc = end_term(&l, date_day_of(time(NULL)), &err);
	if (rc == 0)
		rc = take_key(&l, &held, &err);
	if (rc < 0) {
		status = cli_fail(&err);
	} else {
		say(&l, held);
		status = emit(&l, &args, held);
	}
	keys_of_fini(&l.of);
	sdg_roster_fini(&l.roster);
	return status;
}
