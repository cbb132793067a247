/* What is the same answer when a later export holds it again. */
#include "survey_helper.h"

#define FORMS                                                                  \
	"ID,Start time,Completion time,Email,Name,Your role,What should we "   \
	"say to the government?\n"

static void test_later_export_adds_only_the_new(void **state)
{
	struct read_survey *old = read_text(
	    FORMS "1,2/2/15 13:38:10,2/2/15 13:49:17,anonymous,,Head,Give "
		  "us more time\n"
		  "2,3/2/15 02:28:29,3/2/15 02:42:36,anonymous,,Deputy,Pay "
		  "for admissions\n");
	struct read_survey *new = read_text(
	    FORMS "1,2/2/15 13:38:10,2/2/15 13:49:17,anonymous,,Head,Give "
		  "us more time\n"
		  "2,3/2/15 02:28:29,3/2/15 02:42:36,anonymous,,Deputy,Pay "
		  "for admissions\n"
		  "3,13/2/15 10:20:50,13/2/15 10:29:57,anonymous,,Head,One "
		  "voice for all\n");

	(void)state;
	assert_int_equal(old->survey->dialect, DIALECT_MICROSOFT_FORMS);
	assert_int_equal(old->count, 2);
	assert_int_equal(new->count, 3);
	assert_int_equal(pieces_shared(old, new), 2);
	survey_end(old);
	survey_end(new);
}

static void test_edited_answer_is_the_same_later(void **state)
{
	struct read_survey *old = read_text(
	    FORMS "1,2/2/15 13:38:10,2/2/15 13:49:17,anonymous,,Head,Give "
		  "us more time\n");
	struct read_survey *new = read_text(
	    FORMS "1,2/2/15 13:38:10,14/2/15 09:00:00,anonymous,,Head,Give "
		  "us rather less\n");

	(void)state;
	assert_int_equal(pieces_shared(old, new), 1);
	assert_true(new->events[0].fb.revision > old->events[0].fb.revision);
	assert_memory_not_equal(old->events[0].fb.content,
				new->events[0].fb.content, SDG_DIGEST_SIZE);
	survey_end(old);
	survey_end(new);
}

static void test_survey_that_grew_a_question_keeps_its_answers(void **state)
{
	struct read_survey *old = read_text(
	    FORMS "1,20/2/15 13:38:10,20/2/15 13:49:17,anonymous,,Head,"
		  "Give us more time\n");
	struct read_survey *new = read_text(
	    "ID,Start time,Completion time,Email,Name,Why is that?,Your "
	    "role,What should we say to the government?\n"
	    "1,20/2/15 13:38:10,20/2/15 13:49:17,anonymous,,Because we are "
	    "tired of it,Head,Give us more time\n");

	(void)state;
	assert_int_equal(old->count, 1);
	assert_int_equal(new->count, 2);
	assert_int_equal(pieces_shared(old, new), 1);
	survey_end(old);
	survey_end(new);
}

static void test_two_forms_with_the_same_ids_are_apart(void **state)
{
	struct read_survey *one = read_text(
	    FORMS "1,20/2/15 13:38:10,20/2/15 13:49:17,anonymous,,Head,"
		  "Give us more time\n");
	struct read_survey *two = read_text(
	    FORMS "1,21/2/15 08:00:02,21/2/15 08:10:00,anonymous,,Head,"
		  "Give us more time\n");

	(void)state;
	assert_int_equal(pieces_shared(one, two), 0);
	assert_false(one->events[0].fb.respondent.key.len ==
			 two->events[0].fb.respondent.key.len &&
		     memcmp(one->events[0].fb.respondent.key.s,
			    two->events[0].fb.respondent.key.s,
			    one->events[0].fb.respondent.key.len) == 0);
	survey_end(one);
	survey_end(two);
}

static void test_one_respondent_a_row(void **state)
{
	struct read_survey *read =
	    read_text("Response ID,Why?,Anything else?\n"
		      "a-1,for one reason or another,and this as well\n"
		      "a-2,for no reason whatever,nothing more from me\n");
	const struct kept *e = read->events;

	(void)state;
	assert_int_equal(read->count, 4);
	assert_int_equal(e[0].fb.respondent.key.len,
			 e[1].fb.respondent.key.len);
	assert_memory_equal(e[0].fb.respondent.key.s, e[1].fb.respondent.key.s,
			    e[0].fb.respondent.key.len);
	assert_memory_not_equal(e[0].fb.respondent.key.s,
				e[2].fb.respondent.key.s,
				e[0].fb.respondent.key.len);
	survey_end(read);
}

/* Google Forms has no ids: two people may answer within one second. */
static void test_google_forms_within_one_second(void **state)
{
	static const char text[] =
	    "Timestamp,Your role,Anything else?\n"
	    "2015/02/09 11:23:25 AM GMT,Head,None of it works\n"
	    "2015/02/09 11:23:25 AM GMT,Head,None of it works\n"
	    "2015/02/09 4:16:25 PM GMT,Head,It all works very well\n";
	struct read_survey *read = read_text(text), *again = read_text(text);

	(void)state;
	assert_int_equal(read->survey->dialect, DIALECT_GOOGLE_FORMS);
	assert_int_equal(read->count, 3);
	assert_false(same_piece(&read->events[0], &read->events[1]));
	assert_int_equal(read->events[2].fb.said, 1423498585);
	assert_int_equal(pieces_shared(read, again), 3);
	survey_end(read);
	survey_end(again);
}

static void test_neither_ids_nor_times(void **state)
{
	struct read_survey *old = read_text("Region,Comments\n"
					    "Kent,None at all from me\n"
					    "Kent,None at all from me\n"
					    "Devon,More of it all please\n");
	struct read_survey *new = read_text("Region,Comments\n"
					    "Kent,None at all from me\n"
					    "Devon,More of it all please\n"
					    "Kent,None at all from me\n"
					    "Leeds,Less of it all please\n");

	(void)state;
	assert_int_equal(old->count, 3);
	assert_int_equal(new->count, 4);
	assert_int_equal(pieces_shared(new, old), 3);
	survey_end(old);
	survey_end(new);
}

#define QUALTRICS_NAMES                                                        \
	"StartDate,EndDate,Status,Finished,RecordedDate,"                      \
	"ResponseId,Q1,Q2\n"
#define QUALTRICS_TEXT                                                         \
	"Start Date,End Date,Response Type,Finished,Recorded Date,Response "   \
	"ID,\"What is\nyour role?\",What would you change?\n"
#define QUALTRICS_IMPORT                                                       \
	"\"{\"\"ImportId\"\":\"\"startDate\"\"}\",\"{\"\"ImportId\"\":"        \
	"\"\"endDate\"\"}\",\"{\"\"ImportId\"\":\"\"status\"\"}\",\"{"         \
	"\"\"ImportId\"\":\"\"finished\"\"}\",\"{\"\"ImportId\"\":"            \
	"\"\"recordedDate\"\"}\",\"{\"\"ImportId\"\":\"\"_recordId\"\"}\",\"{" \
	"\"\"ImportId\"\":\"\"QID1\"\"}\",\"{\"\"ImportId\"\":"                \
	"\"\"QID2_TEXT\"\"}\"\n"
#define QUALTRICS_ROWS                                                         \
	"2015-02-16 21:05:15,2015-02-16 21:20:46,IP Address,True,2015-02-16 "  \
	"21:20:46,R_1,Head,Shorter documents all round\n"                      \
	"2015-02-17 21:05:15,2015-02-17 21:20:46,Survey Preview,True,"         \
	"2015-02-17 21:20:46,R_2,Head,just trying it out\n"                    \
	"2015-02-18 21:05:15,2015-02-18 21:20:46,IP Address,False,2015-02-18 " \
	"21:20:46,R_3,Head,I would change the\n"

static void check_qualtrics(const char *text, size_t header_rows,
			    const char *question)
{
	struct read_survey *read = read_text(text);

	assert_int_equal(read->survey->dialect, DIALECT_QUALTRICS);
	assert_int_equal(read->survey->header_rows, header_rows);
	assert_int_equal(read->tally.rows, 3);
	assert_int_equal(read->tally.preview, 1);
	assert_int_equal(read->tally.unfinished, 1);
	assert_int_equal(read->count, 2);
	assert_str_equal(read->events[0].fb.question, question);
	assert_int_equal(read->events[0].fb.kind, SDG_KIND_UNSET);
	assert_int_equal(read->events[1].fb.kind, SDG_KIND_NOT_FEEDBACK);
	survey_end(read);
}

static void test_qualtrics_with_one_to_four_rows_of_headings(void **state)
{
	(void)state;
	check_qualtrics(QUALTRICS_NAMES QUALTRICS_ROWS, 1, "Q2");
	check_qualtrics(QUALTRICS_NAMES QUALTRICS_TEXT QUALTRICS_ROWS, 2,
			"What would you change?");
	check_qualtrics(
	    QUALTRICS_NAMES QUALTRICS_TEXT QUALTRICS_IMPORT QUALTRICS_ROWS, 3,
	    "What would you change?");
	check_qualtrics(QUALTRICS_NAMES QUALTRICS_TEXT QUALTRICS_IMPORT
			",,,,,,1,2\n" QUALTRICS_ROWS,
			4, "What would you change?");
}

static void test_reworded_qualtrics_question_is_the_same(void **state)
{
	struct read_survey *old = read_text(
	    QUALTRICS_NAMES QUALTRICS_TEXT QUALTRICS_IMPORT QUALTRICS_ROWS);
	struct read_survey *new = read_text(
	    QUALTRICS_NAMES
	    "Start Date,End Date,Response Type,Finished,Recorded Date,"
	    "Response ID,Your role?,What would you change "
	    "first?\n" QUALTRICS_IMPORT QUALTRICS_ROWS);

	(void)state;
	assert_int_equal(pieces_shared(old, new), 2);
	survey_end(old);
	survey_end(new);
}

static void test_finished_later_is_a_later_revision(void **state)
{
	struct read_survey *half = read_text(QUALTRICS_NAMES QUALTRICS_ROWS);
	struct read_survey *whole =
	    read_text(QUALTRICS_NAMES
		      "2015-02-18 21:05:15,2015-02-20 08:00:00,IP Address,True,"
		      "2015-02-20 08:00:00,R_3,Head,I would change the subs\n");

	(void)state;
	assert_true(same_piece(&half->events[1], &whole->events[0]));
	assert_true(whole->events[0].fb.revision > half->events[1].fb.revision);
	assert_int_equal(whole->events[0].fb.kind, SDG_KIND_UNSET);
	survey_end(half);
	survey_end(whole);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_later_export_adds_only_the_new),
		cmocka_unit_test(test_edited_answer_is_the_same_later),
		cmocka_unit_test(
		    test_survey_that_grew_a_question_keeps_its_answers),
		cmocka_unit_test(test_two_forms_with_the_same_ids_are_apart),
		cmocka_unit_test(test_one_respondent_a_row),
		cmocka_unit_test(test_google_forms_within_one_second),
		cmocka_unit_test(test_neither_ids_nor_times),
		cmocka_unit_test(
		    test_qualtrics_with_one_to_four_rows_of_headings),
		cmocka_unit_test(test_reworded_qualtrics_question_is_the_same),
		cmocka_unit_test(test_finished_later_is_a_later_revision),
	};

	setenv("TZ", "GMT0BST,M3.5.0/1,M10.5.0", 1);
	return cmocka_run_group_tests_name("survey_again", tests, NULL, NULL);
}
