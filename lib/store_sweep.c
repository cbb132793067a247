/*
 * Sweeping: members of whom nothing is held but their pseudonym go.
 */
#include <stdlib.h>

#include "store_internal.h"

struct sweep {
	struct set *in_use; /* ordinals that pieces name */
	uint8_t (*idle)[SDG_PSEUDONYM_SIZE];
	size_t count, cap;
};

static int note_link(void *arg, const struct scan *s, struct sdg_error *err)
{
	struct sweep *sweep = arg;

	(void)err;
	if (s->key.n == MEMBER_EVENT_KEY)
		set_add(sweep->in_use, get_be32(s->key.p + 2));
	return 0;
}

static int note_idle(void *arg, const struct scan *s, struct sdg_error *err)
{
	struct sweep *sweep = arg;
	struct member member;

	if (s->key.n != SDG_PSEUDONYM_SIZE || !member_decode(s->value, &member))
		return st_damaged(DB_MEMBERS, s->key, "not a member", err);
	if (set_has(sweep->in_use, member.ordinal))
		return 0;
	if (sweep->count == sweep->cap) {
		size_t cap = sweep->cap ? sweep->cap * 2 : 1024;
		void *more = realloc(sweep->idle, cap * sizeof(*sweep->idle));

		if (!more)
			return sdg_fail(err, SDG_ENOMEM, "freeze: no memory");
		sweep->idle = more;
		sweep->cap = cap;
	}
	memcpy(sweep->idle[sweep->count++], s->key.p, SDG_PSEUDONYM_SIZE);
	return 0;
}

static int remove_member(struct txn *t, const uint8_t *pseudonym,
			 struct sdg_error *err)
{
	struct member member;
	struct bytes value;
	int rc =
	    st_get(t, DB_MEMBERS, pseudonym, SDG_PSEUDONYM_SIZE, &value, err);

	if (rc == 0 && !member_decode(value, &member))
		rc = st_damaged(DB_MEMBERS,
				(struct bytes){ pseudonym, SDG_PSEUDONYM_SIZE },
				"not a member", err);
	return rc < 0 ? rc : member_forget(t, pseudonym, &member, err);
}

int members_sweep(struct txn *t, size_t *removed, struct sdg_error *err)
{
	struct sweep sweep = { .in_use = set_new() };
	int rc = sweep.in_use
		     ? st_each(t, DB_MEMBER_EVENTS, note_link, &sweep, err)
		     : sdg_fail(err, SDG_ENOMEM, "freeze: no memory");

	if (rc == 0)
		rc = st_each(t, DB_MEMBERS, note_idle, &sweep, err);
	for (size_t i = 0; rc == 0 && i < sweep.count; i++)
		rc = remove_member(t, sweep.idle[i], err);
	if (rc == 0)
		*removed = sweep.count;
	free(sweep.idle);
	set_free(sweep.in_use);
	return rc;
}
