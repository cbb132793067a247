/*
 * The directory: what an import or a person says of addresses and mail
 * domains. Addresses are kept as pseudonyms only, and membership numbers
 * too; a domain is kept as it is.
 */
#include <soundings/store_directory.h>

#include "store_internal.h"

#define FIXED 8 /* form, flags, region, role, phases, authority, origin len */
#define FORM 1
#define DOMAIN_MAX 255

enum flag {
	FLAG_MATCHED = 1 << 0,
	FLAG_BY_HAND = 1 << 1,
	FLAG_MEMBERSHIP = 1 << 2,
};
#define LENT_SHIFT 3 /* what is lent, above the flags */

static size_t encode(const struct entry *e, uint8_t out[VALUE_MAX])
{
	size_t n = FIXED, origin = strlen(e->origin);

	out[0] = FORM;
	out[1] = (uint8_t)((e->known.matched ? FLAG_MATCHED : 0) |
			   (e->by_hand ? FLAG_BY_HAND : 0) |
			   (e->has_membership ? FLAG_MEMBERSHIP : 0) |
			   e->lent << LENT_SHIFT);
	out[2] = (uint8_t)e->known.region;
	out[3] = (uint8_t)e->known.role;
	out[4] = e->known.phases;
	put_le(out + 5, e->known.authority, 2);
	out[7] = (uint8_t)origin;
	memcpy(out + n, e->origin, origin);
	n += origin;
	if (e->has_membership) {
		memcpy(out + n, e->membership, SDG_PSEUDONYM_SIZE);
		n += SDG_PSEUDONYM_SIZE;
	}
	if (e->school.len)
		memcpy(out + n, e->school.s, e->school.len);
	return n + e->school.len;
}

static int decode(struct bytes key, struct bytes value, struct entry *e,
		  struct sdg_error *err)
{
	const uint8_t *p = value.p;
	size_t n = FIXED, origin;

	if (value.n < FIXED || p[0] != FORM || p[2] >= SDG_REGION_COUNT ||
	    p[3] >= SDG_ROLE_COUNT)
		return st_damaged(DB_DIRECTORY, key, "not an entry", err);
	origin = p[7];
	*e = (struct entry){
		.known = {
			.matched = p[1] & FLAG_MATCHED,
			.region = p[2],
			.role = p[3],
			.phases = p[4],
			.authority = (uint16_t)get_le(p + 5, 2),
		},
		.by_hand = p[1] & FLAG_BY_HAND,
		.lent = p[1] >> LENT_SHIFT,
		.has_membership = p[1] & FLAG_MEMBERSHIP,
	};
	if (origin >= sizeof(e->origin) ||
	    value.n < n + origin + (e->has_membership ? SDG_PSEUDONYM_SIZE : 0))
		return st_damaged(DB_DIRECTORY, key, "not an entry", err);
	memcpy(e->origin, p + n, origin);
	n += origin;
	if (e->has_membership) {
		memcpy(e->membership, p + n, SDG_PSEUDONYM_SIZE);
		n += SDG_PSEUDONYM_SIZE;
	}
	e->school = (struct sdg_str){ (const char *)p + n, value.n - n };
	return 0;
}

static int find(struct txn *t, const void *key, size_t len, struct entry *out,
		struct sdg_error *err)
{
	struct bytes value;
	int rc;

	rc = st_get(t, DB_DIRECTORY, key, len, &value, err);
	if (rc < 0)
		return rc;
	return decode((struct bytes){ key, len }, value, out, err);
}

#define ADDRESS_KEY (1 + SDG_PSEUDONYM_SIZE)

static void address_key(const uint8_t pseudonym[SDG_PSEUDONYM_SIZE],
			uint8_t out[ADDRESS_KEY])
{
	out[0] = PSEUDONYM_ADDRESS;
	memcpy(out + 1, pseudonym, SDG_PSEUDONYM_SIZE);
}

int directory_find(struct txn *t, const uint8_t address[SDG_PSEUDONYM_SIZE],
		   struct entry *out, struct sdg_error *err)
{
	uint8_t key[ADDRESS_KEY];

	address_key(address, key);
	return find(t, key, sizeof(key), out, err);
}

int directory_forget(struct txn *t, const uint8_t pseudonym[SDG_PSEUDONYM_SIZE],
		     size_t *n, struct sdg_error *err)
{
	uint8_t address[ADDRESS_KEY], key[KEY_MAX];
	struct entry entry;
	struct scan s;
	size_t len;
	int rc;

	if (t->books[DB_DIRECTORY].count == 0)
		return 0;
	address_key(pseudonym, address);
	rc = st_scan_open(t, DB_DIRECTORY, &s, err);
	if (rc < 0)
		return rc;
	for (rc = st_scan_next(&s, err); rc == 1;) {
		bool theirs = s.key.n == sizeof(address) &&
			      memcmp(s.key.p, address, sizeof(address)) == 0;

		rc = decode(s.key, s.value, &entry, err);
		if (rc < 0)
			break;
		theirs |=
		    entry.has_membership && memcmp(entry.membership, pseudonym,
						   SDG_PSEUDONYM_SIZE) == 0;
		if (!theirs) {
			rc = st_scan_next(&s, err);
			continue;
		}
		len = s.key.n;
		memcpy(key, s.key.p, len);
		rc = st_del(t, DB_DIRECTORY, key, len, err);
		(*n)++;
		if (rc == 0) /* the one behind it has moved up */
			rc = st_scan_seek(&s, key, len, err);
	}
	st_scan_close(&s);
	return rc < 0 ? rc : 0;
}

/* The entry of "@x.y.z", else of "@y.z", as far as two labels remain. */
static int find_domain(struct txn *t, const char *domain, struct entry *out,
		       struct sdg_error *err)
{
	char key[1 + DOMAIN_MAX + 1];

	while (domain && strchr(domain, '.')) {
		size_t n = strlen(domain);
		int rc;

		if (n > DOMAIN_MAX)
			return SDG_ENOTFOUND;
		key[0] = '@';
		memcpy(key + 1, domain, n + 1);
		rc = find(t, key, n + 1, out, err);
		if (rc != SDG_ENOTFOUND)
			return rc;
		domain = strchr(domain, '.');
		if (domain)
			domain++;
	}
	return SDG_ENOTFOUND;
}

/* What the address's own entry leaves open, its domain may say. */
static void fill_in(struct sdg_known *known, const struct sdg_known *domain)
{
	if (known->region == SDG_REGION_ANY) {
		known->region = domain->region;
		known->authority = domain->authority;
	} else if (known->authority == 0 && known->region == domain->region) {
		known->authority = domain->authority;
	}
	if (known->role == SDG_ROLE_UNKNOWN)
		known->role = domain->role;
	if (known->phases == 0)
		known->phases = domain->phases;
}

int directory_known(struct txn *t, struct sdg_str address,
		    struct sdg_known *known, struct sdg_error *err)
{
	uint8_t pseudonym[SDG_PSEUDONYM_SIZE];
	char plain[SDG_FIELD_MAX + 1], *at;
	struct entry entry;
	size_t n;
	int rc;

	*known = (struct sdg_known){ 0 };
	if (address.len == 0 || t->books[DB_DIRECTORY].count == 0)
		return 0;
	n = sdg_address_normalise(address, plain, sizeof(plain));
	if (n == 0)
		return 0;
	sdg_keys_pseudonym(t->store->keys, PSEUDONYM_ADDRESS,
			   (struct sdg_str){ plain, n }, pseudonym);
	rc = directory_find(t, pseudonym, &entry, err);
	if (rc == 0)
		*known = entry.known;
	else if (rc != SDG_ENOTFOUND)
		return rc;
	at = strrchr(plain, '@');
	rc = find_domain(t, at ? at + 1 : NULL, &entry, err);
	if (rc == 0)
		fill_in(known, &entry.known);
	return rc == SDG_ENOTFOUND ? 0 : rc;
}

/* ----------------------------------------------------------------- public */

/* The key of an entry: of an address its pseudonym, of a domain itself.
 * Returns its length, or 0 when it is neither. */
static size_t entry_key(const struct sdg_keys *keys, struct sdg_str key,
			uint8_t out[KEY_MAX])
{
	uint8_t pseudonym[SDG_PSEUDONYM_SIZE];
	char plain[SDG_FIELD_MAX + 1];
	size_t n;

	if (key.len > 1 && key.s[0] == '@') {
		if (key.len > DOMAIN_MAX)
			return 0;
		for (size_t i = 0; i < key.len; i++) {
			char c = key.s[i];

			out[i] = (uint8_t)(c >= 'A' && c <= 'Z' ? c + 32 : c);
		}
		return key.len;
	}
	n = sdg_address_normalise(key, plain, sizeof(plain));
	if (n == 0)
		return 0;
	sdg_keys_pseudonym(keys, PSEUDONYM_ADDRESS,
			   (struct sdg_str){ plain, n }, pseudonym);
	address_key(pseudonym, out);
	return ADDRESS_KEY;
}

/* What an import gives where a person has not spoken: @from, or nothing when
 * it is NULL. */
static void lend(struct entry *e, const struct entry *from)
{
	static const struct entry nothing;
	const struct entry *in = from ? from : &nothing;
	uint8_t may = e->lent;

	may |= e->known.region == SDG_REGION_ANY ? SDG_LENT_REGION : 0;
	may |= e->known.role == SDG_ROLE_UNKNOWN ? SDG_LENT_ROLE : 0;
	may |= e->known.phases == 0 ? SDG_LENT_PHASES : 0;
	may |= e->has_membership ? 0 : SDG_LENT_MEMBERSHIP;
	may |= e->school.len ? 0 : SDG_LENT_SCHOOL;
	if (may & SDG_LENT_REGION) {
		e->known.region = in->known.region;
		e->known.authority = in->known.authority;
	}
	if (may & SDG_LENT_ROLE)
		e->known.role = in->known.role;
	if (may & SDG_LENT_PHASES)
		e->known.phases = in->known.phases;
	if (may & SDG_LENT_MEMBERSHIP) {
		e->has_membership = in->has_membership;
		memcpy(e->membership, in->membership, SDG_PSEUDONYM_SIZE);
	}
	if (may & SDG_LENT_SCHOOL)
		e->school = in->school;
	e->lent = from ? may : 0;
	memcpy(e->origin, from ? from->origin : "hand",
	       from ? sizeof(e->origin) : sizeof("hand"));
}

static int put_entry(struct txn *t, const struct sdg_entry *in,
		     const char *origin, struct sdg_error *err)
{
	struct entry e = { .known = in->known,
			   .by_hand = in->by_hand,
			   .lent = in->by_hand ? in->lent : 0 };
	uint8_t key[KEY_MAX], value[VALUE_MAX];
	struct entry old;
	size_t n;
	int rc;

	n = entry_key(
	    t->store->keys,
	    (struct sdg_str){ in->key, strnlen(in->key, sizeof(in->key)) },
	    key);
	if (n == 0)
		return sdg_fail(err, SDG_EINVAL,
				"keep a directory entry: neither an address "
				"nor \"@domain\"");
	strncpy(e.origin, origin, sizeof(e.origin) - 1);
	e.school = (struct sdg_str){ in->school,
				     strnlen(in->school, sizeof(in->school)) };
	if (in->membership[0]) {
		size_t len = strnlen(in->membership, sizeof(in->membership));

		e.has_membership = true;
		if (!in->keyed)
			sdg_keys_pseudonym(
			    t->store->keys, PSEUDONYM_MEMBERSHIP,
			    (struct sdg_str){ in->membership, len },
			    e.membership);
		else if (hex_prefix(in->membership, e.membership,
				    SDG_PSEUDONYM_SIZE) !=
			 (size_t)2 * SDG_PSEUDONYM_SIZE)
			return sdg_fail(err, SDG_EINVAL,
					"keep a directory entry: not the "
					"membership that a look-up gave");
	}
	rc = find(t, key, n, &old, err);
	if (rc < 0 && rc != SDG_ENOTFOUND)
		return rc;
	if (rc == 0 && old.by_hand && !e.by_hand) {
		lend(&old, &e);
		e = old;
	} else if (rc == 0 && e.lent) {
		/* whose they are that stay */
		memcpy(e.origin, old.origin, sizeof(e.origin));
	}
	rc = st_put(t, DB_DIRECTORY, key, n, value, encode(&e, value), err);
	if (rc == 0 && key[0] == PSEUDONYM_ADDRESS)
		rc = member_recognise(t, key + 1, &e, err);
	return rc;
}

/* An entry goes; of one by hand, what an import lent it. */
static int take_back(struct txn *t, const uint8_t *key, size_t n,
		     struct entry *e, struct sdg_error *err)
{
	uint8_t value[VALUE_MAX];

	if (!e->by_hand)
		return st_del(t, DB_DIRECTORY, key, n, err);
	lend(e, NULL);
	return st_put(t, DB_DIRECTORY, key, n, value, encode(e, value), err);
}

/* All imported entries of @origin; collected first, since a scan must not
 * delete under itself. */
static int remove_origin(struct txn *t, const char *origin,
			 struct sdg_error *err)
{
	uint8_t key[KEY_MAX];
	struct entry e;
	struct scan s;
	size_t n = 0;
	int rc;

	rc = st_scan_open(t, DB_DIRECTORY, &s, err);
	if (rc < 0)
		return rc;
	rc = st_scan_next(&s, err);
	while (rc == 1) {
		rc = decode(s.key, s.value, &e, err);
		if (rc < 0)
			break;
		if (strcmp(e.origin, origin) != 0) {
			rc = st_scan_next(&s, err);
			continue;
		}
		n = s.key.n;
		memcpy(key, s.key.p, n);
		rc = take_back(t, key, n, &e, err);
		if (rc == 0)
			rc = st_scan_seek(&s, key, n, err);
	}
	st_scan_close(&s);
	return rc;
}

int sdg_directory_replace(struct sdg_store *store, const char *origin,
			  const struct sdg_entry *entries, size_t n,
			  struct sdg_error *err)
{
	struct txn t;
	int rc;

	if (strlen(origin) >= sizeof(((struct entry *)0)->origin))
		return sdg_fail(err, SDG_EINVAL,
				"replace the directory: its origin's name is "
				"too long");
	rc = st_begin(store, true, &t, err);
	if (rc < 0)
		return rc;
	rc = remove_origin(&t, origin, err);
	for (size_t i = 0; rc == 0 && i < n; i++)
		rc = put_entry(&t, &entries[i], origin, err);
	if (rc == 0)
		rc = st_commit(&t, err);
	st_abort(&t);
	return rc;
}

int sdg_directory_set(struct sdg_store *store, const struct sdg_entry *entry,
		      struct sdg_error *err)
{
	struct sdg_entry by_hand = *entry;
	struct txn t;
	int rc;

	by_hand.by_hand = true;
	rc = st_begin(store, true, &t, err);
	if (rc < 0)
		return rc;
	rc = put_entry(&t, &by_hand, "hand", err);
	if (rc == 0)
		rc = st_commit(&t, err);
	st_abort(&t);
	return rc;
}

static void copy_out(struct sdg_str key, const struct entry *e,
		     struct sdg_entry *out)
{
	*out =
	    (struct sdg_entry){ .known = e->known,
				.by_hand = e->by_hand,
				.lent = e->by_hand ? e->lent : SDG_LENT_ALL };
	memcpy(out->key, key.s,
	       key.len < sizeof(out->key) ? key.len : sizeof(out->key) - 1);
	memcpy(out->school, e->school.s,
	       e->school.len < sizeof(out->school) ? e->school.len
						   : sizeof(out->school) - 1);
	if (e->has_membership) {
		static const char hex[] = "0123456789abcdef";

		out->keyed = true;
		/* The number itself is not kept: what tells two apart is. */
		for (int i = 0; i < SDG_PSEUDONYM_SIZE; i++) {
			out->membership[2 * i] = hex[e->membership[i] >> 4];
			out->membership[2 * i + 1] = hex[e->membership[i] & 15];
		}
	}
}

int sdg_directory_lookup(struct sdg_store *store, struct sdg_str key,
			 struct sdg_entry *out, struct sdg_error *err)
{
	char plain[SDG_FIELD_MAX + 1], *at;
	uint8_t stored[KEY_MAX];
	struct entry entry;
	struct txn t;
	size_t n;
	int rc;

	n = entry_key(store->keys, key, stored);
	if (n == 0)
		return sdg_fail(err, SDG_EINVAL,
				"look up the directory: neither an address "
				"nor \"@domain\"");
	rc = st_begin(store, false, &t, err);
	if (rc < 0)
		return rc;
	rc = find(&t, stored, n, &entry, err);
	if (rc == SDG_ENOTFOUND && key.s[0] != '@') {
		sdg_address_normalise(key, plain, sizeof(plain));
		at = strrchr(plain, '@');
		rc = find_domain(&t, at ? at + 1 : NULL, &entry, err);
		if (rc == 0) /* so that the caller sees what answered */
			key = sdg_str(at);
	}
	if (rc == 0)
		copy_out(key, &entry, out);
	else if (rc == SDG_ENOTFOUND)
		rc = sdg_fail(err, SDG_ENOTFOUND,
			      "look up the directory: no entry");
	st_abort(&t);
	return rc;
}

int sdg_directory_each(struct sdg_store *store, sdg_directory_fn *fn, void *arg,
		       struct sdg_error *err)
{
	struct sdg_entry out;
	struct entry entry;
	struct txn t;
	struct scan s;
	int rc;

	rc = st_begin(store, false, &t, err);
	if (rc < 0)
		return rc;
	rc = st_scan_open(&t, DB_DIRECTORY, &s, err);
	if (rc < 0)
		goto out;
	while ((rc = st_scan_next(&s, err)) == 1) {
		struct sdg_str key = { (const char *)s.key.p, s.key.n };

		rc = decode(s.key, s.value, &entry, err);
		if (rc < 0)
			break;
		if (key.len && key.s[0] != '@')
			key.len = 0; /* a pseudonym: nobody can read it */
		copy_out(key, &entry, &out);
		rc = fn(arg, &out);
		if (rc != 0)
			break;
	}
	st_scan_close(&s);
out:
	st_abort(&t);
	return rc;
}

int sdg_directory_of_member(struct sdg_store *store, struct sdg_str number,
			    size_t *addresses, struct sdg_error *err)
{
	uint8_t wanted[SDG_PSEUDONYM_SIZE];
	struct entry entry = { 0 };
	struct txn t;
	struct scan s;
	int rc;

	*addresses = 0;
	sdg_keys_pseudonym(store->keys, PSEUDONYM_MEMBERSHIP, number, wanted);
	rc = st_begin(store, false, &t, err);
	if (rc < 0)
		return rc;
	rc = st_scan_open(&t, DB_DIRECTORY, &s, err);
	while (rc == 0 && (rc = st_scan_next(&s, err)) == 1) {
		rc = decode(s.key, s.value, &entry, err);
		*addresses +=
		    rc == 0 && entry.has_membership &&
		    memcmp(entry.membership, wanted, sizeof(wanted)) == 0;
	}
	st_scan_close(&s);
	st_abort(&t);
	return rc;
}

/* The ordinal under which the one of this entry has written, or 0. */
static int writer_of(struct txn *t, const struct entry *entry, struct bytes key,
		     uint32_t *ordinal, struct sdg_error *err)
{
	const uint8_t *pseudonym =
	    entry->has_membership ? entry->membership : key.p + 1;
	struct member member;
	struct bytes value;
	int rc;

	*ordinal = 0;
	rc = st_get(t, DB_MEMBERS, pseudonym, SDG_PSEUDONYM_SIZE, &value, err);
	if (rc == SDG_ENOTFOUND)
		return 0;
	if (rc == 0 && !member_decode(value, &member))
		rc = st_damaged(DB_MEMBERS,
				(struct bytes){ pseudonym, SDG_PSEUDONYM_SIZE },
				"not a member", err);
	if (rc == 0)
		*ordinal = member.ordinal;
	return rc;
}

int sdg_directory_members(struct sdg_store *store, sdg_known_fn *fn, void *arg,
			  struct sdg_error *err)
{
	struct entry entry = { 0 };
	uint32_t ordinal;
	struct txn t;
	struct scan s;
	int rc;

	rc = st_begin(store, false, &t, err);
	if (rc < 0)
		return rc;
	rc = st_scan_open(&t, DB_DIRECTORY, &s, err);
	while (rc == 0 && (rc = st_scan_next(&s, err)) == 1) {
		rc = 0;
		if (s.key.n != ADDRESS_KEY || s.key.p[0] != PSEUDONYM_ADDRESS)
			continue;
		rc = decode(s.key, s.value, &entry, err);
		if (rc == 0)
			rc = writer_of(&t, &entry, s.key, &ordinal, err);
		if (rc == 0 && ordinal)
			rc = fn(arg, ordinal, &entry.known);
	}
	st_scan_close(&s);
	st_abort(&t);
	return rc;
}
