/*
 * open: the store of this installation, and the themes it knows.
 */
#include "cli.h"

int cli_open(enum sdg_store_mode mode, struct sdg_home *home,
	     struct sdg_store **store, struct sdg_error *err)
{
	int rc;

	rc = sdg_home_find(home, err);
	if (rc < 0)
		return rc;
	rc = sdg_store_open(home, mode, store, err);
	if (rc == SDG_ENOTFOUND)
		return sdg_fail(err, SDG_ENOTFOUND,
				"there is no store in '%s' yet: start a worker "
				"('soundings workers start') and feed it",
				home->store);
	return rc;
}

int cli_use_themes(struct sdg_store *store, struct cli_args *args,
		   struct sdg_error *err)
{
	const char *names[256];
	size_t n = 0;

	for (size_t i = 0; i < args->theme_count; i++) {
		const char *id = args->themes[i];
		int theme = sdg_store_theme(store, sdg_str(id));
		const char *nearest;

		if (theme > 0 && theme < 256) {
			args->filter.themes[theme / 64] |= UINT64_C(1)
							   << theme % 64;
			continue;
		}
		for (size_t t = 1; t <= sdg_store_theme_count(store) && n < 256;
		     t++)
			names[n++] = sdg_store_theme_id(store, (uint32_t)t);
		nearest = cli_nearest(id, names, n);
		return sdg_fail(err, SDG_ENOTFOUND,
				nearest ? "no such theme '%.60s' (did you mean "
					  "'%s'?)"
					: "no such theme '%.60s'",
				id, nearest);
	}
	return 0;
}
