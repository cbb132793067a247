/*
 * classify_theme: which themes a piece of feedback raises, main one first.
 */
#include <string.h>

#include "classify_internal.h"
#include "decide.h"
#include "theme.h"

struct explaining {
	const struct sdg_piece *piece;
	const struct sdg_labels *labels;
	struct sdg_explanation *why;
	const bool *thin;
	float factor, thin_factor;
	size_t offset; /* of the field's words among the piece's */
};

static void explain_cue(void *arg, uint8_t theme, int weight, size_t first,
			size_t count)
{
	struct explaining *explaining = arg;
	struct sdg_reason reason = { .label = SDG_LABEL_THEME,
				     .theme = theme,
				     .rule = "cue" };

	for (int i = 0; i < explaining->labels->theme_count; i++) {
		if (explaining->labels->themes[i] != theme)
			continue;
		reason.weight = (float)weight * (explaining->thin[theme]
						     ? explaining->thin_factor
						     : explaining->factor);
		sdg_piece_quote(explaining->piece, explaining->offset + first,
				count, &reason);
		sdg_explain_add(explaining->why, &reason);
	}
}

/* A survey's question, where it lent a theme anything. */
static void explain_question(const struct sdg_piece *piece, uint8_t theme,
			     struct sdg_explanation *why)
{
	struct sdg_reason reason = { .label = SDG_LABEL_THEME,
				     .theme = theme,
				     .field = SDG_FIELD_FORM,
				     .weight = piece->lent[theme],
				     .rule = "the question" };
	struct sdg_str question = piece->fb->question;
	size_t len;

	if (fabsf(reason.weight) < 0.02F)
		return;
	len = sdg_text_cut(question.s, question.len, sizeof(reason.text) - 1);
	memcpy(reason.text, question.s, len);
	reason.end = (uint32_t)question.len;
	sdg_explain_add(why, &reason);
}

static void explain(struct sdg_classifier *classifier,
		    const struct sdg_piece *piece,
		    const struct sdg_labels *labels,
		    struct sdg_explanation *why)
{
	struct explaining explaining = { .piece = piece,
					 .labels = labels,
					 .why = why,
					 .thin = classifier->thin };
	float spoken = 3;

	for (size_t t = 0; t < classifier->theme_count; t++)
		spoken += piece->cues[t] > 0 ? piece->cues[t] : 0;
	explaining.factor = 1 / sqrtf(spoken);
	explaining.thin_factor = SDG_THIN_CUE * explaining.factor;
	if (classifier->modelled)
		explaining.factor *= classifier->model.header->cue_weight;
	for (int i = 0; i < labels->theme_count; i++)
		explain_question(piece, labels->themes[i], why);
	for (int i = 0; i < labels->theme_count; i++)
		sdg_score_explain(classifier, piece,
				  classifier->columns[labels->themes[i]],
				  SDG_LABEL_THEME, 1, labels->themes[i], why);
	sdg_cues_match(&classifier->cues, piece->words, NULL, piece->text_words,
		       explain_cue, &explaining);
	explaining.offset = piece->text_words;
	sdg_cues_match(&classifier->cues, piece->words + piece->text_words,
		       NULL, piece->subject_words, explain_cue, &explaining);
}

void sdg_theme_decide(struct sdg_classifier *classifier,
		      const struct sdg_piece *piece, struct sdg_labels *labels,
		      struct sdg_explanation *why)
{
	struct sdg_choice_of_themes choice;

	sdg_decide_themes(&classifier->calibration, piece->themes,
			  classifier->theme_count, classifier->other,
			  piece->text_words + piece->subject_words, &choice);
	/* Where nothing speaks for any theme there is none but "other". */
	if (!piece->known && classifier->other < classifier->theme_count)
		choice = (struct sdg_choice_of_themes){
			.count = 1,
			.themes = { (uint8_t)classifier->other },
			.scores = { 0.5F }
		};
	labels->theme_count = choice.count;
	memcpy(labels->themes, choice.themes, sizeof(labels->themes));
	memcpy(labels->scores, choice.scores, sizeof(labels->scores));
	if (why)
		explain(classifier, piece, labels, why);
}
