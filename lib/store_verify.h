/*
 * What the parts of a recount share: store_verify.c walks the events,
 * store_verify_sums.c holds what they say against cells, months, the ledger
 * and the seals of frozen months.
 */
#ifndef SOUNDINGS_STORE_VERIFY_H
#define SOUNDINGS_STORE_VERIFY_H

#include "store_internal.h"

/* Pages are given back every so many records. */
#define VERIFY_RELEASE 512

struct verify {
	struct txn t;
	sdg_fault_fn *fn;
	void *arg;
	struct sdg_verify *out;
	struct tally *tally;  /* what the events say */
	struct tally *ledger; /* rows, as cells: the outcome in the region */
	struct set **sets;    /* of each of the tally's cells, or NULL */
	size_t set_cap;
	struct set *ordinals, *matched;
	struct opened opened;
	uint64_t counted, strays, links, chunks, checked;
	struct tally *frozen; /* tombstones of frozen months, by month */
};

__attribute__((format(printf, 2, 3))) void verify_fault(struct verify *v,
							const char *fmt, ...);
/** verify_forgive - a damaged record is a fault and no error */
int verify_forgive(struct verify *v, int rc, const struct sdg_error *e,
		   struct sdg_error *err);
typedef int verify_each_fn(struct verify *v, struct bytes key,
			   struct bytes value, struct sdg_error *err);
/** verify_each - every record of @db, which must be those of its books */
int verify_each(struct verify *v, enum db db, verify_each_fn *fn,
		struct sdg_error *err);
static inline bool verify_is_recounted(unsigned outcome)
{
	return outcome != SDG_OUTCOME_REPLACED &&
	       outcome != SDG_OUTCOME_DUPLICATE && outcome != LEDGER_RECEIVED;
}
/** verify_count_row - one of the ledger's rows, as the events say */
int verify_count_row(struct verify *v, uint32_t consultation, int32_t day,
		     int outcome, int64_t n, struct sdg_error *err);

int verify_cells(struct verify *v, struct sdg_error *err);
int verify_ledger(struct verify *v, struct sdg_error *err);
/** verify_tombstone - of a frozen month: it is counted, by its month */
int verify_tombstone(struct verify *v, const struct event *event,
		     struct sdg_error *err);
int verify_frozen(struct verify *v, struct sdg_error *err);

#endif
