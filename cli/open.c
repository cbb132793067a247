/*
 * open: what commands open before they answer, and close behind it: the
 * arguments, the home, the store and the themes it knows.
 */
#include "cli.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define SERVICE_HOME "/var/lib/soundings"

const char *cli_service_hint(const struct sdg_home *home)
{
	return access(SERVICE_HOME, F_OK) == 0 &&
		       strcmp(home->root, SERVICE_HOME) != 0
		   ? " (the service's is asked with 'sudo -u soundings "
		     "soundings …', or from another desk with --from)"
		   : "";
}

int cli_open(enum sdg_store_mode mode, struct sdg_home *home,
	     struct sdg_store **store, struct sdg_error *err)
{
	int rc;

	rc = sdg_home_find(home, err);
	if (rc < 0)
		return rc;
	rc = sdg_store_open(home, mode, store, err);
	if (rc == SDG_ENOTFOUND)
		return sdg_fail(err, SDG_ENOTFOUND,
				"there is no store in '%s' yet: start a worker "
				"('soundings workers start') and feed it%s",
				home->store, cli_service_hint(home));
	return rc;
}

int cli_use_themes(struct sdg_store *store, struct cli_args *args,
		   struct sdg_error *err)
{
	const char *asked = args->filter.consultation;
	struct sdg_consultation c;

	for (size_t i = 0; i < args->theme_count; i++) {
		const char *id = args->themes[i];
		int theme = sdg_store_theme(store, sdg_str(id));

		if (theme <= 0 || theme >= 256)
			return cli_no_such_theme(store, id, err);
		args->filter.themes[theme / 64] |= UINT64_C(1) << theme % 64;
	}
	if (asked) {
		int rc = sdg_consultation_get(store, asked, &c, err);

		return rc == SDG_ENOTFOUND
			   ? cli_no_such_consultation(store, asked, err)
			   : rc;
	}
	return 0;
}

int cli_begin(int argc, char *argv[], const struct cli_spec *spec,
	      struct cli *cli)
{
	int rc = 0, status;

	*cli = (struct cli){ .name = argv[0] };
	status = cli_parse(argc, argv, spec, &cli->args);
	if (status >= 0)
		return status;
	if (spec->needs == CLI_NEEDS_HOME)
		rc = sdg_home_find(&cli->home, &cli->err);
	else if (spec->needs == CLI_NEEDS_STORE)
		rc = cli_open(SDG_STORE_READ, &cli->home, &cli->store,
			      &cli->err);
	else if (spec->needs == CLI_NEEDS_WRITER)
		rc = cli_open(SDG_STORE_CHANGE, &cli->home, &cli->store,
			      &cli->err);
	if (rc == 0 && cli->store)
		rc = cli_use_themes(cli->store, &cli->args, &cli->err);
	return rc < 0 ? cli_end(cli, rc) : -1;
}

int cli_end(struct cli *cli, int rc)
{
	sdg_store_close(cli->store);
	cli->store = NULL;
	return rc < 0 ? cli_fail(&cli->err) : rc;
}

/* "list, approve ID or withdraw ID" */
static int no_such_verb(const char *command, const struct cli_verb *verbs)
{
	char *all = xstrdup("");

	for (const struct cli_verb *v = verbs; v->name; v++) {
		char *next = xformat("%s%s%s%s%s", all,
				     v == verbs  ? ""
				     : v[1].name ? ", "
						 : " or ",
				     v->name, v->wants ? " " : "",
				     v->wants ? v->wants : "");

		free(all);
		all = next;
	}
	cli_usage("%s wants %s (see --help)", command, all);
	free(all);
	return EXIT_USAGE;
}

static bool is_word_of(const char *words, const char *word)
{
	size_t n = strlen(word);

	for (; *words; words += strcspn(words, " "), words += *words == ' ')
		if (strcspn(words, " ") == n && strncmp(words, word, n) == 0)
			return true;
	return false;
}

/* An option without a use was meant to do something. */
bool cli_takes(const struct cli *cli, const char *names)
{
	for (size_t i = 0; i < cli->args.given_count; i++) {
		const char *name = cli->args.given[i];

		if (is_word_of(names, name) ||
		    is_word_of("color no-color", name))
			continue;
		cli_usage("%s%s%s takes no --%s (see --help)", cli->name,
			  cli->args.rest_count ? " " : "",
			  cli->args.rest_count ? cli->args.rest[0] : "", name);
		return false;
	}
	return true;
}

int cli_verb(struct cli *cli, const struct cli_verb *verbs, void *arg,
	     const struct cli_verb *silent)
{
	int given = cli->args.rest_count - 1;
	const struct cli_verb *v = given < 0 ? silent : verbs;

	while (given >= 0 && v->name &&
	       (strcmp(v->name, cli->args.rest[0]) != 0 || given < v->min ||
		given > v->max))
		v++;
	if (!v || !v->run)
		return no_such_verb(cli->name, verbs);
	return cli_takes(cli, v->takes) ? v->run(cli, arg) : EXIT_USAGE;
}

int cli_verbs(int argc, char *argv[], const struct cli_spec *spec,
	      const struct cli_verb *verbs, const struct cli_verb *silent)
{
	struct cli cli;
	int status = cli_begin(argc, argv, spec, &cli);

	if (status >= 0)
		return status;
	return cli_end(&cli, cli_verb(&cli, verbs, spec->arg, silent));
}
