/*
 * Frozen months: which they are, and what late pieces of them do.
 * store_freeze.c makes them.
 */
#include <stdlib.h>

#include "store_internal.h"

cell_key frozen_cell(const uint8_t *key)
{
	return cell_pack(true, get_be16(key + 2), get_be16(key), key[4], key[5],
			 key[6]);
}

bool seal_decode(struct bytes value, struct seal *seal)
{
	if (value.n != SEAL_SIZE)
		return false;
	*seal = (struct seal){
		.months = { get_le(value.p, 4), get_le(value.p + 4, 8) },
		.pieces = get_le(value.p + 12, 8),
		.messages = get_le(value.p + 20, 8),
		.frozen = (int64_t)get_le(value.p + 28, 8),
		.counts = { get_le(value.p + 36, 4), get_le(value.p + 40, 8) },
	};
	return true;
}

/* ----------------------------------------------------------- which they are */

static int add_month(struct sdg_store *store, uint32_t month,
		     struct sdg_error *err)
{
	uint16_t *more =
	    realloc(store->frozen, (store->frozen_count + 1) * sizeof(*more));

	if (!more)
		return sdg_fail(err, SDG_ENOMEM, "read the store: no memory");
	store->frozen = more;
	more[store->frozen_count++] = (uint16_t)month;
	return 0;
}

static int read_seals(struct txn *t, struct scan *s, struct sdg_error *err)
{
	uint8_t key[2] = { 0 };
	int rc;

	/* A seal stands in front of its month's records. */
	while ((rc = st_scan_seek(s, key, sizeof(key), err)) == 1) {
		uint32_t month = s->key.n >= 2 ? get_be16(s->key.p) : 0;

		if (s->key.n != sizeof(key))
			return st_damaged(DB_FROZEN, s->key,
					  "its month has no seal", err);
		rc = add_month(t->store, month, err);
		if (rc < 0 || month == UINT16_MAX)
			break;
		put_be16(key, month + 1);
	}
	return rc < 0 ? rc : 0;
}

int frozen_load(struct txn *t, struct sdg_error *err)
{
	struct sdg_store *store = t->store;
	const struct book *book = &t->books[DB_FROZEN];
	struct scan s;
	int rc;

	if (memcmp(book, &store->frozen_book, sizeof(*book)) == 0)
		return 0;
	store->frozen_count = 0;
	store->frozen_book = (struct book){ 0 };
	rc = st_scan_open(t, DB_FROZEN, &s, err);
	if (rc < 0)
		return rc;
	rc = read_seals(t, &s, err);
	st_scan_close(&s);
	if (rc == 0)
		store->frozen_book = *book;
	return rc;
}

bool frozen_is(const struct sdg_store *store, uint32_t month)
{
	size_t from = 0, to = store->frozen_count;

	while (from < to) {
		size_t middle = (from + to) / 2;

		if (store->frozen[middle] == month)
			return true;
		if (store->frozen[middle] < month)
			from = middle + 1;
		else
			to = middle;
	}
	return false;
}

int frozen_pieces(struct txn *t, uint64_t *pieces, struct sdg_error *err)
{
	struct bytes value;
	struct seal seal = { 0 };
	uint8_t key[2];
	int rc = frozen_load(t, err);

	*pieces = 0;
	for (size_t i = 0; rc == 0 && i < t->store->frozen_count; i++) {
		put_be16(key, t->store->frozen[i]);
		rc = st_get(t, DB_FROZEN, key, sizeof(key), &value, err);
		if (rc == SDG_ENOTFOUND ||
		    (rc == 0 && !seal_decode(value, &seal)))
			rc = st_damaged(DB_FROZEN,
					(struct bytes){ key, sizeof(key) },
					"not a seal", err);
		if (rc == 0)
			*pieces += seal.messages;
	}
	return rc;
}

int frozen_day(struct txn *t, struct event *event, struct sdg_error *err)
{
	int rc;

	if (t->books[DB_FROZEN].count == 0)
		return 0;
	rc = frozen_load(t, err);
	if (rc < 0 || !frozen_is(t->store, month_of_day(event->piece.day)))
		return rc;
	event->piece.day = (uint16_t)(event->received / DAY_SECONDS);
	if (frozen_is(t->store, month_of_day(event->piece.day)))
		event->piece.day = (uint16_t)(store_now() / DAY_SECONDS);
	return 0;
}
