/* test_config: what soundings.yaml may and may not say. */
#include "test.h"

#include <soundings/config.h>

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static char dir[] = "/tmp/soundings-test-config-XXXXXX";
static char file[sizeof(dir) + 32];

static int make_dir(void **state)
{
	(void)state;
	if (!mkdtemp(dir))
		return -1;
	snprintf(file, sizeof(file), "%s/soundings.yaml", dir);
	return 0;
}

static int remove_dir(void **state)
{
	(void)state;
	unlink(file);
	return rmdir(dir);
}

static int read_text(const char *text, struct sdg_config *out,
		     struct sdg_error *err)
{
	FILE *to = fopen(file, "w");

	assert_non_null(to);
	fputs(text, to);
	fclose(to);
	return sdg_config_read(file, out, err);
}

static void test_config_is_all_defaults_without_a_file(void **state)
{
	struct sdg_home home = { .root = "/nonexistent" };
	struct sdg_config config;
	struct sdg_error err = { 0 };

	(void)state;
	unsetenv("SOUNDINGS_CONFIG");
	assert_ok(sdg_config_load(&home, &config, &err), err);
	assert_string_equal(config.path, "");
	assert_int_equal(config.retention.text_months, 24);
	assert_int_equal(config.retention.quarantine_days, 30);
	assert_false(config.network.keys_on_ipc);
	assert_string_equal(config.warn.command, "");
}

static void test_config_takes_what_is_said_and_defaults_the_rest(void **state)
{
	struct sdg_config config;
	struct sdg_error err = { 0 };

	(void)state;
	assert_ok(read_text("network:\n  keys-on-ipc: yes\n"
			    "retention:\n  text-months: 12\n"
			    "warn:\n  command: logger -t soundings\n",
			    &config, &err),
		  err);
	assert_int_equal(config.retention.text_months, 12);
	assert_int_equal(config.retention.quarantine_days, 30);
	assert_true(config.network.keys_on_ipc);
	assert_string_equal(config.warn.command, "logger -t soundings");
	assert_string_equal(config.path, file);
}

static void test_config_of_comments_alone_is_one(void **state)
{
	struct sdg_config config;
	struct sdg_error err = { 0 };

	(void)state;
	assert_ok(read_text("# nothing yet\n\n", &config, &err), err);
	assert_ok(read_text("", &config, &err), err);
	assert_int_equal(config.backup.keep, 14);
}

/* The file, its line and the key must stand in the message. */
static void refused(const char *text, const char *line, const char *word)
{
	struct sdg_config config = { .backup.keep = 77 };
	struct sdg_error err = { 0 };

	assert_fails(read_text(text, &config, &err), SDG_EINVAL, err);
	if (!strstr(err.message, line) || !strstr(err.message, word) ||
	    !strstr(err.message, file))
		fail_msg("%s", err.message);
	assert_int_equal(config.backup.keep, 77); /* untouched */
}

static void test_config_refuses_what_it_does_not_know(void **state)
{
	(void)state;
	refused("retention:\n  text-months: 12\n  txet-months: 3\n",
		"line 3:", "txet-months");
	refused("retentoin:\n  text-months: 12\n", "line 1:", "retentoin");
}

static void test_config_refuses_a_wrong_type(void **state)
{
	(void)state;
	refused("backup:\n  keep: many\n", "line 2:", "many");
	refused("\nbackup: 3\n", "line 2:", "SCALAR");
	refused("network:\n  keys-on-ipc: perhaps\n", "line 2:", "perhaps");
	refused("backup:\n  keep: [1]\n", "line 2:", "SEQUENCE");
	refused("retention: {\n", "line", "");
}

static void test_config_refuses_what_is_out_of_range(void **state)
{
	(void)state;
	refused("backup:\n  keep: 0\n", "line 2:", "keep is 0");
	refused("# ages\nretention:\n  text-months: 24\n\n"
		"  outbox-days: 5000\n",
		"line 5:", "outbox-days is 5000");
}

static void test_config_named_must_exist(void **state)
{
	struct sdg_home home = { .root = "/nonexistent" };
	struct sdg_config config;
	struct sdg_error err = { 0 };

	(void)state;
	setenv("SOUNDINGS_CONFIG", "/nonexistent/x.yaml", 1);
	assert_fails(sdg_config_load(&home, &config, &err), SDG_ENOTFOUND, err);
	unsetenv("SOUNDINGS_CONFIG");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_config_is_all_defaults_without_a_file),
		cmocka_unit_test(
		    test_config_takes_what_is_said_and_defaults_the_rest),
		cmocka_unit_test(test_config_of_comments_alone_is_one),
		cmocka_unit_test(test_config_refuses_what_it_does_not_know),
		cmocka_unit_test(test_config_refuses_a_wrong_type),
		cmocka_unit_test(test_config_refuses_what_is_out_of_range),
		cmocka_unit_test(test_config_named_must_exist),
	};

	return cmocka_run_group_tests(tests, make_dir, remove_dir);
}
