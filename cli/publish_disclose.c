/*
 * publish_disclose: a publication's exact counts put through its policy,
 * and the figures that are left, in words and as grids.
 */
#include "publish.h"

#include <stdlib.h>
#include <string.h>

/* Where lines are said to add up, their totals are those of the cells: the
 * few people who stand in two lines only blur what an attacker can do. */
static void audit_totals(const struct pub_table *t, uint64_t *counts)
{
	size_t w = t->cols.n + 1;

	for (size_t c = 0; c < w; c++) {
		uint64_t sum = 0;

		for (size_t r = 0; r < t->rows.n; r++)
			sum += counts[r * w + c];
		counts[t->rows.n * w + c] = sum;
	}
}

static int hide_two_ways(const struct sdg_policy *policy, struct pub_table *t,
			 struct sdg_error *err)
{
	size_t figures = (t->rows.n + 1) * (t->cols.n + 1);
	uint64_t *counts = xcalloc(figures, sizeof(*counts));
	struct sdg_table audit = { t->rows.n, t->cols.n, counts, t->rows_add,
				   false };
	int rc;

	memcpy(counts, t->counts, figures * sizeof(*counts));
	if (t->rows_add)
		audit_totals(t, counts);
	rc = sdg_disclose(policy, &audit, t->cells, err);
	free(counts);
	return rc;
}

void publication_tables(struct publication *p,
			struct pub_table *tables[PUB_TABLES])
{
	tables[0] = &p->themes;
	tables[1] = &p->stances;
	tables[2] = &p->sources;
	tables[3] = &p->months;
}

/* Margins and one-way tables: each figure by itself. */
static void hide_small(const struct sdg_policy *policy, struct pub_table *t)
{
	size_t figures = (t->rows.n + 1) * (t->cols.n + 1);

	for (size_t i = 0; i < figures; i++)
		if (t->counts[i] && t->counts[i] < policy->threshold)
			t->cells[i] = SDG_CELL_SMALL;
}

static void round_table(const struct sdg_policy *policy, struct pub_table *t)
{
	size_t figures = (t->rows.n + 1) * (t->cols.n + 1);

	for (size_t i = 0; i < figures; i++)
		t->counts[i] = t->cells[i] == SDG_CELL_SHOWN
				   ? sdg_policy_round(policy, t->counts[i])
				   : 0;
}

static void add_hidden(const struct pub_table *t, size_t *hidden, size_t *all)
{
	for (size_t r = 0; r < t->rows.n; r++)
		for (size_t c = 0; c < t->cols.n; c++) {
			size_t at = pub_at(t, r, c);

			*hidden += t->cells[at] != SDG_CELL_SHOWN;
			*all +=
			    t->cells[at] != SDG_CELL_SHOWN || t->counts[at] > 0;
		}
}

/* The cell of the table a quote stands for. */
static bool quote_cell(const struct pub_table *t, const struct pub_quote *q,
		       size_t *at)
{
	for (size_t r = 0; r < t->rows.n; r++)
		for (size_t c = 0; c < t->cols.n; c++)
			if (t->rows.regions[r] & q->region_bit &&
			    strcmp(t->cols.ids[c], q->theme_id) == 0) {
				*at = pub_at(t, r, c);
				return true;
			}
	return false;
}

/* A quote from a hidden cell would say what is hidden. */
static void drop_quotes(struct publication *p)
{
	size_t kept = 0, at;

	for (size_t i = 0; i < p->quote_count; i++) {
		struct pub_quote *q = &p->quotes[i];

		if (quote_cell(&p->themes, q, &at) &&
		    p->themes.cells[at] == SDG_CELL_SHOWN &&
		    p->themes.counts[at] > 0) {
			p->quotes[kept++] = *q;
			continue;
		}
		free(q->text);
		free(q->theme);
		free(q->region);
		free(q->id);
		free(q->theme_id);
	}
	p->quote_count = kept;
}

int publication_hide(struct publication *p, struct sdg_error *err)
{
	struct pub_table *tables[PUB_TABLES];
	size_t hidden = 0, all = 0;
	int rc = 0;

	publication_tables(p, tables);
	for (size_t i = 0; rc == 0 && i < PUB_TABLES; i++) {
		if (tables[i]->cols.n)
			rc = hide_two_ways(p->policy, tables[i], err);
		hide_small(p->policy, tables[i]);
	}
	if (rc == 0)
		drop_quotes(p);
	add_hidden(&p->themes, &hidden, &all);
	p->hidden_share = all ? (double)hidden / (double)all : 0;
	p->people_hidden = p->people && p->people < p->policy->threshold;
	return rc;
}

void publication_round(struct publication *p)
{
	const struct sdg_policy *policy = p->policy;
	struct pub_table *tables[PUB_TABLES];
	uint64_t *figures[] = { &p->people,       &p->messages,
				&p->reported,     &p->automatic,
				&p->not_feedback, &p->duplicates,
				&p->quarantined };

	publication_tables(p, tables);
	for (size_t i = 0; i < PUB_TABLES; i++)
		round_table(policy, tables[i]);
	for (size_t i = 0; i < sizeof(figures) / sizeof(figures[0]); i++)
		*figures[i] = sdg_policy_round(policy, *figures[i]);
}

bool pub_not_asked(const struct pub_table *t, size_t index)
{
	size_t row = index / (t->cols.n + 1);

	return t->rows.not_asked && row < t->rows.n && t->rows.not_asked[row] &&
	       t->cells[index] == SDG_CELL_SHOWN && t->counts[index] == 0;
}

const char *pub_figure(const struct pub_table *t, size_t index, char out[32])
{
	unsigned long long n = t->counts[index];

	if (t->cells[index] != SDG_CELL_SHOWN)
		return PUB_MARK;
	if (pub_not_asked(t, index))
		return PUB_NOT_ASKED;
	if (n >= 1000000)
		snprintf(out, 32, "%llu,%03llu,%03llu", n / 1000000,
			 n / 1000 % 1000, n % 1000);
	else if (n >= 1000)
		snprintf(out, 32, "%llu,%03llu", n / 1000, n % 1000);
	else
		snprintf(out, 32, "%llu", n);
	return out;
}

/* A hidden figure, and one nobody was asked for, is empty with its reason
 * beside it, never a 0. */
static void figure(const struct pub_table *t, size_t r, size_t c,
		   struct cell *row, size_t at)
{
	size_t index = pub_at(t, r, c);

	if (pub_not_asked(t, index))
		cell_text(&row[at + 1], "z", "not asked");
	else if (t->cells[index] == SDG_CELL_SHOWN)
		cell_count(&row[at], t->counts[index]);
	else
		cell_text(&row[at + 1], "c", "hidden");
}

struct grid *pub_grid(const struct publication *p, const struct pub_table *t)
{
	struct grid *grid = grid_new(t->title);
	bool crossed = t->cols.n > 0;
	size_t at = crossed ? 2 : 1;

	grid_column(grid, t->rows.title, t->rows.title, false);
	if (crossed)
		grid_column(grid, t->cols.title, t->cols.title, false);
	grid_column(grid, p->members ? "members" : "respondents",
		    p->members ? "Members" : "Respondents", true);
	grid_column(grid, "mark", "Mark", false);
	if (t->cols.measured)
		grid_column(grid, "measured", "Measured", false);
	for (size_t r = 0; r <= t->rows.n; r++) {
		for (size_t c = 0; c <= t->cols.n; c++) {
			struct cell *row = grid_row(grid);
			bool any_row = r == t->rows.n, any_col = c == t->cols.n;

			cell_text(&row[0], any_row ? "all" : t->rows.ids[r],
				  any_row ? "All" : t->rows.labels[r]);
			if (crossed)
				cell_text(&row[1],
					  any_col ? "any" : t->cols.ids[c],
					  any_col ? "Any" : t->cols.labels[c]);
			figure(t, r, c, row, at);
			if (!any_col && t->cols.measured && t->cols.measured[c])
				cell_text(&row[at + 2], t->cols.measured[c],
					  NULL);
		}
	}
	if (t->cols.measured && *p->unmeasured)
		grid_note(grid, true,
			  "%sOutside that time nobody looked for them: no "
			  "figure there is not nought.",
			  p->unmeasured);
	return grid;
}
