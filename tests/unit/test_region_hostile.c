/* Region and role of hostile text: a megabyte of whatever is read in linear
 * time. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "classify_internal.h"

static void resolve_bytes(const char *s, size_t len)
{
	struct sdg_feedback fb = { .source = SDG_SOURCE_MAIL,
				   .text = { s, len },
				   .signature = { s, len },
				   .subject = { s, len },
				   .respondent.region = { s, len } };
	static struct sdg_explanation why;
	struct sdg_labels labels = { 0 };

	why.count = 0;
	sdg_region_resolve(&fb, NULL, NULL, &labels, &why);
	sdg_role_resolve(&fb, NULL, NULL, &labels, &why);
	assert_in_range(labels.region, SDG_REGION_NORTH_EAST,
			SDG_REGION_UNKNOWN);
	for (size_t i = 0; i < why.count; i++)
		assert_in_range(why.reasons[i].end, why.reasons[i].start, len);
}

static void repeat(const char *unit, size_t total)
{
	size_t len = strlen(unit), n = 0;
	char *s = malloc(total);

	assert_non_null(s);
	while (n + len <= total) {
		memcpy(s + n, unit, len);
		n += len;
	}
	resolve_bytes(s, n);
	free(s);
}

static void test_region_hostile_text_stays_linear(void **state)
{
	static const char *const units[] = {
		"a",
		"A",
		"TR1 2ZZ ",
		"TR12ZZ\n",
		"Leeds ",
		"'",
		"we're in ",
		"Stoke on ",
		"North ",
		".",
		"\n",
		"&",
		"\xe2\x80\x8b",
		"\xf0\x9f\x98\x80",
		"\xc3",
		"\xff",
		"Mr. ",
		"I lead a school in ",
		"\"",
		"King's ",
		"'a ",
		"\"a",
		">a\n",
		"\xe2\x80\x98 a",
		"\xe2\x80\x9c a",
		"and work in Leeds ",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++)
		repeat(units[i], 1 << 20);
	resolve_bytes("", 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_region_hostile_text_stays_linear),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
