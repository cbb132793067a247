/* test: what every unit test includes, in the order cmocka asks for. */
#ifndef TEST_H
#define TEST_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <soundings/error.h>
#include <soundings/text.h>

/* The error's own words are what a failing test should show. */
#define assert_ok(call, err)                                                   \
	do {                                                                   \
		if ((call) != 0)                                               \
			fail_msg("%s", (err).message);                         \
	} while (0)

#define assert_fails(call, wanted, err)                                        \
	do {                                                                   \
		assert_int_equal((call), (wanted));                            \
		assert_int_equal((err).code, (wanted));                        \
		assert_true((err).message[0]);                                 \
	} while (0)

#define assert_str_equal(str, wanted)                                          \
	do {                                                                   \
		struct sdg_str str_ = (str);                                   \
		assert_int_equal(str_.len, strlen(wanted));                    \
		assert_memory_equal(str_.len ? str_.s : "", (wanted),          \
				    str_.len);                                 \
	} while (0)

#endif
