/*
 * survey_questions: what was asked in each column, from rows of headings.
 */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "survey_headers.h"

static char *copy(const char *s, size_t len)
{
	char *out = malloc(len + 1);

	if (out) {
		memcpy(out, s, len);
		out[len] = '\0';
	}
	return out;
}

/* "Phase or type - Other (please state) - Text" is the question "Phase or
 * type", and so is "Phase or type - Selected Choice". */
static char *qualtrics_question(const char *text, bool *other)
{
	static const char *const tails[] = { " - Selected Choice", " - Text" };
	size_t len = strlen(text);
	const char *dash;

	for (size_t i = 0; i < 2; i++) {
		size_t n = strlen(tails[i]);

		if (len > n && strcmp(text + len - n, tails[i]) == 0) {
			len -= n;
			*other = i == 1;
			break;
		}
	}
	if (!*other)
		return copy(text, len);
	for (dash = text + len - 1; dash > text; dash--) {
		if (strncmp(dash, " - ", 3) == 0)
			return copy(text, (size_t)(dash - text));
	}
	return copy(text, len);
}

/* A value of {"ImportId":"startDate","timeZone":"Europe/London"}; the
 * caller frees it. @key comes with quotes, colon and the next quote. */
static char *import_value(const char *json, const char *key)
{
	const char *from = strstr(json, key), *end;

	if (!from)
		return NULL;
	from += strlen(key);
	end = strchr(from, '"');
	return end ? copy(from, (size_t)(end - from)) : NULL;
}

static void take_time_zone(struct survey *survey, const char *json)
{
	char *zone = import_value(json, "\"timeZone\":\"");

	if (zone && survey->time_zone[0] == '\0' &&
	    strlen(zone) < sizeof(survey->time_zone))
		memcpy(survey->time_zone, zone, strlen(zone) + 1);
	free(zone);
}

static int qualtrics_columns(struct survey *survey,
			     const struct header_rows *rows)
{
	size_t text_row = survey->header_rows > 1 ? 1 : 0;

	if (header_is_import(rows, text_row))
		text_row = 0;
	for (size_t i = 0; i < survey->column_count; i++) {
		struct column *column = &survey->columns[i];
		const char *name = header_cell(rows, 0, i);
		const char *text = header_cell(rows, text_row, i);

		column->question =
		    qualtrics_question(*text ? text : name, &column->other);
		column->name = copy(name, strlen(name));
		for (size_t row = 1; row < survey->header_rows; row++) {
			take_time_zone(survey, header_cell(rows, row, i));
			if (!column->code)
				column->code =
				    import_value(header_cell(rows, row, i),
						 "\"ImportId\":\"");
		}
		if (!column->question || !column->name)
			return -1;
	}
	return 0;
}

static bool says_other(const char *text)
{
	static const char *const cues[] = { "please specify", "please state",
					    "other - write in",
					    "please give details", NULL };

	return has_any(text, cues);
}

/* The question stands over its first column, or over each. */
static int carried_columns(struct survey *survey,
			   const struct header_rows *rows)
{
	const char *question = "";

	for (size_t i = 0; i < survey->column_count; i++) {
		struct column *column = &survey->columns[i];
		const char *top = header_cell(rows, 0, i);
		const char *below =
		    survey->header_rows > 1 ? header_cell(rows, 1, i) : "";

		if (*top)
			question = top;
		column->question = copy(question, strlen(question));
		if (!column->question)
			return -1;
		if (*below == '\0' || strcmp(below, "Response") == 0 ||
		    strcmp(below, "Answer") == 0 ||
		    strcmp(below, "Open-Ended Response") == 0)
			continue;
		column->option = copy(below, strlen(below));
		column->other = says_other(below);
		if (!column->option)
			return -1;
	}
	return 0;
}

/* "Which of these? [Pay]" beside "Which of these? [Workload]" (Google's
 * grids, LimeSurvey), "Q3[SQ001]" beside "Q3[other]". The length of what
 * stands before the bracket; 0: none, or nothing shares it. */
static size_t bracket_stem(const struct header_rows *rows, size_t at)
{
	const char *heading = header_cell(rows, 0, at), *open;
	size_t len = strlen(heading), stem;

	open =
	    len > 2 && heading[len - 1] == ']' ? strrchr(heading, '[') : NULL;
	if (!open || open == heading)
		return 0;
	stem = (size_t)(open - heading);
	for (size_t i = 0; i < rows->rows[0].count; i++) {
		if (i != at &&
		    strncmp(header_cell(rows, 0, i), heading, stem + 1) == 0)
			return stem;
	}
	/* A lone "[Other]" belongs to a question that stands without. */
	return strcasecmp(open, "[other]") == 0 ? stem : 0;
}

static int bracket_column(struct column *column, const char *heading,
			  size_t stem)
{
	size_t len = strlen(heading), trimmed = stem;

	while (trimmed > 0 && heading[trimmed - 1] == ' ')
		trimmed--;
	column->question = copy(heading, trimmed);
	column->option = copy(heading + stem + 1, len - stem - 2);
	if (!column->question || !column->option)
		return -1;
	column->other = strcasecmp(column->option, "other") == 0;
	return 0;
}

/* Jisc: "14.1.a. Be brief" is a row of the grid "14. How should we …?" */
static const char *grid_of(const struct header_rows *rows, size_t at)
{
	const char *heading = header_cell(rows, 0, at);
	size_t digits = strspn(heading, "0123456789");

	if (digits == 0 || heading[digits] != '.' ||
	    !isdigit((unsigned char)heading[digits + 1]))
		return NULL;
	for (size_t i = at; i > 0; i--) {
		const char *above = header_cell(rows, 0, i - 1);

		if (strncmp(above, heading, digits + 1) == 0 &&
		    above[digits + 1] == ' ')
			return above;
	}
	return NULL;
}

static int plain_columns(struct survey *survey, const struct header_rows *rows)
{
	bool jisc = survey->dialect == DIALECT_JISC;
	const char *before = "";

	for (size_t i = 0; i < survey->column_count; i++) {
		struct column *column = &survey->columns[i];
		const char *heading = header_cell(rows, 0, i);
		const char *grid = jisc ? grid_of(rows, i) : NULL;
		size_t stem = bracket_stem(rows, i);

		if (stem > 0) {
			if (bracket_column(column, heading, stem) != 0)
				return -1;
			continue;
		}
		/* "Other (please specify)" speaks of the column before it. */
		column->other = i > 0 && says_other(heading) &&
				strlen(heading + heading_number(heading)) < 50;
		if (!column->other)
			before = heading;
		column->question = copy(before, strlen(before));
		if (grid && !column->other) {
			free(column->question);
			column->question = copy(grid, strlen(grid));
			column->option = copy(heading, strlen(heading));
		}
		if (!column->question || (grid && !column->option))
			return -1;
	}
	return 0;
}

static bool is_taken(const struct survey *survey, size_t at, const char *label)
{
	for (size_t i = 0; i < at; i++) {
		if (strcmp(survey->columns[i].label, label) == 0)
			return true;
	}
	return false;
}

/* Labels name a column to people and must be told apart; codes name its
 * question in identities and must last. */
static int label_column(struct survey *survey, size_t at)
{
	struct column *column = &survey->columns[at];
	size_t cap = strlen(column->question) + 64 +
		     (column->option ? strlen(column->option) : 0);
	char *label = malloc(cap);
	size_t same = 1;
	int n;

	if (!label)
		return -1;
	if (column->option)
		n = snprintf(label, cap, "%s / %s", column->question,
			     column->option);
	else if (column->other)
		n = snprintf(label, cap, "%s / other", column->question);
	else if (*column->question)
		n = snprintf(label, cap, "%s", column->question);
	else
		n = snprintf(label, cap, "column %zu", at + 1);
	column->label = label;
	for (size_t i = 0; i < at; i++)
		same +=
		    strncmp(survey->columns[i].label, label, (size_t)n) == 0 &&
		    (survey->columns[i].label[n] == '\0' ||
		     strncmp(survey->columns[i].label + n, " #", 2) == 0);
	/* "Why? #2" may be a heading itself. */
	for (; same > 1 && is_taken(survey, at, label); same++)
		snprintf(label + n, cap - (size_t)n, " #%zu", same);
	return 0;
}

/* What names a question for good. Numbers move when one is put in between;
 * without them it must still be the only one. */
static int code_column(struct survey *survey, size_t at)
{
	struct column *column = &survey->columns[at];
	const char *bare = column->label;

	if (column->code)
		return 0;
	if (survey->dialect == DIALECT_JISC ||
	    survey->dialect == DIALECT_SMARTSURVEY)
		bare += heading_number(bare);
	for (size_t i = 0; bare > column->label && i < survey->column_count;
	     i++) {
		const char *label = survey->columns[i].label;

		if (i != at && strcmp(label + heading_number(label), bare) == 0)
			bare = column->label;
	}
	if (*bare == '\0')
		bare = column->label;
	column->code = copy(bare, strlen(bare));
	return column->code ? 0 : -1;
}

static int digest_headings(struct survey *survey)
{
	uint8_t digest[16];
	size_t len = 0;
	char *all;

	for (size_t i = 0; i < survey->column_count; i++)
		len += strlen(survey->columns[i].label) + 1;
	all = malloc(len + 1);
	if (!all)
		return -1;
	len = 0;
	for (size_t i = 0; i < survey->column_count; i++) {
		size_t n = strlen(survey->columns[i].label) + 1;

		memcpy(all + len, survey->columns[i].label, n);
		len += n;
	}
	sdg_frame_digest(all, len, digest);
	free(all);
	for (size_t i = 0; i < sizeof(digest); i++)
		snprintf(survey->headings + 2 * i, 3, "%02x", digest[i]);
	return 0;
}

int questions_read(struct survey *survey, const struct header_rows *rows)
{
	int rc;

	if (survey->dialect == DIALECT_QUALTRICS)
		rc = qualtrics_columns(survey, rows);
	else if (survey->dialect == DIALECT_SURVEYMONKEY ||
		 survey->header_rows > 1)
		rc = carried_columns(survey, rows);
	else
		rc = plain_columns(survey, rows);
	for (size_t i = 0; rc == 0 && i < survey->column_count; i++)
		rc = label_column(survey, i);
	for (size_t i = 0; rc == 0 && i < survey->column_count; i++)
		rc = code_column(survey, i);
	return rc == 0 ? digest_headings(survey) : rc;
}
