/*
 * frame diff: what one frame has and another has not.
 */
#include "frame_cmd.h"

#include <stdlib.h>
#include <string.h>

#include "frame.h"
#include "frames.h"

static void add_row(struct grid *grid, const char *change, const char *theme,
		    const char *what, const char *before, const char *after)
{
	struct cell *row = grid_row(grid);

	cell_text(&row[0], change, NULL);
	cell_text(&row[1], theme, NULL);
	cell_str(&row[2], sdg_str(what));
	cell_str(&row[3], sdg_str(before));
	cell_str(&row[4], sdg_str(after));
}

static void compare_themes(struct grid *grid, const struct sdg_frame *a,
			   const struct sdg_frame *b)
{
	for (size_t i = 0; i < b->theme_count; i++) {
		const struct sdg_theme *new = &b->themes[i], *old;
		int at = sdg_frame_theme(a, new->id);

		if (at < 0 || strcmp(a->themes[at].id, new->id) != 0) {
			add_row(grid, "added", new->id, "theme", "", new->name);
			continue;
		}
		old = &a->themes[at];
		if (strcmp(old->name, new->name) != 0)
			add_row(grid, "changed", new->id, "name", old->name,
				new->name);
		if (strcmp(old->definition, new->definition) != 0)
			add_row(grid, "changed", new->id, "definition",
				old->definition, new->definition);
	}
	for (size_t i = 0; i < a->theme_count; i++) {
		const struct sdg_theme *old = &a->themes[i];
		int at = sdg_frame_theme(b, old->id);

		if (at < 0)
			add_row(grid, "removed", old->id, "theme", old->name,
				"");
		else if (strcmp(b->themes[at].id, old->id) != 0)
			add_row(grid, "merged", old->id, "theme", old->name,
				b->themes[at].id);
	}
}

/* A cue of one frame, to be found again among the other's. */
struct named {
	const char *theme, *phrase;
	int weight;
};

static int by_name(const void *x, const void *y)
{
	const struct named *a = x, *b = y;
	int order = strcmp(a->theme, b->theme);

	return order ? order : strcmp(a->phrase, b->phrase);
}

static struct named *name_cues(const struct sdg_frame *frame)
{
	struct named *list = xcalloc(frame->cue_count + 1, sizeof(*list));

	for (size_t i = 0; i < frame->cue_count; i++)
		list[i] =
		    (struct named){ frame->themes[frame->cues[i].theme].id,
				    frame->cues[i].phrase,
				    frame->cues[i].weight };
	qsort(list, frame->cue_count, sizeof(*list), by_name);
	return list;
}

static void compare_cues(struct grid *grid, const struct sdg_frame *a,
			 const struct sdg_frame *b)
{
	struct named *old = name_cues(a), *new = name_cues(b);
	size_t i = 0, k = 0;
	char before[16], after[16];

	while (i < a->cue_count || k < b->cue_count) {
		int order = i == a->cue_count   ? 1
			    : k == b->cue_count ? -1
						: by_name(&old[i], &new[k]);

		*before = *after = '\0';
		if (order <= 0)
			snprintf(before, sizeof(before), "%d", old[i].weight);
		if (order >= 0)
			snprintf(after, sizeof(after), "%d", new[k].weight);
		if (order < 0)
			add_row(grid, "removed", old[i].theme, old[i].phrase,
				before, after);
		else if (order > 0)
			add_row(grid, "added", new[k].theme, new[k].phrase,
				before, after);
		else if (old[i].weight != new[k].weight)
			add_row(grid, "changed", new[k].theme, new[k].phrase,
				before, after);
		i += order <= 0;
		k += order >= 0;
	}
	free(old);
	free(new);
}

struct grid *frame_diff_grid(const struct sdg_frame *a,
			     const struct sdg_frame *b)
{
	struct grid *grid = grid_new("Frames");

	grid_column(grid, "change", "change", false);
	grid_column(grid, "theme", "theme", false);
	grid_column(grid, "what", "theme or cue", false);
	grid_column(grid, "before", "before", false);
	grid_column(grid, "after", "after", false);
	for (size_t c = 2; c < 5; c++)
		grid_truncate(grid, c);
	compare_themes(grid, a, b);
	compare_cues(grid, a, b);
	return grid;
}

int frame_diff(struct cli *cli, void *arg)
{
	struct frame_ref before = { 0 }, after;
	struct sdg_frame *a = NULL, *b = NULL;
	struct grid *grid = NULL;
	bool two = cli->args.rest_count > 2;
	int rc;

	(void)arg;
	/* One alone is held against the frame in force. */
	rc =
	    two ? frames_find(&cli->home, cli->args.rest[1], &before, &cli->err)
		: sdg_frame_dir(before.dir, &cli->err);
	if (rc == 0)
		rc = frames_find(&cli->home, cli->args.rest[two ? 2 : 1],
				 &after, &cli->err);
	if (rc == 0)
		rc = sdg_frame_read(before.dir, &a, &cli->err);
	if (rc == 0)
		rc = sdg_frame_read(after.dir, &b, &cli->err);
	if (rc == 0) {
		grid = frame_diff_grid(a, b);
		rc = cli_emit(&cli->args, cli_envelope("frame-diff"), grid,
			      NULL);
	}
	sdg_frame_free(a);
	sdg_frame_free(b);
	grid_free(grid);
	return rc;
}
