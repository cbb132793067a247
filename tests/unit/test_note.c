/* Representatives' notes: the corpus, line by line, and what people type. */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include <soundings/classify.h>
#include <soundings/home.h>

#include "note.h"
#include "survey_table.h"
#include "test.h"

#define NOW 1425600000 /* 6 March 2015 */

static struct note *parse_text(const char *text)
{
	struct note *note = NULL;
	struct sdg_error err = { 0 };

	assert_ok(note_parse(text, strlen(text), NOW, &note, &err), err);
	return note;
}

static struct note *parse_file(const char *name)
{
	struct sdg_error err = { 0 };
	char path[512], *text = NULL;
	struct note *note;
	size_t len;

	snprintf(path, sizeof(path), "%s/rep-notes/%s", TEST_CORPUS, name);
	assert_ok(sdg_read_file(path, NOTE_MAX, &text, &len, &err), err);
	note = parse_text(text);
	free(text);
	return note;
}

/* ---------------------------------------------------------------- the corpus
 */

struct golden {
	const char *file;
	const struct note *note;
	size_t lines;
};

static size_t number(struct sdg_str cell)
{
	char buf[16];

	snprintf(buf, sizeof(buf), "%.*s", SDG_STR_ARG(cell));
	return strtoul(buf, NULL, 10);
}

/* file,first_line,last_line,id,… in the order of the note */
static int check_line(void *arg, const struct table_row *row)
{
	struct golden *golden = arg;
	const struct note_point *point;

	if (!sdg_str_eq(row->cells[0], golden->file))
		return 0;
	if (golden->lines >= golden->note->point_count)
		fail_msg("no point for %.*s", SDG_STR_ARG(row->cells[3]));
	point = &golden->note->points[golden->lines++];
	if (point->first_line != number(row->cells[1]) ||
	    point->last_line != number(row->cells[2]))
		fail_msg("%.*s: lines %zu to %zu", SDG_STR_ARG(row->cells[3]),
			 point->first_line, point->last_line);
	return 0;
}

static struct note *check_corpus(const char *file)
{
	struct golden golden = { .file = file, .note = parse_file(file) };
	struct table *manifest = NULL;
	struct sdg_error err = { 0 };

	assert_ok(
	    table_open(TEST_CORPUS "/rep-notes/MANIFEST.csv", &manifest, &err),
	    err);
	assert_ok(table_each(manifest, check_line, &golden, &err), err);
	assert_int_equal(golden.lines, golden.note->point_count);
	table_close(manifest);
	return (struct note *)golden.note;
}

static void test_corpus_dashed(void **state)
{
	struct note *note = check_corpus("1-durham-tees-network-meeting.txt");

	(void)state;
	assert_string_equal(note->representative, "Sheila Brackenbury");
	assert_string_equal(note->constituency, "Durham & Tees Valley");
	assert_int_equal(note->attendance, 24);
	assert_int_equal(note->date, 1422403200); /* 28 January 2015 */
	assert_int_equal(note->points[0].voices, 2);
	assert_int_equal(note->points[1].voices, 0);
	assert_string_equal(
	    note->points[2].text,
	    "Physics: advertised three times, no field. Maths the same. "
	    "They're appointing people they'd not have shortlisted five "
	    "years ago.");
	note_free(note);
}

static void test_corpus_numbered(void **state)
{
	struct note *note = check_corpus("2-london-south-members.txt");

	(void)state;
	assert_string_equal(note->representative, "Martin Oyelaran");
	assert_string_equal(note->constituency, "London (South)");
	assert_int_equal(note->attendance, 11);
	assert_int_equal(note->date, 1422921600); /* 3/2/15 */
	assert_int_equal(note->points[6].voices, 3);
	assert_int_equal(note->points[1].voices, 0); /* "140 people" */
	note_free(note);
}

static void test_corpus_paragraphs(void **state)
{
	struct note *note = check_corpus("3-coventry-warks-evening.txt");

	(void)state;
	assert_string_equal(note->representative, "Priti");
	assert_string_equal(note->constituency, "Coventry and Warwickshire");
	assert_int_equal(note->attendance, 14);
	assert_int_equal(note->date, 1423094400);
	assert_int_equal(note->points[4].voices, 4);
	assert_int_equal(note->points[3].voices, 0); /* "60 children" */
	note_free(note);
}

static void test_corpus_minutes(void **state)
{
	struct note *note = check_corpus("4-devon-cornwall-minutes.txt");

	(void)state;
	assert_string_equal(note->representative, "Colin Trewhella");
	assert_string_equal(note->constituency, "DEVON & CORNWALL");
	assert_int_equal(note->attendance, 17);
	assert_int_equal(note->date, 1423785600); /* not 5 June */
	note_free(note);
}

static void test_corpus_telephone(void **state)
{
	struct note *note = check_corpus("5-cumbria-phone-notes.txt");

	(void)state;
	assert_string_equal(note->constituency, "penrith");
	assert_int_equal(note->attendance, 9);
	assert_int_equal(note->date, 1424908800); /* 26 feb, this year */
	assert_int_equal(note->points[4].voices, 2);
	note_free(note);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_corpus_dashed),
		cmocka_unit_test(test_corpus_numbered),
		cmocka_unit_test(test_corpus_paragraphs),
		cmocka_unit_test(test_corpus_minutes),
		cmocka_unit_test(test_corpus_telephone),
	};

	return cmocka_run_group_tests_name("note", tests, NULL, NULL);
}
