/*
 * test_corpus: labelled lines. What a line says is taken as it was meant or
 * refused by file, line and value: a label that nobody knows does not fall
 * under the table.
 */
#include <stdlib.h>

#include "test.h"

#include "corpus.h"

static int count(void *arg, const struct sdg_corpus *piece,
		 struct sdg_error *err)
{
	size_t *n = arg;

	(void)piece;
	(void)err;
	++*n;
	return 0;
}

static void refused(const char *text, const char *message)
{
	struct sdg_error err = { 0 };
	size_t n = 0;

	assert_fails(
	    sdg_corpus_each(text, strlen(text), "some.jsonl", count, &n, &err),
	    SDG_EINVAL, err);
	assert_string_equal(message, err.message);
}

static size_t taken(const char *text)
{
	struct sdg_error err = { 0 };
	size_t n = 0;

	assert_ok(
	    sdg_corpus_each(text, strlen(text), "some.jsonl", count, &n, &err),
	    err);
	return n;
}

/* @line is of @source; @remark: what is said of it, NULL for nothing. */
static void is_of(const char *line, enum sdg_source source, const char *remark)
{
	const struct sdg_corpus_place at = { "some.jsonl", 3 };
	struct sdg_error err = { 0 };
	struct sdg_corpus piece;

	assert_ok(sdg_corpus_parse(line, strlen(line), at, &piece, &err), err);
	assert_int_equal(source, piece.fb.source);
	assert_int_equal(remark != NULL, sdg_corpus_remark(&piece, &err));
	if (remark)
		assert_string_equal(remark, err.message);
	sdg_corpus_fini(&piece);
}

static void test_a_source_by_another_word_is_that_source(void **state)
{
	(void)state;
	is_of("{\"source\":\"note\"}", SDG_SOURCE_REP, NULL);
	is_of("{\"source\":\"Survey\"}", SDG_SOURCE_SURVEY, NULL);
	is_of("{\"source\":\"E-mail\"}", SDG_SOURCE_MAIL, NULL);
	is_of("{\"source\":\"\",\"rep\":\"A\"}", SDG_SOURCE_MAIL, NULL);
	is_of("{\"source\":null}", SDG_SOURCE_MAIL, NULL);
	is_of("{}", SDG_SOURCE_MAIL, NULL);
}

static void test_a_source_that_is_none_goes_by_its_fields(void **state)
{
	(void)state;
	is_of("{\"source\":\"any\",\"rep\":\"A, Norfolk\"}", SDG_SOURCE_REP,
	      "read 'some.jsonl': line 3: source 'any' is none of mail, rep, "
	      "survey: taken as rep");
	is_of("{\"source\":\"blog\"}", SDG_SOURCE_MAIL,
	      "read 'some.jsonl': line 3: source 'blog' is none of mail, rep, "
	      "survey: taken as mail");
	is_of("{\"source\":2,\"respondent\":{\"region\":\"Wales\"}}",
	      SDG_SOURCE_SURVEY,
	      "read 'some.jsonl': line 3: source that is no string is none of "
	      "mail, rep, survey: taken as survey");
	is_of("{\"source\":\"We are a small school, in \\u00c5, and sad\"}",
	      SDG_SOURCE_MAIL,
	      "read 'some.jsonl': line 3: source of 37 bytes is none of mail, "
	      "rep, survey: taken as mail");
	assert_int_equal(1, taken("{\"source\":\"blog\",\"themes\":[\"a\"]}"));
}

/* As programs leave it that cut a text in the middle of an emoji. */
static void test_half_a_character_costs_only_itself(void **state)
{
	static const struct {
		const char *line, *text;
	} lines[] = {
		{ "{\"body\":\"so \\ud83d sad\"}", "so \xef\xbf\xbd sad" },
		{ "{\"body\":\"\\uDE00\"}", "\xef\xbf\xbd" },
		{ "{\"body\":\"\\ud83d\\u0041\"}", "\xef\xbf\xbd"
						   "A" },
		{ "{\"body\":\"\\ud83d\\ude00 \\ud83d\"}",
		  "\xf0\x9f\x98\x80 \xef\xbf\xbd" },
		{ "{\"body\":\"\\\\ud83d \\ud83d\"}", "\\ud83d \xef\xbf\xbd" },
	};
	const struct sdg_corpus_place at = { "some.jsonl", 1 };

	(void)state;
	for (size_t i = 0; i < sizeof(lines) / sizeof(*lines); i++) {
		struct sdg_error err = { 0 };
		struct sdg_corpus piece;

		assert_ok(sdg_corpus_parse(lines[i].line, strlen(lines[i].line),
					   at, &piece, &err),
			  err);
		assert_string_equal(lines[i].text, piece.fb.text.s);
		sdg_corpus_fini(&piece);
	}
	refused("{\"body\":\"\\ud83",
		"read 'some.jsonl': line 1: not a JSON object");
	refused("{\"body\":\"\\ud83d\\u12\"}",
		"read 'some.jsonl': line 1: not a JSON object");
}

static void test_an_unknown_label_is_refused_by_name(void **state)
{
	(void)state;
	refused("{\"kind\":\"spam\"}",
		"read 'some.jsonl': line 1: kind 'spam' is none of feedback, "
		"auto-reply, not-feedback");
	refused("{\"stance\":\"Positive\"}",
		"read 'some.jsonl': line 1: stance 'Positive' is none of "
		"neutral, positive, negative, mixed");
	refused("{\"role\":\"headteacher\"}",
		"read 'some.jsonl': line 1: role 'headteacher' is none of "
		"unknown, trust-leader, head, deputy, assistant-head, "
		"business-leader, other-leader, governor, retired, other");
	refused("{\"region\":\"South West\"}",
		"read 'some.jsonl': line 1: region 'South West' is none of "
		"north-east, north-west, yorkshire-humber, east-midlands, "
		"west-midlands, east-of-england, london, south-east, "
		"south-west, wales, scotland, northern-ireland, "
		"islands-overseas, unknown");
	refused("{\"region_evidence\":\"form\"}",
		"read 'some.jsonl': line 1: region_evidence 'form' is none of "
		"none, survey-field, statement, directory, postcode, "
		"authority, place, domain, claimed, person");
}

static void test_themes_are_a_list_of_a_few_names(void **state)
{
	(void)state;
	refused("{\"themes\":\"funding\"}",
		"read 'some.jsonl': line 1: themes is no list of strings");
	refused("{\"themes\":[\"funding\",1]}",
		"read 'some.jsonl': line 1: themes is no list of strings");
	refused("{\"themes\":[\"a\",\"b\",\"c\",\"d\",\"e\",\"f\",\"g\","
		"\"h\",\"i\"]}",
		"read 'some.jsonl': line 1: more than 8 themes");
}

/* Long, or of other bytes than labels have: a member may have written it. */
static void test_what_is_no_label_is_not_repeated(void **state)
{
	(void)state;
	refused("{\"stance\":\"\\u001b[2J\"}",
		"read 'some.jsonl': line 1: stance of 4 bytes is none of "
		"neutral, positive, negative, mixed");
	refused("x\n", "read 'some.jsonl': line 1: not a JSON object");
}

static void test_what_a_line_does_not_say_is_not_asked(void **state)
{
	(void)state;
	assert_int_equal(4, taken("{\"text\":\"a\"}\n"
				  "{\"source\":null,\"stance\":null,"
				  "\"themes\":null}\n"
				  "{\"source\":\"\",\"role\":\"\"}\n"
				  "{\"source\":\"rep\",\"kind\":\"feedback\","
				  "\"region\":\"unknown\",\"stance\":\"mixed\","
				  "\"role\":\"head\",\"themes\":[\"a\"],"
				  "\"region_evidence\":\"none\"}\n"));
}

/* Who classifies looks at no label, but for what the hook says of kind. */
static void test_a_line_has_a_longest(void **state)
{
	size_t max = SDG_CORPUS_LINE_MAX;
	char *text = malloc(max + 2);

	(void)state;
	assert_non_null(text);
	memset(text, ' ', max + 1);
	text[0] = '{';
	text[max - 1] = '}';
	text[max] = text[max + 1] = '\0';
	assert_int_equal(1, taken(text));
	text[max - 1] = ' ';
	text[max] = '}';
	refused(text, "read 'some.jsonl': line 1: longer than 8 MiB");
	free(text);
}

static void test_one_line_alone_is_asked_for_no_label(void **state)
{
	const struct sdg_corpus_place at = { "-", 7 };
	static const char label[] = "{\"kind\":\"spam\",\"source\":\"rep\"}";
	static const char hook[] = "{\"kind\":\"spam\",\"from\":{}}";
	struct sdg_error err = { 0 };
	struct sdg_corpus piece;

	(void)state;
	assert_ok(sdg_corpus_parse(label, strlen(label), at, &piece, &err),
		  err);
	assert_int_equal(SDG_SOURCE_REP, piece.fb.source);
	sdg_corpus_fini(&piece);
	assert_fails(sdg_corpus_parse(hook, strlen(hook), at, &piece, &err),
		     SDG_EINVAL, err);
	assert_string_equal("read '-': line 7: kind 'spam' is none of "
			    "feedback, auto-reply, not-feedback",
			    err.message);
	assert_fails(sdg_corpus_parse("[]", 2, at, &piece, &err), SDG_ENOTFOUND,
		     err);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_source_by_another_word_is_that_source),
		cmocka_unit_test(test_a_source_that_is_none_goes_by_its_fields),
		cmocka_unit_test(test_half_a_character_costs_only_itself),
		cmocka_unit_test(test_an_unknown_label_is_refused_by_name),
		cmocka_unit_test(test_themes_are_a_list_of_a_few_names),
		cmocka_unit_test(test_what_is_no_label_is_not_repeated),
		cmocka_unit_test(test_what_a_line_does_not_say_is_not_asked),
		cmocka_unit_test(test_a_line_has_a_longest),
		cmocka_unit_test(test_one_line_alone_is_asked_for_no_label),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
