/*
 * Themes: the store's own numbers for them, which outlive every frame.
 */
#include <stdio.h>
#include <stdlib.h>

#include "store_internal.h"

#define META_THEME "theme" /* + number */
#define META_SPAN "span"   /* + number */

static size_t theme_key(uint32_t number, uint8_t key[8])
{
	memcpy(key, META_THEME, sizeof(META_THEME) - 1);
	put_be16(key + 5, number);
	return 7;
}

/* Themes are only ever added, so what a handle knows stays true. */
int themes_load(struct txn *t, struct sdg_error *err)
{
	struct sdg_store *store = t->store;
	uint8_t key[8];
	struct bytes v;
	int rc;

	while (store->theme_count < t->state.theme_count) {
		uint16_t number = (uint16_t)(store->theme_count + 1);
		size_t n = theme_key(number, key);

		rc = number > THEME_MAX ? SDG_ENOTFOUND
					: st_get(t, DB_META, key, n, &v, err);
		if (rc == SDG_ENOTFOUND)
			return sdg_fail(err, SDG_EDAMAGED,
					"read the store: theme %u is gone",
					number);
		if (rc < 0)
			return rc;
		free(store->themes[number]); /* added once, and not committed */
		store->themes[number] = strndup((const char *)v.p, v.n);
		if (!store->themes[number])
			return sdg_fail(err, SDG_ENOMEM,
					"read the store: no memory");
		store->theme_count = number;
	}
	return 0;
}

static int theme_number(struct sdg_store *store, struct sdg_str id)
{
	for (int i = 1; i <= store->theme_count; i++)
		if (sdg_str_eq(id, store->themes[i]))
			return i;
	return SDG_ENOTFOUND;
}

/* ------------------------------------------------------- since when, until */

int32_t sdg_span_days(struct sdg_span span, int32_t first, int32_t past)
{
	int32_t days, from, before;

	if (first < span.since)
		first = span.since;
	if (span.until && past > span.until)
		past = span.until;
	days = past > first ? past - first : 0;
	from = span.gap > first ? span.gap : first;
	before = span.back < past ? span.back : past;
	return span.gap && before > from ? days - (before - from) : days;
}

bool sdg_span_is_empty(struct sdg_span span)
{
	return span.until && (span.until <= 1 || span.until <= span.since);
}

/* Two days where there is no gap, as earlier versions wrote; else four. */
static int put_span(struct txn *t, uint32_t number, struct sdg_span span,
		    struct sdg_error *err)
{
	uint8_t key[6] = META_SPAN, value[8];

	put_be16(key + 4, number);
	put_le(value, (uint64_t)span.since, 2);
	put_le(value + 2, (uint64_t)span.until, 2);
	put_le(value + 4, (uint64_t)span.gap, 2);
	put_le(value + 6, (uint64_t)span.back, 2);
	return st_put(t, DB_META, key, sizeof(key), value, span.gap ? 8 : 4,
		      err);
}

static int get_span(struct txn *t, uint32_t number, struct sdg_span *out,
		    struct sdg_error *err)
{
	uint8_t key[6] = META_SPAN;
	struct bytes v;
	int rc;

	*out = (struct sdg_span){ 0 };
	put_be16(key + 4, number);
	rc = st_get(t, DB_META, key, sizeof(key), &v, err);
	if (rc == SDG_ENOTFOUND)
		return 0;
	if (rc == 0 && (v.n == 4 || v.n == 8))
		*out =
		    (struct sdg_span){ .since = (int32_t)get_le(v.p, 2),
				       .until = (int32_t)get_le(v.p + 2, 2) };
	if (rc == 0 && v.n == 8) {
		out->gap = (int32_t)get_le(v.p + 4, 2);
		out->back = (int32_t)get_le(v.p + 6, 2);
	}
	return rc;
}

int sdg_store_theme_spans(struct sdg_store *store,
			  struct sdg_span spans[SDG_STORE_THEMES],
			  struct sdg_error *err)
{
	struct txn t;
	int rc = st_begin(store, false, &t, err);

	if (rc < 0)
		return rc;
	spans[0] = (struct sdg_span){ 0 };
	for (uint32_t i = 1; i < SDG_STORE_THEMES; i++)
		spans[i] = spans[0];
	for (uint32_t i = 1; rc == 0 && i <= store->theme_count; i++)
		rc = get_span(&t, i, &spans[i], err);
	st_abort(&t);
	return rc;
}

static bool in_frame(const struct sdg_store *store, uint32_t number)
{
	return memchr(store->frame, (int)number, store->frame_count) != NULL;
}

/* Measured again from @today on. What was counted under it before it went
 * still is; where all of that was relabelled meanwhile, nothing is. */
static struct sdg_span come_back(struct sdg_span span, int32_t today)
{
	int32_t went = span.until;

	if (sdg_span_is_empty(span) || went > today)
		return (struct sdg_span){ .since = today };
	span.until = 0;
	if (went == today)
		return span;
	if (!span.gap || span.gap > went)
		span.gap = went;
	span.back = today;
	return span;
}

/* All that was said from @since on was looked at. */
static struct sdg_span look_back(struct sdg_span span, int32_t since)
{
	if (span.until || span.since > since)
		return (struct sdg_span){ .since = since };
	if (span.gap >= since)
		span.gap = span.back = 0;
	else if (span.back > since)
		span.back = since;
	return span;
}

/* From @since on the themes of the frame are measured, and the others not:
 * whatever was said when. */
static int measure_from(struct txn *t, int32_t since, bool earlier,
			struct sdg_error *err)
{
	struct sdg_store *store = t->store;
	struct sdg_span span, was;
	int rc = 0;

	for (uint32_t i = 1; rc == 0 && i <= store->theme_count; i++) {
		rc = get_span(t, i, &span, err);
		was = span;
		if (!in_frame(store, i)) {
			if (!span.until || span.until > since)
				span.until = since ? since : 1;
		} else if (earlier) {
			span = look_back(span, since);
		} else if (span.until) {
			span = come_back(span, since);
		}
		if (rc == 0 &&
		    (was.since != span.since || was.until != span.until ||
		     was.gap != span.gap || was.back != span.back))
			rc = put_span(t, i, span, err);
	}
	return rc;
}

static int change_spans(struct sdg_store *store, int32_t since, bool earlier,
			struct sdg_error *err)
{
	struct txn t;
	int rc = st_begin(store, true, &t, err);

	if (rc < 0)
		return rc;
	rc = measure_from(&t, since, earlier, err);
	if (rc == 0)
		rc = st_commit(&t, err);
	st_abort(&t);
	return rc;
}

int sdg_store_adopt(struct sdg_store *store, struct sdg_error *err)
{
	int rc = sdg_store_begin_edition(store, err);

	return rc < 0
		   ? rc
		   : change_spans(store, (int32_t)(store_now() / DAY_SECONDS),
				  false, err);
}

int sdg_store_measured(struct sdg_store *store, int32_t since_day,
		       struct sdg_error *err)
{
	return change_spans(store, since_day, true, err);
}

static int add_theme(struct txn *t, const char *id, struct sdg_error *err)
{
	struct sdg_store *store = t->store;
	uint16_t number = (uint16_t)(t->state.theme_count + 1);
	uint8_t key[8];
	int rc;

	if (number > THEME_MAX)
		return sdg_fail(err, SDG_EINVAL,
				"add theme \"%s\": a store knows at most %d",
				id, THEME_MAX);
	if (*id == '\0' || strlen(id) > 100)
		return sdg_fail(err, SDG_EINVAL,
				"add a theme: its id is empty or too long");
	rc = st_add(t, DB_META, key, theme_key(number, key), id, strlen(id),
		    err);
	if (rc < 0)
		return rc;
	/* What was said before was never looked at for it. */
	if (t->books[DB_EVENTS].count) {
		int32_t today = (int32_t)(store_now() / DAY_SECONDS);

		rc = put_span(t, number, (struct sdg_span){ .since = today },
			      err);
		if (rc < 0)
			return rc;
	}
	t->state.theme_count = number;
	free(store->themes[number]);
	store->themes[number] = strdup(id);
	if (!store->themes[number])
		return sdg_fail(err, SDG_ENOMEM, "add a theme: no memory");
	store->theme_count = number;
	return 0;
}

int sdg_store_use_frame(struct sdg_store *store, const char *const *ids,
			size_t n, uint32_t version, struct sdg_error *err)
{
	uint8_t frame[SDG_FRAME_MAX];
	struct txn t;
	uint16_t known;
	int rc;

	if (n > SDG_FRAME_MAX)
		return sdg_fail(err, SDG_EINVAL,
				"use a frame: more than %d themes",
				SDG_FRAME_MAX);
	rc = st_begin(store, true, &t, err);
	if (rc < 0)
		return rc;
	known = t.state.theme_count;
	for (size_t i = 0; i < n; i++) {
		int number = theme_number(store, sdg_str(ids[i]));

		if (number < 0) {
			rc = add_theme(&t, ids[i], err);
			if (rc < 0)
				goto out;
			number = t.state.theme_count;
		}
		frame[i] = (uint8_t)number;
	}
	if (t.state.theme_count > known)
		rc = st_commit(&t, err);
out:
	st_abort(&t);
	if (rc < 0) {
		store->theme_count = known; /* what was added was not */
		return rc;
	}
	memcpy(store->frame, frame, n);
	store->frame_count = n;
	store->frame_version = version;
	return 0;
}

int sdg_store_theme(struct sdg_store *store, struct sdg_str id)
{
	return theme_number(store, id);
}

const char *sdg_store_theme_id(struct sdg_store *store, uint32_t theme)
{
	if (theme == 0 || theme > store->theme_count)
		return "?";
	return store->themes[theme];
}

size_t sdg_store_theme_count(struct sdg_store *store)
{
	return store->theme_count;
}
