/*
 * quality: how often a model is right, as measured when it was trained.
 */
#include "quality.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>
#include <sodium.h>

#include <soundings/home.h>

#define DIGEST 16

static void digest(const void *model, size_t len, char out[2 * DIGEST + 1])
{
	uint8_t hash[DIGEST];

	crypto_generichash(hash, sizeof(hash), model, len, NULL, 0);
	sodium_bin2hex(out, 2 * DIGEST + 1, hash, sizeof(hash));
}

static void sum_up(const struct sdg_train_report *report, struct sdg_quality *q)
{
	uint64_t hits = 0, wrong = 0, missed = 0;

	*q = (struct sdg_quality){ 0 };
	for (size_t i = 0; i < report->file_count; i++) {
		const struct sdg_train_file *file = &report->files[i];

		if (file->passages)
			continue;
		q->texts += file->pieces;
		q->main_right += file->main_right;
		q->stance_right += file->stance_right;
		q->kinds += file->others;
		q->kind_right += file->kind_right;
		hits += file->hits;
		wrong += file->wrong;
		missed += file->missed;
	}
	if (hits)
		q->micro_f1 =
		    2.0 * (double)hits / (double)(2 * hits + wrong + missed);
}

int sdg_quality_write(const char *dir, const struct sdg_train_report *report,
		      const void *model, size_t len, struct sdg_error *err)
{
	char path[SDG_PATH_MAX], text[512], hex[2 * DIGEST + 1];
	struct sdg_quality q;
	int n;

	sum_up(report, &q);
	digest(model, len, hex);
	n = snprintf(path, sizeof(path), "%s/" SDG_QUALITY_FILE, dir);
	if (n < 0 || (size_t)n >= sizeof(path))
		return sdg_fail(err, SDG_EINVAL, "path too long: '%.60s…'",
				dir);
	n = snprintf(text, sizeof(text),
		     "{\"model\": \"%s\", \"held_out\": true, \"texts\": %u, "
		     "\"main_theme_right\": %u, \"stance_right\": %u, "
		     "\"kinds\": %u, \"kind_right\": %u, "
		     "\"themes_micro_f1\": %.4f}\n",
		     hex, q.texts, q.main_right, q.stance_right, q.kinds,
		     q.kind_right, q.micro_f1);
	return sdg_write_file(path, text, (size_t)n, 0644, err);
}

static int parse(const char *data, size_t len, const char *hex,
		 struct sdg_quality *q, struct sdg_error *err)
{
	json_t *json = json_loadb(data, len, 0, NULL);
	json_int_t texts, main_right, stance, kinds, kind;
	const char *model;
	int rc = 0;

	if (json_unpack(json, "{s:s, s:I, s:I, s:I, s:I, s:I, s:F}", "model",
			&model, "texts", &texts, "main_theme_right",
			&main_right, "stance_right", &stance, "kinds", &kinds,
			"kind_right", &kind, "themes_micro_f1",
			&q->micro_f1) < 0)
		rc = sdg_fail(err, SDG_EINVAL,
			      "read '" SDG_QUALITY_FILE "': not what was "
			      "written there");
	else if (strcmp(model, hex) != 0)
		rc = sdg_fail(err, SDG_ENOTFOUND,
			      "the figures in '" SDG_QUALITY_FILE "' are of "
			      "another model");
	if (rc == 0) {
		q->texts = (uint32_t)texts;
		q->main_right = (uint32_t)main_right;
		q->stance_right = (uint32_t)stance;
		q->kinds = (uint32_t)kinds;
		q->kind_right = (uint32_t)kind;
	}
	json_decref(json);
	return rc;
}

int sdg_quality_read(const char *dir, struct sdg_quality *out,
		     struct sdg_error *err)
{
	char path[SDG_PATH_MAX], hex[2 * DIGEST + 1];
	struct sdg_quality q = { 0 };
	char *data = NULL;
	size_t len;
	int rc;

	snprintf(path, sizeof(path), "%.900s/model.bin", dir);
	rc = sdg_read_file(path, (size_t)256 << 20, &data, &len, err);
	if (rc < 0)
		return rc;
	digest(data, len, hex);
	free(data);
	snprintf(path, sizeof(path), "%.900s/" SDG_QUALITY_FILE, dir);
	rc = sdg_read_file(path, 4096, &data, &len, err);
	if (rc < 0)
		return rc;
	rc = parse(data, len, hex, &q, err);
	free(data);
	if (rc == 0)
		*out = q;
	return rc;
}
