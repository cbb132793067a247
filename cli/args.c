/*
 * args: options that mean the same in every command, and misuse in words.
 *
 * Options may stand anywhere. Every misuse is 64 and one line; whatever
 * depends on what the store holds (themes) is resolved once it is open.
 */
#include "cli.h"

#include <err.h>
#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
	OPT_HELP = 1000,
	OPT_FORMAT,
	OPT_OUTPUT,
	OPT_NO_COLOR,
	OPT_COLOR,
	OPT_SINCE,
	OPT_UNTIL,
	OPT_REGION,
	OPT_THEME,
	OPT_SOURCE,
	OPT_STANCE,
	OPT_ROLE,
	OPT_PHASE,
	OPT_CONSULTATION,
};

static const struct option COMMON[] = {
	{ "help", no_argument, NULL, OPT_HELP },
	{ "format", required_argument, NULL, OPT_FORMAT },
	{ "output", required_argument, NULL, OPT_OUTPUT },
	{ "no-color", no_argument, NULL, OPT_NO_COLOR },
	{ "color", no_argument, NULL, OPT_COLOR },
};

static const struct option FILTERS[] = {
	{ "since", required_argument, NULL, OPT_SINCE },
	{ "until", required_argument, NULL, OPT_UNTIL },
	{ "region", required_argument, NULL, OPT_REGION },
	{ "theme", required_argument, NULL, OPT_THEME },
	{ "source", required_argument, NULL, OPT_SOURCE },
	{ "stance", required_argument, NULL, OPT_STANCE },
	{ "role", required_argument, NULL, OPT_ROLE },
	{ "phase", required_argument, NULL, OPT_PHASE },
	{ "consultation", required_argument, NULL, OPT_CONSULTATION },
};

static const char *const FORMATS[] = { "table", "json", "csv",
				       "md",    "xlsx", "openmetrics" };
#define FORMAT_COUNT (sizeof(FORMATS) / sizeof(*FORMATS))

int cli_usage(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vwarnx(fmt, ap);
	va_end(ap);
	return EXIT_USAGE;
}

int cli_fail(const struct sdg_error *err)
{
	warnx("%s", err->message);
	return err->code == CLI_EUSAGE ? EXIT_USAGE : sdg_exit_code(err->code);
}

int64_t cli_number(const char *value, int64_t min, int64_t max)
{
	char *end;
	long long n;

	errno = 0;
	n = strtoll(value, &end, 10);
	if (errno != 0 || end == value || *end != '\0' || n < min || n > max)
		return -1;
	return n;
}

int cli_date(const char *value, int32_t *first, int32_t *past)
{
	if (date_parse(value, first, past) == 0)
		return 0;
	warnx("'%s' is no date such as 2015-03-31, 2015-03 or 2015", value);
	return -1;
}

/* One label of a closed list: its number, or -1 having said so. */
static int label(const char *what, const char *value, const char *(*id)(int),
		 int first, int count)
{
	for (int i = first; i < count; i++)
		if (strcmp(value, id(i)) == 0)
			return i;
	return cli_no_such_label(what, value, id, first, count);
}

/* "a,b" and repeated options add up. */
static int each_value(char *values, int (*fn)(struct cli_args *, const char *),
		      struct cli_args *args)
{
	char *save = NULL;

	for (char *v = strtok_r(values, ",", &save); v;
	     v = strtok_r(NULL, ",", &save))
		if (fn(args, v) < 0)
			return -1;
	return 0;
}

static int add_region(struct cli_args *args, const char *value)
{
	int n = label("region", value, sdg_region_id, 1, SDG_REGION_COUNT);

	if (n < 0)
		return -1;
	args->filter.regions |= UINT32_C(1) << n;
	return 0;
}

static int add_source(struct cli_args *args, const char *value)
{
	int n = label("source", value, sdg_source_id, 1, SDG_SOURCE_COUNT);

	if (n < 0)
		return -1;
	args->filter.sources |= (uint8_t)(1u << n);
	return 0;
}

static int add_stance(struct cli_args *args, const char *value)
{
	int n = label("stance", value, sdg_stance_id, 0, SDG_STANCE_COUNT);

	if (n < 0)
		return -1;
	args->filter.stances |= (uint8_t)(1u << n);
	return 0;
}

static int add_role(struct cli_args *args, const char *value)
{
	int n = label("role", value, sdg_role_id, 0, SDG_ROLE_COUNT);

	if (n < 0)
		return -1;
	args->filter.roles |= (uint16_t)(1u << n);
	return 0;
}

static int add_phase(struct cli_args *args, const char *value)
{
	int n = label("phase", value, sdg_phase_id, 0, SDG_PHASE_COUNT);

	if (n < 0)
		return -1;
	args->filter.phases |= (uint8_t)(1u << n);
	return 0;
}

static int add_theme(struct cli_args *args, const char *value)
{
	if (args->theme_count == CLI_THEMES_MAX) {
		warnx("more than %d themes", CLI_THEMES_MAX);
		return -1;
	}
	args->themes[args->theme_count++] = value;
	return 0;
}

static int set_date(struct cli_args *args, int opt, const char *value)
{
	int32_t first, past;

	if (date_parse(value, &first, &past) < 0) {
		warnx("--%s wants a date such as 2015-03-31, 2015-03 or 2015",
		      opt == OPT_SINCE ? "since" : "until");
		return -1;
	}
	if (opt == OPT_SINCE) {
		args->filter.since_day = first;
		args->has_since = true;
	} else {
		args->filter.until_day = past;
		args->has_until = true;
	}
	return 0;
}

static int set_format(struct cli_args *args, const struct cli_spec *spec,
		      const char *value)
{
	const char *names[FORMAT_COUNT];
	size_t n = 0;

	for (size_t i = 0; i < FORMAT_COUNT; i++) {
		if (!(spec->formats & CLI_FORMAT_BIT(i)))
			continue;
		if (strcmp(value, FORMATS[i]) == 0) {
			args->format = (enum cli_format)i;
			return 0;
		}
		names[n++] = FORMATS[i];
	}
	return cli_no_such("format", value, names, n);
}

static int take_filter(struct cli_args *args, int opt, char *value)
{
	switch (opt) {
	case OPT_SINCE:
	case OPT_UNTIL:
		return set_date(args, opt, value);
	case OPT_REGION:
		return each_value(value, add_region, args);
	case OPT_THEME:
		return each_value(value, add_theme, args);
	case OPT_SOURCE:
		return each_value(value, add_source, args);
	case OPT_STANCE:
		return each_value(value, add_stance, args);
	case OPT_ROLE:
		return each_value(value, add_role, args);
	case OPT_PHASE:
		return each_value(value, add_phase, args);
	case OPT_CONSULTATION:
		args->filter.consultation = value;
		return 0;
	}
	return -1;
}

/* Options of a command's own, by their place in its table. */
#define OWN_FIRST 256

static int take_count(const struct cli_option *own, size_t *count,
		      const char *value)
{
	int64_t n = cli_number(value, own->min, own->max);

	if (n < 0 && own->max >= 100000)
		warnx("--%s wants a number from %d on", own->name,
		      (int)own->min);
	else if (n < 0)
		warnx("--%s wants a number from %d to %d", own->name,
		      (int)own->min, (int)own->max);
	else
		*count = (size_t)n;
	return n < 0 ? -1 : 0;
}

static int take_label(const struct cli_option *own, int *n, const char *value)
{
	int found =
	    label(own->name, value, own->id, (int)own->min, (int)own->max);

	if (found < 0)
		return -1;
	*n = found;
	return 0;
}

static int take_day(const struct cli_option *own, int32_t *day,
		    const char *value)
{
	int32_t first, past;

	if (cli_date(value, &first, &past) < 0)
		return -1;
	*day = own->wants == CLI_WANTS_FIRST ? first : past - 1;
	return 0;
}

static int take_own(const struct cli_spec *spec, int opt, const char *value)
{
	const struct cli_option *own = &spec->own[opt - OWN_FIRST];
	void *at = (char *)spec->arg + own->at;

	switch (own->wants) {
	case CLI_WANTS_NOTHING:
		*(bool *)at = true;
		return 0;
	case CLI_WANTS_TEXT:
		*(const char **)at = value;
		return 0;
	case CLI_WANTS_COUNT:
		return take_count(own, at, value);
	case CLI_WANTS_LABEL:
		return take_label(own, at, value);
	case CLI_WANTS_FIRST:
	case CLI_WANTS_LAST:
		return take_day(own, at, value);
	case CLI_WANTS_TAKING:
		return own->take(spec->arg, value);
	}
	return -1;
}

static struct option own_option(const struct cli_spec *spec, size_t i)
{
	const struct cli_option *own = &spec->own[i];

	return (struct option){ own->name,
				own->wants == CLI_WANTS_NOTHING
				    ? no_argument
				    : required_argument,
				NULL, OWN_FIRST + (int)i };
}

/* The options of this command as one table for getopt_long(). */
static struct option *all_options(const struct cli_spec *spec)
{
	const size_t common = sizeof(COMMON) / sizeof(*COMMON);
	const size_t filters = sizeof(FILTERS) / sizeof(*FILTERS);
	struct option *all;
	size_t own = 0, n = 0;

	while (spec->own ? spec->own[own].name != NULL
			 : spec->options && spec->options[own].name)
		own++;
	all = xcalloc(common + filters + own + 1, sizeof(*all));
	for (size_t i = 0; i < common; i++)
		all[n++] = COMMON[i];
	for (size_t i = 0; spec->filters && i < filters; i++)
		all[n++] = FILTERS[i];
	for (size_t i = 0; i < own; i++)
		all[n++] = spec->own ? own_option(spec, i) : spec->options[i];
	return all;
}

static int bad_option(const struct option *all, char *argv[], int opt)
{
	const char *names[64];
	const char *given = argv[optind - 1];
	size_t n = 0;

	if (opt == ':')
		return cli_usage("option '%s' wants a value", given);
	if (strncmp(given, "--", 2) != 0)
		return cli_usage("unknown option '%s'", given);
	for (size_t i = 0; all[i].name && n < 64; i++)
		names[n++] = all[i].name;
	cli_no_such("option", given + 2, names, n);
	return EXIT_USAGE;
}

static int finish(const struct cli_spec *spec, struct cli_args *args)
{
	if (args->has_since && args->has_until &&
	    args->filter.since_day >= args->filter.until_day)
		return cli_usage("--until lies before --since");
	/* One end alone leaves the other open. */
	if (args->has_since && !args->has_until)
		args->filter.until_day = OPEN_UNTIL;
	if (args->has_until && !args->has_since)
		args->filter.since_day = OPEN_SINCE;
	if (args->rest_count < spec->rest_min)
		return cli_usage("an argument is missing (see --help)");
	if (args->rest_count > spec->rest_max)
		return cli_usage("unexpected argument '%s' (see --help)",
				 args->rest[spec->rest_max]);
	return -1;
}

static bool color_allowed(void)
{
	const char *no = getenv("NO_COLOR"), *term = getenv("TERM");

	return !(no && *no) && term && strcmp(term, "dumb") != 0 &&
	       isatty(STDOUT_FILENO);
}

static int take(struct cli_args *args, const struct cli_spec *spec, int opt)
{
	switch (opt) {
	case OPT_FORMAT:
		return set_format(args, spec, optarg);
	case OPT_OUTPUT:
		args->output = optarg;
		return 0;
	case OPT_NO_COLOR:
		args->color = false;
		return 0;
	case OPT_COLOR:
		args->color = true;
		return 0;
	}
	if (opt > 1000)
		return take_filter(args, opt, optarg);
	return spec->own ? take_own(spec, opt, optarg)
			 : spec->option(spec->arg, opt, optarg);
}

static void note_given(struct cli_args *args, const char *name)
{
	for (size_t i = 0; i < args->given_count; i++)
		if (strcmp(args->given[i], name) == 0)
			return;
	if (args->given_count < CLI_GIVEN_MAX)
		args->given[args->given_count++] = name;
}

int cli_parse(int argc, char *argv[], const struct cli_spec *spec,
	      struct cli_args *args)
{
	struct option *all = all_options(spec);
	int opt, at = 0, status = -1;

	*args = (struct cli_args){ .color = color_allowed() };
	while (!(spec->formats & CLI_FORMAT_BIT(args->format)))
		args->format++;
	opterr = 0;
	optind = 0; /* glibc: start afresh */
	while (status < 0 &&
	       (opt = getopt_long(argc, argv, ":h", all, &at)) != -1) {
		if (opt == OPT_HELP || opt == 'h') {
			fputs(spec->help, stdout);
			status = 0;
		} else if (opt == '?' || opt == ':') {
			status = bad_option(all, argv, opt);
		} else if (take(args, spec, opt) < 0) {
			status = EXIT_USAGE;
		} else {
			note_given(args, all[at].name);
		}
	}
	free(all);
	if (status >= 0)
		return status;
	args->rest = argv + optind;
	args->rest_count = argc - optind;
	return finish(spec, args);
}
