/*
 * survey_order: see survey_order.h. A binary heap of pointers to events.
 */
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "survey_order.h"

struct parcel {
	void *cookie;
	size_t len;
	uint8_t event[];
};

/* What it is ordered by lies in the heap, not behind the pointer. */
struct entry {
	uint64_t run, number;
	int64_t said;
	struct parcel *parcel;
};

struct order {
	order_fn *fn;
	void *arg;
	struct entry *heap;
	size_t count, cap;
	size_t bytes, bytes_max;
	uint64_t added;
	uint64_t run; /* of what went last, and when that was said */
	int64_t last;
};

static bool is_before(const struct entry *a, const struct entry *b)
{
	if (a->run != b->run)
		return a->run < b->run;
	if (a->said != b->said)
		return a->said < b->said;
	return a->number < b->number;
}

static size_t cost(size_t len)
{
	/* malloc's own share included, as far as one can tell */
	return sizeof(struct entry) + sizeof(struct parcel) + len + 16;
}

static void sift_up(struct order *order, struct entry entry)
{
	size_t at = order->count++;

	while (at > 0 && is_before(&entry, &order->heap[(at - 1) / 2])) {
		order->heap[at] = order->heap[(at - 1) / 2];
		at = (at - 1) / 2;
	}
	order->heap[at] = entry;
}

/* The first, and the last put into its place and let down. */
static struct entry take_first(struct order *order)
{
	struct entry first = order->heap[0];
	struct entry entry = order->heap[--order->count];
	size_t at = 0, child;

	while ((child = 2 * at + 1) < order->count) {
		if (child + 1 < order->count &&
		    is_before(&order->heap[child + 1], &order->heap[child]))
			child++;
		if (!is_before(&order->heap[child], &entry))
			break;
		order->heap[at] = order->heap[child];
		at = child;
	}
	order->heap[at] = entry;
	return first;
}

static int pass_on(struct order *order)
{
	struct entry first = take_first(order);
	struct parcel *parcel = first.parcel;
	int rc;

	order->run = first.run;
	order->last = first.said;
	order->bytes -= cost(parcel->len);
	rc = order->fn(order->arg, parcel->event, parcel->len, parcel->cookie);
	free(parcel);
	return rc;
}

static bool make_room(struct order *order)
{
	size_t cap = order->cap ? order->cap * 2 : 1024;
	struct entry *bigger;

	if (order->count < order->cap)
		return true;
	bigger = realloc(order->heap, cap * sizeof(*bigger));
	if (!bigger)
		return false;
	order->heap = bigger;
	order->cap = cap;
	return true;
}

int order_add(struct order *order, int64_t said, const uint8_t *event,
	      size_t len, void *cookie, struct sdg_error *err)
{
	struct parcel *parcel;
	int rc = 0;

	if (order->bytes_max == 0)
		return order->fn(order->arg, event, len, cookie);
	while (rc == 0 && order->count > 0 &&
	       order->bytes + cost(len) > order->bytes_max)
		rc = pass_on(order);
	if (rc != 0)
		return rc;
	parcel = malloc(sizeof(*parcel) + len);
	if (!parcel || !make_room(order)) {
		free(parcel);
		return sdg_fail(err, SDG_ENOMEM, "order answers: no memory");
	}
	parcel->cookie = cookie;
	parcel->len = len;
	memcpy(parcel->event, event, len);
	order->bytes += cost(len);
	/* Said before what has already gone: it waits for the next run. */
	sift_up(order, (struct entry){ .run = order->run + (said < order->last),
				       .number = order->added++,
				       .said = said,
				       .parcel = parcel });
	return 0;
}

int order_drain(struct order *order)
{
	int rc = 0;

	while (rc == 0 && order->count > 0)
		rc = pass_on(order);
	return rc;
}

int order_open(size_t bytes, order_fn *fn, void *arg, struct order **out,
	       struct sdg_error *err)
{
	struct order *order = calloc(1, sizeof(*order));

	if (!order)
		return sdg_fail(err, SDG_ENOMEM, "order answers: no memory");
	order->fn = fn;
	order->arg = arg;
	order->bytes_max = bytes;
	order->last = INT64_MIN;
	*out = order;
	return 0;
}

void order_close(struct order *order)
{
	if (!order)
		return;
	for (size_t i = 0; i < order->count; i++)
		free(order->heap[i].parcel);
	free(order->heap);
	free(order);
}
