/*
 * mail_mbox: the messages of an mbox file, as they lie there.
 *
 * A message begins at "From " after a blank line (or at the beginning);
 * what programs wrote as ">From " in a body is undone by whoever reads the
 * body: identity and lines both know it. The file is mapped, not read, so
 * that its size does not matter.
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "mail_bulk.h"

/* "From sender Thu Feb  5 21:47:17 2015": a year or a time must follow, or
 * a letter that says "From next year" after a blank line would be two. */
static bool is_separator(const char *s, size_t len)
{
	const char *end = memchr(s, '\n', len);
	bool colon = false, digits = false;

	if (len < 5 || memcmp(s, "From ", 5) != 0 || !end)
		return false;
	for (const char *p = s + 5; p < end; p++) {
		colon |= *p == ':' && p[1] >= '0' && p[1] <= '9';
		digits |= p + 3 < end && p[0] >= '1' && p[0] <= '2' &&
			  p[1] >= '0' && p[1] <= '9' && p[2] >= '0' &&
			  p[2] <= '9' && p[3] >= '0' && p[3] <= '9';
	}
	return colon && digits;
}

/* Where the next message begins after @at, or @len. */
static size_t next_message(const char *map, size_t len, size_t at)
{
	while (at < len) {
		const char *nl = memchr(map + at, '\n', len - at);
		size_t line;

		if (!nl)
			return len;
		line = (size_t)(nl - map) + 1;
		/* The line just ended was blank, LF or CRLF. */
		if ((line - at == 1 || (line - at == 2 && map[at] == '\r')) &&
		    is_separator(map + line, len - line))
			return line;
		at = line;
	}
	return len;
}

#define CHECKED 1024

/* What lies before an offset says whether the file is still the same there:
 * mail readers compact what was deleted, others only append. */
static struct mail_mark mark_of(const char *map, size_t at)
{
	size_t from = at > CHECKED ? at - CHECKED : 0;

	return (struct mail_mark){ at,
				   mail_resume_digest(map + from, at - from) };
}

/* Where the run before came to, or the beginning. */
static size_t first_message(struct bulk *b, const char *map, size_t len)
{
	struct mail_mark known, now;
	size_t at;

	if (!mail_resume_last(mail_bulk_resume(b), &known) || known.at > len)
		return 0;
	at = (size_t)known.at;
	now = mark_of(map, at);
	if (now.check != known.check ||
	    (at < len && !is_separator(map + at, len - at)))
		return 0;
	return at;
}

int mail_mbox_each(struct bulk *b, const char *path, struct sdg_error *err)
{
	/* A pipe is none, and nobody waits for its other end. */
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	struct stat st = { 0 };
	size_t at = 0, len = 0;
	char *map = NULL;
	int rc = 0;

	if (fd < 0 || fstat(fd, &st) < 0) {
		rc = sdg_fail_errno(err, "open the mbox \"%s\"", path);
		goto out;
	}
	if (!S_ISREG(st.st_mode)) {
		rc = sdg_fail(err, SDG_EINVAL, "\"%s\" is not an mbox", path);
		goto out;
	}
	len = (size_t)st.st_size;
	if (len == 0)
		goto out;
	map = mmap(NULL, len, PROT_READ, MAP_PRIVATE, fd, 0);
	if (map == MAP_FAILED) {
		map = NULL;
		rc = sdg_fail_errno(err, "map the mbox \"%s\"", path);
		goto out;
	}
	if (!is_separator(map, len)) {
		rc = sdg_fail(err, SDG_EINVAL, "\"%s\" is not an mbox", path);
		goto out;
	}
	at = first_message(b, map, len);
	mail_bulk_skip(b, at);
	while (rc == 0 && at < len) {
		size_t next = next_message(map, len, at);
		struct mail_mark mark = mark_of(map, next);

		rc = mail_bulk_add(b, map + at, next - at, NULL, &mark, err);
		at = next;
	}
	/* Jobs point into the map, which stays until the program ends. */
out:
	if (fd >= 0)
		close(fd);
	return rc;
}
