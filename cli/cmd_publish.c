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
    "  --round N        with custom: the rest to the nearest N (default 5),\n"
    "                   at most twice the threshold\n"
    "  --coarse WHAT    regions, themes or both: larger groups\n"
    "  --title TEXT     of the page\n"
    "  --audience A     public (default) or council\n"
    "  --out DIR        also write page.html, CSV and data.xlsx there\n"
    "  --page           write the page to standard output, or --output FILE\n"
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
	size_t threshold, round_to;
	bool coarse_regions, coarse_themes, preview, carry, page;
	FILE *say; /* talk: standard output, unless the page goes there */
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

static int take_audience(void *arg, const char *value)
{
	((struct options *)arg)->audience = value;
	if (strcmp(value, "public") == 0 || strcmp(value, "council") == 0)
		return 0;
	warnx("--audience wants public or council");
	return -1;
}

static int take_coarse(void *arg, const char *value)
{
	struct options *o = arg;
	bool both = strcmp(value, "both") == 0;

	o->coarse_regions |= both || strcmp(value, "regions") == 0;
	o->coarse_themes |= both || strcmp(value, "themes") == 0;
	if (o->coarse_regions || o->coarse_themes)
		return 0;
	warnx("--coarse wants regions, themes or both");
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
	fprintf(o->say, "Counted: distinct %s.\n",
		p->members ? "members, those the directory knows (without a "
			     "directory all respondents would count)"
			   : "respondents: no directory is loaded");
	if (p->messages == 0) {
		fputs("Nothing was counted there: there is nothing to show.\n",
		      o->say);
		return;
	}
	fprintf(o->say,
		"%.0f %% of the figures in the table of regions and themes %s "
		"hidden under %s.\n",
		p->hidden_share * 100, o->preview ? "would be" : "are",
		p->policy->id);
	if (p->hidden_share > 0.25 && !(o->coarse_regions && o->coarse_themes))
		fprintf(o->say, "Coarser tables show more: try --coarse %s.\n",
			o->coarse_themes ? "both" : "themes");
}

/* What is not for the public is the caller's alone. */
static int copy_out(const struct sdg_home *home, const char *id,
		    const struct options *o, struct sdg_error *err)
{
	const char *dir = o->out;
	bool open = strcmp(o->audience, "public") == 0;
	static const char *const files[] = {
		"page.html",  "region-theme.csv", "stance-theme.csv",
		"source.csv", "month.csv",        "data.xlsx"
	};
	char from[SDG_PATH_MAX];
	int rc = sdg_make_dirs(dir, open ? 0777 : 0700, err);

	for (size_t i = 0; rc == 0 && i < sizeof(files) / sizeof(*files); i++) {
		char *to = xformat("%s/%s", dir, files[i]);
		char *data;
		size_t len;

		rc = releases_path(home, id, files[i], from, err);
		if (rc == 0)
			rc = sdg_read_file(from, (size_t)64 << 20, &data, &len,
					   err);
		if (rc == 0) {
			rc = sdg_write_file(to, data, len, open ? 0644 : 0600,
					    err);
			free(data);
		}
		free(to);
	}
	return rc;
}

/* For whoever has no way to this machine's files. */
static int emit_page(const struct sdg_home *home, const char *id,
		     const struct cli_args *args, struct sdg_error *err)
{
	char path[SDG_PATH_MAX], *data = NULL;
	size_t len = 0;
	int rc = releases_path(home, id, "page.html", path, err);

	if (rc == 0)
		rc = sdg_read_file(path, (size_t)64 << 20, &data, &len, err);
	if (rc < 0)
		return rc;
	if (cli_emit_bytes(args, data, len) != 0)
		rc = sdg_fail(err, SDG_EIO, "write the page");
	free(data);
	return rc;
}

static int refuse(size_t n, const struct release_conflict *with,
		  const struct publication *p, struct sdg_error *err)
{
	if (with->nested)
		return sdg_fail(
		    err, SDG_EINVAL,
		    "%zu figures of this page (%s) differ by fewer than %u "
		    "people from those of release %s (%s), so the difference "
		    "would describe just them; nothing is published. The "
		    "nearest table that passes leaves them as released: add "
		    "--carry-forward",
		    n, p->period, p->policy->threshold, with->id, with->period);
	return sdg_fail(err, SDG_EINVAL,
			"%zu figures moved by fewer than %u people since "
			"release %s, so the difference would describe just "
			"them; nothing is published. The nearest table that "
			"passes leaves them as released: add --carry-forward",
			n, p->policy->threshold, with->id);
}

/* One table of regions and one of groups of them. */
static int refuse_groups(size_t n, const struct release_conflict *with,
			 const struct publication *p, struct sdg_error *err)
{
	const char *passes = p->grouped ? "regions by themselves, as that "
					  "release: leave out"
					: "such groups, as that release: add";

	if (with->few)
		return sdg_fail(
		    err, SDG_EINVAL,
		    "%zu groups of regions %s have fewer than %u people more "
		    "or less than their regions have %s, so the difference "
		    "would describe just them; nothing is published: this is "
		    "%s, release %s is %s. The nearest table has %s --coarse "
		    "regions",
		    n, p->grouped ? "here" : "there", p->policy->threshold,
		    p->grouped ? "there" : "here", p->period, with->id,
		    with->period, passes);
	return sdg_fail(
	    err, SDG_EINVAL,
	    "%zu figures hidden here (%s) or in release %s (%s) "
	    "would be had back, or nearly, by taking %s from %s; nothing is "
	    "published. The nearest table that passes has %s "
	    "--coarse regions",
	    n, p->period, with->id, with->period,
	    p->grouped ? "its regions" : "these regions",
	    p->grouped ? "these groups of them" : "its groups of them", passes);
}

/* What is told by all pages together. */
static int refuse_derived(size_t n, const struct publication *p,
			  struct sdg_error *err)
{
	return sdg_fail(
	    err, SDG_EINVAL,
	    "%zu hidden figures would be had back, or nearly, by taking this "
	    "page (%s) and the earlier releases from one another: they are "
	    "parts of the same people; nothing is published. The nearest "
	    "table that passes is one of the same regions, themes, sources "
	    "and days as an earlier release (soundings releases)",
	    n, p->period);
}

/* Keeps the release, and puts it where it is wanted. */
static int keep(const struct sdg_home *home, struct publication *p,
		json_t *scope, const struct options *o,
		const struct cli_args *args, struct sdg_error *err)
{
	char id[32];
	int rc = releases_keep(home, p, scope, id, err);

	if (rc == 0 && o->out)
		rc = copy_out(home, id, o, err);
	if (rc == 0 && o->page)
		rc = emit_page(home, id, args, err);
	if (rc == 0)
		fprintf(o->say, "Release %s: %s/releases/%s/page.html\n", id,
			home->root, id);
	return rc;
}

static int publish(const struct sdg_home *home, struct sdg_store *store,
		   const struct publication_question *question,
		   const struct options *o, const struct cli_args *args,
		   struct sdg_error *err)
{
	struct publication *p = NULL;
	json_t *scope = NULL;
	struct release_conflict with, other;
	size_t conflicts, given;
	int rc = publication_ask(store, home, question, &p, err);

	if (rc < 0)
		return rc;
	scope = release_scope(p, question, o->audience);
	conflicts = releases_conflicts(home, p, scope, o->carry, &with, err);
	if (err->code)
		rc = err->code;
	else if (conflicts && !o->carry && !o->preview)
		rc = refuse(conflicts, &with, p, err);
	if (rc < 0)
		goto out;
	rc = publication_hide(p, err);
	if (rc < 0)
		goto out;
	/* The record keeps the exact counts that stand behind the page. */
	json_decref(scope);
	scope = release_scope(p, question, o->audience);
	given = releases_groups(home, p, scope, &other, err);
	if (err->code)
		rc = err->code;
	else if (given)
		rc = refuse_groups(given, &other, p, err);
	if (rc < 0)
		goto out;
	given = releases_derived(home, p, scope, &other, err);
	if (err->code)
		rc = err->code;
	else if (given)
		rc = refuse_derived(given, p, err);
	if (rc < 0)
		goto out;
	publication_round(p);
	if (!o->preview)
		rc = keep(home, p, scope, o, args, err);
	if (rc < 0)
		goto out;
	if (conflicts)
		fprintf(o->say,
			"%zu figures %s as in release %s: they moved by fewer "
			"than %u people.\n",
			conflicts, o->preview ? "would have to stay" : "stay",
			with.id, question->policy->threshold);
	advise(p, o);
out:
	json_decref(scope);
	publication_free(p);
	return rc;
}

static const struct cli_option OPTIONS[] = {
	CLI_TEXT("policy", struct options, policy),
	CLI_COUNT("threshold", struct options, threshold, THRESHOLD_LEAST,
		  1000),
	CLI_COUNT("round", struct options, round_to, 1, 1000),
	CLI_TAKEN("coarse", take_coarse),
	CLI_TEXT("title", struct options, title),
	CLI_TAKEN("audience", take_audience),
	CLI_TEXT("out", struct options, out),
	CLI_FLAG("preview", struct options, preview),
	CLI_FLAG("page", struct options, page),
	CLI_FLAG("carry-forward", struct options, carry),
	{ 0 },
};

int cmd_publish(int argc, char *argv[])
{
	struct options o = { .policy = "ons-10-5",
			     .title = "What members told us",
			     .audience = "public",
			     .threshold = 10,
			     .round_to = 5 };
	const struct cli_spec spec = { .help = HELP,
				       .formats = CLI_FORMAT_BIT(CLI_TABLE),
				       .filters = true,
				       .own = OPTIONS,
				       .arg = &o,
				       .needs = CLI_NEEDS_STORE };
	struct publication_question question = { 0 };
	struct sdg_policy custom = { 0 };
	char *period;
	struct cli cli;
	int status = cli_begin(argc, argv, &spec, &cli);

	if (status >= 0)
		return status;
	o.say = o.page ? stderr : stdout;
	if (report_policy()) /* not this role's to choose */
		question.policy = report_policy();
	else
		question.policy = choose_policy(&o, &custom);
	if (report_policy_period(&cli.args, &cli.err) < 0)
		return cli_end(&cli, cli_fail(&cli.err));
	if (!question.policy) {
		status = cli_usage("no policy '%.40s': ons-10-5, ofqual-5, "
				   "hesa or custom",
				   o.policy);
		return cli_end(&cli, status);
	}
	if (question.policy == &custom && o.round_to > 2 * o.threshold) {
		status = cli_usage("--round %zu would make 0 of people who may "
				   "be shown: with --threshold %zu it is at "
				   "most %zu",
				   o.round_to, o.threshold, 2 * o.threshold);
		free((char *)(uintptr_t)custom.about);
		return cli_end(&cli, status);
	}
	period = report_period(&cli.args);
	question.filter = cli.args.filter;
	question.title = o.title;
	question.period = period;
	question.coarse_regions = o.coarse_regions;
	question.themes_top = o.coarse_themes ? THEMES_COARSE : 0;
	status =
	    publish(&cli.home, cli.store, &question, &o, &cli.args, &cli.err);
	free(period);
	free((char *)(uintptr_t)custom.about);
	return cli_end(&cli, status);
}
