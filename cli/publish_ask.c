/*
 * publish_ask: the tables of a publication, exact, from the store.
 *
 * Distinct people cannot be added up, so every margin is asked for by
 * itself; and a group of regions, or of themes, is a question of its own.
 */
#include "publish_asking.h"

#include "quality.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#define REGION(r) (UINT32_C(1) << (r))

struct group {
	const char *id, *label, *brief;
	uint32_t regions;
};

static const struct group FINE[] = {
	{ "north-east", "North East", "NE", REGION(SDG_REGION_NORTH_EAST) },
	{ "north-west", "North West", "NW", REGION(SDG_REGION_NORTH_WEST) },
	{ "yorkshire-humber", "Yorkshire and the Humber", "Y&H",
	  REGION(SDG_REGION_YORKSHIRE_HUMBER) },
	{ "east-midlands", "East Midlands", "EM",
	  REGION(SDG_REGION_EAST_MIDLANDS) },
	{ "west-midlands", "West Midlands", "WM",
	  REGION(SDG_REGION_WEST_MIDLANDS) },
	{ "east-of-england", "East of England", "East",
	  REGION(SDG_REGION_EAST_OF_ENGLAND) },
	{ "london", "London", "Lond", REGION(SDG_REGION_LONDON) },
	{ "south-east", "South East", "SE", REGION(SDG_REGION_SOUTH_EAST) },
	{ "south-west", "South West", "SW", REGION(SDG_REGION_SOUTH_WEST) },
	{ "wales", "Wales", "Wal", REGION(SDG_REGION_WALES) },
	{ "scotland", "Scotland", "Scot", REGION(SDG_REGION_SCOTLAND) },
	{ "northern-ireland", "Northern Ireland", "NI",
	  REGION(SDG_REGION_NORTHERN_IRELAND) },
	{ "islands-overseas", "Islands and overseas", "Isl",
	  REGION(SDG_REGION_ISLANDS_OVERSEAS) },
	{ "unknown", "Not known", "n/k", REGION(SDG_REGION_UNKNOWN) },
};

static const struct group COARSE[] = {
	{ "north", "North (North East, North West, Yorkshire and the Humber)",
	  "North",
	  REGION(SDG_REGION_NORTH_EAST) | REGION(SDG_REGION_NORTH_WEST) |
	      REGION(SDG_REGION_YORKSHIRE_HUMBER) },
	{ "midlands-east", "Midlands and East of England", "Mid & E",
	  REGION(SDG_REGION_EAST_MIDLANDS) | REGION(SDG_REGION_WEST_MIDLANDS) |
	      REGION(SDG_REGION_EAST_OF_ENGLAND) },
	{ "london-south", "London, South East and South West", "Lon & S",
	  REGION(SDG_REGION_LONDON) | REGION(SDG_REGION_SOUTH_EAST) |
	      REGION(SDG_REGION_SOUTH_WEST) },
	{ "nations", "Nations, islands and overseas", "Nations",
	  REGION(SDG_REGION_WALES) | REGION(SDG_REGION_SCOTLAND) |
	      REGION(SDG_REGION_NORTHERN_IRELAND) |
	      REGION(SDG_REGION_ISLANDS_OVERSEAS) },
	{ "unknown", "Not known", "n/k", REGION(SDG_REGION_UNKNOWN) },
};

const char *publication_group(size_t index, uint32_t *regions)
{
	if (index >= sizeof(COARSE) / sizeof(COARSE[0]))
		return NULL;
	*regions = COARSE[index].regions;
	return COARSE[index].id;
}

static void axis_init(struct pub_axis *axis, const char *title, size_t n)
{
	axis->title = title;
	axis->n = n;
	axis->ids = xcalloc(n + 1, sizeof(char *));
	axis->labels = xcalloc(n + 1, sizeof(char *));
	axis->shorts = xcalloc(n + 1, sizeof(char *));
}

static void axis_set(struct pub_axis *axis, size_t i, const char *id,
		     const char *label, const char *brief)
{
	axis->ids[i] = xstrdup(id);
	axis->labels[i] = xstrdup(label);
	axis->shorts[i] = xstrdup(brief);
}

static void table_init(struct pub_table *t)
{
	size_t figures = (t->rows.n + 1) * (t->cols.n + 1);

	t->counts = xcalloc(figures, sizeof(*t->counts));
	t->cells = xcalloc(figures, sizeof(*t->cells));
}

int publication_query(struct asking *a, const struct sdg_query *query,
		      struct sdg_result *result)
{
	int rc = sdg_store_report(a->store, query, result, a->err);

	if (rc == 0 && result->left_out && result->frozen_months > a->p->frozen)
		a->p->frozen = result->frozen_months;
	return rc;
}

/* ---------------------------------------------------------------- themes */

/* Where the frame has a theme; those it no longer has come last. */
static size_t frame_order(const struct asking *a, uint32_t key)
{
	const char *id = sdg_store_theme_id(a->store, key);
	size_t n = sdg_classifier_theme_count(a->classifier);

	for (size_t i = 0; id && i < n; i++)
		if (strcmp(sdg_classifier_theme_id(a->classifier, i), id) == 0)
			return i;
	return n + key;
}

static void sort_columns(struct asking *a)
{
	for (size_t i = 1; i < a->theme_count; i++) {
		uint32_t key = a->theme_keys[i];
		size_t at = i;

		for (; at && frame_order(a, a->theme_keys[at - 1]) >
				 frame_order(a, key);
		     at--)
			a->theme_keys[at] = a->theme_keys[at - 1];
		a->theme_keys[at] = key;
	}
}

static int by_people(const void *x, const void *y)
{
	const uint64_t *a = x, *b = y;

	return a[0] < b[0] ? 1 : a[0] > b[0] ? -1 : 0;
}

/* The columns: every theme that was raised, or the largest and the rest. */
static int choose_themes(struct asking *a)
{
	struct sdg_query query = { .dims = { SDG_DIM_THEME },
				   .dim_count = 1,
				   .filter = a->question->filter };
	struct sdg_result result;
	uint64_t sizes[CLI_THEMES_MAX][2];
	size_t n = 0, keep;
	int rc = publication_query(a, &query, &result);

	if (rc < 0)
		return rc;
	for (size_t i = 0; i < result.row_count && n < CLI_THEMES_MAX; i++) {
		sizes[n][0] = publication_people(a, &result.rows[i].measures);
		sizes[n++][1] = result.rows[i].key[0];
	}
	sdg_result_fini(&result);
	keep = a->question->themes_top ? a->question->themes_top : n;
	if (keep < n)
		qsort(sizes, n, sizeof(sizes[0]), by_people);
	for (size_t i = 0; i < n; i++) {
		uint64_t key = sizes[i][1];

		if (i < keep) {
			a->theme_keys[a->theme_count++] = (uint32_t)key;
		} else {
			a->folded[key / 64] |= UINT64_C(1) << key % 64;
			a->folded_count++;
		}
	}
	sort_columns(a);
	return 0;
}

static void theme_axis(struct asking *a, struct pub_axis *axis)
{
	size_t n = a->theme_count;

	axis_init(axis, "Theme", n + (a->folded_count ? 1 : 0));
	for (size_t i = 0; i < n; i++) {
		const char *id = sdg_store_theme_id(a->store, a->theme_keys[i]);

		axis_set(axis, i, id, publication_theme(a->classifier, id),
			 publication_theme(a->classifier, id));
	}
	if (a->folded_count)
		axis_set(axis, n, PUB_FOLDED, "All other themes",
			 "All other themes");
}

/* One line of the table: the themes under @filter, folded ones, and any. */
static int fill_themes(struct asking *a, const struct sdg_filter *filter,
		       uint64_t *counts, size_t stride)
{
	struct sdg_query query = { .dims = { SDG_DIM_THEME },
				   .dim_count = 1,
				   .filter = *filter };
	size_t last = a->theme_count + (a->folded_count ? 1 : 0);
	struct sdg_result result;
	int rc = publication_query(a, &query, &result);

	if (rc < 0)
		return rc;
	for (size_t i = 0; i < result.row_count; i++)
		for (size_t t = 0; t < a->theme_count; t++)
			if (result.rows[i].key[0] == a->theme_keys[t])
				counts[t * stride] = publication_people(
				    a, &result.rows[i].measures);
	counts[last * stride] = publication_people(a, &result.totals);
	sdg_result_fini(&result);
	if (!a->folded_count)
		return 0;
	query.dim_count = 0;
	memcpy(query.filter.themes, a->folded, sizeof(a->folded));
	rc = publication_query(a, &query, &result);
	if (rc < 0)
		return rc;
	counts[a->theme_count * stride] = publication_people(a, &result.totals);
	sdg_result_fini(&result);
	return 0;
}

/* The row of a key of one dimension; past the last: none. */
typedef size_t row_fn(uint32_t key, size_t rows);

/* A column that no theme is: the people of each row under @filter. */
static int fill_column(struct asking *a, enum sdg_dim dim, row_fn *row_of,
		       const struct sdg_filter *filter, struct pub_table *t,
		       size_t column)
{
	struct sdg_query query = { .dims = { dim },
				   .dim_count = 1,
				   .filter = *filter };
	struct sdg_result result;
	int rc = publication_query(a, &query, &result);

	if (rc < 0)
		return rc;
	for (size_t i = 0; i < result.row_count; i++) {
		size_t row = row_of(result.rows[i].key[0], t->rows.n);

		if (row < t->rows.n)
			t->counts[pub_at(t, row, column)] =
			    publication_people(a, &result.rows[i].measures);
	}
	sdg_result_fini(&result);
	return 0;
}

/* All rows at once, as fill_themes() does for one: each question walks ten
 * years of months, or a million labels. */
static int fill_rows(struct asking *a, enum sdg_dim dim, row_fn *row_of,
		     const struct sdg_filter *filter, struct pub_table *t)
{
	struct sdg_query query = { .dims = { dim, SDG_DIM_THEME },
				   .dim_count = 2,
				   .filter = *filter };
	struct sdg_filter folded = *filter;
	struct sdg_result result;
	int rc = publication_query(a, &query, &result);

	if (rc < 0)
		return rc;
	for (size_t i = 0; i < result.row_count; i++) {
		const uint32_t *key = result.rows[i].key;
		size_t row = row_of(key[0], t->rows.n);

		for (size_t c = 0; row < t->rows.n && c < a->theme_count; c++)
			if (key[1] == a->theme_keys[c])
				t->counts[pub_at(t, row, c)] =
				    publication_people(
					a, &result.rows[i].measures);
	}
	sdg_result_fini(&result);
	rc = fill_column(a, dim, row_of, filter, t, t->cols.n);
	if (rc < 0 || !a->folded_count)
		return rc;
	memcpy(folded.themes, a->folded, sizeof(a->folded));
	return fill_column(a, dim, row_of, &folded, t, a->theme_count);
}

/* Where a consultation asked some regions only, none of the others is nought:
 * nobody was asked. Of a group it is so where it is of all its regions. */
static int mark_not_asked(struct asking *a, struct pub_axis *rows)
{
	const char *id = a->question->filter.consultation;
	struct sdg_consultation c = { 0 };
	int rc = id ? sdg_consultation_get(a->store, id, &c, a->err) : 0;

	if (rc < 0 || c.regions == 0)
		return rc;
	rows->not_asked = xcalloc(rows->n + 1, sizeof(*rows->not_asked));
	for (size_t r = 0; r < rows->n; r++) {
		rows->not_asked[r] =
		    !(rows->regions[r] &
		      (c.regions | REGION(SDG_REGION_UNKNOWN)));
		a->p->not_asked |= rows->not_asked[r];
	}
	return 0;
}

static size_t row_of_region(uint32_t region, size_t rows)
{
	size_t row = 0;

	while (row < rows && FINE[row].regions != REGION(region))
		row++;
	return row;
}

/* Regions by themselves, whatever the page has: both are judged together. */
static int fill_levels(struct asking *a)
{
	struct publication *p = a->p;
	struct pub_table fine = { .rows.n = LEVELS_REGIONS,
				  .cols.n = p->themes.cols.n };
	size_t n = LEVELS_REGIONS * (fine.cols.n + 1);
	uint32_t asked = a->question->filter.regions;
	int rc = 0;

	levels_init(&p->levels, fine.cols.n);
	fine.counts = p->levels.counts;
	if (p->grouped)
		rc = fill_rows(a, SDG_DIM_REGION, row_of_region,
			       &a->question->filter, &fine);
	else
		memcpy(fine.counts, p->themes.counts, n * sizeof(*fine.counts));
	if (asked)
		p->levels.asked = asked;
	for (size_t r = 0; p->themes.rows.not_asked && r < p->themes.rows.n;
	     r++)
		if (p->themes.rows.not_asked[r])
			p->levels.asked &= ~p->themes.rows.regions[r];
	return rc;
}

static int regions_by_themes(struct asking *a)
{
	bool coarse = a->question->coarse_regions;
	const struct group *groups = coarse ? COARSE : FINE;
	size_t n = coarse ? sizeof(COARSE) / sizeof(COARSE[0])
			  : sizeof(FINE) / sizeof(FINE[0]);
	struct pub_table *t = &a->p->themes;
	struct sdg_filter filter;
	int rc = 0;

	t->id = "region-theme";
	t->title = "Region by theme";
	t->rows_add = true; /* one person works in one region */
	axis_init(&t->rows, "Region", n);
	t->rows.regions = xcalloc(n, sizeof(uint32_t));
	theme_axis(a, &t->cols);
	table_init(t);
	for (size_t r = 0; rc == 0 && r < n; r++) {
		axis_set(&t->rows, r, groups[r].id, groups[r].label,
			 groups[r].brief);
		t->rows.regions[r] = groups[r].regions;
		filter = a->question->filter;
		filter.regions = filter.regions
				     ? filter.regions & groups[r].regions
				     : groups[r].regions;
		if (coarse && filter.regions)
			rc = fill_themes(a, &filter,
					 t->counts + pub_at(t, r, 0), 1);
	}
	if (rc == 0)
		rc = mark_not_asked(a, &t->rows);
	if (rc == 0 && !coarse)
		rc = fill_rows(a, SDG_DIM_REGION, row_of_region,
			       &a->question->filter, t);
	if (rc == 0)
		rc = fill_themes(a, &a->question->filter,
				 t->counts + pub_at(t, n, 0), 1);
	return rc < 0 ? rc : fill_levels(a);
}

static const int STANCES[] = { SDG_STANCE_POSITIVE, SDG_STANCE_MIXED,
			       SDG_STANCE_NEGATIVE, SDG_STANCE_NEUTRAL };

static size_t row_of_stance(uint32_t stance, size_t rows)
{
	size_t row = 0;

	while (row < rows && STANCES[row] != (int)stance)
		row++;
	return row;
}

static int stances_by_themes(struct asking *a)
{
	static const char *const LABELS[] = { "Positive", "Mixed", "Negative",
					      "Neutral" };
	struct pub_table *t = &a->p->stances;
	struct sdg_filter filter = a->question->filter;
	int rc;

	t->id = "stance-theme";
	t->title = "Stance by theme";
	t->rows_add = true; /* nearly all have one stance toward a theme */
	axis_init(&t->rows, "Stance", 4);
	theme_axis(a, &t->cols);
	table_init(t);
	for (size_t r = 0; r < 4; r++)
		axis_set(&t->rows, r, sdg_stance_id(STANCES[r]), LABELS[r],
			 LABELS[r]);
	filter.stances = 0;
	rc = fill_rows(a, SDG_DIM_STANCE, row_of_stance, &filter, t);
	if (rc == 0)
		rc = fill_themes(a, &a->question->filter,
				 t->counts + pub_at(t, 4, 0), 1);
	return rc;
}

/* ------------------------------------------------------- tables of a line */

/* By one dimension: rows only, the margin being all there is. */
static int one_way(struct asking *a, enum sdg_dim dim, struct pub_table *t,
		   const char *id, const char *title)
{
	struct sdg_query query = { .dims = { dim },
				   .dim_count = 1,
				   .filter = a->question->filter };
	static const char *const CHANNELS[SDG_SOURCE_COUNT] = {
		"Any", "Mail", "Representatives", "Surveys"
	};
	static const char *const MONTHS[] = { "Jan", "Feb", "Mar", "Apr",
					      "May", "Jun", "Jul", "Aug",
					      "Sep", "Oct", "Nov", "Dec" };
	struct sdg_result result;
	char date[DATE_SIZE];
	int rc = publication_query(a, &query, &result);

	if (rc < 0)
		return rc;
	t->id = id;
	t->title = title;
	t->rows_add = true; /* most wrote once */
	axis_init(&t->rows, title, result.row_count);
	axis_init(&t->cols, "", 0);
	table_init(t);
	for (size_t r = 0; r < result.row_count; r++) {
		uint32_t key = result.rows[r].key[0];

		if (dim == SDG_DIM_MONTH) {
			char *name =
			    xformat("%s %u", MONTHS[key % 12], key / 12);

			axis_set(&t->rows, r, date_format_month(key, date),
				 name, name);
			free(name);
		} else {
			axis_set(&t->rows, r, sdg_source_id((int)key),
				 CHANNELS[key % SDG_SOURCE_COUNT],
				 CHANNELS[key % SDG_SOURCE_COUNT]);
		}
		t->counts[r] = publication_people(a, &result.rows[r].measures);
	}
	t->counts[result.row_count] = publication_people(a, &result.totals);
	sdg_result_fini(&result);
	return 0;
}

/* ------------------------------------------------------------------- all */

static int totals(struct asking *a)
{
	struct sdg_query query = { .dim_count = 0,
				   .filter = a->question->filter };
	struct publication *p = a->p;
	struct sdg_ledger ledger;
	struct sdg_result result;
	int rc = publication_query(a, &query, &result);

	if (rc < 0)
		return rc;
	p->members = result.directory;
	p->people = publication_people(a, &result.totals);
	p->messages = result.totals.messages;
	p->reported = result.totals.reported;
	sdg_result_fini(&result);
	rc = sdg_store_ledger(a->store, &ledger, a->err);
	if (rc < 0)
		return rc;
	p->automatic = ledger.outcomes[SDG_OUTCOME_AUTOMATIC];
	p->not_feedback = ledger.outcomes[SDG_OUTCOME_NOT_FEEDBACK];
	p->duplicates = ledger.outcomes[SDG_OUTCOME_DUPLICATE];
	p->counted = ledger.outcomes[SDG_OUTCOME_COUNTED];
	p->erased = ledger.erased;
	p->replaced = ledger.outcomes[SDG_OUTCOME_REPLACED];
	p->quarantined = ledger.outcomes[SDG_OUTCOME_QUARANTINED];
	return 0;
}

/* As asked; where nothing was, the months there are. */
static void set_period(struct asking *a)
{
	const struct sdg_filter *f = &a->question->filter;
	const struct pub_axis *months = &a->p->months.rows;

	if (f->since_day || f->until_day || months->n == 0)
		a->p->period = xstrdup(a->question->period);
	else
		a->p->period = xformat("%s to %s", months->labels[0],
				       months->labels[months->n - 1]);
}

/* Of a frame that was not measured there is nothing to say. */
static void set_quality(struct publication *p)
{
	struct sdg_quality q;
	char dir[SDG_PATH_MAX];

	if (sdg_frame_dir(dir, NULL) < 0 || sdg_quality_read(dir, &q, NULL) < 0)
		return;
	p->measured_texts = q.texts;
	p->main_theme_right = q.main_right;
	p->stance_right = q.stance_right;
	p->themes_f1 = q.micro_f1;
}

int publication_ask(struct sdg_store *store, const struct sdg_home *home,
		    const struct publication_question *question,
		    struct publication **out, struct sdg_error *err)
{
	struct publication *p = xcalloc(1, sizeof(*p));
	struct asking a = {
		.store = store, .question = question, .p = p, .err = err
	};
	const char *consultation = question->filter.consultation;
	char date[DATE_SIZE];
	int rc;

	p->policy = question->policy;
	p->grouped = question->coarse_regions;
	p->title = xstrdup(question->title);
	p->consultation = xstrdup(consultation ? consultation : "all");
	p->made = xstrdup(date_format(date_day_of(time(NULL)), date));
	rc = sdg_classifier_open(&(struct sdg_classifier_options){ 0 },
				 &a.classifier, err);
	if (rc < 0)
		goto out;
	p->frame_version = sdg_classifier_version(a.classifier);
	set_quality(p);
	rc = totals(&a);
	if (rc == 0)
		rc = choose_themes(&a);
	if (rc == 0)
		rc = regions_by_themes(&a);
	if (rc == 0)
		rc = stances_by_themes(&a);
	if (rc == 0)
		rc = one_way(&a, SDG_DIM_SOURCE, &p->sources, "source",
			     "Channel");
	if (rc == 0)
		rc = one_way(&a, SDG_DIM_MONTH, &p->months, "month", "Month");
	if (rc == 0)
		set_period(&a);
	if (rc == 0)
		rc = publication_moves(&a);
	if (rc == 0)
		rc = publication_add_words(p, store, home, &question->filter,
					   a.classifier, err);
out:
	sdg_classifier_close(a.classifier);
	if (rc < 0)
		publication_free(p);
	else
		*out = p;
	return rc;
}
