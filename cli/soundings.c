/*
 * soundings: the command line. This file is the table of commands and the
 * child they run in; each command is its own file.
 */
#include "cli.h"

#include <err.h>
#include <stdio.h>
#include <string.h>

struct command {
	const char *name;
	int (*run)(int argc, char *argv[]);
	const char *about;
};

static const struct command commands[] = {
	{ "classify", cmd_classify,
	  "label JSON lines: region, themes, stance" },
	{ NULL, NULL, NULL },
};

static void usage(FILE *to)
{
	fprintf(to, "usage: soundings COMMAND [options]\n\n");
	for (const struct command *c = commands; c->name; c++)
		fprintf(to, "  %-14s %s\n", c->name, c->about);
}

int main(int argc, char *argv[])
{
	if (argc < 2 || strcmp(argv[1], "--help") == 0) {
		usage(argc < 2 ? stderr : stdout);
		return argc < 2 ? EXIT_USAGE : 0;
	}
	for (const struct command *c = commands; c->name; c++)
		if (strcmp(argv[1], c->name) == 0)
			return c->run(argc - 1, argv + 1);
	warnx("no command \"%s\"; see soundings --help", argv[1]);
	return EXIT_USAGE;
}
