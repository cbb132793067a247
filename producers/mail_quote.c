/*
 * mail_quote: which lines are somebody else's.
 *
 * Quote marks and quoting markup were counted when the lines were made.
 * Here is what has no marks: Outlook's block of From, Sent, To and Subject
 * (never on one label alone), "On … wrote:" wrapped over several lines (never
 * without a date or an address, and something quoted after it), and what
 * was forwarded, which is not a quote: a PA sends on the head's words.
 */
#include <string.h>

#include "mail.h"
#include "mail_quote.h"

/* Each is looked for in all that is quoted. */
#define OWN_MARKS_MAX 200

static bool has_digit(struct sdg_str s)
{
	for (size_t i = 0; i < s.len; i++)
		if (s.s[i] >= '0' && s.s[i] <= '9')
			return true;
	return false;
}

/* ---------------------------------------------------------------- marking */

static void mark(struct mail_lines *lines, size_t from, size_t to,
		 enum mail_piece piece, const char *why)
{
	for (size_t i = from; i < to; i++) {
		lines->v[i].piece = (uint8_t)piece;
		lines->v[i].why = why;
	}
}

static bool is_ours(const struct mail *mail, struct sdg_str who)
{
	ptrdiff_t at = mail_find(who, "@");
	struct sdg_str domain, us = mail->to_domain;

	if (at < 0 || us.len == 0)
		return false;
	domain = mail_sub(who, (size_t)at + 1, who.len);
	for (size_t i = 0; i < domain.len; i++) {
		struct sdg_str rest = mail_sub(domain, i, i + us.len);
		char name[256];

		/* "news.association.example" is ours as well. */
		if (i && domain.s[i - 1] != '.')
			continue;
		if (rest.len != us.len || us.len >= sizeof(name))
			continue;
		memcpy(name, us.s, us.len);
		name[us.len] = '\0';
		if (mail_is(rest, name))
			return true;
	}
	return false;
}

static bool says_forward(struct sdg_str subject)
{
	static const char *const words[] = { "fw:",  "fwd:", "wg:",  "tr:",
					     "rv:",  "i:",   "yml:", "enc:",
					     "fw :", NULL };

	return mail_any(subject, words, mail_starts) != NULL;
}

/* The head's words sent on by the PA: the head is who says them, if both
 * are of one house. */
static void take_inner_sender(struct mail *mail, struct sdg_str from)
{
	char buf[SDG_FIELD_MAX + 1];
	size_t n = sdg_address_normalise(from, buf, sizeof(buf));
	struct sdg_str inner = { buf, n };
	ptrdiff_t mine = mail_find(mail->from_address, "@");
	ptrdiff_t theirs = mail_find(inner, "@"), lt = mail_find(from, "<");
	struct sdg_str a, b;

	mail->flags |= SDG_FLAG_FORWARDED;
	if (theirs < 0)
		theirs = lt = -1;
	if (mine < 0 || theirs < 0)
		return;
	a = mail_sub(mail->from_address, (size_t)mine, mail->from_address.len);
	b = mail_sub(inner, (size_t)theirs, inner.len);
	if (a.len != b.len || memcmp(a.s, b.s, a.len) != 0 ||
	    mail_find(a, "@gmail.") == 0 || mail_find(a, "@outlook.") == 0 ||
	    mail_find(a, "@hotmail.") == 0)
		return;
	mail->respondent_address = mail_pool_copy(mail->pool, inner);
	if (lt > 0) {
		struct sdg_str name = mail_trim(mail_sub(from, 0, (size_t)lt));

		while (name.len && (name.s[0] == '"' || name.s[0] == '\''))
			name = mail_sub(name, 1, name.len);
		while (name.len && (name.s[name.len - 1] == '"' ||
				    name.s[name.len - 1] == '\''))
			name.len--;
		mail->respondent_name = name;
	}
}

struct state {
	struct mail *mail;
	size_t forward;  /* where forwarded words begin; lines.n: nowhere */
	bool attributed; /* a quote said whose it is */
	bool ours;       /* … and it was ours */
};

/* Back over rules and blanks, which belong to the block below them. */
static size_t block_top(const struct mail_lines *lines, size_t i)
{
	size_t top = i;

	for (size_t k = i; k-- > 0;) {
		if (mail_is_rule(&lines->v[k]))
			top = k;
		else if (lines->v[k].text.len)
			break;
	}
	return top;
}

/* A header block at @i (its marker, if any, before @at); the next line to
 * look at. */
static size_t take_block(struct state *st, size_t i,
			 const struct mail_block *block, bool forwarded)
{
	struct mail *mail = st->mail;
	struct mail_lines *lines = &mail->lines;
	size_t top = block_top(lines, i),
	       next = mail_next_full(lines, block->end);
	bool ours = is_ours(mail, block->from);

	forwarded |= says_forward(mail->subject);
	if (forwarded && !ours && st->forward == lines->n) {
		mark(lines, top, block->end, MAIL_FORWARD_HEADER,
		     "header of what was sent on");
		take_inner_sender(mail, block->from);
		st->forward = block->end;
		return block->end;
	}
	st->attributed = true;
	st->ours |= ours;
	mark(lines, top, block->end, MAIL_HEADER_BLOCK,
	     "block of From, Sent, To, Subject");
	if (next < lines->n && lines->v[next].quote)
		return next;
	mark(lines, block->end, lines->n, MAIL_QUOTE, "below a header block");
	return lines->n;
}

static size_t take_attribution(struct state *st, size_t i, size_t n,
			       bool strong)
{
	struct mail_lines *lines = &st->mail->lines;
	size_t next = mail_next_full(lines, i + n);
	bool quoted =
	    next < lines->n && lines->v[next].quote && next - (i + n) < 4;

	if (!quoted && !strong && !(lines->v[i].hint & MAIL_HINT_CITE))
		return i + 1;
	for (size_t k = i; k < i + n; k++)
		st->ours |= is_ours(st->mail, lines->v[k].text);
	st->attributed = true;
	mark(lines, i, i + n, MAIL_ATTRIBUTION, "who wrote what is quoted");
	if (quoted)
		return i + n;
	mark(lines, i + n, lines->n, MAIL_QUOTE, "below \"… wrote:\"");
	return lines->n;
}

/* "reply On Wed, 4 Apr, bob@x wrote:" above a quote: the reply stays. */
static bool split_line(struct mail_lines *lines, size_t i)
{
	static const char *const opens[] = { "--- On ", " On ", NULL };
	struct sdg_str text = lines->v[i].text;
	const char *open = mail_any(text, opens, mail_has);
	size_t next = mail_next_full(lines, i + 1);
	ptrdiff_t at = open ? mail_find(text, open) : -1;

	if (at <= 0 || !mail_ends(text, "wrote:") || next == lines->n ||
	    !lines->v[next].quote || !mail_has(text, "@") ||
	    memcmp(text.s + at, open, strlen(open)) != 0)
		return false;
	while (at > 0 && strchr("- ", text.s[at - 1]))
		at--;
	lines->v[i].text = mail_sub(text, 0, (size_t)at);
	return true;
}

/* GroupWise: ">>> Jane <j@x> 03/02/15 07:30 >>>", and nothing marked after */
static bool is_groupwise(const struct mail_line *line)
{
	return line->quote >= 3 && mail_starts(line->raw, ">>>") &&
	       mail_ends(line->raw, ">>>") && has_digit(line->raw) &&
	       line->raw.len < 160;
}

/* What stands at line @i; the next line to look at. */
static size_t look_at(struct state *st, size_t i)
{
	struct mail_lines *lines = &st->mail->lines;
	const struct mail_line *line = &lines->v[i];
	struct mail_block block;
	bool forwarded = false, strong = false;
	bool marked = mail_is_marker(line->text, &forwarded);
	size_t at = marked ? mail_next_full(lines, i + 1) : i, n;

	if (at < lines->n && mail_block_at(lines, at, &block) &&
	    mail_block_counts(&block,
			      marked || line->hint & MAIL_HINT_REPLY ||
				  (i && mail_is_rule(&lines->v[i - 1]))))
		return take_block(st, i, &block, forwarded);
	if (marked && !forwarded) {
		st->attributed = true;
		mark(lines, i, lines->n, MAIL_QUOTE, "\"Original Message\"");
		return lines->n;
	}
	n = mail_attribution_at(lines, i, &strong);
	if (n)
		return take_attribution(st, i, n, strong);
	split_line(lines, i);
	return i + 1;
}

static bool any_own(const struct mail_lines *lines)
{
	for (size_t i = 0; i < lines->n; i++)
		if (lines->v[i].piece == MAIL_OWN && lines->v[i].text.len)
			return true;
	return false;
}

/* "50% of heads", but not the number of a question */
static bool begins_with_figure(struct sdg_str s)
{
	size_t i = 0;

	while (i < s.len && s.s[i] >= '0' && s.s[i] <= '9')
		i++;
	return i > 0 && !(i < s.len && (s.s[i] == '.' || s.s[i] == ')') &&
			  (i + 1 == s.len || s.s[i + 1] == ' '));
}

/* "> 50% of heads" is a sentence; a mark alone does not make a quote. */
static void mend_stray_marks(struct mail_lines *lines)
{
	size_t marks = 0, stray = 0;

	for (size_t i = 0; i < lines->n; i++) {
		const struct mail_line *line = &lines->v[i];

		if (!line->quote || !line->text.len)
			continue;
		marks++;
		stray += line->quote == 1 && line->raw.len &&
			 begins_with_figure(line->text);
	}
	if (marks != stray || marks > 3)
		return;
	for (size_t i = 0; i < lines->n; i++) {
		struct mail_line *line = &lines->v[i];

		if (line->quote && line->text.len) {
			line->text = line->raw;
			line->quote = 0;
		}
	}
}

/* All of it stood in quote marks: some clients forward like that. */
static void use_quoted(struct state *st)
{
	struct mail_lines *lines = &st->mail->lines;
	bool any = false;

	if (any_own(lines) || st->ours ||
	    (st->attributed && mail_starts(st->mail->subject, "re:")))
		return;
	for (size_t i = 0; i < lines->n; i++)
		if (lines->v[i].piece == MAIL_QUOTE && lines->v[i].quote <= 1) {
			mark(lines, i, i + 1, MAIL_OWN, "nothing else is left");
			any |= lines->v[i].text.len > 0;
		}
	if (any)
		st->mail->flags |= SDG_FLAG_WHOLE_QUOTED;
}

/* The block of From, Sent, To above what is quoted without marks; lines.n
 * when there is none, or something else says whose words are quoted. */
static size_t unmarked_block(const struct mail_lines *lines)
{
	size_t at = lines->n;

	for (size_t i = 0; i < lines->n; i++) {
		const struct mail_line *line = &lines->v[i];

		if (line->piece == MAIL_ATTRIBUTION ||
		    (at < lines->n && line->quote))
			return lines->n;
		if (line->piece == MAIL_HEADER_BLOCK && at == lines->n)
			at = i;
	}
	return at;
}

static bool stands_below(const struct mail_lines *lines, size_t from,
			 struct sdg_str text)
{
	char wanted[200];

	if (text.len >= sizeof(wanted))
		text.len = sizeof(wanted) - 1;
	for (size_t i = 0; i < text.len; i++) /* what is looked for is small */
		wanted[i] = text.s[i] >= 'A' && text.s[i] <= 'Z'
				? (char)(text.s[i] + 32)
				: text.s[i];
	wanted[text.len] = '\0';
	for (size_t i = from; i < lines->n; i++)
		if (mail_has(lines->v[i].text, wanted))
			return true;
	return false;
}

/* Marks where nothing says whose the words are, in what answers no mail or
 * above what is quoted in another way: the writer's own, to set off a list. */
static void keep_own_marks(struct state *st)
{
	static const char *const answers[] = { "re:",  "aw:",  "sv:",    "fw:",
					       "fwd:", "atb:", "ymateb", NULL };
	struct mail_lines *lines = &st->mail->lines;
	size_t end = st->attributed ? unmarked_block(lines) : lines->n;

	if (st->forward < lines->n || !any_own(lines) ||
	    (st->attributed && end == lines->n))
		return;
	if (!st->attributed &&
	    (mail_has_header(st->mail, "In-Reply-To") ||
	     mail_has_header(st->mail, "References") ||
	     mail_any(st->mail->subject, answers, mail_starts)))
		return;
	for (size_t i = 0, seen = 0; i < end && seen < OWN_MARKS_MAX; i++) {
		struct mail_line *line = &lines->v[i];

		if (line->piece != MAIL_QUOTE || line->quote != 1)
			continue;
		seen++;
		if (!line->raw.len || stands_below(lines, end, line->text))
			continue;
		line->text = line->raw;
		mark(lines, i, i + 1, MAIL_OWN, "marks, and nothing answered");
	}
}

/* Armour of PGP: the signed words stay, what is wrapped around them goes. */
static void cut_armour(struct mail *mail)
{
	struct mail_lines *lines = &mail->lines;
	bool head = false, block = false, is_signed = false;

	for (size_t i = 0; i < lines->n; i++) {
		struct mail_line *line = &lines->v[i];

		if (mail_starts(line->text, "-----BEGIN PGP SIGNED MESSAGE")) {
			head = is_signed = true;
		} else if (mail_starts(line->text, "-----BEGIN PGP ")) {
			block = true;
			if (mail_starts(line->text, "-----BEGIN PGP MESSAGE"))
				mail->flags |= SDG_FLAG_ENCRYPTED;
		} else if (!head && !block) {
			if (is_signed && mail_starts(line->text, "- -"))
				line->text =
				    mail_sub(line->text, 2, line->text.len);
			continue;
		}
		mark(lines, i, i + 1, MAIL_ARMOUR, "armour of PGP");
		if (head && line->text.len == 0)
			head = false;
		if (mail_starts(line->text, "-----END PGP "))
			block = false;
	}
}

size_t mail_cut_quotes(struct mail *mail)
{
	struct mail_lines *lines = &mail->lines;
	struct state st = { .mail = mail, .forward = lines->n };

	mend_stray_marks(lines);
	cut_armour(mail);
	for (size_t i = 0; i < lines->n; i++)
		if (lines->v[i].quote && lines->v[i].piece == MAIL_OWN)
			mark(lines, i, i + 1, MAIL_QUOTE, "quote mark");
	for (size_t i = 0; i < lines->n;) {
		if (is_groupwise(&lines->v[i])) {
			st.attributed = true;
			mark(lines, i, lines->n, MAIL_QUOTE, "below \">>>\"");
			break;
		}
		if (lines->v[i].piece == MAIL_OWN && lines->v[i].text.len)
			i = look_at(&st, i);
		else
			i++;
	}
	use_quoted(&st);
	keep_own_marks(&st);
	return st.forward;
}
