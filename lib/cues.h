/*
 * cues: weighted phrases, compiled into one table and found in a text.
 *
 * A phrase is found by its words' stems, so that "regional organiser" finds
 * "regional organisers" too. At each place the longest phrase wins, and its
 * words are spent; phrases never run over the end of a sentence. A phrase
 * may speak for several themes.
 */
#ifndef CUES_H
#define CUES_H

#include <stddef.h>
#include <stdint.h>

#include <soundings/error.h>

#include "frame.h"
#include "words.h"

/* As they lie in the model file. */
struct sdg_cue_slot {
	uint64_t key; /* 0: empty */
	uint8_t theme;
	int8_t weight;
	uint8_t words;
	uint8_t unused[5];
};

#define SDG_CUE_HEADS 65536
#define SDG_CUE_BLOOM 65536 /* bytes */

struct sdg_cues {
	const struct sdg_cue_slot *slots;
	size_t slot_count;    /* a power of two */
	const uint8_t *heads; /* SDG_CUE_HEADS: longest phrase by first stem */
	const uint8_t
	    *bloom;  /* behind it: which keys, and beginnings of two words */
	void *owned; /* what sdg_cues_fini() frees; NULL when mapped */
	/* Words have their heads noted, from 1 on; 0: they have not. */
	uint8_t noted;
};

int sdg_cues_compile(const struct sdg_frame *frame, struct sdg_stemmer *stemmer,
		     struct sdg_cues *out, struct sdg_error *err);
void sdg_cues_fini(struct sdg_cues *cues);

/* Beside the most words that a phrase beginning with a word has. */
#define SDG_CUE_ALONE 0x80 /* the word may be one by itself */

/** sdg_cues_head - whether and how phrases begin with @stem; 0: none does */
uint8_t sdg_cues_head(const struct sdg_cues *cues, uint64_t stem);

/* A phrase that was found: words @first to @first + @count - 1. */
typedef void sdg_cue_fn(void *arg, uint8_t theme, int weight, size_t first,
			size_t count);

/**
 * sdg_cues_match - call @fn for each phrase of @words, first to last
 * @marks: of the words, and SDG_MARKS_BEYOND bytes more, when only those with
 *         SDG_MARK_PHRASE begin one; or NULL
 */
void sdg_cues_match(const struct sdg_cues *cues, const struct sdg_word *words,
		    const uint8_t *marks, size_t n, sdg_cue_fn *fn, void *arg);

#endif
