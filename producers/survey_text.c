/*
 * survey_text: see survey_text.h.
 */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "survey_text.h"

/* The length of a white space character at @s, 0 if it is none: ASCII,
 * no-break (U+00A0), zero width (U+200B) and byte order mark (U+FEFF). */
static size_t space_at(const char *s, const char *end)
{
	size_t left = (size_t)(end - s);

	if (left >= 1 && isspace((unsigned char)*s))
		return 1;
	if (left >= 2 && memcmp(s, "\xc2\xa0", 2) == 0)
		return 2;
	if (left >= 3 && (memcmp(s, "\xe2\x80\x8b", 3) == 0 ||
			  memcmp(s, "\xef\xbb\xbf", 3) == 0))
		return 3;
	return 0;
}

char *heading_clean(struct sdg_str in)
{
	char *out = malloc(3 * in.len + 1);
	const char *s, *end;
	size_t len, n, at = 0;
	bool space = false;

	if (!out)
		return NULL;
	len = sdg_text_clean(in.s, in.len, out, 3 * in.len);
	s = out;
	end = out + len;
	while (s < end) {
		n = space_at(s, end);
		if (n > 0) {
			space = at > 0;
			s += n;
			continue;
		}
		if (space)
			out[at++] = ' ';
		space = false;
		out[at++] = *s++;
	}
	out[at] = '\0';
	return out;
}

void heading_key(const char *heading, char *out, size_t cap)
{
	size_t at = 0;

	for (; *heading && at + 1 < cap; heading++) {
		unsigned char c = (unsigned char)*heading;

		if (isalnum(c) || c >= 0x80)
			out[at++] = (char)tolower(c);
	}
	out[at] = '\0';
}

bool has_phrase(const char *text, const char *phrase)
{
	size_t len = strlen(phrase);
	char first[3] = { phrase[0], (char)toupper((unsigned char)phrase[0]) };

	for (const char *s = text; (s = strpbrk(s, first)); s++) {
		if (s > text && isalnum((unsigned char)s[-1]) &&
		    isalnum((unsigned char)phrase[0])) /* not in "he'd" */
			continue;
		if (strncasecmp(s, phrase, len) == 0 &&
		    !isalnum((unsigned char)s[len]))
			return true;
	}
	return false;
}

bool has_any(const char *text, const char *const *phrases)
{
	for (; *phrases; phrases++) {
		if (has_phrase(text, *phrases))
			return true;
	}
	return false;
}

struct sdg_str str_trim(struct sdg_str s)
{
	const char *end;
	size_t n;

	if (s.len == 0)
		return (struct sdg_str){ 0 };
	end = s.s + s.len;
	while (s.len > 0 && (n = space_at(s.s, end)) > 0) {
		s.s += n;
		s.len -= n;
	}
	while (s.len > 0) {
		if (isspace((unsigned char)s.s[s.len - 1]))
			s.len--;
		else if (s.len >= 2 && space_at(s.s + s.len - 2, end) == 2)
			s.len -= 2;
		else if (s.len >= 3 && space_at(s.s + s.len - 3, end) == 3)
			s.len -= 3;
		else
			break;
		end = s.s + s.len;
	}
	return s;
}

bool str_is(struct sdg_str s, const char *word)
{
	return strlen(word) == s.len && strncasecmp(s.s, word, s.len) == 0;
}
