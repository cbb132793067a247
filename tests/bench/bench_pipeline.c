/*
 * bench_pipeline: producer, bus, worker, classifier, store and back, beside
 * what this machine can do at all, in the same minutes.
 *
 * Every variant is run once a round, one after the other, so that a busy
 * minute hits all; figures are medians over rounds, with the range. Ratios
 * come first: they hold on other machines. Times do not.
 */
#include "bench.h"

#include <getopt.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum kind { RAW_ZEROMQ, RAW_SYNC, RAW_COMMIT, RAW_DISK, RAW_LABELS, PIPELINE };

/* A third of the window travels, a third is gathered, a third is committed. */
#define PART_OF_WINDOW 341

struct variant {
	const char *id;
	enum kind kind;
	size_t window, bytes;
	uint64_t events;
	int workers;
	bool classify, tcp, again, two, quick, curve;
	struct measure rounds[ROUNDS_MAX];
};

#define RAW(name, w, n)                                                        \
	.id = (name), .kind = RAW_ZEROMQ, .window = (w), .bytes = 600,         \
	.events = (n)
#define RUN(name, w, b, n)                                                     \
	.id = (name), .kind = PIPELINE, .window = (w), .bytes = (b),           \
	.events = (n), .workers = 1

static struct variant variants[] = {
	{ RAW("zeromq-ipc-1", 1, 20000), .quick = true },
	{ RAW("zeromq-ipc-64", 64, 200000), .quick = true },
	{ RAW("zeromq-ipc-1024", 1024, 600000), .quick = true },
	{ RAW("zeromq-tcp-1024", 1024, 600000), .tcp = true },
	{ .id = "fdatasync", .kind = RAW_SYNC, .events = 500, .quick = true },
	{ .id = "commit", .kind = RAW_COMMIT, .events = 400, .quick = true },
	{ RUN("plain-1", 1, 600, 4000), .quick = true },
	{ RUN("plain-64", 64, 600, 60000), .quick = true },
	{ RUN("plain-1024", 1024, 600, 300000), .quick = true },
	{ RUN("plain-4096", 4096, 600, 300000) },
	{ RUN("two-1024", 1024, 600, 300000), .two = true },
	{ RUN("curve-1", 1, 600, 4000), .curve = true },
	{ RUN("curve-1024", 1024, 600, 300000), .curve = true },
	{ RUN("plain-1024-200", 1024, 200, 300000) },
	{ RUN("plain-1024-2000", 1024, 2000, 150000) },
	{ RUN("again-1024", 1024, 600, 200000), .again = true },
	{ RUN("classify-1", 1, 600, 4000), .classify = true },
	{ RUN("classify-64", 64, 600, 40000), .classify = true },
	{ RUN("classify-1024", 1024, 600, 150000), .classify = true,
	  .quick = true },
	/* What bounds it: one core's labels, and what it writes, written. */
	{ .id = "labels-1024",
	  .kind = RAW_LABELS,
	  .bytes = 600,
	  .events = 100000,
	  .quick = true },
	{ .id = "disk-1024",
	  .kind = RAW_DISK,
	  .events = 150000,
	  .quick = true },
	{ RUN("classify-4096", 4096, 600, 150000), .classify = true },
	{ RUN("classify-two-1024", 1024, 600, 150000), .classify = true,
	  .two = true },
};
#define VARIANTS (sizeof(variants) / sizeof(*variants))

static struct {
	int rounds;
	bool quick, exactly;
	const char *json, *worker, *texts, *only;
} opt = { .rounds = 5 };

static struct event_pool *pool_of(size_t bytes)
{
	static struct event_pool *pools[3];
	size_t at = bytes < 400 ? 0 : bytes < 1000 ? 1 : 2;

	if (!pools[at])
		pools[at] = event_pool_new(opt.texts, bytes);
	return pools[at];
}

/* Bytes an event in this round, or where it was left out as it mostly is. */
static double written_by(const char *id, int round)
{
	for (size_t i = 0; i < VARIANTS; i++)
		if (strcmp(variants[i].id, id) == 0 &&
		    variants[i].rounds[round].written > 0)
			return variants[i].rounds[round].written /
			       (double)variants[i].events;
	return 1500;
}

static struct measure run(const struct variant *v, int round)
{
	struct pipeline pipeline = {
		.worker = opt.worker,
		.workers = v->two ? 2 : v->workers,
		.window = v->window,
		.bytes = v->bytes,
		.events = v->events,
		.again = v->again ? v->events : 0,
		.classify = v->classify,
		.curve = v->curve,
	};

	switch (v->kind) {
	case RAW_ZEROMQ:
		return raw_zeromq(v->window, v->bytes, v->events, v->tcp);
	case RAW_SYNC:
		return raw_fdatasync((unsigned)v->events);
	case RAW_COMMIT:
		return raw_commit((unsigned)v->events);
	case RAW_DISK:
		return raw_disk(written_by("classify-1024", round),
				PART_OF_WINDOW, v->events);
	case RAW_LABELS:
		return raw_labels(pool_of(v->bytes), v->events);
	case PIPELINE:
		pipeline.pool = pool_of(v->bytes);
		return run_pipeline(&pipeline);
	}
	return (struct measure){ 0 };
}

static bool wanted(const struct variant *v)
{
	if (opt.only)
		return opt.exactly ? strcmp(v->id, opt.only) == 0
				   : strstr(v->id, opt.only) != NULL;
	return v->quick || !opt.quick;
}

/* ----------------------------------------------------------------- figures */

enum figure { RATE, P50, P99, RSS, CPU, SENDER, WRITTEN };

static double pick(const struct measure *measure, enum figure figure)
{
	switch (figure) {
	case RATE:
		return measure->rate;
	case P50:
		return measure->p50;
	case P99:
		return measure->p99;
	case RSS:
		return (double)measure->rss_kb / 1024;
	case CPU:
		return measure->cpu;
	case SENDER:
		return measure->sender;
	case WRITTEN:
		return measure->written;
	}
	return 0;
}

static double median(const struct variant *v, enum figure figure)
{
	double values[ROUNDS_MAX];

	for (int i = 0; i < opt.rounds; i++)
		values[i] = pick(&v->rounds[i], figure);
	return bench_median(values, (size_t)opt.rounds);
}

static void range(const struct variant *v, double *low, double *high)
{
	*low = *high = v->rounds[0].rate;
	for (int i = 1; i < opt.rounds; i++) {
		double rate = v->rounds[i].rate;

		*low = rate < *low ? rate : *low;
		*high = rate > *high ? rate : *high;
	}
}

static const struct variant *find(const char *id)
{
	for (size_t i = 0; i < VARIANTS; i++)
		if (strcmp(variants[i].id, id) == 0)
			return &variants[i];
	bench_die("no variant \"%s\"", id);
}

/* Ratios of rates, a over b; of the same round each, then their median. */
static const struct ratio {
	const char *a, *b, *about;
	double aim;       /* at least; 0: only told */
	const char * or ; /* or of this, where it is slower */
} RATIOS[] = {
	{ "plain-1024", "zeromq-ipc-1024",
	  "durable and acked, of the transport alone", 0.30, NULL },
	{ "classify-1024", "plain-1024", "with the classifier, of without", 0,
	  NULL },
	{ "classify-1024", "labels-1024",
	  "classified, of the slower of labels and disk", 0.8, "disk-1024" },
	{ "two-1024", "plain-1024", "two workers, of one", 0, NULL },
	{ "again-1024", "plain-1024", "duplicates, of first deliveries", 1.0,
	  NULL },
	{ "curve-1024", "plain-1024", "keys asked of all, of none", 0, NULL },
	{ "plain-4096", "plain-1024", "window 4,096, of 1,024", 0, NULL },
	{ "zeromq-tcp-1024", "zeromq-ipc-1024", "transport: tcp, of ipc", 0,
	  NULL },
};
#define RATIO_COUNT (sizeof(RATIOS) / sizeof(*RATIOS))

static double ratio_of(const struct ratio *r)
{
	const struct variant *a = find(r->a), *b = find(r->b);
	double values[ROUNDS_MAX];

	for (int i = 0; i < opt.rounds; i++) {
		double of = b->rounds[i].rate;

		if (r->or &&find(r->or)->rounds[i].rate < of)
			of = find(r->or)->rounds[i].rate;
		values[i] = a->rounds[i].rate / of;
	}
	return bench_median(values, (size_t)opt.rounds);
}

/* Window 1: the receipt's time over @times of @flush and one round trip. */
static double latency_ratio(const char *id, const char *flush, int times)
{
	const struct variant *event = find(id), *sync = find(flush),
			     *trip = find("zeromq-ipc-1");
	double values[ROUNDS_MAX];

	for (int i = 0; i < opt.rounds; i++)
		values[i] = event->rounds[i].p50 /
			    (times * sync->rounds[i].p50 + trip->rounds[i].p50);
	return bench_median(values, (size_t)opt.rounds);
}

/* ------------------------------------------------------------------ output */

static const struct latency {
	const char *id, *flush, *about;
	int times;
	double aim; /* at most; 0: only told */
} LATENCIES[] = {
	{ "plain-1", "fdatasync", "receipt at window 1, of 2 flushes + trip", 2,
	  1.50 },
	{ "plain-1", "commit", "the same, of its pages written + trip", 1, 0 },
	{ "curve-1", "fdatasync", "the same, keys asked of all", 2, 0 },
};
#define LATENCY_COUNT (sizeof(LATENCIES) / sizeof(*LATENCIES))

static void print_latency(const struct latency *l, json_t *out)
{
	char name[96];
	double ratio;

	if (!wanted(find(l->id)) || !wanted(find(l->flush)) ||
	    !wanted(find("zeromq-ipc-1")))
		return;
	ratio = latency_ratio(l->id, l->flush, l->times);
	printf("%-44s %6.2f", l->about, ratio);
	if (l->aim > 0)
		printf("  at most %.2f", l->aim);
	putchar('\n');
	if (l->times > 1)
		snprintf(name, sizeof(name), "%s/(%d %s + zeromq-ipc-1)", l->id,
			 l->times, l->flush);
	else
		snprintf(name, sizeof(name), "%s/(%s + zeromq-ipc-1)", l->id,
			 l->flush);
	json_object_set_new(out, name, json_real(ratio));
}

static void print_ratios(json_t *out)
{
	printf("%-44s %6s  %s\n", "ratio", "median", "aim");
	for (size_t i = 0; i < RATIO_COUNT; i++) {
		const struct ratio *r = &RATIOS[i];
		char name[96];

		if (!wanted(find(r->a)) || !wanted(find(r->b)) ||
		    (r->or &&!wanted(find(r->or))))
			continue;
		printf("%-44s %6.2f", r->about, ratio_of(r));
		if (r->aim > 0)
			printf("  at least %.2f", r->aim);
		putchar('\n');
		snprintf(name, sizeof(name), "%s/%s", r->a, r->b);
		json_object_set_new(out, name, json_real(ratio_of(r)));
	}
	for (size_t i = 0; i < LATENCY_COUNT; i++)
		print_latency(&LATENCIES[i], out);
}

/* Of the workers, or of who sends, an event: unlike rates it does not depend
 * on the load. */
static double cpu_us(const struct variant *v, enum figure who)
{
	return median(v, who) * 1e6 /
	       (double)(v->again ? 2 * v->events : v->events);
}

static void print_variant(const struct variant *v, json_t *out)
{
	double low, high;
	json_t *figures = json_object();

	range(v, &low, &high);
	printf("%-18s %10.0f %10.0f %10.0f", v->id, median(v, RATE), low, high);
	json_object_set_new(figures, "rate", json_real(median(v, RATE)));
	json_object_set_new(figures, "low", json_real(low));
	json_object_set_new(figures, "high", json_real(high));
	if (median(v, P50) > 0) {
		printf(" %8.0f", median(v, P50));
		json_object_set_new(figures, "p50_us",
				    json_real(median(v, P50)));
	} else {
		printf(" %8s", "");
	}
	if (median(v, P99) > 0) {
		printf(" %8.0f", median(v, P99));
		json_object_set_new(figures, "p99_us",
				    json_real(median(v, P99)));
	} else {
		printf(" %8s", "");
	}
	if (median(v, CPU) > 0) {
		printf(" %8.2f %8.2f", cpu_us(v, CPU), cpu_us(v, SENDER));
		json_object_set_new(figures, "cpu_us_per_event",
				    json_real(cpu_us(v, CPU)));
		json_object_set_new(figures, "sender_us_per_event",
				    json_real(cpu_us(v, SENDER)));
		json_object_set_new(
		    figures, "written_bytes_per_event",
		    json_real(median(v, WRITTEN) / (double)v->events));
	}
	if (median(v, RSS) > 0) {
		printf(" %7.1f", median(v, RSS));
		json_object_set_new(figures, "rss_mb",
				    json_real(median(v, RSS)));
	}
	putchar('\n');
	json_object_set_new(out, v->id, figures);
}

static void print_all(void)
{
	json_t *out = json_object(), *ratios = json_object(),
	       *rates = json_object();

	print_ratios(ratios);
	printf("\n%-18s %10s %10s %10s %8s %8s %8s %8s %7s\n", "", "per second",
	       "lowest", "highest", "p50 us", "p99 us", "cpu us", "sender",
	       "MB");
	for (size_t i = 0; i < VARIANTS; i++)
		if (wanted(&variants[i]))
			print_variant(&variants[i], rates);
	printf(
	    "\n%d rounds, interleaved; events durable before they are acked; "
	    "MB: a worker's\nhighest memory without mapped files. The disk "
	    "may burst: short runs flatter.\n",
	    opt.rounds);
	json_object_set_new(out, "schema",
			    json_string("soundings/bench-pipeline/1"));
	json_object_set_new(out, "rounds", json_integer(opt.rounds));
	json_object_set_new(out, "ratios", ratios);
	json_object_set_new(out, "figures", rates);
	if (opt.json && json_dump_file(out, opt.json, JSON_INDENT(2)) < 0)
		bench_die("cannot write \"%s\"", opt.json);
	json_decref(out);
}

static void parse(int argc, char *argv[])
{
	static const struct option known[] = {
		{ "json", required_argument, NULL, 'j' },
		{ "only", required_argument, NULL, 'o' },
		{ "quick", no_argument, NULL, 'q' },
		{ "rounds", required_argument, NULL, 'r' },
		{ NULL, 0, NULL, 0 },
	};
	int c;

	while ((c = getopt_long(argc, argv, "", known, NULL)) != -1) {
		switch (c) {
		case 'j':
			opt.json = optarg;
			break;
		case 'o':
			opt.only = optarg;
			break;
		case 'q':
			opt.quick = true;
			break;
		case 'r':
			opt.rounds = atoi(optarg);
			break;
		default:
			optind = argc;
		}
	}
	if (optind + 2 != argc || opt.rounds < 1 || opt.rounds > ROUNDS_MAX)
		bench_die("usage: bench_pipeline [--quick] [--rounds N] "
			  "[--only ID] [--json FILE] WORKER TEXTS");
	/* A whole name is that one alone. */
	for (size_t i = 0; opt.only && i < VARIANTS; i++)
		opt.exactly |= strcmp(variants[i].id, opt.only) == 0;
	opt.worker = argv[optind];
	opt.texts = argv[optind + 1];
}

int main(int argc, char *argv[])
{
	parse(argc, argv);
	for (int round = 0; round < opt.rounds; round++)
		for (size_t i = 0; i < VARIANTS; i++) {
			if (!wanted(&variants[i]))
				continue;
			fprintf(stderr, "\rround %d of %d: %-20s", round + 1,
				opt.rounds, variants[i].id);
			variants[i].rounds[round] = run(&variants[i], round);
		}
	fprintf(stderr, "\r%60s\r", "");
	print_all();
	return 0;
}
