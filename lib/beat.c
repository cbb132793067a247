/*
 * beat: the sign of life a worker leaves. Written by pwrite() over itself,
 * not through a mapping: a full disk must not become SIGBUS.
 */
#include <soundings/beat.h>

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <soundings/home.h>

#define MAGIC 0x3154414542474453ULL /* "SDGBEAT1" */
#define INTERVAL_MS 100

struct image {
	uint64_t magic;
	struct sdg_beat beat;
};

struct sdg_beat_file {
	int fd;
	int64_t written_ms;
};

static int64_t now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static int beat_path(const char *run_dir, int slot, char out[SDG_PATH_MAX],
		     struct sdg_error *err)
{
	int len =
	    snprintf(out, SDG_PATH_MAX, "%s/worker-%d.beat", run_dir, slot);

	if (len < 0 || len >= SDG_PATH_MAX)
		return sdg_fail(err, SDG_EINVAL, "path \"%s\" is too long",
				run_dir);
	return 0;
}

int sdg_beat_open(const char *run_dir, int slot, struct sdg_beat_file **out,
		  struct sdg_error *err)
{
	struct sdg_beat_file *file = NULL;
	char path[SDG_PATH_MAX];
	int fd, rc;

	rc = beat_path(run_dir, slot, path, err);
	if (rc < 0)
		return rc;
	fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0640);
	if (fd < 0)
		return sdg_fail_errno(err, "open \"%s\"", path);
	file = calloc(1, sizeof(*file));
	if (!file) {
		close(fd);
		return sdg_fail(err, SDG_ENOMEM, "open \"%s\"", path);
	}
	file->fd = fd;
	*out = file;
	return 0;
}

void sdg_beat_close(struct sdg_beat_file *file)
{
	if (!file)
		return;
	close(file->fd);
	free(file);
}

int sdg_beat_write(struct sdg_beat_file *file, const struct sdg_beat *beat,
		   bool now, struct sdg_error *err)
{
	struct image image = { .magic = MAGIC, .beat = *beat };
	int64_t at = now_ms();

	if (!now && at - file->written_ms < INTERVAL_MS)
		return 0;
	file->written_ms = at;
	if (pwrite(file->fd, &image, sizeof(image), 0) != sizeof(image) &&
	    errno != ENOSPC && errno != EDQUOT)
		return sdg_fail_errno(err, "write the worker's beat");
	return 0;
}

int sdg_beat_read(const char *run_dir, int slot, struct sdg_beat *beat,
		  struct sdg_error *err)
{
	char path[SDG_PATH_MAX];
	struct image image;
	ssize_t got;
	int fd, rc;

	rc = beat_path(run_dir, slot, path, err);
	if (rc < 0)
		return rc;
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return sdg_fail_errno(err, "open \"%s\"", path);
	got = pread(fd, &image, sizeof(image), 0);
	close(fd);
	if (got != sizeof(image) || image.magic != MAGIC)
		return sdg_fail(err, SDG_EDAMAGED, "\"%s\" holds no beat",
				path);
	*beat = image.beat;
	return 0;
}
