/*
 * The ledger: under which outcome every piece received stands.
 */
#include "store_internal.h"

static int add_row(void *arg, const struct scan *s, struct sdg_error *err)
{
	struct sdg_ledger *ledger = arg;
	unsigned outcome;
	uint64_t n;

	if (s->key.n != LEDGER_KEY_SIZE || s->value.n != 8)
		return st_damaged(DB_LEDGER, s->key, "not a row", err);
	outcome = s->key.p[4];
	n = get_le(s->value.p, 8);
	if (outcome == LEDGER_RECEIVED)
		ledger->received += n;
	else if (outcome == LEDGER_ERASED)
		ledger->erased += n;
	else if (outcome < SDG_OUTCOME_COUNT)
		ledger->outcomes[outcome] += n;
	return 0;
}

int sdg_store_ledger(struct sdg_store *store, struct sdg_ledger *out,
		     struct sdg_error *err)
{
	uint64_t sum = 0;
	struct txn t;
	int rc;

	*out = (struct sdg_ledger){ 0 };
	rc = st_begin(store, false, &t, err);
	if (rc < 0)
		return rc;
	rc = st_each(&t, DB_LEDGER, add_row, out, err);
	for (int i = SDG_OUTCOME_COUNTED; i < SDG_OUTCOME_COUNT; i++)
		sum += out->outcomes[i];
	if (rc == 0)
		rc = frozen_pieces(&t, &out->frozen, err);
	out->held = t.books[DB_LABELS].count + out->frozen;
	out->balanced =
	    out->received == sum &&
	    out->outcomes[SDG_OUTCOME_COUNTED] == out->held + out->erased;
	st_abort(&t);
	return rc;
}
