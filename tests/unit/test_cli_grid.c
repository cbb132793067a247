#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "cli.h"

/* One small table with hostile words in it. */
static struct grid *sample(void)
{
	struct grid *grid = grid_new("sample");
	struct cell *row;

	grid_column(grid, "region", "region", false);
	grid_column(grid, "members", "members", true);
	grid_column(grid, "words", "words", false);
	row = grid_row(grid);
	cell_text(&row[0], "north-east", "North East");
	cell_count(&row[1], 12345);
	cell_str(&row[2], sdg_str("=1+1, \"x\"\nmore"));
	row = grid_row(grid);
	cell_text(&row[0], "london", "London");
	cell_count(&row[1], 0);
	cell_str(&row[2], sdg_str("<b>|\x1b[31m\xe2\x80\xae"));
	cell_text(&grid_total(grid)[0], "total", NULL);
	cell_count(&grid_total(grid)[1], 12345);
	grid_note(grid, false, "above");
	grid_note(grid, true, "below");
	return grid;
}

typedef void writer(const struct grid *, FILE *);

static char *written(writer *write)
{
	struct grid *grid = sample();
	char *text = NULL;
	size_t size = 0;
	FILE *out = open_memstream(&text, &size);

	write(grid, out);
	assert_int_equal(fclose(out), 0);
	grid_free(grid);
	return text;
}

static void test_grid_csv_quotes_and_disarms(void **state)
{
	char *text = written(grid_write_csv);

	(void)state;
	assert_string_equal(text,
			    "region,members,words\r\n"
			    "north-east,12345,\"'=1+1, \"\"x\"\"\nmore\"\r\n"
			    "london,0,<b>|\x1b[31m\xe2\x80\xae\r\n"
			    "total,12345,\r\n");
	free(text);
}

static void test_grid_csv_disarms_each_trigger(void **state)
{
	static const char *const TRIGGERS[] = { "=x", "+x", "-x", "@x", "\tx" };

	(void)state;
	for (size_t i = 0; i < 5; i++) {
		struct grid *grid = grid_new("t");
		char *text = NULL, *at;
		size_t size;
		FILE *out = open_memstream(&text, &size);

		grid_column(grid, "a", "a", false);
		cell_str(grid_row(grid), sdg_str(TRIGGERS[i]));
		grid_write_csv(grid, out);
		fclose(out);
		at = strstr(text, TRIGGERS[i]);
		assert_non_null(at);
		assert_int_equal(at[-1], '\'');
		free(text);
		grid_free(grid);
	}
}

static void test_grid_md_shows_markup_as_text(void **state)
{
	char *text = written(grid_write_md);

	(void)state;
	assert_string_equal(
	    text,
	    "above\n\n"
	    "| region | members | words |\n"
	    "| --- | ---: | --- |\n"
	    "| North East | 12345 | =1+1, \"x\" more |\n"
	    "| London | 0 | &lt;b&gt;\\|&lt;U+001B&gt;\\[31m&lt;U+202E&gt; "
	    "|\n"
	    "| **total** | 12345 |  |\n"
	    "\nbelow\n");
	free(text);
}

static void test_grid_json_is_keyed_and_raw(void **state)
{
	struct grid *grid = sample();
	json_t *rows = grid_json_rows(grid);
	json_t *row = json_array_get(rows, 0);

	(void)state;
	assert_int_equal(json_array_size(rows), 2);
	assert_string_equal(json_string_value(json_object_get(row, "region")),
			    "north-east");
	assert_int_equal(json_integer_value(json_object_get(row, "members")),
			 12345);
	assert_string_equal(json_string_value(json_object_get(row, "words")),
			    "=1+1, \"x\"\nmore");
	json_decref(rows);
	grid_free(grid);
}

static char *as_table(size_t width, bool color)
{
	struct grid *grid = sample();
	char *text = NULL;
	size_t size = 0;
	FILE *out = open_memstream(&text, &size);

	grid->columns[2].truncate = true;
	grid->cells[1].heat = 5;
	grid_write_table(grid, out, width, color);
	assert_int_equal(fclose(out), 0);
	grid_free(grid);
	return text;
}

static void test_grid_table_hides_controls(void **state)
{
	char *text = as_table(80, false);

	(void)state;
	assert_null(strchr(text, '\x1b'));
	assert_null(strstr(text, "\xe2\x80\xae"));
	assert_non_null(strstr(text, "12,345"));
	assert_non_null(strstr(text, "North East"));
	assert_ptr_equal(strstr(text, "above"), text);
	free(text);
}

static void test_grid_table_fits_the_width(void **state)
{
	char *text = as_table(40, false), *save = NULL;

	(void)state;
	for (char *l = strtok_r(text, "\n", &save); l;
	     l = strtok_r(NULL, "\n", &save))
		assert_true(strlen(l) <= 42); /* "…" is three bytes */
	free(text);
}

static void test_grid_table_colours_only_when_told(void **state)
{
	char *text = as_table(80, true);

	(void)state;
	assert_non_null(strstr(text, "\033[30;48;5;203m"));
	free(text);
}

static void test_grid_width_counts_characters(void **state)
{
	struct grid *grid = grid_new("w");

	(void)state;
	grid_column(grid, "a", "ab", false);
	grid_column(grid, "b", "b", false);
	cell_str(grid_row(grid), sdg_str("\xc3\xa9\xc3\xa9\xc3\xa9"));
	assert_int_equal(grid_width(grid), 3 + 1 + 1);
	grid_free(grid);
}

static void test_grid_xlsx_is_a_zip(void **state)
{
	struct grid *grid = sample();
	struct sdg_error err = { 0 };
	char path[] = "/tmp/test-cli-grid-XXXXXX";
	char *data = NULL;
	size_t len;
	int fd = mkstemp(path);

	(void)state;
	assert_true(fd >= 0);
	assert_int_equal(grid_write_xlsx(&grid, 1, path, &err), 0);
	assert_int_equal(sdg_read_file(path, 1 << 20, &data, &len, &err), 0);
	assert_true(len > 1000);
	assert_memory_equal(data, "PK\x03\x04", 4);
	free(data);
	remove(path);
	grid_free(grid);
}

/* A report after an adopted frame has a note of each theme that is new. */
static void test_grid_has_room_for_all_notes(void **state)
{
	struct grid *grid = sample();
	char *text = NULL;
	size_t size = 0;
	FILE *out = open_memstream(&text, &size);

	(void)state;
	for (int i = 0; i < 40; i++)
		grid_note(grid, true, "note %d.", i);
	grid_write_md(grid, out);
	assert_int_equal(fclose(out), 0);
	assert_non_null(strstr(text, "note 11."));
	assert_non_null(strstr(text, "note 39."));
	free(text);
	grid_free(grid);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_grid_csv_quotes_and_disarms),
		cmocka_unit_test(test_grid_csv_disarms_each_trigger),
		cmocka_unit_test(test_grid_md_shows_markup_as_text),
		cmocka_unit_test(test_grid_json_is_keyed_and_raw),
		cmocka_unit_test(test_grid_table_hides_controls),
		cmocka_unit_test(test_grid_table_fits_the_width),
		cmocka_unit_test(test_grid_table_colours_only_when_told),
		cmocka_unit_test(test_grid_width_counts_characters),
		cmocka_unit_test(test_grid_xlsx_is_a_zip),
		cmocka_unit_test(test_grid_has_room_for_all_notes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
