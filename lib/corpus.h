/*
 * corpus: a line of JSON as one piece of feedback, with the labels somebody
 * gave it, if any.
 *
 * The form of tests/corpus/feedback.jsonl and of data/themes/training: id,
 * source, from, subject, signature, body (or text), quoted, question,
 * respondent {role, phase, region, postcode, school}, rep; labels kind,
 * region, region_evidence, themes, stance, role. Fields that are not known are
 * ignored; strings live until sdg_corpus_fini().
 */
#ifndef CORPUS_H
#define CORPUS_H

#include <soundings/classify.h>
#include <soundings/error.h>
#include <soundings/feedback.h>

#define SDG_CORPUS_LINE_MAX (8 * 1024 * 1024)
#define SDG_CORPUS_THEMES_MAX 8

struct sdg_corpus {
	struct sdg_str id;
	struct sdg_feedback fb;
	/* Labels, word for word; empty where the line has none. */
	struct sdg_str kind, region, evidence, stance, role;
	struct sdg_str themes[SDG_CORPUS_THEMES_MAX];
	size_t theme_count;
	bool labelled; /* it has "themes" */
	void *json;
	char address[SDG_FIELD_MAX + 1];
};

/**
 * sdg_corpus_parse - one line, without its end
 *
 * Return 0, or SDG_EINVAL: not a JSON object, or a field of another type.
 */
int sdg_corpus_parse(const char *line, size_t len, struct sdg_corpus *out,
		     struct sdg_error *err);
void sdg_corpus_fini(struct sdg_corpus *corpus);

/**
 * sdg_corpus_each - parse every line of @text and call @fn
 * @name: of the file, for error messages
 *
 * Blank lines are skipped. Stops at the first that is no piece of feedback
 * (SDG_EINVAL, with its number), and when @fn returns non-zero.
 */
typedef int sdg_corpus_fn(void *arg, const struct sdg_corpus *piece,
			  struct sdg_error *err);
int sdg_corpus_each(const char *text, size_t len, const char *name,
		    sdg_corpus_fn *fn, void *arg, struct sdg_error *err);

#endif
