/*
 * corrections: from the store to labelled lines in memory.
 */
#include "corrections.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <soundings/store.h>

#include "frame.h"
#include "frames.h"
#include "held_out.h"

#define FILE_MAX (256u * 1024 * 1024)

struct writing {
	struct corrections *corrections;
	struct sdg_store *store;
	FILE *out;
	json_t *chosen; /* theme by id */
	struct sdg_frame *frame;
	bool foreign; /* it shares no theme with the one in force here */
};

static int keep_chosen(void *arg, const char *theme, const char *id,
		       struct sdg_error *err)
{
	(void)err;
	json_object_set_new(arg, id, json_string(theme));
	return 0;
}

/* A store may know themes of other frames: such labels teach this one
 * nothing. */
static bool is_of_frame(const struct writing *w,
			const struct sdg_stored *stored)
{
	for (int i = 0; i < stored->labels.theme_count; i++)
		if (sdg_frame_theme(w->frame,
				    sdg_store_theme_id(
					w->store, stored->labels.themes[i])) ==
		    -1)
			return false;
	return true;
}

/* Does the frame have no theme that is in force in the store? */
static int is_foreign(struct writing *w, struct sdg_error *err)
{
	struct sdg_span spans[SDG_STORE_THEMES];
	size_t count = sdg_store_theme_count(w->store);
	int rc = sdg_store_theme_spans(w->store, spans, err);

	w->foreign = count > 0;
	for (uint32_t t = 1; rc == 0 && t <= count; t++) {
		int theme =
		    sdg_frame_theme(w->frame, sdg_store_theme_id(w->store, t));

		if (!spans[t].until && theme >= 0 && theme != w->frame->other)
			w->foreign = false;
	}
	return rc;
}

static int write_piece(void *arg, const struct sdg_stored *stored)
{
	struct writing *w = arg;
	char id[2 * SDG_EVENT_ID_SIZE + 1], *text;
	json_t *themes, *line, *chosen;

	id_hex(stored->id, SDG_EVENT_ID_SIZE, id);
	chosen = json_object_get(w->chosen, id);
	if ((!stored->by_person && !chosen) || stored->erased)
		return 0;
	if (!chosen && (w->foreign || !is_of_frame(w, stored))) {
		w->corrections->left_out++;
		return 0;
	}
	if (held_out_is_piece(stored->id)) {
		w->corrections->held_out++;
		return 0;
	}
	themes = json_array();
	if (chosen)
		json_array_append(themes, chosen);
	for (int i = 0; i < stored->labels.theme_count && !chosen; i++)
		json_array_append_new(themes,
				      json_string(sdg_store_theme_id(
					  w->store, stored->labels.themes[i])));
	line = json_pack("{s:o, s:o, s:o, s:s, s:s}", "subject",
			 cli_json_str(stored->fb.subject), "body",
			 cli_json_str(stored->fb.text), "themes", themes,
			 "stance", sdg_stance_id((int)stored->labels.stance),
			 "kind", sdg_kind_id((int)stored->labels.kind));
	text = json_dumps(line, JSON_COMPACT);
	fprintf(w->out, "%s\n", text ? text : "");
	w->corrections->count++;
	free(text);
	json_decref(line);
	return 0;
}

static int open_memory(struct corrections *c, const char *name, FILE **out,
		       struct sdg_error *err)
{
	char target[64];
	int copy;

	snprintf(c->dir, sizeof(c->dir), "/tmp/soundings-XXXXXX");
	c->fd = memfd_create("corrections", MFD_CLOEXEC);
	if (c->fd < 0 || !mkdtemp(c->dir))
		return sdg_fail_errno(err, "keep corrections in memory");
	/* A name for what trains: it reads files. */
	snprintf(c->path, sizeof(c->path), "%s/%s", c->dir, name);
	snprintf(target, sizeof(target), "/proc/%ld/fd/%d", (long)getpid(),
		 c->fd);
	copy = symlink(target, c->path) == 0 ? dup(c->fd) : -1;
	*out = copy < 0 ? NULL : fdopen(copy, "w");
	return *out ? 0 : sdg_fail_errno(err, "keep corrections in memory");
}

int corrections_open(struct corrections *c, const char *frame_dir,
		     struct sdg_error *err)
{
	const unsigned kinds = 1u << SDG_KIND_FEEDBACK |
			       1u << SDG_KIND_AUTO_REPLY |
			       1u << SDG_KIND_NOT_FEEDBACK;
	const struct sdg_filter all = { 0 };
	struct writing w = { .corrections = c, .chosen = json_object() };
	struct sdg_home home;
	int rc;

	*c = (struct corrections){ .fd = -1 };
	rc = sdg_frame_read(frame_dir, &w.frame, err);
	if (rc < 0)
		goto out;
	rc = frames_each_chosen(frame_dir, keep_chosen, w.chosen, err);
	if (rc == 0)
		rc = sdg_home_find(&home, err);
	if (rc == 0)
		rc = sdg_store_open(&home, SDG_STORE_READ, &w.store, err);
	if (rc < 0) {
		rc = rc == SDG_ENOTFOUND || rc == SDG_EINVAL ? 0 : rc;
		goto out;
	}
	rc = is_foreign(&w, err);
	if (rc == 0)
		rc = open_memory(c, "corrections.jsonl", &w.out, err);
	if (rc == 0)
		rc = sdg_store_each(w.store, &all, kinds, NULL, write_piece, &w,
				    err);
	if (w.out && fclose(w.out) != 0 && rc == 0)
		rc = sdg_fail_errno(err, "keep corrections in memory");
out:
	sdg_store_close(w.store);
	json_decref(w.chosen);
	sdg_frame_free(w.frame);
	return rc;
}

/* A line as it is, unless its id is held out. */
static void copy_line(struct corrections *c, const char *line, size_t len,
		      FILE *out)
{
	json_t *json = json_loadb(line, len, 0, NULL);

	if (held_out_is_line(json)) {
		c->held_out++;
	} else if (len) {
		fprintf(out, "%.*s\n", (int)len, line);
		c->count++;
	}
	json_decref(json);
}

int corrections_of_file(struct corrections *c, const char *path,
			struct sdg_error *err)
{
	const char *name = strrchr(path, '/');
	char *text = NULL;
	FILE *out = NULL;
	size_t len;
	int rc;

	*c = (struct corrections){ .fd = -1 };
	rc = sdg_read_file(path, FILE_MAX, &text, &len, err);
	if (rc == 0)
		rc = open_memory(c, name ? name + 1 : path, &out, err);
	for (const char *at = text; rc == 0 && at < text + len;) {
		size_t n = strcspn(at, "\n");

		copy_line(c, at, n, out);
		at += n + 1;
	}
	if (out && fclose(out) != 0 && rc == 0)
		rc = sdg_fail_errno(err, "keep labelled lines in memory");
	free(text);
	return rc;
}

void corrections_close(struct corrections *c)
{
	if (*c->path)
		unlink(c->path);
	if (*c->dir)
		rmdir(c->dir);
	if (c->fd >= 0)
		close(c->fd);
}
