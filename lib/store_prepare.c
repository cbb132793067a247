/*
 * What of taking a batch in needs no store: ids, pseudonyms, sealing. Keys are
 * all it asks for, so that a thread may prepare one batch while another
 * applies the one before.
 */
#include <stdlib.h>

#include "store_internal.h"

#define SEALED_KEEP (8 << 20) /* kept between batches; more is given back */

int prepared_open(struct sdg_keys *keys, struct sdg_prepared **out,
		  struct sdg_error *err)
{
	struct sdg_prepared *p = calloc(1, sizeof(*p));

	if (!p)
		return sdg_fail(err, SDG_ENOMEM, "take a batch in: no memory");
	p->keys = keys;
	*out = p;
	return 0;
}

int sdg_prepared_new(const char *keys_dir, struct sdg_prepared **out,
		     struct sdg_error *err)
{
	struct sdg_keys *keys;
	int rc = sdg_keys_open(keys_dir, false, &keys, err);

	if (rc < 0)
		return rc;
	rc = prepared_open(keys, out, err);
	if (rc < 0)
		sdg_keys_close(keys);
	else
		(*out)->own = true;
	return rc;
}

void sdg_prepared_clear(struct sdg_prepared *p)
{
	p->count = 0;
	p->sealed_len = 0;
}

void sdg_prepared_follow_keys(struct sdg_prepared *p)
{
	sdg_keys_refresh(p->keys);
}

void sdg_prepared_free(struct sdg_prepared *prepared)
{
	if (!prepared)
		return;
	if (prepared->own)
		sdg_keys_close(prepared->keys);
	free(prepared->items);
	free(prepared->order);
	free(prepared->sealed);
	free(prepared);
}

/* ---------------------------------------------------------------- prepare */

static bool is_day(int64_t day)
{
	return day >= DAY_MIN && day <= DAY_MAX;
}

/* When a piece was received, by our own clock where its word is absurd. */
static int64_t received_at(const struct sdg_feedback *fb, int64_t now)
{
	if (!fb || !is_day(fb->received / DAY_SECONDS) ||
	    fb->received > now + DAY_SECONDS)
		return now;
	return fb->received;
}

static uint16_t counted_day(const struct sdg_feedback *fb, int64_t received)
{
	int64_t day = fb->said / DAY_SECONDS;

	if (fb->said > 0 && is_day(day) && fb->said <= received + DAY_SECONDS)
		return (uint16_t)day;
	return (uint16_t)(received / DAY_SECONDS);
}

bool item_is_unreadable(const struct sdg_item *item)
{
	return !item->fb || item->fb->unreadable.len > 0;
}

static int make_room(struct sdg_prepared *p, size_t n, struct sdg_error *err)
{
	if (n > p->cap) {
		struct prepared_item *items;
		uint32_t *order;

		items = realloc(p->items, n * sizeof(*items));
		if (items)
			p->items = items;
		order = realloc(p->order, n * sizeof(*order));
		if (order)
			p->order = order;
		if (!items || !order)
			return sdg_fail(err, SDG_ENOMEM,
					"take a batch in: no memory");
		p->cap = n;
	}
	if (p->count == 0 && p->sealed_cap > SEALED_KEEP) {
		free(p->sealed);
		p->sealed = NULL;
		p->sealed_cap = 0;
	}
	return 0;
}

/* What comes so late that the words of its month have gone already goes with
 * those of this one; on a clock that lies as far back, with the next that
 * has not gone. */
int words_seal(struct sdg_keys *keys, uint16_t *month, const uint8_t about[16],
	       const uint8_t *words, size_t len, uint8_t *out,
	       struct sdg_error *err)
{
	int rc = sdg_keys_seal(keys, *month, about, words, len, out, err);
	uint32_t next = month_of_day((int32_t)(store_now() / DAY_SECONDS));

	for (; rc == SDG_ENOTFOUND && next <= UINT16_MAX; next++) {
		*month = (uint16_t)next;
		rc = sdg_keys_seal(keys, next, about, words, len, out, err);
	}
	return rc;
}

static int seal(struct sdg_prepared *p, struct prepared_item *it,
		const struct sdg_feedback *fb, struct sdg_error *err)
{
	size_t len = words_pack(fb, p->words);
	size_t need = p->sealed_len + len + SDG_SEAL_EXTRA;
	int rc;

	if (need > p->sealed_cap) {
		size_t cap = need + need / 2 + 65536;
		uint8_t *grown = realloc(p->sealed, cap);

		if (!grown)
			return sdg_fail(err, SDG_ENOMEM,
					"take a batch in: no memory");
		p->sealed = grown;
		p->sealed_cap = cap;
	}
	rc = words_seal(p->keys, &it->event.seal_month, it->event.id, p->words,
			len, p->sealed + p->sealed_len, err);
	if (rc < 0)
		return rc;
	it->sealed_at = p->sealed_len;
	it->event.sealed_len = (uint32_t)(len + SDG_SEAL_EXTRA);
	p->sealed_len = need;
	return 0;
}

static void copy_note(const struct sdg_feedback *fb, struct event *event,
		      bool anybody)
{
	const struct sdg_note *note = &fb->note;

	if (fb->source != SDG_SOURCE_REP)
		return;
	event->note_kind = (uint8_t)note->kind;
	event->voices = note->voices;
	event->attendance = note->attendance;
	event->state |=
	    (uint16_t)((note->own ? EVENT_NOTE_OWN : 0) |
		       (note->second_hand ? EVENT_NOTE_SECOND_HAND : 0));
	if (!anybody)
		event->piece.reported = note->voices ? note->voices : 1;
}

static int prepare_one(struct sdg_prepared *p, struct prepared_item *it,
		       struct sdg_item *item, int64_t now,
		       struct sdg_error *err)
{
	const struct sdg_feedback *fb = item->fb;
	struct event *event = &it->event;

	memset(it, 0, sizeof(*it));
	event->received = received_at(fb, now);
	if (!fb) {
		memset(item->id, 0, ID_SIZE);
		return 0;
	}
	if (!item->looked)
		event_id(p->keys, fb, item->id);
	item->looked = true;
	memcpy(event->id, item->id, ID_SIZE);
	if (item_is_unreadable(item))
		return 0;
	if ((unsigned)fb->source >= SDG_SOURCE_COUNT)
		return sdg_fail(err, SDG_EINVAL,
				"take a batch in: no such "
				"source");
	event->said = fb->said;
	event->revision = fb->revision;
	event->flags = fb->flags;
	event->state = (uint16_t)((fb->truncated ? EVENT_TRUNCATED : 0) |
				  (fb->may_quote ? EVENT_MAY_QUOTE : 0));
	event->piece.source = (uint8_t)fb->source;
	event->piece.day = counted_day(fb, event->received);
	event->seal_month =
	    (uint16_t)month_of_day((int32_t)(event->received / DAY_SECONDS));
	who_claims(p->keys, fb, &it->who);
	copy_note(fb, event, it->who.kind != 0);
	return item->seen ? 0 : seal(p, it, fb, err);
}

int sdg_prepare(struct sdg_prepared *p, struct sdg_item *items, size_t n,
		struct sdg_error *err)
{
	int64_t now = store_now();
	int rc;

	sdg_keys_refresh(p->keys);
	rc = make_room(p, n, err);
	for (; rc == 0 && p->count < n; p->count++)
		rc = prepare_one(p, &p->items[p->count], &items[p->count], now,
				 err);
	return rc;
}

static const struct prepared_item *sorting; /* qsort has no argument */

static int by_id(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
	int order = memcmp(sorting[x].event.id, sorting[y].event.id, ID_SIZE);

	return order ? order : x < y ? -1 : x > y;
}

int prepared_settle(struct sdg_prepared *p, const struct sdg_store *store,
		    const struct sdg_item *items, struct sdg_error *err)
{
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < p->count; i++) {
		const struct sdg_item *item = &items[i];
		struct event *event = &p->items[i].event;

		p->order[i] = (uint32_t)i;
		if (item->seen || item_is_unreadable(item))
			continue;
		event->frame_version = store->frame_version;
		rc = labels_take(&item->labels, store->frame,
				 store->frame_count, event, err);
		event->outcome =
		    (uint8_t)(item->fb->test ? SDG_OUTCOME_TEST
					     : outcome_of_kind(event->kind));
	}
	if (rc < 0)
		return rc;
	/* In the order of their keys, neighbours share pages. */
	sorting = p->items;
	qsort(p->order, p->count, sizeof(*p->order), by_id);
	return 0;
}
