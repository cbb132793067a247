/*
 * log: time (UTC), who, what. In one write, as several workers may share a
 * file.
 */
#include "log.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static const char *who = "soundings-worker";

void log_start(const char *name)
{
	who = name;
}

void log_line(const char *fmt, ...)
{
	char line[1024], stamp[32];
	time_t now = time(NULL);
	struct tm tm;
	va_list args;
	int used, more;

	gmtime_r(&now, &tm);
	strftime(stamp, sizeof(stamp), "%Y-%m-%dT%H:%M:%SZ", &tm);
	used = snprintf(line, sizeof(line), "%s %s: ", stamp, who);
	va_start(args, fmt);
	more =
	    vsnprintf(line + used, sizeof(line) - (size_t)used - 1, fmt, args);
	va_end(args);
	used += more < 0 ? 0 : more;
	if ((size_t)used > sizeof(line) - 2)
		used = (int)sizeof(line) - 2;
	line[used] = '\n';
	/* A log that cannot be written must not stop the counting. */
	if (write(STDERR_FILENO, line, (size_t)used + 1) < 0)
		return;
}
