/*
 * journal: lines of JSON in the home that only ever grow: what was approved
 * for quoting, what was looked at in full, what was decided.
 */
#ifndef CLI_JOURNAL_H
#define CLI_JOURNAL_H

#include "cli.h"

/**
 * journal_append - one line onto @name in the home, durable on return
 *
 * "at" (now) and "by" (the user's name) are added to @line, whose reference
 * is taken. Return 0 or SDG_EIO.
 */
int journal_append(const struct sdg_home *home, const char *name, json_t *line,
		   struct sdg_error *err);

/** journal_whole - how many of @len bytes are lines: the last may lack its
 *  end (somebody's editor), but not half of itself (a crash, a full disk),
 *  since then it was never acknowledged */
size_t journal_whole(const char *text, size_t len);

/** journal_read - all lines as an array, oldest first; empty when there are
 *  none. SDG_EINVAL names the line that is none */
int journal_read(const struct sdg_home *home, const char *name, json_t **out,
		 struct sdg_error *err);

/** journal_merge - the lines of the file @from that the file @to lacks are
 *  added to it, all or none, beside whoever appends to it. A journal that is
 *  not there is an empty one; that at @to is made */
int journal_merge(const char *from, const char *to, struct sdg_error *err);
/** journal_within - does @to hold every line of @from? */
int journal_within(const char *from, const char *to, bool *all,
		   struct sdg_error *err);

#endif
