/*
 * test_store_records: records that are what was written, by their check, and
 * say something impossible: of a newer build, or by a fault of ours. One of
 * each kind is cut, emptied, filled with ones, given a byte too many or
 * another key; then everything is asked of the store, and done to it. It
 * answers, or says what is damaged; it never reads past what is there, and
 * what no longer can be read is found by a recount.
 */
#include "store_full.h"

#include <soundings/identity.h>
#include <soundings/store_copies.h>
#include <soundings/store_rights.h>

#include "store_internal.h"

static struct full *full;
static char place[SDG_PATH_MAX + 16];

/* ---------------------------------------------------------- what is changed */

enum change { CUT, EMPTIED, ONES, LONGER, LONGER_KEY, SHORTER_KEY, CHANGES };

struct record {
	uint8_t key[KEY_MAX], value[VALUE_MAX];
	size_t key_len, len;
};

struct gather {
	struct record *at;
	size_t n, max;
	bool seen[256][64]; /* first byte and length of the key */
};

static int note(void *arg, const struct scan *s, struct sdg_error *err)
{
	struct gather *g = arg;
	/* One of each kind: where keys begin with a letter that says which,
	 * it tells; elsewhere the length does. */
	uint8_t first =
	    s->db == DB_HISTORY || s->db == DB_DIRECTORY || s->db == DB_META
		? s->key.p[0]
		: 0;
	bool *seen = &g->seen[first][s->key.n < 64 ? s->key.n : 63];
	struct record *r = &g->at[g->n];

	(void)err;
	if (g->n == g->max || *seen)
		return 0;
	*seen = true;
	memcpy(r->key, s->key.p, s->key.n);
	memcpy(r->value, s->value.p, s->value.n);
	r->key_len = s->key.n;
	r->len = s->value.n;
	g->n++;
	return 0;
}

static size_t kinds_of(struct help *h, enum db db, struct record *out,
		       size_t max)
{
	struct gather g = { .at = out, .max = max };
	struct txn t;

	assert_int_equal(st_begin(h->store, false, &t, &h->err), 0);
	assert_int_equal(st_each(&t, db, note, &g, &h->err), 0);
	st_abort(&t);
	return g.n;
}

/* Signed anew, and in the books: nothing but what it says is wrong. */
static void put(struct help *h, enum db db, const struct record *r)
{
	struct txn t;

	assert_int_equal(st_begin(h->store, true, &t, &h->err), 0);
	assert_int_equal(
	    st_put(&t, db, r->key, r->key_len, r->value, r->len, &h->err), 0);
	assert_int_equal(st_commit(&t, &h->err), 0);
}

static bool change(struct help *h, enum db db, const struct record *r,
		   enum change how)
{
	struct record other = *r;

	switch (how) {
	case CUT:
		other.len -= other.len > 0;
		break;
	case EMPTIED:
		other.len = 0;
		break;
	case ONES:
		memset(other.value, 0xff, other.len);
		break;
	case LONGER:
		other.value[other.len++] = 'x';
		break;
	case LONGER_KEY:
		other.key[other.key_len++] = 'x';
		break;
	case SHORTER_KEY:
		other.key_len--;
		break;
	case CHANGES:
		break;
	}
	if (other.key_len == 0 ||
	    (other.len == r->len && other.key_len == r->key_len &&
	     memcmp(other.value, r->value, r->len) == 0))
		return false;
	put(h, db, &other);
	return true;
}

/* ----------------------------------------------------------- what is asked */

static int see(void *arg, const struct sdg_stored *stored)
{
	/* Read all of it, so that a sanitizer sees what is not there. */
	*(size_t *)arg += stored->fb.text.len + stored->fb.choice_count;
	return 0;
}

static int see_consultation(void *arg, const struct sdg_consultation *c)
{
	*(size_t *)arg += strlen(c->addresses);
	return 0;
}

static int see_entry(void *arg, const struct sdg_entry *entry)
{
	*(size_t *)arg += strlen(entry->school);
	return 0;
}

static int see_known(void *arg, uint32_t member, const struct sdg_known *known)
{
	*(size_t *)arg += member + known->phases;
	return 0;
}

static int see_quarantined(void *arg, const struct sdg_quarantined *q)
{
	*(size_t *)arg += q->reason.len + q->raw_len;
	return 0;
}

static int see_edition(void *arg, const struct sdg_edition *edition)
{
	*(size_t *)arg += edition->version;
	return 0;
}

static int see_came(void *arg, const struct sdg_came *came)
{
	*(size_t *)arg += (size_t)came->source;
	return 0;
}

static int see_line(void *arg, const char *line)
{
	*(size_t *)arg += strlen(line);
	return 0;
}

/* 0, or a code with words: never anything else. */
static void fine(struct help *h, int rc)
{
	assert_in_range(-rc, 0, -SDG_EDAMAGED);
	if (rc < 0)
		assert_true(h->err.message[0]);
	h->err.message[0] = '\0';
}

static void ask_report(struct help *h, enum sdg_dim a, enum sdg_dim b,
		       int32_t since, uint32_t as_of)
{
	struct sdg_query query = { .dims = { a, b },
				   .dim_count = 2,
				   .as_of = as_of };
	struct sdg_result result;
	int rc;

	query.filter.since_day = since;
	rc = sdg_store_report(h->store, &query, &result, &h->err);
	if (rc == 0)
		sdg_result_fini(&result);
	fine(h, rc);
}

static void ask(struct help *h)
{
	static const struct sdg_filter all;
	struct sdg_whose whose = { .address = sdg_str("m1@school.example") };
	struct sdg_span spans[SDG_STORE_THEMES];
	struct sdg_person person = { 0 };
	struct sdg_store_stats stats;
	struct sdg_consultation c;
	struct sdg_ledger ledger;
	struct sdg_entry entry;
	struct sdg_frozen frozen;
	size_t n = 0;
	bool known;
	int rc;

	ask_report(h, SDG_DIM_REGION, SDG_DIM_THEME, 0, 0);
	ask_report(h, SDG_DIM_MONTH, SDG_DIM_SOURCE, FULL_OLD + 100, 0);
	ask_report(h, SDG_DIM_ROLE, SDG_DIM_AUTHORITY, TODAY - 33, 0);
	ask_report(h, SDG_DIM_THEME, SDG_DIM_DAY, TODAY - 3, 0);
	ask_report(h, SDG_DIM_THEME, SDG_DIM_STANCE, TODAY - 33, 1);
	fine(h, sdg_store_each(h->store, &all, 0, NULL, see, &n, &h->err));
	fine(h, sdg_store_each(h->store, &all, ~0U, "words", see, &n, &h->err));
	fine(h, sdg_store_ledger(h->store, &ledger, &h->err));
	fine(h, sdg_store_stats(h->store, &stats, &h->err));
	fine(h, sdg_consultation_get(h->store, "pilots", &c, &h->err));
	fine(h, sdg_consultation_each(h->store, see_consultation, &n, &h->err));
	fine(h, sdg_directory_lookup(h->store, sdg_str("m1@school.example"),
				     &entry, &h->err));
	fine(h, sdg_directory_lookup(h->store, sdg_str("@school.example"),
				     &entry, &h->err));
	fine(h, sdg_directory_each(h->store, see_entry, &n, &h->err));
	fine(h, sdg_directory_members(h->store, see_known, &n, &h->err));
	fine(h, sdg_quarantine_each(h->store, see_quarantined, &n, &h->err));
	fine(h, sdg_quarantine_known(h->store, full->pieces[16].fb.identity,
				     &known, &h->err));
	fine(h, sdg_store_editions(h->store, see_edition, &n, &h->err));
	fine(h, sdg_store_theme_spans(h->store, spans, &h->err));
	fine(h,
	     sdg_store_came_with(h->store, FULL_KEY, 0, see_came, &n, &h->err));
	fine(h, sdg_store_export(h->store, false, see_line, &n, &h->err));
	fine(h, sdg_store_export(h->store, true, see_line, &n, &h->err));
	fine(h, sdg_store_freeze(h->store, TODAY, true, &frozen, &h->err));
	rc = sdg_store_person(h->store, &whose, &person, &h->err);
	if (rc == 0)
		sdg_person_fini(&person);
	fine(h, rc);
}

/* ------------------------------------------------------------ what is done */

static void change_labels(struct help *h)
{
	struct sdg_labels labels = { .kind = SDG_KIND_FEEDBACK,
				     .theme_count = 1,
				     .themes = { 1 } };
	struct sdg_relabel list = { .labels = labels };

	for (int i = 0; i < FULL_PIECES; i += 5) {
		fine(h, sdg_store_correct(h->store, full->pieces[i].item.id,
					  &labels, &h->err));
		memcpy(list.id,
		       full->pieces[i + 1 < FULL_PIECES ? i + 1 : 0].item.id,
		       sizeof(list.id));
		fine(h, sdg_store_reclassify(h->store, &list, 1, &h->err));
	}
	fine(h, sdg_store_adopt(h->store, &h->err));
}

static void change_people(struct help *h)
{
	static const struct sdg_entry entries[] = {
		{ .key = "m1@school.example", .membership = "7" },
		{ .key = "m4@school.example",
		  .membership = "1",
		  .known = { .matched = true } },
	};
	struct sdg_whose whose = { .address = sdg_str("m2@school.example") };
	struct sdg_erased erased;
	uint8_t ids[1][SDG_EVENT_ID_SIZE];

	fine(h,
	     sdg_directory_replace(h->store, "members", entries, 2, &h->err));
	fine(h,
	     sdg_store_forget(h->store, &whose, NULL, NULL, &erased, &h->err));
	memcpy(ids[0], full->pieces[21].item.id, sizeof(ids[0]));
	whose = (struct sdg_whose){
		.ids = (const uint8_t(*)[SDG_EVENT_ID_SIZE])ids,
		.id_count = 1,
		.respondents = true,
	};
	fine(h,
	     sdg_store_forget(h->store, &whose, NULL, NULL, &erased, &h->err));
}

static void change_all(struct help *h)
{
	static struct full again;
	struct sdg_frozen frozen;
	size_t n;

	/* All of them once more, and others of the same people. */
	memcpy(&again, full, sizeof(again));
	full_pieces(&again);
	again.pieces[22].fb.revision = 99;
	for (int i = 0; i < FULL_PIECES; i++) {
		fine(h, help_try(h, &again.pieces[i], 1));
		again.pieces[i].fb.identity[5] ^= 1;
		again.pieces[i].digest[5] ^= 1;
		fine(h, help_try(h, &again.pieces[i], 1));
	}
	change_labels(h);
	fine(h, sdg_store_hold(h->store, FULL_KEY, 0, false, &n, &h->err));
	fine(h,
	     sdg_quarantine_retried(
		 h->store, (const uint8_t(*)[16])full->pieces[17].fb.identity,
		 1, true, &h->err));
	change_people(h);
	fine(h,
	     sdg_store_freeze(h->store, TODAY - 20, false, &frozen, &h->err));
}

/* ------------------------------------------------------------------- tests */

/* The template, opened. */
static bool anew(struct help *h)
{
	sdg_store_close(h->store);
	h->store = NULL;
	shell("cp %s/store/data.mdb %s/store/data.mdb && rm -f "
	      "%s/store/lock.mdb",
	      place, h->home.root, h->home.root);
	return sdg_store_open(&h->home, SDG_STORE_WRITE, &h->store, &h->err) ==
		   0 &&
	       sdg_store_use_frame(h->store, help_frame, HELP_THEMES, 7,
				   &h->err) == 0;
}

static void each_record(struct help *h, enum db db)
{
	static struct record records[8];
	struct sdg_verify v;
	size_t kinds, found = 0, all = 0;

	assert_true(anew(h));
	kinds = kinds_of(h, db, records, 8);
	assert_true(kinds > 0);
	for (size_t i = 0; i < kinds; i++)
		for (enum change how = CUT; how < CHANGES; how++) {
			assert_true(anew(h));
			if (!change(h, db, &records[i], how))
				continue;
			all++;
			/* As who opens it next, with nothing remembered. */
			sdg_store_close(h->store);
			h->store = NULL;
			if (sdg_store_open(&h->home, SDG_STORE_WRITE, &h->store,
					   &h->err) < 0) {
				assert_true(h->err.message[0]);
				found++;
				continue;
			}
			fine(h, sdg_store_use_frame(h->store, help_frame,
						    HELP_THEMES, 7, &h->err));
			ask(h);
			if (sdg_store_verify(h->store, NULL, NULL, &v,
					     &h->err) < 0 ||
			    v.faults > 0)
				found++;
			/* A longer one is read as the shorter: no news. */
			if (how == CUT || how == ONES || how == SHORTER_KEY)
				change_all(h);
		}
	print_message("%s: %zu kinds, %zu changes, %zu found by a recount\n",
		      st_db_name(db), kinds, all, found);
	/* What follows from the events is recounted; the rest is only read. */
	if (db < DB_DIRECTORY)
		assert_true(found >= all / 2);
}

/* Byte by byte, what is read most: each field out of its range once. */
static void each_byte(struct help *h, enum db db)
{
	static const struct sdg_filter all;
	static struct record records[4];
	struct record other;
	struct sdg_verify v;
	size_t kinds, n = 0;

	assert_true(anew(h));
	kinds = kinds_of(h, db, records, 4);
	for (size_t i = 0; i < kinds; i++)
		for (size_t at = 0; at < records[i].len && at < 90; at++) {
			other = records[i];
			other.value[at] ^= 0xff;
			put(h, db, &other);
			fine(h, sdg_store_verify(h->store, NULL, NULL, &v,
						 &h->err));
			fine(h, sdg_store_each(h->store, &all, ~0U, NULL, see,
					       &n, &h->err));
			ask_report(h, SDG_DIM_MONTH, SDG_DIM_THEME, 0, 0);
			put(h, db, &records[i]);
		}
}

static void test_store_records_with_one_byte_other(void **state)
{
	for (enum db db = 0; db < DB_COUNT; db++)
		if (db != DB_META && db != DB_CHUNKS)
			each_byte(*state, db);
	assert_true(anew(*state));
	help_verify(*state);
}

static int make_template(void **state)
{
	struct help *h = full_setup(state, &full);

	full_freeze(h);
	sdg_store_close(h->store);
	h->store = NULL;
	snprintf(place, sizeof(place), "%s.whole", h->home.root);
	shell("cp -r %s %s", h->home.root, place);
	return 0;
}

static int remove_template(void **state)
{
	free(full);
	shell("rm -rf %s", place);
	return help_teardown(state);
}

static void test_store_records_that_say_something_impossible(void **state)
{
	for (enum db db = 0; db < DB_COUNT; db++)
		each_record(*state, db);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
		    test_store_records_that_say_something_impossible,
		    make_template, remove_template),
		cmocka_unit_test_setup_teardown(
		    test_store_records_with_one_byte_other, make_template,
		    remove_template),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
