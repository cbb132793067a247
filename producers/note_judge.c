/*
 * note_judge: a member's point, or the rest of what people type: who came,
 * the train, lunch, shopping, "sorry about the length".
 *
 * Words are weighed on both sides. When they say nothing, a sentence is a
 * point and a scrap is not: leaving out what a member said is worse than
 * keeping a line about biscuits, which the classifier sets aside anyway.
 */
#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "note.h"
#include "survey_text.h"

/* Whether there is a date matters here, not which. */
#define SOME_DAY 1400000000

/* Somebody says, wants or feels something. */
static const char *const speaking[] = {
	"said",       "says",        "say",        "saying",    "asked",
	"asks",       "asking",      "wants",      "want",      "wanted",
	"would like", "'d like",     "told",       "thinks",    "think",
	"thought",    "feels",       "feel",       "felt",      "worried",
	"worry",      "worries",     "concerned",  "concern",   "concerns",
	"complained", "complaint",   "praised",    "liked",     "likes",
	"reported",   "proposal",    "proposed",   "suggested", "suggests",
	"why",        "should",      "could we",   "can we",    "cross",
	"angry",      "pleased",     "grateful",   "grumble",   "moan",
	"moaned",     "anxiety",     "views",      "view",      "in favour",
	"against",    "agreed that", "unhappy",    "happy",     "keen",
	"struggling", "fed up",      "frustrated", "raised",    "mentioned",
	"query",      "queried",     "request",    "hopes",     "hoping",
	"never once", "nobody",      "needs",      "need",      "demand",
	"welcomed",   "lost",        "cut",        "cuts",      "can't",
	"cannot",     "advertised",  NULL
};

/* Who speaks, and what members speak about. */
static const char *const subjects[] = { "head",
					"heads",
					"headteacher",
					"deputy",
					"deputies",
					"principal",
					"principals",
					"member",
					"members",
					"sbm",
					"sbms",
					"business manager",
					"aht",
					"dht",
					"bursar",
					"governor",
					"governors",
					"govs",
					"ceo",
					"vice principal",
					"teachers",
					"staff",
					"colleague",
					"colleagues",
					"executive head",
					"exec head",
					"finance director",
					"ofsted",
					"hmi",
					"rsc",
					"funding",
					"budget",
					"pay",
					"pension",
					"pensions",
					"workload",
					"academy",
					"academies",
					"mat",
					"trust",
					"trusts",
					"la",
					"send",
					"camhs",
					"curriculum",
					"gcse",
					"gcses",
					"a level",
					"exams",
					"ebacc",
					"progress 8",
					"recruitment",
					"nqt",
					"nqts",
					"hotline",
					"helpline",
					"casework",
					"subscription",
					"sub",
					"council",
					"region",
					"regional",
					"pilot",
					"sixth form",
					"post-16",
					"college",
					"colleges",
					"school",
					"schools",
					"pupils",
					"kids",
					"children",
					"students",
					"attendance of pupils",
					"behaviour",
					"exclusion",
					"exclusions",
					"premium",
					"ascl",
					"association",
					"union",
					"dfe",
					"government",
					"minister",
					"election",
					"course",
					"courses",
					"cpd",
					"conference",
					"magazine",
					"newsletter",
					"website",
					"supply",
					"redundancy",
					"redundancies",
					"inspection",
					"inspections",
					"assessment",
					"levels",
					"gen sec",
					"general secretary",
					NULL };

/* What people note for themselves. */
static const char *const chores[] = { "mileage",
				      "my claim",
				      "claim form",
				      "receipt",
				      "receipts",
				      "expenses",
				      "car park",
				      "parking",
				      "sat nav",
				      "petrol",
				      "sandwiches",
				      "biscuits",
				      "pasties",
				      "samosas",
				      "buffet",
				      "cake",
				      "lunch",
				      "dinner",
				      "coffee",
				      "milk",
				      "bread",
				      "eggs",
				      "stamps",
				      "shopping",
				      "ring mum",
				      "dentist",
				      "dry cleaning",
				      "pick up",
				      "collect",
				      "cat food",
				      "tidy up",
				      "type up later",
				      "projector",
				      "slides to follow",
				      "next meeting",
				      "next mtg",
				      "date of next",
				      "room booked",
				      "room hire",
				      "i've paid",
				      "deposits",
				      "cried off",
				      "apologies",
				      "started late",
				      "meeting closed",
				      "meeting ended",
				      "vegetarian",
				      "raffle",
				      "send to",
				      "hotel",
				      "b&b",
				      "platform",
				      "train home",
				      "the m6",
				      "the m25",
				      "traffic",
				      "note to self",
				      "remember to",
				      "birthday",
				      "homework",
				      "football",
				      "bins",
				      "washing",
				      "charger",
				      "umbrella",
				      "rsvp",
				      "train was",
				      "got home",
				      "don't forget",
				      "dont forget",
				      "book the",
				      "aob none",
				      "thanks to",
				      "minutes of the last",
				      "weather",
				      "slides",
				      "true record",
				      "minutes were",
				      "book hall",
				      "book the hall",
				      "need to book",
				      "typed on",
				      "excuse spelling",
				      "excuse the",
				      "will ring",
				      "will email",
				      "will chase",
				      "parked",
				      "got there at",
				      "left at",
				      "good evening all",
				      "good turnout",
				      "photos to follow",
				      "to circulate",
				      "home by",
				      "battery",
				      "prescription",
				      "cat litter",
				      "meeting opened",
				      "must remember",
				      "bring change",
				      NULL };

static const char *const openings[] = { "next meeting",
					"next mtg",
					"next one",
					"date of next",
					"present:",
					"present -",
					"those present",
					"apologies",
					"in attendance",
					"attending:",
					"attendance:",
					"attendance -",
					"attendance down",
					"attendance up",

					"actions",
					"action -",
					"action:",
					"action points",
					"aob none",
					"aob: none",
					"aob - none",
					"aob nil",
					"meeting closed",
					"meeting ended",
					"started late",
					"started at",
					"donm",
					"agreed last",
					"agreed minutes",
					"minutes agreed",
					"last minutes",
					"minutes of",
					"in the chair",
					"chair:",
					"notes by",
					"notes taken",
					"minutes by",
					"minutes taken",
					"speaker:",
					"venue",
					"to do",
					"todo",
					"shopping",
					"room £",
					"room free",
					"room hire",
					"cc ",
					"copy to",
					"from:",
					"to:",
					"sent from",
					"attached is",
					"attached are",
					"see attached",
					"expenses:",
					"travel:",
					"lunch:",
					"mileage",
					"parking:",
					NULL };

static const char *const courtesies[] = { "sorry about the length",
					  "sorry for the length",
					  "sorry this is",
					  "best wishes",
					  "kind regards",
					  "regards",
					  "yours",
					  "cheers",
					  "see you",
					  "hope this helps",
					  "hope that helps",
					  "hope this is",
					  "speak soon",
					  "let me know if",
					  "any questions",
					  "shout if",
					  "many thanks",
					  "thanks,",
					  "thank you for reading",
					  "that's all",
					  "that's it",
					  "that is all",
					  "i'll be at council",
					  "all the best",
					  NULL };

static const char *const promises[] = {
	"here's",      "here is",      "here are",    "below",
	"attached",    "as promised",  "notes from",  "just a few",
	"a few notes", "a quick note", "points from", "these are",
	"my notes",    "as discussed", NULL
};

static size_t word_count(const char *text)
{
	size_t words = 0;
	bool inside = false;

	for (; *text; text++) {
		bool letter = !isspace((unsigned char)*text);

		words += letter && !inside;
		inside = letter;
	}
	return words;
}

static bool begins(const char *text, const char *with)
{
	return strncasecmp(text, with, strlen(with)) == 0;
}

static bool begins_any(const char *text, const char *const *list)
{
	for (; *list; list++) {
		if (begins(text, *list))
			return true;
	}
	return false;
}

bool note_opens_housekeeping(struct sdg_str line)
{
	for (size_t i = 0; openings[i]; i++) {
		size_t n = strlen(openings[i]);

		if (line.len >= n && strncasecmp(line.s, openings[i], n) == 0)
			return true;
	}
	return false;
}

static int count_any(const char *text, const char *const *list, int most)
{
	int n = 0;

	for (; *list && n < most; list++)
		n += has_phrase(text, *list);
	return n;
}

bool note_is_heading(struct sdg_str line)
{
	size_t letters = 0, upper = 0, words = 1;

	if (line.len > 2 && line.s[0] == '#')
		return true;
	for (size_t i = 0; i < line.len; i++) {
		letters += isalpha((unsigned char)line.s[i]) != 0;
		upper += isupper((unsigned char)line.s[i]) != 0;
		words += line.s[i] == ' ';
	}
	if (words > 8 || letters < 3 || line.len > 70)
		return false;
	if (strchr(".!?", line.s[line.len - 1]))
		return false;
	/* "STAFFING", or "Funding:" alone on its line */
	return upper == letters || (line.s[line.len - 1] == ':' && words <= 6);
}

bool note_is_title(const char *text)
{
	static const char *const cues[] = { "meeting", "mtg",        "minutes",
					    "notes",   "branch",     "members'",
					    "network", "evening",    "visit",
					    "call",    "conference", "council",
					    "report",  "lunch",      "agm",
					    "forum",   "briefing",   NULL };
	size_t len = strlen(text), words = word_count(text);
	int64_t date;

	if (begins(text, "interview with") || begins(text, "conversation with"))
		return words <= 20;
	/* A sentence is no title, however it begins. */
	if (words > 16 || len > 140)
		return false;
	if (note_date(text, SOME_DAY, &date) && words <= 14)
		return true;
	return has_any(text, cues) && words <= 12 &&
	       !(len > 0 && strchr(".?", text[len - 1]) &&
		 count_any(text, speaking, 1) > 0);
}

/* "Hello Duncan, here's everything": behind the greeting. */
static const char *behind_greeting(const char *text)
{
	static const char *const greetings[] = {
		"hello",   "hi",           "dear",         "hiya", "morning",
		"evening", "good morning", "good evening", NULL
	};
	const char *comma;

	for (size_t i = 0; greetings[i]; i++) {
		size_t n = strlen(greetings[i]);

		if (!begins(text, greetings[i]) ||
		    isalpha((unsigned char)text[n]))
			continue;
		comma = strpbrk(text, ",-!.:");
		if (!comma && word_count(text) <= 6)
			return text + strlen(text); /* nothing but it */
		comma = comma && comma - text <= 40 ? comma + 1 : text + n;
		while (isspace((unsigned char)*comma))
			comma++;
		return comma;
	}
	return text;
}

/* Somebody who writes this much has something to say. */
#define LONG_ENOUGH 4000

const char *note_why_no_point(const char *text, int prior)
{
	const char *rest = behind_greeting(text);
	size_t words = word_count(rest);
	int speak, subject, chore;
	int64_t date;

	if (strlen(rest) > LONG_ENOUGH)
		return NULL;
	speak = count_any(rest, speaking, 4);
	subject = count_any(rest, subjects, 4);
	chore = count_any(rest, chores, 6);
	if (words == 0)
		return "a greeting";
	if (rest != text && begins_any(rest, promises))
		return "a greeting";
	if (words <= 2 || (words <= 3 && prior <= 0))
		return note_is_name(sdg_str(rest)) ? "a name" : "a scrap";
	if (begins_any(rest, courtesies) && words <= 40 && subject <= 1)
		return "a courtesy";
	/* "Present 11. Started late (trams)." */
	if (begins_any(rest, openings) &&
	    (words <= 14 || (words <= 40 && speak < 2)))
		return "housekeeping";
	if (note_attendance(rest) > 0 && speak == 0 &&
	    (words <= 14 || note_date(rest, SOME_DAY, &date)))
		return "who came";
	if (note_is_name(sdg_str(rest)))
		return "a name";
	if (words <= 8 && prior <= 0 && speak + subject == 0 &&
	    note_date(rest, SOME_DAY, &date))
		return "a date";
	if (rest[strlen(rest) - 1] == ':' && words <= 25 && prior <= 0)
		return "an introduction";
	/* One "hotel" in thirty words is no chore. */
	if (chore > 0 && 10 * chore >= (int)words &&
	    2 * chore >= speak + subject + 2 * prior)
		return "housekeeping";
	/* What somebody asks is asked, whatever it stands under. */
	if (prior < 0 && speak + subject + !!strchr(rest, '?') < 1 - prior)
		return "housekeeping";
	if (prior <= 0 && words <= 5 && speak + subject == 0 &&
	    !strchr(".!?", rest[strlen(rest) - 1]))
		return "a scrap";
	return NULL;
}
