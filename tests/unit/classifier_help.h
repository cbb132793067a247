/*
 * classifier_help: the classifier as it is shipped, for tests that ask it.
 */
#ifndef CLASSIFIER_HELP_H
#define CLASSIFIER_HELP_H

#include <soundings/classify.h>

#include "test.h"

static struct sdg_classifier *classifier;

static inline int open_classifier(void **state)
{
	struct sdg_error err = { 0 };

	(void)state;
	if (sdg_classifier_open(NULL, &classifier, &err) < 0)
		fail_msg("%s", err.message);
	return 0;
}

static inline int close_classifier(void **state)
{
	(void)state;
	sdg_classifier_close(classifier);
	return 0;
}

#endif
