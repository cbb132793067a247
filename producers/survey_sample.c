/*
 * survey_sample: the first rows of a table, from which a survey is judged.
 */
#include <stdlib.h>

#include "survey.h"
#include "survey_text.h"

struct sample {
	struct survey *survey;
	struct header_rows headers;
	bool judged;
	int rc;
	struct sdg_error *err;
};

static int keep_header(struct sample *sample, const struct table_row *row)
{
	struct header_rows *headers = &sample->headers;
	size_t n = headers->count;
	char **cells = calloc(row->count + 1, sizeof(*cells));

	if (!cells)
		return SDG_ENOMEM;
	headers->rows[n].cells = cells;
	headers->rows[n].count = row->count;
	headers->rows[n].line = row->line;
	headers->count++;
	for (size_t i = 0; i < row->count; i++) {
		cells[i] = heading_clean(row->cells[i]);
		if (!cells[i])
			return SDG_ENOMEM;
	}
	return 0;
}

static void add_cells(struct survey *survey, const struct table_row *row)
{
	for (size_t i = 0; i < row->count && i < survey->column_count; i++)
		column_stats_add(&survey->columns[i].stats, row->cells[i]);
	survey->sampled++;
}

/* The headings are complete; what was kept beyond them are answers. */
static int judge_headers(struct sample *sample)
{
	struct header_rows *headers = &sample->headers;
	struct survey *survey = sample->survey;
	int rc = survey_read_headers(survey, headers, sample->err);

	sample->judged = true;
	for (size_t n = survey->header_rows; rc == 0 && n < headers->count;
	     n++) {
		for (size_t i = 0;
		     i < headers->rows[n].count && i < survey->column_count;
		     i++)
			column_stats_add(&survey->columns[i].stats,
					 sdg_str(headers->rows[n].cells[i]));
		survey->sampled++;
	}
	return rc;
}

static int take_sample(void *arg, const struct table_row *row)
{
	struct sample *sample = arg;
	int rc;

	if (!sample->judged) {
		rc = keep_header(sample, row);
		if (rc == 0 &&
		    sample->headers.count == SURVEY_HEADER_ROWS_MAX + 1)
			rc = judge_headers(sample);
		return rc;
	}
	add_cells(sample->survey, row);
	return sample->survey->sampled >= SURVEY_SAMPLE;
}

static void free_headers(struct header_rows *headers)
{
	for (size_t n = 0; n < headers->count; n++) {
		for (size_t i = 0; i < headers->rows[n].count; i++)
			free(headers->rows[n].cells[i]);
		free(headers->rows[n].cells);
	}
}

int survey_open(struct table *table, struct survey **out, struct sdg_error *err)
{
	struct sample sample = { .err = err };
	int rc;

	sample.survey = calloc(1, sizeof(*sample.survey));
	if (!sample.survey)
		return sdg_fail(err, SDG_ENOMEM, "read survey: no memory");
	rc = table_each(table, take_sample, &sample, err);
	if (rc >= 0 && !sample.judged)
		rc = judge_headers(&sample);
	free_headers(&sample.headers);
	if (rc < 0) {
		survey_close(sample.survey);
		return rc;
	}
	survey_guess(sample.survey);
	*out = sample.survey;
	return 0;
}

void survey_close(struct survey *survey)
{
	if (!survey)
		return;
	for (size_t i = 0; survey->columns && i < survey->column_count; i++) {
		free(survey->columns[i].stats.pieces);
		free(survey->columns[i].label);
		free(survey->columns[i].question);
		free(survey->columns[i].option);
		free(survey->columns[i].name);
		free(survey->columns[i].code);
	}
	free(survey->columns);
	free(survey);
}
