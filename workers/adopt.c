/*
 * adopt: raw mail without an event goes into quarantine, where a person
 * sees it. The file's name is the identity of the mail, so that it is done
 * once, whoever starts how often.
 */
#include "adopt.h"

#include <dirent.h>
#include <errno.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include <soundings/feedback.h>

#define SETTLED_SECONDS 60
#define REASON "kept raw, and no event of it: adopted when a worker started"

/* "<64 hexadecimal digits>.eml" as an identity. */
static bool identity_of(const char *name, uint8_t identity[SDG_DIGEST_SIZE])
{
	size_t len = 0;
	const char *end = NULL;

	return sodium_hex2bin(identity, SDG_DIGEST_SIZE, name, strlen(name),
			      NULL, &len, &end) == 0 &&
	       len == SDG_DIGEST_SIZE && strcmp(end, ".eml") == 0;
}

/* The event that was to be sent of it, which the hook left beside it; false
 * when there is none, or it is of something else. */
static bool left_event(const char *path, struct sdg_arena *arena,
		       struct sdg_feedback *fb, uint8_t event[SDG_EVENT_MAX],
		       size_t *len)
{
	uint8_t identity[SDG_DIGEST_SIZE];
	char *bytes;

	memcpy(identity, fb->identity, sizeof(identity));
	if (sdg_read_file(path, SDG_EVENT_MAX, &bytes, len, NULL) < 0)
		return false;
	memcpy(event, bytes, *len);
	free(bytes);
	return sdg_feedback_decode(event, *len, arena, fb, NULL) == 0 &&
	       fb->source == SDG_SOURCE_MAIL && fb->unreadable.len &&
	       memcmp(identity, fb->identity, sizeof(identity)) == 0;
}

static int set_aside(struct sdg_store *store, char *path,
		     const uint8_t identity[SDG_DIGEST_SIZE], time_t kept,
		     struct sdg_error *err)
{
	static uint8_t event[SDG_EVENT_MAX];
	struct sdg_arena *arena = sdg_arena_new(SDG_ARENA_EVENT);
	struct sdg_feedback fb, bare = {
		.source = SDG_SOURCE_MAIL,
		.received = kept,
		.unreadable = sdg_str(REASON),
	};
	struct sdg_item item = { .fb = &fb, .raw = event };
	int rc = 0;

	if (!arena)
		return sdg_fail(err, SDG_ENOMEM, "no memory to look at mail");
	memcpy(bare.identity, identity, SDG_DIGEST_SIZE);
	memcpy(bare.content, identity, SDG_DIGEST_SIZE);
	fb = bare;
	memcpy(path + strlen(path) - 4, ".event", sizeof(".event"));
	if (!left_event(path, arena, &fb, event, &item.raw_len)) {
		fb = bare;
		rc = sdg_feedback_encode(&fb, event, &item.raw_len, err);
	}
	item.digest = fb.identity;
	if (rc == 0)
		rc = sdg_store_look(store, &item, 1, err);
	if (rc == 0)
		rc = sdg_store_apply(store, &item, 1, err);
	sdg_arena_free(arena);
	return rc;
}

static int look_at(const struct sdg_home *home, struct sdg_store *store,
		   const char *name, size_t *count, struct sdg_error *err)
{
	uint8_t identity[SDG_DIGEST_SIZE];
	char path[SDG_PATH_MAX + 80];
	struct stat st;
	bool known;
	int rc;

	if (!identity_of(name, identity))
		return 0;
	snprintf(path, sizeof(path), "%s/%s", home->incoming, name);
	if (stat(path, &st) < 0 || time(NULL) - st.st_mtime < SETTLED_SECONDS)
		return 0;
	rc = sdg_quarantine_known(store, identity, &known, err);
	if (rc < 0 || known)
		return rc;
	rc = set_aside(store, path, identity, st.st_mtime, err);
	*count += rc == 0;
	return rc;
}

int adopt_raw_mail(const struct sdg_home *home, struct sdg_store *store,
		   size_t *count, struct sdg_error *err)
{
	DIR *dir = opendir(home->incoming);
	struct dirent *entry;
	int rc = 0;

	*count = 0;
	if (!dir)
		return errno == ENOENT
			   ? 0
			   : sdg_fail_errno(err, "read \"%s\"", home->incoming);
	while (rc == 0 && (entry = readdir(dir)))
		rc = look_at(home, store, entry->d_name, count, err);
	closedir(dir);
	return rc;
}
