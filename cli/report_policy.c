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
 * it takes (disclosure.h), and what is shown is rounded. The total is one
 * figure of all tables of the same months: the lists by one dimension decide
 * whether it is shown, and no table says otherwise; a table shows the margins
 * that their lists show and hides those that they hide. So its cells are kept
 * apart with these known: nothing may be learnt of a small one but that it is
 * small. A page of the same months may have groups of regions: what they would
 * tell is hidden here as there (levels.h).
 *
 * It is no publication: that something came late to an old month can be seen
 * by who asked before and asks again.
 */
#include "report_levels.h"

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

/* What stays to be shown: main is in no table, and so audited in none. */
static void round_all(const struct sdg_policy *policy, struct sdg_measures *m)
{
	uint64_t *const all[] = { &m->members, &m->respondents, &m->messages,
				  &m->mentions, &m->reported };

	for (size_t i = 0; i < sizeof(all) / sizeof(*all); i++)
		*all[i] = *all[i] && *all[i] < policy->threshold
			      ? MEASURE_HIDDEN
			      : sdg_policy_round(policy, *all[i]);
	m->main = MEASURE_HIDDEN;
}

/* Where what one person said, or one message, stands in one row; a mention
 * is of one theme. */
static bool adds_up(enum sdg_dim dim, enum measure measure)
{
	return dim == SDG_DIM_THEME ? measure == MEASURE_MENTIONS
				    : dim != SDG_DIM_PHASE;
}

static size_t place_of(const struct sdg_result *margin, uint32_t key)
{
	size_t at = 0;

	while (at < margin->row_count && margin->rows[at].key[0] != key)
		at++;
	return at;
}

/* All measures of a row, shown or hidden together; @m NULL: there is none. */
struct figure {
	struct sdg_measures *m;
	bool hidden;
};

/*
 * A report as disclosure.h has a table: its rows x columns with margins. A
 * list is its margin alone (cols: 0).
 */
struct audit {
	const struct sdg_policy *policy;
	size_t rows, cols;
	struct figure *figures;
	bool left_out[MEASURE_COUNT];
	bool changed;
};

static size_t figure_count(const struct audit *a)
{
	return (a->rows + 1) * (a->cols + 1);
}

static struct figure *at(const struct audit *a, size_t row, size_t col)
{
	return &a->figures[row * (a->cols + 1) + col];
}

static struct figure *total_of(const struct audit *a)
{
	return at(a, a->rows, a->cols);
}

static uint64_t count_of(const struct figure *f, enum measure measure)
{
	return f->m ? measure_of(f->m, measure) : 0;
}

static bool small(const struct audit *a, uint64_t n)
{
	return n && n < a->policy->threshold;
}

/* Lines that add up get the total of their cells: the few people who stand
 * in two only blur what an attacker can do. */
static void add_up(const struct sdg_table *t, uint64_t *counts)
{
	size_t w = t->cols + 1;

	for (size_t c = 0; c < w && t->rows_add; c++) {
		counts[t->rows * w + c] = 0;
		for (size_t r = 0; r < t->rows; r++)
			counts[t->rows * w + c] += counts[r * w + c];
	}
	for (size_t r = 0; r <= t->rows && t->cols_add; r++) {
		counts[r * w + t->cols] = 0;
		for (size_t c = 0; c < t->cols; c++)
			counts[r * w + t->cols] += counts[r * w + c];
	}
}

/* A nought that may be hidden: of a row and a column that are not nothing. */
static bool may_be_blank(const struct sdg_table *table,
			 struct figure *const *figures, size_t index)
{
	size_t w = table->cols + 1, row = index / w, col = index % w;

	return row < table->rows && col < table->cols && !figures[index]->m &&
	       figures[row * w + table->cols]->m &&
	       figures[table->rows * w + col]->m;
}

/* @figures, in the order of @table, by @measure: hide what has to be. The
 * total stays what it is: another table would show it. */
static int audit_table(struct audit *a, struct sdg_table table,
		       struct figure *const *figures, enum measure measure,
		       struct sdg_error *err)
{
	size_t n = (table.rows + 1) * (table.cols + 1);
	uint64_t *counts = xcalloc(n, sizeof(*counts));
	enum sdg_cell *cells = xcalloc(n, sizeof(*cells));
	bool *blanks = xcalloc(n, sizeof(*blanks));
	int rc;

	for (size_t i = 0; i < n; i++) {
		counts[i] = count_of(figures[i], measure);
		cells[i] = figures[i]->hidden ? SDG_CELL_OTHER : SDG_CELL_SHOWN;
		blanks[i] = may_be_blank(&table, figures, i);
	}
	add_up(&table, counts);
	table.counts = counts;
	table.blanks = blanks;
	rc = sdg_disclose(a->policy, &table, cells, err);
	for (size_t i = 0; rc == 0 && i < n; i++)
		if (cells[i] != SDG_CELL_SHOWN && !figures[i]->hidden &&
		    figures[i] != total_of(a))
			figures[i]->hidden = a->changed = true;
	free(counts);
	free(cells);
	free(blanks);
	return rc;
}

/* One margin by its own counts: distinct people are fewer than the sum of
 * the cells. @across: the columns', else the rows'. */
static int audit_margin(struct audit *a, bool across, enum sdg_dim dim,
			enum measure measure, struct sdg_error *err)
{
	size_t n = across ? a->cols : a->rows;
	struct sdg_table table = { .rows = n,
				   .cols = 1,
				   .rows_add = adds_up(dim, measure) };
	struct figure **figures = xcalloc((n + 1) * 2, sizeof(struct figure *));
	int rc;

	for (size_t i = 0; i <= n; i++)
		figures[2 * i] = figures[2 * i + 1] =
		    across ? at(a, a->rows, i) : at(a, i, a->cols);
	rc = audit_table(a, table, figures, measure, err);
	free(figures);
	return rc;
}

static int audit_measure(struct audit *a, const enum sdg_dim *dims,
			 enum measure measure, struct sdg_error *err)
{
	/* Its margins are what their lists show. */
	struct sdg_table table = { .rows = a->rows,
				   .cols = a->cols,
				   .totals_stand = true,
				   .may_be_small = true };
	struct figure **figures;
	int rc = audit_margin(a, false, dims[0], measure, err);

	if (rc < 0 || !a->cols)
		return rc;
	rc = audit_margin(a, true, dims[1], measure, err);
	if (rc < 0)
		return rc;
	table.rows_add = adds_up(dims[0], measure);
	table.cols_add = adds_up(dims[1], measure);
	figures = xcalloc(figure_count(a), sizeof(struct figure *));
	for (size_t i = 0; i < figure_count(a); i++)
		figures[i] = &a->figures[i];
	rc = audit_table(a, table, figures, measure, err);
	free(figures);
	return rc;
}

/*
 * A measure that is small wherever it is not nothing, in the total too, is
 * hidden by itself: nothing of it is left to subtract from. Three voices that
 * one representative reports would else hide the whole table.
 */
static void leave_out(struct audit *a)
{
	for (int m = 0; m < MEASURE_COUNT; m++) {
		a->left_out[m] = m != MEASURE_RESPONDENTS;
		for (size_t i = 0; i < figure_count(a); i++)
			a->left_out[m] &=
			    count_of(&a->figures[i], (enum measure)m) <
			    a->policy->threshold;
	}
}

static void hide_small(struct audit *a)
{
	for (size_t i = 0; i < figure_count(a); i++) {
		struct figure *f = &a->figures[i];

		if (!f->m)
			continue;
		f->hidden |= small(a, people(f->m));
		for (int m = 0; m < MEASURE_COUNT; m++)
			f->hidden |= !a->left_out[m] &&
				     small(a, count_of(f, (enum measure)m));
	}
}

/*
 * A row is hidden whole when any of its measures is small, or would give away
 * one that is hidden. Not by the least of them alone: the row that goes with a
 * row of 4 members may have none. Measure by measure until nothing changes.
 */
static int audit(struct audit *a, const enum sdg_dim *dims,
		 struct sdg_error *err)
{
	int rc = 0;

	leave_out(a);
	hide_small(a);
	for (int m = 0, quiet = 0; rc == 0 && a->rows && quiet < MEASURE_COUNT;
	     m = (m + 1) % MEASURE_COUNT) {
		a->changed = false;
		if (!a->left_out[m])
			rc = audit_measure(a, dims, (enum measure)m, err);
		quiet = a->changed ? 0 : quiet + 1;
	}
	return rc;
}

/* ------------------------------------------------------- the tables together
 */

static const enum sdg_dim LISTS[REPORT_LISTS] = {
	SDG_DIM_REGION, SDG_DIM_THEME, SDG_DIM_SOURCE, SDG_DIM_STANCE,
	SDG_DIM_ROLE,   SDG_DIM_PHASE, SDG_DIM_MONTH,  SDG_DIM_CONSULTATION
};

int report_policy_lists(struct sdg_store *store, const struct sdg_query *query,
			struct sdg_result lists[REPORT_LISTS],
			struct sdg_error *err)
{
	struct sdg_query one = *query;
	int rc = 0;

	memset(lists, 0, REPORT_LISTS * sizeof(*lists));
	one.dim_count = 1;
	for (size_t i = 0; i < REPORT_LISTS && rc == 0; i++) {
		one.dims[0] = LISTS[i];
		rc = sdg_store_report(store, &one, &lists[i], err);
	}
	return rc;
}

/* Whether the total would tell a small row of @list even if all its rows were
 * hidden: each is at least 1, so what one can be is less wide than the total
 * by their number. */
static bool tells(const struct audit *a, const struct sdg_result *list,
		  enum sdg_dim dim)
{
	for (int m = 0; m < MEASURE_COUNT; m++) {
		uint64_t sum = 0, rows = 0;
		bool any = false;

		if (a->left_out[m] || !adds_up(dim, (enum measure)m))
			continue;
		for (size_t i = 0; i < list->row_count; i++) {
			uint64_t n = measure_of(&list->rows[i].measures,
						(enum measure)m);

			sum += n;
			rows += n > 0;
			any |= small(a, n);
		}
		if (any && sum - rows < a->policy->threshold)
			return true;
	}
	return false;
}

static bool same_total(const struct sdg_measures *a,
		       const struct sdg_measures *b)
{
	for (int m = 0; m < MEASURE_COUNT; m++)
		if (measure_of(a, (enum measure)m) !=
		    measure_of(b, (enum measure)m))
			return false;
	return true;
}

/* Of months whose links have gone some lists know nothing: theirs is another
 * total. */
static void decide_total(struct audit *a, const struct report *report,
			 const struct sdg_result lists[REPORT_LISTS])
{
	const struct sdg_measures *total = total_of(a)->m;
	const enum sdg_dim *dims = report->query.dims;
	bool hidden = false;

	for (size_t i = 0; i < REPORT_LISTS; i++)
		hidden |= same_total(&lists[i].totals, total) &&
			  tells(a, &lists[i], LISTS[i]);
	if (report->query.dim_count == 1)
		hidden |= tells(a, &report->result, dims[0]);
	if (report->crossed)
		hidden |= tells(a, &report->firsts, dims[0]) ||
			  tells(a, &report->seconds, dims[1]);
	total_of(a)->hidden |= hidden;
}

/* What a page of the same months would tell with its groups of regions. */
static int carry_levels(struct audit *a, const struct report *report,
			const struct sdg_result *regions,
			struct report_levels *l, struct sdg_error *err)
{
	const struct sdg_result *down = &report->firsts,
				*across = &report->seconds;
	static const struct sdg_result nothing;
	bool same = same_total(&regions->totals, total_of(a)->m);
	int rc = report_levels_ask(a->policy, report, same ? regions : &nothing,
				   &total_of(a)->hidden, l, err);

	if (rc < 0 || l->dim < 0)
		return rc;
	for (size_t i = 0; i < l->regions->row_count; i++) {
		uint32_t region = l->regions->rows[i].key[0];
		struct figure *margin =
		    l->dim ? at(a, a->rows, i) : at(a, i, a->cols);

		margin->hidden |= report_levels_hide(l, region, SIZE_MAX);
	}
	for (size_t r = 0; r < a->rows && l->themes; r++)
		for (size_t c = 0; c < a->cols; c++)
			at(a, r, c)->hidden |= report_levels_hide(
			    l,
			    (l->dim ? across->rows[c] : down->rows[r]).key[0],
			    l->dim ? r : c);
	return 0;
}

/* Noughts that are hidden have no row yet. */
static void add_rows(const struct audit *a, const struct report_levels *l,
		     struct report *report)
{
	for (size_t r = 0; r < a->rows; r++)
		for (size_t c = 0; c < a->cols; c++)
			if (!at(a, r, c)->m && at(a, r, c)->hidden)
				report_hidden_row(
				    &report->result,
				    report->firsts.rows[r].key[0],
				    report->seconds.rows[c].key[0]);
	report_levels_rows(l, report);
	report_sort_rows(&report->result);
	report_sort_rows(&report->firsts);
	report_sort_rows(&report->seconds);
}

/* What the list of one of its margins hides, before the table is audited. */
static int carry_margin(struct audit *a, bool across, const enum sdg_dim *dim,
			struct sdg_error *err)
{
	struct audit list = { .policy = a->policy,
			      .rows = across ? a->cols : a->rows };
	int rc;

	list.figures = xcalloc(figure_count(&list), sizeof(*list.figures));
	for (size_t i = 0; i <= list.rows; i++)
		list.figures[i] =
		    *(across ? at(a, a->rows, i) : at(a, i, a->cols));
	rc = audit(&list, dim, err);
	for (size_t i = 0; i < list.rows; i++)
		(across ? at(a, a->rows, i) : at(a, i, a->cols))->hidden |=
		    list.figures[i].hidden;
	free(list.figures);
	return rc;
}

/* Of the messages: no more of them than their total says. */
static void round_checked(const struct audit *a, struct sdg_result *r)
{
	r->checked =
	    r->totals.messages == MEASURE_HIDDEN || small(a, r->checked)
		? MEASURE_HIDDEN
		: sdg_policy_round(a->policy, r->checked);
}

static void audit_fill(struct audit *a, struct report *report)
{
	struct sdg_result *r = &report->result, *down = &report->firsts,
			  *across = &report->seconds;

	if (!report->crossed)
		down = r;
	a->rows = down->row_count;
	a->cols = report->crossed ? across->row_count : 0;
	a->figures = xcalloc(figure_count(a), sizeof(*a->figures));
	for (size_t i = 0; i < a->rows; i++)
		at(a, i, a->cols)->m = &down->rows[i].measures;
	for (size_t i = 0; i < a->cols; i++)
		at(a, a->rows, i)->m = &across->rows[i].measures;
	at(a, a->rows, a->cols)->m = &r->totals;
	for (size_t i = 0; report->crossed && i < r->row_count; i++) {
		size_t row = place_of(down, r->rows[i].key[0]);
		size_t col = place_of(across, r->rows[i].key[1]);

		if (row < a->rows && col < a->cols)
			at(a, row, col)->m = &r->rows[i].measures;
		else if (row_is_measured(&r->rows[i])) /* never: no margin */
			r->rows[i].measures = HIDDEN_ROW;
	}
}

/* The first day of the month of @day. */
static int32_t month_begin(int32_t day)
{
	time_t seconds = (time_t)day * 86400;
	struct tm tm;

	gmtime_r(&seconds, &tm);
	return day - tm.tm_mday + 1;
}

/* The day on which the first came, or the last, is somebody's. */
static void whole_months(struct sdg_result *r)
{
	if (!r->first_day && !r->last_day)
		return;
	r->first_day = month_begin(r->first_day);
	r->last_day = month_begin(month_begin(r->last_day) + 31) - 1;
}

int report_under_policy(struct report *report,
			const struct sdg_result lists[REPORT_LISTS],
			struct sdg_error *err)
{
	struct audit a = { .policy = report_policy() };
	struct report_levels levels;
	const enum sdg_dim *dims = report->query.dims;
	int rc = 0;

	report->policy = a.policy;
	if (!a.policy)
		return 0;
	audit_fill(&a, report);
	leave_out(&a);
	decide_total(&a, report, lists);
	rc = carry_levels(&a, report, &lists[0], &levels, err);
	if (rc == 0 && report->crossed) {
		rc = carry_margin(&a, false, &dims[0], err);
		if (rc == 0)
			rc = carry_margin(&a, true, &dims[1], err);
	}
	if (rc == 0)
		rc = audit(&a, dims, err);
	for (size_t i = 0; rc == 0 && i < figure_count(&a); i++) {
		struct figure *f = &a.figures[i];

		if (f->m && f->hidden)
			*f->m = HIDDEN_ROW;
		else if (f->m)
			round_all(a.policy, f->m);
	}
	if (rc == 0)
		add_rows(&a, &levels, report);
	report_levels_free(&levels);
	round_checked(&a, &report->result);
	whole_months(&report->result);
	whole_months(&report->firsts);
	whole_months(&report->seconds);
	report->firsts.totals = report->seconds.totals = report->result.totals;
	free(a.figures);
	return rc;
}

/* ------------------------------------------------- what may be asked at all */

static int refuse(const char *what, struct sdg_error *err)
{
	sdg_fail(err, SDG_EINVAL, "under policy %s %s", report_policy()->id,
		 what);
	return cli_misuse(err);
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
