/*
 * asked: what may be asked from another desk, by whom. A list, and what is
 * not on it is refused.
 */
#ifndef ASKED_H
#define ASKED_H

#include <stdbool.h>
#include <stddef.h>

#include <soundings/ask.h>
#include <soundings/clients.h>

/** asked_refusal - why @q may not be asked by @client at @now, or NULL */
const char *asked_refusal(const struct sdg_client *client,
			  const struct sdg_question *q, int64_t now);

/** asked_words - does the answer hold what members wrote, or change it? Then
 *  it is noted who asked. @q was not refused */
bool asked_words(const struct sdg_question *q);

/**
 * asked_next - the argument that begins at word @at, for the command line
 * @out: borrowed, or the caller's to free when *made
 *
 * An option and its value become one word: a command that knows the option
 * without a value must not take the value for an option. Returns how many
 * words that was, 0 without memory.
 */
size_t asked_next(const struct sdg_question *q, size_t at, char **out,
		  bool *made);

#endif
