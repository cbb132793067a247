/*
 * classify_flags: pieces a person should look at, by their words alone.
 *
 * A flag only asks somebody to look; it changes no figure. So it is raised
 * rather too often than too seldom, but a dispute told as a story is none:
 * casework cannot wait where a sentence names both the case and a day.
 */
#include "phrases.h"
#include "theme.h"

void sdg_flags_read(struct sdg_piece *piece, enum sdg_phrase_group group,
		    size_t first)
{
	struct sdg_flagging *flagging = &piece->flagging;

	/* A subject's first word begins a sentence, too. */
	for (; flagging->at <= first; flagging->at++)
		flagging->sentence += (piece->words[flagging->at].before &
				       SDG_BREAK_SENTENCE) != 0;
	switch (group) {
	case SDG_PHRASE_UNSUBSCRIBE:
		flagging->flags |= SDG_FLAG_UNSUBSCRIBE;
		break;
	case SDG_PHRASE_SAFEGUARDING:
		flagging->flags |= SDG_FLAG_SAFEGUARDING;
		break;
	case SDG_PHRASE_CASE:
		flagging->last_case = flagging->sentence;
		break;
	case SDG_PHRASE_URGENT:
		flagging->last_urgent = flagging->sentence;
		break;
	case SDG_PHRASE_AUTO:
	case SDG_PHRASE_ADMIN:
	case SDG_PHRASE_BUYER:
	case SDG_PHRASE_NOT:
	case SDG_PHRASE_GROUPS:
		break;
	}
	if (flagging->last_case && flagging->last_case == flagging->last_urgent)
		flagging->flags |= SDG_FLAG_CASEWORK;
}
