/*
 * survey_pieces: several answers in one cell, with commas between them.
 *
 * Google Forms writes "Pay, Workload", Jisc "Pay,Workload"; but an option may
 * hold a comma itself ("Yes, in part"). The sample tells: parts that come
 * again in other company are answers, and two that never come but together,
 * one behind the other, are one.
 */
#include <stdlib.h>
#include <string.h>

#include "survey.h"
#include "survey_text.h"

/* More different parts than this are no options. */
#define PIECES_MAX 64
#define PAIRS_MAX 256
#define PER_CELL_MAX 32

struct counted {
	uint64_t hash;
	uint32_t n;
};

struct pieces {
	struct counted parts[PIECES_MAX], pairs[PAIRS_MAX];
	uint64_t cells[PIECES_MAX]; /* different ones that were looked into */
	size_t part_count, pair_count, cell_count;
	size_t lists, met; /* cells with a comma; parts in all of cells */
	bool too_many;
};

static struct sdg_str next_part(struct sdg_str *rest)
{
	const char *comma = memchr(rest->s, ',', rest->len);
	struct sdg_str part = *rest;

	if (comma)
		part.len = (size_t)(comma - rest->s);
	rest->s += part.len + (comma != NULL);
	rest->len -= part.len + (comma != NULL);
	return str_trim(part);
}

static uint64_t pair_of(uint64_t first, uint64_t second)
{
	return first * 31 + second;
}

static uint32_t count_of(const struct counted *list, size_t n, uint64_t hash)
{
	for (size_t i = 0; i < n; i++) {
		if (list[i].hash == hash)
			return list[i].n;
	}
	return 0;
}

static bool count(struct counted *list, size_t *n, size_t max, uint64_t hash)
{
	for (size_t i = 0; i < *n; i++) {
		if (list[i].hash == hash) {
			list[i].n++;
			return true;
		}
	}
	if (*n == max)
		return false;
	list[(*n)++] = (struct counted){ hash, 1 };
	return true;
}

static bool is_new_cell(struct pieces *pieces, struct sdg_str cell)
{
	uint64_t hash = str_hash(cell);

	for (size_t i = 0; i < pieces->cell_count; i++) {
		if (pieces->cells[i] == hash)
			return false;
	}
	if (pieces->cell_count == PIECES_MAX)
		return false; /* enough is known of it */
	pieces->cells[pieces->cell_count++] = hash;
	return true;
}

void pieces_add(struct column_stats *stats, struct sdg_str cell)
{
	struct pieces *pieces = stats->pieces;
	uint64_t before = 0, hash;
	size_t n = 0;

	/* Free text is no list, and costs nothing here. */
	if (cell.len > 500 || stats->distinct > COLUMN_DISTINCT_MAX)
		return;
	if (!pieces)
		pieces = stats->pieces = calloc(1, sizeof(*pieces));
	if (!pieces || pieces->too_many)
		return;
	pieces->lists += memchr(cell.s, ',', cell.len) != NULL;
	if (!is_new_cell(pieces, cell))
		return;
	while (cell.len > 0 && n < PER_CELL_MAX) {
		hash = str_hash(next_part(&cell));
		if (!count(pieces->parts, &pieces->part_count, PIECES_MAX,
			   hash) ||
		    (n > 0 && !count(pieces->pairs, &pieces->pair_count,
				     PAIRS_MAX, pair_of(before, hash))))
			pieces->too_many = true;
		before = hash;
		n++;
	}
	pieces->met += n;
}

bool pieces_are_answers(const struct column_stats *stats)
{
	const struct pieces *pieces = stats->pieces;

	size_t again = 0;

	if (!pieces || pieces->too_many || pieces->lists < 2)
		return false;
	for (size_t i = 0; i < pieces->part_count; i++)
		again += pieces->parts[i].n > 1;
	return 2 * again >= pieces->part_count &&
	       2 * pieces->met >= 3 * pieces->part_count;
}

/* Whether these two only ever come together, in this order. */
static bool belong_together(const struct pieces *pieces, struct sdg_str first,
			    struct sdg_str second)
{
	uint64_t a = str_hash(first), b = str_hash(second);
	uint32_t together =
	    count_of(pieces->pairs, pieces->pair_count, pair_of(a, b));

	return together > 0 &&
	       count_of(pieces->parts, pieces->part_count, a) == together &&
	       count_of(pieces->parts, pieces->part_count, b) == together;
}

struct sdg_str pieces_next(const struct column_stats *stats,
			   struct sdg_str *rest)
{
	struct sdg_str answer = next_part(rest), last = answer, after, ahead;

	while (rest->len > 0) {
		ahead = *rest;
		after = next_part(&ahead);
		if (!belong_together(stats->pieces, last, after))
			break;
		*rest = ahead;
		last = after;
		answer.len = (size_t)(after.s + after.len - answer.s);
	}
	return answer;
}
