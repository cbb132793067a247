/*
 * soundings-rep: what a Council representative passes on, from the car park
 * after the meeting if need be.
 *
 * Exit 0 says that every point is counted, or safe in the outbox. With no
 * worker in reach it keeps the note and says so; the next note, or --send,
 * takes it along.
 */
#include <err.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
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
    "  -c, --constituency PLACE where they represent members (also --region)\n"
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

enum mode { MODE_NOTE, MODE_EDIT, MODE_LIST, MODE_SEND };

struct settings {
	struct rep_options rep;
	enum mode mode;
};

const char *const options_program = "soundings-rep";

static void take_date(void *settings, const char *text)
{
	struct rep_options *rep = &((struct settings *)settings)->rep;
	time_t now = time(NULL);
	struct tm tm;

	rep->has_date = true;
	if (strcmp(text, "today") == 0 || strcmp(text, "yesterday") == 0) {
		localtime_r(&now, &tm);
		/* By the calendar: a day may have 23 hours. */
		tm = (struct tm){ .tm_year = tm.tm_year,
				  .tm_mon = tm.tm_mon,
				  .tm_mday = tm.tm_mday - (text[0] == 'y') };
		rep->date = timegm(&tm);
	} else if (!note_date(text, now, &rep->date)) {
		options_misused("--date wants a day such as 2015-01-28, \"28 "
				"January\", today or yesterday");
	}
}

static void take_kind(void *settings, const char *text)
{
	struct rep_options *rep = &((struct settings *)settings)->rep;
	int kind = sdg_note_kind_from_id(sdg_str(text));

	if (kind < 0)
		options_misused("--kind is point, meeting or interview");
	rep->kind = (enum sdg_note_kind)kind;
	rep->has_kind = true;
}

static void take_voices(void *settings, const char *text)
{
	((struct settings *)settings)->rep.voices = (uint32_t)options_number(
	    text, NOTE_VOICES_MAX, "--voices wants a number, at most 100000");
}

static void take_attendance(void *settings, const char *text)
{
	((struct settings *)settings)->rep.attendance =
	    (uint32_t)options_number(
		text, NOTE_VOICES_MAX,
		"--attendance wants a number, at most 100000");
}

static void take_member(void *settings, const char *text)
{
	char address[320];

	if (sdg_address_normalise(sdg_str(text), address, sizeof(address)) == 0)
		options_misused("--member is not a mail address");
	((struct settings *)settings)->rep.member = text;
}

static void take_edit(void *settings, const char *none)
{
	(void)none;
	((struct settings *)settings)->mode = MODE_EDIT;
}

static void take_list(void *settings, const char *none)
{
	(void)none;
	((struct settings *)settings)->mode = MODE_LIST;
}

static void take_send(void *settings, const char *none)
{
	(void)none;
	((struct settings *)settings)->mode = MODE_SEND;
}

#define AT(member) offsetof(struct settings, rep.member)

static const struct producer_option known_options[] = {
	{ "rep", 'r', .form = OPTION_TEXT, .at = AT(representative) },
	{ "from", .form = OPTION_TEXT, .at = AT(representative) },
	{ "constituency", 'c', .form = OPTION_TEXT, .at = AT(constituency) },
	{ "region", .form = OPTION_TEXT, .at = AT(constituency) },
	{ "branch", .form = OPTION_TEXT, .at = AT(branch) },
	{ "date", 'd', .form = OPTION_TAKEN, .take = take_date },
	{ "kind", .form = OPTION_TAKEN, .take = take_kind },
	{ "voices", .form = OPTION_TAKEN, .take = take_voices },
	{ "attendance", .form = OPTION_TAKEN, .take = take_attendance },
	{ "member", .form = OPTION_TAKEN, .take = take_member },
	{ "own", .form = OPTION_FLAG, .at = AT(own) },
	{ "second-hand", .form = OPTION_FLAG, .at = AT(second_hand) },
	{ "text", 't', .form = OPTION_TEXT, .at = AT(text) },
	{ "consultation", .form = OPTION_CONSULTATION, .at = AT(consultation) },
	{ "dry-run", 'n', .form = OPTION_FLAG, .at = AT(dry_run) },
	{ "format", .form = OPTION_JSON, .at = AT(json) },
	{ "wait", .form = OPTION_WAIT, .at = AT(wait_ms) },
	{ "connect", .form = OPTION_TEXT, .at = AT(endpoints) },
	{ "test", .form = OPTION_FLAG, .at = AT(test) },
	{ "edit", .bare = true, .form = OPTION_TAKEN, .take = take_edit },
	{ "list", .bare = true, .form = OPTION_TAKEN, .take = take_list },
	{ "send", .bare = true, .form = OPTION_TAKEN, .take = take_send },
	{ "yes", 'y', .form = OPTION_FLAG, .at = AT(yes) },
	{ "quiet", 'q', .form = OPTION_FLAG, .at = AT(quiet) },
	{ NULL }
};

/* A name that no event could hold, or that would not be safe to show. */
static void check_name(const char *text, const char *what)
{
	if (text &&
	    (strlen(text) >= 200 || !sdg_text_is_safe(text, strlen(text))))
		options_misused(what);
}

static void parse_options(int argc, char *argv[], struct settings *settings)
{
	struct rep_options *rep = &settings->rep;

	options_parse(argc, argv, known_options, help, settings);
	if (!rep->representative)
		rep->representative = getenv("SOUNDINGS_REP");
	check_name(rep->representative,
		   "--rep (or $SOUNDINGS_REP) is too long, or not text");
	check_name(rep->constituency,
		   "--constituency is too long, or not text");
	check_name(rep->branch, "--branch is too long, or not text");
	if ((rep->text || settings->mode) && optind < argc)
		options_misused(
		    "--text, --edit, --list and --send take no files");
	if (rep->own && rep->member)
		options_misused("--own and --member exclude each other");
}

/* "Jim Wardle (Black Country)" says where, whatever the note does. */
static void apply_representative(struct note *note, const char *who)
{
	char was[sizeof(note->constituency)];

	memcpy(was, note->constituency, sizeof(was));
	note->constituency[0] = '\0';
	note_representative(note, sdg_str(who));
	if (note->constituency[0] == '\0')
		memcpy(note->constituency, was, sizeof(was));
}

void rep_apply(struct note *note, const struct rep_options *options)
{
	if (options->representative)
		apply_representative(note, options->representative);
	if (options->constituency)
		snprintf(note->constituency, sizeof(note->constituency), "%s",
			 options->constituency);
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
	struct stat st;
	FILE *file;
	int rc;

	if (strcmp(path, "-") == 0)
		return read_stdin(out, len, err);
	file = fopen(path, "r");
	if (!file)
		return sdg_fail_errno(err, "open \"%s\"", path);
	/* A folder will be one tomorrow, too. */
	rc = fstat(fileno(file), &st) == 0 && S_ISDIR(st.st_mode)
		 ? sdg_fail(err, SDG_EINVAL, "it is a folder")
		 : read_text(fileno(file), out, len, err);
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
	} else if (settings->mode == MODE_EDIT) {
		rc = rep_edit(options, written, err);
		if (rc == 0 && !*written)
			return sdg_fail(err, SDG_EINVAL, "nothing was written");
		if (rc == 0)
			rc = read_file(written, &text, &len, err);
		if (rc == 0)
			rc = note_from_bytes(text, len, &note, err);
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
	if (rc == 0 && note)
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
	if (settings.mode == MODE_LIST || settings.mode == MODE_SEND) {
		rc = settings.mode == MODE_LIST
			 ? rep_list(&settings.rep, &error)
			 : rep_send_waiting(&settings.rep, &error);
		if (rc < 0)
			warnx("%s", error.message);
		return options_end(sdg_exit_code(rc));
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
	return options_end(status);
}
