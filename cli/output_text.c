/*
 * output_text: a grid as CSV and as Markdown, and text for HTML.
 *
 * Member text is hostile here too: a spreadsheet runs cells that begin
 * with = + - @ or a tab, Markdown renderers take HTML.
 */
#include "cli.h"

#include <stdlib.h>
#include <string.h>

/* RFC 4180: quoted where it must be; text that a spreadsheet might take
 * for a formula gets an apostrophe before it. */
static void csv_text(const char *s, FILE *out)
{
	bool quote = s[strcspn(s, ",\"\r\n\t")] != '\0' || *s == ' ';

	if (quote)
		fputc('"', out);
	if (*s && strchr("=+-@\t\r\n", *s))
		fputc('\'', out);
	for (; *s; s++) {
		if (*s == '"')
			fputc('"', out);
		fputc(*s, out);
	}
	if (quote)
		fputc('"', out);
}

/* What both forms write alike: all but text, and a bool in @words of theirs. */
static void plain_cell(const struct cell *cell, int decimals,
		       const char *const words[2], FILE *out)
{
	switch (cell->type) {
	case CELL_EMPTY:
	case CELL_TEXT:
		break;
	case CELL_COUNT:
		fprintf(out, "%llu", (unsigned long long)cell->count);
		break;
	case CELL_NUMBER:
		fprintf(out, "%.*f", decimals, cell->number);
		break;
	case CELL_BOOL:
		fputs(words[cell->count != 0], out);
		break;
	case CELL_NOT_MEASURED:
		fputs(NOT_MEASURED, out);
		break;
	case CELL_HIDDEN:
		fputs(HIDDEN_FIGURE, out);
		break;
	}
}

static void csv_row(const struct grid *grid, const struct cell *row, FILE *out)
{
	static const char *const words[2] = { "false", "true" };

	for (size_t i = 0; i < grid->column_count; i++) {
		if (i)
			fputc(',', out);
		if (row[i].type == CELL_TEXT)
			csv_text(row[i].text, out);
		else
			plain_cell(&row[i], grid->columns[i].decimals, words,
				   out);
	}
	fputs("\r\n", out);
}

void grid_write_csv(const struct grid *grid, FILE *out)
{
	for (size_t i = 0; i < grid->column_count; i++) {
		if (i)
			fputc(',', out);
		csv_text(grid->columns[i].id, out);
	}
	fputs("\r\n", out);
	for (size_t r = 0; r < grid->row_count; r++)
		csv_row(grid, grid->cells + r * grid->column_count, out);
	if (grid->total)
		csv_row(grid, grid->total, out);
}

/* What stands for @c in HTML, or NULL: itself. */
static const char *html_entity(char c)
{
	switch (c) {
	case '&':
		return "&amp;";
	case '<':
		return "&lt;";
	case '>':
		return "&gt;";
	case '"':
		return "&quot;";
	case '\'':
		return "&#39;";
	}
	return NULL;
}

void html_text(FILE *out, const char *s)
{
	for (; *s; s++) {
		const char *entity = html_entity(*s);

		if (entity)
			fputs(entity, out);
		else
			fputc(*s, out);
	}
}

/* One line, nothing of it markup: entities for HTML, escapes for the rest. */
static void md_text(const char *s, FILE *out)
{
	for (; *s; s++) {
		if (strchr("<>&", *s)) {
			fputs(html_entity(*s), out);
			continue;
		}
		if (strchr("|\\`*_[]!#~", *s))
			fputc('\\', out);
		fputc(*s == '\n' ? ' ' : *s, out);
	}
}

static void md_row(const struct grid *grid, const struct cell *row, bool total,
		   FILE *out)
{
	static const char *const words[2] = { "no", "yes" };
	const char *mark = total ? "**" : "";

	for (size_t i = 0; i < grid->column_count; i++) {
		fputs(i ? " | " : "| ", out);
		if (row[i].type == CELL_TEXT) {
			fputs(mark, out);
			md_text(row[i].label ? row[i].label : row[i].text, out);
			fputs(mark, out);
		} else {
			plain_cell(&row[i], grid->columns[i].decimals, words,
				   out);
		}
	}
	fputs(" |\n", out);
}

static void md_notes(const struct grid *grid, bool below, FILE *out)
{
	for (size_t i = 0; i < grid->note_count; i++) {
		if (grid->notes[i].below != below)
			continue;
		if (below)
			fputc('\n', out);
		md_text(grid->notes[i].text, out);
		fputs(below ? "\n" : "\n\n", out);
	}
}

void grid_write_md(const struct grid *grid, FILE *out)
{
	md_notes(grid, false, out);
	for (size_t i = 0; i < grid->column_count; i++) {
		fputs(i ? " | " : "| ", out);
		md_text(grid->columns[i].title, out);
	}
	fputs(" |\n", out);
	for (size_t i = 0; i < grid->column_count; i++)
		fputs(grid->columns[i].right ? "| ---: " : "| --- ", out);
	fputs("|\n", out);
	for (size_t r = 0; r < grid->row_count; r++)
		md_row(grid, grid->cells + r * grid->column_count, false, out);
	if (grid->total)
		md_row(grid, grid->total, true, out);
	md_notes(grid, true, out);
}
