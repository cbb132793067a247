/*
 * soundings access: everything held about a person, for the person: pieces
 * with their labels, what waits, and when each thing goes.
 */
#include <stdlib.h>

#include <soundings/config.h>

#include "elsewhere.h"
#include "journal.h"
#include "pieces.h"

static const char HELP[] =
    "  soundings access jane@school.example\n"
    "  soundings access jane@school.example --format json --output jane.json\n"
    "\n"
    "Usage: soundings access ADDRESS [--format table|json] [--output FILE]\n"
    "\n"
    "For a request of access: every piece under any address of this member,\n"
    "its labels, the day its words go, and what is held elsewhere. Names of\n"
    "others may stand in the words: read it before it leaves the house. That\n"
    "it was asked for is noted; 'soundings explain ID' says why a label was\n"
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
};

/* The month's key goes when the whole month is old enough. */
static char *words_go(const struct access *a, int64_t received)
{
	int year, month, day;
	char date[DATE_SIZE];

	date_to_civil(date_day_of(received), &year, &month, &day);
	month += a->config.retention.text_months + 1;
	year += (month - 1) / 12;
	month = (month - 1) % 12 + 1;
	return xstrdup(date_format(date_from_civil(year, month, 1), date));
}

static int add_piece(void *arg, const struct sdg_stored *stored)
{
	struct access *a = arg;
	json_t *piece = piece_json(a->store, &a->names, stored);
	char *date = words_go(a, stored->fb.received);

	json_object_set_new(piece, "words_go", json_string(date));
	json_array_append_new(a->pieces, piece);
	free(date);
	return 0;
}

static int gather(struct access *a, struct sdg_error *err)
{
	const struct sdg_whose whose = { .address = sdg_str(a->address) };
	int rc = sdg_store_person(a->store, &whose, &a->person, err);

	if (rc == SDG_ENOTFOUND)
		rc = 0;
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
	json_object_set_new(
	    json, "quarantine",
	    json_integer((json_int_t)a->elsewhere.quarantine_count));
	json_object_set_new(json, "waiting",
			    json_integer((json_int_t)a->elsewhere.file_count));
	json_object_set_new(json, "retention",
			    json_pack("{s:i, s:i}", "text_months",
				      a->config.retention.text_months,
				      "quarantine_days",
				      a->config.retention.quarantine_days));
	return json;
}

static const char *text_of(const json_t *piece, const char *key)
{
	const char *value = json_string_value(json_object_get(piece, key));

	return value ? value : "-";
}

static void write_piece(FILE *to, const json_t *piece)
{
	const json_t *themes = json_object_get(piece, "themes");
	char *words = sdg_text_visible(sdg_str(text_of(piece, "text")), true);

	fprintf(to, "\n%s\n  source %s, region %s, stance %s; words go %s\n",
		text_of(piece, "id"), text_of(piece, "source"),
		text_of(piece, "region"), text_of(piece, "stance"),
		text_of(piece, "words_go"));
	for (size_t i = 0; i < json_array_size(themes); i++)
		fprintf(to, "  theme %s\n",
			text_of(json_array_get(themes, i), "id"));
	fprintf(to, "\n%s\n", words ? words : "");
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
	elsewhere_fini(&a.elsewhere);
	sdg_person_fini(&a.person);
	dim_names_free(&a.names);
	sdg_store_close(a.store);
	return status;
}
