/*
 * frame try: what would move, and is it right more often?
 */
#include "frame_cmd.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "editions.h"
#include "held_out.h"
#include "journal.h"
#include "relabel.h"

struct trial {
	struct held_out held;
	struct relabel *r;
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

static int take(void *arg, const struct sdg_stored *stored, size_t which,
		void *out)
{
	struct trial *trial = arg;

	(void)which;
	relabel_count(trial->r, stored, out);
	if (trial->terminal && trial->r->seen % 1000 == 0)
		fprintf(stderr, "\r%zu messages …", trial->r->seen);
	return held_out_stored(&trial->held, trial->r->store, stored,
			       trial->err);
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
	    "{s:i, s:o, s:o, s:i, s:i, s:i, s:b}", "messages", (int)h->pieces,
	    "present", side_json(&h->now, trial->now), "candidate",
	    side_json(&h->then, trial->then), "of_new_themes", (int)h->of_new,
	    "right_of_new", (int)h->then.of_new.right, "of_retired_themes",
	    (int)h->of_gone, "fell", held_out_fell(h));
}

static void note_score(const struct trial *trial, struct grid *grid)
{
	const struct share *a = &trial->held.now.main;
	const struct share *b = &trial->held.then.main;

	if (a->of == 0) {
		grid_note(grid, true,
			  "No label that people gave is held out, so nobody "
			  "can say whether it is better: correct or review "
			  "some messages, or give --labelled lines.");
		return;
	}
	grid_note(grid, true,
		  "Held out, %u messages: main theme right for %u now (%.2f, "
		  "%.2f to %.2f), for %u with it (%.2f, %.2f to %.2f); "
		  "micro-F1 %.3f now, %.3f with it.",
		  a->of, a->right, a->value, a->low, a->high, b->right,
		  b->value, b->low, b->high, held_out_f1(&trial->held.now),
		  held_out_f1(&trial->held.then));
	if (trial->held.of_new || trial->held.of_gone)
		grid_note(grid, true,
			  "Left out of that: %zu of themes that are new (right "
			  "for %u), %zu of themes that are gone.",
			  trial->held.of_new, trial->held.then.of_new.right,
			  trial->held.of_gone);
	if (held_out_fell(&trial->held))
		grid_note(grid, true,
			  "It is right less often: 'adopt' refuses it without "
			  "--because.");
}

static int emit(const struct trial *trial, struct cli *cli)
{
	const struct relabel *r = trial->r;
	struct grid *grid = relabel_grid(r);
	json_t *envelope = cli_envelope("frame-try");
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
	relabel_json(r, envelope);
	json_object_set_new(envelope, "held_out", held_json(trial));
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
