/*
 * soundings access: everything held about a person, for the person: pieces
 * with their labels, what waits, and when each thing goes.
 */
#include <stdlib.h>
#include <string.h>

#include <soundings/config.h>
#include <soundings/store_directory.h>
#include <soundings/store_rights.h>

#include "elsewhere.h"
#include "journal.h"
#include "pieces.h"
#include "redact.h"
#include "releases.h"

static const char HELP[] =
    "  soundings access jane@school.example\n"
    "  soundings access jane@school.example --format json --output jane.json\n"
    "\n"
    "Usage: soundings access ADDRESS [--format table|json] [--output FILE]\n"
    "\n"
    "For a request of access: every piece under any address of this member,\n"
    "its labels and the month it counts in, the releases whose figures it is\n"
    "among, the days its words and its link to the person go, and what is\n"
    "held elsewhere. Where somebody is named in the words it says so: read\n"
    "them before they leave the house. That it was asked for is noted (see\n"
    "'soundings requests'); 'soundings explain ID' says why a label was\n"
    "given.\n";

struct access {
	struct sdg_home home;
	struct sdg_store *store;
	struct sdg_config config;
	struct dim_names names;
	char address[321];
	struct sdg_person person;
	struct elsewhere elsewhere;
	json_t *pieces;
	json_t *releases; /* [id, made, since_day, until_day] */
	json_t *roster;   /* NULL: not in it */
	json_t *entry;    /* of the directory; NULL: not in it */
};

/* The first day of the month that is so many months behind @day's. */
static json_t *goes(int32_t from, int months)
{
	int year, month, day;
	char date[DATE_SIZE];

	date_to_civil(from, &year, &month, &day);
	month += months + 1;
	year += (month - 1) / 12;
	month = (month - 1) % 12 + 1;
	return json_string(date_format(date_from_civil(year, month, 1), date));
}

static int note_release(void *arg, const struct release *release)
{
	struct access *a = arg;
	const char *made =
	    json_string_value(json_object_get(release->json, "made"));
	json_int_t since = json_integer_value(
		       json_object_get(release->json, "since_day")),
		   until = json_integer_value(
		       json_object_get(release->json, "until_day"));

	json_array_append_new(a->releases,
			      json_pack("[s, s, I, I]", release->id,
					made ? made : "", since, until));
	return 0;
}

/* Published after it came, of a time in which it counts: its figures were
 * among those it is made from, whatever was shown of them. */
static json_t *releases_of(const struct access *a,
			   const struct sdg_stored *stored)
{
	json_t *list = json_array();
	char received[DATE_SIZE];

	date_format(date_day_of(stored->fb.received), received);
	for (size_t i = 0; i < json_array_size(a->releases); i++) {
		const json_t *r = json_array_get(a->releases, i);
		const char *made = json_string_value(json_array_get(r, 1));
		json_int_t since = json_integer_value(json_array_get(r, 2));
		json_int_t until = json_integer_value(json_array_get(r, 3));

		if (stored->outcome == SDG_OUTCOME_COUNTED &&
		    strncmp(made, received, 10) >= 0 && stored->day >= since &&
		    (until == 0 || stored->day < until))
			json_array_append(list, json_array_get(r, 0));
	}
	return list;
}

/* Do the words name somebody, as far as a redaction sees? */
static bool names_somebody(const struct sdg_stored *stored)
{
	char *redacted = redact(stored->fb.text);
	bool named = redacted && strstr(redacted, "[name]") != NULL;

	free(redacted);
	return named;
}

static int add_piece(void *arg, const struct sdg_stored *stored)
{
	struct access *a = arg;
	json_t *piece = piece_json(a->store, &a->names, stored);
	int32_t received = date_day_of(stored->fb.received);
	int32_t later = stored->day > received ? stored->day : received;
	char month[DATE_SIZE];

	date_format(stored->day, month);
	month[7] = '\0';
	json_object_set_new(piece, "counted_in",
			    stored->outcome == SDG_OUTCOME_COUNTED
				? json_string(month)
				: json_null());
	json_object_set_new(piece, "releases", releases_of(a, stored));
	json_object_set_new(piece, "names_somebody",
			    json_boolean(names_somebody(stored)));
	json_object_set_new(piece, "words_go",
			    goes(received, a->config.retention.text_months));
	json_object_set_new(piece, "link_goes",
			    goes(later, 12 * a->config.retention.person_years));
	json_array_append_new(a->pieces, piece);
	return 0;
}

/* What the members' list says of them, in words. */
static void look_up_entry(struct access *a)
{
	struct sdg_entry entry;
	json_t *phases;

	if (sdg_directory_lookup(a->store, sdg_str(a->address), &entry, NULL) <
		0 ||
	    entry.key[0] == '@') /* of their school: nobody's in person */
		return;
	phases = json_array();
	for (int i = 0; i < SDG_PHASE_COUNT; i++)
		if (entry.known.phases & 1 << i)
			json_array_append_new(phases,
					      json_string(sdg_phase_id(i)));
	a->entry = json_pack(
	    "{s:s, s:s, s:o, s:o, s:b, s:b}", "region",
	    sdg_region_id((int)entry.known.region), "role",
	    sdg_role_id((int)entry.known.role), "phases", phases, "school",
	    cli_json_str(sdg_str(entry.school)), "by_hand", entry.by_hand,
	    "membership_number_kept_keyed", entry.membership[0] != '\0');
}

static int gather(struct access *a, struct sdg_error *err)
{
	const struct sdg_whose whose = { .address = sdg_str(a->address) };
	int rc = sdg_store_person(a->store, &whose, &a->person, err);

	if (rc == SDG_ENOTFOUND)
		rc = 0;
	if (rc == 0)
		rc = releases_each(&a->home, note_release, a, err);
	elsewhere_in_roster(&a->home, a->address, &a->roster);
	look_up_entry(a);
	for (size_t i = 0; rc == 0 && i < a->person.id_count; i++) {
		char hex[2 * SDG_EVENT_ID_SIZE + 1];

		id_hex(a->person.ids[i], SDG_EVENT_ID_SIZE, hex);
		rc = sdg_store_find(a->store, hex, add_piece, a, err);
	}
	if (rc == 0)
		rc = elsewhere_find(&a->home, a->store, a->address,
				    &a->elsewhere, err);
	return rc;
}

static json_t *as_json(const struct access *a)
{
	json_t *json = cli_envelope("access");

	json_object_set_new(json, "address", json_string(a->address));
	json_object_set_new(json, "pieces", json_incref(a->pieces));
	json_object_set_new(json, "in_directory",
			    json_boolean(a->person.in_directory));
	json_object_set_new(json, "directory",
			    a->entry ? json_incref(a->entry) : json_null());
	json_object_set_new(
	    json, "quarantine",
	    json_integer((json_int_t)a->elsewhere.quarantine_count));
	json_object_set_new(json, "waiting",
			    json_integer((json_int_t)a->elsewhere.file_count));
	json_object_set_new(json, "roster",
			    a->roster ? json_incref(a->roster) : json_null());
	json_object_set_new(json, "unreadable",
			    json_integer((json_int_t)a->elsewhere.unreadable));
	json_object_set_new(
	    json, "retention",
	    json_pack("{s:i, s:i, s:i}", "text_months",
		      a->config.retention.text_months, "person_years",
		      a->config.retention.person_years, "quarantine_days",
		      a->config.retention.quarantine_days));
	return json;
}

static const char *text_of(const json_t *piece, const char *key)
{
	const char *value = json_string_value(json_object_get(piece, key));

	return value ? value : "-";
}

static void write_foreign(FILE *to, const json_t *piece, const char *key)
{
	const char *text = json_string_value(json_object_get(piece, key));
	char *visible =
	    text && *text ? sdg_text_visible(sdg_str(text), true) : NULL;

	if (visible)
		fprintf(to, "  %s %s\n", key, visible);
	free(visible);
}

static void write_piece(FILE *to, const json_t *piece)
{
	const json_t *themes = json_object_get(piece, "themes");
	const json_t *releases = json_object_get(piece, "releases");
	char *words = sdg_text_visible(sdg_str(text_of(piece, "text")), true);

	fprintf(to,
		"\n%s\n  said %s, received %s\n"
		"  source %s, region %s (%s), stance %s, role %s\n"
		"  counted in %s; words go %s, the link to the person %s\n",
		text_of(piece, "id"), text_of(piece, "said"),
		text_of(piece, "received"), text_of(piece, "source"),
		text_of(piece, "region"), text_of(piece, "region_evidence"),
		text_of(piece, "stance"), text_of(piece, "role"),
		text_of(piece, "counted_in"), text_of(piece, "words_go"),
		text_of(piece, "link_goes"));
	for (size_t i = 0; i < json_array_size(releases); i++)
		fprintf(to, "  among the figures of release %s\n",
			json_string_value(json_array_get(releases, i)));
	if (json_is_true(json_object_get(piece, "names_somebody")))
		fputs("  names somebody: read it before it leaves the house\n",
		      to);
	for (size_t i = 0; i < json_array_size(themes); i++)
		fprintf(to, "  theme %s\n",
			text_of(json_array_get(themes, i), "id"));
	write_foreign(to, piece, "school");
	write_foreign(to, piece, "question");
	write_foreign(to, piece, "subject");
	fprintf(to, "\n%s\n", words ? words : "");
	write_foreign(to, piece, "signature");
	free(words);
}

static int emit_words(const struct access *a, const struct cli_args *args)
{
	size_t n = json_array_size(a->pieces);
	struct cli_text text;
	FILE *to = cli_text_open(&text);

	fprintf(to,
		"%zu piece%s; %zu in quarantine, %zu waiting; %s in the "
		"directory.\n",
		n, n == 1 ? "" : "s", a->elsewhere.quarantine_count,
		a->elsewhere.file_count, a->person.in_directory ? "is" : "not");
	if (a->entry)
		fprintf(to,
			"The directory has: region %s, role %s%s%s; their "
			"address and membership number under keyed hashes "
			"alone.\n",
			text_of(a->entry, "region"), text_of(a->entry, "role"),
			*text_of(a->entry, "school") ? ", school " : "",
			text_of(a->entry, "school"));
	if (a->roster)
		fprintf(to, "In the roster as %s, %s.\n",
			text_of(a->roster, "name"),
			text_of(a->roster, "constituency"));
	if (a->elsewhere.unreadable)
		fprintf(to,
			"%zu raw mails could not be looked into by this user: "
			"run it as root.\n",
			a->elsewhere.unreadable);
	for (size_t i = 0; i < n; i++)
		write_piece(to, json_array_get(a->pieces, i));
	return cli_text_emit(&text, args);
}

int cmd_access(int argc, char *argv[])
{
	const struct cli_spec spec = { .help = HELP,
				       .formats = CLI_FORMATS_TEXT,
				       .rest_min = 1,
				       .rest_max = 1 };
	struct access a = { .pieces = NULL };
	struct sdg_error err = { 0 };
	struct cli_args args;
	int rc, status = cli_parse(argc, argv, &spec, &args);

	if (status >= 0)
		return status;
	if (!sdg_address_normalise(sdg_str(args.rest[0]), a.address,
				   sizeof(a.address)))
		return cli_usage("'%s' is not an address", args.rest[0]);
	a.pieces = json_array();
	a.releases = json_array();
	rc = cli_open(SDG_STORE_READ, &a.home, &a.store, &err);
	if (rc == 0)
		rc = sdg_config_load(&a.home, &a.config, &err);
	if (rc == 0)
		rc = dim_names_load(a.store, &a.names, &err);
	if (rc == 0)
		rc = gather(&a, &err);
	/* That it was looked at, not whose it was. */
	if (rc == 0)
		rc = journal_append(&a.home, "access.jsonl",
				    json_pack("{s:s, s:I}", "what", "access",
					      "pieces",
					      (json_int_t)a.person.id_count),
				    &err);
	if (rc < 0)
		status = cli_fail(&err);
	else
		status = args.format == CLI_JSON
			     ? cli_emit_json(&args, as_json(&a))
			     : emit_words(&a, &args);
	json_decref(a.pieces);
	json_decref(a.releases);
	json_decref(a.roster);
	json_decref(a.entry);
	elsewhere_fini(&a.elsewhere);
	sdg_person_fini(&a.person);
	dim_names_free(&a.names);
	sdg_store_close(a.store);
	return status;
}
