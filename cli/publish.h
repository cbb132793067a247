/*
 * publish: what may leave the house, as one page, CSV and Excel.
 *
 * A publication is asked of the store, put through the disclosure policy
 * once, and only then written; every format writes the same figures. No
 * exact count is in it after publication_hide() and publication_round().
 */
#ifndef CLI_PUBLISH_H
#define CLI_PUBLISH_H

#include "cli.h"
#include "levels.h"

#include <soundings/disclosure.h>

/* One way of a table: what its rows, or its columns, are. */
struct pub_axis {
	size_t n;
	const char *title; /* "Region" */
	char **ids;
	char **labels;
	char **shorts;     /* headings of few letters; may equal labels */
	uint32_t *regions; /* for regions: the set each stands for, else NULL */
	bool *not_asked;   /* for regions: the consultation did not ask there */
	/* For themes: "from 2015-03-01" where one was looked for in part of
	 * the time only, else NULL. */
	char **measured;
};

/* Distinct people by two ways, with margins (disclosure.h has the shape). */
struct pub_table {
	const char *id, *title;
	struct pub_axis rows, cols;
	uint64_t *counts; /* exact until disclosed, then as published */
	enum sdg_cell *cells;
	bool rows_add; /* what is one person's stands in one row */
};

struct pub_quote {
	char *text, *theme, *region, *id, *theme_id;
	uint32_t region_bit;
};

struct pub_decision {
	char *theme, *region, *text, *date;
};

/* A theme that moved by more than noise over the months. */
struct pub_move {
	char *theme;
	size_t column; /* of it */
	bool rising;
};

struct publication {
	const struct sdg_policy *policy;
	char *title, *period, *consultation;
	char *made;              /* day it was made, ISO */
	bool members;            /* counts are members, else respondents */
	bool grouped;            /* regions are in groups: no map of them */
	bool not_asked;          /* in some of the regions */
	struct pub_table themes; /* region x theme */
	/* The same by regions and by groups of them, whichever the page has:
	 * both are judged. */
	struct levels levels;
	struct pub_table stances;            /* theme x stance */
	struct pub_table sources;            /* source x nothing: one column */
	struct pub_table months;             /* month x nothing */
	uint64_t people, messages, reported; /* as published once disclosed */
	bool people_hidden, messages_hidden, reported_hidden;
	uint64_t automatic, not_feedback, duplicates, quarantined;
	uint64_t counted, erased, replaced; /* exact, for the record only */
	uint32_t frame_version;
	/* How often labels were right on labelled texts; 0: not measured. */
	uint32_t measured_texts, main_theme_right, stance_right;
	double themes_f1;
	struct pub_quote *quotes;
	size_t quote_count;
	struct pub_move *moves;
	size_t move_count;
	uint32_t frozen;  /* months too old for some of the tables */
	char *unmeasured; /* themes measured in part of the time, or "" */
	struct pub_decision *decisions;
	size_t decision_count;
	double hidden_share; /* of the figures that are not nothing */
};

/** publication_tables - all of them, for what is done to each */
#define PUB_TABLES 4
void publication_tables(struct publication *p,
			struct pub_table *tables[PUB_TABLES]);

#define PUB_MARK "[c]"      /* how a hidden figure is shown */
#define PUB_NOT_ASKED "[z]" /* in place of a nought where nobody was asked */
#define PUB_FOLDED "other-themes" /* the column of those that have none */

static inline size_t pub_at(const struct pub_table *t, size_t row, size_t col)
{
	return row * (t->cols.n + 1) + col;
}

struct publication_question {
	struct sdg_filter filter;
	const struct sdg_policy *policy;
	const char *title;
	const char *period;
	bool coarse_regions; /* three groups, nations, unknown */
	size_t themes_top;   /* fold the rest into one; 0: all */
};

/** publication_ask - exact, from the store; free with publication_free() */
int publication_ask(struct sdg_store *store, const struct sdg_home *home,
		    const struct publication_question *question,
		    struct publication **out, struct sdg_error *err);
/** publication_group - the id of a group and the regions it stands for, one
 *  by one, then NULL */
const char *publication_group(size_t index, uint32_t *regions);
/** publication_add_words - approved quotes and decisions, into @p */
int publication_add_words(struct publication *p, struct sdg_store *store,
			  const struct sdg_home *home,
			  const struct sdg_filter *filter,
			  const struct sdg_classifier *classifier,
			  struct sdg_error *err);
/** publication_theme - the name of the theme @id, or @id; borrowed */
const char *publication_theme(const struct sdg_classifier *classifier,
			      const char *id);
/** publication_hide - decide which figures are hidden; counts stay exact */
int publication_hide(struct publication *p, struct sdg_error *err);
/** publication_round - what is left as the policy publishes it; after this
 *  no exact count is in @p */
void publication_round(struct publication *p);
void publication_free(struct publication *p);

/** pub_grid - a disclosed table for CSV and Excel: a row a combination */
struct grid *pub_grid(const struct publication *p, const struct pub_table *t);
/** pub_not_asked - a nought that says nothing */
bool pub_not_asked(const struct pub_table *t, size_t index);
/** pub_number - "1,235" */
const char *pub_number(uint64_t number, char out[32]);
/** pub_figure - a disclosed figure in words: "1,235", "0", "[c]", "[z]" */
const char *pub_figure(const struct pub_table *t, size_t index, char out[32]);

/** publish_html - the page; the caller frees *out */
int publish_html(const struct publication *p, char **out, size_t *len,
		 struct sdg_error *err);

/** publish_style - the page's style sheet */
extern const char publish_style[];

/* Pictures inside the page: SVG with text alternatives. */
void svg_map(FILE *out, const struct publication *p);
void svg_months(FILE *out, const struct publication *p);
/** svg_bars - a table's totals by row, or by column, the greatest first */
void svg_bars(FILE *out, const struct pub_table *t, bool by_column,
	      const char *label);
/** ranked_columns - the columns of @t by their totals: the greatest first,
 *  hidden ones behind those shown, nothing last */
void ranked_columns(const struct pub_table *t, size_t order[]);
/** heat_step - 0 (nothing) to 5 (the most) for a figure */
int heat_step(const struct pub_table *t, size_t index, uint64_t most);

#endif
