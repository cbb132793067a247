/*
 * note: see note.h. From lines to blocks to points.
 */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "note.h"
#include "survey_text.h"

struct parsing {
	struct note *note;
	struct note_line *lines;
	size_t line_count;
	size_t width; /* at which lines were wrapped by hand; 0: not */
	struct note_block *blocks;
	size_t block_count, block_room;
	const char **verdicts; /* by block: why it is no point, or NULL */
	int64_t now;
};

/* ------------------------------------------------------------------- lines */

static int split_lines(struct parsing *parsing, const char *text, size_t len,
		       struct sdg_error *err)
{
	const char *end = text + len;
	size_t count = 1;

	for (const char *s = text; s < end; s++)
		count += *s == '\n';
	if (count > NOTE_LINES_MAX)
		return sdg_fail(err, SDG_EINVAL,
				"the note has %zu lines: at "
				"most %d",
				count, NOTE_LINES_MAX);
	parsing->lines = calloc(count, sizeof(*parsing->lines));
	if (!parsing->lines)
		return sdg_fail(err, SDG_ENOMEM, "read note: no memory");
	while (text <= end && parsing->line_count < count) {
		struct note_line *line = &parsing->lines[parsing->line_count];
		const char *stop = memchr(text, '\n', (size_t)(end - text));
		struct sdg_str raw = { text,
				       (size_t)((stop ? stop : end) - text) };

		line->text = str_trim(raw);
		line->length = raw.len;
		line->indent =
		    line->text.len > 0 ? (size_t)(line->text.s - raw.s) : 0;
		parsing->line_count++;
		if (!stop)
			break;
		text = stop + 1;
	}
	return 0;
}

/* The length of "- ", "* ", "• " or "3. ", "3) ", "(3) " at the line's
 * start; 0 for none. */
static size_t mark_of(struct sdg_str line, enum note_mark *mark)
{
	static const char *const bullets[] = { "- ", "* ", "+ ", "– ",
					       "— ", "• ", "· ", "‣ ",
					       "◦ ", "▪ ", NULL };
	size_t at = 0, digits = 0;

	*mark = MARK_BULLET;
	for (size_t i = 0; bullets[i]; i++) {
		size_t n = strlen(bullets[i]);

		if (line.len > n && memcmp(line.s, bullets[i], n) == 0)
			return n;
	}
	/* "-more money", but not "-5 degrees" */
	if (line.len > 2 && line.s[0] == '-' &&
	    isalpha((unsigned char)line.s[1]))
		return 1;
	*mark = MARK_NUMBER;
	at = line.len > 0 && line.s[0] == '(';
	while (at < line.len && isdigit((unsigned char)line.s[at])) {
		at++;
		digits++;
	}
	if (digits >= 1 && digits <= 2 && at + 1 < line.len &&
	    strchr(".):", line.s[at]) && line.s[at + 1] == ' ')
		return at + 2;
	*mark = MARK_NONE;
	return 0;
}

/* ------------------------------------------------------------------ blocks */

static struct note_block *add_block(struct parsing *parsing, size_t first,
				    enum note_mark mark)
{
	struct note_block *block;

	if (parsing->block_count == parsing->block_room) {
		size_t room =
		    parsing->block_room ? 2 * parsing->block_room : 64;
		void *bigger =
		    realloc(parsing->blocks, room * sizeof(*parsing->blocks));

		if (!bigger)
			return NULL;
		parsing->blocks = bigger;
		parsing->block_room = room;
	}
	block = &parsing->blocks[parsing->block_count++];
	*block =
	    (struct note_block){ .first = first, .last = first, .mark = mark };
	return block;
}

static bool is_blank_line(const struct parsing *parsing, size_t i)
{
	return parsing->lines[i].text.len == 0;
}

static size_t first_word(struct sdg_str text)
{
	size_t n = 0;

	while (n < text.len && text.s[n] != ' ')
		n++;
	return n;
}

/* Where the typist breaks lines; 0 when they do not: somebody who lets one
 * line run on breaks none by hand. */
static size_t find_width(const struct parsing *parsing)
{
	size_t width = 0;

	for (size_t i = 0; i < parsing->line_count; i++) {
		if (parsing->lines[i].length > 120)
			return 0;
		if (parsing->lines[i].length > width)
			width = parsing->lines[i].length;
	}
	return width < 35 ? 0 : width;
}

/*
 * Whether the lines @first to @last were wrapped by hand: each but the last
 * was so full that the next line's first word had no room. Else each line
 * is a thought of its own, as on a telephone.
 */
static bool is_wrapped(const struct parsing *parsing, size_t first, size_t last)
{
	size_t full = 0, lines = last - first;

	if (parsing->width == 0)
		return lines == 0;
	for (size_t i = first; i < last; i++)
		full += parsing->lines[i].length + 1 +
			    first_word(parsing->lines[i + 1].text) + 6 >
			parsing->width;
	return full * 4 >= lines * 3;
}

/* Lines between blanks (and marks) that carry no mark themselves. */
static bool add_plain(struct parsing *parsing, size_t first, size_t last)
{
	struct note_block *block;

	while (first <= last && note_is_heading(parsing->lines[first].text)) {
		block = add_block(parsing, first, MARK_NONE);
		if (!block)
			return false;
		block->heading = true;
		first++;
	}
	if (first > last)
		return true;
	if (is_wrapped(parsing, first, last)) {
		block = add_block(parsing, first, MARK_NONE);
		if (block)
			block->last = last;
		return block != NULL;
	}
	for (size_t i = first; i <= last; i++) {
		block = add_block(parsing, i, MARK_NONE);
		if (!block)
			return false;
		block->lone_line = true;
		block->heading = note_is_heading(parsing->lines[i].text);
	}
	return true;
}

/* "Next meeting: 12 May" under the last item, which has come to its end. */
static bool ends_list(const struct parsing *parsing, size_t i)
{
	struct sdg_str above = parsing->lines[i - 1].text;
	struct sdg_str line = parsing->lines[i].text;

	return above.len > 0 && strchr(".!?", above.s[above.len - 1]) &&
	       isupper((unsigned char)line.s[0]) &&
	       note_opens_housekeeping(line);
}

/* A marked item: to the next blank line or mark at its own depth. */
static size_t add_marked(struct parsing *parsing, size_t i)
{
	enum note_mark mark, inner;
	size_t indent = parsing->lines[i].indent, n;
	struct note_block *block;
	struct sdg_str line = parsing->lines[i].text;

	n = mark_of(line, &mark);
	line.s += n;
	line.len -= n;
	block = add_block(parsing, i, mark);
	if (!block)
		return 0;
	/* "3. STAFFING" names what follows, and is no item itself. */
	block->heading = mark == MARK_NUMBER && note_is_heading(line);
	if (block->heading)
		return i + 1;
	for (i++; i < parsing->line_count && !is_blank_line(parsing, i); i++) {
		if (parsing->lines[i].indent <= indent &&
		    (mark_of(parsing->lines[i].text, &inner) > 0 ||
		     ends_list(parsing, i)))
			break;
		block->last = i;
	}
	return i;
}

static int split_blocks(struct parsing *parsing, struct sdg_error *err)
{
	size_t i = 0, start;
	enum note_mark mark;

	while (i < parsing->line_count) {
		if (is_blank_line(parsing, i)) {
			i++;
			continue;
		}
		if (mark_of(parsing->lines[i].text, &mark) > 0) {
			i = add_marked(parsing, i);
			if (i == 0)
				goto no_memory;
			continue;
		}
		start = i;
		while (i < parsing->line_count && !is_blank_line(parsing, i) &&
		       mark_of(parsing->lines[i].text, &mark) == 0)
			i++;
		if (!add_plain(parsing, start, i - 1))
			goto no_memory;
	}
	return 0;
no_memory:
	return sdg_fail(err, SDG_ENOMEM, "read note: no memory");
}

/* The block's words on one line, an inner list's marks kept. */
static bool join_block(struct parsing *parsing, struct note_block *block)
{
	size_t len = 0, at = 0, skip;
	enum note_mark mark;

	for (size_t i = block->first; i <= block->last; i++)
		len += parsing->lines[i].text.len + 1;
	block->text = malloc(len + 1);
	if (!block->text)
		return false;
	for (size_t i = block->first; i <= block->last; i++) {
		struct sdg_str line = parsing->lines[i].text;

		skip = i == block->first && block->mark != MARK_NONE
			   ? mark_of(line, &mark)
			   : 0;
		if (at > 0)
			block->text[at++] =
			    mark_of(line, &mark) > 0 ? '\n' : ' ';
		memcpy(block->text + at, line.s + skip, line.len - skip);
		at += line.len - skip;
	}
	block->text[at] = '\0';
	return true;
}

/* ------------------------------------------------------------------ points */

static size_t count_marks(const struct parsing *parsing)
{
	size_t n = 0;

	for (size_t i = 0; i < parsing->block_count; i++)
		n += parsing->blocks[i].mark != MARK_NONE &&
		     !parsing->blocks[i].heading;
	return n;
}

/* Headings of sections in which nobody speaks for members: these words, or
 * these alone. */
static bool names_housekeeping(const char *heading)
{
	static const char *const cues[] = {
		"minutes of",   "apologies",     "next meeting",
		"date of next", "attendance",    "expenses",
		"actions",      "action points", "housekeeping",
		"mileage",      "refreshments",  "matters arising",
		"last meeting", "those present", NULL
	};
	static const char *const alone[] = {
		"lunch",   "travel",  "present", "to do",  "shopping",
		"venue",   "dates",   "welcome", "thanks", "reminders",
		"parking", "claims",  "tea",     "coffee", "logistics",
		"todo",    "agenda",  "dinner",  "close",  "catering",
		"admin",   "speaker", "me",      "misc",   NULL
	};
	char words[64];
	size_t at = 0;

	if (has_any(heading, cues))
		return true;
	for (const char *s = heading; *s && at + 1 < sizeof(words); s++) {
		if (isalpha((unsigned char)*s) || (*s == ' ' && at > 0))
			words[at++] = (char)tolower((unsigned char)*s);
	}
	while (at > 0 && words[at - 1] == ' ')
		at--;
	words[at] = '\0';
	for (size_t i = 0; alone[i]; i++) {
		if (strcmp(words, alone[i]) == 0)
			return true;
	}
	return false;
}

/* What a block's place says: see note_why_no_point(). */
static int prior(bool marked, bool listed, bool housekeeping)
{
	return (marked ? 1 : listed ? -1 : 0) - 2 * housekeeping;
}

/*
 * Why each block is no point. In a list of items, what stands before the
 * first is introduction; under a heading such as LUNCH, what follows is a
 * point only if its own words say so.
 */
static void judge_blocks(struct parsing *parsing)
{
	size_t marks = count_marks(parsing);
	bool started = false, housekeeping = false;

	for (size_t i = 0; i < parsing->block_count; i++) {
		struct note_block *block = &parsing->blocks[i];
		bool marked = block->mark != MARK_NONE;

		if (block->heading) {
			housekeeping = names_housekeeping(block->text);
			parsing->verdicts[i] = "a heading";
			continue;
		}
		started = started || marked;
		if (!started && i == 0 && note_is_title(block->text))
			parsing->verdicts[i] = "the heading";
		else if (marks >= 2 && !started)
			parsing->verdicts[i] = "before the first point";
		else
			parsing->verdicts[i] = note_why_no_point(
			    block->text,
			    prior(marked, marks >= 2, housekeeping));
	}
}

/* Nothing is thrown away whole: the longest stretch then is the point. */
static void keep_something(struct parsing *parsing)
{
	size_t best = 0, most = 0;

	for (size_t i = 0; i < parsing->block_count; i++) {
		size_t len = strlen(parsing->blocks[i].text);

		if (!parsing->verdicts[i])
			return;
		if (len > most) {
			most = len;
			best = i;
		}
	}
	if (most > 0)
		parsing->verdicts[best] = NULL;
}

static bool says_own(const char *text)
{
	static const char *const cues[] = {
		"my own view", "my own point",   "speaking for myself",
		"own point",   "my own feeling", "personally, i",
		"from me:",    "for myself,",    "my view is",
		NULL
	};

	return has_any(text, cues);
}

static bool says_second_hand(const char *text)
{
	static const char *const cues[] = { "second hand",
					    "second-hand",
					    "secondhand",
					    "hearsay",
					    "i'm told that",
					    "i am told that",
					    "told by a friend",
					    "told by a colleague",
					    "i was told by",
					    "i hear that",
					    "i heard that",
					    "word is that",
					    "colleague tells me that",
					    "heard from a colleague",
					    "passed on by",
					    "at second hand",
					    NULL };

	return has_any(text, cues);
}

static int take_points(struct parsing *parsing, struct sdg_error *err)
{
	struct note *note = parsing->note;

	note->points = calloc(parsing->block_count + 1, sizeof(*note->points));
	note->rest = calloc(parsing->block_count + 1, sizeof(*note->rest));
	if (!note->points || !note->rest)
		return sdg_fail(err, SDG_ENOMEM, "read note: no memory");
	for (size_t i = 0; i < parsing->block_count; i++) {
		struct note_block *block = &parsing->blocks[i];
		struct note_point *point = &note->points[note->point_count];

		if (parsing->verdicts[i]) {
			note->rest[note->rest_count++] =
			    (struct note_rest){ block->first + 1,
						block->last + 1,
						parsing->verdicts[i] };
			note_heading_facts(note, block->text, block->heading,
					   parsing->now);
			continue;
		}
		if (note->point_count++ == NOTE_POINTS_MAX)
			return sdg_fail(err, SDG_EINVAL,
					"the note has more than %d points",
					NOTE_POINTS_MAX);
		*point = (struct note_point){
			.first_line = block->first + 1,
			.last_line = block->last + 1,
			.text = block->text,
			.voices = note_voices(block->text),
			.own = says_own(block->text),
			.second_hand = says_second_hand(block->text),
		};
		block->text = NULL; /* the point's now */
	}
	return 0;
}

/* "Representative: …" lines at the top, which then are blank. */
static void take_template(struct parsing *parsing)
{
	size_t i = 0;

	while (i < parsing->line_count && is_blank_line(parsing, i))
		i++;
	for (; i < parsing->line_count; i++) {
		struct note_line *line = &parsing->lines[i];
		enum note_template found =
		    note_template_line(parsing->note, line->text, parsing->now);

		if (found == TEMPLATE_NONE)
			break;
		if (found == TEMPLATE_TAKEN)
			line->text = (struct sdg_str){ 0 };
	}
}

/* What the whole note says, the points say too where they do not. */
static void settle(struct note *note)
{
	for (size_t i = 0; i < note->point_count; i++) {
		struct note_point *point = &note->points[i];

		if (point->voices == 0)
			point->voices = note->voices;
		point->own |= note->own;
		point->second_hand |= note->second_hand;
	}
}

static int parse(struct parsing *parsing, const char *text, size_t len,
		 struct sdg_error *err)
{
	int rc = split_lines(parsing, text, len, err);

	parsing->width = find_width(parsing);
	if (rc == 0) {
		take_template(parsing);
		rc = split_blocks(parsing, err);
	}
	if (rc < 0)
		return rc;
	for (size_t i = 0; i < parsing->block_count; i++) {
		if (!join_block(parsing, &parsing->blocks[i]))
			return sdg_fail(err, SDG_ENOMEM,
					"read note: no memory");
	}
	parsing->verdicts =
	    calloc(parsing->block_count + 1, sizeof(*parsing->verdicts));
	if (!parsing->verdicts)
		return sdg_fail(err, SDG_ENOMEM, "read note: no memory");
	judge_blocks(parsing);
	keep_something(parsing);
	rc = take_points(parsing, err);
	if (rc == 0 && parsing->note->point_count == 0)
		rc = sdg_fail(err, SDG_EINVAL, "the note has no points");
	return rc;
}

int note_parse(const char *text, size_t len, int64_t now, struct note **out,
	       struct sdg_error *err)
{
	struct parsing parsing = { .now = now };
	int rc;

	if (len > NOTE_MAX)
		return sdg_fail(err, SDG_EINVAL,
				"the note is longer than %d bytes", NOTE_MAX);
	parsing.note = calloc(1, sizeof(*parsing.note));
	if (!parsing.note)
		return sdg_fail(err, SDG_ENOMEM, "read note: no memory");
	rc = parse(&parsing, text, len, err);
	for (size_t i = 0; i < parsing.block_count; i++)
		free(parsing.blocks[i].text);
	free(parsing.blocks);
	free(parsing.verdicts);
	free(parsing.lines);
	if (rc < 0) {
		note_free(parsing.note);
		return rc;
	}
	settle(parsing.note);
	*out = parsing.note;
	return 0;
}

void note_free(struct note *note)
{
	if (!note)
		return;
	for (size_t i = 0; note->points && i < note->point_count; i++)
		free(note->points[i].text);
	free(note->points);
	free(note->rest);
	free(note);
}
