/*
 * quality: how often a model is right, as measured when it was trained.
 *
 * Every labelled text was judged by a model that had not learnt from its
 * writer's file. The figures stand in quality.json beside model.bin and name
 * the model they are of, so that they are never told of another.
 */
#ifndef QUALITY_H
#define QUALITY_H

#include <stddef.h>
#include <stdint.h>

#include <soundings/error.h>

#include "train.h"

#define SDG_QUALITY_FILE "quality.json"

struct sdg_quality {
	uint32_t texts, main_right, stance_right; /* whole pieces */
	uint32_t kinds, kind_right;               /* with what is no feedback */
	double micro_f1;                          /* of all themes */
};

/** sdg_quality_write - into the folder @dir, of the model's bytes */
int sdg_quality_write(const char *dir, const struct sdg_train_report *report,
		      const void *model, size_t len, struct sdg_error *err);

/**
 * sdg_quality_read - of the model in the folder @dir
 *
 * Return 0, or SDG_ENOTFOUND (not measured, or the figures are of another
 * model), SDG_EINVAL (no such file as was written), SDG_EIO.
 */
int sdg_quality_read(const char *dir, struct sdg_quality *out,
		     struct sdg_error *err);

#endif
