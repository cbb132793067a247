/*
 * alike: near-identical texts, found without comparing all with all.
 *
 * A text is known by a sketch: of its runs of four words the least values
 * under 63 hashes (MinHash). Two texts agree in as many places as they have
 * runs in common; bands of three places find those that may.
 */
#ifndef CLI_ALIKE_H
#define CLI_ALIKE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "words.h"

#define ALIKE_BANDS 21
#define ALIKE_ROWS 3
#define ALIKE_HASHES ((size_t)ALIKE_BANDS * ALIKE_ROWS)
/* A run of words, and the fewest a text must have to be compared. */
#define ALIKE_RUN 4
#define ALIKE_WORDS_LEAST 12
/* As few as a campaign has. */
#define ALIKE_GROUP_LEAST 3

struct sketch {
	uint16_t least[ALIKE_HASHES];
};

/** alike_draw - false: too few words to compare */
bool alike_draw(const struct sdg_word *words, size_t n, struct sketch *out);

/**
 * alike_groups - who belongs together
 * @group: for each of @n, the group it is in, from 1 on in the order of
 *         their first texts; 0: in none of at least @least
 *
 * Returns how many groups there are.
 */
size_t alike_groups(const struct sketch *sketches, size_t n, size_t least,
		    uint32_t *group);

#endif
