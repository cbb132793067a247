/*
 * report under a policy: what a desk may see whose role is not allowed
 * exact small cells. Set by soundings-reportd alone (SOUNDINGS_POLICY).
 *
 * A row of fewer people than the threshold is hidden whole, and one more
 * where one alone could be had back from the total; all that is shown is
 * rounded. That keeps a single person out of a colleague's table. It is no
 * publication: what leaves the house goes through 'soundings publish',
 * which minds its earlier releases, too.
 */
#include "report.h"

#include <err.h>
#include <stdlib.h>

const struct sdg_policy *report_policy(void)
{
	const char *id = getenv("SOUNDINGS_POLICY");
	const struct sdg_policy *policy;

	if (!id || !*id)
		return NULL;
	policy = sdg_policy_find(id);
	if (!policy)
		errx(EXIT_DATA, "no policy '%s'", id);
	return policy;
}

static const struct sdg_measures HIDDEN_ROW = {
	.members = MEASURE_HIDDEN,
	.respondents = MEASURE_HIDDEN,
	.messages = MEASURE_HIDDEN,
	.mentions = MEASURE_HIDDEN,
	.main = MEASURE_HIDDEN,
	.reported = MEASURE_HIDDEN,
};

/* Without a sender it is voices that somebody reports: they are people. */
static uint64_t people(const struct sdg_measures *m)
{
	return m->respondents ? m->respondents : m->reported;
}

static void round_all(const struct sdg_policy *policy, struct sdg_measures *m)
{
	uint64_t *const all[] = { &m->members,  &m->respondents, &m->messages,
				  &m->mentions, &m->main,        &m->reported };

	for (size_t i = 0; i < sizeof(all) / sizeof(*all); i++)
		*all[i] = *all[i] && *all[i] < policy->threshold
			      ? MEASURE_HIDDEN
			      : sdg_policy_round(policy, *all[i]);
}

static void hide_smallest(struct sdg_result *r)
{
	size_t least = r->row_count;

	for (size_t i = 0; i < r->row_count; i++) {
		uint64_t n = people(&r->rows[i].measures);

		if (n == 0 || n == MEASURE_HIDDEN)
			continue;
		if (least == r->row_count ||
		    n < people(&r->rows[least].measures))
			least = i;
	}
	if (least < r->row_count)
		r->rows[least].measures = HIDDEN_ROW;
}

static void apply(const struct sdg_policy *policy, struct sdg_result *r)
{
	size_t hidden = 0;

	for (size_t i = 0; i < r->row_count; i++) {
		uint64_t n = people(&r->rows[i].measures);

		if (n == 0 || n >= policy->threshold)
			continue;
		r->rows[i].measures = HIDDEN_ROW;
		hidden++;
	}
	if (hidden == 1)
		hide_smallest(r);
	for (size_t i = 0; i < r->row_count; i++)
		if (r->rows[i].measures.messages != MEASURE_HIDDEN)
			round_all(policy, &r->rows[i].measures);
	if (people(&r->totals) && people(&r->totals) < policy->threshold)
		r->totals = HIDDEN_ROW;
	else
		round_all(policy, &r->totals);
}

void report_under_policy(struct report *report)
{
	const struct sdg_policy *policy = report_policy();

	report->policy = policy;
	if (!policy)
		return;
	apply(policy, &report->result);
	if (!report->crossed)
		return;
	apply(policy, &report->firsts);
	apply(policy, &report->seconds);
}

void cell_measure(struct cell *cell, uint64_t n)
{
	cell_count(cell, n);
	if (n == MEASURE_HIDDEN)
		cell->type = CELL_HIDDEN;
}
