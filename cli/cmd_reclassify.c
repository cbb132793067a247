/*
 * reclassify: what is stored, labelled as the classifier would today.
 *
 * All is read and labelled first, then written in small steps beside the
 * running workers: a step is one transaction, and stopping between two of
 * them leaves every figure right. What a person labelled stays. Addresses
 * are not kept, so a region that an address decided stays too, unless the
 * words say more.
 */
#include "cli.h"

#include <err.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <soundings/classify.h>

static const char HELP[] =
    "Examples:\n"
    "  soundings reclassify --dry-run                what would move, and "
    "where\n"
    "  soundings reclassify --frame ./new-frame --dry-run\n"
    "  soundings reclassify --since 2015-01\n"
    "\n"
    "Usage: soundings reclassify [--dry-run] [--frame DIR] [filters]\n"
    "                            [--format table|json|csv]\n"
    "\n"
    "Labels what is stored as the classifier (or the frame in DIR) would\n"
    "today, in small steps beside running workers; may be stopped and run\n"
    "again. A person's word is never touched.\n"
    "  --dry-run     show how many would move from which theme to which, with\n"
    "                the id of one of each; change nothing\n"
    "  --frame DIR   another code frame; it must have this store's themes\n";

enum { STEP = 512 };

struct moving {
	struct sdg_store *store;
	struct sdg_classifier *classifier;
	struct sdg_relabel *list;
	size_t count, room;
	size_t seen, moved, kind_moved;
	uint32_t numbers[SDG_FRAME_MAX]; /* the store's, by frame position */
	/* Main themes, the store's numbers; 0: none (not feedback). */
	uint32_t moves[256][256];
	uint8_t example[256][256][SDG_EVENT_ID_SIZE];
};

static volatile sig_atomic_t stopped;

static void stop(int signal)
{
	(void)signal;
	stopped = 1;
}

static bool from_address(enum sdg_evidence evidence)
{
	return evidence == SDG_EVIDENCE_DIRECTORY ||
	       evidence == SDG_EVIDENCE_DOMAIN;
}

/* What the address decided is not decided again without it, but by what
 * outranks it. */
static void keep_known(struct sdg_labels *now, const struct sdg_labels *was)
{
	bool outranked = now->region_evidence != SDG_EVIDENCE_NONE &&
			 now->region_evidence < was->region_evidence;

	if (from_address(was->region_evidence) && !outranked) {
		now->region = was->region;
		now->region_evidence = was->region_evidence;
		now->authority = was->authority;
	}
	if (now->role == SDG_ROLE_UNKNOWN)
		now->role = was->role;
	if (!now->phases)
		now->phases = was->phases;
}

static int note_piece(void *arg, const struct sdg_stored *stored)
{
	struct moving *m = arg;
	struct sdg_relabel *to;
	uint32_t was, now;

	m->seen++;
	if (stopped)
		return 1;
	if (stored->by_person || stored->erased)
		return 0;
	if (m->count == m->room) {
		m->room = m->room ? m->room * 2 : 4096;
		m->list = realloc(m->list, m->room * sizeof(*m->list));
		if (!m->list)
			errx(EXIT_RETRY, "no memory");
	}
	to = &m->list[m->count++];
	memcpy(to->id, stored->id, sizeof(to->id));
	sdg_classify(m->classifier, &stored->fb, NULL, &to->labels, NULL);
	keep_known(&to->labels, &stored->labels);
	was = stored->labels.theme_count ? stored->labels.themes[0] : 0;
	now = to->labels.theme_count ? m->numbers[to->labels.themes[0]] : 0;
	m->kind_moved += to->labels.kind != stored->labels.kind;
	if (was == now || was > 255 || now > 255)
		return 0;
	m->moved++;
	if (m->moves[was][now]++ == 0)
		memcpy(m->example[was][now], stored->id, SDG_EVENT_ID_SIZE);
	return 0;
}

static int apply(struct moving *m, size_t *changed, struct sdg_error *err)
{
	bool terminal = isatty(STDERR_FILENO);
	int rc = 0;

	for (size_t at = 0; rc == 0 && at < m->count && !stopped; at += STEP) {
		size_t n = m->count - at < STEP ? m->count - at : STEP;

		rc = sdg_store_reclassify(m->store, m->list + at, n, err);
		for (size_t i = 0; rc == 0 && i < n; i++)
			*changed += m->list[at + i].changed;
		if (terminal)
			fprintf(stderr, "\r%zu of %zu", at + n, m->count);
	}
	if (terminal)
		fputc('\n', stderr);
	return rc;
}

static const char *theme(struct moving *m, uint32_t number)
{
	return number ? sdg_store_theme_id(m->store, number) : "none";
}

static int emit(struct moving *m, const struct cli_args *args, size_t changed,
		bool dry_run)
{
	struct grid *grid = grid_new("Main themes that move");
	char id[2 * SDG_EVENT_ID_SIZE + 1];
	json_t *envelope = cli_envelope("reclassify");
	int status;

	grid_column(grid, "from", "from", false);
	grid_column(grid, "to", "to", false);
	grid_column(grid, "messages", "messages", true);
	grid_column(grid, "example", "one of them", false);
	for (uint32_t was = 0; was < 256; was++)
		for (uint32_t now = 0; now < 256; now++) {
			struct cell *row;

			if (!m->moves[was][now])
				continue;
			row = grid_row(grid);
			cell_text(&row[0], theme(m, was), NULL);
			cell_text(&row[1], theme(m, now), NULL);
			cell_count(&row[2], m->moves[was][now]);
			id_hex(m->example[was][now], SDG_EVENT_ID_SIZE, id);
			cell_text(&row[3], id, NULL);
		}
	grid_note(grid, true,
		  dry_run ? "%zu looked at; %zu would have another main theme, "
			    "%zu another kind. Nothing is changed."
			  : "%zu looked at; %zu have another main theme, %zu "
			    "another kind.",
		  m->seen, m->moved, m->kind_moved);
	json_object_set_new(envelope, "seen",
			    json_integer((json_int_t)m->seen));
	json_object_set_new(envelope, "moved",
			    json_integer((json_int_t)m->moved));
	json_object_set_new(envelope, "changed",
			    json_integer((json_int_t)changed));
	status = cli_emit(args, envelope, grid, NULL);
	grid_free(grid);
	return status;
}

static int use_frame(struct moving *m, struct sdg_error *err)
{
	const char *ids[SDG_FRAME_MAX];
	size_t n = sdg_classifier_theme_count(m->classifier);
	int rc;

	for (size_t i = 0; i < n; i++)
		ids[i] = sdg_classifier_theme_id(m->classifier, i);
	rc = sdg_store_use_frame(m->store, ids, n,
				 sdg_classifier_version(m->classifier), err);
	for (size_t i = 0; rc == 0 && i < n; i++)
		m->numbers[i] =
		    (uint32_t)sdg_store_theme(m->store, sdg_str(ids[i]));
	return rc;
}

struct options {
	bool dry_run;
	struct sdg_classifier_options classifier;
};

static int reclassify(struct moving *m, const struct options *o,
		      struct cli_args *args, struct sdg_error *err)
{
	const unsigned kinds = 1u << SDG_KIND_FEEDBACK |
			       1u << SDG_KIND_AUTO_REPLY |
			       1u << SDG_KIND_NOT_FEEDBACK;
	size_t changed = 0;
	int rc = use_frame(m, err);

	if (rc == 0)
		rc = cli_use_themes(m->store, args, err);
	if (rc == 0)
		rc = sdg_store_each(m->store, &args->filter, kinds, NULL,
				    note_piece, m, err);
	if (rc < 0)
		return rc;
	if (!o->dry_run && !stopped)
		rc = apply(m, &changed, err);
	if (rc < 0)
		return rc;
	if (stopped)
		return sdg_fail(err, SDG_EAGAIN,
				"stopped after %zu changes; every figure is "
				"right: run it again for the rest",
				changed);
	return emit(m, args, changed, o->dry_run);
}

static const struct cli_option OPTIONS[] = {
	CLI_FLAG("dry-run", struct options, dry_run),
	CLI_TEXT("frame", struct options, classifier.frame_dir),
	{ 0 },
};

int cmd_reclassify(int argc, char *argv[])
{
	struct options o = { 0 };
	struct cli_spec spec = { .help = HELP,
				 .formats =
				     CLI_FORMATS_TEXT | CLI_FORMAT_BIT(CLI_CSV),
				 .filters = true,
				 .own = OPTIONS,
				 .arg = &o };
	struct moving *m = xcalloc(1, sizeof(*m));
	struct sdg_error error = { 0 };
	struct cli_args args;
	struct sdg_home home;
	int rc = cli_parse(argc, argv, &spec, &args);

	if (rc >= 0) {
		free(m);
		return rc;
	}
	signal(SIGINT, stop);
	signal(SIGTERM, stop);
	rc = sdg_classifier_open(&o.classifier, &m->classifier, &error);
	if (rc == 0)
		rc = cli_open(SDG_STORE_WRITE, &home, &m->store, &error);
	if (rc == 0)
		rc = reclassify(m, &o, &args, &error);
	sdg_store_close(m->store);
	sdg_classifier_close(m->classifier);
	free(m->list);
	free(m);
	return rc < 0 ? cli_fail(&error) : rc;
}
