/*
 * Whether our own mail server vouches for a sender, whatever the sender
 * wrote into the mail to look like it.
 */
#include "test.h"

#include <string.h>

#include "mail.h"
#include "mail_vouch.h"

#define OURS "mx.association.example"

static enum mail_auth says(const char *value)
{
	return mail_auth_read(sdg_str(value), OURS, sdg_str("school.example"));
}

static void test_vouch_dmarc_pass(void **state)
{
	(void)state;
	assert_int_equal(says(OURS "; dmarc=pass header.from=school.example"),
			 MAIL_AUTH_PASS);
	assert_int_equal(says(OURS "; dmarc=pass"), MAIL_AUTH_PASS);
	assert_int_equal(
	    says("MX.Association.Example 1;\r\n\tspf=fail (no (really))"
		 " smtp.mailfrom=x@evil.example;\r\n\tDMARC/1=Pass"
		 " (p=none) header.from=School.Example"),
	    MAIL_AUTH_PASS);
}

static void test_vouch_dkim_and_spf_want_alignment(void **state)
{
	(void)state;
	assert_int_equal(says(OURS
			      "; dkim=pass header.d=school.example header.s=k1"
			      " header.b=AbC=="),
			 MAIL_AUTH_PASS);
	assert_int_equal(says(OURS "; dkim=pass header.i=@school.example"),
			 MAIL_AUTH_PASS);
	assert_int_equal(says(OURS "; dkim=pass header.d=evil.example"),
			 MAIL_AUTH_NO);
	assert_int_equal(says(OURS "; dkim=pass header.d=example"),
			 MAIL_AUTH_NO);
	assert_int_equal(says(OURS "; dkim=pass header.d=l.example"),
			 MAIL_AUTH_NO);
	assert_int_equal(says(OURS "; dkim=pass"), MAIL_AUTH_NO);
	assert_int_equal(says(OURS "; dkim=fail header.d=school.example;"
				   " dkim=pass header.d=evil.example"),
			 MAIL_AUTH_NO);
	assert_int_equal(says(OURS "; dkim=fail header.d=evil.example;"
				   " dkim=pass header.d=school.example"),
			 MAIL_AUTH_PASS);
	assert_int_equal(says(OURS "; spf=pass smtp.mailfrom=j@school.example"),
			 MAIL_AUTH_PASS);
	assert_int_equal(says(OURS "; spf=pass smtp.mailfrom=evil.example"),
			 MAIL_AUTH_NO);
	assert_int_equal(says(OURS "; spf=pass smtp.helo=school.example"),
			 MAIL_AUTH_NO);
	assert_int_equal(
	    mail_auth_read(sdg_str(OURS "; dkim=pass header.d=trust.example"),
			   OURS, sdg_str("north.trust.example")),
	    MAIL_AUTH_PASS);
}

static void test_vouch_failures_do_not(void **state)
{
	(void)state;
	assert_int_equal(says(OURS "; none"), MAIL_AUTH_NO);
	assert_int_equal(says(OURS), MAIL_AUTH_NO);
	assert_int_equal(says(OURS "; dmarc=fail header.from=school.example"),
			 MAIL_AUTH_NO);
	assert_int_equal(says(OURS "; dmarc=fail header.from=school.example;"
				   " dkim=pass header.d=school.example"),
			 MAIL_AUTH_NO);
	assert_int_equal(says(OURS "; dmarc=pass header.from=evil.example"),
			 MAIL_AUTH_NO);
	assert_int_equal(says(OURS "; dmarc=passed"), MAIL_AUTH_NO);
	assert_int_equal(says(OURS "; x-dmarc=pass"), MAIL_AUTH_NO);
}

/* The sender's own words inside our server's header. */
static void test_vouch_words_inside_are_only_words(void **state)
{
	(void)state;
	assert_int_equal(says(OURS "; spf=fail (sender says; dmarc=pass)"
				   " smtp.mailfrom=x@evil.example"),
			 MAIL_AUTH_NO);
	assert_int_equal(says(OURS "; spf=fail smtp.mailfrom=\"x; dmarc=pass \""
				   "@evil.example"),
			 MAIL_AUTH_NO);
	assert_int_equal(says(OURS "; spf=fail reason=\"a\\\"; dmarc=pass\""),
			 MAIL_AUTH_NO);
	assert_int_equal(says(OURS "; spf=fail dmarc=pass"), MAIL_AUTH_NO);
	assert_int_equal(says(OURS "; dmarc=pass (never ended"), MAIL_AUTH_NO);
	assert_int_equal(says(OURS "; dmarc=pass; spf=\"open"), MAIL_AUTH_NO);
	assert_int_equal(says(OURS "; dmarc=pass; ="), MAIL_AUTH_NO);
}

static void test_vouch_other_servers_are_other(void **state)
{
	(void)state;
	assert_int_equal(says("mx.evil.example; dmarc=pass"), MAIL_AUTH_OTHER);
	assert_int_equal(says(OURS ".evil.example; dmarc=pass"),
			 MAIL_AUTH_OTHER);
	assert_int_equal(says("(" OURS ") evil.example; dmarc=pass"),
			 MAIL_AUTH_OTHER);
	assert_int_equal(says(""), MAIL_AUTH_OTHER);
	assert_int_equal(mail_auth_read(sdg_str("; dmarc=pass"), "",
					sdg_str("school.example")),
			 MAIL_AUTH_OTHER);
}

#define FROM "From: Jane Doe <jane@school.example>\r\n"
#define AR "Authentication-Results: "
#define BODY "Subject: note\r\n\r\n- Members want the meetings back\r\n"

static bool vouched(const char *raw)
{
	struct mail *mail = mail_new();
	struct sdg_error err = { 0 };
	bool is;

	assert_non_null(mail);
	assert_ok(mail_read(mail, raw, strlen(raw), &err), err);
	is = mail_vouched(mail, OURS);
	mail_free(mail);
	return is;
}

static void test_vouch_topmost_of_ours_decides(void **state)
{
	(void)state;
	assert_true(vouched(AR OURS "; dmarc=pass\r\n" FROM BODY));
	assert_false(vouched(FROM BODY));
	assert_false(vouched(AR OURS "; dmarc=fail\r\n" FROM AR OURS
				     "; dmarc=pass\r\n" BODY));
	assert_true(vouched(AR OURS "; dmarc=pass\r\n" AR OURS
				    "; dmarc=fail\r\n" FROM BODY));
	assert_true(vouched(AR "inner.example; none\r\n" AR OURS
			       "; dmarc=pass\r\n" FROM BODY));
	assert_false(vouched(AR "mx.evil.example; dmarc=pass\r\n" FROM BODY));
	assert_false(
	    vouched("ARC-" AR "i=1; " OURS "; dmarc=pass\r\n" FROM BODY));
}

static void test_vouch_one_sender_only(void **state)
{
	(void)state;
	assert_false(vouched(AR OURS "; dmarc=pass\r\n" FROM
				     "From: x@evil.example\r\n" BODY));
	assert_false(vouched(AR OURS "; dmarc=pass\r\n"
				     "From: jane@school.example, "
				     "x@evil.example\r\n" BODY));
	assert_false(vouched(AR OURS "; dmarc=pass\r\n"
				     "Sender: jane@school.example\r\n" BODY));
}

/* Decoded, the envelope address below would be words of the header's own. */
static void test_vouch_encoded_words_stay_encoded(void **state)
{
	(void)state;
	assert_false(vouched(
	    AR OURS "; spf=fail smtp.mailfrom="
		    "=?utf-8?q?x;dmarc=3Dpass_y?=@evil.example\r\n" FROM BODY));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_vouch_dmarc_pass),
		cmocka_unit_test(test_vouch_dkim_and_spf_want_alignment),
		cmocka_unit_test(test_vouch_failures_do_not),
		cmocka_unit_test(test_vouch_words_inside_are_only_words),
		cmocka_unit_test(test_vouch_other_servers_are_other),
		cmocka_unit_test(test_vouch_topmost_of_ours_decides),
		cmocka_unit_test(test_vouch_one_sender_only),
		cmocka_unit_test(test_vouch_encoded_words_stay_encoded),
	};

	mail_init("", 0);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
