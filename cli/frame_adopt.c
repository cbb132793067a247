/*
 * frame adopt: a frame or model comes into force, having been tried.
 *
 * The folder is copied and named first, then the store is told, then the
 * messages chosen for its themes become a person's word. Whatever of that
 * does not happen is mended by adopting it again: until all has, a file says
 * which frame is coming, and after which.
 */
#include "frame_cmd.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "editions.h"
#include "frames.h"
#include "journal.h"
#include "labels_edit.h"

struct adopting {
	struct cli *cli;
	struct frame_ref ref;
	struct sdg_classifier *classifier;
	uint32_t now, then; /* versions */
	json_t *trial;      /* its score, or NULL */
	json_t *doubts;     /* what speaks against it */
	bool resumed;       /* it is in force, and the rest is to be done */
	size_t chosen, gone;
};

/* -------------------------------------------------------- is it under way? */

static char *mark_path(const struct adopting *a)
{
	return xformat("%s/frame/adopting", a->cli->home.root);
}

static int set_mark(const struct adopting *a, struct sdg_error *err)
{
	char now[VERSION_SIZE], then[VERSION_SIZE];
	char *folder = xformat("%s/frame", a->cli->home.root);
	char *path = mark_path(a);
	char *text = xformat("%s %s\n", version_hex(a->then, then),
			     version_hex(a->now, now));
	int rc = sdg_make_dirs(folder, 0700, err);

	if (rc == 0)
		rc = sdg_write_file(path, text, strlen(text), 0600, err);
	free(folder);
	free(path);
	free(text);
	return rc;
}

static void drop_mark(const struct adopting *a)
{
	char *path = mark_path(a);

	unlink(path);
	free(path);
}

/* Was the frame that is in force left half adopted? After which, then. */
static bool is_half_adopted(struct adopting *a)
{
	char *path = mark_path(a), *text = NULL;
	unsigned then, before;
	size_t len;

	if (sdg_read_file(path, 64, &text, &len, NULL) == 0 &&
	    sscanf(text, "%8x %8x", &then, &before) == 2 && then == a->then) {
		a->now = before;
		a->resumed = true;
	}
	free(text);
	free(path);
	return a->resumed;
}

/* ---------------------------------------------------------- was it tried? */

static bool is_trial(const json_t *line, const char *now, const char *then)
{
	const json_t *held = json_object_get(line, "held_out");
	const char *present = json_string_value(
	    json_object_get(json_object_get(held, "present"), "version"));
	const char *candidate = json_string_value(
	    json_object_get(json_object_get(held, "candidate"), "version"));

	return present && candidate && strcmp(present, now) == 0 &&
	       strcmp(candidate, then) == 0;
}

static int find_trial(struct adopting *a, struct sdg_error *err)
{
	char now[VERSION_SIZE], then[VERSION_SIZE];
	json_t *lines, *line;
	size_t i;
	int rc = journal_read(&a->cli->home, FRAME_TRIALS, &lines, err);

	if (rc < 0)
		return rc;
	version_hex(a->now, now);
	version_hex(a->then, then);
	json_array_foreach(lines, i, line)
	{
		json_t *doubts = json_object_get(line, "doubts");

		/* One of an earlier release did not look for all there is. */
		if (!doubts || !is_trial(line, now, then))
			continue;
		json_decref(a->trial);
		json_decref(a->doubts);
		a->trial = json_incref(json_object_get(line, "held_out"));
		a->doubts = json_incref(doubts);
	}
	json_decref(lines);
	if (!a->trial)
		return sdg_fail(err, SDG_EINVAL,
				"nobody has looked at what would move: first "
				"'soundings frame try%s%s' (as it is now, "
				"against the frame now in force)",
				a->cli->args.rest[1] ? " " : "",
				a->cli->args.rest[1] ? a->cli->args.rest[1]
						     : "");
	return 0;
}

static int check_doubts(const struct adopting *a, const char *because,
			struct sdg_error *err)
{
	struct cli_text text;
	const json_t *doubt;
	size_t i;
	FILE *to;
	int rc;

	if (json_array_size(a->doubts) == 0 || because)
		return 0;
	to = cli_text_open(&text);
	json_array_foreach(a->doubts, i, doubt)
	    fprintf(to, "%s%s", i ? "; " : "", json_string_value(doubt));
	if (fclose(to) != 0)
		return sdg_fail(err, SDG_ENOMEM, "adopt: no memory");
	rc = sdg_fail(err, SDG_EINVAL,
		      "--because WHY adopts it all the same: %s", text.data);
	free(text.data);
	return rc;
}

/* -------------------------------------------------------------- into force */

static int tell_store(struct adopting *a, struct sdg_error *err)
{
	const char *ids[SDG_FRAME_MAX];
	size_t n = sdg_classifier_theme_count(a->classifier);
	int rc;

	for (size_t i = 0; i < n; i++)
		ids[i] = sdg_classifier_theme_id(a->classifier, i);
	rc = sdg_store_use_frame(a->cli->store, ids, n, a->then, err);
	return rc < 0 ? rc : sdg_store_adopt(a->cli->store, err);
}

struct chosen {
	uint8_t id[SDG_EVENT_ID_SIZE];
	struct sdg_labels labels;
	bool erased;
};

static int keep(void *arg, const struct sdg_stored *stored)
{
	struct chosen *chosen = arg;

	memcpy(chosen->id, stored->id, sizeof(chosen->id));
	chosen->labels = stored->labels;
	chosen->erased = stored->erased;
	return 0;
}

/* It becomes the message's main theme; others it has stay behind it. */
static int give_theme(void *arg, const char *theme, const char *id,
		      struct sdg_error *err)
{
	struct adopting *a = arg;
	struct sdg_store *store = a->cli->store;
	struct sdg_error none = { 0 };
	struct chosen chosen;
	int number = sdg_store_theme(store, sdg_str(theme));
	int rc = sdg_store_find(store, id, keep, &chosen, &none);

	if (number <= 0)
		return 0; /* retired since it was chosen */
	if (rc < 0 && rc != SDG_ENOTFOUND && rc != SDG_EINVAL)
		return sdg_fail(err, (enum sdg_code)rc, "%s", none.message);
	if (rc < 0 || chosen.erased) {
		a->gone++;
		return 0;
	}
	labels_set_kind(&chosen.labels, SDG_KIND_FEEDBACK);
	labels_set_main(&chosen.labels, (uint32_t)number);
	a->chosen++;
	return sdg_store_correct(store, chosen.id, &chosen.labels, err);
}

static int note_adopted(const struct adopting *a, const char *because,
			struct sdg_error *err)
{
	char now[VERSION_SIZE], then[VERSION_SIZE];
	json_t *line = json_pack("{s:s, s:s, s:O, s:O}", "version",
				 version_hex(a->then, then), "before",
				 version_hex(a->now, now), "held_out", a->trial,
				 "doubts", a->doubts);

	if (because)
		json_object_set_new(line, "because", json_string(because));
	return journal_append(&a->cli->home, FRAME_ADOPTED, line, err);
}

static int put_in_force(const struct adopting *a, const char *because,
			struct sdg_error *err)
{
	int rc = set_mark(a, err);

	if (rc == 0)
		rc = note_adopted(a, because, err);
	return rc < 0
		   ? rc
		   : frames_adopt(&a->cli->home, &a->ref, a->then, a->now, err);
}

static int emit(const struct adopting *a)
{
	const size_t texts = frames_texts(a->ref.dir);
	char now[VERSION_SIZE], then[VERSION_SIZE];
	struct cli_text text;
	FILE *to;

	version_hex(a->now, now);
	version_hex(a->then, then);
	if (a->cli->args.format != CLI_TABLE) {
		json_t *out = cli_envelope("frame-adopt");

		json_object_set_new(out, "version", json_string(then));
		json_object_set_new(out, "before", json_string(now));
		json_object_set_new(out, "chosen",
				    json_integer((json_int_t)a->chosen));
		json_object_set_new(out, "texts",
				    json_integer((json_int_t)texts));
		json_object_set_new(out, "held_out", json_incref(a->trial));
		return cli_emit_json(&a->cli->args, out);
	}
	to = cli_text_open(&text);
	fprintf(to, "version %s is in force, after %s\n", then, now);
	if (a->chosen || a->gone)
		fprintf(to,
			"%zu chosen messages have their theme; %zu have gone\n",
			a->chosen, a->gone);
	/* Earlier releases kept none of what had been in force. */
	if (texts == 0)
		fprintf(to, "No labelled texts belong to it: 'train' would "
			    "learn from what people corrected here alone.\n");
	fprintf(to, "Workers follow within seconds. What is stored keeps its "
		    "labels until 'soundings reclassify'.\n");
	return cli_text_emit(&text, &a->cli->args);
}

static int open_both(struct adopting *a, struct sdg_error *err)
{
	struct sdg_classifier *now = NULL;
	int rc = frames_find(&a->cli->home, a->cli->args.rest[1], &a->ref, err);

	if (rc == 0)
		rc = frames_open(&a->ref, &a->classifier, err);
	if (rc == 0)
		rc = sdg_classifier_open(NULL, &now, err);
	if (rc < 0)
		return rc;
	a->now = sdg_classifier_version(now);
	a->then = sdg_classifier_version(a->classifier);
	sdg_classifier_close(now);
	if (a->now == a->then && !is_half_adopted(a))
		return sdg_fail(err, SDG_EINVAL, "it is in force already");
	return 0;
}

int frame_adopt(struct cli *cli, void *arg)
{
	const struct frame_options *o = arg;
	struct adopting a = { .cli = cli };
	int rc = open_both(&a, &cli->err);

	if (rc == 0)
		rc = find_trial(&a, &cli->err);
	if (rc == 0)
		rc = check_doubts(&a, o->because, &cli->err);
	if (rc == 0)
		rc = cli_open(SDG_STORE_WRITE, &cli->home, &cli->store,
			      &cli->err);
	if (rc == 0 && !a.resumed)
		rc = put_in_force(&a, o->because, &cli->err);
	if (rc == 0)
		rc = tell_store(&a, &cli->err);
	if (rc == 0)
		rc = frames_each_chosen(a.ref.dir, give_theme, &a, &cli->err);
	if (rc == 0) {
		drop_mark(&a);
		rc = emit(&a);
	}
	json_decref(a.trial);
	json_decref(a.doubts);
	sdg_classifier_close(a.classifier);
	return rc;
}

/* ------------------------------------------------------------ what there was
 */

struct listing {
	struct grid *grid;
	const struct sdg_home *home;
	uint32_t version;
	uint32_t number;
};

static int list_edition(void *arg, const struct sdg_edition *edition)
{
	struct listing *list = arg;
	char version[VERSION_SIZE], began[DATE_SIZE], since[DATE_SIZE];
	struct cell *row = grid_row(list->grid);

	date_format_iso(edition->began, began);
	date_format_time(edition->began, since);
	cell_count(&row[0], edition->number);
	cell_text(&row[1], began, since);
	cell_text(&row[2], version_hex(edition->version, version), NULL);
	cell_bool(&row[3], edition->version != list->version);
	cell_bool(&row[4], frames_kept(list->home, version));
	list->version = edition->version;
	return 0;
}

int frame_versions(struct cli *cli, void *arg)
{
	struct listing list = { .grid = grid_new("Editions"),
				.home = &cli->home };
	int rc = cli_open(SDG_STORE_READ, &cli->home, &cli->store, &cli->err);

	(void)arg;
	grid_column(list.grid, "edition", "edition", true);
	grid_column(list.grid, "began", "began (UTC)", false);
	grid_column(list.grid, "version", "version", false);
	grid_column(list.grid, "new_version", "new version", false);
	grid_column(list.grid, "kept", "kept", false);
	grid_note(
	    list.grid, true,
	    "'report --as-of' takes a version, a day, or @ and the number "
	    "of an edition; 'frame adopt' goes back to a version that is "
	    "kept.");
	if (rc == 0)
		rc = sdg_store_editions(cli->store, list_edition, &list,
					&cli->err);
	if (rc == 0)
		rc = cli_emit(&cli->args, cli_envelope("frame-versions"),
			      list.grid, NULL);
	grid_free(list.grid);
	return rc;
}
