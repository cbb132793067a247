#include "test.h"

#include <soundings/labels.h>

static void test_regions_are_in_official_order(void **state)
{
	static const char *const official[] = {
		"north-east",       "north-west",
		"yorkshire-humber", "east-midlands",
		"west-midlands",    "east-of-england",
		"london",           "south-east",
		"south-west",       "wales",
		"scotland",         "northern-ireland",
		"islands-overseas", "unknown",
	};

	(void)state;
	for (int i = 0; i < 14; i++) {
		assert_string_equal(sdg_region_id(i + 1), official[i]);
		assert_int_equal(sdg_region_from_id(sdg_str(official[i])),
				 i + 1);
	}
	assert_int_equal(SDG_REGION_COUNT, 15);
}

/* A number beyond a table may come from a damaged store. */
static void test_numbers_out_of_range_are_question_marks(void **state)
{
	(void)state;
	assert_string_equal(sdg_region_id(15), "?");
	assert_string_equal(sdg_region_name(-1), "?");
	assert_string_equal(sdg_role_id(200), "?");
	assert_string_equal(sdg_outcome_id(SDG_OUTCOME_COUNT), "?");
}

static void round_trip(const char *(*id)(int), int (*from)(struct sdg_str),
		       int count)
{
	for (int i = 0; i < count; i++) {
		assert_non_null(id(i));
		assert_string_not_equal(id(i), "?");
		assert_int_equal(from(sdg_str(id(i))), i);
	}
	assert_int_equal(from(sdg_str("no such id")), -1);
	assert_int_equal(from(sdg_str("")), -1);
}

static void test_ids_go_there_and_back(void **state)
{
	(void)state;
	round_trip(sdg_region_id, sdg_region_from_id, SDG_REGION_COUNT);
	round_trip(sdg_source_id, sdg_source_from_id, SDG_SOURCE_COUNT);
	round_trip(sdg_kind_id, sdg_kind_from_id, SDG_KIND_COUNT);
	round_trip(sdg_stance_id, sdg_stance_from_id, SDG_STANCE_COUNT);
	round_trip(sdg_role_id, sdg_role_from_id, SDG_ROLE_COUNT);
	round_trip(sdg_note_kind_id, sdg_note_kind_from_id, SDG_NOTE_COUNT);
	for (int bit = 0; bit < SDG_PHASE_COUNT; bit++)
		assert_int_equal(sdg_phase_from_id(sdg_str(sdg_phase_id(bit))),
				 1 << bit);
}

static void test_every_flag_and_outcome_has_a_name(void **state)
{
	(void)state;
	for (int bit = 0; bit < SDG_FLAG_COUNT; bit++)
		assert_string_not_equal(sdg_flag_id(bit), "?");
	for (int i = 0; i < SDG_OUTCOME_COUNT; i++)
		assert_string_not_equal(sdg_outcome_id(i), "?");
	for (int i = 0; i < SDG_EVIDENCE_COUNT; i++)
		assert_string_not_equal(sdg_evidence_id(i), "?");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_regions_are_in_official_order),
		cmocka_unit_test(test_numbers_out_of_range_are_question_marks),
		cmocka_unit_test(test_ids_go_there_and_back),
		cmocka_unit_test(test_every_flag_and_outcome_has_a_name),
	};

	return cmocka_run_group_tests_name("labels", tests, NULL, NULL);
}
