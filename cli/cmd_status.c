/*
 * status: workers, store, what waits; or one sentence of it.
 */
#include "health.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

static const char HELP[] =
    "Examples:\n"
    "  soundings                  one sentence: how things stand, what next\n"
    "  soundings status\n"
    "  soundings status --format json\n"
    "  soundings status --format openmetrics --output soundings.prom\n"
    "\n"
    "Usage: soundings status [--sentence] [--format table|json|openmetrics]\n"
    "                        [--output FILE]\n"
    "\n"
    "Leaves with 0 when the store could be read or is not there yet, with 65\n"
    "when it is damaged, with 75 when it could not be opened now.\n";

static void put(json_t *json, const char *key, uint64_t n)
{
	json_object_set_new(json, key, json_integer((json_int_t)n));
}

/* A figure that nobody may round for himself is not given at all. */
static void put_exact(json_t *json, const struct health *h, const char *key,
		      uint64_t n)
{
	if (h->reserved)
		json_object_set_new(json, key, json_null());
	else
		put(json, key, n);
}

static json_t *time_json(int64_t seconds)
{
	char iso[DATE_SIZE];

	return seconds ? json_string(date_format_iso(seconds, iso))
		       : json_null();
}

static json_t *to_json(const struct health *h)
{
	json_t *json = cli_envelope("status"), *workers = json_object();
	json_t *outbox = json_object(), *store = json_object();
	char *sentence = health_sentence(h);

	json_object_set_new(json, "sentence", cli_json_str(sdg_str(sentence)));
	json_object_set_new(json, "home", cli_json_str(sdg_str(h->home.root)));
	put(workers, "found", h->workers_found);
	put(workers, "answering", h->workers_answering);
	json_object_set_new(json, "workers", workers);
	put(outbox, "waiting", h->outbox);
	json_object_set_new(outbox, "oldest", time_json(h->outbox_oldest));
	json_object_set_new(json, "outbox", outbox);
	json_object_set_new(store, "state",
			    json_string(h->store == 0               ? "ok"
					: h->store == SDG_ENOTFOUND ? "absent"
								    : "error"));
	if (h->store < 0)
		json_object_set_new(
		    store, "error",
		    cli_json_str(sdg_str(h->store_error.message)));
	if (h->store == 0) {
		put_exact(store, h, "events", h->stats.events);
		put_exact(store, h, "respondents", h->stats.members);
		put_exact(store, h, "members", h->stats.matched_members);
		put(store, "directory", h->stats.directory);
		put(store, "quarantine", h->stats.quarantine);
		put(store, "map_bytes", h->stats.map_bytes);
		put(store, "used_bytes", h->stats.used_bytes);
		put(store, "free_disk_bytes", h->stats.free_disk_bytes);
		put(store, "readers", h->stats.readers);
		put(store, "readers_max", h->stats.readers_max);
		put_exact(store, h, "received", h->ledger.received);
		json_object_set_new(store, "balanced",
				    json_boolean(h->ledger.balanced));
		json_object_set_new(store, "last_received",
				    h->reserved
					? json_null()
					: time_json(h->stats.last_received));
	}
	json_object_set_new(json, "store", store);
	free(sentence);
	return json;
}

static void row(struct grid *grid, const char *what, char *value)
{
	struct cell *cells = grid_row(grid);

	cell_text(&cells[0], what, NULL);
	cell_text(&cells[1], value, NULL);
	free(value);
}

static double mib(uint64_t bytes)
{
	return (double)bytes / (1024.0 * 1024.0);
}

static void came_rows(struct grid *grid, const struct health *h)
{
	const struct sdg_store_stats *s = &h->stats;
	char when[DATE_SIZE];

	row(grid, "received",
	    xformat("%llu, %s", (unsigned long long)h->ledger.received,
		    h->ledger.balanced ? "books balanced"
				       : "books NOT balanced"));
	row(grid, "last received",
	    xstrdup(date_format_time(s->last_received, when)));
	row(grid, "events held",
	    xformat("%llu", (unsigned long long)s->events));
	row(grid, "respondents",
	    xformat("%llu, of them members %llu",
		    (unsigned long long)s->members,
		    (unsigned long long)s->matched_members));
}

static void store_rows(struct grid *grid, const struct health *h)
{
	const struct sdg_store_stats *s = &h->stats;

	if (!h->reserved)
		came_rows(grid, h);
	row(grid, "directory",
	    s->directory
		? xformat("%llu entries", (unsigned long long)s->directory)
		: xstrdup("none loaded"));
	row(grid, "quarantine",
	    xformat("%llu", (unsigned long long)s->quarantine));
	row(grid, "store",
	    xformat("%.1f of %.0f MiB map, %.0f MiB disk left",
		    mib(s->used_bytes), mib(s->map_bytes),
		    mib(s->free_disk_bytes)));
	row(grid, "readers", xformat("%u of %u", s->readers, s->readers_max));
}

static int emit_words(const struct cli_args *args, const struct health *h)
{
	struct grid *grid = grid_new("status");
	char *sentence = health_sentence(h);
	char when[DATE_SIZE];
	int status;

	grid_note(grid, false, "%s", sentence);
	grid_column(grid, "what", "what", false);
	grid_column(grid, "value", "value", false);
	row(grid, "home", xstrdup(h->home.root));
	row(grid, "workers",
	    xformat("%zu found, %zu answer", h->workers_found,
		    h->workers_answering));
	row(grid, "outbox",
	    h->outbox ? xformat("%zu wait, the oldest since %s UTC", h->outbox,
				date_format_time(h->outbox_oldest, when))
		      : xstrdup("empty"));
	if (h->store == 0)
		store_rows(grid, h);
	status = cli_emit(args, NULL, grid, NULL);
	grid_free(grid);
	free(sentence);
	return status;
}

struct wishes {
	bool sentence;
};

static const struct cli_option OPTIONS[] = {
	CLI_FLAG("sentence", struct wishes, sentence),
	{ 0 },
};

int cmd_status(int argc, char *argv[])
{
	struct wishes wishes = { false };
	const struct cli_spec spec = {
		.help = HELP,
		.formats = CLI_FORMATS_TEXT | CLI_FORMAT_BIT(CLI_OPENMETRICS),
		.own = OPTIONS,
		.arg = &wishes,
	};
	struct sdg_error err = { 0 };
	struct health health;
	struct cli_args args;
	int status;

	status = cli_parse(argc, argv, &spec, &args);
	if (status >= 0)
		return status;
	if (health_check(&health, &err) < 0)
		return cli_fail(&err);
	if (wishes.sentence) {
		char *words = health_sentence(&health);
		char *line = xformat("%s\n", words);

		status = cli_emit_bytes(&args, line, strlen(line));
		free(line);
		free(words);
	} else if (args.format == CLI_OPENMETRICS) {
		size_t len = 0;
		char *text = health_openmetrics(&health, &len);

		status = cli_emit_bytes(&args, text, len);
		/* For a collector that runs as somebody else. */
		if (status == 0 && args.output && chmod(args.output, 0644) != 0)
			status = EXIT_RETRY;
		free(text);
	} else if (args.format == CLI_JSON) {
		status = cli_emit_json(&args, to_json(&health));
	} else {
		status = emit_words(&args, &health);
	}
	if (status == 0 && health.store < 0 && health.store != SDG_ENOTFOUND)
		status = sdg_exit_code(health.store);
	return status;
}
