/*
 * soundings-rep: what a Council representative passes on, from the car park
 * after the meeting if need be.
 *
 * Exit 0 says that every point is counted, or safe in the outbox. With no
 * worker in reach it keeps the note and says so; the next note, or --send,
 * takes it along.
 */
#include <err.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sysexits.h>
#include <time.h>
#include <unistd.h>

#include "options.h"
#include "rep.h"
#include "survey_encoding.h"

static const char help[] =
    "usage: soundings-rep [options] [FILE…]\n"
    "\n"
    "  soundings-rep --rep 'Jane Doe' --constituency Norfolk \\\n"
    "      --voices 14 --text 'They want the network meetings back'\n"
    "  soundings-rep notes.txt            a note with its points\n"
    "  soundings-rep --dry-run notes.txt  what would be sent, and what not\n"
    "  soundings-rep --edit               write one now\n"
    "  soundings-rep                      be asked, on a terminal\n"
    "  soundings-rep --list               what waits for a connection\n"
    "  soundings-rep --send               send it\n"
    "\n"
    "A note is split into its points, and each is counted once, however\n"
    "often the note is sent. Without FILE it is read from standard input.\n"
    "\n"
    "  -r, --rep NAME           who passes it on: 'Jane Doe', an address, or\n"
    "                           'Jane Doe (Norfolk)' (also --from; else\n"
    "                           $SOUNDINGS_REP)\n"
    "  -c, --constituency PLACE where they represent members\n"
    "      --branch NAME\n"
    "  -d, --date DATE          of the meeting: 2015-01-28, 28 January, today\n"
    "      --kind KIND          point (default), meeting, interview\n"
    "      --voices N           how many members say so\n"
    "      --attendance N       how many came\n"
    "      --member ADDRESS     whose point it is\n"
    "      --own                the representative's own point\n"
    "      --second-hand        passed on to the representative by another\n"
    "  -t, --text TEXT          the point\n"
    "      --consultation ID    what it belongs to (default: future)\n"
    "  -n, --dry-run            show the points, send nothing\n"
    "      --format json        the points as JSON\n"
    "      --wait SECONDS       for a worker that does not answer (3)\n"
    "      --connect ENDPOINTS  workers elsewhere: \"tcp://127.0.0.1:5500\"\n"
    "      --test               mark it as a test: kept, not counted\n"
    "  -y, --yes                do not ask on a terminal\n"
    "  -q, --quiet              only errors\n";

enum {
	OPT_BRANCH = 256,
	OPT_KIND,
	OPT_VOICES,
	OPT_ATTENDANCE,
	OPT_MEMBER,
	OPT_OWN,
	OPT_SECOND_HAND,
	OPT_CONSULTATION,
	OPT_FORMAT,
	OPT_WAIT,
	OPT_CONNECT,
	OPT_TEST,
	OPT_EDIT,
	OPT_LIST,
	OPT_SEND,
};

static const struct option long_options[] = {
	{ "rep", required_argument, NULL, 'r' },
	{ "from", required_argument, NULL, 'r' },
	{ "constituency", required_argument, NULL, 'c' },
	{ "branch", required_argument, NULL, OPT_BRANCH },
	{ "date", required_argument, NULL, 'd' },
	{ "kind", required_argument, NULL, OPT_KIND },
	{ "voices", required_argument, NULL, OPT_VOICES },
	{ "attendance", required_argument, NULL, OPT_ATTENDANCE },
	{ "member", required_argument, NULL, OPT_MEMBER },
	{ "own", no_argument, NULL, OPT_OWN },
	{ "second-hand", no_argument, NULL, OPT_SECOND_HAND },
	{ "text", required_argument, NULL, 't' },
	{ "consultation", required_argument, NULL, OPT_CONSULTATION },
	{ "dry-run", no_argument, NULL, 'n' },
	{ "format", required_argument, NULL, OPT_FORMAT },
	{ "wait", required_argument, NULL, OPT_WAIT },
	{ "connect", required_argument, NULL, OPT_CONNECT },
	{ "test", no_argument, NULL, OPT_TEST },
	{ "edit", no_argument, NULL, OPT_EDIT },
	{ "list", no_argument, NULL, OPT_LIST },
	{ "send", no_argument, NULL, OPT_SEND },
	{ "yes", no_argument, NULL, 'y' },
	{ "quiet", no_argument, NULL, 'q' },
	{ "help", no_argument, NULL, 'h' },
	{ NULL, 0, NULL, 0 }
};

struct settings {
	struct rep_options rep;
	int mode; /* OPT_EDIT, OPT_LIST, OPT_SEND or 0 */
};

const char *const options_program = "soundings-rep";

static uint32_t voices(const char *text, const char *what)
{
	return (uint32_t)options_number(text, NOTE_VOICES_MAX, what);
}

static void take_date(struct rep_options *rep, const char *text)
{
	time_t now = time(NULL), day = now;
	struct tm tm;

	rep->has_date = true;
	if (strcmp(text, "today") == 0 || strcmp(text, "yesterday") == 0) {
		if (text[0] == 'y')
			day -= 86400;
		localtime_r(&day, &tm);
		tm = (struct tm){ .tm_year = tm.tm_year,
				  .tm_mon = tm.tm_mon,
				  .tm_mday = tm.tm_mday };
		rep->date = timegm(&tm);
	} else if (!note_date(text, now, &rep->date)) {
		options_misused("--date wants a day such as 2015-01-28, \"28 "
				"January\", today or yesterday");
	}
}

static const char *field(const char *text, size_t max, const char *what)
{
	if (strlen(text) >= max || !sdg_text_is_safe(text, strlen(text)))
		options_misused(what);
	return text;
}

/* The options whose value has a form. */
static void take_value(struct settings *settings, int option, const char *value)
{
	struct rep_options *rep = &settings->rep;
	char address[320];
	int kind;

	switch (option) {
	case 'd':
		take_date(rep, value);
		break;
	case OPT_KIND:
		kind = sdg_note_kind_from_id(sdg_str(value));
		if (kind < 0)
			options_misused(
			    "--kind is point, meeting or interview");
		rep->kind = (enum sdg_note_kind)kind;
		rep->has_kind = true;
		break;
	case OPT_VOICES:
		rep->voices = voices(value, "--voices is not a number");
		break;
	case OPT_ATTENDANCE:
		rep->attendance = voices(value, "--attendance is not a number");
		break;
	case OPT_MEMBER:
		if (sdg_address_normalise(sdg_str(value), address,
					  sizeof(address)) == 0)
			options_misused("--member is not a mail address");
		rep->member = value;
		break;
	case OPT_CONSULTATION:
		rep->consultation = options_consultation(value);
		break;
	case OPT_FORMAT:
		rep->json = options_json(value);
		break;
	case OPT_WAIT:
		rep->wait_ms = options_wait_ms(value);
		break;
	default:
		options_misused(NULL);
	}
}

static void take_option(struct settings *settings, int option)
{
	struct rep_options *rep = &settings->rep;

	switch (option) {
	case 'h':
		fputs(help, stdout);
		exit(EX_OK);
	case 'n':
		rep->dry_run = true;
		break;
	case 'q':
		rep->quiet = true;
		break;
	case 'y':
		rep->yes = true;
		break;
	case 'r':
		rep->representative = field(optarg, 200, "--rep is too long");
		break;
	case 'c':
		rep->constituency =
		    field(optarg, 200, "--constituency is too long");
		break;
	case OPT_BRANCH:
		rep->branch = field(optarg, 200, "--branch is too long");
		break;
	case 't':
		rep->text = optarg;
		break;
	case OPT_OWN:
		rep->own = true;
		break;
	case OPT_SECOND_HAND:
		rep->second_hand = true;
		break;
	case OPT_CONNECT:
		rep->endpoints = optarg;
		break;
	case OPT_TEST:
		rep->test = true;
		break;
	case OPT_EDIT:
	case OPT_LIST:
	case OPT_SEND:
		settings->mode = option;
		break;
	default:
		take_value(settings, option, optarg);
	}
}

static void parse_options(int argc, char *argv[], struct settings *settings)
{
	struct rep_options *rep = &settings->rep;
	int option;

	while ((option = getopt_long(argc, argv, "r:c:d:t:nqyh", long_options,
				     NULL)) != -1)
		take_option(settings, option);
	if (!rep->representative)
		rep->representative = getenv("SOUNDINGS_REP");
	if ((rep->text || settings->mode) && optind < argc)
		options_misused(
		    "--text, --edit, --list and --send take no files");
	if (rep->own && rep->member)
		options_misused("--own and --member exclude each other");
}

void rep_apply(struct note *note, const struct rep_options *options)
{
	if (options->constituency)
		snprintf(note->constituency, sizeof(note->constituency), "%s",
			 options->constituency);
	if (options->representative)
		note_representative(note, sdg_str(options->representative));
	if (options->branch)
		snprintf(note->branch, sizeof(note->branch), "%s",
			 options->branch);
	if (options->member)
		sdg_address_normalise(sdg_str(options->member), note->member,
				      sizeof(note->member));
	if (options->has_date) {
		note->date = options->date;
		note->has_date = true;
	}
	if (options->has_kind)
		note->kind = options->kind;
	if (options->attendance > 0)
		note->attendance = options->attendance;
	for (size_t i = 0; i < note->point_count; i++) {
		if (options->voices > 0)
			note->points[i].voices = options->voices;
		note->points[i].own |= options->own;
		note->points[i].second_hand |= options->second_hand;
	}
}

/* --text is one point, whatever is in it. */
static int note_from_text(const char *text, struct note **out,
			  struct sdg_error *err)
{
	size_t len = strlen(text), n;
	struct note *note = calloc(1, sizeof(*note));
	char *clean = malloc(3 * len + 1);

	if (note)
		note->points = calloc(1, sizeof(*note->points));
	if (!note || !note->points || !clean) {
		free(clean);
		note_free(note);
		return sdg_fail(err, SDG_ENOMEM, "read note: no memory");
	}
	n = sdg_text_clean(text, len, clean, 3 * len);
	clean[n] = '\0';
	if (clean[strspn(clean, " \t\n")] == '\0') {
		free(clean);
		note_free(note);
		return sdg_fail(err, SDG_EINVAL, "the note is empty");
	}
	note->point_count = 1;
	note->points[0] = (struct note_point){ .first_line = 1,
					       .last_line = 1,
					       .text = clean,
					       .voices = note_voices(clean) };
	*out = note;
	return 0;
}

/* @fd's bytes, of whatever encoding, as safe text. */
static int read_text(int fd, char **out, size_t *len, struct sdg_error *err)
{
	enum encoding encoding;
	struct decoder *decoder = NULL;
	const char *data;
	char *text = malloc(3 * NOTE_MAX + 1);
	size_t skip, n;
	int rc;

	if (!text)
		return sdg_fail(err, SDG_ENOMEM, "read note: no memory");
	*len = 0;
	rc = encoding_detect(fd, &encoding, &skip, err);
	if (rc == 0)
		rc = decoder_open(fd, encoding, skip, &decoder, err);
	while (rc == 0) {
		rc = decoder_read(decoder, &data, &n, err);
		if (rc < 0 || n == 0)
			break;
		if (*len + n > 3 * NOTE_MAX)
			rc = sdg_fail(err, SDG_EINVAL,
				      "the note is longer than %d bytes",
				      NOTE_MAX);
		else
			memcpy(text + *len, data, n);
		*len += n;
	}
	decoder_close(decoder);
	*out = rc == 0 ? malloc(3 * *len + 1) : NULL;
	if (*out)
		*len = sdg_text_clean(text, *len, *out, 3 * *len);
	else if (rc == 0)
		rc = sdg_fail(err, SDG_ENOMEM, "read note: no memory");
	free(text);
	return rc;
}

/* Standard input may be a pipe, and is read twice: keep it in memory. */
static int read_stdin(char **out, size_t *len, struct sdg_error *err)
{
	int fd = memfd_create("note", MFD_CLOEXEC), rc;
	char buf[65536];
	size_t total = 0;
	ssize_t n;

	if (fd < 0)
		return sdg_fail_errno(err, "read note");
	while ((n = read(STDIN_FILENO, buf, sizeof(buf))) > 0) {
		total += (size_t)n;
		if (total > NOTE_MAX || write(fd, buf, (size_t)n) != n) {
			close(fd);
			return sdg_fail(err, SDG_EINVAL,
					"the note is longer than %d bytes",
					NOTE_MAX);
		}
	}
	rc = n < 0 ? sdg_fail_errno(err, "read note")
		   : read_text(fd, out, len, err);
	close(fd);
	return rc;
}

static int read_file(const char *path, char **out, size_t *len,
		     struct sdg_error *err)
{
	FILE *file;
	int rc;

	if (strcmp(path, "-") == 0)
		return read_stdin(out, len, err);
	file = fopen(path, "r");
	if (!file)
		return sdg_fail_errno(err, "open \"%s\"", path);
	rc = read_text(fileno(file), out, len, err);
	fclose(file);
	return rc;
}

static int note_from_bytes(char *text, size_t len, struct note **out,
			   struct sdg_error *err)
{
	int rc = note_parse(text, len, time(NULL), out, err);

	free(text);
	return rc;
}

/* Show, ask, send. */
static int pass_on(struct note *note, const struct rep_options *options,
		   struct sdg_error *err)
{
	bool terminal = isatty(STDIN_FILENO) && isatty(STDERR_FILENO);
	size_t kept = 0;
	int rc;

	rep_apply(note, options);
	if (options->json)
		rep_show_json(note);
	else if (options->dry_run || (terminal && !options->quiet))
		rep_show(note, options);
	if (options->dry_run)
		return 0;
	if (note->representative[0] == '\0')
		warnx("the note does not say whose it is: give --rep");
	if (terminal && !options->yes && !options->quiet &&
	    !rep_confirm(note->point_count))
		return sdg_fail(err, SDG_EINVAL, "not sent");
	rc = rep_send(note, options, &kept, err);
	/* There is a connection: what waited goes, too. */
	if (rc == 0 && kept == 0 && !options->endpoints)
		rep_send_waiting(options, NULL);
	return rc;
}

static int one_note(const char *path, const struct settings *settings,
		    struct sdg_error *err)
{
	const struct rep_options *options = &settings->rep;
	char written[SDG_PATH_MAX] = "";
	struct note *note = NULL;
	char *text = NULL;
	size_t len = 0;
	int rc;

	if (options->text) {
		rc = note_from_text(options->text, &note, err);
	} else if (settings->mode == OPT_EDIT) {
		rc = rep_edit(options, written, &text, &len, err);
		if (rc == 0 && !text)
			return sdg_fail(err, SDG_EINVAL, "nothing was written");
		if (rc == 0)
			rc = note_from_bytes(text, len, &note, err);
		else
			free(text);
	} else if (!path && isatty(STDIN_FILENO)) {
		note = rep_ask(options);
		rc = note && note->point_count > 0
			 ? 0
			 : sdg_fail(err, SDG_EINVAL, "nothing was written");
	} else {
		rc = read_file(path ? path : "-", &text, &len, err);
		if (rc == 0)
			rc = note_from_bytes(text, len, &note, err);
	}
	if (rc == 0)
		rc = pass_on(note, options, err);
	note_free(note);
	if (*written && rc == 0 && !options->dry_run)
		unlink(written);
	else if (*written)
		warnx("what was written is in \"%s\": give that file to send "
		      "it",
		      written);
	return rc;
}

int main(int argc, char *argv[])
{
	struct settings settings = { .rep = { .wait_ms = 3000 } };
	struct sdg_error error = { 0 };
	int rc, status = EX_OK;

	parse_options(argc, argv, &settings);
	if (sdg_home_find(&settings.rep.home, &error) < 0)
		errx(EX_TEMPFAIL, "%s", error.message);
	if (settings.mode == OPT_LIST || settings.mode == OPT_SEND) {
		rc = settings.mode == OPT_LIST
			 ? rep_list(&settings.rep, &error)
			 : rep_send_waiting(&settings.rep, &error);
		if (rc < 0)
			warnx("%s", error.message);
		return sdg_exit_code(rc);
	}
	for (int i = optind; i < argc || i == optind; i++) {
		const char *path = i < argc ? argv[i] : NULL;

		rc = one_note(path, &settings, &error);
		if (rc < 0)
			warnx("%s%s%s", path ? path : "", path ? ": " : "",
			      error.message);
		if (rc < 0 && status != EX_TEMPFAIL)
			status = sdg_exit_code(rc);
	}
	return status;
}
