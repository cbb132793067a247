/*
 * train_stance: which stance the signs of the stances speak for.
 *
 * Whether a piece takes any stance and which it is are learnt apart, from
 * different texts, so their scores are on scales of their own; and praise in
 * one sentence is not undone by what others tell, so that sentences count
 * beside the whole. A multinomial regression of the held-out signs puts them
 * on one scale.
 */
#include <math.h>
#include <string.h>

#include "train_internal.h"

#define STANCES SDG_STANCE_COUNT
#define INPUTS (SDG_SIGN_COUNT + 1)
#define ROUNDS 150
#define RIDGE 1.0 /* holds the weights where there is little to learn from */

static void inputs_of(const float *signs, double x[INPUTS])
{
	for (int k = 0; k < SDG_SIGN_COUNT; k++)
		x[k] = (double)signs[k];
	x[SDG_SIGN_COUNT] = 1;
}

/* Turns the symmetric positive definite @a into its inverse. */
static void invert(double a[INPUTS][INPUTS])
{
	double out[INPUTS][INPUTS] = { 0 };

	for (int i = 0; i < INPUTS; i++)
		out[i][i] = 1;
	for (int i = 0; i < INPUTS; i++) {
		double pivot = a[i][i];

		for (int c = 0; c < INPUTS; c++) {
			a[i][c] /= pivot;
			out[i][c] /= pivot;
		}
		for (int k = 0; k < INPUTS; k++) {
			double factor = a[k][i];

			for (int c = 0; c < INPUTS && k != i; c++) {
				a[k][c] -= factor * a[i][c];
				out[k][c] -= factor * out[i][c];
			}
		}
	}
	memcpy(a, out, sizeof(out));
}

static void chances_of(const double weights[STANCES][INPUTS],
		       const double x[INPUTS], double chances[STANCES])
{
	double most = -INFINITY, sum = 0;

	for (int s = 0; s < STANCES; s++) {
		chances[s] = 0;
		for (int k = 0; k < INPUTS; k++)
			chances[s] += weights[s][k] * x[k];
		most = fmax(most, chances[s]);
	}
	for (int s = 0; s < STANCES; s++)
		sum += chances[s] = exp(chances[s] - most);
	for (int s = 0; s < STANCES; s++)
		chances[s] /= sum;
}

/* The curve of the likelihood is never steeper than half of this, whatever
 * the weights are, so that one inverse serves all rounds and none oversteps
 * (Boehning's bound). */
static void bound(const struct set *set, const float *scores, size_t stride,
		  bool passages_too, double out[INPUTS][INPUTS])
{
	size_t signs_at = stride - SDG_SIGN_COUNT;

	memset(out, 0, sizeof(double[INPUTS][INPUTS]));
	for (int k = 0; k < INPUTS; k++)
		out[k][k] = 2 * RIDGE;
	for (size_t i = 0; i < set->text_count; i++) {
		double x[INPUTS];

		if (!text_counts(&set->texts[i], passages_too))
			continue;
		inputs_of(scores + i * stride + signs_at, x);
		for (int k = 0; k < INPUTS; k++) {
			for (int c = 0; c < INPUTS; c++)
				out[k][c] += x[k] * x[c];
		}
	}
	invert(out);
}

static void slope_of(const struct set *set, const float *scores, size_t stride,
		     bool passages_too, const double weights[STANCES][INPUTS],
		     double slope[STANCES][INPUTS])
{
	size_t signs_at = stride - SDG_SIGN_COUNT;

	for (int s = 0; s < STANCES; s++) {
		for (int k = 0; k < INPUTS; k++)
			slope[s][k] = -RIDGE * weights[s][k];
	}
	for (size_t i = 0; i < set->text_count; i++) {
		const struct text *text = &set->texts[i];
		double x[INPUTS], chances[STANCES];

		if (!text_counts(text, passages_too))
			continue;
		inputs_of(scores + i * stride + signs_at, x);
		chances_of(weights, x, chances);
		for (int s = 0; s < STANCES; s++) {
			double miss = (text->stance == s) - chances[s];

			for (int k = 0; k < INPUTS; k++)
				slope[s][k] += miss * x[k];
		}
	}
}

void calibrate_stance(const struct set *set, const float *scores, size_t stride,
		      struct sdg_calibration *out)
{
	double weights[STANCES][INPUTS] = { 0 }, slope[STANCES][INPUTS];
	double inverse[INPUTS][INPUTS];
	bool passages_too = set_only_passages(set);

	bound(set, scores, stride, passages_too, inverse);
	for (int round = 0; round < ROUNDS; round++) {
		slope_of(set, scores, stride, passages_too, weights, slope);
		for (int s = 0; s < STANCES; s++) {
			for (int k = 0; k < INPUTS; k++) {
				for (int c = 0; c < INPUTS; c++)
					weights[s][k] +=
					    2 * inverse[k][c] * slope[s][c];
			}
		}
	}
	for (int s = 0; s < STANCES; s++) {
		for (int k = 0; k < INPUTS; k++)
			out->stance[s][k] = (float)weights[s][k];
	}
}
