/*
 * soundings upgrade: a store of an older layout brought to this build's.
 * Workers do so by themselves when they start; this is for whoever wants to
 * see it done, and for a package before it replaces what runs.
 */
#include "cli.h"

#include <stdlib.h>
#include <string.h>

static const char HELP[] =
    "  soundings upgrade            after a new version was installed\n"
    "\n"
    "Usage: soundings upgrade [--format table|json]\n"
    "\n"
    "Brings the store to the layout of this version: every record is proved\n"
    "and written anew, all is recounted, and only then is it put in place;\n"
    "what was there is kept beside it ('store.layout-N') for as long as\n"
    "retention.quarantine-days, or until somebody is forgotten. Where\n"
    "something does not agree nothing is changed, and it says what. A worker\n"
    "does the same when it starts.\n";

int cmd_upgrade(int argc, char *argv[])
{
	const struct cli_spec spec = { .help = HELP,
				       .formats = CLI_FORMATS_TEXT };
	char kept[SDG_PATH_MAX], *text;
	struct sdg_error err = { 0 };
	struct cli_args args;
	struct sdg_home home;
	json_t *json;
	int status = cli_parse(argc, argv, &spec, &args);

	if (status >= 0)
		return status;
	if (sdg_home_find(&home, &err) < 0 ||
	    sdg_store_upgrade(&home, kept, &err) < 0)
		return cli_fail(&err);
	if (args.format == CLI_JSON) {
		json = cli_envelope("upgrade");
		json_object_set_new(json, "upgraded", json_boolean(*kept));
		json_object_set_new(json, "kept",
				    *kept ? cli_json_str(sdg_str(kept))
					  : json_null());
		return cli_emit_json(&args, json);
	}
	text = *kept ? xformat("The store is brought over; as it was it is "
			       "kept in %s.\n",
			       kept)
		     : xstrdup("The store is of this version's layout: there "
			       "is nothing to do.\n");
	status = cli_emit_bytes(&args, text, strlen(text));
	free(text);
	return status;
}
