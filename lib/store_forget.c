/*
 * Erasure: whose pieces, and taking them out.
 *
 * What is erased leaves a tombstone, the event's id and outcome and when it
 * was received: the dedup key must outlive the words, or a late retry would
 * count again. The ledger keeps the piece as counted and erased.
 */
#include <stdlib.h>

#include <soundings/store_rights.h>

#include "store_internal.h"

#define ADDRESS_MAX 320

void sdg_person_fini(struct sdg_person *person)
{
	free(person->ids);
	free(person->pseudonyms);
	*person = (struct sdg_person){ 0 };
}

/* Arrays of 16 bytes each, once each. */
static int add_16(uint8_t (**list)[16], size_t *n, const uint8_t *value,
		  struct sdg_error *err)
{
	uint8_t(*more)[16];

	for (size_t i = 0; i < *n; i++)
		if (memcmp((*list)[i], value, 16) == 0)
			return 0;
	more = reallocarray(*list, *n + 1, sizeof(*more));
	if (!more)
		return sdg_fail(err, SDG_ENOMEM, "find a person: no memory");
	memcpy(more[*n], value, 16);
	*list = more;
	(*n)++;
	return 0;
}

/* ---------------------------------------------------------------- finding */

static int add_piece(struct txn *t, const uint8_t *id, struct sdg_person *to,
		     struct sdg_error *err)
{
	struct event event;
	int rc = event_get(t, id, &event, err);

	if (rc == SDG_ENOTFOUND)
		return 0; /* a register may name what a backup never had */
	if (rc < 0 || event.state & EVENT_GONE)
		return rc;
	return add_16(&to->ids, &to->id_count, id, err);
}

static int get_member(struct txn *t, const uint8_t *pseudonym,
		      struct member *member, struct sdg_error *err)
{
	struct bytes value;
	int rc =
	    st_get(t, DB_MEMBERS, pseudonym, SDG_PSEUDONYM_SIZE, &value, err);

	if (rc == 0 && !member_decode(value, member))
		rc = st_damaged(DB_MEMBERS,
				(struct bytes){ pseudonym, SDG_PSEUDONYM_SIZE },
				"not a member", err);
	return rc;
}

struct gathering {
	struct sdg_person *to;
	bool one;
};

static int gather(void *arg, const uint8_t id[ID_SIZE], struct sdg_error *err)
{
	const struct gathering *g = arg;
	int rc = add_16(&g->to->ids, &g->to->id_count, id, err);

	return rc == 0 && g->one ? 1 : rc;
}

/* Each piece linked to @member. Stops early when only one is asked for. */
static int pieces_of(struct txn *t, const struct member *member, bool one,
		     struct sdg_person *to, struct sdg_error *err)
{
	struct gathering g = { to, one };
	int rc = member_each_event(t, member->ordinal, gather, &g, err);

	return rc < 0 ? rc : 0;
}

static int add_pseudonym(struct txn *t, const uint8_t *pseudonym,
			 struct sdg_person *to, struct sdg_error *err)
{
	struct member member = { 0 };
	int rc = get_member(t, pseudonym, &member, err);

	if (rc == SDG_ENOTFOUND)
		return 0;
	if (rc == 0)
		rc = add_16(&to->pseudonyms, &to->pseudonym_count, pseudonym,
			    err);
	return rc < 0 ? rc : pieces_of(t, &member, false, to, err);
}

static int add_address(struct txn *t, struct sdg_str address,
		       struct sdg_person *to, struct sdg_error *err)
{
	uint8_t pseudonym[SDG_PSEUDONYM_SIZE];
	char plain[ADDRESS_MAX + 1];
	struct entry entry;
	size_t n = sdg_address_normalise(address, plain, sizeof(plain));
	int rc;

	if (n == 0)
		return sdg_fail(err, SDG_EINVAL,
				"find a person: this is not an address");
	sdg_keys_pseudonym(t->store->keys, PSEUDONYM_ADDRESS,
			   (struct sdg_str){ plain, n }, pseudonym);
	rc = directory_find(t, pseudonym, &entry, err);
	if (rc == 0) {
		to->in_directory = true;
		if (entry.has_membership)
			rc = add_pseudonym(t, entry.membership, to, err);
	} else if (rc == SDG_ENOTFOUND) {
		rc = 0;
	}
	if (rc == 0)
		rc = add_pseudonym(t, pseudonym, to, err);
	/* So that the directory's entry can be found again by the caller. */
	if (rc == 0 && to->in_directory)
		rc = add_16(&to->pseudonyms, &to->pseudonym_count, pseudonym,
			    err);
	return rc;
}

/* The pseudonym whose ordinal a piece bears: the reverse of the record. */
static int respondent_of(struct txn *t, const uint8_t *id,
			 struct sdg_person *to, struct sdg_error *err)
{
	uint8_t pseudonym[SDG_PSEUDONYM_SIZE];
	struct member member;
	struct event event;
	struct scan s;
	bool found = false;
	int rc = event_get(t, id, &event, err);

	if (rc < 0 || event.piece.member == 0)
		return rc == SDG_ENOTFOUND ? 0 : rc;
	rc = st_scan_open(t, DB_MEMBERS, &s, err);
	if (rc < 0)
		return rc;
	while (!found && (rc = st_scan_next(&s, err)) == 1) {
		if (s.key.n != SDG_PSEUDONYM_SIZE ||
		    !member_decode(s.value, &member)) {
			rc = st_damaged(DB_MEMBERS, s.key, "not a member", err);
			break;
		}
		found = member.ordinal == event.piece.member;
		memcpy(pseudonym, s.key.p, sizeof(pseudonym));
	}
	st_scan_close(&s);
	if (rc < 0 || !found)
		return rc < 0 ? rc : 0;
	return add_pseudonym(t, pseudonym, to, err);
}

static int find_person(struct txn *t, const struct sdg_whose *whose,
		       struct sdg_person *to, struct sdg_error *err)
{
	int rc = 0;

	if (whose->address.len)
		rc = add_address(t, whose->address, to, err);
	for (size_t i = 0; rc == 0 && i < whose->id_count; i++) {
		rc = add_piece(t, whose->ids[i], to, err);
		if (rc == 0 && whose->respondents)
			rc = respondent_of(t, whose->ids[i], to, err);
	}
	/* By register: the link alone, for newer pieces were not asked for. */
	for (size_t i = 0; rc == 0 && i < whose->pseudonym_count; i++)
		rc = add_16(&to->pseudonyms, &to->pseudonym_count,
			    whose->pseudonyms[i], err);
	return rc;
}

int sdg_store_person(struct sdg_store *store, const struct sdg_whose *whose,
		     struct sdg_person *out, struct sdg_error *err)
{
	struct sdg_person person = { 0 };
	struct txn t;
	int rc = st_begin(store, false, &t, err);

	if (rc < 0)
		return rc;
	rc = find_person(&t, whose, &person, err);
	st_abort(&t);
	if (rc == 0 && person.id_count == 0 && person.pseudonym_count == 0)
		rc = sdg_fail(err, SDG_ENOTFOUND,
			      "nothing is held of this person");
	if (rc == 0)
		*out = person;
	else
		sdg_person_fini(&person);
	return rc;
}

/* ---------------------------------------------------------------- erasing */

static int bury(struct txn *t, struct tally *tally, const uint8_t *id,
		struct sdg_erased *out, struct sdg_error *err)
{
	struct event event, tombstone;
	int rc = event_get(t, id, &event, err);

	if (rc == SDG_ENOTFOUND)
		return st_damaged(DB_EVENTS, (struct bytes){ id, ID_SIZE },
				  "gone", err);
	if (rc < 0 || event.state & EVENT_GONE)
		return rc;
	tombstone = (struct event){ .state = EVENT_ERASED };
	rc = event_bury(t, &event, &tombstone, tally, tally, err);
	if (rc < 0)
		return rc;
	out->pieces++;
	if (event.outcome != SDG_OUTCOME_COUNTED)
		return 0;
	out->counted++;
	return tally_ledger(tally, event.piece.consultation,
			    (int32_t)(event.received / DAY_SECONDS),
			    LEDGER_ERASED, 1, err);
}

/* A pseudonym without pieces is nobody any more. One that has written since
 * (a register is replayed) stays. */
static int unlink_person(struct txn *t, const uint8_t *pseudonym,
			 struct sdg_erased *out, struct sdg_error *err)
{
	struct sdg_person left = { 0 };
	struct member member;
	int rc = get_member(t, pseudonym, &member, err);

	if (rc == 0) {
		rc = pieces_of(t, &member, true, &left, err);
		if (rc == 0 && left.id_count == 0) {
			rc = member_forget(t, pseudonym, &member, err);
			out->members++;
		}
		sdg_person_fini(&left);
	} else if (rc == SDG_ENOTFOUND) {
		rc = 0;
	}
	return rc < 0 ? rc
		      : directory_forget(t, pseudonym, &out->directory, err);
}

static int erase(struct txn *t, const struct sdg_person *person,
		 struct sdg_erased *out, struct sdg_error *err)
{
	struct tally *tally = tally_new();
	int rc = 0;

	if (!tally)
		return sdg_fail(err, SDG_ENOMEM, "erase: no memory");
	for (size_t i = 0; rc == 0 && i < person->id_count; i++)
		rc = bury(t, tally, person->ids[i], out, err);
	if (rc == 0)
		rc = tally_write(t, tally, err);
	for (size_t i = 0; rc == 0 && i < person->pseudonym_count; i++)
		rc = unlink_person(t, person->pseudonyms[i], out, err);
	tally_free(tally);
	return rc;
}

int sdg_store_forget(struct sdg_store *store, const struct sdg_whose *whose,
		     sdg_erasing_fn *before, void *arg, struct sdg_erased *out,
		     struct sdg_error *err)
{
	struct sdg_person person = { 0 };
	struct txn t;
	int rc = st_begin(store, true, &t, err);

	*out = (struct sdg_erased){ 0 };
	if (rc < 0)
		return rc;
	rc = find_person(&t, whose, &person, err);
	if (rc == 0 && before)
		rc = before(arg, &person);
	if (rc == 0)
		rc = erase(&t, &person, out, err);
	if (rc == 0)
		rc = st_commit(&t, err);
	st_abort(&t);
	sdg_person_fini(&person);
	return rc;
}
