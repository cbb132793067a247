/*
 * identity: what makes a piece of feedback the same when it comes again.
 *
 * Digests are BLAKE2b-256 (RFC 7693), computed by the producer from raw
 * bytes before any parsing, so that no later change to a parser makes two
 * of one. Every part is hashed with its length, so that parts cannot run
 * into each other.
 */
#ifndef SOUNDINGS_IDENTITY_H
#define SOUNDINGS_IDENTITY_H

#include <stddef.h>
#include <stdint.h>

#include <soundings/feedback.h>

/**
 * sdg_identity_mail - of a raw RFC 5322 message, @raw of @len bytes
 *
 * Message-ID, Date and From as they stand in the header (unfolded, trimmed,
 * first of each), and the body with LF line ends, mbox ">From " undone and
 * trailing blank lines dropped: the same mail by Postfix, Sieve, Maildir
 * and mbox is one. A leading "From " line is not part of it. Of what has
 * none of the three headers all lines are taken as a body.
 */
void sdg_identity_mail(const void *raw, size_t len,
		       uint8_t identity[SDG_DIGEST_SIZE]);

/** sdg_identity_survey - of one answer: survey, response and question ids */
void sdg_identity_survey(struct sdg_str survey, struct sdg_str response,
			 struct sdg_str question,
			 uint8_t identity[SDG_DIGEST_SIZE]);

/** sdg_identity_note - of a representative's point: who, when (meeting
 *  date as seconds, 0 unknown), and what was said */
void sdg_identity_note(struct sdg_str representative, int64_t date,
		       struct sdg_str text, uint8_t identity[SDG_DIGEST_SIZE]);

/** sdg_identity_content - of the words, as they will be stored */
void sdg_identity_content(struct sdg_str subject, struct sdg_str text,
			  uint8_t content[SDG_DIGEST_SIZE]);

/** sdg_identity_reference - of a Message-ID without its <>: by this a mail of
 *  the mail server's log is found among those that were taken */
void sdg_identity_reference(struct sdg_str message_id,
			    uint8_t reference[SDG_REFERENCE_SIZE]);

#endif
