/*
 * soundings requests: the register of what persons asked for, each with the
 * day by which it must be answered: one month, by law. It holds no name and no
 * address; --ref says where the office keeps the letter.
 */
#include "cli.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "journal.h"

#define REGISTER "requests.jsonl"

static const char HELP[] =
    "  soundings requests add erasure --received 2026-02-03 --ref DP-12\n"
    "  soundings requests                what is open, and until when\n"
    "  soundings requests done 3\n"
    "\n"
    "Usage: soundings requests [list] [--format F] [--output FILE]\n"
    "       soundings requests add KIND [--received DATE] [--ref WORDS]\n"
    "       soundings requests done NUMBER\n"
    "\n"
    "KIND is access, erasure, rectification, objection or restriction. Each\n"
    "is due one month after it was received (today, unless said). No name\n"
    "belongs here: --ref is where the office keeps the letter. Carried out\n"
    "it is by 'access', 'forget', 'correct'.\n";

struct wishes {
	const char *received, *ref;
	json_t *lines; /* of the register */
};

static const struct cli_option OPTIONS[] = {
	CLI_TEXT("received", struct wishes, received),
	CLI_TEXT("ref", struct wishes, ref),
	{ 0 },
};

/* One month later; the last day of it where it has no such day. */
static int32_t due_of(int32_t received)
{
	int year, month, day;
	int32_t due, last;

	date_to_civil(received, &year, &month, &day);
	due = date_from_civil(year + month / 12, month % 12 + 1, 1) + day - 1;
	month++;
	last = date_from_civil(year + month / 12, month % 12 + 1, 1) - 1;
	return due < last ? due : last;
}

static const char *text_of(const json_t *line, const char *key)
{
	const char *text = json_string_value(json_object_get(line, key));

	return text ? text : "";
}

/* When request @number was answered; "" when it is open. */
static const char *answered(const json_t *lines, json_int_t number)
{
	for (size_t i = 0; i < json_array_size(lines); i++) {
		const json_t *line = json_array_get(lines, i);

		if (strcmp(text_of(line, "what"), "done") == 0 &&
		    json_integer_value(json_object_get(line, "number")) ==
			number)
			return text_of(line, "at");
	}
	return "";
}

static struct grid *table(const json_t *lines)
{
	struct grid *grid = grid_new("requests");
	char today[DATE_SIZE];
	size_t late = 0;

	date_format(date_day_of(time(NULL)), today);
	grid_column(grid, "number", "number", true);
	grid_column(grid, "kind", "kind", false);
	grid_column(grid, "received", "received", false);
	grid_column(grid, "due", "due", false);
	grid_column(grid, "answered", "answered", false);
	grid_column(grid, "ref", "reference", false);
	for (size_t i = 0; i < json_array_size(lines); i++) {
		const json_t *line = json_array_get(lines, i);
		json_int_t number =
		    json_integer_value(json_object_get(line, "number"));
		struct cell *row;

		if (strcmp(text_of(line, "what"), "add") != 0)
			continue;
		row = grid_row(grid);
		cell_count(&row[0], (uint64_t)number);
		cell_text(&row[1], text_of(line, "kind"), NULL);
		cell_text(&row[2], text_of(line, "received"), NULL);
		cell_text(&row[3], text_of(line, "due"), NULL);
		cell_text(&row[4], answered(lines, number), NULL);
		cell_text(&row[5], text_of(line, "ref"), NULL);
		late += !*answered(lines, number) &&
			strcmp(text_of(line, "due"), today) < 0;
	}
	if (grid->row_count == 0)
		grid_note(grid, false, "No request is in the register.");
	if (late)
		grid_note(grid, true, "%zu overdue.", late);
	return grid;
}

static json_int_t next_number(const json_t *lines)
{
	json_int_t n = 1;

	for (size_t i = 0; i < json_array_size(lines); i++)
		n += strcmp(text_of(json_array_get(lines, i), "what"), "add") ==
		     0;
	return n;
}

static int add(struct cli *cli, void *arg)
{
	static const char *const kinds[] = { "access", "erasure",
					     "rectification", "objection",
					     "restriction" };
	int32_t received = date_day_of(time(NULL)), past;
	char from[DATE_SIZE], due[DATE_SIZE];
	const char *kind = cli->args.rest[1];
	const struct wishes *w = arg;
	json_int_t number = next_number(w->lines);
	size_t i = 0;
	int rc;

	while (i < 5 && strcmp(kind, kinds[i]) != 0)
		i++;
	if (i == 5)
		return cli_usage("'%s' is no kind of request (see --help)",
				 kind);
	if (w->received && cli_date(w->received, &received, &past) < 0)
		return EXIT_USAGE;
	if (w->ref && strchr(w->ref, '@'))
		return cli_usage("no address belongs into the register");
	date_format(received, from);
	date_format(due_of(received), due);
	rc = sdg_home_prepare(&cli->home, &cli->err);
	if (rc == 0)
		rc = journal_append(
		    &cli->home, REGISTER,
		    json_pack("{s:s, s:I, s:s, s:s, s:s, s:s}", "what", "add",
			      "number", number, "kind", kind, "received", from,
			      "due", due, "ref", w->ref ? w->ref : ""),
		    &cli->err);
	if (rc == 0)
		printf("request %lld: %s, due %s\n", (long long)number, kind,
		       due);
	return rc;
}

static int done(struct cli *cli, void *arg)
{
	const struct wishes *w = arg;
	json_int_t number = cli_number(cli->args.rest[1], 1, 1000000);
	int rc = 0;

	if (number < 1 || number >= next_number(w->lines))
		return sdg_fail(&cli->err, SDG_EINVAL, "there is no request %s",
				cli->args.rest[1]);
	if (!*answered(w->lines, number))
		rc = journal_append(
		    &cli->home, REGISTER,
		    json_pack("{s:s, s:I}", "what", "done", "number", number),
		    &cli->err);
	if (rc == 0)
		printf("request %lld is answered\n", (long long)number);
	return rc;
}

static int list(struct cli *cli, void *arg)
{
	const struct wishes *w = arg;
	struct grid *grid = table(w->lines);
	int status = cli_emit(
	    &cli->args,
	    cli->args.format == CLI_JSON ? cli_envelope("requests") : NULL,
	    grid, grid);

	grid_free(grid);
	return status;
}

static const struct cli_verb VERBS[] = {
	{ "list", NULL, 0, 0, list, CLI_TAKES_LIST },
	{ "add", "KIND", 1, 1, add, "received ref" },
	{ "done", "NUMBER", 1, 1, done, "" },
	{ 0 },
};

int cmd_requests(int argc, char *argv[])
{
	struct wishes w = { 0 };
	const struct cli_spec spec = { .help = HELP,
				       .formats = CLI_FORMATS_LIST,
				       .own = OPTIONS,
				       .arg = &w,
				       .rest_max = 2,
				       .needs = CLI_NEEDS_HOME };
	struct cli cli;
	int rc = cli_begin(argc, argv, &spec, &cli);

	if (rc >= 0)
		return rc;
	rc = journal_read(&cli.home, REGISTER, &w.lines, &cli.err);
	if (rc == 0)
		rc = cli_verb(&cli, VERBS, &w, &VERBS[0]);
	json_decref(w.lines);
	return cli_end(&cli, rc);
}
