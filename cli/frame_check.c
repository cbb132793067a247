/*
 * frame check: cues that are double, dead, contradict one another
 * or speak for the wrong theme, measured on labelled texts; a theme of what
 * fits none that is not called so.
 */
#include "frame_cmd.h"

#include <glob.h>
#include <stdlib.h>
#include <string.h>

#include <soundings/home.h>

#include "corpus.h"
#include "cues.h"
#include "frame.h"
#include "theme.h"

#define WRONG_LEAST 6   /* texts, before a cue can be called wrong */
#define WRONG_SHARE 0.4 /* of its texts that are of its theme */

enum fault { DOUBLE, CONTRADICTION, SHARED, WRONG, DEAD, OTHER, FAULT_COUNT };

static const char *const FAULTS[FAULT_COUNT] = { "double", "contradiction",
						 "shared", "wrong",
						 "dead",   "other" };

/* What is known of a compiled cue. */
struct seen {
	uint32_t texts, right; /* that hold it; of those, of its theme */
	uint32_t last_text;
	const struct sdg_cue *first; /* the first line that says it */
};

struct check {
	const char *dir;
	bool all;
	struct sdg_frame *frame;
	struct sdg_stemmer *stemmer;
	struct sdg_cues cues;
	struct seen *seen; /* by slot */
	struct sdg_word *words;
	uint64_t themes; /* of the text at hand */
	uint32_t text;
	struct grid *grid;
	uint32_t counts[FAULT_COUNT];
	const struct sdg_cue *contradiction; /* the last */
};

static uint64_t key_of(const struct sdg_word *words, size_t n)
{
	uint64_t key = words[0].stem;

	for (size_t i = 1; i < n; i++)
		key = sdg_words_join(key, words[i].stem);
	return key;
}

/* The slot of @key for @theme, or the slot count. */
static size_t slot_of(const struct sdg_cues *cues, uint64_t key, uint8_t theme)
{
	size_t mask = cues->slot_count - 1, at = key & mask;

	for (; cues->slots[at].key; at = (at + 1) & mask) {
		if (cues->slots[at].key == key &&
		    cues->slots[at].theme == theme)
			return at;
	}
	return cues->slot_count;
}

static void count_cue(void *arg, uint8_t theme, int weight, size_t first,
		      size_t count)
{
	struct check *check = arg;
	size_t slot =
	    slot_of(&check->cues, key_of(check->words + first, count), theme);
	struct seen *seen = &check->seen[slot];

	(void)weight;
	if (slot == check->cues.slot_count || seen->last_text == check->text)
		return;
	seen->last_text = check->text;
	seen->texts++;
	seen->right += check->themes >> theme & 1;
}

static int read_line(void *arg, const struct sdg_corpus *piece,
		     struct sdg_error *err)
{
	struct check *check = arg;
	size_t n;

	check->text++;
	check->themes = 0;
	for (size_t i = 0; i < piece->theme_count; i++) {
		char id[64];
		int theme;

		snprintf(id, sizeof(id), "%.*s", SDG_STR_ARG(piece->themes[i]));
		theme = sdg_frame_theme(check->frame, id);
		if (theme == -1)
			return sdg_corpus_no_theme(piece, i, err);
		if (theme >= 0)
			check->themes |= UINT64_C(1) << theme;
	}
	if (!check->themes)
		return 0;
	n = sdg_words_split(check->stemmer, piece->fb.text, check->words,
			    SDG_WORDS_MAX);
	sdg_cues_match(&check->cues, check->words, NULL, n, count_cue, check);
	return 0;
}

static int read_folder(struct check *check, struct sdg_error *err)
{
	char pattern[SDG_PATH_MAX + 32];
	glob_t found = { 0 };
	int rc = 0;

	snprintf(pattern, sizeof(pattern), "%s/training/*.jsonl", check->dir);
	if (glob(pattern, 0, NULL, &found) == 0) {
		for (size_t i = 0; i < found.gl_pathc && rc == 0; i++)
			rc = sdg_corpus_read(found.gl_pathv[i], read_line,
					     check, err);
	}
	globfree(&found);
	return rc;
}

static void report(struct check *check, enum fault fault,
		   const struct sdg_cue *cue, const struct seen *seen,
		   const char *with)
{
	struct cell *row;

	check->counts[fault]++;
	if ((fault == DEAD || fault == DOUBLE) && !check->all)
		return;
	row = grid_row(check->grid);
	cell_text(&row[0], FAULTS[fault], NULL);
	cell_text(&row[1], check->frame->themes[cue->theme].id, NULL);
	cell_str(&row[2], sdg_str(cue->phrase));
	cell_number(&row[3], cue->weight);
	cell_count(&row[4], cue->line);
	cell_count(&row[5], seen->texts);
	cell_count(&row[6], seen->right);
	cell_text(&row[7], with, NULL);
}

/* Another theme for which the phrase nearly decides, too. */
static const char *shared_with(const struct check *check,
			       const struct sdg_cue *cue, uint64_t key)
{
	for (size_t t = 0; t < check->frame->theme_count; t++) {
		size_t slot;

		if (t == cue->theme)
			continue;
		slot = slot_of(&check->cues, key, (uint8_t)t);
		if (slot < check->cues.slot_count &&
		    check->cues.slots[slot].weight == 3)
			return check->frame->themes[t].id;
	}
	return NULL;
}

static void check_cue(struct check *check, const struct sdg_cue *cue)
{
	struct sdg_word words[SDG_CUE_WORDS_MAX + 1];
	size_t n = sdg_words_split(check->stemmer, sdg_str(cue->phrase), words,
				   SDG_CUE_WORDS_MAX + 1);
	uint64_t key = key_of(words, n);
	size_t slot = slot_of(&check->cues, key, cue->theme);
	struct seen *seen = &check->seen[slot];
	const char *other;

	if (slot == check->cues.slot_count)
		return;
	if (seen->first) {
		bool against = (seen->first->weight < 0) != (cue->weight < 0);

		if (against)
			check->contradiction = cue;
		report(check, against ? CONTRADICTION : DOUBLE, cue, seen,
		       seen->first->phrase);
		return;
	}
	seen->first = cue;
	other = cue->weight == 3 ? shared_with(check, cue, key) : NULL;
	if (other)
		report(check, SHARED, cue, seen, other);
	if (cue->weight >= 2 && seen->texts >= WRONG_LEAST &&
	    seen->right < WRONG_SHARE * seen->texts)
		report(check, WRONG, cue, seen, "");
	if (!seen->texts)
		report(check, DEAD, cue, seen, "");
}

static void make_grid(struct check *check)
{
	static const char *const columns[][2] = {
		{ "fault", "Fault" },   { "theme", "Theme" },
		{ "phrase", "Phrase" }, { "weight", "Weight" },
		{ "line", "Line" },     { "texts", "Texts" },
		{ "right", "Right" },   { "with", "With" },
	};

	check->grid = grid_new(check->frame->title);
	for (int i = 0; i < 8; i++)
		grid_column(check->grid, columns[i][0], columns[i][1],
			    i >= 3 && i <= 6);
	grid_decimals(check->grid, 3, 0);
}

static int open_frame(struct check *check, struct sdg_error *err)
{
	int rc = sdg_stemmer_new(&check->stemmer, err);

	if (rc == 0)
		rc = sdg_frame_read(check->dir, &check->frame, err);
	if (rc == 0)
		rc = sdg_cues_compile(check->frame, check->stemmer,
				      &check->cues, err);
	if (rc < 0)
		return rc;
	check->seen = xcalloc(check->cues.slot_count + 1, sizeof(*check->seen));
	check->words = xcalloc(SDG_WORDS_MAX, sizeof(*check->words));
	make_grid(check);
	return 0;
}

static void close_frame(struct check *check)
{
	grid_free(check->grid);
	free(check->seen);
	free(check->words);
	sdg_cues_fini(&check->cues);
	sdg_frame_free(check->frame);
	sdg_stemmer_free(check->stemmer);
}

static void check_cues(struct check *check)
{
	for (size_t i = 0; i < check->frame->cue_count; i++)
		check_cue(check, &check->frame->cues[i]);
}

/* 'correct', 'review' and pages know the theme of what fits none by its id,
 * which is the store's as well: labels keep no frame beside them. */
static void check_other(struct check *check)
{
	const struct sdg_frame *frame = check->frame;
	int called = sdg_frame_theme(frame, "other");
	struct cell *row;

	if (called >= 0 && strcmp(frame->themes[called].id, "other") != 0)
		called = -1; /* one was called so */
	if (frame->other == called || (frame->other < 0 && called < 0))
		return;
	check->counts[OTHER]++;
	row = grid_row(check->grid);
	cell_text(&row[0], FAULTS[OTHER], NULL);
	cell_text(&row[1],
		  frame->themes[frame->other < 0 ? called : frame->other].id,
		  NULL);
	cell_text(&row[7], "other", NULL);
	if (frame->other < 0)
		grid_note(check->grid, true,
			  "The theme 'other' is one like any: 'other: other' "
			  "above the themes makes it that of what fits none.");
	else
		grid_note(check->grid, true,
			  "What fits no theme is '%s': call it 'other' (and "
			  "'was: [%s]' in it), or 'correct' and 'review' let "
			  "it stand beside a theme, and a page takes it for "
			  "one.",
			  frame->themes[frame->other].id,
			  frame->themes[frame->other].id);
}

int frame_faults(const char *dir, uint32_t counts[FRAME_FAULTS],
		 char last[FRAME_PHRASE_SIZE], struct sdg_error *err)
{
	struct check check = { .dir = dir };
	int rc = open_frame(&check, err);

	if (rc == 0) {
		check_cues(&check);
		counts[FRAME_DOUBLE] = check.counts[DOUBLE];
		counts[FRAME_CONTRADICTIONS] = check.counts[CONTRADICTION];
		counts[FRAME_SHARED] = check.counts[SHARED];
		snprintf(last, FRAME_PHRASE_SIZE, "%s",
			 check.contradiction ? check.contradiction->phrase
					     : "");
	}
	close_frame(&check);
	return rc;
}

static int check_frame(struct check *check, char **files, struct sdg_error *err)
{
	int rc = open_frame(check, err);

	if (rc == 0)
		rc = read_folder(check, err);
	for (; *files && rc == 0; files++)
		rc = sdg_corpus_read(*files, read_line, check, err);
	if (rc < 0)
		return rc;
	check_cues(check);
	check_other(check);
	grid_note(check->grid, true,
		  "%zu themes, %zu cues, %u texts: %u double, %u "
		  "contradictions, %u shared, %u wrong, %u dead",
		  check->frame->theme_count, check->frame->cue_count,
		  check->text, check->counts[DOUBLE],
		  check->counts[CONTRADICTION], check->counts[SHARED],
		  check->counts[WRONG], check->counts[DEAD]);
	return 0;
}

static int emit(const struct check *check, const struct cli_args *args)
{
	json_t *out = cli_envelope("frame");
	json_t *counts = json_object();

	for (int i = 0; i < FAULT_COUNT; i++)
		json_object_set_new(counts, FAULTS[i],
				    json_integer(check->counts[i]));
	json_object_set_new(out, "themes",
			    json_integer((int)check->frame->theme_count));
	json_object_set_new(out, "cues",
			    json_integer((int)check->frame->cue_count));
	json_object_set_new(out, "texts", json_integer(check->text));
	json_object_set_new(out, "faults", counts);
	return cli_emit(args, out, check->grid, NULL);
}

int frame_check(struct cli *cli, void *arg)
{
	const struct frame_options *o = arg;
	struct check check = { .dir = o->frame, .all = o->all };
	char dir[SDG_PATH_MAX];
	int rc = 0;

	if (!check.dir) {
		rc = sdg_frame_dir(dir, &cli->err);
		check.dir = dir;
	}
	if (rc == 0)
		rc = check_frame(&check, cli->args.rest + 1, &cli->err);
	if (rc == 0)
		rc = emit(&check, &cli->args);
	close_frame(&check);
	return rc;
}
