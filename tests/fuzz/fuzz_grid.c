/*
 * fuzz_grid: any words in a cell of what commands print.
 *
 * Properties: no crash; a CSV record is one, whatever the cell holds, and
 * its cell begins with nothing that a spreadsheet runs; Markdown holds no
 * markup of the cell's; a terminal gets no control character but line ends.
 */
#include <stdlib.h>
#include <string.h>

#include "cli.h"
#include "fuzz.h"

static char *written(const struct grid *grid, int how)
{
	char *text = NULL;
	size_t size = 0;
	FILE *out = open_memstream(&text, &size);

	if (!out)
		abort();
	switch (how) {
	case 0:
		grid_write_csv(grid, out);
		break;
	case 1:
		grid_write_md(grid, out);
		break;
	case 2:
		grid_write_table(grid, out, 60, false);
		break;
	default:
		grid_write_cards(grid, out, 60);
	}
	if (fclose(out) != 0)
		abort();
	return text;
}

static void check_csv(const char *text)
{
	const char *cell = text + strlen("a,b\r\n1,");
	const char *s;

	if (strncmp(text, "a,b\r\n1,", 7) != 0)
		abort();
	if (*cell == '"') {
		/* To the closing quote; doubled ones are the cell's. */
		for (s = cell + 1; *s && (*s != '"' || s[1] == '"'); s++)
			s += *s == '"';
		if (strcmp(s, "\"\r\n") != 0)
			abort();
		cell++;
	} else if (strcspn(cell, "\r\n") + 2 != strlen(cell)) {
		abort();
	}
	/* An empty cell is followed by the record's own end. */
	if (strcmp(cell, "\r\n") != 0 && *cell && strchr("=+-@\t\r", *cell))
		abort();
}

static void check_plain(const char *text)
{
	for (const unsigned char *s = (const unsigned char *)text; *s; s++)
		if ((*s < 0x20 && *s != '\n') || *s == 0x7f)
			abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static char clean[3 * 4096];
	struct grid *grid;
	char *text;
	size_t len;

	if (size > 4096)
		return 0;
	len = sdg_text_clean((const char *)data, size, clean, sizeof(clean));
	grid = grid_new("fuzz");
	grid_column(grid, "a", "a", true);
	grid_truncate(grid, grid_column(grid, "b", "b", false));
	cell_count(&grid_row(grid)[0], 1);
	cell_str(&grid->cells[1], (struct sdg_str){ clean, len });

	text = written(grid, 0);
	check_csv(text);
	free(text);
	text = written(grid, 1);
	if (strchr(text, '<'))
		abort();
	check_plain(text);
	free(text);
	for (int how = 2; how < 4; how++) {
		text = written(grid, how);
		check_plain(text);
		free(text);
	}
	grid_free(grid);
	return 0;
}
