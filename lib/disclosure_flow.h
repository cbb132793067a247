/*
 * disclosure_flow: what can be known of a table's hidden figures, as flows.
 *
 * The table as a circulation: every line that adds up is a node. A figure
 * inside the table flows from its row to its column; a column total from its
 * column to the row of totals, a row total from the column of totals to its
 * row, the grand total from the row to the column of totals. "Every line adds
 * up" is then "what flows into a node flows out". Where lines in one way do not
 * add up, that way's nodes are one node. A row that has parts stands in each
 * column between two nodes: what its parts flow into, and where it flows to
 * with those beside it. Shown figures are fixed; hidden ones can change along
 * cycles, and by how much is a maximum flow.
 */
#ifndef LIB_DISCLOSURE_FLOW_H
#define LIB_DISCLOSURE_FLOW_H

#include <soundings/disclosure.h>

/* A hidden figure can grow without bound and shrink to nothing, or to 1. */
struct flow_edge {
	uint32_t from, to;
	size_t figure;
	uint64_t back; /* by how much it can still shrink */
};

struct flow {
	const struct sdg_table *table;
	const enum sdg_cell *cells;
	size_t nodes, figures, edge_count;
	uint32_t *from, *to; /* the ends of every figure */
	struct flow_edge *edges;
	uint32_t *queue, *via; /* for the search: edge * 2 + direction */
	uint64_t *cost, *back; /* for the cheapest path */
	bool blank;            /* a nought is hidden somewhere */
};

/** flow_init - free with flow_fini(), also on failure; @cells may change */
int flow_init(struct flow *flow, const struct sdg_table *table,
	      const enum sdg_cell *cells, struct sdg_error *err);
void flow_fini(struct flow *flow);

/** flow_interval - the least and the most that figure @index can be */
void flow_interval(struct flow *flow, size_t index, uint64_t *least,
		   uint64_t *most);
/** flow_is_wide - is that at least @enough apart? Looks no further */
bool flow_is_wide(struct flow *flow, size_t index, uint64_t enough);

/**
 * flow_path - the cheapest figures that give @index more room when hidden
 * @cost: what hiding a shown figure loses; UINT64_MAX: it may not be hidden
 * @path: set to them; as long as there are figures
 *
 * Returns how many; 0: there are none that would.
 */
size_t flow_path(struct flow *flow, size_t index,
		 uint64_t (*cost)(const void *arg, size_t figure),
		 const void *arg, size_t *path);

static inline size_t table_width(const struct sdg_table *table)
{
	return table->cols + 1;
}

static inline size_t table_figures(const struct sdg_table *table)
{
	return (table->rows + 1) * table_width(table);
}

static inline size_t table_within(const struct sdg_table *table, size_t row)
{
	return table->within ? table->within[row] : table->rows;
}

/** table_has_parts - is it a row that others are within? */
bool table_has_parts(const struct sdg_table *table, size_t row);
/** table_beside - is @other in a line with @index, of which both are parts? */
bool table_beside(const struct sdg_table *table, size_t index, size_t other);

#endif
