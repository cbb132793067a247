/*
 * labels_edit: a person's word on a piece, as options and keystrokes say it.
 */
#ifndef CLI_LABELS_EDIT_H
#define CLI_LABELS_EDIT_H

#include "cli.h"

/** labels_set_themes - "funding,other" in place of @labels' themes, main
 *  first, as numbers of @store; SDG_EINVAL, CLI_EUSAGE say what is wrong */
int labels_set_themes(struct sdg_store *store, struct sdg_labels *labels,
		      const char *list, struct sdg_error *err);

/** labels_toggle_theme - add theme number @theme behind the others, or take
 *  it away; false when there are three already */
bool labels_toggle_theme(struct sdg_labels *labels, uint32_t theme);

/** labels_other - the number of the theme of what fits none, or 0 */
uint32_t labels_other(struct sdg_store *store);

/** labels_other_alone - may @theme come, or go, without @other standing beside
 *  another? */
bool labels_other_alone(const struct sdg_labels *labels, uint32_t theme,
			uint32_t other);

/** labels_set_region - as a person says it */
void labels_set_region(struct sdg_labels *labels, enum sdg_region region);

/** labels_set_main - @theme first, the others behind it as far as there is
 *  room */
void labels_set_main(struct sdg_labels *labels, uint32_t theme);

/** labels_set_kind - with what follows: no feedback, no themes */
void labels_set_kind(struct sdg_labels *labels, enum sdg_kind kind);

#endif
