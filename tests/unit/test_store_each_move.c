/*
 * As test_store_each_call.c, for what makes, opens, moves and brings over
 * whole stores: making, opening, compacting, replacing, exporting,
 * importing, freezing, holding and upgrading. Each attempt begins anew, and
 * one that failed leaves what was there as it was.
 */
#include "each_store.h"
#include "store_full.h"

#include <glob.h>

#include <soundings/store_copies.h>
#include <soundings/store_rights.h>

EACH_WRAP(FILES, char *, NULL, mkdtemp, (char *t), (t))
EACH_WRAP(MEMORY, int, GLOB_NOSPACE, glob,
	  (const char *p, int f, int (*e)(const char *, int), glob_t *g),
	  (p, f, e, g))

static char place[SDG_PATH_MAX + 16]; /* of the template, kept whole */
static struct full *full;

/* The template, put back as it was. */
static void restore(struct help *h)
{
	sdg_store_close(h->store);
	h->store = NULL;
	shell("rm -rf %s/*", h->home.root);
	shell("cp -r %s/* %s", place, h->home.root);
}

static void restored_open(struct help *h)
{
	restore(h);
	help_open(h);
}

/* -------------------------------------------------------------- operations */

static void nothing(struct help *h)
{
	sdg_store_close(h->store);
	h->store = NULL;
	shell("rm -rf %s/*", h->home.root);
}

/* There is a store and no handle. */
static int open_it(struct help *h, enum sdg_store_mode mode)
{
	struct sdg_store *store = NULL;
	int rc = sdg_store_open(&h->home, mode, &store, &h->err);

	sdg_store_close(store);
	return rc;
}

static int open_write(struct help *h)
{
	return open_it(h, SDG_STORE_WRITE);
}

static int open_read(struct help *h)
{
	return open_it(h, SDG_STORE_READ);
}

static int compact(struct help *h)
{
	return sdg_store_compact(h->store, &h->err);
}

static void with_copy(struct help *h)
{
	char dir[SDG_PATH_MAX + 16];

	restored_open(h);
	snprintf(dir, sizeof(dir), "%s/copy", h->home.root);
	assert_int_equal(mkdir(dir, 0700), 0);
	assert_int_equal(sdg_store_backup(h->store, dir, &h->err), 0);
	sdg_store_close(h->store);
	h->store = NULL;
}

static void with_copy_alone(struct help *h)
{
	with_copy(h);
	shell("rm -rf %s/store", h->home.root);
}

static int replace(struct help *h)
{
	char dir[SDG_PATH_MAX + 16];

	snprintf(dir, sizeof(dir), "%s/copy", h->home.root);
	return sdg_store_replace(&h->home, dir, &h->err);
}

/* As worker and reader follow it, without opening anew. */
static void with_swapped(struct help *h)
{
	struct help other = { .home = h->home };

	restored_open(h);
	help_open(&other);
	assert_int_equal(sdg_store_compact(other.store, &other.err), 0);
	sdg_store_close(other.store);
}

static int follow_reading(struct help *h)
{
	struct sdg_ledger out;

	return sdg_store_ledger(h->store, &out, &h->err);
}

static int follow_writing(struct help *h)
{
	return sdg_store_begin_edition(h->store, &h->err);
}

static int ignore_line(void *arg, const char *line)
{
	(void)arg;
	return line[0] == '{' ? 0 : -1;
}

static int export_sealed(struct help *h)
{
	return sdg_store_export(h->store, false, ignore_line, NULL, &h->err);
}

static int export_text(struct help *h)
{
	return sdg_store_export(h->store, true, ignore_line, NULL, &h->err);
}

/* What export wrote, line by line. */
static char *lines[2000];
static size_t line_count;

static int keep_line(void *arg, const char *line)
{
	(void)arg;
	assert_true(line_count < 2000);
	lines[line_count++] = strdup(line);
	return 0;
}

static void free_lines(void)
{
	while (line_count > 0)
		free(lines[--line_count]);
}

static void with_lines(struct help *h, bool text)
{
	restored_open(h);
	free_lines();
	assert_int_equal(
	    sdg_store_export(h->store, text, keep_line, NULL, &h->err), 0);
	nothing(h);
	shell("cp -r %s/keys %s", place, h->home.root);
}

static void with_sealed_lines(struct help *h)
{
	with_lines(h, false);
}

static void with_text_lines(struct help *h)
{
	with_lines(h, true);
}

static int import(struct help *h)
{
	struct sdg_import *in = NULL;
	int rc = sdg_import_open(&h->home, &in, &h->err);

	for (size_t i = 0; rc == 0 && i < line_count; i++)
		rc = sdg_import_line(in, lines[i], strlen(lines[i]), &h->err);
	if (rc == 0)
		rc = sdg_import_finish(in, NULL, NULL, &h->err);
	sdg_import_close(in);
	return rc;
}

static int freeze(struct help *h)
{
	struct sdg_frozen frozen;

	return sdg_store_freeze(h->store, FULL_BEFORE, false, &frozen, &h->err);
}

static int freeze_dry(struct help *h)
{
	struct sdg_frozen frozen;

	return sdg_store_freeze(h->store, FULL_BEFORE, true, &frozen, &h->err);
}

static int ask(struct help *h, struct sdg_query query)
{
	struct sdg_result result;
	int rc = sdg_store_report(h->store, &query, &result, &h->err);

	if (rc == 0)
		sdg_result_fini(&result);
	return rc;
}

static void frozen_open(struct help *h)
{
	restored_open(h);
	full_freeze(h);
	help_reopen(h);
}

static int report_frozen(struct help *h)
{
	return ask(
	    h, (struct sdg_query){ .dims = { SDG_DIM_MONTH, SDG_DIM_REGION },
				   .dim_count = 2 });
}

static int report_as_of(struct help *h)
{
	return ask(h, (struct sdg_query){ .dims = { SDG_DIM_THEME },
					  .dim_count = 1,
					  .as_of = 1 });
}

static int report_part(struct help *h)
{
	struct sdg_query query = { .dims = { SDG_DIM_WEEK, SDG_DIM_THEME },
				   .dim_count = 2 };

	query.filter.since_day = TODAY - 33;
	query.filter.until_day = TODAY - 5;
	query.filter.phases = 1;
	return ask(h, query);
}

static int verify(struct help *h)
{
	struct sdg_verify out;
	int rc = sdg_store_verify(h->store, NULL, NULL, &out, &h->err);

	if (rc == 0 && out.faults > 0)
		return snprintf(h->err.message, sizeof(h->err.message),
				"%llu faults", (unsigned long long)out.faults),
		       SDG_EDAMAGED;
	return rc;
}

static int release(struct help *h)
{
	size_t n;

	return sdg_store_hold(h->store, FULL_KEY, 0, false, &n, &h->err);
}

static int see_came(void *arg, const struct sdg_came *came)
{
	(void)came;
	++*(int *)arg;
	return 0;
}

static int came_with(struct help *h)
{
	int n = 0;

	return sdg_store_came_with(h->store, FULL_KEY, 0, see_came, &n,
				   &h->err);
}

static int see_known(void *arg, uint32_t member, const struct sdg_known *known)
{
	(void)member;
	(void)known;
	++*(int *)arg;
	return 0;
}

static int known(struct help *h)
{
	int n = 0;

	return sdg_directory_members(h->store, see_known, &n, &h->err);
}

static int retry(struct help *h)
{
	uint8_t digests[1][16];

	memcpy(digests[0], full->pieces[17].fb.identity, 16);
	return sdg_quarantine_retried(h->store, (const uint8_t(*)[16])digests,
				      1, true, &h->err);
}

static int sender_of(struct help *h)
{
	struct sdg_whose whose = { .id_count = 1, .respondents = true };
	uint8_t ids[1][SDG_EVENT_ID_SIZE];
	struct sdg_erased erased;

	memcpy(ids[0], full->pieces[21].item.id, sizeof(ids[0]));
	whose.ids = (const uint8_t(*)[SDG_EVENT_ID_SIZE])ids;
	return sdg_store_forget(h->store, &whose, NULL, NULL, &erased, &h->err);
}

static int frame(struct help *h)
{
	static const char *const ids[] = { "funding", "pay", "brand-new" };

	return sdg_store_use_frame(h->store, ids, 3, 8, &h->err);
}

static void old_store(struct help *h)
{
	nothing(h);
	shell("cp -r %s.old/layout-1/* %s", place, h->home.root);
}

static int upgrade(struct help *h)
{
	char kept[SDG_PATH_MAX];

	return sdg_store_upgrade(&h->home, kept, &h->err);
}

static void with_kept(struct help *h)
{
	restore(h);
	shell("cp -r %s/store %s/store.layout-1", h->home.root, h->home.root);
}

static int drop_kept(struct help *h)
{
	size_t n;

	return sdg_store_drop_kept(&h->home, INT64_MAX, false, &n, &h->err);
}

static const struct move {
	const char *name;
	void (*prepare)(struct help *h);
	int (*run)(struct help *h);
	/* Prepared again: each time, once it has come through, never. */
	enum { EACH, THEN, ONCE } again;
} MOVES[] = {
	{ "make", nothing, open_write, EACH },
	{ "open", restore, open_write, ONCE },
	{ "open to read", restore, open_read, ONCE },
	{ "frame", restored_open, frame, THEN },
	{ "compact", restored_open, compact, THEN },
	{ "replace", with_copy, replace, EACH },
	{ "put in place", with_copy_alone, replace, EACH },
	{ "follow, reading", with_swapped, follow_reading, EACH },
	{ "follow, writing", with_swapped, follow_writing, EACH },
	{ "export", restored_open, export_sealed, ONCE },
	{ "export text", restored_open, export_text, ONCE },
	{ "import", with_sealed_lines, import, EACH },
	{ "import text", with_text_lines, import, EACH },
	{ "freeze", restored_open, freeze, THEN },
	{ "freeze, dry", restored_open, freeze_dry, ONCE },
	{ "report frozen", frozen_open, report_frozen, ONCE },
	{ "report as of", restored_open, report_as_of, ONCE },
	{ "report a part", restored_open, report_part, ONCE },
	{ "verify", restored_open, verify, ONCE },
	{ "verify frozen", frozen_open, verify, ONCE },
	{ "export frozen", frozen_open, export_sealed, ONCE },
	{ "release", restored_open, release, THEN },
	{ "came with", restored_open, came_with, ONCE },
	{ "directory members", restored_open, known, ONCE },
	{ "retried", restored_open, retry, THEN },
	{ "forget by piece", restored_open, sender_of, THEN },
	{ "upgrade", old_store, upgrade, EACH },
	{ "drop kept", with_kept, drop_kept, EACH },
};
#define MOVE_COUNT (sizeof(MOVES) / sizeof(*MOVES))

/* ------------------------------------------------------------------- tests */

/* Is there a store that opens, or none where there was none? */
static void is_whole(struct help *h, const struct move *move, unsigned long n)
{
	struct sdg_verify out;
	int rc;

	if (move->prepare == old_store)
		return;
	if (!h->store) {
		rc = sdg_store_open(&h->home, SDG_STORE_WRITE, &h->store,
				    &h->err);
		if (rc < 0)
			fail_msg("%s: call %lu left what does not open: %s",
				 move->name, n, h->err.message);
	}
	/* A half-made import is another matter: it is not whole, and said. */
	if (move->run == import)
		return;
	rc = sdg_store_verify(h->store, help_fault, NULL, &out, &h->err);
	if (rc == SDG_EIO) { /* a commit failed: done for, as a worker is */
		sdg_store_close(h->store);
		h->store = NULL;
		help_open(h);
		rc =
		    sdg_store_verify(h->store, help_fault, NULL, &out, &h->err);
	}
	if (rc < 0 || out.faults)
		fail_msg("%s: call %lu left damage: %s", move->name, n,
			 h->err.message);
}

/* Each at first and at the end, fewer between: a walk over many records
 * would be tried at every one of them. */
static unsigned long after(unsigned long n, unsigned long all,
			   unsigned long dense)
{
	if (n < dense || n + dense > all)
		return n + 1;
	return n + 1 + (all - 2 * dense) / dense;
}

static unsigned long move_all(struct help *h, const struct move *move, int what)
{
	unsigned long all, n, tried = 0;
	unsigned long dense = move->again == EACH ? 14 : 40;
	int rc;

	move->prepare(h);
	each_begin(what, 0);
	rc = move->run(h);
	each_end();
	all = calls;
	if (rc < 0)
		fail_msg("%s: %s", move->name, h->err.message);
	for (n = 1; n <= all; n = after(n, all, dense)) {
		if (move->again == EACH || (move->again == THEN && rc == 0))
			move->prepare(h);
		if (move->run == open_write || move->run == open_read) {
			sdg_store_close(h->store);
			h->store = NULL;
		}
		h->err.message[0] = '\0';
		each_begin(what, n);
		rc = move->run(h);
		if (!each_end())
			continue; /* time and keys change a little */
		if (rc < 0 && !h->err.message[0])
			fail_msg("%s: call %lu: no words", move->name, n);
		if (move->again != ONCE)
			is_whole(h, move, n);
		tried++;
	}
	return tried;
}

static int make_template(void **state)
{
	struct help *h = full_setup(state, &full);

	sdg_store_close(h->store);
	h->store = NULL;
	snprintf(place, sizeof(place), "%s.whole", h->home.root);
	shell("cp -r %s %s", h->home.root, place);
	shell("mkdir %s.old && tar -xJf " TEST_DATA
	      "/stores/layout-1.tar.xz -C %s.old",
	      place, place);
	return 0;
}

static int remove_template(void **state)
{
	free_lines();
	free(full);
	shell("rm -rf %s %s.old", place, place);
	return help_teardown(state);
}

static void each_move(struct help *h, int what, unsigned long at_least)
{
	unsigned long all = 0;

	for (size_t i = 0; i < MOVE_COUNT; i++) {
		unsigned long n = move_all(h, &MOVES[i], what);

		print_message("%s: %lu\n", MOVES[i].name, n);
		all += n;
	}
	print_message("%lu calls failed, one after the other\n", all);
	assert_true(all > at_least);
}

static void test_store_each_lmdb_call_of_moving(void **state)
{
	each_move(*state, CALL, 500);
}

static void test_store_each_allocation_of_moving(void **state)
{
	each_move(*state, MEMORY, 200);
}

static void test_store_each_file_of_moving(void **state)
{
	each_move(*state, FILES, 100);
	each_move(*state, GONE, 50);
}

#define ONE(test)                                                              \
	cmocka_unit_test_setup_teardown(test, make_template, remove_template)

int main(void)
{
	const struct CMUnitTest tests[] = {
		ONE(test_store_each_file_of_moving),
		ONE(test_store_each_allocation_of_moving),
		ONE(test_store_each_lmdb_call_of_moving),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
