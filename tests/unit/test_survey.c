/* Survey exports to events: the corpus, the dialects, and what is the same. */
#include <jansson.h>

#include "survey_helper.h"

/* ---------------------------------------------------------------- the corpus
 */

#define MANIFEST TEST_CORPUS "/surveys/MANIFEST.csv"

struct golden {
	const char *file;
	const struct read_survey *read;
	json_t *bodies; /* by id */
	size_t lines, previews;
};

static json_t *load_bodies(void)
{
	FILE *file = fopen(TEST_CORPUS "/feedback.jsonl", "r");
	json_t *bodies = json_object(), *line;

	assert_non_null(file);
	while ((line = json_loadf(file, JSON_DISABLE_EOF_CHECK, NULL))) {
		json_object_set(bodies,
				json_string_value(json_object_get(line, "id")),
				json_object_get(line, "body"));
		json_decref(line);
	}
	fclose(file);
	return bodies;
}

static bool equal(struct sdg_str a, struct sdg_str b)
{
	return a.len == b.len && (a.len == 0 || !memcmp(a.s, b.s, a.len));
}

static void check_text(struct golden *golden, struct sdg_str id,
		       const struct kept *kept)
{
	char key[16];
	const char *body;

	snprintf(key, sizeof(key), "%.*s", SDG_STR_ARG(id));
	body = json_string_value(json_object_get(golden->bodies, key));
	if (body)
		assert_str_equal(kept->fb.text, body);
}

/* file,row,respondent,question,id,kind,… */
static int check_line(void *arg, const struct table_row *row)
{
	struct golden *golden = arg;
	const struct sdg_str *cells = row->cells;
	const struct kept *found = NULL;
	char number[16];

	if (!sdg_str_eq(cells[0], golden->file))
		return 0;
	golden->lines++;
	for (size_t i = 0; i < golden->read->count; i++) {
		const struct kept *kept = &golden->read->events[i];

		snprintf(number, sizeof(number), "%llu",
			 (unsigned long long)kept->row);
		if (sdg_str_eq(cells[1], number) &&
		    equal(kept->fb.question, cells[3])) {
			assert_null(found);
			found = kept;
		}
	}
	if (sdg_str_eq(cells[4], "s068") || sdg_str_eq(cells[4], "s069")) {
		assert_null(found); /* Qualtrics' previews */
		golden->previews++;
		return 0;
	}
	if (!found)
		fail_msg("no event for %.*s", SDG_STR_ARG(cells[4]));
	check_text(golden, cells[4], found);
	if (sdg_str_eq(cells[4], "s073")) /* unfinished */
		assert_int_equal(found->fb.kind, SDG_KIND_NOT_FEEDBACK);
	return 0;
}

static void check_corpus(const char *file, size_t lines, size_t closed_only,
			 size_t previews)
{
	char path[512];
	struct golden golden = { .file = file, .bodies = load_bodies() };
	struct read_survey *read;
	struct table *manifest = NULL;
	struct sdg_error err = { 0 };

	snprintf(path, sizeof(path), "%s/surveys/%s", TEST_CORPUS, file);
	read = read_path(path);
	golden.read = read;
	assert_ok(table_open(MANIFEST, &manifest, &err), err);
	assert_ok(table_each(manifest, check_line, &golden, &err), err);
	assert_int_equal(golden.lines, lines);
	assert_int_equal(golden.previews, previews);
	assert_int_equal(read->tally.closed_only, closed_only);
	/* And not one event that the manifest does not know. */
	assert_int_equal(read->tally.answers, lines - previews + closed_only);
	assert_int_equal(read->tally.refused, 0);
	table_close(manifest);
	survey_end(read);
	json_decref(golden.bodies);
}

static void test_corpus_surveymonkey(void **state)
{
	(void)state;
	check_corpus("surveymonkey-shape-of-the-association.csv", 48, 2, 0);
}

static void test_corpus_microsoft_forms(void **state)
{
	(void)state;
	check_corpus("microsoft-forms-pressures.csv", 44, 1, 0);
}

static void test_corpus_google_forms(void **state)
{
	(void)state;
	check_corpus("google-forms-who-is-it-for.csv", 43, 0, 0);
}

static void test_corpus_qualtrics(void **state)
{
	(void)state;
	check_corpus("qualtrics-changing-roles.csv", 43, 0, 2);
}

static void test_surveymonkey_carries_questions_and_other(void **state)
{
	struct read_survey *read = read_path(
	    TEST_CORPUS "/surveys/surveymonkey-shape-of-the-association.csv");
	const struct kept *kept = NULL;

	(void)state;
	assert_int_equal(read->survey->dialect, DIALECT_SURVEYMONKEY);
	assert_int_equal(read->survey->header_rows, 2);
	for (size_t i = 0; i < read->count && !kept; i++) {
		if (read->events[i].row == 5)
			kept = &read->events[i];
	}
	assert_non_null(kept);
	assert_int_equal(kept->fb.choice_count, 5);
	assert_str_equal(kept->fb.choices[0].question,
			 "Which of these have you used in the past year? (Tick "
			 "all that apply)");
	assert_str_equal(kept->fb.choices[0].answer, "Hotline");
	assert_str_equal(kept->fb.choices[4].answer, "The Manual");
	assert_str_equal(kept->fb.respondent.region, "South West");
	/* 01/29/2015 13:09:54, month first, winter time */
	assert_int_equal(kept->fb.said, 1422536994);
	for (size_t i = 0; i < read->count; i++) {
		if (read->events[i].row == 6)
			assert_str_equal(read->events[i].fb.respondent.role,
					 "Deputy (curriculum)");
	}
	survey_end(read);
}

/* -------------------------------------------------------- shapes of files */

#define ROWS                                                                   \
	"Response ID,Submitted,Region,Comments\r\n"                            \
	"7,2015-02-03 10:00,Kent,\"One, with a comma\"\r\n"                    \
	"8,2015-02-03 11:00,Devon,\"two\nlines, \"\"quoted\"\"\"\r\n"

static void check_rows(const struct read_survey *read)
{
	assert_int_equal(read->count, 2);
	assert_str_equal(read->events[0].fb.text, "One, with a comma");
	assert_str_equal(read->events[0].fb.respondent.region, "Kent");
	assert_str_equal(read->events[1].fb.text, "two\nlines, \"quoted\"");
	assert_str_equal(read->events[1].fb.question, "Comments");
	assert_int_equal(read->events[1].line, 3);
	assert_int_equal(read->events[1].column, 4);
	assert_int_equal(read->events[0].fb.said, 1422957600);
}

static void test_plain_csv(void **state)
{
	struct read_survey *read = read_text(ROWS);

	(void)state;
	check_rows(read);
	survey_end(read);
}

static void test_utf_16_is_the_same_file(void **state)
{
	unsigned char wide[2 + 2 * sizeof(ROWS)] = { 0xff, 0xfe };
	unsigned char big[2 + 2 * sizeof(ROWS)] = { 0xfe, 0xff };
	struct read_survey *plain = read_text(ROWS), *read;
	size_t n = strlen(ROWS);

	(void)state;
	for (size_t i = 0; i < n; i++) {
		wide[2 + 2 * i] = (unsigned char)ROWS[i];
		big[3 + 2 * i] = (unsigned char)ROWS[i];
	}
	read = read_bytes(wide, 2 + 2 * n);
	check_rows(read);
	assert_int_equal(pieces_shared(plain, read), 2);
	survey_end(read);
	read = read_bytes(wide + 2, 2 * n); /* no byte order mark */
	check_rows(read);
	survey_end(read);
	read = read_bytes(big, 2 + 2 * n);
	check_rows(read);
	assert_int_equal(pieces_shared(plain, read), 2);
	survey_end(read);
	survey_end(plain);
}

static void test_windows_1252_with_semicolons(void **state)
{
	struct read_survey *read =
	    read_text("id;Region;Comments\n"
		      "1;Kent;It\x92s 10\x80 a head, caf\xe9 and all\n"
		      "2;Kent;\"nothing; really\"\n");

	(void)state;
	assert_int_equal(read->count, 2);
	assert_str_equal(read->events[0].fb.text,
			 "It’s 10€ a head, café and all");
	assert_str_equal(read->events[1].fb.text, "nothing; really");
	assert_non_null(strstr(table_describe(read->table), "windows-1252"));
	assert_non_null(strstr(table_describe(read->table), "semicolons"));
	survey_end(read);
}

static void test_excels_sep_line_and_tabs(void **state)
{
	struct read_survey *read = read_text("sep=;\nid;Comments\n"
					     "1;more, please, of it\n");

	(void)state;
	assert_int_equal(read->count, 1);
	assert_str_equal(read->events[0].fb.text, "more, please, of it");
	assert_int_equal(read->events[0].line, 3);
	survey_end(read);
	read = read_text("id\tComments\n1\tthe 5\" nail, they say\n");
	assert_int_equal(read->count, 1);
	assert_str_equal(read->events[0].fb.text, "the 5\" nail, they say");
	survey_end(read);
}

static void test_old_mac_line_ends(void **state)
{
	struct read_survey *read = read_text("id,Comments\r1,more trains\r"
					     "2,more buses\r");

	(void)state;
	assert_int_equal(read->count, 2);
	assert_int_equal(read->events[1].line, 3);
	survey_end(read);
}

static void test_byte_order_mark_is_no_heading(void **state)
{
	struct read_survey *read = read_text("\xef\xbb\xbf" ROWS);

	(void)state;
	check_rows(read);
	assert_string_equal(read->survey->columns[0].label, "Response ID");
	survey_end(read);
}

static void refuse_text(const char *text, const char *message)
{
	struct read_survey *read = malloc(sizeof(*read));
	struct sdg_error err = { 0 };

	assert_non_null(read);
	assert_fails(survey_begin_bytes(read, text, strlen(text), &err),
		     SDG_EINVAL, err);
	assert_string_equal(err.message, message);
	survey_end(read);
}

static void test_unterminated_quote_is_refused_with_its_line(void **state)
{
	(void)state;
	refuse_text("id,Comments\n1,fine\n2,\"secret words\n3,more\n",
		    "line 3: the quoted cell that begins here is not closed "
		    "before the file ends");
}

static void test_quote_that_swallows_rows_is_refused(void **state)
{
	(void)state;
	refuse_text("id,Comments\n1,\"secret words\n2,\"other words\"\n",
		    "line 3: a quote within the quoted cell that begins on "
		    "line 2 neither ends it nor is doubled");
}

static void test_not_a_survey(void **state)
{
	(void)state;
	refuse_text("", "the file is empty");
	refuse_text("\x7f"
		    "ELF\n",
		    "the file is not text");
}

static void test_too_many_cells_are_refused_by_line(void **state)
{
	struct read_survey *read = read_text("id,Comments\n1,a good answer\n"
					     "2,one, unquoted, comma\n"
					     "3,another answer\n");

	(void)state;
	assert_int_equal(read->count, 2);
	assert_int_equal(read->tally.refused, 1);
	assert_int_equal(read->refused_line, 3);
	assert_int_equal(read->refused_column, 3);
	assert_string_equal(read->refused_why, "more cells than headings");
	survey_end(read);
}

static void test_duplicate_headings_are_two_questions(void **state)
{
	struct read_survey *read =
	    read_text("id,Why?,Why?\n1,because of it,and that too\n");

	(void)state;
	assert_int_equal(read->count, 2);
	assert_string_equal(read->survey->columns[2].label, "Why? #2");
	assert_str_equal(read->events[1].fb.question, "Why?");
	assert_false(same_piece(&read->events[0], &read->events[1]));
	survey_end(read);
}

static void test_a_numbered_heading_is_a_question_of_its_own(void **state)
{
	struct read_survey *read = read_text("id,Why? #2,Why?,Why?\n"
					     "1,for it,because of it,and that "
					     "too\n");

	(void)state;
	assert_int_equal(read->count, 3);
	assert_string_equal(read->survey->columns[2].label, "Why?");
	assert_string_equal(read->survey->columns[3].label, "Why? #3");
	for (size_t i = 0; i < 3; i++)
		assert_false(
		    same_piece(&read->events[i], &read->events[(i + 1) % 3]));
	survey_end(read);
}

static void test_addresses_and_names_are_dropped(void **state)
{
	struct read_survey *read =
	    read_text("id,Name,Visitor,Email,Comments\n"
		      "1,Ann Other,203.0.113.7,ann+x@School.Example,better "
		      "trains\n"
		      "2,Bob,203.0.113.8,anonymous,better buses\n");

	(void)state;
	assert_int_equal(read->survey->columns[1].kind, COLUMN_IGNORE);
	assert_int_equal(read->survey->columns[2].kind, COLUMN_IGNORE);
	assert_int_equal(read->count, 2);
	assert_int_equal(read->events[0].fb.choice_count, 0);
	assert_str_equal(read->events[0].fb.respondent.address,
			 "ann@school.example");
	assert_int_equal(read->events[0].fb.respondent.key.len, 0);
	assert_int_equal(read->events[1].fb.respondent.address.len, 0);
	assert_true(read->events[1].fb.respondent.key.len > 0);
	survey_end(read);
}

/* A number keeps its digits: what it says may be when it was. */
static void test_json_numbers_are_whole(void **state)
{
	struct read_survey *read = read_text(
	    "{\"id\":1,\"started\":1423498585000.0,\"score\":1234567.5,"
	    "\"comments\":\"More of both, please\"}\n");

	(void)state;
	assert_int_equal(read->count, 1);
	assert_int_equal(read->events[0].fb.said, 1423498585);
	assert_int_equal(read->events[0].fb.choice_count, 1);
	assert_str_equal(read->events[0].fb.choices[0].answer, "1234567.5");
	survey_end(read);
}

/* A heading that is too long is cut between two characters. */
static void test_a_long_closed_question_is_cut(void **state)
{
	char text[3 * SDG_FIELD_MAX] = "id,Comments,Are you so";
	struct read_survey *read;
	struct sdg_str question;

	(void)state;
	while (strlen(text) < 2 * SDG_FIELD_MAX)
		strcat(text, "\xc3\xa9");
	strcat(text, "?\n1,More of both please and soon,Yes\n"
		     "2,More of neither please and soon,Yes\n");
	read = read_text(text);
	assert_int_equal(read->count, 2);
	assert_int_equal(read->events[0].fb.choice_count, 1);
	question = read->events[0].fb.choices[0].question;
	assert_true(question.len > SDG_FIELD_MAX - 4);
	assert_true(sdg_text_is_safe(question.s, question.len));
	survey_end(read);
}

static void test_json_lines(void **state)
{
	struct read_survey *read = read_text(
	    "{\"id\":\"a1\",\"respondent\":{\"role\":\"Head\",\"region\":"
	    "\"Kent\"},\"used\":[\"Hotline\",\"Website\"],"
	    "\"comments\":\"More of both, please\"}\n"
	    "{\"id\":\"a2\",\"comments\":\"Fewer emails would be good\"}\n");

	(void)state;
	assert_int_equal(read->count, 2);
	assert_str_equal(read->events[0].fb.text, "More of both, please");
	assert_str_equal(read->events[0].fb.respondent.role, "Head");
	assert_str_equal(read->events[0].fb.respondent.region, "Kent");
	survey_end(read);
	refuse_text("{\"id\":1,\"comments\":\"x y z\"}\nnot json\n",
		    "line 2: not a JSON object");
}

/* Tools leave out of a line what was not answered. */
static void test_a_question_first_answered_late_is_asked(void **state)
{
	struct read_survey *read;
	char *text = NULL;
	size_t len;
	FILE *to = open_memstream(&text, &len);

	(void)state;
	for (int i = 0; i < 210; i++)
		fprintf(to,
			"{\"id\":\"r%d\",\"comments\":\"more trains %d\"}\n", i,
			i);
	fprintf(to,
		"{\"id\":\"last\",\"anything else?\":\"yes, and buses\"}\n");
	assert_int_equal(fclose(to), 0);
	read = read_text(text);
	assert_int_equal(read->count, 211);
	assert_str_equal(read->events[210].fb.text, "yes, and buses");
	survey_end(read);
	free(text);
}

static void test_more_keys_than_are_kept_are_refused(void **state)
{
	char *text = NULL;
	size_t len;
	FILE *to = open_memstream(&text, &len);

	(void)state;
	for (int i = 0; i < 600; i++)
		fprintf(to, "%c\"why %d?\":\"because\"", i ? ',' : '{', i);
	fputs("}\n", to);
	assert_int_equal(fclose(to), 0);
	refuse_text(text, "the JSON lines: too many different keys");
	free(text);
}

static void test_lines_above_the_headings(void **state)
{
	struct read_survey *read =
	    read_text("Results of our survey\n\n"
		      "id;Region;Comments\n1;Kent;more trains, please\n"
		      "2;Devon;fewer cars, buses, lorries\n");

	(void)state;
	assert_int_equal(read->survey->header_rows, 2);
	assert_int_equal(read->count, 2);
	assert_str_equal(read->events[0].fb.question, "Comments");
	assert_str_equal(read->events[1].fb.respondent.region, "Devon");
	assert_int_equal(read->events[0].line, 4);
	survey_end(read);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_corpus_surveymonkey),
		cmocka_unit_test(test_corpus_microsoft_forms),
		cmocka_unit_test(test_corpus_google_forms),
		cmocka_unit_test(test_corpus_qualtrics),
		cmocka_unit_test(test_surveymonkey_carries_questions_and_other),
		cmocka_unit_test(test_plain_csv),
		cmocka_unit_test(test_utf_16_is_the_same_file),
		cmocka_unit_test(test_windows_1252_with_semicolons),
		cmocka_unit_test(test_excels_sep_line_and_tabs),
		cmocka_unit_test(test_old_mac_line_ends),
		cmocka_unit_test(test_byte_order_mark_is_no_heading),
		cmocka_unit_test(
		    test_unterminated_quote_is_refused_with_its_line),
		cmocka_unit_test(test_quote_that_swallows_rows_is_refused),
		cmocka_unit_test(test_not_a_survey),
		cmocka_unit_test(test_too_many_cells_are_refused_by_line),
		cmocka_unit_test(test_duplicate_headings_are_two_questions),
		cmocka_unit_test(
		    test_a_numbered_heading_is_a_question_of_its_own),
		cmocka_unit_test(test_addresses_and_names_are_dropped),
		cmocka_unit_test(test_json_lines),
		cmocka_unit_test(test_json_numbers_are_whole),
		cmocka_unit_test(test_a_question_first_answered_late_is_asked),
		cmocka_unit_test(test_more_keys_than_are_kept_are_refused),
		cmocka_unit_test(test_a_long_closed_question_is_cut),
		cmocka_unit_test(test_lines_above_the_headings),
	};

	setenv("TZ", "GMT0BST,M3.5.0/1,M10.5.0", 1);
	return cmocka_run_group_tests_name("survey", tests, NULL, NULL);
}
