/* quarantine: letting through what was held. */
#ifndef CLI_QUARANTINE_H
#define CLI_QUARANTINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <soundings/error.h>
#include <soundings/home.h>

/**
 * quarantine_send_held - the note that @raw, a quarantined event, stands for
 * @path: set to where its original is
 *
 * Return 0 when all of it is acknowledged, SDG_EINVAL: no held note,
 * SDG_EAGAIN: not taken.
 */
int quarantine_send_held(const struct sdg_home *home, const void *raw,
			 size_t len, char path[SDG_PATH_MAX + 80],
			 struct sdg_error *err);

struct sdg_feedback;
/** quarantine_taken - what @fb stood for is in the store, or was dropped: its
 *  original, if one was kept, goes */
void quarantine_taken(const struct sdg_home *home,
		      const struct sdg_feedback *fb);

/**
 * quarantine_read_again - the original of @fb, which could not be read, is
 * read and sent again; false: there is none, or nobody took it
 */
bool quarantine_read_again(const struct sdg_home *home,
			   const struct sdg_feedback *fb);

/**
 * quarantine_retry - offer what is held again: that which @prefix names, or
 * all; @passing: that alone whose cause may have passed, once an hour.
 * Returns the exit status
 */
int quarantine_retry(const struct sdg_home *home, const char *prefix,
		     bool passing);

/** quarantine_original_gone - remove it; @path is changed */
void quarantine_original_gone(char path[SDG_PATH_MAX + 80]);

/** quarantine_original - the message kept raw as @identity, made visible and
 *  cut where it is long; NULL when it cannot be read. Freed with free() */
char *quarantine_original(const struct sdg_home *home,
			  const uint8_t identity[32]);

#endif
