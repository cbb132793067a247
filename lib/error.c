/*
 * error: filling struct sdg_error, and nothing else.
 */
#include <soundings/error.h>

#include <errno.h>
#include <stdio.h>
#include <string.h>

/* EX_DATAERR and EX_TEMPFAIL of sysexits.h, which not every system has. */
enum { EXIT_DATAERR = 65, EXIT_TEMPFAIL = 75 };

static void fill(struct sdg_error *err, int code, const char *fmt, va_list args)
{
	err->code = code;
	/* A message that does not fit is cut: it is for people. */
	vsnprintf(err->message, sizeof(err->message), fmt, args);
}

int sdg_fail(struct sdg_error *err, enum sdg_code code, const char *fmt, ...)
{
	va_list args;

	if (err) {
		va_start(args, fmt);
		fill(err, code, fmt, args);
		va_end(args);
	}
	return code;
}

static enum sdg_code from_errno(int number)
{
	switch (number) {
	case ENOMEM:
		return SDG_ENOMEM;
	case ENOENT:
		return SDG_ENOTFOUND;
	case EAGAIN:
	case EINTR:
		return SDG_EAGAIN;
	default:
		return SDG_EIO;
	}
}

int sdg_fail_errno(struct sdg_error *err, const char *fmt, ...)
{
	int number = errno;
	enum sdg_code code = from_errno(number);
	va_list args;
	size_t used;

	if (err) {
		va_start(args, fmt);
		fill(err, code, fmt, args);
		va_end(args);
		used = strlen(err->message);
		snprintf(err->message + used, sizeof(err->message) - used,
			 ": %s", strerror(number));
	}
	return code;
}

int sdg_exit_code(int code)
{
	switch ((enum sdg_code)code) {
	case SDG_OK:
		return 0;
	case SDG_EINVAL:
	case SDG_ENOTFOUND:
	case SDG_EVERSION:
	case SDG_EDAMAGED:
		return EXIT_DATAERR;
	case SDG_EAGAIN:
	case SDG_ENOMEM:
	case SDG_EIO:
		return EXIT_TEMPFAIL;
	}
	return EXIT_TEMPFAIL;
}
