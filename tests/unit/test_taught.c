/*
 * Which texts a model was taught: told by their words, and found again.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "taught.h"

static uint64_t of(const char *text, const char *subject)
{
	return sdg_taught_digest(sdg_str(text), sdg_str(subject));
}

static void test_white_space_and_case_do_not_tell_texts_apart(void **state)
{
	(void)state;
	assert_true(of("Phones must go.", "") ==
		    of(" phones\r\n must  GO. ", "x"));
	assert_true(of("Phones must go.", "") != of("Phones must go!", ""));
	assert_true(of("", "Phones") == of("phones", ""));
}

static void test_long_texts_differ_at_their_end(void **state)
{
	char a[1000], b[1000];

	(void)state;
	memset(a, 'a', sizeof(a));
	memcpy(b, a, sizeof(b));
	assert_true(
	    sdg_taught_digest((struct sdg_str){ a, 1000 }, sdg_str("")) ==
	    sdg_taught_digest((struct sdg_str){ b, 1000 }, sdg_str("")));
	b[999] = 'b';
	assert_true(
	    sdg_taught_digest((struct sdg_str){ a, 1000 }, sdg_str("")) !=
	    sdg_taught_digest((struct sdg_str){ b, 1000 }, sdg_str("")));
}

static void test_each_is_found_and_no_other(void **state)
{
	uint64_t list[] = { 7, 3, UINT64_MAX, 3, 0, 7 };
	size_t n = sdg_taught_sort(list, 6);

	(void)state;
	assert_int_equal(n, 4);
	assert_true(sdg_taught_has(list, n, 0));
	assert_true(sdg_taught_has(list, n, 3));
	assert_true(sdg_taught_has(list, n, UINT64_MAX));
	assert_false(sdg_taught_has(list, n, 4));
	assert_false(sdg_taught_has(NULL, 0, 0));
	assert_int_equal(sdg_taught_sort(list, 0), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    test_white_space_and_case_do_not_tell_texts_apart),
		cmocka_unit_test(test_long_texts_differ_at_their_end),
		cmocka_unit_test(test_each_is_found_and_no_other),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
