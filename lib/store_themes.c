/*
 * Themes: the store's own numbers for them, which outlive every frame.
 */
#include <stdio.h>
#include <stdlib.h>

#include "store_internal.h"

#define META_THEME "theme" /* + number */

static size_t theme_key(uint32_t number, uint8_t key[8])
{
	memcpy(key, META_THEME, 5);
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
		store->frame[i] = (uint8_t)number;
	}
	store->frame_count = n;
	store->frame_version = version;
	if (t.state.theme_count > known)
		rc = st_commit(&t, err);
out:
	st_abort(&t);
	if (rc < 0) /* what was added was not */
		store->theme_count = known;
	return rc;
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
