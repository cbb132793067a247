/*
 * table: a grid on a terminal, by libsmartcols.
 *
 * Labels are shown, never raw foreign text. What does not fit the width is
 * cut, and says so by an ellipsis: first in the columns that are meant to
 * be, then in the words of others; figures never.
 */
#include "cli.h"

#include <err.h>
#include <stdlib.h>
#include <string.h>

#include <libsmartcols.h>

/* Words of a column that is not meant to be cut keep so many characters. */
#define WORDS_LEAST 8

/* Backgrounds from pale to strong, with black on them: readable on dark
 * and light terminals alike. */
static const char *const HEAT[6] = {
	NULL,
	"\033[30;48;5;230m",
	"\033[30;48;5;223m",
	"\033[30;48;5;216m",
	"\033[30;48;5;209m",
	"\033[30;48;5;203m",
};

/* 1234567 → "1,234,567" */
static char *with_commas(uint64_t n)
{
	char digits[24], out[32];
	size_t len, k = 0;

	snprintf(digits, sizeof(digits), "%llu", (unsigned long long)n);
	len = strlen(digits);
	for (size_t i = 0; i < len; i++) {
		if (i && (len - i) % 3 == 0)
			out[k++] = ',';
		out[k++] = digits[i];
	}
	out[k] = '\0';
	return xstrdup(out);
}

/* What a person reads in @cell; the caller frees it. */
static char *shown(const struct column *column, const struct cell *cell)
{
	switch (cell->type) {
	case CELL_EMPTY:
		return xstrdup(cell->label ? cell->label : "");
	case CELL_TEXT:
		return xstrdup(cell->label ? cell->label : cell->text);
	case CELL_COUNT:
		return with_commas(cell->count);
	case CELL_NUMBER:
		return xformat("%.*f", column->decimals, cell->number);
	case CELL_BOOL:
		return xstrdup(cell->count ? "yes" : "");
	case CELL_NOT_MEASURED:
		return xstrdup(NOT_MEASURED);
	case CELL_HIDDEN:
		return xstrdup(HIDDEN_FIGURE);
	}
	return xstrdup("");
}

/* Characters, not bytes; nothing here is wider than one column. */
static size_t width_of(const char *s)
{
	size_t n = 0;

	for (; *s; s++)
		n += ((unsigned char)*s & 0xc0) != 0x80;
	return n;
}

static void widen(const struct grid *grid, const struct cell *row,
		  size_t *widths)
{
	for (size_t i = 0; row && i < grid->column_count; i++) {
		char *text = shown(&grid->columns[i], &row[i]);
		size_t w = width_of(text);

		if (w > widths[i])
			widths[i] = w;
		free(text);
	}
}

/* What each column needs to show all of it; the caller frees it. */
static size_t *full_widths(const struct grid *grid)
{
	size_t *widths = xcalloc(grid->column_count + 1, sizeof(*widths));

	for (size_t i = 0; i < grid->column_count; i++)
		widths[i] = width_of(grid->columns[i].title);
	for (size_t r = 0; r < grid->row_count; r++)
		widen(grid, grid->cells + r * grid->column_count, widths);
	widen(grid, grid->total, widths);
	return widths;
}

size_t grid_width(const struct grid *grid)
{
	size_t *widths = full_widths(grid);
	size_t sum = 0;

	if (grid->column_count && grid->columns[0].truncate &&
	    widths[0] > GRID_FIRST_LEAST)
		widths[0] = GRID_FIRST_LEAST;
	for (size_t i = 0; i < grid->column_count; i++)
		sum += widths[i] + 1;
	free(widths);
	return sum ? sum - 1 : 0;
}

/* A note, broken between words at @width, later lines indented. */
static void write_note(FILE *out, const char *note, size_t width)
{
	size_t column = 0;
	const char *word = note;

	if (width < 20)
		width = 20;
	while (*word) {
		size_t len = strcspn(word, " ");
		char *piece = strndup(word, len);
		size_t w = piece ? width_of(piece) : len;

		if (column && column + 1 + w > width) {
			fputs("\n  ", out);
			column = 2;
		} else if (column) {
			fputc(' ', out);
			column++;
		}
		fwrite(word, 1, len, out);
		column += w;
		free(piece);
		word += len;
		word += *word == ' ';
	}
	fputc('\n', out);
}

/* @text in at most @width characters; the caller frees it. */
static char *cut(const char *text, size_t width)
{
	size_t n = 0, at = 0;

	if (width_of(text) <= width)
		return xstrdup(text);
	while (text[at] && n + 1 < width) {
		at++;
		while (((unsigned char)text[at] & 0xc0) == 0x80)
			at++;
		n++;
	}
	return xformat("%.*s\xe2\x80\xa6", (int)at, text);
}

/* One line of at most @width characters. */
static void write_cut(FILE *out, const char *text, size_t width)
{
	char *line = cut(text, width);

	fprintf(out, "%s\n", line);
	free(line);
}

static void write_card(const struct grid *grid, const struct cell *row,
		       const size_t *widths, FILE *out, size_t width,
		       bool whole)
{
	size_t last = grid->column_count - 1;
	char *text;

	for (size_t i = 0; i < last; i++) {
		text = shown(&grid->columns[i], &row[i]);
		fputs(text, out);
		/* In line with the others, but no blanks at the end. */
		for (size_t n = width_of(text);
		     i + 1 < last && n < widths[i] + 2; n++)
			fputc(' ', out);
		free(text);
	}
	text = shown(&grid->columns[last], &row[last]);
	fputs("\n  ", out);
	if (whole)
		write_note(out, text, width - 2);
	else
		write_cut(out, text, width - 2);
	free(text);
}

static void write_notes(const struct grid *grid, FILE *out, size_t width,
			bool below)
{
	for (size_t i = 0; i < grid->note_count; i++)
		if (grid->notes[i].below == below)
			write_note(out, grid->notes[i].text, width);
}

void grid_write_cards(const struct grid *grid, FILE *out, size_t width)
{
	bool whole = grid->layout == GRID_CARDS_WHOLE;
	size_t *widths = xcalloc(grid->column_count, sizeof(*widths));

	for (size_t r = 0; r < grid->row_count; r++)
		widen(grid, grid->cells + r * grid->column_count, widths);
	write_notes(grid, out, width, false);
	for (size_t r = 0; r < grid->row_count; r++) {
		write_card(grid, grid->cells + r * grid->column_count, widths,
			   out, width, whole);
		if (whole)
			fputc('\n', out);
	}
	if (grid->row_count && !whole)
		fputc('\n', out);
	write_notes(grid, out, width, true);
	free(widths);
}

/* The words that may best give a character: those meant to be cut, then the
 * widest of others; no column where none may. */
static size_t widest(const struct grid *grid, const size_t *widths, bool others)
{
	size_t least = others ? WORDS_LEAST : GRID_FIRST_LEAST;
	size_t found = grid->column_count;

	for (size_t i = 0; i < grid->column_count; i++) {
		const struct column *c = &grid->columns[i];

		if (c->right || !(c->truncate || others) || widths[i] <= least)
			continue;
		if (found == grid->column_count || widths[i] > widths[found])
			found = i;
	}
	return found;
}

/* Column @wrap is broken between words into what the others leave of @width:
 * nothing is cut. */
static void leave_to(const struct grid *grid, size_t wrap, size_t *widths,
		     size_t width)
{
	size_t others = 0;

	for (size_t i = 0; i < grid->column_count; i++)
		if (i != wrap)
			others += widths[i] + 1;
	widths[wrap] =
	    width > others + WORDS_LEAST ? width - others : WORDS_LEAST;
}

/* @text with line ends between words, so that no line is longer than @width,
 * but for a word that is; the caller frees it. */
static char *broken(const char *text, size_t width)
{
	char *copy = xstrdup(text), *space = NULL;
	size_t column = 0;

	for (char *at = copy; *at; at++) {
		column += ((unsigned char)*at & 0xc0) != 0x80;
		if (column > width && space) {
			*space = '\n';
			column = (size_t)(at - space);
			space = NULL;
		}
		if (*at == ' ')
			space = at;
	}
	return copy;
}

/* Widths that make lines of @width, if words may be cut to them; wider
 * lines where that is not enough. libsmartcols would cut without a sign. */
static size_t *fit(const struct grid *grid, size_t *width)
{
	size_t *widths = full_widths(grid), sum = 0;

	for (size_t i = 0; i < grid->column_count; i++) {
		if (grid->columns[i].wrap) {
			leave_to(grid, i, widths, *width);
			return widths;
		}
		sum += widths[i] + 1;
	}
	for (int others = 0; others < 2; others++)
		while (sum > *width + 1) {
			size_t i = widest(grid, widths, others);

			if (i == grid->column_count)
				break;
			widths[i]--;
			sum--;
		}
	if (sum > *width + 1)
		*width = sum - 1;
	return widths;
}

static void add_line(const struct grid *grid, const struct cell *row,
		     const size_t *widths, struct libscols_table *table,
		     bool color, bool total)
{
	struct libscols_line *line = scols_table_new_line(table, NULL);

	if (!line)
		errx(EXIT_RETRY, "no memory");
	for (size_t i = 0; i < grid->column_count; i++) {
		char *whole = shown(&grid->columns[i], &row[i]);
		char *text = grid->columns[i].wrap ? broken(whole, widths[i])
						   : cut(whole, widths[i]);
		struct libscols_cell *cell;

		free(whole);
		if (scols_line_refer_data(line, i, text) < 0)
			errx(EXIT_RETRY, "no memory");
		cell = scols_line_get_cell(line, i);
		if (color && cell && row[i].heat > 0 && row[i].heat < 6)
			scols_cell_set_color(cell, HEAT[row[i].heat]);
	}
	if (color && total)
		scols_line_set_color(line, "\033[1m");
}

/* Where broken() has put them, not in the middle of a word. */
static int break_at_line_ends(struct libscols_column *column)
{
	int rc = scols_column_set_safechars(column, "\n");

	return rc < 0
		   ? rc
		   : scols_column_set_wrapfunc(column, scols_wrapnl_chunksize,
					       scols_wrapnl_nextchunk, NULL);
}

static struct libscols_table *table_of(const struct grid *grid, FILE *out,
				       const size_t *widths, size_t width,
				       bool color)
{
	struct libscols_table *table = scols_new_table();

	if (!table)
		errx(EXIT_RETRY, "no memory");
	scols_table_set_stream(table, out);
	/* Never ask the terminal: the width is ours to say. */
	scols_table_set_termforce(table, SCOLS_TERMFORCE_ALWAYS);
	scols_table_set_termwidth(table, width);
	scols_table_enable_colors(table, color);
	for (size_t i = 0; i < grid->column_count; i++) {
		const struct column *c = &grid->columns[i];
		int flags = c->right ? SCOLS_FL_RIGHT : 0;
		struct libscols_column *column;
		char *title = cut(c->title, widths[i]);

		if (c->truncate)
			flags |= SCOLS_FL_TRUNC;
		if (c->wrap)
			flags |= SCOLS_FL_WRAP;
		column = scols_table_new_column(table, title, 0, flags);
		if (!column || (c->wrap && break_at_line_ends(column) < 0))
			errx(EXIT_RETRY, "no memory");
		free(title);
	}
	return table;
}

void grid_write_table(const struct grid *grid, FILE *out, size_t width,
		      bool color)
{
	struct libscols_table *table;
	size_t *widths, wide = width;
	bool above = false, below = false;

	for (size_t i = 0; i < grid->note_count; i++) {
		above |= !grid->notes[i].below;
		below |= grid->notes[i].below;
	}
	write_notes(grid, out, width, false);
	if (grid->row_count) {
		if (above)
			fputc('\n', out);
		widths = fit(grid, &wide);
		table = table_of(grid, out, widths, wide, color);
		for (size_t r = 0; r < grid->row_count; r++)
			add_line(grid, grid->cells + r * grid->column_count,
				 widths, table, color, false);
		if (grid->total)
			add_line(grid, grid->total, widths, table, color, true);
		if (scols_print_table(table) < 0)
			errx(EXIT_RETRY, "cannot lay out the table");
		scols_unref_table(table);
		free(widths);
	}
	if (below && (grid->row_count || above))
		fputc('\n', out);
	write_notes(grid, out, width, true);
}
