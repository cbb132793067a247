/*
 * train_fit: weights from texts. The one file that knows liblinear;
 * train_score.c says what they make of a text.
 *
 * Two linear models over the same features are summed, which is one linear
 * model again. The first weighs each feature by how much more often it
 * stands in a theme's texts than elsewhere (a naive Bayes log-ratio over
 * weighted counts): it is steady where examples are few, and carries over
 * to voices nobody has heard. The second is a logistic regression, one
 * theme against the rest, which sees to what those ratios count twice. Cues
 * are taken as very short texts of their theme. A text's second themes
 * teach the first model a little and the second nothing, neither for nor
 * against. Measured in docs/QUALITY.md.
 */
#include "train_internal.h"

#include <math.h>
#include <stdlib.h>

#include <linear.h>

#define SMOOTHING 0.1
#define SECOND_WEIGHT 0.25 /* of a text for its second themes */
#define CUE_TEXT_WEIGHT 0.12
#define CUE_TEXT_LENGTH 0.5 /* a short vector teaches liblinear less */
#define LINEAR_WEIGHT 0.3F
#define VALUE_POWER 1.2
/* A feature of one text alone says little, but where there are few texts it is
 * what there is. */
#define SEEN_MIN 2
#define FEW_TEXTS 2000

#define THEME_COST 15
#define STANCE_COST 10
#define SENTENCE_COST 5
#define SENTENCE_WEIGHT 0.4F /* of those beside whole texts, for themes */
#define KIND_COST 20
/* Of fewer texts of a kind none is learnt: every word of theirs would mark it,
 * and a member's voice taken for a machine's is lost. */
#define KIND_LEAST 10
/* However much feedback is taught, a kind weighs as if one text in a hundred
 * were of it: how many were written says nothing of how much comes in. */
#define KIND_SHARE 0.01
#define PASSAGE_STANCE_LENGTH 0.55
#define PASSAGE_STANCE_SHARE 0.5
#define STANCE_RATIO_WEIGHT 0.3F
#define KIND_RATIO_WEIGHT 0.3F

/* Everything of one run; arrays are by text unless said otherwise. */
struct run {
	const struct set *set;
	struct fit *fit;
	bool *taken;
	struct feature_node **plain; /* unit vectors of the plain features */
	struct feature_node **all;   /* of plain and extra ones */
	struct feature_node *nodes;  /* where those lie */
	struct feature_node **x;     /* of one training problem */
	double *y;
	size_t problem;
};

static void quiet(const char *line)
{
	(void)line;
}

void fit_fini(struct fit *fit)
{
	free(fit->row_of);
	free(fit->values);
	free(fit->weights);
	*fit = (struct fit){ 0 };
}

static float how_much(const struct feature_info *feature)
{
	bool pair = feature->what == SDG_FEATURE_PAIR ||
		    feature->what == SDG_FEATURE_PAIR_BEGINS;

	return pair ? PAIR_VALUE : 1;
}

/* Which features are rows, and what each is worth: rare ones most. */
static int choose_rows(struct run *run)
{
	const struct set *set = run->set;
	struct fit *fit = run->fit;
	uint32_t *seen = calloc(2 * set->feature_count + 1, sizeof(*seen));
	uint32_t *with_cues = seen ? seen + set->feature_count : NULL;
	size_t texts = 0;

	fit->row_of = malloc((set->feature_count + 1) * sizeof(*fit->row_of));
	fit->values = malloc((set->feature_count + 1) * sizeof(*fit->values));
	if (!seen || !fit->row_of || !fit->values) {
		free(seen);
		return -1;
	}
	for (size_t i = 0; i < set->text_count; i++) {
		const struct text *text = &set->texts[i];

		if (!run->taken[i])
			continue;
		texts += !text->cue;
		for (size_t k = 0; k < text->plain + text->extra; k++) {
			uint32_t id = set->ids[text->first + k];

			seen[id] += !text->cue;
			with_cues[id]++;
		}
	}
	for (size_t i = 0; i < set->feature_count; i++) {
		double value = log(1 + (double)texts / (seen[i] + 1));

		fit->row_of[i] = NO_FEATURE;
		if (with_cues[i] < (texts < FEW_TEXTS ? 1 : SEEN_MIN))
			continue;
		fit->row_of[i] = (uint32_t)fit->row_count;
		fit->values[fit->row_count++] = (float)pow(value, VALUE_POWER) *
						how_much(&set->features[i]);
	}
	free(seen);
	return 0;
}

/* The features @from to @to of @text as a unit vector; returns past it. */
static struct feature_node *make_vector(const struct run *run,
					const struct text *text, size_t n,
					struct feature_node *at)
{
	const struct set *set = run->set;
	struct feature_node *first = at;
	double sum = 0;

	for (size_t i = 0; i < n; i++) {
		uint32_t row = run->fit->row_of[set->ids[text->first + i]];

		if (row == NO_FEATURE)
			continue;
		at->index = (int)row + 1;
		at->value = (double)run->fit->values[row] *
			    (double)set->counts[text->first + i];
		sum += at->value * at->value;
		at++;
	}
	for (struct feature_node *node = first; node < at; node++)
		node->value /= sum > 0 ? sqrt(sum) : 1;
	/* liblinear's own bias feature, present in every text */
	*at++ = (struct feature_node){ (int)run->fit->row_count + 1, 1 };
	*at++ = (struct feature_node){ -1, 0 };
	return at;
}

static int make_vectors(struct run *run)
{
	const struct set *set = run->set;
	struct feature_node *at;
	size_t nodes = 1; /* malloc(0) may well give NULL */

	for (size_t i = 0; i < set->text_count; i++)
		nodes +=
		    2 * (size_t)set->texts[i].plain + set->texts[i].extra + 4;
	run->nodes = malloc(nodes * sizeof(*run->nodes));
	if (!run->nodes)
		return -1;
	at = run->nodes;
	for (size_t i = 0; i < set->text_count; i++) {
		const struct text *text = &set->texts[i];

		run->plain[i] = at;
		if (run->taken[i])
			at = make_vector(run, text, text->plain, at);
		run->all[i] = at;
		if (run->taken[i] && !text->cue)
			at = make_vector(run, text, text->plain + text->extra,
					 at);
	}
	return 0;
}

/* How much of a text belongs to theme @theme, 0 to 1. */
static double share(const struct text *text, size_t theme)
{
	double share = 0;

	if (text->main == theme)
		share = 1;
	else if (text->second >> theme & 1)
		share = SECOND_WEIGHT;
	return text->cue ? share * CUE_TEXT_WEIGHT * (double)text->weight
			 : share;
}

/* Neutral, or not: by whole pieces. */
static double share_neutral(const struct text *text, size_t class)
{
	bool neutral = text->stance == SDG_STANCE_NEUTRAL;

	return !text->passage && neutral == (class == 0) ? 1 : 0;
}

/* Which stance, where there is one. */
static double share_stance(const struct text *text, size_t class)
{
	if (text->stance != class + 1)
		return 0;
	return text->passage ? PASSAGE_STANCE_SHARE : 1;
}

/* Feedback has no column: it is what the others are told from. */
static double share_kind(const struct text *text, size_t class)
{
	if (class == SDG_KIND_COLUMNS)
		return text->kind == SDG_KIND_FEEDBACK;
	return text->kind == class + SDG_KIND_FIRST;
}

/* What the log-ratios of some columns are taken from. */
struct ratios {
	size_t column, count; /* the columns */
	size_t against;       /* classes more, that have no column */
	float weight;
	bool extra; /* features for the stance, too */
	bool cues;  /* cues, too */
	bool kinds; /* what is no feedback, too */
	/* How much of a text belongs to a class, 0 to 1. */
	double (*share)(const struct text *text, size_t class);
};

/* Adds what the texts hold of each feature to @mass and @sums; returns all. */
static double weigh(const struct run *run, const struct ratios *ratios,
		    double *mass, double *sums)
{
	const struct set *set = run->set;
	size_t classes = ratios->count + ratios->against;
	int rows = (int)run->fit->row_count;
	double total = 0;

	for (size_t i = 0; i < set->text_count; i++) {
		const struct text *text = &set->texts[i];

		if (!run->taken[i] || (text->cue && !ratios->cues) ||
		    (text->main == NO_THEME && !ratios->kinds))
			continue;
		for (size_t c = 0; c < classes; c++) {
			double part = ratios->share(text, c);
			const struct feature_node *node =
			    ratios->extra ? run->all[i] : run->plain[i];

			for (;
			     part > 0 && node->index <= rows && node->index > 0;
			     node++) {
				double more = part * node->value;

				mass[(size_t)(node->index - 1) * classes + c] +=
				    more;
				sums[c] += more;
				total += more;
			}
		}
	}
	return total;
}

static double sum_of(const double *mass, size_t classes)
{
	double all = 0;

	for (size_t c = 0; c < classes; c++)
		all += mass[c];
	return all;
}

/* Adds to each column how much more often a feature stands in its class. */
static int fit_ratios(struct run *run, const struct ratios *ratios)
{
	struct fit *fit = run->fit;
	size_t classes = ratios->count + ratios->against;
	double sums[SDG_FRAME_MAX + 1] = { 0 }, total, floor = 0;
	double *mass = calloc(fit->row_count * classes + 1, sizeof(*mass));

	if (!mass)
		return -1;
	total = weigh(run, ratios, mass, sums);
	for (size_t row = 0; row < fit->row_count; row++)
		floor +=
		    sum_of(mass + row * classes, classes) > 0 ? SMOOTHING : 0;
	for (size_t row = 0; row < fit->row_count; row++) {
		const double *at = mass + row * classes;
		double all = sum_of(at, classes);

		for (size_t c = 0; c < ratios->count && all > 0; c++)
			fit->weights[row * fit->columns + ratios->column + c] +=
			    ratios->weight *
			    (float)(log((at[c] + SMOOTHING) /
					(sums[c] + floor)) -
				    log((all - at[c] + SMOOTHING) /
					(total - sums[c] + floor)));
	}
	free(mass);
	return 0;
}

static void take(struct run *run, struct feature_node *x, bool positive)
{
	run->x[run->problem] = x;
	run->y[run->problem++] = positive ? 1 : -1;
}

/* Trains on what was taken, adds the result to @column with @weight; examples
 * of it count @times as much as the others. */
static int fit_column_times(struct run *run, size_t column, double cost,
			    float weight, double times)
{
	struct fit *fit = run->fit;
	struct problem problem = { .l = (int)run->problem,
				   .n = (int)fit->row_count + 1,
				   .y = run->y,
				   .x = run->x,
				   .bias = 1 };
	int positive = 1;
	/* The dual solver calls no BLAS, so that whichever is installed the
	 * result is the same to the byte; it shuffles with rand(). */
	struct parameter parameter = { .solver_type = L2R_LR_DUAL,
				       .eps = 0.3,
				       .C = cost,
				       .nr_weight = 1,
				       .weight_label = &positive,
				       .weight = &times };
	bool both = false;
	struct model *model;

	for (size_t i = 1; i < run->problem && !both; i++)
		both = run->y[i] != run->y[0];
	if (!both) { /* nothing to tell apart */
		fit->bias[column] += run->problem && run->y[0] > 0 ? 3 : -3;
		return 0;
	}
	srand(1);
	model = train(&problem, &parameter);
	if (!model)
		return -1;
	for (size_t row = 0; row < fit->row_count; row++)
		fit->weights[row * fit->columns + column] +=
		    weight * (float)get_decfun_coef(model, (int)row + 1, 0) *
		    (float)model->label[0];
	fit->bias[column] +=
	    weight * (float)get_decfun_bias(model, 0) * (float)model->label[0];
	free_and_destroy_model(&model);
	return 0;
}

static int fit_column(struct run *run, size_t column, double cost, float weight)
{
	return fit_column_times(run, column, cost, weight, 1);
}

/* Before vectors are shortened. */
static int fit_all_ratios(struct run *run)
{
	size_t themes = run->set->frame->theme_count;
	const struct ratios of_themes = {
		.count = themes, .weight = 1, .cues = true, .share = share
	};
	const struct ratios of_neutral = { .column = themes,
					   .count = 1,
					   .against = 1,
					   .weight = STANCE_RATIO_WEIGHT,
					   .extra = true,
					   .share = share_neutral };
	const struct ratios of_stances = { .column = themes + 1,
					   .count = SDG_STANCE_COUNT - 1,
					   .weight = STANCE_RATIO_WEIGHT,
					   .extra = true,
					   .share = share_stance };

	const struct ratios of_kinds = { .column = themes + SDG_KINDS_AT,
					 .count = SDG_KIND_COLUMNS,
					 .against = 1,
					 .weight = KIND_RATIO_WEIGHT,
					 .kinds = true,
					 .share = share_kind };

	if (fit_ratios(run, &of_themes) < 0 ||
	    fit_ratios(run, &of_neutral) < 0 ||
	    fit_ratios(run, &of_stances) < 0 || fit_ratios(run, &of_kinds) < 0)
		return -1;
	return 0;
}

static int fit_themes(struct run *run)
{
	const struct set *set = run->set;

	for (size_t t = 0; t < set->frame->theme_count; t++) {
		run->problem = 0;
		for (size_t i = 0; i < set->text_count; i++) {
			const struct text *text = &set->texts[i];

			if (run->taken[i] && text->main != NO_THEME &&
			    !(text->second >> t & 1))
				take(run, run->plain[i], text->main == t);
		}
		if (fit_column(run, t, THEME_COST, LINEAR_WEIGHT) < 0)
			return -1;
	}
	return 0;
}

/*
 * Two steps. Whether a piece takes any stance toward the association is
 * learnt from whole pieces, which follow the definition; which stance it is,
 * from all that take one: passages follow tone, and there tone is what
 * counts. The calibration puts the two together (train_stance.c).
 */
static int fit_stances(struct run *run)
{
	const struct set *set = run->set;

	for (size_t s = 0; s < SDG_STANCE_COUNT; s++) {
		run->problem = 0;
		for (size_t i = 0; i < set->text_count; i++) {
			const struct text *text = &set->texts[i];
			bool taken = s == SDG_STANCE_NEUTRAL
					 ? !text->passage
					 : text->stance != SDG_STANCE_NEUTRAL;

			if (run->taken[i] && !text->cue &&
			    text->main != NO_THEME && taken)
				take(run, run->all[i], text->stance == s);
		}
		if (fit_column(run, set->frame->theme_count + s, STANCE_COST,
			       1) < 0)
			return -1;
	}
	return 0;
}

/* Example @i as liblinear has vectors; returns past it. */
static struct feature_node *put_example(const struct fit *fit,
					const struct examples *examples,
					size_t i, struct feature_node *at)
{
	const struct part *part = examples->parts + examples->ends[i];
	const struct part *end = examples->parts + examples->ends[i + 1];

	for (; part < end; part++)
		*at++ = (struct feature_node){ (int)part->row + 1,
					       (double)part->value };
	*at++ = (struct feature_node){ (int)fit->row_count + 1, 1 };
	*at++ = (struct feature_node){ -1, 0 };
	return at;
}

static bool shows_any(const struct examples *examples, size_t theme)
{
	for (size_t i = 0; i < examples->count; i++) {
		if (examples->shown[i].themes >> theme & 1)
			return true;
	}
	return false;
}

/* One column after the other from what @examples show. */
static int fit_examples(struct run *run, const struct examples *examples,
			bool themes)
{
	size_t count = themes ? run->set->frame->theme_count : SDG_TONE_COUNT;
	size_t first =
	    themes ? 0 : run->set->frame->theme_count + SDG_STANCE_COUNT;
	struct run of = { .fit = run->fit };
	struct feature_node *nodes, *at;
	size_t n = examples->count;
	int rc;

	nodes = malloc((examples->ends[n] + 2 * n + 1) * sizeof(*nodes));
	of.x = calloc(n + 1, sizeof(struct feature_node *));
	of.y = calloc(n + 1, sizeof(*of.y));
	rc = nodes && of.x && of.y ? 0 : -1;
	for (size_t c = 0; c < count && rc == 0; c++) {
		of.problem = 0;
		at = nodes;
		for (size_t i = 0; i < n; i++) {
			const struct shown *shown = &examples->shown[i];

			take(&of, at,
			     (themes ? shown->themes : shown->tones) >> c & 1);
			at = put_example(run->fit, examples, i, at);
		}
		if (themes && !shows_any(examples, c))
			continue;
		rc = fit_column(&of, first + c, SENTENCE_COST,
				themes ? SENTENCE_WEIGHT : 1);
	}
	free(nodes);
	free(of.x);
	free(of.y);
	return rc;
}

/* What single sentences show (train_rationales.c): columns of their own for
 * tones; for themes it is added to what whole texts taught. */
static int fit_sentences(struct run *run)
{
	struct examples examples;
	int rc;

	rc = rationales_of_tones(run->set, run->fit, run->taken, &examples);
	if (rc < 0)
		return -1;
	rc = fit_examples(run, &examples, false);
	examples_fini(&examples);
	if (rc == 0)
		rc = rationales_of_themes(run->set, run->fit, run->taken,
					  &examples);
	if (rc < 0)
		return -1;
	rc = fit_examples(run, &examples, true);
	examples_fini(&examples);
	return rc;
}

/* As if there were no such kind. */
static void leave_out(struct fit *fit, size_t column)
{
	for (size_t row = 0; row < fit->row_count; row++)
		fit->weights[row * fit->columns + column] = 0;
	fit->bias[column] = -3;
}

static int fit_kinds(struct run *run)
{
	const struct set *set = run->set;
	size_t first = set->frame->theme_count + SDG_KINDS_AT;

	for (size_t k = 0; k < SDG_KIND_COLUMNS; k++) {
		size_t column = first + k;
		size_t seen = 0;

		run->problem = 0;
		for (size_t i = 0; i < set->text_count; i++) {
			const struct text *text = &set->texts[i];

			if (!run->taken[i] || text->cue)
				continue;
			take(run, run->plain[i],
			     text->kind == k + SDG_KIND_FIRST);
			seen += text->kind == k + SDG_KIND_FIRST;
		}
		if (seen < KIND_LEAST)
			leave_out(run->fit, column);
		else if (fit_column_times(
			     run, column, KIND_COST, 1,
			     fmax(1, KIND_SHARE * (double)run->problem /
					 (double)seen)) < 0)
			return -1;
	}
	return 0;
}

/* Cues and the text itself are scaled down once, in place: the first model
 * has read them at full length by then. */
static void shorten(struct run *run)
{
	const struct set *set = run->set;

	for (size_t i = 0; i < set->text_count; i++) {
		const struct text *text = &set->texts[i];
		struct feature_node *node = NULL;
		double length = 1;

		if (run->taken[i] && text->cue) {
			node = run->plain[i];
			length = CUE_TEXT_LENGTH * (double)text->weight;
		} else if (run->taken[i] && text->passage) {
			node = run->all[i];
			length = PASSAGE_STANCE_LENGTH;
		}
		for (; node && node->index >= 0; node++)
			node->value *= length;
	}
}

static int fit_all(struct run *run)
{
	struct fit *fit = run->fit;

	if (choose_rows(run) < 0 || make_vectors(run) < 0)
		return -1;
	fit->columns = run->set->frame->theme_count + SDG_BESIDE_COLUMNS;
	fit->weights =
	    calloc(fit->row_count * fit->columns + 1, sizeof(*fit->weights));
	if (!fit->weights || fit_all_ratios(run) < 0)
		return -1;
	shorten(run);
	if (fit_themes(run) < 0 || fit_stances(run) < 0 ||
	    fit_sentences(run) < 0 || fit_kinds(run) < 0)
		return -1;
	return 0;
}

int fit_find(const struct set *set, const uint8_t *groups, int held_out,
	     struct fit *out, struct sdg_error *err)
{
	size_t n = set->text_count + 1;
	struct run run = { .set = set, .fit = out };
	int rc = -1;

	*out = (struct fit){ 0 };
	set_print_string_function(quiet);
	run.taken = calloc(n, sizeof(*run.taken));
	run.plain = calloc(n, sizeof(struct feature_node *));
	run.all = calloc(n, sizeof(struct feature_node *));
	run.x = calloc(n, sizeof(struct feature_node *));
	run.y = calloc(n, sizeof(*run.y));
	if (run.taken && run.plain && run.all && run.x && run.y) {
		for (size_t i = 0; i < set->text_count; i++)
			run.taken[i] = !groups || set->texts[i].cue ||
				       groups[set->texts[i].file] != held_out;
		rc = fit_all(&run);
	}
	free(run.taken);
	free(run.plain);
	free(run.all);
	free(run.nodes);
	free(run.x);
	free(run.y);
	if (rc < 0) {
		fit_fini(out);
		return sdg_fail(err, SDG_ENOMEM, "train: no memory");
	}
	return 0;
}
