/*
 * publish: what may leave the house, under a disclosure policy, remembered.
 */
#include "releases.h"
#include "report.h"

#include <err.h>
#include <stdlib.h>
#include <string.h>

static const char HELP[] =
    "Examples:\n"
    "  soundings publish --preview                what would be hidden\n"
    "  soundings publish --since 2015-01 --until 2015-03 --out council-page\n"
    "  soundings publish --coarse both            few answers: coarser tables\n"
    "  soundings publish --policy ofqual-5 --title \"What members told us\"\n"
    "  soundings publish --audience council       confidential, kept apart\n"
    "\n"
    "Usage: soundings publish [options]\n"
    "  --policy P       ons-10-5 (default) ofqual-5 hesa custom\n"
    "  --threshold N    with custom: counts under N are hidden (default 10)\n"
    "  --round N        with custom: the rest to the nearest N (default 5)\n"
    "  --coarse WHAT    regions, themes or both: larger groups\n"
    "  --title TEXT     of the page\n"
    "  --audience A     public (default) or council\n"
    "  --out DIR        also write page.html, CSV and data.xlsx there\n"
    "  --preview        say what would be hidden; publish nothing\n"
    "  --carry-forward  leave figures that moved by too few people as they\n"
    "                   were last released\n"
    "  --since --until --region --theme --source --consultation …\n"
    "                   as in soundings report\n"
    "\n"
    "Distinct people are counted. Small counts are hidden, and as many others\n"
    "as it takes that none comes back by subtraction; the rest is rounded.\n"
    "Every release is remembered (soundings releases).\n";

struct options {
	const char *policy, *title, *audience, *out;
	int64_t threshold, round_to;
	bool coarse_regions, coarse_themes, preview, carry;
};

enum {
	OPT_POLICY = 256,
	OPT_THRESHOLD,
	OPT_ROUND,
	OPT_COARSE,
	OPT_TITLE,
	OPT_AUDIENCE,
	OPT_OUT,
	OPT_PREVIEW,
	OPT_CARRY,
};

static const struct option OPTIONS[] = {
	{ "policy", required_argument, NULL, OPT_POLICY },
	{ "threshold", required_argument, NULL, OPT_THRESHOLD },
	{ "round", required_argument, NULL, OPT_ROUND },
	{ "coarse", required_argument, NULL, OPT_COARSE },
	{ "title", required_argument, NULL, OPT_TITLE },
	{ "audience", required_argument, NULL, OPT_AUDIENCE },
	{ "out", required_argument, NULL, OPT_OUT },
	{ "preview", no_argument, NULL, OPT_PREVIEW },
	{ "carry-forward", no_argument, NULL, OPT_CARRY },
	{ 0 },
};

/* Few enough columns that each holds many. */
enum { THEMES_COARSE = 6 };

static const struct sdg_policy COUNCIL = {
	"council",
	"Confidential to Council: counts of 1 and 2 are hidden, the rest is "
	"exact.",
	3, 1, 10
};

/* Under three a figure is one person beside another who knows it. */
enum { THRESHOLD_LEAST = 3 };

static int take_number(const char *value, int64_t *out, const char *name)
{
	*out = cli_number(value, 1, 1000);
	if (*out > 0)
		return 0;
	warnx("%s wants a whole number from 1 to 1000", name);
	return -1;
}

static int take_coarse(struct options *o, const char *value)
{
	bool both = strcmp(value, "both") == 0;

	o->coarse_regions |= both || strcmp(value, "regions") == 0;
	o->coarse_themes |= both || strcmp(value, "themes") == 0;
	if (o->coarse_regions || o->coarse_themes)
		return 0;
	warnx("--coarse wants regions, themes or both");
	return -1;
}

static int take_option(void *arg, int id, const char *value)
{
	struct options *o = arg;

	switch (id) {
	case OPT_POLICY:
		o->policy = value;
		return 0;
	case OPT_THRESHOLD:
		return take_number(value, &o->threshold, "--threshold");
	case OPT_ROUND:
		return take_number(value, &o->round_to, "--round");
	case OPT_COARSE:
		return take_coarse(o, value);
	case OPT_TITLE:
		o->title = value;
		return 0;
	case OPT_AUDIENCE:
		o->audience = value;
		if (strcmp(value, "public") == 0 ||
		    strcmp(value, "council") == 0)
			return 0;
		warnx("--audience wants public or council");
		return -1;
	case OPT_OUT:
		o->out = value;
		return 0;
	case OPT_PREVIEW:
		o->preview = true;
		return 0;
	case OPT_CARRY:
		o->carry = true;
		return 0;
	}
	return -1;
}

static const struct sdg_policy *choose_policy(const struct options *o,
					      struct sdg_policy *custom)
{
	if (strcmp(o->audience, "council") == 0)
		return &COUNCIL;
	if (strcmp(o->policy, "custom") != 0)
		return sdg_policy_find(o->policy);
	*custom = (struct sdg_policy){
		"custom",
		xformat("Counts of members under %lld are hidden and the rest "
			"rounded to the nearest %lld.",
			(long long)o->threshold, (long long)o->round_to),
		(uint32_t)o->threshold, (uint32_t)o->round_to, 25
	};
	return custom;
}

static void advise(const struct publication *p, const struct options *o)
{
	printf("Counted: distinct %s.\n",
	       p->members ? "members, those the directory knows (without a "
			    "directory all respondents would count)"
			  : "respondents: no directory is loaded");
	printf("%.0f %% of the figures in the table of regions and themes %s "
	       "hidden under %s.\n",
	       p->hidden_share * 100, o->preview ? "would be" : "are",
	       p->policy->id);
	if (p->hidden_share > 0.25 && !(o->coarse_regions && o->coarse_themes))
		printf("Coarser tables show more: try --coarse %s.\n",
		       o->coarse_themes ? "both" : "themes");
}

static int copy_out(const struct sdg_home *home, const char *id,
		    const char *dir, struct sdg_error *err)
{
	static const char *const files[] = {
		"page.html",  "region-theme.csv", "stance-theme.csv",
		"source.csv", "month.csv",        "data.xlsx"
	};
	char from[SDG_PATH_MAX];
	int rc = sdg_make_dirs(dir, 0777, err);

	for (size_t i = 0; rc == 0 && i < sizeof(files) / sizeof(*files); i++) {
		char *to = xformat("%s/%s", dir, files[i]);
		char *data;
		size_t len;

		rc = releases_path(home, id, files[i], from, err);
		if (rc == 0)
			rc = sdg_read_file(from, (size_t)64 << 20, &data, &len,
					   err);
		if (rc == 0) {
			rc = sdg_write_file(to, data, len, 0644, err);
			free(data);
		}
		free(to);
	}
	return rc;
}

static int refuse(size_t n, const char *with, const struct sdg_policy *policy,
		  struct sdg_error *err)
{
	return sdg_fail(err, SDG_EINVAL,
			"%zu figures moved by fewer than %u people since "
			"release %s, so the difference would describe just "
			"them; nothing is published. The nearest table that "
			"passes leaves them as released: add --carry-forward",
			n, policy->threshold, with);
}

static int publish(const struct sdg_home *home, struct sdg_store *store,
		   const struct publication_question *question,
		   const struct options *o, struct sdg_error *err)
{
	struct publication *p = NULL;
	json_t *scope = NULL;
	char id[32], with[32];
	size_t conflicts;
	int rc = publication_ask(store, home, question, &p, err);

	if (rc < 0)
		return rc;
	scope = release_scope(p, question, o->audience);
	conflicts = releases_conflicts(home, p, scope, o->carry, with, err);
	if (err->code)
		rc = err->code;
	else if (conflicts && !o->carry && !o->preview)
		rc = refuse(conflicts, with, question->policy, err);
	if (rc < 0)
		goto out;
	rc = publication_hide(p, err);
	if (rc < 0)
		goto out;
	/* The record keeps the exact counts that stand behind the page. */
	json_decref(scope);
	scope = release_scope(p, question, o->audience);
	publication_round(p);
	if (!o->preview) {
		rc = releases_keep(home, p, scope, id, err);
		if (rc == 0 && o->out)
			rc = copy_out(home, id, o->out, err);
		if (rc < 0)
			goto out;
		printf("Release %s: %s/releases/%s/page.html\n", id, home->root,
		       id);
	}
	if (conflicts)
		printf("%zu figures %s as in release %s: they moved by fewer "
		       "than %u people.\n",
		       conflicts, o->preview ? "would have to stay" : "stay",
		       with, question->policy->threshold);
	advise(p, o);
out:
	json_decref(scope);
	publication_free(p);
	return rc;
}

int cmd_publish(int argc, char *argv[])
{
	struct options o = { .policy = "ons-10-5",
			     .title = "What members told us",
			     .audience = "public",
			     .threshold = 10,
			     .round_to = 5 };
	struct cli_spec spec = { .help = HELP,
				 .formats = CLI_FORMAT_BIT(CLI_TABLE),
				 .filters = true,
				 .options = OPTIONS,
				 .option = take_option,
				 .arg = &o };
	struct publication_question question = { 0 };
	struct sdg_store *store = NULL;
	struct sdg_error error = { 0 };
	struct sdg_policy custom = { 0 };
	char *period = NULL;
	struct cli_args args;
	struct sdg_home home;
	int rc = cli_parse(argc, argv, &spec, &args);

	if (rc >= 0)
		return rc;
	if (o.threshold < THRESHOLD_LEAST)
		return cli_usage("--threshold is at least %d: what leaves the "
				 "house hides one and two people",
				 THRESHOLD_LEAST);
	question.policy = choose_policy(&o, &custom);
	if (!question.policy)
		return cli_usage("no policy '%.40s': ons-10-5, ofqual-5, hesa "
				 "or custom",
				 o.policy);
	rc = cli_open(SDG_STORE_READ, &home, &store, &error);
	if (rc == 0)
		rc = cli_use_themes(store, &args, &error);
	if (rc == 0) {
		question.filter = args.filter;
		question.title = o.title;
		period = report_period(&args);
		question.period = period;
		question.coarse_regions = o.coarse_regions;
		question.themes_top = o.coarse_themes ? THEMES_COARSE : 0;
		rc = publish(&home, store, &question, &o, &error);
	}
	sdg_store_close(store);
	free(period);
	free((char *)(uintptr_t)custom.about);
	return rc < 0 ? cli_fail(&error) : 0;
}
