/*
 * directory: a members' list, or the government's list of schools, as
 * entries of the store's directory.
 *
 * Whatever a row says that cannot be used becomes a problem with its line,
 * never its content. A region is never taken from a home.
 */
#ifndef CLI_DIRECTORY_H
#define CLI_DIRECTORY_H

#include <stdbool.h>
#include <stddef.h>

#include <soundings/error.h>
#include <soundings/store_directory.h>

/* ------------------------------------------------------------------ rows */

#define DIRECTORY_BYTES_MAX (256u << 20)
#define DIRECTORY_COLUMNS_MAX 512

/** One row; fields are borrowed for the call. Non-zero stops. */
typedef int directory_row_fn(void *arg, const struct sdg_str *fields, size_t n,
			     unsigned line, struct sdg_error *err);

/**
 * directory_rows - the rows of a CSV file, its heading first
 * @bytes: UTF-8, with or without a byte order mark, or windows-1252
 *
 * Empty lines are passed over. Return 0, what @fn returned, or SDG_EINVAL: a
 * quote that never ends, with the line where its row began.
 */
int directory_rows(const char *bytes, size_t len, directory_row_fn *fn,
		   void *arg, struct sdg_error *err);

/* --------------------------------------------------------------- entries */

struct directory_problem {
	unsigned line;
	const char *what; /* static */
};

struct directory {
	struct sdg_entry *entries;
	size_t count, cap;
	uint32_t *slots; /* of entries, by key; 0 is free */
	size_t slot_count;
	struct directory_problem *problems;
	size_t problem_count, problem_cap;
	size_t rows;    /* read */
	size_t passed;  /* rows on purpose not taken: closed schools */
	size_t regions; /* entries whose region is known */
	/* Called every so many rows; NULL: nobody waits for it. */
	void (*progress)(const struct directory *directory);
};
#define DIRECTORY_PROGRESS 1000

/** directory_row - one more row is read */
static inline void directory_row(struct directory *directory)
{
	if (++directory->rows % DIRECTORY_PROGRESS == 0 && directory->progress)
		directory->progress(directory);
}

void directory_fini(struct directory *directory);

/** directory_problem - note one */
int directory_problem(struct directory *directory, unsigned line,
		      const char *what, struct sdg_error *err);

/**
 * directory_add - keep @entry (copied)
 *
 * The same key again is one entry when it says the same membership number or
 * none, and else a problem. Where the two rows say different things the later
 * one counts, and that is noted.
 */
int directory_add(struct directory *directory, const struct sdg_entry *entry,
		  unsigned line, struct sdg_error *err);

/** directory_get - the entry of @key, or NULL */
struct sdg_entry *directory_get(const struct directory *directory,
				const char *key);

/* --------------------------------------------------------------- members */

enum directory_field {
	DIRECTORY_IGNORE,
	DIRECTORY_MEMBERSHIP,
	DIRECTORY_ADDRESS,
	DIRECTORY_REGION,
	DIRECTORY_AUTHORITY,
	DIRECTORY_POSTCODE,
	DIRECTORY_SCHOOL,
	DIRECTORY_ROLE,
	DIRECTORY_PHASE,
	DIRECTORY_FIELD_COUNT
};

const char *directory_field_id(enum directory_field field);
/** directory_field_from_id - or -1 */
int directory_field_from_id(const char *id);
/** directory_guess - what a column of this heading most likely holds */
enum directory_field directory_guess(struct sdg_str heading);

/** directory_says_work - a heading such as "School postcode" */
bool directory_says_work(struct sdg_str heading);

enum directory_postcode {
	DIRECTORY_POSTCODE_UNSAID,
	DIRECTORY_POSTCODE_WORK,
	DIRECTORY_POSTCODE_HOME,
};

struct directory_map {
	enum directory_field fields[DIRECTORY_COLUMNS_MAX];
	size_t n;
	enum directory_postcode postcode;
};

/** directory_members - read the rows of a members' list under @map */
int directory_members(const char *bytes, size_t len,
		      const struct directory_map *map,
		      struct directory *directory, struct sdg_error *err);

/* ---------------------------------------------------------------- import */

#define DIRECTORY_MAPS_MAX 64

struct directory_options {
	const char *kind; /* "members", "schools"; NULL: by its heading */
	const char *maps[DIRECTORY_MAPS_MAX]; /* COLUMN=FIELD */
	size_t map_count;
	enum directory_postcode postcode;
	bool yes; /* do not ask */
};

struct cli;

/** directory_import - the file args.rest[1] names, into the store; returns
 *  the exit status, or a negative code with cli->err filled */
int directory_import(struct cli *cli, const struct directory_options *options);

/* --------------------------------------------------------------- schools */

/** directory_is_schools - does the heading look like the government's? */
bool directory_is_schools(const struct sdg_str *heading, size_t n);

/**
 * directory_schools - one entry a mail domain of an open school
 *
 * From the host of its website; hosts that schools of several regions share
 * say nothing and are left out.
 */
int directory_schools(const char *bytes, size_t len,
		      struct directory *directory, struct sdg_error *err);

#endif
