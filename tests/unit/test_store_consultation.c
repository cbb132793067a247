/* store: consultations, and whose the mail to an address is. */
#include "store_help.h"
#include "test.h"

static int count_each(void *arg, const struct sdg_consultation *c)
{
	int *n = arg;

	assert_true(c->number > 0);
	(*n)++;
	return 0;
}

static void test_store_consultations_are_kept(void **state)
{
	struct help *h = *state;
	struct sdg_consultation c = { .id = "pay-2026",
				      .name = "Pay and pensions",
				      .addresses = "pay@a.example",
				      .opens = TODAY,
				      .closes = TODAY + 30,
				      .regions = 6 },
				back;
	int n = 0;

	assert_int_equal(
	    sdg_consultation_get(h->store, "future", &back, &h->err), 0);
	assert_int_equal(back.number, 1);
	assert_int_equal(sdg_consultation_put(h->store, &c, &h->err), 0);
	snprintf(c.name, sizeof(c.name), "Pay");
	assert_int_equal(sdg_consultation_put(h->store, &c, &h->err), 0);
	help_reopen(h);
	assert_int_equal(
	    sdg_consultation_get(h->store, "pay-2026", &back, &h->err), 0);
	assert_int_equal(back.number, 2);
	assert_string_equal(back.name, "Pay");
	assert_string_equal(back.addresses, "pay@a.example");
	assert_int_equal(back.closes, TODAY + 30);
	assert_int_equal(back.regions, 6);
	assert_int_equal(
	    sdg_consultation_each(h->store, count_each, &n, &h->err), 0);
	assert_int_equal(n, 2);
	assert_int_equal(sdg_consultation_get(h->store, "none", &back, &h->err),
			 SDG_ENOTFOUND);
	snprintf(c.id, sizeof(c.id), "Not an id");
	assert_int_equal(sdg_consultation_put(h->store, &c, &h->err),
			 SDG_EINVAL);
	snprintf(c.id, sizeof(c.id), "backwards");
	c.closes = TODAY - 1;
	assert_int_equal(sdg_consultation_put(h->store, &c, &h->err),
			 SDG_EINVAL);
	help_verify(h);
}

static void test_store_closed_consultation_takes_nothing_new(void **state)
{
	struct help *h = *state;
	struct sdg_consultation c = { .id = "future", .name = "Future" };
	struct piece_of p;

	help_mail(&p, 1, 1, TODAY);
	assert_int_equal(help_take(h, &p), SDG_OUTCOME_COUNTED);
	c.closed = true;
	assert_int_equal(sdg_consultation_put(h->store, &c, &h->err), 0);
	/* What it has already is a duplicate still, no stranger. */
	assert_int_equal(help_take(h, &p), SDG_OUTCOME_DUPLICATE);
	p.fb.revision = 1;
	p.digest[15] = 1;
	assert_int_equal(help_take(h, &p), SDG_OUTCOME_QUARANTINED);
	assert_true(sdg_str_eq(p.item.reason, "the consultation is closed"));
	assert_int_equal(help_totals(h).messages, 1);
	help_verify(h);
	c.closed = false;
	assert_int_equal(sdg_consultation_put(h->store, &c, &h->err), 0);
	assert_int_equal(help_take(h, &p), SDG_OUTCOME_REPLACED);
	assert_int_equal(help_ledger(h).received, 3);
	help_verify(h);
}

static void test_store_mail_finds_its_consultation(void **state)
{
	struct help *h = *state;
	struct sdg_consultation c = {
		.id = "pay",
		.name = "Pay",
		.addresses = "pay@assoc.example future+pay@assoc.example",
	};
	const struct {
		const char *recipient;
		enum sdg_outcome outcome;
	} cases[] = {
		{ "PAY@assoc.example", SDG_OUTCOME_QUARANTINED },
		{ "future+pay@assoc.example", SDG_OUTCOME_QUARANTINED },
		{ "pay+x@assoc.example", SDG_OUTCOME_QUARANTINED },
		{ "future@assoc.example", SDG_OUTCOME_COUNTED },
	};

	/* Closed, so that what reaches it shows. */
	c.closed = true;
	assert_int_equal(sdg_consultation_put(h->store, &c, &h->err), 0);
	for (unsigned i = 0; i < 4; i++) {
		struct piece_of p;

		help_mail(&p, i + 1, i + 1, TODAY);
		p.fb.recipient = sdg_str(cases[i].recipient);
		assert_int_equal(help_take(h, &p), cases[i].outcome);
	}
	help_verify(h);
}

static void put_open(struct help *h, const char *id, const char *addresses,
		     int32_t opens, int32_t closes)
{
	struct sdg_consultation c = { .opens = opens, .closes = closes };

	snprintf(c.id, sizeof(c.id), "%s", id);
	snprintf(c.addresses, sizeof(c.addresses), "%s", addresses);
	assert_ok(sdg_consultation_put(h->store, &c, &h->err), h->err);
}

static void test_store_consultations_share_an_address_in_turn(void **state)
{
	struct help *h = *state;
	struct sdg_consultation c = { .id = "between",
				      .addresses = "x@a.example PAY@a.example",
				      .opens = TODAY - 20 };
	const struct {
		int64_t said;
		const char *of;
	} cases[] = {
		{ NOON(TODAY - 30), "second" },
		{ NOON(TODAY - 20), "second" },
		{ NOON(TODAY - 15), "second" }, /* late for it */
		{ NOON(TODAY - 10), "first" },
		{ NOON(TODAY), "first" },
		{ NOON(TODAY + 3), "first" }, /* no date: when it came */
		{ 0, "first" },
	};

	put_open(h, "second", "pay@a.example", TODAY - 30, TODAY - 20);
	put_open(h, "first", "y@a.example pay@a.example", TODAY - 10, 0);
	assert_fails(sdg_consultation_put(h->store, &c, &h->err), SDG_EINVAL,
		     h->err);
	assert_string_equal(h->err.message,
			    "keep consultation \"between\": 'first' is open at "
			    "the same time for mail to PAY@a.example: close "
			    "that first, or give both dates that do not "
			    "overlap");
	c.closes = TODAY - 11;
	assert_fails(sdg_consultation_put(h->store, &c, &h->err), SDG_EINVAL,
		     h->err);
	assert_non_null(strstr(h->err.message, "'second' is open"));
	c.closed = true;
	assert_ok(sdg_consultation_put(h->store, &c, &h->err), h->err);
	c.closed = false;
	c.opens = TODAY - 19;
	assert_ok(sdg_consultation_put(h->store, &c, &h->err), h->err);
	c.closed = true;
	assert_ok(sdg_consultation_put(h->store, &c, &h->err), h->err);
	/* What is there may be changed in the rest. */
	put_open(h, "first", "pay@a.example", TODAY - 10, TODAY);
	for (unsigned i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct sdg_query q = { .filter.consultation = cases[i].of };
		struct sdg_result before, after;
		struct piece_of p;

		assert_ok(sdg_store_report(h->store, &q, &before, &h->err),
			  h->err);
		help_mail(&p, i, i, TODAY);
		p.fb.recipient = sdg_str("pay@a.example");
		p.fb.said = cases[i].said;
		assert_int_equal(help_take(h, &p), SDG_OUTCOME_COUNTED);
		assert_ok(sdg_store_report(h->store, &q, &after, &h->err),
			  h->err);
		assert_int_equal(before.totals.messages + 1,
				 after.totals.messages);
		sdg_result_fini(&before);
		sdg_result_fini(&after);
	}
	help_verify(h);
}

/* By our own clock where the sender's is absurd, as the piece counts. */
static void test_store_absurd_receipt_finds_its_consultation(void **state)
{
	static const int64_t absurd[] = { 0, INT64_MAX, INT64_MIN };
	const struct sdg_query q = { .filter.consultation = "before" };
	struct help *h = *state;
	struct sdg_result result;
	struct piece_of p;

	put_open(h, "after", "pay@a.example", TODAY + 1, 0);
	put_open(h, "before", "pay@a.example", TODAY - 30, TODAY);
	for (unsigned i = 0; i < 3; i++) {
		help_mail(&p, 1 + i, 1, TODAY - 1);
		p.fb.received = absurd[i];
		p.fb.recipient = sdg_str("pay@a.example");
		assert_int_equal(help_take(h, &p), SDG_OUTCOME_COUNTED);
	}
	assert_ok(sdg_store_report(h->store, &q, &result, &h->err), h->err);
	assert_int_equal(result.totals.messages, 3);
	sdg_result_fini(&result);
	help_verify(h);
}

int main(void)
{
#define TEST(name)                                                             \
	cmocka_unit_test_setup_teardown(name, help_setup, help_teardown)
	const struct CMUnitTest tests[] = {
		TEST(test_store_consultations_are_kept),
		TEST(test_store_closed_consultation_takes_nothing_new),
		TEST(test_store_mail_finds_its_consultation),
		TEST(test_store_consultations_share_an_address_in_turn),
		TEST(test_store_absurd_receipt_finds_its_consultation),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
