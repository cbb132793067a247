/*
 * Quarantine: what could not be taken, with its reason, so that it never
 * stops the next one and nothing is lost. Its bytes are sealed like words
 * are. Once a person has dropped a piece its digest stays, so that it does
 * not come back when it is sent again.
 */
#include <stdlib.h>

#include "store_internal.h"

#define FIXED 23
#define FORM 1
#define REASON_MAX 200

static size_t encode(const struct held *held, uint8_t out[VALUE_MAX])
{
	const char *reason = held->reason.s ? held->reason.s : "";
	size_t n =
	    held->reason.len < REASON_MAX ? held->reason.len : REASON_MAX;

	n = sdg_text_cut(reason, held->reason.len, n);
	out[0] = FORM;
	out[1] = (uint8_t)(held->dropped | held->retried << 1);
	put_le(out + 2, held->consultation, 2);
	put_le(out + 4, held->day, 2);
	put_le(out + 6, (uint64_t)held->received, 8);
	put_le(out + 14, held->seal_month, 2);
	put_le(out + 16, held->sealed_len, 4);
	out[20] = (uint8_t)n;
	put_le(out + 21, held->client, 2);
	if (n)
		memcpy(out + FIXED, reason, n);
	return FIXED + n;
}

int held_decode(struct bytes key, struct bytes value, struct held *held,
		struct sdg_error *err)
{
	const uint8_t *p = value.p;

	if (key.n != 16 || value.n < FIXED || p[0] != FORM ||
	    value.n != FIXED + (size_t)p[20] ||
	    get_le(p + 16, 4) > SDG_EVENT_MAX + 1024)
		return st_damaged(DB_QUARANTINE, key, "not an item", err);
	*held = (struct held){
		.dropped = p[1] & 1,
		.retried = p[1] >> 1 & 1,
		.consultation = (uint16_t)get_le(p + 2, 2),
		.day = (uint16_t)get_le(p + 4, 2),
		.received = (int64_t)get_le(p + 6, 8),
		.seal_month = (uint16_t)get_le(p + 14, 2),
		.sealed_len = (uint32_t)get_le(p + 16, 4),
		.client = (uint16_t)get_le(p + 21, 2),
		.reason = { (const char *)p + FIXED, p[20] },
	};
	memcpy(held->digest, key.p, 16);
	return 0;
}

int held_get(struct txn *t, const uint8_t digest[16], struct held *held,
	     struct sdg_error *err)
{
	struct bytes value;
	int rc;

	rc = st_get(t, DB_QUARANTINE, digest, 16, &value, err);
	if (rc < 0)
		return rc;
	return held_decode((struct bytes){ digest, 16 }, value, held, err);
}

int held_add(struct txn *t, const struct sdg_item *item, int64_t received,
	     struct sdg_str reason, struct sdg_error *err)
{
	int32_t day = (int32_t)(received / DAY_SECONDS);
	uint8_t value[VALUE_MAX], *sealed;
	struct held held = {
		.day = (uint16_t)day,
		.received = received,
		.seal_month = (uint16_t)month_of_day(day),
		.sealed_len = (uint32_t)(item->raw_len + SDG_SEAL_EXTRA),
		.reason = reason,
	};
	int rc = 0;

	if (item->raw_len > SDG_EVENT_MAX)
		return sdg_fail(err, SDG_EINVAL,
				"quarantine a piece: longer than an event");
	sealed = malloc(held.sealed_len);
	if (!sealed)
		return sdg_fail(err, SDG_ENOMEM,
				"quarantine a piece: no memory");
	if (item->client)
		rc = client_number(t, item->client, &held.client, err);
	if (rc == 0)
		rc = words_seal(t->store->keys, &held.seal_month, item->digest,
				item->raw, item->raw_len, sealed, err);
	if (rc == 0)
		rc = st_add(t, DB_QUARANTINE, item->digest, 16, value,
			    encode(&held, value), err);
	if (rc == 0)
		rc = chunks_put(t, DB_QUARANTINE, item->digest, sealed,
				held.sealed_len, err);
	free(sealed);
	return rc;
}

int held_remove(struct txn *t, const uint8_t digest[16], struct sdg_error *err)
{
	int rc;

	rc = st_del(t, DB_QUARANTINE, digest, 16, err);
	return rc < 0 ? rc : chunks_del(t, DB_QUARANTINE, digest, err);
}

static int count_one(void *arg, const struct scan *s, struct sdg_error *err)
{
	uint64_t *n = arg;
	struct held held = { 0 };
	int rc = held_decode(s->key, s->value, &held, err);

	if (rc == 0)
		*n += !held.dropped;
	return rc;
}

int held_count(struct txn *t, uint64_t *n, struct sdg_error *err)
{
	*n = 0;
	return st_each(t, DB_QUARANTINE, count_one, n, err);
}

/* ----------------------------------------------------------------- public */

/* Its bytes, opened; *len 0 when the key of its month was dropped. */
static int open_raw(struct txn *t, const struct held *held, uint8_t *sealed,
		    uint8_t *raw, size_t *len, struct sdg_error *err)
{
	int rc;

	*len = 0;
	rc = chunks_get(t, DB_QUARANTINE, held->digest, sealed,
			held->sealed_len, err);
	if (rc < 0)
		return rc;
	rc = sdg_keys_unseal(t->store->keys, held->seal_month, held->digest,
			     sealed, held->sealed_len, raw, err);
	if (rc == SDG_ENOTFOUND)
		return 0;
	if (rc == 0)
		*len = held->sealed_len - SDG_SEAL_EXTRA;
	return rc;
}

int sdg_quarantine_each(struct sdg_store *store, sdg_quarantine_fn *fn,
			void *arg, struct sdg_error *err)
{
	uint8_t *sealed = malloc(SDG_EVENT_MAX + 1024);
	uint8_t *raw = malloc(SDG_EVENT_MAX + 1024);
	struct scan s = { 0 };
	struct held held = { 0 };
	struct txn t = { 0 };
	int rc;

	if (!sealed || !raw) {
		rc = sdg_fail(err, SDG_ENOMEM, "read quarantine: no memory");
		goto out;
	}
	rc = st_begin(store, false, &t, err);
	if (rc == 0)
		rc = st_scan_open(&t, DB_QUARANTINE, &s, err);
	if (rc < 0)
		goto out;
	while ((rc = st_scan_next(&s, err)) == 1) {
		struct sdg_quarantined q = { .raw = raw };

		rc = held_decode(s.key, s.value, &held, err);
		if (rc < 0)
			break;
		if (held.dropped)
			continue;
		rc = open_raw(&t, &held, sealed, raw, &q.raw_len, err);
		if (rc < 0)
			break;
		memcpy(q.digest, held.digest, sizeof(q.digest));
		q.received = held.received;
		q.reason = held.reason;
		rc = fn(arg, &q);
		if (rc)
			break;
	}
out:
	st_scan_close(&s);
	st_abort(&t);
	free(sealed);
	free(raw);
	return rc;
}

int sdg_quarantine_known(struct sdg_store *store, const uint8_t digest[16],
			 bool *known, struct sdg_error *err)
{
	struct held held = { 0 };
	struct txn t;
	int rc = st_begin(store, false, &t, err);

	if (rc < 0)
		return rc;
	rc = held_get(&t, digest, &held, err);
	st_abort(&t);
	*known = rc == 0;
	return rc == SDG_ENOTFOUND ? 0 : rc;
}

/* @hex as bytes; a last odd digit fills the high half of its byte. Returns
 * the number of digits, 0 when it is no such prefix. */
size_t hex_prefix(const char *hex, uint8_t *out, size_t max)
{
	size_t n = strlen(hex);

	if (n < 4 || n > 2 * max)
		return 0;
	memset(out, 0, max);
	for (size_t i = 0; i < n; i++) {
		const char *digits = "0123456789abcdef";
		char c = hex[i] >= 'A' && hex[i] <= 'F' ? (char)(hex[i] + 32)
							: hex[i];
		const char *at = strchr(digits, c);

		if (!at)
			return 0;
		out[i / 2] |= (uint8_t)((at - digits) << (i % 2 ? 0 : 4));
	}
	return n;
}

bool hex_prefixed(const uint8_t *bytes, const uint8_t *prefix, size_t digits)
{
	if (memcmp(bytes, prefix, digits / 2) != 0)
		return false;
	return digits % 2 == 0 ||
	       bytes[digits / 2] >> 4 == prefix[digits / 2] >> 4;
}

static int find_one(struct txn *t, const char *prefix, struct held *out,
		    struct sdg_error *err)
{
	uint8_t digest[16];
	struct held held = { 0 };
	struct scan s;
	size_t n, found = 0;
	int rc;

	n = hex_prefix(prefix, digest, sizeof(digest));
	if (n == 0)
		return sdg_fail(err, SDG_EINVAL,
				"find in quarantine: not 4 to 32 hexadecimal "
				"digits");
	rc = st_scan_open(t, DB_QUARANTINE, &s, err);
	if (rc < 0)
		return rc;
	for (rc = st_scan_seek(&s, digest, 16, err);
	     rc == 1 && hex_prefixed(s.key.p, digest, n);
	     rc = st_scan_next(&s, err)) {
		rc = held_decode(s.key, s.value, &held, err);
		if (rc < 0)
			break;
		if (!held.dropped && found++ == 0)
			*out = held;
	}
	st_scan_close(&s);
	if (rc < 0)
		return rc;
	if (found == 0)
		return sdg_fail(err, SDG_ENOTFOUND,
				"find in quarantine: nothing begins with "
				"\"%.40s\"",
				prefix);
	if (found > 1)
		return sdg_fail(err, SDG_EINVAL,
				"find in quarantine: several begin with "
				"\"%.40s\"",
				prefix);
	return 0;
}

int held_retried(struct txn *t, const uint8_t digest[16], bool retried,
		 struct sdg_error *err)
{
	uint8_t value[VALUE_MAX];
	struct held held = { 0 };
	size_t n;
	int rc = held_get(t, digest, &held, err);

	if (rc < 0 || held.dropped || held.retried == retried)
		return rc;
	held.retried = retried;
	n = encode(&held, value); /* before its reason's page is written */
	return st_put(t, DB_QUARANTINE, digest, 16, value, n, err);
}

int sdg_quarantine_retried(struct sdg_store *store,
			   const uint8_t (*digests)[16], size_t n, bool retried,
			   struct sdg_error *err)
{
	struct txn t;
	int rc = st_begin(store, true, &t, err);

	for (size_t i = 0; rc == 0 && i < n; i++) {
		rc = held_retried(&t, digests[i], retried, err);
		if (rc == SDG_ENOTFOUND)
			rc = 0; /* taken, or removed, since */
	}
	if (rc == 0)
		rc = st_commit(&t, err);
	st_abort(&t);
	return rc;
}

static int drop(struct txn *t, struct held *held, struct sdg_error *err)
{
	uint8_t value[VALUE_MAX];
	struct tally *tally;
	size_t n;
	int rc;

	tally = tally_new();
	if (!tally)
		return sdg_fail(err, SDG_ENOMEM, "drop a piece: no memory");
	held->dropped = true;
	held->sealed_len = 0;
	n = encode(held, value); /* before its reason's page is written */
	rc = st_put(t, DB_QUARANTINE, held->digest, 16, value, n, err);
	if (rc == 0)
		rc = chunks_del(t, DB_QUARANTINE, held->digest, err);
	if (rc == 0)
		rc = tally_ledger(tally, held->consultation, held->day,
				  SDG_OUTCOME_QUARANTINED, -1, err);
	if (rc == 0)
		rc = tally_ledger(tally, held->consultation, held->day,
				  SDG_OUTCOME_DROPPED, 1, err);
	if (rc == 0)
		rc = tally_write(t, tally, err);
	tally_free(tally);
	return rc;
}

int sdg_quarantine_drop(struct sdg_store *store, const char *prefix,
			struct sdg_error *err)
{
	struct held held = { 0 };
	struct txn t;
	int rc;

	rc = st_begin(store, true, &t, err);
	if (rc < 0)
		return rc;
	rc = find_one(&t, prefix, &held, err);
	if (rc == 0)
		rc = drop(&t, &held, err);
	if (rc == 0)
		rc = st_commit(&t, err);
	st_abort(&t);
	return rc;
}
