/*
 * Reports: exact for any range of days.
 *
 * Whole months come from months: their sums, and the union of their sets.
 * The days at both edges, and every question that no month answers (by role,
 * phase, stance, authority, week or day; several themes at once), are
 * counted from labels. What is counted from labels must be as many pieces as
 * months and cells say: records that LMDB fails to show are an error, never
 * a smaller figure.
 */
#include "store_report.h"

int report_no_memory(struct sdg_error *err)
{
	return sdg_fail(err, SDG_ENOMEM, "report: no memory");
}

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

/* The days of [@from, @to) from labels, which must be @want pieces. */
static int add_days(struct report *r, int32_t from, int32_t to, uint64_t want,
		    struct sdg_error *err)
{
	uint64_t seen;
	int rc;

	rc = report_labels(r, from, to, &seen, err);
	if (rc == 0 && seen != want)
		rc = sdg_fail(err, SDG_EDAMAGED,
			      "report: the store shows %llu pieces where its "
			      "cells count %llu; run \"soundings verify\"",
			      (unsigned long long)seen,
			      (unsigned long long)want);
	return rc;
}

/* From labels alone; [@begin, @end) are the whole months among the days. */
static int add_all_days(struct report *r, int32_t begin, int32_t end,
			uint64_t whole, struct sdg_error *err)
{
	uint64_t before, after;
	int rc;

	rc = report_cells(r, r->filter.since, begin, &before, err);
	if (rc == 0)
		rc = report_cells(r, end, r->filter.until, &after, err);
	if (rc == 0)
		rc = add_days(r, r->filter.since, r->filter.until,
			      before + whole + after, err);
	return rc;
}

static int add_edge(struct report *r, int32_t from, int32_t to,
		    struct sdg_error *err)
{
	uint64_t want = 0;
	int rc;

	if (from >= to)
		return 0;
	rc = report_refuse_days(r, from, err);
	if (rc == 0)
		rc = report_cells(r, from, to, &want, err);
	return rc < 0 ? rc : add_days(r, from, to, want, err);
}

static int add_up(struct report *r, struct sdg_error *err)
{
	int32_t since = r->filter.since, until = r->filter.until;
	uint32_t from = month_of_day(since), to = month_of_day(until);
	bool answers = months_answer(r);
	uint64_t whole = 0;
	int rc = 0;

	if (month_first_day(from) < since)
		from++;
	if (until > DAY_MAX)
		to++; /* its last month has no whole one behind it */
	if (from >= to)
		return add_edge(r, since, until, err);
	rc = report_months(r, from, to, answers, &whole, err);
	r->frozen = report_frozen_months(r, from, to);
	r->left_out = !answers && r->frozen;
	if (rc == 0 && answers)
		rc = report_frozen(r, from, to, err);
	if (rc < 0)
		return rc;
	if (!answers)
		return add_all_days(r, month_first_day(from),
				    month_first_day(to), whole, err);
	rc = report_edges(r, err);
	if (rc == 0)
		rc = add_edge(r, since, month_first_day(from), err);
	if (rc == 0)
		rc = add_edge(r, month_first_day(to), until, err);
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
		rc = frozen_load(&r->t, err);
	if (rc == 0)
		rc = filter_prepare(&r->t, &query->filter, &r->filter, err);
	if (rc == 0)
		rc = rows_init(&r->rows, query->dim_count, err);
	if (rc < 0)
		return rc;
	r->totals.set = set_new();
	r->matched = set_new();
	if (!r->totals.set || !r->matched)
		return report_no_memory(err);
	return matched_load(&r->t, r->matched, err);
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
		rc = query->as_of ? report_as_of(&r, err) : add_up(&r, err);
	if (rc == 0 && !query->as_of)
		rc = report_checked(&r, err);
	if (rc == 0)
		rc = rows_finish(&r.rows, r.matched, &result, err);
	if (rc == 0) {
		row_measures(&r.totals, r.matched, &result.totals);
		result.directory = r.t.books[DB_DIRECTORY].count > 0;
		result.checked = r.checked;
		result.frozen_months = r.frozen;
		result.left_out = r.left_out;
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
