/*
 * bench_classify: messages a second on one core, and how long it takes to
 * open. Messages of 600 bytes are made from the corpus's own words, in
 * memory, before the clock starts. The clock is the processor's, which what
 * else runs on the machine moves least.
 *
 *     bench_classify CORPUS.jsonl [SECONDS]
 */
#include <err.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <soundings/classify.h>
#include <soundings/home.h>

#include "corpus.h"

#define MESSAGE_BYTES 600
#define MESSAGES_MAX 4096

struct messages {
	char (*texts)[MESSAGE_BYTES + 1];
	size_t count;
	size_t used; /* of the last */
};

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* Bodies one after the other, cut into messages of equal size. */
static int take(void *arg, const struct sdg_corpus *piece,
		struct sdg_error *error)
{
	struct messages *messages = arg;
	struct sdg_str text = piece->fb.text;

	(void)error;
	for (size_t i = 0; i < text.len; i++) {
		if (messages->count == MESSAGES_MAX)
			return 0;
		messages->texts[messages->count][messages->used++] = text.s[i];
		if (messages->used == MESSAGE_BYTES) {
			messages->used = 0;
			messages->count++;
		}
	}
	return 0;
}

static void run(struct sdg_classifier *classifier,
		const struct messages *messages, double seconds)
{
	double start = now(), spent;
	size_t done = 0, themes = 0;

	do {
		for (size_t i = 0; i < messages->count; i++) {
			struct sdg_feedback fb = {
				.source = SDG_SOURCE_MAIL,
				.text = { messages->texts[i], MESSAGE_BYTES },
			};
			struct sdg_labels labels;

			sdg_classify(classifier, &fb, NULL, &labels, NULL);
			themes += labels.theme_count;
		}
		done += messages->count;
		spent = now() - start;
	} while (spent < seconds);
	printf("classify   %9.0f messages/s of %d bytes  %6.1f MB/s  %5.2f us "
	       "a message  (%.2f themes)\n",
	       (double)done / spent, MESSAGE_BYTES,
	       (double)done * MESSAGE_BYTES / spent / 1e6,
	       spent / (double)done * 1e6, (double)themes / (double)done);
}

int main(int argc, char *argv[])
{
	struct messages messages = { 0 };
	struct sdg_classifier *classifier;
	struct sdg_error error = { 0 };
	char *text;
	size_t len;
	double start;

	if (argc < 2)
		errx(64, "usage: bench_classify CORPUS.jsonl [SECONDS]");
	messages.texts = calloc(MESSAGES_MAX, sizeof(*messages.texts));
	if (!messages.texts)
		err(75, "bench_classify");
	if (sdg_read_file(argv[1], 1 << 28, &text, &len, &error) < 0 ||
	    sdg_corpus_each(text, len, argv[1], take, &messages, &error) < 0)
		errx(65, "%s", error.message);
	if (messages.count == 0)
		errx(65, "'%s' holds less than one message", argv[1]);
	start = now();
	if (sdg_classifier_open(NULL, &classifier, &error) < 0)
		errx(65, "%s", error.message);
	printf("open       %9.2f ms\n", (now() - start) * 1e3);
	run(classifier, &messages, 0.2); /* warm */
	run(classifier, &messages, argc > 2 ? atof(argv[2]) : 2);
	sdg_classifier_close(classifier);
	free(messages.texts);
	free(text);
	return 0;
}
