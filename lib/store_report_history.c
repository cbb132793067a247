/*
 * Reports, from history: the figures as of an edition, and how many pieces
 * a person has looked at.
 *
 * For every edition each piece has at most one set of labels: those in
 * labels, if they are old enough, else one of those in history. So two walks
 * see each piece once, and both must see all that their books hold.
 */
#include "store_report.h"

static int add_present(struct report *r, uint32_t edition,
		       struct sdg_error *err)
{
	struct piece piece;
	struct scan s;
	int rc;

	rc = st_scan_open(&r->t, DB_LABELS, &s, err);
	if (rc < 0)
		return rc;
	while ((rc = st_scan_next(&s, err)) == 1) {
		rc = report_decode(s.key, s.value, &piece, err);
		if (rc == 0 && piece.edition <= edition)
			rc = report_piece(r, &piece, err);
		if (rc < 0)
			break;
	}
	if (rc == 0)
		rc = st_scan_complete(&s, err);
	st_scan_close(&s);
	return rc;
}

static int add_earlier(struct report *r, uint32_t edition,
		       struct sdg_error *err)
{
	struct piece piece;
	struct scan s;
	int rc;

	rc = st_scan_open(&r->t, DB_HISTORY, &s, err);
	if (rc < 0)
		return rc;
	while ((rc = st_scan_next(&s, err)) == 1) {
		if (s.key.n != EARLIER_KEY || s.key.p[0] != HISTORY_EARLIER)
			continue;
		if (!piece_decode(s.value, &piece)) {
			rc = st_damaged(DB_HISTORY, s.key, "out of range", err);
			break;
		}
		if (piece.edition <= edition &&
		    edition < get_be16(s.key.p + 1 + ID_SIZE))
			rc = report_piece(r, &piece, err);
		if (rc < 0)
			break;
	}
	if (rc == 0)
		rc = st_scan_complete(&s, err);
	st_scan_close(&s);
	return rc;
}

int report_as_of(struct report *r, struct sdg_error *err)
{
	uint32_t edition = r->query->as_of;
	int rc;

	if (edition > r->t.state.edition)
		return sdg_fail(err, SDG_ENOTFOUND,
				"report: there is no edition %u", edition);
	/* A frozen month has no history any more. */
	r->frozen = report_frozen_months(r, month_of_day(r->filter.since),
					 month_of_day(r->filter.until - 1) + 1);
	r->left_out = r->frozen > 0;
	rc = add_present(r, edition, err);
	return rc < 0 ? rc : add_earlier(r, edition, err);
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
