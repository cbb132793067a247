#include "test.h"

#include <soundings/home.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static char folder[] = "/tmp/sdg-home-XXXXXX";

static int setup(void **state)
{
	(void)state;
	return mkdtemp(folder) ? 0 : -1;
}

static int teardown(void **state)
{
	char command[128];

	(void)state;
	snprintf(command, sizeof(command), "rm -rf %s", folder);
	return system(command);
}

static void test_home_is_what_the_environment_says(void **state)
{
	struct sdg_home home;
	struct sdg_error err;

	(void)state;
	setenv("SOUNDINGS_HOME", "/somewhere", 1);
	setenv("SOUNDINGS_RUN_DIR", "/run/soundings", 1);
	assert_ok(sdg_home_find(&home, &err), err);
	assert_string_equal(home.store, "/somewhere/store");
	assert_string_equal(home.run, "/run/soundings");
	assert_string_equal(home.incoming, "/somewhere/spool/incoming");
	unsetenv("SOUNDINGS_RUN_DIR");
}

static void test_home_named_from_here_is_absolute(void **state)
{
	char here[SDG_PATH_MAX - 64], expected[SDG_PATH_MAX];
	struct sdg_home home;
	struct sdg_error err;

	(void)state;
	assert_non_null(getcwd(here, sizeof(here)));
	setenv("SOUNDINGS_HOME", "trial", 1);
	setenv("SOUNDINGS_KEYS_DIR", "safe/keys", 1);
	assert_ok(sdg_home_find(&home, &err), err);
	snprintf(expected, sizeof(expected), "%s/trial/store", here);
	assert_string_equal(home.store, expected);
	snprintf(expected, sizeof(expected), "%s/safe/keys", here);
	assert_string_equal(home.keys, expected);

	assert_ok(sdg_home_pin(&err), err);
	assert_string_equal(getenv("SOUNDINGS_KEYS_DIR"), expected);
	snprintf(expected, sizeof(expected), "%s/trial", here);
	assert_string_equal(getenv("SOUNDINGS_HOME"), expected);
	unsetenv("SOUNDINGS_KEYS_DIR");
	unsetenv("SOUNDINGS_HOME");
}

static void test_home_prepare_makes_private_folders(void **state)
{
	struct sdg_home home;
	struct sdg_error err;
	char root[64];
	struct stat st;

	(void)state;
	snprintf(root, sizeof(root), "%s/a/b", folder);
	setenv("SOUNDINGS_HOME", root, 1);
	assert_ok(sdg_home_find(&home, &err), err);
	assert_ok(sdg_home_prepare(&home, &err), err);
	assert_ok(sdg_home_prepare(&home, &err), err);
	assert_int_equal(stat(home.keys, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0700);
	assert_int_equal(stat(home.incoming, &st), 0);
	assert_int_not_equal(stat(home.store, &st), 0);
}

static void test_write_file_appears_whole_or_not_at_all(void **state)
{
	struct sdg_error err;
	char name[64], *back;
	struct stat st;
	size_t len;

	(void)state;
	snprintf(name, sizeof(name), "%s/file", folder);
	assert_ok(sdg_write_file(name, "words", 5, 0600, &err), err);
	assert_int_equal(stat(name, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	assert_ok(sdg_read_file(name, 5, &back, &len, &err), err);
	assert_int_equal(len, 5);
	assert_string_equal(back, "words");
	free(back);
	assert_fails(sdg_read_file(name, 4, &back, &len, &err), SDG_EINVAL,
		     err);
	snprintf(name, sizeof(name), "%s/absent/file", folder);
	assert_fails(sdg_write_file(name, "x", 1, 0600, &err), SDG_ENOTFOUND,
		     err);
	assert_fails(sdg_read_file(name, 4, &back, &len, &err), SDG_ENOTFOUND,
		     err);
}

static void test_read_file_reads_what_is_longer_than_its_buffer(void **state)
{
	struct sdg_error err;
	char name[64], *back;
	static char big[100000];
	size_t len;

	(void)state;
	memset(big, 'x', sizeof(big));
	snprintf(name, sizeof(name), "%s/big", folder);
	assert_ok(sdg_write_file(name, big, sizeof(big), 0600, &err), err);
	assert_ok(sdg_read_file(name, sizeof(big), &back, &len, &err), err);
	assert_int_equal(len, sizeof(big));
	assert_memory_equal(back, big, len);
	free(back);
}

/* What lies where it is written first is not written into. */
static void test_write_file_follows_no_link(void **state)
{
	char name[64], temporary[96], other[64], *back;
	struct sdg_error err;
	struct stat st;
	size_t len;

	(void)state;
	snprintf(name, sizeof(name), "%s/key", folder);
	snprintf(temporary, sizeof(temporary), "%s.%ld.tmp", name,
		 (long)getpid());
	snprintf(other, sizeof(other), "%s/other", folder);
	assert_ok(sdg_write_file(other, "theirs", 6, 0644, &err), err);
	assert_int_equal(symlink(other, temporary), 0);
	assert_ok(sdg_write_file(name, "ours", 4, 0600, &err), err);
	assert_ok(sdg_read_file(other, 64, &back, &len, &err), err);
	assert_string_equal(back, "theirs");
	free(back);
	assert_int_equal(lstat(name, &st), 0);
	assert_true(S_ISREG(st.st_mode));
	/* Nor is its mode kept. */
	assert_int_equal(rename(other, temporary), 0);
	assert_ok(sdg_write_file(name, "ours", 4, 0600, &err), err);
	assert_int_equal(lstat(name, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_home_is_what_the_environment_says),
		cmocka_unit_test(test_home_named_from_here_is_absolute),
		cmocka_unit_test(test_home_prepare_makes_private_folders),
		cmocka_unit_test(test_write_file_appears_whole_or_not_at_all),
		cmocka_unit_test(test_write_file_follows_no_link),
		cmocka_unit_test(
		    test_read_file_reads_what_is_longer_than_its_buffer),
	};

	return cmocka_run_group_tests_name("home", tests, setup, teardown);
}
