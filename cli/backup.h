/*
 * backup: one backup on disk: a folder with the store's file and a manifest
 * that proves it.
 */
#ifndef CLI_BACKUP_H
#define CLI_BACKUP_H

#include "cli.h"

struct manifest {
	char made[DATE_SIZE];
	uint64_t bytes;
	char blake2b[65];
	uint64_t events, received;
};

/** backup_make - a new backup in the folder @target; its path into @out,
 *  which the caller frees */
int backup_make(const struct sdg_home *home, const char *target,
		struct manifest *manifest, char **out, struct sdg_error *err);

/** backup_prune - only the @keep newest backups of @target stay */
int backup_prune(const char *target, int keep, struct sdg_error *err);

/** backup_newest - in @target, or @target itself if it is one; the caller
 *  frees it. SDG_ENOTFOUND */
int backup_newest(const char *target, char **out, struct sdg_error *err);

/** backup_check - read the manifest of @dir and hold the file against it */
int backup_check(const char *dir, struct manifest *manifest,
		 struct sdg_error *err);

/** backup_copy_file - @from as @to, synced */
int backup_copy_file(const char *from, const char *to, unsigned mode,
		     struct sdg_error *err);

/** backup_files - journals, releases, settings of the folder @from, as far
 *  as @to does not have them, into it; the register of erasures is not one */
int backup_files(const char *from, const char *to, struct sdg_error *err);

#endif
