/*
 * bench_events: events for benches, and small helps.
 */
#include "bench.h"

#include <err.h>
#include <jansson.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <soundings/feedback.h>
#include <soundings/identity.h>

#define VARIANTS 4096
#define ADDRESSES 20000
/* In the order of their times, as mail comes and exports are sorted. */
#define FIRST_SAID 1420070400
#define SECONDS_APART 30

void bench_die(const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	vwarnx(fmt, args);
	va_end(args);
	exit(1);
}

double bench_now(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static double seconds(const struct rusage *usage)
{
	return (double)(usage->ru_utime.tv_sec + usage->ru_stime.tv_sec) +
	       (double)(usage->ru_utime.tv_usec + usage->ru_stime.tv_usec) /
		   1e6;
}

double bench_cpu(void)
{
	struct rusage usage;

	getrusage(RUSAGE_SELF, &usage);
	return seconds(&usage);
}

double bench_wait(pid_t pid, int *status)
{
	struct rusage usage;

	if (wait4(pid, status, 0, &usage) < 0)
		bench_die("a process cannot be waited for");
	return seconds(&usage);
}

static int ascending(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

double bench_quantile(double *values, size_t n, double q)
{
	if (n == 0)
		return 0;
	qsort(values, n, sizeof(*values), ascending);
	return values[(size_t)(q * (double)(n - 1))];
}

double bench_median(const double *values, size_t n)
{
	double copy[ROUNDS_MAX];

	memcpy(copy, values, n * sizeof(*copy));
	return bench_quantile(copy, n, 0.5);
}

static long long proc_line(pid_t pid, const char *name, const char *line)
{
	char path[64], text[256];
	long long value = 0;
	FILE *file;

	snprintf(path, sizeof(path), "/proc/%ld/%s", (long)pid, name);
	file = fopen(path, "r");
	while (file && fgets(text, sizeof(text), file))
		if (strncmp(text, line, strlen(line)) == 0)
			value = strtoll(text + strlen(line), NULL, 10);
	if (file)
		fclose(file);
	return value;
}

long bench_vm(pid_t pid, const char *line)
{
	return (long)proc_line(pid, "status", line);
}

/* Not "write_bytes", which on file systems with large folios counts a whole
 * folio for each page of it. */
double bench_written(pid_t pid)
{
	return (double)proc_line(pid, "io", "wchar:");
}

void bench_folder(char out[64])
{
	const char *parent = getenv("TMPDIR");

	snprintf(out, 64, "%s/soundings-bench-XXXXXX",
		 parent && *parent ? parent : "/tmp");
	if (!mkdtemp(out))
		bench_die("cannot make folder \"%s\"", out);
}

void bench_remove(const char *folder)
{
	char command[128];

	snprintf(command, sizeof(command), "rm -rf '%s'", folder);
	if (system(command) != 0)
		warnx("\"%s\" is left behind", folder);
}

/* ------------------------------------------------------------------ events */

struct variant {
	uint8_t *bytes;
	size_t len;
	size_t identity, said; /* where they stand in bytes */
};

struct event_pool {
	struct variant variants[VARIANTS];
};

/* All bodies one after the other: a text of any length is a piece of it. */
static char *read_texts(const char *path, size_t *len)
{
	FILE *file = fopen(path, "r");
	char *line = NULL, *all = NULL;
	size_t cap = 0, used = 0;

	if (!file)
		bench_die("cannot read \"%s\"", path);
	while (getline(&line, &cap, file) > 0) {
		json_t *json = json_loads(line, 0, NULL);
		const char *body =
		    json_string_value(json_object_get(json, "body"));

		if (body) {
			all = realloc(all, used + strlen(body) + 2);
			if (!all)
				bench_die("no memory");
			used += (size_t)sprintf(all + used, "%s\n", body);
		}
		json_decref(json);
	}
	free(line);
	fclose(file);
	if (used < 65536)
		bench_die("\"%s\" holds too little text", path);
	*len = used;
	return all;
}

/* protobuf's sint64: zigzag, then seven bits a byte; five bytes for any time
 * from 1975 on, so that another can be put in its place. */
#define SAID_BYTES 5

static void put_said(uint8_t *out, int64_t said)
{
	uint64_t value = (uint64_t)said << 1;

	for (int i = 0; i < SAID_BYTES; i++, value >>= 7)
		out[i] =
		    (uint8_t)((value & 0x7f) | (i + 1 < SAID_BYTES ? 0x80 : 0));
}

static size_t find(const struct variant *variant, const void *what, size_t len)
{
	uint8_t *found = memmem(variant->bytes, variant->len, what, len);

	if (!found)
		bench_die("an encoded event is not as expected");
	return (size_t)(found - variant->bytes);
}

static void encode(struct variant *variant, const char *text, size_t len,
		   unsigned number)
{
	char address[64];
	struct sdg_feedback fb = {
		.source = SDG_SOURCE_MAIL,
		.said = FIRST_SAID,
		.received = 1456790400,
		.text = { text, sdg_text_cut(text, len + 4, len) },
	};
	struct sdg_error error;
	uint8_t said[SAID_BYTES];

	snprintf(address, sizeof(address), "r%u@school.example",
		 number * 7919U % ADDRESSES);
	fb.respondent.address = sdg_str(address);
	memset(fb.identity, 0xa5, sizeof(fb.identity));
	sdg_identity_content(fb.subject, fb.text, fb.content);
	variant->bytes = malloc(SDG_EVENT_MAX);
	if (!variant->bytes)
		bench_die("no memory");
	if (sdg_feedback_encode(&fb, variant->bytes, &variant->len, &error) < 0)
		bench_die("%s", error.message);
	variant->bytes = realloc(variant->bytes, variant->len);
	variant->identity = find(variant, fb.identity, sizeof(fb.identity));
	put_said(said, fb.said);
	variant->said = find(variant, said, sizeof(said));
}

struct event_pool *event_pool_new(const char *texts, size_t bytes)
{
	struct event_pool *pool = calloc(1, sizeof(*pool));
	size_t len, at, text = bytes > 160 ? bytes - 130 : 30;
	char *all = read_texts(texts, &len);

	if (!pool)
		bench_die("no memory");
	for (unsigned i = 0; i < VARIANTS; i++) {
		at = (size_t)i * 977 % (len - text - 8);
		/* Not in the middle of a character. */
		while (((unsigned char)all[at] & 0xc0) == 0x80)
			at++;
		encode(&pool->variants[i], all + at, text, i);
	}
	free(all);
	return pool;
}

void event_pool_free(struct event_pool *pool)
{
	if (!pool)
		return;
	for (unsigned i = 0; i < VARIANTS; i++)
		free(pool->variants[i].bytes);
	free(pool);
}

const uint8_t *event_pool_take(struct event_pool *pool, uint64_t number,
			       size_t *len)
{
	struct variant *variant = &pool->variants[number % VARIANTS];

	memcpy(variant->bytes + variant->identity, &number, sizeof(number));
	put_said(variant->bytes + variant->said,
		 FIRST_SAID + (int64_t)number * SECONDS_APART);
	*len = variant->len;
	return variant->bytes;
}
