/*
 * mail_text: comparing strings without regard to ASCII case, and lines.
 *
 * All of it is linear in what it looks at (the needles are short), and
 * independent of the locale.
 */
#include <string.h>

#include "mail.h"

static unsigned char lower(unsigned char c)
{
	return c >= 'A' && c <= 'Z' ? (unsigned char)(c + 32) : c;
}

static bool alnum(unsigned char c)
{
	c = lower(c);
	return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c >= 0x80;
}

/* How many bytes of @s the NUL-terminated @prefix takes; 0: it differs.
 * No strlen(): most comparisons end at the first byte, and there are many. */
static size_t matches(const char *s, size_t len, const char *prefix)
{
	size_t i = 0;

	for (; prefix[i]; i++)
		if (i == len || lower((unsigned char)s[i]) !=
				    lower((unsigned char)prefix[i]))
			return 0;
	return i;
}

bool mail_starts(struct sdg_str s, const char *prefix)
{
	return matches(s.s, s.len, prefix) > 0;
}

bool mail_ends(struct sdg_str s, const char *suffix)
{
	size_t n = strlen(suffix);

	return s.len >= n && matches(s.s + s.len - n, n, suffix) == n;
}

bool mail_is(struct sdg_str s, const char *word)
{
	return s.len && matches(s.s, s.len, word) == s.len;
}

static ptrdiff_t find_from(struct sdg_str s, size_t from, const char *needle)
{
	unsigned char first = lower((unsigned char)needle[0]);

	for (size_t i = from; i < s.len; i++)
		if (lower((unsigned char)s.s[i]) == first &&
		    matches(s.s + i, s.len - i, needle))
			return (ptrdiff_t)i;
	return -1;
}

ptrdiff_t mail_find(struct sdg_str s, const char *needle)
{
	return find_from(s, 0, needle);
}

/* ------------------------------------------------- many phrases, one text */

static size_t pair(unsigned char a, unsigned char b)
{
	return (size_t)lower(a) << 8 | lower(b);
}

void mail_index_add(struct mail_index *index, struct sdg_str s)
{
	for (size_t i = 0; i + 1 < s.len; i++) {
		size_t p =
		    pair((unsigned char)s.s[i], (unsigned char)s.s[i + 1]);

		index->bits[p / 64] |= (uint64_t)1 << p % 64;
	}
}

bool mail_index_may_have(const struct mail_index *index, const char *phrase)
{
	for (; phrase[0] && phrase[1]; phrase++) {
		size_t p =
		    pair((unsigned char)phrase[0], (unsigned char)phrase[1]);

		if (!(index->bits[p / 64] & (uint64_t)1 << p % 64))
			return false;
	}
	return true;
}

unsigned mail_count(struct sdg_str s, const struct mail_index *index,
		    const char *const *phrases)
{
	unsigned n = 0;

	for (; *phrases; phrases++)
		n += mail_index_may_have(index, *phrases) &&
		     mail_has(s, *phrases);
	return n;
}

bool mail_has_word(struct sdg_str s, const char *word)
{
	size_t n = strlen(word);
	ptrdiff_t at = find_from(s, 0, word);

	while (at >= 0) {
		size_t i = (size_t)at;

		if ((i == 0 || !alnum((unsigned char)s.s[i - 1])) &&
		    (i + n == s.len || !alnum((unsigned char)s.s[i + n])))
			return true;
		at = find_from(s, i + 1, word);
	}
	return false;
}

struct sdg_str mail_trim(struct sdg_str s)
{
	return sdg_str_trim(s, NULL);
}

struct sdg_str mail_sub(struct sdg_str s, size_t from, size_t to)
{
	if (to > s.len)
		to = s.len;
	if (from >= to)
		return (struct sdg_str){ "", 0 };
	return (struct sdg_str){ s.s + from, to - from };
}

const char *mail_any(struct sdg_str s, const char *const *list,
		     bool (*test)(struct sdg_str, const char *))
{
	for (; *list; list++)
		if (test(s, *list))
			return *list;
	return NULL;
}

bool mail_token(struct sdg_str *s, struct sdg_str *token)
{
	size_t i = 0;

	*s = mail_trim(*s);
	while (i < s->len && (unsigned char)s->s[i] > ' ')
		i++;
	*token = mail_sub(*s, 0, i);
	*s = mail_sub(*s, i, s->len);
	return i > 0;
}

size_t mail_words(struct sdg_str s)
{
	struct sdg_str token;
	size_t n = 0;

	while (mail_token(&s, &token))
		n++;
	return n;
}
