/*
 * store: every report against a recount that knows nothing of cells.
 *
 * A few hundred pieces made up at random are taken in, edited, corrected,
 * reclassified, and half of their senders recognised by a directory that
 * comes late; then each cross-table must be what a naive count of a plain
 * list says.
 */
#include "store_naive.h"

static uint64_t seed;

static unsigned dice(unsigned n)
{
	seed = seed * 6364136223846793005ULL + 1442695040888963407ULL;
	return (unsigned)(seed >> 33) % n;
}

static void random_labels(struct sdg_labels *labels)
{
	static const enum sdg_region regions[] = { SDG_REGION_SOUTH_WEST,
						   SDG_REGION_LONDON,
						   SDG_REGION_WALES,
						   SDG_REGION_UNKNOWN };
	unsigned first = dice(HELP_THEMES);

	*labels = (struct sdg_labels){
		.kind = dice(10) ? SDG_KIND_FEEDBACK : SDG_KIND_AUTO_REPLY,
		.region = regions[dice(4)],
		.authority = (uint16_t)dice(3),
		.role = dice(4),
		.phases = (uint8_t)(dice(3) ? 1u << dice(3) : dice(8)),
		.stance = dice(SDG_STANCE_COUNT),
		.theme_count = (uint8_t)dice(4),
	};
	for (unsigned i = 0; i < labels->theme_count; i++)
		labels->themes[i] = (uint8_t)((first + i) % HELP_THEMES);
}

/* Labels as the store has them: themes by its own numbers. */
static void numbered(struct sdg_labels *labels)
{
	for (unsigned i = 0; i < labels->theme_count; i++)
		labels->themes[i]++;
}

static void random_sender(struct truth *t)
{
	struct sdg_feedback *fb = &t->p.fb;
	unsigned n;

	t->person = -1;
	t->reported = 0;
	fb->source = (enum sdg_source)(1 + dice(3));
	switch (fb->source) {
	case SDG_SOURCE_REP:
		fb->note.voices = dice(5);
		if (dice(2)) {
			t->reported = fb->note.voices ? fb->note.voices : 1;
			return;
		}
		n = dice(REPS);
		fb->note.own = true;
		snprintf(t->p.address, sizeof(t->p.address), "Rep %u", n);
		fb->note.representative = sdg_str(t->p.address);
		t->person = (int)(ADDRESSES + KEYS + n);
		return;
	case SDG_SOURCE_SURVEY:
		if (dice(2))
			break;
		n = dice(KEYS);
		snprintf(t->p.address, sizeof(t->p.address), "row %u", n);
		fb->respondent.key = sdg_str(t->p.address);
		t->person = (int)(ADDRESSES + n);
		return;
	default:
		break;
	}
	if (dice(8) == 0)
		return; /* nobody's */
	n = dice(ADDRESSES);
	snprintf(t->p.address, sizeof(t->p.address), "m%u@school.example", n);
	fb->respondent.address = sdg_str(t->p.address);
	t->person = (int)n;
}

static void random_piece(struct truth *t, unsigned n)
{
	int day = FIRST_DAY + (int)dice(100);

	memset(t, 0, sizeof(*t));
	help_mail(&t->p, n, 0, day);
	t->day = day;
	random_sender(t);
	switch (dice(8)) {
	case 0: /* does not say when */
		t->p.fb.said = 0;
		break;
	case 1: /* says something absurd */
		t->p.fb.said = NOON(dice(2) ? day + 900 : 3000);
		break;
	case 2: /* came later than it was said */
		t->p.fb.received += (int64_t)dice(40) * DAY;
		break;
	}
	t->consultation = (int)dice(3);
	t->p.fb.consultation = sdg_str(consultations[t->consultation]);
	t->p.fb.test = dice(20) == 0;
	random_labels(&t->p.item.labels);
	t->labels = t->p.item.labels;
	numbered(&t->labels);
}

static void edit(struct world *w, struct truth *t)
{
	t->p.fb.revision = ++t->revision;
	random_labels(&t->p.item.labels);
	t->labels = t->p.item.labels;
	numbered(&t->labels);
	t->by_person = false;
	help_apply(w->h, &t->p, 1);
	assert_true(t->p.item.outcome != SDG_OUTCOME_DUPLICATE);
}

static void correct(struct world *w, struct truth *t)
{
	random_labels(&t->labels);
	numbered(&t->labels);
	t->by_person = true;
	assert_int_equal(sdg_store_correct(w->h->store, t->p.item.id,
					   &t->labels, &w->h->err),
			 0);
}

static void reclassify(struct world *w)
{
	struct sdg_relabel list[64] = { 0 };
	struct truth *of[64];

	for (int i = 0; i < 64; i++) {
		of[i] = &w->truths[i * 7];
		memcpy(list[i].id, of[i]->p.item.id, SDG_EVENT_ID_SIZE);
		list[i].revision = of[i]->p.fb.revision;
		random_labels(&list[i].labels);
	}
	assert_int_equal(
	    sdg_store_reclassify(w->h->store, list, 64, &w->h->err), 0);
	for (int i = 0; i < 64; i++) {
		assert_false(of[i]->by_person && list[i].changed);
		if (of[i]->by_person)
			continue;
		of[i]->labels = list[i].labels;
		numbered(&of[i]->labels);
	}
}

static void load_directory(struct world *w)
{
	struct sdg_entry entries[ADDRESSES];
	size_t n = 0;

	memset(entries, 0, sizeof(entries));
	for (int a = 0; a < ADDRESSES; a++) {
		if (!listed(a))
			continue;
		snprintf(entries[n].key, sizeof(entries[n].key),
			 "M%d+tag@School.example", a);
		snprintf(entries[n].membership, sizeof(entries[n].membership),
			 "%d", 7000 + a / 2);
		entries[n++].known.matched = true;
	}
	assert_int_equal(sdg_directory_replace(w->h->store, "members", entries,
					       n, &w->h->err),
			 0);
	w->directory = true;
}

static void same(const struct sdg_measures *got, const struct count *want)
{
	struct sdg_measures m = want->m;

	m.respondents = (uint64_t)__builtin_popcountll(want->respondents);
	m.members = (uint64_t)__builtin_popcountll(want->members);
	assert_int_equal(got->messages, m.messages);
	assert_int_equal(got->respondents, m.respondents);
	assert_int_equal(got->members, m.members);
	assert_int_equal(got->mentions, m.mentions);
	assert_int_equal(got->main, m.main);
	assert_int_equal(got->reported, m.reported);
	assert_memory_equal(got->stances, m.stances, sizeof(m.stances));
}

static void compare(struct world *w, const struct sdg_query *q)
{
	struct sdg_result result;
	struct count totals;
	int32_t first = 0, last = 0;

	if (sdg_store_report(w->h->store, q, &result, &w->h->err) < 0)
		fail_msg("report: %s", w->h->err.message);
	count_all(w, q, &totals);
	same(&result.totals, &totals);
	assert_int_equal(result.row_count, count_n);
	for (size_t i = 0; i < result.row_count; i++) {
		same(&result.rows[i].measures, count_at(result.rows[i].key));
		if (i)
			assert_true(memcmp(result.rows[i - 1].key,
					   result.rows[i].key,
					   sizeof(result.rows[i].key)) != 0);
	}
	assert_int_equal(result.row_count, count_n); /* none was new */
	for (int i = 0; i < PIECES; i++) {
		const struct truth *t = &w->truths[i];

		if (!passes(&q->filter, t))
			continue;
		if (first == 0 || t->day < first)
			first = t->day;
		if (t->day > last)
			last = t->day;
	}
	assert_int_equal(result.first_day, first);
	assert_int_equal(result.last_day, last);
	assert_int_equal(result.directory, w->directory);
	sdg_result_fini(&result);
}

static void random_filter(struct sdg_filter *f)
{
	memset(f, 0, sizeof(*f));
	if (dice(2))
		f->since_day = FIRST_DAY + (int)dice(100);
	if (dice(2))
		f->until_day = FIRST_DAY + 1 + (int)dice(130);
	if (dice(4) == 0)
		f->regions = 1u << SDG_REGION_LONDON | 1u << SDG_REGION_WALES;
	if (dice(4) == 0)
		f->sources = (uint8_t)(2 + 2 * dice(7));
	if (dice(8) == 0)
		f->stances = (uint8_t)(1 + dice(15));
	if (dice(8) == 0)
		f->roles = (uint16_t)(1 + dice(15));
	if (dice(8) == 0)
		f->phases = (uint8_t)(1 + dice(7));
	if (dice(3) == 0)
		f->consultation = consultations[dice(3)];
	if (dice(3) == 0)
		f->themes[0] = 2u << dice(5);
	if (dice(4) == 0)
		f->themes[0] |= 2u << dice(5);
}

static void compare_all(struct world *w)
{
	struct sdg_query q = { .dim_count = 0 };

	for (int round = 0; round < 4; round++) {
		/* Dimension COUNT stands for none. */
		for (int a = 0; a <= SDG_DIM_COUNT; a++)
			for (int b = a + 1; b <= SDG_DIM_COUNT; b++) {
				q.dim_count = 0;
				if (a < SDG_DIM_COUNT)
					q.dims[q.dim_count++] = (enum sdg_dim)a;
				if (b < SDG_DIM_COUNT)
					q.dims[q.dim_count++] = (enum sdg_dim)b;
				if (round)
					random_filter(&q.filter);
				compare(w, &q);
			}
	}
	for (int i = 0; i < 60; i++) {
		for (q.dim_count = 0; q.dim_count < 3; q.dim_count++)
			q.dims[q.dim_count] = (enum sdg_dim)dice(SDG_DIM_COUNT);
		/* One dimension twice says nothing new. */
		if (q.dims[0] == q.dims[1] || q.dims[1] == q.dims[2] ||
		    q.dims[0] == q.dims[2])
			continue;
		random_filter(&q.filter);
		compare(w, &q);
	}
}

static void make_world(struct world *w, struct help *h)
{
	struct sdg_consultation pay = { .id = "pay", .name = "Pay" };
	struct sdg_consultation old = { .id = "old", .name = "Old" };
	unsigned n = 0;

	w->h = h;
	assert_int_equal(sdg_consultation_put(h->store, &pay, &h->err), 0);
	assert_int_equal(sdg_consultation_put(h->store, &old, &h->err), 0);
	while (n < PIECES) {
		struct piece_of batch[64];
		unsigned size = 1 + dice(64), i;

		for (i = 0; i < size && n + i < PIECES; i++) {
			struct truth *t = &w->truths[n + i];
			int64_t said;

			random_piece(t, n + i + 1);
			said = t->p.fb.said / DAY;
			if (said != t->day || said > t->p.fb.received / DAY)
				t->day = (int)(t->p.fb.received / DAY);
			/* Strings point into the piece itself. */
			batch[i] = t->p;
		}
		help_apply(h, batch, i);
		for (unsigned k = 0; k < i; k++) {
			struct truth *t = &w->truths[n + k];

			t->p.item.outcome = batch[k].item.outcome;
			memcpy(t->p.item.id, batch[k].item.id,
			       SDG_EVENT_ID_SIZE);
			t->p.fb.text = sdg_str(t->p.text);
		}
		n += i;
	}
}

static void test_store_reports_are_what_a_naive_count_says(void **state)
{
	struct help *h = *state;
	struct world *w = calloc(1, sizeof(*w));

	seed = 20260216;
	make_world(w, h);
	compare_all(w);
	help_verify(h);
	for (int i = 0; i < 60; i++)
		edit(w, &w->truths[dice(PIECES)]);
	for (int i = 0; i < 60; i++)
		correct(w, &w->truths[dice(PIECES)]);
	reclassify(w);
	help_verify(h);
	compare_all(w);
	load_directory(w); /* two addresses become one member */
	help_verify(h);
	compare_all(w);
	for (int i = 0; i < 40; i++)
		edit(w, &w->truths[dice(PIECES)]);
	load_directory(w); /* again: changes nothing */
	help_verify(h);
	help_ledger(h);
	compare_all(w);
	free(w);
}

static void test_store_one_member_by_every_channel(void **state)
{
	struct help *h = *state;
	struct sdg_entry entries[2] = {
		{ .key = "a@x.example", .membership = "1" },
		{ .key = "b@y.example", .membership = "1" },
	};
	struct piece_of p[5];

	entries[0].known.matched = entries[1].known.matched = true;
	assert_int_equal(
	    sdg_directory_replace(h->store, "members", entries, 2, &h->err), 0);
	for (unsigned i = 0; i < 5; i++)
		help_mail(&p[i], i + 1, 0, TODAY - 20 * (int)i);
	p[0].fb.respondent.address = sdg_str("a@x.example");
	p[1].fb.respondent.address = sdg_str("B+survey@Y.example");
	p[1].fb.source = SDG_SOURCE_SURVEY;
	p[2].fb.source = SDG_SOURCE_REP;
	p[2].fb.respondent.address = sdg_str("A@x.example");
	p[2].fb.note.voices = 9;
	p[3].fb.source = SDG_SOURCE_REP;
	p[3].fb.note.own = true;
	p[3].fb.note.representative = sdg_str("Jo <b@y.example>");
	p[4].fb.source = SDG_SOURCE_REP; /* passed on for nine others */
	p[4].fb.note.voices = 9;
	p[4].fb.note.representative = sdg_str("b@y.example");
	help_apply(h, p, 5);
	assert_int_equal(help_totals(h).messages, 5);
	assert_int_equal(help_totals(h).members, 1);
	assert_int_equal(help_totals(h).respondents, 1);
	assert_int_equal(help_totals(h).reported, 9);
	help_verify(h);
}

static void test_store_large_month_stays_exact(void **state)
{
	struct help *h = *state;
	struct piece_of *p = calloc(1000, sizeof(*p));

	/* Enough members for sets of several records, in no order. */
	for (unsigned round = 0; round < 6; round++) {
		for (unsigned i = 0; i < 1000; i++) {
			unsigned n = (round * 1000 + i) * 3517 % 6000;

			help_mail(&p[i], round * 1000 + i + 1, n + 1,
				  TODAY - 10);
			help_themes(&p[i], 1, 0, 0, 0);
		}
		help_apply(h, p, 1000);
	}
	assert_int_equal(help_totals(h).respondents, 6000);
	help_verify(h);
	/* And let most of them go again. */
	for (unsigned i = 0; i < 1000; i++) {
		p[i].item.labels.region = SDG_REGION_LONDON;
		p[i].fb.revision = 1;
	}
	help_apply(h, p, 1000);
	assert_int_equal(help_totals(h).respondents, 6000);
	help_verify(h);
	free(p);
}

static void test_store_unknown_consultation_is_said(void **state)
{
	struct help *h = *state;
	struct sdg_query q = { .filter.consultation = "nothing" };
	struct sdg_result result;

	assert_int_equal(sdg_store_report(h->store, &q, &result, &h->err),
			 SDG_ENOTFOUND);
	assert_string_equal(h->err.message,
			    "find consultation \"nothing\": there is none");
}

struct order {
	int n, last_day;
};

static int check_order(void *arg, const struct sdg_stored *s)
{
	struct order *o = arg;

	assert_true(s->day >= o->last_day);
	o->last_day = s->day;
	o->n++;
	return 0;
}

static void test_store_walks_by_the_day_that_counts(void **state)
{
	struct help *h = *state;
	struct world *w = calloc(1, sizeof(*w));
	struct sdg_filter f = { .since_day = FIRST_DAY + 20,
				.until_day = FIRST_DAY + 70 };
	struct order o = { 0, 0 };
	int want = 0, all = 0;

	seed = 99;
	make_world(w, h);
	for (int i = 0; i < PIECES; i++) {
		want += passes(&f, &w->truths[i]);
		all += w->truths[i].day >= f.since_day &&
		       w->truths[i].day < f.until_day;
	}
	assert_int_equal(
	    sdg_store_each(h->store, &f, 0, NULL, check_order, &o, &h->err), 0);
	assert_int_equal(o.n, want);
	o = (struct order){ 0, 0 };
	assert_int_equal(
	    sdg_store_each(h->store, &f, ~0u, NULL, check_order, &o, &h->err),
	    0);
	assert_int_equal(o.n, all);
	free(w);
}

int main(void)
{
#define TEST(name)                                                             \
	cmocka_unit_test_setup_teardown(name, help_setup, help_teardown)
	const struct CMUnitTest tests[] = {
		TEST(test_store_reports_are_what_a_naive_count_says),
		TEST(test_store_one_member_by_every_channel),
		TEST(test_store_large_month_stays_exact),
		TEST(test_store_unknown_consultation_is_said),
		TEST(test_store_walks_by_the_day_that_counts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
