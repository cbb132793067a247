/*
 * publish_asking: what the parts that fill a publication share.
 */
#ifndef CLI_PUBLISH_ASKING_H
#define CLI_PUBLISH_ASKING_H

#include "publish.h"

struct asking {
	struct sdg_store *store;
	const struct publication_question *question;
	struct publication *p;
	struct sdg_classifier *classifier; /* for the themes' names */
	uint32_t theme_keys[CLI_THEMES_MAX];
	size_t theme_count; /* columns of their own */
	uint64_t folded[4]; /* themes of the last column, as a filter */
	size_t folded_count;
	struct sdg_error *err;
};

/** publication_people - those a publication counts */
static inline uint64_t publication_people(const struct asking *a,
					  const struct sdg_measures *m)
{
	return a->p->members ? m->members : m->respondents;
}

/** publication_query - @query of the store; an error of it is a's */
int publication_query(struct asking *a, const struct sdg_query *query,
		      struct sdg_result *result);

/** publication_moves - themes that rise or fall by more than noise */
int publication_moves(struct asking *a);

#endif
