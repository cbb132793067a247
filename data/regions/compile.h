/*
 * compile.h: what the compiler of the tables shares between its two files.
 */
#ifndef COMPILE_H
#define COMPILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#define LINE_MAX_BYTES 16384
#define FIELDS_MAX 8
#define REGION_UNKNOWN 14

struct authority {
	unsigned code, region, parent;
	char kind; /* l d c n */
	bool former;
	char name[80], aliases[200];
};

extern struct authority authorities[];
extern size_t authority_count;

/** fail - end, naming the table and the line that is being read */
void fail(const char *what, const char *detail);

/** region_number - of the two letters that the tables use */
unsigned region_number(const char *id, size_t len);

FILE *open_table(const char *name);

/** next_row - one row, its tabs made into ends of fields; no comments */
bool next_row(FILE *file, char *line, char *field[FIELDS_MAX]);

/** compile_phrases - names and cue words, as one open hash; once the
 * authorities are read */
void compile_phrases(void);

#endif
