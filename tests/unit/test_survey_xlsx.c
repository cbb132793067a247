/* Workbooks: what Microsoft Forms exports, and what must not hurt. */
#include <xlsxwriter.h>
#include <zip.h>

#include "survey_helper.h"

static const char *const headings[] = { "ID",
					"Start time",
					"Completion time",
					"Email",
					"Name",
					"Your role",
					"What should we say?\xc2\xa0" };

static char book_path[64];

static int make_folder(void **state)
{
	char dir[] = "/tmp/soundings-xlsx-XXXXXX";

	(void)state;
	if (!mkdtemp(dir))
		return -1;
	snprintf(book_path, sizeof(book_path), "%s/book.xlsx", dir);
	return 0;
}

static int drop_folder(void **state)
{
	(void)state;
	unlink(book_path);
	*strrchr(book_path, '/') = '\0';
	return rmdir(book_path);
}

/* As Forms writes it: an id, two dates in a format of their own, texts. */
static void write_book(void)
{
	lxw_workbook *book = workbook_new(book_path);
	lxw_worksheet *sheet = workbook_add_worksheet(book, "Sheet1");
	lxw_format *format = workbook_add_format(book);
	lxw_datetime start = { 2015, 2, 2, 13, 38, 10 };
	lxw_datetime end = { 2015, 2, 2, 13, 49, 17 };

	format_set_num_format(format, "m/d/yy h:mm:ss");
	for (lxw_col_t i = 0; i < 7; i++)
		worksheet_write_string(sheet, 0, i, headings[i], NULL);
	worksheet_write_number(sheet, 1, 0, 1, NULL);
	worksheet_write_datetime(sheet, 1, 1, &start, format);
	worksheet_write_datetime(sheet, 1, 2, &end, format);
	worksheet_write_string(sheet, 1, 3, "anonymous", NULL);
	worksheet_write_string(sheet, 1, 5, "Deputy head", NULL);
	worksheet_write_string(
	    sheet, 1, 6, "Give us time & \"space\", please\nand <soon>", NULL);
	assert_int_equal(workbook_close(book), LXW_NO_ERROR);
}

static void test_workbook_and_csv_are_one_survey(void **state)
{
	struct read_survey *book, *csv;

	(void)state;
	write_book();
	book = read_path(book_path);
	csv = read_text("ID,Start time,Completion time,Email,Name,Your "
			"role,What should we say?\xc2\xa0\n"
			"1,2/2/15 13:38:10,2/2/15 13:49:17,anonymous,,Deputy "
			"head,\"Give us time & \"\"space\"\", please\nand "
			"<soon>\"\n");
	assert_string_equal(table_describe(book->table), "Excel workbook");
	assert_int_equal(book->survey->dialect, DIALECT_MICROSOFT_FORMS);
	assert_int_equal(book->count, 1);
	assert_str_equal(book->events[0].fb.text,
			 "Give us time & \"space\", please\nand <soon>");
	assert_str_equal(book->events[0].fb.respondent.role, "Deputy head");
	assert_int_equal(book->events[0].fb.said, 1422884290);
	assert_int_equal(book->events[0].line, 2);
	assert_int_equal(pieces_shared(book, csv), 1);
	survey_end(book);
	survey_end(csv);
}

static void refuse_book(const char *part, const char *xml, const char *message)
{
	struct read_survey *read = malloc(sizeof(*read));
	struct sdg_error err = { 0 };
	zip_source_t *source;
	zip_t *zip;

	write_book();
	zip = zip_open(book_path, 0, NULL);
	assert_non_null(zip);
	source = zip_source_buffer(zip, xml, strlen(xml), 0);
	assert_true(zip_file_add(zip, part, source, ZIP_FL_OVERWRITE) >= 0);
	assert_int_equal(zip_close(zip), 0);
	assert_non_null(read);
	assert_fails(survey_begin(read, book_path, &err), SDG_EINVAL, err);
	assert_string_equal(err.message, message);
	survey_end(read);
}

static void test_entities_are_refused(void **state)
{
	(void)state;
	refuse_book("xl/worksheets/sheet1.xml",
		    "<!DOCTYPE x [<!ENTITY a \"aaaaaaaa\"><!ENTITY b "
		    "\"&a;&a;&a;&a;\">]><worksheet><sheetData><row><c "
		    "t=\"str\"><v>&b;</v></c></row></sheetData></worksheet>",
		    "the workbook cannot be read: it declares a document type");
}

static void test_broken_xml_is_refused(void **state)
{
	(void)state;
	refuse_book("xl/worksheets/sheet1.xml",
		    "<worksheet><sheetData><row><c></row>",
		    "the workbook cannot be read: a part is not well-formed "
		    "XML");
	refuse_book("xl/workbook.xml", "<workbook/>",
		    "the workbook has no sheet");
}

static void test_cell_out_of_bounds_is_refused(void **state)
{
	(void)state;
	refuse_book("xl/worksheets/sheet1.xml",
		    "<worksheet><sheetData><row r=\"1\"><c r=\"ZZZ1\"><v>1</v>"
		    "</c></row></sheetData></worksheet>",
		    "the workbook cannot be read: a row has too many cells");
}

/* Each end of a cell moves on by a column: behind the last one stands
 * other people's memory. */
static void test_cells_in_cells_are_refused(void **state)
{
	(void)state;
	refuse_book("xl/worksheets/sheet1.xml",
		    "<worksheet><sheetData><row r=\"1\"><c r=\"A1\"><c "
		    "r=\"FAN1\" t=\"str\"><v>x</v></c></c></row></sheetData>"
		    "</worksheet>",
		    "the workbook cannot be read: a cell stands in another");
	refuse_book("xl/worksheets/sheet1.xml",
		    "<worksheet><sheetData><row r=\"1\"><row r=\"2\"><c "
		    "r=\"A2\"><v>1</v></c></row></row></sheetData></worksheet>",
		    "the workbook cannot be read: a row stands in another");
}

/* A text without a letter takes a place, too. */
static void test_empty_texts_take_no_end_of_memory(void **state)
{
	static const char one[] = "<si/>";
	size_t n = (8u << 20) + 1, len = strlen(one);
	char *xml = malloc(n * len + 64), *at = xml;

	(void)state;
	assert_non_null(xml);
	at = stpcpy(at, "<sst>");
	for (size_t i = 0; i < n; i++)
		at = stpcpy(at, one);
	strcpy(at, "</sst>");
	refuse_book("xl/sharedStrings.xml", xml,
		    "the workbook cannot be read: its texts are more than "
		    "allowed");
	free(xml);
}

static void test_huge_cell_is_refused(void **state)
{
	size_t len = TABLE_CELL_MAX + 100;
	char *xml = malloc(len + 200);
	int n = sprintf(xml, "<worksheet><sheetData><row r=\"1\"><c r=\"A1\" "
			     "t=\"str\"><v>");

	(void)state;
	memset(xml + n, 'a', len);
	strcpy(xml + n + len, "</v></c></row></sheetData></worksheet>");
	refuse_book("xl/worksheets/sheet1.xml", xml,
		    "the workbook cannot be read: a cell is larger than "
		    "allowed");
	free(xml);
}

static void test_other_zip_files_are_refused(void **state)
{
	struct read_survey *read = malloc(sizeof(*read));
	struct sdg_error err = { 0 };
	zip_source_t *source;
	zip_t *zip;

	(void)state;
	unlink(book_path);
	zip = zip_open(book_path, ZIP_CREATE, NULL);
	source = zip_source_buffer(zip, "x", 1, 0);
	assert_true(zip_file_add(zip, "a.txt", source, 0) >= 0);
	assert_int_equal(zip_close(zip), 0);
	assert_non_null(read);
	assert_int_equal(survey_begin(read, book_path, &err), SDG_EINVAL);
	assert_string_equal(err.message,
			    "not a workbook: it has no \"xl/workbook.xml\"");
	survey_end(read);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_workbook_and_csv_are_one_survey),
		cmocka_unit_test(test_entities_are_refused),
		cmocka_unit_test(test_broken_xml_is_refused),
		cmocka_unit_test(test_cell_out_of_bounds_is_refused),
		cmocka_unit_test(test_cells_in_cells_are_refused),
		cmocka_unit_test(test_empty_texts_take_no_end_of_memory),
		cmocka_unit_test(test_huge_cell_is_refused),
		cmocka_unit_test(test_other_zip_files_are_refused),
	};

	setenv("TZ", "GMT0BST,M3.5.0/1,M10.5.0", 1);
	return cmocka_run_group_tests_name("survey_xlsx", tests, make_folder,
					   drop_folder);
}
