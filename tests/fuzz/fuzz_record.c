/*
 * Records of the store: their checks keep strange bytes away, but a check is
 * no parser. The first byte says which kind of record the rest is.
 */
#include "fuzz.h"

#include <stdlib.h>

#include "store_internal.h"

static void words(const uint8_t *data, size_t len)
{
	static uint8_t packed[WORDS_MAX];
	static struct sdg_feedback fb, again;
	size_t n;

	memset(&fb, 0, sizeof(fb));
	if (!words_unpack(data, len, &fb))
		return;
	n = words_pack(&fb, packed);
	memset(&again, 0, sizeof(again));
	if (!words_unpack(packed, n, &again) || again.text.len != fb.text.len ||
	    again.choice_count != fb.choice_count ||
	    (fb.text.len && memcmp(again.text.s, fb.text.s, fb.text.len) != 0))
		abort();
}

static void header(struct bytes key, struct bytes value)
{
	struct event event;
	struct held held;

	if (event_decode(key, value, &event, NULL) == 0 &&
	    (event.sealed.n > event.sealed_len ||
	     event.piece.region >= SDG_REGION_COUNT))
		abort();
	if (held_decode(key, value, &held, NULL) == 0 &&
	    held.reason.len > value.n)
		abort();
}

static void small(struct bytes value)
{
	uint8_t out[PIECE_SIZE], sums_out[SUMS_SIZE];
	int64_t sums[SUM_COUNT];
	struct member member;
	struct piece piece;
	struct set *set;

	if (piece_decode(value, &piece)) {
		piece_encode(&piece, out);
		if (memcmp(out, value.p, PIECE_SIZE - 2) != 0)
			abort();
	}
	if (sums_decode(value, sums)) {
		sums_encode(sums, sums_out);
		if (memcmp(sums_out, value.p, SUMS_SIZE) != 0)
			abort();
	}
	member_decode(value, &member);
	set = set_decode(value);
	set_free(set);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	static const uint8_t id[16];

	if (len == 0 || len > 60000)
		return 0;
	switch (data[0] % 3) {
	case 0:
		words(data + 1, len - 1);
		break;
	case 1:
		header((struct bytes){ id, sizeof(id) },
		       (struct bytes){ data + 1, len - 1 });
		break;
	case 2:
		small((struct bytes){ data + 1, len - 1 });
		break;
	}
	return 0;
}
