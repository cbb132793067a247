/*
 * theme: a frame's themes added, split, merged and retired.
 *
 * Nothing is in force before 'frame adopt': this works at a draft, or at a
 * folder of one's own. What it would write is read back and checked before
 * it takes the place of what was there, and that is kept.
 */
#include "cli.h"

#include <err.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "frame.h"
#include "frame_cmd.h"
#include "frame_text.h"
#include "frames.h"
#include "held_out.h"
#include "theme_list.h"

static const char HELP[] =
    "Examples:\n"
    "  soundings theme add phones --name \"Phones\" --definition \"pupils' "
    "phones\"\n"
    "      --cue \"mobile phone=3\" --cue handsets --message 54e3a1b2c0\n"
    "  soundings theme split funding post-16-funding --name \"Post-16 "
    "funding\"\n"
    "      --definition \"money for sixth forms\" --cue \"sixth form "
    "funding=3\"\n"
    "  soundings theme merge leadership-roles voice-and-council --dry-run\n"
    "  soundings theme retire policy-influence\n"
    "  soundings theme list\n"
    "\n"
    "Usage: soundings theme add ID --name N --definition D [options]\n"
    "       soundings theme split THEME NEW --name N --definition D [options]\n"
    "       soundings theme merge THEME INTO\n"
    "       soundings theme retire THEME\n"
    "       soundings theme list\n"
    "       … [--frame DIR] [--dry-run] [--format table|json|csv]\n"
    "\n"
    "Works at the draft of this installation's frame (begun where there is\n"
    "none), or at DIR. What was there is kept in DIR/previous. Then 'frame\n"
    "try' shows what would move, and 'frame adopt' puts it in force.\n"
    "\n"
    "  --cue PHRASE[=W]  speaks for the theme: 3 nearly decides, 2 is strong\n"
    "                    (when not said), 1 a hint; may be repeated. A new "
    "theme\n"
    "                    has its cues alone: where one of 3 stands it is the "
    "main\n"
    "                    theme, unless much speaks for another; give the "
    "words\n"
    "                    that most who mean it use. 'split' takes it away "
    "from\n"
    "                    THEME\n"
    "  --exclude PHRASE  looks like the theme, but is not; may be repeated\n"
    "  --message ID      a stored message of the theme; may be repeated. The\n"
    "                    next 'train' learns from it, and 'frame adopt' makes\n"
    "                    it a person's word\n"
    "\n"
    "split   the new theme's score begins as THEME's, its cues tell them "
    "apart,\n"
    "        and 'train' learns the difference once there are examples\n"
    "merge   texts and cues of THEME speak for INTO from now on; exclusions "
    "that\n"
    "        would contradict a cue are dropped\n"
    "list    themes of the store, in force or not; with --frame those of DIR\n"
    "retire  THEME is no theme any more; what was counted under it stays\n";

#define CUES_MAX 200

struct options {
	const char *frame, *name, *definition;
	bool dry_run;
	struct {
		char *phrase;
		int weight;
	} cues[CUES_MAX];
	size_t cue_count;
	const char *messages[CUES_MAX];
	size_t message_count;
};

/* ---------------------------------------------------------------- options */

static int add_cue(struct options *o, const char *phrase, int weight)
{
	size_t len = strlen(phrase);

	if (o->cue_count == CUES_MAX || len == 0 || len > 200 ||
	    phrase[strcspn(phrase, "\t\n#\\")] ||
	    !sdg_text_is_safe(phrase, len)) {
		warnx("a cue is a few words in one line, at most %d of them",
		      CUES_MAX);
		return -1;
	}
	o->cues[o->cue_count].phrase = xstrdup(phrase);
	o->cues[o->cue_count++].weight = weight;
	return 0;
}

static int take_cue(void *arg, const char *value)
{
	const char *equal = strrchr(value, '=');
	int64_t weight = equal ? cli_number(equal + 1, 1, 3) : 2;
	char *phrase;
	int rc;

	if (weight < 0) {
		warnx("--cue wants PHRASE or PHRASE=W, W being 3, 2 or 1");
		return -1;
	}
	phrase = xformat("%.*s", equal ? (int)(equal - value) : 1000, value);
	rc = add_cue(arg, phrase, (int)weight);
	free(phrase);
	return rc;
}

static int take_exclusion(void *arg, const char *value)
{
	return add_cue(arg, value, -2);
}

static int take_message(void *arg, const char *value)
{
	struct options *o = arg;

	if (o->message_count == CUES_MAX) {
		warnx("at most %d times --message", CUES_MAX);
		return -1;
	}
	o->messages[o->message_count++] = value;
	return 0;
}

/* --------------------------------------------------------------- one edit */

struct edit {
	struct cli *cli;
	const struct options *o;
	char dir[SDG_PATH_MAX];
	struct frame_text text;
	char *chosen; /* lines for chosen.tsv, or NULL */
	size_t held_out;
	size_t dropped; /* exclusions that would contradict a cue */
	bool removes;   /* cues must go before their theme does */
};

static int no_theme(struct edit *e, const char *id, size_t *at)
{
	int theme = sdg_frame_theme(e->text.frame, id);

	if (theme < 0 || strcmp(e->text.frame->themes[theme].id, id) != 0) {
		sdg_fail(&e->cli->err, SDG_EINVAL,
			 "the frame has no theme '%.60s'", id);
		return cli_misuse(&e->cli->err);
	}
	*at = (size_t)theme;
	return 0;
}

static int check_new(struct edit *e, const char *id)
{
	const struct options *o = e->o;
	struct sdg_error *err = &e->cli->err;

	if (!sdg_is_id(id) || strlen(id) > 63)
		sdg_fail(err, SDG_EINVAL,
			 "a theme's id is made of a-z, 0-9 and '-'");
	else if (sdg_frame_theme(e->text.frame, id) != -1)
		sdg_fail(err, SDG_EINVAL,
			 "'%.60s' is a theme of this frame, or was one", id);
	else if (!o->name || !o->definition)
		sdg_fail(err, SDG_EINVAL,
			 "a new theme wants --name and --definition: what a "
			 "person is told who labels by it");
	else if (!sdg_text_is_safe(o->name, strlen(o->name)) ||
		 !sdg_text_is_safe(o->definition, strlen(o->definition)))
		sdg_fail(err, SDG_EINVAL, "a name is text in one line");
	else if (o->cue_count == 0)
		sdg_fail(err, SDG_EINVAL,
			 "a new theme works by its cues: give at least one "
			 "--cue");
	else
		return 0;
	return cli_misuse(err);
}

struct message {
	char id[2 * SDG_EVENT_ID_SIZE + 1];
	bool erased, held_out;
};

static int keep_id(void *arg, const struct sdg_stored *stored)
{
	struct message *m = arg;

	id_hex(stored->id, SDG_EVENT_ID_SIZE, m->id);
	m->erased = stored->erased;
	m->held_out = held_out_is_piece(stored->id);
	return 0;
}

/* The messages that were chosen, by their whole ids. */
static int choose(struct edit *e, const char *theme)
{
	struct cli *cli = e->cli;
	int rc = 0;

	e->chosen = xstrdup("");
	if (e->o->message_count)
		rc = cli_open(SDG_STORE_READ, &cli->home, &cli->store,
			      &cli->err);
	for (size_t i = 0; rc == 0 && i < e->o->message_count; i++) {
		struct message m;
		char *more;

		rc = sdg_store_find(cli->store, e->o->messages[i], keep_id, &m,
				    &cli->err);
		if (rc == 0 && m.erased)
			rc = sdg_fail(&cli->err, SDG_EINVAL,
				      "the words of '%.40s' have gone",
				      e->o->messages[i]);
		if (rc < 0)
			break;
		e->held_out += m.held_out;
		more = xformat("%s%s\t%s\n", e->chosen, theme, m.id);
		free(e->chosen);
		e->chosen = more;
	}
	sdg_store_close(cli->store);
	cli->store = NULL;
	return rc;
}

static int new_theme(struct edit *e, size_t at, const char *id,
		     const char *from)
{
	const struct options *o = e->o;

	frame_text_add(&e->text, at, id, o->name, o->definition, from);
	for (size_t i = 0; i < o->cue_count; i++)
		frame_text_cue(&e->text, id, o->cues[i].phrase,
			       o->cues[i].weight, from);
	return choose(e, id);
}

static int edit_add(struct edit *e, char **words)
{
	int other = e->text.frame->other;
	size_t at = other < 0 ? e->text.frame->theme_count : (size_t)other;
	int rc = check_new(e, words[0]);

	return rc < 0 ? rc : new_theme(e, at, words[0], NULL);
}

static int edit_split(struct edit *e, char **words)
{
	size_t at = 0;
	int rc = no_theme(e, words[0], &at);

	if (rc == 0)
		rc = check_new(e, words[1]);
	return rc < 0 ? rc : new_theme(e, at + 1, words[1], words[0]);
}

static int edit_merge(struct edit *e, char **words)
{
	size_t from = 0, into = 0;
	int rc = no_theme(e, words[0], &from);

	if (rc == 0)
		rc = no_theme(e, words[1], &into);
	if (rc == 0 && from == into) {
		sdg_fail(&e->cli->err, SDG_EINVAL,
			 "a theme is not merged with itself");
		rc = cli_misuse(&e->cli->err);
	}
	if (rc < 0)
		return rc;
	e->removes = true;
	/* From the end, so that places stay what they were. */
	if (into > from)
		frame_text_was(&e->text, into, words[0]);
	frame_text_remove(&e->text, from, words[1]);
	if (into < from)
		frame_text_was(&e->text, into, words[0]);
	/* What the one was told from by a phrase, the other may be known by. */
	return frame_text_settle(&e->text, words[1], &e->dropped, &e->cli->err);
}

static int edit_retire(struct edit *e, char **words)
{
	size_t at = 0;
	int rc = no_theme(e, words[0], &at);

	if (rc == 0 && (int)at == e->text.frame->other)
		rc = sdg_fail(&e->cli->err, SDG_EINVAL,
			      "'%.60s' is where all goes that fits nothing: "
			      "it cannot be retired",
			      words[0]);
	if (rc < 0)
		return rc;
	e->removes = true;
	frame_text_remove(&e->text, at, NULL);
	frame_text_retired(&e->text, words[0]);
	return 0;
}

/* ---------------------------------------------------------------- writing */

static int write_text(const char *dir, const char *name, const char *text,
		      struct sdg_error *err)
{
	char *path = xformat("%s/%s", dir, name);
	int rc = sdg_write_file(path, text, strlen(text), 0600, err);

	free(path);
	return rc;
}

/* What was there, under the next number. */
static int keep_previous(struct edit *e, struct sdg_error *err)
{
	static const char *const names[] = { "frame.yaml", "cues.tsv",
					     FRAMES_CHOSEN };
	char *folder = NULL;
	int rc = 0;

	for (int n = 1; n < 10000; n++) {
		free(folder);
		folder = xformat("%s/previous/%04d", e->dir, n);
		if (access(folder, F_OK) != 0)
			break;
	}
	rc = sdg_make_dirs(folder, 0700, err);
	for (size_t i = 0; rc == 0 && i < 3; i++) {
		char *from = xformat("%s/%s", e->dir, names[i]);
		char *to = xformat("%s/%s", folder, names[i]);

		if (link(from, to) != 0 && access(from, F_OK) == 0)
			rc = sdg_fail_errno(err, "keep \"%s\"", from);
		free(from);
		free(to);
	}
	free(folder);
	return rc;
}

static int write_chosen(struct edit *e, struct sdg_error *err)
{
	char *path = xformat("%s/" FRAMES_CHOSEN, e->dir), *old = NULL, *all;
	size_t len;
	int rc = 0;

	if (e->chosen && *e->chosen) {
		rc = sdg_read_file(path, 1 << 20, &old, &len, err);
		if (rc == SDG_ENOTFOUND)
			rc = 0;
		all = xformat("%s%s", old ? old : "", e->chosen);
		if (rc == 0)
			rc = write_text(e->dir, FRAMES_CHOSEN, all, err);
		free(all);
		free(old);
	}
	free(path);
	return rc;
}

/* The edited texts in a folder of their own, where they are read back. */
static int try_out(struct edit *e, const char *yaml, const char *cues,
		   char trial[SDG_PATH_MAX], struct sdg_error *err)
{
	uint32_t before[FRAME_FAULTS], after[FRAME_FAULTS];
	char phrase[FRAME_PHRASE_SIZE];
	int rc;

	snprintf(trial, SDG_PATH_MAX, "/tmp/soundings-frame-XXXXXX");
	if (!mkdtemp(trial))
		return sdg_fail_errno(err, "make a folder in /tmp");
	rc = write_text(trial, "frame.yaml", yaml, err);
	if (rc == 0)
		rc = write_text(trial, "cues.tsv", cues, err);
	if (rc == 0)
		rc = frame_faults(e->dir, before, phrase, err);
	if (rc == 0)
		rc = frame_faults(trial, after, phrase, err);
	if (rc == 0 &&
	    after[FRAME_CONTRADICTIONS] > before[FRAME_CONTRADICTIONS])
		rc = sdg_fail(err, SDG_EINVAL,
			      "'%.200s' would be a cue and an exclusion of the "
			      "same theme",
			      phrase);
	if (rc == 0 && after[FRAME_SHARED] > before[FRAME_SHARED])
		warnx("%u cues nearly decide for two themes, %u more than "
		      "before: 'soundings frame check' shows them",
		      after[FRAME_SHARED],
		      after[FRAME_SHARED] - before[FRAME_SHARED]);
	return rc;
}

static void remove_trial(const char *trial)
{
	static const char *const names[] = { "frame.yaml", "cues.tsv" };

	for (size_t i = 0; i < 2; i++) {
		char *path = xformat("%s/%s", trial, names[i]);

		unlink(path);
		free(path);
	}
	rmdir(trial);
}

/* No moment at which a cue speaks for a theme that is not there. */
static int replace(struct edit *e, const char *yaml, const char *cues,
		   struct sdg_error *err)
{
	int rc = keep_previous(e, err);

	if (rc == 0 && e->removes)
		rc = write_text(e->dir, "cues.tsv", cues, err);
	if (rc == 0)
		rc = write_text(e->dir, "frame.yaml", yaml, err);
	if (rc == 0 && !e->removes)
		rc = write_text(e->dir, "cues.tsv", cues, err);
	return rc < 0 ? rc : write_chosen(e, err);
}

static int emit(struct edit *e, const struct sdg_frame *after)
{
	struct grid *grid = frame_diff_grid(e->text.frame, after,
					    e->cli->args.format == CLI_TABLE);
	json_t *envelope = cli_envelope("theme");
	bool dry = e->o->dry_run;
	int status;

	grid_note(grid, true,
		  dry ? "Nothing is changed."
		      : "Written to %s. Next: 'soundings frame try%s%s', then "
			"'frame adopt'.",
		  e->dir, e->o->frame ? " " : "",
		  e->o->frame ? e->o->frame : "");
	if (e->dropped)
		grid_note(grid, true,
			  "%zu exclusions were dropped: the same words are a "
			  "cue of the theme now.",
			  e->dropped);
	if (e->held_out)
		grid_note(grid, true,
			  "%zu of the chosen messages are among those held out "
			  "for measuring: training does not see them.",
			  e->held_out);
	json_object_set_new(envelope, "frame", json_string(e->dir));
	json_object_set_new(envelope, "dry_run", json_boolean(dry));
	json_object_set_new(envelope, "dropped",
			    json_integer((json_int_t)e->dropped));
	status = cli_emit(&e->cli->args, envelope, grid, NULL);
	grid_free(grid);
	return status;
}

static int write_edit(struct edit *e, struct sdg_error *err)
{
	char *yaml = frame_lines_text(&e->text.yaml);
	char *cues = frame_lines_text(&e->text.cues);
	struct sdg_frame *after = NULL;
	char trial[SDG_PATH_MAX];
	int rc = try_out(e, yaml, cues, trial, err);

	if (rc == 0)
		rc = sdg_frame_read(trial, &after, err);
	remove_trial(trial);
	/* Only now is a draft begun: what fails leaves none behind. */
	if (rc == 0 && !e->o->dry_run && !e->o->frame)
		rc = frames_draft(&e->cli->home, true, e->dir, err);
	if (rc == 0 && !e->o->dry_run)
		rc = replace(e, yaml, cues, err);
	if (rc == 0)
		rc = emit(e, after);
	sdg_frame_free(after);
	free(yaml);
	free(cues);
	return rc;
}

static int edit(struct cli *cli, const struct options *o,
		int (*change)(struct edit *e, char **words))
{
	struct edit e = { .cli = cli, .o = o };
	int rc = 0;

	if (o->frame)
		snprintf(e.dir, sizeof(e.dir), "%s", o->frame);
	else
		rc = frames_draft(&cli->home, false, e.dir, &cli->err);
	if (rc == 0)
		rc = frame_text_read(e.dir, &e.text, &cli->err);
	if (rc == 0)
		rc = change(&e, cli->args.rest + 1);
	if (rc == 0)
		rc = write_edit(&e, &cli->err);
	frame_text_fini(&e.text);
	free(e.chosen);
	return rc;
}

static int theme_add(struct cli *cli, void *arg)
{
	return edit(cli, arg, edit_add);
}

static int theme_split(struct cli *cli, void *arg)
{
	return edit(cli, arg, edit_split);
}

static int theme_merge(struct cli *cli, void *arg)
{
	return edit(cli, arg, edit_merge);
}

static int theme_retire(struct cli *cli, void *arg)
{
	return edit(cli, arg, edit_retire);
}

static int theme_list(struct cli *cli, void *arg)
{
	const struct options *o = arg;

	return o->frame ? theme_list_frame(cli, o->frame)
			: theme_list_store(cli);
}

static const struct cli_option OPTIONS[] = {
	CLI_TEXT("frame", struct options, frame),
	CLI_TEXT("name", struct options, name),
	CLI_TEXT("definition", struct options, definition),
	CLI_TAKEN("cue", take_cue),
	CLI_TAKEN("exclude", take_exclusion),
	CLI_TAKEN("message", take_message),
	CLI_FLAG("dry-run", struct options, dry_run),
	{ 0 },
};

#define LESS "frame dry-run " CLI_TAKES_LIST
#define NEW "name definition cue exclude message " LESS

static const struct cli_verb VERBS[] = {
	{ "add", "ID", 1, 1, theme_add, NEW },
	{ "split", "THEME NEW", 2, 2, theme_split, NEW },
	{ "merge", "THEME INTO", 2, 2, theme_merge, LESS },
	{ "retire", "THEME", 1, 1, theme_retire, LESS },
	{ "list", NULL, 0, 0, theme_list, "frame " CLI_TAKES_LIST },
	{ 0 },
};

int cmd_theme(int argc, char *argv[])
{
	struct options o = { 0 };
	const struct cli_spec spec = { .help = HELP,
				       .formats = CLI_FORMATS_TEXT |
						  CLI_FORMAT_BIT(CLI_CSV),
				       .own = OPTIONS,
				       .arg = &o,
				       .rest_min = 1,
				       .rest_max = 3,
				       .needs = CLI_NEEDS_HOME };
	struct cli cli;
	int status = cli_begin(argc, argv, &spec, &cli);

	if (status < 0)
		status = cli_end(&cli, cli_verb(&cli, VERBS, &o, NULL));
	for (size_t i = 0; i < o.cue_count; i++)
		free(o.cues[i].phrase);
	return status;
}
