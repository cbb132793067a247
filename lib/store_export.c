/*
 * Export: the store as lines of JSON, for moving between versions.
 *
 * Events have their numbers by name, whatever the layout; what follows from
 * them (labels, links, cells, months, sets) is not written, since import
 * works it out again. What does not follow from them (members, directory,
 * ledger, history, frozen months, quarantine) is written as it is kept, under
 * the number of the layout. Words stay sealed, as in a backup, unless they
 * are asked for: then they are in the open.
 */
#include "store_export.h"

#include <jansson.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

#include <soundings/store_copies.h>

#define NUMBER(name, member)                                                   \
	{                                                                      \
		name, offsetof(struct event, member),                          \
		    sizeof(((struct event *)0)->member), false                 \
	}
#define SIGNED(name, member)                                                   \
	{                                                                      \
		name, offsetof(struct event, member),                          \
		    sizeof(((struct event *)0)->member), true                  \
	}

const struct export_number export_numbers[] = {
	NUMBER("day", piece.day),
	NUMBER("consultation", piece.consultation),
	NUMBER("authority", piece.authority),
	NUMBER("member", piece.member),
	NUMBER("reported", piece.reported),
	NUMBER("region", piece.region),
	NUMBER("source", piece.source),
	NUMBER("stance", piece.stance),
	NUMBER("role", piece.role),
	NUMBER("phases", piece.phases),
	NUMBER("theme", piece.themes[0]),
	NUMBER("theme2", piece.themes[1]),
	NUMBER("theme3", piece.themes[2]),
	NUMBER("edition", piece.edition),
	NUMBER("by_person", piece.by_person),
	NUMBER("outcome", outcome),
	NUMBER("kind", kind),
	NUMBER("evidence", evidence),
	NUMBER("note_kind", note_kind),
	NUMBER("state", state),
	NUMBER("score", scores[0]),
	NUMBER("score2", scores[1]),
	NUMBER("score3", scores[2]),
	NUMBER("kind_score", kind_score),
	SIGNED("said", said),
	SIGNED("received", received),
	SIGNED("revision", revision),
	NUMBER("voices", voices),
	NUMBER("attendance", attendance),
	NUMBER("flags", flags),
	NUMBER("label_flags", label_flags),
	NUMBER("frame_version", frame_version),
	NUMBER("seal_month", seal_month),
};
const size_t export_number_count =
    sizeof(export_numbers) / sizeof(*export_numbers);

#define WORD(name, member)                                                     \
	{                                                                      \
		name, offsetof(struct sdg_feedback, member)                    \
	}

const struct export_word export_words[] = {
	WORD("text", text),
	WORD("subject", subject),
	WORD("signature", signature),
	WORD("question", question),
	WORD("kind_reason", kind_reason),
	WORD("role", respondent.role),
	WORD("phase", respondent.phase),
	WORD("school", respondent.school),
	WORD("region", respondent.region),
	WORD("postcode", respondent.postcode),
	WORD("representative", note.representative),
	WORD("constituency", note.constituency),
	WORD("branch", note.branch),
};
const size_t export_word_count = sizeof(export_words) / sizeof(*export_words);

struct exporting {
	struct txn t;
	bool text;
	sdg_line_fn *fn;
	void *arg;
	struct opened opened;
};

static json_t *hex_json(const uint8_t *bytes, size_t n)
{
	static const char digits[] = "0123456789abcdef";
	char *hex = malloc(2 * n + 1);
	json_t *json;

	if (!hex)
		return NULL;
	for (size_t i = 0; i < n; i++) {
		hex[2 * i] = digits[bytes[i] >> 4];
		hex[2 * i + 1] = digits[bytes[i] & 15];
	}
	json = json_stringn(hex, 2 * n);
	free(hex);
	return json;
}

/* Takes @json; a NULL within it was a lack of memory. */
static int put_line(struct exporting *e, json_t *json, struct sdg_error *err)
{
	char *line = json ? json_dumps(json, JSON_COMPACT) : NULL;
	int rc = line ? e->fn(e->arg, line)
		      : sdg_fail(err, SDG_ENOMEM, "export: no memory");

	free(line);
	json_decref(json);
	return rc;
}

static int64_t number_of(const struct event *event,
			 const struct export_number *number)
{
	uint64_t v = 0;

	/* As this machine has them: little-endian, like all Debian's. */
	memcpy(&v, (const uint8_t *)event + number->at, number->size);
	return (int64_t)v;
}

static json_t *words_json(const struct sdg_feedback *fb)
{
	json_t *json = json_object(), *choices;

	for (size_t i = 0; i < export_word_count; i++) {
		const struct sdg_str *s =
		    (const void *)((const uint8_t *)fb + export_words[i].at);

		if (s->len)
			json_object_set_new(json, export_words[i].name,
					    json_stringn(s->s, s->len));
	}
	if (fb->reference.len)
		json_object_set_new(json, EXPORT_REFERENCE,
				    hex_json((const uint8_t *)fb->reference.s,
					     fb->reference.len));
	if (fb->choice_count == 0)
		return json;
	choices = json_array();
	for (size_t i = 0; i < fb->choice_count; i++)
		json_array_append_new(
		    choices,
		    json_pack("[s%, s%]", fb->choices[i].question.s,
			      fb->choices[i].question.len,
			      fb->choices[i].answer.s ? fb->choices[i].answer.s
						      : "",
			      fb->choices[i].answer.len));
	json_object_set_new(json, "choices", choices);
	return json;
}

static int put_words(struct exporting *e, const struct event *event,
		     json_t *json, struct sdg_error *err)
{
	int rc = open_piece(&e->t, event, &e->opened, err);

	if (rc < 0 || event->sealed_len < SDG_SEAL_EXTRA)
		return rc;
	if (!e->text)
		json_object_set_new(
		    json, "sealed",
		    hex_json(e->opened.sealed, event->sealed_len));
	else if (!e->opened.stored.erased)
		json_object_set_new(json, "words",
				    words_json(&e->opened.stored.fb));
	return 0;
}

static int put_event(struct exporting *e, struct bytes key, struct bytes value,
		     struct sdg_error *err)
{
	struct event event;
	json_t *json;
	int rc = event_decode(key, value, &event, err);

	if (rc < 0)
		return rc;
	json = json_object();
	json_object_set_new(json, "event", hex_json(key.p, key.n));
	for (size_t i = 0; i < export_number_count; i++) {
		int64_t v = number_of(&event, &export_numbers[i]);

		if (v)
			json_object_set_new(json, export_numbers[i].name,
					    json_integer(v));
	}
	rc = put_words(e, &event, json, err);
	if (rc == 0)
		return put_line(e, json, err);
	json_decref(json);
	return rc;
}

/* Does the record follow from the events, or is it this store's own? */
static bool is_passed_over(const struct exporting *e, enum db db,
			   struct bytes key)
{
	static const char *const own[] = { META_VERSION, META_KEYS, META_BOOKS,
					   META_STATE };

	if (db == DB_HISTORY)
		return key.n && key.p[0] == HISTORY_CHECKED;
	if (db == DB_MONTHS)
		return key.n != CELL_KEY_SIZE ||
		       !frozen_is(e->t.store, CELL_WHEN(cell_decode(key.p)));
	for (size_t i = 0; db == DB_META && i < 4; i++)
		if (key.n == strlen(own[i]) &&
		    memcmp(key.p, own[i], key.n) == 0)
			return true;
	return false;
}

static int put_record(struct exporting *e, enum db db, struct bytes key,
		      struct bytes value, struct sdg_error *err)
{
	json_t *json;
	struct held held;
	int rc = 0;

	if (is_passed_over(e, db, key))
		return 0;
	json = json_pack("{s:s, s:o, s:o}", "db", st_db_name(db), "key",
			 hex_json(key.p, key.n), "value",
			 hex_json(value.p, value.n));
	if (db == DB_QUARANTINE)
		rc = held_decode(key, value, &held, err);
	if (rc == 0 && db == DB_QUARANTINE && held.sealed_len) {
		uint8_t *sealed = malloc(held.sealed_len);

		rc = sealed ? chunks_get(&e->t, DB_QUARANTINE, held.digest,
					 sealed, held.sealed_len, err)
			    : sdg_fail(err, SDG_ENOMEM, "export: no memory");
		if (rc == 0)
			json_object_set_new(json, "sealed",
					    hex_json(sealed, held.sealed_len));
		free(sealed);
	}
	if (rc == 0)
		return put_line(e, json, err);
	json_decref(json);
	return rc;
}

static int put_one(void *arg, const struct scan *s, struct sdg_error *err)
{
	return s->db == DB_EVENTS
		   ? put_event(arg, s->key, s->value, err)
		   : put_record(arg, s->db, s->key, s->value, err);
}

static int put_header(struct exporting *e, struct sdg_error *err)
{
	const struct state *s = &e->t.state;
	uint8_t print[SDG_FINGERPRINT_SIZE];

	sdg_keys_fingerprint(e->t.store->keys, print);
	return put_line(
	    e,
	    json_pack("{s:s, s:i, s:o, s:b, s:I, s:I, s:I, s:I, s:I, s:I, s:I, "
		      "s:I}",
		      "schema", EXPORT_SCHEMA, "layout", LAYOUT_VERSION, "keys",
		      hex_json(print, sizeof(print)), "text", e->text, "events",
		      (json_int_t)e->t.books[DB_EVENTS].count, "next_member",
		      (json_int_t)s->next_member, "next_consultation",
		      (json_int_t)s->next_consultation, "themes",
		      (json_int_t)s->theme_count, "last_received",
		      (json_int_t)s->last_received, "edition",
		      (json_int_t)s->edition, "edition_began",
		      (json_int_t)s->edition_began, "edition_version",
		      (json_int_t)s->edition_version),
	    err);
}

int sdg_store_export(struct sdg_store *store, bool text, sdg_line_fn *fn,
		     void *arg, struct sdg_error *err)
{
	static const enum db databases[] = {
		DB_META,       DB_CONSULTATIONS, DB_MEMBERS, DB_DIRECTORY,
		DB_LEDGER,     DB_FROZEN,        DB_MONTHS,  DB_HISTORY,
		DB_QUARANTINE, DB_EVENTS,
	};
	struct exporting e = { .text = text, .fn = fn, .arg = arg };
	int rc = st_begin(store, false, &e.t, err);

	if (rc < 0)
		return rc;
	rc = consultations_load(&e.t, err);
	if (rc == 0)
		rc = frozen_load(&e.t, err);
	if (rc == 0)
		rc = put_header(&e, err);
	for (size_t i = 0;
	     rc == 0 && i < sizeof(databases) / sizeof(*databases); i++)
		rc = st_each(&e.t, databases[i], put_one, &e, err);
	st_abort(&e.t);
	opened_fini(&e.opened);
	return rc;
}
