/*
 * report_levels: regions of a report judged with the groups of them that a page
 * of the same months has (levels.h). Only people are: pages have no other
 * measure by region. The rest of the audit hides more, never less.
 */
#include "report_levels.h"

#include <err.h>
#include <stdlib.h>

static uint64_t people(const struct sdg_result *r, const struct sdg_measures *m)
{
	return r->directory ? m->members : m->respondents;
}

static bool is_region(uint32_t key)
{
	return key > SDG_REGION_ANY && key < SDG_REGION_COUNT;
}

static void fill_cells(struct report_levels *l, const struct report *report)
{
	const struct sdg_result *r = &report->result;

	for (size_t i = 0; i < r->row_count; i++) {
		uint32_t region = r->rows[i].key[l->dim];
		uint32_t other = r->rows[i].key[1 - l->dim];
		size_t c = 0;

		while (c < l->others->row_count &&
		       l->others->rows[c].key[0] != other)
			c++;
		if (is_region(region) && c < l->others->row_count)
			l->levels.counts[levels_at(&l->levels, region - 1, c)] =
			    people(r, &r->rows[i].measures);
	}
}

static void find_dims(struct report_levels *l, const struct report *report,
		      const struct sdg_result *list)
{
	const struct sdg_query *query = &report->query;

	l->dim = -1;
	l->regions = list;
	for (size_t d = 0; d < query->dim_count; d++)
		if (query->dims[d] == SDG_DIM_REGION)
			l->dim = (int)d;
	if (l->dim < 0)
		return;
	l->regions = &report->result;
	if (!report->crossed)
		return;
	l->regions = l->dim ? &report->seconds : &report->firsts;
	l->others = l->dim ? &report->firsts : &report->seconds;
	l->themes = query->dims[1 - l->dim] == SDG_DIM_THEME;
}

int report_levels_ask(const struct sdg_policy *policy,
		      const struct report *report,
		      const struct sdg_result *list, bool *total_hidden,
		      struct report_levels *out, struct sdg_error *err)
{
	size_t cols, all;
	int rc;

	*out = (struct report_levels){ 0 };
	find_dims(out, report, list);
	cols = out->themes ? out->others->row_count : 0;
	levels_init(&out->levels, cols);
	out->levels.asked &= ~report->not_asked;
	for (size_t i = 0; i < out->regions->row_count; i++) {
		const struct sdg_row *row = &out->regions->rows[i];

		if (is_region(row->key[0]))
			out->levels.counts[levels_at(&out->levels,
						     row->key[0] - 1, cols)] =
			    people(&report->result, &row->measures);
	}
	if (out->themes)
		fill_cells(out, report);
	all = levels_at(&out->levels, LEVELS_ROWS, cols);
	if (*total_hidden)
		out->levels.cells[all] = SDG_CELL_OTHER;
	rc = levels_disclose(policy, &out->levels, err);
	*total_hidden |= out->levels.cells[all] != SDG_CELL_SHOWN;
	return rc;
}

void report_levels_free(struct report_levels *l)
{
	levels_fini(&l->levels);
}

bool report_levels_hide(const struct report_levels *l, uint32_t region,
			size_t other)
{
	size_t any = l->levels.cols, row = region - 1;

	if (l->dim < 0 || !is_region(region))
		return false;
	/* Who is said to be nowhere is said so of every part. */
	if (other != SIZE_MAX && !l->themes)
		return l->levels.cells[levels_at(&l->levels, row, any)] !=
			   SDG_CELL_SHOWN &&
		       l->levels.counts[levels_at(&l->levels, row, any)] == 0;
	return l->levels.cells[levels_at(&l->levels, row,
					 other == SIZE_MAX ? any : other)] !=
	       SDG_CELL_SHOWN;
}

void report_hidden_row(struct sdg_result *r, uint32_t first, uint32_t second)
{
	struct sdg_row *grown =
	    realloc(r->rows, (r->row_count + 1) * sizeof(*grown));

	if (!grown)
		errx(EXIT_RETRY, "no memory");
	r->rows = grown;
	r->rows[r->row_count++] = (struct sdg_row){
		.key = { first, second },
		.measures = { .members = MEASURE_HIDDEN,
			      .respondents = MEASURE_HIDDEN,
			      .messages = MEASURE_HIDDEN,
			      .mentions = MEASURE_HIDDEN,
			      .main = MEASURE_HIDDEN,
			      .reported = MEASURE_HIDDEN },
	};
}

static bool is_there(const struct sdg_result *r, uint32_t key)
{
	for (size_t i = 0; i < r->row_count; i++)
		if (r->rows[i].key[0] == key)
			return true;
	return false;
}

void report_levels_rows(const struct report_levels *l, struct report *report)
{
	struct sdg_result *regions = (struct sdg_result *)(uintptr_t)l->regions;
	size_t others = l->others ? l->others->row_count : 0;

	for (uint32_t region = 1; region < SDG_REGION_COUNT; region++) {
		if (!report_levels_hide(l, region, SIZE_MAX) ||
		    is_there(regions, region))
			continue;
		report_hidden_row(regions, region, 0);
		for (size_t i = 0; i < others; i++) {
			uint32_t other = l->others->rows[i].key[0];

			report_hidden_row(&report->result,
					  l->dim ? other : region,
					  l->dim ? region : other);
		}
	}
}

static int by_keys(const void *a, const void *b)
{
	const struct sdg_row *x = a, *y = b;

	for (int d = 0; d < 2; d++)
		if (x->key[d] != y->key[d])
			return x->key[d] < y->key[d] ? -1 : 1;
	return 0;
}

void report_sort_rows(struct sdg_result *r)
{
	if (r->row_count)
		qsort(r->rows, r->row_count, sizeof(*r->rows), by_keys);
}
