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

static int set_aside(struct sdg_store *store,
		     const uint8_t identity[SDG_DIGEST_SIZE], time_t kept,
		     struct sdg_error *err)
{
	static uint8_t event[SDG_EVENT_MAX];
	struct sdg_feedback fb = {
		.source = SDG_SOURCE_MAIL,
		.received = kept,
		.unreadable = sdg_str(REASON),
	};
	struct sdg_item item = { .fb = &fb, .raw = event };
	int rc;

	memcpy(fb.identity, identity, SDG_DIGEST_SIZE);
	memcpy(fb.content, identity, SDG_DIGEST_SIZE);
	item.digest = fb.identity;
	rc = sdg_feedback_encode(&fb, event, &item.raw_len, err);
	if (rc == 0)
		rc = sdg_store_look(store, &item, 1, err);
	return rc < 0 ? rc : sdg_store_apply(store, &item, 1, err);
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
	rc = set_aside(store, identity, st.st_mtime, err);
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
