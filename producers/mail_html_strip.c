/*
 * mail_html_strip: the text of HTML that gumbo could not take.
 *
 * One pass, no tree: tags go, breaks and blocks end a line, the contents of
 * style and script go too. It knows the five entities that mail is full of.
 */
#include <string.h>

#include "mail.h"
#include "mail_html.h"

static const struct {
	const char *name;
	const char *text;
} entities[] = { { "&nbsp;", " " }, { "&amp;", "&" },   { "&lt;", "<" },
		 { "&gt;", ">" },   { "&quot;", "\"" }, { "&#39;", "'" } };

static bool breaks_line(struct sdg_str tag)
{
	static const char *const blocks[] = { "<br",   "<p",  "</p",  "<div",
					      "</div", "<li", "</li", "<tr",
					      "</tr",  "<h",  "</h",  NULL };

	return mail_any(tag, blocks, mail_starts) != NULL;
}

/* Where the tag (or the whole of a style, script or comment) ends. */
static size_t tag_end(struct sdg_str html)
{
	static const char *const whole[][2] = { { "<style", "</style" },
						{ "<script", "</script" },
						{ "<!--", "--" } };
	const char *gt;

	for (size_t i = 0; i < sizeof(whole) / sizeof(*whole); i++) {
		ptrdiff_t at;

		if (!mail_starts(html, whole[i][0]))
			continue;
		at = mail_find(mail_sub(html, 4, html.len), whole[i][1]);
		if (at < 0)
			return html.len;
		html = mail_sub(html, 0, html.len);
		gt = memchr(html.s + at + 4, '>', html.len - (size_t)at - 4);
		return gt ? (size_t)(gt - html.s) + 1 : html.len;
	}
	gt = memchr(html.s, '>', html.len < 4096 ? html.len : 4096);
	return gt ? (size_t)(gt - html.s) + 1 : 1;
}

static size_t entity(struct sdg_str html, char *out, size_t *len)
{
	for (size_t i = 0; i < sizeof(entities) / sizeof(*entities); i++)
		if (mail_starts(html, entities[i].name)) {
			out[(*len)++] = entities[i].text[0];
			return strlen(entities[i].name);
		}
	out[(*len)++] = '&';
	return 1;
}

void mail_html_strip(struct mail_lines *lines, struct sdg_str html)
{
	char *out = mail_pool_alloc(lines->pool, html.len + 1);
	size_t len = 0;

	if (!out)
		return;
	while (html.len) {
		size_t n = 1;

		if (html.s[0] == '<') {
			n = tag_end(html);
			if (breaks_line(mail_sub(html, 0, n)))
				out[len++] = '\n';
		} else if (html.s[0] == '&') {
			n = entity(html, out, &len);
		} else {
			out[len++] = html.s[0] == '\n' ? ' ' : html.s[0];
		}
		html = mail_sub(html, n, html.len);
	}
	mail_lines_plain(lines, (struct sdg_str){ out, len }, false, false);
}
