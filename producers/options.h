/*
 * options: what soundings-rep and soundings-survey ask of the values they
 * are given. Misuse ends the program with 64, having said why.
 */
#ifndef OPTIONS_H
#define OPTIONS_H

#include <stdbool.h>

/* The program whose --help is pointed at; its main file defines it. */
extern const char *const options_program;

/** options_misused - say @what (or nothing: getopt has) and end */
void __attribute__((noreturn)) options_misused(const char *what);

/** options_number - @text as a whole number from 0 to @most; or @what */
long options_number(const char *text, long most, const char *what);

/** options_wait_ms - the value of --wait, in milliseconds */
int options_wait_ms(const char *text);

/** options_consultation - the value of --consultation, an id */
const char *options_consultation(const char *text);

/** options_json - does the value of --format ask for JSON? */
bool options_json(const char *text);

#endif
