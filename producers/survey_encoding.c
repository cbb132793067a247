/*
 * survey_encoding: see survey_encoding.h. iconv (of libc) converts; what is
 * UTF-8 already passes through as it is, to be cleaned cell by cell.
 */
#include <errno.h>
#include <iconv.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "survey_encoding.h"

enum { IN_SIZE = 256 * 1024, OUT_SIZE = 3 * IN_SIZE };

const char *encoding_name(enum encoding encoding)
{
	switch (encoding) {
	case ENCODING_UTF_8:
		return "UTF-8";
	case ENCODING_UTF_16LE:
	case ENCODING_UTF_16BE:
		return "UTF-16";
	case ENCODING_WINDOWS_1252:
		return "windows-1252";
	}
	return "?";
}

static ssize_t read_some(int fd, void *buf, size_t cap)
{
	ssize_t n;

	do {
		n = read(fd, buf, cap);
	} while (n < 0 && errno == EINTR);
	return n;
}

/* Enough of a UTF-8 check to tell it from windows-1252: lead bytes and the
 * number of bytes that must follow them. */
struct scan {
	uint64_t total, characters, bad, zero_even, zero_odd, controls;
	int pending;
};

static void scan_byte(struct scan *scan, unsigned char c)
{
	if (c == 0 && scan->total % 2 == 0)
		scan->zero_even++;
	else if (c == 0)
		scan->zero_odd++;
	scan->controls += (c < 0x20 && (c < '\t' || c > '\r')) || c == 0x7f;
	scan->total++;
	if (scan->pending > 0 && (c & 0xc0) == 0x80) {
		if (--scan->pending == 0)
			scan->characters++;
		return;
	}
	if (scan->pending > 0) /* a sequence broke off */
		scan->bad++;
	scan->pending = 0;
	if (c < 0x80)
		return;
	if (c >= 0xc2 && c <= 0xdf)
		scan->pending = 1;
	else if (c >= 0xe0 && c <= 0xef)
		scan->pending = 2;
	else if (c >= 0xf0 && c <= 0xf4)
		scan->pending = 3;
	else
		scan->bad++;
}

static int by_content(int fd, enum encoding *encoding, struct sdg_error *err)
{
	struct scan scan = { 0 };
	unsigned char *buf = malloc(IN_SIZE);
	uint64_t stray;
	ssize_t n;

	if (!buf)
		return sdg_fail(err, SDG_ENOMEM, "read survey: no memory");
	while ((n = read_some(fd, buf, IN_SIZE)) > 0) {
		for (ssize_t i = 0; i < n; i++)
			scan_byte(&scan, buf[i]);
	}
	free(buf);
	if (n < 0)
		return sdg_fail_errno(err, "read survey");
	if (scan.total == 0)
		return sdg_fail(err, SDG_EINVAL, "the file is empty");
	/* UTF-16 of mostly Latin text has a zero in every other byte. */
	if (scan.zero_odd > scan.total / 4 && scan.zero_even == 0) {
		*encoding = ENCODING_UTF_16LE;
		return 0;
	}
	if (scan.zero_even > scan.total / 4 && scan.zero_odd == 0) {
		*encoding = ENCODING_UTF_16BE;
		return 0;
	}
	/* A stray control or three do not unmake a text, if a short one. */
	stray = scan.total / 20 < 3 ? scan.total / 20 : 3;
	if (scan.zero_odd + scan.zero_even > 0 ||
	    (scan.controls > scan.total / 100 && scan.controls > stray))
		return sdg_fail(err, SDG_EINVAL, "the file is not text");
	/* A damaged character or two does not unmake a UTF-8 file. */
	*encoding = scan.bad * 4 <= scan.characters ? ENCODING_UTF_8
						    : ENCODING_WINDOWS_1252;
	return 0;
}

int encoding_detect(int fd, enum encoding *encoding, size_t *skip,
		    struct sdg_error *err)
{
	unsigned char mark[3] = { 0 };
	ssize_t n;

	if (lseek(fd, 0, SEEK_SET) < 0)
		return sdg_fail_errno(err, "read survey");
	n = read_some(fd, mark, sizeof(mark));
	if (n < 0)
		return sdg_fail_errno(err, "read survey");
	*skip = 0;
	if (n >= 2 && mark[0] == 0xff && mark[1] == 0xfe) {
		*encoding = ENCODING_UTF_16LE;
		*skip = 2;
		return 0;
	}
	if (n >= 2 && mark[0] == 0xfe && mark[1] == 0xff) {
		*encoding = ENCODING_UTF_16BE;
		*skip = 2;
		return 0;
	}
	if (n == 3 && memcmp(mark, "\xef\xbb\xbf", 3) == 0)
		*skip = 3; /* says UTF-8, but has been seen to lie */
	if (lseek(fd, (off_t)*skip, SEEK_SET) < 0)
		return sdg_fail_errno(err, "read survey");
	return by_content(fd, encoding, err);
}

struct decoder {
	int fd;
	iconv_t conv; /* (iconv_t)-1: nothing to convert */
	size_t unit;  /* bytes of the smallest character */
	uint64_t done;
	size_t held; /* bytes of an unfinished character, at in's start */
	bool ended;
	char in[IN_SIZE];
	char out[OUT_SIZE];
};

int decoder_open(int fd, enum encoding encoding, size_t skip,
		 struct decoder **out, struct sdg_error *err)
{
	static const char *const names[] = {
		[ENCODING_UTF_16LE] = "UTF-16LE",
		[ENCODING_UTF_16BE] = "UTF-16BE",
		[ENCODING_WINDOWS_1252] = "CP1252",
	};
	struct decoder *decoder;

	if (lseek(fd, (off_t)skip, SEEK_SET) < 0)
		return sdg_fail_errno(err, "read survey");
	decoder = calloc(1, sizeof(*decoder));
	if (!decoder)
		return sdg_fail(err, SDG_ENOMEM, "read survey: no memory");
	decoder->fd = fd;
	decoder->conv = (iconv_t)-1;
	decoder->unit = encoding == ENCODING_WINDOWS_1252 ? 1 : 2;
	if (encoding != ENCODING_UTF_8) {
		decoder->conv = iconv_open("UTF-8", names[encoding]);
		if (decoder->conv == (iconv_t)-1) {
			free(decoder);
			return sdg_fail(err, SDG_EIO,
					"this system cannot convert %s",
					names[encoding]);
		}
	}
	*out = decoder;
	return 0;
}

void decoder_close(struct decoder *decoder)
{
	if (!decoder)
		return;
	if (decoder->conv != (iconv_t)-1)
		iconv_close(decoder->conv);
	free(decoder);
}

/* Convert what is in; a byte that is no character becomes U+FFFD. */
static size_t convert(struct decoder *decoder, size_t in_len)
{
	char *in = decoder->in, *out = decoder->out;
	size_t room = sizeof(decoder->out), step;

	while (in_len > 0) {
		if (iconv(decoder->conv, &in, &in_len, &out, &room) !=
		    (size_t)-1)
			break;
		if (errno == EINVAL && !decoder->ended)
			break; /* the rest of the character is still to come */
		if (room < 3)
			break; /* cannot be: out is three times in */
		memcpy(out, "\xef\xbf\xbd", sizeof("\xef\xbf\xbd") - 1);
		out += 3;
		room -= 3;
		step = decoder->unit < in_len ? decoder->unit : in_len;
		in += step;
		in_len -= step;
	}
	memmove(decoder->in, in, in_len);
	decoder->held = in_len;
	return sizeof(decoder->out) - room;
}

int decoder_read(struct decoder *decoder, const char **data, size_t *len,
		 struct sdg_error *err)
{
	ssize_t n;

	*len = 0;
	while (*len == 0 && !decoder->ended) {
		n = read_some(decoder->fd, decoder->in + decoder->held,
			      sizeof(decoder->in) - decoder->held);
		if (n < 0)
			return sdg_fail_errno(err, "read survey");
		decoder->done += (uint64_t)n;
		decoder->ended = n == 0;
		if (decoder->conv == (iconv_t)-1) {
			*data = decoder->in;
			*len = (size_t)n;
		} else {
			*data = decoder->out;
			*len = convert(decoder, decoder->held + (size_t)n);
		}
	}
	return 0;
}

uint64_t decoder_done(const struct decoder *decoder)
{
	return decoder->done;
}
