/*
 * each_call: the Nth call of one kind fails, and no other: for each N, until
 * a run comes through without its having been reached.
 *
 * A test names what is wrapped twice: with EACH_WRAP() or its own
 * __wrap_…(), and to the linker (soundings_wrapped() in CMakeLists.txt).
 * The wrapped calls are those of our own code; the libraries' go past.
 */
#ifndef EACH_CALL_H
#define EACH_CALL_H

#include <errno.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>

/* NOTHING fails; CALL: what the test is about, with an error; INTERRUPTED:
 * the same with EINTR, once; GONE: another process was faster with a file;
 * IGNORED: an option said to be set that is not. */
enum failing { NOTHING, CALL, MEMORY, FILES, INTERRUPTED, GONE, IGNORED };

static atomic_int failing;
static atomic_ulong fail_at, calls;
static atomic_bool failed;
/* Whose calls are counted: the thread's that began, or all others'. */
static atomic_bool others_fail;
static _Thread_local bool began;

static bool fails(int what)
{
	if (failing != what || began == others_fail || ++calls != fail_at)
		return false;
	failed = true;
	errno = what == MEMORY ? ENOMEM : EIO;
	if (what == INTERRUPTED)
		errno = EINTR;
	if (what == GONE)
		errno = ENOENT;
	return true;
}

/* From here to each_end() call @n of the kind @what fails. */
static inline void each_begin(int what, unsigned long n)
{
	fail_at = n;
	calls = 0;
	failed = false;
	began = true;
	failing = what;
}

/* Was it reached? */
static inline bool each_end(void)
{
	failing = NOTHING;
	began = false;
	return failed;
}

/* Before a child's _exit(): what it took counts in scripts/coverage. */
#ifdef EACH_COVERAGE
void __gcov_dump(void);
#define each_dump() __gcov_dump()
#else
#define each_dump() (void)0
#endif

#define EACH_WRAP(kind, type, bad, name, parameters, arguments)                \
	type __real_##name parameters;                                         \
	type __wrap_##name parameters;                                         \
	type __wrap_##name parameters                                          \
	{                                                                      \
		return fails(kind) ? (bad) : __real_##name arguments;          \
	}

EACH_WRAP(MEMORY, void *, NULL, malloc, (size_t size), (size))
EACH_WRAP(MEMORY, void *, NULL, calloc, (size_t n, size_t size), (n, size))
EACH_WRAP(MEMORY, void *, NULL, realloc, (void *old, size_t size), (old, size))
EACH_WRAP(MEMORY, char *, NULL, strdup, (const char *text), (text))

#endif
