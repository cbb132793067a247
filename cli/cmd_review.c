/*
 * review: a person reads what the classifier was least sure of, one message
 * at a time, one keystroke a theme. What is saved is a correction; what was
 * looked at is not offered again, so that it can be stopped and resumed.
 */
#include "journal.h"
#include "pieces.h"
#include "review_conflicts.h"
#include "review_screen.h"

#include <err.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char HELP[] =
    "Examples:\n"
    "  soundings review                          feedback, the least\n"
    "                                            sure first; then the rest\n"
    "  soundings review --region north-east --theme funding\n"
    "  soundings review --list                   those, for 'soundings "
    "correct'\n"
    "  soundings review --blind second.jsonl     a second coder: sees no "
    "labels\n"
    "  soundings review --conflicts              words against the directory\n"
    "\n"
    "From another desk: soundings --from tcp://host:port review, the same\n"
    "keys; each message that is shown is noted there with its id.\n"
    "\n"
    "Usage: soundings review [--all] [--limit N]\n"
    "                        [--list [--ids] | --conflicts | --blind FILE] "
    "[filters]\n"
    "\n"
    "Keys: a b c …  a theme on or off; the first chosen is the main one\n"
    "      + - ~ 0  stance: positive, negative, mixed, neutral\n"
    "      1 … 9 ?  the region, as shown; ? where none is said\n"
    "      !        not feedback         #  an automatic reply\n"
    "      Enter    save: this is right  Space  skip\n"
    "      *        start this one again Q  stop; run it again to go on\n"
    "  --all         by day, those a person has seen included\n"
    "  --limit N     at most N messages (default 50)\n"
    "  --list        ask nothing: ids, how sure, labels and words\n"
    "  --ids         with --list: without the words\n"
    "  --conflicts   ask nothing: where a member's words give another region "
    "or\n"
    "                role than the directory does today\n"
    "  --blind FILE  nothing of the classifier's is shown, in an order of no\n"
    "                meaning; what is chosen, and no more, goes to FILE (JSON\n"
    "                lines) in place of the store: for 'evaluate --coder'; "
    "what\n"
    "                FILE has already is not offered again\n";

/* What an id begins with is when it was said. */
#define ID_TIME 4
#define BLIND_MAX (256u << 20)

struct choice {
	uint8_t id[SDG_EVENT_ID_SIZE];
	bool feedback;
	float sure;
};

struct reviewing {
	struct sdg_store *store;
	const struct cli_args *args;
	struct choice *list;
	size_t count, room;
	size_t limit, saved, skipped;
	bool all, listing, ids;
	FILE *blind;
	json_t *done; /* ids that its file has already, or NULL */
	struct review_screen screen;
	int status; /* 1: stop */
	struct sdg_error *err;
};

static int collect(void *arg, const struct sdg_stored *stored)
{
	char id[2 * SDG_EVENT_ID_SIZE + 1];
	const struct sdg_labels *labels = &stored->labels;
	struct reviewing *r = arg;
	struct choice *to;

	if (stored->erased || (stored->by_person && !r->all))
		return 0;
	id_hex(stored->id, SDG_EVENT_ID_SIZE, id);
	if (json_object_get(r->done, id))
		return 0;
	if (r->count == r->room) {
		r->room = r->room ? r->room * 2 : 256;
		r->list = realloc(r->list, r->room * sizeof(*r->list));
		if (!r->list)
			errx(EXIT_RETRY, "no memory");
	}
	to = &r->list[r->count++];
	memcpy(to->id, stored->id, sizeof(to->id));
	to->feedback = labels->kind == SDG_KIND_FEEDBACK;
	to->sure = labels->kind_score;
	if (labels->theme_count && labels->scores[0] < to->sure)
		to->sure = labels->scores[0];
	return 0;
}

/* Members' words first: what machines sent has no themes to be unsure of. */
static int least_sure_first(const void *x, const void *y)
{
	const struct choice *a = x, *b = y;

	if (a->feedback != b->feedback)
		return a->feedback ? -1 : 1;
	return (a->sure > b->sure) - (a->sure < b->sure);
}

/* By the keyed hash in the id: any order that tells nothing of the labels. */
static int at_random(const void *x, const void *y)
{
	const struct choice *a = x, *b = y;

	return memcmp(a->id + ID_TIME, b->id + ID_TIME,
		      SDG_EVENT_ID_SIZE - ID_TIME);
}

/* Only what was said: a stance or a region that no key gave is not there. */
static int write_blind(const struct reviewing *r,
		       const struct sdg_stored *stored)
{
	char id[2 * SDG_EVENT_ID_SIZE + 1];
	json_t *themes = json_array(), *line;
	char *text;
	int rc;

	id_hex(stored->id, SDG_EVENT_ID_SIZE, id);
	for (int i = 0; i < r->screen.labels.theme_count; i++)
		json_array_append_new(
		    themes, json_string(sdg_store_theme_id(
				r->store, r->screen.labels.themes[i])));
	line = json_pack("{s:s, s:s, s:o}", "id", id, "kind",
			 sdg_kind_id((int)r->screen.labels.kind), "themes",
			 themes);
	if (r->screen.stance_said)
		json_object_set_new(
		    line, "stance",
		    json_string(sdg_stance_id((int)r->screen.labels.stance)));
	if (r->screen.region_said)
		json_object_set_new(
		    line, "region",
		    json_string(sdg_region_id((int)r->screen.labels.region)));
	text = json_dumps(line, JSON_COMPACT);
	rc =
	    text && fprintf(r->blind, "%s\n", text) > 0 && fflush(r->blind) == 0
		? 0
		: sdg_fail_errno(r->err, "write what was chosen");
	free(text);
	json_decref(line);
	return rc;
}

/* ------------------------------------------------------------- one message */

struct one {
	struct reviewing *r;
	enum review_verdict verdict;
};

static int review_one(void *arg, const struct sdg_stored *stored)
{
	struct one *one = arg;
	struct reviewing *r = one->r;
	struct review_piece piece;
	char date[DATE_SIZE];

	piece = (struct review_piece){
		.day = date_format(stored->day, date),
		.source = sdg_source_id((int)stored->fb.source),
		.region = sdg_region_id((int)stored->labels.region),
		.question = stored->fb.question,
		.subject = stored->fb.subject,
		.text = stored->fb.text,
		.labels = stored->labels,
	};
	one->verdict = review_ask(&r->screen, &piece);
	return one->verdict == REVIEW_SAVE && r->blind ? write_blind(r, stored)
						       : 0;
}

static int review_all(struct reviewing *r)
{
	struct one one = { .r = r };
	char id[2 * SDG_EVENT_ID_SIZE + 1];
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < r->count && i < r->limit; i++) {
		id_hex(r->list[i].id, SDG_EVENT_ID_SIZE, id);
		rc = sdg_store_find(r->store, id, review_one, &one, r->err);
		if (rc < 0 || one.verdict == REVIEW_STOP)
			break;
		if (one.verdict == REVIEW_SKIP) {
			r->skipped++;
			continue;
		}
		/* The read transaction of find() has ended: now write. */
		if (!r->blind)
			rc = sdg_store_correct(r->store, r->list[i].id,
					       &r->screen.labels, r->err);
		r->saved += rc == 0;
	}
	printf("%zu saved, %zu skipped, %zu left\n", r->saved, r->skipped,
	       r->count - r->saved);
	return rc;
}

struct options {
	bool all, list, conflicts, ids;
	int64_t limit;
	const char *blind;
};

/* The same for whoever cannot be asked key by key: from another desk. */
struct row {
	struct reviewing *r;
	struct grid *grid;
	float sure;
};

static int list_one(void *arg, const struct sdg_stored *stored)
{
	const struct row *row = arg;
	struct cell *cells = grid_row(row->grid);
	char id[2 * SDG_EVENT_ID_SIZE + 1], brief[ID_BRIEF_SIZE];
	char *themes = piece_themes(row->r->store, &stored->labels);
	struct sdg_str words =
	    stored->fb.text.len ? stored->fb.text : stored->fb.subject;

	id_hex(stored->id, SDG_EVENT_ID_SIZE, id);
	cell_text(&cells[0], id, id_brief(id, brief));
	cell_number(&cells[1], (double)row->sure);
	cell_text(&cells[2], sdg_kind_id((int)stored->labels.kind), NULL);
	cell_text(&cells[3], sdg_region_id((int)stored->labels.region), NULL);
	cell_text(&cells[4], themes, NULL);
	if (!row->r->ids)
		cell_str(&cells[5], words);
	free(themes);
	return 0;
}

static int list_all(struct reviewing *r)
{
	struct row row = { r, grid_new("review"), 0 };
	json_t *envelope = cli_envelope("review");
	char id[2 * SDG_EVENT_ID_SIZE + 1];
	int rc = 0;

	row.grid->layout = GRID_CARDS_WHOLE;
	grid_column(row.grid, "id", "id", false);
	grid_decimals(row.grid, grid_column(row.grid, "sure", "sure", true), 2);
	grid_column(row.grid, "kind", "kind", false);
	grid_column(row.grid, "region", "region", false);
	grid_column(row.grid, "themes", "themes", false);
	if (!r->ids)
		grid_wrap(row.grid,
			  grid_column(row.grid, "words", "words", false));
	json_object_set_new(envelope, "to_review",
			    json_integer((json_int_t)r->count));
	for (size_t i = 0; rc == 0 && i < r->count && i < r->limit; i++) {
		id_hex(r->list[i].id, SDG_EVENT_ID_SIZE, id);
		row.sure = r->list[i].sure;
		rc = sdg_store_find(r->store, id, list_one, &row, r->err);
	}
	grid_note(row.grid, true,
		  "%zu to review. Right as it is, or not: 'soundings correct "
		  "ID …'.",
		  r->count);
	if (rc == 0)
		r->status = cli_emit(r->args, envelope, row.grid, NULL);
	else
		json_decref(envelope);
	grid_free(row.grid);
	return rc;
}

static int name_themes(struct reviewing *r)
{
	struct sdg_span spans[SDG_STORE_THEMES];
	size_t n = sdg_store_theme_count(r->store);
	int rc;

	r->screen.theme_count = n;
	r->screen.other = labels_other(r->store);
	r->screen.blind = r->blind != NULL;
	r->screen.themes = xcalloc(n + 1, sizeof(*r->screen.themes));
	for (uint32_t t = 1; t <= n; t++)
		r->screen.themes[t] = sdg_store_theme_id(r->store, t);
	rc = sdg_store_theme_spans(r->store, spans, r->err);
	for (uint32_t t = 1; rc == 0 && t <= n; t++)
		if (!spans[t].until)
			review_offer(&r->screen, t);
	return rc;
}

static int review(struct reviewing *r, struct cli_args *args)
{
	const unsigned kinds = 1u << SDG_KIND_FEEDBACK |
			       1u << SDG_KIND_AUTO_REPLY |
			       1u << SDG_KIND_NOT_FEEDBACK;
	int rc = cli_use_themes(r->store, args, r->err);

	if (rc == 0)
		rc = sdg_store_each(r->store, &args->filter, kinds, NULL,
				    collect, r, r->err);
	if (rc < 0)
		return rc;
	if (!r->all && r->count)
		qsort(r->list, r->count, sizeof(*r->list),
		      r->blind ? at_random : least_sure_first);
	if (r->listing)
		return list_all(r);
	rc = name_themes(r);
	if (rc == 0) {
		review_keys(&r->screen);
		review_raw();
		rc = review_all(r);
		review_cooked();
	}
	free(r->screen.themes);
	return rc;
}

static int conflicts(struct reviewing *r, struct cli_args *args)
{
	int rc = cli_use_themes(r->store, args, r->err);

	return rc < 0 ? rc
		      : review_conflicts(r->store, args, r->limit, &r->status,
					 r->err);
}

/* A line that was broken off goes, since it would spoil the next one. */
static int end_line(FILE *file, const char *text, size_t len,
		    struct sdg_error *err)
{
	size_t whole = journal_whole(text, len);
	bool ended = whole == 0 || text[whole - 1] == '\n';

	if ((whole < len && ftruncate(fileno(file), (off_t)whole) != 0) ||
	    (!ended && putc('\n', file) == EOF))
		return sdg_fail_errno(err, "end the last line of it");
	return 0;
}

/* A second coder's file, and the ids that it has already. */
static int open_blind(struct reviewing *r, const char *path)
{
	char *text = NULL, *save = NULL;
	size_t len = 0;
	int rc = 0;

	r->blind = fopen(path, "ae");
	if (!r->blind)
		return sdg_fail_errno(r->err, "open \"%s\"", path);
	r->done = json_object();
	/* What is no file has nothing to go on from. */
	if (sdg_read_file(path, BLIND_MAX, &text, &len, NULL) == 0)
		rc = end_line(r->blind, text, len, r->err);
	for (char *line = text ? strtok_r(text, "\n", &save) : NULL; line;
	     line = strtok_r(NULL, "\n", &save)) {
		json_t *json = json_loads(line, 0, NULL);
		const char *id = json_string_value(json_object_get(json, "id"));

		if (id)
			json_object_set_new(r->done, id, json_true());
		json_decref(json);
	}
	free(text);
	return rc;
}

static const struct cli_option OPTIONS[] = {
	CLI_FLAG("all", struct options, all),
	CLI_FLAG("list", struct options, list),
	CLI_FLAG("conflicts", struct options, conflicts),
	CLI_FLAG("ids", struct options, ids),
	CLI_COUNT("limit", struct options, limit, 1, 1000000),
	CLI_TEXT("blind", struct options, blind),
	{ 0 },
};

int cmd_review(int argc, char *argv[])
{
	struct options o = { .limit = 50 };
	struct cli_spec spec = { .help = HELP,
				 .formats = CLI_FORMATS_LIST,
				 .filters = true,
				 .own = OPTIONS,
				 .arg = &o };
	struct sdg_error error = { 0 };
	struct reviewing r = { .err = &error };
	struct cli_args args;
	struct sdg_home home;
	int rc = cli_parse(argc, argv, &spec, &args);

	if (rc >= 0)
		return rc;
	if (o.list + o.conflicts + (o.blind != NULL) > 1)
		return cli_usage("--list, --conflicts and --blind exclude one "
				 "another");
	r.all = o.all;
	if (o.ids && !o.list)
		return cli_usage("--ids goes with --list");
	r.listing = o.list || o.conflicts;
	r.ids = o.ids;
	r.args = &args;
	r.limit = (size_t)o.limit;
	rc = o.blind ? open_blind(&r, o.blind) : 0;
	if (rc == 0)
		rc = cli_open(r.listing ? SDG_STORE_READ : SDG_STORE_CHANGE,
			      &home, &r.store, &error);
	if (rc == 0 && o.conflicts)
		rc = conflicts(&r, &args);
	else if (rc == 0)
		rc = review(&r, &args);
	json_decref(r.done);
	sdg_store_close(r.store);
	if (r.blind && fclose(r.blind) != 0 && rc == 0)
		rc = sdg_fail_errno(&error, "close \"%s\"", o.blind);
	free(r.list);
	if (rc < 0)
		return cli_fail(&error);
	return r.listing ? r.status : 0;
}
