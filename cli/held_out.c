/*
 * held_out: two frames against the same labels.
 */
#include "held_out.h"

#include <stdlib.h>
#include <string.h>

#include "corpus.h"
#include "frame.h"

#define FIFTH 5

bool held_out_is(struct sdg_str id)
{
	uint64_t hash = 0xcbf29ce484222325u; /* FNV-1a */

	for (size_t i = 0; i < id.len; i++)
		hash = (hash ^ (unsigned char)id.s[i]) * 0x100000001b3u;
	return id.len && (hash ^ hash >> 32) % FIFTH == 0;
}

bool held_out_is_line(const json_t *line)
{
	const json_t *id = json_object_get(line, "id");
	char number[24];

	if (!json_is_integer(id))
		return json_is_string(id) &&
		       held_out_is(sdg_str(json_string_value(id)));
	snprintf(number, sizeof(number), "%lld",
		 (long long)json_integer_value(id));
	return held_out_is(sdg_str(number));
}

bool held_out_is_piece(const uint8_t id[SDG_EVENT_ID_SIZE])
{
	return id[SDG_EVENT_ID_SIZE - 1] % FIFTH == 0; /* a keyed hash */
}

static int open_side(struct held_out_side *side, const struct frame_ref *ref,
		     struct sdg_error *err)
{
	int rc = frames_open(ref, &side->classifier, err);

	return rc < 0 ? rc : sdg_frame_read(ref->dir, &side->frame, err);
}

int held_out_open(struct held_out *h, const struct frame_ref *now,
		  const struct frame_ref *then, struct sdg_error *err)
{
	int rc;

	*h = (struct held_out){ 0 };
	rc = open_side(&h->now, now, err);
	return rc < 0 ? rc : open_side(&h->then, then, err);
}

void held_out_fini(struct held_out *h)
{
	sdg_classifier_close(h->now.classifier);
	sdg_classifier_close(h->then.classifier);
	sdg_frame_free(h->now.frame);
	sdg_frame_free(h->then.frame);
}

/* Labels by position in a frame. */
struct given {
	int main; /* negative: sdg_frame_theme() */
	uint64_t set;
};

static struct given in_frame(const struct sdg_frame *frame,
			     const struct sdg_str *ids, size_t n)
{
	struct given given = { .main = -1 };

	for (size_t i = 0; i < n; i++) {
		char id[64];
		int theme;

		snprintf(id, sizeof(id), "%.*s", SDG_STR_ARG(ids[i]));
		theme = sdg_frame_theme(frame, id);
		if (i == 0)
			given.main = theme;
		if (theme >= 0)
			given.set |= UINT64_C(1) << theme;
	}
	return given;
}

static uint32_t bits(uint64_t set)
{
	return (uint32_t)__builtin_popcountll(set);
}

struct found {
	int main; /* position, or -1 */
	uint64_t set;
};

static struct found find(struct held_out_side *side,
			 const struct sdg_feedback *fb)
{
	struct found found = { .main = -1 };
	struct sdg_labels labels;

	sdg_classify(side->classifier, fb, NULL, &labels, NULL);
	if (labels.theme_count)
		found.main = labels.themes[0];
	for (int i = 0; i < labels.theme_count; i++)
		found.set |= UINT64_C(1) << labels.themes[i];
	return found;
}

static void judge(struct held_out_side *side, struct found found,
		  struct given given)
{
	share_count(&side->main, found.main == given.main);
	side->hits += bits(found.set & given.set);
	side->wrong += bits(found.set & ~given.set);
	side->missed += bits(given.set & ~found.set);
}

/* A theme of the second frame that the first has not. */
static bool is_new(const struct held_out *h, int theme)
{
	return theme >= 0 &&
	       sdg_frame_theme(h->now.frame, h->then.frame->themes[theme].id) ==
		   -1;
}

/* What a person said of a piece; @held: it is one of those held out. */
static void count(struct held_out *h, const struct sdg_feedback *fb,
		  const struct sdg_str *ids, size_t n, bool held)
{
	struct given now = in_frame(h->now.frame, ids, n);
	struct given then = in_frame(h->then.frame, ids, n);
	struct found found;

	h->labelled++;
	h->vanishing += then.main < 0 && now.main >= 0;
	if (!held)
		return;
	h->pieces++;
	if (sdg_classifier_taught(h->now.classifier, fb) ||
	    sdg_classifier_taught(h->then.classifier, fb)) {
		h->taught++;
		return;
	}
	found = find(&h->then, fb);
	if (then.main < 0) {
		h->of_gone++; /* nobody can be right about it any more */
	} else if (now.main < 0 || is_new(h, found.main)) {
		/* Whoever labelled it may not have known the theme. */
		h->of_new++;
		share_count(&h->then.of_new, found.main == then.main);
	} else {
		judge(&h->now, find(&h->now, fb), now);
		judge(&h->then, found, then);
	}
}

int held_out_stored(struct held_out *h, struct sdg_store *store,
		    const struct sdg_stored *stored, struct sdg_error *err)
{
	const struct sdg_labels *labels = &stored->labels;
	struct sdg_str ids[SDG_THEMES_MAX];

	(void)err;
	if (!stored->by_person || stored->erased || !labels->theme_count)
		return 0;
	for (int i = 0; i < labels->theme_count; i++)
		ids[i] = sdg_str(sdg_store_theme_id(store, labels->themes[i]));
	count(h, &stored->fb, ids, labels->theme_count,
	      held_out_is_piece(stored->id));
	return 0;
}

static int take_line(void *arg, const struct sdg_corpus *piece,
		     struct sdg_error *err)
{
	(void)err;
	if (piece->labelled && piece->theme_count)
		count(arg, &piece->fb, piece->themes, piece->theme_count,
		      held_out_is_line(piece->json));
	return 0;
}

int held_out_file(struct held_out *h, const char *path, struct sdg_error *err)
{
	return sdg_corpus_read(path, take_line, h, err);
}

void held_out_finish(struct held_out *h)
{
	share_finish(&h->now.main);
	share_finish(&h->then.main);
	share_finish(&h->then.of_new);
}

double held_out_f1(const struct held_out_side *side)
{
	double all = 2.0 * side->hits + side->wrong + side->missed;

	return all > 0 ? 2.0 * side->hits / all : 0;
}

bool held_out_fell(const struct held_out *h)
{
	if (h->then.main.right != h->now.main.right)
		return h->then.main.right < h->now.main.right;
	return held_out_f1(&h->then) < held_out_f1(&h->now);
}
