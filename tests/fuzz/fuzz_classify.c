/*
 * fuzz_classify: any bytes as text and subject of a piece.
 *
 * Properties: no crash; one to three themes of the frame for feedback and
 * none for the rest, "other" alone; scores between 0 and 1; reasons that
 * stand within their field; the same labels with and without reasons.
 */
#include <stdlib.h>
#include <string.h>

#include <soundings/classify.h>

#include "fuzz.h"

static void check(const struct sdg_feedback *fb,
		  const struct sdg_labels *labels,
		  const struct sdg_explanation *why, size_t themes)
{
	if (labels->kind == SDG_KIND_UNSET || labels->kind >= SDG_KIND_COUNT ||
	    labels->stance >= SDG_STANCE_COUNT ||
	    labels->theme_count > SDG_THEMES_MAX ||
	    (labels->theme_count == 0) == (labels->kind == SDG_KIND_FEEDBACK))
		abort();
	for (int i = 0; i < labels->theme_count; i++) {
		if (labels->themes[i] >= themes || !(labels->scores[i] >= 0) ||
		    labels->scores[i] > 1)
			abort();
	}
	for (size_t i = 0; i < why->count; i++) {
		const struct sdg_reason *reason = &why->reasons[i];

		if (reason->field == SDG_FIELD_TEXT &&
		    (reason->start > reason->end || reason->end > fb->text.len))
			abort();
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct sdg_classifier *classifier;
	static struct sdg_explanation why;
	struct sdg_feedback fb = { .source = SDG_SOURCE_MAIL };
	struct sdg_labels labels, again;
	const uint8_t *cut;

	if (!classifier && sdg_classifier_open(NULL, &classifier, NULL) < 0)
		abort();
	cut = size ? memchr(data, '\n', size) : NULL;
	fb.text = (struct sdg_str){ (const char *)data, size };
	if (cut) {
		fb.subject.s = (const char *)data;
		fb.subject.len = (size_t)(cut - data);
		fb.text.s = (const char *)cut + 1;
		fb.text.len = size - fb.subject.len - 1;
	}
	fb.source = size % 2 ? SDG_SOURCE_MAIL : SDG_SOURCE_SURVEY;
	sdg_classify(classifier, &fb, NULL, &labels, &why);
	sdg_classify(classifier, &fb, NULL, &again, NULL);
	check(&fb, &labels, &why, sdg_classifier_theme_count(classifier));
	if (memcmp(&labels, &again, sizeof(labels)) != 0)
		abort();
	return 0;
}
