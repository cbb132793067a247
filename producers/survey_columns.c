/*
 * survey_columns: what each column of an export is, guessed from its
 * heading and from what the sample holds.
 *
 * A guess is shown before anything is sent, with the reason, and gives way
 * to a mapping. Computers' addresses, names and telephone numbers are
 * dropped: nothing that Soundings answers needs them.
 */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "survey.h"
#include "survey_text.h"

static const char *const kind_ids[] = {
	[COLUMN_IGNORE] = "ignore",     [COLUMN_TEXT] = "text",
	[COLUMN_CHOICE] = "choice",     [COLUMN_RATING] = "rating",
	[COLUMN_REGION] = "region",     [COLUMN_ROLE] = "role",
	[COLUMN_PHASE] = "phase",       [COLUMN_SCHOOL] = "school",
	[COLUMN_POSTCODE] = "postcode", [COLUMN_EMAIL] = "email",
	[COLUMN_CONSENT] = "consent",   [COLUMN_RESPONDENT] = "respondent",
	[COLUMN_STARTED] = "started",   [COLUMN_COMPLETED] = "completed",
	[COLUMN_QUESTION] = "question", [COLUMN_STATUS] = "status",
	[COLUMN_FINISHED] = "finished",
};

const char *column_kind_id(enum column_kind kind)
{
	return kind < COLUMN_KIND_COUNT ? kind_ids[kind] : "?";
}

int column_kind_from_id(const char *id)
{
	for (int i = 0; i < COLUMN_STATUS; i++) {
		if (strcmp(kind_ids[i], id) == 0)
			return i;
	}
	return -1;
}

/* ------------------------------------------------------------ the sample */

static bool is_number(struct sdg_str s)
{
	size_t digits = 0;

	for (size_t i = 0; i < s.len; i++) {
		if (isdigit((unsigned char)s.s[i]))
			digits++;
		else if (!strchr(".-+%", s.s[i]) || !s.s[i])
			return false;
	}
	return digits > 0 && s.len < 16;
}

static bool is_computer_address(struct sdg_str s)
{
	size_t dots = 0, colons = 0;

	if (s.len < 3 || s.len > 45)
		return false;
	for (size_t i = 0; i < s.len; i++) {
		unsigned char c = (unsigned char)s.s[i];

		dots += c == '.';
		colons += c == ':';
		if (!isxdigit(c) && c != '.' && c != ':')
			return false;
	}
	return (dots == 3 && colons == 0) || colons >= 2;
}

static size_t count_words(struct sdg_str s)
{
	size_t words = 0;
	bool inside = false;

	for (size_t i = 0; i < s.len; i++) {
		bool space = isspace((unsigned char)s.s[i]);

		words += !space && !inside;
		inside = !space;
	}
	return words;
}

/* "(01632) 960 001", "+44 1632 960002" */
static bool is_telephone(struct sdg_str s)
{
	size_t digits = 0;

	for (size_t i = 0; i < s.len; i++) {
		if (isdigit((unsigned char)s.s[i]))
			digits++;
		else if (!strchr(" +-()", s.s[i]) || !s.s[i])
			return false;
	}
	return digits >= 10 && digits <= 13 &&
	       (s.s[0] == '0' || s.s[0] == '+' || s.s[0] == '(');
}

/* An id that went through Excel: 11223344556 came out as this. */
static bool is_rounded(struct sdg_str s)
{
	const char *e = s.len > 3 ? memchr(s.s, 'E', s.len) : NULL;

	return e && e > s.s && isdigit((unsigned char)s.s[0]) &&
	       e + 2 < s.s + s.len && e[1] == '+' &&
	       isdigit((unsigned char)e[2]);
}

static void note_distinct(struct column_stats *stats, struct sdg_str s,
			  bool sentence)
{
	uint64_t hash = str_hash(s);

	for (size_t i = 0; i < stats->distinct; i++) {
		if (i == COLUMN_DISTINCT_MAX || stats->seen[i] == hash)
			return;
	}
	stats->different += sentence;
	if (stats->distinct < COLUMN_DISTINCT_MAX)
		stats->seen[stats->distinct] = hash;
	stats->distinct++;
}

static void note_date(struct column_stats *stats, struct sdg_str s)
{
	int first, second;

	if (s.len > 40 || !survey_date_parts(s, &first, &second))
		return;
	stats->day_over_12 += first > 12;
	stats->month_over_12 += second > 12;
	for (int order = DATES_DAY_FIRST; order <= DATES_MONTH_FIRST; order++) {
		int64_t t = survey_date(s, (enum date_order)order, NULL, NULL);

		if (t == 0)
			continue;
		if (stats->first[order] == 0 || t < stats->first[order])
			stats->first[order] = t;
		if (t > stats->last[order])
			stats->last[order] = t;
	}
}

void column_stats_add(struct column_stats *stats, struct sdg_str cell)
{
	bool sentence;

	cell = str_trim(cell);
	if (cell.len == 0)
		return;
	stats->filled++;
	stats->bytes += cell.len;
	if (cell.len > stats->longest)
		stats->longest = cell.len;
	stats->emails += cell.len < 255 && memchr(cell.s, '@', cell.len) &&
			 !memchr(cell.s, ' ', cell.len);
	stats->emails += str_is(cell, "anonymous");
	stats->addresses += is_computer_address(cell);
	stats->numbers += is_number(cell);
	stats->telephones += is_telephone(cell);
	stats->rounded += is_rounded(cell);
	sentence = count_words(cell) >= 4;
	stats->sentences += sentence;
	stats->lists += cell.s[cell.len - 1] == ';';
	pieces_add(stats, cell);
	if (stats->distinct <= COLUMN_DISTINCT_MAX)
		note_distinct(stats, cell, sentence);
	note_date(stats, cell);
}

/* ---------------------------------------------------------------- guessing */

static enum column_kind say(const char **why, const char *reason,
			    enum column_kind kind)
{
	*why = reason;
	return kind;
}

/* "Start Date (UTC)": the heading says it for all. */
static int known_in_zone(struct survey *survey, char *key)
{
	size_t len = strlen(key);
	int kind;

	if (len < 6 || (strcmp(key + len - 3, "utc") != 0 &&
			strcmp(key + len - 3, "gmt") != 0))
		return -1;
	key[len - 3] = '\0';
	kind = heading_known(key);
	if ((kind == COLUMN_STARTED || kind == COLUMN_COMPLETED) &&
	    survey->time_zone[0] == '\0')
		strcpy(survey->time_zone, "UTC");
	return kind;
}

/* The tool's own columns, by their exact headings. */
static bool guess_known(struct survey *survey, struct column *column)
{
	const struct column_stats *stats = &column->stats;
	char key[64], name[64];
	int kind;

	heading_key(column->question, key, sizeof(key));
	heading_key(column->name ? column->name : "", name, sizeof(name));
	if (column->option || column->other)
		return false;
	kind = strcmp(column->question, "#") == 0 ? COLUMN_RESPONDENT
						  : heading_known(key);
	if (kind < 0)
		kind = heading_known(name);
	if (kind < 0)
		kind = known_in_zone(survey, key);
	if (kind < 0)
		return false;
	/* "No" may be an answer of which there is a column. */
	if (kind == COLUMN_RESPONDENT && strlen(key) == 2 && key[0] == 'n' &&
	    stats->numbers * 2 < stats->filled)
		return false;
	/* To Jisc a response's number, to everybody else here a school's. */
	if (strcmp(key, "urn") == 0 && survey->dialect != DIALECT_JISC)
		kind = COLUMN_SCHOOL;
	/* Only Qualtrics has rows that are previews or unfinished; and in a
	 * table of unknown make "Status" may be a choice. */
	if ((kind == COLUMN_STATUS || kind == COLUMN_FINISHED) &&
	    survey->dialect != DIALECT_QUALTRICS) {
		if (strcmp(key, "status") == 0)
			return false;
		kind = COLUMN_IGNORE;
	}
	/* "Name" may be asked of the school; long text is text. */
	if (stats->filled > 0 && stats->bytes / stats->filled > 60)
		return false;
	column->kind = (enum column_kind)kind;
	column->why = "the tool's own column";
	column->modified = strstr(key, "modif") || strstr(key, "edit") ||
			   strstr(key, "updat") || strstr(key, "lastaction") ||
			   strcmp(key, "datestamp") == 0;
	column->hands_in = survey->dialect == DIALECT_LIMESURVEY &&
			   (strcmp(key, "submitdate") == 0 ||
			    strcmp(key, "datesubmitted") == 0);
	return true;
}

static bool reads_like_text(const struct column_stats *stats)
{
	if (stats->filled == 0)
		return false;
	if (stats->distinct * 2 <= stats->filled &&
	    stats->distinct <= COLUMN_DISTINCT_MAX)
		return false;
	return stats->bytes / stats->filled >= 40 ||
	       (stats->filled >= 3 && stats->sentences * 2 >= stats->filled);
}

/* Among many a "No", a few who write, and each something else: no option is
 * as different as that. */
static bool somebody_writes(const struct column_stats *stats)
{
	return stats->different > 1 &&
	       3 * stats->different > 2 * stats->sentences;
}

static enum column_kind guess_closed(const struct column *column,
				     const char **why)
{
	const struct column_stats *stats = &column->stats;
	enum column_kind kind = heading_attribute(column->question, why);

	if (kind != COLUMN_CHOICE)
		return kind;
	if (stats->numbers * 10 >= stats->filled * 9)
		return say(why, "only numbers", COLUMN_RATING);
	if (stats->lists * 2 >= stats->filled || pieces_are_answers(stats))
		return say(why, "lists of ticked answers", COLUMN_CHOICE);
	if (heading_is_open(column->question) &&
	    (stats->distinct * 2 > stats->filled || stats->filled < 5 ||
	     somebody_writes(stats)))
		return say(why, "the heading asks openly", COLUMN_TEXT);
	if (heading_is_closed(column->question))
		return say(why, "the heading asks to choose", COLUMN_CHOICE);
	if (stats->filled >= 2 * stats->distinct)
		return say(why, "few different answers", COLUMN_CHOICE);
	if (stats->bytes / stats->filled >= 25)
		return say(why, "long answers", COLUMN_TEXT);
	return say(why, "short answers", COLUMN_CHOICE);
}

static enum column_kind guess(const struct survey *survey,
			      const struct column *column, const char **why)
{
	const struct column_stats *stats = &column->stats;
	enum column_kind kind;

	(void)survey;
	if (stats->filled > 0 && stats->addresses * 10 >= stats->filled * 8)
		return say(why, "computers' addresses, dropped", COLUMN_IGNORE);
	if (stats->filled > 0 && stats->telephones * 10 >= stats->filled * 8)
		return say(why, "telephone numbers, dropped", COLUMN_IGNORE);
	if (stats->filled > 0 && stats->emails * 2 >= stats->filled)
		return say(why, "mail addresses", COLUMN_EMAIL);
	if (column->other || column->option) {
		if (reads_like_text(stats) &&
		    (stats->longest > 120 ||
		     (column->option && (heading_is_open(column->option) ||
					 heading_is_open(column->question)))))
			return say(why, "long, varied answers", COLUMN_TEXT);
		kind = heading_attribute(column->question, why);
		if (kind == COLUMN_CHOICE)
			*why = column->other ? "other, please specify"
					     : "an option of a question";
		return kind;
	}
	if (stats->filled == 0) {
		if (heading_is_open(column->question))
			return say(why, "the heading asks openly", COLUMN_TEXT);
		kind = heading_attribute(column->question, why);
		return kind != COLUMN_CHOICE
			   ? kind
			   : say(why, "no answers in the first rows",
				 COLUMN_CHOICE);
	}
	if (reads_like_text(stats) && !pieces_are_answers(stats))
		return say(why, "long, varied answers", COLUMN_TEXT);
	return guess_closed(column, why);
}

bool survey_has_text(const struct survey *survey)
{
	for (size_t i = 0; i < survey->column_count; i++) {
		if (survey->columns[i].kind == COLUMN_TEXT)
			return true;
	}
	return false;
}

/* Two columns cannot both be the response's id: the first one that no two
 * rows share, best one in which every row has one. */
static void settle_respondent(struct survey *survey)
{
	struct column *best = NULL;
	bool long_form = false;

	for (size_t i = 0; i < survey->column_count; i++)
		long_form |= survey->columns[i].kind == COLUMN_QUESTION;
	for (size_t i = 0; i < survey->column_count; i++) {
		struct column *column = &survey->columns[i];
		const struct column_stats *stats = &column->stats;

		if (column->kind != COLUMN_RESPONDENT)
			continue;
		if (stats->rounded * 2 > stats->filled) {
			column->kind = COLUMN_IGNORE;
			column->why = "ids that a spreadsheet has rounded";
			continue;
		}
		/* But where a row is one answer, its response has several. */
		if (!long_form && stats->distinct <= COLUMN_DISTINCT_MAX &&
		    stats->distinct < stats->filled) {
			column->kind = COLUMN_IGNORE;
			column->why = "an id that rows share is nobody's";
			continue;
		}
		if (!best || stats->filled > best->stats.filled) {
			if (best)
				best->kind = COLUMN_IGNORE;
			best = column;
		} else {
			column->kind = COLUMN_IGNORE;
		}
	}
}

/*
 * Day or month first: a number over 12 proves it; else the reading that
 * puts no response into the future, else the one that makes the survey
 * last less long; else as the tool's home country writes.
 */
static void settle_dates(struct survey *survey)
{
	enum date_order usual = survey->dialect == DIALECT_SURVEYMONKEY
				    ? DATES_MONTH_FIRST
				    : DATES_DAY_FIRST;
	int64_t now = time(NULL), span[2] = { 0 };
	size_t day = 0, month = 0;
	bool future[2] = { false };

	for (size_t i = 0; i < survey->column_count; i++) {
		const struct column *column = &survey->columns[i];

		if (column->kind != COLUMN_STARTED &&
		    column->kind != COLUMN_COMPLETED)
			continue;
		day += column->stats.day_over_12;
		month += column->stats.month_over_12;
		for (int order = 0; order < 2; order++) {
			span[order] += column->stats.last[order] -
				       column->stats.first[order];
			future[order] |=
			    column->stats.last[order] > now + 86400;
		}
	}
	survey->dates = usual;
	if (day != month)
		survey->dates =
		    day > month ? DATES_DAY_FIRST : DATES_MONTH_FIRST;
	else if (future[0] != future[1])
		survey->dates = future[0] ? DATES_MONTH_FIRST : DATES_DAY_FIRST;
	else if (span[0] > 3 * span[1] || span[1] > 3 * span[0])
		survey->dates =
		    span[0] > span[1] ? DATES_MONTH_FIRST : DATES_DAY_FIRST;
}

/* Where nothing reads like text, the most wordy closed column is asked. */
static void settle_text(struct survey *survey)
{
	struct column *best = NULL;
	size_t length, most = 12;

	if (survey_has_text(survey))
		return;
	for (size_t i = 0; i < survey->column_count; i++) {
		struct column *column = &survey->columns[i];

		if (column->kind != COLUMN_CHOICE || column->option ||
		    column->other || column->stats.filled == 0)
			continue;
		length = column->stats.bytes / column->stats.filled;
		if (length > most && column->stats.lists == 0) {
			most = length;
			best = column;
		}
	}
	if (best) {
		best->kind = COLUMN_TEXT;
		best->why = "the longest answers there are";
	}
}

/* LimeSurvey ends with how long each page and question took. */
static bool begins_timings(const struct survey *survey,
			   const struct column *column)
{
	char key[64];

	heading_key(column->question, key, sizeof(key));
	return survey->dialect == DIALECT_LIMESURVEY &&
	       (strcmp(key, "interviewtime") == 0 ||
		strcmp(key, "totaltime") == 0);
}

void survey_guess(struct survey *survey)
{
	bool timings = false;

	for (size_t i = 0; i < survey->column_count; i++) {
		struct column *column = &survey->columns[i];

		timings = timings || begins_timings(survey, column);
		if (timings) {
			column->kind = COLUMN_IGNORE;
			column->why = "how long it took, dropped";
		} else if (!guess_known(survey, column)) {
			column->kind = guess(survey, column, &column->why);
		}
	}
	settle_respondent(survey);
	settle_text(survey);
	settle_dates(survey);
}
