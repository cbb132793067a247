/*
 * classify_region_clause: a sentence, and what stands around a place in it.
 *
 * Positions are tokens; what lies past the end has no cues. A clause is what
 * stands before a place, back to a "but", a "who" or a colon.
 */
#ifndef CLASSIFY_REGION_CLAUSE_H
#define CLASSIFY_REGION_CLAUSE_H

#include "classify_region.h"

enum strength {
	NOT_CLAIMED,
	CLAIMED, /* decides when nothing better does */
	STATED,
};

/* What came before a sentence: read when somebody asks, which is seldom. */
struct sentence_before {
	struct region_scan scan;
	size_t number; /* of the sentence it stands at */
	bool school;   /* the one before that spoke of the writer's own */
};

struct sentence {
	const char *text; /* its tokens count from here */
	const struct region_token *tokens;
	size_t n;
	size_t number; /* in the text, from 0 */
	bool note;     /* of a representative: members are spoken of */
	bool subject;  /* not the text itself */
	struct sentence_before *before;
	const struct region_scan *after; /* where the next begins */
	const char *rule;
};

#define POSTS (CUE_ROLE | CUE_SCHOOL)
#define VERBS (CUE_BE | CUE_PAST | CUE_WORK | CUE_HAVE | CUE_WOULD)

static inline uint64_t cues_at(const struct sentence *s, size_t i)
{
	return i < s->n ? s->tokens[i].cues : 0;
}

static inline uint8_t gap_at(const struct sentence *s, size_t i)
{
	return i < s->n ? s->tokens[i].gap : GAP_START;
}

static inline enum strength say(struct sentence *s, enum strength strength,
				const char *rule)
{
	s->rule = rule;
	return strength;
}

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

struct clause clause_before(const struct sentence *s, size_t from);

/* Is there something nearer than the writer that takes the place away? */
bool clause_denied(const struct clause *clause);

bool clause_of_another(const struct clause *clause);

/* "I was head in", but not "I have led" and "I now". */
bool clause_is_past(const struct clause *clause);

/* "your people believe we are in" */
bool clause_believed(const struct clause *clause);

/* Back over "the heart of rural", to what governs the place; @i itself when
 * nothing stands before. */
size_t sentence_governor(const struct sentence *s, size_t i);

/* "on the coast in Whitby", "in the Fens, near Chatteris": from @governor back
 * to the first "in" of several. */
size_t sentence_chain(const struct sentence *s, size_t governor);

/* "schools in the North West, Kent and Essex": is place @i, of @region, one of
 * a list that lies in several? */
bool sentence_scattered(const struct sentence *s, size_t i,
			enum sdg_region region);

/* "I am in Leeds on Tuesday": a journey. */
bool sentence_visit(const struct sentence *s, size_t i);

/* "Telford head", "Leeds inner-city academy": the noun it describes. */
uint64_t sentence_noun(const struct sentence *s, size_t i);

uint64_t sentence_cues(const struct sentence *s);

/* "we are three small secondaries in": nothing but a noun follows the verb */
bool sentence_predicate(const struct sentence *s, size_t governor);

/* "we are in", "my school, I should say, is in"; not "the course I did is" */
bool sentence_subject(const struct sentence *s, size_t governor);

/* "a history of school songs in": the school only describes it */
bool sentence_other_noun(const struct sentence *s, size_t governor,
			 const struct clause *clause);

/* "I've been doing it for a new head over in" */
bool sentence_for_another(const struct sentence *s,
			  const struct clause *clause);

/* "my governors in", "our second headship, this one in" */
bool sentence_own(const struct sentence *s, size_t governor);

/* "as one of your members in": do they say whose voice it is? */
bool sentence_as_one(const struct sentence *s, size_t from, size_t governor);

/* "told us Leeds heads": is the FIRST at @k only spoken to? */
bool sentence_addressed(const struct sentence *s, size_t k);

/* "as the Truro head said": is place @i another speaker's? */
bool sentence_speaks(const struct sentence *s, size_t i);

/* "we are paired with a school in": is it another's? */
bool sentence_related(const struct sentence *s, size_t governor);

/* "my school, a small one in" */
bool sentence_apposed(const struct sentence *s, size_t governor);

/* "we are not in Leeds but in" */
bool sentence_but(const struct sentence *s, size_t governor);

/* "we have", "we still have", "we struggle" at @k? */
bool sentence_we_do(const struct sentence *s, size_t k);

/* "the school is in", "the trust is based in" */
bool sentence_school_is(const struct sentence *s, size_t governor,
			const struct clause *clause);

/* "I teach at Hexham": is the town @i named for the school there? */
bool sentence_at_town(const struct sentence *s, size_t governor, size_t i);

/* classify_region_note.c: in a representative's note, is place @i where the
 * member is whose point it is? */
enum strength region_judge_note(struct sentence *s, size_t i);

/* "Headteacher - Bristol. Deputy - Leeds.": a list of posts. */
extern const char region_headed[];

#endif
