/*
 * batch: the steps between collecting and acknowledging. Foreign bytes are
 * decoded here and nowhere else in the worker; what fails to decode is one
 * item among the others, never a reason to stop.
 */
#include "batch.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <soundings/labels.h>

/*
 * Decoding memory comes in pieces. An event begins only where there is room
 * for any valid one, so that a hostile neighbour can fill its own piece but
 * not take an honest event's room; and no batch gets more pieces than these.
 */
#define PIECE_BYTES (1024 * 1024)
#define PIECES_MAX 32
/* As soundings-rep names whoever has no address. */
#define OWN_KEY "representative/"
#define NO_ROOM "there is no room for it just now"

struct batch {
	struct sdg_intake *intake;
	struct sdg_frame *frames; /* the intake's */
	struct sdg_prepared *prepared;
	size_t decoded;  /* of the frames */
	size_t count;    /* of items, which are frames but for busy */
	size_t labelled; /* of the items */
	struct sdg_item items[SDG_BATCH_MAX];
	size_t frame_of[SDG_BATCH_MAX];
	struct sdg_feedback feedback[SDG_BATCH_MAX];
	char reasons[SDG_BATCH_MAX][128];
	uint8_t digests[SDG_BATCH_MAX][16]; /* of what was sealed */
	struct sdg_arena *pieces[PIECES_MAX];
	size_t piece; /* being filled */
};

int batch_new(const char *keys_dir, struct batch **out, struct sdg_error *err)
{
	struct batch *batch = calloc(1, sizeof(*batch));
	int rc = 0;

	if (batch) {
		batch->pieces[0] = sdg_arena_new(PIECE_BYTES);
		batch->intake = sdg_intake_new();
	}
	if (!batch || !batch->pieces[0] || !batch->intake)
		rc = sdg_fail(err, SDG_ENOMEM, "make room for a batch");
	if (rc == 0)
		rc = sdg_prepared_new(keys_dir, &batch->prepared, err);
	if (rc == 0)
		*out = batch;
	else
		batch_free(batch);
	return rc;
}

void batch_free(struct batch *batch)
{
	if (!batch)
		return;
	for (size_t i = 0; i < PIECES_MAX; i++)
		sdg_arena_free(batch->pieces[i]);
	sdg_prepared_free(batch->prepared);
	sdg_intake_free(batch->intake);
	free(batch);
}

/* A piece with room for any event, or NULL. */
static struct sdg_arena *room(struct batch *batch)
{
	while (sdg_arena_room(batch->pieces[batch->piece]) < SDG_ARENA_EVENT) {
		if (batch->piece + 1 == PIECES_MAX)
			return NULL;
		if (!batch->pieces[batch->piece + 1])
			batch->pieces[batch->piece + 1] =
			    sdg_arena_new(PIECE_BYTES);
		if (!batch->pieces[batch->piece + 1])
			return NULL;
		batch->piece++;
		sdg_arena_reset(batch->pieces[batch->piece]);
	}
	return batch->pieces[batch->piece];
}

static bool refuse(struct sdg_frame *frame, const char *why)
{
	frame->outcome = SDG_OUTCOME_REFUSED;
	frame->reason = sdg_str(why);
	return false;
}

/* Why this key may not send this, or NULL. @fb is NULL where the bytes are
 * no event. */
static const char *refusal(const struct sdg_client *client,
			   const struct sdg_feedback *fb, int64_t now)
{
	if (!client)
		return "the key is not authorized here";
	if (!sdg_client_is_good(client, now))
		return "the key was revoked";
	switch (client->role) {
	case SDG_CLIENT_MAIL:
		return !fb || fb->source == SDG_SOURCE_MAIL
			   ? NULL
			   : "this key may send mail and nothing else";
	case SDG_CLIENT_REP:
		return !fb || fb->source == SDG_SOURCE_REP
			   ? NULL
			   : "this key may send notes and nothing else";
	case SDG_CLIENT_SURVEY:
		return !fb || fb->source == SDG_SOURCE_SURVEY
			   ? NULL
			   : "this key may send survey answers and nothing "
			     "else";
	case SDG_CLIENT_NONE:
	case SDG_CLIENT_REPORT:
	case SDG_CLIENT_OFFICER:
	case SDG_CLIENT_ROLES:
		break;
	}
	return "this key may ask, not send";
}

/* Does the note say that somebody else wrote it whom we know? What is only
 * another way to write one's own name is nobody else's. */
static bool claims_another(struct sdg_str claimed, const struct batch_who *who,
			   const struct sdg_client *client,
			   const struct sdg_representative *self)
{
	const struct sdg_representative *other;

	if (!claimed.len || sdg_str_eq(claimed, client->name))
		return false;
	other = sdg_roster_by_any(&who->roster, claimed);
	if (other)
		return other != self;
	for (size_t i = 0; i < sdg_clients_count(who->clients); i++) {
		const struct sdg_client *c = sdg_clients_at(who->clients, i);

		if (c->role == SDG_CLIENT_REP && sdg_str_eq(claimed, c->name) &&
		    strcmp(c->name, client->name) != 0)
			return true;
	}
	return false;
}

/* Keys and roster are read anew while a batch still waits: what is taken from
 * them goes into its own memory. */
static bool copy(struct batch *batch, const char *prefix, const char *s,
		 struct sdg_str *out)
{
	size_t before = strlen(prefix), len = strlen(s);
	char *to =
	    sdg_arena_alloc(batch->pieces[batch->piece], before + len + 1);

	if (!to)
		return false;
	memcpy(to, prefix, before + 1);
	memcpy(to + before, s, len + 1);
	*out = (struct sdg_str){ to, before + len };
	return true;
}

/* A note is by whom the key and the roster say, and for where: never by
 * whom it says. Returns why it is refused, or NULL. */
static const char *sign(struct batch *batch, struct sdg_feedback *fb,
			const struct batch_who *who,
			const struct sdg_client *client)
{
	const struct sdg_representative *self =
	    sdg_roster_by_key(&who->roster, client->name);
	struct sdg_note *note = &fb->note;

	if (self && !sdg_roster_in_term(self, (int32_t)(who->now / 86400)))
		return "the term of whose key this is, is not now";
	if (claims_another(note->representative, who, client, self))
		return "this key is not that representative's";
	if (!copy(batch, "", self ? self->name : client->name,
		  &note->representative) ||
	    (self && !copy(batch, "", self->constituency, &note->constituency)))
		return NO_ROOM;
	if (self && self->region)
		fb->respondent.region = sdg_str(sdg_region_name(self->region));
	if (!note->own)
		return NULL;
	/* One's own point: as the note's words would count as another person
	 * for each name that is made up. */
	fb->respondent.key = (struct sdg_str){ 0 };
	if (!copy(batch, "", self ? self->address : "",
		  &fb->respondent.address) ||
	    (!self && !copy(batch, OWN_KEY, client->name, &fb->respondent.key)))
		return NO_ROOM;
	return NULL;
}

/* True when it may stay in the batch. */
static bool admit(struct batch *batch, size_t at, const struct batch_who *who)
{
	struct sdg_frame *frame = &batch->frames[batch->frame_of[at]];
	struct sdg_feedback *fb =
	    batch->items[at].fb ? &batch->feedback[at] : NULL;
	const struct sdg_client *client;
	const char *why;

	if (!frame->client)
		return true;
	client =
	    who->clients ? sdg_clients_find(who->clients, frame->client) : NULL;
	why = refusal(client, fb, who->now);
	if (!why && fb && client && client->role == SDG_CLIENT_REP)
		why = sign(batch, fb, who, client);
	if (why)
		return refuse(frame, why);
	batch->items[at].client = frame->client;
	return true;
}

/*
 * What waited in an outbox may be sealed. Opened it is as if it had come so:
 * its digest too, or what goes into quarantine would not be known again when
 * it is sent from there. False: it stays with whoever keeps it.
 */
static bool open_sealed(struct batch *batch, struct sdg_frame *frame,
			struct sdg_item *item, size_t at,
			const struct batch_who *who)
{
	uint8_t *event;

	if (!sdg_is_sealed(frame->data, frame->len))
		return frame->len <= SDG_EVENT_MAX ||
		       refuse(frame, "it is longer than an event");
	event = sdg_arena_alloc(batch->pieces[batch->piece], frame->len + 1);
	if (!event || !who->opener)
		return refuse(frame, "there is no room to open it just now");
	if (sdg_opener_open(who->opener, frame->data, frame->len, event + 1,
			    &item->raw_len, NULL) < 0)
		return refuse(frame, "it is sealed to another key than the "
				     "workers' own");
	event[0] = 'E';
	item->raw = event + 1;
	sdg_frame_digest(event, item->raw_len + 1, batch->digests[at]);
	item->digest = batch->digests[at];
	return true;
}

/* False when it was refused, or there is no room for it now. */
static bool decode_one(struct batch *batch, size_t index,
		       const struct batch_who *who)
{
	struct sdg_frame *frame = &batch->frames[index];
	size_t at = batch->count;
	struct sdg_item *item = &batch->items[at];
	struct sdg_arena *arena;
	struct sdg_error err;

	if (!room(batch)) {
		frame->outcome = SDG_OUTCOME_BUSY;
		return false;
	}
	batch->frame_of[at] = index;
	memset(item, 0, sizeof(*item));
	item->raw = frame->data;
	item->raw_len = frame->len;
	item->digest = frame->digest;
	if (!open_sealed(batch, frame, item, at, who))
		return false;
	arena = room(batch);
	if (!arena) {
		frame->outcome = SDG_OUTCOME_BUSY;
		return false;
	}
	batch->count++;
	if (sdg_feedback_decode(item->raw, item->raw_len, arena,
				&batch->feedback[at], &err) == 0) {
		item->fb = &batch->feedback[at];
		return true;
	}
	/* The library's own words: they hold no member's. */
	snprintf(batch->reasons[at], sizeof(batch->reasons[at]), "%.127s",
		 err.message);
	item->reason = sdg_str(batch->reasons[at]);
	return true;
}

size_t batch_size(const struct batch *batch)
{
	return batch->decoded;
}

int batch_collect(struct batch *batch, struct sdg_receiver *receiver, int fd,
		  int timeout_ms, struct sdg_error *err)
{
	return sdg_receiver_collect(receiver, batch->intake, fd, timeout_ms,
				    err);
}

int batch_prepare(struct batch *batch, const struct batch_who *who,
		  struct sdg_error *err)
{
	size_t n;

	batch->frames = sdg_intake_frames(batch->intake, &n);
	for (; batch->decoded < n; batch->decoded++)
		if (decode_one(batch, batch->decoded, who) &&
		    !admit(batch, batch->count - 1, who))
			batch->count--;
	return sdg_prepare(batch->prepared, batch->items, batch->count, err);
}

void batch_follow_keys(struct batch *batch)
{
	sdg_prepared_follow_keys(batch->prepared);
}

int batch_acknowledge(struct batch *batch, struct sdg_receiver *receiver,
		      struct sdg_error *err)
{
	int rc = sdg_receiver_acknowledge(receiver, batch->intake, err);

	batch->decoded = batch->count = batch->labelled = batch->piece = 0;
	sdg_arena_reset(batch->pieces[0]);
	sdg_prepared_clear(batch->prepared);
	return rc;
}

/* Without a classifier everything is counted, under one theme. */
static void label_plainly(const struct sdg_feedback *fb,
			  struct sdg_labels *labels)
{
	enum sdg_kind said = sdg_kind_said(fb);

	*labels = (struct sdg_labels){
		.kind = said == SDG_KIND_UNSET ? SDG_KIND_FEEDBACK : said,
		.region = SDG_REGION_UNKNOWN,
		.theme_count = 1,
		.scores = { 1 },
		.kind_score = 1,
	};
}

static size_t unlabelled(const struct batch *batch)
{
	return batch->count - batch->labelled;
}

/* The next @n, which were looked at. */
static void label(struct batch *batch, struct crew *crew, size_t n)
{
	struct sdg_item *items = batch->items + batch->labelled;

	if (crew)
		crew_label(crew, items, n);
	for (size_t i = 0; !crew && i < n; i++)
		if (items[i].fb)
			label_plainly(items[i].fb, &items[i].labels);
	batch->labelled += n;
}

int batch_label(struct batch *batch, struct sdg_store *store, struct crew *crew,
		struct sdg_error *err)
{
	size_t n = unlabelled(batch);
	int rc = 0;

	/* Only the classifier asks whom the directory knows, and is spared what
	 * is there already. */
	if (crew && n)
		rc = sdg_store_look(store, batch->items + batch->labelled, n,
				    err);
	if (rc == 0)
		label(batch, crew, n);
	return rc;
}

void batch_label_beside(struct batch *batch, struct sdg_store *store,
			struct crew *crew)
{
	size_t n = unlabelled(batch);
	struct sdg_error err;

	if (n && sdg_store_look_beside(store, batch->items + batch->labelled, n,
				       &err) == 0)
		label(batch, crew, n);
}

void batch_forget_labels(struct batch *batch)
{
	batch->labelled = 0;
}

int batch_apply(struct batch *batch, struct sdg_store *store,
		struct sdg_error *err)
{
	int rc = sdg_store_apply_prepared(store, batch->prepared, batch->items,
					  batch->count, err);

	if (rc < 0)
		return rc;
	for (size_t i = 0; i < batch->count; i++) {
		struct sdg_frame *frame = &batch->frames[batch->frame_of[i]];

		frame->outcome = batch->items[i].outcome;
		frame->reason = batch->items[i].reason;
	}
	return 0;
}

void batch_refuse(struct batch *batch)
{
	for (size_t i = 0; i < batch->count; i++)
		batch->frames[batch->frame_of[i]].outcome = SDG_OUTCOME_BUSY;
}

size_t batch_quarantined(const struct batch *batch)
{
	size_t n = 0;

	for (size_t i = 0; i < batch->count; i++)
		n += batch->items[i].outcome == SDG_OUTCOME_QUARANTINED;
	return n;
}
