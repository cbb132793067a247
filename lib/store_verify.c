/*
 * Recounting everything from the events, in one snapshot.
 *
 * Each record proves itself by its check, each database by the count and sum
 * of its checks, and every cell, month, set, link and ledger row by what the
 * events say. A record that does not prove itself is a fault, and the walk
 * goes on; only a system that refuses ends it.
 */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "store_verify.h"

void verify_fault(struct verify *v, const char *fmt, ...)
{
	char text[400];
	va_list args;

	va_start(args, fmt);
	vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	v->out->faults++;
	if (v->fn)
		v->fn(v->arg, text);
}

/* A damaged record is a fault and no error. */
int verify_forgive(struct verify *v, int rc, const struct sdg_error *e,
		   struct sdg_error *err)
{
	if (rc == SDG_EDAMAGED) {
		verify_fault(v, "%s", e->message);
		return 0;
	}
	if (rc < 0 && err)
		*err = *e;
	return rc;
}

/* ------------------------------------------------------------ each record */

/* The record of the books is the one that is not in them. */
static bool is_books(enum db db, struct bytes key)
{
	return db == DB_META && key.n == 5 && memcmp(key.p, "books", 5) == 0;
}

int verify_each(struct verify *v, enum db db, verify_each_fn *fn,
		struct sdg_error *err)
{
	const struct book *book = &v->t.books[db];
	uint64_t count = 0, sum = 0;
	struct sdg_error e = { 0 };
	struct scan s;
	int rc;

	rc = st_scan_open(&v->t, db, &s, err);
	if (rc < 0)
		return rc;
	for (;;) {
		rc = st_scan_next(&s, &e);
		if (rc == 0)
			break;
		if (!is_books(db, s.key)) {
			count++;
			sum += s.check;
		}
		if (rc == 1)
			rc = fn ? fn(v, s.key, s.value, &e) : 0;
		rc = verify_forgive(v, rc, &e, err);
		/* Each may be looked up in several places more, which bring
		 * their neighbours. */
		if (count % VERIFY_RELEASE == 0)
			env_release_pages(v->t.store);
		/* A damaged tree may end early, or go round for ever. */
		if (rc < 0 || s.lost || count > 2 * book->count + 1000)
			break;
	}
	st_scan_close(&s);
	v->out->records += count;
	if (rc < 0)
		return rc;
	if (count != book->count)
		verify_fault(v, "%s: %llu records, its books say %llu",
			     st_db_name(db), (unsigned long long)count,
			     (unsigned long long)book->count);
	else if (sum != book->sum)
		verify_fault(v,
			     "%s: its records are not those its books sum up",
			     st_db_name(db));
	return 0;
}

/* ----------------------------------------------------------------- events */

static struct set *set_of(struct verify *v, cell_key key)
{
	const struct tally_cell *cell = tally_find(v->tally, key);
	size_t at = (size_t)(cell - v->tally->cells);

	if (at >= v->set_cap) {
		size_t cap = v->tally->cell_cap;
		struct set **grown =
		    realloc(v->sets, cap * sizeof(struct set *));

		if (!grown)
			return NULL;
		memset(grown + v->set_cap, 0,
		       (cap - v->set_cap) * sizeof(struct set *));
		v->sets = grown;
		v->set_cap = cap;
	}
	if (!v->sets[at])
		v->sets[at] = set_new();
	return v->sets[at];
}

static int recount(struct verify *v, const struct piece *piece,
		   struct sdg_error *err)
{
	int rc = tally_piece(v->tally, piece, 1, err);

	for (size_t i = 0; rc == 0 && i < v->tally->member_count; i++) {
		const struct tally_member *m = &v->tally->members[i];
		struct set *set = set_of(v, m->key);

		if (!set)
			return sdg_fail(err, SDG_ENOMEM, "verify: no memory");
		set_add(set, m->ordinal);
	}
	v->tally->member_count = 0;
	return rc;
}

int verify_count_row(struct verify *v, uint32_t consultation, int32_t day,
		     int outcome, int64_t n, struct sdg_error *err)
{
	const int64_t sums[SUM_COUNT] = { n };

	return tally_cell_add(v->ledger,
			      cell_pack(false, consultation, (uint32_t)day,
					(uint32_t)outcome, 0, 0),
			      sums, err);
}

static void hex_id(const uint8_t id[ID_SIZE], char out[2 * ID_SIZE + 1])
{
	for (int i = 0; i < ID_SIZE; i++)
		snprintf(out + 2 * i, 3, "%02x", id[i]);
}

static int check_there(struct verify *v, const struct event *event, enum db db,
		       const void *key, size_t len, struct sdg_error *err)
{
	struct sdg_error e = { 0 };
	char hex[2 * ID_SIZE + 1];
	struct bytes value;
	int rc;

	rc = st_get(&v->t, db, key, len, &value, &e);
	if (rc == SDG_ENOTFOUND) {
		hex_id(event->id, hex);
		verify_fault(v, "event %s: not in %s", hex, st_db_name(db));
		return 0;
	}
	return verify_forgive(v, rc, &e, err);
}

static int check_label(struct verify *v, const struct event *event,
		       struct sdg_error *err)
{
	struct sdg_error e = { 0 };
	uint8_t want[PIECE_SIZE];
	char hex[2 * ID_SIZE + 1];
	struct bytes value;
	int rc;

	rc = st_get(&v->t, DB_LABELS, event->id, ID_SIZE, &value, &e);
	if (rc < 0 && rc != SDG_ENOTFOUND)
		return verify_forgive(v, rc, &e, err);
	piece_encode(&event->piece, want);
	if (rc == 0 && value.n == sizeof(want) &&
	    memcmp(value.p, want, sizeof(want)) == 0)
		return 0;
	hex_id(event->id, hex);
	verify_fault(v, "event %s: labels say otherwise than the event", hex);
	return 0;
}

static int check_links(struct verify *v, const struct event *event,
		       struct sdg_error *err)
{
	uint8_t stray[2 + ID_SIZE], link[MEMBER_EVENT_KEY];
	char hex[2 * ID_SIZE + 1];
	int rc = 0;

	if (event_stray_key(event, stray)) {
		v->strays++;
		rc =
		    check_there(v, event, DB_STRAYS, stray, sizeof(stray), err);
	}
	if (rc < 0 || event->piece.member == 0)
		return rc;
	v->links++;
	if (!set_has(v->ordinals, event->piece.member)) {
		hex_id(event->id, hex);
		verify_fault(v, "event %s: its member is not among the members",
			     hex);
	}
	member_event_key(event->piece.day, event->piece.member, event->id,
			 link);
	return check_there(v, event, DB_MEMBER_EVENTS, link, sizeof(link), err);
}

static int check_checked(struct verify *v, const struct event *event,
			 struct sdg_error *err)
{
	uint8_t key[CHECKED_KEY];

	v->checked++;
	checked_key(event, key);
	return check_there(v, event, DB_HISTORY, key, sizeof(key), err);
}

static size_t chunks_of(const struct event *event)
{
	size_t rest = event->sealed_len - event->sealed.n;

	return (rest + CHUNK_DATA - 1) / CHUNK_DATA;
}

static int verify_event(struct verify *v, struct bytes key, struct bytes value,
			struct sdg_error *err)
{
	struct event event;
	int32_t day;
	int rc;

	v->out->events++;
	rc = event_decode(key, value, &event, err);
	if (rc < 0)
		return rc;
	day = (int32_t)(event.received / DAY_SECONDS);
	v->chunks += chunks_of(&event);
	/* What was emptied is not told from what was replaced since. */
	if (verify_is_recounted(event.outcome))
		rc = verify_count_row(v, event.piece.consultation, day,
				      event.outcome, 1, err);
	if (rc == 0 && event.outcome == SDG_OUTCOME_COUNTED &&
	    event.state & EVENT_ERASED)
		rc = verify_count_row(v, event.piece.consultation, day,
				      LEDGER_ERASED, 1, err);
	if (rc == 0 && event.state & EVENT_FROZEN)
		rc = verify_tombstone(v, &event, err);
	if (rc == 0 && !(event.state & EVENT_GONE))
		rc = check_links(v, &event, err);
	if (rc == 0 && event_counts(&event)) {
		v->counted++;
		rc = check_label(v, &event, err);
		if (rc == 0 && event.piece.by_person)
			rc = check_checked(v, &event, err);
		if (rc == 0)
			rc = recount(v, &event.piece, err);
	}
	return rc < 0 ? rc : open_piece(&v->t, &event, &v->opened, err);
}

static int verify_events(struct verify *v, struct sdg_error *err)
{
	const struct book *books = v->t.books;
	int rc;

	rc = verify_each(v, DB_EVENTS, verify_event, err);
	if (rc < 0)
		return rc;
	if (books[DB_LABELS].count != v->counted)
		verify_fault(v,
			     "labels: %llu records for %llu events that count",
			     (unsigned long long)books[DB_LABELS].count,
			     (unsigned long long)v->counted);
	if (books[DB_STRAYS].count != v->strays)
		verify_fault(v,
			     "strays: %llu records for %llu events that stray",
			     (unsigned long long)books[DB_STRAYS].count,
			     (unsigned long long)v->strays);
	if (books[DB_MEMBER_EVENTS].count != v->links)
		verify_fault(
		    v, "member_events: %llu records for %llu events of members",
		    (unsigned long long)books[DB_MEMBER_EVENTS].count,
		    (unsigned long long)v->links);
	return 0;
}

/* ---------------------------------------------------------------- history */

/* What a piece counted as: of a piece there is, over a stretch of editions. */
static int verify_earlier(struct verify *v, struct bytes key,
			  struct bytes value, struct sdg_error *err)
{
	struct piece piece;
	struct event event;
	uint32_t until;
	int rc;

	if (key.n == CHECKED_KEY && key.p[0] == HISTORY_CHECKED) {
		if (v->checked)
			v->checked--;
		else
			verify_fault(
			    v, "history: a piece is called checked that no "
			       "event says is");
		return 0;
	}
	if (key.n == CAME_KEY && key.p[0] == HISTORY_CAME && value.n == 2) {
		rc = event_get(&v->t, key.p + 1, &event, err);
		return rc == SDG_ENOTFOUND
			   ? st_damaged(DB_HISTORY, key, "its event is gone",
					err)
			   : rc;
	}
	if (key.n != EARLIER_KEY || key.p[0] != HISTORY_EARLIER ||
	    !piece_decode(value, &piece))
		return st_damaged(DB_HISTORY, key, "not a piece", err);
	until = get_be16(key.p + 1 + ID_SIZE);
	if (piece.edition >= until || until > v->t.state.edition)
		return st_damaged(DB_HISTORY, key, "of no edition", err);
	rc = event_get(&v->t, key.p + 1, &event, err);
	if (rc == SDG_ENOTFOUND || (rc == 0 && event.state & EVENT_GONE))
		return st_damaged(DB_HISTORY, key, "its event is gone", err);
	return rc;
}

static int verify_history(struct verify *v, struct sdg_error *err)
{
	int rc = verify_each(v, DB_HISTORY, verify_earlier, err);

	if (rc == 0 && v->checked)
		verify_fault(
		    v, "history: %llu pieces a person labelled are not in it",
		    (unsigned long long)v->checked);
	return rc;
}

/* ---------------------------------------------------------------- members */

static int verify_member(struct verify *v, struct bytes key, struct bytes value,
			 struct sdg_error *err)
{
	struct member member;

	if (key.n != SDG_PSEUDONYM_SIZE || !member_decode(value, &member))
		return st_damaged(DB_MEMBERS, key, "not a member", err);
	if (member.ordinal >= v->t.state.next_member)
		verify_fault(v, "members: ordinal %u was never given out",
			     member.ordinal);
	if (set_has(v->ordinals, member.ordinal))
		verify_fault(v, "members: ordinal %u is two members'",
			     member.ordinal);
	set_add(v->ordinals, member.ordinal);
	if (member.matched)
		set_add(v->matched, member.ordinal);
	return 0;
}

static int verify_members(struct verify *v, struct sdg_error *err)
{
	struct sdg_error e = { 0 };
	struct set *stored;
	int rc;

	rc = verify_each(v, DB_MEMBERS, verify_member, err);
	if (rc < 0)
		return rc;
	stored = set_new();
	rc = matched_load(&v->t, stored, &e);
	if (rc == 0 && !set_equal(stored, v->matched))
		verify_fault(
		    v, "members: the set of those matched to the directory "
		       "is not what their records say");
	set_free(stored);
	return verify_forgive(v, rc, &e, err);
}

/* ------------------------------------------------------------------ verify */

static int verify_all(struct verify *v, struct sdg_error *err)
{
	static const enum db others[] = {
		DB_LABELS,        DB_STRAYS, DB_MEMBER_EVENTS, DB_DIRECTORY,
		DB_CONSULTATIONS, DB_CHUNKS, DB_META,
	};
	int rc;

	rc = consultations_load(&v->t, err);
	if (rc == 0)
		rc = frozen_load(&v->t, err);
	if (rc == 0)
		rc = verify_members(v, err);
	if (rc == 0)
		rc = verify_events(v, err);
	if (rc == 0)
		rc = verify_cells(v, err);
	if (rc == 0)
		rc = verify_ledger(v, err);
	if (rc == 0)
		rc = verify_history(v, err);
	if (rc == 0)
		rc = verify_frozen(v, err);
	for (size_t i = 0; rc == 0 && i < sizeof(others) / sizeof(*others); i++)
		rc = verify_each(v, others[i], NULL, err);
	if (rc == 0 && v->chunks != v->t.books[DB_CHUNKS].count)
		verify_fault(v, "chunks: %llu records for %llu parts of texts",
			     (unsigned long long)v->t.books[DB_CHUNKS].count,
			     (unsigned long long)v->chunks);
	return rc;
}

int sdg_store_verify(struct sdg_store *store, sdg_fault_fn *fn, void *arg,
		     struct sdg_verify *out, struct sdg_error *err)
{
	struct verify v = { .fn = fn, .arg = arg, .out = out };
	int rc;

	*out = (struct sdg_verify){ 0 };
	rc = st_begin(store, false, &v.t, err);
	if (rc < 0)
		return rc;
	v.tally = tally_new();
	v.ledger = tally_new();
	v.frozen = tally_new();
	v.ordinals = set_new();
	v.matched = set_new();
	if (v.tally && v.ledger && v.frozen && v.ordinals && v.matched)
		rc = verify_all(&v, err);
	else
		rc = sdg_fail(err, SDG_ENOMEM, "verify: no memory");
	for (size_t i = 0; i < v.set_cap; i++)
		set_free(v.sets[i]);
	free(v.sets);
	tally_free(v.tally);
	tally_free(v.ledger);
	tally_free(v.frozen);
	set_free(v.ordinals);
	set_free(v.matched);
	opened_fini(&v.opened);
	st_abort(&v.t);
	return rc;
}
