/*
 * The model's rows: every pair has a cell of its own and is found there, and
 * the rows a piece is scored by are those of its features as they are listed,
 * which is what training and explanations go by.
 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include <soundings/home.h>

#include "classifier_help.h"
#include "theme.h"
#include "train_internal.h"

#define PAIRS 5000

static void fill(uint64_t *hashes, size_t n)
{
	for (size_t i = 0; i < n; i++)
		hashes[i] = sdg_words_hash((const char *)&i, sizeof(i));
}

static void check_cells(size_t n)
{
	uint64_t hashes[PAIRS];
	struct sdg_error err = { 0 };
	struct cells cells, again;
	uint8_t *taken;

	fill(hashes, n);
	assert_ok(cells_find(hashes, (uint32_t)n, &cells, &err), err);
	assert_ok(cells_find(hashes, (uint32_t)n, &again, &err), err);
	assert_true(cells.count >= 1 && cells.pilot_count >= 1);
	assert_true(cells.count <= n + n / 8 + 2);
	taken = calloc(cells.count, 1);
	assert_non_null(taken);
	for (size_t i = 0; i < n; i++) {
		uint32_t bucket =
		    sdg_model_bucket(hashes[i], cells.pilot_count);
		uint32_t cell = sdg_model_place(hashes[i], cells.pilots[bucket],
						cells.count);

		assert_int_equal(cell, cells.cell_of[i]);
		assert_int_equal(cell, again.cell_of[i]);
		assert_int_equal(taken[cell]++, 0);
	}
	free(taken);
	cells_fini(&cells);
	cells_fini(&again);
}

static void test_every_pair_has_a_cell_of_its_own(void **state)
{
	static const size_t counts[] = { 0, 1, 2, 3, 7, 64, 1000, PAIRS };

	(void)state;
	for (size_t i = 0; i < sizeof(counts) / sizeof(*counts); i++)
		check_cells(counts[i]);
}

/* So that they lie in few lines of memory. */
static void test_pairs_said_most_come_first(void **state)
{
	uint64_t hashes[PAIRS];
	struct sdg_error err = { 0 };
	struct cells cells;
	size_t common = PAIRS / 8, first = common + common / 32 + 1;
	size_t strays = 0;

	(void)state;
	fill(hashes, PAIRS);
	assert_ok(cells_find(hashes, PAIRS, &cells, &err), err);
	for (size_t i = 0; i < PAIRS; i++)
		strays += (cells.cell_of[i] < first) != (i < common);
	/* Where no pilot will do, a bucket of four may lie anywhere. */
	assert_true(strays < PAIRS / 100);
	cells_fini(&cells);
}

static void test_pairs_that_look_alike_are_refused(void **state)
{
	uint64_t hashes[] = { 7, 9, 7 };
	struct sdg_error err = { 0 };
	struct cells cells;

	(void)state;
	assert_int_equal(cells_find(hashes, 3, &cells, &err), SDG_EINVAL);
	assert_string_equal(err.message,
			    "train: two pairs of words look alike");
	assert_null(cells.pilots);
}

/* What was met against what is listed, in their order. */
static void check_met(struct sdg_str subject, struct sdg_str text)
{
	struct sdg_feedback fb = { .source = SDG_SOURCE_MAIL,
				   .subject = subject,
				   .text = text };
	struct sdg_word *words = classifier->words;
	struct sdg_feature *features = classifier->features;
	size_t in_text, in_subject, n, met = 0, sentences = 0;
	struct sdg_labels labels;

	in_text = sdg_words_split(NULL, text, words,
				  SDG_WORDS_MAX - SDG_SUBJECT_WORDS_MAX);
	in_subject =
	    sdg_words_split(NULL, subject, words, SDG_SUBJECT_WORDS_MAX);
	sdg_classify(classifier, &fb, NULL, &labels, NULL);
	n = sdg_features_list(&classifier->address, words, in_text,
			      SDG_FIELD_TEXT, features);
	n += sdg_features_list(&classifier->address, words + in_text,
			       in_subject, SDG_FIELD_SUBJECT, features + n);
	for (size_t i = 0; i < n; i++) {
		uint32_t row = sdg_model_ask(&classifier->model, &features[i]);

		if (row != SDG_NO_ROW)
			assert_int_equal(classifier->met[met++], row);
		if (features[i].how.ends)
			assert_int_equal(classifier->sentences[sentences++],
					 met);
	}
	assert_int_equal(sentences, classifier->sentence_count);
}

static void test_what_is_met_is_what_is_listed(void **state)
{
	static const char *const texts[] = {
		"",
		"We cannot recruit. You never answered my letter! Why?",
		"This is not about pay. Your helpline was superb, thank you.",
		"Not about the inspection.\n> You wrote that workload is up\n> "
		"and that was all\nI disagree with you.",
		"> nothing of this counts. Nor this.\nBut this does.",
		"not seeking your help. Not asking about you",
		"Headteachers in our branch feel that the association\n\nhas "
		"not listened to them about funding for pupils with needs",
	};
	size_t n = sizeof(texts) / sizeof(*texts);
	char *long_text = calloc(1, SDG_TEXT_MAX + 1);

	(void)state;
	assert_non_null(long_text);
	for (size_t i = 0; i < n; i++)
		for (size_t k = 0; k < n; k++)
			check_met(sdg_str(texts[i]), sdg_str(texts[k]));
	while (strlen(long_text) < SDG_TEXT_MAX - 100)
		strcat(long_text, "You say so, and we cannot recruit. ");
	check_met(sdg_str("Workload"), sdg_str(long_text));
	free(long_text);
}

static void test_what_is_not_known_has_no_row(void **state)
{
	const struct sdg_model *model = &classifier->model;
	size_t found = 0;

	(void)state;
	for (uint64_t i = 0; i < 100000; i++) {
		uint64_t hash = sdg_words_hash((const char *)&i, sizeof(i));

		found += sdg_model_pair(model, hash) != SDG_NO_ROW;
		found += sdg_model_noted(model, hash) != 0;
	}
	assert_int_equal(found, 0);
	assert_int_equal(sdg_model_noted(model, SDG_STEM_MUTED), 0);
}

/* ------------------------------------------------------------- damaged */

/* The shipped model's bytes, to be damaged; the caller frees them. */
static uint8_t *copy_model(void)
{
	uint8_t *copy = aligned_alloc(64, (classifier->map_len + 63) / 64 * 64);

	assert_non_null(copy);
	memcpy(copy, classifier->map, classifier->map_len);
	return copy;
}

static void assert_damaged(const uint8_t *bytes)
{
	struct sdg_error err = { 0 };
	struct sdg_model model;

	assert_int_equal(
	    sdg_model_view(bytes, classifier->map_len, &model, &err),
	    SDG_EINVAL);
	assert_string_equal(err.message, "read model: damaged");
}

/* One of them in a sum, and every score is none. */
static void test_numbers_that_are_none_are_refused(void **state)
{
	static const float none[] = { NAN, INFINITY, -INFINITY, 1e30F };
	uint8_t *bytes = copy_model();
	struct sdg_model_header *header = (void *)bytes;
	struct sdg_weights *row =
	    (void *)(bytes + header->rows_at + 7 * (size_t)header->stride);
	float *numbers[] = { &header->cue_weight,
			     &header->bias[0],
			     &header->bias[header->column_count - 1],
			     &header->calibration.score,
			     &header->calibration.offset,
			     &header->calibration.theme[3],
			     &header->calibration.stance[3][SDG_SIGN_COUNT],
			     &row->value,
			     &row->factor };

	(void)state;
	for (size_t i = 0; i < sizeof(numbers) / sizeof(*numbers); i++) {
		float was = *numbers[i];

		for (size_t k = 0; k < sizeof(none) / sizeof(*none); k++) {
			*numbers[i] = none[k];
			assert_damaged(bytes);
		}
		*numbers[i] = was;
	}
	free(bytes);
}

/* Below every chance there is, themes would be added for ever. */
static void test_a_threshold_is_a_chance(void **state)
{
	static const float none[] = { NAN, -2, 1.5F };
	uint8_t *bytes = copy_model();
	struct sdg_model_header *header = (void *)bytes;

	(void)state;
	for (size_t k = 0; k < sizeof(none) / sizeof(*none); k++) {
		header->calibration.threshold[5] = none[k];
		assert_damaged(bytes);
	}
	free(bytes);
}

static void test_themes_have_ids(void **state)
{
	uint8_t *bytes = copy_model();
	struct sdg_model_header *header = (void *)bytes;
	char *strings = (char *)bytes + header->strings_at;
	char *id = strings + strlen(strings) + 1;

	(void)state;
	*id = '\xff';
	assert_damaged(bytes);
	*id = '\0';
	assert_damaged(bytes);
	free(bytes);
}

/* A model file of @bytes, opened. */
static void open_damaged(const uint8_t *bytes, struct sdg_classifier **out)
{
	char path[] = "/tmp/test-model-XXXXXX";
	struct sdg_classifier_options options = { .model = path };
	struct sdg_error err = { 0 };
	int fd = mkstemp(path);

	assert_true(fd >= 0);
	close(fd);
	assert_ok(sdg_write_file(path, bytes, classifier->map_len, 0600, &err),
		  err);
	assert_ok(sdg_classifier_open(&options, out, &err), err);
	unlink(path);
}

static void test_cues_for_no_theme_say_nothing(void **state)
{
	struct sdg_feedback fb = {
		.source = SDG_SOURCE_MAIL,
		.text = sdg_str("Teachers' pay is frozen, workload is up and "
				"Ofsted came again."),
	};
	struct sdg_explanation *why = calloc(1, sizeof(*why));
	uint8_t *bytes = copy_model();
	struct sdg_model_header *header = (void *)bytes;
	struct sdg_cue_slot *slots = (void *)(bytes + header->cues_at);
	struct sdg_classifier *other;
	struct sdg_labels labels;

	(void)state;
	assert_non_null(why);
	for (uint32_t i = 0; i < header->cue_slot_count; i++)
		slots[i].theme = (uint8_t)(64 + i % 192);
	open_damaged(bytes, &other);
	sdg_classify(other, &fb, NULL, &labels, why);
	assert_in_range(labels.theme_count, 1, SDG_THEMES_MAX);
	for (size_t i = 0; i < why->count; i++)
		assert_string_not_equal(why->reasons[i].rule, "cue");
	sdg_classifier_close(other);
	free(bytes);
	free(why);
}

/* Of as few columns as there can be: nothing behind the last row is read. */
static void test_the_last_row_ends_the_memory(void **state)
{
	struct sdg_model_header header = {
		.theme_count = 1,
		.column_count = 1 + SDG_BESIDE_COLUMNS,
	};
	struct sdg_use use = { 0 };
	float sums[SDG_COLUMNS_MAX + 8] = { 0 };
	uint8_t counts[1] = { 1 };
	struct sdg_model model = { .header = &header };
	struct sdg_weights *row;

	(void)state;
	header.stride = sdg_model_stride(header.column_count);
	row = aligned_alloc(16, header.stride);
	assert_non_null(row);
	row->value = row->factor = 1;
	for (uint32_t c = 0; c < header.column_count; c++)
		row->weights[c] = (int8_t)c;
	model.rows = (const uint8_t *)row;
	sdg_sum_columns(&model, &use, 1, counts, sums);
	for (uint32_t c = 0; c < header.column_count; c++)
		assert_float_equal(sums[c], (float)c, 0);
	free(row);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_pair_has_a_cell_of_its_own),
		cmocka_unit_test(test_pairs_said_most_come_first),
		cmocka_unit_test(test_pairs_that_look_alike_are_refused),
		cmocka_unit_test(test_what_is_met_is_what_is_listed),
		cmocka_unit_test(test_what_is_not_known_has_no_row),
		cmocka_unit_test(test_numbers_that_are_none_are_refused),
		cmocka_unit_test(test_a_threshold_is_a_chance),
		cmocka_unit_test(test_themes_have_ids),
		cmocka_unit_test(test_cues_for_no_theme_say_nothing),
		cmocka_unit_test(test_the_last_row_ends_the_memory),
	};

	return cmocka_run_group_tests(tests, open_classifier, close_classifier);
}
