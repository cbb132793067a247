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

struct keys_command {
	const char *name;
	int (*run)(const struct cli_args *args, const struct keys_options *opt,
		   const struct sdg_home *home);
	bool wants_name, wants_role;
};

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
static int new_key(const struct cli_args *args, const struct keys_options *opt,
		   const struct sdg_home *home)
{
	const char *name = args->rest[1];
	char *path =
	    args->output ? xstrdup(args->output) : xformat("%s.key", name);
	struct sdg_curve_key key = { 0 };
	struct sdg_error err = { 0 };
	int rc = keys_make_file(home, name, opt->workers, path, &key, &err);

	if (rc == 0) {
		rc = sdg_clients_authorize(home->keys, name, opt->role,
					   key.public_key, time(NULL), &err);
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
	return rc < 0 ? cli_fail(&err) : 0;
}

static int authorize(const struct cli_args *args,
		     const struct keys_options *opt,
		     const struct sdg_home *home)
{
	struct sdg_error err = { 0 };

	if (!opt->key)
		return cli_usage("keys authorize wants --key PUBLIC");
	if (sdg_make_dirs(home->keys, 0700, &err) < 0 ||
	    sdg_clients_authorize(home->keys, args->rest[1], opt->role,
				  opt->key, time(NULL), &err) < 0)
		return cli_fail(&err);
	return 0;
}

static int64_t since_when(const struct keys_options *opt)
{
	return (int64_t)opt->since * 86400;
}

/* Whose key is good is asked before it is revoked: it is that key's pieces. */
static int revoke_key(const struct cli_args *args,
		      const struct keys_options *opt,
		      const struct sdg_home *home)
{
	const char *name = args->rest[1];
	struct sdg_error err = { 0 };
	struct keys_of of = { 0 };
	size_t n = 0;
	int rc = keys_of_name(home, name, &of, &err);

	if (rc == 0 && !of.good && !opt->since)
		rc = sdg_fail(&err, SDG_ENOTFOUND,
			      "nobody of that name has a key");
	if (rc == 0 && of.good)
		rc = sdg_clients_revoke(home->keys, name, time(NULL), &err);
	if (rc == 0 && of.good)
		fprintf(stderr, "%s is cut off\n", name);
	if (rc == 0 && opt->since)
		rc = keys_hold(home, &of, since_when(opt), true, &n, &err);
	keys_of_fini(&of);
	if (rc < 0)
		return cli_fail(&err);
	if (!opt->since)
		return 0;
	fprintf(stderr,
		"%zu piece%s that came with it %s held: in no figure until "
		"'soundings keys release %s'\n",
		n, n == 1 ? "" : "s", n == 1 ? "is" : "are", name);
	return keys_tell(args, home, name, since_when(opt));
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
	if (rc < 0)
		return cli_fail(&err);
	if (grid->row_count == 0)
		grid_note(grid, false, "Nothing.");
	status = cli_emit(args, cli_envelope("keys-sent"), grid, NULL);
	grid_free(grid);
	return status;
}

static int sent(const struct cli_args *args, const struct keys_options *opt,
		const struct sdg_home *home)
{
	return keys_tell(args, home, args->rest[1], since_when(opt));
}

static int release(const struct cli_args *args, const struct keys_options *opt,
		   const struct sdg_home *home)
{
	struct sdg_error err = { 0 };
	struct keys_of of = { 0 };
	size_t n = 0;
	int rc = keys_of_name(home, args->rest[1], &of, &err);

	if (rc == 0)
		rc = keys_hold(home, &of, since_when(opt), false, &n, &err);
	keys_of_fini(&of);
	if (rc < 0)
		return cli_fail(&err);
	fprintf(stderr, "%zu piece%s count%s again\n", n, n == 1 ? "" : "s",
		n == 1 ? "s" : "");
	return 0;
}

static int rotate(const struct cli_args *args, const struct keys_options *opt,
		  const struct sdg_home *home)
{
	return keys_rotate(args, home, args->rest[1], opt->workers,
			   (int64_t)opt->overlap_days);
}

static int list(const struct cli_args *args, const struct keys_options *opt,
		const struct sdg_home *home)
{
	struct grid *grid = grid_new("Keys that may connect");
	struct sdg_clients *clients = NULL;
	struct sdg_error err = { 0 };
	int status;

	(void)opt;
	if (sdg_clients_open(home->keys, &clients, &err) < 0)
		return cli_fail(&err);
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
	if (sdg_clients_count(clients) == 0 && args->format != CLI_JSON)
		grid_note(grid, false, "Nobody has a key.");
	status = cli_emit(args, cli_envelope("keys"), grid, NULL);
	grid_free(grid);
	sdg_clients_close(clients);
	return status;
}

/* Read first: what is no key file must not become this person's key. */
static int use(const struct cli_args *args, const struct keys_options *opt,
	       const struct sdg_home *home)
{
	char *path = xformat("%s/client.key", home->keys);
	struct sdg_curve_key key = { 0 };
	struct sdg_error err = { 0 };
	int rc = sdg_curve_key_read(args->rest[1], &key, &err);

	(void)opt;
	if (rc == 0)
		rc = sdg_make_dirs(home->keys, 0700, &err);
	if (rc == 0 && unlink(path) == 0)
		fprintf(stderr, "the key that was here before is gone\n");
	if (rc == 0)
		rc = sdg_curve_key_write(path, &key, &err);
	if (rc == 0)
		fprintf(stderr, "you are %s here%s%s\n", key.name,
			key.workers[0] ? ", and send to " : "", key.workers);
	sdg_curve_key_forget(&key);
	free(path);
	return rc < 0 ? cli_fail(&err) : 0;
}

/* Whom this client believes to be the workers. */
static int trust(const struct cli_args *args, const struct keys_options *opt,
		 const struct sdg_home *home)
{
	char *path = xformat("%s/client.key", home->keys);
	char *next = xformat("%s/client.next", home->keys);
	struct sdg_curve_key key = { 0 };
	struct sdg_error err = { 0 };
	int rc = sdg_curve_key_read(path, &key, &err);

	(void)opt;
	if (rc == 0 && strlen(args->rest[1]) != SDG_CURVE_SIZE - 1)
		rc = sdg_fail(&err, SDG_EINVAL,
			      "a public key is 40 characters of Z85");
	if (rc == 0) {
		memcpy(key.server, args->rest[1], sizeof(key.server));
		unlink(next);
		rc = sdg_curve_key_write(next, &key, &err);
	}
	if (rc == 0 && rename(next, path) != 0)
		rc = sdg_fail_errno(&err, "replace \"%s\"", path);
	sdg_curve_key_forget(&key);
	free(path);
	free(next);
	return rc < 0 ? cli_fail(&err) : 0;
}

static int server(const struct cli_args *args, const struct keys_options *opt,
		  const struct sdg_home *home)
{
	struct sdg_curve_key key;
	struct sdg_error err = { 0 };
	char *text;

	(void)opt;
	if (sdg_curve_key_server(home->keys, &key, &err) < 0)
		return cli_fail(&err);
	text = xformat("%s\n", key.public_key);
	sdg_curve_key_forget(&key);
	return say(args, text);
}

static const struct keys_command COMMANDS[] = {
	{ "new", new_key, true, true },
	{ "authorize", authorize, true, true },
	{ "revoke", revoke_key, true, false },
	{ "sent", sent, true, false },
	{ "release", release, true, false },
	{ "rotate", rotate, true, false },
	{ "trust", trust, true, false },
	{ "list", list, false, false },
	{ "use", use, true, false },
	{ "server", server, false, false },
	{ NULL, NULL, false, false },
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
				       .rest_max = 2 };
	const struct keys_command *command = COMMANDS;
	struct sdg_error err = { 0 };
	struct cli_args args;
	struct sdg_home home;
	int status = cli_parse(argc, argv, &spec, &args);

	if (status >= 0)
		return status;
	while (command->name && strcmp(command->name, args.rest[0]) != 0)
		command++;
	if (!command->name)
		return cli_usage("no 'keys %s' (see soundings keys --help)",
				 args.rest[0]);
	if (command->wants_name != (args.rest_count == 2))
		return cli_usage(command->wants_name ? "keys %s wants a name"
						     : "keys %s takes no name",
				 command->name);
	if (command->wants_role && options.role == SDG_CLIENT_NONE)
		return cli_usage("keys %s wants --role", command->name);
	if (sdg_home_find(&home, &err) < 0)
		return cli_fail(&err);
	return command->run(&args, &options, &home);
}
