/*
 * classify_stance: for or against the association, or what is proposed.
 *
 * Not for or against the world: a bitter message on inspection that says
 * nothing of the association is neutral. That is why words of sentences that
 * address the association are features of their own (signals.h), and why
 * sentences are scored one by one beside the whole: one that thanks is not
 * undone by ten that tell what happened.
 */
#include <math.h>
#include <string.h>

#include "classify_internal.h"
#include "decide.h"
#include "theme.h"

/* Sentence @number: its scores, and what they were divided by. */
static void read_sentence(const struct sdg_classifier *classifier,
			  size_t number, float scores[SDG_STANCE_COUNT],
			  float *norm)
{
	const struct sdg_model *model = &classifier->model;
	size_t first = model->header->theme_count;
	size_t i = number ? classifier->sentences[number - 1] : 0;
	float square = 0;
	sdg_stances sum = { 0 };

	for (; i < classifier->sentences[number]; i++) {
		const struct sdg_weights *row =
		    sdg_model_row(model, classifier->met[i]);

		square += row->value * row->value;
		sum += sdg_model_stances(row, first) * row->factor;
	}
	*norm = square > 0 ? sqrtf(square) : 1;
	for (size_t s = 0; s < SDG_STANCE_COUNT; s++)
		scores[s] = sum[s] / *norm + model->header->bias[first + s];
}

/* How much more a stance's chance grows by each sign than that of the
 * others does: what all grow by alike decides nothing. */
static void favour(const struct sdg_calibration *calibration,
		   enum sdg_stance stance, float out[SDG_SIGN_COUNT])
{
	for (int k = 0; k < SDG_SIGN_COUNT; k++) {
		float all = 0;

		for (int s = 0; s < SDG_STANCE_COUNT; s++)
			all += calibration->stance[s][k];
		out[k] =
		    calibration->stance[stance][k] - all / SDG_STANCE_COUNT;
	}
}

/* How steeply a pressed score still grows. */
static float slope(float score)
{
	float side = 1 + fabsf(2 * score);

	return 2 / (side * side);
}

/* The features of a sentence, from @i on, say so much for the stance, each
 * column of theirs counting @by. Returns the first of the next. */
static size_t explain_sentence(const struct sdg_classifier *classifier,
			       const struct sdg_piece *piece, size_t i,
			       const float by[SDG_STANCE_COUNT],
			       struct sdg_explanation *why)
{
	const struct sdg_model *model = &classifier->model;
	bool ends = false;

	for (; !ends; i++) {
		const struct sdg_feature *feature = &piece->features[i];
		struct sdg_reason reason = { .label = SDG_LABEL_STANCE };
		uint32_t number = sdg_model_ask(model, feature);
		const struct sdg_weights *row;
		sdg_stances weights;

		ends = feature->how.ends;
		if (number == SDG_NO_ROW)
			continue;
		row = sdg_model_row(model, number);
		weights = sdg_model_stances(row, model->header->theme_count) *
			  row->factor;
		for (int s = 0; s < SDG_STANCE_COUNT; s++)
			reason.weight += by[s] * weights[s];
		if (fabsf(reason.weight) < 0.02F)
			continue;
		reason.rule = sdg_feature_rule(feature);
		sdg_piece_quote(piece, feature->first, feature->how.words,
				&reason);
		sdg_explain_add(why, &reason);
	}
	return i;
}

static void explain(const struct sdg_classifier *classifier,
		    const struct sdg_piece *piece, enum sdg_stance stance,
		    const struct sdg_sentences *sentences,
		    struct sdg_explanation *why)
{
	float signs[SDG_SIGN_COUNT], by[SDG_STANCE_COUNT];
	float scores[SDG_STANCE_COUNT], norm;
	size_t at = 0;

	favour(&classifier->calibration, stance, signs);
	for (size_t number = 0; number < classifier->sentence_count; number++) {
		read_sentence(classifier, number, scores, &norm);
		for (int s = 0; s < SDG_STANCE_COUNT; s++) {
			float own = signs[SDG_SIGN_MEAN + s] *
				    slope(scores[s]) / (float)sentences->count;

			if (number == 0)
				own += signs[SDG_SIGN_FIRST + s];
			if (scores[s] >= sentences->most[s])
				own += signs[SDG_SIGN_MOST + s];
			if (number + 1 == sentences->count)
				own += signs[SDG_SIGN_LAST + s];
			by[s] = own / norm +
				signs[SDG_SIGN_WHOLE + s] / piece->stance_norm;
		}
		at = explain_sentence(classifier, piece, at, by, why);
	}
}

void sdg_stance_decide(struct sdg_classifier *classifier,
		       const struct sdg_piece *piece, struct sdg_labels *labels,
		       struct sdg_explanation *why)
{
	struct sdg_sentences sentences = { 0 };
	float scores[SDG_STANCE_COUNT], signs[SDG_SIGN_COUNT], norm;

	labels->stance = SDG_STANCE_NEUTRAL;
	if (!classifier->modelled || !piece->known)
		return;
	for (size_t i = 0; i < classifier->sentence_count; i++) {
		read_sentence(classifier, i, scores, &norm);
		sdg_decide_sentence(&sentences, scores);
	}
	sdg_decide_signs(&sentences, piece->stances,
			 piece->text_words + piece->subject_words, signs);
	labels->stance = sdg_decide_stance(&classifier->calibration, signs);
	if (why)
		explain(classifier, piece, labels->stance, &sentences, why);
}
