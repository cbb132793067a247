/*
 * alike: sketches of texts, and groups of them.
 */
#include "alike.h"

#include <stdlib.h>
#include <string.h>

#include "cli.h"
#include "map.h"

/* Of ALIKE_HASHES: a template with half as much again of one's own. */
#define AGREE 25
/* Of hashes, a whole number of blocks that fit the processor's registers;
 * the last hash is drawn and not kept. */
#define LANES 64
#define BLOCK 16
/* Looked at in one go. */
#define RUNS 256

_Static_assert(ALIKE_HASHES <= LANES, "lanes");

/* The same loop for processors with wide vectors, chosen when it is run. The
 * choice is made before the thread sanitizer is there: without, then. */
#if defined(__x86_64__) && defined(__has_attribute)
#if __has_attribute(target_clones) && !defined(__SANITIZE_THREAD__)
#define WIDE __attribute__((target_clones("avx2", "default")))
#endif
#endif
#ifndef WIDE
#define WIDE
#endif

struct lanes {
	uint32_t times[LANES], plus[LANES];
};

static const struct lanes *hashes(void)
{
	/* Filled in alike by whoever comes first. */
	static _Thread_local struct lanes lanes;

	for (uint32_t k = 0; lanes.times[0] == 0 && k < LANES; k++) {
		uint32_t i = LANES - 1 - k;
		uint64_t h = mix64((i + 1) * 0x9e3779b97f4a7c15u);

		lanes.plus[i] = (uint32_t)(h >> 32);
		lanes.times[i] = (uint32_t)h | 1;
	}
	return &lanes;
}

/* Runs are hashes already: a line through them orders them anew. */
WIDE static void take_least(const struct lanes *lanes, const uint32_t *runs,
			    size_t n, uint32_t least[LANES])
{
	for (size_t from = 0; from < LANES; from += BLOCK) {
		uint32_t block[BLOCK];

		memset(block, 0xff, sizeof(block));
		for (size_t i = 0; i < n; i++)
			for (size_t k = 0; k < BLOCK; k++) {
				uint32_t v = runs[i] * lanes->times[from + k] +
					     lanes->plus[from + k];

				block[k] = v < block[k] ? v : block[k];
			}
		memcpy(least + from, block, sizeof(block));
	}
}

bool alike_draw(const struct sdg_word *words, size_t n, struct sketch *out)
{
	const struct lanes *lanes = hashes();
	uint32_t least[LANES], drawn[LANES], runs[RUNS];
	size_t i = 0;

	if (n < ALIKE_WORDS_LEAST)
		return false;
	memset(least, 0xff, sizeof(least));
	while (i + ALIKE_RUN <= n) {
		size_t count = 0;

		for (; i + ALIKE_RUN <= n && count < RUNS; i++) {
			uint64_t h = words[i].stem;

			for (size_t k = 1; k < ALIKE_RUN; k++)
				h = sdg_words_join(h, words[i + k].stem);
			runs[count++] = (uint32_t)(h >> 32);
		}
		take_least(lanes, runs, count, drawn);
		for (size_t k = 0; k < LANES; k++)
			least[k] = drawn[k] < least[k] ? drawn[k] : least[k];
	}
	/* The low bits of a least value are as random as any. */
	for (size_t k = 0; k < ALIKE_HASHES; k++)
		out->least[k] = (uint16_t)least[k];
	return true;
}

/* Union-find, towards the oldest of a group. */
static uint32_t root_of(uint32_t *up, uint32_t i)
{
	while (up[i] != i) {
		up[i] = up[up[i]];
		i = up[i];
	}
	return i;
}

static bool agree(const struct sketch *a, const struct sketch *b)
{
	int same = 0;

	for (size_t k = 0; k < ALIKE_HASHES; k++)
		same += a->least[k] == b->least[k];
	return same >= AGREE;
}

/* Places in which a band's values are met, at most: a bit each. There are
 * so many that two by chance in one are rare. */
#define PLACE_BITS 24
#define PLACE_BITS_LEAST 10

struct joining {
	const struct sketch *sketches;
	size_t n;
	uint32_t *up;
	size_t met; /* of order: those that may agree with another */
	uint32_t *order, *spare;
	uint64_t *band;  /* of each, the band's three values */
	uint64_t *once;  /* by place, a bit: one was met there */
	uint64_t *twice; /* and another */
	unsigned bits;   /* of a place's number */
};

static bool set_bit(uint64_t *bits, uint64_t place)
{
	uint64_t bit = UINT64_C(1) << (place & 63), was = bits[place >> 6];

	bits[place >> 6] = was | bit;
	return was & bit;
}

/* Most texts are like no other, and need not be sorted. */
static void meet(struct joining *j, size_t band)
{
	const size_t bytes = (size_t)1 << (j->bits - 3);

	memset(j->once, 0, bytes);
	memset(j->twice, 0, bytes);
	for (size_t i = 0; i < j->n; i++) {
		const uint16_t *v = &j->sketches[i].least[band * ALIKE_ROWS];
		uint64_t place;

		j->band[i] = v[0] | (uint64_t)v[1] << 16 | (uint64_t)v[2] << 32;
		place = mix64(j->band[i]) >> (64 - j->bits);
		if (set_bit(j->once, place))
			set_bit(j->twice, place);
	}
	j->met = 0;
	for (size_t i = 0; i < j->n; i++) {
		uint64_t place = mix64(j->band[i]) >> (64 - j->bits);

		if (j->twice[place >> 6] >> (place & 63) & 1)
			j->order[j->met++] = (uint32_t)i;
	}
}

/* In the order of a band's values, else as they stand: three counting
 * sorts. */
static void sort_band(struct joining *j, size_t band)
{
	static uint32_t places[65536];

	meet(j, band);
	for (unsigned k = 0; k < ALIKE_ROWS; k++) {
		uint32_t at = 0, *sorted = j->spare;

		memset(places, 0, sizeof(places));
		for (size_t i = 0; i < j->met; i++)
			places[j->band[j->order[i]] >> 16 * k & 0xffff]++;
		for (size_t v = 0; v < 65536; v++) {
			uint32_t count = places[v];

			places[v] = at;
			at += count;
		}
		for (size_t i = 0; i < j->met; i++) {
			uint32_t one = j->order[i];

			sorted[places[j->band[one] >> 16 * k & 0xffff]++] = one;
		}
		j->spare = j->order;
		j->order = sorted;
	}
}

static void join(struct joining *j, uint32_t a, uint32_t b)
{
	uint32_t x = root_of(j->up, a), y = root_of(j->up, b);

	if (x != y && agree(&j->sketches[a], &j->sketches[b]))
		j->up[x > y ? x : y] = x < y ? x : y;
}

/* Those that agree in a band are compared with the first that does and with
 * the one before. */
static void join_band(struct joining *j, size_t band)
{
	size_t first = 0;

	sort_band(j, band);
	for (size_t i = 1; i < j->met; i++) {
		if (j->band[j->order[i]] != j->band[j->order[first]]) {
			first = i;
			continue;
		}
		join(j, j->order[first], j->order[i]);
		join(j, j->order[i - 1], j->order[i]);
	}
}

static size_t number(struct joining *j, size_t least, uint32_t *group)
{
	uint32_t *sizes = j->spare;
	size_t count = 0;

	memset(sizes, 0, j->n * sizeof(*sizes));
	for (size_t i = 0; i < j->n; i++)
		sizes[root_of(j->up, (uint32_t)i)]++;
	for (size_t i = 0; i < j->n; i++) {
		uint32_t root = root_of(j->up, (uint32_t)i);

		group[i] = 0;
		if (sizes[root] >= least)
			group[i] = root == i ? (uint32_t)++count : group[root];
	}
	return count;
}

size_t alike_groups(const struct sketch *sketches, size_t n, size_t least,
		    uint32_t *group)
{
	struct joining j = {
		.sketches = sketches,
		.n = n,
		.up = xcalloc(n + 1, sizeof(*j.up)),
		.order = xcalloc(n + 1, sizeof(*j.order)),
		.spare = xcalloc(n + 1, sizeof(*j.spare)),
		.band = xcalloc(n + 1, sizeof(*j.band)),
		.bits = PLACE_BITS_LEAST,
	};
	size_t count;

	while (j.bits < PLACE_BITS && (size_t)1 << j.bits < 16 * n)
		j.bits++;
	j.once = xcalloc((size_t)1 << (j.bits - 6), 8);
	j.twice = xcalloc((size_t)1 << (j.bits - 6), 8);

	for (size_t i = 0; i < n; i++)
		j.up[i] = (uint32_t)i;
	for (size_t band = 0; band < ALIKE_BANDS; band++)
		join_band(&j, band);
	count = number(&j, least, group);
	free(j.up);
	free(j.order);
	free(j.spare);
	free(j.band);
	free(j.once);
	free(j.twice);
	return count;
}
