/*
 * hook_read: a mail file, read as the hook reads it.
 */
#ifndef SOUNDINGS_CLI_HOOK_READ_H
#define SOUNDINGS_CLI_HOOK_READ_H

#include <stdbool.h>
#include <stddef.h>

#include <soundings/error.h>

/** hook_is_mail - does @text begin with the headers of a mail? */
bool hook_is_mail(const char *text, size_t len);

/**
 * hook_read - what the hook would make of the mail @text
 * @out: its JSON line, with a NUL after it; the caller frees it
 *
 * Return 0, or SDG_EAGAIN (the hook did not succeed), SDG_EIO, SDG_ENOMEM.
 */
int hook_read(const char *text, size_t len, char **out, size_t *out_len,
	      struct sdg_error *err);

#endif
