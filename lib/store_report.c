/*
 * Reports: exact for any range of days.
 *
 * Whole months come from months: their sums, and the union of their sets.
 * The days at both edges, and every question that no month answers (by role,
 * phase, stance, authority, week or day; several themes at once), are
 * counted from labels, with strays for pieces that count on another day than
 * their key says.
 */
#include "store_report.h"

#include <stdlib.h>

struct report {
	struct txn t;
	const struct sdg_query *query;
	struct plan_filter filter;
	int theme_dim;  /* its place among the dimensions, or -1 */
	uint32_t theme; /* of the cells that totals add: 0, or the one asked */
	struct rows rows;
	struct row totals;
	struct set *matched;
	int32_t first_day, last_day;
	uint32_t first_month, last_month; /* of what months answered */
};

static int no_memory(struct sdg_error *err)
{
	return sdg_fail(err, SDG_ENOMEM, "report: no memory");
}

/* -------------------------------------------------------- from one piece */

static uint32_t monday(uint32_t day)
{
	return day - (day + 3) % 7; /* 1970-01-01 was a Thursday */
}

/* The keys of a piece along one dimension; a message may have several
 * themes and phases. Returns how many. */
static unsigned keys_of(const struct report *r, const struct piece *piece,
			enum sdg_dim dim, uint32_t keys[SDG_PHASE_COUNT])
{
	unsigned n = 0;

	switch (dim) {
	case SDG_DIM_REGION:
		keys[0] = piece->region;
		return 1;
	case SDG_DIM_THEME:
		for (unsigned i = 0; i < piece_themes(piece); i++)
			if (filter_theme(&r->filter, piece->themes[i]))
				keys[n++] = piece->themes[i];
		return n;
	case SDG_DIM_SOURCE:
		keys[0] = piece->source;
		return 1;
	case SDG_DIM_STANCE:
		keys[0] = piece->stance;
		return 1;
	case SDG_DIM_ROLE:
		keys[0] = piece->role;
		return 1;
	case SDG_DIM_PHASE:
		for (unsigned bit = 0; bit < SDG_PHASE_COUNT; bit++)
			if (piece->phases >> bit & 1)
				keys[n++] = 1u << bit;
		if (n == 0)
			keys[n++] = 0;
		return n;
	case SDG_DIM_MONTH:
		keys[0] = month_of_day(piece->day);
		return 1;
	case SDG_DIM_WEEK:
		keys[0] = monday(piece->day);
		return 1;
	case SDG_DIM_DAY:
		keys[0] = piece->day;
		return 1;
	case SDG_DIM_CONSULTATION:
		keys[0] = piece->consultation;
		return 1;
	case SDG_DIM_AUTHORITY:
		keys[0] = piece->authority;
		return 1;
	case SDG_DIM_COUNT:
		break;
	}
	return 0;
}

static void add_piece_to(const struct report *r, struct row *row,
			 const struct piece *piece, uint32_t theme)
{
	unsigned mentions = 0;

	for (unsigned i = 0; i < piece_themes(piece); i++)
		mentions += filter_theme(&r->filter, piece->themes[i]);
	row->sums[SUM_MESSAGES]++;
	row->sums[SUM_MENTIONS] += theme ? 1 : mentions;
	if (theme)
		row->sums[SUM_MAIN] += piece->themes[0] == theme;
	else
		row->sums[SUM_MAIN] +=
		    piece->themes[0] &&
		    filter_theme(&r->filter, piece->themes[0]);
	row->sums[SUM_STANCE + piece->stance]++;
	row->sums[SUM_REPORTED] += piece->reported;
	if (piece->member)
		set_add(row->set, piece->member);
}

static int add_piece(struct report *r, const struct piece *piece,
		     struct sdg_error *err)
{
	uint32_t keys[SDG_DIMS_MAX][SDG_PHASE_COUNT];
	unsigned n[SDG_DIMS_MAX] = { 1, 1, 1 };

	if (!filter_takes(&r->filter, piece))
		return 0;
	add_piece_to(r, &r->totals, piece, 0);
	if (r->first_day == 0 || piece->day < r->first_day)
		r->first_day = piece->day;
	if (piece->day > r->last_day)
		r->last_day = piece->day;
	for (size_t d = 0; d < r->query->dim_count; d++)
		n[d] = keys_of(r, piece, r->query->dims[d], keys[d]);
	for (unsigned i = 0; i < n[0] * n[1] * n[2]; i++) {
		unsigned at[SDG_DIMS_MAX] = { i % n[0], i / n[0] % n[1],
					      i / n[0] / n[1] };
		uint32_t key[SDG_DIMS_MAX] = { 0 };
		struct row *row;

		for (size_t d = 0; d < r->query->dim_count; d++)
			key[d] = keys[d][at[d]];
		row = rows_at(&r->rows, key);
		if (!row)
			return no_memory(err);
		add_piece_to(r, row, piece,
			     r->theme_dim < 0 ? 0 : key[r->theme_dim]);
	}
	return 0;
}

static int read_piece(struct bytes key, struct bytes value, struct piece *piece,
		      struct sdg_error *err)
{
	if (key.n != ID_SIZE || !piece_decode(value, piece))
		return st_damaged(DB_LABELS, key, "out of range", err);
	return 0;
}

/* Pieces whose key says the day they count on. */
static int add_settled(struct report *r, int32_t from, int32_t to,
		       struct sdg_error *err)
{
	uint8_t first[ID_SIZE] = { 0 };
	struct piece piece;
	struct scan s;
	int rc;

	if ((int64_t)from * DAY_SECONDS > UINT32_MAX)
		return 0;
	put_be32(first, (uint32_t)from * DAY_SECONDS);
	rc = st_scan_open(&r->t, DB_LABELS, &s, err);
	if (rc < 0)
		return rc;
	for (rc = st_scan_seek(&s, first, sizeof(first), err); rc == 1;
	     rc = st_scan_next(&s, err)) {
		int32_t day;

		rc = read_piece(s.key, s.value, &piece, err);
		if (rc < 0)
			break;
		day = (int32_t)(get_be32(s.key.p) / DAY_SECONDS);
		if (day >= to)
			break;
		if (day == piece.day)
			rc = add_piece(r, &piece, err);
		if (rc < 0)
			break;
	}
	st_scan_close(&s);
	return rc < 0 ? rc : 0;
}

static int add_strays(struct report *r, int32_t from, int32_t to,
		      struct sdg_error *err)
{
	struct bytes value;
	struct piece piece;
	uint8_t first[2];
	struct scan s;
	int rc;

	if (from > DAY_MAX)
		return 0;
	put_be16(first, (uint32_t)from);
	rc = st_scan_open(&r->t, DB_STRAYS, &s, err);
	if (rc < 0)
		return rc;
	for (rc = st_scan_seek(&s, first, sizeof(first), err);
	     rc == 1 && (int32_t)get_be16(s.key.p) < to;
	     rc = st_scan_next(&s, err)) {
		struct bytes id = { s.key.p + 2, s.key.n - 2 };

		rc = st_get(&r->t, DB_LABELS, id.p, id.n, &value, err);
		if (rc == SDG_ENOTFOUND)
			continue; /* stored, but not counted */
		if (rc == 0)
			rc = read_piece(id, value, &piece, err);
		if (rc == 0)
			rc = add_piece(r, &piece, err);
		if (rc < 0)
			break;
	}
	st_scan_close(&s);
	return rc < 0 ? rc : 0;
}

static int add_days(struct report *r, int32_t from, int32_t to,
		    struct sdg_error *err)
{
	struct plan_filter whole = r->filter;
	int rc;

	if (from >= to)
		return 0;
	r->filter.since = from;
	r->filter.until = to;
	rc = add_settled(r, from, to, err);
	if (rc == 0)
		rc = add_strays(r, from, to, err);
	r->filter = whole;
	return rc;
}

/* -------------------------------------------------------- from whole months */

static bool month_answers(enum sdg_dim dim)
{
	return dim == SDG_DIM_REGION || dim == SDG_DIM_THEME ||
	       dim == SDG_DIM_SOURCE || dim == SDG_DIM_MONTH ||
	       dim == SDG_DIM_CONSULTATION;
}

/* Do months answer this question for whole months? */
static bool months_answer(struct report *r)
{
	unsigned themes = 0;

	for (size_t d = 0; d < r->query->dim_count; d++)
		if (!month_answers(r->query->dims[d]))
			return false;
	for (uint32_t theme = 1; theme <= THEME_MAX; theme++) {
		if (r->filter.any_theme && filter_theme(&r->filter, theme)) {
			r->theme = theme;
			themes++;
		}
	}
	return themes <= 1 && !r->filter.stances && !r->filter.roles &&
	       !r->filter.phases;
}

static bool wants_cell(const struct report *r, cell_key key)
{
	const struct plan_filter *f = &r->filter;

	return (!f->regions || f->regions >> CELL_REGION(key) & 1) &&
	       (!f->sources || f->sources >> CELL_SOURCE(key) & 1);
}

static struct row *row_of_cell(struct report *r, cell_key key)
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

/* A month's record, its sums or a part of its set, into one row. */
static int add_record(struct row *row, struct bytes key, struct bytes value,
		      struct sdg_error *err)
{
	int64_t sums[SUM_COUNT];

	if (key.n != CELL_KEY_SIZE) {
		if (!set_or_stored(row->set, value))
			return st_damaged(DB_MONTHS, key, "not a set", err);
		return 0;
	}
	if (!sums_decode(value, sums))
		return st_damaged(DB_MONTHS, key, "not sums", err);
	for (int i = 0; i < SUM_COUNT; i++)
		row->sums[i] += sums[i];
	return 0;
}

static int add_month_record(struct report *r, cell_key key, struct bytes k,
			    struct bytes value, struct sdg_error *err)
{
	uint32_t theme = CELL_THEME(key), month = CELL_WHEN(key);
	struct row *row;
	int rc = 0;

	if (theme == r->theme) {
		rc = add_record(&r->totals, k, value, err);
		if (r->first_month == 0 || month < r->first_month)
			r->first_month = month;
		if (month > r->last_month)
			r->last_month = month;
	}
	if (rc < 0 ||
	    (r->theme_dim >= 0 ? theme == SDG_THEME_ANY : theme != r->theme))
		return rc;
	row = row_of_cell(r, key);
	return row ? add_record(row, k, value, err) : no_memory(err);
}

static int seek_cell(struct scan *s, cell_key key, struct sdg_error *err)
{
	uint8_t k[CELL_KEY_SIZE];

	cell_encode(key, k);
	return st_scan_seek(s, k, sizeof(k), err);
}

/* Is @key one that this report reads? If not, *skip is the next that may
 * be: one theme of sixteen is wanted when no row is a theme. */
static bool reads(const struct report *r, cell_key key, cell_key *skip)
{
	const uint32_t theme = CELL_THEME(key);
	const bool all = r->theme_dim >= 0 && !r->filter.any_theme;
	cell_key region = key & ~(cell_key)0xffff;

	*skip = 0;
	if (!all && theme < r->theme)
		*skip = region | (cell_key)r->theme << 8;
	else if (!all && theme > r->theme)
		*skip = region + 0x10000 + ((cell_key)r->theme << 8);
	return *skip == 0 && wants_cell(r, key);
}

static int add_months_of(struct report *r, uint32_t consultation, uint32_t from,
			 uint32_t to, struct sdg_error *err)
{
	cell_key end = cell_pack(false, consultation, to, 0, 0, 0);
	struct scan s;
	int rc;

	rc = st_scan_open(&r->t, DB_MONTHS, &s, err);
	if (rc < 0)
		return rc;
	rc = seek_cell(&s, cell_pack(false, consultation, from, 0, 0, 0), err);
	while (rc == 1) {
		cell_key key, skip;

		if (s.key.n < CELL_KEY_SIZE) {
			rc = st_damaged(DB_MONTHS, s.key, "not a month", err);
			break;
		}
		key = cell_decode(s.key.p);
		if (key >= end) {
			rc = 0;
			break;
		}
		if (reads(r, key, &skip))
			rc = add_month_record(r, key, s.key, s.value, err);
		if (rc < 0)
			break;
		rc = skip ? seek_cell(&s, skip, err) : st_scan_next(&s, err);
	}
	st_scan_close(&s);
	return rc;
}

static int add_months(struct report *r, uint32_t from, uint32_t to,
		      struct sdg_error *err)
{
	const struct sdg_store *store = r->t.store;
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < store->consultation_count; i++) {
		uint32_t number = store->consultations[i].number;

		if (r->filter.consultation == 0 ||
		    r->filter.consultation == number)
			rc = add_months_of(r, number, from, to, err);
	}
	/* Pieces are added one by one after this. */
	set_settle(r->totals.set);
	for (size_t i = 0; i < r->rows.count; i++)
		set_settle(r->rows.rows[i].set);
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
			break;
		}
		rc = last ? st_scan_prev(&s, err) : st_scan_next(&s, err);
	}
	st_scan_close(&s);
	return rc < 0 ? rc : 0;
}

static int edge_days(struct report *r, struct sdg_error *err)
{
	const struct sdg_store *store = r->t.store;
	int rc = 0;

	if (r->first_month == 0)
		return 0;
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
	return rc;
}

/* ------------------------------------------------------------------ report */

static int add_up(struct report *r, struct sdg_error *err)
{
	int32_t since = r->filter.since, until = r->filter.until;
	uint32_t from = month_of_day(since), to = month_of_day(until);
	int rc;

	if (month_first_day(from) < since)
		from++;
	if (until > DAY_MAX)
		to++; /* its last month has no whole one behind it */
	if (!months_answer(r) || from >= to)
		return add_days(r, since, until, err);
	rc = add_months(r, from, to, err);
	if (rc == 0)
		rc = edge_days(r, err);
	if (rc == 0)
		rc = add_days(r, since, month_first_day(from), err);
	if (rc == 0)
		rc = add_days(r, month_first_day(to), until, err);
	return rc;
}

static int begin(struct report *r, struct sdg_error *err)
{
	const struct sdg_query *query = r->query;
	int rc;

	if (query->dim_count > SDG_DIMS_MAX)
		return sdg_fail(err, SDG_EINVAL,
				"report: more than %d dimensions",
				SDG_DIMS_MAX);
	r->theme_dim = -1;
	for (size_t d = 0; d < query->dim_count; d++) {
		if ((unsigned)query->dims[d] >= SDG_DIM_COUNT)
			return sdg_fail(err, SDG_EINVAL,
					"report: no such dimension");
		if (query->dims[d] == SDG_DIM_THEME)
			r->theme_dim = (int)d;
	}
	rc = consultations_load(&r->t, err);
	if (rc == 0)
		rc = filter_prepare(&r->t, &query->filter, &r->filter, err);
	if (rc == 0)
		rc = rows_init(&r->rows, query->dim_count, err);
	if (rc < 0)
		return rc;
	r->totals.set = set_new();
	r->matched = set_new();
	if (!r->totals.set || !r->matched)
		return no_memory(err);
	return set_load(&r->t, DB_META, MATCHED_PREFIX, MATCHED_PREFIX_LEN,
			r->matched, err);
}

int sdg_store_report(struct sdg_store *store, const struct sdg_query *query,
		     struct sdg_result *out, struct sdg_error *err)
{
	struct report r = { .query = query };
	struct sdg_result result = { 0 };
	int rc;

	rc = st_begin(store, false, &r.t, err);
	if (rc < 0)
		return rc;
	rc = begin(&r, err);
	if (rc == 0)
		rc = add_up(&r, err);
	if (rc == 0)
		rc = rows_finish(&r.rows, r.matched, &result, err);
	if (rc == 0) {
		row_measures(&r.totals, r.matched, &result.totals);
		result.directory = r.t.books[DB_DIRECTORY].count > 0;
		result.first_day = r.first_day;
		result.last_day = r.last_day;
		*out = result;
	}
	rows_fini(&r.rows);
	set_free(r.totals.set);
	set_free(r.matched);
	st_abort(&r.t);
	return rc;
}
