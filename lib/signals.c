/*
 * signals: listing them, sentence by sentence.
 */
#include "signals.h"

/* Keep what is for the stance alone apart from the words themselves. */
#define ADDRESSED 0xa0761d6478bd642fu
#define BEGINS 0x8ebc6af09c88c6e3u

#define TIMES_FIRST 2

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

/* One sentence while it is listed. */
struct sentence {
	const struct sdg_word *words; /* of the field */
	size_t start, end;
	bool addressed;
	struct sdg_how word, pair;
};

static inline struct sdg_feature *add(struct sdg_feature *out,
				      struct sdg_how how, uint64_t hash,
				      uint32_t row, size_t first)
{
	out->hash = hash;
	out->row = row;
	out->first = (uint32_t)first;
	out->how = how;
	return out + 1;
}

static struct sdg_feature *list_sentence(struct sdg_feature *at,
					 const struct sentence *s)
{
	static const struct sdg_how word = { 1, 1, true, false };
	static const struct sdg_how pair = { 2, 1, true, false };
	const struct sdg_word *words = s->words;
	uint64_t first = words[s->start].stem;

	for (size_t i = s->start; i < s->end; i++) {
		uint64_t stem = words[i].stem;

		if (stem == SDG_STEM_MUTED)
			continue;
		at = add(at, s->word, stem, words[i].note.row, i);
		if (i + 1 < s->end && words[i + 1].stem != SDG_STEM_MUTED)
			at = add(at, s->pair, words[i].pair, 0, i);
		if (s->addressed)
			at = add(at, word, stem * ADDRESSED, 0, i);
	}
	if (first == SDG_STEM_MUTED)
		return at;
	at = add(at, word, first * BEGINS, 0, s->start);
	if (s->start + 1 < s->end && words[s->start + 1].stem != SDG_STEM_MUTED)
		at = add(at, pair, words[s->start].pair * BEGINS, 0, s->start);
	return at;
}

size_t sdg_features_list(const struct sdg_address *address,
			 const struct sdg_word *words, size_t n,
			 enum sdg_field field, struct sdg_feature *out)
{
	struct sdg_feature *at = out;
	struct sentence sentence = { .words = words };

	while (sentence.start < n) {
		struct sdg_feature *before = at;
		size_t end = sentence.start;

		/* What is said first, and what stands over it. */
		sentence.word.words = 1;
		sentence.pair.words = 2;
		sentence.word.times = sentence.pair.times =
		    sentence.start == 0 || field == SDG_FIELD_SUBJECT
			? TIMES_FIRST
			: 1;
		sentence.addressed = false;
		do {
			sentence.addressed |=
			    is_address(address, words[end].stem);
			end++;
		} while (end < n && !(words[end].before & SDG_BREAK_SENTENCE));
		sentence.end = end;
		at = list_sentence(at, &sentence);
		if (at > before)
			at[-1].how.ends = true;
		sentence.start = end;
	}
	return (size_t)(at - out);
}
