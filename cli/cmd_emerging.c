/*
 * emerging: words and pairs that rise, in each theme and in 'other'.
 *
 * Distinct people who used a term in a period, of all people heard in that
 * theme then, against the period before: Dunning's log-likelihood ratio,
 * held to a false discovery rate over all terms that were looked at. Two
 * walks: the first counts messages by term, in a table of fixed size whose
 * counts are never too small; the second goes person by person, so that the
 * last one seen with a term is all that must be remembered to count people,
 * and takes only terms that can have risen. Exact, and a year of a hundred
 * thousand messages fits in a small machine.
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
	uint64_t key; /* of theme and term */
	uint32_t theme;
	uint32_t now, before; /* people */
	uint32_t last;        /* who was last counted, as a run */
	uint32_t first;       /* the oldest piece that used it now */
};

/* A piece of either period. */
struct use {
	uint64_t person;
	uint32_t place; /* in the order of days */
	bool now;
	uint8_t id[SDG_EVENT_ID_SIZE];
};

/* Messages by term of the period looked at, several terms to a place: never
 * too few, so that no term is missed. */
#define MAYBE_BITS 25
#define MAYBE_MAX 255

/* A term that stands: what its words are, and where it was first used. */
struct shown {
	const struct term *term;
	uint64_t head, tail; /* keys of its words; tail 0: a word alone */
	double g2;
	char *text;
	char id[2 * SDG_EVENT_ID_SIZE + 1];
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
	uint8_t *maybe;
	struct use *uses;
	size_t use_count, use_cap;
	size_t at;        /* the use that is read again, + 1 */
	uint32_t run;     /* of uses of one person in one period */
	struct map index; /* key → a: candidate + 1 */
	struct term *terms;
	size_t count, cap;
	struct shown *shown;
	size_t shown_count;
	uint32_t heard[256][2]; /* people by theme; 0: now, 1: before */
	uint32_t heard_last[256];
	size_t tested;
};

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

static void keep_use(struct emerging *e, const struct sdg_stored *stored)
{
	struct use *use;

	if (e->use_count == e->use_cap) {
		size_t cap = e->use_cap ? e->use_cap * 2 : 1024;
		struct use *grown = realloc(e->uses, cap * sizeof(*grown));

		if (!grown)
			errx(EXIT_RETRY, "no memory");
		e->uses = grown;
		e->use_cap = cap;
	}
	use = &e->uses[e->use_count];
	*use = (struct use){ .person = person_of(stored),
			     .place = (uint32_t)e->use_count++,
			     .now = stored->day >= e->middle };
	memcpy(use->id, stored->id, sizeof(use->id));
}

static uint8_t *maybe_at(const struct emerging *e, uint64_t key)
{
	return &e->maybe[key >> (64 - MAYBE_BITS)];
}

static int count_messages(void *arg, const struct sdg_stored *stored)
{
	struct emerging *e = arg;
	const struct sdg_labels *labels = &stored->labels;
	size_t n;

	keep_use(e, stored);
	if (stored->day < e->middle)
		return 0;
	n = find_terms(e, stored->fb.text);
	for (int t = 0; t < labels->theme_count && t < SDG_THEMES_MAX; t++) {
		for (size_t i = 0; i < n; i++) {
			uint8_t *messages = maybe_at(
			    e, themed(e->found[i].key, labels->themes[t]));

			if (*messages < MAYBE_MAX)
				++*messages;
		}
	}
	return 0;
}

static int by_person(const void *a, const void *b)
{
	const struct use *x = a, *y = b;

	if (x->now != y->now)
		return x->now ? -1 : 1;
	if (x->person != y->person)
		return x->person < y->person ? -1 : 1;
	return (x->place > y->place) - (x->place < y->place);
}

static int by_place(const void *a, const void *b)
{
	const struct use *x = a, *y = b;

	return (x->place > y->place) - (x->place < y->place);
}

static const uint8_t *next_use(void *arg)
{
	struct emerging *e = arg;
	const struct use *use;

	if (e->at == e->use_count)
		return NULL;
	use = &e->uses[e->at++];
	if (e->at == 1 || use[-1].person != use->person ||
	    use[-1].now != use->now)
		e->run++;
	return use->id;
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

static void count_person(struct emerging *e, uint64_t key, uint32_t theme,
			 const struct use *use)
{
	struct term *term;

	/* People are never more than messages. */
	if (*maybe_at(e, key) < (e->least < MAYBE_MAX ? e->least : MAYBE_MAX))
		return;
	term = candidate(e, key);
	if (use->now && (term->now == 0 || use->place < term->first))
		term->first = use->place;
	if (term->last == e->run)
		return;
	term->last = e->run;
	term->theme = theme;
	if (use->now)
		term->now++;
	else
		term->before++;
}

static int count_people(void *arg, const struct sdg_stored *stored)
{
	struct emerging *e = arg;
	const struct sdg_labels *labels = &stored->labels;
	const struct use *use = &e->uses[e->at - 1];
	size_t n = find_terms(e, stored->fb.text);

	for (int t = 0; t < labels->theme_count && t < SDG_THEMES_MAX; t++) {
		uint32_t theme = labels->themes[t];

		if (e->heard_last[theme] != e->run)
			e->heard[theme][use->now ? 0 : 1]++;
		e->heard_last[theme] = e->run;
		for (size_t i = 0; i < n; i++)
			count_person(e, themed(e->found[i].key, theme), theme,
				     use);
	}
	return 0;
}

static double strength(const struct emerging *e, const struct term *t)
{
	return stats_g2(t->now, e->heard[t->theme][0], t->before,
			e->heard[t->theme][1]);
}

static int by_g2(const void *a, const void *b)
{
	const struct shown *x = a, *y = b;

	if (x->dropped != y->dropped)
		return x->dropped ? 1 : -1;
	if (x->g2 != y->g2)
		return x->g2 < y->g2 ? 1 : -1;
	return (x->term->key > y->term->key) - (x->term->key < y->term->key);
}

static int by_first(const void *a, const void *b)
{
	const struct shown *x = a, *y = b;

	return (x->term->first > y->term->first) -
	       (x->term->first < y->term->first);
}

/* A word nearly all of whose people used it in a pair gives way to that. */
static void prefer_pairs(struct emerging *e)
{
	struct map place = { 0 };

	for (size_t i = 0; i < e->shown_count; i++)
		map_at(&place, e->shown[i].term->key)->a = (uint32_t)i + 1;
	for (size_t i = 0; i < e->shown_count; i++) {
		const struct shown *pair = &e->shown[i];
		uint64_t parts[2] = { pair->head, pair->tail };

		for (int k = 0; k < 2 && pair->tail; k++) {
			struct map_entry *at = map_find(&place, parts[k]);
			struct shown *word = at ? &e->shown[at->a - 1] : NULL;

			if (word &&
			    pair->term->now >= PAIR_SHARE * word->term->now)
				word->dropped = true;
		}
	}
	map_fini(&place);
}

/* Which terms rise beyond chance. */
static void judge(struct emerging *e)
{
	double *p = xcalloc(e->count + 1, sizeof(*p)), bar;

	for (size_t i = 0; i < e->count; i++)
		if (e->terms[i].now >= e->least)
			p[e->tested++] =
			    stats_p_of_g2(strength(e, &e->terms[i]));
	bar = stats_fdr(p, e->tested, FALSE_DISCOVERIES);
	free(p);
	for (int fill = 0; fill < 2; fill++) {
		if (fill)
			e->shown =
			    xcalloc(e->shown_count + 1, sizeof(*e->shown));
		e->shown_count = 0;
		for (size_t i = 0; i < e->count; i++) {
			const struct term *t = &e->terms[i];
			double g2 = strength(e, t);

			if (t->now < e->least || g2 <= 0 ||
			    stats_p_of_g2(g2) > bar)
				continue;
			if (fill)
				e->shown[e->shown_count] =
				    (struct shown){ .term = t, .g2 = g2 };
			e->shown_count++;
		}
	}
}

/* The pieces in which the terms that stand were first used, once a term. */
static const uint8_t *next_shown(void *arg)
{
	struct emerging *e = arg;

	if (e->at == e->shown_count)
		return NULL;
	return e->uses[e->shown[e->at++].term->first].id;
}

static int read_words(void *arg, const struct sdg_stored *stored)
{
	struct emerging *e = arg;
	struct shown *s = &e->shown[e->at - 1];
	size_t n = find_terms(e, stored->fb.text);

	id_hex(stored->id, SDG_EVENT_ID_SIZE, s->id);
	for (size_t i = 0; i < n && !s->text; i++) {
		const struct found *f = &e->found[i];

		if (themed(f->key, s->term->theme) != s->term->key)
			continue;
		s->head = themed(f->head, s->term->theme);
		s->tail = f->tail ? themed(f->tail, s->term->theme) : 0;
		s->text =
		    strndup(stored->fb.text.s + f->start, f->end - f->start);
	}
	return 0;
}

/* Their words, from the text; the strongest first. */
static int name_shown(struct emerging *e, struct sdg_error *err)
{
	int rc;

	qsort(e->uses, e->use_count, sizeof(*e->uses), by_place);
	qsort(e->shown, e->shown_count, sizeof(*e->shown), by_first);
	e->at = 0;
	rc = sdg_store_each_of(e->store, next_shown, read_words, e, err);
	/* Erased while we read. */
	for (size_t i = 0; i < e->shown_count; i++)
		e->shown[i].dropped = !e->shown[i].text;
	prefer_pairs(e);
	qsort(e->shown, e->shown_count, sizeof(*e->shown), by_g2);
	return rc;
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
	for (size_t i = 0; i < e->shown_count && i < e->top; i++) {
		const struct shown *s = &e->shown[i];
		const struct term *t = s->term;
		const char *theme = sdg_store_theme_id(e->store, t->theme);
		struct cell *row;

		if (s->dropped)
			break;
		row = grid_row(grid);
		cell_text(&row[0], theme ? theme : "?", NULL);
		cell_str(&row[1], sdg_str(s->text));
		cell_count(&row[2], t->now);
		cell_count(&row[3], e->heard[t->theme][0]);
		cell_count(&row[4], t->before);
		cell_count(&row[5], e->heard[t->theme][1]);
		cell_number(&row[6], s->g2);
		cell_text(&row[7], s->id, id_brief(s->id, brief));
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

static int answer(struct emerging *e, struct cli *cli)
{
	struct cli_args *args = &cli->args;
	struct sdg_error *err = &cli->err;
	int rc;

	e->words = xcalloc(WORDS_MAX, sizeof(*e->words));
	e->found = xcalloc(TERMS_MAX, sizeof(*e->found));
	rc = sdg_stemmer_new(&e->stemmer, err);
	if (rc == 0)
		rc = set_periods(e, args, err);
	if (rc < 0)
		return rc;
	load_stop(e);
	e->maybe = xcalloc((size_t)1 << MAYBE_BITS, 1);
	rc = sdg_store_each(e->store, &args->filter, 0, NULL, count_messages, e,
			    err);
	if (rc < 0)
		return rc;
	qsort(e->uses, e->use_count, sizeof(*e->uses), by_person);
	rc = sdg_store_each_of(e->store, next_use, count_people, e, err);
	if (rc < 0)
		return rc;
	judge(e);
	rc = name_shown(e, err);
	return rc < 0 ? rc : emit(e, args);
}

static const struct cli_option OPTIONS[] = {
	CLI_COUNT("top", struct emerging, top, 1, 100000),
	CLI_COUNT("least", struct emerging, least, 1, 100000),
	{ 0 },
};

static void fini(struct emerging *e)
{
	for (size_t i = 0; i < e->shown_count; i++)
		free(e->shown[i].text);
	free(e->shown);
	free(e->terms);
	free(e->uses);
	free(e->maybe);
	free(e->words);
	free(e->found);
	map_fini(&e->stop);
	map_fini(&e->index);
	sdg_stemmer_free(e->stemmer);
}

int cmd_emerging(int argc, char *argv[])
{
	struct emerging *e = xcalloc(1, sizeof(*e));
	const struct cli_spec spec = {
		.help = HELP,
		.formats = CLI_FORMATS_LIST,
		.filters = true,
		.own = OPTIONS,
		.arg = e,
		.needs = CLI_NEEDS_STORE,
	};
	struct cli cli;
	int status;

	e->top = 30;
	e->least = 5;
	status = cli_begin(argc, argv, &spec, &cli);
	if (status < 0) {
		e->store = cli.store;
		status = answer(e, &cli);
		fini(e);
		status = cli_end(&cli, status);
	}
	free(e);
	return status;
}
