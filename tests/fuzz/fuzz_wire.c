/*
 * fuzz_wire: any bytes as an event and as receipts from the wire.
 *
 * Properties: no crash; never more memory than the arena has; what decodes
 * encodes again, and that decodes to the same fields, to the byte; the
 * digests of a piece and of its frame are the same again; a frame that
 * differs has another.
 */
#include <stdlib.h>
#include <string.h>

#include <soundings/feedback.h>
#include <soundings/identity.h>
#include <soundings/text.h>

#include "fuzz.h"

#define RECEIPTS_MAX 256

static bool same(struct sdg_str a, struct sdg_str b)
{
	return a.len == b.len && (a.len == 0 || memcmp(a.s, b.s, a.len) == 0);
}

static void check_same(const struct sdg_feedback *a,
		       const struct sdg_feedback *b)
{
	uint8_t one[SDG_DIGEST_SIZE], two[SDG_DIGEST_SIZE];

	if (a->source != b->source || a->said != b->said ||
	    a->received != b->received || a->revision != b->revision ||
	    !same(a->text, b->text) || !same(a->subject, b->subject) ||
	    !same(a->signature, b->signature) ||
	    !same(a->respondent.address, b->respondent.address) ||
	    a->choice_count != b->choice_count ||
	    a->emptied_count != b->emptied_count ||
	    memcmp(a->identity, b->identity, sizeof(a->identity)) != 0 ||
	    memcmp(a->content, b->content, sizeof(a->content)) != 0)
		abort();
	sdg_identity_content(a->subject, a->text, one);
	sdg_identity_content(b->subject, b->text, two);
	if (memcmp(one, two, sizeof(one)) != 0)
		abort();
}

static void event(const uint8_t *data, size_t size, struct sdg_arena *arena,
		  struct sdg_arena *other)
{
	static uint8_t first[SDG_EVENT_MAX], second[SDG_EVENT_MAX];
	struct sdg_feedback fb, again;
	size_t n, m;

	sdg_arena_reset(arena);
	sdg_arena_reset(other);
	if (sdg_feedback_decode(data, size, arena, &fb, NULL) < 0)
		return;
	if (!sdg_text_is_safe(fb.text.s, fb.text.len) ||
	    fb.source >= SDG_SOURCE_COUNT)
		abort();
	/* With fields at their limits it may be longer than a frame: said. */
	if (sdg_feedback_encode(&fb, first, &n, NULL) < 0)
		return;
	if (sdg_feedback_decode(first, n, other, &again, NULL) < 0)
		abort();
	if (!fb.truncated && !again.truncated)
		check_same(&fb, &again);
	if (sdg_feedback_encode(&again, second, &m, NULL) < 0 || m != n ||
	    memcmp(first, second, n) != 0)
		abort();
}

static void receipts(const uint8_t *data, size_t size, struct sdg_arena *arena)
{
	static struct sdg_receipt got[RECEIPTS_MAX], again[RECEIPTS_MAX];
	uint8_t *bytes = NULL;
	size_t n, m, len;

	sdg_arena_reset(arena);
	if (sdg_receipts_decode(data, size, arena, got, RECEIPTS_MAX, &n,
				NULL) < 0)
		return;
	if (n > RECEIPTS_MAX ||
	    sdg_receipts_encode(got, n, &bytes, &len, NULL) < 0)
		abort();
	if (sdg_receipts_decode(bytes, len, arena, again, RECEIPTS_MAX, &m,
				NULL) == 0) {
		if (m != n)
			abort();
		for (size_t i = 0; i < n; i++)
			if (got[i].outcome != again[i].outcome ||
			    memcmp(got[i].digest, again[i].digest,
				   sizeof(got[i].digest)) != 0 ||
			    !same(got[i].reason, again[i].reason))
				abort();
	}
	free(bytes);
}

static void digest(const uint8_t *data, size_t size)
{
	uint8_t one[16], two[16], *other;

	sdg_frame_digest(data, size, one);
	sdg_frame_digest(data, size, two);
	if (memcmp(one, two, sizeof(one)) != 0)
		abort();
	if (size == 0)
		return;
	other = malloc(size);
	if (!other)
		return;
	memcpy(other, data, size);
	other[size / 2] ^= 0x40;
	sdg_frame_digest(other, size, two);
	if (memcmp(one, two, sizeof(one)) == 0)
		abort();
	free(other);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct sdg_arena *arena, *other;

	if (!arena) {
		arena = sdg_arena_new(SDG_ARENA_EVENT);
		other = sdg_arena_new(SDG_ARENA_EVENT);
	}
	if (!arena || !other)
		abort();
	event(data, size, arena, other);
	receipts(data, size, arena);
	digest(data, size);
	return 0;
}
