/*
 * classify_region_note: a representative speaks of a member, in few words:
 * "Deputy from Crawley", "Woking. Two business managers", "(head, Coventry)".
 */
#include "classify_region_clause.h"

const char region_headed[] = "role, place";

/* "Durham members", "Durham colleagues": who it says they are. */
static uint64_t member_noun(const struct sentence *s, size_t i)
{
	uint64_t noun = sentence_noun(s, i);

	for (size_t k = i + 1; !noun && k < s->n && k <= i + 3; k++) {
		if (gap_at(s, k) > GAP_LINE)
			return 0;
		if (cues_at(s, k) & CUE_PEER)
			return CUE_ROLES;
		if (cues_at(s, k) & ~(uint64_t)(CUE_MODIFIER | CUE_ARTICLE))
			return 0;
	}
	return noun;
}

/* "the Cheshire branch" */
static bool names_branch(const struct sentence *s, size_t i)
{
	return cues_at(s, i + 1) & CUE_BRANCH && gap_at(s, i + 1) <= GAP_LINE;
}

/* "GO'B (Hinckley, so strictly Leicestershire …": before any verb. */
static enum strength by_opening(struct sentence *s, size_t i)
{
	uint64_t seen = 0;

	if (s->number > 0 || i > 8 || names_branch(s, i))
		return NOT_CLAIMED;
	for (size_t k = 0; k < i; k++)
		seen |= cues_at(s, k) & ~(k == 0 ? CUE_THIRD : 0);
	if (seen & (VERBS | CUE_FIRST | CUE_NOT | CUE_CLAUSE | CUE_THIRD))
		return NOT_CLAIMED;
	if (i == 0 && s->n > 1 && gap_at(s, 1) == GAP_SPACE &&
	    !member_noun(s, 0) && !(cues_at(s, 1) & (CUE_WAY | CUE_NOT)))
		return NOT_CLAIMED; /* "Durham cathedral was" */
	/* "They all liked the London conference", "They feel Manchester" */
	if (i > 1 && gap_at(s, i) <= GAP_LINE &&
	    !(cues_at(s, sentence_governor(s, i)) &
	      (CUE_IN | CUE_FROM | CUE_OF | POSTS)))
		return NOT_CLAIMED;
	return say(s, STATED, "note's opening");
}

/* "Spoke with two Durham members", "I met two heads from Sunderland": of whom
 * the note tells; not "Heads here agree with Leeds colleagues". */
static bool told_of(const struct sentence *s, size_t governor, size_t i)
{
	uint64_t cues = cues_at(s, governor);
	uint64_t before = governor > 0 ? cues_at(s, governor - 1) : 0;
	bool after = before & (CUE_ROLES | CUE_ROLE | CUE_PEER) &&
		     cues & (CUE_IN | CUE_FROM);
	size_t end = after ? governor - 1 : governor;

	if (s->number > 0 ||
	    !(after || (cues & (CUE_PAST | CUE_WITH | CUE_TOWARD) &&
			member_noun(s, i) & (CUE_ROLE | CUE_ROLES))))
		return false;
	for (size_t k = 0; k < end; k++)
		if (cues_at(s, k) &
		    (CUE_ROLES | CUE_ROLE | CUE_THIRD | CUE_HERE | CUE_MODAL |
		     CUE_WOULD | CUE_COMPARE | CUE_CLAUSE))
			return false;
	return true;
}

/* "Visited Durham on Monday. Five heads there …" */
static bool went_there(const struct sentence *s, size_t i)
{
	size_t verb =
	    i > 0 && cues_at(s, i - 1) & (CUE_TOWARD | CUE_IN) ? i - 2 : i - 1;
	struct region_token tokens[REGION_TOKENS_MAX];
	struct sentence next = { .tokens = tokens };
	struct region_scan scan;

	if (i == 0 || verb >= s->n || verb > 1 ||
	    !(cues_at(s, verb) & CUE_PAST) ||
	    (verb == i - 1 && !(cues_at(s, verb) & CUE_NOT)) ||
	    (verb == 1 && !(cues_at(s, 0) & CUE_FIRST)))
		return false;
	for (size_t k = i + 1; k < s->n; k++)
		if (cues_at(s, k) & CUE_THERE)
			return true;
	scan = *s->after;
	next.n = region_scan_next(&scan, tokens);
	return sentence_cues(&next) & CUE_THERE;
}

/* "Met nine deputies at the Cheshire branch", "Kent branch, 12 there": the
 * branch that was met; not "they want what the Devon branch has". */
static bool at_branch(const struct sentence *s, size_t i)
{
	size_t before = i;

	while (before > 0 &&
	       cues_at(s, before - 1) & (CUE_ARTICLE | CUE_MODIFIER))
		before--;
	if (before > 0 &&
	    !(cues_at(s, before - 1) &
	      (CUE_IN | CUE_FROM | CUE_OF | CUE_TOWARD | CUE_PAST)))
		return false;
	if (s->number > 0 || !names_branch(s, i))
		return false;
	/* "Durham branch have asked; ours haven't" */
	if (before == 0 && cues_at(s, i + 2) & (VERBS | CUE_MODAL))
		return false;
	for (size_t k = 0; k < i; k++)
		if (cues_at(s, k) & (CUE_THIRD | CUE_CLAUSE | CUE_COMPARE |
				     CUE_WOULD | CUE_MODAL))
			return false;
	return true;
}

/* "used to be head in": no more */
static bool was_once(const struct sentence *s, size_t governor,
		     const struct clause *clause)
{
	size_t k = governor - clause->post;

	if (!clause->post)
		return false;
	while (k > 0 && cues_at(s, k - 1) & (CUE_ARTICLE | CUE_MODIFIER))
		k--;
	return k > 1 && cues_at(s, k - 1) & CUE_BE &&
	       cues_at(s, k - 2) & CUE_MODAL;
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
	if (told_of(s, governor, i))
		return say(s, STATED, "heads in");
	if (was_once(s, governor, &clause) || clause.seen & CUE_COMPARE)
		return NOT_CLAIMED;
	if (before & CUE_BE && clause.school && clause.school <= 3)
		return say(s, STATED, "school is in");
	if (noun & POSTS && clause.seen & CUE_ROLE &&
	    !(clause.seen & (CUE_NOT | CUE_WOULD)))
		return say(s, STATED, "at a … school");
	if (!(cues_at(s, governor) & (CUE_IN | CUE_FROM | CUE_OF)))
		return NOT_CLAIMED;
	if (!(cues_at(s, governor) & (CUE_IN | CUE_FROM)) &&
	    !(before & (POSTS | CUE_ROLES | CUE_PEER)))
		return NOT_CLAIMED; /* "compare us with", "think of" */
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
	    (member_noun(s, i) || cues_at(s, i + 1) & CUE_WAY) &&
	    !(cues_at(s, 0) & CUE_IN))
		found = say(s, STATED, "place, role");
	if (found == NOT_CLAIMED)
		found = by_member(s, i);
	if (found == NOT_CLAIMED && at_branch(s, i))
		found = say(s, STATED, "at the … branch");
	if (found == NOT_CLAIMED && went_there(s, i))
		found = say(s, STATED, "there");
	return found;
}
