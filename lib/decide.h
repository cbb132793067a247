/*
 * decide: from scores to labels. Training measures with it what
 * classification will do.
 */
#ifndef DECIDE_H
#define DECIDE_H

#include <math.h>

#include "model.h"

/* A message's themes: which, and how probable. */
struct sdg_choice_of_themes {
	uint8_t count;
	uint8_t themes[SDG_THEMES_MAX];
	float scores[SDG_THEMES_MAX];
};

static inline float sdg_sigmoid(float x)
{
	return 1 / (1 + expf(-x));
}

/**
 * sdg_decide_themes - main theme, and those that are probable beside it
 * @scores: a theme each, as the model gives them
 * @words:  how many the piece has: long ones raise more themes
 * @other:  the theme of what fits none, or UINT32_MAX
 */
void sdg_decide_themes(const struct sdg_calibration *calibration,
		       const float *scores, size_t themes, uint32_t other,
		       size_t words, struct sdg_choice_of_themes *out);

/** sdg_decide_best - the position of the greatest of @n
 *
 * Which that is cannot be foreseen, so no branch asks; nor in the next two. */
static inline size_t sdg_decide_best(const float *scores, size_t n)
{
	float most = scores[0];
	size_t best = 0;

	for (size_t i = 1; i < n; i++) {
		bool more = scores[i] > most;

		most = more ? scores[i] : most;
		best = more ? i : best;
	}
	return best;
}

/** sdg_decide_more - the greater of two, and the second if there is none */
static inline float sdg_decide_more(float a, float b)
{
	return a > b ? a : b;
}

/** sdg_decide_lead - by how much theme @t leads the best of the others */
static inline float sdg_decide_lead(const float *scores, size_t n, size_t t)
{
	float other = -INFINITY;

	for (size_t i = 0; i < t; i++)
		other = sdg_decide_more(scores[i], other);
	for (size_t i = t + 1; i < n; i++)
		other = sdg_decide_more(scores[i], other);
	return n > 1 ? scores[t] - other : 0;
}

/** sdg_decide_length - what the calibration knows of a piece's length */
static inline float sdg_decide_length(size_t words)
{
	return logf((float)words + 5) - 3.5F;
}

/* What the stances' scores of one sentence after the other come to. */
struct sdg_sentences {
	size_t count;
	float sum[SDG_STANCE_COUNT]; /* pressed */
	float most[SDG_STANCE_COUNT];
	float first[SDG_STANCE_COUNT], last[SDG_STANCE_COUNT];
	/* Their tones' scores. */
	float tone_most[SDG_TONE_COUNT], tone_first[SDG_TONE_COUNT];
	float tone_last[SDG_TONE_COUNT];
	float tone_sum[SDG_TONE_COUNT];  /* of chances */
	float tone_none[SDG_TONE_COUNT]; /* the chance that none has it */
};

/** sdg_decide_press - a score of any size as one between -1 and 1 */
static inline float sdg_decide_press(float score)
{
	return 2 * score / (1 + fabsf(2 * score));
}

/* A sentence's chance of a tone that says that there may still be none. */
#define SDG_TONE_SURE 0.99F
#define SDG_TONE_FLOOR 0.001F

/** sdg_decide_sentence - take in the next sentence's @scores and @tones */
void sdg_decide_sentence(struct sdg_sentences *sentences,
			 const float scores[SDG_STANCE_COUNT],
			 const float tones[SDG_TONE_COUNT]);

/** sdg_decide_signs - what the stance is read from
 *  @whole: the stances' scores of the whole piece */
void sdg_decide_signs(const struct sdg_sentences *sentences,
		      const float whole[SDG_STANCE_COUNT], size_t words,
		      float signs[SDG_SIGN_COUNT]);

/** sdg_decide_stance - the most probable of the stances by their signs */
enum sdg_stance sdg_decide_stance(const struct sdg_calibration *calibration,
				  const float signs[SDG_SIGN_COUNT]);

/** sdg_decide_kind - of the kinds' scores; feedback unless another is
 *  probable. @score: how sure */
enum sdg_kind sdg_decide_kind(const float scores[SDG_KIND_COLUMNS],
			      float *score);

#endif
