/*
 * elsewhere: what is held of a person outside the counted pieces.
 */
#include "elsewhere.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <soundings/outbox.h>
#include <soundings/roster.h>
#include <soundings/sealed.h>

#define RAW_MAX (64u << 20)

struct search {
	const struct sdg_home *home;
	const char *address;
	struct elsewhere *out;
	struct sdg_arena *arena;
	struct sdg_opener *opener;
	uint8_t opened[SDG_SEALED_MAX];
};

static void add(char ***list, size_t *n, char *item)
{
	char **more = xcalloc(*n + 1, sizeof(*more));

	if (*n)
		memcpy(more, *list, *n * sizeof(*more));
	more[(*n)++] = item;
	free(*list);
	*list = more;
}

/* @word, in lower case, anywhere in @bytes, whatever its case there. */
static bool mentions(const uint8_t *bytes, size_t len, const char *word)
{
	size_t n = strlen(word);

	for (size_t i = 0; i + n <= len; i++) {
		size_t k = 0;

		while (k < n && tolower(bytes[i + k]) == word[k])
			k++;
		if (k == n)
			return true;
	}
	return false;
}

static bool is_theirs(struct search *s, struct sdg_str address)
{
	char plain[321];

	return address.len &&
	       sdg_address_normalise(address, plain, sizeof(plain)) > 0 &&
	       strcmp(plain, s->address) == 0;
}

/* By who it says sent it; bytes that are no event are theirs when the
 * address stands in them. */
static bool sent_by(struct search *s, const uint8_t *event, size_t len)
{
	struct sdg_feedback fb;

	sdg_arena_reset(s->arena);
	if (sdg_feedback_decode(event, len, s->arena, &fb, NULL) < 0)
		return mentions(event, len, s->address);
	return is_theirs(s, fb.respondent.address) ||
	       (fb.note.own && is_theirs(s, fb.note.representative));
}

static int look_at_held(void *arg, const struct sdg_quarantined *q)
{
	struct search *s = arg;
	char hex[33];

	if (!sent_by(s, q->raw, q->raw_len))
		return 0;
	id_hex(q->digest, sizeof(q->digest), hex);
	add(&s->out->quarantine, &s->out->quarantine_count, xstrdup(hex));
	return 0;
}

static int look_at_waiting(void *arg, const char *name, int64_t kept,
			   const uint8_t *event, size_t len)
{
	struct search *s = arg;

	(void)kept;
	if (sdg_is_sealed(event, len)) {
		if (sdg_opener_open(s->opener, event, len, s->opened, &len,
				    NULL) < 0) {
			s->out->unreadable++;
			return 0;
		}
		event = s->opened;
	}
	if (sent_by(s, event, len))
		add(&s->out->files, &s->out->file_count,
		    xformat("%s/%s", s->home->outbox, name));
	return 0;
}

static void look_at_incoming(struct search *s)
{
	DIR *dir = opendir(s->home->incoming);
	struct dirent *entry;

	while (dir && (entry = readdir(dir))) {
		char *path, *raw = NULL;
		size_t len;

		if (entry->d_name[0] == '.')
			continue;
		path = xformat("%s/%s", s->home->incoming, entry->d_name);
		if (sdg_read_file(path, RAW_MAX, &raw, &len, NULL) < 0) {
			s->out->unreadable++;
		} else if (mentions((uint8_t *)raw, len, s->address)) {
			add(&s->out->files, &s->out->file_count, path);
			path = NULL;
		}
		free(raw);
		free(path);
	}
	if (dir)
		closedir(dir);
}

int elsewhere_find(const struct sdg_home *home, struct sdg_store *store,
		   const char *address, struct elsewhere *out,
		   struct sdg_error *err)
{
	struct search s = { .home = home,
			    .address = address,
			    .out = out,
			    .arena = sdg_arena_new(SDG_ARENA_EVENT),
			    .opener = sdg_opener_new(home->keys) };
	int rc;

	*out = (struct elsewhere){ 0 };
	if (!s.arena || !s.opener)
		return sdg_fail(err, SDG_ENOMEM, "no memory to look");
	rc = sdg_quarantine_each(store, look_at_held, &s, err);
	if (rc == 0)
		rc = sdg_outbox_each(home->outbox, look_at_waiting, &s, err);
	look_at_incoming(&s);
	sdg_arena_free(s.arena);
	sdg_opener_free(s.opener);
	explicit_bzero(s.opened, sizeof(s.opened));
	return rc;
}

int elsewhere_remove(struct sdg_store *store, const struct elsewhere *where,
		     struct sdg_error *err)
{
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < where->quarantine_count; i++) {
		rc = sdg_quarantine_drop(store, where->quarantine[i], err);
		if (rc == SDG_ENOTFOUND)
			rc = 0;
	}
	for (size_t i = 0; rc == 0 && i < where->file_count; i++)
		if (unlink(where->files[i]) != 0 && errno != ENOENT)
			rc = sdg_fail_errno(err, "remove \"%s\"",
					    where->files[i]);
	return rc;
}

bool elsewhere_in_roster(const struct sdg_home *home, const char *address,
			 json_t **entry)
{
	const struct sdg_representative *found = NULL;
	struct sdg_roster roster = { 0 };

	if (!*address || sdg_roster_load(home, &roster, NULL) < 0)
		return false;
	found = sdg_roster_find(&roster, sdg_str(address), 0);
	if (found && entry)
		*entry = json_pack("{s:s, s:s, s:s}", "name", found->name,
				   "constituency", found->constituency, "key",
				   found->key);
	sdg_roster_fini(&roster);
	return found != NULL;
}

void elsewhere_fini(struct elsewhere *where)
{
	for (size_t i = 0; i < where->quarantine_count; i++)
		free(where->quarantine[i]);
	for (size_t i = 0; i < where->file_count; i++)
		free(where->files[i]);
	free(where->quarantine);
	free(where->files);
}
