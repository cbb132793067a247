/*
 * What the tests of the store share: a fresh home, pieces made up from a few
 * numbers, and a batch that owns them.
 */
#ifndef STORE_HELP_H
#define STORE_HELP_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include <soundings/home.h>
#include <soundings/identity.h>
#include <soundings/store_directory.h>

#define DAY 86400
#define TODAY 20500 /* 2026-02-16 */
#define NOON(day) ((int64_t)(day)*DAY + DAY / 2)

static const char *const help_frame[] = { "funding", "pay", "ofsted", "send",
					  "other" };
#define HELP_THEMES 5

struct help {
	struct sdg_home home;
	struct sdg_store *store;
	struct sdg_error err;
};

static void help_home(struct sdg_home *home)
{
	char dir[] = "/tmp/sdg-store-XXXXXX";

	memset(home, 0, sizeof(*home));
	assert_non_null(mkdtemp(dir));
	snprintf(home->root, sizeof(home->root), "%s", dir);
	snprintf(home->store, sizeof(home->store), "%s/store", dir);
	snprintf(home->keys, sizeof(home->keys), "%s/keys", dir);
}

static void help_remove(const struct sdg_home *home)
{
	char command[SDG_PATH_MAX + 16];

	snprintf(command, sizeof(command), "rm -rf %s", home->root);
	assert_int_equal(system(command), 0);
}

static void help_open(struct help *h)
{
	int rc = sdg_store_open(&h->home, SDG_STORE_WRITE, &h->store, &h->err);

	if (rc < 0)
		fail_msg("open: %s", h->err.message);
	rc = sdg_store_use_frame(h->store, help_frame, HELP_THEMES, 7, &h->err);
	if (rc < 0)
		fail_msg("frame: %s", h->err.message);
}

static inline int help_setup(void **state)
{
	struct help *h = calloc(1, sizeof(*h));

	help_home(&h->home);
	help_open(h);
	*state = h;
	return 0;
}

static inline int help_teardown(void **state)
{
	struct help *h = *state;

	sdg_store_close(h->store);
	help_remove(&h->home);
	free(h);
	return 0;
}

static inline void help_reopen(struct help *h)
{
	sdg_store_close(h->store);
	h->store = NULL;
	help_open(h);
}

/* One piece and what it is made of; fill fb, labels; then help_apply(). */
struct piece_of {
	struct sdg_feedback fb;
	struct sdg_item item;
	char address[64], text[128];
	uint8_t digest[16];
};

/* A mail of @member (0: nobody) on @day, the @n-th of its kind. */
static inline void help_mail(struct piece_of *p, unsigned n, unsigned member,
			     int day)
{
	memset(p, 0, sizeof(*p));
	p->fb.source = SDG_SOURCE_MAIL;
	p->fb.said = NOON(day);
	p->fb.received = NOON(day) + 60;
	snprintf(p->text, sizeof(p->text), "words of piece %u", n);
	p->fb.text = sdg_str(p->text);
	if (member) {
		snprintf(p->address, sizeof(p->address), "m%u@school.example",
			 member);
		p->fb.respondent.address = sdg_str(p->address);
	}
	memcpy(p->fb.identity, &n, sizeof(n));
	p->fb.identity[31] = 1;
	memcpy(p->digest, &n, sizeof(n));
	p->item.labels.kind = SDG_KIND_FEEDBACK;
	p->item.labels.region = SDG_REGION_SOUTH_WEST;
}

static inline void help_themes(struct piece_of *p, int count, int a, int b,
			       int c)
{
	p->item.labels.theme_count = (uint8_t)count;
	p->item.labels.themes[0] = (uint8_t)a;
	p->item.labels.themes[1] = (uint8_t)b;
	p->item.labels.themes[2] = (uint8_t)c;
	for (int i = 0; i < count; i++)
		p->item.labels.scores[i] = 0.5F;
}

/* Offers them as a worker does: look, then apply. */
static inline int help_try(struct help *h, struct piece_of *pieces, size_t n)
{
	struct sdg_item *items = calloc(n, sizeof(*items));
	int rc;

	for (size_t i = 0; i < n; i++) {
		struct piece_of *p = &pieces[i];

		items[i] = p->item;
		items[i].fb = &p->fb;
		items[i].raw = (const uint8_t *)p->text;
		items[i].raw_len = strlen(p->text);
		items[i].digest = p->digest;
	}
	rc = sdg_store_look(h->store, items, n, &h->err);
	if (rc == 0)
		rc = sdg_store_apply(h->store, items, n, &h->err);
	for (size_t i = 0; i < n; i++) {
		pieces[i].item.outcome = items[i].outcome;
		pieces[i].item.reason = items[i].reason;
		memcpy(pieces[i].item.id, items[i].id, sizeof(items[i].id));
	}
	free(items);
	return rc;
}

static inline void help_apply(struct help *h, struct piece_of *pieces, size_t n)
{
	if (help_try(h, pieces, n) < 0)
		fail_msg("apply: %s", h->err.message);
}

static inline enum sdg_outcome help_take(struct help *h, struct piece_of *p)
{
	help_apply(h, p, 1);
	return p->item.outcome;
}

static inline void help_fault(void *arg, const char *what)
{
	(void)arg;
	print_error("verify: %s\n", what);
}

static inline void help_verify(struct help *h)
{
	struct sdg_verify v;

	if (sdg_store_verify(h->store, help_fault, NULL, &v, &h->err) < 0)
		fail_msg("verify: %s", h->err.message);
	assert_int_equal(v.faults, 0);
}

static inline struct sdg_ledger help_ledger(struct help *h)
{
	struct sdg_ledger l;

	assert_int_equal(sdg_store_ledger(h->store, &l, &h->err), 0);
	assert_true(l.balanced);
	return l;
}

static inline struct sdg_measures help_totals(struct help *h)
{
	struct sdg_query query = { .dim_count = 0 };
	struct sdg_result result;
	struct sdg_measures totals;

	assert_int_equal(sdg_store_report(h->store, &query, &result, &h->err),
			 0);
	totals = result.totals;
	sdg_result_fini(&result);
	return totals;
}

#endif
