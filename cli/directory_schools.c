/*
 * directory_schools: Get Information about Schools ("edubasealldata*.csv").
 *
 * Columns are found by name, since they come and go between editions. It
 * holds no mail addresses: a school's own domain is the host of its website.
 * Half of the file is closed schools.
 */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "directory.h"

enum column {
	COLUMN_NAME,
	COLUMN_STATUS,
	COLUMN_LA_CODE,
	COLUMN_GOR,
	COLUMN_POSTCODE,
	COLUMN_WEBSITE,
	COLUMN_PHASE,
	COLUMN_TYPE,
	COLUMN_LOW,
	COLUMN_HIGH,
	COLUMN_SIXTH,
	COLUMN_COUNT
};

static const char *const column_names[COLUMN_COUNT] = {
	[COLUMN_NAME] = "EstablishmentName",
	[COLUMN_STATUS] = "EstablishmentStatus (name)",
	[COLUMN_LA_CODE] = "LA (code)",
	[COLUMN_GOR] = "GOR (name)",
	[COLUMN_POSTCODE] = "Postcode",
	[COLUMN_WEBSITE] = "SchoolWebsite",
	[COLUMN_PHASE] = "PhaseOfEducation (name)",
	[COLUMN_TYPE] = "TypeOfEstablishment (name)",
	[COLUMN_LOW] = "StatutoryLowAge",
	[COLUMN_HIGH] = "StatutoryHighAge",
	[COLUMN_SIXTH] = "OfficialSixthForm (name)",
};

struct schools {
	struct directory *directory;
	size_t at[COLUMN_COUNT]; /* 1 + place; 0: not there */
	bool past_heading;
	const struct sdg_str *fields;
	size_t n;
};

static struct sdg_str field(const struct schools *s, enum column column)
{
	size_t at = s->at[column];

	if (at == 0 || at > s->n)
		return (struct sdg_str){ 0 };
	return s->fields[at - 1];
}

bool directory_is_schools(const struct sdg_str *heading, size_t n)
{
	bool name = false, status = false;

	for (size_t i = 0; i < n; i++) {
		name |= sdg_str_eq(heading[i], column_names[COLUMN_NAME]);
		status |= sdg_str_eq(heading[i], column_names[COLUMN_STATUS]);
	}
	return name && status;
}

static int read_heading(struct schools *s, const struct sdg_str *fields,
			size_t n, struct sdg_error *err)
{
	static const enum column needed[] = { COLUMN_NAME, COLUMN_STATUS,
					      COLUMN_WEBSITE };

	for (int column = 0; column < COLUMN_COUNT; column++)
		for (size_t i = 0; i < n; i++)
			if (sdg_str_eq(fields[i], column_names[column]))
				s->at[column] = i + 1;
	for (size_t i = 0; i < sizeof(needed) / sizeof(needed[0]); i++)
		if (s->at[needed[i]] == 0)
			return sdg_fail(err, SDG_EINVAL,
					"not a list of schools: no column "
					"\"%s\"",
					column_names[needed[i]]);
	return 0;
}

static unsigned number(struct sdg_str s)
{
	unsigned n = 0;

	for (size_t i = 0; i < s.len && n < 100000; i++) {
		if (s.s[i] < '0' || s.s[i] > '9')
			return 0;
		n = n * 10 + (unsigned)(s.s[i] - '0');
	}
	return n;
}

/* The region column, else the authority's, else the postcode's. */
static void take_region(const struct schools *s, struct sdg_known *known)
{
	unsigned code = number(field(s, COLUMN_LA_CODE));
	uint16_t authority = (uint16_t)(code < 1000 ? code : 0);
	enum sdg_region region = sdg_authority_region(authority);

	if (region == SDG_REGION_UNKNOWN)
		authority = 0;
	known->region = sdg_region_from_words(field(s, COLUMN_GOR), NULL);
	if (known->region == SDG_REGION_ANY && authority)
		known->region = region;
	if (known->region == SDG_REGION_ANY)
		known->region = sdg_postcode_region(field(s, COLUMN_POSTCODE));
	known->authority = known->region == region ? authority : 0;
}

static void take_phase(const struct schools *s, struct sdg_known *known)
{
	struct sdg_str phase = field(s, COLUMN_PHASE);
	struct sdg_str type = field(s, COLUMN_TYPE);
	unsigned low = number(field(s, COLUMN_LOW));
	unsigned high = number(field(s, COLUMN_HIGH));
	uint8_t by_type = sdg_phases_from_words(type);

	known->phases = sdg_phases_from_words(phase);
	known->phases |=
	    by_type & (SDG_PHASE_SPECIAL_AP | SDG_PHASE_INDEPENDENT);
	if (known->phases == 0 && low > 0 && high > low)
		known->phases = low <= 7 && high >= 16 ? SDG_PHASE_ALL_THROUGH
				: low >= 16            ? SDG_PHASE_POST_16
				: high <= 13           ? SDG_PHASE_PRIMARY
						       : SDG_PHASE_SECONDARY;
	if (known->phases & SDG_PHASE_SPECIAL_AP)
		known->phases &= SDG_PHASE_SPECIAL_AP | SDG_PHASE_INDEPENDENT;
}

/* --------------------------------------------------------------- domains */

/* "http://www.x.lancs.sch.uk/home" to "@x.lancs.sch.uk" */
static bool domain_of(struct sdg_str website, char *out, size_t cap)
{
	const char *s = website.s, *end = s + website.len;
	size_t n = 1;
	bool dot = false;

	for (const char *p = s; p + 2 < end; p++)
		if (memcmp(p, "://", 3) == 0) {
			s = p + 3;
			break;
		}
	while (s < end && (*s == ' ' || *s == '/'))
		s++;
	if (end - s > 4 && strncasecmp(s, "www.", 4) == 0)
		s += 4;
	out[0] = '@';
	for (; s < end && n + 1 < cap; s++) {
		char c = *s >= 'A' && *s <= 'Z' ? (char)(*s | 0x20) : *s;

		if (!((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
		      c == '-' || c == '.'))
			break;
		dot |= c == '.';
		out[n++] = c;
	}
	while (n > 1 && out[n - 1] == '.')
		n--;
	out[n] = '\0';
	return dot && n > 4 && out[1] != '.' &&
	       !sdg_domain_is_shared(sdg_str(out + 1));
}

/* What two schools of one domain agree on remains. */
static void merge(struct sdg_entry *old, const struct sdg_entry *other)
{
	if (old->known.region != other->known.region)
		old->known.region = SDG_REGION_ANY;
	if (old->known.authority != other->known.authority)
		old->known.authority = 0;
	if (old->known.phases != other->known.phases)
		old->known.phases = 0;
	old->school[0] = '\0';
}

static int on_row(void *arg, const struct sdg_str *fields, size_t n,
		  unsigned line, struct sdg_error *err)
{
	struct schools *s = arg;
	struct sdg_entry entry = { 0 }, *old;
	struct sdg_str name;
	size_t len;

	if (!s->past_heading) {
		s->past_heading = true;
		return read_heading(s, fields, n, err);
	}
	s->fields = fields;
	s->n = n;
	directory_row(s->directory);
	name = field(s, COLUMN_STATUS);
	if (name.len < 4 || memcmp(name.s, "Open", 4) != 0 ||
	    field(s, COLUMN_WEBSITE).len == 0) {
		s->directory->passed++; /* closed, or nothing to know it by */
		return 0;
	}
	take_region(s, &entry.known);
	take_phase(s, &entry.known);
	if (!domain_of(field(s, COLUMN_WEBSITE), entry.key, sizeof(entry.key)))
		return directory_problem(s->directory, line,
					 "its website has no domain of its own",
					 err);
	if (entry.known.region == SDG_REGION_ANY)
		return directory_problem(s->directory, line,
					 "its region cannot be told", err);
	name = field(s, COLUMN_NAME);
	len = sdg_text_cut(name.s, name.len, sizeof(entry.school) - 1);
	memcpy(entry.school, name.s ? name.s : "", len);
	old = directory_get(s->directory, entry.key);
	if (old) {
		merge(old, &entry);
		return 0;
	}
	return directory_add(s->directory, &entry, line, err);
}

/* Domains that schools of several regions share say nothing. */
static void drop_shared(struct directory *d)
{
	size_t kept = 0;

	for (size_t i = 0; i < d->count; i++)
		if (d->entries[i].known.region != SDG_REGION_ANY)
			d->entries[kept++] = d->entries[i];
	d->count = d->regions = kept;
	free(d->slots); /* they count from the old places */
	d->slots = NULL;
	d->slot_count = 0;
	d->cap = kept; /* so that one more makes them anew */
}

int directory_schools(const char *bytes, size_t len,
		      struct directory *directory, struct sdg_error *err)
{
	struct schools s = { .directory = directory };
	int rc = directory_rows(bytes, len, on_row, &s, err);

	if (rc == 0)
		drop_shared(directory);
	return rc;
}
