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

static bool same(const char *a, const char *b, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (lower((unsigned char)a[i]) != lower((unsigned char)b[i]))
			return false;
	return true;
}

bool mail_starts(struct sdg_str s, const char *prefix)
{
	size_t n = strlen(prefix);

	return s.len >= n && same(s.s, prefix, n);
}

bool mail_ends(struct sdg_str s, const char *suffix)
{
	size_t n = strlen(suffix);

	return s.len >= n && same(s.s + s.len - n, suffix, n);
}

bool mail_is(struct sdg_str s, const char *word)
{
	return s.len == strlen(word) && same(s.s, word, s.len);
}

static ptrdiff_t find_from(struct sdg_str s, size_t from, const char *needle)
{
	size_t n = strlen(needle);
	unsigned char first = lower((unsigned char)needle[0]);

	for (size_t i = from; i + n <= s.len; i++)
		if (lower((unsigned char)s.s[i]) == first &&
		    same(s.s + i, needle, n))
			return (ptrdiff_t)i;
	return -1;
}

ptrdiff_t mail_find(struct sdg_str s, const char *needle)
{
	return find_from(s, 0, needle);
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
	while (s.len && (unsigned char)s.s[0] <= ' ') {
		s.s++;
		s.len--;
	}
	while (s.len && (unsigned char)s.s[s.len - 1] <= ' ')
		s.len--;
	return s;
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
