/*
 * classify_theme: which themes a piece of feedback raises, main one first.
 */
#include "theme.h"

#include <math.h>
#include <string.h>

#include "classify_internal.h"

/* Cue scores of one piece, while it is read. */
struct tally {
	float scores[SDG_FRAME_MAX];
	float factor;
	const struct sdg_word *words;
	struct sdg_str text;
	enum sdg_field field;
	struct sdg_explanation *why;
};

static void count_cue(void *arg, uint8_t theme, int weight, size_t first,
		      size_t count)
{
	struct tally *tally = arg;
	struct sdg_reason reason = { .label = SDG_LABEL_THEME,
				     .theme = theme,
				     .field = tally->field,
				     .weight = (float)weight,
				     .rule = "cue" };
	size_t len;

	tally->scores[theme] += (float)weight * tally->factor;
	if (!tally->why)
		return;
	reason.start = tally->words[first].start;
	reason.end = tally->words[first + count - 1].end;
	len = sdg_text_cut(tally->text.s + reason.start,
			   reason.end - reason.start, sizeof(reason.text) - 1);
	memcpy(reason.text, tally->text.s + reason.start, len);
	sdg_explain_add(tally->why, &reason);
}

void sdg_theme_decide(const struct sdg_classifier *classifier,
		      const struct sdg_piece *piece, struct sdg_labels *labels,
		      struct sdg_explanation *why)
{
	struct tally tally = { .factor = 1,
			       .words = piece->words,
			       .text = piece->text,
			       .field = SDG_FIELD_TEXT,
			       .why = why };

	sdg_cues_match(&classifier->cues, piece->words, piece->word_count,
		       count_cue, &tally);
	tally.words = piece->subject_words;
	tally.text = piece->subject;
	tally.field = SDG_FIELD_SUBJECT;
	sdg_cues_match(&classifier->cues, piece->subject_words,
		       piece->subject_word_count, count_cue, &tally);
	while (labels->theme_count < SDG_THEMES_MAX) {
		float best = labels->theme_count
				 ? tally.scores[labels->themes[0]] / 2
				 : 2;
		int theme = -1;

		for (size_t i = 0; i < classifier->frame->theme_count; i++) {
			bool taken = false;

			for (int k = 0; k < labels->theme_count; k++)
				taken |= labels->themes[k] == i;
			if (!taken && tally.scores[i] >= best) {
				best = tally.scores[i];
				theme = (int)i;
			}
		}
		if (theme < 0)
			break;
		labels->scores[labels->theme_count] = 1 - expf(-best / 3);
		labels->themes[labels->theme_count++] = (uint8_t)theme;
	}
	if (labels->theme_count == 0 && classifier->frame->other >= 0) {
		labels->themes[0] = (uint8_t)classifier->frame->other;
		labels->scores[0] = 0.5F;
		labels->theme_count = 1;
	}
}
