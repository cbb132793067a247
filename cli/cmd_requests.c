/*
 * soundings requests: the register of what persons asked for, each with the
 * day by which it must be answered: one month, by law. It holds no name and no
 * address; --ref says where the office keeps the letter.
 */
#include "cli.h"

#include <err.h>
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

static int add(const struct sdg_home *home, const json_t *lines,
	       const char *kind, const struct wishes *w)
{
	static const char *const kinds[] = { "access", "erasure",
					     "rectification", "objection",
					     "restriction" };
	int32_t received = date_day_of(time(NULL)), past;
	char from[DATE_SIZE], due[DATE_SIZE];
	json_int_t number = next_number(lines);
	struct sdg_error err = { 0 };
	size_t i = 0;

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
	if (journal_append(home, REGISTER,
			   json_pack("{s:s, s:I, s:s, s:s, s:s, s:s}", "what",
				     "add", "number", number, "kind", kind,
				     "received", from, "due", due, "ref",
				     w->ref ? w->ref : ""),
			   &err) < 0)
		return cli_fail(&err);
	printf("request %lld: %s, due %s\n", (long long)number, kind, due);
	return 0;
}

static int done(const struct sdg_home *home, const json_t *lines,
		const char *which)
{
	json_int_t number = strtoll(which, NULL, 10);
	struct sdg_error err = { 0 };

	if (number < 1 || number >= next_number(lines)) {
		warnx("there is no request %s", which);
		return EXIT_DATA;
	}
	if (!*answered(lines, number) &&
	    journal_append(
		home, REGISTER,
		json_pack("{s:s, s:I}", "what", "done", "number", number),
		&err) < 0)
		return cli_fail(&err);
	printf("request %lld is answered\n", (long long)number);
	return 0;
}

int cmd_requests(int argc, char *argv[])
{
	struct wishes w = { 0 };
	const struct cli_spec spec = { .help = HELP,
				       .formats = CLI_FORMATS_LIST,
				       .own = OPTIONS,
				       .arg = &w,
				       .rest_max = 2 };
	struct sdg_error err = { 0 };
	json_t *lines = NULL;
	struct cli_args args;
	struct sdg_home home;
	const char *verb, *what;
	int status = cli_parse(argc, argv, &spec, &args);

	if (status >= 0)
		return status;
	verb = args.rest_count ? args.rest[0] : "list";
	what = args.rest_count > 1 ? args.rest[1] : NULL;
	if (sdg_home_find(&home, &err) < 0 ||
	    sdg_home_prepare(&home, &err) < 0 ||
	    journal_read(&home, REGISTER, &lines, &err) < 0)
		return cli_fail(&err);
	if (strcmp(verb, "add") == 0 && what) {
		status = add(&home, lines, what, &w);
	} else if (strcmp(verb, "done") == 0 && what) {
		status = done(&home, lines, what);
	} else if (strcmp(verb, "list") == 0 && !what) {
		struct grid *grid = table(lines);

		status = cli_emit(
		    &args,
		    args.format == CLI_JSON ? cli_envelope("requests") : NULL,
		    grid, grid);
		grid_free(grid);
	} else {
		status = cli_usage("requests list, add KIND or done NUMBER "
				   "(see --help)");
	}
	json_decref(lines);
	return status;
}
