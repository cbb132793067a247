/*
 * cli: what the commands of soundings share.
 *
 * A command is one file, cmd_<name>.c, and one function, cmd_<name>(argc,
 * argv), argv[0] being its name. It runs in a child of its own, which opens
 * what it needs and whose death the parent puts into words. It returns the
 * exit status; results go to cli_out's stream, talk to stderr.
 *
 * Memory: a command lives for one answer, so x-functions end the program
 * (75) when there is no memory, and what lives until the end is not freed
 * one by one unless it can be many.
 */
#ifndef CLI_H
#define CLI_H

#include <getopt.h>
#include <jansson.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <soundings/error.h>
#include <soundings/home.h>
#include <soundings/store.h>

/* Exit statuses (DESIGN: 0, 64 usage, 65 data, 75 try again). */
enum { EXIT_USAGE = 64, EXIT_DATA = 65, EXIT_RETRY = 75 };

/* Every command; the table in soundings.c says what each is for. */
int cmd_access(int argc, char *argv[]);
int cmd_backup(int argc, char *argv[]);
int cmd_campaigns(int argc, char *argv[]);
int cmd_choices(int argc, char *argv[]);
int cmd_classify(int argc, char *argv[]);
int cmd_compliance(int argc, char *argv[]);
int cmd_config(int argc, char *argv[]);
int cmd_publish(int argc, char *argv[]);
int cmd_reclassify(int argc, char *argv[]);
int cmd_releases(int argc, char *argv[]);
int cmd_review(int argc, char *argv[]);
int cmd_consultation(int argc, char *argv[]);
int cmd_correct(int argc, char *argv[]);
int cmd_decision(int argc, char *argv[]);
int cmd_digest(int argc, char *argv[]);
int cmd_directory(int argc, char *argv[]);
int cmd_doctor(int argc, char *argv[]);
int cmd_emerging(int argc, char *argv[]);
int cmd_evaluate(int argc, char *argv[]);
int cmd_explain(int argc, char *argv[]);
int cmd_export(int argc, char *argv[]);
int cmd_forget(int argc, char *argv[]);
int cmd_frame(int argc, char *argv[]);
int cmd_import(int argc, char *argv[]);
int cmd_keys(int argc, char *argv[]);
int cmd_ledger(int argc, char *argv[]);
int cmd_messages(int argc, char *argv[]);
int cmd_offboard(int argc, char *argv[]);
int cmd_purge(int argc, char *argv[]);
int cmd_quarantine(int argc, char *argv[]);
int cmd_quotes(int argc, char *argv[]);
int cmd_report(int argc, char *argv[]);
int cmd_requests(int argc, char *argv[]);
int cmd_restore(int argc, char *argv[]);
int cmd_roster(int argc, char *argv[]);
int cmd_setup(int argc, char *argv[]);
int cmd_show(int argc, char *argv[]);
int cmd_status(int argc, char *argv[]);
int cmd_theme(int argc, char *argv[]);
int cmd_train(int argc, char *argv[]);
int cmd_trend(int argc, char *argv[]);
int cmd_upgrade(int argc, char *argv[]);
int cmd_verify(int argc, char *argv[]);
int cmd_workers(int argc, char *argv[]);

/* ------------------------------------------------------------- arguments */

enum cli_format {
	CLI_TABLE,
	CLI_JSON,
	CLI_CSV,
	CLI_MD,
	CLI_XLSX,
	CLI_OPENMETRICS, /* status alone */
};
#define CLI_FORMAT_BIT(format) (1u << (format))
#define CLI_FORMATS_LIST                                                       \
	(CLI_FORMAT_BIT(CLI_TABLE) | CLI_FORMAT_BIT(CLI_JSON) |                \
	 CLI_FORMAT_BIT(CLI_CSV) | CLI_FORMAT_BIT(CLI_MD) |                    \
	 CLI_FORMAT_BIT(CLI_XLSX))
#define CLI_FORMATS_TEXT (CLI_FORMAT_BIT(CLI_TABLE) | CLI_FORMAT_BIT(CLI_JSON))

#define CLI_THEMES_MAX 64
#define CLI_GIVEN_MAX 64

/* Where only one end of a time is given: days that no piece lies beyond. */
#define OPEN_SINCE 1
#define OPEN_UNTIL 65535

struct cli_args {
	enum cli_format format;
	bool color;               /* allowed, and stdout is a terminal */
	const char *output;       /* --output FILE; NULL: stdout */
	struct sdg_filter filter; /* its themes come with cli_use_themes() */
	bool has_since, has_until;
	const char *themes[CLI_THEMES_MAX]; /* as given, ids */
	size_t theme_count;
	char **rest; /* what is no option, NULL terminated */
	int rest_count;
	const char *given[CLI_GIVEN_MAX]; /* names of options, each once */
	size_t given_count;
};

/*
 * An option of a command's own: what it wants, and where its value goes in
 * the command's own struct (spec.arg). A table of them ends with { 0 }.
 */
struct cli_option {
	const char *name;
	enum {
		CLI_WANTS_NOTHING, /* bool */
		CLI_WANTS_TEXT,    /* const char * */
		CLI_WANTS_COUNT,   /* size_t, from min to max */
		CLI_WANTS_LABEL,   /* int, of those id gives from min on */
		CLI_WANTS_FIRST,   /* int32_t: the first day of a date */
		CLI_WANTS_LAST,    /* int32_t: the last */
		CLI_WANTS_TAKING,  /* what take() makes of it */
	} wants;
	size_t at; /* in spec.arg */
	int64_t min, max;
	const char *(*id)(int);
	/* Returns 0, or -1 having said why not. */
	int (*take)(void *arg, const char *value);
};
#define CLI_OWN(name_, wants_, type, member, ...)                              \
	{                                                                      \
		.name = (name_), .wants = (wants_),                            \
		.at = offsetof(type, member), __VA_ARGS__                      \
	}
#define CLI_FLAG(name, type, member)                                           \
	CLI_OWN(name, CLI_WANTS_NOTHING, type, member, .min = 0)
#define CLI_TEXT(name, type, member)                                           \
	CLI_OWN(name, CLI_WANTS_TEXT, type, member, .min = 0)
#define CLI_COUNT(name, type, member, least, most)                             \
	CLI_OWN(name, CLI_WANTS_COUNT, type, member, .min = (least),           \
		.max = (most))
#define CLI_LABEL(name, type, member, ids, first, count)                       \
	CLI_OWN(name, CLI_WANTS_LABEL, type, member, .id = (ids),              \
		.min = (first), .max = (count))
#define CLI_FIRST_DAY(name, type, member)                                      \
	CLI_OWN(name, CLI_WANTS_FIRST, type, member, .min = 0)
#define CLI_LAST_DAY(name, type, member)                                       \
	CLI_OWN(name, CLI_WANTS_LAST, type, member, .min = 0)
#define CLI_TAKEN(name_, take_)                                                \
	{                                                                      \
		.name = (name_), .wants = CLI_WANTS_TAKING, .take = (take_)    \
	}

struct cli_spec {
	const char *help; /* for --help; the examples stand first */
	unsigned formats; /* CLI_FORMAT_BITs taken; the first is the default */
	bool filters;     /* --since … --consultation are taken */
	const struct cli_option *own;
	void *arg;
	int rest_min, rest_max;
	/* What cli_begin() has ready: this, and all before it. */
	enum {
		CLI_NEEDS_NOTHING,
		CLI_NEEDS_HOME,
		CLI_NEEDS_STORE, /* to read; themes and names resolved */
		CLI_NEEDS_WRITER
	} needs;
	/* In place of own, which is shorter: .val above 255, below 1,000. */
	const struct option *options;
	int (*option)(void *arg, int id, const char *value);
};

/**
 * cli_parse - read the arguments of a command
 *
 * Returns -1 to go on, else the exit status to leave with at once (help was
 * shown, or misuse was reported).
 */
int cli_parse(int argc, char *argv[], const struct cli_spec *spec,
	      struct cli_args *args);

/** cli_usage - say what is wrong with the arguments; returns EXIT_USAGE */
int cli_usage(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/** cli_fail - say @err; returns the exit status for it */
int cli_fail(const struct sdg_error *err);

/** cli_number - @value as a whole number from @min to @max, or -1 */
int64_t cli_number(const char *value, int64_t min, int64_t max);

/** cli_date - date_parse(), saying why when @value is none */
int cli_date(const char *value, int32_t *first, int32_t *past);

/** cli_nearest - of @n names the one nearest to @word, or NULL */
const char *cli_nearest(const char *word, const char *const *names, size_t n);

/** cli_no_such - say that @value is no @what of those @n names, with the
 *  nearest or all of them; returns -1 */
int cli_no_such(const char *what, const char *value, const char *const *names,
		size_t n);

/** cli_no_such_label - the same of the labels @id gives from @first on */
int cli_no_such_label(const char *what, const char *value,
		      const char *(*id)(int), int first, int count);

/*
 * A code of the commands alone, beside enum sdg_code: what was asked for on
 * the command line names nothing, which only the open store can tell.
 * cli_fail() makes it 64 and not 65.
 */
#define CLI_EUSAGE (-100)

/** cli_misuse - make what @err says misuse; returns CLI_EUSAGE */
int cli_misuse(struct sdg_error *err);

/** cli_no_such_theme, cli_no_such_consultation - that @value is none of
 *  @store's, into @err; return CLI_EUSAGE */
int cli_no_such_theme(struct sdg_store *store, const char *value,
		      struct sdg_error *err);
int cli_no_such_consultation(struct sdg_store *store, const char *value,
			     struct sdg_error *err);

/** cli_service_hint - where this machine has the service, and @home is not
 *  its: how that is asked; else "" */
const char *cli_service_hint(const struct sdg_home *home);

/** cli_open - the store of this installation, to read or write */
int cli_open(enum sdg_store_mode mode, struct sdg_home *home,
	     struct sdg_store **store, struct sdg_error *err);

/** cli_use_themes - the themes asked for, as numbers of @store; that they
 *  and the consultation asked for are there, else CLI_EUSAGE */
int cli_use_themes(struct sdg_store *store, struct cli_args *args,
		   struct sdg_error *err);

/*
 * What nearly every command opens: cli_begin() parses the arguments and
 * makes ready what spec.needs says; cli_end() closes it whatever happened,
 * says what err holds when @rc is negative, and returns the exit status.
 */
struct cli {
	const char *name; /* of the command */
	struct cli_args args;
	struct sdg_home home;
	struct sdg_store *store;
	struct sdg_error err;
};

/** cli_begin - returns -1 to go on, else the exit status, all said */
int cli_begin(int argc, char *argv[], const struct cli_spec *spec,
	      struct cli *cli);
int cli_end(struct cli *cli, int rc);

/*
 * The first argument as a verb: "approve ID". Ends with { 0 }. run() returns
 * an exit status, or a negative code with cli->err filled.
 */
struct cli_verb {
	const char *name, *wants; /* "approve", "ID"; NULL: no argument */
	int min, max;             /* arguments behind the verb */
	int (*run)(struct cli *cli, void *arg);
	const char *takes; /* the options it has a use for: "name closes" */
};
#define CLI_TAKES_LIST "format output"
#define CLI_TAKES_FILTERS                                                      \
	"since until region theme source stance role phase consultation"
/** cli_verb - run the one asked for; misuse names them all, or the option
 *  it does not take. @silent is run when there is none, or NULL. */
int cli_verb(struct cli *cli, const struct cli_verb *verbs, void *arg,
	     const struct cli_verb *silent);
/** cli_verbs - a command that is its verbs: begun, run with spec.arg, ended */
int cli_verbs(int argc, char *argv[], const struct cli_spec *spec,
	      const struct cli_verb *verbs, const struct cli_verb *silent);
/** cli_takes - has what runs a use for all options that were given? If not,
 *  it says so. For a verb whose argument decides: else verb.takes does. */
bool cli_takes(const struct cli *cli, const char *names);

/* ----------------------------------------------------------------- dates */

/* Days since 1970-01-01; months are year * 12 + month (0 to 11). */
int32_t date_from_civil(int year, int month, int day);
void date_to_civil(int32_t day, int *year, int *month, int *mday);
int32_t date_day_of(int64_t seconds);

#define DATE_SIZE 24
/** date_format - "2015-03-31" into @out; returns it */
const char *date_format(int32_t day, char out[DATE_SIZE]);
/** date_format_month - "2015-03" */
const char *date_format_month(uint32_t month, char out[DATE_SIZE]);
/** date_format_time - "2015-03-31 08:15" (UTC), "-" for 0 */
const char *date_format_time(int64_t seconds, char out[DATE_SIZE]);
/** date_format_iso - "2015-03-31T08:15:00Z" */
const char *date_format_iso(int64_t seconds, char out[DATE_SIZE]);

/**
 * date_parse - "2015-03-31", "2015-03" or "2015" as the days it covers
 * @first, @past: the first day, and the one behind the last
 *
 * Returns 0, or -1 when it is no such date.
 */
int date_parse(const char *text, int32_t *first, int32_t *past);

/* ------------------------------------------------------------------ grid */

/*
 * One table, from which every format is written, so that no two of them
 * can disagree. Cells hold an id for machines and a label for people.
 */
enum cell_type {
	CELL_EMPTY,
	CELL_TEXT,
	CELL_COUNT,
	CELL_NUMBER,
	CELL_BOOL,
	CELL_NOT_MEASURED, /* null in JSON; elsewhere in words */
	CELL_HIDDEN,       /* by a policy: null in JSON, elsewhere "[c]" */
};
#define NOT_MEASURED "not measured"
#define HIDDEN_FIGURE "[c]"

struct cell {
	enum cell_type type;
	uint64_t count;
	double number;
	char *text;  /* the id, or foreign text as it is */
	char *label; /* for people; NULL: text */
	int heat;    /* 0 none, 1 to 5: how strong it is, for colour */
};

struct column {
	char *id;    /* JSON key, CSV heading */
	char *title; /* for people */
	bool right;
	bool truncate; /* may be cut to fit a terminal */
	bool wrap;     /* may go on in the next line there */
	int decimals;
};

enum grid_layout {
	GRID_LINES,
	GRID_CARDS,       /* the last column below the others, cut to a line */
	GRID_CARDS_WHOLE, /* below them, whole */
};

struct grid {
	enum grid_layout layout; /* on a terminal */
	struct column *columns;
	size_t column_count;
	struct cell *cells; /* row after row */
	size_t row_count, row_cap;
	struct cell *total; /* a row of its own, or NULL */
	char *title;
	struct note {
		char *text;
		bool below; /* how to read it; above: what was asked */
	} * notes;
	size_t note_count;
};

struct grid *grid_new(const char *title);
void grid_free(struct grid *grid);
/** grid_column - add one, before any row; returns its place */
size_t grid_column(struct grid *grid, const char *id, const char *title,
		   bool right);
/** grid_decimals, grid_truncate - how numbers of @column are written; that
 *  it may be cut to fit a terminal; that it may be wrapped there */
void grid_decimals(struct grid *grid, size_t column, int decimals);
void grid_truncate(struct grid *grid, size_t column);
void grid_wrap(struct grid *grid, size_t column);
/** grid_row - add an empty row; valid until the next is added */
struct cell *grid_row(struct grid *grid);
/** grid_total - the row of totals, empty at first */
struct cell *grid_total(struct grid *grid);
void grid_note(struct grid *grid, bool below, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

void cell_text(struct cell *cell, const char *id, const char *label);
/** cell_str - foreign text: as it is for machines, visible on one line for
 *  people */
void cell_str(struct cell *cell, struct sdg_str text);
void cell_count(struct cell *cell, uint64_t count);
void cell_number(struct cell *cell, double number);
void cell_bool(struct cell *cell, bool value);
/** cell_not_measured - in place of a figure there is none of */
void cell_not_measured(struct cell *cell);

/** grid_write_table - by libsmartcols, fit to @width */
void grid_write_table(const struct grid *grid, FILE *out, size_t width,
		      bool color);
/** grid_width - columns a terminal needs to show @grid, its first column
 *  cut to GRID_FIRST_LEAST if it may be */
size_t grid_width(const struct grid *grid);
#define GRID_FIRST_LEAST 16
/** grid_write_cards - for long texts on a narrow terminal */
void grid_write_cards(const struct grid *grid, FILE *out, size_t width);
void grid_write_csv(const struct grid *grid, FILE *out);
void grid_write_md(const struct grid *grid, FILE *out);
/** html_text - @s with the five characters of markup escaped */
void html_text(FILE *out, const char *s);
/** grid_json_rows - an array of objects keyed by column id */
json_t *grid_json_rows(const struct grid *grid);
/** grid_json_row - one row likewise */
json_t *grid_json_row(const struct grid *grid, const struct cell *row);
/** grid_write_xlsx - @n sheets, as a file at @path */
int grid_write_xlsx(struct grid *const *sheets, size_t n, const char *path,
		    struct sdg_error *err);

/* ---------------------------------------------------------------- output */

/**
 * cli_emit - write @grid in the format asked for, where it was asked for
 * @envelope: for JSON: rows and totals are added to it (reference taken)
 * @shown:    what a terminal, Markdown or a first Excel sheet shows in
 *            place of @grid, or NULL
 *
 * Returns the exit status.
 */
int cli_emit(const struct cli_args *args, json_t *envelope,
	     const struct grid *grid, const struct grid *shown);

/** cli_envelope - {"schema": "soundings/<command>/1"} */
json_t *cli_envelope(const char *command);
/** cli_emit_json - write @json (reference taken); returns the exit status */
int cli_emit_json(const struct cli_args *args, json_t *json);
/** cli_emit_bytes - the same of finished text */
int cli_emit_bytes(const struct cli_args *args, const char *data, size_t len);
/**
 * cli_text_open - a stream for an answer of words; cli_text_emit() writes
 * what it received, where it was asked for, and closes it
 *
 * Without memory both end the program (75). Returns the exit status.
 */
struct cli_text {
	char *data;
	size_t len;
	FILE *to;
};
FILE *cli_text_open(struct cli_text *text);
int cli_text_emit(struct cli_text *text, const struct cli_args *args);
/** cli_width - columns of the terminal: its own, COLUMNS, else 80 */
size_t cli_width(void);
/** cli_json_str - safe text as a JSON string; never NULL */
json_t *cli_json_str(struct sdg_str text);

/** cli_json_ids - what @id calls each bit of @bits below @count, as an array */
json_t *cli_json_ids(uint32_t bits, int count, const char *(*id)(int));

void *xcalloc(size_t n, size_t size);
char *xstrdup(const char *s);
char *xformat(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
char *xformat_v(const char *fmt, va_list ap)
    __attribute__((format(printf, 1, 0)));

/* ------------------------------------------------------------ dimensions */

const char *dim_id(enum sdg_dim dim);
const char *dim_title(enum sdg_dim dim);
/** dim_from_id - or -1 */
int dim_from_id(const char *id);
const char *const *dim_ids(void);

/* What turns keys of a report into words; borrowed from the store. */
struct dim_names {
	struct sdg_store *store;
	char (*consultations)[64]; /* by number */
	size_t consultation_count;
	char **areas; /* of report_ask_areas(), from key 1 on */
	size_t area_count;
};

/* An area of one's own, as a dimension: keys from 1, the last is unknown. */
#define DIM_AREA SDG_DIM_COUNT
#define DIM_AREAS_MAX 1000
int dim_names_load(struct sdg_store *store, struct dim_names *names,
		   struct sdg_error *err);
void dim_names_free(struct dim_names *names);
/** dim_cell - the words for @key of @dim into @cell */
void dim_cell(const struct dim_names *names, enum sdg_dim dim, uint32_t key,
	      struct cell *cell);
/** dim_short - a heading of few letters ("Y&H"), or NULL */
const char *dim_short(enum sdg_dim dim, uint32_t key);

void id_hex(const uint8_t *id, size_t bytes, char *out);
/**
 * id_brief - the first digits of an id in hexadecimal, for a screen
 *
 * The first 8 are a time, and nothing where the piece does not say it: so
 * many that the rest tells pieces apart. @hex may go on behind the id.
 */
#define ID_BRIEF_SIZE 24
const char *id_brief(const char *hex, char out[ID_BRIEF_SIZE]);

#endif
