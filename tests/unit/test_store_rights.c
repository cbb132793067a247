/* store: erasing a person, and swapping the store under those who use it. */
#include "store_help.h"
#include "test.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include <soundings/store_copies.h>
#include <soundings/store_rights.h>

/* Member @m writes @n mails with the numbers from @first. */
static void write_mails(struct help *h, unsigned m, unsigned first, unsigned n)
{
	struct piece_of p[16];

	assert_true(n <= 16);
	for (unsigned i = 0; i < n; i++) {
		help_mail(&p[i], first + i, m, TODAY + (int)i * 20);
		help_themes(&p[i], 2, 0, 1 + (int)i % 3, 0);
	}
	help_apply(h, p, n);
}

static struct sdg_erased forget(struct help *h, unsigned m)
{
	struct sdg_whose whose = { 0 };
	struct sdg_erased erased;
	char address[64];

	snprintf(address, sizeof(address), "M%u+tag@School.example", m);
	whose.address = sdg_str(address);
	if (sdg_store_forget(h->store, &whose, NULL, NULL, &erased, &h->err) <
	    0)
		fail_msg("forget: %s", h->err.message);
	return erased;
}

static void test_store_forget_takes_one_person_out(void **state)
{
	struct help *h = *state;
	struct sdg_erased erased;
	struct sdg_ledger l;

	write_mails(h, 1, 10, 5);
	write_mails(h, 2, 30, 3);
	erased = forget(h, 1);
	assert_int_equal(erased.pieces, 5);
	assert_int_equal(erased.counted, 5);
	assert_int_equal(erased.members, 1);
	assert_int_equal(help_totals(h).messages, 3);
	assert_int_equal(help_totals(h).respondents, 1);
	l = help_ledger(h);
	assert_int_equal(l.received, 8);
	assert_int_equal(l.held, 3);
	assert_int_equal(l.erased, 5);
	help_verify(h);
	/* Again, it is success and changes nothing. */
	erased = forget(h, 1);
	assert_int_equal(erased.pieces, 0);
	help_verify(h);
}

static void test_store_late_retry_of_the_erased_does_not_count(void **state)
{
	struct help *h = *state;
	struct piece_of p;

	write_mails(h, 1, 10, 1);
	forget(h, 1);
	help_mail(&p, 10, 1, TODAY);
	assert_int_equal(help_take(h, &p), SDG_OUTCOME_DUPLICATE);
	/* But what they write from now on does. */
	help_mail(&p, 11, 1, TODAY + 1);
	assert_int_equal(help_take(h, &p), SDG_OUTCOME_COUNTED);
	assert_int_equal(help_totals(h).messages, 1);
	assert_int_equal(help_totals(h).respondents, 1);
	help_verify(h);
}

static void test_store_forget_by_piece_spares_the_rest(void **state)
{
	struct help *h = *state;
	struct sdg_whose whose = { .id_count = 1 };
	struct sdg_erased erased;
	struct piece_of p;
	uint8_t ids[1][SDG_EVENT_ID_SIZE];

	write_mails(h, 1, 10, 3);
	help_mail(&p, 50, 1, TODAY);
	help_take(h, &p);
	memcpy(ids[0], p.item.id, sizeof(ids[0]));
	whose.ids = ids;
	assert_int_equal(
	    sdg_store_forget(h->store, &whose, NULL, NULL, &erased, &h->err),
	    0);
	assert_int_equal(erased.pieces, 1);
	assert_int_equal(erased.members, 0);
	assert_int_equal(help_totals(h).messages, 3);
	help_verify(h);
}

static void test_store_forget_of_a_piece_can_mean_who_sent_it(void **state)
{
	struct help *h = *state;
	struct sdg_whose whose = { .id_count = 1, .respondents = true };
	struct sdg_erased erased;
	struct piece_of p;
	uint8_t ids[1][SDG_EVENT_ID_SIZE];

	write_mails(h, 1, 10, 3);
	write_mails(h, 2, 20, 2);
	help_mail(&p, 50, 1, TODAY);
	help_take(h, &p);
	memcpy(ids[0], p.item.id, sizeof(ids[0]));
	whose.ids = ids;
	assert_int_equal(
	    sdg_store_forget(h->store, &whose, NULL, NULL, &erased, &h->err),
	    0);
	assert_int_equal(erased.pieces, 4);
	assert_int_equal(erased.members, 1);
	assert_int_equal(help_totals(h).messages, 2);
	help_verify(h);
}

static int refuse(void *arg, const struct sdg_person *person)
{
	*(size_t *)arg = person->id_count;
	return SDG_EIO;
}

static void test_store_forget_waits_for_the_register(void **state)
{
	struct help *h = *state;
	struct sdg_whose whose = { .address = { "m1@school.example", 17 } };
	struct sdg_erased erased;
	size_t seen = 0;

	write_mails(h, 1, 10, 3);
	assert_int_equal(
	    sdg_store_forget(h->store, &whose, refuse, &seen, &erased, &h->err),
	    SDG_EIO);
	assert_int_equal(seen, 3);
	assert_int_equal(help_totals(h).messages, 3);
	help_verify(h);
}

static void test_store_forget_takes_the_directory_entry_along(void **state)
{
	struct help *h = *state;
	struct sdg_entry entries[2] = {
		{ .key = "m1@school.example",
		  .membership = "4711",
		  .known = { .matched = true } },
		{ .key = "m2@school.example",
		  .membership = "4711",
		  .known = { .matched = true } },
	};
	struct sdg_erased erased;
	struct sdg_entry found;

	assert_int_equal(
	    sdg_directory_replace(h->store, "members", entries, 2, &h->err), 0);
	write_mails(h, 1, 10, 2);
	write_mails(h, 2, 20, 2); /* another address of the same member */
	assert_int_equal(help_totals(h).members, 1);
	erased = forget(h, 1);
	assert_int_equal(erased.pieces, 4);
	assert_int_equal(erased.directory, 2);
	assert_int_equal(sdg_directory_lookup(h->store,
					      sdg_str("m2@school.example"),
					      &found, &h->err),
			 SDG_ENOTFOUND);
	assert_int_equal(help_totals(h).members, 0);
	help_verify(h);
}

/* Do the bytes stand anywhere in the store's file? */
static bool in_file(struct help *h, const void *bytes, size_t len)
{
	char path[SDG_PATH_MAX + 16];
	char *data = NULL;
	size_t n = 0;
	bool found;

	snprintf(path, sizeof(path), "%s/data.mdb", h->home.store);
	assert_int_equal(
	    sdg_read_file(path, (size_t)1 << 30, &data, &n, &h->err), 0);
	found = memmem(data, n, bytes, len) != NULL;
	free(data);
	return found;
}

static void test_store_compaction_leaves_nothing_in_free_pages(void **state)
{
	struct help *h = *state;
	struct sdg_whose whose = { .address = { "m1@school.example", 17 } };
	struct sdg_person person;
	uint8_t pseudonym[SDG_PSEUDONYM_SIZE];

	write_mails(h, 1, 10, 5);
	write_mails(h, 2, 30, 5);
	assert_int_equal(sdg_store_person(h->store, &whose, &person, &h->err),
			 0);
	assert_int_equal(person.id_count, 5);
	assert_int_equal(person.pseudonym_count, 1);
	memcpy(pseudonym, person.pseudonyms[0], sizeof(pseudonym));
	sdg_person_fini(&person);
	assert_true(in_file(h, pseudonym, sizeof(pseudonym)));
	forget(h, 1);
	assert_true(in_file(h, pseudonym, sizeof(pseudonym)));
	if (sdg_store_compact(h->store, &h->err) < 0)
		fail_msg("compact: %s", h->err.message);
	assert_false(in_file(h, pseudonym, sizeof(pseudonym)));
	assert_int_equal(help_totals(h).messages, 5);
	help_verify(h);
	assert_int_equal(sdg_store_person(h->store, &whose, &person, &h->err),
			 SDG_ENOTFOUND);
}

/* A writer that never opens the store anew, while it is swapped twenty
 * times: what it was told is counted is there at the end. */
static void writer(const struct sdg_home *home, int fd)
{
	struct help h = { .home = *home };
	uint32_t n = 1000;

	help_open(&h);
	for (;; n++) {
		struct piece_of p;

		help_mail(&p, n, n % 50 + 1, TODAY);
		if (help_try(&h, &p, 1) == 0 &&
		    write(fd, &n, sizeof(n)) != sizeof(n))
			_exit(1);
	}
}

static void test_store_swap_under_writers_loses_nothing(void **state)
{
	struct help *h = *state;
	pid_t pids[2];
	int fds[2], status;
	uint32_t n, acked = 0;

	write_mails(h, 1, 10, 5);
	assert_int_equal(pipe2(fds, O_CLOEXEC), 0);
	fcntl(fds[1], F_SETPIPE_SZ, 1 << 20);
	sdg_store_close(h->store);
	h->store = NULL;
	for (int i = 0; i < 2; i++) {
		pids[i] = fork();
		if (pids[i] == 0)
			writer(&h->home, fds[1]);
	}
	close(fds[1]);
	help_open(h);
	/* Not before there is something to lose. */
	assert_int_equal(read(fds[0], &n, sizeof(n)), sizeof(n));
	acked++;
	for (int i = 0; i < 20; i++) {
		uint64_t before = help_totals(h).messages;

		if (sdg_store_compact(h->store, &h->err) < 0)
			fail_msg("compact: %s", h->err.message);
		assert_true(help_totals(h).messages >= before);
	}
	for (int i = 0; i < 2; i++) {
		kill(pids[i], SIGKILL);
		waitpid(pids[i], &status, 0);
		assert_true(WIFSIGNALED(status));
	}
	while (read(fds[0], &n, sizeof(n)) == sizeof(n))
		acked++;
	close(fds[0]);
	/* Both send the same numbers, so each is acknowledged twice at most;
	 * the last of each may be counted without having been told. */
	assert_true(help_ledger(h).received - 5 >= acked);
	assert_true(help_ledger(h).received - 5 <= acked + 2);
	help_verify(h);
}

static void test_store_replace_puts_a_backup_in_place(void **state)
{
	struct help *h = *state;
	char dir[SDG_PATH_MAX + 16];
	struct piece_of p;

	write_mails(h, 1, 10, 5);
	snprintf(dir, sizeof(dir), "%s/copy", h->home.root);
	assert_int_equal(mkdir(dir, 0700), 0);
	assert_int_equal(sdg_store_backup(h->store, dir, &h->err), 0);
	write_mails(h, 2, 30, 5);
	assert_int_equal(help_totals(h).messages, 10);
	if (sdg_store_replace(&h->home, dir, &h->err) < 0)
		fail_msg("replace: %s", h->err.message);
	/* This handle has followed. */
	assert_int_equal(help_totals(h).messages, 5);
	help_mail(&p, 99, 3, TODAY);
	assert_int_equal(help_take(h, &p), SDG_OUTCOME_COUNTED);
	help_verify(h);
	assert_int_equal(access(dir, F_OK), -1);
}

/* Labels carry numbers of themes: a handle that has others must not go on. */
static void test_store_handle_ends_when_themes_are_others(void **state)
{
	struct help *h = *state;
	static const char *const more[] = { "funding", "pay",   "ofsted",
					    "send",    "other", "trips" };
	char dir[SDG_PATH_MAX + 16];
	struct piece_of p;

	snprintf(dir, sizeof(dir), "%s/copy", h->home.root);
	assert_int_equal(mkdir(dir, 0700), 0);
	assert_int_equal(sdg_store_backup(h->store, dir, &h->err), 0);
	assert_int_equal(sdg_store_use_frame(h->store, more, 6, 8, &h->err), 0);
	assert_int_equal(sdg_store_replace(&h->home, dir, &h->err), 0);
	help_mail(&p, 1, 1, TODAY);
	assert_int_equal(help_try(h, &p, 1), SDG_EIO);
	assert_non_null(strstr(h->err.message, "replaced by another"));
	help_reopen(h);
	assert_int_equal(help_take(h, &p), SDG_OUTCOME_COUNTED);
}

#define STORE_TEST(f)                                                          \
	cmocka_unit_test_setup_teardown(f, help_setup, help_teardown)

static void test_store_compaction_is_owed_until_it_is_done(void **state)
{
	struct help *h = *state;
	char dir[SDG_PATH_MAX + 16], other[SDG_PATH_MAX + 32];
	bool owed;

	snprintf(dir, sizeof(dir), "%s.compact", h->home.store);
	snprintf(other, sizeof(other), "%s/other", dir);
	assert_ok(sdg_store_owe_compaction(h->store, &owed, &h->err), h->err);
	assert_false(owed);
	assert_ok(sdg_store_owe_nothing(h->store, &h->err), h->err);
	assert_ok(sdg_store_owe_compaction(h->store, &owed, &h->err), h->err);
	assert_false(owed);
	/* Its folder cannot be made anew. */
	assert_int_equal(mkdir(dir, 0700), 0);
	assert_int_equal(mkdir(other, 0700), 0);
	assert_int_equal(sdg_store_compact(h->store, &h->err), SDG_EIO);
	assert_int_equal(rmdir(other), 0);
	assert_ok(sdg_store_owe_compaction(h->store, &owed, &h->err), h->err);
	assert_true(owed);
	assert_ok(sdg_store_compact(h->store, &h->err), h->err);
	assert_ok(sdg_store_owe_compaction(h->store, &owed, &h->err), h->err);
	assert_false(owed);
	help_verify(h);
}

/* Somebody who says that a compaction is owed, erases, and dies. */
static void dies_owing(struct help *h)
{
	pid_t pid = fork();
	int status;

	assert_true(pid >= 0);
	if (pid == 0) {
		struct sdg_store *store;
		bool owed;

		_exit(sdg_store_open(&h->home, SDG_STORE_CHANGE, &store, NULL) <
			  0 ||
		      sdg_store_owe_compaction(store, &owed, NULL) < 0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
}

/* A purge that found nothing takes away its own word, and nobody else's. */
static void test_store_compaction_is_owed_by_others_still(void **state)
{
	struct help *h = *state;
	bool owed;

	assert_ok(sdg_store_owe_compaction(h->store, &owed, &h->err), h->err);
	assert_false(owed);
	dies_owing(h);
	assert_ok(sdg_store_owe_nothing(h->store, &h->err), h->err);
	assert_ok(sdg_store_owe_compaction(h->store, &owed, &h->err), h->err);
	assert_true(owed);
	assert_ok(sdg_store_compact(h->store, &h->err), h->err);
	dies_owing(h);
	assert_ok(sdg_store_owe_compaction(h->store, &owed, &h->err), h->err);
	assert_true(owed);
	assert_ok(sdg_store_compact(h->store, &h->err), h->err);
	assert_ok(sdg_store_owe_compaction(h->store, &owed, &h->err), h->err);
	assert_false(owed);
	assert_ok(sdg_store_owe_nothing(h->store, &h->err), h->err);
}

static int keep_length(void *arg, const struct sdg_stored *stored)
{
	*(size_t *)arg = stored->erased ? 0 : stored->fb.text.len;
	return 0;
}

/* How long they are; 0: erased. */
static size_t words_of(struct help *h, const struct piece_of *p)
{
	char hex[2 * SDG_EVENT_ID_SIZE + 1];
	size_t n = 0;

	for (int i = 0; i < SDG_EVENT_ID_SIZE; i++)
		snprintf(hex + 2 * i, 3, "%02x", p->item.id[i]);
	assert_int_equal(
	    sdg_store_find(h->store, hex, keep_length, &n, &h->err), 0);
	return n;
}

/* A letter that waited, or a laptop whose clock is wrong. */
static void test_store_late_words_of_a_dropped_month_damage_none(void **state)
{
	struct help *h = *state;
	char key[SDG_PATH_MAX + 32];
	struct piece_of p[3];

	help_mail(&p[0], 1, 1, TODAY);
	help_themes(&p[0], 1, 0, 0, 0);
	assert_int_equal(help_take(h, &p[0]), SDG_OUTCOME_COUNTED);
	snprintf(key, sizeof(key), "%s/text-2026-02.key", h->home.keys);
	assert_int_equal(access(key, F_OK), 0);
	assert_int_equal(
	    sdg_keys_note_dropped(h->home.keys, 2026 * 12 + 1, &h->err), 0);
	assert_int_equal(unlink(key), 0);
	for (unsigned i = 1; i < 3; i++) {
		help_mail(&p[i], 1 + i, 1, TODAY);
		help_themes(&p[i], 1, 0, 0, 0);
	}
	p[2].fb.unreadable = sdg_str("it could not be read");
	assert_int_equal(help_take(h, &p[1]), SDG_OUTCOME_COUNTED);
	assert_int_equal(help_take(h, &p[2]), SDG_OUTCOME_QUARANTINED);
	assert_int_not_equal(access(key, F_OK), 0);
	assert_int_equal(words_of(h, &p[0]), 0);
	assert_int_equal(words_of(h, &p[1]), strlen("words of piece 2"));
	help_verify(h);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		STORE_TEST(test_store_forget_takes_one_person_out),
		STORE_TEST(test_store_late_retry_of_the_erased_does_not_count),
		STORE_TEST(test_store_forget_by_piece_spares_the_rest),
		STORE_TEST(test_store_forget_of_a_piece_can_mean_who_sent_it),
		STORE_TEST(test_store_forget_waits_for_the_register),
		STORE_TEST(test_store_forget_takes_the_directory_entry_along),
		STORE_TEST(test_store_compaction_leaves_nothing_in_free_pages),
		STORE_TEST(test_store_swap_under_writers_loses_nothing),
		STORE_TEST(test_store_replace_puts_a_backup_in_place),
		STORE_TEST(test_store_handle_ends_when_themes_are_others),
		STORE_TEST(test_store_compaction_is_owed_until_it_is_done),
		STORE_TEST(test_store_compaction_is_owed_by_others_still),
		STORE_TEST(
		    test_store_late_words_of_a_dropped_month_damage_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
