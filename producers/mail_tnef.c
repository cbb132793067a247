/*
 * mail_tnef: the letter inside a winmail.dat, when there is no other.
 *
 * The only file that knows libytnef. Attachments inside are not opened.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <ytnef.h>

#include "mail.h"

#define TNEF_TEXT_MAX (512u << 10)

static struct sdg_str property(TNEFStruct *tnef, unsigned type, unsigned id)
{
	variableLength *v =
	    MAPIFindProperty(&tnef->MapiProperties, PROP_TAG(type, id));

	if (!v || v == MAPI_UNDEFINED || !v->data || v->size <= 0)
		return (struct sdg_str){ "", 0 };
	return (struct sdg_str){ (const char *)v->data,
				 strnlen((const char *)v->data,
					 (size_t)v->size < TNEF_TEXT_MAX
					     ? (size_t)v->size
					     : TNEF_TEXT_MAX) };
}

static bool is_word(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static int hex(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* A control word or symbol of RTF at @s[i]; the index behind it. */
static size_t rtf_control(struct sdg_str s, size_t i, char *out, size_t *len)
{
	size_t word = ++i;

	if (i >= s.len)
		return i;
	if (s.s[i] == '\'' && i + 2 < s.len && hex(s.s[i + 1]) >= 0 &&
	    hex(s.s[i + 2]) >= 0) {
		out[(*len)++] = (char)(hex(s.s[i + 1]) * 16 + hex(s.s[i + 2]));
		return i + 3;
	}
	if (!is_word(s.s[i])) {
		if (strchr("\\{}", s.s[i]))
			out[(*len)++] = s.s[i];
		return i + 1;
	}
	while (i < s.len && is_word(s.s[i]))
		i++;
	if (mail_is(mail_sub(s, word, i), "par") ||
	    mail_is(mail_sub(s, word, i), "line"))
		out[(*len)++] = '\n';
	else if (mail_is(mail_sub(s, word, i), "tab"))
		out[(*len)++] = '\t';
	while (i < s.len && (s.s[i] == '-' || (s.s[i] >= '0' && s.s[i] <= '9')))
		i++;
	return i < s.len && s.s[i] == ' ' ? i + 1 : i;
}

/* The words of RTF: groups of tables and the like are skipped. */
static struct sdg_str rtf_text(struct mail_pool *pool, struct sdg_str rtf)
{
	static const char *const skipped[] = { "{\\*",        "{\\fonttbl",
					       "{\\colortbl", "{\\stylesheet",
					       "{\\info",     "{\\pict",
					       NULL };
	char *out = mail_pool_alloc(pool, rtf.len + 1);
	size_t len = 0, i = 0;
	unsigned depth = 0, skip = 0;

	while (out && i < rtf.len) {
		char c = rtf.s[i];

		if (c == '{') {
			depth++;
			if (!skip && mail_any(mail_sub(rtf, i, i + 16), skipped,
					      mail_starts))
				skip = depth;
			i++;
		} else if (c == '}') {
			if (skip == depth)
				skip = 0;
			depth -= depth > 0;
			i++;
		} else if (c == '\\') {
			size_t before = len;

			i = rtf_control(rtf, i, out, &len);
			if (skip)
				len = before;
		} else {
			if (!skip && c != '\n' && c != '\r')
				out[len++] = c;
			i++;
		}
	}
	return (struct sdg_str){ out, len };
}

static struct sdg_str from_rtf(struct mail_pool *pool, TNEFStruct *tnef)
{
	variableLength *v = MAPIFindProperty(
	    &tnef->MapiProperties, PROP_TAG(PT_BINARY, PR_RTF_COMPRESSED));
	struct sdg_str text = { "", 0 };
	BYTE *rtf;
	int size = 0;

	if (!v || v == MAPI_UNDEFINED || v->size < 16)
		return text;
	rtf = DecompressRTF(v, &size);
	if (rtf && size > 0)
		text = rtf_text(
		    pool, (struct sdg_str){ (const char *)rtf, (size_t)size });
	free(rtf);
	return text;
}

bool mail_tnef_text(struct mail_lines *lines, struct sdg_str bytes)
{
	static const unsigned types[] = { PT_UNICODE, PT_STRING8 };
	struct sdg_str text = { "", 0 }, html = { "", 0 };
	size_t before = lines->n;
	TNEFStruct tnef;

	if (bytes.len < 16)
		return false;
	TNEFInitialize(&tnef);
	tnef.Debug = 0;
	if (TNEFParseMemory((BYTE *)(uintptr_t)bytes.s, (long)bytes.len,
			    &tnef) != 0)
		goto out;
	for (size_t i = 0; i < 2 && !text.len; i++)
		text = property(&tnef, types[i], PR_BODY);
	if (!text.len && tnef.body.size > 0 && tnef.body.data)
		text = (struct sdg_str){ (const char *)tnef.body.data,
					 strnlen((const char *)tnef.body.data,
						 (size_t)tnef.body.size) };
	if (!text.len)
		html = property(&tnef, PT_BINARY, PR_BODY_HTML);
	if (!text.len && !html.len)
		text = from_rtf(lines->pool, &tnef);
	if (html.len)
		mail_lines_html(lines,
				mail_decode(lines->pool, html, sdg_str("")));
	else if (text.len)
		mail_lines_plain(lines,
				 mail_decode(lines->pool, text, sdg_str("")),
				 false, false);
out:
	TNEFFree(&tnef);
	return lines->n > before;
}
