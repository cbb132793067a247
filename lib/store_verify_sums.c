/*
 * A recount's second half: what the events say, held against every cell,
 * month, set and row of the ledger, and frozen months against their seals.
 */
#include <stdio.h>
#include <stdlib.h>

#include "store_verify.h"

/* ------------------------------------------------------------------ cells */

static void name_cell(struct verify *v, cell_key key, char *out, size_t cap)
{
	const struct sdg_store *store = v->t.store;
	const struct sdg_consultation *c =
	    consultation_by_number(store, CELL_CONSULTATION(key));
	uint32_t theme = CELL_THEME(key);

	snprintf(out, cap, "%s %u of %s, %s, %s, %s",
		 key & CELL_IS_MONTH ? "month" : "cell", CELL_WHEN(key),
		 c ? c->id : "?", sdg_region_id((int)CELL_REGION(key)),
		 theme == 0 || theme > store->theme_count
		     ? "any theme"
		     : store->themes[theme],
		 sdg_source_id((int)CELL_SOURCE(key)));
}

static const char *const sum_names[SUM_COUNT] = {
	"messages", "mentions", "main mentions", "neutral",
	"positive", "negative", "mixed",         "reported voices",
};

static int verify_cell(struct verify *v, enum db db, struct bytes key,
		       struct bytes value, struct sdg_error *err)
{
	const struct tally_cell *cell;
	int64_t sums[SUM_COUNT];
	char name[160];
	cell_key packed;

	if (!sums_decode(value, sums))
		return st_damaged(db, key, "not sums", err);
	packed = cell_decode(key.p) | (db == DB_MONTHS ? CELL_IS_MONTH : 0);
	cell = tally_find(v->tally, packed);
	/* Its events have gone; its seal says what it was. */
	if (db == DB_MONTHS && !cell &&
	    frozen_is(v->t.store, CELL_WHEN(packed)))
		return 0;
	for (int i = 0; i < SUM_COUNT; i++) {
		int64_t want = cell ? cell->sums[i] : 0;

		if (sums[i] == want)
			continue;
		name_cell(v, packed, name, sizeof(name));
		verify_fault(v, "%s: says %lld %s, its events %lld", name,
			     (long long)sums[i], sum_names[i], (long long)want);
		break;
	}
	return 0;
}

static int verify_day(struct verify *v, struct bytes key, struct bytes value,
		      struct sdg_error *err)
{
	v->out->cells++;
	if (key.n != CELL_KEY_SIZE)
		return st_damaged(DB_CELLS, key, "not a cell", err);
	return verify_cell(v, DB_CELLS, key, value, err);
}

static int verify_set(struct verify *v, struct bytes key, cell_key packed,
		      struct sdg_error *err)
{
	const struct tally_cell *cell = tally_find(v->tally, packed);
	size_t at = cell ? (size_t)(cell - v->tally->cells) : SIZE_MAX;
	struct set *want = at < v->set_cap ? v->sets[at] : NULL;
	struct set *stored = set_new();
	char name[160];
	int rc;

	rc = set_load(&v->t, DB_MONTHS, key.p, CELL_KEY_SIZE, stored, err);
	if (rc == 0 &&
	    (want ? !set_equal(stored, want) : set_count(stored) != 0)) {
		name_cell(v, packed, name, sizeof(name));
		verify_fault(v,
			     "%s: its set holds %llu members, its events %llu",
			     name, (unsigned long long)set_count(stored),
			     (unsigned long long)(want ? set_count(want) : 0));
	}
	set_free(stored);
	return rc;
}

static int verify_month(struct verify *v, struct bytes key, struct bytes value,
			struct sdg_error *err)
{
	int rc;

	if (key.n == CELL_KEY_SIZE + 4)
		return 0; /* a part of a set: read with its month */
	v->out->months++;
	if (key.n != CELL_KEY_SIZE)
		return st_damaged(DB_MONTHS, key, "not a month", err);
	rc = verify_cell(v, DB_MONTHS, key, value, err);
	return rc < 0 ? rc
		      : verify_set(v, key, cell_decode(key.p) | CELL_IS_MONTH,
				   err);
}

/* What the events say and no record holds. */
static int verify_missing(struct verify *v, struct sdg_error *err)
{
	for (size_t i = 0; i < v->tally->cell_count; i++) {
		cell_key key = v->tally->cells[i].key;
		enum db db = key & CELL_IS_MONTH ? DB_MONTHS : DB_CELLS;
		struct sdg_error e = { 0 };
		uint8_t k[CELL_KEY_SIZE];
		struct bytes value;
		char name[160];
		int rc;

		if (i % VERIFY_RELEASE == 0)
			env_release_pages(v->t.store);
		cell_encode(key, k);
		rc = st_get(&v->t, db, k, sizeof(k), &value, &e);
		if (rc == SDG_ENOTFOUND) {
			name_cell(v, key, name, sizeof(name));
			verify_fault(v, "%s: gone", name);
		} else if (rc < 0 && rc != SDG_EDAMAGED) {
			return verify_forgive(v, rc, &e, err);
		}
	}
	return 0;
}

int verify_cells(struct verify *v, struct sdg_error *err)
{
	int rc;

	rc = verify_each(v, DB_CELLS, verify_day, err);
	if (rc == 0)
		rc = verify_each(v, DB_MONTHS, verify_month, err);
	if (rc == 0)
		rc = verify_missing(v, err);
	return rc;
}

/* ----------------------------------------------------------------- ledger */

static int verify_held(struct verify *v, struct bytes key, struct bytes value,
		       struct sdg_error *err)
{
	struct held held;
	int rc;

	rc = held_decode(key, value, &held, err);
	if (rc < 0)
		return rc;
	v->chunks += (held.sealed_len + CHUNK_DATA - 1) / CHUNK_DATA;
	return verify_count_row(v, held.consultation, held.day,
				held.dropped ? SDG_OUTCOME_DROPPED
					     : SDG_OUTCOME_QUARANTINED,
				1, err);
}

/* In the recount, received less every outcome: it must come to nothing. */
#define ROW_BALANCE 64

static int verify_row(struct verify *v, struct bytes key, struct bytes value,
		      struct sdg_error *err)
{
	uint32_t consultation, day;
	unsigned outcome;
	int64_t n;
	int rc = 0;

	if (key.n != LEDGER_KEY_SIZE || value.n != 8)
		return st_damaged(DB_LEDGER, key, "not a row", err);
	consultation = get_be16(key.p);
	day = get_be16(key.p + 2);
	outcome = key.p[4];
	n = (int64_t)get_le(value.p, 8);
	if (verify_is_recounted(outcome))
		rc = verify_count_row(v, consultation, (int32_t)day,
				      (int)outcome, -n, err);
	if (rc < 0 || outcome == LEDGER_ERASED)
		return rc;
	return verify_count_row(v, consultation, (int32_t)day, ROW_BALANCE,
				outcome == LEDGER_RECEIVED ? n : -n, err);
}

int verify_ledger(struct verify *v, struct sdg_error *err)
{
	int rc;

	rc = verify_each(v, DB_QUARANTINE, verify_held, err);
	if (rc == 0)
		rc = verify_each(v, DB_LEDGER, verify_row, err);
	for (size_t i = 0; rc == 0 && i < v->ledger->cell_count; i++) {
		const struct tally_cell *row = &v->ledger->cells[i];
		uint32_t outcome = CELL_REGION(row->key);
		long long n = (long long)row->sums[0];

		if (n == 0)
			continue;
		if (outcome == ROW_BALANCE)
			verify_fault(
			    v,
			    "ledger, day %u: received and outcomes differ by "
			    "%lld",
			    CELL_WHEN(row->key), n);
		else
			verify_fault(
			    v,
			    "ledger, day %u: %lld of outcome \"%s\" more "
			    "among the events than in its row",
			    CELL_WHEN(row->key), n,
			    outcome == LEDGER_ERASED
				? "erased"
				: sdg_outcome_id((int)outcome));
	}
	return rc;
}

/* ----------------------------------------------------------- frozen months */

static int count_frozen(struct verify *v, uint32_t consultation, uint32_t month,
			int64_t messages, int64_t pieces, struct sdg_error *err)
{
	const int64_t sums[SUM_COUNT] = { messages, pieces };

	return tally_cell_add(v->frozen,
			      cell_pack(true, consultation, month, 0, 0, 0),
			      sums, err);
}

int verify_tombstone(struct verify *v, const struct event *event,
		     struct sdg_error *err)
{
	return count_frozen(v, event->piece.consultation, event->seal_month,
			    event->outcome == SDG_OUTCOME_COUNTED, 1, err);
}

/* The book of @month's records in @db, and with months its messages taken
 * off those of its tombstones. */
static int book_of(struct verify *v, enum db db, uint32_t month,
		   struct book *book, uint64_t *messages, struct sdg_error *err)
{
	int64_t sums[SUM_COUNT];
	struct scan s;
	int rc = st_scan_open(&v->t, db, &s, err);

	if (rc < 0)
		return rc;
	while ((rc = st_scan_next(&s, err)) == 1) {
		cell_key key;

		if (s.key.n != CELL_KEY_SIZE) /* a seal, or a set's part */
			continue;
		key = db == DB_MONTHS ? cell_decode(s.key.p)
				      : frozen_cell(s.key.p);
		if (CELL_WHEN(key) != month)
			continue;
		book->count++;
		book->sum += s.check;
		if (db != DB_MONTHS || CELL_THEME(key) != SDG_THEME_ANY ||
		    !sums_decode(s.value, sums))
			continue;
		*messages += (uint64_t)sums[SUM_MESSAGES];
		rc = count_frozen(v, CELL_CONSULTATION(key), month,
				  -sums[SUM_MESSAGES], 0, err);
		if (rc < 0)
			break;
	}
	st_scan_close(&s);
	return rc;
}

static bool same_book(const struct book *a, const struct book *b)
{
	return a->count == b->count && a->sum == b->sum;
}

static int verify_seal(struct verify *v, struct bytes key, struct bytes value,
		       struct sdg_error *err)
{
	struct book months = { 0 }, counts = { 0 };
	uint64_t messages = 0;
	struct seal seal;
	uint32_t month;
	int rc;

	if (key.n == FROZEN_KEY)
		return value.n == FROZEN_SIZE
			   ? 0
			   : st_damaged(DB_FROZEN, key, "not counts", err);
	if (key.n != 2 || !seal_decode(value, &seal))
		return st_damaged(DB_FROZEN, key, "not a seal", err);
	month = get_be16(key.p);
	rc = book_of(v, DB_MONTHS, month, &months, &messages, err);
	if (rc == 0)
		rc = book_of(v, DB_FROZEN, month, &counts, &messages, err);
	if (rc < 0)
		return rc;
	if (!same_book(&months, &seal.months) ||
	    !same_book(&counts, &seal.counts) || messages != seal.messages)
		verify_fault(v,
			     "month %u: it is not what was sealed when it was "
			     "frozen (%llu messages, sealed %llu)",
			     month, (unsigned long long)messages,
			     (unsigned long long)seal.messages);
	return count_frozen(v, 0, month, 0, -(int64_t)seal.pieces, err);
}

/* Tombstones against the months' messages and the seals' pieces. */
int verify_frozen(struct verify *v, struct sdg_error *err)
{
	const struct tally *tally = v->frozen;
	int rc = verify_each(v, DB_FROZEN, verify_seal, err);

	for (size_t i = 0; rc == 0 && i < tally->cell_count; i++) {
		const struct tally_cell *cell = &tally->cells[i];
		uint32_t month = CELL_WHEN(cell->key);
		int64_t pieces = 0;

		if (cell->sums[0])
			verify_fault(v,
				     "month %u: %lld pieces more among its "
				     "tombstones than in its sums",
				     month, (long long)cell->sums[0]);
		if (CELL_CONSULTATION(cell->key) != 0) {
			if (!frozen_is(v->t.store, month))
				verify_fault(v,
					     "month %u: frozen pieces and "
					     "no seal",
					     month);
			continue;
		}
		for (size_t k = 0; k < tally->cell_count; k++)
			if (CELL_WHEN(tally->cells[k].key) == month)
				pieces += tally->cells[k].sums[1];
		if (pieces)
			verify_fault(v,
				     "month %u: %lld tombstones more than were "
				     "sealed",
				     month, (long long)pieces);
	}
	return rc;
}
