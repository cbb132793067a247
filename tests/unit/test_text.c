#include "test.h"

#include <soundings/text.h>
#include <stdlib.h>

static void cleans_to(const char *in, size_t len, const char *wanted)
{
	char out[256];
	size_t n = sdg_text_clean(in, len, out, sizeof(out));

	assert_str_equal(((struct sdg_str){ out, n }), wanted);
	assert_true(sdg_text_is_safe(out, n));
}

#define CLEANS(in, wanted) cleans_to(in, sizeof(in) - 1, wanted)

static void test_text_clean_keeps_good_text(void **state)
{
	(void)state;
	CLEANS("plain words, and more of them than eight",
	       "plain words, and more of them than eight");
	CLEANS("caf\xc3\xa9 \xe2\x80\x93 \xc2\xa3"
	       "5\n\tnext",
	       "caf\xc3\xa9 \xe2\x80\x93 \xc2\xa3"
	       "5\n\tnext");
	CLEANS("", "");
}

static void test_text_clean_makes_line_ends_one(void **state)
{
	(void)state;
	CLEANS("a\r\nb\rc\n", "a\nb\nc\n");
	CLEANS("a\r", "a\n");
}

static void test_text_clean_drops_controls(void **state)
{
	(void)state;
	CLEANS("a\0b", "ab");
	CLEANS("red\x1b[31mtext", "red[31mtext");
	CLEANS("a\x7f"
	       "b",
	       "ab");
	CLEANS("c1\xc2\x9b"
	       "31m",
	       "c131m");
	CLEANS("evil\xe2\x80\xaetxt", "eviltxt");
	CLEANS("iso\xe2\x81\xa6late\xe2\x81\xa9", "isolate");
}

/* Unicode 15, table 3-8: one U+FFFD for each maximal subpart. */
static void test_text_clean_replaces_ill_formed_sequences(void **state)
{
	(void)state;
	CLEANS("a\xf1\x80\x80\xe1\x80\xc2"
	       "b",
	       "a\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd"
	       "b");
	CLEANS("\xc0\xaf", "\xef\xbf\xbd\xef\xbf\xbd");
	CLEANS("\xed\xa0\x80", "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd");
	CLEANS("end\xe2\x82", "end\xef\xbf\xbd");
}

static void test_text_clean_cuts_at_a_character(void **state)
{
	char out[4];

	(void)state;
	assert_int_equal(sdg_text_clean("ab\xe2\x82\xac", 5, out, 4), 2);
	assert_int_equal(sdg_text_clean("abcdefghijkl", 12, out, 4), 4);
}

static void test_text_is_safe_refuses_what_clean_would_change(void **state)
{
	static const char *const bad[] = { "a\rb", "\x01", "long enough \x7f",
					   "\xff", "\xe2\x80\xae" };

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_false(sdg_text_is_safe(bad[i], strlen(bad[i])));
	assert_false(sdg_text_is_safe("12345678\0", 9));
}

/* Any bytes: the result is safe, no longer than promised, and stable. */
static void test_text_clean_makes_any_bytes_safe(void **state)
{
	unsigned seed = 7;
	char in[64], out[192], again[192];

	(void)state;
	for (int round = 0; round < 20000; round++) {
		size_t len, n, m;

		seed = seed * 1664525u + 1013904223u;
		len = (seed >> 16) % sizeof(in);
		for (size_t i = 0; i < len; i++) {
			seed = seed * 1664525u + 1013904223u;
			in[i] = (char)(seed >> 24);
		}
		n = sdg_text_clean(in, len, out, sizeof(out));
		assert_true(n <= 3 * len);
		assert_true(sdg_text_is_safe(out, n));
		m = sdg_text_clean(out, n, again, sizeof(again));
		assert_int_equal(m, n);
		assert_memory_equal(out, again, n);
		if (sdg_text_is_safe(in, len))
			assert_int_equal(n, len);
	}
}

static void test_text_cut_never_splits_a_character(void **state)
{
	(void)state;
	assert_int_equal(sdg_text_cut("a\xe2\x82\xac", 4, 3), 1);
	assert_int_equal(sdg_text_cut("a\xe2\x82\xac", 4, 4), 4);
	assert_int_equal(sdg_text_cut("abc", 3, 2), 2);
	assert_int_equal(sdg_text_cut("\xe2\x82\xac", 3, 2), 0);
}

static void test_text_visible_shows_what_hides(void **state)
{
	char *shown =
	    sdg_text_visible(sdg_str("a\x1b[0m\xe2\x80\xae\nb"), false);

	(void)state;
	assert_string_equal(shown, "a<U+001B>[0m<U+202E> b");
	free(shown);
	shown = sdg_text_visible(sdg_str("a\nb\xe2\x80\x8b"), true);
	assert_string_equal(shown, "a\nb<U+200B>");
	free(shown);
}

static void test_address_normalise_makes_one_person_one(void **state)
{
	static const char *const same[] = {
		"Jane.Doe@School.Example",
		"jane.doe@school.example",
		"Jane Doe <Jane.Doe@school.example>",
		"  <jane.doe+future@school.example> ",
		"\"Doe, Jane <x>\" <jane.doe@school.example>",
	};
	char out[100];

	(void)state;
	for (size_t i = 0; i < sizeof(same) / sizeof(same[0]); i++) {
		size_t n =
		    sdg_address_normalise(sdg_str(same[i]), out, sizeof(out));

		assert_int_equal(n, strlen("jane.doe@school.example"));
		assert_string_equal(out, "jane.doe@school.example");
	}
}

static void test_address_normalise_refuses_what_is_none(void **state)
{
	static const char *const none[] = {
		"",      "jane",          "@school.example",
		"jane@", "a b@c.example", "<jane@x.example"
	};
	char out[20];

	(void)state;
	for (size_t i = 0; i < sizeof(none) / sizeof(none[0]); i++)
		assert_int_equal(
		    sdg_address_normalise(sdg_str(none[i]), out, sizeof(out)),
		    0);
	assert_int_equal(
	    sdg_address_normalise(sdg_str("much.too.long@for.this.example"),
				  out, sizeof(out)),
	    0);
}

static void test_str_trim_takes_what_is_named_at_both_ends(void **state)
{
	const struct sdg_str spaced = sdg_str(" \t a b\n ");
	const struct sdg_str nul = { "\0x\0", 3 };

	(void)state;
	assert_str_equal(sdg_str_trim(spaced, SDG_BLANKS), "a b\n");
	assert_str_equal(sdg_str_trim(spaced, SDG_SPACES), "a b");
	assert_str_equal(sdg_str_trim(spaced, NULL), "a b");
	assert_str_equal(sdg_str_trim(nul, NULL), "x");
	assert_int_equal(sdg_str_trim(nul, SDG_SPACES).len, 3);
	assert_int_equal(sdg_str_trim(sdg_str(" \t"), SDG_BLANKS).len, 0);
	assert_int_equal(sdg_str_trim(sdg_str(NULL), NULL).len, 0);
}

static void test_is_id_knows_what_ids_are_made_of(void **state)
{
	(void)state;
	assert_true(sdg_is_id("funding-16-19"));
	assert_false(sdg_is_id(""));
	assert_false(sdg_is_id("Funding"));
	assert_false(sdg_is_id("pay and pensions"));
	assert_false(sdg_is_id("caf\xc3\xa9"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_text_clean_keeps_good_text),
		cmocka_unit_test(test_text_clean_makes_line_ends_one),
		cmocka_unit_test(test_text_clean_drops_controls),
		cmocka_unit_test(test_text_clean_replaces_ill_formed_sequences),
		cmocka_unit_test(test_text_clean_cuts_at_a_character),
		cmocka_unit_test(
		    test_text_is_safe_refuses_what_clean_would_change),
		cmocka_unit_test(test_text_clean_makes_any_bytes_safe),
		cmocka_unit_test(test_text_cut_never_splits_a_character),
		cmocka_unit_test(test_text_visible_shows_what_hides),
		cmocka_unit_test(test_address_normalise_makes_one_person_one),
		cmocka_unit_test(test_address_normalise_refuses_what_is_none),
		cmocka_unit_test(
		    test_str_trim_takes_what_is_named_at_both_ends),
		cmocka_unit_test(test_is_id_knows_what_ids_are_made_of),
	};

	return cmocka_run_group_tests_name("text", tests, NULL, NULL);
}
