/*
 * classify_region_word: what the scanner asks of single words and characters.
 * Not installed.
 */
#ifndef CLASSIFY_REGION_WORD_H
#define CLASSIFY_REGION_WORD_H

#include "classify_region.h"
#include "letters.h"

#define REGION_PHRASE_WORDS_MAX 6

/* ASCII letters and digits as they are hashed; 0: part of no word. */
extern const unsigned char region_small[256];

static inline bool is_letter(unsigned char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static inline bool is_digit(unsigned char c)
{
	return c >= '0' && c <= '9';
}

enum character {
	CHAR_LETTER, /* part of a word; *base is what to hash */
	CHAR_APOSTROPHE,
	CHAR_NOTHING, /* zero width: as if it were not there */
	CHAR_SPACE,
	CHAR_OTHER,
};

/* One character beyond ASCII; *n is set to its bytes. */
enum character region_wide(const unsigned char *s, size_t len, size_t *n,
			   unsigned char *base);

/** region_read_word - the word that begins at scan->at, which moves past it;
 *  its gap is the caller's */
void region_read_word(struct region_scan *scan, struct region_token *word);

/** region_word_hash - of a word read and not joined yet */
uint64_t region_word_hash(const struct region_scan *scan,
			  struct region_token *word);

/** region_quote - note what is quoted from @at on, if a mark opens it there */
void region_quote(struct region_scan *scan, size_t at);

/** region_abbreviated - does a dot after "St", "Mr", an initial end nothing? */
bool region_abbreviated(const struct region_scan *scan,
			const struct region_token *last);

/** region_is_loose - may names be written small in this text? */
bool region_is_loose(struct region_scan *scan);

/** region_may_be_small - is it so plainly a name that it may be, then? */
bool region_may_be_small(const struct places_entry *entry, size_t words);

#endif
