/*
 * survey_response: which response a row of an export is, and when it was
 * given.
 *
 * What makes an answer the same when it comes again. An answer's identity
 * is the survey, the response and the question. Nothing in it may change
 * when a later export has more rows, when the survey has grown a question,
 * or when the file has another name or form (CSV, workbook):
 *
 *  - a tool whose response ids are never given twice (SurveyMonkey,
 *    SmartSurvey, Qualtrics, Citizen Space, Jisc): the id alone;
 *  - an id that counts from 1 in every survey (Microsoft Forms,
 *    LimeSurvey): the id and when the response was begun;
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

#include "survey_rows.h"

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

/* -------------------------------------------------------------- when, whose */

/* LimeSurvey without times says the first of January 1980. */
#define NEVER 315532800

static int64_t date_of(const struct survey *survey, struct sdg_str cell)
{
	int64_t t = survey_date(cell, survey->dates, NULL, NULL);

	return t == NEVER ? 0 : t;
}

int64_t response_started(const struct survey_rows *rows)
{
	const struct survey *survey = rows->survey;
	struct sdg_str cell = rows_first(rows, COLUMN_STARTED);

	if (cell.len > 0)
		return date_of(survey, cell);
	/* A time that an edit moves would make two answers of one. */
	for (size_t i = 0; !rows->has_started && i < survey->column_count;
	     i++) {
		if (survey->columns[i].kind == COLUMN_COMPLETED &&
		    !survey->columns[i].modified && rows->cells[i].len > 0)
			return date_of(survey, rows->cells[i]);
	}
	return 0;
}

int64_t response_revised(const struct survey_rows *rows)
{
	const struct survey *survey = rows->survey;
	int64_t latest = 0, t;

	for (size_t i = 0; i < survey->column_count; i++) {
		if (survey->columns[i].kind != COLUMN_COMPLETED ||
		    rows->cells[i].len == 0)
			continue;
		t = date_of(survey, rows->cells[i]);
		if (t > latest)
			latest = t;
	}
	return latest;
}

static bool is_unique_id(enum dialect dialect, struct sdg_str id)
{
	/* Citizen Space: ANON-ABCD-EFGH-J, but a plain number is possible. */
	/* Jisc: 356806-356797-33882794, the survey's own number among them. */
	return id.len > 0 &&
	       (dialect == DIALECT_SURVEYMONKEY ||
		dialect == DIALECT_SMARTSURVEY ||
		dialect == DIALECT_QUALTRICS ||
		(dialect == DIALECT_JISC && memchr(id.s, '-', id.len)) ||
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
bool response_name(struct survey_rows *rows, int64_t said)
{
	const struct survey *survey = rows->survey;
	struct sdg_str id = rows_cut(rows_first(rows, COLUMN_RESPONDENT), 200);
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
	if (!survey->has_id && !alone && said == 0) {
		rows->tally.by_headings += id.len > 0;
		snprintf(rows->survey_id, sizeof(rows->survey_id), "%s %s",
			 tool, survey->headings);
	} else {
		snprintf(rows->survey_id, sizeof(rows->survey_id), "%s", tool);
	}
	snprintf(rows->key, sizeof(rows->key), "%s/%s", rows->survey_id,
		 rows->response);
	rows->key[sdg_text_cut(rows->key, strlen(rows->key), SDG_FIELD_MAX)] =
	    '\0';
	return true;
}
