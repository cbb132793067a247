/*
 * With which key a piece came, and holding what came with one.
 *
 * Each public key that ever sent here has a number, given once, in meta;
 * beside the piece, in history, stands the number it came with. Whose key it is
 * the list of clients says, outside the store. What is held stands under
 * quarantined and in no tally; it keeps its words, its labels and its link, and
 * so can be released.
 */
#include <stdlib.h>

#include <soundings/clients.h>

#include "store_internal.h"

#define META_CLIENT "client"
#define META_CLIENT_KEY (sizeof(META_CLIENT) - 1 + SDG_CURVE_SIZE - 1)
#define NUMBER_MAX UINT16_MAX

static size_t client_key(const char *public_key, uint8_t out[META_CLIENT_KEY])
{
	if (strlen(public_key) != SDG_CURVE_SIZE - 1)
		return 0;
	memcpy(out, META_CLIENT, sizeof(META_CLIENT) - 1);
	memcpy(out + sizeof(META_CLIENT) - 1, public_key, SDG_CURVE_SIZE - 1);
	return META_CLIENT_KEY;
}

static int find_number(struct txn *t, const char *public_key, uint16_t *number,
		       struct sdg_error *err)
{
	uint8_t key[META_CLIENT_KEY];
	struct bytes value;
	size_t n = client_key(public_key, key);
	int rc;

	*number = 0;
	if (n == 0)
		return sdg_fail(err, SDG_EINVAL, "find a key: not a key");
	rc = st_get(t, DB_META, key, n, &value, err);
	if (rc == 0 && value.n != 2)
		return st_damaged(DB_META, (struct bytes){ key, n },
				  "not a number", err);
	if (rc == 0)
		*number = (uint16_t)get_le(value.p, 2);
	return rc;
}

/* Keys are few: the greatest number so far is looked for. */
static int next_number(struct txn *t, uint16_t *number, struct sdg_error *err)
{
	uint16_t last = 0;
	struct scan s;
	int rc = st_scan_open(t, DB_META, &s, err);

	if (rc < 0)
		return rc;
	for (rc = st_scan_seek(&s, META_CLIENT, sizeof(META_CLIENT) - 1, err);
	     rc == 1 && s.key.n == META_CLIENT_KEY &&
	     st_prefixed(s.key, META_CLIENT, sizeof(META_CLIENT) - 1);
	     rc = st_scan_next(&s, err))
		if (s.value.n == 2 && get_le(s.value.p, 2) > last)
			last = (uint16_t)get_le(s.value.p, 2);
	st_scan_close(&s);
	if (rc < 0)
		return rc;
	if (last == NUMBER_MAX)
		return sdg_fail(err, SDG_EINVAL, "number a key: all are given");
	*number = (uint16_t)(last + 1);
	return 0;
}

int client_number(struct txn *t, const char *public_key, uint16_t *number,
		  struct sdg_error *err)
{
	uint8_t key[META_CLIENT_KEY], value[2];
	int rc = find_number(t, public_key, number, err);

	if (rc != SDG_ENOTFOUND)
		return rc;
	rc = next_number(t, number, err);
	if (rc < 0)
		return rc;
	put_le(value, *number, 2);
	return st_add(t, DB_META, key, client_key(public_key, key), value,
		      sizeof(value), err);
}

static void came_key(const uint8_t id[ID_SIZE], uint8_t out[CAME_KEY])
{
	out[0] = HISTORY_CAME;
	memcpy(out + 1, id, ID_SIZE);
}

int client_note(struct txn *t, const uint8_t id[ID_SIZE],
		const char *public_key, struct sdg_error *err)
{
	uint8_t key[CAME_KEY], value[2];
	uint16_t number;
	int rc = client_number(t, public_key, &number, err);

	if (rc < 0)
		return rc;
	came_key(id, key);
	put_le(value, number, 2);
	return st_add(t, DB_HISTORY, key, sizeof(key), value, sizeof(value),
		      err);
}

int client_forget(struct txn *t, const uint8_t id[ID_SIZE],
		  struct sdg_error *err)
{
	uint8_t key[CAME_KEY];
	int rc;

	if (t->books[DB_HISTORY].count == 0)
		return 0;
	came_key(id, key);
	rc = st_del(t, DB_HISTORY, key, sizeof(key), err);
	return rc == SDG_ENOTFOUND ? 0 : rc;
}

/* ------------------------------------------------------- what came with it */

typedef int came_event_fn(void *arg, const struct event *event,
			  struct sdg_error *err);

static int each_event(struct txn *t, uint16_t number, int64_t since,
		      came_event_fn *fn, void *arg, struct sdg_error *err)
{
	static const uint8_t first = HISTORY_CAME;
	struct event event;
	struct scan s;
	int got, rc = st_scan_open(t, DB_HISTORY, &s, err);

	if (rc < 0)
		return rc;
	for (got = st_scan_seek(&s, &first, 1, err);
	     got == 1 && s.key.n == CAME_KEY && s.key.p[0] == first;
	     got = st_scan_next(&s, err)) {
		if (s.value.n != 2 || get_le(s.value.p, 2) != number)
			continue;
		rc = event_get(t, s.key.p + 1, &event, err);
		if (rc == SDG_ENOTFOUND)
			rc = st_damaged(DB_HISTORY, s.key, "its event is gone",
					err);
		if (rc == 0 && event.received >= since)
			rc = fn(arg, &event, err);
		if (rc)
			break;
	}
	st_scan_close(&s);
	return got < 0 ? got : rc;
}

struct telling {
	sdg_came_fn *fn;
	void *arg;
};

static int tell(void *arg, const struct event *event, struct sdg_error *err)
{
	const struct telling *telling = arg;
	struct sdg_came came = {
		.received = event->received,
		.source = event->piece.source,
		.outcome = event->outcome,
	};

	(void)err;
	memcpy(came.id, event->id, ID_SIZE);
	return telling->fn(telling->arg, &came);
}

struct unread {
	const struct telling *telling;
	uint16_t number;
	int64_t since;
};

static int tell_held(void *arg, const struct scan *s, struct sdg_error *err)
{
	const struct unread *unread = arg;
	struct sdg_came came = { .outcome = SDG_OUTCOME_QUARANTINED,
				 .unread = true };
	struct held held;
	int rc = held_decode(s->key, s->value, &held, err);

	if (rc < 0 || held.client != unread->number || held.dropped ||
	    held.received < unread->since)
		return rc;
	came.received = held.received;
	memcpy(came.id, held.digest, ID_SIZE);
	return unread->telling->fn(unread->telling->arg, &came);
}

static int each_held(struct txn *t, uint16_t number, int64_t since,
		     const struct telling *telling, struct sdg_error *err)
{
	struct unread unread = { telling, number, since };

	return st_each(t, DB_QUARANTINE, tell_held, &unread, err);
}

int sdg_store_came_with(struct sdg_store *store, const char *public_key,
			int64_t since, sdg_came_fn *fn, void *arg,
			struct sdg_error *err)
{
	struct telling telling = { fn, arg };
	uint16_t number;
	struct txn t;
	int rc = st_begin(store, false, &t, err);

	if (rc < 0)
		return rc;
	rc = find_number(&t, public_key, &number, err);
	if (rc == 0)
		rc = each_event(&t, number, since, tell, &telling, err);
	if (rc == 0)
		rc = each_held(&t, number, since, &telling, err);
	st_abort(&t);
	return rc == SDG_ENOTFOUND ? 0 : rc; /* it never sent anything */
}

/* ---------------------------------------------------------------- holding */

struct holding {
	bool hold;
	uint8_t (*ids)[ID_SIZE];
	size_t count, cap;
};

static int gather(void *arg, const struct event *event, struct sdg_error *err)
{
	struct holding *h = arg;

	if (event->outcome !=
	    (h->hold ? SDG_OUTCOME_COUNTED : SDG_OUTCOME_QUARANTINED))
		return 0;
	if (h->count == h->cap) {
		size_t cap = h->cap ? 2 * h->cap : 64;
		uint8_t(*more)[ID_SIZE] =
		    reallocarray(h->ids, cap, sizeof(*more));

		if (!more)
			return sdg_fail(err, SDG_ENOMEM, "hold: no memory");
		h->ids = more;
		h->cap = cap;
	}
	memcpy(h->ids[h->count++], event->id, ID_SIZE);
	return 0;
}

static int move_all(struct txn *t, const struct holding *h,
		    struct sdg_error *err)
{
	struct tally *tally = tally_new();
	int rc = 0;

	if (!tally)
		return sdg_fail(err, SDG_ENOMEM, "hold: no memory");
	for (size_t i = 0; rc == 0 && i < h->count; i++) {
		struct event event, changed;

		rc = event_get(t, h->ids[i], &event, err);
		if (rc < 0)
			break;
		changed = event;
		changed.outcome = h->hold
				      ? SDG_OUTCOME_QUARANTINED
				      : (uint8_t)outcome_of_kind(event.kind);
		rc = event_exchange(t, tally, &event, &changed, err);
	}
	if (rc == 0)
		rc = tally_write(t, tally, err);
	tally_free(tally);
	return rc;
}

int sdg_store_hold(struct sdg_store *store, const char *public_key,
		   int64_t since, bool hold, size_t *n, struct sdg_error *err)
{
	struct holding h = { .hold = hold };
	uint16_t number;
	struct txn t;
	int rc = st_begin(store, true, &t, err);

	*n = 0;
	if (rc < 0)
		return rc;
	rc = find_number(&t, public_key, &number, err);
	if (rc == 0)
		rc = each_event(&t, number, since, gather, &h, err);
	/* What they counted as until now was reported, perhaps. */
	if (rc == 0 && h.count)
		rc = edition_now(&t, err);
	if (rc == 0 && h.count)
		rc = move_all(&t, &h, err);
	if (rc == 0)
		rc = st_commit(&t, err);
	if (rc == 0)
		*n = h.count;
	st_abort(&t);
	free(h.ids);
	return rc == SDG_ENOTFOUND ? 0 : rc;
}
