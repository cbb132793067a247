/*
 * evaluate: the figures. Shares have Wilson's interval; F1, which is no
 * share, one from resampling the pieces, always with the same draws.
 */
#include "evaluate.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define Z 1.959963984540054 /* of a 95 % interval */
#define RESAMPLES 1000
#define NONE 255

struct pair *evaluation_add(struct evaluation *evaluation)
{
	size_t cap = evaluation->cap ? evaluation->cap * 2 : 1024;
	struct pair *grown;

	if (evaluation->count == evaluation->cap) {
		grown = realloc(evaluation->pairs, cap * sizeof(*grown));
		if (!grown)
			return NULL;
		evaluation->pairs = grown;
		evaluation->cap = cap;
	}
	evaluation->pairs[evaluation->count] = (struct pair){ 0 };
	return &evaluation->pairs[evaluation->count++];
}

void evaluation_fini(struct evaluation *evaluation)
{
	free(evaluation->pairs);
	*evaluation = (struct evaluation){ 0 };
}

void share_count(struct share *share, bool right)
{
	share->right += right;
	share->of++;
}

void share_finish(struct share *share)
{
	double n = share->of, p, centre, half;

	if (share->of == 0)
		return;
	p = share->right / n;
	centre = (p + Z * Z / (2 * n)) / (1 + Z * Z / n);
	half =
	    Z * sqrt(p * (1 - p) / n + Z * Z / (4 * n * n)) / (1 + Z * Z / n);
	share->value = p;
	share->low = fmax(0, centre - half);
	share->high = fmin(1, centre + half);
}

static double ratio(double a, double b)
{
	return b > 0 ? a / b : 0;
}

static double f1_of(double right, double wrong, double missed)
{
	return ratio(2 * right, 2 * right + wrong + missed);
}

static bool is_feedback(const struct pair *pair)
{
	return pair->given.kind == SDG_KIND_FEEDBACK;
}

/* Themes are held against those that were given. */
static bool has_themes(const struct pair *pair)
{
	return is_feedback(pair) && pair->given.main != NONE;
}

static int by_value(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return x < y ? -1 : x > y;
}

/* xorshift64*: the same draws every time. */
static uint64_t draw(uint64_t *state)
{
	*state ^= *state >> 12;
	*state ^= *state << 25;
	*state ^= *state >> 27;
	return *state * 0x2545f4914f6cdd1du;
}

/* What was right, wrong and missed of each theme, in one draw of pieces. */
struct drawn {
	uint32_t right[SDG_FRAME_MAX], wrong[SDG_FRAME_MAX],
	    missed[SDG_FRAME_MAX];
};

static void add_set(uint32_t *counts, uint64_t set)
{
	for (; set; set &= set - 1)
		counts[__builtin_ctzll(set)]++;
}

static void draw_pieces(const struct evaluation *evaluation, uint64_t *state,
			struct drawn *out)
{
	*out = (struct drawn){ 0 };
	for (size_t i = 0; i < evaluation->count; i++) {
		const struct pair *pair =
		    &evaluation->pairs[draw(state) % evaluation->count];
		uint64_t both = pair->given.themes & pair->found.themes;

		if (!has_themes(pair))
			continue;
		add_set(out->right, both);
		add_set(out->wrong, pair->found.themes & ~both);
		add_set(out->missed, pair->given.themes & ~both);
	}
}

/* Of those draws that say anything; the others are below 0. */
static void take_interval(double *values, double *low, double *high)
{
	size_t n;

	qsort(values, RESAMPLES, sizeof(*values), by_value);
	for (n = RESAMPLES; n && *values < 0; n--)
		values++;
	if (n == 0)
		return;
	*low = values[n * 25 / 1000];
	*high = values[(n * 975 + 999) / 1000 - 1];
}

/* Values by figure: each theme's F1, then micro, then macro. */
static void draw_figures(const struct evaluation *evaluation,
			 const struct drawn *drawn, double (*values)[RESAMPLES],
			 int r)
{
	double right = 0, wrong = 0, missed = 0, sum = 0;
	size_t n = evaluation->theme_count, used = 0;

	for (size_t t = 0; t < n; t++) {
		values[t][r] = -1;
		right += drawn->right[t];
		wrong += drawn->wrong[t];
		missed += drawn->missed[t];
		if (drawn->right[t] + drawn->wrong[t] + drawn->missed[t]) {
			values[t][r] = f1_of(drawn->right[t], drawn->wrong[t],
					     drawn->missed[t]);
			sum += values[t][r];
			used++;
		}
	}
	values[n][r] = f1_of(right, wrong, missed);
	values[n + 1][r] = ratio(sum, (double)used);
}

static void resample(struct evaluation *evaluation)
{
	static double values[SDG_FRAME_MAX + 2][RESAMPLES];
	uint64_t state = 0x9e3779b97f4a7c15u;
	size_t n = evaluation->theme_count;
	struct drawn drawn;

	for (int r = 0; r < RESAMPLES; r++) {
		draw_pieces(evaluation, &state, &drawn);
		draw_figures(evaluation, &drawn, values, r);
	}
	for (size_t t = 0; t < n; t++)
		take_interval(values[t], &evaluation->themes[t].low,
			      &evaluation->themes[t].high);
	take_interval(values[n], &evaluation->micro_low,
		      &evaluation->micro_high);
	take_interval(values[n + 1], &evaluation->macro_low,
		      &evaluation->macro_high);
}

/* Nominal alpha of two coders: 1 - observed / expected disagreement, over
 * what both gave a value. */
static double alpha_of(const struct evaluation *evaluation,
		       unsigned (*value)(const struct verdict *, unsigned),
		       unsigned arg, bool feedback_only)
{
	uint32_t counts[SDG_FRAME_MAX + 1] = { 0 };
	double apart = 0, units = 0, together = 0, n;

	for (size_t i = 0; i < evaluation->count; i++) {
		const struct pair *pair = &evaluation->pairs[i];
		unsigned a, b;

		if (feedback_only && !is_feedback(pair))
			continue;
		a = value(&pair->given, arg);
		b = value(&pair->found, arg);
		if (a > SDG_FRAME_MAX || b > SDG_FRAME_MAX)
			continue;
		counts[a]++;
		counts[b]++;
		units++;
		apart += a != b;
	}
	n = 2 * units;
	for (size_t c = 0; c <= SDG_FRAME_MAX; c++)
		together += counts[c] * (counts[c] - 1.0);
	if (units < 2 || n * (n - 1) <= together)
		return units ? 1 : 0; /* nobody ever chose anything else */
	return 1 - (apart / units) / (1 - together / (n * (n - 1)));
}

#define NOT_SAID (SDG_FRAME_MAX + 1u)

static unsigned value_main(const struct verdict *verdict, unsigned arg)
{
	(void)arg;
	return verdict->main == NONE ? SDG_FRAME_MAX : verdict->main;
}

static unsigned value_theme(const struct verdict *verdict, unsigned theme)
{
	return verdict->themes >> theme & 1;
}

static unsigned value_kind(const struct verdict *verdict, unsigned arg)
{
	(void)arg;
	return verdict->has_kind ? verdict->kind : NOT_SAID;
}

static unsigned value_stance(const struct verdict *verdict, unsigned arg)
{
	(void)arg;
	return verdict->has_stance ? verdict->stance : NOT_SAID;
}

static unsigned value_region(const struct verdict *verdict, unsigned arg)
{
	(void)arg;
	return verdict->has_region ? verdict->region : NOT_SAID;
}

static unsigned value_role(const struct verdict *verdict, unsigned arg)
{
	(void)arg;
	return verdict->has_role ? verdict->role : NOT_SAID;
}

static void count_stance(struct evaluation *evaluation,
			 const struct verdict *given,
			 const struct verdict *found)
{
	if (!given->has_stance || !found->has_stance)
		return;
	share_count(&evaluation->stance, given->stance == found->stance);
	evaluation->stances[given->stance][found->stance]++;
}

static void count_pair(struct evaluation *evaluation, const struct pair *pair)
{
	const struct verdict *given = &pair->given, *found = &pair->found;

	if (given->has_kind && found->has_kind)
		share_count(&evaluation->kind, given->kind == found->kind);
	if (given->has_region && found->has_region) {
		bool right = given->region == found->region;

		share_count(&evaluation->region, right);
		if (given->has_evidence)
			share_count(&evaluation->by_evidence[given->evidence],
				    right);
		if (given->region == SDG_REGION_UNKNOWN)
			share_count(&evaluation->guesses, !right);
	}
	if (given->has_role && found->has_role) {
		share_count(&evaluation->role, given->role == found->role);
		if (given->role == SDG_ROLE_UNKNOWN)
			share_count(&evaluation->role_guesses,
				    given->role != found->role);
	}
	if (given->kind == SDG_KIND_FEEDBACK)
		count_stance(evaluation, given, found);
	if (!has_themes(pair))
		return;
	share_count(&evaluation->main, given->main == found->main);
	if (found->main != NONE)
		evaluation->confusion[given->main][found->main]++;
	for (size_t t = 0; t < evaluation->theme_count; t++) {
		bool is = found->themes >> t & 1,
		     should = given->themes >> t & 1;

		evaluation->themes[t].right += is && should;
		evaluation->themes[t].wrong += is && !should;
		evaluation->themes[t].missed += !is && should;
	}
}

static void finish_themes(struct evaluation *evaluation)
{
	double right = 0, wrong = 0, missed = 0, sum = 0;
	size_t used = 0;

	for (size_t t = 0; t < evaluation->theme_count; t++) {
		struct theme_figures *theme = &evaluation->themes[t];

		theme->precision =
		    (struct share){ .right = theme->right,
				    .of = theme->right + theme->wrong };
		theme->recall =
		    (struct share){ .right = theme->right,
				    .of = theme->right + theme->missed };
		share_finish(&theme->precision);
		share_finish(&theme->recall);
		theme->f1 = f1_of(theme->right, theme->wrong, theme->missed);
		theme->alpha =
		    alpha_of(evaluation, value_theme, (unsigned)t, true);
		right += theme->right;
		wrong += theme->wrong;
		missed += theme->missed;
		if (theme->right + theme->wrong + theme->missed) {
			sum += theme->f1;
			used++;
		}
	}
	evaluation->micro_f1 = f1_of(right, wrong, missed);
	evaluation->micro_precision = ratio(right, right + wrong);
	evaluation->micro_recall = ratio(right, right + missed);
	evaluation->macro_f1 = ratio(sum, (double)used);
}

void evaluation_count(struct evaluation *evaluation)
{
	for (size_t i = 0; i < evaluation->count; i++)
		count_pair(evaluation, &evaluation->pairs[i]);
	finish_themes(evaluation);
	if (evaluation->count)
		resample(evaluation);
	share_finish(&evaluation->main);
	share_finish(&evaluation->kind);
	share_finish(&evaluation->stance);
	share_finish(&evaluation->region);
	share_finish(&evaluation->guesses);
	share_finish(&evaluation->role);
	share_finish(&evaluation->role_guesses);
	for (size_t i = 0; i < SDG_EVIDENCE_COUNT; i++)
		share_finish(&evaluation->by_evidence[i]);
	evaluation->alpha_main = alpha_of(evaluation, value_main, 0, true);
	evaluation->alpha_kind = alpha_of(evaluation, value_kind, 0, false);
	evaluation->alpha_stance = alpha_of(evaluation, value_stance, 0, true);
	evaluation->alpha_region = alpha_of(evaluation, value_region, 0, false);
	evaluation->alpha_role = alpha_of(evaluation, value_role, 0, false);
}
