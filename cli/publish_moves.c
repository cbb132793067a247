/*
 * publish_moves: what rises and what falls, by month.
 */
#include "publish_asking.h"

#include "stats.h"

#include <stdlib.h>
#include <time.h>

enum { MONTHS_MAX = 600 };

/* z beyond which a trend is called one: two-sided 1 %, since all themes are
 * looked at together. */
#define TREND_Z 2.58

/* The months there are, and which days of them were asked for or, where none
 * were, are reached by what there is: a month that has only begun is no fall.
 */
struct stretch {
	uint32_t first, last;
	int32_t from, past;
};

static int32_t month_begin(uint32_t month)
{
	return date_from_civil((int)(month / 12), (int)(month % 12) + 1, 1);
}

static struct stretch stretch_of(const struct sdg_filter *f,
				 const struct sdg_result *months)
{
	int32_t reached = months->last_day + 1,
		today = date_day_of(time(NULL)) + 1;
	struct stretch s = {
		.first = months->rows[0].key[0],
		.last = months->rows[months->row_count - 1].key[0],
		.from = f->since_day ? f->since_day : months->first_day,
		.past = f->until_day ? f->until_day : reached,
	};

	if (s.past > today && s.past > reached)
		s.past = reached > today ? reached : today;
	return s;
}

/* Of a month, those on which a theme of this span was looked for. */
static double measured_days(const struct stretch *s, uint32_t month,
			    struct sdg_span span)
{
	int32_t from = month_begin(month), past = month_begin(month + 1);

	if (from < s->from)
		from = s->from;
	if (past > s->past)
		past = s->past;
	return past > from ? sdg_span_days(span, from, past) : 0;
}

/* When a theme was looked for, if not in all of the period: "from 2015-03-01",
 * "until 2015-02-28"; else NULL. */
static char *measured_limits(const struct asking *a, struct sdg_span span)
{
	const struct sdg_filter *f = &a->question->filter;
	bool from = span.since && span.since > f->since_day;
	bool until = span.until && (!f->until_day || span.until < f->until_day);
	char since[DATE_SIZE], last[DATE_SIZE];

	if (sdg_span_is_empty(span))
		return NULL;
	date_format(span.since, since);
	date_format(span.until - 1, last);
	if (from && until)
		return xformat("from %s until %s", since, last);
	if (from)
		return xformat("from %s", since);
	return until ? xformat("until %s", last) : NULL;
}

/* The same, and when another frame was in force between. */
static char *measured_words(const struct asking *a, struct sdg_span span)
{
	const struct sdg_filter *f = &a->question->filter;
	char *limits = measured_limits(a, span), *words;
	char gap[DATE_SIZE], back[DATE_SIZE];

	if (!span.gap || span.back <= f->since_day ||
	    (f->until_day && span.gap >= f->until_day))
		return limits;
	date_format(span.gap, gap);
	date_format(span.back - 1, back);
	words = xformat("%s%snot from %s to %s", limits ? limits : "",
			limits ? ", " : "", gap, back);
	free(limits);
	return words;
}

/* What a reader must know of themes that are new, or no longer asked for: in
 * a sentence, and beside each of their figures. */
static void note_measured(struct asking *a, const struct sdg_span *spans)
{
	struct pub_axis *const axes[] = { &a->p->themes.cols,
					  &a->p->stances.cols };
	char *all = xstrdup("");

	for (int k = 0; k < 2; k++)
		axes[k]->measured =
		    xcalloc(axes[k]->n + 1, sizeof(*axes[k]->measured));
	for (size_t i = 0; i < a->theme_count; i++) {
		char *words = measured_words(a, spans[a->theme_keys[i]]), *more;

		if (!words)
			continue;
		more = xformat("%s%s is measured %s. ", all, axes[0]->labels[i],
			       words);
		free(all);
		all = more;
		axes[0]->measured[i] = words;
		axes[1]->measured[i] = xstrdup(words);
	}
	a->p->unmeasured = all;
}

/* One theme's people a month, from the first month of all to the last. */
static double theme_trend(const struct asking *a,
			  const struct sdg_result *result, uint32_t theme,
			  struct sdg_span span, const struct stretch *s)
{
	static uint64_t counts[MONTHS_MAX];
	static double days[MONTHS_MAX];
	size_t n = s->last - s->first + 1;

	for (size_t i = 0; i < n; i++) {
		counts[i] = 0;
		days[i] = measured_days(s, s->first + (uint32_t)i, span);
	}
	for (size_t i = 0; i < result->row_count; i++) {
		const struct sdg_row *row = &result->rows[i];

		if (row->key[0] == theme && row->key[1] - s->first < n)
			counts[row->key[1] - s->first] =
			    publication_people(a, &row->measures);
	}
	return stats_trend(counts, days, n);
}

int publication_moves(struct asking *a)
{
	struct sdg_query query = { .dims = { SDG_DIM_MONTH },
				   .dim_count = 1,
				   .filter = a->question->filter };
	struct publication *p = a->p;
	struct sdg_result result;
	struct sdg_span spans[SDG_STORE_THEMES];
	struct stretch stretch = { 0 };
	int rc = sdg_store_theme_spans(a->store, spans, a->err);

	if (rc < 0)
		return rc;
	note_measured(a, spans);
	rc = publication_query(a, &query, &result);
	if (rc < 0)
		return rc;
	if (result.row_count)
		stretch = stretch_of(&query.filter, &result);
	sdg_result_fini(&result);
	p->moves = xcalloc(a->theme_count + 1, sizeof(*p->moves));
	if (!stretch.first || stretch.last - stretch.first >= MONTHS_MAX)
		return 0;
	query.dims[0] = SDG_DIM_THEME;
	query.dims[1] = SDG_DIM_MONTH;
	query.dim_count = 2;
	rc = publication_query(a, &query, &result);
	if (rc < 0)
		return rc;
	for (size_t i = 0; i < a->theme_count; i++) {
		uint32_t theme = a->theme_keys[i];
		double z =
		    theme_trend(a, &result, theme, spans[theme], &stretch);

		if (z > TREND_Z || z < -TREND_Z)
			p->moves[p->move_count++] = (struct pub_move){
				.theme = xstrdup(publication_theme(
				    a->classifier,
				    sdg_store_theme_id(a->store, theme))),
				.column = i,
				.rising = z > 0,
			};
	}
	sdg_result_fini(&result);
	return 0;
}
