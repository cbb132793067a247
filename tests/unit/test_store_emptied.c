/* store: a survey answer that a later export no longer holds. */
#include "store_help.h"

/* The @n-th answer of one response, as of @revision. */
static void answer(struct piece_of *p, unsigned n, int64_t revision)
{
	help_mail(p, n, 1, TODAY);
	help_themes(p, 1, (int)n % HELP_THEMES, 0, 0);
	p->fb.source = SDG_SOURCE_SURVEY;
	p->fb.revision = revision;
}

static void empties(struct piece_of *p, const struct piece_of *other)
{
	p->fb.emptied = &other->fb.identity;
	p->fb.emptied_count = 1;
}

/* Nothing but the list. */
static void only_empties(struct piece_of *p, const struct piece_of *other,
			 int64_t revision)
{
	answer(p, 99, revision);
	p->fb.text.len = 0;
	empties(p, other);
}

static void expect(struct help *h, uint64_t received, uint64_t counted,
		   uint64_t replaced)
{
	struct sdg_ledger l = help_ledger(h);

	assert_int_equal(l.received, received);
	assert_int_equal(l.outcomes[SDG_OUTCOME_COUNTED], counted);
	assert_int_equal(l.outcomes[SDG_OUTCOME_REPLACED], replaced);
	assert_int_equal(l.held, counted);
	assert_int_equal(help_totals(h).messages, counted);
	help_verify(h);
}

static void test_store_emptied_answer_is_replaced_by_nothing(void **state)
{
	struct help *h = *state;
	struct piece_of first, second, later;

	answer(&first, 1, 1);
	answer(&second, 2, 1);
	answer(&later, 1, 2);
	empties(&later, &second);
	assert_int_equal(help_take(h, &first), SDG_OUTCOME_COUNTED);
	assert_int_equal(help_take(h, &second), SDG_OUTCOME_COUNTED);
	assert_int_equal(help_take(h, &later), SDG_OUTCOME_REPLACED);
	expect(h, 3, 1, 2);
	/* The old export after that changes nothing. */
	assert_int_equal(help_take(h, &second), SDG_OUTCOME_DUPLICATE);
	assert_int_equal(help_take(h, &later), SDG_OUTCOME_DUPLICATE);
	assert_int_equal(help_totals(h).messages, 1);
	help_verify(h);
	/* Given anew, it counts again. */
	answer(&second, 2, 3);
	assert_int_equal(help_take(h, &second), SDG_OUTCOME_REPLACED);
	expect(h, 6, 2, 2);
}

static void test_store_emptied_alone_is_no_piece(void **state)
{
	struct help *h = *state;
	struct piece_of first, never, later;

	answer(&first, 1, 1);
	answer(&never, 2, 1);
	assert_int_equal(help_take(h, &first), SDG_OUTCOME_COUNTED);
	only_empties(&later, &never, 2);
	assert_int_equal(help_take(h, &later), SDG_OUTCOME_EMPTIED);
	expect(h, 1, 1, 0);
	only_empties(&later, &first, 2);
	assert_int_equal(help_take(h, &later), SDG_OUTCOME_EMPTIED);
	assert_int_equal(help_take(h, &later), SDG_OUTCOME_EMPTIED);
	expect(h, 1, 0, 1);
}

static void test_store_emptied_by_an_old_export_changes_nothing(void **state)
{
	struct help *h = *state;
	struct piece_of first, later;

	answer(&first, 1, 5);
	assert_int_equal(help_take(h, &first), SDG_OUTCOME_COUNTED);
	only_empties(&later, &first, 5);
	assert_int_equal(help_take(h, &later), SDG_OUTCOME_EMPTIED);
	only_empties(&later, &first, 4);
	assert_int_equal(help_take(h, &later), SDG_OUTCOME_EMPTIED);
	expect(h, 1, 1, 0);
}

static void test_store_emptied_reaches_no_mail(void **state)
{
	struct help *h = *state;
	struct piece_of mail, later;

	help_mail(&mail, 1, 1, TODAY);
	assert_int_equal(help_take(h, &mail), SDG_OUTCOME_COUNTED);
	only_empties(&later, &mail, 2);
	assert_int_equal(help_take(h, &later), SDG_OUTCOME_EMPTIED);
	expect(h, 1, 1, 0);
}

/* Its person and day are found no more where it was; a stray's tombstone is
 * one, too. */
static void test_store_emptied_stray_leaves_no_link(void **state)
{
	struct help *h = *state;
	struct piece_of first, later;

	answer(&first, 1, 1);
	first.fb.said = NOON(TODAY + 400); /* absurd: counts when received */
	assert_int_equal(help_take(h, &first), SDG_OUTCOME_COUNTED);
	only_empties(&later, &first, 2);
	later.fb.said = first.fb.said;
	assert_int_equal(help_take(h, &later), SDG_OUTCOME_EMPTIED);
	expect(h, 1, 0, 1);
}

/* There are no words any more that a person could have read. */
static void test_store_emptied_counts_by_nobodys_word(void **state)
{
	const struct sdg_labels labels = { .kind = SDG_KIND_FEEDBACK,
					   .region = SDG_REGION_LONDON,
					   .theme_count = 1,
					   .themes = { 2 } };
	struct help *h = *state;
	struct sdg_relabel again = { .labels = labels, .revision = 2 };
	struct piece_of first, later;

	answer(&first, 1, 1);
	assert_int_equal(help_take(h, &first), SDG_OUTCOME_COUNTED);
	only_empties(&later, &first, 2);
	assert_int_equal(help_take(h, &later), SDG_OUTCOME_EMPTIED);
	assert_int_equal(
	    sdg_store_correct(h->store, first.item.id, &labels, &h->err),
	    SDG_EINVAL);
	memcpy(again.id, first.item.id, sizeof(again.id));
	assert_int_equal(sdg_store_reclassify(h->store, &again, 1, &h->err), 0);
	assert_false(again.changed);
	expect(h, 1, 0, 1);
}

static void test_store_emptied_in_the_same_batch(void **state)
{
	struct help *h = *state;
	struct piece_of p[2];

	for (unsigned n = 1; n < 20; n++) { /* whichever id sorts first */
		answer(&p[0], n, 1);
		answer(&p[1], 100 + n, 2);
		empties(&p[1], &p[0]);
		help_apply(h, p, 2);
		assert_int_equal(p[0].item.outcome, SDG_OUTCOME_COUNTED);
		expect(h, 2 * n, n, n);
	}
}

#define HELP_TEST(name)                                                        \
	cmocka_unit_test_setup_teardown(name, help_setup, help_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		HELP_TEST(test_store_emptied_answer_is_replaced_by_nothing),
		HELP_TEST(test_store_emptied_alone_is_no_piece),
		HELP_TEST(test_store_emptied_by_an_old_export_changes_nothing),
		HELP_TEST(test_store_emptied_reaches_no_mail),
		HELP_TEST(test_store_emptied_stray_leaves_no_link),
		HELP_TEST(test_store_emptied_counts_by_nobodys_word),
		HELP_TEST(test_store_emptied_in_the_same_batch),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
