/* sealed: only the pair it was sealed to opens it, whole. */
#include "test.h"

#include <stdio.h>
#include <stdlib.h>

#include <soundings/clients.h>
#include <soundings/sealed.h>

static char dir[64];
static struct sdg_curve_key server;

static int setup(void **state)
{
	struct sdg_error err = { 0 };

	(void)state;
	snprintf(dir, sizeof(dir), "/tmp/sdg-sealed-XXXXXX");
	assert_non_null(mkdtemp(dir));
	assert_ok(sdg_curve_key_server(dir, &server, &err), err);
	return 0;
}

static int teardown(void **state)
{
	char command[128];

	(void)state;
	snprintf(command, sizeof(command), "rm -rf %s", dir);
	return system(command);
}

static void test_sealed_opens_as_it_was(void **state)
{
	static uint8_t event[SDG_EVENT_MAX], sealed[SDG_SEALED_MAX],
	    out[SDG_SEALED_MAX];
	static const size_t lengths[] = { 1, 57, 4000, SDG_EVENT_MAX };
	struct sdg_opener *opener = sdg_opener_new(dir);
	struct sdg_error err = { 0 };
	size_t len;

	(void)state;
	for (size_t i = 0; i < sizeof(event); i++)
		event[i] = (uint8_t)(i * 7);
	for (size_t i = 0; i < sizeof(lengths) / sizeof(*lengths); i++) {
		size_t n = lengths[i];

		assert_false(sdg_is_sealed(event, n));
		assert_ok(
		    sdg_seal_event(server.public_key, event, n, sealed, &err),
		    err);
		n += SDG_SEALED_EXTRA;
		assert_true(sdg_is_sealed(sealed, n));
		assert_ok(sdg_opener_open(opener, sealed, n, out, &len, &err),
			  err);
		assert_int_equal(len, lengths[i]);
		assert_memory_equal(out, event, len);
	}
	sdg_opener_free(opener);
}

static void test_sealed_changed_or_cut_does_not_open(void **state)
{
	static const uint8_t event[] = "the words of a member";
	uint8_t sealed[sizeof(event) + SDG_SEALED_EXTRA], out[sizeof(sealed)];
	struct sdg_opener *opener = sdg_opener_new(dir);
	struct sdg_error err = { 0 };
	size_t len;

	(void)state;
	assert_ok(sdg_seal_event(server.public_key, event, sizeof(event),
				 sealed, &err),
		  err);
	for (size_t i = 8; i < sizeof(sealed); i++) {
		sealed[i] ^= 1;
		assert_fails(sdg_opener_open(opener, sealed, sizeof(sealed),
					     out, &len, &err),
			     SDG_ENOTFOUND, err);
		sealed[i] ^= 1;
	}
	for (size_t n = SDG_SEALED_EXTRA + 1; n < sizeof(sealed); n++)
		assert_fails(
		    sdg_opener_open(opener, sealed, n, out, &len, &err),
		    SDG_ENOTFOUND, err);
	assert_fails(
	    sdg_opener_open(opener, sealed, SDG_SEALED_EXTRA, out, &len, &err),
	    SDG_EINVAL, err);
	assert_fails(
	    sdg_seal_event("no key", event, sizeof(event), sealed, &err),
	    SDG_EINVAL, err);
	sdg_opener_free(opener);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_sealed_opens_as_it_was,
						setup, teardown),
		cmocka_unit_test_setup_teardown(
		    test_sealed_changed_or_cut_does_not_open, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
