/*
 * follow: the frame in force, which gives the labels: used by the store from
 * the start, and changed for another once that was adopted.
 */
#ifndef FOLLOW_H
#define FOLLOW_H

#include <stdbool.h>
#include <sys/stat.h>
#include <time.h>

#include <soundings/home.h>
#include <soundings/store.h>

#include "crew.h"

struct follow {
	struct stat frame; /* of what names the frame in force */
	time_t looked;     /* for another */
	bool waits;        /* another was told of that waits */
};

/** follow_begin - before the first crew is opened: from here on it is seen
 *  when another frame comes into force */
void follow_begin(struct follow *follow, const struct sdg_home *home);

/** follow_use - the themes that @crew's labels mean; NULL: one */
int follow_use(struct sdg_store *store, const struct crew *crew,
	       struct sdg_error *err);

/**
 * follow_look - is another frame in force? Once a second at most
 * @crew: replaced by one of as many @helpers when there is
 *
 * True when it was. One that cannot be read is no reason to stop: the last
 * one goes on. One that the store has no room or no time for is tried again.
 */
bool follow_look(struct follow *follow, const struct sdg_home *home,
		 struct sdg_store *store, unsigned helpers, struct crew **crew);

#endif
