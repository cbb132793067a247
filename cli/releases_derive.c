/*
 * releases_derive: what somebody who has every page can derive.
 *
 * Every figure is of a question (days, sources, regions, a theme …): a page of
 * mail alone has in its total what the list of channels of another page has in
 * a line. Figures of one question and one count are one unknown, whichever
 * pages they stand on: who knows, or guesses, that nothing came between is
 * right. Lines that add up are equations between them. Shown figures are known,
 * unrounded; then the bounds of each are drawn in from its equations, and from
 * the differences of those of which one has all that another leaves unknown,
 * until nothing moves. A page is told on that narrows a small figure which
 * nobody shows to less than that it is small. releases_groups.c has what
 * follows from one question lying within another, which is no equation.
 */
#include "releases_derive.h"

#include <stdlib.h>
#include <string.h>

/* What a figure is of. */
struct about {
	int since, until;
	json_int_t sources, stances, regions;
	char theme[64];
	const json_t *filter;
};

/* A table of a release, and its lines. */
struct sheet {
	struct derive *d;
	const json_t *cells;
	struct about about; /* all of it */
	bool only_theme;    /* its one column is of the theme asked for */
};

static json_int_t number(const json_t *of, const char *key)
{
	return json_integer_value(json_object_get(of, key));
}

static json_int_t all_regions(void)
{
	return ((json_int_t)1 << SDG_REGION_COUNT) - 2;
}

/* Which unknown the figure is. */
static size_t place_of(struct derive *d, const struct about *a,
		       json_int_t count)
{
	char *key = xformat(
	    "%d %d %lld %lld %lld %lld %lld %s/%s=%lld", a->since, a->until,
	    (long long)a->sources, (long long)a->stances,
	    (long long)number(a->filter, "roles"),
	    (long long)number(a->filter, "phases"), (long long)a->regions,
	    json_string_value(json_object_get(a->filter, "consultation")),
	    a->theme, (long long)count);
	json_t *place = json_object_get(d->places, key);

	if (!place) {
		place = json_integer((json_int_t)derive_unknown(d, count));
		json_object_set_new(d->places, key, place);
	}
	free(key);
	return (size_t)json_integer_value(place);
}

/* @cell NULL: no page has it, but its parts add up to it. */
static size_t note(struct derive *d, const struct about *a, const json_t *cell,
		   json_int_t count, bool blank)
{
	size_t at = place_of(d, a, count);
	struct unknown *u = &d->unknowns[at];

	if (!cell)
		return at;
	if (!json_is_true(json_object_get(cell, "hidden"))) {
		u->shown = true;
		u->least = u->most = count;
	} else {
		u->hidden = true;
		if (!blank && count && u->least < 1)
			u->least = 1;
	}
	return at;
}

static const json_t *cell_at(const struct sheet *s, const char *row,
			     const char *column)
{
	char *key = xformat("%s/%s", row, column);
	const json_t *cell = json_object_get(s->cells, key);

	free(key);
	return cell;
}

/* Is a nought of this column hidden? */
static bool has_blank(const struct sheet *s, const char *column)
{
	const char *key;
	json_t *cell;

	json_object_foreach((json_t *)(uintptr_t)s->cells, key, cell)
	{
		const char *slash = strchr(key, '/');

		if (slash && strcmp(slash + 1, column) == 0 &&
		    json_is_true(json_object_get(cell, "hidden")) &&
		    number(cell, "count") == 0)
			return true;
	}
	return false;
}

/* ---------------------------------------------------------------- a column */

struct line {
	const struct sheet *s;
	const char *id;
	struct about about;
	bool blank;
};

static size_t note_row(const struct line *c, const char *row,
		       const struct about *about)
{
	const json_t *cell = cell_at(c->s, row, c->id);

	return note(c->s->d, about, cell, number(cell, "count"), c->blank);
}

/* A region's figure, where it was asked for. */
static bool note_region(const struct line *c, int region, size_t *at)
{
	struct about about = c->about;

	about.regions &= (json_int_t)1 << region;
	if (!about.regions || !cell_at(c->s, sdg_region_id(region), c->id))
		return false;
	*at = note_row(c, sdg_region_id(region), &about);
	return true;
}

/* A group of them: as it stands there, or as its regions add up to it. */
static bool note_group(const struct line *c, const char *id, uint32_t regions,
		       size_t *at)
{
	const json_t *cell = cell_at(c->s, id, c->id);
	struct about about = c->about;
	json_int_t sum = 0;
	size_t part;

	about.regions &= regions;
	if (!about.regions)
		return false;
	if (cell) {
		*at = note_row(c, id, &about);
		return true;
	}
	for (int r = 1; r < SDG_REGION_COUNT; r++)
		if (about.regions >> r & 1)
			sum += number(cell_at(c->s, sdg_region_id(r), c->id),
				      "count");
	*at = note(c->s->d, &about, NULL, sum, true);
	derive_begin(c->s->d, *at);
	for (int r = 1; r < SDG_REGION_COUNT; r++)
		if (about.regions >> r & 1 && note_region(c, r, &part))
			derive_part(c->s->d, part);
	derive_end(c->s->d);
	return true;
}

static void add_regions(const struct line *c, size_t whole)
{
	struct derive *d = c->s->d;
	size_t at, groups[8], n = 0;
	uint32_t regions;
	const char *id;

	for (size_t g = 0; n < 8 && (id = publication_group(g, &regions)); g++)
		if (note_group(c, id, regions, &at))
			groups[n++] = at;
	derive_begin(d, whole);
	for (size_t i = 0; i < n; i++)
		derive_part(d, groups[i]);
	derive_end(d);
	derive_begin(d, whole);
	for (int r = 1; r < SDG_REGION_COUNT; r++)
		if (note_region(c, r, &at))
			derive_part(d, at);
	derive_end(d);
}

static void narrow_days(struct about *about, const char *month)
{
	int year = 0, of = 0, first, past;

	if (sscanf(month, "%d-%d", &year, &of) != 2)
		return;
	first = date_from_civil(year, of, 1);
	past = date_from_civil(year + of / 12, of % 12 + 1, 1);
	if (first > about->since)
		about->since = first;
	if (!about->until || past < about->until)
		about->until = past;
}

/* What a row of a table that has no regions is of. */
static struct about about_row(const struct about *all, const char *table,
			      const char *row)
{
	struct about about = *all;

	if (strcmp(table, "stance-theme") == 0)
		about.stances = (json_int_t)1
				<< sdg_stance_from_id(sdg_str(row));
	else if (strcmp(table, "source") == 0)
		about.sources = (json_int_t)1
				<< sdg_source_from_id(sdg_str(row));
	else
		narrow_days(&about, row);
	return about;
}

static void add_rows(const struct line *c, const char *table, size_t whole)
{
	const char *key;
	json_t *cell;

	derive_begin(c->s->d, whole);
	json_object_foreach((json_t *)(uintptr_t)c->s->cells, key, cell)
	{
		const char *slash = strchr(key, '/');
		struct about about;
		char row[64];

		if (!slash || strcmp(slash + 1, c->id) != 0 ||
		    strncmp(key, "all/", 4) == 0)
			continue;
		snprintf(row, sizeof(row), "%.*s", (int)(slash - key), key);
		about = about_row(&c->about, table, row);
		derive_part(c->s->d, note_row(c, row, &about));
	}
	derive_end(c->s->d);
}

/* Other themes were folded where other columns stand. */
static void fold_name(const struct sheet *s, char out[64])
{
	uint64_t hash = 14695981039346656037u;
	const char *key;
	json_t *cell;

	json_object_foreach((json_t *)(uintptr_t)s->cells, key, cell)
	{
		uint64_t one = 14695981039346656037u;

		if (strncmp(key, "all/", 4) != 0)
			continue;
		for (const char *p = key; *p; p++)
			one = (one ^ (unsigned char)*p) * 1099511628211u;
		hash ^= one; /* whatever their order */
	}
	snprintf(out, 64, "fold-%llx", (unsigned long long)hash);
}

static void add_column(const struct sheet *s, const char *table, const char *id)
{
	struct line c = { s, id, s->about, has_blank(s, id) };
	size_t whole;

	if (strcmp(id, PUB_FOLDED) == 0)
		fold_name(s, c.about.theme);
	else if (strcmp(id, "any") != 0)
		snprintf(c.about.theme, sizeof(c.about.theme), "%.60s", id);
	whole = note_row(&c, "all", &c.about);
	if (strcmp(table, "region-theme") == 0)
		add_regions(&c, whole);
	else
		add_rows(&c, table, whole);
}

/* Where one theme is asked for, all are those of it. */
static void name_any(struct sheet *s, const json_t *tables)
{
	const json_t *themes = json_object_get(s->about.filter, "themes");
	json_int_t mask = 0;
	const char *key, *only = NULL;
	json_t *cell;
	size_t n = 0;

	for (size_t i = 0; i < 4; i++)
		mask |= json_integer_value(json_array_get(themes, i)) << i;
	json_object_foreach(json_object_get(tables, "region-theme"), key, cell)
	{
		if (strncmp(key, "all/", 4) != 0 || strcmp(key, "all/any") == 0)
			continue;
		only = key + 4;
		n++;
	}
	if (mask && n == 1) {
		snprintf(s->about.theme, sizeof(s->about.theme), "%.60s", only);
		return;
	}
	snprintf(s->about.theme, sizeof(s->about.theme), "any");
	for (size_t i = 0; mask && i < 4; i++)
		snprintf(s->about.theme + strlen(s->about.theme), 16, "-%llx",
			 (unsigned long long)json_integer_value(
			     json_array_get(themes, i)));
}

static void add_release(struct derive *d, const json_t *scope)
{
	const json_t *tables = json_object_get(scope, "tables");
	const json_t *filter = json_object_get(scope, "filter");
	struct sheet s = { .d = d,
			   .about = { .since = (int)number(scope, "since_day"),
				      .until = (int)number(scope, "until_day"),
				      .sources = number(filter, "sources"),
				      .stances = number(filter, "stances"),
				      .regions = number(filter, "regions"),
				      .filter = filter } };
	const char *table, *key;
	json_t *cells, *cell;

	if (!s.about.regions)
		s.about.regions = all_regions();
	name_any(&s, tables);
	json_object_foreach((json_t *)(uintptr_t)tables, table, cells)
	{
		s.cells = cells;
		json_object_foreach(cells, key, cell)
		{
			if (strncmp(key, "all/", 4) == 0)
				add_column(&s, table, key + 4);
		}
	}
}

/* Small, shown nowhere, and known to less than that it is small. */
static bool is_told(const struct unknown *u, json_int_t threshold)
{
	return u->hidden && !u->shown && u->count && u->count < threshold &&
	       u->most - u->least < threshold &&
	       !(u->least <= 1 && u->most >= threshold - 1);
}

static int add_earlier(void *arg, const struct release *earlier)
{
	struct derive *d = arg;

	if (!json_equal(json_object_get(earlier->json, "audience"),
			json_object_get(d->scope, "audience")) ||
	    !json_equal(json_object_get(earlier->json, "members"),
			json_object_get(d->scope, "members")) ||
	    json_object_get(earlier->json, "withdrawn"))
		return 0;
	add_release(d, earlier->json);
	snprintf(d->with->id, sizeof(d->with->id), "%s", earlier->id);
	return 0;
}

size_t releases_derived(const struct sdg_home *home,
			const struct publication *p, const json_t *scope,
			struct release_conflict *with, struct sdg_error *err)
{
	json_int_t threshold = (json_int_t)p->policy->threshold;
	struct derive d = { .places = json_object(),
			    .scope = scope,
			    .with = with };
	size_t told = 0;

	*with = (struct release_conflict){ 0 };
	err->code = 0;
	if (releases_each(home, add_earlier, &d, err) < 0 || !*with->id)
		goto out;
	derive_settle(&d);
	for (size_t i = 0; i < d.unknown_count; i++)
		d.unknowns[i].before = d.unknowns[i].most - d.unknowns[i].least;
	add_release(&d, scope);
	derive_settle(&d);
	for (size_t i = 0; i < d.unknown_count; i++) {
		const struct unknown *u = &d.unknowns[i];

		told += is_told(u, threshold) && u->most - u->least < u->before;
	}
out:
	derive_free(&d);
	return told;
}
