/*
 * places_layout: what the generated tables and their readers agree on.
 * Included by data/regions/compile.c, which runs on the building machine.
 */
#ifndef PLACES_LAYOUT_H
#define PLACES_LAYOUT_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#define PLACES_SLOTS 16384 /* a power of two, about twice the phrases */
/* Bits of the sieve that answers "no" for most words at once. */
#define PLACES_SIEVE 131072

/* What a name is the name of; a set. */
enum {
	PLACES_TOWN = 1 << 0,
	PLACES_AUTHORITY = 1 << 1,
	PLACES_AREA = 1 << 2,   /* county, district of the tongue */
	PLACES_REGION = 1 << 3, /* "North West" */
	PLACES_FORM = 1 << 4,   /* "NW": only where a form asked */
	PLACES_ABROAD = 1 << 5,
	PLACES_DEMONYM = 1 << 6, /* "Cornish" */
	PLACES_NOT = 1 << 7,     /* "Sutton Trust": not a place at all */
};

enum {
	PLACES_WORD = 1 << 0,    /* also a word of the language: "Deal" */
	PLACES_SURNAME = 1 << 1, /* also a person's name: "Lincoln" */
	PLACES_WHOLE = 1 << 2,   /* not only the beginning of a longer one */
	PLACES_BEGINS = 1 << 3,  /* longer ones begin with it */
	/* It, or a longer one that begins with it, … */
	PLACES_NAMED = 1 << 4,  /* … is a place that may be claimed */
	PLACES_TITLED = 1 << 5, /* … is a role */
};

/* A name or a cue word. Regions are numbers of enum sdg_region. */
struct places_entry {
	uint16_t others;    /* bit per region it may lie in */
	uint16_t authority; /* education authority, where known */
	uint8_t cues;       /* which set of cues (places_cues) */
	uint8_t kinds, flags;
	uint8_t region; /* 0: not to be told by the name alone */
	uint8_t size;   /* thousands of people, at most 255 */
	uint8_t share;  /* per cent of schools so named that lie there */
};

/* Classes of cue words, by bit; the ids are those of cues.tsv. */
static const char *const places_cue_ids[] = {
	"first",   "be",       "past",    "work",   "role",    "roles",
	"school",  "schools",  "own",     "in",     "to",      "it",
	"from",    "modifier", "part",    "not",    "third",   "clause",
	"as",      "here",     "now",     "where",  "council", "way",
	"street",  "disclaim", "time",    "would",  "article", "list",
	"have",    "branch",   "title",   "of",     "mine",    "with",
	"for",     "object",   "toward",  "says",   "serve",   "modal",
	"greet",   "peer",     "there",   "degree", "fund",    "postal",
	"compare", "compass",  "present", "spell",
};
#define PLACES_CUE_COUNT (sizeof(places_cue_ids) / sizeof(places_cue_ids[0]))

#define CUE(bit) ((uint64_t)1 << (bit))
#define CUE_FIRST CUE(0)
#define CUE_BE CUE(1)
#define CUE_PAST CUE(2)
#define CUE_WORK CUE(3)
#define CUE_ROLE CUE(4)
#define CUE_ROLES CUE(5)
#define CUE_SCHOOL CUE(6)
#define CUE_SCHOOLS CUE(7)
#define CUE_OWN CUE(8)
#define CUE_IN CUE(9)
#define CUE_TO CUE(10)
#define CUE_IT CUE(11)
#define CUE_FROM CUE(12)
#define CUE_MODIFIER CUE(13)
#define CUE_PART CUE(14)
#define CUE_NOT CUE(15)
#define CUE_THIRD CUE(16)
#define CUE_CLAUSE CUE(17)
#define CUE_AS CUE(18)
#define CUE_HERE CUE(19)
#define CUE_NOW CUE(20)
#define CUE_WHERE CUE(21)
#define CUE_COUNCIL CUE(22)
#define CUE_WAY CUE(23)
#define CUE_STREET CUE(24)
#define CUE_DISCLAIM CUE(25)
#define CUE_TIME CUE(26)
#define CUE_WOULD CUE(27)
#define CUE_ARTICLE CUE(28)
#define CUE_LIST CUE(29)
#define CUE_HAVE CUE(30)
#define CUE_BRANCH CUE(31)
#define CUE_TITLE CUE(32)
#define CUE_OF CUE(33)
#define CUE_MINE CUE(34)
#define CUE_WITH CUE(35)
#define CUE_FOR CUE(36)
#define CUE_OBJECT CUE(37) /* "us" */
#define CUE_TOWARD CUE(38)
#define CUE_SAYS CUE(39)
#define CUE_SERVE CUE(40)
#define CUE_MODAL CUE(41) /* a verb after it is not what is done */
#define CUE_GREET CUE(42)
#define CUE_PEER CUE(43)
#define CUE_THERE CUE(44)
#define CUE_DEGREE CUE(45)
#define CUE_FUND CUE(46)   /* "The Sutton Trust" is named after somebody */
#define CUE_POSTAL CUE(47) /* a county that post goes to London by */
#define CUE_COMPARE CUE(48)
#define CUE_COMPASS CUE(49) /* "N." before a county */
#define CUE_PRESENT CUE(50) /* what people always do where they are */
#define CUE_SPELL CUE(51)   /* "twelve years as a deputy" */

/* A normalised word is known by its first bytes; no name has a longer one. */
#define PLACES_WORD_MAX 32

/* Of a word of at most 16 bytes, zero past its end. */
static inline uint64_t places_hash_short(const uint64_t half[2])
{
	uint64_t hash =
	    (half[0] ^ half[1] * 0xa0761d6478bd642fu) * 0xd6e8feb86659fd93u;

	return hash ^ hash >> 32;
}

static inline uint64_t places_hash_word(const char *word, size_t len)
{
	uint64_t quarter[PLACES_WORD_MAX / 8] = { 0 };

	memcpy(quarter, word, len < PLACES_WORD_MAX ? len : PLACES_WORD_MAX);
	quarter[0] ^= quarter[2] * 0x8ebc6af09c88c6e3u;
	quarter[1] ^= quarter[3] * 0x9e3779b97f4a7c15u;
	return places_hash_short(quarter);
}

/* The phrase so far and one word more; 0 begins a phrase. */
static inline uint64_t places_hash_join(uint64_t phrase, uint64_t word)
{
	uint64_t hash = (phrase * 31 + word) * 0x9e3779b97f4a7c15u;

	return hash ^ hash >> 29;
}

static inline size_t places_sieve_bit(uint64_t hash)
{
	return hash >> 20 & (PLACES_SIEVE - 1);
}

/* Outward code, upper case, 2 to 4 of A-Z 0-9: in base 37, never 0. */
static inline uint32_t places_outward_key(const char *code, size_t len)
{
	uint32_t key = 0;

	if (len < 2 || len > 4)
		return 0;
	for (size_t i = 0; i < len; i++) {
		char c = code[i];

		if (c >= '0' && c <= '9')
			key = key * 37 + (uint32_t)(c - '0') + 1;
		else if (c >= 'A' && c <= 'Z')
			key = key * 37 + (uint32_t)(c - 'A') + 11;
		else
			return 0;
	}
	return key;
}

static inline uint32_t places_sector_key(uint32_t outward, char digit)
{
	return outward * 10 + (uint32_t)(digit - '0');
}

static inline uint64_t places_unit_key(uint32_t sector, const char *unit)
{
	return ((uint64_t)sector * 26 + (uint64_t)(unit[0] - 'A')) * 26 +
	       (uint64_t)(unit[1] - 'A');
}

#endif
