/*
 * keys: what came with a key, for whoever takes a key away.
 */
#ifndef CLI_KEYS_H
#define CLI_KEYS_H

#include <soundings/clients.h>

#include "cli.h"

/* All keys a name ever had. */
struct keys_of {
	char name[SDG_CLIENT_NAME_SIZE];
	char (*keys)[SDG_CURVE_SIZE];
	size_t count;
	bool good; /* one of them still is */
};

/** keys_of_name - SDG_ENOTFOUND: nobody of that name ever had one */
int keys_of_name(const struct sdg_home *home, const char *name,
		 struct keys_of *out, struct sdg_error *err);
void keys_of_fini(struct keys_of *of);

/** keys_hold - hold, or let go, all that came with them since then; *n
 *  counts the pieces whose tallies changed */
int keys_hold(const struct sdg_home *home, const struct keys_of *of,
	      int64_t since, bool hold, size_t *n, struct sdg_error *err);

/** keys_sent - a row for each piece that came with them since then */
int keys_sent(const struct sdg_home *home, const struct keys_of *of,
	      int64_t since, struct grid **out, struct sdg_error *err);

/** keys_tell - print them; returns the exit status */
int keys_tell(const struct cli_args *args, const struct sdg_home *home,
	      const char *name, int64_t since);

/** keys_make_file - a fresh pair for @name, that trusts our workers, as the
 *  file @path */
int keys_make_file(const struct sdg_home *home, const char *name,
		   const char *workers, const char *path,
		   struct sdg_curve_key *out, struct sdg_error *err);

/** keys_rotate - of "text", "workers", or a client; returns the exit status */
int keys_rotate(const struct cli_args *args, const struct sdg_home *home,
		const char *what, const char *workers, int64_t overlap_days);

#endif
