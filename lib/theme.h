/*
 * theme: what classify.c asks of kind, themes, stance and flags.
 *
 * One struct sdg_piece is one message under classification: its words and
 * features, listed once, and what the model makes of them, for all who
 * decide.
 */
#ifndef THEME_H
#define THEME_H

#include <soundings/classify.h>

#include "cues.h"
#include "frame.h"
#include "model.h"
#include "phrases.h"
#include "signals.h"
#include "words.h"

/* Text beyond this is not looked at: the wire cuts there, too. */
#define SDG_SUBJECT_WORDS_MAX 256
#define SDG_WORDS_MAX (SDG_TEXT_MAX / 2 + 1 + SDG_SUBJECT_WORDS_MAX)

/* A turn of speech that was found (phrases.h). */
struct sdg_phrase_hit {
	uint8_t group, weight;
	uint16_t count; /* words */
	uint32_t first;
};

#define SDG_PHRASE_HITS_MAX 48

/* A word said more often than this counts no more. */
#define SDG_OFTEN_MAX 32

/* What the phrases met so far call a person for. */
struct sdg_flagging {
	size_t sentence;               /* the one at hand, from 1 */
	size_t at;                     /* words before it are counted into it */
	size_t last_case, last_urgent; /* sentences; 0: none yet */
	uint32_t flags;
};

struct sdg_piece {
	const struct sdg_feedback *fb;
	struct sdg_str text, subject; /* of fb, cut */
	const struct sdg_word *words; /* of text, then of subject */
	const uint8_t *marks;         /* of the words */
	size_t text_words, subject_words;
	const struct sdg_feature *features; /* where reasons are wanted */
	size_t feature_count;

	/* By the classifier's themes, and by enum. */
	float themes[SDG_FRAME_MAX], stances[SDG_STANCE_COUNT];
	float kinds[SDG_KIND_COLUMNS]; /* from SDG_KIND_FIRST on */
	float cues[SDG_FRAME_MAX];     /* sums of weights */
	float lent[SDG_FRAME_MAX];     /* by a survey's question */
	float norm, stance_norm;       /* a feature's value is divided by it */
	bool known; /* something of it was ever seen before */

	struct sdg_phrase_hit hits[SDG_PHRASE_HITS_MAX]; /* the first ones */
	size_t hit_count;
	struct sdg_flagging flagging; /* by all of them */
};

/* A row of the model that a piece has to do with. */
struct sdg_use {
	uint32_t row;
	float factor; /* its weights times that are added */
};

/* What a cue of a thin theme is worth: one of weight 3 alone makes it 3.9, as
 * much as a model's score for the main theme of a short piece. Measured by
 * tests/bench/new-theme. */
#define SDG_THIN_CUE 4.0F

struct sdg_classifier {
	struct sdg_stemmer *stemmer;
	struct sdg_address address;
	struct sdg_frame *frame; /* NULL while the model is of this frame */
	void *map;               /* the model file, or bytes of training */
	size_t map_len;
	bool mapped;
	bool modelled; /* there is a model at all */
	struct sdg_model model;
	struct sdg_cues cues, phrases;
	size_t theme_count;
	const char *ids[SDG_FRAME_MAX], *names[SDG_FRAME_MAX];
	int columns[SDG_FRAME_MAX]; /* of the model; -1: it knows it not */
	int like[SDG_FRAME_MAX];  /* theme whose score it begins from, or -1 */
	bool thin[SDG_FRAME_MAX]; /* hardly any text taught it: its cues do */
	uint32_t other;           /* theme, or UINT32_MAX */
	struct sdg_calibration calibration;
	uint32_t version;

	/* For the piece at hand. */
	struct sdg_word words[SDG_WORDS_MAX];
	uint8_t marks[SDG_WORDS_MAX + SDG_MARKS_BEYOND];
	struct sdg_feature features[SDG_FEATURES_OF(SDG_WORDS_MAX)];
	uint32_t cells[SDG_WORDS_MAX]; /* where pairs would stand */
	uint32_t met[SDG_FEATURES_OF(SDG_WORDS_MAX)]; /* rows, as met */
	uint32_t sentences[SDG_WORDS_MAX + 1]; /* met before each one's end */
	size_t sentence_count;
	struct sdg_use plain[SDG_FEATURES_OF(SDG_WORDS_MAX)];
	struct sdg_use stance[SDG_FEATURES_OF(SDG_WORDS_MAX)];
	uint8_t *counts; /* by row; zero between pieces */
};

/** sdg_score - fill what the model and the cues make of @piece's features */
void sdg_score(struct sdg_classifier *classifier, struct sdg_piece *piece);

/**
 * sdg_sum_columns - add up what @n rows say of each column, in their order
 * @uses:   their factors are set: a row's, times how often it was met
 * @counts: by row; set to zero again
 * @sums:   zero before; one a column, and room up to a multiple of eight
 *
 * Returns the squares of what they weigh.
 */
float sdg_sum_columns(const struct sdg_model *model, struct sdg_use *uses,
		      size_t n, uint8_t *counts, float *sums);

/** sdg_sum_stances - the same of the stances' columns alone */
float sdg_sum_stances(const struct sdg_model *model, const struct sdg_use *uses,
		      size_t n, uint8_t *counts, float sums[SDG_STANCE_COUNT]);

/** sdg_score_question - let a survey's question speak for themes, a little */
void sdg_score_question(struct sdg_classifier *classifier,
			struct sdg_piece *piece);

/** sdg_score_explain - reasons for @column of the model, as @label
 *  @by: what they count; -1: for what speaks against it */
void sdg_score_explain(struct sdg_classifier *classifier,
		       const struct sdg_piece *piece, int column,
		       enum sdg_label label, float by, uint8_t theme,
		       struct sdg_explanation *why);

/** sdg_piece_words - fill in what @first to @first + @count say, where */
void sdg_piece_quote(const struct sdg_piece *piece, size_t first, size_t count,
		     struct sdg_reason *reason);

/** sdg_kind_decide - kind and kind_score; what the producer says wins,
 *  as far as it can be */
void sdg_kind_decide(struct sdg_classifier *classifier,
		     const struct sdg_piece *piece, struct sdg_labels *labels,
		     struct sdg_explanation *why);

/** sdg_theme_decide - themes and their scores, main first */
void sdg_theme_decide(struct sdg_classifier *classifier,
		      const struct sdg_piece *piece, struct sdg_labels *labels,
		      struct sdg_explanation *why);

/** sdg_stance_decide - stance toward the association or its proposal */
void sdg_stance_decide(struct sdg_classifier *classifier,
		       const struct sdg_piece *piece, struct sdg_labels *labels,
		       struct sdg_explanation *why);

/** sdg_flags_read - a phrase was found at word @first of @piece, whose words
 *  up to there are split; called for one after the other */
void sdg_flags_read(struct sdg_piece *piece, enum sdg_phrase_group group,
		    size_t first);

#endif
