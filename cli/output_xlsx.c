/*
 * output_xlsx: grids as sheets of an Excel workbook, by libxlsxwriter.
 *
 * Text is written as text, never as a formula or a link, whatever it
 * begins with.
 */
#include "cli.h"

#include <stdlib.h>
#include <string.h>

#include <xlsxwriter.h>

struct styles {
	lxw_format *bold, *count, *number, *total, *note;
};

static int checked(lxw_error rc, struct sdg_error *err)
{
	if (rc == LXW_NO_ERROR)
		return 0;
	return sdg_fail(err, SDG_EIO, "cannot write the workbook: %s",
			lxw_strerror(rc));
}

static lxw_error write_cell(lxw_worksheet *sheet, lxw_row_t row,
			    lxw_col_t column, const struct cell *cell,
			    const struct styles *styles, bool total)
{
	lxw_format *bold = total ? styles->bold : NULL;
	const char *text;
	size_t cut;
	char *copy;
	lxw_error rc;

	switch (cell->type) {
	case CELL_EMPTY:
		return LXW_NO_ERROR;
	case CELL_TEXT:
		text = cell->label ? cell->label : cell->text;
		/* Excel takes 32,767 characters; bytes are never fewer. */
		cut = sdg_text_cut(text, strlen(text), 32000);
		copy = strndup(text, cut);
		if (!copy)
			return LXW_ERROR_MEMORY_MALLOC_FAILED;
		rc = worksheet_write_string(sheet, row, column, copy, bold);
		free(copy);
		return rc;
	case CELL_COUNT:
		return worksheet_write_number(
		    sheet, row, column, (double)cell->count,
		    total ? styles->total : styles->count);
	case CELL_NUMBER:
		return worksheet_write_number(sheet, row, column, cell->number,
					      styles->number);
	case CELL_NOT_MEASURED:
		return worksheet_write_string(sheet, row, column, NOT_MEASURED,
					      NULL);
	case CELL_HIDDEN:
		return worksheet_write_string(sheet, row, column, HIDDEN_FIGURE,
					      NULL);
	case CELL_BOOL:
		return worksheet_write_boolean(sheet, row, column,
					       (int)cell->count, NULL);
	}
	return LXW_NO_ERROR;
}

static lxw_error write_row(const struct grid *grid, lxw_worksheet *sheet,
			   lxw_row_t at, const struct cell *row,
			   const struct styles *styles, bool total)
{
	lxw_error rc = LXW_NO_ERROR;

	for (size_t i = 0; i < grid->column_count && rc == LXW_NO_ERROR; i++)
		rc =
		    write_cell(sheet, at, (lxw_col_t)i, &row[i], styles, total);
	return rc;
}

static lxw_error write_notes(const struct grid *grid, lxw_worksheet *sheet,
			     lxw_row_t *at, bool below,
			     const struct styles *styles)
{
	lxw_error rc = LXW_NO_ERROR;

	for (size_t i = 0; i < grid->note_count && rc == LXW_NO_ERROR; i++)
		if (grid->notes[i].below == below)
			rc = worksheet_write_string(sheet, (*at)++, 0,
						    grid->notes[i].text,
						    styles->note);
	return rc;
}

static int write_sheet(const struct grid *grid, lxw_worksheet *sheet,
		       const struct styles *styles, struct sdg_error *err)
{
	lxw_row_t at = 0;
	lxw_error rc;

	rc = worksheet_write_string(sheet, at++, 0, grid->title, styles->bold);
	if (rc == LXW_NO_ERROR)
		rc = write_notes(grid, sheet, &at, false, styles);
	at++;
	for (size_t i = 0; i < grid->column_count && rc == LXW_NO_ERROR; i++) {
		worksheet_set_column(sheet, (lxw_col_t)i, (lxw_col_t)i,
				     grid->columns[i].right ? 12 : 26, NULL);
		rc = worksheet_write_string(sheet, at, (lxw_col_t)i,
					    grid->columns[i].title,
					    styles->bold);
	}
	at++;
	worksheet_freeze_panes(sheet, at, 1);
	for (size_t r = 0; r < grid->row_count && rc == LXW_NO_ERROR; r++)
		rc = write_row(grid, sheet, at++,
			       grid->cells + r * grid->column_count, styles,
			       false);
	if (grid->total && rc == LXW_NO_ERROR)
		rc = write_row(grid, sheet, at++, grid->total, styles, true);
	at++;
	if (rc == LXW_NO_ERROR)
		rc = write_notes(grid, sheet, &at, true, styles);
	return checked(rc, err);
}

static struct styles make_styles(lxw_workbook *book)
{
	struct styles s = {
		.bold = workbook_add_format(book),
		.count = workbook_add_format(book),
		.number = workbook_add_format(book),
		.total = workbook_add_format(book),
		.note = workbook_add_format(book),
	};

	format_set_bold(s.bold);
	format_set_num_format(s.count, "#,##0");
	format_set_num_format(s.number, "#,##0.0");
	format_set_num_format(s.total, "#,##0");
	format_set_bold(s.total);
	format_set_font_color(s.note, LXW_COLOR_GRAY);
	return s;
}

int grid_write_xlsx(struct grid *const *sheets, size_t n, const char *path,
		    struct sdg_error *err)
{
	lxw_workbook_options options = { .constant_memory = LXW_FALSE };
	lxw_workbook *book;
	struct styles styles;
	char name[32];
	int rc = 0;

	book = workbook_new_opt(path, &options);
	if (!book)
		return sdg_fail(err, SDG_ENOMEM, "no memory");
	styles = make_styles(book);
	for (size_t i = 0; i < n && rc == 0; i++) {
		lxw_worksheet *sheet;

		snprintf(name, sizeof(name), "%.20s %u", sheets[i]->title,
			 (unsigned)i + 1);
		sheet = workbook_add_worksheet(book, n > 1 ? name : NULL);
		if (!sheet)
			rc = sdg_fail(err, SDG_EIO, "cannot add a sheet");
		else
			rc = write_sheet(sheets[i], sheet, &styles, err);
	}
	/* Closing writes the file and frees the book, even after a failure. */
	if (rc < 0)
		workbook_close(book);
	else
		rc = checked(workbook_close(book), err);
	return rc;
}
