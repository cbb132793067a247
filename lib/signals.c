/*
 * signals: listing them, sentence by sentence.
 */
#include "signals.h"

/* Keep what is for the stance alone apart from the words themselves. */
#define ADDRESSED 0xa0761d6478bd642fu
#define BEGINS 0x8ebc6af09c88c6e3u

#define NEAR 0xe7037ed1a0b428dbu

#define TIMES_FIRST 2
/* Words back that a word is paired with. */
#define BACK 2

#define STEMS_MAX 128

static void fill(struct sdg_stem_set *set, struct sdg_stemmer *stemmer,
		 const char *words)
{
	struct sdg_word found[STEMS_MAX];
	size_t n = sdg_words_split(stemmer, sdg_str(words), found, STEMS_MAX);

	*set = (struct sdg_stem_set){ 0 };
	for (size_t i = 0; i < n; i++) {
		size_t at = found[i].stem & (SDG_STEM_SLOTS - 1);

		while (set->slots[at] && set->slots[at] != found[i].stem)
			at = (at + 1) & (SDG_STEM_SLOTS - 1);
		set->slots[at] = found[i].stem;
	}
}

static bool holds(const struct sdg_stem_set *set, uint64_t stem)
{
	size_t at = stem & (SDG_STEM_SLOTS - 1);

	while (set->slots[at] && set->slots[at] != stem)
		at = (at + 1) & (SDG_STEM_SLOTS - 1);
	return stem != SDG_STEM_MUTED && set->slots[at] == stem;
}

void sdg_address_init(struct sdg_address *address, struct sdg_stemmer *stemmer)
{
	fill(&address->named, stemmer,
	     "you your yours youre youve youd youll association ascl union");
	fill(&address->small, stemmer,
	     "the a an of to and in is it that we i you for on are with as be "
	     "have has was at this they my our not but or from by there their "
	     "who what which if would so do been an will all one me can when "
	     "your more no than out about up had he she his her were them us "
	     "how just");
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
			       size_t first, uint8_t words)
{
	*out = (struct sdg_feature){
		.hash = hash,
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

/* The words that mean something, the last of them first. */
struct meant {
	size_t count, at[BACK];
};

/* Pairs word @i with those before it that mean something. */
static struct sdg_feature *add_near(struct sdg_feature *out,
				    const struct sentence *s, size_t i,
				    struct meant *meant)
{
	uint64_t stem = s->words[i].stem;

	for (size_t k = 0; k < meant->count; k++) {
		size_t first = meant->at[k];
		uint64_t other = s->words[first].stem;

		if (i - first >= UINT8_MAX)
			break;
		out = add(out, s,
			  NEAR * (stem < other ? sdg_words_join(stem, other)
					       : sdg_words_join(other, stem)),
			  first, (uint8_t)(i - first + 1));
		out[-1].near = true;
	}
	meant->at[1] = meant->at[0];
	meant->at[0] = i;
	meant->count += meant->count < BACK;
	return out;
}

static struct sdg_feature *list_sentence(struct sdg_feature *at,
					 const struct sentence *s,
					 const struct sdg_stem_set *small)
{
	struct meant meant = { 0 };
	const struct sdg_word *words = s->words;
	uint64_t first = words[s->start].stem;

	for (size_t i = s->start; i < s->end; i++) {
		uint64_t stem = words[i].stem;

		if (stem == SDG_STEM_MUTED)
			continue;
		at = add(at, s, stem, i, 1);
		if (i + 1 < s->end && words[i + 1].stem != SDG_STEM_MUTED)
			at = add(at, s, sdg_words_join(stem, words[i + 1].stem),
				 i, 2);
		if (!holds(small, stem))
			at = add_near(at, s, i, &meant);
		if (s->addressed)
			at = add_stance(at, s, stem * ADDRESSED, i, 1);
	}
	if (first == SDG_STEM_MUTED)
		return at;
	at = add_stance(at, s, first * BEGINS, s->start, 1);
	if (s->start + 1 < s->end && words[s->start + 1].stem != SDG_STEM_MUTED)
		at = add_stance(
		    at, s,
		    sdg_words_join(first, words[s->start + 1].stem) * BEGINS,
		    s->start, 2);
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
			    holds(&address->named, words[end].stem);
			end++;
		} while (end < n && !(words[end].before & SDG_BREAK_SENTENCE));
		sentence.end = end;
		at = list_sentence(at, &sentence, &address->small);
		if (at > before)
			at[-1].ends = true;
		sentence.start = end;
	}
	return (size_t)(at - out);
}
