/*
 * store: what happens to it when the world is unkind.
 *
 * Damage is done to the file as a disk would do it, and to records through
 * LMDB itself. A figure may be refused, it may never be wrong.
 */
#include "store_help.h"

#include <fcntl.h>
#include <lmdb.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>

#define PIECES 300

/* Pieces with all that a store can hold: strays, long texts, edits,
 * quarantine, members of the directory. */
static void fill(struct help *h)
{
	static char words[6000];
	struct piece_of *p = calloc(PIECES, sizeof(*p));
	struct sdg_entry entries[20];

	memset(words, 'w', sizeof(words));
	memset(entries, 0, sizeof(entries));
	for (unsigned i = 0; i < 20; i++) {
		snprintf(entries[i].key, sizeof(entries[i].key),
			 "m%u@school.example", i + 1);
		entries[i].known.matched = true;
	}
	assert_int_equal(
	    sdg_directory_replace(h->store, "members", entries, 20, &h->err),
	    0);
	for (unsigned i = 0; i < PIECES; i++) {
		help_mail(&p[i], i + 1, 1 + i % 40, TODAY - (int)(i * 7 % 90));
		help_themes(&p[i], 1 + (int)(i % 3), (int)(i % 5),
			    (int)((i + 1) % 5), (int)((i + 2) % 5));
		p[i].item.labels.region = (enum sdg_region)(1 + i % 9);
		p[i].item.labels.role = (enum sdg_role)(i % 4);
		if (i % 10 == 0)
			p[i].fb.said = 0;
		if (i % 25 == 0)
			p[i].fb.text = (struct sdg_str){ words, 6000 };
		if (i % 50 == 1)
			p[i].fb.unreadable = sdg_str("too deep");
		if (i % 50 == 2)
			p[i].item.labels.kind = SDG_KIND_AUTO_REPLY;
	}
	help_apply(h, p, PIECES);
	for (unsigned i = 0; i < 10; i++)
		p[i].fb.revision = 1;
	help_apply(h, p, 10);
	free(p);
}

/* ------------------------------------------------------- through LMDB itself
 */

static const char *const databases[] = {
	"events",        "chunks", "cells",  "months",    "members",
	"member_events", "labels", "strays", "directory", "consultations",
	"quarantine",    "ledger", "meta",
};
#define DATABASES (sizeof(databases) / sizeof(*databases))

struct raw {
	MDB_env *env;
	MDB_txn *txn;
	MDB_dbi dbi;
};

static void raw_open(struct raw *raw, struct help *h, const char *name)
{
	sdg_store_close(h->store);
	h->store = NULL;
	assert_int_equal(mdb_env_create(&raw->env), 0);
	mdb_env_set_maxdbs(raw->env, 20);
	mdb_env_set_mapsize(raw->env, 1UL << 30);
	assert_int_equal(mdb_env_open(raw->env, h->home.store, 0, 0600), 0);
	assert_int_equal(mdb_txn_begin(raw->env, NULL, 0, &raw->txn), 0);
	assert_int_equal(mdb_dbi_open(raw->txn, name, 0, &raw->dbi), 0);
}

static void raw_close(struct raw *raw)
{
	assert_int_equal(mdb_txn_commit(raw->txn), 0);
	mdb_env_close(raw->env);
}

struct raw_record {
	char key[512], value[2048];
	MDB_val k, v;
};

/* The @n-th record of the database, copied. */
static bool raw_nth(struct raw *raw, size_t n, struct raw_record *r)
{
	MDB_cursor *cursor;
	MDB_val k, v;
	int rc;

	assert_int_equal(mdb_cursor_open(raw->txn, raw->dbi, &cursor), 0);
	rc = mdb_cursor_get(cursor, &k, &v, MDB_FIRST);
	while (rc == 0 && n-- > 0)
		rc = mdb_cursor_get(cursor, &k, &v, MDB_NEXT);
	if (rc == 0) {
		memcpy(r->key, k.mv_data, k.mv_size);
		memcpy(r->value, v.mv_data, v.mv_size);
		r->k = (MDB_val){ k.mv_size, r->key };
		r->v = (MDB_val){ v.mv_size, r->value };
	}
	mdb_cursor_close(cursor);
	return rc == 0;
}

static void count_fault(void *arg, const char *what)
{
	int *n = arg;

	assert_non_null(what);
	(*n)++;
}

/* Opens what it can; the faults found, or more when it would not open. */
static int faults_of(struct help *h)
{
	struct sdg_verify v;
	int n = 0;
	int rc;

	rc = sdg_store_open(&h->home, SDG_STORE_READ, &h->store, &h->err);
	if (rc == 0)
		rc = sdg_store_verify(h->store, count_fault, &n, &v, &h->err);
	if (rc == 0)
		assert_int_equal(v.faults, n);
	else
		assert_true(rc == SDG_EDAMAGED || rc == SDG_EVERSION ||
			    rc == SDG_EINVAL);
	return rc < 0 ? 1000 : n;
}

/* By each kind of question: the right figures, or an error. */
static bool answers_right(struct help *h, const struct sdg_measures *want)
{
	static const enum sdg_dim dims[] = { SDG_DIM_REGION, SDG_DIM_ROLE,
					     SDG_DIM_DAY };
	struct sdg_ledger ledger;
	bool all = true;

	for (int i = 0; i < 3; i++) {
		struct sdg_query q = { .dims = { dims[i] }, .dim_count = 1 };
		struct sdg_result result;
		uint64_t sum = 0;
		int rc;

		rc = sdg_store_report(h->store, &q, &result, &h->err);
		if (rc < 0) {
			all = false;
			continue;
		}
		for (size_t k = 0; k < result.row_count; k++)
			sum += result.rows[k].measures.messages;
		if (memcmp(&result.totals, want, sizeof(*want)) != 0 ||
		    sum != want->messages)
			fail_msg("a wrong figure");
		sdg_result_fini(&result);
	}
	if (sdg_store_ledger(h->store, &ledger, &h->err) < 0)
		return false;
	return all && ledger.received == PIECES + 10 && ledger.balanced;
}

static void test_store_verify_finds_each_changed_record(void **state)
{
	struct help *h = *state;
	struct sdg_measures want;
	struct raw raw;

	fill(h);
	help_verify(h);
	want = help_totals(h);
	for (size_t d = 0; d < DATABASES; d++) {
		for (size_t n = 0; n < 40; n += 1 + n / 2) {
			struct raw_record r;
			bool there;

			raw_open(&raw, h, databases[d]);
			there = raw_nth(&raw, n, &r);
			if (there) {
				r.value[r.v.mv_size * (n + 1) / 41] ^= 4;
				mdb_put(raw.txn, raw.dbi, &r.k, &r.v, 0);
			}
			raw_close(&raw);
			if (!there) {
				help_open(h);
				break;
			}
			if (faults_of(h) == 0)
				fail_msg("%s %zu: not found", databases[d], n);
			if (h->store)
				answers_right(h, &want);
			raw_open(&raw, h, databases[d]);
			r.value[r.v.mv_size * (n + 1) / 41] ^= 4;
			mdb_put(raw.txn, raw.dbi, &r.k, &r.v, 0);
			raw_close(&raw);
			help_open(h);
		}
	}
	help_verify(h);
	assert_true(answers_right(h, &want));
}

static void test_store_vanished_record_is_no_smaller_figure(void **state)
{
	struct help *h = *state;
	struct sdg_measures want;
	struct raw raw;

	fill(h);
	want = help_totals(h);
	for (size_t d = 0; d < DATABASES; d++) {
		for (size_t n = 0; n < 60; n += 1 + n / 2) {
			struct raw_record r;
			bool there;

			raw_open(&raw, h, databases[d]);
			there = raw_nth(&raw, n, &r);
			if (there)
				mdb_del(raw.txn, raw.dbi, &r.k, NULL);
			raw_close(&raw);
			if (!there) {
				help_open(h);
				break;
			}
			if (faults_of(h) == 0)
				fail_msg("%s %zu: not missed", databases[d], n);
			if (h->store)
				answers_right(h, &want);
			raw_open(&raw, h, databases[d]);
			mdb_put(raw.txn, raw.dbi, &r.k, &r.v, 0);
			raw_close(&raw);
			help_open(h);
		}
	}
	help_verify(h);
	assert_true(answers_right(h, &want));
}

static void test_store_other_version_is_refused(void **state)
{
	struct help *h = *state;
	struct raw_record r = { .value = "\x09\0\0\0 of a later layout" };
	struct sdg_store *store = NULL;
	struct raw raw;
	char want[SDG_ERROR_SIZE];

	raw_open(&raw, h, "meta");
	r.k = (MDB_val){ 7, (void *)"version" };
	r.v = (MDB_val){ 24, r.value };
	assert_int_equal(mdb_put(raw.txn, raw.dbi, &r.k, &r.v, 0), 0);
	raw_close(&raw);
	for (int mode = 0; mode < 2; mode++) {
		assert_int_equal(
		    sdg_store_open(&h->home,
				   mode ? SDG_STORE_WRITE : SDG_STORE_READ,
				   &store, &h->err),
		    SDG_EVERSION);
		snprintf(want, sizeof(want),
			 "open store \"%.200s\": it is of layout 9, this "
			 "program reads layout 2; install the newer one",
			 h->home.store);
		assert_string_equal(h->err.message, want);
	}
}

/* ------------------------------------------------------ as a disk would do it
 */

struct told {
	struct sdg_measures totals;
	int32_t first_day, last_day;
};

static struct told told_by(const struct sdg_result *result)
{
	return (struct told){ result->totals, result->first_day,
			      result->last_day };
}

/* In a child, since LMDB may well die of it: 0 right, 2 refused, 3 wrong. */
static int ask_damaged(const struct sdg_home *home, const struct told *want)
{
	struct sdg_query q = { .dims = { SDG_DIM_REGION }, .dim_count = 1 };
	struct sdg_result result;
	struct sdg_store *store;
	struct rlimit none = { 0, 0 };
	int quiet = open("/dev/null", O_WRONLY);

	setrlimit(RLIMIT_CORE, &none);
	dup2(quiet, STDERR_FILENO);
	dup2(quiet, STDOUT_FILENO);
	alarm(10);
	if (sdg_store_open(home, SDG_STORE_READ, &store, NULL) < 0)
		return 2;
	for (int i = 0; i < 2; i++) {
		struct told told;

		if (sdg_store_report(store, &q, &result, NULL) < 0)
			return 2;
		told = told_by(&result);
		if (memcmp(&told.totals, &want->totals, sizeof(told.totals)) ||
		    told.first_day != want->first_day ||
		    told.last_day != want->last_day)
			return 3;
		q.dims[0] = SDG_DIM_ROLE;
	}
	return 0;
}

/* What the store says before it is damaged. */
static struct told ask_whole(struct help *h)
{
	struct sdg_query q = { .dims = { SDG_DIM_REGION }, .dim_count = 1 };
	struct sdg_result result;
	struct told told;

	assert_int_equal(sdg_store_report(h->store, &q, &result, &h->err), 0);
	told = told_by(&result);
	sdg_result_fini(&result);
	return told;
}

static int ask_child(const struct sdg_home *home, const struct told *want)
{
	int status = 0;
	pid_t pid = fork();

	assert_true(pid >= 0);
	if (pid == 0)
		_exit(ask_damaged(home, want));
	assert_int_equal(waitpid(pid, &status, 0), pid);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

/* The store's file, open and read; the store is closed. */
static int open_file(struct help *h, char **data, size_t *len)
{
	char path[SDG_PATH_MAX + 16];
	int fd;

	sdg_store_close(h->store);
	h->store = NULL;
	snprintf(path, sizeof(path), "%s/data.mdb", h->home.store);
	assert_int_equal(sdg_read_file(path, 1 << 26, data, len, NULL), 0);
	fd = open(path, O_RDWR);
	assert_true(fd >= 0);
	return fd;
}

static void test_store_flipped_bits_never_give_a_wrong_figure(void **state)
{
	struct help *h = *state;
	struct told want;
	uint64_t seed = 7;
	char *data = NULL;
	size_t len;
	int fd, wrong = 0;

	fill(h);
	want = ask_whole(h);
	fd = open_file(h, &data, &len);
	for (int i = 0; i < 150; i++) {
		size_t at;
		char flipped;

		seed = seed * 6364136223846793005ULL + 1442695040888963407ULL;
		at = (size_t)(seed >> 20) % len;
		flipped = (char)(data[at] ^ (1 << (seed >> 13) % 8));
		assert_int_equal(pwrite(fd, &flipped, 1, (off_t)at), 1);
		wrong += ask_child(&h->home, &want) == 3;
		assert_int_equal(pwrite(fd, data + at, 1, (off_t)at), 1);
	}
	close(fd);
	free(data);
	assert_int_equal(wrong, 0);
	help_open(h);
	help_verify(h);
}

/*
 * A page of LMDB: a header of 16 bytes (flags at 10, where the pointers end
 * at 12), then a pointer of two bytes to each record, in the order of keys.
 */
static void test_store_records_out_of_order_are_damage(void **state)
{
	struct help *h = *state;
	int fd, refused = 0;
	struct told want;
	char *data = NULL;
	size_t len;

	fill(h);
	want = ask_whole(h);
	fd = open_file(h, &data, &len);
	for (size_t at = 2 * 4096; at + 4096 <= len; at += 4096) {
		uint16_t *page = (uint16_t *)(data + at);
		size_t last = 7 + (page[6] - 16U) / 2;
		uint16_t first = page[8];
		int said;

		/* A leaf with two records or more: the ends change places. */
		if (page[5] != 2 || page[6] < 16 + 4)
			continue;
		page[8] = page[last];
		page[last] = first;
		assert_int_equal(pwrite(fd, page, 4096, (off_t)at), 4096);
		said = ask_child(&h->home, &want);
		assert_int_not_equal(said, 3);
		refused += said == 2;
		page[last] = page[8];
		page[8] = first;
		assert_int_equal(pwrite(fd, page, 4096, (off_t)at), 4096);
	}
	close(fd);
	free(data);
	assert_true(refused >= 3);
	help_open(h);
	help_verify(h);
}

/* ------------------------------------------------------------------- no room
 */

static void test_store_full_map_loses_nothing(void **state)
{
	struct help *h = *state;
	struct piece_of *p = calloc(100, sizeof(*p));
	unsigned n = 0;
	int rc = 0;

	sdg_store_close(h->store);
	h->store = NULL;
	setenv("SOUNDINGS_MAP_MB", "1", 1);
	help_open(h);
	while (rc == 0 && n < 10000) {
		for (unsigned i = 0; i < 100; i++)
			help_mail(&p[i], n + i + 1, 1 + (n + i) % 50, TODAY);
		rc = help_try(h, p, 100);
		if (rc == 0)
			n += 100;
	}
	assert_int_equal(rc, SDG_EAGAIN);
	assert_non_null(strstr(h->err.message, "raise SOUNDINGS_MAP_MB"));
	assert_true(n > 0);
	for (unsigned i = 0; i < 100; i++)
		assert_int_equal(p[i].item.outcome, SDG_OUTCOME_NONE);
	assert_int_equal(help_totals(h).messages, n);
	help_verify(h);
	unsetenv("SOUNDINGS_MAP_MB");
	help_reopen(h);
	help_apply(h, p, 100);
	assert_int_equal(help_totals(h).messages, n + 100);
	help_verify(h);
	free(p);
}

static int count_erased(void *arg, const struct sdg_stored *s)
{
	int *n = arg;

	*n += s->erased && s->fb.text.len == 0;
	return 0;
}

static void test_store_dropped_text_key_erases_its_month(void **state)
{
	struct help *h = *state;
	char path[SDG_PATH_MAX + 32];
	int n = 0;

	fill(h);
	sdg_store_close(h->store);
	h->store = NULL;
	snprintf(path, sizeof(path), "%s/text-2026-01.key", h->home.keys);
	assert_int_equal(unlink(path), 0);
	help_open(h);
	assert_int_equal(
	    sdg_store_each(h->store, NULL, 0, NULL, count_erased, &n, &h->err),
	    0);
	assert_true(n > 20 && n < PIECES - 20);
	help_verify(h); /* the figures stand */
}

int main(void)
{
#define TEST(name)                                                             \
	cmocka_unit_test_setup_teardown(name, help_setup, help_teardown)
	const struct CMUnitTest tests[] = {
		TEST(test_store_verify_finds_each_changed_record),
		TEST(test_store_vanished_record_is_no_smaller_figure),
		TEST(test_store_other_version_is_refused),
		TEST(test_store_flipped_bits_never_give_a_wrong_figure),
		TEST(test_store_records_out_of_order_are_damage),
		TEST(test_store_full_map_loses_nothing),
		TEST(test_store_dropped_text_key_erases_its_month),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
