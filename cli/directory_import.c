/*
 * directory_import: a file into the directory, with what it was taken for
 * shown before and what was wrong with it after.
 */
#include "cli.h"

#include <ctype.h>
#include <err.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "directory.h"

#define PROBLEMS_SHOWN 20

/* All of @path, "-" being stdin; the caller frees *out. */
static int read_all(const char *path, char **out, size_t *len,
		    struct sdg_error *err)
{
	int fd = strcmp(path, "-") == 0 ? STDIN_FILENO
					: open(path, O_RDONLY | O_CLOEXEC);
	size_t cap = 1 << 16, n = 0;
	char *bytes = NULL;
	ssize_t got = 1;
	int rc = 0;

	if (fd < 0)
		return sdg_fail_errno(err, "open \"%s\"", path);
	while (rc == 0 && got > 0) {
		if (!bytes || n == cap) {
			char *more = realloc(bytes, cap * 2);

			if (!more) {
				rc = sdg_fail(err, SDG_ENOMEM,
					      "read \"%s\": no memory", path);
				break;
			}
			bytes = more;
			cap *= 2;
		}
		got = read(fd, bytes + n, cap - n);
		if (got < 0)
			rc = sdg_fail_errno(err, "read \"%s\"", path);
		else
			n += (size_t)got;
		if (rc == 0 && n > DIRECTORY_BYTES_MAX)
			rc = sdg_fail(err, SDG_EINVAL,
				      "read \"%s\": longer than %u MiB", path,
				      DIRECTORY_BYTES_MAX >> 20);
	}
	if (fd != STDIN_FILENO)
		close(fd);
	if (rc < 0) {
		free(bytes);
		return rc;
	}
	*out = bytes;
	*len = n;
	return 0;
}

/* The heading row, copied. */
struct heading {
	char *names[DIRECTORY_COLUMNS_MAX];
	size_t n;
};

static int keep_heading(void *arg, const struct sdg_str *fields, size_t n,
			unsigned line, struct sdg_error *err)
{
	struct heading *heading = arg;

	(void)line;
	(void)err;
	for (size_t i = 0; i < n; i++)
		heading->names[heading->n++] =
		    xformat("%.*s", SDG_STR_ARG(fields[i]));
	return 1; /* no further */
}

static int apply_maps(const struct directory_options *options,
		      const struct heading *heading, struct directory_map *map)
{
	for (size_t i = 0; i < options->map_count; i++) {
		const char *equal = strrchr(options->maps[i], '=');
		size_t len = (size_t)(equal - options->maps[i]);
		int field = directory_field_from_id(equal + 1);
		bool found = false;

		if (field < 0)
			return cli_usage("no such field '%s'", equal + 1);
		for (size_t k = 0; k < heading->n; k++)
			if (strlen(heading->names[k]) == len &&
			    strncmp(heading->names[k], options->maps[i], len) ==
				0) {
				map->fields[k] = (enum directory_field)field;
				found = true;
			}
		if (!found)
			return cli_usage("no column is called '%.*s'", (int)len,
					 options->maps[i]);
	}
	return 0;
}

static bool maps_to(const struct directory_map *map, enum directory_field field)
{
	for (size_t i = 0; i < map->n; i++)
		if (map->fields[i] == field)
			return true;
	return false;
}

static void show_map(const struct heading *heading,
		     const struct directory_map *map)
{
	static const char *const whose[] = {
		[DIRECTORY_POSTCODE_UNSAID] =
		    "postcode (not used: say --postcode work or home)",
		[DIRECTORY_POSTCODE_WORK] = "postcode of work",
		[DIRECTORY_POSTCODE_HOME] = "postcode of a home (not used)",
	};

	fprintf(stderr, "columns:\n");
	for (size_t i = 0; i < heading->n; i++) {
		char *name =
		    sdg_text_visible(sdg_str(heading->names[i]), false);

		fprintf(stderr, "  %-32s %s\n", name ? name : "",
			map->fields[i] == DIRECTORY_POSTCODE
			    ? whose[map->postcode]
			    : directory_field_id(map->fields[i]));
		free(name);
	}
}

static bool can_ask(void)
{
	return isatty(STDIN_FILENO) && isatty(STDERR_FILENO);
}

/* The first letter of the line that is typed, in lower case; EOF: none is.
 * The whole line is taken: its rest must not answer the next question. */
static int answer_to(const char *question, const char *choice)
{
	char *line = NULL;
	size_t cap = 0;
	int first = EOF;

	fprintf(stderr, "%s [%s] ", question, choice);
	if (getline(&line, &cap, stdin) > 0)
		first = tolower((unsigned char)line[0]);
	else
		fputc('\n', stderr);
	free(line);
	return first;
}

static bool asked(const char *question)
{
	return answer_to(question, "y/N") == 'y';
}

/* What is no answer is not taken for one: the region hangs on it. */
static void ask_postcode(struct directory_map *map)
{
	int answer = '\n';

	if (map->postcode != DIRECTORY_POSTCODE_UNSAID ||
	    !maps_to(map, DIRECTORY_POSTCODE) || !can_ask())
		return;
	while (answer != 'w' && answer != 'h' && answer != EOF)
		answer = answer_to(
		    "Are the postcodes those of work or of homes?", "w/h");
	if (answer == 'w')
		map->postcode = DIRECTORY_POSTCODE_WORK;
	else if (answer == 'h')
		map->postcode = DIRECTORY_POSTCODE_HOME;
	else
		return;
	fprintf(stderr, "Regions are %staken from them.\n",
		answer == 'w' ? "" : "not ");
}

static json_t *problems_json(const struct directory *d)
{
	json_t *list = json_array();

	for (size_t i = 0; i < d->problem_count; i++)
		json_array_append_new(list,
				      json_pack("{s:i, s:s}", "line",
						(int)d->problems[i].line,
						"what", d->problems[i].what));
	return list;
}

static int report(const struct cli_args *args, const char *kind,
		  const struct directory *d)
{
	json_t *json;

	if (args->format == CLI_JSON) {
		json = cli_envelope("directory");
		json_object_set_new(json, "kind", json_string(kind));
		json_object_set_new(json, "rows",
				    json_integer((json_int_t)d->rows));
		json_object_set_new(json, "entries",
				    json_integer((json_int_t)d->count));
		json_object_set_new(json, "regions",
				    json_integer((json_int_t)d->regions));
		json_object_set_new(json, "passed_over",
				    json_integer((json_int_t)d->passed));
		json_object_set_new(json, "problems", problems_json(d));
		return cli_emit_json(args, json);
	}
	for (size_t i = 0; i < d->problem_count && i < PROBLEMS_SHOWN; i++)
		fprintf(stderr, "line %u: %s\n", d->problems[i].line,
			d->problems[i].what);
	if (d->problem_count > PROBLEMS_SHOWN)
		fprintf(stderr, "… and %zu more\n",
			d->problem_count - PROBLEMS_SHOWN);
	printf("%zu rows: %zu %s, %zu with a region", d->rows, d->count,
	       strcmp(kind, "schools") == 0 ? "domains" : "addresses",
	       d->regions);
	if (d->passed)
		printf(", %zu passed over (closed, or no website)", d->passed);
	printf(", %zu problems\n", d->problem_count);
	return 0;
}

/* What the file is: asked for, or by its heading. */
static const char *kind_of(const struct directory_options *options,
			   const struct heading *heading)
{
	struct sdg_str names[DIRECTORY_COLUMNS_MAX];

	for (size_t i = 0; i < heading->n; i++)
		names[i] = sdg_str(heading->names[i]);
	if (options->kind)
		return options->kind;
	return directory_is_schools(names, heading->n) ? "schools" : "members";
}

/* Returns -1 to go on, else the exit status. */
static int prepare_map(const struct directory_options *options,
		       const struct heading *heading, struct directory_map *map)
{
	int status;

	map->n = heading->n;
	map->postcode = options->postcode;
	for (size_t i = 0; i < heading->n; i++)
		map->fields[i] = directory_guess(sdg_str(heading->names[i]));
	status = apply_maps(options, heading, map);
	if (status != 0)
		return status;
	for (size_t i = 0; i < heading->n; i++)
		if (map->postcode == DIRECTORY_POSTCODE_UNSAID &&
		    map->fields[i] == DIRECTORY_POSTCODE &&
		    directory_says_work(sdg_str(heading->names[i])))
			map->postcode = DIRECTORY_POSTCODE_WORK;
	show_map(heading, map);
	if (!maps_to(map, DIRECTORY_ADDRESS)) {
		warnx("no column holds addresses: name it by "
		      "--map COLUMN=address");
		return EXIT_DATA;
	}
	if (options->yes)
		return -1;
	if (!can_ask()) {
		warnx("nobody is here to say whether the columns are right: "
		      "--yes says so%s; nothing was imported",
		      map->postcode == DIRECTORY_POSTCODE_UNSAID &&
			      maps_to(map, DIRECTORY_POSTCODE)
			  ? ", and --postcode work or home whose postcodes "
			    "they are"
			  : "");
		return EXIT_USAGE;
	}
	ask_postcode(map);
	if (!asked("Is that right?")) {
		warnx("nothing was imported; --map COLUMN=FIELD says what a "
		      "column holds (see --help)");
		return EXIT_DATA;
	}
	return -1;
}

static int count_edition(void *arg, const struct sdg_edition *edition)
{
	*(uint32_t *)arg = edition->number;
	return 0;
}

struct counting {
	bool schools;
	size_t n;
};

static int count_imported(void *arg, const struct sdg_entry *entry)
{
	struct counting *counting = arg;

	counting->n +=
	    !entry->by_hand && (entry->key[0] == '@') == counting->schools;
	return 0;
}

/* A list of one row must not empty the directory unseen. */
static int may_replace(struct cli *cli, const char *kind,
		       const struct directory *d, bool yes)
{
	struct counting was = { .schools = strcmp(kind, "schools") == 0 };
	int rc =
	    sdg_directory_each(cli->store, count_imported, &was, &cli->err);

	if (rc < 0 || was.n <= d->count)
		return rc;
	fprintf(stderr,
		"%s%zu entries were imported before, %zu take their "
		"place: at least %zu go\n",
		d->progress ? "\r\033[K" : "", was.n, d->count,
		was.n - d->count);
	if (d->count * 2 >= was.n || yes)
		return 0;
	if (can_ask())
		return asked("Shall they?") ? 0
					    : sdg_fail(&cli->err, SDG_EINVAL,
						       "nothing was imported");
	return sdg_fail(&cli->err, SDG_EINVAL,
			"more than half of the directory would go: --yes if "
			"that is meant; nothing was imported");
}

/* *before: the edition whose figures are those of before the import, where it
 * found members among those who had written; else 0. */
static int store_entries(struct cli *cli, const char *kind,
			 const struct directory *d, bool yes, uint32_t *before)
{
	uint32_t after = 0;
	int rc = sdg_home_prepare(&cli->home, &cli->err);

	*before = 0;
	if (rc == 0)
		rc = cli_open(SDG_STORE_WRITE, &cli->home, &cli->store,
			      &cli->err);
	if (rc == 0)
		rc = may_replace(cli, kind, d, yes);
	if (rc == 0)
		rc = sdg_store_editions(cli->store, count_edition, before,
					&cli->err);
	if (rc == 0)
		rc = sdg_directory_replace(cli->store, kind, d->entries,
					   d->count, &cli->err);
	if (rc == 0)
		rc = sdg_store_editions(cli->store, count_edition, &after,
					&cli->err);
	if (after == *before)
		*before = 0;
	return rc;
}

/* What it means for what had been reported. */
static void say_recognised(uint32_t before)
{
	if (before)
		fprintf(stderr,
			"some who had written before are members of this list: "
			"members and respondents say so from now on, for the "
			"past as well; regions, themes and messages stay as "
			"they were, and 'soundings report --as-of @%u' gives "
			"the figures of before\n",
			before);
}

static void show_rows(const struct directory *d)
{
	fprintf(stderr, "\r%zu rows read, %zu entries …", d->rows, d->count);
}

/* The rows of @bytes, counted on a terminal while it takes. */
static int read_rows(struct cli *cli, const char *kind, const char *bytes,
		     size_t len, const struct directory_map *map, bool yes,
		     struct directory *d)
{
	uint32_t before = 0;
	int rc;

	if (isatty(STDERR_FILENO))
		d->progress = show_rows;
	rc = strcmp(kind, "schools") == 0
		 ? directory_schools(bytes, len, d, &cli->err)
		 : directory_members(bytes, len, map, d, &cli->err);
	if (rc == 0 && d->count == 0)
		rc = sdg_fail(&cli->err, SDG_EINVAL,
			      "no row of \"%s\" could be taken",
			      cli->args.rest[1]);
	if (rc == 0 && d->progress)
		fprintf(stderr, "\r\033[K%zu rows read; writing %zu entries …",
			d->rows, d->count);
	if (rc == 0)
		rc = store_entries(cli, kind, d, yes, &before);
	if (d->progress)
		fputs("\r\033[K", stderr);
	if (rc == 0)
		say_recognised(before);
	return rc < 0 ? rc : report(&cli->args, kind, d);
}

int directory_import(struct cli *cli, const struct directory_options *options)
{
	struct directory directory = { 0 };
	struct heading heading = { 0 };
	static struct directory_map map;
	char *bytes = NULL;
	int status = -1;
	size_t len = 0;
	const char *kind;
	int rc = read_all(cli->args.rest[1], &bytes, &len, &cli->err);

	if (rc == 0)
		rc = directory_rows(bytes, len, keep_heading, &heading,
				    &cli->err);
	if (rc >= 0 && heading.n == 0)
		rc = sdg_fail(&cli->err, SDG_EINVAL, "\"%s\" is empty",
			      cli->args.rest[1]);
	if (rc < 0)
		goto out;
	kind = kind_of(options, &heading);
	if (strcmp(kind, "members") == 0)
		status = prepare_map(options, &heading, &map);
	rc = status < 0 ? read_rows(cli, kind, bytes, len, &map, options->yes,
				    &directory)
			: status;
out:
	directory_fini(&directory);
	free(bytes);
	for (size_t i = 0; i < heading.n; i++)
		free(heading.names[i]);
	return rc;
}
