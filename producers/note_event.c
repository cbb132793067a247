/*
 * note_event: a point of a note, as an event; the same whichever way the
 * note came, so that a note sent twice by two ways is counted once.
 */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <soundings/identity.h>

#include "note.h"
#include "note_event.h"

/* Words alone, so that the same note wrapped otherwise is the same. */
static char *squeeze(const char *text)
{
	char *out = malloc(strlen(text) + 1);
	size_t at = 0;

	if (!out)
		return NULL;
	for (; *text; text++) {
		if (!isspace((unsigned char)*text))
			out[at++] = *text;
		else if (at > 0 && out[at - 1] != ' ')
			out[at++] = ' ';
	}
	out[at] = '\0';
	return out;
}

/* A representative is only a respondent for a point of their own. */
static void set_respondent(struct sdg_feedback *fb, const struct note *note,
			   const struct note_point *point, const char *address,
			   struct note_scratch *scratch)
{
	struct sdg_str who = sdg_str(address ? address : note->representative);

	if (!point->own) {
		fb->respondent.address = sdg_str(note->member);
		return;
	}
	if (sdg_address_normalise(who, scratch->address,
				  sizeof(scratch->address)) > 0) {
		fb->respondent.address = sdg_str(scratch->address);
		return;
	}
	snprintf(scratch->key, sizeof(scratch->key), "representative/%s",
		 note->representative);
	for (char *s = scratch->key; *s; s++)
		*s = (char)tolower((unsigned char)*s);
	fb->respondent.key = sdg_str(scratch->key);
}

int note_to_feedback(const struct note *note, const struct note_point *point,
		     const char *address, struct note_scratch *scratch,
		     struct sdg_feedback *fb, struct sdg_error *err)
{
	char *words = squeeze(point->text);

	if (!words)
		return sdg_fail(err, SDG_ENOMEM, "send note: no memory");
	*fb = (struct sdg_feedback){
		.source = SDG_SOURCE_REP,
		.said = note->has_date ? note->date : 0,
		.text = sdg_str(point->text),
		.note = {
			.kind = note->kind,
			.representative = sdg_str(note->representative),
			.constituency = sdg_str(note->constituency),
			.branch = sdg_str(note->branch),
			.voices = point->voices,
			.attendance = note->attendance,
			.own = point->own,
			.second_hand = point->second_hand,
		},
	};
	set_respondent(fb, note, point, address, scratch);
	sdg_identity_note(fb->note.representative, fb->said, sdg_str(words),
			  fb->identity);
	sdg_identity_content(fb->subject, fb->text, fb->content);
	free(words);
	return 0;
}
