/*
 * train: read, fit on parts to see how well it does on the rest, calibrate
 * by that, fit on everything, write.
 */
#include "train.h"

#include <stdlib.h>
#include <string.h>

#include "train_internal.h"

/* Files are dealt into this many groups for calibration. */
#define GROUPS 3

static void tell(const struct sdg_train_options *options, const char *what)
{
	if (options->progress)
		options->progress(options->arg, what);
}

/* A file is one writer's, so it stays together. Passages are always taught,
 * since nobody will be scored on them; but where there is nothing else, it is
 * measured on them how sure the model is. */
static int deal(const struct set *set, bool by_file, uint8_t *groups)
{
	bool passages = set_only_passages(set);
	int next = 0;

	for (size_t i = 0; i < set->file_count; i++) {
		if (set->files[i].passages && !passages)
			groups[i] = UINT8_MAX;
		else
			groups[i] =
			    (uint8_t)(by_file ? next++ : next++ % GROUPS);
	}
	return by_file || next < GROUPS ? next : GROUPS;
}

/* With a single file there are no writers to tell apart; its texts are then
 * dealt one by one, as files of the same name. */
static void split_single(struct set *set)
{
	bool passages = set_only_passages(set);
	size_t dealt = 0, only = 0;

	for (size_t i = 0; i < set->file_count; i++) {
		if (passages || !set->files[i].passages) {
			dealt++;
			only = i;
		}
	}
	if (dealt != 1 || set->file_count + GROUPS > SDG_TRAIN_FILES_MAX)
		return;
	for (int g = 1; g < GROUPS; g++)
		set->files[set->file_count++] = set->files[only];
	for (size_t i = 0; i < set->text_count; i++) {
		struct text *text = &set->texts[i];

		if (!text->cue && text->file == only && i % GROUPS)
			text->file = (uint8_t)(set->file_count - i % GROUPS);
	}
}

/* Scores every text by a model that had not seen its group. */
static int score_held_out(const struct sdg_train_options *options,
			  const struct set *set, const uint8_t *groups,
			  int group_count, float *scores, size_t stride,
			  struct sdg_error *err)
{
	for (int g = 0; g < group_count; g++) {
		struct fit fit;
		int rc;

		tell(options, "fit on parts");
		rc = fit_find(set, groups, g, &fit, err);
		if (rc < 0)
			return rc;
		for (size_t i = 0; i < set->text_count; i++) {
			const struct text *text = &set->texts[i];
			float held[SCORES_MAX];

			if (text->cue || (groups[text->file] != g &&
					  groups[text->file] != UINT8_MAX))
				continue;
			fit_score(set, &fit, text, held);
			memcpy(scores + i * stride, held,
			       stride * sizeof(*scores));
		}
		fit_fini(&fit);
	}
	return 0;
}

static int train_set(const struct sdg_train_options *options, struct set *set,
		     void **out, size_t *len, struct sdg_train_report *report,
		     struct sdg_error *err)
{
	size_t stride =
	    set->frame->theme_count + SDG_BESIDE_COLUMNS + SDG_SIGN_COUNT;
	float *scores = calloc(set->text_count * stride + 1, sizeof(*scores));
	uint8_t groups[SDG_TRAIN_FILES_MAX] = { 0 };
	struct sdg_calibration calibration;
	struct fit fit = { 0 };
	float bonus;
	int rc;

	if (!scores)
		return sdg_fail(err, SDG_ENOMEM, "train: no memory");
	split_single(set);
	rc = score_held_out(options, set, groups,
			    deal(set, options->by_file, groups), scores, stride,
			    err);
	if (rc < 0)
		goto out;
	tell(options, "calibrate");
	bonus = calibrate(set, scores, stride, &calibration);
	calibrate_stance(set, scores, stride, &calibration);
	if (report) {
		memset(report, 0, sizeof(*report));
		judge(set, scores, stride, &calibration, report);
	}
	tell(options, "fit on everything");
	rc = fit_find(set, NULL, 0, &fit, err);
	if (rc == 0 && set->frame->other >= 0)
		fit.bias[set->frame->other] += bonus;
	if (rc == 0)
		rc = write_model(set, &fit, &calibration, out, len, err);
out:
	fit_fini(&fit);
	free(scores);
	return rc;
}

int sdg_train(const struct sdg_train_options *options, void **out, size_t *len,
	      struct sdg_train_report *report, struct sdg_error *err)
{
	struct set set;
	int rc = set_init(&set, options->dir, err);

	if (rc == 0) {
		tell(options, "read texts");
		rc = set_read(&set, options, err);
	}
	if (rc == 0)
		rc = train_set(options, &set, out, len, report, err);
	set_fini(&set);
	return rc;
}
