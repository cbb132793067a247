/*
 * fuzz_directory: any bytes as a members' list and as a list of schools.
 *
 * Properties: no crash; every entry's key is an address or "@domain" and
 * found again by it, its school is safe text, its labels are in range.
 */
#include <stdlib.h>
#include <string.h>

#include "directory.h"
#include "fuzz.h"

static void check(const struct directory *d, char kind)
{
	for (size_t i = 0; i < d->count; i++) {
		const struct sdg_entry *entry = &d->entries[i];

		if (!strchr(entry->key, '@') ||
		    (kind == 's') != (entry->key[0] == '@') ||
		    !sdg_text_is_safe(entry->school, strlen(entry->school)) ||
		    (int)entry->known.region >= SDG_REGION_COUNT ||
		    (int)entry->known.role >= SDG_ROLE_COUNT)
			abort();
		if (kind == 'm' && directory_get(d, entry->key) != entry)
			abort();
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct directory_map map = { .n = 8,
				     .postcode = DIRECTORY_POSTCODE_WORK };
	struct directory members = { 0 }, schools = { 0 };
	const char *bytes = (const char *)data;
	struct sdg_error err = { 0 };

	for (size_t i = 0; i < map.n; i++)
		map.fields[i] = (enum directory_field)(i + 1);
	if (directory_members(bytes, size, &map, &members, &err) == 0)
		check(&members, 'm');
	if (directory_schools(bytes, size, &schools, &err) == 0)
		check(&schools, 's');
	directory_fini(&members);
	directory_fini(&schools);
	return 0;
}
