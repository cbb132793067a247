/*
 * theme_list: the themes there are, of a folder or of the store.
 */
#include "theme_list.h"

#include "frame.h"

static void put_day(struct cell *cell, int32_t day)
{
	char date[DATE_SIZE];

	if (day)
		cell_text(cell, date_format(day, date), NULL);
}

static void put_span(struct cell *row, struct sdg_span span)
{
	bool empty = sdg_span_is_empty(span);

	cell_bool(&row[1], !span.until);
	put_day(&row[2], empty ? 0 : span.since);
	put_day(&row[3], empty ? 0 : span.until);
	put_day(&row[4], span.gap);
	put_day(&row[5], span.back);
}

int theme_list_frame(struct cli *cli, const char *dir)
{
	struct grid *grid = grid_new("Themes");
	struct sdg_frame *frame = NULL;
	int rc = sdg_frame_read(dir, &frame, &cli->err);

	grid_column(grid, "theme", "theme", false);
	grid_column(grid, "name", "name", false);
	grid_column(grid, "cues", "cues", true);
	for (size_t t = 0; rc == 0 && t < frame->theme_count; t++) {
		struct cell *row = grid_row(grid);
		uint32_t cues = 0;

		for (size_t i = 0; i < frame->cue_count; i++)
			cues += frame->cues[i].theme == t;
		cell_text(&row[0], frame->themes[t].id, NULL);
		cell_str(&row[1], sdg_str(frame->themes[t].name));
		cell_count(&row[2], cues);
	}
	if (rc == 0)
		rc = cli_emit(&cli->args, cli_envelope("theme-list"), grid,
			      NULL);
	sdg_frame_free(frame);
	grid_free(grid);
	return rc;
}

int theme_list_store(struct cli *cli)
{
	struct sdg_span spans[SDG_STORE_THEMES] = { { 0 } };
	struct grid *grid = grid_new("Themes");
	int rc = cli_open(SDG_STORE_READ, &cli->home, &cli->store, &cli->err);

	if (rc == 0)
		rc = sdg_store_theme_spans(cli->store, spans, &cli->err);
	grid_column(grid, "theme", "theme", false);
	grid_column(grid, "in_force", "in force", false);
	grid_column(grid, "measured_from", "measured from", false);
	grid_column(grid, "measured_before", "measured before", false);
	grid_column(grid, "gap_from", "but not from", false);
	grid_column(grid, "gap_before", "before", false);
	for (uint32_t t = 1; rc == 0 && t <= sdg_store_theme_count(cli->store);
	     t++) {
		struct cell *row = grid_row(grid);

		cell_text(&row[0], sdg_store_theme_id(cli->store, t), NULL);
		put_span(row, spans[t]);
	}
	if (rc == 0)
		rc = cli_emit(&cli->args, cli_envelope("theme-list"), grid,
			      NULL);
	grid_free(grid);
	return rc;
}
