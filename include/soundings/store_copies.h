/*
 * store_copies: the store as a whole: copied while it is in use, swapped for
 * another, written out as lines and read in again.
 */
#ifndef SOUNDINGS_STORE_COPIES_H
#define SOUNDINGS_STORE_COPIES_H

#include <soundings/store.h>

/* ------------------------------------------------------- copies and swaps */

/**
 * sdg_store_backup - a compact, consistent copy of the store into the empty
 * directory @dir, while it is in use
 *
 * Synced when it returns 0; else SDG_EIO, SDG_EAGAIN (disk full).
 */
int sdg_store_backup(struct sdg_store *store, const char *dir,
		     struct sdg_error *err);

/**
 * sdg_store_compact - swap the store for a copy without free pages
 *
 * What was deleted stays readable in free pages until then. Writers wait,
 * at most as long as the copy takes; every handle of every process follows
 * at its next transaction. Write mode only. SDG_EAGAIN: a writer does not
 * end, or the disk has no room for the copy; the store is as it was.
 */
int sdg_store_compact(struct sdg_store *store, struct sdg_error *err);

/**
 * sdg_store_owe_compaction - before something is erased: until the next
 * sdg_store_compact() that succeeds one is owed, whoever dies in between
 * @owed: was one already?
 */
int sdg_store_owe_compaction(struct sdg_store *store, bool *owed,
			     struct sdg_error *err);
/** sdg_store_owe_nothing - nothing was erased, and nothing was owed; what
 *  somebody else owes meanwhile stays owed */
int sdg_store_owe_nothing(struct sdg_store *store, struct sdg_error *err);

/**
 * sdg_store_replace - put the copy in @dir where @home's store is
 *
 * @dir lies on the same file system and has been opened and verified by
 * the caller. Writers are held as by sdg_store_compact(); the store that
 * was there, if any, is removed. Handles follow, or end their process when
 * the copy knows other themes.
 */
int sdg_store_replace(const struct sdg_home *home, const char *dir,
		      struct sdg_error *err);

/* ------------------------------------------------------ export and import */

/** Called with each line of JSON, without its end; non-zero ends it. */
typedef int sdg_line_fn(void *arg, const char *line);

/**
 * sdg_store_export - everything, as lines of JSON (docs/OUTPUT.md)
 * @text: words in the open; else sealed, as they are kept
 */
int sdg_store_export(struct sdg_store *store, bool text, sdg_line_fn *fn,
		     void *arg, struct sdg_error *err);

/** sdg_import_open - into the store of @home, which is new; its keys must be
 *  those it was exported under */
struct sdg_import;
int sdg_import_open(const struct sdg_home *home, struct sdg_import **out,
		    struct sdg_error *err);
int sdg_import_line(struct sdg_import *in, const char *line, size_t len,
		    struct sdg_error *err);
/** sdg_import_finish - all lines were given: recounted, and whole */
int sdg_import_finish(struct sdg_import *in, sdg_fault_fn *fault, void *arg,
		      struct sdg_error *err);
void sdg_import_close(struct sdg_import *in);

#endif
