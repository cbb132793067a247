/*
 * show: open one message, its words and its labels.
 */
#include "pieces.h"

#include <err.h>
#include <stdarg.h>
#include <stdlib.h>

static const char HELP[] =
    "Examples:\n"
    "  soundings show 54e3a1b2c0\n"
    "  soundings show 54e3a1b2c0 --format json\n"
    "\n"
    "Usage: soundings show ID [--format table|json] [--output FILE]\n"
    "\n"
    "ID is what 'soundings messages' lists, or as many of its first digits\n"
    "(4 at least) as no other message shares. Why it got its labels:\n"
    "'soundings explain ID'.\n";

struct show {
	struct sdg_store *store;
	struct dim_names names;
	const struct cli_args *args;
	int status;
};

static void line(FILE *out, const char *name, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

static void line(FILE *out, const char *name, const char *fmt, ...)
{
	va_list ap;

	fprintf(out, "%-14s", name);
	va_start(ap, fmt);
	vfprintf(out, fmt, ap);
	va_end(ap);
	fputc('\n', out);
}

/* Foreign text after a name; nothing when it is empty. */
static void foreign(FILE *out, const char *name, struct sdg_str text)
{
	char *visible;

	if (text.len == 0)
		return;
	visible = sdg_text_visible(text, false);
	if (!visible)
		errx(EXIT_RETRY, "no memory");
	line(out, name, "%s", visible);
	free(visible);
}

static void write_labels(const struct show *show, FILE *out,
			 const struct sdg_stored *stored)
{
	const struct sdg_labels *labels = &stored->labels;
	char *phases = piece_phases(labels->phases);
	char *flags = piece_flags(labels->flags | stored->fb.flags);

	line(out, "region", "%s (by %s)", sdg_region_id((int)labels->region),
	     sdg_evidence_id((int)labels->region_evidence));
	if (labels->authority)
		line(out, "authority", "%s",
		     sdg_authority_name(labels->authority));
	for (int i = 0; i < labels->theme_count && i < SDG_THEMES_MAX; i++) {
		const char *id =
		    sdg_store_theme_id(show->store, labels->themes[i]);

		line(out, i ? "" : "themes", "%s %.2f", id ? id : "?",
		     (double)labels->scores[i]);
	}
	line(out, "stance", "%s", sdg_stance_id((int)labels->stance));
	line(out, "role", "%s", sdg_role_id((int)labels->role));
	line(out, "phase", "%s", phases);
	if (*flags)
		line(out, "look at it", "%s", flags);
	line(out, "labelled by", "%s",
	     stored->by_person ? "a person" : "the classifier");
	free(phases);
	free(flags);
}

static void write_note(FILE *out, const struct sdg_note *note)
{
	line(out, "note", "%s%s%s", sdg_note_kind_id((int)note->kind),
	     note->own ? ", the representative's own" : "",
	     note->second_hand ? ", second hand" : "");
	foreign(out, "reported by", note->representative);
	foreign(out, "constituency", note->constituency);
	foreign(out, "branch", note->branch);
	if (note->voices)
		line(out, "voices", "%u", note->voices);
	if (note->attendance)
		line(out, "attendance", "%u", note->attendance);
}

static void write_piece(const struct show *show, FILE *out,
			const struct sdg_stored *stored)
{
	const struct sdg_feedback *fb = &stored->fb;
	char id[2 * SDG_EVENT_ID_SIZE + 1], date[DATE_SIZE];
	char *words;

	id_hex(stored->id, SDG_EVENT_ID_SIZE, id);
	line(out, "id", "%s", id);
	line(out, "counts on", "%s", date_format(stored->day, date));
	line(out, "said", "%s", date_format_time(fb->said, date));
	line(out, "received", "%s", date_format_time(fb->received, date));
	line(out, "source", "%s", sdg_source_id((int)fb->source));
	line(out, "consultation", "%s",
	     piece_consultation(&show->names, stored));
	line(out, "outcome", "%s", sdg_outcome_id((int)stored->outcome));
	line(out, "kind", "%s", sdg_kind_id((int)stored->labels.kind));
	write_labels(show, out, stored);
	line(out, "from", "%s",
	     stored->matched ? "a member" : "not known as a member");
	line(out, "may be quoted", "%s", fb->may_quote ? "yes" : "no");
	foreign(out, "school", fb->respondent.school);
	if (fb->source == SDG_SOURCE_REP)
		write_note(out, &fb->note);
	foreign(out, "question", fb->question);
	foreign(out, "subject", fb->subject);
	for (size_t i = 0; i < fb->choice_count && i < SDG_CHOICES_MAX; i++) {
		foreign(out, "asked", fb->choices[i].question);
		foreign(out, "answered", fb->choices[i].answer);
	}
	fputc('\n', out);
	if (stored->erased) {
		fputs("(its words have been erased)\n", out);
		return;
	}
	words = sdg_text_visible(fb->text, true);
	if (!words)
		errx(EXIT_RETRY, "no memory");
	fprintf(out, "%s\n", words);
	if (fb->truncated)
		fputs("[it was longer: cut here]\n", out);
	free(words);
}

static int show_piece(void *arg, const struct sdg_stored *stored)
{
	struct show *show = arg;
	struct cli_text text;
	json_t *json;

	if (show->args->format == CLI_JSON) {
		json = cli_envelope("show");
		json_object_update_new(
		    json, piece_json(show->store, &show->names, stored));
		show->status = cli_emit_json(show->args, json);
		return 0;
	}
	write_piece(show, cli_text_open(&text), stored);
	show->status = cli_text_emit(&text, show->args);
	return 0;
}

int cmd_show(int argc, char *argv[])
{
	const struct cli_spec spec = { .help = HELP,
				       .formats = CLI_FORMATS_TEXT,
				       .rest_min = 1,
				       .rest_max = 1,
				       .needs = CLI_NEEDS_STORE };
	struct show show = { .status = 0 };
	struct cli cli;
	int status = cli_begin(argc, argv, &spec, &cli);

	if (status >= 0)
		return status;
	show.args = &cli.args;
	show.store = cli.store;
	status = dim_names_load(show.store, &show.names, &cli.err);
	if (status == 0)
		status = sdg_store_find(show.store, cli.args.rest[0],
					show_piece, &show, &cli.err);
	dim_names_free(&show.names);
	return cli_end(&cli, status < 0 ? status : show.status);
}
