/*
 * labels_edit: what a person may say of a piece, and what follows from it.
 */
#include "labels_edit.h"

#include <stdlib.h>
#include <string.h>

bool labels_toggle_theme(struct sdg_labels *labels, uint32_t theme)
{
	for (int i = 0; i < labels->theme_count; i++) {
		if (labels->themes[i] != theme)
			continue;
		labels->theme_count--;
		for (int k = i; k < labels->theme_count; k++) {
			labels->themes[k] = labels->themes[k + 1];
			labels->scores[k] = labels->scores[k + 1];
		}
		return true;
	}
	if (labels->theme_count == SDG_THEMES_MAX)
		return false;
	labels->themes[labels->theme_count] = (uint8_t)theme;
	labels->scores[labels->theme_count++] = 1; /* a person is sure */
	return true;
}

/* Frames that have one call it so. */
uint32_t labels_other(struct sdg_store *store)
{
	int theme = sdg_store_theme(store, sdg_str("other"));

	return theme > 0 ? (uint32_t)theme : 0;
}

bool labels_other_alone(const struct sdg_labels *labels, uint32_t theme,
			uint32_t other)
{
	for (int i = 0; i < labels->theme_count; i++)
		if (labels->themes[i] == theme)
			return true; /* it goes */
	if (labels->theme_count == 0 || other == 0)
		return true;
	return theme != other && labels->themes[0] != other;
}

void labels_set_region(struct sdg_labels *labels, enum sdg_region region)
{
	labels->region = region;
	labels->region_evidence = SDG_EVIDENCE_PERSON;
	labels->authority = 0;
}

/* What counts nothing any more is nothing a person can say. */
static int check_in_force(struct sdg_store *store, int theme, const char *id,
			  struct sdg_error *err)
{
	struct sdg_span spans[SDG_STORE_THEMES];
	int rc = sdg_store_theme_spans(store, spans, err);

	if (rc == 0 && spans[theme].until)
		rc = sdg_fail(err, SDG_EINVAL,
			      "'%.60s' is no theme of the frame in force any "
			      "more: see 'soundings theme list'",
			      id);
	return rc;
}

static int add_theme(struct sdg_store *store, struct sdg_labels *labels,
		     const char *id, struct sdg_error *err)
{
	int theme = sdg_store_theme(store, sdg_str(id)), rc;

	if (theme <= 0)
		return cli_no_such_theme(store, id, err);
	rc = check_in_force(store, theme, id, err);
	if (rc < 0)
		return rc;
	for (int i = 0; i < labels->theme_count; i++) {
		if (labels->themes[i] != theme)
			continue;
		sdg_fail(err, SDG_EINVAL, "theme '%.60s' is named twice", id);
		return cli_misuse(err);
	}
	if (!labels_other_alone(labels, (uint32_t)theme, labels_other(store))) {
		sdg_fail(err, SDG_EINVAL,
			 "'other' is what fits no theme: it stands alone");
		return cli_misuse(err);
	}
	if (!labels_toggle_theme(labels, (uint32_t)theme)) {
		sdg_fail(err, SDG_EINVAL, "a message has at most %d themes",
			 SDG_THEMES_MAX);
		return cli_misuse(err);
	}
	return 0;
}

int labels_set_themes(struct sdg_store *store, struct sdg_labels *labels,
		      const char *list, struct sdg_error *err)
{
	char *copy = xstrdup(list), *rest = copy, *id;
	int rc = 0;

	labels->theme_count = 0;
	while (rc == 0 && (id = strsep(&rest, ",")))
		rc = add_theme(store, labels, id, err);
	free(copy);
	return rc;
}

void labels_set_main(struct sdg_labels *labels, uint32_t theme)
{
	struct sdg_labels was = *labels;

	labels->theme_count = 0;
	labels_toggle_theme(labels, theme);
	for (int i = 0; i < was.theme_count; i++)
		if (was.themes[i] != theme)
			labels_toggle_theme(labels, was.themes[i]);
}

void labels_set_kind(struct sdg_labels *labels, enum sdg_kind kind)
{
	labels->kind = kind;
	labels->kind_score = 1;
	if (kind != SDG_KIND_FEEDBACK) {
		labels->theme_count = 0;
		labels->stance = SDG_STANCE_NEUTRAL;
	}
}
