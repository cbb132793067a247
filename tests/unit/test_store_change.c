/* store: what a person, a new frame or a directory changes afterwards. */
#include "store_help.h"

static void take_one(struct help *h, struct piece_of *p, unsigned member)
{
	help_mail(p, member, member, TODAY);
	help_themes(p, 1, 0, 0, 0);
	assert_int_equal(help_take(h, p), SDG_OUTCOME_COUNTED);
}

static struct sdg_labels labels_of(enum sdg_kind kind)
{
	return (struct sdg_labels){ .kind = kind,
				    .region = SDG_REGION_LONDON,
				    .theme_count = 1,
				    .themes = { 2 } };
}

static void test_store_correction_moves_the_ledger(void **state)
{
	struct help *h = *state;
	struct sdg_labels labels = labels_of(SDG_KIND_NOT_FEEDBACK);
	struct piece_of p;
	struct sdg_ledger l;

	take_one(h, &p, 1);
	assert_int_equal(
	    sdg_store_correct(h->store, p.item.id, &labels, &h->err), 0);
	l = help_ledger(h);
	assert_int_equal(l.outcomes[SDG_OUTCOME_COUNTED], 0);
	assert_int_equal(l.outcomes[SDG_OUTCOME_NOT_FEEDBACK], 1);
	assert_int_equal(l.received, 1);
	assert_int_equal(help_totals(h).messages, 0);
	assert_int_equal(help_totals(h).respondents, 0);
	help_verify(h);
	labels.kind = SDG_KIND_FEEDBACK;
	assert_int_equal(
	    sdg_store_correct(h->store, p.item.id, &labels, &h->err), 0);
	assert_int_equal(help_ledger(h).outcomes[SDG_OUTCOME_COUNTED], 1);
	assert_int_equal(help_totals(h).respondents, 1);
	help_verify(h);
}

static void test_store_automatic_reply_may_turn_out_to_count(void **state)
{
	struct help *h = *state;
	struct sdg_labels labels = labels_of(SDG_KIND_FEEDBACK);
	struct piece_of p[2];

	for (unsigned i = 0; i < 2; i++) {
		help_mail(&p[i], i + 1, 7, TODAY);
		p[i].item.labels.kind = SDG_KIND_AUTO_REPLY;
	}
	help_apply(h, p, 2);
	assert_int_equal(help_totals(h).respondents, 0);
	for (int i = 0; i < 2; i++)
		assert_int_equal(
		    sdg_store_correct(h->store, p[i].item.id, &labels, &h->err),
		    0);
	/* Both are the one who sent them. */
	assert_int_equal(help_totals(h).messages, 2);
	assert_int_equal(help_totals(h).respondents, 1);
	help_verify(h);
}

static void test_store_test_message_stays_one(void **state)
{
	struct help *h = *state;
	struct sdg_labels labels = labels_of(SDG_KIND_FEEDBACK);
	struct piece_of p;

	help_mail(&p, 1, 1, TODAY);
	p.fb.test = true;
	assert_int_equal(help_take(h, &p), SDG_OUTCOME_TEST);
	assert_int_equal(
	    sdg_store_correct(h->store, p.item.id, &labels, &h->err), 0);
	assert_int_equal(help_totals(h).messages, 0);
	assert_int_equal(help_ledger(h).outcomes[SDG_OUTCOME_TEST], 1);
	help_verify(h);
}

static void test_store_impossible_correction_changes_nothing(void **state)
{
	struct help *h = *state;
	struct sdg_labels labels = labels_of(SDG_KIND_FEEDBACK);
	uint8_t nobody[SDG_EVENT_ID_SIZE] = { 1 };
	struct piece_of p;

	take_one(h, &p, 1);
	assert_int_equal(sdg_store_correct(h->store, nobody, &labels, &h->err),
			 SDG_ENOTFOUND);
	labels.themes[0] = HELP_THEMES + 1;
	assert_int_equal(
	    sdg_store_correct(h->store, p.item.id, &labels, &h->err),
	    SDG_EINVAL);
	labels.themes[0] = 0;
	assert_int_equal(
	    sdg_store_correct(h->store, p.item.id, &labels, &h->err),
	    SDG_EINVAL);
	labels.themes[0] = 1;
	labels.region = SDG_REGION_COUNT;
	assert_int_equal(
	    sdg_store_correct(h->store, p.item.id, &labels, &h->err),
	    SDG_EINVAL);
	assert_int_equal(help_totals(h).messages, 1);
	help_verify(h);
}

static void test_store_reclassify_leaves_a_persons_word(void **state)
{
	struct help *h = *state;
	struct sdg_labels word = labels_of(SDG_KIND_FEEDBACK);
	struct sdg_query q = { .dims = { SDG_DIM_REGION }, .dim_count = 1 };
	struct sdg_relabel list[3] = { 0 };
	struct sdg_result result;
	struct piece_of p[2];

	take_one(h, &p[0], 1);
	take_one(h, &p[1], 2);
	assert_int_equal(
	    sdg_store_correct(h->store, p[0].item.id, &word, &h->err), 0);
	memset(list, 0, sizeof(list));
	for (int i = 0; i < 3; i++) {
		if (i < 2)
			memcpy(list[i].id, p[i].item.id, SDG_EVENT_ID_SIZE);
		list[i].labels.kind = SDG_KIND_FEEDBACK;
		list[i].labels.region = SDG_REGION_WALES;
	}
	assert_int_equal(sdg_store_reclassify(h->store, list, 3, &h->err), 0);
	assert_false(list[0].changed);
	assert_true(list[1].changed);
	assert_false(list[2].changed); /* nobody has it */
	assert_int_equal(sdg_store_report(h->store, &q, &result, &h->err), 0);
	assert_int_equal(result.row_count, 2);
	assert_int_equal(result.rows[0].key[0], SDG_REGION_LONDON);
	assert_int_equal(result.rows[1].key[0], SDG_REGION_WALES);
	sdg_result_fini(&result);
	/* The same labels again change nothing. */
	assert_int_equal(sdg_store_reclassify(h->store, list, 3, &h->err), 0);
	assert_false(list[1].changed);
	help_verify(h);
}

static void test_store_frame_may_be_reordered(void **state)
{
	struct help *h = *state;
	static const char *const other[] = { "new", "ofsted", "funding" };
	struct sdg_query q = { .dims = { SDG_DIM_THEME }, .dim_count = 1 };
	struct sdg_result result;
	struct piece_of p;
	int funding;

	take_one(h, &p, 1); /* position 0: funding */
	assert_int_equal(sdg_store_use_frame(h->store, other, 3, 8, &h->err),
			 0);
	help_mail(&p, 2, 2, TODAY);
	help_themes(&p, 2, 2, 0, 0); /* position 2: funding; 0: new */
	help_take(h, &p);
	funding = sdg_store_theme(h->store, sdg_str("funding"));
	assert_true(funding > 0);
	assert_string_equal(sdg_store_theme_id(h->store, (uint32_t)funding),
			    "funding");
	assert_int_equal(sdg_store_theme_count(h->store), HELP_THEMES + 1);
	assert_int_equal(sdg_store_theme(h->store, sdg_str("nothing")),
			 SDG_ENOTFOUND);
	assert_int_equal(sdg_store_report(h->store, &q, &result, &h->err), 0);
	assert_int_equal(result.row_count, 2);
	assert_int_equal(result.rows[0].key[0], funding);
	assert_int_equal(result.rows[0].measures.messages, 2);
	assert_string_equal(sdg_store_theme_id(h->store, result.rows[1].key[0]),
			    "new");
	sdg_result_fini(&result);
}

/* -------------------------------------------------------------- directory */

static struct sdg_known known_of(struct help *h, const char *address)
{
	struct sdg_feedback fb = { .source = SDG_SOURCE_MAIL };
	struct sdg_item item = { .fb = &fb };

	fb.respondent.address = sdg_str(address);
	assert_int_equal(sdg_store_look(h->store, &item, 1, &h->err), 0);
	return item.known;
}

static void entry(struct sdg_entry *e, const char *key, enum sdg_region region,
		  enum sdg_role role)
{
	memset(e, 0, sizeof(*e));
	snprintf(e->key, sizeof(e->key), "%s", key);
	e->known.region = region;
	e->known.role = role;
	e->known.matched = key[0] != '@';
}

static void test_store_directory_knows_address_then_domain(void **state)
{
	struct help *h = *state;
	struct sdg_entry e[3];
	struct sdg_known known;

	entry(&e[0], "Head+x@Hill.Kent.sch.uk", SDG_REGION_ANY, SDG_ROLE_HEAD);
	entry(&e[1], "@Kent.sch.uk", SDG_REGION_SOUTH_EAST, SDG_ROLE_UNKNOWN);
	e[1].known.authority = 886;
	entry(&e[2], "far@hill.kent.sch.uk", SDG_REGION_LONDON,
	      SDG_ROLE_DEPUTY);
	assert_int_equal(
	    sdg_directory_replace(h->store, "members", e, 3, &h->err), 0);
	known = known_of(h, "head@hill.kent.sch.uk");
	assert_true(known.matched);
	assert_int_equal(known.region, SDG_REGION_SOUTH_EAST);
	assert_int_equal(known.authority, 886);
	assert_int_equal(known.role, SDG_ROLE_HEAD);
	known = known_of(h, "far@hill.kent.sch.uk");
	assert_int_equal(known.region, SDG_REGION_LONDON);
	assert_int_equal(known.authority, 0); /* not another region's */
	known = known_of(h, "anybody@sub.hill.kent.sch.uk");
	assert_false(known.matched);
	assert_int_equal(known.region, SDG_REGION_SOUTH_EAST);
	known = known_of(h, "anybody@elsewhere.sch.uk");
	assert_int_equal(known.region, SDG_REGION_ANY);
	known = known_of(h, "no address");
	assert_false(known.matched);
}

static void test_store_entry_by_hand_outlives_imports(void **state)
{
	struct help *h = *state;
	struct sdg_entry e[2], back;

	entry(&e[0], "a@x.example", SDG_REGION_WALES, SDG_ROLE_HEAD);
	entry(&e[1], "b@x.example", SDG_REGION_WALES, SDG_ROLE_HEAD);
	assert_int_equal(
	    sdg_directory_replace(h->store, "members", e, 2, &h->err), 0);
	e[0].known.region = SDG_REGION_SCOTLAND;
	snprintf(e[0].school, sizeof(e[0].school), "Hill School");
	snprintf(e[0].membership, sizeof(e[0].membership), "4711");
	assert_int_equal(sdg_directory_set(h->store, &e[0], &h->err), 0);
	e[0].known.region = SDG_REGION_LONDON;
	assert_int_equal(
	    sdg_directory_replace(h->store, "members", e, 1, &h->err), 0);
	assert_int_equal(sdg_directory_lookup(h->store, sdg_str("A@x.example"),
					      &back, &h->err),
			 0);
	assert_true(back.by_hand);
	assert_int_equal(back.known.region, SDG_REGION_SCOTLAND);
	assert_string_equal(back.school, "Hill School");
	assert_int_equal(strlen(back.membership), 32);
	assert_null(strstr(back.membership, "4711"));
	assert_int_equal(sdg_directory_lookup(h->store, sdg_str("b@x.example"),
					      &back, &h->err),
			 SDG_ENOTFOUND);
	assert_int_equal(
	    sdg_directory_lookup(h->store, sdg_str("what"), &back, &h->err),
	    SDG_EINVAL);
	help_verify(h);
}

/* A person said where somebody works, not who they are. */
static void test_store_word_by_hand_leaves_the_rest_to_imports(void **state)
{
	struct help *h = *state;
	struct sdg_entry e, back;
	struct sdg_str key = sdg_str("a@x.example");

	entry(&e, "a@x.example", SDG_REGION_SCOTLAND, SDG_ROLE_UNKNOWN);
	assert_int_equal(sdg_directory_set(h->store, &e, &h->err), 0);
	for (enum sdg_role role = SDG_ROLE_TRUST_LEADER; role <= SDG_ROLE_HEAD;
	     role++) {
		entry(&e, "a@x.example", SDG_REGION_WALES, role);
		snprintf(e.membership, sizeof(e.membership), "4711");
		assert_int_equal(
		    sdg_directory_replace(h->store, "members", &e, 1, &h->err),
		    0);
		assert_int_equal(
		    sdg_directory_lookup(h->store, key, &back, &h->err), 0);
		assert_true(back.by_hand);
		assert_int_equal(back.known.region, SDG_REGION_SCOTLAND);
		assert_int_equal(back.known.role, role);
		assert_int_equal(strlen(back.membership), 32);
	}
	/* A second word stands beside the first, the rest is still lent … */
	back.known.phases = SDG_PHASE_PRIMARY;
	back.lent &= ~SDG_LENT_PHASES;
	assert_int_equal(sdg_directory_set(h->store, &back, &h->err), 0);
	assert_int_equal(
	    sdg_directory_replace(h->store, "members", NULL, 0, &h->err), 0);
	/* … and goes with the list that gave it. */
	assert_int_equal(sdg_directory_lookup(h->store, key, &back, &h->err),
			 0);
	assert_int_equal(back.known.region, SDG_REGION_SCOTLAND);
	assert_int_equal(back.known.role, SDG_ROLE_UNKNOWN);
	assert_int_equal(back.known.phases, SDG_PHASE_PRIMARY);
	assert_string_equal(back.membership, "");
	help_verify(h);
}

static void test_store_origins_do_not_disturb_each_other(void **state)
{
	struct help *h = *state;
	struct sdg_entry e, back;

	entry(&e, "a@x.example", SDG_REGION_WALES, SDG_ROLE_HEAD);
	assert_int_equal(
	    sdg_directory_replace(h->store, "members", &e, 1, &h->err), 0);
	entry(&e, "@school.example", SDG_REGION_LONDON, SDG_ROLE_UNKNOWN);
	assert_int_equal(
	    sdg_directory_replace(h->store, "schools", &e, 1, &h->err), 0);
	assert_int_equal(
	    sdg_directory_replace(h->store, "schools", NULL, 0, &h->err), 0);
	assert_int_equal(sdg_directory_lookup(h->store, sdg_str("a@x.example"),
					      &back, &h->err),
			 0);
	assert_int_equal(sdg_directory_lookup(h->store,
					      sdg_str("@school.example"), &back,
					      &h->err),
			 SDG_ENOTFOUND);
}

static void test_store_late_directory_joins_addresses(void **state)
{
	struct help *h = *state;
	struct sdg_entry e[2];
	struct piece_of p[4];

	for (unsigned i = 0; i < 4; i++)
		help_mail(&p[i], i + 1, 1 + i % 2, TODAY - 40 * (int)i);
	p[3].item.labels.kind = SDG_KIND_AUTO_REPLY; /* linked, not counted */
	help_apply(h, p, 4);
	assert_int_equal(help_totals(h).respondents, 2);
	assert_int_equal(help_totals(h).members, 0);
	entry(&e[0], "m1@school.example", SDG_REGION_WALES, SDG_ROLE_HEAD);
	entry(&e[1], "m2@school.example", SDG_REGION_WALES, SDG_ROLE_HEAD);
	snprintf(e[0].membership, sizeof(e[0].membership), "12");
	snprintf(e[1].membership, sizeof(e[1].membership), "12");
	assert_int_equal(
	    sdg_directory_replace(h->store, "members", e, 2, &h->err), 0);
	assert_int_equal(help_totals(h).respondents, 1);
	assert_int_equal(help_totals(h).members, 1);
	assert_int_equal(help_totals(h).messages, 3);
	help_verify(h);
	/* Gone from the directory, the past stays as it was. */
	assert_int_equal(
	    sdg_directory_replace(h->store, "members", NULL, 0, &h->err), 0);
	assert_int_equal(help_totals(h).members, 1);
	help_verify(h);
}

/* ----------------------------------------------------------- consultations */

static void test_store_absurd_dates_count_on_the_day_received(void **state)
{
	struct help *h = *state;
	const int64_t said[] = { 0, -5, NOON(3000), NOON(TODAY + 3),
				 INT64_MAX };
	struct sdg_query q = { .dims = { SDG_DIM_DAY }, .dim_count = 1 };
	struct sdg_result result;
	struct piece_of p[5];

	for (unsigned i = 0; i < 5; i++) {
		help_mail(&p[i], i + 1, i + 1, TODAY);
		p[i].fb.said = said[i];
	}
	help_apply(h, p, 5);
	assert_int_equal(sdg_store_report(h->store, &q, &result, &h->err), 0);
	assert_int_equal(result.row_count, 1);
	assert_int_equal(result.rows[0].key[0], TODAY);
	assert_int_equal(result.rows[0].measures.messages, 5);
	sdg_result_fini(&result);
	/* The key is the piece's own, so that a retry finds it. */
	for (unsigned i = 0; i < 5; i++) {
		p[i].fb.received += 40 * DAY;
		assert_int_equal(help_take(h, &p[i]), SDG_OUTCOME_DUPLICATE);
	}
	help_verify(h);
}

int main(void)
{
#define TEST(name)                                                             \
	cmocka_unit_test_setup_teardown(name, help_setup, help_teardown)
	const struct CMUnitTest tests[] = {
		TEST(test_store_correction_moves_the_ledger),
		TEST(test_store_automatic_reply_may_turn_out_to_count),
		TEST(test_store_test_message_stays_one),
		TEST(test_store_impossible_correction_changes_nothing),
		TEST(test_store_reclassify_leaves_a_persons_word),
		TEST(test_store_frame_may_be_reordered),
		TEST(test_store_directory_knows_address_then_domain),
		TEST(test_store_entry_by_hand_outlives_imports),
		TEST(test_store_word_by_hand_leaves_the_rest_to_imports),
		TEST(test_store_origins_do_not_disturb_each_other),
		TEST(test_store_late_directory_joins_addresses),
		TEST(test_store_absurd_dates_count_on_the_day_received),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
