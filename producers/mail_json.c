/*
 * mail_json: a message that was read, as the dry run shows it.
 */
#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "mail.h"

static json_t *string(struct sdg_str s)
{
	json_t *value = json_stringn(s.len ? s.s : "", s.len);

	return value ? value : json_string("");
}

static json_t *date_of(int64_t said)
{
	time_t t = (time_t)said;
	char text[64];
	struct tm tm;

	if (said <= 0 || !gmtime_r(&t, &tm) ||
	    !strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%SZ", &tm))
		return json_string("");
	return json_string(text);
}

static json_t *flags_of(uint32_t flags)
{
	json_t *list = json_array();

	for (int bit = 0; bit < SDG_FLAG_COUNT; bit++)
		if (flags & 1u << bit)
			json_array_append_new(list,
					      json_string(sdg_flag_id(bit)));
	return list;
}

static json_t *attachments_of(const struct mail *mail)
{
	json_t *list = json_array();

	for (size_t i = 0; i < mail->attachment_count; i++)
		json_array_append_new(
		    list, json_pack("{s:o, s:o}", "name",
				    string(mail->attachments[i].name), "type",
				    string(mail->attachments[i].type)));
	return list;
}

static json_t *pieces_of(const struct mail *mail)
{
	static const char *const names[MAIL_PIECES] = {
		"text",           "quote",     "attribution", "header-block",
		"forward-header", "banner",    "disclaimer",  "phone-footer",
		"signature",      "delimiter", "list-footer", "armour",
	};
	json_t *list = json_array();

	for (size_t i = 0; i < mail->lines.n; i++) {
		const struct mail_line *line = &mail->lines.v[i];

		if (line->text.len)
			json_array_append_new(
			    list, json_pack("{s:o, s:s, s:s}", "line",
					    string(line->text), "piece",
					    names[line->piece], "why",
					    line->why ? line->why : ""));
	}
	return list;
}

char *mail_to_json(const struct mail *mail, bool pieces)
{
	enum sdg_kind kind =
	    mail->kind == SDG_KIND_UNSET ? SDG_KIND_FEEDBACK : mail->kind;
	const char *reason = mail->unreadable ? mail->unreadable : mail->reason;
	/* As it travels: an event holds no more of it. */
	struct sdg_str text = {
		mail->text.s,
		sdg_text_cut(mail->text.s, mail->text.len, SDG_TEXT_MAX),
	};
	bool truncated = mail->truncated || text.len < mail->text.len;
	json_t *root = json_pack(
	    "{s:s, s:s, s:o, s:o, s:{s:o, s:o}, s:o, s:o, s:o, s:o, s:b, s:o, "
	    "s:o, s:{s:o, s:o}}",
	    "kind", sdg_kind_id(kind), "reason", reason ? reason : "",
	    "message_id", string(mail->message_id), "date", date_of(mail->said),
	    "from", "name", string(mail->from_name), "address",
	    string(mail->from_address), "subject", string(mail->subject),
	    "text", string(text), "quoted", string(mail->quoted), "signature",
	    string(mail->signature), "truncated", truncated, "flags",
	    flags_of(mail->flags), "attachments", attachments_of(mail),
	    "respondent", "name", string(mail->respondent_name), "address",
	    string(mail->respondent_address));
	char *line;

	if (!root)
		return NULL;
	if (pieces)
		json_object_set_new(root, "pieces", pieces_of(mail));
	line = json_dumps(root, JSON_COMPACT);
	json_decref(root);
	return line;
}

char *mail_unreadable_json(const char *why)
{
	struct mail *mail = mail_new();
	char *json = NULL;

	if (mail) {
		mail->unreadable = why;
		json = mail_to_json(mail, false);
	}
	mail_free(mail);
	return json;
}
