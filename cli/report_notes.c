/*
 * report_notes: what was asked and how to read it, in words and in JSON.
 */
#include "editions.h"
#include "report.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

static char *joined(const char *const *ids, size_t n)
{
	char *all = xstrdup("");

	for (size_t i = 0; i < n; i++) {
		char *next = xformat("%s%s%s", all, *all ? ", " : "", ids[i]);

		free(all);
		all = next;
	}
	return all;
}

/* "region london, south-east" onto @all, when there are any. */
static void add_only(char **all, const char *word, const char *const *ids,
		     size_t n)
{
	char *list, *next;

	if (n == 0)
		return;
	list = joined(ids, n);
	next = xformat("%s%s%s %s", *all, **all ? "; " : "", word, list);
	free(list);
	free(*all);
	*all = next;
}

static void add_set(char **all, const char *word, const char *(*id)(int),
		    int count, uint32_t set)
{
	const char *ids[32];
	size_t n = 0;

	for (int i = 0; i < count && i < 32; i++)
		if (set & UINT32_C(1) << i)
			ids[n++] = id(i);
	add_only(all, word, ids, n);
}

/* "region london; theme funding", or "". */
static char *only(const struct cli_args *args)
{
	const struct sdg_filter *f = &args->filter;
	char *all = xstrdup("");

	add_set(&all, "region", sdg_region_id, SDG_REGION_COUNT, f->regions);
	add_only(&all, "theme", args->themes, args->theme_count);
	add_set(&all, "source", sdg_source_id, SDG_SOURCE_COUNT, f->sources);
	add_set(&all, "stance", sdg_stance_id, SDG_STANCE_COUNT, f->stances);
	add_set(&all, "role", sdg_role_id, SDG_ROLE_COUNT, f->roles);
	add_set(&all, "phase", sdg_phase_id, SDG_PHASE_COUNT, f->phases);
	add_only(&all, "consultation", &f->consultation,
		 f->consultation != NULL);
	return all;
}

void report_frozen_notes(const struct report *report, struct grid *grid)
{
	const struct sdg_result *r = &report->result;

	if (r->left_out)
		grid_note(grid, true,
			  "%u months are so old that only region, theme, "
			  "source and month are left of them: this question "
			  "leaves them out.",
			  r->frozen_months);
	else if (r->totals.at_least)
		grid_note(grid, true,
			  "Of %u months it is no longer known who wrote in "
			  "several of them: over these, members and "
			  "respondents are at least so many. By month they "
			  "are exact.",
			  r->frozen_months);
}

void report_frozen_json(const struct report *report, json_t *json)
{
	const struct sdg_result *r = &report->result;

	if (r->frozen_months)
		json_object_set_new(json, "frozen",
				    json_pack("{s:i, s:b}", "months",
					      (int)r->frozen_months, "left_out",
					      r->left_out));
}

/* What was asked, of when, and as it stood when. */
static void note_question(const struct report *report,
			  const struct cli_args *args, struct grid *grid,
			  const char *of)
{
	char *period = report_period(args), *filter = only(args);
	char first[DATE_SIZE], version[VERSION_SIZE];
	const char *by[SDG_DIMS_MAX];
	char *dims;

	for (size_t d = 0; d < report->query.dim_count; d++)
		by[d] = dim_title(report->query.dims[d]);
	dims = joined(by, report->query.dim_count);
	grid_note(grid, false, "%s by %s: %s%s%s", of, dims, period,
		  *filter ? "; only " : "", filter);
	if (report->as_of.number)
		grid_note(grid, false,
			  "As it stood at the end of edition %u, which began "
			  "%s UTC under version %s.",
			  report->as_of.number,
			  date_format_time(report->as_of.began, first),
			  version_hex(report->as_of.version, version));
	free(period);
	free(filter);
	free(dims);
}

void report_notes(const struct report *report, const struct cli_args *args,
		  struct grid *grid, const char *of)
{
	const struct sdg_result *r = &report->result;
	char first[DATE_SIZE], last[DATE_SIZE];

	note_question(report, args, grid, of);
	if (report->policy)
		grid_note(grid, true,
			  "Under policy %s: figures of fewer than %u people "
			  "are hidden [c], with as many others as it takes, "
			  "the rest is rounded to %u; months that have ended.",
			  report->policy->id, report->policy->threshold,
			  report->policy->round_to);
	if (r->row_count == 0)
		grid_note(grid, false, "Nothing was counted there.");
	else if (r->first_day || r->last_day)
		grid_note(grid, false, "%s with feedback %s, last %s.",
			  report->policy ? "First day of the months"
					 : "First day",
			  date_format(r->first_day, first),
			  date_format(r->last_day, last));
	report_measured_notes(report, grid);
	if (report->not_asked) {
		char *list = xstrdup("");

		add_set(&list, "Not asked in", sdg_region_id, SDG_REGION_COUNT,
			report->not_asked);
		grid_note(grid, true, "%s: nothing there says nothing.", list);
		free(list);
	}
	if (report->left_out)
		grid_note(grid, true,
			  "%llu pieces from before their area's first day are "
			  "left out.",
			  (unsigned long long)report->left_out);
	report_frozen_notes(report, grid);
	if (!r->directory)
		grid_note(grid, true,
			  "No directory of members is loaded: 'respondents' "
			  "are distinct senders, members or not.");
	if (r->row_count)
		grid_note(grid, true,
			  "Totals count each person and message once; one who "
			  "stands in several rows or columns makes those add "
			  "up to more.");
	if (r->row_count && !report->policy)
		grid_note(grid, true,
			  "A person has checked %llu of these %llu messages.",
			  (unsigned long long)r->checked,
			  (unsigned long long)r->totals.messages);
	grid_note(grid, true,
		  "%sA consultation is not a vote, nor a survey of the "
		  "population.",
		  report->policy ? ""
				 : "Exact internal figures: for a page to "
				   "hand on use 'soundings publish'. ");
}

static json_t *figure_json(uint64_t n)
{
	return n == MEASURE_HIDDEN ? json_null() : json_integer((json_int_t)n);
}

json_t *report_totals_json(const struct sdg_measures *m)
{
	json_t *totals = json_object();

	for (int i = 0; i < MEASURE_COUNT; i++)
		json_object_set_new(
		    totals, measure_id((enum measure)i),
		    figure_json(measure_of(m, (enum measure)i)));
	if (m->at_least) /* members and respondents: no fewer */
		json_object_set_new(totals, "at_least", json_true());
	return totals;
}

/* The consultation asked for; or the only one there is; else null. */
static json_t *consultation_json(const struct report *report,
				 const struct cli_args *args)
{
	const char *only_one = args->filter.consultation;
	size_t n = 0;

	for (size_t i = 0;
	     !args->filter.consultation && i < report->names.consultation_count;
	     i++)
		if (*report->names.consultations[i]) {
			only_one = report->names.consultations[i];
			n++;
		}
	return n > 1 || !only_one ? json_null() : json_string(only_one);
}

static json_t *date_json(bool given, int32_t day)
{
	char date[DATE_SIZE];

	return given ? json_string(date_format(day, date)) : json_null();
}

json_t *report_envelope(const struct report *report,
			const struct cli_args *args)
{
	const struct sdg_result *r = &report->result;
	bool any = r->first_day || r->last_day;
	json_t *json = cli_envelope("report"), *by = json_array();
	json_t *not_asked = json_array();
	char now[DATE_SIZE];

	for (size_t d = 0; d < report->query.dim_count; d++)
		json_array_append_new(
		    by, json_string(dim_id(report->query.dims[d])));
	json_object_set_new(json, "consultation",
			    consultation_json(report, args));
	json_object_set_new(json, "since",
			    date_json(args->has_since, args->filter.since_day));
	json_object_set_new(
	    json, "until",
	    date_json(args->has_until, args->filter.until_day - 1));
	json_object_set_new(json, "by", by);
	json_object_set_new(json, "first_day", date_json(any, r->first_day));
	json_object_set_new(json, "last_day", date_json(any, r->last_day));
	json_object_set_new(json, "directory", json_boolean(r->directory));
	json_object_set_new(json, "generated_at",
			    json_string(date_format_iso(time(NULL), now)));
	for (int i = 1; i < SDG_REGION_COUNT; i++)
		if (report->not_asked & UINT32_C(1) << i)
			json_array_append_new(not_asked,
					      json_string(sdg_region_id(i)));
	json_object_set_new(json, "not_asked", not_asked);
	if (report->policy)
		json_object_set_new(json, "policy",
				    json_string(report->policy->id));
	json_object_set_new(json, "not_measured", report_measured_json(report));
	json_object_set_new(json, "checked", figure_json(r->checked));
	json_object_set_new(json, "as_of",
			    report->as_of.number ? edition_json(&report->as_of)
						 : json_null());
	report_frozen_json(report, json);
	json_object_set_new(json, "totals", report_totals_json(&r->totals));
	return json;
}
