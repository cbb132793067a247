/*
 * campaigns: template mails, counted once and as sent.
 *
 * Two messages belong together when their runs of four words (stemmed, so
 * that small edits do not matter) are alike: MinHash estimates how much,
 * bands of it find the pairs without comparing all with all. What people
 * added of their own is the substance that gets missed: it is listed.
 * Nothing is excluded from any other figure.
 */
#include "pieces.h"

#include <err.h>
#include <stdlib.h>
#include <string.h>

#include "alike.h"
#include "map.h"
#include "words.h"

static const char HELP[] =
    "Examples:\n"
    "  soundings campaigns\n"
    "  soundings campaigns --since 2015-02 --least 5\n"
    "  soundings campaigns --personal          what people added of their own\n"
    "  soundings campaigns --format json\n"
    "\n"
    "Usage: soundings campaigns [filters] [options]\n"
    "  --least N     groups of at least N messages (default 3)\n"
    "  --personal    a row a sentence that only one of a group wrote\n"
    "  --format F    table json csv md xlsx      --output FILE\n"
    "  filters       as for 'soundings report'\n"
    "\n"
    "Messages under 12 words are not compared. Other reports count each\n"
    "message as sent; this one says how many there are when each campaign\n"
    "counts once.\n";

#define WORDS_MAX 9000

struct piece {
	uint8_t id[SDG_EVENT_ID_SIZE];
	int32_t day;
	uint32_t member;
};

struct group {
	size_t messages, senders;
	int32_t first_day, last_day;
	uint32_t root;
	char *words;
	struct map sentences; /* hash → in how many messages */
	size_t personal;
};

struct sentence {
	size_t group;
	char *id;
	char *text;
};

struct campaigns {
	size_t least;
	bool personal;
	struct sdg_store *store;
	struct sdg_word *words[SDG_HANDS_MAX]; /* a hand's own */
	struct piece *pieces;
	/* Of pieces, until the groups are known: most of the memory. */
	struct sketch *sketches;
	size_t count, cap, seen;
	uint32_t *group_of; /* of pieces, + 1; 0: none */
	size_t *again;      /* the pieces of groups, in their order */
	size_t again_count, at;
	bool keeping; /* this reading keeps sentences */
	struct group *groups;
	size_t group_count;
	struct sentence *sentences;
	size_t sentence_count, sentence_cap;
};

static void grow(struct campaigns *c)
{
	size_t cap = c->cap ? c->cap * 2 : 1024;

	c->pieces = realloc(c->pieces, cap * sizeof(*c->pieces));
	c->sketches = realloc(c->sketches, cap * sizeof(*c->sketches));
	if (!c->pieces || !c->sketches)
		errx(EXIT_RETRY, "no memory");
	c->cap = cap;
}

/* By any hand. */
static int draw(void *arg, struct sdg_hand *hand,
		const struct sdg_stored *stored, void **out,
		struct sdg_error *err)
{
	struct campaigns *c = arg;
	struct sdg_word *words = c->words[sdg_hand_number(hand)];
	struct sketch *sketch = sdg_hand_room(hand, sizeof(*sketch));
	size_t n;

	if (!sketch)
		return sdg_fail(err, SDG_ENOMEM, "draw a sketch: no memory");
	/* A letter is copied word for word: no stems. */
	n = sdg_words_split(NULL, stored->fb.text, words, WORDS_MAX);
	if (alike_draw(words, n, sketch))
		*out = sketch;
	return 0;
}

static int note_piece(void *arg, const struct sdg_stored *stored, size_t which,
		      void *out)
{
	struct campaigns *c = arg;
	struct piece *piece;

	(void)which;
	c->seen++;
	if (!out) /* too short */
		return 0;
	if (c->count == c->cap)
		grow(c);
	piece = &c->pieces[c->count];
	memcpy(piece->id, stored->id, sizeof(piece->id));
	piece->day = stored->day;
	piece->member = stored->member;
	c->sketches[c->count++] = *(const struct sketch *)out;
	return 0;
}

static void count_group(struct campaigns *c, struct group *g, uint32_t member,
			int32_t day, struct map *people)
{
	if (g->messages++ == 0)
		g->first_day = g->last_day = day;
	if (day < g->first_day)
		g->first_day = day;
	if (day > g->last_day)
		g->last_day = day;
	/* Nobody's messages are each from somebody else. */
	if (member == 0 ||
	    map_add(people, (uint64_t)(g - c->groups + 1) << 32 | member))
		g->senders++;
}

static void gather(struct campaigns *c)
{
	struct map people = { 0 };

	c->group_of = xcalloc(c->count + 1, sizeof(*c->group_of));
	c->group_count =
	    alike_groups(c->sketches, c->count, c->least, c->group_of);
	free(c->sketches);
	c->sketches = NULL;
	c->groups = xcalloc(c->group_count + 1, sizeof(*c->groups));
	for (size_t i = 0; i < c->count; i++) {
		struct group *g = &c->groups[c->group_of[i] - 1];

		if (c->group_of[i] == 0)
			continue;
		if (g->messages == 0)
			g->root = (uint32_t)i;
		c->again_count++;
		count_group(c, g, c->pieces[i].member, c->pieces[i].day,
			    &people);
	}
	map_fini(&people);
	c->again = xcalloc(c->again_count + 1, sizeof(*c->again));
	c->again_count = 0;
	for (size_t i = 0; i < c->count; i++)
		if (c->group_of[i])
			c->again[c->again_count++] = i;
}

static void keep_sentence(struct campaigns *c, size_t group, const char *id,
			  struct sdg_str text)
{
	struct sentence *s;

	if (c->sentence_count == c->sentence_cap) {
		size_t cap = c->sentence_cap ? c->sentence_cap * 2 : 256;
		struct sentence *grown =
		    realloc(c->sentences, cap * sizeof(*grown));

		if (!grown)
			errx(EXIT_RETRY, "no memory");
		c->sentences = grown;
		c->sentence_cap = cap;
	}
	s = &c->sentences[c->sentence_count++];
	*s = (struct sentence){ .group = group,
				.id = xstrdup(id),
				.text = strndup(text.s, text.len) };
	if (!s->text)
		errx(EXIT_RETRY, "no memory");
}

/* One's own: nobody else of the group wrote it. */
static bool is_personal(struct group *g, uint64_t hash)
{
	const struct map_entry *e = map_find(&g->sentences, hash);

	return e && e->a == 1;
}

static const uint8_t *next_piece(void *arg)
{
	struct campaigns *c = arg;

	return c->at == c->again_count ? NULL : c->pieces[c->again[c->at++]].id;
}

/* The sentences of one message of a group: each counted once, or, when all
 * are counted, its own kept. */
static int note_sentences(void *arg, const struct sdg_stored *stored,
			  size_t which, void *out)
{
	struct campaigns *c = arg;
	struct sdg_word *words = c->words[0];
	size_t group = c->group_of[c->again[which]] - 1;
	struct group *g = &c->groups[group];
	struct sdg_str text = stored->fb.text;
	char id[2 * SDG_EVENT_ID_SIZE + 1];
	struct map mine = { 0 };
	size_t n, from = 0;

	(void)out;
	if (stored->erased) /* since the first reading */
		return 0;
	id_hex(stored->id, SDG_EVENT_ID_SIZE, id);
	if (!g->words)
		g->words = strndup(text.s, sdg_text_cut(text.s, text.len, 120));
	n = sdg_words_split(NULL, text, words, WORDS_MAX);
	for (size_t i = 1; i <= n; i++) {
		uint64_t h = words[from].stem;

		if (i < n && !(words[i].before & SDG_BREAK_SENTENCE))
			continue;
		for (size_t k = from + 1; k < i; k++)
			h = sdg_words_join(h, words[k].stem);
		/* Greetings and names are no sentences. */
		if (i - from >= ALIKE_RUN && c->keeping) {
			if (is_personal(g, h) && map_add(&mine, h))
				keep_sentence(
				    c, group, id,
				    (struct sdg_str){
					text.s + words[from].start,
					words[i - 1].end - words[from].start });
		} else if (i - from >= ALIKE_RUN && map_add(&mine, h)) {
			map_at(&g->sentences, h)->a++;
		}
		from = i;
	}
	map_fini(&mine);
	return 0;
}

static void count_personal(struct campaigns *c)
{
	for (size_t i = 0; i < c->group_count; i++) {
		struct group *g = &c->groups[i];

		for (size_t k = 0; k < g->sentences.cap; k++)
			g->personal += g->sentences.entries[k].key &&
				       g->sentences.entries[k].a == 1;
	}
}

/* What the groups wrote; kept only where it is to be listed. */
static int read_groups(struct campaigns *c, bool list, struct sdg_error *err)
{
	const struct sdg_visit to = { .then = note_sentences, .arg = c };
	int rc = sdg_store_visit_named(c->store, next_piece, &to, err);

	if (rc < 0)
		return rc;
	count_personal(c);
	if (!list)
		return 0;
	c->keeping = true;
	c->at = 0;
	return sdg_store_visit_named(c->store, next_piece, &to, err);
}

static struct grid *group_grid(const struct campaigns *c)
{
	struct grid *grid = grid_new("campaigns");
	char day[DATE_SIZE], id[2 * SDG_EVENT_ID_SIZE + 1];

	grid_column(grid, "group", "group", true);
	grid_column(grid, "messages", "messages", true);
	grid_column(grid, "senders", "senders", true);
	grid_column(grid, "personal", "own words", true);
	grid_column(grid, "first_day", "first", false);
	grid_column(grid, "last_day", "last", false);
	grid_column(grid, "example", "example", false);
	grid_truncate(grid, grid_column(grid, "words", "begins", false));
	for (size_t i = 0; i < c->group_count; i++) {
		const struct group *g = &c->groups[i];
		struct cell *row = grid_row(grid);
		char brief[ID_BRIEF_SIZE];

		id_hex(c->pieces[g->root].id, SDG_EVENT_ID_SIZE, id);
		cell_count(&row[0], i + 1);
		cell_count(&row[1], g->messages);
		cell_count(&row[2], g->senders);
		cell_count(&row[3], g->personal);
		cell_text(&row[4], date_format(g->first_day, day), NULL);
		cell_text(&row[5], date_format(g->last_day, day), NULL);
		cell_text(&row[6], id, id_brief(id, brief));
		cell_str(&row[7], sdg_str(g->words));
	}
	return grid;
}

static struct grid *sentence_grid(const struct campaigns *c)
{
	struct grid *grid = grid_new("own words");

	grid_column(grid, "group", "group", true);
	grid_column(grid, "id", "message", false);
	grid_truncate(grid, grid_column(grid, "text", "own words", false));
	for (size_t i = 0; i < c->sentence_count; i++) {
		const struct sentence *s = &c->sentences[i];
		char brief[ID_BRIEF_SIZE];
		struct cell *row;

		row = grid_row(grid);
		cell_count(&row[0], s->group + 1);
		cell_text(&row[1], s->id, id_brief(s->id, brief));
		cell_str(&row[2], sdg_str(s->text));
	}
	return grid;
}

static int emit(const struct campaigns *c, const struct cli_args *args)
{
	struct grid *groups = group_grid(c), *own = sentence_grid(c);
	json_t *json = cli_envelope("campaigns");
	size_t in = 0, once;
	int status;

	for (size_t i = 0; i < c->group_count; i++)
		in += c->groups[i].messages;
	once = c->seen - in + c->group_count;
	json_object_set_new(json, "messages",
			    json_integer((json_int_t)c->seen));
	json_object_set_new(json, "messages_campaigns_once",
			    json_integer((json_int_t)once));
	json_object_set_new(json, "own_words", grid_json_rows(own));
	if (c->group_count == 0)
		grid_note(groups, false, "No campaigns among %zu messages.",
			  c->seen);
	for (int i = 0; i < 2; i++)
		grid_note(
		    i ? own : groups, true,
		    "%zu messages as sent; %zu of them in %zu campaign%s; "
		    "%zu when each campaign counts once.",
		    c->seen, in, c->group_count, c->group_count == 1 ? "" : "s",
		    c->seen - in + c->group_count);
	status = cli_emit(
	    args, json, c->personal && args->format != CLI_JSON ? own : groups,
	    NULL);
	grid_free(groups);
	grid_free(own);
	return status;
}

static int answer(struct campaigns *c, struct cli *cli)
{
	const struct sdg_visit to = { .look = draw,
				      .then = note_piece,
				      .arg = c };
	int rc;

	for (unsigned i = 0; i < SDG_HANDS_MAX; i++)
		c->words[i] = xcalloc(WORDS_MAX, sizeof(*c->words[i]));
	rc = sdg_store_visit(c->store, &cli->args.filter, 0, NULL, &to,
			     &cli->err);
	if (rc < 0)
		return rc;
	gather(c);
	if (c->group_count)
		rc = read_groups(c, c->personal || cli->args.format == CLI_JSON,
				 &cli->err);
	return rc < 0 ? rc : emit(c, &cli->args);
}

static void fini(struct campaigns *c)
{
	for (size_t i = 0; i < c->group_count; i++) {
		free(c->groups[i].words);
		map_fini(&c->groups[i].sentences);
	}
	for (size_t i = 0; i < c->sentence_count; i++) {
		free(c->sentences[i].id);
		free(c->sentences[i].text);
	}
	free(c->groups);
	free(c->sentences);
	free(c->pieces);
	free(c->sketches);
	free(c->group_of);
	free(c->again);
	for (unsigned i = 0; i < SDG_HANDS_MAX; i++)
		free(c->words[i]);
}

static const struct cli_option OPTIONS[] = {
	CLI_COUNT("least", struct campaigns, least, 2, 1000000),
	CLI_FLAG("personal", struct campaigns, personal),
	{ 0 },
};

int cmd_campaigns(int argc, char *argv[])
{
	struct campaigns c = { .least = ALIKE_GROUP_LEAST };
	const struct cli_spec spec = {
		.help = HELP,
		.formats = CLI_FORMATS_LIST,
		.filters = true,
		.own = OPTIONS,
		.arg = &c,
		.needs = CLI_NEEDS_STORE,
	};
	struct cli cli;
	int status = cli_begin(argc, argv, &spec, &cli);

	if (status >= 0)
		return status;
	c.store = cli.store;
	status = answer(&c, &cli);
	fini(&c);
	return cli_end(&cli, status);
}
