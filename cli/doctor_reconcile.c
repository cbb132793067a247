/*
 * doctor --reconcile: the mail server's log against the ledger. What the log
 * says was delivered to the hook must be here, and what came by mail must be
 * in the log. A mail is known by the hash of its Message-ID, which lies with
 * its words: no address and no subject is read from the log, or printed.
 *
 * Postfix (pipe, and a command in aliases), as rsyslog, journalctl or
 * postlog write it; Exim's mainlog.
 */
#include "doctor.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <soundings/identity.h>

#define HOOK "soundings"
#define SHOWN 20
/* Between the server's line and the hook's clock. */
#define SLACK_SECONDS 120

struct mail_seen {
	char queue_id[40];
	uint8_t reference[SDG_REFERENCE_SIZE];
	bool known, delivered, here;
	int64_t at;
};

struct reconciling {
	struct mail_seen *mails;
	size_t count, cap;
	uint32_t *slots; /* place + 1, by hash of the queue id */
	size_t slot_count;
	int64_t first, last; /* of the log */
	size_t lines;
	/* Of the store, received while the log ran. */
	size_t pieces, unlogged, erased, unread;
	char (*strangers)[2 * SDG_EVENT_ID_SIZE + 1];
};

/* ---------------------------------------------------------------- the log */

/* Its slot: where it is, or where it would be. */
static uint32_t *slot_of(const struct reconciling *r, const char *id, size_t n)
{
	uint32_t hash = 2166136261u;
	size_t at;

	for (size_t i = 0; i < n; i++)
		hash = (hash ^ (uint8_t)id[i]) * 16777619u;
	for (at = hash & (r->slot_count - 1); r->slots[at];
	     at = (at + 1) & (r->slot_count - 1)) {
		const char *there = r->mails[r->slots[at] - 1].queue_id;

		if (strncmp(there, id, n) == 0 && !there[n])
			break;
	}
	return &r->slots[at];
}

static void make_room(struct reconciling *r)
{
	if (r->count < r->cap)
		return;
	r->cap = r->cap ? 2 * r->cap : 1024;
	r->mails = reallocarray(r->mails, r->cap, sizeof(*r->mails));
	if (!r->mails)
		exit(EXIT_RETRY);
	free(r->slots);
	r->slot_count = 4 * r->cap;
	r->slots = xcalloc(r->slot_count, sizeof(*r->slots));
	for (size_t i = 0; i < r->count; i++) {
		const char *id = r->mails[i].queue_id;

		*slot_of(r, id, strlen(id)) = (uint32_t)(i + 1);
	}
}

static struct mail_seen *seen(struct reconciling *r, const char *id, size_t n)
{
	struct mail_seen *mail;
	uint32_t *slot;

	if (n == 0 || n >= sizeof(mail->queue_id))
		return NULL;
	make_room(r);
	slot = slot_of(r, id, n);
	if (*slot)
		return &r->mails[*slot - 1];
	mail = &r->mails[r->count++];
	*slot = (uint32_t)r->count;
	*mail = (struct mail_seen){ 0 };
	memcpy(mail->queue_id, id, n);
	return mail;
}

static int64_t two_digits_of(const char *zone)
{
	int hours, minutes;
	char sign;

	if (*zone == 'Z')
		return 0;
	if (sscanf(zone, "%c%2d:%2d", &sign, &hours, &minutes) != 3 &&
	    sscanf(zone, "%c%2d%2d", &sign, &hours, &minutes) != 3)
		return INT64_MIN;
	return (sign == '-' ? -60 : 60) * (hours * 60 + minutes);
}

/* "2026-11-26T03:33:16.123+00:00", "Nov 26 03:33:16", "2026-11-26 03:33:16";
 * without a zone it is this machine's. 0: no time. */
static int64_t time_of(const char *line)
{
	struct tm tm = { .tm_isdst = -1 };
	time_t now = time(NULL), at;
	const char *end;
	int64_t zone;

	end = strptime(line, "%Y-%m-%dT%H:%M:%S", &tm);
	if (end) {
		end += strspn(end, ".0123456789");
		zone = two_digits_of(end);
		if (zone != INT64_MIN)
			return (int64_t)timegm(&tm) - zone;
		return mktime(&tm);
	}
	if (strptime(line, "%Y-%m-%d %H:%M:%S", &tm))
		return mktime(&tm);
	localtime_r(&now, &tm);
	tm.tm_isdst = -1;
	if (!strptime(line, "%b %d %H:%M:%S", &tm))
		return 0;
	at = mktime(&tm);
	if (at > now + 86400) { /* the log is last year's */
		tm.tm_year--;
		at = mktime(&tm);
	}
	return at;
}

static void take_message_id(struct mail_seen *mail, const char *s, size_t n)
{
	if (!mail || n == 0)
		return;
	sdg_identity_reference((struct sdg_str){ s, n }, mail->reference);
	mail->known = true;
}

/* " QUEUEID: rest", behind "postfix/…[pid]:" */
static void read_postfix(struct reconciling *r, const char *at, int64_t when)
{
	const char *id = strstr(at, "]: "), *rest, *end;
	size_t n;

	if (!id)
		return;
	id += 3;
	n = strspn(id, "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
		       "abcdefghijklmnopqrstuvwxyz");
	if (n < 5 || strncmp(id + n, ": ", 2) != 0)
		return;
	rest = id + n + 2;
	if (strncmp(rest, "message-id=", 11) == 0) {
		rest += 11 + (rest[11] == '<');
		end = rest + strcspn(rest, ">\n");
		take_message_id(seen(r, id, n), rest, (size_t)(end - rest));
	} else if (strncmp(rest, "to=", 3) == 0 &&
		   strstr(rest, "status=sent") && strstr(rest, HOOK)) {
		struct mail_seen *mail = seen(r, id, n);

		if (mail) {
			mail->delivered = true;
			mail->at = when;
		}
	}
}

/* "2026-11-26 03:33:16 [pid] 1abcDE-000123-AB <= …" */
static void read_exim(struct reconciling *r, const char *line, int64_t when)
{
	const char *at = line + 19, *id, *mark, *word;
	size_t n;

	at += strspn(at, " ");
	if (*at == '[') {
		at += strcspn(at, "]");
		at += *at == ']';
		at += strspn(at, " ");
	}
	if (*at == '+' || *at == '-') /* log_timezone */
		at += strcspn(at, " "), at += strspn(at, " ");
	id = at;
	n = strcspn(id, " ");
	mark = id + n + strspn(id + n, " ");
	if (n < 16 || n > 30)
		return;
	if (strncmp(mark, "<= ", 3) == 0) {
		word = strstr(mark, " id=");
		if (word)
			take_message_id(seen(r, id, n), word + 4,
					strcspn(word + 4, " \n"));
	} else if (strncmp(mark, "=> ", 3) == 0 ||
		   strncmp(mark, "-> ", 3) == 0) {
		word = strstr(mark, " T=");
		if (word && memmem(word, strcspn(word + 1, " \n") + 1, HOOK,
				   strlen(HOOK))) {
			struct mail_seen *mail = seen(r, id, n);

			if (mail) {
				mail->delivered = true;
				mail->at = when;
			}
		}
	}
}

static void read_line(struct reconciling *r, const char *line)
{
	const char *postfix = strstr(line, "postfix");
	int64_t when = time_of(line);

	if (!when)
		return;
	r->lines++;
	if (!r->first || when < r->first)
		r->first = when;
	if (when > r->last)
		r->last = when;
	if (postfix && strchr(postfix, '['))
		read_postfix(r, postfix, when);
	else if (isdigit((unsigned char)line[0]) && line[10] == ' ')
		read_exim(r, line, when);
}

static int read_log(struct reconciling *r, const char *path)
{
	FILE *from = strcmp(path, "-") == 0 ? stdin : fopen(path, "re");
	char *line = NULL;
	size_t size = 0;
	int rc = 0;

	if (!from)
		return -1;
	for (ssize_t n; (n = getline(&line, &size, from)) >= 0;)
		if (n > 20) /* a shorter one is none of a server's */
			read_line(r, line);
	if (ferror(from))
		rc = -1;
	free(line);
	if (from != stdin)
		fclose(from);
	return rc;
}

/* -------------------------------------------------------------- the store */

static int by_reference(const void *a, const void *b)
{
	const struct mail_seen *x = a, *y = b;

	return memcmp(x->reference, y->reference, sizeof(x->reference));
}

static bool note_here(struct reconciling *r, struct sdg_str reference)
{
	size_t low = 0, high = r->count;
	bool found = false;

	if (reference.len != SDG_REFERENCE_SIZE)
		return false;
	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (memcmp(r->mails[mid].reference, reference.s,
			   SDG_REFERENCE_SIZE) < 0)
			low = mid + 1;
		else
			high = mid;
	}
	for (; low < r->count && memcmp(r->mails[low].reference, reference.s,
					SDG_REFERENCE_SIZE) == 0;
	     low++) {
		r->mails[low].here = true;
		found |= r->mails[low].delivered;
	}
	return found;
}

static bool within(const struct reconciling *r, int64_t at)
{
	return at >= r->first - SLACK_SECONDS && at <= r->last + SLACK_SECONDS;
}

static int look_at_piece(void *arg, const struct sdg_stored *stored)
{
	struct reconciling *r = arg;
	bool logged;

	if (stored->erased) {
		r->erased += within(r, stored->fb.received);
		return 0;
	}
	if (stored->fb.source == SDG_SOURCE_SURVEY)
		return 0;
	logged = note_here(r, stored->fb.reference);
	/* A note may have come with a key, a test from doctor. */
	if (!within(r, stored->fb.received) ||
	    stored->outcome == SDG_OUTCOME_TEST ||
	    stored->fb.reference.len == 0)
		return 0;
	r->pieces++;
	if (logged)
		return 0;
	if (r->unlogged < SHOWN)
		id_hex(stored->id, SDG_EVENT_ID_SIZE,
		       r->strangers[r->unlogged]);
	r->unlogged++;
	return 0;
}

static int look_at_held(void *arg, const struct sdg_quarantined *q)
{
	struct sdg_arena *arena = sdg_arena_new(SDG_ARENA_EVENT);
	struct reconciling *r = arg;
	struct sdg_feedback fb;

	if (arena &&
	    sdg_feedback_decode(q->raw, q->raw_len, arena, &fb, NULL) == 0 &&
	    fb.reference.len)
		note_here(r, fb.reference);
	else
		r->unread += within(r, q->received);
	sdg_arena_free(arena);
	return 0;
}

/* ---------------------------------------------------------------- findings */

static void tell_missing(struct findings *f, const struct reconciling *r)
{
	size_t delivered = 0, missing = 0, nameless = 0;
	char when[DATE_SIZE];

	for (size_t i = 0; i < r->count; i++) {
		const struct mail_seen *m = &r->mails[i];

		if (!m->delivered)
			continue;
		delivered++;
		nameless += !m->known;
		if (!m->known || m->here || missing++ >= SHOWN)
			continue;
		found(f, "in the log alone",
		      r->unread + r->erased ? WARNING : WRONG,
		      xformat("%s, given to the hook at %s UTC, is not here",
			      m->queue_id, date_format_time(m->at, when)));
	}
	found(f, "mail log",
	      missing == 0                       ? FINE
	      : missing <= r->unread + r->erased ? WARNING
						 : WRONG,
	      xformat("%zu mails were given to the hook, %zu of them are here, "
		      "%zu are not%s",
		      delivered, delivered - missing - nameless, missing,
		      missing ? ": erased since, dropped, or among those that "
				"could not be read; else send them again from "
				"the mailbox (soundings-mail --maildir)"
			      : ""));
	if (nameless)
		found(f, "mail log", WARNING,
		      xformat("%zu have no Message-ID in the log and could not "
			      "be looked for",
			      nameless));
}

static void tell_strangers(struct findings *f, const struct reconciling *r)
{
	for (size_t i = 0; i < r->unlogged && i < SHOWN; i++)
		found(f, "here alone", WARNING,
		      xformat("%.20s was taken while the log ran, which does "
			      "not have it",
			      r->strangers[i]));
	found(f, "here alone", r->unlogged ? WARNING : FINE,
	      xformat("%zu of %zu pieces that came by mail are not in the "
		      "log%s",
		      r->unlogged, r->pieces,
		      r->unlogged ? ": imported from a mailbox, or the log is "
				    "not whole"
				  : ""));
}

void doctor_reconcile(struct findings *f, const struct sdg_home *home,
		      const char *path)
{
	const unsigned all = (1u << SDG_KIND_COUNT) - 1;
	struct reconciling r = { 0 };
	struct sdg_store *store = NULL;
	struct sdg_error err = { 0 };
	char from[DATE_SIZE], to[DATE_SIZE];
	int rc;

	r.strangers = xcalloc(SHOWN, sizeof(*r.strangers));
	if (read_log(&r, path) < 0) {
		found(f, "mail log", WRONG,
		      xformat("cannot read \"%s\": %s", path, strerror(errno)));
		goto out;
	}
	if (r.lines == 0) {
		found(f, "mail log", WRONG,
		      xformat("\"%s\" holds no line of Postfix or Exim", path));
		goto out;
	}
	if (r.count)
		qsort(r.mails, r.count, sizeof(*r.mails), by_reference);
	rc = sdg_store_open(home, SDG_STORE_READ, &store, &err);
	if (rc == 0)
		rc = sdg_quarantine_each(store, look_at_held, &r, &err);
	if (rc == 0)
		rc = sdg_store_each(store, NULL, all, NULL, look_at_piece, &r,
				    &err);
	sdg_store_close(store);
	if (rc < 0) {
		found(f, "mail log", WRONG, xstrdup(err.message));
		goto out;
	}
	found(f, "mail log", FINE,
	      xformat("%zu lines from %s to %s UTC", r.lines,
		      date_format_time(r.first, from),
		      date_format_time(r.last, to)));
	tell_missing(f, &r);
	tell_strangers(f, &r);
out:
	free(r.strangers);
	free(r.slots);
	free(r.mails);
}
