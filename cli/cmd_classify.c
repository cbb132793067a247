/*
 * soundings classify: JSON lines in, labels out, a line each, in order.
 *
 * Labels that stand in the input are never looked at, so that the output
 * can be held against them. A line that is no JSON object is reported on stderr
 * by its number; the rest is classified all the same.
 */
#include "cli.h"

#include <err.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include <soundings/classify.h>

#include "corpus.h"
#include "corpus_remark.h"

static const char HELP[] =
    "Examples:\n"
    "  soundings classify answers.jsonl\n"
    "  soundings classify --frame ./customer-service - < lines.jsonl\n"
    "\n"
    "Usage: soundings classify FILE|- [--frame DIR]\n"
    "\n"
    "Reads JSON lines (id, source, from, subject, signature, body, question,\n"
    "respondent, rep) and prints for each its kind, region, themes (main one\n"
    "first, with the words that speak for them) and stance. Places of "
    "evidence\n"
    "are bytes of the body's UTF-8; where only the subject speaks, of the\n"
    "subject's (\"field\":\"subject\"). FILE - is standard input.\n"
    "\n"
    "  --frame DIR  the code frame in DIR instead of the one installed\n";

/* Words that spoke for @theme, strongest first, at most this many. */
#define EVIDENCE_MAX 8

struct state {
	struct sdg_classifier *classifier;
	struct sdg_explanation why;
	size_t bad, odd_sources;
};

static json_t *text_of(const char *s)
{
	json_t *text = json_string(s);

	return text ? text : json_string("");
}

static int by_weight(const void *a, const void *b)
{
	const struct sdg_reason *x = *(const struct sdg_reason *const *)a;
	const struct sdg_reason *y = *(const struct sdg_reason *const *)b;

	if (x->weight != y->weight)
		return x->weight < y->weight ? 1 : -1;
	return x->start < y->start ? -1 : x->start > y->start;
}

/* Drops what says again, in part or elsewhere, what a stronger one says;
 * returns how many are left. */
static size_t distinct(const struct sdg_reason **reasons, size_t n)
{
	size_t kept = 0;

	for (size_t i = 0; i < n; i++) {
		bool again = false;

		for (size_t k = 0; k < kept && !again; k++)
			again = (reasons[i]->start < reasons[k]->end &&
				 reasons[k]->start < reasons[i]->end) ||
				strcmp(reasons[i]->text, reasons[k]->text) == 0;
		if (!again)
			reasons[kept++] = reasons[i];
	}
	return kept;
}

/* The reasons for @theme in @field, strongest first; returns how many. */
static size_t reasons_in(const struct sdg_explanation *why, uint8_t theme,
			 enum sdg_field field,
			 const struct sdg_reason *reasons[SDG_REASONS_MAX])
{
	size_t n = 0;

	for (size_t i = 0; i < why->count; i++) {
		const struct sdg_reason *reason = &why->reasons[i];

		if (reason->label == SDG_LABEL_THEME &&
		    reason->theme == theme && reason->weight > 0 &&
		    reason->field == field)
			reasons[n++] = reason;
	}
	qsort(reasons, n, sizeof(struct sdg_reason *), by_weight);
	return distinct(reasons, n);
}

/* What in the body speaks for @theme; where nothing does, what in the
 * subject, and says so. A question and priors are for explain. */
static json_t *evidence_of(const struct sdg_explanation *why, uint8_t theme)
{
	const struct sdg_reason *reasons[SDG_REASONS_MAX];
	json_t *list = json_array();
	size_t n = reasons_in(why, theme, SDG_FIELD_TEXT, reasons);
	const char *field = NULL;

	if (n == 0) {
		n = reasons_in(why, theme, SDG_FIELD_SUBJECT, reasons);
		field = "subject";
	}
	for (size_t i = 0; i < n && i < EVIDENCE_MAX; i++)
		json_array_append_new(
		    list,
		    json_pack("{s:o, s:I, s:I, s:f, s:s*}", "text",
			      text_of(reasons[i]->text), "start",
			      (json_int_t)reasons[i]->start, "end",
			      (json_int_t)reasons[i]->end, "weight",
			      (double)reasons[i]->weight, "field", field));
	return list;
}

static json_t *themes_of(const struct state *state,
			 const struct sdg_labels *labels)
{
	json_t *list = json_array();

	for (size_t i = 0; i < labels->theme_count; i++)
		json_array_append_new(
		    list,
		    json_pack("{s:s, s:f, s:o}", "id",
			      sdg_classifier_theme_id(state->classifier,
						      labels->themes[i]),
			      "score", (double)labels->scores[i], "evidence",
			      evidence_of(&state->why, labels->themes[i])));
	return list;
}

/* The id as it came: a number stays one. */
static json_t *id_of(const struct sdg_corpus *piece)
{
	json_t *id = json_object_get(piece->json, "id");

	return json_is_string(id) || json_is_integer(id) ? json_incref(id)
							 : json_string("");
}

static void print_labels(const struct state *state,
			 const struct sdg_corpus *piece,
			 const struct sdg_labels *labels)
{
	json_t *line = json_pack(
	    "{s:o, s:s, s:s, s:s, s:o, s:s, s:s, s:o, s:s, s:o}", "id",
	    id_of(piece), "kind", sdg_kind_id(labels->kind), "region",
	    sdg_region_id(labels->region), "region_evidence",
	    sdg_evidence_id(labels->region_evidence), "themes",
	    themes_of(state, labels), "stance", sdg_stance_id(labels->stance),
	    "role", sdg_role_id(labels->role), "phase",
	    cli_json_ids(labels->phases, SDG_PHASE_COUNT, sdg_phase_id),
	    "authority", sdg_authority_name(labels->authority), "flags",
	    cli_json_ids(labels->flags, SDG_FLAG_COUNT, sdg_flag_id));

	if (!line)
		errx(EXIT_RETRY, "no memory");
	json_dumpf(line, stdout, JSON_COMPACT | JSON_REAL_PRECISION(4));
	putchar('\n');
	json_decref(line);
}

static void classify_line(struct state *state, const char *line, size_t len,
			  struct sdg_corpus_place at)
{
	struct sdg_error error = { 0 };
	struct sdg_corpus piece;
	struct sdg_labels labels;

	if (strspn(line, " \t\r") == len)
		return;
	if (sdg_corpus_parse(line, len, at, &piece, &error) < 0) {
		warnx("%s", error.message);
		state->bad++;
		return;
	}
	corpus_remark(&piece, &state->odd_sources);
	sdg_classify(state->classifier, &piece.fb, NULL, &labels, &state->why);
	print_labels(state, &piece, &labels);
	sdg_corpus_fini(&piece);
}

#define LINE_SIZE (SDG_CORPUS_LINE_MAX + 2)

/* The next line without its end, and a NUL behind it; of one that is too long
 * no more than shows that. Returns its length; -1: there is none. */
static ssize_t read_line(FILE *in, char line[LINE_SIZE])
{
	size_t len = 0;
	int c;

	while ((c = getc_unlocked(in)) != EOF && c != '\n')
		if (len <= SDG_CORPUS_LINE_MAX)
			line[len++] = (char)c;
	line[len] = '\0';
	return c == EOF && len == 0 ? -1 : (ssize_t)len;
}

static int classify_all(struct state *state, FILE *in, const char *name)
{
	struct sdg_corpus_place at = { .file = name };
	char *line = xcalloc(1, LINE_SIZE);
	ssize_t len;

	while ((len = read_line(in, line)) >= 0) {
		at.line++;
		classify_line(state, line, (size_t)len, at);
	}
	free(line);
	corpus_remarks_end(state->odd_sources);
	if (ferror(in)) {
		warn("read");
		return errno == EISDIR ? EXIT_DATA : EXIT_RETRY;
	}
	if (fflush(stdout) != 0 || ferror(stdout)) {
		warn("write");
		return EXIT_RETRY;
	}
	return state->bad ? EXIT_DATA : 0;
}

struct options {
	const char *frame_dir;
};

static const struct cli_option OPTIONS[] = {
	CLI_TEXT("frame", struct options, frame_dir),
	{ 0 },
};

int cmd_classify(int argc, char *argv[])
{
	struct options o = { 0 };
	const struct cli_spec spec = { .help = HELP,
				       .formats = CLI_FORMAT_BIT(CLI_JSON),
				       .own = OPTIONS,
				       .arg = &o,
				       .rest_min = 1,
				       .rest_max = 1 };
	struct sdg_classifier_options options = { 0 };
	struct sdg_error error = { 0 };
	struct cli_args args;
	struct state *state;
	FILE *in = stdin;
	int rc = cli_parse(argc, argv, &spec, &args);

	if (rc >= 0)
		return rc;
	if (args.output)
		return cli_usage("classify writes a line for each line to "
				 "standard output: no --output");
	options.frame_dir = o.frame_dir;
	if (strcmp(args.rest[0], "-") != 0)
		in = fopen(args.rest[0], "re");
	if (!in) {
		warn("open '%s'", args.rest[0]);
		return EXIT_DATA;
	}
	state = xcalloc(1, sizeof(*state));
	rc = sdg_classifier_open(&options, &state->classifier, &error);
	rc = rc < 0 ? cli_fail(&error) : classify_all(state, in, args.rest[0]);
	sdg_classifier_close(state->classifier);
	free(state);
	if (in != stdin)
		fclose(in);
	return rc;
}
