/*
 * places: what is known of the country, compiled in (data/regions).
 *
 * Postcodes, authorities, mail domains, and a phrase table that holds names
 * of places and cue words alike, so that one look-up a word serves both.
 * Everything is read-only; nothing is parsed or allocated at run time.
 */
#ifndef PLACES_H
#define PLACES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <soundings/classify.h>

#include "places_layout.h"

/**
 * places_find - the entry of a phrase by its hash (places_hash_join), or NULL
 *
 * An entry without PLACES_WHOLE is only the beginning of longer ones.
 */
const struct places_entry *places_find(uint64_t hash);

/* Generated; numbers are from 1 on. */
extern const struct places_entry places_entries[];

/** places_number - of an entry; 0 of NULL */
static inline uint16_t places_number(const struct places_entry *entry)
{
	return entry ? (uint16_t)(entry - places_entries + 1) : 0;
}

/** places_entry_at - the entry of a number; NULL of 0 */
static inline const struct places_entry *places_entry_at(uint16_t number)
{
	return number ? &places_entries[number - 1] : NULL;
}

/* A bit per phrase; generated. */
extern const uint64_t places_sieve[PLACES_SIEVE / 64];

/** places_maybe - false when no phrase has this hash: most have not */
static inline bool places_maybe(uint64_t hash)
{
	size_t bit = places_sieve_bit(hash);

	return places_sieve[bit / 64] >> bit % 64 & 1;
}

/* Classes of cue words together, by number; generated. */
extern const uint64_t places_cue_sets[];

/** places_cues - the classes of cue words it belongs to, as CUE_ bits */
static inline uint64_t places_cues(const struct places_entry *entry)
{
	return places_cue_sets[entry->cues];
}

/* A postcode found in text. */
struct places_postcode {
	enum sdg_region region; /* ANY: no such district */
	bool full;              /* with its inward half */
	size_t len;             /* bytes it takes */
};

/**
 * places_postcode_at - does a postcode, or an outward code, stand at @s?
 *
 * Upper or lower case; one space, or none, between the halves. What
 * follows must not be a letter or digit.
 */
bool places_postcode_at(const char *s, size_t len, struct places_postcode *out);

/* What a mail address says by its domain. */
struct places_domain {
	enum sdg_region region;
	uint16_t authority;
	size_t start, len; /* of what decided, within the address */
	const char *rule;  /* "sch.uk label" … */
};

/** places_domain_of - false when the address tells nothing */
bool places_domain_of(struct sdg_str address, struct places_domain *out);

/** places_authority_top - the education authority of a district, or itself */
uint16_t places_authority_top(uint16_t authority);

#endif
