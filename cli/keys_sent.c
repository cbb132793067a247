/*
 * keys: what came with a key, held and let go.
 */
#include "keys.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

int keys_of_name(const struct sdg_home *home, const char *name,
		 struct keys_of *out, struct sdg_error *err)
{
	struct sdg_clients *clients = NULL;
	int64_t now = time(NULL);
	int rc = sdg_clients_open(home->keys, &clients, err);
	size_t n = rc == 0 ? sdg_clients_count(clients) : 0;

	*out = (struct keys_of){ .keys = xcalloc(n + 1, SDG_CURVE_SIZE) };
	snprintf(out->name, sizeof(out->name), "%s", name);
	for (size_t i = 0; i < n; i++) {
		const struct sdg_client *c = sdg_clients_at(clients, i);

		if (strcmp(c->name, name) != 0)
			continue;
		out->good |= sdg_client_is_good(c, now);
		memcpy(out->keys[out->count++], c->public_key, SDG_CURVE_SIZE);
	}
	sdg_clients_close(clients);
	if (rc == 0 && out->count == 0)
		rc = sdg_fail(err, SDG_ENOTFOUND,
			      "nobody of the name \"%.64s\" ever had a key",
			      name);
	if (rc < 0)
		keys_of_fini(out);
	return rc;
}

void keys_of_fini(struct keys_of *of)
{
	free(of->keys);
	of->keys = NULL;
	of->count = 0;
}

int keys_hold(const struct sdg_home *home, const struct keys_of *of,
	      int64_t since, bool hold, size_t *n, struct sdg_error *err)
{
	struct sdg_store *store = NULL;
	int rc = sdg_store_open(home, SDG_STORE_CHANGE, &store, err);

	*n = 0;
	if (rc == SDG_ENOTFOUND)
		return 0; /* without a store nothing came */
	for (size_t i = 0; rc == 0 && i < of->count; i++) {
		size_t some;

		rc =
		    sdg_store_hold(store, of->keys[i], since, hold, &some, err);
		*n += some;
	}
	sdg_store_close(store);
	return rc;
}

static int add_row(void *arg, const struct sdg_came *came)
{
	struct cell *row = grid_row(arg);
	char hex[2 * SDG_EVENT_ID_SIZE + 1], iso[DATE_SIZE], when[DATE_SIZE];
	bool held = came->outcome == SDG_OUTCOME_QUARANTINED;

	id_hex(came->id, sizeof(came->id), hex);
	cell_text(&row[0], hex, NULL);
	cell_text(&row[1], date_format_iso(came->received, iso),
		  date_format_time(came->received, when));
	if (!came->unread)
		cell_text(&row[2], sdg_source_id((int)came->source), NULL);
	cell_text(&row[3], sdg_outcome_id((int)came->outcome),
		  held && !came->unread ? "held" : NULL);
	return 0;
}

int keys_sent(const struct sdg_home *home, const struct keys_of *of,
	      int64_t since, struct grid **out, struct sdg_error *err)
{
	char *title = xformat("What came with the key of %s", of->name);
	struct grid *grid = grid_new(title);
	struct sdg_store *store = NULL;
	int rc;

	free(title);
	grid_column(grid, "id", "id", false);
	grid_column(grid, "received", "received", false);
	grid_column(grid, "source", "source", false);
	grid_column(grid, "outcome", "outcome", false);
	rc = sdg_store_open(home, SDG_STORE_READ, &store, err);
	for (size_t i = 0; rc == 0 && i < of->count; i++)
		rc = sdg_store_came_with(store, of->keys[i], since, add_row,
					 grid, err);
	sdg_store_close(store);
	if (rc == SDG_ENOTFOUND)
		rc = 0; /* without a store nothing came */
	if (rc < 0) {
		grid_free(grid);
		return rc;
	}
	*out = grid;
	return 0;
}
