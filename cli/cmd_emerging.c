/*
 * emerging: words and pairs that rise, in each theme and in 'other'.
 *
 * Distinct people who used a term in a period, of all people heard in that
 * theme then, against the period before: Dunning's log-likelihood ratio,
 * held to a false discovery rate over all terms that were looked at. Two
 * walks: the first counts messages by term, the second people, for the few
 * terms that can have risen.
 */
#include "cli.h"

#include <err.h>
#include <stdlib.h>
#include <string.h>

#include "map.h"
#include "stats.h"
#include "words.h"

static const char HELP[] =
    "Examples:\n"
    "  soundings emerging                       the last 30 days with "
    "feedback\n"
    "  soundings emerging --since 2015-03 --until 2015-03\n"
    "  soundings emerging --theme other,funding --top 10\n"
    "  soundings emerging --format json\n"
    "\n"
    "Usage: soundings emerging [--since DATE --until DATE] [filters] "
    "[options]\n"
    "  --since --until   the period looked at; it is held against one as long\n"
    "                    directly before it\n"
    "  --top N           at most N terms (default 30)\n"
    "  --least N         used by at least N people (default 5)\n"
    "  --format F        table json csv md xlsx      --output FILE\n"
    "  filters           as for 'soundings report'\n"
    "\n"
    "A term is listed where more people used it than chance explains, at a\n"
    "false discovery rate of 5 % over all terms looked at.\n";

enum { OPT_TOP = 256, OPT_LEAST };

static const struct option OPTIONS[] = {
	{ "top", required_argument, NULL, OPT_TOP },
	{ "least", required_argument, NULL, OPT_LEAST },
	{ 0 },
};

/* Words that say nothing alone and begin or end no pair. */
static const char STOP[] =
    "a about above after again against all also always am an and any anyone "
    "are as at back be because been before being below best between both but "
    "by came can cannot could day days dear did do does doing done down "
    "during each else even ever every few first for from further get getting "
    "give given go going good got had has have having he her here him his how "
    "however i if in into is it its just keep kind know last least less let "
    "like little long made make many may me might mine more most much must my "
    "need never new next no nor not nothing now of off often on once one only "
    "or other others our out over own part per please put rather really "
    "regards said same say see seem seems she should since so some something "
    "still such take than thank thanks that the their them then there these "
    "they thing things think this those three through time to too two under "
    "until up upon us use used very want was way we week well were what when "
    "where whether which while who whom whose why will wish with within "
    "without work would year years yes yet you your";

#define WORDS_MAX 9000
#define TERMS_MAX ((size_t)2 * WORDS_MAX)
#define DEFAULT_DAYS 30
#define FALSE_DISCOVERIES 0.05
/* A pair that this share of a word's people used says it better. */
#define PAIR_SHARE 0.8

struct term {
	uint64_t key;        /* of theme and term */
	uint64_t head, tail; /* keys of its words; tail 0: a word alone */
	uint32_t theme;
	uint32_t now, before; /* people */
	char *text;
	char id[2 * SDG_EVENT_ID_SIZE + 1]; /* the first that used it */
	double g2, p;
	bool dropped;
};

/* One occurrence, as found in a message. */
struct found {
	uint64_t key, head, tail;
	uint32_t start, end;
};

struct emerging {
	size_t top, least;
	struct sdg_store *store;
	struct sdg_stemmer *stemmer;
	struct sdg_word *words;
	struct found *found;
	struct map stop;
	int32_t first, middle, past; /* before: first to middle */
	struct map messages;         /* key → a: now, b: before */
	struct map people;           /* of a theme, of a term: seen */
	struct map index;            /* key → a: candidate + 1 */
	struct term *terms;
	size_t count, cap;
	uint32_t heard[256][2]; /* people by theme; 0: now, 1: before */
	size_t tested;
};

static int take(void *arg, int id, const char *value)
{
	struct emerging *e = arg;
	int64_t n = cli_number(value, 1, 100000);

	if (n < 0) {
		warnx("--%s wants a number from 1 on",
		      id == OPT_TOP ? "top" : "least");
		return -1;
	}
	if (id == OPT_TOP)
		e->top = (size_t)n;
	else
		e->least = (size_t)n;
	return 0;
}

static void load_stop(struct emerging *e)
{
	size_t n =
	    sdg_words_split(e->stemmer, sdg_str(STOP), e->words, WORDS_MAX);

	for (size_t i = 0; i < n; i++)
		map_add(&e->stop, e->words[i].stem);
}

/* A word worth counting: no stop word, no number, three letters. */
static bool telling(const struct emerging *e, const char *text,
		    const struct sdg_word *w)
{
	return w->end - w->start >= 3 && !map_find(&e->stop, w->stem) &&
	       !(text[w->start] >= '0' && text[w->start] <= '9');
}

static int by_key(const void *a, const void *b)
{
	uint64_t x = ((const struct found *)a)->key;
	uint64_t y = ((const struct found *)b)->key;

	return (x > y) - (x < y);
}

/* The distinct words and pairs of one message, without a theme. */
static size_t find_terms(struct emerging *e, struct sdg_str text)
{
	size_t n = sdg_words_split(e->stemmer, text, e->words, WORDS_MAX);
	size_t found = 0, kept = 0;

	for (size_t i = 0; i < n; i++) {
		const struct sdg_word *w = &e->words[i];

		if (!telling(e, text.s, w))
			continue;
		e->found[found++] = (struct found){
			.key = w->stem,
			.head = w->stem,
			.start = w->start,
			.end = w->end,
		};
		if (i + 1 < n && !w[1].before && telling(e, text.s, &w[1]))
			e->found[found++] = (struct found){
				.key = sdg_words_join(w->stem, w[1].stem),
				.head = w->stem,
				.tail = w[1].stem,
				.start = w->start,
				.end = w[1].end,
			};
	}
	qsort(e->found, found, sizeof(*e->found), by_key);
	for (size_t i = 0; i < found; i++)
		if (i == 0 || e->found[i].key != e->found[kept - 1].key)
			e->found[kept++] = e->found[i];
	return kept;
}

static uint64_t themed(uint64_t key, uint32_t theme)
{
	return mix64(key + theme * 0x9e3779b97f4a7c15u);
}

/* Nobody's messages are each from somebody else. */
static uint64_t person_of(const struct sdg_stored *stored)
{
	uint64_t h;

	if (stored->member)
		return stored->member;
	memcpy(&h, stored->id + 4, sizeof(h));
	return h | UINT64_C(1) << 63;
}

static int count_messages(void *arg, const struct sdg_stored *stored)
{
	struct emerging *e = arg;
	const struct sdg_labels *labels = &stored->labels;
	bool now = stored->day >= e->middle;
	size_t n = find_terms(e, stored->fb.text);

	for (int t = 0; t < labels->theme_count && t < SDG_THEMES_MAX; t++) {
		uint32_t theme = labels->themes[t];
		uint64_t who =
		    mix64(person_of(stored) ^ mix64(theme * 2 + now + 1));

		if (map_add(&e->people, who))
			e->heard[theme][now ? 0 : 1]++;
		for (size_t i = 0; i < n; i++) {
			struct map_entry *entry = map_at(
			    &e->messages, themed(e->found[i].key, theme));

			if (now)
				entry->a++;
			else
				entry->b++;
		}
	}
	return 0;
}

static struct term *candidate(struct emerging *e, uint64_t key)
{
	struct map_entry *at = map_at(&e->index, key);

	if (at->a)
		return &e->terms[at->a - 1];
	if (e->count == e->cap) {
		size_t cap = e->cap ? e->cap * 2 : 256;
		struct term *grown = realloc(e->terms, cap * sizeof(*grown));

		if (!grown)
			errx(EXIT_RETRY, "no memory");
		e->terms = grown;
		e->cap = cap;
	}
	e->terms[e->count] = (struct term){ .key = key };
	at->a = (uint32_t)++e->count;
	return &e->terms[e->count - 1];
}

static void count_person(struct emerging *e, const struct sdg_stored *stored,
			 const struct found *f, uint32_t theme, bool now)
{
	uint64_t key = themed(f->key, theme);
	const struct map_entry *messages = map_find(&e->messages, key);
	struct term *term;

	/* People are never more than messages. */
	if (!messages || messages->a < e->least)
		return;
	if (!map_add(&e->people,
		     mix64(person_of(stored) ^ mix64(key * 2 + now))))
		return;
	term = candidate(e, key);
	term->theme = theme;
	term->head = themed(f->head, theme);
	term->tail = f->tail ? themed(f->tail, theme) : 0;
	if (now && !term->text) {
		term->text =
		    strndup(stored->fb.text.s + f->start, f->end - f->start);
		id_hex(stored->id, SDG_EVENT_ID_SIZE, term->id);
	}
	if (now)
		term->now++;
	else
		term->before++;
}

static int count_people(void *arg, const struct sdg_stored *stored)
{
	struct emerging *e = arg;
	const struct sdg_labels *labels = &stored->labels;
	size_t n = find_terms(e, stored->fb.text);

	for (int t = 0; t < labels->theme_count && t < SDG_THEMES_MAX; t++)
		for (size_t i = 0; i < n; i++)
			count_person(e, stored, &e->found[i], labels->themes[t],
				     stored->day >= e->middle);
	return 0;
}

static int by_g2(const void *a, const void *b)
{
	const struct term *x = a, *y = b;

	if (x->dropped != y->dropped)
		return x->dropped ? 1 : -1;
	if (x->g2 != y->g2)
		return x->g2 < y->g2 ? 1 : -1;
	return (x->key > y->key) - (x->key < y->key);
}

/* A word nearly all of whose people used it in a pair gives way to that. */
static void prefer_pairs(struct emerging *e)
{
	for (size_t i = 0; i < e->count; i++) {
		const struct term *pair = &e->terms[i];
		uint64_t parts[2] = { pair->head, pair->tail };

		for (int k = 0; k < 2 && pair->tail && !pair->dropped; k++) {
			struct map_entry *at = map_find(&e->index, parts[k]);
			struct term *word = at ? &e->terms[at->a - 1] : NULL;

			if (word && pair->now >= PAIR_SHARE * word->now)
				word->dropped = true;
		}
	}
}

/* Leaves those that stand first, the strongest first. */
static void judge(struct emerging *e)
{
	double *p = xcalloc(e->count, sizeof(*p)), bar;

	for (size_t i = 0; i < e->count; i++) {
		struct term *t = &e->terms[i];

		t->g2 = stats_g2(t->now, e->heard[t->theme][0], t->before,
				 e->heard[t->theme][1]);
		t->p = stats_p_of_g2(t->g2);
		if (t->now >= e->least)
			p[e->tested++] = t->p;
	}
	bar = stats_fdr(p, e->tested, FALSE_DISCOVERIES);
	for (size_t i = 0; i < e->count; i++) {
		struct term *t = &e->terms[i];

		t->dropped = t->now < e->least || t->g2 <= 0 || t->p > bar;
	}
	prefer_pairs(e);
	free(p);
	/* The index points by place: not used after this. */
	qsort(e->terms, e->count, sizeof(*e->terms), by_g2);
}

static struct grid *to_grid(const struct emerging *e)
{
	struct grid *grid = grid_new("emerging");
	char brief[ID_BRIEF_SIZE];

	grid_column(grid, "theme", "theme", false);
	grid_column(grid, "term", "words", false);
	grid_column(grid, "now", "now", true);
	grid_column(grid, "of_now", "of", true);
	grid_column(grid, "before", "before", true);
	grid_column(grid, "of_before", "of", true);
	grid_column(grid, "g2", "strength", true);
	grid_column(grid, "example", "example", false);
	for (size_t i = 0; i < e->count && i < e->top; i++) {
		const struct term *t = &e->terms[i];
		const char *theme = sdg_store_theme_id(e->store, t->theme);
		struct cell *row;

		if (t->dropped)
			break;
		row = grid_row(grid);
		cell_text(&row[0], theme ? theme : "?", NULL);
		cell_str(&row[1], sdg_str(t->text));
		cell_count(&row[2], t->now);
		cell_count(&row[3], e->heard[t->theme][0]);
		cell_count(&row[4], t->before);
		cell_count(&row[5], e->heard[t->theme][1]);
		cell_number(&row[6], t->g2);
		cell_text(&row[7], t->id, id_brief(t->id, brief));
	}
	return grid;
}

static int emit(const struct emerging *e, const struct cli_args *args)
{
	char first[DATE_SIZE], last[DATE_SIZE], from[DATE_SIZE];
	char to[DATE_SIZE];
	struct grid *grid = to_grid(e);
	json_t *json = cli_envelope("emerging");
	int status;

	date_format(e->middle, first);
	date_format(e->past - 1, last);
	date_format(e->first, from);
	date_format(e->middle - 1, to);
	json_object_set_new(json, "since", json_string(first));
	json_object_set_new(json, "until", json_string(last));
	json_object_set_new(json, "before_since", json_string(from));
	json_object_set_new(json, "before_until", json_string(to));
	json_object_set_new(json, "tested",
			    json_integer((json_int_t)e->tested));
	grid_note(grid, false, "Rising from %s to %s, against %s to %s.", first,
		  last, from, to);
	if (grid->row_count == 0)
		grid_note(grid, false, "Nothing rises beyond chance.");
	grid_note(grid, true,
		  "People who used the words, of the people heard in that "
		  "theme; %zu terms were looked at, false discovery rate 5 %%. "
		  "Exact internal figures.",
		  e->tested);
	status = cli_emit(args, json, grid, NULL);
	grid_free(grid);
	return status;
}

/* The period asked for, or the last days with feedback; and as long a one
 * before it. */
static int set_periods(struct emerging *e, struct cli_args *args,
		       struct sdg_error *err)
{
	struct sdg_query query = { .dims = { SDG_DIM_REGION }, .dim_count = 1 };
	struct sdg_result result = { 0 };
	int rc;

	query.filter = args->filter;
	rc = sdg_store_report(e->store, &query, &result, err);
	if (rc < 0)
		return rc;
	e->past =
	    args->has_until ? args->filter.until_day : result.last_day + 1;
	e->middle =
	    args->has_since ? args->filter.since_day : e->past - DEFAULT_DAYS;
	sdg_result_fini(&result);
	if (e->middle >= e->past)
		return sdg_fail(err, SDG_EINVAL, "nothing was said since then");
	e->first = e->middle - (e->past - e->middle);
	args->filter.since_day = e->first > 1 ? e->first : 1;
	args->filter.until_day = e->past;
	return 0;
}

static int answer(struct emerging *e, struct cli_args *args)
{
	struct sdg_error err = { 0 };

	e->words = xcalloc(WORDS_MAX, sizeof(*e->words));
	e->found = xcalloc(TERMS_MAX, sizeof(*e->found));
	if (sdg_stemmer_new(&e->stemmer, &err) < 0 ||
	    cli_use_themes(e->store, args, &err) < 0 ||
	    set_periods(e, args, &err) < 0)
		return cli_fail(&err);
	load_stop(e);
	if (sdg_store_each(e->store, &args->filter, 0, NULL, count_messages, e,
			   &err) < 0 ||
	    sdg_store_each(e->store, &args->filter, 0, NULL, count_people, e,
			   &err) < 0)
		return cli_fail(&err);
	judge(e);
	return emit(e, args);
}

int cmd_emerging(int argc, char *argv[])
{
	struct emerging *e = xcalloc(1, sizeof(*e));
	const struct cli_spec spec = {
		.help = HELP,
		.formats = CLI_FORMATS_LIST,
		.filters = true,
		.options = OPTIONS,
		.option = take,
		.arg = e,
	};
	struct sdg_error err = { 0 };
	struct sdg_home home;
	struct cli_args args;
	int status;

	e->top = 30;
	e->least = 5;
	status = cli_parse(argc, argv, &spec, &args);
	if (status < 0) {
		if (cli_open(SDG_STORE_READ, &home, &e->store, &err) < 0)
			status = cli_fail(&err);
		else
			status = answer(e, &args);
	}
	for (size_t i = 0; i < e->count; i++)
		free(e->terms[i].text);
	free(e->terms);
	free(e->words);
	free(e->found);
	map_fini(&e->stop);
	map_fini(&e->messages);
	map_fini(&e->people);
	map_fini(&e->index);
	sdg_stemmer_free(e->stemmer);
	sdg_store_close(e->store);
	free(e);
	return status;
}
