/*
 * What the parts of a report share: store_report.c plans and adds up,
 * store_rows.c keeps the rows.
 */
#ifndef SOUNDINGS_STORE_REPORT_H
#define SOUNDINGS_STORE_REPORT_H

#include "store_internal.h"

struct row {
	uint32_t key[SDG_DIMS_MAX];
	int64_t sums[SUM_COUNT];
	struct set *set;
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

#endif
