/* store: with which key a piece came, and holding what came with one. */
#include "store_help.h"

#include <soundings/store_rights.h>

#define THIEF "thief-thief-thief-thief-thief-thief-1234"
#define OTHER "other-other-other-other-other-other-1234"

static void send_with(struct help *h, struct piece_of *p, unsigned n,
		      const char *key)
{
	help_mail(p, n, n, TODAY);
	help_themes(p, 1, 1, 0, 0);
	p->item.client = key;
	assert_int_equal(help_take(h, p), SDG_OUTCOME_COUNTED);
}

static const char *may_thief_not(void *arg, const char *client)
{
	++*(int *)arg;
	return strcmp(client, THIEF) == 0 ? "the key was revoked" : NULL;
}

/* A batch that was admitted may be counted much later, after its key was cut
 * off and what came with it was held. */
static void test_store_asks_whose_key_is_still_good(void **state)
{
	struct help *h = *state;
	struct piece_of p;
	int asked = 0;

	help_mail(&p, 1, 1, TODAY);
	help_themes(&p, 1, 1, 0, 0);
	p.item.client = THIEF;
	sdg_store_ask(h->store, may_thief_not, &asked);
	assert_int_equal(help_take(h, &p), SDG_OUTCOME_REFUSED);
	assert_memory_equal(p.item.reason.s, "the key was revoked",
			    p.item.reason.len);
	assert_int_equal(help_ledger(h).received, 0);
	send_with(h, &p, 1, OTHER);
	assert_int_equal(asked, 2);
	/* Nobody is asked of what came by the socket. */
	send_with(h, &p, 2, NULL);
	assert_int_equal(asked, 2);
	sdg_store_ask(h->store, NULL, NULL);
	send_with(h, &p, 3, THIEF);
	assert_int_equal(help_ledger(h).received, 3);
	help_verify(h);
}

struct came {
	size_t n, held, unread;
};

static int count_came(void *arg, const struct sdg_came *came)
{
	struct came *c = arg;

	c->n++;
	c->held += came->outcome == SDG_OUTCOME_QUARANTINED;
	c->unread += came->unread;
	return 0;
}

static struct came came_with(struct help *h, const char *key, int64_t since)
{
	struct came c = { 0 };

	assert_int_equal(
	    sdg_store_came_with(h->store, key, since, count_came, &c, &h->err),
	    0);
	return c;
}

static int stop_at_first(void *arg, const struct sdg_came *came)
{
	(void)came;
	++*(int *)arg;
	return 1;
}

static void test_store_came_with_ends_when_told(void **state)
{
	struct help *h = *state;
	struct piece_of p[3];
	int seen = 0;

	send_with(h, &p[0], 1, THIEF);
	send_with(h, &p[1], 2, THIEF);
	help_mail(&p[2], 3, 3, TODAY);
	p[2].fb.unreadable = sdg_str("it could not be read");
	p[2].item.client = THIEF;
	assert_int_equal(help_take(h, &p[2]), SDG_OUTCOME_QUARANTINED);
	assert_int_equal(sdg_store_came_with(h->store, THIEF, 0, stop_at_first,
					     &seen, &h->err),
			 1);
	assert_int_equal(seen, 1);
}

static void test_store_held_pieces_leave_every_tally(void **state)
{
	struct help *h = *state;
	struct piece_of p[5], again;
	struct sdg_ledger l;
	size_t n;

	for (unsigned i = 0; i < 5; i++)
		send_with(h, &p[i], i + 1,
			  i < 3   ? THIEF
			  : i < 4 ? OTHER
				  : NULL);
	assert_int_equal(came_with(h, THIEF, 0).n, 3);
	assert_int_equal(came_with(h, OTHER, 0).n, 1);
	assert_int_equal(came_with(h, THIEF, NOON(TODAY + 1)).n, 0);

	assert_int_equal(sdg_store_hold(h->store, THIEF, 0, true, &n, &h->err),
			 0);
	assert_int_equal(n, 3);
	l = help_ledger(h);
	assert_int_equal(l.outcomes[SDG_OUTCOME_COUNTED], 2);
	assert_int_equal(l.outcomes[SDG_OUTCOME_QUARANTINED], 3);
	assert_int_equal(help_totals(h).messages, 2);
	assert_int_equal(help_totals(h).respondents, 2);
	assert_int_equal(came_with(h, THIEF, 0).held, 3);
	help_verify(h);

	/* A retry of what is held is a duplicate and lets nothing go. */
	help_mail(&again, 1, 1, TODAY);
	help_themes(&again, 1, 1, 0, 0);
	assert_int_equal(help_take(h, &again), SDG_OUTCOME_DUPLICATE);
	assert_int_equal(help_totals(h).messages, 2);

	assert_int_equal(sdg_store_hold(h->store, THIEF, 0, false, &n, &h->err),
			 0);
	assert_int_equal(n, 3);
	assert_int_equal(help_totals(h).messages, 5);
	assert_int_equal(help_totals(h).respondents, 5);
	assert_int_equal(help_ledger(h).outcomes[SDG_OUTCOME_QUARANTINED], 0);
	help_verify(h);
}

static void test_store_held_stays_held_when_corrected(void **state)
{
	struct help *h = *state;
	struct sdg_labels labels = { .kind = SDG_KIND_FEEDBACK,
				     .region = SDG_REGION_LONDON,
				     .theme_count = 1,
				     .themes = { 2 } };
	struct piece_of p;
	size_t n;

	send_with(h, &p, 1, THIEF);
	assert_int_equal(sdg_store_hold(h->store, THIEF, 0, true, &n, &h->err),
			 0);
	assert_int_equal(
	    sdg_store_correct(h->store, p.item.id, &labels, &h->err), 0);
	assert_int_equal(help_totals(h).messages, 0);
	help_verify(h);
	assert_int_equal(sdg_store_hold(h->store, THIEF, 0, false, &n, &h->err),
			 0);
	assert_int_equal(help_totals(h).messages, 1);
	help_verify(h);
}

static void test_store_held_and_forgotten_is_dropped(void **state)
{
	struct help *h = *state;
	struct sdg_whose whose = { .id_count = 1 };
	struct sdg_erased erased;
	struct piece_of p;
	struct sdg_ledger l;
	size_t n;

	send_with(h, &p, 1, THIEF);
	assert_int_equal(sdg_store_hold(h->store, THIEF, 0, true, &n, &h->err),
			 0);
	whose.ids = (const uint8_t(*)[SDG_EVENT_ID_SIZE])p.item.id;
	assert_int_equal(
	    sdg_store_forget(h->store, &whose, NULL, NULL, &erased, &h->err),
	    0);
	assert_int_equal(erased.pieces, 1);
	assert_int_equal(erased.counted, 0);
	l = help_ledger(h);
	assert_int_equal(l.outcomes[SDG_OUTCOME_QUARANTINED], 0);
	assert_int_equal(l.outcomes[SDG_OUTCOME_DROPPED], 1);
	help_verify(h);
	/* Nothing is left to be let go. */
	assert_int_equal(sdg_store_hold(h->store, THIEF, 0, false, &n, &h->err),
			 0);
	assert_int_equal(n, 0);
	help_verify(h);
}

static void test_store_quarantined_pieces_bear_their_key(void **state)
{
	struct help *h = *state;
	struct piece_of p;

	help_mail(&p, 1, 1, TODAY);
	p.fb.unreadable = sdg_str("it could not be read");
	p.item.client = THIEF;
	assert_int_equal(help_take(h, &p), SDG_OUTCOME_QUARANTINED);
	assert_int_equal(came_with(h, THIEF, 0).unread, 1);
	assert_int_equal(came_with(h, OTHER, 0).n, 0);
	help_verify(h);
}

#define ONE(name)                                                              \
	cmocka_unit_test_setup_teardown(name, help_setup, help_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		ONE(test_store_came_with_ends_when_told),
		ONE(test_store_asks_whose_key_is_still_good),
		ONE(test_store_held_pieces_leave_every_tally),
		ONE(test_store_held_stays_held_when_corrected),
		ONE(test_store_held_and_forgotten_is_dropped),
		ONE(test_store_quarantined_pieces_bear_their_key),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
