/*
 * bus_window: lists, index and free places of the events without receipt.
 */
#include "bus_window.h"

#include "bus_internal.h"

#include <stdlib.h>
#include <string.h>

/* ------------------------------------------------------------------ lists */

static void list_append(struct bus_list *list, struct bus_entry *entry)
{
	entry->prev = list->last;
	entry->next = NULL;
	if (list->last != NULL)
		list->last->next = entry;
	else
		list->first = entry;
	list->last = entry;
}

static void list_remove(struct bus_list *list, struct bus_entry *entry)
{
	if (entry->prev != NULL)
		entry->prev->next = entry->next;
	else
		list->first = entry->next;
	if (entry->next != NULL)
		entry->next->prev = entry->prev;
	else
		list->last = entry->prev;
}

static struct bus_entry **bucket_of(struct bus_window *w, const uint8_t *digest)
{
	uint32_t hash;

	memcpy(&hash, digest, sizeof(hash));
	return &w->buckets[hash & w->bucket_mask];
}

/* At the end of its chain: of two equal events the older is answered first. */
static void index_entry(struct bus_window *w, struct bus_entry *entry)
{
	struct bus_entry **at = bucket_of(w, entry->digest);

	while (*at != NULL)
		at = &(*at)->bucket_next;
	entry->bucket_next = NULL;
	*at = entry;
}

struct bus_entry *bus_window_find(struct bus_window *w, const uint8_t *digest)
{
	struct bus_entry *at;

	for (at = *bucket_of(w, digest); at != NULL; at = at->bucket_next)
		if (memcmp(at->digest, digest, sizeof(at->digest)) == 0)
			return at;
	return NULL;
}

void bus_window_drop(struct bus_window *w, struct bus_entry *entry)
{
	struct bus_entry **at = bucket_of(w, entry->digest);

	while (*at != entry)
		at = &(*at)->bucket_next;
	*at = entry->bucket_next;
	list_remove(entry->peer == BUS_NO_PEER ? &w->waiting : &w->sent, entry);
	zmq_msg_close(&entry->frame);
	entry->next = w->spare;
	w->spare = entry;
	w->pending--;
}

void bus_window_wait(struct bus_window *w, struct bus_entry *entry,
		     int64_t not_before)
{
	list_remove(&w->sent, entry);
	entry->peer = BUS_NO_PEER;
	entry->when = not_before;
	list_append(&w->waiting, entry);
}

void bus_window_sent(struct bus_window *w, struct bus_entry *entry, int peer,
		     int64_t now)
{
	list_remove(&w->waiting, entry);
	list_append(&w->sent, entry);
	entry->peer = peer;
	entry->when = now;
}

/* ----------------------------------------------------------------- entries */

int bus_window_init(struct bus_window *w, size_t n, struct sdg_error *err)
{
	size_t buckets = 16;

	while (buckets < n * 2)
		buckets *= 2;
	w->bucket_mask = buckets - 1;
	w->buckets = calloc(buckets, sizeof(struct bus_entry *));
	w->entries = calloc(n, sizeof(struct bus_entry));
	if (w->buckets == NULL || w->entries == NULL)
		return sdg_fail(err, SDG_ENOMEM, "make room for %zu events", n);
	for (size_t i = 0; i < n; i++) {
		w->entries[i].next = w->spare;
		w->spare = &w->entries[i];
	}
	return 0;
}

void bus_window_fini(struct bus_window *w)
{
	while (w->sent.first != NULL)
		bus_window_drop(w, w->sent.first);
	while (w->waiting.first != NULL)
		bus_window_drop(w, w->waiting.first);
	free(w->buckets);
	free(w->entries);
}

int bus_window_add(struct bus_window *w, const uint8_t *event, size_t len,
		   void *cookie, struct bus_entry **out, struct sdg_error *err)
{
	struct bus_entry *entry = w->spare;
	uint8_t *bytes;

	if (zmq_msg_init_size(&entry->frame, len + 1) < 0)
		return sdg_fail(err, SDG_ENOMEM, "send an event");
	bytes = zmq_msg_data(&entry->frame);
	bytes[0] = BUS_EVENT;
	memcpy(bytes + 1, event, len);
	sdg_frame_digest(bytes, len + 1, entry->digest);
	w->spare = entry->next;
	entry->cookie = cookie;
	entry->peer = BUS_NO_PEER;
	entry->sends = 0;
	entry->when = 0;
	index_entry(w, entry);
	list_append(&w->waiting, entry);
	w->pending++;
	*out = entry;
	return 0;
}
