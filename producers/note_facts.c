/*
 * note_facts: who and where, from the lines of a note that are no points.
 */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include <soundings/classify.h>

#include "note.h"
#include "survey_text.h"

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

void note_copy(char *out, size_t cap, struct sdg_str s)
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
			note_copy(note->constituency,
				  sizeof(note->constituency), inside);
		len = (size_t)(open - text.s);
	}
	/* "Sheila Brackenbury, Council rep" */
	if (comma && (size_t)(comma - text.s) < len)
		len = (size_t)(comma - text.s);
	note_copy(note->representative, sizeof(note->representative),
		  (struct sdg_str){ text.s, len });
}

/* The words of a title that may be a place: before a date or a dash, less
 * what titles say anyway. */
static void title_words(const char *s, char *words, size_t cap)
{
	static const char *const noise[] = {
		"meeting",    "mtg",      "minutes", "notes",    "branch",
		"network",    "members'", "members", "evening",  "ascl",
		"of",         "from",     "held at", "at",       "the",
		"visit",      "to",       "heads'",  "agm",      "forum",
		"lunch",      "council",  "report",  "regional", "members’",
		"conference", "subject",  "re",      "rep",      "member",
		"interview",  "with",     NULL
	};
	size_t at = 0, month;

	while (*s && at + 1 < cap) {
		const char *next =
		    isalpha((unsigned char)*s) ? note_skip_any(s, noise) : NULL;

		if (next) {
			s = next;
			continue;
		}
		if (isdigit((unsigned char)*s) ||
		    note_month_at(s, &month) > 0 || strncmp(s, " - ", 3) == 0 ||
		    strncmp(s, "- ", 2) == 0)
			break;
		do {
			words[at++] = *s++;
		} while (*s && at + 1 < cap && s[-1] != ' ');
	}
	words[at] = '\0';
}

static bool is_place(struct sdg_str words)
{
	uint16_t authority;
	int region;

	if (words.len < 3)
		return false;
	region = sdg_region_from_words(words, &authority);
	return region != SDG_REGION_ANY && region != SDG_REGION_UNKNOWN;
}

/* The part up to the first comma or " in "; @rest is what follows. */
static struct sdg_str next_part(struct sdg_str *rest)
{
	const char *comma = memchr(rest->s, ',', rest->len);
	const char *in = strstr(rest->s, " in ");
	struct sdg_str part = *rest;
	size_t skip = comma ? 1 : 0;

	if (in && (!comma || in < comma)) {
		comma = in;
		skip = 4;
	}
	if (comma)
		part.len = (size_t)(comma - rest->s);
	rest->s += part.len + skip;
	rest->len -= part.len + skip;
	while (part.len > 0 && strchr(" -:;.(", *part.s)) {
		part.s++;
		part.len--;
	}
	while (part.len > 0 && strchr(" -:;.", part.s[part.len - 1]))
		part.len--;
	/* What the trimming above took the other half of. */
	if (part.len > 0 && part.s[part.len - 1] == ')' &&
	    !memchr(part.s, '(', part.len))
		part.len--;
	return part;
}

/* The first part of a title that is a place. */
static void find_place(struct note *note, const char *text)
{
	char words[200];
	struct sdg_str rest, part;

	if (note->constituency[0] || strlen(text) > 160)
		return;
	title_words(text, words, sizeof(words));
	rest = sdg_str(words);
	if (note->kind == SDG_NOTE_INTERVIEW)
		next_part(&rest); /* whom it was with */
	while (rest.len > 0) {
		part = next_part(&rest);
		/* Ann Lee is not of Lee. */
		if (is_place(part) && !sdg_str_eq(part, note->representative)) {
			note_copy(note->constituency,
				  sizeof(note->constituency), part);
			return;
		}
	}
}

/* "Hi Sarah", "Best Wishes" and "North Norfolk" look like names. */
static bool is_somebody(const char *text)
{
	static const char *const others[] = {
		"hi",      "hello",   "dear",    "best",   "kind",    "many",
		"thanks",  "regards", "yours",   "cheers", "council", "ascl",
		"meeting", "notes",   "minutes", "sent",   "all",     NULL
	};

	static const char *const places[] = { "north",  "south", "east",
					      "west",   "mid",   "greater",
					      "county", "city",  "and",
					      NULL };

	if (!note_is_name(sdg_str(text)) || has_any(text, others))
		return false;
	/* Many a village is called Martin: only one word may be a place. */
	return (strchr(text, ' ') && !has_any(text, places)) ||
	       !is_place(sdg_str(text));
}

/* "Jane Doe, Council rep, Norfolk" */
static bool find_office(struct note *note, const char *text)
{
	const char *comma = strchr(text, ',');
	char name[64];

	if (!comma || comma - text >= (ptrdiff_t)sizeof(name) ||
	    !(has_phrase(comma, "council") || has_phrase(comma, "rep")))
		return false;
	note_copy(name, sizeof(name),
		  (struct sdg_str){ text, (size_t)(comma - text) });
	if (!is_somebody(name))
		return false;
	note_copy(note->representative, sizeof(note->representative),
		  sdg_str(name));
	return true;
}

static void find_name(struct note *note, const char *text, bool heading)
{
	static const char *const fronts_of_names[] = { "notes by",
						       "notes taken by",
						       "minutes by",
						       "minutes taken by",
						       "and minutes:",
						       "minutes:",
						       "written by",
						       "from:",
						       "rep:",
						       "reported by",
						       "by:",
						       "notes:",
						       NULL };

	if (note->representative[0])
		return;
	for (size_t i = 0; fronts_of_names[i]; i++) {
		size_t n = strlen(fronts_of_names[i]);

		for (const char *s = text; *s; s++) {
			if (strncasecmp(s, fronts_of_names[i], n) != 0 ||
			    (s > text && isalnum((unsigned char)s[-1])))
				continue;
			s = note_skip_space(s + n);
			note_representative(note,
					    (struct sdg_str){ s, strlen(s) });
			return;
		}
	}
	if (find_office(note, text))
		return;
	/* A first name alone is one only where notes are signed. */
	if (!heading && is_somebody(text) && strlen(text) > 3 &&
	    (note->point_count > 0 || strchr(text, ' ')))
		note_copy(note->representative, sizeof(note->representative),
			  sdg_str(text));
}

void note_heading_facts(struct note *note, const char *text, bool heading,
			int64_t now)
{
	bool title = note_is_title(text);
	/* "Next meeting: 5 June" is another day. */
	bool next =
	    has_phrase(text, "next meeting") || has_phrase(text, "next mtg") ||
	    has_phrase(text, "date of next") || has_phrase(text, "donm");

	if (!note->has_date && !next)
		note->has_date = note_date(text, now, &note->date);
	if (note->attendance == 0 && !next)
		note->attendance = note_attendance(text);
	if (note->point_count == 0 && strncasecmp(text, "interview", 9) == 0)
		note->kind = SDG_NOTE_INTERVIEW;
	find_name(note, text, heading);
	/* At the end only "Council member, Surrey" says where. */
	if (note->point_count == 0 ? title || strlen(text) < 60
				   : has_phrase(text, "council"))
		find_place(note, text);
}
