/*
 * decide: one to three themes, or "other" alone; a kind.
 */
#include "decide.h"

#include <string.h>

/* What must be passed before it is not feedback after all. The model has seen
 * few of the others, so its chances for them are low; of texts held out one
 * member's in fifteen hundred passes this, and seven of ten others. */
#define KIND_BAR 0.2F

void sdg_decide_themes(const struct sdg_calibration *calibration,
		       const float *scores, size_t themes, uint32_t other,
		       size_t words, struct sdg_choice_of_themes *out)
{
	float length = sdg_decide_length(words) * calibration->length +
		       calibration->offset;
	float chances[SDG_FRAME_MAX];
	size_t main = sdg_decide_best(scores, themes);
	float main_lead = sdg_decide_lead(scores, themes, main);
	size_t best;

	for (size_t t = 0; t < themes; t++) {
		float lead = t == main ? main_lead : scores[t] - scores[main];

		chances[t] = sdg_sigmoid(calibration->score * scores[t] +
					 calibration->lead * lead + length +
					 calibration->theme[t]);
	}
	*out = (struct sdg_choice_of_themes){ .count = 1,
					      .themes = { (uint8_t)main },
					      .scores = { chances[main] } };
	if (main == other)
		return;
	chances[main] = -1;
	while (out->count < SDG_THEMES_MAX) {
		best = sdg_decide_best(chances, themes);
		if (chances[best] <= calibration->threshold[best])
			break;
		if (best != other) {
			out->themes[out->count] = (uint8_t)best;
			/* Each theme's chance is its own; said beside the
			 * main one's it must not seem to outdo it. */
			out->scores[out->count] =
			    fminf(chances[best], out->scores[out->count - 1]);
			out->count++;
		}
		chances[best] = -1;
	}
}

void sdg_decide_sentence(struct sdg_sentences *sentences,
			 const float scores[SDG_STANCE_COUNT],
			 const float tones[SDG_TONE_COUNT])
{
	const size_t size = sizeof(sentences->first);
	const size_t tone_size = sizeof(sentences->tone_first);

	if (sentences->count == 0) {
		memcpy(sentences->first, scores, size);
		memcpy(sentences->most, scores, size);
		memcpy(sentences->tone_first, tones, tone_size);
		memcpy(sentences->tone_most, tones, tone_size);
		for (int t = 0; t < SDG_TONE_COUNT; t++)
			sentences->tone_none[t] = 1;
	}
	memcpy(sentences->tone_last, tones, tone_size);
	for (int t = 0; t < SDG_TONE_COUNT; t++) {
		float chance = sdg_sigmoid(tones[t]);

		sentences->tone_most[t] =
		    sdg_decide_more(tones[t], sentences->tone_most[t]);
		sentences->tone_sum[t] += chance;
		sentences->tone_none[t] *= 1 - SDG_TONE_SURE * chance;
	}
	memcpy(sentences->last, scores, size);
	for (int s = 0; s < SDG_STANCE_COUNT; s++)
		sentences->most[s] =
		    sdg_decide_more(scores[s], sentences->most[s]);
	for (int s = 0; s < SDG_STANCE_COUNT; s++)
		sentences->sum[s] += sdg_decide_press(scores[s]);
	sentences->count++;
}

void sdg_decide_signs(const struct sdg_sentences *sentences,
		      const float whole[SDG_STANCE_COUNT], size_t words,
		      float signs[SDG_SIGN_COUNT])
{
	float count = sentences->count ? (float)sentences->count : 1;

	for (int s = 0; s < SDG_STANCE_COUNT; s++) {
		signs[SDG_SIGN_WHOLE + s] = whole[s];
		signs[SDG_SIGN_MEAN + s] = sentences->sum[s] / count;
		signs[SDG_SIGN_MOST + s] = sentences->most[s];
		signs[SDG_SIGN_FIRST + s] = sentences->first[s];
		signs[SDG_SIGN_LAST + s] = sentences->last[s];
	}
	for (int t = 0; t < SDG_TONE_COUNT; t++) {
		signs[SDG_SIGN_TONE_MOST + t] = sentences->tone_most[t];
		signs[SDG_SIGN_TONE_SUM + t] = sentences->tone_sum[t];
		signs[SDG_SIGN_TONE_ANY + t] =
		    logf(1 + SDG_TONE_FLOOR - sentences->tone_none[t]);
		signs[SDG_SIGN_TONE_FIRST + t] = sentences->tone_first[t];
		signs[SDG_SIGN_TONE_LAST + t] = sentences->tone_last[t];
	}
	signs[SDG_SIGN_WORDS] = sdg_decide_length(words);
	signs[SDG_SIGN_SENTENCES] = logf(count);
}

enum sdg_stance sdg_decide_stance(const struct sdg_calibration *calibration,
				  const float signs[SDG_SIGN_COUNT])
{
	float chances[SDG_STANCE_COUNT];

	for (int s = 0; s < SDG_STANCE_COUNT; s++)
		chances[s] = calibration->stance[s][SDG_SIGN_COUNT];
	/* Sign by sign: four sums at once wait less than one by one. */
	for (int k = 0; k < SDG_SIGN_COUNT; k++)
		for (int s = 0; s < SDG_STANCE_COUNT; s++)
			chances[s] += calibration->stance[s][k] * signs[k];
	return (enum sdg_stance)sdg_decide_best(chances, SDG_STANCE_COUNT);
}

enum sdg_kind sdg_decide_kind(const float scores[SDG_KIND_COLUMNS],
			      float *score)
{
	size_t best = sdg_decide_best(scores, SDG_KIND_COLUMNS);
	float chance = sdg_sigmoid(scores[best]);

	*score = chance > KIND_BAR ? chance : 1 - chance;
	return chance > KIND_BAR ? (enum sdg_kind)(best + SDG_KIND_FIRST)
				 : SDG_KIND_FEEDBACK;
}
