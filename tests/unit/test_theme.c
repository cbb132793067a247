/*
 * Themes, kind and stance: the classifier as it is shipped, on real words
 * and on hostile ones.
 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "classifier_help.h"
#include "signals.h"

static struct sdg_labels classify(const char *subject, const char *text,
				  struct sdg_explanation *why)
{
	struct sdg_feedback fb = { .source = SDG_SOURCE_MAIL,
				   .subject = sdg_str(subject),
				   .text = sdg_str(text) };
	struct sdg_labels labels;

	sdg_classify(classifier, &fb, NULL, &labels, why);
	return labels;
}

static const char *main_theme(const char *text)
{
	struct sdg_labels labels = classify("", text, NULL);

	assert_true(labels.theme_count >= 1);
	assert_true(labels.theme_count <= SDG_THEMES_MAX);
	return sdg_classifier_theme_id(classifier, labels.themes[0]);
}

static void test_main_theme_of_plain_words(void **state)
{
	(void)state;
	assert_string_equal(main_theme("We were inspected by Ofsted in the "
				       "autumn and the grade was wrong."),
			    "inspection-accountability");
	assert_string_equal(main_theme("My pension contributions have gone up "
				       "again and there is no pay rise."),
			    "pay-pensions-conditions");
	assert_string_equal(main_theme("We cannot find a maths teacher at any "
				       "price and the agency sends nobody."),
			    "recruitment-retention");
	assert_string_equal(main_theme("The helpline rang me back within the "
				       "hour about my disciplinary hearing."),
			    "member-services");
}

static void test_nothing_said_is_other_alone(void **state)
{
	static const char *const texts[] = { "", " \n ", "zzkjq wqxv", "!!!" };

	(void)state;
	for (size_t i = 0; i < 4; i++) {
		struct sdg_labels labels = classify("", texts[i], NULL);

		if (labels.kind != SDG_KIND_FEEDBACK)
			continue;
		assert_int_equal(labels.theme_count, 1);
		assert_string_equal(
		    sdg_classifier_theme_id(classifier, labels.themes[0]),
		    "other");
	}
}

static void test_reasons_point_at_the_words(void **state)
{
	static const char text[] =
	    "L\u2019inspection \u2014 Ofsted\u2019s visit \u00e0 propos of "
	    "nothing; the \u201cbudget\u201d was cut by \u00a340,000 and "
	    "teachers\u2019 pay is frozen.";
	struct sdg_explanation *why = calloc(1, sizeof(*why));
	size_t seen = 0;

	(void)state;
	assert_non_null(why);
	classify("", text, why);
	for (size_t i = 0; i < why->count; i++) {
		const struct sdg_reason *reason = &why->reasons[i];

		if (reason->label != SDG_LABEL_THEME ||
		    reason->field != SDG_FIELD_TEXT)
			continue;
		assert_true(reason->start < reason->end);
		assert_true(reason->end <= strlen(text));
		assert_memory_equal(reason->text, text + reason->start,
				    strlen(reason->text));
		seen++;
	}
	assert_true(seen > 3);
	free(why);
}

static void test_same_words_same_labels_whatever_came_between(void **state)
{
	static const char text[] = "Our sixth form funding has been cut and "
				   "you have said nothing about it.";
	struct sdg_labels first = classify("Cuts", text, NULL), again;

	(void)state;
	for (int i = 0; i < 200; i++)
		classify("", i % 2 ? "Ofsted again, and workload" : "café",
			 NULL);
	again = classify("Cuts", text, NULL);
	assert_memory_equal(&first, &again, sizeof(first));
}

static struct sdg_labels answer(const char *question, const char *text)
{
	struct sdg_feedback fb = { .source = SDG_SOURCE_SURVEY,
				   .text = sdg_str(text),
				   .question = sdg_str(question) };
	struct sdg_labels labels;

	sdg_classify(classifier, &fb, NULL, &labels, NULL);
	return labels;
}

static void assert_same_labels(struct sdg_labels a, struct sdg_labels b)
{
	assert_int_equal(a.kind, b.kind);
	assert_int_equal(a.theme_count, b.theme_count);
	assert_memory_equal(a.themes, b.themes, sizeof(a.themes));
	assert_int_equal(a.stance, b.stance);
}

static void test_the_question_is_no_evidence(void **state)
{
	static const char pension[] =
	    "My pension and my pay: what will I get if I retire at 60?";
	static const char cuts[] =
	    "The budget is cut by £200,000 and the formula gives us nothing.";

	(void)state;
	assert_same_labels(
	    answer("", pension),
	    answer("What should we say to Ofsted about inspection?", pension));
	assert_same_labels(
	    answer("", cuts),
	    answer("How has your workload changed since 2010?", cuts));
}

static void test_a_bare_answer_is_read_by_its_question(void **state)
{
	struct sdg_labels labels = answer(
	    "How well does the association listen to you?", "It doesn't.");

	(void)state;
	assert_string_equal(
	    "voice-and-council",
	    sdg_classifier_theme_id(classifier, labels.themes[0]));
}

static bool has_theme(const struct sdg_labels *labels, const char *id)
{
	for (int i = 0; i < labels->theme_count; i++) {
		if (strcmp(
			sdg_classifier_theme_id(classifier, labels->themes[i]),
			id) == 0)
			return true;
	}
	return false;
}

static void test_what_it_is_not_about_is_no_theme(void **state)
{
	struct sdg_labels labels;

	(void)state;
	labels = classify("",
			  "This is not about pensions. We cannot find a "
			  "teacher of physics anywhere.",
			  NULL);
	assert_false(has_theme(&labels, "pay-pensions-conditions"));
	assert_true(has_theme(&labels, "recruitment-retention"));
	labels = classify("",
			  "It has nothing to do with Ofsted. I work seventy "
			  "hours a week and I am exhausted.",
			  NULL);
	assert_false(has_theme(&labels, "inspection-accountability"));
	assert_true(has_theme(&labels, "wellbeing-workload"));
}

static void test_quoted_lines_count_for_nothing(void **state)
{
	struct sdg_labels labels;

	(void)state;
	labels = classify("",
			  "More local meetings in Cumbria, please.\n\n> Ofsted "
			  "inspection, pay and pensions\n> have your say on "
			  "funding cuts\n",
			  NULL);
	assert_int_equal(labels.theme_count, 1);
	assert_true(has_theme(&labels, "regional-support"));
}

static void test_cells_that_say_nothing_are_no_feedback(void **state)
{
	static const char *const nothing[] = { "n/a", " N/A. ",     "-",
					       ".",   "No comment", "none" };
	struct sdg_feedback fb = { .source = SDG_SOURCE_SURVEY };
	struct sdg_labels labels;

	(void)state;
	for (size_t i = 0; i < sizeof(nothing) / sizeof(*nothing); i++) {
		fb.text = sdg_str(nothing[i]);
		sdg_classify(classifier, &fb, NULL, &labels, NULL);
		assert_int_equal(labels.kind, SDG_KIND_NOT_FEEDBACK);
		assert_int_equal(labels.theme_count, 0);
	}
	fb.text = sdg_str("Funding");
	sdg_classify(classifier, &fb, NULL, &labels, NULL);
	assert_int_equal(labels.kind, SDG_KIND_FEEDBACK);
	/* An answer in the subject is an answer. */
	fb.text = sdg_str("");
	fb.subject = sdg_str("More of you on Radio 4 please");
	sdg_classify(classifier, &fb, NULL, &labels, NULL);
	assert_int_equal(labels.kind, SDG_KIND_FEEDBACK);
}

static void test_flags_by_words(void **state)
{
	struct sdg_labels labels;

	(void)state;
	labels = classify("", "My disciplinary hearing is on Thursday.", NULL);
	assert_true(labels.flags & SDG_FLAG_CASEWORK);
	labels = classify("",
			  "In 2009 I was suspended. We meet on Friday to "
			  "plan the fair.",
			  NULL);
	assert_false(labels.flags & SDG_FLAG_CASEWORK);
	labels = classify("", "Please take me off your mailing list.", NULL);
	assert_true(labels.flags & SDG_FLAG_UNSUBSCRIBE);
	labels =
	    classify("", "A girl in Year 9 told us she is suicidal.", NULL);
	assert_true(labels.flags & SDG_FLAG_SAFEGUARDING);
	labels = classify("", "More meetings, please.", NULL);
	assert_int_equal(labels.flags, 0);
}

/* A letter of many pages about one dispute: what is said last of all. */
static void test_a_long_letter_is_flagged_by_its_end(void **state)
{
	char text[8192] = "";
	struct sdg_labels labels;

	(void)state;
	for (int i = 0; i < 60; i++)
		strcat(text, "Then redundancy was on the table again. ");
	labels = classify("", text, NULL);
	assert_int_equal(labels.flags, 0);
	strcat(text, "The hearing is tomorrow. A girl told me she is "
		     "suicidal. Please take me off the list.");
	labels = classify("", text, NULL);
	assert_int_equal(labels.flags, SDG_FLAG_CASEWORK |
					   SDG_FLAG_SAFEGUARDING |
					   SDG_FLAG_UNSUBSCRIBE);
}

static double seconds_for(size_t len, const char *pattern)
{
	char *text = malloc(len + 1);
	struct sdg_feedback fb = { .source = SDG_SOURCE_MAIL };
	struct sdg_labels labels;
	struct timespec from, to;
	size_t n = strlen(pattern);

	assert_non_null(text);
	for (size_t i = 0; i < len; i++)
		text[i] = pattern[i % n];
	fb.text = (struct sdg_str){ text, len };
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &from);
	sdg_classify(classifier, &fb, NULL, &labels, NULL);
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &to);
	free(text);
	return (double)(to.tv_sec - from.tv_sec) +
	       (double)(to.tv_nsec - from.tv_nsec) / 1e9;
}

static void test_hostile_text_stays_linear(void **state)
{
	static const char *const patterns[] = {
		"x",
		"a ",
		"M1 1AA ",
		"\xff\xfe",
		"\xe2\x80\xae",
		"e\xcc\x81",
		"we are in ",
		"regional pay ",
		"a\xf0\x9f\x98\x80",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(patterns) / sizeof(*patterns); i++)
		assert_true(seconds_for(1024 * 1024, patterns[i]) < 2);
}

/* Four times the text takes some four times as long; sixteen, if every word
 * had all those before it looked at. */
static void test_one_long_line_stays_linear(void **state)
{
	static const char *const patterns[] = {
		">\xe2\x80\xa2"
		"a", /* bullets begin lines, but no line of a mail */
		">\xe2\x80\xa8"
		"a",
		"> a\n",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(patterns) / sizeof(*patterns); i++) {
		double one = 1e9, four = 1e9;

		for (int k = 0; k < 5; k++) {
			one = fmin(one, seconds_for(11000, patterns[i]));
			four = fmin(four, seconds_for(44000, patterns[i]));
		}
		if (four > 9 * one + 1e-3)
			fail_msg("'%s': %.4f s, and %.4f s for four times it",
				 patterns[i], one, four);
	}
}

static void test_long_messages_do_not_collect_every_theme(void **state)
{
	char *text = calloc(1, 40000);
	struct sdg_labels labels;

	(void)state;
	assert_non_null(text);
	while (strlen(text) < 39000)
		strcat(text,
		       "Ofsted came. The budget is cut. Pay is frozen. We "
		       "cannot recruit. Workload is up. Pupils are unhappy. ");
	labels = classify("", text, NULL);
	assert_true(labels.theme_count <= 3);
	free(text);
}

static bool has_reason(const struct sdg_explanation *why, enum sdg_label label,
		       const char *rule, const char *text)
{
	for (size_t i = 0; i < why->count; i++) {
		const struct sdg_reason *reason = &why->reasons[i];

		if (reason->label == label && strcmp(reason->text, text) == 0 &&
		    strcmp(reason->rule, rule) == 0)
			return true;
	}
	return false;
}

static void test_a_muted_word_addresses_nobody(void **state)
{
	static const char text[] = "Not about pay but the inspection.";
	struct sdg_feature features[SDG_FEATURES_OF(8)];
	struct sdg_stemmer *stemmer;
	struct sdg_error err;
	struct sdg_address address;
	struct sdg_word words[8];
	size_t n, stances = 0;

	(void)state;
	assert_int_equal(sdg_stemmer_new(&stemmer, &err), 0);
	sdg_address_init(&address, stemmer);
	n = sdg_words_split(stemmer, sdg_str(text), words, 8);
	assert_int_equal(n, 6);
	sdg_word_mute(words, 2);
	n = sdg_features_list(&address, words, n, SDG_FIELD_TEXT, features);
	for (size_t i = 0; i < n; i++)
		stances += features[i].how.stance;
	assert_int_equal(stances, 2); /* how it begins: a word, and a pair */
	sdg_stemmer_free(stemmer);
}

static void test_stance_is_told_with_its_words(void **state)
{
	static struct sdg_explanation why;

	(void)state;
	assert_int_equal(classify("",
				  "We had no heating for a fortnight and the "
				  "county sent a man who measured the hall.",
				  NULL)
			     .stance,
			 SDG_STANCE_NEUTRAL);
	assert_int_equal(classify("",
				  "The regional pilot has been brilliant. "
				  "Please keep it.",
				  &why)
			     .stance,
			 SDG_STANCE_POSITIVE);
	assert_true(has_reason(&why, SDG_LABEL_STANCE, "word", "brilliant"));
}

static void test_what_headers_said_of_the_kind_stands(void **state)
{
	struct sdg_feedback fb = { .source = SDG_SOURCE_MAIL,
				   .kind = SDG_KIND_AUTO_REPLY,
				   .text = sdg_str("Ofsted and funding.") };
	struct sdg_labels labels;

	(void)state;
	sdg_classify(classifier, &fb, NULL, &labels, NULL);
	assert_int_equal(labels.kind, SDG_KIND_AUTO_REPLY);
	assert_int_equal(labels.theme_count, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_main_theme_of_plain_words),
		cmocka_unit_test(test_nothing_said_is_other_alone),
		cmocka_unit_test(test_reasons_point_at_the_words),
		cmocka_unit_test(
		    test_same_words_same_labels_whatever_came_between),
		cmocka_unit_test(test_the_question_is_no_evidence),
		cmocka_unit_test(test_a_bare_answer_is_read_by_its_question),
		cmocka_unit_test(test_what_it_is_not_about_is_no_theme),
		cmocka_unit_test(test_quoted_lines_count_for_nothing),
		cmocka_unit_test(test_cells_that_say_nothing_are_no_feedback),
		cmocka_unit_test(test_flags_by_words),
		cmocka_unit_test(test_a_long_letter_is_flagged_by_its_end),
		cmocka_unit_test(test_hostile_text_stays_linear),
		cmocka_unit_test(test_one_long_line_stays_linear),
		cmocka_unit_test(test_long_messages_do_not_collect_every_theme),
		cmocka_unit_test(test_a_muted_word_addresses_nobody),
		cmocka_unit_test(test_stance_is_told_with_its_words),
		cmocka_unit_test(test_what_headers_said_of_the_kind_stands),
	};

	return cmocka_run_group_tests(tests, open_classifier, close_classifier);
}
