/* mail_mime: what its two halves, which alone know GMime, share. */
#ifndef SOUNDINGS_MAIL_MIME_H
#define SOUNDINGS_MAIL_MIME_H

#include <gmime/gmime.h>

#include "mail.h"

struct mime {
	struct mail *mail;
	GMimeParserOptions *options;
	GMimeMessage *inner;   /* the first message/rfc822, borrowed */
	GMimeObject *document; /* the first .docx, borrowed */
	GMimeObject *tnef;     /* winmail.dat, borrowed */
	unsigned parts;
};

/** mail_mime_safe - @s as safe text in the mail's pool, trimmed */
struct sdg_str mail_mime_safe(struct mail *mail, const char *s);
/** mail_mime_headers - who, when, what about, and all the others */
void mail_mime_headers(struct mime *m, GMimeMessage *message);

#endif
