/*
 * options: values of options that two producers take alike.
 */
#include "options.h"

#include <assert.h>
#include <err.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#include <soundings/home.h>
#include <soundings/text.h>

/* A day: who waits longer has cron. */
#define WAIT_MAX_SECONDS 86400
#define CONSULTATION_MAX 63
/* What getopt_long() answers for --version: no letter, no option's number. */
#define VERSION 1

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

static int wait_ms(const char *text)
{
	return 1000 * (int)options_number(text, WAIT_MAX_SECONDS,
					  "--wait is not a number of seconds");
}

static const char *consultation(const char *text)
{
	if (strlen(text) > CONSULTATION_MAX || !sdg_is_id(text))
		options_misused("--consultation is not an id (a-z, 0-9, -)");
	return text;
}

static bool is_json(const char *text)
{
	bool json = strcmp(text, "json") == 0;

	if (!json && strcmp(text, "text") != 0)
		options_misused("--format is json or text");
	return json;
}

/* A full disk may show only now. */
int options_end(int status)
{
	bool written = fflush(stdout) == 0 && !ferror(stdout);

	if (written || status != EX_OK)
		return status;
	warn("cannot write the answer");
	return EX_TEMPFAIL;
}

static void take(const struct producer_option *option, void *settings,
		 const char *value)
{
	char *at = (char *)settings + option->at;

	switch (option->form) {
	case OPTION_FLAG:
		*(bool *)at = true;
		break;
	case OPTION_TEXT:
		*(const char **)(void *)at = value;
		break;
	case OPTION_JSON:
		*(bool *)at = is_json(value);
		break;
	case OPTION_WAIT:
		*(int *)(void *)at = wait_ms(value);
		break;
	case OPTION_CONSULTATION:
		*(const char **)(void *)at = consultation(value);
		break;
	case OPTION_TAKEN:
		option->take(settings, value);
		break;
	}
}

void options_parse(int argc, char *argv[],
		   const struct producer_option *options, const char *help,
		   void *settings)
{
	struct option longs[PRODUCER_OPTIONS_MAX + 3] = {
		{ "help", no_argument, NULL, 'h' },
		{ "version", no_argument, NULL, VERSION },
	};
	char shorts[2 * PRODUCER_OPTIONS_MAX + 2] = "h";
	size_t n = 0, len = 1;
	int found, which;

	sdg_fill_standard_files();
	/* The n-th option is 256 + n, whether it has a letter or not. */
	for (; options[n].name; n++) {
		bool bare = options[n].form == OPTION_FLAG || options[n].bare;

		assert(n < PRODUCER_OPTIONS_MAX);
		longs[n + 2] =
		    (struct option){ options[n].name,
				     bare ? no_argument : required_argument,
				     NULL, 256 + (int)n };
		if (options[n].letter)
			shorts[len++] = options[n].letter;
		if (options[n].letter && !bare)
			shorts[len++] = ':';
	}
	while ((found = getopt_long(argc, argv, shorts, longs, NULL)) != -1) {
		if (found == 'h') {
			fputs(help, stdout);
			exit(options_end(EX_OK));
		}
		if (found == VERSION) {
			printf("%s %s\n", options_program, SOUNDINGS_VERSION);
			exit(options_end(EX_OK));
		}
		if (found == '?')
			options_misused(NULL);
		for (which = 0; found < 256; which++) {
			if (options[which].letter == found)
				found = 256 + which;
		}
		take(&options[found - 256], settings, optarg);
	}
}
