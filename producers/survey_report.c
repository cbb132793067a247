/*
 * survey_report: what an export is, and what became of it, for people and
 * as JSON. Lines, columns and headings; never what stands in a cell.
 */
#include <err.h>
#include <jansson.h>
#include <stdio.h>
#include <string.h>

#include "survey_import.h"

void report_add_line(struct import_report *report, uint64_t line, size_t column,
		     const char *why, size_t len)
{
	struct report_line *entry;

	if (report->line_count++ >= REPORT_LINES_MAX)
		return;
	entry = &report->lines[report->line_count - 1];
	entry->line = line;
	entry->column = column;
	if (len >= sizeof(entry->why))
		len = sdg_text_cut(why, len, sizeof(entry->why) - 1);
	memcpy(entry->why, len > 0 ? why : "", len);
	entry->why[len] = '\0';
}

static const char *dates_name(const struct survey *survey)
{
	return survey->dates == DATES_DAY_FIRST ? "day-first" : "month-first";
}

static void print_columns(FILE *file, const struct survey *survey,
			  const struct table *table, const char *path)
{
	fprintf(file, "%s: %s (%s; %zu row%s of headings; dates %s)\n", path,
		dialect_name(survey->dialect), table_describe(table),
		survey->header_rows, survey->header_rows == 1 ? "" : "s",
		dates_name(survey));
	for (size_t i = 0; i < survey->column_count; i++) {
		const struct column *column = &survey->columns[i];

		fprintf(file, "%4zu  %-10s  %-32s  %s\n", i + 1,
			column_kind_id(column->kind), column->why,
			column->label);
	}
}

void report_columns(const struct survey *survey, const struct table *table,
		    const char *path)
{
	print_columns(stderr, survey, table, path);
}

static json_t *lines_json(const struct import_report *report)
{
	json_t *list = json_array();
	size_t n = report->line_count < REPORT_LINES_MAX ? report->line_count
							 : REPORT_LINES_MAX;

	for (size_t i = 0; i < n; i++) {
		const struct report_line *line = &report->lines[i];

		json_array_append_new(list, json_pack("{s:I, s:I, s:s}", "line",
						      (json_int_t)line->line,
						      "column",
						      (json_int_t)line->column,
						      "why", line->why));
	}
	return list;
}

static json_t *columns_json(const struct survey *survey)
{
	json_t *list = json_array();

	for (size_t i = 0; i < survey->column_count; i++) {
		const struct column *column = &survey->columns[i];

		json_array_append_new(
		    list,
		    json_pack("{s:I, s:s, s:s, s:s, s:I, s:I}", "column",
			      (json_int_t)i + 1, "heading", column->label,
			      "kind", column_kind_id(column->kind), "why",
			      column->why, "filled",
			      (json_int_t)column->stats.filled, "distinct",
			      (json_int_t)column->stats.distinct));
	}
	return list;
}

static void set_count(json_t *object, const char *key, uint64_t count)
{
	json_object_set_new(object, key, json_integer((json_int_t)count));
}

static json_t *result_json(const struct survey *survey,
			   const struct import_report *report)
{
	const struct survey_tally *tally = &report->tally;
	json_t *object = json_object();

	json_object_set_new(object, "schema",
			    json_string("soundings/survey/1"));
	json_object_set_new(object, "file", json_string(report->path));
	json_object_set_new(object, "dialect",
			    json_string(dialect_id(survey->dialect)));
	json_object_set_new(object, "survey",
			    survey->has_id ? json_string(survey->id)
					   : json_null());
	set_count(object, "rows", tally->rows);
	set_count(object, "answers", tally->answers);
	set_count(object, "blank", tally->blank);
	set_count(object, "preview", tally->preview);
	set_count(object, "unfinished", tally->unfinished);
	set_count(object, "closed_answers_only", tally->closed_only);
	set_count(object, "refused", tally->refused);
	return object;
}

static void print_json(json_t *object)
{
	json_dumpf(object, stdout, JSON_COMPACT);
	putchar('\n');
	json_decref(object);
}

static void print_lines(FILE *file, const struct import_report *report)
{
	size_t n = report->line_count < REPORT_LINES_MAX ? report->line_count
							 : REPORT_LINES_MAX;

	for (size_t i = 0; i < n; i++)
		fprintf(file, "%s:%llu: column %zu: %s\n", report->path,
			(unsigned long long)report->lines[i].line,
			report->lines[i].column, report->lines[i].why);
	if (report->line_count > n)
		fprintf(file, "%s: and %zu more\n", report->path,
			report->line_count - n);
}

static void print_left_out(const struct survey_tally *tally)
{
	if (tally->closed_only > 0)
		printf("; %llu row%s with closed answers only",
		       (unsigned long long)tally->closed_only,
		       tally->closed_only == 1 ? "" : "s");
	if (tally->unfinished > 0)
		printf("; %llu unfinished",
		       (unsigned long long)tally->unfinished);
	printf("; %llu blank", (unsigned long long)tally->blank);
	if (tally->preview > 0)
		printf("; %llu preview%s left out",
		       (unsigned long long)tally->preview,
		       tally->preview == 1 ? "" : "s");
	if (tally->refused > 0)
		printf("; %llu refused", (unsigned long long)tally->refused);
	putchar('\n');
}

void report_dry_run(const struct survey *survey, const struct table *table,
		    const struct import_report *report, bool json)
{
	const struct survey_tally *tally = &report->tally;
	json_t *object;

	if (!json) {
		print_columns(stdout, survey, table, report->path);
		printf("%llu row%s: %llu event%s",
		       (unsigned long long)tally->rows,
		       tally->rows == 1 ? "" : "s",
		       (unsigned long long)tally->answers,
		       tally->answers == 1 ? "" : "s");
		print_left_out(tally);
		print_lines(stderr, report);
		return;
	}
	object = result_json(survey, report);
	json_object_set_new(object, "format",
			    json_string(table_describe(table)));
	set_count(object, "header_rows", survey->header_rows);
	json_object_set_new(object, "dates", json_string(dates_name(survey)));
	json_object_set_new(object, "columns", columns_json(survey));
	json_object_set_new(object, "lines", lines_json(report));
	print_json(object);
}

/* Two lists typed by hand, both numbered from 1 under the same headings, are
 * one to us: what is not counted for that is not left unsaid. */
static void doubt_duplicates(const struct import_report *report)
{
	uint64_t n = report->outcomes[SDG_OUTCOME_DUPLICATE];

	if (n > 0 && report->tally.by_headings > 0)
		warnx("%s: %llu answer%s came before under the same numbers "
		      "and headings, which is all there is to go by: if this "
		      "is another survey, name it (--survey NAME)",
		      report->path, (unsigned long long)n, n == 1 ? "" : "s");
}

void report_result(const struct survey *survey,
		   const struct import_report *report, bool json)
{
	static const struct {
		enum sdg_outcome outcome;
		const char *key, *words;
	} shown[] = {
		{ SDG_OUTCOME_COUNTED, "counted", "counted" },
		{ SDG_OUTCOME_REPLACED, "replaced", "replaced" },
		{ SDG_OUTCOME_DUPLICATE, "duplicate", "duplicate" },
		{ SDG_OUTCOME_AUTOMATIC, "automatic", "automatic" },
		{ SDG_OUTCOME_NOT_FEEDBACK, "not_feedback", "not feedback" },
		{ SDG_OUTCOME_QUARANTINED, "quarantined", "quarantined" },
		{ SDG_OUTCOME_TEST, "test", "test" },
	};
	json_t *object = json ? result_json(survey, report) : NULL;
	const char *comma = "";

	if (!json)
		printf("%s: %llu row%s: ", report->path,
		       (unsigned long long)report->tally.rows,
		       report->tally.rows == 1 ? "" : "s");
	for (size_t i = 0; i < sizeof(shown) / sizeof(shown[0]); i++) {
		uint64_t n = report->outcomes[shown[i].outcome];

		if (json)
			set_count(object, shown[i].key, n);
		else if (n > 0 || shown[i].outcome == SDG_OUTCOME_COUNTED) {
			printf("%s%llu %s", comma, (unsigned long long)n,
			       shown[i].words);
			comma = ", ";
		}
	}
	if (json) {
		set_count(object, "unanswered", report->unanswered);
		json_object_set_new(object, "lines", lines_json(report));
		print_json(object);
		doubt_duplicates(report);
		return;
	}
	if (report->unanswered > 0)
		printf(", %llu unanswered",
		       (unsigned long long)report->unanswered);
	print_left_out(&report->tally);
	print_lines(stderr, report);
	doubt_duplicates(report);
}
