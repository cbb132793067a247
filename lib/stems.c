/*
 * stems: stemming, and the cache of it. The one file that knows libstemmer.
 *
 * It refuses to judge: whether a word matters is for those who hold the
 * weights.
 */
#include "stems.h"

#include <stdlib.h>
#include <string.h>

#include <libstemmer.h>

int sdg_stemmer_new(struct sdg_stemmer **out, struct sdg_error *err)
{
	struct sdg_stemmer *stemmer =
	    aligned_alloc(_Alignof(struct sdg_stemmer), sizeof(*stemmer));

	if (!stemmer)
		return sdg_fail(err, SDG_ENOMEM, "make a stemmer: no memory");
	memset(stemmer, 0, sizeof(*stemmer));
	stemmer->english = sb_stemmer_new("english", "UTF_8");
	if (!stemmer->english) {
		free(stemmer);
		return sdg_fail(err, SDG_ENOMEM, "make a stemmer: no memory");
	}
	*out = stemmer;
	return 0;
}

void sdg_stemmer_free(struct sdg_stemmer *stemmer)
{
	if (!stemmer)
		return;
	sb_stemmer_delete(stemmer->english);
	free(stemmer);
}

void sdg_stemmer_note(struct sdg_stemmer *stemmer, sdg_note_fn *fn,
		      const void *arg)
{
	stemmer->note = fn;
	stemmer->note_arg = arg;
	memset(stemmer->lines, 0, sizeof(stemmer->lines));
}

uint64_t sdg_words_hash(const char *s, size_t len)
{
	uint64_t h = 0x9e3779b97f4a7c15u ^ len, part;

	for (; len >= 8; s += 8, len -= 8) {
		memcpy(&part, s, 8);
		h = (h ^ part) * 0xd6e8feb86659fd93u;
		h ^= h >> 32;
	}
	part = 0;
	memcpy(&part, s, len);
	h = (h ^ part) * 0xd6e8feb86659fd93u;
	h ^= h >> 29;
	h *= 0x9e3779b97f4a7c15u;
	return h ^ h >> 32;
}

uint64_t sdg_stems_of(struct sdg_stemmer *stemmer, const char *word, size_t len)
{
	const sb_symbol *stem;

	if (!stemmer)
		return sdg_words_hash(word, len);
	stem = sb_stemmer_stem(stemmer->english, (const sb_symbol *)word,
			       (int)len);
	if (!stem) /* no memory: the word itself is the next best */
		return sdg_words_hash(word, len);
	return sdg_words_hash((const char *)stem,
			      (size_t)sb_stemmer_length(stemmer->english));
}

/* The line beside it takes what has no room in a line of its own. */
static struct sdg_stem_line *beside(struct sdg_stemmer *stemmer,
				    struct sdg_stem_line *line)
{
	return &stemmer->lines[(size_t)(line - stemmer->lines) ^ 1];
}

static bool is_free(const struct sdg_stem_slot *slot)
{
	return slot->half[0] == 0;
}

/* Where a word that is new shall stand: where nothing does, or in place of
 * what came before the last. */
static struct sdg_stem_slot *make_room(struct sdg_stemmer *stemmer,
				       struct sdg_stem_line *line)
{
	struct sdg_stem_line *other = beside(stemmer, line);

	for (int i = 0; i < 2; i++)
		if (is_free(&line->slots[i]))
			return &line->slots[i];
	for (int i = 0; i < 2; i++)
		if (is_free(&other->slots[i]))
			return &other->slots[i];
	line->slots[1] = line->slots[0];
	return &line->slots[0];
}

static struct sdg_stem_slot *remember(struct sdg_stemmer *stemmer,
				      struct sdg_stem_line *line,
				      const uint64_t half[2])
{
	struct sdg_stem_slot *slot = make_room(stemmer, line);
	char bytes[SDG_STEMS_CACHED_MAX];

	memcpy(slot->half, half, sizeof(slot->half));
	memcpy(bytes, half, sizeof(bytes));
	slot->stem =
	    sdg_stems_of(stemmer, bytes, strnlen(bytes, sizeof(bytes)));
	slot->note = (struct sdg_word_note){ 0 };
	if (stemmer->note)
		stemmer->note(stemmer->note_arg, half, slot->stem, &slot->note);
	return slot;
}

const struct sdg_stem_slot *sdg_stems_further(struct sdg_stemmer *stemmer,
					      struct sdg_stem_line *line,
					      const uint64_t half[2])
{
	const struct sdg_stem_line *other = beside(stemmer, line);

	if (sdg_stems_is(&line->slots[1], half))
		return &line->slots[1];
	for (int i = 0; i < 2; i++)
		if (sdg_stems_is(&other->slots[i], half))
			return &other->slots[i];
	return remember(stemmer, line, half);
}
