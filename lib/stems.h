/*
 * stems: words that were met, with their stems and what else is known of them.
 *
 * Stemming a word costs more than everything else that is done to it, and
 * people use few words: a cache of stems, found by the word's own bytes,
 * answers nearly always. What asks it of every word is here; the rest is in
 * stems.c. Not installed; words.h says what a stemmer is.
 */
#ifndef STEMS_H
#define STEMS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "words.h"

/* Words up to this long are cached; others are rare and stemmed each time.
 * No byte of a word is zero, so that two numbers are a word and its end. */
#define SDG_STEMS_CACHED_MAX 16
#define SDG_STEMS_BITS 14
#define SDG_STEMS_LINES (1u << SDG_STEMS_BITS)

struct sdg_stem_slot {
	uint64_t half[2];
	uint64_t stem;
	struct sdg_word_note note;
};

/* Two words that may stand in one place. */
struct sdg_stem_line {
	_Alignas(64) struct sdg_stem_slot slots[2];
};

struct sb_stemmer;

struct sdg_stemmer {
	struct sdg_stem_line lines[SDG_STEMS_LINES];
	struct sb_stemmer *english;
	sdg_note_fn *note; /* NULL: nothing is noted */
	const void *note_arg;
};

/** sdg_stems_of - the hash of a word's stem, or of itself without @stemmer */
uint64_t sdg_stems_of(struct sdg_stemmer *stemmer, const char *word,
		      size_t len);

/** sdg_stems_line - where a word of at most SDG_STEMS_CACHED_MAX bytes, zero
 *  past its end, is remembered, if it is */
static inline struct sdg_stem_line *sdg_stems_line(struct sdg_stemmer *stemmer,
						   const uint64_t half[2])
{
	uint64_t h =
	    (half[0] ^ half[1] * 0x9e3779b97f4a7c15u) * 0xd6e8feb86659fd93u;

	return &stemmer->lines[h >> (64 - SDG_STEMS_BITS)];
}

static inline bool sdg_stems_is(const struct sdg_stem_slot *slot,
				const uint64_t half[2])
{
	return ((slot->half[0] ^ half[0]) | (slot->half[1] ^ half[1])) == 0;
}

/** sdg_stems_further - of a word that is not in the first place of its line;
 *  one that is new is remembered */
const struct sdg_stem_slot *sdg_stems_further(struct sdg_stemmer *stemmer,
					      struct sdg_stem_line *line,
					      const uint64_t half[2]);

/** sdg_stems_known - what is known of a word, by its line; until the next is
 *  asked for */
static inline const struct sdg_stem_slot *
sdg_stems_known(struct sdg_stemmer *stemmer, struct sdg_stem_line *line,
		const uint64_t half[2])
{
	const struct sdg_stem_slot *slot = &line->slots[0];

	return sdg_stems_is(slot, half)
		   ? slot
		   : sdg_stems_further(stemmer, line, half);
}

#endif
