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
	bool opening; /* the first of the text */
	bool addressed;
	enum sdg_field field;
};

/* What is said first, and what stands over it. */
static bool is_weighty(const struct sentence *sentence)
{
	return sentence->opening || sentence->field == SDG_FIELD_SUBJECT;
}

static struct sdg_feature *add(struct sdg_feature *out,
			       const struct sentence *sentence, uint64_t hash,
			       uint32_t row, size_t first, uint8_t words)
{
	*out = (struct sdg_feature){
		.hash = hash,
		.row = row,
		.first = (uint32_t)first,
		.words = words,
		.field = (uint8_t)sentence->field,
		.times = is_weighty(sentence) ? TIMES_FIRST : 1,
	};
	return out + 1;
}

static struct sdg_feature *add_stance(struct sdg_feature *out,
				      const struct sentence *sentence,
				      uint64_t hash, size_t first,
				      uint8_t words)
{
	*out = (struct sdg_feature){
		.hash = hash,
		.first = (uint32_t)first,
		.words = words,
		.field = (uint8_t)sentence->field,
		.times = 1,
		.stance = true,
	};
	return out + 1;
}

static struct sdg_feature *list_sentence(struct sdg_feature *at,
					 const struct sentence *s)
{
	const struct sdg_word *words = s->words;
	uint64_t first = words[s->start].stem;

	for (size_t i = s->start; i < s->end; i++) {
		uint64_t stem = words[i].stem;

		if (stem == SDG_STEM_MUTED)
			continue;
		at = add(at, s, stem, words[i].note.row, i, 1);
		if (i + 1 < s->end && words[i + 1].stem != SDG_STEM_MUTED)
			at = add(at, s, words[i].pair, 0, i, 2);
		if (s->addressed)
			at = add_stance(at, s, stem * ADDRESSED, i, 1);
	}
	if (first == SDG_STEM_MUTED)
		return at;
	at = add_stance(at, s, first * BEGINS, s->start, 1);
	if (s->start + 1 < s->end && words[s->start + 1].stem != SDG_STEM_MUTED)
		at = add_stance(at, s, words[s->start].pair * BEGINS, s->start,
				2);
	return at;
}

size_t sdg_features_list(const struct sdg_address *address,
			 const struct sdg_word *words, size_t n,
			 enum sdg_field field, struct sdg_feature *out)
{
	struct sdg_feature *at = out;
	struct sentence sentence = { .words = words, .field = field };

	while (sentence.start < n) {
		struct sdg_feature *before = at;
		size_t end = sentence.start;

		sentence.opening =
		    sentence.start == 0 && field == SDG_FIELD_TEXT;
		sentence.addressed = false;
		do {
			sentence.addressed |=
			    is_address(address, words[end].stem);
			end++;
		} while (end < n && !(words[end].before & SDG_BREAK_SENTENCE));
		sentence.end = end;
		at = list_sentence(at, &sentence);
		if (at > before)
			at[-1].ends = true;
		sentence.start = end;
	}
	return (size_t)(at - out);
}
