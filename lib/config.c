/*
 * config: reading soundings.yaml with libcyaml.
 *
 * libcyaml checks keys and types; ranges are checked here, because a schema
 * cannot. It refuses rather than guesses: nothing is taken from a file that
 * has one fault.
 */
#include <soundings/config.h>

#include <soundings/disclosure.h>

#include <errno.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cyaml/cyaml.h>

#include "yaml_complaint.h"

#define CONFIG_FILE_MAX 65536
#define CONFIG_SYSTEM "/etc/soundings/soundings.yaml"

/* NOLINTBEGIN(bugprone-macro-parentheses): a member's name takes none */
#define NUMBER(section_, key_, member_, def_, min_, max_, about_)              \
	{                                                                      \
		.section = #section_, .key = (key_),                           \
		.kind = SDG_SETTING_NUMBER,                                    \
		.offset = offsetof(struct sdg_config, section_.member_),       \
		.def = (def_), .min = (min_), .max = (max_), .about = (about_) \
	}
#define TEXT(section_, key_, member_, def_, about_)                            \
	{                                                                      \
		.section = #section_, .key = (key_), .kind = SDG_SETTING_TEXT, \
		.offset = offsetof(struct sdg_config, section_.member_),       \
		.def_text = (def_), .about = (about_)                          \
	}

#define SWITCH(section_, key_, member_, def_, about_)                          \
	{                                                                      \
		.section = #section_, .key = (key_),                           \
		.kind = SDG_SETTING_SWITCH,                                    \
		.offset = offsetof(struct sdg_config, section_.member_),       \
		.def_switch = (def_), .about = (about_)                        \
	}
/* NOLINTEND(bugprone-macro-parentheses) */

static const struct sdg_setting settings[] = {
	TEXT(association, "name", name, "the association",
	     "as documents call it"),
	TEXT(association, "contact", contact, "",
	     "who answers for data protection"),
	TEXT(network, "listen", listen, "",
	     "for clients with keys: tcp://address:port, slot N at port + N"),
	SWITCH(network, "keys-on-ipc", keys_on_ipc, false,
	       "producers of this machine, too, need keys"),
	TEXT(network, "report-policy", report_policy, "ons-10-5",
	     "under which the role report sees figures: ons-10-5, ofqual-5, "
	     "hesa"),
	NUMBER(retention, "text-months", text_months, 24, 1, 1200,
	       "members' words go after this"),
	NUMBER(retention, "person-years", person_years, 6, 1, 100,
	       "who said it, and labels, go after this; figures by month "
	       "stay"),
	NUMBER(retention, "quarantine-days", quarantine_days, 30, 1, 3650,
	       "what could not be read goes after this"),
	NUMBER(retention, "outbox-days", outbox_days, 7, 1, 3650,
	       "what no worker took is warned of after this"),
	TEXT(mail, "notes-address", notes_address, "notes",
	     "representatives' notes come to it: an address, or its part "
	     "before the @"),
	TEXT(mail, "authserv-id", authserv_id, "",
	     "by what name our mail server signs Authentication-Results; "
	     "without it every note waits for approval"),
	TEXT(backup, "directory", directory, "", "where timed backups go"),
	NUMBER(backup, "keep", keep, 14, 1, 1000, "how many backups stay"),
	TEXT(warn, "command", command, "",
	     "run by /bin/sh with the warning on standard input"),
	TEXT(warn, "digest-command", digest_command, "",
	     "likewise with the weekly digest, which holds no member's words"),
	NUMBER(warn, "silence-days", silence_days, 14, 0, 3650,
	       "nothing received for so long is unusual; 0: never"),
	NUMBER(warn, "disk-percent", disk_percent, 90, 1, 100,
	       "of the disk or the map in use"),
	{ .section = NULL },
};

const struct sdg_setting *sdg_config_settings(void)
{
	return settings;
}

/* The file as libcyaml loads it: NULL is "not said". */
struct yaml_association {
	char *name, *contact;
};
struct yaml_network {
	char *listen, *report_policy;
	int *keys_on_ipc;
};
struct yaml_retention {
	int *text_months, *person_years, *quarantine_days, *outbox_days;
};
struct yaml_mail {
	char *notes_address, *authserv_id;
};
struct yaml_backup {
	char *directory;
	int *keep;
};
struct yaml_warn {
	char *command, *digest_command;
	int *silence_days, *disk_percent;
};
struct yaml_config {
	struct yaml_association *association;
	struct yaml_network *network;
	struct yaml_retention *retention;
	struct yaml_mail *mail;
	struct yaml_backup *backup;
	struct yaml_warn *warn;
};

static const cyaml_strval_t switches[] = {
	{ "no", 0 },  { "false", 0 }, { "off", 0 },
	{ "yes", 1 }, { "true", 1 },  { "on", 1 },
};

#define YAML_TEXT(key, type, member)                                           \
	CYAML_FIELD_STRING_PTR(key, CYAML_FLAG_POINTER | CYAML_FLAG_OPTIONAL,  \
			       type, member, 0, SDG_SETTING_MAX - 1)
#define YAML_NUMBER(key, type, member)                                         \
	CYAML_FIELD_INT_PTR(key, CYAML_FLAG_POINTER | CYAML_FLAG_OPTIONAL,     \
			    type, member)
/* Not libcyaml's own, to which whatever is not "no" is "yes". */
#define YAML_SWITCH(key, type, member)                                         \
	CYAML_FIELD_ENUM_PTR(                                                  \
	    key, CYAML_FLAG_POINTER | CYAML_FLAG_OPTIONAL | CYAML_FLAG_STRICT, \
	    type, member, switches, sizeof(switches) / sizeof(switches[0]))
#define YAML_SECTION(name, fields)                                             \
	CYAML_FIELD_MAPPING_PTR(#name,                                         \
				CYAML_FLAG_POINTER | CYAML_FLAG_OPTIONAL,      \
				struct yaml_config, name, fields)

static const cyaml_schema_field_t association_fields[] = {
	YAML_TEXT("name", struct yaml_association, name),
	YAML_TEXT("contact", struct yaml_association, contact), CYAML_FIELD_END
};
static const cyaml_schema_field_t network_fields[] = {
	YAML_TEXT("listen", struct yaml_network, listen),
	YAML_SWITCH("keys-on-ipc", struct yaml_network, keys_on_ipc),
	YAML_TEXT("report-policy", struct yaml_network, report_policy),
	CYAML_FIELD_END
};
static const cyaml_schema_field_t retention_fields[] = {
	YAML_NUMBER("text-months", struct yaml_retention, text_months),
	YAML_NUMBER("person-years", struct yaml_retention, person_years),
	YAML_NUMBER("quarantine-days", struct yaml_retention, quarantine_days),
	YAML_NUMBER("outbox-days", struct yaml_retention, outbox_days),
	CYAML_FIELD_END
};
static const cyaml_schema_field_t mail_fields[] = {
	YAML_TEXT("notes-address", struct yaml_mail, notes_address),
	YAML_TEXT("authserv-id", struct yaml_mail, authserv_id), CYAML_FIELD_END
};
static const cyaml_schema_field_t backup_fields[] = {
	YAML_TEXT("directory", struct yaml_backup, directory),
	YAML_NUMBER("keep", struct yaml_backup, keep), CYAML_FIELD_END
};
static const cyaml_schema_field_t warn_fields[] = {
	YAML_TEXT("command", struct yaml_warn, command),
	YAML_TEXT("digest-command", struct yaml_warn, digest_command),
	YAML_NUMBER("silence-days", struct yaml_warn, silence_days),
	YAML_NUMBER("disk-percent", struct yaml_warn, disk_percent),
	CYAML_FIELD_END
};
static const cyaml_schema_field_t config_fields[] = {
	YAML_SECTION(association, association_fields),
	YAML_SECTION(network, network_fields),
	YAML_SECTION(retention, retention_fields),
	YAML_SECTION(mail, mail_fields),
	YAML_SECTION(backup, backup_fields),
	YAML_SECTION(warn, warn_fields),
	CYAML_FIELD_END
};
static const cyaml_schema_value_t config_value = { CYAML_VALUE_MAPPING(
    CYAML_FLAG_POINTER, struct yaml_config, config_fields) };

int sdg_config_number(const struct sdg_config *config,
		      const struct sdg_setting *setting)
{
	return *(const int *)((const char *)config + setting->offset);
}

const char *sdg_config_text(const struct sdg_config *config,
			    const struct sdg_setting *setting)
{
	return (const char *)config + setting->offset;
}

bool sdg_config_switch(const struct sdg_config *config,
		       const struct sdg_setting *setting)
{
	return *(const bool *)((const char *)config + setting->offset);
}

static void set_switch(struct sdg_config *config,
		       const struct sdg_setting *setting, bool value)
{
	*(bool *)((char *)config + setting->offset) = value;
}

static void set_number(struct sdg_config *config,
		       const struct sdg_setting *setting, int value)
{
	*(int *)((char *)config + setting->offset) = value;
}

static void set_text(struct sdg_config *config,
		     const struct sdg_setting *setting, const char *value)
{
	snprintf((char *)config + setting->offset, SDG_SETTING_MAX, "%s",
		 value);
}

static void set_defaults(struct sdg_config *config)
{
	memset(config, 0, sizeof(*config));
	for (const struct sdg_setting *s = settings; s->section; s++)
		switch (s->kind) {
		case SDG_SETTING_NUMBER:
			set_number(config, s, s->def);
			break;
		case SDG_SETTING_TEXT:
			set_text(config, s, s->def_text);
			break;
		case SDG_SETTING_SWITCH:
			set_switch(config, s, s->def_switch);
			break;
		}
}

static const void *section_of(const struct yaml_config *yaml, const char *name)
{
	if (strcmp(name, "association") == 0)
		return yaml->association;
	if (strcmp(name, "network") == 0)
		return yaml->network;
	if (strcmp(name, "retention") == 0)
		return yaml->retention;
	if (strcmp(name, "mail") == 0)
		return yaml->mail;
	if (strcmp(name, "backup") == 0)
		return yaml->backup;
	return yaml->warn;
}

/* The pointer that libcyaml filled for @setting, found by the same schema
 * that it read with. */
static const void *value_of(const struct yaml_config *yaml,
			    const struct sdg_setting *setting)
{
	const void *section = section_of(yaml, setting->section);
	const cyaml_schema_field_t *field = config_fields;

	if (!section)
		return NULL;
	while (strcmp(field->key, setting->section) != 0)
		field++;
	field = field->value.mapping.fields;
	while (strcmp(field->key, setting->key) != 0)
		field++;
	return *(void *const *)((const char *)section + field->data_offset);
}

/* What is wrong with a text that has to be one of a few, or NULL. */
static const char *fault_of(const struct sdg_setting *setting,
			    const char *value)
{
	if (strcmp(setting->key, "report-policy") == 0 &&
	    !sdg_policy_find(value))
		return "no such policy: ons-10-5, ofqual-5 or hesa";
	if (strcmp(setting->key, "listen") == 0 && *value &&
	    (strncmp(value, "tcp://", 6) != 0 || !strrchr(value + 6, ':')))
		return "not tcp://address:port";
	return NULL;
}

static int take(const struct yaml_config *yaml, const char *path,
		const char *text, struct sdg_config *out, struct sdg_error *err)
{
	for (const struct sdg_setting *s = settings; s->section; s++) {
		const void *value = value_of(yaml, s);
		int number;

		if (!value)
			continue;
		if (s->kind == SDG_SETTING_TEXT) {
			const char *fault = fault_of(s, value);

			if (fault)
				return sdg_fail(err, SDG_EINVAL,
						"read \"%s\" line %u: %s: "
						"%s",
						path,
						sdg_yaml_line_of(text, s->key),
						s->key, fault);
			set_text(out, s, value);
			continue;
		}
		if (s->kind == SDG_SETTING_SWITCH) {
			set_switch(out, s, *(const int *)value != 0);
			continue;
		}
		number = *(const int *)value;
		if (number < s->min || number > s->max)
			return sdg_fail(err, SDG_EINVAL,
					"read \"%s\" line %u: %s is %d, not "
					"from %d to %d",
					path, sdg_yaml_line_of(text, s->key),
					s->key, number, s->min, s->max);
		set_number(out, s, number);
	}
	return 0;
}

/* A file of blanks and comments alone is a configuration, too: libcyaml
 * wants a mapping. */
static bool says_nothing(const char *text)
{
	while (*text) {
		text += strspn(text, " \t\r\n");
		if (*text != '#')
			return *text == '\0';
		text += strcspn(text, "\n");
	}
	return true;
}

int sdg_config_read(const char *path, struct sdg_config *out,
		    struct sdg_error *err)
{
	struct sdg_yaml_complaint complaint = { 0 };
	const cyaml_config_t how = sdg_yaml_config(&complaint);
	struct yaml_config *yaml = NULL;
	struct sdg_config config;
	char *text = NULL;
	size_t len;
	cyaml_err_t bad;
	int rc;

	set_defaults(&config);
	snprintf(config.path, sizeof(config.path), "%s", path);
	rc = sdg_read_file(path, CONFIG_FILE_MAX, &text, &len, err);
	if (rc < 0)
		goto out;
	if (!says_nothing(text)) {
		bad = cyaml_load_data((const uint8_t *)text, len, &how,
				      &config_value, (cyaml_data_t **)&yaml,
				      NULL);
		if (bad == CYAML_ERR_OOM)
			rc = sdg_fail(err, SDG_ENOMEM,
				      "no memory to read \"%s\"", path);
		else if (bad != CYAML_OK)
			rc =
			    sdg_fail(err, SDG_EINVAL, "read \"%s\" line %u: %s",
				     path, sdg_yaml_line(&complaint, text),
				     complaint.what[0] ? complaint.what
						       : cyaml_strerror(bad));
		else if (yaml)
			rc = take(yaml, path, text, &config, err);
	}
	if (rc == 0)
		*out = config;
out:
	cyaml_free(&how, &config_value, yaml, 0);
	free(text);
	return rc;
}

int sdg_config_load(const struct sdg_home *home, struct sdg_config *out,
		    struct sdg_error *err)
{
	const char *named = getenv("SOUNDINGS_CONFIG");
	char path[SDG_PATH_MAX + 32];

	if (named && *named)
		return sdg_config_read(named, out, err);
	snprintf(path, sizeof(path), "%s/soundings.yaml", home->root);
	if (access(path, F_OK) == 0)
		return sdg_config_read(path, out, err);
	if (access(CONFIG_SYSTEM, F_OK) == 0)
		return sdg_config_read(CONFIG_SYSTEM, out, err);
	set_defaults(out);
	return 0;
}
