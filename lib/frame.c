/*
 * frame: reading frame.yaml and cues.tsv. It and config.c know libcyaml, with
 * yaml_complaint.c.
 *
 * It refuses what would make figures silently wrong: a cue for a theme that
 * is not there, two themes of one name, a weight that means nothing.
 */
#include "frame.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cyaml/cyaml.h>
#include <sodium.h>

#include <soundings/classify.h>
#include <soundings/home.h>

#include "yaml_complaint.h"

/* frame.yaml, as libcyaml loads it. */
struct yaml_cue {
	char *phrase;
	int weight;
};

struct yaml_theme {
	char *id, *name, *definition, *like;
	char **was;
	unsigned was_count;
	struct yaml_cue *cues;
	unsigned cues_count;
	char **exclusions;
	unsigned exclusions_count;
};

struct yaml_frame {
	char *frame, *other;
	char **retired;
	unsigned retired_count;
	struct yaml_theme *themes;
	unsigned themes_count;
};

static const cyaml_schema_field_t cue_fields[] = {
	CYAML_FIELD_STRING_PTR("phrase", CYAML_FLAG_POINTER, struct yaml_cue,
			       phrase, 1, 200),
	CYAML_FIELD_INT("weight", CYAML_FLAG_DEFAULT, struct yaml_cue, weight),
	CYAML_FIELD_END
};

static const cyaml_schema_value_t cue_value = { CYAML_VALUE_MAPPING(
    CYAML_FLAG_DEFAULT, struct yaml_cue, cue_fields) };

static const cyaml_schema_value_t phrase_value = { CYAML_VALUE_STRING(
    CYAML_FLAG_POINTER, char, 1, 200) };

static const cyaml_schema_value_t id_value = { CYAML_VALUE_STRING(
    CYAML_FLAG_POINTER, char, 1, 63) };

static const cyaml_schema_field_t theme_fields[] = {
	CYAML_FIELD_STRING_PTR("id", CYAML_FLAG_POINTER, struct yaml_theme, id,
			       1, 63),
	CYAML_FIELD_STRING_PTR("name", CYAML_FLAG_POINTER, struct yaml_theme,
			       name, 1, 200),
	CYAML_FIELD_STRING_PTR("definition", CYAML_FLAG_POINTER,
			       struct yaml_theme, definition, 0, 4000),
	CYAML_FIELD_SEQUENCE("cues", CYAML_FLAG_POINTER | CYAML_FLAG_OPTIONAL,
			     struct yaml_theme, cues, &cue_value, 0,
			     SDG_CUES_MAX),
	CYAML_FIELD_STRING_PTR("like", CYAML_FLAG_POINTER | CYAML_FLAG_OPTIONAL,
			       struct yaml_theme, like, 1, 63),
	CYAML_FIELD_SEQUENCE("was", CYAML_FLAG_POINTER | CYAML_FLAG_OPTIONAL,
			     struct yaml_theme, was, &id_value, 0, 64),
	CYAML_FIELD_SEQUENCE(
	    "exclusions", CYAML_FLAG_POINTER | CYAML_FLAG_OPTIONAL,
	    struct yaml_theme, exclusions, &phrase_value, 0, SDG_CUES_MAX),
	CYAML_FIELD_END
};

static const cyaml_schema_value_t theme_value = { CYAML_VALUE_MAPPING(
    CYAML_FLAG_DEFAULT, struct yaml_theme, theme_fields) };

static const cyaml_schema_field_t frame_fields[] = {
	CYAML_FIELD_STRING_PTR("frame", CYAML_FLAG_POINTER, struct yaml_frame,
			       frame, 1, 200),
	CYAML_FIELD_STRING_PTR("other",
			       CYAML_FLAG_POINTER | CYAML_FLAG_OPTIONAL,
			       struct yaml_frame, other, 1, 63),
	CYAML_FIELD_SEQUENCE("retired",
			     CYAML_FLAG_POINTER | CYAML_FLAG_OPTIONAL,
			     struct yaml_frame, retired, &id_value, 0, 256),
	CYAML_FIELD_SEQUENCE("themes", CYAML_FLAG_POINTER, struct yaml_frame,
			     themes, &theme_value, 1, SDG_FRAME_MAX),
	CYAML_FIELD_END
};

static const cyaml_schema_value_t frame_value = { CYAML_VALUE_MAPPING(
    CYAML_FLAG_POINTER, struct yaml_frame, frame_fields) };

static const cyaml_config_t yaml_config = {
	.mem_fn = cyaml_mem,
	.flags = CYAML_CFG_NO_ALIAS,
};

void sdg_frame_free(struct sdg_frame *frame)
{
	if (!frame)
		return;
	for (size_t i = 0; i < frame->theme_count; i++) {
		free(frame->themes[i].id);
		free(frame->themes[i].name);
		free(frame->themes[i].definition);
		free(frame->themes[i].like);
	}
	for (size_t i = 0; i < frame->former_count; i++)
		free(frame->formers[i].id);
	free(frame->formers);
	for (size_t i = 0; i < frame->cue_count; i++)
		free(frame->cues[i].phrase);
	free(frame->themes);
	free(frame->cues);
	free(frame->title);
	free(frame);
}

int sdg_frame_theme(const struct sdg_frame *frame, const char *id)
{
	for (size_t i = 0; i < frame->theme_count; i++) {
		if (strcmp(frame->themes[i].id, id) == 0)
			return (int)i;
	}
	for (size_t i = 0; i < frame->former_count; i++) {
		if (strcmp(frame->formers[i].id, id) == 0)
			return frame->formers[i].theme;
	}
	return -1;
}

/* Takes over nothing: @phrase is copied. Grows by doubling. */
static int add_cue(struct sdg_frame *frame, const char *phrase, size_t len,
		   int theme, int weight, uint32_t line, struct sdg_error *err)
{
	size_t n = frame->cue_count;
	struct sdg_cue *grown;
	char *copy;

	if (n == SDG_CUES_MAX)
		return sdg_fail(err, SDG_EINVAL,
				"read cues: more than %d of them",
				SDG_CUES_MAX);
	if (n < 64 ? n == 0 : (n & (n - 1)) == 0) {
		grown = realloc(frame->cues,
				(n < 64 ? 64 : 2 * n) * sizeof(*grown));
		if (!grown)
			return sdg_fail(err, SDG_ENOMEM,
					"read cues: no memory");
		frame->cues = grown;
	}
	copy = strndup(phrase, len);
	if (!copy)
		return sdg_fail(err, SDG_ENOMEM, "read cues: no memory");
	frame->cues[frame->cue_count++] = (struct sdg_cue){
		.phrase = copy,
		.line = line,
		.theme = (uint8_t)theme,
		.weight = (int8_t)weight,
	};
	return 0;
}

static int add_former(struct sdg_frame *frame, const char *id, int theme,
		      const char *path, struct sdg_error *err)
{
	struct sdg_former *grown;

	if (sdg_frame_theme(frame, id) != -1)
		return sdg_fail(err, SDG_EINVAL,
				"read frame '%s': '%s' is a theme, and one "
				"that was",
				path, id);
	grown =
	    realloc(frame->formers, (frame->former_count + 1) * sizeof(*grown));
	if (!grown)
		return sdg_fail(err, SDG_ENOMEM, "read frame: no memory");
	frame->formers = grown;
	grown[frame->former_count] = (struct sdg_former){ strdup(id), theme };
	if (!grown[frame->former_count].id)
		return sdg_fail(err, SDG_ENOMEM, "read frame: no memory");
	frame->former_count++;
	return 0;
}

/* Ids of earlier frames, once all of today's are known. */
static int take_formers(struct yaml_frame *yaml, const char *path,
			struct sdg_frame *frame, struct sdg_error *err)
{
	int rc = 0;

	for (unsigned i = 0; i < yaml->themes_count && rc == 0; i++) {
		struct yaml_theme *theme = &yaml->themes[i];

		for (unsigned k = 0; k < theme->was_count && rc == 0; k++)
			rc =
			    add_former(frame, theme->was[k], (int)i, path, err);
		if (!theme->like)
			continue;
		frame->themes[i].like = strdup(theme->like);
		if (!frame->themes[i].like)
			rc = sdg_fail(err, SDG_ENOMEM, "read frame: no memory");
	}
	for (unsigned i = 0; i < yaml->retired_count && rc == 0; i++)
		rc = add_former(frame, yaml->retired[i], SDG_FRAME_RETIRED,
				path, err);
	return rc;
}

static bool is_weight(long weight)
{
	return weight != 0 && weight >= -3 && weight <= 3;
}

/* What is said of any other; -1 and -3 are taken, and never needed. */
#define WEIGHTS "a weight is 3, 2, 1 or -2"

/* The themes of @yaml into @frame; their cues follow with take_yaml_cues(). */
static int take_themes(struct yaml_frame *yaml, const char *path,
		       struct sdg_frame *frame, struct sdg_error *err)
{
	frame->themes = calloc(yaml->themes_count, sizeof(*frame->themes));
	frame->title = strdup(yaml->frame);
	if (!frame->themes || !frame->title)
		return sdg_fail(err, SDG_ENOMEM, "read frame: no memory");
	for (unsigned i = 0; i < yaml->themes_count; i++) {
		struct yaml_theme *from = &yaml->themes[i];
		struct sdg_theme *to = &frame->themes[i];

		if (!sdg_is_id(from->id))
			return sdg_fail(err, SDG_EINVAL,
					"read frame '%s': theme %u: an id is "
					"made of a-z, 0-9 and '-'",
					path, i + 1);
		if (sdg_frame_theme(frame, from->id) >= 0)
			return sdg_fail(err, SDG_EINVAL,
					"read frame '%s': theme '%s' stands "
					"there twice",
					path, from->id);
		to->id = strdup(from->id);
		to->name = strdup(from->name);
		to->definition = strdup(from->definition);
		frame->theme_count++;
		if (!to->id || !to->name || !to->definition)
			return sdg_fail(err, SDG_ENOMEM,
					"read frame: no memory");
	}
	frame->other = yaml->other ? sdg_frame_theme(frame, yaml->other) : -1;
	if (yaml->other && frame->other < 0)
		return sdg_fail(
		    err, SDG_EINVAL,
		    "read frame '%s': other: '%s' is no theme of it", path,
		    yaml->other);
	return 0;
}

static int take_yaml_cues(struct yaml_frame *yaml, const char *path,
			  struct sdg_frame *frame, struct sdg_error *err)
{
	int rc = 0;

	for (unsigned i = 0; i < yaml->themes_count && rc == 0; i++) {
		struct yaml_theme *theme = &yaml->themes[i];

		for (unsigned k = 0; k < theme->cues_count && rc == 0; k++) {
			struct yaml_cue *cue = &theme->cues[k];

			if (!is_weight(cue->weight))
				return sdg_fail(err, SDG_EINVAL,
						"read frame '%s': theme '%s': "
						"cue %u: " WEIGHTS,
						path, theme->id, k + 1);
			rc = add_cue(frame, cue->phrase, strlen(cue->phrase),
				     (int)i, cue->weight, 0, err);
		}
		for (unsigned k = 0; k < theme->exclusions_count && rc == 0;
		     k++)
			rc = add_cue(frame, theme->exclusions[k],
				     strlen(theme->exclusions[k]), (int)i, -2,
				     0, err);
	}
	return rc;
}

/* One line of cues.tsv, @len bytes without its end. */
static int take_line(const char *line, size_t len, uint32_t number,
		     const char *path, struct sdg_frame *frame,
		     struct sdg_error *err)
{
	const char *tab, *second, *end = line + len;
	char id[64];
	long weight;
	char *rest;
	int theme;

	if (len && line[len - 1] == '\r')
		end--;
	if (line == end || line[0] == '#')
		return 0;
	tab = memchr(line, '\t', (size_t)(end - line));
	second = tab ? memchr(tab + 1, '\t', (size_t)(end - tab - 1)) : NULL;
	if (!second || second == tab + 1 || (size_t)(tab - line) >= sizeof(id))
		return sdg_fail(err, SDG_EINVAL,
				"read cues '%s': line %u: not theme, phrase "
				"and weight with tabs between",
				path, number);
	memcpy(id, line, (size_t)(tab - line));
	id[tab - line] = '\0';
	theme = sdg_frame_theme(frame, id);
	if (theme < 0)
		return sdg_fail(err, SDG_EINVAL,
				"read cues '%s': line %u: no such theme", path,
				number);
	weight = strtol(second + 1, &rest, 10);
	if (rest == second + 1 || rest != end || !is_weight(weight))
		return sdg_fail(err, SDG_EINVAL,
				"read cues '%s': line %u: " WEIGHTS, path,
				number);
	return add_cue(frame, tab + 1, (size_t)(second - tab - 1), theme,
		       (int)weight, number, err);
}

static int take_lines(const char *text, size_t len, const char *path,
		      struct sdg_frame *frame, struct sdg_error *err)
{
	const char *end = text + len;
	uint32_t number = 0;
	int rc = 0;

	while (text < end && rc == 0) {
		const char *stop = memchr(text, '\n', (size_t)(end - text));

		if (!stop)
			stop = end;
		rc = take_line(text, (size_t)(stop - text), ++number, path,
			       frame, err);
		text = stop + 1;
	}
	return rc;
}

static int join_path(const char *dir, const char *name, char out[SDG_PATH_MAX],
		     struct sdg_error *err)
{
	int n = snprintf(out, SDG_PATH_MAX, "%s/%s", dir, name);

	if (n < 0 || n >= SDG_PATH_MAX)
		return sdg_fail(err, SDG_EINVAL, "read frame: path too long");
	return 0;
}

/* @text is terminated. What stands there is not repeated, as libcyaml does. */
static int parse_yaml(const char *text, size_t len, const char *path,
		      struct yaml_frame **out, struct sdg_error *err)
{
	struct sdg_yaml_complaint complaint = { 0 };
	const cyaml_config_t how = sdg_yaml_config(&complaint);
	cyaml_err_t rc =
	    cyaml_load_data((const uint8_t *)text, len, &how, &frame_value,
			    (cyaml_data_t **)out, NULL);
	unsigned line = sdg_yaml_line(&complaint, text);

	if (rc == CYAML_ERR_OOM)
		return sdg_fail(err, SDG_ENOMEM, "read frame: no memory");
	if (rc != CYAML_OK && line)
		return sdg_fail(err, SDG_EINVAL, "read frame '%s': line %u: %s",
				path, line, cyaml_strerror(rc));
	if (rc != CYAML_OK || !*out)
		return sdg_fail(err, SDG_EINVAL, "read frame '%s': %s", path,
				rc == CYAML_OK ? "empty" : cyaml_strerror(rc));
	return 0;
}

/* The folder's files as they are. */
struct files {
	char path[SDG_PATH_MAX], cues_path[SDG_PATH_MAX];
	char *yaml, *cues;
	size_t yaml_len, cues_len;
};

static void files_fini(struct files *files)
{
	free(files->yaml);
	free(files->cues);
}

static int files_read(const char *dir, struct files *files,
		      struct sdg_error *err)
{
	int rc;

	*files = (struct files){ 0 };
	rc = join_path(dir, "frame.yaml", files->path, err);
	if (rc == 0)
		rc = join_path(dir, "cues.tsv", files->cues_path, err);
	if (rc == 0)
		rc = sdg_read_file(files->path, SDG_FRAME_FILE_MAX,
				   &files->yaml, &files->yaml_len, err);
	if (rc < 0)
		return rc;
	rc = sdg_read_file(files->cues_path, SDG_FRAME_FILE_MAX, &files->cues,
			   &files->cues_len, err);
	/* A frame may do with frame.yaml alone. */
	return rc == SDG_ENOTFOUND ? 0 : rc;
}

static void files_digest(const struct files *files, uint8_t digest[16])
{
	crypto_generichash_state hash;

	crypto_generichash_init(&hash, NULL, 0, 16);
	crypto_generichash_update(&hash, (const uint8_t *)files->yaml,
				  files->yaml_len);
	crypto_generichash_update(&hash, (const uint8_t *)files->cues,
				  files->cues_len);
	crypto_generichash_final(&hash, digest, 16);
}

int sdg_frame_files_digest(const char *dir, uint8_t digest[16],
			   struct sdg_error *err)
{
	struct files files;
	int rc = files_read(dir, &files, err);

	if (rc == 0)
		files_digest(&files, digest);
	files_fini(&files);
	return rc;
}

int sdg_frame_read(const char *dir, struct sdg_frame **out,
		   struct sdg_error *err)
{
	struct sdg_frame *frame = calloc(1, sizeof(*frame));
	struct yaml_frame *yaml = NULL;
	struct files files;
	int rc = files_read(dir, &files, err);

	if (rc == 0 && !frame)
		rc = sdg_fail(err, SDG_ENOMEM, "read frame: no memory");
	if (rc == 0)
		rc = parse_yaml(files.yaml, files.yaml_len, files.path, &yaml,
				err);
	if (rc == 0)
		rc = take_themes(yaml, files.path, frame, err);
	if (rc == 0)
		rc = take_formers(yaml, files.path, frame, err);
	if (rc == 0)
		rc = take_yaml_cues(yaml, files.path, frame, err);
	if (rc == 0)
		rc = take_lines(files.cues, files.cues_len, files.cues_path,
				frame, err);
	if (rc == 0)
		files_digest(&files, frame->digest);
	cyaml_free(&yaml_config, &frame_value, yaml, 0);
	files_fini(&files);
	if (rc < 0)
		sdg_frame_free(frame);
	else
		*out = frame;
	return rc;
}
