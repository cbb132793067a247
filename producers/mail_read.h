/* mail_read: what the parts of the program soundings-mail-read share. */
#ifndef SOUNDINGS_MAIL_READ_H
#define SOUNDINGS_MAIL_READ_H

#include <stdbool.h>
#include <stdint.h>

#include <soundings/error.h>
#include <soundings/home.h>

#include "mail_child.h"

struct mail_options {
	struct mail_settings settings;
	struct sdg_home home;
	const char *maildir;
	const char *mbox;
	bool dry_run;
	bool outbox; /* keep what cannot be sent, and call it done */
	bool cut;    /* the caller dropped what was past the limit */
	bool quiet;
	int64_t until_ms; /* CLOCK_MONOTONIC: when the hook must be done */
};

int64_t mail_now_ms(void);

/** mail_identify - fill in @job's identity */
void mail_identify(struct mail_job *job);

/** mail_keep_raw - spool/incoming/IDENTITY.eml, whole and synced */
int mail_keep_raw(const struct mail_options *opt, const struct mail_job *job,
		  struct sdg_error *err);

/** mail_unreadable_event - the event that stands for a raw file: encoded
 *  into @event, SDG_EVENT_MAX bytes */
int mail_unreadable_event(const struct mail_options *opt,
			  const struct mail_job *job, const char *why,
			  uint8_t *event, size_t *len, struct sdg_error *err);

/** mail_hook - one message on @fd; the exit status */
int mail_hook(struct mail_options *opt, int fd);
/** mail_bulk - a Maildir or mbox; the exit status */
int mail_bulk(struct mail_options *opt);

#endif
