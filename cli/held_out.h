/*
 * held_out: how often two frames are right about the same messages, none of
 * which was ever trained on: a fifth of what people labelled here, by a hash
 * of the id, and likewise of files of labelled lines; without those whose very
 * words one of the two was taught all the same (they shipped with it, say).
 */
#ifndef CLI_HELD_OUT_H
#define CLI_HELD_OUT_H

#include "cli.h"
#include "evaluate.h"
#include "frames.h"

/* One of the two. */
struct held_out_side {
	struct sdg_classifier *classifier;
	struct sdg_frame *frame;
	struct share main; /* of what both can be right about */
	uint32_t hits, wrong, missed;
	struct share of_new; /* main themes that are new: the second's alone */
};

struct held_out {
	struct held_out_side now, then;
	size_t labelled;        /* that people labelled, held out or not */
	size_t vanishing;       /* of them, whose main theme the second drops */
	size_t pieces;          /* held out */
	size_t taught;          /* of them, to one of the two: not counted */
	size_t of_new, of_gone; /* of them, by main theme */
};

/** held_out_is - is the labelled line of this id never trained on? */
bool held_out_is(struct sdg_str id);
/** held_out_is_line - the same of a line, whose id may be a number */
bool held_out_is_line(const json_t *line);
/** held_out_is_piece - the same of a stored piece */
bool held_out_is_piece(const uint8_t id[SDG_EVENT_ID_SIZE]);

int held_out_open(struct held_out *h, const struct frame_ref *now,
		  const struct frame_ref *then, struct sdg_error *err);
void held_out_fini(struct held_out *h);
/** held_out_stored - count @stored, if a person labelled it and it is held
 *  out; @store gives its themes their names */
int held_out_stored(struct held_out *h, struct sdg_store *store,
		    const struct sdg_stored *stored, struct sdg_error *err);
/** held_out_file - count the lines of @path that are */
int held_out_file(struct held_out *h, const char *path, struct sdg_error *err);
/** held_out_finish - shares and intervals */
void held_out_finish(struct held_out *h);
double held_out_f1(const struct held_out_side *side);
/** held_out_fell - is the second right less often? */
bool held_out_fell(const struct held_out *h);

#endif
