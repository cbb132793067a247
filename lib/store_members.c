/*
 * Members: who a piece is from, as a pseudonym and then as an ordinal, the
 * small number that sets are made of. No address is ever stored.
 */
#include <ctype.h>
#include <stdlib.h>

#include "store_internal.h"

#define ADDRESS_MAX 320

static bool claim_address(const struct sdg_keys *keys, struct sdg_str address,
			  struct who *who)
{
	char plain[ADDRESS_MAX + 1];
	size_t n = 0;

	if (address.len)
		n = sdg_address_normalise(address, plain, sizeof(plain));
	if (n == 0)
		return false;
	sdg_keys_pseudonym(keys, PSEUDONYM_ADDRESS,
			   (struct sdg_str){ plain, n }, who->pseudonym);
	who->kind = PSEUDONYM_ADDRESS;
	return true;
}

/* A representative who gives a name only: the same name is the same person,
 * whatever its case and spacing. */
static bool claim_name(const struct sdg_keys *keys, struct sdg_str name,
		       struct who *who)
{
	char plain[ADDRESS_MAX];
	size_t n = 0;

	for (size_t i = 0; i < name.len && n < sizeof(plain); i++) {
		unsigned char c = (unsigned char)name.s[i];

		if (!isspace(c))
			plain[n++] = (char)tolower(c);
		else if (n && plain[n - 1] != ' ')
			plain[n++] = ' ';
	}
	while (n && plain[n - 1] == ' ')
		n--;
	if (n == 0)
		return false;
	sdg_keys_pseudonym(keys, PSEUDONYM_REPRESENTATIVE,
			   (struct sdg_str){ plain, n }, who->pseudonym);
	who->kind = PSEUDONYM_REPRESENTATIVE;
	return true;
}

void who_claims(const struct sdg_keys *keys, const struct sdg_feedback *fb,
		struct who *who)
{
	*who = (struct who){ 0 };
	if (claim_address(keys, fb->respondent.address, who))
		return;
	if (fb->source == SDG_SOURCE_REP) {
		/* What a representative passes on is nobody's; only their own
		 * point is theirs. */
		if (fb->note.own &&
		    !claim_address(keys, fb->note.representative, who))
			claim_name(keys, fb->note.representative, who);
		return;
	}
	if (fb->respondent.key.len == 0)
		return;
	sdg_keys_pseudonym(keys, PSEUDONYM_KEY, fb->respondent.key,
			   who->pseudonym);
	who->kind = PSEUDONYM_KEY;
}

int who_resolve(struct txn *t, struct who *who, struct sdg_error *err)
{
	struct entry entry;
	int rc;

	if (who->kind != PSEUDONYM_ADDRESS || t->books[DB_DIRECTORY].count == 0)
		return 0;
	rc = directory_find(t, who->pseudonym, &entry, err);
	if (rc == SDG_ENOTFOUND)
		return 0;
	if (rc < 0)
		return rc;
	who->matched = entry.known.matched;
	if (entry.has_membership) {
		memcpy(who->pseudonym, entry.membership, SDG_PSEUDONYM_SIZE);
		who->kind = PSEUDONYM_MEMBERSHIP;
	}
	return 0;
}

bool member_decode(struct bytes in, struct member *member)
{
	if (in.n != MEMBER_SIZE)
		return false;
	*member = (struct member){
		.ordinal = (uint32_t)get_le(in.p, 4),
		.matched = in.p[4] & 1,
	};
	return member->ordinal != 0 && member->ordinal <= ORDINAL_MAX;
}

static void member_encode(const struct member *member, uint8_t out[MEMBER_SIZE])
{
	put_le(out, member->ordinal, 4);
	out[4] = member->matched;
}

#define MATCHED_PREFIX "matched"
#define MATCHED_PREFIX_LEN 7

static int set_matched(struct txn *t, uint32_t ordinal, bool matched,
		       struct sdg_error *err)
{
	struct set_change change = { ordinal, matched };
	int grown = 0;
	int rc;

	rc = set_store(t, DB_META, MATCHED_PREFIX, MATCHED_PREFIX_LEN, &change,
		       1, &grown, err);
	t->state.matched += (uint32_t)grown;
	return rc;
}

int matched_load(struct txn *t, struct set *into, struct sdg_error *err)
{
	int rc;

	rc =
	    set_load(t, DB_META, MATCHED_PREFIX, MATCHED_PREFIX_LEN, into, err);
	if (rc == 0 && set_count(into) != t->state.matched)
		rc = sdg_fail(err, SDG_EDAMAGED,
			      "read the members: %llu matched to the "
			      "directory, not %u; run \"soundings verify\"",
			      (unsigned long long)set_count(into),
			      t->state.matched);
	return rc;
}

static int new_member(struct txn *t, const struct who *who, uint32_t *ordinal,
		      struct sdg_error *err)
{
	struct member member = {
		.ordinal = t->state.next_member,
		.matched = who->matched,
	};
	uint8_t value[MEMBER_SIZE];
	int rc;

	if (member.ordinal > ORDINAL_MAX)
		return sdg_fail(err, SDG_EINVAL, "add a member: too many");
	member_encode(&member, value);
	rc = st_add(t, DB_MEMBERS, who->pseudonym, SDG_PSEUDONYM_SIZE, value,
		    sizeof(value), err);
	if (rc == 0 && member.matched)
		rc = set_matched(t, member.ordinal, true, err);
	if (rc < 0)
		return rc;
	t->state.next_member++;
	*ordinal = member.ordinal;
	return 0;
}

/* ------------------------------------------------------------------ cache */

#define CACHE_SLOTS 16384

struct member_cache {
	struct book book; /* of the members when it was last right */
	struct {
		uint8_t pseudonym[SDG_PSEUDONYM_SIZE];
		struct member member; /* ordinal 0: empty */
	} slots[CACHE_SLOTS];
};

static size_t cache_slot(const uint8_t pseudonym[SDG_PSEUDONYM_SIZE])
{
	return get_le(pseudonym, 4) % CACHE_SLOTS;
}

void member_cache_begin(struct txn *t)
{
	struct member_cache *cache = t->store->cache;

	if (!cache)
		cache = t->store->cache = calloc(1, sizeof(*cache));
	if (!cache)
		return; /* slower, no worse */
	t->caches = true;
	if (memcmp(&cache->book, &t->books[DB_MEMBERS], sizeof(cache->book)) !=
	    0)
		memset(cache->slots, 0, sizeof(cache->slots));
	/* Wrong from now on, unless this transaction is committed. */
	cache->book = (struct book){ UINT64_MAX, 0 };
}

void member_cache_committed(struct sdg_store *store, const struct txn *t)
{
	if (t->caches)
		store->cache->book = t->books[DB_MEMBERS];
}

void member_cache_free(struct member_cache *cache)
{
	free(cache);
}

static bool recall(const struct txn *t, const struct who *who,
		   uint32_t *ordinal)
{
	const struct member_cache *cache = t->store->cache;
	size_t at = cache_slot(who->pseudonym);
	const struct member *member;

	if (!t->caches || memcmp(cache->slots[at].pseudonym, who->pseudonym,
				 SDG_PSEUDONYM_SIZE) != 0)
		return false;
	member = &cache->slots[at].member;
	if (member->ordinal == 0 || (who->matched && !member->matched))
		return false;
	*ordinal = member->ordinal;
	return true;
}

static void remember(struct txn *t, const struct who *who, uint32_t ordinal,
		     bool matched)
{
	struct member_cache *cache = t->store->cache;
	size_t at = cache_slot(who->pseudonym);

	if (!t->caches)
		return;
	memcpy(cache->slots[at].pseudonym, who->pseudonym, SDG_PSEUDONYM_SIZE);
	cache->slots[at].member = (struct member){ ordinal, matched };
}

static int find_or_make(struct txn *t, const struct who *who, uint32_t *ordinal,
			struct sdg_error *err)
{
	uint8_t value[MEMBER_SIZE];
	struct member member;
	struct bytes stored;
	int rc;

	rc = st_get(t, DB_MEMBERS, who->pseudonym, SDG_PSEUDONYM_SIZE, &stored,
		    err);
	if (rc == SDG_ENOTFOUND)
		return new_member(t, who, ordinal, err);
	if (rc < 0)
		return rc;
	if (!member_decode(stored, &member))
		return st_damaged(
		    DB_MEMBERS,
		    (struct bytes){ who->pseudonym, SDG_PSEUDONYM_SIZE },
		    "not a member", err);
	*ordinal = member.ordinal;
	/* Written only then: every batch has members from everywhere, and
	 * their pages would double what it writes. */
	if (member.matched || !who->matched)
		return 0;
	member.matched = true;
	member_encode(&member, value);
	rc = st_change(t, DB_MEMBERS, who->pseudonym, SDG_PSEUDONYM_SIZE,
		       stored, value, sizeof(value), err);
	return rc < 0 ? rc : set_matched(t, member.ordinal, true, err);
}

int member_take(struct txn *t, const struct who *who, uint32_t *ordinal,
		struct sdg_error *err)
{
	int rc;

	if (recall(t, who, ordinal))
		return 0;
	rc = find_or_make(t, who, ordinal, err);
	if (rc == 0)
		remember(t, who, *ordinal, who->matched);
	return rc;
}

void member_event_key(uint32_t day, uint32_t ordinal, const uint8_t id[ID_SIZE],
		      uint8_t out[MEMBER_EVENT_KEY])
{
	put_be16(out, day);
	put_be32(out + 2, ordinal);
	memcpy(out + 6, id, ID_SIZE);
}

static bool counts_in(const struct piece *piece, cell_key key)
{
	uint32_t theme = CELL_THEME(key);
	bool named = theme == SDG_THEME_ANY;

	for (int i = 0; i < SDG_THEMES_MAX; i++)
		named |= theme && piece->themes[i] == theme;
	return named && piece->consultation == CELL_CONSULTATION(key) &&
	       piece->region == CELL_REGION(key) &&
	       piece->source == CELL_SOURCE(key);
}

/* Does one of the pieces that @s finds under @prefix count in @key? */
static int day_still_in(struct scan *s, const uint8_t prefix[6], cell_key key,
			bool *in, struct sdg_error *err)
{
	struct piece piece = { 0 };
	struct bytes value;
	int rc;

	for (rc = st_scan_seek(s, prefix, 6, err);
	     rc == 1 && st_prefixed(s->key, prefix, 6);
	     rc = st_scan_next(s, err)) {
		rc =
		    st_get(s->t, DB_LABELS, s->key.p + 6, ID_SIZE, &value, err);
		if (rc == SDG_ENOTFOUND) /* stored, but not counted */
			continue;
		if (rc == 0 && !piece_decode(value, &piece))
			rc = st_damaged(DB_LABELS, s->key, "out of range", err);
		if (rc < 0)
			return rc;
		if (counts_in(&piece, key)) {
			*in = true;
			return 0;
		}
	}
	return rc < 0 ? rc : 0;
}

int member_still_in(struct txn *t, cell_key key, uint32_t ordinal, bool *in,
		    struct sdg_error *err)
{
	int32_t day = month_first_day(CELL_WHEN(key));
	int32_t end = month_first_day(CELL_WHEN(key) + 1);
	uint8_t prefix[MEMBER_EVENT_KEY];
	struct scan s;
	int rc;

	*in = false;
	rc = st_scan_open(t, DB_MEMBER_EVENTS, &s, err);
	for (; rc == 0 && !*in && day < end; day++) {
		member_event_key((uint32_t)day, ordinal,
				 (const uint8_t[ID_SIZE]){ 0 }, prefix);
		rc = day_still_in(&s, prefix, key, in, err);
	}
	st_scan_close(&s);
	return rc;
}

/* ------------------------------------------------------------ recognition */

int member_each_event(struct txn *t, uint32_t ordinal, member_event_fn *fn,
		      void *arg, struct sdg_error *err)
{
	uint8_t key[MEMBER_EVENT_KEY] = { 0 };
	struct scan s;
	int rc;

	rc = st_scan_open(t, DB_MEMBER_EVENTS, &s, err);
	if (rc < 0)
		return rc;
	put_be32(key + 2, ordinal);
	while ((rc = st_scan_seek(&s, key, sizeof(key), err)) == 1) {
		uint32_t day, whose;

		if (s.key.n != sizeof(key)) {
			rc = st_damaged(DB_MEMBER_EVENTS, s.key, "not a link",
					err);
			break;
		}
		day = get_be16(s.key.p);
		whose = get_be32(s.key.p + 2);
		memcpy(key, s.key.p, sizeof(key));
		if (whose == ordinal) {
			rc = fn(arg, key + 6, err);
			if (rc)
				break;
			/* On behind it, whether or not it is still there. */
			for (size_t i = sizeof(key); i-- > 0 && ++key[i] == 0;)
				;
			continue;
		}
		if (whose > ordinal && ++day > DAY_MAX)
			break;
		member_event_key(day, ordinal, (const uint8_t[ID_SIZE]){ 0 },
				 key);
	}
	st_scan_close(&s);
	return rc;
}

struct merging {
	struct txn *t;
	struct tally *tally;
	uint32_t to;
};

static int merge_event(void *arg, const uint8_t id[ID_SIZE],
		       struct sdg_error *err)
{
	struct merging *m = arg;
	struct event event;
	int rc;

	rc = event_get(m->t, id, &event, err);
	if (rc == SDG_ENOTFOUND)
		rc = st_damaged(DB_EVENTS, (struct bytes){ id, ID_SIZE },
				"gone", err);
	return rc < 0 ? rc : event_give(m->t, m->tally, &event, m->to, err);
}

int member_forget(struct txn *t, const uint8_t pseudonym[SDG_PSEUDONYM_SIZE],
		  const struct member *member, struct sdg_error *err)
{
	int rc = set_matched(t, member->ordinal, false, err);

	return rc < 0
		   ? rc
		   : st_del(t, DB_MEMBERS, pseudonym, SDG_PSEUDONYM_SIZE, err);
}

/* @from wrote before it was known to be @into: from now on one member. */
static int merge(struct txn *t, const struct member *from,
		 const uint8_t into[SDG_PSEUDONYM_SIZE], bool matched,
		 struct sdg_error *err)
{
	struct who who = { PSEUDONYM_MEMBERSHIP, { 0 }, matched };
	struct tally *tally;
	uint32_t to = 0;
	int rc;

	tally = tally_new();
	if (!tally)
		return sdg_fail(err, SDG_ENOMEM, "merge members: no memory");
	memcpy(who.pseudonym, into, SDG_PSEUDONYM_SIZE);
	/* How many respondents there were until now was reported, perhaps
	 * today. */
	rc = edition_fresh(t, err);
	if (rc == 0)
		rc = member_take(t, &who, &to, err);
	if (rc == 0)
		rc = member_each_event(t, from->ordinal, merge_event,
				       &(struct merging){ t, tally, to }, err);
	if (rc == 0)
		rc = set_matched(t, from->ordinal, false, err);
	if (rc == 0)
		rc = tally_write(t, tally, err);
	tally_free(tally);
	return rc;
}

int member_recognise(struct txn *t, const uint8_t address[SDG_PSEUDONYM_SIZE],
		     const struct entry *entry, struct sdg_error *err)
{
	struct who who = { PSEUDONYM_ADDRESS, { 0 }, entry->known.matched };
	struct member member = { 0 };
	struct bytes value;
	uint32_t ordinal = 0;
	int rc;

	rc = st_get(t, DB_MEMBERS, address, SDG_PSEUDONYM_SIZE, &value, err);
	if (rc == SDG_ENOTFOUND)
		return 0;
	if (rc == 0 && !member_decode(value, &member))
		rc = st_damaged(DB_MEMBERS,
				(struct bytes){ address, SDG_PSEUDONYM_SIZE },
				"not a member", err);
	if (rc < 0)
		return rc;
	if (!entry->has_membership) {
		memcpy(who.pseudonym, address, SDG_PSEUDONYM_SIZE);
		return member_take(t, &who, &ordinal, err);
	}
	rc = st_del(t, DB_MEMBERS, address, SDG_PSEUDONYM_SIZE, err);
	if (rc < 0)
		return rc;
	return merge(t, &member, entry->membership, entry->known.matched, err);
}
