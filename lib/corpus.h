/*
 * corpus: a line of JSON as one piece of feedback, with the labels somebody
 * gave it, if any.
 *
 * The form of tests/corpus/feedback.jsonl and of data/themes/training: id,
 * source, from, subject, signature, body (or text), quoted, question,
 * respondent {role, phase, region, postcode, school}, rep; labels kind,
 * region, region_evidence, themes, stance, role; by which words somebody knew
 * them: evidence {theme: [stretches]}, praise and blame [stretches]. Fields
 * that are not known are ignored; a label that is none of those there are is
 * refused, since a line that says something else than it seems to is worse than
 * none. A source that is none is taken as the one whose fields the line has
 * (sdg_corpus_remark()). Strings live until sdg_corpus_fini().
 */
#ifndef CORPUS_H
#define CORPUS_H

#include <soundings/classify.h>
#include <soundings/error.h>
#include <soundings/feedback.h>

#define SDG_CORPUS_LINE_MAX (8 * 1024 * 1024)
#define SDG_CORPUS_FILE_MAX (256u * 1024 * 1024)
#define SDG_CORPUS_THEMES_MAX 8
#define SDG_CORPUS_MARKS_MAX 64

/* Where a line stands. */
struct sdg_corpus_place {
	const char *file;
	size_t line; /* from 1 */
};

/* What a stretch of text is toward the association, or what it proposes. */
enum sdg_tone { SDG_TONE_PRAISE, SDG_TONE_BLAME, SDG_TONE_COUNT };

/* A stretch of the text by which somebody knew a label (an annotator's
 * rationale): of a theme, or of what tone it is. */
struct sdg_rationale {
	struct sdg_str words, theme;
	enum sdg_tone tone; /* where theme is empty */
};

struct sdg_corpus {
	struct sdg_str id;
	struct sdg_feedback fb;
	/* Labels, word for word; empty where the line has none. */
	struct sdg_str kind, region, evidence, stance, role;
	struct sdg_str themes[SDG_CORPUS_THEMES_MAX];
	size_t theme_count;
	struct sdg_rationale marks[SDG_CORPUS_MARKS_MAX];
	size_t mark_count; /* as checked by sdg_corpus_each(), no more */
	bool tones_marked, themes_marked; /* somebody looked for them */
	bool labelled;                    /* it has "themes" */
	bool source_guessed;              /* what it calls its source is none */
	struct sdg_corpus_place at;
	void *json;
	char address[SDG_FIELD_MAX + 1];
};

/**
 * sdg_corpus_parse - one line, without its end
 * @at: which it is, for error messages
 *
 * Its labels are not looked at (what the hook says of kind is none). Return
 * 0, or SDG_ENOTFOUND: not a JSON object; SDG_EINVAL: no such kind, or a line
 * longer than SDG_CORPUS_LINE_MAX.
 */
int sdg_corpus_parse(const char *line, size_t len, struct sdg_corpus_place at,
		     struct sdg_corpus *out, struct sdg_error *err);
void sdg_corpus_fini(struct sdg_corpus *corpus);

/** sdg_corpus_remark - what was made of a source that is none, as words in
 *  @err, for whoever reads the output; false: there is nothing to say */
bool sdg_corpus_remark(const struct sdg_corpus *piece, struct sdg_error *err);

/**
 * sdg_corpus_each - parse every line of @text, its labels too, and call @fn
 * @name: of the file, for error messages
 *
 * Blank lines are skipped. Stops at the first that is no piece of feedback
 * or has a label that is none (SDG_EINVAL, with its number), and when @fn
 * returns non-zero.
 */
typedef int sdg_corpus_fn(void *arg, const struct sdg_corpus *piece,
			  struct sdg_error *err);
int sdg_corpus_each(const char *text, size_t len, const char *name,
		    sdg_corpus_fn *fn, void *arg, struct sdg_error *err);

/** sdg_corpus_read - sdg_corpus_each() of the file @path ("-": standard
 *  input), at most SDG_CORPUS_FILE_MAX bytes; also as sdg_read_file() fails */
int sdg_corpus_read(const char *path, sdg_corpus_fn *fn, void *arg,
		    struct sdg_error *err);

/** sdg_corpus_no_theme - fail: theme @i of the line is not in the frame */
int sdg_corpus_no_theme(const struct sdg_corpus *piece, size_t i,
			struct sdg_error *err);

#endif
