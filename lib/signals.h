/*
 * signals: what the linear models see of a piece of feedback.
 *
 * Each word, and each pair of words that stand together in a sentence. What
 * is said first is counted twice: people begin with what they write about.
 *
 * For the stance, a word once more where its sentence speaks to or of the
 * association ("you", "your", "the association"): praise for a head is not
 * praise for them; and the one or two words by which a sentence begins
 * ("Please", "Thank you", "Why do"). Training and classification both list
 * features here, so that they cannot come apart.
 */
#ifndef SIGNALS_H
#define SIGNALS_H

#include <stddef.h>
#include <stdint.h>

#include <soundings/classify.h>

#include "words.h"

enum sdg_feature_what {
	SDG_FEATURE_WORD,
	SDG_FEATURE_PAIR,
	/* For the stance alone: */
	SDG_FEATURE_ADDRESSED,   /* a word where somebody is addressed */
	SDG_FEATURE_BEGINS,      /* the word by which a sentence begins, */
	SDG_FEATURE_PAIR_BEGINS, /* and that with the next */
};

/* How a feature counts. */
struct sdg_how {
	uint8_t what;  /* enum sdg_feature_what */
	uint8_t words; /* 1 or 2 */
	uint8_t times; /* it counts for so many */
	bool stance;   /* for the stance alone */
	bool ends;     /* the last of its sentence */
};

struct sdg_feature {
	uint64_t hash;
	uint32_t noted; /* of its word, for the model; of pairs 0 */
	uint32_t first; /* its (first) word */
	struct sdg_how how;
};

/** sdg_feature_addressed, sdg_feature_begins - of a word's, or pair's, hash */
static inline uint64_t sdg_feature_addressed(uint64_t hash)
{
	return hash * 0xa0761d6478bd642fu;
}

static inline uint64_t sdg_feature_begins(uint64_t hash)
{
	return hash * 0x8ebc6af09c88c6e3u;
}

/* What is said first counts for so many. */
#define SDG_TIMES_FIRST 2

/* No more than this many of @n words: every word a sentence that addresses
 * somebody, or all of them one. */
#define SDG_FEATURES_OF(n) (4 * (size_t)(n) + 4)

/* The stems of the words by which the association is addressed. */
#define SDG_ADDRESS_MAX 16
struct sdg_address {
	size_t count;
	uint64_t stems[SDG_ADDRESS_MAX];
	uint8_t maybe[256]; /* by the low byte of a stem */
};

void sdg_address_init(struct sdg_address *address, struct sdg_stemmer *stemmer);

/** sdg_is_address - is it one of these words? */
bool sdg_is_address(const struct sdg_address *address, uint64_t stem);

/** sdg_feature_rule - what an explanation calls it */
static inline const char *sdg_feature_rule(const struct sdg_feature *feature)
{
	return feature->how.words == 2 ? "pair" : "word";
}

/** sdg_features_list - of one field of a piece; returns how many */
size_t sdg_features_list(const struct sdg_address *address,
			 const struct sdg_word *words, size_t n,
			 enum sdg_field field, struct sdg_feature *out);

#endif
