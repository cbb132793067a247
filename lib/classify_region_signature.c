/*
 * classify_region_signature: postcode, authority and place of a signature.
 *
 * A signature is lines of segments: "Principal, Thornwold Academy,
 * Gainsborough". A segment that is a place and no more says where; a place
 * within a school's name or a street's says little or nothing; lines about
 * registered offices, virus scanners, awards and other schools never count.
 * A town beats a county: Croydon is in London whatever the postal county.
 */
#include <string.h>

#include "classify_region.h"

/* One segment of a line: tokens from..to. */
struct segment {
	const struct region_token *tokens;
	size_t n;
	bool opens; /* the first segment of all: most often a name */
};

struct places_seen {
	struct region_finding town, area;
	struct region_finding within; /* a school's name */
	bool namesakes;               /* some name is of several places */
	uint8_t town_size;
	bool posts; /* there is a role or a school, not a name alone */
};

/* How much of a line may count: up to "registered in England" or the like,
 * and nothing of a line that has no post before it. */
static size_t before_disclaimer(const struct region_token *tokens, size_t n)
{
	bool post = false;

	for (size_t i = 0; i < n; i++) {
		if (tokens[i].cues & CUE_DISCLAIM)
			return post ? i : 0;
		if (tokens[i].cues & (CUE_ROLE | CUE_SCHOOL))
			post = true;
	}
	return n;
}

static uint64_t all_cues(const struct segment *segment)
{
	uint64_t cues = 0;

	for (size_t i = 0; i < segment->n; i++)
		cues |= segment->tokens[i].cues;
	return cues;
}

/* ------------------------------------------------------------ postcodes */

/* A bare outward code counts in an address alone: at the end of its line or
 * segment, and in capitals. */
static bool in_address(struct sdg_str text, size_t at, size_t len)
{
	size_t end = at + len;

	if (end < text.len && text.s[end] != '\n' && text.s[end] != ',' &&
	    text.s[end] != '.' && text.s[end] != ')')
		return false;
	for (size_t i = at; i < end; i++)
		if (text.s[i] >= 'a' && text.s[i] <= 'z')
			return false;
	return at == 0 || text.s[at - 1] == ' ' || text.s[at - 1] == ',' ||
	       text.s[at - 1] == '\n';
}

static void find_postcode(struct sdg_str text,
			  const struct region_token *tokens, size_t n,
			  struct region_finding *out)
{
	bool place = false;

	for (size_t i = 0; i < n && !out->region; i++) {
		size_t at = tokens[i].start;
		struct places_postcode found;

		if (tokens[i].place)
			place = true;
		if (!places_postcode_at(text.s + at, text.len - at, &found) ||
		    found.region == SDG_REGION_ANY)
			continue;
		if (!found.full && !(in_address(text, at, found.len) && place))
			continue;
		*out = (struct region_finding){
			.region = found.region,
			.evidence = SDG_EVIDENCE_POSTCODE,
			.field = SDG_FIELD_SIGNATURE,
			.start = (uint32_t)at,
			.end = (uint32_t)(at + found.len),
			.rule = found.full ? "signature postcode"
					   : "signature outward code",
		};
	}
}

/* --------------------------------------------------------------- places */

static bool equal_fold(const char *a, const char *b, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if ((a[i] | 0x20) != (b[i] | 0x20))
			return false;
	return true;
}

/* Is it part of the writer's name, or of their address before the @? */
static bool names_the_writer(const struct region_context *context,
			     struct sdg_str text,
			     const struct region_token *token)
{
	struct sdg_str names[] = { context->fb->respondent.name,
				   context->fb->respondent.address };
	size_t len = token->end - token->start;

	for (size_t k = 0; k < 2; k++) {
		struct sdg_str name = names[k];

		if (k == 1 && name.len) {
			const char *at = memchr(name.s, '@', name.len);

			name.len = at ? (size_t)(at - name.s) : 0;
		}
		for (size_t i = 0; i + len <= name.len; i++)
			if (equal_fold(name.s + i, text.s + token->start, len))
				return true;
	}
	return false;
}

static bool is_postcode(struct sdg_str text, const struct region_token *token)
{
	struct places_postcode found;

	return places_postcode_at(text.s + token->start,
				  text.len - token->start, &found);
}

/* "N. Beds" after a post; "S. Lancaster" is somebody. */
static bool is_compass(const struct segment *segment, size_t i, bool posts)
{
	const struct places_entry *place = segment->tokens[i].place;

	/* "Headteacher: S. Kent" */
	return posts && segment->tokens[0].gap != GAP_BREAK &&
	       place->kinds & (PLACES_AREA | PLACES_AUTHORITY) &&
	       !(place->flags & PLACES_SURNAME);
}

/* Does the segment hold nothing but the place (and a postcode)? */
static bool stands_alone(const struct segment *segment, size_t i,
			 struct sdg_str text, bool posts)
{
	for (size_t k = 0; k < segment->n; k++) {
		const struct region_token *token = &segment->tokens[k];

		if (token->cues & CUE_COMPASS && k < i &&
		    !is_compass(segment, i, posts))
			return false;
		if (k == i ||
		    token->cues & (CUE_COUNCIL | CUE_ARTICLE | CUE_MODIFIER |
				   CUE_BRANCH | CUE_LIST | CUE_IN | CUE_OF))
			continue;
		if (token->place || token->flags & TOKEN_DIGIT)
			continue;
		if (is_postcode(text, token))
			return true;
		return false;
	}
	return true;
}

static void keep(struct region_finding *slot, const struct region_finding *f)
{
	if (!slot->region)
		*slot = *f;
}

/* The first town, but for a hamlet of the same name as a school: "Stradbroke,
 * Woodford Green". */
static void keep_town(struct places_seen *seen, const struct region_finding *f,
		      uint8_t size)
{
	if (seen->town.region && !(seen->town_size < 10 && size >= 10 &&
				   size >= 4 * seen->town_size))
		return;
	seen->town = *f;
	seen->town_size = size;
}

/* Would a school be called so elsewhere? "St Anne's" and "Gainsborough
 * Road Primary" are; "Stockport Academy" is not. */
static bool is_telling(const struct places_entry *place)
{
	if (place->flags & PLACES_SURNAME || place->kinds & PLACES_REGION ||
	    place->share < 80 || place->others & (place->others - 1))
		return false;
	return place->kinds & (PLACES_AUTHORITY | PLACES_AREA) ||
	       place->size >= 40;
}

static void read_place(struct sdg_str text, const struct segment *segment,
		       size_t i, struct places_seen *seen, uint32_t hints)
{
	const struct region_token *token = &segment->tokens[i];
	const struct places_entry *place = token->place;
	uint64_t cues = all_cues(segment);
	struct region_finding f = {
		.region = region_of_place(place, hints),
		.evidence = SDG_EVIDENCE_PLACE,
		.authority = place->authority,
		.field = SDG_FIELD_SIGNATURE,
		.start = token->start,
		.end = token->end,
		.rule = "signature place",
	};

	if (place->others & (place->others - 1))
		seen->namesakes = true;
	if (f.region == SDG_REGION_ANY || f.region == SDG_REGION_UNKNOWN)
		return;
	if (cues & CUE_COUNCIL &&
	    place->kinds & (PLACES_AUTHORITY | PLACES_AREA)) {
		f.evidence = SDG_EVIDENCE_AUTHORITY;
		f.rule = "signature authority";
		keep(&seen->area, &f);
		return;
	}
	/* "London Road"; but the town of Street is one */
	if ((cues & CUE_STREET && segment->n > 1) ||
	    place->kinds & PLACES_DEMONYM)
		return;
	/* "Best wishes / Kimberley": a name, until a post has been seen */
	if (segment->n == 1 && place->flags & (PLACES_WORD | PLACES_SURNAME) &&
	    !seen->posts)
		return;
	if (region_is_common(place, hints))
		return;
	if (stands_alone(segment, i, text, seen->posts) && !segment->opens) {
		if (place->kinds & PLACES_TOWN)
			keep_town(seen, &f, place->size);
		else
			keep(&seen->area, &f);
		return;
	}
	if (!(cues & (CUE_SCHOOL | CUE_ROLE | CUE_BRANCH)) ||
	    place->share < 50 || place->flags & PLACES_WORD)
		return;
	f.rule = "signature school's name";
	if (i > 0 && segment->tokens[i - 1].cues &
			 (CUE_SCHOOL | CUE_IN | CUE_ROLE | CUE_OF))
		keep_town(seen, &f, place->size);
	else if (cues & CUE_BRANCH || is_telling(place))
		keep(&seen->within, &f);
}

/* "BSc (Durham)", "PGCE (Leeds)": where somebody studied. */
static bool is_degree(const struct region_token *tokens, size_t i,
		      struct sdg_str text)
{
	size_t at = tokens[i].start;

	if (i == 0 || !(tokens[i - 1].cues & CUE_DEGREE))
		return false;
	return tokens[i].gap <= GAP_SPACE ||
	       (tokens[i].gap == GAP_COMMA && at > 0 && text.s[at - 1] == '(');
}

/* "The Durham Trust" is named so, as the Sutton Trust is; "Cornwall Academies
 * Trust" lies there. */
static bool is_fund(const struct segment *segment, size_t i)
{
	return i + 1 < segment->n && segment->tokens[i + 1].cues & CUE_FUND;
}

/* Splits a line where commas, bars, brackets and dashes stand. */
static void read_line(const struct region_context *context, struct sdg_str text,
		      const struct region_token *tokens, size_t n, bool first,
		      struct places_seen *seen, uint32_t hints)
{
	size_t start = 0;

	for (size_t i = 1; i <= n; i++) {
		struct segment segment = { .tokens = tokens + start,
					   .n = i - start,
					   .opens = first && start == 0 };

		if (i < n && tokens[i].gap < GAP_COMMA)
			continue;
		if (all_cues(&segment) & (CUE_ROLE | CUE_SCHOOL))
			seen->posts = true;
		for (size_t k = 0; k < segment.n; k++) {
			const struct region_token *token = &segment.tokens[k];

			bool alone =
			    segment.n == 1 && !segment.opens && seen->posts;

			if (token->place &&
			    !(token->place->kinds & PLACES_NOT) &&
			    !is_degree(tokens, start + k, text) &&
			    !is_fund(&segment, k) &&
			    (alone || !names_the_writer(context, text, token)))
				read_place(text, &segment, k, seen, hints);
		}
		start = i;
	}
}

static uint32_t hint_of(const struct region_token *token)
{
	return 1u << token->place->region |
	       (token->cues & CUE_POSTAL ? REGION_HINT_POSTAL : 0);
}

/* The counties and authorities, for the sake of namesakes; not the name of
 * the writer, which stands first. */
static uint32_t gather_hints(const struct region_context *context,
			     struct sdg_str signature)
{
	struct region_token tokens[REGION_TOKENS_MAX];
	struct region_scan scan;
	bool name = true;
	uint32_t hints = 0;
	size_t n;

	region_scan_start(&scan, signature, true);
	while ((n = region_scan_next(&scan, tokens)) > 0) {
		n = before_disclaimer(tokens, n);
		for (size_t i = 0; i < n; i++) {
			const struct places_entry *place = tokens[i].place;

			if (i > 0 && tokens[i].gap >= GAP_COMMA)
				name = false;
			if (!name && place && place->region &&
			    place->region != SDG_REGION_UNKNOWN &&
			    place->kinds & (PLACES_AREA | PLACES_AUTHORITY) &&
			    !is_degree(tokens, i, signature) &&
			    !names_the_writer(context, signature, &tokens[i]))
				hints |= hint_of(&tokens[i]);
		}
		name = false;
	}
	return hints;
}

static void read_lines(const struct region_context *context,
		       struct sdg_str signature, uint32_t hints,
		       struct region_finding *postcode,
		       struct places_seen *seen)
{
	struct region_token tokens[REGION_TOKENS_MAX];
	struct region_scan scan;
	bool first = true;
	size_t n;

	*seen = (struct places_seen){ 0 };
	region_scan_start(&scan, signature, true);
	while ((n = region_scan_next(&scan, tokens)) > 0) {
		n = before_disclaimer(tokens, n);
		find_postcode(signature, tokens, n, postcode);
		read_line(context, signature, tokens, n, first, seen, hints);
		first = false;
	}
}

void region_read_signature(const struct region_context *context,
			   struct sdg_str signature,
			   struct region_signature *out)
{
	struct places_seen seen;

	*out = (struct region_signature){ 0 };
	if (signature.len == 0)
		return;
	read_lines(context, signature, context->hints, &out->postcode, &seen);
	if (seen.area.region)
		out->hints = 1u << seen.area.region;
	if (seen.namesakes) {
		uint32_t hints = gather_hints(context, signature);

		if (hints)
			out->hints = hints;
		if (hints && hints != context->hints)
			read_lines(context, signature, hints, &out->postcode,
				   &seen);
	}
	out->place = seen.town.region ? seen.town : seen.area;
	out->weak = seen.within;
}
