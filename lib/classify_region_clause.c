/*
 * classify_region_clause: what a clause says of a place, by its cue words.
 */
#include "classify_region_clause.h"

/* "I would live in Leeds and work in York": is it not what is done? */
static bool under_modal(const struct sentence *s, size_t k)
{
	for (; k > 0; k--) {
		if (cues_at(s, k - 1) & (CUE_MODAL | CUE_WOULD))
			return true;
		if (cues_at(s, k - 1) & CUE_FIRST &&
		    !(cues_at(s, k - 1) & (CUE_MINE | CUE_OBJECT)))
			return false;
	}
	return false;
}

/* "I …": is the writer what the verbs before @k are said of? */
static bool writer_before(const struct sentence *s, size_t k)
{
	for (; k > 0; k--) {
		uint64_t cues = cues_at(s, k - 1);

		if (cues & CUE_THIRD)
			return false;
		if (cues & CUE_FIRST && !(cues & (CUE_MINE | CUE_OBJECT)))
			return true;
	}
	return false;
}

/* "I trained in Leeds, and now lead", "I live in Nottingham and work": the
 * second verb of one subject, which the first does not deny. */
static bool goes_on(const struct sentence *s, size_t k)
{
	size_t verb = k + 1;
	bool now = cues_at(s, verb) & CUE_NOW;

	if (!(cues_at(s, k) & CUE_LIST) || k == 0 ||
	    cues_at(s, k - 1) & (CUE_FIRST | CUE_HAVE | CUE_BE))
		return false;
	if (now && !(cues_at(s, verb) & CUE_WORK))
		verb++;
	if (cues_at(s, verb) & CUE_HAVE) {
		verb++;
		if (!(cues_at(s, verb) & CUE_BE))
			return false;
	}
	if (!(cues_at(s, verb) & (CUE_WORK | CUE_BE)) ||
	    cues_at(s, verb) & (CUE_PAST | CUE_FIRST))
		return false;
	return writer_before(s, k) && (now || !under_modal(s, k));
}

static bool clause_ends(const struct sentence *s, size_t k)
{
	if (goes_on(s, k))
		return true;
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
	if (next & (CUE_NOW | CUE_HAVE | CUE_CLAUSE)) /* "us who run" */
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

struct clause clause_before(const struct sentence *s, size_t from)
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
	if (k > 0 && !clause.first && !clause.third && goes_on(s, k - 1))
		clause.inherits = true;
	else if (!clause.first && !clause.third && clause.seen & CUE_WORK &&
		 !(clause.seen & CUE_PAST) && k > 0 &&
		 cues_at(s, k - 1) & CUE_CLAUSE)
		clause.inherits = subject_before(s, k);
	return clause;
}

/* Is there something nearer than the writer that takes the place away? */
bool clause_denied(const struct clause *clause)
{
	/* "I'd been head in" is no nearer than its own "I" */
	return clause->not_ &&
	       (!clause->first || clause->not_ <= clause->first);
}

bool clause_of_another(const struct clause *clause)
{
	return clause->third &&
	       (!clause->first || clause->third < clause->first);
}

/* "I was head in", but not "I have led" and "I now". */
bool clause_is_past(const struct clause *clause)
{
	uint64_t seen = clause->first ? clause->since : clause->seen;

	return seen & CUE_PAST && !(seen & (CUE_HAVE | CUE_NOW));
}

/* "your people believe we are in" */
bool clause_believed(const struct clause *clause)
{
	return clause->third && clause->third <= clause->first + 3;
}

/* Back over "the heart of rural", to what governs the place; @i itself when
 * nothing stands before. */
size_t sentence_governor(const struct sentence *s, size_t i)
{
	/* "in a mill town, Glossop" */
	if (i > 1 && gap_at(s, i) == GAP_COMMA &&
	    cues_at(s, i - 1) & CUE_PART && !(cues_at(s, i - 1) & CUE_IN))
		i--;
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

size_t sentence_chain(const struct sentence *s, size_t governor)
{
	size_t at = governor, k = governor;

	while (k > 0 && k + 4 > at && gap_at(s, k) <= GAP_COMMA) {
		uint64_t cues = cues_at(s, --k);

		if (cues & CUE_IN) {
			at = k;
		} else if (!(cues & (CUE_PART | CUE_MODIFIER | CUE_ARTICLE)) &&
			   !s->tokens[k].place) {
			break;
		}
	}
	return at;
}

/* The end of "the North West, the East Midlands and Kent" that begins at @i:
 * past it, and whether it is a list, and lies elsewhere, too. */
static size_t list_end(const struct sentence *s, size_t i,
		       enum sdg_region region, bool *list, bool *elsewhere)
{
	size_t k = i + 1, end = k;

	*list = *elsewhere = false;
	for (; k < s->n && gap_at(s, k) <= GAP_COMMA; k++) {
		const struct places_entry *next = s->tokens[k].place;
		bool listed = cues_at(s, k) & CUE_LIST;

		if (next && !listed) {
			end = k + 1;
			if (next->region && next->region != region &&
			    next->region != SDG_REGION_UNKNOWN)
				*elsewhere = *list;
		} else if (!listed &&
			   !(cues_at(s, k) & (CUE_ARTICLE | CUE_MODIFIER))) {
			break;
		}
		*list |= listed;
	}
	return end;
}

bool sentence_scattered(const struct sentence *s, size_t i,
			enum sdg_region region)
{
	static const uint64_t goes_on =
	    VERBS | CUE_FIRST | CUE_THIRD | CUE_SERVE;
	static const uint8_t wide =
	    PLACES_AREA | PLACES_AUTHORITY | PLACES_REGION;
	bool list, elsewhere;
	size_t end;

	if (!(s->tokens[i].place->kinds & wide))
		return false;
	end = list_end(s, i, region, &list, &elsewhere);
	/* "We are in Cumbria and the North East is far away" */
	return elsewhere && !(cues_at(s, end) & goes_on);
}

/* "the 6th" */
static bool is_ordinal(const struct sentence *s, size_t k)
{
	const struct region_token *token = &s->tokens[k];

	return token->flags & TOKEN_DIGIT && token->end - token->start > 2 &&
	       s->text[token->end - 1] > '9' && s->text[token->end - 2] > '9';
}

/* "for the conference", "for two days", "at a meeting" */
static bool for_event(const struct sentence *s, size_t k)
{
	if (!(cues_at(s, k) & CUE_OF))
		return false;
	for (size_t end = k + 4; ++k < end && k < s->n;) {
		if (cues_at(s, k) & (CUE_NOT | CUE_TIME))
			return true;
		if (cues_at(s, k) & (CUE_FIRST | POSTS | CUE_CLAUSE))
			return false;
	}
	return false;
}

/* "I am in Leeds on Tuesday": a journey. */
bool sentence_visit(const struct sentence *s, size_t i)
{
	for (size_t k = i + 1; k < s->n && k <= i + 4; k++) {
		if (cues_at(s, k) & CUE_TIME || is_ordinal(s, k) ||
		    for_event(s, k))
			return true;
		if (cues_at(s, k) & (CUE_FIRST | CUE_CLAUSE | CUE_LIST))
			return false;
	}
	return false;
}

/* "Telford head", "Leeds inner-city academy": the noun it describes. */
uint64_t sentence_noun(const struct sentence *s, size_t i)
{
	for (size_t k = i + 1; k < s->n && k <= i + 3; k++) {
		uint64_t cues = cues_at(s, k);

		if (gap_at(s, k) > GAP_LINE)
			return 0;
		if (cues &
		    (CUE_ROLE | CUE_ROLES | CUE_SCHOOL | CUE_SCHOOLS | CUE_OWN))
			return cues;
		if (cues & (CUE_IN | CUE_OF | CUE_BE | CUE_CLAUSE | CUE_FIRST |
			    CUE_PAST | CUE_NOT | CUE_WORK | CUE_LIST))
			return 0;
	}
	return 0;
}

uint64_t sentence_cues(const struct sentence *s)
{
	uint64_t cues = 0;

	for (size_t k = 0; k < s->n; k++)
		cues |= s->tokens[k].cues;
	return cues;
}

/* "we are three small secondaries in": nothing but a noun follows the verb */
bool sentence_predicate(const struct sentence *s, size_t governor)
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
bool sentence_subject(const struct sentence *s, size_t governor)
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
bool sentence_other_noun(const struct sentence *s, size_t governor,
			 const struct clause *clause)
{
	const struct region_token *last = &s->tokens[governor - 1];

	return clause->post == 2 && last->cues == 0 &&
	       !(last->flags & (TOKEN_CAPITAL | TOKEN_DIGIT)) &&
	       last->gap <= GAP_LINE;
}

/* "I've been doing it for a new head over in" */
bool sentence_for_another(const struct sentence *s, const struct clause *clause)
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
bool sentence_own(const struct sentence *s, size_t governor)
{
	size_t k = governor;

	if (k == 0 || !(cues_at(s, k - 1) & (CUE_OWN | CUE_SCHOOL)))
		return false;
	for (k--; k > 0 && k + 5 > governor; k--) {
		uint64_t cues = cues_at(s, k - 1);

		if (cues & CUE_FIRST) /* not "told us of a school in" */
			return cues & (CUE_MINE | CUE_BE);
		/* "my second interim headship", "our heads' group" */
		if (cues & ~(CUE_ARTICLE | CUE_MODIFIER | CUE_SCHOOL) &&
		    !(cues & CUE_ROLES))
			return false;
	}
	return false;
}

bool sentence_as_one(const struct sentence *s, size_t from, size_t governor)
{
	/* "as heads in Sunderland we" */
	if (governor > 1 && cues_at(s, governor - 1) & CUE_ROLES &&
	    cues_at(s, governor - 2) & CUE_AS)
		return true;
	for (size_t k = from; k + 3 < governor; k++)
		if (cues_at(s, k) & CUE_AS && cues_at(s, k + 1) & CUE_ARTICLE &&
		    cues_at(s, k + 2) & CUE_OF)
			return (cues_at(s, governor - 1) & CUE_ROLES) != 0;
	return false;
}

/* "The inspector told us Leeds heads like it": spoken to, not spoken of; but
 * "for us Norfolk heads", "it costs us in Kent". */
bool sentence_addressed(const struct sentence *s, size_t k)
{
	return cues_at(s, k) & CUE_OBJECT && k > 0 &&
	       cues_at(s, k - 1) & CUE_SAYS;
}

/* "as the Truro head said", "as a head in Bury told me": they speak. */
bool sentence_speaks(const struct sentence *s, size_t i)
{
	for (size_t k = i + 1; k < s->n && k <= i + 5; k++) {
		uint64_t cues = cues_at(s, k);

		if (gap_at(s, k) > GAP_LINE)
			return false;
		if (cues & CUE_SAYS)
			return true;
		if (cues & (CUE_FIRST | CUE_CLAUSE | CUE_IN | CUE_LIST))
			return false;
	}
	return false;
}

/* "in touch", "in dispute": where nobody can be. */
static bool in_idiom(const struct sentence *s, size_t k, size_t governor)
{
	return cues_at(s, k) & CUE_IN && k + 1 < governor &&
	       s->tokens[k].end - s->tokens[k].start == 2 &&
	       !s->tokens[k + 1].place &&
	       !(cues_at(s, k + 1) &
		 (CUE_ARTICLE | CUE_MODIFIER | CUE_PART | CUE_FIRST));
}

/* "we are paired with a school in", "in touch with a head in", "a mentor
 * school for one in": what follows is another's, but not "SENCo for". */
bool sentence_related(const struct sentence *s, size_t governor)
{
	bool idiom, school = false;
	size_t k = governor;

	while (k > 0 && !(cues_at(s, k - 1) & CUE_FIRST))
		k--;
	if (k == 0)
		return false;
	if (!(cues_at(s, k - 1) & CUE_BE))
		while (k < governor && !(cues_at(s, k++) & CUE_BE))
			;
	idiom = in_idiom(s, k, governor);
	for (; k < governor; k++) {
		uint64_t cues = cues_at(s, k);

		if (idiom && cues & (CUE_OF | CUE_WITH))
			return true;
		if (cues & (CUE_ROLE | CUE_WORK))
			return false;
		if (cues & CUE_WITH && (!school || cues & CUE_FOR) && !idiom)
			return true;
		school |= cues & CUE_SCHOOL;
	}
	return false;
}

/* "my school, a small one in" */
bool sentence_apposed(const struct sentence *s, size_t governor)
{
	size_t k = governor;

	if (k < 3 || !(cues_at(s, k - 1) & CUE_ARTICLE))
		return false;
	while (k > 1 && gap_at(s, k - 1) <= GAP_LINE &&
	       cues_at(s, k - 1) & (CUE_ARTICLE | CUE_MODIFIER))
		k--;
	k--;
	return k > 0 && gap_at(s, k) == GAP_COMMA &&
	       cues_at(s, k) & (CUE_ARTICLE | CUE_MODIFIER) &&
	       cues_at(s, k - 1) & CUE_SCHOOL && k > 1 &&
	       cues_at(s, k - 2) & CUE_MINE;
}

/* "we are not in Leeds but in": the other half is true */
bool sentence_but(const struct sentence *s, size_t governor)
{
	struct clause before;

	if (governor < 4 || !(cues_at(s, governor - 1) & CUE_CLAUSE))
		return false;
	before = clause_before(s, governor - 1);
	return before.first && before.not_ && before.since & CUE_BE &&
	       !before.third && !(before.since & (CUE_PAST | CUE_WOULD));
}

/* "we have", "we still have", "we struggle" */
bool sentence_we_do(const struct sentence *s, size_t k)
{
	static const uint64_t verbs =
	    CUE_BE | CUE_HAVE | CUE_WORK | CUE_PRESENT;

	return (cues_at(s, k) | cues_at(s, k + 1)) & verbs ||
	       (cues_at(s, k + 1) & CUE_NOW && cues_at(s, k + 2) & verbs);
}

/* "the school is in", "the trust is based in": whose else would be said */
bool sentence_school_is(const struct sentence *s, size_t governor,
			const struct clause *clause)
{
	uint64_t verb = governor > 1 ? cues_at(s, governor - 1) : 0;

	/* not "Bursar, to move to a trust based in" */
	return !s->note && clause->school == 2 &&
	       (verb & CUE_BE || (verb & CUE_WORK && governor == 3)) &&
	       cues_at(s, governor - 3) & CUE_ARTICLE && clause->first == 0 &&
	       !(clause->seen & (CUE_PAST | CUE_NOT | CUE_THIRD | CUE_WOULD));
}

/* "I'm at Ashington", "I teach at Hexham.": a school is called after its town,
 * and people leave out the rest; but "at Durham Cathedral" goes on. */
bool sentence_at_town(const struct sentence *s, size_t governor, size_t i)
{
	const struct places_entry *place = s->tokens[i].place;
	uint64_t verb = governor > 0 ? cues_at(s, governor - 1) : 0;
	struct clause clause = clause_before(s, governor);

	if (!(place->kinds & PLACES_TOWN) || place->share < 80 ||
	    place->size < 5 || place->flags & (PLACES_WORD | PLACES_SURNAME))
		return false;
	if (!(i + 1 == s->n || gap_at(s, i + 1) >= GAP_COMMA ||
	      cues_at(s, i + 1) & (CUE_LIST | CUE_CLAUSE)) ||
	    sentence_visit(s, i))
		return false;
	return clause.first && clause.first <= 4 && !clause_denied(&clause) &&
	       !clause_of_another(&clause) && !(clause.seen & CUE_PAST) &&
	       verb & (CUE_BE | CUE_WORK | CUE_ROLE);
}
