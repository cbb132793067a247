/*
 * Consultations: what the association asks about, and to which of them a
 * piece belongs.
 */
#include <stdlib.h>
#include <strings.h>

#include "store_internal.h"

#define FIXED 16 /* number, closed, opens, closes, regions, name's length */

static int encode(const struct sdg_consultation *c, uint8_t out[VALUE_MAX])
{
	size_t name = strlen(c->name), addresses = strlen(c->addresses);

	put_le(out, c->number, 2);
	out[2] = c->closed;
	put_le(out + 3, (uint32_t)c->opens, 4);
	put_le(out + 7, (uint32_t)c->closes, 4);
	put_le(out + 11, c->regions, 4);
	out[15] = (uint8_t)name;
	memcpy(out + FIXED, c->name, name);
	memcpy(out + FIXED + name, c->addresses, addresses);
	return (int)(FIXED + name + addresses);
}

static int decode(struct bytes key, struct bytes value,
		  struct sdg_consultation *c, struct sdg_error *err)
{
	size_t name, addresses;

	*c = (struct sdg_consultation){ 0 };
	if (value.n < FIXED || key.n >= sizeof(c->id))
		return st_damaged(DB_CONSULTATIONS, key, "not one", err);
	name = value.p[15];
	if (name >= sizeof(c->name) || name > value.n - FIXED)
		return st_damaged(DB_CONSULTATIONS, key, "not one", err);
	addresses = value.n - FIXED - name;
	if (addresses >= sizeof(c->addresses))
		return st_damaged(DB_CONSULTATIONS, key, "not one", err);
	c->number = (uint16_t)get_le(value.p, 2);
	c->closed = value.p[2];
	c->opens = (int32_t)get_le(value.p + 3, 4);
	c->closes = (int32_t)get_le(value.p + 7, 4);
	c->regions = (uint32_t)get_le(value.p + 11, 4);
	memcpy(c->id, key.p, key.n);
	memcpy(c->name, value.p + FIXED, name);
	memcpy(c->addresses, value.p + FIXED + name, addresses);
	return 0;
}

int consultation_write(struct txn *t, const struct sdg_consultation *c,
		       struct sdg_error *err)
{
	uint8_t value[VALUE_MAX];
	int n = encode(c, value);

	return st_put(t, DB_CONSULTATIONS, c->id, strlen(c->id), value,
		      (size_t)n, err);
}

static int append(struct sdg_store *store, const struct sdg_consultation *c,
		  struct sdg_error *err)
{
	struct sdg_consultation *grown;

	grown = realloc(store->consultations,
			(store->consultation_count + 1) * sizeof(*grown));
	if (!grown)
		return sdg_fail(err, SDG_ENOMEM,
				"read consultations: no memory");
	store->consultations = grown;
	grown[store->consultation_count++] = *c;
	return 0;
}

static int load_one(void *arg, const struct scan *s, struct sdg_error *err)
{
	struct sdg_consultation c;
	int rc = decode(s->key, s->value, &c, err);

	return rc < 0 ? rc : append(arg, &c, err);
}

int consultations_load(struct txn *t, struct sdg_error *err)
{
	struct sdg_store *store = t->store;
	const struct book *book = &t->books[DB_CONSULTATIONS];
	int rc;

	if (store->consultation_count &&
	    memcmp(book, &store->consultation_book, sizeof(*book)) == 0)
		return 0;
	store->consultation_count = 0;
	rc = st_each(t, DB_CONSULTATIONS, load_one, store, err);
	if (rc < 0)
		store->consultation_count = 0;
	else
		store->consultation_book = *book;
	return rc;
}

const struct sdg_consultation *
consultation_by_number(const struct sdg_store *store, uint32_t number)
{
	for (size_t i = 0; i < store->consultation_count; i++)
		if (store->consultations[i].number == number)
			return &store->consultations[i];
	return NULL;
}

const struct sdg_consultation *consultation_by_id(const struct sdg_store *store,
						  struct sdg_str id)
{
	for (size_t i = 0; i < store->consultation_count; i++)
		if (sdg_str_eq(id, store->consultations[i].id))
			return &store->consultations[i];
	return NULL;
}

bool sdg_consultation_has(const struct sdg_consultation *c,
			  struct sdg_str address)
{
	const char *list = c->addresses;

	while (*list) {
		size_t n = strcspn(list, " ");

		if (n && n == address.len &&
		    strncasecmp(list, address.s, n) == 0)
			return true;
		list += n + (list[n] == ' ');
	}
	return false;
}

static bool is_over(const struct sdg_consultation *c, int64_t day)
{
	return c->closes && day > c->closes;
}

static bool is_to_come(const struct sdg_consultation *c, int64_t day)
{
	return c->opens && day < c->opens;
}

/* Of those that share an address, the one whose time a piece of @day fell in;
 * else the one it came late for; what a person closed comes last. */
static int fitness(const struct sdg_consultation *c, int64_t day)
{
	if (c->closed)
		return 1;
	if (is_to_come(c, day))
		return 2;
	return is_over(c, day) ? 3 : 4;
}

static const struct sdg_consultation *
by_address(const struct sdg_store *store, struct sdg_str address, int64_t day)
{
	const struct sdg_consultation *found = NULL;

	for (size_t i = 0; i < store->consultation_count; i++) {
		const struct sdg_consultation *c = &store->consultations[i];

		/* An address may serve one consultation after another. */
		if (sdg_consultation_has(c, address) &&
		    (!found || fitness(c, day) > fitness(found, day)))
			found = c;
	}
	return found;
}

static const struct sdg_consultation *
by_recipient(const struct sdg_store *s, struct sdg_str recipient, int64_t day)
{
	const struct sdg_consultation *found;
	char plain[SDG_FIELD_MAX + 1];
	size_t n;

	/* As it stands first: future+pay@ may be an address of its own. */
	found = by_address(s, recipient, day);
	if (found)
		return found;
	n = sdg_address_normalise(recipient, plain, sizeof(plain));
	return n ? by_address(s, (struct sdg_str){ plain, n }, day) : NULL;
}

const struct sdg_consultation *consultation_of(const struct sdg_store *store,
					       const struct sdg_feedback *fb,
					       uint16_t day,
					       const char **reason)
{
	const struct sdg_consultation *c = NULL;

	if (fb->consultation.len) {
		c = consultation_by_id(store, fb->consultation);
		if (!c) {
			*reason = "no such consultation";
			return NULL;
		}
	}
	if (!c && fb->recipient.len)
		c = by_recipient(store, fb->recipient, day);
	if (!c)
		c = consultation_by_number(store, CONSULTATION_FUTURE);
	if (!c) {
		*reason = "no such consultation";
		return NULL;
	}
	if (c->closed) {
		*reason = "the consultation is closed";
		return NULL;
	}
	return c;
}

/* ----------------------------------------------------------------- public */

static int check(const struct sdg_consultation *c, struct sdg_error *err)
{
	if (!memchr(c->id, '\0', sizeof(c->id)) || !sdg_is_id(c->id))
		return sdg_fail(err, SDG_EINVAL,
				"keep consultation: an id is up to %zu of "
				"a-z, 0-9 and \"-\"",
				sizeof(c->id) - 1);
	if (!memchr(c->name, '\0', sizeof(c->name)) ||
	    !memchr(c->addresses, '\0', sizeof(c->addresses)))
		return sdg_fail(err, SDG_EINVAL,
				"keep consultation \"%s\": name or addresses "
				"too long",
				c->id);
	if (!sdg_text_is_safe(c->name, strlen(c->name)))
		return sdg_fail(err, SDG_EINVAL,
				"keep consultation \"%s\": its name is not "
				"text",
				c->id);
	if (c->opens && c->closes && c->closes < c->opens)
		return sdg_fail(err, SDG_EINVAL,
				"keep consultation \"%s\": it would close "
				"before it opens",
				c->id);
	return 0;
}

/* The first address of @a that is one of @b's, too; or the empty one. */
static struct sdg_str shared(const struct sdg_consultation *a,
			     const struct sdg_consultation *b)
{
	struct sdg_str one = { a->addresses, 0 };

	for (; *one.s; one.s += one.len + (one.s[one.len] == ' ')) {
		one.len = strcspn(one.s, " ");
		if (one.len && sdg_consultation_has(b, one))
			return one;
	}
	return (struct sdg_str){ 0 };
}

/* Two that take the same mail at the same time: whose it is nobody would
 * know. */
static int check_shared(const struct sdg_store *store,
			const struct sdg_consultation *c, struct sdg_error *err)
{
	for (size_t i = 0; i < store->consultation_count && !c->closed; i++) {
		const struct sdg_consultation *o = &store->consultations[i];
		struct sdg_str address = shared(c, o);

		if (address.len == 0 || o->closed ||
		    strcmp(o->id, c->id) == 0 ||
		    (c->closes && is_to_come(o, c->closes)) ||
		    (o->closes && is_to_come(c, o->closes)))
			continue;
		return sdg_fail(err, SDG_EINVAL,
				"keep consultation \"%s\": '%s' is open at the "
				"same time for mail to %.*s: close that first, "
				"or give both dates that do not overlap",
				c->id, o->id, SDG_STR_ARG(address));
	}
	return 0;
}

int sdg_consultation_put(struct sdg_store *store,
			 const struct sdg_consultation *consultation,
			 struct sdg_error *err)
{
	struct sdg_consultation c = *consultation;
	const struct sdg_consultation *old;
	struct txn t;
	int rc;

	rc = check(&c, err);
	if (rc < 0)
		return rc;
	rc = st_begin(store, true, &t, err);
	if (rc < 0)
		return rc;
	rc = consultations_load(&t, err);
	if (rc < 0)
		goto out;
	old = consultation_by_id(store, sdg_str(c.id));
	if (!old && t.state.next_consultation == UINT16_MAX) {
		rc = sdg_fail(err, SDG_EINVAL,
			      "keep consultation \"%s\": too "
			      "many",
			      c.id);
		goto out;
	}
	rc = check_shared(store, &c, err);
	if (rc < 0)
		goto out;
	c.number = old ? old->number : t.state.next_consultation++;
	rc = consultation_write(&t, &c, err);
	if (rc == 0)
		rc = st_commit(&t, err);
out:
	st_abort(&t);
	return rc;
}

int sdg_consultation_get(struct sdg_store *store, const char *id,
			 struct sdg_consultation *out, struct sdg_error *err)
{
	const struct sdg_consultation *c;
	struct txn t;
	int rc;

	rc = st_begin(store, false, &t, err);
	if (rc < 0)
		return rc;
	rc = consultations_load(&t, err);
	st_abort(&t);
	if (rc < 0)
		return rc;
	c = consultation_by_id(store, sdg_str(id));
	if (!c)
		return sdg_fail(err, SDG_ENOTFOUND,
				"find consultation \"%.100s\": there is none",
				id);
	*out = *c;
	return 0;
}

int sdg_consultation_each(struct sdg_store *store, sdg_consultation_fn *fn,
			  void *arg, struct sdg_error *err)
{
	struct sdg_consultation *copy;
	struct txn t;
	size_t n;
	int rc;

	rc = st_begin(store, false, &t, err);
	if (rc < 0)
		return rc;
	rc = consultations_load(&t, err);
	st_abort(&t);
	n = store->consultation_count;
	if (rc < 0 || n == 0)
		return rc;
	/* @fn may change one, and so the list. */
	copy = malloc(n * sizeof(*copy));
	if (!copy)
		return sdg_fail(err, SDG_ENOMEM,
				"list consultations: no memory");
	memcpy(copy, store->consultations, n * sizeof(*copy));
	for (size_t i = 0; rc == 0 && i < n; i++)
		rc = fn(arg, &copy[i]);
	free(copy);
	return rc;
}
