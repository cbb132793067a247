/*
 * Every call of LMDB and every allocation that an operation of the store
 * makes fails once, one after the other: the operation says so, changes
 * nothing, leaks nothing, and succeeds when it is asked again. That a walk
 * which breaks off is not taken for one that has come to its end is the
 * point: such an answer would be a wrong figure and no error.
 */
#include <errno.h>
#include <lmdb.h>

#include "store_help.h"

/* ------------------------------------------------------- what is made fail */

enum { NOTHING, LMDB, MEMORY };
static int failing;
static unsigned long fail_at, calls;
static bool failed;

static bool fails(int what)
{
	if (failing != what || ++calls != fail_at)
		return false;
	failed = true;
	return true;
}

#define WRAPPED(name, parameters, arguments)                                   \
	int __real_##name parameters;                                          \
	int __wrap_##name parameters;                                          \
	int __wrap_##name parameters                                           \
	{                                                                      \
		return fails(LMDB) ? EIO : __real_##name arguments;            \
	}
WRAPPED(mdb_txn_begin, (MDB_env * e, MDB_txn *p, unsigned f, MDB_txn **t),
	(e, p, f, t))
WRAPPED(mdb_dbi_open, (MDB_txn * t, const char *n, unsigned f, MDB_dbi *d),
	(t, n, f, d))
WRAPPED(mdb_get, (MDB_txn * t, MDB_dbi d, MDB_val *k, MDB_val *v), (t, d, k, v))
WRAPPED(mdb_put, (MDB_txn * t, MDB_dbi d, MDB_val *k, MDB_val *v, unsigned f),
	(t, d, k, v, f))
WRAPPED(mdb_del, (MDB_txn * t, MDB_dbi d, MDB_val *k, MDB_val *v), (t, d, k, v))
WRAPPED(mdb_cursor_open, (MDB_txn * t, MDB_dbi d, MDB_cursor **c), (t, d, c))
WRAPPED(mdb_cursor_get,
	(MDB_cursor * c, MDB_val *k, MDB_val *v, MDB_cursor_op op),
	(c, k, v, op))
WRAPPED(mdb_env_copy2, (MDB_env * e, const char *p, unsigned f), (e, p, f))

/* A commit that fails has freed its transaction all the same. */
int __real_mdb_txn_commit(MDB_txn *txn);
int __wrap_mdb_txn_commit(MDB_txn *txn);
int __wrap_mdb_txn_commit(MDB_txn *txn)
{
	if (!fails(LMDB))
		return __real_mdb_txn_commit(txn);
	mdb_txn_abort(txn);
	return EIO;
}

void *__real_malloc(size_t size);
void *__wrap_malloc(size_t size);
void *__wrap_malloc(size_t size)
{
	return fails(MEMORY) ? NULL : __real_malloc(size);
}

void *__real_calloc(size_t n, size_t size);
void *__wrap_calloc(size_t n, size_t size);
void *__wrap_calloc(size_t n, size_t size)
{
	return fails(MEMORY) ? NULL : __real_calloc(n, size);
}

void *__real_realloc(void *old, size_t size);
void *__wrap_realloc(void *old, size_t size);
void *__wrap_realloc(void *old, size_t size)
{
	return fails(MEMORY) ? NULL : __real_realloc(old, size);
}

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
static const struct operation {
	const char *name;
	int (*run)(struct help *h);
	bool writes;
} OPERATIONS[] = {
	{ "apply", apply, true },
	{ "report from cells", report_cells, false },
	{ "report with edge days", report_edges, false },
	{ "report from labels", report_labels, false },
	{ "report by stance", report_stances, false },
	{ "each", each, false },
	{ "find", find, false },
	{ "ledger", ledger, false },
	{ "stats", stats, false },
	{ "verify", verify, false },
	{ "consultation", consultation, true },
	{ "consultations", consultations, false },
	{ "directory", directory, true },
	{ "directory by hand", directory_hand, true },
	{ "look up", look_up, false },
	{ "correct", correct, true },
	{ "reclassify", reclassify, true },
	{ "adopt", adopt, true },
	{ "editions", editions, false },
	{ "quarantine", quarantine, false },
	{ "drop", drop, true },
	{ "backup", backup, false },
	{ "person", person, false },
	{ "forget", forget, true },
	{ "verify at the end", verify, false },
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

struct state {
	struct sdg_ledger ledger;
	struct sdg_measures totals;
};

static struct state look(struct help *h)
{
	struct state state = { .ledger = help_ledger(h),
			       .totals = help_totals(h) };

	return state;
}

/* After a commit that failed the handle is done for, as a worker would be. */
static void mend(struct help *h)
{
	struct sdg_ledger out;

	if (sdg_store_ledger(h->store, &out, &h->err) < 0)
		help_reopen(h);
}

static unsigned long run_each(struct help *h, const struct operation *op,
			      int what)
{
	struct state before = look(h), after;
	unsigned long n;
	int rc;

	for (n = 1;; n++) {
		fail_at = n;
		calls = 0;
		failed = false;
		failing = what;
		rc = op->run(h);
		failing = NOTHING;
		if (!failed)
			break;
		if (rc == 0 && what == LMDB)
			fail_msg("%s: call %lu of LMDB failed and nobody said",
				 op->name, n);
		if (rc == 0) { /* it could do without */
			before = look(h);
			continue;
		}
		if (!h->err.message[0])
			fail_msg("%s: call %lu: no words", op->name, n);
		mend(h);
		after = look(h);
		if (memcmp(&before, &after, sizeof(before)) != 0)
			fail_msg("%s: call %lu changed something", op->name, n);
	}
	if (rc < 0)
		fail_msg("%s: %s", op->name, h->err.message);
	return n - 1;
}

static void each_call(struct help *h, int what)
{
	unsigned long all = 0;

	make_pieces(h);
	for (size_t i = 0; i < OPERATION_COUNT; i++)
		all += run_each(h, &OPERATIONS[i], what);
	help_verify(h);
	print_message("%lu calls failed, one after the other\n", all);
	assert_true(all > (what == LMDB ? 1000 : 50));
}

static void test_store_each_lmdb_call_that_fails_is_an_error(void **state)
{
	each_call(*state, LMDB);
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
