/*
 * Cells and months on disk. Both hold the same sums; a month has the set of
 * its members' ordinals beside them.
 */
#include <stdlib.h>

#include "store_internal.h"

void sums_encode(const int64_t sums[SUM_COUNT], uint8_t out[SUMS_SIZE])
{
	for (int i = 0; i < SUM_REPORTED; i++)
		put_le(out + 4 * i, (uint64_t)sums[i], 4);
	put_le(out + 4 * SUM_REPORTED, (uint64_t)sums[SUM_REPORTED], 8);
}

bool sums_decode(struct bytes in, int64_t sums[SUM_COUNT])
{
	if (in.n != SUMS_SIZE)
		return false;
	for (int i = 0; i < SUM_REPORTED; i++)
		sums[i] = (int64_t)get_le(in.p + 4 * i, 4);
	sums[SUM_REPORTED] = (int64_t)get_le(in.p + 4 * SUM_REPORTED, 8);
	return true;
}

static bool is_nothing(const int64_t sums[SUM_COUNT])
{
	for (int i = 0; i < SUM_COUNT; i++)
		if (sums[i])
			return false;
	return true;
}

static int write_cell(struct txn *t, const struct tally_cell *change,
		      struct sdg_error *err)
{
	enum db db = change->key & CELL_IS_MONTH ? DB_MONTHS : DB_CELLS;
	uint8_t key[CELL_KEY_SIZE], value[SUMS_SIZE];
	int64_t sums[SUM_COUNT] = { 0 };
	struct bytes old, k = { key, sizeof(key) };
	bool stored;
	int rc;

	if (is_nothing(change->sums))
		return 0;
	cell_encode(change->key, key);
	rc = st_get(t, db, key, sizeof(key), &old, err);
	stored = rc == 0;
	if (stored && !sums_decode(old, sums))
		return st_damaged(db, k, "not sums", err);
	if (rc < 0 && rc != SDG_ENOTFOUND)
		return rc;
	for (int i = 0; i < SUM_COUNT; i++) {
		sums[i] += change->sums[i];
		if (sums[i] < 0 || (i < SUM_REPORTED && sums[i] > UINT32_MAX))
			return st_damaged(db, k, "less than was counted", err);
	}
	if (is_nothing(sums))
		return st_del(t, db, key, sizeof(key), err);
	sums_encode(sums, value);
	if (stored)
		return st_change(t, db, key, sizeof(key), old, value,
				 sizeof(value), err);
	return st_add(t, db, key, sizeof(key), value, sizeof(value), err);
}

static int by_cell(const void *a, const void *b)
{
	const struct tally_cell *x = *(const struct tally_cell *const *)a;
	const struct tally_cell *y = *(const struct tally_cell *const *)b;

	return x->key < y->key ? -1 : x->key > y->key;
}

static int write_cells(struct txn *t, struct tally *tally,
		       struct sdg_error *err)
{
	const size_t n = tally->cell_count;
	const struct tally_cell **order;
	int rc = 0;

	if (n == 0)
		return 0;
	order = malloc(n * sizeof(const struct tally_cell *));
	if (!order)
		return sdg_fail(err, SDG_ENOMEM, "write cells: no memory");
	for (size_t i = 0; i < n; i++)
		order[i] = &tally->cells[i];
	qsort(order, n, sizeof(const struct tally_cell *), by_cell);
	for (size_t i = 0; rc == 0 && i < n; i++)
		rc = write_cell(t, order[i], err);
	free(order);
	return rc;
}

static int by_member(const void *a, const void *b)
{
	const struct tally_member *x = a, *y = b;

	if (x->key != y->key)
		return x->key < y->key ? -1 : 1;
	return x->ordinal < y->ordinal ? -1 : x->ordinal > y->ordinal;
}

/* One set of members: the changes [from, to) all concern it. */
static int write_set(struct txn *t, const struct tally_member *members,
		     size_t n, struct set_change *changes,
		     struct sdg_error *err)
{
	uint8_t key[CELL_KEY_SIZE];
	size_t count = 0;

	cell_encode(members[0].key, key);
	for (size_t i = 0, end; i < n; i = end) {
		struct set_change *c = &changes[count++];
		bool left = false;

		for (end = i;
		     end < n && members[end].ordinal == members[i].ordinal;
		     end++)
			left |= members[end].left;
		*c = (struct set_change){ members[i].ordinal, true };
		if (left) {
			/* Only the other pieces can tell. */
			int rc = member_still_in(t, members[i].key, c->ordinal,
						 &c->present, err);

			if (rc < 0)
				return rc;
		}
	}
	return set_store(t, DB_MONTHS, key, sizeof(key), changes, count, NULL,
			 err);
}

static int write_sets(struct txn *t, struct tally *tally, struct sdg_error *err)
{
	struct tally_member *members = tally->members;
	const size_t n = tally->member_count;
	struct set_change *changes;
	int rc = 0;

	if (n == 0)
		return 0;
	changes = malloc(n * sizeof(*changes));
	if (!changes)
		return sdg_fail(err, SDG_ENOMEM, "write months: no memory");
	qsort(members, n, sizeof(*members), by_member);
	for (size_t i = 0, end; rc == 0 && i < n; i = end) {
		for (end = i; end < n && members[end].key == members[i].key;
		     end++)
			;
		rc = write_set(t, members + i, end - i, changes, err);
	}
	free(changes);
	return rc;
}

void ledger_key(uint32_t consultation, int32_t day, int outcome,
		uint8_t out[LEDGER_KEY_SIZE])
{
	put_be16(out, consultation);
	put_be16(out + 2, (uint32_t)day);
	out[4] = (uint8_t)outcome;
}

static int write_ledger_row(struct txn *t, const struct tally_ledger *row,
			    struct sdg_error *err)
{
	uint8_t key[LEDGER_KEY_SIZE], value[8];
	struct bytes old, k = { key, sizeof(key) };
	int64_t n = row->n;
	int rc;

	if (n == 0)
		return 0;
	ledger_key(row->row >> 16, (int32_t)(row->row & 0xffff), row->outcome,
		   key);
	rc = st_get(t, DB_LEDGER, key, sizeof(key), &old, err);
	if (rc == 0 && old.n != sizeof(value))
		return st_damaged(DB_LEDGER, k, "not a count", err);
	if (rc == 0)
		n += (int64_t)get_le(old.p, 8);
	if (rc < 0 && rc != SDG_ENOTFOUND)
		return rc;
	if (n < 0)
		return st_damaged(DB_LEDGER, k, "less than was counted", err);
	put_le(value, (uint64_t)n, 8);
	if (rc == SDG_ENOTFOUND)
		return st_add(t, DB_LEDGER, key, sizeof(key), value,
			      sizeof(value), err);
	if (n == 0)
		return st_del(t, DB_LEDGER, key, sizeof(key), err);
	return st_change(t, DB_LEDGER, key, sizeof(key), old, value,
			 sizeof(value), err);
}

int tally_write(struct txn *t, struct tally *tally, struct sdg_error *err)
{
	int rc;

	rc = write_cells(t, tally, err);
	if (rc == 0)
		rc = write_sets(t, tally, err);
	for (size_t i = 0; rc == 0 && i < tally->ledger_count; i++)
		rc = write_ledger_row(t, &tally->ledger[i], err);
	return rc;
}
