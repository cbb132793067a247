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

#include "classify_region_clause.h"

/* Did the sentence before speak of the writer's own school? Each is read once
 * for this, however often it is asked. */
static bool after_school(const struct sentence *s)
{
	struct region_token tokens[REGION_TOKENS_MAX];
	struct sentence_before *before = s->before;

	for (; before->number < s->number; before->number++) {
		struct sentence one = { .tokens = tokens };
		uint64_t cues;

		one.n = region_scan_next(&before->scan, tokens);
		/* "One." carries on what was said before it */
		if (one.n <= 2)
			continue;
		cues = sentence_cues(&one);
		before->school = cues & CUE_FIRST && cues & CUE_SCHOOL &&
				 !(cues & (CUE_NOT | CUE_THIRD));
	}
	return before->school;
}

/* ------------------------------------------------------------ the patterns */

/* "I … a school in": does the clause place the writer's work there? */
static enum strength by_clause(struct sentence *s, const struct clause *clause,
			       size_t governor, size_t i)
{
	size_t chain = sentence_chain(s, governor);
	uint64_t before = governor > 0 ? cues_at(s, governor - 1) : 0;
	uint64_t outer = chain > 0 ? cues_at(s, chain - 1) : 0;
	uint64_t seen = clause->first ? clause->since : clause->seen;

	if (outer & CUE_HERE && !clause_of_another(clause))
		return say(s, STATED, "here in");
	/* "I lead what used to be the worst school in" */
	if (clause->works && !clause_of_another(clause) && before & POSTS)
		return say(s, STATED, "I lead a school in");
	if (clause_denied(clause) || clause_of_another(clause))
		return NOT_CLAIMED;
	if (clause->seen & CUE_AS && !sentence_speaks(s, i) &&
	    (clause->seen & POSTS ||
	     sentence_as_one(s, clause->start, governor)))
		return say(s, STATED, "as a head in");
	if (!(clause->first || clause->inherits) || clause_is_past(clause))
		return NOT_CLAIMED;
	if (outer & CUE_BE)
		return sentence_subject(s, chain) && !clause_believed(clause) &&
			       !sentence_visit(s, i)
			   ? say(s, STATED, "we are in")
			   : NOT_CLAIMED;
	if (clause->first == 1)
		return sentence_addressed(s, governor - 1)
			   ? NOT_CLAIMED
			   : say(s, STATED, "we in");
	/* "I'm moving to a headship in Telford in September"; but "I took over
	 * a school in Truro last year" */
	if (sentence_visit(s, i) && !(seen & (CUE_HAVE | CUE_NOW)))
		return NOT_CLAIMED;
	if (sentence_related(s, governor))
		return NOT_CLAIMED;
	if (before & CUE_WORK || clause->works)
		return say(s, STATED, "I work in");
	if ((seen & (CUE_BE | CUE_WORK) || clause->has) && seen & POSTS &&
	    !sentence_other_noun(s, governor, clause) &&
	    !sentence_for_another(s, clause))
		return say(s, STATED, "my work is in");
	if (sentence_predicate(s, governor))
		return say(s, STATED, "we are schools in");
	if (sentence_own(s, governor))
		return say(s, STATED, "our own in");
	/* "we at a small primary in" */
	if (clause->first > 2 && seen & CUE_SCHOOL &&
	    cues_at(s, governor - clause->first + 1) & CUE_OF &&
	    !(cues_at(s, governor - clause->first) & (CUE_MINE | CUE_OBJECT)))
		return say(s, STATED, "we at a school in");
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
	/* "Hi, head of English at …" */
	if (k == 0 && cues_at(s, 0) == 0 && gap_at(s, 1) == GAP_COMMA)
		k = 1;
	/* "A head in Blackpool wrote": of another */
	if (k <= 1 && clause->start == 0 && cues_at(s, k) & CUE_ROLE &&
	    !(clause->seen & VERBS) &&
	    (i + 1 == s->n || gap_at(s, i + 1) >= GAP_LINE ||
	     cues_at(s, i + 1) & (CUE_LIST | CUE_OF | CUE_HERE)))
		return say(s, STATED, "role in");
	return NOT_CLAIMED;
}

static enum strength by_in(struct sentence *s, size_t governor, size_t i)
{
	struct clause clause = clause_before(s, governor);
	enum strength found = by_clause(s, &clause, governor, i);

	if (found == NOT_CLAIMED)
		found = by_opening_role(s, &clause, i);
	if (found == NOT_CLAIMED && sentence_apposed(s, governor))
		found = say(s, STATED, "my school, one in");
	if (found == NOT_CLAIMED && sentence_but(s, governor))
		found = say(s, STATED, "not there but in");
	/* "Greetings from Truro." */
	if (found == NOT_CLAIMED && governor <= 1 && s->number <= 1 &&
	    !s->note && cues_at(s, governor) & CUE_GREET)
		found = say(s, STATED, "greetings from");
	/* "It's in Canterbury, it has 870 children" */
	if (found == NOT_CLAIMED && governor == 1 && cues_at(s, 0) & CUE_IT &&
	    after_school(s))
		found = say(s, STATED, "it is in");
	/* "half our children are Sutton and half Surrey; the school is in" */
	if (found == NOT_CLAIMED && sentence_school_is(s, governor, &clause))
		found = say(s, CLAIMED, "the school is in");
	/* "In Cornwall we …", "Teaching on Tyneside, I …" */
	if (found == NOT_CLAIMED && governor == 0 &&
	    cues_at(s, i + 1) & CUE_FIRST && sentence_we_do(s, i + 1))
		found = say(s, CLAIMED, "in … we");
	if (found == NOT_CLAIMED && clause.start == 0 &&
	    cues_at(s, 0) & CUE_WORK && !clause.first &&
	    !(clause.seen & (CUE_NOT | CUE_THIRD | CUE_PAST)) &&
	    sentence_cues(s) & CUE_FIRST)
		found = say(s, CLAIMED, "working in …, I");
	return found;
}

/* "I came to Portsmouth to be a head and have stayed" */
static enum strength by_to(struct sentence *s, size_t governor)
{
	struct clause clause = clause_before(s, governor);
	uint64_t all = sentence_cues(s);

	if (clause.first && clause.first <= 3 && !clause_denied(&clause) &&
	    !clause_of_another(&clause) && !(clause.seen & CUE_WOULD) &&
	    all & (POSTS | CUE_WORK) && !(all & CUE_TIME))
		return say(s, CLAIMED, "I came to");
	return NOT_CLAIMED;
}

/* "Our children come from Alum Rock", "Headteacher from Goole" */
static enum strength by_from(struct sentence *s, size_t governor, size_t i)
{
	struct clause clause = clause_before(s, governor);

	if (clause.first == 1 && !(clause.seen & (CUE_NOT | CUE_WOULD)))
		return say(s, STATED, "of us from");
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

/* "our LA is", "our nearest town is" */
static bool by_equation(const struct sentence *s, size_t verb)
{
	size_t k = verb;

	if (!(cues_at(s, verb) & CUE_BE) || k == 0 ||
	    cues_at(s, verb) & CUE_FIRST)
		return false;
	k--;
	if (!(cues_at(s, k) & (CUE_COUNCIL | CUE_PART)) &&
	    !(cues_at(s, k) & CUE_OWN && cues_at(s, k) & CUE_SCHOOL))
		return false;
	for (size_t far = 0; k > 0 && far < 3; far++)
		if (cues_at(s, --k) &
		    ~(CUE_ARTICLE | CUE_MODIFIER | CUE_TOWARD))
			break;
	return cues_at(s, k) & CUE_MINE;
}

static enum strength by_at(struct sentence *s, size_t governor, size_t i)
{
	const struct region_token *at = &s->tokens[governor];

	if (at->end - at->start != 2 || (s->text[at->start] | 0x20) != 'a' ||
	    s->note)
		return NOT_CLAIMED;
	/* "at the far end of Mersea Island" */
	if (governor + 1 < i && cues_at(s, i - 1) & (CUE_OF | CUE_PART))
		return by_in(s, governor, i);
	return governor + 1 == i && sentence_at_town(s, governor, i)
		   ? say(s, CLAIMED, "I am at")
		   : NOT_CLAIMED;
}

static enum strength by_preposition(struct sentence *s, size_t i)
{
	size_t governor = sentence_governor(s, i);
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
	if (cues & CUE_OF)
		return by_at(s, governor, i);
	/* "we're North Yorks" */
	clause = clause_before(s, governor);
	if (by_equation(s, governor))
		return say(s, STATED, "our authority is");
	/* "we serve the town of Truro", "our school serves Peckham" */
	if (cues & CUE_SERVE && clause.first && clause.first <= 3 &&
	    !clause_denied(&clause) && !clause_of_another(&clause) &&
	    !clause_is_past(&clause) &&
	    !(s->tokens[i].place->flags & PLACES_WORD))
		return say(s, CLAIMED, "we serve");
	if (cues & CUE_BE && !(clause.seen & CUE_NOT) &&
	    (cues & CUE_FIRST ||
	     (governor > 0 && cues_at(s, governor - 1) & CUE_FIRST)) &&
	    s->tokens[i].place->kinds & (PLACES_AREA | PLACES_AUTHORITY))
		return say(s, STATED, "we are");
	return NOT_CLAIMED;
}

/* "A Fife secondary, if anyone asks." "A Bristol primary." */
static bool stands_alone(const struct sentence *s, size_t i)
{
	size_t k = i + 1;

	if (i != 1 || s->number > 2 || s->note ||
	    !(cues_at(s, 0) & CUE_ARTICLE))
		return false;
	while (k < s->n && k < i + 3 && gap_at(s, k) <= GAP_LINE &&
	       !(cues_at(s, k) & CUE_SCHOOL))
		k++;
	return cues_at(s, k) & CUE_SCHOOL && gap_at(s, k) <= GAP_LINE &&
	       (k + 1 == s->n || gap_at(s, k + 1) >= GAP_COMMA);
}

/* "as a Telford head", "I run a Bristol primary", "our Leeds school" */
static enum strength by_attribute(struct sentence *s, size_t i)
{
	uint64_t noun = sentence_noun(s, i), cues;
	struct clause clause;
	size_t k = i;

	if (!noun)
		return NOT_CLAIMED;
	while (k > 0 && gap_at(s, k) <= GAP_LINE &&
	       cues_at(s, k - 1) & (CUE_ARTICLE | CUE_MODIFIER))
		k--;
	cues = k > 0 && gap_at(s, k) <= GAP_LINE ? cues_at(s, k - 1) : 0;
	clause = clause_before(s, k);
	if (clause_denied(&clause) || clause_of_another(&clause) ||
	    clause_is_past(&clause))
		return NOT_CLAIMED;
	if (cues & CUE_AS || (clause.seen & CUE_AS && clause.seen & CUE_ROLE))
		return sentence_speaks(s, i) ? NOT_CLAIMED
					     : say(s, STATED, "as a … head");
	if (k > 0 && sentence_addressed(s, k - 1))
		return NOT_CLAIMED;
	/* "head of Bolsover's only secondary", "Kent's heads" */
	if (s->tokens[i].flags & TOKEN_OWNS &&
	    !(noun & CUE_SCHOOL && clause.first &&
	      clause.since & (CUE_BE | CUE_WORK)))
		return NOT_CLAIMED;
	if (cues & CUE_BE && clause.first && clause.first <= 3)
		return say(s, STATED, "I am a … head");
	if (cues & CUE_FIRST)
		return say(s, STATED, "our … school");
	/* "my colleagues and I at a large Coventry comprehensive" */
	if (cues & CUE_OF && clause.first && clause.first <= 2 &&
	    noun & CUE_SCHOOL)
		return say(s, STATED, "we at a … school");
	if (clause.first && clause.since & (CUE_WORK | CUE_BE | CUE_ROLE) &&
	    (noun & CUE_SCHOOL || (noun & CUE_OWN && clause.since & CUE_ROLE)))
		return say(s, STATED, "I work at a … school");
	if (k == 0 && s->number <= 1 && noun & CUE_ROLE &&
	    !(cues_at(s, 0) & CUE_ARTICLE))
		return say(s, STATED, "… head");
	/* "Head of a Huddersfield high school for nine years." */
	if (cues & CUE_OF && noun & CUE_SCHOOL && cues_at(s, 0) & CUE_ROLE &&
	    clause.start == 0 && s->number <= 1 && !s->note &&
	    !(clause.seen & (VERBS | CUE_NOT | CUE_THIRD)))
		return say(s, STATED, "head of a … school");
	if (stands_alone(s, i))
		return say(s, STATED, "a … school");
	/* "let me add a wrinkle from a Leeds academy" */
	if (cues & CUE_FROM && noun & CUE_SCHOOL && !clause.third)
		return say(s, CLAIMED, "from a … school");
	return NOT_CLAIMED;
}

/* "Rotherham, where I am head", "a Cumbria-based trust" */
static enum strength by_what_follows(struct sentence *s, size_t i)
{
	/* "Enfield is our LA" */
	if (cues_at(s, i + 1) & CUE_BE && cues_at(s, i + 2) & CUE_MINE &&
	    cues_at(s, i + 3) & (CUE_COUNCIL | CUE_PART))
		return say(s, STATED, "… is our authority");
	/* "Our local authority, Enfield, has cut" */
	if (i > 1 && gap_at(s, i) == GAP_COMMA &&
	    (i + 1 == s->n || gap_at(s, i + 1) == GAP_COMMA) &&
	    cues_at(s, i - 1) & CUE_COUNCIL && cues_at(s, i - 2) & CUE_MINE)
		return say(s, STATED, "our authority, …");
	if (cues_at(s, i + 1) & CUE_BE && cues_at(s, i + 2) & CUE_WHERE &&
	    cues_at(s, i + 3) & CUE_FIRST &&
	    cues_at(s, i + 4) & (CUE_BE | CUE_WORK))
		return say(s, STATED, "… is where we are");
	if (cues_at(s, i + 1) & CUE_WHERE && cues_at(s, i + 2) & CUE_FIRST) {
		uint64_t verb = cues_at(s, i + 2) | cues_at(s, i + 3);

		/* "where I've been head", not "where I've been since" */
		if (verb & CUE_HAVE &&
		    !((cues_at(s, i + 4) | cues_at(s, i + 5)) & CUE_ROLE))
			return NOT_CLAIMED;
		if (verb & (CUE_BE | CUE_WORK | CUE_SCHOOL) &&
		    !(verb & CUE_WOULD))
			return say(s, STATED, "… where we are");
	}
	/* "a deputy in Luton and now Dover" */
	if (i > 0 && cues_at(s, i - 1) & CUE_NOW && gap_at(s, i) <= GAP_COMMA) {
		struct clause clause = clause_before(s, i);

		if ((clause.first || clause.inherits) && clause.seen & POSTS &&
		    !clause_of_another(&clause))
			return say(s, STATED, "and now");
	}
	return NOT_CLAIMED;
}

/* "Middlesbrough, AHT, six years." "Principal, FE, Huddersfield." */
static enum strength by_heading(struct sentence *s, size_t i)
{
	if (s->number > 2)
		return NOT_CLAIMED;
	/* "East Sussex. Enough said." "Plymouth here." "Lancs, not Manchester!"
	 */
	if (i == 0 && s->number == 0 && !s->subject && !s->note &&
	    (s->n == 1 || (s->n == 2 && cues_at(s, 1) & CUE_HERE) ||
	     (gap_at(s, 1) == GAP_COMMA && cues_at(s, 1) & CUE_NOT)))
		return say(s, CLAIMED, "place alone");
	if (i == 0 && gap_at(s, 1) >= GAP_COMMA && cues_at(s, 1) & POSTS)
		return say(s, STATED, "place, role");
	if (i == 1 && cues_at(s, 0) & CUE_ROLE && gap_at(s, 1) == GAP_COMMA)
		return say(s, STATED, region_headed);
	if (i + 1 == s->n && s->n <= 8 && gap_at(s, i) == GAP_COMMA &&
	    cues_at(s, 0) & CUE_ROLE)
		return say(s, STATED, region_headed);
	/* "Hello, new deputy here (Kirkby, since January)." */
	if (gap_at(s, i) == GAP_COMMA && i <= 8 && s->number <= 1) {
		struct clause clause = clause_before(s, i);

		if (clause.start == 0 && clause.post && clause.post <= 2 &&
		    clause.seen & CUE_ROLE &&
		    !(clause.seen &
		      (VERBS | CUE_FIRST | CUE_NOT | CUE_THIRD | CUE_ROLES)))
			return say(s, STATED, region_headed);
	}
	return NOT_CLAIMED;
}

/* ----------------------------------------------------------- all of a text */

static enum strength judge(struct sentence *s, size_t i)
{
	enum strength found;

	if (s->tokens[i].flags & TOKEN_QUOTED && !s->note)
		return NOT_CLAIMED;
	if (i > 0 && gap_at(s, i) <= GAP_LINE && cues_at(s, i - 1) & CUE_TITLE)
		return NOT_CLAIMED;
	/* "over the tops to us in Rochdale Road" */
	if (gap_at(s, i + 1) <= GAP_LINE && cues_at(s, i + 1) & CUE_STREET)
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
		found = region_judge_note(s, i);
	return found;
}

/* "We are in Richmond and the nearest meeting is in Northallerton": which of
 * the regions of a name another place of the sentence lies in. */
static uint32_t hints_around(const struct sentence *s, size_t i)
{
	uint32_t hints = 0;

	for (size_t k = 0; k < s->n; k++) {
		const struct places_entry *place = s->tokens[k].place;

		if (k == i || !place || place->region == SDG_REGION_UNKNOWN ||
		    place->kinds & PLACES_REGION ||
		    (k > 0 && cues_at(s, k - 1) & CUE_NOT) ||
		    (k > 1 && cues_at(s, k - 1) & CUE_FROM &&
		     cues_at(s, k - 2) & (CUE_WAY | CUE_MODIFIER)))
			continue; /* "far from" */
		hints |= 1u << place->region & s->tokens[i].place->others;
	}
	return hints;
}

/* The county after a town, "Newcastle, Staffs", tells namesakes apart. */
static uint32_t hints_beside(const struct sentence *s, size_t i, uint32_t hints,
			     bool namesake)
{
	for (size_t k = i + 1; k < s->n && k <= i + 2; k++) {
		const struct places_entry *next = s->tokens[k].place;

		if (next && next->region && next->region != SDG_REGION_UNKNOWN)
			return 1u << next->region |
			       (cues_at(s, k) & CUE_POSTAL ? REGION_HINT_POSTAL
							   : 0);
	}
	return hints || !namesake ? hints : hints_around(s, i);
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
	/* "in March" is a month, unless a county stands beside it */
	if (cues_at(s, i) & CUE_TIME && !hints_beside(s, i, 0, false))
		return false;
	return (place->kinds & ~PLACES_FORM) != PLACES_DEMONYM ||
	       sentence_noun(s, i);
}

static void read_sentence(const struct region_context *context,
			  struct sentence *s, enum sdg_field field,
			  struct region_claims *claims,
			  struct sdg_explanation *why, struct sdg_str text)
{
	for (size_t i = 0; i < s->n; i++) {
		const struct region_token *token = &s->tokens[i];
		struct region_finding finding;
		enum strength strength;

		if (!worth_judging(s, i))
			continue;
		finding = (struct region_finding){
			.region = region_of_place(
			    token->place,
			    hints_beside(s, i, context->hints,
					 token->place->others != 0)),
			.evidence = SDG_EVIDENCE_STATEMENT,
			.authority = token->place->authority,
			.field = field,
			.start = token->start,
			.end = token->end,
			.rule = "only mentioned",
		};
		if (finding.region == SDG_REGION_ANY)
			continue;
		strength = among_others(s, i, finding.region) ||
				   sentence_scattered(s, i, finding.region)
			       ? NOT_CLAIMED
			       : judge(s, i);
		if (strength == STATED && !s->note &&
		    s->rule == region_headed &&
		    claims->statement.rule == region_headed &&
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

/* Can what was found not be spoilt any more? */
static bool is_settled(const struct region_claims *claims,
		       const struct sentence *s)
{
	return claims->statement.region &&
	       (s->number > 2 || claims->statement.rule != region_headed);
}

void region_read_text(const struct region_context *context,
		      enum sdg_field field, struct region_claims *claims,
		      struct sdg_explanation *why)
{
	const struct sdg_feedback *fb = context->fb;
	bool subject = field == SDG_FIELD_SUBJECT;
	struct sdg_str text = subject ? fb->subject : fb->text;
	struct region_token tokens[REGION_TOKENS_MAX];
	struct region_scan scan;
	struct sentence_before before = { 0 };
	struct sentence s = {
		.tokens = tokens,
		.note = fb->source == SDG_SOURCE_REP,
		.text = text.s,
		.subject = subject,
		.before = &before,
		.after = &scan,
	};

	region_scan_start_split(&scan, text, subject ? NULL : context->split);
	before.scan = scan;
	for (;;) {
		s.number += region_scan_pass(&scan, SDG_MARK_PLACE);
		if (is_settled(claims, &s) && !why)
			return;
		s.n = region_scan_next(&scan, tokens);
		if (s.n == 0)
			return;
		if (scan.places)
			read_sentence(context, &s, field, claims, why, text);
		s.number++;
	}
}
