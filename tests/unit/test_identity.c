#include "test.h"

#include <stdio.h>

#include <soundings/identity.h>

static const char plain[] = "Return-Path: <jane@school.example>\n"
			    "Message-ID: <1@school.example>\n"
			    "Date: Thu, 5 Feb 2015 21:47:13 +0000\n"
			    "From: Jane Doe <jane@school.example>\n"
			    "Subject: Future\n"
			    "\n"
			    "Dear Brian\n"
			    "From where I stand it works.\n"
			    "\n"
			    "Jane\n";

/* The same mail as other ways of delivery change it. */
static const char *const ways[] = {
	/* Sieve: CRLF */
	"Message-ID: <1@school.example>\r\n"
	"Date: Thu, 5 Feb 2015 21:47:13 +0000\r\n"
	"From: Jane Doe <jane@school.example>\r\n"
	"Subject: Future\r\n"
	"\r\n"
	"Dear Brian\r\nFrom where I stand it works.\r\n\r\nJane\r\n",
	/* saved by an editor on Windows */
	"\xef\xbb\xbfMessage-ID: <1@school.example>\r\n"
	"Date: Thu, 5 Feb 2015 21:47:13 +0000\r\n"
	"From: Jane Doe <jane@school.example>\r\n"
	"\r\n"
	"Dear Brian\r\nFrom where I stand it works.\r\n\r\nJane\r\n",
	/* mbox: "From " line, ">From ", a blank line behind, headers added */
	"From jane@school.example Thu Feb  5 21:47:14 2015\n"
	"Delivered-To: future@association.example\n"
	"Received: from a by b; Thu, 5 Feb 2015 21:47:14 +0000\n"
	"MESSAGE-ID: <1@school.example>\n"
	"X-Spam: no,\n\tnot at all\n"
	"Date: Thu, 5 Feb 2015\n 21:47:13 +0000\n"
	"From:   Jane Doe\n\t<jane@school.example>\n"
	"\n"
	"Dear Brian\n>From where I stand it works.\n\nJane\n\n\n",
	/* no line end behind the last line */
	"From: Jane Doe <jane@school.example>\n"
	"Date: Thu, 5 Feb 2015 21:47:13 +0000\n"
	"Message-ID: <1@school.example>\n"
	"Message-ID: <second@school.example>\n"
	"\n"
	"Dear Brian\nFrom where I stand it works.\n\nJane",
};

static const char *const others[] = {
	"Message-ID: <2@school.example>\nDate: Thu, 5 Feb 2015 21:47:13 +0000\n"
	"From: Jane Doe <jane@school.example>\n\n"
	"Dear Brian\nFrom where I stand it works.\n\nJane\n",
	"Message-ID: <1@school.example>\nDate: Thu, 5 Feb 2015 21:47:13 +0000\n"
	"From: Jane Doe <jane@school.example>\n\n"
	"Dear Brian\nFrom where I stand it fails.\n\nJane\n",
	"Message-ID: <1@school.example>\nDate: Thu, 5 Feb 2015 21:47:13 +0000\n"
	"From: Jane Doe <jane@school.example>\n\n"
	"Dear Brian\nFrom where I stand it works.\nJane\n",
	"",
	"\n",
	"Message-ID: <1@school.example>",
};

static void test_identity_mail_is_one_by_every_way(void **state)
{
	uint8_t first[SDG_DIGEST_SIZE], again[SDG_DIGEST_SIZE];

	(void)state;
	sdg_identity_mail(plain, sizeof(plain) - 1, first);
	for (size_t i = 0; i < sizeof(ways) / sizeof(ways[0]); i++) {
		sdg_identity_mail(ways[i], strlen(ways[i]), again);
		assert_memory_equal(first, again, SDG_DIGEST_SIZE);
	}
}

static void test_identity_mail_tells_others_apart(void **state)
{
	uint8_t first[SDG_DIGEST_SIZE], other[SDG_DIGEST_SIZE];

	(void)state;
	sdg_identity_mail(plain, sizeof(plain) - 1, first);
	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
		sdg_identity_mail(others[i], strlen(others[i]), other);
		assert_memory_not_equal(first, other, SDG_DIGEST_SIZE);
	}
}

/* Lines without an empty one among them are a header to the last. */
static void test_identity_mail_without_headers_is_its_lines(void **state)
{
	static const char *const raw[] = { "Retu", "Retum",
					   "Dear all\nno heads left here",
					   "Subject: one\n\n",
					   "Subject: two\n\n" };
	uint8_t digests[5][SDG_DIGEST_SIZE], again[SDG_DIGEST_SIZE];

	(void)state;
	for (size_t i = 0; i < 5; i++) {
		sdg_identity_mail(raw[i], strlen(raw[i]), digests[i]);
		for (size_t k = 0; k < i; k++)
			assert_memory_not_equal(digests[i], digests[k],
						SDG_DIGEST_SIZE);
	}
	sdg_identity_mail("From a@b Mon\nDear all\r\nno heads left here\r\n",
			  43, again);
	assert_memory_equal(again, digests[2], SDG_DIGEST_SIZE);
}

/* What a quoted line of mbox is not. */
static void test_identity_mail_marks_are_not_always_mboxes(void **state)
{
	static const char *const bodies[] = { ">>",         ">",     "> From x",
					      ">Fromage x", ">From", "From x" };
	uint8_t digests[6][SDG_DIGEST_SIZE], quoted[SDG_DIGEST_SIZE];
	char raw[64];

	(void)state;
	for (size_t i = 0; i < 6; i++) {
		snprintf(raw, sizeof(raw), "Date: x\n\n%s\n", bodies[i]);
		sdg_identity_mail(raw, strlen(raw), digests[i]);
		for (size_t k = 0; k < i; k++)
			assert_memory_not_equal(digests[i], digests[k],
						SDG_DIGEST_SIZE);
	}
	sdg_identity_mail("Date: x\n\n>>From x\n", 18, quoted);
	assert_memory_equal(quoted, digests[5], SDG_DIGEST_SIZE);
}

/* Values longer than any buffer inside, folded or not. */
static void test_identity_mail_reads_long_headers(void **state)
{
	char folded[4096] = "From: ", flat[4096] = "From: ";
	uint8_t a[SDG_DIGEST_SIZE], b[SDG_DIGEST_SIZE];

	(void)state;
	for (int i = 0; i < 150; i++) {
		strcat(folded, "abcdefghij\r\n  ");
		strcat(flat, i ? " abcdefghij" : "abcdefghij");
	}
	strcat(folded, "\r\n\r\nbody");
	strcat(flat, "\n\nbody\n");
	sdg_identity_mail(folded, strlen(folded), a);
	sdg_identity_mail(flat, strlen(flat), b);
	assert_memory_equal(a, b, SDG_DIGEST_SIZE);
}

static void test_identity_parts_do_not_run_together(void **state)
{
	uint8_t a[SDG_DIGEST_SIZE], b[SDG_DIGEST_SIZE];

	(void)state;
	sdg_identity_survey(sdg_str("ab"), sdg_str("c"), sdg_str("q"), a);
	sdg_identity_survey(sdg_str("a"), sdg_str("bc"), sdg_str("q"), b);
	assert_memory_not_equal(a, b, SDG_DIGEST_SIZE);
	sdg_identity_note(sdg_str("Jane"), 5, sdg_str("text"), a);
	sdg_identity_note(sdg_str("Jane"), 6, sdg_str("text"), b);
	assert_memory_not_equal(a, b, SDG_DIGEST_SIZE);
	sdg_identity_content(sdg_str(""), sdg_str("text"), a);
	sdg_identity_content(sdg_str("text"), sdg_str(""), b);
	assert_memory_not_equal(a, b, SDG_DIGEST_SIZE);
}

/* Retries come from older builds: these digests may never change. */
static void test_identity_is_what_it_was(void **state)
{
	static const uint8_t mail_begins[] = { 0xd8, 0x11, 0x9a, 0x66,
					       0x26, 0x13, 0x81, 0x49 };
	static const uint8_t survey_begins[] = { 0xac, 0x6f, 0x1a, 0xb2,
						 0x13, 0xc9, 0x56, 0x31 };
	uint8_t digest[SDG_DIGEST_SIZE];

	(void)state;
	sdg_identity_mail(plain, sizeof(plain) - 1, digest);
	assert_memory_equal(digest, mail_begins, sizeof(mail_begins));
	sdg_identity_survey(sdg_str("s"), sdg_str("r"), sdg_str("q"), digest);
	assert_memory_equal(digest, survey_begins, sizeof(survey_begins));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_identity_mail_is_one_by_every_way),
		cmocka_unit_test(test_identity_mail_tells_others_apart),
		cmocka_unit_test(
		    test_identity_mail_without_headers_is_its_lines),
		cmocka_unit_test(
		    test_identity_mail_marks_are_not_always_mboxes),
		cmocka_unit_test(test_identity_mail_reads_long_headers),
		cmocka_unit_test(test_identity_parts_do_not_run_together),
		cmocka_unit_test(test_identity_is_what_it_was),
	};

	return cmocka_run_group_tests_name("identity", tests, NULL, NULL);
}
