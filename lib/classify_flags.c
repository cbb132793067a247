/*
 * classify_flags: pieces a person should look at, by their words alone.
 *
 * A flag only asks somebody to look; it changes no figure. So it is raised
 * rather too often than too seldom, but a dispute told as a story is none:
 * casework cannot wait where a sentence names both the case and a day.
 */
#include "phrases.h"
#include "theme.h"

struct reading {
	size_t sentence; /* the one at hand */
	size_t at;       /* words before it are counted into sentence */
	size_t last_case, last_urgent;
};

static void read_hit(const struct sdg_piece *piece,
		     const struct sdg_phrase_hit *hit, struct reading *reading,
		     uint32_t *flags)
{
	/* A subject's first word begins a sentence, too. */
	for (; reading->at <= hit->first; reading->at++)
		reading->sentence += (piece->words[reading->at].before &
				      SDG_BREAK_SENTENCE) != 0;
	switch ((enum sdg_phrase_group)hit->group) {
	case SDG_PHRASE_UNSUBSCRIBE:
		*flags |= SDG_FLAG_UNSUBSCRIBE;
		break;
	case SDG_PHRASE_SAFEGUARDING:
		*flags |= SDG_FLAG_SAFEGUARDING;
		break;
	case SDG_PHRASE_CASE:
		reading->last_case = reading->sentence;
		break;
	case SDG_PHRASE_URGENT:
		reading->last_urgent = reading->sentence;
		break;
	case SDG_PHRASE_AUTO:
	case SDG_PHRASE_ADMIN:
	case SDG_PHRASE_BUYER:
	case SDG_PHRASE_NOT:
	case SDG_PHRASE_GROUPS:
		break;
	}
	if (reading->last_case && reading->last_case == reading->last_urgent)
		*flags |= SDG_FLAG_CASEWORK;
}

void sdg_flags_decide(const struct sdg_piece *piece, struct sdg_labels *labels)
{
	struct reading reading = { 0 };

	for (size_t i = 0; i < piece->hit_count; i++)
		read_hit(piece, &piece->hits[i], &reading, &labels->flags);
}
