/*
 * places: reading the compiled tables. What the tables say is decided in
 * data/regions; nothing here knows of a particular place.
 */
#include <string.h>

#include "places.h"

struct authority {
	uint16_t code, parent;
	uint8_t region;
	const char *name;
};

struct domain {
	const char *name;
	uint16_t authority;
	uint8_t region;
};

#include "places_tables.inc"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

const struct places_entry *places_find(uint64_t hash)
{
	size_t at = hash % PLACES_SLOTS;
	uint32_t check = (uint32_t)(hash >> 32);

	if (!places_maybe(hash))
		return NULL;
	while (slots[at]) {
		if (checks[at] == check)
			return &places_entries[slots[at] - 1];
		at = (at + 1) % PLACES_SLOTS;
	}
	return NULL;
}

/* ------------------------------------------------------------ postcodes */

/* Keys hold their region in the lowest four bits. */
static enum sdg_region find32(const uint32_t *keys, size_t n, uint32_t key)
{
	size_t low = 0;

	while (n > 0) {
		size_t half = n / 2;

		if (keys[low + half] >> 4 < key) {
			low += half + 1;
			n -= half + 1;
		} else {
			n = half;
		}
	}
	return keys[low] >> 4 == key ? (enum sdg_region)(keys[low] & 15)
				     : SDG_REGION_ANY;
}

static enum sdg_region find_exception(uint64_t key)
{
	size_t low = 0, n = COUNT(exceptions) - 1;

	while (n > 0) {
		size_t half = n / 2;

		if (exceptions[low + half] >> 4 < key) {
			low += half + 1;
			n -= half + 1;
		} else {
			n = half;
		}
	}
	return exceptions[low] >> 4 == key
		   ? (enum sdg_region)(exceptions[low] & 15)
		   : SDG_REGION_ANY;
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static char upper(char c)
{
	return c >= 'a' && c <= 'z' ? (char)(c - 'a' + 'A') : c;
}

static bool is_alnum(char c)
{
	c = upper(c);
	return is_digit(c) || (c >= 'A' && c <= 'Z');
}

/* The inward half: a digit and two letters, never C I K M O V. */
static bool inward_at(const char *s, size_t len)
{
	static const char *const never = "CIKMOV";

	if (len < 3 || !is_digit(s[0]) || (len > 3 && is_alnum(s[3])))
		return false;
	for (size_t i = 1; i < 3; i++) {
		char c = upper(s[i]);

		if (c < 'A' || c > 'Z' || strchr(never, c))
			return false;
	}
	return true;
}

/* Exceptions know better than sectors, and those than districts. */
static enum sdg_region full_region(uint32_t outward, const char *inward)
{
	uint32_t sector = places_sector_key(outward, inward[0]);
	const char unit[] = { upper(inward[1]), upper(inward[2]) };
	enum sdg_region region = find_exception(places_unit_key(sector, unit));

	if (region == SDG_REGION_ANY)
		region = find32(sectors, COUNT(sectors) - 1, sector);
	if (region == SDG_REGION_ANY)
		region = find32(districts, COUNT(districts) - 1, outward);
	return region;
}

bool places_postcode_at(const char *s, size_t len, struct places_postcode *out)
{
	char code[4];
	size_t n = 0, gap;

	/* Outward: one or two letters, a digit, a digit or letter or none. */
	while (n < len && n < 2 && upper(s[n]) >= 'A' && upper(s[n]) <= 'Z')
		n++;
	if (n == 0 || n == len || !is_digit(s[n]))
		return false;
	for (size_t take = n + 2; take > n; take--) {
		uint32_t outward;

		if (take > len || !is_alnum(s[take - 1]))
			continue;
		gap = take < len && s[take] == ' ' ? 1 : 0;
		if (!inward_at(s + take + gap, len - take - gap) &&
		    take < len && is_alnum(s[take]))
			continue;
		for (size_t i = 0; i < take; i++)
			code[i] = upper(s[i]);
		outward = places_outward_key(code, take);
		out->full = inward_at(s + take + gap, len - take - gap);
		out->len = out->full ? take + gap + 3 : take;
		out->region = out->full ? full_region(outward, s + take + gap)
					: find32(districts,
						 COUNT(districts) - 1, outward);
		return true;
	}
	return false;
}

enum sdg_region sdg_postcode_region(struct sdg_str postcode)
{
	struct places_postcode found;
	char squeezed[8];
	size_t n = 0;

	for (size_t i = 0; i < postcode.len; i++) {
		char c = postcode.s[i];

		if (c == ' ' || c == '\t')
			continue;
		if (n == sizeof(squeezed) - 1 || !is_alnum(c))
			return SDG_REGION_ANY;
		squeezed[n++] = c;
	}
	squeezed[n] = '\0';
	if (!places_postcode_at(squeezed, n, &found) || !found.full ||
	    found.len != n)
		return SDG_REGION_ANY;
	return found.region;
}

/* Only what stands around it is passed: "TR1 2" is not TR12. */
enum sdg_region sdg_outward_region(struct sdg_str outward)
{
	struct places_postcode found;

	while (outward.len && outward.s[0] == ' ') {
		outward.s++;
		outward.len--;
	}
	while (outward.len && outward.s[outward.len - 1] == ' ')
		outward.len--;
	if (!places_postcode_at(outward.s, outward.len, &found) || found.full ||
	    found.len != outward.len)
		return SDG_REGION_ANY;
	return found.region;
}

/* ---------------------------------------------------------- authorities */

static const struct authority *find_authority(uint16_t code)
{
	size_t low = 0, n = COUNT(authorities);

	while (n > 0) {
		size_t half = n / 2;

		if (authorities[low + half].code == code)
			return &authorities[low + half];
		if (authorities[low + half].code < code) {
			low += half + 1;
			n -= half + 1;
		} else {
			n = half;
		}
	}
	return NULL;
}

const char *sdg_authority_name(uint16_t authority)
{
	const struct authority *found = find_authority(authority);

	return found ? found->name : "";
}

enum sdg_region sdg_authority_region(uint16_t authority)
{
	const struct authority *found = find_authority(authority);

	return found ? (enum sdg_region)found->region : SDG_REGION_UNKNOWN;
}

uint16_t places_authority_top(uint16_t authority)
{
	const struct authority *found = find_authority(authority);

	return found && found->parent ? found->parent : authority;
}

/* --------------------------------------------------------- mail domains */

static const struct domain *find_domain(const struct domain *table, size_t n,
					const char *name, size_t len)
{
	size_t low = 0;

	while (n > 0) {
		size_t half = n / 2;
		const char *at = table[low + half].name;
		int order = strncmp(at, name, len);

		if (order == 0 && at[len] == '\0')
			return &table[low + half];
		if (order < 0) {
			low += half + 1;
			n -= half + 1;
		} else {
			n = half;
		}
	}
	return NULL;
}

/* A council writes its own name: "eastriding.gov.uk", "barnsley.sch.uk". */
static bool by_council_name(const char *label, size_t len,
			    struct places_domain *out)
{
	const struct places_entry *entry;
	uint64_t hash = 0;
	size_t start = 0;

	for (size_t i = 0; i <= len; i++) {
		if (i < len && label[i] != '-')
			continue;
		hash = places_hash_join(
		    hash, places_hash_word(label + start, i - start));
		start = i + 1;
	}
	entry = places_find(hash);
	if (!entry || !(entry->flags & PLACES_WHOLE) ||
	    !(entry->kinds & (PLACES_AUTHORITY | PLACES_AREA)) ||
	    entry->region == SDG_REGION_ANY ||
	    entry->region == SDG_REGION_UNKNOWN)
		return false;
	out->region = entry->region;
	out->authority = entry->authority;
	return true;
}

/* x.LABEL.sch.uk, LABEL.sch.uk, x@LABEL.gov.uk */
static bool by_label(const char *host, size_t len, struct places_domain *out)
{
	static const char *const tails[] = { ".sch.uk", ".gov.uk" };

	for (size_t t = 0; t < COUNT(tails); t++) {
		size_t tail = strlen(tails[t]), start;
		const struct domain *found;

		if (len <= tail ||
		    memcmp(host + len - tail, tails[t], tail) != 0)
			continue;
		start = len - tail;
		while (start > 0 && host[start - 1] != '.')
			start--;
		out->start = start;
		out->len = len - tail - start;
		out->rule = t == 0 ? "sch.uk label" : "council's domain";
		found =
		    find_domain(labels, COUNT(labels), host + start, out->len);
		if (found) {
			out->region = found->region;
			out->authority = found->authority;
			return true;
		}
		return by_council_name(host + start, out->len, out);
	}
	return false;
}

/* The shared domains, whole or as the end of the host. */
static bool by_shared(const char *host, size_t len, struct places_domain *out)
{
	const struct domain *found = NULL;
	size_t at = 0;

	for (;;) {
		found =
		    find_domain(domains, COUNT(domains), host + at, len - at);
		if (found)
			break;
		while (at < len && host[at] != '.')
			at++;
		if (at == len)
			return false;
		at++;
	}
	out->region = found->region;
	out->authority = found->authority;
	out->start = at;
	out->len = len - at;
	out->rule = "shared mail domain";
	return true;
}

/* @host in lower case; false when it is too long for one. */
static bool lower_host(struct sdg_str host, char out[static 254])
{
	if (host.len == 0 || host.len > 253)
		return false;
	for (size_t i = 0; i < host.len; i++) {
		char c = host.s[i];

		out[i] = c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
	}
	out[host.len] = '\0';
	return true;
}

bool sdg_domain_is_shared(struct sdg_str host)
{
	const struct domain *found;
	const char *dot;
	char name[254];

	if (!lower_host(host, name))
		return false;
	found = find_domain(domains, COUNT(domains), name, host.len);
	if (found)
		return found->region == SDG_REGION_UNKNOWN;
	/* x.gov.uk is a council's, LABEL.sch.uk too; x.LABEL.sch.uk is not. */
	dot = strchr(name, '.');
	return dot &&
	       (strcmp(dot, ".sch.uk") == 0 ||
		(host.len > 7 && strcmp(name + host.len - 7, ".gov.uk") == 0));
}

bool places_domain_of(struct sdg_str address, struct places_domain *out)
{
	const char *at =
	    address.len ? memchr(address.s, '@', address.len) : NULL;
	size_t skip = at ? (size_t)(at - address.s) + 1 : 0;
	char host[254];
	size_t len = address.len - skip;

	if (address.len == 0 ||
	    !lower_host((struct sdg_str){ address.s + skip, len }, host))
		return false;
	out->authority = 0;
	if (!by_label(host, len, out) && !by_shared(host, len, out))
		return false;
	out->start += skip;
	return true;
}
