#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "redact.h"

static void redacts(const char *in, const char *wanted)
{
	char *out = redact(sdg_str(in));

	assert_string_equal(out, wanted);
	free(out);
}

static void test_redact_names(void **state)
{
	(void)state;
	redacts("My deputy Sarah Blenkinsop left.", "My deputy [name] left.");
	redacts("We told Mr. Jones twice.", "We told [name] twice.");
	redacts("Dr Patel came.", "[name] came.");
	redacts("RB (SBM, 11-18): no time.", "[name] (SBM, 11-18): no time.");
	redacts("I asked Brian's office.", "I asked [name]'s office.");
}

/* Typographers' quotes and dashes, letters that are no ASCII, and what is
 * written without a space hide no name. */
static void test_redact_names_as_they_are_typed(void **state)
{
	(void)state;
	redacts("We asked \xe2\x80\x9cJane\xe2\x80\x9d twice.",
		"We asked \xe2\x80\x9c[name]\xe2\x80\x9d twice.");
	redacts("We lost two\xe2\x80\x94Jane and others.",
		"We lost two\xe2\x80\x94[name] and others.");
	redacts("My deputy \xe2\x80\x93 Jane Doe \xe2\x80\x93 left.",
		"My deputy \xe2\x80\x93 [name] \xe2\x80\x93 left.");
	redacts("It was Jane\xe2\x80\x99s idea.",
		"It was [name]\xe2\x80\x99s idea.");
	redacts("My deputy \xc3\x89lodie left.", "My deputy [name] left.");
	redacts("My deputy\xc2\xa0Jane left.", "My deputy [name] left.");
	redacts("My deputy/Jane left,Tom stayed.Mary too.",
		"My deputy/[name] left,[name] stayed.[name] too.");
	redacts("An ex-Blair head and/or a pro-Ofsted one.",
		"An ex-[name] head and/or a pro-Ofsted one.");
	redacts("I asked O'Neill-Smith.", "I asked [name].");
	redacts("It cost \xc2\xa3"
		"120000 to caf\xc3\xa9s.",
		"It cost \xc2\xa3"
		"120000 to caf\xc3\xa9s.");
	redacts("See stmary.leeds.sch.uk/heads, e.g. here.",
		"See [link]/heads, e.g. here.");
}

/* What is behind the sentence is not looked at. */
static void test_redact_reads_no_further(void **state)
{
	char *h = malloc(1), *out;

	(void)state;
	assert_non_null(h);
	*h = 'h';
	out = redact((struct sdg_str){ h, 1 });
	assert_string_equal(out, "h");
	free(out);
	*h = '\xe2';
	out = redact((struct sdg_str){ h, 1 });
	assert_string_equal(out, "\xe2");
	free(out);
	free(h);
}

static void test_redact_schools(void **state)
{
	(void)state;
	redacts("Here at Brackenthwaite High School we cut two posts.",
		"Here at [school] we cut two posts.");
	redacts("The Three Fells Learning Trust pays.", "[school] pays.");
	redacts("Our school has lost two posts.",
		"Our school has lost two posts.");
}

static void test_redact_addresses(void **state)
{
	(void)state;
	redacts("Write to head@x.lancs.sch.uk, please.",
		"Write to [address], please.");
	redacts("See https://example.org/a?b=c now.", "See [link] now.");
	redacts("We are at CA11 4ZQ.", "We are at [postcode].");
	redacts("We are at CA114ZQ.", "We are at [postcode].");
	redacts("Ring 01632 960118 or 07700 900123!",
		"Ring [number] or [number]!");
	redacts("Membership 483920 lapsed.", "Membership [number] lapsed.");
	/* School years are none; what only looks like one is. */
	redacts("Between 2010-11 and 2014/15 it fell.",
		"Between 2010-11 and 2014/15 it fell.");
	redacts("Since 1999\xe2\x80\x93"
		"00 it has.",
		"Since 1999\xe2\x80\x93"
		"00 it has.");
	redacts("Ring 2014-37 now.", "Ring [number] now.");
	redacts("They lost the Level 3 course.",
		"They lost the Level 3 course.");
}

static void test_redact_leaves_the_substance(void **state)
{
	static const char *const SAME[] = {
		"We lost \xc2\xa3"
		"120,000 and 3 posts in 2014.",
		"Ofsted and the DfE ask for GCSE data in Year 11.",
		"In March we cut 1,500 hours, 12.5 per cent.",
		"I'm told MATs will pay.",
		"Budgets for 2014 2015 fell.",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(SAME) / sizeof(*SAME); i++)
		redacts(SAME[i], SAME[i]);
}

static void test_sentences(void **state)
{
	const char *text = "Dear Brian\n\nWe are short of money, e.g. for "
			   "paper. Mr. Jones knows\nand so does everybody "
			   "else in this long wrapped line!\n- one\n- two";
	struct sentence_span s[8];
	size_t n = sentences_of(sdg_str(text), s, 8);

	(void)state;
	assert_int_equal(n, 5);
	assert_int_equal(s[0].end - s[0].start, strlen("Dear Brian"));
	assert_memory_equal(text + s[1].start,
			    "We are short of money, e.g. for paper.",
			    s[1].end - s[1].start);
	assert_int_equal(text[s[2].end - 1], '!');
	assert_memory_equal(text + s[4].start, "- two", 5);
	assert_int_equal(sentences_of(sdg_str(""), s, 8), 0);
	assert_int_equal(sentences_of(sdg_str("a. b. c."), s, 2), 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_redact_names),
		cmocka_unit_test(test_redact_names_as_they_are_typed),
		cmocka_unit_test(test_redact_reads_no_further),
		cmocka_unit_test(test_redact_schools),
		cmocka_unit_test(test_redact_addresses),
		cmocka_unit_test(test_redact_leaves_the_substance),
		cmocka_unit_test(test_sentences),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
