/*
 * score_question: a survey's question is context, not evidence.
 *
 * "It doesn't", under "How well does the association listen to you?", says
 * nothing by itself. So the question lends an answer its words, the more the
 * less probable its own first theme is; one that is clear by itself is read
 * as if next to nothing had been asked. For kind and stance the question
 * counts for nothing.
 */
#include "classify_internal.h"
#include "decide.h"
#include "theme.h"

#define WORDS_MAX 64
/* What a question lends, beside an answer that says nothing. */
#define WEIGHT 2.0F

static float chance_of(const struct sdg_classifier *classifier,
		       const struct sdg_piece *piece)
{
	struct sdg_choice_of_themes choice;

	sdg_decide_themes(&classifier->calibration, piece->themes,
			  classifier->theme_count, classifier->other,
			  piece->text_words + piece->subject_words, &choice);
	return choice.scores[0];
}

/* What the question's words say of each column; returns their square. */
static float add_words(struct sdg_classifier *classifier,
		       struct sdg_str question, float sums[SDG_COLUMNS_MAX])
{
	const struct sdg_model *model = &classifier->model;
	struct sdg_word words[WORDS_MAX];
	struct sdg_feature features[SDG_FEATURES_OF(WORDS_MAX)];
	size_t n =
	    sdg_words_split(classifier->stemmer, question, words, WORDS_MAX);
	size_t count = sdg_features_list(&classifier->address, words, n,
					 SDG_FIELD_SUBJECT, features);
	float square = 0;

	for (size_t i = 0; i < count; i++) {
		const struct sdg_weights *row;
		uint32_t number;

		if (features[i].how.stance)
			continue;
		number = sdg_model_ask(model, &features[i]);
		if (number == SDG_NO_ROW)
			continue;
		row = sdg_model_row(model, number);
		square += row->value * row->value;
		for (size_t c = 0; c < model->header->theme_count; c++)
			sums[c] += row->factor * (float)row->weights[c];
	}
	return square;
}

void sdg_score_question(struct sdg_classifier *classifier,
			struct sdg_piece *piece)
{
	float sums[SDG_COLUMNS_MAX] = { 0 }, weight, norm, square;

	weight = WEIGHT * (1 - chance_of(classifier, piece));
	square = add_words(classifier, piece->fb->question, sums);
	norm = sqrtf(piece->norm * piece->norm + weight * weight * square);
	for (size_t t = 0; t < classifier->theme_count; t++) {
		int column = classifier->columns[t];
		float bias, own;

		if (column < 0)
			continue;
		bias = classifier->model.header->bias[column];
		own = piece->themes[t] - bias;
		piece->lent[t] = weight * sums[column] / norm;
		piece->themes[t] =
		    bias + own * piece->norm / norm + piece->lent[t];
	}
}
