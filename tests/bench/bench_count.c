/*
 * bench_count: a fixed amount of work for callgrind to count instructions
 * in, which do not depend on the machine's load.
 *
 *	valgrind --tool=callgrind --collect-atstart=no \
 *		 --toggle-collect=counted bench_count WHAT TEXTS
 *
 * WHAT is classify, decode or apply. Only counted() is counted: not what is
 * opened before. Prints how many messages it was.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <soundings/classify.h>
#include <soundings/feedback.h>
#include <soundings/store.h>

#include "bench.h"

#define MESSAGES 1024
#define BATCH 256
#define BYTES 600

struct work {
	struct sdg_classifier *classifier;
	struct sdg_store *store;
	struct sdg_arena *arenas[BATCH];
	struct sdg_feedback fbs[BATCH];
	struct sdg_item items[BATCH];
	uint8_t digests[BATCH][16];
	uint8_t *events[MESSAGES];
	size_t lens[MESSAGES];
	const char *what;
};

static void decode(struct work *work, size_t first)
{
	struct sdg_error error;

	for (size_t i = 0; i < BATCH; i++) {
		sdg_arena_reset(work->arenas[i]);
		if (sdg_feedback_decode(work->events[first + i],
					work->lens[first + i], work->arenas[i],
					&work->fbs[i], &error) < 0)
			bench_die("%s", error.message);
	}
}

static void classify(struct work *work)
{
	struct sdg_labels labels;

	for (size_t i = 0; i < BATCH; i++)
		sdg_classify(work->classifier, &work->fbs[i], NULL, &labels,
			     NULL);
}

static void apply(struct work *work)
{
	struct sdg_error error;

	if (sdg_store_look(work->store, work->items, BATCH, &error) < 0 ||
	    sdg_store_apply(work->store, work->items, BATCH, &error) < 0)
		bench_die("%s", error.message);
}

/* Not inlined: callgrind knows it by its name. */
__attribute__((noinline)) void counted(struct work *work, size_t first);
void counted(struct work *work, size_t first)
{
	if (strcmp(work->what, "decode") == 0)
		decode(work, first);
	else if (strcmp(work->what, "classify") == 0)
		classify(work);
	else
		apply(work);
}

static void fill_items(struct work *work, size_t first)
{
	for (size_t i = 0; i < BATCH; i++) {
		struct sdg_item *item = &work->items[i];

		memset(item, 0, sizeof(*item));
		memcpy(work->digests[i], &(uint64_t){ first + i }, 8);
		item->fb = &work->fbs[i];
		item->raw = work->events[first + i];
		item->raw_len = work->lens[first + i];
		item->digest = work->digests[i];
		item->labels.kind = SDG_KIND_FEEDBACK;
		item->labels.region = (enum sdg_region)(1 + i % 9);
		item->labels.theme_count = 1;
	}
}

static void open_all(struct work *work, const char *folder)
{
	static const char *const frame[] = { "other" };
	struct sdg_home home;
	struct sdg_error error;

	setenv("SOUNDINGS_HOME", folder, 1);
	if (sdg_home_find(&home, &error) < 0 ||
	    sdg_home_prepare(&home, &error) < 0)
		bench_die("%s", error.message);
	if (strcmp(work->what, "classify") == 0 &&
	    sdg_classifier_open(NULL, &work->classifier, &error) < 0)
		bench_die("%s", error.message);
	if (strcmp(work->what, "apply") == 0 &&
	    (sdg_store_open(&home, SDG_STORE_WRITE, &work->store, &error) < 0 ||
	     sdg_store_use_frame(work->store, frame, 1, 1, &error) < 0))
		bench_die("%s", error.message);
}

static void make_events(struct work *work, const char *texts)
{
	struct event_pool *pool = event_pool_new(texts, BYTES);

	for (size_t i = 0; i < MESSAGES; i++) {
		const uint8_t *event = event_pool_take(pool, i, &work->lens[i]);

		work->events[i] = malloc(work->lens[i]);
		if (!work->events[i])
			bench_die("no memory");
		memcpy(work->events[i], event, work->lens[i]);
	}
	for (size_t i = 0; i < BATCH; i++)
		work->arenas[i] = sdg_arena_new(SDG_ARENA_EVENT);
	event_pool_free(pool);
}

int main(int argc, char *argv[])
{
	static struct work work;
	char folder[64];

	if (argc != 3)
		bench_die("usage: bench_count classify|decode|apply TEXTS");
	work.what = argv[1];
	make_events(&work, argv[2]);
	bench_folder(folder);
	open_all(&work, folder);
	for (size_t first = 0; first < MESSAGES; first += BATCH) {
		if (strcmp(work.what, "decode") != 0)
			decode(&work, first);
		fill_items(&work, first);
		counted(&work, first);
	}
	printf("%d\n", MESSAGES);
	sdg_store_close(work.store);
	sdg_classifier_close(work.classifier);
	for (size_t i = 0; i < MESSAGES; i++)
		free(work.events[i]);
	for (size_t i = 0; i < BATCH; i++)
		sdg_arena_free(work.arenas[i]);
	bench_remove(folder);
	return 0;
}
