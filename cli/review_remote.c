/*
 * review_remote: review, of what lies on another machine. Ids are asked for
 * first, then each message when its turn comes, so that the other side notes
 * which were read; what is saved is a correction there, at once, and is not
 * offered again: broken off, the next review goes on where this one was.
 */
#include "review_screen.h"

#include <err.h>
#include <stdlib.h>
#include <string.h>

#include <soundings/ask.h>

#define TIMEOUT_MS 65000

struct far {
	const char *endpoint;
	const struct sdg_curve_key *key;
	struct review_screen screen;
	bool all;
	size_t saved, skipped;
};

/* Ask, and read the answer as JSON, if @out is not NULL; its exit status, with
 * the other side's words where it is not 0. */
static int ask(const struct far *far, const char *const words[], json_t **out)
{
	struct sdg_answer answer = { 0 };
	struct sdg_error err = { 0 };
	int status;

	if (sdg_ask(far->endpoint, far->key, words, TIMEOUT_MS, &answer, &err) <
	    0)
		return cli_fail(&err);
	status = answer.status;
	if (status != 0) {
		fputs(answer.talk, stderr);
	} else if (out) {
		*out = json_loadb(answer.out, answer.out_len, 0, NULL);
		if (!*out) {
			warnx("\"%s\" answers what this version cannot read",
			      far->endpoint);
			status = EXIT_DATA;
		}
	}
	sdg_answer_fini(&answer);
	return status;
}

static const char *text_of(const json_t *json, const char *key)
{
	const char *text = json_string_value(json_object_get(json, key));

	return text ? text : "";
}

/* @themes keeps the names that the screen borrows. */
static int name_themes(struct far *far, json_t **themes)
{
	const char *const words[] = { "theme", "list", "--format=json", NULL };
	int status = ask(far, words, themes);
	const json_t *rows = json_object_get(*themes, "rows");
	size_t n = json_array_size(rows);

	far->screen.theme_count = n;
	far->screen.themes = xcalloc(n + 1, sizeof(*far->screen.themes));
	for (size_t i = 0; i < n; i++) {
		const json_t *row = json_array_get(rows, i);

		far->screen.themes[i + 1] = text_of(row, "theme");
		if (!json_is_false(json_object_get(row, "in_force")))
			review_offer(&far->screen, (uint32_t)i + 1);
		if (strcmp(far->screen.themes[i + 1], "other") == 0)
			far->screen.other = (uint32_t)i + 1;
	}
	return status;
}

static int list_ids(struct far *far, int argc, char *argv[], json_t **list)
{
	const char *words[SDG_ASK_WORDS + 1] = { NULL };
	int n = 0;

	if (argc > SDG_ASK_WORDS - 3)
		return cli_usage("too many words");
	for (; n < argc; n++) {
		words[n] = argv[n];
		if (strcmp(argv[n], "--all") == 0)
			far->all = true;
	}
	words[n++] = "--list";
	words[n++] = "--ids";
	words[n++] = "--format=json";
	return ask(far, words, list);
}

/* An id's place in a list that @name gives, or -1. */
static int place_of(const char *id, const char *(*name)(int), int count)
{
	for (int i = 0; i < count; i++)
		if (name(i) && strcmp(name(i), id) == 0)
			return i;
	return -1;
}

static void read_labels(const struct far *far, const json_t *piece,
			struct sdg_labels *labels)
{
	const json_t *themes = json_object_get(piece, "themes");
	int kind =
	    place_of(text_of(piece, "kind"), sdg_kind_id, SDG_KIND_COUNT);
	int stance =
	    place_of(text_of(piece, "stance"), sdg_stance_id, SDG_STANCE_COUNT);

	*labels = (struct sdg_labels){ 0 };
	labels->kind = kind < 0 ? SDG_KIND_FEEDBACK : (enum sdg_kind)kind;
	labels->stance =
	    stance < 0 ? SDG_STANCE_NEUTRAL : (enum sdg_stance)stance;
	for (size_t i = 0; i < json_array_size(themes); i++) {
		const char *id = text_of(json_array_get(themes, i), "id");

		for (uint32_t t = 1; t <= far->screen.theme_count; t++)
			if (strcmp(far->screen.themes[t], id) == 0)
				labels_toggle_theme(labels, t);
	}
}

static enum review_verdict show(struct far *far, const json_t *json)
{
	struct review_piece piece = {
		.day = text_of(json, "day"),
		.source = text_of(json, "source"),
		.region = text_of(json, "region"),
		.question = sdg_str(text_of(json, "question")),
		.subject = sdg_str(text_of(json, "subject")),
		.text = sdg_str(text_of(json, "text")),
	};

	read_labels(far, json, &piece.labels);
	return review_ask(&far->screen, &piece);
}

/* What was chosen, said in full: saved as it is, it is right. */
static int save(struct far *far, const char *id)
{
	const struct sdg_labels *labels = &far->screen.labels;
	char *kind = xformat("--kind=%s", sdg_kind_id((int)labels->kind));
	char *stance =
	    xformat("--stance=%s", sdg_stance_id((int)labels->stance));
	char *themes = xstrdup("--themes"), *more;
	char *region =
	    xformat("--region=%s", sdg_region_id((int)labels->region));
	const char *words[] = { "correct", id, kind, stance, NULL, NULL, NULL };
	int n = 4, status;

	for (int i = 0; i < labels->theme_count; i++) {
		more = xformat("%s%c%s", themes, i ? ',' : '=',
			       far->screen.themes[labels->themes[i]]);
		free(themes);
		themes = more;
	}
	if (labels->kind == SDG_KIND_FEEDBACK)
		words[n++] = themes;
	if (far->screen.region_said)
		words[n] = region;
	status = ask(far, words, NULL);
	far->saved += status == 0;
	free(region);
	free(themes);
	free(stance);
	free(kind);
	return status;
}

/* *stop: the person has had enough. */
static int one(struct far *far, const char *id, bool *stop)
{
	const char *const words[] = { "show", id, "--format=json", NULL };
	json_t *piece = NULL;
	int status = ask(far, words, &piece);

	/* Somebody else was faster. */
	if (status == 0 &&
	    (far->all || !json_is_true(json_object_get(piece, "by_person"))))
		switch (show(far, piece)) {
		case REVIEW_SAVE:
			status = save(far, id);
			break;
		case REVIEW_SKIP:
			far->skipped++;
			break;
		case REVIEW_STOP:
			*stop = true;
			break;
		}
	json_decref(piece);
	return status;
}

int review_remote(const char *endpoint, const struct sdg_curve_key *key,
		  int argc, char *argv[])
{
	struct far far = { .endpoint = endpoint, .key = key };
	json_t *themes = NULL, *list = NULL;
	const json_t *rows;
	json_int_t left = 0;
	bool stop = false;
	int status = name_themes(&far, &themes);

	if (status == 0)
		status = list_ids(&far, argc, argv, &list);
	if (status == 0) {
		rows = json_object_get(list, "rows");
		left = json_integer_value(json_object_get(list, "to_review"));
		review_keys(&far.screen);
		review_raw();
		for (size_t i = 0;
		     status == 0 && !stop && i < json_array_size(rows); i++)
			status =
			    one(&far, text_of(json_array_get(rows, i), "id"),
				&stop);
		review_cooked();
		printf("%zu saved, %zu skipped, %lld left\n", far.saved,
		       far.skipped, (long long)left - (long long)far.saved);
	}
	free(far.screen.themes);
	json_decref(list);
	json_decref(themes);
	return status;
}
