/*
 * quotes: passages that show what a figure stands for.
 */
#include "quotes.h"

#include <err.h>
#include <stdlib.h>
#include <string.h>

#include "journal.h"
#include "redact.h"

#define SENTENCES_MAX 400
/* A passage shorter says too little, longer too much. */
#define LEAST_BYTES 40
#define MOST_BYTES 420

/* A message that bears the theme, and how sure that is. */
struct surest {
	float score;
	size_t which; /* in the order of days */
	uint8_t id[SDG_EVENT_ID_SIZE];
};

struct search {
	struct sdg_classifier *classifier;
	int theme; /* in the classifier's frame; -1: it has none of that id */
	const char *theme_id;
	size_t limit;
	struct quote_list *list;
	struct sdg_explanation *why;
	struct sentence_span *spans;
	uint32_t stored_theme; /* its number in the store */
	struct surest *surest;
	size_t count, at, seen;
};

/* Concrete facts first: figures, money, shares. */
static double facts_in(const char *s, size_t len)
{
	double facts = 0;

	for (size_t i = 0; i < len; i++) {
		if (s[i] >= '0' && s[i] <= '9' &&
		    (i == 0 || s[i - 1] < '0' || s[i - 1] > '9'))
			facts += 0.5;
		if (s[i] == '%' || s[i] == '\xa3')
			facts += 0.5;
	}
	return facts > 1.5 ? 1.5 : facts;
}

static double evidence_in(const struct search *s,
			  const struct sentence_span *span)
{
	double sum = 0;

	for (size_t i = 0; i < s->why->count; i++) {
		const struct sdg_reason *r = &s->why->reasons[i];

		if (r->label == SDG_LABEL_THEME && r->theme == s->theme &&
		    r->field == SDG_FIELD_TEXT && r->start >= span->start &&
		    r->end <= span->end && r->weight > 0)
			sum += (double)r->weight;
	}
	return sum;
}

/* The best sentence of a message; its number, or -1. */
static int best_of(const struct search *s, struct sdg_str text, double *score)
{
	size_t n = sentences_of(text, s->spans, SENTENCES_MAX);
	int best = -1;

	*score = 0;
	for (size_t i = 0; i < n; i++) {
		size_t len = s->spans[i].end - s->spans[i].start;
		double evidence = evidence_in(s, &s->spans[i]);

		if (len < LEAST_BYTES || len > MOST_BYTES || evidence <= 0)
			continue;
		evidence += facts_in(text.s + s->spans[i].start, len);
		if (evidence > *score) {
			*score = evidence;
			best = (int)i;
		}
	}
	return best;
}

static void fill(struct quote *q, const struct sdg_stored *stored,
		 const struct sentence_span *span, size_t number)
{
	struct sdg_str words = { stored->fb.text.s + span->start,
				 span->end - span->start };
	char id[2 * SDG_EVENT_ID_SIZE + 1];

	id_hex(stored->id, SDG_EVENT_ID_SIZE, id);
	snprintf(q->id, sizeof(q->id), "%s-%zu", id, number + 1);
	q->redacted = redact(words);
	q->exact = strndup(words.s, words.len);
	if (!q->redacted || !q->exact)
		errx(EXIT_RETRY, "no memory");
	q->day = stored->day;
	q->member = stored->member;
	q->region = stored->labels.region;
	q->labels = stored->labels;
	q->source = stored->fb.source;
	q->consultation = stored->consultation;
	q->counted = stored->outcome == SDG_OUTCOME_COUNTED;
	q->consent = stored->fb.may_quote;
	q->paraphrase =
	    stored->fb.source == SDG_SOURCE_REP && !stored->fb.note.own;
}

/* Is @n in @set? An empty one takes all. */
static bool has(uint32_t set, unsigned n)
{
	return set == 0 || set >> n & 1;
}

static bool has_theme(const struct sdg_filter *f, const struct sdg_labels *l)
{
	bool has = !(f->themes[0] | f->themes[1] | f->themes[2] | f->themes[3]);

	for (int i = 0; i < l->theme_count && i < SDG_THEMES_MAX; i++)
		has |= f->themes[l->themes[i] / 64] >> l->themes[i] % 64 & 1;
	return has;
}

bool quote_takes(const struct quote *quote, const struct sdg_filter *filter,
		 uint16_t consultation)
{
	const struct sdg_labels *l = &quote->labels;

	return quote->counted && has(filter->regions, l->region) &&
	       has(filter->sources, quote->source) &&
	       has(filter->stances, l->stance) && has(filter->roles, l->role) &&
	       (!filter->phases || filter->phases & l->phases) &&
	       (!filter->until_day || (quote->day >= filter->since_day &&
				       quote->day < filter->until_day)) &&
	       (!consultation || quote->consultation == consultation) &&
	       has_theme(filter, l);
}

void quote_fini(struct quote *quote)
{
	free(quote->redacted);
	free(quote->exact);
	free(quote->theme);
	*quote = (struct quote){ 0 };
}

void quotes_fini(struct quote_list *list)
{
	for (size_t i = 0; i < list->count; i++)
		quote_fini(&list->quotes[i]);
	free(list->quotes);
	*list = (struct quote_list){ 0 };
}

/* Where a quote of @score from @member belongs; -1: nowhere. What stands
 * there from the same person goes. */
static int place_for(struct quote_list *list, size_t limit, double score,
		     uint32_t member)
{
	size_t at = 0;

	for (size_t i = 0; i < list->count && member; i++)
		if (list->quotes[i].member == member) {
			if (list->quotes[i].score >= score)
				return -1;
			quote_fini(&list->quotes[i]);
			list->count--;
			memmove(&list->quotes[i], &list->quotes[i + 1],
				(list->count - i) * sizeof(*list->quotes));
			break;
		}
	while (at < list->count && list->quotes[at].score >= score)
		at++;
	if (at == limit)
		return -1;
	if (list->count == limit)
		quote_fini(&list->quotes[--list->count]);
	memmove(&list->quotes[at + 1], &list->quotes[at],
		(list->count - at) * sizeof(*list->quotes));
	list->count++;
	return (int)at;
}

static int consider(void *arg, const struct sdg_stored *stored, size_t which,
		    void *out)
{
	struct search *s = arg;
	struct sdg_labels labels;
	double score;
	int best, at;

	(void)which;
	(void)out;
	if (stored->erased || stored->fb.text.len < LEAST_BYTES)
		return 0;
	*s->why = (struct sdg_explanation){ 0 };
	sdg_classify(s->classifier, &stored->fb, NULL, &labels, s->why);
	best = best_of(s, stored->fb.text, &score);
	if (best < 0)
		return 0;
	at = place_for(s->list, s->limit, score, stored->member);
	if (at < 0)
		return 0;
	s->list->quotes[at] = (struct quote){ .score = score };
	fill(&s->list->quotes[at], stored, &s->spans[best], (size_t)best);
	s->list->quotes[at].theme = xstrdup(s->theme_id);
	return 0;
}

/* ------------------------------------------------- which to look into */

/* What is read word by word, at most: to explain a message takes as long as
 * to classify it. */
#define READ_MAX 4096

static int by_score(const void *a, const void *b)
{
	const struct surest *x = a, *y = b;

	if (x->score != y->score)
		return x->score < y->score ? 1 : -1;
	return (x->which > y->which) - (x->which < y->which);
}

static int by_which(const void *a, const void *b)
{
	const struct surest *x = a, *y = b;

	return (x->which > y->which) - (x->which < y->which);
}

static void keep_surest(struct search *s)
{
	qsort(s->surest, s->count, sizeof(*s->surest), by_score);
	if (s->count > READ_MAX)
		s->count = READ_MAX;
}

/* From its header alone: how sure is the label? */
static int weigh(void *arg, const struct sdg_stored *stored, size_t which,
		 void *out)
{
	const struct sdg_labels *labels = &stored->labels;
	struct search *s = arg;
	struct surest *one;

	(void)out;
	if (stored->erased)
		return 0;
	s->seen++;
	if (s->count == (size_t)2 * READ_MAX)
		keep_surest(s);
	one = &s->surest[s->count++];
	*one = (struct surest){ .which = which };
	memcpy(one->id, stored->id, sizeof(one->id));
	for (int i = 0; i < labels->theme_count && i < SDG_THEMES_MAX; i++)
		if (labels->themes[i] == s->stored_theme)
			one->score = labels->scores[i];
	return 0;
}

static const uint8_t *next_surest(void *arg)
{
	struct search *s = arg;

	return s->at == s->count ? NULL : s->surest[s->at++].id;
}

/* Those whose label is surest, in the order of their days: all of them where
 * they are few. */
static int read_surest(struct search *s, struct sdg_store *store,
		       const struct sdg_filter *filter, struct sdg_error *err)
{
	const struct sdg_visit weighing = { .then = weigh,
					    .arg = s,
					    .unopened = true };
	const struct sdg_visit reading = { .then = consider, .arg = s };
	int rc;

	for (uint32_t t = 1; t <= sdg_store_theme_count(store); t++) {
		const char *id = sdg_store_theme_id(store, t);

		if (id && strcmp(id, s->theme_id) == 0)
			s->stored_theme = t;
	}
	s->surest = xcalloc((size_t)2 * READ_MAX, sizeof(*s->surest));
	rc = sdg_store_visit(store, filter, 0, NULL, &weighing, err);
	if (rc < 0)
		return rc;
	keep_surest(s);
	qsort(s->surest, s->count, sizeof(*s->surest), by_which);
	return sdg_store_visit_named(store, next_surest, &reading, err);
}

static int theme_index(const struct sdg_classifier *classifier, const char *id)
{
	for (size_t i = 0; i < sdg_classifier_theme_count(classifier); i++)
		if (strcmp(sdg_classifier_theme_id(classifier, i), id) == 0)
			return (int)i;
	return -1;
}

int quotes_find(struct sdg_store *store, const struct sdg_filter *filter,
		const char *theme, size_t limit, struct quote_list *out,
		struct sdg_error *err)
{
	struct sdg_classifier_options options = { 0 };
	struct search s = { .theme_id = theme, .limit = limit, .list = out };
	int rc;

	*out = (struct quote_list){ 0 };
	rc = sdg_classifier_open(&options, &s.classifier, err);
	if (rc < 0)
		return rc;
	s.theme = theme_index(s.classifier, theme);
	if (s.theme < 0) {
		rc = sdg_fail(err, SDG_ENOTFOUND,
			      "no theme '%.60s' in the frame", theme);
		goto out;
	}
	s.why = xcalloc(1, sizeof(*s.why));
	s.spans = xcalloc(SENTENCES_MAX, sizeof(*s.spans));
	out->quotes = xcalloc(limit + 1, sizeof(*out->quotes));
	rc = read_surest(&s, store, filter, err);
	out->seen = s.seen;
	out->read = s.count;
	if (rc < 0)
		quotes_fini(out);
out:
	free(s.surest);
	free(s.why);
	free(s.spans);
	sdg_classifier_close(s.classifier);
	return rc;
}

struct getting {
	struct quote *quote;
	size_t number; /* from 0 */
	bool found;
};

static int get_sentence(void *arg, const struct sdg_stored *stored)
{
	struct getting *g = arg;
	struct sentence_span *spans = xcalloc(SENTENCES_MAX, sizeof(*spans));
	size_t n = sentences_of(stored->fb.text, spans, SENTENCES_MAX);

	if (!stored->erased && g->number < n) {
		fill(g->quote, stored, &spans[g->number], g->number);
		g->found = true;
	}
	free(spans);
	return 0;
}

int quotes_get(struct sdg_store *store, const char *id, struct quote *out,
	       struct sdg_error *err)
{
	const char *dash = strchr(id, '-');
	struct getting g = { .quote = out };
	char prefix[QUOTE_ID_SIZE];
	int64_t number = dash ? cli_number(dash + 1, 1, SENTENCES_MAX) : -1;
	int rc;

	*out = (struct quote){ 0 };
	if (number < 0 || (size_t)(dash - id) >= sizeof(prefix))
		return sdg_fail(err, SDG_EINVAL,
				"a quote's id is a message's id, a hyphen and "
				"a number");
	memcpy(prefix, id, (size_t)(dash - id));
	prefix[dash - id] = '\0';
	g.number = (size_t)number - 1;
	rc = sdg_store_find(store, prefix, get_sentence, &g, err);
	if (rc == 0 && !g.found)
		rc = sdg_fail(err, SDG_ENOTFOUND,
			      "no such quote '%.47s': the message has no such "
			      "sentence, or its words are erased",
			      id);
	return rc;
}

int quotes_approved(const struct sdg_home *home, json_t **out,
		    struct sdg_error *err)
{
	json_t *lines = NULL, *approved = json_object(), *line;
	size_t i;
	int rc;

	rc = journal_read(home, QUOTES_JOURNAL, &lines, err);
	if (rc < 0) {
		json_decref(approved);
		return rc;
	}
	json_array_foreach(lines, i, line)
	{
		const char *id =
		    json_string_value(json_object_get(line, "quote"));
		const char *state =
		    json_string_value(json_object_get(line, "state"));

		if (!id || !state)
			continue;
		if (strcmp(state, "approved") == 0)
			json_object_set(approved, id,
					json_object_get(line, "theme"));
		else if (strcmp(state, "withdrawn") == 0)
			json_object_del(approved, id);
	}
	json_decref(lines);
	*out = approved;
	return 0;
}
