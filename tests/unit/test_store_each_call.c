/*
 * Every call of LMDB and every allocation that an operation of the store
 * makes fails once, one after the other: the operation says so, changes
 * nothing, leaks nothing, and succeeds when it is asked again. That a walk
 * which breaks off is not taken for one that has come to its end is the
 * point: such an answer would be a wrong figure and no error.
 */
#include "each_store.h"

#include <soundings/store_copies.h>
#include <soundings/store_rights.h>

/* -------------------------------------------------------------- operations */

static struct piece_of pieces[4];
static uint8_t first_id[SDG_EVENT_ID_SIZE];

static int apply(struct help *h)
{
	struct sdg_item items[4];
	int rc;

	for (size_t i = 0; i < 4; i++) {
		struct piece_of *p = &pieces[i];

		items[i] = p->item;
		items[i].fb = &p->fb;
		items[i].raw = (const uint8_t *)p->text;
		items[i].raw_len = strlen(p->text);
		items[i].digest = p->digest;
	}
	rc = sdg_store_look(h->store, items, 4, &h->err);
	if (rc == 0)
		rc = sdg_store_apply(h->store, items, 4, &h->err);
	for (size_t i = 0; i < 4; i++)
		memcpy(pieces[i].item.id, items[i].id, sizeof(items[i].id));
	return rc;
}

static int report_by(struct help *h, const struct sdg_query *query)
{
	struct sdg_result result;
	int rc = sdg_store_report(h->store, query, &result, &h->err);

	if (rc == 0)
		sdg_result_fini(&result);
	return rc;
}

static int report_cells(struct help *h)
{
	struct sdg_query q = { .dims = { SDG_DIM_REGION, SDG_DIM_THEME },
			       .dim_count = 2 };

	return report_by(h, &q);
}

static int report_edges(struct help *h)
{
	struct sdg_query q = { .dims = { SDG_DIM_SOURCE }, .dim_count = 1 };

	q.filter.since_day = TODAY - 45;
	q.filter.until_day = TODAY - 2;
	return report_by(h, &q);
}

static int report_labels(struct help *h)
{
	struct sdg_query q = { .dims = { SDG_DIM_ROLE, SDG_DIM_MONTH },
			       .dim_count = 2 };

	q.filter.themes[0] = 6;
	return report_by(h, &q);
}

static int report_stances(struct help *h)
{
	struct sdg_query q = { .dims = { SDG_DIM_STANCE, SDG_DIM_WEEK },
			       .dim_count = 2 };

	q.filter.consultation = "future";
	return report_by(h, &q);
}

static int see(void *arg, const struct sdg_stored *stored)
{
	(void)stored;
	++*(int *)arg;
	return 0;
}

static int each(struct help *h)
{
	static const struct sdg_filter all;
	int n = 0;

	return sdg_store_each(h->store, &all, 0, "words", see, &n, &h->err);
}

static int find(struct help *h)
{
	char hex[2 * SDG_EVENT_ID_SIZE + 1];
	int n = 0;

	for (int i = 0; i < SDG_EVENT_ID_SIZE; i++)
		snprintf(hex + 2 * i, 3, "%02x", first_id[i]);
	return sdg_store_find(h->store, hex, see, &n, &h->err);
}

static int ledger(struct help *h)
{
	struct sdg_ledger out;

	return sdg_store_ledger(h->store, &out, &h->err);
}

static int stats(struct help *h)
{
	struct sdg_store_stats out;

	return sdg_store_stats(h->store, &out, &h->err);
}

static int verify(struct help *h)
{
	struct sdg_verify out;
	int rc = sdg_store_verify(h->store, NULL, NULL, &out, &h->err);

	/* What it cannot read it may also report as a fault. */
	return rc == 0 && out.faults > 0 ? SDG_EDAMAGED : rc;
}

static int correct(struct help *h)
{
	struct sdg_labels labels = { .kind = SDG_KIND_FEEDBACK,
				     .region = SDG_REGION_LONDON,
				     .theme_count = 1,
				     .themes = { 2 } };

	return sdg_store_correct(h->store, first_id, &labels, &h->err);
}

static int reclassify(struct help *h)
{
	struct sdg_relabel list = { .labels = { .kind = SDG_KIND_FEEDBACK,
						.region = SDG_REGION_NORTH_EAST,
						.theme_count = 1,
						.themes = { 3 } } };

	memcpy(list.id, pieces[1].item.id, sizeof(list.id));
	return sdg_store_reclassify(h->store, &list, 1, &h->err);
}

static int consultation(struct help *h)
{
	struct sdg_consultation c = { .id = "pilots",
				      .name = "Pilots",
				      .addresses = "p@school.example" };

	return sdg_consultation_put(h->store, &c, &h->err);
}

static int see_consultation(void *arg, const struct sdg_consultation *c)
{
	(void)c;
	++*(int *)arg;
	return 0;
}

static int consultations(struct help *h)
{
	struct sdg_consultation c;
	int n = 0, rc;

	rc = sdg_consultation_get(h->store, "pilots", &c, &h->err);
	return rc < 0 ? rc
		      : sdg_consultation_each(h->store, see_consultation, &n,
					      &h->err);
}

static int directory(struct help *h)
{
	static const struct sdg_entry entries[] = {
		{ .key = "m1@school.example", .membership = "1" },
		{ .key = "m2@school.example", .membership = "2" },
	};

	return sdg_directory_replace(h->store, "members", entries, 2, &h->err);
}

static int directory_hand(struct help *h)
{
	struct sdg_entry entry = { .key = "m3@school.example",
				   .membership = "1" };

	return sdg_directory_set(h->store, &entry, &h->err);
}

static int see_entry(void *arg, const struct sdg_entry *entry)
{
	(void)entry;
	++*(int *)arg;
	return 0;
}

static int look_up(struct help *h)
{
	struct sdg_entry entry;
	int n = 0, rc;

	rc = sdg_directory_lookup(h->store, sdg_str("m1@school.example"),
				  &entry, &h->err);
	return rc < 0 ? rc
		      : sdg_directory_each(h->store, see_entry, &n, &h->err);
}

static int see_quarantined(void *arg, const struct sdg_quarantined *q)
{
	(void)q;
	++*(int *)arg;
	return 0;
}

static int quarantine(struct help *h)
{
	bool known;
	int n = 0, rc;

	rc = sdg_quarantine_each(h->store, see_quarantined, &n, &h->err);
	return rc < 0 ? rc
		      : sdg_quarantine_known(h->store, pieces[3].digest, &known,
					     &h->err);
}

static int drop(struct help *h)
{
	char hex[33];

	for (int i = 0; i < 16; i++)
		snprintf(hex + 2 * i, 3, "%02x", pieces[3].digest[i]);
	return sdg_quarantine_drop(h->store, hex, &h->err);
}

static int see_edition(void *arg, const struct sdg_edition *edition)
{
	(void)edition;
	++*(int *)arg;
	return 0;
}

static int editions(struct help *h)
{
	struct sdg_span spans[SDG_STORE_THEMES];
	int n = 0, rc;

	rc = sdg_store_editions(h->store, see_edition, &n, &h->err);
	return rc < 0 ? rc : sdg_store_theme_spans(h->store, spans, &h->err);
}

static int adopt(struct help *h)
{
	return sdg_store_adopt(h->store, &h->err);
}

static int person(struct help *h)
{
	struct sdg_whose whose = { .address = sdg_str("m1@school.example") };
	struct sdg_person found = { 0 };
	int rc = sdg_store_person(h->store, &whose, &found, &h->err);

	if (rc == 0)
		sdg_person_fini(&found);
	return rc;
}

static int forget(struct help *h)
{
	struct sdg_whose whose = { .address = sdg_str("m1@school.example") };
	struct sdg_erased erased;

	return sdg_store_forget(h->store, &whose, NULL, NULL, &erased, &h->err);
}

static int backup(struct help *h)
{
	char dir[256], command[600];

	snprintf(dir, sizeof(dir), "%.200s/copy", h->home.root);
	snprintf(command, sizeof(command), "rm -rf %s && mkdir %s", dir, dir);
	assert_int_equal(system(command), 0);
	return sdg_store_backup(h->store, dir, &h->err);
}

/* In this order: each finds what those before it have left. */
static const struct each_op OPERATIONS[] = {
	{ "apply", apply },
	{ "report from cells", report_cells },
	{ "report with edge days", report_edges },
	{ "report from labels", report_labels },
	{ "report by stance", report_stances },
	{ "each", each },
	{ "find", find },
	{ "ledger", ledger },
	{ "stats", stats },
	{ "verify", verify },
	{ "consultation", consultation },
	{ "consultations", consultations },
	{ "directory", directory },
	{ "directory by hand", directory_hand },
	{ "look up", look_up },
	{ "correct", correct },
	{ "reclassify", reclassify },
	{ "adopt", adopt },
	{ "editions", editions },
	{ "quarantine", quarantine },
	{ "drop", drop },
	{ "backup", backup },
	{ "person", person },
	{ "forget", forget },
	{ "verify at the end", verify },
};
#define OPERATION_COUNT (sizeof(OPERATIONS) / sizeof(*OPERATIONS))

/* ------------------------------------------------------------------- tests */

static void make_pieces(struct help *h)
{
	struct piece_of old;

	help_mail(&old, 1, 1, TODAY - 40);
	old.item.labels.role = SDG_ROLE_HEAD;
	help_themes(&old, 2, 1, 2, 0);
	help_apply(h, &old, 1);
	memcpy(first_id, old.item.id, sizeof(first_id));
	for (unsigned i = 0; i < 4; i++) {
		help_mail(&pieces[i], 10 + i, 1 + i % 2, TODAY - 30 * (int)i);
		help_themes(&pieces[i], 1 + (int)i % 3, 0, 1, 2);
	}
	/* The second again, later: it replaces; the last cannot be read. */
	pieces[2].fb.revision = 9;
	memcpy(pieces[2].fb.identity, old.fb.identity, sizeof(old.fb.identity));
	pieces[2].fb.said = old.fb.said;
	pieces[3].item.labels.kind = SDG_KIND_UNSET;
	pieces[3].fb.unreadable = sdg_str("the message is damaged");
}

static void each_call(struct help *h, int what)
{
	unsigned long all = 0;

	make_pieces(h);
	for (size_t i = 0; i < OPERATION_COUNT; i++)
		all += each_run(h, &OPERATIONS[i], what);
	help_verify(h);
	print_message("%lu calls failed, one after the other\n", all);
	assert_true(all > (what == CALL ? 1000 : 50));
}

static void test_store_each_lmdb_call_that_fails_is_an_error(void **state)
{
	each_call(*state, CALL);
}

static void test_store_each_allocation_that_fails_is_an_error(void **state)
{
	each_call(*state, MEMORY);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
		    test_store_each_lmdb_call_that_fails_is_an_error,
		    help_setup, help_teardown),
		cmocka_unit_test_setup_teardown(
		    test_store_each_allocation_that_fails_is_an_error,
		    help_setup, help_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
