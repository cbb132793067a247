/*
 * bench_region: microseconds a message for region and role together.
 *
 * usage: bench_region FILE.jsonl [ROUNDS]
 *
 * Every message of FILE is resolved ROUNDS times, as it is and with its text
 * made 600 bytes long (repeated or cut), one thread, processor time. Not a
 * test.
 */
#include <err.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "classify_internal.h"
#include "corpus.h"

#define PIECES_MAX 2000
#define LENGTH 600

static struct sdg_feedback pieces[PIECES_MAX];
static char *texts[PIECES_MAX];
static size_t count;

static struct sdg_str keep(struct sdg_str s)
{
	char *copy = malloc(s.len + 1);

	if (!copy)
		err(1, "malloc");
	if (s.len)
		memcpy(copy, s.s, s.len);
	return (struct sdg_str){ copy, s.len };
}

static int take(void *arg, const struct sdg_corpus *piece, struct sdg_error *e)
{
	struct sdg_feedback *fb = &pieces[count];

	(void)arg;
	(void)e;
	if (count == PIECES_MAX)
		return 0;
	*fb = piece->fb;
	fb->text = keep(fb->text);
	fb->subject = keep(fb->subject);
	fb->signature = keep(fb->signature);
	fb->respondent.address = keep(fb->respondent.address);
	fb->respondent.name = keep(fb->respondent.name);
	fb->respondent.role = keep(fb->respondent.role);
	fb->respondent.phase = keep(fb->respondent.phase);
	fb->respondent.region = keep(fb->respondent.region);
	fb->note.representative = keep(fb->note.representative);
	fb->note.constituency = keep(fb->note.constituency);
	count++;
	return 0;
}

static double seconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static void measure(const char *what, int rounds)
{
	size_t bytes = 0, known = 0, n = 0;
	double start = seconds(), took;

	for (int round = 0; round < rounds; round++)
		for (size_t i = 0; i < count; i++) {
			struct sdg_labels labels = { 0 };

			sdg_region_resolve(&pieces[i], NULL, NULL, &labels,
					   NULL);
			sdg_role_resolve(&pieces[i], NULL, NULL, &labels, NULL);
			known += labels.region != SDG_REGION_UNKNOWN;
			bytes += pieces[i].text.len;
			n++;
		}
	took = seconds() - start;
	printf("%s: %.2f us a message, %zu messages of %zu bytes, "
	       "region known for %zu %%\n",
	       what, took / (double)n * 1e6, n, bytes / n, known * 100 / n);
}

static void make_length(void)
{
	for (size_t i = 0; i < count; i++) {
		char *text = texts[i] = malloc(LENGTH);
		struct sdg_str from = pieces[i].text;

		if (!text)
			err(1, "malloc");
		for (size_t n = 0; n < LENGTH; n++)
			text[n] = from.len ? from.s[n % from.len] : ' ';
		pieces[i].text = (struct sdg_str){ text, LENGTH };
	}
}

int main(int argc, char *argv[])
{
	struct sdg_error error = { 0 };
	static char text[8 << 20];
	int rounds = argc > 2 ? atoi(argv[2]) : 100;
	FILE *file;
	size_t len;

	if (argc < 2)
		errx(64, "usage: bench_region FILE.jsonl [ROUNDS]");
	file = fopen(argv[1], "r");
	if (!file)
		err(1, "%s", argv[1]);
	len = fread(text, 1, sizeof(text), file);
	fclose(file);
	if (sdg_corpus_each(text, len, argv[1], take, NULL, &error) < 0)
		errx(1, "%s", error.message);
	if (count == 0)
		errx(1, "%s: no messages", argv[1]);
	measure("as they are", rounds);
	make_length();
	measure("600 bytes", rounds);
	return 0;
}
