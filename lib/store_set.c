/*
 * Sets of member ordinals: CRoaring in memory, and in records each small
 * enough on disk.
 *
 * A set is stored as a run of chunks. The key of each is the set's prefix
 * and the first ordinal it may hold; it holds those below the next chunk's.
 * A chunk that grows too large is cut at its middle; an empty one goes.
 */
#include <assert.h>
#include <roaring/roaring.h>
#include <stdlib.h>

#include "store_internal.h"

#define CHUNK_MAX 1800
#define PREFIX_MAX 16

struct set {
	roaring_bitmap_t bitmap; /* opaque to everybody else */
};

static roaring_bitmap_t *bitmap(const struct set *set)
{
	return (roaring_bitmap_t *)set;
}

struct set *set_new(void)
{
	return (struct set *)roaring_bitmap_create();
}

void set_free(struct set *set)
{
	if (set)
		roaring_bitmap_free(bitmap(set));
}

void set_add(struct set *set, uint32_t ordinal)
{
	roaring_bitmap_add(bitmap(set), ordinal);
}

bool set_has(const struct set *set, uint32_t ordinal)
{
	return roaring_bitmap_contains(bitmap(set), ordinal);
}

uint64_t set_count(const struct set *set)
{
	return roaring_bitmap_get_cardinality(bitmap(set));
}

uint64_t set_count_both(const struct set *a, const struct set *b)
{
	return roaring_bitmap_and_cardinality(bitmap(a), bitmap(b));
}

bool set_equal(const struct set *a, const struct set *b)
{
	return roaring_bitmap_equals(bitmap(a), bitmap(b));
}

void set_or(struct set *set, const struct set *other)
{
	roaring_bitmap_or_inplace(bitmap(set), bitmap(other));
}

static roaring_bitmap_t *read_chunk(struct bytes stored)
{
	return roaring_bitmap_portable_deserialize_safe((const char *)stored.p,
							stored.n);
}

struct set *set_decode(struct bytes stored)
{
	return (struct set *)read_chunk(stored);
}

void set_or_lazily(struct set *set, const struct set *other)
{
	roaring_bitmap_lazy_or_inplace(bitmap(set), bitmap(other), false);
}

void set_settle(struct set *set)
{
	roaring_bitmap_repair_after_lazy(bitmap(set));
}

/* One chunk at hand: what it may hold, and what it does. */
struct chunk {
	uint8_t key[PREFIX_MAX + 4];
	size_t prefix_len;
	uint32_t from;
	uint64_t end; /* the next chunk's first, or 2^32 */
	bool stored;
	roaring_bitmap_t *bitmap;
};

static bool is_chunk(struct bytes key, const uint8_t *prefix, size_t n)
{
	return key.n == n + 4 && st_prefixed(key, prefix, n);
}

/* The chunk that @ordinal belongs to. */
static int find_chunk(struct scan *s, struct chunk *c, uint32_t ordinal,
		      struct sdg_error *err)
{
	const size_t n = c->prefix_len;
	int rc;

	assert(ordinal <= ORDINAL_MAX);
	c->from = 0;
	c->end = (uint64_t)UINT32_MAX + 1;
	c->stored = false;
	/* The first chunk after it bounds it; the one before that is it. */
	put_be32(c->key + n, ordinal + 1);
	rc = st_scan_seek(s, c->key, n + 4, err);
	if (rc < 0)
		return rc;
	if (rc == 1 && is_chunk(s->key, c->key, n))
		c->end = get_be32(s->key.p + n);
	if (rc == 0)
		s->at_record = false; /* past the end: step back from there */
	rc = st_scan_prev(s, err);
	if (rc < 0)
		return rc;
	if (rc == 1 && is_chunk(s->key, c->key, n)) {
		c->from = get_be32(s->key.p + n);
		c->stored = true;
		c->bitmap = read_chunk(s->value);
		if (!c->bitmap)
			return st_damaged(s->db, s->key, "not a set", err);
	} else {
		c->bitmap = roaring_bitmap_create();
		if (!c->bitmap)
			return sdg_fail(err, SDG_ENOMEM,
					"read a set: no "
					"memory");
	}
	return 0;
}

static int write_chunk(struct txn *t, enum db db, struct chunk *c,
		       struct sdg_error *err)
{
	char buf[CHUNK_MAX];
	size_t size = roaring_bitmap_portable_size_in_bytes(c->bitmap);
	struct chunk upper = *c;
	roaring_bitmap_t *range, *lower = NULL;
	uint32_t middle;
	int rc;

	if (size > CHUNK_MAX && roaring_bitmap_run_optimize(c->bitmap))
		size = roaring_bitmap_portable_size_in_bytes(c->bitmap);
	put_be32(c->key + c->prefix_len, c->from);
	if (size <= CHUNK_MAX) {
		roaring_bitmap_portable_serialize(c->bitmap, buf);
		return st_put(t, db, c->key, c->prefix_len + 4, buf, size, err);
	}
	roaring_bitmap_select(
	    c->bitmap, (uint32_t)(set_count((struct set *)c->bitmap) / 2),
	    &middle);
	range = roaring_bitmap_from_range(
	    middle, (uint64_t)roaring_bitmap_maximum(c->bitmap) + 1, 1);
	upper.bitmap = NULL;
	if (!range || !(upper.bitmap = roaring_bitmap_and(c->bitmap, range)) ||
	    !(lower = roaring_bitmap_andnot(c->bitmap, range))) {
		rc = sdg_fail(err, SDG_ENOMEM, "write a set: no memory");
		goto out;
	}
	roaring_bitmap_free(c->bitmap);
	c->bitmap = lower;
	lower = NULL;
	upper.from = middle;
	c->end = middle;
	rc = write_chunk(t, db, c, err);
	if (rc == 0)
		rc = write_chunk(t, db, &upper, err);
out:
	set_free((struct set *)range);
	set_free((struct set *)upper.bitmap);
	set_free((struct set *)lower);
	return rc;
}

static int change_chunk(struct txn *t, enum db db, struct chunk *c,
			const struct set_change *changes, size_t n, int *grown,
			struct sdg_error *err)
{
	bool changed = false;

	for (size_t i = 0; i < n; i++) {
		uint32_t ordinal = changes[i].ordinal;

		if (changes[i].present &&
		    roaring_bitmap_add_checked(c->bitmap, ordinal)) {
			(*grown)++;
			changed = true;
		} else if (!changes[i].present &&
			   roaring_bitmap_remove_checked(c->bitmap, ordinal)) {
			(*grown)--;
			changed = true;
		}
	}
	if (!changed)
		return 0;
	if (!roaring_bitmap_is_empty(c->bitmap))
		return write_chunk(t, db, c, err);
	if (!c->stored)
		return 0;
	put_be32(c->key + c->prefix_len, c->from);
	return st_del(t, db, c->key, c->prefix_len + 4, err);
}

int set_store(struct txn *t, enum db db, const void *prefix, size_t len,
	      const struct set_change *changes, size_t n, int *grown,
	      struct sdg_error *err)
{
	struct chunk c = { .prefix_len = len };
	int sum = 0;
	struct scan s;
	int rc;

	memcpy(c.key, prefix, len);
	rc = st_scan_open(t, db, &s, err);
	for (size_t i = 0, end; rc == 0 && i < n; i = end) {
		rc = find_chunk(&s, &c, changes[i].ordinal, err);
		for (end = i; end < n && changes[end].ordinal < c.end; end++)
			;
		if (rc == 0)
			rc = change_chunk(t, db, &c, changes + i, end - i, &sum,
					  err);
		set_free((struct set *)c.bitmap);
		c.bitmap = NULL;
	}
	st_scan_close(&s);
	if (grown)
		*grown = sum;
	return rc;
}

int set_load(struct txn *t, enum db db, const void *prefix, size_t len,
	     struct set *into, struct sdg_error *err)
{
	struct scan s;
	int rc;

	if (!into)
		return sdg_fail(err, SDG_ENOMEM, "read a set: no memory");
	rc = st_scan_open(t, db, &s, err);
	if (rc < 0)
		return rc;
	for (rc = st_scan_seek(&s, prefix, len, err);
	     rc == 1 && st_prefixed(s.key, prefix, len);
	     rc = st_scan_next(&s, err)) {
		struct set *chunk;

		if (s.key.n != len + 4)
			continue;
		chunk = set_decode(s.value);
		if (!chunk) {
			rc = st_damaged(db, s.key, "not a set", err);
			break;
		}
		set_or_lazily(into, chunk);
		set_free(chunk);
	}
	set_settle(into);
	st_scan_close(&s);
	return rc < 0 ? rc : 0;
}
