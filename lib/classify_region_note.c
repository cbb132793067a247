/*
 * classify_region_note: a representative speaks of a member, in few words:
 * "Deputy from Crawley", "Woking. Two business managers", "(head, Coventry)".
 */
#include "classify_region_clause.h"

const char region_headed[] = "role, place";

/* "GO'B (Hinckley, so strictly Leicestershire …": before any verb. */
static enum strength by_opening(struct sentence *s, size_t i)
{
	uint64_t seen = 0;

	if (s->number > 0 || i > 8)
		return NOT_CLAIMED;
	for (size_t k = 0; k < i; k++)
		seen |= cues_at(s, k) & ~(k == 0 ? CUE_THIRD : 0);
	if (seen & (VERBS | CUE_FIRST | CUE_NOT | CUE_CLAUSE | CUE_THIRD))
		return NOT_CLAIMED;
	if (i == 0 && s->n > 1 && gap_at(s, 1) == GAP_SPACE &&
	    !sentence_noun(s, 0) && !(cues_at(s, 1) & (CUE_WAY | CUE_NOT)))
		return NOT_CLAIMED; /* "Durham cathedral was" */
	/* "They all liked the London conference" */
	if (i > 2 && gap_at(s, i) <= GAP_LINE &&
	    !(cues_at(s, sentence_governor(s, i)) &
	      (CUE_IN | CUE_FROM | CUE_OF | POSTS)))
		return NOT_CLAIMED;
	return say(s, STATED, "note's opening");
}

/* "her own school is in Epsom", "head of school in Rotherham" */
static enum strength by_member(struct sentence *s, size_t i)
{
	size_t governor = sentence_governor(s, i);
	uint64_t before = governor > 0 ? cues_at(s, governor - 1) : 0;
	uint64_t noun = sentence_noun(s, i);
	struct clause clause;

	if (governor == i)
		return NOT_CLAIMED;
	clause = clause_before(s, governor);
	/* "Rang three heads in Blackpool", "Met the Swindon heads" */
	if (s->number == 0 && !(clause.seen & (CUE_NOT | CUE_THIRD)) &&
	    ((cues_at(s, governor) & CUE_IN && before & CUE_ROLES) ||
	     (cues_at(s, governor) & CUE_PAST && noun & CUE_ROLES)))
		return say(s, STATED, "heads in");
	if (before & CUE_BE && clause.school && clause.school <= 3)
		return say(s, STATED, "school is in");
	if (noun & POSTS && clause.seen & CUE_ROLE &&
	    !(clause.seen & (CUE_NOT | CUE_WOULD)))
		return say(s, STATED, "at a … school");
	if (!(cues_at(s, governor) & (CUE_IN | CUE_FROM | CUE_OF)))
		return NOT_CLAIMED;
	if (before & CUE_THIRD && governor > 1)
		return NOT_CLAIMED; /* "a friend from" */
	/* "a deputy who has just moved here from Sheffield" */
	if (cues_at(s, governor) & CUE_FROM && clause.past && clause.past <= 3)
		return NOT_CLAIMED;
	if (clause.not_ && !(clause.post && clause.post < clause.not_))
		return NOT_CLAIMED;
	if (clause.past && !(clause.seen & CUE_HAVE) &&
	    !(clause.post && clause.post < clause.past))
		return NOT_CLAIMED;
	if (clause.seen & (CUE_ROLE | CUE_ROLES | CUE_SCHOOL))
		return say(s, STATED, "head from");
	return NOT_CLAIMED;
}

enum strength region_judge_note(struct sentence *s, size_t i)
{
	enum strength found = by_opening(s, i);

	if (found == NOT_CLAIMED && i > 0 && cues_at(s, i - 1) & CUE_ROLE &&
	    gap_at(s, i) <= GAP_COMMA)
		found = say(s, STATED, region_headed);
	if (found == NOT_CLAIMED && i <= 1 &&
	    (sentence_noun(s, i) || cues_at(s, i + 1) & CUE_WAY) &&
	    !(cues_at(s, 0) & CUE_IN))
		found = say(s, STATED, "place, role");
	if (found == NOT_CLAIMED)
		found = by_member(s, i);
	return found;
}
