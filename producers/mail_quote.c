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

enum label {
	LABEL_NONE = 0,
	LABEL_FROM = 1 << 0,
	LABEL_DATE = 1 << 1,
	LABEL_TO = 1 << 2,
	LABEL_SUBJECT = 1 << 3,
	LABEL_CC = 1 << 4,
	LABEL_OTHER = 1 << 5,
};

static const struct {
	const char *word;
	enum label label;
} labels[] = {
	{ "from", LABEL_FROM },
	{ "oddi wrth", LABEL_FROM },
	{ "gan", LABEL_FROM },
	{ "de", LABEL_FROM },
	{ "von", LABEL_FROM },
	{ "da", LABEL_FROM },
	{ "van", LABEL_FROM },
	{ "fra", LABEL_FROM },
	{ "sent", LABEL_DATE },
	{ "date", LABEL_DATE },
	{ "anfonwyd", LABEL_DATE },
	{ "dyddiad", LABEL_DATE },
	{ "envoyé", LABEL_DATE },
	{ "gesendet", LABEL_DATE },
	{ "datum", LABEL_DATE },
	{ "enviado", LABEL_DATE },
	{ "fecha", LABEL_DATE },
	{ "inviato", LABEL_DATE },
	{ "data", LABEL_DATE },
	{ "verzonden", LABEL_DATE },
	{ "sent on", LABEL_DATE },
	{ "date sent", LABEL_DATE },
	{ "to", LABEL_TO },
	{ "at", LABEL_TO },
	{ "i", LABEL_TO },
	{ "à", LABEL_TO },
	{ "an", LABEL_TO },
	{ "para", LABEL_TO },
	{ "a", LABEL_TO },
	{ "aan", LABEL_TO },
	{ "til", LABEL_TO },
	{ "subject", LABEL_SUBJECT },
	{ "pwnc", LABEL_SUBJECT },
	{ "testun", LABEL_SUBJECT },
	{ "objet", LABEL_SUBJECT },
	{ "betreff", LABEL_SUBJECT },
	{ "asunto", LABEL_SUBJECT },
	{ "oggetto", LABEL_SUBJECT },
	{ "onderwerp", LABEL_SUBJECT },
	{ "emne", LABEL_SUBJECT },
	{ "cc", LABEL_CC },
	{ "bcc", LABEL_CC },
	{ "copi", LABEL_CC },
	{ "reply-to", LABEL_OTHER },
	{ "importance", LABEL_OTHER },
	{ "attachments", LABEL_OTHER },
	{ "organization", LABEL_OTHER },
	{ "priority", LABEL_OTHER },
	{ "pwysigrwydd", LABEL_OTHER },
	{ "resent-from", LABEL_OTHER },
	{ "atodiadau", LABEL_OTHER },
	{ "sensitivity", LABEL_OTHER },
};

/* "*From:* Jane", "From: Jane", "De : Jane"; *value is what follows. */
static enum label label_of(struct sdg_str line, struct sdg_str *value)
{
	size_t i = 0;

	while (i < line.len &&
	       (line.s[i] == '*' || line.s[i] == ' ' || line.s[i] == '|'))
		i++;
	line = mail_sub(line, i, line.len);
	for (size_t k = 0; k < sizeof(labels) / sizeof(*labels); k++) {
		size_t n = strlen(labels[k].word);

		if (!mail_starts(line, labels[k].word))
			continue;
		while (n < line.len && (line.s[n] == '*' || line.s[n] == ' '))
			n++;
		if (n >= line.len || line.s[n] != ':')
			continue;
		n++;
		while (n < line.len && line.s[n] == '*')
			n++;
		*value = mail_trim(mail_sub(line, n, line.len));
		return labels[k].label;
	}
	return LABEL_NONE;
}

/* "-----Original Message-----", "Begin forwarded message:", a long rule. */
static bool is_marker(struct sdg_str line, bool *forwarded)
{
	static const char *const original[] = { "original message",
						"original appointment",
						"neges wreiddiol",
						"message d'origine",
						"message original",
						"mensaje original",
						"ursprüngliche nachricht",
						"messaggio originale",
						"oorspronkelijk bericht",
						"reply message",
						NULL };
	static const char *const sent_on[] = { "forwarded message",
					       "forwarded by",
					       "message transféré",
					       "weitergeleitete nachricht",
					       "mensaje reenviado",
					       "neges a anfonwyd ymlaen",
					       "neges wedi'i hanfon ymlaen",
					       "forwarded email",
					       NULL };
	size_t dashes = 0;

	*forwarded = false;
	if (mail_starts(line, "begin forwarded message") ||
	    mail_starts(line, "start of forwarded message")) {
		*forwarded = true;
		return line.len < 60;
	}
	while (dashes < line.len && line.s[dashes] == '-')
		dashes++;
	if (dashes >= 2 && line.len < 90) {
		*forwarded = mail_any(line, sent_on, mail_has) != NULL;
		return *forwarded || mail_any(line, original, mail_has);
	}
	return false;
}

static bool is_rule(const struct mail_line *line)
{
	if (line->hint & MAIL_HINT_RULE)
		return true;
	if (line->text.len < 10)
		return false;
	for (size_t i = 0; i < line->text.len; i++)
		if (line->text.s[i] != '_')
			return false;
	return true;
}

static size_t next_full(const struct mail_lines *lines, size_t i)
{
	while (i < lines->n && lines->v[i].text.len == 0)
		i++;
	return i;
}

struct block {
	size_t end; /* the line after it */
	unsigned labels;
	struct sdg_str from; /* what stands after From: */
};

static unsigned count(unsigned bits)
{
	unsigned n = 0;

	for (; bits; bits &= bits - 1)
		n++;
	return n;
}

/* All labels on one line, as some clients flatten them. */
static bool flat_block(struct sdg_str line, struct block *block)
{
	static const char *const dates[] = { " sent: ", " date: ",
					     " anfonwyd: ", NULL };
	static const char *const subjects[] = { " subject: ", " pwnc: ", NULL };
	const char *date = mail_any(line, dates, mail_has);

	if (!date || !mail_any(line, subjects, mail_has))
		return false;
	block->labels = LABEL_FROM | LABEL_DATE | LABEL_SUBJECT;
	block->from = mail_trim(
	    mail_sub(block->from, 0, (size_t)mail_find(block->from, date)));
	return true;
}

static bool continues(struct sdg_str line, struct sdg_str before)
{
	char last = before.len ? before.s[before.len - 1] : ' ';

	return line.len < 200 && (last == ';' || last == ',' || last == '<' ||
				  mail_has(line, "@") || mail_has(line, ";"));
}

/* The block of labels that starts at line @i. */
static bool block_at(const struct mail_lines *lines, size_t i,
		     struct block *block)
{
	enum label last = LABEL_NONE;
	unsigned extra = 0;

	*block = (struct block){ .end = i };
	for (; i < lines->n && extra < 12; i++) {
		struct sdg_str line = lines->v[i].text, value;
		enum label label;

		if (line.len == 0) {
			size_t next = next_full(lines, i);

			/* Word's paragraphs leave a blank line between. */
			if (last == LABEL_NONE || next > i + 1 ||
			    next == lines->n ||
			    label_of(lines->v[next].text, &value) ==
				LABEL_NONE ||
			    last == LABEL_SUBJECT)
				break;
			continue;
		}
		label = label_of(line, &value);
		if (label != LABEL_NONE) {
			if (label & block->labels & ~(unsigned)LABEL_OTHER)
				break;
			block->labels |= label;
			if (label == LABEL_FROM)
				block->from = value;
			if (label == LABEL_FROM && flat_block(line, block)) {
				block->end = i + 1;
				break;
			}
			last = label;
		} else if (last == LABEL_NONE || last == LABEL_DATE ||
			   !continues(line, lines->v[i - 1].text)) {
			break;
		} else {
			extra++;
		}
		block->end = i + 1;
	}
	return block->labels != 0;
}

static bool block_counts(const struct block *block, bool marked)
{
	unsigned n = count(block->labels & ~(unsigned)LABEL_OTHER);

	return (block->labels & LABEL_FROM) && (n >= 3 || (marked && n >= 2));
}

/* ------------------------------------------------------- "On … wrote:" */

static const char *const wrote[] = {
	"wrote:",           "wrote :",  "writes:",   "a écrit :",
	"a écrit:",         "schrieb:", "escribió:", "ha scritto:",
	"escreveu:",        "schreef:", "skrev:",    "ysgrifennodd:",
	"wedi ysgrifennu:", "napisał:", NULL
};

static bool has_digit(struct sdg_str s)
{
	for (size_t i = 0; i < s.len; i++)
		if (s.s[i] >= '0' && s.s[i] <= '9')
			return true;
	return false;
}

/* hh:mm or hh.mm with a digit on either side */
static bool has_time(struct sdg_str s)
{
	for (size_t i = 1; i + 2 < s.len; i++)
		if (s.s[i] == ':' && s.s[i - 1] >= '0' && s.s[i - 1] <= '9' &&
		    s.s[i + 1] >= '0' && s.s[i + 1] <= '9')
			return true;
	return false;
}

static bool opens_attribution(struct sdg_str line)
{
	static const char *const words[] = {
		"on ", "ar ",  "le ",         "am ", "el ",      "il ", "em ",
		"op ", "den ", "in message ", "at ", "quoting ", NULL
	};

	if (mail_any(line, words, mail_starts))
		return true;
	/* "2015-02-03 7:30 GMT+00:00 ASCL <news@…>:", or a name first */
	return has_digit(mail_sub(line, 0, 4)) || mail_has(line, "<");
}

/* How many lines the attribution starting at @i takes, 0: it is none. */
static size_t attribution_at(const struct mail_lines *lines, size_t i,
			     bool *strong)
{
	unsigned quote = lines->v[i].quote;
	bool date = false, address = false, time = false;
	size_t len = 0;

	if (!opens_attribution(lines->v[i].text))
		return 0;
	for (size_t k = i; k < lines->n && k < i + 5; k++) {
		struct sdg_str line = lines->v[k].text;

		if (lines->v[k].quote != quote || line.len == 0)
			return 0;
		len += line.len;
		date |= has_digit(line);
		time |= has_time(line);
		address |= mail_has(line, "@");
		if (mail_any(line, wrote, mail_ends) ||
		    (k == i && mail_ends(line, ">:") && date)) {
			*strong = len < 300 && (address || time) && date;
			return date || address ? k - i + 1 : 0;
		}
		/* A sentence that ended is none. */
		if (mail_ends(line, ".") && !mail_ends(line, "a.m.") &&
		    !mail_ends(line, "p.m."))
			return 0;
	}
	return 0;
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
		if (is_rule(&lines->v[k]))
			top = k;
		else if (lines->v[k].text.len)
			break;
	}
	return top;
}

/* A header block at @i (its marker, if any, before @at); the next line to
 * look at. */
static size_t take_block(struct state *st, size_t i, const struct block *block,
			 bool forwarded)
{
	struct mail *mail = st->mail;
	struct mail_lines *lines = &mail->lines;
	size_t top = block_top(lines, i), next = next_full(lines, block->end);
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
	size_t next = next_full(lines, i + n);
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

/* What stands at line @i; the next line to look at. */
static size_t look_at(struct state *st, size_t i)
{
	struct mail_lines *lines = &st->mail->lines;
	const struct mail_line *line = &lines->v[i];
	struct block block;
	bool forwarded = false, strong = false;
	bool marked = is_marker(line->text, &forwarded);
	size_t at = marked ? next_full(lines, i + 1) : i, n;

	if (at < lines->n && block_at(lines, at, &block) &&
	    block_counts(&block, marked || line->hint & MAIL_HINT_REPLY ||
				     (i && is_rule(&lines->v[i - 1]))))
		return take_block(st, i, &block, forwarded);
	if (marked && !forwarded) {
		st->attributed = true;
		mark(lines, i, lines->n, MAIL_QUOTE, "\"Original Message\"");
		return lines->n;
	}
	n = attribution_at(lines, i, &strong);
	return n ? take_attribution(st, i, n, strong) : i + 1;
}

static bool any_own(const struct mail_lines *lines)
{
	for (size_t i = 0; i < lines->n; i++)
		if (lines->v[i].piece == MAIL_OWN && lines->v[i].text.len)
			return true;
	return false;
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
			 has_digit(mail_sub(line->text, 0, 1));
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
		if (lines->v[i].piece == MAIL_OWN && lines->v[i].text.len)
			i = look_at(&st, i);
		else
			i++;
	}
	use_quoted(&st);
	return st.forward;
}
