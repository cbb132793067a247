/*
 * bench_store: how fast a store takes events in, and how large it grows.
 *
 *	bench_store [-b BATCH] [-d DAYS] [-f FILE] [-k] [-m MEMBERS] [-n]
 *		    [-p PARENT] [-r] [-t TEXT] [-v] [EVENTS]
 *
 * Everything is as in a worker but for bus and classification: a batch is
 * sealed while the one before is looked up, applied and committed. Labels are
 *made up: one to three themes of sixteen, nine regions; -n: none, as with
 *classification off. -f: texts are sentences drawn from FILE, else they are
 *nearly all alike. -k keeps the folder, for SOUNDINGS_HOME. Prints a line for
 *every tenth of the events, then what reports cost; -r holds the rate against
 *the disk's, a gigabyte of it; -v verifies at the end.
 */
#include <err.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <soundings/store.h>
#include <soundings/text.h>

#include "../../workers/aside.h"
#include "../tools/default_frame.h"

#define THEMES DEFAULT_FRAME_COUNT
#define RAW_BYTES (1UL << 30)

struct options {
	unsigned long events, batch, members, text;
	int days;
	const char *parent, *file;
	bool disk, keep, unlabelled, verify;
};

static struct options opt = {
	.events = 500000,
	.batch = 1024,
	.members = 25000,
	.text = 560,
	.days = 365,
	.parent = "/tmp",
};

struct piece {
	struct sdg_feedback fb;
	char address[40];
	uint8_t digest[16];
	char text[3072];
};

/* The last of them is yesterday: what lies in the future is no date. */
static int first_day;
static char words[4096];
static uint64_t seed = 1;

static double now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
}

static unsigned dice(unsigned n)
{
	seed = seed * 6364136223846793005ULL + 1442695040888963407ULL;
	return (unsigned)(seed >> 33) % n;
}

static void fill_labels(struct sdg_labels *labels)
{
	labels->kind = SDG_KIND_FEEDBACK;
	labels->region = SDG_REGION_UNKNOWN;
	if (opt.unlabelled)
		return;
	labels->region = (enum sdg_region)(1 + dice(9));
	labels->stance = (enum sdg_stance)dice(SDG_STANCE_COUNT);
	labels->role = (enum sdg_role)dice(6);
	labels->theme_count = (uint8_t)(1 + dice(3));
	labels->themes[0] = (uint8_t)dice(THEMES);
	labels->themes[1] = (uint8_t)((labels->themes[0] + 3) % THEMES);
	labels->themes[2] = (uint8_t)((labels->themes[0] + 7) % THEMES);
}

/* Where sentences begin in the file. */
static char *passages;
static size_t *sentences, sentence_count;

static void read_file(const char *path)
{
	FILE *file = fopen(path, "r");
	size_t len = 0, cap = 1 << 24;

	passages = calloc(1, cap);
	sentences = calloc(cap / 16, sizeof(*sentences));
	if (!file || !passages || !sentences)
		err(1, "%s", path);
	len = fread(passages, 1, cap - 1, file);
	fclose(file);
	for (size_t i = 1; i < len && sentence_count < cap / 16; i++)
		if (passages[i] == ' ' && passages[i - 1] == '.')
			sentences[sentence_count++] = i + 1;
	if (sentence_count < 2)
		errx(1, "\"%s\" holds too few sentences", path);
}

static struct sdg_str draw_text(struct piece *p)
{
	size_t len = 0;

	if (!passages)
		return (struct sdg_str){ words + dice(1024), opt.text };
	while (len < opt.text) {
		size_t i = dice((unsigned)sentence_count - 1);
		size_t n = sentences[i + 1] - sentences[i];

		n = n > opt.text - len ? opt.text - len : n;
		memcpy(p->text + len, passages + sentences[i], n);
		len += n;
	}
	return (struct sdg_str){ p->text, sdg_text_cut(p->text, len, len) };
}

static void fill(struct piece *p, struct sdg_item *item, unsigned long n)
{
	double at = (double)n / (double)opt.events * opt.days;

	p->fb.source = dice(2) ? SDG_SOURCE_MAIL : SDG_SOURCE_SURVEY;
	p->fb.said = (int64_t)((first_day + at) * 86400);
	p->fb.received = p->fb.said + 30;
	p->fb.text = draw_text(p);
	snprintf(p->address, sizeof(p->address), "member%u@school.example",
		 dice((unsigned)opt.members));
	p->fb.respondent.address = sdg_str(p->address);
	memcpy(p->fb.identity, &n, sizeof(n));
	memcpy(p->digest, &n, sizeof(n));
	memset(item, 0, sizeof(*item));
	item->fb = &p->fb;
	item->raw = (const uint8_t *)words;
	item->raw_len = opt.text;
	item->digest = p->digest;
	fill_labels(&item->labels);
}

/* The themes of the frame that ships, so that all can be asked of the store
 * that -k keeps. */
static void use_frame(struct sdg_store *store)
{
	struct sdg_error error;

	if (sdg_store_use_frame(store, DEFAULT_FRAME, DEFAULT_FRAME_COUNT, 1,
				&error) < 0)
		errx(1, "%s", error.message);
}

static double file_mb(const struct sdg_home *home)
{
	char path[SDG_PATH_MAX + 16];
	struct stat st;

	snprintf(path, sizeof(path), "%s/data.mdb", home->store);
	if (stat(path, &st) < 0)
		err(1, "%s", path);
	return (double)st.st_size / 1e6;
}

/* Memory of the process's own, without pages of the store's map. */
static double own_mb(void)
{
	FILE *file = fopen("/proc/self/status", "r");
	char line[128];
	long kb = 0;

	if (!file)
		err(1, "/proc/self/status");
	while (fgets(line, sizeof(line), file))
		if (sscanf(line, "RssAnon: %ld", &kb) == 1)
			break;
	fclose(file);
	return (double)kb / 1e3;
}

/*
 * What this process has passed to write() so far. Not ru_oublock, which on
 * file systems with large folios counts a folio for each page of it.
 */
static double written(void)
{
	FILE *file = fopen("/proc/self/io", "r");
	unsigned long long bytes = 0;
	char line[128];

	if (!file)
		err(1, "/proc/self/io");
	while (fgets(line, sizeof(line), file))
		if (sscanf(line, "wchar: %llu", &bytes) == 1)
			break;
	fclose(file);
	return (double)bytes;
}

/* A batch: one is filled and sealed while the other is counted. */
struct stage {
	struct piece *pieces;
	struct sdg_item *items;
	size_t n;
	struct sdg_prepared *prepared;
	struct sdg_store *store;
};

static void stage_open(struct stage *stage, struct sdg_store *store,
		       const struct sdg_home *home)
{
	struct sdg_error error;

	stage->store = store;
	stage->pieces = calloc(opt.batch, sizeof(*stage->pieces));
	stage->items = calloc(opt.batch, sizeof(*stage->items));
	if (!stage->pieces || !stage->items)
		err(1, NULL);
	if (sdg_prepared_new(home->keys, &stage->prepared, &error) < 0)
		errx(1, "%s", error.message);
}

static void stage_close(struct stage *stage)
{
	sdg_prepared_free(stage->prepared);
	free(stage->items);
	free(stage->pieces);
}

static void stage_fill(struct stage *stage, unsigned long done)
{
	struct sdg_error error;

	stage->n =
	    opt.events - done < opt.batch ? opt.events - done : opt.batch;
	sdg_prepared_clear(stage->prepared);
	for (size_t i = 0; i < stage->n; i++)
		fill(&stage->pieces[i], &stage->items[i], done + i);
	if (sdg_prepare(stage->prepared, stage->items, stage->n, &error) < 0)
		errx(1, "%s", error.message);
}

/* What the worker's other thread does. */
static int stage_count(void *arg, struct sdg_error *error)
{
	struct stage *stage = *(struct stage **)arg;
	int rc = sdg_store_look(stage->store, stage->items, stage->n, error);

	if (rc == 0)
		rc = sdg_store_apply_prepared(stage->store, stage->prepared,
					      stage->items, stage->n, error);
	return rc;
}

/* Events a second, the time to make them up included. */
static double load(struct sdg_store *store, const struct sdg_home *home)
{
	struct stage stages[2], *counting = &stages[0], *filling = &stages[1];
	double first = now(), begin = first;
	unsigned long done = 0, printed = 0;
	struct sdg_error error;
	struct aside *counter;

	for (int i = 0; i < 2; i++)
		stage_open(&stages[i], store, home);
	if (aside_open(stage_count, &counting, &counter, &error) < 0)
		errx(1, "%s", error.message);
	stage_fill(filling, 0);
	while (filling->n > 0) {
		struct stage *next = counting;

		counting = filling;
		filling = next;
		aside_begin(counter);
		stage_fill(filling, done + counting->n);
		if (aside_end(counter, &error) < 0)
			errx(1, "%s", error.message);
		done += counting->n;
		if ((done - printed) * 10 < opt.events && done < opt.events)
			continue;
		printf("%9lu events, %8.0f/s, file %8.1f MB, own memory "
		       "%5.1f MB\n",
		       done, (double)(done - printed) / (now() - begin),
		       file_mb(home), own_mb());
		printed = done;
		begin = now();
	}
	printf(
	    "made up, sealed, looked up and applied: %.0f events/s over all\n",
	    (double)opt.events / (now() - first));
	aside_close(counter);
	for (int i = 0; i < 2; i++)
		stage_close(&stages[i]);
	return (double)opt.events / (now() - first);
}

/* Bytes written an event. */
static double sizes(const struct sdg_home *home)
{
	double file = file_mb(home) * 1e6, bytes = written();
	struct rusage usage;

	getrusage(RUSAGE_SELF, &usage);
	printf(
	    "file: %.1f MB, %.0f bytes an event; written %.0f bytes an "
	    "event; processor %.2f us an event\n",
	    file / 1e6, file / (double)opt.events, bytes / (double)opt.events,
	    ((double)usage.ru_utime.tv_sec + (double)usage.ru_stime.tv_sec +
	     (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6) *
		1e6 / (double)opt.events);
	return bytes / (double)opt.events;
}

/*
 * What the disk gives for ever to who writes as many bytes a batch, one after
 * the other, and syncs: measured right after the load, when a burst is over.
 */
static void disk_limit(const char *dir, double rate, double bytes)
{
	size_t chunk = (size_t)(bytes * (double)opt.batch), done = 0;
	double begin, spent, limit;
	char path[600], *block = malloc(chunk);
	int fd;

	snprintf(path, sizeof(path), "%s/raw", dir);
	fd = open(path, O_CREAT | O_WRONLY | O_EXCL, 0600);
	if (fd < 0 || !block)
		err(1, "%s", path);
	memset(block, 'a', chunk);
	begin = now();
	while (done < RAW_BYTES) {
		if (write(fd, block, chunk) != (ssize_t)chunk ||
		    fdatasync(fd) < 0)
			err(1, "%s", path);
		done += chunk;
	}
	spent = now() - begin;
	limit = (double)done / spent / bytes;
	printf("disk: %.0f MB/s in synced batches of %.1f MB, %.0f events/s; "
	       "the store's rate is %.2f of it\n",
	       (double)done / spent / 1e6, (double)chunk / 1e6, limit,
	       rate / limit);
	close(fd);
	unlink(path);
	free(block);
}

static void report(struct sdg_store *store, const char *what,
		   const struct sdg_query *query)
{
	struct sdg_result result;
	struct sdg_error error;
	double begin = now();

	if (sdg_store_report(store, query, &result, &error) < 0)
		errx(1, "%s", error.message);
	printf("report, %-26s %8.2f ms, %zu rows, %llu messages, %llu "
	       "respondents\n",
	       what, (now() - begin) * 1e3, result.row_count,
	       (unsigned long long)result.totals.messages,
	       (unsigned long long)result.totals.respondents);
	sdg_result_fini(&result);
}

static void reports(struct sdg_store *store)
{
	struct sdg_query q = { .dims = { SDG_DIM_REGION, SDG_DIM_THEME },
			       .dim_count = 2 };

	for (int twice = 0; twice < 2; twice++)
		report(store, "region by theme", &q);
	q.filter.since_day = first_day + 10;
	q.filter.until_day = first_day + opt.days - 10;
	report(store, "region by theme, edge days", &q);
	q = (struct sdg_query){ .dim_count = 0 };
	report(store, "totals", &q);
	q.dims[0] = SDG_DIM_ROLE;
	q.dim_count = 1;
	report(store, "role, from labels", &q);
}

static void verify(struct sdg_store *store)
{
	struct sdg_verify v;
	struct sdg_error error;
	double begin = now();

	if (sdg_store_verify(store, NULL, NULL, &v, &error) < 0)
		errx(1, "%s", error.message);
	printf("verify: %.2f s, %llu records, %llu faults\n", now() - begin,
	       (unsigned long long)v.records, (unsigned long long)v.faults);
}

static void parse_options(int argc, char *argv[])
{
	int c;

	while ((c = getopt(argc, argv, "b:d:f:km:np:rt:v")) != -1) {
		switch (c) {
		case 'b':
			opt.batch = strtoul(optarg, NULL, 10);
			break;
		case 'd':
			opt.days = atoi(optarg);
			break;
		case 'f':
			opt.file = optarg;
			break;
		case 'k':
			opt.keep = true;
			break;
		case 'm':
			opt.members = strtoul(optarg, NULL, 10);
			break;
		case 'n':
			opt.unlabelled = true;
			break;
		case 'p':
			opt.parent = optarg;
			break;
		case 'r':
			opt.disk = true;
			break;
		case 't':
			opt.text = strtoul(optarg, NULL, 10);
			break;
		case 'v':
			opt.verify = true;
			break;
		default:
			exit(64);
		}
	}
	if (optind < argc)
		opt.events = strtoul(argv[optind], NULL, 10);
	if (!opt.events || !opt.batch || !opt.members || opt.days < 1 ||
	    opt.text > sizeof(words) - 1024)
		errx(64,
		     "usage: bench_store [-b BATCH] [-d DAYS] [-f FILE] [-k] "
		     "[-m MEMBERS] [-n] [-p PARENT] [-r] [-t TEXT] [-v] "
		     "[EVENTS]");
}

int main(int argc, char *argv[])
{
	char dir[512], command[600];
	struct sdg_home home = { 0 };
	struct sdg_store *store;
	struct sdg_error error;
	double rate, bytes;

	parse_options(argc, argv);
	first_day = (int)(time(NULL) / 86400) - opt.days;
	snprintf(dir, sizeof(dir), "%s/bench-store-XXXXXX", opt.parent);
	if (!mkdtemp(dir))
		err(1, "%s", dir);
	snprintf(home.store, sizeof(home.store), "%s/store", dir);
	snprintf(home.keys, sizeof(home.keys), "%s/keys", dir);
	for (size_t i = 0; i < sizeof(words); i++)
		words[i] = (char)(i % 7 ? 'a' + i * 11 % 26 : ' ');
	if (sdg_store_open(&home, SDG_STORE_WRITE, &store, &error) < 0)
		errx(1, "%s", error.message);
	if (opt.file)
		read_file(opt.file);
	use_frame(store);
	rate = load(store, &home);
	bytes = sizes(&home);
	if (opt.disk)
		disk_limit(dir, rate, bytes);
	reports(store);
	if (opt.verify)
		verify(store);
	sdg_store_close(store);
	if (opt.keep) {
		printf("kept: %s\n", dir);
		return 0;
	}
	snprintf(command, sizeof(command), "rm -rf %s", dir);
	return system(command) == 0 ? 0 : 1;
}
