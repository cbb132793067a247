/*
 * pieces: how one stored piece of feedback is put on paper.
 *
 * Never who said it: no address is kept, and the ordinal of a member is
 * the store's own business.
 */
#include "pieces.h"

#include <stdlib.h>

static char *append(char *list, const char *word)
{
	char *next = xformat("%s%s%s", list, *list ? ", " : "", word);

	free(list);
	return next;
}

char *piece_themes(struct sdg_store *store, const struct sdg_labels *labels)
{
	char *list = xstrdup("");

	for (int i = 0; i < labels->theme_count && i < SDG_THEMES_MAX; i++) {
		const char *id = sdg_store_theme_id(store, labels->themes[i]);

		list = append(list, id ? id : "?");
	}
	return list;
}

char *piece_phases(uint8_t phases)
{
	char *list = xstrdup("");

	for (int bit = 0; bit < SDG_PHASE_COUNT; bit++)
		if (phases & 1u << bit)
			list = append(list, sdg_phase_id(bit));
	return *list ? list : append(list, "unknown");
}

char *piece_flags(uint32_t flags)
{
	char *list = xstrdup("");

	for (int bit = 0; bit < SDG_FLAG_COUNT; bit++)
		if (flags & UINT32_C(1) << bit)
			list = append(list, sdg_flag_id(bit));
	return list;
}

const char *piece_consultation(const struct dim_names *names,
			       const struct sdg_stored *stored)
{
	if (stored->consultation < names->consultation_count &&
	    *names->consultations[stored->consultation])
		return names->consultations[stored->consultation];
	return "?";
}

static void put(json_t *json, const char *key, json_t *value)
{
	json_object_set_new(json, key, value);
}

static void put_str(json_t *json, const char *key, struct sdg_str text)
{
	if (text.len)
		put(json, key, cli_json_str(text));
}

static json_t *time_json(int64_t seconds)
{
	char iso[DATE_SIZE];

	return seconds ? json_string(date_format_iso(seconds, iso))
		       : json_null();
}

static json_t *themes_json(struct sdg_store *store,
			   const struct sdg_labels *labels)
{
	json_t *themes = json_array();

	for (int i = 0; i < labels->theme_count && i < SDG_THEMES_MAX; i++) {
		const char *id = sdg_store_theme_id(store, labels->themes[i]);
		json_t *theme = json_object();

		put(theme, "id", json_string(id ? id : "?"));
		put(theme, "score", json_real((double)labels->scores[i]));
		json_array_append_new(themes, theme);
	}
	return themes;
}

static json_t *note_json(const struct sdg_note *note)
{
	json_t *json = json_object();

	put(json, "kind", json_string(sdg_note_kind_id((int)note->kind)));
	put_str(json, "representative", note->representative);
	put_str(json, "constituency", note->constituency);
	put_str(json, "branch", note->branch);
	put(json, "voices", json_integer(note->voices));
	put(json, "attendance", json_integer(note->attendance));
	put(json, "own", json_boolean(note->own));
	put(json, "second_hand", json_boolean(note->second_hand));
	return json;
}

static json_t *choices_json(const struct sdg_feedback *fb)
{
	json_t *choices = json_array();

	for (size_t i = 0; i < fb->choice_count && i < SDG_CHOICES_MAX; i++) {
		json_t *choice = json_object();

		put(choice, "question", cli_json_str(fb->choices[i].question));
		put(choice, "answer", cli_json_str(fb->choices[i].answer));
		json_array_append_new(choices, choice);
	}
	return choices;
}

static json_t *set_json(uint32_t set, int count, const char *(*id)(int))
{
	json_t *list = json_array();

	for (int bit = 0; bit < count; bit++)
		if (set & UINT32_C(1) << bit)
			json_array_append_new(list, json_string(id(bit)));
	return list;
}

static void put_labels(json_t *json, struct sdg_store *store,
		       const struct sdg_stored *stored)
{
	const struct sdg_labels *labels = &stored->labels;
	const char *authority = sdg_authority_name(labels->authority);

	put(json, "kind", json_string(sdg_kind_id((int)labels->kind)));
	put(json, "region", json_string(sdg_region_id((int)labels->region)));
	put(json, "region_evidence",
	    json_string(sdg_evidence_id((int)labels->region_evidence)));
	put(json, "authority",
	    labels->authority ? json_string(authority) : json_null());
	put(json, "themes", themes_json(store, labels));
	put(json, "stance", json_string(sdg_stance_id((int)labels->stance)));
	put(json, "role", json_string(sdg_role_id((int)labels->role)));
	put(json, "phases",
	    set_json(labels->phases, SDG_PHASE_COUNT, sdg_phase_id));
	put(json, "flags",
	    set_json(labels->flags | stored->fb.flags, SDG_FLAG_COUNT,
		     sdg_flag_id));
	put(json, "by_person", json_boolean(stored->by_person));
	put(json, "frame_version", json_integer(stored->frame_version));
}

json_t *piece_json(struct sdg_store *store, const struct dim_names *names,
		   const struct sdg_stored *stored)
{
	const struct sdg_feedback *fb = &stored->fb;
	char id[2 * SDG_EVENT_ID_SIZE + 1], day[DATE_SIZE];
	json_t *json = json_object();

	id_hex(stored->id, SDG_EVENT_ID_SIZE, id);
	put(json, "id", json_string(id));
	put(json, "day", json_string(date_format(stored->day, day)));
	put(json, "said", time_json(fb->said));
	put(json, "received", time_json(fb->received));
	put(json, "source", json_string(sdg_source_id((int)fb->source)));
	put(json, "consultation",
	    json_string(piece_consultation(names, stored)));
	put(json, "outcome", json_string(sdg_outcome_id((int)stored->outcome)));
	put_labels(json, store, stored);
	put(json, "member", json_boolean(stored->matched));
	put(json, "may_quote", json_boolean(fb->may_quote));
	put(json, "truncated", json_boolean(fb->truncated));
	put(json, "erased", json_boolean(stored->erased));
	put_str(json, "subject", fb->subject);
	put_str(json, "question", fb->question);
	put(json, "text", cli_json_str(fb->text));
	put_str(json, "signature", fb->signature);
	put_str(json, "school", fb->respondent.school);
	if (fb->source == SDG_SOURCE_REP)
		put(json, "note", note_json(&fb->note));
	if (fb->choice_count)
		put(json, "choices", choices_json(fb));
	return json;
}
