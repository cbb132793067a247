/*
 * faults_powercut: the power goes at every moment of every commit.
 *
 *	faults_powercut [--seed N] [--batches N] [--images N] [--lie]
 *
 * The store's writes, truncations and syncs are recorded as they happen
 * (this program takes the place of open(), pwrite() and the like for
 * liblmdb). Then, for each moment between two of them, images of what a disk
 * may hold after a power cut are made: what was synced, and of what was not,
 * any sectors of any pages, in any order. Each image is opened, recounted
 * and read in full: every acknowledged batch must be there, whole, and
 * nothing of a batch that is not.
 *
 * With --lie the disk does not sync when it says so: the images must then
 * show it, or this program would prove nothing.
 *
 * One sector (512 bytes) is taken to be written whole or not at all: LMDB's
 * meta record, 120 bytes within one, stands on that.
 */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#include <soundings/store.h>

#include "faults.h"

#define SECTOR 512
#define BATCHES_MAX 1000
#define FDS 256

/* ------------------------------------------------------------- recording */

enum op_kind { OP_WRITE, OP_SIZE, OP_SYNC, OP_ACK };

struct op {
	enum op_kind kind;
	bool through; /* a write that is its own sync (O_DSYNC) */
	uint64_t at, len;
	uint8_t *bytes;
};

static struct {
	bool on;
	uint8_t fds[FDS]; /* 1: the data file, 2: likewise, O_DSYNC */
	off_t offsets[FDS];
	struct op *ops;
	size_t n, cap;
} tape;

static void record(struct op op, const void *bytes)
{
	if (tape.n == tape.cap) {
		tape.cap = tape.cap ? tape.cap * 2 : 4096;
		tape.ops = realloc(tape.ops, tape.cap * sizeof(*tape.ops));
		if (!tape.ops)
			die("no memory");
	}
	if (op.len > 0 && bytes) {
		op.bytes = malloc(op.len);
		if (!op.bytes)
			die("no memory");
		memcpy(op.bytes, bytes, op.len);
	}
	tape.ops[tape.n++] = op;
}

static int kind_of(int fd)
{
	return tape.on && fd >= 0 && fd < FDS ? tape.fds[fd] : 0;
}

static void record_write(int fd, uint64_t at, const void *bytes, ssize_t len)
{
	if (len > 0)
		record((struct op){ .kind = OP_WRITE,
				    .through = tape.fds[fd] == 2,
				    .at = at,
				    .len = (uint64_t)len },
		       bytes);
}

/* In liblmdb's place: the program's own symbols come before the library's. */
int open(const char *path, int flags, ...)
{
	size_t len = strlen(path);
	va_list args;
	int mode, fd;

	va_start(args, flags);
	mode = flags & O_CREAT ? va_arg(args, int) : 0;
	va_end(args);
	fd = (int)syscall(SYS_openat, AT_FDCWD, path, flags, mode);
	if (fd >= 0 && fd < FDS)
		tape.fds[fd] = len < 9 || strcmp(path + len - 9, "/data.mdb")
				   ? 0
			       : flags & O_DSYNC ? 2
						 : 1;
	return fd;
}

ssize_t pwrite(int fd, const void *bytes, size_t len, off_t at)
{
	ssize_t done = syscall(SYS_pwrite64, fd, bytes, len, at);

	if (kind_of(fd))
		record_write(fd, (uint64_t)at, bytes, done);
	return done;
}

off_t lseek(int fd, off_t at, int whence)
{
	off_t now = syscall(SYS_lseek, fd, at, whence);

	if (fd >= 0 && fd < FDS)
		tape.offsets[fd] = now;
	return now;
}

ssize_t writev(int fd, const struct iovec *parts, int n)
{
	ssize_t done = syscall(SYS_writev, fd, parts, n), left = done;

	for (int i = 0; kind_of(fd) && i < n && left > 0; i++) {
		ssize_t len = (ssize_t)parts[i].iov_len < left
				  ? (ssize_t)parts[i].iov_len
				  : left;

		record_write(fd, (uint64_t)tape.offsets[fd], parts[i].iov_base,
			     len);
		tape.offsets[fd] += len;
		left -= len;
	}
	return done;
}

int ftruncate(int fd, off_t len)
{
	int rc = (int)syscall(SYS_ftruncate, fd, len);

	if (kind_of(fd) && rc == 0)
		record((struct op){ .kind = OP_SIZE, .at = (uint64_t)len },
		       NULL);
	return rc;
}

int fdatasync(int fd)
{
	int rc = (int)syscall(SYS_fdatasync, fd);

	if (kind_of(fd) && rc == 0)
		record((struct op){ .kind = OP_SYNC }, NULL);
	return rc;
}

int fsync(int fd)
{
	int rc = (int)syscall(SYS_fsync, fd);

	if (kind_of(fd) && rc == 0)
		record((struct op){ .kind = OP_SYNC }, NULL);
	return rc;
}

/* ------------------------------------------------------------- the history */

static struct {
	uint64_t seed;
	int batches, images;
	bool lie; /* the disk says that it has synced, and has not */
} opt = { .seed = 1, .batches = 40, .images = 2 };

static struct sdg_home home;
/* Events in the first k batches. */
static uint64_t until[BATCHES_MAX + 1];

static void label(struct sdg_item *item, uint64_t number)
{
	item->labels = (struct sdg_labels){
		.kind = SDG_KIND_FEEDBACK,
		.region = (enum sdg_region)(1 + number % 9),
		.theme_count = 1,
		.themes = { (uint8_t)(number % 2) },
		.scores = { 1 },
		.kind_score = 1,
	};
}

static void apply_batch(struct sdg_store *store, struct sdg_arena *arena,
			uint64_t from, uint64_t to)
{
	static uint8_t events[32][4096];
	static struct sdg_feedback feedback[32];
	static struct sdg_item items[32];
	static uint8_t digests[32][16];
	size_t n = (size_t)(to - from);
	struct sdg_error error;

	sdg_arena_reset(arena);
	for (size_t i = 0; i < n; i++) {
		size_t len = event_encode(opt.seed, from + i, events[i]);

		if (sdg_feedback_decode(events[i], len, arena, &feedback[i],
					&error) < 0)
			die("%s", error.message);
		sdg_frame_digest(events[i], len, digests[i]);
		items[i] = (struct sdg_item){ .fb = &feedback[i],
					      .raw = events[i],
					      .raw_len = len,
					      .digest = digests[i] };
		label(&items[i], from + i);
	}
	if (sdg_store_look(store, items, n, &error) < 0 ||
	    sdg_store_apply(store, items, n, &error) < 0)
		die("%s", error.message);
}

/* The data file as it is when recording begins, all of it durable. */
static uint8_t *make_history(uint64_t *size)
{
	static const char *const themes[] = { "other", "funding" };
	struct sdg_arena *arena = sdg_arena_new(32 * SDG_ARENA_EVENT);
	char path[SDG_PATH_MAX + 16], *start;
	struct sdg_store *store;
	struct sdg_error error;
	uint64_t state = opt.seed;
	size_t len;

	if (!arena || sdg_home_prepare(&home, &error) < 0 ||
	    sdg_store_open(&home, SDG_STORE_WRITE, &store, &error) < 0 ||
	    sdg_store_use_frame(store, themes, 2, 1, &error) < 0)
		die("%s", error.message);
	snprintf(path, sizeof(path), "%s/data.mdb", home.store);
	if (sdg_read_file(path, 1 << 28, &start, &len, &error) < 0)
		die("%s", error.message);
	*size = len;
	tape.on = true;
	for (int b = 0; b < opt.batches; b++) {
		until[b + 1] = until[b] + 1 + fault_random(&state) % 24;
		apply_batch(store, arena, until[b], until[b + 1]);
		record((struct op){ .kind = OP_ACK }, NULL);
	}
	tape.on = false;
	sdg_store_close(store);
	sdg_arena_free(arena);
	return (uint8_t *)start;
}

/* ------------------------------------------------------------- the disk */

/*
 * What is certainly there, what the page cache holds, and which sectors of
 * the two may differ. A sector written twice without a sync between may hold
 * either: the cache's is one of them, the durable one the other, which
 * leaves out only states in between; LMDB writes a page once a commit.
 */
struct disk {
	uint8_t *durable, *cache, *dirty;
	uint64_t durable_size, cache_size, cap;
};

static void disk_grow(struct disk *disk, uint64_t size)
{
	uint64_t cap = disk->cap;

	if (size <= cap)
		return;
	while (cap < size)
		cap = cap ? cap * 2 : 1 << 20;
	disk->durable = realloc(disk->durable, cap);
	disk->cache = realloc(disk->cache, cap);
	disk->dirty = realloc(disk->dirty, cap / SECTOR);
	if (!disk->durable || !disk->cache || !disk->dirty)
		die("no memory");
	memset(disk->durable + disk->cap, 0, cap - disk->cap);
	memset(disk->cache + disk->cap, 0, cap - disk->cap);
	memset(disk->dirty + disk->cap / SECTOR, 0, (cap - disk->cap) / SECTOR);
	disk->cap = cap;
}

static void disk_write(struct disk *disk, const struct op *op)
{
	uint64_t end = op->at + op->len;

	disk_grow(disk, end);
	memcpy(disk->cache + op->at, op->bytes, op->len);
	if (end > disk->cache_size)
		disk->cache_size = end;
	if (op->through) {
		memcpy(disk->durable + op->at, op->bytes, op->len);
		if (end > disk->durable_size)
			disk->durable_size = end;
		return;
	}
	for (uint64_t s = op->at / SECTOR; s * SECTOR < end; s++)
		disk->dirty[s] = 1;
}

static void disk_do(struct disk *disk, const struct op *op)
{
	switch (op->kind) {
	case OP_WRITE:
		disk_write(disk, op);
		return;
	case OP_SIZE:
		disk_grow(disk, op->at);
		disk->cache_size = op->at;
		return;
	case OP_SYNC:
		if (opt.lie)
			return;
		memcpy(disk->durable, disk->cache, disk->cap);
		memset(disk->dirty, 0, disk->cap / SECTOR);
		disk->durable_size = disk->cache_size;
		return;
	case OP_ACK:
		return;
	}
}

/* One image: of the unsynced sectors each with the chance this image has,
 * or whole pages only, or all up to somewhere. */
static uint64_t disk_image(const struct disk *disk, uint8_t *out,
			   uint64_t *state)
{
	unsigned way = (unsigned)(fault_random(state) % 4);
	uint64_t chance = fault_random(state) % 101;
	uint64_t sectors = disk->cap / SECTOR, limit = 0, size;

	memcpy(out, disk->durable, disk->cap);
	limit = fault_random(state) % (sectors + 1);
	for (uint64_t s = 0; s < sectors; s++) {
		bool written = fault_random(state) % 100 < chance;

		if (!disk->dirty[s])
			continue;
		if (way == 1 && s % 8 != 0)
			written =
			    s > 0 &&
			    memcmp(out + (s - 1) * SECTOR,
				   disk->cache + (s - 1) * SECTOR, SECTOR) == 0;
		if (way == 2)
			written = s < limit;
		if (written)
			memcpy(out + s * SECTOR, disk->cache + s * SECTOR,
			       SECTOR);
	}
	/* The file's length is metadata: the old or the new. */
	size = disk->durable_size;
	if (disk->cache_size > size && fault_random(state) % 2)
		size = disk->cache_size;
	return size;
}

/* ------------------------------------------------------------- the verdict */

struct reading {
	uint8_t *seen;
	uint64_t pieces, foreign;
};

static int take_piece(void *arg, const struct sdg_stored *stored)
{
	struct reading *reading = arg;
	int64_t number = event_number(opt.seed, &stored->fb);

	reading->pieces++;
	if (number < 0 || (uint64_t)number >= until[opt.batches] ||
	    reading->seen[number]++)
		reading->foreign++;
	return 0;
}

static void tell_fault(void *arg, const char *what)
{
	(void)arg;
	fprintf(stderr, "verify: %s\n", what);
}

/* Whole batches, at least those acknowledged: else what is wrong. */
static const char *read_image(const struct sdg_home *image, int acked)
{
	static char words[SDG_ERROR_SIZE];
	static const struct sdg_filter all;
	struct reading reading = { 0 };
	struct sdg_verify verified;
	struct sdg_store *store;
	struct sdg_error error;
	int b;

	if (sdg_store_open(image, SDG_STORE_READ, &store, &error) < 0)
		goto failed;
	reading.seen = calloc(until[opt.batches] + 1, 1);
	if (!reading.seen)
		die("no memory");
	if (sdg_store_verify(store, tell_fault, NULL, &verified, &error) < 0 ||
	    sdg_store_each(store, &all, 1U << SDG_KIND_FEEDBACK, NULL,
			   take_piece, &reading, &error) < 0)
		goto failed;
	sdg_store_close(store);
	free(reading.seen);
	if (verified.faults || reading.foreign)
		return "faults in it";
	for (b = acked; b <= opt.batches && b <= acked + 1; b++)
		if (reading.pieces == until[b])
			return NULL;
	return reading.pieces < until[acked] ? "acknowledged pieces are lost"
					     : "part of a batch";
failed:
	snprintf(words, sizeof(words), "%s", error.message);
	return words;
}

static void write_image(const struct sdg_home *image, const uint8_t *bytes,
			uint64_t size)
{
	char path[SDG_PATH_MAX + 16];
	int fd;

	snprintf(path, sizeof(path), "%s/lock.mdb", image->store);
	unlink(path);
	snprintf(path, sizeof(path), "%s/data.mdb", image->store);
	fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
	if (fd < 0 || pwrite(fd, bytes, size, 0) != (ssize_t)size)
		die("cannot write \"%s\"", path);
	close(fd);
}

/* In a child, as an image may end whoever reads it: its exit status is the
 * number of violations. */
static int judge_moment(const struct disk *disk, size_t op, int acked)
{
	uint8_t *bytes = malloc(disk->cap);
	struct sdg_home image = home;
	uint64_t state = opt.seed + op * 1000003;
	int violations = 0;

	if (!bytes)
		die("no memory");
	snprintf(image.store, sizeof(image.store), "image");
	for (int i = 0; i < opt.images; i++) {
		uint64_t size = disk_image(disk, bytes, &state);
		const char *wrong;

		write_image(&image, bytes, size);
		wrong = read_image(&image, acked);
		if (!wrong)
			continue;
		violations++;
		fprintf(stderr, "after operation %zu, image %d: %s\n", op, i,
			wrong);
	}
	free(bytes);
	return violations > 100 ? 100 : violations;
}

static unsigned long judge_in_child(const struct disk *disk, size_t op,
				    int acked)
{
	int status;
	pid_t pid;

	fflush(NULL);
	pid = fork();
	if (pid < 0)
		die("cannot fork");
	if (pid == 0)
		_exit(judge_moment(disk, op, acked));
	if (waitpid(pid, &status, 0) < 0)
		die("cannot wait");
	if (WIFEXITED(status))
		return (unsigned long)WEXITSTATUS(status);
	fprintf(stderr, "after operation %zu: an image ends its reader\n", op);
	return 1;
}

static void parse(int argc, char *argv[])
{
	static const struct option known[] = {
		{ "batches", required_argument, NULL, 'b' },
		{ "images", required_argument, NULL, 'i' },
		{ "lie", no_argument, NULL, 'l' },
		{ "seed", required_argument, NULL, 's' },
		{ NULL, 0, NULL, 0 },
	};
	int c;

	while ((c = getopt_long(argc, argv, "", known, NULL)) != -1) {
		if (c == 'b')
			opt.batches = atoi(optarg);
		else if (c == 'i')
			opt.images = atoi(optarg);
		else if (c == 'l')
			opt.lie = true;
		else if (c == 's')
			opt.seed = strtoull(optarg, NULL, 10);
		else
			die("see the head of powercut.c");
	}
	if (opt.batches < 1 || opt.batches > BATCHES_MAX || opt.images < 1)
		die("1 to %d batches, 1 image or more", BATCHES_MAX);
}

int main(int argc, char *argv[])
{
	unsigned long violations = 0, moments = 0;
	struct disk disk = { 0 };
	struct sdg_error error;
	int acked = 0;
	uint8_t *start;

	parse(argc, argv);
	if (sdg_home_find(&home, &error) < 0)
		die("%s", error.message);
	start = make_history(&disk.durable_size);
	disk.cache_size = disk.durable_size;
	disk_grow(&disk, disk.durable_size);
	memcpy(disk.durable, start, disk.durable_size);
	memcpy(disk.cache, start, disk.durable_size);
	if (mkdir("image", 0700) < 0)
		die("cannot make folder \"image\"");
	for (size_t op = 0; op < tape.n; op++) {
		disk_do(&disk, &tape.ops[op]);
		acked += tape.ops[op].kind == OP_ACK;
		violations += judge_in_child(&disk, op, acked);
		moments++;
	}
	printf("seed %" PRIu64 ": %d commits, %" PRIu64
	       " pieces, %lu moments, %lu images, %lu violations\n",
	       opt.seed, opt.batches, until[opt.batches], moments,
	       moments * (unsigned long)opt.images, violations);
	if (moments < (unsigned long)opt.batches * 3)
		die("recorded only %lu operations", moments);
	return violations ? 1 : 0;
}
