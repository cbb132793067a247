/*
 * decide: one to three themes, or "other" alone; a kind.
 */
#include "decide.h"

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

enum sdg_stance sdg_decide_stance(const struct sdg_calibration *calibration,
				  const float scores[SDG_STANCE_COUNT])
{
	float chances[SDG_STANCE_COUNT];

	for (int s = 0; s < SDG_STANCE_COUNT; s++) {
		const float *by = calibration->stance[s];

		chances[s] = by[SDG_STANCE_COUNT];
		for (int k = 0; k < SDG_STANCE_COUNT; k++)
			chances[s] += by[k] * scores[k];
	}
	return (enum sdg_stance)sdg_decide_best(chances, SDG_STANCE_COUNT);
}

enum sdg_kind sdg_decide_kind(const float scores[SDG_KIND_COLUMNS],
			      float *score)
{
	size_t best = sdg_decide_best(scores + 1, SDG_KIND_COLUMNS - 1) + 1;
	float chance = sdg_sigmoid(scores[best]);

	*score = chance > KIND_BAR ? chance : 1 - chance;
	return chance > KIND_BAR ? (enum sdg_kind)(best + 1)
				 : SDG_KIND_FEEDBACK;
}
