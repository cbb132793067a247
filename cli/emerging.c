/*
 * emerging: words and pairs that rise, in each theme and in 'other'.
 *
 * Distinct people who used a term in a period, of all people heard in that
 * theme then, against the period before: Dunning's log-likelihood ratio,
 * held to a false discovery rate over all terms that were looked at. All who
 * sent a campaign's letter are one voice. Two walks: the first counts messages
 * by term, in a table of fixed size whose counts are never too small, and
 * finds campaigns; the second goes person by person, so that the last one
 * seen with a term is all that must be remembered to count people, and takes
 * only terms that can have risen. Exact, and a year of a hundred thousand
 * messages fits in a small machine.
 */
#include "emerging.h"

#include <err.h>
#include <stdlib.h>
#include <string.h>

#include "stats.h"

/* A pair that this share of a word's people used says it better. */
#define PAIR_SHARE 0.8

/* A piece of either period. */
struct use {
	uint64_t person;
	uint32_t place; /* in the order of days */
	uint32_t run;   /* of one person in one period, in their order */
	bool now, drawn;
	uint8_t id[SDG_EVENT_ID_SIZE];
};

/* Messages by term of the period looked at, several terms to a place: never
 * too few, so that no term is missed. */
#define MAYBE_BITS 25
/* Hands that meet here may pass it, each by one. */
#define MAYBE_MAX (255 - SDG_HANDS_MAX)

/* What a hand makes of a piece. */
struct looked {
	struct sketch sketch; /* the first time */
	bool drawn;
	size_t count; /* the second: of its terms, with their themes */
	struct {
		uint64_t key;
		uint32_t theme;
	} terms[];
};

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

static void *grown(void *list, size_t count, size_t *cap, size_t size)
{
	if (count < *cap)
		return list;
	*cap = *cap ? *cap * 2 : 1024;
	list = realloc(list, *cap * size);
	if (!list)
		errx(EXIT_RETRY, "no memory");
	return list;
}

static _Atomic uint8_t *maybe_at(const struct emerging *e, uint64_t key)
{
	return &e->maybe[key >> (64 - MAYBE_BITS)];
}

static struct term_finder *finder_of(struct emerging *e,
				     const struct sdg_hand *hand)
{
	return e->finders[sdg_hand_number(hand)];
}

static int no_room(struct sdg_error *err)
{
	return sdg_fail(err, SDG_ENOMEM, "look at the words: no memory");
}

/* First time, any hand: messages by term of the period looked at, and a
 * sketch by which campaigns are known. */
static int look_first(void *arg, struct sdg_hand *hand,
		      const struct sdg_stored *stored, void **out,
		      struct sdg_error *err)
{
	struct emerging *e = arg;
	const struct sdg_labels *labels = &stored->labels;
	struct looked *looked = sdg_hand_room(hand, sizeof(*looked));
	const struct term_found *found;
	const struct sdg_word *words;
	size_t n, word_count;

	if (!looked)
		return no_room(err);
	found = terms_find(finder_of(e, hand), stored->fb.text, &n);
	words = terms_words(finder_of(e, hand), &word_count);
	looked->drawn =
	    !e->as_sent && alike_draw(words, word_count, &looked->sketch);
	*out = looked;
	if (stored->day < e->middle)
		return 0;
	for (int t = 0; t < labels->theme_count && t < SDG_THEMES_MAX; t++)
		for (size_t i = 0; i < n; i++) {
			_Atomic uint8_t *messages = maybe_at(
			    e, themed(found[i].key, labels->themes[t]));

			if (*messages < MAYBE_MAX)
				++*messages;
		}
	return 0;
}

static int keep_use(void *arg, const struct sdg_stored *stored, size_t which,
		    void *out)
{
	struct emerging *e = arg;
	const struct looked *looked = out;
	struct use *use;

	(void)which;
	e->uses = grown(e->uses, e->use_count, &e->use_cap, sizeof(*e->uses));
	use = &e->uses[e->use_count];
	*use = (struct use){ .person = person_of(stored),
			     .place = (uint32_t)e->use_count++,
			     .now = stored->day >= e->middle,
			     .drawn = looked->drawn };
	memcpy(use->id, stored->id, sizeof(use->id));
	if (!looked->drawn)
		return 0;
	e->sketches = grown(e->sketches, e->sketch_count, &e->sketch_cap,
			    sizeof(*e->sketches));
	e->sketches[e->sketch_count++] = looked->sketch;
	return 0;
}

/* All who sent a campaign's letter are one voice: the words are those of
 * whoever wrote it. */
static void join_campaigns(struct emerging *e)
{
	uint32_t *group = xcalloc(e->sketch_count + 1, sizeof(*group));
	size_t k = 0;

	e->campaigns = alike_groups(e->sketches, e->sketch_count,
				    ALIKE_GROUP_LEAST, group);
	for (size_t i = 0; i < e->use_count; i++) {
		uint32_t in = e->uses[i].drawn ? group[k++] : 0;

		if (in == 0)
			continue;
		e->uses[i].person = in | UINT64_C(1) << 62;
		e->in_campaigns++;
	}
	free(group);
	free(e->sketches);
	e->sketches = NULL;
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

/* Person by person, so that the last one seen with a term is all that must
 * be remembered to count people. */
static void sort_uses(struct emerging *e)
{
	uint32_t run = 0;

	if (e->use_count)
		qsort(e->uses, e->use_count, sizeof(*e->uses), by_person);
	for (size_t i = 0; i < e->use_count; i++) {
		struct use *use = &e->uses[i];

		if (i == 0 || use[-1].person != use->person ||
		    use[-1].now != use->now)
			run++;
		use->run = run;
	}
}

static const uint8_t *next_use(void *arg)
{
	struct emerging *e = arg;

	return e->at == e->use_count ? NULL : e->uses[e->at++].id;
}

static struct term *candidate(struct emerging *e, uint64_t key)
{
	struct map_entry *at = map_at(&e->index, key);

	if (at->a)
		return &e->terms[at->a - 1];
	e->terms = grown(e->terms, e->count, &e->cap, sizeof(*e->terms));
	e->terms[e->count] = (struct term){ .key = key };
	at->a = (uint32_t)++e->count;
	return &e->terms[e->count - 1];
}

/* People are never more than messages. */
static bool may_stand(const struct emerging *e, uint64_t key)
{
	return *maybe_at(e, key) >=
	       (e->least < MAYBE_MAX ? e->least : MAYBE_MAX);
}

/* Second time, any hand: the terms that may stand. */
static int look_again(void *arg, struct sdg_hand *hand,
		      const struct sdg_stored *stored, void **out,
		      struct sdg_error *err)
{
	struct emerging *e = arg;
	const struct sdg_labels *labels = &stored->labels;
	const struct term_found *found;
	struct looked *looked;
	size_t n;

	found = terms_find(finder_of(e, hand), stored->fb.text, &n);
	looked =
	    sdg_hand_room(hand, sizeof(*looked) + n * labels->theme_count *
						      sizeof(*looked->terms));
	if (!looked)
		return no_room(err);
	looked->count = 0;
	for (int t = 0; t < labels->theme_count && t < SDG_THEMES_MAX; t++)
		for (size_t i = 0; i < n; i++) {
			uint64_t key = themed(found[i].key, labels->themes[t]);

			if (!may_stand(e, key))
				continue;
			looked->terms[looked->count].key = key;
			looked->terms[looked->count++].theme =
			    labels->themes[t];
		}
	*out = looked;
	return 0;
}

static void count_person(struct emerging *e, uint64_t key, uint32_t theme,
			 const struct use *use)
{
	struct term *term = candidate(e, key);

	if (use->now && (term->now == 0 || use->place < term->first))
		term->first = use->place;
	if (term->last == use->run)
		return;
	term->last = use->run;
	term->theme = theme;
	if (use->now)
		term->now++;
	else
		term->before++;
}

static int count_people(void *arg, const struct sdg_stored *stored,
			size_t which, void *out)
{
	struct emerging *e = arg;
	const struct sdg_labels *labels = &stored->labels;
	const struct use *use = &e->uses[which];
	const struct looked *looked = out;

	for (int t = 0; t < labels->theme_count && t < SDG_THEMES_MAX; t++) {
		uint32_t theme = labels->themes[t];

		if (e->heard_last[theme] != use->run)
			e->heard[theme][use->now ? 0 : 1]++;
		e->heard_last[theme] = use->run;
	}
	for (size_t i = 0; i < looked->count; i++)
		count_person(e, looked->terms[i].key, looked->terms[i].theme,
			     use);
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

static bool may_rise(const struct emerging *e, const struct term *t)
{
	return t->now >= e->least && emerging_has_before(e, t->theme);
}

/* Which terms rise beyond chance. */
static void judge(struct emerging *e)
{
	double *p = xcalloc(e->count + 1, sizeof(*p)), bar;

	for (size_t i = 0; i < e->count; i++)
		if (may_rise(e, &e->terms[i]))
			p[e->tested++] =
			    stats_p_of_g2(strength(e, &e->terms[i]));
	bar = stats_fdr(p, e->tested, EMERGING_FALSE_DISCOVERIES);
	free(p);
	for (int fill = 0; fill < 2; fill++) {
		if (fill)
			e->shown =
			    xcalloc(e->shown_count + 1, sizeof(*e->shown));
		e->shown_count = 0;
		for (size_t i = 0; i < e->count; i++) {
			const struct term *t = &e->terms[i];
			double g2 = strength(e, t);

			if (!may_rise(e, t) || g2 <= 0 ||
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

static int read_words(void *arg, const struct sdg_stored *stored, size_t which,
		      void *out)
{
	struct emerging *e = arg;
	struct shown *s = &e->shown[which];
	const struct term_found *found;
	size_t n;

	(void)out;
	found = terms_find(e->finders[0], stored->fb.text, &n);
	id_hex(stored->id, SDG_EVENT_ID_SIZE, s->id);
	for (size_t i = 0; i < n && !s->text; i++) {
		const struct term_found *f = &found[i];

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
	const struct sdg_visit to = { .then = read_words, .arg = e };
	int rc;

	if (e->shown_count == 0)
		return 0;
	qsort(e->uses, e->use_count, sizeof(*e->uses), by_place);
	qsort(e->shown, e->shown_count, sizeof(*e->shown), by_first);
	e->at = 0;
	rc = sdg_store_visit_named(e->store, next_shown, &to, err);
	/* Erased while we read. */
	for (size_t i = 0; i < e->shown_count; i++)
		e->shown[i].dropped = !e->shown[i].text;
	prefer_pairs(e);
	qsort(e->shown, e->shown_count, sizeof(*e->shown), by_g2);
	return rc;
}

int emerging_find(struct emerging *e, const struct sdg_filter *filter,
		  struct sdg_error *err)
{
	const struct sdg_visit first = { .look = look_first,
					 .then = keep_use,
					 .arg = e };
	const struct sdg_visit again = { .look = look_again,
					 .then = count_people,
					 .arg = e };
	int rc = 0;

	rc = sdg_store_theme_spans(e->store, e->spans, err);
	for (unsigned i = 0; rc == 0 && i < SDG_HANDS_MAX; i++)
		rc = terms_open(&e->finders[i], err);
	if (rc < 0)
		return rc;
	e->maybe = xcalloc((size_t)1 << MAYBE_BITS, 1);
	rc = sdg_store_visit(e->store, filter, 0, NULL, &first, err);
	if (rc < 0)
		return rc;
	join_campaigns(e);
	sort_uses(e);
	rc = sdg_store_visit_named(e->store, next_use, &again, err);
	if (rc < 0)
		return rc;
	judge(e);
	return name_shown(e, err);
}

void emerging_fini(struct emerging *e)
{
	for (size_t i = 0; i < e->shown_count; i++)
		free(e->shown[i].text);
	free(e->shown);
	free(e->terms);
	free(e->uses);
	free(e->maybe);
	free(e->sketches);
	map_fini(&e->index);
	for (unsigned i = 0; i < SDG_HANDS_MAX; i++)
		terms_close(e->finders[i]);
}
