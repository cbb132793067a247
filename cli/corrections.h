/*
 * corrections: what people said of stored messages, for training.
 *
 * Members' words are in it, so it is never written to a disk: the file is
 * memory that ends with the process, under a name that can be opened.
 */
#ifndef CLI_CORRECTIONS_H
#define CLI_CORRECTIONS_H

#include "cli.h"

struct corrections {
	char dir[64], path[384]; /* path is empty when there are none */
	int fd;
	size_t count, held_out;
	size_t left_out; /* the frame has not their themes */
};

/**
 * corrections_open - labelled lines of all pieces a person labelled, and of
 * those chosen for themes of the frame in @frame_dir (frames.h)
 *
 * Of a label that the frame has not nothing is learnt, and where the frame has
 * none of the themes in force here (but that of what fits none) neither is
 * what is no feedback, nor what fits none: it speaks of another domain.
 *
 * Those whose id ends in a byte that five divides are held out: never
 * trained on, so that a later model can be measured on them. Where there is
 * no store there are none. Close with corrections_close().
 */
int corrections_open(struct corrections *corrections, const char *frame_dir,
		     struct sdg_error *err);
/** corrections_of_file - the lines of @path but for those held out, by a hash
 *  of their ids (held_out.h); close it likewise */
int corrections_of_file(struct corrections *corrections, const char *path,
			struct sdg_error *err);
void corrections_close(struct corrections *corrections);

#endif
