/*
 * mail_lines: text as lines, with how deep each is quoted.
 *
 * Quote marks are taken off here, once, so that no later step has to know
 * how they were written: "> > text", ">>text", "|> text". format=flowed
 * (RFC 3676) is undone before anything looks for quotes or signatures; the
 * signature delimiter is never joined to anything.
 */
#include <string.h>

#include "mail.h"

bool mail_lines_add(struct mail_lines *lines, struct sdg_str text,
		    unsigned quote, unsigned hint)
{
	if (lines->n == lines->cap) {
		size_t cap = lines->cap ? lines->cap * 2 : 64;
		struct mail_line *v;

		if (lines->n >= MAIL_LINES_MAX) {
			lines->full = true;
			return false;
		}
		v = mail_pool_alloc(lines->pool, cap * sizeof(*v));
		if (!v) {
			lines->full = true;
			return false;
		}
		if (lines->n)
			memcpy(v, lines->v, lines->n * sizeof(*v));
		lines->v = v;
		lines->cap = cap;
	}
	lines->v[lines->n++] = (struct mail_line){
		.text = text,
		.quote = (uint16_t)(quote > 1000 ? 1000 : quote),
		.hint = (uint16_t)hint,
	};
	return true;
}

/* Takes the quote marks off *line; how many there were. */
static unsigned unquote(struct sdg_str *line, bool flowed)
{
	struct sdg_str s = *line;
	unsigned depth = 0;

	for (;;) {
		size_t i = 0;

		/* Nested marks are written "> > " by some and ">>" by RFC
		 * 3676; a space before the first is somebody's indent. */
		while (!flowed && i < s.len && i < 2 && s.s[i] == ' ')
			i++;
		if (i >= s.len || s.s[i] != '>')
			break;
		s = mail_sub(s, i + 1, s.len);
		depth++;
	}
	/* One space after the marks belongs to them (or is stuffing). */
	if ((depth || flowed) && s.len && s.s[0] == ' ')
		s = mail_sub(s, 1, s.len);
	*line = s;
	return depth;
}

static struct sdg_str trim_end(struct sdg_str s)
{
	while (s.len && (s.s[s.len - 1] == ' ' || s.s[s.len - 1] == '\t'))
		s.len--;
	return s;
}

static bool next_line(struct sdg_str *text, struct sdg_str *line)
{
	const char *nl;

	if (text->len == 0)
		return false;
	nl = memchr(text->s, '\n', text->len);
	*line = mail_sub(*text, 0, nl ? (size_t)(nl - text->s) : text->len);
	*text = mail_sub(*text, line->len + 1, text->len);
	return true;
}

/* A paragraph of format=flowed being put together again. */
struct flow {
	char *s;
	size_t len;
	size_t cap;
	unsigned quote;
	bool open; /* its last line ended softly */
};

static void flow_end(struct mail_lines *lines, struct flow *flow)
{
	if (flow->open) {
		struct sdg_str s = { flow->s, flow->len };

		mail_lines_add(lines, trim_end(s), flow->quote, 0);
	}
	flow->s += flow->len;
	flow->cap -= flow->len;
	flow->len = 0;
	flow->open = false;
}

static void flow_line(struct mail_lines *lines, struct flow *flow,
		      struct sdg_str line, bool delsp)
{
	unsigned quote = unquote(&line, true);
	bool soft = line.len && line.s[line.len - 1] == ' ';
	bool delimiter = sdg_str_eq(line, "-- ");

	if (flow->open && (quote != flow->quote || delimiter))
		flow_end(lines, flow);
	if (soft && !delimiter && delsp)
		line.len--;
	flow->quote = quote;
	if (line.len && line.len <= flow->cap - flow->len) {
		memcpy(flow->s + flow->len, line.s, line.len);
		flow->len += line.len;
	}
	flow->open = true;
	if (!soft || delimiter)
		flow_end(lines, flow);
}

void mail_lines_plain(struct mail_lines *lines, struct sdg_str text,
		      bool flowed, bool delsp)
{
	struct flow flow = { 0 };
	struct sdg_str line;

	if (flowed) {
		flow.s = mail_pool_alloc(lines->pool, text.len + 1);
		flow.cap = text.len;
		if (!flow.s)
			flowed = false;
	}
	while (next_line(&text, &line)) {
		if (flowed) {
			flow_line(lines, &flow, line, delsp);
		} else {
			struct sdg_str raw = trim_end(line);
			unsigned quote = unquote(&line, false);

			if (!mail_lines_add(lines, trim_end(line), quote, 0))
				return;
			lines->v[lines->n - 1].raw = raw;
		}
	}
	if (flowed)
		flow_end(lines, &flow);
}
