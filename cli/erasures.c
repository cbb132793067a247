/*
 * erasures: the register of what was erased.
 */
#include "erasures.h"

#include <stdlib.h>
#include <string.h>

#include <soundings/store_rights.h>

#include "journal.h"

static json_t *hex_list(const uint8_t (*list)[16], size_t n)
{
	json_t *out = json_array();
	char hex[33];

	for (size_t i = 0; i < n; i++) {
		id_hex(list[i], 16, hex);
		json_array_append_new(out, json_string(hex));
	}
	return out;
}

int erasures_note(const struct sdg_home *home, const char *kind,
		  const struct sdg_person *person, struct sdg_error *err)
{
	json_t *line = json_object();

	json_object_set_new(line, "kind", json_string(kind));
	json_object_set_new(
	    line, "events",
	    hex_list((const uint8_t(*)[16])person->ids, person->id_count));
	json_object_set_new(line, "pseudonyms",
			    hex_list((const uint8_t(*)[16])person->pseudonyms,
				     person->pseudonym_count));
	return journal_append(home, ERASURES, line, err);
}

static bool from_hex(const char *hex, uint8_t out[16])
{
	if (!hex || strlen(hex) != 32 || strspn(hex, "0123456789abcdef") != 32)
		return false;
	for (int i = 0; i < 16; i++)
		out[i] = (uint8_t)strtoul(
		    (char[3]){ hex[2 * i], hex[2 * i + 1] }, NULL, 16);
	return true;
}

/* The list as bytes; NULL when it is none. */
static uint8_t (*bytes_of(const json_t *line, const char *key, size_t *n))[16]
{
	const json_t *list = json_object_get(line, key);
	uint8_t(*out)[16];

	*n = json_array_size(list);
	out = xcalloc(*n + 1, sizeof(*out));
	for (size_t i = 0; i < *n; i++)
		if (!from_hex(json_string_value(json_array_get(list, i)),
			      out[i])) {
			free(out);
			return NULL;
		}
	return out;
}

static int replay_line(const json_t *line, struct sdg_store *store, size_t *n,
		       struct sdg_error *err)
{
	struct sdg_whose whose = { 0 };
	uint8_t(*ids)[16] = bytes_of(line, "events", &whose.id_count);
	uint8_t(*names)[16] =
	    bytes_of(line, "pseudonyms", &whose.pseudonym_count);
	struct sdg_erased erased = { 0 };
	int rc;

	whose.ids = (const uint8_t(*)[16])ids;
	whose.pseudonyms = (const uint8_t(*)[16])names;
	if (!ids || !names)
		rc = sdg_fail(err, SDG_EINVAL,
			      "the register of erasures has a bad line");
	else
		rc = sdg_store_forget(store, &whose, NULL, NULL, &erased, err);
	if (rc == 0)
		*n += erased.pieces + erased.members;
	free(ids);
	free(names);
	return rc;
}

int erasures_replay(const struct sdg_home *home, struct sdg_store *store,
		    size_t *n, struct sdg_error *err)
{
	json_t *lines = NULL;
	int rc = journal_read(home, ERASURES, &lines, err);

	*n = 0;
	for (size_t i = 0; rc == 0 && i < json_array_size(lines); i++)
		rc = replay_line(json_array_get(lines, i), store, n, err);
	json_decref(lines);
	return rc;
}

int erasures_events(const struct sdg_home *home, json_t **out,
		    struct sdg_error *err)
{
	json_t *lines = NULL, *line, *id;
	size_t i, k;
	int rc = journal_read(home, ERASURES, &lines, err);

	if (rc < 0)
		return rc;
	*out = json_object();
	json_array_foreach(lines, i, line)
	{
		json_array_foreach(json_object_get(line, "events"), k, id)
		{
			if (json_is_string(id))
				json_object_set_new(*out, json_string_value(id),
						    json_true());
		}
	}
	json_decref(lines);
	return 0;
}

int erasures_merge(const char *from, const char *to, struct sdg_error *err)
{
	char *theirs = xformat("%s/" ERASURES, from);
	char *ours = xformat("%s/" ERASURES, to);
	int rc = journal_merge(theirs, ours, err);

	free(theirs);
	free(ours);
	return rc;
}

int erasures_within(const char *from, const char *to, bool *all,
		    struct sdg_error *err)
{
	char *theirs = xformat("%s/" ERASURES, from);
	char *ours = xformat("%s/" ERASURES, to);
	int rc = journal_within(theirs, ours, all, err);

	free(theirs);
	free(ours);
	return rc;
}
