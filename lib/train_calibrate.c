/*
 * train_calibrate: what a score is worth, learnt on texts the model that
 * scored them had not seen.
 *
 * Whether a theme is one of a piece's depends on its score, on its lead over
 * the next, and on how long the piece is: the vector of a long one is
 * diluted, and it does raise more. A logistic regression of those, and one
 * number a theme, turns scores into probabilities.
 */
#include <math.h>
#include <string.h>

#include "decide.h"
#include "train_internal.h"

#define ROUNDS 20
#define THEME_STEPS 2
#define BONUS_STEPS 26
#define BONUS_STEP 0.1F
#define BONUS_NEARLY 0.002
#define THEME_RIDGE 4.0 /* holds rare themes near the rest */

/* Of a handful of texts any score can be made to fit, and a higher one to say
 * less. So where they are few, what there is without any counts as some. */
#define FEW_TEXTS 2000
static const double usual[4] = { 1.5, 0.5, 0, 0 };
static const double usual_weight[4] = { 4, 4, 1, 1 };

/* Whole pieces of feedback alone say how many themes a piece has. */
bool text_counts(const struct text *text, bool passages_too)
{
	return !text->cue && text->main != NO_THEME &&
	       (passages_too || !text->passage);
}

bool set_only_passages(const struct set *set)
{
	for (size_t i = 0; i < set->text_count; i++) {
		if (text_counts(&set->texts[i], false))
			return false;
	}
	return true;
}

static bool has_theme(const struct text *text, size_t theme)
{
	return text->main == theme || (text->second >> theme & 1);
}

/* Solves the symmetric 4 by 4 system in place (Gauss, no pivoting needed:
 * the matrix is positive definite). */
static void solve(double a[4][5])
{
	for (int i = 0; i < 4; i++) {
		for (int k = i + 1; k < 4; k++) {
			double factor = a[k][i] / a[i][i];

			for (int c = i; c < 5; c++)
				a[k][c] -= factor * a[i][c];
		}
	}
	for (int i = 3; i >= 0; i--) {
		for (int c = i + 1; c < 4; c++)
			a[i][4] -= a[i][c] * a[c][4];
		a[i][4] /= a[i][i];
	}
}

struct round {
	double system[4][5];
	double slope[SDG_FRAME_MAX], curve[SDG_FRAME_MAX];
};

static void gather(const struct set *set, const float *scores, size_t stride,
		   bool passages_too, const double p[4],
		   const double theme_offsets[SDG_FRAME_MAX],
		   struct round *round)
{
	size_t themes = set->frame->theme_count, texts = 0;

	*round = (struct round){ 0 };
	for (int i = 0; i < 4; i++)
		round->system[i][i] = 1e-3;
	for (size_t i = 0; i < set->text_count; i++) {
		const struct text *text = &set->texts[i];
		const float *s = scores + i * stride;

		if (!text_counts(text, passages_too))
			continue;
		texts++;
		for (size_t t = 0; t < themes; t++) {
			double x[4] = { (double)s[t],
					(double)sdg_decide_lead(s, themes, t),
					(double)sdg_decide_length(text->words),
					1 };
			double z = theme_offsets[t], chance, slope, curve;

			for (int k = 0; k < 4; k++)
				z += p[k] * x[k];
			chance = 1 / (1 + exp(-z));
			slope = has_theme(text, t) - chance;
			curve = chance * (1 - chance);
			for (int k = 0; k < 4; k++) {
				round->system[k][4] += slope * x[k];
				for (int c = 0; c < 4; c++)
					round->system[k][c] +=
					    curve * x[k] * x[c];
			}
			round->slope[t] += slope;
			round->curve[t] += curve;
		}
	}
	for (int i = 0; i < 4 && texts < FEW_TEXTS; i++) {
		round->system[i][i] += usual_weight[i];
		round->system[i][4] += usual_weight[i] * (usual[i] - p[i]);
	}
}

static void fit_chances(const struct set *set, const float *scores,
			size_t stride, bool passages_too,
			struct sdg_calibration *out)
{
	double p[4] = { 0 }, offsets[SDG_FRAME_MAX] = { 0 };
	size_t themes = set->frame->theme_count;
	struct round round;

	for (int i = 0; i < ROUNDS; i++) {
		gather(set, scores, stride, passages_too, p, offsets, &round);
		solve(round.system);
		for (int k = 0; k < 4; k++)
			p[k] += round.system[k][4];
		gather(set, scores, stride, passages_too, p, offsets, &round);
		for (size_t t = 0; t < themes; t++)
			offsets[t] +=
			    (round.slope[t] - THEME_RIDGE * offsets[t]) /
			    (round.curve[t] + THEME_RIDGE);
	}
	*out = (struct sdg_calibration){ .score = (float)p[0],
					 .lead = (float)p[1],
					 .length = (float)p[2],
					 .offset = (float)p[3] };
	for (size_t t = 0; t < themes; t++)
		out->theme[t] = (float)offsets[t];
}

struct hits {
	uint32_t right, wrong, missed;
};

static void count_hits(const struct text *text,
		       const struct sdg_choice_of_themes *choice, size_t themes,
		       struct hits *hits)
{
	uint64_t found = 0;

	for (int i = 0; i < choice->count; i++)
		found |= (uint64_t)1 << choice->themes[i];
	for (size_t t = 0; t < themes; t++) {
		bool is = found >> t & 1, should = has_theme(text, t);

		hits->right += is && should;
		hits->wrong += is && !should;
		hits->missed += !is && should;
	}
}

static double micro_f1(const struct set *set, const float *scores,
		       size_t stride, bool passages_too,
		       const struct sdg_calibration *calibration)
{
	uint32_t other =
	    set->frame->other < 0 ? UINT32_MAX : (uint32_t)set->frame->other;
	struct hits hits = { 0 };

	for (size_t i = 0; i < set->text_count; i++) {
		const struct text *text = &set->texts[i];
		struct sdg_choice_of_themes choice;

		if (!text_counts(text, passages_too))
			continue;
		sdg_decide_themes(calibration, scores + i * stride,
				  set->frame->theme_count, other, text->words,
				  &choice);
		count_hits(text, &choice, set->frame->theme_count, &hits);
	}
	return 2.0 * hits.right /
	       (2.0 * hits.right + hits.wrong + hits.missed + 1e-9);
}

/* One threshold for all that gives the best micro-F1; then each theme may
 * move a step from it, where that helps. */
static void fit_thresholds(const struct set *set, const float *scores,
			   size_t stride, bool passages_too,
			   struct sdg_calibration *calibration)
{
	static const float steps[THEME_STEPS] = { -0.07F, 0.07F };
	size_t themes = set->frame->theme_count;
	double best = -1;
	float chosen = 0.4F, bar = 0.24F;

	for (int step = 0; step < 8; step++, bar += 0.04F) {
		double f1;

		for (size_t t = 0; t < themes; t++)
			calibration->threshold[t] = bar;
		f1 = micro_f1(set, scores, stride, passages_too, calibration);
		if (f1 > best) {
			best = f1;
			chosen = bar;
		}
	}
	for (size_t t = 0; t < themes; t++)
		calibration->threshold[t] = chosen;
	for (size_t t = 0; t < themes; t++) {
		float keep = chosen;

		for (int i = 0; i < THEME_STEPS; i++) {
			double f1;

			calibration->threshold[t] = chosen + steps[i];
			f1 = micro_f1(set, scores, stride, passages_too,
				      calibration);
			if (f1 > best + 2e-4) {
				best = f1;
				keep = chosen + steps[i];
			}
		}
		calibration->threshold[t] = keep;
	}
}

static double main_right(const struct set *set, const float *scores,
			 size_t stride, bool passages_too, float bonus)
{
	size_t themes = set->frame->theme_count;
	size_t other = (size_t)set->frame->other;
	double right = 0, all = 0;

	for (size_t i = 0; i < set->text_count; i++) {
		const struct text *text = &set->texts[i];
		float s[SDG_FRAME_MAX];

		if (!text_counts(text, passages_too))
			continue;
		memcpy(s, scores + i * stride, themes * sizeof(*s));
		s[other] += bonus;
		right += sdg_decide_best(s, themes) == text->main;
		all++;
	}
	return all > 0 ? right / all : 0;
}

/*
 * What fits no theme has no words of its own, and so a score that is too
 * low beside the others'. The bonus that sets main themes right most often,
 * or the smallest that does nearly as well: better a theme than none.
 */
static float find_bonus(const struct set *set, const float *scores,
			size_t stride, bool passages_too)
{
	double right[BONUS_STEPS], best = 0;

	for (int i = 0; i < BONUS_STEPS; i++) {
		right[i] = main_right(set, scores, stride, passages_too,
				      BONUS_STEP * (float)i);
		best = right[i] > best ? right[i] : best;
	}
	for (int i = 0; i < BONUS_STEPS; i++) {
		if (right[i] >= best - BONUS_NEARLY)
			return BONUS_STEP * (float)i;
	}
	return 0;
}

float calibrate(const struct set *set, float *scores, size_t stride,
		struct sdg_calibration *out)
{
	bool passages_too = set_only_passages(set);
	float bonus = 0;

	if (set->frame->other >= 0)
		bonus = find_bonus(set, scores, stride, passages_too);
	for (size_t i = 0; i < set->text_count && bonus > 0; i++)
		scores[i * stride + (size_t)set->frame->other] += bonus;
	fit_chances(set, scores, stride, passages_too, out);
	fit_thresholds(set, scores, stride, passages_too, out);
	return bonus;
}

static void judge_text(const struct set *set, const struct text *text,
		       const float *scores,
		       const struct sdg_calibration *calibration,
		       struct sdg_train_report *report)
{
	struct sdg_train_file *file = &report->files[text->file];
	size_t themes = set->frame->theme_count;
	struct sdg_choice_of_themes choice;
	struct hits hits = { 0 };
	float sure;

	file->others++;
	file->kind_right += sdg_decide_kind(scores + themes + SDG_KINDS_AT,
					    &sure) == text->kind;
	if (text->main == NO_THEME)
		return;
	sdg_decide_themes(calibration, scores, themes,
			  set->frame->other < 0 ? UINT32_MAX
						: (uint32_t)set->frame->other,
			  text->words, &choice);
	count_hits(text, &choice, themes, &hits);
	file->pieces++;
	file->main_right += choice.themes[0] == text->main;
	file->hits += hits.right;
	file->wrong += hits.wrong;
	file->missed += hits.missed;
	file->stance_right +=
	    sdg_decide_stance(calibration,
			      scores + themes + SDG_BESIDE_COLUMNS) ==
	    text->stance;
	if (!text->passage)
		report->confusion[text->main][choice.themes[0]]++;
}

void judge(const struct set *set, const float *scores, size_t stride,
	   const struct sdg_calibration *calibration,
	   struct sdg_train_report *report)
{
	report->file_count = set->file_count;
	memcpy(report->files, set->files, sizeof(report->files));
	report->features = (uint32_t)set->feature_count;
	report->cues = (uint32_t)set->frame->cue_count;
	for (size_t i = 0; i < set->text_count; i++) {
		const struct text *text = &set->texts[i];

		if (text->cue)
			continue;
		report->texts += !text->passage;
		report->passages += text->passage;
		judge_text(set, text, scores + i * stride, calibration, report);
	}
}
