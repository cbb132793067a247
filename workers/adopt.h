/*
 * adopt: raw mail that was kept, but of which no worker ever heard.
 */
#ifndef ADOPT_H
#define ADOPT_H

#include <soundings/home.h>
#include <soundings/store.h>

/**
 * adopt_raw_mail - set aside each file of spool/incoming that has no event
 * @count: how many were
 *
 * A hook keeps what it cannot read before it says so; killed between the
 * two, and never asked again, it leaves a file that nobody would see. The
 * event it meant to send lies beside it, and is taken as if it had come.
 * Files younger than a minute are somebody's work in hand.
 */
int adopt_raw_mail(const struct sdg_home *home, struct sdg_store *store,
		   size_t *count, struct sdg_error *err);

#endif
