/*
 * levels: the tables behind them, for the audit.
 *
 * First the column of all people: a region in which nobody was heard may have
 * its nought hidden there, and then has none shown in any column. Then the
 * others: where nobody was heard at all a nought is known.
 */
#include "levels.h"

#include "publish.h"

#include <stdlib.h>
#include <string.h>

#define REGION_BIT(row) (UINT32_C(1) << ((row) + 1))

void levels_init(struct levels *l, size_t cols)
{
	size_t n = (LEVELS_ROWS + 1) * (cols + 1);

	*l = (struct levels){ .cols = cols, .asked = ~UINT32_C(0) };
	l->counts = xcalloc(n, sizeof(*l->counts));
	l->cells = xcalloc(n, sizeof(*l->cells));
}

void levels_fini(struct levels *l)
{
	free(l->counts);
	free(l->cells);
}

uint32_t levels_group(size_t index)
{
	uint32_t regions = 0;

	publication_group(index, &regions);
	return regions;
}

/* The row that @row is a part of. */
static size_t within(size_t row)
{
	for (size_t g = 0; row < LEVELS_REGIONS && g < LEVELS_GROUPS; g++)
		if (levels_group(g) & REGION_BIT(row))
			return LEVELS_REGIONS + g;
	return LEVELS_ROWS;
}

static bool covers(size_t row, size_t region)
{
	return row == region || row == LEVELS_ROWS || within(region) == row;
}

static void add_up(struct levels *l)
{
	for (size_t row = LEVELS_REGIONS; row <= LEVELS_ROWS; row++)
		for (size_t col = 0; col <= l->cols; col++) {
			uint64_t sum = 0;

			for (size_t r = 0; r < LEVELS_REGIONS; r++)
				if (covers(row, r))
					sum += l->counts[levels_at(l, r, col)];
			l->counts[levels_at(l, row, col)] = sum;
		}
}

/* May a nought of @region be hidden? */
static bool may_hide(const struct levels *l, size_t region, bool all)
{
	size_t any = levels_at(l, region, l->cols);

	return l->asked & REGION_BIT(region) &&
	       (all || l->counts[any] || l->cells[any] != SDG_CELL_SHOWN);
}

/* Of @row: is there a region of it whose nought may be hidden? */
static bool may_be_blank(const struct levels *l, size_t row, bool all)
{
	for (size_t r = 0; r < LEVELS_REGIONS; r++)
		if (covers(row, r) && may_hide(l, r, all))
			return true;
	return false;
}

/* The columns from @first on, in a table of at least two; all: that of all
 * people, alone and once more. */
static int audit(const struct sdg_policy *policy, struct levels *l, bool all,
		 struct sdg_error *err)
{
	size_t in[LEVELS_ROWS], cols = all ? 1 : l->cols, w = cols + 1;
	size_t n = (LEVELS_ROWS + 1) * w;
	uint64_t *counts = xcalloc(n, sizeof(*counts));
	enum sdg_cell *cells = xcalloc(n, sizeof(*cells));
	bool *blanks = xcalloc(n, sizeof(*blanks));
	const struct sdg_table table = { .rows = LEVELS_ROWS,
					 .cols = cols,
					 .counts = counts,
					 .rows_add = true,
					 .totals_stand = l->totals_stand,
					 .within = in,
					 .blanks = blanks };
	int rc;

	for (size_t i = 0; i < n; i++) {
		size_t row = i / w;
		size_t of = levels_at(l, row, all ? l->cols : i % w);

		counts[i] = l->counts[of];
		cells[i] = l->cells[of];
		blanks[i] = row < LEVELS_ROWS &&
			    may_be_blank(l, row, all || i % w == cols);
		if (row < LEVELS_ROWS)
			in[row] = within(row);
	}
	rc = sdg_disclose(policy, &table, cells, err);
	for (size_t i = 0; rc == 0 && i < n; i++) {
		size_t of = levels_at(l, i / w, all ? l->cols : i % w);

		if (l->cells[of] == SDG_CELL_SHOWN)
			l->cells[of] = cells[i];
	}
	free(counts);
	free(cells);
	free(blanks);
	return rc;
}

/* Who shows that nobody was heard about anything shows that nobody was. */
static void blank_rows(struct levels *l)
{
	for (size_t row = 0; row < LEVELS_ROWS; row++) {
		size_t any = levels_at(l, row, l->cols);

		if (l->counts[any] || l->cells[any] == SDG_CELL_SHOWN)
			continue;
		for (size_t col = 0; col < l->cols; col++)
			l->cells[levels_at(l, row, col)] = SDG_CELL_OTHER;
	}
}

int levels_disclose(const struct sdg_policy *policy, struct levels *l,
		    struct sdg_error *err)
{
	int rc;

	add_up(l);
	rc = audit(policy, l, true, err);
	if (rc < 0 || l->cols == 0)
		return rc;
	blank_rows(l);
	return audit(policy, l, false, err);
}
