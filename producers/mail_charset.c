/*
 * mail_charset: bytes in the character set a mail claims, as safe text.
 *
 * Claims are often wrong, always in the same few ways: windows-1252 calls
 * itself iso-8859-1, us-ascii or nothing; UTF-8 calls itself any of these.
 * So those labels are not believed: what is well-formed UTF-8 is UTF-8, the
 * rest windows-1252, which is a superset of Latin-1 wherever text is text.
 * Other sets go through iconv.
 */
#include <errno.h>
#include <iconv.h>
#include <string.h>

#include "mail.h"

/* 0x80 to 0x9f in windows-1252; the five it does not define stay C1 and
 * are dropped with the other controls. */
static const uint16_t cp1252[32] = {
	0x20ac, 0x81,   0x201a, 0x0192, 0x201e, 0x2026, 0x2020, 0x2021,
	0x02c6, 0x2030, 0x0160, 0x2039, 0x0152, 0x8d,   0x017d, 0x8f,
	0x90,   0x2018, 0x2019, 0x201c, 0x201d, 0x2022, 0x2013, 0x2014,
	0x02dc, 0x2122, 0x0161, 0x203a, 0x0153, 0x9d,   0x017e, 0x0178,
};

static size_t put_utf8(char *out, unsigned c)
{
	if (c < 0x80) {
		out[0] = (char)c;
		return 1;
	}
	if (c < 0x800) {
		out[0] = (char)(0xc0 | c >> 6);
		out[1] = (char)(0x80 | (c & 0x3f));
		return 2;
	}
	out[0] = (char)(0xe0 | c >> 12);
	out[1] = (char)(0x80 | (c >> 6 & 0x3f));
	out[2] = (char)(0x80 | (c & 0x3f));
	return 3;
}

static struct sdg_str from_1252(struct mail_pool *pool, struct sdg_str in)
{
	char *out = mail_pool_alloc(pool, 3 * in.len + 1);
	size_t len = 0;

	if (!out)
		return (struct sdg_str){ "", 0 };
	for (size_t i = 0; i < in.len; i++) {
		unsigned c = (unsigned char)in.s[i];

		if (c >= 0x80 && c < 0xa0)
			c = cp1252[c - 0x80];
		len += put_utf8(out + len, c);
	}
	return (struct sdg_str){ out, len };
}

/* The length of the well-formed character at @s (RFC 3629), or 0. */
static size_t utf8_char(const unsigned char *s, size_t len)
{
	unsigned char c = s[0], low = 0x80, high = 0xbf;
	size_t n = c < 0x80 ? 1 : c < 0xe0 ? 2 : c < 0xf0 ? 3 : 4;

	if ((c >= 0x80 && c < 0xc2) || c > 0xf4 || n > len)
		return 0;
	if (c == 0xe0)
		low = 0xa0;
	else if (c == 0xed)
		high = 0x9f;
	else if (c == 0xf0)
		low = 0x90;
	else if (c == 0xf4)
		high = 0x8f;
	for (size_t i = 1; i < n; i++) {
		if (s[i] < low || s[i] > high)
			return 0;
		low = 0x80;
		high = 0xbf;
	}
	return n;
}

/* *wide: characters above ASCII; *bad: bytes in none */
static void census(struct sdg_str in, size_t *wide, size_t *bad)
{
	*wide = 0;
	*bad = 0;
	for (size_t i = 0; i < in.len;) {
		size_t n =
		    utf8_char((const unsigned char *)in.s + i, in.len - i);

		*wide += n > 1;
		*bad += n == 0;
		i += n ? n : 1;
	}
}

static bool from_iconv(struct mail_pool *pool, struct sdg_str in,
		       const char *label, struct sdg_str *result)
{
	size_t room = 4 * in.len + 16, left = in.len;
	char *out = mail_pool_alloc(pool, room), *to = out;
	char *from = (char *)(uintptr_t)in.s;
	iconv_t cd;

	if (!out)
		return false;
	cd = iconv_open("UTF-8", label);
	if (cd == (iconv_t)-1)
		return false;
	while (left && iconv(cd, &from, &left, &to, &room) == (size_t)-1) {
		if ((errno != EILSEQ && errno != EINVAL) || room < 3)
			break;
		/* One replacement for each byte that makes no sense. */
		to += put_utf8(to, 0xfffd);
		room -= 3;
		from++;
		left--;
	}
	iconv_close(cd);
	*result = (struct sdg_str){ out, (size_t)(to - out) };
	return true;
}

/* A C1 control in text is windows-1252 that went through Latin-1. */
static struct sdg_str undo_latin1(struct mail_pool *pool, struct sdg_str in)
{
	size_t len = 0, n = 0;
	char *out;

	for (size_t i = 0; i + 1 < in.len; i++)
		n += in.s[i] == '\xc2' && (unsigned char)in.s[i + 1] < 0xa0;
	if (n == 0)
		return in;
	out = mail_pool_alloc(pool, in.len + n + 1);
	if (!out)
		return in;
	for (size_t i = 0; i < in.len; i++) {
		unsigned c = (unsigned char)in.s[i];

		if (c == 0xc2 && i + 1 < in.len &&
		    (unsigned char)in.s[i + 1] >= 0x80 &&
		    (unsigned char)in.s[i + 1] < 0xa0)
			len += put_utf8(
			    out + len, cp1252[(unsigned char)in.s[++i] - 0x80]);
		else
			out[len++] = (char)c;
	}
	return (struct sdg_str){ out, len };
}

/* No-break spaces become spaces; what has no width goes. */
static size_t plain_spaces(char *s, size_t len)
{
	size_t out = 0;

	for (size_t i = 0; i < len;) {
		const unsigned char *c = (const unsigned char *)s + i;

		if (i + 1 < len && c[0] == 0xc2 && c[1] == 0xa0) {
			s[out++] = ' ';
			i += 2;
		} else if (i + 1 < len && c[0] == 0xc2 && c[1] == 0xad) {
			i += 2;
		} else if (i + 2 < len && (memcmp(c, "\xe2\x80\x8b", 3) == 0 ||
					   memcmp(c, "\xef\xbb\xbf", 3) == 0)) {
			i += 3;
		} else {
			s[out++] = s[i++];
		}
	}
	return out;
}

static bool not_believed(struct sdg_str label)
{
	static const char *const names[] = {
		"us-ascii",    "ascii",  "iso-8859-1",   "iso8859-1",
		"iso_8859-1",  "latin1", "latin-1",      "windows-1252",
		"cp1252",      "utf-8",  "utf8",         "unicode-1-1-utf-8",
		"x-unknown",   "8bit",   "unknown-8bit", "ansi_x3.4-1968",
		"iso-8859-1i", NULL
	};

	return label.len == 0 || mail_any(label, names, mail_is);
}

/* UTF-16 of our letters has a zero in every pair: without one a gateway has
 * changed the bytes and left the label. */
static bool is_left_behind(struct sdg_str label, struct sdg_str bytes)
{
	static const char *const wide[] = { "utf-16", "utf16", "utf-32",
					    "ucs-2",  "ucs2",  "unicode",
					    NULL };

	return mail_any(label, wide, mail_starts) &&
	       (bytes.len == 0 || !memchr(bytes.s, '\0', bytes.len));
}

struct sdg_str mail_decode(struct mail_pool *pool, struct sdg_str bytes,
			   struct sdg_str label)
{
	size_t wide, bad, len;
	char name[64], *out;

	label = mail_trim(label);
	if (!not_believed(label) && !is_left_behind(label, bytes) &&
	    label.len < sizeof(name)) {
		memcpy(name, label.s, label.len);
		name[label.len] = '\0';
		if (from_iconv(pool, bytes, name, &bytes))
			goto clean;
	}
	census(bytes, &wide, &bad);
	if (bad > wide || (bad && !mail_starts(label, "utf")))
		bytes = from_1252(pool, bytes);
clean:
	bytes = undo_latin1(pool, bytes);
	out = mail_pool_alloc(pool, 3 * bytes.len + 1);
	if (!out)
		return (struct sdg_str){ "", 0 };
	len = sdg_text_clean(bytes.s, bytes.len, out, 3 * bytes.len);
	len = plain_spaces(out, len);
	return (struct sdg_str){ out, len };
}
