/*
 * compile_phrases: names of places and cue words, as one open hash of
 * phrases. Names are stored as hashes alone: 46 bits decide.
 */
#include <ctype.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "compile.h"
#include "places_layout.h"

#define PHRASES_MAX 16384
#define CANDIDATES_MAX 16

struct phrase {
	char name[96]; /* normalised */
	uint64_t hash;
	unsigned region, others, authority, kinds, flags, size, share;
	uint64_t cues;
	bool whole;  /* else only the beginning of others */
	bool begins; /* others */
	bool fixed;  /* areas.tsv said "=": nothing may add to it */
};

static struct phrase phrases[PHRASES_MAX];
static size_t phrase_count;

/* As the scanner will see it: lower case, no apostrophes, one space. */
static void normalise(const char *in, size_t len, char *out, size_t cap)
{
	size_t n = 0;

	for (size_t i = 0; i < len && n + 5 < cap; i++) {
		unsigned char c = (unsigned char)in[i];

		if (c == '\'')
			continue;
		if (isalnum(c))
			out[n++] = (char)tolower(c);
		else if (c == '&') {
			memcpy(out + n, " and ", 5);
			n += 5;
		} else if (n > 0)
			out[n++] = ' ';
	}
	out[n] = '\0';
	/* runs of spaces to one */
	size_t w = 0;
	for (size_t i = 0; i < n; i++)
		if (out[i] != ' ' || (w > 0 && out[w - 1] != ' '))
			out[w++] = out[i];
	while (w > 0 && out[w - 1] == ' ')
		w--;
	out[w] = '\0';
	if (strncmp(out, "the ", 4) == 0)
		memmove(out, out + 4, strlen(out + 4) + 1);
}

static uint64_t phrase_hash(const char *name, size_t len)
{
	uint64_t hash = 0;
	size_t start = 0;

	for (size_t i = 0; i <= len; i++) {
		if (i < len && name[i] != ' ')
			continue;
		if (i - start >= PLACES_WORD_MAX)
			fail("a word is too long", name);
		hash = places_hash_join(
		    hash, places_hash_word(name + start, i - start));
		start = i + 1;
	}
	return hash;
}

/* Small enough to search straight: the index below keeps it quick. */
#define INDEX_SIZE 65536
static uint16_t index_of[INDEX_SIZE];

static struct phrase *find_phrase(const char *name, size_t len)
{
	uint64_t hash = phrase_hash(name, len);
	size_t at = hash % INDEX_SIZE;
	struct phrase *p;

	while (index_of[at]) {
		p = &phrases[index_of[at] - 1];
		if (p->hash == hash)
			return p;
		at = (at + 1) % INDEX_SIZE;
	}
	if (phrase_count == PHRASES_MAX - 1)
		fail("too many phrases", name);
	p = &phrases[phrase_count++];
	index_of[at] = (uint16_t)phrase_count;
	snprintf(p->name, sizeof(p->name), "%.*s", (int)len, name);
	p->hash = hash;
	p->share = 100;
	return p;
}

static struct phrase *add_phrase(const char *name, size_t len)
{
	char clean[96];
	struct phrase *p;
	size_t n;

	normalise(name, len, clean, sizeof(clean));
	n = strlen(clean);
	if (n == 0)
		fail("no name", name);
	for (size_t i = 1; i < n; i++)
		if (clean[i] == ' ')
			find_phrase(clean, i)->begins = true;
	p = find_phrase(clean, n);
	p->whole = true;
	return p;
}

/* Another place of this name. A region of its own makes it ambiguous. */
static void add_candidate(struct phrase *p, unsigned region, unsigned authority,
			  unsigned kind, unsigned size)
{
	unsigned bit = region == REGION_UNKNOWN ? 0 : 1u << region;

	if (p->fixed)
		return;
	p->kinds |= kind;
	if (size > 255)
		size = 255;
	if (p->kinds == kind && p->others == 0 && p->region == 0) {
		p->region = region;
		p->authority = authority;
		p->size = size;
	} else if (p->region == region) {
		if (p->authority == 0 || kind == PLACES_AUTHORITY)
			p->authority = authority;
		if (p->size < size)
			p->size = size;
	} else if (p->region && size >= 8 * p->size && size >= 8) {
		p->region = region; /* so much larger than the namesake */
		p->authority = authority;
		p->size = size;
	} else if (!(p->size >= 8 && p->size >= 8 * size)) {
		p->region = 0;
		p->authority = 0;
	}
	p->others |= bit;
}

static unsigned authority_of_place(unsigned code)
{
	for (size_t i = 0; i < authority_count; i++)
		if (authorities[i].code == code)
			return authorities[i].parent ? authorities[i].parent
						     : code;
	return code;
}

static void read_places(void)
{
	static char line[LINE_MAX_BYTES];
	char *field[FIELDS_MAX];
	FILE *file = open_table("places.tsv");

	while (next_row(file, line, field)) {
		struct phrase *p = add_phrase(field[0], strlen(field[0]));
		unsigned region = region_number(field[1], strlen(field[1]));
		unsigned code = (unsigned)strtoul(field[2], NULL, 10);

		add_candidate(p, region, code ? authority_of_place(code) : 0,
			      PLACES_TOWN,
			      (unsigned)strtoul(field[3], NULL, 10));
		for (char *r = strtok(field[5], " "); r; r = strtok(NULL, " "))
			p->others |= 1u << region_number(r, strlen(r));
		if (strchr(field[4], 'w') || strchr(field[4], 's'))
			p->flags |= PLACES_SURNAME;
		if (strchr(field[4], 'a'))
			p->region = p->authority = 0;
		if (field[6][0])
			p->share = (unsigned)strtoul(field[6], NULL, 10);
	}
	fclose(file);
}

/* "MK" is Milton Keynes on a form; in a sentence it is anybody's initials. */
static bool initials(const char *name, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (!isupper((unsigned char)name[i]))
			return false;
	return len <= 2;
}

static void add_authority_name(const struct authority *a, const char *name,
			       size_t len)
{
	unsigned kind = initials(name, len) ? PLACES_FORM
			: a->kind == 'c'    ? PLACES_AREA
					    : PLACES_AUTHORITY;
	unsigned code = a->parent ? a->parent : a->code;
	/* As large as a town, so that a hamlet of the name gives way. */
	unsigned size = a->kind == 'd' ? 50 : 100;

	add_candidate(add_phrase(name, len), a->region, code, kind, size);
}

static void add_authority_names(void)
{
	static const char *const of[] = { ", City of", ", County of" };
	char *name;

	for (size_t i = 0; i < authority_count; i++) {
		struct authority *a = &authorities[i];
		size_t len = strcspn(a->name, "(");

		if (strstr(a->name, "Establishments"))
			continue;
		for (size_t k = 0; k < 2; k++) {
			char *tail = strstr(a->name, of[k]);

			if (tail)
				len = (size_t)(tail - a->name);
		}
		add_authority_name(a, a->name, len);
		for (name = a->aliases; *name;) {
			len = strcspn(name, "|");
			add_authority_name(a, name, len);
			name += len + (name[len] == '|');
		}
	}
}

static unsigned area_kind(char kind)
{
	switch (kind) {
	case 'r':
		return PLACES_REGION;
	case 'a':
		return PLACES_AREA;
	case 'p':
		return PLACES_TOWN;
	case 'f':
		return PLACES_FORM;
	case 'c':
		return PLACES_ABROAD;
	case 'd':
		return PLACES_DEMONYM;
	case 'x':
		return PLACES_NOT;
	}
	fail("no such kind", "areas.tsv");
	return 0;
}

/* Region column: "lo", "lo+em" (no default), "ne>nw" (default first). */
static void set_regions(struct phrase *p, const char *regions,
			unsigned authority, unsigned kind)
{
	unsigned first = region_number(regions, 2);

	if (regions[2] == '\0') {
		add_candidate(p, first, authority, kind, 20);
		return;
	}
	p->kinds |= kind;
	p->region = regions[2] == '>' ? first : 0;
	p->authority = p->region ? authority : 0;
	p->others = 0;
	if (p->size == 0)
		p->size = 20;
	for (const char *r = regions;; r += 3) {
		p->others |= 1u << region_number(r, 2);
		if (r[2] == '\0')
			break;
	}
}

static void read_areas(void)
{
	static char line[LINE_MAX_BYTES];
	char *field[FIELDS_MAX];
	FILE *file = open_table("areas.tsv");

	while (next_row(file, line, field)) {
		unsigned kind = area_kind(field[1][0]);
		unsigned code = (unsigned)strtoul(field[2], NULL, 10);

		for (char *name = strtok(field[3], "|"); name;
		     name = strtok(NULL, "|")) {
			bool fixed = name[0] == '=';
			struct phrase *p;

			name += fixed;
			p = add_phrase(name, strlen(name));
			if (fixed || kind == PLACES_NOT)
				p->region = p->others = p->authority = 0;
			if (kind == PLACES_REGION || kind == PLACES_NOT) {
				p->kinds = p->authority = p->others =
				    p->region = 0;
				/* "West Country|the West Country": once more */
				p->fixed = false;
			}
			set_regions(p, field[0], code, kind);
			p->fixed |= fixed || kind == PLACES_REGION;
		}
	}
	fclose(file);
}

static void read_words(void)
{
	static char line[LINE_MAX_BYTES];
	char *field[FIELDS_MAX];
	FILE *file = open_table("words.txt");

	while (next_row(file, line, field))
		add_phrase(field[0], strlen(field[0]))->flags |= PLACES_WORD;
	fclose(file);
}

static void read_cues(void)
{
	static char line[LINE_MAX_BYTES];
	char *field[FIELDS_MAX];
	FILE *file = open_table("cues.tsv");

	while (next_row(file, line, field)) {
		uint64_t bit = 0;

		for (size_t i = 0; i < PLACES_CUE_COUNT; i++)
			if (strcmp(field[0], places_cue_ids[i]) == 0)
				bit = CUE(i);
		if (bit == 0)
			fail("no such class", field[0]);
		for (char *word = strtok(field[1], "|"); word;
		     word = strtok(NULL, "|"))
			add_phrase(word, strlen(word))->cues |= bit;
	}
	fclose(file);
}

/* Few words are cues, and fewer kinds of cues: entries hold a number. */
static uint64_t cue_sets[256];
static size_t cue_set_count = 1; /* 0 is the empty one */

static unsigned cue_set(uint64_t cues)
{
	size_t i = 0;

	while (i < cue_set_count && cue_sets[i] != cues)
		i++;
	if (i == cue_set_count) {
		if (cue_set_count == 256)
			fail("too many", "sets of cues");
		cue_sets[cue_set_count++] = cues;
	}
	return (unsigned)i;
}

/* What a phrase may turn out to be is known of each of its beginnings. */
static void flag_beginnings(void)
{
	for (size_t i = 0; i < phrase_count; i++) {
		const struct phrase *p = &phrases[i];
		bool place = p->kinds & ~(unsigned)PLACES_FORM &&
			     !(p->kinds & PLACES_NOT) &&
			     p->region != REGION_UNKNOWN;
		unsigned flags = (place ? PLACES_NAMED : 0) |
				 (p->cues & CUE_ROLE ? PLACES_TITLED : 0);

		for (size_t len = 1; flags && len <= strlen(p->name); len++)
			if (p->name[len] == ' ' || p->name[len] == '\0')
				find_phrase(p->name, len)->flags |= flags;
	}
}

static void write_phrases(void)
{
	static uint16_t slot[PLACES_SLOTS];
	static uint32_t check[PLACES_SLOTS];
	static uint64_t sieve[PLACES_SIEVE / 64];

	printf("const struct places_entry places_entries[] = {\n");
	for (size_t i = 0; i < phrase_count; i++) {
		const struct phrase *p = &phrases[i];
		size_t at = p->hash % PLACES_SLOTS;
		size_t bit = places_sieve_bit(p->hash);

		sieve[bit / 64] |= (uint64_t)1 << bit % 64;
		printf("{ %u, %u, %u, %u, %u, %u, %u, %u },\n", p->others,
		       p->authority, cue_set(p->cues), p->kinds,
		       p->flags | (p->whole ? PLACES_WHOLE : 0) |
			   (p->begins ? PLACES_BEGINS : 0),
		       p->region, p->size, p->share);
		while (slot[at])
			at = (at + 1) % PLACES_SLOTS;
		slot[at] = (uint16_t)(i + 1);
		check[at] = (uint32_t)(p->hash >> 32);
	}
	printf("};\n\nconst uint64_t places_cue_sets[] = {");
	for (size_t i = 0; i < cue_set_count; i++)
		printf("%s%lluu,", i % 8 ? "" : "\n",
		       (unsigned long long)cue_sets[i]);
	printf("\n};\n\nstatic const uint16_t slots[PLACES_SLOTS] = {");
	for (size_t i = 0; i < PLACES_SLOTS; i++)
		printf("%s%u,", i % 16 ? "" : "\n", slot[i]);
	printf("\n};\n\nstatic const uint32_t checks[PLACES_SLOTS] = {");
	for (size_t i = 0; i < PLACES_SLOTS; i++)
		printf("%s%u,", i % 8 ? "" : "\n", check[i]);
	printf("\n};\n\nconst uint64_t places_sieve[PLACES_SIEVE / 64] = {");
	for (size_t i = 0; i < PLACES_SIEVE / 64; i++)
		printf("%s%lluu,", i % 8 ? "" : "\n",
		       (unsigned long long)sieve[i]);
	printf("\n};\n\n");
}

void compile_phrases(void)
{
	read_places();
	add_authority_names();
	read_areas();
	read_words();
	read_cues();
	flag_beginnings();
	write_phrases();
}
