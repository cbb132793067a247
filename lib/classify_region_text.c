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
	CLAIMED = 2, /* decides when nothing better does */
	STATED = 3,
};

struct sentence {
	const struct region_token *tokens;
	size_t n;
	size_t number; /* in the text, from 0 */
	bool note;     /* of a representative: members are spoken of */
	const char *rule;
};

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

/* What the clause before a place holds, nearest first. */
struct clause {
	uint32_t seen;        /* all cues */
	uint32_t after_first; /* cues between the nearest FIRST and place */
	size_t first;         /* how far back the nearest FIRST is; 0: none */
	size_t third;         /* … and the nearest THIRD */
	size_t start;         /* index of its first token */
	bool subject;         /* FIRST is the subject of an earlier clause */
	bool place;           /* another place stands in it */
};

static bool clause_ends(const struct sentence *s, size_t k)
{
	const struct region_token *token = &s->tokens[k];

	if (token->cues & CUE_CLAUSE) {
		/* "those of us who work in", "someone who leads a school in" */
		bool who =
		    k > 0 && (cues_at(s, k - 1) & (CUE_FIRST | CUE_ROLE));

		return !who;
	}
	return k + 1 < s->n && gap_at(s, k + 1) == GAP_BREAK;
}

static struct clause look_left(const struct sentence *s, size_t from)
{
	struct clause clause = { .start = from };
	size_t k = from, far = 0;

	while (k > 0 && far < 24) {
		uint32_t cues;

		if (clause_ends(s, k - 1))
			break;
		k--;
		far++;
		clause.start = k;
		cues = s->tokens[k].cues;
		if (cues & CUE_FIRST && !clause.first) {
			clause.first = far;
			clause.after_first = clause.seen | cues;
		}
		if (cues & CUE_THIRD && !clause.third)
			clause.third = far;
		if (s->tokens[k].place)
			clause.place = true;
		clause.seen |= cues;
	}
	/* "I trained in Leeds but now lead a school in": whose clause is it? */
	if (!clause.first && !clause.third && clause.seen & CUE_WORK)
		for (; k > 0; k--) {
			if (cues_at(s, k - 1) & CUE_THIRD)
				break;
			if (cues_at(s, k - 1) & CUE_FIRST) {
				clause.subject = true;
				break;
			}
		}
	return clause;
}

/* Back over "the heart of rural", to what governs the place; @i itself when
 * nothing stands before. */
static size_t skip_modifiers(const struct sentence *s, size_t i)
{
	while (i > 0 && s->tokens[i].gap <= GAP_LINE) {
		uint32_t cues = cues_at(s, i - 1);

		if (cues & CUE_IN)
			return i - 1;
		if (cues & (CUE_MODIFIER | CUE_ARTICLE | CUE_PART) ||
		    (cues & CUE_OF && i > 1 && cues_at(s, i - 2) & CUE_PART) ||
		    (cues & CUE_COUNCIL && i > 1))
			i--;
		else
			return i - 1;
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

static bool is_past(const struct clause *clause)
{
	uint32_t seen = clause->first ? clause->after_first : clause->seen;

	return seen & CUE_PAST && !(seen & (CUE_HAVE | CUE_NOW));
}

/* "I … a school in": does the clause place the writer's work there? */
static enum strength by_clause(struct sentence *s, const struct clause *clause,
			       size_t governor, size_t i)
{
	uint32_t seen = clause->seen;
	bool nearer =
	    clause->third && (!clause->first || clause->third < clause->first);
	bool mine = (clause->first && !nearer) || clause->subject;

	if (seen & (CUE_NOT | CUE_WOULD))
		return NOT_CLAIMED;
	if (governor > 0 && cues_at(s, governor - 1) & CUE_HERE && !nearer)
		return say(s, STATED, "here in");
	if (nearer)
		return NOT_CLAIMED;
	if (seen & CUE_AS && seen & CUE_ROLE)
		return say(s, STATED, "as a head in");
	if (!mine || is_past(clause))
		return NOT_CLAIMED;
	if (clause->first == 1 && !(cues_at(s, governor - 1) & CUE_BE))
		return say(s, STATED, "we in");
	if (governor > 0 && cues_at(s, governor - 1) & CUE_BE)
		return a_visit(s, i) ? NOT_CLAIMED
				     : say(s, STATED, "we are in");
	if (seen & CUE_WORK && governor > 0 &&
	    cues_at(s, governor - 1) & CUE_WORK)
		return say(s, STATED, "I work in");
	if (seen & (CUE_BE | CUE_WORK | CUE_HAVE) &&
	    seen & (CUE_SCHOOL | CUE_ROLE))
		return say(s, STATED, "my work is in");
	if (clause->first && seen & CUE_SCHOOL && clause->first <= 4)
		return say(s, STATED, "our school in");
	return NOT_CLAIMED;
}

/* "Headteacher in Newham, 11 to 16": the sentence begins with the role. */
static enum strength by_opening_role(struct sentence *s,
				     const struct clause *clause)
{
	size_t k = clause->start;

	if (s->number > 2 && !s->note)
		return NOT_CLAIMED;
	if (clause->seen & (CUE_NOT | CUE_WOULD | CUE_THIRD | CUE_ROLES |
			    CUE_SCHOOLS | CUE_FIRST))
		return NOT_CLAIMED;
	if (k > 0 && !s->note)
		return NOT_CLAIMED;
	while (k < s->n &&
	       cues_at(s, k) & (CUE_ARTICLE | CUE_MODIFIER | CUE_NOW) &&
	       !(cues_at(s, k) & CUE_ROLE))
		k++;
	if (cues_at(s, k) & (CUE_ROLE | (s->note ? CUE_SCHOOL : 0)))
		return say(s, STATED, "role in");
	return NOT_CLAIMED;
}

/* ------------------------------------------------------------ the patterns */

static enum strength by_preposition(struct sentence *s, size_t i)
{
	size_t governor = skip_modifiers(s, i);
	struct clause clause;
	enum strength found;
	uint32_t cues;

	if (governor == i)
		return NOT_CLAIMED;
	cues = cues_at(s, governor);
	if (cues & CUE_IN) {
		clause = look_left(s, governor);
		found = by_clause(s, &clause, governor, i);
		if (found == NOT_CLAIMED)
			found = by_opening_role(s, &clause);
		/* "In Cornwall we …" */
		if (found == NOT_CLAIMED && governor == 0 &&
		    cues_at(s, i + 1) & CUE_FIRST &&
		    !(cues_at(s, i + 2) & (CUE_WOULD | CUE_PAST | CUE_NOT)))
			found = say(s, CLAIMED, "in … we");
		return found;
	}
	if (cues & CUE_FROM) {
		clause = look_left(s, governor);
		if (clause.seen & (CUE_NOT | CUE_WOULD | CUE_PAST))
			return NOT_CLAIMED;
		return by_opening_role(s, &clause);
	}
	return NOT_CLAIMED;
}

/* "as a Telford head", "I run a Bristol primary", "our Leeds school" */
static enum strength by_attribute(struct sentence *s, size_t i)
{
	uint32_t noun = noun_after(s, i), cues;
	struct clause clause;
	size_t k = i;

	if (!noun || s->tokens[i].flags & TOKEN_OWNS)
		return NOT_CLAIMED;
	while (k > 0 && s->tokens[k].gap <= GAP_LINE &&
	       cues_at(s, k - 1) & (CUE_ARTICLE | CUE_MODIFIER))
		k--;
	cues = k > 0 && s->tokens[k].gap <= GAP_LINE ? cues_at(s, k - 1) : 0;
	clause = look_left(s, k);
	if (clause.seen & (CUE_NOT | CUE_WOULD) || is_past(&clause))
		return NOT_CLAIMED;
	if (clause.third && (!clause.first || clause.third < clause.first))
		return NOT_CLAIMED;
	if (cues & CUE_AS && noun & (CUE_ROLE | CUE_SCHOOL))
		return say(s, STATED, "as a … head");
	if (cues & CUE_BE && clause.first && clause.first <= 3)
		return say(s, STATED, "I am a … head");
	if (cues & CUE_FIRST)
		return say(s, STATED, "our … school");
	if (clause.first && clause.seen & (CUE_WORK | CUE_BE | CUE_ROLE) &&
	    noun & CUE_SCHOOL)
		return say(s, STATED, "I work at a … school");
	if (k == 0 && s->number <= 1 && noun & CUE_ROLE)
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
	size_t limit = s->note ? 40 : 1;

	if (s->number > limit || s->n == 0)
		return NOT_CLAIMED;
	if (i == 0 && (s->n == 1 || gap_at(s, 1) >= GAP_COMMA)) {
		if (s->note)
			return s->number == 0 ? say(s, STATED, "note's heading")
					      : NOT_CLAIMED;
		if (cues_at(s, 1) & (CUE_ROLE | CUE_SCHOOL))
			return say(s, STATED, "place, role");
	}
	if (i == 1 && cues_at(s, 0) & CUE_ROLE &&
	    (s->note || gap_at(s, 1) == GAP_COMMA))
		return say(s, STATED, "role, place");
	if (i + 1 == s->n && s->n <= 8 && gap_at(s, i) == GAP_COMMA &&
	    cues_at(s, 0) & CUE_ROLE)
		return say(s, STATED, "role, place");
	return NOT_CLAIMED;
}

/* A representative's note: the member is spoken of. */
static enum strength by_note(struct sentence *s, size_t i)
{
	uint32_t noun = noun_after(s, i);
	struct clause clause;
	size_t governor;

	if (i > 0 && cues_at(s, i - 1) & CUE_ROLE && gap_at(s, i) <= GAP_COMMA)
		return say(s, STATED, "role, place");
	if (i <= 1 && (noun || cues_at(s, i + 1) & CUE_WAY) &&
	    !(cues_at(s, 0) & CUE_IN))
		return say(s, STATED, "place, role");
	governor = skip_modifiers(s, i);
	if (governor == i)
		return NOT_CLAIMED;
	clause = look_left(s, governor);
	if (clause.seen & (CUE_NOT | CUE_WOULD))
		return NOT_CLAIMED;
	if (noun & (CUE_SCHOOL | CUE_ROLE) && clause.seen & CUE_ROLE)
		return say(s, STATED, "at a … school");
	if (!(cues_at(s, governor) & (CUE_IN | CUE_FROM | CUE_OF)))
		return NOT_CLAIMED;
	if (clause.seen & (CUE_ROLE | CUE_ROLES | CUE_SCHOOL) &&
	    !(clause.seen & CUE_PAST && !(clause.seen & CUE_HAVE)))
		return say(s, STATED, "head from");
	return NOT_CLAIMED;
}

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

static void read_sentence(const struct region_context *context,
			  struct sentence *s, enum sdg_field field,
			  struct region_claims *claims,
			  struct sdg_explanation *why, struct sdg_str text)
{
	for (size_t i = 0; i < s->n; i++) {
		const struct places_entry *place = s->tokens[i].place;
		struct region_finding finding = { 0 };
		enum strength strength;

		if (!place || place->kinds & PLACES_NOT)
			continue;
		if ((place->kinds & ~PLACES_FORM) == PLACES_DEMONYM &&
		    !noun_after(s, i))
			continue;
		finding.region =
		    region_of_place(place, hints_beside(s, i, context->hints));
		if (finding.region == SDG_REGION_ANY)
			continue;
		finding.rule = "only mentioned";
		finding.field = field;
		finding.start = s->tokens[i].start;
		finding.end = s->tokens[i].end;
		finding.authority = place->authority;
		finding.evidence = SDG_EVIDENCE_STATEMENT;
		strength = judge(s, i);
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
		s.number++;
		if (claims->statement.region && !why)
			return;
	}
}
