/*
 * classify_region: one resolver after another, in order of trust.
 *
 * What a form asked, what the writer says outright, the directory, the
 * signature's postcode, its authority or place, a representative's own
 * line, the sender's domain, and last a place in the text that the writer
 * seems to claim. The first that answers decides; silence stays "unknown",
 * for a wrong guess costs more than none.
 */
#include <string.h>

#include "classify_region.h"

enum sdg_region region_of_place(const struct places_entry *place,
				uint32_t hints)
{
	uint32_t both = place->others & hints;

	if (both && (both & (both - 1)) == 0)
		return (enum sdg_region)__builtin_ctz(both);
	/* "Kingston, Surrey": the town beats the county of its post */
	if (hints & REGION_HINT_POSTAL &&
	    place->others & 1u << SDG_REGION_LONDON)
		return SDG_REGION_LONDON;
	return (enum sdg_region)place->region;
}

void region_explain(struct sdg_explanation *why, struct sdg_str field,
		    const struct region_finding *finding, bool decided)
{
	struct sdg_reason reason = {
		.label = SDG_LABEL_REGION,
		.field = finding->field,
		.start = finding->start,
		.end = finding->end,
		.weight = decided ? 1 : 0,
		.rule = finding->rule,
	};
	size_t len = finding->end - finding->start;

	if (!why)
		return;
	if (field.s && field.len >= finding->end && len > 0) {
		len = sdg_text_cut(field.s + finding->start, len,
				   sizeof(reason.text) - 1);
		memcpy(reason.text, field.s + finding->start, len);
	}
	sdg_explain_add(why, &reason);
}

/* Everything a resolver may look at, and what has been read already. */
struct resolving {
	const struct sdg_feedback *fb;
	const struct sdg_known *known;
	struct sdg_explanation *why;
	struct region_context context;
	struct region_signature signature;
	struct region_claims claims;
	struct region_finding domain;
};

typedef bool resolver_fn(struct resolving *r, struct region_finding *out);

static bool from_form(struct resolving *r, struct region_finding *out)
{
	const struct sdg_respondent *who = &r->fb->respondent;

	if (who->region.len && region_read_form(who->region, out))
		return true;
	if (!who->postcode.len)
		return false;
	*out = (struct region_finding){
		.region = sdg_postcode_region(who->postcode),
		.evidence = SDG_EVIDENCE_SURVEY_FIELD,
		.field = SDG_FIELD_FORM,
		.end = (uint32_t)who->postcode.len,
		.rule = "form postcode",
	};
	if (out->region == SDG_REGION_ANY)
		out->region = sdg_outward_region(who->postcode);
	return out->region != SDG_REGION_ANY;
}

static bool from_statement(struct resolving *r, struct region_finding *out)
{
	region_read_text(&r->context, SDG_FIELD_TEXT, &r->claims, r->why);
	if (!r->claims.statement.region && r->fb->subject.len)
		region_read_text(&r->context, SDG_FIELD_SUBJECT, &r->claims,
				 r->why);
	*out = r->claims.statement;
	return out->region != SDG_REGION_ANY && !r->claims.spoilt;
}

static bool from_directory(struct resolving *r, struct region_finding *out)
{
	if (!r->known || r->known->region == SDG_REGION_ANY ||
	    r->known->region == SDG_REGION_UNKNOWN)
		return false;
	*out = (struct region_finding){
		.region = r->known->region,
		.evidence = SDG_EVIDENCE_DIRECTORY,
		.authority = r->known->authority,
		.field = SDG_FIELD_DIRECTORY,
		.rule = "members' directory",
	};
	return true;
}

static bool from_signature_postcode(struct resolving *r,
				    struct region_finding *out)
{
	*out = r->signature.postcode;
	return out->region != SDG_REGION_ANY;
}

static bool from_signature_place(struct resolving *r,
				 struct region_finding *out)
{
	*out = r->signature.place;
	return out->region != SDG_REGION_ANY;
}

/* What the note says of the representative's members: "Norfolk", or what
 * follows the name in "Jane Doe, Council rep for Norfolk". */
static struct sdg_str own_line(const struct sdg_note *note)
{
	struct sdg_str line = note->representative;
	size_t at = 0;

	if (note->constituency.len)
		return note->constituency;
	while (at < line.len && line.s[at] != ',' && line.s[at] != '(')
		at++;
	return at == line.len ? (struct sdg_str){ 0 }
			      : (struct sdg_str){ line.s + at, line.len - at };
}

/* The representative's own line: their members, unless the note says. */
static bool from_constituency(struct resolving *r, struct region_finding *out)
{
	struct sdg_str line = own_line(&r->fb->note);

	if (r->fb->source != SDG_SOURCE_REP || !line.len ||
	    !region_read_form(line, out))
		return false;
	out->evidence = SDG_EVIDENCE_PLACE;
	out->rule = "representative's constituency";
	return true;
}

static bool from_domain(struct resolving *r, struct region_finding *out)
{
	*out = r->domain;
	return out->region != SDG_REGION_ANY;
}

/* "Ivybridge Community College, Devon" where a form asked for the school. */
static bool from_school_field(struct resolving *r, struct region_finding *out)
{
	struct region_signature school;

	if (!r->fb->respondent.school.len)
		return false;
	region_read_signature(&r->context, r->fb->respondent.school, &school);
	*out = school.place.region ? school.place : school.weak;
	out->field = SDG_FIELD_FORM;
	out->rule = "school on a form";
	return out->region != SDG_REGION_ANY;
}

/* "Newham Sixth Form College": a school's name, weighed by how often such
 * names are right. */
static bool from_school_name(struct resolving *r, struct region_finding *out)
{
	*out = r->signature.weak;
	return out->region != SDG_REGION_ANY;
}

static bool from_claim(struct resolving *r, struct region_finding *out)
{
	*out = r->claims.claim;
	return out->region != SDG_REGION_ANY &&
	       out->region != SDG_REGION_UNKNOWN;
}

static struct sdg_str field_text(const struct resolving *r,
				 const struct region_finding *found)
{
	const struct sdg_respondent *who = &r->fb->respondent;

	switch (found->field) {
	case SDG_FIELD_TEXT:
		return r->fb->text;
	case SDG_FIELD_SUBJECT:
		return r->fb->subject;
	case SDG_FIELD_SIGNATURE:
		return r->fb->signature;
	case SDG_FIELD_ADDRESS:
		return who->address;
	case SDG_FIELD_FORM:
		if (strcmp(found->rule, "school on a form") == 0)
			return who->school;
		if (found->evidence == SDG_EVIDENCE_PLACE)
			return own_line(&r->fb->note);
		return strcmp(found->rule, "form postcode") == 0 ? who->postcode
								 : who->region;
	case SDG_FIELD_DIRECTORY:
	case SDG_FIELD_MODEL:
		break;
	}
	return (struct sdg_str){ 0 };
}

#define PARAGRAPH_MAX 240 /* bytes */

static bool has_quoted_line(struct sdg_str text)
{
	bool begins = true;

	for (size_t i = 0; i < text.len; i++) {
		if (begins && text.s[i] == '>')
			return true;
		begins = text.s[i] == '\n' ||
			 (begins && (text.s[i] == ' ' || text.s[i] == '\t'));
	}
	return false;
}

/* Where the producer found no signature, the text may still end in one: a
 * last paragraph of a few short lines. */
static struct sdg_str last_paragraph(struct sdg_str text)
{
	size_t end = text.len, from, at;

	while (end > 0 && strchr(" \n\t", text.s[end - 1]))
		end--;
	/* a sentence, not a signature */
	if (end == 0 || strchr(".?!", text.s[end - 1]))
		return (struct sdg_str){ 0 };
	from = end > PARAGRAPH_MAX + 2 ? end - PARAGRAPH_MAX - 2 : 0;
	for (at = end; at > from;) {
		const char *line = memrchr(text.s + from, '\n', at - from);

		if (!line)
			break;
		at = (size_t)(line - text.s);
		if (at > from && text.s[at - 1] == '\n')
			return (struct sdg_str){ line + 1, end - at - 1 };
	}
	return (struct sdg_str){ 0 };
}

/* It is one when it has a post and speaks of nobody. */
static bool signs_off(const struct resolving *r, size_t from, size_t to)
{
	static const uint64_t speech = CUE_FIRST | CUE_THIRD | CUE_PAST |
				       CUE_BE | CUE_WOULD | CUE_NOT | CUE_HAVE;
	struct region_token tokens[REGION_TOKENS_MAX];
	struct region_scan scan;
	uint64_t cues = 0;
	size_t n;

	region_scan_start_lines(&scan, r->fb->text, r->context.split, from, to);
	while (!(cues & speech) && (n = region_scan_next(&scan, tokens)) > 0)
		for (size_t i = 0; i < n; i++)
			cues |= tokens[i].cues;
	return cues & (CUE_ROLE | CUE_SCHOOL) && !(cues & speech);
}

static void move(struct region_finding *finding, size_t by)
{
	finding->field = SDG_FIELD_TEXT;
	finding->start += (uint32_t)by;
	finding->end += (uint32_t)by;
}

static void read_sign_off(struct resolving *r)
{
	struct sdg_str tail = last_paragraph(r->fb->text);
	size_t by;

	if (r->fb->source == SDG_SOURCE_REP || tail.len == 0 ||
	    has_quoted_line(tail))
		return;
	by = (size_t)(tail.s - r->fb->text.s);
	if (!signs_off(r, by, by + tail.len))
		return;
	region_read_signature(&r->context, tail, &r->signature);
	move(&r->signature.postcode, by);
	move(&r->signature.place, by);
	move(&r->signature.weak, by);
}

/* What signature and address say is read first: it tells namesakes apart. */
static void prepare(struct resolving *r)
{
	struct places_domain domain;

	if (places_domain_of(r->fb->respondent.address, &domain) &&
	    domain.region != SDG_REGION_UNKNOWN) {
		r->domain = (struct region_finding){
			.region = domain.region,
			.evidence = SDG_EVIDENCE_DOMAIN,
			.authority = domain.authority,
			.field = SDG_FIELD_ADDRESS,
			.start = (uint32_t)domain.start,
			.end = (uint32_t)(domain.start + domain.len),
			.rule = domain.rule,
		};
		r->context.hints |= 1u << domain.region;
	}
	if (r->known && r->known->region != SDG_REGION_ANY)
		r->context.hints |= 1u << r->known->region;
	if (r->fb->signature.len)
		region_read_signature(&r->context, r->fb->signature,
				      &r->signature);
	else if (r->fb->text.len)
		read_sign_off(r);
	if (r->signature.postcode.region)
		r->context.hints |= 1u << r->signature.postcode.region;
	r->context.hints |= r->signature.hints;
}

/* The finest place known: whoever names an authority of that region. */
static uint16_t finest(const struct resolving *r,
		       const struct region_finding *found)
{
	const uint16_t named[] = {
		found->authority,
		r->signature.place.authority,
		r->domain.authority,
		r->known ? r->known->authority : 0,
	};

	for (size_t i = 0; i < sizeof(named) / sizeof(named[0]); i++)
		if (named[i] && sdg_authority_region(named[i]) == found->region)
			return named[i];
	return 0;
}

void sdg_region_resolve(const struct sdg_feedback *fb,
			const struct sdg_known *known,
			const struct sdg_split *split,
			struct sdg_labels *labels, struct sdg_explanation *why)
{
	static resolver_fn *const in_order[] = {
		from_form,
		from_statement,
		from_directory,
		from_signature_postcode,
		from_signature_place,
		from_constituency,
		from_domain,
		from_school_field,
		from_school_name,
		from_claim,
	};
	struct resolving r = {
		.fb = fb,
		.known = known,
		.why = why,
		.context = { .fb = fb, .split = split },
	};

	labels->region = SDG_REGION_UNKNOWN;
	labels->region_evidence = SDG_EVIDENCE_NONE;
	labels->authority = 0;
	prepare(&r);
	for (size_t i = 0; i < sizeof(in_order) / sizeof(in_order[0]); i++) {
		struct region_finding found = { 0 };

		if (!in_order[i](&r, &found))
			continue;
		labels->region = found.region;
		labels->region_evidence = found.evidence;
		labels->authority = finest(&r, &found);
		region_explain(why, field_text(&r, &found), &found, true);
		return;
	}
}
