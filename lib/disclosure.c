/*
 * disclosure: suppression of table cells, audited by maximum flow
 * (disclosure_flow.h). What is narrow is made wider by hiding the cheapest
 * figures that give it room, until nothing is.
 */
#include "disclosure_flow.h"

#include <stdlib.h>
#include <string.h>

static const struct sdg_policy policies[] = {
	{ "ons-10-5",
	  "Counts of members under 10 are hidden and the rest rounded to the "
	  "nearest 5 (the ONS 10-5 rule).",
	  10, 5, 25 },
	{ "ofqual-5",
	  "Counts of members under 5 are hidden and the rest rounded to the "
	  "nearest 5 (as Ofqual rounds).",
	  5, 5, 25 },
	{ "hesa",
	  "Counts of members under 3 are hidden, the rest rounded to the "
	  "nearest 5, and percentages of fewer than 23 members left out (after "
	  "HESA's rounding).",
	  3, 5, 23 },
};

const struct sdg_policy *sdg_policy_at(size_t index)
{
	return index < sizeof(policies) / sizeof(policies[0]) ? &policies[index]
							      : NULL;
}

const struct sdg_policy *sdg_policy_find(const char *id)
{
	const struct sdg_policy *policy;

	for (size_t i = 0; (policy = sdg_policy_at(i)); i++)
		if (strcmp(policy->id, id) == 0)
			return policy;
	return NULL;
}

uint64_t sdg_policy_round(const struct sdg_policy *policy, uint64_t count)
{
	uint64_t to = policy->round_to ? policy->round_to : 1;

	return (count + to / 2) / to * to;
}

int sdg_disclosure_interval(const struct sdg_table *table,
			    const enum sdg_cell *cells, size_t index,
			    uint64_t *least, uint64_t *most,
			    struct sdg_error *err)
{
	struct flow flow;
	int rc = flow_init(&flow, table, cells, err);

	if (rc == 0)
		flow_interval(&flow, index, least, most);
	flow_fini(&flow);
	return rc;
}

/* ----------------------------------------------------------- suppression */

static int check(const struct sdg_table *table, struct sdg_error *err)
{
	size_t w = table_width(table);

	if (!table->rows || !table->cols)
		return sdg_fail(err, SDG_EINVAL, "a table without cells");
	for (size_t at = 0; table->rows_add && at < table_figures(table);
	     at++) {
		size_t whole = at / w, col = at % w;
		uint64_t sum = 0;

		if (whole < table->rows && !table_has_parts(table, whole))
			continue;
		for (size_t row = 0; row < table->rows; row++)
			if (table_within(table, row) == whole)
				sum += table->counts[row * w + col];
		if (sum != table->counts[at])
			return sdg_fail(err, SDG_EINVAL,
					"column %zu does not add up", col);
	}
	for (size_t row = 0; table->cols_add && row <= table->rows; row++) {
		uint64_t sum = 0;

		for (size_t col = 0; col < table->cols; col++)
			sum += table->counts[row * w + col];
		if (sum != table->counts[row * w + table->cols])
			return sdg_fail(err, SDG_EINVAL,
					"row %zu does not add up", row);
	}
	return 0;
}

/* How much is told by a figure: a cell, a row of several, a total. */
enum rank { RANK_CELL, RANK_GROUP, RANK_TOTAL };

struct suppression {
	const struct sdg_policy *policy;
	const struct sdg_table *table;
	enum sdg_cell *cells;
	struct flow flow;
	size_t *path;
	enum rank highest; /* what may be hidden now */
};

static enum rank rank_of(const struct sdg_table *table, size_t index)
{
	size_t row = index / table_width(table);
	size_t col = index % table_width(table);

	if ((table->rows_add && row == table->rows) ||
	    (table->cols_add && col == table->cols))
		return RANK_TOTAL;
	return row < table->rows && table_has_parts(table, row) ? RANK_GROUP
								: RANK_CELL;
}

/* What hiding it loses; margins are worth more than cells. */
static uint64_t cost_of(const void *arg, size_t index)
{
	const struct suppression *s = arg;
	const struct sdg_table *table = s->table;
	enum rank rank = rank_of(table, index);
	uint64_t weight = rank == RANK_GROUP ? 8 : 1;

	if (s->cells[index] != SDG_CELL_SHOWN)
		return 0;
	if (table->counts[index] == 0 || rank > s->highest ||
	    (rank == RANK_TOTAL && table->totals_stand))
		return UINT64_MAX;
	if (index / table_width(table) == table->rows)
		weight *= 64;
	if (index % table_width(table) == table->cols)
		weight *= 64;
	return weight * (table->counts[index] + 1);
}

static bool hide(struct suppression *s, size_t index)
{
	if (s->cells[index] != SDG_CELL_SHOWN)
		return false;
	s->cells[index] = SDG_CELL_OTHER;
	return true;
}

static bool is_blank(const struct suppression *s, size_t index)
{
	return s->table->blanks && s->table->blanks[index] &&
	       s->table->counts[index] == 0;
}

/* A nought, and where it is of several rows theirs: else they would tell. */
static bool blank(struct suppression *s, size_t index)
{
	size_t w = table_width(s->table), row = index / w;
	bool changed = is_blank(s, index) && hide(s, index);

	for (size_t r = 0; changed && s->table->within && r < s->table->rows;
	     r++)
		if (s->table->within[r] == row)
			blank(s, r * w + index % w);
	return changed;
}

static bool blank_line(struct suppression *s, size_t index)
{
	bool changed = false;

	for (size_t i = 0; s->table->blanks && i < s->flow.figures; i++)
		if (table_beside(s->table, index, i))
			changed |= blank(s, i);
	return changed;
}

static bool hide_path(struct suppression *s, size_t index, enum rank highest)
{
	size_t n;

	s->highest = highest;
	n = flow_path(&s->flow, index, cost_of, s, s->path);
	for (size_t i = 0; i < n; i++)
		hide(s, s->path[i]);
	return n > 0;
}

/* When nothing else gives room: hide every figure of the table that may be. */
static bool hide_all(struct suppression *s)
{
	bool changed = false;

	for (size_t i = 0; i < s->flow.figures; i++)
		changed |= s->table->counts[i] ? hide(s, i) : blank(s, i);
	return changed;
}

/* False when nothing is left to hide. Cells first, then the noughts beside
 * them, then what many are summed up in. */
static bool widen(struct suppression *s, size_t index)
{
	enum rank rank = rank_of(s->table, index);

	return hide_path(s, index, rank) || blank_line(s, index) ||
	       (rank < RANK_GROUP && hide_path(s, index, RANK_GROUP)) ||
	       hide_path(s, index, RANK_TOTAL) ||
	       (!s->table->totals_stand && hide_all(s));
}

/* Nothing is known of a small figure but that it is. */
static bool may_be_any_small(struct suppression *s, size_t index)
{
	uint64_t least, most;

	if (s->table->counts[index] >= s->policy->threshold)
		return false;
	flow_interval(&s->flow, index, &least, &most);
	return least <= 1 && most + 1 >= s->policy->threshold;
}

static bool is_narrow(struct suppression *s, size_t index)
{
	return s->cells[index] != SDG_CELL_SHOWN &&
	       !flow_is_wide(&s->flow, index, s->policy->threshold) &&
	       !(s->table->may_be_small && may_be_any_small(s, index));
}

static void hide_small(struct suppression *s)
{
	for (size_t i = 0; i < s->flow.figures; i++) {
		uint64_t count = s->table->counts[i];

		if (count == 0 && !is_blank(s, i))
			s->cells[i] = SDG_CELL_SHOWN;
		else if (count && count < s->policy->threshold)
			s->cells[i] = SDG_CELL_SMALL;
	}
}

int sdg_disclose(const struct sdg_policy *policy, const struct sdg_table *table,
		 enum sdg_cell *cells, struct sdg_error *err)
{
	struct suppression s = { policy, table, cells, { 0 }, NULL, 0 };
	bool changed = table->rows_add || table->cols_add;
	int rc = check(table, err);

	if (rc == 0)
		rc = flow_init(&s.flow, table, cells, err);
	if (rc != 0)
		goto out;
	s.path = calloc(s.flow.figures, sizeof(*s.path));
	if (!s.path) {
		rc = sdg_fail(err, SDG_ENOMEM, "no memory to audit a table");
		goto out;
	}
	hide_small(&s);
	while (changed) {
		changed = false;
		/* Those of a higher level first: what protects them often
		 * protects their parts as well. */
		for (int rank = RANK_TOTAL; rank >= RANK_CELL; rank--)
			for (size_t i = 0; i < s.flow.figures; i++)
				if (rank_of(table, i) == (enum rank)rank &&
				    is_narrow(&s, i))
					changed |= widen(&s, i);
	}
out:
	flow_fini(&s.flow);
	free(s.path);
	return rc;
}
