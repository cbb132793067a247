/*
 * frames: the code frames of an installation, as folders.
 *
 * frame/versions/XXXXXXXX holds each that was adopted, by its version;
 * frame/current names the one in force; frame/draft is the one being worked
 * at. Where nothing was adopted the installed one is in force.
 */
#ifndef CLI_FRAMES_H
#define CLI_FRAMES_H

#include "cli.h"

#include <soundings/classify.h>

/* A frame that was named: a folder, and a model if another than its own. */
struct frame_ref {
	char dir[SDG_PATH_MAX];
	char model[SDG_PATH_MAX]; /* empty: the folder's */
};

/**
 * frames_find - the frame that @what names
 * @what: a folder with a frame.yaml; a model file, for the frame in force;
 *        a version that is kept, or the shipped one; NULL: the draft
 *
 * Return 0, SDG_ENOTFOUND, SDG_EINVAL.
 */
int frames_find(const struct sdg_home *home, const char *what,
		struct frame_ref *out, struct sdg_error *err);

/** frames_open - its classifier */
int frames_open(const struct frame_ref *ref, struct sdg_classifier **out,
		struct sdg_error *err);

/** frames_draft - the draft's folder; where there is none one made from the
 *  frame in force or, unless @make, the folder of that */
int frames_draft(const struct sdg_home *home, bool make, char dir[SDG_PATH_MAX],
		 struct sdg_error *err);

/** frames_adopt - keep @ref under @version and put it in force; the frame
 *  that was in force before, of version @now, is kept */
int frames_adopt(const struct sdg_home *home, const struct frame_ref *ref,
		 uint32_t version, uint32_t now, struct sdg_error *err);

/** frames_kept - can @version be adopted again? */
bool frames_kept(const struct sdg_home *home, const char *version);

/** frames_texts - how many files of labelled texts the frame in @dir has */
size_t frames_texts(const char *dir);

/* ------------------------------------------------------ chosen messages */

/*
 * chosen.tsv in a frame's folder: theme, id of a stored message. Their words
 * stay in the store; training takes them from there, and with the frame they
 * become a person's word.
 */
#define FRAMES_CHOSEN "chosen.tsv"
typedef int frames_chosen_fn(void *arg, const char *theme, const char *id,
			     struct sdg_error *err);
/** frames_each_chosen - none when there is no such file */
int frames_each_chosen(const char *dir, frames_chosen_fn *fn, void *arg,
		       struct sdg_error *err);

#endif
