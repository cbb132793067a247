/*
 * mail_event: a message that was read, as an event.
 */
#include <string.h>

#include <soundings/identity.h>

#include "mail.h"

/* Encode refuses fields that are too long, and a name may be anything. */
static struct sdg_str at_most(struct sdg_str s, size_t max)
{
	s.len = sdg_text_cut(s.s, s.len, max);
	return s;
}

/* One line: a subject or a name with a line break in it is folded. */
static struct sdg_str one_line(struct mail *mail, struct sdg_str s)
{
	struct sdg_str copy = mail_pool_copy(mail->pool, s);
	char *p = (char *)(uintptr_t)copy.s;

	for (size_t i = 0; i < copy.len; i++)
		if (p[i] == '\n' || p[i] == '\t')
			p[i] = ' ';
	return copy;
}

/* The footer has the school's address when the signature has none. */
static struct sdg_str signature_of(struct mail *mail)
{
	struct sdg_str own = mail->signature, footer = mail->footer;
	size_t len = own.len + 2 + footer.len;
	char *buf;

	if (!footer.len || (mail_look(footer) & MAIL_LOOK_PROSE) == 0)
		return own;
	if (mail_look(mail_sub(own, 0, 399)) & MAIL_LOOK_POSTCODE)
		return own;
	buf = mail_pool_alloc(mail->pool, len);
	if (!buf)
		return own;
	memcpy(buf, own.s, own.len);
	memcpy(buf + own.len, "\n\n", sizeof("\n\n") - 1);
	memcpy(buf + own.len + 2, footer.s, footer.len);
	return mail_trim((struct sdg_str){ buf, len });
}

struct sdg_str mail_reference(struct mail *mail)
{
	uint8_t *hash = NULL;

	if (mail->message_id.len)
		hash = mail_pool_alloc(mail->pool, SDG_REFERENCE_SIZE);
	if (!hash)
		return (struct sdg_str){ 0 };
	sdg_identity_reference(mail->message_id, hash);
	return (struct sdg_str){ (const char *)hash, SDG_REFERENCE_SIZE };
}

void mail_to_feedback(struct mail *mail, struct sdg_feedback *fb)
{
	*fb = (struct sdg_feedback){
		.source = SDG_SOURCE_MAIL,
		.kind = mail->kind,
		.kind_reason = sdg_str(mail->reason),
		.recipient = at_most(mail->recipient.len ? mail->recipient
							 : mail->delivered,
				     SDG_FIELD_MAX),
		.said = mail->said,
		.text = mail->text,
		.subject = at_most(one_line(mail, mail->subject),
				   SDG_SUBJECT_MAX),
		.signature = at_most(signature_of(mail), SDG_SIGNATURE_MAX),
		.respondent = {
			.address = at_most(mail->respondent_address,
					   SDG_FIELD_MAX),
			.name = at_most(one_line(mail, mail->respondent_name),
					SDG_FIELD_MAX),
		},
		.flags = mail->flags,
		.truncated = mail->truncated,
		.unreadable = sdg_str(mail->unreadable),
		.reference = mail_reference(mail),
	};
}
