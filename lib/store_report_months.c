/*
 * Reports, from months and cells.
 *
 * Months are few, so all of them are walked whatever is asked, and must then
 * be as many, with such checks, as their books say: a month that LMDB does
 * not show would else be a figure too small, without a word. Each proves
 * itself, also those that are passed over: of one flipped bit in a key it
 * looked like a cell that nobody asks for.
 */
#include "store_report.h"

static bool wants_cell(const struct report *r, cell_key key)
{
	const struct plan_filter *f = &r->filter;

	return (!f->regions || f->regions >> CELL_REGION(key) & 1) &&
	       (!f->sources || f->sources >> CELL_SOURCE(key) & 1);
}

struct row *report_row(struct report *r, cell_key key)
{
	uint32_t out[SDG_DIMS_MAX] = { 0 };

	for (size_t d = 0; d < r->query->dim_count; d++) {
		switch (r->query->dims[d]) {
		case SDG_DIM_REGION:
			out[d] = CELL_REGION(key);
			break;
		case SDG_DIM_THEME:
			out[d] = CELL_THEME(key);
			break;
		case SDG_DIM_SOURCE:
			out[d] = CELL_SOURCE(key);
			break;
		case SDG_DIM_MONTH:
			out[d] = CELL_WHEN(key);
			break;
		case SDG_DIM_CONSULTATION:
			out[d] = CELL_CONSULTATION(key);
			break;
		case SDG_DIM_STANCE:
		case SDG_DIM_ROLE:
		case SDG_DIM_PHASE:
		case SDG_DIM_WEEK:
		case SDG_DIM_DAY:
		case SDG_DIM_AUTHORITY:
		case SDG_DIM_COUNT:
			break; /* months_answer() said no */
		}
	}
	return rows_at(&r->rows, out);
}

static bool add_sums(struct row *row, struct bytes value)
{
	int64_t sums[SUM_COUNT];

	if (!sums_decode(value, sums))
		return false;
	for (int i = 0; i < SUM_COUNT; i++)
		row->sums[i] += sums[i];
	return true;
}

static bool add_set(struct row *totals, struct row *row, struct bytes value)
{
	struct set *set = set_decode(value);

	if (!set)
		return false;
	if (totals)
		set_or_lazily(totals->set, set);
	if (row)
		set_or_lazily(row->set, set);
	set_free(set);
	return true;
}

/* One record of a month, its sums or a part of its set. */
static int add_record(struct report *r, cell_key key, const struct scan *s,
		      struct sdg_error *err)
{
	const uint32_t theme = CELL_THEME(key), month = CELL_WHEN(key);
	const bool is_row =
	    r->theme_dim >= 0 ? theme != SDG_THEME_ANY : theme == r->theme;
	struct row *totals = theme == r->theme ? &r->totals : NULL;
	struct row *row = is_row ? report_row(r, key) : NULL;

	if (is_row && !row)
		return report_no_memory(err);
	if (s->key.n != CELL_KEY_SIZE)
		return add_set(totals, row, s->value)
			   ? 0
			   : st_damaged(DB_MONTHS, s->key, "not a set", err);
	if ((row && !add_sums(row, s->value)) ||
	    (totals && !add_sums(totals, s->value)))
		return st_damaged(DB_MONTHS, s->key, "not sums", err);
	if (!totals)
		return 0;
	if (r->first_month == 0 || month < r->first_month)
		r->first_month = month;
	if (month > r->last_month)
		r->last_month = month;
	return 0;
}

static bool wants_month(const struct report *r, cell_key key)
{
	const uint32_t theme = CELL_THEME(key);

	if (r->filter.consultation &&
	    r->filter.consultation != CELL_CONSULTATION(key))
		return false;
	if (theme != r->theme && (r->theme_dim < 0 || r->filter.any_theme))
		return false;
	return wants_cell(r, key);
}

static int count_messages(enum db db, const struct scan *s, uint64_t *messages,
			  struct sdg_error *err)
{
	int64_t sums[SUM_COUNT];

	if (!sums_decode(s->value, sums))
		return st_damaged(db, s->key, "not sums", err);
	*messages += (uint64_t)sums[SUM_MESSAGES];
	return 0;
}

static int walk_months(struct report *r, struct scan *s, uint32_t from,
		       uint32_t to, bool add, uint64_t *messages,
		       struct sdg_error *err)
{
	int rc;

	while ((rc = st_scan_next(s, err)) == 1) {
		cell_key key;
		bool count, wanted;

		if (s->key.n < CELL_KEY_SIZE)
			return st_damaged(DB_MONTHS, s->key, "not a month",
					  err);
		key = cell_decode(s->key.p);
		if (CELL_WHEN(key) < from || CELL_WHEN(key) >= to)
			continue;
		/* Of a frozen month labels show no piece. */
		count = s->key.n == CELL_KEY_SIZE &&
			CELL_THEME(key) == SDG_THEME_ANY &&
			(add || !frozen_is(r->t.store, CELL_WHEN(key)));
		wanted = add && wants_month(r, key);
		if (!count && !wanted)
			continue;
		rc = 0;
		if (count)
			rc = count_messages(DB_MONTHS, s, messages, err);
		if (rc == 0 && wanted)
			rc = add_record(r, key, s, err);
		if (rc < 0)
			return rc;
	}
	return rc < 0 ? rc : st_scan_complete(s, err);
}

int report_months(struct report *r, uint32_t from, uint32_t to, bool add,
		  uint64_t *messages, struct sdg_error *err)
{
	struct scan s;
	int rc;

	*messages = 0;
	rc = st_scan_open(&r->t, DB_MONTHS, &s, err);
	if (rc < 0)
		return rc;
	rc = walk_months(r, &s, from, to, add, messages, err);
	st_scan_close(&s);
	/* Pieces may be added one by one after this. */
	set_settle(r->totals.set);
	for (size_t i = 0; i < r->rows.count; i++)
		set_settle(r->rows.rows[i].set);
	return rc;
}

static int seek_cell(struct scan *s, cell_key key, struct sdg_error *err)
{
	uint8_t k[CELL_KEY_SIZE];

	cell_encode(key, k);
	return st_scan_seek(s, k, sizeof(k), err);
}

static int cells_of(struct report *r, uint32_t consultation, int32_t from,
		    int32_t to, uint64_t *messages, struct sdg_error *err)
{
	cell_key end = cell_pack(false, consultation, (uint32_t)to, 0, 0, 0);
	struct scan s;
	int rc;

	rc = st_scan_open(&r->t, DB_CELLS, &s, err);
	if (rc < 0)
		return rc;
	rc = seek_cell(
	    &s, cell_pack(false, consultation, (uint32_t)from, 0, 0, 0), err);
	while (rc == 1) {
		cell_key key;

		if (s.key.n != CELL_KEY_SIZE) {
			rc = st_damaged(DB_CELLS, s.key, "not a cell", err);
			break;
		}
		key = cell_decode(s.key.p);
		if (key >= end)
			break;
		if (CELL_THEME(key) != SDG_THEME_ANY) {
			/* On to the next region: themes say it all again. */
			rc = seek_cell(&s, (key | 0xffff) + 1, err);
			continue;
		}
		rc = count_messages(DB_CELLS, &s, messages, err);
		if (rc == 0)
			rc = st_scan_next(&s, err);
	}
	st_scan_close(&s);
	return rc < 0 ? rc : 0;
}

int report_cells(struct report *r, int32_t from, int32_t to, uint64_t *messages,
		 struct sdg_error *err)
{
	const struct sdg_store *store = r->t.store;
	int rc = 0;

	*messages = 0;
	if (to > DAY_MAX)
		to = DAY_MAX;
	for (size_t i = 0;
	     rc == 0 && from < to && i < store->consultation_count; i++)
		rc = cells_of(r, store->consultations[i].number, from, to,
			      messages, err);
	return rc;
}

/* The first (or last) day of @month with a cell that was counted. */
static int edge_day(struct report *r, uint32_t consultation, uint32_t month,
		    bool last, int32_t *out, struct sdg_error *err)
{
	int32_t begin = month_first_day(month),
		end = month_first_day(month + 1);
	struct scan s;
	int rc;

	rc = st_scan_open(&r->t, DB_CELLS, &s, err);
	if (rc < 0)
		return rc;
	rc = seek_cell(&s,
		       cell_pack(false, consultation,
				 (uint32_t)(last ? end : begin), 0, 0, 0),
		       err);
	if (last && rc >= 0) {
		s.at_record = rc == 1;
		rc = st_scan_prev(&s, err);
	}
	while (rc == 1) {
		cell_key key =
		    s.key.n == CELL_KEY_SIZE ? cell_decode(s.key.p) : 0;
		int32_t day = (int32_t)CELL_WHEN(key);

		if (CELL_CONSULTATION(key) != consultation || day < begin ||
		    day >= end)
			break;
		if (wants_cell(r, key) && CELL_THEME(key) == r->theme) {
			if (*out == 0 || (last ? day > *out : day < *out))
				*out = day;
			/* A search missed none if the neighbour is in order. */
			rc = last ? st_scan_prev(&s, err)
				  : st_scan_next(&s, err);
			break;
		}
		rc = last ? st_scan_prev(&s, err) : st_scan_next(&s, err);
	}
	st_scan_close(&s);
	return rc < 0 ? rc : 0;
}

int report_edges(struct report *r, struct sdg_error *err)
{
	const struct sdg_store *store = r->t.store;
	int rc = 0;

	if (r->first_month == 0)
		return 0;
	/* Frozen months have no days. */
	if (frozen_is(store, r->first_month))
		r->first_day = month_first_day(r->first_month);
	if (frozen_is(store, r->last_month))
		r->last_day = month_first_day(r->last_month + 1) - 1;
	for (size_t i = 0; rc == 0 && i < store->consultation_count; i++) {
		uint32_t number = store->consultations[i].number;

		if (r->filter.consultation && r->filter.consultation != number)
			continue;
		rc = edge_day(r, number, r->first_month, false, &r->first_day,
			      err);
		if (rc == 0)
			rc = edge_day(r, number, r->last_month, true,
				      &r->last_day, err);
	}
	if (rc == 0 && (r->first_day == 0 || r->last_day == 0))
		rc = sdg_fail(err, SDG_EDAMAGED,
			      "read cells: none of the days that months tell "
			      "of; run \"soundings verify\"");
	return rc;
}
