/*
 * train_rationales: what single sentences show.
 *
 * A message is about its theme, and for or against, by one or two of its
 * sentences; the others tell a scene, say who writes, or lead up to it. Where
 * somebody marked the stretches by which they knew a label (annotator
 * rationales: Zaidan, Eisner and Piatko 2007), a sentence that holds one is an
 * example of it, and every other of that text is one of the opposite: which
 * words are the point, and which only stand beside it, no label of a whole
 * message says. Where nobody marked any tones, a sentence is taken for what its
 * text is.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "train_internal.h"

#define PRAISES (1u << SDG_TONE_PRAISE)
#define BLAMES (1u << SDG_TONE_BLAME)

/* Does @mark stand, by half of it or of them, in bytes @start to @end of
 * @text? */
static bool stands_in(struct sdg_str mark, struct sdg_str text, size_t start,
		      size_t end)
{
	const char *at =
	    mark.len ? memmem(text.s, text.len, mark.s, mark.len) : NULL;
	size_t least = mark.len < end - start ? mark.len : end - start;
	size_t from, to;

	if (!at)
		return false;
	from = (size_t)(at - text.s);
	to = from + mark.len;
	from = from > start ? from : start;
	to = to < end ? to : end;
	return from < to && 2 * (to - from) >= least;
}

struct shown rationales_find(const struct set *set,
			     const struct sdg_corpus *piece,
			     const struct sdg_feature *list, size_t n)
{
	size_t start = SIZE_MAX, end = 0;
	struct shown shown = { 0 };

	for (size_t i = 0; i < n; i++) {
		const struct sdg_word *word = &set->words[list[i].first];

		start = word->start < start ? word->start : start;
		end = word->end > end ? word->end : end;
	}
	for (size_t k = 0; k < piece->mark_count; k++) {
		const struct sdg_rationale *mark = &piece->marks[k];
		char id[64];
		int theme;

		if (!stands_in(mark->words, piece->fb.text, start, end))
			continue;
		if (mark->theme.len == 0)
			shown.tones |= (uint8_t)(1u << mark->tone);
		snprintf(id, sizeof(id), "%.*s", SDG_STR_ARG(mark->theme));
		theme = mark->theme.len ? sdg_frame_theme(set->frame, id) : -1;
		if (theme >= 0)
			shown.themes |= (uint64_t)1 << theme;
	}
	return shown;
}

/* Of a text that nobody marked. */
static uint8_t tones_of_stance(uint8_t stance)
{
	switch ((enum sdg_stance)stance) {
	case SDG_STANCE_POSITIVE:
		return PRAISES;
	case SDG_STANCE_NEGATIVE:
		return BLAMES;
	case SDG_STANCE_MIXED:
		return PRAISES | BLAMES;
	case SDG_STANCE_NEUTRAL:
	case SDG_STANCE_COUNT:
		break;
	}
	return 0;
}

/* Which sentences are examples, and of what. */
struct lesson {
	const struct set *set;
	const struct fit *fit;
	const bool *taken;
	bool themes; /* else tones */
	bool marked; /* somebody marked some, so only those count */
};

static bool teaches(const struct lesson *lesson, size_t i)
{
	const struct text *text = &lesson->set->texts[i];

	if (!lesson->taken[i] || !text_counts(text, false))
		return false;
	if (lesson->themes)
		return text->themes_marked ||
		       text->main == lesson->set->frame->other;
	return !lesson->marked || text->tones_marked ||
	       text->stance == SDG_STANCE_NEUTRAL;
}

/* A text that fits no theme does so with all that it says. */
static struct shown what_shows(const struct lesson *lesson,
			       const struct text *text, struct shown shown)
{
	if (!lesson->marked)
		shown.tones = tones_of_stance(text->stance);
	if (text->main == lesson->set->frame->other)
		shown.themes = (uint64_t)1 << text->main;
	return shown;
}

static int by_row(const void *a, const void *b)
{
	uint32_t x = ((const struct part *)a)->row;
	uint32_t y = ((const struct part *)b)->row;

	return x < y ? -1 : x > y;
}

/* The sentence of @n features as a unit vector, each row once, as the
 * classifier's read_sentence() has it; returns past it. */
static struct part *make_sentence(const struct lesson *lesson,
				  const uint32_t *said, size_t n,
				  struct part *at)
{
	const struct fit *fit = lesson->fit;
	struct part *first = at, *end = at;
	float square = 0;

	for (size_t i = 0; i < n; i++) {
		uint32_t feature = SAID_FEATURE(said[i]);
		uint32_t row = fit->row_of[feature];

		if (row == NO_FEATURE ||
		    (lesson->themes &&
		     lesson->set->features[feature].what > SDG_FEATURE_PAIR))
			continue;
		*end++ = (struct part){ row, fit->values[row] };
		square += fit->values[row] * fit->values[row];
	}
	qsort(first, (size_t)(end - first), sizeof(*first), by_row);
	for (struct part *next = first; next < end; next++) {
		if (at > first && at[-1].row == next->row)
			at[-1].value += next->value;
		else
			*at++ = *next;
	}
	for (struct part *part = first; part < at; part++)
		part->value /= sqrtf(square);
	return at;
}

/* The sentences of @text, behind those there are. */
static void add_sentences(const struct lesson *lesson, const struct text *text,
			  struct examples *out)
{
	const uint32_t *start = lesson->set->said + text->said_at;
	const uint32_t *end = start + text->said;
	const struct shown *shown = lesson->set->shown + text->shown_at;
	struct part *at = out->parts + out->ends[out->count];

	for (const uint32_t *said = start; said < end; said++) {
		if (!(*said & SAID_ENDS))
			continue;
		at = make_sentence(lesson, start, (size_t)(said + 1 - start),
				   at);
		out->shown[out->count++] = what_shows(lesson, text, *shown++);
		out->ends[out->count] = (size_t)(at - out->parts);
		start = said + 1;
	}
}

static int list_sentences(const struct lesson *lesson, struct examples *out)
{
	const struct set *set = lesson->set;
	size_t said = 0, sentences = 0;

	*out = (struct examples){ 0 };
	for (size_t i = 0; i < set->text_count; i++) {
		const struct text *text = &set->texts[i];

		if (!teaches(lesson, i))
			continue;
		said += text->said;
		for (size_t k = 0; k < text->said; k++)
			sentences +=
			    (set->said[text->said_at + k] & SAID_ENDS) != 0;
	}
	out->parts = malloc((said + 1) * sizeof(*out->parts));
	out->ends = calloc(sentences + 1, sizeof(*out->ends));
	out->shown = malloc((sentences + 1) * sizeof(*out->shown));
	if (!out->parts || !out->ends || !out->shown) {
		examples_fini(out);
		return -1;
	}
	for (size_t i = 0; i < set->text_count; i++) {
		if (teaches(lesson, i))
			add_sentences(lesson, &set->texts[i], out);
	}
	return 0;
}

int rationales_of_tones(const struct set *set, const struct fit *fit,
			const bool *taken, struct examples *out)
{
	struct lesson lesson = { .set = set, .fit = fit, .taken = taken };

	for (size_t i = 0; i < set->text_count; i++)
		lesson.marked |= set->texts[i].tones_marked;
	return list_sentences(&lesson, out);
}

int rationales_of_themes(const struct set *set, const struct fit *fit,
			 const bool *taken, struct examples *out)
{
	struct lesson lesson = {
		.set = set, .fit = fit, .taken = taken, .themes = true
	};

	return list_sentences(&lesson, out);
}

void examples_fini(struct examples *examples)
{
	free(examples->parts);
	free(examples->ends);
	free(examples->shown);
	*examples = (struct examples){ 0 };
}
