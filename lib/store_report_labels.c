/*
 * Reports, from labels: piece by piece, for what no month answers, with
 * strays for pieces that count on another day than their key says.
 */
#include "store_report.h"

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

int report_piece(struct report *r, const struct piece *piece,
		 struct sdg_error *err)
{
	uint32_t keys[SDG_DIMS_MAX][SDG_PHASE_COUNT];
	unsigned n[SDG_DIMS_MAX] = { 1, 1, 1 };

	if (!filter_takes(&r->filter, piece))
		return 0;
	add_piece_to(r, &r->totals, piece, 0);
	r->checked += r->query->as_of && piece->by_person;
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
			return report_no_memory(err);
		add_piece_to(r, row, piece,
			     r->theme_dim < 0 ? 0 : key[r->theme_dim]);
	}
	return 0;
}

int report_decode(struct bytes key, struct bytes value, struct piece *piece,
		  struct sdg_error *err)
{
	if (key.n != ID_SIZE || !piece_decode(value, piece))
		return st_damaged(DB_LABELS, key, "out of range", err);
	return 0;
}

/* Pieces whose key says the day they count on. */
static int add_settled(struct report *r, int32_t from, int32_t to,
		       uint64_t *seen, struct sdg_error *err)
{
	uint8_t first[ID_SIZE] = { 0 };
	struct piece piece = { 0 };
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

		rc = report_decode(s.key, s.value, &piece, err);
		if (rc < 0)
			break;
		day = (int32_t)(get_be32(s.key.p) / DAY_SECONDS);
		if (day >= to)
			break;
		if (day != piece.day)
			continue;
		(*seen)++;
		rc = report_piece(r, &piece, err);
		if (rc < 0)
			break;
	}
	st_scan_close(&s);
	return rc < 0 ? rc : 0;
}

static int add_strays(struct report *r, int32_t from, int32_t to,
		      uint64_t *seen, struct sdg_error *err)
{
	struct bytes value;
	struct piece piece = { 0 };
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
			rc = report_decode(id, value, &piece, err);
		(*seen)++;
		if (rc == 0)
			rc = report_piece(r, &piece, err);
		if (rc < 0)
			break;
	}
	st_scan_close(&s);
	return rc < 0 ? rc : 0;
}

int report_labels(struct report *r, int32_t from, int32_t to, uint64_t *seen,
		  struct sdg_error *err)
{
	struct plan_filter whole = r->filter;
	int rc;

	*seen = 0;
	if (from >= to)
		return 0;
	r->filter.since = from;
	r->filter.until = to;
	rc = add_settled(r, from, to, seen, err);
	if (rc == 0)
		rc = add_strays(r, from, to, seen, err);
	r->filter = whole;
	return rc;
}
