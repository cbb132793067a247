/*
 * releases_compare: what is to be published held against what was. Two tables
 * that differ by a few people describe just those. (releases_groups.c holds
 * tables of regions against tables of groups of them.)
 *
 * Of two scopes one of which lies within the other (a quarter and its year,
 * mail and everything) the smaller one's people are among the larger one's,
 * so the difference of a figure is a count of people, those of the rest
 * alone, as it is of two equal scopes between which a few came. Of two that
 * only overlap it is none: what each has that the other lacks is unknown.
 */
#include "releases.h"

#include <stdlib.h>
#include <string.h>

struct comparing {
	struct publication *p;
	const json_t *scope;
	bool carry;
	size_t conflicts;
	struct release_conflict *with;
};

/* 0 stands for all. */
static bool set_within(const json_t *a, const json_t *b)
{
	json_int_t x = json_integer_value(a), y = json_integer_value(b);

	return y == 0 || (x != 0 && (x & ~y) == 0);
}

static bool themes_within(const json_t *a, const json_t *b)
{
	json_int_t left = 0, all_a = 0, all_b = 0;

	for (size_t i = 0; i < 4; i++) {
		json_int_t x = json_integer_value(json_array_get(a, i));
		json_int_t y = json_integer_value(json_array_get(b, i));

		left |= x & ~y;
		all_a |= x;
		all_b |= y;
	}
	return all_b == 0 || (all_a != 0 && left == 0);
}

static bool filter_within(const json_t *a, const json_t *b)
{
	static const char *const sets[] = { "sources", "stances", "roles",
					    "phases" };
	const json_t *of = json_object_get(b, "consultation");

	for (size_t i = 0; i < sizeof(sets) / sizeof(*sets); i++)
		if (!set_within(json_object_get(a, sets[i]),
				json_object_get(b, sets[i])))
			return false;
	return themes_within(json_object_get(a, "themes"),
			     json_object_get(b, "themes")) &&
	       (json_string_length(of) == 0 ||
		json_equal(json_object_get(a, "consultation"), of));
}

static int day_of(const json_t *scope, const char *key, int none)
{
	int day = (int)json_integer_value(json_object_get(scope, key));

	return day ? day : none; /* 0 to 0 is all time */
}

/* Is all that @a counts, were it of @b's regions, counted in @b, too? */
static bool within(const json_t *a, const json_t *b)
{
	return day_of(b, "since_day", 0) <= day_of(a, "since_day", 0) &&
	       day_of(a, "until_day", INT32_MAX) <=
		   day_of(b, "until_day", INT32_MAX) &&
	       filter_within(json_object_get(a, "filter"),
			     json_object_get(b, "filter"));
}

static enum scopes relation(bool part, bool whole)
{
	if (part)
		return whole ? SCOPES_EQUAL : SCOPES_PART;
	return whole ? SCOPES_WHOLE : SCOPES_APART;
}

enum scopes releases_scopes(const json_t *a, const json_t *b, bool regions)
{
	const json_t *x =
	    json_object_get(json_object_get(a, "filter"), "regions");
	const json_t *y =
	    json_object_get(json_object_get(b, "filter"), "regions");

	if (!json_equal(json_object_get(a, "audience"),
			json_object_get(b, "audience")) ||
	    !json_equal(json_object_get(a, "members"),
			json_object_get(b, "members")) ||
	    json_object_get(b, "withdrawn"))
		return SCOPES_APART;
	return relation(within(a, b) && (!regions || set_within(x, y)),
			within(b, a) && (!regions || set_within(y, x)));
}

bool releases_same_fold(const json_t *a, const json_t *b)
{
	const json_t *sides[] = { a, b };
	const char *key;
	json_t *cell;

	for (int i = 0; i < 2; i++)
		json_object_foreach(
		    (json_t *)(uintptr_t)sides[i], key,
		    cell) if (strncmp(key, "all/", 4) == 0 &&
			      !json_object_get(sides[!i], key)) return false;
	return true;
}

void releases_note(struct release_conflict *with, const struct release *earlier,
		   enum scopes scopes)
{
	char since[DATE_SIZE] = "", until[DATE_SIZE] = "";
	int first = day_of(earlier->json, "since_day", OPEN_SINCE);
	int past = day_of(earlier->json, "until_day", OPEN_UNTIL);

	if (*with->id)
		return;
	snprintf(with->id, sizeof(with->id), "%s", earlier->id);
	with->nested = scopes != SCOPES_EQUAL;
	if (first > OPEN_SINCE)
		date_format(first, since);
	if (past < OPEN_UNTIL)
		date_format(past - 1, until);
	snprintf(with->period, sizeof(with->period), "%s%s%s%s", since,
		 *since && *until ? " " : "",
		 *until   ? "to "
		 : *since ? " on"
			  : "all time",
		 until);
}

/* Of the folded column nobody could be taken, had other themes been folded. */
static bool is_other_fold(const struct comparing *c, const struct pub_table *t,
			  size_t col, const json_t *cells)
{
	const json_t *now =
	    json_object_get(json_object_get(c->scope, "tables"), t->id);

	return col < t->cols.n && strcmp(t->cols.ids[col], PUB_FOLDED) == 0 &&
	       !releases_same_fold(now, cells);
}

static void compare_table(struct comparing *c, struct pub_table *t,
			  const struct release *earlier, enum scopes scopes)
{
	const json_t *cells =
	    json_object_get(json_object_get(earlier->json, "tables"), t->id);
	size_t w = t->cols.n + 1;

	for (size_t i = 0; i < (t->rows.n + 1) * w; i++) {
		size_t row = i / w, col = i % w;
		char *key =
		    xformat("%s/%s", row < t->rows.n ? t->rows.ids[row] : "all",
			    col < t->cols.n ? t->cols.ids[col] : "any");
		const json_t *cell = json_object_get(cells, key);
		uint64_t was = (uint64_t)json_integer_value(
		    json_object_get(cell, "count"));
		uint64_t now = t->counts[i];
		uint64_t apart = was > now ? was - now : now - was;

		free(key);
		if (!cell || json_is_true(json_object_get(cell, "hidden")) ||
		    was < c->p->policy->threshold ||
		    now < c->p->policy->threshold || apart == 0 ||
		    apart >= c->p->policy->threshold ||
		    is_other_fold(c, t, col, cells))
			continue;
		releases_note(c->with, earlier, scopes);
		c->conflicts++;
		if (c->carry)
			t->counts[i] = was;
	}
}

static int compare_release(void *arg, const struct release *earlier)
{
	struct pub_table *tables[PUB_TABLES];
	struct comparing *c = arg;
	enum scopes scopes = releases_scopes(c->scope, earlier->json, true);

	if (scopes == SCOPES_APART)
		return 0;
	publication_tables(c->p, tables);
	for (size_t i = 0; i < PUB_TABLES; i++)
		compare_table(c, tables[i], earlier, scopes);
	return 0;
}

size_t releases_conflicts(const struct sdg_home *home, struct publication *p,
			  const json_t *scope, bool carry,
			  struct release_conflict *with, struct sdg_error *err)
{
	struct comparing c = { p, scope, carry, 0, with };

	*with = (struct release_conflict){ 0 };
	/* A record that cannot be read cannot be held against: the caller
	 * sees err filled and must not publish. */
	err->code = 0;
	releases_each(home, compare_release, &c, err);
	return c.conflicts;
}
