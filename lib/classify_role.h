/*
 * classify_role: titles and kinds of school, as words. Not installed.
 */
#ifndef CLASSIFY_ROLE_H
#define CLASSIFY_ROLE_H

#include <stddef.h>
#include <stdint.h>

#include <soundings/classify.h>

#define ROLE_LOOK_BYTES 1024 /* of a signature or field */
#define ROLE_WORD_SIZE 20
#define ROLE_WORDS_MAX 64

/* Lower-case words of a short text. Dots and apostrophes are dropped, "&"
 * is "and"; a separator other than space or hyphen is a word "|". */
struct role_words {
	char word[ROLE_WORDS_MAX][ROLE_WORD_SIZE];
	uint16_t start[ROLE_WORDS_MAX], end[ROLE_WORDS_MAX];
	size_t n;
};

void role_split(struct sdg_str text, struct role_words *words);

/** role_first - the first title in reading order from word @from on; @at
 *  and @taken say where it stands, unless it is UNKNOWN */
enum sdg_role role_first(const struct role_words *words, size_t from,
			 size_t *at, size_t *taken);

/** role_phases - the kinds of school that are named, or ages tell */
uint8_t role_phases(const struct role_words *words);

#endif
