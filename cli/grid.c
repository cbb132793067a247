/*
 * grid: one table in memory, from which every format is written.
 */
#include "cli.h"

#include <err.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

void *xcalloc(size_t n, size_t size)
{
	void *p = calloc(n ? n : 1, size);

	if (!p)
		errx(EXIT_RETRY, "no memory");
	return p;
}

char *xstrdup(const char *s)
{
	char *copy = strdup(s);

	if (!copy)
		errx(EXIT_RETRY, "no memory");
	return copy;
}

char *xformat_v(const char *fmt, va_list ap)
{
	char *text = NULL;
	size_t size = 0;
	FILE *out = open_memstream(&text, &size);

	if (!out || vfprintf(out, fmt, ap) < 0 || fclose(out) != 0)
		errx(EXIT_RETRY, "no memory");
	return text;
}

char *xformat(const char *fmt, ...)
{
	va_list ap;
	char *text;

	va_start(ap, fmt);
	text = xformat_v(fmt, ap);
	va_end(ap);
	return text;
}

struct grid *grid_new(const char *title)
{
	struct grid *grid = xcalloc(1, sizeof(*grid));

	grid->title = xstrdup(title);
	return grid;
}

static void free_row(struct cell *row, size_t n)
{
	for (size_t i = 0; row && i < n; i++) {
		free(row[i].text);
		free(row[i].label);
	}
}

void grid_free(struct grid *grid)
{
	if (!grid)
		return;
	free_row(grid->cells, grid->row_count * grid->column_count);
	free_row(grid->total, grid->column_count);
	free(grid->cells);
	free(grid->total);
	for (size_t i = 0; i < grid->column_count; i++) {
		free(grid->columns[i].id);
		free(grid->columns[i].title);
	}
	free(grid->columns);
	for (size_t i = 0; i < grid->note_count; i++)
		free(grid->notes[i].text);
	free(grid->notes);
	free(grid->title);
	free(grid);
}

size_t grid_column(struct grid *grid, const char *id, const char *title,
		   bool right)
{
	struct column *grown =
	    realloc(grid->columns, (grid->column_count + 1) * sizeof(*grown));

	if (!grown)
		errx(EXIT_RETRY, "no memory");
	grid->columns = grown;
	grown[grid->column_count] = (struct column){
		.id = xstrdup(id),
		.title = xstrdup(title),
		.right = right,
		.decimals = 1,
	};
	return grid->column_count++;
}

void grid_decimals(struct grid *grid, size_t column, int decimals)
{
	grid->columns[column].decimals = decimals;
}

void grid_truncate(struct grid *grid, size_t column)
{
	grid->columns[column].truncate = true;
}

void grid_wrap(struct grid *grid, size_t column)
{
	grid->columns[column].wrap = true;
}

struct cell *grid_row(struct grid *grid)
{
	struct cell *row;

	if (grid->row_count == grid->row_cap) {
		size_t cap = grid->row_cap ? grid->row_cap * 2 : 64;
		struct cell *grown = realloc(
		    grid->cells, cap * grid->column_count * sizeof(*grown));

		if (!grown)
			errx(EXIT_RETRY, "no memory");
		grid->cells = grown;
		grid->row_cap = cap;
	}
	row = grid->cells + grid->row_count++ * grid->column_count;
	memset(row, 0, grid->column_count * sizeof(*row));
	return row;
}

struct cell *grid_total(struct grid *grid)
{
	if (!grid->total)
		grid->total = xcalloc(grid->column_count, sizeof(*grid->total));
	return grid->total;
}

void grid_note(struct grid *grid, bool below, const char *fmt, ...)
{
	struct note *grown =
	    realloc(grid->notes, (grid->note_count + 1) * sizeof(*grown));
	va_list ap;

	if (!grown)
		errx(EXIT_RETRY, "no memory");
	grid->notes = grown;
	va_start(ap, fmt);
	grown[grid->note_count++] =
	    (struct note){ .text = xformat_v(fmt, ap), .below = below };
	va_end(ap);
}

void cell_text(struct cell *cell, const char *id, const char *label)
{
	free(cell->text);
	free(cell->label);
	cell->type = CELL_TEXT;
	cell->text = xstrdup(id);
	cell->label = label ? xstrdup(label) : NULL;
}

void cell_str(struct cell *cell, struct sdg_str text)
{
	free(cell->text);
	free(cell->label);
	cell->type = CELL_TEXT;
	cell->text = strndup(text.len ? text.s : "", text.len);
	cell->label = sdg_text_visible(text, false);
	if (!cell->text || !cell->label)
		errx(EXIT_RETRY, "no memory");
}

void cell_count(struct cell *cell, uint64_t count)
{
	cell->type = CELL_COUNT;
	cell->count = count;
}

void cell_number(struct cell *cell, double number)
{
	cell->type = CELL_NUMBER;
	cell->number = number;
}

void cell_bool(struct cell *cell, bool value)
{
	cell->type = CELL_BOOL;
	cell->count = value;
}

void cell_not_measured(struct cell *cell)
{
	cell->type = CELL_NOT_MEASURED;
	cell->count = 0;
	cell->heat = 0;
}

json_t *grid_json_row(const struct grid *grid, const struct cell *row)
{
	json_t *object = json_object();

	for (size_t i = 0; i < grid->column_count; i++) {
		json_t *value = NULL;

		switch (row[i].type) {
		case CELL_EMPTY:
		case CELL_NOT_MEASURED:
		case CELL_HIDDEN:
			value = json_null();
			break;
		case CELL_TEXT:
			value = cli_json_str(sdg_str(row[i].text));
			break;
		case CELL_COUNT:
			value = json_integer((json_int_t)row[i].count);
			break;
		case CELL_NUMBER:
			value = json_real(row[i].number);
			break;
		case CELL_BOOL:
			value = json_boolean(row[i].count);
			break;
		}
		if (json_object_set_new(object, grid->columns[i].id, value) < 0)
			errx(EXIT_RETRY, "no memory");
	}
	return object;
}

json_t *grid_json_rows(const struct grid *grid)
{
	json_t *rows = json_array();

	for (size_t i = 0; i < grid->row_count; i++)
		if (json_array_append_new(
			rows, grid_json_row(grid, grid->cells +
						      i * grid->column_count)) <
		    0)
			errx(EXIT_RETRY, "no memory");
	return rows;
}
