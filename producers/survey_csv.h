/*
 * survey_csv: comma-, semicolon- or tab-separated text, by libcsv.
 *
 * Tells encoding (UTF-8, UTF-16, windows-1252) and separator by itself, and
 * knows on which line each record begins. libcsv is known to this file
 * alone.
 */
#ifndef SURVEY_CSV_H
#define SURVEY_CSV_H

#include "survey_table.h"

struct csv_table;

/** csv_table_open - @fd is borrowed and must be seekable */
int csv_table_open(int fd, struct csv_table **out, struct sdg_error *err);
void csv_table_close(struct csv_table *csv);
const char *csv_table_describe(const struct csv_table *csv);

/**
 * csv_table_each - every record from the first
 * @strict: refuse a quoted cell in which a lone quote stands: what follows
 *          a missing quote would be read as one long answer
 */
int csv_table_each(struct csv_table *csv, bool strict, table_row_fn *fn,
		   void *arg, struct sdg_error *err);
uint64_t csv_table_done(const struct csv_table *csv);

#endif
