/*
 * What training makes of few, odd or unusual texts: the shipped ones are
 * many, and well-behaved.
 */
#include "frame_help.h"

#include <soundings/classify.h>

#include "model.h"
#include "train.h"

#define TWO_THEMES                                                             \
	"frame: Two\n"                                                         \
	"themes:\n"                                                            \
	"  - {id: water, name: Water, definition: of it}\n"                    \
	"  - {id: bills, name: Bills, definition: of them}\n"

struct trained {
	void *bytes;
	size_t len;
	struct sdg_model model;
	struct sdg_train_report report;
};

static struct trained *train_as(bool beside)
{
	struct sdg_train_options options = { .dir = frame_dir,
					     .beside = beside };
	struct trained *out = calloc(1, sizeof(*out));
	struct sdg_error err = { 0 };

	assert_non_null(out);
	assert_ok(
	    sdg_train(&options, &out->bytes, &out->len, &out->report, &err),
	    err);
	assert_ok(sdg_model_view(out->bytes, out->len, &out->model, &err), err);
	return out;
}

static struct trained *train(void)
{
	return train_as(false);
}

static void trained_free(struct trained *trained)
{
	free(trained->bytes);
	free(trained);
}

/* Labelled lines of @file, @n of each theme: what they say is of their theme,
 * with a word among them that is not. */
static void put_lines(const char *file, int n)
{
	static const char *const says[2][4] = {
		{ "The pipe in our street leaks", "No water from the tap",
		  "The tap is dry and the pipe burst", "A leak in the road" },
		{ "My bill is wrong", "I paid twice and want a refund",
		  "The charge on this bill doubled", "Send me a refund" },
	};
	char *text = calloc(1, (size_t)n * 400 + 1), *at = text;

	assert_non_null(text);
	for (int i = 0; i < 2 * n; i++)
		at += sprintf(at,
			      "{\"text\":\"%s, number %d.\",\"themes\":"
			      "[\"%s\"]}\n",
			      says[i % 2][i / 2 % 4], i,
			      i % 2 ? "bills" : "water");
	put_file(file, text);
	free(text);
}

static void test_the_first_text_may_be_empty(void **state)
{
	struct trained *trained;

	(void)state;
	put_file("frame.yaml", TWO_THEMES);
	put_file("training/a.jsonl", "{\"text\":\"\",\"themes\":[\"water\"]}\n"
				     "{\"text\":\"\",\"themes\":[\"bills\"]}\n"
				     "{\"text\":\"a bill\",\"themes\":"
				     "[\"bills\"]}\n");
	trained = train();
	assert_int_equal(trained->report.texts, 3);
	trained_free(trained);
}

static void test_what_is_no_feedback_teaches_no_theme(void **state)
{
	struct trained *trained;

	(void)state;
	put_file("frame.yaml", TWO_THEMES);
	put_file("training/a.jsonl",
		 "{\"text\":\"the pipe leaks\",\"themes\":[\"water\"]}\n"
		 "{\"text\":\"I am away until Monday\",\"themes\":[\"water\"],"
		 "\"kind\":\"auto-reply\"}\n"
		 "{\"text\":\"buy our pipes\",\"themes\":[\"water\"],"
		 "\"kind\":\"not-feedback\"}\n"
		 "{\"text\":\"my bill is wrong\",\"themes\":[\"bills\"],"
		 "\"kind\":\"feedback\"}\n");
	trained = train();
	assert_int_equal(trained->model.header->texts[0], 1);
	assert_int_equal(trained->model.header->texts[1], 1);
	trained_free(trained);
}

/* How sure it is: measured on texts it has not seen, whatever they are. */
static void assert_calibrated(const struct trained *trained, uint32_t pieces)
{
	const struct sdg_calibration *calibration =
	    &trained->model.header->calibration;
	uint32_t counted = 0, right = 0;

	for (size_t i = 0; i < trained->report.file_count; i++) {
		counted += trained->report.files[i].pieces;
		right += trained->report.files[i].main_right;
	}
	assert_int_equal(counted, pieces);
	assert_true(10 * right >= 9 * pieces);
	/* A higher score makes a theme more probable. */
	assert_true(calibration->score + calibration->lead > 0.5F);
}

static void test_passages_alone_are_held_out(void **state)
{
	struct trained *trained;

	(void)state;
	put_file("frame.yaml", TWO_THEMES);
	put_lines("training/sentences-1.jsonl", 40);
	trained = train();
	assert_calibrated(trained, 80);
	assert_int_equal(trained->report.passages, 80);
	trained_free(trained);
	put_lines("training/sentences-2.jsonl", 20);
	put_lines("training/sentences-3.jsonl", 20);
	put_lines("training/sentences-4.jsonl", 20);
	trained = train();
	assert_calibrated(trained, 200);
	trained_free(trained);
}

static void test_whole_texts_are_held_out(void **state)
{
	struct trained *trained;

	(void)state;
	put_file("frame.yaml", TWO_THEMES);
	put_lines("training/letters.jsonl", 40);
	trained = train();
	assert_calibrated(trained, 80);
	trained_free(trained);
}

/* Each text is labelled otherwise than the one that is like it: whatever is
 * held out, the rest is wrong about it. A handful of such must not teach that
 * a theme is the less probable the higher its score. */
static void test_a_handful_of_texts_turns_no_score_round(void **state)
{
	struct trained *trained;

	(void)state;
	put_file("frame.yaml", TWO_THEMES);
	put_file("training/a.jsonl",
		 "{\"text\":\"the pipe leaks\",\"themes\":[\"water\"]}\n"
		 "{\"text\":\"the pipe leaks\",\"themes\":[\"bills\"]}\n"
		 "{\"text\":\"a refund\",\"themes\":[\"water\"]}\n"
		 "{\"text\":\"a refund\",\"themes\":[\"bills\"]}\n");
	trained = train();
	assert_true(trained->model.header->calibration.score > 0);
	assert_true(trained->model.header->calibration.score < 10);
	trained_free(trained);
}

/* What the row of @word says of column @column, as much as it counts. */
static float weight_of(const struct trained *trained, const char *word,
		       size_t column)
{
	struct sdg_stemmer *stemmer;
	struct sdg_error err = { 0 };
	struct sdg_word split[2];
	const struct sdg_weights *row;
	uint32_t noted;

	assert_ok(sdg_stemmer_new(&stemmer, &err), err);
	assert_int_equal(sdg_words_split(stemmer, sdg_str(word), split, 2), 1);
	sdg_stemmer_free(stemmer);
	noted = sdg_model_noted(&trained->model, split[0].stem);
	assert_true(noted);
	row = sdg_model_row(&trained->model, noted >> SDG_NOTED_BITS);
	return row->factor * (float)row->weights[column];
}

/* Lines in which @marked adds what somebody marked, or nothing. */
static struct trained *train_marked(bool marked)
{
	char text[40 * 400], *at = text;

	put_file("frame.yaml", TWO_THEMES);
	for (int i = 0; i < 20; i++) {
		at += sprintf(at,
			      "{\"text\":\"The fountain stands by gate %d. Our "
			      "pipe leaks. You were superb.\",\"themes\":"
			      "[\"water\"],\"stance\":\"positive\"%s}\n",
			      i,
			      marked ? ",\"evidence\":{\"water\":[\"pipe "
				       "leaks\"]},\"praise\":[\"You were "
				       "superb\"],\"blame\":[]"
				     : "");
		at += sprintf(at,
			      "{\"text\":\"The counter stands by gate %d. My "
			      "refund is late. You were useless.\",\"themes\":"
			      "[\"bills\"],\"stance\":\"negative\"%s}\n",
			      i,
			      marked ? ",\"evidence\":{\"bills\":[\"My refund "
				       "is late\"]},\"praise\":[],\"blame\":"
				       "[\"You were useless\"]"
				     : "");
	}
	put_file("training/a.jsonl", text);
	return train();
}

static void test_what_is_marked_is_the_point(void **state)
{
	struct trained *plain, *marked;

	(void)state;
	plain = train_marked(false);
	marked = train_marked(true);
	/* By whole texts, what is said first counts. */
	assert_true(weight_of(plain, "pipe", 0) <
		    weight_of(plain, "fountain", 0));
	assert_true(weight_of(marked, "pipe", 0) >
		    weight_of(marked, "fountain", 0));
	assert_true(weight_of(marked, "refund", 1) >
		    weight_of(marked, "counter", 1));
	trained_free(plain);
	trained_free(marked);
}

static void test_what_is_marked_praises_or_blames(void **state)
{
	const size_t praise = 2 + SDG_STANCE_COUNT + SDG_TONE_PRAISE;
	const size_t blame = 2 + SDG_STANCE_COUNT + SDG_TONE_BLAME;
	struct trained *marked, *plain;

	(void)state;
	marked = train_marked(true);
	assert_true(weight_of(marked, "superb", praise) > 1);
	assert_true(weight_of(marked, "useless", blame) > 1);
	assert_true(weight_of(marked, "superb", blame) < 0);
	assert_true(weight_of(marked, "pipe", praise) < 0);
	trained_free(marked);
	/* Where nobody marked any, each sentence is what its text is. */
	plain = train_marked(false);
	assert_true(weight_of(plain, "pipe", praise) > 0);
	assert_true(weight_of(plain, "refund", blame) > 0);
	trained_free(plain);
}

/* The first texts that somebody labels must not make it worse than it was
 * with the cues alone. */
static void test_a_few_texts_do_not_outdo_cues(void **state)
{
	static const char text[] = "There is a leak, and I am cross about it.";
	struct sdg_classifier_options options = { .frame_dir = frame_dir };
	struct sdg_feedback fb = { .source = SDG_SOURCE_SURVEY,
				   .text = sdg_str(text) };
	struct sdg_classifier *classifier;
	struct sdg_error err = { 0 };
	struct sdg_labels labels;

	(void)state;
	put_file("frame.yaml", TWO_THEMES);
	put_file("cues.tsv", "water\tleak\t3\nbills\trefund\t3\n");
	put_file("training/a.jsonl",
		 "{\"text\":\"I am cross about it\",\"themes\":[\"bills\"]}\n"
		 "{\"text\":\"There is nothing here\",\"themes\":[\"bills\"]}\n"
		 "{\"text\":\"The tap is dry\",\"themes\":[\"water\"]}\n");
	assert_ok(sdg_classifier_open(&options, &classifier, &err), err);
	sdg_classify(classifier, &fb, NULL, &labels, NULL);
	assert_string_equal(
	    sdg_classifier_theme_id(classifier, labels.themes[0]), "water");
	sdg_classifier_close(classifier);
}

static void test_two_processes_make_the_same_of_it(void **state)
{
	struct trained *one, *two;

	(void)state;
	put_file("frame.yaml", TWO_THEMES);
	put_lines("training/a.jsonl", 40);
	put_lines("training/b.jsonl", 30);
	put_lines("training/sentences-1.jsonl", 20);
	one = train_as(false);
	two = train_as(true);
	assert_int_equal(one->len, two->len);
	assert_memory_equal(one->bytes, two->bytes, one->len);
	trained_free(one);
	trained_free(two);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
		    test_the_first_text_may_be_empty, make_frame, remove_frame),
		cmocka_unit_test_setup_teardown(
		    test_what_is_no_feedback_teaches_no_theme, make_frame,
		    remove_frame),
		cmocka_unit_test_setup_teardown(
		    test_passages_alone_are_held_out, make_frame, remove_frame),
		cmocka_unit_test_setup_teardown(test_whole_texts_are_held_out,
						make_frame, remove_frame),
		cmocka_unit_test_setup_teardown(
		    test_a_handful_of_texts_turns_no_score_round, make_frame,
		    remove_frame),
		cmocka_unit_test_setup_teardown(
		    test_a_few_texts_do_not_outdo_cues, make_frame,
		    remove_frame),
		cmocka_unit_test_setup_teardown(
		    test_two_processes_make_the_same_of_it, make_frame,
		    remove_frame),
		cmocka_unit_test_setup_teardown(
		    test_what_is_marked_is_the_point, make_frame, remove_frame),
		cmocka_unit_test_setup_teardown(
		    test_what_is_marked_praises_or_blames, make_frame,
		    remove_frame),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
