/*
 * config: what an association may set, in one YAML file.
 *
 * Everything has a default and the file may be missing. An unknown key, a
 * value of the wrong type and one out of range are errors that name file,
 * line and key: a retention age misspelt must not silently be the default.
 * Paths are not here: SOUNDINGS_HOME, SOUNDINGS_RUN_DIR and
 * SOUNDINGS_KEYS_DIR say them (home.h), since the file is found from them.
 */
#ifndef SOUNDINGS_CONFIG_H
#define SOUNDINGS_CONFIG_H

#include <stdbool.h>
#include <stddef.h>

#include <soundings/error.h>
#include <soundings/home.h>

#define SDG_SETTING_MAX 512

struct sdg_config {
	char path[SDG_PATH_MAX]; /* the file read; "": none, all defaults */

	struct {
		char name[SDG_SETTING_MAX];
		char contact[SDG_SETTING_MAX]; /* for data protection */
	} association;
	struct {
		char listen[SDG_SETTING_MAX]; /* "tcp://0.0.0.0:5600" */
		bool keys_on_ipc;
		char report_policy[SDG_SETTING_MAX];
	} network;
	struct {
		int text_months;  /* members' words, subjects, signatures */
		int person_years; /* whose pieces are, labels, days */
		int quarantine_days;
		int outbox_days;
	} retention;
	struct {
		char notes_address[SDG_SETTING_MAX]; /* "notes" */
		char authserv_id[SDG_SETTING_MAX];   /* RFC 8601; "": none */
	} mail;
	struct {
		char directory[SDG_SETTING_MAX];
		int keep; /* how many; older ones are removed */
	} backup;
	struct {
		char command[SDG_SETTING_MAX]; /* by /bin/sh; words on stdin */
		char digest_command[SDG_SETTING_MAX]; /* likewise */
		int silence_days;                     /* 0: never mind */
		int disk_percent; /* of disk or map in use */
	} warn;
};

enum sdg_setting_kind {
	SDG_SETTING_NUMBER,
	SDG_SETTING_TEXT,
	SDG_SETTING_SWITCH
};

/* One thing that may be set: where it stands in struct sdg_config, what it
 * is when not said, and what it may be. */
struct sdg_setting {
	const char *section, *key;
	enum sdg_setting_kind kind;
	size_t offset;
	int def, min, max;    /* of a number */
	const char *def_text; /* of a text */
	bool def_switch;
	const char *about;
};

/** sdg_config_settings - all of them, ended by one without a section */
const struct sdg_setting *sdg_config_settings(void);

/** sdg_config_number, … - what @setting is in @config */
bool sdg_config_switch(const struct sdg_config *config,
		       const struct sdg_setting *setting);
int sdg_config_number(const struct sdg_config *config,
		      const struct sdg_setting *setting);
const char *sdg_config_text(const struct sdg_config *config,
			    const struct sdg_setting *setting);

/**
 * sdg_config_load - the configuration of @home
 *
 * From $SOUNDINGS_CONFIG, which must then exist, else soundings.yaml in
 * @home, else /etc/soundings/soundings.yaml, else all defaults.
 *
 * Return 0, or SDG_EINVAL (the message names file, line and key),
 * SDG_ENOTFOUND ($SOUNDINGS_CONFIG does not exist), SDG_ENOMEM, SDG_EIO.
 */
int sdg_config_load(const struct sdg_home *home, struct sdg_config *out,
		    struct sdg_error *err);

/** sdg_config_read - from one file; errors as sdg_config_load() */
int sdg_config_read(const char *path, struct sdg_config *out,
		    struct sdg_error *err);

#endif
