/*
 * elsewhere: what is held of a person outside the counted pieces: in
 * quarantine, in the outbox, and as raw mail that could not be read.
 */
#ifndef CLI_ELSEWHERE_H
#define CLI_ELSEWHERE_H

#include "cli.h"

struct elsewhere {
	char **quarantine; /* ids, in hexadecimal */
	size_t quarantine_count;
	char **files; /* of outbox and spool */
	size_t file_count;
	size_t unreadable; /* files nobody could look into */
};

/** elsewhere_find - what names the normalised @address as its sender */
int elsewhere_find(const struct sdg_home *home, struct sdg_store *store,
		   const char *address, struct elsewhere *out,
		   struct sdg_error *err);
/** elsewhere_remove - all of it; what has gone meanwhile is no error */
int elsewhere_remove(struct sdg_store *store, const struct elsewhere *where,
		     struct sdg_error *err);
/** elsewhere_in_roster - is @address a representative's? @entry, when it is
 *  not NULL, becomes what the roster says; a new reference */
bool elsewhere_in_roster(const struct sdg_home *home, const char *address,
			 json_t **entry);
void elsewhere_fini(struct elsewhere *where);

#endif
