/*
 * words: a text as folded, stemmed words, each with its place.
 *
 * A word is a run of letters and digits. Case and accents are folded,
 * apostrophes inside a word are dropped ("don't" is dont, whichever
 * apostrophe was typed), hyphens divide, zero-width characters vanish. Words
 * are known by a 64-bit hash of their English stem; nothing else of them is
 * kept, since the text is there to be read again.
 *
 * One stemmer serves one thread. Splitting allocates nothing.
 */
#ifndef WORDS_H
#define WORDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <soundings/error.h>
#include <soundings/text.h>

#include "letters.h"

/* Longer words are cut here before they are stemmed. */
#define SDG_WORD_MAX 63

/* Bits of sdg_word.before: what stood between a word and the one before. */
enum sdg_break {
	SDG_BREAK_CLAUSE = 1 << 0,   /* , ; : ( ) and dashes */
	SDG_BREAK_SENTENCE = 1 << 1, /* . ! ? or a blank line */
	SDG_BREAK_LINE = 1 << 2,
};

/* Of a word that is there but counts for nothing. */
#define SDG_STEM_MUTED 0

/* Bits by which those who read words find what they look for. */
enum sdg_mark {
	SDG_MARK_GAP = 1 << 0,    /* more than a space or comma before it */
	SDG_MARK_ODD = 1 << 1,    /* it is not plain */
	SDG_MARK_BROKEN = 1 << 5, /* after bytes that are not UTF-8 */
	/* What is noted of it: */
	SDG_MARK_PLACE = 1 << 2, /* it is, or begins, the name of one */
	SDG_MARK_TITLE = 1 << 3, /* … or a role */
	SDG_MARK_PHRASE = 1 << 4,
	SDG_MARK_ADDRESS = 1 << 6,  /* the association is addressed by it */
	SDG_MARK_SENTENCE = 1 << 7, /* it begins one */
};

/* What else is remembered of a word, for those who have it noted. */
struct sdg_word_note {
	uint16_t place; /* of a plain word: what the region tables know it as */
	uint8_t heads[2];    /* of cues and of phrases; see sdg_cues_head() */
	uint32_t model : 24; /* see sdg_model_noted() */
	uint32_t marks : 8;
};

struct sdg_word {
	uint64_t stem;
	uint64_t pair;       /* with the next; 0: there is none to count */
	uint32_t start, end; /* bytes of the text; end exclusive */
	struct sdg_word_note note;
	uint8_t before; /* set of enum sdg_break */
	uint8_t shape;  /* set of enum sdg_shape; 0 if not plain */
};

/** sdg_word_mute - let @words[@i] count for nothing, nor with those beside it
 */
static inline void sdg_word_mute(struct sdg_word *words, size_t i)
{
	words[i].stem = SDG_STEM_MUTED;
	words[i].pair = 0;
	words[i].note.model = 0;
	if (i > 0)
		words[i - 1].pair = 0;
}

struct sdg_stemmer;

int sdg_stemmer_new(struct sdg_stemmer **out, struct sdg_error *err);
void sdg_stemmer_free(struct sdg_stemmer *stemmer);

/**
 * sdg_stemmer_note - let @fn say what else shall be known of words
 *
 * It is asked once for each word that is remembered, those met before, too,
 * and each time for longer ones: with the folded bytes, zero past the end,
 * or NULL if they are more than can be remembered, and with the stem.
 */
typedef void sdg_note_fn(const void *arg, const uint64_t half[2], uint64_t stem,
			 struct sdg_word_note *out);
void sdg_stemmer_note(struct sdg_stemmer *stemmer, sdg_note_fn *fn,
		      const void *arg);

/**
 * sdg_words_split - the words of @text, at most @cap
 * @stemmer: NULL: words stand for themselves, which is faster
 *
 * Bytes that are not UTF-8 divide words. Returns how many there are.
 */
size_t sdg_words_split(struct sdg_stemmer *stemmer, struct sdg_str text,
		       struct sdg_word *out, size_t cap);

/**
 * sdg_words_split_marked - the same, and the marks of each word
 * @marks: bytes of enum sdg_mark, at most @cap
 */
size_t sdg_words_split_marked(struct sdg_stemmer *stemmer, struct sdg_str text,
			      struct sdg_word *out, uint8_t *marks, size_t cap);

/* Beyond the last mark so many bytes are looked at, whatever they are. */
#define SDG_MARKS_BEYOND 63

/** sdg_marks_at - which of 64 words have any of the marks @which: a bit each,
 *  the first lowest */
static inline uint64_t sdg_marks_at(const uint8_t marks[64], uint8_t which)
{
	uint64_t found = 0;

#if defined(__SSE2__)
	for (int k = 0; k < 4; k++) {
		__m128i some = _mm_and_si128(
		    _mm_loadu_si128((const void *)(marks + 16 * k)),
		    _mm_set1_epi8((char)which));
		__m128i none = _mm_cmpeq_epi8(some, _mm_setzero_si128());

		found |= (uint64_t)(_mm_movemask_epi8(none) ^ 0xffff)
			 << (16 * k);
	}
#else
	for (int k = 0; k < 64; k++)
		found |= (uint64_t)((marks[k] & which) != 0) << k;
#endif
	return found;
}

/** sdg_words_hash - of folded bytes; what a stem's hash is made with */
uint64_t sdg_words_hash(const char *s, size_t len);

/** sdg_words_join - the hash of a phrase from its head and its next word */
static inline uint64_t sdg_words_join(uint64_t head, uint64_t next)
{
	uint64_t h = head * 0x9e3779b97f4a7c15u ^ next;

	h ^= h >> 32;
	h *= 0xd6e8feb86659fd93u;
	return h ^ h >> 32;
}

#endif
