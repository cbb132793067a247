/* keys: what is sealed opens under its own month and key alone, and no nonce
 * is ever used twice. */
#include "test.h"

#include <stdio.h>
#include <stdlib.h>

#include <soundings/keys.h>

#define NONCE 24
#define MANY 5000
#define MONTH (2026 * 12)

static char dir[64];
static struct sdg_keys *keys;
static const uint8_t about[16] = "sixteen bytes...";

static int setup(void **state)
{
	struct sdg_error err = { 0 };

	(void)state;
	snprintf(dir, sizeof(dir), "/tmp/sdg-keys-XXXXXX");
	assert_non_null(mkdtemp(dir));
	assert_ok(sdg_keys_open(dir, true, &keys, &err), err);
	return 0;
}

static int teardown(void **state)
{
	char command[128];

	(void)state;
	sdg_keys_close(keys);
	snprintf(command, sizeof(command), "rm -rf %s", dir);
	return system(command);
}

static int by_nonce(const void *a, const void *b)
{
	return memcmp(a, b, NONCE);
}

static void seal(uint32_t month, int number, uint8_t out[])
{
	struct sdg_error err = { 0 };
	char text[16];

	snprintf(text, sizeof(text), "text %06d", number);
	assert_ok(sdg_keys_seal(keys, month, about, text, 11, out, &err), err);
}

static void opens(struct sdg_keys *with, uint32_t month, int number,
		  const uint8_t *sealed)
{
	struct sdg_error err = { 0 };
	char text[16], out[16];

	snprintf(text, sizeof(text), "text %06d", number);
	assert_ok(sdg_keys_unseal(with, month, about, sealed,
				  11 + SDG_SEAL_EXTRA, (uint8_t *)out, &err),
		  err);
	assert_memory_equal(out, text, 11);
}

/* Months in turns, a key rotated in between, another handle on the same keys.
 */
static void test_keys_never_use_a_nonce_twice(void **state)
{
	static uint8_t sealed[MANY][11 + SDG_SEAL_EXTRA];
	struct sdg_error err = { 0 };
	struct sdg_keys *other;

	(void)state;
	assert_ok(sdg_keys_open(dir, false, &other, &err), err);
	for (int i = 0; i < MANY; i++) {
		uint32_t month = MONTH + (uint32_t)(i > 3000 && i % 7 == 0);

		if (i == MANY / 2)
			assert_ok(sdg_keys_rotate(keys, MONTH, &err), err);
		seal(month, i, sealed[i]);
	}
	for (int i = 0; i < MANY; i++)
		opens(i % 2 ? keys : other,
		      MONTH + (uint32_t)(i > 3000 && i % 7 == 0), i, sealed[i]);
	qsort(sealed, MANY, sizeof(sealed[0]), by_nonce);
	for (int i = 1; i < MANY; i++)
		assert_memory_not_equal(sealed[i - 1], sealed[i], NONCE);
	sdg_keys_close(other);
}

static void test_keys_open_nothing_of_another_month_or_piece(void **state)
{
	uint8_t sealed[11 + SDG_SEAL_EXTRA], next[11 + SDG_SEAL_EXTRA], out[16];
	static const uint8_t another[16] = "another piece..";
	struct sdg_error err = { 0 };

	(void)state;
	seal(MONTH, 1, sealed);
	seal(MONTH + 1, 1, next);
	assert_fails(sdg_keys_unseal(keys, MONTH + 1, about, sealed,
				     sizeof(sealed), out, &err),
		     SDG_EDAMAGED, err);
	assert_fails(sdg_keys_unseal(keys, MONTH, another, sealed,
				     sizeof(sealed), out, &err),
		     SDG_EDAMAGED, err);
	for (size_t i = 0; i < sizeof(sealed); i++) {
		sealed[i] ^= 1;
		assert_fails(sdg_keys_unseal(keys, MONTH, about, sealed,
					     sizeof(sealed), out, &err),
			     SDG_EDAMAGED, err);
		sealed[i] ^= 1;
	}
	opens(keys, MONTH, 1, sealed);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
		    test_keys_never_use_a_nonce_twice, setup, teardown),
		cmocka_unit_test_setup_teardown(
		    test_keys_open_nothing_of_another_month_or_piece, setup,
		    teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
