/*
 * survey_jsonl: JSON lines, one object a response, as a table.
 *
 * The first row handed out is made of all keys there are, in the order met;
 * a key within an object of an object is "outer.inner". Lists come out joined
 * by ";", as Microsoft Forms would. To open one reads all of it.
 */
#ifndef SURVEY_JSONL_H
#define SURVEY_JSONL_H

#include "survey_table.h"

struct jsonl_table;

/** jsonl_table_open - @fd is borrowed and must be seekable */
int jsonl_table_open(int fd, struct jsonl_table **out, struct sdg_error *err);
void jsonl_table_close(struct jsonl_table *jsonl);
int jsonl_table_each(struct jsonl_table *jsonl, table_row_fn *fn, void *arg,
		     struct sdg_error *err);
uint64_t jsonl_table_done(const struct jsonl_table *jsonl);

#endif
