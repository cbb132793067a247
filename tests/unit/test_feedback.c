#include "test.h"

#include <soundings/feedback.h>
#include <stdlib.h>

struct fixture {
	struct sdg_arena *arena;
	uint8_t bytes[SDG_EVENT_MAX];
	size_t len;
	struct sdg_error err;
};

static int setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	f->arena = sdg_arena_new(SDG_ARENA_EVENT);
	*state = f;
	return f->arena ? 0 : -1;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	sdg_arena_free(f->arena);
	free(f);
	return 0;
}

static struct sdg_feedback example(void)
{
	struct sdg_feedback fb = {
		.source = SDG_SOURCE_REP,
		.kind = SDG_KIND_FEEDBACK,
		.consultation = sdg_str("future"),
		.said = 1423172833,
		.received = 1423172900,
		.revision = -5,
		.text = sdg_str("Sixth form college. VAT, \xc2\xa3"
				"335k a year."),
		.subject = sdg_str("Same point"),
		.respondent.address = sdg_str("jane@school.example"),
		.respondent.role = sdg_str("Principal"),
		.note.kind = SDG_NOTE_INTERVIEW,
		.note.representative = sdg_str("Bev Tattersall"),
		.note.voices = 14,
		.note.second_hand = true,
		.flags = SDG_FLAG_CASEWORK,
		.may_quote = true,
		.choice_count = 1,
	};

	fb.choices[0] =
	    (struct sdg_choice){ sdg_str("Sector"), sdg_str("Post-16") };
	memset(fb.identity, 7, SDG_DIGEST_SIZE);
	memset(fb.content, 8, SDG_DIGEST_SIZE);
	return fb;
}

static void test_feedback_decode_undoes_encode(void **state)
{
	struct fixture *f = *state;
	struct sdg_feedback fb = example(), back;

	assert_ok(sdg_feedback_encode(&fb, f->bytes, &f->len, &f->err), f->err);
	assert_ok(
	    sdg_feedback_decode(f->bytes, f->len, f->arena, &back, &f->err),
	    f->err);
	assert_int_equal(back.source, SDG_SOURCE_REP);
	assert_int_equal(back.kind, SDG_KIND_FEEDBACK);
	assert_int_equal(back.said, fb.said);
	assert_int_equal(back.received, fb.received);
	assert_int_equal(back.revision, -5);
	assert_str_equal(back.text, fb.text.s);
	assert_str_equal(back.subject, "Same point");
	assert_str_equal(back.respondent.address, "jane@school.example");
	assert_str_equal(back.respondent.role, "Principal");
	assert_int_equal(back.note.kind, SDG_NOTE_INTERVIEW);
	assert_int_equal(back.note.voices, 14);
	assert_true(back.note.second_hand);
	assert_true(back.may_quote);
	assert_false(back.truncated);
	assert_int_equal(back.flags, SDG_FLAG_CASEWORK);
	assert_int_equal(back.choice_count, 1);
	assert_str_equal(back.choices[0].answer, "Post-16");
	assert_memory_equal(back.identity, fb.identity, SDG_DIGEST_SIZE);
	assert_memory_equal(back.content, fb.content, SDG_DIGEST_SIZE);
}

static void test_feedback_encode_cuts_long_text_at_a_character(void **state)
{
	struct fixture *f = *state;
	struct sdg_feedback fb = example(), back;
	size_t size = 3 * 30000;
	char *text = malloc(size);

	for (size_t i = 0; i < size; i += 3)
		memcpy(text + i, "\xe2\x82\xac", 3);
	fb.text = (struct sdg_str){ text, size };
	assert_ok(sdg_feedback_encode(&fb, f->bytes, &f->len, &f->err), f->err);
	assert_ok(
	    sdg_feedback_decode(f->bytes, f->len, f->arena, &back, &f->err),
	    f->err);
	assert_true(back.truncated);
	assert_int_equal(back.text.len, SDG_TEXT_MAX / 3 * 3);
	free(text);
}

/* A small producer of somebody else's may know nothing of the limit. */
static void test_feedback_decode_cuts_long_text_too(void **state)
{
	enum { LONG = 60000 };
	struct fixture *f = *state;
	struct sdg_feedback fb = example(), back;

	fb.text = sdg_str("");
	assert_ok(sdg_feedback_encode(&fb, f->bytes, &f->len, &f->err), f->err);
	/* Field 10, its length in three bytes; what comes last holds. */
	assert_true(f->len + 4 + LONG < SDG_EVENT_MAX);
	f->bytes[f->len++] = 10 << 3 | 2;
	f->bytes[f->len++] = (LONG & 127) | 128;
	f->bytes[f->len++] = (LONG >> 7 & 127) | 128;
	f->bytes[f->len++] = LONG >> 14;
	memset(f->bytes + f->len, 'x', LONG);
	f->len += LONG;
	assert_ok(
	    sdg_feedback_decode(f->bytes, f->len, f->arena, &back, &f->err),
	    f->err);
	assert_true(back.truncated);
	assert_int_equal(back.text.len, SDG_TEXT_MAX);
}

static void refuses(struct fixture *f, const struct sdg_feedback *fb,
		    const char *message)
{
	assert_fails(sdg_feedback_encode(fb, f->bytes, &f->len, &f->err),
		     SDG_EINVAL, f->err);
	assert_string_equal(f->err.message, message);
}

static void test_feedback_encode_refuses_what_is_not_an_event(void **state)
{
	struct fixture *f = *state;
	struct sdg_feedback fb = example();
	char wide[SDG_SUBJECT_MAX + 1];

	fb.source = SDG_SOURCE_ANY;
	refuses(f, &fb, "event: no such source");
	fb = example();
	memset(fb.identity, 0, SDG_DIGEST_SIZE);
	refuses(f, &fb, "event: no identity");
	fb = example();
	fb.text = sdg_str("escape \x1b[31m");
	refuses(f, &fb, "event: field text is not safe text");
	fb = example();
	memset(wide, 'x', sizeof(wide));
	fb.subject = (struct sdg_str){ wide, sizeof(wide) };
	refuses(f, &fb, "event: field subject is longer than 1000 bytes");
}

static void test_feedback_carries_what_is_emptied(void **state)
{
	static const uint8_t emptied[SDG_EMPTIED_MAX + 1][SDG_DIGEST_SIZE] = {
		{ 1 }, { 2, 3 }
	};
	struct fixture *f = *state;
	struct sdg_feedback fb = example(), back;

	fb.source = SDG_SOURCE_SURVEY;
	fb.emptied = emptied;
	fb.emptied_count = SDG_EMPTIED_MAX;
	assert_ok(sdg_feedback_encode(&fb, f->bytes, &f->len, &f->err), f->err);
	assert_ok(
	    sdg_feedback_decode(f->bytes, f->len, f->arena, &back, &f->err),
	    f->err);
	assert_int_equal(back.emptied_count, SDG_EMPTIED_MAX);
	assert_memory_equal(back.emptied, emptied,
			    SDG_EMPTIED_MAX * SDG_DIGEST_SIZE);
	assert_false(sdg_feedback_only_empties(&back));
	fb.emptied_count++;
	assert_fails(sdg_feedback_encode(&fb, f->bytes, &f->len, &f->err),
		     SDG_EINVAL, f->err);
	/* Nobody takes a mail away by a list. */
	fb.emptied_count = 1;
	fb.source = SDG_SOURCE_MAIL;
	assert_fails(sdg_feedback_encode(&fb, f->bytes, &f->len, &f->err),
		     SDG_EINVAL, f->err);
	assert_string_equal(f->err.message,
			    "event: only a survey's answers are emptied");
}

static void test_feedback_decode_accepts_fields_it_does_not_know(void **state)
{
	struct fixture *f = *state;
	struct sdg_feedback fb = example(), back;

	assert_ok(sdg_feedback_encode(&fb, f->bytes, &f->len, &f->err), f->err);
	/* field 1000, varint 5 */
	memcpy(f->bytes + f->len, "\xc0\x3e\x05", 3);
	assert_ok(
	    sdg_feedback_decode(f->bytes, f->len + 3, f->arena, &back, &f->err),
	    f->err);
	assert_str_equal(back.subject, "Same point");
}

static void test_feedback_decode_refuses_a_newer_wire(void **state)
{
	struct fixture *f = *state;
	struct sdg_feedback fb = example(), back;

	assert_ok(sdg_feedback_encode(&fb, f->bytes, &f->len, &f->err), f->err);
	memcpy(f->bytes + f->len, "\x08\x02", 2); /* the last one wins */
	assert_fails(
	    sdg_feedback_decode(f->bytes, f->len + 2, f->arena, &back, &f->err),
	    SDG_EINVAL, f->err);
	assert_string_equal(f->err.message,
			    "event: wire version 2; this program knows 1");
}

/* 64 KiB of empty choices would allocate megabytes; the arena says no. */
static void test_feedback_decode_is_bounded_in_memory(void **state)
{
	struct fixture *f = *state;
	struct sdg_feedback back;

	for (size_t i = 0; i < SDG_EVENT_MAX; i += 3)
		memcpy(f->bytes + i, "\x82\x01\x00",
		       SDG_EVENT_MAX - i < 3 ? SDG_EVENT_MAX - i : 3);
	assert_fails(sdg_feedback_decode(f->bytes, SDG_EVENT_MAX, f->arena,
					 &back, &f->err),
		     SDG_EINVAL, f->err);
}

/* Every byte of a good event, mutated: refused or valid, never worse. */
static void test_feedback_decode_survives_mutations(void **state)
{
	struct fixture *f = *state;
	struct sdg_feedback fb = example(), back;
	uint8_t again[SDG_EVENT_MAX], mutant[1024];
	size_t refused = 0, len;

	assert_ok(sdg_feedback_encode(&fb, f->bytes, &f->len, &f->err), f->err);
	assert_true(f->len < sizeof(mutant));
	for (size_t i = 0; i < f->len; i++) {
		for (int bit = 0; bit < 8; bit++) {
			memcpy(mutant, f->bytes, f->len);
			mutant[i] ^= (uint8_t)(1 << bit);
			sdg_arena_reset(f->arena);
			if (sdg_feedback_decode(mutant, f->len, f->arena, &back,
						&f->err) < 0) {
				refused++;
				continue;
			}
			assert_ok(
			    sdg_feedback_encode(&back, again, &len, &f->err),
			    f->err);
		}
	}
	assert_in_range(refused, 1, f->len * 8 - 1);
}

static void test_receipts_go_there_and_back(void **state)
{
	struct fixture *f = *state;
	struct sdg_receipt in[2] = {
		{ .outcome = SDG_OUTCOME_COUNTED },
		{ .outcome = SDG_OUTCOME_QUARANTINED,
		  .reason = sdg_str("event: no identity") },
	};
	struct sdg_receipt out[2];
	uint8_t *bytes;
	size_t len, n;

	sdg_frame_digest("Eone", 4, in[0].digest);
	sdg_frame_digest("Etwo", 4, in[1].digest);
	assert_memory_not_equal(in[0].digest, in[1].digest, 16);
	assert_ok(sdg_receipts_encode(in, 2, &bytes, &len, &f->err), f->err);
	assert_ok(
	    sdg_receipts_decode(bytes, len, f->arena, out, 2, &n, &f->err),
	    f->err);
	assert_int_equal(n, 2);
	assert_memory_equal(out[0].digest, in[0].digest, 16);
	assert_int_equal(out[1].outcome, SDG_OUTCOME_QUARANTINED);
	assert_str_equal(out[1].reason, "event: no identity");
	assert_fails(
	    sdg_receipts_decode(bytes, len, f->arena, out, 1, &n, &f->err),
	    SDG_EINVAL, f->err);
	free(bytes);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(test_feedback_decode_undoes_encode),
		TEST(test_feedback_encode_cuts_long_text_at_a_character),
		TEST(test_feedback_decode_cuts_long_text_too),
		TEST(test_feedback_encode_refuses_what_is_not_an_event),
		TEST(test_feedback_carries_what_is_emptied),
		TEST(test_feedback_decode_accepts_fields_it_does_not_know),
		TEST(test_feedback_decode_refuses_a_newer_wire),
		TEST(test_feedback_decode_is_bounded_in_memory),
		TEST(test_feedback_decode_survives_mutations),
		TEST(test_receipts_go_there_and_back),
	};

	return cmocka_run_group_tests_name("feedback", tests, NULL, NULL);
}
