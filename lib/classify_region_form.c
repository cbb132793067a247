/*
 * classify_region_form: what a form's answer, or a representative's
 * constituency, says of the region.
 *
 * "London - Westminster", "South East (Brighton)", "Cambridgeshire &
 * Peterborough": every name is looked up. Names of regions decide; else all
 * that is named must lie in one region, or it says nothing.
 */
#include "classify_region.h"

static bool says_nothing(const struct region_token *tokens, size_t n)
{
	/* "Prefer not to say": no place at all */
	for (size_t i = 0; i < n; i++)
		if (tokens[i].place)
			return false;
	return true;
}

/* "NE" before a place is a point of the compass: "NE Somerset". */
static bool is_modifier(const struct region_token *tokens, size_t n, size_t i)
{
	return tokens[i].place->kinds == PLACES_FORM && i + 1 < n &&
	       tokens[i + 1].place && tokens[i + 1].gap <= GAP_LINE;
}

/* "South East (excl. London)" */
static bool is_left_out(const struct region_token *tokens, size_t i)
{
	return i > 0 && tokens[i - 1].cues & CUE_NOT && !tokens[i - 1].place &&
	       tokens[i].gap <= GAP_COMMA;
}

static void add_name(const struct region_token *token, uint32_t *regions,
		     uint32_t *areas, uint16_t *authority)
{
	const struct places_entry *place = token->place;
	enum sdg_region region = (enum sdg_region)place->region;

	if (place->kinds & PLACES_NOT)
		return;
	if (region == SDG_REGION_ANY) /* a namesake: it may be any of them */
		return;
	if (region == SDG_REGION_UNKNOWN)
		return;
	if (place->kinds & (PLACES_REGION | PLACES_FORM) &&
	    !(place->kinds & PLACES_AUTHORITY))
		*regions |= 1u << region;
	else
		*areas |= 1u << region;
	if (place->authority && !*authority)
		*authority = place->authority;
}

/* "N/W": a point of the compass, written as people write "n/a". */
static struct sdg_str spaced(struct sdg_str words, char out[3])
{
	if (words.len != 3 || words.s[1] != '/')
		return words;
	out[0] = words.s[0];
	out[1] = ' ';
	out[2] = words.s[2];
	return (struct sdg_str){ out, 3 };
}

static enum sdg_region only(uint32_t set)
{
	if (set == 0 || set & (set - 1))
		return SDG_REGION_ANY;
	return (enum sdg_region)__builtin_ctz(set);
}

bool region_read_form(struct sdg_str words, struct region_finding *out)
{
	struct region_token tokens[REGION_TOKENS_MAX];
	uint32_t regions = 0, areas = 0;
	struct region_scan scan;
	enum sdg_region region;
	char letters[3];
	size_t n;

	*out = (struct region_finding){ 0 };
	if (words.len > 1024)
		words.len = 1024;
	region_scan_start(&scan, spaced(words, letters), true);
	scan.form = true;
	n = region_scan_next(&scan, tokens);
	if (says_nothing(tokens, n))
		return false;
	for (size_t i = 0; i < n; i++)
		if (tokens[i].place && !is_modifier(tokens, n, i) &&
		    !is_left_out(tokens, i)) {
			add_name(&tokens[i], &regions, &areas, &out->authority);
			if (out->end == 0)
				out->start = tokens[i].start;
			out->end = tokens[i].end;
		}
	region = only(regions);
	if (region == SDG_REGION_ANY)
		region = only(areas);
	if (region == SDG_REGION_ANY)
		return false;
	if (sdg_authority_region(out->authority) != region)
		out->authority = 0;
	out->region = region;
	out->evidence = SDG_EVIDENCE_SURVEY_FIELD;
	out->field = SDG_FIELD_FORM;
	out->rule = "form field";
	return true;
}

enum sdg_region sdg_region_from_words(struct sdg_str words, uint16_t *authority)
{
	struct region_finding found;

	if (authority)
		*authority = 0;
	if (!region_read_form(words, &found))
		return SDG_REGION_ANY;
	if (authority)
		*authority = found.authority;
	return found.region;
}

uint16_t sdg_authority_from_name(struct sdg_str name)
{
	struct region_token tokens[REGION_TOKENS_MAX];
	struct region_scan scan;
	uint16_t authority = 0;
	size_t n;

	region_scan_start(&scan, name, true);
	scan.form = true;
	n = region_scan_next(&scan, tokens);
	for (size_t i = 0; i < n; i++) {
		const struct places_entry *place = tokens[i].place;

		if (place && place->kinds & (PLACES_AUTHORITY | PLACES_AREA)) {
			if (authority && authority != place->authority)
				return 0;
			authority = place->authority;
		} else if (!(tokens[i].cues &
			     (CUE_COUNCIL | CUE_ARTICLE | CUE_OF | CUE_PART))) {
			return 0;
		}
	}
	return authority;
}
