/*
 * redact: sentences of a message, and the same without who said it.
 *
 * What is marked is marked too often rather than too seldom: a person reads
 * each quote before it is published.
 */
#ifndef CLI_REDACT_H
#define CLI_REDACT_H

#include <stddef.h>

#include <soundings/text.h>

struct sentence_span {
	size_t start, end; /* bytes; end exclusive */
};

/** sentences_of - the sentences of @text, at most @cap; how many */
size_t sentences_of(struct sdg_str text, struct sentence_span *out, size_t cap);

/**
 * redact - @sentence with names, schools, addresses, numbers that identify,
 * postcodes and links as [name], [school], [address], [number], [postcode]
 * and [link]; line breaks as spaces
 *
 * The caller frees it; NULL: no memory.
 */
char *redact(struct sdg_str sentence);

#endif
