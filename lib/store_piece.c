/*
 * One stored piece, opened: its labels, and the words behind a figure.
 *
 * Words that have gone are no fault: their month's key went, or a person's
 * wish took them.
 */
#include <stdlib.h>

#include "store_internal.h"

void opened_fini(struct opened *o)
{
	free(o->sealed);
	free(o->words);
}

static int room_for(struct opened *o, size_t n, struct sdg_error *err)
{
	if (n <= o->cap)
		return 0;
	opened_fini(o);
	o->cap = n + 4096;
	o->sealed = malloc(o->cap);
	o->words = malloc(o->cap);
	if (o->sealed && o->words)
		return 0;
	opened_fini(o);
	o->sealed = o->words = NULL;
	o->cap = 0;
	return sdg_fail(err, SDG_ENOMEM, "open a piece: no memory");
}

static void copy_labels(const struct event *event, struct sdg_labels *labels)
{
	const struct piece *piece = &event->piece;

	*labels = (struct sdg_labels){
		.kind = event->kind,
		.region = piece->region,
		.region_evidence = event->evidence,
		.authority = piece->authority,
		.role = piece->role,
		.phases = piece->phases,
		.stance = piece->stance,
		.theme_count = (uint8_t)piece_themes(piece),
		.kind_score = (float)event->kind_score / 65535,
		.flags = event->label_flags,
	};
	for (unsigned i = 0; i < labels->theme_count; i++) {
		labels->themes[i] = piece->themes[i];
		labels->scores[i] = (float)event->scores[i] / 65535;
	}
}

void copy_header(const struct sdg_store *store, const struct event *event,
		 struct sdg_stored *out)
{
	const struct sdg_consultation *c =
	    consultation_by_number(store, event->piece.consultation);

	memset(out, 0, sizeof(*out));
	memcpy(out->id, event->id, ID_SIZE);
	out->outcome = event->outcome;
	copy_labels(event, &out->labels);
	out->consultation = event->piece.consultation;
	out->day = event->piece.day;
	out->member = event->piece.member;
	out->matched = event->state & EVENT_MATCHED;
	out->by_person = event->state & EVENT_BY_PERSON;
	out->erased = event->state & EVENT_ERASED;
	out->frame_version = event->frame_version;
	out->fb.source = event->piece.source;
	/* What was said of the kind, and not found, is certain: the rest may be
	 * found to be another today. */
	if (event->kind_score == UINT16_MAX)
		out->fb.kind = event->kind;
	out->fb.consultation = sdg_str(c ? c->id : NULL);
	out->fb.said = event->said;
	out->fb.received = event->received;
	out->fb.revision = event->revision;
	out->fb.flags = event->flags;
	out->fb.truncated = event->state & EVENT_TRUNCATED;
	out->fb.may_quote = event->state & EVENT_MAY_QUOTE;
	out->fb.test = event->outcome == SDG_OUTCOME_TEST;
	out->fb.note.kind = event->note_kind;
	out->fb.note.voices = event->voices;
	out->fb.note.attendance = event->attendance;
	out->fb.note.own = event->state & EVENT_NOTE_OWN;
	out->fb.note.second_hand = event->state & EVENT_NOTE_SECOND_HAND;
}

int open_piece(struct txn *t, const struct event *event, struct opened *o,
	       struct sdg_error *err)
{
	int rc;

	copy_header(t->store, event, &o->stored);
	if (event->sealed_len < SDG_SEAL_EXTRA)
		o->stored.erased = true;
	if (o->stored.erased)
		return 0;
	rc = room_for(o, event->sealed_len, err);
	if (rc == 0)
		rc = event_sealed(t, event, o->sealed, err);
	if (rc < 0)
		return rc;
	rc = sdg_keys_unseal(t->store->keys, event->seal_month, event->id,
			     o->sealed, event->sealed_len, o->words, err);
	if (rc == SDG_ENOTFOUND) {
		o->stored.erased = true; /* with the key of its month */
		return 0;
	}
	if (rc == SDG_EDAMAGED)
		return st_damaged(DB_EVENTS,
				  (struct bytes){ event->id, ID_SIZE },
				  "its words are not what was sealed", err);
	if (rc == 0 &&
	    !words_unpack(o->words, event->sealed_len - SDG_SEAL_EXTRA,
			  &o->stored.fb))
		rc = st_damaged(DB_EVENTS, (struct bytes){ event->id, ID_SIZE },
				"its words are not words", err);
	return rc;
}
