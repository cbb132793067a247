/*
 * Freezing: a month's pieces lose their labels and the link to the persons.
 *
 * Words go at the first age, by their month's key. At the second, what a
 * month's pieces say and whose they were goes: their labels, links, history
 * and days, the sets of members, and the members of whom nothing else is
 * held.
 * There stay the month's sums; how many members and respondents were
 * behind each of them, over every region, theme, source and consultation and
 * over all of each; and a tombstone for each piece, so that it does not count
 * again when it comes again. Nothing changes a frozen month after that: a
 * piece that comes late for it counts on the day it was received. A seal
 * holds what the month's records were.
 */
#include <stdlib.h>

#include <soundings/store_rights.h>

#include "store_internal.h"

#define MONTH_FIRST 23640 /* January 1970 */
#define MONTH_COUNT 2160  /* to the year 2149 */

static void frozen_key(cell_key cell, uint8_t out[FROZEN_KEY])
{
	put_be16(out, CELL_WHEN(cell));
	put_be16(out + 2, CELL_CONSULTATION(cell));
	out[4] = (uint8_t)CELL_REGION(cell);
	out[5] = (uint8_t)CELL_THEME(cell);
	out[6] = (uint8_t)CELL_SOURCE(cell);
}

static int put_seal(struct txn *t, uint32_t month, const struct seal *seal,
		    struct sdg_error *err)
{
	uint8_t key[2], value[SEAL_SIZE];

	put_be16(key, month);
	put_le(value, seal->months.count, 4);
	put_le(value + 4, seal->months.sum, 8);
	put_le(value + 12, seal->pieces, 8);
	put_le(value + 20, seal->messages, 8);
	put_le(value + 28, (uint64_t)seal->frozen, 8);
	put_le(value + 36, seal->counts.count, 4);
	put_le(value + 40, seal->counts.sum, 8);
	return st_add(t, DB_FROZEN, key, sizeof(key), value, sizeof(value),
		      err);
}

/* ------------------------------------------------------------- distinct counts
 */

struct counting {
	uint32_t month;
	struct tally *cells; /* what is counted over, by index of its set */
	struct set **sets;
	size_t cap;
	struct book months; /* the month's sums, as the seal holds them */
	uint64_t messages;
};

static struct set *counted_in(struct counting *c, cell_key key,
			      struct sdg_error *err)
{
	const int64_t nothing[SUM_COUNT] = { 0 };
	size_t at;

	if (tally_cell_add(c->cells, key, nothing, err) < 0)
		return NULL;
	at = (size_t)(tally_find(c->cells, key) - c->cells->cells);
	if (at >= c->cap) {
		size_t cap = c->cells->cell_cap;
		struct set **more =
		    realloc(c->sets, cap * sizeof(struct set *));

		if (!more)
			return NULL;
		memset(more + c->cap, 0, (cap - c->cap) * sizeof(struct set *));
		c->sets = more;
		c->cap = cap;
	}
	if (!c->sets[at])
		c->sets[at] = set_new();
	return c->sets[at];
}

/* Into the cell itself, and into each that is over all of something. */
static int count_set(struct counting *c, cell_key key, struct bytes value,
		     struct sdg_error *err)
{
	struct set *set = set_decode(value);
	int rc = 0;

	if (!set)
		return sdg_fail(err, SDG_EDAMAGED,
				"freeze a month: a set is not a set");
	for (unsigned all = 0; rc == 0 && all < 8; all++) {
		cell_key over = cell_pack(
		    true,
		    all & 1 ? FROZEN_ALL_CONSULTATIONS : CELL_CONSULTATION(key),
		    CELL_WHEN(key), all & 2 ? FROZEN_ALL : CELL_REGION(key),
		    CELL_THEME(key), all & 4 ? FROZEN_ALL : CELL_SOURCE(key));
		struct set *into = counted_in(c, over, err);

		if (into)
			set_or(into, set);
		else
			rc = sdg_fail(err, SDG_ENOMEM,
				      "freeze a month: no memory");
	}
	set_free(set);
	return rc;
}

static int count_record(void *arg, const struct scan *s, struct sdg_error *err)
{
	struct counting *c = arg;
	cell_key key = s->key.n >= CELL_KEY_SIZE ? cell_decode(s->key.p) : 0;
	int64_t sums[SUM_COUNT];

	if (CELL_WHEN(key) != c->month)
		return 0;
	if (s->key.n != CELL_KEY_SIZE)
		return count_set(c, key, s->value, err);
	if (!sums_decode(s->value, sums))
		return st_damaged(DB_MONTHS, s->key, "not sums", err);
	c->months.count++;
	c->months.sum += s->check;
	if (CELL_THEME(key) == SDG_THEME_ANY)
		c->messages += (uint64_t)sums[SUM_MESSAGES];
	return 0;
}

static int put_counts(struct txn *t, const struct counting *c,
		      struct sdg_error *err)
{
	struct set *matched = set_new();
	int rc = matched_load(t, matched, err);

	for (size_t i = 0; rc == 0 && i < c->cells->cell_count; i++) {
		uint8_t key[FROZEN_KEY], value[FROZEN_SIZE];
		const struct set *set = c->sets[i];

		frozen_key(c->cells->cells[i].key, key);
		put_le(value, set_count_both(set, matched), 4);
		put_le(value + 4, set_count(set), 4);
		rc = st_add(t, DB_FROZEN, key, sizeof(key), value,
			    sizeof(value), err);
	}
	set_free(matched);
	return rc;
}

/* ------------------------------------------------------------ what goes */

/* Every record of @db from @first on whose key @goes takes, all found in one
 * stretch; a scan must not delete under itself, so it looks again. */
static int remove_stretch(struct txn *t, enum db db, const uint8_t *first,
			  size_t len, bool (*goes)(struct bytes key, void *arg),
			  bool (*passes)(struct bytes key, void *arg),
			  void *arg, struct sdg_error *err)
{
	uint8_t key[KEY_MAX];
	size_t n = len;
	struct scan s;
	int rc;

	rc = st_scan_open(t, db, &s, err);
	if (rc < 0)
		return rc;
	memcpy(key, first, len);
	rc = st_scan_seek(&s, key, n, err);
	while (rc == 1 && !passes(s.key, arg)) {
		if (!goes(s.key, arg)) {
			rc = st_scan_next(&s, err);
			continue;
		}
		n = s.key.n;
		memcpy(key, s.key.p, n);
		rc = st_del(t, db, key, n, err);
		if (rc == 0)
			rc = st_scan_seek(&s, key, n, err);
	}
	st_scan_close(&s);
	return rc < 0 ? rc : 0;
}

struct stretch {
	uint32_t month, consultation;
};

static bool is_set_of(struct bytes key, void *arg)
{
	const struct stretch *at = arg;

	return key.n == CELL_KEY_SIZE + 4 &&
	       CELL_WHEN(cell_decode(key.p)) == at->month;
}

static bool is_never(struct bytes key, void *arg)
{
	(void)key;
	(void)arg;
	return false;
}

static bool is_always(struct bytes key, void *arg)
{
	(void)key;
	(void)arg;
	return true;
}

static bool is_past(struct bytes key, void *arg)
{
	const struct stretch *at = arg;
	cell_key cell = key.n == CELL_KEY_SIZE ? cell_decode(key.p) : 0;

	return CELL_CONSULTATION(cell) != at->consultation ||
	       (int32_t)CELL_WHEN(cell) >= month_first_day(at->month + 1);
}

static int remove_cells(struct txn *t, uint32_t month, struct sdg_error *err)
{
	const struct sdg_store *store = t->store;
	int rc = consultations_load(t, err);

	for (size_t i = 0; rc == 0 && i < store->consultation_count; i++) {
		struct stretch at = { month, store->consultations[i].number };
		uint8_t key[CELL_KEY_SIZE];

		cell_encode(cell_pack(false, at.consultation,
				      (uint32_t)month_first_day(month), 0, 0,
				      0),
			    key);
		rc = remove_stretch(t, DB_CELLS, key, sizeof(key), is_always,
				    is_past, &at, err);
	}
	return rc;
}

static int bury(struct txn *t, struct tally *scratch, struct tally *ledger,
		const uint8_t *id, uint32_t month, struct sdg_error *err)
{
	struct event event, tombstone;
	int rc = event_get(t, id, &event, err);

	if (rc == SDG_ENOTFOUND)
		return st_damaged(DB_EVENTS, (struct bytes){ id, ID_SIZE },
				  "gone", err);
	if (rc < 0)
		return rc;
	tombstone = (struct event){ .state = EVENT_FROZEN,
				    .seal_month = (uint16_t)month };
	/* The month's sums stay, so what this sums up is thrown away. */
	rc = event_bury(t, &event, &tombstone, scratch, ledger, err);
	tally_clear(scratch);
	return rc;
}

/* --------------------------------------------------------------- candidates */

struct ids {
	uint8_t (*ids)[ID_SIZE];
	size_t count, cap;
};

/* What a month holds that could go. */
struct month_use {
	uint32_t live;
	int32_t last_received; /* the latest day */
	struct ids *ids;       /* of one month: its pieces */
};

struct survey {
	struct txn *t;
	struct month_use *months; /* by month less MONTH_FIRST */
	int32_t before;
};

static int note_event(struct survey *v, const struct event *event,
		      struct sdg_error *err)
{
	uint32_t at = month_of_day(event->piece.day) - MONTH_FIRST;
	int32_t received = (int32_t)(event->received / DAY_SECONDS);
	struct month_use *use;

	if (at >= MONTH_COUNT || event->state & EVENT_GONE)
		return 0;
	use = &v->months[at];
	use->live++;
	if (received > use->last_received)
		use->last_received = received;
	if (!use->ids)
		return 0;
	if (use->ids->count == use->ids->cap) {
		size_t cap = use->ids->cap ? use->ids->cap * 2 : 1024;
		void *more =
		    realloc(use->ids->ids, cap * sizeof(*use->ids->ids));

		if (!more)
			return sdg_fail(err, SDG_ENOMEM,
					"freeze a month: no memory");
		use->ids->ids = more;
		use->ids->cap = cap;
	}
	memcpy(use->ids->ids[use->ids->count++], event->id, ID_SIZE);
	return 0;
}

/* Pieces by the day of their key, from @first on; strays are passed over. */
static int survey_events(struct survey *v, int32_t first, struct sdg_error *err)
{
	uint8_t key[ID_SIZE] = { 0 };
	struct event event;
	struct scan s;
	int rc;

	put_be32(key, (uint32_t)first * DAY_SECONDS);
	rc = st_scan_open(v->t, DB_EVENTS, &s, err);
	if (rc < 0)
		return rc;
	for (rc = st_scan_seek(&s, key, sizeof(key), err); rc == 1;
	     rc = st_scan_next(&s, err)) {
		int32_t day = (int32_t)(get_be32(s.key.p) / DAY_SECONDS);

		if (day >= v->before)
			break;
		rc = event_decode(s.key, s.value, &event, err);
		if (rc == 0 && event.piece.day == day)
			rc = note_event(v, &event, err);
		if (rc < 0)
			break;
	}
	st_scan_close(&s);
	return rc < 0 ? rc : 0;
}

static int survey_strays(struct survey *v, int32_t first, struct sdg_error *err)
{
	struct event event;
	uint8_t key[2];
	struct scan s;
	int rc;

	put_be16(key, (uint32_t)first);
	rc = st_scan_open(v->t, DB_STRAYS, &s, err);
	if (rc < 0)
		return rc;
	for (rc = st_scan_seek(&s, key, sizeof(key), err);
	     rc == 1 && s.key.n == 2 + ID_SIZE &&
	     (int32_t)get_be16(s.key.p) < v->before;
	     rc = st_scan_next(&s, err)) {
		rc = event_get(v->t, s.key.p + 2, &event, err);
		if (rc == SDG_ENOTFOUND)
			rc = st_damaged(DB_STRAYS, s.key, "its event is gone",
					err);
		if (rc == 0)
			rc = note_event(v, &event, err);
		if (rc < 0)
			break;
	}
	st_scan_close(&s);
	return rc < 0 ? rc : 0;
}

static bool is_due(const struct month_use *use, uint32_t month, int32_t before)
{
	return use->live && month_first_day(month + 1) <= before &&
	       use->last_received < before;
}

/* In its own transaction; looked at again there, since others write. */
static int freeze_month(struct txn *t, uint32_t month, int32_t before,
			struct sdg_frozen *out, struct sdg_error *err)
{
	struct month_use months[MONTH_COUNT] = { 0 };
	struct ids ids = { 0 };
	struct month_use *use = &months[month - MONTH_FIRST];
	struct survey v = { t, months, month_first_day(month + 1) };
	struct counting c = { .month = month, .cells = tally_new() };
	struct tally *scratch = tally_new(), *ledger = tally_new();
	struct stretch at = { month, 0 };
	struct book before_them;
	struct seal seal;
	int rc = c.cells && scratch && ledger
		     ? 0
		     : sdg_fail(err, SDG_ENOMEM, "freeze a month: no memory");

	use->ids = &ids;
	if (rc == 0)
		rc = survey_events(&v, month_first_day(month), err);
	if (rc == 0)
		rc = survey_strays(&v, month_first_day(month), err);
	if (rc < 0 || !is_due(use, month, before))
		goto out;
	before_them = t->books[DB_FROZEN];
	rc = st_each(t, DB_MONTHS, count_record, &c, err);
	if (rc == 0)
		rc = put_counts(t, &c, err);
	seal = (struct seal){
		.months = c.months,
		.counts = { t->books[DB_FROZEN].count - before_them.count,
			    t->books[DB_FROZEN].sum - before_them.sum },
		.pieces = ids.count,
		.messages = c.messages,
		.frozen = store_now(),
	};
	for (size_t i = 0; rc == 0 && i < ids.count; i++)
		rc = bury(t, scratch, ledger, ids.ids[i], month, err);
	if (rc == 0)
		rc = tally_write(t, ledger, err);
	if (rc == 0)
		rc = remove_cells(t, month, err);
	if (rc == 0)
		rc = remove_stretch(t, DB_MONTHS, (const uint8_t[1]){ 0 }, 1,
				    is_set_of, is_never, &at, err);
	if (rc == 0)
		rc = put_seal(t, month, &seal, err);
	if (rc == 0) {
		out->months++;
		out->pieces += ids.count;
	}
out:
	for (size_t i = 0; i < c.cap; i++)
		set_free(c.sets[i]);
	free(c.sets);
	free(ids.ids);
	tally_free(c.cells);
	tally_free(scratch);
	tally_free(ledger);
	return rc;
}

/* ------------------------------------------------------------------- public */

typedef int step_fn(struct txn *t, uint32_t month, int32_t before,
		    struct sdg_frozen *out, struct sdg_error *err);

static int in_transaction(struct sdg_store *store, step_fn *fn, uint32_t month,
			  int32_t before, struct sdg_frozen *out,
			  struct sdg_error *err)
{
	struct sdg_frozen would = *out;
	struct txn t;
	int rc = st_begin(store, true, &t, err);

	if (rc < 0)
		return rc;
	rc = fn(&t, month, before, &would, err);
	if (rc == 0)
		rc = st_commit(&t, err);
	st_abort(&t);
	if (rc == 0)
		*out = would;
	return rc;
}

static int sweep(struct txn *t, uint32_t month, int32_t before,
		 struct sdg_frozen *out, struct sdg_error *err)
{
	(void)month;
	(void)before;
	return members_sweep(t, &out->members, err);
}

static int survey_all(struct sdg_store *store, struct survey *v,
		      struct sdg_error *err)
{
	struct txn t;
	int rc = st_begin(store, false, &t, err);

	if (rc < 0)
		return rc;
	v->t = &t;
	rc = survey_events(v, 0, err);
	if (rc == 0)
		rc = survey_strays(v, 0, err);
	v->t = NULL;
	st_abort(&t);
	return rc;
}

int sdg_store_freeze(struct sdg_store *store, int32_t before_day, bool dry_run,
		     struct sdg_frozen *out, struct sdg_error *err)
{
	struct month_use *months = calloc(MONTH_COUNT, sizeof(*months));
	struct survey v = { NULL, months, before_day };
	int rc;

	*out = (struct sdg_frozen){ 0 };
	if (!months)
		return sdg_fail(err, SDG_ENOMEM, "freeze: no memory");
	rc = before_day > 0 ? survey_all(store, &v, err) : 0;
	for (uint32_t i = 0; rc == 0 && i < MONTH_COUNT; i++) {
		uint32_t month = MONTH_FIRST + i;

		if (!is_due(&months[i], month, before_day))
			continue;
		if (!out->first)
			out->first = month;
		out->last = month;
		if (!dry_run) {
			rc = in_transaction(store, freeze_month, month,
					    before_day, out, err);
			continue;
		}
		out->months++;
		out->pieces += months[i].live;
	}
	/* With those of an earlier purge that was killed between the two. */
	if (rc == 0 && !dry_run && out->months)
		rc = in_transaction(store, sweep, 0, 0, out, err);
	free(months);
	return rc;
}
