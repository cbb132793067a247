/*
 * letters: runs of ASCII letters and digits, many bytes at a look.
 *
 * Most words are one such run of fewer than sixteen, so that two numbers are
 * the whole word, folded to lower case. Nothing is known here of what else
 * may be part of a word: who reads goes on from where the run ends.
 */
#ifndef LETTERS_H
#define LETTERS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

#define SDG_LETTERS_MAX 16

struct sdg_letters {
	uint64_t half[2];  /* in lower case, as they lie; zero past the end */
	unsigned count;    /* letters and digits; SDG_LETTERS_MAX: or more */
	unsigned capitals; /* a bit for each that is one, the first lowest */
};

#if defined(__SSE2__)
static inline __m128i sdg_letters_within(__m128i bytes, char first, char count)
{
	__m128i from = _mm_sub_epi8(bytes, _mm_set1_epi8(first));
	__m128i last = _mm_set1_epi8((char)(count - 1));

	return _mm_cmpeq_epi8(_mm_min_epu8(from, last), from);
}

/* A bit for each of 16 bytes that is a letter or a digit. */
static inline unsigned sdg_letters_which(const char s[SDG_LETTERS_MAX])
{
	__m128i bytes = _mm_loadu_si128((const __m128i *)(const void *)s);
	__m128i small = _mm_or_si128(bytes, _mm_set1_epi8(0x20));

	return (unsigned)_mm_movemask_epi8(
	    _mm_or_si128(sdg_letters_within(small, 'a', 26),
			 sdg_letters_within(bytes, '0', 10)));
}

/* A capital differs from its small letter in one bit, which every digit and
 * small letter has set. */
static inline struct sdg_letters sdg_letters_take(const char s[SDG_LETTERS_MAX],
						  unsigned count)
{
	static const uint8_t keep[2 * SDG_LETTERS_MAX] = {
		255, 255, 255, 255, 255, 255, 255, 255,
		255, 255, 255, 255, 255, 255, 255, 255,
	};
	__m128i bytes = _mm_loadu_si128((const __m128i *)(const void *)s);
	__m128i small = _mm_or_si128(bytes, _mm_set1_epi8(0x20));
	unsigned set = (unsigned)_mm_movemask_epi8(_mm_slli_epi16(bytes, 2));
	struct sdg_letters out;
	const void *mask;

	out.count = count;
	out.capitals = ~set & ((1u << out.count) - 1);
	mask = keep + SDG_LETTERS_MAX - out.count;
	_mm_storeu_si128(
	    (__m128i *)(void *)out.half,
	    _mm_and_si128(small, _mm_loadu_si128((const __m128i *)mask)));
	return out;
}
#else
static inline unsigned sdg_letters_which(const char s[SDG_LETTERS_MAX])
{
	unsigned which = 0;

	for (unsigned i = 0; i < SDG_LETTERS_MAX; i++) {
		char c = s[i], folded = (char)(c | 0x20);
		bool is =
		    (c >= '0' && c <= '9') || (folded >= 'a' && folded <= 'z');

		which |= (unsigned)is << i;
	}
	return which;
}

static inline struct sdg_letters sdg_letters_take(const char s[SDG_LETTERS_MAX],
						  unsigned count)
{
	struct sdg_letters out = { .count = count };
	char small[SDG_LETTERS_MAX] = { 0 };

	for (unsigned i = 0; i < count; i++) {
		small[i] = (char)(s[i] | 0x20);
		out.capitals |= (unsigned)(s[i] != small[i]) << i;
	}
	memcpy(out.half, small, sizeof(small));
	return out;
}
#endif

/* How a word is written: bits. */
enum sdg_shape {
	SDG_SHAPE_CAPITAL = 1 << 0,  /* begins with one */
	SDG_SHAPE_CAPITALS = 1 << 1, /* has nothing else */
	SDG_SHAPE_DIGIT = 1 << 2,    /* begins with one */
	SDG_SHAPE_PLAIN = 1 << 3,    /* one run and nothing else */
};

/** sdg_letters_shape - of a word that is one run, in bits of enum sdg_shape */
static inline uint8_t sdg_letters_shape(const struct sdg_letters *letters)
{
	unsigned all = (1u << letters->count) - 1;
	unsigned shape = letters->capitals & SDG_SHAPE_CAPITAL;

	shape |= (unsigned)(letters->capitals == all && all > 1) << 1;
	shape |= (unsigned)(letters->half[0] % 256 <= '9') << 2;
	return (uint8_t)shape;
}

/** sdg_letters_first - the first @count, at most sixteen, at @s, of which @left
 *  bytes are; all of them are letters or digits */
static inline struct sdg_letters sdg_letters_first(const char *s, size_t left,
						   unsigned count)
{
	char last[SDG_LETTERS_MAX] = { 0 };

	if (left >= SDG_LETTERS_MAX)
		return sdg_letters_take(s, count);
	memcpy(last, s, count);
	return sdg_letters_take(last, count);
}

/** sdg_letters_at - the run that begins at @s, of which @left bytes are */
static inline struct sdg_letters sdg_letters_at(const char *s, size_t left)
{
	char last[SDG_LETTERS_MAX] = { 0 };

	if (left < SDG_LETTERS_MAX)
		s = memcpy(last, s, left);
	return sdg_letters_take(s,
				(unsigned)__builtin_ctz(~sdg_letters_which(s)));
}

/* Runs of letters and digits of a text, one after the other, 64 bytes at a
 * look: a bit for each byte from @base on where one begins, or has just ended,
 * that was not passed. */
struct sdg_runs {
	const char *s;
	size_t len, base;
	uint64_t edges;
	uint64_t last; /* is the last byte of the look in one? */
};

static inline void sdg_runs_look(struct sdg_runs *runs)
{
	char last[64] = { 0 };
	const char *s = runs->s + runs->base;
	uint64_t bits = 0;

	if (runs->len - runs->base < sizeof(last))
		s = memcpy(last, s, runs->len - runs->base);
	for (int k = 0; k < 4; k++)
		bits |= (uint64_t)sdg_letters_which(s + 16 * k) << (16 * k);
	runs->edges = bits ^ (bits << 1 | runs->last);
	runs->last = bits >> 63;
}

static inline void sdg_runs_start(struct sdg_runs *runs)
{
	runs->base = runs->edges = runs->last = 0;
	if (runs->len)
		sdg_runs_look(runs);
}

/** sdg_runs_edge - where the next one begins, then where it ends, and so on;
 *  the text's length: there is no more */
static inline size_t sdg_runs_edge(struct sdg_runs *runs)
{
	size_t at;

	while (runs->edges == 0) {
		if (runs->len - runs->base <= 64)
			return runs->len;
		runs->base += 64;
		sdg_runs_look(runs);
	}
	at = runs->base + (size_t)__builtin_ctzll(runs->edges);
	runs->edges &= runs->edges - 1;
	return at;
}

#endif
