/*
 * survey_text: small comparisons on headings and cells.
 */
#ifndef SURVEY_TEXT_H
#define SURVEY_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <soundings/text.h>

/** heading_clean - @in as safe text on one line: white space of any kind,
 *  no-break included, collapsed. The caller frees it; NULL: no memory */
char *heading_clean(struct sdg_str in);

/** heading_key - letters and digits of @heading in lower case, "Start date"
 *  and "StartDate" being one; cut to @cap */
void heading_key(const char *heading, char *out, size_t cap);

/** str_hash - FNV-1a, 64 bits: for tables of our own */
static inline uint64_t str_hash(struct sdg_str s)
{
	uint64_t hash = 1469598103934665603u;

	for (size_t i = 0; i < s.len; i++)
		hash = (hash ^ (unsigned char)s.s[i]) * 1099511628211u;
	return hash;
}

/** has_phrase - whether @text holds @phrase (lower case) as whole words */
bool has_phrase(const char *text, const char *phrase);
/** has_any - whether it holds one of the NULL terminated @phrases */
bool has_any(const char *text, const char *const *phrases);

/** str_trim - without white space, no-break included, at both ends */
struct sdg_str str_trim(struct sdg_str s);
/** str_is - equal but for ASCII case */
bool str_is(struct sdg_str s, const char *word);

#endif
