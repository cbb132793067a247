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

enum kind_of_change { ADDED, CHANGED, REMOVED };

struct change {
	enum kind_of_change kind;
	const char *theme, *phrase;
	char before[16], after[16];
};

static struct change *list_changes(const struct sdg_frame *a,
				   const struct sdg_frame *b, size_t *n)
{
	struct named *old = name_cues(a), *new = name_cues(b);
	struct change *list =
	    xcalloc(a->cue_count + b->cue_count + 1, sizeof(*list));
	size_t i = 0, k = 0;

	*n = 0;
	while (i < a->cue_count || k < b->cue_count) {
		int order = i == a->cue_count   ? 1
			    : k == b->cue_count ? -1
						: by_name(&old[i], &new[k]);
		const struct named *cue = order < 0 ? &old[i] : &new[k];
		struct change *c = &list[*n];

		*c = (struct change){ .kind = order < 0   ? REMOVED
					      : order > 0 ? ADDED
							  : CHANGED,
				      .theme = cue->theme,
				      .phrase = cue->phrase };
		if (order <= 0)
			snprintf(c->before, sizeof(c->before), "%d",
				 old[i].weight);
		if (order >= 0)
			snprintf(c->after, sizeof(c->after), "%d",
				 new[k].weight);
		*n += order != 0 || old[i].weight != new[k].weight;
		i += order <= 0;
		k += order >= 0;
	}
	free(old);
	free(new);
	return list;
}

/* More of one kind and theme than this are counted for a terminal. */
#define LISTED_MAX 20

static void add_changes(struct grid *grid, const struct change *list, size_t n,
			bool brief)
{
	static const char *const kinds[] = { "added", "changed", "removed" };
	size_t count[3] = { 0 };
	char cues[32];

	for (size_t i = 0; i < n; i++)
		count[list[i].kind]++;
	for (size_t k = 0; k < 3; k++)
		if (brief && count[k] > LISTED_MAX) {
			snprintf(cues, sizeof(cues), "%zu cues", count[k]);
			add_row(grid, kinds[k], list->theme, cues, "", "");
		}
	for (size_t i = 0; i < n; i++)
		if (!brief || count[list[i].kind] <= LISTED_MAX)
			add_row(grid, kinds[list[i].kind], list[i].theme,
				list[i].phrase, list[i].before, list[i].after);
}

static void compare_cues(struct grid *grid, const struct sdg_frame *a,
			 const struct sdg_frame *b, bool brief)
{
	size_t n, from = 0;
	struct change *list = list_changes(a, b, &n);

	for (size_t i = 1; i <= n; i++)
		if (i == n || strcmp(list[i].theme, list[from].theme) != 0) {
			add_changes(grid, &list[from], i - from, brief);
			from = i;
		}
	free(list);
}

struct grid *frame_diff_grid(const struct sdg_frame *a,
			     const struct sdg_frame *b, bool brief)
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
	compare_cues(grid, a, b, brief);
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
		grid = frame_diff_grid(a, b, cli->args.format == CLI_TABLE);
		rc = cli_emit(&cli->args, cli_envelope("frame-diff"), grid,
			      NULL);
	}
	sdg_frame_free(a);
	sdg_frame_free(b);
	grid_free(grid);
	return rc;
}
