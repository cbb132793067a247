/*
 * mail_answers: what somebody wrote into the mail they answer.
 *
 * "My answers are below, in red": Outlook marks neither the question nor the
 * answer, and all of it stands below the header block. Where the sender says
 * that answers are there, what is set off from the rest, in the colour they
 * name or in any that most lines do not have, in bold, in italics or in
 * capitals, is theirs. Where nothing is set off, a person has to look.
 */
#include <string.h>

#include "mail.h"
#include "mail_quote.h"

/* So far down somebody says where the answers are. */
#define LINES_SAID 12

#define CAPITALS (1u << 15) /* beside the hints: the words themselves */

static const char *const whats[] = { "answer",  "comment",  "respons",
				     "respond", "repl",     "thoughts",
				     "my view", "feedback", "added",
				     "ateb",    "sylwad",   NULL };

static const char *const wheres[] = {
	"below",          "beneath",     "underneath",
	"in line",        "inline",      "in-line",
	"against each",   "after each",  "under each",
	"next to each",   "beside each", "by each",
	"interspersed",   "embedded",    "in your email",
	"in your e-mail", "isod",        NULL
};

static const struct {
	const char *word;
	unsigned hint;
} manners[] = {
	{ "in red", MAIL_HINT_RED },
	{ "mewn coch", MAIL_HINT_RED },
	{ "in blue", MAIL_HINT_BLUE },
	{ "mewn glas", MAIL_HINT_BLUE },
	{ "in green", MAIL_HINT_GREEN },
	{ "mewn gwyrdd", MAIL_HINT_GREEN },
	{ "in purple", MAIL_HINT_COLOUR },
	{ "in orange", MAIL_HINT_COLOUR },
	{ "in pink", MAIL_HINT_COLOUR },
	{ "in brown", MAIL_HINT_COLOUR },
	{ "in colour", MAIL_HINT_COLOURS },
	{ "in a different colour", MAIL_HINT_COLOURS },
	{ "in bold", MAIL_HINT_BOLD },
	{ "mewn print trwm", MAIL_HINT_BOLD },
	{ "in italic", MAIL_HINT_ITALIC },
	{ "in capitals", CAPITALS },
	{ "in caps", CAPITALS },
	{ "in upper case", CAPITALS },
};

/* How the answers are set off, by their sender's own word; 0: nothing is
 * said of answers elsewhere. */
static unsigned manner_said(struct sdg_str line, bool *by_name)
{
	unsigned hints = 0;

	if (mail_words(line) > 40 || !mail_any(line, whats, mail_has))
		return 0;
	for (size_t i = 0; i < sizeof(manners) / sizeof(*manners); i++)
		if (mail_has_word(line, manners[i].word) ||
		    (manners[i].hint == MAIL_HINT_ITALIC &&
		     mail_has(line, manners[i].word)))
			hints |= manners[i].hint;
	*by_name = hints != 0;
	if (!hints && mail_any(line, wheres, mail_has_word))
		hints = MAIL_HINT_COLOURS;
	return hints;
}

static unsigned said(const struct mail_lines *lines, bool *by_name)
{
	unsigned seen = 0, hints;

	for (size_t i = 0; i < lines->n && seen < LINES_SAID; i++) {
		if (lines->v[i].piece != MAIL_OWN || !lines->v[i].text.len ||
		    lines->v[i].quote)
			continue;
		seen++;
		hints = manner_said(lines->v[i].text, by_name);
		if (hints)
			return hints;
	}
	return 0;
}

bool mail_answers_set_off(const struct mail_lines *lines)
{
	bool by_name = false;

	return said(lines, &by_name) != 0;
}

static bool is_capitals(struct sdg_str text)
{
	size_t letters = 0;

	for (size_t i = 0; i < text.len; i++) {
		if (text.s[i] >= 'a' && text.s[i] <= 'z')
			return false;
		letters += text.s[i] >= 'A' && text.s[i] <= 'Z';
	}
	return letters >= 3;
}

static bool is_set_off(const struct mail_line *line, unsigned hints)
{
	return (line->hint & hints) != 0 ||
	       (hints & CAPITALS && is_capitals(line->text));
}

/* Where answers may stand: what is quoted without marks of its own. */
static bool may_hold(const struct mail_line *line)
{
	return line->piece == MAIL_QUOTE && line->text.len;
}

void mail_keep_answers(struct mail *mail)
{
	struct mail_lines *lines = &mail->lines;
	bool by_name = false, quote = false;
	unsigned hints = said(lines, &by_name);
	size_t all = 0, set_off = 0;

	if (!hints)
		return;
	for (size_t i = 0; i < lines->n; i++) {
		const struct mail_line *line = &lines->v[i];

		/* Answers between quote marks have been told apart already. */
		if (quote && line->piece == MAIL_OWN && line->text.len)
			return;
		quote |= line->piece == MAIL_QUOTE;
		all += may_hold(line);
		set_off += may_hold(line) && is_set_off(line, hints);
	}
	/* A letter all in blue answers nothing. */
	if (set_off == 0 || (!by_name && set_off * 3 > all * 2)) {
		if (all)
			mail->flags |= SDG_FLAG_WHOLE_QUOTED;
		return;
	}
	for (size_t i = 0; i < lines->n; i++) {
		struct mail_line *line = &lines->v[i];

		if (!may_hold(line) || !is_set_off(line, hints))
			continue;
		line->piece = MAIL_OWN;
		line->why = "an answer set off from what it answers";
	}
}
