/*
 * soundings explain: why a message got its labels: which words, where, with
 * which weight, or which line of the signature gave the region.
 *
 * A stored message is classified again as it would be today; what was stored
 * is shown beside it where the two differ (another frame, a person's word,
 * or the address, which is not kept).
 */
#include "cli.h"

#include <err.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <soundings/classify.h>

#include "corpus.h"
#include "corpus_remark.h"
#include "explain_write.h"
#include "hook_read.h"

static const char HELP[] =
    "Examples:\n"
    "  soundings explain 54e3a1b2c0\n"
    "  soundings explain message.eml\n"
    "  soundings-mail --dry-run < message.eml | soundings explain -\n"
    "  echo 'More local meetings, please.' | soundings explain -\n"
    "\n"
    "Usage: soundings explain ID|FILE|- [--frame DIR] [--format table|json]\n"
    "                         [--output FILE]\n"
    "\n"
    "ID is what 'soundings messages' lists. FILE (or - for standard input) is\n"
    "a mail, read as the hook reads it, JSON lines as 'classify' takes them "
    "(at\n"
    "most 500), or plain words. Places are bytes of the field's UTF-8.\n"
    "\n"
    "  --frame DIR  the code frame in DIR instead of the one installed\n";

#define INPUT_MAX ((size_t)16 << 20)
#define LINES_MAX 500

struct explain {
	const struct cli_args *args;
	const char *frame;
	struct explained it;
	struct cli_text text;
	FILE *to;
	size_t done, odd_sources;
	int status;
};

static int by_weight(const void *a, const void *b)
{
	const struct sdg_reason *x = a, *y = b;
	float wx = x->weight < 0 ? -x->weight : x->weight;
	float wy = y->weight < 0 ? -y->weight : y->weight;

	if (wx != wy)
		return wx < wy ? 1 : -1;
	return x->start < y->start ? -1 : x->start > y->start;
}

static void explain_one(struct explain *explain, const struct sdg_feedback *fb)
{
	explain->it.fb = fb;
	sdg_classify(explain->it.classifier, fb, NULL, &explain->it.labels,
		     &explain->it.why);
	qsort(explain->it.why.reasons, explain->it.why.count,
	      sizeof(*explain->it.why.reasons), by_weight);
	explain->done++;
	if (explain->args->format == CLI_JSON)
		explain_write_json(explain->to, &explain->it);
	else
		explain_write_text(explain->to, &explain->it);
}

static int explain_stored(void *arg, const struct sdg_stored *stored)
{
	struct explain *explain = arg;

	if (stored->erased) {
		warnx("its words have been erased");
		explain->status = EXIT_DATA;
		return 0;
	}
	explain->it.stored = stored;
	id_hex(stored->id, SDG_EVENT_ID_SIZE, explain->it.id);
	explain_one(explain, &stored->fb);
	return 0;
}

static int explain_id(struct explain *explain, const char *id,
		      struct sdg_error *err)
{
	struct sdg_store *store = NULL;
	struct sdg_home home;
	int rc = cli_open(SDG_STORE_READ, &home, &store, err);

	explain->it.store = store;
	if (rc == 0)
		rc = sdg_store_find(store, id, explain_stored, explain, err);
	sdg_store_close(store);
	return rc;
}

/* All of standard input, at most INPUT_MAX, and a NUL behind it. */
static int read_input(char **out, size_t *len, struct sdg_error *err)
{
	char *text = malloc(INPUT_MAX + 1);
	size_t n;

	if (!text)
		return sdg_fail(err, SDG_ENOMEM, "read input: no memory");
	n = fread(text, 1, INPUT_MAX + 1, stdin);
	if (ferror(stdin) || n > INPUT_MAX) {
		free(text);
		return sdg_fail(
		    err, SDG_EINVAL,
		    "read input: unreadable, or longer than %zu MiB",
		    INPUT_MAX >> 20);
	}
	text[n] = '\0';
	*out = text;
	*len = n;
	return 0;
}

static int explain_json(struct explain *explain, const char *text, size_t len,
			struct sdg_corpus_place at, struct sdg_error *err)
{
	struct sdg_corpus piece;
	int rc = sdg_corpus_parse(text, len, at, &piece, err);

	if (rc < 0)
		return rc;
	corpus_remark(&piece, &explain->odd_sources);
	snprintf(explain->it.id, sizeof(explain->it.id), "%.*s",
		 SDG_STR_ARG(piece.id));
	if (explain->done && explain->args->format != CLI_JSON)
		fputc('\n', explain->to);
	if (at.line > 1 && explain->args->format != CLI_JSON)
		fprintf(explain->to, "line %zu%s%s\n", at.line,
			*explain->it.id ? ", " : "", explain->it.id);
	explain_one(explain, &piece.fb);
	sdg_corpus_fini(&piece);
	return 0;
}

/* A line that is none is told of; the others are explained all the same. */
static int explain_lines(struct explain *explain, const char *path,
			 const char *text, size_t len, struct sdg_error *err)
{
	struct sdg_corpus_place at = { .file = path };
	size_t left = 0;

	for (const char *stop, *end = text + len; text < end; text = stop + 1) {
		int rc = 0;

		stop = memchr(text, '\n', (size_t)(end - text));
		if (!stop)
			stop = end;
		at.line++;
		if (strspn(text, " \t\r") >= (size_t)(stop - text))
			continue;
		if (explain->done == LINES_MAX)
			left++;
		else
			rc = explain_json(explain, text, (size_t)(stop - text),
					  at, err);
		/* Written over many lines? */
		if (rc == SDG_ENOTFOUND && explain->done == 0 &&
		    explain->status == 0 &&
		    explain_json(explain, text, (size_t)(end - text), at,
				 NULL) == 0)
			return 0;
		if (rc < 0) {
			warnx("%s", err->message);
			explain->status = EXIT_DATA;
		}
	}
	if (left)
		warnx("%zu more lines are not explained: 'soundings classify' "
		      "takes any number",
		      left);
	return 0;
}

static int explain_text(struct explain *explain, const char *path,
			const char *text, size_t len, struct sdg_error *err)
{
	struct sdg_feedback fb = { .source = SDG_SOURCE_MAIL };
	size_t skip = strspn(text, " \t\r\n");
	char *clean;

	/* Windows puts a byte order mark before the first line. */
	if (strncmp(text + skip, "\xef\xbb\xbf", 3) == 0)
		skip += 3;
	if (skip >= len)
		return sdg_fail(err, SDG_EINVAL,
				"explain '%s': there is nothing in it", path);
	if (text[skip] == '{')
		return explain_lines(explain, path, text, len, err);
	clean = malloc(3 * len + 1);
	if (!clean)
		return sdg_fail(err, SDG_ENOMEM, "explain: no memory");
	fb.text.s = clean;
	fb.text.len = sdg_text_clean(text, len, clean, 3 * len);
	explain_one(explain, &fb);
	free(clean);
	return 0;
}

static int explain_file(struct explain *explain, const char *path,
			struct sdg_error *err)
{
	char *text = NULL;
	size_t len = 0;
	int rc = strcmp(path, "-") == 0
		     ? read_input(&text, &len, err)
		     : sdg_read_file(path, INPUT_MAX, &text, &len, err);

	if (rc == 0 && hook_is_mail(text, len)) {
		char *mail = text;

		text = NULL;
		rc = hook_read(mail, len, &text, &len, err);
		free(mail);
	}
	if (rc == 0 && text) {
		text[len] = '\0';
		rc = explain_text(explain, path, text, len, err);
	}
	free(text);
	return rc;
}

static int find_out(struct explain *explain, const char *what,
		    struct sdg_error *err)
{
	struct sdg_classifier_options options = { .frame_dir = explain->frame };
	int rc = sdg_classifier_open(&options, &explain->it.classifier, err);

	if (rc < 0)
		return rc;
	if (strcmp(what, "-") == 0 || access(what, F_OK) == 0)
		return explain_file(explain, what, err);
	if (what[strspn(what, "0123456789abcdefABCDEF")] != '\0')
		return sdg_fail(err, SDG_ENOTFOUND,
				"explain \"%s\": no such file, and an id is 4 "
				"to 32 hexadecimal digits",
				what);
	return explain_id(explain, what, err);
}

static int run(struct explain *explain, const char *what, struct sdg_error *err)
{
	int rc, status;

	explain->to = cli_text_open(&explain->text);
	rc = find_out(explain, what, err);
	/* What is wrong is said first, and nothing that looks like an answer.
	 */
	if (explain->done == 0) {
		fclose(explain->text.to);
		free(explain->text.data);
		return rc;
	}
	status = cli_text_emit(&explain->text, explain->args);
	if (status != 0)
		explain->status = status;
	return rc;
}

static const struct cli_option OPTIONS[] = {
	CLI_TEXT("frame", struct explain, frame),
	{ 0 },
};

int cmd_explain(int argc, char *argv[])
{
	struct explain *explain = xcalloc(1, sizeof(*explain));
	const struct cli_spec spec = { .help = HELP,
				       .formats = CLI_FORMATS_TEXT,
				       .own = OPTIONS,
				       .arg = explain,
				       .rest_min = 1,
				       .rest_max = 1 };
	struct sdg_error error = { 0 };
	struct cli_args args;
	int status = cli_parse(argc, argv, &spec, &args);

	explain->args = &args;
	explain->it.color = args.color;
	if (status < 0) {
		status = run(explain, args.rest[0], &error) < 0
			     ? cli_fail(&error)
			     : explain->status;
	}
	sdg_classifier_close(explain->it.classifier);
	free(explain);
	return status;
}
