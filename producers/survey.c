/*
 * soundings-survey: survey exports, whatever tool made them, to the workers.
 *
 * It keeps nothing: the file is the keep. Exit 0 says that every answer in
 * it was acknowledged, 75 that some were not (run it again), 65 that the
 * file is not what it should be and nothing was sent.
 */
#include <err.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include <soundings/home.h>

#include "options.h"
#include "survey_import.h"
#include "survey_watch.h"

#define MAPS_MAX 256

static const char help[] =
    "usage: soundings-survey [options] FILE…\n"
    "       soundings-survey [options] --watch DIR\n"
    "\n"
    "  soundings-survey --dry-run export.csv     what would be sent\n"
    "  soundings-survey export.csv               send it\n"
    "  soundings-survey --map 'Q4=text' --map 'Q3=region' export.csv\n"
    "  soundings-survey --dry-run --save-mapping ours.yaml export.csv\n"
    "  soundings-survey --mapping ours.yaml export.xlsx\n"
    "  soundings-survey --watch /srv/exports     whatever is put there\n"
    "\n"
    "Takes exports of SurveyMonkey, Qualtrics, Microsoft Forms, Google\n"
    "Forms, Citizen Space, Jisc, SmartSurvey and LimeSurvey, any other CSV\n"
    "or TSV, .xlsx, and JSON lines; - is the standard input. The same answer\n"
    "is counted once, however often and in whichever export it comes.\n"
    "\n"
    "      --consultation ID    what it belongs to (default: future)\n"
    "      --region REGION      where all who answered work, if not asked\n"
    "      --survey NAME        sets surveys of one tool apart\n"
    "  -m, --map COLUMN=KIND    what a column is: text, choice, rating,\n"
    "                           region, role, phase, school, postcode, email,\n"
    "                           consent, respondent, started, completed,\n"
    "                           question, ignore\n"
    "      --mapping FILE       the same, from a YAML file\n"
    "      --save-mapping FILE  write what was told or guessed\n"
    "      --dates ORDER        day-first or month-first\n"
    "      --time-zone ZONE     of the times in it (Europe/London)\n"
    "  -n, --dry-run            say what it is, send nothing\n"
    "      --rows               line, column and outcome of each answer\n"
    "      --format json        one JSON object a file\n"
    "      --watch DIR          take in every export put into DIR\n"
    "      --wait SECONDS       for workers that do not answer (10)\n"
    "      --connect ENDPOINTS  workers elsewhere: \"tcp://127.0.0.1:5500\"\n"
    "  -y, --yes                do not ask on a terminal\n"
    "  -q, --quiet              only errors\n";

enum {
	OPT_CONSULTATION = 256,
	OPT_REGION,
	OPT_SURVEY,
	OPT_MAPPING,
	OPT_SAVE_MAPPING,
	OPT_DATES,
	OPT_TIME_ZONE,
	OPT_ROWS,
	OPT_FORMAT,
	OPT_WATCH,
	OPT_WAIT,
	OPT_CONNECT,
	OPT_WINDOW,
};

static const struct option long_options[] = {
	{ "consultation", required_argument, NULL, OPT_CONSULTATION },
	{ "region", required_argument, NULL, OPT_REGION },
	{ "survey", required_argument, NULL, OPT_SURVEY },
	{ "map", required_argument, NULL, 'm' },
	{ "mapping", required_argument, NULL, OPT_MAPPING },
	{ "save-mapping", required_argument, NULL, OPT_SAVE_MAPPING },
	{ "dates", required_argument, NULL, OPT_DATES },
	{ "time-zone", required_argument, NULL, OPT_TIME_ZONE },
	{ "dry-run", no_argument, NULL, 'n' },
	{ "rows", no_argument, NULL, OPT_ROWS },
	{ "format", required_argument, NULL, OPT_FORMAT },
	{ "watch", required_argument, NULL, OPT_WATCH },
	{ "wait", required_argument, NULL, OPT_WAIT },
	{ "connect", required_argument, NULL, OPT_CONNECT },
	{ "window", required_argument, NULL, OPT_WINDOW },
	{ "yes", no_argument, NULL, 'y' },
	{ "quiet", no_argument, NULL, 'q' },
	{ "help", no_argument, NULL, 'h' },
	{ NULL, 0, NULL, 0 }
};

struct settings {
	struct import_options import;
	const char *maps[MAPS_MAX];
	const char *watch;
};

const char *const options_program = "soundings-survey";

static void set_region(struct import_options *import, const char *region)
{
	int known = sdg_region_from_id(sdg_str(region));

	import->region = known > 0 ? sdg_region_name(known) : region;
	if (strlen(region) > 200)
		options_misused("--region is too long");
}

/* The options whose value has a form. */
static void take_value(struct settings *settings, int option, const char *value)
{
	struct import_options *import = &settings->import;

	switch (option) {
	case OPT_CONSULTATION:
		import->consultation = options_consultation(value);
		break;
	case OPT_SURVEY:
		if (*value == '\0' || strlen(value) > 100)
			options_misused("--survey is empty or too long");
		import->survey = value;
		break;
	case 'm':
		if (import->map_count == MAPS_MAX)
			options_misused("too many --map");
		settings->maps[import->map_count++] = value;
		break;
	case OPT_DATES:
		if (strcmp(value, "day-first") != 0 &&
		    strcmp(value, "month-first") != 0)
			options_misused("--dates is day-first or month-first");
		import->dates = value;
		break;
	case OPT_FORMAT:
		import->json = options_json(value);
		break;
	case OPT_WAIT:
		import->wait_ms = options_wait_ms(value);
		break;
	case OPT_WINDOW:
		import->window = (size_t)options_number(
		    value, 65536, "--window is not a number");
		break;
	default:
		options_misused(NULL);
	}
}

static void parse_options(int argc, char *argv[], struct settings *settings)
{
	struct import_options *import = &settings->import;
	int option;

	while ((option = getopt_long(argc, argv, "hm:nqy", long_options,
				     NULL)) != -1) {
		switch (option) {
		case 'h':
			fputs(help, stdout);
			exit(EX_OK);
		case 'n':
			import->dry_run = true;
			break;
		case 'q':
			import->quiet = true;
			break;
		case 'y':
			import->yes = true;
			break;
		case OPT_REGION:
			set_region(import, optarg);
			break;
		case OPT_MAPPING:
			import->mapping = optarg;
			break;
		case OPT_SAVE_MAPPING:
			import->save_mapping = optarg;
			break;
		case OPT_TIME_ZONE:
			import->time_zone = optarg;
			break;
		case OPT_ROWS:
			import->rows = true;
			break;
		case OPT_WATCH:
			settings->watch = optarg;
			break;
		case OPT_CONNECT:
			import->endpoints = optarg;
			break;
		default:
			take_value(settings, option, optarg);
		}
	}
	if (!settings->watch && optind == argc)
		options_misused("no file");
	if (settings->watch && optind < argc)
		options_misused("--watch takes no files");
	import->maps = settings->maps;
}

static void on_signal(int signal_number)
{
	(void)signal_number;
	import_stop = 1;
}

static void catch_signals(void)
{
	/* No SA_RESTART: waiting ends, too. */
	struct sigaction action = { .sa_handler = on_signal };

	sigaction(SIGINT, &action, NULL);
	sigaction(SIGTERM, &action, NULL);
}

int main(int argc, char *argv[])
{
	struct settings settings = { .import = { .window = SDG_BATCH_MAX,
						 .wait_ms = 10000 } };
	struct sdg_error error = { 0 };
	struct sdg_home home;
	int rc, status = EX_OK, code;

	parse_options(argc, argv, &settings);
	if (!settings.import.dry_run) {
		if (sdg_home_find(&home, &error) < 0)
			errx(EX_TEMPFAIL, "%s", error.message);
		settings.import.run_dir = home.run;
	}
	catch_signals();
	if (settings.watch)
		return watch_folder(settings.watch, &settings.import);
	/* A bad file holds up no other; silent workers hold up all. */
	for (int i = optind; i < argc && !import_stop; i++) {
		rc = import_file(argv[i], &settings.import, &error);
		code = sdg_exit_code(rc);
		if (rc < 0)
			warnx("%s: %s", argv[i], error.message);
		if (code != EX_OK && status != EX_TEMPFAIL)
			status = code;
		if (rc == SDG_EAGAIN)
			break;
	}
	return import_stop ? EX_TEMPFAIL : status;
}
