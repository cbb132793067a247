/* note_event: a point of a note, as an event. */
#ifndef NOTE_EVENT_H
#define NOTE_EVENT_H

#include <soundings/feedback.h>

#include "note.h"

/* What the event borrows beside the note. */
struct note_scratch {
	char address[320], key[320];
};

/**
 * note_to_feedback - all of @fb but consultation, received and test
 * @address: the representative's, where it is known; NULL: only the note's
 *
 * @fb borrows from @note and @scratch. Return 0 or SDG_ENOMEM.
 */
int note_to_feedback(const struct note *note, const struct note_point *point,
		     const char *address, struct note_scratch *scratch,
		     struct sdg_feedback *fb, struct sdg_error *err);

#endif
