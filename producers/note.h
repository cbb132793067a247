/*
 * note: a representative's note after a meeting, as points.
 *
 * Takes what people really type: a headed template ("Constituency: …"),
 * dashed or numbered points wrapped by hand, initials in paragraphs, minutes
 * under headings, a telephone's lower case. The heading tells who, where and
 * when; each point becomes one event. What is no member's point (heading,
 * who came, travel, lunch, shopping, the next meeting) is left out, and
 * shown as left out, never dropped unseen.
 *
 *   note.c           lines, blocks and points
 *   note_judge.c     point or not
 *   note_facts.c     who and where
 *   note_dates.c     when
 *   note_voices.c    how many say so
 *   note_template.c  "Key: value" lines at the top
 */
#ifndef NOTE_H
#define NOTE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <soundings/error.h>
#include <soundings/labels.h>
#include <soundings/text.h>

#define NOTE_MAX (1 << 20) /* bytes */
#define NOTE_LINES_MAX 20000
#define NOTE_POINTS_MAX 500
#define NOTE_VOICES_MAX 100000

struct note_point {
	size_t first_line, last_line; /* from 1 */
	char *text;                   /* hand-made line ends undone */
	uint32_t voices;              /* 0: not said */
	bool own, second_hand;
};

/* A stretch of the note that is no point, and why not. */
struct note_rest {
	size_t first_line, last_line;
	const char *why; /* static */
};

struct note {
	char representative[200];
	char constituency[200];
	char branch[200];
	char member[320]; /* whose point, if the template says */
	enum sdg_note_kind kind;
	bool has_date;
	int64_t date; /* midnight UTC of the day */
	uint32_t attendance, voices;
	bool own, second_hand;
	struct note_point *points;
	size_t point_count;
	struct note_rest *rest;
	size_t rest_count;
};

/**
 * note_parse - @text (safe text) as a note
 * @now: for dates without a year, taken to be the last such day
 *
 * A note always has at least one point, unless it is all white space or a
 * bare template: where nothing is recognised, the longest stretch is it.
 * Return 0, SDG_EINVAL (empty, too long), SDG_ENOMEM.
 */
int note_parse(const char *text, size_t len, int64_t now, struct note **out,
	       struct sdg_error *err);
void note_free(struct note *note);

/* --------------------------------------------- shared among the note files */

/* One line of the note, trimmed; borrowed from its text. */
struct note_line {
	struct sdg_str text;
	size_t indent, length; /* as typed */
};

/* Lines that belong together: a bullet, a numbered item, a paragraph. */
struct note_block {
	size_t first, last; /* indices of lines */
	enum note_mark { MARK_NONE, MARK_BULLET, MARK_NUMBER } mark;
	bool heading;   /* a line that only names what follows */
	bool lone_line; /* one of several unwrapped lines */
	char *text;     /* joined, without the mark */
};

/* note_judge.c */
/** note_is_heading - "3. STAFFING", "Funding:", "## Pay" */
bool note_is_heading(struct sdg_str line);
/** note_opens_housekeeping - it begins as "Next meeting" does */
bool note_opens_housekeeping(struct sdg_str line);
/** note_is_title - a first line that says what the note is */
bool note_is_title(const char *text);
/** note_why_no_point - NULL when @text is a point, else why not (static)
 *  @prior: what its place in the note says: above 0 that it is one (a
 *  bullet), below that it is none (under LUNCH) */
const char *note_why_no_point(const char *text, int prior);

/* note_voices.c */
/** note_voices - "about 14 members said": 14; 0 when it does not say */
uint32_t note_voices(const char *text);
/** note_attendance - "24 there", "Present: 17", "Fourteen came" */
uint32_t note_attendance(const char *text);
/** note_number_at - the number @s begins with, in digits or words, and its
 *  length; 0: none */
uint32_t note_number_at(const char *s, size_t *len);
/** note_skip_any - behind the first of @words that @s begins with, and the
 *  space after it; NULL when there is none */
const char *note_skip_any(const char *s, const char *const *words);
const char *note_skip_space(const char *s);

/* note_dates.c */
/** note_date - a day somewhere in @text; false when there is none */
bool note_date(const char *text, int64_t now, int64_t *date);
/** note_month_at - 1 to 12 when @s begins with a month's name; 0 */
int note_month_at(const char *s, size_t *len);

/* note_facts.c */
/** note_heading_facts - date, place, name, attendance of a line that is no
 *  point; @heading: it only names what follows */
void note_heading_facts(struct note *note, const char *text, bool heading,
			int64_t now);
/** note_representative - "Jane Doe, Council rep (Norfolk)" taken apart */
void note_representative(struct note *note, struct sdg_str text);
/** note_is_name - two or three capitalised words and no more */
bool note_is_name(struct sdg_str text);
/** note_copy - @s, trimmed and cut to @cap */
void note_copy(char *out, size_t cap, struct sdg_str s);

/* note_template.c */
enum note_template {
	TEMPLATE_NONE,
	TEMPLATE_TAKEN,
	TEMPLATE_SAID, /* begins like one, and is what somebody said */
};
/** note_template_line - take a "Key: value" line */
enum note_template note_template_line(struct note *note, struct sdg_str line,
				      int64_t now);

#endif
