/*
 * frame: the parts of the command 'frame', each in a file of its own.
 */
#ifndef CLI_FRAME_CMD_H
#define CLI_FRAME_CMD_H

#include "cli.h"

#define FRAME_FILES_MAX 16

struct frame_options {
	const char *frame; /* check: the folder */
	bool all;          /* check: faults that harm nobody, too */
	/* try: labelled lines, of which a fifth is held out */
	const char *labelled[FRAME_FILES_MAX];
	size_t labelled_count;
	const char *because; /* adopt: why in spite of a lower score */
};

int frame_check(struct cli *cli, void *arg);
int frame_diff(struct cli *cli, void *arg);
int frame_try(struct cli *cli, void *arg);
int frame_adopt(struct cli *cli, void *arg);
int frame_versions(struct cli *cli, void *arg);

/* Faults that need no texts to be seen, as 'frame check' counts them. */
enum { FRAME_DOUBLE, FRAME_CONTRADICTIONS, FRAME_SHARED, FRAME_FAULTS };
/** frame_faults - how many of each the frame in folder @dir has
 *  @last: the last contradiction's phrase, or empty */
#define FRAME_PHRASE_SIZE 208
int frame_faults(const char *dir, uint32_t counts[FRAME_FAULTS],
		 char last[FRAME_PHRASE_SIZE], struct sdg_error *err);

struct sdg_frame;
/** frame_diff_grid - what @b has and @a has not, and the reverse
 *  @brief: many cues of one theme are one line, with their number */
struct grid *frame_diff_grid(const struct sdg_frame *a,
			     const struct sdg_frame *b, bool brief);

/* What trials left behind: lines of JSON in the home. */
#define FRAME_TRIALS "frame-trials.jsonl"
#define FRAME_ADOPTED "frame-adopted.jsonl"

#endif
