/*
 * quarantine retry: what is held, offered again.
 *
 * The very bytes that came go to a worker, or the mail they stand for is
 * read again; what can be taken now moves out in the transaction that counts
 * it. What is offered is marked first, so that what is still refused is not
 * received twice in the ledger. By timer only what a passing cause held.
 */
#include "cli.h"

#include <err.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <soundings/bus.h>

#include "quarantine.h"

#define STAMP "quarantine.retried" /* when the timer's last was */
#define HOUR 3600
#define PASSING_DAYS 7

struct again {
	uint8_t *raw;
	size_t len;
	bool still; /* in quarantine, after it was offered */
};

struct retry {
	const struct sdg_home *home;
	const char *prefix; /* NULL: all */
	bool passing;
	struct sdg_store *store;
	struct sdg_sender *sender;
	struct sdg_arena *arena;
	struct sdg_error err;
	uint8_t (*digests)[16];
	struct again *items;
	size_t count, answered, still;
};

static bool is_one_of(struct sdg_str reason, const char *const *list)
{
	for (; *list; list++)
		if (reason.len == strlen(*list) &&
		    memcmp(reason.s, *list, reason.len) == 0)
			return true;
	return false;
}

static bool is_open(struct retry *r, const struct sdg_quarantined *q)
{
	struct sdg_consultation c;
	struct sdg_feedback fb;
	char id[sizeof(c.id)];

	sdg_arena_reset(r->arena);
	if (sdg_feedback_decode(q->raw, q->raw_len, r->arena, &fb, NULL) < 0)
		return false;
	if (fb.consultation.len == 0)
		return true; /* its address may be another's by now */
	if (fb.consultation.len >= sizeof(id))
		return false;
	memcpy(id, fb.consultation.s, fb.consultation.len);
	id[fb.consultation.len] = '\0';
	return sdg_consultation_get(r->store, id, &c, NULL) == 0 && !c.closed;
}

/* Was it held by something that may be over? */
static bool has_passed(struct retry *r, const struct sdg_quarantined *q)
{
	static const char *const lack[] = { "no memory",
					    "the parser took too long", NULL };
	static const char *const consultation[] = {
		"no such consultation", "the consultation is closed", NULL
	};

	if (is_one_of(q->reason, lack))
		return time(NULL) - q->received < PASSING_DAYS * 24 * HOUR;
	return is_one_of(q->reason, consultation) && is_open(r, q);
}

static int gather(void *arg, const struct sdg_quarantined *q)
{
	struct retry *r = arg;
	char hex[33];
	void *more;

	id_hex(q->digest, sizeof(q->digest), hex);
	if (r->prefix && strncmp(hex, r->prefix, strlen(r->prefix)) != 0)
		return 0;
	if (r->passing && !has_passed(r, q))
		return 0;
	more = xcalloc(r->count + 1, sizeof(*r->digests));
	if (r->count)
		memcpy(more, r->digests, r->count * sizeof(*r->digests));
	free(r->digests);
	r->digests = more;
	more = xcalloc(r->count + 1, sizeof(*r->items));
	if (r->count)
		memcpy(more, r->items, r->count * sizeof(*r->items));
	free(r->items);
	r->items = more;
	memcpy(r->digests[r->count], q->digest, sizeof(q->digest));
	r->items[r->count].raw = xcalloc(q->raw_len + 1, 1);
	r->items[r->count].len = q->raw_len;
	memcpy(r->items[r->count++].raw, q->raw, q->raw_len);
	return 0;
}

static int count_still(void *arg, const struct sdg_quarantined *q)
{
	struct retry *r = arg;

	for (size_t i = 0; i < r->count; i++)
		if (memcmp(r->digests[i], q->digest, 16) == 0) {
			r->items[i].still = true;
			r->still++;
		}
	return 0;
}

/* One handle a process: each use of the store is one of its own. */
static int with_store(struct retry *r, enum sdg_store_mode mode,
		      int (*use)(struct retry *r))
{
	int rc = sdg_store_open(r->home, mode, &r->store, &r->err);

	if (rc == 0)
		rc = use(r);
	sdg_store_close(r->store);
	r->store = NULL;
	return rc;
}

static int gather_all(struct retry *r)
{
	return sdg_quarantine_each(r->store, gather, r, &r->err);
}

static int look_again(struct retry *r)
{
	return sdg_quarantine_each(r->store, count_still, r, &r->err);
}

static int mark(struct retry *r)
{
	return sdg_quarantine_retried(r->store,
				      (const uint8_t(*)[16])r->digests,
				      r->count, true, &r->err);
}

static int unmark(struct retry *r)
{
	return sdg_quarantine_retried(r->store,
				      (const uint8_t(*)[16])r->digests,
				      r->count, false, &r->err);
}

static void note_receipt(void *arg, void *cookie, enum sdg_outcome outcome,
			 struct sdg_str reason)
{
	struct retry *r = arg;

	(void)cookie;
	(void)reason;
	if (outcome != SDG_OUTCOME_NONE && outcome != SDG_OUTCOME_BUSY)
		r->answered++;
}

/* The mail it stands for, if there is one, else the bytes that came. */
static int offer(struct retry *r, const struct again *item)
{
	struct sdg_feedback fb;

	sdg_arena_reset(r->arena);
	if (sdg_feedback_decode(item->raw, item->len, r->arena, &fb, NULL) ==
		0 &&
	    quarantine_read_again(r->home, &fb)) {
		r->answered++;
		return 0;
	}
	return sdg_sender_push(r->sender, item->raw, item->len, NULL, 5000,
			       &r->err);
}

static int offer_all(struct retry *r)
{
	const struct sdg_sender_options options = {
		.run_dir = r->home->run,
		.window = 64,
		.receipt = note_receipt,
		.arg = r,
	};
	int rc = sdg_sender_open(&options, &r->sender, &r->err);

	for (size_t i = 0; rc == 0 && i < r->count; i++)
		rc = offer(r, &r->items[i]);
	if (rc == 0)
		rc = sdg_sender_flush(r->sender, 10000, &r->err);
	sdg_sender_close(r->sender);
	return rc;
}

/* What was taken lies sealed in the store: its original, in the open, goes. */
static void drop_originals(struct retry *r)
{
	struct sdg_feedback fb;

	for (size_t i = 0; i < r->count; i++) {
		const struct again *item = &r->items[i];

		sdg_arena_reset(r->arena);
		if (!item->still &&
		    sdg_feedback_decode(item->raw, item->len, r->arena, &fb,
					NULL) == 0)
			quarantine_taken(r->home, &fb);
	}
}

/* Once an hour is enough for what passes by itself. */
static bool too_soon(const struct sdg_home *home)
{
	char *path = xformat("%s/" STAMP, home->root);
	struct stat st;
	bool soon = stat(path, &st) == 0 && time(NULL) - st.st_mtime < HOUR &&
		    time(NULL) >= st.st_mtime;
	int fd =
	    soon ? -1
		 : open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

	if (fd >= 0) {
		futimens(fd, NULL);
		close(fd);
	}
	free(path);
	return soon;
}

static int retry_all(struct retry *r)
{
	struct sdg_error err;
	int rc = with_store(r, SDG_STORE_READ, gather_all);

	if (rc == 0 && r->count == 0)
		return 0;
	if (rc == 0)
		rc = with_store(r, SDG_STORE_WRITE, mark);
	if (rc == 0)
		rc = offer_all(r);
	err = r->err;
	/* What nobody answered must not pass for taken later on. */
	if (r->count && with_store(r, SDG_STORE_WRITE, unmark) < 0 && rc == 0)
		return r->err.code;
	if (rc == 0)
		rc = with_store(r, SDG_STORE_READ, look_again);
	else
		r->err = err;
	if (rc == 0)
		drop_originals(r);
	return rc;
}

int quarantine_retry(const struct sdg_home *home, const char *prefix,
		     bool passing)
{
	struct retry r = { .home = home, .prefix = prefix, .passing = passing };
	int rc;

	if (prefix && strlen(prefix) < 4)
		return cli_usage("an id is at least 4 digits");
	if (passing && too_soon(home))
		return 0;
	r.arena = sdg_arena_new(SDG_ARENA_EVENT);
	if (!r.arena)
		errx(EXIT_RETRY, "no memory");
	rc = retry_all(&r);
	for (size_t i = 0; i < r.count; i++)
		free(r.items[i].raw);
	free(r.items);
	free(r.digests);
	sdg_arena_free(r.arena);
	if (rc < 0)
		return cli_fail(&r.err);
	if (prefix && r.count == 0) {
		warnx("no such id '%s'", prefix);
		return EXIT_DATA;
	}
	if (passing && r.count == 0)
		return 0;
	printf("%zu sent again, %zu answered: %zu taken, %zu still in "
	       "quarantine\n",
	       r.count, r.answered, r.count > r.still ? r.count - r.still : 0,
	       r.still);
	if (r.answered < r.count)
		return EXIT_RETRY;
	return r.still && !passing ? EXIT_DATA : 0;
}
