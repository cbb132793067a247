/*
 * cues: an open-addressed table of phrase hashes, and a filter by first word
 * so that most places of a text cost one look into 64 KiB, or a second for
 * the first two words of a phrase.
 *
 * Two phrases are the same when their 64-bit hashes are: with tens of
 * thousands of phrases a collision is not to be expected in the life of the
 * project, and would cost one wrong hint.
 */
#include "cues.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#define BLOCK 64 /* words, a bit each */
/* Marks the first two words of a phrase, apart from a phrase of two. */
#define BEGINNING 0xa5a5a5a5a5a5a5a5u

static size_t head_of(uint64_t stem)
{
	return stem & (SDG_CUE_HEADS - 1);
}

static size_t home_of(const struct sdg_cues *cues, uint64_t key)
{
	return key & (cues->slot_count - 1);
}

/* The top bits, since the low ones say where in the table a key belongs. */
static void mark(uint8_t *bloom, uint64_t key)
{
	bloom[key >> 48] |= (uint8_t)(1u << (key >> 45 & 7));
}

static bool is_marked(const uint8_t *bloom, uint64_t key)
{
	return bloom[key >> 48] >> (key >> 45 & 7) & 1;
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

static int refuse(const struct sdg_frame *frame, const struct sdg_cue *cue,
		  struct sdg_error *err)
{
	if (cue->line)
		return sdg_fail(err, SDG_EINVAL,
				"compile cues: cues.tsv: line %u: a phrase has "
				"1 to %d words",
				cue->line, SDG_CUE_WORDS_MAX);
	return sdg_fail(err, SDG_EINVAL,
			"compile cues: frame.yaml: theme '%s': a phrase has 1 "
			"to %d words",
			frame->themes[cue->theme].id, SDG_CUE_WORDS_MAX);
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
			return refuse(frame, cue, err);
		}
		key = words[0].stem;
		for (size_t k = 1; k < n; k++) {
			key = sdg_words_join(key, words[k].stem);
			if (k == 1)
				mark(heads + SDG_CUE_HEADS, key ^ BEGINNING);
		}
		mark(heads + SDG_CUE_HEADS, key);
		put(slots, slot_count, key, cue, n);
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

uint8_t sdg_cues_head(const struct sdg_cues *cues, uint64_t stem)
{
	uint8_t most = cues->heads[head_of(stem)];

	if (most > SDG_CUE_WORDS_MAX)
		most = SDG_CUE_WORDS_MAX;
	return most && is_marked(cues->bloom, stem) ? most | SDG_CUE_ALONE
						    : most;
}

static uint8_t head_at(const struct sdg_cues *cues, const struct sdg_word *word)
{
	return cues->noted ? word->note.heads[cues->noted - 1]
			   : sdg_cues_head(cues, word->stem);
}

/* Calls @fn for every theme that @key speaks for; how many did. */
static size_t report(const struct sdg_cues *cues, uint64_t key, size_t first,
		     size_t count, sdg_cue_fn *fn, void *arg)
{
	size_t at = home_of(cues, key), found = 0;

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

/* A place where a phrase may begin, of how many words at most, and what is
 * looked for then; 0 words: none does. */
struct candidate {
	size_t at, longest;
	uint64_t key;
};

/* How long a phrase of words @at and on may be: the first two begin one. Its
 * slot is asked for. */
static struct candidate look(const struct sdg_cues *cues,
			     const struct sdg_word *words, size_t n, size_t at)
{
	uint8_t head = head_at(cues, &words[at]);
	size_t most = head & ~(unsigned)SDG_CUE_ALONE;
	uint64_t key = words[at].stem;
	struct candidate candidate = { at, head / SDG_CUE_ALONE, key };

	for (size_t len = 1; len < most && at + len < n &&
			     !(words[at + len].before & SDG_BREAK_SENTENCE);
	     len++) {
		key = sdg_words_join(key, words[at + len].stem);
		if (is_marked(cues->bloom, key)) {
			candidate.longest = len + 1;
			candidate.key = key;
		}
	}
	__builtin_prefetch(&cues->slots[home_of(cues, candidate.key)]);
	return candidate;
}

/* The same of a word by itself. */
static inline struct candidate
look_alone(const struct sdg_cues *cues, const struct sdg_word *words, size_t at)
{
	uint64_t key = words[at].stem;

	__builtin_prefetch(&cues->slots[home_of(cues, key)]);
	return (struct candidate){ at, 1, key };
}

/* The longest phrase at @at of at most @len words, reported; its words. */
static size_t find_longest(const struct sdg_cues *cues,
			   const struct sdg_word *words, size_t at, size_t len,
			   sdg_cue_fn *fn, void *arg)
{
	uint64_t keys[SDG_CUE_WORDS_MAX];

	keys[0] = words[at].stem;
	for (size_t k = 1; k < len; k++)
		keys[k] = sdg_words_join(keys[k - 1], words[at + k].stem);
	for (; len > 1; len--) {
		if (is_marked(cues->bloom, keys[len - 1]) &&
		    report(cues, keys[len - 1], at, len, fn, arg))
			return len;
	}
	return head_at(cues, &words[at]) & SDG_CUE_ALONE &&
	       report(cues, keys[0], at, 1, fn, arg);
}

/* The phrase that is looked for, or a shorter one there. Those before it may
 * have silenced some of its words meanwhile: then no phrase has them any more.
 */
static size_t find(const struct sdg_cues *cues, const struct sdg_word *words,
		   const struct candidate *candidate, sdg_cue_fn *fn, void *arg)
{
	size_t at = candidate->at, len = candidate->longest;
	bool silenced = false;

	for (size_t k = 0; k < len; k++)
		silenced |= words[at + k].stem == SDG_STEM_MUTED;
	if (!silenced && report(cues, candidate->key, at, len, fn, arg))
		return len;
	if (!silenced)
		len--;
	return len ? find_longest(cues, words, at, len, fn, arg) : 0;
}

/* Where among a block of words phrases may begin, a bit a word: those of one
 * word, and longer ones. */
struct begins {
	uint64_t alone, longer;
};

/* Asked of all words in a row, with no branch that could be foreseen wrongly:
 * one in five passes. */
static inline __attribute__((always_inline)) void
add_begin(const struct sdg_cues *cues, const struct sdg_word *word, size_t i,
	  struct begins *begins)
{
	uint8_t head = head_at(cues, word);
	bool longer = (head & ~(unsigned)SDG_CUE_ALONE) > 1;

	longer &= is_marked(cues->bloom, word->pair ^ BEGINNING);
	begins->alone |= (uint64_t)(head / SDG_CUE_ALONE) << i;
	begins->longer |= (uint64_t)longer << i;
}

/* Where phrases may begin among @count words from @from on. */
static struct begins beginnings(const struct sdg_cues *cues,
				const struct sdg_word *words,
				const uint8_t *marks, size_t count)
{
	uint64_t all = count < BLOCK ? ((uint64_t)1 << count) - 1 : UINT64_MAX;
	struct begins begins = { 0 };

	if (marks) {
		all &= sdg_marks_at(marks, SDG_MARK_PHRASE);
		for (; all; all &= all - 1) {
			size_t i = (size_t)__builtin_ctzll(all);

			add_begin(cues, &words[i], i, &begins);
		}
		return begins;
	}
	for (size_t i = 0; i < count; i++)
		add_begin(cues, &words[i], i, &begins);
	return begins;
}

void sdg_cues_match(const struct sdg_cues *cues, const struct sdg_word *words,
		    const uint8_t *marks, size_t n, sdg_cue_fn *fn, void *arg)
{
	size_t spent = 0; /* words before it */

	for (size_t from = 0; from < n; from += BLOCK) {
		struct candidate found[BLOCK];
		size_t count = 0;
		struct begins begins =
		    beginnings(cues, words + from, marks ? marks + from : NULL,
			       n - from < BLOCK ? n - from : BLOCK);
		uint64_t any = begins.alone | begins.longer;

		for (; any; any &= any - 1) {
			size_t at = from + (size_t)__builtin_ctzll(any);
			bool longer = begins.longer & any & (0 - any);

			found[count] = longer ? look(cues, words, n, at)
					      : look_alone(cues, words, at);
			count += found[count].longest > 0;
		}
		for (size_t i = 0; i < count; i++) {
			size_t len;

			if (found[i].at < spent)
				continue;
			len = find(cues, words, &found[i], fn, arg);
			spent = found[i].at + (len ? len : 1);
		}
	}
}
