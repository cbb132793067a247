/*
 * editions: from a version, a date or a number to an edition of the store.
 */
#include "editions.h"

#include <stdlib.h>
#include <string.h>

struct search {
	enum { BY_VERSION, BY_DAY, BY_NUMBER } by;
	uint32_t value;
	int32_t past;
	struct sdg_edition found;
};

static int take_edition(void *arg, const struct sdg_edition *edition)
{
	struct search *search = arg;
	bool right = false;

	switch (search->by) {
	case BY_VERSION:
		right = edition->version == search->value;
		break;
	case BY_DAY:
		right = date_day_of(edition->began) < search->past;
		break;
	case BY_NUMBER:
		right = edition->number == search->value;
		break;
	}
	if (right)
		search->found = *edition;
	return 0;
}

static bool parse(const char *what, struct search *search)
{
	static const char HEX[] = "0123456789abcdef";
	int64_t number;
	int32_t first;

	if (what[0] == '@') {
		number = cli_number(what + 1, 1, UINT16_MAX);
		search->by = BY_NUMBER;
		search->value = (uint32_t)number;
		return number > 0;
	}
	if (strlen(what) == 8 && strspn(what, HEX) == 8) {
		search->by = BY_VERSION;
		search->value = (uint32_t)strtoul(what, NULL, 16);
		return true;
	}
	search->by = BY_DAY;
	return date_parse(what, &first, &search->past) == 0;
}

int edition_find(struct sdg_store *store, const char *what,
		 struct sdg_edition *out, struct sdg_error *err)
{
	struct search search = { 0 };
	int rc;

	if (!parse(what, &search)) {
		sdg_fail(err, SDG_EINVAL,
			 "'%.40s' is neither a version (8 hexadecimal digits), "
			 "a date nor @ and a number: see 'soundings frame "
			 "versions'",
			 what);
		return cli_misuse(err);
	}
	rc = sdg_store_editions(store, take_edition, &search, err);
	if (rc < 0)
		return rc;
	if (!search.found.number) {
		sdg_fail(err, SDG_ENOTFOUND,
			 "nothing is kept from %s%.40s: see 'soundings frame "
			 "versions'",
			 search.by == BY_DAY ? "so early as " : "", what);
		return cli_misuse(err);
	}
	*out = search.found;
	return 0;
}

const char *version_hex(uint32_t version, char out[VERSION_SIZE])
{
	snprintf(out, VERSION_SIZE, "%08x", version);
	return out;
}

json_t *edition_json(const struct sdg_edition *edition)
{
	char version[VERSION_SIZE], began[DATE_SIZE];

	return json_pack("{s:i, s:s, s:s}", "edition", (int)edition->number,
			 "version", version_hex(edition->version, version),
			 "began", date_format_iso(edition->began, began));
}
