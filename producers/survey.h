/*
 * survey: what a survey export's columns are, and its rows as feedback.
 *
 *   table (survey_table.h)
 *     -> survey_dialect.c  which tool made it, how many rows of headings
 *     -> survey_columns.c  what each column is, guessed
 *     -> survey_mapping.c  what a person says instead
 *     -> survey_rows.c     one event an answer
 *     -> survey_import.c   to the workers, and what became of it
 *
 * What makes an answer the same when a later export holds it again: see
 * survey_rows.c. What stands in a cell is never part of a message.
 */
#ifndef SURVEY_H
#define SURVEY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <soundings/error.h>
#include <soundings/feedback.h>

#include "survey_table.h"

/* Rows looked at before columns are judged: always the first ones, so that
 * a later export of the same survey is judged alike. */
#define SURVEY_SAMPLE 1000
#define SURVEY_HEADER_ROWS_MAX 4

enum dialect {
	DIALECT_OTHER,
	DIALECT_SURVEYMONKEY,
	DIALECT_QUALTRICS,
	DIALECT_MICROSOFT_FORMS,
	DIALECT_GOOGLE_FORMS,
	DIALECT_CITIZEN_SPACE,
	DIALECT_JISC,
	DIALECT_SMARTSURVEY,
	DIALECT_LIMESURVEY,
	DIALECT_COUNT
};

enum column_kind {
	COLUMN_IGNORE,
	COLUMN_TEXT,   /* an open question: an answer is an event */
	COLUMN_CHOICE, /* a closed one, travels with the row's events */
	COLUMN_RATING, /* likewise, a number */
	COLUMN_REGION,
	COLUMN_ROLE,
	COLUMN_PHASE,
	COLUMN_SCHOOL,
	COLUMN_POSTCODE, /* of work */
	COLUMN_EMAIL,
	COLUMN_CONSENT,    /* may be quoted */
	COLUMN_RESPONDENT, /* the response's id */
	COLUMN_STARTED,
	COLUMN_COMPLETED, /* or modified: an answer's revision */
	COLUMN_QUESTION,  /* where a row is one answer: what was asked */
	COLUMN_STATUS,    /* Qualtrics: a preview? */
	COLUMN_FINISHED,  /* Qualtrics: handed in? */
	COLUMN_KIND_COUNT
};

enum date_order { DATES_DAY_FIRST, DATES_MONTH_FIRST };

#define COLUMN_DISTINCT_MAX 64

struct pieces;

/* What the sample holds in one column. */
struct column_stats {
	struct pieces *pieces; /* of cells with commas; NULL: none has one */
	size_t filled, bytes, longest;
	size_t emails, addresses, numbers, sentences, lists;
	size_t telephones, rounded; /* 01632 960001; 1.12233E+10 */
	size_t distinct;            /* at most COLUMN_DISTINCT_MAX + 1 */
	size_t different;           /* sentences among these */
	uint64_t seen[COLUMN_DISTINCT_MAX];
	size_t day_over_12, month_over_12; /* as dates d/m/y */
	size_t ambiguous;
	int64_t first[2], last[2]; /* by enum date_order */
};

struct column {
	char *label;    /* unique: what a person calls it */
	char *question; /* what was asked; the heading, where there is none */
	char *option;   /* SurveyMonkey's second row; NULL */
	char *name;     /* Qualtrics' "Q4"; NULL */
	char *code;     /* of the question in an answer's identity */
	bool other;     /* "Other (please specify)" beside a closed question */
	bool modified;  /* completed: its time moves when it is edited */
	bool hands_in;  /* completed: empty until it is handed in */
	enum column_kind kind;
	const char *why; /* static: how the kind was told */
	struct column_stats stats;
};

struct survey {
	enum dialect dialect;
	size_t header_rows;
	struct column *columns;
	size_t column_count;
	enum date_order dates;
	bool dates_given;
	char headings[33];  /* digest of the labels, hexadecimal */
	char id[128];       /* what a person calls the survey; or empty */
	bool has_id;        /* --survey or the mapping gave it */
	char time_zone[64]; /* Qualtrics says which; else empty */
	size_t sampled;
};

const char *dialect_id(enum dialect dialect);
const char *dialect_name(enum dialect dialect);
const char *column_kind_id(enum column_kind kind);
/** column_kind_from_id - or -1; status and finished cannot be given */
int column_kind_from_id(const char *id);

/** survey_open - read the sample of @table and judge it */
int survey_open(struct table *table, struct survey **out,
		struct sdg_error *err);
void survey_close(struct survey *survey);

/* survey_dialect.c: header rows (copied) to columns without kinds. */
struct header_rows {
	size_t count;
	struct {
		uint64_t line;
		size_t count;
		char **cells; /* cleaned, white space collapsed */
	} rows[SURVEY_HEADER_ROWS_MAX + 1];
};
int survey_read_headers(struct survey *survey, const struct header_rows *rows,
			struct sdg_error *err);

/* survey_headings.c */
/** heading_number - how long the number is that it begins with, with the
 *  space behind: "14.1.a. ", "Q6. "; 0: none */
size_t heading_number(const char *heading);
/** heading_known - the kind of a tool's own heading, as heading_key() gives
 *  it; -1: not one */
int heading_known(const char *key);
/** heading_is_open, heading_is_closed - whether it asks for words, or to
 *  choose; neither may be told */
bool heading_is_open(const char *heading);
bool heading_is_closed(const char *heading);
/** heading_attribute - what a closed question asks of the respondent;
 *  CHOICE: something else */
enum column_kind heading_attribute(const char *heading, const char **why);

/* survey_columns.c */
void column_stats_add(struct column_stats *stats, struct sdg_str cell);
/** survey_guess - a kind for every column; and the order of dates */
void survey_guess(struct survey *survey);
/* survey_pieces.c: "Cats, Dogs" as two answers. */
/** pieces_add - take note of @cell's parts between commas */
void pieces_add(struct column_stats *stats, struct sdg_str cell);
/** pieces_next - take the next answer of a list off @rest. @stats: of its
 *  column; only a column whose parts come in other company too is a list */
struct sdg_str pieces_next(const struct column_stats *stats,
			   struct sdg_str *rest);
/** pieces_are_answers - whether the column holds lists with commas */
bool pieces_are_answers(const struct column_stats *stats);

/** survey_has_text - whether anything in it would become an event */
bool survey_has_text(const struct survey *survey);

/* survey_dates.c */
/** survey_date - seconds since 1970 UTC of a time as people and tools write
 *  it; without a zone of its own, in the process's TZ. 0: not a date.
 *  @ambiguous: may be NULL; set when day and month could be exchanged, and
 *  *swapped then holds the other reading */
int64_t survey_date(struct sdg_str text, enum date_order order, bool *ambiguous,
		    int64_t *swapped);
/** survey_date_parts - whether @text begins d/m/y or m/d/y */
bool survey_date_parts(struct sdg_str text, int *first, int *second);

/* survey_mapping.c */
/** survey_map - "COLUMN=KIND" as given on the command line. SDG_EINVAL: no
 *  such column (the message names it) or kind */
int survey_map(struct survey *survey, const char *rule, struct sdg_error *err);
/** survey_mapping_load - apply the mapping in the YAML file @path */
int survey_mapping_load(struct survey *survey, const char *path,
			struct sdg_error *err);
int survey_mapping_save(const struct survey *survey, const char *path,
			struct sdg_error *err);

/* survey_rows.c */
struct survey_tally {
	uint64_t rows, answers, blank, preview, unfinished, closed_only;
	uint64_t refused;
	uint64_t by_headings; /* rows told apart by number and headings alone */
};

struct survey_rows_options {
	const char *consultation; /* or NULL */
	const char *region;       /* of everybody in it; or NULL */
	int64_t received;
	/** an answer; @column from 1, 0 for the row as a whole, be it with
	 *  closed answers only or only emptied (feedback.h); non-zero stops */
	int (*answer)(void *arg, const struct sdg_feedback *fb, uint64_t line,
		      size_t column);
	/** a row that cannot be taken, and why (static) */
	void (*refused)(void *arg, uint64_t line, size_t column,
			const char *why);
	/** a row without any answer; may be NULL */
	void (*blank)(void *arg, uint64_t line);
	void *arg;
};

struct survey_rows;
int survey_rows_open(const struct survey *survey,
		     const struct survey_rows_options *options,
		     struct survey_rows **out, struct sdg_error *err);
void survey_rows_close(struct survey_rows *rows);
/** survey_rows_take - a table_row_fn; @arg is the struct survey_rows */
int survey_rows_take(void *arg, const struct table_row *row);
const struct survey_tally *survey_rows_tally(const struct survey_rows *rows);

#endif
