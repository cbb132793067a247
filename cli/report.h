/*
 * report: a store's answer as grids, long (a row a combination) and, for
 * two dimensions, crossed (a row a first key, a column a second).
 */
#ifndef CLI_REPORT_H
#define CLI_REPORT_H

#include <soundings/disclosure.h>

#include "cli.h"

enum measure {
	MEASURE_MEMBERS,
	MEASURE_RESPONDENTS,
	MEASURE_MESSAGES,
	MEASURE_MENTIONS,
	MEASURE_REPORTED,
	MEASURE_COUNT
};

const char *measure_id(enum measure measure);
/** measure_from_id - or -1 */
int measure_from_id(const char *id);
const char *const *measure_ids(void);
uint64_t measure_of(const struct sdg_measures *m, enum measure measure);

/* A report with its margins, as asked and answered. */
struct report {
	struct sdg_query query;
	struct sdg_result result;
	/* By the first and by the second dimension alone, when crossed:
	 * distinct people cannot be added up from the cells. */
	struct sdg_result firsts, seconds;
	bool crossed;
	/* Regions that the consultation asked for did not ask; 0: none. */
	uint32_t not_asked;
	struct dim_names names;
	uint64_t left_out; /* pieces from before their area's first day */
	struct sdg_edition as_of;        /* query.as_of; number 0: now */
	const struct sdg_policy *policy; /* under which it is shown, or NULL */
	/* By theme, when it was measured; NULL: not asked. */
	struct sdg_span *spans;
	int32_t first, past; /* the days reported on, for spans */
};

/* In place of a figure that the policy hides. */
#define MEASURE_HIDDEN UINT64_MAX
/** report_policy - the one this process has to keep, or NULL: exact */
const struct sdg_policy *report_policy(void);
/** report_policy_lists - by each dimension that it knows, of what @query asks
 *  for: the caller frees all with sdg_result_fini(), also on failure */
#define REPORT_LISTS 8
int report_policy_lists(struct sdg_store *store, const struct sdg_query *query,
			struct sdg_result lists[REPORT_LISTS],
			struct sdg_error *err);
/** report_under_policy - hide and round, where there is one to keep; @lists,
 *  of the same months, have the same total */
int report_under_policy(struct report *report,
			const struct sdg_result lists[REPORT_LISTS],
			struct sdg_error *err);
/** report_policy_period, report_policy_dims - is it a table that the policy
 *  knows? Months that have not ended are left out of @args. Else usage */
int report_policy_period(struct cli_args *args, struct sdg_error *err);
int report_policy_dims(const struct sdg_query *query, struct sdg_error *err);
/** cell_measure - a count, or hidden */
void cell_measure(struct cell *cell, uint64_t n);

/**
 * report_measured - rows for themes where they were not measured
 *
 * They have no message, which no other row has, and are written "not
 * measured": null in JSON.
 */
int report_measured(struct sdg_store *store, struct report *report,
		    struct sdg_error *err);
void report_measured_notes(const struct report *report, struct grid *grid);
json_t *report_measured_json(const struct report *report);
static inline bool row_is_measured(const struct sdg_row *row)
{
	return row->measures.messages || row->measures.reported;
}

/**
 * report_ask_areas - the same by the areas of the table at @path
 * @query: its first dimension is DIM_AREA, its second, if any, the theme
 */
int report_ask_areas(struct sdg_store *store, const struct sdg_query *query,
		     const char *path, struct report *report,
		     struct sdg_error *err);

int report_ask(struct sdg_store *store, const struct sdg_query *query,
	       struct report *report, struct sdg_error *err);
void report_fini(struct report *report);

/* What a share is of. */
enum share { SHARE_NONE, SHARE_ROW, SHARE_COLUMN, SHARE_ALL };

/**
 * report_add_share - a last column "share" to a grid of report_long()
 *
 * Per cent of the first dimension's (row), the second's (column) or the
 * whole report's @measure; empty where that is nothing.
 */
void report_add_share(const struct report *report, struct grid *grid,
		      enum measure measure, enum share share);

/**
 * report_long - one row a combination, all measures
 * @people: leave out, for people, a column that can say nothing
 *          (members where no directory is loaded)
 * @share:  with an empty last column for report_add_share()
 */
struct grid *report_long(const struct report *report, bool people, bool share);

/**
 * report_cross - two dimensions crossed, one measure or a share of it
 * @turned: the second dimension down, the first across
 */
struct grid *report_cross(const struct report *report, enum measure measure,
			  enum share share, bool turned);

/** report_default_measure - members, or respondents without a directory */
enum measure report_default_measure(const struct report *report);

/** report_period - "from 2015-01-01 to 2015-03-31, both days included" */
char *report_period(const struct cli_args *args);

/**
 * report_compare - the same question of two periods or two sources
 * @what: "2015-01,2015-02", "2015-01..2015-03,2015-04" or "mail,survey"
 *
 * Writes the answer; returns the exit status.
 */
int report_compare(struct sdg_store *store, const struct sdg_query *query,
		   const struct cli_args *args, const char *what, int measure);

/**
 * report_rate - by region: per 1,000 members; by theme: raw beside weighted
 * @table: membership by region (CSV); NULL: membership.csv in the home
 */
int report_rate(struct sdg_store *store, const struct sdg_home *home,
		const struct sdg_query *query, const struct cli_args *args,
		const char *table);

/* What the notes of every kind of report say. */
void report_notes(const struct report *report, const struct cli_args *args,
		  struct grid *grid, const char *of);
json_t *report_envelope(const struct report *report,
			const struct cli_args *args);
/* Months of the second age: how far they are in the answer. */
void report_frozen_notes(const struct report *report, struct grid *grid);
void report_frozen_json(const struct report *report, json_t *json);
json_t *report_totals_json(const struct sdg_measures *m);

#endif
