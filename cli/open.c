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
	const char *asked = args->filter.consultation;
	struct sdg_consultation c;

	for (size_t i = 0; i < args->theme_count; i++) {
		const char *id = args->themes[i];
		int theme = sdg_store_theme(store, sdg_str(id));

		if (theme <= 0 || theme >= 256)
			return cli_no_such_theme(store, id, err);
		args->filter.themes[theme / 64] |= UINT64_C(1) << theme % 64;
	}
	if (asked) {
		int rc = sdg_consultation_get(store, asked, &c, err);

		return rc == SDG_ENOTFOUND
			   ? cli_no_such_consultation(store, asked, err)
			   : rc;
	}
	return 0;
}
