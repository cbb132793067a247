/*
 * train_score: what the weights that train_fit.c found say of a text, as the
 * classifier will: of it as a whole, and of each sentence's stance.
 */
#include "train_internal.h"

#include <math.h>
#include <string.h>

#include "decide.h"

/* The stances' scores of each sentence, and what they come to. */
static void read_sentences(const struct set *set, const struct fit *fit,
			   const struct text *text, struct sdg_sentences *out)
{
	size_t first = set->frame->theme_count;
	float scores[SDG_STANCE_COUNT + SDG_TONE_COUNT] = { 0 }, norm = 0;
	const int count = SDG_STANCE_COUNT + SDG_TONE_COUNT;

	for (size_t i = 0; i < text->said; i++) {
		uint32_t said = set->said[text->said_at + i];
		uint32_t row = fit->row_of[SAID_FEATURE(said)];

		for (int s = 0; s < count && row != NO_FEATURE; s++)
			scores[s] +=
			    fit->values[row] * fit->weights[row * fit->columns +
							    first + (size_t)s];
		if (row != NO_FEATURE)
			norm += fit->values[row] * fit->values[row];
		if (!(said & SAID_ENDS))
			continue;
		for (int s = 0; s < count; s++)
			scores[s] = scores[s] / (norm > 0 ? sqrtf(norm) : 1) +
				    fit->bias[first + (size_t)s];
		sdg_decide_sentence(out, scores, scores + SDG_STANCE_COUNT);
		memset(scores, 0, sizeof(scores));
		norm = 0;
	}
}

void fit_score(const struct set *set, const struct fit *fit,
	       const struct text *text, float scores[SCORES_MAX])
{
	struct sdg_sentences sentences = { 0 };
	size_t themes = set->frame->theme_count;
	double norms[2] = { 0 }, sums[SDG_COLUMNS_MAX] = { 0 }, spoken = 3;
	const float *cues = set->cue_scores + text->cues_at;

	for (size_t i = 0; i < text->plain + text->extra; i++) {
		uint32_t row = fit->row_of[set->ids[text->first + i]];
		bool extra = i >= text->plain;
		double value;

		if (row == NO_FEATURE)
			continue;
		value = (double)fit->values[row] *
			(double)set->counts[text->first + i];
		norms[extra] += value * value;
		for (size_t c = 0; c < fit->columns; c++) {
			bool stance =
			    c >= themes && c < themes + SDG_STANCE_COUNT;

			if (!extra || stance)
				sums[c] +=
				    value *
				    (double)
					fit->weights[row * fit->columns + c];
		}
	}
	for (size_t t = 0; t < themes; t++)
		spoken += cues[t] > 0 ? (double)cues[t] : 0;
	for (size_t c = 0; c < fit->columns; c++) {
		bool stance = c >= themes && c < themes + SDG_STANCE_COUNT;
		double norm = norms[0] + (stance ? norms[1] : 0);

		scores[c] = (float)(sums[c] / (norm > 0 ? sqrt(norm) : 1)) +
			    fit->bias[c];
		if (c < themes)
			scores[c] += CUE_WEIGHT *
				     (float)((double)cues[c] / sqrt(spoken));
	}
	read_sentences(set, fit, text, &sentences);
	sdg_decide_signs(&sentences, scores + themes, text->words,
			 scores + fit->columns);
}
