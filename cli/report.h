/*
 * report: a store's answer as grids, long (a row a combination) and, for
 * two dimensions, crossed (a row a first key, a column a second).
 */
#ifndef CLI_REPORT_H
#define CLI_REPORT_H

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
	struct dim_names names;
};

int report_ask(struct sdg_store *store, const struct sdg_query *query,
	       struct report *report, struct sdg_error *err);
void report_fini(struct report *report);

/**
 * report_long - one row a combination, all measures
 * @people: leave out, for people, a column that can say nothing
 *          (members where no directory is loaded)
 */
struct grid *report_long(const struct report *report, bool people);

/**
 * report_cross - two dimensions crossed, one measure
 * @turned: the second dimension down, the first across
 */
struct grid *report_cross(const struct report *report, enum measure measure,
			  bool turned);

/** report_default_measure - members, or respondents without a directory */
enum measure report_default_measure(const struct report *report);

/** report_period - "from 2015-01-01 to 2015-03-31, both days included" */
char *report_period(const struct cli_args *args);

#endif
