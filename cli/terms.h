/*
 * terms: the words and pairs of a text that say something, each once.
 *
 * A term is a word that is no stop word, or two of them with nothing but a
 * space between. Terms are known by hashes of their stems.
 */
#ifndef CLI_TERMS_H
#define CLI_TERMS_H

#include <soundings/error.h>

#include "words.h"

struct term_found {
	uint64_t key, head, tail; /* of its words; tail 0: a word alone */
	uint32_t start, end;      /* where it first stands in the text */
};

/* A thread's own. */
struct term_finder;
int terms_open(struct term_finder **out, struct sdg_error *err);
void terms_close(struct term_finder *finder);

/** terms_find - those of @text, in its order, until the next call */
const struct term_found *terms_find(struct term_finder *finder,
				    struct sdg_str text, size_t *count);
/** terms_words - all the words of that text */
const struct sdg_word *terms_words(const struct term_finder *finder,
				   size_t *count);

#endif
