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

#define SHINGLE 4
#define WORDS_LEAST 12
#define WORDS_MAX 9000
#define BANDS 21
#define ROWS 3
#define HASHES ((size_t)BANDS * ROWS)
/* Of HASHES: a template with half as much again of one's own. */
#define ALIKE 25

struct piece {
	uint8_t id[SDG_EVENT_ID_SIZE];
	int32_t day;
	uint32_t member;
	uint32_t up; /* union-find: towards the oldest of the group */
};

/* Only until the groups are known: most of the memory there is. */
struct sketch {
	uint16_t least[HASHES];
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
	struct sdg_stemmer *stemmer;
	struct sdg_word *words;
	struct piece *pieces;
	struct sketch *sketches; /* of pieces */
	size_t count, cap, seen;
	uint32_t *group_of; /* of pieces, + 1; 0: none */
	size_t at;          /* the piece that is read again, + 1 */
	bool keeping;       /* this reading keeps sentences */
	struct group *groups;
	size_t group_count;
	struct sentence *sentences;
	size_t sentence_count, sentence_cap;
};

static void draw(const struct sdg_word *words, size_t n, uint16_t out[HASHES])
{
	uint64_t least[HASHES];

	memset(least, 0xff, sizeof(least));
	for (size_t i = 0; i + SHINGLE <= n; i++) {
		uint64_t h = words[i].stem;

		for (size_t k = 1; k < SHINGLE; k++)
			h = sdg_words_join(h, words[i + k].stem);
		for (size_t k = 0; k < HASHES; k++) {
			uint64_t v = mix64(h + (k + 1) * 0x9e3779b97f4a7c15u);

			if (v < least[k])
				least[k] = v;
		}
	}
	/* The low bits of a least value are as random as any. */
	for (size_t k = 0; k < HASHES; k++)
		out[k] = (uint16_t)least[k];
}

static void grow(struct campaigns *c)
{
	size_t cap = c->cap ? c->cap * 2 : 1024;

	c->pieces = realloc(c->pieces, cap * sizeof(*c->pieces));
	c->sketches = realloc(c->sketches, cap * sizeof(*c->sketches));
	if (!c->pieces || !c->sketches)
		errx(EXIT_RETRY, "no memory");
	c->cap = cap;
}

static int note_piece(void *arg, const struct sdg_stored *stored)
{
	struct campaigns *c = arg;
	struct piece *piece;
	size_t n;

	c->seen++;
	n = sdg_words_split(c->stemmer, stored->fb.text, c->words, WORDS_MAX);
	if (n < WORDS_LEAST)
		return 0;
	if (c->count == c->cap)
		grow(c);
	piece = &c->pieces[c->count];
	memcpy(piece->id, stored->id, sizeof(piece->id));
	piece->day = stored->day;
	piece->member = stored->member;
	piece->up = (uint32_t)c->count++;
	draw(c->words, n, c->sketches[piece->up].least);
	return 0;
}

static uint32_t root_of(struct campaigns *c, uint32_t i)
{
	while (c->pieces[i].up != i) {
		c->pieces[i].up = c->pieces[c->pieces[i].up].up;
		i = c->pieces[i].up;
	}
	return i;
}

static bool alike(const struct sketch *a, const struct sketch *b)
{
	int same = 0;

	for (size_t k = 0; k < HASHES; k++)
		same += a->least[k] == b->least[k];
	return same >= ALIKE;
}

/* Pieces in the order of their hash @k, else as they stand: a counting sort,
 * since there are 63 of a million to do. */
static void sort_by(const struct campaigns *c, size_t k, const uint32_t *from,
		    uint32_t *to)
{
	static uint32_t places[65536];
	uint32_t at = 0;

	memset(places, 0, sizeof(places));
	for (size_t i = 0; i < c->count; i++)
		places[c->sketches[i].least[k]]++;
	for (size_t v = 0; v < 65536; v++) {
		uint32_t n = places[v];

		places[v] = at;
		at += n;
	}
	for (size_t i = 0; i < c->count; i++)
		to[places[c->sketches[from[i]].least[k]]++] = from[i];
}

static bool same_band(const struct campaigns *c, size_t band, uint32_t a,
		      uint32_t b)
{
	return memcmp(c->sketches[a].least + band * ROWS,
		      c->sketches[b].least + band * ROWS,
		      ROWS * sizeof(uint16_t)) == 0;
}

/* One band: those that agree in it are compared with the first that does
 * and with the one before, and joined to the older. */
static void join_band(struct campaigns *c, size_t band, uint32_t *order,
		      uint32_t *spare)
{
	size_t first = 0;

	for (size_t i = 0; i < c->count; i++)
		order[i] = (uint32_t)i;
	for (size_t k = 0; k < ROWS; k++) {
		uint32_t *sorted = spare;

		sort_by(c, band * ROWS + k, order, sorted);
		spare = order;
		order = sorted;
	}
	for (size_t i = 1; i < c->count; i++) {
		uint32_t with[2] = { order[first], order[i - 1] };

		if (!same_band(c, band, order[i], order[first])) {
			first = i;
			continue;
		}
		for (int k = 0; k < 2; k++) {
			uint32_t x = root_of(c, with[k]);
			uint32_t y = root_of(c, order[i]);

			if (x != y && alike(&c->sketches[with[k]],
					    &c->sketches[order[i]]))
				c->pieces[x > y ? x : y].up = x < y ? x : y;
		}
	}
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
	uint32_t *order = xcalloc(2 * c->count + 1, sizeof(*order));
	uint32_t *sizes = xcalloc(c->count, sizeof(*sizes));
	struct map people = { 0 };

	c->group_of = xcalloc(c->count, sizeof(*c->group_of));
	for (size_t band = 0; band < BANDS; band++)
		join_band(c, band, order, order + c->count);
	free(order);
	free(c->sketches);
	c->sketches = NULL;
	for (size_t i = 0; i < c->count; i++)
		sizes[root_of(c, (uint32_t)i)]++;
	for (size_t i = 0; i < c->count; i++)
		if (sizes[i] >= c->least)
			c->group_of[i] = (uint32_t)++c->group_count;
	c->groups = xcalloc(c->group_count, sizeof(*c->groups));
	for (size_t i = 0; i < c->count; i++) {
		uint32_t root = root_of(c, (uint32_t)i);
		struct group *g;

		if (sizes[root] < c->least)
			continue;
		c->group_of[i] = c->group_of[root];
		g = &c->groups[c->group_of[root] - 1];
		g->root = root;
		count_group(c, g, c->pieces[i].member, c->pieces[i].day,
			    &people);
	}
	map_fini(&people);
	free(sizes);
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

	while (c->at < c->count)
		if (c->group_of[c->at++])
			return c->pieces[c->at - 1].id;
	return NULL;
}

/* The sentences of one message of a group: each counted once, or, when all
 * are counted, its own kept. */
static int note_sentences(void *arg, const struct sdg_stored *stored)
{
	struct campaigns *c = arg;
	size_t group = c->group_of[c->at - 1] - 1;
	struct group *g = &c->groups[group];
	struct sdg_str text = stored->fb.text;
	char id[2 * SDG_EVENT_ID_SIZE + 1];
	struct map mine = { 0 };
	size_t n, from = 0;

	if (stored->erased) /* since the first reading */
		return 0;
	id_hex(stored->id, SDG_EVENT_ID_SIZE, id);
	if (!g->words)
		g->words = strndup(text.s, sdg_text_cut(text.s, text.len, 120));
	n = sdg_words_split(c->stemmer, text, c->words, WORDS_MAX);
	for (size_t i = 1; i <= n; i++) {
		uint64_t h = c->words[from].stem;

		if (i < n && !(c->words[i].before & SDG_BREAK_SENTENCE))
			continue;
		for (size_t k = from + 1; k < i; k++)
			h = sdg_words_join(h, c->words[k].stem);
		/* Greetings and names are no sentences. */
		if (i - from >= SHINGLE && c->keeping) {
			if (is_personal(g, h) && map_add(&mine, h))
				keep_sentence(c, group, id,
					      (struct sdg_str){
						  text.s + c->words[from].start,
						  c->words[i - 1].end -
						      c->words[from].start });
		} else if (i - from >= SHINGLE && map_add(&mine, h)) {
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
	int rc =
	    sdg_store_each_of(c->store, next_piece, note_sentences, c, err);

	if (rc < 0)
		return rc;
	count_personal(c);
	if (!list)
		return 0;
	c->keeping = true;
	c->at = 0;
	return sdg_store_each_of(c->store, next_piece, note_sentences, c, err);
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
	size_t in = 0;
	int status;

	for (size_t i = 0; i < c->group_count; i++)
		in += c->groups[i].messages;
	json_object_set_new(json, "messages",
			    json_integer((json_int_t)c->seen));
	json_object_set_new(
	    json, "messages_campaigns_once",
	    json_integer((json_int_t)(c->seen - in + c->group_count)));
	json_object_set_new(json, "own_words", grid_json_rows(own));
	if (c->group_count == 0)
		grid_note(groups, false, "No campaigns among %zu messages.",
			  c->seen);
	for (int i = 0; i < 2; i++)
		grid_note(i ? own : groups, true,
			  "%zu messages as sent; %zu of them in %zu campaigns; "
			  "%zu when each campaign counts once.",
			  c->seen, in, c->group_count,
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
	int rc;

	c->words = xcalloc(WORDS_MAX, sizeof(*c->words));
	rc = sdg_stemmer_new(&c->stemmer, &cli->err);
	if (rc == 0)
		rc = sdg_store_each(c->store, &cli->args.filter, 0, NULL,
				    note_piece, c, &cli->err);
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
	free(c->words);
	sdg_stemmer_free(c->stemmer);
}

static const struct cli_option OPTIONS[] = {
	CLI_COUNT("least", struct campaigns, least, 2, 1000000),
	CLI_FLAG("personal", struct campaigns, personal),
	{ 0 },
};

int cmd_campaigns(int argc, char *argv[])
{
	struct campaigns c = { .least = 3 };
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
