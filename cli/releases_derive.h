/*
 * releases_derive: unknowns, equations between them, and what these say of each
 * (releases_bounds.c); what they are of is releases_derive.c's.
 */
#ifndef CLI_RELEASES_DERIVE_H
#define CLI_RELEASES_DERIVE_H

#include "releases.h"

#define NO_BOUND ((json_int_t)1 << 40)

struct unknown {
	json_int_t count, least, most;
	json_int_t before; /* how far apart the bounds were without the page */
	bool shown, hidden;
};

struct equation {
	size_t whole, first, parts; /* of derive.parts */
};

struct derive {
	json_t *places; /* of a question and count: which unknown */
	struct unknown *unknowns;
	struct equation *equations;
	size_t *parts;
	size_t unknown_count, unknown_cap, equation_count, equation_cap,
	    part_count, part_cap;
	const json_t *scope; /* of the page */
	struct release_conflict *with;
};

/** derive_unknown - another, of which nothing is known but its true @count */
size_t derive_unknown(struct derive *d, json_int_t count);
/** derive_begin, derive_part, derive_end - an equation and what adds up to
 *  @whole in it; people who stand in two lines make it none */
void derive_begin(struct derive *d, size_t whole);
void derive_part(struct derive *d, size_t part);
void derive_end(struct derive *d);
/** derive_settle - draw in the bounds of all */
void derive_settle(struct derive *d);
/** derive_free - what it holds */
void derive_free(struct derive *d);

#endif
