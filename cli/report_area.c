/*
 * report_area: counts by areas of one's own: branches, commissioners'
 * areas, 'pilot' and 'rest'.
 *
 * A table gives local authorities, or whole regions, to areas, from a day
 * on where it says one. No cell of the store answers that: the pieces are
 * walked, and people told apart here.
 */
#include "report.h"

#include <stdlib.h>
#include <string.h>

#include "map.h"
#include "report_levels.h"

#define TABLE_MAX (1u << 20)
#define AUTHORITIES 65536
#define THEMES 256

struct rule {
	uint16_t area; /* from 1; 0: none */
	int32_t since; /* first day that counts; 0: all */
};

struct areas {
	struct dim_names *names; /* gathers the areas' names */
	struct rule *authorities;
	struct rule regions[SDG_REGION_COUNT];
};

struct walk {
	const struct areas *areas;
	struct report *report;
	bool themed;
	struct map index;           /* area and theme → row + 1 */
	struct map people, matched; /* of a row, of a margin */
	size_t cap;
	uint64_t left_out; /* said before their area's day */
};

static uint16_t area_of_name(struct dim_names *names, const char *name)
{
	for (size_t i = 0; i < names->area_count; i++)
		if (strcmp(names->areas[i], name) == 0)
			return (uint16_t)(i + 1);
	if (names->area_count == DIM_AREAS_MAX)
		return 0;
	names->areas[names->area_count++] = xstrdup(name);
	return (uint16_t)names->area_count;
}

/* The next field of @line: without the quotes that let it hold a comma, and
 * without blanks around it. @line moves behind it, or becomes NULL. */
static char *next_field(char **line)
{
	char *s = *line, *end;
	size_t len;

	if (!s)
		return NULL;
	s += strspn(s, " \t");
	if (*s == '"' && (end = strchr(s + 1, '"'))) {
		*end = '\0';
		*line = strchr(end + 1, ',');
		s++;
	} else {
		*line = strchr(s, ',');
		if (*line)
			**line = '\0';
	}
	if (*line)
		++*line;
	for (len = strlen(s); len && strchr(" \t\r", s[len - 1]); len--)
		s[len - 1] = '\0';
	return s;
}

/* By its number or any of its names; 0: none. */
static uint16_t authority_of(const char *name)
{
	int64_t code = cli_number(name, 1, AUTHORITIES - 1);

	if (code > 0 && *sdg_authority_name((uint16_t)code))
		return (uint16_t)code;
	return sdg_authority_from_name(sdg_str(name));
}

/* "Lancashire,Lancashire and West Yorkshire" or "north-east,pilot,2015-02";
 * @said counts the lines that say something: the first may be a heading. */
static int parse_line(char *line, size_t number, size_t *said,
		      struct areas *areas, struct sdg_error *err)
{
	char *place = next_field(&line), *area = next_field(&line);
	char *day = next_field(&line);
	int32_t since = 0, past;
	uint16_t authority, n;
	int region;

	if (*place == '\0' || *place == '#')
		return 0;
	++*said;
	region = sdg_region_from_id(sdg_str(place));
	authority = authority_of(place);
	if (region <= 0 && authority == 0 && *said == 1 && area)
		return 0; /* a heading */
	if (!area || !*area)
		return sdg_fail(err, SDG_EINVAL,
				"read the areas: line %zu names no area",
				number);
	if (region <= 0 && authority == 0)
		return sdg_fail(err, SDG_EINVAL,
				"read the areas: line %zu begins with neither "
				"a local authority nor a region",
				number);
	if (day && *day && date_parse(day, &since, &past) < 0)
		return sdg_fail(err, SDG_EINVAL,
				"read the areas: line %zu ends with no date",
				number);
	n = area_of_name(areas->names, area);
	if (n == 0)
		return sdg_fail(err, SDG_EINVAL, "read the areas: more than %d",
				DIM_AREAS_MAX);
	if (region > 0)
		areas->regions[region] = (struct rule){ n, since };
	else
		areas->authorities[authority] = (struct rule){ n, since };
	return 0;
}

/* A file, or the name of a table that came with Soundings. */
static int read_table(const char *name, char **text, struct sdg_error *err)
{
	char file[SDG_PATH_MAX], path[SDG_PATH_MAX];
	size_t len;
	int rc;

	rc = sdg_read_file(name, TABLE_MAX, text, &len, err);
	if (rc != SDG_ENOTFOUND || strchr(name, '/') ||
	    snprintf(file, sizeof(file), "areas/%s.csv", name) >=
		(int)sizeof(file) ||
	    sdg_data_path(file, path, NULL) < 0 ||
	    sdg_read_file(path, TABLE_MAX, text, &len, NULL) < 0)
		return rc != SDG_ENOTFOUND || strchr(name, '/')
			   ? rc
			   : sdg_fail(err, SDG_EINVAL,
				      "no table of areas '%.200s': a file, or "
				      "commissioners-2014, inspection-2013",
				      name);
	return 0;
}

static int load(const char *path, struct areas *areas, struct sdg_error *err)
{
	char *text = NULL, *line, *end;
	size_t number = 0, said = 0;
	int rc;

	areas->authorities = xcalloc(AUTHORITIES, sizeof(*areas->authorities));
	rc = read_table(path, &text, err);
	/* By hand: strtok_r would skip empty lines, and numbers go wrong. */
	line = rc == 0 ? text : NULL;
	if (line && strncmp(line, "\xef\xbb\xbf", 3) == 0)
		line += 3; /* a byte order mark */
	for (; rc == 0 && line; line = end) {
		end = strchr(line, '\n');
		if (end)
			*end++ = '\0';
		rc = parse_line(line, ++number, &said, areas, err);
	}
	if (rc == 0 && areas->names->area_count == 0)
		rc = sdg_fail(err, SDG_EINVAL, "'%s' names no area", path);
	free(text);
	return rc;
}

/* The authority decides where it is known and in the table, else the
 * region; what neither places stands last, as unknown. */
static struct rule rule_of(const struct areas *areas,
			   const struct sdg_labels *labels)
{
	struct rule rule = areas->authorities[labels->authority];

	if (rule.area == 0 && labels->region < SDG_REGION_COUNT)
		rule = areas->regions[labels->region];
	if (rule.area == 0)
		rule.area = (uint16_t)(areas->names->area_count + 1);
	return rule;
}

static void count(struct walk *w, uint64_t who_of, struct sdg_measures *m,
		  const struct sdg_stored *stored, bool mention)
{
	const struct sdg_feedback *fb = &stored->fb;
	unsigned themes = stored->labels.theme_count;

	m->messages++;
	m->mentions += mention ? 1 : themes;
	if (fb->source == SDG_SOURCE_REP && stored->member == 0)
		m->reported += fb->note.voices ? fb->note.voices : 1;
	if (stored->member &&
	    map_add(&w->people, mix64(who_of) ^ stored->member))
		m->respondents++;
	if (stored->member && stored->matched &&
	    map_add(&w->matched, mix64(who_of) ^ stored->member))
		m->members++;
}

static struct sdg_measures *row_of(struct walk *w, uint32_t area,
				   uint32_t theme)
{
	struct sdg_result *r = &w->report->result;
	struct map_entry *at =
	    map_at(&w->index, (uint64_t)area << 32 | (theme + 1));

	if (at->a == 0) {
		if (r->row_count == w->cap) {
			size_t cap = w->cap ? w->cap * 2 : 64;
			struct sdg_row *grown = xcalloc(cap, sizeof(*grown));

			if (r->row_count)
				memcpy(grown, r->rows,
				       r->row_count * sizeof(*grown));
			free(r->rows);
			r->rows = grown;
			w->cap = cap;
		}
		r->rows[r->row_count].key[0] = area;
		r->rows[r->row_count].key[1] = theme;
		at->a = (uint32_t)++r->row_count;
	}
	return &r->rows[at->a - 1].measures;
}

static int count_piece(void *arg, const struct sdg_stored *stored)
{
	const struct sdg_labels *labels = &stored->labels;
	struct walk *w = arg;
	struct sdg_result *r = &w->report->result;
	struct rule rule = rule_of(w->areas, labels);

	if (rule.since && stored->day < rule.since) {
		w->left_out++;
		return 0;
	}
	if (r->first_day == 0 || stored->day < r->first_day)
		r->first_day = stored->day;
	if (stored->day > r->last_day)
		r->last_day = stored->day;
	count(w, UINT64_C(1) << 60, &r->totals, stored, false);
	if (!w->themed) {
		count(w, rule.area, row_of(w, rule.area, 0), stored, false);
		return 0;
	}
	count(w, UINT64_C(2) << 60 | rule.area,
	      &w->report->firsts.rows[rule.area - 1].measures, stored, false);
	for (int i = 0; i < labels->theme_count && i < SDG_THEMES_MAX; i++) {
		uint32_t theme = labels->themes[i];

		count(w, UINT64_C(3) << 60 | theme,
		      &w->report->seconds.rows[theme].measures, stored, true);
		count(w, (uint64_t)theme << 32 | rule.area,
		      row_of(w, rule.area, theme), stored, true);
	}
	return 0;
}

/* Margins were made with a row for every key: those that stayed empty go. */
static void prepare_margin(struct sdg_result *margin, size_t n, uint32_t first)
{
	margin->rows = xcalloc(n, sizeof(*margin->rows));
	margin->row_count = n;
	for (size_t i = 0; i < n; i++)
		margin->rows[i].key[0] = (uint32_t)i + first;
}

static void close_margin(struct sdg_result *margin)
{
	size_t kept = 0;

	for (size_t i = 0; i < margin->row_count; i++)
		if (margin->rows[i].measures.messages)
			margin->rows[kept++] = margin->rows[i];
	margin->row_count = kept;
}

static int has_directory(struct sdg_store *store, struct report *report,
			 struct sdg_error *err)
{
	const struct sdg_query query = { .dims = { SDG_DIM_SOURCE },
					 .dim_count = 1 };
	struct sdg_result result = { 0 };
	int rc = sdg_store_report(store, &query, &result, err);

	report->result.directory = result.directory;
	sdg_result_fini(&result);
	return rc;
}

int report_ask_areas(struct sdg_store *store, const struct sdg_query *query,
		     const char *path, struct report *report,
		     struct sdg_error *err)
{
	struct areas areas = { .names = &report->names };
	struct walk w = { .areas = &areas, .report = report };
	struct sdg_result *r = &report->result;
	int rc;

	*report = (struct report){ .query = *query,
				   .crossed = query->dim_count == 2 };
	w.themed = report->crossed;
	rc = dim_names_load(store, &report->names, err);
	if (rc == 0)
		rc = load(path, &areas, err);
	if (rc == 0)
		rc = has_directory(store, report, err);
	if (rc < 0)
		goto out;
	prepare_margin(&report->firsts, report->names.area_count + 1, 1);
	prepare_margin(&report->seconds, THEMES, 0);
	rc = sdg_store_each(store, &query->filter, 0, NULL, count_piece, &w,
			    err);
	report_sort_rows(r);
	close_margin(&report->firsts);
	close_margin(&report->seconds);
	report->left_out = w.left_out;
out:
	free(areas.authorities);
	map_fini(&w.index);
	map_fini(&w.people);
	map_fini(&w.matched);
	return rc;
}
