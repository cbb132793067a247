/*
 * soundings evaluate: how often are the labels right?
 *
 * Against a file of labelled lines; or, with --coder, two people's labels of
 * the same pieces against one another, the classifier staying out of it.
 * What was trained on is no measure: docs/QUALITY.md says how the held-out
 * figures are made.
 */
#include "cli.h"

#include <err.h>
#include <stdlib.h>
#include <string.h>

#include <soundings/classify.h>

#include "corpus.h"
#include "corpus_remark.h"
#include "evaluate_show.h"
#include "frame.h"

static const char HELP[] =
    "Examples:\n"
    "  soundings evaluate labelled.jsonl\n"
    "  soundings evaluate labelled.jsonl --format json\n"
    "  soundings evaluate first.jsonl --coder second.jsonl\n"
    "\n"
    "Usage: soundings evaluate FILE|- [--coder FILE] [--frame DIR]\n"
    "                          [--format table|json] [--output FILE]\n"
    "\n"
    "Classifies FILE's lines (the form of tests/corpus) and holds the result\n"
    "against the labels in them: precision, recall and F1 of each theme, main\n"
    "theme, region by kind of evidence, kind, stance, and which pairs are "
    "taken\n"
    "for one another, with 95 % intervals.\n"
    "\n"
    "  --coder FILE  a second person's labels of the same ids instead of the\n"
    "                classifier's; Krippendorff's alpha says how far two "
    "agree\n"
    "  --frame DIR   the code frame in DIR instead of the one installed\n";

#define NO_THEME 255
#define ID_MAX 512
#define ID_SHOWN 64

/* As the trainer has it: by an id it once had, too; one that was retired is
 * left out, and where no other is left it is what fits none. */
static int read_themes(struct evaluate_run *run, const struct sdg_corpus *piece,
		       struct verdict *out, struct sdg_error *err)
{
	bool retired = false;

	for (size_t i = 0; i < piece->theme_count; i++) {
		char id[64];
		int theme;

		snprintf(id, sizeof(id), "%.*s", SDG_STR_ARG(piece->themes[i]));
		theme = sdg_frame_theme(run->frame, id);
		retired |= theme == SDG_FRAME_RETIRED;
		if (theme == SDG_FRAME_RETIRED)
			continue;
		if (theme < 0)
			return sdg_corpus_no_theme(piece, i, err);
		if (out->main == NO_THEME)
			out->main = (uint8_t)theme;
		out->themes |= UINT64_C(1) << theme;
	}
	run->retired += retired;
	if (retired && out->main == NO_THEME && run->frame->other >= 0) {
		out->main = (uint8_t)run->frame->other;
		out->themes = UINT64_C(1) << out->main;
	}
	return 0;
}

/* The labels that stand in the line. */
static int read_given(struct evaluate_run *run, const struct sdg_corpus *piece,
		      struct verdict *out, struct sdg_error *err)
{
	int kind = sdg_kind_from_id(piece->kind);
	int region = sdg_region_from_id(piece->region);
	int stance = sdg_stance_from_id(piece->stance);
	int role = sdg_role_from_id(piece->role);

	*out = (struct verdict){ .main = NO_THEME, .kind = SDG_KIND_FEEDBACK };
	if (kind > 0)
		out->kind = (enum sdg_kind)kind;
	/* Only feedback has themes. */
	out->has_kind = kind > 0 || piece->theme_count;
	out->has_region = region > 0;
	if (out->has_region)
		out->region = (enum sdg_region)region;
	out->has_stance = stance >= 0 && piece->stance.len;
	if (out->has_stance)
		out->stance = (enum sdg_stance)stance;
	out->has_role = role >= 0 && piece->role.len;
	if (out->has_role)
		out->role = (enum sdg_role)role;
	out->has_evidence = piece->evidence.len > 0;
	for (int e = 0; e < SDG_EVIDENCE_COUNT; e++) {
		if (sdg_str_eq(piece->evidence, sdg_evidence_id(e)))
			out->evidence = (enum sdg_evidence)e;
	}
	run->labelled |= out->has_kind || out->has_region || out->has_stance ||
			 out->has_role;
	return read_themes(run, piece, out, err);
}

static void read_found(const struct evaluate_run *run,
		       const struct sdg_corpus *piece, struct verdict *out)
{
	struct sdg_labels labels;

	sdg_classify(run->classifier, &piece->fb, NULL, &labels, NULL);
	*out = (struct verdict){ .kind = labels.kind,
				 .region = labels.region,
				 .evidence = labels.region_evidence,
				 .stance = labels.stance,
				 .role = labels.role,
				 .has_kind = true,
				 .has_region = true,
				 .has_stance = true,
				 .has_role = true,
				 .main = NO_THEME };
	for (int i = 0; i < labels.theme_count; i++) {
		if (i == 0)
			out->main = labels.themes[i];
		out->themes |= UINT64_C(1) << labels.themes[i];
	}
}

/* The id as a key, "" where there is none. */
static void id_of(const struct sdg_corpus *piece, char id[ID_MAX])
{
	const json_t *number = json_object_get(piece->json, "id");

	if (json_is_integer(number))
		snprintf(id, ID_MAX, "%lld",
			 (long long)json_integer_value(number));
	else
		snprintf(id, ID_MAX, "%.*s", SDG_STR_ARG(piece->id));
}

static int twice(const struct sdg_corpus *piece, const char *id, size_t before,
		 struct sdg_error *err)
{
	char shown[ID_SHOWN + 1];

	snprintf(shown, sizeof(shown), "%s", id);
	shown[sdg_text_cut(shown, strlen(shown), ID_SHOWN)] = '\0';
	return sdg_fail(err, SDG_EINVAL,
			"read '%s': line %zu: id '%s' stands in line %zu "
			"already",
			piece->at.file, piece->at.line, shown, before);
}

static int take_second(struct evaluate_run *run, const struct sdg_corpus *piece,
		       const char *id, struct sdg_error *err)
{
	const json_t *at = json_object_get(run->ids, id);
	struct pair *pair;

	if (!at)
		return 0;
	pair = &run->evaluation.pairs[json_integer_value(at)];
	if (pair->other_line)
		return twice(piece, id, pair->other_line, err);
	pair->other_line = piece->at.line;
	run->matched++;
	return read_given(run, piece, &pair->found, err);
}

static int take_line(void *arg, const struct sdg_corpus *piece,
		     struct sdg_error *err)
{
	struct evaluate_run *run = arg;
	struct pair *pair;
	const json_t *at;
	char id[ID_MAX];

	corpus_remark(piece, &run->odd_sources);
	id_of(piece, id);
	if (run->second)
		return take_second(run, piece, id, err);
	at = json_object_get(run->ids, id);
	if (at)
		return twice(piece, id,
			     run->evaluation.pairs[json_integer_value(at)].line,
			     err);
	run->taught += sdg_classifier_taught(run->classifier, &piece->fb);
	if (*id)
		json_object_set_new(
		    run->ids, id,
		    json_integer((json_int_t)run->evaluation.count));
	pair = evaluation_add(&run->evaluation);
	if (!pair)
		return sdg_fail(err, SDG_ENOMEM, "evaluate: no memory");
	pair->line = piece->at.line;
	run->wordless += piece->fb.text.len + piece->fb.subject.len == 0;
	read_found(run, piece, &pair->found);
	return read_given(run, piece, &pair->given, err);
}

/* What two people say of a text is no matter of what was taught. */
static void warn_taught(const struct evaluate_run *run)
{
	if (run->taught && !run->second)
		warnx("%zu of %zu lines were taught to this model, with these "
		      "very words: figures on them mean nothing",
		      run->taught, run->evaluation.count);
}

static int emit(const struct cli_args *args, const struct evaluate_run *run)
{
	struct cli_text text;

	warn_taught(run);
	if (run->wordless && !run->second)
		warnx("%zu of %zu lines have no words (what review --blind "
		      "writes has none): the classifier had nothing to go by",
		      run->wordless, run->evaluation.count);
	if (run->retired)
		warnx("%zu lines name a theme that was retired: it is left out "
		      "of them, as in training",
		      run->retired);
	if (args->format == CLI_JSON)
		return cli_emit_json(args, evaluate_json(run));
	evaluate_write(cli_text_open(&text), run);
	return cli_text_emit(&text, args);
}

struct given_options {
	const char *frame, *coder;
};

static int open_frame(struct evaluate_run *run, const char *dir,
		      struct sdg_error *err)
{
	struct sdg_classifier_options options = { .frame_dir = dir };
	char path[SDG_PATH_MAX];
	int rc = sdg_classifier_open(&options, &run->classifier, err);

	if (rc == 0 && !dir) {
		rc = sdg_frame_dir(path, err);
		dir = path;
	}
	return rc < 0 ? rc : sdg_frame_read(dir, &run->frame, err);
}

static int read_first(struct evaluate_run *run, const char *path,
		      struct sdg_error *err)
{
	int rc = sdg_corpus_read(path, take_line, run, err);

	if (rc == 0 && run->evaluation.count == 0)
		return sdg_fail(err, SDG_EINVAL,
				"evaluate '%s': there is nothing in it", path);
	if (rc == 0 && !run->labelled)
		return sdg_fail(err, SDG_EINVAL,
				"evaluate '%s': no line of it has a label",
				path);
	return rc;
}

static int evaluate(struct evaluate_run *run, const struct given_options *given,
		    const char *path, struct sdg_error *err)
{
	int rc = open_frame(run, given->frame, err);

	if (rc == 0)
		rc = read_first(run, path, err);
	if (rc == 0 && given->coder) {
		run->second = true;
		rc = sdg_corpus_read(given->coder, take_line, run, err);
		if (rc == 0 && run->matched != run->evaluation.count)
			rc = sdg_fail(err, SDG_EINVAL,
				      "evaluate: the second file labels %zu of "
				      "the %zu ids of the first",
				      run->matched, run->evaluation.count);
	}
	corpus_remarks_end(run->odd_sources);
	if (rc < 0)
		return rc;
	run->evaluation.theme_count =
	    sdg_classifier_theme_count(run->classifier);
	evaluation_count(&run->evaluation);
	return 0;
}

static const struct cli_option OPTIONS[] = {
	CLI_TEXT("frame", struct given_options, frame),
	CLI_TEXT("coder", struct given_options, coder),
	{ 0 },
};

int cmd_evaluate(int argc, char *argv[])
{
	struct given_options given = { 0 };
	const struct cli_spec spec = { .help = HELP,
				       .formats = CLI_FORMATS_TEXT,
				       .own = OPTIONS,
				       .arg = &given,
				       .rest_min = 1,
				       .rest_max = 1 };
	struct evaluate_run *run = xcalloc(1, sizeof(*run));
	struct sdg_error err = { 0 };
	struct cli_args args;
	int status = cli_parse(argc, argv, &spec, &args);

	run->ids = json_object();
	if (status < 0) {
		status = evaluate(run, &given, args.rest[0], &err) < 0
			     ? cli_fail(&err)
			     : emit(&args, run);
	}
	evaluation_fini(&run->evaluation);
	json_decref(run->ids);
	sdg_frame_free(run->frame);
	sdg_classifier_close(run->classifier);
	free(run);
	return status;
}
