/*
 * crew: labelling by several hands. Only labelling: everything about the
 * store stays with one thread, as its handle wants.
 *
 * A batch is cut into portions that whoever is free takes next, so that one
 * long message holds up nobody but its own hand.
 */
#include "crew.h"

#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>

#define HELPERS_MAX 7
#define PORTION 16
/* Waking a helper costs about as much as labelling a few messages. */
#define ALONE 32

struct hand {
	struct crew *crew;
	struct sdg_classifier *classifier;
	pthread_t thread;
	bool runs;
};

struct crew {
	struct hand hands[1 + HELPERS_MAX]; /* [0] is the caller */
	unsigned helpers;
	pthread_mutex_t lock;
	pthread_cond_t work, done;
	unsigned long job;  /* counts them */
	unsigned labelling; /* helpers not yet through with it */
	bool ending;
	struct sdg_item *items;
	size_t count;
	atomic_size_t next;
};

static void label_portions(struct hand *hand)
{
	struct crew *crew = hand->crew;
	size_t from, to;

	while ((from = atomic_fetch_add(&crew->next, PORTION)) < crew->count) {
		to =
		    from + PORTION < crew->count ? from + PORTION : crew->count;
		for (; from < to; from++) {
			struct sdg_item *item = &crew->items[from];

			if (item->fb && !item->seen)
				sdg_classify(hand->classifier, item->fb,
					     &item->known, &item->labels, NULL);
		}
	}
}

static void *help(void *arg)
{
	struct hand *hand = arg;
	struct crew *crew = hand->crew;
	unsigned long seen = 0;

	pthread_mutex_lock(&crew->lock);
	for (;;) {
		while (crew->job == seen && !crew->ending)
			pthread_cond_wait(&crew->work, &crew->lock);
		if (crew->ending)
			break;
		seen = crew->job;
		pthread_mutex_unlock(&crew->lock);
		label_portions(hand);
		pthread_mutex_lock(&crew->lock);
		if (--crew->labelling == 0)
			pthread_cond_signal(&crew->done);
	}
	pthread_mutex_unlock(&crew->lock);
	return NULL;
}

void crew_label(struct crew *crew, struct sdg_item *items, size_t n)
{
	bool together = n >= ALONE && crew->helpers > 0;

	crew->items = items;
	crew->count = n;
	atomic_store(&crew->next, 0);
	if (together) {
		pthread_mutex_lock(&crew->lock);
		crew->job++;
		crew->labelling = crew->helpers;
		pthread_cond_broadcast(&crew->work);
		pthread_mutex_unlock(&crew->lock);
	}
	label_portions(&crew->hands[0]);
	if (!together)
		return;
	pthread_mutex_lock(&crew->lock);
	while (crew->labelling > 0)
		pthread_cond_wait(&crew->done, &crew->lock);
	pthread_mutex_unlock(&crew->lock);
}

/* Signals are for the thread that serves. */
static int start_helper(struct hand *hand, struct sdg_error *err)
{
	sigset_t all, before;
	int rc;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	rc = pthread_create(&hand->thread, NULL, help, hand);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	if (rc != 0)
		return sdg_fail(err, SDG_EAGAIN, "start a thread to label");
	hand->runs = true;
	return 0;
}

int crew_open(unsigned helpers, struct crew **out, struct sdg_error *err)
{
	struct crew *crew = calloc(1, sizeof(*crew));
	int rc = 0;

	if (!crew)
		return sdg_fail(err, SDG_ENOMEM, "open the classifier");
	crew->helpers = helpers > HELPERS_MAX ? HELPERS_MAX : helpers;
	pthread_mutex_init(&crew->lock, NULL);
	pthread_cond_init(&crew->work, NULL);
	pthread_cond_init(&crew->done, NULL);
	for (unsigned i = 0; rc == 0 && i <= crew->helpers; i++) {
		crew->hands[i].crew = crew;
		rc = sdg_classifier_open(&(struct sdg_classifier_options){ 0 },
					 &crew->hands[i].classifier, err);
		if (rc == 0 && i > 0)
			rc = start_helper(&crew->hands[i], err);
	}
	if (rc < 0) {
		crew_close(crew);
		return rc;
	}
	*out = crew;
	return 0;
}

void crew_close(struct crew *crew)
{
	if (!crew)
		return;
	pthread_mutex_lock(&crew->lock);
	crew->ending = true;
	pthread_cond_broadcast(&crew->work);
	pthread_mutex_unlock(&crew->lock);
	for (unsigned i = 0; i <= crew->helpers; i++) {
		if (crew->hands[i].runs)
			pthread_join(crew->hands[i].thread, NULL);
		sdg_classifier_close(crew->hands[i].classifier);
	}
	pthread_cond_destroy(&crew->work);
	pthread_cond_destroy(&crew->done);
	pthread_mutex_destroy(&crew->lock);
	free(crew);
}

const struct sdg_classifier *crew_classifier(const struct crew *crew)
{
	return crew->hands[0].classifier;
}
