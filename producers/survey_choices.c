/*
 * survey_choices: closed answers, which travel with the events of their row.
 */
#include <stdio.h>
#include <string.h>

#include "survey_rows.h"

/* @s was cut at byte @n, perhaps within its last character. */
static int without_last(const char *s, int n)
{
	while (n > 0 && ((unsigned char)s[n - 1] & 0xc0) == 0x80)
		n--;
	return n > 0 ? n - 1 : 0;
}

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
		n = without_last(question, SDG_FIELD_MAX - 1);
	fb->choices[fb->choice_count++] = (struct sdg_choice){
		.question = { question, (size_t)n },
		.answer = rows_cut(answer, SDG_FIELD_MAX),
	};
}

/* "Newsletter;Guidance papers;" is two answers, and so may be "Pay, Hours". */
static struct sdg_str next_answer(const struct column *column, bool commas,
				  struct sdg_str *rest)
{
	const char *end = NULL;
	struct sdg_str answer = *rest;

	if (commas)
		return pieces_next(&column->stats, rest);
	if (column->stats.lists > 0)
		end = memchr(rest->s, ';', rest->len);
	if (end)
		answer.len = (size_t)(end - rest->s);
	rest->s += answer.len + (end != NULL);
	rest->len -= answer.len + (end != NULL);
	return str_trim(answer);
}

void choices_add(struct survey_rows *rows, struct sdg_feedback *fb)
{
	const struct survey *survey = rows->survey;

	for (size_t i = 0; i < survey->column_count; i++) {
		const struct column *column = &survey->columns[i];
		struct sdg_str rest = rows->cells[i];
		bool commas;

		if (column->kind == COLUMN_RATING)
			add_choice(rows, fb, column, rest);
		if (column->kind != COLUMN_CHOICE)
			continue;
		commas = !column->option && column->stats.lists == 0 &&
			 pieces_are_answers(&column->stats);
		while (rest.len > 0 && fb->choice_count < SDG_CHOICES_MAX)
			add_choice(rows, fb, column,
				   next_answer(column, commas, &rest));
	}
}
