/*
 * classify_region_text: does the writer say where they work?
 *
 * A place counts only where the sentence ties it to the writer: "we are in
 * …", "I lead a school in …", "as a Telford head", "here in …", or, in a
 * representative's note, to the member whose point it is: "deputy from …".
 * What somebody was, did, saw or might do elsewhere never counts, and a
 * place that is merely mentioned says nothing.
 */
#include <string.h>

#include "classify_region.h"

enum strength {
	NOT_CLAIMED,
	CLAIMED, /* decides when nothing better does */
	STATED,
};

struct sentence {
	const struct region_token *tokens;
	size_t n;
	size_t number;     /* in the text, from 0 */
	bool note;         /* of a representative: members are spoken of */
	bool after_school; /* the sentence before spoke of the writer's own */
	const char *rule;
};

/* "Headteacher - Bristol. Deputy - Leeds.": a list of posts. */
static const char headed[] = "role, place";

#define POSTS (CUE_ROLE | CUE_SCHOOL)
#define VERBS (CUE_BE | CUE_PAST | CUE_WORK | CUE_HAVE | CUE_WOULD)

static uint64_t cues_at(const struct sentence *s, size_t i)
{
	return i < s->n ? s->tokens[i].cues : 0;
}

static uint8_t gap_at(const struct sentence *s, size_t i)
{
	return i < s->n ? s->tokens[i].gap : GAP_START;
}

static enum strength say(struct sentence *s, enum strength strength,
			 const char *rule)
{
	s->rule = rule;
	return strength;
}

/* ------------------------------------------------- what stands to the left */

/* The clause before a place. Distances count tokens back; 0: not there. */
struct clause {
	uint64_t seen;             /* all cues */
	uint64_t since;            /* cues from the nearest FIRST on */
	size_t first, third, not_; /* the nearest of each */
	size_t past, post, school; /* post: a role or a school */
	size_t start;              /* index of its first token */
	bool inherits; /* its subject is the writer, in a clause before */
	bool works;    /* "I lead", "I head", "we run" */
	bool has;      /* "we have a secondary" */
};

static bool clause_ends(const struct sentence *s, size_t k)
{
	/* "those of us who work in", "someone who leads a school in" */
	if (s->tokens[k].cues & CUE_CLAUSE)
		return k == 0 || !(cues_at(s, k - 1) & (CUE_FIRST | CUE_ROLE));
	return k + 1 < s->n && gap_at(s, k + 1) == GAP_BREAK;
}

/* "I trained in Leeds but now lead a school in": whose clause is it? */
static bool subject_before(const struct sentence *s, size_t k)
{
	for (; k > 0; k--) {
		if (cues_at(s, k - 1) & CUE_FIRST)
			return true;
		if (cues_at(s, k - 1) & CUE_THIRD)
			return false;
	}
	return false;
}

static void note_distance(size_t *slot, uint64_t cues, uint64_t wanted,
			  size_t far)
{
	if (cues & wanted && *slot == 0)
		*slot = far;
}

/* "I lead", "we now run", "I head"; not "our rep" */
static bool works_next(const struct sentence *s, size_t k)
{
	uint64_t next = cues_at(s, k + 1);

	if (cues_at(s, k) & CUE_MINE)
		return false;
	if (next & (CUE_NOW | CUE_HAVE))
		next = cues_at(s, k + 2);
	return next & (CUE_WORK | CUE_ROLE) && !(next & CUE_PAST);
}

/* "I've got a PRU", "we have a secondary", not "I've paid £300 a head" */
static bool has_next(const struct sentence *s, size_t k)
{
	size_t from = cues_at(s, k) & CUE_HAVE ? k : k + 1;

	/* "my trust has schools in" */
	if (cues_at(s, k) & CUE_MINE && cues_at(s, from) & CUE_SCHOOL)
		from++;
	if (!(cues_at(s, from) & CUE_HAVE))
		return false;
	for (size_t i = from + 1; i <= from + 3; i++)
		if (cues_at(s, i) & (POSTS | CUE_SCHOOLS))
			return true;
	return false;
}

static struct clause look_left(const struct sentence *s, size_t from)
{
	struct clause clause = { .start = from };
	size_t k = from, far = 0;

	while (k > 0 && far < 24 && !clause_ends(s, k - 1)) {
		uint64_t cues = cues_at(s, --k);

		far++;
		if (cues & CUE_FIRST && !clause.first) {
			clause.since = clause.seen | cues;
			clause.works = works_next(s, k);
			clause.has = has_next(s, k);
		}
		note_distance(&clause.first, cues, CUE_FIRST, far);
		note_distance(&clause.third, cues, CUE_THIRD, far);
		note_distance(&clause.not_, cues, CUE_NOT | CUE_WOULD, far);
		note_distance(&clause.past, cues, CUE_PAST, far);
		note_distance(&clause.post, cues, POSTS, far);
		note_distance(&clause.school, cues, CUE_SCHOOL, far);
		clause.seen |= cues;
	}
	clause.start = k;
	if (!clause.first && !clause.third && clause.seen & CUE_WORK &&
	    !(clause.seen & CUE_PAST) && k > 0 &&
	    cues_at(s, k - 1) & CUE_CLAUSE)
		clause.inherits = subject_before(s, k);
	return clause;
}

/* Is there something nearer than the writer that takes the place away? */
static bool denied(const struct clause *clause)
{
	/* "I'd been head in" is no nearer than its own "I" */
	return clause->not_ &&
	       (!clause->first || clause->not_ <= clause->first);
}

static bool of_another(const struct clause *clause)
{
	return clause->third &&
	       (!clause->first || clause->third < clause->first);
}

/* "I was head in", but not "I have led" and "I now". */
static bool is_past(const struct clause *clause)
{
	uint64_t seen = clause->first ? clause->since : clause->seen;

	return seen & CUE_PAST && !(seen & (CUE_HAVE | CUE_NOW));
}

/* Back over "the heart of rural", to what governs the place; @i itself when
 * nothing stands before. */
static size_t skip_modifiers(const struct sentence *s, size_t i)
{
	while (i > 0 && gap_at(s, i) <= GAP_LINE) {
		uint64_t cues = cues_at(s, i - 1);

		if (cues & CUE_IN)
			return i - 1;
		if (!(cues & (CUE_MODIFIER | CUE_ARTICLE | CUE_PART) ||
		      (cues & CUE_OF && i > 1 &&
		       cues_at(s, i - 2) & (CUE_PART | CUE_MODIFIER))))
			return i - 1;
		i--;
	}
	return i;
}

/* ------------------------------------------------------ what lies around it */

/* "I am in Leeds on Tuesday": a journey. */
static bool a_visit(const struct sentence *s, size_t i)
{
	for (size_t k = i + 1; k < s->n && k <= i + 4; k++) {
		if (cues_at(s, k) & CUE_TIME)
			return true;
		if (cues_at(s, k) & (CUE_FIRST | CUE_CLAUSE))
			return false;
	}
	return false;
}

/* "Telford head", "Leeds inner-city academy": the noun it describes. */
static uint64_t noun_after(const struct sentence *s, size_t i)
{
	for (size_t k = i + 1; k < s->n && k <= i + 3; k++) {
		uint64_t cues = cues_at(s, k);

		if (gap_at(s, k) > GAP_LINE)
			return 0;
		if (cues & (CUE_ROLE | CUE_ROLES | CUE_SCHOOL | CUE_SCHOOLS))
			return cues;
		if (cues & (CUE_IN | CUE_OF | CUE_BE | CUE_CLAUSE | CUE_FIRST |
			    CUE_PAST | CUE_NOT | CUE_WORK | CUE_LIST))
			return 0;
	}
	return 0;
}

/* ------------------------------------------------------------ the patterns */

/* "your people believe we are in" */
static bool believed(const struct clause *clause)
{
	return clause->third && clause->third <= clause->first + 3;
}

/* "we are three small secondaries in": nothing but a noun follows the verb */
static bool is_predicate(const struct sentence *s, size_t governor)
{
	size_t k = governor;

	if (k == 0 || !(cues_at(s, k - 1) & (POSTS | CUE_ROLES | CUE_SCHOOLS)))
		return false;
	for (k--; k > 0 && k + 8 > governor; k--) {
		uint64_t cues = cues_at(s, k - 1);

		if (cues & CUE_BE)
			return cues & CUE_FIRST ||
			       (k > 1 && cues_at(s, k - 2) & CUE_FIRST);
		if (cues &
		    (CUE_FIRST | CUE_NOT | CUE_WORK | CUE_PAST | CUE_WITH))
			return false;
	}
	return false;
}

/* "we are in", "my school, I should say, is in"; not "the course I did is" */
static bool is_subject(const struct sentence *s, size_t governor)
{
	size_t verb = governor - 1;

	if (cues_at(s, verb) & CUE_FIRST ||
	    (verb > 0 && cues_at(s, verb - 1) & CUE_FIRST))
		return true;
	for (size_t k = verb; k > 0 && k + 12 > verb; k--) {
		if (!(cues_at(s, k - 1) & CUE_FIRST))
			continue;
		return cues_at(s, k - 1) & CUE_MINE
			   ? (cues_at(s, k) | cues_at(s, k + 1) |
			      cues_at(s, k + 2)) &
				 (CUE_SCHOOL | CUE_OWN)
			   : cues_at(s, k) & (CUE_NOW | CUE_WORK);
	}
	return false;
}

/* "a history of school songs in": the school only describes it */
static bool is_other_noun(const struct sentence *s, size_t governor,
			  const struct clause *clause)
{
	const struct region_token *last = &s->tokens[governor - 1];

	return clause->post == 2 && last->cues == 0 &&
	       !(last->flags & (TOKEN_CAPITAL | TOKEN_DIGIT)) &&
	       last->gap <= GAP_LINE;
}

/* "I've been doing it for a new head over in" */
static bool is_for_another(const struct sentence *s,
			   const struct clause *clause)
{
	size_t k = clause->start;
	bool role = false;

	/* the first post after the writer is whose it is */
	while (k < s->n && !(cues_at(s, k) & CUE_FIRST))
		k++;
	for (k++; k < s->n && !role; k++) {
		if (cues_at(s, k) & (CUE_SCHOOL | CUE_WORK))
			return false;
		role = cues_at(s, k) & CUE_ROLE;
	}
	if (!role)
		return false;
	for (k--; k > 0 && cues_at(s, k - 1) & (CUE_ARTICLE | CUE_MODIFIER);)
		k--;
	return k > 0 && cues_at(s, k - 1) & CUE_WITH;
}

/* "my governors in", "our second headship, this one in" */
static bool is_own(const struct sentence *s, size_t governor)
{
	size_t k = governor;

	if (k == 0 || !(cues_at(s, k - 1) & (CUE_OWN | CUE_SCHOOL)))
		return false;
	for (k--; k > 0 && k + 4 > governor; k--) {
		uint64_t cues = cues_at(s, k - 1);

		if (cues & CUE_FIRST)
			return true;
		if (!(cues & (CUE_ARTICLE | CUE_MODIFIER | CUE_SCHOOL)))
			return false;
	}
	return false;
}

/* "I … a school in": does the clause place the writer's work there? */
static enum strength by_clause(struct sentence *s, const struct clause *clause,
			       size_t governor, size_t i)
{
	uint64_t before = governor > 0 ? cues_at(s, governor - 1) : 0;
	uint64_t seen = clause->first ? clause->since : clause->seen;

	if (before & CUE_HERE && !of_another(clause))
		return say(s, STATED, "here in");
	/* "I lead what used to be the worst school in" */
	if (clause->works && !of_another(clause) && before & POSTS)
		return say(s, STATED, "I lead a school in");
	if (denied(clause) || of_another(clause))
		return NOT_CLAIMED;
	if (clause->seen & CUE_AS && clause->seen & POSTS)
		return say(s, STATED, "as a head in");
	if (!(clause->first || clause->inherits) || is_past(clause))
		return NOT_CLAIMED;
	if (before & CUE_BE)
		return is_subject(s, governor) && !believed(clause) &&
			       !a_visit(s, i)
			   ? say(s, STATED, "we are in")
			   : NOT_CLAIMED;
	if (clause->first == 1)
		return say(s, STATED, "we in");
	if (before & CUE_WORK || clause->works)
		return say(s, STATED, "I work in");
	if ((seen & (CUE_BE | CUE_WORK) || clause->has) && seen & POSTS &&
	    !is_other_noun(s, governor, clause) && !is_for_another(s, clause))
		return say(s, STATED, "my work is in");
	if (is_predicate(s, governor))
		return say(s, STATED, "we are schools in");
	if (is_own(s, governor))
		return say(s, STATED, "our own in");
	return NOT_CLAIMED;
}

/* "Headteacher in Newham, 11 to 16": the sentence begins with the role. */
static enum strength by_opening_role(struct sentence *s,
				     const struct clause *clause, size_t i)
{
	size_t k = clause->start;

	if (s->number > 2 && !s->note)
		return NOT_CLAIMED;
	if (clause->seen & (CUE_NOT | CUE_WOULD | CUE_THIRD | CUE_ROLES |
			    CUE_SCHOOLS | CUE_FIRST))
		return NOT_CLAIMED;
	if (s->note) {
		while (cues_at(s, k) & (CUE_ARTICLE | CUE_MODIFIER | CUE_NOW) &&
		       !(cues_at(s, k) & POSTS))
			k++;
		return cues_at(s, k) & POSTS ? say(s, STATED, "role in")
					     : NOT_CLAIMED;
	}
	/* "A head in Blackpool wrote": of another */
	if (k == 0 && cues_at(s, 0) & CUE_ROLE && !(clause->seen & VERBS) &&
	    (i + 1 == s->n || gap_at(s, i + 1) >= GAP_LINE ||
	     cues_at(s, i + 1) & (CUE_LIST | CUE_OF)))
		return say(s, STATED, "role in");
	return NOT_CLAIMED;
}

static uint64_t all_cues(const struct sentence *s)
{
	uint64_t cues = 0;

	for (size_t k = 0; k < s->n; k++)
		cues |= s->tokens[k].cues;
	return cues;
}

static enum strength by_in(struct sentence *s, size_t governor, size_t i)
{
	struct clause clause = look_left(s, governor);
	enum strength found = by_clause(s, &clause, governor, i);

	if (found == NOT_CLAIMED)
		found = by_opening_role(s, &clause, i);
	/* "It's in Canterbury, it has 870 children" */
	if (found == NOT_CLAIMED && s->after_school && governor == 1 &&
	    cues_at(s, 0) & CUE_IT)
		found = say(s, STATED, "it is in");
	/* "In Cornwall we …", "Teaching on Tyneside, I …" */
	if (found == NOT_CLAIMED && governor == 0 &&
	    cues_at(s, i + 1) & CUE_FIRST &&
	    (cues_at(s, i + 1) | cues_at(s, i + 2)) &
		(CUE_BE | CUE_HAVE | CUE_WORK))
		found = say(s, CLAIMED, "in … we");
	if (found == NOT_CLAIMED && clause.start == 0 &&
	    cues_at(s, 0) & CUE_WORK && !clause.first &&
	    !(clause.seen & (CUE_NOT | CUE_THIRD | CUE_PAST)) &&
	    all_cues(s) & CUE_FIRST)
		found = say(s, CLAIMED, "working in …, I");
	return found;
}

/* "I came to Portsmouth to be a head and have stayed" */
static enum strength by_to(struct sentence *s, size_t governor)
{
	struct clause clause = look_left(s, governor);
	uint64_t all = all_cues(s);

	if (clause.first && clause.first <= 3 && !denied(&clause) &&
	    !of_another(&clause) && !(clause.seen & CUE_WOULD) &&
	    all & (POSTS | CUE_WORK) && !(all & CUE_TIME))
		return say(s, CLAIMED, "I came to");
	return NOT_CLAIMED;
}

/* "Our children come from Alum Rock", "Headteacher from Goole" */
static enum strength by_from(struct sentence *s, size_t governor, size_t i)
{
	struct clause clause = look_left(s, governor);

	if (clause.seen & (CUE_NOT | CUE_WOULD | CUE_PAST))
		return NOT_CLAIMED;
	if (clause.first && clause.first <= 4 && clause.seen & CUE_OWN &&
	    s->tokens[governor].end - s->tokens[governor].start > 4)
		return say(s, CLAIMED, "our children are from");
	return clause.seen & VERBS ? NOT_CLAIMED
				   : by_opening_role(s, &clause, i);
}

/* "our bit of the Thames Valley", "this end of Norfolk" */
static enum strength by_part(struct sentence *s, size_t i)
{
	size_t k = i;

	while (k > 0 && k + 4 > i && gap_at(s, k) <= GAP_LINE &&
	       cues_at(s, k - 1) & (CUE_ARTICLE | CUE_MODIFIER | CUE_OF))
		k--;
	if (k == i || k < 2 || !(cues_at(s, k - 1) & CUE_PART) ||
	    !(cues_at(s, k) & CUE_OF || cues_at(s, k - 1) & CUE_OF))
		return NOT_CLAIMED;
	return cues_at(s, k - 2) & CUE_MINE ? say(s, STATED, "our part of")
					    : NOT_CLAIMED;
}

static enum strength by_preposition(struct sentence *s, size_t i)
{
	size_t governor = skip_modifiers(s, i);
	uint64_t cues = cues_at(s, governor);
	struct clause clause;

	if (governor == i)
		return NOT_CLAIMED;
	if (cues & CUE_IN)
		return by_in(s, governor, i);
	if (cues & CUE_TO)
		return by_to(s, governor);
	if (cues & CUE_FROM)
		return by_from(s, governor, i);
	/* "we're North Yorks" */
	clause = look_left(s, governor);
	if (cues & CUE_BE && !(clause.seen & CUE_NOT) &&
	    (cues & CUE_FIRST ||
	     (governor > 0 && cues_at(s, governor - 1) & CUE_FIRST)) &&
	    s->tokens[i].place->kinds & (PLACES_AREA | PLACES_AUTHORITY))
		return say(s, STATED, "we are");
	return NOT_CLAIMED;
}

/* "as a Telford head", "I run a Bristol primary", "our Leeds school" */
static enum strength by_attribute(struct sentence *s, size_t i)
{
	uint64_t noun = noun_after(s, i), cues;
	struct clause clause;
	size_t k = i;

	if (!noun)
		return NOT_CLAIMED;
	while (k > 0 && gap_at(s, k) <= GAP_LINE &&
	       cues_at(s, k - 1) & (CUE_ARTICLE | CUE_MODIFIER))
		k--;
	cues = k > 0 && gap_at(s, k) <= GAP_LINE ? cues_at(s, k - 1) : 0;
	clause = look_left(s, k);
	if (denied(&clause) || of_another(&clause) || is_past(&clause))
		return NOT_CLAIMED;
	if (cues & CUE_AS || (clause.seen & CUE_AS && clause.seen & CUE_ROLE))
		return say(s, STATED, "as a … head");
	/* "head of Bolsover's only secondary", "Kent's heads" */
	if (s->tokens[i].flags & TOKEN_OWNS &&
	    !(noun & CUE_SCHOOL && clause.first &&
	      clause.since & (CUE_BE | CUE_WORK)))
		return NOT_CLAIMED;
	if (cues & CUE_BE && clause.first && clause.first <= 3)
		return say(s, STATED, "I am a … head");
	if (cues & CUE_FIRST)
		return say(s, STATED, "our … school");
	if (clause.first && clause.since & (CUE_WORK | CUE_BE | CUE_ROLE) &&
	    noun & CUE_SCHOOL)
		return say(s, STATED, "I work at a … school");
	if (k == 0 && s->number <= 1 && noun & CUE_ROLE &&
	    !(cues_at(s, 0) & CUE_ARTICLE))
		return say(s, STATED, "… head");
	/* "let me add a wrinkle from a Leeds academy" */
	if (cues & CUE_FROM && noun & CUE_SCHOOL && !clause.third)
		return say(s, CLAIMED, "from a … school");
	return NOT_CLAIMED;
}

/* "Rotherham, where I am head", "a Cumbria-based trust" */
static enum strength by_what_follows(struct sentence *s, size_t i)
{
	if (cues_at(s, i + 1) & CUE_BE && cues_at(s, i + 2) & CUE_WHERE &&
	    cues_at(s, i + 3) & CUE_FIRST &&
	    cues_at(s, i + 4) & (CUE_BE | CUE_WORK))
		return say(s, STATED, "… is where we are");
	if (cues_at(s, i + 1) & CUE_WHERE && cues_at(s, i + 2) & CUE_FIRST &&
	    (cues_at(s, i + 2) | cues_at(s, i + 3)) &
		(CUE_BE | CUE_WORK | CUE_SCHOOL) &&
	    !((cues_at(s, i + 2) | cues_at(s, i + 3)) & (CUE_HAVE | CUE_WOULD)))
		return say(s, STATED, "… where we are");
	return NOT_CLAIMED;
}

/* "Middlesbrough, AHT, six years." "Principal, FE, Huddersfield." */
static enum strength by_heading(struct sentence *s, size_t i)
{
	if (s->number > 2)
		return NOT_CLAIMED;
	if (i == 0 && gap_at(s, 1) >= GAP_COMMA && cues_at(s, 1) & POSTS)
		return say(s, STATED, "place, role");
	if (i == 1 && cues_at(s, 0) & CUE_ROLE && gap_at(s, 1) == GAP_COMMA)
		return say(s, STATED, headed);
	if (i + 1 == s->n && s->n <= 8 && gap_at(s, i) == GAP_COMMA &&
	    cues_at(s, 0) & CUE_ROLE)
		return say(s, STATED, headed);
	return NOT_CLAIMED;
}

/* --------------------------------------------------- a representative's note
 */

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
	    !noun_after(s, 0) && !(cues_at(s, 1) & (CUE_WAY | CUE_NOT)))
		return NOT_CLAIMED; /* "Durham cathedral was" */
	/* "They all liked the London conference" */
	if (i > 2 && gap_at(s, i) <= GAP_LINE &&
	    !(cues_at(s, skip_modifiers(s, i)) &
	      (CUE_IN | CUE_FROM | CUE_OF | POSTS)))
		return NOT_CLAIMED;
	return say(s, STATED, "note's opening");
}

/* "her own school is in Epsom", "head of school in Rotherham" */
static enum strength by_member(struct sentence *s, size_t i)
{
	size_t governor = skip_modifiers(s, i);
	uint64_t before = governor > 0 ? cues_at(s, governor - 1) : 0;
	uint64_t noun = noun_after(s, i);
	struct clause clause;

	if (governor == i)
		return NOT_CLAIMED;
	clause = look_left(s, governor);
	if (before & CUE_BE && clause.school && clause.school <= 3)
		return say(s, STATED, "school is in");
	if (noun & POSTS && clause.seen & CUE_ROLE &&
	    !(clause.seen & (CUE_NOT | CUE_WOULD)))
		return say(s, STATED, "at a … school");
	if (!(cues_at(s, governor) & (CUE_IN | CUE_FROM | CUE_OF)))
		return NOT_CLAIMED;
	if (before & CUE_THIRD && governor > 1)
		return NOT_CLAIMED; /* "a friend from" */
	if (clause.not_ && !(clause.post && clause.post < clause.not_))
		return NOT_CLAIMED;
	if (clause.past && !(clause.seen & CUE_HAVE) &&
	    !(clause.post && clause.post < clause.past))
		return NOT_CLAIMED;
	if (clause.seen & (CUE_ROLE | CUE_ROLES | CUE_SCHOOL))
		return say(s, STATED, "head from");
	return NOT_CLAIMED;
}

static enum strength by_note(struct sentence *s, size_t i)
{
	enum strength found = by_opening(s, i);

	if (found == NOT_CLAIMED && i > 0 && cues_at(s, i - 1) & CUE_ROLE &&
	    gap_at(s, i) <= GAP_COMMA)
		found = say(s, STATED, headed);
	if (found == NOT_CLAIMED && i <= 1 &&
	    (noun_after(s, i) || cues_at(s, i + 1) & CUE_WAY) &&
	    !(cues_at(s, 0) & CUE_IN))
		found = say(s, STATED, "place, role");
	if (found == NOT_CLAIMED)
		found = by_member(s, i);
	return found;
}

/* ----------------------------------------------------------- all of a text */

static enum strength judge(struct sentence *s, size_t i)
{
	enum strength found;

	if (s->tokens[i].flags & TOKEN_QUOTED && !s->note)
		return NOT_CLAIMED;
	if (i > 0 && gap_at(s, i) <= GAP_LINE && cues_at(s, i - 1) & CUE_TITLE)
		return NOT_CLAIMED;
	found = by_attribute(s, i);
	if (found == NOT_CLAIMED)
		found = by_preposition(s, i);
	if (found == NOT_CLAIMED)
		found = by_part(s, i);
	if (found == NOT_CLAIMED)
		found = by_what_follows(s, i);
	if (found == NOT_CLAIMED)
		found = by_heading(s, i);
	if (found == NOT_CLAIMED && s->note)
		found = by_note(s, i);
	return found;
}

/* The county after a town, "Newcastle, Staffs", tells namesakes apart. */
static uint32_t hints_beside(const struct sentence *s, size_t i, uint32_t hints)
{
	for (size_t k = i + 1; k < s->n && k <= i + 2; k++) {
		const struct places_entry *next = s->tokens[k].place;

		if (next && next->region && next->region != SDG_REGION_UNKNOWN)
			return 1u << next->region;
	}
	return hints;
}

/* "schools in Sunderland, Doncaster and Croydon" are in no one region. */
static bool among_others(const struct sentence *s, size_t i,
			 enum sdg_region region)
{
	for (size_t k = i + 1; k < s->n && k <= i + 4; k++) {
		const struct places_entry *next = s->tokens[k].place;

		if (next && next->kinds & PLACES_TOWN && next->region &&
		    next->region != SDG_REGION_UNKNOWN)
			return next->region != region &&
			       s->tokens[i].place->kinds & PLACES_TOWN;
		if (!(cues_at(s, k) & CUE_LIST))
			return false;
	}
	return false;
}

static bool worth_judging(const struct sentence *s, size_t i)
{
	const struct places_entry *place = s->tokens[i].place;

	if (!place || place->kinds & PLACES_NOT ||
	    place->region == SDG_REGION_UNKNOWN)
		return false;
	return (place->kinds & ~PLACES_FORM) != PLACES_DEMONYM ||
	       noun_after(s, i);
}

static void read_sentence(const struct region_context *context,
			  struct sentence *s, enum sdg_field field,
			  struct region_claims *claims,
			  struct sdg_explanation *why, struct sdg_str text)
{
	for (size_t i = 0; i < s->n; i++) {
		const struct region_token *token = &s->tokens[i];
		struct region_finding finding = {
			.evidence = SDG_EVIDENCE_STATEMENT,
			.field = field,
			.start = token->start,
			.end = token->end,
			.rule = "only mentioned",
		};
		enum strength strength;

		if (!worth_judging(s, i))
			continue;
		finding.region = region_of_place(
		    token->place, hints_beside(s, i, context->hints));
		if (finding.region == SDG_REGION_ANY)
			continue;
		finding.authority = token->place->authority;
		strength = among_others(s, i, finding.region) ? NOT_CLAIMED
							      : judge(s, i);
		if (strength == STATED && !s->note && s->rule == headed &&
		    claims->statement.rule == headed &&
		    claims->statement.region != finding.region)
			claims->spoilt = true;
		if (strength == STATED && !claims->statement.region) {
			finding.rule = s->rule;
			claims->statement = finding;
		} else if (strength == CLAIMED && !claims->claim.region) {
			finding.rule = s->rule;
			finding.evidence = SDG_EVIDENCE_CLAIMED;
			claims->claim = finding;
		} else if (why && why->count < 32) {
			region_explain(why, text, &finding, false);
		}
	}
}

static bool of_own_school(const struct sentence *s)
{
	uint64_t cues = 0;

	for (size_t i = 0; i < s->n; i++)
		cues |= s->tokens[i].cues;
	/* "One." carries on what was said before it */
	return s->n <= 2 ? s->after_school
			 : cues & CUE_FIRST && cues & CUE_SCHOOL &&
			       !(cues & (CUE_NOT | CUE_THIRD));
}

void region_read_text(const struct region_context *context, struct sdg_str text,
		      enum sdg_field field, struct region_claims *claims,
		      struct sdg_explanation *why)
{
	struct region_token tokens[REGION_TOKENS_MAX];
	struct region_scan scan;
	struct sentence s = {
		.tokens = tokens,
		.note = context->fb->source == SDG_SOURCE_REP,
	};

	region_scan_start(&scan, text, false);
	while ((s.n = region_scan_next(&scan, tokens)) > 0) {
		read_sentence(context, &s, field, claims, why, text);
		s.after_school = of_own_school(&s);
		s.number++;
		if (claims->statement.region && !why &&
		    (s.number > 2 || claims->statement.rule != headed))
			return;
	}
}
