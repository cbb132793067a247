/*
 * text: UTF-8 by utf8proc, and what is refused or replaced in it.
 */
#include <soundings/text.h>

#include <endian.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <utf8proc.h>

struct sdg_str sdg_str(const char *s)
{
	return (struct sdg_str){ s, s ? strlen(s) : 0 };
}

bool sdg_str_eq(struct sdg_str a, const char *b)
{
	size_t len = strlen(b);

	return a.len == len && (len == 0 || memcmp(a.s, b, len) == 0);
}

static bool is_in(unsigned char c, const char *set)
{
	return set ? c != '\0' && strchr(set, c) : c <= ' ';
}

struct sdg_str sdg_str_trim(struct sdg_str s, const char *set)
{
	while (s.len && is_in((unsigned char)s.s[0], set)) {
		s.s++;
		s.len--;
	}
	while (s.len && is_in((unsigned char)s.s[s.len - 1], set))
		s.len--;
	return s;
}

bool sdg_is_id(const char *s)
{
	return *s &&
	       s[strspn(s, "abcdefghijklmnopqrstuvwxyz0123456789-")] == '\0';
}

static bool is_bidi_control(uint32_t c)
{
	return c == 0x200e || c == 0x200f || (c >= 0x202a && c <= 0x202e) ||
	       (c >= 0x2066 && c <= 0x2069);
}

static bool is_forbidden(uint32_t c)
{
	if (c < 0x20)
		return c != '\n' && c != '\t';
	return (c >= 0x7f && c < 0xa0) || is_bidi_control(c);
}

/* Eight bytes at a time while they are printable ASCII: most text is. Ends at
 * the first byte that is not, or where there are no eight. */
static size_t skip_plain(const char *s, size_t i, size_t len)
{
	uint64_t word, odd;

	while (len - i >= 8) {
		memcpy(&word, s + i, 8);
		/* A byte below 0x20, above 0x7e, or 0x7f itself? The lowest
		 * that is marked is one; what it borrows may mark others. */
		odd = ((word - UINT64_C(0x2020202020202020)) |
		       (word + UINT64_C(0x0101010101010101)) | word) &
		      UINT64_C(0x8080808080808080);
		if (odd)
			return i + (htole64(1) == 1
					? (size_t)__builtin_ctzll(odd) / 8
					: 0);
		i += 8;
	}
	return i;
}

static utf8proc_ssize_t next(const char *s, size_t i, size_t len, int32_t *c)
{
	return utf8proc_iterate((const utf8proc_uint8_t *)s + i,
				(utf8proc_ssize_t)(len - i), c);
}

bool sdg_text_is_safe(const char *s, size_t len)
{
	utf8proc_ssize_t n;
	int32_t c;

	for (size_t i = 0; i < len; i += (size_t)n) {
		i = skip_plain(s, i, len);
		if (i == len)
			break;
		if ((signed char)s[i] >= 0) {
			if (is_forbidden((unsigned char)s[i]))
				return false;
			n = 1;
			continue;
		}
		n = next(s, i, len, &c);
		if (n <= 0 || is_forbidden((uint32_t)c))
			return false;
	}
	return true;
}

/* The length of the maximal ill-formed subpart at s (Unicode 15, 3.9). */
static size_t ill_formed(const unsigned char *s, size_t len)
{
	unsigned char lead = s[0];
	unsigned char low = 0x80, high = 0xbf;
	size_t want, n = 1;

	if (lead >= 0xc2 && lead <= 0xdf)
		want = 2;
	else if (lead >= 0xe0 && lead <= 0xef)
		want = 3;
	else if (lead >= 0xf0 && lead <= 0xf4)
		want = 4;
	else
		return 1;
	if (lead == 0xe0)
		low = 0xa0;
	else if (lead == 0xed)
		high = 0x9f;
	else if (lead == 0xf0)
		low = 0x90;
	else if (lead == 0xf4)
		high = 0x8f;
	while (n < want && n < len && s[n] >= low && s[n] <= high) {
		n++;
		low = 0x80;
		high = 0xbf;
	}
	return n;
}

size_t sdg_text_clean(const char *in, size_t len, char *out, size_t cap)
{
	size_t i = 0, o = 0;

	while (i < len) {
		const char *piece = in + i;
		size_t take, piece_len;
		utf8proc_ssize_t n;
		int32_t c = 0;

		take = skip_plain(in, i, len) - i;
		if (take) {
			if (take > cap - o)
				take = cap - o;
			memcpy(out + o, piece, take);
			o += take;
			i += take;
			if (o == cap)
				break;
			continue;
		}
		n = next(in, i, len, &c);
		if (n <= 0) {
			take =
			    ill_formed((const unsigned char *)piece, len - i);
			piece = "\xef\xbf\xbd";
			piece_len = 3;
		} else if (c == '\r') {
			take = i + 1 < len && in[i + 1] == '\n' ? 2 : 1;
			piece = "\n";
			piece_len = 1;
		} else {
			take = (size_t)n;
			piece_len = is_forbidden((uint32_t)c) ? 0 : take;
		}
		if (piece_len > cap - o)
			break;
		memcpy(out + o, piece, piece_len);
		o += piece_len;
		i += take;
	}
	return o;
}

size_t sdg_text_cut(const char *s, size_t len, size_t max)
{
	if (len <= max)
		return len;
	while (max > 0 && ((unsigned char)s[max] & 0xc0) == 0x80)
		max--;
	return max;
}

static bool is_invisible(uint32_t c)
{
	return is_forbidden(c) || (c >= 0x200b && c <= 0x200d) || c == 0x2028 ||
	       c == 0x2029 || c == 0x2060 || c == 0xfeff;
}

char *sdg_text_visible(struct sdg_str in, bool keep_newlines)
{
	/* The longest escape, "<U+10FFFF>", stands for at least one byte. */
	char *out = malloc(in.len * 10 + 1);
	size_t o = 0;
	utf8proc_ssize_t n;
	int32_t c;

	if (!out)
		return NULL;
	for (size_t i = 0; i < in.len; i += (size_t)n) {
		n = next(in.s, i, in.len, &c);
		if (n <= 0) {
			n = 1;
			c = 0xfffd;
			o += (size_t)sprintf(out + o, "\xef\xbf\xbd");
		} else if (c == '\n' || c == '\t') {
			out[o++] = keep_newlines ? (char)c : ' ';
		} else if (is_invisible((uint32_t)c)) {
			o += (size_t)sprintf(out + o, "<U+%04X>", (unsigned)c);
		} else {
			memcpy(out + o, in.s + i, (size_t)n);
			o += (size_t)n;
		}
	}
	out[o] = '\0';
	return out;
}

size_t sdg_address_normalise(struct sdg_str in, char *out, size_t cap)
{
	const char *open, *close, *at, *plus;
	size_t o = 0, local;

	in = sdg_str_trim(in, NULL);
	open = in.len ? memrchr(in.s, '<', in.len) : NULL;
	if (open) {
		close = memchr(open, '>', in.len - (size_t)(open - in.s));
		if (!close)
			return 0;
		in.s = open + 1;
		in.len = (size_t)(close - open) - 1;
		in = sdg_str_trim(in, NULL);
	}
	at = in.len ? memrchr(in.s, '@', in.len) : NULL;
	if (!at || at == in.s || at == in.s + in.len - 1)
		return 0;
	local = (size_t)(at - in.s);
	plus = memchr(in.s, '+', local);
	if (plus && plus != in.s)
		local = (size_t)(plus - in.s);
	if (local + in.len - (size_t)(at - in.s) >= cap)
		return 0;
	for (size_t i = 0; i < in.len; i++) {
		unsigned char c;

		if (i == local) /* past the +tag, if any */
			i = (size_t)(at - in.s);
		c = (unsigned char)in.s[i];
		if (c <= ' ' || c == '<' || c == '>' || c == 0x7f)
			return 0;
		out[o++] = (char)(c >= 'A' && c <= 'Z' ? c + 32 : c);
	}
	out[o] = '\0';
	return o;
}
