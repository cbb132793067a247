/*
 * output: where answers go, and whether they arrived there.
 *
 * An answer is made whole in memory first: half an answer is never
 * written to a file, and a full disk or a closed pipe is noticed.
 */
#include "cli.h"

#include <err.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

size_t cli_width(void)
{
	const char *columns = getenv("COLUMNS");
	struct winsize size;
	int64_t n;

	if (isatty(STDOUT_FILENO) &&
	    ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0)
		return size.ws_col;
	n = columns ? cli_number(columns, 20, 10000) : -1;
	return n > 0 ? (size_t)n : 80;
}

json_t *cli_json_str(struct sdg_str text)
{
	json_t *json = json_stringn(text.len ? text.s : "", text.len);
	char *clean;

	if (json)
		return json;
	/* Not UTF-8, which a store never holds unless it is damaged. */
	clean = xcalloc(text.len + 1, 3);
	json = json_stringn(
	    clean, sdg_text_clean(text.s, text.len, clean, 3 * text.len));
	free(clean);
	if (!json)
		errx(EXIT_RETRY, "no memory");
	return json;
}

json_t *cli_json_ids(uint32_t bits, int count, const char *(*id)(int))
{
	json_t *list = json_array();

	for (int i = 0; i < count; i++) {
		if (bits & 1u << i)
			json_array_append_new(list, json_string(id(i)));
	}
	return list;
}

json_t *cli_envelope(const char *command)
{
	json_t *json = json_object();
	char *schema = xformat("soundings/%s/1", command);

	if (!json ||
	    json_object_set_new(json, "schema", json_string(schema)) < 0)
		errx(EXIT_RETRY, "no memory");
	free(schema);
	return json;
}

int cli_emit_bytes(const struct cli_args *args, const char *data, size_t len)
{
	struct sdg_error err = { 0 };

	if (args->output) {
		if (sdg_write_file(args->output, data, len, 0600, &err) < 0)
			return cli_fail(&err);
		return 0;
	}
	if (fwrite(data, 1, len, stdout) != len || fflush(stdout) != 0) {
		warn("cannot write the answer");
		return EXIT_RETRY;
	}
	return 0;
}

FILE *cli_text_open(struct cli_text *text)
{
	text->to = open_memstream(&text->data, &text->len);
	if (!text->to)
		errx(EXIT_RETRY, "no memory");
	return text->to;
}

int cli_text_emit(struct cli_text *text, const struct cli_args *args)
{
	int status;

	if (fclose(text->to) != 0)
		errx(EXIT_RETRY, "no memory");
	status = cli_emit_bytes(args, text->data, text->len);
	free(text->data);
	return status;
}

int cli_emit_json(const struct cli_args *args, json_t *json)
{
	char *text = json_dumps(json, JSON_INDENT(2));
	char *line;
	int status;

	json_decref(json);
	if (!text)
		errx(EXIT_RETRY, "no memory");
	line = xformat("%s\n", text);
	status = cli_emit_bytes(args, line, strlen(line));
	free(line);
	free(text);
	return status;
}

/* The library writes to a path alone: a private temporary file, read back. */
static int emit_xlsx(const struct cli_args *args, const struct grid *grid,
		     const struct grid *shown)
{
	struct grid *sheets[2] = { (struct grid *)(shown ? shown : grid),
				   (struct grid *)grid };
	const char *tmp = getenv("TMPDIR");
	char *path = xformat("%s/soundings-XXXXXX", tmp && *tmp ? tmp : "/tmp");
	struct sdg_error err = { 0 };
	char *data = NULL;
	size_t len;
	int fd, status;

	if (!args->output && isatty(STDOUT_FILENO)) {
		free(path);
		return cli_usage("a workbook is not for a terminal: give "
				 "--output FILE");
	}
	fd = mkstemp(path);
	if (fd < 0) {
		warn("cannot make a temporary file");
		free(path);
		return EXIT_RETRY;
	}
	close(fd);
	if (grid_write_xlsx(sheets, shown ? 2 : 1, path, &err) < 0 ||
	    sdg_read_file(path, 256u << 20, &data, &len, &err) < 0)
		status = cli_fail(&err);
	else
		status = cli_emit_bytes(args, data, len);
	unlink(path);
	free(data);
	free(path);
	return status;
}

static int emit_json(const struct cli_args *args, json_t *envelope,
		     const struct grid *grid)
{
	if (json_object_set_new(envelope, "rows", grid_json_rows(grid)) < 0)
		errx(EXIT_RETRY, "no memory");
	return cli_emit_json(args, envelope);
}

int cli_emit(const struct cli_args *args, json_t *envelope,
	     const struct grid *grid, const struct grid *shown)
{
	struct cli_text text;
	FILE *out;

	if (args->format == CLI_JSON)
		return emit_json(args, envelope, grid);
	json_decref(envelope);
	if (args->format == CLI_XLSX)
		return emit_xlsx(args, grid, shown);

	out = cli_text_open(&text);
	if (args->format == CLI_CSV)
		grid_write_csv(grid, out);
	else if (args->format == CLI_MD)
		grid_write_md(shown ? shown : grid, out);
	else if ((shown ? shown : grid)->layout != GRID_LINES)
		grid_write_cards(shown ? shown : grid, out, cli_width());
	else
		grid_write_table(shown ? shown : grid, out, cli_width(),
				 args->color && !args->output);
	return cli_text_emit(&text, args);
}
