/*
 * portions: one job of many alike items, done by several threads.
 *
 * The caller's thread is hand 0 and works too; helpers take portions of what
 * is left, so that one long item holds up nobody but its own hand. Which
 * hand did an item is chance: what is made of it must not depend on that.
 */
#ifndef PORTIONS_H
#define PORTIONS_H

#include <stddef.h>

#include <soundings/error.h>

#define PORTIONS_HANDS_MAX 8

typedef void portions_fn(void *arg, unsigned hand, size_t item);

struct portions;

/**
 * portions_open - @helpers threads beside the caller's
 *
 * Threads that cannot be had are done without. They take no signals. Return
 * 0, or SDG_ENOMEM.
 */
int portions_open(unsigned helpers, portions_fn *fn, void *arg,
		  struct portions **out, struct sdg_error *err);
void portions_close(struct portions *portions);

/** portions_do - items 0 to @n - 1; returns when the last is done */
void portions_do(struct portions *portions, size_t n);

/**
 * portions_begin, portions_finish - the same in two steps
 *
 * Between them helpers are at work, and the caller may do something else,
 * but begin nothing here. What was begun must be finished.
 */
void portions_begin(struct portions *portions, size_t n);
void portions_finish(struct portions *portions);

/** portions_helpers - as many as there are processors beside this one */
unsigned portions_helpers(void);

#endif
