/*
 * Reports, from history: the figures as of an edition, and how many pieces
 * a person has looked at.
 *
 * For every edition each piece has at most one set of labels: those in
 * labels, if they are old enough, else one of those in history. So two walks
 * see each piece once, and both must see all that their books hold.
 */
#include "store_report.h"

struct as_of {
	struct report *report;
	uint32_t edition;
};

static int add_present(void *arg, const struct scan *s, struct sdg_error *err)
{
	const struct as_of *as_of = arg;
	struct piece piece;
	int rc = report_decode(s->key, s->value, &piece, err);

	if (rc == 0 && piece.edition <= as_of->edition)
		rc = report_piece(as_of->report, &piece, err);
	return rc;
}

static int add_earlier(void *arg, const struct scan *s, struct sdg_error *err)
{
	const struct as_of *as_of = arg;
	struct piece piece;

	if (s->key.n != EARLIER_KEY || s->key.p[0] != HISTORY_EARLIER)
		return 0;
	if (!piece_decode(s->value, &piece))
		return st_damaged(DB_HISTORY, s->key, "out of range", err);
	return piece.edition <= as_of->edition &&
		       as_of->edition < get_be16(s->key.p + 1 + ID_SIZE)
		   ? report_piece(as_of->report, &piece, err)
		   : 0;
}

int report_as_of(struct report *r, struct sdg_error *err)
{
	struct as_of as_of = { r, r->query->as_of };
	int rc;

	if (as_of.edition > r->t.state.edition)
		return sdg_fail(err, SDG_ENOTFOUND,
				"report: there is no edition %u",
				as_of.edition);
	/* A frozen month has no history any more. */
	r->frozen = report_frozen_months(r, month_of_day(r->filter.since),
					 month_of_day(r->filter.until - 1) + 1);
	r->left_out = r->frozen > 0;
	rc = st_each(&r->t, DB_LABELS, add_present, &as_of, err);
	return rc < 0 ? rc
		      : st_each(&r->t, DB_HISTORY, add_earlier, &as_of, err);
}

/* The piece that a record of DB_HISTORY calls checked. */
static int checked_piece(struct report *r, struct bytes key,
			 struct piece *piece, struct sdg_error *err)
{
	struct bytes id = { key.p + 3, key.n - 3 }, value;
	int rc = st_get(&r->t, DB_LABELS, id.p, id.n, &value, err);

	if (rc == SDG_ENOTFOUND)
		return st_damaged(DB_HISTORY, key, "its piece is gone", err);
	return rc < 0 ? rc : report_decode(id, value, piece, err);
}

int report_checked(struct report *r, struct sdg_error *err)
{
	uint8_t first[3] = { HISTORY_CHECKED };
	struct piece piece;
	struct scan s;
	int rc;

	if (r->t.books[DB_HISTORY].count == 0 || r->filter.since > DAY_MAX)
		return 0;
	put_be16(first + 1, (uint32_t)r->filter.since);
	rc = st_scan_open(&r->t, DB_HISTORY, &s, err);
	if (rc < 0)
		return rc;
	for (rc = st_scan_seek(&s, first, sizeof(first), err);
	     rc == 1 && s.key.n == CHECKED_KEY &&
	     s.key.p[0] == HISTORY_CHECKED &&
	     (int32_t)get_be16(s.key.p + 1) < r->filter.until;
	     rc = st_scan_next(&s, err)) {
		rc = checked_piece(r, s.key, &piece, err);
		if (rc < 0)
			break;
		r->checked += filter_takes(&r->filter, &piece);
	}
	st_scan_close(&s);
	return rc < 0 ? rc : 0;
}
