/*
 * levels: figures of people by region, judged together with what groups of
 * regions would show of them.
 *
 * A page may have regions or groups of them, a report has regions; whoever has
 * both can take the ones from the others. So each of them has all levels
 * audited (disclosure.h), from the same counts, and shows its own: what is
 * hidden does not depend on which is asked for, or whether the other ever was.
 */
#ifndef CLI_LEVELS_H
#define CLI_LEVELS_H

#include <soundings/disclosure.h>
#include <soundings/labels.h>

enum {
	LEVELS_REGIONS = SDG_REGION_COUNT - 1, /* a row each, in order */
	LEVELS_GROUPS = 4,                     /* of several regions each */
	LEVELS_ROWS = LEVELS_REGIONS + LEVELS_GROUPS,
};

/* Columns that do not add up, as themes, and one of all: (LEVELS_ROWS + 1) x
 * (cols + 1), the regions, the groups, and the total. */
struct levels {
	size_t cols;
	uint64_t *counts; /* of the regions; the rest follows */
	enum sdg_cell *cells;
	uint32_t asked;    /* elsewhere a nought is known to be one */
	bool totals_stand; /* disclosure.h */
};

static inline size_t levels_at(const struct levels *l, size_t row, size_t col)
{
	return row * (l->cols + 1) + col;
}

void levels_init(struct levels *l, size_t cols);
void levels_fini(struct levels *l);

/** levels_group - the regions of group @index */
uint32_t levels_group(size_t index);
/** levels_disclose - hide what has to be; nothing is shown again */
int levels_disclose(const struct sdg_policy *policy, struct levels *l,
		    struct sdg_error *err);

#endif
