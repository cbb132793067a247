/*
 * check: the set checker, in the way of Jepsen. It believes neither the
 * store nor the producers: what was acknowledged must be in a full read of
 * the store exactly once, and what is there must have been attempted.
 */
#include "faults.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <soundings/store.h>

enum { ATTEMPTED = 1, ACKED = 2, COUNTED = 4, GAVE_UP = 8 };

struct set {
	uint64_t seed, highest;
	uint8_t *state;   /* by number: bits as above */
	uint16_t *stored; /* by number: how often */
	uint64_t foreign;
	uint64_t pieces;
};

struct moments {
	int64_t *at;
	size_t n, cap;
};

static void note_moment(struct moments *moments, int64_t at)
{
	if (moments->n == moments->cap) {
		moments->cap = moments->cap ? moments->cap * 2 : 65536;
		moments->at =
		    realloc(moments->at, moments->cap * sizeof(*moments->at));
		if (!moments->at)
			die("no memory");
	}
	moments->at[moments->n++] = at;
}

static void take_record(struct set *set, const struct log_record *record,
			struct verdict *out)
{
	uint8_t *state = &set->state[record->number];

	switch ((enum log_what)record->what) {
	case LOG_ATTEMPT:
		out->attempted += !(*state & ATTEMPTED);
		*state |= ATTEMPTED;
		return;
	case LOG_ACK:
		out->acked += !(*state & ACKED);
		*state |= ACKED;
		if (record->outcome != SDG_OUTCOME_COUNTED)
			return;
		out->counted_twice += (*state & COUNTED) != 0;
		*state |= COUNTED;
		return;
	case LOG_GAVE_UP:
		out->gave_up++;
		*state |= GAVE_UP;
		return;
	}
	die("a log holds something else");
}

static void read_log(struct set *set, const char *path, struct moments *moments,
		     struct verdict *out)
{
	struct log_record record;
	FILE *file = fopen(path, "r");

	if (!file)
		die("cannot open log \"%s\"", path);
	while (fread(&record, sizeof(record), 1, file) == 1) {
		if (record.number >= set->highest)
			die("a log names event %" PRIu64, record.number);
		take_record(set, &record, out);
		if (record.what == LOG_ACK)
			note_moment(moments, record.at_ms);
	}
	fclose(file);
}

static int ascending(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

	return (x > y) - (x < y);
}

/* Every kill lies in some gap between acknowledgements: the longest bounds
 * the time to recover. */
static int64_t longest_gap(struct moments *moments)
{
	int64_t longest = 0;

	if (moments->n == 0)
		return 0;
	qsort(moments->at, moments->n, sizeof(*moments->at), ascending);
	for (size_t i = 1; i < moments->n; i++)
		if (moments->at[i] - moments->at[i - 1] > longest)
			longest = moments->at[i] - moments->at[i - 1];
	return longest;
}

static int take_piece(void *arg, const struct sdg_stored *stored)
{
	struct set *set = arg;
	int64_t number = event_number(set->seed, &stored->fb);

	set->pieces++;
	if (number < 0 || (uint64_t)number >= set->highest)
		set->foreign++;
	else
		set->stored[number]++;
	return 0;
}

static void judge(const struct set *set, struct verdict *out)
{
	out->stored = set->pieces;
	out->unattempted = set->foreign;
	for (uint64_t i = 0; i < set->highest; i++) {
		uint8_t state = set->state[i];

		out->lost += (state & ACKED) && set->stored[i] == 0;
		out->doubled += set->stored[i] > 1;
		out->unattempted += !(state & ATTEMPTED) && set->stored[i] > 0;
		out->unacked += !(state & ACKED) && set->stored[i] > 0;
	}
}

static void tell_fault(void *arg, const char *what)
{
	(void)arg;
	fprintf(stderr, "verify: %s\n", what);
}

static uint64_t verify(struct sdg_store *store, uint64_t pieces)
{
	struct sdg_query query = { .dim_count = 1, .dims = { SDG_DIM_REGION } };
	struct sdg_verify verified;
	struct sdg_result result;
	struct sdg_ledger ledger;
	struct sdg_error error;
	uint64_t faults, sum = 0;

	if (sdg_store_verify(store, tell_fault, NULL, &verified, &error) < 0 ||
	    sdg_store_report(store, &query, &result, &error) < 0 ||
	    sdg_store_ledger(store, &ledger, &error) < 0)
		die("%s", error.message);
	faults = verified.faults;
	for (size_t i = 0; i < result.row_count; i++)
		sum += result.rows[i].measures.messages;
	faults += sum != result.totals.messages;
	faults += !ledger.balanced;
	if (pieces != UINT64_MAX)
		faults +=
		    pieces != ledger.outcomes[SDG_OUTCOME_COUNTED] +
				  ledger.outcomes[SDG_OUTCOME_AUTOMATIC] +
				  ledger.outcomes[SDG_OUTCOME_NOT_FEEDBACK];
	sdg_result_fini(&result);
	return faults;
}

static struct sdg_store *open_store(const struct sdg_home *home)
{
	struct sdg_store *store;
	struct sdg_error error;

	if (sdg_store_open(home, SDG_STORE_READ, &store, &error) < 0)
		die("%s", error.message);
	return store;
}

void check_all(const struct sdg_home *home, uint64_t seed, uint64_t highest,
	       const char *const *logs, size_t n, struct verdict *out)
{
	struct set set = { .seed = seed, .highest = highest };
	static const struct sdg_filter all;
	struct moments moments = { 0 };
	struct sdg_store *store = open_store(home);
	struct sdg_error error;

	memset(out, 0, sizeof(*out));
	set.state = calloc(highest + 1, sizeof(*set.state));
	set.stored = calloc(highest + 1, sizeof(*set.stored));
	if (!set.state || !set.stored)
		die("no memory");
	for (size_t i = 0; i < n; i++)
		read_log(&set, logs[i], &moments, out);
	if (sdg_store_each(store, &all,
			   1U << SDG_KIND_FEEDBACK | 1U << SDG_KIND_AUTO_REPLY |
			       1U << SDG_KIND_NOT_FEEDBACK,
			   NULL, take_piece, &set, &error) < 0)
		die("%s", error.message);
	judge(&set, out);
	out->half_applied = verify(store, set.pieces);
	out->worst_gap_ms = longest_gap(&moments);
	sdg_store_close(store);
	free(set.state);
	free(set.stored);
	free(moments.at);
}

uint64_t check_snapshot(const struct sdg_home *home)
{
	struct sdg_store *store = open_store(home);
	struct sdg_verify verified;
	struct sdg_error error;

	if (sdg_store_verify(store, tell_fault, NULL, &verified, &error) < 0)
		die("%s", error.message);
	sdg_store_close(store);
	return verified.faults;
}

bool verdict_holds(const struct verdict *verdict)
{
	return verdict->lost == 0 && verdict->doubled == 0 &&
	       verdict->unattempted == 0 && verdict->half_applied == 0 &&
	       verdict->counted_twice == 0;
}

void verdict_print(const struct verdict *v)
{
	printf("attempted %" PRIu64 ", acked %" PRIu64 ", given up %" PRIu64
	       ", stored %" PRIu64 " (%" PRIu64 " of them un-acked)\n",
	       v->attempted, v->acked, v->gave_up, v->stored, v->unacked);
	printf("lost %" PRIu64 ", double %" PRIu64 ", counted twice %" PRIu64
	       ", never attempted %" PRIu64 ", half-applied %" PRIu64 "\n",
	       v->lost, v->doubled, v->counted_twice, v->unattempted,
	       v->half_applied);
	printf("longest time without an acknowledgement: %" PRId64 " ms\n",
	       v->worst_gap_ms);
}
