#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "cli.h"
#include "map.h"

static const struct cli_spec SPEC = {
	.help = "",
	.formats = CLI_FORMATS_LIST,
	.filters = true,
	.rest_max = 1,
};

/* Splits @line at blanks, as a shell would, and parses it. The words live
 * in @room. */
static int parse(const char *line, struct cli_args *args)
{
	static char room[512];
	static char *argv[32];
	char *save = NULL;
	int argc = 0;

	snprintf(room, sizeof(room), "report %s", line);
	for (char *w = strtok_r(room, " ", &save); w && argc < 31;
	     w = strtok_r(NULL, " ", &save))
		argv[argc++] = w;
	argv[argc] = NULL;
	return cli_parse(argc, argv, &SPEC, args);
}

static void test_args_until_includes_what_it_names(void **state)
{
	struct cli_args args;

	(void)state;
	assert_int_equal(parse("--since 2015-01-31 --until 2015-02", &args),
			 -1);
	assert_int_equal(args.filter.since_day, date_from_civil(2015, 1, 31));
	assert_int_equal(args.filter.until_day, date_from_civil(2015, 3, 1));
	assert_true(args.has_since && args.has_until);
}

static void test_args_one_end_leaves_the_other_open(void **state)
{
	struct cli_args args;

	(void)state;
	assert_int_equal(parse("--since 2015", &args), -1);
	assert_true(args.filter.until_day > date_from_civil(2100, 1, 1));
	assert_false(args.has_until);
	assert_int_equal(parse("--until 2015", &args), -1);
	assert_true(args.filter.since_day < date_from_civil(1971, 1, 1));
	/* Both 0 would be all time: an open beginning is not 0. */
	assert_true(args.filter.since_day != 0 || args.filter.until_day != 0);
	assert_int_equal(parse("", &args), -1);
	assert_int_equal(args.filter.since_day, 0);
	assert_int_equal(args.filter.until_day, 0);
}

static void test_args_filters_add_up(void **state)
{
	struct cli_args args;

	(void)state;
	assert_int_equal(parse("--region london,wales --region unknown "
			       "--source mail --role head --role unknown "
			       "--stance neutral --phase primary,trust "
			       "--theme a,b --theme c --consultation x",
			       &args),
			 -1);
	assert_int_equal(args.filter.regions, 1u << SDG_REGION_LONDON |
						  1u << SDG_REGION_WALES |
						  1u << SDG_REGION_UNKNOWN);
	assert_int_equal(args.filter.sources, 1u << SDG_SOURCE_MAIL);
	assert_int_equal(args.filter.roles,
			 1u << SDG_ROLE_HEAD | 1u << SDG_ROLE_UNKNOWN);
	assert_int_equal(args.filter.stances, 1u << SDG_STANCE_NEUTRAL);
	assert_int_equal(args.filter.phases,
			 SDG_PHASE_PRIMARY | SDG_PHASE_TRUST);
	assert_int_equal(args.theme_count, 3);
	assert_string_equal(args.themes[2], "c");
	assert_string_equal(args.filter.consultation, "x");
}

static void test_args_options_stand_anywhere(void **state)
{
	struct cli_args args;

	(void)state;
	assert_int_equal(parse("list --format json --output f", &args), -1);
	assert_int_equal(args.rest_count, 1);
	assert_string_equal(args.rest[0], "list");
	assert_int_equal(args.format, CLI_JSON);
	assert_string_equal(args.output, "f");
	assert_int_equal(parse("--format csv list", &args), -1);
	assert_string_equal(args.rest[0], "list");
	assert_int_equal(args.format, CLI_CSV);
}

static void test_args_misuse_is_64(void **state)
{
	static const char *const BAD[] = {
		"--format yaml",
		"--format",
		"--bogus",
		"-x",
		"one two",
		"--region mars",
		"--source telegram",
		"--role boss",
		"--phase moon",
		"--stance angry",
		"--since tomorrow",
		"--until 2015-02-30",
		"--since 2016 --until 2015",
	};
	struct cli_args args;

	(void)state;
	for (size_t i = 0; i < sizeof(BAD) / sizeof(*BAD); i++)
		assert_int_equal(parse(BAD[i], &args), EXIT_USAGE);
}

static void test_args_help_is_0(void **state)
{
	struct cli_args args;

	(void)state;
	assert_int_equal(parse("--help --bogus", &args), 0);
}

static void test_args_nearest(void **state)
{
	static const char *const NAMES[] = { "report", "messages", "ledger" };

	(void)state;
	assert_string_equal(cli_nearest("raport", NAMES, 3), "report");
	assert_string_equal(cli_nearest("mess", NAMES, 3), "messages");
	assert_null(cli_nearest("zzzzzz", NAMES, 3));
	assert_null(cli_nearest("", NAMES, 0));
}

static void test_args_numbers(void **state)
{
	(void)state;
	assert_int_equal(cli_number("12", 1, 20), 12);
	assert_int_equal(cli_number("21", 1, 20), -1);
	assert_int_equal(cli_number("12x", 1, 20), -1);
	assert_int_equal(cli_number("", 0, 20), -1);
	assert_int_equal(cli_number("99999999999999999999", 0, INT64_MAX), -1);
}

static void test_map_keeps_every_key(void **state)
{
	struct map map = { 0 };

	(void)state;
	assert_null(map_find(&map, 7));
	for (uint64_t i = 0; i < 5000; i++)
		assert_true(map_add(&map, i * i + 2));
	for (uint64_t i = 0; i < 5000; i++)
		assert_false(map_add(&map, i * i + 2));
	map_at(&map, 0)->b = 9;
	assert_int_equal(map_find(&map, 0)->b, 9);
	assert_int_equal(map_find(&map, 27)->a, 2);
	assert_null(map_find(&map, 28));
	map_fini(&map);
}

static void test_id_brief_tells_pieces_apart(void **state)
{
	char out[ID_BRIEF_SIZE];

	(void)state;
	assert_string_equal(id_brief("55196d60b3b1aabbccddeeff00112233", out),
			    "55196d60b3b1");
	assert_string_equal(id_brief("00000000b3b1aabbccddeeff00112233", out),
			    "00000000b3b1aabb");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_args_until_includes_what_it_names),
		cmocka_unit_test(test_args_one_end_leaves_the_other_open),
		cmocka_unit_test(test_args_filters_add_up),
		cmocka_unit_test(test_args_options_stand_anywhere),
		cmocka_unit_test(test_args_misuse_is_64),
		cmocka_unit_test(test_args_help_is_0),
		cmocka_unit_test(test_args_nearest),
		cmocka_unit_test(test_args_numbers),
		cmocka_unit_test(test_map_keeps_every_key),
		cmocka_unit_test(test_id_brief_tells_pieces_apart),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
