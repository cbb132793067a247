/*
 * decisions: what came of what members said, in a journal of the home.
 */
#include "decisions.h"

#include "journal.h"

int decisions_read(const struct sdg_home *home, json_t **out,
		   struct sdg_error *err)
{
	json_t *lines = NULL, *standing = json_array(), *line;
	size_t i;
	int rc;

	rc = journal_read(home, "decisions.jsonl", &lines, err);
	if (rc < 0) {
		json_decref(standing);
		return rc;
	}
	/* A withdrawal names the number of what it withdraws. */
	json_array_foreach(lines, i, line)
	{
		json_int_t number =
		    json_integer_value(json_object_get(line, "withdraws"));

		if (number > 0 && (size_t)number <= json_array_size(lines))
			json_object_set_new(
			    json_array_get(lines, (size_t)number - 1),
			    "withdrawn", json_true());
	}
	json_array_foreach(lines, i, line)
	{
		json_object_set_new(line, "number",
				    json_integer((json_int_t)i + 1));
		if (json_is_string(json_object_get(line, "text")) &&
		    !json_object_get(line, "withdrawn"))
			json_array_append(standing, line);
	}
	json_decref(lines);
	*out = standing;
	return 0;
}
