/*
 * disclosure_flow: intervals of hidden figures by maximum flow, and the
 * cheapest figures that make one wider. It decides nothing.
 */
#include "disclosure_flow.h"

#include <stdlib.h>

#define UNBOUNDED (UINT64_C(1) << 40)
#define UNSEEN UINT32_MAX

bool table_has_parts(const struct sdg_table *table, size_t row)
{
	for (size_t r = 0; table->within && r < table->rows; r++)
		if (table->within[r] == row)
			return true;
	return false;
}

bool table_beside(const struct sdg_table *table, size_t index, size_t other)
{
	size_t w = table_width(table);
	size_t row = index / w, col = index % w;
	size_t r = other / w, c = other % w;

	if (index == other)
		return false;
	if (table->rows_add && c == col && row < table->rows &&
	    r < table->rows &&
	    table_within(table, row) == table_within(table, r))
		return true;
	return table->cols_add && r == row && col < table->cols &&
	       c < table->cols;
}

static void ends_of(struct flow *flow, size_t index)
{
	const struct sdg_table *t = flow->table;
	size_t w = table_width(t), row = index / w, col = index % w;
	uint32_t base = (uint32_t)(t->rows + 1);
	uint32_t column = t->rows_add ? (uint32_t)col : 0;
	/* Lines of a way that does not add up are one node. */
	uint32_t own = t->cols_add ? (uint32_t)row : 0, above = base + column;
	bool turned = (row == t->rows) != (col == t->cols);

	if (row < t->rows && table_has_parts(t, row))
		own = base + (uint32_t)((row + 1) * w) + column;
	if (row < t->rows && table_within(t, row) < t->rows)
		above += (uint32_t)((table_within(t, row) + 1) * w);
	flow->from[index] = turned ? above : own;
	flow->to[index] = turned ? own : above;
}

int flow_init(struct flow *flow, const struct sdg_table *table,
	      const enum sdg_cell *cells, struct sdg_error *err)
{
	size_t n = table_figures(table), w = table_width(table);

	*flow = (struct flow){ .table = table, .cells = cells, .figures = n };
	flow->nodes =
	    table->rows + 1 + w * (table->within ? table->rows + 1 : 1);
	flow->from = calloc(n, sizeof(*flow->from));
	flow->to = calloc(n, sizeof(*flow->to));
	flow->edges = calloc(n, sizeof(*flow->edges));
	flow->back = calloc(n, sizeof(*flow->back));
	flow->queue = calloc(flow->nodes, sizeof(*flow->queue));
	flow->via = calloc(flow->nodes, sizeof(*flow->via));
	flow->cost = calloc(flow->nodes, sizeof(*flow->cost));
	if (!flow->from || !flow->to || !flow->edges || !flow->back ||
	    !flow->queue || !flow->via || !flow->cost)
		return sdg_fail(err, SDG_ENOMEM,
				"no memory to audit a table of %zu figures", n);
	for (size_t i = 0; i < n; i++)
		ends_of(flow, i);
	return 0;
}

void flow_fini(struct flow *flow)
{
	free(flow->from);
	free(flow->to);
	free(flow->edges);
	free(flow->back);
	free(flow->queue);
	free(flow->via);
	free(flow->cost);
}

/* The least that a hidden figure can be by itself. Of those that are hidden
 * together with noughts nobody knows which these are. */
static uint64_t least_of(const struct flow *flow, size_t index)
{
	const struct sdg_table *t = flow->table;

	if (t->counts[index] == 0)
		return 0;
	if (!flow->blank)
		return 1;
	if (t->rows_add && t->cols_add)
		return 0;
	for (size_t i = 0; i < flow->figures; i++)
		if (flow->cells[i] != SDG_CELL_SHOWN && t->counts[i] == 0 &&
		    table_beside(t, index, i))
			return 0;
	return 1;
}

/* Every hidden figure but @except, at its true value. */
static void fill(struct flow *flow, size_t except)
{
	flow->edge_count = 0;
	flow->blank = false;
	for (size_t i = 0; i < flow->figures; i++)
		flow->blank |= flow->cells[i] != SDG_CELL_SHOWN &&
			       flow->table->counts[i] == 0;
	for (size_t i = 0; i < flow->figures; i++)
		if (flow->cells[i] != SDG_CELL_SHOWN && i != except)
			flow->edges[flow->edge_count++] =
			    (struct flow_edge){ flow->from[i], flow->to[i], i,
						flow->table->counts[i] -
						    least_of(flow, i) };
}

static void visit(struct flow *flow, size_t *tail, uint32_t node, uint32_t via)
{
	if (flow->via[node] != UNSEEN)
		return;
	flow->via[node] = via;
	flow->queue[(*tail)++] = node;
}

/* Breadth first; true when @to is reached. */
static bool search(struct flow *flow, uint32_t from, uint32_t to)
{
	size_t head = 0, tail = 0;

	for (size_t i = 0; i < flow->nodes; i++)
		flow->via[i] = UNSEEN;
	flow->via[from] = UNSEEN - 1;
	flow->queue[tail++] = from;
	while (head < tail && flow->via[to] == UNSEEN) {
		uint32_t node = flow->queue[head++];

		for (uint32_t e = 0; e < flow->edge_count; e++) {
			const struct flow_edge *edge = &flow->edges[e];

			if (edge->from == node)
				visit(flow, &tail, edge->to, e * 2);
			if (edge->to == node && edge->back)
				visit(flow, &tail, edge->from, e * 2 + 1);
		}
	}
	return flow->via[to] != UNSEEN;
}

static uint64_t push(struct flow *flow, uint32_t from, uint32_t to)
{
	uint64_t most = UNBOUNDED;

	for (uint32_t node = to; node != from;) {
		const struct flow_edge *edge =
		    &flow->edges[flow->via[node] / 2];
		bool back = flow->via[node] % 2;

		if (back && edge->back < most)
			most = edge->back;
		node = back ? edge->to : edge->from;
	}
	for (uint32_t node = to; node != from;) {
		struct flow_edge *edge = &flow->edges[flow->via[node] / 2];
		bool back = flow->via[node] % 2;

		edge->back = back ? edge->back - most : edge->back + most;
		node = back ? edge->to : edge->from;
	}
	return most;
}

/* Edmonds and Karp: shortest paths first; @enough: no need for more. By how
 * much @index can grow, or shrink. */
static uint64_t change_of(struct flow *flow, size_t index, bool grow,
			  uint64_t enough)
{
	uint32_t from = grow ? flow->to[index] : flow->from[index];
	uint32_t to = grow ? flow->from[index] : flow->to[index];
	uint64_t total = 0;

	fill(flow, index);
	if (from == to)
		return UNBOUNDED;
	while (total < enough && search(flow, from, to))
		total += push(flow, from, to);
	return total;
}

void flow_interval(struct flow *flow, size_t index, uint64_t *least,
		   uint64_t *most)
{
	uint64_t count = flow->table->counts[index], change, floor;

	change = change_of(flow, index, true, UNBOUNDED);
	*most = change >= UNBOUNDED ? UINT64_MAX : count + change;
	change = change_of(flow, index, false, UNBOUNDED);
	floor = least_of(flow, index);
	*least = change >= count - floor ? floor : count - change;
}

bool flow_is_wide(struct flow *flow, size_t index, uint64_t enough)
{
	uint64_t up = change_of(flow, index, true, enough), down;
	uint64_t most = flow->table->counts[index] - least_of(flow, index);

	if (up >= enough)
		return true;
	if (up + most < enough)
		return false;
	down = change_of(flow, index, false, enough - up);
	return up + (down < most ? down : most) >= enough;
}

/* ----------------------------------------------------- the cheapest path */

struct arc {
	uint32_t from, to, via;
	uint64_t cost;
};

static bool relax(struct flow *flow, const struct arc *arc)
{
	uint64_t cost;

	if (flow->cost[arc->from] == UINT64_MAX || arc->cost == UINT64_MAX)
		return false;
	cost = flow->cost[arc->from] + arc->cost;
	if (cost >= flow->cost[arc->to])
		return false;
	flow->cost[arc->to] = cost;
	flow->via[arc->to] = arc->via;
	return true;
}

/* What is left of the hidden figures' room is free, shown ones have their
 * cost (Bellman and Ford, who need no order). */
static void spread(struct flow *flow, size_t except,
		   uint64_t (*cost)(const void *arg, size_t figure),
		   const void *arg)
{
	bool changed = true;

	while (changed) {
		changed = false;
		for (size_t i = 0; i < flow->figures; i++) {
			bool hidden = flow->cells[i] != SDG_CELL_SHOWN;
			uint64_t price = hidden ? 0 : cost(arg, i);
			uint32_t a = flow->from[i], b = flow->to[i];

			if (i == except || price == UINT64_MAX)
				continue;
			changed |=
			    relax(flow, &(struct arc){ a, b, (uint32_t)i * 2,
						       price });
			if (flow->back[i])
				changed |= relax(
				    flow,
				    &(struct arc){ b, a, (uint32_t)i * 2 + 1,
						   price });
		}
	}
}

/* With no room left in one direction: the cheapest path that makes some. */
static uint64_t path_cost(struct flow *flow, size_t index, bool grow,
			  uint64_t (*cost)(const void *arg, size_t figure),
			  const void *arg)
{
	uint32_t from = grow ? flow->to[index] : flow->from[index];
	uint32_t to = grow ? flow->from[index] : flow->to[index];

	if (from == to)
		return UINT64_MAX;
	for (size_t i = 0; i < flow->figures; i++)
		flow->back[i] =
		    flow->table->counts[i] ? flow->table->counts[i] - 1 : 0;
	for (size_t e = 0; e < flow->edge_count; e++)
		flow->back[flow->edges[e].figure] = flow->edges[e].back;
	for (size_t i = 0; i < flow->nodes; i++)
		flow->cost[i] = UINT64_MAX;
	flow->cost[from] = 0;
	spread(flow, index, cost, arg);
	return flow->cost[to];
}

static size_t walk_back(const struct flow *flow, size_t index, bool grow,
			size_t *path)
{
	uint32_t from = grow ? flow->to[index] : flow->from[index];
	uint32_t node = grow ? flow->from[index] : flow->to[index];
	size_t n = 0;

	while (node != from) {
		size_t i = flow->via[node] / 2;

		if (flow->cells[i] == SDG_CELL_SHOWN)
			path[n++] = i;
		node = flow->via[node] % 2 ? flow->to[i] : flow->from[i];
	}
	return n;
}

size_t flow_path(struct flow *flow, size_t index,
		 uint64_t (*cost)(const void *arg, size_t figure),
		 const void *arg, size_t *path)
{
	uint64_t most = flow->table->counts[index], up, down, room;
	size_t n = 0;

	room = change_of(flow, index, true, UNBOUNDED);
	up = room < UNBOUNDED ? path_cost(flow, index, true, cost, arg)
			      : UINT64_MAX;
	if (up != UINT64_MAX)
		n = walk_back(flow, index, true, path);
	room = change_of(flow, index, false, UNBOUNDED);
	if (room >= most - least_of(flow, index))
		return n; /* it cannot shrink further anyway */
	down = path_cost(flow, index, false, cost, arg);
	return down < up ? walk_back(flow, index, false, path) : n;
}
