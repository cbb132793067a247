/*
 * labels: tables of identifiers, in the order of the enums.
 */
#include <soundings/labels.h>

#include <string.h>

#define COUNT(table) (int)(sizeof(table) / sizeof((table)[0]))

static const char *const region_ids[SDG_REGION_COUNT] = {
	"any",
	"north-east",
	"north-west",
	"yorkshire-humber",
	"east-midlands",
	"west-midlands",
	"east-of-england",
	"london",
	"south-east",
	"south-west",
	"wales",
	"scotland",
	"northern-ireland",
	"islands-overseas",
	"unknown",
};

static const char *const region_names[SDG_REGION_COUNT] = {
	"Any",
	"North East",
	"North West",
	"Yorkshire and the Humber",
	"East Midlands",
	"West Midlands",
	"East of England",
	"London",
	"South East",
	"South West",
	"Wales",
	"Scotland",
	"Northern Ireland",
	"Islands and overseas",
	"Unknown",
};

static const char *const evidence_ids[SDG_EVIDENCE_COUNT] = {
	"none",      "survey-field", "statement", "directory", "postcode",
	"authority", "place",        "domain",    "claimed",   "person",
};

static const char *const source_ids[SDG_SOURCE_COUNT] = { "any", "mail", "rep",
							  "survey" };

static const char *const kind_ids[SDG_KIND_COUNT] = { "unset", "feedback",
						      "auto-reply",
						      "not-feedback" };

static const char *const stance_ids[SDG_STANCE_COUNT] = { "neutral", "positive",
							  "negative", "mixed" };

static const char *const role_ids[SDG_ROLE_COUNT] = {
	"unknown",        "trust-leader",    "head",         "deputy",
	"assistant-head", "business-leader", "other-leader", "governor",
	"retired",        "other",
};

static const char *const phase_ids[SDG_PHASE_COUNT] = {
	"primary",    "secondary",   "all-through", "post-16",
	"special-ap", "independent", "trust",
};

static const char *const note_kind_ids[SDG_NOTE_COUNT] = { "point", "meeting",
							   "interview" };

static const char *const outcome_ids[SDG_OUTCOME_COUNT] = {
	"none",      "counted",      "replaced",    "duplicate",
	"automatic", "not-feedback", "quarantined", "dropped",
	"test",      "busy",         "refused",     "emptied",
};

static const char *const flag_ids[SDG_FLAG_COUNT] = {
	"attachment", "casework",     "safeguarding", "unsubscribe",
	"encrypted",  "whole-quoted", "forwarded",    "list",
	"limit",      "sender",       "weak-auto",
};

static const char *look(const char *const *table, int count, int number)
{
	return number >= 0 && number < count ? table[number] : "?";
}

static int find(const char *const *table, int count, struct sdg_str id)
{
	for (int i = 0; i < count; i++)
		if (sdg_str_eq(id, table[i]))
			return i;
	return -1;
}

const char *sdg_region_id(int region)
{
	return look(region_ids, COUNT(region_ids), region);
}

const char *sdg_region_name(int region)
{
	return look(region_names, COUNT(region_names), region);
}

int sdg_region_from_id(struct sdg_str id)
{
	return find(region_ids, COUNT(region_ids), id);
}

const char *sdg_evidence_id(int evidence)
{
	return look(evidence_ids, COUNT(evidence_ids), evidence);
}

const char *sdg_source_id(int source)
{
	return look(source_ids, COUNT(source_ids), source);
}

int sdg_source_from_id(struct sdg_str id)
{
	return find(source_ids, COUNT(source_ids), id);
}

const char *sdg_kind_id(int kind)
{
	return look(kind_ids, COUNT(kind_ids), kind);
}

int sdg_kind_from_id(struct sdg_str id)
{
	return find(kind_ids, COUNT(kind_ids), id);
}

const char *sdg_stance_id(int stance)
{
	return look(stance_ids, COUNT(stance_ids), stance);
}

int sdg_stance_from_id(struct sdg_str id)
{
	return find(stance_ids, COUNT(stance_ids), id);
}

const char *sdg_role_id(int role)
{
	return look(role_ids, COUNT(role_ids), role);
}

int sdg_role_from_id(struct sdg_str id)
{
	return find(role_ids, COUNT(role_ids), id);
}

const char *sdg_phase_id(int bit)
{
	return look(phase_ids, COUNT(phase_ids), bit);
}

int sdg_phase_from_id(struct sdg_str id)
{
	int bit = find(phase_ids, COUNT(phase_ids), id);

	return bit < 0 ? -1 : 1 << bit;
}

const char *sdg_note_kind_id(int kind)
{
	return look(note_kind_ids, COUNT(note_kind_ids), kind);
}

int sdg_note_kind_from_id(struct sdg_str id)
{
	return find(note_kind_ids, COUNT(note_kind_ids), id);
}

const char *sdg_outcome_id(int outcome)
{
	return look(outcome_ids, COUNT(outcome_ids), outcome);
}

const char *sdg_flag_id(int bit)
{
	return look(flag_ids, COUNT(flag_ids), bit);
}
