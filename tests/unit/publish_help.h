/*
 * What the tests of publishing share: a store full of made-up people, and
 * what is asked of it.
 */
#ifndef PUBLISH_HELP_H
#define PUBLISH_HELP_H

#include "store_help.h"

#include "../../cli/releases.h"
#include "../tools/default_frame.h"

enum { THEMES = DEFAULT_FRAME_COUNT, BATCH = 256, FIRST_DAY = 16450 };

/* Each test sets its own: none leans on what ran before it. */
static unsigned seed;

static unsigned roll(unsigned sides)
{
	seed = seed * 1664525u + 1013904223u;
	return (seed >> 16) % sides;
}

/* The sum of two dice favours the middle: some figures large, some small. */
static unsigned lean(unsigned sides)
{
	return (roll(sides) + roll(sides)) / 2;
}

/* @count pieces, from @day on, in 90 days. */
static void fill_from(struct help *h, unsigned first, unsigned count, int day)
{
	struct piece_of *pieces = calloc(BATCH, sizeof(*pieces));

	/* so that the page shows the names of themes */
	assert_int_equal(
	    sdg_store_use_frame(h->store, DEFAULT_FRAME, THEMES, 1, &h->err),
	    0);
	for (unsigned n = 0; n < count;) {
		size_t m = 0;

		for (; m < BATCH && n < count; m++, n++) {
			struct piece_of *p = &pieces[m];
			unsigned member = 1 + roll(count);
			int main_theme;

			help_mail(p, first + n, member, day + (int)lean(90));
			p->item.labels.region = (enum sdg_region)(
			    1 + (member % 11 < 9 ? member % 11 : 9 + roll(5)));
			p->item.labels.stance = (enum sdg_stance)roll(4);
			main_theme = (int)lean(THEMES);
			help_themes(p, 1 + (int)roll(3), main_theme,
				    (main_theme + 3) % THEMES,
				    (main_theme + 1 + (int)roll(2)) % THEMES);
		}
		help_apply(h, pieces, m);
	}
	free(pieces);
}

static inline void fill(struct help *h, unsigned first, unsigned count)
{
	fill_from(h, first, count, FIRST_DAY);
}

/* @count people who wrote once each, somewhere. */
static inline void crowd(struct help *h, unsigned first, unsigned count)
{
	struct piece_of *pieces = calloc(count, sizeof(*pieces));

	assert_int_equal(
	    sdg_store_use_frame(h->store, DEFAULT_FRAME, THEMES, 1, &h->err),
	    0);
	for (unsigned n = 0; n < count; n++) {
		struct piece_of *p = &pieces[n];
		int theme = (int)lean(THEMES);

		help_mail(p, first + n, first + n + 1,
			  FIRST_DAY + (int)lean(90));
		p->fb.source = roll(3) ? SDG_SOURCE_MAIL : SDG_SOURCE_SURVEY;
		p->item.labels.region = (enum sdg_region)(1 + lean(14));
		p->item.labels.stance = (enum sdg_stance)roll(4);
		help_themes(p, 1 + (int)roll(2), theme, (theme + 3) % THEMES,
			    0);
	}
	help_apply(h, pieces, count);
	free(pieces);
}

static inline struct publication_question
question(const struct sdg_policy *policy)
{
	return (struct publication_question){
		.policy = policy,
		.title = "What members told us",
		.period = "January to March 2015",
	};
}

static inline struct publication *ask(struct help *h,
				      const struct publication_question *q)
{
	struct publication *p = NULL;

	if (publication_ask(h->store, &h->home, q, &p, &h->err) < 0)
		fail_msg("ask: %s", h->err.message);
	return p;
}

#endif
