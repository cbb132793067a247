/*
 * report_levels: what a report under a policy hides because pages have groups
 * of regions, and the rows of noughts that are hidden.
 */
#ifndef CLI_REPORT_LEVELS_H
#define CLI_REPORT_LEVELS_H

#include "levels.h"
#include "report.h"

/* A report, as report_levels_ask() sees it. */
struct report_levels {
	struct levels levels;
	int dim; /* which of its dimensions: -1: none */
	const struct sdg_result *regions; /* the list of them */
	const struct sdg_result *others;  /* of its other dimension, or NULL */
	bool themes;                      /* that are themes: columns */
};

/**
 * report_levels_ask - judge regions as publish does
 * @list: by region, of the same months
 * @total_hidden: is the total of all, already? Set where it has to be
 */
int report_levels_ask(const struct sdg_policy *policy,
		      const struct report *report,
		      const struct sdg_result *list, bool *total_hidden,
		      struct report_levels *out, struct sdg_error *err);
void report_levels_free(struct report_levels *l);

/** report_levels_hide - is the figure of a region, and of a row of the other
 *  dimension (SIZE_MAX: of all), hidden? */
bool report_levels_hide(const struct report_levels *l, uint32_t region,
			size_t other);

/** report_hidden_row - one of noughts that is said to be hidden, into @r */
void report_hidden_row(struct sdg_result *r, uint32_t first, uint32_t second);
/** report_levels_rows - those of regions of which nothing was said */
void report_levels_rows(const struct report_levels *l, struct report *report);
/** report_sort_rows - by their keys, as they were */
void report_sort_rows(struct sdg_result *r);

#endif
