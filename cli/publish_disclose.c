/*
 * publish_disclose: a publication's exact counts put through its policy,
 * and the figures that are left, in words and as grids.
 */
#include "publish.h"

#include <stdlib.h>
#include <string.h>

/* Where lines are said to add up, their totals are those of the cells: the
 * few people who stand in two lines only blur what an attacker can do. */
static void audit_totals(const struct sdg_table *t, uint64_t *counts)
{
	size_t w = t->cols + 1;

	for (size_t c = 0; c < w; c++) {
		uint64_t sum = 0;

		for (size_t r = 0; r < t->rows; r++)
			sum += counts[r * w + c];
		counts[t->rows * w + c] = sum;
	}
}

/* A nought that may be hidden: of a line that is not known to hold nobody. */
static bool may_be_blank(const struct pub_table *t, size_t index)
{
	size_t row = index / (t->cols.n + 1);
	size_t any = pub_at(t, row, t->cols.n);

	return row < t->rows.n && index != any &&
	       (t->counts[any] || t->cells[any] != SDG_CELL_SHOWN);
}

/* Hides what @policy wants hidden of a table whose figures are in @counts, in
 * the order of t->cells, @again times each. Nothing is ever shown again. */
static int audit(const struct sdg_policy *policy, struct pub_table *t,
		 size_t cols, uint64_t *counts, size_t again,
		 struct sdg_error *err)
{
	struct sdg_table table = { .rows = t->rows.n,
				   .cols = cols,
				   .counts = counts,
				   .rows_add = t->rows_add };
	size_t n = (t->rows.n + 1) * (cols + 1);
	enum sdg_cell *cells = xcalloc(n, sizeof(*cells));
	bool *blanks = xcalloc(n, sizeof(*blanks));
	int rc;

	for (size_t i = 0; i < n; i++) {
		counts[i] = t->counts[i / again];
		cells[i] = t->cells[i / again];
		blanks[i] = may_be_blank(t, i / again);
	}
	table.blanks = blanks;
	if (t->rows_add)
		audit_totals(&table, counts);
	rc = sdg_disclose(policy, &table, cells, err);
	for (size_t i = 0; rc == 0 && i < n; i++)
		if (t->cells[i / again] == SDG_CELL_SHOWN)
			t->cells[i / again] = cells[i];
	free(cells);
	free(blanks);
	return rc;
}

/* A list is audited as a column beside its like. */
static int audit_table(const struct sdg_policy *policy, struct pub_table *t,
		       struct sdg_error *err)
{
	bool list = t->cols.n == 0;
	size_t cols = list ? 1 : t->cols.n;
	uint64_t *counts;
	int rc;

	if (t->rows.n == 0) /* nothing was said: all there is is nought */
		return 0;
	counts = xcalloc((t->rows.n + 1) * (cols + 1), sizeof(*counts));
	rc = audit(policy, t, cols, counts, list ? 2 : 1, err);
	free(counts);
	return rc;
}

/* Which row of the levels a row of the page is. */
static size_t level_row(const struct publication *p, size_t row)
{
	if (row == p->themes.rows.n)
		return LEVELS_ROWS;
	if (!p->grouped)
		return row;
	return row < LEVELS_GROUPS ? LEVELS_REGIONS + row : LEVELS_REGIONS - 1;
}

/* Regions and groups of them, of which the page shows the ones. */
static int audit_levels(struct publication *p, struct sdg_error *err)
{
	struct pub_table *t = &p->themes;
	struct levels *l = &p->levels;
	size_t w = t->cols.n + 1, figures = (t->rows.n + 1) * w;
	int rc;

	for (size_t i = 0; i < figures; i++) {
		size_t at = levels_at(l, level_row(p, i / w), i % w);

		if (t->cells[i] != SDG_CELL_SHOWN)
			l->cells[at] = t->cells[i];
		/* as carried forward */
		if (!p->grouped && i / w < t->rows.n)
			l->counts[at] = t->counts[i];
	}
	rc = levels_disclose(p->policy, l, err);
	for (size_t i = 0; rc == 0 && i < figures; i++) {
		size_t at = levels_at(l, level_row(p, i / w), i % w);

		if (t->cells[i] == SDG_CELL_SHOWN)
			t->cells[i] = l->cells[at];
	}
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

/* By what they are themselves: the total of people is less than its lines. */
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

static size_t total_at(const struct pub_table *t, size_t column)
{
	return pub_at(t, t->rows.n, column);
}

/* The total of a column of @a and that of one of @b are of the same people. */
static bool hide_alike(struct pub_table *a, size_t of_a, struct pub_table *b,
		       size_t of_b)
{
	size_t i = total_at(a, of_a), k = total_at(b, of_b);
	enum sdg_cell *one = &a->cells[i], *other = &b->cells[k];

	if ((*one == SDG_CELL_SHOWN) == (*other == SDG_CELL_SHOWN) ||
	    a->counts[i] == 0 || b->counts[k] == 0)
		return false;
	*one = *other = *one == SDG_CELL_SHOWN ? *other : *one;
	return true;
}

/* All who raised a theme stand below the regions and below the stances, all
 * there are in every table: what one of them hides no other may show. */
static bool hide_again(struct publication *p)
{
	size_t all = p->themes.cols.n;
	bool changed = false;

	for (size_t c = 0; c <= all; c++)
		changed |= hide_alike(&p->themes, c, &p->stances, c);
	changed |= hide_alike(&p->themes, all, &p->sources, 0);
	changed |= hide_alike(&p->themes, all, &p->months, 0);
	return changed;
}

/* A theme that is hidden is not said to rise. */
static void drop_moves(struct publication *p)
{
	size_t kept = 0;

	for (size_t i = 0; i < p->move_count; i++)
		if (p->themes.cells[total_at(&p->themes, p->moves[i].column)] ==
		    SDG_CELL_SHOWN)
			p->moves[kept++] = p->moves[i];
		else
			free(p->moves[i].theme);
	p->move_count = kept;
}

/* The figures at the head of the page: all people are those of the tables, and
 * where they are few, so are their messages. */
static void hide_heads(struct publication *p)
{
	size_t all = total_at(&p->themes, p->themes.cols.n);

	p->people = p->themes.counts[all];
	p->people_hidden = p->themes.cells[all] != SDG_CELL_SHOWN;
	p->messages_hidden = p->people_hidden;
	p->reported_hidden = p->reported && p->reported < p->policy->threshold;
}

int publication_hide(struct publication *p, struct sdg_error *err)
{
	struct pub_table *tables[PUB_TABLES];
	size_t hidden = 0, all = 0;
	int rc = 0;

	publication_tables(p, tables);
	for (size_t i = 0; i < PUB_TABLES; i++)
		hide_small(p->policy, tables[i]);
	do
		for (size_t i = 0; rc == 0 && i < PUB_TABLES; i++)
			rc = tables[i] == &p->themes
				 ? audit_levels(p, err)
				 : audit_table(p->policy, tables[i], err);
	while (rc == 0 && hide_again(p));
	if (rc == 0) {
		drop_quotes(p);
		drop_moves(p);
		hide_heads(p);
	}
	add_hidden(&p->themes, &hidden, &all);
	p->hidden_share = all ? (double)hidden / (double)all : 0;
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

const char *pub_number(uint64_t number, char out[32])
{
	unsigned long long n = number;

	if (n >= 1000000)
		snprintf(out, 32, "%llu,%03llu,%03llu", n / 1000000,
			 n / 1000 % 1000, n % 1000);
	else if (n >= 1000)
		snprintf(out, 32, "%llu,%03llu", n / 1000, n % 1000);
	else
		snprintf(out, 32, "%llu", n);
	return out;
}

const char *pub_figure(const struct pub_table *t, size_t index, char out[32])
{
	if (t->cells[index] != SDG_CELL_SHOWN)
		return PUB_MARK;
	if (pub_not_asked(t, index))
		return PUB_NOT_ASKED;
	return pub_number(t->counts[index], out);
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
