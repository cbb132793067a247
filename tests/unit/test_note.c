/* Representatives' notes: the corpus, line by line, and what people type. */
#include <jansson.h>
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

/* --------------------------------------------------------- other hands */

static void test_bullets_after_a_letter_head(void **state)
{
	struct note *note = parse_text(
	    "Subject: Notes from Norfolk branch visit\n\nHi Sarah\n\n"
	    "Just back from Wymondham, 12th March 2015. 19 members there. "
	    "Main points below:\n\n"
	    "* about 14 members said the network meetings should come "
	    "back\n"
	    "* Two deputies asked if we could do more on NPQH costs\n"
	    "* Parking was awful, bring change next time\n"
	    "* One SBM said the helpline was brilliant\n\n"
	    "Train was delayed at Ely so got home at 11!\n\n"
	    "Best wishes\nTony\n");

	(void)state;
	assert_int_equal(note->point_count, 3);
	assert_int_equal(note->points[0].voices, 14);
	assert_int_equal(note->points[1].voices, 2);
	assert_int_equal(note->points[2].voices, 0);
	assert_int_equal(note->attendance, 19);
	assert_string_equal(note->constituency, "Norfolk");
	assert_string_equal(note->representative, "Tony");
	note_free(note);
}

static void test_lines_from_a_telephone(void **state)
{
	struct note *note =
	    parse_text("notes from bolton mtg 3 march\n\n"
		       "22 there\n\n"
		       "heads want more notice\n"
		       "dep from bury said hotline took 4 days\n"
		       "sandwiches poor\n"
		       "3 of them said pay is broken\n"
		       "dont forget to book june room\n"
		       "my own view - stop the magazine\n");

	(void)state;
	assert_int_equal(note->point_count, 4);
	assert_int_equal(note->points[2].first_line, 8);
	assert_int_equal(note->points[2].voices, 3);
	assert_false(note->points[2].own);
	assert_true(note->points[3].own);
	assert_int_equal(note->attendance, 22);
	assert_int_equal(note->date, 1425340800); /* 3 March 2015 */
	note_free(note);
}

static void test_headings_with_bullets(void **state)
{
	struct note *note = parse_text(
	    "LEEDS 4/3/15\n\nFUNDING\n- High needs is the big worry\n"
	    "- Post-16 rate again\n\nLUNCH\n- soup\n\nOFSTED\n"
	    "- Short notice inspections: no complaints\n\n"
	    "Next meeting 20 May, same venue. Claim £14.60 parking.\n");

	(void)state;
	assert_int_equal(note->point_count, 3);
	assert_string_equal(note->points[2].text,
			    "Short notice inspections: no complaints");
	assert_string_equal(note->constituency, "LEEDS");
	assert_string_equal(note->representative, "");
	assert_int_equal(note->date, 1425427200); /* not 20 May */
	note_free(note);
}

static void test_interview(void **state)
{
	struct note *note = parse_text(
	    "Interview with Mark Ellison, principal, a college in Kent\n"
	    "18 February 2015\nNotes: Peter Hall\n\n"
	    "He values the legal advice, used twice.\n\n"
	    "He does not want us to merge with anybody.\n\n"
	    "Thanked him and left 3.30.\n");

	(void)state;
	assert_int_equal(note->kind, SDG_NOTE_INTERVIEW);
	assert_string_equal(note->representative, "Peter Hall");
	assert_string_equal(note->constituency, "Kent");
	assert_int_equal(note->points[0].first_line, 5);
	assert_int_equal(note->points[1].first_line, 7);
	note_free(note);
}

static void test_letter_in_prose(void **state)
{
	struct note *note = parse_text(
	    "Dear all,\n\n"
	    "I met members from Surrey at the conference in Brighton last "
	    "Friday (6 March 2015). Around thirty came to the "
	    "breakfast.\n\n"
	    "The strongest feeling was about recruitment. Heads said they "
	    "were advertising three times for maths.\n\n"
	    "There was praise for the new coordinator.\n\n"
	    "Apologies for the delay in sending this.\n\n"
	    "Kind regards,\n\nHelen Marsh\nCouncil member, Surrey\n");

	(void)state;
	assert_int_equal(note->point_count, 2);
	assert_string_equal(note->representative, "Helen Marsh");
	assert_string_equal(note->constituency, "Surrey");
	assert_int_equal(note->attendance, 30);
	assert_int_equal(note->date, 1425600000);
	note_free(note);
}

static void test_one_paragraph_is_one_point(void **state)
{
	struct note *note = parse_text(
	    "Hi Duncan, lunch with a head in Hull. She told me that the "
	    "association never listens to small schools.\n");

	(void)state;
	assert_int_equal(note->point_count, 1);
	note_free(note);
	/* Even what looks like no point at all is not thrown away. */
	note = parse_text("milk, stamps, receipt\n");
	assert_int_equal(note->point_count, 1);
	note_free(note);
}

/* All that representatives passed on in the corpus is a point by itself. */
static void test_every_point_of_the_corpus(void **state)
{
	FILE *file = fopen(TEST_CORPUS "/feedback.jsonl", "r");
	size_t points = 0;
	json_t *line;

	(void)state;
	assert_non_null(file);
	while ((line = json_loadf(file, JSON_DISABLE_EOF_CHECK, NULL))) {
		const char *source =
		    json_string_value(json_object_get(line, "source"));
		const char *body =
		    json_string_value(json_object_get(line, "body"));

		if (strcmp(source, "rep") == 0) {
			assert_null(note_why_no_point(body, 0));
			points++;
		}
		json_decref(line);
	}
	fclose(file);
	assert_int_equal(points, 80);
}

static void test_what_is_no_point(void **state)
{
	static const char *const noise[] = {
		"Weather foul, two hours each way.",
		"Must remember to invoice for the room",
		"Got there at 4, left at 7",
		"Speaker was late; slides on the website",
		"Venue: Holiday Inn, J22",
		"Photos to follow",
		"Jan to circulate list",
		"Train back 18:42",
		"Kettle broken again.",
		"Attendance down on last time because of the snow.",
		"Room free next time but no tea",
		"Good turnout, 18.",
		"Raffle raised £42 for the hospice.",
		"Collect prescription, feed cat.",
		"Dave's number 07700 900123",
		"Battery dying, will finish tomorrow",
		"Typed on the train so excuse spelling",
		"My expenses attached (£23.40)",
		"Home by 10.",
		"Need to book hall for autumn.",
		"Will ring Sarah Monday about dates",
		"parked at the back, use the other gate",
		"10 present incl me",
		"Thanks to Sue for the cakes",
		"petrol 18 quid",
		"Dentist Thurs 9.15",
		"bread, eggs, cat litter",
		"Meeting opened 4.30pm closed 6pm.",
		"Item 3 deferred",
		"The minutes were agreed as a true record.",
		"Pick up kids 5.30",
		"Ask Duncan for leaflets",
		"M25 a nightmare, arrived late",
		"A good evening all round."
	};

	(void)state;
	for (size_t i = 0; i < sizeof(noise) / sizeof(noise[0]); i++) {
		if (!note_why_no_point(noise[i], 0))
			fail_msg("taken for a point: %s", noise[i]);
	}
}

static void test_template(void **state)
{
	struct note *note = parse_text(
	    "Representative: Jane Doe, Council rep (Norfolk)\n"
	    "Date: 12 March 2014\nKind: meeting\nMembers: 14\n"
	    "Member: Ann <Ann+x@School.example>\nSecond hand: yes\n\n"
	    "Members want the meetings back.\n");

	(void)state;
	assert_string_equal(note->representative, "Jane Doe");
	assert_string_equal(note->constituency, "Norfolk");
	assert_string_equal(note->member, "ann@school.example");
	assert_int_equal(note->kind, SDG_NOTE_MEETING);
	assert_int_equal(note->date, 1394582400);
	assert_int_equal(note->points[0].voices, 14);
	assert_true(note->points[0].second_hand);
	assert_int_equal(note->points[0].first_line, 8);
	note_free(note);
}

/* "Members:" is a key of the template, and how many a sentence begins. */
static void test_what_begins_like_the_template_is_said(void **state)
{
	struct note *note = parse_text(
	    "Representative: Jane Doe\n"
	    "Members: two heads said that they cannot recruit anybody\n"
	    "Date: 12 March 2014\n"
	    "Own: my own view is that pay is far too low\n"
	    "Attendance: 19\n");

	(void)state;
	assert_string_equal(note->representative, "Jane Doe");
	assert_int_equal(note->date, 1394582400);
	assert_int_equal(note->attendance, 19);
	assert_int_equal(note->voices, 0);
	assert_int_equal(note->point_count, 2);
	assert_string_equal(note->points[0].text,
			    "Members: two heads said that they cannot recruit "
			    "anybody");
	assert_int_equal(note->points[0].first_line, 2);
	assert_int_equal(note->points[0].voices, 2);
	assert_true(note->points[1].own);
	note_free(note);
	note = parse_text("Members: about 14\nPlace: nowhere\n\n"
			  "Members want the meetings back.\n");
	assert_int_equal(note->point_count, 1);
	assert_int_equal(note->points[0].voices, 14);
	note_free(note);
}

static void test_voices(void **state)
{
	(void)state;
	assert_int_equal(note_voices("about 14 members said yes"), 14);
	assert_int_equal(note_voices("Some twenty heads want this"), 20);
	assert_int_equal(note_voices("A dozen colleagues felt that"), 12);
	assert_int_equal(note_voices("About 1,200 members said yes"), 1200);
	assert_int_equal(note_voices("On 3, 200 members said yes"), 200);
	assert_int_equal(note_voices("From 3 people independently: x"), 3);
	assert_int_equal(note_voices("Subs too high (3 members)"), 3);
	assert_int_equal(note_voices("four or five people: why"), 4);
	assert_int_equal(note_voices("He manages 140 people and sits"), 0);
	assert_int_equal(note_voices("60 children and 4 teachers"), 0);
	assert_int_equal(note_voices("Members (approx 25) at the AGM felt"),
			 25);
	assert_int_equal(note_voices("A few - maybe six or seven - thought"),
			 6);
	assert_int_equal(note_voices("The course (approx 25) was felt"), 0);
	assert_int_equal(note_voices("one of them said no"), 0);
	assert_int_equal(note_voices("the 14-19 heads said"), 0);
	assert_int_equal(note_voices("at 9.20 members said"), 0);
	assert_int_equal(note_voices("99999999999 members said"), 0);
	assert_int_equal(note_voices(""), 0);
}

/* Who was there and when stands in a sentence; the last item ends before
 * the next meeting; and what is asked under TRAVEL is asked. */
/* A day without a year is the last there was. */
static void test_days_without_a_year(void **state)
{
	int64_t date;

	(void)state;
	assert_true(note_date("Wed 4 March", NOW, &date));
	assert_int_equal(date, 1425427200);
	assert_true(note_date("7 March", NOW, &date)); /* 2014 */
	assert_int_equal(date, 1394150400);
	assert_true(note_date("29 Feb", NOW, &date)); /* 2012 */
	assert_int_equal(date, 1330473600);
	assert_false(note_date("30 Feb", NOW, &date));
	assert_false(note_date("29 Feb 2015", NOW, &date));
}

static void test_what_strangers_type(void **state)
{
	struct note *note = parse_text(
	    "Hi all\n\nquick one from the car park at Kendal. 22 of us at "
	    "the meeting last night (tues 10 march).\n\nAbout a dozen said "
	    "it is making them ill.\nOne told me her governors would not "
	    "pay.\n\nsandwiches were good!\n\nBev\n");

	(void)state;
	assert_int_equal(note->point_count, 2);
	assert_int_equal(note->attendance, 22);
	assert_true(note->has_date);
	assert_int_equal(note->points[0].voices, 12);
	note_free(note);
	note = parse_text(
	    "NOTES, DEVON NETWORK\n\nTRAVEL\n"
	    "- Nobody will drive to Birmingham for two hours. Could it be "
	    "online?\n- The 17:40 was late.\n\nAOB\n"
	    "- I was told by a colleague in Exeter that some are leaving.\n"
	    "Next meeting: 12 May, same place.\n");
	assert_int_equal(note->point_count, 2);
	assert_int_equal(note->points[0].first_line, 4);
	assert_int_equal(note->points[1].last_line, 8);
	assert_true(note->points[1].second_hand);
	assert_false(note->points[0].second_hand);
	note_free(note);
}

static void test_nothing_is_refused(void **state)
{
	struct note *note = NULL;
	struct sdg_error err = { 0 };

	(void)state;
	assert_fails(note_parse("", 0, NOW, &note, &err), SDG_EINVAL, err);
	assert_string_equal(err.message, "the note has no points");
	assert_fails(note_parse("Date: 3 May\n\n", 13, NOW, &note, &err),
		     SDG_EINVAL, err);
	assert_null(note);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_corpus_dashed),
		cmocka_unit_test(test_corpus_numbered),
		cmocka_unit_test(test_corpus_paragraphs),
		cmocka_unit_test(test_corpus_minutes),
		cmocka_unit_test(test_corpus_telephone),
		cmocka_unit_test(test_bullets_after_a_letter_head),
		cmocka_unit_test(test_lines_from_a_telephone),
		cmocka_unit_test(test_headings_with_bullets),
		cmocka_unit_test(test_interview),
		cmocka_unit_test(test_letter_in_prose),
		cmocka_unit_test(test_one_paragraph_is_one_point),
		cmocka_unit_test(test_every_point_of_the_corpus),
		cmocka_unit_test(test_what_is_no_point),
		cmocka_unit_test(test_template),
		cmocka_unit_test(test_what_begins_like_the_template_is_said),
		cmocka_unit_test(test_voices),
		cmocka_unit_test(test_days_without_a_year),
		cmocka_unit_test(test_what_strangers_type),
		cmocka_unit_test(test_nothing_is_refused),
	};

	return cmocka_run_group_tests_name("note", tests, NULL, NULL);
}
