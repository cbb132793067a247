/*
 * frame: the code frame, as a person writes it.
 *
 * A folder with frame.yaml (themes in report order: id, name, definition,
 * and, where few, cues and exclusions; was: ids it once had, or of themes
 * that went into it; like: the theme it was split from), beside it cues.tsv
 * (theme, phrase, weight; a tab between) where they are many, and training/
 * with labelled texts. Weights: 3 nearly decides, 2 strong, 1 a hint, -2 looks
 * like it but is not (an exclusion; -1 and -3 are weaker and stronger ones).
 */
#ifndef FRAME_H
#define FRAME_H

#include <stddef.h>
#include <stdint.h>

#include <soundings/error.h>

#define SDG_FRAME_FILE_MAX (16 * 1024 * 1024)
#define SDG_CUES_MAX 200000
#define SDG_CUE_WORDS_MAX 8

struct sdg_theme {
	char *id;
	char *name;
	char *definition;
	char *like; /* the theme it was split from, or NULL */
};

struct sdg_cue {
	char *phrase;
	uint32_t line; /* of cues.tsv; 0: stands in frame.yaml */
	uint8_t theme;
	int8_t weight;
};

struct sdg_frame {
	char *title;
	struct sdg_theme *themes;
	size_t theme_count;
	int other; /* the theme of what fits none; -1: there is none */
	/* Ids of earlier frames: of a theme now, or of none (-1: retired). */
	struct sdg_former {
		char *id;
		int theme;
	} * formers;
	size_t former_count;
	struct sdg_cue *cues;
	size_t cue_count;
	uint8_t digest[16]; /* of the files' bytes */
};

/**
 * sdg_frame_read - the frame in folder @dir; freed with sdg_frame_free()
 *
 * Return 0, or SDG_ENOTFOUND (no frame.yaml), SDG_EINVAL (file and line are
 * named; what stands there is not repeated), SDG_ENOMEM, SDG_EIO.
 */
int sdg_frame_read(const char *dir, struct sdg_frame **out,
		   struct sdg_error *err);
void sdg_frame_free(struct sdg_frame *frame);

/** sdg_frame_files_digest - what sdg_frame_read() would set, without parsing */
int sdg_frame_files_digest(const char *dir, uint8_t digest[16],
			   struct sdg_error *err);

/** sdg_frame_theme - the position of theme @id, also by an id it once had;
 *  -1: none; SDG_FRAME_RETIRED: it is no theme any more */
#define SDG_FRAME_RETIRED (-2)
int sdg_frame_theme(const struct sdg_frame *frame, const char *id);

#endif
