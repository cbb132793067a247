/*
 * aside: one thing done by another thread, while the caller goes on.
 */
#ifndef ASIDE_H
#define ASIDE_H

#include <stdbool.h>

#include <soundings/error.h>

/* What is done; its result and error are aside_end()'s. */
typedef int aside_fn(void *arg, struct sdg_error *err);

struct aside;

/** aside_open - the thread; it takes no signals */
int aside_open(aside_fn *fn, void *arg, struct aside **out,
	       struct sdg_error *err);
/** aside_close - NULL allowed; what was begun must have ended */
void aside_close(struct aside *aside);

/** aside_begin - let it be done once; nothing may be under way */
void aside_begin(struct aside *aside);
/** aside_fd - can be read from once it is done, until aside_end() */
int aside_fd(const struct aside *aside);
bool aside_done(struct aside *aside);
/** aside_end - wait for it to be done */
int aside_end(struct aside *aside, struct sdg_error *err);

#endif
