/* What a column is: guessed, given, saved; and what its dates mean. */
#include <time.h>

#include <soundings/home.h>

#include "survey_helper.h"

static int64_t date(const char *text, enum date_order order)
{
	return survey_date(sdg_str(text), order, NULL, NULL);
}

static void test_dates_as_tools_write_them(void **state)
{
	const int64_t feb_9 = 1423440000; /* midnight, 9 February 2015 */

	(void)state;
	assert_int_equal(date("2015-02-09 16:16:25", 0), feb_9 + 58585);
	assert_int_equal(date("2015-02-09T16:16:25.123Z", 0), feb_9 + 58585);
	assert_int_equal(date("2015-02-09T17:16:25+01:00", 0), feb_9 + 58585);
	assert_int_equal(date("2015/02/09 4:16:25 PM GMT", 0), feb_9 + 58585);
	assert_int_equal(date("9/2/15 16:16", DATES_DAY_FIRST), feb_9 + 58560);
	assert_int_equal(date("02/09/2015 16:16:25", DATES_MONTH_FIRST),
			 feb_9 + 58585);
	assert_int_equal(date("9.2.2015", DATES_DAY_FIRST), feb_9);
	assert_int_equal(date("9 Feb 2015", DATES_MONTH_FIRST), feb_9);
	assert_int_equal(date("Monday, 9th February 2015 at 4:16 pm", 0),
			 feb_9 + 58560);
	assert_int_equal(date("Feb 9, 2015 12:16 AM", 0), feb_9 + 960);
	assert_int_equal(date("42044.678067", 0), feb_9 + 58585);
	assert_int_equal(date("1423498585", 0), feb_9 + 58585);
	assert_int_equal(date("1423498585000", 0), feb_9 + 58585);
}

static void test_summer_time_and_what_is_no_date(void **state)
{
	(void)state;
	/* British Summer Time: noon is eleven o'clock UTC */
	assert_int_equal(date("2015-07-01 12:00", 0), 1435748400);
	assert_int_equal(date("13/13/2015", 0), 0);
	assert_int_equal(date("2015-02-30x", 0), 0);
	/* not the second of March */
	assert_int_equal(date("2015-02-30 10:00", 0), 0);
	assert_int_equal(date("2015-02-30T10:00:00Z", 0), 0);
	assert_int_equal(date("29/02/2015 10:00", 0), 0);
	assert_int_equal(date("29/02/2016", 0), 1456704000);
	assert_int_equal(date("2015-12-31", 0), 1451520000);
	assert_int_equal(date("2015-02-09T16:16+999999999", 0), 0);
	assert_int_equal(date("2015-02-09T16:16+25:00", 0), 0);
	assert_int_equal(date("tomorrow", 0), 0);
	assert_int_equal(date("12", 0), 0);
	assert_int_equal(date("25:61", 0), 0);
	assert_int_equal(date("", 0), 0);
}

static enum date_order order_of(const char *text)
{
	struct read_survey *read = read_text(text);
	enum date_order order = read->survey->dates;

	survey_end(read);
	return order;
}

static void test_order_of_dates_is_told(void **state)
{
	(void)state;
	/* 13 can be no month */
	assert_int_equal(order_of("id,Date,Comments\n1,2/13/2015,more of it\n"),
			 DATES_MONTH_FIRST);
	assert_int_equal(order_of("id,Date,Comments\n1,13/2/2015,more of it\n"),
			 DATES_DAY_FIRST);
	/* One week in February, not a day in each of five months. */
	assert_int_equal(order_of("id,Date,Comments\n1,2/1/2015,more of it\n"
				  "2,2/2/2015,more of it\n3,2/5/2015,more\n"),
			 DATES_MONTH_FIRST);
	assert_int_equal(order_of("id,Date,Comments\n1,1/2/2015,more of it\n"
				  "2,2/2/2015,more of it\n3,5/2/2015,more\n"),
			 DATES_DAY_FIRST);
	/* Nothing tells: as it is written here. */
	assert_int_equal(order_of("id,Date,Comments\n1,1/2/2015,more of it\n"),
			 DATES_DAY_FIRST);
}

static enum column_kind kind_of(const struct read_survey *read,
				const char *label)
{
	for (size_t i = 0; i < read->survey->column_count; i++) {
		if (strcmp(read->survey->columns[i].label, label) == 0)
			return read->survey->columns[i].kind;
	}
	fail_msg("no column %s", label);
	return COLUMN_KIND_COUNT;
}

static void test_kinds_are_guessed(void **state)
{
	struct read_survey *read = read_text(
	    "Response ID,Submitted at,Email address,Job title,Type of "
	    "school,Name of school,School postcode,Home postcode,Local "
	    "authority,How satisfied are you?,Score out of 10,May we quote "
	    "you?,How could we improve?,A phone number?,How has your role "
	    "changed in "
	    "your region?\n"
	    "1,2015-02-01 10:00,a@b.example,Head,Primary,Low "
	    "Hall,CA10 1AA,CA11 2BB,Cumbria,Very,9,Yes,Shorter "
	    "forms,01632 960001,I do more and more of it\n"
	    "2,2015-02-01 11:00,c@d.example,Deputy,Secondary,High "
	    "Hall,CA10 1AB,CA11 2BC,Cumbria,Not,2,No,Longer forms,01632 "
	    "960002,I do less of it than I did\n"
	    "3,2015-02-01 12:00,e@f.example,Bursar,Secondary,The "
	    "Hall,CA10 1AC,CA11 2BD,Kent,Not,3,No,No forms,01632 "
	    "960003,it has not changed at all\n");

	(void)state;
	assert_int_equal(kind_of(read, "Response ID"), COLUMN_RESPONDENT);
	assert_int_equal(kind_of(read, "Submitted at"), COLUMN_COMPLETED);
	assert_int_equal(kind_of(read, "Email address"), COLUMN_EMAIL);
	assert_int_equal(kind_of(read, "Job title"), COLUMN_ROLE);
	assert_int_equal(kind_of(read, "Type of school"), COLUMN_PHASE);
	assert_int_equal(kind_of(read, "Name of school"), COLUMN_SCHOOL);
	assert_int_equal(kind_of(read, "School postcode"), COLUMN_POSTCODE);
	assert_int_equal(kind_of(read, "Home postcode"), COLUMN_IGNORE);
	assert_int_equal(kind_of(read, "Local authority"), COLUMN_REGION);
	assert_int_equal(kind_of(read, "How satisfied are you?"),
			 COLUMN_CHOICE);
	assert_int_equal(kind_of(read, "Score out of 10"), COLUMN_RATING);
	assert_int_equal(kind_of(read, "May we quote you?"), COLUMN_CONSENT);
	assert_int_equal(kind_of(read, "How could we improve?"), COLUMN_TEXT);
	assert_int_equal(kind_of(read, "A phone number?"), COLUMN_IGNORE);
	assert_int_equal(
	    kind_of(read, "How has your role changed in your region?"),
	    COLUMN_TEXT);
	assert_int_equal(read->count, 6);
	assert_true(read->events[0].fb.may_quote);
	assert_false(read->events[2].fb.may_quote);
	assert_int_equal(read->events[0].fb.choice_count, 2);
	/* Submitted is the only time there is, and no edit moves it. */
	assert_int_equal(read->events[0].fb.said, 1422784800);
	survey_end(read);
}

static struct read_survey *begin(const char *text)
{
	struct read_survey *read = malloc(sizeof(*read));
	struct sdg_error err = { 0 };

	assert_non_null(read);
	assert_ok(survey_begin_bytes(read, text, strlen(text), &err), err);
	return read;
}

static void test_a_person_knows_better(void **state)
{
	struct read_survey *read = begin("id,Thing,Where\n1,a b,Kent\n");
	struct sdg_error err = { 0 };

	(void)state;
	assert_ok(survey_map(read->survey, "Thing=text", &err), err);
	assert_ok(survey_map(read->survey, "#3=region", &err), err);
	assert_fails(survey_map(read->survey, "Thong=text", &err), SDG_EINVAL,
		     err);
	assert_string_equal(err.message, "no column \"Thong\" in the survey");
	assert_fails(survey_map(read->survey, "Thing=tixt", &err), SDG_EINVAL,
		     err);
	assert_fails(survey_map(read->survey, "Thing", &err), SDG_EINVAL, err);
	survey_take(read);
	assert_int_equal(read->count, 1);
	assert_str_equal(read->events[0].fb.text, "a b");
	assert_str_equal(read->events[0].fb.respondent.region, "Kent");
	survey_end(read);
}

static void test_mapping_is_saved_and_loaded(void **state)
{
	static const char text[] = "id,Thing: one,Where\n1,a b,Kent\n";
	struct read_survey *read = begin(text), *again = begin(text);
	struct sdg_error err = { 0 };
	char dir[] = "/tmp/soundings-mapping-XXXXXX", path[64];

	(void)state;
	assert_non_null(mkdtemp(dir));
	snprintf(path, sizeof(path), "%s/map.yaml", dir);
	assert_ok(survey_map(read->survey, "Thing: one=text", &err), err);
	assert_ok(survey_map(read->survey, "Where=school", &err), err);
	read->survey->dates = DATES_MONTH_FIRST;
	assert_ok(survey_mapping_save(read->survey, path, &err), err);
	assert_ok(survey_mapping_load(again->survey, path, &err), err);
	assert_int_equal(kind_of(again, "Thing: one"), COLUMN_TEXT);
	assert_int_equal(kind_of(again, "Where"), COLUMN_SCHOOL);
	assert_int_equal(again->survey->dates, DATES_MONTH_FIRST);
	/* A key that is misspelt is no mapping. */
	assert_ok(sdg_write_file(path, "colums: []\n", 11, 0600, &err), err);
	assert_fails(survey_mapping_load(again->survey, path, &err), SDG_EINVAL,
		     err);
	assert_int_equal(unlink(path), 0);
	assert_int_equal(rmdir(dir), 0);
	survey_end(read);
	survey_end(again);
}

static void test_one_row_an_answer(void **state)
{
	struct read_survey *read =
	    read_text("Respondent,Question,Answer\n"
		      "r1,What do you value?,the legal advice above all\n"
		      "r2,What would you change?,the price of it all\n");

	(void)state;
	/* An id that has one row each is an id; what was asked is a cell. */
	assert_int_equal(read->count, 2);
	assert_str_equal(read->events[0].fb.question, "What do you value?");
	assert_str_equal(read->events[1].fb.text, "the price of it all");
	survey_end(read);
}

/* A remark beside the answer is another piece, and none of the next row's. */
static void test_two_answers_in_a_row_are_two(void **state)
{
	static const char head[] =
	    "Respondent,Started,Question,Answer,Comments\n";
	static const char rows[] =
	    "r1,2015-02-03 10:00,What do you value?,the legal advice above "
	    "all,and do go on\n"
	    "r1,2015-02-03 10:00,What would you change?,the price of it "
	    "all,and the hours too\n";
	char *text;
	struct read_survey *both, *answers;

	(void)state;
	assert_true(asprintf(&text, "%s%s", head, rows) > 0);
	both = read_text(text);
	free(text);
	assert_int_equal(both->count, 4);
	for (size_t i = 0; i < 4; i++)
		for (size_t k = 0; k < i; k++)
			assert_false(
			    same_piece(&both->events[i], &both->events[k]));
	assert_str_equal(both->events[3].fb.question, "What would you change?");
	/* The answer is the same without the remark. */
	answers = read_text(
	    "Respondent,Started,Question,Answer\n"
	    "r1,2015-02-03 10:00,What do you value?,the legal advice above "
	    "all\n"
	    "r1,2015-02-03 10:00,What would you change?,the price of it all\n");
	assert_int_equal(answers->count, 2);
	assert_int_equal(pieces_shared(answers, both), 2);
	survey_end(answers);
	survey_end(both);
}

static void test_the_address_that_was_asked_for(void **state)
{
	struct read_survey *read = read_text(
	    "ID,Start time,Completion time,Email,Name,Your email address,What "
	    "went wrong?\n"
	    "1,13/2/15 09:01,13/2/15 09:10,anonymous,,Head@Low.example,The "
	    "parcel never came to us\n"
	    "2,13/2/15 10:01,13/2/15 10:10,anonymous,,,Nothing did as far as "
	    "we can tell\n");

	(void)state;
	assert_int_equal(read->count, 2);
	assert_str_equal(read->events[0].fb.respondent.address,
			 "head@low.example");
	assert_int_equal(read->events[0].fb.respondent.key.len, 0);
	assert_int_equal(read->events[1].fb.respondent.address.len, 0);
	assert_true(read->events[1].fb.respondent.key.len > 0);
	survey_end(read);
}

static void test_what_a_heading_asks_for(void **state)
{
	(void)state;
	assert_true(heading_is_open("Why did you join?"));
	assert_true(heading_is_open("Have you been to a branch? If not, why?"));
	assert_true(heading_is_open("Are you happy? Please explain."));
	assert_false(heading_is_open("Why did you join? (tick all)"));
	assert_false(heading_is_open("Have you any comments to select?"));
	assert_int_equal(heading_number("14.1.a. Write"), 8);
	assert_int_equal(heading_number("Q6. Write"), 4);
	assert_int_equal(heading_number("3.5 million"), 0);
	assert_int_equal(heading_number("Quite. So"), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_dates_as_tools_write_them),
		cmocka_unit_test(test_summer_time_and_what_is_no_date),
		cmocka_unit_test(test_order_of_dates_is_told),
		cmocka_unit_test(test_kinds_are_guessed),
		cmocka_unit_test(test_a_person_knows_better),
		cmocka_unit_test(test_mapping_is_saved_and_loaded),
		cmocka_unit_test(test_one_row_an_answer),
		cmocka_unit_test(test_two_answers_in_a_row_are_two),
		cmocka_unit_test(test_the_address_that_was_asked_for),
		cmocka_unit_test(test_what_a_heading_asks_for),
	};

	setenv("TZ", "GMT0BST,M3.5.0/1,M10.5.0", 1);
	return cmocka_run_group_tests_name("survey_columns", tests, NULL, NULL);
}
