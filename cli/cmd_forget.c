/*
 * soundings forget: erase a person, or pieces, for good: out of the tallies,
 * out of the store's free pages, out of what waits; and say what it cannot
 * reach.
 */
#include <err.h>
#include <stdlib.h>
#include <string.h>

#include <soundings/config.h>
#include <soundings/store_copies.h>
#include <soundings/store_rights.h>

#include "elsewhere.h"
#include "erasures.h"
#include "releases.h"
#include "targets.h"

static const char HELP[] =
    "  soundings forget jane@school.example --dry-run\n"
    "                                   what would go, and who is named\n"
    "  soundings forget jane@school.example\n"
    "  soundings forget --event 54d3f0a1        one piece\n"
    "  soundings forget --respondent 54d3f0a1   all of who sent it\n"
    "\n"
    "Usage: soundings forget ADDRESS|--event ID|--respondent ID [--dry-run]\n"
    "                        [--name NAME] [--format table|json]\n"
    "\n"
    "  --name NAME  with --dry-run: pieces of others that hold this name, for\n"
    "               a person to decide on (then: --event)\n"
    "\n"
    "All addresses of a member are one person. Words, labels and links go,\n"
    "tallies are put right, and the store is compacted, so that nothing can\n"
    "be read from its free pages; published pages are made again without\n"
    "their quotes; workers go on. A late retry of what was erased does not\n"
    "count; new mail does. Asking twice changes nothing.\n";

struct forget {
	const char *event, *respondent, *name;
	bool dry_run;
	char address[321];
	uint8_t id[1][SDG_EVENT_ID_SIZE];
	struct sdg_whose whose;
	struct sdg_home home;
	struct sdg_store *store;
	struct sdg_error *err;
	struct elsewhere elsewhere;
	struct sdg_erased erased;
	struct targets targets;
	size_t older_stores, pages;
	bool in_roster;
	char *mentioned; /* ids of others' pieces, a line each */
	const struct sdg_person *person;
};

/* What Soundings cannot reach, for the answer to the person. */
static const char *const BEYOND[] = {
	"the mailbox and the mail server's queue and archives",
	"representatives' and officers' own laptops and notes",
	"survey exports kept elsewhere",
	"figures published before: they name nobody",
	"exports made by 'soundings export', and copies of them",
	"a model trained with what a person corrected: it holds no texts; "
	"'soundings train' makes it anew without them",
	"the membership system, from which the directory is imported again",
	"backups made before today, until they are removed: restore erases "
	"again",
};
#define BEYOND_COUNT (sizeof(BEYOND) / sizeof(BEYOND[0]))

static int keep_id(void *arg, const struct sdg_stored *stored)
{
	memcpy(arg, stored->id, SDG_EVENT_ID_SIZE);
	return 0;
}

static int say_whose(struct forget *f, const struct cli_args *args)
{
	const char *id = f->event ? f->event : f->respondent;

	if (args->rest_count + !!f->event + !!f->respondent != 1)
		return cli_usage("forget wants an address, --event or "
				 "--respondent, one of them");
	if (args->rest_count) {
		if (!sdg_address_normalise(sdg_str(args->rest[0]), f->address,
					   sizeof(f->address)))
			return cli_usage("'%s' is not an address",
					 args->rest[0]);
		f->whose.address = sdg_str(f->address);
		return 0;
	}
	if (sdg_store_find(f->store, id, keep_id, f->id[0], f->err) < 0)
		return cli_fail(f->err);
	f->whose.ids = (const uint8_t(*)[SDG_EVENT_ID_SIZE])f->id;
	f->whose.id_count = 1;
	f->whose.respondents = f->respondent != NULL;
	return 0;
}

/* ---------------------------------------------------------------- dry run */

static int note_mention(void *arg, const struct sdg_stored *stored)
{
	struct forget *f = arg;
	char hex[2 * SDG_EVENT_ID_SIZE + 1], *more;

	for (size_t i = 0; i < f->person->id_count; i++)
		if (memcmp(f->person->ids[i], stored->id, SDG_EVENT_ID_SIZE) ==
		    0)
			return 0;
	id_hex(stored->id, SDG_EVENT_ID_SIZE, hex);
	more = xformat("%s%s\n", f->mentioned, hex);
	free(f->mentioned);
	f->mentioned = more;
	return 0;
}

static int find_mentions(struct forget *f)
{
	const char *words[] = { f->address[0] ? f->address : NULL, f->name };
	const unsigned kinds = ~0u;

	f->mentioned = xstrdup("");
	for (int i = 0; i < 2; i++)
		if (words[i] && sdg_store_each(f->store, NULL, kinds, words[i],
					       note_mention, f, f->err) < 0)
			return -1;
	return 0;
}

static json_t *ids_json(const struct sdg_person *person)
{
	json_t *list = json_array();
	char hex[2 * SDG_EVENT_ID_SIZE + 1];

	for (size_t i = 0; i < person->id_count; i++) {
		id_hex(person->ids[i], SDG_EVENT_ID_SIZE, hex);
		json_array_append_new(list, json_string(hex));
	}
	return list;
}

static json_t *lines_json(const char *lines)
{
	json_t *list = json_array();
	char *copy = xstrdup(lines), *save = NULL;

	for (char *l = strtok_r(copy, "\n", &save); l;
	     l = strtok_r(NULL, "\n", &save))
		json_array_append_new(list, json_string(l));
	free(copy);
	return list;
}

static json_t *elsewhere_json(const struct elsewhere *e)
{
	return json_pack("{s:I, s:I, s:I}", "quarantine",
			 (json_int_t)e->quarantine_count, "files",
			 (json_int_t)e->file_count, "unreadable",
			 (json_int_t)e->unreadable);
}

static int show_plan(struct forget *f, const struct cli_args *args)
{
	const struct elsewhere *e = &f->elsewhere;
	json_t *json, *named;
	char *text;
	int status;

	named = lines_json(f->mentioned);
	if (args->format == CLI_JSON) {
		json = cli_envelope("forget");
		json_object_set_new(json, "dry_run", json_true());
		json_object_set_new(json, "pieces", ids_json(f->person));
		json_object_set_new(json, "elsewhere", elsewhere_json(e));
		json_object_set_new(json, "in_roster",
				    json_boolean(f->in_roster));
		json_object_set_new(json, "named_in", named);
		return cli_emit_json(args, json);
	}
	text = xformat(
	    "%zu piece%s would be erased, %zu in quarantine and %zu "
	    "file%s that wait; nothing was changed.\n%s%s",
	    f->person->id_count, f->person->id_count == 1 ? "" : "s",
	    e->quarantine_count, e->file_count, e->file_count == 1 ? "" : "s",
	    *f->mentioned ? "Named in pieces of others, to be decided on one "
			    "by one ('soundings show', then --event):\n"
			  : "",
	    f->mentioned);
	status = cli_emit_bytes(args, text, strlen(text));
	json_decref(named);
	free(text);
	return status;
}

static int dry_run(struct forget *f, const struct cli_args *args)
{
	struct sdg_person person = { 0 };
	int rc = sdg_store_person(f->store, &f->whose, &person, f->err);
	int status;

	if (rc < 0 && rc != SDG_ENOTFOUND)
		return cli_fail(f->err);
	f->person = &person;
	status = find_mentions(f) < 0 ? cli_fail(f->err) : show_plan(f, args);
	free(f->mentioned);
	f->person = NULL;
	sdg_person_fini(&person);
	return status;
}

/* ---------------------------------------------------------------- erasing */

/* In the transaction, before anything goes: once this is on disk a restore
 * will erase it, too. */
static int note_erasure(void *arg, const struct sdg_person *person)
{
	struct forget *f = arg;
	const char *kind = f->event        ? "event"
			   : f->respondent ? "respondent"
					   : "address";

	if (person->id_count == 0 && person->pseudonym_count == 0)
		return 0;
	return erasures_note(&f->home, kind, person, f->err);
}

/* The register must be beside every backup before the next restore. */
static void copy_register(struct forget *f)
{
	struct sdg_error err = { 0 };
	struct sdg_config config;

	if (sdg_config_load(&f->home, &config, &err) < 0 ||
	    targets_look(&f->home, config.backup.directory,
			 config.retention.text_months, true, &f->targets,
			 &err) < 0)
		warnx("the register of erasures is not beside the backups: %s",
		      err.message);
}

/* Those whose backups would bring the person back as yet. */
static bool is_missed(const struct target *target)
{
	return !target->keys && target->state != TARGET_CURRENT;
}

static json_t *missed_json(const struct targets *targets)
{
	json_t *list = json_array();

	for (size_t i = 0; i < targets->count; i++)
		if (is_missed(&targets->list[i]))
			json_array_append_new(
			    list, cli_json_str(sdg_str(targets->list[i].path)));
	return list;
}

static void say_missed(FILE *to, const struct targets *targets)
{
	for (size_t i = 0; i < targets->count; i++)
		if (is_missed(&targets->list[i]))
			fprintf(to,
				"  - the register of erasures beside the "
				"backups in %s: when that is back, 'soundings "
				"backup --targets' brings it there\n",
				targets->list[i].path);
}

static void put(json_t *json, const char *key, size_t n)
{
	json_object_set_new(json, key, json_integer((json_int_t)n));
}

static json_t *receipt_json(const struct forget *f)
{
	const struct sdg_erased *e = &f->erased;
	json_t *json = cli_envelope("forget"), *beyond = json_array();

	for (size_t i = 0; i < BEYOND_COUNT; i++)
		json_array_append_new(beyond, json_string(BEYOND[i]));
	put(json, "pieces", e->pieces);
	put(json, "counted", e->counted);
	put(json, "members", e->members);
	put(json, "directory", e->directory);
	json_object_set_new(json, "elsewhere", elsewhere_json(&f->elsewhere));
	put(json, "older_stores", f->older_stores);
	put(json, "pages_made_again", f->pages);
	json_object_set_new(json, "in_roster", json_boolean(f->in_roster));
	json_object_set_new(json, "not_reached", beyond);
	json_object_set_new(json, "backups_not_reached",
			    missed_json(&f->targets));
	return json;
}

static int receipt(const struct forget *f, const struct cli_args *args)
{
	const struct sdg_erased *e = &f->erased;
	struct cli_text text;
	FILE *to;

	if (args->format == CLI_JSON)
		return cli_emit_json(args, receipt_json(f));
	to = cli_text_open(&text);
	fprintf(to,
		"Erased: %zu piece%s (%zu of them had counted), %zu in "
		"quarantine, %zu waiting file%s, %zu directory entr%s.\n"
		"The tallies are put right and the store is compacted.\n"
		"Not within reach of Soundings:\n",
		e->pieces, e->pieces == 1 ? "" : "s", e->counted,
		f->elsewhere.quarantine_count, f->elsewhere.file_count,
		f->elsewhere.file_count == 1 ? "" : "s", e->directory,
		e->directory == 1 ? "y" : "ies");
	for (size_t i = 0; i < BEYOND_COUNT; i++)
		fprintf(to, "  - %s\n", BEYOND[i]);
	if (f->pages)
		fprintf(to,
			"  - copies of %zu published page%s that quoted them: "
			"here they are made again without\n",
			f->pages, f->pages == 1 ? "" : "s");
	say_missed(to, &f->targets);
	if (f->in_roster)
		fputs("  - the roster: they are a representative there "
		      "(soundings offboard ADDRESS)\n",
		      to);
	if (f->elsewhere.unreadable)
		fprintf(to,
			"  - %zu raw mails that this user cannot read: run "
			"it as 'sudo -u soundings soundings forget …', or as "
			"root\n",
			f->elsewhere.unreadable);
	if (f->address[0] && !e->pieces && !e->directory &&
	    !f->elsewhere.quarantine_count && !f->elsewhere.file_count)
		fputs("Nothing was held under this address: is it written "
		      "as they write it?\n",
		      to);
	return cli_text_emit(&text, args);
}

static int forget(struct forget *f, const struct cli_args *args)
{
	bool owed;
	/* Whoever kills this leaves it to be done by the next purge. */
	int rc = sdg_store_owe_compaction(f->store, &owed, f->err);

	if (rc == 0)
		rc = sdg_store_forget(f->store, &f->whose, note_erasure, f,
				      &f->erased, f->err);
	if (rc == 0)
		rc = elsewhere_remove(f->store, &f->elsewhere, f->err);
	/* What an upgrade kept is the store as it was, with the person. */
	if (rc == 0)
		rc = sdg_store_drop_kept(&f->home, INT64_MAX, false,
					 &f->older_stores, f->err);
	if (rc == 0)
		rc = releases_drop_erased(&f->home, &f->pages, f->err);
	if (rc == 0) {
		copy_register(f);
		rc = sdg_store_compact(f->store, f->err);
		if (rc < 0)
			warnx("erased, but the store is not compacted yet: ask "
			      "again, or tonight's purge does it");
	}
	return rc < 0 ? cli_fail(f->err) : receipt(f, args);
}

static const struct cli_option OPTIONS[] = {
	CLI_TEXT("event", struct forget, event),
	CLI_TEXT("respondent", struct forget, respondent),
	CLI_TEXT("name", struct forget, name),
	CLI_FLAG("dry-run", struct forget, dry_run),
	{ 0 },
};

int cmd_forget(int argc, char *argv[])
{
	struct sdg_error err = { 0 };
	struct forget f = { .err = &err };
	const struct cli_spec spec = { .help = HELP,
				       .formats = CLI_FORMATS_TEXT,
				       .own = OPTIONS,
				       .arg = &f,
				       .rest_max = 1 };
	struct cli_args args;
	int status = cli_parse(argc, argv, &spec, &args);

	if (status >= 0)
		return status;
	if (cli_open(f.dry_run ? SDG_STORE_READ : SDG_STORE_CHANGE, &f.home,
		     &f.store, &err) < 0)
		return cli_fail(&err);
	status = say_whose(&f, &args);
	if (status == 0 && f.address[0] &&
	    elsewhere_find(&f.home, f.store, f.address, &f.elsewhere, &err) < 0)
		status = cli_fail(&err);
	if (status == 0)
		f.in_roster = elsewhere_in_roster(&f.home, f.address, NULL);
	if (status == 0)
		status = f.dry_run ? dry_run(&f, &args) : forget(&f, &args);
	elsewhere_fini(&f.elsewhere);
	targets_fini(&f.targets);
	sdg_store_close(f.store);
	return status;
}
