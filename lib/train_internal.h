/*
 * train_internal: what the files of training share.
 *
 * train_texts.c reads texts and counts features, train_rationales.c says what
 * their sentences show, train_fit.c finds weights,
 * train_calibrate.c turns scores into probabilities and thresholds,
 * train_write.c makes the file, train.c says in which order.
 */
#ifndef TRAIN_INTERNAL_H
#define TRAIN_INTERNAL_H

#include <soundings/feedback.h>

#include "cues.h"
#include "frame.h"
#include "model.h"
#include "signals.h"
#include "train.h"
#include "words.h"

#define NO_THEME 255
#define NO_FEATURE UINT32_MAX

/* How much a pair counts beside a word, and a cue beside the model. */
#define PAIR_VALUE 0.8F
#define CUE_WEIGHT 0.45F

/* One labelled text, or a cue taken as one. Its features are a run of the
 * set's arrays, plain ones first. */
struct text {
	uint64_t digest; /* taught.h */
	size_t first;
	uint32_t plain, extra; /* how many; extra: for the stance alone */
	uint32_t words;
	uint64_t second; /* set of themes beside the main one */
	float weight;    /* of a cue, 0 to 1 */
	uint8_t main;    /* or NO_THEME */
	uint8_t kind, stance;
	uint8_t file;
	bool passage, cue;
	bool tones_marked, themes_marked; /* somebody said by what words */
	size_t cues_at; /* its cue scores in the set's array */
	/* Its features as they were said, in the set's array. */
	size_t said_at;
	uint32_t said;
	size_t shown_at; /* what its sentences show */
};

/* Of a feature as it was said: the last of its sentence. */
#define SAID_ENDS 0x80000000u
#define SAID_FEATURE(said) ((said) & ~SAID_ENDS)

/* What a sentence was marked to show: a bit a theme, a bit a tone. */
struct shown {
	uint64_t themes;
	uint8_t tones;
};

struct feature_info {
	uint64_t hash;
	uint32_t seen; /* texts that hold it, cues left out */
	uint8_t what;  /* enum sdg_feature_what */
};

struct set {
	struct sdg_frame *frame;
	struct sdg_stemmer *stemmer;
	struct sdg_address address;
	struct sdg_cues cues, phrases;

	struct text *texts;
	size_t text_count, text_cap;
	uint32_t *ids; /* features of texts */
	float *counts; /* 1 + log of how often */
	size_t used, cap;
	float *cue_scores; /* theme_count a text */
	size_t cue_used, cue_cap;
	uint32_t *said; /* features of texts, one by one */
	size_t said_used, said_cap;
	struct shown *shown; /* of texts, a sentence each */
	size_t shown_used, shown_cap;

	struct feature_info *features;
	size_t feature_count, feature_cap;
	uint32_t *slots; /* open-addressed: feature + 1, 0 empty */
	size_t slot_count;

	struct sdg_train_file files[SDG_TRAIN_FILES_MAX];
	size_t file_count;

	/* While one piece is read. */
	struct sdg_word *words;
	struct sdg_feature *list;
};

/* Weights found from some of the texts. */
struct fit {
	size_t columns;
	size_t row_count;
	uint32_t *row_of; /* by feature, or NO_FEATURE */
	float *values;    /* by row */
	float *weights;   /* by row, then column */
	float bias[SDG_COLUMNS_MAX];
};

int set_init(struct set *set, const char *dir, struct sdg_error *err);
void set_fini(struct set *set);
/** set_read - all labelled lines of the folder and of @also, then the cues */
int set_read(struct set *set, const struct sdg_train_options *options,
	     struct sdg_error *err);

/**
 * fit_find - learn from the texts whose file's group is not @held_out
 * @groups: a group a file; NULL: learn from all
 */
int fit_find(const struct set *set, const uint8_t *groups, int held_out,
	     struct fit *out, struct sdg_error *err);
void fit_fini(struct fit *fit);

/* One of a vector's numbers that are not 0. */
struct part {
	uint32_t row;
	float value;
};

/* Sentences as unit vectors, and what they show; owned. */
struct examples {
	size_t count;
	struct part *parts;
	size_t *ends; /* vector @i is from ends[i] on to ends[i + 1] */
	struct shown *shown;
};

/** rationales_find - what of @piece's marks stands in the sentence of which
 *  the @n features are */
struct shown rationales_find(const struct set *set,
			     const struct sdg_corpus *piece,
			     const struct sdg_feature *list, size_t n);
/** rationales_of_tones, rationales_of_themes - the sentences of those @taken
 *  texts of which it is known what they show; -1: no memory */
int rationales_of_tones(const struct set *set, const struct fit *fit,
			const bool *taken, struct examples *out);
int rationales_of_themes(const struct set *set, const struct fit *fit,
			 const bool *taken, struct examples *out);
void examples_fini(struct examples *examples);

/* What a text is scored by: the columns, then the signs of its stance. */
#define SCORES_MAX (SDG_COLUMNS_MAX + SDG_SIGN_COUNT)

/** fit_score - decision values of @text, cues added to themes; signs */
void fit_score(const struct set *set, const struct fit *fit,
	       const struct text *text, float scores[SCORES_MAX]);

/** text_counts - is it a whole piece of feedback, which alone says how many
 *  themes a piece has, and follows the definition of stance? */
bool text_counts(const struct text *text, bool passages_too);
bool set_only_passages(const struct set *set);

/**
 * calibrate - from held-out scores, so many a text
 *
 * Returns what the score of "other" wants on top, having added it to @scores.
 */
float calibrate(const struct set *set, float *scores, size_t stride,
		struct sdg_calibration *out);
/** calibrate_stance - what the stances' signs say, beside @out's other parts
 */
void calibrate_stance(const struct set *set, const float *scores, size_t stride,
		      struct sdg_calibration *out);
/** judge - held-out figures by file, into @report */
void judge(const struct set *set, const float *scores, size_t stride,
	   const struct sdg_calibration *calibration,
	   struct sdg_train_report *report);

/** set_find - the number of the feature of @hash, or NO_FEATURE */
uint32_t set_find(const struct set *set, uint64_t hash);

/* Where each of some pairs stands in the model. */
struct cells {
	uint32_t pair_count, count, pilot_count;
	uint16_t *pilots;  /* by bucket */
	uint32_t *cell_of; /* by pair */
};

/** cells_find - a cell for each of @n pairs, those said most first; all their
 *  @hashes differ */
int cells_find(const uint64_t *hashes, uint32_t n, struct cells *out,
	       struct sdg_error *err);
void cells_fini(struct cells *cells);

int write_model(const struct set *set, const struct fit *fit,
		const struct sdg_calibration *calibration, void **out,
		size_t *len, struct sdg_error *err);

#endif
