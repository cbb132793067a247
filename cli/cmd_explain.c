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

#define INPUT_MAX (16u * 1024 * 1024)
#define SHOWN_MAX 8 /* reasons of a label on a terminal */
#define LINES_MAX 500
#define MARK_LEAST 0.05F

struct explain {
	const struct cli_args *args;
	const char *frame;
	struct sdg_classifier *classifier;
	struct sdg_explanation why;
	struct sdg_labels labels;
	const struct sdg_feedback *fb;
	const struct sdg_stored *stored; /* NULL: not from the store */
	struct sdg_store *store;         /* that it is from */
	char id[2 * SDG_EVENT_ID_SIZE + 1];
	struct cli_text text;
	FILE *to;
	size_t done, odd_sources;
	int status;
};

static const char *field_id(enum sdg_field field)
{
	switch (field) {
	case SDG_FIELD_TEXT:
		return "text";
	case SDG_FIELD_SUBJECT:
		return "subject";
	case SDG_FIELD_SIGNATURE:
		return "signature";
	case SDG_FIELD_ADDRESS:
		return "address";
	case SDG_FIELD_FORM:
		return "form";
	case SDG_FIELD_DIRECTORY:
		return "directory";
	case SDG_FIELD_MODEL:
		return "model";
	}
	return "?";
}

static const char *label_id(enum sdg_label label)
{
	switch (label) {
	case SDG_LABEL_REGION:
		return "region";
	case SDG_LABEL_THEME:
		return "theme";
	case SDG_LABEL_KIND:
		return "kind";
	case SDG_LABEL_STANCE:
		return "stance";
	case SDG_LABEL_ROLE:
		return "role";
	case SDG_LABEL_PHASE:
		return "phase";
	}
	return "?";
}

static int by_weight(const void *a, const void *b)
{
	const struct sdg_reason *x = a, *y = b;
	float wx = x->weight < 0 ? -x->weight : x->weight;
	float wy = y->weight < 0 ? -y->weight : y->weight;

	if (wx != wy)
		return wx < wy ? 1 : -1;
	return x->start < y->start ? -1 : x->start > y->start;
}

static json_t *reason_json(const struct explain *explain,
			   const struct sdg_reason *reason)
{
	json_t *out = json_pack(
	    "{s:s, s:s, s:s, s:o, s:i, s:i, s:f}", "label",
	    label_id(reason->label), "rule", reason->rule ? reason->rule : "",
	    "field", field_id(reason->field), "text",
	    cli_json_str(sdg_str(reason->text)), "start", (int)reason->start,
	    "end", (int)reason->end, "weight", (double)reason->weight);

	if (reason->label == SDG_LABEL_THEME)
		json_object_set_new(out, "theme",
				    json_string(sdg_classifier_theme_id(
					explain->classifier, reason->theme)));
	return out;
}

static json_t *labels_json(const struct explain *explain)
{
	const struct sdg_labels *labels = &explain->labels;
	json_t *themes = json_array(), *flags = json_array();

	for (int i = 0; i < labels->theme_count; i++)
		json_array_append_new(
		    themes,
		    json_pack("{s:s, s:f}", "id",
			      sdg_classifier_theme_id(explain->classifier,
						      labels->themes[i]),
			      "score", (double)labels->scores[i]));
	for (int i = 0; i < SDG_FLAG_COUNT; i++) {
		if (labels->flags & 1u << i)
			json_array_append_new(flags,
					      json_string(sdg_flag_id(i)));
	}
	return json_pack("{s:s, s:f, s:s, s:s, s:s, s:s, s:s, s:o, s:o}",
			 "kind", sdg_kind_id((int)labels->kind), "kind_score",
			 (double)labels->kind_score, "region",
			 sdg_region_id((int)labels->region), "region_evidence",
			 sdg_evidence_id((int)labels->region_evidence),
			 "authority", sdg_authority_name(labels->authority),
			 "role", sdg_role_id((int)labels->role), "stance",
			 sdg_stance_id((int)labels->stance), "themes", themes,
			 "flags", flags);
}

static void write_json(FILE *to, const struct explain *explain)
{
	json_t *out = cli_envelope("explain"), *reasons = json_array();

	json_object_set_new(out, "id", json_string(explain->id));
	json_object_set_new(out, "labels", labels_json(explain));
	for (size_t i = 0; i < explain->why.count; i++)
		json_array_append_new(
		    reasons, reason_json(explain, &explain->why.reasons[i]));
	json_object_set_new(out, "reasons", reasons);
	if (json_dumpf(out, to, JSON_INDENT(2)) != 0)
		errx(EXIT_RETRY, "no memory");
	fputc('\n', to);
	json_decref(out);
}

static const char *const COLOURS[] = { "\033[1;32m", "\033[1;36m",
				       "\033[1;35m" };
#define PLAIN "\033[0m"

static void write_reason(FILE *to, const struct sdg_reason *reason)
{
	char *visible = sdg_text_visible(sdg_str(reason->text), false);

	if (!visible)
		errx(EXIT_RETRY, "no memory");
	if (reason->text[0])
		fprintf(to, "    %+6.2f  \"%s\"  %s %u to %u, %s\n",
			(double)reason->weight, visible,
			field_id(reason->field), reason->start, reason->end,
			reason->rule ? reason->rule : "");
	else
		fprintf(to, "    %+6.2f  %s, %s\n", (double)reason->weight,
			field_id(reason->field),
			reason->rule ? reason->rule : "");
	free(visible);
}

static void write_reasons(FILE *to, const struct explain *explain,
			  enum sdg_label label, int theme)
{
	int shown = 0;

	for (size_t i = 0; i < explain->why.count && shown < SHOWN_MAX; i++) {
		const struct sdg_reason *reason = &explain->why.reasons[i];

		if (reason->label != label ||
		    (theme >= 0 && reason->theme != theme))
			continue;
		write_reason(to, reason);
		shown++;
	}
}

/* Which of the message's themes byte @at of the text speaks for, or -1. */
static int mark_of(const struct explain *explain, uint32_t at)
{
	float most = MARK_LEAST;
	int mark = -1;

	for (size_t i = 0; i < explain->why.count; i++) {
		const struct sdg_reason *reason = &explain->why.reasons[i];

		if (reason->label != SDG_LABEL_THEME ||
		    reason->field != SDG_FIELD_TEXT || at < reason->start ||
		    at >= reason->end || reason->weight <= most)
			continue;
		for (int t = 0; t < explain->labels.theme_count; t++) {
			if (explain->labels.themes[t] == reason->theme)
				mark = t;
		}
		most = reason->weight;
	}
	return mark;
}

static void write_run(FILE *to, struct sdg_str part, int mark)
{
	char *visible = sdg_text_visible(part, true);

	if (!visible)
		errx(EXIT_RETRY, "no memory");
	fprintf(to, "%s%s%s", mark >= 0 ? COLOURS[mark] : "", visible,
		mark >= 0 ? PLAIN : "");
	free(visible);
}

/* The text, words that speak for a theme in its colour. */
static void write_marked(FILE *to, const struct explain *explain)
{
	struct sdg_str text = explain->fb->text;
	size_t start = 0;
	int mark = -1;

	fputc('\n', to);
	for (size_t at = 0; at <= text.len; at++) {
		int here = at < text.len ? mark_of(explain, (uint32_t)at) : -2;

		if (here == mark)
			continue;
		write_run(to, (struct sdg_str){ text.s + start, at - start },
			  mark);
		start = at;
		mark = here;
	}
	fputc('\n', to);
}

static void write_themes(FILE *to, const struct explain *explain)
{
	bool color = explain->args->color;

	for (int i = 0; i < explain->labels.theme_count; i++) {
		fprintf(to, "%-9s %s%s%s  %.2f\n", i ? "" : "themes",
			color ? COLOURS[i] : "",
			sdg_classifier_theme_id(explain->classifier,
						explain->labels.themes[i]),
			color ? PLAIN : "", (double)explain->labels.scores[i]);
		write_reasons(to, explain, SDG_LABEL_THEME,
			      explain->labels.themes[i]);
	}
}

static void write_persons(FILE *to, const struct explain *explain)
{
	const struct sdg_labels *was = &explain->stored->labels;

	fprintf(to, "A person labelled it: %s, %s, %s",
		sdg_kind_id((int)was->kind), sdg_region_id((int)was->region),
		sdg_stance_id((int)was->stance));
	for (int i = 0; i < was->theme_count; i++)
		fprintf(to, ", %s",
			sdg_store_theme_id(explain->store, was->themes[i]));
	fputs(".\nBelow is what the classifier would say.\n", to);
}

static void write_stored(FILE *to, const struct explain *explain)
{
	const struct sdg_labels *was = &explain->stored->labels;

	fprintf(to, "message %s\n", explain->id);
	if (was->kind != explain->labels.kind && !explain->stored->by_person)
		fprintf(to, "It stands as %s; reclassify would make it %s.\n",
			sdg_kind_id((int)was->kind),
			sdg_kind_id((int)explain->labels.kind));
	if (explain->stored->by_person)
		write_persons(to, explain);
	if (was->region != explain->labels.region)
		fprintf(to,
			"Counted under region %s (by %s); addresses and the "
			"directory are not looked at here.\n",
			sdg_region_id((int)was->region),
			sdg_evidence_id((int)was->region_evidence));
	if (explain->stored->frame_version !=
	    sdg_classifier_version(explain->classifier))
		fputs("It was labelled with another frame or model than "
		      "today's.\n",
		      to);
	fputc('\n', to);
}

/* What headers, or a survey's form, said of the kind: words do not count. */
static void write_said_before(FILE *to, const struct explain *explain)
{
	char *visible;

	if (explain->fb->kind == SDG_KIND_UNSET ||
	    explain->fb->kind_reason.len == 0)
		return;
	visible = sdg_text_visible(explain->fb->kind_reason, false);
	if (!visible)
		errx(EXIT_RETRY, "no memory");
	fprintf(to, "           as it came in: %s\n", visible);
	free(visible);
}

static void write_all(FILE *to, const struct explain *explain)
{
	const struct sdg_labels *labels = &explain->labels;

	if (explain->stored)
		write_stored(to, explain);
	fprintf(to, "%-9s %s  %.2f\n", "kind", sdg_kind_id((int)labels->kind),
		(double)labels->kind_score);
	write_said_before(to, explain);
	write_reasons(to, explain, SDG_LABEL_KIND, -1);
	fprintf(to, "%-9s %s, by %s%s%s\n", "region",
		sdg_region_id((int)labels->region),
		sdg_evidence_id((int)labels->region_evidence),
		labels->authority ? ", " : "",
		sdg_authority_name(labels->authority));
	write_reasons(to, explain, SDG_LABEL_REGION, -1);
	fprintf(to, "%-9s %s\n", "role", sdg_role_id((int)labels->role));
	write_reasons(to, explain, SDG_LABEL_ROLE, -1);
	write_reasons(to, explain, SDG_LABEL_PHASE, -1);
	write_themes(to, explain);
	if (labels->kind == SDG_KIND_FEEDBACK) {
		fprintf(to, "%-9s %s\n", "stance",
			sdg_stance_id((int)labels->stance));
		write_reasons(to, explain, SDG_LABEL_STANCE, -1);
	}
	for (int i = 0; i < SDG_FLAG_COUNT; i++) {
		if (labels->flags & 1u << i)
			fprintf(to, "%-9s %s\n", "look", sdg_flag_id(i));
	}
	if (explain->args->color)
		write_marked(to, explain);
}

static void explain_one(struct explain *explain, const struct sdg_feedback *fb)
{
	explain->fb = fb;
	sdg_classify(explain->classifier, fb, NULL, &explain->labels,
		     &explain->why);
	qsort(explain->why.reasons, explain->why.count,
	      sizeof(*explain->why.reasons), by_weight);
	explain->done++;
	if (explain->args->format == CLI_JSON)
		write_json(explain->to, explain);
	else
		write_all(explain->to, explain);
}

static int explain_stored(void *arg, const struct sdg_stored *stored)
{
	struct explain *explain = arg;

	if (stored->erased) {
		warnx("its words have been erased");
		explain->status = EXIT_DATA;
		return 0;
	}
	explain->stored = stored;
	id_hex(stored->id, SDG_EVENT_ID_SIZE, explain->id);
	explain_one(explain, &stored->fb);
	return 0;
}

static int explain_id(struct explain *explain, const char *id,
		      struct sdg_error *err)
{
	struct sdg_store *store = NULL;
	struct sdg_home home;
	int rc = cli_open(SDG_STORE_READ, &home, &store, err);

	explain->store = store;
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
		return sdg_fail(err, SDG_EINVAL,
				"read input: unreadable, or longer than %u MiB",
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
	snprintf(explain->id, sizeof(explain->id), "%.*s",
		 SDG_STR_ARG(piece.id));
	if (explain->done && explain->args->format != CLI_JSON)
		fputc('\n', explain->to);
	if (at.line > 1 && explain->args->format != CLI_JSON)
		fprintf(explain->to, "line %zu%s%s\n", at.line,
			*explain->id ? ", " : "", explain->id);
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
	if (rc == 0) {
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
	int rc = sdg_classifier_open(&options, &explain->classifier, err);

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
	if (status < 0) {
		status = run(explain, args.rest[0], &error) < 0
			     ? cli_fail(&error)
			     : explain->status;
	}
	sdg_classifier_close(explain->classifier);
	free(explain);
	return status;
}
