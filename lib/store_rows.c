/*
 * The rows of a report while it is added up: sums and a set of ordinals
 * each, found by hash, sorted at the end.
 */
#include "store_report.h"

#include <stdlib.h>

int rows_init(struct rows *rows, size_t dims, struct sdg_error *err)
{
	*rows = (struct rows){ .dims = dims, .slot_count = 1024 };
	rows->slots = calloc(rows->slot_count, sizeof(*rows->slots));
	if (!rows->slots)
		return sdg_fail(err, SDG_ENOMEM, "report: no memory");
	return 0;
}

void rows_fini(struct rows *rows)
{
	for (size_t i = 0; i < rows->count; i++)
		set_free(rows->rows[i].set);
	free(rows->rows);
	free(rows->slots);
}

static size_t slot_of(const struct rows *rows, const uint32_t key[SDG_DIMS_MAX])
{
	uint64_t h = 0;

	for (size_t i = 0; i < rows->dims; i++)
		h = (h ^ key[i]) * 0x9e3779b97f4a7c15ULL;
	h ^= h >> 32;
	for (;; h++) {
		uint32_t at = rows->slots[h &= rows->slot_count - 1];

		if (at == 0 || memcmp(rows->rows[at - 1].key, key,
				      rows->dims * sizeof(*key)) == 0)
			return (size_t)h;
	}
}

static bool grow(struct rows *rows)
{
	size_t count = rows->slot_count * 2;
	uint32_t *slots;
	struct row *grown;

	if (rows->count == rows->cap) {
		size_t cap = rows->cap ? rows->cap * 2 : 256;

		grown = realloc(rows->rows, cap * sizeof(*grown));
		if (!grown)
			return false;
		rows->rows = grown;
		rows->cap = cap;
	}
	if (rows->count * 2 < rows->slot_count)
		return true;
	slots = calloc(count, sizeof(*slots));
	if (!slots)
		return false;
	free(rows->slots);
	rows->slots = slots;
	rows->slot_count = count;
	for (size_t i = 0; i < rows->count; i++)
		slots[slot_of(rows, rows->rows[i].key)] = (uint32_t)i + 1;
	return true;
}

struct row *rows_at(struct rows *rows, const uint32_t key[SDG_DIMS_MAX])
{
	size_t slot = slot_of(rows, key);
	struct row *row;

	if (rows->slots[slot])
		return &rows->rows[rows->slots[slot] - 1];
	if (!grow(rows))
		return NULL;
	row = &rows->rows[rows->count];
	*row = (struct row){ .set = set_new() };
	if (!row->set)
		return NULL;
	memcpy(row->key, key, rows->dims * sizeof(*key));
	rows->slots[slot_of(rows, key)] = (uint32_t)++rows->count;
	return row;
}

static int by_key(const void *a, const void *b)
{
	const struct row *x = a, *y = b;

	for (int i = 0; i < SDG_DIMS_MAX; i++)
		if (x->key[i] != y->key[i])
			return x->key[i] < y->key[i] ? -1 : 1;
	return 0;
}

void row_measures(const struct row *row, const struct set *matched,
		  struct sdg_measures *out)
{
	uint64_t members = set_count_both(row->set, matched);
	uint64_t respondents = set_count(row->set);

	*out = (struct sdg_measures){
		.at_least = row->frozen > 1 || (row->frozen && respondents),
		.members = members > row->frozen_members ? members
							 : row->frozen_members,
		.respondents = respondents > row->frozen_respondents
				   ? respondents
				   : row->frozen_respondents,
		.messages = (uint64_t)row->sums[SUM_MESSAGES],
		.mentions = (uint64_t)row->sums[SUM_MENTIONS],
		.main = (uint64_t)row->sums[SUM_MAIN],
		.reported = (uint64_t)row->sums[SUM_REPORTED],
	};
	for (int i = 0; i < SDG_STANCE_COUNT; i++)
		out->stances[i] = (uint64_t)row->sums[SUM_STANCE + i];
}

int rows_finish(struct rows *rows, const struct set *matched,
		struct sdg_result *out, struct sdg_error *err)
{
	out->rows = calloc(rows->count ? rows->count : 1, sizeof(*out->rows));
	if (!out->rows)
		return sdg_fail(err, SDG_ENOMEM, "report: no memory");
	if (rows->count)
		qsort(rows->rows, rows->count, sizeof(*rows->rows), by_key);
	for (size_t i = 0; i < rows->count; i++) {
		const struct row *row = &rows->rows[i];
		struct sdg_row *to = &out->rows[out->row_count];

		if (row->sums[SUM_MESSAGES] == 0 &&
		    row->sums[SUM_REPORTED] == 0)
			continue;
		memcpy(to->key, row->key, sizeof(to->key));
		row_measures(row, matched, &to->measures);
		out->row_count++;
	}
	return 0;
}

void sdg_result_fini(struct sdg_result *result)
{
	free(result->rows);
	result->rows = NULL;
	result->row_count = 0;
}
