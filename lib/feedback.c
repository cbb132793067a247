/*
 * feedback: between struct sdg_feedback and the wire. The one file that
 * knows protobuf-c.
 *
 * protobuf-c has no limit of depth or allocation: the schema allows no
 * message to contain itself, and everything is unpacked into a fixed arena.
 * Nothing an event says is believed before check() has seen it.
 */
#include <soundings/feedback.h>

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "feedback.pb-c.h"

#define WIRE_VERSION 1

/* ----------------------------------------------------------------- arena */

struct sdg_arena {
	size_t size, used;
	_Alignas(16) unsigned char memory[];
};

struct sdg_arena *sdg_arena_new(size_t size)
{
	struct sdg_arena *arena = malloc(sizeof(*arena) + size);

	if (arena)
		*arena = (struct sdg_arena){ .size = size };
	return arena;
}

void sdg_arena_free(struct sdg_arena *arena)
{
	free(arena);
}

void sdg_arena_reset(struct sdg_arena *arena)
{
	arena->used = 0;
}

void *sdg_arena_alloc(struct sdg_arena *arena, size_t size)
{
	void *memory = arena->memory + arena->used;
	size_t rounded = (size + 15) & ~(size_t)15;

	if (rounded < size || rounded > arena->size - arena->used)
		return NULL;
	arena->used += rounded;
	return memory;
}

size_t sdg_arena_room(const struct sdg_arena *arena)
{
	return arena->size - arena->used;
}

static void *arena_alloc(void *arena, size_t size)
{
	return sdg_arena_alloc(arena, size);
}

static void arena_free(void *arena, void *memory)
{
	(void)arena;
	(void)memory;
}

/* -------------------------------------------------------------- limits */

/* Every string of an event: where it is and what it may hold. */
struct field {
	size_t offset;
	size_t max;
	const char *name;
};

#define FIELD(member, limit)                                                   \
	{                                                                      \
		offsetof(struct sdg_feedback, member), limit, #member          \
	}

static const struct field fields[] = {
	FIELD(kind_reason, SDG_FIELD_MAX),
	FIELD(consultation, SDG_FIELD_MAX),
	FIELD(recipient, SDG_FIELD_MAX),
	FIELD(text, SDG_TEXT_MAX),
	FIELD(subject, SDG_SUBJECT_MAX),
	FIELD(signature, SDG_SIGNATURE_MAX),
	FIELD(question, SDG_QUESTION_MAX),
	FIELD(unreadable, SDG_FIELD_MAX),
	FIELD(respondent.address, SDG_FIELD_MAX),
	FIELD(respondent.name, SDG_FIELD_MAX),
	FIELD(respondent.key, SDG_FIELD_MAX),
	FIELD(respondent.role, SDG_FIELD_MAX),
	FIELD(respondent.phase, SDG_FIELD_MAX),
	FIELD(respondent.school, SDG_FIELD_MAX),
	FIELD(respondent.region, SDG_FIELD_MAX),
	FIELD(respondent.postcode, SDG_FIELD_MAX),
	FIELD(note.representative, SDG_FIELD_MAX),
	FIELD(note.constituency, SDG_FIELD_MAX),
	FIELD(note.branch, SDG_FIELD_MAX),
};

/* No secret, so that it may stop early. */
static bool is_zero(const uint8_t digest[SDG_DIGEST_SIZE])
{
	static const uint8_t zero[SDG_DIGEST_SIZE];

	return memcmp(digest, zero, sizeof(zero)) == 0;
}

static int check_string(struct sdg_str s, size_t max, const char *name,
			struct sdg_error *err)
{
	if (s.len > max)
		return sdg_fail(err, SDG_EINVAL,
				"event: field %s is longer than %zu bytes",
				name, max);
	if (!sdg_text_is_safe(s.s, s.len))
		return sdg_fail(err, SDG_EINVAL,
				"event: field %s is not safe text", name);
	return 0;
}

static int check(const struct sdg_feedback *fb, struct sdg_error *err)
{
	int rc = 0;

	if (fb->source <= SDG_SOURCE_ANY || fb->source >= SDG_SOURCE_COUNT)
		return sdg_fail(err, SDG_EINVAL, "event: no such source");
	if ((unsigned)fb->kind >= SDG_KIND_COUNT)
		return sdg_fail(err, SDG_EINVAL, "event: no such kind");
	if ((unsigned)fb->note.kind >= SDG_NOTE_COUNT)
		return sdg_fail(err, SDG_EINVAL, "event: no such kind of note");
	if (fb->choice_count > SDG_CHOICES_MAX)
		return sdg_fail(err, SDG_EINVAL,
				"event: more than %d closed answers",
				SDG_CHOICES_MAX);
	if (fb->emptied_count > SDG_EMPTIED_MAX)
		return sdg_fail(err, SDG_EINVAL,
				"event: more than %d emptied answers",
				SDG_EMPTIED_MAX);
	if (fb->emptied_count > 0 && fb->source != SDG_SOURCE_SURVEY)
		return sdg_fail(err, SDG_EINVAL,
				"event: only a survey's answers are emptied");
	if (is_zero(fb->identity))
		return sdg_fail(err, SDG_EINVAL, "event: no identity");
	for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++) {
		struct sdg_str s;

		memcpy(&s, (const char *)fb + fields[i].offset, sizeof(s));
		if (s.len)
			rc =
			    check_string(s, fields[i].max, fields[i].name, err);
		if (rc < 0)
			return rc;
	}
	for (size_t i = 0; rc == 0 && i < fb->choice_count; i++) {
		rc = check_string(fb->choices[i].question, SDG_QUESTION_MAX,
				  "choice question", err);
		if (rc == 0)
			rc = check_string(fb->choices[i].answer,
					  SDG_QUESTION_MAX, "choice answer",
					  err);
	}
	return rc;
}

/* ---------------------------------------------------------------- encode */

static ProtobufCBinaryData bytes_of(struct sdg_str s)
{
	/* protobuf-c only reads what it packs; its type cannot say so. */
	return (ProtobufCBinaryData){ s.len, (uint8_t *)(uintptr_t)s.s };
}

static ProtobufCBinaryData digest_of(const uint8_t *digest)
{
	return (ProtobufCBinaryData){ SDG_DIGEST_SIZE,
				      (uint8_t *)(uintptr_t)digest };
}

static void fill_respondent(Soundings__Wire__Respondent *to,
			    const struct sdg_respondent *from)
{
	soundings__wire__respondent__init(to);
	to->address = bytes_of(from->address);
	to->name = bytes_of(from->name);
	to->key = bytes_of(from->key);
	to->role = bytes_of(from->role);
	to->phase = bytes_of(from->phase);
	to->school = bytes_of(from->school);
	to->region = bytes_of(from->region);
	to->postcode = bytes_of(from->postcode);
}

static void fill_note(Soundings__Wire__Note *to, const struct sdg_note *from)
{
	soundings__wire__note__init(to);
	to->kind = (Soundings__Wire__NoteKind)from->kind;
	to->representative = bytes_of(from->representative);
	to->constituency = bytes_of(from->constituency);
	to->branch = bytes_of(from->branch);
	to->voices = from->voices;
	to->attendance = from->attendance;
	to->own = from->own;
	to->second_hand = from->second_hand;
}

static void fill_event(Soundings__Wire__Event *to,
		       const struct sdg_feedback *fb)
{
	soundings__wire__event__init(to);
	to->version = WIRE_VERSION;
	to->source = (Soundings__Wire__Source)fb->source;
	to->kind = (Soundings__Wire__Kind)fb->kind;
	to->kind_reason = bytes_of(fb->kind_reason);
	to->consultation = bytes_of(fb->consultation);
	to->recipient = bytes_of(fb->recipient);
	to->said = fb->said;
	to->received = fb->received;
	to->revision = fb->revision;
	to->text = bytes_of(fb->text);
	to->subject = bytes_of(fb->subject);
	to->signature = bytes_of(fb->signature);
	to->question = bytes_of(fb->question);
	to->flags = fb->flags;
	to->truncated = fb->truncated;
	to->test = fb->test;
	to->may_quote = fb->may_quote;
	to->unreadable = bytes_of(fb->unreadable);
	to->reference = bytes_of(fb->reference);
	to->identity = digest_of(fb->identity);
	to->content = digest_of(fb->content);
}

/* Never refused for its length: it may be another's producer's. */
static void cut_text(struct sdg_feedback *fb)
{
	if (fb->text.len <= SDG_TEXT_MAX)
		return;
	fb->text.len = sdg_text_cut(fb->text.s, fb->text.len, SDG_TEXT_MAX);
	fb->truncated = true;
}

int sdg_feedback_encode(const struct sdg_feedback *original, uint8_t *out,
			size_t *len, struct sdg_error *err)
{
	struct sdg_feedback fb = *original;
	Soundings__Wire__Choice choices[SDG_CHOICES_MAX];
	Soundings__Wire__Choice *choice_list[SDG_CHOICES_MAX];
	ProtobufCBinaryData emptied[SDG_EMPTIED_MAX];
	Soundings__Wire__Respondent respondent;
	Soundings__Wire__Note note;
	Soundings__Wire__Event event;
	size_t size;
	int rc;

	cut_text(&fb);
	rc = check(&fb, err);
	if (rc < 0)
		return rc;
	fill_event(&event, &fb);
	fill_respondent(&respondent, &fb.respondent);
	event.respondent = &respondent;
	if (fb.source == SDG_SOURCE_REP) {
		fill_note(&note, &fb.note);
		event.note = &note;
	}
	for (size_t i = 0; i < fb.choice_count; i++) {
		soundings__wire__choice__init(&choices[i]);
		choices[i].question = bytes_of(fb.choices[i].question);
		choices[i].answer = bytes_of(fb.choices[i].answer);
		choice_list[i] = &choices[i];
	}
	event.n_choices = fb.choice_count;
	event.choices = choice_list;
	for (size_t i = 0; i < fb.emptied_count; i++)
		emptied[i] = digest_of(fb.emptied[i]);
	event.n_emptied = fb.emptied_count;
	event.emptied = emptied;
	size = soundings__wire__event__get_packed_size(&event);
	if (size > SDG_EVENT_MAX)
		return sdg_fail(err, SDG_EINVAL,
				"event: %zu bytes, more than %d", size,
				SDG_EVENT_MAX);
	*len = soundings__wire__event__pack(&event, out);
	return 0;
}

/* ---------------------------------------------------------------- decode */

static struct sdg_str str_of(ProtobufCBinaryData bytes)
{
	return (struct sdg_str){ (const char *)bytes.data, bytes.len };
}

static int read_digest(ProtobufCBinaryData bytes, uint8_t *out, size_t size,
		       const char *name, struct sdg_error *err)
{
	if (bytes.len != size)
		return sdg_fail(err, SDG_EINVAL, "event: %s is not %zu bytes",
				name, size);
	memcpy(out, bytes.data, size);
	return 0;
}

static void read_respondent(const Soundings__Wire__Respondent *from,
			    struct sdg_respondent *to)
{
	to->address = str_of(from->address);
	to->name = str_of(from->name);
	to->key = str_of(from->key);
	to->role = str_of(from->role);
	to->phase = str_of(from->phase);
	to->school = str_of(from->school);
	to->region = str_of(from->region);
	to->postcode = str_of(from->postcode);
}

static void read_note(const Soundings__Wire__Note *from, struct sdg_note *to)
{
	to->kind = (enum sdg_note_kind)from->kind;
	to->representative = str_of(from->representative);
	to->constituency = str_of(from->constituency);
	to->branch = str_of(from->branch);
	to->voices = from->voices;
	to->attendance = from->attendance;
	to->own = from->own;
	to->second_hand = from->second_hand;
}

static void read_event(const Soundings__Wire__Event *from,
		       struct sdg_feedback *fb)
{
	fb->source = (enum sdg_source)from->source;
	fb->kind = (enum sdg_kind)from->kind;
	fb->kind_reason = str_of(from->kind_reason);
	fb->consultation = str_of(from->consultation);
	fb->recipient = str_of(from->recipient);
	fb->said = from->said;
	fb->received = from->received;
	fb->revision = from->revision;
	fb->text = str_of(from->text);
	fb->subject = str_of(from->subject);
	fb->signature = str_of(from->signature);
	fb->question = str_of(from->question);
	fb->flags = from->flags & ((1u << SDG_FLAG_COUNT) - 1);
	fb->truncated = from->truncated;
	fb->test = from->test;
	fb->may_quote = from->may_quote;
	fb->unreadable = str_of(from->unreadable);
	if (from->respondent)
		read_respondent(from->respondent, &fb->respondent);
	if (from->note)
		read_note(from->note, &fb->note);
	fb->choice_count = from->n_choices;
	for (size_t i = 0; i < from->n_choices && i < SDG_CHOICES_MAX; i++) {
		fb->choices[i].question = str_of(from->choices[i]->question);
		fb->choices[i].answer = str_of(from->choices[i]->answer);
	}
}

static int read_emptied(const Soundings__Wire__Event *from,
			struct sdg_arena *arena, struct sdg_feedback *fb,
			struct sdg_error *err)
{
	size_t n = from->n_emptied;
	uint8_t(*list)[SDG_DIGEST_SIZE];
	int rc = 0;

	if (n == 0)
		return 0;
	list = n <= SDG_EMPTIED_MAX ? sdg_arena_alloc(arena, n * sizeof(*list))
				    : NULL;
	if (!list)
		return sdg_fail(err, SDG_EINVAL,
				"event: more than %d emptied answers",
				SDG_EMPTIED_MAX);
	for (size_t i = 0; rc == 0 && i < n; i++)
		rc = read_digest(from->emptied[i], list[i], SDG_DIGEST_SIZE,
				 "an emptied answer", err);
	fb->emptied = (const uint8_t(*)[SDG_DIGEST_SIZE])list;
	fb->emptied_count = n;
	return rc;
}

/* All but the choices, which are as many as choice_count says: clearing
 * two kilobytes an event would cost more than reading it. */
static void clear(struct sdg_feedback *fb)
{
	memset(fb, 0, offsetof(struct sdg_feedback, choices));
	memset((char *)fb + offsetof(struct sdg_feedback, choice_count), 0,
	       sizeof(*fb) - offsetof(struct sdg_feedback, choice_count));
}

int sdg_feedback_decode(const uint8_t *in, size_t len, struct sdg_arena *arena,
			struct sdg_feedback *fb, struct sdg_error *err)
{
	ProtobufCAllocator allocator = { arena_alloc, arena_free, arena };
	Soundings__Wire__Event *event;
	int rc;

	if (len > SDG_EVENT_MAX)
		return sdg_fail(err, SDG_EINVAL,
				"event: %zu bytes, more than %d", len,
				SDG_EVENT_MAX);
	event = soundings__wire__event__unpack(&allocator, len, in);
	if (!event)
		return sdg_fail(err, SDG_EINVAL,
				"event: %zu bytes that do not decode", len);
	if (event->version < 1 || event->version > WIRE_VERSION)
		return sdg_fail(err, SDG_EINVAL,
				"event: wire version %u; this program knows %d",
				event->version, WIRE_VERSION);
	if (event->reference.len && event->reference.len != SDG_REFERENCE_SIZE)
		return sdg_fail(err, SDG_EINVAL,
				"event: reference is not %d bytes",
				SDG_REFERENCE_SIZE);
	clear(fb);
	read_event(event, fb);
	cut_text(fb);
	fb->reference = str_of(event->reference);
	rc = read_digest(event->identity, fb->identity, SDG_DIGEST_SIZE,
			 "identity", err);
	if (rc == 0)
		rc = read_digest(event->content, fb->content, SDG_DIGEST_SIZE,
				 "content", err);
	if (rc == 0)
		rc = read_emptied(event, arena, fb, err);
	return rc < 0 ? rc : check(fb, err);
}

/* -------------------------------------------------------------- receipts */

void sdg_frame_digest(const void *frame, size_t len, uint8_t digest[16])
{
	/* No secret: both ends must come to the same. */
	static const unsigned char key[crypto_shorthash_siphashx24_KEYBYTES] =
	    "soundings frame";

	crypto_shorthash_siphashx24(digest, frame, len, key);
}

int sdg_receipts_encode(const struct sdg_receipt *receipts, size_t n,
			uint8_t **out, size_t *len, struct sdg_error *err)
{
	Soundings__Wire__Receipts message = SOUNDINGS__WIRE__RECEIPTS__INIT;
	Soundings__Wire__Receipt *list = calloc(n, sizeof(*list));
	Soundings__Wire__Receipt **pointers =
	    calloc(n, sizeof(Soundings__Wire__Receipt *));
	int rc = 0;

	*out = NULL;
	if (n && (!list || !pointers)) {
		rc = sdg_fail(err, SDG_ENOMEM, "no memory for receipts");
		goto out;
	}
	for (size_t i = 0; i < n; i++) {
		soundings__wire__receipt__init(&list[i]);
		list[i].digest = (ProtobufCBinaryData){
			16, (uint8_t *)(uintptr_t)receipts[i].digest
		};
		list[i].outcome = (Soundings__Wire__Outcome)receipts[i].outcome;
		list[i].reason = bytes_of(receipts[i].reason);
		pointers[i] = &list[i];
	}
	message.n_receipts = n;
	message.receipts = pointers;
	*len = soundings__wire__receipts__get_packed_size(&message);
	*out = malloc(*len ? *len : 1);
	if (!*out) {
		rc = sdg_fail(err, SDG_ENOMEM, "no memory for receipts");
		goto out;
	}
	soundings__wire__receipts__pack(&message, *out);
out:
	free(list);
	free(pointers);
	return rc;
}

int sdg_receipts_decode(const uint8_t *in, size_t len, struct sdg_arena *arena,
			struct sdg_receipt *receipts, size_t cap, size_t *n,
			struct sdg_error *err)
{
	ProtobufCAllocator allocator = { arena_alloc, arena_free, arena };
	Soundings__Wire__Receipts *message =
	    soundings__wire__receipts__unpack(&allocator, len, in);

	if (!message || message->n_receipts > cap)
		return sdg_fail(err, SDG_EINVAL,
				"receipts: %zu bytes that do not decode", len);
	for (size_t i = 0; i < message->n_receipts; i++) {
		const Soundings__Wire__Receipt *from = message->receipts[i];

		if (from->digest.len != 16 ||
		    from->outcome <= SOUNDINGS__WIRE__OUTCOME__NONE ||
		    (int)from->outcome >= SDG_OUTCOME_COUNT ||
		    !sdg_text_is_safe((const char *)from->reason.data,
				      from->reason.len))
			return sdg_fail(err, SDG_EINVAL,
					"receipts: one is not a receipt");
		memcpy(receipts[i].digest, from->digest.data, 16);
		receipts[i].outcome = (enum sdg_outcome)from->outcome;
		receipts[i].reason = str_of(from->reason);
	}
	*n = message->n_receipts;
	return 0;
}
