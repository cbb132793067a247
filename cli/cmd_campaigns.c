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

enum { OPT_LEAST = 256, OPT_PERSONAL };

static const struct option OPTIONS[] = {
	{ "least", required_argument, NULL, OPT_LEAST },
	{ "personal", no_argument, NULL, OPT_PERSONAL },
	{ 0 },
};

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
	uint16_t sketch[HASHES];
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
	uint64_t hash;
	char *text;
};

struct campaigns {
	size_t least;
	bool personal;
	struct sdg_store *store;
	struct sdg_stemmer *stemmer;
	struct sdg_word *words;
	struct piece *pieces;
	size_t count, cap, seen;
	struct map by_id; /* id → a: group + 1 */
	struct group *groups;
	size_t group_count;
	struct sentence *sentences;
	size_t sentence_count, sentence_cap;
};

static int take(void *arg, int id, const char *value)
{
	struct campaigns *c = arg;
	int64_t n;

	if (id == OPT_PERSONAL) {
		c->personal = true;
		return 0;
	}
	n = cli_number(value, 2, 1000000);
	if (n < 0) {
		warnx("--least wants a number from 2 on");
		return -1;
	}
	c->least = (size_t)n;
	return 0;
}

static void sketch(const struct sdg_word *words, size_t n, uint16_t out[HASHES])
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

static int note_piece(void *arg, const struct sdg_stored *stored)
{
	struct campaigns *c = arg;
	struct piece *piece;
	size_t n;

	c->seen++;
	n = sdg_words_split(c->stemmer, stored->fb.text, c->words, WORDS_MAX);
	if (n < WORDS_LEAST)
		return 0;
	if (c->count == c->cap) {
		size_t cap = c->cap ? c->cap * 2 : 1024;
		struct piece *grown = realloc(c->pieces, cap * sizeof(*grown));

		if (!grown)
			errx(EXIT_RETRY, "no memory");
		c->pieces = grown;
		c->cap = cap;
	}
	piece = &c->pieces[c->count];
	memcpy(piece->id, stored->id, sizeof(piece->id));
	piece->day = stored->day;
	piece->member = stored->member;
	piece->up = (uint32_t)c->count++;
	sketch(c->words, n, piece->sketch);
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

static bool alike(const struct piece *a, const struct piece *b)
{
	int same = 0;

	for (size_t k = 0; k < HASHES; k++)
		same += a->sketch[k] == b->sketch[k];
	return same >= ALIKE;
}

struct bucketed {
	uint64_t band;
	uint32_t piece;
};

static int by_band(const void *a, const void *b)
{
	const struct bucketed *x = a, *y = b;

	if (x->band != y->band)
		return x->band < y->band ? -1 : 1;
	return (x->piece > y->piece) - (x->piece < y->piece);
}

/* One band: those that agree in it are compared with the first that does
 * and with the one before, and joined to the older. */
static void join_band(struct campaigns *c, size_t band, struct bucketed *b)
{
	size_t first = 0;

	for (size_t i = 0; i < c->count; i++) {
		const uint16_t *s = c->pieces[i].sketch + band * ROWS;

		b[i].band = (uint64_t)s[0] << 32 | (uint64_t)s[1] << 16 | s[2];
		b[i].piece = (uint32_t)i;
	}
	qsort(b, c->count, sizeof(*b), by_band);
	for (size_t i = 1; i < c->count; i++) {
		uint32_t with[2];

		if (b[i].band != b[first].band) {
			first = i;
			continue;
		}
		with[0] = b[first].piece;
		with[1] = b[i - 1].piece;
		for (int k = 0; k < 2; k++) {
			uint32_t x = root_of(c, with[k]);
			uint32_t y = root_of(c, b[i].piece);

			if (x != y &&
			    alike(&c->pieces[with[k]], &c->pieces[b[i].piece]))
				c->pieces[x > y ? x : y].up = x < y ? x : y;
		}
	}
}

static uint64_t id_key(const uint8_t id[SDG_EVENT_ID_SIZE])
{
	uint64_t a, b;

	memcpy(&a, id, 8);
	memcpy(&b, id + 8, 8);
	return a * 0x9e3779b97f4a7c15u ^ b;
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
	struct bucketed *b = xcalloc(c->count, sizeof(*b));
	uint32_t *sizes = xcalloc(c->count, sizeof(*sizes));
	uint32_t *group_of = xcalloc(c->count, sizeof(*group_of));
	struct map people = { 0 };

	for (size_t band = 0; band < BANDS; band++)
		join_band(c, band, b);
	for (size_t i = 0; i < c->count; i++)
		sizes[root_of(c, (uint32_t)i)]++;
	for (size_t i = 0; i < c->count; i++)
		if (sizes[i] >= c->least)
			group_of[i] = (uint32_t)++c->group_count;
	c->groups = xcalloc(c->group_count, sizeof(*c->groups));
	for (size_t i = 0; i < c->count; i++) {
		uint32_t root = root_of(c, (uint32_t)i);
		struct group *g;

		if (sizes[root] < c->least)
			continue;
		g = &c->groups[group_of[root] - 1];
		g->root = root;
		count_group(c, g, c->pieces[i].member, c->pieces[i].day,
			    &people);
		map_at(&c->by_id, id_key(c->pieces[i].id))->a = group_of[root];
	}
	map_fini(&people);
	free(group_of);
	free(sizes);
	free(b);
}

static void keep_sentence(struct campaigns *c, size_t group, const char *id,
			  uint64_t hash, struct sdg_str text)
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
				.hash = hash,
				.text = strndup(text.s, text.len) };
	if (!s->text)
		errx(EXIT_RETRY, "no memory");
}

/* The sentences of one message of a group, each counted once. */
static int note_sentences(void *arg, const struct sdg_stored *stored)
{
	struct campaigns *c = arg;
	struct map_entry *entry = map_find(&c->by_id, id_key(stored->id));
	struct sdg_str text = stored->fb.text;
	char id[2 * SDG_EVENT_ID_SIZE + 1];
	struct map mine = { 0 };
	struct group *g;
	size_t n, from = 0;

	if (!entry)
		return 0;
	g = &c->groups[entry->a - 1];
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
		if (i - from >= SHINGLE && map_add(&mine, h)) {
			map_at(&g->sentences, h)->a++;
			keep_sentence(
			    c, (size_t)(g - c->groups), id, h,
			    (struct sdg_str){ text.s + c->words[from].start,
					      c->words[i - 1].end -
						  c->words[from].start });
		}
		from = i;
	}
	map_fini(&mine);
	return 0;
}

/* One's own: nobody else of the group wrote it. */
static bool is_personal(const struct campaigns *c, const struct sentence *s)
{
	const struct map_entry *e =
	    map_find(&c->groups[s->group].sentences, s->hash);

	return e && e->a == 1;
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

		if (!is_personal(c, s))
			continue;
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

static int answer(struct campaigns *c, struct cli_args *args)
{
	struct sdg_error err = { 0 };

	c->words = xcalloc(WORDS_MAX, sizeof(*c->words));
	if (sdg_stemmer_new(&c->stemmer, &err) < 0 ||
	    cli_use_themes(c->store, args, &err) < 0 ||
	    sdg_store_each(c->store, &args->filter, 0, NULL, note_piece, c,
			   &err) < 0)
		return cli_fail(&err);
	gather(c);
	if (c->group_count && sdg_store_each(c->store, &args->filter, 0, NULL,
					     note_sentences, c, &err) < 0)
		return cli_fail(&err);
	for (size_t i = 0; i < c->sentence_count; i++)
		c->groups[c->sentences[i].group].personal +=
		    is_personal(c, &c->sentences[i]);
	return emit(c, args);
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
	free(c->words);
	map_fini(&c->by_id);
	sdg_stemmer_free(c->stemmer);
	sdg_store_close(c->store);
}

int cmd_campaigns(int argc, char *argv[])
{
	struct campaigns c = { .least = 3 };
	const struct cli_spec spec = {
		.help = HELP,
		.formats = CLI_FORMATS_LIST,
		.filters = true,
		.options = OPTIONS,
		.option = take,
		.arg = &c,
	};
	struct sdg_error err = { 0 };
	struct sdg_home home;
	struct cli_args args;
	int status;

	status = cli_parse(argc, argv, &spec, &args);
	if (status >= 0)
		return status;
	if (cli_open(SDG_STORE_READ, &home, &c.store, &err) < 0)
		return cli_fail(&err);
	status = answer(&c, &args);
	fini(&c);
	return status;
}
