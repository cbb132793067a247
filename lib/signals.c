/*
 * signals: listing them, sentence by sentence.
 */
#include "signals.h"

/* Keeps a feature of an addressed sentence apart from its plain self. */
#define ADDRESSED 0xa0761d6478bd642fu

void sdg_address_init(struct sdg_address *address, struct sdg_stemmer *stemmer)
{
	static const char words[] = "you your yours youre youve youd youll "
				    "association ascl union";
	struct sdg_word found[SDG_ADDRESS_MAX];

	*address = (struct sdg_address){ 0 };
	address->count =
	    sdg_words_split(stemmer, sdg_str(words), found, SDG_ADDRESS_MAX);
	for (size_t i = 0; i < address->count; i++) {
		address->stems[i] = found[i].stem;
		address->maybe[found[i].stem & 0xff] = 1;
	}
}

static bool is_address(const struct sdg_address *address, uint64_t stem)
{
	if (!address->maybe[stem & 0xff])
		return false;
	for (size_t i = 0; i < address->count; i++) {
		if (address->stems[i] == stem)
			return true;
	}
	return false;
}

static struct sdg_feature *add(struct sdg_feature *out, uint64_t hash,
			       size_t first, uint8_t words,
			       enum sdg_field field, bool addressed)
{
	*out =
	    (struct sdg_feature){ .hash = addressed ? hash * ADDRESSED : hash,
				  .first = (uint32_t)first,
				  .words = words,
				  .field = (uint8_t)field,
				  .addressed = addressed };
	return out + 1;
}

size_t sdg_features_list(const struct sdg_address *address,
			 const struct sdg_word *words, size_t n,
			 enum sdg_field field, struct sdg_feature *out)
{
	struct sdg_feature *at = out;
	size_t start = 0;

	while (start < n) {
		size_t end = start;
		bool addressed = false;

		do {
			addressed |= is_address(address, words[end].stem);
			end++;
		} while (end < n && !(words[end].before & SDG_BREAK_SENTENCE));
		for (int pass = 0; pass <= addressed; pass++) {
			for (size_t i = start; i < end; i++) {
				if (words[i].stem == SDG_STEM_MUTED)
					continue;
				at = add(at, words[i].stem, i, 1, field, pass);
				if (i + 1 < end &&
				    words[i + 1].stem != SDG_STEM_MUTED)
					at = add(
					    at,
					    sdg_words_join(words[i].stem,
							   words[i + 1].stem),
					    i, 2, field, pass);
			}
		}
		start = end;
	}
	return (size_t)(at - out);
}
