/*
 * editions: which stretch of time under which version a person means.
 */
#ifndef CLI_EDITIONS_H
#define CLI_EDITIONS_H

#include "cli.h"

/**
 * edition_find - the last edition that @what names
 * @what: a version of frame and model (8 hexadecimal digits), a day, month
 *        or year (the last edition that began by its end), or @ and an
 *        edition's number
 *
 * Return 0, CLI_EUSAGE (it is none of these, or there is none), or what the
 * store says.
 */
int edition_find(struct sdg_store *store, const char *what,
		 struct sdg_edition *out, struct sdg_error *err);

/** edition_json - {"edition", "version", "began"} */
json_t *edition_json(const struct sdg_edition *edition);
#define VERSION_SIZE 9
/** version_hex - a version as people see it; returns @out */
const char *version_hex(uint32_t version, char out[VERSION_SIZE]);

#endif
