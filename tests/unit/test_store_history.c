/* store: what figures were before something was changed. */
#include "store_help.h"

#include <lmdb.h>
#include <time.h>

#include <soundings/store_rights.h>

#define THIEF "thief-thief-thief-thief-thief-thief-1234"

static int64_t days_later, seconds_a_look, looks;
static int begun;

int __real_mdb_txn_begin(MDB_env *env, MDB_txn *parent, unsigned flags,
			 MDB_txn **out);
int __wrap_mdb_txn_begin(MDB_env *env, MDB_txn *parent, unsigned flags,
			 MDB_txn **out);
int __wrap_mdb_txn_begin(MDB_env *env, MDB_txn *parent, unsigned flags,
			 MDB_txn **out)
{
	begun++;
	return __real_mdb_txn_begin(env, parent, flags, out);
}

time_t __real_time(time_t *out);
time_t __wrap_time(time_t *out);
time_t __wrap_time(time_t *out)
{
	time_t now = __real_time(NULL) + (time_t)(days_later * DAY) +
		     (time_t)(seconds_a_look * ++looks);

	if (out)
		*out = now;
	return now;
}

static void take_theme(struct help *h, struct piece_of *p, unsigned n,
		       int theme)
{
	help_mail(p, n, n, TODAY);
	help_themes(p, 1, theme, 0, 0);
	assert_int_equal(help_take(h, p), SDG_OUTCOME_COUNTED);
}

/* How many messages name theme number @theme (0: any) as of @as_of. */
static uint64_t count_as_of(struct help *h, uint32_t as_of, uint32_t theme)
{
	struct sdg_query query = { .dims = { SDG_DIM_THEME },
				   .dim_count = 1,
				   .as_of = as_of };
	struct sdg_result result;
	uint64_t n = 0;

	if (sdg_store_report(h->store, &query, &result, &h->err) < 0)
		fail_msg("report: %s", h->err.message);
	for (size_t i = 0; i < result.row_count; i++)
		if (result.rows[i].key[0] == theme)
			n = result.rows[i].measures.messages;
	if (theme == 0)
		n = result.totals.messages;
	sdg_result_fini(&result);
	return n;
}

static uint64_t checked_as_of(struct help *h, uint32_t as_of)
{
	struct sdg_query query = { .as_of = as_of };
	struct sdg_result result;
	uint64_t n;

	assert_int_equal(sdg_store_report(h->store, &query, &result, &h->err),
			 0);
	n = result.checked;
	sdg_result_fini(&result);
	return n;
}

static int keep_last(void *arg, const struct sdg_edition *edition)
{
	*(struct sdg_edition *)arg = *edition;
	return 0;
}

static struct sdg_edition last_edition(struct help *h)
{
	struct sdg_edition last = { 0 };

	assert_int_equal(
	    sdg_store_editions(h->store, keep_last, &last, &h->err), 0);
	return last;
}

static void begin_edition(struct help *h)
{
	assert_int_equal(sdg_store_begin_edition(h->store, &h->err), 0);
}

static struct sdg_labels labels_of(enum sdg_kind kind, uint8_t theme)
{
	return (struct sdg_labels){ .kind = kind,
				    .region = SDG_REGION_LONDON,
				    .theme_count = kind == SDG_KIND_FEEDBACK,
				    .themes = { theme } };
}

static void correct(struct help *h, const struct piece_of *p,
		    enum sdg_kind kind, uint8_t theme)
{
	struct sdg_labels labels = labels_of(kind, theme);

	assert_int_equal(
	    sdg_store_correct(h->store, p->item.id, &labels, &h->err), 0);
}

static void test_store_earlier_edition_gives_earlier_figures(void **state)
{
	struct help *h = *state;
	struct piece_of p[3];

	take_theme(h, &p[0], 1, 0);
	take_theme(h, &p[1], 2, 0);
	assert_int_equal(last_edition(h).number, 1);
	assert_int_equal(last_edition(h).version, 7);
	begin_edition(h);
	correct(h, &p[0], SDG_KIND_FEEDBACK, 2);
	take_theme(h, &p[2], 3, 0);
	assert_int_equal(count_as_of(h, 0, 1), 2);
	assert_int_equal(count_as_of(h, 0, 2), 1);
	/* Then: two of the first theme, and the third had not come. */
	assert_int_equal(count_as_of(h, 1, 1), 2);
	assert_int_equal(count_as_of(h, 1, 2), 0);
	assert_int_equal(count_as_of(h, 1, 0), 2);
	assert_int_equal(count_as_of(h, 2, 2), 1);
	assert_int_equal(count_as_of(h, 2, 0), 3);
	help_verify(h);
}

static void test_store_what_no_longer_counts_counted_then(void **state)
{
	struct help *h = *state;
	struct piece_of p;

	take_theme(h, &p, 1, 0);
	begin_edition(h);
	correct(h, &p, SDG_KIND_NOT_FEEDBACK, 0);
	begin_edition(h);
	correct(h, &p, SDG_KIND_FEEDBACK, 3);
	/* Twice in one edition: only its end is remembered. */
	correct(h, &p, SDG_KIND_NOT_FEEDBACK, 0);
	correct(h, &p, SDG_KIND_FEEDBACK, 2);
	assert_int_equal(count_as_of(h, 1, 0), 1);
	assert_int_equal(count_as_of(h, 1, 1), 1);
	assert_int_equal(count_as_of(h, 2, 0), 0);
	assert_int_equal(count_as_of(h, 3, 2), 1);
	assert_int_equal(count_as_of(h, 0, 2), 1);
	help_verify(h);
}

static void test_store_edited_answer_counted_as_it_was(void **state)
{
	struct help *h = *state;
	struct piece_of p;

	take_theme(h, &p, 1, 0);
	begin_edition(h);
	p.fb.revision = 9;
	help_themes(&p, 1, 1, 0, 0);
	assert_int_equal(help_take(h, &p), SDG_OUTCOME_REPLACED);
	assert_int_equal(count_as_of(h, 1, 1), 1);
	assert_int_equal(count_as_of(h, 1, 2), 0);
	assert_int_equal(count_as_of(h, 0, 2), 1);
	help_verify(h);
}

static void test_store_forgotten_leave_no_history(void **state)
{
	struct help *h = *state;
	struct sdg_whose whose = { 0 };
	struct sdg_erased erased;
	struct piece_of p[2];

	take_theme(h, &p[0], 1, 0);
	take_theme(h, &p[1], 2, 0);
	begin_edition(h);
	correct(h, &p[0], SDG_KIND_FEEDBACK, 2);
	assert_int_equal(count_as_of(h, 1, 0), 2);
	whose.address = sdg_str("m1@school.example");
	assert_int_equal(
	    sdg_store_forget(h->store, &whose, NULL, NULL, &erased, &h->err),
	    0);
	assert_int_equal(erased.pieces, 1);
	assert_int_equal(count_as_of(h, 1, 0), 1);
	assert_int_equal(checked_as_of(h, 0), 0);
	help_verify(h);
}

static void test_store_checked_by_a_person_are_counted(void **state)
{
	struct help *h = *state;
	struct sdg_relabel again = { 0 };
	struct piece_of p[2];

	take_theme(h, &p[0], 1, 0);
	take_theme(h, &p[1], 2, 0);
	assert_int_equal(checked_as_of(h, 0), 0);
	begin_edition(h);
	correct(h, &p[0], SDG_KIND_FEEDBACK, 1);
	assert_int_equal(checked_as_of(h, 0), 1);
	assert_int_equal(checked_as_of(h, 1), 0);
	assert_int_equal(checked_as_of(h, 2), 1);
	/* A machine's word changes nothing there, an edit does. */
	memcpy(again.id, p[0].item.id, sizeof(again.id));
	again.labels = labels_of(SDG_KIND_FEEDBACK, 3);
	assert_int_equal(sdg_store_reclassify(h->store, &again, 1, &h->err), 0);
	assert_false(again.changed);
	assert_int_equal(checked_as_of(h, 0), 1);
	p[0].fb.revision = 4;
	assert_int_equal(help_take(h, &p[0]), SDG_OUTCOME_REPLACED);
	assert_int_equal(checked_as_of(h, 0), 0);
	help_verify(h);
}

/* A worker of the old frame does not bring its edition back. */
static void test_store_old_version_begins_no_edition(void **state)
{
	struct help *h = *state;
	struct piece_of p[3];

	take_theme(h, &p[0], 1, 0);
	assert_int_equal(
	    sdg_store_use_frame(h->store, help_frame, HELP_THEMES, 8, &h->err),
	    0);
	take_theme(h, &p[1], 2, 0);
	assert_int_equal(last_edition(h).number, 2);
	assert_int_equal(last_edition(h).version, 8);
	assert_int_equal(
	    sdg_store_use_frame(h->store, help_frame, HELP_THEMES, 7, &h->err),
	    0);
	take_theme(h, &p[2], 3, 0);
	assert_int_equal(last_edition(h).number, 2);
	/* But when it is adopted again, it does. */
	assert_int_equal(sdg_store_adopt(h->store, &h->err), 0);
	assert_int_equal(last_edition(h).number, 3);
	assert_int_equal(last_edition(h).version, 7);
	help_verify(h);
}

static void test_store_new_theme_is_measured_from_today(void **state)
{
	static const char *const frame[] = { "funding", "pay",   "ofsted",
					     "send",    "other", "phones" };
	static const char *const fewer[] = { "funding", "pay", "phones",
					     "other" };
	struct help *h = *state;
	struct sdg_span spans[SDG_STORE_THEMES];
	int32_t today = (int32_t)(time(NULL) / DAY);
	struct piece_of p;

	take_theme(h, &p, 1, 0);
	assert_int_equal(sdg_store_use_frame(h->store, frame, 6, 8, &h->err),
			 0);
	assert_int_equal(sdg_store_theme_spans(h->store, spans, &h->err), 0);
	assert_int_equal(spans[1].since, 0);
	assert_in_range(spans[6].since, today, today + 1);
	/* Looked at from an earlier day on, then all of it. */
	assert_int_equal(sdg_store_measured(h->store, 20000, &h->err), 0);
	assert_int_equal(sdg_store_theme_spans(h->store, spans, &h->err), 0);
	assert_int_equal(spans[6].since, 20000);
	assert_int_equal(sdg_store_measured(h->store, 0, &h->err), 0);
	assert_int_equal(sdg_store_theme_spans(h->store, spans, &h->err), 0);
	assert_int_equal(spans[6].since, 0);
	/* Retired: measured until today. */
	assert_int_equal(sdg_store_use_frame(h->store, fewer, 4, 9, &h->err),
			 0);
	assert_int_equal(sdg_store_adopt(h->store, &h->err), 0);
	assert_int_equal(sdg_store_theme_spans(h->store, spans, &h->err), 0);
	assert_in_range(spans[3].until, today, today + 1);
	assert_int_equal(spans[6].until, 0);
	help_verify(h);
}

static struct sdg_span span_of(struct help *h, uint32_t theme)
{
	struct sdg_span spans[SDG_STORE_THEMES];

	assert_int_equal(sdg_store_theme_spans(h->store, spans, &h->err), 0);
	return spans[theme];
}

static void test_store_frame_that_comes_back_has_a_gap_only(void **state)
{
	static const char *const another[] = { "leaks", "other" };
	struct help *h = *state;
	int32_t today = (int32_t)(time(NULL) / DAY);
	struct piece_of p;
	struct sdg_span span;

	take_theme(h, &p, 1, 0);
	/* Another frame, that day and from day 20,000 on. */
	assert_int_equal(sdg_store_use_frame(h->store, another, 2, 8, &h->err),
			 0);
	assert_int_equal(sdg_store_adopt(h->store, &h->err), 0);
	assert_int_equal(sdg_store_measured(h->store, 20000, &h->err), 0);
	assert_int_equal(span_of(h, 1).until, 20000);
	/* Back: what was counted before is; between the two it is not. */
	assert_int_equal(
	    sdg_store_use_frame(h->store, help_frame, HELP_THEMES, 7, &h->err),
	    0);
	assert_int_equal(sdg_store_adopt(h->store, &h->err), 0);
	span = span_of(h, 1);
	assert_int_equal(span.since, 0);
	assert_int_equal(span.until, 0);
	assert_int_equal(span.gap, 20000);
	assert_in_range(span.back, today, today + 1);
	assert_int_equal(sdg_span_days(span, 19990, 20010), 10);
	assert_int_equal(sdg_span_days(span, 20000, 20010), 0);
	assert_int_equal(sdg_span_days(span, 0, 100), 100);
	assert_false(sdg_span_is_empty(span));
	/* Looked at again from a day within, then all of it. */
	assert_int_equal(sdg_store_measured(h->store, 20100, &h->err), 0);
	assert_int_equal(span_of(h, 1).back, 20100);
	assert_int_equal(sdg_store_measured(h->store, 20000, &h->err), 0);
	assert_int_equal(span_of(h, 1).gap, 0);
	/* Gone, and all that was said under it relabelled: no day is left. */
	assert_int_equal(sdg_store_use_frame(h->store, another, 2, 8, &h->err),
			 0);
	assert_int_equal(sdg_store_measured(h->store, 0, &h->err), 0);
	assert_true(sdg_span_is_empty(span_of(h, 1)));
	help_verify(h);
}

/* ----------------------------------------------------- a walk in portions */

struct seen {
	uint8_t ids[64][SDG_EVENT_ID_SIZE];
	size_t count, stop_at;
};

static int note_seen(struct seen *seen, const struct sdg_stored *stored)
{
	assert_true(seen->count < 64);
	memcpy(seen->ids[seen->count++], stored->id, SDG_EVENT_ID_SIZE);
	return seen->count == seen->stop_at;
}

static int see_each(void *arg, const struct sdg_stored *stored)
{
	return note_seen(arg, stored);
}

static int see_visit(void *arg, const struct sdg_stored *stored, size_t which,
		     void *out)
{
	(void)which;
	(void)out;
	return note_seen(arg, stored);
}

static void test_store_walk_goes_on_where_it_stopped(void **state)
{
	struct help *h = *state;
	struct seen whole = { 0 }, portions = { 0 };
	struct sdg_filter all = { 0 };
	const struct sdg_visit visit = { .then = see_visit, .arg = &portions };
	struct sdg_place place = { 0 };
	struct piece_of p;
	int more = 1;

	/* On three days, every third with a date that is none: a stray. */
	for (unsigned n = 1; n <= 40; n++) {
		help_mail(&p, n, n % 5, TODAY - (int)(n % 3));
		help_themes(&p, 1, 0, 0, 0);
		if (n % 3 == 1)
			p.fb.said = n % 2 ? 0 : NOON(TODAY + 400);
		assert_int_equal(help_take(h, &p), SDG_OUTCOME_COUNTED);
	}
	assert_int_equal(
	    sdg_store_each(h->store, &all, 0, NULL, see_each, &whole, &h->err),
	    0);
	assert_int_equal(whole.count, 40);
	while (more == 1) {
		portions.stop_at = portions.count + 3;
		more = sdg_store_visit_from(h->store, &all, 0, &place, &visit,
					    &h->err);
	}
	assert_int_equal(more, 0);
	assert_int_equal(portions.count, 40);
	assert_memory_equal(portions.ids, whole.ids, sizeof(whole.ids));
}

static void test_store_held_on_another_day_counted_until_then(void **state)
{
	struct help *h = *state;
	struct piece_of p;
	size_t n;

	help_mail(&p, 1, 1, TODAY);
	help_themes(&p, 1, 0, 0, 0);
	p.item.client = THIEF;
	assert_int_equal(help_take(h, &p), SDG_OUTCOME_COUNTED);
	assert_int_equal(last_edition(h).number, 1);
	days_later = 1;
	assert_int_equal(sdg_store_hold(h->store, THIEF, 0, true, &n, &h->err),
			 0);
	assert_int_equal(n, 1);
	assert_int_equal(count_as_of(h, 1, 0), 1);
	assert_int_equal(count_as_of(h, 0, 0), 0);
	days_later = 2;
	assert_int_equal(sdg_store_hold(h->store, THIEF, 0, false, &n, &h->err),
			 0);
	days_later = 0;
	assert_int_equal(count_as_of(h, 1, 0), 1);
	assert_int_equal(count_as_of(h, 2, 0), 0);
	assert_int_equal(count_as_of(h, 3, 0), 1);
	help_verify(h);
}

static int show_none(void *arg, const struct sdg_stored *stored)
{
	(void)arg;
	(void)stored;
	return 1;
}

/* A reader that holds on makes the file grow, whatever it is looking for. */
static void test_store_walk_that_finds_nothing_lets_go_of_the_past(void **state)
{
	const struct sdg_filter none = { .roles = 1 << 7 };
	struct help *h = *state;
	struct piece_of *p = calloc(4000, sizeof(*p));

	for (unsigned i = 0; i < 4000; i++) {
		help_mail(&p[i], 1 + i, 1 + i % 50, TODAY - (int)(i % 30));
		help_themes(&p[i], 1, 1, 0, 0);
	}
	help_apply(h, p, 4000);
	free(p);
	begun = 0;
	seconds_a_look = 1;
	assert_int_equal(
	    sdg_store_each(h->store, &none, 0, NULL, show_none, NULL, &h->err),
	    0);
	seconds_a_look = 0;
	assert_in_range(begun, 3, 10);
}

int main(void)
{
#define TEST(name)                                                             \
	cmocka_unit_test_setup_teardown(name, help_setup, help_teardown)
	const struct CMUnitTest tests[] = {
		TEST(test_store_earlier_edition_gives_earlier_figures),
		TEST(test_store_what_no_longer_counts_counted_then),
		TEST(test_store_edited_answer_counted_as_it_was),
		TEST(test_store_forgotten_leave_no_history),
		TEST(test_store_checked_by_a_person_are_counted),
		TEST(test_store_old_version_begins_no_edition),
		TEST(test_store_new_theme_is_measured_from_today),
		TEST(test_store_frame_that_comes_back_has_a_gap_only),
		TEST(test_store_walk_goes_on_where_it_stopped),
		TEST(test_store_held_on_another_day_counted_until_then),
		TEST(test_store_walk_that_finds_nothing_lets_go_of_the_past),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
