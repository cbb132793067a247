/* fuzz_survey: bytes as a survey file, all the way to encoded events. */
#ifndef FUZZ_SURVEY_H
#define FUZZ_SURVEY_H

#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "survey.h"

static int fuzz_answer(void *arg, const struct sdg_feedback *fb, uint64_t line,
		       size_t column)
{
	static uint8_t event[SDG_EVENT_MAX];
	struct sdg_error err = { 0 };
	uint64_t *answers = arg;
	size_t len = 0;

	(void)line;
	(void)column;
	/* What a row emptied since takes away comes as an event without a
	 * word, and is no answer. */
	*answers += fb->text.len > 0 || fb->choice_count > 0;
	if (sdg_feedback_encode(fb, event, &len, &err) != 0) {
		/* Long choices beside a long text: the sender drops them. */
		struct sdg_feedback bare = *fb;

		bare.choice_count = 0;
		if (sdg_feedback_encode(&bare, event, &len, &err) != 0) {
			fprintf(stderr, "cannot encode: %s\n", err.message);
			abort();
		}
	}
	return 0;
}

static void fuzz_rows(struct table *table, const struct survey *survey)
{
	uint64_t answers = 0;
	struct survey_rows_options options = { .answer = fuzz_answer,
					       .arg = &answers,
					       .received = 1 };
	struct survey_rows *rows = NULL;
	const struct survey_tally *tally;
	struct sdg_error err = { 0 };
	int rc;

	if (survey_rows_open(survey, &options, &rows, &err) != 0)
		abort();
	rc = table_each(table, survey_rows_take, rows, &err);
	tally = survey_rows_tally(rows);
	if (rc > 0 || tally->answers != answers ||
	    tally->blank + tally->preview + tally->refused > tally->rows)
		abort();
	survey_rows_close(rows);
}

static void fuzz_survey(const uint8_t *data, size_t size)
{
	struct survey *survey = NULL;
	struct table *table = NULL;
	struct sdg_error err = { 0 };
	char path[64];
	int fd = memfd_create("fuzz", MFD_CLOEXEC);

	if (fd < 0 || write(fd, data, size) != (ssize_t)size)
		abort();
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	if (table_open(path, &table, &err) == 0 &&
	    table_check(table, &err) == 0 &&
	    survey_open(table, &survey, &err) == 0)
		fuzz_rows(table, survey);
	survey_close(survey);
	table_close(table);
	close(fd);
}

#endif
