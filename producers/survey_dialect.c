/*
 * survey_dialect: which tool made an export, how many rows of headings it
 * has, and what each column is called.
 *
 * Qualtrics writes one to four (names, questions, {"ImportId":…}, codes);
 * SurveyMonkey two, the question standing only over its first column and
 * the options below; all others one.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "survey.h"
#include "survey_text.h"

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

static const char *cell(const struct header_rows *rows, size_t row, size_t i)
{
	if (row >= rows->count || i >= rows->rows[row].count)
		return "";
	return rows->rows[row].cells[i];
}

static bool is_import_row(const struct header_rows *rows, size_t row)
{
	for (size_t i = 0; row < rows->count && i < rows->rows[row].count;
	     i++) {
		if (strncmp(cell(rows, row, i), "{\"ImportId\"", 11) == 0)
			return true;
	}
	return false;
}

static bool has_import_row(const struct header_rows *rows)
{
	for (size_t row = 1; row < rows->count; row++) {
		if (is_import_row(rows, row))
			return true;
	}
	return false;
}

static enum dialect tell_dialect(const struct header_rows *rows)
{
	if (has_key(rows, "respondentid") && has_key(rows, "collectorid"))
		return DIALECT_SURVEYMONKEY;
	if (has_import_row(rows) ||
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
		if (strncmp(cell(rows, 1, i), "ANON-", 5) == 0)
			return DIALECT_CITIZEN_SPACE;
	}
	if (has_key(rows, "uniqueresponsenumber") ||
	    has_key(rows, "uniqueresponseid"))
		return DIALECT_JISC;
	return DIALECT_OTHER;
}

/* Qualtrics: headings go on until the start date is one. */
static size_t qualtrics_rows(const struct header_rows *rows)
{
	int start = find_key(rows, 0, "startdate");
	size_t n = 1;

	while (n < rows->count && n < SURVEY_HEADER_ROWS_MAX) {
		const char *s = start < 0 ? "" : cell(rows, n, (size_t)start);

		if (start >= 0 &&
		    survey_date(sdg_str(s), DATES_DAY_FIRST, NULL, NULL) != 0)
			break;
		/* Columns were cut out by hand: what else can be told. */
		if (start < 0 && !is_import_row(rows, n) &&
		    !is_import_row(rows, n + 1))
			break;
		n++;
	}
	return n;
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
		return rows->count > 1 && cell(rows, 1, (size_t)id)[0] == '\0'
			   ? 2
			   : 1;
	case DIALECT_OTHER:
	case DIALECT_MICROSOFT_FORMS:
	case DIALECT_GOOGLE_FORMS:
	case DIALECT_CITIZEN_SPACE:
	case DIALECT_JISC:
	case DIALECT_COUNT:
		break;
	}
	return 1;
}

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
		strcpy(survey->time_zone, zone);
	free(zone);
}

static int qualtrics_columns(struct survey *survey,
			     const struct header_rows *rows)
{
	size_t text_row = survey->header_rows > 1 ? 1 : 0;

	if (is_import_row(rows, text_row))
		text_row = 0;
	for (size_t i = 0; i < survey->column_count; i++) {
		struct column *column = &survey->columns[i];
		const char *name = cell(rows, 0, i);
		const char *text = cell(rows, text_row, i);

		column->question =
		    qualtrics_question(*text ? text : name, &column->other);
		column->name = copy(name, strlen(name));
		for (size_t row = 1; row < survey->header_rows; row++) {
			take_time_zone(survey, cell(rows, row, i));
			if (!column->code)
				column->code = import_value(cell(rows, row, i),
							    "\"ImportId\":\"");
		}
		if (!column->question || !column->name)
			return -1;
	}
	return 0;
}

static bool says_other(const char *text)
{
	static const char *const cues[] = {
		"other (please specify)", "other (please state)",
		"other, please specify",  "other please specify",
		"please specify",         "please state",
		"other - write in",       NULL
	};

	return has_any(text, cues);
}

static int surveymonkey_columns(struct survey *survey,
				const struct header_rows *rows)
{
	const char *question = "";

	for (size_t i = 0; i < survey->column_count; i++) {
		struct column *column = &survey->columns[i];
		const char *top = cell(rows, 0, i);
		const char *below =
		    survey->header_rows > 1 ? cell(rows, 1, i) : "";

		if (*top)
			question = top;
		column->question = copy(question, strlen(question));
		if (!column->question)
			return -1;
		if (*below == '\0' || strcmp(below, "Response") == 0 ||
		    strcmp(below, "Open-Ended Response") == 0)
			continue;
		column->option = copy(below, strlen(below));
		column->other = says_other(below);
		if (!column->option)
			return -1;
	}
	return 0;
}

static int plain_columns(struct survey *survey, const struct header_rows *rows)
{
	const char *before = "";

	for (size_t i = 0; i < survey->column_count; i++) {
		struct column *column = &survey->columns[i];
		const char *heading = cell(rows, 0, i);

		/* "Other (please specify)" speaks of the column before it. */
		column->other =
		    i > 0 && says_other(heading) && strlen(heading) < 40;
		if (!column->other)
			before = heading;
		column->question = copy(before, strlen(before));
		if (!column->question)
			return -1;
	}
	return 0;
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
	if (same > 1)
		snprintf(label + n, cap - (size_t)n, " #%zu", same);
	if (!column->code)
		column->code = copy(label, strlen(label));
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

static int make_columns(struct survey *survey, const struct header_rows *rows)
{
	int rc;

	if (survey->dialect == DIALECT_QUALTRICS)
		rc = qualtrics_columns(survey, rows);
	else if (survey->dialect == DIALECT_SURVEYMONKEY)
		rc = surveymonkey_columns(survey, rows);
	else
		rc = plain_columns(survey, rows);
	for (size_t i = 0; rc == 0 && i < survey->column_count; i++)
		rc = label_column(survey, i);
	return rc == 0 ? digest_headings(survey) : rc;
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
	survey->header_rows += preamble;
	survey->columns =
	    calloc(survey->column_count + 1, sizeof(*survey->columns));
	if (!survey->columns || make_columns(survey, &below) != 0)
		return sdg_fail(err, SDG_ENOMEM, "read survey: no memory");
	return 0;
}
