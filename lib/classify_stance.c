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

/* What the features of a sentence say. */
struct said {
	float stances[SDG_STANCE_COUNT], tones[SDG_TONE_COUNT];
	float norm; /* what they were divided by */
};

static void read_sentence(const struct sdg_classifier *classifier,
			  size_t number, struct said *said)
{
	const struct sdg_model *model = &classifier->model;
	size_t first = model->header->theme_count;
	const float *bias = model->header->bias + first;
	size_t i = number ? classifier->sentences[number - 1] : 0;
	sdg_four stances = { 0 }, tones = { 0 };
	float square = 0;

	for (; i < classifier->sentences[number]; i++) {
		const struct sdg_weights *row =
		    sdg_model_row(model, classifier->met[i]);

		square += row->value * row->value;
		stances += sdg_model_stances(row, first) * row->factor;
		tones += sdg_model_tones(row, first) * row->factor;
	}
	said->norm = square > 0 ? sqrtf(square) : 1;
	for (size_t s = 0; s < SDG_STANCE_COUNT; s++)
		said->stances[s] = stances[s] / said->norm + bias[s];
	for (size_t t = 0; t < SDG_TONE_COUNT; t++)
		said->tones[t] =
		    tones[t] / said->norm + bias[SDG_STANCE_COUNT + t];
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

/* What each column of a sentence's features counts for a stance. */
struct share {
	float stances[SDG_STANCE_COUNT], tones[SDG_TONE_COUNT];
};

/* How much the signs of the tones grow with those of sentence @said. */
static void share_tones(const struct sdg_sentences *sentences,
			const struct said *said,
			const float signs[SDG_SIGN_COUNT], struct share *share)
{
	for (int t = 0; t < SDG_TONE_COUNT; t++) {
		float chance = sdg_sigmoid(said->tones[t]);
		float grows = chance * (1 - chance);
		float none = sentences->tone_none[t];
		float others = none / (1 - SDG_TONE_SURE * chance);

		share->tones[t] += signs[SDG_SIGN_TONE_SUM + t] * grows +
				   signs[SDG_SIGN_TONE_ANY + t] * others *
				       SDG_TONE_SURE * grows /
				       (1 + SDG_TONE_FLOOR - none);
		if (said->tones[t] >= sentences->tone_most[t])
			share->tones[t] += signs[SDG_SIGN_TONE_MOST + t];
	}
}

/* What sentence @number of @sentences counts. */
static void share_out(const struct sdg_sentences *sentences, size_t number,
		      const struct said *said,
		      const float signs[SDG_SIGN_COUNT], float whole,
		      struct share *out)
{
	bool first = number == 0, last = number + 1 == sentences->count;

	*out = (struct share){ 0 };
	share_tones(sentences, said, signs, out);
	for (int t = 0; t < SDG_TONE_COUNT; t++) {
		out->tones[t] += first ? signs[SDG_SIGN_TONE_FIRST + t] : 0;
		out->tones[t] += last ? signs[SDG_SIGN_TONE_LAST + t] : 0;
		out->tones[t] /= said->norm;
	}
	for (int s = 0; s < SDG_STANCE_COUNT; s++) {
		float own = signs[SDG_SIGN_MEAN + s] * slope(said->stances[s]) /
			    (float)sentences->count;

		own += first ? signs[SDG_SIGN_FIRST + s] : 0;
		own += last ? signs[SDG_SIGN_LAST + s] : 0;
		if (said->stances[s] >= sentences->most[s])
			own += signs[SDG_SIGN_MOST + s];
		out->stances[s] =
		    own / said->norm + signs[SDG_SIGN_WHOLE + s] / whole;
	}
}

static float weigh(const struct sdg_model *model, const struct sdg_weights *row,
		   const struct share *share)
{
	size_t first = model->header->theme_count;
	sdg_four stances = sdg_model_stances(row, first);
	sdg_four tones = sdg_model_tones(row, first);
	float sum = 0;

	for (int s = 0; s < SDG_STANCE_COUNT; s++)
		sum += share->stances[s] * stances[s];
	for (int t = 0; t < SDG_TONE_COUNT; t++)
		sum += share->tones[t] * tones[t];
	return sum * row->factor;
}

/* The features of a sentence, from @i on, say so much for the stance. Returns
 * the first of the next. */
static size_t explain_sentence(const struct sdg_classifier *classifier,
			       const struct sdg_piece *piece, size_t i,
			       const struct share *share,
			       struct sdg_explanation *why)
{
	const struct sdg_model *model = &classifier->model;
	bool ends = false;

	for (; !ends; i++) {
		const struct sdg_feature *feature = &piece->features[i];
		struct sdg_reason reason = { .label = SDG_LABEL_STANCE };
		uint32_t number = sdg_model_ask(model, feature);

		ends = feature->how.ends;
		if (number == SDG_NO_ROW)
			continue;
		reason.weight =
		    weigh(model, sdg_model_row(model, number), share);
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
	float signs[SDG_SIGN_COUNT];
	struct share share;
	struct said said;
	size_t at = 0;

	favour(&classifier->calibration, stance, signs);
	for (size_t number = 0; number < classifier->sentence_count; number++) {
		read_sentence(classifier, number, &said);
		share_out(sentences, number, &said, signs, piece->stance_norm,
			  &share);
		at = explain_sentence(classifier, piece, at, &share, why);
	}
}

void sdg_stance_decide(struct sdg_classifier *classifier,
		       const struct sdg_piece *piece, struct sdg_labels *labels,
		       struct sdg_explanation *why)
{
	struct sdg_sentences sentences = { 0 };
	float signs[SDG_SIGN_COUNT];
	struct said said;

	labels->stance = SDG_STANCE_NEUTRAL;
	if (!classifier->modelled || !piece->known)
		return;
	for (size_t i = 0; i < classifier->sentence_count; i++) {
		read_sentence(classifier, i, &said);
		sdg_decide_sentence(&sentences, said.stances, said.tones);
	}
	sdg_decide_signs(&sentences, piece->stances,
			 piece->text_words + piece->subject_words, signs);
	labels->stance = sdg_decide_stance(&classifier->calibration, signs);
	if (why)
		explain(classifier, piece, labels->stance, &sentences, why);
}
