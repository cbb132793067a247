/*
 * survey_csv: see survey_csv.h. libcsv is fed line by line, so that every
 * record, and every cell that is wrong, has a line number.
 *
 * It refuses nothing but what would make answers run into each other: a
 * record with too many or too few cells is its caller's to judge.
 */
#include <csv.h>
#include <stdlib.h>
#include <string.h>

#include "survey_csv.h"
#include "survey_encoding.h"

struct csv_table {
	int fd;
	enum encoding encoding;
	size_t skip; /* byte order mark */
	char separator;
	char line_end;
	bool sep_line; /* Excel's "sep=;" before the headings */
	uint64_t done;
	char description[64];
};

/* One reading of the table, under way. */
struct reading {
	struct csv_parser parser;
	table_row_fn *fn;
	void *arg;
	struct sdg_error *err;
	int rc;
	bool fresh;           /* no record has begun yet on this line */
	uint64_t line;        /* being fed, from 1 */
	uint64_t record_line; /* where the record began */
	uint64_t cell_line;   /* where the cell being read began */
	char *bytes;          /* the record's cells, end to end */
	size_t len, cap;
	size_t *ends; /* where in bytes each cell ends */
	struct sdg_str *cells;
	size_t count, room;
};

static int reading_init(struct reading *reading, char separator,
			unsigned char options)
{
	if (csv_init(&reading->parser, options) != 0)
		return -1;
	csv_set_delim(&reading->parser, (unsigned char)separator);
	reading->line = 1;
	reading->fresh = true;
	return 0;
}

static void reading_fini(struct reading *reading)
{
	csv_free(&reading->parser);
	free(reading->bytes);
	free(reading->ends);
	free(reading->cells);
}

static bool make_room(struct reading *reading, size_t len)
{
	size_t cap = reading->cap ? reading->cap : 4096;
	size_t room = reading->room ? reading->room : 64;
	void *bigger;

	while (cap < reading->len + len)
		cap *= 2;
	if (cap > reading->cap) {
		bigger = realloc(reading->bytes, cap);
		if (!bigger)
			return false;
		reading->bytes = bigger;
		reading->cap = cap;
	}
	if (reading->count < reading->room)
		return true;
	room = reading->room ? room * 2 : room;
	bigger = realloc(reading->ends, room * sizeof(*reading->ends));
	if (!bigger)
		return false;
	reading->ends = bigger;
	bigger = realloc(reading->cells, room * sizeof(*reading->cells));
	if (!bigger)
		return false;
	reading->cells = bigger;
	reading->room = room;
	return true;
}

static int too_big(struct reading *reading, const char *what)
{
	return sdg_fail(reading->err, SDG_EINVAL,
			"line %llu: the %s that begins here is too long: is a "
			"quote missing?",
			(unsigned long long)reading->cell_line, what);
}

static void on_cell(void *cell, size_t len, void *arg)
{
	struct reading *reading = arg;

	if (reading->rc != 0)
		return;
	if (reading->count == TABLE_COLUMNS_MAX ||
	    reading->len + len > TABLE_RECORD_MAX) {
		reading->rc = too_big(reading, "record");
		return;
	}
	if (!make_room(reading, len)) {
		reading->rc = sdg_fail(reading->err, SDG_ENOMEM,
				       "read survey: no memory");
		return;
	}
	if (len > 0)
		memcpy(reading->bytes + reading->len, cell, len);
	reading->len += len;
	reading->ends[reading->count++] = reading->len;
	reading->cell_line = reading->line;
}

static void on_record(int end, void *arg)
{
	struct reading *reading = arg;
	struct table_row row = { .line = reading->record_line,
				 .count = reading->count,
				 .cells = reading->cells };
	size_t start = 0;

	(void)end;
	if (reading->rc != 0)
		return;
	for (size_t i = 0; i < reading->count; i++) {
		reading->cells[i].s = reading->bytes + start;
		reading->cells[i].len = reading->ends[i] - start;
		start = reading->ends[i];
	}
	reading->rc = reading->fn(reading->arg, &row);
	reading->count = 0;
	reading->len = 0;
	reading->fresh = true;
}

static bool is_blank(const char *s, size_t len)
{
	while (len > 0 && strchr(" \t\r\n", s[len - 1]) && s[len - 1])
		len--;
	return len == 0;
}

/* A lone quote in a cell that is not quoted (5" nail) is taken as it
 * stands; in a quoted one it shows that an end is missing somewhere. */
static int lone_quote(struct reading *reading, const char *s, size_t *used)
{
	struct csv_parser *parser = &reading->parser;
	int options = csv_get_opts(parser);

	if (csv_error(parser) != CSV_EPARSE)
		return sdg_fail(reading->err, SDG_ENOMEM,
				"read survey: no memory");
	if (parser->quoted)
		return sdg_fail(reading->err, SDG_EINVAL,
				"line %llu: a quote within the quoted cell "
				"that begins on line %llu neither ends it nor "
				"is doubled",
				(unsigned long long)reading->line,
				(unsigned long long)reading->cell_line);
	csv_set_opts(parser, (unsigned char)(options & ~CSV_STRICT));
	*used += csv_parse(parser, s + *used, 1, on_cell, on_record, reading);
	csv_set_opts(parser, (unsigned char)options);
	return 0;
}

/* Part of one line, or all of it. */
static int feed(struct reading *reading, const char *s, size_t len)
{
	size_t used = 0;

	if (reading->fresh) {
		reading->record_line = reading->line;
		reading->cell_line = reading->line;
		reading->fresh = is_blank(s, len);
	}
	while (used < len && reading->rc == 0) {
		used += csv_parse(&reading->parser, s + used, len - used,
				  on_cell, on_record, reading);
		if (used < len && reading->rc == 0)
			reading->rc = lone_quote(reading, s, &used);
	}
	if (reading->rc == 0 && reading->parser.entry_pos > TABLE_CELL_MAX)
		reading->rc = too_big(reading, "cell");
	return reading->rc;
}

static int feed_lines(struct reading *reading, const char *s, size_t len,
		      char line_end)
{
	while (len > 0) {
		const char *end = memchr(s, line_end, len);
		size_t n = end ? (size_t)(end - s) + 1 : len;

		if (feed(reading, s, n) != 0)
			return reading->rc;
		if (end)
			reading->line++;
		s += n;
		len -= n;
	}
	return 0;
}

static int feed_end(struct reading *reading)
{
	if (csv_fini(&reading->parser, on_cell, on_record, reading) == 0)
		return reading->rc;
	if (csv_error(&reading->parser) != CSV_EPARSE)
		return sdg_fail(reading->err, SDG_ENOMEM,
				"read survey: no memory");
	return sdg_fail(reading->err, SDG_EINVAL,
			"line %llu: the quoted cell that begins here is not "
			"closed before the file ends",
			(unsigned long long)reading->cell_line);
}

/* Excel's first line "sep=;" is no heading. Returns its length. */
static size_t sep_line(const char *s, size_t len)
{
	const char *end = memchr(s, '\n', len);
	size_t n = end ? (size_t)(end - s) + 1 : 0;

	if (n < 6 || n > 8 || memcmp(s, "sep=", 4) != 0)
		return 0;
	return n;
}

int csv_table_each(struct csv_table *csv, bool strict, table_row_fn *fn,
		   void *arg, struct sdg_error *err)
{
	unsigned char options = CSV_STRICT_FINI | (strict ? CSV_STRICT : 0);
	struct reading reading = { .fn = fn, .arg = arg, .err = err };
	struct decoder *decoder = NULL;
	bool first = true;
	const char *data;
	size_t len, drop;
	int rc;

	if (reading_init(&reading, csv->separator, options) != 0)
		return sdg_fail(err, SDG_ENOMEM, "read survey: no memory");
	rc = decoder_open(csv->fd, csv->encoding, csv->skip, &decoder, err);
	if (rc < 0)
		goto out;
	for (;;) {
		rc = decoder_read(decoder, &data, &len, err);
		if (rc != 0 || len == 0)
			break;
		drop = first && csv->sep_line ? sep_line(data, len) : 0;
		reading.line += drop > 0;
		first = false;
		rc = feed_lines(&reading, data + drop, len - drop,
				csv->line_end);
		csv->done = decoder_done(decoder);
		if (rc != 0)
			break;
	}
	if (rc == 0)
		rc = feed_end(&reading);
out:
	decoder_close(decoder);
	reading_fini(&reading);
	return rc;
}

/* How well a separator explains the beginning of the file: the cells of
 * each of its records. */
#define TRIAL_RECORDS 50

struct trial {
	size_t cells[TRIAL_RECORDS];
	size_t records;
};

static int try_record(void *arg, const struct table_row *row)
{
	struct trial *trial = arg;

	trial->cells[trial->records++] = row->count;
	return trial->records == TRIAL_RECORDS;
}

/* Records should have cells, several, and all the same number; a line or two
 * above the headings may differ. */
static double judge_trial(const struct trial *trial)
{
	double best = 0;

	for (size_t i = 0; i < trial->records; i++) {
		size_t alike = 0;
		double share;

		for (size_t j = 0; j < trial->records; j++)
			alike += trial->cells[j] == trial->cells[i];
		share = (double)alike / (double)trial->records;
		if (trial->cells[i] > 1 &&
		    share * share * (double)trial->cells[i] > best)
			best = share * share * (double)trial->cells[i];
	}
	return best;
}

static double trial_score(const char *s, size_t len, char separator,
			  char line_end)
{
	struct trial trial = { 0 };
	struct reading reading = { .fn = try_record, .arg = &trial };

	if (reading_init(&reading, separator, 0) != 0)
		return 0;
	if (feed_lines(&reading, s, len, line_end) == 0)
		feed_end(&reading);
	reading_fini(&reading);
	return judge_trial(&trial);
}

static void choose_separator(struct csv_table *csv, const char *s, size_t len)
{
	static const char candidates[] = { ',', ';', '\t', '|' };
	double best = 0, score;
	size_t drop;

	csv->line_end = memchr(s, '\n', len) ? '\n' : '\r';
	csv->separator = ',';
	drop = sep_line(s, len);
	if (drop > 0) {
		csv->sep_line = true;
		csv->separator = s[4];
		return;
	}
	for (size_t i = 0; i < sizeof(candidates); i++) {
		score = trial_score(s, len, candidates[i], csv->line_end);
		if (score > best) {
			best = score;
			csv->separator = candidates[i];
		}
	}
}

static const char *separator_name(char separator)
{
	switch (separator) {
	case ',':
		return "commas";
	case ';':
		return "semicolons";
	case '\t':
		return "tabs";
	case '|':
		return "bars";
	}
	return "its own separator";
}

int csv_table_open(int fd, struct csv_table **out, struct sdg_error *err)
{
	struct decoder *decoder = NULL;
	struct csv_table *csv = calloc(1, sizeof(*csv));
	const char *data;
	size_t len;
	int rc;

	if (!csv)
		return sdg_fail(err, SDG_ENOMEM, "read survey: no memory");
	csv->fd = fd;
	rc = encoding_detect(fd, &csv->encoding, &csv->skip, err);
	if (rc < 0)
		goto out;
	rc = decoder_open(fd, csv->encoding, csv->skip, &decoder, err);
	if (rc < 0)
		goto out;
	rc = decoder_read(decoder, &data, &len, err);
	if (rc < 0)
		goto out;
	if (len == 0) {
		rc = sdg_fail(err, SDG_EINVAL, "the file is empty");
		goto out;
	}
	choose_separator(csv, data, len);
	snprintf(csv->description, sizeof(csv->description), "%s, %s, %s",
		 csv->separator == '\t' ? "TSV" : "CSV",
		 encoding_name(csv->encoding), separator_name(csv->separator));
	*out = csv;
	csv = NULL;
out:
	decoder_close(decoder);
	csv_table_close(csv);
	return rc;
}

void csv_table_close(struct csv_table *csv)
{
	free(csv);
}

const char *csv_table_describe(const struct csv_table *csv)
{
	return csv->description;
}

uint64_t csv_table_done(const struct csv_table *csv)
{
	return csv->done;
}
