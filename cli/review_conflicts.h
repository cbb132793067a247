/*
 * review_conflicts: the members' words beside the directory.
 */
#ifndef CLI_REVIEW_CONFLICTS_H
#define CLI_REVIEW_CONFLICTS_H

#include "cli.h"

/** review_conflicts - list at most @limit of them; *status is that of the
 *  answer when it returns 0 */
int review_conflicts(struct sdg_store *store, const struct cli_args *args,
		     size_t limit, int *status, struct sdg_error *err);

#endif
