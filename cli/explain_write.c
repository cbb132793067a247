/*
 * explain_write: an explained message as text, its words in the colours of
 * the themes they speak for, and as JSON.
 */
#include "explain_write.h"

#include <err.h>
#include <stdlib.h>

#include "cli.h"

#define SHOWN_MAX 8 /* reasons of a label on a terminal */
#define MARK_LEAST 0.05F

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

static json_t *reason_json(const struct explained *explained,
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
					explained->classifier, reason->theme)));
	return out;
}

static json_t *labels_json(const struct explained *explained)
{
	const struct sdg_labels *labels = &explained->labels;
	json_t *themes = json_array();

	for (int i = 0; i < labels->theme_count; i++)
		json_array_append_new(
		    themes,
		    json_pack("{s:s, s:f}", "id",
			      sdg_classifier_theme_id(explained->classifier,
						      labels->themes[i]),
			      "score", (double)labels->scores[i]));
	return json_pack(
	    "{s:s, s:f, s:s, s:s, s:s, s:s, s:s, s:o, s:o}", "kind",
	    sdg_kind_id((int)labels->kind), "kind_score",
	    (double)labels->kind_score, "region",
	    sdg_region_id((int)labels->region), "region_evidence",
	    sdg_evidence_id((int)labels->region_evidence), "authority",
	    sdg_authority_name(labels->authority), "role",
	    sdg_role_id((int)labels->role), "stance",
	    sdg_stance_id((int)labels->stance), "themes", themes, "flags",
	    cli_json_ids(labels->flags, SDG_FLAG_COUNT, sdg_flag_id));
}

void explain_write_json(FILE *to, const struct explained *explained)
{
	json_t *out = cli_envelope("explain"), *reasons = json_array();

	json_object_set_new(out, "id", json_string(explained->id));
	json_object_set_new(out, "labels", labels_json(explained));
	for (size_t i = 0; i < explained->why.count; i++)
		json_array_append_new(
		    reasons,
		    reason_json(explained, &explained->why.reasons[i]));
	json_object_set_new(out, "reasons", reasons);
	if (json_dumpf(out, to, JSON_INDENT(2)) != 0)
		errx(EXIT_RETRY, "no memory");
	fputc('\n', to);
	json_decref(out);
}

static const char *const COLOURS[SDG_THEMES_MAX] = { "\033[1;32m", "\033[1;36m",
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

static void write_reasons(FILE *to, const struct explained *explained,
			  enum sdg_label label, int theme)
{
	int shown = 0;

	for (size_t i = 0; i < explained->why.count && shown < SHOWN_MAX; i++) {
		const struct sdg_reason *reason = &explained->why.reasons[i];

		if (reason->label != label ||
		    (theme >= 0 && reason->theme != theme))
			continue;
		write_reason(to, reason);
		shown++;
	}
}

/* Which of the message's themes byte @at of the text speaks for, or -1. */
static int mark_of(const struct explained *explained, uint32_t at)
{
	float most = MARK_LEAST;
	int mark = -1;

	for (size_t i = 0; i < explained->why.count; i++) {
		const struct sdg_reason *reason = &explained->why.reasons[i];

		if (reason->label != SDG_LABEL_THEME ||
		    reason->field != SDG_FIELD_TEXT || at < reason->start ||
		    at >= reason->end || reason->weight <= most)
			continue;
		for (int t = 0; t < explained->labels.theme_count; t++) {
			if (explained->labels.themes[t] == reason->theme)
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
static void write_marked(FILE *to, const struct explained *explained)
{
	struct sdg_str text = explained->fb->text;
	size_t start = 0;
	int mark = -1;

	fputc('\n', to);
	for (size_t at = 0; at <= text.len; at++) {
		int here =
		    at < text.len ? mark_of(explained, (uint32_t)at) : -2;

		if (here == mark)
			continue;
		write_run(to, (struct sdg_str){ text.s + start, at - start },
			  mark);
		start = at;
		mark = here;
	}
	fputc('\n', to);
}

static void write_themes(FILE *to, const struct explained *explained)
{
	bool color = explained->color;

	for (int i = 0; i < explained->labels.theme_count && i < SDG_THEMES_MAX;
	     i++) {
		fprintf(to, "%-9s %s%s%s  %.2f\n", i ? "" : "themes",
			color ? COLOURS[i] : "",
			sdg_classifier_theme_id(explained->classifier,
						explained->labels.themes[i]),
			color ? PLAIN : "",
			(double)explained->labels.scores[i]);
		write_reasons(to, explained, SDG_LABEL_THEME,
			      explained->labels.themes[i]);
	}
}

static void write_persons(FILE *to, const struct explained *explained)
{
	const struct sdg_labels *was = &explained->stored->labels;

	fprintf(to, "A person labelled it: %s, %s, %s",
		sdg_kind_id((int)was->kind), sdg_region_id((int)was->region),
		sdg_stance_id((int)was->stance));
	for (int i = 0; i < was->theme_count; i++)
		fprintf(to, ", %s",
			sdg_store_theme_id(explained->store, was->themes[i]));
	fputs(".\nBelow is what the classifier would say.\n", to);
}

static void write_stored(FILE *to, const struct explained *explained)
{
	const struct sdg_labels *was = &explained->stored->labels;

	fprintf(to, "message %s\n", explained->id);
	if (was->kind != explained->labels.kind &&
	    !explained->stored->by_person)
		fprintf(to, "It stands as %s; reclassify would make it %s.\n",
			sdg_kind_id((int)was->kind),
			sdg_kind_id((int)explained->labels.kind));
	if (explained->stored->by_person)
		write_persons(to, explained);
	if (was->region != explained->labels.region)
		fprintf(to,
			"Counted under region %s (by %s); addresses and the "
			"directory are not looked at here.\n",
			sdg_region_id((int)was->region),
			sdg_evidence_id((int)was->region_evidence));
	if (explained->stored->frame_version !=
	    sdg_classifier_version(explained->classifier))
		fputs("It was labelled with another frame or model than "
		      "today's.\n",
		      to);
	fputc('\n', to);
}

/* What headers, or a survey's form, said of the kind: words do not count. */
static void write_said_before(FILE *to, const struct explained *explained)
{
	char *visible;

	if (explained->fb->kind == SDG_KIND_UNSET ||
	    explained->fb->kind_reason.len == 0)
		return;
	visible = sdg_text_visible(explained->fb->kind_reason, false);
	if (!visible)
		errx(EXIT_RETRY, "no memory");
	fprintf(to, "           as it came in: %s\n", visible);
	free(visible);
}

void explain_write_text(FILE *to, const struct explained *explained)
{
	const struct sdg_labels *labels = &explained->labels;

	if (explained->stored)
		write_stored(to, explained);
	fprintf(to, "%-9s %s  %.2f\n", "kind", sdg_kind_id((int)labels->kind),
		(double)labels->kind_score);
	write_said_before(to, explained);
	write_reasons(to, explained, SDG_LABEL_KIND, -1);
	fprintf(to, "%-9s %s, by %s%s%s\n", "region",
		sdg_region_id((int)labels->region),
		sdg_evidence_id((int)labels->region_evidence),
		labels->authority ? ", " : "",
		sdg_authority_name(labels->authority));
	write_reasons(to, explained, SDG_LABEL_REGION, -1);
	fprintf(to, "%-9s %s\n", "role", sdg_role_id((int)labels->role));
	write_reasons(to, explained, SDG_LABEL_ROLE, -1);
	write_reasons(to, explained, SDG_LABEL_PHASE, -1);
	write_themes(to, explained);
	if (labels->kind == SDG_KIND_FEEDBACK) {
		fprintf(to, "%-9s %s\n", "stance",
			sdg_stance_id((int)labels->stance));
		write_reasons(to, explained, SDG_LABEL_STANCE, -1);
	}
	for (int i = 0; i < SDG_FLAG_COUNT; i++) {
		if (labels->flags & 1u << i)
			fprintf(to, "%-9s %s\n", "look", sdg_flag_id(i));
	}
	if (explained->color)
		write_marked(to, explained);
}
