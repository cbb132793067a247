/*
 * compile: the tables of this folder as static arrays of C.
 *
 * usage: compile FOLDER > tables.inc
 *
 * Runs on the building machine. What it writes needs no parsing and no
 * start-up: postcodes as packed keys to bisect, names and cue words as one
 * open hash of phrases (compile_phrases.c); the arrays hold no text but what
 * is shown to people.
 */
#include <err.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "compile.h"
#include "places_layout.h"

#define AUTHORITIES_MAX 1024

static const char *const region_ids[] = { "",   "ne", "nw", "yh", "em",
					  "wm", "ee", "lo", "se", "sw",
					  "wa", "sc", "ni", "io", "un" };

static const char *folder;
static const char *file_name;
static unsigned line_number;

void fail(const char *what, const char *detail)
{
	errx(1, "%s:%u: %s: %s", file_name, line_number, what, detail);
}

unsigned region_number(const char *id, size_t len)
{
	for (unsigned i = 1; i <= REGION_UNKNOWN; i++)
		if (len == 2 && memcmp(region_ids[i], id, 2) == 0)
			return i;
	fail("no such region", id);
	return 0;
}

FILE *open_table(const char *name)
{
	static char path[4096];
	FILE *file;

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	file = fopen(path, "r");
	if (!file)
		err(1, "%s", path);
	file_name = name;
	line_number = 0;
	return file;
}

bool next_row(FILE *file, char *line, char *field[FIELDS_MAX])
{
	char *at;

	do {
		if (!fgets(line, LINE_MAX_BYTES, file))
			return false;
		line_number++;
	} while (line[0] == '#' || line[0] == '\n');
	line[strcspn(line, "\n")] = '\0';
	at = line;
	for (int i = 0; i < FIELDS_MAX; i++) {
		char *tab = at ? strchr(at, '\t') : NULL;

		field[i] = at ? at : line + strlen(line);
		if (tab)
			*tab = '\0';
		at = tab ? tab + 1 : NULL;
	}
	return true;
}

/* ------------------------------------------------------------ postcodes */

static int by_key(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return (x > y) - (x < y);
}

struct keys {
	uint64_t key[8192];
	size_t n;
};

static void add_key(struct keys *keys, uint64_t key, unsigned region)
{
	if (keys->n == sizeof(keys->key) / sizeof(keys->key[0]))
		fail("too many rows", "postcodes");
	keys->key[keys->n++] = key << 4 | region;
}

static void write_keys(struct keys *keys, const char *type, const char *name)
{
	qsort(keys->key, keys->n, sizeof(keys->key[0]), by_key);
	printf("static const %s %s[] = {", type, name);
	for (size_t i = 0; i < keys->n; i++)
		printf("%s%llu,", i % 8 ? " " : "\n",
		       (unsigned long long)keys->key[i]);
	printf("\n};\n\n");
	keys->n = 0;
}

static uint32_t outward(const char *area, const char *rest)
{
	char code[16];
	uint32_t key;

	snprintf(code, sizeof(code), "%s%s", area, rest);
	key = places_outward_key(code, strlen(code));
	if (key == 0)
		fail("not an outward code", code);
	return key;
}

static void district_runs(struct keys *keys, const char *area, char *runs,
			  unsigned region)
{
	char number[16];

	for (char *run = strtok(runs, " "); run; run = strtok(NULL, " ")) {
		char *dash = strchr(run, '-');

		if (!dash) {
			add_key(keys, outward(area, run), region);
			continue;
		}
		for (long n = strtol(run, NULL, 10);
		     n <= strtol(dash + 1, NULL, 10); n++) {
			snprintf(number, sizeof(number), "%ld", n);
			add_key(keys, outward(area, number), region);
		}
	}
}

static void compile_postcodes(void)
{
	static struct keys keys;
	static char line[LINE_MAX_BYTES];
	char *field[FIELDS_MAX];
	FILE *file = open_table("districts.tsv");

	while (next_row(file, line, field))
		district_runs(&keys, field[0], field[2],
			      region_number(field[1], strlen(field[1])));
	fclose(file);
	write_keys(&keys, "uint32_t", "districts");

	file = open_table("sectors.tsv");
	while (next_row(file, line, field)) {
		char *space = strchr(field[0], ' ');

		if (!space)
			fail("not a sector", field[0]);
		*space = '\0';
		add_key(&keys,
			places_sector_key(outward(field[0], ""), space[1]),
			region_number(field[1], strlen(field[1])));
	}
	fclose(file);
	write_keys(&keys, "uint32_t", "sectors");

	file = open_table("exceptions.tsv");
	while (next_row(file, line, field)) {
		char *space = strchr(field[0], ' ');
		unsigned region = region_number(field[1], strlen(field[1]));
		uint32_t sector;

		if (!space)
			fail("not a sector", field[0]);
		*space = '\0';
		sector = places_sector_key(outward(field[0], ""), space[1]);
		for (char *unit = strtok(field[2], " "); unit;
		     unit = strtok(NULL, " "))
			add_key(&keys, places_unit_key(sector, unit), region);
	}
	fclose(file);
	write_keys(&keys, "uint64_t", "exceptions");
}

/* ---------------------------------------------------------- authorities */

struct authority authorities[AUTHORITIES_MAX];
size_t authority_count;

static void read_authorities(void)
{
	static char line[LINE_MAX_BYTES];
	char *field[FIELDS_MAX];
	FILE *file = open_table("authorities.tsv");

	while (next_row(file, line, field)) {
		struct authority *a = &authorities[authority_count++];

		if (authority_count == AUTHORITIES_MAX)
			fail("too many rows", "authorities");
		a->code = (unsigned)strtoul(field[0], NULL, 10);
		a->kind = field[1][0];
		a->former = field[1][strlen(field[1]) - 1] == '-';
		a->region = region_number(field[2], strlen(field[2]));
		a->parent = (unsigned)strtoul(field[3], NULL, 10);
		snprintf(a->name, sizeof(a->name), "%s", field[4]);
		snprintf(a->aliases, sizeof(a->aliases), "%s", field[5]);
		if (a->code == 0)
			fail("no code", field[4]);
	}
	fclose(file);
}

static int by_code(const void *a, const void *b)
{
	const struct authority *x = a, *y = b;

	return (x->code > y->code) - (x->code < y->code);
}

static void write_authorities(void)
{
	qsort(authorities, authority_count, sizeof(authorities[0]), by_code);
	printf("static const struct authority authorities[] = {\n");
	for (size_t i = 0; i < authority_count; i++)
		printf("{ %u, %u, %u, \"%s\" },\n", authorities[i].code,
		       authorities[i].parent, authorities[i].region,
		       authorities[i].name);
	printf("};\n\n");
}

/* -------------------------------------------------------------- domains */

struct name {
	char name[80];
	unsigned authority, region;
};

static struct name names[1024];
static size_t name_count;

static void read_names(const char *table)
{
	static char line[LINE_MAX_BYTES];
	char *field[FIELDS_MAX];
	FILE *file = open_table(table);

	while (next_row(file, line, field)) {
		struct name *n = &names[name_count++];

		if (name_count == sizeof(names) / sizeof(names[0]))
			fail("too many rows", table);
		snprintf(n->name, sizeof(n->name), "%s", field[0]);
		n->authority = (unsigned)strtoul(field[2], NULL, 10);
		n->region = region_number(field[1], strlen(field[1]));
	}
	fclose(file);
}

static int by_name(const void *a, const void *b)
{
	const struct name *x = a, *y = b;

	return strcmp(x->name, y->name);
}

static void compile_names(const char *table, const char *more,
			  const char *array)
{
	name_count = 0;
	read_names(table);
	read_names(more);
	qsort(names, name_count, sizeof(names[0]), by_name);
	printf("static const struct domain %s[] = {\n", array);
	for (size_t i = 0; i < name_count; i++) {
		if (i > 0 && strcmp(names[i - 1].name, names[i].name) == 0)
			fail("twice", names[i].name);
		printf("{ \"%s\", %u, %u },\n", names[i].name,
		       names[i].authority, names[i].region);
	}
	printf("};\n\n");
}

int main(int argc, char *argv[])
{
	if (argc != 2)
		errx(64, "usage: compile FOLDER");
	folder = argv[1];
	printf("/* Generated by data/regions/compile.c; do not edit. */\n\n");
	compile_postcodes();
	read_authorities();
	compile_phrases();
	write_authorities();
	compile_names("labels.tsv", "labels-more.tsv", "labels");
	compile_names("domains.tsv", "domains-more.tsv", "domains");
	if (fflush(stdout) != 0)
		err(1, "write");
	return 0;
}
