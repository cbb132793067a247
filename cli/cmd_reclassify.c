/*
 * reclassify: what is stored, labelled as the classifier would today.
 *
 * A few hundred pieces are read and labelled, then written in one
 * transaction, beside the running workers; so it can be stopped between any
 * two of them with every figure right, and when run again passes over those
 * it has already done, which bear the version that labelled them.
 */
#include "relabel.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char HELP[] =
    "Examples:\n"
    "  soundings reclassify --dry-run                what would move, and "
    "where\n"
    "  soundings reclassify\n"
    "  soundings reclassify --since 2015-01\n"
    "  soundings reclassify --directory              regions, roles, phases "
    "of a\n"
    "                                                directory that came "
    "late\n"
    "\n"
    "Usage: soundings reclassify [--dry-run] [--directory] [--frame DIR]\n"
    "                            [filters] [--format table|json|csv]\n"
    "\n"
    "Labels what is stored as the classifier would today, in small steps "
    "beside\n"
    "running workers; may be stopped and run again. A person's word is never\n"
    "touched, nor is a message whose text has gone. What the figures were "
    "before\n"
    "is kept: 'report --as-of'.\n"
    "  --dry-run     show how many would move from which theme to which, with\n"
    "                the id of one of each; change nothing\n"
    "  --directory   by what the directory says of its members today; without\n"
    "                this, of an address what it said when the message came\n"
    "  --frame DIR   another code frame than the one in force\n";

/* Where the walk's portions (16, 32 … 512, 512) end, so that none is read
 * for nothing. */
enum { STEP = 2032 };

struct options {
	bool dry_run, directory;
	struct sdg_classifier_options classifier;
};

struct run {
	const struct options *options;
	struct relabel *r;
	struct sdg_store *store;
	struct sdg_relabel list[STEP];
	size_t count; /* of the step at hand */
	bool differs; /* one of them would count as something else */
	bool edition; /* begun for this run */
	size_t changed;
};

static volatile sig_atomic_t stopped;

static void stop(int signal)
{
	(void)signal;
	stopped = 1;
}

static int look(void *arg, struct sdg_hand *hand,
		const struct sdg_stored *stored, void **out,
		struct sdg_error *err)
{
	struct run *run = arg;

	return relabel_look(run->r, hand, stored, out, err);
}

static int take(void *arg, const struct sdg_stored *stored, size_t which,
		void *out)
{
	struct run *run = arg;
	struct sdg_relabel *to = &run->list[run->count];
	const struct sdg_labels *now = out;

	(void)which;
	relabel_count(run->r, stored, now);
	if (!now)
		return stopped ? 1 : 0;
	memcpy(to->id, stored->id, sizeof(to->id));
	to->labels = *now;
	to->revision = stored->fb.revision;
	run->differs |= relabel_differs(run->r, stored, now);
	return ++run->count == STEP || stopped;
}

static int write_step(struct run *run, struct sdg_error *err)
{
	int rc = 0;

	if (run->options->dry_run || run->count == 0)
		return 0;
	/* So that the figures up to here can be had again. */
	if (run->differs && !run->edition) {
		rc = sdg_store_begin_edition(run->store, err);
		run->edition = rc == 0;
	}
	if (rc == 0)
		rc = sdg_store_reclassify(run->store, run->list, run->count,
					  err);
	for (size_t i = 0; rc == 0 && i < run->count; i++)
		run->changed += run->list[i].changed;
	return rc;
}

static int each_step(struct run *run, const struct cli_args *args,
		     struct sdg_error *err)
{
	const unsigned kinds = 1u << SDG_KIND_FEEDBACK |
			       1u << SDG_KIND_AUTO_REPLY |
			       1u << SDG_KIND_NOT_FEEDBACK;
	const struct sdg_visit visit = { .look = look,
					 .then = take,
					 .arg = run };
	bool terminal = isatty(STDERR_FILENO);
	struct sdg_place place = { 0 };
	struct sdg_store_stats stats;
	int rc = sdg_store_stats(run->store, &stats, err), more = 1;

	while (rc == 0 && more == 1 && !stopped) {
		run->count = 0;
		more = sdg_store_visit_from(run->store, &args->filter, kinds,
					    &place, &visit, err);
		rc = more < 0 ? more : write_step(run, err);
		if (terminal)
			fprintf(stderr, "\r%zu of %llu", run->r->seen,
				(unsigned long long)stats.events);
	}
	if (terminal)
		fputs("\r\033[K", stderr);
	return rc;
}

/* Is there nothing but a stretch of time? Member by member: what lies between
 * them is nobody's. */
static bool is_stretch(const struct sdg_filter *f)
{
	uint64_t themes =
	    f->themes[0] | f->themes[1] | f->themes[2] | f->themes[3];

	return !f->regions && !themes && !f->sources && !f->stances &&
	       !f->roles && !f->phases && !f->consultation;
}

/* All of a stretch of time that reaches to today was looked at. */
static int note_measured(struct run *run, const struct cli_args *args,
			 struct sdg_error *err)
{
	const struct sdg_filter *f = &args->filter;

	if (run->options->dry_run || args->has_until || !is_stretch(f))
		return 0;
	return sdg_store_measured(run->store,
				  args->has_since ? f->since_day : 0, err);
}

static int emit(const struct run *run, const struct cli_args *args)
{
	const struct relabel *r = run->r;
	struct grid *grid = relabel_grid(r);
	json_t *envelope = cli_envelope("reclassify");
	bool dry = run->options->dry_run;
	int status;

	grid_note(grid, true,
		  "%zu looked at; %zu %s another main theme, %zu other themes "
		  "beside it, %zu another kind, %zu another stance, %zu "
		  "another region.%s",
		  r->seen, r->moved, dry ? "would have" : "have", r->also,
		  r->kind, r->stance, r->region,
		  dry ? " Nothing is changed." : "");
	if (r->by_person || r->erased)
		grid_note(grid, true,
			  "%zu that a person labelled and %zu whose text has "
			  "gone stay as they are.",
			  r->by_person, r->erased);
	relabel_json(r, envelope);
	json_object_set_new(envelope, "changed",
			    json_integer((json_int_t)run->changed));
	json_object_set_new(envelope, "dry_run", json_boolean(dry));
	status = cli_emit(args, envelope, grid, NULL);
	grid_free(grid);
	return status;
}

static int use_frame(struct sdg_store *store,
		     const struct sdg_classifier *classifier,
		     struct sdg_error *err)
{
	const char *ids[SDG_FRAME_MAX];
	size_t n = sdg_classifier_theme_count(classifier);

	for (size_t i = 0; i < n; i++)
		ids[i] = sdg_classifier_theme_id(classifier, i);
	return sdg_store_use_frame(store, ids, n,
				   sdg_classifier_version(classifier), err);
}

static int reclassify(struct cli *cli, const struct options *o,
		      struct sdg_classifier *classifier)
{
	struct run *run = xcalloc(1, sizeof(*run));
	int rc = cli_open(o->dry_run ? SDG_STORE_READ : SDG_STORE_CHANGE,
			  &cli->home, &cli->store, &cli->err);

	if (rc == 0)
		rc = cli_use_themes(cli->store, &cli->args, &cli->err);
	if (rc == 0 && !o->dry_run)
		rc = use_frame(cli->store, classifier, &cli->err);
	if (rc < 0)
		goto out;
	run->options = o;
	run->store = cli->store;
	run->r = relabel_new(cli->store, classifier, &o->classifier);
	/* An earlier run has done those, or they came under this version. */
	if (!o->directory)
		run->r->done = sdg_classifier_version(classifier);
	if (o->directory)
		rc = relabel_ask_directory(run->r, &cli->err);
	if (rc == 0)
		rc = each_step(run, &cli->args, &cli->err);
	if (rc == 0 && stopped)
		rc = sdg_fail(&cli->err, SDG_EAGAIN,
			      "stopped after %zu changes; every figure is "
			      "right: run it again for the rest",
			      run->changed);
	if (rc == 0)
		rc = note_measured(run, &cli->args, &cli->err);
	if (rc == 0)
		rc = emit(run, &cli->args);
out:
	relabel_free(run->r);
	free(run);
	return rc;
}

static const struct cli_option OPTIONS[] = {
	CLI_FLAG("dry-run", struct options, dry_run),
	CLI_FLAG("directory", struct options, directory),
	CLI_TEXT("frame", struct options, classifier.frame_dir),
	{ 0 },
};

int cmd_reclassify(int argc, char *argv[])
{
	struct options o = { 0 };
	const struct cli_spec spec = { .help = HELP,
				       .formats = CLI_FORMATS_TEXT |
						  CLI_FORMAT_BIT(CLI_CSV),
				       .filters = true,
				       .own = OPTIONS,
				       .arg = &o };
	struct sdg_classifier *classifier = NULL;
	struct cli cli;
	int rc = cli_begin(argc, argv, &spec, &cli);

	if (rc >= 0)
		return rc;
	signal(SIGINT, stop);
	signal(SIGTERM, stop);
	rc = sdg_classifier_open(&o.classifier, &classifier, &cli.err);
	if (rc == 0)
		rc = reclassify(&cli, &o, classifier);
	sdg_classifier_close(classifier);
	return cli_end(&cli, rc);
}
