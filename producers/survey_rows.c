/*
 * survey_rows: rows of an export as events, one an answer.
 *   survey_response.c  which response a row is
 *   survey_choices.c   closed answers that travel with it
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include <soundings/identity.h>

#include "survey_rows.h"

/* ------------------------------------------------------------------- cells */

/* Clean and trim the cells that are of use, into scratch. */
static bool clean_cells(struct survey_rows *rows, const struct table_row *row)
{
	const struct survey *survey = rows->survey;
	size_t need = 0;

	for (size_t i = 0; i < row->count && i < survey->column_count; i++)
		need += 3 * row->cells[i].len;
	if (need >= rows->scratch_cap) {
		char *bigger = realloc(rows->scratch, 2 * need + 256);

		if (!bigger)
			return false;
		rows->scratch = bigger;
		rows->scratch_cap = 2 * need + 256;
	}
	rows->scratch_len = 0;
	for (size_t i = 0; i < survey->column_count; i++) {
		struct sdg_str cell = { 0 };

		if (i < row->count &&
		    survey->columns[i].kind != COLUMN_IGNORE) {
			cell.s = rows->scratch + rows->scratch_len;
			cell.len = sdg_text_clean(
			    row->cells[i].s, row->cells[i].len,
			    rows->scratch + rows->scratch_len,
			    rows->scratch_cap - rows->scratch_len);
			rows->scratch_len += cell.len;
		}
		rows->cells[i] = str_trim(cell);
	}
	return true;
}

struct sdg_str rows_first(const struct survey_rows *rows, enum column_kind kind)
{
	for (size_t i = 0; i < rows->survey->column_count; i++) {
		if (rows->survey->columns[i].kind == kind &&
		    rows->cells[i].len > 0)
			return rows->cells[i];
	}
	return (struct sdg_str){ 0 };
}

/* Role, phase …: several columns (options ticked, "other") make one. What
 * was written beside "Other (please specify)" takes its place. */
static struct sdg_str joined(struct survey_rows *rows, enum column_kind kind)
{
	const struct survey *survey = rows->survey;
	char *out = rows->joined[kind];
	size_t len = 0;

	for (size_t i = 0; i < survey->column_count; i++) {
		const struct column *column = &survey->columns[i];
		struct sdg_str cell = rows->cells[i];
		bool replaced = false;

		if (column->kind != kind || cell.len == 0)
			continue;
		for (size_t j = i + 1; j < survey->column_count; j++) {
			if (survey->columns[j].other &&
			    rows->cells[j].len > 0 &&
			    strcmp(survey->columns[j].question,
				   column->question) == 0)
				replaced = strncasecmp(cell.s, "other", 5) == 0;
		}
		if (replaced || len + cell.len + 2 > SDG_FIELD_MAX)
			continue;
		if (len > 0) {
			memcpy(out + len, "; ", sizeof("; ") - 1);
			len += 2;
		}
		memcpy(out + len, cell.s, cell.len);
		len += cell.len;
	}
	return (struct sdg_str){ out, len };
}

static bool says_yes(struct sdg_str cell)
{
	static const char *const yes[] = { "yes",   "y",       "true",   "1",
					   "agree", "i agree", "ticked", "x",
					   "ok",    "on",      NULL };

	for (size_t i = 0; yes[i]; i++) {
		if (str_is(cell, yes[i]))
			return true;
	}
	return (cell.len > 4 && strncasecmp(cell.s, "yes,", 4) == 0) ||
	       (cell.len > 4 && strncasecmp(cell.s, "yes ", 4) == 0) ||
	       (cell.len > 7 && strncasecmp(cell.s, "i agree", 7) == 0) ||
	       (cell.len > 9 && strncasecmp(cell.s, "i consent", 9) == 0) ||
	       (cell.len > 10 && strncasecmp(cell.s, "i am happy", 10) == 0);
}

/* --------------------------------------------------------------------- rows */

/* Microsoft Forms says "anonymous", and the form may ask all the same. */
static void take_address(struct survey_rows *rows)
{
	const struct survey *survey = rows->survey;

	rows->address[0] = '\0';
	for (size_t i = 0; !rows->address[0] && i < survey->column_count; i++) {
		if (survey->columns[i].kind == COLUMN_EMAIL &&
		    rows->cells[i].len > 0 &&
		    !str_is(rows->cells[i], "anonymous"))
			sdg_address_normalise(rows->cells[i], rows->address,
					      sizeof(rows->address));
	}
}

/* The first thing of a row that is not yet an answer: what is the same for
 * all its events. */
static bool begin_row(struct survey_rows *rows, struct sdg_feedback *fb)
{
	*fb = (struct sdg_feedback){ .source = SDG_SOURCE_SURVEY };
	fb->consultation = sdg_str(rows->options.consultation);
	fb->received = rows->options.received;
	fb->said = response_started(rows);
	fb->revision = response_revised(rows);
	take_address(rows);
	if (!response_name(rows, fb->said))
		return false;
	fb->respondent.address = sdg_str(rows->address);
	if (rows->address[0] == '\0')
		fb->respondent.key = sdg_str(rows->key);
	fb->respondent.role = joined(rows, COLUMN_ROLE);
	fb->respondent.phase = joined(rows, COLUMN_PHASE);
	fb->respondent.school = joined(rows, COLUMN_SCHOOL);
	fb->respondent.region = joined(rows, COLUMN_REGION);
	if (fb->respondent.region.len == 0)
		fb->respondent.region = sdg_str(rows->options.region);
	fb->respondent.postcode =
	    rows_cut(rows_first(rows, COLUMN_POSTCODE), 32);
	fb->may_quote = says_yes(rows_first(rows, COLUMN_CONSENT));
	choices_add(rows, fb);
	return true;
}

/* Of the answer in @column; NULL: of the row with closed answers only. Where
 * a row says what was asked, that is the question; of its further columns
 * (a remark beside the answer) it is one with their own. */
static void identify(const struct survey_rows *rows,
		     const struct column *column,
		     uint8_t identity[SDG_DIGEST_SIZE])
{
	struct sdg_str survey = sdg_str(rows->survey_id);
	struct sdg_str response = sdg_str(rows->response);
	struct sdg_str code = sdg_str(column ? column->code : "");
	struct sdg_str asked = rows_first(rows, COLUMN_QUESTION);
	uint8_t row[SDG_DIGEST_SIZE];

	sdg_identity_survey(survey, response, asked.len > 0 ? asked : code,
			    identity);
	if (asked.len == 0 || (column && column == rows->first_text))
		return;
	memcpy(row, identity, sizeof(row));
	sdg_identity_survey(survey,
			    (struct sdg_str){ (const char *)row, sizeof(row) },
			    code, identity);
}

static void add_emptied(struct survey_rows *rows, struct sdg_feedback *fb,
			const struct column *column)
{
	if (fb->emptied_count < SDG_EMPTIED_MAX)
		identify(rows, column, rows->emptied[fb->emptied_count++]);
}

/* What may have been said in an earlier export and is not now: the first
 * event of the row tells. Without a revision nothing can be earlier. */
static void list_emptied(struct survey_rows *rows, struct sdg_feedback *fb,
			 size_t texts)
{
	const struct survey *survey = rows->survey;

	if (fb->revision == 0)
		return;
	fb->emptied = (const uint8_t(*)[SDG_DIGEST_SIZE])rows->emptied;
	for (size_t i = 0; i < survey->column_count; i++) {
		if (survey->columns[i].kind == COLUMN_TEXT &&
		    rows->cells[i].len == 0)
			add_emptied(rows, fb, &survey->columns[i]);
	}
	if (texts > 0 || fb->choice_count == 0)
		add_emptied(rows, fb, NULL);
}

static int send_answer(struct survey_rows *rows, struct sdg_feedback *fb,
		       const struct column *column, struct sdg_str text,
		       uint64_t line, size_t number)
{
	struct sdg_str asked = rows_first(rows, COLUMN_QUESTION);
	int rc;

	fb->text = text;
	fb->question = sdg_str(column ? column->question : "");
	if (asked.len > 0 && column)
		fb->question = asked;
	fb->question = rows_cut(fb->question, SDG_QUESTION_MAX);
	identify(rows, column, fb->identity);
	sdg_identity_content(fb->subject, fb->text, fb->content);
	rows->tally.answers++;
	rc = rows->options.answer(rows->options.arg, fb, line, number);
	fb->emptied_count = 0;
	return rc;
}

/* A row without a word: no piece, but it may have held some before. */
static int take_blank(struct survey_rows *rows, struct sdg_feedback *fb,
		      uint64_t line)
{
	rows->tally.blank++;
	if (rows->options.blank)
		rows->options.blank(rows->options.arg, line);
	if (fb->emptied_count == 0)
		return 0;
	identify(rows, NULL, fb->identity);
	sdg_identity_content(fb->subject, fb->text, fb->content);
	return rows->options.answer(rows->options.arg, fb, line, 0);
}

static bool is_preview(const struct survey_rows *rows)
{
	const struct survey *survey = rows->survey;

	for (size_t i = 0; i < survey->column_count; i++) {
		struct sdg_str cell = rows->cells[i];
		char key[64];

		if (survey->columns[i].kind != COLUMN_STATUS)
			continue;
		heading_key(survey->columns[i].question, key, sizeof(key));
		if (str_is(cell, "survey preview") ||
		    str_is(cell, "survey test") || str_is(cell, "preview") ||
		    str_is(cell, "test") || str_is(cell, "offline preview"))
			return true;
		/* Exported as numbers: 1 preview, 2 test, 17 offline preview */
		if (strcmp(key, "distributionchannel") != 0 &&
		    (str_is(cell, "1") || str_is(cell, "2") ||
		     str_is(cell, "17")))
			return true;
	}
	return false;
}

static bool is_unfinished(const struct survey_rows *rows)
{
	const struct survey *survey = rows->survey;
	struct sdg_str cell = rows_first(rows, COLUMN_FINISHED);

	for (size_t i = 0; i < survey->column_count; i++) {
		if (survey->columns[i].hands_in &&
		    survey->columns[i].kind == COLUMN_COMPLETED &&
		    (rows->cells[i].len == 0 || str_is(rows->cells[i], "n/a")))
			return true;
	}
	return str_is(cell, "false") || str_is(cell, "0");
}

static int take_answers(struct survey_rows *rows, uint64_t line)
{
	const struct survey *survey = rows->survey;
	struct sdg_feedback fb;
	size_t texts = 0;
	int rc = 0;

	for (size_t i = 0; i < survey->column_count; i++)
		texts += survey->columns[i].kind == COLUMN_TEXT &&
			 rows->cells[i].len > 0;
	if (!begin_row(rows, &fb))
		return SDG_ENOMEM;
	list_emptied(rows, &fb, texts);
	if (texts == 0 && fb.choice_count == 0)
		return take_blank(rows, &fb, line);
	if (is_unfinished(rows)) {
		fb.kind = SDG_KIND_NOT_FEEDBACK;
		fb.kind_reason = sdg_str("unfinished response");
		rows->tally.unfinished++;
	}
	if (texts == 0) {
		fb.kind = SDG_KIND_NOT_FEEDBACK;
		fb.kind_reason = sdg_str("closed answers only");
		rows->tally.closed_only++;
		return send_answer(rows, &fb, NULL, (struct sdg_str){ 0 }, line,
				   0);
	}
	for (size_t i = 0; rc == 0 && i < survey->column_count; i++) {
		if (survey->columns[i].kind == COLUMN_TEXT &&
		    rows->cells[i].len > 0)
			rc = send_answer(rows, &fb, &survey->columns[i],
					 rows->cells[i], line, i + 1);
	}
	return rc;
}

static void refuse(struct survey_rows *rows, uint64_t line, size_t column,
		   const char *why)
{
	rows->tally.refused++;
	if (rows->options.refused)
		rows->options.refused(rows->options.arg, line, column, why);
}

int survey_rows_take(void *arg, const struct table_row *row)
{
	struct survey_rows *rows = arg;
	const struct survey *survey = rows->survey;

	if (rows->rows_seen++ < survey->header_rows)
		return 0;
	rows->tally.rows++;
	for (size_t i = survey->column_count; i < row->count; i++) {
		if (str_trim(row->cells[i]).len > 0) {
			refuse(rows, row->line, i + 1,
			       "more cells than headings");
			return 0;
		}
	}
	if (!clean_cells(rows, row))
		return SDG_ENOMEM;
	if (is_preview(rows)) {
		rows->tally.preview++;
		return 0;
	}
	return take_answers(rows, row->line);
}

int survey_rows_open(const struct survey *survey,
		     const struct survey_rows_options *options,
		     struct survey_rows **out, struct sdg_error *err)
{
	struct survey_rows *rows = calloc(1, sizeof(*rows));
	bool ok = rows != NULL;

	if (ok)
		rows->cells =
		    calloc(survey->column_count + 1, sizeof(*rows->cells));
	ok = ok && rows->cells;
	for (int kind = COLUMN_REGION; ok && kind <= COLUMN_SCHOOL; kind++) {
		rows->joined[kind] = malloc(SDG_FIELD_MAX);
		ok = rows->joined[kind] != NULL;
	}
	if (!ok) {
		survey_rows_close(rows);
		return sdg_fail(err, SDG_ENOMEM, "read survey: no memory");
	}
	rows->survey = survey;
	rows->options = *options;
	for (size_t i = 0; i < survey->column_count; i++) {
		const struct column *column = &survey->columns[i];

		rows->has_started |= column->kind == COLUMN_STARTED;
		if (column->kind == COLUMN_TEXT && !rows->first_text)
			rows->first_text = column;
	}
	*out = rows;
	return 0;
}

void survey_rows_close(struct survey_rows *rows)
{
	if (!rows)
		return;
	for (int kind = 0; kind < COLUMN_KIND_COUNT; kind++)
		free(rows->joined[kind]);
	free(rows->counter.slots);
	free(rows->scratch);
	free(rows->cells);
	free(rows);
}

const struct survey_tally *survey_rows_tally(const struct survey_rows *rows)
{
	return &rows->tally;
}
