/*
 * emerging: which words and pairs more people used than before.
 */
#ifndef CLI_EMERGING_H
#define CLI_EMERGING_H

#include "alike.h"
#include "cli.h"
#include "map.h"
#include "terms.h"

#define EMERGING_FALSE_DISCOVERIES 0.05

struct term {
	uint64_t key; /* of theme and term */
	uint32_t theme;
	uint32_t now, before; /* people */
	uint32_t last;        /* who was last counted, as a run */
	uint32_t first;       /* the oldest piece that used it now */
};

/* A term that stands: what its words are, and where it was first used. */
struct shown {
	const struct term *term;
	uint64_t head, tail; /* keys of its words; tail 0: a word alone */
	double g2;
	char *text;
	char id[2 * SDG_EVENT_ID_SIZE + 1];
	bool dropped;
};

struct use;

struct emerging {
	size_t top, least;
	bool as_sent;
	struct sdg_store *store;
	struct term_finder *finders[SDG_HANDS_MAX];
	int32_t first, middle, past; /* before: first to middle */
	_Atomic uint8_t *maybe;
	struct use *uses;
	size_t use_count, use_cap;
	struct sketch *sketches; /* of the uses that are drawn */
	size_t sketch_count, sketch_cap;
	size_t campaigns, in_campaigns; /* they, and their messages */
	size_t at;                      /* the use that is named next */
	struct map index;               /* key → a: candidate + 1 */
	struct term *terms;
	size_t count, cap;
	struct shown *shown;
	size_t shown_count;
	uint32_t heard[256][2]; /* people by theme; 0: now, 1: before */
	uint32_t heard_last[256];
	size_t tested;
	struct sdg_span spans[256]; /* by theme, when it was looked for */
};

/** emerging_has_before - was @theme looked for in the period before? If not
 *  there is nothing to hold it against, and none of its words is listed */
static inline bool emerging_has_before(const struct emerging *e, uint32_t theme)
{
	struct sdg_span span = e->spans[theme];

	return span.since < e->middle && (!span.until || span.until > e->first);
}

/**
 * emerging_find - fill e->shown, the strongest first, dropped ones last
 *
 * Of @e store, top, least, as_sent and the periods are set; @filter covers
 * both periods.
 */
int emerging_find(struct emerging *e, const struct sdg_filter *filter,
		  struct sdg_error *err);
void emerging_fini(struct emerging *e);

#endif
