/*
 * survey_import: see survey_import.h. The file itself is the keep: nothing
 * is stored here, since sending it again changes nothing.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "survey_import.h"
#include "survey_order.h"
#include "survey_text.h"

/* Answers held back to go in the order of their times: about 50,000. */
#define HELD_BYTES (32 << 20)

/* The rule of the United Kingdom, without asking for tzdata. */
#define UNITED_KINGDOM "GMT0BST,M3.5.0/1,M10.5.0"

volatile sig_atomic_t import_stop;

struct import {
	const struct import_options *options;
	struct import_report *report;
	struct sdg_sender *sender; /* NULL: a dry run */
	struct order *order;
	struct table *table;
	struct sdg_error *err;
	uint8_t *event;
	struct timespec began;
	bool progress;
};

/* Where an answer stands, in the pointer that comes back with its receipt. */
static void *cookie(uint64_t line, size_t column)
{
	return (void *)(uintptr_t)(line << 13 | column);
}

static void on_receipt(void *arg, void *where, enum sdg_outcome outcome,
		       struct sdg_str reason)
{
	struct import *import = arg;
	uint64_t line = (uintptr_t)where >> 13;
	size_t column = (uintptr_t)where & 0x1fff;

	if (outcome == SDG_OUTCOME_NONE || outcome == SDG_OUTCOME_BUSY) {
		import->report->unanswered++;
		return;
	}
	import->report->outcomes[outcome]++;
	if (outcome == SDG_OUTCOME_EMPTIED) /* a blank row: said already */
		return;
	if (outcome == SDG_OUTCOME_QUARANTINED)
		report_add_line(import->report, line, column, reason.s,
				reason.len);
	if (import->options->rows)
		printf("%llu\t%zu\t%s\n", (unsigned long long)line, column,
		       sdg_outcome_id(outcome));
}

static void on_refused(void *arg, uint64_t line, size_t column, const char *why)
{
	struct import *import = arg;

	report_add_line(import->report, line, column, why, strlen(why));
	if (import->options->rows)
		printf("%llu\t%zu\trefused\n", (unsigned long long)line,
		       column);
}

static void on_blank(void *arg, uint64_t line)
{
	const struct import *import = arg;

	if (import->options->rows && !import->options->dry_run)
		printf("%llu\t0\tblank\n", (unsigned long long)line);
}

static void show_progress(struct import *import, bool last)
{
	uint64_t size, done, sent = import->report->sent;
	struct timespec now;
	double seconds;

	if (!import->progress || sent == 0 || (sent % 2048 != 0 && !last))
		return;
	clock_gettime(CLOCK_MONOTONIC, &now);
	seconds = (double)(now.tv_sec - import->began.tv_sec) +
		  (double)(now.tv_nsec - import->began.tv_nsec) / 1e9;
	table_bytes(import->table, &size, &done);
	fprintf(stderr, "\r%3d %%, %llu answers, %.0f a second%s",
		size > 0 ? (int)(100 * done / size) : 100,
		(unsigned long long)sent,
		seconds > 0 ? (double)sent / seconds : 0, last ? "\n" : "");
}

static int encode(struct import *import, const struct sdg_feedback *fb,
		  size_t *len)
{
	struct sdg_feedback bare = *fb;

	if (sdg_feedback_encode(fb, import->event, len, import->err) == 0)
		return 0;
	/* The words matter most: many long choices go rather than they. */
	bare.choice_count = 0;
	bare.flags |= SDG_FLAG_LIMIT;
	return sdg_feedback_encode(&bare, import->event, len, import->err);
}

/* An order_fn. In short waits, so that a signal is heeded. */
static int push(void *arg, const uint8_t *event, size_t len, void *where)
{
	struct import *import = arg;
	int left_ms = import->options->wait_ms, rc;

	if (import_stop)
		return sdg_fail(import->err, SDG_EAGAIN, "stopped");
	do {
		int wait_ms = left_ms < 500 ? left_ms : 500;

		rc = sdg_sender_push(import->sender, event, len, where, wait_ms,
				     import->err);
		left_ms -= 500;
	} while (rc == SDG_EAGAIN && left_ms > 0 && !import_stop);
	if (rc == 0)
		import->report->sent++;
	show_progress(import, false);
	return rc;
}

static int on_answer(void *arg, const struct sdg_feedback *fb, uint64_t line,
		     size_t column)
{
	struct import *import = arg;
	size_t len;
	int rc;

	if (import_stop)
		return sdg_fail(import->err, SDG_EAGAIN, "stopped");
	rc = encode(import, fb, &len);
	if (rc == SDG_EINVAL) {
		import->report->unmade++;
		on_refused(arg, line, column, "cannot be made an event");
		return 0;
	}
	if (rc < 0 || !import->sender)
		return rc;
	return order_add(import->order, fb->said, import->event, len,
			 cookie(line, column), import->err);
}

static int send_rows(struct import *import, const struct survey *survey)
{
	const struct import_options *options = import->options;
	struct survey_rows_options rows_options = {
		.consultation = options->consultation,
		.region = options->region,
		.received = time(NULL),
		.answer = on_answer,
		.refused = on_refused,
		.blank = on_blank,
		.arg = import,
	};
	struct survey_rows *rows = NULL;
	int rc, flushed = 0;

	rc = survey_rows_open(survey, &rows_options, &rows, import->err);
	if (rc < 0)
		return rc;
	clock_gettime(CLOCK_MONOTONIC, &import->began);
	rc = table_each(import->table, survey_rows_take, rows, import->err);
	if (rc == 0 && import->sender)
		rc = order_drain(import->order);
	if (import->sender)
		flushed = sdg_sender_flush(import->sender, options->wait_ms,
					   rc < 0 ? NULL : import->err);
	show_progress(import, true);
	import->report->tally = *survey_rows_tally(rows);
	survey_rows_close(rows);
	return rc < 0 ? rc : flushed;
}

static int send_survey(struct import *import, const struct survey *survey)
{
	struct sdg_sender_options options = {
		.run_dir = import->options->endpoints
			       ? NULL
			       : import->options->run_dir,
		.endpoints = import->options->endpoints,
		.window = import->options->window,
		.receipt = on_receipt,
		.arg = import,
	};
	int rc;

	/* Who asks for each answer's fate gets it in the order of the file. */
	rc = order_open(import->options->rows ? 0 : HELD_BYTES, push, import,
			&import->order, import->err);
	if (rc == 0)
		rc = sdg_sender_open(&options, &import->sender, import->err);
	if (rc == 0)
		rc = send_rows(import, survey);
	order_close(import->order);
	import->order = NULL;
	sdg_sender_close(import->sender);
	import->sender = NULL;
	return rc;
}

/* A zone that libc does not know would silently be UTC, and so would a folder
 * of them ("Europe"). */
static bool is_known_zone(const char *zone)
{
	char path[256], magic[4] = "";
	int n = snprintf(path, sizeof(path), "/usr/share/zoneinfo/%s", zone);
	FILE *file;

	if (strcmp(zone, "UTC") == 0)
		return true;
	if (n < 0 || (size_t)n >= sizeof(path) || strstr(zone, ".."))
		return false;
	file = fopen(path, "re");
	if (!file)
		return false;
	if (fread(magic, 1, sizeof(magic), file) != sizeof(magic))
		magic[0] = '\0';
	fclose(file);
	return memcmp(magic, "TZif", sizeof(magic)) == 0;
}

static int set_time_zone(const struct survey *survey,
			 const struct import_options *options,
			 struct sdg_error *err)
{
	const char *zone = options->time_zone;

	if (!zone && is_known_zone(survey->time_zone))
		zone = survey->time_zone;
	if (!zone || !*zone || strcmp(zone, "Europe/London") == 0)
		zone = UNITED_KINGDOM;
	else if (!is_known_zone(zone))
		return sdg_fail(err, SDG_EINVAL,
				"time zone \"%s\" is not known here", zone);
	setenv("TZ", zone, 1);
	tzset();
	return 0;
}

/* On a terminal a person looks first, unless a mapping shows that one has. */
static bool asks(const struct import_options *options)
{
	return !options->dry_run && !options->yes && !options->quiet &&
	       !options->mapping && isatty(STDIN_FILENO) &&
	       isatty(STDERR_FILENO);
}

static int prepare(struct survey *survey, const struct import_options *options,
		   struct sdg_error *err)
{
	int rc = 0;

	if (options->survey) {
		snprintf(survey->id, sizeof(survey->id), "%s", options->survey);
		survey->has_id = true;
	}
	if (options->mapping)
		rc = survey_mapping_load(survey, options->mapping, err);
	for (size_t i = 0; rc == 0 && i < options->map_count; i++)
		rc = survey_map(survey, options->maps[i], err);
	if (rc == 0 && options->dates)
		survey->dates = strcmp(options->dates, "month-first") == 0
				    ? DATES_MONTH_FIRST
				    : DATES_DAY_FIRST;
	if (rc == 0)
		rc = set_time_zone(survey, options, err);
	if (rc == 0 && !survey_has_text(survey) && !asks(options))
		rc = sdg_fail(err, SDG_EINVAL,
			      "no column holds answers in words: name one with "
			      "--map 'COLUMN=text'");
	return rc;
}

/* All else was sent; but somebody must look at the file. */
static int judge_refused(struct import *import)
{
	uint64_t refused =
	    import->report->tally.refused + import->report->unmade;

	if (refused == 0)
		return 0;
	return sdg_fail(
	    import->err, SDG_EINVAL, "%llu row%s refused, the others are not",
	    (unsigned long long)refused, refused == 1 ? " was" : "s were");
}

/* A refused key is for a person; anything else passes. */
static void say_what_next(struct import *import)
{
	char refused[SDG_ERROR_SIZE] = "";

	if (strstr(import->err->message, "refuse"))
		snprintf(refused, sizeof(refused), "%.300s",
			 import->err->message);
	sdg_fail(import->err, SDG_EAGAIN,
		 "%s: %llu answers are acknowledged; run this again, nothing "
		 "is counted twice",
		 import_stop ? "stopped"
		 : *refused  ? refused
			     : "no worker answers (soundings workers status)",
		 (unsigned long long)(import->report->sent -
				      import->report->unanswered));
}

/* "3=text" mends a column; anything but yes, in the end, sends nothing. */
static int confirm(struct import *import, struct survey *survey)
{
	struct sdg_error wrong = { 0 };
	char answer[512], rule[520];

	for (;;) {
		fprintf(stderr,
			survey_has_text(survey)
			    ? "Send this? [y/N; 3=text makes column 3 text] "
			    : "Which column holds answers in words? "
			      "[3=text; nothing to stop] ");
		if (!fgets(answer, sizeof(answer), stdin))
			break;
		answer[strcspn(answer, "\r\n")] = '\0';
		if (!strchr(answer, '='))
			break;
		snprintf(rule, sizeof(rule), "%s%s",
			 answer[0] >= '0' && answer[0] <= '9' ? "#" : "",
			 answer);
		if (survey_map(survey, rule, &wrong) < 0)
			fprintf(stderr, "%s\n", wrong.message);
		else
			report_columns(survey, import->table,
				       import->report->path);
	}
	if ((answer[0] == 'y' || answer[0] == 'Y') && survey_has_text(survey))
		return 0;
	return sdg_fail(import->err, SDG_EINVAL, "not sent");
}

static int import_survey(struct import *import, struct survey *survey)
{
	const struct import_options *options = import->options;
	int rc;

	if (!options->quiet && !options->dry_run)
		report_columns(survey, import->table, import->report->path);
	if (asks(options)) {
		rc = confirm(import, survey);
		if (rc < 0)
			return rc;
	}
	if (options->save_mapping) {
		rc = survey_mapping_save(survey, options->save_mapping,
					 import->err);
		if (rc < 0)
			return rc;
	}
	if (options->dry_run) {
		rc = send_rows(import, survey);
		if (rc == 0)
			report_dry_run(survey, import->table, import->report,
				       options->json);
		return rc < 0 ? rc : judge_refused(import);
	}
	import->progress = !options->quiet && isatty(STDERR_FILENO);
	rc = send_survey(import, survey);
	/* Quiet about what is in order, not about a row that is not; what a
	 * program asked for is no talk. */
	if (!options->quiet || options->json || rc < 0 ||
	    import->report->line_count > 0)
		report_result(survey, import->report, options->json);
	if (rc == SDG_EAGAIN)
		say_what_next(import);
	return rc < 0 ? rc : judge_refused(import);
}

int import_file(const char *path, const struct import_options *options,
		struct sdg_error *err)
{
	struct import_report *report = calloc(1, sizeof(*report));
	struct import import = { .options = options,
				 .report = report,
				 .err = err,
				 .event = malloc(SDG_EVENT_MAX) };
	struct survey *survey = NULL;
	int rc;

	if (!report || !import.event) {
		rc = sdg_fail(err, SDG_ENOMEM, "import survey: no memory");
		goto out;
	}
	report->path = path;
	rc = table_open(path, &import.table, err);
	/* All of it is read before any of it is sent. */
	if (rc == 0)
		rc = table_check(import.table, err);
	if (rc == 0)
		rc = survey_open(import.table, &survey, err);
	if (rc == 0)
		rc = prepare(survey, options, err);
	if (rc == 0)
		rc = import_survey(&import, survey);
out:
	survey_close(survey);
	table_close(import.table);
	free(import.event);
	free(report);
	return rc;
}
