/*
 * Reports, from frozen months: their sums are in months like others'; how
 * many members and respondents were behind them is in frozen, over each
 * region, theme, source and consultation and over all of each.
 *
 * Who was in two of them nobody knows any more. So a count over several is
 * at least its largest, and says that it is no more than that.
 */
#include "store_report.h"

/* Along one axis: does a count of @v answer, where the dimension is asked
 * for (@dim), or the bits of @set say which? */
static bool answers(uint32_t v, bool dim, uint32_t set)
{
	if (!dim && set == 0)
		return v == FROZEN_ALL;
	return v < 32 && (set == 0 || set >> v & 1);
}

static bool is_dim(const struct report *r, enum sdg_dim dim)
{
	for (size_t d = 0; d < r->query->dim_count; d++)
		if (r->query->dims[d] == dim)
			return true;
	return false;
}

static bool answers_consultation(const struct report *r, uint32_t v, bool dim)
{
	uint32_t only = r->filter.consultation;

	if (only)
		return v == only;
	return dim ? v != FROZEN_ALL_CONSULTATIONS
		   : v == FROZEN_ALL_CONSULTATIONS;
}

static bool answers_row(const struct report *r, cell_key key)
{
	const uint32_t theme = CELL_THEME(key);

	if (r->theme_dim >= 0 ? theme == SDG_THEME_ANY : theme != r->theme)
		return false;
	if (r->theme_dim >= 0 && r->filter.any_theme && theme != r->theme)
		return false;
	return answers(CELL_REGION(key), is_dim(r, SDG_DIM_REGION),
		       r->filter.regions) &&
	       answers(CELL_SOURCE(key), is_dim(r, SDG_DIM_SOURCE),
		       r->filter.sources) &&
	       answers_consultation(r, CELL_CONSULTATION(key),
				    is_dim(r, SDG_DIM_CONSULTATION));
}

static bool answers_totals(const struct report *r, cell_key key)
{
	return CELL_THEME(key) == r->theme &&
	       answers(CELL_REGION(key), false, r->filter.regions) &&
	       answers(CELL_SOURCE(key), false, r->filter.sources) &&
	       answers_consultation(r, CELL_CONSULTATION(key), false);
}

static void add_counts(struct row *row, uint64_t members, uint64_t respondents)
{
	row->frozen++;
	if (members > row->frozen_members)
		row->frozen_members = members;
	if (respondents > row->frozen_respondents)
		row->frozen_respondents = respondents;
}

struct frozen {
	struct report *report;
	uint32_t from, to; /* months */
};

static int add_record(void *arg, const struct scan *s, struct sdg_error *err)
{
	const struct frozen *frozen = arg;
	struct report *r = frozen->report;
	uint32_t month = s->key.n >= 2 ? get_be16(s->key.p) : 0;
	uint64_t members, respondents;
	struct row *row;
	cell_key key;

	if (s->key.n != FROZEN_KEY || month < frozen->from ||
	    month >= frozen->to)
		return 0;
	key = frozen_cell(s->key.p);
	if (s->value.n != FROZEN_SIZE)
		return st_damaged(DB_FROZEN, s->key, "not counts", err);
	members = get_le(s->value.p, 4);
	respondents = get_le(s->value.p + 4, 4);
	if (answers_totals(r, key))
		add_counts(&r->totals, members, respondents);
	if (!answers_row(r, key))
		return 0;
	row = report_row(r, key);
	if (!row)
		return report_no_memory(err);
	add_counts(row, members, respondents);
	return 0;
}

int report_frozen(struct report *r, uint32_t from, uint32_t to,
		  struct sdg_error *err)
{
	struct frozen frozen = { r, from, to };

	if (r->t.books[DB_FROZEN].count == 0)
		return 0;
	return st_each(&r->t, DB_FROZEN, add_record, &frozen, err);
}

uint32_t report_frozen_months(const struct report *r, uint32_t from,
			      uint32_t to)
{
	const struct sdg_store *store = r->t.store;
	uint32_t n = 0;

	for (size_t i = 0; i < store->frozen_count; i++)
		n += store->frozen[i] >= from && store->frozen[i] < to;
	return n;
}

int report_refuse_days(const struct report *r, int32_t day,
		       struct sdg_error *err)
{
	uint32_t month = month_of_day(day);

	if (!frozen_is(r->t.store, month))
		return 0;
	return sdg_fail(err, SDG_EINVAL,
			"report: the days of %04u-%02u have been put together "
			"to the month (retention.person-years): ask for whole "
			"months of that time",
			month / 12, month % 12 + 1);
}
