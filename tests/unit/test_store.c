/* store: taking pieces in, once each. */
#include "store_help.h"

#include <fcntl.h>
#include <sys/stat.h>

static void test_store_resend_counts_once(void **state)
{
	struct help *h = *state;
	struct piece_of p;
	struct sdg_ledger l;

	help_mail(&p, 1, 1, TODAY);
	help_themes(&p, 1, 0, 0, 0);
	assert_int_equal(help_take(h, &p), SDG_OUTCOME_COUNTED);
	assert_int_equal(help_take(h, &p), SDG_OUTCOME_DUPLICATE);
	help_reopen(h);
	assert_int_equal(help_take(h, &p), SDG_OUTCOME_DUPLICATE);
	assert_int_equal(help_totals(h).messages, 1);
	l = help_ledger(h);
	assert_int_equal(l.received, 3);
	assert_int_equal(l.outcomes[SDG_OUTCOME_COUNTED], 1);
	assert_int_equal(l.outcomes[SDG_OUTCOME_DUPLICATE], 2);
	assert_int_equal(l.held, 1);
	help_verify(h);
}

static void test_store_same_piece_twice_in_one_batch(void **state)
{
	struct help *h = *state;
	struct piece_of p[3];

	for (int i = 0; i < 3; i++)
		help_mail(&p[i], 1, 1, TODAY);
	help_apply(h, p, 3);
	assert_int_equal(p[0].item.outcome, SDG_OUTCOME_COUNTED);
	assert_int_equal(p[1].item.outcome, SDG_OUTCOME_DUPLICATE);
	assert_int_equal(p[2].item.outcome, SDG_OUTCOME_DUPLICATE);
	assert_int_equal(help_totals(h).messages, 1);
	help_verify(h);
}

static void test_store_later_revision_replaces(void **state)
{
	struct help *h = *state;
	struct piece_of first, edited;
	struct sdg_ledger l;

	help_mail(&first, 1, 1, TODAY);
	help_themes(&first, 1, 0, 0, 0);
	help_mail(&edited, 1, 1, TODAY);
	help_themes(&edited, 2, 1, 2, 0);
	edited.fb.revision = 5;
	edited.item.labels.region = SDG_REGION_LONDON;
	assert_int_equal(help_take(h, &first), SDG_OUTCOME_COUNTED);
	assert_int_equal(help_take(h, &edited), SDG_OUTCOME_REPLACED);
	assert_int_equal(help_take(h, &first), SDG_OUTCOME_DUPLICATE);
	assert_int_equal(help_take(h, &edited), SDG_OUTCOME_DUPLICATE);
	assert_int_equal(help_totals(h).messages, 1);
	assert_int_equal(help_totals(h).mentions, 2);
	l = help_ledger(h);
	assert_int_equal(l.received, 4);
	assert_int_equal(l.outcomes[SDG_OUTCOME_COUNTED], 1);
	assert_int_equal(l.outcomes[SDG_OUTCOME_REPLACED], 1);
	assert_int_equal(l.outcomes[SDG_OUTCOME_DUPLICATE], 2);
	help_verify(h);
}

static void
test_store_earlier_revision_after_later_changes_nothing(void **state)
{
	struct help *h = *state;
	struct piece_of p[2];

	help_mail(&p[0], 1, 1, TODAY);
	p[0].fb.revision = 9;
	help_themes(&p[0], 1, 3, 0, 0);
	help_mail(&p[1], 1, 1, TODAY);
	p[1].fb.revision = 8;
	help_apply(h, p, 2);
	assert_int_equal(p[0].item.outcome, SDG_OUTCOME_COUNTED);
	assert_int_equal(p[1].item.outcome, SDG_OUTCOME_DUPLICATE);
	assert_int_equal(help_totals(h).mentions, 1);
	help_verify(h);
}

static void test_store_edit_in_the_same_batch(void **state)
{
	struct help *h = *state;
	struct piece_of p[2];

	help_mail(&p[0], 1, 1, TODAY);
	help_themes(&p[0], 1, 0, 0, 0);
	help_mail(&p[1], 1, 1, TODAY);
	help_themes(&p[1], 1, 1, 0, 0);
	p[1].fb.revision = 1;
	help_apply(h, p, 2);
	assert_int_equal(p[0].item.outcome, SDG_OUTCOME_COUNTED);
	assert_int_equal(p[1].item.outcome, SDG_OUTCOME_REPLACED);
	assert_int_equal(help_totals(h).messages, 1);
	assert_int_equal(help_ledger(h).received, 2);
	help_verify(h);
}

static void test_store_kinds_stand_apart(void **state)
{
	struct help *h = *state;
	struct piece_of p[4];
	struct sdg_ledger l;

	for (unsigned i = 0; i < 4; i++)
		help_mail(&p[i], i + 1, i + 1, TODAY);
	p[1].item.labels.kind = SDG_KIND_AUTO_REPLY;
	p[2].item.labels.kind = SDG_KIND_NOT_FEEDBACK;
	p[3].fb.test = true;
	help_apply(h, p, 4);
	assert_int_equal(p[0].item.outcome, SDG_OUTCOME_COUNTED);
	assert_int_equal(p[1].item.outcome, SDG_OUTCOME_AUTOMATIC);
	assert_int_equal(p[2].item.outcome, SDG_OUTCOME_NOT_FEEDBACK);
	assert_int_equal(p[3].item.outcome, SDG_OUTCOME_TEST);
	assert_int_equal(help_totals(h).messages, 1);
	l = help_ledger(h);
	assert_int_equal(l.received, 4);
	assert_int_equal(l.outcomes[SDG_OUTCOME_TEST], 1);
	help_verify(h);
}

static int remember_words(void *arg, const struct sdg_stored *stored)
{
	char *out = arg;

	assert_true(stored->fb.text.len < 60000);
	memcpy(out, stored->fb.text.s, stored->fb.text.len);
	out[stored->fb.text.len] = '\0';
	return 0;
}

static void hex(const uint8_t id[SDG_EVENT_ID_SIZE], char out[33])
{
	for (int i = 0; i < SDG_EVENT_ID_SIZE; i++)
		snprintf(out + 2 * i, 3, "%02x", id[i]);
}

static void test_store_long_text_comes_back_whole(void **state)
{
	struct help *h = *state;
	static char words[SDG_TEXT_MAX + 1], back[60000];
	struct piece_of p;
	char id[33];

	for (size_t i = 0; i < SDG_TEXT_MAX; i++)
		words[i] = (char)('a' + i * 7 % 26);
	for (unsigned n = 1; n < 6; n++) {
		/* Around the sizes at which a record is cut. */
		const size_t sizes[] = { 1845, 1851, 1900, 20000,
					 SDG_TEXT_MAX };

		help_mail(&p, n, n, TODAY);
		p.fb.text = (struct sdg_str){ words, sizes[n - 1] };
		assert_int_equal(help_take(h, &p), SDG_OUTCOME_COUNTED);
		hex(p.item.id, id);
		assert_int_equal(
		    sdg_store_find(h->store, id, remember_words, back, &h->err),
		    0);
		assert_int_equal(strlen(back), sizes[n - 1]);
		assert_memory_equal(back, words, sizes[n - 1]);
	}
	help_verify(h);
	/* An edit takes all of the old parts away. */
	p.fb.revision = 1;
	p.fb.text = sdg_str("short");
	assert_int_equal(help_take(h, &p), SDG_OUTCOME_REPLACED);
	help_verify(h);
}

static int open_all(void *arg, const struct sdg_stored *s)
{
	const struct sdg_feedback *fb = &s->fb;
	int *n = arg;

	assert_true(sdg_str_eq(fb->text, "we need more"));
	assert_true(sdg_str_eq(fb->subject, "Funding"));
	assert_true(sdg_str_eq(fb->signature, "Jo, Head"));
	assert_true(sdg_str_eq(fb->question, "What matters?"));
	assert_true(sdg_str_eq(fb->respondent.role, "Head"));
	assert_true(sdg_str_eq(fb->respondent.school, "Hill School"));
	assert_int_equal(fb->respondent.address.len, 0);
	assert_int_equal(fb->choice_count, 2);
	assert_true(sdg_str_eq(fb->choices[0].question, "Q1"));
	assert_true(sdg_str_eq(fb->choices[0].answer, "yes"));
	assert_true(sdg_str_eq(fb->choices[1].question, "Q2"));
	assert_int_equal(fb->choices[1].answer.len, 0);
	assert_true(sdg_str_eq(fb->consultation, "future"));
	assert_true(fb->may_quote);
	assert_int_equal(s->labels.theme_count, 2);
	assert_string_equal("ofsted", help_frame[2]);
	assert_int_equal(s->labels.themes[0], 3);
	assert_true(s->labels.scores[0] > 0.49F && s->labels.scores[0] < 0.51F);
	assert_int_equal(s->labels.phases, SDG_PHASE_PRIMARY | SDG_PHASE_TRUST);
	assert_int_equal(s->labels.authority, 908);
	assert_int_equal(s->frame_version, 7);
	(*n)++;
	return 0;
}

static void test_store_gives_back_what_it_took(void **state)
{
	struct help *h = *state;
	struct piece_of p;
	int n = 0;

	help_mail(&p, 1, 1, TODAY);
	p.fb.source = SDG_SOURCE_SURVEY;
	p.fb.text = sdg_str("we need more");
	p.fb.subject = sdg_str("Funding");
	p.fb.signature = sdg_str("Jo, Head");
	p.fb.question = sdg_str("What matters?");
	p.fb.respondent.role = sdg_str("Head");
	p.fb.respondent.school = sdg_str("Hill School");
	p.fb.choices[0] = (struct sdg_choice){ sdg_str("Q1"), sdg_str("yes") };
	p.fb.choices[1] = (struct sdg_choice){ sdg_str("Q2"), sdg_str("") };
	p.fb.choice_count = 2;
	p.fb.may_quote = true;
	help_themes(&p, 2, 2, 0, 0);
	p.item.labels.phases = SDG_PHASE_PRIMARY | SDG_PHASE_TRUST;
	p.item.labels.authority = 908;
	help_take(h, &p);
	assert_int_equal(
	    sdg_store_each(h->store, NULL, 0, NULL, open_all, &n, &h->err), 0);
	assert_int_equal(n, 1);
	assert_int_equal(
	    sdg_store_each(h->store, NULL, 0, "fUNDing", open_all, &n, &h->err),
	    0);
	assert_int_equal(n, 2);
	assert_int_equal(sdg_store_each(h->store, NULL, 0, "elsewhere",
					open_all, &n, &h->err),
			 0);
	assert_int_equal(n, 2);
}

struct again {
	uint8_t ids[4][SDG_EVENT_ID_SIZE];
	size_t noted, asked, shown;
};

static int note_id(void *arg, const struct sdg_stored *s)
{
	struct again *again = arg;

	memcpy(again->ids[again->noted++], s->id, SDG_EVENT_ID_SIZE);
	return 0;
}

/* Backwards. */
static const uint8_t *ask_id(void *arg)
{
	struct again *again = arg;

	return again->asked == 4 ? NULL : again->ids[3 - again->asked++];
}

static int show_id(void *arg, const struct sdg_stored *s, size_t which,
		   void *out)
{
	struct again *again = arg;

	assert_null(out);
	assert_memory_equal(s->id, again->ids[3 - which], SDG_EVENT_ID_SIZE);
	assert_true(s->fb.text.len > 0);
	again->shown++;
	return 0;
}

static void test_store_visits_the_named_in_their_order(void **state)
{
	struct help *h = *state;
	struct again again = { 0 };
	const struct sdg_visit look = { .then = show_id, .arg = &again };
	struct piece_of p;

	for (unsigned i = 1; i <= 3; i++) {
		help_mail(&p, i, i, TODAY + (int)i);
		help_take(h, &p);
	}
	assert_int_equal(
	    sdg_store_each(h->store, NULL, 0, NULL, note_id, &again, &h->err),
	    0);
	assert_int_equal(again.noted, 3);
	/* The fourth is nobody's: passed over. */
	memset(again.ids[3], 0xee, SDG_EVENT_ID_SIZE);
	assert_int_equal(
	    sdg_store_visit_named(h->store, ask_id, &look, &h->err), 0);
	assert_int_equal(again.asked, 4);
	assert_int_equal(again.shown, 3);
}

static bool file_holds(const char *path, const char *word)
{
	size_t n = 0, len = strlen(word);
	char *data = NULL;
	bool found;

	assert_int_equal(sdg_read_file(path, 1 << 30, &data, &n, NULL), 0);
	found = memmem(data, n, word, len) != NULL;
	free(data);
	return found;
}

static void test_store_seals_words_and_addresses(void **state)
{
	struct help *h = *state;
	char path[SDG_PATH_MAX + 16];
	struct piece_of p[2];

	help_mail(&p[0], 1, 1, TODAY);
	p[0].fb.text = sdg_str("canary-in-the-text");
	p[0].fb.subject = sdg_str("canary-in-the-subject");
	p[0].fb.respondent.address = sdg_str("canary@school.example");
	p[0].fb.respondent.name = sdg_str("canary-name");
	help_mail(&p[1], 2, 2, TODAY);
	p[1].fb.unreadable = sdg_str("too deep");
	snprintf(p[1].text, sizeof(p[1].text), "canary-in-quarantine");
	help_apply(h, p, 2);
	assert_int_equal(p[1].item.outcome, SDG_OUTCOME_QUARANTINED);
	snprintf(path, sizeof(path), "%s/data.mdb", h->home.store);
	assert_false(file_holds(path, "canary"));
}

static int count_held(void *arg, const struct sdg_quarantined *q)
{
	int *n = arg;

	assert_true(sdg_str_eq(q->reason, "no such consultation"));
	assert_int_equal(q->raw_len, strlen("words of piece 1"));
	assert_memory_equal(q->raw, "words of piece 1", q->raw_len);
	(*n)++;
	return 0;
}

static void test_store_quarantine_lets_go_once_it_can(void **state)
{
	struct help *h = *state;
	struct sdg_consultation c = { .id = "pay-2026", .name = "Pay" };
	struct piece_of p;
	struct sdg_ledger l;
	int n = 0;

	help_mail(&p, 1, 1, TODAY);
	p.fb.consultation = sdg_str("pay-2026");
	assert_int_equal(help_take(h, &p), SDG_OUTCOME_QUARANTINED);
	assert_true(sdg_str_eq(p.item.reason, "no such consultation"));
	assert_int_equal(help_take(h, &p), SDG_OUTCOME_DUPLICATE);
	assert_int_equal(sdg_quarantine_each(h->store, count_held, &n, &h->err),
			 0);
	assert_int_equal(n, 1);
	help_verify(h);
	assert_int_equal(sdg_consultation_put(h->store, &c, &h->err), 0);
	assert_int_equal(help_take(h, &p), SDG_OUTCOME_COUNTED);
	l = help_ledger(h);
	assert_int_equal(l.received, 2);
	assert_int_equal(l.outcomes[SDG_OUTCOME_COUNTED], 1);
	assert_int_equal(l.outcomes[SDG_OUTCOME_DUPLICATE], 1);
	assert_int_equal(l.outcomes[SDG_OUTCOME_QUARANTINED], 0);
	help_verify(h);
}

static void test_store_dropped_piece_stays_dropped(void **state)
{
	struct help *h = *state;
	struct piece_of p;
	struct sdg_store_stats stats;
	struct sdg_ledger l;

	help_mail(&p, 0x78563412, 1, TODAY);
	p.fb.unreadable = sdg_str("encrypted");
	assert_int_equal(help_take(h, &p), SDG_OUTCOME_QUARANTINED);
	assert_int_equal(sdg_quarantine_drop(h->store, "99", &h->err),
			 SDG_EINVAL);
	assert_int_equal(sdg_quarantine_drop(h->store, "9999", &h->err),
			 SDG_ENOTFOUND);
	assert_int_equal(sdg_quarantine_drop(h->store, "12345", &h->err), 0);
	assert_int_equal(help_take(h, &p), SDG_OUTCOME_DUPLICATE);
	assert_int_equal(sdg_store_stats(h->store, &stats, &h->err), 0);
	assert_int_equal(stats.quarantine, 0);
	l = help_ledger(h);
	assert_int_equal(l.outcomes[SDG_OUTCOME_DROPPED], 1);
	assert_int_equal(l.outcomes[SDG_OUTCOME_QUARANTINED], 0);
	help_verify(h);
}

static void test_store_undecodable_frame_is_kept(void **state)
{
	struct help *h = *state;
	uint8_t digest[16] = { 0xab, 0xcd, 0xef };
	struct sdg_item item = {
		.raw = (const uint8_t *)"\xff\xff",
		.raw_len = 2,
		.digest = digest,
		.reason = sdg_str("not an event"),
	};
	struct sdg_store_stats stats;

	assert_int_equal(sdg_store_look(h->store, &item, 1, &h->err), 0);
	assert_int_equal(sdg_store_apply(h->store, &item, 1, &h->err), 0);
	assert_int_equal(item.outcome, SDG_OUTCOME_QUARANTINED);
	assert_true(sdg_str_eq(item.reason, "not an event"));
	assert_int_equal(sdg_store_stats(h->store, &stats, &h->err), 0);
	assert_int_equal(stats.quarantine, 1);
	help_ledger(h);
	help_verify(h);
}

static void test_store_find_wants_enough_digits(void **state)
{
	struct help *h = *state;
	struct piece_of p[2];
	char back[64], id[33];

	help_mail(&p[0], 1, 1, TODAY);
	help_mail(&p[1], 2, 2, TODAY);
	help_apply(h, p, 2);
	hex(p[0].item.id, id);
	id[6] = '\0';
	assert_int_equal(
	    sdg_store_find(h->store, id, remember_words, back, &h->err),
	    SDG_EINVAL);
	assert_int_equal(
	    sdg_store_find(h->store, "abc", remember_words, back, &h->err),
	    SDG_EINVAL);
	assert_int_equal(
	    sdg_store_find(h->store, "xyzw", remember_words, back, &h->err),
	    SDG_EINVAL);
	assert_int_equal(sdg_store_find(h->store, "0123456789", remember_words,
					back, &h->err),
			 SDG_ENOTFOUND);
}

static void test_store_is_refused_without_its_keys(void **state)
{
	struct help *h = *state;
	struct sdg_store *store = NULL;
	char path[SDG_PATH_MAX + 32], kept[SDG_PATH_MAX + 32];

	sdg_store_close(h->store);
	h->store = NULL;
	snprintf(path, sizeof(path), "%s/pseudonym.key", h->home.keys);
	snprintf(kept, sizeof(kept), "%s/kept", h->home.keys);
	assert_int_equal(rename(path, kept), 0);
	/* Never made anew: every member would become two. */
	assert_int_equal(
	    sdg_store_open(&h->home, SDG_STORE_WRITE, &store, &h->err),
	    SDG_EINVAL);
	assert_non_null(strstr(h->err.message, "pseudonym.key"));
	assert_int_equal(access(path, F_OK), -1);
	assert_int_equal(sdg_write_file(path,
					"0123456789abcdef0123456789abcdef", 32,
					0400, NULL),
			 0);
	assert_int_equal(
	    sdg_store_open(&h->home, SDG_STORE_READ, &store, &h->err),
	    SDG_EINVAL);
	assert_non_null(strstr(h->err.message, "keys are not this store's"));
	assert_int_equal(unlink(path), 0);
	assert_int_equal(rename(kept, path), 0);
	help_open(h);
}

static void test_store_missing_is_said(void **state)
{
	struct sdg_store *store = NULL;
	struct sdg_home home;
	struct sdg_error err;

	(void)state;
	help_home(&home);
	assert_int_equal(sdg_store_open(&home, SDG_STORE_READ, &store, &err),
			 SDG_ENOTFOUND);
	assert_non_null(strstr(err.message, "there is none yet"));
	assert_int_equal(access(home.keys, F_OK), -1);
	help_remove(&home);
}

static void test_store_short_file_is_refused(void **state)
{
	struct help *h = *state;
	struct sdg_store *store = NULL;
	char path[SDG_PATH_MAX + 16];
	struct stat st;

	sdg_store_close(h->store);
	h->store = NULL;
	snprintf(path, sizeof(path), "%s/data.mdb", h->home.store);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(truncate(path, st.st_size - 4096), 0);
	assert_int_equal(
	    sdg_store_open(&h->home, SDG_STORE_READ, &store, &h->err),
	    SDG_EDAMAGED);
	assert_non_null(strstr(h->err.message, "shorter than it says"));
	assert_int_equal(truncate(path, 0), 0);
	assert_int_equal(
	    sdg_store_open(&h->home, SDG_STORE_WRITE, &store, &h->err),
	    SDG_EDAMAGED);
	assert_non_null(strstr(h->err.message, "is empty"));
}

static void test_store_files_are_private(void **state)
{
	struct help *h = *state;
	char path[SDG_PATH_MAX + 32];
	struct piece_of p;
	struct stat st;

	help_mail(&p, 1, 1, TODAY);
	help_take(h, &p);
	assert_int_equal(stat(h->home.store, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0700);
	snprintf(path, sizeof(path), "%s/data.mdb", h->home.store);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	snprintf(path, sizeof(path), "%s/text-2026-02.key", h->home.keys);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0400);
}

int main(void)
{
#define TEST(name)                                                             \
	cmocka_unit_test_setup_teardown(name, help_setup, help_teardown)
	const struct CMUnitTest tests[] = {
		TEST(test_store_resend_counts_once),
		TEST(test_store_same_piece_twice_in_one_batch),
		TEST(test_store_later_revision_replaces),
		TEST(test_store_earlier_revision_after_later_changes_nothing),
		TEST(test_store_edit_in_the_same_batch),
		TEST(test_store_kinds_stand_apart),
		TEST(test_store_long_text_comes_back_whole),
		TEST(test_store_gives_back_what_it_took),
		TEST(test_store_visits_the_named_in_their_order),
		TEST(test_store_seals_words_and_addresses),
		TEST(test_store_quarantine_lets_go_once_it_can),
		TEST(test_store_dropped_piece_stays_dropped),
		TEST(test_store_undecodable_frame_is_kept),
		TEST(test_store_find_wants_enough_digits),
		TEST(test_store_is_refused_without_its_keys),
		cmocka_unit_test(test_store_missing_is_said),
		TEST(test_store_short_file_is_refused),
		TEST(test_store_files_are_private),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
