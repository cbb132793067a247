/*
 * output_text: a grid as CSV and as Markdown.
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
	if (*s && strchr("=+-@\t\r", *s))
		fputc('\'', out);
	for (; *s; s++) {
		if (*s == '"')
			fputc('"', out);
		fputc(*s, out);
	}
	if (quote)
		fputc('"', out);
}

static void csv_row(const struct grid *grid, const struct cell *row, FILE *out)
{
	for (size_t i = 0; i < grid->column_count; i++) {
		if (i)
			fputc(',', out);
		switch (row[i].type) {
		case CELL_EMPTY:
			break;
		case CELL_TEXT:
			csv_text(row[i].text, out);
			break;
		case CELL_COUNT:
			fprintf(out, "%llu", (unsigned long long)row[i].count);
			break;
		case CELL_NUMBER:
			fprintf(out, "%.*f", grid->columns[i].decimals,
				row[i].number);
			break;
		case CELL_BOOL:
			fputs(row[i].count ? "true" : "false", out);
			break;
		}
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

/* One line, nothing of it markup: entities for HTML, escapes for the rest. */
static void md_text(const char *s, FILE *out)
{
	for (; *s; s++) {
		switch (*s) {
		case '<':
			fputs("&lt;", out);
			break;
		case '>':
			fputs("&gt;", out);
			break;
		case '&':
			fputs("&amp;", out);
			break;
		case '|':
		case '\\':
		case '`':
		case '*':
		case '_':
		case '[':
		case ']':
		case '!':
		case '#':
		case '~':
			fputc('\\', out);
			fputc(*s, out);
			break;
		case '\n':
			fputc(' ', out);
			break;
		default:
			fputc(*s, out);
		}
	}
}

static void md_row(const struct grid *grid, const struct cell *row, bool total,
		   FILE *out)
{
	for (size_t i = 0; i < grid->column_count; i++) {
		fputs(i ? " | " : "| ", out);
		switch (row[i].type) {
		case CELL_EMPTY:
			break;
		case CELL_TEXT:
			if (total)
				fputs("**", out);
			md_text(row[i].label ? row[i].label : row[i].text, out);
			if (total)
				fputs("**", out);
			break;
		case CELL_COUNT:
			fprintf(out, "%llu", (unsigned long long)row[i].count);
			break;
		case CELL_NUMBER:
			fprintf(out, "%.*f", grid->columns[i].decimals,
				row[i].number);
			break;
		case CELL_BOOL:
			fputs(row[i].count ? "yes" : "no", out);
			break;
		}
	}
	fputs(" |\n", out);
}

static void md_notes(const struct grid *grid, bool below, FILE *out)
{
	for (size_t i = 0; i < grid->note_count; i++) {
		if (grid->note_below[i] != below)
			continue;
		if (below)
			fputc('\n', out);
		md_text(grid->notes[i], out);
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
