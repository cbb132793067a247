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
	const struct sdg_word *words;
	uint32_t flags;
	size_t sentence; /* the one at hand */
	size_t at;       /* words before it are counted into sentence */
	size_t last_case, last_urgent;
};

static void read_phrase(void *arg, uint8_t group, int weight, size_t first,
			size_t count)
{
	struct reading *reading = arg;

	(void)weight;
	(void)count;
	for (; reading->at <= first; reading->at++)
		reading->sentence += (reading->words[reading->at].before &
				      SDG_BREAK_SENTENCE) != 0;
	switch ((enum sdg_phrase_group)group) {
	case SDG_PHRASE_UNSUBSCRIBE:
		reading->flags |= SDG_FLAG_UNSUBSCRIBE;
		break;
	case SDG_PHRASE_SAFEGUARDING:
		reading->flags |= SDG_FLAG_SAFEGUARDING;
		break;
	case SDG_PHRASE_CASE:
		reading->last_case = reading->sentence;
		break;
	case SDG_PHRASE_URGENT:
		reading->last_urgent = reading->sentence;
		break;
	case SDG_PHRASE_AUTO:
	case SDG_PHRASE_ADMIN:
	case SDG_PHRASE_GROUPS:
		break;
	}
	if (reading->last_case && reading->last_case == reading->last_urgent)
		reading->flags |= SDG_FLAG_CASEWORK;
}

void sdg_flags_decide(const struct sdg_classifier *classifier,
		      const struct sdg_piece *piece, struct sdg_labels *labels)
{
	struct reading text = { .words = piece->words };
	struct reading subject = { .words = piece->words + piece->text_words };

	sdg_cues_match(&classifier->phrases, text.words, piece->text_words,
		       read_phrase, &text);
	sdg_cues_match(&classifier->phrases, subject.words,
		       piece->subject_words, read_phrase, &subject);
	labels->flags |= text.flags | subject.flags;
}
