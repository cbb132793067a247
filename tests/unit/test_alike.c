#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "alike.h"

#define WORDS 200

static uint64_t seed = 7;

static uint64_t dice(void)
{
	seed = seed * 6364136223846793005u + 1442695040888963407u;
	return seed >> 20;
}

static void draw_words(struct sdg_word *words, size_t n)
{
	for (size_t i = 0; i < n; i++)
		words[i] = (struct sdg_word){ .stem = dice() + 1 };
}

static int agreeing(const struct sketch *a, const struct sketch *b)
{
	int n = 0;

	for (size_t k = 0; k < ALIKE_HASHES; k++)
		n += a->least[k] == b->least[k];
	return n;
}

/* Texts that share a part agree in as many places as they share runs, on
 * average: Broder's estimate of resemblance. */
static void test_alike_sketches_estimate_resemblance(void **state)
{
	struct sdg_word a[WORDS], b[WORDS];
	struct sketch x, y;

	(void)state;
	for (size_t shared = 40; shared <= 160; shared += 40) {
		size_t runs = shared - ALIKE_RUN + 1;
		double wanted =
		    (double)runs / (double)(2 * (WORDS - ALIKE_RUN + 1) - runs);
		double sum = 0;

		for (int k = 0; k < 200; k++) {
			draw_words(a, WORDS);
			draw_words(b, WORDS);
			memcpy(b, a, shared * sizeof(*a));
			assert_true(alike_draw(a, WORDS, &x));
			assert_true(alike_draw(b, WORDS, &y));
			sum += agreeing(&x, &y);
		}
		sum /= 200.0 * (double)ALIKE_HASHES;
		if (sum < wanted - 0.02 || sum > wanted + 0.02)
			fail_msg("%zu shared: %.3f, not %.3f", shared, sum,
				 wanted);
	}
}

static void test_alike_too_few_words_are_not_compared(void **state)
{
	struct sdg_word a[ALIKE_WORDS_LEAST] = { { 0 } };
	struct sketch x;

	(void)state;
	assert_false(alike_draw(a, ALIKE_WORDS_LEAST - 1, &x));
	assert_true(alike_draw(a, ALIKE_WORDS_LEAST, &x));
}

/* Two letters, five times each with a sentence of one's own, among others. */
static void test_alike_letters_are_grouped_and_others_are_not(void **state)
{
	struct sdg_word letters[2][60], text[90];
	struct sketch sketches[40];
	uint32_t group[40];

	(void)state;
	draw_words(letters[0], 60);
	draw_words(letters[1], 60);
	for (size_t i = 0; i < 40; i++) {
		draw_words(text, 90);
		if (i % 4 < 2 && i < 20)
			memcpy(text + i, letters[i % 4], sizeof(letters[0]));
		assert_true(alike_draw(text, 75, &sketches[i]));
	}
	assert_int_equal(alike_groups(sketches, 40, 3, group), 2);
	for (uint32_t i = 0; i < 40; i++)
		assert_int_equal(group[i], i % 4 < 2 && i < 20 ? i % 4 + 1 : 0);
	assert_int_equal(alike_groups(sketches, 40, 6, group), 0);
	assert_int_equal(alike_groups(sketches, 0, 3, group), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_alike_sketches_estimate_resemblance),
		cmocka_unit_test(test_alike_too_few_words_are_not_compared),
		cmocka_unit_test(
		    test_alike_letters_are_grouped_and_others_are_not),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
