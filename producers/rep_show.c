/*
 * rep_show: the points found in a note, for a person or as JSON, and what
 * waits in the outbox.
 */
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include <soundings/feedback.h>
#include <soundings/outbox.h>
#include <soundings/sealed.h>

#include "rep.h"

static const char *day(int64_t date, char out[16])
{
	time_t t = date;
	struct tm tm;

	gmtime_r(&t, &tm);
	strftime(out, 16, "%Y-%m-%d", &tm);
	return out;
}

static void show_point(const struct note_point *point, size_t number)
{
	char *visible = sdg_text_visible(sdg_str(point->text), false);

	printf("%2zu. %s", number, visible ? visible : "");
	if (point->voices > 0)
		printf(" [%u member%s]", point->voices,
		       point->voices == 1 ? "" : "s");
	if (point->own)
		printf(" [own]");
	if (point->second_hand)
		printf(" [second hand]");
	printf("\n");
	free(visible);
}

void rep_show(const struct note *note, const struct rep_options *options)
{
	char buf[16];

	printf("%s%s%s, %s, %s\n",
	       note->representative[0] ? note->representative
				       : "representative not said",
	       note->constituency[0] ? ", " : "", note->constituency,
	       note->has_date ? day(note->date, buf) : "no date",
	       sdg_note_kind_id(note->kind));
	if (note->attendance > 0)
		printf("%u attended\n", note->attendance);
	for (size_t i = 0; i < note->point_count; i++)
		show_point(&note->points[i], i + 1);
	if (!options->dry_run)
		return;
	for (size_t i = 0; i < note->rest_count; i++)
		printf("left out: lines %zu to %zu: %s\n",
		       note->rest[i].first_line, note->rest[i].last_line,
		       note->rest[i].why);
}

static json_t *text_or_null(const char *text)
{
	return text[0] ? json_string(text) : json_null();
}

static json_t *points_json(const struct note *note)
{
	json_t *list = json_array();

	for (size_t i = 0; i < note->point_count; i++) {
		const struct note_point *point = &note->points[i];

		json_array_append_new(
		    list,
		    json_pack("{s:I, s:I, s:s, s:I, s:b, s:b}", "first_line",
			      (json_int_t)point->first_line, "last_line",
			      (json_int_t)point->last_line, "text", point->text,
			      "voices", (json_int_t)point->voices, "own",
			      point->own, "second_hand", point->second_hand));
	}
	return list;
}

static json_t *rest_json(const struct note *note)
{
	json_t *list = json_array();

	for (size_t i = 0; i < note->rest_count; i++)
		json_array_append_new(
		    list,
		    json_pack("{s:I, s:I, s:s}", "first_line",
			      (json_int_t)note->rest[i].first_line, "last_line",
			      (json_int_t)note->rest[i].last_line, "why",
			      note->rest[i].why));
	return list;
}

void rep_show_json(const struct note *note)
{
	char buf[16];
	json_t *object = json_object();

	json_object_set_new(object, "schema", json_string("soundings/rep/1"));
	json_object_set_new(object, "representative",
			    text_or_null(note->representative));
	json_object_set_new(object, "constituency",
			    text_or_null(note->constituency));
	json_object_set_new(object, "branch", text_or_null(note->branch));
	json_object_set_new(object, "date",
			    note->has_date ? json_string(day(note->date, buf))
					   : json_null());
	json_object_set_new(object, "kind",
			    json_string(sdg_note_kind_id(note->kind)));
	json_object_set_new(object, "attendance",
			    json_integer(note->attendance));
	json_object_set_new(object, "points", points_json(note));
	json_object_set_new(object, "left_out", rest_json(note));
	json_dumpf(object, stdout, JSON_COMPACT);
	putchar('\n');
	json_decref(object);
}

struct listing {
	struct sdg_arena *arena;
	json_t *items; /* NULL: for people */
	size_t count;
};

static void list_one(struct listing *listing, int64_t kept,
		     const struct sdg_feedback *fb)
{
	char buf[16], said[16];
	const char *when = day(kept, buf);

	if (listing->items) {
		json_array_append_new(
		    listing->items,
		    json_pack("{s:s, s:s, s:s%, s:s%}", "kept", when, "source",
			      sdg_source_id(fb->source), "representative",
			      fb->note.representative.len
				  ? fb->note.representative.s
				  : "",
			      fb->note.representative.len, "text",
			      fb->text.len ? fb->text.s : "", fb->text.len));
		return;
	}
	/* A mail or survey answer may wait here too: not ours to show. */
	if (fb->source != SDG_SOURCE_REP) {
		printf("%s  %s\n", when, sdg_source_id(fb->source));
		return;
	}
	printf("%s  note of %s, %.*s: %.*s%s\n", when,
	       fb->said ? day(fb->said, said) : "no date",
	       SDG_STR_ARG(fb->note.representative),
	       (int)sdg_text_cut(fb->text.s, fb->text.len, 60),
	       fb->text.len ? fb->text.s : "", fb->text.len > 60 ? "…" : "");
}

/* Sealed to the workers: from here on not even ours to read. */
static void list_sealed(struct listing *listing, int64_t kept)
{
	char buf[16];

	if (listing->items)
		json_array_append_new(listing->items,
				      json_pack("{s:s, s:b}", "kept",
						day(kept, buf), "sealed", 1));
	else
		printf("%s  sealed for the workers\n", day(kept, buf));
}

static int list_item(void *arg, const char *name, int64_t kept,
		     const uint8_t *event, size_t len)
{
	struct listing *listing = arg;
	struct sdg_feedback fb;

	(void)name;
	listing->count++;
	if (sdg_is_sealed(event, len)) {
		list_sealed(listing, kept);
		return 0;
	}
	sdg_arena_reset(listing->arena);
	if (sdg_feedback_decode(event, len, listing->arena, &fb, NULL) == 0)
		list_one(listing, kept, &fb);
	return 0;
}

int rep_list(const struct rep_options *options, struct sdg_error *err)
{
	struct listing listing = { .arena = sdg_arena_new(SDG_ARENA_EVENT) };
	json_t *object;
	int rc;

	if (!listing.arena)
		return sdg_fail(err, SDG_ENOMEM, "list the outbox: no memory");
	if (options->json)
		listing.items = json_array();
	rc = sdg_outbox_each(options->home.outbox, list_item, &listing, err);
	if (rc == 0 && options->json) {
		object = json_pack("{s:s, s:I, s:o}", "schema",
				   "soundings/rep-list/1", "waiting",
				   (json_int_t)listing.count, "items",
				   listing.items);
		listing.items = NULL;
		json_dumpf(object, stdout, JSON_COMPACT);
		putchar('\n');
		json_decref(object);
	} else if (rc == 0) {
		printf("%zu waiting\n", listing.count);
	}
	json_decref(listing.items);
	sdg_arena_free(listing.arena);
	return rc;
}
