/*
 * soundings keys: who may connect with which key, and as what.
 *
 * The secret half of a client's key is in its own file alone: here only the
 * public half is kept. Keys never appear in arguments or output.
 */
#include "keys.h"

#include <string.h>
#include <time.h>
#include <unistd.h>

#include <soundings/clients.h>

static const char HELP[] =
    "  soundings keys new jane.doe --role rep --workers tcp://office:5600\n"
    "                                   writes jane.doe.key to hand to her\n"
    "  soundings keys use jane.doe.key  on her laptop: this is who I am\n"
    "  soundings keys list\n"
    "  soundings keys revoke jane.doe   cut off at once\n"
    "  soundings keys revoke jane.doe --since 2026-03-02\n"
    "                                   and hold what came with it since "
    "then\n"
    "  soundings keys sent jane.doe     what came with it\n"
    "  soundings keys release jane.doe  count again what is held\n"
    "  soundings keys rotate jane.doe   a new key; the old one is good for "
    "a week\n"
    "  soundings keys rotate text       seal words under a new key from now "
    "on\n"
    "  soundings keys rotate workers    the workers' own pair\n"
    "  soundings keys trust PUBLIC      on a laptop: the workers' new key\n"
    "  soundings keys authorize NAME --role ROLE --key PUBLIC\n"
    "                                   a pair that was made elsewhere\n"
    "  soundings keys server            the workers' public key\n"
    "\n"
    "Usage: soundings keys COMMAND [NAME] [--role ROLE] [--output FILE]\n"
    "         [--since DATE] [--overlap DAYS] [--workers ENDPOINTS]\n"
    "\n"
    "Roles: mail (sends mail), rep (sends notes in its own name), survey\n"
    "(sends answers), report (asks for figures), officer (figures and\n"
    "words). A key may do what its role says and nothing else. What is held\n"
    "stands under quarantined, in no figure, and keeps its words.\n";

struct keys_options {
	enum sdg_client_role role;
	const char *workers, *key;
	int32_t since; /* day; 0: ever */
	size_t overlap_days;
};

static int take_role(void *arg, const char *value)
{
	struct keys_options *options = arg;
	int role = sdg_client_role_from_id(sdg_str(value));

	if (role < 0) {
		cli_usage("--role wants mail, rep, survey, report or officer");
		return -1;
	}
	options->role = (enum sdg_client_role)role;
	return 0;
}

static int say(const struct cli_args *args, char *text)
{
	int status = cli_emit_bytes(args, text, strlen(text));

	free(text);
	return status;
}

int keys_make_file(const struct sdg_home *home, const char *name,
		   const char *workers, const char *path,
		   struct sdg_curve_key *out, struct sdg_error *err)
{
	struct sdg_curve_key server = { 0 };
	int rc = sdg_curve_key_make(out, err);

	if (rc == 0)
		rc = sdg_curve_key_server(home->keys, &server, err);
	if (rc == 0 && workers && strlen(workers) >= sizeof(out->workers))
		rc = sdg_fail(err, SDG_EINVAL, "--workers is too long");
	if (rc == 0) {
		snprintf(out->name, sizeof(out->name), "%s", name);
		memcpy(out->server, server.public_key, sizeof(out->server));
		snprintf(out->workers, sizeof(out->workers), "%s",
			 workers ? workers : "");
		rc = sdg_curve_key_write(path, out, err);
	}
	sdg_curve_key_forget(&server);
	return rc;
}

/* Pair, file and list; the list last, so that a key nobody could be handed
 * is not authorized. */
static int new_key(struct cli *cli, void *arg)
{
	const struct keys_options *opt = arg;
	const char *name = cli->args.rest[1];
	struct sdg_curve_key key = { 0 };
	char *path;
	int rc;

	if (opt->role == SDG_CLIENT_NONE)
		return cli_usage("keys new wants --role");
	path = cli->args.output ? xstrdup(cli->args.output)
				: xformat("%s.key", name);
	rc = keys_make_file(&cli->home, name, opt->workers, path, &key,
			    &cli->err);
	if (rc == 0) {
		rc = sdg_clients_authorize(cli->home.keys, name, opt->role,
					   key.public_key, time(NULL),
					   &cli->err);
		if (rc < 0)
			unlink(path);
	}
	if (rc == 0)
		fprintf(stderr,
			"%s may now %s as %s; hand over %s by a safe way, "
			"then remove it here\n",
			name,
			opt->role == SDG_CLIENT_REPORT ||
				opt->role == SDG_CLIENT_OFFICER
			    ? "ask"
			    : "send",
			sdg_client_role_id(opt->role), path);
	sdg_curve_key_forget(&key);
	free(path);
	return rc;
}

static int authorize(struct cli *cli, void *arg)
{
	const struct keys_options *opt = arg;
	int rc;

	if (!opt->key || opt->role == SDG_CLIENT_NONE)
		return cli_usage(
		    "keys authorize wants --role and --key PUBLIC");
	rc = sdg_make_dirs(cli->home.keys, 0700, &cli->err);
	if (rc == 0)
		rc = sdg_clients_authorize(cli->home.keys, cli->args.rest[1],
					   opt->role, opt->key, time(NULL),
					   &cli->err);
	return rc;
}

static int64_t since_when(const struct keys_options *opt)
{
	return (int64_t)opt->since * 86400;
}

/* Whose key is good is asked before it is revoked: it is that key's pieces. */
static int revoke_key(struct cli *cli, void *arg)
{
	const struct keys_options *opt = arg;
	const char *name = cli->args.rest[1];
	struct keys_of of = { 0 };
	size_t n = 0;
	int rc = keys_of_name(&cli->home, name, &of, &cli->err);

	if (rc == 0 && !of.good && !opt->since)
		rc = sdg_fail(&cli->err, SDG_ENOTFOUND,
			      "nobody of that name has a key");
	if (rc == 0 && of.good)
		rc = sdg_clients_revoke(cli->home.keys, name, time(NULL),
					&cli->err);
	if (rc == 0 && of.good)
		fprintf(stderr, "%s is cut off\n", name);
	if (rc == 0 && opt->since)
		rc = keys_hold(&cli->home, &of, since_when(opt), true, &n,
			       &cli->err);
	keys_of_fini(&of);
	if (rc < 0)
		return rc;
	if (!opt->since)
		return 0;
	fprintf(stderr,
		"%zu piece%s that came with it %s held: in no figure until "
		"'soundings keys release %s'\n",
		n, n == 1 ? "" : "s", n == 1 ? "is" : "are", name);
	return keys_tell(&cli->args, &cli->home, name, since_when(opt));
}

int keys_tell(const struct cli_args *args, const struct sdg_home *home,
	      const char *name, int64_t since)
{
	struct sdg_error err = { 0 };
	struct grid *grid = NULL;
	struct keys_of of = { 0 };
	int rc = keys_of_name(home, name, &of, &err), status;

	if (rc == 0)
		rc = keys_sent(home, &of, since, &grid, &err);
	keys_of_fini(&of);
	if (rc != 0)
		return cli_fail(&err);
	if (grid->row_count == 0)
		grid_note(grid, false, "Nothing.");
	status = cli_emit(args, cli_envelope("keys-sent"), grid, NULL);
	grid_free(grid);
	return status;
}

static int sent(struct cli *cli, void *arg)
{
	const struct keys_options *opt = arg;

	return keys_tell(&cli->args, &cli->home, cli->args.rest[1],
			 since_when(opt));
}

static int release(struct cli *cli, void *arg)
{
	const struct keys_options *opt = arg;
	struct keys_of of = { 0 };
	size_t n = 0;
	int rc = keys_of_name(&cli->home, cli->args.rest[1], &of, &cli->err);

	if (rc == 0)
		rc = keys_hold(&cli->home, &of, since_when(opt), false, &n,
			       &cli->err);
	keys_of_fini(&of);
	if (rc < 0)
		return rc;
	fprintf(stderr, "%zu piece%s count%s again\n", n, n == 1 ? "" : "s",
		n == 1 ? "s" : "");
	return 0;
}

static int rotate(struct cli *cli, void *arg)
{
	const struct keys_options *opt = arg;
	const char *what = cli->args.rest[1];

	/* These are the installation's: nobody is handed a file. */
	if ((strcmp(what, "text") == 0 || strcmp(what, "workers") == 0) &&
	    !cli_takes(cli, ""))
		return EXIT_USAGE;
	return keys_rotate(&cli->args, &cli->home, what, opt->workers,
			   (int64_t)opt->overlap_days);
}

static int list(struct cli *cli, void *arg)
{
	struct grid *grid;
	struct sdg_clients *clients = NULL;
	int status = sdg_clients_open(cli->home.keys, &clients, &cli->err);

	(void)arg;
	if (status < 0)
		return status;
	grid = grid_new("Keys that may connect");
	grid_column(grid, "name", "Name", false);
	grid_column(grid, "role", "Role", false);
	grid_column(grid, "key", "Public key", false);
	grid_column(grid, "since", "Since", false);
	grid_column(grid, "revoked", "Revoked", false);
	for (size_t i = 0; i < sdg_clients_count(clients); i++) {
		const struct sdg_client *c = sdg_clients_at(clients, i);
		struct cell *row = grid_row(grid);
		char date[DATE_SIZE], iso[DATE_SIZE];

		cell_text(&row[0], c->name, NULL);
		cell_text(&row[1], sdg_client_role_id(c->role), NULL);
		cell_text(&row[2], c->public_key, NULL);
		cell_text(&row[3], date_format_iso(c->since, iso),
			  date_format_time(c->since, date));
		if (c->revoked)
			cell_text(&row[4], date_format_iso(c->revoked, iso),
				  date_format_time(c->revoked, date));
	}
	if (sdg_clients_count(clients) == 0 && cli->args.format != CLI_JSON)
		grid_note(grid, false, "Nobody has a key.");
	status = cli_emit(&cli->args, cli_envelope("keys"), grid, NULL);
	grid_free(grid);
	sdg_clients_close(clients);
	return status;
}

/* Read first: what is no key file must not become this person's key. */
static int use(struct cli *cli, void *arg)
{
	char *path = xformat("%s/client.key", cli->home.keys);
	struct sdg_curve_key key = { 0 };
	int rc = sdg_curve_key_read(cli->args.rest[1], &key, &cli->err);

	(void)arg;
	if (rc == 0)
		rc = sdg_make_dirs(cli->home.keys, 0700, &cli->err);
	if (rc == 0 && unlink(path) == 0)
		fprintf(stderr, "the key that was here before is gone\n");
	if (rc == 0)
		rc = sdg_curve_key_write(path, &key, &cli->err);
	if (rc == 0)
		fprintf(stderr, "you are %s here%s%s\n", key.name,
			key.workers[0] ? ", and send to " : "", key.workers);
	sdg_curve_key_forget(&key);
	free(path);
	return rc;
}

/* Whom this client believes to be the workers. */
static int trust(struct cli *cli, void *arg)
{
	char *path = xformat("%s/client.key", cli->home.keys);
	char *next = xformat("%s/client.next", cli->home.keys);
	struct sdg_curve_key key = { 0 };
	int rc = sdg_curve_key_read(path, &key, &cli->err);

	(void)arg;
	if (rc == 0 && strlen(cli->args.rest[1]) != SDG_CURVE_SIZE - 1)
		rc = sdg_fail(&cli->err, SDG_EINVAL,
			      "a public key is 40 characters of Z85");
	if (rc == 0) {
		memcpy(key.server, cli->args.rest[1], sizeof(key.server));
		unlink(next);
		rc = sdg_curve_key_write(next, &key, &cli->err);
	}
	if (rc == 0 && rename(next, path) != 0)
		rc = sdg_fail_errno(&cli->err, "replace \"%s\"", path);
	sdg_curve_key_forget(&key);
	free(path);
	free(next);
	return rc;
}

static int server(struct cli *cli, void *arg)
{
	struct sdg_curve_key key;
	char *text;
	int rc = sdg_curve_key_server(cli->home.keys, &key, &cli->err);

	(void)arg;
	if (rc < 0)
		return rc;
	text = xformat("%s\n", key.public_key);
	sdg_curve_key_forget(&key);
	return say(&cli->args, text);
}

static const struct cli_verb VERBS[] = {
	{ "new", "NAME", 1, 1, new_key, "role workers output" },
	{ "authorize", "NAME", 1, 1, authorize, "role key" },
	{ "revoke", "NAME", 1, 1, revoke_key, "since " CLI_TAKES_LIST },
	{ "sent", "NAME", 1, 1, sent, "since " CLI_TAKES_LIST },
	{ "release", "NAME", 1, 1, release, "since" },
	{ "rotate", "NAME", 1, 1, rotate, "workers overlap output" },
	{ "trust", "PUBLIC", 1, 1, trust, "" },
	{ "list", NULL, 0, 0, list, CLI_TAKES_LIST },
	{ "use", "FILE", 1, 1, use, "" },
	{ "server", NULL, 0, 0, server, "output" },
	{ 0 },
};

static const struct cli_option OPTIONS[] = {
	CLI_TAKEN("role", take_role),
	CLI_TEXT("workers", struct keys_options, workers),
	CLI_TEXT("key", struct keys_options, key),
	CLI_FIRST_DAY("since", struct keys_options, since),
	CLI_COUNT("overlap", struct keys_options, overlap_days, 0, 90),
	{ 0 },
};

int cmd_keys(int argc, char *argv[])
{
	struct keys_options options = { .overlap_days = 7 };
	const struct cli_spec spec = { .help = HELP,
				       .formats = CLI_FORMATS_LIST,
				       .own = OPTIONS,
				       .arg = &options,
				       .rest_min = 1,
				       .rest_max = 2,
				       .needs = CLI_NEEDS_HOME };

	return cli_verbs(argc, argv, &spec, VERBS, NULL);
}
