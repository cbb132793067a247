/* mail_notes: representatives' notes that come as mail. */
#ifndef SOUNDINGS_MAIL_NOTES_H
#define SOUNDINGS_MAIL_NOTES_H

#include <soundings/config.h>
#include <soundings/roster.h>

#include "mail_read.h"

struct mail_notes {
	struct sdg_config config;
	struct sdg_roster roster;
	bool approved;
};

/**
 * mail_notes_open - where @opt's message came to the address for notes,
 * set @opt->settings to take it for one; else nothing is changed
 *
 * Return 0, or the configuration's error. @notes lives as long as @opt;
 * released with mail_notes_close().
 */
int mail_notes_open(struct mail_notes *notes, struct mail_options *opt,
		    struct sdg_error *err);
void mail_notes_close(struct mail_notes *notes);

#endif
