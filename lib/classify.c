/*
 * classify: the front. It splits a piece into words once, asks each part in
 * turn, and keeps the reasons. What a label means is behind it.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <soundings/home.h>

#include "classify_internal.h"
#include "theme.h"

int sdg_classifier_open(const struct sdg_classifier_options *options,
			struct sdg_classifier **out, struct sdg_error *err)
{
	struct sdg_classifier *classifier = calloc(1, sizeof(*classifier));
	const char *dir = options ? options->frame_dir : NULL;
	char path[SDG_PATH_MAX];
	int rc = 0;

	if (!classifier)
		return sdg_fail(err, SDG_ENOMEM, "open classifier: no memory");
	if (!dir) {
		rc = sdg_data_path("themes", path, err);
		dir = path;
	}
	if (rc == 0)
		rc = sdg_stemmer_new(&classifier->stemmer, err);
	if (rc == 0)
		rc = sdg_frame_read(dir, &classifier->frame, err);
	if (rc == 0)
		rc = sdg_cues_compile(classifier->frame, classifier->stemmer,
				      &classifier->cues, err);
	if (rc < 0) {
		sdg_classifier_close(classifier);
		return rc;
	}
	memcpy(&classifier->version, classifier->frame->digest,
	       sizeof(classifier->version));
	classifier->version |= classifier->version == 0;
	*out = classifier;
	return 0;
}

void sdg_classifier_close(struct sdg_classifier *classifier)
{
	if (!classifier)
		return;
	sdg_cues_fini(&classifier->cues);
	sdg_frame_free(classifier->frame);
	sdg_stemmer_free(classifier->stemmer);
	free(classifier);
}

size_t sdg_classifier_theme_count(const struct sdg_classifier *classifier)
{
	return classifier->frame->theme_count;
}

const char *sdg_classifier_theme_id(const struct sdg_classifier *classifier,
				    size_t theme)
{
	return classifier->frame->themes[theme].id;
}

const char *sdg_classifier_theme_name(const struct sdg_classifier *classifier,
				      size_t theme)
{
	return classifier->frame->themes[theme].name;
}

uint32_t sdg_classifier_version(const struct sdg_classifier *classifier)
{
	return classifier->version;
}

void sdg_explain_add(struct sdg_explanation *why,
		     const struct sdg_reason *reason)
{
	struct sdg_reason *weakest = NULL;

	if (!why)
		return;
	if (why->count < SDG_REASONS_MAX) {
		why->reasons[why->count++] = *reason;
		return;
	}
	for (size_t i = 0; i < why->count; i++) {
		struct sdg_reason *kept = &why->reasons[i];

		if (kept->label == reason->label &&
		    (!weakest || fabsf(kept->weight) < fabsf(weakest->weight)))
			weakest = kept;
	}
	if (weakest && fabsf(weakest->weight) < fabsf(reason->weight))
		*weakest = *reason;
}

static struct sdg_str cut(struct sdg_str text, size_t max)
{
	return (struct sdg_str){ text.s, sdg_text_cut(text.s, text.len, max) };
}

void sdg_classify(struct sdg_classifier *classifier,
		  const struct sdg_feedback *fb, const struct sdg_known *known,
		  struct sdg_labels *labels, struct sdg_explanation *why)
{
	struct sdg_piece piece = {
		.fb = fb,
		.text = cut(fb->text, SDG_TEXT_MAX),
		.subject = cut(fb->subject, SDG_SUBJECT_MAX),
		.words = classifier->words,
		.subject_words = classifier->subject_words,
	};

	*labels = (struct sdg_labels){ 0 };
	if (why)
		why->count = 0;
	piece.word_count = sdg_words_split(classifier->stemmer, piece.text,
					   classifier->words, SDG_WORDS_MAX);
	piece.subject_word_count =
	    sdg_words_split(classifier->stemmer, piece.subject,
			    classifier->subject_words, SDG_SUBJECT_WORDS_MAX);
	sdg_region_resolve(fb, known, labels, why);
	sdg_role_resolve(fb, known, labels, why);
	sdg_kind_decide(classifier, &piece, labels, why);
	if (labels->kind != SDG_KIND_FEEDBACK)
		return;
	sdg_theme_decide(classifier, &piece, labels, why);
	sdg_stance_decide(classifier, &piece, labels, why);
}
