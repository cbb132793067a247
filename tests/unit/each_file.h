/*
 * each_file: what is asked of the kernel about files, made to fail by
 * each_call.h. For the linker: EACH_FILE_CALLS in CMakeLists.txt.
 */
#ifndef EACH_FILE_H
#define EACH_FILE_H

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "each_call.h"

#define EACH_FILE(type, bad, name, parameters, arguments)                      \
	type __real_##name parameters;                                         \
	type __wrap_##name parameters;                                         \
	type __wrap_##name parameters                                          \
	{                                                                      \
		return fails(FILES) || fails(GONE) ? (bad)                     \
						   : __real_##name arguments;  \
	}

EACH_FILE(int, -1, open, (const char *p, int f, mode_t m), (p, f, m))
EACH_FILE(ssize_t, -1, read, (int d, void *b, size_t n), (d, b, n))
/* How a write fails; another kind than the rest where it cannot but so. */
#ifndef EACH_WRITE
#define EACH_WRITE FILES
#endif
EACH_WRAP(EACH_WRITE, ssize_t, -1, write, (int d, const void *b, size_t n),
	  (d, b, n))
EACH_FILE(int, -1, fsync, (int d), (d))
EACH_FILE(int, -1, rename, (const char *a, const char *b), (a, b))
EACH_FILE(int, -1, link, (const char *a, const char *b), (a, b))
EACH_FILE(int, -1, unlink, (const char *p), (p))
EACH_FILE(int, -1, mkdir, (const char *p, mode_t m), (p, m))
EACH_FILE(int, -1, rmdir, (const char *p), (p))
EACH_FILE(int, -1, access, (const char *p, int m), (p, m))
EACH_FILE(int, -1, stat, (const char *p, struct stat *s), (p, s))
EACH_FILE(int, -1, fstat, (int d, struct stat *s), (d, s))
EACH_FILE(int, -1, statfs, (const char *p, struct statfs *s), (p, s))
EACH_FILE(int, -1, ftruncate, (int d, off_t n), (d, n))
EACH_FILE(int, -1, flock, (int d, int o), (d, o))
EACH_FILE(FILE *, NULL, fopen, (const char *p, const char *m), (p, m))
EACH_FILE(int, -1, scandir,
	  (const char *d, struct dirent ***l, int (*f)(const struct dirent *),
	   int (*c)(const struct dirent **, const struct dirent **)),
	  (d, l, f, c))
EACH_FILE(int, -1, renameat2,
	  (int a, const char *p, int b, const char *q, unsigned f),
	  (a, p, b, q, f))

#endif
