/*
 * evaluate_show: shares, themes and what is taken for what, for machines and
 * for people.
 */
#include "evaluate_show.h"

#include <stdlib.h>
#include <string.h>

#define PAIRS_SHOWN 12

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

static json_t *pairs_json(const struct evaluate_run *run)
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

static json_t *themes_json(const struct evaluate_run *run)
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

json_t *evaluate_json(const struct evaluate_run *run)
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

static void write_themes(FILE *to, const struct evaluate_run *run)
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
static void write_confusions(FILE *to, const struct evaluate_run *run)
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
		       { "region", &e->region, e->alpha_region },
		       { "role", &e->role, e->alpha_role } };
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

void evaluate_write(FILE *to, const struct evaluate_run *run)
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
