/*
 * fuzz_classify: any bytes as text and subject of a piece.
 *
 * Properties: no crash; one to three themes of the frame for feedback and
 * none for the rest, "other" alone; scores between 0 and 1; reasons that
 * stand within their field; the same labels with and without reasons; four
 * times the text takes at most twelve times the time (linear, with room for
 * a machine that is busy).
 */
#include <stdlib.h>
#include <string.h>
#include <time.h>

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

#define LINEAR_FROM 1000
#define LINEAR_TO 12000
#define TIMES 4
#define TIMES_MOST (3 * TIMES)

/* The fastest of some: processor seconds of this thread. */
static double seconds(struct sdg_classifier *classifier,
		      const struct sdg_feedback *fb, int tries, double enough)
{
	struct timespec before, after;
	struct sdg_labels labels;
	double best = 1e9, took;

	while (tries-- > 0 && best > enough) {
		clock_gettime(CLOCK_THREAD_CPUTIME_ID, &before);
		sdg_classify(classifier, fb, NULL, &labels, NULL);
		clock_gettime(CLOCK_THREAD_CPUTIME_ID, &after);
		took = (double)(after.tv_sec - before.tv_sec) +
		       (double)(after.tv_nsec - before.tv_nsec) / 1e9;
		best = took < best ? took : best;
	}
	return best;
}

static void check_linear(struct sdg_classifier *classifier,
			 const struct sdg_feedback *fb)
{
	struct sdg_feedback longer = *fb;
	char *text = malloc(TIMES * fb->text.len);
	double once;

	if (!text)
		return;
	for (int i = 0; i < TIMES; i++)
		memcpy(text + (size_t)i * fb->text.len, fb->text.s,
		       fb->text.len);
	longer.text = (struct sdg_str){ text, TIMES * fb->text.len };
	once = seconds(classifier, fb, 3, 0);
	if (seconds(classifier, &longer, 9, TIMES_MOST * once + 1e-4) >
	    TIMES_MOST * once + 1e-4)
		abort();
	free(text);
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
	if (fb.text.len >= LINEAR_FROM && fb.text.len <= LINEAR_TO)
		check_linear(classifier, &fb);
	return 0;
}
