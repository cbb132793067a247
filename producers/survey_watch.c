/*
 * survey_watch: see survey_watch.h. inotify says which file has been
 * written; a file that workers did not answer for is tried again, first
 * after one second, then ever less often up to a minute.
 */
#include <dirent.h>
#include <err.h>
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <sysexits.h>
#include <unistd.h>

#include <soundings/home.h>

#include "survey_watch.h"

#define PENDING_MAX 1024
#define GONE (IN_DELETE_SELF | IN_MOVE_SELF)

struct watch {
	const char *dir;
	const struct import_options *options;
	char *pending[PENDING_MAX]; /* names still to be taken in */
	size_t pending_count;
	bool overflowed; /* look at the whole folder again */
	bool gone;       /* the folder: nothing will be told of it any more */
	int pause_ms;
};

static bool ends_with(const char *name, const char *end)
{
	size_t n = strlen(name), m = strlen(end);

	return n > m && strcmp(name + n - m, end) == 0;
}

/* What browsers, rsync and Excel write while they are at it. */
static bool is_unfinished_name(const char *name)
{
	return name[0] == '.' || name[0] == '~' || ends_with(name, "~") ||
	       ends_with(name, ".part") || ends_with(name, ".tmp") ||
	       ends_with(name, ".crdownload") || ends_with(name, ".download");
}

static void add_pending(struct watch *watch, const char *name)
{
	if (is_unfinished_name(name))
		return;
	for (size_t i = 0; i < watch->pending_count; i++) {
		if (strcmp(watch->pending[i], name) == 0)
			return;
	}
	if (watch->pending_count == PENDING_MAX) {
		watch->overflowed = true;
		return;
	}
	watch->pending[watch->pending_count] = strdup(name);
	watch->pending_count += watch->pending[watch->pending_count] != NULL;
}

static int look(struct watch *watch)
{
	struct dirent *entry;
	DIR *dir = opendir(watch->dir);

	if (!dir)
		return -1;
	watch->overflowed = false;
	while ((entry = readdir(dir))) {
		if (entry->d_type == DT_REG || entry->d_type == DT_LNK ||
		    entry->d_type == DT_UNKNOWN)
			add_pending(watch, entry->d_name);
	}
	closedir(dir);
	return 0;
}

/* Take in what is pending; what workers did not answer for stays. */
static void take_in(struct watch *watch)
{
	struct sdg_error error = { 0 };
	char path[SDG_PATH_MAX];
	size_t kept = 0;
	bool silent = false;

	for (size_t i = 0; i < watch->pending_count; i++) {
		char *name = watch->pending[i];
		int rc = SDG_EAGAIN;

		snprintf(path, sizeof(path), "%s/%s", watch->dir, name);
		if (!silent && !import_stop) {
			rc = import_file(path, watch->options, &error);
			if (rc < 0 && rc != SDG_ENOTFOUND)
				warnx("%s: %s", path, error.message);
		}
		silent = silent || rc == SDG_EAGAIN;
		if (rc == SDG_EAGAIN || rc == SDG_EIO || rc == SDG_ENOMEM)
			watch->pending[kept++] = name;
		else
			free(name);
	}
	watch->pending_count = kept;
	if (kept == 0)
		watch->pause_ms = 1000;
	else if (watch->pause_ms < 60000)
		watch->pause_ms *= 2;
}

static void read_events(struct watch *watch, int fd)
{
	char buf[16384]
	    __attribute__((aligned(__alignof__(struct inotify_event))));
	ssize_t n = read(fd, buf, sizeof(buf));

	for (char *at = buf; n > 0 && at < buf + n;) {
		struct inotify_event *event = (struct inotify_event *)at;

		if (event->mask & IN_Q_OVERFLOW)
			watch->overflowed = true;
		else if (event->mask & (GONE | IN_UNMOUNT | IN_IGNORED))
			watch->gone = true;
		else if (event->len > 0 && !(event->mask & IN_ISDIR))
			add_pending(watch, event->name);
		at += sizeof(*event) + event->len;
	}
}

int watch_folder(const char *dir, const struct import_options *options)
{
	struct watch watch = { .dir = dir,
			       .options = options,
			       .overflowed = true,
			       .pause_ms = 1000 };
	struct pollfd poller = { .events = POLLIN };
	int fd = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);

	/* Watch before looking, or what comes in between is missed. */
	if (fd < 0 ||
	    inotify_add_watch(fd, dir, IN_CLOSE_WRITE | IN_MOVED_TO | GONE) <
		0 ||
	    look(&watch) < 0) {
		warn("watch \"%s\"", dir);
		return EX_DATAERR;
	}
	poller.fd = fd;
	fprintf(stderr, "watching %s\n", dir);
	while (!import_stop && !watch.gone) {
		if (watch.overflowed)
			look(&watch);
		take_in(&watch);
		if (poll(&poller, 1,
			 watch.pending_count > 0 || watch.overflowed
			     ? watch.pause_ms
			     : 1000) > 0)
			read_events(&watch, fd);
	}
	for (size_t i = 0; i < watch.pending_count; i++)
		free(watch.pending[i]);
	close(fd);
	if (!watch.gone || import_stop)
		return EX_OK;
	warnx("\"%s\" is no longer there", dir);
	return EX_TEMPFAIL;
}
