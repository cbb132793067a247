/*
 * digest: a week in figures, for a mail. It holds no member's words, and no
 * figure of few people: it leaves this machine by mail, which is read on
 * telephones and kept for years.
 */
#include "doctor.h"
#include "report.h"

#include <err.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <soundings/config.h>

#define WIDTH 72

static const char HELP[] =
    "Examples:\n"
    "  soundings digest                    the seven days until yesterday\n"
    "  soundings digest --until 2015-03-29\n"
    "  soundings digest --send             by timer: to warn.digest-command\n"
    "\n"
    "Usage: soundings digest [--until DATE] [--days N] [--send]\n"
    "                        [--format table|json] [--output FILE]\n"
    "  --until DATE  the last day (default: yesterday)\n"
    "  --days N      so many days, and so many before them to compare (7)\n"
    "  --send        hand it to warn.digest-command\n"
    "\n"
    "How many people and messages, by region, theme and channel, beside the\n"
    "days before, under network.report-policy; and what needs somebody. No\n"
    "member's words. To send it by mail, set warn.digest-command to\n"
    "mail -s 'What members said' policy@association.example\n";

struct digest {
	int32_t last; /* 0: yesterday */
	size_t days;
	bool send;
	struct sdg_config config;
	struct sdg_store *store;
	struct sdg_filter now, before;
	struct sdg_measures said, said_before;
};

static const enum sdg_dim DIMS[] = { SDG_DIM_REGION, SDG_DIM_THEME,
				     SDG_DIM_SOURCE };
#define DIM_COUNT (sizeof(DIMS) / sizeof(*DIMS))

static int ask(struct digest *d, enum sdg_dim dim,
	       const struct sdg_filter *days, struct report *report,
	       struct sdg_error *err)
{
	struct sdg_query query = { .dims = { dim }, .dim_count = 1 };

	query.filter = *days;
	return report_ask(d->store, &query, report, err);
}

static const struct sdg_measures *row_of(const struct report *report,
					 uint32_t key)
{
	static const struct sdg_measures nothing;

	for (size_t i = 0; i < report->result.row_count; i++)
		if (report->result.rows[i].key[0] == key)
			return &report->result.rows[i].measures;
	return &nothing;
}

/* A row for whatever was named in either stretch, as their keys run. */
static void put_rows(const struct report *now, const struct report *before,
		     enum sdg_dim dim, struct grid *grid)
{
	size_t i = 0, k = 0;

	while (i < now->result.row_count || k < before->result.row_count) {
		uint32_t a = i < now->result.row_count
				 ? now->result.rows[i].key[0]
				 : UINT32_MAX;
		uint32_t b = k < before->result.row_count
				 ? before->result.rows[k].key[0]
				 : UINT32_MAX;
		uint32_t key = a < b ? a : b;
		struct cell *row = grid_row(grid);

		dim_cell(&now->names, dim, key, &row[0]);
		cell_measure(&row[1], row_of(now, key)->respondents);
		cell_measure(&row[2], row_of(now, key)->messages);
		cell_measure(&row[3], row_of(before, key)->respondents);
		cell_measure(&row[4], row_of(before, key)->messages);
		i += a == key;
		k += b == key;
	}
}

/* The totals, unless one of the tables has to hide them. */
static void note_said(struct sdg_measures *said, const struct sdg_measures *m)
{
	if (said->messages != MEASURE_HIDDEN)
		*said = *m;
}

static int table_of(struct digest *d, enum sdg_dim dim, struct grid **out,
		    struct sdg_error *err)
{
	struct report now = { 0 }, before = { 0 };
	struct grid *grid = grid_new(dim_title(dim));
	int rc;

	grid_column(grid, dim_id(dim), dim_title(dim), false);
	grid_column(grid, "respondents", "people", true);
	grid_column(grid, "messages", "messages", true);
	grid_column(grid, "respondents_before", "people before", true);
	grid_column(grid, "messages_before", "messages before", true);
	rc = ask(d, dim, &d->now, &now, err);
	if (rc == 0)
		rc = ask(d, dim, &d->before, &before, err);
	if (rc == 0) {
		put_rows(&now, &before, dim, grid);
		note_said(&d->said, &now.result.totals);
		note_said(&d->said_before, &before.result.totals);
		*out = grid;
	} else {
		grid_free(grid);
	}
	report_fini(&now);
	report_fini(&before);
	return rc;
}

static char *figure(uint64_t n)
{
	return n == MEASURE_HIDDEN ? xstrdup("few")
				   : xformat("%llu", (unsigned long long)n);
}

static void write_said(FILE *to, const char *when, const struct sdg_measures *m)
{
	char *messages = figure(m->messages), *people = figure(m->respondents);
	char *reported = figure(m->reported);

	fprintf(to, "%s: %s messages from %s people", when, messages, people);
	if (m->reported)
		fprintf(to, "; representatives speak for %s more", reported);
	fputs(".\n", to);
	free(messages);
	free(people);
	free(reported);
}

static char *days_of(const struct sdg_filter *days)
{
	char first[DATE_SIZE], last[DATE_SIZE];

	date_format(days->since_day, first);
	date_format(days->until_day - 1, last);
	return xformat("%s to %s", first, last);
}

static char *text_of(struct digest *d, struct grid *const *tables,
		     const char *needs)
{
	char *now = days_of(&d->now), *before = days_of(&d->before);
	char *text = NULL;
	size_t len = 0;
	FILE *to = open_memstream(&text, &len);

	if (!to)
		errx(EXIT_RETRY, "no memory");

	fprintf(to, "What members said to %s\n\n", d->config.association.name);
	write_said(to, now, &d->said);
	write_said(to, before, &d->said_before);
	for (size_t i = 0; i < DIM_COUNT; i++) {
		fprintf(to, "\nBy %s\n\n", dim_title(DIMS[i]));
		if (tables[i]->row_count)
			grid_write_table(tables[i], to, WIDTH, false);
		else
			fputs("Nothing.\n", to);
	}
	fprintf(to,
		"\n[c]: fewer than %u people, or one that would give such a "
		"figure away; the\nrest is rounded to %u (policy %s). One "
		"message names up to three themes.\n",
		report_policy()->threshold, report_policy()->round_to,
		report_policy()->id);
	fprintf(to, "\n%s\n", needs);
	free(now);
	free(before);
	if (fclose(to) != 0)
		errx(EXIT_RETRY, "no memory");
	return text;
}

static int write_json(const struct digest *d, struct grid *const *tables,
		      const char *needs, const struct cli_args *args)
{
	json_t *json = cli_envelope("digest");
	char date[DATE_SIZE];

	json_object_set_new(json, "since",
			    json_string(date_format(d->now.since_day, date)));
	json_object_set_new(
	    json, "until",
	    json_string(date_format(d->now.until_day - 1, date)));
	json_object_set_new(json, "policy", json_string(report_policy()->id));
	json_object_set_new(json, "totals", report_totals_json(&d->said));
	json_object_set_new(json, "totals_before",
			    report_totals_json(&d->said_before));
	for (size_t i = 0; i < DIM_COUNT; i++)
		json_object_set_new(json, dim_id(DIMS[i]),
				    grid_json_rows(tables[i]));
	json_object_set_new(json, "stands", json_string(needs));
	return cli_emit_json(args, json);
}

static void choose_days(struct digest *d)
{
	int32_t last = d->last ? d->last : date_day_of(time(NULL)) - 1;

	d->now.until_day = last + 1;
	d->now.since_day = d->now.until_day - (int32_t)d->days;
	d->before.until_day = d->now.since_day;
	d->before.since_day = d->before.until_day - (int32_t)d->days;
}

static int send(const struct digest *d, const char *text)
{
	int status = command_feed(d->config.warn.digest_command, text);

	if (status == 0)
		return 0;
	warnx("nobody was sent the digest: warn.digest-command left with %d",
	      status);
	return EXIT_RETRY;
}

/* How things stand, without the exact figures that status gives. */
static char *needs_whom(void)
{
	struct sdg_error err = { 0 };
	struct health health;
	char *next, *sentence;

	if (health_check(&health, &err) < 0)
		return xstrdup("How things stand cannot be told.");
	next = health_next(&health);
	sentence = xformat("How it stands: %s.", next);
	free(next);
	return sentence;
}

static int digest(struct digest *d, struct cli_args *args,
		  struct sdg_error *err)
{
	struct grid *tables[DIM_COUNT] = { NULL };
	char *needs, *text = NULL;
	int rc = 0, status = 0;

	for (size_t i = 0; rc == 0 && i < DIM_COUNT; i++)
		rc = table_of(d, DIMS[i], &tables[i], err);
	if (rc != 0)
		goto out;
	needs = needs_whom();
	if (args->format == CLI_JSON) {
		status = write_json(d, tables, needs, args);
	} else {
		text = text_of(d, tables, needs);
		status = d->send ? send(d, text)
				 : cli_emit_bytes(args, text, strlen(text));
	}
	free(text);
	free(needs);
out:
	for (size_t i = 0; i < DIM_COUNT; i++)
		grid_free(tables[i]);
	return rc != 0 ? rc : status;
}

static const struct cli_option OPTIONS[] = {
	CLI_LAST_DAY("until", struct digest, last),
	CLI_COUNT("days", struct digest, days, 1, 366),
	CLI_FLAG("send", struct digest, send),
	{ 0 },
};

int cmd_digest(int argc, char *argv[])
{
	struct digest d = { .days = 7 };
	const struct cli_spec spec = { .help = HELP,
				       .formats = CLI_FORMATS_TEXT,
				       .own = OPTIONS,
				       .arg = &d,
				       .needs = CLI_NEEDS_STORE };
	struct cli cli;
	int status = cli_begin(argc, argv, &spec, &cli);

	if (status >= 0)
		return status;
	status = sdg_config_load(&cli.home, &d.config, &cli.err);
	if (status == 0 && d.send && cli.args.format == CLI_JSON)
		status = cli_usage("--send sends words, not JSON");
	if (status == 0 && d.send && !*d.config.warn.digest_command)
		status = cli_usage("nobody to send it to: set "
				   "warn.digest-command");
	if (status == 0) {
		setenv("SOUNDINGS_POLICY", d.config.network.report_policy, 0);
		d.store = cli.store;
		choose_days(&d);
		status = digest(&d, &cli.args, &cli.err);
	}
	return cli_end(&cli, status);
}
