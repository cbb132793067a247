/*
 * disclosure: suppression of table cells, audited by maximum flow.
 *
 * The table as a circulation: every row and every column is a node. A
 * figure inside the table flows from its row to its column; a column total
 * from its column to the row of totals, a row total from the column of
 * totals to its row, the grand total from the row to the column of totals.
 * "Every line adds up" is then "what flows into a node flows out". Where
 * lines in one way do not add up, that way's nodes are one node. Shown
 * figures are fixed; hidden ones can change along cycles, and by how much
 * is a maximum flow.
 */
#include <soundings/disclosure.h>

#include <stdlib.h>
#include <string.h>

#define UNBOUNDED (UINT64_C(1) << 40)

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

/* ----------------------------------------------------------- the network */

/* A hidden figure can grow without bound and shrink to 1. */
struct edge {
	uint32_t from, to;
	uint64_t back; /* by how much it can still shrink */
};

struct network {
	size_t nodes, edge_count;
	struct edge *edges;
	uint32_t *queue, *via; /* for the search: edge * 2 + direction */
};

static size_t width(const struct sdg_table *table)
{
	return table->cols + 1;
}

static size_t figure_count(const struct sdg_table *table)
{
	return (table->rows + 1) * width(table);
}

static void ends_of(const struct sdg_table *table, size_t index, uint32_t *from,
		    uint32_t *to)
{
	size_t row = index / width(table), col = index % width(table);
	bool margin = (row == table->rows) != (col == table->cols);
	uint32_t row_node, col_node;

	/* Lines of a way that does not add up are one node. */
	row_node = table->cols_add ? (uint32_t)row : 0;
	col_node =
	    (uint32_t)(table->rows + 1) + (table->rows_add ? (uint32_t)col : 0);
	*from = margin ? col_node : row_node;
	*to = margin ? row_node : col_node;
}

static int network_init(struct network *net, const struct sdg_table *table,
			struct sdg_error *err)
{
	size_t figures = figure_count(table);

	net->nodes = table->rows + 1 + width(table);
	net->edge_count = 0;
	net->edges = calloc(figures, sizeof(*net->edges));
	net->queue = calloc(net->nodes, sizeof(*net->queue));
	net->via = calloc(net->nodes, sizeof(*net->via));
	if (!net->edges || !net->queue || !net->via)
		return sdg_fail(err, SDG_ENOMEM,
				"no memory to audit a table of %zu figures",
				figures);
	return 0;
}

static void network_fini(struct network *net)
{
	free(net->edges);
	free(net->queue);
	free(net->via);
}

/* Every hidden figure but @except, at its true value. */
static void network_fill(struct network *net, const struct sdg_table *table,
			 const enum sdg_cell *cells, size_t except)
{
	net->edge_count = 0;
	for (size_t i = 0; i < figure_count(table); i++) {
		struct edge *edge = &net->edges[net->edge_count];

		if (cells[i] == SDG_CELL_SHOWN || i == except)
			continue;
		ends_of(table, i, &edge->from, &edge->to);
		edge->back = table->counts[i] - 1;
		net->edge_count++;
	}
}

#define UNSEEN UINT32_MAX

static void visit(struct network *net, size_t *tail, uint32_t node,
		  uint32_t via)
{
	if (net->via[node] != UNSEEN)
		return;
	net->via[node] = via;
	net->queue[(*tail)++] = node;
}

/* Breadth first; true when @to is reached. */
static bool search(struct network *net, uint32_t from, uint32_t to)
{
	size_t head = 0, tail = 0;

	for (size_t i = 0; i < net->nodes; i++)
		net->via[i] = UNSEEN;
	net->via[from] = UNSEEN - 1;
	net->queue[tail++] = from;
	while (head < tail && net->via[to] == UNSEEN) {
		uint32_t node = net->queue[head++];

		for (uint32_t e = 0; e < net->edge_count; e++) {
			const struct edge *edge = &net->edges[e];

			if (edge->from == node)
				visit(net, &tail, edge->to, e * 2);
			if (edge->to == node && edge->back)
				visit(net, &tail, edge->from, e * 2 + 1);
		}
	}
	return net->via[to] != UNSEEN;
}

static uint64_t push(struct network *net, uint32_t from, uint32_t to)
{
	uint64_t flow = UNBOUNDED;

	for (uint32_t node = to; node != from;) {
		const struct edge *edge = &net->edges[net->via[node] / 2];
		bool back = net->via[node] % 2;

		if (back && edge->back < flow)
			flow = edge->back;
		node = back ? edge->to : edge->from;
	}
	for (uint32_t node = to; node != from;) {
		struct edge *edge = &net->edges[net->via[node] / 2];
		bool back = net->via[node] % 2;

		edge->back = back ? edge->back - flow : edge->back + flow;
		node = back ? edge->to : edge->from;
	}
	return flow;
}

/* Edmonds and Karp: shortest paths first; @enough: no need for more. */
static uint64_t max_flow(struct network *net, uint32_t from, uint32_t to,
			 uint64_t enough)
{
	uint64_t total = 0;

	if (from == to)
		return UNBOUNDED;
	while (total < enough && search(net, from, to))
		total += push(net, from, to);
	return total;
}

static void interval(struct network *net, const struct sdg_table *table,
		     const enum sdg_cell *cells, size_t index, uint64_t *least,
		     uint64_t *most)
{
	uint64_t count = table->counts[index], change;
	uint32_t from, to;

	ends_of(table, index, &from, &to);
	network_fill(net, table, cells, index);
	change = max_flow(net, to, from, UNBOUNDED);
	*most = change >= UNBOUNDED ? UINT64_MAX : count + change;
	network_fill(net, table, cells, index);
	change = max_flow(net, from, to, UNBOUNDED);
	*least = change >= count - 1 ? 1 : count - change;
}

/* Is interval() at least @enough wide? Looks no further than that. */
static bool is_wide(struct network *net, const struct sdg_table *table,
		    const enum sdg_cell *cells, size_t index, uint64_t enough)
{
	uint64_t up, down, most = table->counts[index] - 1;
	uint32_t from, to;

	ends_of(table, index, &from, &to);
	network_fill(net, table, cells, index);
	up = max_flow(net, to, from, enough);
	if (up >= enough)
		return true;
	if (up + most < enough)
		return false;
	network_fill(net, table, cells, index);
	down = max_flow(net, from, to, enough - up);
	return up + (down < most ? down : most) >= enough;
}

int sdg_disclosure_interval(const struct sdg_table *table,
			    const enum sdg_cell *cells, size_t index,
			    uint64_t *least, uint64_t *most,
			    struct sdg_error *err)
{
	struct network net = { 0 };
	int rc = network_init(&net, table, err);

	if (rc == 0)
		interval(&net, table, cells, index, least, most);
	network_fini(&net);
	return rc;
}

/* ----------------------------------------------------------- suppression */

static int check(const struct sdg_table *table, struct sdg_error *err)
{
	size_t w = width(table);

	if (!table->rows || !table->cols)
		return sdg_fail(err, SDG_EINVAL, "a table without cells");
	for (size_t col = 0; table->rows_add && col < w; col++) {
		uint64_t sum = 0;

		for (size_t row = 0; row < table->rows; row++)
			sum += table->counts[row * w + col];
		if (sum != table->counts[table->rows * w + col])
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

static bool can_hide(const struct sdg_table *table, const enum sdg_cell *cells,
		     size_t index)
{
	return cells[index] != SDG_CELL_SHOWN || table->counts[index] > 0;
}

/* What hiding it loses; margins are worth more than cells. */
static uint64_t cost(const struct sdg_table *table, const enum sdg_cell *cells,
		     size_t index)
{
	size_t row = index / width(table), col = index % width(table);
	uint64_t weight = 1;

	if (cells[index] != SDG_CELL_SHOWN)
		return 0;
	if (row == table->rows)
		weight *= 64;
	if (col == table->cols)
		weight *= 64;
	return weight * (table->counts[index] + 1);
}

static void hide(enum sdg_cell *cells, size_t index)
{
	if (cells[index] == SDG_CELL_SHOWN)
		cells[index] = SDG_CELL_OTHER;
}

/*
 * The cheapest figures that put @index on a cycle with something still
 * shown: one in its line where lines of one way add up, three corners of a
 * rectangle where both do. False when nothing is left to hide.
 */
static bool widen(const struct sdg_table *table, enum sdg_cell *cells,
		  size_t index)
{
	size_t w = width(table), row = index / w, col = index % w;
	size_t best[3] = { 0 };
	uint64_t best_cost = UINT64_MAX;

	for (size_t r = 0; r <= table->rows; r++) {
		for (size_t c = 0; c < w; c++) {
			size_t corners[3] = { r * w + col, row * w + c,
					      r * w + c };
			uint64_t sum = 0;
			bool possible = true;

			/* One way adds up: stay within that line. */
			if ((table->rows_add && r == row) ||
			    (table->cols_add && c == col) ||
			    (!table->rows_add && r != row) ||
			    (!table->cols_add && c != col))
				continue;
			for (int i = 0; i < 3; i++) {
				possible &= can_hide(table, cells, corners[i]);
				sum += corners[i] == index
					   ? 0
					   : cost(table, cells, corners[i]);
			}
			if (!possible || sum == 0 || sum >= best_cost)
				continue;
			best_cost = sum;
			memcpy(best, corners, sizeof(best));
		}
	}
	if (best_cost == UINT64_MAX)
		return false;
	for (int i = 0; i < 3; i++)
		hide(cells, best[i]);
	return true;
}

/* When no cycle is left: hide every figure of the table but its zeros. */
static bool hide_all(const struct sdg_table *table, enum sdg_cell *cells)
{
	bool changed = false;

	for (size_t i = 0; i < figure_count(table); i++) {
		changed |= cells[i] == SDG_CELL_SHOWN && table->counts[i];
		if (table->counts[i])
			hide(cells, i);
	}
	return changed;
}

int sdg_disclose(const struct sdg_policy *policy, const struct sdg_table *table,
		 enum sdg_cell *cells, struct sdg_error *err)
{
	struct network net = { 0 };
	bool changed;
	int rc = check(table, err);

	if (rc == 0)
		rc = network_init(&net, table, err);
	if (rc < 0)
		goto out;
	for (size_t i = 0; i < figure_count(table); i++) {
		if (table->counts[i] == 0)
			cells[i] = SDG_CELL_SHOWN;
		else if (table->counts[i] < policy->threshold)
			cells[i] = SDG_CELL_SMALL;
	}
	if (!table->rows_add && !table->cols_add)
		goto out;
	do {
		changed = false;
		for (size_t i = 0; i < figure_count(table); i++) {
			if (cells[i] == SDG_CELL_SHOWN)
				continue;
			if (!is_wide(&net, table, cells, i, policy->threshold))
				changed |= widen(table, cells, i) ||
					   hide_all(table, cells);
		}
	} while (changed);
out:
	network_fini(&net);
	return rc;
}
