/*
 * ledger: what became of everything received. The books must balance.
 */
#include "cli.h"

#include <err.h>

static const char HELP[] =
    "Examples:\n"
    "  soundings ledger\n"
    "  soundings ledger --format json\n"
    "\n"
    "Usage: soundings ledger [--format table|json|csv|md|xlsx] [--output "
    "FILE]\n"
    "\n"
    "received = counted + replaced + duplicate + automatic + not feedback\n"
    "           + quarantined + dropped + test\n"
    "counted  = held + erased\n"
    "\n"
    "Leaves with 65 when they do not balance.\n";

struct line {
	const char *key, *title, *about;
	uint64_t count;
};

#define LINES 11

static void lines_of(const struct sdg_ledger *l, struct line lines[LINES])
{
	const uint64_t *o = l->outcomes;
	const struct line all[LINES] = {
		{ "received", "received", "everything that came", l->received },
		{ "counted", "counted", "feedback, counted once",
		  o[SDG_OUTCOME_COUNTED] },
		{ "replaced", "replaced", "earlier answers, since edited",
		  o[SDG_OUTCOME_REPLACED] },
		{ "duplicate", "duplicate", "came again, changed nothing",
		  o[SDG_OUTCOME_DUPLICATE] },
		{ "automatic", "automatic", "out of office, bounces, receipts",
		  o[SDG_OUTCOME_AUTOMATIC] },
		{ "not_feedback", "not feedback", "sales, administration",
		  o[SDG_OUTCOME_NOT_FEEDBACK] },
		{ "quarantined", "quarantined",
		  "could not be taken; see 'soundings quarantine'",
		  o[SDG_OUTCOME_QUARANTINED] },
		{ "dropped", "dropped", "from quarantine, by a person",
		  o[SDG_OUTCOME_DROPPED] },
		{ "test", "test", "marked as tests", o[SDG_OUTCOME_TEST] },
		{ "held", "held", "of those counted: in the figures", l->held },
		{ "erased", "erased", "of those counted: erased on request",
		  l->erased },
	};

	for (size_t i = 0; i < LINES; i++)
		lines[i] = all[i];
}

static json_t *to_json(const struct sdg_ledger *ledger,
		       const struct line lines[LINES])
{
	json_t *json = cli_envelope("ledger");

	for (size_t i = 0; i < LINES; i++)
		json_object_set_new(json, lines[i].key,
				    json_integer((json_int_t)lines[i].count));
	json_object_set_new(json, "balanced", json_boolean(ledger->balanced));
	return json;
}

static struct grid *to_grid(const struct sdg_ledger *ledger,
			    const struct line lines[LINES])
{
	struct grid *grid = grid_new("ledger");

	grid_column(grid, "outcome", "outcome", false);
	grid_column(grid, "pieces", "pieces", true);
	grid_column(grid, "meaning", "meaning", false);
	for (size_t i = 0; i < LINES; i++) {
		struct cell *row = grid_row(grid);

		cell_text(&row[0], lines[i].key, lines[i].title);
		cell_count(&row[1], lines[i].count);
		cell_text(&row[2], lines[i].about, NULL);
	}
	grid_note(grid, true,
		  ledger->balanced ? "The books balance: received is the sum "
				     "of what it became; counted = held + "
				     "erased."
				   : "The books do NOT balance: run 'soundings "
				     "verify'.");
	return grid;
}

int cmd_ledger(int argc, char *argv[])
{
	const struct cli_spec spec = { .help = HELP,
				       .formats = CLI_FORMATS_LIST,
				       .needs = CLI_NEEDS_STORE };
	struct sdg_ledger ledger;
	struct line lines[LINES];
	struct grid *grid;
	struct cli cli;
	int status = cli_begin(argc, argv, &spec, &cli);

	if (status >= 0)
		return status;
	status = sdg_store_ledger(cli.store, &ledger, &cli.err);
	if (status < 0)
		return cli_end(&cli, status);
	lines_of(&ledger, lines);
	if (cli.args.format == CLI_JSON) {
		status = cli_emit_json(&cli.args, to_json(&ledger, lines));
	} else {
		grid = to_grid(&ledger, lines);
		status = cli_emit(&cli.args, NULL, grid, NULL);
		grid_free(grid);
	}
	if (status == 0 && !ledger.balanced) {
		warnx("the ledger does not balance");
		status = EXIT_DATA;
	}
	return cli_end(&cli, status);
}
