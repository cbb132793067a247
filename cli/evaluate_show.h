/*
 * evaluate_show: what an evaluation found, as JSON and in words.
 */
#ifndef EVALUATE_SHOW_H
#define EVALUATE_SHOW_H

#include "cli.h"
#include "evaluate.h"

struct evaluate_run {
	struct sdg_classifier *classifier;
	struct sdg_frame *frame; /* knows what themes were called before */
	json_t *ids;             /* each with its place among the pairs */
	size_t wordless;         /* lines that the classifier cannot judge */
	bool labelled;           /* some line says something */
	size_t retired;          /* lines with a theme that is none any more */
	struct evaluation evaluation;
	bool second; /* reading the second coder's file */
	size_t matched;
	size_t taught; /* to the model, with these very words */
	size_t odd_sources;
};

/** evaluate_json - the caller owns it */
json_t *evaluate_json(const struct evaluate_run *run);
void evaluate_write(FILE *to, const struct evaluate_run *run);

#endif
