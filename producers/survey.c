/*
 * soundings-survey: survey exports, whatever tool made them, to the workers.
 *
 * It keeps nothing: the file is the keep. Exit 0 says that every answer in
 * it was acknowledged, 75 that some were not (run it again), 65 that the
 * file is not what it should be and nothing was sent.
 */
#include <err.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include <soundings/classify.h>
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

struct settings {
	struct import_options import;
	const char *maps[MAPS_MAX];
	const char *watch;
};

const char *const options_program = "soundings-survey";

static void take_region(void *settings, const char *region)
{
	struct import_options *import = &((struct settings *)settings)->import;
	int known = sdg_region_from_id(sdg_str(region));
	uint16_t authority;

	if (strlen(region) > 200)
		options_misused("--region is too long");
	import->region = known > 0 ? sdg_region_name(known) : region;
	if (known <= 0 && sdg_region_from_words(sdg_str(region), &authority) <=
			      SDG_REGION_ANY)
		options_misused("--region names no region: north-east, "
				"\"South West\", an authority");
}

static void take_survey(void *settings, const char *survey)
{
	if (*survey == '\0' || strlen(survey) > 100)
		options_misused("--survey is empty or too long");
	((struct settings *)settings)->import.survey = survey;
}

static void take_map(void *arg, const char *map)
{
	struct settings *settings = arg;

	if (settings->import.map_count == MAPS_MAX)
		options_misused("too many --map");
	settings->maps[settings->import.map_count++] = map;
}

static void take_dates(void *settings, const char *dates)
{
	if (strcmp(dates, "day-first") != 0 &&
	    strcmp(dates, "month-first") != 0)
		options_misused("--dates is day-first or month-first");
	((struct settings *)settings)->import.dates = dates;
}

static void take_window(void *settings, const char *window)
{
	((struct settings *)settings)->import.window =
	    (size_t)options_number(window, 65536, "--window is not a number");
}

#define AT(member) offsetof(struct settings, member)

static const struct producer_option known_options[] = {
	{ "consultation", .form = OPTION_CONSULTATION,
	  .at = AT(import.consultation) },
	{ "region", .form = OPTION_TAKEN, .take = take_region },
	{ "survey", .form = OPTION_TAKEN, .take = take_survey },
	{ "map", 'm', .form = OPTION_TAKEN, .take = take_map },
	{ "mapping", .form = OPTION_TEXT, .at = AT(import.mapping) },
	{ "save-mapping", .form = OPTION_TEXT, .at = AT(import.save_mapping) },
	{ "dates", .form = OPTION_TAKEN, .take = take_dates },
	{ "time-zone", .form = OPTION_TEXT, .at = AT(import.time_zone) },
	{ "dry-run", 'n', .form = OPTION_FLAG, .at = AT(import.dry_run) },
	{ "rows", .form = OPTION_FLAG, .at = AT(import.rows) },
	{ "format", .form = OPTION_JSON, .at = AT(import.json) },
	{ "watch", .form = OPTION_TEXT, .at = AT(watch) },
	{ "wait", .form = OPTION_WAIT, .at = AT(import.wait_ms) },
	{ "connect", .form = OPTION_TEXT, .at = AT(import.endpoints) },
	{ "window", .form = OPTION_TAKEN, .take = take_window },
	{ "yes", 'y', .form = OPTION_FLAG, .at = AT(import.yes) },
	{ "quiet", 'q', .form = OPTION_FLAG, .at = AT(import.quiet) },
	{ NULL }
};

static void parse_options(int argc, char *argv[], struct settings *settings)
{
	options_parse(argc, argv, known_options, help, settings);
	if (!settings->watch && optind == argc)
		options_misused("no file");
	if (settings->watch && optind < argc)
		options_misused("--watch takes no files");
	settings->import.maps = settings->maps;
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
	return options_end(import_stop ? EX_TEMPFAIL : status);
}
