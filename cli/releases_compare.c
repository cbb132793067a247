/*
 * releases_compare: what is to be published held against what was. Two tables
 * that differ by a few people describe just those, and a table of regions
 * beside one of groups of them describes what either hides.
 */
#include "releases.h"

#include <stdlib.h>
#include <string.h>

struct comparing {
	struct publication *p;
	const json_t *scope;
	bool carry;
	size_t conflicts;
	char *with;
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
					    "phases", "regions" };
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

/* Is all that @a counts counted in @b, too? */
static bool within(const json_t *a, const json_t *b)
{
	return day_of(b, "since_day", 0) <= day_of(a, "since_day", 0) &&
	       day_of(a, "until_day", INT32_MAX) <=
		   day_of(b, "until_day", INT32_MAX) &&
	       filter_within(json_object_get(a, "filter"),
			     json_object_get(b, "filter"));
}

static bool comparable(const json_t *a, const json_t *b)
{
	return json_equal(json_object_get(a, "audience"),
			  json_object_get(b, "audience")) &&
	       json_equal(json_object_get(a, "members"),
			  json_object_get(b, "members")) &&
	       (within(a, b) || within(b, a)) &&
	       !json_object_get(b, "withdrawn");
}

static void compare_table(struct comparing *c, struct pub_table *t,
			  const struct release *earlier)
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
		    apart >= c->p->policy->threshold)
			continue;
		if (!c->conflicts)
			snprintf(c->with, 32, "%s", earlier->id);
		c->conflicts++;
		if (c->carry)
			t->counts[i] = was;
	}
}

static int compare_release(void *arg, const struct release *earlier)
{
	struct pub_table *tables[PUB_TABLES];
	struct comparing *c = arg;

	if (!comparable(c->scope, earlier->json))
		return 0;
	publication_tables(c->p, tables);
	for (size_t i = 0; i < PUB_TABLES; i++)
		compare_table(c, tables[i], earlier);
	return 0;
}

size_t releases_conflicts(const struct sdg_home *home, struct publication *p,
			  const json_t *scope, bool carry, char with[32],
			  struct sdg_error *err)
{
	struct comparing c = { p, scope, carry, 0, with };

	*with = '\0';
	/* A record that cannot be read cannot be held against: the caller
	 * sees err filled and must not publish. */
	err->code = 0;
	releases_each(home, compare_release, &c, err);
	return c.conflicts;
}

/* ---------------------------------------------------------------- groups */

static const json_t *figure_of(const json_t *cells, const char *row,
			       const char *column)
{
	char *key = xformat("%s/%s", row, column);
	const json_t *cell = json_object_get(cells, key);

	free(key);
	return cell;
}

static json_int_t count_of(const json_t *cell)
{
	return json_integer_value(json_object_get(cell, "count"));
}

static bool is_hidden(const json_t *cell)
{
	return json_is_true(json_object_get(cell, "hidden"));
}

/* Does the figure of a group, less those of its regions that are shown, say
 * more of one that is hidden than that it is small? Rounding is not counted
 * on. */
static bool gives_away(const struct sdg_policy *policy, const json_t *coarse,
		       const json_t *fine, uint32_t regions, const char *group,
		       const char *column)
{
	const json_t *all = figure_of(coarse, group, column);
	json_int_t left = count_of(all), hidden = 0;

	if (!all || is_hidden(all))
		return false;
	for (int r = 0; r < SDG_REGION_COUNT; r++) {
		const json_t *one =
		    regions >> r & 1 ? figure_of(fine, sdg_region_id(r), column)
				     : NULL;

		if (one && is_hidden(one))
			hidden++;
		else
			left -= count_of(one);
	}
	/* Each of them is at least 1, so at most what the others leave. */
	return hidden == 1 ||
	       (hidden > 1 &&
		left - hidden + 1 < (json_int_t)policy->threshold - 1);
}

/* All columns of the table of groups. */
static size_t count_away(const struct sdg_policy *policy, json_t *coarse,
			 const json_t *fine)
{
	const char *key;
	json_t *cell;
	size_t n = 0;

	json_object_foreach(coarse, key, cell)
	{
		const char *slash = strchr(key, '/');
		char *group =
		    slash ? strndup(key, (size_t)(slash - key)) : NULL;
		uint32_t regions = group ? publication_group(group) : 0;

		if (regions & (regions - 1)) /* more than one */
			n += gives_away(policy, coarse, fine, regions, group,
					slash + 1);
		free(group);
	}
	return n;
}

static int compare_groups(void *arg, const struct release *earlier)
{
	struct comparing *c = arg;
	json_t *then = json_object_get(json_object_get(earlier->json, "tables"),
				       c->p->themes.id);
	json_t *now = json_object_get(json_object_get(c->scope, "tables"),
				      c->p->themes.id);
	bool grouped = figure_of(then, "north", "any");
	size_t n = 0;

	if (grouped != c->p->grouped && comparable(c->scope, earlier->json))
		n = count_away(c->p->policy, grouped ? then : now,
			       grouped ? now : then);
	if (n && !c->conflicts)
		snprintf(c->with, 32, "%s", earlier->id);
	c->conflicts += n;
	return 0;
}

size_t releases_groups(const struct sdg_home *home, struct publication *p,
		       const json_t *scope, char with[32],
		       struct sdg_error *err)
{
	struct comparing c = { .p = p, .scope = scope, .with = with };

	*with = '\0';
	err->code = 0;
	releases_each(home, compare_groups, &c, err);
	return c.conflicts;
}
