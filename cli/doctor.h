/*
 * doctor: findings, and those who look. A finding that is not fine says what
 * to do.
 */
#ifndef CLI_DOCTOR_H
#define CLI_DOCTOR_H

#include "health.h"

enum state { FINE, WARNING, WRONG };

struct findings {
	struct grid *grid;
	enum state worst;
	char *warnings; /* a line each, of all that are not fine */
};

/** found - one finding; takes @words over */
void found(struct findings *f, const char *what, enum state state, char *words);

/** doctor_mail - is the hook wired to the mail server here, and does mail
 *  wait for it? */
void doctor_mail(struct findings *f);

/** doctor_postfix_queue, doctor_exim_queue, doctor_opensmtpd_queue - does
 *  mail wait for the hook, and since when */
void doctor_postfix_queue(struct findings *f);
void doctor_exim_queue(struct findings *f);
void doctor_opensmtpd_queue(struct findings *f);

/** doctor_keys - who may connect from elsewhere, and can they read their
 *  own keys only */
void doctor_keys(struct findings *f, const struct sdg_home *home);

/** doctor_test - a marked message through the hook, counted apart */
void doctor_test(struct findings *f, const struct health *h);

/** doctor_reconcile - the mail server's log @path ("-": standard input)
 *  against what is here */
void doctor_reconcile(struct findings *f, const struct sdg_home *home,
		      const char *path);

/** command_feed - @command of the configuration, by /bin/sh, with @text on its
 *  standard input; its exit status, or -1 */
int command_feed(const char *command, const char *text);

/** doctor_warn - hand the warnings to @command, once until they change or
 *  a day has gone by. Return 0, or SDG_EIO: nobody was warned */
int doctor_warn(const struct findings *f, const struct sdg_home *home,
		const char *command, struct sdg_error *err);

#endif
