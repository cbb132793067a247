/*
 * corrections: from the store to labelled lines in memory.
 */
#include "corrections.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <soundings/store.h>

struct writing {
	struct corrections *corrections;
	struct sdg_store *store;
	FILE *out;
};

static int write_piece(void *arg, const struct sdg_stored *stored)
{
	struct writing *w = arg;
	json_t *themes, *line;
	char *text;

	if (!stored->by_person || stored->erased)
		return 0;
	if (stored->id[SDG_EVENT_ID_SIZE - 1] % 5 == 0) {
		w->corrections->held_out++;
		return 0;
	}
	themes = json_array();
	for (int i = 0; i < stored->labels.theme_count; i++)
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

static int open_memory(struct corrections *c, FILE **out, struct sdg_error *err)
{
	char target[64];
	int copy;

	snprintf(c->dir, sizeof(c->dir), "/tmp/soundings-XXXXXX");
	c->fd = memfd_create("corrections", MFD_CLOEXEC);
	if (c->fd < 0 || !mkdtemp(c->dir))
		return sdg_fail_errno(err, "keep corrections in memory");
	/* A name for what trains: it reads files. */
	snprintf(c->path, sizeof(c->path), "%s/corrections.jsonl", c->dir);
	snprintf(target, sizeof(target), "/proc/%ld/fd/%d", (long)getpid(),
		 c->fd);
	copy = symlink(target, c->path) == 0 ? dup(c->fd) : -1;
	*out = copy < 0 ? NULL : fdopen(copy, "w");
	return *out ? 0 : sdg_fail_errno(err, "keep corrections in memory");
}

int corrections_open(struct corrections *c, struct sdg_error *err)
{
	const unsigned kinds = 1u << SDG_KIND_FEEDBACK |
			       1u << SDG_KIND_AUTO_REPLY |
			       1u << SDG_KIND_NOT_FEEDBACK;
	const struct sdg_filter all = { 0 };
	struct writing w = { .corrections = c };
	struct sdg_home home;
	int rc;

	*c = (struct corrections){ .fd = -1 };
	rc = sdg_home_find(&home, err);
	if (rc == 0)
		rc = sdg_store_open(&home, SDG_STORE_READ, &w.store, err);
	if (rc < 0)
		return rc == SDG_ENOTFOUND || rc == SDG_EINVAL ? 0 : rc;
	rc = open_memory(c, &w.out, err);
	if (rc == 0)
		rc = sdg_store_each(w.store, &all, kinds, NULL, write_piece, &w,
				    err);
	if (w.out && fclose(w.out) != 0 && rc == 0)
		rc = sdg_fail_errno(err, "keep corrections in memory");
	sdg_store_close(w.store);
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
