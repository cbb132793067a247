/*
 * A frame as a person writes it, and what is said of one that is none: which
 * file, and which line of it.
 */
#include "frame_help.h"

#include "cues.h"
#include "frame.h"

#define ONE_THEME                                                              \
	"frame: One\n"                                                         \
	"themes:\n"                                                            \
	"  - id: water\n"                                                      \
	"    name: Water\n"                                                    \
	"    definition: of it\n"

static struct sdg_frame *read_frame(void)
{
	struct sdg_error err = { 0 };
	struct sdg_frame *frame = NULL;

	assert_ok(sdg_frame_read(frame_dir, &frame, &err), err);
	return frame;
}

/* The message without the folder's name. */
static void assert_refused(const char *wanted)
{
	struct sdg_error err = { 0 };
	struct sdg_frame *frame = NULL;
	const char *name;

	assert_fails(sdg_frame_read(frame_dir, &frame, &err), SDG_EINVAL, err);
	assert_null(frame);
	name = strstr(err.message, frame_dir);
	assert_non_null(name);
	assert_string_equal(name + strlen(frame_dir), wanted);
}

static void test_weights_are_small_numbers(void **state)
{
	/* 2^32 + 3, which an int cannot tell from 3, and others */
	static const char *const none[] = {
		"4294967299", "-4294967294", "99999999999999999999",
		"4",          "0",           "",
		"3 ",         "three"
	};
	char line[64];

	(void)state;
	put_file("frame.yaml", ONE_THEME);
	for (size_t i = 0; i < sizeof(none) / sizeof(*none); i++) {
		snprintf(line, sizeof(line), "# cues\nwater\twet\t%s\n",
			 none[i]);
		put_file("cues.tsv", line);
		assert_refused("/cues.tsv': line 2: a weight is 3, 2, 1 or -2");
	}
}

static void test_weights_of_all_sizes_are_taken(void **state)
{
	struct sdg_frame *frame;

	(void)state;
	put_file("frame.yaml", ONE_THEME);
	put_file("cues.tsv", "water\ta\t3\r\nwater\tb\t-3\n\nwater\tc\t-1");
	frame = read_frame();
	assert_int_equal(frame->cue_count, 3);
	assert_int_equal(frame->cues[0].weight, 3);
	assert_int_equal(frame->cues[1].weight, -3);
	assert_int_equal(frame->cues[2].weight, -1);
	assert_int_equal(frame->cues[2].line, 4);
	sdg_frame_free(frame);
}

static void test_a_fault_of_the_yaml_is_placed(void **state)
{
	(void)state;
	put_file("frame.yaml", "frame: One\n"
			       "themes:\n"
			       "  - id: water\n"
			       "    nam: Water\n"
			       "    definition: of it\n");
	assert_refused("/frame.yaml': line 4: Invalid key");
	put_file("frame.yaml", ONE_THEME "    cues:\n"
					 "      - phrase: wet\n"
					 "        weight: secret\n");
	assert_refused("/frame.yaml': line 8: Invalid value");
}

static void refuse_cues(const char *wanted)
{
	struct sdg_frame *frame = read_frame();
	struct sdg_error err = { 0 };
	struct sdg_stemmer *stemmer;
	struct sdg_cues cues;

	assert_ok(sdg_stemmer_new(&stemmer, &err), err);
	assert_fails(sdg_cues_compile(frame, stemmer, &cues, &err), SDG_EINVAL,
		     err);
	assert_string_equal(err.message, wanted);
	sdg_stemmer_free(stemmer);
	sdg_frame_free(frame);
}

static void test_a_cue_that_is_too_long_is_placed(void **state)
{
	(void)state;
	put_file("frame.yaml", ONE_THEME);
	put_file("cues.tsv", "water\twet\t3\nwater\ta b c d e f g h i\t3\n");
	refuse_cues("compile cues: cues.tsv: line 2: a phrase has 1 to 8 "
		    "words");
	put_file("cues.tsv", "");
	put_file("frame.yaml", ONE_THEME
		 "    cues:\n"
		 "      - {phrase: 'a b c d e f g h i', weight: 3}\n");
	refuse_cues("compile cues: frame.yaml: theme 'water': a phrase has 1 "
		    "to 8 words");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_weights_are_small_numbers,
						make_frame, remove_frame),
		cmocka_unit_test_setup_teardown(
		    test_weights_of_all_sizes_are_taken, make_frame,
		    remove_frame),
		cmocka_unit_test_setup_teardown(
		    test_a_fault_of_the_yaml_is_placed, make_frame,
		    remove_frame),
		cmocka_unit_test_setup_teardown(
		    test_a_cue_that_is_too_long_is_placed, make_frame,
		    remove_frame),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
