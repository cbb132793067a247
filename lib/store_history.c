/*
 * History: what pieces counted as before they were changed.
 *
 * Time is cut into editions: one ends where another version of frame and
 * model comes into force, at a reclassification, and at the end of a day. A
 * piece says since which edition it counts as it does; when that changes in
 * a later one, what it counted as is kept with the edition where it ended.
 * So each piece has one answer, or none, for every edition, and a report as
 * of an edition adds up exactly what a report at its end added up. What is
 * changed twice within one edition was never reported at the end of one.
 *
 * Kept are the 24 bytes of labels, never words; who is forgotten leaves no
 * history.
 */
#include "store_internal.h"

#define META_EDITION "edition" /* + number */
#define EDITION_KEY 9
#define EDITION_SIZE 12

static void edition_key(uint32_t number, uint8_t key[EDITION_KEY])
{
	memcpy(key, META_EDITION, EDITION_KEY - 2);
	put_be16(key + EDITION_KEY - 2, number);
}

static int each_edition(struct txn *t, sdg_edition_fn *fn, void *arg,
			struct sdg_error *err)
{
	uint8_t key[EDITION_KEY];
	struct bytes v;
	int rc = 0;

	for (uint32_t number = 1; rc == 0 && number <= t->state.edition;
	     number++) {
		struct sdg_edition edition = { .number = number };

		edition_key(number, key);
		rc = st_get(t, DB_META, key, sizeof(key), &v, err);
		if (rc == SDG_ENOTFOUND || (rc == 0 && v.n != EDITION_SIZE))
			return sdg_fail(err, SDG_EDAMAGED,
					"read the store: edition %u is gone",
					number);
		if (rc < 0)
			return rc;
		edition.began = (int64_t)get_le(v.p, 8);
		edition.version = (uint32_t)get_le(v.p + 8, 4);
		rc = fn(arg, &edition);
	}
	return rc;
}

int sdg_store_editions(struct sdg_store *store, sdg_edition_fn *fn, void *arg,
		       struct sdg_error *err)
{
	struct txn t;
	int rc = st_begin(store, false, &t, err);

	if (rc < 0)
		return rc;
	rc = each_edition(&t, fn, arg, err);
	st_abort(&t);
	return rc;
}

static int begin_edition(struct txn *t, uint32_t version, struct sdg_error *err)
{
	struct state *s = &t->state;
	uint8_t key[EDITION_KEY], value[EDITION_SIZE];

	if (s->edition == UINT16_MAX)
		return 0; /* after 179 years of days: the last goes on */
	s->edition++;
	s->edition_began = store_now();
	s->edition_version = version;
	edition_key(s->edition, key);
	put_le(value, (uint64_t)s->edition_began, 8);
	put_le(value + 8, version, 4);
	return st_add(t, DB_META, key, sizeof(key), value, sizeof(value), err);
}

static int is_version(void *arg, const struct sdg_edition *edition)
{
	const uint32_t *version = arg;

	return edition->version == *version;
}

/* Is the handle's version one that came into force after all others? A
 * worker that has not yet heard of the newest does not bring its own back. */
static int is_new(struct txn *t, bool *new, struct sdg_error *err)
{
	struct sdg_store *store = t->store;
	uint32_t version = store->frame_version;
	int rc;

	*new = false;
	if (version == 0 || version == t->state.edition_version ||
	    version == store->known_version)
		return 0;
	rc = each_edition(t, is_version, &version, err);
	if (rc == 1)
		store->known_version = version;
	*new = rc == 0;
	return rc < 0 ? rc : 0;
}

int edition_now(struct txn *t, struct sdg_error *err)
{
	const struct state *s = &t->state;
	bool new;
	int rc = is_new(t, &new, err);

	if (rc < 0)
		return rc;
	if (new)
		return begin_edition(t, t->store->frame_version, err);
	if (s->edition &&
	    store_now() / DAY_SECONDS <= s->edition_began / DAY_SECONDS)
		return 0;
	return begin_edition(t, s->edition_version, err);
}

int edition_fresh(struct txn *t, struct sdg_error *err)
{
	uint32_t version = t->store->frame_version;

	if (t->fresh)
		return 0;
	t->fresh = true;
	return begin_edition(t, version ? version : t->state.edition_version,
			     err);
}

int sdg_store_begin_edition(struct sdg_store *store, struct sdg_error *err)
{
	struct txn t;
	int rc = st_begin(store, true, &t, err);

	if (rc < 0)
		return rc;
	rc = edition_fresh(&t, err);
	if (rc == 0)
		rc = st_commit(&t, err);
	st_abort(&t);
	return rc;
}

int history_keep(struct txn *t, const struct event *event,
		 struct sdg_error *err)
{
	uint8_t key[EARLIER_KEY], value[PIECE_SIZE];

	if (!event_counts(event) || event->piece.edition >= t->state.edition)
		return 0;
	key[0] = HISTORY_EARLIER;
	memcpy(key + 1, event->id, ID_SIZE);
	put_be16(key + 1 + ID_SIZE, t->state.edition);
	piece_encode(&event->piece, value);
	return st_add(t, DB_HISTORY, key, sizeof(key), value, sizeof(value),
		      err);
}

int history_forget(struct txn *t, const uint8_t id[ID_SIZE],
		   struct sdg_error *err)
{
	uint8_t key[EARLIER_KEY] = { HISTORY_EARLIER };
	struct scan s;
	int rc;

	if (t->books[DB_HISTORY].count == 0)
		return 0;
	memcpy(key + 1, id, ID_SIZE);
	rc = st_scan_open(t, DB_HISTORY, &s, err);
	if (rc < 0)
		return rc;
	/* A scan must not delete under itself: look again from the start. */
	while ((rc = st_scan_seek(&s, key, 1 + ID_SIZE, err)) == 1 &&
	       s.key.n == sizeof(key) && st_prefixed(s.key, key, 1 + ID_SIZE)) {
		uint8_t found[EARLIER_KEY];

		memcpy(found, s.key.p, sizeof(found));
		rc = st_del(t, DB_HISTORY, found, sizeof(found), err);
		if (rc < 0)
			break;
	}
	st_scan_close(&s);
	return rc < 0 ? rc : 0;
}

void checked_key(const struct event *event, uint8_t out[CHECKED_KEY])
{
	out[0] = HISTORY_CHECKED;
	put_be16(out + 1, event->piece.day);
	memcpy(out + 3, event->id, ID_SIZE);
}
