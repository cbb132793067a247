/*
 * relabel: the classifier's labels of today beside those that are stored.
 */
#include "relabel.h"

#include <err.h>
#include <stdlib.h>
#include <string.h>

#include <soundings/store_directory.h>

struct relabel *relabel_new(struct sdg_store *store,
			    struct sdg_classifier *classifier,
			    const struct sdg_classifier_options *options)
{
	struct relabel *r = xcalloc(1, sizeof(*r));
	size_t n = sdg_classifier_theme_count(classifier);

	r->store = store;
	r->classifier = classifier;
	r->options = options;
	for (size_t i = 0; i < n; i++) {
		int number = sdg_store_theme(
		    store, sdg_str(sdg_classifier_theme_id(classifier, i)));

		r->numbers[i] = number > 0 ? (uint32_t)number : 0;
	}
	return r;
}

void relabel_free(struct relabel *r)
{
	if (!r)
		return;
	for (int i = 0; i < SDG_HANDS_MAX; i++)
		sdg_classifier_close(r->hands[i]);
	free(r->known);
	free(r);
}

/* ---------------------------------------------------------- the directory */

static int keep_member(void *arg, uint32_t member,
		       const struct sdg_known *known)
{
	struct relabel *r = arg;

	if (member >= r->known_count) {
		size_t n = member + 1024 + r->known_count;
		struct sdg_known *grown = realloc(r->known, n * sizeof(*grown));

		if (!grown)
			errx(EXIT_RETRY, "no memory");
		memset(grown + r->known_count, 0,
		       (n - r->known_count) * sizeof(*grown));
		r->known = grown;
		r->known_count = n;
	}
	/* Of several addresses, the first that says where. */
	if (r->known[member].region == SDG_REGION_ANY)
		r->known[member] = *known;
	return 0;
}

int relabel_ask_directory(struct relabel *r, struct sdg_error *err)
{
	int rc = sdg_directory_members(r->store, keep_member, r, err);

	if (rc == 0 && !r->known)
		r->known = xcalloc(1, sizeof(*r->known));
	return rc;
}

const struct sdg_known *relabel_known(const struct relabel *r,
				      const struct sdg_stored *stored)
{
	if (!stored->member || stored->member >= r->known_count ||
	    !r->known[stored->member].matched)
		return NULL;
	return &r->known[stored->member];
}

/* ---------------------------------------------------------------- labels */

static bool from_address(enum sdg_evidence evidence)
{
	return evidence == SDG_EVIDENCE_DIRECTORY ||
	       evidence == SDG_EVIDENCE_DOMAIN;
}

/* What the address decided is not decided again without it, but by what
 * outranks it, or by the directory of today. */
static void keep_known(struct sdg_labels *now, const struct sdg_labels *was)
{
	bool outranked = now->region_evidence != SDG_EVIDENCE_NONE &&
			 now->region_evidence <= was->region_evidence;

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

static void count_move(struct relabel *r, const struct sdg_stored *stored,
		       const struct sdg_labels *now)
{
	const struct sdg_labels *was = &stored->labels;
	uint32_t from = was->theme_count ? was->themes[0] : 0;
	size_t to = now->theme_count ? now->themes[0] + 1U : 0;
	struct relabel_move *move = &r->moves[from][to];

	r->kind += now->kind != was->kind;
	r->stance += now->stance != was->stance;
	r->region += now->region != was->region;
	if (from == (to ? r->numbers[to - 1] : 0) && (from || !to)) {
		bool other = now->theme_count != was->theme_count;

		for (int i = 1; !other && i < now->theme_count; i++)
			other = r->numbers[now->themes[i]] != was->themes[i];
		r->also += other;
		return;
	}
	r->moved++;
	if (move->count < RELABEL_EXAMPLES)
		memcpy(move->examples[move->count], stored->id,
		       SDG_EVENT_ID_SIZE);
	if (r->words && move->count == 0) {
		struct sdg_str text = stored->fb.text;

		text.len = sdg_text_cut(text.s ? text.s : "", text.len,
					sizeof(move->words) - 1);
		snprintf(move->words, sizeof(move->words), "%.*s",
			 SDG_STR_ARG(text));
	}
	move->count++;
}

int relabel_look(struct relabel *r, struct sdg_hand *hand,
		 const struct sdg_stored *stored, void **out,
		 struct sdg_error *err)
{
	struct sdg_classifier **own = &r->hands[sdg_hand_number(hand)];
	struct sdg_labels *labels;
	int rc = 0;

	*out = NULL;
	if (stored->by_person || stored->erased ||
	    (r->done && stored->frame_version == r->done))
		return 0;
	labels = sdg_hand_room(hand, sizeof(*labels));
	if (!labels)
		return sdg_fail(err, SDG_ENOMEM, "label again: no memory");
	if (!*own)
		rc = sdg_classifier_open(r->options, own, err);
	if (rc < 0)
		return rc;
	sdg_classify(*own, &stored->fb, relabel_known(r, stored), labels, NULL);
	keep_known(labels, &stored->labels);
	*out = labels;
	return 0;
}

void relabel_count(struct relabel *r, const struct sdg_stored *stored,
		   const struct sdg_labels *now)
{
	r->seen++;
	r->by_person += stored->by_person;
	r->erased += stored->erased && !stored->by_person;
	if (now)
		count_move(r, stored, now);
}

bool relabel_differs(const struct relabel *r, const struct sdg_stored *stored,
		     const struct sdg_labels *now)
{
	const struct sdg_labels *was = &stored->labels;
	bool differs = now->kind != was->kind || now->region != was->region ||
		       now->authority != was->authority ||
		       now->role != was->role || now->phases != was->phases ||
		       now->stance != was->stance ||
		       now->theme_count != was->theme_count;

	for (int i = 0; !differs && i < now->theme_count; i++)
		differs = r->numbers[now->themes[i]] != was->themes[i];
	return differs;
}

/* --------------------------------------------------------------- on paper */

struct at {
	uint32_t from, to, count;
};

static int most_first(const void *a, const void *b)
{
	const struct at *x = a, *y = b;

	if (x->count != y->count)
		return x->count < y->count ? 1 : -1;
	return x->from != y->from ? (x->from < y->from ? -1 : 1)
				  : (x->to < y->to ? -1 : 1);
}

static size_t list_moves(const struct relabel *r, struct at *list)
{
	size_t n = 0;

	for (uint32_t from = 0; from < SDG_STORE_THEMES; from++)
		for (uint32_t to = 0; to <= SDG_FRAME_MAX; to++)
			if (r->moves[from][to].count)
				list[n++] =
				    (struct at){ from, to,
						 r->moves[from][to].count };
	qsort(list, n, sizeof(*list), most_first);
	return n;
}

struct grid *relabel_grid(const struct relabel *r)
{
	struct at *list = xcalloc(
	    (size_t)SDG_STORE_THEMES * (SDG_FRAME_MAX + 1), sizeof(*list));
	struct grid *grid = grid_new("Main themes that move");
	size_t n = list_moves(r, list);
	char id[2 * SDG_EVENT_ID_SIZE + 1];

	grid_column(grid, "from", "from", false);
	grid_column(grid, "to", "to", false);
	grid_column(grid, "messages", "messages", true);
	grid_column(grid, "example", "one of them", false);
	if (r->words)
		grid_truncate(grid,
			      grid_column(grid, "words", "it begins", false));
	for (size_t i = 0; i < n; i++) {
		const struct relabel_move *move =
		    &r->moves[list[i].from][list[i].to];
		struct cell *row = grid_row(grid);

		cell_text(&row[0],
			  list[i].from
			      ? sdg_store_theme_id(r->store, list[i].from)
			      : "none",
			  NULL);
		cell_text(&row[1],
			  list[i].to ? sdg_classifier_theme_id(r->classifier,
							       list[i].to - 1)
				     : "none",
			  NULL);
		cell_count(&row[2], list[i].count);
		id_hex(move->examples[0], SDG_EVENT_ID_SIZE, id);
		cell_text(&row[3], id, NULL);
		if (r->words)
			cell_str(&row[4], sdg_str(move->words));
	}
	free(list);
	return grid;
}

/* Up to three of each move, by their ids. */
static json_t *examples_json(const struct relabel *r)
{
	struct at *list = xcalloc(
	    (size_t)SDG_STORE_THEMES * (SDG_FRAME_MAX + 1), sizeof(*list));
	size_t n = list_moves(r, list);
	char id[2 * SDG_EVENT_ID_SIZE + 1];
	json_t *all = json_array();

	for (size_t i = 0; i < n; i++) {
		const struct relabel_move *move =
		    &r->moves[list[i].from][list[i].to];
		json_t *ids = json_array();

		for (uint32_t k = 0; k < move->count && k < RELABEL_EXAMPLES;
		     k++) {
			id_hex(move->examples[k], SDG_EVENT_ID_SIZE, id);
			json_array_append_new(ids, json_string(id));
		}
		json_array_append_new(all, ids);
	}
	free(list);
	return all;
}

void relabel_json(const struct relabel *r, json_t *envelope)
{
	const struct {
		const char *key;
		size_t n;
	} counts[] = {
		{ "seen", r->seen },           { "moved", r->moved },
		{ "also", r->also },           { "kind", r->kind },
		{ "stance", r->stance },       { "region", r->region },
		{ "by_person", r->by_person }, { "erased", r->erased },
	};

	for (size_t i = 0; i < sizeof(counts) / sizeof(*counts); i++)
		json_object_set_new(envelope, counts[i].key,
				    json_integer((json_int_t)counts[i].n));
	json_object_set_new(envelope, "examples", examples_json(r));
}
