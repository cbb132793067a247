/*
 * releases_bounds: the bounds of unknown figures drawn in from equations, and
 * from the differences of those of which one has all that another leaves
 * unknown, until nothing moves. Both have their limits: it ends.
 */
#include "releases_derive.h"

#include <stdlib.h>

#define PASSES_MAX 200

static void *grow(void *items, size_t *cap, size_t count, size_t size)
{
	void *grown = items;

	if (count < *cap)
		return items;
	*cap = *cap ? *cap * 2 : 256;
	grown = realloc(items, *cap * size);
	if (!grown)
		abort();
	return grown;
}

size_t derive_unknown(struct derive *d, json_int_t count)
{
	d->unknowns = grow(d->unknowns, &d->unknown_cap, d->unknown_count,
			   sizeof(*d->unknowns));
	d->unknowns[d->unknown_count] =
	    (struct unknown){ count, 0, NO_BOUND, NO_BOUND, 0, 0 };
	return d->unknown_count++;
}

void derive_begin(struct derive *d, size_t whole)
{
	d->equations = grow(d->equations, &d->equation_cap, d->equation_count,
			    sizeof(*d->equations));
	d->equations[d->equation_count++] =
	    (struct equation){ whole, d->part_count, 0 };
}

void derive_part(struct derive *d, size_t part)
{
	d->parts =
	    grow(d->parts, &d->part_cap, d->part_count, sizeof(*d->parts));
	d->parts[d->part_count++] = part;
	d->equations[d->equation_count - 1].parts++;
}

/* People who stand in two lines make it none. */
void derive_end(struct derive *d)
{
	struct equation *e = &d->equations[d->equation_count - 1];
	json_int_t sum = 0;

	for (size_t i = 0; i < e->parts; i++)
		sum += d->unknowns[d->parts[e->first + i]].count;
	if (sum != d->unknowns[e->whole].count || e->parts == 0)
		d->equation_count--;
}

/* -------------------------------------------------------------- the bounds */

static bool raise(struct unknown *u, json_int_t least)
{
	if (least <= u->least)
		return false;
	u->least = least;
	return true;
}

static bool lower(struct unknown *u, json_int_t most)
{
	if (most >= u->most)
		return false;
	u->most = most;
	return true;
}

static bool draw_in(struct derive *d, const struct equation *e)
{
	struct unknown *whole = &d->unknowns[e->whole];
	json_int_t least = 0, most = 0;
	bool changed;

	for (size_t i = 0; i < e->parts; i++) {
		least += d->unknowns[d->parts[e->first + i]].least;
		most += d->unknowns[d->parts[e->first + i]].most;
	}
	changed = raise(whole, least);
	if (most < NO_BOUND)
		changed |= lower(whole, most);
	for (size_t i = 0; i < e->parts; i++) {
		struct unknown *u = &d->unknowns[d->parts[e->first + i]];
		json_int_t others = most - u->most, at_least = least - u->least;

		if (others < NO_BOUND)
			changed |= raise(u, whole->least - others);
		if (whole->most < NO_BOUND)
			changed |= lower(u, whole->most - at_least);
	}
	return changed;
}

static void draw_in_all(struct derive *d)
{
	bool changed = true;

	for (int pass = 0; changed && pass < PASSES_MAX; pass++) {
		changed = false;
		for (size_t i = 0; i < d->equation_count; i++)
			changed |= draw_in(d, &d->equations[i]);
	}
}

static bool is_settled(const struct derive *d, size_t at)
{
	return d->unknowns[at].least == d->unknowns[at].most;
}

/* Of an equation the parts that are not known, where what they add up to is. */
struct rest {
	size_t parts;
	uint64_t
	    hash; /* whatever their order; of a difference the difference */
};

static uint64_t hash_of(size_t at)
{
	uint64_t x = (at + 1) * UINT64_C(0x9e3779b97f4a7c15);

	x = (x ^ x >> 31) * UINT64_C(0xbf58476d1ce4e5b9);
	return x ^ x >> 29;
}

static struct rest rest_of(const struct derive *d, const struct equation *e)
{
	struct rest rest = { 0 };

	for (size_t i = 0; is_settled(d, e->whole) && i < e->parts; i++) {
		size_t part = d->parts[e->first + i];

		if (is_settled(d, part))
			continue;
		rest.parts++;
		rest.hash += hash_of(part);
	}
	return rest;
}

/* Are the unknown parts of @e all marked? */
static bool is_among(const struct derive *d, const struct equation *e,
		     const size_t *marks, size_t mark)
{
	for (size_t i = 0; i < e->parts; i++) {
		size_t part = d->parts[e->first + i];

		if (!is_settled(d, part) && marks[part] != mark)
			return false;
	}
	return true;
}

/* What equation @i has beyond @k adds up to the difference. */
static void subtract(struct derive *d, size_t i, size_t k)
{
	json_int_t sum = 0;
	size_t first = d->equations[i].first, n = d->equations[i].parts;
	size_t whole = d->unknown_count, of = d->equations[k].first,
	       parts = d->equations[k].parts;

	derive_unknown(d, 0);
	d->unknowns[whole].shown = true;
	derive_begin(d, whole);
	for (size_t a = 0; a < n; a++) {
		size_t part = d->parts[first + a], b = 0;

		while (b < parts && d->parts[of + b] != part)
			b++;
		if (b < parts || is_settled(d, part))
			continue;
		sum += d->unknowns[part].count;
		derive_part(d, part);
	}
	d->unknowns[whole].count = sum;
	d->unknowns[whole].least = d->unknowns[whole].most = sum;
}

#define DIFFERENCES_MAX 20000

/* Of two equations one of which has all that is unknown in the other. */
static bool take_differences(struct derive *d, json_t *seen)
{
	size_t n = d->equation_count, before = n, cap = d->unknown_count;
	struct rest *rests = xcalloc(n + 1, sizeof(*rests));
	size_t *marks = xcalloc(cap + 1, sizeof(*marks));
	char key[32];

	for (size_t i = 0; i < n; i++) {
		rests[i] = rest_of(d, &d->equations[i]);
		snprintf(key, sizeof(key), "%llx",
			 (unsigned long long)rests[i].hash);
		json_object_set_new(seen, key, json_true());
	}
	for (size_t i = 0; i < n; i++) {
		const struct equation e = d->equations[i];

		for (size_t p = 0; rests[i].parts > 2 && p < e.parts; p++)
			marks[d->parts[e.first + p]] = i + 1;
		for (size_t k = 0; rests[i].parts > 2 && k < n &&
				   d->equation_count < DIFFERENCES_MAX;
		     k++) {
			if (rests[k].parts < 2 ||
			    rests[k].parts >= rests[i].parts ||
			    !is_among(d, &d->equations[k], marks, i + 1))
				continue;
			snprintf(key, sizeof(key), "%llx",
				 (unsigned long long)(rests[i].hash -
						      rests[k].hash));
			if (json_object_get(seen, key))
				continue;
			json_object_set_new(seen, key, json_true());
			subtract(d, i, k);
		}
	}
	free(rests);
	free(marks);
	return d->equation_count > before;
}

#define ROUNDS_MAX 4

void derive_settle(struct derive *d)
{
	json_t *seen = json_object();

	draw_in_all(d);
	for (int i = 0; i < ROUNDS_MAX && take_differences(d, seen); i++)
		draw_in_all(d);
	json_decref(seen);
}

void derive_free(struct derive *d)
{
	json_decref(d->places);
	free(d->unknowns);
	free(d->equations);
	free(d->parts);
}
