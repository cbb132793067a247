/*
 * frame_help: a frame's folder in a temporary one, written by the test.
 */
#ifndef FRAME_HELP_H
#define FRAME_HELP_H

#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "test.h"

#define FRAME_PATH_MAX 128

static char frame_dir[FRAME_PATH_MAX];

static inline void put_file(const char *name, const char *text)
{
	char path[2 * FRAME_PATH_MAX];
	FILE *to;

	snprintf(path, sizeof(path), "%s/%s", frame_dir, name);
	to = fopen(path, "we");
	assert_non_null(to);
	assert_int_equal(fwrite(text, 1, strlen(text), to), strlen(text));
	assert_int_equal(fclose(to), 0);
}

static inline int make_frame(void **state)
{
	char training[2 * FRAME_PATH_MAX];

	(void)state;
	strcpy(frame_dir, "/tmp/test-frame-XXXXXX");
	if (!mkdtemp(frame_dir))
		return -1;
	snprintf(training, sizeof(training), "%s/training", frame_dir);
	return mkdir(training, 0700);
}

static inline int remove_one(const char *path, const struct stat *st, int type,
			     struct FTW *at)
{
	(void)st;
	(void)type;
	(void)at;
	return remove(path);
}

static inline int remove_frame(void **state)
{
	(void)state;
	return nftw(frame_dir, remove_one, 8, FTW_DEPTH | FTW_PHYS);
}

#endif
