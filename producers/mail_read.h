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
	char **argv; /* main's */
	const char *maildir;
	const char *mbox;
	bool dry_run;
	bool pieces; /* every line, and why it was cut */
	bool outbox; /* keep what cannot be sent, and call it done */
	bool cut;    /* the caller dropped what was past the limit */
	bool quiet;
	bool approved;    /* a note that a person has let through */
	bool last;        /* once it is taken the process may end at once */
	int64_t until_ms; /* CLOCK_MONOTONIC: when the hook must be done */
};

int64_t mail_now_ms(void);

/** mail_identify - fill in @job's identity */
void mail_identify(struct mail_job *job);

/** mail_keep_raw - spool/incoming/IDENTITY.eml, whole and synced, and beside
 *  it @event, which is to be sent */
int mail_keep_raw(const struct mail_options *opt, const struct mail_job *job,
		  const uint8_t *event, size_t len, struct sdg_error *err);

/** mail_unreadable_event - the event that stands for a raw file: encoded
 *  into @event, SDG_EVENT_MAX bytes */
int mail_unreadable_event(const struct mail_options *opt,
			  const struct mail_job *job, const char *why,
			  uint8_t *event, size_t *len, struct sdg_error *err);

/** mail_options_read - the command line and the environment; an exit status
 *  (and nothing is left to do), or -1 */
int mail_options_read(int argc, char *argv[], struct mail_options *opt);

/** What to do with the message: mail_send_one(), or show it. */
typedef int mail_act_fn(struct mail_options *opt, const struct mail_job *job,
			struct sdg_error *err);

/** mail_take - one message on @fd; the exit status */
int mail_take(struct mail_options *opt, int fd, mail_act_fn *act);
/** mail_time_left, mail_parse_ms - what the hook's clock leaves, for all
 *  and for parsing */
int mail_time_left(const struct mail_options *opt);
int mail_parse_ms(const struct mail_options *opt);

/** mail_send_one - parse, send, and wait for the receipt */
mail_act_fn mail_send_one;

/** mail_bulk - a Maildir or mbox; the exit status */
int mail_bulk(struct mail_options *opt);

#endif
