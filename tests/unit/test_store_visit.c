/*
 * Walks by many hands: whoever opens a piece, they are shown in order, each
 * with what was made of it, and the first fault is the one that is told.
 */
#include "store_help.h"

#define PIECES 3000
#define BATCH 500

struct seen {
	size_t count, stop_at, fail_from;
	uint8_t ids[PIECES][SDG_EVENT_ID_SIZE];
	size_t at; /* of visit_named */
};

static int setup(void **state)
{
	struct piece_of *batch = calloc(BATCH, sizeof(*batch));
	int rc = help_setup(state);

	for (unsigned i = 0; rc == 0 && i < PIECES; i += BATCH) {
		for (unsigned k = 0; k < BATCH; k++)
			help_mail(&batch[k], i + k, 1 + (i + k) % 7,
				  TODAY + (int)((i + k) / 100));
		help_apply(*state, batch, BATCH);
	}
	free(batch);
	return rc;
}

/* A copy of the text, and a word on who made it. */
static int copy(void *arg, struct sdg_hand *hand,
		const struct sdg_stored *stored, void **out,
		struct sdg_error *err)
{
	const struct seen *seen = arg;
	char *room = sdg_hand_room(hand, stored->fb.text.len + 1);
	unsigned n = 0;

	assert_non_null(room);
	assert_true(sdg_hand_number(hand) < SDG_HANDS_MAX);
	memcpy(room, stored->fb.text.s, stored->fb.text.len);
	room[stored->fb.text.len] = '\0';
	sscanf(room, "words of piece %u", &n);
	if (seen->fail_from && n >= seen->fail_from)
		return sdg_fail(err, SDG_EINVAL, "piece %u", n);
	*out = room;
	return 0;
}

static int show(void *arg, const struct sdg_stored *stored, size_t which,
		void *out)
{
	struct seen *seen = arg;
	const char *text = out;

	assert_int_equal(which, seen->count);
	assert_int_equal(strlen(text), stored->fb.text.len);
	assert_memory_equal(text, stored->fb.text.s, stored->fb.text.len);
	memcpy(seen->ids[seen->count++], stored->id, SDG_EVENT_ID_SIZE);
	return seen->stop_at && seen->count == seen->stop_at ? 42 : 0;
}

static int compare(void *arg, const struct sdg_stored *stored)
{
	struct seen *seen = arg;

	assert_memory_equal(seen->ids[seen->at++], stored->id,
			    SDG_EVENT_ID_SIZE);
	return 0;
}

static void test_visit_shows_in_order_what_each_hand_made(void **state)
{
	struct help *h = *state;
	struct seen *seen = calloc(1, sizeof(*seen));
	const struct sdg_visit to = { .look = copy, .then = show, .arg = seen };

	assert_int_equal(sdg_store_visit(h->store, NULL, 0, NULL, &to, &h->err),
			 0);
	assert_int_equal(seen->count, PIECES);
	assert_int_equal(
	    sdg_store_each(h->store, NULL, 0, NULL, compare, seen, &h->err), 0);
	assert_int_equal(seen->at, PIECES);
	free(seen);
}

static void test_visit_stops_when_told(void **state)
{
	struct help *h = *state;
	struct seen *seen = calloc(1, sizeof(*seen));
	const struct sdg_visit to = { .look = copy, .then = show, .arg = seen };

	seen->stop_at = 1234;
	assert_int_equal(sdg_store_visit(h->store, NULL, 0, NULL, &to, &h->err),
			 42);
	assert_int_equal(seen->count, 1234);
	free(seen);
}

/* However many hands fail at once. */
static void test_visit_tells_the_first_fault(void **state)
{
	struct help *h = *state;
	struct seen *seen = calloc(1, sizeof(*seen));
	const struct sdg_visit to = { .look = copy, .then = show, .arg = seen };

	/* Within a day pieces stand by their hashes, so by days. */
	seen->fail_from = 2000;
	assert_int_equal(sdg_store_visit(h->store, NULL, 0, NULL, &to, &h->err),
			 SDG_EINVAL);
	assert_int_equal(seen->count, 2000);
	assert_memory_equal(h->err.message, "piece 20", 8);
	free(seen);
}

static const uint8_t *backwards(void *arg)
{
	struct seen *seen = arg;

	return seen->at == 0 ? NULL : seen->ids[--seen->at];
}

static int show_backwards(void *arg, const struct sdg_stored *stored,
			  size_t which, void *out)
{
	struct seen *seen = arg;

	assert_non_null(out);
	assert_memory_equal(seen->ids[PIECES - 1 - which], stored->id,
			    SDG_EVENT_ID_SIZE);
	seen->count++;
	return 0;
}

static void test_visit_named_in_their_order(void **state)
{
	struct help *h = *state;
	struct seen *seen = calloc(1, sizeof(*seen));
	const struct sdg_visit to = { .look = copy, .then = show, .arg = seen };
	const struct sdg_visit back = { .look = copy,
					.then = show_backwards,
					.arg = seen };

	assert_int_equal(sdg_store_visit(h->store, NULL, 0, NULL, &to, &h->err),
			 0);
	seen->at = PIECES;
	seen->count = 0;
	assert_int_equal(
	    sdg_store_visit_named(h->store, backwards, &back, &h->err), 0);
	assert_int_equal(seen->count, PIECES);
	free(seen);
}

static int count_one(void *arg, const struct sdg_stored *stored)
{
	++*(size_t *)arg;
	assert_memory_equal(stored->fb.text.s, "words of piece 29", 17);
	return 0;
}

static int count_any(void *arg, const struct sdg_stored *stored)
{
	(void)stored;
	++*(size_t *)arg;
	return 0;
}

static void test_each_passes_over_what_does_not_hold_the_word(void **state)
{
	struct help *h = *state;
	size_t n = 0;

	/* 29, 290 to 299, 2900 to 2999; whatever the case. */
	assert_int_equal(sdg_store_each(h->store, NULL, 0, "PIECE 29",
					count_one, &n, &h->err),
			 0);
	assert_int_equal(n, 111);
}

/* Wherever in a long text it stands. */
static void test_each_finds_the_word_at_any_place(void **state)
{
	enum { PLACES = 200 };
	static char texts[PLACES][PLACES + 100];
	struct help *h = *state;
	struct piece_of *batch = calloc(PLACES, sizeof(*batch));
	struct sdg_filter early = { .until_day = TODAY - 499 };
	size_t n = 0;

	for (unsigned i = 0; i < PLACES; i++) {
		/* Much that begins like it. */
		memset(texts[i], 'n', sizeof(texts[i]) - 1);
		memcpy(texts[i] + i, "NEedle", 6);
		help_mail(&batch[i], PIECES + i, 1, TODAY - 500);
		batch[i].fb.text = sdg_str(texts[i]);
	}
	help_apply(h, batch, PLACES);
	assert_int_equal(sdg_store_each(h->store, &early, 0, "neEDLe",
					count_any, &n, &h->err),
			 0);
	assert_int_equal(n, PLACES);
	assert_int_equal(sdg_store_each(h->store, &early, 0, "needles",
					count_any, &n, &h->err),
			 0);
	assert_int_equal(n, PLACES);
	free(batch);
}

static int show_unopened(void *arg, const struct sdg_stored *stored,
			 size_t which, void *out)
{
	struct seen *seen = arg;

	assert_null(out);
	assert_int_equal(which, seen->count);
	assert_int_equal(stored->fb.text.len, 0);
	assert_false(stored->erased);
	memcpy(seen->ids[seen->count++], stored->id, SDG_EVENT_ID_SIZE);
	return 0;
}

static void test_visit_unopened_shows_the_same_without_words(void **state)
{
	struct help *h = *state;
	struct seen *seen = calloc(1, sizeof(*seen));
	const struct sdg_visit to = { .then = show_unopened,
				      .arg = seen,
				      .unopened = true };

	assert_int_equal(sdg_store_visit(h->store, NULL, 0, NULL, &to, &h->err),
			 0);
	assert_int_equal(seen->count, PIECES);
	assert_int_equal(
	    sdg_store_each(h->store, NULL, 0, NULL, compare, seen, &h->err), 0);
	free(seen);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_visit_shows_in_order_what_each_hand_made),
		cmocka_unit_test(test_visit_stops_when_told),
		cmocka_unit_test(test_visit_tells_the_first_fault),
		cmocka_unit_test(test_visit_named_in_their_order),
		cmocka_unit_test(
		    test_each_passes_over_what_does_not_hold_the_word),
		cmocka_unit_test(
		    test_visit_unopened_shows_the_same_without_words),
		cmocka_unit_test(test_each_finds_the_word_at_any_place),
	};

	return cmocka_run_group_tests(tests, setup, help_teardown);
}
