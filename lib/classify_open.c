/*
 * classify_open: a frame's folder as a classifier.
 *
 * model.bin holds all that is needed when it was trained from the frame.yaml
 * and cues.tsv that stand beside it. Where those have been edited since, the
 * cues are compiled anew and themes are matched by id, or by one they once had:
 * an edited cue counts at once, a new theme works from its cues the same day.
 * Where there is no model.bin but labelled texts, they are learnt from now;
 * where there are none, cues decide alone.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <soundings/home.h>

#include "classify_region.h"
#include "phrases.h"
#include "taught.h"
#include "theme.h"
#include "train.h"

/* 0 with nothing mapped where there is no such file. */
static int map_file(const char *path, struct sdg_classifier *classifier,
		    struct sdg_error *err)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC), rc = 0;
	struct stat st;

	if (fd < 0)
		return errno == ENOENT ? 0
				       : sdg_fail_errno(err, "open '%s'", path);
	if (fstat(fd, &st) < 0)
		rc = sdg_fail_errno(err, "open '%s'", path);
	else if (st.st_size <= 0 || st.st_size > SDG_MODEL_FILE_MAX)
		rc = sdg_fail(err, SDG_EINVAL, "open '%s': not a model", path);
	if (rc == 0) {
		classifier->map = mmap(NULL, (size_t)st.st_size, PROT_READ,
				       MAP_PRIVATE, fd, 0);
		if (classifier->map == MAP_FAILED) {
			classifier->map = NULL;
			rc = sdg_fail_errno(err, "map '%s'", path);
		} else {
			classifier->map_len = (size_t)st.st_size;
			classifier->mapped = true;
		}
	}
	close(fd);
	return rc;
}

static int view_model(const char *path, struct sdg_classifier *classifier,
		      struct sdg_error *err)
{
	struct sdg_error why = { 0 };
	int rc = sdg_model_view(classifier->map, classifier->map_len,
				&classifier->model, &why);

	if (rc < 0)
		return sdg_fail(err, (enum sdg_code)rc, "open '%.200s': %.200s",
				path, why.message);
	classifier->modelled = true;
	classifier->counts = calloc(sdg_model_rows(classifier->model.header),
				    sizeof(*classifier->counts));
	if (!classifier->counts)
		return sdg_fail(err, SDG_ENOMEM, "open classifier: no memory");
	return 0;
}

static int has_texts(const char *dir)
{
	char path[SDG_PATH_MAX];
	struct stat st;
	int n = snprintf(path, sizeof(path), "%s/training", dir);

	return n > 0 && n < (int)sizeof(path) && stat(path, &st) == 0 &&
	       S_ISDIR(st.st_mode);
}

static int find_model(const char *dir, const char *model,
		      struct sdg_classifier *classifier, struct sdg_error *err)
{
	struct sdg_train_options options = { .dir = dir };
	char path[SDG_PATH_MAX];
	int n = model ? snprintf(path, sizeof(path), "%s", model)
		      : snprintf(path, sizeof(path), "%s/model.bin", dir);
	int rc;

	if (n < 0 || n >= (int)sizeof(path))
		return sdg_fail(err, SDG_EINVAL,
				"open classifier: path too "
				"long");
	rc = map_file(path, classifier, err);
	if (rc == 0 && !classifier->map && model)
		rc = sdg_fail(err, SDG_ENOTFOUND, "open '%s': no such model",
			      model);
	if (rc == 0 && !classifier->map && has_texts(dir)) {
		rc = sdg_train(&options, &classifier->map, &classifier->map_len,
			       NULL, err);
		if (rc == SDG_ENOTFOUND) /* a folder, but nothing to learn */
			rc = 0;
	}
	if (rc == 0 && classifier->map)
		rc = view_model(path, classifier, err);
	return rc;
}

/* Of fewer texts a theme the model knows less than the cues do: of main themes
 * 0.43 were right on unseen messages by ten texts, 0.60 by cues alone. */
#define TAUGHT_LEAST 3

/* A theme of which the model was taught less than a tenth of what it was of
 * themes on average: beside the others its score says nothing yet. And all of
 * them, where it was taught hardly anything. */
static void find_thin(struct sdg_classifier *classifier)
{
	const struct sdg_model_header *header = classifier->model.header;
	uint64_t all = 0, least = TAUGHT_LEAST * (uint64_t)header->theme_count;

	for (uint32_t t = 0; t < header->theme_count; t++)
		all += header->texts[t];
	for (size_t t = 0; t < classifier->theme_count; t++) {
		int column = classifier->columns[t];
		uint64_t texts = column < 0 ? 0 : header->texts[column];

		classifier->thin[t] =
		    classifier->like[t] < 0 &&
		    (all < least || 10 * texts * header->theme_count < all);
	}
}

/* The model knows this very frame: nothing else need be read. */
static void use_model(struct sdg_classifier *classifier)
{
	const struct sdg_model *model = &classifier->model;

	classifier->theme_count = model->header->theme_count;
	classifier->other = model->header->other;
	classifier->calibration = model->header->calibration;
	classifier->cues = model->cues;
	for (size_t t = 0; t < classifier->theme_count; t++) {
		classifier->ids[t] = model->ids[t];
		classifier->names[t] = model->names[t];
		classifier->columns[t] = (int)t;
		classifier->like[t] = -1;
	}
}

static int column_of(const struct sdg_classifier *classifier, const char *id)
{
	if (!classifier->modelled)
		return -1;
	for (uint32_t t = 0; t < classifier->model.header->theme_count; t++) {
		if (strcmp(classifier->model.ids[t], id) == 0)
			return (int)t;
	}
	return -1;
}

/* By an id the theme once had. Where several went into it, the one of which
 * the model was taught most: of the others its cues tell. */
static int former_column(const struct sdg_classifier *classifier, size_t theme)
{
	const struct sdg_model *model = &classifier->model;
	int best = -1;

	if (!classifier->modelled)
		return -1;
	for (uint32_t c = 0; c < model->header->theme_count; c++) {
		if (sdg_frame_theme(classifier->frame, model->ids[c]) !=
		    (int)theme)
			continue;
		if (best < 0 ||
		    model->header->texts[c] > model->header->texts[best])
			best = (int)c;
	}
	return best;
}

static int use_frame(const char *dir, struct sdg_classifier *classifier,
		     struct sdg_error *err)
{
	struct sdg_calibration *to = &classifier->calibration;
	struct sdg_frame *frame;
	int rc = sdg_frame_read(dir, &classifier->frame, err);

	if (rc == 0)
		rc = sdg_cues_compile(classifier->frame, classifier->stemmer,
				      &classifier->cues, err);
	if (rc < 0)
		return rc;
	frame = classifier->frame;
	classifier->theme_count = frame->theme_count;
	classifier->other =
	    frame->other < 0 ? UINT32_MAX : (uint32_t)frame->other;
	*to = (struct sdg_calibration){ .score = 1.5F, .lead = 0.5F };
	if (classifier->modelled)
		*to = classifier->model.header->calibration;
	for (size_t t = 0; t < frame->theme_count; t++) {
		int column = column_of(classifier, frame->themes[t].id);

		if (column < 0)
			column = former_column(classifier, t);
		/* Split from another: the model knows it by that. */
		classifier->like[t] = -1;
		if (column < 0 && frame->themes[t].like) {
			column = column_of(classifier, frame->themes[t].like);
			classifier->like[t] =
			    column < 0
				? -1
				: sdg_frame_theme(frame, frame->themes[t].like);
		}

		classifier->ids[t] = frame->themes[t].id;
		classifier->names[t] = frame->themes[t].name;
		classifier->columns[t] = column;
		to->theme[t] = 0;
		to->threshold[t] = 0.5F;
		if (column >= 0) {
			const struct sdg_calibration *from =
			    &classifier->model.header->calibration;

			to->theme[t] = from->theme[column];
			to->threshold[t] = from->threshold[column];
		}
	}
	/* With cues alone, silence must not look like a theme. */
	if (!classifier->modelled && frame->other >= 0)
		classifier->columns[frame->other] = -1;
	return 0;
}

/* Raised when the same frame and model come to label otherwise, or reclassify
 * would pass over what they labelled before. */
#define RULES_VERSION 3

/* Changes with the frame, with the model and with the rules. */
static void set_version(struct sdg_classifier *classifier,
			const uint8_t frame_digest[16])
{
	uint32_t frame, model = 0;

	memcpy(&frame, frame_digest, sizeof(frame));
	if (classifier->modelled)
		memcpy(&model, classifier->model.header->digest, sizeof(model));
	classifier->version = frame ^ model ^ RULES_VERSION * 0x9e3779b1u;
	classifier->version |= classifier->version == 0;
}

static void note_word(const void *arg, const uint64_t half[2], uint64_t stem,
		      struct sdg_word_note *out)
{
	const struct sdg_classifier *classifier = arg;

	if (half)
		region_note(half, out);
	out->heads[0] = sdg_cues_head(&classifier->cues, stem);
	out->heads[1] = sdg_cues_head(&classifier->phrases, stem);
	if (out->heads[1])
		out->marks |= SDG_MARK_PHRASE;
	if (sdg_is_address(&classifier->address, stem))
		out->marks |= SDG_MARK_ADDRESS;
	if (classifier->modelled)
		out->model =
		    sdg_model_noted(&classifier->model, stem) & SDG_NOTED_MAX;
}

/* From here on the stemmer is the classifier's own. */
static void note_words(struct sdg_classifier *classifier)
{
	classifier->cues.noted = 1;
	classifier->phrases.noted = 2;
	sdg_stemmer_note(classifier->stemmer, note_word, classifier);
}

int sdg_classifier_open(const struct sdg_classifier_options *options,
			struct sdg_classifier **out, struct sdg_error *err)
{
	struct sdg_classifier *classifier = calloc(1, sizeof(*classifier));
	const char *dir = options ? options->frame_dir : NULL;
	char path[SDG_PATH_MAX];
	uint8_t digest[16];
	int rc = 0;

	if (!classifier)
		return sdg_fail(err, SDG_ENOMEM, "open classifier: no memory");
	if (!dir) {
		rc = sdg_frame_dir(path, err);
		dir = path;
	}
	if (rc == 0)
		rc = sdg_frame_files_digest(dir, digest, err);
	if (rc == 0)
		rc = sdg_stemmer_new(&classifier->stemmer, err);
	if (rc == 0)
		rc = sdg_phrases_compile(classifier->stemmer,
					 &classifier->phrases, err);
	if (rc == 0) {
		sdg_address_init(&classifier->address, classifier->stemmer);
		rc = find_model(dir, options ? options->model : NULL,
				classifier, err);
	}
	if (rc == 0 && classifier->modelled &&
	    memcmp(digest, classifier->model.header->frame_digest,
		   sizeof(digest)) == 0)
		use_model(classifier);
	else if (rc == 0)
		rc = use_frame(dir, classifier, err);
	if (rc == 0 && classifier->modelled)
		find_thin(classifier);
	if (rc < 0) {
		sdg_classifier_close(classifier);
		return rc;
	}
	note_words(classifier);
	set_version(classifier, digest);
	*out = classifier;
	return 0;
}

void sdg_classifier_close(struct sdg_classifier *classifier)
{
	if (!classifier)
		return;
	sdg_cues_fini(&classifier->cues);
	sdg_cues_fini(&classifier->phrases);
	sdg_frame_free(classifier->frame);
	sdg_stemmer_free(classifier->stemmer);
	free(classifier->counts);
	if (classifier->mapped)
		munmap(classifier->map, classifier->map_len);
	else
		free(classifier->map);
	free(classifier);
}

size_t sdg_classifier_theme_count(const struct sdg_classifier *classifier)
{
	return classifier->theme_count;
}

const char *sdg_classifier_theme_id(const struct sdg_classifier *classifier,
				    size_t theme)
{
	return classifier->ids[theme];
}

const char *sdg_classifier_theme_name(const struct sdg_classifier *classifier,
				      size_t theme)
{
	return classifier->names[theme];
}

uint32_t sdg_classifier_version(const struct sdg_classifier *classifier)
{
	return classifier->version;
}

bool sdg_classifier_taught(const struct sdg_classifier *classifier,
			   const struct sdg_feedback *fb)
{
	const struct sdg_model *model = &classifier->model;

	return classifier->modelled &&
	       sdg_taught_has(model->taught, model->header->taught_count,
			      sdg_taught_digest(fb->text, fb->subject));
}
