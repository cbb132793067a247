/*
 * releases_groups: tables of regions and tables of groups of them, held
 * against one another. Between them they may tell what either hides.
 *
 * Of one scope, what a group has beyond those of its regions that are shown
 * is what the hidden ones have. Where one scope lies within the other the
 * two do not add up, and only bounds are left: in a year no region has fewer
 * people than in a quarter of it. How far these bounds and the column's own
 * total narrow what can be known of a hidden figure is told here, and as in
 * disclosure.h it has to stay as wide as the threshold. Rounding is not
 * counted on.
 */
#include "releases.h"

#include <stdlib.h>
#include <string.h>

#define GROUPS_MAX 8
#define ALL_REGIONS (~UINT32_C(0))

struct comparing {
	struct publication *p;
	const json_t *scope;
	struct release_conflict *with;
	size_t hidden, few;
};

/* The two tables, and how they lie to one another. */
struct pair {
	const json_t *coarse, *fine; /* cells */
	uint32_t coarse_asked, fine_asked;
	enum scopes fine_is; /* in what the coarse one counts, regions apart */
	json_int_t threshold;
};

/* What is known of a group in a column. */
struct known {
	bool shown;        /* its figure */
	bool covered;      /* all its regions were asked for in the fine one */
	json_int_t figure; /* where it is shown */
	json_int_t sum;    /* of its regions that are shown */
	json_int_t behind; /* of those that are hidden, which nobody knows */
	json_int_t hidden; /* how many these are */
	bool blank;        /* noughts among them: each may be one */
};

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

static struct known know(const struct pair *pair, const char *group,
			 uint32_t regions, const char *column)
{
	const json_t *all = figure_of(pair->coarse, group, column);
	struct known k = { .shown = all && !is_hidden(all) };

	regions &= pair->coarse_asked;
	k.covered = (regions & ~pair->fine_asked) == 0;
	k.figure = count_of(all);
	for (int r = 0; r < SDG_REGION_COUNT; r++) {
		const json_t *one =
		    regions >> r & 1
			? figure_of(pair->fine, sdg_region_id(r), column)
			: NULL;

		if (one && is_hidden(one)) {
			k.hidden++;
			k.behind += count_of(one);
			k.blank |= count_of(one) == 0;
		} else {
			k.sum += count_of(one);
		}
	}
	return k;
}

/* Does the figure of a group, less those of its regions that are shown, say
 * more of one that is hidden than that it is small? */
static bool gives_away(const struct pair *pair, const struct known *k)
{
	/* Each of them is at least 1, so at most what the others leave. */
	json_int_t most = k->figure - k->sum - (k->blank ? 0 : k->hidden - 1);

	if (!k->shown || k->hidden == 0)
		return false;
	/* Regions that were not asked for have some of it, or nothing. */
	if (!k->covered)
		return most - 1 < pair->threshold;
	return k->hidden == 1 || most < pair->threshold - 1;
}

static json_int_t least_of(json_int_t a, json_int_t b)
{
	return a < b ? a : b;
}

static json_int_t most_of(json_int_t a, json_int_t b)
{
	return a > b ? a : b;
}

/* The most that the hidden regions of a group can have together, the fine
 * table being the part; @column: what all that are hidden have. */
static json_int_t cap(const struct known *k, json_int_t column)
{
	return k->shown ? least_of(k->figure - k->sum, column) : column;
}

/* The least, the fine table being the whole. */
static json_int_t floor_of(const struct known *k)
{
	return k->shown ? most_of(k->figure - k->sum, k->hidden) : k->hidden;
}

/*
 * Do bounds from the other scope narrow what can be known of a hidden region
 * of group @at below the threshold? All hidden ones of a group have the same
 * bounds: at least 1 each, together what the column's total leaves, and
 * together with their group at most (part) or at least (whole) what the
 * group's figure leaves.
 */
static bool is_narrowed(const struct pair *pair, const struct known *groups,
			size_t n, size_t at)
{
	const struct known *k = &groups[at];
	json_int_t column = 0, hidden = 0, others = 0, least = 1, most;
	json_int_t lowest, highest; /* by the fine table alone */

	for (size_t i = 0; i < n; i++) {
		column += groups[i].behind;
		hidden += groups[i].hidden;
	}
	for (size_t i = 0; i < n; i++)
		if (i != at && groups[i].hidden)
			others += pair->fine_is == SCOPES_PART
				      ? cap(&groups[i], column)
				      : floor_of(&groups[i]);
	lowest = hidden == 1 ? column : 1;
	highest = column - hidden + 1;
	if (pair->fine_is == SCOPES_PART) {
		most = least_of(highest, cap(k, column) - k->hidden + 1);
		if (k->hidden == 1)
			least = most_of(1, column - others);
	} else {
		most = column - others - k->hidden + 1;
		if (k->hidden == 1)
			least = floor_of(k);
	}
	if (least <= lowest && most >= highest)
		return false;
	/* Of a small one even that it is not one person is too much. */
	return most - least < pair->threshold ||
	       (least > lowest && k->behind < pair->threshold);
}

/* A column that counts the same people in both has equal scopes, whatever
 * was asked: nothing came in the rest. */
static bool is_nested(const struct pair *pair, const char *column)
{
	return pair->fine_is != SCOPES_EQUAL &&
	       pair->fine_asked == pair->coarse_asked &&
	       count_of(figure_of(pair->coarse, "all", column)) !=
		   count_of(figure_of(pair->fine, "all", column));
}

static void judge_column(struct comparing *c, const struct pair *pair,
			 const char *column)
{
	struct known groups[GROUPS_MAX];
	bool nested = is_nested(pair, column);
	const char *id;
	uint32_t regions;
	size_t n = 0;

	for (; n < GROUPS_MAX && (id = publication_group(n, &regions)); n++) {
		groups[n] = know(pair, id, regions, column);
		/* One region by itself is in both tables. */
		if (!nested && regions & (regions - 1))
			c->hidden += gives_away(pair, &groups[n]);
	}
	for (size_t i = 0; i < n && nested; i++) {
		const struct known *k = &groups[i];
		json_int_t apart = k->figure - k->sum;

		apart = apart < 0 ? -apart : apart;
		if (k->hidden)
			c->hidden += is_narrowed(pair, groups, n, i);
		else
			c->few += k->shown && apart && apart < pair->threshold;
	}
}

static uint32_t asked(const json_t *scope)
{
	json_int_t regions = json_integer_value(
	    json_object_get(json_object_get(scope, "filter"), "regions"));

	return regions ? (uint32_t)regions : ALL_REGIONS;
}

static void judge(struct comparing *c, const struct pair *pair)
{
	bool same_fold = releases_same_fold(pair->coarse, pair->fine);
	const char *key;
	json_t *cell;

	json_object_foreach((json_t *)(uintptr_t)pair->coarse, key, cell)
	{
		const char *column = key + 4;

		if (strncmp(key, "all/", 4) != 0 ||
		    !json_object_get(pair->fine, key))
			continue;
		if (same_fold || strcmp(column, PUB_FOLDED) != 0)
			judge_column(c, pair, column);
	}
}

static enum scopes turned(enum scopes scopes)
{
	if (scopes == SCOPES_PART)
		return SCOPES_WHOLE;
	return scopes == SCOPES_WHOLE ? SCOPES_PART : scopes;
}

static int compare_groups(void *arg, const struct release *earlier)
{
	struct comparing *c = arg;
	const json_t *then = json_object_get(
	    json_object_get(earlier->json, "tables"), c->p->themes.id);
	const json_t *now = json_object_get(json_object_get(c->scope, "tables"),
					    c->p->themes.id);
	enum scopes scopes = releases_scopes(c->scope, earlier->json, false);
	size_t before = c->hidden + c->few;
	bool grouped = figure_of(then, "north", "any");
	struct pair pair = {
		.coarse = grouped ? then : now,
		.fine = grouped ? now : then,
		.coarse_asked = asked(grouped ? earlier->json : c->scope),
		.fine_asked = asked(grouped ? c->scope : earlier->json),
		.fine_is = grouped ? scopes : turned(scopes),
		.threshold = (json_int_t)c->p->policy->threshold,
	};

	if (grouped == c->p->grouped ||
	    releases_scopes(c->scope, earlier->json, true) == SCOPES_APART)
		return 0;
	judge(c, &pair);
	if (c->hidden + c->few > before)
		releases_note(c->with, earlier, scopes);
	return 0;
}

size_t releases_groups(const struct sdg_home *home, struct publication *p,
		       const json_t *scope, struct release_conflict *with,
		       struct sdg_error *err)
{
	struct comparing c = { .p = p, .scope = scope, .with = with };

	*with = (struct release_conflict){ 0 };
	err->code = 0;
	releases_each(home, compare_groups, &c, err);
	with->few = c.hidden ? 0 : c.few;
	return c.hidden + c.few;
}
