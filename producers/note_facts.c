/*
 * note_facts: who, where, when and how many, from a note's own words.
 */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>

#include <soundings/classify.h>

#include "note.h"
#include "survey_text.h"

/* ----------------------------------------------------------------- numbers */

static const char *const small[] = {
	"no",       "one",      "two",      "three",   "four",    "five",
	"six",      "seven",    "eight",    "nine",    "ten",     "eleven",
	"twelve",   "thirteen", "fourteen", "fifteen", "sixteen", "seventeen",
	"eighteen", "nineteen", "twenty"
};

static const struct {
	const char *word;
	uint32_t n;
} bigger[] = {
	{ "a couple of", 2 },  { "a couple", 2 },    { "both", 2 },
	{ "half a dozen", 6 }, { "a dozen", 12 },    { "dozen", 12 },
	{ "thirty", 30 },      { "forty", 40 },      { "fifty", 50 },
	{ "sixty", 60 },       { "seventy", 70 },    { "eighty", 80 },
	{ "ninety", 90 },      { "a hundred", 100 }, { "hundred", 100 },
};

static bool word_ends(const char *s)
{
	return !isalnum((unsigned char)*s) && *s != '-';
}

/* A number at @s; *len its length. 0: none there. */
static uint32_t number_at(const char *s, size_t *len)
{
	char *end;
	unsigned long n;

	if (isdigit((unsigned char)*s)) {
		n = strtoul(s, &end, 10);
		*len = (size_t)(end - s);
		/* "4.15", "3/2/15", "50%", "9am", "£90", "11-18" are others */
		if (n > NOTE_VOICES_MAX || !word_ends(end) || *end == '%' ||
		    ((*end == '.' || *end == '/' || *end == ':') &&
		     isdigit((unsigned char)end[1])))
			return 0;
		return (uint32_t)n;
	}
	for (size_t i = 0; i < sizeof(bigger) / sizeof(bigger[0]); i++) {
		*len = strlen(bigger[i].word);
		if (strncasecmp(s, bigger[i].word, *len) == 0 &&
		    word_ends(s + *len))
			return bigger[i].n;
	}
	for (uint32_t i = 1; i < sizeof(small) / sizeof(small[0]); i++) {
		*len = strlen(small[i]);
		if (strncasecmp(s, small[i], *len) == 0 && word_ends(s + *len))
			return i;
	}
	return 0;
}

static const char *skip_space(const char *s)
{
	while (isspace((unsigned char)*s))
		s++;
	return s;
}

static const char *skip_any(const char *s, const char *const *words)
{
	for (size_t i = 0; words[i]; i++) {
		size_t n = strlen(words[i]);

		if (strncasecmp(s, words[i], n) == 0 &&
		    !isalnum((unsigned char)s[n]))
			return skip_space(s + n);
	}
	return NULL;
}

/* "(barrow, morecambe) " */
static const char *skip_bracket(const char *s)
{
	const char *end = *s == '(' ? strchr(s, ')') : NULL;

	return end ? skip_space(end + 1) : s;
}

/* ------------------------------------------------------------------ voices */

static const char *const people[] = { "members",
				      "member",
				      "people",
				      "heads",
				      "headteachers",
				      "principals",
				      "deputies",
				      "assistant heads",
				      "deputy heads",
				      "vice principals",
				      "ahts",
				      "dhts",
				      "colleagues",
				      "delegates",
				      "leaders",
				      "school leaders",
				      "business managers",
				      "sbms",
				      "bursars",
				      "of them",
				      "of us",
				      "of those present",
				      "others",
				      "other members",
				      "other heads",
				      "or so",
				      "different people",
				      "of the group",
				      "more",
				      "voices",
				      NULL };

static const char *const verbs[] = {
	"said",   "say",    "asked",         "ask",       "want",     "wanted",
	"agreed", "agree",  "think",         "thought",   "felt",     "feel",
	"told",   "raised", "complained",    "mentioned", "reported", "would",
	"were",   "are",    "have",          "had",       "spoke",    "v",
	"very",   "all",    "independently", "both",      "made",     "don't",
	"also",   "liked",  "like",          "supported", "backed",   "praised",
	NULL
};

static const char *const saying[] = { "said",       "say",       "asked",
				      "want",       "wanted",    "agreed",
				      "think",      "felt",      "raised",
				      "complained", "mentioned", "told me",
				      "reported",   NULL };

static const char *const fronts[] = {
	"from",      "on behalf of", "speaking for", "speak for", "shared by",
	"raised by", "echoed by",    "supported by", "said by",   NULL
};

/* Whether the number before @s (which stands behind it) counts voices. */
static bool counts_people(const char *start, const char *number, const char *s)
{
	const char *after;
	bool front = number == start;

	for (const char *back = number; !front && back > start; back--) {
		if (strchr(".!?\n:;", back[-1]))
			front = true;
		else if (!isspace((unsigned char)back[-1]))
			break;
	}
	s = skip_space(s);
	/* "four or five people": the lower, on purpose */
	if (strncasecmp(s, "or ", 3) == 0 || strncasecmp(s, "to ", 3) == 0) {
		size_t len;

		if (number_at(s + 3, &len) > 0)
			s = skip_space(s + 3 + len);
	}
	/* "Two said …" */
	if (skip_any(s, saying))
		return front || number - start < 25;
	after = skip_any(s, people);
	if (!after)
		return false;
	after = skip_bracket(after);
	for (size_t i = 0; fronts[i]; i++) {
		size_t n = strlen(fronts[i]);

		if ((size_t)(number - start) > n &&
		    strncasecmp(number - n - 1, fronts[i], n) == 0)
			return true;
	}
	return front || *after == ':' || *after == ')' || *after == '\0' ||
	       skip_any(after, verbs);
}

uint32_t note_voices(const char *text)
{
	/* "about 14 members" begins where "about" does */
	static const char *const rough[] = {
		"about",  "around", "roughly",  "some",      "nearly",
		"almost", "over",   "at least", "another",   "more than",
		"up to",  "approx", "approx.",  "the other", "these",
		"all",    "c.",     "c",        "~",         NULL
	};
	bool fresh = true; /* at the start of a word */

	for (const char *s = text; *s; s++) {
		const char *at = s, *number;
		uint32_t n;
		size_t len;

		if (fresh) {
			number = skip_any(at, rough);
			if (!number)
				number = at;
			if (*number == '(' || *number == '[')
				number++;
			n = number_at(number, &len);
			/* "one of them said" counts nobody new */
			if (n > 1 && counts_people(text, at, number + len))
				return n;
		}
		fresh = isspace((unsigned char)*s) || *s == '(' || *s == '[' ||
			*s == '"';
	}
	return 0;
}

uint32_t note_attendance(const char *text)
{
	static const char *const came[] = { "there",
					    "came",
					    "present",
					    "attended",
					    "turned up",
					    "in the room",
					    "members present",
					    "members attended",
					    "members came",
					    "people",
					    "attendees",
					    "members there",
					    "attending",
					    "turned out",
					    "here",
					    "of us",
					    NULL };
	static const char *const before[] = {
		"present",         "attendance",
		"attended",        "number present",
		"in attendance",   "attending",
		"members present", NULL
	};
	bool fresh = true;
	uint32_t n;
	size_t len;

	for (const char *s = text; *s; s++) {
		const char *after;

		if (fresh && (n = number_at(s, &len)) > 0 &&
		    skip_any(skip_space(s + len), came))
			return n;
		after = fresh ? skip_any(s, before) : NULL;
		while (after && *after && strchr(":-= ", *after))
			after++;
		if (after && (n = number_at(after, &len)) > 0)
			return n;
		fresh = !isalnum((unsigned char)*s);
		if (s - text > 300) /* who came is said early */
			break;
	}
	return 0;
}

/* ------------------------------------------------------------------- dates */

static int month_at(const char *s, size_t *len)
{
	static const char *const months[] = {
		"january",   "february", "march",    "april",
		"may",       "june",     "july",     "august",
		"september", "october",  "november", "december"
	};

	for (int i = 0; i < 12; i++) {
		size_t n = strlen(months[i]);

		if (strncasecmp(s, months[i], n) == 0)
			*len = n;
		else if (strncasecmp(s, "sept", 4) == 0 && i == 8)
			*len = 4;
		else if (strncasecmp(s, months[i], 3) == 0)
			*len = 3;
		else
			continue;
		if (!isalpha((unsigned char)s[*len]))
			return i + 1;
	}
	return 0;
}

static int64_t day_time(int year, int month, int day)
{
	struct tm tm = { .tm_year = year - 1900,
			 .tm_mon = month - 1,
			 .tm_mday = day };
	int64_t t = timegm(&tm);

	return tm.tm_mday == day && tm.tm_mon == month - 1 ? t : -1;
}

/* Without a year: the last such day before @now. */
static bool finish_date(int year, int month, int day, int64_t now,
			int64_t *date)
{
	time_t today = now;
	struct tm tm;

	if (month < 1 || month > 12 || day < 1 || day > 31)
		return false;
	if (year < 0) {
		gmtime_r(&today, &tm);
		year = tm.tm_year + 1900;
		if (day_time(year, month, day) > now)
			year--;
	} else if (year < 100) {
		year += 2000;
	}
	*date = year < 1971 || year > 2105 ? -1 : day_time(year, month, day);
	return *date >= 0;
}

/* "28 January 2015", "5th Feb", "February 13, 2015" with the digits at @s. */
static bool named_date(const char *s, int64_t now, int64_t *date)
{
	size_t len;
	char *end;
	long day, year = -1;
	int month;

	month = month_at(s, &len);
	if (month > 0) {
		s = skip_space(s + len);
		if (!isdigit((unsigned char)*s))
			return false;
		day = strtol(s, &end, 10);
	} else {
		if (!isdigit((unsigned char)*s))
			return false;
		day = strtol(s, &end, 10);
		if (strncasecmp(end, "st", 2) == 0 ||
		    strncasecmp(end, "nd", 2) == 0 ||
		    strncasecmp(end, "rd", 2) == 0 ||
		    strncasecmp(end, "th", 2) == 0)
			end += 2;
		s = skip_space(end);
		if (strncasecmp(s, "of ", 3) == 0)
			s = skip_space(s + 3);
		month = month_at(s, &len);
		if (month == 0)
			return false;
		end = (char *)(uintptr_t)(s + len);
	}
	while (*end && strchr(", .'", *end))
		end++;
	if (isdigit((unsigned char)end[0]) && isdigit((unsigned char)end[1])) {
		year = strtol(end, &end, 10);
		if (year < 1971 && year > 99)
			year = -1;
		/* "26 Feb 10am", "26 Feb 10.30" have no year */
		if (year < 100 && (isalpha((unsigned char)*end) ||
				   *end == '.' || *end == ':'))
			year = -1;
	}
	return day <= 31 && finish_date((int)year, month, (int)day, now, date);
}

/* "3/2/15", "03.02.2015", "2015-02-03" */
static bool plain_date(const char *s, int64_t now, int64_t *date)
{
	long n[3];
	char *end, mark = '\0';

	for (int i = 0; i < 3; i++) {
		if (!isdigit((unsigned char)*s))
			return false;
		n[i] = strtol(s, &end, 10);
		if (end - s > 4)
			return false;
		if (i == 0)
			mark = *end;
		if (i < 2 && (*end != mark || !strchr("/.-", mark) || !mark))
			return false;
		s = end + 1;
	}
	if (isalnum((unsigned char)*end))
		return false;
	if (n[0] > 31)
		return finish_date((int)n[0], (int)n[1], (int)n[2], now, date);
	return finish_date((int)n[2], (int)n[1], (int)n[0], now, date);
}

bool note_date(const char *text, int64_t now, int64_t *date)
{
	bool fresh = true;

	for (const char *s = text; *s; s++) {
		if (fresh &&
		    (plain_date(s, now, date) || named_date(s, now, date)))
			return true;
		fresh = !isalnum((unsigned char)*s);
	}
	return false;
}

/* ---------------------------------------------------------------- who, where
 */

bool note_is_name(struct sdg_str text)
{
	size_t words = 0, i = 0;

	if (text.len < 3 || text.len > 40)
		return false;
	while (i < text.len) {
		if (!isupper((unsigned char)text.s[i]))
			return false;
		while (i < text.len && text.s[i] != ' ') {
			unsigned char c = (unsigned char)text.s[i++];

			if (!isalpha(c) && c < 0x80 && !strchr("-'.", c))
				return false;
		}
		words++;
		while (i < text.len && text.s[i] == ' ')
			i++;
	}
	/* "Lunch." and "Agreed." are no names */
	return words >= 1 && words <= 3 && text.s[text.len - 1] != '.';
}

static void copy_to(char *out, size_t cap, struct sdg_str s)
{
	s = str_trim(s);
	s.len = sdg_text_cut(s.s, s.len, cap - 1);
	memcpy(out, s.len ? s.s : "", s.len);
	out[s.len] = '\0';
}

void note_representative(struct note *note, struct sdg_str text)
{
	const char *open = memchr(text.s, '(', text.len);
	const char *comma = memchr(text.s, ',', text.len);
	size_t len = text.len;
	struct sdg_str inside;

	if (open) {
		const char *close =
		    memchr(open, ')', text.len - (size_t)(open - text.s));

		inside.s = open + 1;
		inside.len =
		    (size_t)((close ? close : text.s + text.len) - inside.s);
		if (!str_is(inside, "council") && !str_is(inside, "rep") &&
		    !str_is(inside, "council rep") &&
		    note->constituency[0] == '\0')
			copy_to(note->constituency, sizeof(note->constituency),
				inside);
		len = (size_t)(open - text.s);
	}
	/* "Sheila Brackenbury, Council rep" */
	if (comma && (size_t)(comma - text.s) < len)
		len = (size_t)(comma - text.s);
	copy_to(note->representative, sizeof(note->representative),
		(struct sdg_str){ text.s, len });
}

/* The place in a title: the words before a date, if they are one. */
static void find_place(struct note *note, const char *text)
{
	static const char *const noise[] = {
		"meeting",    "mtg",      "minutes", "notes",    "branch",
		"network",    "members'", "members", "evening",  "ascl",
		"of",         "from",     "held at", "at",       "the",
		"visit",      "to",       "heads'",  "agm",      "forum",
		"lunch",      "council",  "report",  "regional", "members’",
		"conference", NULL
	};
	char words[200];
	size_t at = 0;
	uint16_t authority;
	const char *s = text;
	int region;

	if (note->constituency[0] || strlen(text) > 160)
		return;
	while (*s && at + 1 < sizeof(words)) {
		const char *next =
		    isalpha((unsigned char)*s) ? skip_any(s, noise) : NULL;
		size_t month = 0;

		if (next) {
			s = next;
			continue;
		}
		/* A date ends it, and so does a dash. */
		if (isdigit((unsigned char)*s) || month_at(s, &month) > 0 ||
		    strncmp(s, " - ", 3) == 0 || strncmp(s, "- ", 2) == 0)
			break;
		do {
			words[at++] = *s++;
		} while (*s && at + 1 < sizeof(words) && s[-1] != ' ');
	}
	while (at > 0 && strchr(" ,-:;.", words[at - 1]))
		at--;
	words[at] = '\0';
	region = sdg_region_from_words(sdg_str(words), &authority);
	if (at > 2 && region != SDG_REGION_ANY && region != SDG_REGION_UNKNOWN)
		copy_to(note->constituency, sizeof(note->constituency),
			sdg_str(words));
}

static void find_name(struct note *note, const char *text)
{
	static const char *const fronts_of_names[] = {
		"notes by",     "notes taken by",
		"minutes by",   "minutes taken by",
		"and minutes:", "minutes:",
		"written by",   "from:",
		"rep:",         "reported by",
		"by:",          NULL
	};
	size_t len = strlen(text);

	if (note->representative[0])
		return;
	for (size_t i = 0; fronts_of_names[i]; i++) {
		size_t n = strlen(fronts_of_names[i]);

		for (const char *s = text; *s; s++) {
			if (strncasecmp(s, fronts_of_names[i], n) != 0 ||
			    (s > text && isalnum((unsigned char)s[-1])))
				continue;
			s = skip_space(s + n);
			note_representative(note,
					    (struct sdg_str){ s, strlen(s) });
			return;
		}
	}
	if (note_is_name(sdg_str(text)) && len > 3)
		copy_to(note->representative, sizeof(note->representative),
			sdg_str(text));
}

void note_heading_facts(struct note *note, const char *text, int64_t now)
{
	bool title = note_is_title(text);
	/* "Next meeting: 5 June" is another day. */
	bool next = has_phrase(text, "next meeting") ||
		    has_phrase(text, "next mtg") ||
		    has_phrase(text, "date of next");

	if (!note->has_date && !next)
		note->has_date = note_date(text, now, &note->date);
	if (note->attendance == 0 && !next)
		note->attendance = note_attendance(text);
	if (note->point_count == 0)
		find_name(note, text);
	if (note->point_count == 0 && (title || strlen(text) < 60))
		find_place(note, text);
	/* A first name at the very end is better than nobody's. */
	if (note->point_count > 0 && note->representative[0] == '\0')
		find_name(note, text);
}

/* -------------------------------------------------------------- the template
 */

static bool says_yes(struct sdg_str value)
{
	return str_is(value, "yes") || str_is(value, "y") ||
	       str_is(value, "true");
}

static void take_number(uint32_t *out, struct sdg_str value)
{
	char buf[32];
	size_t len;

	copy_to(buf, sizeof(buf), value);
	for (const char *s = buf; *s; s++) {
		uint32_t n = number_at(s, &len);

		if (n > 0) {
			*out = n;
			return;
		}
	}
}

enum template_key {
	KEY_REPRESENTATIVE,
	KEY_CONSTITUENCY,
	KEY_BRANCH,
	KEY_DATE,
	KEY_KIND,
	KEY_VOICES,
	KEY_ATTENDANCE,
	KEY_MEMBER,
	KEY_OWN,
	KEY_SECOND_HAND,
};

static const struct {
	const char *name;
	enum template_key key;
} template_keys[] = {
	{ "representative", KEY_REPRESENTATIVE },
	{ "rep", KEY_REPRESENTATIVE },
	{ "from", KEY_REPRESENTATIVE },
	{ "your name", KEY_REPRESENTATIVE },
	{ "name", KEY_REPRESENTATIVE },
	{ "council member", KEY_REPRESENTATIVE },
	{ "constituency", KEY_CONSTITUENCY },
	{ "area", KEY_CONSTITUENCY },
	{ "region", KEY_CONSTITUENCY },
	{ "place", KEY_CONSTITUENCY },
	{ "branch", KEY_BRANCH },
	{ "date", KEY_DATE },
	{ "date of meeting", KEY_DATE },
	{ "meeting date", KEY_DATE },
	{ "when", KEY_DATE },
	{ "kind", KEY_KIND },
	{ "type", KEY_KIND },
	{ "members", KEY_VOICES },
	{ "voices", KEY_VOICES },
	{ "how many members", KEY_VOICES },
	{ "number of members", KEY_VOICES },
	{ "attendance", KEY_ATTENDANCE },
	{ "attended", KEY_ATTENDANCE },
	{ "present", KEY_ATTENDANCE },
	{ "member", KEY_MEMBER },
	{ "member's address", KEY_MEMBER },
	{ "own", KEY_OWN },
	{ "own point", KEY_OWN },
	{ "second hand", KEY_SECOND_HAND },
	{ "second-hand", KEY_SECOND_HAND },
};

static void take_value(struct note *note, enum template_key key,
		       struct sdg_str value, int64_t now)
{
	char buf[100];
	int kind;

	switch (key) {
	case KEY_REPRESENTATIVE:
		note_representative(note, value);
		break;
	case KEY_CONSTITUENCY:
		copy_to(note->constituency, sizeof(note->constituency), value);
		break;
	case KEY_BRANCH:
		copy_to(note->branch, sizeof(note->branch), value);
		break;
	case KEY_DATE:
		copy_to(buf, sizeof(buf), value);
		note->has_date = note_date(buf, now, &note->date);
		break;
	case KEY_KIND:
		kind = sdg_note_kind_from_id(value);
		if (kind >= 0)
			note->kind = (enum sdg_note_kind)kind;
		break;
	case KEY_VOICES:
		take_number(&note->voices, value);
		break;
	case KEY_ATTENDANCE:
		take_number(&note->attendance, value);
		break;
	case KEY_MEMBER:
		sdg_address_normalise(value, note->member,
				      sizeof(note->member));
		break;
	case KEY_OWN:
		note->own = says_yes(value);
		break;
	case KEY_SECOND_HAND:
		note->second_hand = says_yes(value);
		break;
	}
}

bool note_template_line(struct note *note, struct sdg_str line, int64_t now)
{
	const char *colon = line.len ? memchr(line.s, ':', line.len) : NULL;
	struct sdg_str key, value;

	if (!colon)
		return false;
	key = str_trim((struct sdg_str){ line.s, (size_t)(colon - line.s) });
	value = str_trim((struct sdg_str){
	    colon + 1, line.len - (size_t)(colon + 1 - line.s) });
	for (size_t i = 0; i < sizeof(template_keys) / sizeof(template_keys[0]);
	     i++) {
		if (!str_is(key, template_keys[i].name))
			continue;
		if (value.len > 0)
			take_value(note, template_keys[i].key, value, now);
		return true;
	}
	return false;
}
