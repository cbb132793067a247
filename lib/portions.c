/*
 * portions: one job of many alike items, done by several threads. It knows
 * nothing of what is done; errors are kept by who does it.
 */
#include "portions.h"

#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>
#include <unistd.h>

#define PORTION 16
/* Waking a helper costs about as much as a few items. */
#define ALONE 32

struct hand {
	struct portions *all;
	unsigned number;
	pthread_t thread;
};

struct portions {
	portions_fn *fn;
	void *arg;
	struct hand hands[PORTIONS_HANDS_MAX]; /* [0] is the caller */
	unsigned helpers;
	pthread_mutex_t lock;
	pthread_cond_t work, done;
	unsigned long job; /* counts them */
	unsigned busy;     /* helpers not yet through with it */
	bool ending, together;
	size_t count;
	atomic_size_t next;
};

static void take_portions(struct portions *p, unsigned hand)
{
	size_t from, to;

	while ((from = atomic_fetch_add(&p->next, PORTION)) < p->count) {
		to = from + PORTION < p->count ? from + PORTION : p->count;
		for (; from < to; from++)
			p->fn(p->arg, hand, from);
	}
}

static void *help(void *arg)
{
	const struct hand *hand = arg;
	struct portions *p = hand->all;
	unsigned long seen = 0;

	pthread_mutex_lock(&p->lock);
	for (;;) {
		while (p->job == seen && !p->ending)
			pthread_cond_wait(&p->work, &p->lock);
		if (p->ending)
			break;
		seen = p->job;
		pthread_mutex_unlock(&p->lock);
		take_portions(p, hand->number);
		pthread_mutex_lock(&p->lock);
		if (--p->busy == 0)
			pthread_cond_signal(&p->done);
	}
	pthread_mutex_unlock(&p->lock);
	return NULL;
}

void portions_begin(struct portions *p, size_t n)
{
	p->together = n >= ALONE && p->helpers > 0;
	p->count = n;
	atomic_store(&p->next, 0);
	if (!p->together)
		return;
	pthread_mutex_lock(&p->lock);
	p->job++;
	p->busy = p->helpers;
	pthread_cond_broadcast(&p->work);
	pthread_mutex_unlock(&p->lock);
}

void portions_finish(struct portions *p)
{
	take_portions(p, 0);
	if (!p->together)
		return;
	pthread_mutex_lock(&p->lock);
	while (p->busy > 0)
		pthread_cond_wait(&p->done, &p->lock);
	pthread_mutex_unlock(&p->lock);
}

void portions_do(struct portions *p, size_t n)
{
	portions_begin(p, n);
	portions_finish(p);
}

unsigned portions_helpers(void)
{
	long n = sysconf(_SC_NPROCESSORS_ONLN);

	if (n < 2)
		return 0;
	return n > PORTIONS_HANDS_MAX ? PORTIONS_HANDS_MAX - 1
				      : (unsigned)n - 1;
}

/* Signals are for the thread that serves. */
static bool start_helper(struct hand *hand)
{
	sigset_t all, before;
	int rc;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	rc = pthread_create(&hand->thread, NULL, help, hand);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	return rc == 0;
}

int portions_open(unsigned helpers, portions_fn *fn, void *arg,
		  struct portions **out, struct sdg_error *err)
{
	struct portions *p = calloc(1, sizeof(*p));

	if (!p)
		return sdg_fail(err, SDG_ENOMEM, "start threads: no memory");
	p->fn = fn;
	p->arg = arg;
	pthread_mutex_init(&p->lock, NULL);
	pthread_cond_init(&p->work, NULL);
	pthread_cond_init(&p->done, NULL);
	for (unsigned i = 1; i <= helpers && i < PORTIONS_HANDS_MAX; i++) {
		p->hands[i].all = p;
		p->hands[i].number = i;
		if (!start_helper(&p->hands[i]))
			break;
		p->helpers = i;
	}
	*out = p;
	return 0;
}

void portions_close(struct portions *p)
{
	if (!p)
		return;
	pthread_mutex_lock(&p->lock);
	p->ending = true;
	pthread_cond_broadcast(&p->work);
	pthread_mutex_unlock(&p->lock);
	for (unsigned i = 1; i <= p->helpers; i++)
		pthread_join(p->hands[i].thread, NULL);
	pthread_cond_destroy(&p->work);
	pthread_cond_destroy(&p->done);
	pthread_mutex_destroy(&p->lock);
	free(p);
}
