/*
 * score: a piece's features against the model's rows, and its cues.
 *
 * This is where the time goes: some two hundred and fifty features a message,
 * each likely to miss the cache. So words bring their rows with them, the tags
 * of all pairs are asked for before the first is looked at, a row is one cache
 * line for all columns at once, and nothing is allocated.
 */
#include <math.h>
#include <string.h>

#include "classify_internal.h"
#include "theme.h"

/* Below what the model says of any theme. */
#define UNSPOKEN (-8.0F)

/* How many rows were met, for all that is asked and for the stance alone. */
struct touched {
	size_t plain, stance;
};

/* Rows while they are met: each is noted as met, and listed the first time.
 * Whoever meets many has a copy of it, for counts are bytes, and bytes may be
 * written anywhere: the compiler would read all the rest again after each. */
struct meeting {
	const struct sdg_model *model;
	const uint8_t *rows;
	const uint32_t *tags;
	size_t stride;
	uint32_t part;
	const struct sdg_word *words; /* of the field */
	const uint32_t *cells;
	uint8_t *counts;
	struct sdg_use *plain, *stance;
	uint32_t *met;
};

/* Meets row @row if it @is one. Whether it is, and whether it was met before,
 * cannot be foreseen: no branch asks, and what is none is row 0, which is
 * nobody's. */
static inline __attribute__((always_inline)) void meet(struct meeting *m,
						       uint32_t row, bool is,
						       struct sdg_use **list,
						       unsigned times)
{
	uint32_t all = 0 - (uint32_t)is;
	unsigned count;

	row &= all;
	__builtin_prefetch(m->rows + row * m->stride);
	count = m->counts[row];
	(*list)->row = row;
	*list += is & (count == 0);
	if (count < SDG_OFTEN_MAX)
		m->counts[row] = (uint8_t)(count + (times & all));
	*m->met = row;
	m->met += is;
}

/* The words and pairs from @at to @end, and words once more where they address
 * somebody. */
static inline __attribute__((always_inline)) void
meet_words(struct meeting *to, size_t at, size_t end, unsigned times,
	   bool addressed)
{
	struct meeting m = *to;

	for (;; at++) {
		const struct sdg_word *word = &m.words[at];
		uint32_t noted = word->note.model, cell = m.cells[at];
		uint32_t row = noted >> SDG_NOTED_BITS;

		if (noted) /* as nearly every word is */
			meet(&m, row, true, &m.plain, times);
		if (at + 1 < end)
			meet(&m, 3 * m.part + cell,
			     m.tags[cell] == sdg_model_tag(word->pair),
			     &m.plain, times);
		if (addressed)
			meet(&m, m.part + row, noted & SDG_NOTED_ADDRESSED,
			     &m.stance, 1);
		if (at + 1 == end)
			break;
	}
	*to = m;
}

/* What a sentence begins with. */
static inline void meet_beginning(struct meeting *m, size_t start, size_t end)
{
	uint32_t noted = m->words[start].note.model, pair;

	meet(m, 2 * m->part + (noted >> SDG_NOTED_BITS),
	     noted & SDG_NOTED_BEGINS, &m->stance, 1);
	if (start + 1 == end || m->words[start].pair == 0)
		return;
	pair =
	    sdg_model_pair(m->model, sdg_feature_begins(m->words[start].pair));
	meet(m, pair, pair != SDG_NO_ROW, &m->stance, 1);
}

/* Does it say nothing, all of it being muted? */
static bool is_silent(const struct sdg_word *words, size_t at, size_t end)
{
	while (at < end && words[at].stem == SDG_STEM_MUTED)
		at++;
	return at == end;
}

/* Words with a mark, one after the other. */
struct marked {
	const uint8_t *marks;
	size_t n, base;
	uint64_t bits;
	uint8_t which;
};

/* The next one; or how many words there are. */
static inline size_t next_marked(struct marked *marked)
{
	size_t at;

	while (marked->bits == 0) {
		marked->base += 64;
		if (marked->base >= marked->n)
			return marked->n;
		marked->bits =
		    sdg_marks_at(marked->marks + marked->base, marked->which);
	}
	at = marked->base + (size_t)__builtin_ctzll(marked->bits);
	marked->bits &= marked->bits - 1;
	return at < marked->n ? at : marked->n;
}

static inline struct marked mark_words(const uint8_t *marks, size_t n,
				       uint8_t which)
{
	return (struct marked){ .marks = marks,
				.n = n,
				.bits = n ? sdg_marks_at(marks, which) : 0,
				.which = which };
}

/* The features of one field, in the order of sdg_features_list(). */
static uint32_t *meet_field(struct meeting *m, const uint8_t *marks, size_t n,
			    enum sdg_field field, const uint32_t *all,
			    uint32_t *sentence)
{
	struct marked starts = mark_words(marks, n, SDG_MARK_SENTENCE);
	struct marked address = mark_words(marks, n, SDG_MARK_ADDRESS);
	size_t spoken = next_marked(&address), end;

	next_marked(&starts); /* the first word */
	for (size_t start = 0; start < n; start = end) {
		unsigned times = start == 0 || field == SDG_FIELD_SUBJECT
				     ? SDG_TIMES_FIRST
				     : 1;
		bool addressed = false;

		end = next_marked(&starts);
		for (; spoken < end; spoken = next_marked(&address))
			addressed |= m->words[spoken].stem != SDG_STEM_MUTED;
		if (addressed)
			meet_words(m, start, end, times, true);
		else
			meet_words(m, start, end, times, false);
		meet_beginning(m, start, end);
		if (!is_silent(m->words, start, end))
			*sentence++ = (uint32_t)(m->met - all);
	}
	return sentence;
}

/* Where the pairs of a field would stand, which is asked for. */
static void find_cells(const struct sdg_model *model,
		       const struct sdg_word *words, size_t n, uint32_t *cells)
{
	for (size_t i = 0; i < n; i++) {
		cells[i] = sdg_model_cell(model, words[i].pair);
		__builtin_prefetch(&model->tags[cells[i]]);
	}
}

/* Finds the row of each feature, lists those there are in the order met, and
 * each once; and how many of them each sentence has. */
static struct touched meet_rows(struct sdg_classifier *classifier,
				const struct sdg_piece *piece)
{
	uint32_t *sentence = classifier->sentences;
	const struct sdg_model *model = &classifier->model;
	struct meeting m = { .model = model,
			     .rows = model->rows,
			     .tags = model->tags,
			     .stride = model->header->stride,
			     .part = sdg_model_part(model->header),
			     .words = piece->words,
			     .cells = classifier->cells,
			     .counts = classifier->counts,
			     .plain = classifier->plain,
			     .stance = classifier->stance,
			     .met = classifier->met };

	find_cells(m.model, piece->words,
		   piece->text_words + piece->subject_words, classifier->cells);
	sentence = meet_field(&m, piece->marks, piece->text_words,
			      SDG_FIELD_TEXT, classifier->met, sentence);
	m.words += piece->text_words;
	m.cells += piece->text_words;
	sentence = meet_field(&m, piece->marks + piece->text_words,
			      piece->subject_words, SDG_FIELD_SUBJECT,
			      classifier->met, sentence);
	classifier->sentence_count = (size_t)(sentence - classifier->sentences);
	return (struct touched){ (size_t)(m.plain - classifier->plain),
				 (size_t)(m.stance - classifier->stance) };
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
	column = header->theme_count + SDG_KINDS_AT;
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
		       enum sdg_label label, float by, uint8_t theme,
		       struct sdg_explanation *why)
{
	if (!classifier->modelled || column < 0 || !why)
		return;
	for (size_t i = 0; i < piece->feature_count; i++) {
		const struct sdg_feature *feature = &piece->features[i];
		struct sdg_reason reason = { .label = label, .theme = theme };
		const struct sdg_weights *row;
		uint32_t number = sdg_model_ask(&classifier->model, feature);

		if (number == SDG_NO_ROW || feature->how.stance)
			continue;
		row = sdg_model_row(&classifier->model, number);
		reason.rule = sdg_feature_rule(feature);
		reason.weight = by * row->factor * (float)row->weights[column] /
				piece->norm;
		if (fabsf(reason.weight) < 0.02F)
			continue;
		sdg_piece_quote(piece, feature->first, feature->how.words,
				&reason);
		sdg_explain_add(why, &reason);
	}
}
