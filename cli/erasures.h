/*
 * erasures: the register of what was erased, so that no backup brings it
 * back. It holds ids and pseudonyms, no name and no word, and is copied
 * beside every backup.
 */
#ifndef CLI_ERASURES_H
#define CLI_ERASURES_H

#include "cli.h"

#include <soundings/store_rights.h>

#define ERASURES "erasures.jsonl"

/** erasures_note - before @person is erased; durable on return */
int erasures_note(const struct sdg_home *home, const char *kind,
		  const struct sdg_person *person, struct sdg_error *err);

/** erasures_replay - erase in @store what the register of @home names;
 *  *n counts pieces */
int erasures_replay(const struct sdg_home *home, struct sdg_store *store,
		    size_t *n, struct sdg_error *err);

/** erasures_events - the messages it names, as keys of an object: ids in
 *  hexadecimal; a new reference */
int erasures_events(const struct sdg_home *home, json_t **out,
		    struct sdg_error *err);

/** erasures_merge - the lines of @from that @to lacks are added to it;
 *  folders both. A register that is not there is an empty one */
int erasures_merge(const char *from, const char *to, struct sdg_error *err);

/** erasures_within - does the register of @to hold every line of that of
 *  @from? Folders both */
int erasures_within(const char *from, const char *to, bool *all,
		    struct sdg_error *err);

#endif
