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
#include "evaluate.h"
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

#define PAIRS_SHOWN 12
#define NO_THEME 255
#define ID_MAX 512
#define ID_SHOWN 64

struct run {
	struct sdg_classifier *classifier;
	struct sdg_frame *frame; /* knows what themes were called before */
	json_t *ids;             /* each with its place among the pairs */
	size_t wordless;         /* lines that the classifier cannot judge */
	bool labelled;           /* some line says something */
	size_t retired;          /* lines with a theme that is none any more */
	struct evaluation evaluation;
	bool second; /* reading the second coder's file */
	size_t matched;
	size_t taught; /* to the model, with these very words */
	size_t odd_sources;
};

/* As the trainer has it: by an id it once had, too; one that was retired is
 * left out, and where no other is left it is what fits none. */
static int read_themes(struct run *run, const struct sdg_corpus *piece,
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
static int read_given(struct run *run, const struct sdg_corpus *piece,
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

static void read_found(const struct run *run, const struct sdg_corpus *piece,
		       struct verdict *out)
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

static int take_second(struct run *run, const struct sdg_corpus *piece,
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
	struct run *run = arg;
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

static json_t *share_json(const struct share *share)
{
	return json_pack("{s:i, s:i, s:f, s:f, s:f}", "right",
			 (int)share->right, "of", (int)share->of, "share",
			 share->value, "low", share->low, "high", share->high);
}

/* What nobody said twice has none. */
static json_t *alphas_json(const struct evaluation *e)
{
	json_t *out = json_pack("{s:n, s:n, s:n, s:n, s:n}", "main_theme",
				"kind", "stance", "region", "role");

	if (e->main.of)
		json_object_set_new(out, "main_theme",
				    json_real(e->alpha_main));
	if (e->kind.of)
		json_object_set_new(out, "kind", json_real(e->alpha_kind));
	if (e->stance.of)
		json_object_set_new(out, "stance", json_real(e->alpha_stance));
	if (e->region.of)
		json_object_set_new(out, "region", json_real(e->alpha_region));
	if (e->role.of)
		json_object_set_new(out, "role", json_real(e->alpha_role));
	return out;
}

static json_t *pairs_json(const struct run *run)
{
	size_t n = run->evaluation.theme_count;
	json_t *list = json_array();

	for (size_t a = 0; a < n; a++) {
		for (size_t b = 0; b < n; b++) {
			uint32_t count = run->evaluation.confusion[a][b];

			if (a == b || !count)
				continue;
			json_array_append_new(
			    list,
			    json_pack(
				"{s:s, s:s, s:i}", "given",
				sdg_classifier_theme_id(run->classifier, a),
				"found",
				sdg_classifier_theme_id(run->classifier, b),
				"messages", (int)count));
		}
	}
	return list;
}

static json_t *themes_json(const struct run *run)
{
	json_t *list = json_array();

	for (size_t t = 0; t < run->evaluation.theme_count; t++) {
		const struct theme_figures *f = &run->evaluation.themes[t];

		json_array_append_new(
		    list,
		    json_pack("{s:s, s:i, s:i, s:i, s:f, s:f, s:f, s:[ff], "
			      "s:[ff], s:[ff], s:f}",
			      "id", sdg_classifier_theme_id(run->classifier, t),
			      "right", (int)f->right, "wrong", (int)f->wrong,
			      "missed", (int)f->missed, "precision",
			      f->precision.value, "recall", f->recall.value,
			      "f1", f->f1, "precision_95", f->precision.low,
			      f->precision.high, "recall_95", f->recall.low,
			      f->recall.high, "f1_95", f->low, f->high, "alpha",
			      f->alpha));
	}
	return list;
}

static json_t *evidence_json(const struct evaluation *evaluation)
{
	json_t *object = json_object();

	for (int e = 0; e < SDG_EVIDENCE_COUNT; e++) {
		if (evaluation->by_evidence[e].of)
			json_object_set_new(
			    object, sdg_evidence_id(e),
			    share_json(&evaluation->by_evidence[e]));
	}
	return object;
}

/* Where no line names a theme there is nothing to be right about. */
static void set_f1(json_t *out, const struct evaluation *e)
{
	bool none = e->main.of == 0;

	json_object_set_new(out, "micro",
			    none ? json_null()
				 : json_pack("{s:f, s:f, s:f, s:f, s:f}",
					     "precision", e->micro_precision,
					     "recall", e->micro_recall, "f1",
					     e->micro_f1, "low", e->micro_low,
					     "high", e->micro_high));
	json_object_set_new(out, "macro_f1",
			    none ? json_null() : json_real(e->macro_f1));
	json_object_set_new(
	    out, "macro_f1_95",
	    none ? json_null()
		 : json_pack("[ff]", e->macro_low, e->macro_high));
}

static json_t *to_json(const struct run *run)
{
	const struct evaluation *e = &run->evaluation;
	json_t *out = cli_envelope("evaluate");

	json_object_set_new(out, "messages", json_integer((int)e->count));
	json_object_set_new(out, "taught", json_integer((int)run->taught));
	json_object_set_new(
	    out, "against",
	    json_string(run->second ? "a second coder" : "the classifier"));
	json_object_set_new(out, "retired", json_integer((int)run->retired));
	json_object_set_new(out, "main_theme", share_json(&e->main));
	set_f1(out, e);
	json_object_set_new(out, "kind", share_json(&e->kind));
	json_object_set_new(out, "stance", share_json(&e->stance));
	json_object_set_new(out, "region", share_json(&e->region));
	json_object_set_new(out, "region_guessed", share_json(&e->guesses));
	json_object_set_new(out, "region_by_evidence", evidence_json(e));
	json_object_set_new(out, "role", share_json(&e->role));
	json_object_set_new(out, "role_guessed", share_json(&e->role_guesses));
	json_object_set_new(out, "alpha", alphas_json(e));
	json_object_set_new(out, "themes", themes_json(run));
	json_object_set_new(out, "confusions", pairs_json(run));
	return out;
}

static void write_share(FILE *to, const char *name, const struct share *share)
{
	if (share->of)
		fprintf(to, "%-24s %5.3f  (%.3f to %.3f)  %u of %u\n", name,
			share->value, share->low, share->high, share->right,
			share->of);
}

static void write_figure(FILE *to, double value, double low, double high)
{
	fprintf(to, "  %.2f (%.2f-%.2f)", value, low, high);
}

static void write_themes(FILE *to, const struct run *run)
{
	fprintf(to, "\n%-26s  %-16s  %-16s  %-16s %6s %6s\n", "theme",
		"precision", "recall", "F1", "given",
		run->second ? "alpha" : "found");
	for (size_t t = 0; t < run->evaluation.theme_count; t++) {
		const struct theme_figures *f = &run->evaluation.themes[t];

		fprintf(to, "%-26s",
			sdg_classifier_theme_id(run->classifier, t));
		write_figure(to, f->precision.value, f->precision.low,
			     f->precision.high);
		write_figure(to, f->recall.value, f->recall.low,
			     f->recall.high);
		write_figure(to, f->f1, f->low, f->high);
		fprintf(to, " %6u", f->right + f->missed);
		if (run->second)
			fprintf(to, " %6.3f\n", f->alpha);
		else
			fprintf(to, " %6u\n", f->right + f->wrong);
	}
}

/* The pairs most often taken for one another, most frequent first. */
static void write_confusions(FILE *to, const struct run *run)
{
	static bool shown[SDG_FRAME_MAX][SDG_FRAME_MAX];
	size_t n = run->evaluation.theme_count;

	fprintf(to, "\nmain themes taken for another\n");
	for (int i = 0; i < PAIRS_SHOWN; i++) {
		size_t a = 0, b = 0;
		uint32_t most = 0;

		for (size_t x = 0; x < n * n; x++) {
			uint32_t count =
			    run->evaluation.confusion[x / n][x % n];

			if (x / n != x % n && !shown[x / n][x % n] &&
			    count > most) {
				most = count;
				a = x / n;
				b = x % n;
			}
		}
		if (!most)
			break;
		shown[a][b] = true;
		fprintf(to, "  %-26s as %-26s %u\n",
			sdg_classifier_theme_id(run->classifier, a),
			sdg_classifier_theme_id(run->classifier, b), most);
	}
}

static void write_f1(FILE *to, const struct evaluation *e)
{
	fprintf(to,
		"%-24s %5.3f  (%.3f to %.3f)  precision %.3f, recall "
		"%.3f\n",
		"themes, micro-F1", e->micro_f1, e->micro_low, e->micro_high,
		e->micro_precision, e->micro_recall);
	fprintf(to, "%-24s %5.3f  (%.3f to %.3f)\n", "themes, macro-F1",
		e->macro_f1, e->macro_low, e->macro_high);
}

/* What nobody gave has none. */
static void write_alphas(FILE *to, const struct evaluation *e)
{
	const struct {
		const char *name;
		const struct share *share;
		double value;
	} alphas[] = { { "main theme", &e->main, e->alpha_main },
		       { "kind", &e->kind, e->alpha_kind },
		       { "stance", &e->stance, e->alpha_stance },
		       { "region", &e->region, e->alpha_region } };
	const char *comma = "";

	fputs("\nKrippendorff's alpha: ", to);
	for (size_t i = 0; i < sizeof(alphas) / sizeof(*alphas); i++) {
		if (!alphas[i].share->of)
			continue;
		fprintf(to, "%s%s %.3f", comma, alphas[i].name,
			alphas[i].value);
		comma = ", ";
	}
	fputs("\n(0.800 and above is reliable, 0.667 to 0.800 tentative)\n",
	      to);
}

static void write_table(FILE *to, const struct run *run)
{
	const struct evaluation *e = &run->evaluation;

	fprintf(
	    to, "%zu messages, labels given against %s; 95 %% intervals\n\n",
	    e->count, run->second ? "a second coder's" : "the classifier's");
	write_share(to, "main theme", &e->main);
	if (e->main.of)
		write_f1(to, e);
	write_share(to, "kind", &e->kind);
	write_share(to, "stance", &e->stance);
	write_share(to, "region", &e->region);
	write_share(to, "  guessed without cause", &e->guesses);
	for (int i = 0; i < SDG_EVIDENCE_COUNT; i++) {
		char name[40];

		snprintf(name, sizeof(name), "  by %s", sdg_evidence_id(i));
		write_share(to, name, &e->by_evidence[i]);
	}
	write_share(to, "role", &e->role);
	write_share(to, "  guessed without cause", &e->role_guesses);
	if (run->second)
		write_alphas(to, e);
	if (!e->main.of)
		return;
	write_themes(to, run);
	write_confusions(to, run);
}

/* What two people say of a text is no matter of what was taught. */
static void warn_taught(const struct run *run)
{
	if (run->taught && !run->second)
		warnx("%zu of %zu lines were taught to this model, with these "
		      "very words: figures on them mean nothing",
		      run->taught, run->evaluation.count);
}

static int emit(const struct cli_args *args, const struct run *run)
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
		return cli_emit_json(args, to_json(run));
	write_table(cli_text_open(&text), run);
	return cli_text_emit(&text, args);
}

struct given_options {
	const char *frame, *coder;
};

static int open_frame(struct run *run, const char *dir, struct sdg_error *err)
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

static int read_first(struct run *run, const char *path, struct sdg_error *err)
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

static int evaluate(struct run *run, const struct given_options *given,
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
	struct run *run = xcalloc(1, sizeof(*run));
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
