/*
 * releases: what was published, when, under which policy; shown again
 * exactly, compared, withdrawn.
 */
#include "releases.h"

#include <stdlib.h>
#include <string.h>

static const char HELP[] =
    "Examples:\n"
    "  soundings releases                              the list\n"
    "  soundings releases show 2015-03-27-1 > page.html\n"
    "  soundings releases diff 2015-03-27-1 2015-04-30-1\n"
    "  soundings releases withdraw 2015-03-27-1 \"a school could be told\"\n"
    "\n"
    "Usage: soundings releases [list]\n"
    "       soundings releases show ID [FILE]    page.html, region-theme.csv,\n"
    "                                            data.xlsx … exactly as it "
    "was\n"
    "       soundings releases diff ID ID        figures that changed\n"
    "       soundings releases withdraw ID WHY   mark it; its files stay\n"
    "  --format F        table json csv md xlsx\n";

static const char *text_of(const json_t *json, const char *key)
{
	const char *s = json_string_value(json_object_get(json, key));

	return s ? s : "";
}

static int list_one(void *arg, const struct release *release)
{
	struct cell *row = grid_row(arg);
	const char *withdrawn = text_of(release->json, "withdrawn");

	cell_text(&row[0], release->id, NULL);
	cell_text(&row[1], text_of(release->json, "title"), NULL);
	cell_text(&row[2], text_of(release->json, "audience"), NULL);
	cell_text(&row[3], text_of(release->json, "policy"), NULL);
	if (*withdrawn)
		cell_text(&row[4], withdrawn, NULL);
	return 0;
}

static int list(struct cli *cli, void *arg)
{
	const struct cli_args *args = &cli->args;
	const struct sdg_home *home = &cli->home;
	struct sdg_error *err = &cli->err;
	struct grid *grid = grid_new("Releases");
	int rc;

	(void)arg;
	grid_column(grid, "id", "Release", false);
	grid_column(grid, "title", "Title", false);
	grid_column(grid, "audience", "Audience", false);
	grid_column(grid, "policy", "Policy", false);
	grid_column(grid, "withdrawn", "Withdrawn", false);
	rc = releases_each(home, list_one, grid, err);
	if (rc == 0 && grid->row_count == 0)
		grid_note(grid, false, "Nothing was published yet.");
	if (rc == 0)
		rc = cli_emit(args, cli_envelope("releases"), grid, NULL);
	grid_free(grid);
	return rc;
}

static int show(struct cli *cli, void *arg)
{
	const struct cli_args *args = &cli->args;
	const struct sdg_home *home = &cli->home;
	struct sdg_error *err = &cli->err;
	const char *id = args->rest[1];
	const char *file = args->rest_count > 2 ? args->rest[2] : "page.html";
	struct release release;
	char path[SDG_PATH_MAX];
	char *data;
	size_t len;
	int rc = releases_find(home, id, &release, err);

	(void)arg;
	if (rc < 0)
		return rc;
	/* Only what the release itself names: never a path from outside. */
	if (!json_object_get(json_object_get(release.json, "files"), file))
		rc = sdg_fail(err, SDG_ENOTFOUND,
			      "release %s has no file '%.60s'", id, file);
	json_decref(release.json);
	if (rc == 0)
		rc = releases_path(home, id, file, path, err);
	if (rc == 0)
		rc = sdg_read_file(path, (size_t)64 << 20, &data, &len, err);
	if (rc < 0)
		return rc;
	rc = cli_emit_bytes(args, data, len);
	free(data);
	return rc;
}

static void put_count(struct cell *cell, const json_t *figure)
{
	if (figure)
		cell_count(cell, (uint64_t)json_integer_value(
				     json_object_get(figure, "count")));
}

static void put_change(struct grid *grid, const char *table, const char *key,
		       const json_t *was, const json_t *now)
{
	struct cell *row = grid_row(grid);

	cell_text(&row[0], table, NULL);
	cell_text(&row[1], key, NULL);
	put_count(&row[2], was);
	put_count(&row[3], now);
}

/* What the later has otherwise, then what it has no longer: a theme or a month
 * in which nobody is left is no line of it. */
static void diff_tables(struct grid *grid, const char *table, json_t *a,
			json_t *b)
{
	const char *key;
	json_t *figure;

	json_object_foreach(b, key, figure)
	{
		json_t *was = json_object_get(a, key);

		if (!was || !json_equal(was, figure))
			put_change(grid, table, key, was, figure);
	}
	json_object_foreach(a, key, figure)
	{
		if (!json_object_get(b, key))
			put_change(grid, table, key, figure, NULL);
	}
}

static int64_t book(const struct release *release, const char *key)
{
	return json_integer_value(
	    json_object_get(json_object_get(release->json, "books"), key));
}

/* Why figures changed, as far as the books tell. */
static void note_causes(struct grid *grid, const struct release *a,
			const struct release *b)
{
	int64_t erased = book(b, "erased") - book(a, "erased");
	int64_t late = book(b, "counted") - book(a, "counted");
	int64_t edited = book(b, "replaced") - book(a, "replaced");

	grid_note(grid, true,
		  "Between them: %lld pieces more were counted (late, or new), "
		  "%lld were edited by their senders, %lld erased.",
		  (long long)late, (long long)edited, (long long)erased);
	if (book(a, "frame_version") != book(b, "frame_version"))
		grid_note(grid, true,
			  "The code frame or its model changed: "
			  "pieces were reclassified.");
	grid_note(grid, true, "What these do not explain, a person corrected.");
}

static int diff(struct cli *cli, void *arg)
{
	const struct cli_args *args = &cli->args;
	const struct sdg_home *home = &cli->home;
	struct sdg_error *err = &cli->err;
	struct release a = { 0 }, b = { 0 };
	struct grid *grid = NULL;
	const char *table;
	json_t *cells;
	int rc = releases_find(home, args->rest[1], &a, err);

	(void)arg;
	if (rc == 0)
		rc = releases_find(home, args->rest[2], &b, err);
	if (rc < 0)
		goto out;
	grid = grid_new("Figures that changed");
	grid_column(grid, "table", "Table", false);
	grid_column(grid, "figure", "Figure", false);
	grid_column(grid, "before", a.id, true);
	grid_column(grid, "after", b.id, true);
	note_causes(grid, &a, &b);
	grid_note(grid, true, "Exact counts, for inside.");
	json_object_foreach(json_object_get(b.json, "tables"), table, cells)
	    diff_tables(
		grid, table,
		json_object_get(json_object_get(a.json, "tables"), table),
		cells);
	rc = cli_emit(args, cli_envelope("releases-diff"), grid, NULL);
out:
	grid_free(grid);
	json_decref(a.json);
	json_decref(b.json);
	return rc;
}

static int withdraw(struct cli *cli, void *arg)
{
	const struct cli_args *args = &cli->args;
	const struct sdg_home *home = &cli->home;
	struct sdg_error *err = &cli->err;
	const char *id = args->rest[1];
	const char *why = args->rest_count > 2 ? args->rest[2] : "";
	int rc;

	(void)arg;
	if (*why == '\0')
		return cli_usage("a reason is wanted: soundings releases "
				 "withdraw %.60s \"a school could be told\"",
				 id);
	rc = releases_withdraw(home, id, why, err);
	if (rc == 0)
		fprintf(stderr,
			"release %s is marked as withdrawn; its files stay in "
			"%s/releases/%s: take down what was put on a web "
			"site\n",
			id, home->root, id);
	return rc;
}

static const struct cli_verb VERBS[] = {
	{ "list", NULL, 0, 0, list, CLI_TAKES_LIST },
	{ "show", "ID [FILE]", 1, 2, show, "output" },
	{ "diff", "ID ID", 2, 2, diff, CLI_TAKES_LIST },
	{ "withdraw", "ID WHY", 1, 2, withdraw, "" },
	{ 0 },
};

int cmd_releases(int argc, char *argv[])
{
	const struct cli_spec spec = { .help = HELP,
				       .formats = CLI_FORMATS_LIST,
				       .rest_max = 3,
				       .needs = CLI_NEEDS_HOME };

	return cli_verbs(argc, argv, &spec, VERBS, &VERBS[0]);
}
