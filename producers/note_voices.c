/*
 * note_voices: how many members a point speaks for, and how many came.
 *
 * Only a number that clearly counts people who speak is taken: "he manages
 * 140 people" is one voice, and says nothing of it.
 */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "note.h"

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

/* ",200" of "1,200" */
static bool is_thousands(const char *s)
{
	return *s == ',' && strspn(s + 1, "0123456789") == 3;
}

/* A number at @s; *len its length. 0: none there. */
uint32_t note_number_at(const char *s, size_t *len)
{
	char *end;
	unsigned long n;

	if (isdigit((unsigned char)*s)) {
		n = strtoul(s, &end, 10);
		for (; n <= NOTE_VOICES_MAX && is_thousands(end); end += 4)
			n = n * 1000 + strtoul(end + 1, NULL, 10);
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

const char *note_skip_space(const char *s)
{
	while (isspace((unsigned char)*s))
		s++;
	return s;
}

const char *note_skip_any(const char *s, const char *const *words)
{
	for (size_t i = 0; words[i]; i++) {
		size_t n = strlen(words[i]);

		if (strncasecmp(s, words[i], n) == 0 &&
		    !isalnum((unsigned char)s[n]))
			return note_skip_space(s + n);
	}
	return NULL;
}

/* "(barrow, morecambe) " */
static const char *skip_bracket(const char *s)
{
	const char *end = *s == '(' ? strchr(s, ')') : NULL;

	return end ? note_skip_space(end + 1) : s;
}

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
				      "thought",    "reported",  NULL };

static const char *const fronts[] = {
	"from",      "on behalf of", "speaking for", "speak for", "shared by",
	"raised by", "echoed by",    "supported by", "said by",   NULL
};

/* "Members (approx 25) felt": a number in brackets behind who speaks. */
static bool follows_people(const char *start, const char *number)
{
	const char *open = number;

	while (open > start && *open != '(' && number - open < 12)
		open--;
	if (*open != '(')
		return false;
	while (open > start && isspace((unsigned char)open[-1]))
		open--;
	for (size_t i = 0; people[i]; i++) {
		size_t n = strlen(people[i]);

		if ((size_t)(open - start) >= n &&
		    strncasecmp(open - n, people[i], n) == 0)
			return true;
	}
	return false;
}

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
	s = note_skip_space(s);
	/* "four or five people": the lower, on purpose */
	if (strncasecmp(s, "or ", 3) == 0 || strncasecmp(s, "to ", 3) == 0) {
		size_t len;

		if (note_number_at(s + 3, &len) > 0)
			s = note_skip_space(s + 3 + len);
	}
	if (*s == ')' && follows_people(start, number))
		return true;
	/* "some - six or seven - thought" */
	if (s[0] == '-' && s[1] == ' ')
		s = note_skip_space(s + 1);
	/* "Two said …" */
	if (note_skip_any(s, saying))
		return front || number - start < 25;
	after = note_skip_any(s, people);
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
	       note_skip_any(after, verbs);
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
			number = note_skip_any(at, rough);
			if (!number)
				number = at;
			if (*number == '(' || *number == '[')
				number++;
			n = note_number_at(number, &len);
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
					    "attendees",
					    "members there",
					    "attending",
					    "turned out",
					    "of us at the meeting",
					    "of us there",
					    "round the table",
					    "around the table",
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

		if (fresh && (n = note_number_at(s, &len)) > 0 &&
		    note_skip_any(note_skip_space(s + len), came))
			return n;
		after = fresh ? note_skip_any(s, before) : NULL;
		while (after && *after && strchr(":-= ", *after))
			after++;
		if (after && (n = note_number_at(after, &len)) > 0)
			return n;
		fresh = !isalnum((unsigned char)*s) && *s != '-'; /* no-one */
		if (s - text > 300) /* who came is said early */
			break;
	}
	return 0;
}
