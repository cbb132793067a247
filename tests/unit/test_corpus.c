/*
 * test_corpus: labelled lines. What a line says is taken as it was meant or
 * refused by file, line and value: a label that nobody knows does not fall
 * under the table.
 */
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

static void test_an_unknown_source_is_refused_by_name(void **state)
{
	(void)state;
	refused("{\"source\":\"mail\"}\n\n{\"source\":\"note\",\"rep\":\"A\"}",
		"read 'some.jsonl': line 3: source 'note' is none of mail, "
		"rep, survey");
	refused("{\"source\":\"any\"}",
		"read 'some.jsonl': line 1: source 'any' is none of mail, "
		"rep, survey");
	refused("{\"source\":2}",
		"read 'some.jsonl': line 1: source that is no string is none "
		"of mail, rep, survey");
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
	refused("{\"source\":\"We are a small school, in \\u00c5, and sad\"}",
		"read 'some.jsonl': line 1: source of 37 bytes is none of "
		"mail, rep, survey");
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
static void test_one_line_alone_is_asked_for_its_source_only(void **state)
{
	const struct sdg_corpus_place at = { "-", 7 };
	static const char label[] = "{\"kind\":\"spam\",\"source\":\"rep\"}";
	static const char hook[] = "{\"kind\":\"spam\",\"from\":{}}";
	static const char source[] = "{\"source\":\"note\"}";
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
	assert_fails(sdg_corpus_parse(source, strlen(source), at, &piece, &err),
		     SDG_EINVAL, err);
	assert_fails(sdg_corpus_parse("[]", 2, at, &piece, &err), SDG_ENOTFOUND,
		     err);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_an_unknown_source_is_refused_by_name),
		cmocka_unit_test(test_an_unknown_label_is_refused_by_name),
		cmocka_unit_test(test_themes_are_a_list_of_a_few_names),
		cmocka_unit_test(test_what_is_no_label_is_not_repeated),
		cmocka_unit_test(test_what_a_line_does_not_say_is_not_asked),
		cmocka_unit_test(
		    test_one_line_alone_is_asked_for_its_source_only),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
