/*
 * terms: the words and pairs of a text that say something.
 */
#include "terms.h"

#include <stdlib.h>
#include <string.h>

#include "cli.h"
#include "map.h"

/* Words that say nothing alone and begin or end no pair. */
static const char STOP[] =
    "a about above after again against all also always am an and any anyone "
    "are as at back be because been before being below best between both but "
    "by came can cannot could day days dear did do does doing done down "
    "during each else even ever every few first for from further get getting "
    "give given go going good got had has have having he her here him his how "
    "however i if in into is it its just keep kind know last least less let "
    "like little long made make many may me might mine more most much must my "
    "need never new next no nor not nothing now of off often on once one only "
    "or other others our out over own part per please put rather really "
    "regards said same say see seem seems she should since so some something "
    "still such take than thank thanks that the their them then there these "
    "they thing things think this those three through time to too two under "
    "until up upon us use used very want was way we week well were what when "
    "where whether which while who whom whose why will wish with within "
    "without work would year years yes yet you your";

#define WORDS_MAX 9000
#define TERMS_MAX ((size_t)2 * WORDS_MAX)
/* At most half full. */
#define SEEN_MAX ((size_t)65536)

struct term_finder {
	struct sdg_stemmer *stemmer;
	struct map stop;
	struct sdg_word words[WORDS_MAX];
	size_t word_count;
	struct term_found found[TERMS_MAX];
	uint64_t seen[SEEN_MAX];
};

int terms_open(struct term_finder **out, struct sdg_error *err)
{
	struct term_finder *finder = xcalloc(1, sizeof(*finder));
	size_t n;
	int rc = sdg_stemmer_new(&finder->stemmer, err);

	if (rc < 0) {
		free(finder);
		return rc;
	}
	n = sdg_words_split(finder->stemmer, sdg_str(STOP), finder->words,
			    WORDS_MAX);
	for (size_t i = 0; i < n; i++)
		map_add(&finder->stop, finder->words[i].stem);
	*out = finder;
	return 0;
}

void terms_close(struct term_finder *finder)
{
	if (!finder)
		return;
	map_fini(&finder->stop);
	sdg_stemmer_free(finder->stemmer);
	free(finder);
}

/* A word worth counting: no stop word, no number, three letters. */
static bool telling(const struct term_finder *finder, const char *text,
		    const struct sdg_word *w)
{
	return w->end - w->start >= 3 && !map_find(&finder->stop, w->stem) &&
	       !(text[w->start] >= '0' && text[w->start] <= '9');
}

/* The first time in this text? @mask: of as many places as it needs. */
static bool is_new(struct term_finder *finder, uint64_t key, size_t mask)
{
	size_t i = mix64(key) & mask;

	while (finder->seen[i] && finder->seen[i] != key)
		i = (i + 1) & mask;
	if (finder->seen[i])
		return false;
	finder->seen[i] = key;
	return true;
}

const struct term_found *terms_find(struct term_finder *finder,
				    struct sdg_str text, size_t *count)
{
	const struct sdg_word *words = finder->words;
	size_t n =
	    sdg_words_split(finder->stemmer, text, finder->words, WORDS_MAX);
	size_t places = 64, found = 0;
	bool is, was = false;

	while (places < 4 * n)
		places *= 2;
	memset(finder->seen, 0, places * sizeof(*finder->seen));
	for (size_t i = 0; i < n; i++, was = is) {
		const struct sdg_word *w = &words[i];

		is = telling(finder, text.s, w);
		if (is && was && !w->before) {
			uint64_t key = sdg_words_join(w[-1].stem, w->stem);

			if (is_new(finder, key, places - 1))
				finder->found[found++] =
				    (struct term_found){ key, w[-1].stem,
							 w->stem, w[-1].start,
							 w->end };
		}
		if (is && is_new(finder, w->stem, places - 1))
			finder->found[found++] =
			    (struct term_found){ w->stem, w->stem, 0, w->start,
						 w->end };
	}
	finder->word_count = n;
	*count = found;
	return finder->found;
}

const struct sdg_word *terms_words(const struct term_finder *finder,
				   size_t *count)
{
	*count = finder->word_count;
	return finder->words;
}
