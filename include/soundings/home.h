/*
 * home: where an installation keeps what it keeps.
 *
 * $SOUNDINGS_HOME holds store/, run/, keys/, outbox/, quarantine/, spool/
 * and frame/ (the code frames that were adopted). Default: /var/lib/soundings
 * for users root and soundings when it exists, else $XDG_STATE_HOME/soundings,
 * else ~/.local/state/soundings. SOUNDINGS_RUN_DIR and SOUNDINGS_KEYS_DIR move
 * those two; the service has them in /run/soundings and
 * /var/lib/soundings-keys, where its package has made these.
 */
#ifndef SOUNDINGS_HOME_H
#define SOUNDINGS_HOME_H

#include <stddef.h>

#include <soundings/error.h>

#define SDG_PATH_MAX 1024

struct sdg_home {
	char root[SDG_PATH_MAX];
	char store[SDG_PATH_MAX];
	char run[SDG_PATH_MAX];
	char keys[SDG_PATH_MAX];
	char outbox[SDG_PATH_MAX];
	char quarantine[SDG_PATH_MAX];
	char incoming[SDG_PATH_MAX]; /* spool/incoming: raw mail kept */
};

/**
 * sdg_home_find - fill @home with absolute paths; creates nothing
 *
 * Return 0, or SDG_EINVAL: no home can be told (no HOME, no
 * SOUNDINGS_HOME), or a path is too long.
 */
int sdg_home_find(struct sdg_home *home, struct sdg_error *err);

/**
 * sdg_home_pin - make the paths that our variables name absolute, in the
 * environment: before a chdir(), whose children are to find the same places
 *
 * Return 0, or SDG_EIO, SDG_EINVAL (too long), SDG_ENOMEM.
 */
int sdg_home_pin(struct sdg_error *err);

/** sdg_home_prepare - make all the directories, private (0700) */
int sdg_home_prepare(const struct sdg_home *home, struct sdg_error *err);

/**
 * sdg_data_path - the path of installed data file @name ("themes/frame.yaml")
 *
 * $SOUNDINGS_DATA, else share/soundings beside the program's bin/ or
 * libexec/, else the build's own data directory. Return 0 or SDG_EINVAL
 * (too long); whether the file exists is for the caller to find out.
 */
int sdg_data_path(const char *name, char out[SDG_PATH_MAX],
		  struct sdg_error *err);

/**
 * sdg_frame_dir - the folder of the code frame that is in force
 *
 * The one that frame/current in the home names, where one was adopted, else
 * the installed one.
 */
#define SDG_FRAME_CURRENT "frame/current"
int sdg_frame_dir(char out[SDG_PATH_MAX], struct sdg_error *err);

/** sdg_program_path - the path of program @name of this installation:
 *  beside the running one, or in ../libexec/soundings, or ../../bin */
int sdg_program_path(const char *name, char out[SDG_PATH_MAX],
		     struct sdg_error *err);

/** sdg_credential_path - a key that systemd handed to the service: by
 *  LoadCredential=keys:FOLDER, or by LoadCredential=keys_NAME:FILE for one.
 *  Return 0, or SDG_ENOTFOUND: there is none of that name */
int sdg_credential_path(const char *name, char out[SDG_PATH_MAX]);

/**
 * sdg_fill_standard_files - before anything is opened, once
 *
 * Started without one of the three ("soundings report >&-"), the first file
 * opened would stand in its place: a store's gate, or a socket to a worker,
 * took the answer, members' words and all. What is opened here in its place
 * fails when it is written to. Ends the process (75) where even that fails.
 */
void sdg_fill_standard_files(void);

/** sdg_make_dirs - mkdir -p @path, new ones with @mode */
int sdg_make_dirs(const char *path, unsigned mode, struct sdg_error *err);

/** sdg_write_file - @path appears whole: temporary name in the same folder,
 *  write, fsync, rename, fsync of the folder; mode as given */
int sdg_write_file(const char *path, const void *data, size_t len,
		   unsigned mode, struct sdg_error *err);

/** sdg_read_file - all of @path, at most @max bytes, NUL added behind;
 *  the caller frees *out with free(). SDG_EINVAL when it is longer */
int sdg_read_file(const char *path, size_t max, char **out, size_t *len,
		  struct sdg_error *err);

#endif
