/*
 * mail_child: messages read in a process that can do nothing else.
 *
 * A child is forked for one message or a batch; it may not open a file, has
 * 256 MB, a few seconds of processor, and answers through a pipe. Whatever
 * it dies of becomes a reply, never an error of the parent.
 */
#ifndef SOUNDINGS_MAIL_CHILD_H
#define SOUNDINGS_MAIL_CHILD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include <soundings/error.h>
#include <soundings/feedback.h>

struct mail;
struct mail_settings;

struct mail_job {
	const void *raw;
	size_t len;
	bool cut; /* there was more of it than MAIL_RAW_MAX */
	uint8_t identity[SDG_DIGEST_SIZE];
};

/* The same for all messages of a run. */
struct mail_settings {
	const char *recipient; /* envelope; NULL: not known */
	const char *sender;
	const char *consultation; /* NULL: by recipient */
	bool test;
	/* A dry run: what it makes of a message, instead of an event; the
	 * child frees it. */
	char *(*show)(void *arg, struct mail *mail);
	void *show_arg;
	/* A message to the address for notes: 1, it is none (an automatic
	 * reply); 0, *out is its points (MAIL_REPLY_NOTE), freed by the
	 * child; or negative, *why (static) says why it is set aside. */
	int (*note)(const struct mail_settings *settings, struct mail *mail,
		    uint8_t **out, size_t *len, const char **why);
	void *note_arg;
	int64_t received;
};

enum mail_reply_kind {
	MAIL_REPLY_EVENT = 1, /* an encoded event */
	MAIL_REPLY_JSON,
	MAIL_REPLY_NOTE,       /* events, each behind its length (uint32_t) */
	MAIL_REPLY_UNREADABLE, /* why: it is to be kept and quarantined */
};

struct mail_reply {
	enum mail_reply_kind kind;
	uint8_t *data; /* NUL behind; valid until the next reply */
	size_t len;
};

struct mail_child;

/** mail_child_start - begin on @n jobs, which must live until the stop */
int mail_child_start(const struct mail_job *jobs, size_t n,
		     const struct mail_settings *settings,
		     struct mail_child **out, struct sdg_error *err);
/**
 * mail_child_next - the reply for the next job, in order
 *
 * Waits at most @timeout_ms. Death is an UNREADABLE reply, and
 * the jobs after that one want a new child: *@died says so. Return 0,
 * SDG_EAGAIN (it was given no time: a busy machine), or SDG_ENOMEM.
 */
int mail_child_next(struct mail_child *child, int timeout_ms,
		    struct mail_reply *reply, bool *died,
		    struct sdg_error *err);
/** mail_note_next - the next event of a NOTE reply, from *@at (first 0) on;
 *  false when there is no more */
bool mail_note_next(const struct mail_reply *reply, size_t *at,
		    const uint8_t **event, size_t *len);
/** mail_child_stop - end it, whatever it does; NULL allowed */
void mail_child_stop(struct mail_child *child);

/** mail_child_confine - the limits, in the child; mail_confine.c */
void mail_child_confine(void);
/** mail_child_watch - the processor's time for one more message */
void mail_child_watch(void);

#endif
