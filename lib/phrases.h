/*
 * phrases: turns of speech that call for something whatever the frame.
 *
 * Unlike cues they are the same for every association: what an automatic
 * reply says, what a seller says, what asks for help today. They are found
 * as cues are, by stems, longest first.
 */
#ifndef PHRASES_H
#define PHRASES_H

#include "cues.h"

enum sdg_phrase_group {
	SDG_PHRASE_AUTO,  /* an automatic reply, a report of delivery */
	SDG_PHRASE_ADMIN, /* sales, bookings, changes of address */
	SDG_PHRASE_BUYER, /* who says what sellers say to the seller */
	SDG_PHRASE_UNSUBSCRIBE,
	SDG_PHRASE_SAFEGUARDING,
	SDG_PHRASE_CASE,   /* a dispute, a hearing … */
	SDG_PHRASE_URGENT, /* … that is close */
	SDG_PHRASE_NOT,    /* what follows is named to be set aside */
	SDG_PHRASE_GROUPS
};

int sdg_phrases_compile(struct sdg_stemmer *stemmer, struct sdg_cues *out,
			struct sdg_error *err);

struct sdg_piece;

/**
 * sdg_phrases_read - find phrases in one field's words
 * @marks:  of the words, or NULL
 * @piece:  its hits and flags are added to, when not NULL
 * @offset: of @words among the piece's
 *
 * Words that say what a piece is not about ("this is not about pay") are
 * silenced: from such a phrase to the end of the clause stems become
 * SDG_STEM_MUTED, and count for no theme.
 */
void sdg_phrases_read(const struct sdg_cues *phrases, struct sdg_word *words,
		      const uint8_t *marks, size_t n, struct sdg_piece *piece,
		      size_t offset);

#endif
