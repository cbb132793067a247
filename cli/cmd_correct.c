/*
 * correct: a person's word on one message. It moves the tallies at once, no
 * reclassification touches it, and the next training learns from it.
 */
#include "labels_edit.h"

#include <err.h>
#include <string.h>

static const char HELP[] =
    "Examples:\n"
    "  soundings correct 54e3a1b2c0 --themes funding,pupils-inclusion\n"
    "  soundings correct 54e3a1b2c0 --kind not-feedback\n"
    "  soundings correct 54e3a1b2c0 --region south-west --stance mixed\n"
    "\n"
    "Usage: soundings correct ID [--themes T[,T]] [--region R] [--stance S]\n"
    "                            [--kind K] [--role R] [--dry-run]\n"
    "\n"
    "ID is what 'soundings messages' lists. What is not given stays. A\n"
    "person's word always wins over the classifier, and the next\n"
    "'soundings train' uses it. Themes: main first, at most three;\n"
    "'other' stands alone.\n";

struct options {
	const char *themes;
	int region, stance, kind, role; /* -1: stays */
	bool dry_run;
};

struct found {
	uint8_t id[SDG_EVENT_ID_SIZE];
	struct sdg_labels labels;
};

static int keep(void *arg, const struct sdg_stored *stored)
{
	struct found *found = arg;

	memcpy(found->id, stored->id, sizeof(found->id));
	found->labels = stored->labels;
	return 0;
}

static int change(struct sdg_store *store, const struct options *o,
		  struct sdg_labels *labels, struct sdg_error *err)
{
	if (o->kind > 0)
		labels_set_kind(labels, (enum sdg_kind)o->kind);
	if (o->region > 0)
		labels_set_region(labels, (enum sdg_region)o->region);
	if (o->stance >= 0)
		labels->stance = (enum sdg_stance)o->stance;
	if (o->role >= 0)
		labels->role = (enum sdg_role)o->role;
	if (!o->themes)
		return 0;
	if (labels->kind != SDG_KIND_FEEDBACK)
		return sdg_fail(
		    err, SDG_EINVAL,
		    "only feedback has themes: add --kind feedback");
	return labels_set_themes(store, labels, o->themes, err);
}

static void say(struct sdg_store *store, const struct sdg_labels *labels,
		bool role)
{
	printf("%s, %s, %s", sdg_kind_id((int)labels->kind),
	       sdg_region_id((int)labels->region),
	       sdg_stance_id((int)labels->stance));
	for (int i = 0; i < labels->theme_count; i++)
		printf(", %s", sdg_store_theme_id(store, labels->themes[i]));
	if (role)
		printf("; role %s", sdg_role_id((int)labels->role));
	putchar('\n');
}

static int correct(struct sdg_store *store, const char *id,
		   const struct options *o, struct sdg_error *err)
{
	struct sdg_labels was;
	struct found found;
	int rc = sdg_store_find(store, id, keep, &found, err);

	if (rc < 0)
		return rc;
	was = found.labels;
	if (was.kind == SDG_KIND_UNSET)
		return sdg_fail(err, SDG_EINVAL,
				"correct a piece: it was erased");
	rc = change(store, o, &found.labels, err);
	if (rc < 0)
		return rc;
	if (found.labels.kind == SDG_KIND_FEEDBACK && !found.labels.theme_count)
		return sdg_fail(err, SDG_EINVAL,
				"feedback has a theme: add --themes (other "
				"where none fits)");
	if (!o->dry_run)
		rc = sdg_store_correct(store, found.id, &found.labels, err);
	if (rc == 0) {
		printf("was ");
		say(store, &was, o->role >= 0);
		printf(o->dry_run ? "would be " : "is  ");
		say(store, &found.labels, o->role >= 0);
	}
	return rc;
}

static const struct cli_option OPTIONS[] = {
	CLI_TEXT("themes", struct options, themes),
	CLI_LABEL("region", struct options, region, sdg_region_id, 1,
		  SDG_REGION_COUNT),
	CLI_LABEL("stance", struct options, stance, sdg_stance_id, 0,
		  SDG_STANCE_COUNT),
	CLI_LABEL("kind", struct options, kind, sdg_kind_id, 1, SDG_KIND_COUNT),
	CLI_LABEL("role", struct options, role, sdg_role_id, 0, SDG_ROLE_COUNT),
	CLI_FLAG("dry-run", struct options, dry_run),
	{ 0 },
};

int cmd_correct(int argc, char *argv[])
{
	struct options o = { NULL, -1, -1, -1, -1, false };
	const struct cli_spec spec = { .help = HELP,
				       .formats = CLI_FORMAT_BIT(CLI_TABLE),
				       .own = OPTIONS,
				       .arg = &o,
				       .rest_min = 1,
				       .rest_max = 1,
				       .needs = CLI_NEEDS_WRITER };
	struct cli cli;
	int status = cli_begin(argc, argv, &spec, &cli);

	if (status >= 0)
		return status;
	if (!o.themes && o.region < 0 && o.stance < 0 && o.kind < 0 &&
	    o.role < 0)
		status = cli_usage("say what is right: --themes, --region, "
				   "--stance, --kind or --role");
	else
		status = correct(cli.store, cli.args.rest[0], &o, &cli.err);
	return cli_end(&cli, status);
}
