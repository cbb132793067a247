/*
 * review --conflicts: where a member's words and the directory disagree.
 *
 * The words are looked at as if nobody knew who wrote them: a place they
 * claim, a signature, a role. Where the directory says another region or
 * role of that member today, one of the two is out of date, or somebody
 * writes for somebody else; only a person can tell.
 */
#include "review_conflicts.h"

#include <stdlib.h>
#include <string.h>

#include "relabel.h"

struct conflicts {
	struct relabel *r;
	struct grid *grid;
	size_t limit, members, found;
};

static void add_row(struct conflicts *c, const struct sdg_stored *stored,
		    const char *what, const char *words, const char *evidence,
		    const char *directory, const char *counted)
{
	char id[2 * SDG_EVENT_ID_SIZE + 1], brief[ID_BRIEF_SIZE];
	char date[DATE_SIZE];
	struct cell *row;

	if (c->found++ >= c->limit)
		return;
	row = grid_row(c->grid);
	id_hex(stored->id, SDG_EVENT_ID_SIZE, id);
	cell_text(&row[0], id, id_brief(id, brief));
	cell_text(&row[1], date_format(stored->day, date), NULL);
	cell_text(&row[2], what, NULL);
	cell_text(&row[3], words, NULL);
	cell_text(&row[4], evidence, NULL);
	cell_text(&row[5], directory, NULL);
	cell_text(&row[6], counted, NULL);
}

static int compare(void *arg, const struct sdg_stored *stored)
{
	struct conflicts *c = arg;
	const struct sdg_known *known = relabel_known(c->r, stored);
	struct sdg_labels words;

	if (stored->erased || !known)
		return 0;
	c->members++;
	sdg_classify(c->r->classifier, &stored->fb, NULL, &words, NULL);
	if (known->region != SDG_REGION_ANY &&
	    words.region != SDG_REGION_UNKNOWN && words.region != known->region)
		add_row(c, stored, "region", sdg_region_id((int)words.region),
			sdg_evidence_id((int)words.region_evidence),
			sdg_region_id((int)known->region),
			sdg_region_id((int)stored->labels.region));
	if (known->role != SDG_ROLE_UNKNOWN && words.role != SDG_ROLE_UNKNOWN &&
	    words.role != known->role)
		add_row(c, stored, "role", sdg_role_id((int)words.role),
			"signature", sdg_role_id((int)known->role),
			sdg_role_id((int)stored->labels.role));
	return 0;
}

static struct grid *new_grid(void)
{
	static const char *const columns[][2] = {
		{ "id", "id" },
		{ "day", "day" },
		{ "what", "what" },
		{ "words", "the words say" },
		{ "evidence", "by" },
		{ "directory", "the directory says" },
		{ "counted", "counted as" },
	};
	struct grid *grid = grid_new("Conflicts");

	for (size_t i = 0; i < sizeof(columns) / sizeof(*columns); i++)
		grid_column(grid, columns[i][0], columns[i][1], false);
	return grid;
}

int review_conflicts(struct sdg_store *store, const struct cli_args *args,
		     size_t limit, int *status, struct sdg_error *err)
{
	struct conflicts c = { .grid = new_grid(), .limit = limit };
	struct sdg_classifier *classifier = NULL;
	json_t *envelope;
	int rc = sdg_classifier_open(NULL, &classifier, err);

	if (rc < 0)
		goto out;
	c.r = relabel_new(store, classifier, NULL);
	rc = relabel_ask_directory(c.r, err);
	if (rc == 0)
		rc = sdg_store_each(store, &args->filter, 0, NULL, compare, &c,
				    err);
	if (rc < 0)
		goto out;
	grid_note(c.grid, true,
		  "%zu conflicts in %zu messages of those the directory "
		  "knows. Right in the message: 'soundings correct ID'; right "
		  "in the directory: 'soundings directory set ADDRESS'.",
		  c.found, c.members);
	envelope = cli_envelope("review-conflicts");
	json_object_set_new(envelope, "messages",
			    json_integer((json_int_t)c.members));
	json_object_set_new(envelope, "conflicts",
			    json_integer((json_int_t)c.found));
	*status = cli_emit(args, envelope, c.grid, NULL);
out:
	relabel_free(c.r);
	sdg_classifier_close(classifier);
	grid_free(c.grid);
	return rc;
}
