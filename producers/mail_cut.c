/*
 * mail_cut: lines into text, what was quoted, and the signature.
 *
 * The order matters: quotes first, since everything after looks at the end
 * of what is the sender's own; then what machines add around it; then the
 * signature, which only now stands at the end. A forwarded message is cut
 * as a letter of its own, under its own sender's name.
 */
#include <string.h>

#include "mail.h"
#include "mail_quote.h"

/* All lines whose piece is in @set, blank ones between as they stood. */
static struct sdg_str collect(struct mail *mail, unsigned set)
{
	struct mail_lines *lines = &mail->lines;
	size_t size = 1, len = 0;
	bool blank = false;
	char *buf;

	for (size_t i = 0; i < lines->n; i++)
		size += lines->v[i].text.len + 2;
	buf = mail_pool_alloc(mail->pool, size);
	if (!buf)
		return (struct sdg_str){ "", 0 };
	for (size_t i = 0; i < lines->n; i++) {
		struct sdg_str text = lines->v[i].text;

		/* What was taken out between parts paragraphs, too. */
		if (!(set & 1u << lines->v[i].piece) || text.len == 0) {
			blank |= len > 0;
			continue;
		}
		if (blank)
			buf[len++] = '\n';
		blank = false;
		memcpy(buf + len, text.s, text.len);
		len += text.len;
		buf[len++] = '\n';
	}
	while (len && buf[len - 1] == '\n')
		len--;
	return (struct sdg_str){ buf, len };
}

/* Rules that nothing stands beyond: what they set apart has been cut. */
static void trim_rules(struct mail_lines *lines, enum mail_piece piece)
{
	for (size_t i = 0; i < lines->n; i++) {
		struct mail_line *line = &lines->v[i];

		if (line->piece != piece || !line->text.len)
			continue;
		if (!mail_is_rule(line))
			break;
		line->piece = MAIL_BANNER;
		line->why = "a rule with nothing above it";
	}
	for (size_t i = lines->n; i-- > 0;) {
		struct mail_line *line = &lines->v[i];

		if (line->piece != piece || !line->text.len)
			continue;
		if (!mail_is_rule(line))
			break;
		line->piece = MAIL_DISCLAIMER;
		line->why = "a rule with nothing below it";
	}
}

/* Nothing of one's own but a subject: that is the answer, unless it only
 * repeats what is answered. */
static void use_subject(struct mail *mail)
{
	static const char *const repeats[] = { "re:",  "aw:",     "fw:",
					       "fwd:", "ymateb:", NULL };

	if (mail->text.len || !mail->subject.len ||
	    mail_any(mail->subject, repeats, mail_starts))
		return;
	mail->text = mail->subject;
}

void mail_cut(struct mail *mail)
{
	struct mail_lines *lines = &mail->lines;
	size_t forward = mail_cut_quotes(mail);

	mail_cut_ends(mail, 0, forward);
	trim_rules(lines, MAIL_OWN);
	mail_cut_signature(mail, 0, forward, mail->from_name,
			   mail->from_address);
	if (forward < lines->n) {
		mail_cut_ends(mail, forward, lines->n);
		mail_cut_signature(mail, forward, lines->n,
				   mail->respondent_name,
				   mail->respondent_address);
	}
	/* Last: what they say belongs to no end of the letter. */
	mail_keep_answers(mail);
	trim_rules(lines, MAIL_OWN);
	trim_rules(lines, MAIL_SIGNATURE);
	mail->text = collect(mail, 1u << MAIL_OWN);
	mail->quoted = collect(mail, 1u << MAIL_QUOTE | 1u << MAIL_ATTRIBUTION |
					 1u << MAIL_HEADER_BLOCK);
	mail->signature = collect(mail, 1u << MAIL_SIGNATURE);
	mail->footer = collect(mail, 1u << MAIL_DISCLAIMER);
	use_subject(mail);
}
