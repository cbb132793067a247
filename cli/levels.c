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

/* What is audited: the rows of one page, or of all levels. */
enum pages { PAGE_REGIONS, PAGE_GROUPS, PAGE_BOTH };

static bool is_on(size_t row, enum pages pages)
{
	if (pages == PAGE_BOTH || row == LEVELS_ROWS)
		return true;
	if (pages == PAGE_REGIONS)
		return row < LEVELS_REGIONS;
	return within(row) == LEVELS_ROWS;
}

/* A table of it, and what its figures are here. */
struct sheet {
	struct sdg_table table;
	size_t in[LEVELS_ROWS], rows[LEVELS_ROWS + 1];
	uint64_t *counts;
	enum sdg_cell *cells;
	bool *blanks;
	size_t *of;
};

static void sheet_init(struct sheet *s, const struct levels *l,
		       enum pages pages, bool all)
{
	/* A table has at least two columns: that of all people twice. */
	size_t cols = all ? 1 : l->cols, w = cols + 1, rows = 0, n;

	for (size_t row = 0; row <= LEVELS_ROWS; row++)
		if (is_on(row, pages))
			s->rows[rows++] = row;
	n = rows-- * w;
	s->counts = xcalloc(n, sizeof(*s->counts));
	s->cells = xcalloc(n, sizeof(*s->cells));
	s->blanks = xcalloc(n, sizeof(*s->blanks));
	s->of = xcalloc(n, sizeof(*s->of));
	for (size_t i = 0; i < n; i++) {
		size_t row = s->rows[i / w], col = all ? l->cols : i % w;

		s->of[i] = levels_at(l, row, col);
		s->counts[i] = l->counts[s->of[i]];
		s->cells[i] = l->cells[s->of[i]];
		s->blanks[i] =
		    row < LEVELS_ROWS && may_be_blank(l, row, col == l->cols);
	}
	for (size_t i = 0; i < rows; i++)
		s->in[i] = pages == PAGE_BOTH ? within(s->rows[i]) : rows;
	s->table = (struct sdg_table){ .rows = rows,
				       .cols = cols,
				       .counts = s->counts,
				       .rows_add = true,
				       .totals_stand = l->totals_stand,
				       .may_be_small = pages == PAGE_BOTH,
				       .within = s->in,
				       .blanks = s->blanks };
}

static int audit(const struct sdg_policy *policy, struct levels *l,
		 enum pages pages, bool all, bool *changed,
		 struct sdg_error *err)
{
	struct sheet s;
	size_t n;
	int rc;

	sheet_init(&s, l, pages, all);
	n = (s.table.rows + 1) * (s.table.cols + 1);
	rc = sdg_disclose(policy, &s.table, s.cells, err);
	for (size_t i = 0; rc == 0 && i < n; i++) {
		if (l->cells[s.of[i]] != SDG_CELL_SHOWN ||
		    s.cells[i] == SDG_CELL_SHOWN)
			continue;
		l->cells[s.of[i]] = s.cells[i];
		*changed = true;
	}
	free(s.counts);
	free(s.cells);
	free(s.blanks);
	free(s.of);
	return rc;
}

/* Each page by itself, then what both tell together, until nothing is told. */
static int audit_all(const struct sdg_policy *policy, struct levels *l,
		     bool all, struct sdg_error *err)
{
	bool changed = true;
	int rc = 0;

	while (rc == 0 && changed) {
		changed = false;
		for (int pages = PAGE_REGIONS; rc == 0 && pages <= PAGE_BOTH;
		     pages++)
			rc = audit(policy, l, (enum pages)pages, all, &changed,
				   err);
	}
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
	rc = audit_all(policy, l, true, err);
	if (rc < 0 || l->cols == 0)
		return rc;
	blank_rows(l);
	return audit_all(policy, l, false, err);
}
