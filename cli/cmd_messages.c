/*
 * messages: list what was said; every figure can be opened into this.
 */
#include "pieces.h"

#include <err.h>
#include <stdlib.h>
#include <string.h>

static const char HELP[] =
    "Examples:\n"
    "  soundings messages --region north-east --theme funding\n"
    "  soundings messages --grep \"pupil premium\" --since 2015-02\n"
    "  soundings messages --needs-a-person\n"
    "  soundings messages --kind auto-reply --limit 10\n"
    "  soundings messages --theme other --format json\n"
    "\n"
    "Usage: soundings messages [filters] [options]\n"
    "  --grep WORD       whose subject or words hold this, whatever its case\n"
    "  --kind K          feedback (default), auto-reply, not-feedback or all\n"
    "  --needs-a-person  only those marked for somebody to look at: casework,\n"
    "                    safeguarding, attachments, encrypted …\n"
    "  --limit N         the latest N (a table: 50 unless said; else all)\n"
    "  --since --until --region --theme --source --stance --role --phase\n"
    "  --consultation    as for 'soundings report'\n"
    "  --format F        table json csv md xlsx      --output FILE\n"
    "\n"
    "Open one with 'soundings show ID'.\n";

#define TABLE_LIMIT 50
/* A terminal on which a line has room for words as well. */
#define WIDE 120
/* Of a message, in a list. */
#define SNIPPET_BYTES 160

/* One line of the list, until it is known whether it is among the latest. */
struct line {
	char *id, *day, *source, *region, *themes, *flags, *words, *kind;
	json_t *json;
};

struct list {
	const char *grep;
	unsigned kinds;
	bool person;
	size_t limit;
	bool json;
	struct sdg_store *store;
	struct dim_names names;
	struct line *lines; /* a ring of the latest @limit */
	size_t cap, seen;
	struct latest *latest;
	uint64_t earlier; /* known to be there, and not looked at */
};

static void free_line(struct line *line)
{
	free(line->id);
	free(line->day);
	free(line->source);
	free(line->region);
	free(line->themes);
	free(line->flags);
	free(line->words);
	free(line->kind);
	json_decref(line->json);
	*line = (struct line){ 0 };
}

/* The first words: of the text, or of the subject where there is none. */
static char *first_words(const struct sdg_stored *stored)
{
	struct sdg_str text = stored->fb.text;
	size_t cut;

	if (stored->erased)
		return xstrdup("(erased)");
	if (text.len == 0)
		text = stored->fb.subject;
	cut = sdg_text_cut(text.s, text.len, SNIPPET_BYTES);
	return strndup(text.len ? text.s : "", cut);
}

static struct line *room_for(struct list *list)
{
	struct line *line;

	if (list->limit && list->seen >= list->limit) {
		line = &list->lines[list->seen++ % list->limit];
		free_line(line);
		return line;
	}
	if (list->seen == list->cap) {
		size_t cap = list->cap ? list->cap * 2 : 64;
		struct line *grown = realloc(list->lines, cap * sizeof(*grown));

		if (!grown)
			errx(EXIT_RETRY, "no memory");
		list->lines = grown;
		list->cap = cap;
	}
	line = &list->lines[list->seen++];
	*line = (struct line){ 0 };
	return line;
}

static int note_piece(void *arg, const struct sdg_stored *stored)
{
	uint32_t flags = stored->labels.flags | stored->fb.flags;
	struct list *list = arg;
	char id[2 * SDG_EVENT_ID_SIZE + 1], day[DATE_SIZE];
	struct line *line;

	if (list->person && flags == 0)
		return 0;
	line = room_for(list);
	if (list->json) {
		line->json = piece_json(list->store, &list->names, stored);
		return 0;
	}
	id_hex(stored->id, SDG_EVENT_ID_SIZE, id);
	line->id = xstrdup(id);
	line->day = xstrdup(date_format(stored->day, day));
	line->source = xstrdup(sdg_source_id((int)stored->fb.source));
	line->region = xstrdup(sdg_region_id((int)stored->labels.region));
	line->themes = piece_themes(list->store, &stored->labels);
	line->flags = piece_flags(flags);
	line->kind = xstrdup(sdg_kind_id((int)stored->labels.kind));
	line->words = first_words(stored);
	return 0;
}

/* The i-th of those kept, oldest first. */
static struct line *line_at(struct list *list, size_t i)
{
	if (list->limit && list->seen > list->limit)
		return &list->lines[(list->seen + i) % list->limit];
	return &list->lines[i];
}

static size_t kept(const struct list *list)
{
	return list->limit && list->seen > list->limit ? list->limit
						       : list->seen;
}

/* "funding, other" as "funding +1": the main one, and how many more. */
static char *brief_themes(const char *themes)
{
	size_t more = 0;

	for (const char *s = themes; *s; s++)
		more += *s == ',';
	if (more == 0)
		return xstrdup(themes);
	return xformat("%.*s +%zu", (int)strcspn(themes, ","), themes, more);
}

static void put_line(const struct list *list, const struct line *line,
		     bool people, struct cell *row)
{
	char brief[ID_BRIEF_SIZE], *main_theme;
	size_t c = 0;

	cell_text(&row[c++], line->id, id_brief(line->id, brief));
	cell_text(&row[c++], line->day, NULL);
	cell_text(&row[c++], line->source, NULL);
	cell_text(&row[c++], line->region, NULL);
	main_theme = brief_themes(line->themes);
	cell_text(&row[c++], line->themes, main_theme);
	free(main_theme);
	if (list->kinds & ~(1u << SDG_KIND_FEEDBACK) || !people)
		cell_text(&row[c++], line->kind, NULL);
	if (list->person || !people)
		cell_text(&row[c++], line->flags, NULL);
	cell_str(&row[c], sdg_str(line->words));
}

static struct grid *to_grid(struct list *list, bool people)
{
	struct grid *grid = grid_new("messages");

	if (cli_width() < WIDE)
		grid->layout = GRID_CARDS;

	grid_column(grid, "id", "id", false);
	grid_column(grid, "day", "day", false);
	grid_column(grid, "source", "source", false);
	grid_column(grid, "region", "region", false);
	grid_column(grid, "themes", "themes", false);
	if (list->kinds & ~(1u << SDG_KIND_FEEDBACK) || !people)
		grid_column(grid, "kind", "kind", false);
	if (list->person || !people)
		grid_column(grid, "flags", "why", false);
	grid_truncate(grid, grid_column(grid, "words", "first words", false));

	for (size_t i = 0; i < kept(list); i++)
		put_line(list, line_at(list, i), people, grid_row(grid));
	if (list->seen == 0)
		grid_note(grid, false, "Nothing there.");
	else if (kept(list) < list->seen + list->earlier)
		grid_note(grid, true, "The latest %zu of %llu.", kept(list),
			  (unsigned long long)list->seen + list->earlier);
	else
		grid_note(grid, true, "%zu %s.", list->seen,
			  list->seen == 1 ? "message" : "messages");
	return grid;
}

static int emit_list(const struct cli_args *args, struct list *list)
{
	uint64_t matched = list->seen + list->earlier;
	struct grid *all, *shown;
	json_t *json, *rows;
	int status;

	if (list->json) {
		json = cli_envelope("messages");
		rows = json_array();
		for (size_t i = 0; i < kept(list); i++)
			json_array_append(rows, line_at(list, i)->json);
		json_object_set_new(json, "matched",
				    json_integer((json_int_t)matched));
		json_object_set_new(json, "rows", rows);
		return cli_emit_json(args, json);
	}
	all = to_grid(list, false);
	shown = to_grid(list, true);
	status = cli_emit(args, NULL, all, shown);
	grid_free(all);
	grid_free(shown);
	return status;
}

/* The rows of @dim under @filter, and where the latest @limit messages of them
 * begin: at row *first, or at 0 where they are all; *before: how many there
 * are in earlier rows. */
static int latest_rows(const struct list *list, enum sdg_dim dim,
		       const struct sdg_filter *filter,
		       struct sdg_result *result, size_t *first,
		       uint64_t *before, struct sdg_error *err)
{
	struct sdg_query query = { .dims = { dim }, .dim_count = 1 };
	uint64_t n = 0;
	size_t i;
	int rc;

	query.filter = *filter;
	rc = sdg_store_report(list->store, &query, result, err);
	if (rc < 0)
		return rc;
	for (i = result->row_count; i > 0 && n < list->limit; i--)
		n += result->rows[i - 1].measures.messages;
	*first = i;
	for (*before = 0; i > 0; i--)
		*before += result->rows[i - 1].measures.messages;
	return 0;
}

static int32_t month_begin(uint32_t month)
{
	return date_from_civil((int)(month / 12), (int)(month % 12) + 1, 1);
}

/* The months in which the latest lie, and not the days of ten years. What is
 * known of months that are frozen alone no list of messages has. */
static int narrow_months(struct list *list, struct sdg_filter *filter,
			 struct sdg_error *err)
{
	struct sdg_result result = { 0 };
	uint64_t before;
	size_t first;
	int rc = latest_rows(list, SDG_DIM_MONTH, filter, &result, &first,
			     &before, err);

	if (rc == 0 && first > 0 && result.frozen_months == 0) {
		filter->since_day = month_begin(result.rows[first].key[0]);
		list->earlier = before;
	}
	sdg_result_fini(&result);
	return rc;
}

/*
 * The latest few of a million: the tallies say in which months, and on which
 * days of these, they lie, so that only those are opened. The number of all
 * comes from there too; what comes while this is asked is later than both.
 */
static int narrow(struct list *list, struct cli_args *args,
		  struct sdg_error *err)
{
	struct sdg_result result = { 0 };
	uint64_t before;
	size_t first;
	int rc;

	if (list->limit == 0 || list->grep || list->person ||
	    list->kinds != 1u << SDG_KIND_FEEDBACK)
		return 0;
	rc = narrow_months(list, &args->filter, err);
	if (rc == 0)
		rc = latest_rows(list, SDG_DIM_DAY, &args->filter, &result,
				 &first, &before, err);
	if (rc == 0 && first > 0) {
		args->filter.since_day = (int32_t)result.rows[first].key[0];
		list->earlier += before;
	}
	sdg_result_fini(&result);
	return rc;
}

/* Where no tally says where the latest are, their labels do, in a walk that
 * opens none of them. */
struct latest {
	const struct list *list;
	uint8_t (*ids)[SDG_EVENT_ID_SIZE]; /* a ring of list->limit */
	size_t seen, next;
};

static int note_id(void *arg, const struct sdg_stored *stored, size_t which,
		   void *out)
{
	struct latest *l = arg;

	(void)which;
	(void)out;
	if (l->list->person && !(stored->labels.flags | stored->fb.flags))
		return 0;
	memcpy(l->ids[l->seen++ % l->list->limit], stored->id,
	       SDG_EVENT_ID_SIZE);
	return 0;
}

/* Oldest first, as the walk would. */
static const uint8_t *next_id(void *arg)
{
	struct latest *l = ((struct list *)arg)->latest;
	size_t limit = l->list->limit;
	size_t n = l->seen < limit ? l->seen : limit;

	if (l->next == n)
		return NULL;
	return l->ids[(l->seen - n + l->next++) % limit];
}

static int open_latest(void *arg, const struct sdg_stored *stored, size_t which,
		       void *out)
{
	(void)which;
	(void)out;
	return note_piece(arg, stored);
}

/* Ids of as many as this are kept, rather than the pieces opened. */
#define LATEST_MAX 100000

static int list_latest(struct list *list, const struct sdg_filter *filter,
		       struct sdg_error *err)
{
	struct latest l = { .list = list };
	const struct sdg_visit first = { .then = note_id,
					 .arg = &l,
					 .unopened = true };
	const struct sdg_visit second = { .then = open_latest, .arg = list };
	int rc;

	l.ids = xcalloc(list->limit, sizeof(*l.ids));
	list->latest = &l;
	rc = sdg_store_visit(list->store, filter, list->kinds, NULL, &first,
			     err);
	if (rc == 0)
		rc = sdg_store_visit_named(list->store, next_id, &second, err);
	list->earlier = l.seen - list->seen;
	list->latest = NULL;
	free(l.ids);
	return rc;
}

static int list_all(struct list *list, const struct sdg_filter *filter,
		    struct sdg_error *err)
{
	bool tallied = list->kinds == 1u << SDG_KIND_FEEDBACK && !list->person;

	if (!tallied && !list->grep && list->limit && list->limit < LATEST_MAX)
		return list_latest(list, filter, err);
	return sdg_store_each(list->store, filter, list->kinds, list->grep,
			      note_piece, list, err);
}

static int take_kind(void *arg, const char *value)
{
	struct list *list = arg;
	int kind = sdg_kind_from_id(sdg_str(value));

	if (strcmp(value, "all") == 0) {
		list->kinds = 1u << SDG_KIND_FEEDBACK |
			      1u << SDG_KIND_AUTO_REPLY |
			      1u << SDG_KIND_NOT_FEEDBACK;
	} else if (kind > SDG_KIND_UNSET) {
		list->kinds = 1u << kind;
	} else {
		warnx("no such kind '%s': feedback, auto-reply, not-feedback "
		      "or all",
		      value);
		return -1;
	}
	return 0;
}

static const struct cli_option OPTIONS[] = {
	CLI_TEXT("grep", struct list, grep),
	CLI_TAKEN("kind", take_kind),
	CLI_FLAG("needs-a-person", struct list, person),
	CLI_COUNT("limit", struct list, limit, 1, 10000000),
	{ 0 },
};

int cmd_messages(int argc, char *argv[])
{
	struct list list = { .kinds = 1u << SDG_KIND_FEEDBACK };
	const struct cli_spec spec = {
		.help = HELP,
		.formats = CLI_FORMATS_LIST,
		.filters = true,
		.own = OPTIONS,
		.arg = &list,
		.needs = CLI_NEEDS_STORE,
	};
	struct cli cli;
	int status = cli_begin(argc, argv, &spec, &cli);

	if (status >= 0)
		return status;
	if (cli.args.format == CLI_TABLE && list.limit == 0)
		list.limit = TABLE_LIMIT;
	list.json = cli.args.format == CLI_JSON;
	list.store = cli.store;
	status = dim_names_load(list.store, &list.names, &cli.err);
	if (status == 0)
		status = narrow(&list, &cli.args, &cli.err);
	if (status == 0)
		status = list_all(&list, &cli.args.filter, &cli.err);
	if (status == 0)
		status = emit_list(&cli.args, &list);
	for (size_t i = 0; i < kept(&list); i++)
		free_line(line_at(&list, i));
	free(list.lines);
	dim_names_free(&list.names);
	return cli_end(&cli, status);
}
