/*
 * survey_headers: what the two files that read headings share.
 */
#ifndef SURVEY_HEADERS_H
#define SURVEY_HEADERS_H

#include "survey.h"
#include "survey_text.h"

/** header_cell - a heading; "" where there is none */
static inline const char *header_cell(const struct header_rows *rows,
				      size_t row, size_t i)
{
	if (row >= rows->count || i >= rows->rows[row].count)
		return "";
	return rows->rows[row].cells[i];
}

/** header_is_import - whether @row is Qualtrics' {"ImportId":…} */
bool header_is_import(const struct header_rows *rows, size_t row);

/** questions_read - the columns' labels, questions, options and codes from
 *  @rows, the dialect and number of header rows being known; -1: no memory */
int questions_read(struct survey *survey, const struct header_rows *rows);

#endif
