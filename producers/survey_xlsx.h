/*
 * survey_xlsx: the first sheet of an Excel workbook, by libzip and expat.
 *
 * What Microsoft Forms really exports. Numbers in date formats come out as
 * "2015-02-02 13:38:10", other cells as Excel would show them unformatted.
 * A workbook is foreign bytes: sizes after unpacking, shared strings, rows
 * and columns are limited, a document type is refused.
 */
#ifndef SURVEY_XLSX_H
#define SURVEY_XLSX_H

#include "survey_table.h"

struct xlsx_table;

/** xlsx_table_open - @fd is duplicated. SDG_EINVAL: not a workbook */
int xlsx_table_open(int fd, struct xlsx_table **out, struct sdg_error *err);
void xlsx_table_close(struct xlsx_table *xlsx);

/** xlsx_table_each - every row that the sheet has; see table_each() */
int xlsx_table_each(struct xlsx_table *xlsx, table_row_fn *fn, void *arg,
		    struct sdg_error *err);
uint64_t xlsx_table_done(const struct xlsx_table *xlsx);
/** xlsx_table_size - of the sheet, unpacked */
uint64_t xlsx_table_size(const struct xlsx_table *xlsx);

#endif
