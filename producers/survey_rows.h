/*
 * survey_rows: what the files that make events of rows share.
 */
#ifndef SURVEY_ROWS_H
#define SURVEY_ROWS_H

#include "survey.h"
#include "survey_text.h"

/* Counts how often a digest came, 16 bytes each. */
struct counter {
	struct {
		uint64_t hash, n;
	} * slots;
	size_t used, size; /* a power of two */
};

struct survey_rows {
	const struct survey *survey;
	struct survey_rows_options options;
	struct survey_tally tally;
	struct counter counter;
	size_t rows_seen; /* header rows included */
	bool has_started;
	const struct column *first_text; /* the first open question; or NULL */
	char *scratch;                   /* cleaned cells of the row */
	size_t scratch_len, scratch_cap;
	struct sdg_str *cells; /* cleaned and trimmed, by column */
	char survey_id[192], response[512], key[720], address[320];
	char *joined[COLUMN_KIND_COUNT]; /* several columns of one kind */
	char questions[SDG_CHOICES_MAX][SDG_FIELD_MAX];
	uint8_t emptied[SDG_EMPTIED_MAX][SDG_DIGEST_SIZE];
};

/** rows_first - the first cell of @kind that is not empty */
struct sdg_str rows_first(const struct survey_rows *rows,
			  enum column_kind kind);

static inline struct sdg_str rows_cut(struct sdg_str s, size_t max)
{
	s.len = sdg_text_cut(s.s, s.len, max);
	return s;
}

/* survey_response.c */
/** response_started, response_revised - when, as far as the row says; 0 */
int64_t response_started(const struct survey_rows *rows);
int64_t response_revised(const struct survey_rows *rows);
/** response_name - fill survey_id, response and key; false: no memory */
bool response_name(struct survey_rows *rows, int64_t said);

/* survey_choices.c */
/** choices_add - the row's closed answers to @fb */
void choices_add(struct survey_rows *rows, struct sdg_feedback *fb);

#endif
