/*
 * survey_table: any survey export as rows of cells.
 *
 * CSV and TSV by survey_csv.c, workbooks by survey_xlsx.c,
 * JSON lines by survey_jsonl.c; which of them a file is, its first bytes
 * say, never its name. A table can be read several times over, each time
 * in constant memory.
 *
 * Cells are UTF-8 as far as the file's own encoding could be told, but not
 * yet safe text (soundings/text.h). Whatever is wrong with a file is said
 * with the line, never with what stands there.
 */
#ifndef SURVEY_TABLE_H
#define SURVEY_TABLE_H

#include <stddef.h>
#include <stdint.h>

#include <soundings/error.h>
#include <soundings/text.h>

/* Limits on what a file may make us hold. */
#define TABLE_COLUMNS_MAX 4096
#define TABLE_CELL_MAX (1 << 20)
#define TABLE_RECORD_MAX (8 << 20)

struct table_row {
	uint64_t line; /* where it begins, from 1; a workbook's row number */
	size_t count;
	const struct sdg_str *cells; /* borrowed for the call */
};

/** Called for each row, header rows included; non-zero stops the reading. */
typedef int table_row_fn(void *arg, const struct table_row *row);

struct table;

/** table_open - tell what @path is and prepare to read it; "-" is the
 *  standard input, kept in a nameless temporary file. SDG_EINVAL: empty,
 *  or nothing that could be a table */
int table_open(const char *path, struct table **out, struct sdg_error *err);
void table_close(struct table *table);

/** table_describe - "CSV, UTF-8, commas": for people; borrowed */
const char *table_describe(const struct table *table);

/**
 * table_check - read all of it once, sending nothing anywhere
 *
 * A file that ends within quotes, or holds a record past the limits, is
 * refused here, before any of its rows is used. Return 0, SDG_EINVAL with
 * the line, SDG_EIO.
 */
int table_check(struct table *table, struct sdg_error *err);

/** table_each - every row from the first; returns what @fn returned when
 *  it stopped the reading, else 0 or an error */
int table_each(struct table *table, table_row_fn *fn, void *arg,
	       struct sdg_error *err);

/** table_bytes - its size, and how much of it has been read this time */
void table_bytes(const struct table *table, uint64_t *size, uint64_t *done);

#endif
