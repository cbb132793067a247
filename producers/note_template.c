/*
 * note_template: "Key: value" lines at a note's top: what the template for
 * notes by mail and the editor's hold.
 *
 * "Members: two heads said that they cannot recruit" begins like one; what is
 * no answer to the key, and too long to be a slip, is somebody's words.
 */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "note.h"
#include "survey_text.h"

#define SLIP_WORDS 3   /* of an answer that is none */
#define NUMBER_WORDS 5 /* "about 14 of those there" */
#define NAME_WORDS 8

static size_t count_words(struct sdg_str s)
{
	size_t words = 0;

	for (size_t i = 0; i < s.len; i++)
		words += s.s[i] != ' ' && (i == 0 || s.s[i - 1] == ' ');
	return words;
}

static bool take_yes(bool *out, struct sdg_str value)
{
	*out =
	    str_is(value, "yes") || str_is(value, "y") || str_is(value, "true");
	return *out || str_is(value, "no") || str_is(value, "n") ||
	       str_is(value, "false");
}

static bool take_number(uint32_t *out, struct sdg_str value)
{
	char buf[32];
	size_t len;

	note_copy(buf, sizeof(buf), value);
	for (const char *s = buf; *s; s++) {
		uint32_t n = note_number_at(s, &len);

		if (n > 0) {
			*out = n;
			return true;
		}
	}
	return false;
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

static bool take_name(char *out, size_t cap, struct sdg_str value)
{
	if (count_words(value) > NAME_WORDS)
		return false;
	note_copy(out, cap, value);
	return true;
}

static bool take_date(struct note *note, struct sdg_str value, int64_t now)
{
	char buf[100];

	note_copy(buf, sizeof(buf), value);
	note->has_date = note_date(buf, now, &note->date);
	return note->has_date;
}

static bool take_kind(struct note *note, struct sdg_str value)
{
	int kind = sdg_note_kind_from_id(value);

	if (kind >= 0)
		note->kind = (enum sdg_note_kind)kind;
	return kind >= 0;
}

/* False: it is no answer to @key. */
static bool take_value(struct note *note, enum template_key key,
		       struct sdg_str value, int64_t now)
{
	switch (key) {
	case KEY_REPRESENTATIVE:
		if (count_words(value) > NAME_WORDS &&
		    !memchr(value.s, ',', value.len) &&
		    !memchr(value.s, '(', value.len))
			return false;
		note_representative(note, value);
		return true;
	case KEY_CONSTITUENCY:
		return take_name(note->constituency, sizeof(note->constituency),
				 value);
	case KEY_BRANCH:
		return take_name(note->branch, sizeof(note->branch), value);
	case KEY_DATE:
		return take_date(note, value, now);
	case KEY_KIND:
		return take_kind(note, value);
	case KEY_VOICES:
		return count_words(value) <= NUMBER_WORDS &&
		       take_number(&note->voices, value);
	case KEY_ATTENDANCE:
		return take_number(&note->attendance, value);
	case KEY_MEMBER:
		return sdg_address_normalise(value, note->member,
					     sizeof(note->member)) > 0;
	case KEY_OWN:
		return take_yes(&note->own, value);
	case KEY_SECOND_HAND:
		return take_yes(&note->second_hand, value);
	}
	return false;
}

enum note_template note_template_line(struct note *note, struct sdg_str line,
				      int64_t now)
{
	const char *colon = line.len ? memchr(line.s, ':', line.len) : NULL;
	struct sdg_str key, value;

	if (!colon)
		return TEMPLATE_NONE;
	key = str_trim((struct sdg_str){ line.s, (size_t)(colon - line.s) });
	value = str_trim((struct sdg_str){
	    colon + 1, line.len - (size_t)(colon + 1 - line.s) });
	for (size_t i = 0; i < sizeof(template_keys) / sizeof(template_keys[0]);
	     i++) {
		if (!str_is(key, template_keys[i].name))
			continue;
		if (value.len > 0 &&
		    !take_value(note, template_keys[i].key, value, now) &&
		    count_words(value) > SLIP_WORDS)
			return TEMPLATE_SAID;
		return TEMPLATE_TAKEN;
	}
	return TEMPLATE_NONE;
}
