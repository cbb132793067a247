/*
 * What the parts of a report share: store_report.c plans,
 * store_report_months.c, store_report_frozen.c, store_report_labels.c and
 * store_report_history.c add up, store_rows.c keeps the rows.
 */
#ifndef SOUNDINGS_STORE_REPORT_H
#define SOUNDINGS_STORE_REPORT_H

#include "store_internal.h"

struct row {
	uint32_t key[SDG_DIMS_MAX];
	int64_t sums[SUM_COUNT];
	struct set *set;
	/* Behind frozen months: the largest count, of how many. */
	uint64_t frozen_members, frozen_respondents;
	uint32_t frozen;
};

struct rows {
	size_t dims;
	struct row *rows;
	size_t count, cap;
	uint32_t *slots; /* row index + 1, by hash */
	size_t slot_count;
};
int rows_init(struct rows *rows, size_t dims, struct sdg_error *err);
void rows_fini(struct rows *rows);
/** rows_at - the row of @key, made when new; NULL: no memory. Borrowed
 *  until the next call */
struct row *rows_at(struct rows *rows, const uint32_t key[SDG_DIMS_MAX]);
void row_measures(const struct row *row, const struct set *matched,
		  struct sdg_measures *out);
/** rows_finish - sorted, empty ones left out */
int rows_finish(struct rows *rows, const struct set *matched,
		struct sdg_result *out, struct sdg_error *err);

struct report {
	struct txn t;
	const struct sdg_query *query;
	struct plan_filter filter;
	int theme_dim;  /* its place among the dimensions, or -1 */
	uint32_t theme; /* of the cells that totals add: 0, or the one asked */
	struct rows rows;
	struct row totals;
	struct set *matched;
	int32_t first_day, last_day;
	uint32_t first_month, last_month; /* of what months answered */
	uint64_t checked;                 /* by a person */
	uint32_t frozen; /* months asked of which only months answer */
	bool left_out;   /* and which this question leaves out */
};

/** report_months - walk all months; those in [@from, @to) are added when
 *  @add, and *messages is what they say was counted then, by anybody */
int report_months(struct report *r, uint32_t from, uint32_t to, bool add,
		  uint64_t *messages, struct sdg_error *err);
/** report_row - of a month's cell, made when new; NULL: no memory */
struct row *report_row(struct report *r, cell_key key);
/** report_frozen - what was behind the frozen months in [@from, @to) */
int report_frozen(struct report *r, uint32_t from, uint32_t to,
		  struct sdg_error *err);
uint32_t report_frozen_months(const struct report *r, uint32_t from,
			      uint32_t to);
/** report_refuse_days - SDG_EINVAL: @day lies in a frozen month */
int report_refuse_days(const struct report *r, int32_t day,
		       struct sdg_error *err);
/** report_edges - first_day and last_day of what months answered */
int report_edges(struct report *r, struct sdg_error *err);
/** report_cells - how many messages the cells of [@from, @to) say */
int report_cells(struct report *r, int32_t from, int32_t to, uint64_t *messages,
		 struct sdg_error *err);
/** report_labels - add the pieces of [@from, @to); *seen is how many there
 *  are, whatever the filter takes */
int report_labels(struct report *r, int32_t from, int32_t to, uint64_t *seen,
		  struct sdg_error *err);
/** report_decode - a record of labels */
int report_decode(struct bytes key, struct bytes value, struct piece *piece,
		  struct sdg_error *err);
/** report_piece - add one piece, if the filter takes it */
int report_piece(struct report *r, const struct piece *piece,
		 struct sdg_error *err);
/** report_as_of - all of it, as it was at the end of an edition */
int report_as_of(struct report *r, struct sdg_error *err);
/** report_checked - how many of the pieces a person labelled, today */
int report_checked(struct report *r, struct sdg_error *err);
int report_no_memory(struct sdg_error *err);

#endif
