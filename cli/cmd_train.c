/*
 * soundings train: a model from a frame and labelled texts, and how well it
 * does on those it had not seen.
 */
#include "cli.h"
#include "corrections.h"
#include "frames.h"

#include <err.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <soundings/classify.h>
#include <soundings/home.h>

#include "quality.h"
#include "train.h"

static const char HELP[] =
    "Examples:\n"
    "  soundings train --frame ./customer-service\n"
    "  soundings train --with corrections.jsonl --model new-model.bin\n"
    "  soundings train --dry-run --by-file --with tests/corpus/feedback.jsonl\n"
    "\n"
    "Usage: soundings train [--frame DIR] [--with FILE]… [--model FILE]\n"
    "                       [--by-file] [--dry-run] [--without-corrections]\n"
    "                       [--format table|json|csv]\n"
    "                       [--output FILE]\n"
    "\n"
    "Learns from DIR/frame.yaml, DIR/cues.tsv and DIR/training/*.jsonl and\n"
    "writes DIR/model.bin, which 'classify --frame DIR' then uses. The same\n"
    "texts give the same file, to the byte. Prints how often a model of the\n"
    "other files was right about each file.\n"
    "\n"
    "  --frame DIR   the frame's folder; without it, the draft that 'theme' "
    "and\n"
    "                'frame try' work at, begun where there is none\n"
    "  --with FILE   more labelled lines; may be given several times\n"
    "  --model FILE  write there instead of DIR/model.bin\n"
    "  --by-file     hold out each file by itself: slower, the figures of\n"
    "                docs/QUALITY.md\n"
    "  --dry-run     measure only, write nothing (and so no --model)\n"
    "  --without-corrections  leave out what people corrected here\n"
    "\n"
    "What people corrected here ('correct', 'review') is learnt from, where "
    "the\n"
    "frame has those themes (one that shares none with the frame in force "
    "learns\n"
    "nothing of it, nor which mail is automatic), and the messages chosen for "
    "new themes ('theme add --message'). A fifth of "
    "these,\n"
    "and of FILEs, is held out by a hash of the id for 'frame try', and never\n"
    "trained on (--dry-run, which writes no model, measures on all of "
    "FILEs).\n"
    "\n"
    "A line may say by which words its labels were known, and teaches more:\n"
    "  {\"text\":\"…\",\"themes\":[\"bills\"],\"stance\":\"negative\",\n"
    "   \"evidence\":{\"bills\":[\"charged twice\"]},\n"
    "   \"praise\":[],\"blame\":[\"nobody rang back\"]}\n";

#define WITH_MAX 32

struct options {
	const char *frame, *model;
	const char *with[WITH_MAX];
	size_t with_count;
	bool by_file, dry_run, without_corrections;
};

static void tell(void *arg, const char *what)
{
	(void)arg;
	fprintf(stderr, "\r\033[K%s …", what);
	fflush(stderr);
}

static double share(uint32_t a, uint32_t b)
{
	return b ? (double)a / b : 0;
}

static void fill(struct cell *row, const struct sdg_train_file *file)
{
	cell_str(&row[0], sdg_str(file->name));
	cell_count(&row[1], file->pieces);
	cell_number(&row[2], share(file->main_right, file->pieces));
	cell_number(
	    &row[3],
	    share(2 * file->hits, 2 * file->hits + file->wrong + file->missed));
	cell_number(&row[4], share(file->stance_right, file->pieces));
	cell_number(&row[5], share(file->kind_right, file->others));
}

static void add(struct sdg_train_file *sum, const struct sdg_train_file *file)
{
	sum->pieces += file->pieces;
	sum->main_right += file->main_right;
	sum->hits += file->hits;
	sum->wrong += file->wrong;
	sum->missed += file->missed;
	sum->stance_right += file->stance_right;
	sum->others += file->others;
	sum->kind_right += file->kind_right;
}

static int emit(const struct cli_args *args,
		const struct sdg_train_report *report, const char *model)
{
	static const char *const columns[][2] = {
		{ "main_theme", "Main theme" },
		{ "micro_f1", "Micro-F1" },
		{ "stance", "Stance" },
		{ "kind", "Kind" },
	};
	struct grid *grid = grid_new("Right on files it had not seen");
	struct sdg_train_file sum = { .name = "all" };
	json_t *out = cli_envelope("train");
	int status;

	grid_column(grid, "file", "File", false);
	grid_column(grid, "messages", "Messages", true);
	for (size_t i = 0; i < 4; i++)
		grid_decimals(
		    grid, grid_column(grid, columns[i][0], columns[i][1], true),
		    3);
	for (size_t i = 0; i < report->file_count; i++) {
		if (report->files[i].passages && report->texts > 0)
			continue; /* only taught, and not held out */
		fill(grid_row(grid), &report->files[i]);
		add(&sum, &report->files[i]);
	}
	fill(grid_total(grid), &sum);
	grid_note(
	    grid, true, "%u whole texts, %u passages, %u cues; %u features%s%s",
	    report->texts, report->passages, report->cues, report->features,
	    model ? "; written to " : "", model ? model : "");
	json_object_set_new(out, "model",
			    model ? json_string(model) : json_null());
	status = cli_emit(args, out, grid, NULL);
	grid_free(grid);
	return status;
}

/* All that is learnt from beside the frame's folder. */
struct lessons {
	struct corrections files[WITH_MAX], here;
	const char *paths[WITH_MAX + 1];
	size_t count, held_out;
};

static void lessons_fini(struct lessons *l)
{
	for (size_t i = 0; i < WITH_MAX; i++)
		corrections_close(&l->files[i]);
	corrections_close(&l->here);
}

/* Without the fifth of them that 'frame try' measures on. */
static int take_files(const struct options *options, struct lessons *l,
		      struct sdg_error *err)
{
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < options->with_count; i++) {
		l->paths[l->count] = options->with[i];
		if (!options->dry_run) {
			rc = corrections_of_file(&l->files[i], options->with[i],
						 err);
			l->held_out += l->files[i].held_out;
			l->paths[l->count] = l->files[i].path;
		}
		l->count++;
	}
	return rc;
}

/* This installation's corrections. */
static void take_here(const char *dir, struct lessons *l, struct sdg_error *err)
{
	int rc = corrections_open(&l->here, dir, err);

	if (rc < 0) { /* what ships can be learnt without them */
		fprintf(stderr, "corrections are left out: %s\n", err->message);
		return;
	}
	if (l->here.left_out)
		fprintf(stderr,
			"%zu messages a person labelled here teach this frame "
			"nothing: it has not their themes\n",
			l->here.left_out);
	if (!l->here.count)
		return;
	l->paths[l->count++] = l->here.path;
	fprintf(stderr,
		"learning from %zu messages a person labelled here; %zu more "
		"are held out\n",
		l->here.count, l->here.held_out);
}

/* The installed frame is nobody's to write to: a model goes to the draft. */
static int find_dir(const struct options *options, char dir[SDG_PATH_MAX],
		    struct sdg_error *err)
{
	struct sdg_home home;
	int rc;

	if (options->dry_run || options->model)
		return sdg_frame_dir(dir, err);
	rc = sdg_home_find(&home, err);
	if (rc == 0)
		rc = sdg_home_prepare(&home, err);
	return rc < 0 ? rc : frames_draft(&home, true, dir, err);
}

static int train(const struct options *options, const struct cli_args *args,
		 struct sdg_error *err)
{
	struct lessons *l = xcalloc(1, sizeof(*l));
	struct sdg_train_options how = { .dir = options->frame,
					 .also = l->paths,
					 .by_file = options->by_file,
					 .beside = true };
	struct sdg_train_report *report = xcalloc(1, sizeof(*report));
	char dir[SDG_PATH_MAX] = "", path[SDG_PATH_MAX + 16];
	void *model = NULL;
	size_t len = 0;
	int rc = 0;

	for (size_t i = 0; i < WITH_MAX; i++)
		l->files[i].fd = -1;
	l->here.fd = -1;
	if (!how.dir) {
		rc = find_dir(options, dir, err);
		how.dir = dir;
	}
	if (rc == 0)
		rc = take_files(options, l, err);
	if (isatty(STDERR_FILENO))
		how.progress = tell;
	if (rc == 0 && !options->without_corrections)
		take_here(how.dir, l, err);
	how.also_count = l->count;
	if (rc == 0)
		rc = sdg_train(&how, &model, &len, report, err);
	if (how.progress)
		fputs("\r\033[K", stderr);
	snprintf(path, sizeof(path), "%s/model.bin", how.dir);
	if (options->model)
		snprintf(path, sizeof(path), "%s", options->model);
	if (rc == 0 && !options->dry_run)
		rc = sdg_write_file(path, model, len, 0644, err);
	/* Of a model in its place; one written elsewhere is being tried. */
	if (rc == 0 && !options->dry_run && !options->model)
		rc = sdg_quality_write(how.dir, report, model, len, err);
	free(model);
	lessons_fini(l);
	free(l);
	if (rc == 0)
		rc = emit(args, report, options->dry_run ? NULL : path);
	free(report);
	return rc;
}

static int take_with(void *arg, const char *value)
{
	struct options *options = arg;

	if (options->with_count == WITH_MAX) {
		warnx("at most %d times --with", WITH_MAX);
		return -1;
	}
	options->with[options->with_count++] = value;
	return 0;
}

static const struct cli_option OPTIONS[] = {
	CLI_TEXT("frame", struct options, frame),
	CLI_TAKEN("with", take_with),
	CLI_TEXT("model", struct options, model),
	CLI_FLAG("by-file", struct options, by_file),
	CLI_FLAG("dry-run", struct options, dry_run),
	CLI_FLAG("without-corrections", struct options, without_corrections),
	{ 0 },
};

int cmd_train(int argc, char *argv[])
{
	struct options given = { 0 };
	const struct cli_spec spec = { .help = HELP,
				       .formats = CLI_FORMATS_TEXT |
						  CLI_FORMAT_BIT(CLI_CSV),
				       .own = OPTIONS,
				       .arg = &given };
	struct sdg_error err = { 0 };
	struct cli_args args;
	int status = cli_parse(argc, argv, &spec, &args);

	if (status >= 0)
		return status;
	if (given.dry_run && given.model)
		return cli_usage("--dry-run writes no model: leave out one of "
				 "--dry-run and --model");
	status = train(&given, &args, &err);
	return status < 0 ? cli_fail(&err) : status;
}
