/*
 * survey_encoding: what encoding a text file is in, and its bytes as UTF-8.
 */
#ifndef SURVEY_ENCODING_H
#define SURVEY_ENCODING_H

#include <stddef.h>
#include <stdint.h>

#include <soundings/error.h>

enum encoding {
	ENCODING_UTF_8,
	ENCODING_UTF_16LE,
	ENCODING_UTF_16BE,
	ENCODING_WINDOWS_1252,
};

const char *encoding_name(enum encoding encoding);

/** encoding_detect - by byte order mark, else by what all of @fd holds.
 *  @skip: length of the mark. SDG_EINVAL: not text */
int encoding_detect(int fd, enum encoding *encoding, size_t *skip,
		    struct sdg_error *err);

struct decoder;

/** decoder_open - read @fd from @skip on */
int decoder_open(int fd, enum encoding encoding, size_t skip,
		 struct decoder **out, struct sdg_error *err);
void decoder_close(struct decoder *decoder);

/** decoder_read - the next piece as UTF-8, borrowed until the next call;
 *  *len 0 at the end. What cannot be decoded becomes U+FFFD */
int decoder_read(struct decoder *decoder, const char **data, size_t *len,
		 struct sdg_error *err);
/** decoder_done - bytes of the file read so far */
uint64_t decoder_done(const struct decoder *decoder);

#endif
