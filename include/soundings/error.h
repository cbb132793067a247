/*
 * error: the one way a function of this library says that it failed.
 *
 * A function that can fail returns int: 0, or a negative enum sdg_code. Its
 * last parameter is a struct sdg_error owned by the caller (NULL allowed),
 * which then holds the code and one line of text: lower case, no full stop,
 * what was being done, on what (in quotes), why. Member text never goes
 * into it.
 */
#ifndef SOUNDINGS_ERROR_H
#define SOUNDINGS_ERROR_H

#include <stdarg.h>

/* Each code answers "what should the caller do?", never "who failed?". */
enum sdg_code {
	SDG_OK = 0,
	SDG_EINVAL = -1,    /* a retry cannot help: bad data or usage */
	SDG_EAGAIN = -2,    /* a retry can help: busy, timed out, no worker */
	SDG_ENOTFOUND = -3, /* what was asked for is not there */
	SDG_ENOMEM = -4,
	SDG_EIO = -5,      /* the system refused: disk, permissions, limits */
	SDG_EVERSION = -6, /* made by another version */
	SDG_EDAMAGED = -7, /* stored bytes are not those that were written */
};

#define SDG_ERROR_SIZE 512

struct sdg_error {
	int code;
	char message[SDG_ERROR_SIZE];
};

/**
 * sdg_fail - fill @err and return @code, for "return sdg_fail(err, …)"
 * @err: NULL is allowed
 */
int sdg_fail(struct sdg_error *err, enum sdg_code code, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

/** sdg_fail_errno - as sdg_fail(), with ": " and strerror(errno) appended;
 *  ENOMEM, ENOENT and EAGAIN choose their own code, the rest is SDG_EIO */
int sdg_fail_errno(struct sdg_error *err, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

/**
 * sdg_exit_code - the exit status a program owes its caller for @code
 *
 * 0, EX_DATAERR (65) for SDG_EINVAL, SDG_ENOTFOUND, SDG_EVERSION and
 * SDG_EDAMAGED, EX_TEMPFAIL (75) for the rest. Usage errors (64) are the
 * program's own.
 */
int sdg_exit_code(int code);

#endif
