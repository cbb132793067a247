/*
 * Opening pieces by several hands: one thread walks, since a transaction is
 * one thread's, and notes where what it finds lies, sealed as it is. When
 * enough is gathered the others open it and look at it, each piece alone, while
 * the walking thread gathers the next; then it helps them, and shows the
 * pieces in the order in which they were found.
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
	/* In the map, which stays while its transaction does; of a long one
	 * that lies in parts, in the batch's own bytes: NULL, and where. */
	const uint8_t *sealed;
	size_t at;
	uint32_t sealed_len;
	uint16_t seal_month;
	size_t which;
	bool passed; /* does not hold what is looked for */
	void *out;
};

struct batch {
	struct sdg_hand each[SDG_HANDS_MAX];
	struct gathered *pieces;
	size_t count;
	size_t sealed; /* bytes that its pieces' words have */
	uint8_t *bytes;
	size_t used, cap;
};

struct hands {
	const struct sdg_visit *visit;
	const char *grep;
	struct portions *portions; /* NULL: not yet */
	struct sdg_keys *keys;
	struct batch batches[2];
	struct batch *now;       /* being gathered */
	struct batch *under_way; /* being looked at, or NULL */
	bool finished;           /* that one is */
	bool ahead;              /* may gather while others look */
	size_t size;             /* of a batch */
	uint32_t gone;           /* a month without a key, or 0 */
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

struct hands *hands_new(struct sdg_store *store, const struct sdg_visit *visit,
			const char *grep, bool ahead)
{
	struct hands *hands = calloc(1, sizeof(*hands));

	if (!hands)
		return NULL;
	hands->keys = store->keys;
	hands->visit = visit;
	hands->grep = grep;
	hands->ahead = ahead;
	hands->size = BATCH_FIRST;
	hands->now = &hands->batches[0];
	for (int b = 0; b < 2; b++) {
		struct batch *batch = &hands->batches[b];

		batch->pieces = calloc(BATCH_MAX, sizeof(*batch->pieces));
		for (unsigned i = 0; i < SDG_HANDS_MAX; i++)
			batch->each[i].number = i;
	}
	if (hands->batches[0].pieces && hands->batches[1].pieces)
		return hands;
	hands_free(hands);
	return NULL;
}

void hands_wait(struct hands *hands)
{
	if (hands->under_way && !hands->finished)
		portions_finish(hands->portions);
	hands->finished = true;
}

void hands_free(struct hands *hands)
{
	if (!hands)
		return;
	hands_wait(hands);
	portions_close(hands->portions);
	for (int b = 0; b < 2; b++) {
		struct batch *batch = &hands->batches[b];

		for (unsigned i = 0; i < SDG_HANDS_MAX; i++) {
			free_blocks(batch->each[i].blocks);
			free_blocks(batch->each[i].spare);
		}
		free(batch->pieces);
		free(batch->bytes);
	}
	free(hands);
}

static int room_for(struct batch *batch, size_t more, struct sdg_error *err)
{
	size_t cap = (batch->used + more) * 2;
	uint8_t *grown;

	if (batch->used + more <= batch->cap)
		return 0;
	grown = realloc(batch->bytes, cap);
	if (!grown)
		return sdg_fail(err, SDG_ENOMEM, "open pieces: no memory");
	batch->bytes = grown;
	batch->cap = cap;
	return 0;
}

/* Where its sealed words lie. */
static int find_sealed(struct batch *batch, struct txn *t,
		       const struct event *event, struct gathered *piece,
		       struct sdg_error *err)
{
	int rc = 0;

	piece->sealed_len = event->sealed_len;
	piece->seal_month = event->seal_month;
	batch->sealed += event->sealed_len;
	if (event->sealed.n == event->sealed_len) {
		piece->sealed = event->sealed.p;
		return 0;
	}
	piece->at = batch->used;
	rc = room_for(batch, event->sealed_len, err);
	if (rc == 0)
		rc = event_sealed(t, event, batch->bytes + piece->at, err);
	if (rc == 0)
		batch->used += event->sealed_len;
	return rc;
}

/* Are its words still to be had? */
static int has_words(struct hands *hands, const struct event *event, bool *has,
		     struct sdg_error *err)
{
	int rc;

	*has = event->sealed_len >= SDG_SEAL_EXTRA &&
	       !(event->state & EVENT_ERASED) &&
	       (!hands->gone || event->seal_month != hands->gone);
	if (!*has)
		return 0;
	/* Others unseal: nothing may be read into the keys. */
	if (!sdg_keys_at_hand(hands->keys, event->seal_month))
		hands_wait(hands);
	rc = sdg_keys_ready(hands->keys, event->seal_month, err);
	if (rc != SDG_ENOTFOUND)
		return rc;
	hands->gone = event->seal_month; /* erased with the key of its month */
	*has = false;
	return 0;
}

int hands_gather(struct hands *hands, struct txn *t, const struct event *event,
		 size_t which, struct sdg_error *err)
{
	struct batch *batch = hands->now;
	struct gathered *piece = &batch->pieces[batch->count];
	bool has;
	int rc;

	*piece = (struct gathered){ .which = which };
	copy_header(t->store, event, &piece->stored);
	rc = has_words(hands, event, &has, err);
	if (rc < 0)
		return rc;
	piece->stored.erased = !has;
	if (has && !hands->visit->unopened)
		rc = find_sealed(batch, t, event, piece, err);
	batch->count += rc == 0;
	return rc;
}

bool hands_full(const struct hands *hands)
{
	return hands->now->count == hands->size ||
	       hands->now->sealed >= BATCH_BYTES;
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

/* Looked at in one go, by the processor's widest registers. */
#define BLOCK_LOOK 64

/* Does one of two letters begin anywhere in a block of @s? Both with the bit
 * set that tells small letters from large: it may say yes too often. */
static bool may_begin(const char *s, unsigned char first, unsigned char second)
{
	unsigned char found = 0;

	for (size_t i = 0; i < BLOCK_LOOK; i++)
		found |=
		    (unsigned char)(((unsigned char)s[i] | 32) == first) &
		    (unsigned char)(((unsigned char)s[i + 1] | 32) == second);
	return found;
}

static bool holds(struct sdg_str text, const char *word)
{
	size_t n = strlen(word), i = 0;
	unsigned char first, second;

	if (n == 0)
		return true;
	first = (unsigned char)word[0] | 32;
	second = (unsigned char)word[1] | 32;
	while (i + n <= text.len) {
		size_t past = i + BLOCK_LOOK;

		if (n > 1 && past < text.len &&
		    !may_begin(text.s + i, first, second)) {
			i = past;
			continue;
		}
		for (; i < past && i + n <= text.len; i++)
			if (lower(text.s[i]) == lower(*word) &&
			    begins(text.s + i, word, n))
				return true;
	}
	return false;
}

/* Its words, in the hand's own memory. */
static int open_gathered(const struct hands *hands, const struct batch *batch,
			 struct sdg_hand *hand, struct gathered *piece,
			 struct sdg_error *err)
{
	struct bytes id = { piece->stored.id, ID_SIZE };
	const uint8_t *sealed = piece->sealed;
	uint8_t *words;
	int rc;

	if (piece->sealed_len == 0)
		return 0;
	if (!sealed)
		sealed = batch->bytes + piece->at;
	words = sdg_hand_room(hand, piece->sealed_len);
	if (!words)
		return sdg_fail(err, SDG_ENOMEM, "open pieces: no memory");
	rc = sdg_keys_unseal(hands->keys, piece->seal_month, piece->stored.id,
			     sealed, piece->sealed_len, words, err);
	if (rc == 0 && !words_unpack(words, piece->sealed_len - SDG_SEAL_EXTRA,
				     &piece->stored.fb))
		rc = st_damaged(DB_EVENTS, id, "its words are not words", err);
	return rc;
}

static void look_at(struct hands *hands, struct batch *batch, unsigned number,
		    size_t i)
{
	struct sdg_hand *hand = &batch->each[number];
	struct gathered *piece = &batch->pieces[i];
	struct sdg_error err = { 0 };
	int rc = open_gathered(hands, batch, hand, piece, &err);

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

/* By any hand. */
static void look_under_way(void *arg, unsigned number, size_t i)
{
	struct hands *hands = arg;

	look_at(hands, hands->under_way, number, i);
}

/* What is gathered is begun; what comes next is another batch. */
static int begin(struct hands *hands, struct sdg_error *err)
{
	struct batch *batch = hands->now;
	bool alone = hands->size == BATCH_FIRST || hands->visit->unopened;
	int rc = 0;

	for (unsigned i = 0; i < SDG_HANDS_MAX; i++)
		batch->each[i].failed = SIZE_MAX;
	for (size_t i = 0; alone && i < batch->count; i++)
		look_at(hands, batch, 0, i);
	if (!alone && !hands->portions)
		rc = portions_open(portions_helpers(), look_under_way, hands,
				   &hands->portions, err);
	if (rc < 0)
		return rc;
	hands->under_way = batch;
	hands->finished = alone;
	if (!alone)
		portions_begin(hands->portions, batch->count);
	if (hands_full(hands) && hands->size < BATCH_MAX)
		hands->size *= 2;
	hands->now = &hands->batches[batch == &hands->batches[0]];
	return 0;
}

/* The first that failed, whoever had it. */
static const struct sdg_hand *first_failed(const struct batch *batch)
{
	const struct sdg_hand *first = &batch->each[0];

	for (unsigned i = 1; i < SDG_HANDS_MAX; i++)
		if (batch->each[i].failed < first->failed)
			first = &batch->each[i];
	return first;
}

/* What is under way is shown, once all have looked. */
static int show(struct hands *hands, struct sdg_error *err)
{
	struct batch *batch = hands->under_way;
	const struct sdg_hand *failed;
	int rc = 0;

	if (!batch)
		return 0;
	hands_wait(hands);
	hands->under_way = NULL;
	failed = first_failed(batch);
	for (size_t i = 0; i < batch->count && rc == 0; i++) {
		struct gathered *piece = &batch->pieces[i];

		if (i == failed->failed)
			rc = sdg_fail(err, failed->err.code, "%s",
				      failed->err.message);
		else if (!piece->passed)
			rc = hands->visit->then(hands->visit->arg,
						&piece->stored, piece->which,
						piece->out);
	}
	for (unsigned i = 0; i < SDG_HANDS_MAX; i++)
		empty_room(&batch->each[i]);
	batch->count = batch->sealed = batch->used = 0;
	return rc;
}

int hands_turn(struct hands *hands, struct sdg_error *err)
{
	int rc = show(hands, err);

	if (rc == 0)
		rc = begin(hands, err);
	/* The first are shown as soon as they are there. */
	if (rc == 0 && (!hands->ahead || hands->finished))
		rc = show(hands, err);
	return rc;
}

int hands_show(struct hands *hands, struct sdg_error *err)
{
	int rc = hands_turn(hands, err);

	return rc == 0 ? show(hands, err) : rc;
}
