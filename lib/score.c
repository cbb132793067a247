/*
 * score: a piece's features against the model's rows, and its cues.
 *
 * This is where the time goes: some two hundred look-ups a message, each
 * likely to miss the cache. So slots are asked for some steps ahead, a row
 * is one cache line for all columns at once, and nothing is allocated.
 */
#include <math.h>
#include <string.h>

#include "classify_internal.h"
#include "theme.h"

/* Below what the model says of any theme. */
#define UNSPOKEN (-8.0F)

#define AHEAD 32
/* How many rows were met, for all that is asked and for the stance alone. */
struct touched {
	size_t plain, stance;
};

/* Where a feature is looked for first. */
static inline const void *slot_of(const struct sdg_model *model,
				  const struct sdg_feature *feature)
{
	return &model->slots[(uint32_t)feature->hash &
			     (model->header->slot_count - 1)];
}

/* Finds the row of each feature, lists those there are in the order met, and
 * each once; and how many of them each sentence has. */
static struct touched meet_rows(struct sdg_classifier *classifier,
				const struct sdg_piece *piece)
{
	const struct sdg_model *model = &classifier->model;
	const struct sdg_feature *at = piece->features;
	const struct sdg_feature *end = at + piece->feature_count;
	struct sdg_use *plain = classifier->plain, *stance = classifier->stance;
	uint32_t *met = classifier->met, *sentence = classifier->sentences;
	uint8_t *counts = classifier->counts;

	for (size_t i = 0; i < AHEAD && at + i < end; i++)
		if (at[i].row == 0)
			__builtin_prefetch(slot_of(model, &at[i]));
	for (; at < end; at++) {
		uint32_t row;

		if (at + AHEAD < end && at[AHEAD].row == 0)
			__builtin_prefetch(slot_of(model, at + AHEAD));
		row = sdg_model_ask(model, at->hash, at->row);
		if (row != SDG_NO_ROW) {
			unsigned count = counts[row];

			if (count == 0) {
				__builtin_prefetch(sdg_model_row(model, row));
				if (at->how.stance)
					stance++->row = row;
				else
					plain++->row = row;
			}
			if (count < SDG_OFTEN_MAX)
				counts[row] = (uint8_t)(count + at->how.times);
			*met++ = row;
		}
		if (at->how.ends)
			*sentence++ = (uint32_t)(met - classifier->met);
	}
	classifier->sentence_count = (size_t)(sentence - classifier->sentences);
	return (struct touched){ (size_t)(plain - classifier->plain),
				 (size_t)(stance - classifier->stance) };
}

struct sums {
	float plain[SDG_COLUMNS_MAX + 8], stance[SDG_STANCE_COUNT];
	float plain_square, stance_square;
};

/* What is for the stance alone is asked for nothing else. */
static void add_rows(struct sdg_classifier *classifier,
		     const struct touched *touched, struct sums *sums)
{
	const struct sdg_model *model = &classifier->model;

	sums->plain_square =
	    sdg_sum_columns(model, classifier->plain, touched->plain,
			    classifier->counts, sums->plain);
	sums->stance_square =
	    sdg_sum_stances(model, classifier->stance, touched->stance,
			    classifier->counts, sums->stance);
}

static void count_cue(void *arg, uint8_t theme, int weight, size_t first,
		      size_t count)
{
	float *cues = arg;

	(void)first;
	(void)count;
	if (theme < SDG_FRAME_MAX)
		cues[theme] += (float)weight;
}

static void score_model(struct sdg_classifier *classifier,
			struct sdg_piece *piece)
{
	const struct sdg_model_header *header = classifier->model.header;
	struct sums sums = { 0 };
	struct touched touched;
	size_t column;

	touched = meet_rows(classifier, piece);
	add_rows(classifier, &touched, &sums);
	piece->known = touched.plain + touched.stance > 0;
	piece->norm = sums.plain_square > 0 ? sqrtf(sums.plain_square) : 1;
	piece->stance_norm = sums.plain_square + sums.stance_square;
	piece->stance_norm =
	    piece->stance_norm > 0 ? sqrtf(piece->stance_norm) : 1;
	for (size_t t = 0; t < classifier->theme_count; t++) {
		if (classifier->columns[t] < 0)
			continue;
		column = (size_t)classifier->columns[t];
		piece->themes[t] =
		    sums.plain[column] / piece->norm + header->bias[column];
	}
	column = header->theme_count;
	for (size_t s = 0; s < SDG_STANCE_COUNT; s++, column++)
		piece->stances[s] =
		    (sums.plain[column] + sums.stance[s]) / piece->stance_norm +
		    header->bias[column];
	for (size_t k = 0; k < SDG_KIND_COLUMNS; k++, column++)
		piece->kinds[k] =
		    sums.plain[column] / piece->norm + header->bias[column];
}

void sdg_score(struct sdg_classifier *classifier, struct sdg_piece *piece)
{
	float spoken = 3, weight = 1;

	if (classifier->modelled) {
		score_model(classifier, piece);
		if (piece->fb->question.len)
			sdg_score_question(classifier, piece);
		weight = classifier->model.header->cue_weight;
	}
	sdg_cues_match(&classifier->cues, piece->words, NULL, piece->text_words,
		       count_cue, piece->cues);
	sdg_cues_match(&classifier->cues, piece->words + piece->text_words,
		       NULL, piece->subject_words, count_cue, piece->cues);
	for (size_t t = 0; t < classifier->theme_count; t++)
		spoken += piece->cues[t] > 0 ? piece->cues[t] : 0;
	for (size_t t = 0; t < classifier->theme_count; t++) {
		float cue = piece->cues[t] / sqrtf(spoken);

		if (!classifier->modelled)
			piece->themes[t] = cue - 1;
		else if (classifier->columns[t] < 0)
			piece->themes[t] = UNSPOKEN;
		else
			piece->themes[t] += weight * cue;
		/* Its cues carry it where the model cannot: without any, a
		 * theme the model has never met is out of the question. */
		if (classifier->thin[t] && cue > 0)
			piece->themes[t] =
			    fmaxf(piece->themes[t], SDG_THIN_CUE * cue - 1);
		piece->known |= piece->cues[t] > 0;
	}
	for (size_t t = 0; t < classifier->theme_count; t++) {
		int like = classifier->like[t];

		if (like < 0)
			continue;
		/* Split from another: its cues, and nothing else yet, tell
		 * it from that one, and where they speak it goes first. */
		piece->themes[t] =
		    piece->cues[t] > 0
			? piece->themes[like] +
			      weight * piece->cues[t] / sqrtf(spoken)
			: UNSPOKEN;
	}
}

void sdg_piece_quote(const struct sdg_piece *piece, size_t first, size_t count,
		     struct sdg_reason *reason)
{
	bool subject = first >= piece->text_words;
	struct sdg_str field = subject ? piece->subject : piece->text;
	size_t len;

	reason->field = subject ? SDG_FIELD_SUBJECT : SDG_FIELD_TEXT;
	reason->start = piece->words[first].start;
	reason->end = piece->words[first + count - 1].end;
	len = sdg_text_cut(field.s + reason->start, reason->end - reason->start,
			   sizeof(reason->text) - 1);
	memcpy(reason->text, field.s + reason->start, len);
	reason->text[len] = '\0';
}

void sdg_score_explain(struct sdg_classifier *classifier,
		       const struct sdg_piece *piece, int column,
		       enum sdg_label label, uint8_t theme,
		       struct sdg_explanation *why)
{
	bool stance = label == SDG_LABEL_STANCE;

	if (!classifier->modelled || column < 0 || !why)
		return;
	for (size_t i = 0; i < piece->feature_count; i++) {
		const struct sdg_feature *feature = &piece->features[i];
		struct sdg_reason reason = { .label = label, .theme = theme };
		const struct sdg_weights *row;
		uint32_t number = sdg_model_ask(&classifier->model,
						feature->hash, feature->row);

		if (number == SDG_NO_ROW || (feature->how.stance && !stance))
			continue;
		row = sdg_model_row(&classifier->model, number);
		reason.rule = sdg_feature_rule(feature);
		reason.weight = row->factor * (float)row->weights[column] /
				(stance ? piece->stance_norm : piece->norm);
		if (fabsf(reason.weight) < 0.02F)
			continue;
		sdg_piece_quote(piece, feature->first, feature->how.words,
				&reason);
		sdg_explain_add(why, &reason);
	}
}
