/*
 * train_cells: where pairs of words stand, so that one look finds each.
 *
 * Pairs are dealt into buckets by their hash, about four to one. Each bucket
 * has a pilot, a number that with a pair's hash says in which cell the pair
 * stands; those of a bucket are tried in turn until all its pairs fall on
 * cells that are free. So nearly every cell is used and none is searched for.
 *
 * The pairs that are said most, an eighth of them and more than half of what
 * is said, have the first cells to themselves: what most messages ask for
 * lies in few lines of memory. Buckets with most of these, then the fullest,
 * are placed first, while there is room for them; where no pilot will do, a
 * pair may stand anywhere. The same pairs in the same order give the same
 * cells.
 */
#include <stdlib.h>

#include "train_internal.h"

#define PAIRS_A_BUCKET 4
#define COMMON_SHARE 8
#define PILOTS ((uint32_t)UINT16_MAX + 1)
#define TRIES 16

struct bucket {
	uint32_t number;
	uint32_t first, count; /* its pairs, in the order of dealt ones */
	uint32_t common;       /* so many of them are said most */
};

/* All that is needed while cells are looked for. */
struct placing {
	const uint64_t *hashes;
	struct bucket *buckets;
	uint32_t *order;               /* pairs by bucket */
	uint8_t *taken;                /* cells */
	uint32_t common, common_cells; /* pairs, and cells, that come first */
	struct cells *cells;
};

static int by_need(const void *a, const void *b)
{
	const struct bucket *x = a, *y = b;

	if (x->common != y->common)
		return x->common > y->common ? -1 : 1;
	if (x->count != y->count)
		return x->count > y->count ? -1 : 1;
	return x->number < y->number ? -1 : x->number > y->number;
}

static void deal(struct placing *p)
{
	uint32_t n = p->cells->pilot_count, at = 0;

	for (uint32_t i = 0; i < p->cells->pair_count; i++)
		p->buckets[sdg_model_bucket(p->hashes[i], n)].count++;
	for (uint32_t b = 0; b < n; b++) {
		p->buckets[b].number = b;
		p->buckets[b].first = at;
		at += p->buckets[b].count;
		p->buckets[b].count = 0;
	}
	for (uint32_t i = 0; i < p->cells->pair_count; i++) {
		struct bucket *bucket =
		    &p->buckets[sdg_model_bucket(p->hashes[i], n)];

		p->order[bucket->first + bucket->count++] = i;
		bucket->common += i < p->common;
	}
	qsort(p->buckets, n, sizeof(*p->buckets), by_need);
}

/* Do all pairs of a bucket find cells that are free, and, unless @anywhere,
 * among those for their like? Then they have them. */
static bool fits(struct placing *p, const struct bucket *bucket, uint16_t pilot,
		 bool anywhere)
{
	const uint32_t *pairs = p->order + bucket->first;
	uint32_t i;

	for (i = 0; i < bucket->count; i++) {
		uint32_t cell = sdg_model_place(p->hashes[pairs[i]], pilot,
						p->cells->count);
		bool common = pairs[i] < p->common;

		if (p->taken[cell] ||
		    (!anywhere && common != (cell < p->common_cells)))
			break;
		p->taken[cell] = 1;
		p->cells->cell_of[pairs[i]] = cell;
	}
	if (i == bucket->count)
		return true;
	while (i-- > 0)
		p->taken[p->cells->cell_of[pairs[i]]] = 0;
	return false;
}

/* False: there is a bucket for which no pilot will do. */
static bool place(struct placing *p)
{
	for (uint32_t b = 0; b < p->cells->pilot_count; b++) {
		const struct bucket *bucket = &p->buckets[b];
		uint32_t pilot = 0;

		/* All pilots, and then all of them once more. */
		while (pilot < 2 * PILOTS &&
		       !fits(p, bucket, (uint16_t)pilot, pilot >= PILOTS))
			pilot++;
		if (pilot == 2 * PILOTS)
			return false;
		p->cells->pilots[bucket->number] = (uint16_t)pilot;
	}
	return true;
}

/* With room for one more of each @extra: one in 32 is free at first. */
static uint32_t cells_for(uint32_t pairs, uint32_t extra)
{
	return pairs + extra * (pairs / 32 + 1);
}

void cells_fini(struct cells *cells)
{
	free(cells->pilots);
	free(cells->cell_of);
	*cells = (struct cells){ 0 };
}

/* SDG_ENOMEM, or whether all have cells. */
static int try_places(struct placing *p)
{
	uint32_t n = p->cells->pair_count;
	bool placed = false;

	deal(p);
	for (uint32_t i = 1; i <= TRIES && !placed; i++) {
		p->common_cells = cells_for(p->common, i);
		p->cells->count = p->common_cells + cells_for(n - p->common, i);
		free(p->taken);
		p->taken = calloc(p->cells->count, 1);
		if (!p->taken)
			return SDG_ENOMEM;
		placed = place(p);
	}
	return placed;
}

int cells_find(const uint64_t *hashes, uint32_t n, struct cells *out,
	       struct sdg_error *err)
{
	struct placing p = { .hashes = hashes,
			     .common = n / COMMON_SHARE,
			     .cells = out };
	int rc = SDG_ENOMEM;

	*out = (struct cells){ .pair_count = n,
			       .pilot_count = n / PAIRS_A_BUCKET + 1 };
	out->pilots = calloc(out->pilot_count, sizeof(*out->pilots));
	out->cell_of = calloc((size_t)n + 1, sizeof(*out->cell_of));
	p.buckets = calloc(out->pilot_count, sizeof(*p.buckets));
	p.order = calloc((size_t)n + 1, sizeof(*p.order));
	if (out->pilots && out->cell_of && p.buckets && p.order)
		rc = try_places(&p);
	free(p.buckets);
	free(p.order);
	free(p.taken);
	if (rc == true)
		return 0;
	cells_fini(out);
	return rc < 0 ? sdg_fail(err, SDG_ENOMEM, "train: no memory")
		      : sdg_fail(err, SDG_EINVAL,
				 "train: two pairs of words look alike");
}
