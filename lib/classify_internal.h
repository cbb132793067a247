/*
 * classify_internal: what the parts of the classifier share. Not installed.
 *
 * classify.c asks, in this order: sdg_region_resolve(), sdg_role_resolve(),
 * then kind, themes and stance. Each fills its own labels and leaves the
 * others alone; @labels starts zeroed.
 */
#ifndef CLASSIFY_INTERNAL_H
#define CLASSIFY_INTERNAL_H

#include <soundings/classify.h>

/* The words of a text, split by a stemmer that has region_note(). */
struct sdg_split {
	const struct sdg_word *words;
	const uint8_t *marks; /* and SDG_MARKS_BEYOND bytes more */
	size_t count;
};

/**
 * sdg_region_resolve - region, region_evidence and authority of @fb
 * @known: what the directory knows, or NULL
 * @split: the words of its text, or NULL, which is slower
 * @why:   reasons are added when not NULL; the one that decided weighs 1
 *
 * labels->region is never SDG_REGION_ANY afterwards. Linear in the length
 * of text and signature; allocates nothing.
 */
void sdg_region_resolve(const struct sdg_feedback *fb,
			const struct sdg_known *known,
			const struct sdg_split *split,
			struct sdg_labels *labels, struct sdg_explanation *why);

/**
 * sdg_role_resolve - role and phases of @fb: form, directory, signature,
 * then what the text says outright
 */
void sdg_role_resolve(const struct sdg_feedback *fb,
		      const struct sdg_known *known,
		      const struct sdg_split *split, struct sdg_labels *labels,
		      struct sdg_explanation *why);

/**
 * sdg_explain_add - keep @reason, if there is room or a weaker one of the
 * same label to give way. @why may be NULL; @reason is copied
 */
void sdg_explain_add(struct sdg_explanation *why,
		     const struct sdg_reason *reason);

#endif
