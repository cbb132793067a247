/*
 * An event's records: a header that can be read without any text key, and
 * the words, sealed. What does not fit into the first record goes on in
 * chunks.
 */
#include <stdlib.h>

#include "store_internal.h"

#define EVENT_FORM 1
#define CHUNK_KEY_SIZE 19 /* owner, id, number */
#define BY_PERSON 0x80    /* beside the seven phases */
_Static_assert(1 << SDG_PHASE_COUNT <= BY_PERSON, "a bit that is no phase");

/* Where each number of the header stands. */
enum at {
	AT_FORM = 0,
	AT_PIECE = 1,
	AT_OUTCOME = AT_PIECE + PIECE_SIZE,
	AT_KIND,
	AT_EVIDENCE,
	AT_NOTE_KIND,
	AT_STATE,
	AT_SCORES = AT_STATE + 2,
	AT_KIND_SCORE = AT_SCORES + 2 * SDG_THEMES_MAX,
	AT_SAID = AT_KIND_SCORE + 2,
	AT_RECEIVED = AT_SAID + 8,
	AT_REVISION = AT_RECEIVED + 8,
	AT_VOICES = AT_REVISION + 8,
	AT_ATTENDANCE = AT_VOICES + 4,
	AT_FLAGS = AT_ATTENDANCE + 4,
	AT_LABEL_FLAGS = AT_FLAGS + 4,
	AT_FRAME = AT_LABEL_FLAGS + 4,
	AT_SEAL_MONTH = AT_FRAME + 4,
	AT_SEALED_LEN = AT_SEAL_MONTH + 2,
	AT_END = AT_SEALED_LEN + 4
};
_Static_assert(AT_END == EVENT_HEADER, "the header's size");

void event_id(const struct sdg_keys *keys, const struct sdg_feedback *fb,
	      uint8_t id[ID_SIZE])
{
	bool fits = fb->said > 0 && fb->said <= UINT32_MAX;

	put_be32(id, fits ? (uint32_t)fb->said : 0);
	sdg_keys_event(keys, fb->identity, id + 4);
}

void piece_encode(const struct piece *piece, uint8_t out[PIECE_SIZE])
{
	put_le(out, piece->day, 2);
	put_le(out + 2, piece->consultation, 2);
	put_le(out + 4, piece->member, 4);
	put_le(out + 8, piece->reported, 4);
	put_le(out + 12, piece->authority, 2);
	out[14] = piece->region;
	out[15] = piece->source;
	out[16] = piece->stance;
	out[17] = piece->role;
	out[18] = (uint8_t)(piece->phases | (piece->by_person ? BY_PERSON : 0));
	memcpy(out + 19, piece->themes, SDG_THEMES_MAX);
	put_le(out + 22, piece->edition, 2);
}

bool piece_decode(struct bytes in, struct piece *piece)
{
	if (in.n < PIECE_SIZE)
		return false;
	*piece = (struct piece){
		.day = (uint16_t)get_le(in.p, 2),
		.consultation = (uint16_t)get_le(in.p + 2, 2),
		.member = (uint32_t)get_le(in.p + 4, 4),
		.reported = (uint32_t)get_le(in.p + 8, 4),
		.authority = (uint16_t)get_le(in.p + 12, 2),
		.region = in.p[14],
		.source = in.p[15],
		.stance = in.p[16],
		.role = in.p[17],
		.phases = in.p[18] & (BY_PERSON - 1),
		.by_person = in.p[18] & BY_PERSON,
		.edition = (uint16_t)get_le(in.p + 22, 2),
	};
	memcpy(piece->themes, in.p + 19, SDG_THEMES_MAX);
	return piece->member <= ORDINAL_MAX &&
	       piece->region < SDG_REGION_COUNT &&
	       piece->source < SDG_SOURCE_COUNT &&
	       piece->stance < SDG_STANCE_COUNT && piece->role < SDG_ROLE_COUNT;
}

static void header_encode(const struct event *event, uint8_t *out)
{
	out[AT_FORM] = EVENT_FORM;
	piece_encode(&event->piece, out + AT_PIECE);
	out[AT_OUTCOME] = event->outcome;
	out[AT_KIND] = event->kind;
	out[AT_EVIDENCE] = event->evidence;
	out[AT_NOTE_KIND] = event->note_kind;
	put_le(out + AT_STATE, event->state, 2);
	for (int i = 0; i < SDG_THEMES_MAX; i++)
		put_le(out + AT_SCORES + 2 * i, event->scores[i], 2);
	put_le(out + AT_KIND_SCORE, event->kind_score, 2);
	put_le(out + AT_SAID, (uint64_t)event->said, 8);
	put_le(out + AT_RECEIVED, (uint64_t)event->received, 8);
	put_le(out + AT_REVISION, (uint64_t)event->revision, 8);
	put_le(out + AT_VOICES, event->voices, 4);
	put_le(out + AT_ATTENDANCE, event->attendance, 4);
	put_le(out + AT_FLAGS, event->flags, 4);
	put_le(out + AT_LABEL_FLAGS, event->label_flags, 4);
	put_le(out + AT_FRAME, event->frame_version, 4);
	put_le(out + AT_SEAL_MONTH, event->seal_month, 2);
	put_le(out + AT_SEALED_LEN, event->sealed_len, 4);
}

int event_decode(struct bytes key, struct bytes value, struct event *event,
		 struct sdg_error *err)
{
	const uint8_t *p = value.p;

	if (key.n != ID_SIZE || value.n < EVENT_HEADER ||
	    p[AT_FORM] != EVENT_FORM)
		return st_damaged(DB_EVENTS, key, "not an event", err);
	memcpy(event->id, key.p, ID_SIZE);
	if (!piece_decode((struct bytes){ p + AT_PIECE, PIECE_SIZE },
			  &event->piece))
		return st_damaged(DB_EVENTS, key, "out of range", err);
	event->outcome = p[AT_OUTCOME];
	event->kind = p[AT_KIND];
	event->evidence = p[AT_EVIDENCE];
	event->note_kind = p[AT_NOTE_KIND];
	event->state = (uint16_t)get_le(p + AT_STATE, 2);
	for (int i = 0; i < SDG_THEMES_MAX; i++)
		event->scores[i] = (uint16_t)get_le(p + AT_SCORES + 2 * i, 2);
	event->kind_score = (uint16_t)get_le(p + AT_KIND_SCORE, 2);
	event->said = (int64_t)get_le(p + AT_SAID, 8);
	event->received = (int64_t)get_le(p + AT_RECEIVED, 8);
	event->revision = (int64_t)get_le(p + AT_REVISION, 8);
	event->voices = (uint32_t)get_le(p + AT_VOICES, 4);
	event->attendance = (uint32_t)get_le(p + AT_ATTENDANCE, 4);
	event->flags = (uint32_t)get_le(p + AT_FLAGS, 4);
	event->label_flags = (uint32_t)get_le(p + AT_LABEL_FLAGS, 4);
	event->frame_version = (uint32_t)get_le(p + AT_FRAME, 4);
	event->seal_month = (uint16_t)get_le(p + AT_SEAL_MONTH, 2);
	event->sealed_len = (uint32_t)get_le(p + AT_SEALED_LEN, 4);
	event->sealed =
	    (struct bytes){ p + EVENT_HEADER, value.n - EVENT_HEADER };
	if (event->outcome >= SDG_OUTCOME_COUNT ||
	    event->kind >= SDG_KIND_COUNT ||
	    event->sealed_len > WORDS_MAX + SDG_SEAL_EXTRA ||
	    event->sealed.n > event->sealed_len)
		return st_damaged(DB_EVENTS, key, "out of range", err);
	return 0;
}

int event_get(struct txn *t, const uint8_t id[ID_SIZE], struct event *event,
	      struct sdg_error *err)
{
	struct bytes value;
	bool beyond;
	int rc;

	/* Most that come are new, and later than all that came before. */
	rc = st_beyond(t, DB_EVENTS, id, &beyond, err);
	if (rc < 0 || beyond)
		return rc < 0 ? rc : SDG_ENOTFOUND;
	rc = st_get(t, DB_EVENTS, id, ID_SIZE, &value, err);
	if (rc < 0)
		return rc;
	return event_decode((struct bytes){ id, ID_SIZE }, value, event, err);
}

static size_t first_part(size_t sealed_len)
{
	size_t room = VALUE_MAX - EVENT_HEADER;

	return sealed_len < room ? sealed_len : room;
}

static size_t first_record(const struct event *event, uint8_t value[VALUE_MAX])
{
	size_t first = first_part(event->sealed_len);

	header_encode(event, value);
	if (first)
		memcpy(value + EVENT_HEADER, event->sealed.p, first);
	return EVENT_HEADER + first;
}

int event_add(struct txn *t, const struct event *event, struct sdg_error *err)
{
	uint8_t value[VALUE_MAX];
	size_t n = first_record(event, value);
	size_t first = n - EVENT_HEADER;
	int rc;

	rc = st_add(t, DB_EVENTS, event->id, ID_SIZE, value, n, err);
	if (rc == 0 && event->sealed_len > first)
		rc =
		    chunks_put(t, DB_EVENTS, event->id, event->sealed.p + first,
			       event->sealed_len - first, err);
	return rc;
}

int event_change(struct txn *t, const struct event *event,
		 struct sdg_error *err)
{
	uint8_t value[VALUE_MAX];
	size_t n = first_record(event, value);

	return st_put(t, DB_EVENTS, event->id, ID_SIZE, value, n, err);
}

int event_del(struct txn *t, const uint8_t id[ID_SIZE], struct sdg_error *err)
{
	int rc;

	rc = st_del(t, DB_EVENTS, id, ID_SIZE, err);
	if (rc == 0)
		rc = client_forget(t, id, err);
	return rc < 0 ? rc : chunks_del(t, DB_EVENTS, id, err);
}

int event_sealed(struct txn *t, const struct event *event, uint8_t *out,
		 struct sdg_error *err)
{
	if (event->sealed.n)
		memcpy(out, event->sealed.p, event->sealed.n);
	if (event->sealed.n == event->sealed_len)
		return 0;
	return chunks_get(t, DB_EVENTS, event->id, out + event->sealed.n,
			  event->sealed_len - event->sealed.n, err);
}

/* ----------------------------------------------------------------- chunks */

static void chunk_key(enum db owner, const uint8_t id[16], unsigned number,
		      uint8_t out[CHUNK_KEY_SIZE])
{
	out[0] = (uint8_t)owner;
	memcpy(out + 1, id, 16);
	put_be16(out + 17, number);
}

int chunks_put(struct txn *t, enum db owner, const uint8_t id[16],
	       const uint8_t *data, size_t len, struct sdg_error *err)
{
	uint8_t key[CHUNK_KEY_SIZE];
	unsigned number = 0;
	int rc = 0;

	for (size_t at = 0; rc == 0 && at < len; at += CHUNK_DATA) {
		size_t n = len - at < CHUNK_DATA ? len - at : CHUNK_DATA;

		chunk_key(owner, id, number++, key);
		rc = st_add(t, DB_CHUNKS, key, sizeof(key), data + at, n, err);
	}
	return rc;
}

int chunks_get(struct txn *t, enum db owner, const uint8_t id[16],
	       uint8_t *data, size_t len, struct sdg_error *err)
{
	uint8_t key[CHUNK_KEY_SIZE];
	struct bytes value;
	unsigned number = 0;

	for (size_t at = 0; at < len; at += value.n) {
		int rc;

		chunk_key(owner, id, number++, key);
		rc = st_get(t, DB_CHUNKS, key, sizeof(key), &value, err);
		if (rc == SDG_ENOTFOUND ||
		    (rc == 0 && (value.n == 0 || value.n > len - at)))
			return st_damaged(DB_CHUNKS,
					  (struct bytes){ key, sizeof(key) },
					  "a part of a text is gone", err);
		if (rc < 0)
			return rc;
		memcpy(data + at, value.p, value.n);
	}
	return 0;
}

int chunks_del(struct txn *t, enum db owner, const uint8_t id[16],
	       struct sdg_error *err)
{
	uint8_t key[CHUNK_KEY_SIZE];
	int rc = 0;

	for (unsigned number = 0; rc == 0; number++) {
		chunk_key(owner, id, number, key);
		rc = st_del(t, DB_CHUNKS, key, sizeof(key), err);
	}
	return rc == SDG_ENOTFOUND ? 0 : rc;
}

/* ------------------------------------------------------------------ words */

/* Tags of what is sealed; never reuse one. An address is not among them. */
enum tag {
	TAG_TEXT = 1,
	TAG_SUBJECT,
	TAG_SIGNATURE,
	TAG_QUESTION,
	TAG_KIND_REASON,
	TAG_ROLE,
	TAG_PHASE,
	TAG_SCHOOL,
	TAG_REGION,
	TAG_POSTCODE,
	TAG_REPRESENTATIVE,
	TAG_CONSTITUENCY,
	TAG_BRANCH,
	TAG_CHOICE_QUESTION,
	TAG_CHOICE_ANSWER,
	TAG_REFERENCE,
};

/* Writes tag, length (3 bytes) and bytes; nothing for an empty string. */
static size_t pack(uint8_t *out, size_t at, enum tag tag, struct sdg_str s)
{
	if (s.len == 0 || at + 4 + s.len > WORDS_MAX)
		return at;
	out[at] = (uint8_t)tag;
	put_le(out + at + 1, s.len, 3);
	memcpy(out + at + 4, s.s, s.len);
	return at + 4 + s.len;
}

size_t words_pack(const struct sdg_feedback *fb, uint8_t *out)
{
	size_t n = 0;

	n = pack(out, n, TAG_TEXT, fb->text);
	n = pack(out, n, TAG_SUBJECT, fb->subject);
	n = pack(out, n, TAG_SIGNATURE, fb->signature);
	n = pack(out, n, TAG_QUESTION, fb->question);
	n = pack(out, n, TAG_KIND_REASON, fb->kind_reason);
	n = pack(out, n, TAG_ROLE, fb->respondent.role);
	n = pack(out, n, TAG_PHASE, fb->respondent.phase);
	n = pack(out, n, TAG_SCHOOL, fb->respondent.school);
	n = pack(out, n, TAG_REGION, fb->respondent.region);
	n = pack(out, n, TAG_POSTCODE, fb->respondent.postcode);
	n = pack(out, n, TAG_REPRESENTATIVE, fb->note.representative);
	n = pack(out, n, TAG_CONSTITUENCY, fb->note.constituency);
	n = pack(out, n, TAG_BRANCH, fb->note.branch);
	n = pack(out, n, TAG_REFERENCE, fb->reference);
	for (size_t i = 0; i < fb->choice_count; i++) {
		/* The answer's tag ends a pair, so it is written even when
		 * empty: as a single NUL, which safe text never holds. */
		struct sdg_str answer = fb->choices[i].answer;

		n = pack(out, n, TAG_CHOICE_QUESTION, fb->choices[i].question);
		if (answer.len == 0)
			answer = (struct sdg_str){ "", 1 };
		n = pack(out, n, TAG_CHOICE_ANSWER, answer);
	}
	return n;
}

static bool unpack_choice(struct sdg_feedback *fb, enum tag tag,
			  struct sdg_str s)
{
	struct sdg_choice *choice;

	if (fb->choice_count >= SDG_CHOICES_MAX)
		return false;
	choice = &fb->choices[fb->choice_count];
	if (tag == TAG_CHOICE_QUESTION) {
		choice->question = s;
		return true;
	}
	if (s.len == 1 && s.s[0] == '\0')
		s.len = 0;
	choice->answer = s;
	fb->choice_count++;
	return true;
}

static bool unpack(struct sdg_feedback *fb, unsigned tag, struct sdg_str s)
{
	switch (tag) {
	case TAG_TEXT:
		fb->text = s;
		return true;
	case TAG_SUBJECT:
		fb->subject = s;
		return true;
	case TAG_SIGNATURE:
		fb->signature = s;
		return true;
	case TAG_QUESTION:
		fb->question = s;
		return true;
	case TAG_KIND_REASON:
		fb->kind_reason = s;
		return true;
	case TAG_ROLE:
		fb->respondent.role = s;
		return true;
	case TAG_PHASE:
		fb->respondent.phase = s;
		return true;
	case TAG_SCHOOL:
		fb->respondent.school = s;
		return true;
	case TAG_REGION:
		fb->respondent.region = s;
		return true;
	case TAG_POSTCODE:
		fb->respondent.postcode = s;
		return true;
	case TAG_REPRESENTATIVE:
		fb->note.representative = s;
		return true;
	case TAG_CONSTITUENCY:
		fb->note.constituency = s;
		return true;
	case TAG_BRANCH:
		fb->note.branch = s;
		return true;
	case TAG_REFERENCE:
		fb->reference = s;
		return true;
	case TAG_CHOICE_QUESTION:
	case TAG_CHOICE_ANSWER:
		return unpack_choice(fb, tag, s);
	}
	return true; /* of a later version: not ours to judge */
}

bool words_unpack(const uint8_t *in, size_t len, struct sdg_feedback *fb)
{
	size_t at = 0;

	while (at < len) {
		struct sdg_str s;

		if (len - at < 4)
			return false;
		s.len = (size_t)get_le(in + at + 1, 3);
		s.s = (const char *)in + at + 4;
		if (s.len > len - at - 4 || !unpack(fb, in[at], s))
			return false;
		at += 4 + s.len;
	}
	return true;
}

int32_t month_first_day(uint32_t month)
{
	/* The reverse of month_of_day(): days-from-civil of day 1. */
	uint32_t m = month % 12 + 1, y = month / 12 - (m <= 2);
	uint32_t era = y / 400, yoe = y % 400;
	uint32_t doy = (153 * (m > 2 ? m - 3 : m + 9) + 2) / 5;
	uint32_t doe = yoe * 365 + yoe / 4 - yoe / 100 + doy;

	return (int32_t)(era * 146097 + doe) - 719468;
}
