/*
 * Every call of the system and every allocation that keeping and visiting
 * an item makes fails once, one after the other. Keeping fails in words and
 * leaves no half item, or the item is there, whole; a visit that fails says
 * so and takes nothing away.
 */
#include "test.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <soundings/outbox.h>

/* ------------------------------------------------------- what is made fail */

enum { NOTHING, SYSTEM, MEMORY };
static int failing;
static unsigned long fail_at, calls;
static bool failed;

static bool fails(int what)
{
	if (failing != what || ++calls != fail_at)
		return false;
	failed = true;
	errno = what == MEMORY ? ENOMEM : EIO;
	return true;
}

#define WRAPPED(type, bad, name, parameters, arguments)                        \
	type __real_##name parameters;                                         \
	type __wrap_##name parameters;                                         \
	type __wrap_##name parameters                                          \
	{                                                                      \
		return fails(SYSTEM) ? (bad) : __real_##name arguments;        \
	}
WRAPPED(int, -1, open, (const char *p, int f, mode_t m), (p, f, m))
WRAPPED(ssize_t, -1, write, (int d, const void *b, size_t n), (d, b, n))
WRAPPED(int, -1, fsync, (int d), (d))
WRAPPED(int, -1, rename, (const char *a, const char *b), (a, b))
WRAPPED(int, -1, mkdir, (const char *p, mode_t m), (p, m))
WRAPPED(FILE *, NULL, fopen, (const char *p, const char *m), (p, m))
WRAPPED(int, -1, scandir,
	(const char *d, struct dirent ***l, int (*f)(const struct dirent *),
	 int (*c)(const struct dirent **, const struct dirent **)),
	(d, l, f, c))

void *__real_malloc(size_t size);
void *__wrap_malloc(size_t size);
void *__wrap_malloc(size_t size)
{
	return fails(MEMORY) ? NULL : __real_malloc(size);
}

void *__real_realloc(void *old, size_t size);
void *__wrap_realloc(void *old, size_t size);
void *__wrap_realloc(void *old, size_t size)
{
	return fails(MEMORY) ? NULL : __real_realloc(old, size);
}

/* ------------------------------------------------------------------- tests */

static char root[64], dir[80];
static const uint8_t event[] = "an event, as bytes";
static size_t seen;

static int see(void *arg, const char *name, int64_t kept, const uint8_t *data,
	       size_t len)
{
	(void)arg;
	(void)name;
	assert_true(kept > 0);
	assert_int_equal(len, sizeof(event));
	assert_memory_equal(data, event, len);
	seen++;
	return 0;
}

static size_t count(void)
{
	struct sdg_error err;

	seen = 0;
	assert_ok(sdg_outbox_each(dir, see, NULL, &err), err);
	return seen;
}

static int keep(struct sdg_error *err)
{
	return sdg_outbox_keep(dir, event, sizeof(event), err);
}

static int each(struct sdg_error *err)
{
	seen = 0;
	return sdg_outbox_each(dir, see, NULL, err);
}

static unsigned long each_call(int what, int (*run)(struct sdg_error *))
{
	struct sdg_error err;
	size_t before, after;
	unsigned long n;
	int rc;

	for (n = 1;; n++) {
		before = count();
		memset(&err, 0, sizeof(err));
		fail_at = n;
		calls = 0;
		failed = false;
		failing = what;
		rc = run(&err);
		failing = NOTHING;
		if (!failed)
			break;
		if (rc < 0)
			assert_true(err.message[0]);
		after = count();
		/* Where only the folder's sync failed, the item is there. */
		if (run == keep)
			assert_true(rc < 0 ? after - before <= 1
					   : after == before + 1);
		else
			assert_true(after == before &&
				    (rc < 0 || seen == before));
	}
	assert_ok(rc, err);
	return n - 1;
}

static int set_up(void **state)
{
	(void)state;
	snprintf(root, sizeof(root), "/tmp/soundings-each-XXXXXX");
	assert_non_null(mkdtemp(root));
	snprintf(dir, sizeof(dir), "%s/a/outbox", root);
	/* No keys here: what is kept is kept as it is. */
	setenv("SOUNDINGS_HOME", root, 1);
	unsetenv("SOUNDINGS_KEY");
	return 0;
}

static int tear_down(void **state)
{
	char command[96];

	(void)state;
	snprintf(command, sizeof(command), "rm -rf %s", root);
	return system(command);
}

static void test_outbox_each_call_of_keep(void **state)
{
	(void)state;
	assert_true(each_call(SYSTEM, keep) >= 5);
	each_call(MEMORY, keep);
}

static void test_outbox_each_call_of_a_visit(void **state)
{
	struct sdg_error err;

	(void)state;
	assert_ok(keep(&err), err);
	assert_ok(keep(&err), err);
	assert_true(each_call(SYSTEM, each) >= 3);
	assert_true(each_call(MEMORY, each) >= 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_outbox_each_call_of_keep,
						set_up, tear_down),
		cmocka_unit_test_setup_teardown(
		    test_outbox_each_call_of_a_visit, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
