/*
 * mail_quote_block: what stands above a quote that has no marks.
 *
 * Outlook's block of labels, markers such as "-----Original Message-----",
 * and "On … wrote:" in its many wordings and wrappings.
 */
#include <string.h>

#include "mail.h"
#include "mail_quote.h"

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
	{ "À", LABEL_TO },
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
		/* In French a no-break space stands before the colon. */
		while (n < line.len && strchr("* \xc2\xa0", line.s[n]))
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
bool mail_is_marker(struct sdg_str line, bool *forwarded)
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
						"antwort nachricht",
						"oprindelig meddelelse",
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
	if (dashes >= 2 && line.len < 120) {
		*forwarded = mail_any(line, sent_on, mail_has) != NULL;
		return *forwarded || mail_any(line, original, mail_has) ||
		       /* Notes: "-----Jane <j@x> wrote: -----" */
		       (mail_ends(line, "--") && mail_has_word(line, "wrote"));
	}
	return false;
}

bool mail_is_rule(const struct mail_line *line)
{
	if (line->hint & MAIL_HINT_RULE)
		return true;
	if (line->text.len < 8)
		return false;
	for (size_t i = 0; i < line->text.len; i++)
		if (!strchr("_-=~*#", line->text.s[i]))
			return false;
	return true;
}

size_t mail_next_full(const struct mail_lines *lines, size_t i)
{
	while (i < lines->n && lines->v[i].text.len == 0)
		i++;
	return i;
}

static unsigned count(unsigned bits)
{
	unsigned n = 0;

	for (; bits; bits &= bits - 1)
		n++;
	return n;
}

/* All labels on one line, as some clients flatten them. */
static bool flat_block(struct sdg_str line, struct mail_block *block)
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

static bool is_label(const struct mail_lines *lines, size_t i)
{
	struct sdg_str value;

	return i < lines->n && label_of(lines->v[i].text, &value) != LABEL_NONE;
}

bool mail_block_at(const struct mail_lines *lines, size_t i,
		   struct mail_block *block)
{
	enum label last = LABEL_NONE;
	unsigned extra = 0;

	*block = (struct mail_block){ .end = i };
	for (; i < lines->n && extra < 12; i++) {
		struct sdg_str line = lines->v[i].text, value;
		enum label label;

		if (line.len == 0) {
			size_t next = mail_next_full(lines, i);

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
			   !(continues(line, lines->v[i - 1].text) ||
			     is_label(lines, i + 1))) {
			break;
		} else {
			extra++;
		}
		block->end = i + 1;
	}
	return block->labels != 0;
}

bool mail_block_counts(const struct mail_block *block, bool marked)
{
	unsigned n = count(block->labels & ~(unsigned)LABEL_OTHER);

	return (block->labels & LABEL_FROM) && (n >= 3 || (marked && n >= 2));
}

/* ------------------------------------------------------- "On … wrote:" */

static const char *const wrote[] = {
	"wrote:",           "wrote :",  "writes:",     "a écrit :",
	"a écrit:",         "schrieb:", "escribió:",   "ha scritto:",
	"escreveu:",        "schreef:", "skrev:",      "ysgrifennodd:",
	"wedi ysgrifennu:", "napisał:", "napisał(a):", "napisała:",
	"geschreven:",      "sent:",    NULL
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
		"on ",           "ar ", "le ",      "am ",  "el ",
		"il ",           "em ", "op ",      "den ", "in message ",
		"in a message ", "at ", "quoting ", NULL
	};

	while (line.len && (line.s[0] == '-' || line.s[0] == ' '))
		line = mail_sub(line, 1, line.len);
	if (mail_any(line, words, mail_starts))
		return true;
	if (mail_any(line, wrote, mail_ends) && has_digit(line))
		return true;
	/* "2015-02-03 7:30 GMT+00:00 ASCL <news@…>:", or a name first */
	return has_digit(mail_sub(line, 0, 4)) || mail_has(line, "<");
}

static bool ends_here(const struct mail_lines *lines, size_t i)
{
	return i + 1 == lines->n || lines->v[i + 1].text.len == 0 ||
	       lines->v[i + 1].quote;
}

/* "Jane wrote on 3/2/15 07:30:", "Am 3.2.15 um 07:30 schrieb Jane:", "Quoting
 * Jane <j@x>:": the verb does not end it. */
static bool is_in_one_line(struct sdg_str line)
{
	static const char *const verbs[] = { " schrieb ", " wrote on ",
					     " wrote at ", " schreef ", NULL };

	if (line.len > 200 || !mail_ends(line, ":"))
		return false;
	if (mail_starts(line, "quoting ") && mail_has(line, "@"))
		return true;
	return has_time(line) && mail_any(line, verbs, mail_has);
}

/* How many lines the attribution starting at @i takes, 0: it is none. */
size_t mail_attribution_at(const struct mail_lines *lines, size_t i,
			   bool *strong)
{
	unsigned quote = lines->v[i].quote;
	/* "On 3 March the chair wrote:" is a sentence of somebody's. */
	static const char *const people[] = { "the", "our", "my",   "we",
					      "he",  "she", "they", NULL };
	bool date = false, address = false, time = false;
	bool angle = false, human = false;
	size_t len = 0;

	if (is_in_one_line(lines->v[i].text)) {
		*strong = false;
		return 1;
	}
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
		angle |= mail_has(line, "<") || mail_has(line, "[");
		human |= mail_any(line, people, mail_has_word) != NULL;
		if (mail_any(line, wrote, mail_ends) ||
		    (date && mail_ends(line, ">:")) ||
		    (k == i && date && address && mail_ends(line, ">") &&
		     ends_here(lines, k))) {
			*strong = len < 300 && date &&
				  ((address && angle) || time) &&
				  !mail_ends(line, ">");
			if (human && !address && !time)
				return 0;
			return date || address ? k - i + 1 : 0;
		}
		/* A sentence that ended is none. */
		if (mail_ends(line, ".") && !mail_ends(line, "a.m.") &&
		    !mail_ends(line, "p.m."))
			return 0;
	}
	return 0;
}
