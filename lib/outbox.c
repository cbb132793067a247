/*
 * outbox: a folder of events that wait for a worker. It trusts the receipt
 * alone: an item is removed after it, never after a send. It never looks
 * into an event.
 */
#include <soundings/outbox.h>

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <soundings/clients.h>
#include <soundings/home.h>
#include <soundings/sealed.h>

#define SUFFIX ".event"
/* "1732581234.123456789-" and the digest in hexadecimal. */
#define TIME_LEN 20
#define NAME_LEN (TIME_LEN + 1 + 32 + (sizeof(SUFFIX) - 1))
#define PATH_SIZE (SDG_PATH_MAX + NAME_LEN + sizeof("/.bad"))
#define SEND_WINDOW 256

static void digest_hex(const uint8_t *event, size_t len, uint8_t *frame,
		       char hex[33])
{
	uint8_t digest[16];
	size_t i;

	/* The digest of the frame, as receipts name it. */
	frame[0] = 'E';
	memcpy(frame + 1, event, len);
	sdg_frame_digest(frame, len + 1, digest);
	for (i = 0; i < sizeof(digest); i++)
		snprintf(hex + 2 * i, 3, "%02x", digest[i]);
}

static int event_hex(const uint8_t *event, size_t len, char hex[33],
		     struct sdg_error *err)
{
	uint8_t *frame = malloc(len + 1);

	if (frame == NULL)
		return sdg_fail(err, SDG_ENOMEM, "digest an event");
	digest_hex(event, len, frame, hex);
	free(frame);
	return 0;
}

/* Whoever is given a folder from outside asks this first. */
static int check_dir(const char *dir, struct sdg_error *err)
{
	if (strlen(dir) < SDG_PATH_MAX)
		return 0;
	return sdg_fail(err, SDG_EINVAL, "path \"%s\" is too long", dir);
}

static void item_path(const char *dir, const char *name, const char *suffix,
		      char out[PATH_SIZE])
{
	snprintf(out, PATH_SIZE, "%s/%s%s", dir, name, suffix);
}

static int keep(const char *dir, const uint8_t *event, size_t len,
		struct sdg_error *err)
{
	char path[PATH_SIZE], name[NAME_LEN + 32], hex[33];
	struct timespec now;
	int rc;

	if (len > SDG_SEALED_MAX ||
	    (len > SDG_EVENT_MAX && !sdg_is_sealed(event, len)))
		return sdg_fail(err, SDG_EINVAL,
				"event of %zu bytes is too long (%d at most)",
				len, SDG_EVENT_MAX);
	rc = event_hex(event, len, hex, err);
	if (rc < 0)
		return rc;
	clock_gettime(CLOCK_REALTIME, &now);
	snprintf(name, sizeof(name), "%010lld.%09ld-%s" SUFFIX,
		 (long long)now.tv_sec % 10000000000LL, now.tv_nsec, hex);
	item_path(dir, name, "", path);
	rc = sdg_make_dirs(dir, 0700, err);
	if (rc == 0)
		rc = sdg_write_file(path, event, len, 0600, err);
	return rc;
}

/* Sealed where it is known for whom: what waits on a laptop is nobody's to
 * read. Where it is not, an event that is kept is better than none. */
int sdg_outbox_keep(const char *dir, const uint8_t *event, size_t len,
		    struct sdg_error *err)
{
	char server[SDG_CURVE_SIZE];
	uint8_t *sealed;
	int rc = check_dir(dir, err);

	if (rc < 0)
		return rc;
	if (len > SDG_EVENT_MAX || sdg_seal_key(server, NULL) < 0)
		return keep(dir, event, len, err);
	sealed = malloc(len + SDG_SEALED_EXTRA);
	if (sealed == NULL)
		return sdg_fail(err, SDG_ENOMEM, "keep an event");
	rc = sdg_seal_event(server, event, len, sealed, err);
	if (rc == 0)
		rc = keep(dir, sealed, len + SDG_SEALED_EXTRA, err);
	free(sealed);
	return rc;
}

/* Seconds when it was kept, or -1 when the name is not an item's. */
static int64_t kept_at(const char *name)
{
	static const char digits[] = "0123456789", hex[] = "0123456789abcdef";

	if (strlen(name) != NAME_LEN || strspn(name, digits) != 10 ||
	    name[10] != '.' || strspn(name + 11, digits) != 9 ||
	    name[TIME_LEN] != '-' || strspn(name + TIME_LEN + 1, hex) != 32 ||
	    strcmp(name + NAME_LEN - strlen(SUFFIX), SUFFIX) != 0)
		return -1;
	return strtoll(name, NULL, 10);
}

static int is_item(const struct dirent *entry)
{
	return kept_at(entry->d_name) >= 0;
}

/* Set aside, so that it neither stops the others nor comes up again. */
static int set_aside(const char *dir, const char *name, struct sdg_error *err)
{
	char from[PATH_SIZE], to[PATH_SIZE];

	item_path(dir, name, "", from);
	item_path(dir, name, ".bad", to);
	if (rename(from, to) < 0 && errno != ENOENT)
		return sdg_fail_errno(err, "set \"%s\" aside", from);
	return 0;
}

/* Return fn's answer, 0 for an item that has gone or is damaged. */
static int visit(const char *dir, const char *name, sdg_outbox_fn *fn,
		 void *arg, struct sdg_error *err)
{
	char path[PATH_SIZE], hex[33];
	char *data = NULL;
	size_t len = 0;
	int rc;

	item_path(dir, name, "", path);
	rc = sdg_read_file(path, SDG_SEALED_MAX, &data, &len, err);
	if (rc == SDG_ENOTFOUND) /* another process has sent it */
		return 0;
	if (rc == SDG_EINVAL)
		return set_aside(dir, name, err);
	if (rc < 0)
		return rc;
	rc = event_hex((const uint8_t *)data, len, hex, err);
	if (rc < 0)
		goto out;
	if (memcmp(hex, name + TIME_LEN + 1, 32) != 0)
		rc = set_aside(dir, name, err);
	else
		rc = fn(arg, name, kept_at(name), (const uint8_t *)data, len);
out:
	free(data);
	return rc;
}

static int list_items(const char *dir, struct dirent ***items, size_t *n,
		      struct sdg_error *err)
{
	int count = scandir(dir, items, is_item, alphasort);

	*n = 0;
	if (count >= 0) {
		*n = (size_t)count;
		return 0;
	}
	*items = NULL;
	return errno == ENOENT ? 0
			       : sdg_fail_errno(err, "read outbox \"%s\"", dir);
}

static void free_items(struct dirent **items, size_t n)
{
	while (n > 0)
		free(items[--n]);
	free(items);
}

int sdg_outbox_each(const char *dir, sdg_outbox_fn *fn, void *arg,
		    struct sdg_error *err)
{
	struct dirent **items = NULL;
	size_t n = 0, i;
	int rc = check_dir(dir, err);

	if (rc == 0)
		rc = list_items(dir, &items, &n, err);
	for (i = 0; rc == 0 && i < n; i++)
		rc = visit(dir, items[i]->d_name, fn, arg, err);
	free_items(items, n);
	return rc;
}

/* ---------------------------------------------------------------- sending */

struct sending {
	const char *dir;
	struct sdg_sender *sender;
	int timeout_ms;
	struct sdg_outbox_tally *tally;
	struct sdg_error *err;
	int rc; /* last failure to remove an item */
};

/* The receipt for one item; its cookie is its name. */
static void item_received(void *arg, void *cookie, enum sdg_outcome outcome,
			  struct sdg_str reason)
{
	struct sending *sending = arg;
	char path[PATH_SIZE];
	char *name = cookie;

	(void)reason;
	if (outcome != SDG_OUTCOME_NONE) {
		item_path(sending->dir, name, "", path);
		if (unlink(path) < 0 && errno != ENOENT)
			sending->rc =
			    sdg_fail_errno(sending->err, "remove \"%s\"", path);
		else
			sending->tally->sent++;
	}
	free(name);
}

static int push_item(void *arg, const char *name, int64_t kept,
		     const uint8_t *event, size_t len)
{
	struct sending *sending = arg;
	char *cookie = strdup(name);
	int rc;

	(void)kept;
	if (cookie == NULL)
		return sdg_fail(sending->err, SDG_ENOMEM, "send an event");
	rc = sdg_sender_push(sending->sender, event, len, cookie,
			     sending->timeout_ms, sending->err);
	if (rc < 0)
		free(cookie);
	return rc;
}

/* What has been acknowledged stays removed: else it is only sent again. */
static void sync_dir(const char *dir)
{
	int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0)
		return;
	fsync(fd);
	close(fd);
}

static int send_items(struct sending *sending, const char *run_dir)
{
	struct sdg_sender_options options = {
		.run_dir = run_dir,
		.window = SEND_WINDOW,
		.receipt = item_received,
		.arg = sending,
	};
	int rc, flushed;

	rc = sdg_sender_open(&options, &sending->sender, sending->err);
	if (rc < 0)
		return rc;
	rc = sdg_outbox_each(sending->dir, push_item, sending, sending->err);
	/* Also after a failure: what was pushed has cookies to free, and what
	 * was received must go. */
	flushed = sdg_sender_flush(sending->sender, sending->timeout_ms,
				   rc < 0 ? NULL : sending->err);
	sdg_sender_close(sending->sender);
	sync_dir(sending->dir);
	if (rc == 0)
		rc = flushed;
	return rc < 0 ? rc : sending->rc;
}

static int count_items(const char *dir, size_t *n, struct sdg_error *err)
{
	struct dirent **items;
	int rc = list_items(dir, &items, n, err);

	free_items(items, *n);
	return rc;
}

int sdg_outbox_send(const char *dir, const char *run_dir, int timeout_ms,
		    struct sdg_outbox_tally *tally, struct sdg_error *err)
{
	struct sending sending = {
		.dir = dir,
		.timeout_ms = timeout_ms,
		.tally = tally,
		.err = err,
	};
	int rc;

	*tally = (struct sdg_outbox_tally){ 0 };
	rc = check_dir(dir, err);
	if (rc == 0)
		rc = count_items(dir, &tally->waiting, err);
	if (rc < 0 || tally->waiting == 0)
		return rc;
	rc = send_items(&sending, run_dir);
	if (count_items(dir, &tally->kept, NULL) < 0)
		tally->kept = tally->waiting - tally->sent;
	if (rc == 0 && tally->kept > 0)
		rc =
		    sdg_fail(err, SDG_EAGAIN, "%zu events still wait in \"%s\"",
			     tally->kept, dir);
	return rc;
}
