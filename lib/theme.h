/*
 * theme: what classify.c asks of kind, themes, stance and flags.
 *
 * One struct sdg_piece is one message under classification: its words, split
 * once, for all who look at them.
 */
#ifndef THEME_H
#define THEME_H

#include <soundings/classify.h>

#include "cues.h"
#include "frame.h"
#include "words.h"

/* Text beyond this is not looked at: the wire cuts there, too. */
#define SDG_WORDS_MAX (SDG_TEXT_MAX / 2 + 1)
#define SDG_SUBJECT_WORDS_MAX 256

struct sdg_piece {
	const struct sdg_feedback *fb;
	struct sdg_str text, subject; /* of fb, cut */
	const struct sdg_word *words; /* of text */
	size_t word_count;
	const struct sdg_word *subject_words;
	size_t subject_word_count;
};

struct sdg_classifier {
	struct sdg_stemmer *stemmer;
	struct sdg_frame *frame;
	struct sdg_cues cues;
	uint32_t version;
	struct sdg_word words[SDG_WORDS_MAX];
	struct sdg_word subject_words[SDG_SUBJECT_WORDS_MAX];
};

/** sdg_kind_decide - kind and kind_score; what the producer says wins */
void sdg_kind_decide(const struct sdg_classifier *classifier,
		     const struct sdg_piece *piece, struct sdg_labels *labels,
		     struct sdg_explanation *why);

/** sdg_theme_decide - themes and their scores, main first */
void sdg_theme_decide(const struct sdg_classifier *classifier,
		      const struct sdg_piece *piece, struct sdg_labels *labels,
		      struct sdg_explanation *why);

/** sdg_stance_decide - stance toward the association or its proposal */
void sdg_stance_decide(const struct sdg_classifier *classifier,
		       const struct sdg_piece *piece, struct sdg_labels *labels,
		       struct sdg_explanation *why);

#endif
