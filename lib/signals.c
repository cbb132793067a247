/*
 * signals: listing them, sentence by sentence.
 */
#include "signals.h"

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

bool sdg_is_address(const struct sdg_address *address, uint64_t stem)
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
				      uint32_t noted, size_t first)
{
	out->hash = hash;
	out->noted = noted;
	out->first = (uint32_t)first;
	out->how = how;
	return out + 1;
}

static struct sdg_feature *list_sentence(struct sdg_feature *at,
					 const struct sentence *s)
{
	static const struct sdg_how addressed = { SDG_FEATURE_ADDRESSED, 1, 1,
						  true, false };
	static const struct sdg_how begins = { SDG_FEATURE_BEGINS, 1, 1, true,
					       false };
	static const struct sdg_how pair = { SDG_FEATURE_PAIR_BEGINS, 2, 1,
					     true, false };
	const struct sdg_word *words = s->words;
	uint64_t first = words[s->start].stem;

	for (size_t i = s->start; i < s->end; i++) {
		uint64_t stem = words[i].stem;
		uint32_t noted = words[i].note.model;

		if (stem == SDG_STEM_MUTED)
			continue;
		at = add(at, s->word, stem, noted, i);
		if (i + 1 < s->end && words[i + 1].stem != SDG_STEM_MUTED)
			at = add(at, s->pair, words[i].pair, 0, i);
		if (s->addressed)
			at = add(at, addressed, sdg_feature_addressed(stem),
				 noted, i);
	}
	if (first == SDG_STEM_MUTED)
		return at;
	at = add(at, begins, sdg_feature_begins(first),
		 words[s->start].note.model, s->start);
	if (s->start + 1 < s->end && words[s->start + 1].stem != SDG_STEM_MUTED)
		at = add(at, pair, sdg_feature_begins(words[s->start].pair), 0,
			 s->start);
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
		sentence.pair.what = SDG_FEATURE_PAIR;
		sentence.word.times = sentence.pair.times =
		    sentence.start == 0 || field == SDG_FIELD_SUBJECT
			? SDG_TIMES_FIRST
			: 1;
		sentence.addressed = false;
		do {
			sentence.addressed |=
			    sdg_is_address(address, words[end].stem);
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
