/* survey_helper: a survey given as bytes or a file, and its events kept. */
#ifndef SURVEY_HELPER_H
#define SURVEY_HELPER_H

#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "survey.h"
#include "test.h"

#define EVENTS_MAX 256

struct kept {
	struct sdg_feedback fb; /* strings copied */
	uint64_t row, line;
	size_t column;
};

struct read_survey {
	struct table *table;
	struct survey *survey;
	struct survey_rows *rows;
	struct survey_tally tally;
	struct kept events[EVENTS_MAX];
	size_t count;
	char *copies[EVENTS_MAX * 64];
	size_t copy_count;
	uint64_t refused_line;
	size_t refused_column;
	const char *refused_why;
	int fd;
	char path[64];
};

static inline struct sdg_str keep(struct read_survey *read, struct sdg_str s)
{
	char *copy = malloc(s.len + 1);

	assert_non_null(copy);
	assert_true(read->copy_count < EVENTS_MAX * 64);
	memcpy(copy, s.len ? s.s : "", s.len);
	copy[s.len] = '\0';
	read->copies[read->copy_count++] = copy;
	return (struct sdg_str){ copy, s.len };
}

static inline int keep_answer(void *arg, const struct sdg_feedback *fb,
			      uint64_t line, size_t column)
{
	struct read_survey *read = arg;
	struct kept *kept = &read->events[read->count++];
	uint8_t event[SDG_EVENT_MAX];
	struct sdg_error err = { 0 };
	size_t len;

	assert_true(read->count < EVENTS_MAX);
	assert_ok(sdg_feedback_encode(fb, event, &len, &err), err);
	kept->fb = *fb;
	kept->fb.text = keep(read, fb->text);
	kept->fb.question = keep(read, fb->question);
	kept->fb.kind_reason = keep(read, fb->kind_reason);
	kept->fb.respondent.address = keep(read, fb->respondent.address);
	kept->fb.respondent.key = keep(read, fb->respondent.key);
	kept->fb.respondent.role = keep(read, fb->respondent.role);
	kept->fb.respondent.phase = keep(read, fb->respondent.phase);
	kept->fb.respondent.region = keep(read, fb->respondent.region);
	for (size_t i = 0; i < fb->choice_count; i++) {
		kept->fb.choices[i].question =
		    keep(read, fb->choices[i].question);
		kept->fb.choices[i].answer = keep(read, fb->choices[i].answer);
	}
	kept->row = survey_rows_tally(read->rows)->rows;
	kept->line = line;
	kept->column = column;
	return 0;
}

static inline void keep_refused(void *arg, uint64_t line, size_t column,
				const char *why)
{
	struct read_survey *read = arg;

	read->refused_line = line;
	read->refused_column = column;
	read->refused_why = why;
}

/* Open only: kinds may still be mapped. */
static inline int survey_begin(struct read_survey *read, const char *path,
			       struct sdg_error *err)
{
	int rc;

	memset(read, 0, sizeof(*read));
	read->fd = -1;
	rc = table_open(path, &read->table, err);
	if (rc == 0)
		rc = table_check(read->table, err);
	if (rc == 0)
		rc = survey_open(read->table, &read->survey, err);
	return rc;
}

static inline int survey_begin_bytes(struct read_survey *read, const void *data,
				     size_t len, struct sdg_error *err)
{
	int fd = memfd_create("survey", MFD_CLOEXEC), rc;
	char path[64];

	assert_true(fd >= 0);
	assert_int_equal(write(fd, data, len), len);
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	rc = survey_begin(read, path, err);
	read->fd = fd;
	return rc;
}

static inline void survey_take(struct read_survey *read)
{
	struct survey_rows_options options = { .answer = keep_answer,
					       .refused = keep_refused,
					       .arg = read,
					       .received = 1425000000 };
	struct sdg_error err = { 0 };

	assert_ok(survey_rows_open(read->survey, &options, &read->rows, &err),
		  err);
	assert_ok(table_each(read->table, survey_rows_take, read->rows, &err),
		  err);
	read->tally = *survey_rows_tally(read->rows);
}

static inline void survey_end(struct read_survey *read)
{
	for (size_t i = 0; i < read->copy_count; i++)
		free(read->copies[i]);
	survey_rows_close(read->rows);
	survey_close(read->survey);
	table_close(read->table);
	if (read->fd >= 0)
		close(read->fd);
	free(read);
}

/* All at once, from text; the caller ends it. */
static inline struct read_survey *read_bytes(const void *data, size_t len)
{
	struct read_survey *read = malloc(sizeof(*read));
	struct sdg_error err = { 0 };

	assert_non_null(read);
	assert_ok(survey_begin_bytes(read, data, len, &err), err);
	survey_take(read);
	return read;
}

static inline struct read_survey *read_text(const char *text)
{
	return read_bytes(text, strlen(text));
}

static inline struct read_survey *read_path(const char *path)
{
	struct read_survey *read = malloc(sizeof(*read));
	struct sdg_error err = { 0 };

	assert_non_null(read);
	assert_ok(survey_begin(read, path, &err), err);
	survey_take(read);
	return read;
}

static inline bool same_piece(const struct kept *a, const struct kept *b)
{
	return a->fb.said == b->fb.said &&
	       memcmp(a->fb.identity, b->fb.identity, SDG_DIGEST_SIZE) == 0;
}

/* How many events of @a are the same piece as one of @b. */
static inline size_t pieces_shared(const struct read_survey *a,
				   const struct read_survey *b)
{
	size_t shared = 0;

	for (size_t i = 0; i < a->count; i++) {
		for (size_t j = 0; j < b->count; j++) {
			if (same_piece(&a->events[i], &b->events[j])) {
				shared++;
				break;
			}
		}
	}
	return shared;
}

#endif
