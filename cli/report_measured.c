/*
 * report_measured: themes that were not looked for in all of a report's
 * time. A theme that is new has no figures from before its first day: where
 * a table would say nothing, which reads as nought, it says "not measured".
 *
 * Such a cell is a row of the result without any message; no other row is.
 */
#include "report.h"

#include <err.h>
#include <stdlib.h>
#include <string.h>

static bool outside(struct sdg_span span, int32_t first, int32_t past)
{
	return sdg_span_days(span, first, past) == 0;
}

/* The days of a report, [*first, *past). */
static void period_of(const struct report *report, int32_t *first,
		      int32_t *past)
{
	const struct sdg_filter *f = &report->query.filter;

	*first = report->result.first_day;
	*past = report->result.last_day + 1;
	if (f->since_day > *first || report->result.row_count == 0)
		*first = f->since_day;
	if (f->until_day && (f->until_day < *past || f->since_day))
		*past = f->until_day;
}

/* Likewise of one key of a dimension; false when it is no time. */
static bool days_of(enum sdg_dim dim, uint32_t key, int32_t *first,
		    int32_t *past)
{
	*first = (int32_t)key;
	if (dim == SDG_DIM_MONTH) {
		*first =
		    date_from_civil((int)(key / 12), (int)(key % 12) + 1, 1);
		key++;
		*past =
		    date_from_civil((int)(key / 12), (int)(key % 12) + 1, 1);
	} else if (dim == SDG_DIM_WEEK) {
		*past = *first + 7;
	} else if (dim == SDG_DIM_DAY) {
		*past = *first + 1;
	} else {
		return false;
	}
	return true;
}

static int by_key(const void *a, const void *b)
{
	const struct sdg_row *x = a, *y = b;

	for (int i = 0; i < SDG_DIMS_MAX; i++)
		if (x->key[i] != y->key[i])
			return x->key[i] < y->key[i] ? -1 : 1;
	return 0;
}

/* A row without any message, unless there is one of that key. */
static void add_empty(struct sdg_result *result, uint32_t a, uint32_t b)
{
	struct sdg_row row = { .key = { a, b } }, *rows = result->rows;
	size_t n = result->row_count;

	if (n && bsearch(&row, rows, n, sizeof(row), by_key))
		return;
	rows = realloc(rows, (n + 1) * sizeof(*rows));
	if (!rows)
		errx(EXIT_RETRY, "no memory");
	rows[n] = row;
	result->rows = rows;
	result->row_count = n + 1;
	qsort(rows, n + 1, sizeof(*rows), by_key);
}

static bool has_key(const struct sdg_result *result, uint32_t key)
{
	for (size_t i = 0; i < result->row_count; i++)
		if (result->rows[i].key[0] == key)
			return true;
	return false;
}

/* The theme alone, or with each key of the other dimension. */
static void mark_theme(struct report *report, size_t at, uint32_t theme,
		       int32_t first, int32_t past)
{
	struct sdg_span span = report->spans[theme];
	const struct sdg_result *others =
	    at == 0 ? &report->seconds : &report->firsts;
	struct sdg_result *mine = at == 0 ? &report->firsts : &report->seconds;
	bool whole = span.since && outside(span, first, past);

	/* No theme any more: not in a table for its absence alone. */
	if (span.until && !(report->crossed && has_key(mine, theme)))
		return;
	if (!report->crossed) {
		if (whole)
			add_empty(&report->result, theme, 0);
		return;
	}
	for (size_t i = 0; i < others->row_count; i++) {
		uint32_t key = others->rows[i].key[0];
		bool time =
		    days_of(report->query.dims[1 - at], key, &first, &past);

		if (time ? !outside(span, first, past) : !whole)
			continue;
		if (span.until && !span.since && !time)
			continue; /* a theme of long ago */
		add_empty(mine, theme, 0);
		add_empty(&report->result, at == 0 ? theme : key,
			  at == 0 ? key : theme);
	}
}

static bool asked_for(const struct report *report, uint32_t theme)
{
	const uint64_t *set = report->query.filter.themes;

	return !(set[0] | set[1] | set[2] | set[3]) ||
	       set[theme / 64] >> (theme % 64) & 1;
}

int report_measured(struct sdg_store *store, struct report *report,
		    struct sdg_error *err)
{
	int at = -1, rc;
	int32_t first, past;

	/* As of an edition themes of later on are not there at all. */
	if (report->query.as_of)
		return 0;
	report->spans = xcalloc(SDG_STORE_THEMES, sizeof(*report->spans));
	rc = sdg_store_theme_spans(store, report->spans, err);
	if (rc < 0)
		return rc;
	for (size_t d = 0; d < report->query.dim_count; d++)
		if (report->query.dims[d] == SDG_DIM_THEME)
			at = (int)d;
	period_of(report, &first, &past);
	report->first = first;
	report->past = past;
	if (at < 0 || report->query.dim_count > 2 || past <= first)
		return 0;
	for (uint32_t t = 1; t <= sdg_store_theme_count(store); t++) {
		struct sdg_span span = report->spans[t];

		if ((span.since || span.until || span.gap) &&
		    asked_for(report, t))
			mark_theme(report, (size_t)at, t, first, past);
	}
	return 0;
}

static bool in_gap(const struct report *report, struct sdg_span span)
{
	return span.gap && span.gap < report->past && span.back > report->first;
}

/* Is @theme measured in part of the report's time only, or not at all? */
static bool in_part(const struct report *report, uint32_t theme)
{
	struct sdg_span span = report->spans[theme];

	if (sdg_span_is_empty(span))
		return false;
	return (span.since > report->first && span.since) ||
	       in_gap(report, span) ||
	       (span.until && span.until < report->past &&
		span.until > report->first);
}

static bool has_theme(const struct report *report)
{
	const uint64_t *set = report->query.filter.themes;
	bool has = set[0] | set[1] | set[2] | set[3];

	for (size_t d = 0; d < report->query.dim_count; d++)
		has |= report->query.dims[d] == SDG_DIM_THEME;
	return has && report->spans && report->past > report->first;
}

/* Under a theme that is none any more: labels nobody may look at again. */
static void note_gone(const struct report *report, uint32_t theme,
		      struct grid *grid)
{
	const struct sdg_result *result = &report->result;
	bool stands = false;

	for (size_t d = 0; d < report->query.dim_count; d++)
		for (size_t i = 0; i < result->row_count; i++)
			stands |= report->query.dims[d] == SDG_DIM_THEME &&
				  result->rows[i].key[d] == theme;
	if (stands)
		grid_note(grid, true,
			  "%s is no theme any more: what stands under it "
			  "people labelled so, or its words have gone.",
			  sdg_store_theme_id(report->names.store, theme));
}

static void note_gap(const struct report *report, uint32_t theme,
		     struct sdg_span span, struct grid *grid)
{
	char gap[DATE_SIZE], back[DATE_SIZE];

	date_format(span.gap, gap);
	date_format(span.back - 1, back);
	grid_note(grid, true,
		  "%s was not measured from %s to %s, under another frame.",
		  sdg_store_theme_id(report->names.store, theme), gap, back);
}

void report_measured_notes(const struct report *report, struct grid *grid)
{
	struct sdg_store *store = report->names.store;
	char since[DATE_SIZE], until[DATE_SIZE];

	if (!has_theme(report))
		return;
	for (uint32_t t = 1; t <= sdg_store_theme_count(store); t++) {
		struct sdg_span span = report->spans[t];

		if (asked_for(report, t) && sdg_span_is_empty(span))
			note_gone(report, t, grid);
		if (!asked_for(report, t) || !in_part(report, t))
			continue;
		if (in_gap(report, span))
			note_gap(report, t, span, grid);
		date_format(span.since, since);
		date_format(span.until - 1, until);
		if (span.until)
			grid_note(grid, true,
				  "%s is measured until %s%s%s: outside "
				  "that it is not nought but not measured.",
				  sdg_store_theme_id(store, t), until,
				  span.since ? ", from " : "",
				  span.since ? since : "");
		else if (span.since > report->first)
			grid_note(grid, true,
				  "%s is measured from %s on: before that it "
				  "is not nought but not measured.",
				  sdg_store_theme_id(store, t), since);
	}
}

json_t *report_measured_json(const struct report *report)
{
	struct sdg_store *store = report->names.store;
	json_t *list = json_array();
	char date[DATE_SIZE];

	for (uint32_t t = 1;
	     has_theme(report) && t <= sdg_store_theme_count(store); t++) {
		struct sdg_span span = report->spans[t];
		json_t *item;

		if (!asked_for(report, t) || !in_part(report, t))
			continue;
		item =
		    json_pack("{s:s}", "theme", sdg_store_theme_id(store, t));
		if (span.since)
			json_object_set_new(
			    item, "before",
			    json_string(date_format(span.since, date)));
		if (span.until)
			json_object_set_new(
			    item, "from",
			    json_string(date_format(span.until, date)));
		if (in_gap(report, span)) {
			json_object_set_new(
			    item, "gap_from",
			    json_string(date_format(span.gap, date)));
			json_object_set_new(
			    item, "gap_before",
			    json_string(date_format(span.back, date)));
		}
		json_array_append_new(list, item);
	}
	return list;
}
