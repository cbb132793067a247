/* Role and phase: of forms, the directory, signatures, and the writer's word.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "classify_internal.h"

static const struct {
	const char *words, *role;
} ROLE_WORDS[] = {
	{ "Headteacher", "head" },
	{ "Head Teacher", "head" },
	{ "Principal", "head" },
	{ "Head of School", "head" },
	{ "Acting Headteacher", "head" },
	{ "HT", "head" },
	{ "Pennaeth", "head" },
	{ "College principal", "head" },
	{ "Deputy headteacher", "deputy" },
	{ "Deputy (curriculum)", "deputy" },
	{ "DHT", "deputy" },
	{ "Vice Principal", "deputy" },
	{ "Head of PRU", "head" },
	{ "Headteacher and Executive Head of Two Schools", "trust-leader" },
	{ "Principal Examiner", "unknown" },
	{ "Head Boy", "unknown" },
	{ "Vice-principal pastoral", "deputy" },
	{ "Senior Vice Principal", "deputy" },
	{ "Assistant headteacher", "assistant-head" },
	{ "AHT", "assistant-head" },
	{ "Assistant Principal (Assessment)", "assistant-head" },
	{ "Associate member of SLT", "assistant-head" },
	{ "Executive headteacher", "trust-leader" },
	{ "Executive Business Manager", "business-leader" },
	{ "Executive principal", "trust-leader" },
	{ "CEO", "trust-leader" },
	{ "Chief Executive", "trust-leader" },
	{ "Trust leader", "trust-leader" },
	{ "SBM", "business-leader" },
	{ "School Business Manager", "business-leader" },
	{ "Bursar", "business-leader" },
	{ "Finance director", "business-leader" },
	{ "Director of Finance", "business-leader" },
	{ "Chief Operating Officer", "business-leader" },
	{ "Director of resources", "business-leader" },
	{ "SENDCo", "other-leader" },
	{ "Head of Sixth Form", "other-leader" },
	{ "Director of Learning", "other-leader" },
	{ "Head of Creg Lea High School", "head" },
	{ "Head of Centre", "head" },
	{ "Head of School Improvement", "other-leader" },
	{ "Head of Upper School", "other-leader" },
	{ "Cover Manager / Assoc Member SLT", "assistant-head" },
	{ "Data manager", "other-leader" },
	{ "Depute Principal", "deputy" },
	{ "Safeguarding Lead & Assistant Head", "assistant-head" },
	{ "Chair of Governors", "governor" },
	{ "Retired", "retired" },
	{ "Former head", "retired" },
	{ "PA to the Headteacher", "other" },
	{ "Head's PA", "other" },
	{ "Teacher", "other" },
	{ "HoS", "head" },
	{ "EHT", "trust-leader" },
	{ "CoG", "governor" },
	{ "AVP: data", "assistant-head" },
	{ "Executive Vice Principal", "deputy" },
	{ "Second Master", "deputy" },
	{ "Headteacher (retired 2011)", "retired" },
	{ "Principal, now retired", "retired" },
	{ "formerly Principal, Woodside", "retired" },
	{ "ex-headteacher", "retired" },
	{ "Headteacher, Bay Academy (formerly Woodside)", "head" },
	{ "Other (please specify)", "other" },
	{ "Other senior leader", "other-leader" },
	{ "NQT", "other" },
	{ "Lecturer in education", "other" },
	{ "Prefer not to say", "unknown" },
	{ "", "unknown" },
	{ "Headless", "unknown" },
};

static void test_role_words(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(ROLE_WORDS) / sizeof(ROLE_WORDS[0]);
	     i++) {
		print_message("%s\n", ROLE_WORDS[i].words);
		assert_string_equal(ROLE_WORDS[i].role,
				    sdg_role_id(sdg_role_from_words(
					sdg_str(ROLE_WORDS[i].words))));
	}
}

static void test_phase_words(void **state)
{
	static const struct {
		const char *words;
		uint8_t phases;
	} rows[] = {
		{ "Secondary", SDG_PHASE_SECONDARY },
		{ "11-18 academy", SDG_PHASE_SECONDARY },
		{ "11-16", SDG_PHASE_SECONDARY },
		{ "Primary", SDG_PHASE_PRIMARY },
		{ "Junior", SDG_PHASE_PRIMARY },
		{ "Special (4-19)", SDG_PHASE_SPECIAL_AP },
		{ "PRU", SDG_PHASE_SPECIAL_AP },
		{ "All-through 3-18", SDG_PHASE_ALL_THROUGH },
		{ "3-18", SDG_PHASE_ALL_THROUGH },
		{ "Sixth form college", SDG_PHASE_POST_16 },
		{ "FE college", SDG_PHASE_POST_16 },
		{ "16-19", SDG_PHASE_POST_16 },
		{ "MAT", SDG_PHASE_TRUST },
		{ "Primary and secondary",
		  SDG_PHASE_PRIMARY | SDG_PHASE_SECONDARY },
		{ "Secondary + 2 primaries",
		  SDG_PHASE_PRIMARY | SDG_PHASE_SECONDARY },
		{ "Middle deemed secondary", SDG_PHASE_SECONDARY },
		{ "Independent", SDG_PHASE_INDEPENDENT },
		{ "Grammar", SDG_PHASE_SECONDARY },
		{ "Uwchradd", SDG_PHASE_SECONDARY },
		{ "SENDCo, Hilltop High", SDG_PHASE_SECONDARY },
		{ "KS1/KS2", SDG_PHASE_PRIMARY },
		{ "KS3, KS4 and KS5", SDG_PHASE_SECONDARY | SDG_PHASE_POST_16 },
		{ "Middle", SDG_PHASE_PRIMARY | SDG_PHASE_SECONDARY },
		{ "First", SDG_PHASE_PRIMARY },
		{ "High", SDG_PHASE_SECONDARY },
		{ "16 to 19", SDG_PHASE_POST_16 },
		{ "3 to 16", SDG_PHASE_ALL_THROUGH },
		{ "High hopes", 0 },
		{ "", 0 },
		{ "Prefer not to say", 0 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		print_message("%s\n", rows[i].words);
		assert_int_equal(rows[i].phases,
				 sdg_phases_from_words(sdg_str(rows[i].words)));
	}
}

static const char *role_of(const char *text, const char *signature)
{
	struct sdg_feedback fb = { .source = SDG_SOURCE_MAIL,
				   .text = sdg_str(text),
				   .signature = sdg_str(signature) };
	struct sdg_labels labels = { 0 };

	sdg_role_resolve(&fb, NULL, NULL, &labels, NULL);
	return sdg_role_id(labels.role);
}

static const char *role_from(const char *name, const char *address,
			     const char *signature)
{
	struct sdg_feedback fb = { .source = SDG_SOURCE_MAIL,
				   .text = sdg_str("Hi"),
				   .signature = sdg_str(signature) };
	struct sdg_labels labels = { 0 };

	fb.respondent.name = sdg_str(name);
	fb.respondent.address = sdg_str(address);
	sdg_role_resolve(&fb, NULL, NULL, &labels, NULL);
	return sdg_role_id(labels.role);
}

/* Head, Warden and Provost are surnames as well. */
static void test_role_is_not_a_surname(void **state)
{
	(void)state;
	assert_string_equal("deputy",
			    role_of("Hi", "Sam Head\nDeputy Headteacher"));
	assert_string_equal("unknown", role_of("Hi", "Best wishes\nSam Head"));
	assert_string_equal("unknown",
			    role_from("Samuel J Head", "", "Samuel J Head"));
	assert_string_equal("head", role_from("Jo Pell", "", "Jo Pell Head"));
	assert_string_equal("head", role_of("Hi", "Jo Pell\nActing Head"));
	assert_string_equal("head", role_of("Hi", "Jo Pell\nHead"));
	assert_string_equal("head", role_of("Hi", "Jo Pell\nThe Head"));
	assert_string_equal("head", role_of("Hi", "Founding Principal"));
	assert_string_equal("head", role_of("Hi", "Jo - Head"));
	assert_string_equal("business-leader",
			    role_of("Hi", "Domestic Bursar"));
}

/* "Headteacher: …" in a letterhead is whoever it names. */
static void test_role_of_a_letterhead_is_not_the_writers(void **state)
{
	static const char head[] = "Hilltop School\nHeadteacher: Mrs A. Body\n";

	(void)state;
	assert_string_equal("deputy",
			    role_from("C Ray", "cray@hill.example",
				      "Hilltop School\nHeadteacher: Mrs A. "
				      "Body\n\nC Ray, Deputy Head"));
	assert_string_equal("unknown",
			    role_from("Office", "office@hill.example", head));
	assert_string_equal("head",
			    role_from("Ann Body", "head@hill.example", head));
	assert_string_equal("head",
			    role_from("Hilltop", "abody@hill.example", head));
	assert_string_equal("head", role_from("", "", head));
	assert_string_equal("deputy", role_from("C Ray", "cray@hill.example",
						"Deputy Head: Curriculum"));
	assert_string_equal("head", role_from("C Ray", "cray@hill.example",
					      "Head: Hilltop School"));
}

static void test_role_of_signatures(void **state)
{
	(void)state;
	assert_string_equal("head",
			    role_of("Hi", "A Sugden\nHeadteacher, X School"));
	assert_string_equal("assistant-head",
			    role_of("Hi", "Rajinder Kaur, Assistant Principal "
					  "(Assessment)"));
	assert_string_equal("business-leader",
			    role_of("Hi", "Lesley Crook | Business Manager | "
					  "Tottingmoor High School"));
	assert_string_equal("other", role_of("Hi", "Mandy Hill\nPA to Mr "
						   "Wickstead, Headteacher"));
	assert_string_equal("governor",
			    role_of("Hi", "Rev D Heald, Chair of Governors "
					  "(and retired member)"));
	assert_string_equal("unknown", role_of("Hi", "Sent from my iPad"));
}

static void test_role_of_the_writers_word(void **state)
{
	(void)state;
	assert_string_equal("deputy",
			    role_of("I'm a deputy head at a big school.", ""));
	assert_string_equal(
	    "head", role_of("As a head I know it. Deputies don't.", ""));
	assert_string_equal("head",
			    role_of("Headteacher in Newham, 11 to 16.", ""));
	assert_string_equal("unknown",
			    role_of("Our head is an SBM's friend.", ""));
	assert_string_equal("unknown", role_of("A deputy told me so.", ""));
	assert_string_equal("unknown",
			    role_of("After 20 years as a deputy I took up my "
				    "first headship.",
				    ""));
	assert_string_equal("unknown", role_of("Dear Bursar, buy this.", ""));
}

static void test_role_of_another_who_is_quoted_is_not_the_writers(void **state)
{
	(void)state;
	assert_string_equal("unknown",
			    role_of("> I'm a deputy head here.\nI agree.", ""));
	assert_string_equal("unknown",
			    role_of("\"I'm a deputy head,\" she said.", ""));
	assert_string_equal("deputy",
			    role_of("I am \"Deputy Head\" of it.", ""));
	assert_string_equal("head", role_of("> I'm a deputy head.\n\nAs a head "
					    "I do not agree.",
					    ""));
}

static void test_role_form_then_directory_then_signature(void **state)
{
	struct sdg_known known = { .role = SDG_ROLE_DEPUTY,
				   .phases = SDG_PHASE_PRIMARY };
	struct sdg_feedback fb = {
		.signature = sdg_str("A B, Headteacher, X High School"),
		.respondent = { .role = sdg_str("SBM"),
				.phase = sdg_str("Special") },
	};
	static struct sdg_explanation why;
	struct sdg_labels labels = { 0 };

	(void)state;
	why.count = 0;
	sdg_role_resolve(&fb, &known, NULL, &labels, &why);
	assert_int_equal(SDG_ROLE_BUSINESS_LEADER, labels.role);
	assert_int_equal(SDG_PHASE_SPECIAL_AP, labels.phases);
	assert_int_equal(2, why.count);
	assert_int_equal(SDG_LABEL_ROLE, why.reasons[0].label);
	assert_string_equal("SBM", why.reasons[0].text);
	assert_int_equal(SDG_LABEL_PHASE, why.reasons[1].label);
	fb.respondent = (struct sdg_respondent){ 0 };
	sdg_role_resolve(&fb, &known, NULL, &labels, NULL);
	assert_int_equal(SDG_ROLE_DEPUTY, labels.role);
	assert_int_equal(SDG_PHASE_PRIMARY, labels.phases);
	why.count = 0;
	sdg_role_resolve(&fb, NULL, NULL, &labels, &why);
	assert_int_equal(SDG_ROLE_HEAD, labels.role);
	assert_int_equal(SDG_PHASE_SECONDARY, labels.phases);
	assert_string_equal("Headteacher", why.reasons[0].text);
	assert_int_equal(5, why.reasons[0].start);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_role_words),
		cmocka_unit_test(test_phase_words),
		cmocka_unit_test(test_role_is_not_a_surname),
		cmocka_unit_test(test_role_of_a_letterhead_is_not_the_writers),
		cmocka_unit_test(test_role_of_signatures),
		cmocka_unit_test(test_role_of_the_writers_word),
		cmocka_unit_test(
		    test_role_of_another_who_is_quoted_is_not_the_writers),
		cmocka_unit_test(test_role_form_then_directory_then_signature),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
