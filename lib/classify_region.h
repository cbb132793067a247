/*
 * classify_region: what the region resolvers share. Not installed.
 *
 * Text is read a sentence at a time into tokens, a name or cue phrase being
 * one token, so that memory is fixed and time linear whatever comes.
 */
#ifndef CLASSIFY_REGION_H
#define CLASSIFY_REGION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "classify_internal.h"
#include "places.h"
#include "words.h"

/* What stands between a token and the one before it. */
enum region_gap {
	GAP_SPACE, /* or a hyphen, or the dot of an abbreviation */
	GAP_LINE,  /* one line end */
	GAP_COMMA, /* comma, bracket, dash, slash */
	GAP_BREAK, /* semicolon, colon, quotation mark */
	GAP_START, /* it begins the sentence */
};

enum {
	TOKEN_CAPITAL = SDG_SHAPE_CAPITAL,
	TOKEN_CAPITALS = SDG_SHAPE_CAPITALS,
	TOKEN_DIGIT = SDG_SHAPE_DIGIT,
	TOKEN_OWNS = 1 << 4,   /* ends in 's */
	TOKEN_QUOTED = 1 << 5, /* within quotation marks */
};
#define TOKEN_SHAPE (TOKEN_CAPITAL | TOKEN_CAPITALS | TOKEN_DIGIT)

struct region_token {
	uint32_t start, end;
	uint64_t cues;
	uint8_t gap, flags;
	const struct places_entry *place; /* NULL: not a name of a place */

	/* For the scanner, while tokens are words. */
	const struct places_entry *entry; /* that it is, or begins */
	uint64_t hash;                    /* whole; 0: not needed yet */
	uint64_t stem;                    /* before the apostrophe, or 0 */
};

/* A sentence longer than this is read as several. */
#define REGION_TOKENS_MAX 96

struct region_scan {
	const char *s;
	size_t len, at;
	const struct sdg_word *next, *last; /* words split already, if any */
	const struct sdg_split *split;
	size_t candidate; /* the next word that is one, once it is sought */
	bool sought;
	size_t places;                 /* names of them in the last sentence */
	size_t quoted_from, quoted_to; /* the last quotation met */
	bool lines; /* a line end ends the sentence, a dot does not */
	bool loose, asked_loose; /* names may be written small */
	bool form; /* "NW" is a name, and so is any word that can be one */
};

void region_scan_start(struct region_scan *scan, struct sdg_str text,
		       bool lines);

/** region_scan_start_split - a text that somebody has split already */
void region_scan_start_split(struct region_scan *scan, struct sdg_str text,
			     const struct sdg_split *split);

/** region_scan_start_lines - the lines from @from to @to of such a text */
void region_scan_start_lines(struct region_scan *scan, struct sdg_str text,
			     const struct sdg_split *split, size_t from,
			     size_t to);

/** region_note - what the scanner wants noted of a word (sdg_stemmer_note) */
void region_note(const uint64_t half[2], struct sdg_word_note *out);

/**
 * region_scan_pass - pass sentences that say nothing
 * @mark: SDG_MARK_PLACE or SDG_MARK_TITLE
 *
 * Of a text that is split it is seen at the marks of its words, without
 * reading them, which sentences name no place that may be claimed, or say no
 * role. What is not plain enough for that is left to be read. Returns how
 * many sentences were passed, or 0 and nothing is left. A scan asks for one
 * mark alone.
 */
size_t region_scan_pass(struct region_scan *scan, uint8_t mark);

/** region_scan_next - the next sentence (or line); 0: there is no more */
size_t region_scan_next(struct region_scan *scan,
			struct region_token tokens[REGION_TOKENS_MAX]);

/* What a resolver found. */
struct region_finding {
	enum sdg_region region; /* ANY: nothing */
	enum sdg_evidence evidence;
	uint16_t authority;
	enum sdg_field field;
	uint32_t start, end;
	const char *rule;
};

/* What is known meanwhile, to tell namesakes apart: a bit per region that
 * domain, directory or signature speak for. */
struct region_context {
	const struct sdg_feedback *fb;
	const struct sdg_split *split; /* of fb's text, or NULL */
	uint32_t hints;
};

/* Among hints: a county was named that the post of London's edge bears. */
#define REGION_HINT_POSTAL (1u << 31)

/** region_is_common - a name that says too little alone: there are schools
 *  and streets of it everywhere, and the place is small ("St Mary's") */
static inline bool region_is_common(const struct places_entry *place,
				    uint32_t hints)
{
	return place->share < 20 && place->size < 20 &&
	       !(hints & 1u << place->region);
}

/** region_of_place - its region, or by @hints the one of its namesakes;
 *  ANY when it cannot be told */
enum sdg_region region_of_place(const struct places_entry *place,
				uint32_t hints);

/* classify_region_text.c: strong statements, and weaker claims. */
struct region_claims {
	struct region_finding statement, claim;
	bool spoilt; /* the statement was one of a list */
};
void region_read_text(const struct region_context *context,
		      enum sdg_field field, struct region_claims *claims,
		      struct sdg_explanation *why);

/* classify_region_signature.c */
struct region_signature {
	struct region_finding postcode, place, weak;
	uint32_t hints;
};
void region_read_signature(const struct region_context *context,
			   struct sdg_str signature,
			   struct region_signature *out);

/* classify_region_form.c: words a form asked for, or a constituency */
bool region_read_form(struct sdg_str words, struct region_finding *out);

/** region_explain - add a reason; @decided: it weighs 1 */
void region_explain(struct sdg_explanation *why, struct sdg_str field,
		    const struct region_finding *finding, bool decided);

#endif
