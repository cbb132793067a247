/*
 * train_model: the build's own trainer, which makes model.bin and, beside
 * it, quality.json. What a user has is soundings train; both call the same
 * library.
 */
#include <err.h>
#include <stdio.h>
#include <stdlib.h>

#include <soundings/home.h>

#include "quality.h"
#include "train.h"

int main(int argc, char *argv[])
{
	static struct sdg_train_report report;
	struct sdg_train_options options = { .beside = true };
	struct sdg_error error = { 0 };
	char path[SDG_PATH_MAX];
	void *model = NULL;
	size_t len = 0;
	int rc;

	if (argc < 3)
		errx(64, "usage: train_model DIR OUTDIR [FILE …]");
	options.dir = argv[1];
	snprintf(path, sizeof(path), "%.900s/model.bin", argv[2]);
	options.also = (const char *const *)argv + 3;
	options.also_count = (size_t)argc - 3;
	rc = sdg_train(&options, &model, &len, &report, &error);
	if (rc == 0)
		rc = sdg_write_file(path, model, len, 0644, &error);
	if (rc == 0)
		rc = sdg_quality_write(argv[2], &report, model, len, &error);
	free(model);
	if (rc < 0)
		errx(65, "%s", error.message);
	return 0;
}
