/*
 * aside: a thread that does one thing whenever it is told to. It knows
 * nothing of what is done.
 */
#include "aside.h"

#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

struct aside {
	aside_fn *fn;
	void *arg;
	int fd;
	pthread_t thread;
	bool started;
	pthread_mutex_t lock;
	pthread_cond_t work, done;
	enum { IDLE, BEGUN, DONE, ENDING } state;
	int rc;
	struct sdg_error err;
};

static void *run(void *arg)
{
	struct aside *a = arg;

	pthread_mutex_lock(&a->lock);
	for (;;) {
		while (a->state != BEGUN && a->state != ENDING)
			pthread_cond_wait(&a->work, &a->lock);
		if (a->state == ENDING)
			break;
		pthread_mutex_unlock(&a->lock);
		a->rc = a->fn(a->arg, &a->err);
		pthread_mutex_lock(&a->lock);
		a->state = DONE;
		pthread_cond_signal(&a->done);
		eventfd_write(a->fd, 1);
	}
	pthread_mutex_unlock(&a->lock);
	return NULL;
}

int aside_open(aside_fn *fn, void *arg, struct aside **out,
	       struct sdg_error *err)
{
	struct aside *a = calloc(1, sizeof(*a));
	sigset_t all, before;

	if (!a)
		return sdg_fail(err, SDG_ENOMEM, "start a thread: no memory");
	a->fn = fn;
	a->arg = arg;
	pthread_mutex_init(&a->lock, NULL);
	pthread_cond_init(&a->work, NULL);
	pthread_cond_init(&a->done, NULL);
	a->fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	/* Signals are for the thread that serves. */
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	a->started =
	    a->fd >= 0 && pthread_create(&a->thread, NULL, run, a) == 0;
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	if (!a->started) {
		aside_close(a);
		return sdg_fail(err, SDG_EIO, "start a thread");
	}
	*out = a;
	return 0;
}

void aside_close(struct aside *a)
{
	if (!a)
		return;
	if (a->started) {
		pthread_mutex_lock(&a->lock);
		a->state = ENDING;
		pthread_cond_signal(&a->work);
		pthread_mutex_unlock(&a->lock);
		pthread_join(a->thread, NULL);
	}
	if (a->fd >= 0)
		close(a->fd);
	pthread_cond_destroy(&a->done);
	pthread_cond_destroy(&a->work);
	pthread_mutex_destroy(&a->lock);
	free(a);
}

void aside_begin(struct aside *a)
{
	pthread_mutex_lock(&a->lock);
	a->state = BEGUN;
	pthread_cond_signal(&a->work);
	pthread_mutex_unlock(&a->lock);
}

int aside_fd(const struct aside *a)
{
	return a->fd;
}

bool aside_done(struct aside *a)
{
	bool done;

	pthread_mutex_lock(&a->lock);
	done = a->state == DONE;
	pthread_mutex_unlock(&a->lock);
	return done;
}

int aside_end(struct aside *a, struct sdg_error *err)
{
	eventfd_t times;

	pthread_mutex_lock(&a->lock);
	while (a->state != DONE)
		pthread_cond_wait(&a->done, &a->lock);
	a->state = IDLE;
	pthread_mutex_unlock(&a->lock);
	eventfd_read(a->fd, &times);
	if (err)
		*err = a->err;
	return a->rc;
}
