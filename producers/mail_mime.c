/*
 * mail_mime: from raw bytes to headers, lines of body text, attachments.
 *
 * With mail_mime_head.c the only file that knows GMime. It walks the tree with
 * limits on depth and number of parts, decides which part is what the sender
 * wrote, and never opens anything a mail names: external bodies, links and
 * paths are words to it.
 */
#include <gmime/gmime.h>
#include <string.h>

#include "mail.h"
#include "mail_mime.h"

static void walk(struct mime *m, GMimeObject *part, unsigned depth,
		 struct mail_lines *lines);

static void limit_met(struct mail *mail)
{
	mail->flags |= SDG_FLAG_LIMIT;
	mail->truncated = true;
}

/* -------------------------------------------------------------- one part */

/* The decoded bytes of a part, at most @max; in the mail's pool. */
static struct sdg_str part_bytes(struct mail *mail, GMimePart *part, size_t max)
{
	GMimeDataWrapper *content = g_mime_part_get_content(part);
	struct sdg_str out = { "", 0 };
	GMimeStream *source, *stream;
	GMimeFilter *filter;
	gint64 length;
	char *buf;

	if (!content)
		return out;
	source = g_mime_data_wrapper_get_stream(content);
	g_mime_stream_reset(source);
	length = g_mime_stream_length(source);
	/* No transfer encoding makes more of what it encodes. */
	if (length < 0 || (size_t)length > max)
		length = (gint64)max;
	buf = mail_pool_alloc(mail->pool, (size_t)length + 1);
	if (!buf) {
		limit_met(mail);
		return out;
	}
	stream = g_mime_stream_filter_new(source);
	filter = g_mime_filter_basic_new(
	    g_mime_data_wrapper_get_encoding(content), FALSE);
	if (filter) {
		g_mime_stream_filter_add(GMIME_STREAM_FILTER(stream), filter);
		g_object_unref(filter);
	}
	while (out.len < (size_t)length) {
		ssize_t n = g_mime_stream_read(stream, buf + out.len,
					       (size_t)length - out.len);

		if (n <= 0)
			break;
		out.len += (size_t)n;
	}
	if (out.len == max && !g_mime_stream_eos(stream))
		limit_met(mail);
	g_object_unref(stream);
	out.s = buf;
	return out;
}

static void note_attachment(struct mime *m, GMimeObject *part)
{
	struct mail *mail = m->mail;
	GMimeContentType *type = g_mime_object_get_content_type(part);
	char *mime_type = g_mime_content_type_get_mime_type(type);
	const char *name = NULL;

	if (GMIME_IS_PART(part))
		name = g_mime_part_get_filename(GMIME_PART(part));
	mail->flags |= SDG_FLAG_ATTACHMENT;
	if (mail->attachment_count < MAIL_ATTACHMENTS_MAX)
		mail->attachments[mail->attachment_count++] =
		    (struct mail_attachment){
			    .name = mail_mime_safe(mail, name),
			    .type = mail_mime_safe(mail, mime_type),
		    };
	g_free(mime_type);
}

static void add_text_part(struct mime *m, GMimePart *part,
			  struct mail_lines *lines, bool html)
{
	GMimeContentType *type =
	    g_mime_object_get_content_type(GMIME_OBJECT(part));
	const char *charset =
	    g_mime_content_type_get_parameter(type, "charset");
	const char *format = g_mime_content_type_get_parameter(type, "format");
	const char *delsp = g_mime_content_type_get_parameter(type, "delsp");
	struct sdg_str text = part_bytes(m->mail, part, MAIL_PART_TEXT_MAX);

	text = mail_decode(m->mail->pool, text, sdg_str(charset));
	/* Several text parts are read one after the other. */
	if (lines->n && text.len)
		mail_lines_add(lines, sdg_str(""), 0, 0);
	if (html)
		mail_lines_html(lines, text);
	else
		mail_lines_plain(lines, text,
				 mail_is(sdg_str(format), "flowed"),
				 mail_is(sdg_str(delsp), "yes"));
	if (lines->full)
		limit_met(m->mail);
}

/* A picture in the text (a logo, a tracking dot) is nothing to be read; one
 * that was attached may be a photograph of a form. */
static bool is_decoration(GMimeObject *part, bool attached)
{
	GMimeContentType *type = g_mime_object_get_content_type(part);

	return g_mime_content_type_is_type(type, "image", "*") &&
	       (!attached || g_mime_object_get_content_id(part));
}

static bool is_signature_part(GMimeContentType *type)
{
	return g_mime_content_type_is_type(type, "application",
					   "pgp-signature") ||
	       g_mime_content_type_is_type(type, "application",
					   "pkcs7-signature") ||
	       g_mime_content_type_is_type(type, "application",
					   "x-pkcs7-signature") ||
	       g_mime_content_type_is_type(type, "application", "pgp-keys");
}

static void leaf_other(struct mime *m, GMimeObject *part, bool attached)
{
	GMimeContentType *type = g_mime_object_get_content_type(part);
	struct sdg_str name = { "", 0 };

	if (GMIME_IS_PART(part))
		name = sdg_str(g_mime_part_get_filename(GMIME_PART(part)));
	if (g_mime_content_type_is_type(type, "text", "calendar")) {
		const char *method =
		    g_mime_content_type_get_parameter(type, "method");

		m->mail->calendar_method =
		    mail_mime_safe(m->mail, method ? method : "PUBLISH");
		return;
	}
	if (g_mime_content_type_is_type(type, "application", "pkcs7-mime") ||
	    g_mime_content_type_is_type(type, "application", "x-pkcs7-mime"))
		m->mail->flags |= SDG_FLAG_ENCRYPTED;
	else if (is_signature_part(type) || is_decoration(part, attached) ||
		 g_mime_content_type_is_type(type, "text", "x-vcard") ||
		 g_mime_content_type_is_type(type, "text", "vcard") ||
		 g_mime_content_type_is_type(type, "text", "directory") ||
		 g_mime_content_type_is_type(type, "message", "*"))
		return;
	if (g_mime_content_type_is_type(type, "application", "ms-tnef") ||
	    mail_is(name, "winmail.dat")) {
		m->tnef = part;
		return;
	}
	if (!m->document && mail_ends(name, ".docx"))
		m->document = part;
	note_attachment(m, part);
}

static void walk_leaf(struct mime *m, GMimeObject *part,
		      struct mail_lines *lines)
{
	GMimeContentType *type = g_mime_object_get_content_type(part);
	bool html = g_mime_content_type_is_type(type, "text", "html");
	bool plain = g_mime_content_type_is_type(type, "text", "plain") ||
		     g_mime_content_type_is_type(type, "text", "enriched");
	GMimeContentDisposition *disposition =
	    g_mime_object_get_content_disposition(part);
	bool attached =
	    disposition &&
	    mail_is(sdg_str(g_mime_content_disposition_get_disposition(
			disposition)),
		    "attachment");
	const char *name = GMIME_IS_PART(part)
			       ? g_mime_part_get_filename(GMIME_PART(part))
			       : NULL;

	if (GMIME_IS_PART(part) && (plain || html) && !(attached && name)) {
		if (lines)
			add_text_part(m, GMIME_PART(part), lines, html);
	} else {
		leaf_other(m, part, attached);
	}
}

/* ---------------------------------------------------------- alternatives */

static size_t words_in(const struct mail_lines *lines)
{
	size_t n = 0;

	for (size_t i = 0; i < lines->n; i++)
		n += mail_words(lines->v[i].text);
	return n;
}

/* "Your mail program does not show HTML": not what anybody wrote. */
static bool is_stub(const struct mail_lines *lines, size_t words)
{
	static const char *const stubs[] = { "support html",
					     "html-capable",
					     "html compatible",
					     "view it in html",
					     "html message",
					     "html version",
					     "html format",
					     "html email",
					     "html e-mail",
					     "view this email",
					     "view this message in a browser",
					     "view in browser",
					     "enable html",
					     "rich text message",
					     "html-enabled",
					     "view in html",
					     NULL };

	if (words == 0)
		return true;
	for (size_t i = 0; words < 60 && i < lines->n; i++)
		if (mail_any(lines->v[i].text, stubs, mail_has))
			return true;
	return false;
}

static bool holds_html(GMimeObject *part)
{
	GMimeContentType *type = g_mime_object_get_content_type(part);

	return g_mime_content_type_is_type(type, "text", "html") ||
	       GMIME_IS_MULTIPART(part);
}

static void append(struct mail_lines *lines, const struct mail_lines *more)
{
	for (size_t i = 0; i < more->n; i++) {
		if (!mail_lines_add(lines, more->v[i].text, more->v[i].quote,
				    more->v[i].hint))
			return;
		lines->v[lines->n - 1].raw = more->v[i].raw;
	}
}

/*
 * Plain text is what people's programs quote in and mark signatures in, so
 * it goes first; HTML where the plain part is empty, a stub, or a shadow of
 * it. HTML is parsed only when it may be wanted.
 */
static void walk_alternative(struct mime *m, GMimeMultipart *multi,
			     unsigned depth, struct mail_lines *lines)
{
	struct mail_lines plain = { .pool = m->mail->pool };
	struct mail_lines html = { .pool = m->mail->pool };
	int n = g_mime_multipart_get_count(multi);
	size_t words;
	bool stub;

	for (int i = 0; i < n; i++) {
		GMimeObject *part = g_mime_multipart_get_part(multi, i);

		if (!holds_html(part))
			walk(m, part, depth, lines ? &plain : NULL);
	}
	words = words_in(&plain);
	/* What is written in red is so in HTML alone. */
	stub = is_stub(&plain, words) || mail_answers_set_off(&plain);
	for (int i = 0; i < n; i++) {
		GMimeObject *part = g_mime_multipart_get_part(multi, i);

		/* A part without text may still have attachments. */
		if (holds_html(part))
			walk(m, part, depth,
			     lines && (stub || words < 12) ? &html : NULL);
	}
	if (!lines)
		return;
	if (html.n && (stub || words_in(&html) >= 3 * words + 20))
		append(lines, &html);
	else
		append(lines, &plain);
}

/* ------------------------------------------------------------------- tree */

/* Its parts cannot be told, since the boundary is not named or never comes:
 * what stands there is what was written. */
static void add_prologue(struct mime *m, GMimeMultipart *multi,
			 struct mail_lines *lines)
{
	struct sdg_str text =
	    mail_sub(sdg_str(g_mime_multipart_get_prologue(multi)), 0,
		     MAIL_PART_TEXT_MAX);

	text = mail_decode(m->mail->pool, text, (struct sdg_str){ "", 0 });
	mail_lines_plain(lines, text, false, false);
	if (lines->full)
		limit_met(m->mail);
}

static void walk_multipart(struct mime *m, GMimeMultipart *multi,
			   unsigned depth, struct mail_lines *lines)
{
	GMimeContentType *type =
	    g_mime_object_get_content_type(GMIME_OBJECT(multi));
	int n = g_mime_multipart_get_count(multi);

	if (n == 0 && lines) {
		add_prologue(m, multi, lines);
		return;
	}
	if (g_mime_content_type_is_type(type, "multipart", "alternative")) {
		walk_alternative(m, multi, depth, lines);
		return;
	}
	if (g_mime_content_type_is_type(type, "multipart", "encrypted"))
		m->mail->flags |= SDG_FLAG_ENCRYPTED;
	for (int i = 0; i < n; i++) {
		GMimeObject *part = g_mime_multipart_get_part(multi, i);

		/* What follows the text of a report is for machines. */
		if (i > 0 &&
		    g_mime_content_type_is_type(type, "multipart", "report"))
			return;
		if (i > 0 &&
		    g_mime_content_type_is_type(type, "multipart", "related"))
			walk(m, part, depth, NULL);
		else
			walk(m, part, depth, lines);
		if (m->parts >= MAIL_PARTS_MAX)
			return;
	}
}

static void walk(struct mime *m, GMimeObject *part, unsigned depth,
		 struct mail_lines *lines)
{
	if (!part)
		return;
	if (depth >= MAIL_DEPTH_MAX || ++m->parts >= MAIL_PARTS_MAX) {
		limit_met(m->mail);
		return;
	}
	if (GMIME_IS_MULTIPART(part)) {
		walk_multipart(m, GMIME_MULTIPART(part), depth + 1, lines);
	} else if (GMIME_IS_MESSAGE_PART(part)) {
		GMimeMessage *inner =
		    g_mime_message_part_get_message(GMIME_MESSAGE_PART(part));

		if (!m->inner && depth < 4)
			m->inner = inner;
	} else {
		walk_leaf(m, part, lines);
	}
}

/* --------------------------------------------------------------- the whole */

static void add_line(struct mail *mail, const char *label, struct sdg_str s)
{
	size_t n = strlen(label);
	char *p = mail_pool_alloc(mail->pool, n + s.len + 1);

	if (!p || (n && !s.len && label[0] != '-'))
		return;
	memcpy(p, label, n + 1);
	if (s.len)
		memcpy(p + n, s.s, s.len);
	mail_lines_add(&mail->lines, (struct sdg_str){ p, n + s.len }, 0, 0);
}

/* A message sent on as an attachment reads like one sent on in the text. */
static void add_inner(struct mime *m, GMimeMessage *inner)
{
	GMimeHeaderList *list =
	    g_mime_object_get_header_list(GMIME_OBJECT(inner));
	static const char *const names[] = { "From", "Date", "Subject", "To" };

	add_line(m->mail, "", sdg_str(""));
	add_line(m->mail, "---------- Forwarded message ----------",
		 sdg_str(""));
	for (size_t i = 0; i < 4; i++) {
		GMimeHeader *header =
		    g_mime_header_list_get_header(list, names[i]);
		char label[16];

		if (!header)
			continue;
		g_snprintf(label, sizeof(label), "%s: ", names[i]);
		add_line(
		    m->mail, label,
		    mail_mime_safe(m->mail, g_mime_header_get_value(header)));
	}
	mail_lines_add(&m->mail->lines, sdg_str(""), 0, 0);
	walk(m, g_mime_message_get_mime_part(inner), 2, &m->mail->lines);
}

/* Text that came in another coat: winmail.dat, a .docx, a mail in a mail. */
static void read_coats(struct mime *m)
{
	struct mail *mail = m->mail;
	size_t words = words_in(&mail->lines);
	bool report = mail_is(mail->type, "multipart/report");

	if (m->tnef) {
		struct sdg_str bytes = { "", 0 };

		if (words == 0 && GMIME_IS_PART(m->tnef))
			bytes = part_bytes(mail, GMIME_PART(m->tnef), 4u << 20);
		if (words == 0 && !mail_tnef_text(&mail->lines, bytes))
			note_attachment(m, m->tnef);
	}
	if (m->document && words < 80) {
		struct sdg_str bytes =
		    part_bytes(mail, GMIME_PART(m->document), 4u << 20);

		if (mail_docx_text(&mail->lines, bytes) &&
		    mail->attachment_count == 1)
			mail->flags &= ~(uint32_t)SDG_FLAG_ATTACHMENT;
	}
	if (m->inner && !report && words < 40 && !mail->null_sender) {
		GMimeMessage *inner = m->inner;

		add_inner(m, inner);
	}
	if (mail->lines.full)
		limit_met(mail);
}

int mail_mime(struct mail *mail, const void *raw, size_t len,
	      struct sdg_error *err)
{
	static const char *charsets[] = { "utf-8", "windows-1252", NULL };
	struct mime m = { .mail = mail };
	GMimeMessage *message;
	GMimeParser *parser;
	GMimeStream *stream;
	GByteArray *bytes;

	/* The stream reads the caller's bytes; they are never written to. */
	bytes = g_byte_array_new_take((guint8 *)(uintptr_t)raw, len);
	if (!bytes)
		return sdg_fail(err, SDG_ENOMEM, "no memory for a message");
	stream = g_mime_stream_mem_new();
	g_mime_stream_mem_set_byte_array(GMIME_STREAM_MEM(stream), bytes);
	g_mime_stream_mem_set_owner(GMIME_STREAM_MEM(stream), FALSE);
	m.options = g_mime_parser_options_new();
	g_mime_parser_options_set_fallback_charsets(m.options, charsets);
	parser = g_mime_parser_new_with_stream(stream);
	message = g_mime_parser_construct_message(parser, m.options);
	if (message) {
		mail_mime_headers(&m, message);
		walk(&m, g_mime_message_get_mime_part(message), 0,
		     &mail->lines);
		read_coats(&m);
		g_object_unref(message);
	} else {
		mail->unreadable = "not a mail message";
	}
	g_object_unref(parser);
	g_object_unref(stream);
	g_byte_array_free(bytes, FALSE);
	g_mime_parser_options_free(m.options);
	return 0;
}
