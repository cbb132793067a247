/*
 * survey_dialect: which tool made an export, and how many rows of headings
 * it has.
 *
 * Qualtrics writes one to four (names, questions, {"ImportId":…}, codes);
 * SurveyMonkey and SmartSurvey two, the question standing only over its
 * first column and the options below; all others one, unless it looks so.
 */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "survey_headers.h"

static const struct {
	const char *id, *name;
} dialects[] = {
	[DIALECT_OTHER] = { "other", "a plain table" },
	[DIALECT_SURVEYMONKEY] = { "surveymonkey", "SurveyMonkey" },
	[DIALECT_QUALTRICS] = { "qualtrics", "Qualtrics" },
	[DIALECT_MICROSOFT_FORMS] = { "microsoft-forms", "Microsoft Forms" },
	[DIALECT_GOOGLE_FORMS] = { "google-forms", "Google Forms" },
	[DIALECT_CITIZEN_SPACE] = { "citizen-space", "Citizen Space" },
	[DIALECT_JISC] = { "jisc", "Jisc Online Surveys" },
	[DIALECT_SMARTSURVEY] = { "smartsurvey", "SmartSurvey" },
	[DIALECT_LIMESURVEY] = { "limesurvey", "LimeSurvey" },
};

const char *dialect_id(enum dialect dialect)
{
	return dialect < DIALECT_COUNT ? dialects[dialect].id : "?";
}

const char *dialect_name(enum dialect dialect)
{
	return dialect < DIALECT_COUNT ? dialects[dialect].name : "?";
}

static int find_key(const struct header_rows *rows, size_t row, const char *key)
{
	char buf[64];

	for (size_t i = 0; row < rows->count && i < rows->rows[row].count;
	     i++) {
		heading_key(rows->rows[row].cells[i], buf, sizeof(buf));
		if (strcmp(buf, key) == 0)
			return (int)i;
	}
	return -1;
}

static bool has_key(const struct header_rows *rows, const char *key)
{
	return find_key(rows, 0, key) >= 0;
}

bool header_is_import(const struct header_rows *rows, size_t row)
{
	for (size_t i = 0; row < rows->count && i < rows->rows[row].count;
	     i++) {
		if (strncmp(header_cell(rows, row, i), "{\"ImportId\"", 11) ==
		    0)
			return true;
	}
	return false;
}

static bool has_import(const struct header_rows *rows)
{
	for (size_t row = 1; row < rows->count; row++) {
		if (header_is_import(rows, row))
			return true;
	}
	return false;
}

/* "ANON-1ABC-2DEF-G", or another four letters where staff typed it in. */
static bool is_citizen_space_id(const char *s)
{
	static const char form[] = "AAAA-XXXX-XXXX-X";

	if (strlen(s) != sizeof(form) - 1)
		return false;
	for (size_t i = 0; form[i]; i++) {
		bool upper = s[i] >= 'A' && s[i] <= 'Z';

		if (form[i] == '-' ? s[i] != '-'
				   : !upper && (form[i] == 'A' ||
						!isdigit((unsigned char)s[i])))
			return false;
	}
	return true;
}

/* Jisc without response numbers: "1. …", "2.a. …", every one of them. */
static bool is_numbered(const struct header_rows *rows)
{
	for (size_t i = 0; i < rows->rows[0].count; i++) {
		if (heading_number(header_cell(rows, 0, i)) == 0)
			return false;
	}
	return rows->rows[0].count >= 3 &&
	       strncmp(header_cell(rows, 0, 0), "1.", 2) == 0;
}

static enum dialect tell_dialect(const struct header_rows *rows)
{
	if (has_key(rows, "respondentid") && has_key(rows, "collectorid"))
		return DIALECT_SURVEYMONKEY;
	if (has_import(rows) ||
	    (has_key(rows, "startdate") && has_key(rows, "responseid") &&
	     (has_key(rows, "finished") || has_key(rows, "progress") ||
	      has_key(rows, "responseset") || has_key(rows, "recordeddate"))))
		return DIALECT_QUALTRICS;
	if (has_key(rows, "id") && has_key(rows, "starttime") &&
	    has_key(rows, "completiontime"))
		return DIALECT_MICROSOFT_FORMS;
	if (find_key(rows, 0, "timestamp") == 0)
		return DIALECT_GOOGLE_FORMS;
	if (has_key(rows, "uniqueid") && has_key(rows, "responseid"))
		return DIALECT_CITIZEN_SPACE;
	for (size_t i = 0; rows->count > 1 && i < rows->rows[1].count; i++) {
		if (is_citizen_space_id(header_cell(rows, 1, i)))
			return DIALECT_CITIZEN_SPACE;
	}
	if (has_key(rows, "userid") && has_key(rows, "ended"))
		return DIALECT_SMARTSURVEY;
	if ((has_key(rows, "submitdate") && has_key(rows, "startlanguage")) ||
	    (has_key(rows, "datesubmitted") && has_key(rows, "startlanguage")))
		return DIALECT_LIMESURVEY;
	if (has_key(rows, "uniqueresponsenumber") ||
	    has_key(rows, "uniqueresponseid") ||
	    (find_key(rows, 0, "urn") == 0 && has_key(rows, "q1")) ||
	    is_numbered(rows))
		return DIALECT_JISC;
	return DIALECT_OTHER;
}

/* Qualtrics: headings go on until the start date is one. */
static size_t qualtrics_rows(const struct header_rows *rows)
{
	int start = find_key(rows, 0, "startdate");
	size_t n = 1;

	while (n < rows->count && n < SURVEY_HEADER_ROWS_MAX) {
		const char *s =
		    start < 0 ? "" : header_cell(rows, n, (size_t)start);

		if (start >= 0 &&
		    survey_date(sdg_str(s), DATES_DAY_FIRST, NULL, NULL) != 0)
			break;
		/* Columns were cut out by hand: what else can be told. */
		if (start < 0 && !header_is_import(rows, n) &&
		    !header_is_import(rows, n + 1))
			break;
		n++;
	}
	return n;
}

/* A second row of headings: it has options where the first has gaps, and
 * nothing where every response has an id or a time. */
static bool has_options(const struct header_rows *rows)
{
	bool own = false, options = false;
	char key[64];

	if (rows->count < 3)
		return false;
	for (size_t i = 0; i < rows->rows[1].count; i++) {
		const char *top = header_cell(rows, 0, i);
		const char *below = header_cell(rows, 1, i);
		int kind;

		heading_key(top, key, sizeof(key));
		kind = heading_known(key);
		if (kind == COLUMN_RESPONDENT || kind == COLUMN_STARTED ||
		    kind == COLUMN_COMPLETED) {
			if (*below)
				return false;
			own |= header_cell(rows, 2, i)[0] != '\0';
		} else {
			options |=
			    *below && i > 0 &&
			    (!*top ||
			     strcmp(top, header_cell(rows, 0, i - 1)) == 0);
		}
	}
	return own && options;
}

static size_t count_header_rows(enum dialect dialect,
				const struct header_rows *rows)
{
	int id;

	switch (dialect) {
	case DIALECT_QUALTRICS:
		return qualtrics_rows(rows);
	case DIALECT_SURVEYMONKEY:
		id = find_key(rows, 0, "respondentid");
		/* A response always has an id; the options' row has none. */
		return rows->count > 1 &&
			       header_cell(rows, 1, (size_t)id)[0] == '\0'
			   ? 2
			   : 1;
	case DIALECT_OTHER:
	case DIALECT_SMARTSURVEY:
		return has_options(rows) ? 2 : 1;
	case DIALECT_MICROSOFT_FORMS:
	case DIALECT_GOOGLE_FORMS:
	case DIALECT_CITIZEN_SPACE:
	case DIALECT_JISC:
	case DIALECT_LIMESURVEY:
	case DIALECT_COUNT:
		break;
	}
	return 1;
}

static size_t count_filled(const struct header_rows *rows, size_t row)
{
	size_t filled = 0;

	for (size_t i = 0; i < rows->rows[row].count; i++)
		filled += rows->rows[row].cells[i][0] != '\0';
	return filled;
}

/* Lines above the headings: "Results of the survey", with nothing beside. */
static size_t count_preamble(const struct header_rows *rows)
{
	size_t n = 0;

	while (n + 1 < rows->count && n < 3 && count_filled(rows, n) <= 1)
		n++;
	return count_filled(rows, n) >= 3 ? n : 0;
}

/* The most cells that a row of headings has: a workbook leaves out those at
 * a row's end that are empty. */
static size_t count_columns(const struct header_rows *rows, size_t header_rows)
{
	size_t most = 0;

	for (size_t row = 0; row < header_rows && row < rows->count; row++) {
		if (rows->rows[row].count > most)
			most = rows->rows[row].count;
	}
	return most;
}

int survey_read_headers(struct survey *survey, const struct header_rows *rows,
			struct sdg_error *err)
{
	struct header_rows below = *rows;
	size_t preamble;

	if (rows->count == 0)
		return sdg_fail(err, SDG_EINVAL, "the file has no headings");
	preamble = count_preamble(rows);
	below.count -= preamble;
	memmove(below.rows, below.rows + preamble,
		below.count * sizeof(below.rows[0]));
	survey->dialect = tell_dialect(&below);
	survey->header_rows = count_header_rows(survey->dialect, &below);
	survey->column_count = count_columns(&below, survey->header_rows);
	survey->columns =
	    calloc(survey->column_count + 1, sizeof(*survey->columns));
	if (!survey->columns || questions_read(survey, &below) != 0)
		return sdg_fail(err, SDG_ENOMEM, "read survey: no memory");
	survey->header_rows += preamble;
	return 0;
}
