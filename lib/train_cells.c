/*
 * train_cells: where pairs of words stand, so that one look finds each.
 *
 * Pairs are dealt into buckets by their hash, about four to one. Each bucket
 * has a pilot, a number that with a pair's hash says in which cell the pair
 * stands; those of a bucket are tried in turn until all its pairs fall on
 * cells that are free. The fullest are placed first, while there is room for
 * them. So nearly every cell is used and none is searched for. The same pairs
 * in the same order give the same cells.
 */
#include <stdlib.h>

#include "train_internal.h"

#define PAIRS_A_BUCKET 4
#define PILOTS ((uint32_t)UINT16_MAX + 1)
#define TRIES 16

/* Pairs by bucket. */
struct dealt {
	uint32_t *starts;  /* in order, by bucket, and past the last */
	uint32_t *order;   /* pairs */
	uint32_t *buckets; /* the fullest first */
};

static void deal(const uint64_t *hashes, const struct cells *cells,
		 struct dealt *out)
{
	uint32_t most = 0, buckets = cells->pilot_count, at = 0;

	for (uint32_t i = 0; i < cells->pair_count; i++)
		out->starts[sdg_model_bucket(hashes[i], buckets) + 1]++;
	for (uint32_t b = 0; b < buckets; b++) {
		if (out->starts[b + 1] > most)
			most = out->starts[b + 1];
	}
	for (uint32_t size = most; at < buckets; size--) {
		for (uint32_t b = 0; b < buckets; b++) {
			if (out->starts[b + 1] == size)
				out->buckets[at++] = b;
		}
	}
	for (uint32_t b = 0; b < buckets; b++)
		out->starts[b + 1] += out->starts[b];
	for (uint32_t i = cells->pair_count; i-- > 0;) {
		uint32_t bucket = sdg_model_bucket(hashes[i], buckets);

		out->order[--out->starts[bucket + 1]] = i;
	}
	/* Each start went back to where its bucket begins: one place on. */
	for (uint32_t b = 0; b < buckets; b++)
		out->starts[b] = out->starts[b + 1];
	out->starts[buckets] = cells->pair_count;
}

/* Do all pairs of a bucket find cells that are free? Then they have them. */
static bool fits(const uint64_t *hashes, const uint32_t *pairs, uint32_t n,
		 uint16_t pilot, uint8_t *taken, struct cells *cells)
{
	uint32_t i;

	for (i = 0; i < n; i++) {
		uint32_t cell =
		    sdg_model_place(hashes[pairs[i]], pilot, cells->count);

		if (taken[cell])
			break;
		taken[cell] = 1;
		cells->cell_of[pairs[i]] = cell;
	}
	if (i == n)
		return true;
	while (i-- > 0)
		taken[cells->cell_of[pairs[i]]] = 0;
	return false;
}

/* False: there is a bucket for which no pilot will do. */
static bool place(const uint64_t *hashes, const struct dealt *dealt,
		  uint8_t *taken, struct cells *cells)
{
	for (uint32_t k = 0; k < cells->pilot_count; k++) {
		uint32_t bucket = dealt->buckets[k], pilot = 0;
		uint32_t first = dealt->starts[bucket];
		uint32_t n = dealt->starts[bucket + 1] - first;

		while (pilot < PILOTS && !fits(hashes, dealt->order + first, n,
					       (uint16_t)pilot, taken, cells))
			pilot++;
		if (pilot == PILOTS)
			return false;
		cells->pilots[bucket] = (uint16_t)pilot;
	}
	return true;
}

void cells_fini(struct cells *cells)
{
	free(cells->pilots);
	free(cells->cell_of);
	*cells = (struct cells){ 0 };
}

int cells_find(const uint64_t *hashes, uint32_t n, struct cells *out,
	       struct sdg_error *err)
{
	struct dealt dealt = { 0 };
	uint8_t *taken = NULL;
	bool placed = false;
	int rc = 0;

	*out = (struct cells){ .pair_count = n,
			       .pilot_count = n / PAIRS_A_BUCKET + 1,
			       .count = n + n / 32 + 1 };
	out->pilots = calloc(out->pilot_count, sizeof(*out->pilots));
	out->cell_of = calloc((size_t)n + 1, sizeof(*out->cell_of));
	dealt.starts =
	    calloc((size_t)out->pilot_count + 1, sizeof(*dealt.starts));
	dealt.order = calloc((size_t)n + 1, sizeof(*dealt.order));
	dealt.buckets = calloc(out->pilot_count, sizeof(*dealt.buckets));
	if (!out->pilots || !out->cell_of || !dealt.starts || !dealt.order ||
	    !dealt.buckets)
		rc = SDG_ENOMEM;
	if (rc == 0)
		deal(hashes, out, &dealt);
	for (int i = 0; rc == 0 && !placed && i < TRIES; i++) {
		out->count += i ? n / 32 + 1 : 0;
		free(taken);
		taken = calloc(out->count, 1);
		if (!taken)
			rc = SDG_ENOMEM;
		else
			placed = place(hashes, &dealt, taken, out);
	}
	free(taken);
	free(dealt.starts);
	free(dealt.order);
	free(dealt.buckets);
	if (rc == 0 && placed)
		return 0;
	cells_fini(out);
	return rc < 0 ? sdg_fail(err, SDG_ENOMEM, "train: no memory")
		      : sdg_fail(err, SDG_EINVAL,
				 "train: two pairs of words look alike");
}
