/*
 * frame_text: frame.yaml and cues.tsv edited as the texts they are, so that
 * comments and layout of whoever wrote them stay.
 */
#ifndef CLI_FRAME_TEXT_H
#define CLI_FRAME_TEXT_H

#include "cli.h"

#include <soundings/classify.h>

struct frame_lines {
	char **lines; /* without their ends */
	size_t n, cap;
};

struct frame_text {
	struct sdg_frame *frame; /* as it was read */
	struct frame_lines yaml, cues;
	/* By theme, the lines [first, past) of yaml. */
	size_t first[SDG_FRAME_MAX], past[SDG_FRAME_MAX];
	size_t themes; /* the line "themes:" */
	size_t indent; /* of the "-" */
};

/**
 * frame_text_read - the frame in folder @dir
 *
 * SDG_EINVAL also when its themes are not one below the other, each begun
 * by a "-" on a line of its own: then it must be edited by hand.
 */
int frame_text_read(const char *dir, struct frame_text *out,
		    struct sdg_error *err);
void frame_text_fini(struct frame_text *text);

/* Each of these is done once to a text: places are those that were read. */

/** frame_text_add - a theme before number @at (or behind the last) */
void frame_text_add(struct frame_text *text, size_t at, const char *id,
		    const char *name, const char *definition, const char *like);
/** frame_text_remove - theme number @theme and its cues; they become those
 *  of @into, an id, unless that is NULL */
void frame_text_remove(struct frame_text *text, size_t theme, const char *into);
/** frame_text_was - theme number @theme is what @id was, too */
void frame_text_was(struct frame_text *text, size_t theme, const char *id);
/** frame_text_retired - @id is no theme any more */
void frame_text_retired(struct frame_text *text, const char *id);

/** frame_text_cue - one more; taken away from theme @from, if that has it */
void frame_text_cue(struct frame_text *text, const char *theme,
		    const char *phrase, int weight, const char *from);

/**
 * frame_text_settle - drop exclusions of @theme, an id, that are the same
 * words as a cue of it, by their stems; *dropped of them
 *
 * Of those in cues.tsv: one in frame.yaml is for a person to take out.
 */
int frame_text_settle(struct frame_text *text, const char *theme,
		      size_t *dropped, struct sdg_error *err);

/** frame_lines_text - all of it, ends included; the caller frees it */
char *frame_lines_text(const struct frame_lines *lines);

#endif
