/*
 * verify: recount everything from the events, and say what differs.
 */
#include "cli.h"

#include <err.h>
#include <stdlib.h>

static const char HELP[] =
    "Examples:\n"
    "  soundings verify\n"
    "  soundings verify --format json\n"
    "\n"
    "Usage: soundings verify [--format table|json] [--output FILE]\n"
    "\n"
    "Recounts every tally, set of members and the ledger from the stored\n"
    "events and checks every record. Leaves with 0 when all agree, with 65\n"
    "when not; the faults are listed.\n";

/* More would help nobody; all are counted. */
#define FAULTS_LISTED 200

struct faults {
	char *what[FAULTS_LISTED];
	size_t n;
};

static void note_fault(void *arg, const char *what)
{
	struct faults *faults = arg;

	if (faults->n < FAULTS_LISTED)
		faults->what[faults->n++] = xstrdup(what);
}

static void free_faults(struct faults *faults)
{
	for (size_t i = 0; i < faults->n; i++)
		free(faults->what[i]);
}

static int emit_verified(const struct cli_args *args,
			 const struct sdg_verify *v,
			 const struct faults *faults)
{
	json_t *json = cli_envelope("verify"), *list = json_array();

	for (size_t i = 0; i < faults->n; i++)
		json_array_append_new(list,
				      cli_json_str(sdg_str(faults->what[i])));
	json_object_set_new(json, "clean", json_boolean(v->faults == 0));
	json_object_set_new(json, "records",
			    json_integer((json_int_t)v->records));
	json_object_set_new(json, "events",
			    json_integer((json_int_t)v->events));
	json_object_set_new(json, "cells", json_integer((json_int_t)v->cells));
	json_object_set_new(json, "months",
			    json_integer((json_int_t)v->months));
	json_object_set_new(json, "faults",
			    json_integer((json_int_t)v->faults));
	json_object_set_new(json, "found", list);
	return cli_emit_json(args, json);
}

static int emit_words(const struct cli_args *args, const struct sdg_verify *v,
		      const struct faults *faults)
{
	struct grid *grid = grid_new("verify");
	int status;

	grid_note(grid, false,
		  "Recounted %llu events: %llu records, %llu cells and %llu "
		  "months checked.",
		  (unsigned long long)v->events, (unsigned long long)v->records,
		  (unsigned long long)v->cells, (unsigned long long)v->months);
	grid_column(grid, "fault", "fault", false);
	for (size_t i = 0; i < faults->n; i++)
		cell_str(&grid_row(grid)[0], sdg_str(faults->what[i]));
	if (v->faults > faults->n)
		grid_note(grid, true, "%llu more are not listed.",
			  (unsigned long long)(v->faults - faults->n));
	if (v->faults == 0)
		grid_note(grid, true, "clean: everything agrees.");
	status = cli_emit(args, NULL, grid, NULL);
	grid_free(grid);
	return status;
}

int cmd_verify(int argc, char *argv[])
{
	const struct cli_spec spec = { .help = HELP,
				       .formats = CLI_FORMATS_TEXT,
				       .needs = CLI_NEEDS_STORE };
	struct faults faults = { .n = 0 };
	struct sdg_verify verify;
	struct cli cli;
	int status = cli_begin(argc, argv, &spec, &cli);

	if (status >= 0)
		return status;
	status =
	    sdg_store_verify(cli.store, note_fault, &faults, &verify, &cli.err);
	if (status < 0)
		/* What was found until then is worth knowing. */
		for (size_t i = 0; i < faults.n; i++)
			warnx("%s", faults.what[i]);
	else
		status = cli.args.format == CLI_JSON
			     ? emit_verified(&cli.args, &verify, &faults)
			     : emit_words(&cli.args, &verify, &faults);
	if (status == 0 && verify.faults) {
		warnx("%llu faults", (unsigned long long)verify.faults);
		status = EXIT_DATA;
	}
	free_faults(&faults);
	return cli_end(&cli, status);
}
