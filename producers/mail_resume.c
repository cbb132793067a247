/*
 * mail_resume: marks are appended and synced; what a crash left half
 * written at the end is not read. Whatever fails here costs time alone,
 * since a message that comes again is a duplicate: nothing is reported.
 */
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <soundings/feedback.h>

#include "mail_resume.h"

#define MARKS_MAX (4u << 20) /* 64 MB of them */
#define STALE_SECONDS (30 * 86400)

struct mail_resume {
	char path[SDG_PATH_MAX + 64];
	int fd;
	bool last_only;          /* an mbox: one mark says it all */
	struct mail_mark *known; /* sorted, unless last_only */
	size_t known_count;
	struct mail_mark *fresh; /* since the last save */
	size_t fresh_count, fresh_size;
};

uint64_t mail_resume_digest(const void *bytes, size_t len)
{
	uint8_t digest[16];
	uint64_t first;

	sdg_frame_digest(bytes, len, digest);
	memcpy(&first, digest, sizeof(first));
	return first;
}

static int by_place(const void *a, const void *b)
{
	const struct mail_mark *x = a, *y = b;

	if (x->at != y->at)
		return x->at < y->at ? -1 : 1;
	return x->check < y->check ? -1 : x->check > y->check;
}

/* The same run again is one over the same mail, with the same envelope, into
 * the same store: false when there is no telling. */
static bool name_of(const struct mail_options *opt, char name[32])
{
	const char *source = opt->mbox ? opt->mbox : opt->maildir;
	const char *recipient = opt->settings.recipient;
	const char *consultation = opt->settings.consultation;
	char store[SDG_PATH_MAX + 16], text[3 * SDG_PATH_MAX];
	char *real = realpath(source, NULL);
	struct stat st;
	int len;

	snprintf(store, sizeof(store), "%s/data.mdb", opt->home.store);
	if (!real || stat(store, &st) < 0) {
		free(real);
		return false;
	}
	len = snprintf(text, sizeof(text), "%s\n%s\n%s\n%d %ju %ju", real,
		       recipient ? recipient : "",
		       consultation ? consultation : "", opt->settings.test,
		       (uintmax_t)st.st_dev, (uintmax_t)st.st_ino);
	free(real);
	if (len < 0 || (size_t)len >= sizeof(text))
		return false;
	snprintf(name, 32, "%016jx",
		 (uintmax_t)mail_resume_digest(text, (size_t)len));
	return true;
}

/* Nobody came back to go on. */
static void remove_stale(const char *folder)
{
	DIR *dir = opendir(folder);
	struct dirent *entry;
	struct stat st;

	while (dir && (entry = readdir(dir)))
		if (fstatat(dirfd(dir), entry->d_name, &st,
			    AT_SYMLINK_NOFOLLOW) == 0 &&
		    S_ISREG(st.st_mode) &&
		    time(NULL) - st.st_mtime > STALE_SECONDS)
			unlinkat(dirfd(dir), entry->d_name, 0);
	if (dir)
		closedir(dir);
}

static bool read_known(struct mail_resume *resume)
{
	size_t len;
	char *bytes;

	if (sdg_read_file(resume->path, MARKS_MAX * sizeof(struct mail_mark),
			  &bytes, &len, NULL) < 0)
		return false;
	resume->known_count = len / sizeof(struct mail_mark);
	resume->known = (struct mail_mark *)(void *)bytes;
	/* Half a mark at the end would set all later ones askew. */
	if (ftruncate(resume->fd, (off_t)(resume->known_count *
					  sizeof(struct mail_mark))) < 0)
		return false;
	if (!resume->last_only)
		qsort(resume->known, resume->known_count,
		      sizeof(struct mail_mark), by_place);
	return true;
}

struct mail_resume *mail_resume_open(const struct mail_options *opt)
{
	struct mail_resume *resume = calloc(1, sizeof(*resume));
	char folder[SDG_PATH_MAX + 16], name[32];

	if (!resume)
		return NULL;
	resume->fd = -1;
	resume->last_only = opt->mbox != NULL;
	snprintf(folder, sizeof(folder), "%s/spool/backlog", opt->home.root);
	if (!name_of(opt, name) || sdg_make_dirs(folder, 0700, NULL) < 0)
		goto fail;
	remove_stale(folder);
	snprintf(resume->path, sizeof(resume->path), "%s/%s", folder, name);
	resume->fd =
	    open(resume->path, O_RDWR | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
	if (resume->fd >= 0 && read_known(resume))
		return resume;
fail:
	mail_resume_close(resume);
	return NULL;
}

void mail_resume_close(struct mail_resume *resume)
{
	if (!resume)
		return;
	if (resume->fd >= 0)
		close(resume->fd);
	free(resume->known);
	free(resume->fresh);
	free(resume);
}

bool mail_resume_last(const struct mail_resume *resume, struct mail_mark *mark)
{
	if (!resume || resume->known_count == 0)
		return false;
	*mark = resume->known[resume->known_count - 1];
	return true;
}

bool mail_resume_has(const struct mail_resume *resume,
		     const struct mail_mark *mark)
{
	return resume && resume->known_count &&
	       bsearch(mark, resume->known, resume->known_count, sizeof(*mark),
		       by_place) != NULL;
}

void mail_resume_set(struct mail_resume *resume, const struct mail_mark *mark)
{
	if (!resume)
		return;
	if (resume->last_only)
		resume->fresh_count = 0;
	if (resume->fresh_count == resume->fresh_size) {
		size_t size = resume->fresh_size ? 2 * resume->fresh_size : 512;
		void *more =
		    realloc(resume->fresh, size * sizeof(struct mail_mark));

		if (!more)
			return;
		resume->fresh = more;
		resume->fresh_size = size;
	}
	resume->fresh[resume->fresh_count++] = *mark;
}

void mail_resume_save(struct mail_resume *resume)
{
	size_t len;

	if (!resume || resume->fresh_count == 0)
		return;
	len = resume->fresh_count * sizeof(struct mail_mark);
	if (write(resume->fd, resume->fresh, len) == (ssize_t)len &&
	    fdatasync(resume->fd) == 0) {
		resume->fresh_count = 0;
		return;
	}
	/* A full disk: rather all again than marks that are askew. */
	mail_resume_end(resume);
	resume->fresh_count = 0;
}

void mail_resume_end(struct mail_resume *resume)
{
	if (resume)
		unlink(resume->path);
}
