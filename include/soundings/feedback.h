/*
 * feedback: one piece of what a member said, and its form on the wire.
 *
 * A struct sdg_feedback owns nothing: every string in it is borrowed from
 * whoever filled it, or, after sdg_feedback_decode(), from the arena that
 * was given. It is a value; copy it freely while its owner lives.
 *
 * Times are seconds since 1970-01-01 UTC. Text is safe text (text.h).
 * The wire form is proto/feedback.proto; nothing outside feedback.c knows
 * protobuf.
 */
#ifndef SOUNDINGS_FEEDBACK_H
#define SOUNDINGS_FEEDBACK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <soundings/error.h>
#include <soundings/labels.h>
#include <soundings/text.h>

#define SDG_DIGEST_SIZE 32
#define SDG_REFERENCE_SIZE 16

/* An encoded event is at most this; a frame adds one byte. */
#define SDG_EVENT_MAX 65536

/* What each field may hold, bytes; encode cuts text at a character and
 * marks it truncated, and refuses others that are longer. */
#define SDG_TEXT_MAX 45056
#define SDG_SUBJECT_MAX 1000
#define SDG_SIGNATURE_MAX 4096
#define SDG_QUESTION_MAX 1000
#define SDG_FIELD_MAX 320  /* an address, a name, a role … */
#define SDG_CHOICES_MAX 64 /* closed answers that travel with a row */
#define SDG_EMPTIED_MAX 256

/* One closed survey answer: question, and the choice or rating given. */
struct sdg_choice {
	struct sdg_str question;
	struct sdg_str answer;
};

/* The respondent as the source knows them; any of it may be empty. */
struct sdg_respondent {
	struct sdg_str address; /* normalised (sdg_address_normalise) */
	struct sdg_str name;
	struct sdg_str key; /* who they are where there is no address: survey
			       and response id; never shown to a person */
	struct sdg_str role;
	struct sdg_str phase;
	struct sdg_str school;
	struct sdg_str region;   /* what a form asked, word for word */
	struct sdg_str postcode; /* of work, if a form asked */
};

/* What a Council representative adds; meaningful when source is rep. */
struct sdg_note {
	enum sdg_note_kind kind;
	struct sdg_str representative; /* "Jane Doe", or their address */
	struct sdg_str constituency;   /* "Norfolk" */
	struct sdg_str branch;
	uint32_t voices;     /* how many members they speak for; 0: not said */
	uint32_t attendance; /* of a meeting */
	bool own;            /* the representative's own point */
	bool second_hand;    /* passed on to the representative by another */
};

/* kind_reason of a mail whose kind is UNSET and whose headers and words show
 * no machine: what is left to tell is whether it is feedback. */
#define SDG_REASON_PERSON "no sign of a machine"

struct sdg_feedback {
	enum sdg_source source;
	enum sdg_kind kind; /* what headers told the producer, or UNSET */
	struct sdg_str kind_reason;
	struct sdg_str
	    consultation; /* its id; empty: by recipient, else "future" */
	struct sdg_str recipient; /* envelope address it came to */
	int64_t said; /* from the piece itself; 0: it does not say */
	int64_t received;
	int64_t revision; /* when the answer was last modified; 0: never */
	struct sdg_str text;
	struct sdg_str subject;
	struct sdg_str signature;
	struct sdg_str question;
	struct sdg_respondent respondent;
	struct sdg_note note;
	struct sdg_choice choices[SDG_CHOICES_MAX];
	size_t choice_count;
	uint32_t flags; /* enum sdg_flag */
	bool truncated;
	bool test;
	bool may_quote;            /* the respondent consented to be quoted */
	struct sdg_str unreadable; /* why its original, kept raw, could not be
				      read: the worker quarantines it */
	/* Identities of other answers of the same survey response (and so said
	 * at the same time) that are empty as of this revision: what an earlier
	 * one said there counts no longer. */
	const uint8_t (*emptied)[SDG_DIGEST_SIZE];
	size_t emptied_count;
	struct sdg_str reference; /* of a mail: SDG_REFERENCE_SIZE bytes */
	uint8_t identity[SDG_DIGEST_SIZE]; /* same piece, whenever it comes */
	uint8_t content[SDG_DIGEST_SIZE];  /* same words */
};

/** sdg_feedback_only_empties - it is no piece, only a list of what is empty */
static inline bool sdg_feedback_only_empties(const struct sdg_feedback *fb)
{
	return fb->emptied_count > 0 && fb->text.len == 0 &&
	       fb->choice_count == 0;
}

/*
 * An arena for decoding: fixed memory that is handed out and never freed
 * one by one, so that a hostile event cannot make protobuf-c allocate more
 * (64 KiB of two-byte fields would take 5 MB).
 */
struct sdg_arena;

/** sdg_arena_new - NULL when there is no memory; freed with sdg_arena_free() */
struct sdg_arena *sdg_arena_new(size_t size_bytes);
void sdg_arena_free(struct sdg_arena *arena);
/** sdg_arena_reset - all that was decoded into @arena is gone */
void sdg_arena_reset(struct sdg_arena *arena);
/** sdg_arena_alloc - @size bytes, aligned to 16, or NULL when it is full */
void *sdg_arena_alloc(struct sdg_arena *arena, size_t size);
/** sdg_arena_room - bytes left in it */
size_t sdg_arena_room(const struct sdg_arena *arena);

/* An arena of this size decodes any valid event. */
#define SDG_ARENA_EVENT (256 * 1024)

/**
 * sdg_feedback_encode - @fb as bytes for the wire
 * @out: room for SDG_EVENT_MAX bytes
 * @len: set on success
 *
 * Text longer than SDG_TEXT_MAX is cut at a character and marked truncated.
 * Return 0, or SDG_EINVAL: a field too long, text that is not safe, no
 * source, no identity.
 */
int sdg_feedback_encode(const struct sdg_feedback *fb, uint8_t *out,
			size_t *len, struct sdg_error *err);

/**
 * sdg_feedback_decode - bytes from the wire, checked, into @fb
 *
 * Text longer than SDG_TEXT_MAX is cut here, too.
 * Strings in @fb live in @arena until it is reset. Unknown fields are
 * ignored. Return 0, or SDG_EINVAL: not an event, of a newer wire version,
 * a field out of range, unsafe text, more than the arena holds.
 */
int sdg_feedback_decode(const uint8_t *in, size_t len, struct sdg_arena *arena,
			struct sdg_feedback *fb, struct sdg_error *err);

/** sdg_receipt - one event's answer, as it travels back */
struct sdg_receipt {
	uint8_t digest[16]; /* of the frame it answers (sdg_frame_digest) */
	enum sdg_outcome outcome;
	struct sdg_str reason; /* borrowed; empty but for quarantine */
};

/** sdg_frame_digest - SipHash-2-4, 128 bits (Aumasson and Bernstein 2012), of
 *  a frame's bytes under a fixed key: it tells the frames of one window
 *  apart and proves that an answer's sender has seen the frame, no more */
void sdg_frame_digest(const void *frame, size_t len, uint8_t digest[16]);

/** sdg_receipts_encode - @n receipts as bytes; the caller frees *out with
 *  free(). Return 0 or SDG_ENOMEM */
int sdg_receipts_encode(const struct sdg_receipt *receipts, size_t n,
			uint8_t **out, size_t *len, struct sdg_error *err);
/** sdg_receipts_decode - at most @cap receipts, strings in @arena */
int sdg_receipts_decode(const uint8_t *in, size_t len, struct sdg_arena *arena,
			struct sdg_receipt *receipts, size_t cap, size_t *n,
			struct sdg_error *err);

#endif
