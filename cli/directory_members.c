/*
 * directory_members: the association's own list, whatever its columns are
 * called. Names of people are never read.
 */
#include <string.h>

#include "directory.h"

static const char *const field_ids[DIRECTORY_FIELD_COUNT] = {
	[DIRECTORY_IGNORE] = "ignore",
	[DIRECTORY_MEMBERSHIP] = "membership",
	[DIRECTORY_ADDRESS] = "address",
	[DIRECTORY_REGION] = "region",
	[DIRECTORY_AUTHORITY] = "authority",
	[DIRECTORY_POSTCODE] = "postcode",
	[DIRECTORY_SCHOOL] = "school",
	[DIRECTORY_ROLE] = "role",
	[DIRECTORY_PHASE] = "phase",
};

const char *directory_field_id(enum directory_field field)
{
	return field_ids[field];
}

int directory_field_from_id(const char *id)
{
	for (int i = 0; i < DIRECTORY_FIELD_COUNT; i++)
		if (strcmp(field_ids[i], id) == 0)
			return i;
	return -1;
}

/* ------------------------------------------------------- which column is what
 */

/* Words of headings; the first row that fits decides, so what tells apart
 * stands before what is general. "home": only where that word is missing. */
static const struct guess {
	const char *word;
	enum directory_field field;
	bool not_home;
} guesses[] = {
	{ "email", DIRECTORY_ADDRESS, false },
	{ "e mail", DIRECTORY_ADDRESS, false },
	{ "membership", DIRECTORY_MEMBERSHIP, false },
	{ "member no", DIRECTORY_MEMBERSHIP, false },
	{ "member number", DIRECTORY_MEMBERSHIP, false },
	{ "member id", DIRECTORY_MEMBERSHIP, false },
	{ "memberid", DIRECTORY_MEMBERSHIP, false },
	{ "mem no", DIRECTORY_MEMBERSHIP, false },
	{ "postcode", DIRECTORY_POSTCODE, true },
	{ "post code", DIRECTORY_POSTCODE, true },
	{ "postal code", DIRECTORY_POSTCODE, true },
	{ "local authority", DIRECTORY_AUTHORITY, true },
	{ "authority", DIRECTORY_AUTHORITY, true },
	{ "county", DIRECTORY_AUTHORITY, true },
	{ "lea", DIRECTORY_AUTHORITY, true },
	{ "la", DIRECTORY_AUTHORITY, true },
	{ "region", DIRECTORY_REGION, true },
	{ "job title", DIRECTORY_ROLE, false },
	{ "role", DIRECTORY_ROLE, false },
	{ "position", DIRECTORY_ROLE, false },
	{ "post held", DIRECTORY_ROLE, false },
	{ "phase", DIRECTORY_PHASE, false },
	{ "school type", DIRECTORY_PHASE, false },
	{ "sector", DIRECTORY_PHASE, false },
	{ "type of school", DIRECTORY_PHASE, false },
	{ "school", DIRECTORY_SCHOOL, false },
	{ "college", DIRECTORY_SCHOOL, false },
	{ "establishment", DIRECTORY_SCHOOL, false },
	{ "institution", DIRECTORY_SCHOOL, false },
	{ "employer", DIRECTORY_SCHOOL, false },
	{ "workplace", DIRECTORY_SCHOOL, false },
	{ "organisation", DIRECTORY_SCHOOL, false },
};

/* Lower case, " words between single spaces ". */
static void plain(struct sdg_str in, char *out, size_t cap)
{
	size_t n = 0;

	out[n++] = ' ';
	for (size_t i = 0; i < in.len && n + 2 < cap; i++) {
		char c = in.s[i];

		if (c >= 'A' && c <= 'Z')
			c = (char)(c | 0x20);
		if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'))
			out[n++] = c;
		else if (out[n - 1] != ' ')
			out[n++] = ' ';
	}
	if (out[n - 1] != ' ')
		out[n++] = ' ';
	out[n] = '\0';
}

static bool holds(const char *heading, const char *word)
{
	size_t len = strlen(word);

	for (const char *at = heading; (at = strstr(at, word)); at++)
		if (at[-1] == ' ' && (at[len] == ' ' || at[len] == 's'))
			return true;
	return false;
}

bool directory_says_work(struct sdg_str heading)
{
	char words[200];

	plain(heading, words, sizeof(words));
	return holds(words, "work") || holds(words, "school") ||
	       holds(words, "college") || holds(words, "employer");
}

enum directory_field directory_guess(struct sdg_str heading)
{
	char words[200];
	bool home;

	plain(heading, words, sizeof(words));
	home = holds(words, "home") || holds(words, "private");
	for (size_t i = 0; i < sizeof(guesses) / sizeof(guesses[0]); i++)
		if (holds(words, guesses[i].word))
			return home && guesses[i].not_home ? DIRECTORY_IGNORE
							   : guesses[i].field;
	return DIRECTORY_IGNORE;
}

/* ------------------------------------------------------------------ one row */

struct members {
	const struct directory_map *map;
	struct directory *directory;
	bool past_heading;
	/* of the row being read */
	struct sdg_entry entry;
	const char *unclear; /* the first thing that was not understood */
};

static void take_region(struct members *m, struct sdg_str words)
{
	uint16_t authority;
	enum sdg_region region = sdg_region_from_words(words, &authority);

	if (region == SDG_REGION_ANY) {
		m->unclear = "its region is not understood";
		return;
	}
	m->entry.known.region = region;
	m->entry.known.authority = authority;
}

static void take_authority(struct members *m, struct sdg_str words)
{
	uint16_t authority = sdg_authority_from_name(words);
	enum sdg_region region = sdg_authority_region(authority);

	if (authority == 0) /* "Kent CC (Thanet)", "Tyne & Wear" */
		region = sdg_region_from_words(words, &authority);
	if (region == SDG_REGION_ANY || region == SDG_REGION_UNKNOWN) {
		m->unclear = "its authority is not understood";
		return;
	}
	if (m->entry.known.region == SDG_REGION_ANY)
		m->entry.known.region = region;
	if (m->entry.known.region == region)
		m->entry.known.authority = authority;
}

static void take_postcode(struct members *m, struct sdg_str words)
{
	enum sdg_region region;

	if (m->map->postcode != DIRECTORY_POSTCODE_WORK)
		return;
	region = sdg_postcode_region(words);
	if (region == SDG_REGION_ANY)
		region = sdg_outward_region(words);
	if (region == SDG_REGION_ANY)
		m->unclear = "its postcode is not one";
	else if (m->entry.known.region == SDG_REGION_ANY)
		m->entry.known.region = region;
}

static void take_role(struct members *m, struct sdg_str words)
{
	m->entry.known.role = sdg_role_from_words(words);
	if (m->entry.known.role == SDG_ROLE_UNKNOWN)
		m->unclear = "its role is not understood";
}

static void take_phase(struct members *m, struct sdg_str words)
{
	m->entry.known.phases |= sdg_phases_from_words(words);
	if (m->entry.known.phases == 0)
		m->unclear = "its phase is not understood";
}

static void copy_cut(char *out, size_t cap, struct sdg_str in)
{
	size_t len = sdg_text_cut(in.s, in.len, cap - 1);

	memcpy(out, in.s, len);
	out[len] = '\0';
}

static void take_field(struct members *m, enum directory_field field,
		       struct sdg_str value)
{
	switch (field) {
	case DIRECTORY_MEMBERSHIP:
		copy_cut(m->entry.membership, sizeof(m->entry.membership),
			 value);
		break;
	case DIRECTORY_REGION:
		take_region(m, value);
		break;
	case DIRECTORY_AUTHORITY:
		take_authority(m, value);
		break;
	case DIRECTORY_POSTCODE:
		take_postcode(m, value);
		break;
	case DIRECTORY_SCHOOL:
		copy_cut(m->entry.school, sizeof(m->entry.school), value);
		break;
	case DIRECTORY_ROLE:
		take_role(m, value);
		break;
	case DIRECTORY_PHASE:
		take_phase(m, value);
		break;
	case DIRECTORY_ADDRESS:
	case DIRECTORY_IGNORE:
	case DIRECTORY_FIELD_COUNT:
		break;
	}
}

/* "f@f@f" */
static bool several_ats(const char *s, size_t len)
{
	const char *at = memchr(s, '@', len);

	return at && memchr(at + 1, '@', len - (size_t)(at + 1 - s));
}

/* Every address of a cell: "a@x.example; b@y.example". */
static int take_addresses(struct members *m, struct sdg_str cell, unsigned line,
			  size_t *taken, struct sdg_error *err)
{
	size_t at = 0;
	int rc = 0;

	while (rc == 0 && at < cell.len) {
		size_t start = at;

		while (at < cell.len && !strchr(";, |/\n\t", cell.s[at]))
			at++;
		if (at > start && several_ats(cell.s + start, at - start)) {
			m->unclear = "its address is not one";
		} else if (at > start &&
			   memchr(cell.s + start, '@', at - start) &&
			   sdg_address_normalise(
			       (struct sdg_str){ cell.s + start, at - start },
			       m->entry.key, sizeof(m->entry.key)) > 0 &&
			   m->entry.key[0] != '@') { /* no domain's entry */
			rc = directory_add(m->directory, &m->entry, line, err);
			(*taken)++;
		}
		at++;
	}
	return rc;
}

static int on_row(void *arg, const struct sdg_str *fields, size_t n,
		  unsigned line, struct sdg_error *err)
{
	/* The surest first: a region given outweighs a postcode's. */
	struct members *m = arg;
	size_t taken = 0;
	int rc = 0;

	if (!m->past_heading) {
		m->past_heading = true;
		return 0;
	}
	directory_row(m->directory);
	m->entry = (struct sdg_entry){ .known.matched = true };
	m->unclear = NULL;
	for (int field = 0; field < DIRECTORY_FIELD_COUNT; field++)
		for (size_t i = 0; i < n && i < m->map->n; i++) {
			struct sdg_str value = sdg_str_trim(fields[i], " \t\n");

			if ((int)m->map->fields[i] == field && value.len)
				take_field(m, m->map->fields[i], value);
		}
	for (size_t i = 0; i < n && i < m->map->n && rc == 0; i++)
		if (m->map->fields[i] == DIRECTORY_ADDRESS)
			rc = take_addresses(m, fields[i], line, &taken, err);
	if (rc == 0 && taken == 0)
		rc = directory_problem(m->directory, line, "no address", err);
	if (rc == 0 && n != m->map->n)
		rc = directory_problem(m->directory, line,
				       n < m->map->n
					   ? "fewer fields than the heading"
					   : "more fields than the heading",
				       err);
	if (rc == 0 && m->unclear)
		rc = directory_problem(m->directory, line, m->unclear, err);
	return rc;
}

int directory_members(const char *bytes, size_t len,
		      const struct directory_map *map,
		      struct directory *directory, struct sdg_error *err)
{
	struct members m = { .map = map, .directory = directory };

	return directory_rows(bytes, len, on_row, &m, err);
}
