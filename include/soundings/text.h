/*
 * text: borrowed strings, and making foreign bytes into safe UTF-8.
 *
 * Lengths are bytes throughout. "Safe" text is valid UTF-8 (RFC 3629) with
 * no NUL, no C0 control but \n and \t, no C1 control, no DEL, no bidi
 * control (U+200E, U+200F, U+202A to U+202E, U+2066 to U+2069).
 */
#ifndef SOUNDINGS_TEXT_H
#define SOUNDINGS_TEXT_H

#include <stdbool.h>
#include <stddef.h>

/* A string somebody else owns; not necessarily NUL terminated. s may be NULL
 * only when len is 0. */
struct sdg_str {
	const char *s;
	size_t len;
};

/* printf("%.*s", SDG_STR_ARG(str)) */
#define SDG_STR_ARG(str) (int)(str).len, (str).len ? (str).s : ""

/** sdg_str - borrow a NUL terminated string; NULL gives the empty one */
struct sdg_str sdg_str(const char *s);
bool sdg_str_eq(struct sdg_str a, const char *b);

/**
 * sdg_str_trim - @s without the bytes of @set at both ends
 * @set: SDG_BLANKS, SDG_SPACES; NULL for spaces and every control
 *
 * What is left lies in @s.
 */
struct sdg_str sdg_str_trim(struct sdg_str s, const char *set);
#define SDG_BLANKS " \t"
#define SDG_SPACES " \t\n\v\f\r"

/** sdg_is_id - is @s what an id of a theme or a consultation is made of: one
 *  or more of a-z, 0-9 and "-"? */
bool sdg_is_id(const char *s);

/** sdg_text_is_safe - true when @s is safe text as defined above */
bool sdg_text_is_safe(const char *s, size_t len);

/**
 * sdg_text_clean - copy @in as safe text
 * @out: receives at most @cap bytes, never more than 3 * @len, not terminated
 *
 * Each maximal ill-formed sequence becomes one U+FFFD (Unicode 15, 3.9);
 * CRLF and lone CR become LF; forbidden controls are dropped. Returns the
 * length; text that does not fit is cut at a character.
 */
size_t sdg_text_clean(const char *in, size_t len, char *out, size_t cap);

/** sdg_text_cut - the length, at most @max, at which @s can be cut without
 *  splitting a UTF-8 character */
size_t sdg_text_cut(const char *s, size_t len, size_t max);

/**
 * sdg_text_visible - @in for a terminal: controls, bidi and zero-width
 * characters as visible escapes ("<U+202E>"), never raw; \n kept, if
 * @keep_newlines, else a space
 *
 * Returns a string the caller frees with free(), or NULL (no memory).
 */
char *sdg_text_visible(struct sdg_str in, bool keep_newlines);

/**
 * sdg_address_normalise - the form under which an address is one person
 *
 * Takes "addr", "Name <addr>" or "<addr>"; lower-cased (ASCII), +tag
 * dropped, surrounding space dropped. Writes a NUL terminated string of at
 * most @cap bytes. Returns its length, 0 when @in holds no address.
 */
size_t sdg_address_normalise(struct sdg_str in, char *out, size_t cap);

#endif
