/*
 * decisions: what came of what members said.
 */
#ifndef CLI_DECISIONS_H
#define CLI_DECISIONS_H

#include "cli.h"

/**
 * decisions_read - those that stand, oldest first
 *
 * An array of {"number", "theme", "region", "consultation", "text", "at",
 * "by"}; theme, region and consultation may be null. The caller frees it
 * with json_decref().
 */
int decisions_read(const struct sdg_home *home, json_t **out,
		   struct sdg_error *err);

#endif
