/*
 * failalloc: preloaded, it has the Nth allocation of a process fail, and
 * those after it as well for as long as FAIL_FOR says. N is FAIL_AT.
 */
#include <dlfcn.h>
#include <errno.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdlib.h>

void *malloc(size_t size);
void *calloc(size_t n, size_t size);
void *realloc(void *old, size_t size);

extern void *__libc_malloc(size_t size);
extern void *__libc_calloc(size_t n, size_t size);
extern void *__libc_realloc(void *old, size_t size);

static atomic_long count;
static long from = -2, until;

static int fails(void)
{
	long at = ++count;

	if (from == -2) {
		const char *text = getenv("FAIL_AT"),
			   *more = getenv("FAIL_FOR");

		from = text ? atol(text) : -1;
		until = from + (more ? atol(more) : 1);
	}
	if (from < 0 || at < from || at >= until)
		return 0;
	errno = ENOMEM;
	return 1;
}

void *malloc(size_t size)
{
	return fails() ? NULL : __libc_malloc(size);
}

void *calloc(size_t n, size_t size)
{
	return fails() ? NULL : __libc_calloc(n, size);
}

void *realloc(void *old, size_t size)
{
	return fails() ? NULL : __libc_realloc(old, size);
}
