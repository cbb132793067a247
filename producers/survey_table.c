/*
 * survey_table: see survey_table.h. Chooses the reader by the first bytes
 * and hides which it is.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "survey_csv.h"
#include "survey_jsonl.h"
#include "survey_table.h"
#include "survey_xlsx.h"

struct table {
	int fd;
	uint64_t size;
	struct csv_table *csv; /* exactly one of these */
	struct xlsx_table *xlsx;
	struct jsonl_table *jsonl;
};

/* The standard input is read more than once: keep it in a file without a
 * name, which goes with the process. */
static int spool_stdin(struct sdg_error *err)
{
	const char *dir = getenv("TMPDIR");
	char buf[65536];
	ssize_t n;
	int fd = open(dir ? dir : "/tmp", O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);

	if (fd < 0)
		return sdg_fail_errno(err, "keep the standard input");
	while ((n = read(STDIN_FILENO, buf, sizeof(buf))) > 0 ||
	       (n < 0 && errno == EINTR)) {
		for (ssize_t at = 0; at < n;) {
			ssize_t done = write(fd, buf + at, (size_t)(n - at));

			if (done < 0 && errno != EINTR)
				goto failed;
			at += done > 0 ? done : 0;
		}
	}
	if (n == 0)
		return fd;
failed:
	sdg_fail_errno(err, "keep the standard input");
	close(fd);
	return SDG_EIO;
}

static int open_file(const char *path, struct sdg_error *err)
{
	struct stat st;
	int fd;

	if (strcmp(path, "-") == 0)
		return spool_stdin(err);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return sdg_fail_errno(err, "open \"%s\"", path);
	if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode))
		return fd;
	close(fd);
	return sdg_fail(err, SDG_EINVAL, "open \"%s\": not a file", path);
}

static bool begins_object(const unsigned char *s, size_t len)
{
	size_t i = 0;

	if (len >= 3 && memcmp(s, "\xef\xbb\xbf", 3) == 0)
		i = 3;
	while (i < len && s[i] && strchr(" \t\r\n", s[i]))
		i++;
	return i < len && s[i] == '{';
}

static int choose_reader(struct table *table, struct sdg_error *err)
{
	unsigned char head[64];
	ssize_t n = pread(table->fd, head, sizeof(head), 0);

	if (n < 0)
		return sdg_fail_errno(err, "read survey");
	if (n >= 4 && memcmp(head, "PK\3\4", 4) == 0)
		return xlsx_table_open(table->fd, &table->xlsx, err);
	/* The old binary .xls, and encrypted workbooks. */
	if (n >= 4 && memcmp(head, "\xd0\xcf\x11\xe0", 4) == 0)
		return sdg_fail(err, SDG_EINVAL,
				"an old or encrypted Excel file: save it as "
				".xlsx or CSV");
	if (begins_object(head, (size_t)n))
		return jsonl_table_open(table->fd, &table->jsonl, err);
	return csv_table_open(table->fd, &table->csv, err);
}

int table_open(const char *path, struct table **out, struct sdg_error *err)
{
	struct table *table = calloc(1, sizeof(*table));
	struct stat st;
	int rc;

	if (!table)
		return sdg_fail(err, SDG_ENOMEM, "read survey: no memory");
	table->fd = rc = open_file(path, err);
	if (rc < 0)
		goto out;
	if (fstat(table->fd, &st) == 0)
		table->size = (uint64_t)st.st_size;
	rc = choose_reader(table, err);
	if (rc < 0)
		goto out;
	*out = table;
	table = NULL;
	rc = 0;
out:
	table_close(table);
	return rc;
}

void table_close(struct table *table)
{
	if (!table)
		return;
	csv_table_close(table->csv);
	xlsx_table_close(table->xlsx);
	jsonl_table_close(table->jsonl);
	if (table->fd >= 0)
		close(table->fd);
	free(table);
}

const char *table_describe(const struct table *table)
{
	if (table->csv)
		return csv_table_describe(table->csv);
	return table->xlsx ? "Excel workbook" : "JSON lines";
}

static int nothing(void *arg, const struct table_row *row)
{
	(void)arg;
	(void)row;
	return 0;
}

int table_check(struct table *table, struct sdg_error *err)
{
	if (table->csv)
		return csv_table_each(table->csv, true, nothing, NULL, err);
	if (table->jsonl) /* to know its keys it was read to its end */
		return 0;
	return table_each(table, nothing, NULL, err);
}

int table_each(struct table *table, table_row_fn *fn, void *arg,
	       struct sdg_error *err)
{
	if (table->csv)
		return csv_table_each(table->csv, false, fn, arg, err);
	if (table->xlsx)
		return xlsx_table_each(table->xlsx, fn, arg, err);
	return jsonl_table_each(table->jsonl, fn, arg, err);
}

void table_bytes(const struct table *table, uint64_t *size, uint64_t *done)
{
	*size = table->size;
	if (table->csv) {
		*done = csv_table_done(table->csv);
	} else if (table->xlsx) {
		*size = xlsx_table_size(table->xlsx);
		*done = xlsx_table_done(table->xlsx);
	} else {
		*done = jsonl_table_done(table->jsonl);
	}
}
