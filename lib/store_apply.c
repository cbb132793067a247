/*
 * Taking a batch in: look before it is classified, apply after. What needs
 * no transaction is done before one is begun (store_prepare.c), since writers
 * take turns.
 */
#include <stdlib.h>

#include "store_internal.h"

/* ------------------------------------------------------------------- look */

static int look_one(struct txn *t, struct sdg_item *item, struct sdg_error *err)
{
	struct event event;
	int rc;

	item->seen = false;
	if (!item->fb)
		return 0;
	if (!item->looked)
		event_id(t->store->keys, item->fb, item->id);
	item->looked = true;
	if (sdg_feedback_only_empties(item->fb)) {
		item->seen = true; /* there is nothing to classify */
		return 0;
	}
	rc = event_get(t, item->id, &event, err);
	if (rc == 0)
		item->seen = event.state & EVENT_GONE ||
			     item->fb->revision <= event.revision;
	else if (rc != SDG_ENOTFOUND)
		return rc;
	return directory_known(t, item->fb->respondent.address, &item->known,
			       err);
}

static int look(struct txn *t, struct sdg_item *items, size_t n,
		struct sdg_error *err)
{
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < n; i++)
		rc = look_one(t, &items[i], err);
	return rc;
}

int sdg_store_look(struct sdg_store *store, struct sdg_item *items, size_t n,
		   struct sdg_error *err)
{
	struct txn t;
	int rc;

	rc = st_begin(store, false, &t, err);
	if (rc < 0)
		return rc;
	rc = look(&t, items, n, err);
	st_abort(&t);
	return rc;
}

int sdg_store_look_beside(struct sdg_store *store, struct sdg_item *items,
			  size_t n, struct sdg_error *err)
{
	struct txn t = { .store = store };
	int rc = env_begin_beside(store, &t.mdb, err);

	if (rc < 0)
		return rc;
	rc = txn_read_books(&t, err);
	if (rc == 0)
		rc = look(&t, items, n, err);
	env_end_beside(t.mdb);
	return rc;
}

/* ------------------------------------------------------------------ apply */

/* Received once: now, or when it went into the quarantine it now leaves. */
static int arrive(struct txn *t, struct sdg_item *item, uint32_t consultation,
		  int32_t day, enum sdg_outcome outcome, struct sdg_error *err)
{
	struct tally *tally = t->store->tally;
	struct held held;
	int rc = SDG_ENOTFOUND;

	item->outcome = outcome;
	if (item->digest && t->books[DB_QUARANTINE].count &&
	    !item_is_unreadable(item)) {
		rc = held_get(t, item->digest, &held, err);
		/* Its original could not be read then, and can be now. */
		if (rc == SDG_ENOTFOUND)
			rc = held_get(t, item->fb->identity, &held, err);
	}
	if (rc < 0 && rc != SDG_ENOTFOUND)
		return rc;
	if (rc == 0 && !held.dropped) {
		rc = tally_ledger(tally, held.consultation, held.day,
				  SDG_OUTCOME_QUARANTINED, -1, err);
		if (rc == 0)
			rc = tally_ledger(tally, held.consultation, held.day,
					  LEDGER_RECEIVED, -1, err);
		if (rc == 0)
			rc = held_remove(t, held.digest, err);
		if (rc < 0)
			return rc;
	}
	rc = tally_ledger(tally, consultation, day, LEDGER_RECEIVED, 1, err);
	if (rc == 0)
		rc = tally_ledger(tally, consultation, day, outcome, 1, err);
	return rc;
}

static int quarantine(struct txn *t, struct sdg_item *item, int64_t received,
		      struct sdg_str reason, struct sdg_error *err)
{
	struct tally *tally = t->store->tally;
	int32_t day = (int32_t)(received / DAY_SECONDS);
	struct held held;
	int rc;

	if (!item->digest)
		return sdg_fail(err, SDG_EINVAL,
				"quarantine a piece: it has no digest");
	rc = held_get(t, item->digest, &held, err);
	if (rc == 0 && held.retried) {
		item->outcome = SDG_OUTCOME_QUARANTINED;
		item->reason = reason;
		return held_retried(t, item->digest, false, err);
	}
	if (rc == 0) {
		item->outcome = SDG_OUTCOME_DUPLICATE;
		item->reason = (struct sdg_str){ 0 };
	} else if (rc == SDG_ENOTFOUND) {
		item->outcome = SDG_OUTCOME_QUARANTINED;
		item->reason = reason;
		rc = held_add(t, item, received, reason, err);
	}
	if (rc == 0)
		rc = tally_ledger(tally, 0, day, LEDGER_RECEIVED, 1, err);
	if (rc == 0)
		rc = tally_ledger(tally, 0, day, item->outcome, 1, err);
	return rc;
}

/* What the earlier revision counted goes out; it stands under "replaced". */
static int replace(struct txn *t, const struct event *old,
		   struct sdg_error *err)
{
	struct tally *tally = t->store->tally;
	int32_t day = (int32_t)(old->received / DAY_SECONDS);
	int rc;

	rc = history_keep(t, old, err);
	if (rc == 0)
		rc = contribution_out(t, tally, old, err);
	if (rc == 0)
		rc = event_del(t, old->id, err);
	if (rc == 0)
		rc = tally_ledger(tally, old->piece.consultation, day,
				  old->outcome, -1, err);
	if (rc == 0)
		rc = tally_ledger(tally, old->piece.consultation, day,
				  SDG_OUTCOME_REPLACED, 1, err);
	return rc;
}

/*
 * What an earlier revision answered where there is nothing now. A tombstone
 * keeps the revision, so that an export older than that changes nothing; an
 * answer given anew replaces it. What was never there is not made.
 */
static int empty(struct txn *t, const struct sdg_feedback *fb,
		 const uint8_t identity[SDG_DIGEST_SIZE], struct sdg_error *err)
{
	struct sdg_feedback other = { .said = fb->said };
	uint8_t id[ID_SIZE];
	struct event old, tombstone;
	int rc;

	memcpy(other.identity, identity, SDG_DIGEST_SIZE);
	event_id(t->store->keys, &other, id);
	rc = event_get(t, id, &old, err);
	if (rc < 0)
		return rc == SDG_ENOTFOUND ? 0 : rc;
	if (old.state & EVENT_GONE || fb->revision <= old.revision ||
	    old.piece.source != SDG_SOURCE_SURVEY)
		return 0;
	tombstone = (struct event){
		.piece = { .day = old.piece.day,
			   .consultation = old.piece.consultation,
			   .source = old.piece.source,
			   .edition = t->state.edition },
		.outcome = SDG_OUTCOME_REPLACED,
		.said = old.said,
		.received = old.received,
		.revision = fb->revision,
	};
	memcpy(tombstone.id, id, ID_SIZE);
	rc = replace(t, &old, err);
	if (rc == 0)
		rc = event_add(t, &tombstone, err);
	if (rc == 0)
		rc = contribution_in(t, t->store->tally, &tombstone, err);
	return rc;
}

static int empty_all(struct txn *t, const struct sdg_item *item,
		     struct sdg_error *err)
{
	const struct sdg_feedback *fb = item->fb;
	int rc = 0;

	if (!fb || item->outcome == SDG_OUTCOME_QUARANTINED ||
	    item->outcome == SDG_OUTCOME_REFUSED)
		return 0;
	for (size_t i = 0; rc == 0 && i < fb->emptied_count; i++)
		rc = empty(t, fb, fb->emptied[i], err);
	return rc;
}

static int keep(struct txn *t, struct sdg_prepared *p, struct sdg_item *item,
		struct prepared_item *it, const struct sdg_consultation *c,
		bool replaces, struct sdg_error *err)
{
	struct event *event = &it->event;
	enum sdg_outcome outcome = event->outcome;
	int rc = 0;

	event->piece.consultation = c->number;
	event->piece.edition = t->state.edition;
	rc = frozen_day(t, event, err);
	if (rc == 0 && it->who.kind)
		rc = who_resolve(t, &it->who, err);
	if (rc == 0 && it->who.kind)
		rc = member_take(t, &it->who, &event->piece.member, err);
	if (rc < 0)
		return rc;
	if (it->who.matched)
		event->state |= EVENT_MATCHED;
	event->sealed =
	    (struct bytes){ p->sealed + it->sealed_at, event->sealed_len };
	rc = event_add(t, event, err);
	if (rc == 0 && item->client)
		rc = client_note(t, event->id, item->client, err);
	if (rc == 0)
		rc = contribution_in(t, t->store->tally, event, err);
	if (rc == 0)
		rc = arrive(t, item, c->number,
			    (int32_t)(event->received / DAY_SECONDS), outcome,
			    err);
	if (rc == 0 && replaces && outcome == SDG_OUTCOME_COUNTED)
		item->outcome = SDG_OUTCOME_REPLACED;
	return rc;
}

void sdg_store_ask(struct sdg_store *store, sdg_may_fn *may, void *arg)
{
	store->may = may;
	store->may_arg = arg;
}

/* Its key was good when the batch was admitted, and is not now. */
static bool is_refused(const struct sdg_store *store, struct sdg_item *item)
{
	const char *why = item->client && store->may
			      ? store->may(store->may_arg, item->client)
			      : NULL;

	if (!why)
		return false;
	item->outcome = SDG_OUTCOME_REFUSED;
	item->reason = sdg_str(why);
	return true;
}

static int take(struct txn *t, struct sdg_prepared *p, struct sdg_item *item,
		struct prepared_item *it, struct sdg_error *err)
{
	const struct sdg_consultation *c;
	const char *reason = NULL;
	struct event old;
	bool replaces = false;
	int rc;

	if (is_refused(t->store, item))
		return 0;
	if (it->event.received > t->state.last_received)
		t->state.last_received = it->event.received;
	if (item->fb) {
		if (sdg_feedback_only_empties(item->fb)) {
			item->outcome = SDG_OUTCOME_EMPTIED;
			return 0;
		}
		rc = event_get(t, it->event.id, &old, err);
		if (rc < 0 && rc != SDG_ENOTFOUND)
			return rc;
		if (rc == 0 && (old.state & EVENT_GONE ||
				item->fb->revision <= old.revision))
			return arrive(
			    t, item, old.piece.consultation,
			    (int32_t)(it->event.received / DAY_SECONDS),
			    SDG_OUTCOME_DUPLICATE, err);
		replaces = rc == 0;
	}
	if (!item->fb)
		return quarantine(t, item, it->event.received, item->reason,
				  err);
	if (item_is_unreadable(item)) {
		/* By its identity: each retry has a frame of its own. */
		item->digest = item->fb->identity;
		return quarantine(t, item, it->event.received,
				  item->fb->unreadable, err);
	}
	c = consultation_of(t->store, item->fb, it->event.piece.day, &reason);
	if (!c)
		return quarantine(t, item, it->event.received, sdg_str(reason),
				  err);
	if (item->seen)
		return sdg_fail(err, SDG_EAGAIN,
				"take a batch in: a piece seen before has "
				"gone; look again");
	if (replaces) {
		rc = replace(t, &old, err);
		if (rc < 0)
			return rc;
	}
	return keep(t, p, item, it, c, replaces, err);
}

static int apply(struct txn *t, struct sdg_prepared *p, struct sdg_item *items,
		 size_t n, struct sdg_error *err)
{
	struct sdg_store *store = t->store;
	int rc;

	rc = consultations_load(t, err);
	if (rc == 0)
		rc = edition_now(t, err);
	member_cache_begin(t);
	for (size_t i = 0; rc == 0 && i < n; i++) {
		uint32_t at = p->order[i];

		rc = take(t, p, &items[at], &p->items[at], err);
	}
	/* Last, since the batch may hold what it empties. */
	for (size_t i = 0; rc == 0 && i < n; i++)
		rc = empty_all(t, &items[i], err);
	if (rc == 0)
		rc = tally_write(t, store->tally, err);
	return rc;
}

static int apply_all(struct sdg_store *store, struct sdg_prepared *p,
		     struct sdg_item *items, size_t n, struct sdg_error *err)
{
	struct txn t;
	int rc;

	if (!store->tally)
		store->tally = tally_new();
	if (!store->tally)
		return sdg_fail(err, SDG_ENOMEM, "take a batch in: no memory");
	rc = prepared_settle(p, store, items, err);
	if (rc < 0)
		return rc;
	tally_clear(store->tally);
	rc = st_begin(store, true, &t, err);
	if (rc == 0)
		rc = apply(&t, p, items, n, err);
	if (rc == 0)
		rc = st_commit(&t, err);
	if (rc == 0)
		member_cache_committed(store, &t);
	st_abort(&t);
	if (rc < 0)
		for (size_t i = 0; i < n; i++)
			items[i].outcome = SDG_OUTCOME_NONE;
	return rc;
}

int sdg_store_apply_prepared(struct sdg_store *store, struct sdg_prepared *p,
			     struct sdg_item *items, size_t n,
			     struct sdg_error *err)
{
	int rc = st_usable(store, true, err);

	if (rc < 0 || n == 0)
		return rc; /* a batch of which every event was refused */
	return apply_all(store, p, items, n, err);
}

int sdg_store_apply(struct sdg_store *store, struct sdg_item *items, size_t n,
		    struct sdg_error *err)
{
	int rc;

	rc = st_usable(store, true, err);
	if (rc < 0 || n == 0)
		return rc;
	if (!store->prepared)
		rc = prepared_open(store->keys, &store->prepared, err);
	if (rc < 0)
		return rc;
	sdg_prepared_clear(store->prepared);
	rc = sdg_prepare(store->prepared, items, n, err);
	return rc < 0 ? rc : apply_all(store, store->prepared, items, n, err);
}
