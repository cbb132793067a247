/*
 * Opening pieces by several hands: one thread walks, since a transaction is
 * one thread's, and copies what it finds, sealed as it is. When enough lies
 * there all hands open it and look at it, each piece alone; then the walking
 * thread shows them in the order in which they were found.
 *
 * Batches begin small, so that a walk of a few pieces starts no thread.
 */
#include <stdlib.h>

#include "portions.h"
#include "store_internal.h"

#define BATCH_FIRST 16
#define BATCH_MAX 512
#define BATCH_BYTES ((size_t)4 << 20)
#define ROOM_BLOCK ((size_t)64 << 10)

_Static_assert(SDG_HANDS_MAX == PORTIONS_HANDS_MAX, "hands");

struct block {
	struct block *next;
	size_t used, size;
	_Alignas(16) uint8_t bytes[];
};

struct sdg_hand {
	unsigned number;
	struct block *blocks, *spare;
	size_t failed; /* the first piece that could not be opened */
	struct sdg_error err;
};

/* A piece that was found. */
struct gathered {
	struct sdg_stored stored;
	size_t at; /* where its sealed bytes lie, room for its words behind */
	uint32_t sealed_len;
	uint16_t seal_month;
	size_t which;
	bool passed; /* does not hold what is looked for */
	void *out;
};

struct hands {
	const struct sdg_visit *visit;
	const char *grep;
	struct portions *portions; /* NULL: not yet */
	struct sdg_keys *keys;
	struct sdg_hand each[SDG_HANDS_MAX];
	struct gathered *pieces;
	size_t count, batch;
	uint8_t *bytes;
	size_t used, cap;
};

unsigned sdg_hand_number(const struct sdg_hand *hand)
{
	return hand->number;
}

static struct block *new_block(struct sdg_hand *hand, size_t bytes)
{
	size_t size = bytes > ROOM_BLOCK ? bytes : ROOM_BLOCK;
	struct block *block = hand->spare;

	if (block && block->size >= bytes) {
		hand->spare = block->next;
	} else {
		block = malloc(sizeof(*block) + size);
		if (!block)
			return NULL;
		block->size = size;
	}
	block->used = 0;
	block->next = hand->blocks;
	hand->blocks = block;
	return block;
}

void *sdg_hand_room(struct sdg_hand *hand, size_t bytes)
{
	struct block *block = hand->blocks;
	void *room;

	bytes = (bytes + 15) & ~(size_t)15;
	if (!block || block->size - block->used < bytes)
		block = new_block(hand, bytes);
	if (!block)
		return NULL;
	room = block->bytes + block->used;
	block->used += bytes;
	return room;
}

static void free_blocks(struct block *block)
{
	while (block) {
		struct block *next = block->next;

		free(block);
		block = next;
	}
}

/* For the next batch; what is larger than usual is given back. */
static void empty_room(struct sdg_hand *hand)
{
	while (hand->blocks) {
		struct block *block = hand->blocks;

		hand->blocks = block->next;
		if (block->size > ROOM_BLOCK) {
			free(block);
			continue;
		}
		block->next = hand->spare;
		hand->spare = block;
	}
}

struct hands *hands_new(const struct sdg_visit *visit, const char *grep)
{
	struct hands *hands = calloc(1, sizeof(*hands));

	if (!hands)
		return NULL;
	hands->visit = visit;
	hands->grep = grep;
	hands->batch = BATCH_FIRST;
	hands->pieces = calloc(BATCH_MAX, sizeof(*hands->pieces));
	for (unsigned i = 0; i < SDG_HANDS_MAX; i++)
		hands->each[i].number = i;
	if (hands->pieces)
		return hands;
	free(hands);
	return NULL;
}

void hands_free(struct hands *hands)
{
	if (!hands)
		return;
	portions_close(hands->portions);
	for (unsigned i = 0; i < SDG_HANDS_MAX; i++) {
		free_blocks(hands->each[i].blocks);
		free_blocks(hands->each[i].spare);
	}
	free(hands->pieces);
	free(hands->bytes);
	free(hands);
}

static int room_for(struct hands *hands, size_t more, struct sdg_error *err)
{
	size_t cap = (hands->used + more) * 2;
	uint8_t *grown;

	if (hands->used + more <= hands->cap)
		return 0;
	grown = realloc(hands->bytes, cap);
	if (!grown)
		return sdg_fail(err, SDG_ENOMEM, "open pieces: no memory");
	hands->bytes = grown;
	hands->cap = cap;
	return 0;
}

int hands_gather(struct hands *hands, struct txn *t, const struct event *event,
		 size_t which, struct sdg_error *err)
{
	struct gathered *piece = &hands->pieces[hands->count];
	int rc;

	hands->keys = t->store->keys;
	*piece = (struct gathered){ .at = hands->used, .which = which };
	copy_header(t->store, event, &piece->stored);
	if (event->sealed_len < SDG_SEAL_EXTRA)
		piece->stored.erased = true;
	if (!piece->stored.erased) {
		rc = sdg_keys_ready(t->store->keys, event->seal_month, err);
		if (rc == SDG_ENOTFOUND) /* erased with the key of its month */
			piece->stored.erased = true;
		else if (rc < 0)
			return rc;
	}
	if (!piece->stored.erased) {
		piece->sealed_len = event->sealed_len;
		piece->seal_month = event->seal_month;
		rc = room_for(hands, 2 * (size_t)piece->sealed_len, err);
		if (rc == 0)
			rc = event_sealed(t, event, hands->bytes + piece->at,
					  err);
		if (rc < 0)
			return rc;
		hands->used += 2 * (size_t)piece->sealed_len;
	}
	hands->count++;
	return 0;
}

bool hands_full(const struct hands *hands)
{
	return hands->count == hands->batch || hands->used >= BATCH_BYTES;
}

static unsigned char lower(char c)
{
	return (unsigned char)(c >= 'A' && c <= 'Z' ? c + 32 : c);
}

static bool begins(const char *s, const char *word, size_t n)
{
	for (size_t k = 0; k < n; k++)
		if (lower(s[k]) != lower(word[k]))
			return false;
	return true;
}

static bool holds(struct sdg_str text, const char *word)
{
	const char small = (char)lower(*word);
	const char large =
	    small >= 'a' && small <= 'z' ? (char)(small - 32) : small;
	size_t n = strlen(word);

	if (n == 0)
		return true;
	for (size_t i = 0; i + n <= text.len; i++)
		if ((text.s[i] == small || text.s[i] == large) &&
		    begins(text.s + i, word, n))
			return true;
	return false;
}

static int open_gathered(struct hands *hands, struct gathered *piece,
			 struct sdg_error *err)
{
	const uint8_t *sealed = hands->bytes + piece->at;
	uint8_t *words = hands->bytes + piece->at + piece->sealed_len;
	struct bytes id = { piece->stored.id, ID_SIZE };
	int rc;

	if (piece->stored.erased)
		return 0;
	rc = sdg_keys_unseal(hands->keys, piece->seal_month, piece->stored.id,
			     sealed, piece->sealed_len, words, err);
	if (rc == 0 && !words_unpack(words, piece->sealed_len - SDG_SEAL_EXTRA,
				     &piece->stored.fb))
		rc = st_damaged(DB_EVENTS, id, "its words are not words", err);
	return rc;
}

/* By any hand. */
static void look_at(void *arg, unsigned number, size_t i)
{
	struct hands *hands = arg;
	struct sdg_hand *hand = &hands->each[number];
	struct gathered *piece = &hands->pieces[i];
	struct sdg_error err = { 0 };
	int rc = open_gathered(hands, piece, &err);

	if (rc == 0 && hands->grep &&
	    !holds(piece->stored.fb.text, hands->grep) &&
	    !holds(piece->stored.fb.subject, hands->grep))
		piece->passed = true;
	else if (rc == 0 && hands->visit->look)
		rc = hands->visit->look(hands->visit->arg, hand, &piece->stored,
					&piece->out, &err);
	if (rc < 0 && i < hand->failed) {
		hand->failed = i;
		hand->err = err;
	}
}

static int look_at_all(struct hands *hands, struct sdg_error *err)
{
	int rc;

	for (unsigned i = 0; i < SDG_HANDS_MAX; i++)
		hands->each[i].failed = SIZE_MAX;
	if (hands->batch == BATCH_FIRST) {
		for (size_t i = 0; i < hands->count; i++)
			look_at(hands, 0, i);
		return 0;
	}
	if (!hands->portions) {
		rc = portions_open(portions_helpers(), look_at, hands,
				   &hands->portions, err);
		if (rc < 0)
			return rc;
	}
	portions_do(hands->portions, hands->count);
	return 0;
}

/* The first that failed, whoever had it. */
static const struct sdg_hand *first_failed(const struct hands *hands)
{
	const struct sdg_hand *first = &hands->each[0];

	for (unsigned i = 1; i < SDG_HANDS_MAX; i++)
		if (hands->each[i].failed < first->failed)
			first = &hands->each[i];
	return first;
}

int hands_show(struct hands *hands, struct sdg_error *err)
{
	const struct sdg_hand *failed;
	int rc = look_at_all(hands, err);

	if (rc < 0)
		return rc;
	failed = first_failed(hands);
	for (size_t i = 0; i < hands->count && rc == 0; i++) {
		struct gathered *piece = &hands->pieces[i];

		if (i == failed->failed)
			rc = sdg_fail(err, failed->err.code, "%s",
				      failed->err.message);
		else if (!piece->passed)
			rc = hands->visit->then(hands->visit->arg,
						&piece->stored, piece->which,
						piece->out);
	}
	for (unsigned i = 0; i < SDG_HANDS_MAX; i++)
		empty_room(&hands->each[i]);
	if (hands_full(hands) && hands->batch < BATCH_MAX)
		hands->batch *= 2;
	hands->count = hands->used = 0;
	return rc;
}
