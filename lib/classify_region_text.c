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

#define ROLE_OR_SCHOOL (CUE_ROLE | CUE_SCHOOL)
#define VERBS (CUE_BE | CUE_PAST | CUE_WORK | CUE_HAVE | CUE_WOULD)

static uint32_t cues_at(const struct sentence *s, size_t i)
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
	uint32_t seen;             /* all cues */
	uint32_t since;            /* cues from the nearest FIRST on */
	size_t first, third, not_; /* the nearest of each */
	size_t past, post, school; /* post: a role or a school */
	size_t start;              /* index of its first token */
	bool inherits; /* its subject is the writer, in a clause before */
	bool works;    /* "I lead", "I head", "we run" */
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

static void note_distance(size_t *slot, uint32_t cues, uint32_t wanted,
			  size_t far)
{
	if (cues & wanted && *slot == 0)
		*slot = far;
}

/* "I lead", "we now run", "I head" */
static bool works_next(const struct sentence *s, size_t k)
{
	uint32_t next = cues_at(s, k + 1);

	if (next & (CUE_NOW | CUE_HAVE))
		next = cues_at(s, k + 2);
	return next & (CUE_WORK | CUE_ROLE) && !(next & CUE_PAST);
}

static struct clause look_left(const struct sentence *s, size_t from)
{
	struct clause clause = { .start = from };
	size_t k = from, far = 0;

	while (k > 0 && far < 24 && !clause_ends(s, k - 1)) {
		uint32_t cues = cues_at(s, --k);

		far++;
		if (cues & CUE_FIRST && !clause.first) {
			clause.since = clause.seen | cues;
			clause.works = works_next(s, k);
		}
		note_distance(&clause.first, cues, CUE_FIRST, far);
		note_distance(&clause.third, cues, CUE_THIRD, far);
		note_distance(&clause.not_, cues, CUE_NOT | CUE_WOULD, far);
		note_distance(&clause.past, cues, CUE_PAST, far);
		note_distance(&clause.post, cues, ROLE_OR_SCHOOL, far);
		note_distance(&clause.school, cues, CUE_SCHOOL, far);
		clause.seen |= cues;
	}
	clause.start = k;
	if (!clause.first && !clause.third && clause.seen & CUE_WORK &&
	    !(clause.seen & CUE_PAST))
		clause.inherits = subject_before(s, k);
	return clause;
}

/* Is there something nearer than the writer that takes the place away? */
static bool denied(const struct clause *clause)
{
	return clause->not_ && (!clause->first || clause->not_ < clause->first);
}

static bool of_another(const struct clause *clause)
{
	return clause->third &&
	       (!clause->first || clause->third < clause->first);
}

/* "I was head in", but not "I have led" and "I now". */
static bool is_past(const struct clause *clause)
{
	uint32_t seen = clause->first ? clause->since : clause->seen;

	return seen & CUE_PAST && !(seen & (CUE_HAVE | CUE_NOW));
}

/* Back over "the heart of rural", to what governs the place; @i itself when
 * nothing stands before. */
static size_t skip_modifiers(const struct sentence *s, size_t i)
{
	while (i > 0 && gap_at(s, i) <= GAP_LINE) {
		uint32_t cues = cues_at(s, i - 1);

		if (cues & CUE_IN)
			return i - 1;
		if (!(cues & (CUE_MODIFIER | CUE_ARTICLE | CUE_PART) ||
		      (cues & CUE_OF && cues_at(s, i - 2) & CUE_PART)))
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
static uint32_t noun_after(const struct sentence *s, size_t i)
{
	for (size_t k = i + 1; k < s->n && k <= i + 3; k++) {
		uint32_t cues = cues_at(s, k);

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

/* "I … a school in": does the clause place the writer's work there? */
static enum strength by_clause(struct sentence *s, const struct clause *clause,
			       size_t governor, size_t i)
{
	uint32_t before = governor > 0 ? cues_at(s, governor - 1) : 0;
	uint32_t seen = clause->first ? clause->since : clause->seen;

	if (before & CUE_HERE && !of_another(clause))
		return say(s, STATED, "here in");
	if (denied(clause) || of_another(clause))
		return NOT_CLAIMED;
	if (clause->seen & CUE_AS && clause->seen & CUE_ROLE)
		return say(s, STATED, "as a head in");
	if (!(clause->first || clause->inherits) || is_past(clause))
		return NOT_CLAIMED;
	if (before & CUE_BE) {
		/* "your people believe we are in", "in Leeds on Tuesday" */
		bool believed =
		    clause->third && clause->third <= clause->first + 3;

		return believed || a_visit(s, i) ? NOT_CLAIMED
						 : say(s, STATED, "we are in");
	}
	if (clause->first == 1)
		return say(s, STATED, "we in");
	if (before & CUE_WORK || clause->works)
		return say(s, STATED, "I work in");
	if (seen & VERBS && seen & ROLE_OR_SCHOOL)
		return say(s, STATED, "my work is in");
	/* "I head a grammar in", "our school, in" */
	if (clause->first <= 6 && clause->school &&
	    clause->first - clause->school <= 3)
		return say(s, STATED, "our school in");
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
		       !(cues_at(s, k) & ROLE_OR_SCHOOL))
			k++;
		return cues_at(s, k) & ROLE_OR_SCHOOL
			   ? say(s, STATED, "role in")
			   : NOT_CLAIMED;
	}
	/* "A head in Blackpool wrote": of another */
	if (k == 0 && cues_at(s, 0) & CUE_ROLE && !(clause->seen & VERBS) &&
	    (i + 1 == s->n || gap_at(s, i + 1) >= GAP_LINE ||
	     cues_at(s, i + 1) & (CUE_LIST | CUE_OF)))
		return say(s, STATED, "role in");
	return NOT_CLAIMED;
}

static enum strength by_preposition(struct sentence *s, size_t i)
{
	size_t governor = skip_modifiers(s, i);
	struct clause clause;
	enum strength found = NOT_CLAIMED;
	uint32_t cues;

	if (governor == i)
		return NOT_CLAIMED;
	cues = cues_at(s, governor);
	clause = look_left(s, governor);
	if (cues & CUE_IN) {
		found = by_clause(s, &clause, governor, i);
		if (found == NOT_CLAIMED)
			found = by_opening_role(s, &clause, i);
		/* "It's in Canterbury, it has 870 children" */
		if (found == NOT_CLAIMED && s->after_school && governor == 1 &&
		    cues_at(s, 0) & CUE_IT)
			found = say(s, STATED, "it is in");
		/* "In Cornwall we …" */
		if (found == NOT_CLAIMED && governor == 0 &&
		    cues_at(s, i + 1) & CUE_FIRST &&
		    !(cues_at(s, i + 2) & (CUE_WOULD | CUE_PAST | CUE_NOT)))
			found = say(s, CLAIMED, "in … we");
	} else if (cues & CUE_FROM && !(clause.seen & VERBS)) {
		found = by_opening_role(s, &clause, i);
	} else if (cues & CUE_BE && !(clause.seen & CUE_NOT) &&
		   (cues & CUE_FIRST ||
		    (governor > 0 && cues_at(s, governor - 1) & CUE_FIRST)) &&
		   s->tokens[i].place->kinds &
		       (PLACES_AREA | PLACES_AUTHORITY)) {
		found = say(s, STATED, "we are");
	}
	return found;
}

/* "as a Telford head", "I run a Bristol primary", "our Leeds school" */
static enum strength by_attribute(struct sentence *s, size_t i)
{
	uint32_t noun = noun_after(s, i), cues;
	struct clause clause;
	size_t k = i;

	if (!noun || s->tokens[i].flags & TOKEN_OWNS)
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
	return NOT_CLAIMED;
}

/* "Rotherham, where I am head", "a Cumbria-based trust" */
static enum strength by_what_follows(struct sentence *s, size_t i)
{
	if (cues_at(s, i + 1) & CUE_WHERE && cues_at(s, i + 2) & CUE_FIRST &&
	    !(cues_at(s, i + 3) & (CUE_PAST | CUE_NOT | CUE_WOULD)))
		return say(s, STATED, "… where we are");
	return NOT_CLAIMED;
}

/* "Middlesbrough, AHT, six years." "Principal, FE, Huddersfield." */
static enum strength by_heading(struct sentence *s, size_t i)
{
	if (s->number > 2)
		return NOT_CLAIMED;
	if (i == 0 && gap_at(s, 1) >= GAP_COMMA &&
	    cues_at(s, 1) & ROLE_OR_SCHOOL)
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
	uint32_t seen = 0;

	if (s->number > 0 || i > 8)
		return NOT_CLAIMED;
	for (size_t k = 0; k < i; k++)
		seen |= cues_at(s, k) & ~(uint32_t)(k == 0 ? CUE_THIRD : 0);
	if (seen & (VERBS | CUE_FIRST | CUE_NOT | CUE_CLAUSE | CUE_THIRD))
		return NOT_CLAIMED;
	if (i == 0 && s->n > 1 && gap_at(s, 1) == GAP_SPACE &&
	    !noun_after(s, 0) && !(cues_at(s, 1) & (CUE_WAY | CUE_NOT)))
		return NOT_CLAIMED; /* "Durham cathedral was" */
	if (i > 0 && cues_at(s, i - 1) & CUE_OF && !(seen & ROLE_OR_SCHOOL) &&
	    !noun_after(s, i))
		return NOT_CLAIMED;
	return say(s, STATED, "note's opening");
}

/* "her own school is in Epsom", "head of school in Rotherham" */
static enum strength by_member(struct sentence *s, size_t i)
{
	size_t governor = skip_modifiers(s, i);
	uint32_t before = governor > 0 ? cues_at(s, governor - 1) : 0;
	uint32_t noun = noun_after(s, i);
	struct clause clause;

	if (governor == i)
		return NOT_CLAIMED;
	clause = look_left(s, governor);
	if (before & CUE_BE && clause.school && clause.school <= 3)
		return say(s, STATED, "school is in");
	if (noun & ROLE_OR_SCHOOL && clause.seen & CUE_ROLE &&
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
		strength = judge(s, i);
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
	uint32_t cues = 0;

	for (size_t i = 0; i < s->n; i++)
		cues |= s->tokens[i].cues;
	/* "One." carries on what was said before it */
	return s->n <= 2 ? s->after_school
			 : cues & CUE_FIRST && cues & ROLE_OR_SCHOOL &&
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
