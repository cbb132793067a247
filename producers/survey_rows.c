/*
 * survey_rows: rows of an export as events, one an answer.
 *
 * What makes an answer the same when it comes again. An answer's identity
 * is the survey, the response and the question. Nothing in it may change
 * when a later export has more rows, when the survey has grown a question,
 * or when the file has another name or form (CSV, workbook):
 *
 *  - a tool whose response ids are never given twice (SurveyMonkey,
 *    Qualtrics, Citizen Space): the id alone;
 *  - an id that counts from 1 in every survey (Microsoft Forms, Jisc):
 *    the id and when the response was begun;
 *  - no id (Google Forms): when it was begun, the address if there is one,
 *    and the how-manieth of these it is in the file;
 *  - neither id nor time: a digest of the row, and the how-manieth like it.
 *    Only here an edited answer cannot be told from a new one.
 *
 * The survey is what --survey says, else the tool; where neither a unique
 * id nor a time sets surveys apart, the digest of the headings too.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include <soundings/identity.h>

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
	char *scratch; /* cleaned cells of the row */
	size_t scratch_len, scratch_cap;
	struct sdg_str *cells; /* cleaned and trimmed, by column */
	char survey_id[192], response[512], key[720], address[320];
	char *joined[COLUMN_KIND_COUNT]; /* several columns of one kind */
	char questions[SDG_CHOICES_MAX][SDG_FIELD_MAX];
};

/* ------------------------------------------------------------- how-manieth */

static bool counter_grow(struct counter *counter)
{
	size_t size = counter->size ? counter->size * 2 : 1024;
	struct counter bigger = { .used = counter->used, .size = size };

	bigger.slots = calloc(size, sizeof(*bigger.slots));
	if (!bigger.slots)
		return false;
	for (size_t i = 0; i < counter->size; i++) {
		size_t at = counter->slots[i].hash & (size - 1);

		if (counter->slots[i].n == 0)
			continue;
		while (bigger.slots[at].n != 0)
			at = (at + 1) & (size - 1);
		bigger.slots[at] = counter->slots[i];
	}
	free(counter->slots);
	*counter = bigger;
	return true;
}

/* How often @hash has come, this time included; 0: no memory. */
static uint64_t counter_next(struct counter *counter, uint64_t hash)
{
	size_t at;

	if (counter->used * 4 >= counter->size * 3 && !counter_grow(counter))
		return 0;
	at = hash & (counter->size - 1);
	while (counter->slots[at].n != 0 && counter->slots[at].hash != hash)
		at = (at + 1) & (counter->size - 1);
	counter->used += counter->slots[at].n == 0;
	counter->slots[at].hash = hash;
	return ++counter->slots[at].n;
}

static uint64_t hash_bytes(const void *data, size_t len)
{
	uint8_t digest[16];
	uint64_t hash;

	sdg_frame_digest(data, len, digest);
	memcpy(&hash, digest, sizeof(hash));
	return hash;
}

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

static struct sdg_str first_of(const struct survey_rows *rows,
			       enum column_kind kind)
{
	for (size_t i = 0; i < rows->survey->column_count; i++) {
		if (rows->survey->columns[i].kind == kind &&
		    rows->cells[i].len > 0)
			return rows->cells[i];
	}
	return (struct sdg_str){ 0 };
}

static struct sdg_str cut(struct sdg_str s, size_t max)
{
	s.len = sdg_text_cut(s.s, s.len, max);
	return s;
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
			memcpy(out + len, "; ", 2);
			len += 2;
		}
		memcpy(out + len, cell.s, cell.len);
		len += cell.len;
	}
	return (struct sdg_str){ out, len };
}

/* -------------------------------------------------------------- when, whose */

static int64_t started(const struct survey_rows *rows)
{
	const struct survey *survey = rows->survey;
	struct sdg_str cell = first_of(rows, COLUMN_STARTED);

	if (cell.len > 0)
		return survey_date(cell, survey->dates, NULL, NULL);
	/* A time that an edit moves would make two answers of one. */
	for (size_t i = 0; !rows->has_started && i < survey->column_count;
	     i++) {
		if (survey->columns[i].kind == COLUMN_COMPLETED &&
		    !survey->columns[i].modified && rows->cells[i].len > 0)
			return survey_date(rows->cells[i], survey->dates, NULL,
					   NULL);
	}
	return 0;
}

static int64_t revised(const struct survey_rows *rows)
{
	const struct survey *survey = rows->survey;
	int64_t latest = 0, t;

	for (size_t i = 0; i < survey->column_count; i++) {
		if (survey->columns[i].kind != COLUMN_COMPLETED ||
		    rows->cells[i].len == 0)
			continue;
		t = survey_date(rows->cells[i], survey->dates, NULL, NULL);
		if (t > latest)
			latest = t;
	}
	return latest;
}

static bool is_unique_id(enum dialect dialect, struct sdg_str id)
{
	/* Citizen Space: ANON-ABCD-EFGH-J, but a plain number is possible. */
	return id.len > 0 &&
	       (dialect == DIALECT_SURVEYMONKEY ||
		dialect == DIALECT_QUALTRICS ||
		(dialect == DIALECT_CITIZEN_SPACE && id.len > 10));
}

/* Cells end to end, each with its length, of the columns that count. */
static uint64_t hash_row(struct survey_rows *rows)
{
	uint64_t parts[2] = { 0, 0 };

	for (size_t i = 0; i < rows->survey->column_count; i++) {
		parts[1] = hash_bytes(rows->cells[i].s, rows->cells[i].len);
		parts[0] = hash_bytes(parts, sizeof(parts));
	}
	return parts[0];
}

/* Who answered, and which response it is: see the top of this file. */
static bool name_response(struct survey_rows *rows, int64_t said)
{
	const struct survey *survey = rows->survey;
	struct sdg_str id = cut(first_of(rows, COLUMN_RESPONDENT), 200);
	const char *tool =
	    survey->has_id ? survey->id : dialect_id(survey->dialect);
	bool alone = is_unique_id(survey->dialect, id);
	uint64_t hash, nth;
	char base[400];

	if (alone)
		snprintf(rows->response, sizeof(rows->response), "%.*s",
			 SDG_STR_ARG(id));
	else if (id.len > 0)
		snprintf(rows->response, sizeof(rows->response), "%.*s@%lld",
			 SDG_STR_ARG(id), (long long)said);
	if (id.len == 0) {
		hash = said == 0 ? hash_row(rows) : 0;
		snprintf(base, sizeof(base), "%lld %s %016llx", (long long)said,
			 rows->address, (unsigned long long)hash);
		nth = counter_next(&rows->counter,
				   hash_bytes(base, strlen(base)));
		if (nth == 0)
			return false;
		snprintf(rows->response, sizeof(rows->response), "%s #%llu",
			 base, (unsigned long long)nth);
	}
	/* Nothing but the headings then sets two surveys apart. */
	if (!survey->has_id && !alone && said == 0)
		snprintf(rows->survey_id, sizeof(rows->survey_id), "%s %s",
			 tool, survey->headings);
	else
		snprintf(rows->survey_id, sizeof(rows->survey_id), "%s", tool);
	snprintf(rows->key, sizeof(rows->key), "%s/%s", rows->survey_id,
		 rows->response);
	rows->key[sdg_text_cut(rows->key, strlen(rows->key), SDG_FIELD_MAX)] =
	    '\0';
	return true;
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

/* ----------------------------------------------------------------- choices */

static void add_choice(struct survey_rows *rows, struct sdg_feedback *fb,
		       const struct column *column, struct sdg_str answer)
{
	char *question;
	int n;

	if (fb->choice_count == SDG_CHOICES_MAX || answer.len == 0)
		return;
	question = rows->questions[fb->choice_count];
	/* A ticked option is the answer; a grid's cell is one to its row. */
	if (column->option && !column->other &&
	    !sdg_str_eq(answer, column->option))
		n = snprintf(question, SDG_FIELD_MAX, "%s / %s",
			     column->question, column->option);
	else
		n = snprintf(question, SDG_FIELD_MAX, "%s", column->question);
	if (n >= SDG_FIELD_MAX)
		n = (int)sdg_text_cut(question, SDG_FIELD_MAX - 1,
				      SDG_FIELD_MAX - 1);
	fb->choices[fb->choice_count++] = (struct sdg_choice){
		.question = { question, (size_t)n },
		.answer = cut(answer, SDG_FIELD_MAX),
	};
}

/* "Newsletter;Guidance papers;" is two answers. */
static void add_choices(struct survey_rows *rows, struct sdg_feedback *fb)
{
	const struct survey *survey = rows->survey;

	for (size_t i = 0; i < survey->column_count; i++) {
		const struct column *column = &survey->columns[i];
		struct sdg_str rest = rows->cells[i], answer;
		bool list = column->stats.lists > 0;

		if (column->kind == COLUMN_RATING)
			add_choice(rows, fb, column, rest);
		if (column->kind != COLUMN_CHOICE)
			continue;
		while (rest.len > 0 && fb->choice_count < SDG_CHOICES_MAX) {
			const char *end =
			    list ? memchr(rest.s, ';', rest.len) : NULL;

			answer = rest;
			if (end)
				answer.len = (size_t)(end - rest.s);
			rest.s += answer.len + (end != NULL);
			rest.len -= answer.len + (end != NULL);
			add_choice(rows, fb, column, str_trim(answer));
		}
	}
}

/* --------------------------------------------------------------------- rows */

/* The first thing of a row that is not yet an answer: what is the same for
 * all its events. */
static bool begin_row(struct survey_rows *rows, struct sdg_feedback *fb)
{
	struct sdg_str email = first_of(rows, COLUMN_EMAIL);

	*fb = (struct sdg_feedback){ .source = SDG_SOURCE_SURVEY };
	fb->consultation = sdg_str(rows->options.consultation);
	fb->received = rows->options.received;
	fb->said = started(rows);
	fb->revision = revised(rows);
	rows->address[0] = '\0';
	if (email.len > 0 && !str_is(email, "anonymous"))
		sdg_address_normalise(email, rows->address,
				      sizeof(rows->address));
	if (!name_response(rows, fb->said))
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
	fb->respondent.postcode = cut(first_of(rows, COLUMN_POSTCODE), 32);
	fb->may_quote = says_yes(first_of(rows, COLUMN_CONSENT));
	add_choices(rows, fb);
	return true;
}

static int send_answer(struct survey_rows *rows, struct sdg_feedback *fb,
		       const struct column *column, struct sdg_str text,
		       uint64_t line, size_t number)
{
	struct sdg_str asked = first_of(rows, COLUMN_QUESTION);
	struct sdg_str code = sdg_str(column ? column->code : "");

	fb->text = text;
	fb->question = sdg_str(column ? column->question : "");
	if (asked.len > 0 && column) {
		fb->question = asked;
		code = asked;
	}
	fb->question = cut(fb->question, SDG_QUESTION_MAX);
	sdg_identity_survey(sdg_str(rows->survey_id), sdg_str(rows->response),
			    code, fb->identity);
	sdg_identity_content(fb->subject, fb->text, fb->content);
	rows->tally.answers++;
	return rows->options.answer(rows->options.arg, fb, line, number);
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
	struct sdg_str cell = first_of(rows, COLUMN_FINISHED);

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
	if (texts == 0 && fb.choice_count == 0) {
		rows->tally.blank++;
		return 0;
	}
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
	for (size_t i = 0; i < survey->column_count; i++)
		rows->has_started |= survey->columns[i].kind == COLUMN_STARTED;
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
