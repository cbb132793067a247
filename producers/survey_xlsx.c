/*
 * survey_xlsx: see survey_xlsx.h. Parts are unpacked and parsed piece by
 * piece; only the shared strings are held in memory, within a limit.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "survey_xlsx.h"
#include "survey_xlsx_part.h"

/* After unpacking. A real export of 20,000 responses has a sheet of 30 MB. */
#define PART_MAX (16u << 20)
#define STRINGS_PART_MAX (256u << 20)
#define STRINGS_HELD_MAX (128u << 20)
#define STRINGS_COUNT_MAX (8u << 20) /* an empty one is held, too */
#define SHEET_MAX (1u << 30)
#define STYLES_MAX 4096

struct xlsx_table {
	zip_t *zip;
	char sheet_path[256];
	uint64_t sheet_size, done;
	bool from_1904;
	bool is_date[STYLES_MAX]; /* by cell style */
	size_t style_count;
	struct bytes strings; /* shared, end to end */
	size_t *string_ends;
	size_t string_count, string_room;
};

/* ---------------------------------------- workbook, relations and styles */

struct book_part {
	struct part part;
	char relation[64]; /* of the first sheet */
	char target[200];
	bool found;
};

static void on_book(void *arg, const XML_Char *name, const XML_Char **attrs)
{
	struct book_part *book = arg;
	const char *value;

	if (xlsx_is(name, "workbookPr")) {
		value = xlsx_attribute(attrs, "date1904");
		book->part.xlsx->from_1904 =
		    value && (value[0] == '1' || value[0] == 't');
	}
	if (!xlsx_is(name, "sheet") || book->found)
		return;
	value = NULL;
	for (size_t i = 0; attrs[i]; i += 2) {
		if (strchr(attrs[i], ':') && xlsx_is(attrs[i], "id"))
			value = attrs[i + 1];
	}
	if (value && strlen(value) < sizeof(book->relation)) {
		memcpy(book->relation, value, strlen(value) + 1);
		book->found = true;
	}
}

static void on_relation(void *arg, const XML_Char *name, const XML_Char **attrs)
{
	struct book_part *book = arg;
	const char *id = xlsx_attribute(attrs, "Id");
	const char *target = xlsx_attribute(attrs, "Target");

	if (xlsx_is(name, "Relationship") && id && target &&
	    strcmp(id, book->relation) == 0 &&
	    strlen(target) < sizeof(book->target))
		memcpy(book->target, target, strlen(target) + 1);
}

static int find_sheet(struct xlsx_table *xlsx, struct sdg_error *err)
{
	static const struct xlsx_handlers books = { .start = on_book };
	static const struct xlsx_handlers relations = { .start = on_relation };
	struct book_part book = { .part.xlsx = xlsx };
	struct zip_stat st;
	int rc;

	rc = xlsx_parse_part(xlsx->zip, "xl/workbook.xml", PART_MAX, &book.part,
			     &books, NULL, err);
	if (rc == 0)
		rc = xlsx_parse_part(xlsx->zip, "xl/_rels/workbook.xml.rels",
				     PART_MAX, &book.part, &relations, NULL,
				     err);
	if (rc < 0)
		return rc;
	if (book.target[0] == '\0')
		return sdg_fail(err, SDG_EINVAL, "the workbook has no sheet");
	if (book.target[0] == '/')
		snprintf(xlsx->sheet_path, sizeof(xlsx->sheet_path), "%s",
			 book.target + 1);
	else
		snprintf(xlsx->sheet_path, sizeof(xlsx->sheet_path), "xl/%s",
			 book.target);
	if (zip_stat(xlsx->zip, xlsx->sheet_path, 0, &st) != 0 ||
	    !(st.valid & ZIP_STAT_SIZE))
		return sdg_fail(err, SDG_EINVAL,
				"the workbook's sheet is missing");
	xlsx->sheet_size = st.size;
	return 0;
}

struct styles_part {
	struct part part;
	bool in_cells;              /* within cellXfs */
	uint32_t dates[STYLES_MAX]; /* custom formats that are dates */
	size_t date_count;
};

/* "dd/mm/yyyy hh:mm" is a date; "[Red]0.00", "\"d\"0" are not. */
static bool format_is_date(const char *code)
{
	bool quoted = false, bracketed = false;

	for (; *code; code++) {
		if (*code == '"')
			quoted = !quoted;
		else if (*code == '\\' && code[1])
			code++;
		else if (*code == '[')
			bracketed = true;
		else if (*code == ']')
			bracketed = false;
		else if (!quoted && !bracketed && strchr("dmyhDMYH", *code))
			return true;
	}
	return false;
}

static bool builtin_date(unsigned long id)
{
	return (id >= 14 && id <= 22) || (id >= 27 && id <= 36) ||
	       (id >= 45 && id <= 47) || (id >= 50 && id <= 58);
}

static void on_style(void *arg, const XML_Char *name, const XML_Char **attrs)
{
	struct styles_part *styles = arg;
	struct xlsx_table *xlsx = styles->part.xlsx;
	const char *id = xlsx_attribute(attrs, "numFmtId");
	const char *code = xlsx_attribute(attrs, "formatCode");
	unsigned long number = id ? strtoul(id, NULL, 10) : 0;
	bool date = builtin_date(number);

	if (xlsx_is(name, "numFmt") && code && format_is_date(code) &&
	    styles->date_count < STYLES_MAX)
		styles->dates[styles->date_count++] = (uint32_t)number;
	if (xlsx_is(name, "cellXfs"))
		styles->in_cells = true;
	if (!xlsx_is(name, "xf") || !styles->in_cells ||
	    xlsx->style_count == STYLES_MAX)
		return;
	for (size_t i = 0; i < styles->date_count && number > 0; i++)
		date = date || styles->dates[i] == number;
	xlsx->is_date[xlsx->style_count++] = date;
}

static void on_style_end(void *arg, const XML_Char *name)
{
	struct styles_part *styles = arg;

	if (xlsx_is(name, "cellXfs"))
		styles->in_cells = false;
}

/* ---------------------------------------------------------- shared strings */

struct strings_part {
	struct part part;
	bool in_text;
	unsigned phonetic; /* readings of Japanese, not part of the text */
};

static void on_string(void *arg, const XML_Char *name, const XML_Char **attrs)
{
	struct strings_part *strings = arg;

	(void)attrs;
	if (xlsx_is(name, "rPh"))
		strings->phonetic++;
	strings->in_text = xlsx_is(name, "t") && strings->phonetic == 0;
}

static void on_string_text(void *arg, const XML_Char *s, int len)
{
	struct strings_part *strings = arg;

	if (strings->in_text)
		xlsx_bytes_add(&strings->part.xlsx->strings, s, (size_t)len);
}

static void on_string_end(void *arg, const XML_Char *name)
{
	struct strings_part *strings = arg;
	struct xlsx_table *xlsx = strings->part.xlsx;
	size_t room = xlsx->string_room ? 2 * xlsx->string_room : 1024;
	void *bigger;

	strings->in_text = false;
	if (xlsx_is(name, "rPh") && strings->phonetic > 0)
		strings->phonetic--;
	if (xlsx->strings.failed) {
		xlsx_refuse(&strings->part,
			    "its texts are larger than allowed");
		return;
	}
	if (!xlsx_is(name, "si"))
		return;
	if (xlsx->string_count == STRINGS_COUNT_MAX) {
		xlsx_refuse(&strings->part, "its texts are more than allowed");
		return;
	}
	if (xlsx->string_count == xlsx->string_room) {
		bigger = realloc(xlsx->string_ends, room * sizeof(size_t));
		if (!bigger) {
			xlsx_refuse(&strings->part, "no memory");
			return;
		}
		xlsx->string_ends = bigger;
		xlsx->string_room = room;
	}
	xlsx->string_ends[xlsx->string_count++] = xlsx->strings.len;
}

/* ---------------------------------------------------------------- the sheet */

enum cell_type {
	CELL_NUMBER,
	CELL_SHARED,
	CELL_TEXT,
	CELL_BOOLEAN,
	CELL_ERROR
};

struct sheet_part {
	struct part part;
	table_row_fn *fn;
	void *arg;
	uint64_t line;
	size_t column, count; /* the cell's; and one past the row's last */
	enum cell_type type;
	bool in_row, in_cell, date, in_value;
	struct bytes value; /* of the cell being read */
	struct bytes bytes; /* of the row, end to end */
	size_t starts[TABLE_COLUMNS_MAX], lengths[TABLE_COLUMNS_MAX];
	struct sdg_str cells[TABLE_COLUMNS_MAX];
};

static void row_begin(struct sheet_part *sheet, const char *number)
{
	if (sheet->in_row) {
		xlsx_refuse(&sheet->part, "a row stands in another");
		return;
	}
	sheet->in_row = true;
	sheet->line = number ? strtoull(number, NULL, 10) : sheet->line + 1;
	memset(sheet->lengths, 0, sheet->count * sizeof(sheet->lengths[0]));
	sheet->column = 0;
	sheet->count = 0;
	sheet->bytes.len = 0;
}

/* "AB12" is column 27, from 0. */
static size_t column_of(const char *reference, size_t otherwise)
{
	size_t column = 0;

	if (!reference)
		return otherwise;
	for (; *reference >= 'A' && *reference <= 'Z'; reference++) {
		column = column * 26 + (size_t)(*reference - 'A' + 1);
		if (column > TABLE_COLUMNS_MAX)
			break;
	}
	return column > 0 ? column - 1 : otherwise;
}

static enum cell_type type_of(const char *type)
{
	if (!type || strcmp(type, "n") == 0)
		return CELL_NUMBER;
	if (strcmp(type, "s") == 0)
		return CELL_SHARED;
	if (strcmp(type, "b") == 0)
		return CELL_BOOLEAN;
	if (strcmp(type, "e") == 0)
		return CELL_ERROR;
	return CELL_TEXT; /* str, inlineStr, d (an ISO date) */
}

static void cell_begin(struct sheet_part *sheet, const XML_Char **attrs)
{
	const char *style = xlsx_attribute(attrs, "s");
	unsigned long number = style ? strtoul(style, NULL, 10) : 0;
	struct xlsx_table *xlsx = sheet->part.xlsx;

	/* Each end moves on by a column: two in a row would leave the row. */
	if (sheet->in_cell) {
		xlsx_refuse(&sheet->part, "a cell stands in another");
		return;
	}
	sheet->in_cell = true;
	sheet->column = column_of(xlsx_attribute(attrs, "r"), sheet->column);
	if (sheet->column >= TABLE_COLUMNS_MAX) {
		xlsx_refuse(&sheet->part, "a row has too many cells");
		return;
	}
	sheet->type = type_of(xlsx_attribute(attrs, "t"));
	sheet->date = number < xlsx->style_count && xlsx->is_date[number];
	sheet->value.len = 0;
}

/* Days since the last day of 1899 (or 1904) as people write dates. */
static int date_text(const struct xlsx_table *xlsx, const char *value,
		     char out[32])
{
	double days = strtod(value, NULL) + (xlsx->from_1904 ? 1462 : 0);
	long long seconds, day, era, doe, yoe, doy, mp;
	int year, month;

	if (!(days >= 1 && days < 2958466)) /* to the end of 9999 */
		return snprintf(out, 32, "%.20s", value);
	seconds = llround((days - 25569) * 86400);
	day = (seconds >= 0 ? seconds : seconds - 86399) / 86400;
	seconds -= day * 86400;
	/* The civil date of a day number (Howard Hinnant's algorithm). */
	day += 719468;
	era = day / 146097;
	doe = day - era * 146097;
	yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
	doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
	mp = (5 * doy + 2) / 153;
	month = (int)(mp < 10 ? mp + 3 : mp - 9);
	year = (int)(yoe + era * 400) + (month <= 2);
	return snprintf(out, 32, "%04d-%02d-%02d %02d:%02d:%02d", year, month,
			(int)(doy - (153 * mp + 2) / 5 + 1),
			(int)(seconds / 3600), (int)(seconds / 60 % 60),
			(int)(seconds % 60));
}

static struct sdg_str shared_string(const struct xlsx_table *xlsx,
				    const char *index)
{
	size_t i = strtoul(index, NULL, 10);
	size_t start =
	    i == 0 || i > xlsx->string_count ? 0 : xlsx->string_ends[i - 1];

	if (i >= xlsx->string_count)
		return (struct sdg_str){ 0 };
	return (struct sdg_str){ xlsx->strings.s + start,
				 xlsx->string_ends[i] - start };
}

static void cell_end(struct sheet_part *sheet)
{
	struct sdg_str text;
	char buf[32];
	size_t column = sheet->column;

	sheet->in_cell = false;
	xlsx_bytes_add(&sheet->value, "", 1);
	if (sheet->value.failed) {
		xlsx_refuse(&sheet->part, "a cell is larger than allowed");
		return;
	}
	text = (struct sdg_str){ sheet->value.s, sheet->value.len - 1 };
	switch (sheet->type) {
	case CELL_NUMBER:
		if (sheet->date && text.len > 0)
			text = (struct sdg_str){ buf, (size_t)date_text(
							  sheet->part.xlsx,
							  text.s, buf) };
		break;
	case CELL_SHARED:
		text = shared_string(sheet->part.xlsx, text.s);
		break;
	case CELL_BOOLEAN:
		text = sdg_str(text.s[0] == '1' ? "true" : "false");
		break;
	case CELL_ERROR:
		text.len = 0;
		break;
	case CELL_TEXT:
		break;
	}
	sheet->starts[column] = sheet->bytes.len;
	sheet->lengths[column] = text.len;
	if (text.len > 0)
		xlsx_bytes_add(&sheet->bytes, text.s, text.len);
	if (sheet->bytes.failed)
		xlsx_refuse(&sheet->part, "a row is larger than allowed");
	if (column >= sheet->count)
		sheet->count = column + 1;
	sheet->column++;
}

static void row_end(struct sheet_part *sheet)
{
	struct table_row row = { .line = sheet->line,
				 .count = sheet->count,
				 .cells = sheet->cells };

	sheet->in_row = false;
	if (sheet->count == 0 || sheet->part.rc != 0)
		return;
	for (size_t i = 0; i < sheet->count; i++) {
		sheet->cells[i].len = sheet->lengths[i];
		sheet->cells[i].s = sheet->lengths[i] > 0
					? sheet->bytes.s + sheet->starts[i]
					: NULL;
	}
	sheet->part.rc = sheet->fn(sheet->arg, &row);
	if (sheet->part.rc != 0)
		XML_StopParser(sheet->part.parser, XML_FALSE);
}

static void on_sheet(void *arg, const XML_Char *name, const XML_Char **attrs)
{
	struct sheet_part *sheet = arg;

	if (sheet->part.rc != 0 || sheet->part.why)
		return; /* expat may still deliver after a stop */
	if (xlsx_is(name, "row"))
		row_begin(sheet, xlsx_attribute(attrs, "r"));
	else if (xlsx_is(name, "c"))
		cell_begin(sheet, attrs);
	sheet->in_value = xlsx_is(name, "v") || xlsx_is(name, "t");
}

static void on_sheet_text(void *arg, const XML_Char *s, int len)
{
	struct sheet_part *sheet = arg;

	if (sheet->in_value)
		xlsx_bytes_add(&sheet->value, s, (size_t)len);
}

static void on_sheet_end(void *arg, const XML_Char *name)
{
	struct sheet_part *sheet = arg;

	sheet->in_value = false;
	if (sheet->part.rc != 0 || sheet->part.why)
		return;
	if (xlsx_is(name, "c"))
		cell_end(sheet);
	else if (xlsx_is(name, "row"))
		row_end(sheet);
}

/* -------------------------------------------------------------- the table */

static int read_styles(struct xlsx_table *xlsx, struct sdg_error *err)
{
	static const struct xlsx_handlers handlers = { on_style, on_style_end,
						       NULL };
	struct styles_part *styles = calloc(1, sizeof(*styles));
	int rc;

	if (!styles)
		return sdg_fail(err, SDG_ENOMEM, "read workbook: no memory");
	styles->part.xlsx = xlsx;
	rc = xlsx_parse_part(xlsx->zip, "xl/styles.xml", PART_MAX,
			     &styles->part, &handlers, NULL, err);
	free(styles);
	return rc == SDG_ENOTFOUND ? 0 : rc;
}

static int read_strings(struct xlsx_table *xlsx, struct sdg_error *err)
{
	static const struct xlsx_handlers handlers = { on_string, on_string_end,
						       on_string_text };
	struct strings_part strings = { .part.xlsx = xlsx };
	int rc;

	xlsx->strings.max = STRINGS_HELD_MAX;
	rc =
	    xlsx_parse_part(xlsx->zip, "xl/sharedStrings.xml", STRINGS_PART_MAX,
			    &strings.part, &handlers, NULL, err);
	return rc == SDG_ENOTFOUND ? 0 : rc;
}

int xlsx_table_open(int fd, struct xlsx_table **out, struct sdg_error *err)
{
	struct xlsx_table *xlsx = calloc(1, sizeof(*xlsx));
	int copy = dup(fd), why = 0, rc;

	if (!xlsx || copy < 0 || lseek(copy, 0, SEEK_SET) < 0) {
		rc = sdg_fail_errno(err, "read workbook");
		goto out;
	}
	xlsx->zip = zip_fdopen(copy, 0, &why);
	if (!xlsx->zip) {
		rc = sdg_fail(err, SDG_EINVAL,
			      "not a workbook: it cannot be unpacked");
		goto out;
	}
	copy = -1; /* the archive's now */
	rc = find_sheet(xlsx, err);
	if (rc == 0)
		rc = read_styles(xlsx, err);
	if (rc == 0)
		rc = read_strings(xlsx, err);
	if (rc == SDG_ENOTFOUND)
		rc = SDG_EINVAL; /* some other zip file */
	if (rc < 0)
		goto out;
	*out = xlsx;
	xlsx = NULL;
out:
	if (copy >= 0)
		close(copy);
	xlsx_table_close(xlsx);
	return rc;
}

void xlsx_table_close(struct xlsx_table *xlsx)
{
	if (!xlsx)
		return;
	if (xlsx->zip)
		zip_discard(xlsx->zip);
	free(xlsx->strings.s);
	free(xlsx->string_ends);
	free(xlsx);
}

int xlsx_table_each(struct xlsx_table *xlsx, table_row_fn *fn, void *arg,
		    struct sdg_error *err)
{
	static const struct xlsx_handlers handlers = { on_sheet, on_sheet_end,
						       on_sheet_text };
	struct sheet_part *sheet = calloc(1, sizeof(*sheet));
	int rc;

	if (!sheet)
		return sdg_fail(err, SDG_ENOMEM, "read workbook: no memory");
	sheet->part.xlsx = xlsx;
	sheet->fn = fn;
	sheet->arg = arg;
	sheet->value.max = TABLE_CELL_MAX;
	sheet->bytes.max = TABLE_RECORD_MAX;
	rc = xlsx_parse_part(xlsx->zip, xlsx->sheet_path, SHEET_MAX,
			     &sheet->part, &handlers, &xlsx->done, err);
	free(sheet->value.s);
	free(sheet->bytes.s);
	free(sheet);
	return rc;
}

uint64_t xlsx_table_done(const struct xlsx_table *xlsx)
{
	return xlsx->done;
}

uint64_t xlsx_table_size(const struct xlsx_table *xlsx)
{
	return xlsx->sheet_size;
}
