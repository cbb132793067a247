/*
 * disclosure: which figures of a table may be published, and how.
 *
 * Small counts are hidden (primary suppression), then as many others as it
 * takes that no hidden one can be had back by subtraction (secondary
 * suppression), then the rest is rounded. A table is rows x columns with
 * its row totals, column totals and grand total; which of the two ways its
 * figures add up is for the caller to say: members by region add up to
 * their total, members by theme do not, since one member raises several.
 *
 * The audit is exact: with a table's equations a network of flows, what an
 * attacker can know of a hidden cell is the interval between the least and
 * the greatest flow through its edge (Gusfield, "A graph theoretic approach
 * to statistical data security", SIAM J. Comput. 17, 1988). A cell is safe
 * when that interval is at least as wide as the threshold.
 */
#ifndef SOUNDINGS_DISCLOSURE_H
#define SOUNDINGS_DISCLOSURE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <soundings/error.h>

struct sdg_policy {
	const char *id;
	const char *about;    /* one sentence, for the page */
	uint32_t threshold;   /* counts from 1 to threshold - 1 are hidden */
	uint32_t round_to;    /* the rest to the nearest multiple; 1: exact */
	uint32_t percent_min; /* percentages only on a base of at least this */
};

/** sdg_policy_find - "ons-10-5", "ofqual-5", "hesa"; NULL: no such. */
const struct sdg_policy *sdg_policy_find(const char *id);
/** sdg_policy_at - the known policies one by one, then NULL */
const struct sdg_policy *sdg_policy_at(size_t index);

/** sdg_policy_round - @count as @policy publishes it (halves up) */
uint64_t sdg_policy_round(const struct sdg_policy *policy, uint64_t count);

enum sdg_cell {
	SDG_CELL_SHOWN,
	SDG_CELL_SMALL, /* hidden: fewer than the threshold */
	SDG_CELL_OTHER, /* hidden: it would give a small one away */
};

/*
 * Counts with their margins: (rows + 1) x (cols + 1) in row order, the last
 * column the row totals, the last row the column totals, the corner all.
 *
 * Rows may be of several levels, as regions, groups of them and all: within
 * says of each the row that it is a part of, rows for the total. A row that
 * has parts adds up from them, as the total does from those that are in no
 * other; a shown figure of any level is known, so all levels are judged as if
 * they were published together. One way only may have levels, or the table's
 * equations would be no network of flows.
 *
 * A nought is shown, and so a hidden figure is at least 1: ten people of two
 * regions, both hidden, are bounded to 1 to 9 by their total. Where blanks
 * allows it the noughts beside them are hidden as well, before a total is:
 * then each may be of 0 to 10. What blanks refuses is known to be nought.
 */
struct sdg_table {
	size_t rows, cols;
	const uint64_t *counts;
	bool rows_add; /* every column, total column too, sums to its total */
	bool cols_add; /* every row does */
	bool totals_stand; /* others show them: they are never hidden here */
	/* That a hidden figure is small may be known: it is safe where it may
	 * be anything from 1 to the threshold less 1. */
	bool may_be_small;
	const size_t *within; /* of each row; NULL: all in the total */
	const bool *blanks;   /* figures that may be hidden noughts; or NULL */
};

/**
 * sdg_disclose - decide for every figure of @table
 * @cells: (rows + 1) x (cols + 1), all set on success
 *
 * A figure that is SHOWN on entry may be hidden; one that is hidden on
 * entry (because an earlier release would give it away) stays so. Zeros are
 * shown, but for blanks. With totals that stand a figure may be left that they
 * bound to less than the threshold. Return 0, SDG_EINVAL (a dimension of 0, or
 * lines that do not add up although they are said to) or SDG_ENOMEM.
 */
int sdg_disclose(const struct sdg_policy *policy, const struct sdg_table *table,
		 enum sdg_cell *cells, struct sdg_error *err);

/**
 * sdg_disclosure_interval - what can be known of hidden figure @index
 * @least, @most: set; UINT64_MAX in @most: no bound
 *
 * From the shown figures (unrounded, so never too kind to us), the
 * equations, and that every hidden figure is at least 1, or 0 where there are
 * hidden noughts beside it. Return 0 or SDG_ENOMEM.
 */
int sdg_disclosure_interval(const struct sdg_table *table,
			    const enum sdg_cell *cells, size_t index,
			    uint64_t *least, uint64_t *most,
			    struct sdg_error *err);

#endif
