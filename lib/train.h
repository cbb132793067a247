/*
 * train: a model from a frame and labelled texts.
 *
 * The same folder gives the same model, to the byte. Texts are the lines of
 * the .jsonl files in DIR/training in the order of file names (and of one more
 * file, if given); files called sentences-… hold passages rather than whole
 * pieces: they teach the words but not how many themes a piece has. A line
 * whose "kind" is auto-reply or not-feedback teaches the kinds alone.
 *
 * How sure the model is of itself is measured on texts it has not seen:
 * files are dealt into groups (a file is one writer), each group is scored
 * by a model of the others, and scores become probabilities by that. Passages
 * are held out only where there is nothing else.
 */
#ifndef TRAIN_H
#define TRAIN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <soundings/error.h>
#include <soundings/labels.h>

struct sdg_train_options {
	const char *dir;         /* the frame's folder */
	const char *const *also; /* more labelled lines */
	size_t also_count;
	bool by_file; /* every file a group of its own: slow, for figures */
	/* Fit half of it in a process of its own, where there are processors:
	 * for callers that have no threads, since it forks. */
	bool beside;
	/* Called now and then with what is being done; NULL: nobody cares. */
	void (*progress)(void *arg, const char *what);
	void *arg;
};

/* Held-out figures of one file. */
struct sdg_train_file {
	char name[64];
	bool passages;
	uint32_t pieces;              /* feedback */
	uint32_t main_right;          /* main theme */
	uint32_t hits, wrong, missed; /* themes over all pieces */
	uint32_t stance_right;
	uint32_t others, kind_right; /* of all pieces, kinds told right */
};

#define SDG_TRAIN_FILES_MAX 256

struct sdg_train_report {
	size_t file_count;
	struct sdg_train_file files[SDG_TRAIN_FILES_MAX];
	uint32_t texts, passages, cues, features;
	/* [given][found], main themes of whole pieces */
	uint32_t confusion[64][64];
};

/**
 * sdg_train - train, and give the model file's bytes
 * @out: the caller frees it with free()
 * @report: filled when not NULL
 *
 * Return 0, or SDG_ENOTFOUND (no frame, no labelled text), SDG_EINVAL (a line
 * that is not what it should be; file and line are named), SDG_ENOMEM, SDG_EIO.
 */
int sdg_train(const struct sdg_train_options *options, void **out, size_t *len,
	      struct sdg_train_report *report, struct sdg_error *err);

#endif
