/*
 * What export and import agree on: the names of an event's numbers.
 */
#ifndef SOUNDINGS_STORE_EXPORT_H
#define SOUNDINGS_STORE_EXPORT_H

#include "store_internal.h"

#define EXPORT_SCHEMA "soundings/export/1"

/* A number of an event: what it is called, and where it stands. */
struct export_number {
	const char *name;
	size_t at, size;
	bool is_signed;
};
extern const struct export_number export_numbers[];
extern const size_t export_number_count;

/* A string among the words that are sealed. */
struct export_word {
	const char *name;
	size_t at; /* of a struct sdg_str in struct sdg_feedback */
};
extern const struct export_word export_words[];
extern const size_t export_word_count;
#define EXPORT_REFERENCE "reference" /* beside them, in hexadecimal */

#endif
