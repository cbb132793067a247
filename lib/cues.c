/*
 * cues: an open-addressed table of phrase hashes, and a filter by first word
 * so that most places of a text cost one look into 64 KiB.
 *
 * Two phrases are the same when their 64-bit hashes are: with tens of
 * thousands of phrases a collision is not to be expected in the life of the
 * project, and would cost one wrong hint.
 */
#include "cues.h"

#include <stdlib.h>
#include <string.h>

static size_t head_of(uint64_t stem)
{
	return stem & (SDG_CUE_HEADS - 1);
}

/* The top bits, since the low ones say where in the table a key belongs. */
static size_t bloom_byte(uint64_t key)
{
	return key >> 48;
}

static uint8_t bloom_bit(uint64_t key)
{
	return (uint8_t)(1u << (key >> 45 & 7));
}

/* Adds a phrase, or changes its weight where it stands there already. */
static void put(struct sdg_cue_slot *slots, size_t slot_count, uint64_t key,
		const struct sdg_cue *cue, size_t words)
{
	size_t at = key & (slot_count - 1);

	while (slots[at].key &&
	       (slots[at].key != key || slots[at].theme != cue->theme))
		at = (at + 1) & (slot_count - 1);
	/* Of two spellings with one stem the more careful counts. */
	if (slots[at].key && slots[at].weight <= cue->weight)
		return;
	slots[at] = (struct sdg_cue_slot){
		.key = key,
		.theme = cue->theme,
		.weight = cue->weight,
		.words = (uint8_t)words,
	};
}

int sdg_cues_compile(const struct sdg_frame *frame, struct sdg_stemmer *stemmer,
		     struct sdg_cues *out, struct sdg_error *err)
{
	struct sdg_word words[SDG_CUE_WORDS_MAX + 1];
	struct sdg_cue_slot *slots;
	size_t slot_count = 1024;
	uint8_t *memory, *heads;

	while (slot_count < 2 * frame->cue_count)
		slot_count *= 2;
	memory = calloc(1, slot_count * sizeof(*slots) + SDG_CUE_HEADS +
			       SDG_CUE_BLOOM);
	if (!memory)
		return sdg_fail(err, SDG_ENOMEM, "compile cues: no memory");
	slots = (struct sdg_cue_slot *)memory;
	heads = memory + slot_count * sizeof(*slots);
	for (size_t i = 0; i < frame->cue_count; i++) {
		const struct sdg_cue *cue = &frame->cues[i];
		size_t n = sdg_words_split(stemmer, sdg_str(cue->phrase), words,
					   SDG_CUE_WORDS_MAX + 1);
		uint64_t key;

		if (n == 0 || n > SDG_CUE_WORDS_MAX) {
			free(memory);
			return sdg_fail(err, SDG_EINVAL,
					"compile cues: line %u: a phrase has 1 "
					"to %d words",
					cue->line, SDG_CUE_WORDS_MAX);
		}
		key = words[0].stem;
		for (size_t k = 1; k < n; k++)
			key = sdg_words_join(key, words[k].stem);
		put(slots, slot_count, key, cue, n);
		heads[SDG_CUE_HEADS + bloom_byte(key)] |= bloom_bit(key);
		if (heads[head_of(words[0].stem)] < n)
			heads[head_of(words[0].stem)] = (uint8_t)n;
	}
	*out = (struct sdg_cues){ .slots = slots,
				  .slot_count = slot_count,
				  .heads = heads,
				  .bloom = heads + SDG_CUE_HEADS,
				  .owned = memory };
	return 0;
}

void sdg_cues_fini(struct sdg_cues *cues)
{
	free(cues->owned);
	*cues = (struct sdg_cues){ 0 };
}

/* Calls @fn for every theme that @key speaks for; how many did. */
static size_t report(const struct sdg_cues *cues, uint64_t key, size_t first,
		     size_t count, sdg_cue_fn *fn, void *arg)
{
	size_t at = key & (cues->slot_count - 1), found = 0;

	if (!(cues->bloom[bloom_byte(key)] & bloom_bit(key)))
		return 0;
	for (; cues->slots[at].key; at = (at + 1) & (cues->slot_count - 1)) {
		if (cues->slots[at].key != key ||
		    cues->slots[at].words != count)
			continue;
		fn(arg, cues->slots[at].theme, cues->slots[at].weight, first,
		   count);
		found++;
	}
	return found;
}

void sdg_cues_match(const struct sdg_cues *cues, const struct sdg_word *words,
		    size_t n, sdg_cue_fn *fn, void *arg)
{
	uint64_t keys[SDG_CUE_WORDS_MAX];
	size_t at = 0;

	while (at < n) {
		size_t most = cues->heads[head_of(words[at].stem)], len = 0;

		while (len < most && at + len < n &&
		       (len == 0 ||
			!(words[at + len].before & SDG_BREAK_SENTENCE))) {
			keys[len] = len ? sdg_words_join(keys[len - 1],
							 words[at + len].stem)
					: words[at].stem;
			len++;
		}
		while (len && !report(cues, keys[len - 1], at, len, fn, arg))
			len--;
		at += len ? len : 1;
	}
}
