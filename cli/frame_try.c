/*
 * frame try: what would move, is it right more often, and what speaks
 * against it? 'frame adopt' wants a reason where something does.
 */
#include "frame_cmd.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "editions.h"
#include "frame.h"
#include "held_out.h"
#include "journal.h"
#include "relabel.h"

/* Of the stored messages that have a theme, one in so many may lose it. */
#define LOST_SHARE 20

struct trial {
	struct held_out held;
	struct relabel *r;
	size_t themed, lost; /* stored messages that have a theme; lose it */
	bool part;           /* of what is stored was looked at */
	struct sdg_classifier_options options; /* of the candidate */
	uint32_t now, then;                    /* versions */
	bool terminal;
	struct sdg_error *err;
};

static int look(void *arg, struct sdg_hand *hand,
		const struct sdg_stored *stored, void **out,
		struct sdg_error *err)
{
	struct trial *trial = arg;

	return relabel_look(trial->r, hand, stored, out, err);
}

/* Which theme of @frame the store's @number is; negative: none. */
static int theme_in(const struct trial *trial, const struct sdg_frame *frame,
		    uint32_t number)
{
	return number ? sdg_frame_theme(
			    frame, sdg_store_theme_id(trial->r->store, number))
		      : -1;
}

static bool is_themed(const struct trial *trial, uint32_t number)
{
	const struct sdg_frame *now = trial->held.now.frame;
	int theme = theme_in(trial, now, number);

	return theme >= 0 && theme != now->other;
}

/* How many would lose their theme: because it is gone, or to what fits none,
 * less those that would come from there. */
static size_t count_lost(const struct trial *trial)
{
	const struct sdg_frame *now = trial->held.now.frame;
	const struct sdg_frame *then = trial->held.then.frame;
	size_t gone = 0, out = 0, back = 0;

	for (uint32_t from = 1; from < SDG_STORE_THEMES; from++) {
		bool themed = is_themed(trial, from);
		bool is_gone = theme_in(trial, then, from) < 0;

		for (int to = 0; to <= SDG_FRAME_MAX; to++) {
			size_t n = trial->r->moves[from][to].count;
			bool none = to == 0 || to - 1 == then->other;

			if (n && themed && is_gone)
				gone += n;
			else if (n && themed && none)
				out += n;
			else if (n && !none &&
				 theme_in(trial, now, from) == now->other)
				back += n;
		}
	}
	return gone + (out > back ? out - back : 0);
}

static int take(void *arg, const struct sdg_stored *stored, size_t which,
		void *out)
{
	struct trial *trial = arg;

	(void)which;
	relabel_count(trial->r, stored, out);
	trial->themed += out && stored->labels.theme_count &&
			 is_themed(trial, stored->labels.themes[0]);
	if (trial->terminal && trial->r->seen % 1000 == 0)
		fprintf(stderr, "\r%zu messages …", trial->r->seen);
	return held_out_stored(&trial->held, trial->r->store, stored,
			       trial->err);
}

static bool is_part(const struct sdg_filter *f)
{
	return f->since_day || f->until_day || f->regions || f->themes[0] ||
	       f->themes[1] || f->themes[2] || f->themes[3] || f->sources ||
	       f->stances || f->roles || f->phases || f->consultation;
}

static int look_at_all(struct trial *trial, struct cli *cli,
		       const struct frame_options *o)
{
	const unsigned kinds = 1u << SDG_KIND_FEEDBACK |
			       1u << SDG_KIND_AUTO_REPLY |
			       1u << SDG_KIND_NOT_FEEDBACK;
	const struct sdg_visit visit = { .look = look,
					 .then = take,
					 .arg = trial };
	int rc = cli_open(SDG_STORE_READ, &cli->home, &cli->store, &cli->err);

	if (rc == 0)
		rc = cli_use_themes(cli->store, &cli->args, &cli->err);
	if (rc < 0)
		return rc;
	trial->r = relabel_new(cli->store, trial->held.then.classifier,
			       &trial->options);
	trial->r->words = true;
	trial->terminal = isatty(STDERR_FILENO);
	rc = sdg_store_visit(cli->store, &cli->args.filter, kinds, NULL, &visit,
			     &cli->err);
	if (trial->terminal)
		fputs("\r\033[K", stderr);
	trial->part = is_part(&cli->args.filter);
	trial->lost = count_lost(trial);
	for (size_t i = 0; rc == 0 && i < o->labelled_count; i++)
		rc = held_out_file(&trial->held, o->labelled[i], &cli->err);
	held_out_finish(&trial->held);
	return rc;
}

static json_t *side_json(const struct held_out_side *side, uint32_t version)
{
	char hex[VERSION_SIZE];

	return json_pack("{s:s, s:i, s:i, s:f, s:f, s:f, s:f}", "version",
			 version_hex(version, hex), "right",
			 (int)side->main.right, "of", (int)side->main.of,
			 "main_theme", side->main.value, "low", side->main.low,
			 "high", side->main.high, "micro_f1",
			 held_out_f1(side));
}

static json_t *held_json(const struct trial *trial)
{
	const struct held_out *h = &trial->held;

	return json_pack(
	    "{s:i, s:i, s:i, s:i, s:o, s:o, s:i, s:i, s:i, s:b}", "labelled",
	    (int)h->labelled, "vanishing", (int)h->vanishing, "messages",
	    (int)h->pieces, "taught", (int)h->taught, "present",
	    side_json(&h->now, trial->now), "candidate",
	    side_json(&h->then, trial->then), "of_new_themes", (int)h->of_new,
	    "right_of_new", (int)h->then.of_new.right, "of_retired_themes",
	    (int)h->of_gone, "fell", held_out_fell(h));
}

static void note_score(const struct trial *trial, struct grid *grid)
{
	const struct share *a = &trial->held.now.main;
	const struct share *b = &trial->held.then.main;

	if (a->of)
		grid_note(grid, true,
			  "Held out, %u messages: main theme right for %u now "
			  "(%.2f, %.2f to %.2f), for %u with it (%.2f, %.2f to "
			  "%.2f); micro-F1 %.3f now, %.3f with it.",
			  a->of, a->right, a->value, a->low, a->high, b->right,
			  b->value, b->low, b->high,
			  held_out_f1(&trial->held.now),
			  held_out_f1(&trial->held.then));
	if (trial->held.taught)
		grid_note(grid, true,
			  "%zu of the %zu labelled messages held out were "
			  "taught to one of the two models, with these very "
			  "words: being right about them means nothing, and "
			  "they are left out.",
			  trial->held.taught, trial->held.pieces);
	if (a->of && (trial->held.of_new || trial->held.of_gone))
		grid_note(grid, true,
			  "Left out of that: %zu of themes that are new (right "
			  "for %u), %zu of themes that are gone.",
			  trial->held.of_new, trial->held.then.of_new.right,
			  trial->held.of_gone);
}

/* ----------------------------------------------------- what speaks against it
 */

static void doubt_score(const struct held_out *h, json_t *list)
{
	const struct share *a = &h->now.main, *b = &h->then.main;

	if (a->of == 0 && h->labelled == 0)
		json_array_append_new(
		    list,
		    json_string("nobody can say whether it is right more "
				"often: people labelled nothing (correct or "
				"review some messages, or give --labelled "
				"lines)"));
	else if (a->of == 0)
		json_array_append_new(
		    list,
		    json_sprintf(
			"nobody can say whether it is right more "
			"often: of %zu that people labelled %zu are "
			"held out, %zu of these were taught to one of the two, "
			"%zu are of themes that are gone, %zu of new ones",
			h->labelled, h->pieces, h->taught, h->of_gone,
			h->of_new));
	if (held_out_fell(h))
		json_array_append_new(
		    list, json_sprintf("it is right less often than what is in "
				       "force: %u of %u held-out main themes "
				       "(micro-F1 %.3f), now %u (%.3f)",
				       b->right, b->of, held_out_f1(&h->then),
				       a->right, held_out_f1(&h->now)));
}

static json_t *doubts_json(const struct trial *trial)
{
	const struct held_out *h = &trial->held;
	json_t *list = json_array();

	doubt_score(h, list);
	if (h->vanishing)
		json_array_append_new(
		    list, json_sprintf("what people said of %zu messages would "
				       "be lost: the main theme is none of it",
				       h->vanishing));
	if (trial->lost * LOST_SHARE > trial->themed)
		json_array_append_new(
		    list, json_sprintf("%zu of the %zu stored messages that "
				       "have a theme would lose it",
				       trial->lost, trial->themed));
	if (trial->part)
		json_array_append_new(
		    list, json_string("only a part of what is stored was "
				      "looked at: try it without filters"));
	return list;
}

static void note_doubts(const json_t *doubts, struct grid *grid)
{
	const json_t *doubt;
	size_t i;

	json_array_foreach(doubts, i, doubt)
	    grid_note(grid, true, "Against it: %s.", json_string_value(doubt));
	if (json_array_size(doubts))
		grid_note(grid, true,
			  "So 'adopt' refuses it without --because WHY.");
}

static int emit(const struct trial *trial, struct cli *cli)
{
	const struct relabel *r = trial->r;
	struct grid *grid = relabel_grid(r);
	json_t *envelope = cli_envelope("frame-try");
	json_t *doubts = doubts_json(trial);
	int status;

	grid_note(
	    grid, false,
	    "Main themes that would move if it were adopted and 'soundings "
	    "reclassify' run:");
	grid_note(grid, true,
		  "%zu looked at; %zu would have another main theme, %zu other "
		  "themes beside it, %zu another kind, %zu another stance. "
		  "Nothing is changed.",
		  r->seen, r->moved, r->also, r->kind, r->stance);
	note_score(trial, grid);
	note_doubts(doubts, grid);
	relabel_json(r, envelope);
	json_object_set_new(envelope, "lost",
			    json_integer((json_int_t)trial->lost));
	json_object_set_new(envelope, "held_out", held_json(trial));
	json_object_set_new(envelope, "doubts", doubts);
	status = cli_emit(&cli->args, envelope, grid, NULL);
	grid_free(grid);
	return status;
}

/* 'adopt' believes what was tried, and nothing else. */
static int note_trial(const struct trial *trial, struct cli *cli)
{
	json_t *line = json_object();

	relabel_json(trial->r, line);
	json_object_del(line, "examples");
	json_object_set_new(line, "held_out", held_json(trial));
	json_object_set_new(line, "doubts", doubts_json(trial));
	return journal_append(&cli->home, FRAME_TRIALS, line, &cli->err);
}

int frame_try(struct cli *cli, void *arg)
{
	const struct frame_options *o = arg;
	struct trial trial = { .err = &cli->err };
	struct frame_ref now = { 0 }, then;
	int rc = frames_find(&cli->home, cli->args.rest[1], &then, &cli->err);

	if (rc == 0)
		rc = sdg_frame_dir(now.dir, &cli->err);
	if (rc == 0)
		rc = held_out_open(&trial.held, &now, &then, &cli->err);
	trial.options.frame_dir = then.dir;
	trial.options.model = *then.model ? then.model : NULL;
	if (rc == 0) {
		trial.now = sdg_classifier_version(trial.held.now.classifier);
		trial.then = sdg_classifier_version(trial.held.then.classifier);
		rc = look_at_all(&trial, cli, o);
	}
	if (rc == 0)
		rc = note_trial(&trial, cli);
	if (rc == 0)
		rc = emit(&trial, cli);
	relabel_free(trial.r);
	held_out_fini(&trial.held);
	return rc;
}
