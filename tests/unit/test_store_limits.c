/*
 * test_store_limits: what the store is given and cannot be: labels and
 * dimensions out of range, names too long, prefixes that are none, an
 * older store with one thing wrong.
 * Each is refused, with its code, and nothing is changed.
 */
#include <lmdb.h>
#include <sys/stat.h>

#include <soundings/store_copies.h>
#include <soundings/store_rights.h>

#include "store_full.h"
#include "store_internal.h"

static struct full *full;

static int set_up(void **state)
{
	full_setup(state, &full);
	return 0;
}

static int tear_down(void **state)
{
	free(full);
	return help_teardown(state);
}

/* ------------------------------------------------------------------ labels */

#define WRONG (enum_of_all)99
typedef unsigned enum_of_all;

static void test_store_labels_out_of_range(void **state)
{
	const struct sdg_labels good = { .kind = SDG_KIND_FEEDBACK,
					 .theme_count = 2,
					 .themes = { 1, 2 },
					 .scores = { 2, -1 } };
	struct sdg_labels bad[8];
	struct help *h = *state;
	struct piece_of p;

	for (int i = 0; i < 8; i++)
		bad[i] = good;
	bad[0].kind = (enum sdg_kind)WRONG;
	bad[1].region = (enum sdg_region)WRONG;
	bad[2].role = (enum sdg_role)WRONG;
	bad[3].stance = (enum sdg_stance)WRONG;
	bad[4].region_evidence = (enum sdg_evidence)WRONG;
	bad[5].theme_count = SDG_THEMES_MAX + 1;
	bad[6].themes[1] = 1; /* twice */
	bad[7].themes[0] = 0; /* none */
	for (int i = 0; i < 8; i++) {
		refused(h,
			sdg_store_correct(h->store, full->pieces[10].item.id,
					  &bad[i], &h->err),
			SDG_EINVAL);
		help_mail(&p, 900, 1, TODAY);
		p.item.labels = bad[i];
		if (i < 7) /* in a frame 0 is the first */
			refused(h, help_try(h, &p, 1), SDG_EINVAL);
	}
	help_mail(&p, 900, 1, TODAY);
	help_themes(&p, 1, HELP_THEMES, 0, 0); /* beyond the frame */
	refused(h, help_try(h, &p, 1), SDG_EINVAL);
	help_mail(&p, 900, 1, TODAY);
	p.fb.source = (enum sdg_source)WRONG;
	refused(h, help_try(h, &p, 1), SDG_EINVAL);
	refused(h,
		sdg_store_correct(h->store, full->pieces[10].item.id, &good,
				  &h->err),
		0);
	refused(h,
		sdg_store_correct(h->store, (const uint8_t[16]){ 1 }, &good,
				  &h->err),
		SDG_ENOTFOUND);
	help_verify(h);
}

/* What may be there and may not: each of them once. */
static void test_store_pieces_of_every_shape(void **state)
{
	struct help *h = *state;
	struct piece_of p[6];

	for (unsigned i = 0; i < 6; i++) {
		help_mail(&p[i], 700 + i, i % 2, TODAY - 1);
		help_themes(&p[i], 1, 1, 0, 0);
		p[i].fb.may_quote = i % 2;
		p[i].fb.truncated = i % 3 == 0;
	}
	p[0].fb.source = p[1].fb.source = p[2].fb.source = SDG_SOURCE_REP;
	p[0].fb.note.representative = sdg_str("  Ann\tLee ");
	p[1].fb.note.representative = sdg_str(" ");
	p[1].fb.note.own = true;
	p[2].fb.note.second_hand = true;
	p[3].fb.received = 5; /* absurd: counts as received now */
	p[4].fb.received = NOON(TODAY + 40000);
	p[5].item.labels.kind = SDG_KIND_UNSET;
	p[5].item.labels.region = SDG_REGION_ANY;
	for (unsigned i = 0; i < 6; i++)
		help_apply(h, &p[i], 1);
	help_apply(h, p, 6); /* all at once: all are known */
	refused(h, help_try(h, p, 0), 0);
	help_verify(h);
}

/* The first of many has a theme that the frame has not: none is taken in. */
static void test_store_batch_with_a_label_that_is_none(void **state)
{
	struct help *h = *state;
	struct piece_of *pieces = calloc(200, sizeof(*pieces));
	struct sdg_ledger before, after;

	assert_int_equal(sdg_store_ledger(h->store, &before, &h->err), 0);
	for (unsigned n = 0; n < 200; n++) {
		help_mail(&pieces[n], 9000 + n, n + 1, TODAY);
		help_themes(&pieces[n], 1, n ? 1 : HELP_THEMES, 0, 0);
	}
	assert_int_equal(help_try(h, pieces, 200), SDG_EINVAL);
	assert_int_equal(sdg_store_ledger(h->store, &after, &h->err), 0);
	assert_memory_equal(&before, &after, sizeof(before));
	free(pieces);
}

static void test_store_questions_that_are_none(void **state)
{
	struct sdg_query query = { .dim_count = SDG_DIMS_MAX + 1 };
	struct sdg_result result;
	struct help *h = *state;
	struct sdg_frozen frozen;
	struct sdg_store *store;
	struct sdg_ledger ledger;
	size_t n;

	refused(h, sdg_store_report(h->store, &query, &result, &h->err),
		SDG_EINVAL);
	query.dim_count = 1;
	query.dims[0] = (enum sdg_dim)WRONG;
	refused(h, sdg_store_report(h->store, &query, &result, &h->err),
		SDG_EINVAL);
	query = (struct sdg_query){ .as_of = 60000 };
	refused(h, sdg_store_report(h->store, &query, &result, &h->err),
		SDG_ENOTFOUND);
	query = (struct sdg_query){ .filter = { .since_day = 200000,
						.until_day = 200001 } };
	refused(h, sdg_store_report(h->store, &query, &result, &h->err), 0);
	sdg_result_fini(&result);
	refused(h, sdg_store_freeze(h->store, 0, false, &frozen, &h->err), 0);
	refused(h, sdg_store_hold(h->store, "short", 0, true, &n, &h->err),
		SDG_EINVAL);
	refused(h,
		sdg_store_hold(h->store,
			       "never-never-never-never-never-never-1234", 0,
			       true, &n, &h->err),
		0);
	assert_int_equal(n, 0);
	/* Opened to read, it takes nothing. */
	refused(h, sdg_store_open(&h->home, SDG_STORE_READ, &store, &h->err),
		0);
	refused(h, sdg_store_begin_edition(store, &h->err), SDG_EINVAL);
	refused(h, sdg_store_compact(store, &h->err), SDG_EINVAL);
	refused(h, sdg_store_ledger(store, &ledger, &h->err), 0);
	sdg_store_close(store);
}

static void test_store_frames_that_are_none(void **state)
{
	static const char *const empty[] = { "" };
	const char *many[SDG_FRAME_MAX + 1];
	static char names[SDG_FRAME_MAX + 1][16], longest[200];
	const char *large[] = { longest };
	struct help *h = *state;
	int rc = 0;

	memset(longest, 't', sizeof(longest) - 1);
	refused(h, sdg_store_use_frame(h->store, empty, 1, 1, &h->err),
		SDG_EINVAL);
	refused(h, sdg_store_use_frame(h->store, large, 1, 1, &h->err),
		SDG_EINVAL);
	for (int i = 0; i <= SDG_FRAME_MAX; i++) {
		snprintf(names[i], sizeof(names[i]), "t%d", i);
		many[i] = names[i];
	}
	refused(
	    h,
	    sdg_store_use_frame(h->store, many, SDG_FRAME_MAX + 1, 1, &h->err),
	    SDG_EINVAL);
	/* In all a store knows 255, whatever frames come and go. */
	for (int from = 0; rc == 0 && from < 400; from += 50) {
		for (int i = 0; i < 50; i++)
			snprintf(names[i], sizeof(names[i]), "u%d", from + i);
		rc = sdg_store_use_frame(h->store, many, 50, 1, &h->err);
	}
	refused(h, rc, SDG_EINVAL);
	assert_string_equal(sdg_store_theme_id(h->store, 0),
			    sdg_store_theme_id(h->store, 256));
}

static void test_store_frame_that_is_refused_changes_no_label(void **state)
{
	static const char *const turned[] = { "pay", "funding", "" };
	struct sdg_query query = { .dims = { SDG_DIM_THEME }, .dim_count = 1 };
	struct help *h = *state;
	struct sdg_result result;
	struct piece_of p;
	uint64_t before = 0, after = 0;
	uint32_t theme;

	theme = (uint32_t)sdg_store_theme(h->store, sdg_str(help_frame[0]));
	for (int i = 0; i < 2; i++) {
		assert_int_equal(
		    sdg_store_report(h->store, &query, &result, &h->err), 0);
		before = after;
		after = 0;
		for (size_t r = 0; r < result.row_count; r++)
			if (result.rows[r].key[0] == theme)
				after = result.rows[r].measures.main;
		sdg_result_fini(&result);
		if (i)
			break;
		/* The second theme first; the third is none. */
		refused(h, sdg_store_use_frame(h->store, turned, 3, 9, &h->err),
			SDG_EINVAL);
		help_mail(&p, 7001, 7001, TODAY);
		help_themes(&p, 1, 0, 0, 0);
		assert_int_equal(help_take(h, &p), SDG_OUTCOME_COUNTED);
	}
	assert_int_equal(after, before + 1);
	help_verify(h);
}

static void test_store_consultations_that_are_none(void **state)
{
	const struct sdg_consultation good = { .id = "more", .name = "More" };
	struct sdg_consultation bad[7];
	struct help *h = *state;
	struct piece_of p;

	for (int i = 0; i < 7; i++)
		bad[i] = good;
	memset(bad[0].id, 'a', sizeof(bad[0].id));
	strcpy(bad[1].id, "Not One");
	memset(bad[2].name, 'n', sizeof(bad[2].name));
	memset(bad[3].addresses, 'a', sizeof(bad[3].addresses));
	strcpy(bad[4].name, "a\x07"
			    "bell");
	bad[5].opens = TODAY;
	bad[5].closes = TODAY - 1;
	for (int i = 0; i < 6; i++)
		refused(h, sdg_consultation_put(h->store, &bad[i], &h->err),
			SDG_EINVAL);
	bad[6].opens = TODAY - 1;
	bad[6].closes = TODAY;
	strcpy(bad[6].addresses, " q@school.example  x@school.example");
	refused(h, sdg_consultation_put(h->store, &bad[6], &h->err), 0);
	refused(h, sdg_consultation_get(h->store, "none", &bad[0], &h->err),
		SDG_ENOTFOUND);
	for (int i = 0; i < 3; i++) {
		static const char *const to[] = { "X@school.example",
						  "y@school.example",
						  "not an address" };

		help_mail(&p, 800 + (unsigned)i, 1, TODAY);
		p.fb.recipient = sdg_str(to[i]);
		assert_int_equal(help_take(h, &p), SDG_OUTCOME_COUNTED);
	}
	/* A closed one gives its address to the next. */
	bad[6].closed = true;
	refused(h, sdg_consultation_put(h->store, &bad[6], &h->err), 0);
	help_mail(&p, 810, 1, TODAY);
	p.fb.recipient = sdg_str("x@school.example");
	assert_int_equal(help_take(h, &p), SDG_OUTCOME_QUARANTINED);
	help_verify(h);
}

static void test_store_directory_entries_that_are_none(void **state)
{
	struct help *h = *state;
	struct sdg_entry e = { .key = "neither" }, out;
	struct sdg_known known;
	struct txn t;

	refused(h, sdg_directory_set(h->store, &e, &h->err), SDG_EINVAL);
	snprintf(e.key, sizeof(e.key), "@%0300d", 0);
	refused(h, sdg_directory_set(h->store, &e, &h->err), SDG_EINVAL);
	refused(h,
		sdg_directory_replace(h->store, "an-origin-of-a-long-name", &e,
				      1, &h->err),
		SDG_EINVAL);
	strcpy(e.key, "m4@School.example");
	strcpy(e.membership, "abc");
	e.keyed = true;
	refused(h, sdg_directory_set(h->store, &e, &h->err), SDG_EINVAL);
	refused(h,
		sdg_directory_lookup(h->store, sdg_str("m1@school.example"),
				     &out, &h->err),
		0);
	memcpy(e.membership, out.membership, sizeof(e.membership));
	refused(h, sdg_directory_set(h->store, &e, &h->err), 0);
	strcpy(e.key, "@HILL.School.example");
	e.membership[0] = '\0';
	e.known = (struct sdg_known){ .region = SDG_REGION_LONDON,
				      .authority = 5,
				      .phases = 1 };
	refused(h, sdg_directory_set(h->store, &e, &h->err), 0);
	/* By its domain, by the domain above it, by none; not an address. */
	refused(h,
		sdg_directory_lookup(h->store, sdg_str("x@hill.school.example"),
				     &out, &h->err),
		0);
	assert_string_equal(out.key, "@hill.school.example");
	refused(h,
		sdg_directory_lookup(h->store, sdg_str("x@a.school.example"),
				     &out, &h->err),
		0);
	refused(h,
		sdg_directory_lookup(h->store, sdg_str("x@elsewhere"), &out,
				     &h->err),
		SDG_ENOTFOUND);
	refused(h,
		sdg_directory_lookup(h->store, sdg_str("@elsewhere.example"),
				     &out, &h->err),
		SDG_ENOTFOUND);
	refused(h, sdg_directory_lookup(h->store, sdg_str("x"), &out, &h->err),
		SDG_EINVAL);
	assert_int_equal(st_begin(h->store, false, &t, &h->err), 0);
	refused(h, directory_known(&t, sdg_str("x"), &known, &h->err), 0);
	refused(h,
		directory_known(&t, sdg_str("m1@hill.school.example"), &known,
				&h->err),
		0);
	assert_int_equal(known.authority, 5);
	st_abort(&t);
}

static void test_store_prefixes_that_are_none(void **state)
{
	static const char *const none[] = {
		"abc", "wxyz", "", "0123456789abcdef0123456789abcdef0"
	};
	struct help *h = *state;
	struct piece_of p;
	char hex[33];

	for (int i = 0; i < 4; i++)
		refused(h, sdg_quarantine_drop(h->store, none[i], &h->err),
			SDG_EINVAL);
	refused(h, sdg_quarantine_drop(h->store, "ffff", &h->err),
		SDG_ENOTFOUND);
	/* Two that begin alike; a longer one is one, in capitals, too. */
	for (unsigned i = 0; i < 2; i++) {
		help_mail(&p, 0xeeee + i, 1, TODAY);
		memset(p.fb.identity, 0xee, 8);
		p.fb.identity[8] = (uint8_t)(0xa0 + i);
		p.fb.unreadable = sdg_str("damaged");
		p.item.labels.kind = SDG_KIND_UNSET;
		assert_int_equal(help_take(h, &p), SDG_OUTCOME_QUARANTINED);
	}
	refused(h, sdg_quarantine_drop(h->store, "eeee", &h->err), SDG_EINVAL);
	strcpy(hex, "EEEEEEEEEEEEEEEEA");
	refused(h, sdg_quarantine_drop(h->store, hex, &h->err), SDG_EINVAL);
	strcpy(hex, "EEEEEEEEEEEEEEEEA0");
	refused(h, sdg_quarantine_drop(h->store, hex, &h->err), 0);
	refused(h, sdg_quarantine_drop(h->store, "eeee", &h->err), 0);
	help_verify(h);
}

/* ----------------------------------------------------------- an older store */

enum older {
	AS_IT_WAS,
	OTHER_KEYS,
	CUT_BOOKS,
	OTHER_BOOKS,
	NO_BOOKS,
	CUT_RECORD,
	GONE_RECORD,
	LONG_KEY,
	NEWER,
	NO_VERSION,
	OLDERS
};

static void alter(const char *path, enum older how)
{
	MDB_val key = { 5, (void *)(uintptr_t) "books" }, value;
	MDB_env *env;
	MDB_txn *txn;
	MDB_cursor *cursor;
	MDB_dbi dbi;
	uint8_t bytes[3000] = { 9 };

	assert_int_equal(mdb_env_create(&env), 0);
	mdb_env_set_maxdbs(env, 20);
	assert_int_equal(mdb_env_open(env, path, 0, 0600), 0);
	assert_int_equal(mdb_txn_begin(env, NULL, 0, &txn), 0);
	if (how == CUT_RECORD || how == GONE_RECORD) {
		assert_int_equal(mdb_dbi_open(txn, "labels", 0, &dbi), 0);
		assert_int_equal(mdb_cursor_open(txn, dbi, &cursor), 0);
		assert_int_equal(
		    mdb_cursor_get(cursor, &key, &value, MDB_FIRST), 0);
		value = (MDB_val){ 3, bytes };
		assert_int_equal(
		    how == CUT_RECORD
			? mdb_cursor_put(cursor, &key, &value, MDB_CURRENT)
			: mdb_cursor_del(cursor, 0),
		    0);
		mdb_cursor_close(cursor);
	} else {
		assert_int_equal(mdb_dbi_open(txn, "meta", 0, &dbi), 0);
		if (how == NEWER || how == NO_VERSION)
			key = (MDB_val){ 7, (void *)(uintptr_t) "version" };
		if (how == LONG_KEY)
			key = (MDB_val){ 450, bytes };
		value = (MDB_val){ how == CUT_BOOKS    ? 3
				   : how == NO_VERSION ? 2
						       : 240,
				   bytes };
		assert_int_equal(how == NO_BOOKS
				     ? mdb_del(txn, dbi, &key, NULL)
				     : mdb_put(txn, dbi, &key, &value, 0),
				 0);
	}
	assert_int_equal(mdb_txn_commit(txn), 0);
	mdb_env_close(env);
}

static void test_store_older_with_one_thing_wrong(void **state)
{
	static const int codes[OLDERS] = {
		[OTHER_KEYS] = SDG_EINVAL,    [CUT_BOOKS] = SDG_EDAMAGED,
		[OTHER_BOOKS] = SDG_EDAMAGED, [NO_BOOKS] = SDG_ENOTFOUND,
		[CUT_RECORD] = SDG_EDAMAGED,  [GONE_RECORD] = SDG_EDAMAGED,
		[LONG_KEY] = SDG_EDAMAGED,    [NEWER] = SDG_EVERSION,
		[NO_VERSION] = SDG_EDAMAGED,
	};
	char command[4 * SDG_PATH_MAX], kept[SDG_PATH_MAX];
	struct help *h = *state;
	struct sdg_home home;
	size_t n;

	for (enum older how = AS_IT_WAS; how < OLDERS; how++) {
		help_home(&home);
		snprintf(command, sizeof(command),
			 "tar -xJf " TEST_DATA
			 "/stores/layout-1.tar.xz -C %s && mv "
			 "%s/layout-1/* %s",
			 home.root, home.root, home.root);
		assert_int_equal(system(command), 0);
		if (how == OTHER_KEYS) {
			snprintf(command, sizeof(command),
				 "rm -rf %s/keys && cp -r %s/keys %s",
				 home.root, h->home.root, home.root);
			assert_int_equal(system(command), 0);
		} else if (how != AS_IT_WAS) {
			alter(home.store, how);
		}
		if (how == NO_BOOKS) /* not even whether it is one */
			assert_true(sdg_store_upgrade(&home, kept, &h->err) <
				    0);
		else
			refused(h, sdg_store_upgrade(&home, kept, &h->err),
				codes[how] == SDG_EINVAL && how == OTHER_KEYS
				    ? SDG_EDAMAGED
				    : codes[how]);
		if (how == AS_IT_WAS) {
			refused(h, sdg_store_upgrade(&home, kept, &h->err), 0);
			assert_string_equal(kept, "");
			refused(
			    h,
			    sdg_store_drop_kept(&home, 0, false, &n, &h->err),
			    0);
			assert_int_equal(n, 0);
			refused(h,
				sdg_store_drop_kept(&home, INT64_MAX, true, &n,
						    &h->err),
				0);
			assert_int_equal(n, 1);
		}
		help_remove(&home);
	}
	help_home(&home); /* none there, and no folder of one */
	refused(h, sdg_store_upgrade(&home, kept, &h->err), 0);
	refused(h, sdg_store_drop_kept(&home, INT64_MAX, false, &n, &h->err),
		0);
	help_remove(&home);
}

#define ONE(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		ONE(test_store_labels_out_of_range),
		ONE(test_store_pieces_of_every_shape),
		ONE(test_store_batch_with_a_label_that_is_none),
		ONE(test_store_questions_that_are_none),
		ONE(test_store_frames_that_are_none),
		ONE(test_store_frame_that_is_refused_changes_no_label),
		ONE(test_store_consultations_that_are_none),
		ONE(test_store_directory_entries_that_are_none),
		ONE(test_store_prefixes_that_are_none),
		ONE(test_store_older_with_one_thing_wrong),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
