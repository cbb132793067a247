/*
 * report under a policy: what a desk may see whose role is not allowed
 * exact small cells. Set by soundings-reportd alone (SOUNDINGS_POLICY).
 *
 * Whoever may ask as often as they like can take one answer from another. So
 * the tables are a fixed set: by at most two of the dimensions that stay as
 * they are, over whole months that have ended, of everything or of one
 * consultation, and never of a part that a filter picks out: what a table
 * hides so that a small figure cannot be had by subtraction would be given by
 * the question for it alone, and one day more or less would be who wrote on
 * it. Within a table figures of few people are hidden, with as many others as
 * it takes (disclosure.h), and what is shown is rounded.
 *
 * It is no publication: that something came late to an old month can be seen
 * by who asked before and asks again.
 */
#include "report.h"

#include <err.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

const struct sdg_policy *report_policy(void)
{
	const char *id = getenv("SOUNDINGS_POLICY");
	const struct sdg_policy *policy;

	if (!id || !*id)
		return NULL;
	policy = sdg_policy_find(id);
	if (!policy)
		errx(EXIT_DATA, "no policy '%s'", id);
	return policy;
}

static const struct sdg_measures HIDDEN_ROW = {
	.members = MEASURE_HIDDEN,
	.respondents = MEASURE_HIDDEN,
	.messages = MEASURE_HIDDEN,
	.mentions = MEASURE_HIDDEN,
	.main = MEASURE_HIDDEN,
	.reported = MEASURE_HIDDEN,
};

/* Without a sender it is voices that somebody reports: they are people. */
static uint64_t people(const struct sdg_measures *m)
{
	return m->respondents ? m->respondents : m->reported;
}

static void round_all(const struct sdg_policy *policy, struct sdg_measures *m)
{
	uint64_t *const all[] = { &m->members,  &m->respondents, &m->messages,
				  &m->mentions, &m->main,        &m->reported };

	for (size_t i = 0; i < sizeof(all) / sizeof(*all); i++)
		*all[i] = *all[i] && *all[i] < policy->threshold
			      ? MEASURE_HIDDEN
			      : sdg_policy_round(policy, *all[i]);
}

/* Where what one person said, or one message, stands in one row. */
static bool adds_up(enum sdg_dim dim)
{
	return dim != SDG_DIM_THEME && dim != SDG_DIM_PHASE;
}

static size_t place_of(const struct sdg_result *margin, uint32_t key)
{
	size_t at = 0;

	while (at < margin->row_count && margin->rows[at].key[0] != key)
		at++;
	return at;
}

static void hide_if(bool hidden, struct sdg_measures *m)
{
	if (hidden)
		*m = HIDDEN_ROW;
}

/* A table with its margins, as disclosure.h has it. */
struct audit {
	struct sdg_table table;
	uint64_t *counts;
	enum sdg_cell *cells;
};

static void audit_init(struct audit *a, size_t rows, size_t cols)
{
	size_t figures = (rows + 1) * (cols + 1);

	a->counts = xcalloc(figures, sizeof(*a->counts));
	a->cells = xcalloc(figures, sizeof(*a->cells));
	a->table = (struct sdg_table){ .rows = rows,
				       .cols = cols,
				       .counts = a->counts };
}

static size_t at(const struct audit *a, size_t row, size_t col)
{
	return row * (a->table.cols + 1) + col;
}

/* Lines that add up get the total of their cells: the few people who stand
 * in two only blur what an attacker can do. */
static void audit_totals(struct audit *a)
{
	const struct sdg_table *t = &a->table;

	for (size_t c = 0; c <= t->cols && t->rows_add; c++) {
		a->counts[at(a, t->rows, c)] = 0;
		for (size_t r = 0; r < t->rows; r++)
			a->counts[at(a, t->rows, c)] += a->counts[at(a, r, c)];
	}
	for (size_t r = 0; r <= t->rows && t->cols_add; r++) {
		a->counts[at(a, r, t->cols)] = 0;
		for (size_t c = 0; c < t->cols; c++)
			a->counts[at(a, r, t->cols)] += a->counts[at(a, r, c)];
	}
}

static int audit(struct audit *a, const struct sdg_policy *policy,
		 struct sdg_error *err)
{
	audit_totals(a);
	return sdg_disclose(policy, &a->table, a->cells, err);
}

static void audit_fini(struct audit *a)
{
	free(a->counts);
	free(a->cells);
}

static int hide_list(const struct sdg_policy *policy, enum sdg_dim dim,
		     struct sdg_result *r, struct sdg_error *err)
{
	struct audit a;
	int rc;

	audit_init(&a, r->row_count, 1);
	a.table.rows_add = adds_up(dim);
	for (size_t i = 0; i < r->row_count; i++)
		a.counts[at(&a, i, 0)] = a.counts[at(&a, i, 1)] =
		    people(&r->rows[i].measures);
	a.counts[at(&a, r->row_count, 0)] = a.counts[at(&a, r->row_count, 1)] =
	    people(&r->totals);
	rc = audit(&a, policy, err);
	for (size_t i = 0; rc == 0 && i < r->row_count; i++)
		hide_if(a.cells[at(&a, i, 0)] != SDG_CELL_SHOWN,
			&r->rows[i].measures);
	audit_fini(&a);
	return rc;
}

static int hide_crossed(const struct sdg_policy *policy, struct report *report,
			struct sdg_error *err)
{
	struct sdg_result *r = &report->result, *down = &report->firsts,
			  *across = &report->seconds;
	size_t rows = down->row_count, cols = across->row_count;
	struct audit a;
	int rc;

	audit_init(&a, rows, cols);
	a.table.rows_add = adds_up(report->query.dims[0]);
	a.table.cols_add = adds_up(report->query.dims[1]);
	for (size_t i = 0; i < r->row_count; i++)
		a.counts[at(&a, place_of(down, r->rows[i].key[0]),
			    place_of(across, r->rows[i].key[1]))] =
		    people(&r->rows[i].measures);
	for (size_t i = 0; i < rows; i++)
		a.counts[at(&a, i, cols)] = people(&down->rows[i].measures);
	for (size_t i = 0; i < cols; i++)
		a.counts[at(&a, rows, i)] = people(&across->rows[i].measures);
	a.counts[at(&a, rows, cols)] = people(&r->totals);
	rc = audit(&a, policy, err);
	if (rc < 0)
		goto out;
	for (size_t i = 0; i < r->row_count; i++)
		hide_if(a.cells[at(&a, place_of(down, r->rows[i].key[0]),
				   place_of(across, r->rows[i].key[1]))] !=
			    SDG_CELL_SHOWN,
			&r->rows[i].measures);
	for (size_t i = 0; i < rows; i++)
		hide_if(a.cells[at(&a, i, cols)] != SDG_CELL_SHOWN,
			&down->rows[i].measures);
	for (size_t i = 0; i < cols; i++)
		hide_if(a.cells[at(&a, rows, i)] != SDG_CELL_SHOWN,
			&across->rows[i].measures);
out:
	audit_fini(&a);
	return rc;
}

/* Each figure by itself: what is small goes, what is left is rounded. */
static void round_result(const struct sdg_policy *policy, struct sdg_result *r)
{
	for (size_t i = 0; i < r->row_count; i++) {
		struct sdg_measures *m = &r->rows[i].measures;

		if (m->messages == MEASURE_HIDDEN)
			continue;
		if (people(m) && people(m) < policy->threshold)
			*m = HIDDEN_ROW;
		else
			round_all(policy, m);
	}
	if (people(&r->totals) && people(&r->totals) < policy->threshold)
		r->totals = HIDDEN_ROW;
	else
		round_all(policy, &r->totals);
}

int report_under_policy(struct report *report, struct sdg_error *err)
{
	const struct sdg_policy *policy = report_policy();
	struct sdg_result *r = &report->result;
	int rc = 0;

	report->policy = policy;
	if (!policy)
		return 0;
	if (report->crossed && r->row_count)
		rc = hide_crossed(policy, report, err);
	else if (r->row_count)
		rc = hide_list(policy, report->query.dims[0], r, err);
	if (rc < 0)
		return rc;
	round_result(policy, r);
	if (report->crossed) {
		round_result(policy, &report->firsts);
		round_result(policy, &report->seconds);
	}
	return 0;
}

/* ------------------------------------------------- what may be asked at all */

static int refuse(const char *what, struct sdg_error *err)
{
	sdg_fail(err, SDG_EINVAL, "under policy %s %s", report_policy()->id,
		 what);
	return cli_misuse(err);
}

/* The first day of the month of @day. */
static int32_t month_begin(int32_t day)
{
	time_t seconds = (time_t)day * 86400;
	struct tm tm;

	gmtime_r(&seconds, &tm);
	return day - tm.tm_mday + 1;
}

int report_policy_period(struct cli_args *args, struct sdg_error *err)
{
	struct sdg_filter *f = &args->filter;
	int32_t ended = month_begin(date_day_of(time(NULL)));

	if (!report_policy())
		return 0;
	if (f->regions || f->sources || f->stances || f->roles || f->phases ||
	    args->theme_count)
		return refuse("no part of a table can be asked for by itself: "
			      "take the table",
			      err);
	if (!args->has_until || f->until_day > ended) {
		args->has_until = true;
		f->until_day = ended;
	}
	if (f->until_day != month_begin(f->until_day) ||
	    (args->has_since && f->since_day != month_begin(f->since_day)))
		return refuse("periods are whole months, such as --since "
			      "2015-01 --until 2015-03",
			      err);
	if (args->has_since && f->since_day >= f->until_day)
		return refuse("months are shown once they have ended", err);
	return 0;
}

int report_policy_dims(const struct sdg_query *query, struct sdg_error *err)
{
	if (!report_policy())
		return 0;
	if (query->dim_count > 2)
		return refuse("tables are by one or two dimensions", err);
	for (size_t d = 0; d < query->dim_count; d++)
		if (query->dims[d] == SDG_DIM_WEEK ||
		    query->dims[d] == SDG_DIM_DAY ||
		    query->dims[d] == SDG_DIM_AUTHORITY)
			return refuse("tables are by month, not by week or "
				      "day, and by region, not by authority",
				      err);
	return 0;
}

void cell_measure(struct cell *cell, uint64_t n)
{
	cell_count(cell, n);
	if (n == MEASURE_HIDDEN)
		cell->type = CELL_HIDDEN;
}
