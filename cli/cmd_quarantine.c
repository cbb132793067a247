/*
 * quarantine: what could not be taken, and why; try again, or drop it.
 */
#include "cli.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "quarantine.h"

static const char HELP[] =
    "Examples:\n"
    "  soundings quarantine list\n"
    "  soundings quarantine show 9f2c\n"
    "  soundings quarantine retry            all of it, after an upgrade\n"
    "  soundings quarantine retry 9f2c\n"
    "  soundings quarantine retry --passing  by timer: what a full memory,\n"
    "                           a busy parser or a closed consultation held\n"
    "  soundings quarantine approve 9f2c     a note by mail that was held\n"
    "  soundings quarantine drop 9f2c --confirm 9f2c\n"
    "\n"
    "Usage: soundings quarantine list [--format F] [--output FILE]\n"
    "       soundings quarantine show ID\n"
    "       soundings quarantine retry [ID | --passing]\n"
    "       soundings quarantine approve ID\n"
    "       soundings quarantine drop ID --confirm ID\n"
    "\n"
    "ID is what 'list' shows, or enough of its first digits (4 at least).\n"
    "Dropped pieces are gone; the ledger keeps their number. 'retry' leaves\n"
    "with 75 when no worker answered, with 65 when some are still there.\n"
    "'approve' stands for who sent a note: its points are counted, and what\n"
    "was held is dropped.\n";

/* A piece is named by the first digits of its digest. */
static bool is_named(const struct sdg_quarantined *q, const char *prefix)
{
	char hex[33];

	id_hex(q->digest, sizeof(q->digest), hex);
	return strncmp(hex, prefix, strlen(prefix)) == 0;
}

struct listing {
	struct grid *grid;
	bool people;
};

static int put_row(void *arg, const struct sdg_quarantined *q)
{
	struct listing *listing = arg;
	struct cell *row = grid_row(listing->grid);
	char hex[33], when[DATE_SIZE], iso[DATE_SIZE];

	id_hex(q->digest, listing->people ? 6 : sizeof(q->digest), hex);
	cell_text(&row[0], hex, NULL);
	cell_text(&row[1], date_format_iso(q->received, iso),
		  date_format_time(q->received, when));
	cell_count(&row[2], q->raw_len);
	cell_str(&row[3], q->reason);
	return 0;
}

static struct grid *list_grid(void)
{
	struct grid *grid = grid_new("quarantine");

	grid_column(grid, "id", "id", false);
	grid_column(grid, "received", "received", false);
	grid_column(grid, "bytes", "bytes", true);
	grid_column(grid, "reason", "reason", false);
	grid->columns[3].truncate = true;
	return grid;
}

/* Beside them, what was taken and is held with the key it came with. */
static int note_held(struct sdg_store *store, struct grid *grid,
		     struct sdg_error *err)
{
	struct sdg_store_stats stats = { 0 };
	struct sdg_ledger ledger = { 0 };
	uint64_t all, held;
	int rc = sdg_store_ledger(store, &ledger, err);

	if (rc == 0)
		rc = sdg_store_stats(store, &stats, err);
	if (rc < 0)
		return rc;
	all = ledger.outcomes[SDG_OUTCOME_QUARANTINED];
	held = all > stats.quarantine ? all - stats.quarantine : 0;
	if (held)
		grid_note(grid, true,
			  "%llu piece%s held with the key they came with: "
			  "'soundings keys sent NAME', then 'release'.",
			  (unsigned long long)held,
			  held == 1 ? " is" : "s are");
	if (grid->row_count == 0 && held == 0)
		grid_note(grid, false, "Nothing is in quarantine.");
	return 0;
}

static int list(struct cli *cli, void *arg)
{
	struct listing all = { list_grid(), false };
	struct listing shown = { list_grid(), true };
	int rc = cli_open(SDG_STORE_READ, &cli->home, &cli->store, &cli->err);

	(void)arg;
	if (rc == 0)
		rc = sdg_quarantine_each(cli->store, put_row, &all, &cli->err);
	if (rc == 0)
		rc =
		    sdg_quarantine_each(cli->store, put_row, &shown, &cli->err);
	if (rc == 0)
		rc = note_held(cli->store, shown.grid, &cli->err);
	if (rc == 0)
		rc = cli_emit(&cli->args,
			      cli->args.format == CLI_JSON
				  ? cli_envelope("quarantine")
				  : NULL,
			      all.grid, shown.grid);
	grid_free(all.grid);
	grid_free(shown.grid);
	return rc;
}

struct search {
	const char *prefix;
	size_t found;
	uint8_t *raw;
	size_t raw_len;
	char *reason;
	int64_t received;
};

static int keep_named(void *arg, const struct sdg_quarantined *q)
{
	struct search *search = arg;

	if (!is_named(q, search->prefix))
		return 0;
	if (search->found++)
		return 0;
	search->raw = xcalloc(q->raw_len + 1, 1);
	memcpy(search->raw, q->raw, q->raw_len);
	search->raw_len = q->raw_len;
	search->reason = sdg_text_visible(q->reason, false);
	search->received = q->received;
	return 0;
}

/* What can be read of an event that could not be counted; or its bytes,
 * made visible: it may be anything. */
static char *words_of(const struct search *search, const struct sdg_home *home)
{
	struct sdg_arena *arena = sdg_arena_new(SDG_ARENA_EVENT);
	struct sdg_feedback fb;
	struct sdg_str raw = { (const char *)search->raw, search->raw_len };
	char *clean, *visible, *words;

	if (arena && sdg_feedback_decode(search->raw, search->raw_len, arena,
					 &fb, NULL) == 0) {
		char *subject = sdg_text_visible(fb.subject, false);

		/* Before a note is let through, somebody reads it. */
		visible = fb.unreadable.len && !fb.text.len
			      ? quarantine_original(home, fb.identity)
			      : sdg_text_visible(fb.text, true);
		words = xformat("source    %s\nsubject   %s\n\n%s",
				sdg_source_id((int)fb.source),
				subject ? subject : "", visible ? visible : "");
		free(subject);
	} else {
		clean = xcalloc(3 * raw.len + 1, 1);
		raw.len = sdg_text_clean(raw.s, raw.len, clean, 3 * raw.len);
		raw.s = clean;
		visible = sdg_text_visible(raw, true);
		words = xformat("\n%s", visible ? visible : "");
		free(clean);
	}
	free(visible);
	sdg_arena_free(arena);
	return words;
}

static int emit_raw(const struct cli_args *args, const struct search *search,
		    const struct sdg_home *home)
{
	char *words = words_of(search, home), when[DATE_SIZE], *text;
	int status;

	text = xformat("received  %s\nreason    %s\nbytes     %zu\n%s\n",
		       date_format_time(search->received, when),
		       search->reason ? search->reason : "", search->raw_len,
		       words);
	status = cli_emit_bytes(args, text, strlen(text));
	free(text);
	free(words);
	return status;
}

/* The one piece that @prefix names, into @search; closes the store behind
 * itself: one handle a process. */
static int find(struct cli *cli, const char *prefix, struct search *search)
{
	int rc;

	if (strlen(prefix) < 4) {
		sdg_fail(&cli->err, SDG_EINVAL, "an id is at least 4 digits");
		return cli_misuse(&cli->err);
	}
	search->prefix = prefix;
	rc = cli_open(SDG_STORE_READ, &cli->home, &cli->store, &cli->err);
	if (rc == 0)
		rc = sdg_quarantine_each(cli->store, keep_named, search,
					 &cli->err);
	if (rc == 0 && search->found != 1)
		rc = sdg_fail(&cli->err, SDG_EINVAL,
			      search->found ? "'%s' names several"
					    : "no such id '%s'",
			      prefix);
	sdg_store_close(cli->store);
	cli->store = NULL;
	return rc;
}

static int show(struct cli *cli, void *arg)
{
	struct search search = { 0 };
	int rc = find(cli, cli->args.rest[1], &search);

	(void)arg;
	if (rc == 0)
		rc = emit_raw(&cli->args, &search, &cli->home);
	free(search.raw);
	free(search.reason);
	return rc;
}

static int drop_named(struct cli *cli, const char *prefix)
{
	int rc = cli_open(SDG_STORE_CHANGE, &cli->home, &cli->store, &cli->err);

	if (rc == 0)
		rc = sdg_quarantine_drop(cli->store, prefix, &cli->err);
	return rc;
}

/* Sent first, dropped when all of it is acknowledged. */
static int approve(struct cli *cli, void *arg)
{
	const char *prefix = cli->args.rest[1];
	char path[SDG_PATH_MAX + 80];
	struct search search = { 0 };
	int rc = find(cli, prefix, &search);

	(void)arg;
	if (rc == 0)
		rc = quarantine_send_held(&cli->home, search.raw,
					  search.raw_len, path, &cli->err);
	if (rc == 0)
		rc = drop_named(cli, prefix);
	free(search.raw);
	free(search.reason);
	if (rc < 0)
		return rc;
	quarantine_original_gone(path);
	printf("approved %s: the note's points are counted\n", prefix);
	return 0;
}

/* What lies beside the store, in the open, goes as well. */
static void drop_original(const struct sdg_home *home,
			  const struct search *search)
{
	struct sdg_arena *arena = sdg_arena_new(SDG_ARENA_EVENT);
	struct sdg_feedback fb;

	if (arena && sdg_feedback_decode(search->raw, search->raw_len, arena,
					 &fb, NULL) == 0)
		quarantine_taken(home, &fb);
	sdg_arena_free(arena);
}

struct wishes {
	const char *confirm;
	bool passing;
};

static int drop(struct cli *cli, void *arg)
{
	const char *prefix = cli->args.rest[1];
	const struct wishes *wishes = arg;
	struct search search = { 0 };
	int rc;

	if (!wishes->confirm || strcmp(wishes->confirm, prefix) != 0)
		return cli_usage("dropping cannot be undone: add --confirm %s",
				 prefix);
	rc = find(cli, prefix, &search);
	if (rc == 0)
		rc = drop_named(cli, prefix);
	if (rc == 0) {
		drop_original(&cli->home, &search);
		printf("dropped %s\n", prefix);
	}
	free(search.raw);
	free(search.reason);
	return rc;
}

static int retry(struct cli *cli, void *arg)
{
	const struct wishes *wishes = arg;

	return quarantine_retry(&cli->home, cli->args.rest[1], wishes->passing);
}

static const struct cli_option OPTIONS[] = {
	CLI_TEXT("confirm", struct wishes, confirm),
	CLI_FLAG("passing", struct wishes, passing),
	{ 0 },
};

static const struct cli_verb VERBS[] = {
	{ "list", NULL, 0, 0, list, CLI_TAKES_LIST },
	{ "show", "ID", 1, 1, show, "output" },
	{ "retry", "[ID]", 0, 1, retry, "passing" },
	{ "approve", "ID", 1, 1, approve, "" },
	{ "drop", "ID", 1, 1, drop, "confirm" },
	{ 0 },
};

int cmd_quarantine(int argc, char *argv[])
{
	struct wishes wishes = { 0 };
	const struct cli_spec spec = {
		.help = HELP,
		.formats = CLI_FORMATS_LIST,
		.own = OPTIONS,
		.arg = &wishes,
		.rest_min = 1,
		.rest_max = 2,
		.needs = CLI_NEEDS_HOME,
	};

	return cli_verbs(argc, argv, &spec, VERBS, NULL);
}
