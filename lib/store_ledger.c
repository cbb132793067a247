/*
 * The ledger: under which outcome every piece received stands.
 */
#include "store_internal.h"

int sdg_store_ledger(struct sdg_store *store, struct sdg_ledger *out,
		     struct sdg_error *err)
{
	uint64_t sum = 0;
	struct scan s;
	struct txn t;
	int rc;

	*out = (struct sdg_ledger){ 0 };
	rc = st_begin(store, false, &t, err);
	if (rc < 0)
		return rc;
	rc = st_scan_open(&t, DB_LEDGER, &s, err);
	while (rc >= 0 && (rc = st_scan_next(&s, err)) == 1) {
		unsigned outcome;
		uint64_t n;

		if (s.key.n != LEDGER_KEY_SIZE || s.value.n != 8) {
			rc = st_damaged(DB_LEDGER, s.key, "not a row", err);
			break;
		}
		outcome = s.key.p[4];
		n = get_le(s.value.p, 8);
		if (outcome == LEDGER_RECEIVED)
			out->received += n;
		else if (outcome == LEDGER_ERASED)
			out->erased += n;
		else if (outcome < SDG_OUTCOME_COUNT)
			out->outcomes[outcome] += n;
	}
	if (rc == 0)
		rc = st_scan_complete(&s, err);
	st_scan_close(&s);
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
