/*
 * classify: the front. It splits a piece into words once, asks each part in
 * turn, and keeps the reasons. What a label means is behind it.
 */
#include <math.h>
#include <string.h>

#include "classify_internal.h"
#include "phrases.h"
#include "theme.h"

/* Reasons that compete for room: those of one label, of themes one each. */
#define GROUPS (SDG_LABEL_PHASE + 1 + SDG_FRAME_MAX)

static size_t group_of(const struct sdg_reason *reason)
{
	return reason->label == SDG_LABEL_THEME
		   ? (size_t)SDG_LABEL_PHASE + 1 + reason->theme
		   : (size_t)reason->label;
}

/* Of the group that has most; of @own where no other has more. */
static struct sdg_reason *weakest_of_most(struct sdg_explanation *why,
					  size_t own)
{
	uint16_t counts[GROUPS] = { 0 };
	struct sdg_reason *weakest = NULL;
	size_t most = own;

	for (size_t i = 0; i < why->count; i++)
		counts[group_of(&why->reasons[i])]++;
	for (size_t g = 0; g < GROUPS; g++) {
		if (counts[g] > counts[most])
			most = g;
	}
	for (size_t i = 0; i < why->count; i++) {
		struct sdg_reason *kept = &why->reasons[i];

		if (group_of(kept) == most &&
		    (!weakest || fabsf(kept->weight) < fabsf(weakest->weight)))
			weakest = kept;
	}
	return weakest;
}

/* A long message has more reasons than there is room for, and the first that
 * is asked (its kind) would leave none to its themes: so where all is full,
 * whoever has most gives way. */
void sdg_explain_add(struct sdg_explanation *why,
		     const struct sdg_reason *reason)
{
	struct sdg_reason *weakest;
	size_t own = group_of(reason);

	if (!why)
		return;
	if (why->count < SDG_REASONS_MAX) {
		why->reasons[why->count++] = *reason;
		return;
	}
	weakest = weakest_of_most(why, own);
	if (group_of(weakest) != own ||
	    fabsf(weakest->weight) < fabsf(reason->weight))
		*weakest = *reason;
}

static struct sdg_str cut(struct sdg_str text, size_t max)
{
	return (struct sdg_str){ text.s, sdg_text_cut(text.s, text.len, max) };
}

/* Does the line that begins at byte @at begin with ">"? */
static bool is_quoted(struct sdg_str text, size_t at)
{
	while (at < text.len && (text.s[at] == ' ' || text.s[at] == '\t'))
		at++;
	return at < text.len && text.s[at] == '>';
}

/* Producers take quoted text out; what slipped through counts for nothing.
 * A line is looked at once, at its first word; bullets may part it. */
static void mute_quoted(struct sdg_str text, struct sdg_word *words, size_t n)
{
	bool quoted;

	if (!text.s || !memchr(text.s, '>', text.len))
		return;
	quoted = is_quoted(text, 0);
	for (size_t i = 0; i < n; i++) {
		size_t from = i ? words[i - 1].end : 0;
		const char *line = NULL;

		if (i == 0 || words[i].before & SDG_BREAK_LINE)
			line =
			    memrchr(text.s + from, '\n', words[i].start - from);
		if (line)
			quoted = is_quoted(text, (size_t)(line + 1 - text.s));
		if (quoted)
			sdg_word_mute(words, i);
	}
}

static void list_words(struct sdg_classifier *classifier,
		       struct sdg_piece *piece)
{
	struct sdg_word *words = classifier->words;

	piece->text_words = sdg_words_split_marked(
	    classifier->stemmer, piece->text, words, classifier->marks,
	    SDG_WORDS_MAX - SDG_SUBJECT_WORDS_MAX);
	mute_quoted(piece->text, words, piece->text_words);
	sdg_phrases_read(&classifier->phrases, words, classifier->marks,
			 piece->text_words, piece, 0);
	words += piece->text_words;
	piece->subject_words = sdg_words_split_marked(
	    classifier->stemmer, piece->subject, words,
	    classifier->marks + piece->text_words, SDG_SUBJECT_WORDS_MAX);
	sdg_phrases_read(&classifier->phrases, words,
			 classifier->marks + piece->text_words,
			 piece->subject_words, piece, piece->text_words);
}

/* Whoever wants reasons wants to know each feature. */
static void list_features(struct sdg_classifier *classifier,
			  struct sdg_piece *piece)
{
	struct sdg_feature *features = classifier->features;
	size_t n =
	    sdg_features_list(&classifier->address, piece->words,
			      piece->text_words, SDG_FIELD_TEXT, features);

	piece->features = features;
	piece->feature_count =
	    n + sdg_features_list(
		    &classifier->address, piece->words + piece->text_words,
		    piece->subject_words, SDG_FIELD_SUBJECT, features + n);
	/* Places count through both fields from here on. */
	for (size_t i = n; i < piece->feature_count; i++)
		features[i].first += (uint32_t)piece->text_words;
}

void sdg_classify(struct sdg_classifier *classifier,
		  const struct sdg_feedback *fb, const struct sdg_known *known,
		  struct sdg_labels *labels, struct sdg_explanation *why)
{
	struct sdg_piece piece = {
		.fb = fb,
		.text = cut(fb->text, SDG_TEXT_MAX),
		.subject = cut(fb->subject, SDG_SUBJECT_MAX),
		.words = classifier->words,
		.marks = classifier->marks,
	};
	struct sdg_split split = { .words = classifier->words,
				   .marks = classifier->marks };
	const struct sdg_split *whole;

	*labels = (struct sdg_labels){ 0 };
	if (why)
		why->count = 0;
	list_words(classifier, &piece);
	if (why)
		list_features(classifier, &piece);
	split.count = piece.text_words;
	/* What was cut off is not among the words. */
	whole = piece.text.len == fb->text.len ? &split : NULL;
	sdg_region_resolve(fb, known, whole, labels, why);
	sdg_role_resolve(fb, known, whole, labels, why);
	sdg_score(classifier, &piece);
	sdg_kind_decide(classifier, &piece, labels, why);
	labels->flags = piece.flagging.flags;
	if (labels->kind != SDG_KIND_FEEDBACK)
		return;
	sdg_theme_decide(classifier, &piece, labels, why);
	sdg_stance_decide(classifier, &piece, labels, why);
}
