/*
 * soundings config: what is set, from where, and whether the file is right.
 */
#include "cli.h"

#include <stdlib.h>
#include <string.h>

#include <soundings/config.h>

static const char HELP[] =
    "  soundings config show            what is set, and what it means\n"
    "  soundings config check           is the file right? says which line\n"
    "  soundings config check new.yaml  before it is put in place\n"
    "  soundings config form            all there is to set, to fill in\n"
    "\n"
    "Usage: soundings config show|check|form [FILE] [--format table|json]\n"
    "\n"
    "The file is $SOUNDINGS_CONFIG, else soundings.yaml in $SOUNDINGS_HOME,\n"
    "else /etc/soundings/soundings.yaml; without one all is default.\n"
    "soundings.yaml(5) describes it.\n";

static int load(const char *file, struct sdg_config *config,
		struct sdg_error *err)
{
	struct sdg_home home;
	int rc;

	if (file)
		return sdg_config_read(file, config, err);
	rc = sdg_home_find(&home, err);
	return rc < 0 ? rc : sdg_config_load(&home, config, err);
}

static json_t *value_json(const struct sdg_config *config,
			  const struct sdg_setting *setting)
{
	switch (setting->kind) {
	case SDG_SETTING_NUMBER:
		return json_integer(sdg_config_number(config, setting));
	case SDG_SETTING_TEXT:
		return cli_json_str(sdg_str(sdg_config_text(config, setting)));
	case SDG_SETTING_SWITCH:
		return json_boolean(sdg_config_switch(config, setting));
	}
	return json_null();
}

static int show_json(const struct cli_args *args,
		     const struct sdg_config *config)
{
	json_t *out = cli_envelope("config");
	json_t *set = json_object();

	json_object_set_new(out, "file",
			    config->path[0] ? json_string(config->path)
					    : json_null());
	for (const struct sdg_setting *s = sdg_config_settings(); s->section;
	     s++) {
		json_t *section = json_object_get(set, s->section);

		if (!section) {
			section = json_object();
			json_object_set_new(set, s->section, section);
		}
		json_object_set_new(section, s->key, value_json(config, s));
	}
	json_object_set_new(out, "settings", set);
	return cli_emit_json(args, out);
}

/* As YAML that could be the file. JSON's scalars are YAML's. */
static void write_yaml(FILE *to, const struct sdg_config *config)
{
	const char *section = "";

	fprintf(to, "# %s\n",
		config->path[0] ? config->path : "no file: all is default");
	for (const struct sdg_setting *s = sdg_config_settings(); s->section;
	     s++) {
		json_t *value = value_json(config, s);
		char *words = json_dumps(value, JSON_ENCODE_ANY);

		if (strcmp(section, s->section) != 0)
			fprintf(to, "%s:\n", s->section);
		section = s->section;
		fprintf(to, "  %s: %s  # %s\n", s->key, words ? words : "",
			s->about);
		free(words);
		json_decref(value);
	}
}

static int show(const struct cli_args *args, const struct sdg_config *config)
{
	struct cli_text text;

	if (args->format == CLI_JSON)
		return show_json(args, config);
	write_yaml(cli_text_open(&text), config);
	return cli_text_emit(&text, args);
}

/* All settings at their defaults, commented out. */
static void write_form(FILE *to)
{
	const char *section = "";

	fputs("# Soundings. soundings.yaml(5); then 'soundings config "
	      "check'.\n",
	      to);
	for (const struct sdg_setting *s = sdg_config_settings(); s->section;
	     s++) {
		if (strcmp(section, s->section) != 0)
			fprintf(to, "\n#%s:\n", s->section);
		section = s->section;
		switch (s->kind) {
		case SDG_SETTING_NUMBER:
			fprintf(to, "#  %s: %d", s->key, s->def);
			break;
		case SDG_SETTING_TEXT:
			fprintf(to, "#  %s: \"%s\"", s->key, s->def_text);
			break;
		case SDG_SETTING_SWITCH:
			fprintf(to, "#  %s: %s", s->key,
				s->def_switch ? "yes" : "no");
			break;
		}
		fprintf(to, "  # %s\n", s->about);
	}
}

static int form(const struct cli_args *args)
{
	struct cli_text text;

	write_form(cli_text_open(&text));
	return cli_text_emit(&text, args);
}

static int check(const struct cli_args *args, const struct sdg_config *config)
{
	char *text;
	int status;

	if (args->format == CLI_JSON)
		return show_json(args, config);
	text = config->path[0] ? xformat("%s is right\n", config->path)
			       : xstrdup("no file: all is default\n");
	status = cli_emit_bytes(args, text, strlen(text));
	free(text);
	return status;
}

int cmd_config(int argc, char *argv[])
{
	const struct cli_spec spec = { .help = HELP,
				       .formats = CLI_FORMATS_TEXT,
				       .rest_min = 1,
				       .rest_max = 2 };
	struct sdg_error err = { 0 };
	struct sdg_config config;
	struct cli_args args;
	int status = cli_parse(argc, argv, &spec, &args);

	if (status >= 0)
		return status;
	if (strcmp(args.rest[0], "form") == 0)
		return form(&args);
	if (strcmp(args.rest[0], "show") != 0 &&
	    strcmp(args.rest[0], "check") != 0)
		return cli_usage("config wants show, check or form, not '%s'",
				 args.rest[0]);
	if (load(args.rest[1], &config, &err) < 0)
		return cli_fail(&err);
	return args.rest[0][0] == 's' ? show(&args, &config)
				      : check(&args, &config);
}
