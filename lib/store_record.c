/*
 * Checked records: LMDB keeps no checksums, and a record can vanish from a
 * scan without a word. So every value ends with a keyed check over database,
 * key and value, and every database has a count and a sum of its checks in
 * meta, which change in the same transaction.
 */
#include <assert.h>
#include <lmdb.h>
#include <stdio.h>

#include "store_internal.h"

/*
 * The check of a record: over database, key length, key and value. Sealed
 * words carry a tag of their own, which says more than a check could and is
 * tried whenever they are opened; hashing them once more would be most of
 * the work. So of an event's value it takes the header, the length and the
 * last bytes, which are the tag, or part of what the tag covers.
 */
static uint64_t check_of(const struct txn *t, enum db db, struct bytes key,
			 struct bytes value)
{
	uint8_t bytes[3 + KEY_MAX + RECORD_MAX];
	uint8_t *p = bytes;
	size_t whole = value.n;

	assert(key.n <= KEY_MAX && value.n <= RECORD_MAX);
	*p++ = (uint8_t)db;
	put_be16(p, (uint32_t)key.n);
	memcpy(p + 2, key.p, key.n);
	p += 2 + key.n;
	if (db == DB_EVENTS && value.n > EVENT_HEADER + SDG_SEAL_EXTRA)
		whole = EVENT_HEADER;
	if (whole)
		memcpy(p, value.p, whole);
	p += whole;
	if (whole < value.n) {
		put_be16(p, (uint32_t)value.n);
		memcpy(p + 2, value.p + value.n - SEAL_TAG, SEAL_TAG);
		p += 2 + SEAL_TAG;
	}
	return sdg_keys_check(t->store->keys, bytes, (size_t)(p - bytes));
}

int st_damaged(enum db db, struct bytes key, const char *what,
	       struct sdg_error *err)
{
	char hex[2 * 24 + 1] = "";
	size_t n = key.n < 24 ? key.n : 24;

	for (size_t i = 0; i < n; i++)
		snprintf(hex + 2 * i, 3, "%02x", key.p[i]);
	return sdg_fail(err, SDG_EDAMAGED,
			"read %s, record \"%s\": %s; run \"soundings verify\"",
			st_db_name(db), hex, what);
}

static int check_value(const struct txn *t, enum db db, struct bytes key,
		       struct bytes *value, uint64_t *check,
		       struct sdg_error *err)
{
	if (key.n > KEY_MAX || value->n < CHECK_SIZE || value->n > RECORD_MAX)
		return st_damaged(db, key, "of impossible length", err);
	value->n -= CHECK_SIZE;
	*check = get_le(value->p + value->n, CHECK_SIZE);
	if (check_of(t, db, key, *value) != *check)
		return st_damaged(db, key, "not what was written", err);
	return 0;
}

static int get_raw(const struct txn *t, enum db db, const void *key,
		   size_t key_len, struct bytes *value, struct sdg_error *err)
{
	MDB_val k = { key_len, (void *)key }, v;
	int rc;

	rc = mdb_get(t->mdb, t->store->dbi[db], &k, &v);
	if (rc == MDB_NOTFOUND)
		return SDG_ENOTFOUND;
	if (rc)
		return st_from_mdb(rc, st_db_name(db), err);
	*value = (struct bytes){ v.mv_data, v.mv_size };
	return 0;
}

int st_get(struct txn *t, enum db db, const void *key, size_t key_len,
	   struct bytes *value, struct sdg_error *err)
{
	uint64_t check;
	int rc;

	rc = get_raw(t, db, key, key_len, value, err);
	if (rc < 0)
		return rc;
	return check_value(t, db, (struct bytes){ key, key_len }, value, &check,
			   err);
}

/* @value must not lie in the store: its page may be the one written. */
static int write_record(struct txn *t, enum db db, const void *key,
			size_t key_len, const void *value, size_t len,
			unsigned flags, struct sdg_error *err)
{
	MDB_val k = { key_len, (void *)key }, v = { len + CHECK_SIZE, NULL };
	uint64_t check;
	int rc;

	assert(len <= VALUE_MAX);
	check = check_of(t, db, (struct bytes){ key, key_len },
			 (struct bytes){ value, len });
	rc = mdb_put(t->mdb, t->store->dbi[db], &k, &v, flags | MDB_RESERVE);
	if (rc == MDB_KEYEXIST)
		return st_damaged(db, (struct bytes){ key, key_len },
				  "already there", err);
	if (rc)
		return st_from_mdb(rc, st_db_name(db), err);
	if (len)
		memcpy(v.mv_data, value, len);
	put_le((uint8_t *)v.mv_data + len, check, CHECK_SIZE);
	t->books[db].sum += check;
	return 0;
}

static int find_last(struct txn *t, enum db db, uint8_t key[ID_SIZE],
		     struct sdg_error *err)
{
	MDB_cursor *cursor;
	MDB_val k, v;
	int rc;

	rc = mdb_cursor_open(t->mdb, t->store->dbi[db], &cursor);
	if (rc)
		return st_from_mdb(rc, st_db_name(db), err);
	rc = mdb_cursor_get(cursor, &k, &v, MDB_LAST);
	if (rc == 0 && k.mv_size == ID_SIZE)
		memcpy(key, k.mv_data, ID_SIZE);
	mdb_cursor_close(cursor);
	return rc == MDB_NOTFOUND ? 0 : st_from_mdb(rc, st_db_name(db), err);
}

int st_beyond(struct txn *t, enum db db, const uint8_t id[ID_SIZE],
	      bool *beyond, struct sdg_error *err)
{
	const int which = db == DB_EVENTS ? 0 : 1;
	int rc = 0;

	if (!t->last[which].known)
		rc = find_last(t, db, t->last[which].key, err);
	t->last[which].known = rc == 0;
	*beyond = rc == 0 && memcmp(id, t->last[which].key, ID_SIZE) > 0;
	return rc;
}

/* Events come in the order of time, more or less. A key beyond all others is
 * appended: LMDB then leaves its pages full, where it would otherwise move
 * the last record of each to the next. */
static int add_flags(struct txn *t, enum db db, const void *key, size_t key_len,
		     unsigned *flags, struct sdg_error *err)
{
	bool beyond;
	int rc;

	*flags = MDB_NOOVERWRITE;
	if ((db != DB_EVENTS && db != DB_LABELS) || key_len != ID_SIZE)
		return 0;
	rc = st_beyond(t, db, key, &beyond, err);
	if (rc < 0 || !beyond)
		return rc;
	memcpy(t->last[db == DB_EVENTS ? 0 : 1].key, key, ID_SIZE);
	*flags |= MDB_APPEND;
	return 0;
}

int st_add(struct txn *t, enum db db, const void *key, size_t key_len,
	   const void *value, size_t len, struct sdg_error *err)
{
	unsigned flags;
	int rc;

	rc = add_flags(t, db, key, key_len, &flags, err);
	if (rc < 0)
		return rc;
	rc = write_record(t, db, key, key_len, value, len, flags, err);
	if (rc == 0)
		t->books[db].count++;
	return rc;
}

int st_change(struct txn *t, enum db db, const void *key, size_t key_len,
	      struct bytes old, const void *value, size_t len,
	      struct sdg_error *err)
{
	uint64_t check = get_le(old.p + old.n, 8);
	int rc;

	rc = write_record(t, db, key, key_len, value, len, 0, err);
	if (rc == 0)
		t->books[db].sum -= check;
	return rc;
}

int st_put(struct txn *t, enum db db, const void *key, size_t key_len,
	   const void *value, size_t len, struct sdg_error *err)
{
	struct bytes old = { 0 };
	int rc;

	rc = st_get(t, db, key, key_len, &old, err);
	if (rc == SDG_ENOTFOUND)
		return st_add(t, db, key, key_len, value, len, err);
	if (rc < 0)
		return rc;
	return st_change(t, db, key, key_len, old, value, len, err);
}

int st_del(struct txn *t, enum db db, const void *key, size_t key_len,
	   struct sdg_error *err)
{
	MDB_val k = { key_len, (void *)key };
	struct bytes old = { 0 };
	uint64_t check;
	int rc;

	rc = st_get(t, db, key, key_len, &old, err);
	if (rc < 0)
		return rc;
	check = get_le(old.p + old.n, 8);
	rc = mdb_del(t->mdb, t->store->dbi[db], &k, NULL);
	if (rc)
		return st_from_mdb(rc, st_db_name(db), err);
	t->books[db].sum -= check;
	t->books[db].count--;
	return 0;
}

int st_scan_open(struct txn *t, enum db db, struct scan *s,
		 struct sdg_error *err)
{
	*s = (struct scan){ .t = t, .db = db };
	return st_from_mdb(
	    mdb_cursor_open(t->mdb, t->store->dbi[db], &s->cursor),
	    st_db_name(db), err);
}

void st_scan_close(struct scan *s)
{
	if (s->cursor)
		mdb_cursor_close(s->cursor);
	s->cursor = NULL;
}

static int scan_check(struct scan *s, struct sdg_error *err)
{
	struct bytes value = { s->value.p, s->value.n + CHECK_SIZE };
	uint64_t check;

	return check_value(s->t, s->db, s->key, &value, &check, err);
}

int st_scan_complete(const struct scan *s, struct sdg_error *err)
{
	const struct book *book = &s->t->books[s->db];

	if (s->walked.count == book->count && s->walked.sum == book->sum)
		return 0;
	return sdg_fail(err, SDG_EDAMAGED,
			"read %s: %llu records, not the %llu of its books; "
			"run \"soundings verify\"",
			st_db_name(s->db), (unsigned long long)s->walked.count,
			(unsigned long long)book->count);
}

int st_each(struct txn *t, enum db db, st_record_fn *fn, void *arg,
	    struct sdg_error *err)
{
	struct scan s;
	int rc = st_scan_open(t, db, &s, err);

	if (rc < 0)
		return rc;
	while ((rc = st_scan_next(&s, err)) == 1) {
		rc = fn(arg, &s, err);
		if (rc)
			break;
	}
	/* The record of meta's books is in no books. */
	if (rc == 0 && db != DB_META)
		rc = st_scan_complete(&s, err);
	st_scan_close(&s);
	return rc;
}

/* A search in a tree believes that its keys are in order; in a damaged page
 * they are not, and each record may still be whole. */
static bool in_order(struct scan *s, MDB_cursor_op op)
{
	size_t n = s->key.n < s->before_len ? s->key.n : s->before_len;
	int order = memcmp(s->key.p, s->before, n);

	if (order == 0)
		order = (s->key.n > s->before_len) - (s->key.n < s->before_len);
	memcpy(s->before, s->key.p, s->key.n);
	s->before_len = s->key.n;
	switch (op) {
	case MDB_SET_RANGE:
		return order >= 0;
	case MDB_NEXT:
		return order > 0;
	case MDB_PREV:
		return order < 0;
	default:
		return true;
	}
}

static int step(struct scan *s, MDB_val *k, MDB_cursor_op op,
		struct sdg_error *err)
{
	MDB_val v;
	int rc;

	rc = mdb_cursor_get(s->cursor, k, &v, op);
	if (rc == MDB_NOTFOUND)
		return 0;
	if (rc) {
		s->lost = true;
		return st_from_mdb(rc, st_db_name(s->db), err);
	}
	if (++s->steps % SCAN_RELEASE == 0)
		env_release_pages(s->t->store);
	s->at_record = true;
	s->key = (struct bytes){ k->mv_data, k->mv_size };
	if (s->key.n > KEY_MAX || v.mv_size < CHECK_SIZE ||
	    v.mv_size > RECORD_MAX)
		return st_damaged(s->db, s->key, "of impossible length", err);
	if (!in_order(s, op))
		return st_damaged(s->db, s->key, "out of order", err);
	s->value = (struct bytes){ v.mv_data, v.mv_size - CHECK_SIZE };
	s->check = get_le(s->value.p + s->value.n, CHECK_SIZE);
	rc = scan_check(s, err);
	return rc < 0 ? rc : 1;
}

int st_scan_seek(struct scan *s, const void *key, size_t key_len,
		 struct sdg_error *err)
{
	MDB_val k = { key_len, (void *)key };

	/* What is found is no smaller: held against what was asked for. */
	assert(key_len <= KEY_MAX);
	memcpy(s->before, key, key_len);
	s->before_len = key_len;
	return step(s, &k, MDB_SET_RANGE, err);
}

int st_scan_next(struct scan *s, struct sdg_error *err)
{
	MDB_val k;
	int rc = step(s, &k, s->at_record ? MDB_NEXT : MDB_FIRST, err);

	if (rc == 1) {
		s->walked.count++;
		s->walked.sum += s->check;
	}
	return rc;
}

int st_scan_prev(struct scan *s, struct sdg_error *err)
{
	MDB_val k;

	return step(s, &k, s->at_record ? MDB_PREV : MDB_LAST, err);
}
