/*
 * fixture_store: a small store whose figures never change.
 *
 *	fixture_store CORPUS.jsonl [DIRECTORY-SHARE]
 *
 * Applies the labelled corpus to the store of $SOUNDINGS_HOME with the
 * labels that stand in the file, not with the classifier's, so that what
 * the CLI prints of it can be compared word for word whatever becomes of
 * the classifier. Piece i is said 0.225 days after piece i - 1, from 1
 * January 2015 on. With DIRECTORY-SHARE n every n-th address is a member's.
 */
#include <err.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <soundings/home.h>
#include <soundings/identity.h>
#include <soundings/store_directory.h>

#include "corpus.h"
#include "default_frame.h"

#define FIRST INT64_C(1420070400) /* 2015-01-01 */
#define STEP 19440

struct fixture {
	struct sdg_store *store;
	size_t n;
	unsigned share;
	struct sdg_entry *entries;
	size_t entry_count;
	bool collecting; /* addresses for the directory, before the pieces */
};

static void collect_address(struct fixture *f, const struct sdg_corpus *piece)
{
	struct sdg_str address = piece->fb.respondent.address;
	struct sdg_entry *e;

	if (address.len == 0 || f->n++ % f->share)
		return;
	f->entries =
	    realloc(f->entries, (f->entry_count + 1) * sizeof(*f->entries));
	if (!f->entries)
		errx(75, "no memory");
	e = &f->entries[f->entry_count++];
	*e = (struct sdg_entry){ .known.matched = true };
	snprintf(e->key, sizeof(e->key), "%.*s", SDG_STR_ARG(address));
	snprintf(e->membership, sizeof(e->membership), "M%04zu",
		 f->entry_count);
}

/* "primary,secondary" as a form gave it, if these are ids. */
static uint8_t phases_of(struct sdg_str given)
{
	char list[100], *save = NULL;
	uint8_t phases = 0;

	snprintf(list, sizeof(list), "%.*s", (int)given.len,
		 given.len ? given.s : "");
	for (char *id = strtok_r(list, ",", &save); id;
	     id = strtok_r(NULL, ",", &save)) {
		int phase = sdg_phase_from_id(sdg_str(id));

		if (phase > 0)
			phases |= (uint8_t)phase;
	}
	return phases;
}

static void label(const struct sdg_corpus *piece, struct sdg_labels *labels)
{
	int region = sdg_region_from_id(piece->region);
	int stance = sdg_stance_from_id(piece->stance);
	int kind = sdg_kind_from_id(piece->kind);

	labels->phases = phases_of(piece->fb.respondent.phase);
	labels->kind = kind > 0 ? (enum sdg_kind)kind : SDG_KIND_FEEDBACK;
	labels->region =
	    region > 0 ? (enum sdg_region)region : SDG_REGION_UNKNOWN;
	labels->stance =
	    stance > 0 ? (enum sdg_stance)stance : SDG_STANCE_NEUTRAL;
	for (size_t i = 0; i < piece->theme_count; i++)
		for (size_t t = 0; t < DEFAULT_FRAME_COUNT; t++)
			if (sdg_str_eq(piece->themes[i], DEFAULT_FRAME[t]) &&
			    labels->theme_count < SDG_THEMES_MAX) {
				labels->scores[labels->theme_count] =
				    1.0f / (float)(i + 1);
				labels->themes[labels->theme_count++] =
				    (uint8_t)t;
			}
}

static int apply(void *arg, const struct sdg_corpus *piece,
		 struct sdg_error *err)
{
	static uint8_t raw[SDG_EVENT_MAX];
	struct fixture *f = arg;
	struct sdg_feedback fb = piece->fb;
	struct sdg_item item = { .fb = &fb };
	uint8_t digest[16];
	int rc;

	if (f->collecting) {
		collect_address(f, piece);
		return 0;
	}
	fb.said = FIRST + (int64_t)f->n * STEP;
	fb.received = fb.said + 60;
	if (fb.source == SDG_SOURCE_REP && f->n % 4 == 0)
		fb.note.voices = 3 + (uint32_t)(f->n % 5);
	if (f->n % 7 == 0)
		fb.may_quote = true;
	f->n++;
	sdg_identity_survey(sdg_str("fixture"), piece->id, sdg_str(""),
			    fb.identity);
	sdg_identity_content(fb.subject, fb.text, fb.content);
	rc = sdg_feedback_encode(&fb, raw, &item.raw_len, err);
	if (rc < 0)
		return rc;
	item.raw = raw;
	sdg_frame_digest(raw, item.raw_len, digest);
	item.digest = digest;
	label(piece, &item.labels);
	rc = sdg_store_look(f->store, &item, 1, err);
	if (rc == 0)
		rc = sdg_store_apply(f->store, &item, 1, err);
	return rc;
}

int main(int argc, char *argv[])
{
	struct fixture f = { .share = argc > 2 ? (unsigned)atoi(argv[2]) : 0 };
	struct sdg_error err = { 0 };
	struct sdg_home home;
	char *text = NULL;
	size_t len;
	int rc;

	if (argc < 2)
		errx(64, "usage: fixture_store CORPUS.jsonl [DIRECTORY-SHARE]");
	rc = sdg_read_file(argv[1], 64u << 20, &text, &len, &err);
	if (rc == 0)
		rc = sdg_home_find(&home, &err);
	if (rc == 0)
		rc = sdg_home_prepare(&home, &err);
	if (rc == 0)
		rc = sdg_store_open(&home, SDG_STORE_WRITE, &f.store, &err);
	if (rc == 0)
		rc = sdg_store_use_frame(f.store, DEFAULT_FRAME,
					 DEFAULT_FRAME_COUNT, 1, &err);
	if (rc == 0 && f.share) {
		f.collecting = true;
		rc = sdg_corpus_each(text, len, argv[1], apply, &f, &err);
		if (rc == 0)
			rc = sdg_directory_replace(
			    f.store, "members", f.entries, f.entry_count, &err);
		f.collecting = false;
		f.n = 0;
	}
	if (rc == 0)
		rc = sdg_corpus_each(text, len, argv[1], apply, &f, &err);
	if (rc < 0)
		warnx("%s", err.message);
	sdg_store_close(f.store);
	free(f.entries);
	free(text);
	return rc < 0 ? sdg_exit_code(rc) : 0;
}
