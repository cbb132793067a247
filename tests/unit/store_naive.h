/*
 * A recount that knows nothing of cells: what test_store_report.c compares
 * every report with.
 */
#ifndef STORE_NAIVE_H
#define STORE_NAIVE_H

#include "store_help.h"

#include <time.h>

#define PIECES 500
/* Two of each member's, where the directory knows them; then the anonymous
 * respondents of surveys, and representatives. */
#define ADDRESSES 40
#define KEYS 14
#define REPS 8
#define PERSONS 64
#define FIRST_DAY (TODAY - 100)

/* A piece as the naive count knows it. */
struct truth {
	struct piece_of p;
	struct sdg_labels labels; /* as they count now; themes by number */
	int day;
	int person; /* bit of who said it; -1: nobody's */
	unsigned reported;
	int consultation;
	bool by_person;
	int64_t revision;
};

struct world {
	struct help *h;
	struct truth truths[PIECES];
	bool directory;
};

static const char *const consultations[] = { "future", "pay", "old" };

/* Members of even number are in it, with two addresses each. */
static bool listed(int address)
{
	return address / 2 % 2 == 0;
}

static uint64_t bit_of(const struct world *w, int person)
{
	if (person < 0)
		return 0;
	if (w->directory && person < ADDRESSES && listed(person))
		person = person / 2 * 2;
	return 1ULL << person;
}

static bool is_member(const struct world *w, int person)
{
	return w->directory && person >= 0 && person < ADDRESSES &&
	       listed(person);
}

struct count {
	uint32_t key[SDG_DIMS_MAX];
	uint64_t members, respondents;
	struct sdg_measures m;
};

static uint32_t month_of(int day)
{
	time_t when = (time_t)day * DAY;
	struct tm tm;

	gmtime_r(&when, &tm);
	return (uint32_t)((tm.tm_year + 1900) * 12 + tm.tm_mon);
}

static bool asks(const struct sdg_filter *f, unsigned theme)
{
	bool any = f->themes[0] | f->themes[1] | f->themes[2] | f->themes[3];

	return !any || f->themes[theme / 64] >> (theme % 64) & 1;
}

static bool passes(const struct sdg_filter *f, const struct truth *t)
{
	bool named = false;

	if (t->p.fb.test || t->labels.kind != SDG_KIND_FEEDBACK)
		return false;
	if (f->since_day && t->day < f->since_day)
		return false;
	if (f->until_day && t->day >= f->until_day)
		return false;
	if (f->regions && !(f->regions >> t->labels.region & 1))
		return false;
	if (f->sources && !(f->sources >> t->p.fb.source & 1))
		return false;
	if (f->stances && !(f->stances >> t->labels.stance & 1))
		return false;
	if (f->roles && !(f->roles >> t->labels.role & 1))
		return false;
	if (f->phases && !(f->phases & t->labels.phases))
		return false;
	if (f->consultation &&
	    strcmp(f->consultation, consultations[t->consultation]) != 0)
		return false;
	if (!f->themes[0])
		return true;
	for (unsigned i = 0; i < t->labels.theme_count; i++)
		named |= asks(f, t->labels.themes[i]);
	return named;
}

static unsigned keys_along(const struct sdg_filter *f, const struct truth *t,
			   enum sdg_dim dim, uint32_t *keys)
{
	unsigned n = 0;
	time_t when = (time_t)t->day * DAY;
	struct tm tm;

	switch (dim) {
	case SDG_DIM_REGION:
		keys[n++] = t->labels.region;
		break;
	case SDG_DIM_THEME:
		for (unsigned i = 0; i < t->labels.theme_count; i++)
			if (asks(f, t->labels.themes[i]))
				keys[n++] = t->labels.themes[i];
		break;
	case SDG_DIM_SOURCE:
		keys[n++] = t->p.fb.source;
		break;
	case SDG_DIM_STANCE:
		keys[n++] = t->labels.stance;
		break;
	case SDG_DIM_ROLE:
		keys[n++] = t->labels.role;
		break;
	case SDG_DIM_PHASE:
		for (unsigned bit = 1; bit < 128; bit <<= 1)
			if (t->labels.phases & bit)
				keys[n++] = bit;
		if (n == 0)
			keys[n++] = 0;
		break;
	case SDG_DIM_MONTH:
		keys[n++] = month_of(t->day);
		break;
	case SDG_DIM_WEEK:
		gmtime_r(&when, &tm);
		keys[n++] = (uint32_t)(t->day - (tm.tm_wday + 6) % 7);
		break;
	case SDG_DIM_DAY:
		keys[n++] = (uint32_t)t->day;
		break;
	case SDG_DIM_CONSULTATION:
		keys[n++] = (uint32_t)t->consultation + 1;
		break;
	case SDG_DIM_AUTHORITY:
		keys[n++] = t->labels.authority;
		break;
	case SDG_DIM_COUNT:
		break;
	}
	return n;
}

static void count_one(const struct world *w, const struct sdg_filter *f,
		      struct count *c, const struct truth *t, uint32_t theme)
{
	const struct sdg_labels *l = &t->labels;

	c->respondents |= bit_of(w, t->person);
	if (is_member(w, t->person))
		c->members |= bit_of(w, t->person);
	c->m.messages++;
	c->m.stances[l->stance]++;
	c->m.reported += t->reported;
	if (theme) {
		c->m.mentions++;
		c->m.main += l->themes[0] == theme;
		return;
	}
	for (unsigned i = 0; i < l->theme_count; i++)
		c->m.mentions += asks(f, l->themes[i]);
	c->m.main += l->theme_count && asks(f, l->themes[0]);
}

static struct count counts[4000];
static size_t count_n;

static struct count *count_at(const uint32_t key[SDG_DIMS_MAX])
{
	for (size_t i = 0; i < count_n; i++)
		if (memcmp(counts[i].key, key, sizeof(counts[i].key)) == 0)
			return &counts[i];
	assert_true(count_n < 4000);
	memset(&counts[count_n], 0, sizeof(counts[0]));
	memcpy(counts[count_n].key, key, sizeof(counts[0].key));
	return &counts[count_n++];
}

static void count_all(const struct world *w, const struct sdg_query *q,
		      struct count *totals)
{
	memset(totals, 0, sizeof(*totals));
	count_n = 0;
	for (int i = 0; i < PIECES; i++) {
		const struct truth *t = &w->truths[i];
		uint32_t keys[3][8];
		unsigned n[3] = { 1, 1, 1 };

		if (!passes(&q->filter, t))
			continue;
		count_one(w, &q->filter, totals, t, 0);
		for (size_t d = 0; d < q->dim_count; d++)
			n[d] = keys_along(&q->filter, t, q->dims[d], keys[d]);
		for (unsigned a = 0; a < n[0]; a++)
			for (unsigned b = 0; b < n[1]; b++)
				for (unsigned c = 0; c < n[2]; c++) {
					unsigned at[3] = { a, b, c };
					uint32_t key[3] = { 0 };
					uint32_t theme = 0;

					for (size_t d = 0; d < q->dim_count;
					     d++) {
						key[d] = keys[d][at[d]];
						if (q->dims[d] == SDG_DIM_THEME)
							theme = key[d];
					}
					count_one(w, &q->filter, count_at(key),
						  t, theme);
				}
	}
}

#endif
