/*
 * note_template: "Key: value" lines at a note's top: what the template for
 * notes by mail and the editor's hold.
 */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "note.h"
#include "survey_text.h"

static bool says_yes(struct sdg_str value)
{
	return str_is(value, "yes") || str_is(value, "y") ||
	       str_is(value, "true");
}

static void take_number(uint32_t *out, struct sdg_str value)
{
	char buf[32];
	size_t len;

	note_copy(buf, sizeof(buf), value);
	for (const char *s = buf; *s; s++) {
		uint32_t n = note_number_at(s, &len);

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
		note_copy(note->constituency, sizeof(note->constituency),
			  value);
		break;
	case KEY_BRANCH:
		note_copy(note->branch, sizeof(note->branch), value);
		break;
	case KEY_DATE:
		note_copy(buf, sizeof(buf), value);
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
