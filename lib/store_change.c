/*
 * The one mechanism of every change: an event's contribution is taken out,
 * another is put in. An edit, a person's correction, a new frame and a
 * merge of two members are all this.
 */
#include <assert.h>
#include <stdlib.h>

#include "store_internal.h"

#define STRAY_KEY (2 + ID_SIZE)

bool event_stray_key(const struct event *event, uint8_t out[STRAY_KEY])
{
	put_be16(out, event->piece.day);
	memcpy(out + 2, event->id, ID_SIZE);
	return get_be32(event->id) / DAY_SECONDS != event->piece.day;
}

int contribution_in(struct txn *t, struct tally *tally,
		    const struct event *event, struct sdg_error *err)
{
	const struct piece *piece = &event->piece;
	uint8_t stray[STRAY_KEY], link[MEMBER_EVENT_KEY], value[PIECE_SIZE];
	uint8_t checked[CHECKED_KEY];
	int rc = 0;

	if (event_stray_key(event, stray))
		rc = st_add(t, DB_STRAYS, stray, sizeof(stray), NULL, 0, err);
	if (rc == 0 && piece->member) {
		member_event_key(piece->day, piece->member, event->id, link);
		rc = st_add(t, DB_MEMBER_EVENTS, link, sizeof(link), NULL, 0,
			    err);
	}
	if (rc < 0 || !event_counts(event))
		return rc;
	piece_encode(piece, value);
	rc =
	    st_add(t, DB_LABELS, event->id, ID_SIZE, value, sizeof(value), err);
	if (rc == 0 && piece->by_person) {
		checked_key(event, checked);
		rc = st_add(t, DB_HISTORY, checked, sizeof(checked), NULL, 0,
			    err);
	}
	return rc < 0 ? rc : tally_piece(tally, piece, 1, err);
}

/* A record that must be there, since its event is. */
static int take_away(struct txn *t, enum db db, const void *key, size_t len,
		     struct sdg_error *err)
{
	int rc = st_del(t, db, key, len, err);

	if (rc == SDG_ENOTFOUND)
		return st_damaged(db, (struct bytes){ key, len }, "gone", err);
	return rc;
}

int contribution_out(struct txn *t, struct tally *tally,
		     const struct event *event, struct sdg_error *err)
{
	const struct piece *piece = &event->piece;
	uint8_t stray[STRAY_KEY], link[MEMBER_EVENT_KEY];
	uint8_t checked[CHECKED_KEY];
	int rc = 0;

	if (event_stray_key(event, stray))
		rc = take_away(t, DB_STRAYS, stray, sizeof(stray), err);
	if (rc == 0 && piece->member) {
		member_event_key(piece->day, piece->member, event->id, link);
		rc = take_away(t, DB_MEMBER_EVENTS, link, sizeof(link), err);
	}
	if (rc < 0 || !event_counts(event))
		return rc;
	rc = take_away(t, DB_LABELS, event->id, ID_SIZE, err);
	if (rc == 0 && piece->by_person) {
		checked_key(event, checked);
		rc = take_away(t, DB_HISTORY, checked, sizeof(checked), err);
	}
	return rc < 0 ? rc : tally_piece(tally, piece, -1, err);
}

int event_bury(struct txn *t, const struct event *event,
	       struct event *tombstone, struct tally *sums,
	       struct tally *ledger, struct sdg_error *err)
{
	const uint32_t consultation = event->piece.consultation;
	const int32_t day = (int32_t)(event->received / DAY_SECONDS);
	int rc = contribution_out(t, sums, event, err);

	tombstone->piece = (struct piece){
		.day = (uint16_t)(get_be32(event->id) / DAY_SECONDS),
		.consultation = event->piece.consultation,
	};
	memcpy(tombstone->id, event->id, ID_SIZE);
	tombstone->received = event->received;
	/* Held with the key it came with: now nobody can let it go. */
	tombstone->outcome = event->outcome == SDG_OUTCOME_QUARANTINED
				 ? SDG_OUTCOME_DROPPED
				 : event->outcome;
	if (rc == 0)
		rc = history_forget(t, event->id, err);
	if (rc == 0)
		rc = event_del(t, event->id, err);
	if (rc == 0)
		rc = event_add(t, tombstone, err);
	if (rc < 0 || tombstone->outcome == event->outcome)
		return rc;
	rc = tally_ledger(ledger, consultation, day, event->outcome, -1, err);
	return rc < 0 ? rc
		      : tally_ledger(ledger, consultation, day,
				     tombstone->outcome, 1, err);
}

int labels_take(const struct sdg_labels *labels, const uint8_t *numbers,
		size_t number_count, struct event *event, struct sdg_error *err)
{
	struct piece *piece = &event->piece;

	if ((unsigned)labels->kind >= SDG_KIND_COUNT ||
	    (unsigned)labels->region >= SDG_REGION_COUNT ||
	    (unsigned)labels->role >= SDG_ROLE_COUNT ||
	    (unsigned)labels->stance >= SDG_STANCE_COUNT ||
	    (unsigned)labels->region_evidence >= SDG_EVIDENCE_COUNT ||
	    labels->theme_count > SDG_THEMES_MAX)
		return sdg_fail(err, SDG_EINVAL, "take labels: out of range");
	event->kind = labels->kind == SDG_KIND_UNSET ? SDG_KIND_FEEDBACK
						     : (uint8_t)labels->kind;
	event->evidence = (uint8_t)labels->region_evidence;
	event->kind_score = (uint16_t)(labels->kind_score * 65535);
	event->label_flags = labels->flags;
	piece->region = labels->region == SDG_REGION_ANY
			    ? SDG_REGION_UNKNOWN
			    : (uint8_t)labels->region;
	piece->authority = labels->authority;
	piece->role = (uint8_t)labels->role;
	piece->phases = labels->phases & ((1 << SDG_PHASE_COUNT) - 1);
	piece->stance = (uint8_t)labels->stance;
	memset(piece->themes, 0, sizeof(piece->themes));
	memset(event->scores, 0, sizeof(event->scores));
	for (unsigned i = 0; i < labels->theme_count; i++) {
		uint8_t theme = labels->themes[i];
		float score = labels->scores[i];

		if (numbers && theme >= number_count)
			return sdg_fail(err, SDG_EINVAL,
					"take labels: a theme beyond the "
					"frame");
		theme = numbers ? numbers[theme] : theme;
		if (theme == 0 || memchr(piece->themes, theme, i))
			return sdg_fail(err, SDG_EINVAL,
					"take labels: a theme twice, or none");
		piece->themes[i] = theme;
		event->scores[i] = score <= 0   ? 0
				   : score >= 1 ? 65535
						: (uint16_t)(score * 65535);
	}
	return 0;
}

/* Does @changed count as something else than @event did? */
static bool counts_otherwise(const struct event *event,
			     const struct event *changed)
{
	uint8_t before[PIECE_SIZE], after[PIECE_SIZE];

	piece_encode(&event->piece, before);
	piece_encode(&changed->piece, after);
	return event->outcome != changed->outcome ||
	       memcmp(before, after, sizeof(before)) != 0;
}

int event_exchange(struct txn *t, struct tally *tally,
		   const struct event *event, struct event *changed,
		   struct sdg_error *err)
{
	const struct piece *old = &event->piece;
	bool otherwise = counts_otherwise(event, changed);
	int rc;

	if (otherwise)
		changed->piece.edition = t->state.edition;
	/* First, while the page its sealed words lie on is untouched. */
	rc = event_change(t, changed, err);
	if (rc < 0 || !otherwise)
		return rc;
	rc = history_keep(t, event, err);
	if (rc == 0)
		rc = contribution_out(t, tally, event, err);
	if (rc == 0)
		rc = contribution_in(t, tally, changed, err);
	if (rc < 0 || event->outcome == changed->outcome)
		return rc;
	rc = tally_ledger(tally, old->consultation,
			  (int32_t)(event->received / DAY_SECONDS),
			  event->outcome, -1, err);
	if (rc == 0)
		rc = tally_ledger(tally, old->consultation,
				  (int32_t)(event->received / DAY_SECONDS),
				  changed->outcome, 1, err);
	return rc;
}

int event_give(struct txn *t, struct tally *tally, const struct event *event,
	       uint32_t member, struct sdg_error *err)
{
	struct event changed = *event;

	changed.piece.member = member;
	return event_exchange(t, tally, event, &changed, err);
}

int outcome_of_kind(int kind)
{
	switch ((enum sdg_kind)kind) {
	case SDG_KIND_AUTO_REPLY:
		return SDG_OUTCOME_AUTOMATIC;
	case SDG_KIND_NOT_FEEDBACK:
		return SDG_OUTCOME_NOT_FEEDBACK;
	case SDG_KIND_UNSET:
	case SDG_KIND_FEEDBACK:
	case SDG_KIND_COUNT:
		break;
	}
	return SDG_OUTCOME_COUNTED;
}

static int relabel(struct txn *t, struct tally *tally,
		   const struct event *event, const struct event *changed,
		   struct sdg_error *err)
{
	struct event out = *changed;

	/* A test stays one, whatever it looks like; so does what is held. */
	if (event->outcome != SDG_OUTCOME_TEST &&
	    event->outcome != SDG_OUTCOME_QUARANTINED)
		out.outcome = (uint8_t)outcome_of_kind(out.kind);
	return event_exchange(t, tally, event, &out, err);
}

/* Is there nothing of it that could be labelled? Of what was erased, and of
 * an answer that was emptied, a tombstone is left. */
static bool is_tombstone(const struct event *event)
{
	return event->state & EVENT_GONE ||
	       event->outcome == SDG_OUTCOME_REPLACED;
}

static int find_event(struct txn *t, const uint8_t id[ID_SIZE],
		      struct event *event, struct sdg_error *err)
{
	int rc = event_get(t, id, event, err);

	if (rc == SDG_ENOTFOUND)
		return sdg_fail(err, SDG_ENOTFOUND,
				"change a piece: there is none with this id");
	return rc;
}

typedef int change_fn(struct txn *t, struct tally *tally, void *arg,
		      struct sdg_error *err);

/* What @fn changes and what that comes to, in one transaction. */
static int change(struct sdg_store *store, change_fn *fn, void *arg,
		  struct sdg_error *err)
{
	struct tally *tally;
	struct txn t;
	int rc = st_begin(store, true, &t, err);

	if (rc < 0)
		return rc;
	tally = tally_new();
	rc = tally ? edition_now(&t, err)
		   : sdg_fail(err, SDG_ENOMEM, "change a piece: no memory");
	if (rc == 0)
		rc = fn(&t, tally, arg, err);
	if (rc == 0)
		rc = tally_write(&t, tally, err);
	if (rc == 0)
		rc = st_commit(&t, err);
	tally_free(tally);
	st_abort(&t);
	return rc;
}

struct correction {
	const uint8_t *id;
	const struct sdg_labels *labels;
};

static int correct(struct txn *t, struct tally *tally, void *arg,
		   struct sdg_error *err)
{
	const struct correction *c = arg;
	struct event event, changed;
	int rc = find_event(t, c->id, &event, err);

	if (rc < 0)
		return rc;
	if (is_tombstone(&event))
		return sdg_fail(err, SDG_EINVAL,
				event.state & EVENT_GONE
				    ? "correct a piece: it was erased"
				    : "correct a piece: a later export holds "
				      "no such answer");
	changed = event;
	changed.state |= EVENT_BY_PERSON;
	changed.piece.by_person = true;
	rc = labels_take(c->labels, NULL, 0, &changed, err);
	for (int i = 0; rc == 0 && i < SDG_THEMES_MAX; i++)
		if (changed.piece.themes[i] > t->state.theme_count)
			rc = sdg_fail(err, SDG_EINVAL,
				      "correct a piece: no such theme");
	return rc < 0 ? rc : relabel(t, tally, &event, &changed, err);
}

int sdg_store_correct(struct sdg_store *store,
		      const uint8_t id[SDG_EVENT_ID_SIZE],
		      const struct sdg_labels *labels, struct sdg_error *err)
{
	struct correction c = { id, labels };

	return change(store, correct, &c, err);
}

static int reclassify_one(struct txn *t, struct tally *tally,
			  struct sdg_relabel *relabelled, struct sdg_error *err)
{
	struct sdg_store *store = t->store;
	uint8_t before[PIECE_SIZE], after[PIECE_SIZE];
	struct event event, changed;
	int rc;

	relabelled->changed = false;
	rc = event_get(t, relabelled->id, &event, err);
	if (rc == SDG_ENOTFOUND)
		return 0; /* erased or purged since it was read */
	if (rc < 0 || event.state & EVENT_BY_PERSON || is_tombstone(&event) ||
	    event.revision != relabelled->revision)
		return rc;
	changed = event;
	changed.frame_version = store->frame_version;
	rc = labels_take(&relabelled->labels, store->frame, store->frame_count,
			 &changed, err);
	if (rc < 0)
		return rc;
	piece_encode(&event.piece, before);
	piece_encode(&changed.piece, after);
	relabelled->changed = memcmp(before, after, sizeof(before)) != 0 ||
			      event.kind != changed.kind;
	return relabel(t, tally, &event, &changed, err);
}

struct relabels {
	struct sdg_relabel *list;
	size_t n;
};

static int reclassify(struct txn *t, struct tally *tally, void *arg,
		      struct sdg_error *err)
{
	const struct relabels *all = arg;
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < all->n; i++)
		rc = reclassify_one(t, tally, &all->list[i], err);
	return rc;
}

int sdg_store_reclassify(struct sdg_store *store, struct sdg_relabel *list,
			 size_t n, struct sdg_error *err)
{
	struct relabels all = { list, n };

	return change(store, reclassify, &all, err);
}
