/*
 * store_full: a store with some of everything, so that each kind of record
 * is there: two consultations, a directory, members and nobody's, pieces in
 * quarantine and dropped, with a key and held, corrected, replaced, erased,
 * of long words, of another day than their own, and two months frozen.
 */
#ifndef STORE_FULL_H
#define STORE_FULL_H

#include <stdarg.h>

#include <soundings/store_rights.h>

#include "store_help.h"

/* July 2025 and what was before it is frozen by freeze(), FULL_BEFORE. */
#define FULL_OLD 20270
#define FULL_BEFORE 20331
#define FULL_KEY "some-key-some-key-some-key-some-key-1234"
#define FULL_PIECES 24

__attribute__((format(printf, 1, 2))) static inline void
shell(const char *format, ...)
{
	char command[3 * SDG_PATH_MAX];
	va_list args;

	va_start(args, format);
	vsnprintf(command, sizeof(command), format, args);
	va_end(args);
	assert_int_equal(system(command), 0);
}

/* @rc is @code, and an error has words. */
static inline void refused(struct help *h, int rc, int code)
{
	if (rc != code)
		fail_msg("%d, \"%s\"", rc, rc < 0 ? h->err.message : "");
	if (code < 0)
		assert_true(h->err.message[0]);
	h->err.message[0] = '\0';
}

struct full {
	struct piece_of pieces[FULL_PIECES];
	char words[6000];
	char reference[SDG_REFERENCE_SIZE];
};

static inline void full_directory(struct help *h)
{
	static const struct sdg_entry entries[] = {
		{ .key = "m1@school.example",
		  .membership = "1",
		  .school = "Hill School",
		  .known = { .matched = true, .region = SDG_REGION_LONDON } },
		{ .key = "m2@school.example", .known = { .matched = true } },
		{ .key = "@school.example",
		  .known = { .region = SDG_REGION_SOUTH_WEST } },
	};
	static const struct sdg_entry by_hand = {
		.key = "m3@school.example",
		.membership = "1",
		.known = { .matched = true, .role = SDG_ROLE_HEAD },
	};

	assert_int_equal(
	    sdg_directory_replace(h->store, "members", entries, 3, &h->err), 0);
	assert_int_equal(sdg_directory_set(h->store, &by_hand, &h->err), 0);
}

static inline void full_pieces(struct full *f)
{
	static uint32_t noise = 12345;

	for (size_t i = 0; i + 1 < sizeof(f->words); i++) {
		noise = noise * 1103515245 + 12345;
		f->words[i] = (char)('!' + (noise >> 16) % 90);
	}
	for (unsigned i = 0; i < FULL_PIECES; i++) {
		struct piece_of *p = &f->pieces[i];
		int day = i < 8 ? FULL_OLD + (int)i * 4 : TODAY - (int)i * 2;

		help_mail(p, 10 + i, i % 6, day);
		help_themes(p, 1 + (int)i % 3, (int)i % 3, 3, 4);
		p->item.labels.stance = (enum sdg_stance)(i % 4);
		p->item.labels.role = i % 2 ? SDG_ROLE_HEAD : SDG_ROLE_UNKNOWN;
	}
	f->pieces[9].fb.said = 0; /* a stray */
	f->pieces[10].fb.text = sdg_str(f->words);
	f->pieces[11].fb.consultation = sdg_str("pilots");
	f->pieces[12].fb.source = SDG_SOURCE_REP;
	f->pieces[12].fb.note.representative = sdg_str("Jane Doe");
	f->pieces[12].fb.note.voices = 7;
	f->pieces[13].fb.source = SDG_SOURCE_SURVEY;
	f->pieces[13].fb.choice_count = 2;
	f->pieces[13].fb.choices[0].question = sdg_str("How is it?");
	f->pieces[13].fb.choices[0].answer = sdg_str("4");
	f->pieces[13].fb.choices[1].question = sdg_str("And now?");
	f->pieces[14].item.client = FULL_KEY;
	f->pieces[15].item.client = FULL_KEY;
	f->pieces[16].fb.unreadable = sdg_str("the message is damaged");
	f->pieces[17].fb.unreadable = sdg_str("the message is empty");
	f->pieces[17].item.client = FULL_KEY;
	f->pieces[18].item.labels.kind = SDG_KIND_NOT_FEEDBACK;
	f->pieces[19].fb.test = true;
	f->pieces[19].fb.subject = sdg_str("a test");
	f->pieces[20].fb.revision = 9; /* replaces the one before it */
	memcpy(f->pieces[20].fb.identity, f->pieces[19].fb.identity, 32);
	f->pieces[20].fb.said = f->pieces[19].fb.said;
}

static inline void full_change(struct help *h, struct full *f)
{
	struct sdg_labels labels = { .kind = SDG_KIND_FEEDBACK,
				     .region = SDG_REGION_LONDON,
				     .theme_count = 1,
				     .themes = { 2 } };
	struct sdg_whose whose = { .address = sdg_str("m5@school.example") };
	struct sdg_erased erased;
	char hex[33];
	size_t n;

	/* A second edition, so that what was before stands in history. */
	assert_int_equal(sdg_store_begin_edition(h->store, &h->err), 0);
	for (int i = 21; i < 23; i++)
		assert_int_equal(sdg_store_correct(h->store,
						   f->pieces[i].item.id,
						   &labels, &h->err),
				 0);
	for (int i = 0; i < 16; i++)
		snprintf(hex + 2 * i, 3, "%02x", f->pieces[16].fb.identity[i]);
	assert_int_equal(sdg_quarantine_drop(h->store, hex, &h->err), 0);
	assert_int_equal(
	    sdg_store_hold(h->store, FULL_KEY, 0, true, &n, &h->err), 0);
	assert_int_equal(
	    sdg_store_forget(h->store, &whose, NULL, NULL, &erased, &h->err),
	    0);
}

/* All but the freezing, which a test may want to see fail first. */
static inline void full_fill(struct help *h, struct full *f)
{
	struct sdg_consultation pilots = { .id = "pilots",
					   .name = "Pilots",
					   .addresses = "p@school.example" };

	memset(f, 0, sizeof(*f));
	assert_int_equal(sdg_consultation_put(h->store, &pilots, &h->err), 0);
	full_directory(h);
	full_pieces(f);
	/* One by one, so that what replaces finds what it replaces. */
	for (size_t i = 0; i < FULL_PIECES; i++)
		help_apply(h, &f->pieces[i], 1);
	full_change(h, f);
	help_verify(h);
}

/** full_setup - a fixture's set-up: the store, and @out, which the caller
 *  frees */
static inline struct help *full_setup(void **state, struct full **out)
{
	struct help *h;

	help_setup(state);
	h = *state;
	*out = calloc(1, sizeof(**out));
	assert_non_null(*out);
	full_fill(h, *out);
	return h;
}

static inline void full_freeze(struct help *h)
{
	struct sdg_frozen frozen;

	assert_int_equal(
	    sdg_store_freeze(h->store, FULL_BEFORE, false, &frozen, &h->err),
	    0);
	assert_true(frozen.months >= 1);
	help_verify(h);
}

#endif
