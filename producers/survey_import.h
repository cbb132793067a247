/*
 * survey_import: one export file, from opening it to the last receipt.
 */
#ifndef SURVEY_IMPORT_H
#define SURVEY_IMPORT_H

#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <soundings/bus.h>
#include <soundings/error.h>
#include <soundings/labels.h>

#include "survey.h"

#define REPORT_LINES_MAX 100

struct import_options {
	const char *consultation, *region, *survey, *mapping, *save_mapping;
	const char *dates, *time_zone;
	const char *const *maps; /* "COLUMN=KIND" */
	size_t map_count;
	const char *run_dir, *endpoints;
	size_t window;
	int wait_ms; /* for workers, without any progress */
	bool dry_run, json, quiet, rows, yes;
};

/* A row that was refused here, or an answer that a worker set aside. */
struct report_line {
	uint64_t line;
	size_t column;
	char why[96];
};

struct import_report {
	const char *path;
	uint64_t outcomes[SDG_OUTCOME_COUNT]; /* by receipt */
	uint64_t sent, unanswered;
	uint64_t unmade; /* answers that no event can hold */
	struct survey_tally tally;
	struct report_line lines[REPORT_LINES_MAX];
	size_t line_count; /* beyond the maximum they are only counted */
};

/** Set by a signal: stop after the current answer. */
extern volatile sig_atomic_t import_stop;

/**
 * import_file - show what @path is, then send it
 *
 * Return 0 when every answer was acknowledged (or with dry_run, read),
 * SDG_EINVAL (not a survey, and nothing was sent; or rows of it were refused,
 * and the others were sent), SDG_EAGAIN (workers do not
 * answer, or it was stopped: run it again), SDG_EIO, SDG_ENOMEM.
 */
int import_file(const char *path, const struct import_options *options,
		struct sdg_error *err);

/* survey_report.c */
/** report_columns - what the survey is, and each of its columns: talk */
void report_columns(const struct survey *survey, const struct table *table,
		    const char *path);
/** report_dry_run, report_result - on the standard output */
void report_dry_run(const struct survey *survey, const struct table *table,
		    const struct import_report *report, bool json);
void report_result(const struct survey *survey,
		   const struct import_report *report, bool json);
void report_add_line(struct import_report *report, uint64_t line, size_t column,
		     const char *why, size_t len);

#endif
