/*
 * Import: what export wrote, made into a store again. Events are put in as
 * every change is, so labels, links, cells, months and sets come out as they
 * were; what is not understood is refused with its line.
 */
#include "store_export.h"

#include <jansson.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

#include <soundings/store_copies.h>

#define STEP_LINES 10000 /* between two commits */

struct sdg_import {
	struct sdg_store *store;
	struct txn t;
	struct tally *tally;
	bool begun, headed;
	struct state state; /* as the header says */
	uint64_t lines, pending, events, promised;
	uint8_t *bytes[3]; /* of hexadecimal, for a line */
	uint8_t words[WORDS_MAX];
};

static int refuse(const struct sdg_import *in, const char *what,
		  struct sdg_error *err)
{
	return sdg_fail(err, SDG_EINVAL, "import line %llu: %s",
			(unsigned long long)in->lines, what);
}

static int digit(char c)
{
	return c >= '0' && c <= '9'   ? c - '0'
	       : c >= 'a' && c <= 'f' ? c - 'a' + 10
				      : -1;
}

/* The hexadecimal under @key, kept until the next line in slot @slot. */
static bool hex_of(struct sdg_import *in, const json_t *line, const char *key,
		   int slot, struct bytes *out)
{
	const json_t *value = json_object_get(line, key);
	const char *hex = json_string_value(value);
	size_t n = hex ? json_string_length(value) / 2 : 0;
	uint8_t *grown;

	if (!hex || json_string_length(value) % 2)
		return false;
	grown = realloc(in->bytes[slot], n + 1);
	if (!grown)
		return false;
	in->bytes[slot] = grown;
	for (size_t i = 0; i < n; i++) {
		int high = digit(hex[2 * i]), low = digit(hex[2 * i + 1]);

		if (high < 0 || low < 0)
			return false;
		grown[i] = (uint8_t)(high << 4 | low);
	}
	*out = (struct bytes){ grown, n };
	return true;
}

/* ------------------------------------------------------------------- steps */

static int begin(struct sdg_import *in, struct sdg_error *err)
{
	int rc = st_begin(in->store, true, &in->t, err);

	if (rc < 0)
		return rc;
	in->begun = true;
	/* What counts up by itself is as it was; members matched are not. */
	in->state.matched = in->t.state.matched;
	in->t.state = in->state;
	tally_clear(in->tally);
	return 0;
}

static int end(struct sdg_import *in, struct sdg_error *err)
{
	int rc = tally_write(&in->t, in->tally, err);

	in->state.matched = in->t.state.matched;
	if (rc == 0)
		rc = st_commit(&in->t, err);
	st_abort(&in->t);
	in->begun = false;
	in->pending = 0;
	return rc;
}

static int read_header(struct sdg_import *in, const json_t *line,
		       struct sdg_error *err)
{
	json_int_t n[8];
	uint8_t print[SDG_FINGERPRINT_SIZE];
	struct bytes keys;
	const char *schema;
	int layout;

	if (json_unpack((json_t *)(uintptr_t)line,
			"{s:s, s:i, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I}",
			"schema", &schema, "layout", &layout, "events", &n[0],
			"next_member", &n[1], "next_consultation", &n[2],
			"themes", &n[3], "last_received", &n[4], "edition",
			&n[5], "edition_began", &n[6], "edition_version",
			&n[7]) != 0 ||
	    strcmp(schema, EXPORT_SCHEMA) != 0 ||
	    !hex_of(in, line, "keys", 0, &keys))
		return refuse(in, "this is no export of Soundings", err);
	if (layout != LAYOUT_VERSION)
		return sdg_fail(err, SDG_EVERSION,
				"import: it is of layout %d, this program "
				"takes layout %d: import it with the version "
				"that wrote it, %s",
				layout, LAYOUT_VERSION,
				layout > LAYOUT_VERSION
				    ? "or a newer one"
				    : "then install this one and run "
				      "'soundings upgrade'");
	sdg_keys_fingerprint(in->store->keys, print);
	if (keys.n != sizeof(print) ||
	    memcmp(keys.p, print, sizeof(print)) != 0)
		return sdg_fail(err, SDG_EINVAL,
				"import: it was made under other keys; bring "
				"them here first ('soundings backup --keys')");
	in->promised = (uint64_t)n[0];
	in->state = (struct state){
		.next_member = (uint32_t)n[1],
		.next_consultation = (uint16_t)n[2],
		.theme_count = (uint16_t)n[3],
		.last_received = (int64_t)n[4],
		.edition = (uint16_t)n[5],
		.edition_began = (int64_t)n[6],
		.edition_version = (uint32_t)n[7],
	};
	in->headed = true;
	return 0;
}

static void count_matched(struct sdg_import *in, struct bytes key,
			  struct bytes value)
{
	struct set *set;

	if (key.n != 11 || memcmp(key.p, "matched", 7) != 0)
		return;
	set = set_decode(value);
	if (set)
		in->t.state.matched += (uint32_t)set_count(set);
	set_free(set);
}

static int take_record(struct sdg_import *in, const json_t *line,
		       struct sdg_error *err)
{
	const char *name = json_string_value(json_object_get(line, "db"));
	struct bytes key, value, sealed;
	int db = 0, rc;

	while (db < DB_COUNT && strcmp(name, st_db_name((enum db)db)) != 0)
		db++;
	if (db == DB_COUNT || db == DB_EVENTS || db == DB_CHUNKS ||
	    !hex_of(in, line, "key", 0, &key) ||
	    !hex_of(in, line, "value", 1, &value) || key.n == 0 ||
	    key.n > KEY_MAX || value.n > VALUE_MAX)
		return refuse(in, "not a record", err);
	if (db == DB_META)
		count_matched(in, key, value);
	/* The consultation that every store begins with is there already. */
	rc = st_put(&in->t, (enum db)db, key.p, key.n, value.p, value.n, err);
	if (rc == 0 && db == DB_QUARANTINE &&
	    hex_of(in, line, "sealed", 2, &sealed) && key.n == 16)
		rc = chunks_put(&in->t, DB_QUARANTINE, key.p, sealed.p,
				sealed.n, err);
	return rc;
}

static void set_number(struct event *event, const struct export_number *number,
		       int64_t v)
{
	memcpy((uint8_t *)event + number->at, &v, number->size);
}

static struct sdg_str string_of(const json_t *value)
{
	return (struct sdg_str){ json_string_value(value),
				 json_string_length(value) };
}

static size_t pack_words(struct sdg_import *in, const json_t *words)
{
	const json_t *choices = json_object_get(words, "choices");
	static struct sdg_feedback fb;
	struct bytes reference;

	fb = (struct sdg_feedback){ 0 };
	for (size_t i = 0; i < export_word_count; i++) {
		struct sdg_str *s =
		    (void *)((uint8_t *)&fb + export_words[i].at);

		*s = string_of(json_object_get(words, export_words[i].name));
	}
	if (hex_of(in, words, EXPORT_REFERENCE, 2, &reference) &&
	    reference.n == SDG_REFERENCE_SIZE)
		fb.reference =
		    (struct sdg_str){ (const char *)reference.p, reference.n };
	for (size_t i = 0; i < json_array_size(choices) && i < SDG_CHOICES_MAX;
	     i++) {
		const json_t *pair = json_array_get(choices, i);

		fb.choices[i].question = string_of(json_array_get(pair, 0));
		fb.choices[i].answer = string_of(json_array_get(pair, 1));
		fb.choice_count++;
	}
	return words_pack(&fb, in->words);
}

/* Words in the open are sealed under their month; sealed ones stay so. */
static int take_words(struct sdg_import *in, const json_t *line,
		      struct event *event, struct sdg_error *err)
{
	const json_t *words = json_object_get(line, "words");
	uint8_t *sealed;
	size_t n;
	int rc;

	if (!words) {
		if (!hex_of(in, line, "sealed", 1, &event->sealed))
			return 0;
		if (event->sealed.n > WORDS_MAX + SDG_SEAL_EXTRA)
			return refuse(in, "its words are too long", err);
		event->sealed_len = (uint32_t)event->sealed.n;
		return 0;
	}
	n = pack_words(in, words);
	sealed = realloc(in->bytes[1], n + SDG_SEAL_EXTRA);
	if (!sealed)
		return sdg_fail(err, SDG_ENOMEM, "import: no memory");
	in->bytes[1] = sealed;
	rc = sdg_keys_seal(in->store->keys, event->seal_month, event->id,
			   in->words, n, sealed, err);
	if (rc == SDG_ENOTFOUND)
		return 0; /* they have reached their age since */
	event->sealed = (struct bytes){ sealed, n + SDG_SEAL_EXTRA };
	event->sealed_len = (uint32_t)event->sealed.n;
	return rc;
}

static int take_event(struct sdg_import *in, const json_t *line,
		      struct sdg_error *err)
{
	struct event event = { 0 };
	struct bytes id;
	int rc;

	if (!hex_of(in, line, "event", 0, &id) || id.n != ID_SIZE)
		return refuse(in, "not an event", err);
	memcpy(event.id, id.p, ID_SIZE);
	for (size_t i = 0; i < export_number_count; i++) {
		const struct export_number *number = &export_numbers[i];
		int64_t v =
		    json_integer_value(json_object_get(line, number->name));

		if ((!number->is_signed && v < 0) ||
		    (number->size < 8 && v >> (8 * number->size)) ||
		    (number->at == offsetof(struct event, piece.by_person) &&
		     v > 1))
			return refuse(in, "a number out of range", err);
		set_number(&event, number, v);
	}
	if (event.piece.member > ORDINAL_MAX ||
	    event.piece.region >= SDG_REGION_COUNT ||
	    event.piece.source >= SDG_SOURCE_COUNT ||
	    event.piece.stance >= SDG_STANCE_COUNT ||
	    event.piece.role >= SDG_ROLE_COUNT ||
	    event.outcome >= SDG_OUTCOME_COUNT || event.kind >= SDG_KIND_COUNT)
		return refuse(in, "a label out of range", err);
	rc = take_words(in, line, &event, err);
	if (rc == 0)
		rc = event_add(&in->t, &event, err);
	if (rc == 0 && !(event.state & EVENT_GONE))
		rc = contribution_in(&in->t, in->tally, &event, err);
	in->events += rc == 0;
	return rc;
}

/* ------------------------------------------------------------------ public */

int sdg_import_open(const struct sdg_home *home, struct sdg_import **out,
		    struct sdg_error *err)
{
	struct sdg_import *in;
	struct sdg_keys *keys;
	int rc = sdg_keys_open(home->keys, false, &keys, err);

	/* New ones would be of no use, and in the way of those that are. */
	if (rc < 0)
		return rc == SDG_ENOTFOUND
			   ? sdg_fail(err, SDG_EINVAL,
				      "import: there are no keys here; bring "
				      "those it was exported under ('soundings "
				      "backup --keys'), or export --with-keys")
			   : rc;
	sdg_keys_close(keys);
	in = calloc(1, sizeof(*in));
	if (!in)
		return sdg_fail(err, SDG_ENOMEM, "import: no memory");
	in->tally = tally_new();
	rc = in->tally ? sdg_store_open(home, SDG_STORE_WRITE, &in->store, err)
		       : sdg_fail(err, SDG_ENOMEM, "import: no memory");
	if (rc < 0) {
		sdg_import_close(in);
		return rc;
	}
	*out = in;
	return 0;
}

void sdg_import_close(struct sdg_import *in)
{
	if (!in)
		return;
	if (in->begun)
		st_abort(&in->t);
	tally_free(in->tally);
	sdg_store_close(in->store);
	for (int i = 0; i < 3; i++)
		free(in->bytes[i]);
	free(in);
}

int sdg_import_line(struct sdg_import *in, const char *text, size_t len,
		    struct sdg_error *err)
{
	json_t *line = json_loadb(text, len, JSON_ALLOW_NUL, NULL);
	int rc = 0;

	in->lines++;
	if (!json_is_object(line))
		rc = refuse(in, "not a line of JSON", err);
	else if (!in->headed)
		rc = read_header(in, line, err);
	else {
		if (!in->begun)
			rc = begin(in, err);
		if (rc == 0 && json_is_string(json_object_get(line, "event")))
			rc = take_event(in, line, err);
		else if (rc == 0 && json_is_string(json_object_get(line, "db")))
			rc = take_record(in, line, err);
		else if (rc == 0)
			rc = refuse(in, "of an unknown kind", err);
		if (rc == 0 && ++in->pending >= STEP_LINES)
			rc = end(in, err);
	}
	json_decref(line);
	return rc;
}

int sdg_import_finish(struct sdg_import *in, sdg_fault_fn *fault, void *arg,
		      struct sdg_error *err)
{
	struct sdg_verify verify;
	int rc = 0;

	if (!in->headed || in->events != in->promised)
		return sdg_fail(err, SDG_EINVAL,
				"import: %llu events of %llu: the file is not "
				"whole",
				(unsigned long long)in->events,
				(unsigned long long)in->promised);
	if (in->begun)
		rc = end(in, err);
	if (rc == 0)
		rc = sdg_store_verify(in->store, fault, arg, &verify, err);
	if (rc == 0 && verify.faults)
		rc = sdg_fail(err, SDG_EDAMAGED,
			      "import: what it makes does not agree with "
			      "itself (%llu faults)",
			      (unsigned long long)verify.faults);
	return rc;
}
