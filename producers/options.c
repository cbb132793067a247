/*
 * options: values of options that two producers take alike.
 */
#include "options.h"

#include <err.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#include <soundings/text.h>

/* A day: who waits longer has cron. */
#define WAIT_MAX_SECONDS 86400
#define CONSULTATION_MAX 63

void options_misused(const char *what)
{
	if (what)
		warnx("%s", what);
	fprintf(stderr, "see %s --help\n", options_program);
	exit(EX_USAGE);
}

long options_number(const char *text, long most, const char *what)
{
	char *end;
	long n = strtol(text, &end, 10);

	if (*text == '\0' || *end != '\0' || n < 0 || n > most)
		options_misused(what);
	return n;
}

int options_wait_ms(const char *text)
{
	return 1000 * (int)options_number(text, WAIT_MAX_SECONDS,
					  "--wait is not a number of seconds");
}

const char *options_consultation(const char *text)
{
	if (strlen(text) > CONSULTATION_MAX || !sdg_is_id(text))
		options_misused("--consultation is not an id (a-z, 0-9, -)");
	return text;
}

bool options_json(const char *text)
{
	bool json = strcmp(text, "json") == 0;

	if (!json && strcmp(text, "text") != 0)
		options_misused("--format is json or text");
	return json;
}
