/*
 * train_texts: labelled lines and cues as counted features.
 */
#include "train_internal.h"

#include <dirent.h>
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <soundings/home.h>

#include "corpus.h"
#include "phrases.h"
#include "taught.h"
#include "theme.h"

static void *grow(void *old, size_t *cap, size_t need, size_t each)
{
	size_t n = *cap ? *cap : 1024;
	void *grown;

	/* Of nothing there is an array, too: NULL means no memory. */
	if (need <= *cap && old)
		return old;
	while (n < need)
		n *= 2;
	grown = realloc(old, n * each);
	if (grown)
		*cap = n;
	return grown;
}

static int no_memory(struct sdg_error *err)
{
	return sdg_fail(err, SDG_ENOMEM, "train: no memory");
}

int set_init(struct set *set, const char *dir, struct sdg_error *err)
{
	int rc;

	*set = (struct set){ .slot_count = 1024 };
	set->slots = calloc(set->slot_count, sizeof(*set->slots));
	set->words = malloc(SDG_WORDS_MAX * sizeof(*set->words));
	set->list = malloc(SDG_FEATURES_OF(SDG_WORDS_MAX) * sizeof(*set->list));
	if (!set->slots || !set->words || !set->list)
		return no_memory(err);
	rc = sdg_stemmer_new(&set->stemmer, err);
	if (rc == 0)
		rc = sdg_frame_read(dir, &set->frame, err);
	if (rc == 0)
		rc =
		    sdg_cues_compile(set->frame, set->stemmer, &set->cues, err);
	if (rc == 0)
		rc = sdg_phrases_compile(set->stemmer, &set->phrases, err);
	if (rc == 0)
		sdg_address_init(&set->address, set->stemmer);
	return rc;
}

void set_fini(struct set *set)
{
	sdg_frame_free(set->frame);
	sdg_stemmer_free(set->stemmer);
	sdg_cues_fini(&set->cues);
	sdg_cues_fini(&set->phrases);
	free(set->texts);
	free(set->ids);
	free(set->counts);
	free(set->cue_scores);
	free(set->said);
	free(set->features);
	free(set->slots);
	free(set->words);
	free(set->list);
	free(set->shown);
}

static int widen(struct set *set)
{
	size_t count = set->slot_count * 2;
	uint32_t *slots = calloc(count, sizeof(*slots));

	if (!slots)
		return -1;
	for (size_t i = 0; i < set->feature_count; i++) {
		size_t at = set->features[i].hash & (count - 1);

		while (slots[at])
			at = (at + 1) & (count - 1);
		slots[at] = (uint32_t)i + 1;
	}
	free(set->slots);
	set->slots = slots;
	set->slot_count = count;
	return 0;
}

/* Where @hash stands, or would. */
static uint32_t *slot_of(const struct set *set, uint64_t hash)
{
	size_t at = hash & (set->slot_count - 1);

	while (set->slots[at] && set->features[set->slots[at] - 1].hash != hash)
		at = (at + 1) & (set->slot_count - 1);
	return &set->slots[at];
}

uint32_t set_find(const struct set *set, uint64_t hash)
{
	uint32_t slot = *slot_of(set, hash);

	return slot ? slot - 1 : NO_FEATURE;
}

/* The number of @feature, a new one if need be; NO_FEATURE: no memory. */
static uint32_t number_of(struct set *set, const struct sdg_feature *feature)
{
	struct feature_info *grown;
	uint32_t number;

	if (2 * set->feature_count >= set->slot_count && widen(set) < 0)
		return NO_FEATURE;
	number = set_find(set, feature->hash);
	if (number != NO_FEATURE)
		return number;
	grown = grow(set->features, &set->feature_cap, set->feature_count + 1,
		     sizeof(*grown));
	if (!grown)
		return NO_FEATURE;
	set->features = grown;
	set->features[set->feature_count] =
	    (struct feature_info){ .hash = feature->hash,
				   .what = feature->how.what };
	number = (uint32_t)set->feature_count++;
	*slot_of(set, feature->hash) = number + 1;
	return number;
}

static int by_number(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return x < y ? -1 : x > y;
}

/* The run of features at @first as distinct ones with their counts. */
static uint32_t condense(struct set *set, size_t first, size_t n)
{
	uint32_t *ids = set->ids + first;
	uint32_t kept = 0;

	qsort(ids, n, sizeof(*ids), by_number);
	for (size_t i = 0; i < n;) {
		size_t end = i;

		while (end < n && ids[end] == ids[i])
			end++;
		ids[kept] = ids[i];
		set->counts[first + kept++] = 1 + logf((float)(end - i));
		i = end;
	}
	return kept;
}

static size_t times_of(const struct set *set, size_t n, bool stance)
{
	size_t times = 0;

	for (size_t i = 0; i < n; i++)
		times += set->list[i].how.stance == stance
			     ? set->list[i].how.times
			     : 0;
	return times;
}

/* Adds those of the @n listed features that are for the @stance or not. */
static int add_features(struct set *set, size_t n, bool stance, uint32_t *kept)
{
	size_t cap = set->cap, first = set->used, count = 0;
	size_t need = set->used + times_of(set, n, stance);
	uint32_t *ids = grow(set->ids, &cap, need, sizeof(*ids));
	float *counts;

	if (!ids)
		return -1;
	set->ids = ids;
	counts = grow(set->counts, &set->cap, need, sizeof(*counts));
	if (!counts)
		return -1;
	set->counts = counts;
	for (size_t i = 0; i < n; i++) {
		uint32_t id;

		if (set->list[i].how.stance != stance)
			continue;
		id = number_of(set, &set->list[i]);
		if (id == NO_FEATURE)
			return -1;
		for (int k = 0; k < set->list[i].how.times; k++)
			set->ids[first + count++] = id;
	}
	*kept = condense(set, first, count);
	set->used += *kept;
	return 0;
}

/* Adds the features as they were said, for what is read sentence by
 * sentence. All of them have numbers by now. */
static int add_said(struct set *set, size_t n, struct text *text)
{
	uint32_t *said =
	    grow(set->said, &set->said_cap, set->said_used + n, sizeof(*said));

	if (!said)
		return -1;
	set->said = said;
	text->said_at = set->said_used;
	for (size_t i = 0; i < n; i++)
		said[set->said_used++] =
		    number_of(set, &set->list[i]) |
		    (set->list[i].how.ends ? SAID_ENDS : 0);
	text->said = (uint32_t)n;
	return 0;
}

static void add_cue_score(void *arg, uint8_t theme, int weight, size_t first,
			  size_t count)
{
	float *scores = arg;

	(void)first;
	(void)count;
	scores[theme] += (float)weight;
}

/* What each of the sentences shows whose features are listed @from to @to;
 * nothing without a @piece. */
static int add_shown(struct set *set, const struct sdg_corpus *piece,
		     size_t from, size_t to)
{
	for (size_t i = from; i < to; i++) {
		struct shown *grown;

		if (!set->list[i].how.ends)
			continue;
		grown = grow(set->shown, &set->shown_cap, set->shown_used + 1,
			     sizeof(*grown));
		if (!grown)
			return -1;
		set->shown = grown;
		grown[set->shown_used++] =
		    piece ? rationales_find(set, piece, set->list + from,
					    i + 1 - from)
			  : (struct shown){ 0 };
		from = i + 1;
	}
	return 0;
}

/* Starts a text and takes in the features and cues of @body and @subject.
 * @piece: whose they are, or NULL */
static struct text *add_text(struct set *set, struct sdg_str body,
			     struct sdg_str subject,
			     const struct sdg_corpus *piece)
{
	struct sdg_str parts[2] = { body, subject };
	struct text *texts = grow(set->texts, &set->text_cap,
				  set->text_count + 1, sizeof(*texts));
	size_t themes = set->frame->theme_count, listed = 0;
	float *scores;
	struct text *text;

	if (!texts)
		return NULL;
	set->texts = texts;
	scores = grow(set->cue_scores, &set->cue_cap, set->cue_used + themes,
		      sizeof(*scores));
	if (!scores)
		return NULL;
	set->cue_scores = scores;
	scores += set->cue_used;
	memset(scores, 0, themes * sizeof(*scores));
	text = &texts[set->text_count];
	*text = (struct text){ .first = set->used,
			       .main = NO_THEME,
			       .cues_at = set->cue_used,
			       .shown_at = set->shown_used };
	for (int i = 0; i < 2; i++) {
		size_t max = i ? SDG_SUBJECT_WORDS_MAX
			       : SDG_WORDS_MAX - SDG_SUBJECT_WORDS_MAX;
		size_t before = listed;
		size_t n =
		    sdg_words_split(set->stemmer, parts[i], set->words, max);

		sdg_phrases_read(&set->phrases, set->words, NULL, n, NULL, 0);
		text->words += (uint32_t)n;
		listed += sdg_features_list(
		    &set->address, set->words, n,
		    i ? SDG_FIELD_SUBJECT : SDG_FIELD_TEXT, set->list + listed);
		if (add_shown(set, i == 0 ? piece : NULL, before, listed) < 0)
			return NULL;
		sdg_cues_match(&set->cues, set->words, NULL, n, add_cue_score,
			       scores);
	}
	if (add_features(set, listed, false, &text->plain) < 0 ||
	    add_features(set, listed, true, &text->extra) < 0 ||
	    add_said(set, listed, text) < 0)
		return NULL;
	set->cue_used += themes;
	set->text_count++;
	return text;
}

/* A label that is no theme any more is none; a text that has no other fits
 * none of today's themes. */
static int add_labels(const struct sdg_frame *frame,
		      const struct sdg_corpus *piece, struct text *text,
		      struct sdg_error *err)
{
	for (size_t i = 0; i < piece->theme_count; i++) {
		char id[64];
		int theme;

		snprintf(id, sizeof(id), "%.*s", SDG_STR_ARG(piece->themes[i]));
		theme = sdg_frame_theme(frame, id);
		if (theme == SDG_FRAME_RETIRED)
			continue;
		if (theme < 0)
			return sdg_corpus_no_theme(piece, i, err);
		if (text->main == NO_THEME)
			text->main = (uint8_t)theme;
		else if (text->main != theme) /* two may be one today */
			text->second |= (uint64_t)1 << theme;
	}
	if (piece->theme_count && text->main == NO_THEME && frame->other >= 0)
		text->main = (uint8_t)frame->other;
	return 0;
}

static int add_line(void *arg, const struct sdg_corpus *piece,
		    struct sdg_error *err)
{
	struct set *set = arg;
	int kind = sdg_kind_from_id(piece->kind);
	int stance = sdg_stance_from_id(piece->stance);
	struct text *text;

	text = add_text(set, piece->fb.text, piece->fb.subject, piece);
	if (!text)
		return no_memory(err);
	text->digest = sdg_taught_digest(piece->fb.text, piece->fb.subject);
	text->kind = kind > 0 ? (uint8_t)kind : SDG_KIND_FEEDBACK;
	text->stance = stance > 0 ? (uint8_t)stance : SDG_STANCE_NEUTRAL;
	text->tones_marked = piece->tones_marked;
	text->themes_marked = piece->themes_marked;
	text->file = (uint8_t)(set->file_count - 1);
	text->passage = set->files[text->file].passages;
	for (size_t i = 0; i < text->plain + text->extra; i++)
		set->features[set->ids[text->first + i]].seen++;
	/* Whatever else a line says that is no feedback. */
	if (text->kind != SDG_KIND_FEEDBACK)
		return 0;
	return add_labels(set->frame, piece, text, err);
}

static int read_file(struct set *set, const char *path, struct sdg_error *err)
{
	const char *name = strrchr(path, '/') ? strrchr(path, '/') + 1 : path;
	struct sdg_train_file *file;

	if (set->file_count == SDG_TRAIN_FILES_MAX)
		return sdg_fail(err, SDG_EINVAL,
				"read training texts: more than %d files",
				SDG_TRAIN_FILES_MAX);
	file = &set->files[set->file_count];
	snprintf(file->name, sizeof(file->name), "%s", name);
	file->passages = strncmp(name, "sentences", 9) == 0;
	set->file_count++;
	return sdg_corpus_read(path, add_line, set, err);
}

static int add_cue_texts(struct set *set, struct sdg_error *err)
{
	for (size_t i = 0; i < set->frame->cue_count; i++) {
		const struct sdg_cue *cue = &set->frame->cues[i];
		struct text *text;

		if (cue->weight < 0)
			continue;
		text = add_text(set, sdg_str(cue->phrase),
				(struct sdg_str){ 0 }, NULL);
		if (!text)
			return no_memory(err);
		text->cue = true;
		text->main = cue->theme;
		text->weight = (float)cue->weight / 3;
		text->kind = SDG_KIND_FEEDBACK;
	}
	return 0;
}

static int is_jsonl(const struct dirent *entry)
{
	size_t len = strlen(entry->d_name);

	return entry->d_name[0] != '.' && len > 6 &&
	       strcmp(entry->d_name + len - 6, ".jsonl") == 0;
}

/* Not alphasort(): its order is the locale's. */
static int by_name(const struct dirent **a, const struct dirent **b)
{
	return strcmp((*a)->d_name, (*b)->d_name);
}

static int read_folder(struct set *set, const char *dir, struct sdg_error *err)
{
	char path[SDG_PATH_MAX];
	struct dirent **entries = NULL;
	int n, rc = 0;

	snprintf(path, sizeof(path), "%s/training", dir);
	n = scandir(path, &entries, is_jsonl, by_name);
	if (n < 0 && errno == ENOENT)
		return 0;
	if (n < 0)
		return sdg_fail_errno(err, "read folder '%s'", path);
	for (int i = 0; i < n; i++) {
		int len = snprintf(path, sizeof(path), "%s/training/%s", dir,
				   entries[i]->d_name);

		if (rc == 0 && (len < 0 || len >= (int)sizeof(path)))
			rc = sdg_fail(err, SDG_EINVAL, "path too long");
		if (rc == 0)
			rc = read_file(set, path, err);
		free(entries[i]);
	}
	free(entries);
	return rc;
}

static bool has_labels(const struct set *set)
{
	for (size_t i = 0; i < set->text_count; i++)
		if (set->texts[i].main != NO_THEME)
			return true;
	return false;
}

int set_read(struct set *set, const struct sdg_train_options *options,
	     struct sdg_error *err)
{
	int rc = read_folder(set, options->dir, err);

	for (size_t i = 0; i < options->also_count && rc == 0; i++)
		rc = read_file(set, options->also[i], err);
	/* Of cues alone no model is made: they decide better without one. */
	if (rc == 0 && !has_labels(set))
		rc =
		    sdg_fail(err, SDG_ENOTFOUND,
			     "train: there is nothing to learn from: no text "
			     "in '%s/training' has a theme of the frame (until "
			     "there is one, its cues decide alone)",
			     options->dir);
	if (rc == 0)
		rc = add_cue_texts(set, err);
	return rc;
}
