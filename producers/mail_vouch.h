/* mail_vouch: whether our own mail server vouches for who sent a message. */
#ifndef SOUNDINGS_MAIL_VOUCH_H
#define SOUNDINGS_MAIL_VOUCH_H

#include "mail.h"

enum mail_auth {
	MAIL_AUTH_OTHER, /* another server's header, or none that can be read */
	MAIL_AUTH_NO,
	MAIL_AUTH_PASS,
};

/**
 * mail_auth_read - what one Authentication-Results value (RFC 8601) says
 * @authserv_id: our own server's; @domain: of the From address
 *
 * PASS by dmarc=pass for @domain, or by dkim or spf passing for @domain or a
 * domain that holds it, unless dmarc failed.
 */
enum mail_auth mail_auth_read(struct sdg_str value, const char *authserv_id,
			      struct sdg_str domain);

/** mail_vouched - by the topmost such header of our own server, for the one
 *  address in the one From header */
bool mail_vouched(const struct mail *mail, const char *authserv_id);

#endif
