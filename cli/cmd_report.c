/*
 * report: how many said what, where. Exact figures, for inside.
 */
#include "editions.h"
#include "report.h"

#include <err.h>
#include <stdlib.h>
#include <string.h>

static const char HELP[] =
    "Examples:\n"
    "  soundings report                       regions by themes, members in "
    "each\n"
    "  soundings report --by theme --since 2015-01 --until 2015-03\n"
    "  soundings report --by region,theme --share row\n"
    "  soundings report --by theme --compare 2015-01,2015-02\n"
    "  soundings report --by region --rate --membership members.csv\n"
    "  soundings report --by role,stance --region london,south-east\n"
    "  soundings report --by region,theme --format xlsx --output council.xlsx\n"
    "\n"
    "Usage: soundings report [--by DIM[,DIM]] [options]\n"
    "  --by DIM[,DIM]    region theme source stance role phase month week day\n"
    "                    consultation authority (default region,theme)\n"
    "  --measure M       what a crossed table, a share or a comparison "
    "counts:\n"
    "                    members respondents messages mentions reported\n"
    "                    (default members; respondents without a directory)\n"
    "  --share S         per cent of the row's, the column's or all\n"
    "  --compare A,B     two periods (2015-01,2015-02 or "
    "2015-01..2015-03,2015-04)\n"
    "                    or two sources (mail,survey) side by side, the "
    "change,\n"
    "                    and a mark where it is more than noise\n"
    "  --rate            --by region or phase: per 1,000 members, with 95 %\n"
    "                    intervals; --by theme: shares raw and weighted to "
    "the\n"
    "                    membership\n"
    "  --membership FILE region,members or region,phase,members as CSV\n"
    "                    (default membership.csv in the home)\n"
    "  --geography FILE  areas of one's own in place of regions: a CSV of "
    "local\n"
    "                    authority or region, area, first day (may be left "
    "out);\n"
    "                    or commissioners-2014, inspection-2013\n"
    "  --as-of V         the figures as they stood at the end of a day "
    "(2015-03-31),\n"
    "                    or under a version of the frame: see 'soundings "
    "frame\n"
    "                    versions'\n"
    "  --long            a row a combination, with every measure\n"
    "  --sort M          rows by that measure, largest first, in place of "
    "their\n"
    "                    own order (regions: the official one)\n"
    "  --top N           the first N rows only (totals stay those of all)\n"
    "  --since DATE      2015-03-31, 2015-03 or 2015; included\n"
    "  --until DATE      likewise; the whole of that day, month or year is\n"
    "                    included\n"
    "  --region R  --theme T  --source S  --stance S  --role R  --phase P\n"
    "                    only these; may be repeated, or listed with commas\n"
    "  --consultation C  only this one\n"
    "  --format F        table json csv md xlsx\n"
    "  --output FILE     write there, whole or not at all\n"
    "\n"
    "members      distinct people the directory knows\n"
    "respondents  distinct senders, known or not; an anonymous survey row is "
    "one\n"
    "messages     pieces of feedback\n"
    "mentions     times a theme was named; a message may name up to three\n"
    "reported     voices that representatives speak for; in none of the "
    "others\n";

struct options {
	struct sdg_query query;
	int measure; /* -1: not said */
	int sort;    /* -1: keys */
	size_t top;  /* 0: all */
	bool by_given;
	bool as_long;
	enum share share;
	const char *compare;
	bool rate;
	const char *geography;
	const char *membership;
	const char *as_of;
	struct sdg_edition edition; /* that as_of names */
};

static const char *const SHARES[] = { "none", "row", "column", "all" };

static int parse_by(void *arg, const char *value)
{
	struct options *o = arg;
	char list[128], *save = NULL;

	/* Said twice it is one list, in the order given. */
	if (!o->by_given)
		o->query.dim_count = 0;
	o->by_given = true;
	if (snprintf(list, sizeof(list), "%s", value) >= (int)sizeof(list))
		goto many;
	for (char *id = strtok_r(list, ",", &save); id;
	     id = strtok_r(NULL, ",", &save)) {
		int dim = dim_from_id(id);

		if (dim < 0)
			return cli_no_such("dimension", id, dim_ids(),
					   SDG_DIM_COUNT);
		if (o->query.dim_count == SDG_DIMS_MAX)
			goto many;
		for (size_t d = 0; d < o->query.dim_count; d++)
			if (o->query.dims[d] == (enum sdg_dim)dim) {
				warnx("--by names '%s' twice", id);
				return -1;
			}
		o->query.dims[o->query.dim_count++] = (enum sdg_dim)dim;
	}
	if (o->query.dim_count == 0)
		return cli_no_such("dimension", value, dim_ids(),
				   SDG_DIM_COUNT);
	return 0;
many:
	warnx("--by takes at most %d dimensions", SDG_DIMS_MAX);
	return -1;
}

static int parse_measure(const char *value)
{
	int measure = measure_from_id(value);

	if (measure < 0)
		cli_no_such("measure", value, measure_ids(), MEASURE_COUNT);
	return measure;
}

static int take_measure(void *arg, const char *value)
{
	struct options *o = arg;

	o->measure = parse_measure(value);
	return o->measure < 0 ? -1 : 0;
}

static int take_sort(void *arg, const char *value)
{
	struct options *o = arg;

	o->sort = parse_measure(value);
	return o->sort < 0 ? -1 : 0;
}

static int parse_share(void *arg, const char *value)
{
	struct options *o = arg;

	for (int i = SHARE_ROW; i <= SHARE_ALL; i++)
		if (strcmp(value, SHARES[i]) == 0) {
			o->share = (enum share)i;
			return 0;
		}
	warnx("--share wants row, column or all");
	return -1;
}

/* qsort has no argument of its own; one command, one order. */
static enum measure sort_measure;

static int by_measure(const void *a, const void *b)
{
	const struct sdg_row *x = a, *y = b;
	uint64_t m = measure_of(&x->measures, sort_measure);
	uint64_t n = measure_of(&y->measures, sort_measure);

	if (m != n)
		return m < n ? 1 : -1;
	return memcmp(x->key, y->key, sizeof(x->key));
}

static void arrange(struct report *report, const struct options *o)
{
	struct sdg_result *r = &report->result;

	if (o->sort >= 0 && r->row_count) {
		sort_measure = (enum measure)o->sort;
		qsort(r->rows, r->row_count, sizeof(*r->rows), by_measure);
	}
	if (o->top && r->row_count > o->top)
		r->row_count = o->top;
}

/* "members", or "members as per cent of each region's". */
static char *what_counted(const struct report *report, int measure,
			  enum share share)
{
	const char *name = measure_id((enum measure)measure);

	switch (share) {
	case SHARE_NONE:
		break;
	case SHARE_ROW:
		return xformat("%s, per cent of each %s's %s", name,
			       dim_title(report->query.dims[0]), name);
	case SHARE_COLUMN:
		return xformat("%s, per cent of each %s's %s", name,
			       dim_title(report->query.dims[1]), name);
	case SHARE_ALL:
		return xformat("%s, per cent of all %s", name, name);
	}
	return xstrdup(name);
}

/* A crossed table holds one measure: who stands in none of its figures. */
static void note_left_out(const struct sdg_measures *totals, int measure,
			  struct grid *grid)
{
	if (measure == MEASURE_MEMBERS && totals->respondents > totals->members)
		grid_note(grid, true,
			  "Of %llu respondents the directory knows %llu as "
			  "members; the others are in none of these figures: "
			  "see --measure respondents.",
			  (unsigned long long)totals->respondents,
			  (unsigned long long)totals->members);
	if (measure != MEASURE_REPORTED && totals->reported)
		grid_note(grid, true,
			  "Representatives speak for %llu more, in none of "
			  "these figures: see --measure reported.",
			  (unsigned long long)totals->reported);
}

/* What a person sees: crossed if it fits, turned if that does, else long. */
static struct grid *for_people(const struct report *report,
			       const struct options *o,
			       const struct cli_args *args, int measure)
{
	size_t width = args->format == CLI_TABLE ? cli_width() : SIZE_MAX;
	char *of = what_counted(report, measure, o->share);
	struct grid *grid = NULL;
	bool crossed;

	for (int turned = 0; turned < 2 && report->crossed && !o->as_long &&
			     o->sort < 0 && o->top == 0;
	     turned++) {
		grid = report_cross(report, (enum measure)measure, o->share,
				    turned);
		if (grid_width(grid) <= width)
			break;
		grid_free(grid);
		grid = NULL;
	}
	crossed = grid != NULL;
	if (!crossed) {
		grid = report_long(report, true, o->share != SHARE_NONE);
		report_add_share(report, grid, (enum measure)measure, o->share);
		if (o->share == SHARE_NONE) {
			free(of);
			of = xstrdup("feedback");
		}
	}
	report_notes(report, args, grid, of);
	if (crossed && !report->policy)
		note_left_out(&report->result.totals, measure, grid);
	free(of);
	return grid;
}

static int answer(struct sdg_store *store, const struct options *o,
		  const struct cli_args *args)
{
	struct sdg_error err = { 0 };
	struct report report = { 0 };
	struct grid *all = NULL, *shown = NULL;
	json_t *envelope;
	int status, measure, rc;

	rc = o->geography ? report_ask_areas(store, &o->query, o->geography,
					     &report, &err)
			  : report_ask(store, &o->query, &report, &err);
	if (rc < 0) {
		status = cli_fail(&err);
		goto out;
	}
	report.as_of = o->edition;
	measure =
	    o->measure >= 0 ? o->measure : (int)report_default_measure(&report);
	arrange(&report, o);
	all = report_long(&report, false, o->share != SHARE_NONE);
	report_add_share(&report, all, (enum measure)measure, o->share);
	shown = for_people(&report, o, args, measure);
	envelope = report_envelope(&report, args);
	if (o->share != SHARE_NONE)
		json_object_set_new(
		    envelope, "share",
		    json_pack("{s:s, s:s}", "of", SHARES[o->share], "measure",
			      measure_id((enum measure)measure)));
	status = cli_emit(args, envelope, all, shown);
out:
	grid_free(all);
	grid_free(shown);
	report_fini(&report);
	return status;
}

/* Options that exclude one another, in words. */
static int check(const struct options *o)
{
	if (report_policy() && (o->compare || o->rate || o->geography ||
				o->as_of || o->share != SHARE_NONE))
		return cli_usage("under a policy only plain tables are shown");
	if (o->compare && (o->share != SHARE_NONE || o->rate))
		return cli_usage("--compare, --share and --rate exclude one "
				 "another");
	if (o->compare && (o->sort >= 0 || o->top || o->as_long))
		return cli_usage("--compare has no use for --sort, --top and "
				 "--long");
	if (o->rate &&
	    (o->measure >= 0 || o->sort >= 0 || o->top || o->as_long))
		return cli_usage("--rate has no use for --measure, --sort, "
				 "--top and --long");
	if (o->membership && !o->rate)
		return cli_usage("--membership goes with --rate");
	if (o->rate && (o->share != SHARE_NONE || o->query.dim_count != 1))
		return cli_usage("--rate goes with --by region, phase or theme "
				 "alone");
	if (o->as_of && (o->compare || o->rate || o->geography))
		return cli_usage("--as-of goes with plain tables: not with "
				 "--compare, --rate or --geography");
	if (o->geography && (o->compare || o->rate))
		return cli_usage("--geography goes with neither --compare nor "
				 "--rate");
	if (o->share == SHARE_COLUMN && o->query.dim_count != 2)
		return cli_usage("--share column wants two dimensions");
	if (o->share == SHARE_ROW && o->query.dim_count > 2)
		return cli_usage("--share row wants at most two dimensions");
	return -1;
}

/* --geography takes the place of the regions. */
static int use_areas(struct options *o)
{
	struct sdg_query *q = &o->query;

	if (q->dims[0] != SDG_DIM_REGION || q->dim_count > 2 ||
	    (q->dim_count == 2 && q->dims[1] != SDG_DIM_THEME))
		return cli_usage("--geography goes with --by region or --by "
				 "region,theme");
	q->dims[0] = DIM_AREA;
	return -1;
}

static int ask(struct sdg_store *store, const struct sdg_home *home,
	       struct options *o, struct cli_args *args)
{
	struct sdg_error err = { 0 };

	if (report_policy_period(args, &err) < 0 ||
	    report_policy_dims(&o->query, &err) < 0 ||
	    cli_use_themes(store, args, &err) < 0)
		return cli_fail(&err);
	if (o->as_of && edition_find(store, o->as_of, &o->edition, &err) < 0)
		return cli_fail(&err);
	o->query.as_of = o->edition.number;
	o->query.filter = args->filter;
	if (o->geography && use_areas(o) >= 0)
		return EXIT_USAGE;
	if (o->compare)
		return report_compare(store, &o->query, args, o->compare,
				      o->measure);
	if (o->rate)
		return report_rate(store, home, &o->query, args, o->membership);
	return answer(store, o, args);
}

static const struct cli_option OPTIONS[] = {
	CLI_TAKEN("by", parse_by),
	CLI_TAKEN("measure", take_measure),
	CLI_FLAG("long", struct options, as_long),
	CLI_TAKEN("sort", take_sort),
	CLI_COUNT("top", struct options, top, 1, 1000000),
	CLI_TAKEN("share", parse_share),
	CLI_TEXT("compare", struct options, compare),
	CLI_FLAG("rate", struct options, rate),
	CLI_TEXT("membership", struct options, membership),
	CLI_TEXT("geography", struct options, geography),
	CLI_TEXT("as-of", struct options, as_of),
	{ 0 },
};

int cmd_report(int argc, char *argv[])
{
	struct options o = {
		.query = { .dims = { SDG_DIM_REGION, SDG_DIM_THEME },
			   .dim_count = 2 },
		.measure = -1,
		.sort = -1,
	};
	const struct cli_spec spec = {
		.help = HELP,
		.formats = CLI_FORMATS_LIST,
		.filters = true,
		.own = OPTIONS,
		.arg = &o,
		.needs = CLI_NEEDS_STORE,
	};
	struct cli cli;
	int status = cli_begin(argc, argv, &spec, &cli);

	if (status >= 0)
		return status;
	status = check(&o);
	if (status < 0)
		status = ask(cli.store, &cli.home, &o, &cli.args);
	return cli_end(&cli, status);
}
