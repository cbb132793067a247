/* quarantine: letting through what was held. */
#ifndef CLI_QUARANTINE_H
#define CLI_QUARANTINE_H

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

/** quarantine_original_gone - remove it; @path is changed */
void quarantine_original_gone(char path[SDG_PATH_MAX + 80]);

/** quarantine_original - the message kept raw as @identity, made visible and
 *  cut where it is long; NULL when it cannot be read. Freed with free() */
char *quarantine_original(const struct sdg_home *home,
			  const uint8_t identity[32]);

#endif
