/*
 * options: what soundings-rep and soundings-survey ask of the values they
 * are given. Misuse ends the program with 64, having said why.
 */
#ifndef OPTIONS_H
#define OPTIONS_H

#include <stdbool.h>
#include <stddef.h>

/* The program whose --help is pointed at; its main file defines it. */
extern const char *const options_program;

/** options_misused - say @what (or nothing: getopt has) and end */
void __attribute__((noreturn)) options_misused(const char *what);

/* What an option's value is, and so what lies at .at of the settings. */
enum option_form {
	OPTION_FLAG,         /* none: a bool, set */
	OPTION_TEXT,         /* a const char * */
	OPTION_JSON,         /* of --format: a bool */
	OPTION_WAIT,         /* of --wait, seconds: an int, milliseconds */
	OPTION_CONSULTATION, /* an id: a const char * */
	OPTION_TAKEN,        /* for .take to judge; none: .take gets NULL */
};

struct producer_option {
	const char *name;
	char letter; /* or 0 */
	bool bare;   /* OPTION_TAKEN: it has no value */
	enum option_form form;
	size_t at;
	void (*take)(void *settings, const char *value);
};

#define PRODUCER_OPTIONS_MAX 40

/** options_parse - take what @options (up to one without a name) know into
 *  @settings; --help prints @help and ends. Files begin at optind */
void options_parse(int argc, char *argv[],
		   const struct producer_option *options, const char *help,
		   void *settings);

/** options_end - @status, or 75 where all went well but what was printed has
 *  not reached its place: of main's return */
int options_end(int status);

/** options_number - @text as a whole number from 0 to @most; or @what */
long options_number(const char *text, long most, const char *what);

#endif
